"""Charts that an attack on the course and on the edges found: each fault once, and a law where one holds."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date, datetime, timedelta, tzinfo
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH, ZoneInfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import IN_UTC, normal_labs, well
from tarlatamab_rules import (
    Case,
    DocumentError,
    DoseAssessment,
    DosePoint,
    FieldError,
    FieldTypeError,
    GivenDose,
    Grade,
    NeedsData,
    Patient,
    TarlatamabRulesError,
    ToxicityEvent,
    UndecidedError,
    assess_case,
    assess_dose,
    monitoring_duration,
    premedication_plan,
    rulebooks,
    strategies,
    toxicity_action,
    what_to_ask,
)
from tarlatamab_rules.formats.cases import case_document, read_case
from tarlatamab_rules.formats.records import Replay, audit_record, replay
from tarlatamab_rules.rulebooks.questions import INFUSION
from tarlatamab_rules.views.markdown import as_markdown
from tarlatamab_rules.views.text import as_text

US = "us-2025-11"
BOOKS = pytest.mark.parametrize("book", [None, US])
FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # the clock on the wall
DAYS = {"C1D1": 0, "C1D8": 7, "C1D15": 14, "C2D1": 28, "C2D15": 42, "C3D1": 56, "C3D15": 70}
BERLIN = ZoneInfo("Europe/Berlin")


def on(day: float) -> datetime:
    """So many days after the first dose."""
    return FIRST + timedelta(days=day)


def dose(point: str, amount: str | None = "", day: float | None = None) -> GivenDose:
    """A complete dose on its day, of its amount."""
    due = ("1 mg" if point == "C1D1" else "10 mg") if amount == "" else amount
    return GivenDose(point, on(DAYS[point] if day is None else day), due, complete=True)


def undated(point: str) -> GivenDose:
    """A dose of its amount without a date."""
    return attrs.evolve(dose(point), started=None)


def before(point: str, *changed: GivenDose) -> list[GivenDose]:
    """All doses of the schedule before one; a changed dose replaces its own."""
    instead = {each.point: each for each in changed}
    return [instead.get(each.point, each) for each in map(dose, DAYS) if each.point < DosePoint.of(point)]


def assessed(point: str, course: Any, *, book: Any = None, **more: Any) -> DoseAssessment:
    """A dose on its day, everything else well."""
    start = on(DAYS[point])
    facts: dict[str, Any] = {"planned_start": start, "labs": normal_labs(start - timedelta(hours=2)), "events": ()}
    return assess_dose(well(), point, course=course, rulebook=book, **(facts | more))


def cited(found: DoseAssessment) -> list[str]:
    """The rows behind the verdict."""
    return [reason.row for reason in found.reasons]


def noted(found: DoseAssessment, path: str) -> list[str]:
    """The notes on a path."""
    return [note for note in found.notes if note.startswith(f"{path}: ")]


class TestOpenRole:
    """While the role of the dose is open, only facts that would settle it are asked for, not a course that was passed."""

    INFECTION = ToxicityEvent("infection", 1, status="active", onset=on(20))

    @BOOKS
    def test_no_date_of_the_last_dose(self, book: Any) -> None:
        """Without its date, a delay and a new step-up cannot be seen, so the date is asked for."""
        found = assessed("C2D15", before("C2D15", undated("C2D1")), events=[self.INFECTION], book=book)
        assert found.missing == ("course.C2D1.started",)
        assert isinstance(found.premedication, NeedsData)
        assert found.premedication.missing == ("course.C2D1.started",)
        assert isinstance(found.monitoring, NeedsData)
        assert found.monitoring.missing == ("course.C2D1.started",)
        (action,) = (toxicity.action for toxicity in found.toxicities)
        assert action.missing == ("course.C2D1.started",)
        assert [fact.path for fact in what_to_ask(found)] == ["course.C2D1.started"]

    @BOOKS
    def test_no_amount(self, book: Any) -> None:
        """Without the amount of the last dose it may have been a new step-up."""
        found = assessed("C2D15", before("C2D15", dose("C2D1", None)), events=[self.INFECTION], book=book)
        assert found.missing == ("course.C2D1.amount",)
        assert found.premedication.missing == ("course.C2D1.amount",)

    @BOOKS
    def test_no_planned_start(self, book: Any) -> None:
        """Without the day of the planned dose, a delay cannot be seen."""
        found = assessed("C2D15", before("C2D15"), planned_start=None, book=book)
        assert found.premedication.missing == ("planned_start",)
        assert "course" not in found.missing

    @BOOKS
    def test_an_amount_that_fits_no_schedule(self, book: Any) -> None:
        """After 5 mg, no fact settles the role. Nothing is asked for, and a clinician must assess what depends on it."""
        found = assessed("C2D1", before("C2D1", dose("C1D8", "5 mg")), events=[self.INFECTION], book=book)
        assert (found.verdict, found.missing) == ("needs-assessment", ())
        (vote,) = (vote for vote in found.votes if vote.part == "events[0]")
        assert (vote.verdict, vote.missing) == ("needs-assessment", ())
        assert "guard/amount" in [reason.row for reason in vote.reasons]
        plan = found.premedication
        assert isinstance(plan, NeedsData)
        assert (plan.missing, len(plan.possible) > 1, plan.reasons[-1].row) == ((), True, "guard/amount")
        with pytest.raises(UndecidedError, match="no further fact settles it"):
            plan.unwrap()
        for written in (as_text(found, full=True), as_markdown(found, full=True)):
            assert "nnot answer yet" in written
            assert "for want of \n" not in written

    @BOOKS
    def test_an_amount_that_fits_no_schedule_and_no_grade(self, book: Any) -> None:
        """A grade that would help is asked for all the same."""
        event = ToxicityEvent("infection", status="active", onset=on(20))
        found = assessed("C2D1", before("C2D1", dose("C1D8", "5 mg")), events=[event], book=book)
        assert (found.verdict, found.missing) == ("needs-assessment", ("events[0].grade",))

    def test_scalar(self) -> None:
        """Functions of one fact ask for the same; without a course for the course."""
        doses = before("C2D15", undated("C2D1"))
        for answer in (
            premedication_plan("C2D15", course=doses, events=(), planned_start=on(42), rulebook=US),
            monitoring_duration("C2D15", course=doses, events=(), planned_start=on(42), rulebook=US),
            toxicity_action(
                ToxicityEvent("infection", 1, status="active", onset=on(40)), point="C2D15", course=doses, planned_start=on(42), rulebook=US
            ),
        ):
            assert answer.missing == ("course.C2D1.started",)
        assert assessed("C2D15", None, book=US).premedication.missing == ("course",)

    @BOOKS
    @given(data=st.data())
    def test_law(self, book: Any, data: st.DataObject) -> None:
        """A course that was given is never asked for."""
        found = assess_case(data.draw(strategies.cases()), rulebook=book)
        if found.case.course is not None:
            asked = [*found.missing, *found.premedication.missing, *found.monitoring.missing, *found.next_dose.missing]
            asked += [fact for toxicity in found.toxicities for fact in toxicity.action.missing]
            assert "course" not in asked


class TestNoDate:
    """The date of a dose is asked for while it, or the one after it, is the last or the last but one; then its lack is noted."""

    @BOOKS
    def test_of_the_dose_before_the_last(self, book: Any) -> None:
        """C1D1 may have been 15 days or more before C1D8, when 1 mg was due again: known, that needs assessment."""
        after = [dose("C1D8")]
        found = assessed("C1D15", [undated("C1D1"), *after], book=book)
        assert (found.verdict, found.missing) == ("needs-data", ("course.C1D1.started",))
        late = assessed("C1D15", [dose("C1D1", day=-8), *after], book=book)
        assert (late.verdict, "guard/restart" in cited(late)) == ("needs-assessment", True)
        assert assessed("C1D15", [dose("C1D1"), *after], book=book).verdict == "proceed"

    @BOOKS
    @pytest.mark.parametrize(
        ("point", "verdict"), [("C2D1", "needs-data"), ("C2D15", "needs-data"), ("C3D1", "needs-data"), ("C3D15", "proceed")]
    )
    def test_how_long(self, point: str, verdict: str, book: Any) -> None:
        """C1D15 without a date bears on C2D1 after it, which is the last but one dose before C3D1."""
        found = assessed(point, before(point, undated("C1D15")), book=book)
        path = "course.C1D15.started"
        says = f"{path}: this is missing, but no longer affects the planned dose."
        assert (found.verdict, found.missing) == (verdict, (path,) if verdict == "needs-data" else ())
        assert noted(found, path) == ([] if verdict == "needs-data" else [says])

    def test_page_alone(self) -> None:
        """A book without intervals still holds that a dose must not be too early for its name."""
        found = assessed("C1D15", [undated("C1D1"), dose("C1D8")], book="precautions-2025-09")
        assert found.missing == ("course.C1D1.started",)

    def test_end(self) -> None:
        """The end of an infusion dates it as well."""
        ended = GivenDose("C1D1", None, "1 mg", on(0), complete=True)
        assert assessed("C1D15", [ended, dose("C1D8")]).verdict == "proceed"


class TestStepUpWithoutNeed:
    """1 mg where 10 mg was due: the label gives 1 mg again only after 14, 21 or 28 days (Table 4)."""

    @BOOKS
    @pytest.mark.parametrize(
        ("planned", "given_then", "verdict"),
        [("C1D15", "C1D8", "needs-assessment"), ("C2D1", "C1D15", "needs-assessment")],
    )
    def test_last(self, planned: str, given_then: str, verdict: str, book: Any) -> None:
        """While it is the last dose a clinician must assess it, as an order of the same amount."""
        found = assessed(planned, before(planned, dose(given_then, "1 mg")), ordered="10 mg", book=book)
        assert (found.verdict, "guard/restart" in cited(found)) == (verdict, True)
        ordered = assessed(given_then, before(given_then), ordered="1 mg", book=book)
        assert (ordered.verdict, "guard/order" in cited(ordered)) == (verdict, True)

    @BOOKS
    def test_then_a_note(self, book: Any) -> None:
        """It votes for two doses, then it is noted."""
        days = {"C2D1": 21, "C2D15": 35, "C3D1": 49}
        doses = [dose("C1D1"), dose("C1D8"), dose("C1D15", "1 mg"), *(dose(point, day=day) for point, day in days.items())]
        says = "1 mg was given at C1D15, 7 days after C1D8: 10 mg was due, and no new step-up."
        for count, verdict, start in ((4, "needs-assessment", 28), (5, "proceed", 49), (6, "proceed", 63)):
            planned = on(start)
            found = assess_dose(
                well(),
                DosePoint.at(count + 1),
                planned_start=planned,
                course=doses[:count],
                labs=normal_labs(planned - timedelta(hours=2)),
                events=(),
                rulebook=book,
            )
            assert found.verdict == verdict
            told = [reason.says for reason in found.reasons if reason.row == "guard/restart"]
            assert (told, noted(found, "course[2]")) == (([says], []) if verdict != "proceed" else ([], [f"course[2]: {says}"]))

    @BOOKS
    @pytest.mark.parametrize(
        ("last", "days", "verdict"),
        [("C1D1", 14, "needs-assessment"), ("C1D1", 15, "proceed"), ("C1D15", 28, "needs-assessment"), ("C1D15", 29, "proceed")],
    )
    def test_limits(self, last: str, days: int, verdict: str, book: Any) -> None:
        """Up to 14 days after the first dose, and 28 after the third, 10 mg is due; after that 1 mg."""
        doses = [each for each in before("C2D1") if each.point <= DosePoint.of(last)]
        day = DAYS[last] + days
        planned = on(day + 7)
        found = assess_dose(
            well(),
            DosePoint.at(len(doses) + 2),
            planned_start=planned,
            course=[*doses, dose(str(DosePoint.at(len(doses) + 1)), "1 mg", day)],
            labs=normal_labs(planned - timedelta(hours=2)),
            events=(),
            rulebook=book,
        )
        assert found.verdict == verdict


NAMED = ("Europe/Berlin", "Europe/London", "America/New_York", "Pacific/Auckland", "Africa/Abidjan", "UTC")


def in_zone(case: Case, zone: tzinfo) -> Case:
    """The case with its times by the clock of a zone."""

    def moved(record: Any, *names: str) -> Any:
        times = {name: getattr(record, name) for name in names}
        return attrs.evolve(record, **{name: when.astimezone(zone) for name, when in times.items() if isinstance(when, datetime)})

    parts = {
        "course": case.course and tuple(moved(each, "started", "ended") for each in case.course.as_given),
        "labs": case.labs and tuple(moved(each, "collected") for each in case.labs),
        "events": case.events and tuple(moved(each, "onset", "improved", "resolved") for each in case.events),
    }
    whole: Case = attrs.evolve(moved(case, "planned_start"), **parts)
    return whole


class TestNamedZones:
    """Times in a named time zone survive JSON: an offset alone does not say where a day ends."""

    DOSES = (
        GivenDose("C1D1", datetime(2025, 10, 15, 0, 30, tzinfo=BERLIN), "1 mg", datetime(2025, 10, 15, 1, 30, tzinfo=BERLIN)),
        GivenDose("C1D8", datetime(2025, 10, 29, 0, 30, tzinfo=BERLIN), "10 mg", datetime(2025, 10, 29, 1, 30, tzinfo=BERLIN)),
    )
    START = datetime(2025, 11, 5, 8, tzinfo=BERLIN)

    def third(self, **changes: Any) -> DoseAssessment:
        """C1D15 after summer time ended: by the calendar in Berlin 14 days lie between the doses."""
        labs = normal_labs(self.START - timedelta(hours=2))
        facts: dict[str, Any] = {"planned_start": self.START, "course": self.DOSES, "labs": labs, "events": ()}
        return assess_dose(well(), "C1D15", **(facts | changes))

    def test_over_a_change_of_the_clocks(self) -> None:
        """The case proceeds as Python and as JSON, and its own record gives the same answers."""
        found = self.third()
        document = case_document(found.case)
        assert (found.verdict, document["site_zone"]) == ("proceed", "Europe/Berlin")
        assert assess_case(read_case(json.dumps(document))).verdict == "proceed"
        assert replay(json.dumps(audit_record(found))).same

    def test_own_site_zone(self) -> None:
        """The zone that a caller names is used."""
        assert case_document(self.third(site_zone="Europe/Paris").case)["site_zone"] == "Europe/Paris"

    @pytest.mark.parametrize("name", [None, "Somewhere/Else", "localtime"])
    def test_no_name_of_a_place(self, name: str | None) -> None:
        """A zone without a name that other systems know is not named."""
        with _data_of("Europe/Berlin").open("rb") as file:
            zone = ZoneInfo.from_file(file, name)
        found = self.third(planned_start=self.START.replace(tzinfo=zone), course=None, labs=None)
        assert "site_zone" not in case_document(found.case)

    def test_several_zones(self) -> None:
        """Times of several zones name none of them; neither do those without an offset, mere days, and none at all."""
        new_york = self.START.astimezone(ZoneInfo("America/New_York"))
        for start, doses in ((new_york, self.DOSES), (FIRST, ()), (date(2026, 1, 5), ()), (None, ())):
            case = Case(patient=Patient(), point="C1D15", planned_start=start, course=doses)
            assert "site_zone" not in case_document(case)
            assert read_case(case_document(case)) == case

    def test_utc(self) -> None:
        """UTC is no place: the note that days are counted in UTC stays."""
        found = assess_case(in_zone(self.third().case, ZoneInfo("UTC")))
        again = assess_case(read_case(case_document(found.case)))
        assert "site_zone" not in case_document(found.case)
        assert IN_UTC in found.notes
        assert again.notes == found.notes

    @given(case=strategies.cases(offsets=True), name=st.sampled_from(NAMED), planned=st.booleans())
    def test_law(self, case: Case, name: str, planned: bool) -> None:  # drawn
        """Any case has the same verdict, votes, next dose, and record after JSON."""
        try:
            made = in_zone(case, ZoneInfo(name)) if planned else case
        except FieldError:  # beside mere days another clock may put a dose after the planned start
            made = case
        found = assess_case(made)
        again = assess_case(read_case(json.dumps(case_document(made))))
        assert (again.verdict, again.votes, again.next_dose) == (found.verdict, found.votes, found.next_dose)
        assert replay(json.dumps(audit_record(found))).same


def _data_of(name: str) -> Any:
    """The file of a time zone in the data that Python uses."""
    for root in TZPATH:
        if (path := Path(root) / name).is_file():
            return path
    return resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))


class TestOnlyOurErrors:
    """Whatever is handed in, an error is one of this library, with its place."""

    TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00")

    @pytest.mark.parametrize("time", TIMES)
    @pytest.mark.parametrize("zone", ["Europe/Berlin", None])
    @pytest.mark.parametrize(
        ("path", "part"),
        [
            ("planned_start", lambda time: {"planned_start": time}),
            ("course[0].started", lambda time: {"course": [{"point": "C1D1", "started": time}]}),
            ("course[0].ended", lambda time: {"course": [{"point": "C1D1", "ended": time}]}),
            ("labs[0].collected", lambda time: {"labs": [{"analyte": "sodium", "value": 140, "unit": "mmol/L", "collected": time}]}),
            ("events[0].onset", lambda time: {"events": [{"toxicity": "crs", "onset": time}]}),
            ("events[0].resolved", lambda time: {"events": [{"toxicity": "crs", "resolved": time}]}),
        ],
    )
    def test_times_at_the_end_of_the_calendar(self, path: str, part: Any, zone: str | None, time: str) -> None:
        """A time that an offset carries beyond the calendar is out of range, in every field."""
        document: dict[str, Any] = {
            "point": "C1D8",
            "patient": {},
            "course": [],
            "planned_start": "2026-01-12T09:00:00+01:00",
            "site_zone": zone,
        }
        with pytest.raises(DocumentError) as caught:
            read_case(document | part(time))
        (fault,) = caught.value.exceptions
        assert isinstance(fault, FieldError)
        assert (fault.path, "is out of range" in fault.problem) == (path, True)

    @pytest.mark.parametrize("wrong", [0, None, [], {}, True])
    def test_hash_of_a_record(self, wrong: Any) -> None:
        """A hash that is no text is refused by its place."""
        record = audit_record(assess_case(Case(patient=Patient(), point="C1D1")))
        record["books"][US] = wrong
        with pytest.raises(FieldTypeError, match=r"record\.books\['us-2025-11'\]: .* is not a hash"):
            replay(record)

    def test_answers_of_a_record(self) -> None:
        """Answers that JSON cannot hold are shown as changed."""
        record = audit_record(assess_case(Case(patient=Patient(), point="C1D1")))
        record["answers"]["verdict"] = {1, 2}
        assert replay(record).answers == ('verdict: {1, 2} -> "needs-data"',)

    @given(data=st.data())
    def test_any_value_in_a_record(self, data: st.DataObject) -> None:
        """A record with any JSON value in any place is replayed, or refused with an error of this library."""
        record = json.loads(json.dumps(audit_record(assess_case(Case(patient=Patient(), point="C1D1")))))
        part: Any = record
        key = data.draw(st.sampled_from(sorted(part)))
        while isinstance(part[key], dict) and part[key] and data.draw(st.booleans()):
            part = part[key]
            key = data.draw(st.sampled_from(sorted(part)))
        part[key] = data.draw(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.just([]) | st.just({}) | st.just([0])
        )
        with suppress(TarlatamabRulesError):
            assert isinstance(replay(record), Replay)

    @pytest.mark.parametrize("wrong", [[], {}, 5, True, None, " "])
    def test_caveat(self, wrong: Any) -> None:
        """A caveat is text, and not blank."""
        row = rulebooks.get(US).rows[INFUSION][0]
        with pytest.raises(FieldError, match=r"caveat.*(is not text|is blank)"):
            rulebooks.get(US).overlay("ours", {INFUSION: (attrs.evolve(row, caveat=wrong),)})


class TestDosesWithoutADate:
    """An infection is judged by the dose that followed its onset. If that dose may be one without a date, the date is asked for."""

    POINTS = ("C1D1", "C1D8", "C1D15", "C2D1")

    @given(
        st.sets(st.sampled_from(POINTS)),
        st.none() | st.integers(-3, 45).map(lambda days: date(2026, 1, 5) + timedelta(days)),
        st.sampled_from((Grade.MILD, Grade.MODERATE, Grade.SEVERE, None)),
    )
    def test_the_dates_are_asked_for_and_settle_it(self, undated: set[str], onset: date | None, grade: Grade | None) -> None:
        """A course that is listed from its first dose never lacks earlier doses; with every date, its facts are enough."""
        event = ToxicityEvent("infection", grade, status="active", onset=onset)
        days = dict(zip(self.POINTS, (date(2026, 1, 5), date(2026, 1, 12), date(2026, 1, 19), date(2026, 2, 2)), strict=True))

        def answer(without: set[str]) -> Any:
            course = [
                GivenDose(point, None if point in without else day, "1 mg" if point == "C1D1" else "10 mg") for point, day in days.items()
            ]
            return toxicity_action(event, point="C2D15", course=course, events=(), planned_start=date(2026, 2, 16), rulebook="us-2025-11")

        found, settled = answer(undated), answer(set())
        assert not any(reason.row == "guard/unlisted" for reason in found.reasons)
        assert not isinstance(found, NeedsData) or found.missing
        assert {fact for fact in found.missing if fact.startswith("course")} <= {f"course.{point}.started" for point in undated}
        assert not any(fact.startswith("course") for fact in settled.missing)
        assert set(settled.possible) <= set(found.possible)

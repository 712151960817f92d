"""What a chart says of the doses given counts: how long they ran, how much they were, when, in which role, and before the first of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import DRUG_BOOKS, PAGE, rows
from tarlatamab_rules import (
    Case,
    CrsFindings,
    Decided,
    DocumentError,
    DoseAction,
    DoseAssessment,
    DosePoint,
    FieldError,
    GivenDose,
    LabResult,
    NeedsData,
    NeuroFindings,
    NotCovered,
    Patient,
    Role,
    ToxicityEvent,
    Verdict,
    assess_case,
    assess_dose,
    during_infusion,
    liver_injury,
    monitoring_duration,
    next_dose,
    premedication_plan,
    rulebooks,
    strategies,
    toxicity_action,
    what_would_change,
)
from tarlatamab_rules.answers import DuringInfusion, InfusionPlan, Source, Statement, ToxicityAction
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.formats.cases import read_case
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.facts import SIGN
from tarlatamab_rules.rulebooks.questions import DURING_INFUSION, INFUSION
from tarlatamab_rules.rules.course import least_days
from tarlatamab_rules.rules.planned import BY_NAME

US = "us-2025-11"
FIRST = datetime(2026, 1, 12, 10)  # noqa: DTZ001  # the clock on the wall
PATIENT = Patient(
    age_years=66, diagnosis="extensive-stage-sclc", progressed_after_platinum=True, infection="none", childbearing_potential=False
)
DAYS = {"C1D1": 0, "C1D8": 7, "C1D15": 14, "C2D1": 28, "C2D15": 42, "C3D1": 56, "C3D15": 70, "C4D1": 84, "C4D15": 98}
BOOKS = pytest.mark.parametrize("book", [None, US, PAGE])
WITH_AMOUNTS = pytest.mark.parametrize("book", [None, US])


def at(days: float, minutes: int = 0) -> datetime:
    """So long after the first dose."""
    return FIRST + timedelta(days=days, minutes=minutes)


def dose(point: str, day: float | None = None, amount: str | None = "", minutes: int | None = 60, **more: Any) -> GivenDose:
    """A dose on its day of the schedule, of its amount, in an hour."""
    began = at(DAYS[point] if day is None else day)
    due = ("1 mg" if point == "C1D1" else "10 mg") if amount == "" else amount
    return GivenDose(point, began, due, ended=None if minutes is None else began + timedelta(minutes=minutes), **more)


def before(point: str, *changed: GivenDose) -> list[GivenDose]:
    """All doses of the schedule before one; a changed dose replaces its own."""
    instead = {each.point: each for each in changed}
    return [instead.get(each.point, each) for each in map(dose, DAYS) if each.point < DosePoint.of(point)]


def drawn(when: date, **changed: str) -> list[LabResult]:
    """Normal results of one time, with changes."""
    values = {"neutrophils": "4 10*9/L", "hemoglobin": "13 g/dL", "platelets": "200 10*9/L"}
    values |= {"alt": "20 U/L", "ast": "20 U/L", "bilirubin": "0.5 mg/dL"}
    upper: dict[str, Any] = {"alt": "40 U/L", "ast": "40 U/L", "bilirubin": "1 mg/dL"}
    return [LabResult(name, value, when, upper_limit=upper.get(name)) for name, value in (values | changed).items()]  # type: ignore[arg-type]  # names


def assessed(point: str, course: Any, day: float | None = None, book: Any = None, **more: Any) -> DoseAssessment:
    """A dose on its day of the schedule, everything else well."""
    start = at(DAYS[point] if day is None else day)
    facts: dict[str, Any] = {"planned_start": start, "course": course, "labs": drawn(start - timedelta(hours=2)), "events": ()}
    return assess_dose(PATIENT, point, rulebook=book, **(facts | more))


def cited(found: DoseAssessment) -> list[str]:
    """The rows behind the verdict."""
    return [reason.row for reason in found.reasons]


def noted(found: DoseAssessment, *starts: str) -> list[str]:
    """The notes that begin so."""
    return [note for note in found.notes if note.startswith(starts)]


class TestLengths:
    """How long an infusion ran, and whether it was complete."""

    @BOOKS
    @pytest.mark.parametrize(
        ("minutes", "complete", "verdict"),
        [
            (60, None, "proceed"),
            (58, None, "proceed"),
            (50, None, "proceed"),
            (49, None, "needs-data"),
            (20, None, "needs-data"),
            (None, None, "proceed"),
            (45, True, "proceed"),
            (30, True, "proceed"),
            (29, True, "needs-assessment"),
            (None, True, "proceed"),
            (60, False, "needs-assessment"),
            (None, False, "needs-assessment"),
        ],
    )
    def test_the_last_infusion(self, minutes: int | None, complete: bool | None, verdict: str, book: Any) -> None:  # a fact
        """Without a report, an infusion is complete from 50 of 60 minutes on; if reported as complete, from half of its time on."""
        found = assessed("C1D15", [dose("C1D1"), dose("C1D8", minutes=minutes, complete=complete)], book=book)
        assert found.verdict == verdict
        assert found.missing == (("course.C1D8.complete",) if verdict == "needs-data" else ())

    @BOOKS
    @pytest.mark.parametrize(("minutes", "complete"), [(49, None), (29, True), (60, False)])
    def test_an_older_infusion(self, minutes: int, complete: bool | None, book: Any) -> None:  # a fact
        """Only the last infusion votes: what was short before is noted."""
        found = assessed("C1D15", [dose("C1D1", minutes=minutes, complete=complete), dose("C1D8")], book=book)
        assert (found.verdict, found.missing) == ("proceed", ())
        (note,) = noted(found, "course[0]: The infusion of C1D1")
        assert str(minutes) in note or "was not completed" in note

    @BOOKS
    def test_no_end(self, book: Any) -> None:
        """Where nobody wrote down when infusions ended they are complete, with one note a course."""
        found = assessed("C2D1", [dose(point, minutes=None) for point in ("C1D1", "C1D8", "C1D15")], book=book)
        assert (found.verdict, found.missing) == ("proceed", ())
        note = "course: the duration of the infusion is missing for C1D1, C1D8, C1D15. It is taken as complete."
        assert noted(found, "course") == [note]
        many = [dose(point, minutes=None) for point in DAYS][:5]
        assert noted(assessed("C3D1", many, book=book), "course") == [note.replace("C1D1, C1D8, C1D15", "5 doses")]

    def test_mere_days(self) -> None:
        """Days without times do not say how long an infusion ran."""
        one = GivenDose("C1D1", FIRST.date(), "1 mg", ended=FIRST.date())
        assert assessed("C1D8", [one]).verdict == "proceed"

    def test_over_a_change_of_the_clocks(self) -> None:
        """An hour is an hour, though the clock on the wall says two."""
        from zoneinfo import ZoneInfo

        berlin = ZoneInfo("Europe/Berlin")
        began, ended = datetime(2026, 3, 29, 1, 50, tzinfo=berlin), datetime(2026, 3, 29, 3, 10, tzinfo=berlin)
        one = GivenDose("C1D1", began, "1 mg", ended=ended)
        start = datetime(2026, 4, 5, 9, tzinfo=berlin)
        found = assess_dose(PATIENT, "C1D8", planned_start=start, course=[one], labs=drawn(start - timedelta(hours=2)), events=())
        assert found.missing == ("course.C1D1.complete",)

    def test_time_of_the_book(self) -> None:
        """The planned time is that of the book: of two hours, 90 minutes are not known to be all."""
        row = Row("A-1", {}, InfusionPlan(duration=Amount(2, "h")), "Two hours.")
        page = rulebooks.get(PAGE)
        book = Rulebook(
            Source("mine", "M", "M", "1"), (*page.statements, Statement("A-1", "", "")), {**page.rows, INFUSION: (row,)}, "ctcae-5.0"
        )
        course = [dose("C1D1", minutes=90)]
        assert assessed("C1D8", course, book=book).missing == ("course.C1D1.complete",)
        assert assessed("C1D8", course, book=PAGE).missing == ()

    @WITH_AMOUNTS
    def test_what_follows(self, book: Any) -> None:
        """After an infusion that may not have been complete, the next dose is open, and the same fact is asked for."""
        answer = next_dose([dose("C1D1", minutes=40)], planned_start=at(7), rulebook=book)
        assert isinstance(answer, NeedsData)
        assert answer.missing == ("course.C1D1.complete",)
        assert None in answer.possible
        assert "guard/partial" in rows(answer)

    def test_default(self) -> None:
        """A fact that is left out is not known, in Python and in JSON."""
        assert GivenDose("C1D1").complete is None
        assert read_case({"point": "C1D8", "course": [{"point": "C1D1"}]}).course.doses[0].complete is None  # type: ignore[union-attr]  # there is one


class TestAmounts:
    """How much was given."""

    @WITH_AMOUNTS
    @pytest.mark.parametrize(
        ("point", "unknown", "verdict"),
        [
            ("C1D8", "C1D1", "needs-data"),
            ("C1D15", "C1D1", "needs-data"),
            ("C1D15", "C1D8", "needs-data"),
            ("C2D1", "C1D1", "proceed"),
            ("C2D1", "C1D8", "needs-data"),
            ("C2D1", "C1D15", "needs-data"),
            ("C3D1", "C1D15", "proceed"),
        ],
    )
    def test_not_known(self, point: str, unknown: str, verdict: str, book: Any) -> None:
        """An amount is asked for until two known ones were given after it; then it is noted."""
        found = assessed(point, before(point, dose(unknown, amount=None)), book=book)
        asked = (f"course.{unknown}.amount",) if verdict == "needs-data" else ()
        assert (found.verdict, found.missing) == (verdict, asked)
        assert bool(noted(found, f"course.{unknown}.amount: ")) is (verdict == "proceed")

    @WITH_AMOUNTS
    def test_next_dose_after_an_unknown_first(self, book: Any) -> None:
        """What follows a first dose of unknown amount is open: it may have been one that fits no schedule."""
        answer = next_dose([dose("C1D1", amount=None)], planned_start=at(7), rulebook=book)
        assert isinstance(answer, NeedsData)
        assert (answer.missing, None in answer.possible) == (("course.C1D1.amount",), True)

    def test_page_alone(self) -> None:
        """A book without amounts neither asks for the amounts given nor mentions them."""
        found = assessed("C1D15", [dose("C1D1", amount=None), dose("C1D8", amount="6 mg")], book=PAGE)
        assert (found.verdict, noted(found, "course")) == ("proceed", [])

    @WITH_AMOUNTS
    @pytest.mark.parametrize(
        ("point", "odd", "amount", "verdict"),
        [
            ("C1D8", "C1D1", "10 mg", "needs-assessment"),
            ("C1D15", "C1D1", "10 mg", "needs-assessment"),
            ("C2D1", "C1D1", "10 mg", "proceed"),
            ("C2D1", "C1D15", "6 mg", "needs-assessment"),
            ("C2D15", "C1D15", "6 mg", "needs-assessment"),
            ("C3D1", "C1D15", "6 mg", "proceed"),
        ],
    )
    def test_fits_no_schedule(self, point: str, odd: str, amount: str, verdict: str, book: Any) -> None:
        """An amount that fits no schedule votes while it is the last or the last but one; later it is noted."""
        found = assessed(point, before(point, dose(odd, amount=amount)), book=book)
        assert (found.verdict, found.missing) == (verdict, ())
        says = f"The amount given at {odd}, {Amount(float(amount.split(maxsplit=1)[0]), 'mg')}, fits no schedule."
        assert ("guard/amount" in cited(found)) is (verdict == "needs-assessment")
        path = {"C1D1": "course[0]", "C1D15": "course[2]"}[odd]
        assert noted(found, f"{path}: ") == ([f"{path}: {says}"] if verdict == "proceed" else [])

    @WITH_AMOUNTS
    def test_role_after_an_old_oddity(self, book: Any) -> None:
        """Two doses later the role is that of a later dose: 10 mg is due, after two weeks."""
        answer = next_dose(before("C3D1", dose("C1D15", amount="6 mg")), planned_start=at(56), rulebook=book)
        assert (str(answer.unwrap().amount), answer.unwrap().role, answer.unwrap().due) == ("10 mg", "later", date(2026, 3, 9))

    @WITH_AMOUNTS
    @pytest.mark.parametrize("unknown", ["C1D1", "C1D8", "C1D15"])
    def test_supplied(self, unknown: str, book: Any) -> None:
        """With the amount that is asked for the dose proceeds."""
        found = assessed("C2D1", before("C2D1", dose(unknown)), book=book)
        assert (found.verdict, found.missing) == ("proceed", ())

    @pytest.mark.parametrize(
        ("amounts", "days"), [((1, 5, 10), 0), ((1, 5, 10, 10), 14), ((1, 5, 10, 10, 10), 14), ((1, 10, 5, 10, 10), 14)]
    )
    def test_long_after_an_odd_amount(self, amounts: tuple[float, ...], days: int) -> None:
        """Table 1: after two doses of 10 mg that follow an odd amount the next is due after 14 days; after one of them it is not known."""
        assert least_days(amounts, rulebooks.get(US))[-1] == days


class TestBrokenRules:
    """Doses that were given against the schedule: a clinician looks while they are recent; later they are noted."""

    @WITH_AMOUNTS
    @pytest.mark.parametrize(("later", "verdict"), [(0, "needs-assessment"), (1, "needs-assessment"), (2, "proceed"), (3, "proceed")])
    def test_restart(self, later: int, verdict: str, book: Any) -> None:
        """10 mg was given 42 days after C2D15, when 1 mg was due."""
        days = {"C3D1": 84, "C3D15": 98, "C4D1": 112, "C4D15": 126}
        given_late = [dose(point, day) for point, day in days.items()][: later + 1]
        point = str(DosePoint.at(given_late[-1].point.number + 1))
        found = assessed(point, [*before("C3D1"), *given_late], 84 + 14 * (later + 1), book=book)
        assert found.verdict == verdict
        says = "10 mg was given at C3D1, 42 days after C2D15: the step-up was due to begin anew."
        told = [reason.says for reason in found.reasons if reason.row == "guard/restart"]
        assert (told, noted(found, "course")) == (([says], []) if verdict != "proceed" else ([], [f"course[5]: {says}"]))

    @WITH_AMOUNTS
    def test_restart_as_due(self, book: Any) -> None:
        """After 42 days 1 mg is as it must be, and 28 days are not too long."""
        assert assessed("C3D15", [*before("C3D1"), dose("C3D1", 84, "1 mg")], 91, book=book).verdict == "proceed"
        assert assessed("C3D15", [*before("C3D1"), dose("C3D1", 70)], 84, book=book).verdict == "proceed"

    @WITH_AMOUNTS
    def test_a_restart_is_open_without_dates(self, book: Any) -> None:
        """Without a date or an amount, or after an odd amount, nothing is reported about a restart."""
        undated = GivenDose("C2D15", None, "10 mg", complete=True)
        late = dose("C3D1", 84)
        assert not noted(assessed("C4D1", [*before("C2D15"), undated, late, dose("C3D15", 98)], 112, book=book), "course[5]")
        found = assessed("C3D15", [*before("C2D15"), dose("C2D15", amount="6 mg"), late], 98, book=book)
        assert "guard/restart" not in cited(found)

    @BOOKS
    @pytest.mark.parametrize(("point", "verdict"), [("C1D15", "needs-assessment"), ("C2D1", "needs-assessment"), ("C2D15", "proceed")])
    def test_a_day_early(self, point: str, verdict: str, book: Any) -> None:
        """C1D8 was given a day early; two doses later it is a note."""
        found = assessed(point, before(point, dose("C1D8", 6)), book=book)
        assert found.verdict == verdict
        assert ("guard/too-early" in cited(found)) is (verdict != "proceed")
        assert bool(noted(found, "course[1]: ")) is (verdict == "proceed")

    @BOOKS
    def test_planned_a_day_early(self, book: Any) -> None:
        """The planned dose itself is never too early to matter."""
        assert "guard/too-early" in cited(assessed("C1D15", before("C1D15"), 13, book=book))


def test_a_new_step_up_with_the_year_before() -> None:
    """A new step-up may follow a year later. One that is dated a year before the dose it follows has last year's date by mistake."""
    for day, wrong in ((42 - 365, True), (28 + 365, False)):
        course = [*before("C2D15"), dose("C2D15", day, "1 mg")]
        found = assessed("C3D1", course, max(day, 42) + 7, book=US)
        says = [reason.says for vote in found.votes for reason in vote.reasons]
        assert any(each.startswith("C2D1 is dated") and "wrong by about a year" in each for each in says) is wrong


def test_the_day_is_passed_by_its_name() -> None:
    """What follows the course is asked with ``planned_start=``: a bare date could be taken for something else."""
    ask: Any = next_dose
    with pytest.raises(TypeError):
        ask([dose("C1D1")], at(7))
    assert ask([dose("C1D1")], planned_start=at(7)) == next_dose([dose("C1D1")], planned_start=at(7), rulebook=None)


def test_a_late_dose_after_others() -> None:
    """Table 4: after more than 28 days the step-up begins anew. 10 mg on day 60 are odd, after doses in time and one without a date."""
    undated = GivenDose("C1D1", None, "1 mg", complete=True)
    for first in (undated, dose("C1D1")):
        found = assessed("C2D15", [first, dose("C1D8"), dose("C1D15"), dose("C2D1", 60)], 74, book=US)
        (says,) = (reason.says for reason in found.reasons if reason.row == "guard/restart")
        assert says.startswith("10 mg was given at C2D1, 46 days after C1D15: ")


class TestDates:
    """Dates that do not fit each other, both named."""

    def doubt(self, found: DoseAssessment) -> list[str]:
        """What the vote on dates says."""
        return [reason.says for vote in found.votes if vote.part == "dates" for reason in vote.reasons]

    @BOOKS
    def test_first_dose_a_year_early(self, book: Any) -> None:
        """C1D1 charted 372 days before C1D8, at C3D15."""
        found = assessed("C3D15", before("C3D15", dose("C1D1", -365)), book=book)
        assert found.verdict == "needs-assessment"
        says = "C1D1 is dated 2025-01-12 and C1D8 is dated 2026-01-19: the interval is wrong by about a year. Check both dates."
        assert self.doubt(found) == [f"{says} (C1D8: when the infusion began)"]

    @BOOKS
    def test_a_dose_in_the_middle_a_year_early(self, book: Any) -> None:
        """C2D1 charted a year early does not fit its neighbours, on either side."""
        found = assessed("C3D15", before("C3D15", dose("C2D1", 28 - 365)), book=book)
        assert found.verdict == "needs-assessment"
        assert [says[: says.index(":")] for says in self.doubt(found)] == [
            "C1D15 is dated 2026-01-26 and C2D1 is dated 2025-02-09",
            "C2D1 is dated 2025-02-09 and C2D15 is dated 2026-02-23",
        ]

    @BOOKS
    def test_planned_a_year_later(self, book: Any) -> None:
        """A planned start a year after the last dose needs a clinician, unless the step-up is ordered anew."""
        assert self.doubt(assessed("C2D1", before("C2D1"), 28 + 365, book=book))
        if book != PAGE:
            found = assessed("C2D1", before("C2D1"), 28 + 365, book=book, ordered="1 mg")
            assert (found.verdict, self.doubt(found)) == ("proceed", [])

    @WITH_AMOUNTS
    def test_a_pause_of_a_year(self, book: Any) -> None:
        """A step-up that was begun anew after a year is no slip."""
        course = [*before("C2D1"), dose("C2D1", 400, "1 mg"), dose("C2D15", 407)]
        assert assessed("C3D1", course, 414, book=book).verdict == "proceed"

    @BOOKS
    @pytest.mark.parametrize(("point", "votes"), [("C1D15", True), ("C2D1", True), ("C3D1", False), ("C3D15", False)])
    def test_swapped(self, point: str, votes: bool, book: Any) -> None:  # what is expected
        """C1D8 dated before C1D1 needs a clinician while recent and is noted later."""
        found = assessed(point, before(point, dose("C1D1", 7, "1 mg"), dose("C1D8", 0, "10 mg")), book=book)
        says = "C1D1 is dated 2026-01-19 and C1D8 is dated 2026-01-12: they are in the wrong order. Check both dates."
        assert self.doubt(found) == ([f"{says} (C1D8: when the infusion began)"] if votes else [])
        assert (f"course[1].started: {says}" in found.notes) is not votes
        assert (found.verdict == "needs-assessment") is votes

    @BOOKS
    def test_two_on_one_day(self, book: Any) -> None:
        """Two doses on one day need a clinician while recent."""
        found = assessed("C2D1", before("C2D1", dose("C1D15", 7.2)), book=book)
        says = "C1D8 is dated 2026-01-19 and C1D15 is dated 2026-01-19: they are on the same day. Check both dates."
        assert self.doubt(found) == [f"{says} (C1D15: when the infusion began)"]
        assert found.verdict == "needs-assessment"

    @BOOKS
    def test_named_by_the_place_in_the_list(self, book: Any) -> None:
        """A doubtful dose is named with the date that is in doubt, and accounted for by its place in the list that was passed."""
        first, second = dose("C1D1", 7, "1 mg"), dose("C1D8", 0, "10 mg")
        says = "C1D1 is dated 2026-01-19 and C1D8 is dated 2026-01-12: they are in the wrong order. Check both dates."
        found = assessed("C1D15", [second, first], book=book)
        assert self.doubt(found) == [f"{says} (C1D8: when the infusion began)"]
        assert [each.path for each in found.accounted if "dates" in each.votes] == ["course[0]"]
        ended = GivenDose("C1D8", None, "10 mg", ended=at(0), complete=True)
        assert self.doubt(assessed("C1D15", [ended, first], book=book)) == [f"{says} (C1D8: when the infusion ended)"]

    @BOOKS
    def test_the_planned_dose_is_no_dose_of_the_course(self, book: Any) -> None:
        """A planned start a year beyond the last dose is named as what it is, and accounted for as no dose that was given."""
        found = assessed("C1D15", before("C1D15"), 14 + 365, book=book)
        assert [says.rpartition("(")[2] for says in self.doubt(found)] == ["date and time of the planned dose)"]
        assert [each.votes for each in found.accounted if each.path.startswith("course")] == [("dose",), ("dose",)]

    @BOOKS
    def test_given_twice(self, book: Any) -> None:
        """A dose that is listed twice is reported as repeated, and its dates are not compared."""
        found = assessed("C1D15", [dose("C1D1"), dose("C1D8"), dose("C1D8", 8)], book=book)
        assert (self.doubt(found), "guard/repeated" in cited(found)) == ([], True)

    @BOOKS
    def test_planned_before_a_later_dose_of_the_schedule(self, book: Any) -> None:
        """A dose that is planned again is reported as repeated, and its date is not compared."""
        assert self.doubt(assessed("C1D8", before("C2D1"), 28, book=book)) == []

    @BOOKS
    @pytest.mark.parametrize(
        ("event", "doubtful"),
        [
            (ToxicityEvent("crs", 1, onset=at(-364), resolved=at(-363)), True),
            (ToxicityEvent("icans", 2, onset=at(-364), resolved=at(-363)), True),
            (ToxicityEvent("crs", 1, resolved=at(-1)), True),
            (ToxicityEvent("crs", 1, status="active", onset=at(-1)), True),
            (ToxicityEvent("crs", 1, onset=FIRST.date(), resolved=at(1)), False),
            (ToxicityEvent("crs", 1, onset=at(1), resolved=at(2)), False),
            (ToxicityEvent("crs", 1, status="resolved"), False),
            (ToxicityEvent("neutropenia", 2, onset=at(-364), resolved=at(-363)), False),
            (ToxicityEvent("crs", 1, onset=at(-364), resolved=at(-363), other_cause=True), False),
            (ToxicityEvent("icans", 1, onset=at(-364), resolved=at(-363), findings=NeuroFindings(ice=10, other_cause=True)), False),
        ],
    )
    def test_event_before_the_first_dose(self, event: ToxicityEvent, doubtful: bool, book: Any) -> None:  # what is expected
        """The drug causes CRS and ICANS, so a date before it is doubtful. With another cause, or for another toxicity, it is not."""
        found = assessed("C1D15", before("C1D15"), book=book, events=[event])
        assert bool(self.doubt(found)) is doubtful
        if doubtful:
            (says,) = self.doubt(found)
            assert found.verdict >= Verdict.NEEDS_ASSESSMENT
            assert "before the first dose (C1D1) on 2026-01-12 10:00:00" in says
            assert says.startswith(f"{event.toxicity.upper()} is dated ")

    @BOOKS
    def test_course_from_elsewhere(self, book: Any) -> None:
        """Where the course does not begin with C1D1, an event from before it may belong to a dose that is not charted."""
        event = ToxicityEvent("crs", 1, onset=at(1), resolved=at(2))
        assert self.doubt(assessed("C2D15", before("C2D15")[2:], book=book, events=[event])) == []
        undated = [GivenDose("C1D1", None, "1 mg"), dose("C1D8")]
        assert self.doubt(assessed("C1D15", undated, book=book, events=[event])) == []

    @BOOKS
    def test_event_over_in_the_future(self, book: Any) -> None:
        """An episode that begins after the planned start and is over is checked; an ongoing one counts as it is."""
        over = ToxicityEvent("crs", 1, onset=at(20), resolved=at(21))
        found = assessed("C1D15", before("C1D15"), book=book, events=[over])
        assert "after the planned start on 2026-01-26 10:00:00" in self.doubt(found)[0]
        assert found.verdict >= Verdict.NEEDS_ASSESSMENT
        said = ToxicityEvent("crs", 1, onset=at(20), status="resolved")
        assert self.doubt(assessed("C1D15", before("C1D15"), book=book, events=[said]))
        active = ToxicityEvent("crs", 1, onset=at(14.2), status="active")
        assert self.doubt(assessed("C1D15", before("C1D15"), book=book, events=[active])) == []

    @BOOKS
    def test_infusion_of_days(self, book: Any) -> None:
        """An infusion that ended a day or more after it began needs a clinician while recent, with times and with days alone."""
        for ended in (at(8), at(9).date()):
            found = assessed("C1D15", [dose("C1D1"), GivenDose("C1D8", at(7), "10 mg", ended=ended)], book=book)
            assert (found.verdict, len(self.doubt(found))) == ("needs-assessment", 1)
        old = assessed("C2D1", before("C2D1", GivenDose("C1D1", at(0), "1 mg", ended=at(3))), book=book)
        assert (old.verdict, len(noted(old, "course[0]: the infusion of C1D1 began"))) == ("proceed", 1)

    @BOOKS
    def test_infusion_beyond_the_planned_start(self, book: Any) -> None:
        """An infusion that ends after the planned start needs a clinician."""
        found = assessed("C1D8", [GivenDose("C1D1", at(7, -30), "1 mg", ended=at(7, 30))], book=book)
        says = self.doubt(found)[0]
        assert "after the planned start on 2026-01-19 10:00:00" in says
        assert says.endswith("(C1D1: when the infusion ended)")

    @BOOKS
    def test_results(self, book: Any) -> None:
        """Results dated in the future, or a year before, do not count; that a date may be wrong is noted."""
        labs = [*drawn(at(14, -60)), LabResult("sodium", "140 mmol/L", at(200), "135 mmol/L", "145 mmol/L")]
        found = assessed("C1D15", before("C1D15"), book=book, labs=labs)
        assert found.verdict == "proceed"
        assert noted(found, "labs: dated after") == [
            "labs: dated after the planned start on 2026-01-26 10:00:00: sodium on 2026-07-31. Check the dates."
        ]
        year = assessed("C1D15", before("C1D15"), book=book, labs=drawn(at(13 - 365)))
        assert noted(year, "labs: dated about a year before")
        assert not noted(assessed("C1D15", before("C1D15"), book=book, planned_start=None, labs=labs), "labs: dated")

    @BOOKS
    def test_ordinary_courses(self, book: Any) -> None:
        """A course on time has no doubtful date at any dose."""
        for point in DAYS:
            found = assessed(point, before(point), book=book)
            assert (found.verdict, self.doubt(found)) == ("proceed", [])

    @given(st.integers(8, 300), st.sampled_from([None, US, PAGE]))
    def test_a_slip_is_seen_at_every_dose(self, number: int, book: Any) -> None:
        """A wrong year of the first dose needs a clinician, however many doses follow."""
        number = number % 12 + 3
        days = [0, 7, 14, *range(28, 28 + 14 * number, 14)]
        course = [
            GivenDose(DosePoint.at(n + 1), at(days[n] - (365 if n == 0 else 0)), "1 mg" if n == 0 else "10 mg") for n in range(number)
        ]
        start = at(days[number])
        found = assess_dose(
            PATIENT, DosePoint.at(number + 1), planned_start=start, course=course, labs=drawn(start), events=(), rulebook=book
        )
        assert any(vote.part == "dates" and vote.verdict == "needs-assessment" for vote in found.votes)


class TestAfterThePlannedStart:
    """A given dose after the planned start is refused, with both dates."""

    def test_refused(self) -> None:
        """The error names the dose by its place, and both dates."""
        with pytest.raises(FieldError, match=r"C1D8 was given on 2026-01-20.*after the planned start on 2026-01-19") as caught:
            Case(patient=PATIENT, point="C1D15", planned_start=date(2026, 1, 19), course=[dose("C1D1"), dose("C1D8", 8)])
        assert caught.value.path == "course[1].started"
        with pytest.raises(FieldError) as caught:
            Case(patient=PATIENT, point="C1D8", planned_start=at(-1), course=[GivenDose("C1D1", ended=at(0))])
        assert caught.value.path == "course[0].ended"

    def test_all_at_once(self) -> None:
        """A document names every such dose, by its place in the document."""
        doses = [{"point": point, "started": at(day).isoformat()} for point, day in (("C1D15", 14), ("C1D8", 7), ("C1D1", 0))]
        with pytest.raises(DocumentError) as caught:
            read_case({"point": "C2D1", "planned_start": at(5).isoformat(), "course": doses})
        assert [error.path for error in caught.value.exceptions] == ["course[0].started", "course[1].started"]
        assert all("after the planned start on 2026-01-17" in str(error) for error in caught.value.exceptions)

    def test_times_without_an_order(self) -> None:
        """Where some times have an offset and others have none, that is the fault."""
        with pytest.raises(DocumentError) as caught:
            read_case({"point": "C1D8", "planned_start": "2026-01-12T10:00", "course": [{"point": "C1D1", "started": "2026-01-12T11:00Z"}]})
        assert "has no UTC offset" in str(caught.value.exceptions[0])

    def test_same_day(self) -> None:
        """On one day without times the order is not known, and nothing is refused."""
        for start, given_on in ((FIRST.date(), at(0)), (at(0), FIRST.date()), (at(0), at(0)), (None, at(0))):
            assert Case(patient=PATIENT, point="C1D8", planned_start=start, course=[GivenDose("C1D1", given_on)]).course

    def test_by_the_calendar_of_the_site(self) -> None:
        """By the calendar of the site an evening in UTC may be the day after the planned one; a second reading that cannot be is none."""
        late = GivenDose("C1D1", datetime.fromisoformat("2026-01-12T23:30+00:00"), "1 mg")
        with pytest.raises(FieldError, match="after the planned start"):
            Case(patient=PATIENT, point="C1D8", planned_start=date(2026, 1, 12), course=[late], site_zone="Europe/Berlin")
        first = GivenDose("C1D1", datetime.fromisoformat("2026-01-05T10:00+09:00"), "1 mg")
        case = Case(patient=PATIENT, point="C1D15", planned_start=date(2026, 1, 12), course=[first, attrs.evolve(late, point="C1D8")])
        assert assess_case(case).verdict >= Verdict.NEEDS_ASSESSMENT

    def test_what_would_change(self) -> None:
        """Trying other days never plans a dose before one that was given."""
        case = Case(patient=PATIENT, point="C1D8", planned_start=at(7, -60), course=[dose("C1D1")], labs=drawn(at(7, -120)), events=())
        assert what_would_change(assess_case(case))


class TestRoles:
    """Without a course, what a dose is in it is not known."""

    @WITH_AMOUNTS
    def test_parts_of_an_assessment(self, book: Any) -> None:
        """At C3D1 without a course, an answer that depends on the role asks for the course."""
        found = assessed("C3D1", None, book=book)
        for part in (found.monitoring, found.premedication, found.next_dose):
            assert isinstance(part, NeedsData)
            assert part.missing == ("course",)
        assert found.verdict == "needs-data"

    @WITH_AMOUNTS
    def test_infection_by_phase(self, book: Any) -> None:
        """An infection of grade 2 withholds if it began in the step-up phase, which may have come back: without a course it is open."""
        for onset, missing in ((None, ("course", "onset")), (at(50), ("course",))):
            event = ToxicityEvent("infection", 2, status="active", onset=onset)
            (action,) = (each.action for each in assessed("C3D1", None, book=book, events=[event]).toxicities)
            assert isinstance(action, NeedsData)
            assert action.missing == missing

    @WITH_AMOUNTS
    def test_first_doses(self, book: Any) -> None:
        """The first dose needs no course, and the second is monitored alike in either role."""
        assert isinstance(assessed("C1D1", None, book=book).monitoring, Decided)
        assert isinstance(assessed("C1D8", None, book=book).monitoring, Decided)

    @WITH_AMOUNTS
    @pytest.mark.parametrize("ask", [monitoring_duration, premedication_plan])
    def test_scalar(self, ask: Any, book: Any) -> None:
        """By its name a dose is answered with a caveat, by its role or its course without one."""
        by_name, by_role = ask("C3D1", events=(), rulebook=book), ask("C3D1", events=(), role="later", rulebook=book)
        assert rows(by_name) == [*rows(by_role), "guard/by-name"]
        assert by_name.possible == by_role.possible
        assert by_name.caveats[-1:] == (BY_NAME.caveat,)
        assert "if there was no restart" in BY_NAME.caveat
        assert by_role == ask("C3D1", events=(), course=before("C3D1"), planned_start=at(56), rulebook=book)
        restarted = ask("C3D1", events=(), role=Role.STEP_UP, rulebook=book)
        assert restarted != by_role
        assert book is None or restarted == ask("C1D1", events=(), rulebook=book)
        assert "guard/by-name" not in rows(ask("C1D8", events=(), rulebook=book))

    def test_scalar_of_an_infection(self) -> None:
        """An infection is judged by the phase: by name with the caveat, by the role without; when it began stays open at a later dose."""
        event = ToxicityEvent("infection", 3, status="active")
        by_name = toxicity_action(event, point="C3D1", rulebook=US)
        began = ["T7-INFECTION-STEP-UP/goes-on", "T7-INFECTION-STEP-UP/goes-on-after-restart", "T7-INFECTION-3"]
        assert rows(by_name) == [*began, "guard/by-name"]
        assert rows(toxicity_action(event, point="C3D1", role="later", rulebook=US)) == began
        assert rows(toxicity_action(event, point="C3D1", role="step-up", rulebook=US)) == ["T7-INFECTION-STEP-UP/restart"]
        neutropenia = ToxicityEvent("neutropenia", 3, status="active")
        assert "guard/by-name" not in rows(toxicity_action(neutropenia, point="C3D1", events=(), role="later", rulebook=US))
        assert "guard/by-name" not in rows(toxicity_action(neutropenia, point="C3D1", events=(), rulebook=US))

    def test_a_role_that_cannot_be(self) -> None:
        """A role that the course rules out is refused, and so is what is no role, also where no row asks for it."""
        with pytest.raises(FieldError, match="role: by the course, C3D1 is not a step-up dose"):
            monitoring_duration("C3D1", course=before("C3D1"), planned_start=at(56), role="step-up", rulebook=US)
        unknown = [dose("C1D1"), dose("C1D8", amount=None)]
        assert isinstance(monitoring_duration("C1D15", course=unknown, planned_start=at(14), role="later", events=(), rulebook=US), Decided)
        for book in (PAGE, US):
            with pytest.raises(FieldError, match="role: 'first' is not known"):
                monitoring_duration("C3D1", role="first", rulebook=book)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(FieldError, match="role"):
            toxicity_action(ToxicityEvent("crs", 1, status="active"), role="first")  # type: ignore[arg-type]  # on purpose

    @given(strategies.dose_points(8), strategies.events_so_far(), st.sampled_from([None, *DRUG_BOOKS]))
    def test_by_name_is_one_of_the_roles(self, point: DosePoint, events: Any, book: Any) -> None:
        """The answer by name is that of its role; it has the caveat exactly where an earlier role has another answer."""
        for ask in (monitoring_duration, premedication_plan):
            by_name = ask(point, events=events, rulebook=book)
            roles = tuple(Role)[: point.number]
            by_role = [ask(point, events=events, role=role, rulebook=book) for role in roles]
            assert by_name.possible == by_role[-1].possible
            assert ("guard/by-name" in rows(by_name)) is any(each.possible != by_name.possible for each in by_role)


class TestBeforeTheFirstDose:
    """What has not begun is not stopped for good."""

    @pytest.mark.parametrize("course", [None, ()])
    def test_result(self, course: Any) -> None:
        """ALT 21 times the limit before C1D1: do not start. The action stays as the book gives it."""
        found = assessed("C1D1", course, labs=drawn(at(0, -120), alt="840 U/L"))
        assert found.verdict == "withhold"
        assert [reason.says for reason in found.reasons if reason.row == "guard/do-not-start"] == [
            "In a patient on treatment, this would stop the drug permanently. No dose has been given yet: do not start."
        ]
        assert DoseAction.DISCONTINUE in [action.action for each in found.toxicities for action in each.action.possible if action]

    @WITH_AMOUNTS
    def test_event(self, book: Any) -> None:
        """The same holds for an ongoing event. Once a dose was given, the drug is discontinued."""
        event = ToxicityEvent("infection", 4, status="active")
        found = assessed("C1D1", (), book=US, events=[event])
        assert (found.verdict, "guard/do-not-start" in cited(found)) == ("withhold", True)
        assert found.toxicities[0].action.unwrap().action is DoseAction.DISCONTINUE
        assert assessed("C1D8", before("C1D8"), book=book, events=[ToxicityEvent("icans", 4, status="active")]).verdict == "discontinue"

    @given(strategies.cases(), st.sampled_from([None, US, PAGE]))
    def test_law(self, case: Case, book: Any) -> None:
        """No first dose is ever discontinued."""
        first = attrs.evolve(case, point="C1D1", course=None)
        assert assess_case(first, rulebook=book).verdict is not Verdict.DISCONTINUE


class TestTheStricterStands:
    """Answers to several things at once."""

    def _book(self, signs: str) -> Rulebook:
        """A book with a row for one sign alone."""
        stop = rulebooks.get(US)[DURING_INFUSION]("crs").possible[0]
        assert isinstance(stop, DuringInfusion)
        both: tuple[Row[DuringInfusion], ...] = (
            Row("A-1", {SIGN: signs}, stop, "Stop."),
            Row("A-1/rest", {SIGN: frozenset(("crs", "icans", "none")) - {signs}}, None, "Nothing."),
        )
        return Rulebook(Source("mine", "M", "M", "1"), (Statement("A-1", "", ""),), {DURING_INFUSION: both}, "ctcae-5.0")

    @pytest.mark.parametrize("covered", ["crs", "icans"])
    def test_a_stop_is_not_lost(self, covered: str) -> None:
        """A book with a row for one sign alone stops the infusion, although the other sign is not covered, in any order."""
        findings: list[Any] = [CrsFindings(temperature="38.6 Cel"), NeuroFindings(ice=5)]
        for each in (findings, findings[::-1]):
            answer = during_infusion(each, rulebook=self._book(covered))
            assert answer.unwrap().step == "stop"
        assert isinstance(during_infusion(findings[covered == "crs"], rulebook=self._book(covered)), NotCovered)

    def test_one_book_after_a_stack(self) -> None:
        """What a stack ordered does not show in the answer of one of its books, though both are asked for the same thing."""
        fever = CrsFindings(temperature="38.6 Cel")
        assert any(each.sources for each in during_infusion(fever).unwrap().instructions)
        assert not any(each.sources for each in during_infusion(fever, rulebook=US).unwrap().instructions)

    @WITH_AMOUNTS
    def test_the_strictest_pair(self, book: Any) -> None:
        """The stricter of two pairs counts, in any order, whatever is open about the other."""
        mild = [LabResult("alt", "60 U/L", at(0), upper_limit="40 U/L"), LabResult("bilirubin", "1 mg/dL", at(0), upper_limit="1 mg/dL")]
        bad = [LabResult("ast", "200 U/L", at(5), upper_limit="40 U/L"), LabResult("bilirubin", "3 mg/dL", at(5), upper_limit="1 mg/dL")]
        open_ = [LabResult("alt", "200 U/L", at(9)), LabResult("bilirubin", "3 mg/dL", at(9))]
        for labs in ([*mild, *bad], [*bad, *mild], [*open_, *bad], [*bad, *open_]):
            answer = liver_injury(labs, other_cause=False, rulebook=book)
            assert isinstance(answer, Decided)
            assert isinstance(answer.value, ToxicityAction)
            assert answer.value.action is DoseAction.DISCONTINUE

    @given(st.lists(strategies.lab_results(st.sampled_from(["alt", "ast", "bilirubin"])), max_size=5), st.randoms(use_true_random=False))
    def test_any_order_of_results(self, labs: list[LabResult], random: Any) -> None:
        """The order of the results changes nothing."""
        one, other = (liver_injury(each, rulebook=US) for each in (labs, random.sample(labs, len(labs))))
        assert (set(one.possible), set(one.missing)) == (set(other.possible), set(other.missing))

    def test_bounds_that_are_equally_high(self) -> None:
        """Of two bilirubins above a bound, both of which may be as high as can be, the one with the higher bound counts, in any order."""
        alt = LabResult("alt", "200 U/L", at(0), upper_limit="40 U/L")
        low, high = (LabResult("bilirubin", text, at(0), upper_limit="1.2 mg/dL") for text in (">0.2 mg/dL", ">3.5 mg/dL"))
        for labs in ([alt, low, high], [alt, high, low]):
            answer = liver_injury(labs, other_cause=False, rulebook=US)
            assert isinstance(answer, Decided)
            assert answer.value.action is DoseAction.DISCONTINUE

    def test_the_exact_value(self) -> None:
        """Where a bound leaves it open whether a result is above its limit, the exact value is asked for, not the limit that is given."""
        alt = LabResult("alt", "200 U/L", at(0), upper_limit="40 U/L")
        bound = LabResult("bilirubin", ">0.2 mg/dL", at(0), upper_limit="1.2 mg/dL")
        assert liver_injury([alt, bound], other_cause=False, rulebook=US).missing == ("labs.bilirubin.value",)
        no_limit = LabResult("bilirubin", ">0.2 mg/dL", at(0))
        assert liver_injury([alt, no_limit], other_cause=False, rulebook=US).missing == ("labs.bilirubin.upper_limit",)

    @given(strategies.crs_findings(), strategies.neuro_findings(), st.sampled_from([None, *DRUG_BOOKS]))
    def test_two_kinds_of_findings(self, crs: CrsFindings, neuro: NeuroFindings, book: Any) -> None:
        """With both kinds an infusion that one of them stops is stopped, in any order."""
        alone = [during_infusion(crs, rulebook=book), during_infusion(neuro, rulebook=book)]
        both = [during_infusion(each, rulebook=book) for each in ((crs, neuro), (neuro, crs))]
        assert both[0].possible == both[1].possible
        if any(isinstance(each, Decided) and each.value.step == "stop" for each in alone):
            assert all(each.unwrap().step == "stop" for each in both)


def test_readings_of_one_case_agree_on_what_is_odd() -> None:
    """Where times can be read in two ways, what is odd by one of them still votes."""
    doses = [GivenDose("C1D1", datetime.fromisoformat("2026-01-12T10:00+01:00"), "1 mg", complete=True)]
    doses.append(GivenDose("C1D8", datetime.fromisoformat("2026-01-18T23:30+00:00"), "10 mg", complete=True))
    start = datetime.fromisoformat("2026-01-26T10:00+01:00")
    found = assess_dose(PATIENT, "C1D15", planned_start=start, course=doses, labs=drawn(start - timedelta(hours=2)), events=(), rulebook=US)
    assert (found.verdict, "guard/too-early" in cited(found)) == ("needs-assessment", True)

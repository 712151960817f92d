"""Days are calendar days at the site, whatever the offset in which times arrive."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import cycle
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import IN_UTC, PAGE, examples, normal_labs, rows, well
from tarlatamab_rules import (
    Case,
    Course,
    Decided,
    DocumentError,
    DoseAssessment,
    FieldError,
    FieldTypeError,
    GivenDose,
    LabResult,
    NeedsData,
    Patient,
    ToxicityEvent,
    assess_case,
    assess_dose,
    breastfeeding_window,
    contraception_window,
    lab_standings,
    liver_injury,
    monitoring_duration,
    next_dose,
    premedication_plan,
    strategies,
    toxicity_action,
    what_to_ask,
    what_would_change,
)
from tarlatamab_rules.formats.cases import case_document, read_case
from tarlatamab_rules.formats.records import audit_record, replay

US = "us-2025-11"
at = datetime.fromisoformat
LAST, NEXT = at("2026-03-02T23:00+01:00"), at("2026-03-31T00:30+02:00")
"""29 days at a site in Berlin; by the offset of the second time 28."""
FIRST_THREE = (("C1D1", "1 mg"), ("C1D8", "10 mg"), ("C1D15", "10 mg"))


def course(last: Any, upto: int = 3) -> list[GivenDose]:
    """The first doses a week apart, the last of them at a given moment."""
    return [GivenDose(point, last - timedelta(weeks=upto - n), amount) for n, (point, amount) in enumerate(FIRST_THREE[:upto], 1)]


def amount(answer: Any) -> tuple[str, bool]:
    """How much the next dose is, and whether it is a restart."""
    step = answer.unwrap()
    return str(step.amount), step.restart


def assessed(**changes: Any) -> DoseAssessment:
    """C2D1 of a well patient after the three doses of the first cycle, with changes."""
    facts: dict[str, Any] = {"planned_start": NEXT, "course": course(LAST), "labs": normal_labs(NEXT - timedelta(hours=2)), "events": ()}
    return assess_dose(changes.pop("patient", well()), "C2D1", **(facts | changes))


class TestAtTheSite:
    """With `site_zone` every count of days is one of the calendar of the site."""

    @pytest.mark.parametrize(
        ("zone", "first", "on"),
        [
            ("America/New_York", "2026-01-06T02:00Z", "2026-01-20T14:00Z"),  # from 5 January, 21:00, to 20 January, 09:00
            ("Pacific/Auckland", "2026-01-05T09:00Z", "2026-01-19T20:00Z"),  # from 5 January, 22:00, to 20 January, 09:00
        ],
    )
    def test_a_feed_in_utc(self, zone: str, first: str, on: str) -> None:
        """15 days at the site are 14 in UTC: after 14 days 10 mg is due, after more 1 mg again."""
        given_doses = [GivenDose("C1D1", at(first), "1 mg")]
        assert amount(next_dose(given_doses, planned_start=at(on))) == ("10 mg", False)
        assert amount(next_dose(given_doses, planned_start=at(on), site_zone=zone)) == ("1 mg", True)

    @pytest.mark.parametrize(("upto", "limit"), [(1, 14), (2, 21), (3, 28)])
    @pytest.mark.parametrize(
        ("zone", "last"),
        [
            ("Europe/Berlin", datetime(2026, 3, 20, 23, 59)),  # noqa: DTZ001  # the clock on the wall
            ("Europe/Berlin", datetime(2026, 10, 20, 0, 0)),  # noqa: DTZ001  # as above
            ("America/New_York", datetime(2026, 3, 1, 23, 30)),  # noqa: DTZ001  # as above
            ("America/New_York", datetime(2026, 10, 25, 0, 30)),  # noqa: DTZ001  # as above
            ("Pacific/Auckland", datetime(2026, 3, 30, 12, 0)),  # noqa: DTZ001  # as above
            ("Pacific/Kiritimati", datetime(2026, 1, 5, 23, 59)),  # noqa: DTZ001  # as above
            ("Pacific/Honolulu", datetime(2026, 1, 5, 0, 0)),  # noqa: DTZ001  # as above
        ],
    )
    def test_to_the_minute(self, upto: int, limit: int, zone: str, last: datetime) -> None:
        """The last minute of the last day still counts, and midnight after it does not, also over a change of the clocks."""
        site = ZoneInfo(zone)
        wall = course(last, upto)
        starts = [datetime.fromisoformat(str(dose.started)).replace(tzinfo=site).astimezone(UTC) for dose in wall]
        given_doses = [attrs.evolve(dose, started=start) for dose, start in zip(wall, starts, strict=True)]
        over = datetime.combine(last.date() + timedelta(days=limit + 1), datetime.min.time(), site)
        in_time = datetime.combine(last.date() + timedelta(days=limit), datetime.min.time(), site) + timedelta(hours=23, minutes=59)
        for on, says in ((in_time, ("10 mg", False)), (over, ("1 mg", True))):
            assert amount(next_dose(given_doses, planned_start=on.astimezone(UTC), site_zone=zone, rulebook=US)) == says
            case = Case(patient=Patient(), point="C3D1", planned_start=on.astimezone(UTC), course=given_doses, site_zone=zone)
            assert amount(assess_case(case, rulebook=US).next_dose) == says

    def test_due(self) -> None:
        """The day on which a dose is due is one of the site."""
        given_doses = [GivenDose("C1D1", at("2026-01-05T23:30Z"), "1 mg")]
        on = at("2026-01-13T09:00Z")
        assert next_dose(given_doses, planned_start=on).unwrap().due == date(2026, 1, 12)
        assert next_dose(given_doses, planned_start=on, site_zone="Pacific/Auckland").unwrap().due == date(2026, 1, 13)

    def test_days_and_the_clock_on_the_wall(self) -> None:
        """Times without an offset and mere days are those of the site: a zone changes nothing."""
        for last, on in (
            (datetime(2026, 3, 2, 23), datetime(2026, 3, 31, 0, 30)),  # noqa: DTZ001  # as above
            (date(2026, 3, 2), date(2026, 3, 31)),
            (date(2026, 3, 2), datetime(2026, 3, 31, 0, 30)),  # noqa: DTZ001  # as above
        ):
            for zone in (None, "Pacific/Auckland", "Pacific/Honolulu"):
                found = assessed(course=course(last), planned_start=on, labs=normal_labs(on), site_zone=zone)
                assert amount(next_dose(course(last), planned_start=on, site_zone=zone)) == amount(found.next_dose) == ("1 mg", True)
                assert not any(note.startswith("dates") for note in found.notes)

    def test_a_day_beside_times(self) -> None:
        """A day without a time is one of the site, and times are put beside it there."""
        given_doses = [GivenDose("C1D1", date(2026, 1, 5), "1 mg")]
        on = at("2026-01-19T20:00Z")  # 20 January at the site
        assert amount(next_dose(given_doses, planned_start=on, site_zone="Pacific/Auckland")) == ("1 mg", True)
        assert amount(next_dose(given_doses, planned_start=on, site_zone="Europe/Berlin")) == ("10 mg", False)

    def test_order_stays_by_the_instant(self) -> None:
        """An hour that comes twice when the clocks go back is put in order by UTC: the later result counts."""
        labs = [
            LabResult("neutrophils", "0.4 10*9/L", at("2026-10-25T00:30Z")),
            LabResult("neutrophils", "2 10*9/L", at("2026-10-25T01:30Z")),
        ]
        stand = lab_standings("C1D1", labs, planned_start=at("2026-10-25T09:00Z"), site_zone="Europe/Berlin")
        assert [str(each.standing) for each in stand if each.analyte == "neutrophils"] == ["replaced", "counts"]

    def test_clocks_of_toxicities(self) -> None:
        """A clock of recovery runs over days of the site: neutropenia of grade 4 for more than 7 days stops the drug."""
        event = ToxicityEvent("neutropenia", 4, status="active", onset=at("2026-01-06T02:00Z"))
        on = at("2026-01-13T14:00Z")
        utc, site = (
            toxicity_action(event, planned_start=on, events=(), site_zone=zone, rulebook=US).unwrap() for zone in (None, "America/New_York")
        )
        assert (utc.action, site.action) == ("withhold", "discontinue")
        before = toxicity_action(event, planned_start=on - timedelta(days=1), events=(), site_zone="America/New_York", rulebook=US).unwrap()
        assert [rule.by for rule in before.discontinue_if if rule.by] == [date(2026, 1, 12)]
        assert toxicity_action(ToxicityEvent("crs", 1, status="resolved"), site_zone="Europe/Berlin").unwrap().action == "continue"

    def test_what_a_restart_brings_back(self) -> None:
        """After a restart by the calendar of the site the drugs and hours of the first dose come back."""
        given_doses, on = [GivenDose("C1D1", at("2026-01-06T02:00Z"), "1 mg")], at("2026-01-20T14:00Z")
        site: dict[str, Any] = {"course": given_doses, "planned_start": on, "site_zone": "America/New_York", "rulebook": US}
        assert premedication_plan("C1D8", **site) == premedication_plan("C1D1", rulebook=US)
        assert monitoring_duration("C1D8", **site) == monitoring_duration("C1D1", rulebook=US)

    def test_windows(self) -> None:
        """Months are counted from the day of the site."""
        woman, last = Patient(childbearing_potential=True, breastfeeding=True), at("2026-01-31T23:30Z")
        for window in (contraception_window, breastfeeding_window):
            assert window(woman, last, rulebook=US).unwrap().until == date(2026, 3, 31)
            for same in (last, GivenDose("C1D1", last), [GivenDose("C1D1", last)]):
                assert window(woman, same, site_zone="Europe/Berlin", rulebook=US).unwrap().until == date(2026, 4, 1)

    def test_liver(self) -> None:
        """Results of neighbouring days of the site are a pair."""
        labs = [
            LabResult("alt", "200 U/L", at("2026-01-05T23:30Z"), upper_limit="40 U/L"),
            LabResult("bilirubin", "4 mg/dL", at("2026-01-07T10:00Z"), upper_limit="1 mg/dL"),
        ]
        assert not isinstance(liver_injury(labs, other_cause=False, rulebook=US), Decided)
        assert liver_injury(labs, other_cause=False, site_zone="Europe/Berlin", rulebook=US).unwrap().action == "discontinue"

    def test_nothing_may_end_before_it_begins(self) -> None:
        """A day and a time that contradict each other at the site are refused, with the whole path."""
        dose = GivenDose("C1D1", date(2026, 1, 6), ended=at("2026-01-06T01:00Z"))
        with pytest.raises(FieldError, match=r"^course\[0\]\.ended: ") as error:
            Case(patient=Patient(), point="C1D8", course=[dose], site_zone="America/New_York")
        assert error.value.fix
        event = ToxicityEvent("crs", 1, onset=date(2026, 1, 6), resolved=at("2026-01-06T01:00Z"))
        with pytest.raises(FieldError, match=r"^event\.resolved: "):
            toxicity_action(event, site_zone="America/New_York")


class TestUnknownZones:
    """A zone that is not known is our error."""

    @pytest.mark.parametrize(
        "name", ["", "../etc/passwd", "/etc/passwd", "Mars/Base", "Europe", "x" * 5000, "a\0b", "zone.tab", "localtime", "+01:00"]
    )
    def test_no_zone(self, name: str) -> None:
        """What is no zone is refused, with path and fix."""
        for build in (
            lambda: Case(patient=Patient(), point="C1D1", site_zone=name),
            lambda: next_dose([], site_zone=name),
            lambda: contraception_window(Patient(), None, site_zone=name),
            lambda: monitoring_duration("C1D1", site_zone=name, rulebook=PAGE),
            lambda: toxicity_action(ToxicityEvent("crs", 1, status="resolved"), site_zone=name),
        ):
            with pytest.raises(FieldError, match="is not a known time zone") as error:
                build()
            assert (error.value.path, error.value.fix) == ("site_zone", "use the IANA name of the zone, as 'Europe/Berlin'")

    def test_near(self) -> None:
        """A name that differs in its letters alone is proposed."""
        with pytest.raises(FieldError, match="write 'America/New_York'"):
            Case(patient=Patient(), point="C1D1", site_zone="america/new york")

    @pytest.mark.parametrize("name", [3, True, b"Europe/Berlin", ZoneInfo("Europe/Berlin")])
    def test_not_text(self, name: Any) -> None:
        """Only a name is a name."""
        with pytest.raises(FieldTypeError, match="is not the name of a time zone") as error:
            Case(patient=Patient(), point="C1D1", site_zone=name)
        assert error.value.path == "site_zone"

    def test_no_zones_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the system has no time zones, the fix is the extra that brings them."""
        monkeypatch.setattr("zoneinfo.available_timezones", set)
        with pytest.raises(FieldError, match=r"install tarlatamab-rules\[zones\]"):
            Case(patient=Patient(), point="C1D1", site_zone="Mars/Base")

    def test_in_a_document(self) -> None:
        """A fault of a document has the path of its key."""
        for name in ("Mars/Base", 5):
            with pytest.raises(DocumentError) as error:
                read_case({"point": "C1D1", "site_zone": name})
            assert [str(fault).partition(":")[0] for fault in error.value.exceptions] == ["site_zone"]


class TestDocuments:
    """The zone is part of a case."""

    def test_back_and_forth(self) -> None:
        """A case is written with its zone and read with it."""
        case = read_case('{"point": "C1D8", "planned_start": "2026-01-20T14:00:00Z", "site_zone": "America/New_York"}')
        assert case.site_zone == "America/New_York"
        assert case_document(case)["site_zone"] == "America/New_York"
        assert read_case(json.dumps(case_document(case))) == case

    def test_the_case_stays_as_it_was_given(self) -> None:
        """An assessment holds the case as it was passed, and a record of it is asked again alike."""
        found = assessed(site_zone="Europe/Berlin")
        assert found.case.planned_start is NEXT
        assert replay(json.dumps(audit_record(found))).same


class TestWithoutAZone:
    """Times with several offsets are read in two ways, and the stricter answer is used."""

    def test_a_restart_stands(self) -> None:
        """29 days by the clock of each time, 28 by that of the planned start: 1 mg, and a note says what differs."""
        answer = next_dose(course(LAST), planned_start=NEXT)
        assert amount(answer) == ("1 mg", True)
        assert "guard/site-zone" in rows(answer)
        assert amount(next_dose(course(LAST), planned_start=NEXT, site_zone="Europe/Berlin")) == ("1 mg", True)
        assert "guard/site-zone" not in rows(next_dose(course(LAST), planned_start=NEXT, site_zone="Europe/Berlin"))
        found = assessed()
        assert amount(found.next_dose) == ("1 mg", True)
        (note,) = [note for note in found.notes if note.startswith("dates")]
        assert "next dose (1 mg after a restart, due None, or 10 mg, due 2026-03-17)" in note
        assert "site_zone" in note

    @pytest.mark.parametrize("ordered", ["1 mg", "10 mg"])
    def test_an_order_is_looked_at(self, ordered: str) -> None:
        """Whichever amount is ordered, by one of the readings another is due: a clinician looks, whatever the reading of the plans."""
        found = assessed(ordered=ordered)
        assert found.verdict == "needs-assessment"
        assert found.dose.unwrap() == "needs-assessment"
        assert "guard/order" in [reason.row for reason in found.reasons]
        assert amount(found.next_dose) == ("1 mg", True)

    def test_the_restart_by_the_planned_start(self) -> None:
        """The other way round: 28 days by the clock of each time, 29 by that of the planned start."""
        last, on = at("2026-10-06T00:30+02:00"), at("2026-11-03T09:00+01:00")
        found = assessed(planned_start=on, course=course(last), labs=normal_labs(on - timedelta(hours=2)))
        assert amount(found.next_dose) == amount(next_dose(course(last), planned_start=on)) == ("1 mg", True)
        assert amount(next_dose(course(last), planned_start=on, site_zone="Europe/Berlin")) == ("10 mg", False)

    def test_daytime_is_one_reading(self) -> None:
        """During a clock change, doses by day have the same days in every reading, and there is no note."""
        last, on = at("2026-03-02T10:00+01:00"), at("2026-03-30T09:00+02:00")
        found = assessed(planned_start=on, course=course(last), labs=normal_labs(on - timedelta(hours=2)))
        assert (found.verdict, amount(found.next_dose)) == ("proceed", ("10 mg", False))
        assert not any(note.startswith("dates") for note in found.notes)
        assert rows(next_dose(course(last), planned_start=on)) == ["T4-LATER"]

    def test_open_answers(self) -> None:
        """Where an answer is open by one of the readings, every answer of both is possible, and the zone is asked for."""
        half = [GivenDose("C1D1", at("2026-03-15T23:00+01:00"), "1 mg"), GivenDose("C1D8", at("2026-03-15T23:00+01:00"))]
        answer = next_dose(half, planned_start=at("2026-04-06T00:30+02:00"))
        assert isinstance(answer, NeedsData)
        assert answer.missing[0] == "site_zone"
        assert {(str(step.amount), step.restart) for step in answer.possible if step} == {("10 mg", False), ("1 mg", True)}

    def test_clocks(self) -> None:
        """The stricter of two readings of a clock is used; if the action is the same, the earlier day."""
        event = ToxicityEvent("neutropenia", 4, status="active", onset=at("2026-03-22T23:30+01:00"))
        answer = toxicity_action(event, planned_start=at("2026-03-30T09:00+02:00"), events=(), rulebook=US)
        assert answer.unwrap().action == "discontinue"  # 8 days by each clock, 7 by that of the dose
        assert "guard/site-zone" in rows(answer)
        answer = toxicity_action(event, planned_start=at("2026-03-29T09:00+02:00"), events=(), rulebook=US)
        assert [rule.by for rule in answer.unwrap().discontinue_if if rule.by] == [date(2026, 3, 29)]
        found = assessed(events=[event], planned_start=at("2026-03-30T09:00+02:00"), rulebook=US)
        assert found.verdict == "discontinue"
        assert [each.action.unwrap().action for each in found.toxicities if each.path == "events[0]"] == ["discontinue"]

    def test_a_vote_and_a_restart_from_different_readings(self) -> None:
        """The plans come from the reading with the restart, and a stricter vote of the other reading is kept.

        By the clock of each time the last dose was 28 days ago, and neutropenia of grade 4 has gone on for 8; by that of the planned start
        it is 29 days and 7.
        """
        event = ToxicityEvent("neutropenia", 4, status="active", onset=at("2026-10-26T23:30+00:00"))
        on, last = at("2026-11-03T09:00+01:00"), at("2026-10-06T00:30+02:00")
        found = assessed(events=[event], course=course(last), planned_start=on, labs=[], rulebook=US)
        assert amount(found.next_dose) == ("1 mg", True)
        assert found.verdict == "discontinue"
        assert [str(vote.verdict) for vote in found.votes if vote.part == "events[0]"] == ["discontinue"]
        assert [each.action.unwrap().action for each in found.toxicities if each.path == "events[0]"] == ["discontinue"]

    def test_plans(self) -> None:
        """Premedication and monitoring are those of the restart."""
        given_doses, on = [GivenDose("C1D1", at("2026-03-15T23:00+01:00"), "1 mg")], at("2026-03-30T00:30+02:00")
        for plan in (premedication_plan, monitoring_duration):
            answer = plan("C1D8", course=given_doses, planned_start=on, rulebook=US)
            first = plan("C1D1", rulebook=US)
            assert isinstance(answer, Decided)
            assert isinstance(first, Decided)
            assert answer.value == first.value

    def test_standings(self) -> None:
        """A result counts only if it counts by both readings."""
        last, on = GivenDose("C1D1", date(2026, 3, 29)), at("2026-03-30T09:00+02:00")
        labs = [
            LabResult("neutrophils", "2 10*9/L", at("2026-03-29T23:30+01:00")),
            LabResult("platelets", "200 10*9/L", at("2026-03-28T12:00+01:00")),
        ]
        stand = lab_standings("C1D8", labs, planned_start=on, course=[last], rulebook=PAGE)
        by_analyte = {str(each.analyte): each for each in stand}
        assert by_analyte["neutrophils"].standing == "open"
        assert by_analyte["neutrophils"].reasons[-1].row == "guard/site-zone"
        assert by_analyte["platelets"].standing == "before-last-dose"
        assert by_analyte["platelets"].reasons[-1].row != "guard/site-zone"

    def test_windows_go_by_their_own_clock(self) -> None:
        """The day of the last dose alone has one reading."""
        woman = Patient(childbearing_potential=True)
        assert contraception_window(woman, at("2026-01-31T23:30+02:00"), rulebook=US).unwrap().until == date(2026, 3, 31)

    def test_a_reading_that_cannot_be(self) -> None:
        """By the offset of the planned start the infusion ends before its day begins, so it is read by its own clock alone."""
        dose = GivenDose("C1D1", date(2026, 1, 6), "1 mg", ended=at("2026-01-06T01:00+02:00"))
        found = assess_dose(well(), "C1D8", planned_start=at("2026-01-20T09:00+00:00"), course=[dose], rulebook=US)
        assert amount(found.next_dose) == ("10 mg", False)
        assert not any(note.startswith("dates") for note in found.notes)

    def test_no_step_at_all(self) -> None:
        """A book without amounts has no next dose in any reading; only the days that it names differ."""
        found = assessed(rulebook=PAGE)
        (note,) = [note for note in found.notes if note.startswith("dates")]
        assert "verdict" not in note
        assert "votes" in note

    def test_what_to_ask(self) -> None:
        """A case that can be read in two ways, and one with a zone, can be asked what would change its verdict."""
        for zone in (None, "Europe/Berlin"):
            found = assessed(site_zone=zone, patient=well(pregnant=None))
            assert [fact.path for fact in what_to_ask(found)] == ["patient.pregnant"]
            assert any(change.path == "planned_start" for change in what_would_change(assessed(site_zone=zone, ordered="1 mg")))


class TestInUtc:
    """Times in UTC alone get one note."""

    @pytest.mark.parametrize(
        ("zone", "noted"),
        [
            (UTC, True),
            (timezone(timedelta(0)), True),
            (ZoneInfo("UTC"), True),
            (ZoneInfo("Europe/London"), False),
            (timezone(timedelta(hours=1)), False),
            (None, False),
        ],
    )
    def test_noted(self, zone: Any, noted: bool) -> None:
        """UTC is noted once; a zone with the same offset is that of a site."""
        start = datetime(2026, 1, 12, 9, tzinfo=zone)
        found = assess_dose(well(), "C1D8", planned_start=start, course=course(start - timedelta(weeks=1), 1))
        assert found.notes.count(IN_UTC) == noted

    def test_not_noted(self) -> None:
        """With a zone, with other offsets, and with days alone there is no note."""
        start = datetime(2026, 1, 12, 9, tzinfo=UTC)
        other = course(at("2026-01-05T09:00+01:00"), 1)
        for facts in (
            {"planned_start": start, "site_zone": "Europe/Berlin"},
            {"planned_start": start, "site_zone": "UTC"},
            {"planned_start": start, "course": other},
            {"planned_start": date(2026, 1, 12)},
            {},
        ):
            assert IN_UTC not in assess_dose(well(), "C1D8", **facts).notes


# --- laws ---

OFFSETS = st.none() | st.integers(-11 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
SITES = st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kolkata", "UTC"])


def with_times(case: Case, change: Callable[[datetime], datetime], **changes: Any) -> Case:
    """A case with each of its times changed."""

    def moved(record: Any, *names: str) -> Any:
        old = {name: getattr(record, name) for name in names}
        return attrs.evolve(record, **{name: change(when) if isinstance(when, datetime) else when for name, when in old.items()})

    start = case.planned_start
    return attrs.evolve(
        case,
        planned_start=change(start) if isinstance(start, datetime) else start,
        course=None if case.course is None else Course([moved(dose, "started", "ended") for dose in case.course.doses]),
        labs=None if case.labs is None else [moved(lab, "collected") for lab in case.labs],
        events=None if case.events is None else [moved(event, "onset", "improved", "resolved") for event in case.events],
        **changes,
    )


def possible(build: Callable[[], Case]) -> Case:
    """A case, unless a day without a time contradicts a time at another clock: an infusion that ended on the day before it began."""
    try:
        return build()
    except FieldError:
        assume(False)
        raise


@given(strategies.cases(offsets=True), SITES, st.lists(OFFSETS, min_size=1, max_size=9), st.integers(0, 23))
@examples(150)
def test_offsets_do_not_matter_at_a_site(case: Case, zone: str, offsets: list[timezone | None], hours: int) -> None:
    """With a zone, the same instants in any offsets have the same assessment."""
    case = possible(lambda: with_times(case, lambda when: when + timedelta(hours=hours), site_zone=zone))
    each: Iterator[timezone | None] = cycle(offsets)

    def elsewhere(when: datetime) -> datetime:
        offset = next(each)
        return when if offset is None else when.astimezone(offset)

    other = possible(lambda: with_times(case, elsewhere))
    assert attrs.evolve(assess_case(other), case=case) == assess_case(case)


@given(strategies.cases(offsets=True), st.integers(-11, 14), st.integers(0, 23))
@examples(150)
def test_one_offset_is_the_clock_on_the_wall(case: Case, offset: int, hours: int) -> None:
    """Without a zone, times with one offset are read as the clock on the wall shows them, and as at a site with that offset."""
    zone = timezone(timedelta(hours=offset))
    case = possible(lambda: with_times(case, lambda when: (when + timedelta(hours=hours)).astimezone(zone)))
    name = f"Etc/GMT{-offset:+d}" if offset else "UTC"
    found, wall = assess_case(case), assess_case(with_times(case, lambda when: when.replace(tzinfo=None)))
    site = assess_case(attrs.evolve(case, site_zone=name))
    for other in (wall, site):
        assert (found.verdict, found.next_dose, found.dose) == (other.verdict, other.next_dose, other.dose)
        assert [(vote.verdict, vote.missing) for vote in found.votes] == [(vote.verdict, vote.missing) for vote in other.votes]
        assert (found.premedication, found.monitoring, found.contraception) == (other.premedication, other.monitoring, other.contraception)
    assert not any("several UTC offsets" in note for note in found.notes)

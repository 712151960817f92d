"""A course on a timeline, by hand: what is expected stands in the label."""

from __future__ import annotations

import ast
import json
import pickle
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest

from tarlatamab_rules import Amount, Decided, GivenDose, LabResult, Patient, ToxicityEvent, infusion_plan, plan_course, replan, rulebooks
from tarlatamab_rules.answers import (
    Anchor,
    Checklist,
    CoursePlan,
    Instruction,
    InstructionKind,
    Modality,
    MonitoringPlan,
    PlanEntry,
    PremedicationPlan,
)
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, UnknownRulebookError
from tarlatamab_rules.course import steps
from tarlatamab_rules.course.around import Around
from tarlatamab_rules.course.steps import given_doses
from tarlatamab_rules.formats.canonical import rulebook_document
from tarlatamab_rules.policy import (
    CHECKLIST,
    CRS_BEFORE,
    DAYS_SINCE,
    LAST,
    MONITORING,
    NEURO_BEFORE,
    NEXT_DOSE,
    POINT,
    PREMEDICATION,
    ROLE,
    WORST_SO_FAR,
    DoseStep,
    Role,
    Row,
    Span,
    between,
    grades,
    points,
)

US = "us-2025-11"
FIRST = date(2026, 2, 2)
BERLIN = ZoneInfo("Europe/Berlin")


def plan(**changes: Any) -> CoursePlan:
    """Two cycles from 2 February 2026 at nine in Berlin, by the US label, with changes."""
    facts: dict[str, Any] = {"start": FIRST, "cycles": 2, "infusion_at": time(9), "site_zone": "Europe/Berlin", "rulebook": US}
    facts |= changes
    return plan_course(facts.pop("start"), **facts)


def given(*days: int, amounts: tuple[str, ...] = ("1 mg", "10 mg", "10 mg", "10 mg")) -> list[GivenDose]:
    """Doses given at nine in Berlin, so many days after 2 February 2026."""
    points_ = ("C1D1", "C1D8", "C1D15", "C2D1")
    return [
        GivenDose(point, datetime.combine(FIRST + timedelta(days=day), time(9), BERLIN), amount, complete=True)
        for point, day, amount in zip(points_, days, amounts, strict=False)
    ]


def days(of: CoursePlan) -> list[int]:
    """The days of all doses, counted from 2 February 2026, which is day 1."""
    return [(entry.start - FIRST).days + 1 if type(entry.start) is date else (_day(entry) - FIRST).days + 1 for entry in of.doses]


def _day(entry: PlanEntry) -> date:
    when = entry.when
    assert when is not None
    return when.date() if isinstance(when, datetime) else when


def one(of: CoursePlan, point: str, kind: str) -> PlanEntry:
    """The one entry of a kind that belongs to a dose."""
    (entry,) = [entry for entry in of.for_dose(point) if entry.kind == kind]
    return entry


def kinds(of: CoursePlan, point: str) -> list[str]:
    """The kinds of the entries of a dose, in order."""
    return [str(entry.kind) for entry in of.for_dose(point)]


def local(text: str) -> datetime:
    """A moment without a UTC offset."""
    return datetime.fromisoformat(text)


def at(text: str) -> datetime:
    """A moment in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def any_toxicity() -> Any:
    """The label with a row of one's own: 12 hours after any toxicity of grade 2 or worse."""
    hours = MonitoringPlan(observe=Span(12, 12, "h"))
    when: dict[Any, Any] = {POINT: points("C2D1"), ROLE: Role.LATER, WORST_SO_FAR: grades(2, 3, 4, 5)}
    row = Row("ANY", when, hours, "After any toxicity of grade 2 or worse.", milder_because="the board")
    return rulebooks.get(US).overlay("ours", {MONITORING: (row,)})


class TestSchedule:
    """Which doses, and when: Table 1."""

    def test_six_cycles(self) -> None:
        """Six cycles are 13 doses: on days 1, 8 and 15, then every 14 days, each at nine by the clock of the site."""
        six = plan(cycles=6)
        assert [f"{entry.point} {entry.start:%Y-%m-%d %H:%M} {entry.amount} {entry.role}" for entry in six.doses] == [
            "C1D1 2026-02-02 09:00 1 mg step-up",
            "C1D8 2026-02-09 09:00 10 mg first-full",
            "C1D15 2026-02-16 09:00 10 mg later",
            "C2D1 2026-03-02 09:00 10 mg later",
            "C2D15 2026-03-16 09:00 10 mg later",
            "C3D1 2026-03-30 09:00 10 mg later",
            "C3D15 2026-04-13 09:00 10 mg later",
            "C4D1 2026-04-27 09:00 10 mg later",
            "C4D15 2026-05-11 09:00 10 mg later",
            "C5D1 2026-05-25 09:00 10 mg later",
            "C5D15 2026-06-08 09:00 10 mg later",
            "C6D1 2026-06-22 09:00 10 mg later",
            "C6D15 2026-07-06 09:00 10 mg later",
        ]
        assert days(six) == [1, 8, 15, 29, 43, 57, 71, 85, 99, 113, 127, 141, 155]
        assert six.notes == ()

    def test_until(self) -> None:
        """Doses are planned up to a day, that day included."""
        assert days(plan(cycles=None, until=date(2026, 3, 2))) == [1, 8, 15, 29]
        assert days(plan(cycles=None, until=at("2026-03-01T23:00"))) == [1, 8, 15]

    def test_windows_of_the_first_dose(self) -> None:
        """C1D1: dexamethasone 8 mg IV in the hour before, one hour of infusion, 1 L over 2-4 h, 22-24 h watched, 48 h near care."""
        first = plan()
        windows = {str(entry.kind): (entry.start, entry.end_from, entry.end, entry.deadline) for entry in first.for_dose("C1D1")}
        nine, ten = at("2026-02-02T09:00"), at("2026-02-02T10:00")
        assert windows["premedication"] == (at("2026-02-02T08:00"), None, nine, None)
        assert windows["infusion"] == (nine, None, ten, None)
        assert windows["saline"] == (ten, at("2026-02-02T12:00"), at("2026-02-02T14:00"), None)
        assert windows["observation"] == (nine, at("2026-02-03T07:00"), at("2026-02-03T09:00"), None)
        assert windows["near-care"] == (nine, None, at("2026-02-04T09:00"), None)
        assert windows["labs"] == (None, None, None, nine)
        assert windows["hydration"] == (None, None, None, nine)
        assert windows["teaching"] == (None, None, None, at("2026-02-03T07:00"))
        dex = one(first, "C1D1", "premedication")
        assert (dex.what, str(dex.amount), dex.route, dex.modality, dex.anchor) == (
            "dexamethasone",
            "8 mg",
            "intravenous",
            "give",
            "infusion-start",
        )
        assert dex.sources == ("T3-DEX (US label 11/2025, Section 2.3, Table 3, dexamethasone)",)
        assert str(one(first, "C1D1", "saline").amount) == "1000 mL"
        assert one(first, "C1D1", "near-care").modality == "recommend"

    @pytest.mark.parametrize(
        ("point", "low", "high"),
        [("C1D15", 6, 8), ("C2D15", 6, 8), ("C3D1", 3, 4), ("C4D15", 3, 4), ("C5D1", 2, 2), ("C6D15", 2, 2)],
    )
    def test_hours_of_later_doses(self, point: str, low: int, high: int) -> None:
        """Later doses: 6-8, 3-4 and 2 hours after the infusion ends, under the condition that nothing severe happened before."""
        entry = one(plan(cycles=6), point, "observation")
        assert isinstance(entry.start, datetime)
        assert isinstance(entry.end, datetime)
        assert entry.start.time() == time(10)
        assert entry.end - entry.start == timedelta(hours=high)
        assert entry.end_from == (None if low == high else entry.start + timedelta(hours=low))
        assert entry.condition == "if there is no CRS of grade 2 or worse and no ICANS or other neurotoxicity of grade 2 or worse"
        long, silent = entry.alternatives
        assert (str(long.observe), long.anchor, silent) == ("22-24 h", "infusion-start", None)

    def test_no_drugs_with_later_doses(self) -> None:
        """From C1D15 on there are no concomitant drugs unless CRS of grade 3 came before; that is said."""
        entry = one(plan(), "C1D15", "premedication")
        assert (entry.what, entry.condition) == ("nothing", "if there is no CRS of grade 3 or worse")
        drugs, silent = entry.alternatives
        assert [item.what for item in drugs.instructions] == ["dexamethasone", "normal saline"]
        assert silent is None
        assert entry.otherwise[-1] == "no source says"
        assert "saline" not in kinds(plan(), "C1D15")

    def test_results(self) -> None:
        """Results are asked for before every dose to C5D15, then before day 1 of each cycle, and count from the dose before on."""
        six = plan(cycles=6)
        with_labs = [str(entry.point) for entry in six.entries if entry.kind == "labs"]
        assert with_labs == [str(entry.point) for entry in six.doses if str(entry.point) != "C6D15"]
        assert (one(six, "C1D8", "labs").start, one(six, "C1D8", "labs").deadline) == (at("2026-02-02T09:00"), at("2026-02-09T09:00"))

    @pytest.mark.parametrize(
        ("point", "due", "latest"),
        [("C1D8", "2026-02-09", "2026-02-16"), ("C1D15", "2026-02-16", "2026-03-02"), ("C2D1", "2026-03-02", "2026-03-16")],
    )
    def test_restart_limits(self, point: str, due: str, latest: str) -> None:
        """Each dose has its first day and its last: 14 days after 1 mg, 21 after the first 10 mg, 28 after a later one."""
        limit = one(plan(), point, "restart-limit")
        assert (str(limit.start), str(limit.deadline)) == (due, latest)
        assert (limit.value.later.restart, str(limit.value.later.amount)) == (True, "1 mg")

    def test_no_limit_for_the_first_dose(self) -> None:
        """The first dose waits for nothing."""
        assert "restart-limit" not in kinds(plan(), "C1D1")

    def test_the_default_stack(self) -> None:
        """The page and the label together: the page anchors the hours at the end of the infusion, and the label's are its dissent."""
        entry = one(plan(rulebook=None), "C1D1", "observation")
        assert (entry.start, entry.end) == (at("2026-02-02T10:00"), at("2026-02-03T10:00"))
        assert ("us-2025-11", "anchor", "infusion-start") in [(item.rulebook, item.field, item.value) for item in entry.dissent]


class TestDelays:
    """What follows a delay: Table 4."""

    @pytest.mark.parametrize(
        ("until_c1d15", "amount", "role"),
        [(21, "10 mg", "later"), (22, "1 mg", "step-up"), (25, "1 mg", "step-up")],
    )
    def test_after_c1d8(self, until_c1d15: int, amount: str, role: str) -> None:
        """21 days after the first 10 mg the next 10 mg are given; from day 22 on 1 mg, and the step-up begins anew."""
        late = plan(course=given(0, 7), start=FIRST + timedelta(days=7 + until_c1d15))
        entry = one(late, "C1D15", "dose")
        assert (str(entry.amount), entry.role, (_day(entry) - FIRST).days) == (amount, role, 7 + until_c1d15)
        assert bool(late.notes) is (amount == "1 mg")

    def test_a_restart_brings_back_roles_and_hours(self) -> None:
        """25 days after C1D8: 1 mg, 10 mg a week later, 10 mg a week after that; the drugs and hours of the first doses with both."""
        late = plan(course=given(0, 7), start=FIRST + timedelta(days=32), cycles=3)
        assert [(str(entry.point), str(entry.amount), entry.role) for entry in late.doses[2:6]] == [
            ("C1D15", "1 mg", "step-up"),
            ("C2D1", "10 mg", "first-full"),
            ("C2D15", "10 mg", "later"),
            ("C3D1", "10 mg", "later"),
        ]
        assert days(late) == [1, 8, 33, 40, 47, 61, 75]
        for point in ("C1D15", "C2D1"):
            drugs = [entry.what for entry in late.for_dose(point) if entry.kind in {"premedication", "saline"}]
            assert drugs == ["dexamethasone", "normal saline"]
            assert str(one(late, point, "observation").value.observe) == "22-24 h"
            assert str(one(late, point, "near-care").value.near_care.hours) == "48 h"
        assert str(one(late, "C2D15", "observation").value.observe) == "6-8 h"
        assert "near-care" not in kinds(late, "C2D15")
        assert [str(note) for note in late.notes] == [
            "course.C1D15: 2026-03-06 is after 2026-03-02, the last day for 10 mg: the step-up begins anew, with 1 mg."
        ]

    def test_closed_days_move_a_dose_later(self) -> None:
        """A dose moves to the next open day, and the doses after it move with it; a set of dates or a function says which are closed."""
        closed = {date(2026, 2, 9), date(2026, 2, 10)}
        assert days(plan(closed=closed)) == days(plan(closed=closed.__contains__)) == [1, 10, 17, 31, 45]
        assert days(plan(closed=[local("2026-02-09T12:00")])) == [1, 9, 16, 30, 44]

    def test_closed_days_may_cross_a_limit(self) -> None:
        """If no day up to the restart limit is open, the step-up begins anew, and a note says so."""
        shut = plan(closed=lambda day: date(2026, 2, 9) <= day <= date(2026, 2, 16))
        assert str(one(shut, "C1D8", "dose").amount) == "1 mg"
        assert "2026-02-17 is after 2026-02-16, the last day for 10 mg" in str(shut.notes[0])

    def test_a_site_that_never_opens(self) -> None:
        """If no day within a year is open, that is an error that names the argument."""
        with pytest.raises(FieldError, match=r"closed: leaves no day within 366 days from 2026-02-02"):
            plan(closed=lambda _: True)

    def test_a_policy_with_a_later_day(self) -> None:
        """A later answer of the schedule may be due later still: the dose waits for that day."""
        week = DoseStep(Amount(10, "mg"), Role.LATER, after=21)
        row = Row("W-1", {LAST: Role.LATER, DAYS_SINCE: between(15, 28)}, week, "A week later.", milder_because="the board")
        ours = rulebooks.get(US).overlay("ours", {NEXT_DOSE: (row,)})
        late = plan(rulebook=ours, closed={date(2026, 3, 2)})
        assert days(late)[:4] == [1, 8, 15, 36]


class TestClock:
    """Hours are elapsed time, days those of the calendar at the site."""

    @pytest.mark.parametrize(
        ("zone", "first", "leaves"),
        [
            ("Europe/Berlin", local("2026-03-28T09:00"), "2026-03-29 10:00"),
            ("Europe/Berlin", local("2026-10-24T09:00"), "2026-10-25 08:00"),
            ("America/New_York", local("2026-03-07T09:00"), "2026-03-08 10:00"),
            ("America/New_York", local("2026-10-31T09:00"), "2026-11-01 08:00"),
            ("UTC", local("2026-03-28T09:00"), "2026-03-29 09:00"),
        ],
    )
    def test_24_hours_over_a_change_of_clocks(self, zone: str, first: datetime, leaves: str) -> None:
        """24 hours after nine are ten when summer time begins on the next day, and eight when it ends."""
        entry = one(plan(start=first, infusion_at=None, site_zone=zone), "C1D1", "observation")
        assert isinstance(entry.start, datetime)
        assert isinstance(entry.end, datetime)
        assert f"{entry.end:%Y-%m-%d %H:%M}" == leaves
        assert entry.end.astimezone(UTC) - entry.start.astimezone(UTC) == timedelta(hours=24)

    def test_days_over_a_change_of_clocks(self) -> None:
        """Doses stay at nine by the clock on the wall, on both sides of a change."""
        starts = [entry.start for entry in plan(cycles=4).doses]
        assert {start.time() for start in starts if isinstance(start, datetime)} == {time(9)}

    def test_an_hour_that_is_skipped(self) -> None:
        """Half past two does not exist on 29 March in Berlin: the infusion begins at half past three."""
        entry = one(plan(start=date(2026, 3, 29), infusion_at=time(2, 30)), "C1D1", "dose")
        assert str(entry.start) == "2026-03-29 03:30:00+02:00"

    def test_without_a_zone(self) -> None:
        """Without a zone times have no offset, and 24 hours are a day of the clock."""
        entry = one(plan(site_zone=None, start=date(2026, 3, 28)), "C1D1", "observation")
        assert entry.end == local("2026-03-29T09:00")

    def test_without_a_time_of_day(self) -> None:
        """If the time of day is not known, the plan has days: each entry keeps what it is counted from."""
        bare = plan(infusion_at=None)
        assert {entry.start for entry in bare.for_dose("C1D1") if entry.deadline is None} == {FIRST}
        assert one(bare, "C1D1", "observation").anchor == "infusion-start"
        assert one(bare, "C1D1", "observation").end is None
        assert [entry.deadline for entry in bare.for_dose("C1D1") if entry.deadline is not None] == [FIRST, FIRST, FIRST]

    def test_the_hour_of_the_start(self) -> None:
        """A start that is a moment says at which hour infusions begin; another hour holds from the second dose on."""
        assert {
            entry.start.hour for entry in plan(start=at("2026-02-02T11:30"), infusion_at=None).doses if isinstance(entry.start, datetime)
        } == {11}
        hours = [entry.start.hour for entry in plan(start=at("2026-02-02T11:30")).doses if isinstance(entry.start, datetime)]
        assert hours == [11, 9, 9, 9, 9]

    def test_the_zone_of_the_times(self) -> None:
        """Times that share a zone say where the site is, by name or by a fixed offset."""
        assert plan(start=at("2026-03-28T09:00"), site_zone=None).request.site_zone == "Europe/Berlin"
        fixed = timezone(timedelta(hours=5))
        entry = one(plan(start=datetime(2026, 3, 28, 9, tzinfo=fixed), site_zone=None), "C1D1", "observation")
        assert str(entry.end) == "2026-03-29 09:00:00+05:00"
        same = [GivenDose("C1D1", datetime(2026, 3, 28, 9, tzinfo=timezone(timedelta(hours=5), "x")), "1 mg")]
        assert plan(start=datetime(2026, 3, 28, 8, tzinfo=fixed), site_zone=None, course=same).doses[1].start == datetime(
            2026, 4, 4, 9, tzinfo=fixed
        )

    def test_times_of_the_site(self) -> None:
        """With the zone of the site, doses given without an offset are read at its clock."""
        there = plan(course=[GivenDose("C1D1", local("2026-03-28T09:00"), "1 mg")], cycles=1)
        assert one(there, "C1D1", "observation").end == at("2026-03-29T10:00")

    def test_an_infusion_without_a_duration(self) -> None:
        """If the source gives no duration, what is counted from the end of the infusion has a day and no time."""
        european = plan(rulebook="eu-2026")
        assert (one(european, "C1D1", "saline").start, one(european, "C1D1", "saline").end) == (FIRST, None)
        assert one(european, "C1D1", "infusion").end is None
        assert one(european, "C1D1", "hydration").what == "euvolaemia"

    def test_a_book_without_an_infusion(self) -> None:
        """What a source does not say stands in the plan as not said."""
        entry = one(plan(rulebook="us-2024-05"), "C1D1", "infusion")
        assert (entry.value, entry.end, entry.says) == (None, None, "infusion: no source says; a clinician decides")
        assert one(plan(rulebook="us-2024-05"), "C1D1", "check").says == "checklist: no source says; a clinician decides"


class TestReplan:
    """What is planned again when something has happened."""

    def test_no_news(self) -> None:
        """Without news the plan is the same."""
        before = plan()
        assert replan(before) is before
        assert replan(before, course=[]) == before
        assert str(before.changes(replan(before, course=[]))) == "no changes"

    def test_as_planned(self) -> None:
        """A dose given as planned changes that dose alone; its hours count from its own start and end."""
        before = plan()
        after = replan(before, course=given(0), events=[])
        assert [str(change) for change in before.changes(after)] == ["C1D1 dose: given"]
        assert days(after) == days(before)
        assert kinds(after, "C1D1") == ["dose", "infusion", "observation", "near-care", "saline", "teaching"]

    def test_the_end_that_was(self) -> None:
        """The end of an infusion that has been given counts, not the planned one; of an earlier dose only dose and infusion are left."""
        doses = [GivenDose("C1D1", at("2026-02-02T09:20"), "1 mg", ended=at("2026-02-02T10:50"))]
        after = replan(plan(), course=doses)
        assert one(after, "C1D1", "saline").start == at("2026-02-02T10:50")
        assert one(after, "C1D1", "observation").end == at("2026-02-03T09:20")
        assert kinds(replan(plan(), course=given(0, 7)), "C1D1") == ["dose", "infusion"]

    def test_a_delay_moves_what_follows(self) -> None:
        """C1D8 given three days late: each later dose moves by three days."""
        assert days(replan(plan(), course=given(0, 10))) == [1, 11, 18, 32, 46]

    def test_a_toxicity_that_goes_on(self) -> None:
        """CRS of grade 2 that goes on withholds the next dose until it is resolved, and a deadline says by when that must be."""
        active = ToxicityEvent("crs", 2, status="active", onset=at("2026-02-02T22:00"))
        after = replan(plan(), course=given(0), events=[active])
        assert one(after, "C1D8", "dose").condition == "withheld until CRS: resolved"
        deadline = one(after, "C1D8", "recovery-deadline")
        assert (deadline.what, deadline.deadline) == ("CRS", at("2026-02-09T09:00"))
        assert str(after.notes[0]).startswith("course.C1D8: withhold by what is known so far: Grade 2")

    def test_what_else_the_next_dose_depends_on(self) -> None:
        """Toxicities that are not known, a note for a clinician, and a patient who must not have the dose now: the dose says so."""
        assert one(plan(course=given(0)), "C1D8", "dose").condition == "depends on the toxicities so far"
        assert one(plan(course=given(0), events=[]), "C1D8", "dose").condition == ""
        assert one(plan(course=given(0, 3), events=[]), "C1D15", "dose").condition == "if a clinician clears it"
        infected = plan(course=given(0), events=[], patient=Patient(infection="controlled"))
        assert one(infected, "C1D8", "dose").condition == "withheld until infection: resolved"
        before = ToxicityEvent("crs", 4, status="active", onset=date(2026, 1, 30))
        assert one(plan(events=[before]), "C1D1", "dose").condition == "withheld by what is known so far"

    def test_a_newer_revision(self) -> None:
        """A plan that reaches beyond a revision that is known and not encoded says so once; one that ends before it does not."""
        text = str(plan(cycles=9))
        assert "! label: A newer US revision, of September 2026, is not in this library." in text
        assert text.count("A newer US revision") == 1
        assert not plan(cycles=6).notes

    def test_a_clock_that_runs(self) -> None:
        """Grade 4 neutropenia from 5 February on: if it is not down to grade 2 by 12 February, the drug is stopped for good."""
        low = ToxicityEvent("neutropenia", 4, status="active", onset=date(2026, 2, 5))
        after = replan(plan(), course=given(0), events=[low])
        clock, resume = sorted(
            (entry for entry in after.entries if entry.kind == "recovery-deadline"), key=lambda entry: entry.point is not None
        )
        assert (str(clock.deadline), clock.modality, clock.value.at_most) == ("2026-02-12", "give", 2)
        assert resume.deadline == at("2026-02-09T09:00")
        assert len(after.doses) == 5

    def test_a_clock_that_ran_out(self) -> None:
        """If the count is first better after 13 February, the week is over: nothing further is planned."""
        late = ToxicityEvent("neutropenia", 4, status="resolved", onset=date(2026, 2, 5), improved=date(2026, 2, 13))
        assert len(replan(plan(), course=given(0), events=[late]).doses) == 1

    def test_a_permanent_stop(self) -> None:
        """CRS of grade 4: what is left is the observation of the last dose, contraception, and no breast-feeding."""
        worst = ToxicityEvent("crs", 4, status="active", onset=at("2026-02-09T22:00"))
        after = replan(plan(patient=Patient(childbearing_potential=True)), course=given(0, 7), events=[worst])
        assert [str(entry.point) for entry in after.doses] == ["C1D1", "C1D8"]
        assert kinds(after, "C1D8") == ["dose", "infusion", "observation", "near-care", "saline", "teaching"]
        owed = [(entry.kind, str(entry.deadline), entry.condition) for entry in after.entries if entry.point is None]
        assert owed == [("contraception", "2026-04-09", ""), ("breast-feeding", "2026-04-09", "")]
        assert str(after.notes[0]).startswith("course.C1D15: no further dose is planned: Grade 4")

    def test_excluded_before_the_first(self) -> None:
        """Who must not have the drug has no plan."""
        nothing = plan(patient=Patient(hypersensitivity=True), rulebook="eu-2026")
        assert nothing.entries == ()
        assert "no further dose is planned" in str(nothing)

    def test_a_hold_in_days(self) -> None:
        """The EU text holds the drug for three days after grade 3 neutropenia: 8 February gives 11 February at the earliest."""
        low = ToxicityEvent("neutropenia", 3, status="active", onset=date(2026, 2, 8))
        assert days(replan(plan(rulebook="eu-2026"), course=given(0), events=[low]))[1] == 10

    def test_a_hold_by_results(self) -> None:
        """A hold that results show is counted from the last fact."""
        low = LabResult("neutrophils", "0.7 10*9/L", at("2026-02-08T08:00"))
        after = replan(plan(rulebook="eu-2026"), course=given(0), labs=[low], events=[])
        assert days(after)[1] == 10
        assert one(after, "C1D8", "dose").condition.startswith("withheld until neutropenia: grade 2 or less")

    def test_grade_not_known(self) -> None:
        """If the grade is not known, the deadline of each grade that it may have is listed, with what it depends on."""
        low = ToxicityEvent("neutropenia", status="active", onset=date(2026, 2, 5))
        after = replan(plan(), course=given(0), events=[low])
        clocks = [entry for entry in after.entries if entry.kind == "recovery-deadline" and entry.point is None]
        assert [(str(entry.deadline), entry.condition) for entry in clocks] == [
            ("2026-02-12", "depends on grade"),
            ("2026-02-26", "depends on grade"),
        ]

    def test_crs_before_the_next_dose(self) -> None:
        """After CRS of grade 3 that is over, the next dose has the concomitant drugs and 22-24 hours; the one after it has not."""
        over = ToxicityEvent("crs", 3, status="resolved", onset=at("2026-02-16T20:00"), resolved=at("2026-02-18T20:00"))
        after = replan(plan(), course=given(0, 7, 14), events=[over])
        assert [entry.what for entry in after.for_dose("C2D1") if entry.kind in {"premedication", "saline"}] == [
            "dexamethasone",
            "normal saline",
        ]
        assert str(one(after, "C2D1", "observation").value.observe) == "22-24 h"
        assert one(after, "C2D1", "observation").condition == (
            "if there is no CRS of grade 4 or worse and no ICANS or other neurotoxicity of grade 4 or worse"
        )
        assert str(one(after, "C2D15", "observation").value.observe) == "6-8 h"

    def test_an_event_after_the_last_dose_says_nothing_of_that_dose(self) -> None:
        """CRS after C1D15 does not change how long C1D15 itself is watched."""
        crs = ToxicityEvent("crs", 2, status="resolved", onset=at("2026-02-17T20:00"), resolved=at("2026-02-18T20:00"))
        assert str(one(replan(plan(), course=given(0, 7, 14), events=[crs]), "C1D15", "observation").value.observe) == "6-8 h"

    def test_a_result_changes_the_hours(self) -> None:
        """By a policy that counts any toxicity so far, a result of grade 2 changes the next dose, as it does in an assessment."""
        low = LabResult("neutrophils", "1.2 10*9/L", at("2026-02-20T09:00"), lower_limit="1.8 10*9/L")
        after = plan(course=given(0, 7, 14), events=[], labs=[low], rulebook=any_toxicity())
        entry = one(after, "C2D1", "observation")
        assert (str(entry.value.observe), entry.condition) == ("12 h", "if nothing else happens before it")
        assert "6-8 h" in [str(value.observe) for value in entry.alternatives if value is not None]

    def test_what_a_clinician_must_look_at(self) -> None:
        """A dose given too early is a note beside the next dose."""
        early = plan(course=given(0, 3))
        assert str(early.notes[0]).startswith("course.C1D15: needs-assessment by what is known so far")

    def test_what_follows_is_not_settled(self) -> None:
        """After a partial infusion, or an unknown amount, no dose is planned, and a note says why."""
        partial = plan(course=[GivenDose("C1D1", at("2026-02-02T09:00"), "1 mg", complete=False)])
        assert [str(entry.point) for entry in partial.doses] == ["C1D1"]
        assert "what follows is not settled" in str(partial.notes[-1])
        undated = plan(course=[GivenDose("C1D1", None, "1 mg")])
        assert "missing: C1D1: when the infusion began" in str(undated.notes[-1])

    def test_the_day_settles_what_follows(self) -> None:
        """If the last amount is not known and every amount it may have been gives the same dose on that day, that dose is planned."""
        doses = [*given(0), GivenDose("C1D8", at("2026-02-09T09:00"))]
        late = plan(course=doses, start=date(2026, 3, 9))
        assert [str(entry.amount) for entry in late.doses][:3] == ["1 mg", "amount not known", "1 mg"] or str(
            late.doses[2].amount
        ) == "1 mg"
        assert one(late, "C1D15", "dose").role == "step-up"
        assert "restart-limit" not in kinds(late, "C1D15")

    def test_a_dose_on_the_day_of_another(self) -> None:
        """No dose is planned on the day of one that was given, whatever the order of their names."""
        swapped = [
            GivenDose("C1D1", None, "1 mg"),
            GivenDose("C1D8", date(2026, 2, 9), "10 mg"),
            GivenDose("C1D15", date(2026, 2, 2), "10 mg"),
        ]
        assert plan(course=swapped, start=FIRST, cycles=2).doses[-1].start is not None

    def test_too_close(self) -> None:
        """A dose that begins while the one before is still watched is named: one of the two times cannot be."""
        odd = plan(course=[GivenDose("C1D1", at("2026-02-02T09:00"), "1 mg"), GivenDose("C1D8", at("2026-02-02T09:30"), "10 mg")])
        assert "C1D8: begins at 2026-02-02 09:30, before C1D1 is over at 2026-02-02 10:00" in str([str(note) for note in odd.notes])


class TestContraception:
    """What goes on after the last dose: two calendar months."""

    def test_after_the_last_planned_dose(self) -> None:
        """C2D15 on 16 March gives 16 May, if it is the last dose."""
        entry = next(item for item in plan(patient=Patient(childbearing_potential=True)).entries if item.kind == "contraception")
        assert (str(entry.deadline), entry.condition) == ("2026-05-16", "if C2D15 is the last dose")

    def test_not_known(self) -> None:
        """If childbearing potential is not known, the entry says that it depends on it; if there is none, there is no entry."""
        entry = next(item for item in plan().entries if item.kind == "breast-feeding")
        assert entry.condition == "if C2D15 is the last dose; depends on childbearing potential"
        barren = plan(patient=Patient(childbearing_potential=False))
        assert not [item for item in barren.entries if item.kind in {"contraception", "breast-feeding"}]

    def test_no_date(self) -> None:
        """If the last dose has no date, neither has the end of contraception, and the entry says what is missing."""
        undated = plan(course=[GivenDose("C1D1", None, "1 mg")])
        entry = next(item for item in undated.entries if item.kind == "contraception")
        assert (entry.when, entry.deadline) == (None, None)
        assert "no date\n  contraception: " in str(undated)
        assert [str(item).splitlines()[0] for item in undated.entries if item.kind == "dose"] == [
            "C1D1 dose: tarlatamab 1 mg (step-up dose), given"
        ]


class TestConditions:
    """The conditions come from the table, whoever wrote it."""

    def test_a_checklist_of_hydration_alone(self) -> None:
        """If every item of a checklist has an entry of its own, there is no entry for the rest."""
        dose = given_doses(plan(course=given(0)).request)[0]
        around = Around(dose, "tarlatamab", {}, plan().request.site, infusion_plan("C1D1", rulebook=US))
        items = Checklist((Instruction(Modality.GIVE, "two glasses of water", kind=InstructionKind.HYDRATION),))
        assert [str(entry.kind) for entry in around.checks(Decided(items), None)] == ["hydration"]

    @pytest.mark.parametrize(
        ("book", "kinds"),
        [
            (
                "us-2025-11",
                {
                    "hydration": "hydration",
                    "normal saline": "saline",
                    "teach patient and caregiver the signs of CRS and neurotoxicity": "teaching",
                },
            ),
            ("us-2024-05", {"normal saline": "saline"}),
            ("eu-2026", {"euvolaemia": "hydration", "normal saline": "saline"}),
            ("precautions-2025-09", {"normal saline": "saline"}),
        ],
    )
    def test_the_kinds_of_the_books(self, book: str, kinds: dict[str, str]) -> None:
        """Hydration, saline and teaching are marked in every book that has them, and nothing else is."""
        rows = rulebooks.get(book).rows
        items = [
            item
            for question in (PREMEDICATION, CHECKLIST)
            for row in rows.get(question, ())
            for item in (() if row.then is None else row.then.instructions)
        ]
        assert {item.what: str(item.kind) for item in items if item.kind != "measure"} == kinds

    def test_a_kind_is_no_content(self) -> None:
        """The kind is a mark of this library: two instructions that differ in it alone are equal, and no document holds it."""
        plain, marked = (Instruction(Modality.GIVE, "water", kind=kind) for kind in (InstructionKind.MEASURE, InstructionKind.HYDRATION))
        assert plain == marked
        assert hash(plain) == hash(marked)
        documents = [rulebook_document(rulebooks.get(name)) for name in rulebooks.names()]
        assert '"kind": "hydration"' not in json.dumps(documents)

    def test_words_give_no_kind(self) -> None:
        """The kind of an instruction is what its row says, whatever its words begin with."""
        after: dict[str, Any] = {"anchor": Anchor.INFUSION_END}
        fluids = PremedicationPlan(
            (
                Instruction(Modality.GIVE, "Ringer's solution", Amount(500, "mL"), kind=InstructionKind.SALINE, **after),
                Instruction(Modality.GIVE, "saline nose drops", **after),
                Instruction(
                    Modality.GIVE,
                    "Ringer's solution before",
                    kind=InstructionKind.SALINE,
                    anchor=Anchor.INFUSION_START,
                    offset=Span(-2, -1, "h"),
                ),
            )
        )
        checks = Checklist(
            (
                Instruction(Modality.GIVE, "hydration status in the chart"),
                Instruction(Modality.GIVE, "show the family the wallet card", kind=InstructionKind.TEACHING),
                Instruction(Modality.GIVE, "a fluid balance", kind=InstructionKind.SALINE),
            )
        )
        rows: dict[Any, Any] = {PREMEDICATION: (Row("P", {}, fluids, "Fluids."),), CHECKLIST: (Row("C", {}, checks, "Checks."),)}
        entries = plan(rulebook=rulebooks.get(US).overlay("ours", rows)).for_dose("C1D1")
        kinds = {entry.what: str(entry.kind) for entry in entries}
        assert kinds["Ringer's solution"] == "saline"
        assert kinds["saline nose drops"] == "premedication"
        assert kinds["Ringer's solution before"] == "premedication"
        assert kinds["show the family the wallet card"] == "teaching"
        rest = next(entry for entry in entries if entry.kind == "check")
        assert {item.what for item in rest.value} >= {"hydration status in the chart", "a fluid balance"}

    def test_a_drug_after_the_last_dose_given(self) -> None:
        """What a policy gives after an infusion is still in the plan once the infusion has been given."""
        drug = Instruction(Modality.GIVE, "paracetamol", Amount(1000, "mg"), anchor=Anchor.INFUSION_END, offset=Span(4, 6, "h"))
        ours = rulebooks.get(US).overlay("ours", {PREMEDICATION: (Row("P", {}, PremedicationPlan((drug,)), "More."),)})
        entries = plan(rulebook=ours, course=given(0)).for_dose("C1D1")
        assert [str(entry.kind) for entry in entries if entry.what == "paracetamol"] == ["premedication"]

    def test_any_toxicity(self) -> None:
        """A limit on any toxicity takes in those on single ones."""
        assert one(plan(rulebook=any_toxicity()), "C2D1", "observation").condition == "if there is no toxicity of grade 2 or worse"

    def test_a_policy_by_both(self) -> None:
        """If only two mild toxicities together change an answer, no single grade can be named as the limit."""
        plan_ = MonitoringPlan(observe=Span(12, 12, "h"))
        row = Row(
            "BOTH",
            {POINT: points("C2D1"), ROLE: Role.LATER, CRS_BEFORE: grades(1), NEURO_BEFORE: grades(1)},
            plan_,
            "Both mild syndromes.",
            milder_because="the board",
        )
        ours = rulebooks.get(US).overlay("ours", {MONITORING: (row,)}, milder_because="the board")
        assert one(plan(rulebook=ours), "C2D1", "observation").condition == "if nothing else happens before it"

    def test_an_order_that_no_row_gives_alone(self) -> None:
        """A drug after the infusion that is no fluid is premedication; minutes and days are hours, and a minimum has no last end."""
        drug = Instruction(Modality.GIVE, "paracetamol", Amount(1000, "mg"), anchor=Anchor.INFUSION_END, offset=Span(4, 6, "h"))
        visit = Instruction(Modality.GIVE, "a visit", anchor=Anchor.INFUSION_END, duration=Amount(90, "min", "<="))
        later = Instruction(Modality.GIVE, "telemetry", anchor=Anchor.INFUSION_START, duration=Amount(1, "d", ">="))
        row = Row("OURS", {POINT: points("C1D1", "C1D1")}, PremedicationPlan((drug, visit, later)), "More drugs.")
        ours = rulebooks.get(US).overlay("ours", {PREMEDICATION: (row,)})
        by_name = {entry.what: entry for entry in plan(rulebook=ours).for_dose("C1D1") if entry.kind == "premedication"}
        assert (by_name["paracetamol"].start, by_name["paracetamol"].end) == (at("2026-02-02T14:00"), at("2026-02-02T16:00"))
        assert (by_name["a visit"].start, by_name["a visit"].end) == (at("2026-02-02T10:00"), at("2026-02-02T11:30"))
        assert (by_name["telemetry"].end_from, by_name["telemetry"].end) == (at("2026-02-03T09:00"), None)
        assert "09:00 to 2026-02-03 09:00 or later" in str(plan(rulebook=ours))


class TestFaults:
    """A fault names the argument and says what to write instead."""

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"start": None}, r"start: the day of the first dose must be said; pass datetime\.date"),
            ({"start": "2026-02-02"}, r"start: '2026-02-02' is not a date or a datetime"),
            ({"cycles": None}, r"cycles: how far to plan is not said; pass cycles=6, or until="),
            ({"until": date(2026, 5, 1)}, r"cycles: cycles and until are both given; pass cycles=6, or until="),
            ({"cycles": 0}, r"cycles: 0 is out of range; write a whole number from 1 to 999"),
            ({"infusion_at": "09:00"}, r"infusion_at: '09:00' is not a time of day; pass datetime\.time\(9, 30\)"),
            ({"infusion_at": time(9, tzinfo=UTC)}, r"infusion_at: 09:00:00\+00:00 has a UTC offset of its own; .* pass site_zone"),
            ({"course": None}, r"course: a plan cannot go on from a course that is not known; pass the doses given, or \[\]"),
            ({"course": [1]}, r"course\[0\]: 1 is not a GivenDose"),
            ({"events": [1]}, r"events\[0\]: 1 is not a ToxicityEvent"),
            ({"labs": [1]}, r"labs\[0\]: 1 is not a LabResult"),
            ({"patient": 1}, r"patient: 1 is not a Patient; pass Patient"),
            ({"site_zone": "Berlin"}, r"site_zone: 'Berlin' is not a known time zone"),
            ({"closed": "2026-12-25"}, r"closed: '2026-12-25' is not a list; pass a set of dates, or a function"),
            ({"closed": ["2026-12-25"]}, r"closed\[0\]: '2026-12-25' is not a date; pass datetime\.date\(2026, 12, 25\)"),
            ({"rulebook": "precautions-2025-09"}, r"rulebook: precautions-2025-09 has no amounts and intervals; name a book that has them"),
            (
                {"cycles": None, "until": date(2190, 1, 1)},
                r"until: 2190-01-01 is after the last cycle that has a name; plan until an earlier",
            ),
            ({"start": date(2199, 12, 1), "cycles": 3}, r"cycles: the doses go on after 2199; plan fewer cycles"),
        ],
    )
    def test_argument(self, changes: dict[str, Any], message: str) -> None:
        """Each argument that cannot be is refused by its name."""
        with pytest.raises(FieldError, match=message):
            plan(**changes)

    def test_book(self) -> None:
        """A book that is not there is an error of the books."""
        with pytest.raises(UnknownRulebookError):
            plan(rulebook="us")

    def test_two_clocks(self) -> None:
        """Times of several offsets need the zone of the site; times with and without an offset cannot be compared."""
        doses = [GivenDose("C1D1", datetime(2026, 2, 2, 9, tzinfo=timezone(timedelta(hours=1))), "1 mg")]
        with pytest.raises(FieldError, match="site_zone: the times have several UTC offsets"):
            plan(start=datetime(2026, 2, 2, 9, tzinfo=UTC), course=doses, site_zone=None)
        with pytest.raises(FieldError, match="start: has no UTC offset, while"):
            plan(start=local("2026-02-02T09:00"), course=doses, site_zone=None)

    def test_a_record_that_the_zone_turns_round(self) -> None:
        """An episode that would end before it began by the clock of the site is refused by its place."""
        day_after = ToxicityEvent("crs", 1, onset=date(2026, 2, 4), resolved=datetime(2026, 2, 4, 3, tzinfo=UTC))
        with pytest.raises(FieldError, match=r"events\[0\]\.resolved: the event ended before it began"):
            plan(course=given(0), events=[day_after], site_zone="America/New_York")

    def test_replan(self) -> None:
        """Only a plan can be planned again or compared."""
        with pytest.raises(FieldTypeError, match="plan: 1 is not a CoursePlan; pass what plan_course gave"):
            replan(1)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(FieldTypeError, match="later: 1 is not a CoursePlan; pass what replan gave"):
            plan().changes(1)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(FieldError, match="C1D1 is listed twice"):
            replan(plan(), course=[*given(0), *given(0)])

    def test_pickled(self) -> None:
        """A plan by a named book is pickled and is the same again."""
        assert pickle.loads(pickle.dumps(plan())) == plan()  # noqa: S301  # our own


MODULES = sorted(Path(steps.__file__).parent.glob("*.py"))
DRAWN = {"dose_day.py", "drawing.py", "plot.py", "timeline.py", "timeline_looks.py", "trend.py"}
"""Their numbers are sizes and places. `test_course_pictures.py` compares the numbers in a picture with those of its plan."""


class TestNumbers:
    """The wing holds no clinical number: each comes from a table."""

    OURS: ClassVar = {
        "assembly.py": {64},  # on so many later days the next dose is tried, if known facts hold it
        "steps.py": {2199, 3},  # the last year of the calendar; after so many doses those before them no longer matter
        "bands.py": {2},  # the middle of a band
        "timeline_words.py": {5},  # so many doses are named one by one
        "clock.py": {366},  # no site is closed for so many days
        "request.py": {999, 3},  # the last cycle of the calendar; the place of the last dose of cycle 1, whose day ends every cycle
        "strategies.py": {2, 3, 4, 6, 8, 9, 14, 22, 23, 30, 35, 60, 120},  # what is drawn
        "plan.py": {2},  # last in the order of a day
        "calendars.py": {2, 15, 31, 40, 60},  # how long before a deadline a calendar reminds, and the limits of its format
        "cases.py": {6},  # so many cycles are planned unless the caller says otherwise
        "files.py": {4},  # the bytes of a random name
    }

    @pytest.mark.parametrize("path", [path for path in MODULES if path.name not in DRAWN], ids=lambda path: path.name)
    def test_no_number_of_a_source(self, path: Path) -> None:
        """No amount, hour, day, month or grade stands in the code; 0 and 1 are where something begins, and the next."""
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        stated = {node.value for node in nodes if isinstance(node, ast.Constant) and type(node.value) in {int, float}}
        assert stated - {0, 1} == self.OURS.get(path.name, set())

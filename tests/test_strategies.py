"""The strategies that are shipped for users' own tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from tarlatamab_rules import (
    Amount,
    Case,
    Course,
    CrsFindings,
    DosePoint,
    EventStatus,
    LabResult,
    NeuroFindings,
    Patient,
    Toxicity,
    ToxicityEvent,
    Verdict,
    assess_case,
    grade_crs,
    grade_icans,
    grade_lab,
    strategies,
)
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.inputs.analytes import Analyte

Kinds: TypeAlias = dict[str, Callable[[Any], bool]]
"""Kinds of input, each with whether a value is of it."""

FIRST = datetime(2025, 10, 6, 9, tzinfo=UTC)


@given(strategies.crs_findings(), strategies.dose_points(3), strategies.lab_results(st.just(Analyte.ALT)))
def test_they_draw_what_they_say(findings: CrsFindings, point: DosePoint, lab: object) -> None:
    """Each draws valid values of its type, within what was asked."""
    assert isinstance(findings, CrsFindings)
    assert point.cycle <= 3
    assert getattr(lab, "analyte", None) is Analyte.ALT


def drawn(strategy: st.SearchStrategy[Any], times: int) -> list[Any]:
    """So many draws, the same in every run."""
    found: list[Any] = []

    @settings(max_examples=times, phases=[Phase.generate], derandomize=True, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def times_of(value: Any) -> list[Any]:
    """Every time in a case, a course, an event or a result."""
    parts: Iterable[Any] = (value,)
    if isinstance(value, Case):
        parts = (value, value.course, *(value.labs or ()), *(value.events or ()))
    if isinstance(value, tuple):
        parts = value
    parts = [dose for part in parts for dose in (part.doses if isinstance(part, Course) else (part,)) if dose is not None]
    names = ("planned_start", "started", "ended", "collected", "onset", "improved", "resolved")
    return [when for part in parts for name in names if (when := getattr(part, name, None)) is not None]


def zones_of(value: Any) -> set[Any]:
    """The UTC offsets in it, ``None`` among them for a moment without one."""
    return {when.tzinfo for when in times_of(value) if isinstance(when, datetime)}


def has_mere_day(value: Any) -> bool:
    """Whether a time in it is a mere day."""
    return any(not isinstance(when, datetime) for when in times_of(value))


CLOCKS: Kinds = {
    "UTC": lambda value: zones_of(value) == {UTC},
    "one other offset": lambda value: len(zones_of(value)) == 1 and not zones_of(value) & {UTC, None},
    "no offset": lambda value: zones_of(value) == {None},
    "mere days": lambda value: not zones_of(value) and has_mere_day(value),
    "days among moments": lambda value: bool(zones_of(value)) and has_mere_day(value),
    "several offsets": lambda value: len(zones_of(value)) > 1,
}
"""What the times of one value may be."""


def days_after(dose: Any, other: Any) -> int:
    """The calendar days between two doses, by the clock of each."""
    one, two = (when.date() if isinstance(when, datetime) else when for when in (dose.started, other.started))
    return int((two - one).days)


def delays(course: Course) -> set[int]:
    """The days between neighbouring doses."""
    return {days_after(one, two) for one, two in pairwise(course.doses) if one.started and two.started}


def minutes(course: Course) -> set[float]:
    """How long infusions took, in minutes."""
    ends = [(dose.started, dose.ended) for dose in course.doses]
    return {(end - start).total_seconds() / 60 for start, end in ends if isinstance(start, datetime) and isinstance(end, datetime)}


def amounts(course: Course) -> list[float | None]:
    """The amounts in mg."""
    return [None if dose.amount is None else dose.amount.value for dose in course.doses]


def contradicts(findings: NeuroFindings) -> bool:
    """Whether the scale of ICANS refuses the findings."""
    try:
        grade_icans(findings)
    except ContradictionError:
        return True
    return False


def lasts(minutes_from: float, minutes_to: float) -> Callable[[Course], bool]:
    """Whether an infusion took so long."""
    return lambda course: any(minutes_from <= each <= minutes_to for each in minutes(course))


def grades_in_turn(results: tuple[LabResult, ...]) -> list[int | None]:
    """The grades of a series."""
    return [answer.value if (answer := grade_lab(result)).missing == () and answer.possible != (None,) else None for result in results]  # type: ignore[union-attr]  # decided


def recurs(results: tuple[LabResult, ...]) -> bool:
    """Whether a series has a severe result, a good one, and a severe one again."""
    grades = [grade or 0 for grade in grades_in_turn(results)]
    return any(grades[i] >= 3 and grades[j] <= 1 and grades[k] >= 3 for k in range(len(grades)) for j in range(k) for i in range(j))


def first_start(value: ToxicityEvent) -> bool:
    """Whether an episode began before the first dose."""
    onset = value.onset
    return onset is not None and (onset.date() if isinstance(onset, datetime) else onset) < FIRST.date()


EVENTS: Kinds = {
    "now at its worst": lambda event: event.grade is not None and event.grade == event.current_grade,
    "now below its worst": lambda event: event.grade is not None and event.current_grade is not None and event.current_grade < event.grade,
    "a grade now, the worst not known": lambda event: event.grade is None and bool(event.current_grade),
    "a grade now worse than mild findings": lambda event: (
        event.grade is None and (event.current_grade or 0) >= 2 and event.findings is not None
    ),
    "improved, not over": lambda event: event.improved is not None and event.over is not True,
    "improved between onset and recovery": lambda event: None not in {event.onset, event.improved, event.resolved},
    "improved, nothing else dated": lambda event: event.improved is not None and event.onset is None and event.resolved is None,
    "active and improved": lambda event: event.status is EventStatus.ACTIVE and event.improved is not None,
    "before the first dose": first_start,
    "bleeding": lambda event: event.bleeding is True,
    "another cause": lambda event: event.other_cause is True,
    "another cause of its findings": lambda event: bool(getattr(event.findings, "other_cause", None)),
    "another scale": lambda event: event.scale is not None,
}
NEURO: Kinds = {
    "another cause": lambda findings: findings.other_cause is True,
    "severe, with another cause": lambda findings: findings.other_cause is True and findings.seizure == "prolonged",
    "a low score before treatment": lambda findings: (findings.baseline_ice or 10) < 10,
    "contradictory": contradicts,
    "symptoms alone": lambda findings: bool(findings.symptoms) and findings.ice is None and findings.seizure is None,
    "symptoms not known, else normal": lambda findings: (
        (findings.symptoms, findings.ice, findings.seizure, findings.motor_weakness, findings.consciousness)
        == (None, 10, "none", False, "alert")
    ),
    "nothing at all": lambda findings: (
        findings.ice == 10 and findings.symptoms == () and findings.seizure == "none" and findings.other_cause is None
    ),
}
CRS: Kinds = {
    "37.9 C": lambda findings: findings.temperature == Amount(37.9, "Cel"),
    "38.0 C": lambda findings: findings.temperature == Amount(38.0, "Cel"),
    "no fever, and vasopressors": lambda findings: (
        findings.temperature is not None and findings.temperature.value < 38 and findings.hypotension == "several-vasopressors"
    ),
    "vasopressin beside low pressure and oxygen": lambda findings: (
        findings.vasopressin is True and findings.hypotension == "responds-to-fluids" and findings.oxygen == "low-flow"
    ),
    "masked fever alone": lambda findings: (
        findings.fever_masked is True and (findings.hypotension, findings.vasopressin, findings.oxygen) == ("none", False, "none")
    ),
    "a mask alone": lambda findings: (
        findings.oxygen == "mask" and (findings.hypotension, findings.vasopressin, findings.fever_masked) == ("none", False, False)
    ),
    "of every grade left open": lambda findings: len(grade_crs(findings).possible) > 4,
}
LABS: Kinds = {
    "on a limit of a grade": lambda result: result.quantity == Amount(0.5, "10*9/L"),
    "below a limit of a grade": lambda result: result.quantity == Amount(0.4995, "10*9/L"),
    "above a limit of a grade": lambda result: result.quantity == Amount(0.5005, "10*9/L"),
    "on the limit of normal": lambda result: result.lower_limit is not None and result.quantity == result.lower_limit,
    "undated": lambda result: result.collected is None,
    "a bound": lambda result: bool(result.quantity.bound),
    "without limits": lambda result: result.lower_limit is None and result.upper_limit is None,
    "with a baseline": lambda result: result.baseline is not None,
}
SERIES: Kinds = {
    "recovery": lambda results: any((one or 0) >= 3 and (two or 0) <= 1 for one, two in pairwise(grades_in_turn(results))),
    "recurrence": recurs,
}
COURSES: Kinds = {
    **{f"{days} days": (lambda course, days=days: days in delays(course)) for days in (14, 15, 21, 22, 28, 29)},  # type: ignore[misc]  # a default binds the number
    "a restart": lambda course: any(one == 10 and two == 1 for one, two in pairwise(amounts(course))),
    "20 to 29 minutes": lasts(20, 29),
    "30 to 49 minutes": lasts(30, 49),
    "50 to 59 minutes": lasts(50, 59),
    "61 to 70 minutes": lasts(61, 70),
    "no ends": lambda course: bool(course.doses) and all(dose.ended is None and dose.started is not None for dose in course.doses),
    "complete": lambda course: any(dose.complete is True for dose in course.doses),
    "not complete": lambda course: any(dose.complete is False for dose in course.doses),
    "not said whether complete": lambda course: any(dose.complete is None for dose in course.doses),
    "unknown amount of the first": lambda course: bool(course.doses) and course.doses[0].amount is None,
    "unknown amounts": lambda course: len(course.doses) > 1 and all(dose.amount is None for dose in course.doses),
    "slipped by a year": lambda course: any(300 < days < 420 for days in delays(course)),
    "out of order": lambda course: [dose.point for dose in course.doses] != sorted(dose.point for dose in course.doses),
    "a dose left out": lambda course: bool(course.doses) and len(course.doses) < max(dose.point.number for dose in course.doses),
    "cycle 7": lambda course: any(dose.point.cycle >= 7 for dose in course.doses),
}
CASES: Kinds = {
    "cycle 8": lambda case: case.point.cycle == 8,
    "the second full dose": lambda case: case.point.number == 3,
    "an event before the first dose": lambda case: bool(case.course) and any(map(first_start, case.events or ())),
    "findings and an event of the same": lambda case: (
        any(isinstance(found, CrsFindings) for found in case.findings or ())
        and any(event.toxicity is Toxicity.CRS for event in case.events or ())
    ),
    "several results of an analyte": lambda case: len({result.analyte for result in case.labs or ()}) < len(case.labs or ()),
    "an order": lambda case: case.ordered is not None,
}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kinds", "strategy", "times"),
    [
        pytest.param(EVENTS | CLOCKS, strategies.events(), 600, id="events"),
        pytest.param(NEURO, strategies.neuro_findings(), 800, id="neuro_findings"),
        pytest.param(CRS, strategies.crs_findings(), 2000, id="crs_findings"),
        pytest.param(LABS, strategies.lab_results(st.just(Analyte.NEUTROPHILS)), 1500, id="lab_results"),
        pytest.param(SERIES, strategies.lab_series(st.just(Analyte.NEUTROPHILS)), 400, id="lab_series"),
        pytest.param(COURSES | CLOCKS, strategies.dose_points().flatmap(strategies.courses), 800, id="courses"),
        pytest.param(CASES | CLOCKS, strategies.cases(), 500, id="cases"),
    ],
)
def test_hostile_input_is_drawn(kinds: Kinds, strategy: st.SearchStrategy[Any], times: int) -> None:
    """Over some hundred draws every kind of input turns up: what a strategy never draws, no law is tried on."""
    values = drawn(strategy, times)
    assert {name for name, is_one in kinds.items() if not any(is_one(value) for value in values)} == set()


@pytest.mark.thorough
@pytest.mark.parametrize("strategy", [strategies.cases, strategies.well_cases, strategies.events, strategies.lab_results])
def test_offsets_as_asked(strategy: Any) -> None:
    """Times carry UTC offsets, or none, as was asked; so values of two strategies can stand in one case."""
    assert None not in {zone for value in drawn(strategy(offsets=True), 100) for zone in zones_of(value)}
    assert {zone for value in drawn(strategy(offsets=False), 100) for zone in zones_of(value)} == {None}


@given(strategies.events_so_far(offsets=True))
def test_histories(events: tuple[ToxicityEvent, ...] | None) -> None:
    """A history is not known, or a few events, whose times can be put in order."""
    assert events is None or len(events) <= 3
    assert None not in zones_of(events or ())


@pytest.mark.thorough
def test_they_reach_every_verdict() -> None:
    """Every verdict turns up by itself."""
    assert {assess_case(case).verdict for case in drawn(strategies.cases(), 600)} == set(Verdict)


def test_facts_are_left_unknown() -> None:
    """Wholly unknown patients are drawn too."""
    assert find(strategies.patients(), lambda patient: patient == Patient()) == Patient()

"""Whole cases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from attrs import evolve, frozen
from hypothesis import strategies as st

from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Diagnosis, Infection, Patient
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.strategies._doses import DELAYS, Plan, dose_points, given_doses, plans
from tarlatamab_rules.strategies._drawing import FIRST_DAY, TRUTHS, Clock, clocks, known_or_not, member
from tarlatamab_rules.strategies._events import event
from tarlatamab_rules.strategies._findings import crs_findings, neuro_findings
from tarlatamab_rules.strategies._labs import result, series

__all__ = ["cases", "patients", "well_cases"]

_PARTS = ("course", "events", "findings", "labs", "ordered", "patient", "planned_start")


def patients() -> st.SearchStrategy[Patient]:
    """Patients with any fact known or unknown. No patient is pregnant without childbearing potential."""
    fertility = st.sampled_from([(a, b) for a in (None, True, False) for b in (None, True, False) if not (a is False and b)])
    return fertility.flatmap(
        lambda pair: st.builds(
            Patient,
            age_years=known_or_not(st.integers(0, 100) | st.sampled_from([17.9, 18])),
            diagnosis=member(Diagnosis),
            progressed_after_platinum=TRUTHS,
            infection=member(Infection),
            childbearing_potential=st.just(pair[0]),
            pregnant=st.just(pair[1]),
            breastfeeding=TRUTHS,
            hypersensitivity=TRUTHS,
        )
    )


@frozen
class _Times:
    """When the doses of one case are given and planned, and how its times are written."""

    clock: Clock
    doses: list[Plan]
    start: datetime

    @property
    def last(self) -> datetime:
        """When the last dose was given; for the first dose, two weeks before it."""
        return max((dose.start for dose in self.doses), default=self.start - timedelta(days=14))


@st.composite
def well_cases(draw: st.DrawFn, *, offsets: bool | None = None) -> Case:
    """Cases in which nothing forbids the dose by the rulebooks of this release; *offsets* as for `cases`."""
    return _case(draw, frozenset(), draw(clocks(offsets)))


@st.composite
def cases(draw: st.DrawFn, *, offsets: bool | None = None) -> Case:
    """Whole cases: any part known or unknown, or a well case with one to three of its parts drawn anew.

    Args:
        draw: What Hypothesis passes.

        offsets: Whether the times of the case have UTC offsets; either if left out. Days without a time fit both.
    """
    clock = draw(clocks(offsets))
    parts = _PARTS if draw(st.integers(0, 3)) == 0 else draw(st.lists(st.sampled_from(_PARTS), min_size=1, max_size=3))
    return _case(draw, frozenset(parts), clock)


def _case(draw: st.DrawFn, anew: frozenset[str], clock: Clock) -> Case:
    """A well case, with some parts drawn anew."""
    point = draw(dose_points())
    doses, due = plans(draw, point, tidy="course" not in anew)
    closed = [dose.start + timedelta(minutes=dose.minutes or 0) for dose in doses]
    times = _Times(clock, doses, max([due, *closed]))
    start: datetime | None = times.start
    if "planned_start" in anew:
        start = draw(known_or_not(_starts(times)))
        times = _Times(clock, doses, start or times.start)
    # Fields are drawn in this order.
    return Case(
        point=point,
        planned_start=None if start is None else clock.reads(draw, start),
        patient=_patient(draw) if "patient" in anew else _well_patient(draw),
        course=_given(draw, times, unknown="course" in anew),
        labs=_labs(draw, times) if "labs" in anew else _well_labs(draw, times),
        events=_events(draw, times) if "events" in anew else _well_events(draw),
        ordered=draw(_ordered()) if "ordered" in anew else None,
        findings=draw(_findings()) if "findings" in anew else None,
    )


def _given(draw: st.DrawFn, times: _Times, *, unknown: bool) -> list[GivenDose] | None:
    """The doses given. If they may be unknown, one case in six has none."""
    if unknown and draw(st.integers(0, 5)) == 0:
        return None
    return given_doses(draw, times.doses, times.clock)


def _ordered() -> st.SearchStrategy[Amount | None]:
    return known_or_not(st.sampled_from([Amount(1, "mg"), Amount(10, "mg")]))


def _starts(times: _Times) -> st.SearchStrategy[datetime]:
    """When a dose may be planned: on time, or some days after the last dose, at any hour; never before a dose that was given."""
    since = st.sampled_from([timedelta(days=days) for days in DELAYS]).map(lambda delay: max(times.last + delay, times.start))
    return st.tuples(st.just(times.start) | since, st.integers(0, 12)).map(lambda at: at[0] + timedelta(hours=at[1]))


def _findings() -> st.SearchStrategy[Any]:
    return known_or_not(st.lists(neuro_findings() | crs_findings(), max_size=2, unique_by=type))


def _patient(draw: st.DrawFn) -> Patient:
    """Any patient, or a patient who meets every criterion except for one fact."""
    wild, well = draw(patients()), _well_patient(draw)
    fact = draw(st.sampled_from([None, "age_years", "diagnosis", "progressed_after_platinum", "infection", "hypersensitivity"]))
    return wild if fact is None else evolve(well, **{fact: getattr(wild, fact)})


def _well_patient(draw: st.DrawFn) -> Patient:
    potential = draw(st.booleans())
    return Patient(
        age_years=draw(st.integers(18, 100)),
        diagnosis=Diagnosis.EXTENSIVE_STAGE_SCLC,
        progressed_after_platinum=True,
        infection=Infection.NONE,
        childbearing_potential=potential,
        pregnant=False if potential else None,
        breastfeeding=False if potential else None,
    )


def _well_events(draw: st.DrawFn) -> list[ToxicityEvent]:
    mild = ToxicityEvent(Toxicity.CRS, Grade.MILD, status="resolved")
    return [mild] * draw(st.integers(0, 2))


def _well_labs(draw: st.DrawFn, times: _Times) -> list[LabResult]:
    """Normal results of every analyte that a dose needs, drawn in the week before it."""
    drawn = times.clock.reads(draw, times.start - timedelta(days=draw(st.integers(0, 6)), hours=1))
    count, ratio = st.floats(2.5, 100), st.floats(0.1, 1)
    units = {Analyte.NEUTROPHILS: "10*9/L", Analyte.HEMOGLOBIN: "g/dL", Analyte.PLATELETS: "10*9/L"}
    values = {Analyte.NEUTROPHILS: count, Analyte.HEMOGLOBIN: st.floats(10, 20), Analyte.PLATELETS: st.floats(75, 500)}
    labs = [LabResult(analyte, (draw(values[analyte]), unit), drawn) for analyte, unit in units.items()]
    labs += [
        LabResult(analyte, (limit * draw(ratio), KINDS[analyte].unit), drawn, upper_limit=(limit, KINDS[analyte].unit))
        for analyte, limit in ((Analyte.ALT, 40), (Analyte.AST, 40), (Analyte.BILIRUBIN, 1.2))
    ]
    return draw(st.permutations(labs))


def _labs(draw: st.DrawFn, times: _Times) -> list[LabResult] | None:
    """Any results; or normal results with some left out and others added, a series among them."""
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return None
    labs = [] if kind == 1 else _well_labs(draw, times)[: draw(st.integers(3, 6))]
    labs += [result(draw, draw(st.sampled_from(Analyte)), times.clock, _drawn(times)) for _ in range(draw(st.integers(0, 3)))]
    if draw(st.booleans()):
        begun = draw(st.sampled_from([FIRST_DAY, times.last, times.start])) - timedelta(days=draw(st.integers(0, 25)))
        labs += series(draw, draw(st.sampled_from(Analyte)), times.clock, begun)
    return list(dict.fromkeys(labs))


def _drawn(times: _Times) -> st.SearchStrategy[datetime]:
    """When a result may be drawn: before the dose, since the last dose, long ago, or after the planned start."""
    days = st.sampled_from([0, 0, 1, 3, 6, 7, 13, 27, 28, 29, 400]).map(lambda days: times.start - timedelta(days=days, hours=1))
    return days | st.sampled_from([times.last, times.last + timedelta(days=1), times.start, times.start + timedelta(days=1)])


def _events(draw: st.DrawFn, times: _Times) -> list[ToxicityEvent] | None:
    if draw(st.integers(0, 5)) == 0:
        return None
    offsets = st.sampled_from([0, 1, 3, 6, 8, 13, 20, 22, 27, 29, 60])
    since_last = offsets.map(lambda days: times.last + timedelta(days=days, hours=5))
    before = offsets.map(lambda days: times.start - timedelta(days=days, hours=3))
    onsets = since_last | before | st.sampled_from([FIRST_DAY - timedelta(days=days) for days in (2, 30, 365)])
    return [event(draw, None, times.clock, onsets) for _ in range(draw(st.integers(0, 3)))]

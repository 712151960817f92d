"""Hypothesis strategies for the types of this library, for tests of your own code.

Needs the extra ``tarlatamab-rules[strategies]``. Every strategy draws values that the library accepts, with facts left unknown among
them::

    from hypothesis import given
    from tarlatamab_rules import assess_case, strategies

    @given(strategies.cases())
    def test_my_app_shows_every_verdict(case): ...
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, TypeVar

from attrs import evolve
from hypothesis import strategies as st

from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
from tarlatamab_rules.inputs.findings import (
    Consciousness,
    CrsFindings,
    EventStatus,
    Grade,
    Hypotension,
    NeuroFindings,
    Oxygen,
    RaisedPressure,
    Scale,
    Seizure,
    Symptom,
    Toxicity,
    ToxicityEvent,
    findings_type,
    grades_of,
)
from tarlatamab_rules.inputs.ice import IceTest
from tarlatamab_rules.inputs.infusion import InfusionSetup
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Diagnosis, Infection, Patient
from tarlatamab_rules.inputs.vocabulary import OBJECTS
from tarlatamab_rules.units import Amount

__all__ = [
    "cases",
    "courses",
    "crs_findings",
    "dose_points",
    "events",
    "histories",
    "ice_tests",
    "infusion_setups",
    "lab_results",
    "neuro_findings",
    "patients",
    "well_cases",
]

E = TypeVar("E", bound=Enum)
_FIRST_DAY = datetime(2025, 10, 6, 9, tzinfo=UTC)


def _known_or_not(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _member(kind: type[E]) -> st.SearchStrategy[E | None]:
    return st.none() | st.sampled_from(kind)


def dose_points(max_cycle: int = 8) -> st.SearchStrategy[DosePoint]:
    """Points of the schedule up to a cycle."""
    return st.builds(DosePoint.at, st.integers(1, 3 + 2 * (max_cycle - 1)))


def patients() -> st.SearchStrategy[Patient]:
    """Patients with any fact known or not; none is pregnant without childbearing potential."""
    truth = st.none() | st.booleans()
    fertility = st.sampled_from([(a, b) for a in (None, True, False) for b in (None, True, False) if not (a is False and b)])
    return fertility.flatmap(
        lambda pair: st.builds(
            Patient,
            age_years=_known_or_not(st.integers(0, 100) | st.sampled_from([17.9, 18])),
            diagnosis=_member(Diagnosis),
            progressed_after_platinum=truth,
            infection=_member(Infection),
            childbearing_potential=st.just(pair[0]),
            pregnant=st.just(pair[1]),
            breastfeeding=truth,
            hypersensitivity=truth,
        )
    )


def crs_findings() -> st.SearchStrategy[CrsFindings]:
    """Findings of cytokine release syndrome."""
    return st.builds(
        CrsFindings,
        temperature=_known_or_not(st.floats(34, 42).map(lambda celsius: Amount(round(celsius, 1), "Cel"))),
        hypotension=_member(Hypotension),
        vasopressin=st.none() | st.booleans(),
        oxygen=_member(Oxygen),
        fever_masked=st.none() | st.booleans(),
    )


def neuro_findings() -> st.SearchStrategy[NeuroFindings]:
    """Findings of neurotoxicity."""
    return st.builds(
        NeuroFindings,
        ice=_known_or_not(st.integers(0, 10)),
        arousable=st.none() | st.booleans(),
        consciousness=_member(Consciousness),
        seizure=_member(Seizure),
        motor_weakness=st.none() | st.booleans(),
        raised_icp=_member(RaisedPressure),
        symptoms=_known_or_not(st.lists(st.sampled_from(Symptom), max_size=2)),
    )


def ice_tests() -> st.SearchStrategy[IceTest]:
    """ICE tests, each item done, not done, or not known."""
    truth = st.none() | st.booleans()
    items = dict.fromkeys(("year", "month", "city", "hospital", "command", "sentence", "counting"), truth)
    return st.builds(IceTest, objects_named=_known_or_not(st.integers(0, OBJECTS)), **items)


def infusion_setups() -> st.SearchStrategy[InfusionSetup]:
    """Infusions as planned, nearly so, or not at all."""
    truth = st.none() | st.booleans()

    def near(value: float, unit: str) -> st.SearchStrategy[Amount | None]:
        ratios = st.sampled_from([0.5, 0.98, 0.99, 1.0, 1.0, 1.01, 1.02, 1.03, 2.0])
        return _known_or_not(ratios.map(lambda ratio: Amount(value * ratio, unit)))

    return st.builds(
        InfusionSetup,
        volume=near(250, "mL"),
        rate=near(250, "mL/h"),
        duration=near(1, "h"),
        pump=truth,
        constant_rate=truth,
        transfer_device=truth,
    )


@st.composite
def events(draw: st.DrawFn, toxicities: st.SearchStrategy[Toxicity] | None = None) -> ToxicityEvent:
    """Episodes of the first months of treatment, at most 100 days after 2025-10-06."""
    toxicity = draw(st.sampled_from(Toxicity) if toxicities is None else toxicities)
    status = draw(_member(EventStatus))
    onset = draw(_known_or_not(st.integers(0, 50).map(lambda days: _FIRST_DAY + timedelta(days=days))))
    over = status is not EventStatus.ACTIVE and draw(st.booleans())
    graded_by = findings_type(toxicity)
    findings: st.SearchStrategy[Any] = st.none()
    if graded_by is not None:
        findings |= neuro_findings() if graded_by is NeuroFindings else crs_findings()
    grade = draw(_known_or_not(st.sampled_from(sorted(grades_of(toxicity)))))
    least = Grade.MILD if status is EventStatus.ACTIVE else Grade.NONE
    most = Grade.NONE if over or status is EventStatus.RESOLVED else grade or Grade.NONE
    now = [None, *(each for each in sorted(grades_of(toxicity)) if least <= each <= most)]
    return ToxicityEvent(
        toxicity,
        grade,
        current_grade=draw(st.sampled_from(now)),
        other_cause=draw(st.none() | st.booleans()),
        scale=draw(_member(Scale)),
        status=status,
        onset=onset,
        resolved=_FIRST_DAY + timedelta(days=draw(st.integers(51, 100))) if over else None,
        findings=draw(findings),
        bleeding=draw(st.none() | st.booleans()),
    )


def histories() -> st.SearchStrategy[tuple[ToxicityEvent, ...] | None]:
    """No, one or a few episodes; or not known."""
    return _known_or_not(st.lists(events(), max_size=3).map(tuple))


@st.composite
def lab_results(draw: st.DrawFn, analytes: st.SearchStrategy[Analyte] | None = None) -> LabResult:
    """Results in any unit that the library lists, some of them bounds, drawn within 100 days after 2025-10-01."""
    analyte = draw(st.sampled_from(Analyte) if analytes is None else analytes)
    unit, step = draw(
        st.sampled_from([(unit, step) for unit, step in sorted(KINDS[analyte].spellings.items()) if isinstance(step, int | float)])
    )
    ranges = RANGES[analyte]
    normal = min(ranges.quantity.greatest, 3 * ranges.upper_limit.greatest)

    def within(low: float, high: float) -> st.SearchStrategy[float]:
        """Numbers in the unit, rounded as a laboratory would."""
        return st.floats(low * 1.001 / step, high * 0.999 / step).map(lambda number: float(f"{number:.4g}"))

    values = within(ranges.quantity.least, ranges.quantity.greatest) | within(ranges.quantity.least, normal)
    bound = draw(st.sampled_from(["", "", "", "<", "<=", ">", ">="]))
    high = draw(within(ranges.upper_limit.least, ranges.upper_limit.greatest))
    low = draw(within(ranges.lower_limit.least, min(ranges.lower_limit.greatest, high * step)))
    return LabResult(
        analyte,
        f"{bound}{draw(values)} {unit}",
        draw(_known_or_not(st.integers(0, 100).map(lambda days: _FIRST_DAY + timedelta(days=days - 5, hours=-1)))),
        draw(_known_or_not(st.just((low, unit)))),
        draw(_known_or_not(st.just((high, unit)))),
        draw(_known_or_not(values.map(lambda number: (number, unit)))),
    )


@st.composite
def courses(draw: st.DrawFn, upto: DosePoint) -> Course:
    """The doses before *upto*, a fortnight apart at most, some of them without a date or not complete."""
    days = [0, 7, 14, *range(28, 28 + 14 * upto.number, 14)]
    doses = []
    for number in range(1, upto.number):
        started = draw(st.sampled_from([_FIRST_DAY + timedelta(days=days[number - 1]), None]))
        ended = draw(st.sampled_from([None, started + timedelta(hours=1)])) if started else None
        amount = draw(st.sampled_from([None, Amount(1, "mg"), Amount(10, "mg")]))
        complete = draw(st.sampled_from([True, True, True, None, False]))
        doses.append(GivenDose(DosePoint.at(number), started, amount, ended=ended, complete=complete))
    return Course(doses)


@st.composite
def well_cases(draw: st.DrawFn) -> Case:
    """Cases in which nothing stands in the way of the dose, by the rulebooks of this release."""
    point = draw(dose_points(6))
    days = [0, 7, 14, *range(28, 28 + 14 * point.number, 14)]
    starts = [_FIRST_DAY + timedelta(days=day) for day in days]
    drawn = starts[point.number - 1] - timedelta(days=draw(st.integers(0, 6)), hours=1)
    potential = draw(st.booleans())
    count, ratio = st.floats(2.5, 100), st.floats(0.1, 1)
    units = {Analyte.NEUTROPHILS: "10*9/L", Analyte.HEMOGLOBIN: "g/dL", Analyte.PLATELETS: "10*9/L"}
    values = {Analyte.NEUTROPHILS: count, Analyte.HEMOGLOBIN: st.floats(10, 20), Analyte.PLATELETS: st.floats(75, 500)}
    labs = [LabResult(analyte, (draw(values[analyte]), unit), drawn) for analyte, unit in units.items()]
    labs += [
        LabResult(analyte, (limit * draw(ratio), KINDS[analyte].unit), drawn, upper_limit=(limit, KINDS[analyte].unit))
        for analyte, limit in ((Analyte.ALT, 40), (Analyte.AST, 40), (Analyte.BILIRUBIN, 1.2))
    ]
    return Case(
        patient=Patient(
            age_years=draw(st.integers(18, 100)),
            diagnosis=Diagnosis.EXTENSIVE_STAGE_SCLC,
            progressed_after_platinum=True,
            infection=Infection.NONE,
            childbearing_potential=potential,
            pregnant=False if potential else None,
            breastfeeding=False if potential else None,
        ),
        dose=point,
        planned_start=starts[point.number - 1],
        course=[GivenDose(DosePoint.at(n), starts[n - 1], Amount(1.0 if n == 1 else 10.0, "mg")) for n in range(1, point.number)],
        labs=draw(st.permutations(labs)),
        events=draw(
            st.lists(st.builds(ToxicityEvent, st.just(Toxicity.CRS), st.sampled_from([Grade.MILD]), status=st.just("resolved")), max_size=2)
        ),
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Whole cases: any part known or not, or a well case with one part of it drawn anew."""
    wild = draw(_wild_cases())
    if draw(st.booleans()):
        return wild
    well = draw(well_cases())
    part = draw(st.sampled_from(["patient", "planned_start", "ordered", "labs", "events", "findings", "course"]))
    changed: dict[str, Any] = {part: draw(courses(well.dose)) if part == "course" else getattr(wild, part)}
    return evolve(well, **changed)


@st.composite
def _wild_cases(draw: st.DrawFn) -> Case:
    point = draw(dose_points(4))
    return Case(
        patient=draw(patients()),
        dose=point,
        planned_start=draw(_known_or_not(st.integers(0, 120).map(lambda days: _FIRST_DAY + timedelta(days=days)))),
        ordered=draw(_known_or_not(st.sampled_from([Amount(1, "mg"), Amount(10, "mg")]))),
        course=draw(_known_or_not(courses(point))),
        labs=draw(_known_or_not(st.lists(lab_results(), max_size=6))),
        events=draw(histories()),
        findings=draw(_known_or_not(st.lists(neuro_findings() | crs_findings(), max_size=2, unique_by=type))),
    )

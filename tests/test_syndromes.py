"""Grading by findings: laws, and defects of public graders. The cases stand in `tests/spec/crs.md` and `icans.md`."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from tarlatamab_rules import (
    ContradictionError,
    CrsFindings,
    Decided,
    FieldTypeError,
    Grade,
    LabResult,
    NeuroFindings,
    NotCovered,
    UnitError,
    grade_crs,
    grade_febrile_neutropenia,
    grade_icans,
)
from tarlatamab_rules.strategies import crs_findings, neuro_findings


@pytest.mark.statement("CRS-1", "CRS-2", "CRS-4", "CRS-5")
@pytest.mark.parametrize(
    ("findings", "grade"),
    [
        ({"temperature": "36.8 Cel", "fever_masked": True, "hypotension": "one-vasopressor", "oxygen": "none"}, 3),
        ({"temperature": "38.5 Cel", "hypotension": "none", "vasopressin": False, "oxygen": "low-flow"}, 2),
        ({"temperature": "38.5 Cel", "hypotension": "none", "vasopressin": False, "oxygen": "positive-pressure"}, 4),
        ({"temperature": "38.5 Cel", "hypotension": "several-vasopressors", "oxygen": "high-flow"}, 4),
    ],
)
def test_defects_of_a_public_calculator(findings: dict[str, Any], grade: int) -> None:
    """No fever after treatment is not grade 0; low-flow alone is 2; positive pressure is 4; two vasopressors are 4 beside any oxygen."""
    assert grade_crs(CrsFindings(**findings)).unwrap() == grade


def test_fever_in_fahrenheit() -> None:
    """100.4 degrees Fahrenheit are the 38.0 degrees Celsius of the scale."""
    rest: dict[str, Any] = {"hypotension": "none", "vasopressin": False, "oxygen": "none", "fever_masked": False}
    assert grade_crs(CrsFindings(temperature="100.4 [degF]", **rest)).unwrap() == 1
    assert grade_crs(CrsFindings(temperature="100.3 [degF]", **rest)).unwrap() == 0


def test_unit_that_is_not_known() -> None:
    """A count in a unit that is not known is refused, and never grade 0."""
    with pytest.raises(UnitError):
        LabResult("neutrophils", "400 per drop")
    assert str(LabResult("neutrophils", "400 /uL").quantity) == "0.4 10*9/L"


ORDERS: dict[str, list[Any]] = {
    "hypotension": ["none", "responds-to-fluids", "one-vasopressor", "several-vasopressors"],
    "oxygen": ["none", "low-flow", "high-flow", "mask", "positive-pressure"],
}


@given(crs_findings(), st.sampled_from(sorted(ORDERS)), st.data())
def test_worse_findings_never_lower_a_grade_of_crs(findings: CrsFindings, field: str, data: st.DataObject) -> None:
    """More support for pressure or oxygen never gives a milder grade."""
    milder, worse = sorted(data.draw(st.lists(st.sampled_from(range(len(ORDERS[field]))), min_size=2, max_size=2)))
    one, other = (grade_crs(evolve(findings, **{field: ORDERS[field][n]})) for n in (milder, worse))
    if isinstance(one, Decided) and isinstance(other, Decided):
        assert other.value >= one.value


SEVERITIES: dict[str, list[Any]] = {
    "ice": [10, 9, 7, 6, 3, 2, 1, 0],
    "consciousness": ["alert", "awakens-spontaneously", "awakens-to-voice", "awakens-to-touch"],
    "seizure": ["none", "brief", "prolonged"],
    "motor_weakness": [False, True],
    "raised_icp": ["none", "focal", "diffuse"],
}


def graded(findings: NeuroFindings) -> Any:
    """The answer, or no example where the findings cannot all be true."""
    try:
        return grade_icans(evolve(findings, other_cause=None))
    except ContradictionError:
        assume(False)
        raise


@given(neuro_findings(), st.sampled_from(sorted(SEVERITIES)), st.data())
def test_worse_findings_never_lower_a_grade_of_icans(findings: NeuroFindings, field: str, data: st.DataObject) -> None:
    """A worse finding never gives a milder grade. A seizure that is denied and listed as a symptom leaves grades open."""
    assume(field != "seizure" or "seizures" not in (findings.symptoms or ()))
    milder, worse = sorted(data.draw(st.lists(st.sampled_from(range(len(SEVERITIES[field]))), min_size=2, max_size=2)))
    one, other = (graded(evolve(findings, **{field: SEVERITIES[field][n]})) for n in (milder, worse))
    assert min(other.possible) >= min(one.possible)
    assert max(other.possible) >= max(one.possible)


@given(neuro_findings(), st.sampled_from(["arousable", *sorted(SEVERITIES)]))
def test_knowledge_narrows_icans(findings: NeuroFindings, field: str) -> None:
    """What is possible with a finding known was possible without it."""
    assert set(graded(findings).possible) <= set(graded(evolve(findings, **{field: None})).possible)


@given(crs_findings(), st.sampled_from(["temperature", "hypotension", "vasopressin", "oxygen", "fever_masked"]))
def test_knowledge_narrows_crs(findings: CrsFindings, field: str) -> None:
    """The same of cytokine release syndrome."""
    assert set(grade_crs(findings).possible) <= set(grade_crs(evolve(findings, **{field: None})).possible)


def test_score_before_treatment() -> None:
    """A score before treatment that was not full is named; a full one, or none, is not."""
    alert: dict[str, Any] = {"consciousness": "alert", "seizure": "none", "motor_weakness": False, "raised_icp": "none"}
    rows = [reason.row for reason in grade_icans(NeuroFindings(ice=8, baseline_ice=8, **alert)).reasons]
    assert rows[0] == "guard/baseline-ice"
    for before in (10, None):
        assert "guard/baseline-ice" not in [r.row for r in grade_icans(NeuroFindings(ice=8, baseline_ice=before, **alert)).reasons]


def test_another_cause() -> None:
    """Findings of another cause are not graded as ICANS."""
    assert isinstance(grade_icans(NeuroFindings(ice=0, other_cause=True)), NotCovered)
    assert not isinstance(grade_icans(NeuroFindings(ice=0, other_cause=False)), NotCovered)


@pytest.mark.parametrize(
    "findings",
    [
        {"arousable": True, "consciousness": "unarousable"},
        {"arousable": False, "consciousness": "alert"},
        {"arousable": False, "ice": 5},
    ],
)
def test_contradictions(findings: dict[str, Any]) -> None:
    """Findings that cannot all be true are refused."""
    with pytest.raises(ContradictionError):
        grade_icans(NeuroFindings(**findings))


def test_garbage() -> None:
    """Findings are findings, and a fever has a neutrophil count."""
    with pytest.raises(FieldTypeError, match="pass CrsFindings"):
        grade_crs(NeuroFindings())  # type: ignore[arg-type]  # on purpose
    with pytest.raises(FieldTypeError, match="pass NeuroFindings"):
        grade_icans(None)  # type: ignore[arg-type]  # on purpose
    for count in (None, LabResult("platelets", "20 10*9/L")):
        with pytest.raises(FieldTypeError, match="is not a neutrophil count"):
            grade_febrile_neutropenia(count, "38.5 Cel")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(UnitError, match="temperature"):
        grade_febrile_neutropenia(LabResult("neutrophils", "0.4 10*9/L"), "38.5")


def test_bound_of_a_count() -> None:
    """A count known as a bound is graded where the bound decides."""
    few = LabResult("neutrophils", "<0.5 10*9/L")
    assert grade_febrile_neutropenia(few, "38.5 Cel").unwrap() is Grade.SEVERE
    assert grade_febrile_neutropenia(LabResult("neutrophils", "<2 10*9/L"), "38.5 Cel").possible == (0, 3)

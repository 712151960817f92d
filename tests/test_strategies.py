"""The strategies that are shipped for users' own tests."""

from __future__ import annotations

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from tarlatamab_rules import Case, CrsFindings, DosePoint, Patient, assess_case, strategies
from tarlatamab_rules.inputs.analytes import Analyte


@given(strategies.crs_findings(), strategies.dose_points(3), strategies.lab_results(st.just(Analyte.ALT)))
def test_they_draw_what_they_say(findings: CrsFindings, point: DosePoint, lab: object) -> None:
    """Each draws valid values of its type, within what was asked."""
    assert isinstance(findings, CrsFindings)
    assert point.cycle <= 3
    assert getattr(lab, "analyte", None) is Analyte.ALT


def test_they_reach_most_verdicts() -> None:
    """Most verdicts turn up by themselves; to proceed takes six normal results at once, and to withhold few other troubles."""
    wanted = {"needs-data", "needs-assessment", "excluded", "discontinue"}
    drawn: set[str] = set()

    @settings(max_examples=800, phases=[Phase.generate])
    @given(strategies.cases())
    def collect(case: Case) -> None:
        drawn.add(assess_case(case).verdict)

    collect()
    assert wanted <= drawn


def test_facts_are_left_unknown() -> None:
    """Wholly unknown patients are drawn too."""
    assert find(strategies.patients(), lambda patient: patient == Patient()) == Patient()

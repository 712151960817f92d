"""Findings of cytokine release syndrome and of neurotoxicity."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tarlatamab_rules.inputs.findings import FULL_ICE, CrsFindings, IceTest, NeuroFindings
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import OBJECTS, Consciousness, Hypotension, Oxygen, RaisedPressure, Seizure, Symptom
from tarlatamab_rules.strategies._drawing import TRUTHS, known_or_not, member

__all__ = ["crs_findings", "ice_tests", "neuro_findings"]

_TEMPERATURES = st.sampled_from(
    [
        *(Amount(celsius, "Cel") for celsius in (36.8, 37.2, 37.6, 37.9, 38.0, 38.1, 38.6, 39.4)),
        Amount(100.3, "[degF]"),
        Amount(100.4, "[degF]"),
    ]
) | st.floats(34, 42).map(lambda celsius: Amount(round(celsius, 1), "Cel"))
_OF_CRS: dict[str, st.SearchStrategy[Any]] = {
    "temperature": known_or_not(_TEMPERATURES),
    "hypotension": member(Hypotension),
    "vasopressin": TRUTHS,
    "oxygen": member(Oxygen),
    "fever_masked": TRUTHS,
    "other_cause": TRUTHS,
}
_QUIET_CRS: dict[str, Any] = {
    "temperature": Amount(36.8, "Cel"),
    "hypotension": Hypotension.NONE,
    "vasopressin": False,
    "oxygen": Oxygen.NONE,
    "fever_masked": False,
}
_OF_NEURO: dict[str, st.SearchStrategy[Any]] = {
    "ice": known_or_not(st.sampled_from([0, 2, 3, 6, 7, 9, FULL_ICE]) | st.integers(0, FULL_ICE)),
    "arousable": TRUTHS,
    "consciousness": member(Consciousness),
    "seizure": member(Seizure),
    "motor_weakness": TRUTHS,
    "raised_icp": member(RaisedPressure),
    "baseline_ice": known_or_not(st.integers(0, FULL_ICE)),
    "other_cause": TRUTHS,
    "symptoms": known_or_not(st.lists(st.sampled_from(Symptom), max_size=2)),
}
_QUIET_NEURO: dict[str, Any] = {
    "ice": FULL_ICE,
    "arousable": True,
    "consciousness": Consciousness.ALERT,
    "seizure": Seizure.NONE,
    "motor_weakness": False,
    "raised_icp": RaisedPressure.NONE,
    "symptoms": (),
}


def _some_of(facts: dict[str, st.SearchStrategy[Any]], quiet: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any facts, or normal facts except for a few."""
    names = st.lists(st.sampled_from(sorted(facts)), min_size=1, max_size=3, unique=True)
    few = names.flatmap(lambda chosen: st.fixed_dictionaries({name: facts[name] for name in chosen}))
    return st.fixed_dictionaries(facts) | few.map(lambda abnormal: quiet | abnormal)


def crs_findings() -> st.SearchStrategy[CrsFindings]:
    """Findings of cytokine release syndrome: any combination, or few abnormal ones. Temperatures lie on both sides of fever."""
    return _some_of(_OF_CRS, _QUIET_CRS).map(lambda facts: CrsFindings(**facts))


def neuro_findings() -> st.SearchStrategy[NeuroFindings]:
    """Findings of neurotoxicity: any combination, also findings that contradict each other, or few abnormal ones."""
    return _some_of(_OF_NEURO, _QUIET_NEURO).map(lambda facts: NeuroFindings(**facts))


def ice_tests() -> st.SearchStrategy[IceTest]:
    """ICE tests, each item done, not done, or not known."""
    items = dict.fromkeys(("year", "month", "city", "hospital", "command", "sentence", "counting"), TRUTHS)
    return st.builds(IceTest, objects_named=known_or_not(st.integers(0, OBJECTS)), **items)

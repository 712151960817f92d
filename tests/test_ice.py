"""The ICE score from its ten points, and what calls for it. The cases stand in `tests/spec/neurotoxicity.md`."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import asdict, evolve
from hypothesis import given
from hypothesis import strategies as st

from helpers import PAGE, well
from tarlatamab_rules import (
    FieldError,
    FieldTypeError,
    IceTest,
    NeuroFindings,
    NotCovered,
    ToxicityEvent,
    assess_dose,
    ice_assessment,
    ice_score,
)
from tarlatamab_rules.strategies import ice_tests


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("year", 1, FieldTypeError),
        ("command", "yes", FieldTypeError),
        ("objects_named", 4, FieldError),
        ("objects_named", True, FieldTypeError),
    ],
)
def test_garbage(field: str, value: Any, error: type[FieldError]) -> None:
    """What cannot be the result of an item is refused, by the name of its field."""
    with pytest.raises(error, match=field):
        IceTest(**{field: value})


def test_no_test() -> None:
    """A test is a test, findings are findings."""
    with pytest.raises(FieldTypeError, match="pass IceTest"):
        ice_score(10)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(FieldTypeError, match="pass NeuroFindings"):
        ice_assessment(None)  # type: ignore[arg-type]  # on purpose


def test_another_book() -> None:
    """The page has no points, and a scale of blood counts no symptoms."""
    assert isinstance(ice_score(IceTest(year=True), rulebook="precautions-2025-09"), NotCovered)
    assert isinstance(ice_assessment(NeuroFindings(symptoms=["confusion"]), rulebook="ctcae-5.0"), NotCovered)


@given(ice_tests())
def test_points(test: IceTest) -> None:
    """The score is a point for each item done and each object named; what is not known leaves every score up to its points open."""
    facts = asdict(test)
    named = facts.pop("objects_named")
    least = sum(done is True for done in facts.values()) + (named or 0)
    most = least + sum(done is None for done in facts.values()) + (3 if named is None else 0)
    answer = ice_score(test)
    assert list(answer.possible) == list(range(least, most + 1))
    assert set(answer.missing) == {name for name, value in asdict(test).items() if value is None}


@given(ice_tests(), st.data())
def test_more_knowledge_narrows(test: IceTest, data: st.DataObject) -> None:
    """A score that is possible with an item known was possible without it."""
    field = data.draw(st.sampled_from(sorted(asdict(test))))
    assert set(ice_score(test).possible) <= set(ice_score(evolve(test, **{field: None})).possible)


@pytest.mark.statement("NEU-1")
@pytest.mark.parametrize(
    ("findings", "status", "called_for"),
    [
        (NeuroFindings(symptoms=["confusion"]), "active", True),
        (NeuroFindings(seizure="brief"), None, True),
        (NeuroFindings(symptoms=["confusion"], ice=9), "active", False),
        (NeuroFindings(symptoms=[]), "active", False),
        (NeuroFindings(), "active", False),
        (NeuroFindings(symptoms=["confusion"]), "resolved", False),
    ],
)
def test_in_an_assessment(findings: NeuroFindings, status: Any, called_for: bool) -> None:
    """A key symptom of an episode that is not over calls for the ICE score where that is not known."""
    event = ToxicityEvent("icans", 1, status=status, findings=findings)
    said = "events[0]: recommend assessment of the ICE score: A key symptom of neurotoxicity: assess the ICE score. [NEU-1]"
    for book in (PAGE, None):
        assert (said in assess_dose(well(), "C1D8", events=[event], rulebook=book).notes) is called_for

"""What "or equivalent" comes to. The cases stand in `tests/spec/premedication.md`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules import Decided, FieldError, FieldTypeError, NotCovered, Steroid, UnitError, equivalent_dose


@pytest.mark.parametrize(
    ("changes", "error", "path"),
    [
        ({"amount": 8}, UnitError, "amount"),
        ({"amount": "0 mg"}, FieldError, "amount"),
        ({"amount": "<8 mg"}, FieldError, "amount"),
        ({"amount": "8 mL"}, UnitError, "amount"),
        ({"steroid": "aspirin"}, FieldError, "steroid"),
        ({"steroid": None}, FieldTypeError, "steroid"),
        ({"to": "Cortisone "}, FieldError, "to"),
        ({"to": None}, FieldTypeError, "to"),
        ({"route": "iv"}, FieldError, "route"),
    ],
)
def test_garbage(changes: dict[str, Any], error: type[FieldError], path: str) -> None:
    """What is no dose, no steroid or no route is refused, by the name of its field."""
    facts: dict[str, Any] = {"amount": "8 mg", "steroid": "dexamethasone", "to": "cortisone", "route": "oral"}
    with pytest.raises(error) as caught:
        equivalent_dose(**(facts | changes))
    assert caught.value.path == path


def test_units() -> None:
    """A mass in any unit comes back in mg."""
    assert str(equivalent_dose("0.008 g", "dexamethasone", to="hydrocortisone", route="oral").unwrap()) == "213.333 mg"


def test_another_book() -> None:
    """The page allows an equivalent, and has no numbers for it."""
    answer = equivalent_dose("8 mg", "dexamethasone", to="cortisone", route="oral", rulebook="precautions-2025-09")
    assert isinstance(answer, NotCovered)


@given(st.floats(0.01, 1000), st.sampled_from(Steroid), st.sampled_from(Steroid), st.sampled_from(Steroid))
def test_round_trip(amount: float, one: Steroid, two: Steroid, three: Steroid) -> None:
    """There and back is the same amount, and a detour does not matter."""
    there = equivalent_dose((amount, "mg"), one, to=two, route="oral").unwrap()
    assert equivalent_dose(there, two, to=one, route="oral").unwrap().value == pytest.approx(amount)
    direct = equivalent_dose((amount, "mg"), one, to=three, route="oral").unwrap()
    assert equivalent_dose(there, two, to=three, route="oral").unwrap().value == pytest.approx(direct.value)


@given(st.sampled_from(Steroid), st.sampled_from(Steroid))
def test_sources_are_cited(one: Steroid, two: Steroid) -> None:
    """Each number has its row, and the row its source."""
    answer = equivalent_dose("1 mg", one, to=two, route="intravenous")
    assert isinstance(answer, Decided)
    assert {reason.row for reason in answer.reasons} == {f"EQ-1/{one}", f"EQ-1/{two}"}
    assert {reason.citation and reason.citation.source for reason in answer.reasons} == {"steroid-equivalence"}

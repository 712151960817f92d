"""May this patient have the drug? The cases stand in `tests/spec/eligibility.md`."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import PAGE, well
from tarlatamab_rules import FieldTypeError, NotCovered, eligibility
from tarlatamab_rules.rules.eligibility import criteria


def test_hypersensitivity_is_not_spoken_of() -> None:
    """Neither the page nor the US label excludes for it, so it changes nothing here."""
    for book in (PAGE, None):
        assert eligibility(well(hypersensitivity=True), rulebook=book) == eligibility(well(), rulebook=book)


def test_citations() -> None:
    """Each criterion is cited with the date of its source; by the default, of infection speaks the page alone."""
    answer = eligibility(well(), rulebook=PAGE)
    assert len(answer.reasons) == 6
    assert {reason.citation.revision for reason in answer.reasons if reason.citation} == {"2025-09-16"}
    both = [reason.citation.revision for reason in eligibility(well()).reasons if reason.citation]
    assert (both.count("2025-09-16"), both.count("11/2025"), len(both)) == (6, 5, 11)


def test_criteria_one_by_one() -> None:
    """Each criterion has an answer of its own, also when another one has settled the whole."""
    each = criteria(well(age_years=12, infection=None))
    assert [answer.possible for answer in each] == [
        ("excluded",),
        ("eligible",),
        ("eligible",),
        ("eligible", "needs-assessment"),
        ("eligible",),
        ("eligible",),
        (None,),
    ]


@pytest.mark.parametrize("patient", [None, {}, "somebody"])
def test_no_patient(patient: Any) -> None:
    """What is no patient is refused."""
    with pytest.raises(FieldTypeError, match="is not a Patient"):
        eligibility(patient)


def test_a_book_that_does_not_ask() -> None:
    """A grading scale has no criteria, and says so."""
    answer = eligibility(well(), rulebook="ctcae-5.0")
    assert isinstance(answer, NotCovered)
    assert "says nothing about this" in answer.reasons[0].says

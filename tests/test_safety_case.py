"""Each hazard of the safety case is complete, and the tests it names exist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import hazards
import promises

HAZARDS = hazards.read()
PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "safety_case.md"


@pytest.mark.parametrize("hazard", HAZARDS, ids=[hazard["name"] for hazard in HAZARDS])
def test_a_hazard_is_complete(hazard: dict[str, Any]) -> None:
    """Cause, harm, measures, and what remains for people: none is missing, none is empty, and there is nothing else."""
    assert set(hazard) == set(hazards.PARTS)
    assert all(hazard.values())


@pytest.mark.parametrize("hazard", HAZARDS, ids=[hazard["name"] for hazard in HAZARDS])
def test_each_measure_has_a_test(hazard: dict[str, Any]) -> None:
    """Each measure names at least one test, and each test named exists and says what it shows."""
    for measure, tests in hazard["measures"].items():
        assert tests, measure
        assert [test for test in tests if not promises.says(test)] == [], measure


def test_names_are_unique() -> None:
    """No hazard is listed twice."""
    names = [hazard["name"] for hazard in HAZARDS]
    assert len(set(names)) == len(names)


def test_the_table_has_every_hazard() -> None:
    """The page has a place for the table, and the table a row of four cells for each hazard."""
    assert "\nHAZARDS\n" in PAGE.read_text(encoding="utf-8")
    rows = hazards.markdown().splitlines()[2:]
    assert len(rows) == len(HAZARDS)
    assert {row.count(" | ") for row in rows} == {3}


def test_safety_pages_link_to_each_other() -> None:
    """A reader of the limits finds the safety case, and the other way round."""
    safety = PAGE.with_name("safety.md").read_text(encoding="utf-8")
    assert "](safety_case.md" in safety
    assert "](safety.md" in PAGE.read_text(encoding="utf-8")

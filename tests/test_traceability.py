"""From statement to row, to rule, to test: nothing is missing on the way."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

import tarlatamab_rules
from helpers import PAGE, well
from tarlatamab_rules import DISCLAIMER, assess_dose, rulebooks
from tarlatamab_rules.views.text import as_text
from tarlatamab_rules.views.trace import trace

STATEMENTS = (
    "DRUG-1",
    "IND-1",
    "CI-1",
    "CI-2",
    "INF-1",
    "INF-2",
    "PRE-1",
    "PRE-2",
    "PRE-3",
    "PRG-1",
    "PRG-2",
    "PRG-3",
    "MON-1",
    "MON-2",
    "MON-3",
    "NEU-1",
    "NEU-2",
    "NEU-3",
    "NEU-4",
    "LAB-1",
    "LAB-2",
    "LAB-3",
    "ABN-1",
    "NOTE-1",
)
"""The statements of the page, in its order but for PRG and NEU, which stand together."""


@pytest.mark.statement("DRUG-1")
def test_drug() -> None:
    """The page is about a bispecific T-cell engager of DLL3 and CD3; a scale is about no drug."""
    drug = rulebooks.get(PAGE).drug
    assert drug is not None
    assert (drug.name, drug.kind, drug.targets) == ("tarlatamab", "bispecific T-cell engager", ("DLL3", "CD3"))
    assert drug.brands == ("Imdelltra", "Imdylltra"), "its names in the US and in the EU"
    assert dict(drug.codes)["ATC"] == "L01FX33"
    assert rulebooks.get("ctcae-5.0").drug is None


@pytest.mark.statement("NOTE-1")
def test_disclaimer() -> None:
    """A report says that it is for medical personnel, that information changes, and whom to consult; and it is dated by its source."""
    text = as_text(assess_dose(well(), "C1D1"), full=True)
    assert text.endswith(DISCLAIMER)
    for words in ("medical personnel", "not medical advice", "information changes", "attending physician"):
        assert words in DISCLAIMER
    assert rulebooks.get(PAGE).source.revision == "2025-09-16"


def test_every_statement_of_the_page_is_answered() -> None:
    """24 of 24: each has rows that a rule of the public interface reads, or says what carries it instead; and cases or tests by hand."""
    traces = {traced.statement.id: traced for traced in trace(PAGE)}
    assert set(traces) - {"SILENT"} == set(STATEMENTS)
    for traced in traces.values():
        assert bool(traced.rows) is not bool(traced.statement.instead_of_row), traced.statement.id
        assert all(row.cases for row in traced.rows), traced.statement.id
        assert traced.tests or traced.rows, traced.statement.id
        assert all(callable(getattr(tarlatamab_rules, row.question.name)) for row in traced.rows)


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_book_can_be_traced(name: str) -> None:
    """Each statement of each book has rows, each with cases by hand, or says what carries it instead, with a test."""
    for traced in trace(name):
        statement = traced.statement
        assert traced.rows or statement.instead_of_row, f"{statement.id} has no row, and does not say what carries it instead"
        assert traced.rows or traced.tests, f"mark a test with @pytest.mark.statement({statement.id!r}), and run tests/collected.py"
        assert [row.row.id for row in traced.rows if not row.cases] == []


@pytest.mark.thorough
def test_the_file_is_up_to_date() -> None:
    """What the package carries is what the suite holds; ``python tests/collected.py`` writes it anew."""
    tests = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, str(tests / "collected.py"), "--print"], capture_output=True, text=True, encoding="utf-8", check=True
    )
    assert json.loads(done.stdout) == json.loads(files("tarlatamab_rules").joinpath("traceability.json").read_text(encoding="utf-8"))

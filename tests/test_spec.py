"""The hand-written tables of `tests/spec`: facts with nulls, the answer, what is asked for, and the rows that are cited."""

from __future__ import annotations

import pytest

import spec_tables
from tarlatamab_rules import rulebooks

CASES = spec_tables.cases()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: spec_tables.SpecCase) -> None:
    """The library says what the line says, cites its rows, and asks for its facts."""
    assert spec_tables.answered(case) == case.expected


def test_every_table_is_read() -> None:
    """Every line of a table is used, except its head and its rule, and every function that the tables can ask is asked."""
    lines = [line for path in spec_tables.FOLDER.glob("*.md") for line in path.read_text(encoding="utf-8").splitlines()]
    tables = sum(line.startswith("| ---") for line in lines)
    assert len({(case.file, case.line) for case in CASES}) == sum(line.startswith("|") for line in lines) - 2 * tables
    assert {case.asked for case in CASES} == set(spec_tables.ASKED)


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_row_is_cited(name: str) -> None:
    """Every row of the book decides some case by hand; what a safeguard says is no row."""
    cited = {row for case in CASES for row in case.expected[2] if case.book == name and not row.startswith("guard/")}
    assert {row.id for rows in rulebooks.get(name).rows.values() for row in rows} == cited

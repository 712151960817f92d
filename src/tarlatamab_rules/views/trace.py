"""From each statement of a source to its rows, to the rule that reads them, to the hand-written cases and tests.

Cases and tests come from a file of this package. It is collected from the test suite, which checks that it is up to date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from tarlatamab_rules.core.evidence import Statement
from tarlatamab_rules.core.tables import Question, Row
from tarlatamab_rules.rulebooks._names import names
from tarlatamab_rules.rulebooks._registry import get, resolve

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Trace", "TracedRow", "rows_of", "trace"]


@frozen
class TracedRow:
    """A row that encodes a statement.

    Attributes:
        row: The row.

        question: What it answers; its name is the function that reads the row.

        about: What it is about, if several questions share that name. More than one if they share the row as well.

        cases: The files of hand-written cases that cite it, each with the number of cases.
    """

    row: Row[Any]
    question: Question[Any]
    about: tuple[str, ...]
    cases: tuple[tuple[str, int], ...]


@frozen
class Trace:
    """How a statement is encoded and tested.

    Attributes:
        statement: The statement.

        rows: The rows that encode it; none if `Statement.instead_of_row` says what carries it instead.

        tests: The tests about it, beside the cases of its rows, each with its docstring.
    """

    statement: Statement
    rows: tuple[TracedRow, ...]
    tests: tuple[tuple[str, str], ...]


def trace(rulebook: Rulebook | str | None = None) -> tuple[Trace, ...]:
    """How every statement of a rulebook is encoded and tested, in the order of the book.

    Args:
        rulebook: The book, or its name; the default book if left out.
    """
    book = resolve(rulebook)
    tested = _tested().get(book.name, {}) if book.name in names() and get(book.name) is book else {}
    cases, tests = tested.get("rows", {}), tested.get("statements", {})
    return tuple(
        Trace(
            statement,
            tuple(traced for traced in rows_of(book, cases) if traced.row.statement == statement.id),
            tuple(tests.get(statement.id, {}).items()),
        )
        for statement in book.statements
    )


def rows_of(book: Rulebook, cases: Mapping[str, Mapping[str, int]] = MappingProxyType({})) -> tuple[TracedRow, ...]:
    """Every row of a book once, even if several questions share it."""
    traced: dict[int, TracedRow] = {}
    for question, rows in book.rows.items():
        about = (question.about,) if question.about else ()
        for row in rows:
            seen = traced.get(id(row))
            traced[id(row)] = (
                TracedRow(row, question, about, tuple(cases.get(row.id, {}).items()))
                if seen is None
                else evolve(seen, about=seen.about + about)
            )
    return tuple(traced.values())


@cache
def _tested() -> dict[str, Any]:
    tested: dict[str, Any] = json.loads(files("tarlatamab_rules").joinpath("traceability.json").read_text(encoding="utf-8"))
    return tested

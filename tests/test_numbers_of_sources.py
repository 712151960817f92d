"""Every number of a source is in the module of that source; shared modules have shapes and words, but no number."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from math import isinf
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest

from tarlatamab_rules import rulebooks
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks import tarlatamab

FOLDER = Path(tarlatamab.__file__).parents[1]
DATA = {"tarlatamab/drug": "the codes of the drug", "tarlatamab/revisions": "the days from which revisions are in force"}
"""Shared modules that are no shapes: what they state is of no one book."""

STRUCTURE = {0, 1}
"""0 is where something begins: a day itself, the start of an infusion, a value. 1 is the next day or grade, or a plan, a limit or a
baseline itself when another value is so many times as much."""

NAMED = {"tarlatamab/label": {"NONE", "DEATH"}, "tarlatamab/setup": set(), "scales/ctcae": {"NONE", "MILD"}}
"""The grades that a shape may name: none and death, which end every scale; and the first, of a value that is beyond a limit of normal."""


def shared() -> tuple[str, ...]:
    """The modules of both folders that hold no book."""
    paths = [path for folder in ("scales", "tarlatamab") for path in sorted((FOLDER / folder).glob("*.py")) if path.stem != "__init__"]
    return tuple(f"{path.parent.name}/{path.stem}" for path in paths if "\nBOOK: Final = " not in path.read_text(encoding="utf-8"))


def numbers(source: str, named: set[str]) -> Iterator[str]:
    """The numbers that a module states: in its code, in its texts, and as grades by name. What describes it is left out."""
    described: set[ast.AST] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            described.add(node.value)
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            described.update(ast.walk(node.format_spec))
        if isinstance(node, ast.expr) and node not in described and (said := _said(node, named)):
            yield f"{node.lineno}: {said}"


def _said(node: ast.expr, named: set[str]) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Grade" and node.attr not in named:
        return f"Grade.{node.attr}"
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return ""
    if isinstance(node.value, int | float):
        return "" if node.value in STRUCTURE else repr(node.value)
    return node.value if isinstance(node.value, str) and any(letter.isdigit() for letter in node.value) else ""


class TestShapes:
    """The modules that several books are written with."""

    def test_which(self) -> None:
        """What labels share, how an infusion is compared with its plan, and what both versions of the CTCAE share."""
        assert set(shared()) - set(DATA) == set(NAMED)

    @pytest.mark.parametrize("module", [name for name in shared() if name not in DATA])
    def test_no_number(self, module: str) -> None:
        """A shape states no amount, hour, day, grade, ratio or age: each is an argument, given in the module of its source."""
        assert list(numbers((FOLDER / f"{module}.py").read_text(encoding="utf-8"), NAMED[module])) == []

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ("rows = within(7)", ["1: 7"]),
            ("rows = between(0.98, 1)", ["1: 0.98"]),
            ("offset = Span(-2, 0, 'h')", ["1: 2"]),
            ("if days > 28:\n    pass", ["1: 28"]),
            ("def liver(*, enzyme=3): ...", ["1: 3"]),
            ("says = 'Within 14 days.'", ["1: Within 14 days."]),
            ("says = f'Within {days} days: 10 mg.'", ["1:  days: 10 mg."]),
            ("when = {GRADE: Grade.SEVERE}", ["1: Grade.SEVERE"]),
            ("when = {GRADE: grades(1, 2)}", ["1: 2"]),
        ],
    )
    def test_planted(self, source: str, found: list[str]) -> None:
        """A number in code, in a text, as a default or as the name of a grade is found."""
        assert list(numbers(source, {"NONE", "DEATH"})) == found

    @pytest.mark.parametrize(
        "source",
        [
            '"""What labels share, of Tables 5 and 6."""',
            "def late(days):\n    '''From day 15 on.'''\n    return at_least(days + 1)",
            "offset = Span(-hours, 0, 'h')",
            "says = f'{tolerance:.2%} of it'",
            "over, nothing = True, Grade.NONE",
        ],
    )
    def test_structure(self, source: str) -> None:
        """Descriptions, formats, truth values, 0 and 1, and the grades that end a scale are no numbers of a source."""
        assert list(numbers(source, {"NONE", "DEATH"})) == []


@cache
def _module_of(name: str) -> ModuleType:
    book = rulebooks.get(name)
    return next(module for module in list(sys.modules.values()) if getattr(module, "BOOK", None) is book)


def _stated(module: ModuleType) -> set[float]:
    """The numbers in a module of a book; of a revision, also those in the book before it."""
    assert module.__file__ is not None
    before = [value for value in vars(module).values() if isinstance(value, ModuleType) and hasattr(value, "BOOK")]
    nodes = ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8")))
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    own = {float(value) for value in constants if isinstance(value, int | float) and not isinstance(value, bool)}
    return own.union(*map(_stated, before))


def _numbers_in(value: Any) -> Iterator[float]:
    """The numbers in an answer; grades have names, and are left out."""
    if isinstance(value, tuple):
        yield from (number for item in value for number in _numbers_in(item))
    elif attrs.has(type(value)):
        yield from (number for each in attrs.fields(type(value)) for number in _numbers_in(getattr(value, each.name)))
    elif isinstance(value, int | float) and not isinstance(value, bool | Grade):
        yield abs(value)


def _ends(row: Row[Any]) -> Iterator[float]:
    """The ends of the intervals of which a row speaks."""
    spans = [condition for condition in row.when.values() if isinstance(condition, Interval)]
    yield from (end for span in spans for end in (span.low, span.high) if not isinf(end))


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_number_of_a_row(name: str) -> None:
    """Each amount, hour and day that a row answers with is written in the module of its book; of a scale, each limit of a grade as well.

    In a label limits are the days after a number of days, and doses by their names, which the shapes work out.
    """
    book = rulebooks.get(name)
    rows = [row for of_question in book.rows.values() for row in of_question]
    said = {number: row.id for row in rows for number in (*_numbers_in(row.then), *(_ends(row) if book.drug is None else ()))}
    assert len(said) > 3
    assert {number: row for number, row in said.items() if number not in _stated(_module_of(name)) | STRUCTURE} == {}

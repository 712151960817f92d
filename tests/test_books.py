"""Rulebooks for readers: on the command line, and as pages of the documentation."""

from __future__ import annotations

import re

import pytest

from helpers import PAGE
from tarlatamab_rules import Amount, InfusionPlan, LabsDue, Rulebook, Statement, rulebooks
from tarlatamab_rules.answers.prose import facts_in_words, in_words
from tarlatamab_rules.evidence import Source
from tarlatamab_rules.questions.dosing import BY_AGE, PREMEDICATION
from tarlatamab_rules.questions.facts import POINT, points
from tarlatamab_rules.tables import Row
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown, rulebook_text


def test_cells_are_counted() -> None:
    """The page of a book says how many cells its tables answer."""
    assert (
        "Each of 278 combinations of facts is answered once; in 183 the source is silent. 217 more contradict themselves."
        in rulebook_markdown(PAGE)
    )


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_row_is_in_the_tables(name: str) -> None:
    """Each row stands in the page of its book once, with its answer, in a table that Markdown can read."""
    page = rulebook_markdown(name)
    for rows in rulebooks.get(name).rows.values():
        for row in rows:
            assert page.count(f"| {row.id} | ") == 1
    widths = {line.replace("\\|", "").count("|") for line in page.splitlines() if line.startswith("|")}
    assert widths == {6}
    assert "<0" not in page
    assert "None" not in page


def test_matrix() -> None:
    """The matrix has a heading for every statement, its rows with what they answer, and its tests."""
    page = matrix_markdown(PAGE)
    statements = [each.id for each in rulebooks.get(PAGE).statements]
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == statements
    assert [anchor.upper() for anchor in re.findall(r"^\((.*)\)=$", page, re.MULTILINE)] == statements
    function = "{py:func}`~tarlatamab_rules.contraception_window`"
    assert f"| PRG-2 | {function} | childbearing potential: yes | use contraception until 2 months after the last dose |" in page
    assert f"| PRG-2/none | {function} | childbearing potential: no | *the source does not say* |" in page
    assert " | 9 in [contraception](cases/contraception.md) |" in page
    assert "No row. The disclaimer that every report carries: `DISCLAIMER`. Revisions are dated." in page
    assert "whom to consult; and it is dated by its source. (`tests/test_traceability.py::test_disclaimer`)\n" in page


def test_a_book_without_cases() -> None:
    """A book of one's own can be read as well; where nothing is checked by hand, that is said."""
    book = Rulebook(
        Source("mine", "Mine", "Me", "1"), (Statement("A-1", "One", "a"),), {BY_AGE: (Row("A-1", {}, None, "Silent."),)}, "ctcae-5.0"
    )
    assert rulebook_text(book).splitlines()[-3:] == [
        "  A-1: eligibility, any case",
        "    -> the source does not say",
        "    no case of its own",
    ]
    assert "| A-1 | any case | *the source does not say* | Silent. |  |" in rulebook_markdown(book)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row("a", {POINT: points("C1D1", "C1D8")}, None, ""), ["dose: C1D1, C1D8"]),
        (Row("a", {POINT: points("C1D1", "C2D1")}, None, ""), ["dose: C1D1 to C2D1"]),
        (Row("a", {POINT: points("C5D1")}, None, ""), ["dose: C5D1 and later"]),
        (Row("a", {POINT: points("C2D1", "C2D1")}, None, ""), ["dose: C2D1"]),
        (Row("a", {POINT: 3}, None, ""), ["dose: C1D15"]),
    ],
)
def test_facts(row: Row[object], expected: list[str]) -> None:
    """A dose is named by its point."""
    assert facts_in_words(PREMEDICATION, row.when) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (InfusionPlan(), []),
        (InfusionPlan(duration=Amount(1, "h"), pump=False, constant_rate=False), ["infusion over 1 h without a pump at a changing rate"]),
        (LabsDue(), []),
        (7, ["7"]),
    ],
)
def test_odd_values(value: object, expected: list[str]) -> None:
    """What no book of this release answers reads well all the same."""
    assert in_words(value) == expected

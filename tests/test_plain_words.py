"""Rows, statements, titles, guards and answers in the words of a ward, without the phrases that `plain_words` lists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict

import tarlatamab_rules
from helpers import DRUG_BOOKS
from plain_words import LOOSE, faults
from tarlatamab_rules import Grade, Route, Steroid, rulebooks
from tarlatamab_rules.core.axes import Axis, called
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.questions import EQUIVALENT
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS
from tarlatamab_rules.values.conditions import facts_in_words
from tarlatamab_rules.values.disagreements import dissent_in_words
from tarlatamab_rules.values.wording import in_words
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown, stack_markdown

BOOKS = (*rulebooks.names(), rulebooks.default().name, f"strictest of {', '.join(DRUG_BOOKS)}")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Severe is read as grade 3-4.", "is read as"),
        ("Grade 2 or worse is read of all three.", "is read of"),
        ("read thus: within the hour", "read thus"),
        ("not decided, for want of on", "for want of"),
        ("Beside a missing result stand those at hand.", "at hand"),
        ("A number does not tell of them.", "tell of"),
        ("Grade 1 cannot be told from none.", "cannot be told"),
        ("What the page does not speak of.", "speak"),
        ("Of ordered values the stricter stands.", "the stricter stands"),
        ("The table is taken as it stands.", "as it stands"),
        ("0 of who cannot be woken: grade 4.", "who cannot"),
        ("Where there is a gap the book is silent.", "Where there"),
        ("The table asks nothing of another reaction.", "asks nothing of"),
        ("Nobody need ask.", ""),
        ("What CRS obliges one to do.", "obliges one"),
        ("Grade 3 neutropenia that is down to grade 2.", "down to grade"),
        ("That it is so is our reading.", "our reading"),
        ("Withhold for 3 days at least.", "3 days at least"),
        ("It says nothing of recurrence.", "says nothing of"),
    ],
)
def test_what_is_awkward(text: str, phrase: str) -> None:
    """Each awkward phrase is found, and the fault says what to write instead."""
    found = faults(text)
    assert any(repr(phrase) in fault for fault in found) is bool(phrase)
    assert all("write '" in fault for fault in found)


@pytest.mark.parametrize(
    "text",
    [
        "A patient who cannot be woken has an ICE score of 0.",
        "Give every infusion where severe reactions can be managed.",
        "Grade 3 ICANS: withhold until it resolves.",
        "Interpretation: asked unless childbearing potential is ruled out.",
        "Monitor for 22 to 24 h after the infusion ends, in hospital.",
        "The results count from after the draw.",
        "Read the label in force.",
    ],
)
def test_what_is_plain(text: str) -> None:
    """What a native writer would say has no fault."""
    assert faults(text, LOOSE) == []


def test_a_fault_that_is_meant() -> None:
    """A literal part of a text can be left out: a quotation, a name in code."""
    assert faults("The page says 'at hand'.") == ["'at hand': write 'available'"]
    assert faults("The page says 'at hand'.", ignore=["'at hand'"]) == []


@pytest.mark.parametrize("name", rulebooks.names())
def test_rows(name: str) -> None:
    """What every row, statement, source, question and fact of every book says, in plain words."""
    found = {text: wrong for text in _written(rulebooks.get(name)) if (wrong := faults(text, LOOSE))}
    assert found == {}


@pytest.mark.parametrize("name", BOOKS)
def test_answers(name: str) -> None:
    """Every answer of every book, and every disagreement of a stack, in the words of a report."""
    texts = set(_answered(rulebooks.get(name)))
    assert {text: wrong for text in texts if (wrong := faults(text, LOOSE))} == {}


def test_pages() -> None:
    """The pages of rulebooks and of their traces, apart from what tests and cases say of themselves."""
    pages = [*map(rulebook_markdown, rulebooks.names()), stack_markdown()]
    lines = [line for page in pages for line in page.splitlines() if not line.startswith(("<", "| "))]
    lines += [line for name in DRUG_BOOKS for line in matrix_markdown(name).splitlines()[:6]]
    assert {line: wrong for line in lines if (wrong := faults(line))} == {}


def test_notes_on_revisions() -> None:
    """What is known of a revision that is not encoded."""
    assert [faults(revision.note, LOOSE) for revision in REVISIONS] == [[]] * len(REVISIONS)


def _written(book: Rulebook) -> Iterator[str]:
    yield from (part for part in asdict(book.source).values() if isinstance(part, str))
    for statement in book.statements:
        yield from (statement.place, statement.text, statement.instead_of_row)
    for question, rows in book.rows.items():
        yield question.about
        yield from map(called, question.axes)
        yield from (ban.because for ban in question.impossible)
        for row in rows:
            yield from (row.says, row.interpretation, row.unsettled, row.caveat)
            yield from facts_in_words(question, row.when)
    yield from (reason.says for reason in book[EQUIVALENT](Steroid.DEXAMETHASONE, Route.ORAL).reasons)


def _answered(book: Rulebook) -> Iterator[str]:
    for question in book.rows:
        for answer in set(book[question].answers.values()):
            values: list[Any] = [value for value in answer.possible if value is not None and not isinstance(value, Grade)]
            yield from (line for value in values for line in in_words(value))
            yield from dissent_in_words(answer)


def test_a_title_is_for_readers() -> None:
    """No title of a fact is a name in code."""
    axes: set[Axis] = {axis for name in rulebooks.names() for question in rulebooks.get(name).rows for axis in question.axes}
    assert [called(axis) for axis in axes if "_" in called(axis)] == []


ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(path for path in (ROOT / "docs").rglob("*.md") if not {"_build", "cases", "rulebooks", "traceability.md"} & {*path.parts}),
        *(ROOT / "examples").glob("*.md"),
    ]
)
"""The pages that are written by hand. Those that the build of the site writes are tested by what they are made from."""
QUOTED = ("*for want of X*", "*tells of*", "*speaks of ..., which the question does not ask about*")
"""What a page quotes: phrases to avoid, and an error for authors of rows."""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_documentation(path: Path) -> None:
    """No page has an awkward phrase. Code and its output are left out: they are tested where they come from."""
    prose = re.sub(r"`[^`]*`", "", re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert faults(prose, ignore=QUOTED) == []


MODULES = sorted(Path(tarlatamab_rules.__file__).parent.rglob("*.py"))
NOUN_CLAUSE = re.compile(r"[Ww]here (?:there|it|one|no|nothing|that|a|an|the)\b")
"""*Where a patient is watched* names a place in the description of a field."""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_texts_of_code(path: Path) -> None:
    """No text of the code has an awkward phrase: docstrings, errors, notes and safeguards alike."""
    texts = [node.value for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)]
    found = [fault for text in texts if isinstance(text, str) for fault in faults(NOUN_CLAUSE.sub("", text), ignore=_NAMED)]
    assert found == []


_NAMED = (" speaks of ",)
"""The error for authors of rows that `QUOTED` names."""

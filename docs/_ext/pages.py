"""Pages, and parts of pages, that are written from the rulebooks, the cases by hand and the news fragments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notebooks import is_notebook

from tarlatamab_rules import TableError, assess_case, read_case_file, rulebooks
from tarlatamab_rules.cohort.frames.columns import COLUMNS, Column
from tarlatamab_rules.core.axes import called
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.rulebooks._proofs import prove, refuse_unused
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown, stack_markdown
from tarlatamab_rules.views.html import as_html
from tarlatamab_rules.views.markdown import escaped, table_lines
from tarlatamab_rules.views.plot import plot_actions, svg
from tarlatamab_rules.views.units import units_markdown

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent

_PAGE = "precautions-2025-09"
MATRICES = {name: "traceability" if name == _PAGE else f"traceability-{name}" for name in rulebooks.names() if rulebooks.get(name).drug}
"""The page with the matrix of each book about the drug."""
_REPORT = "ice_2_after_c1d8.json"
"""The example whose report the first page shows, as the README does."""
_GRID = DOCS / "reference" / "grid_of_the_default.svg"


def write_pages(_app: Sphinx) -> None:
    """Writes the generated pages, and removes those that nothing generates any more."""
    books, cases = DOCS / "reference" / "rulebooks", DOCS / "reference" / "cases"
    pages = {books / f"{name}.md": rulebook_markdown(name) for name in rulebooks.names()}
    pages |= {books / "default.md": stack_markdown()}
    pages |= {cases / path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "spec").glob("*.md")}
    for path in {*books.glob("*.md"), *cases.glob("*.md")} - {*pages, books / "index.md", cases / "index.md"}:
        path.unlink()
    pages |= {DOCS / "reference" / f"{page}.md": matrix_markdown(name) for name, page in MATRICES.items()}
    pages |= {_GRID: svg(plot_actions()), DOCS / "reference" / "columns.md": columns_markdown()}
    for path, text in pages.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def counts() -> dict[str, int]:
    """What pages count, as of the build: `{{ examples }}` in a page is the number of example cases."""
    books = [rulebooks.get(name) for name in rulebooks.names()]
    return {
        "books": len(books),
        "drug_books": sum(bool(book.drug) for book in books),
        "examples": len(list((ROOT / "examples").rglob("*.json"))),
        "guides": len(list((DOCS / "howto").glob("*.md"))),
        "rows": sum(len({row.id for row in rows}) for book in books for rows in book.rows.values()),
        "scripts": len(list((ROOT / "examples").glob("*.py"))),
        "statements": sum(len(book.statements) for book in books),
        "tutorials": sum(is_notebook(path.read_text(encoding="utf-8")) for path in (DOCS / "tutorials").glob("*.md")),
    }


def cells_markdown() -> str:
    """How many cells every table has, book by book, as of the build of the page."""
    lines: list[str] = []
    for name in (*rulebooks.names(), rulebooks.default().name):
        book = rulebooks.get(name)
        rows, total = [], [0, 0, 0]
        for question in book.rows:
            table = book[question]
            counts = (table.cells, table.silent, table.impossible)
            total = [before + count for before, count in zip(total, counts, strict=True)]
            rows.append((escaped(question.title), *map(str, counts)))
        lines += ["", f"### {name}", "", f"{total[0]} cells in {len(rows)} tables, {total[1]} of them open; {total[2]} more cannot be.", ""]
        lines += ["```{raw} html", "<details><summary>Table by table</summary>", "```", ""]
        lines += [*table_lines(("table", "cells", "open", "cannot be"), rows), "", "```{raw} html", "</details>", "```"]
    return "\n".join(lines)


def monotone_markdown() -> str:
    """The result of the proof that no worse fact has a milder answer, with each exception, as of the build of the page."""
    books: list[tuple[str, ...]] = []
    exceptions: dict[tuple[str, str, str], Row[Any]] = {}
    refuse_unused(rulebooks.get(name).rows for name in rulebooks.names())
    strictest = "strictest of " + ", ".join(MATRICES)
    for name in (*rulebooks.names(), rulebooks.default().name, strictest):
        book = rulebooks.get(name)
        proof = prove(book[question] for question in book.rows)
        if proof.violations:
            msg = f"{name}: {proof.violations[0]}"
            raise TableError(msg)
        rows = {(row.id, row.says, row.interpretation): row for exception in proof.exceptions for row in exception.rows}
        books.append((escaped(name), *map(str, (proof.cells, proof.neighbours, len(proof.exceptions), len(rows)))))
        exceptions |= rows
    marked = []
    for row in exceptions.values():
        where = "; ".join(f"{called(axis)}: {', '.join(sorted(what))}" for axis, what in row.excepted.items())
        marked.append((row.id, escaped(where), escaped(row.says), escaped(row.interpretation)))
    head = ("book", "cells", "neighbours", "exceptions among them", "rows that say why")
    heads = ("row", "along which fact, milder in what", "says", "interpretation")
    return "\n".join([*table_lines(head, books), "", *table_lines(heads, sorted(marked))])


_PARTS = {
    "dose": "The planned dose",
    "course": "The doses given so far",
    "patient": "The patient",
    "events": "Whether the toxicities are known",
}
_KINDS = {"labs": "Results of", "events": "An episode of", "findings": "Current findings of"}


def columns_markdown() -> str:
    """The columns that a frame with one row a dose may have."""
    lines = ["# Columns of a frame", "", "What `cohort.assess` reads, one row a dose. Null means *not known*.", ""]
    lines += ["[How to assess a table of doses](../howto/frames.md) shows their use.", ""]
    lines += ["`cohort.case_of_row` gives the case that a row describes; its answer is by definition the answer of the row."]
    by_part: dict[str, list[Column]] = {}
    for column in COLUMNS.values():
        by_part.setdefault(column.part, []).append(column)
    for part, columns in by_part.items():
        kind, _, which = part.partition(".")
        title = _PARTS.get(part) or f"{_KINDS[kind]} {which}"
        rows = [(f"`{column.name}`", column.holds, escaped(_meaning(column))) for column in columns]
        lines += ["", f"## {title}", "", *table_lines(("column", "holds", "means"), rows)]
    return "\n".join(lines) + "\n"


def _meaning(column: Column) -> str:
    return f"{column.says} One of: {', '.join(column.words)}." if column.words else column.says


def agreement_markdown() -> str:
    """What zen-engine answers for every cell of every book."""
    from zen_agreement import table_markdown  # noqa: PLC0415  # it starts the engine

    return table_markdown()


def promises_markdown() -> str:
    """Every promise of these pages with the tests that hold it."""
    import promises  # noqa: PLC0415  # of the folder of the tests, which conf.py puts on the path

    return promises.markdown()


def hazards_markdown() -> str:
    """The hazards of the safety case, each with the tests that show what the library does about it."""
    import hazards  # noqa: PLC0415  # of the folder of the tests, as above

    return hazards.markdown()


def report_markdown() -> str:
    """The report of an example, as `as_html` gives it."""
    report = as_html(assess_case(read_case_file(ROOT / "examples" / _REPORT)))
    caption = (
        "*What the library answers: an ICE score of 2, two days after the second dose, still active. The case is made up; it is "
        f"`examples/{_REPORT}`.* [Show a report](howto/show.md) as text, HTML or Markdown."
    )
    return f"```{{raw}} html\n{report}\n```\n\n{caption}"


def grid_markdown() -> str:
    """The grid of what happens to the drug, by the books that answer by default."""
    alt = "Grid of what happens to the drug, by toxicity and grade, by the precautions page over the US label of 11/2025."
    caption = "What happens to the drug while a toxicity is active. [The grids](reference/grids.md) explain it, and say the same in tables."
    picture = _GRID.relative_to(DOCS).as_posix()
    return f"```{{figure}} {picture}\n:alt: {alt} The page of the grids has it as a table.\n\n{caption}\n```"


def news_markdown() -> str:
    """What is not released yet, from the news fragments."""
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "Unreleased", "--date", ""]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)  # noqa: S603  # our own
    return done.stdout.replace("## Unreleased ()", "## Not released yet")


PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("changelog", "NEWS"): news_markdown,
    ("explanation/safety_case", "HAZARDS"): hazards_markdown,
    ("explanation/proofs", "CELL_COUNTS"): cells_markdown,
    ("explanation/proofs", "MONOTONE_COUNTS"): monotone_markdown,
    ("index", "<!-- grid picture -->"): grid_markdown,
    ("index", "<!-- report picture -->"): report_markdown,
    ("reference/conformance", "FIGURES"): agreement_markdown,
    ("reference/promises", "PROMISES"): promises_markdown,
    ("reference/units", "UNIT_TABLES"): units_markdown,
}
"""By page and by a line of it: the text that replaces the line when the page is built."""


def write_parts(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Replaces the lines of a page."""
    for (page, word), written in PARTS.items():
        if page == docname:
            before, line, after = source[0].partition(f"\n{word}\n")
            if not line:
                msg = f"{page} has no line {word}"
                raise ValueError(msg)
            source[0] = f"{before}\n{written()}\n{after}"


def anchors() -> Iterator[tuple[str, str, str]]:
    """Every page of a book with the ids of rows and statements that it must have as anchors."""
    for name in rulebooks.names():
        book = rulebooks.get(name)
        ids = [row.id for rows in book.rows.values() for row in rows] + [statement.id for statement in book.statements]
        yield from ((f"reference/rulebooks/{name}.html", name, id_) for id_ in dict.fromkeys(ids))
    for name, page in MATRICES.items():
        yield from ((f"reference/{page}.html", name, statement.id) for statement in rulebooks.get(name).statements)


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.connect("builder-inited", write_pages)
    app.connect("source-read", write_parts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Rulebooks for readers: each statement traced to its rows, rules and tests, and all rows as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tarlatamab_rules.answers.prose import facts_in_words, in_words
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.traceability import Trace, TracedRow, rows_of, trace

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["matrix_markdown", "rulebook_markdown", "rulebook_text"]

_SILENT = "the source does not say"


def rulebook_text(rulebook: Rulebook | str | None = None) -> str:
    """Every statement of a book with its rows, the rules that read them, and the cases and tests about them, in plain text."""
    book = resolve(rulebook)
    lines = [f"{book.name}: {book.source.title}", f"{book.source.publisher}, {book.source.revision}", _proof(book)]
    for each in trace(book):
        lines += ["", f"{each.statement.id} ({each.statement.section})", f"  {each.statement.text}"]
        lines += [f"  {line}" for row in each.rows for line in _row_lines(row)]
        lines += [f"  no row: {each.statement.instead_of_row}"] if each.statement.instead_of_row else []
        lines += [f"  {test}: {says}" for test, says in each.tests]
    return "\n".join(lines)


def _row_lines(row: TracedRow) -> Iterator[str]:
    facts = ", ".join(_facts(row)) or "any case"
    yield f"{row.row.id}: {row.question.name}, {facts}"
    yield f"  -> {_answer(row)}"
    if row.row.reading:
        yield f"  read thus: {row.row.reading}"
    yield f"  {_cases(row)}"


def _answer(row: TracedRow) -> str:
    return _SILENT if row.row.then is None else "; ".join(in_words(row.row.then)) or "adds nothing of its own"


def _cases(row: TracedRow) -> str:
    return ", ".join(f"{count} {'case' if count == 1 else 'cases'} in {file}" for file, count in row.cases) or "no case of its own"


def _proof(book: Rulebook) -> str:
    tables = [book[question] for question in book.rows]
    cells, silent, out = (sum(getattr(table, count) for table in tables) for count in ("cells", "silent", "impossible"))
    return f"Each of {cells} combinations of facts is answered once; in {silent} the source is silent. {out} more contradict themselves."


def rulebook_markdown(rulebook: Rulebook | str | None = None) -> str:
    """All rows of a book as a page: a table for each function, with its facts, its answer, and how the source was read."""
    book = resolve(rulebook)
    rows: dict[str, list[TracedRow]] = {}
    for each in rows_of(book):
        rows.setdefault(each.question.name, []).append(each)
    lines = [f"# {book.source.title}", "", f"`{book.name}`: {book.source.publisher}, {book.source.revision}.", "", _proof(book)]
    for name, of_function in rows.items():
        cells = [
            (each.row.id, _facts_cell(each), _answer_cell(each), _escaped(each.row.says), _escaped(each.row.reading))
            for each in of_function
        ]
        lines += ["", f"## {name}", "", *_table(("row", "facts", "answer", "in words", "read thus"), cells)]
    return "\n".join(lines) + "\n"


def matrix_markdown(rulebook: Rulebook | str | None = None) -> str:
    """A page that traces every statement of a book to its rows, to the functions that read them, and to cases and tests.

    Its links lead to the pages beside it in the documentation.
    """
    book = resolve(rulebook)
    traces = trace(book)
    lines = [
        f"# From statement to test: {book.name}",
        "",
        f"`{book.name}`: {book.source.title}, {book.source.publisher}, {book.source.revision}.",
        "",
        "Each statement of the source, the rows that encode it, the functions that read them, the cases by hand that cite them, and",
        f"further tests. All rows by function are [tables of their own](rulebooks/{book.name}.md).",
        "",
        *_table(("statement", "rows", "functions", "cases by hand", "further tests"), map(_summary, traces)),
    ]
    for each in traces:
        statement = each.statement
        lines += [
            "",
            f"({statement.id.lower()})=",
            f"## {statement.id}",
            "",
            f"*{statement.section}.* {statement.text}",
            "",
            *_details(each),
        ]
    return "\n".join(lines) + "\n"


def _summary(each: Trace) -> tuple[str, ...]:
    functions = ", ".join(map(_function, dict.fromkeys(row.question.name for row in each.rows)))
    files = ", ".join(map(_page, dict.fromkeys(file for row in each.rows for file, _ in row.cases)))
    return f"[{each.statement.id}](#{each.statement.id.lower()})", str(len(each.rows)), functions, files, str(len(each.tests))


def _details(each: Trace) -> Iterator[str]:
    if each.statement.instead_of_row:
        yield from (f"No row. {each.statement.instead_of_row}", "")
    if each.rows:
        cells = [
            (
                row.row.id,
                _function(row.question.name),
                _facts_cell(row),
                _answer_cell(row),
                _escaped(row.row.reading),
                ", ".join(f"{count} in {_page(file)}" for file, count in row.cases),
            )
            for row in each.rows
        ]
        yield from (*_table(("row", "function", "facts", "answer", "read thus", "cases by hand"), cells), "")
    yield from (f"- {_escaped(says)} (`{test}`)" for test, says in each.tests)


def _facts(each: TracedRow) -> list[str]:
    """What a row is about, and the facts that it speaks of."""
    about = [" or ".join(each.about)] if each.about and len(each.about) <= _FEW else []
    return about + facts_in_words(each.question, each.row.when)


_FEW = 4
"""A row that more questions share is about whatever the others leave."""


def _facts_cell(row: TracedRow) -> str:
    return "<br>".join(map(_escaped, _facts(row))) or "any case"


def _answer_cell(row: TracedRow) -> str:
    return "<br>".join(map(_escaped, in_words(row.row.then))) if row.row.then is not None else f"*{_SILENT}*"


def _function(name: str) -> str:
    return f"{{py:func}}`~tarlatamab_rules.{name}`"


def _page(file: str) -> str:
    name = file.rpartition("/")[2]
    return f"[{name.removesuffix('.md')}](cases/{name})"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows)]


def _escaped(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    return text.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")

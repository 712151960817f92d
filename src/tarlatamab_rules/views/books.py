"""Rulebooks for readers: each statement traced to its rows, rules and tests, and all rows as tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.traceability import Trace, TracedRow, trace
from tarlatamab_rules.views.words import facts_in_words, in_words

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
        lines += [f"  test {test}" for test in each.tests]
    return "\n".join(lines)


def _row_lines(row: TracedRow) -> Iterator[str]:
    facts = ", ".join(facts_in_words(row.question, row.row)) or "any case"
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
    return (
        f"{len(tables)} tables answer each of {cells} cells once; in {silent} of them the source is silent. "
        f"{out} more hold facts that contradict each other."
    )


def rulebook_markdown(rulebook: Rulebook | str | None = None) -> str:
    """All rows of a book as a page: a table for each function, with its facts, its answer, and how the source was read."""
    book = resolve(rulebook)
    rows: dict[str, list[TracedRow]] = {}
    for question, of_question in book.rows.items():
        rows.setdefault(question.name, []).extend(TracedRow(row, question, ()) for row in of_question)
    lines = [f"# {book.source.title}", "", f"`{book.name}`: {book.source.publisher}, {book.source.revision}.", "", _proof(book)]
    for name, of_function in rows.items():
        lines += ["", f"## {name}", "", *_table(("row", "facts", "answer", "in words", "read thus"), map(_cells, of_function))]
    return "\n".join(lines) + "\n"


def _cells(row: TracedRow) -> tuple[str, ...]:
    facts = "<br>".join(map(_escaped, facts_in_words(row.question, row.row))) or "any case"
    answer = "<br>".join(map(_escaped, in_words(row.row.then))) if row.row.then is not None else f"*{_SILENT}*"
    return row.row.id, facts, answer, _escaped(row.row.says), _escaped(row.row.reading)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heads, ("---",) * len(heads), *rows)]


def _escaped(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    return text.replace("<", "&lt;").replace("|", "\\|").replace("*", "\\*")


def matrix_markdown(rulebook: Rulebook | str | None = None) -> str:
    """A page that traces every statement of a book to its rows, to the rules that read them, and to the cases and tests about them."""
    book = resolve(rulebook)
    traces = trace(book)
    lines = [f"# From statement to test: {book.source.title}", "", f"`{book.name}`: {book.source.publisher}, {book.source.revision}.", ""]
    lines += _table(("statement", "rows", "rules", "cases and tests"), map(_summary, traces))
    for each in traces:
        lines += [
            "",
            f"({each.statement.id.lower()})=",
            f"## {each.statement.id}",
            "",
            f"*{each.statement.section}.* {each.statement.text}",
        ]
        lines += ["", *_details(each)]
    return "\n".join(lines) + "\n"


def _summary(each: Trace) -> tuple[str, ...]:
    rules = ", ".join(f"`{name}`" for name in dict.fromkeys(row.question.name for row in each.rows))
    count = sum(count for row in each.rows for _, count in row.cases) + len(each.tests)
    return f"[{each.statement.id}](#{each.statement.id.lower()})", str(len(each.rows) or "none"), rules, str(count)


def _details(each: Trace) -> Iterator[str]:
    if each.statement.instead_of_row:
        yield f"No row. {each.statement.instead_of_row}"
        yield ""
    if each.rows:
        heads: tuple[Any, ...] = ("row", "rule", "facts", "answer", "read thus", "cases")
        cells = [(row, _cells(row)) for row in each.rows]
        yield from _table(
            heads, [(id_, f"`{row.question.name}`", facts, answer, read, _cases(row)) for row, (id_, facts, answer, _, read) in cells]
        )
        yield ""
    yield from (f"- `{test}`" for test in each.tests)

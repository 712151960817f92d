"""Rulebooks for readers: each statement traced to its rows, rules and tests, and all rows as tables."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tarlatamab_rules.answers.prose import called, facts_in_words, in_words
from tarlatamab_rules.inputs.analytes import KINDS
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.questions.facts import VALUE
from tarlatamab_rules.questions.scales import LAB_GRADE
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.traceability import Trace, TracedRow, rows_of, trace
from tarlatamab_rules.views.diagrams import MAX_LEAVES, decision_tree, tree_html
from tarlatamab_rules.views.markdown import escaped, table_lines

if TYPE_CHECKING:
    from tarlatamab_rules.evidence import Statement
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.tables import Axis, Question

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
    if row.row.unsettled:
        yield f"  not settled: {row.row.unsettled}"
    if row.row.reading:
        yield f"  read thus: {row.row.reading}"
    yield f"  {_cases(row)}"


def _answer(row: TracedRow) -> str:
    if row.row.then is None:
        return "not settled" if row.row.unsettled else _SILENT
    return "; ".join(_words(row.row.then)) or "adds nothing of its own"


def _cases(row: TracedRow) -> str:
    return ", ".join(f"{count} {'case' if count == 1 else 'cases'} in {file}" for file, count in row.cases) or "no case of its own"


def _proof(book: Rulebook) -> str:
    tables = [book[question] for question in book.rows]
    cells, silent, out = (sum(getattr(table, count) for table in tables) for count in ("cells", "silent", "impossible"))
    return f"Each of {cells} combinations of facts is answered once; in {silent} the source is silent. {out} more contradict themselves."


def rulebook_markdown(rulebook: Rulebook | str | None = None) -> str:
    """All rows of a book as a page: by function, with facts, answer, the statement behind it, and how that was read.

    The id of every row is an anchor once the page is built, and so is that of every statement. Where more than one fact decides, a diagram
    shows in which order they are asked.
    """
    book = resolve(rulebook)
    statements = {statement.id: statement for statement in book.statements}
    lines = [
        f"# {escaped(book.name)}",
        "",
        f"**{escaped(book.source.title)}.** {escaped(f'{book.source.publisher}, {book.source.revision}')}.",
        "",
        _proof(book),
    ]
    functions: dict[str, dict[tuple[str, ...], list[TracedRow]]] = {}
    for each in rows_of(book):
        functions.setdefault(each.question.name, {}).setdefault(each.about, []).append(each)
    for name, groups in functions.items():
        lines += ["", f"## {name}", "", f"Read by {_function(name)}."]
        for about, rows in groups.items():
            if len(groups) > 1:
                lines += ["", f"### {escaped(_heading(about, rows[0].question))}"]
            lines += ["", *table_lines(("row", "facts", "answer", "statement", "read thus"), [_row_cells(row, statements) for row in rows])]
            lines += _diagrams(book, dict.fromkeys(row.question for row in rows))
    without = [statement for statement in book.statements if statement.instead_of_row]
    if without:
        cells = [(each.id, f"*{escaped(each.section)}.* {escaped(each.text)}", escaped(each.instead_of_row)) for each in without]
        lines += ["", "## Statements without a row", "", *table_lines(("row", "statement", "what carries it"), cells)]
    return "\n".join(lines) + "\n"


def _heading(about: tuple[str, ...], question: Question[Any]) -> str:
    if not about:
        return f"by {', '.join(map(called, question.axes))}"
    return " or ".join(about) if len(about) <= _FEW else "what has no rows of its own"


def _row_cells(each: TracedRow, statements: Mapping[str, Statement]) -> tuple[str, ...]:
    row, statement = each.row, statements[each.row.statement]
    answer = _answer_cell(each)
    told = [fact.partition(": ") for fact in facts_in_words(each.question, row.when, _titles(each.question))]
    facts = "<br>".join(f"{escaped(name)}: **{escaped(condition)}**" for name, _, condition in told) or "any case"
    says = f"*{escaped(statement.section)}.* {escaped(statement.text)}"
    read = (row.reading, row.unsettled and f"not settled: {row.unsettled}")
    return row.id, facts, f"{answer}<br>*{escaped(row.says)}*", says, escaped("; ".join(filter(None, read)))


def _diagrams(book: Rulebook, questions: Iterable[Question[Any]]) -> Iterator[str]:
    """How to follow the tables of several facts; one of very many answers is no picture."""
    for question in questions:
        table, titles = book[question], _titles(question)
        tree = decision_tree(table, titles=titles, max_leaves=MAX_LEAVES) or decision_tree(
            table, rows=False, titles=titles, max_leaves=MAX_LEAVES
        )
        if len(table.asks) > 1 and tree is not None:
            title = f"{question.name}, {question.about}" if question.about else question.name
            yield from ("", "```{raw} html", f'<details class="diagram"><summary>Decision diagram: {html.escape(title)}</summary>')
            yield from (tree_html(tree, href=lambda row: f"#{row}", label=title), "</details>", "```")


def _titles(question: Question[Any]) -> Mapping[Axis, str]:
    """A value of a laboratory is told with the unit in which it is compared."""
    units = [KINDS[analyte].unit for analyte, asked in LAB_GRADE.items() if asked is question]
    return {VALUE: f"value in {units[0]}"} if units else {}


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
        *table_lines(("statement", "rows", "functions", "cases by hand", "further tests"), map(_summary, traces)),
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
                escaped(row.row.reading),
                ", ".join(f"{count} in {_page(file)}" for file, count in row.cases),
            )
            for row in each.rows
        ]
        yield from (*table_lines(("row", "function", "facts", "answer", "read thus", "cases by hand"), cells), "")
    yield from (f"- {escaped(says)} (`{test}`)" for test, says in each.tests)


def _facts(each: TracedRow) -> list[str]:
    """What a row is about, and the facts that it speaks of."""
    about = [" or ".join(each.about)] if each.about and len(each.about) <= _FEW else []
    return about + facts_in_words(each.question, each.row.when, _titles(each.question))


_FEW = 4
"""A row that more questions share is about whatever the others leave."""


def _facts_cell(row: TracedRow) -> str:
    return "<br>".join(map(escaped, _facts(row))) or "any case"


def _answer_cell(row: TracedRow) -> str:
    return "<br>".join(map(escaped, _words(row.row.then))) if row.row.then is not None else f"*{_answer(row)}*"


def _words(then: object) -> list[str]:
    return [f"grade {then:d}"] if isinstance(then, Grade) else in_words(then)


def _function(name: str) -> str:
    return f"{{py:func}}`~tarlatamab_rules.{name}`"


def _page(file: str) -> str:
    name = file.rpartition("/")[2]
    return f"[{name.removesuffix('.md')}](cases/{name})"

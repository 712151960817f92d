"""Rulebooks for readers: each statement traced to its rows, rules and tests, and all rows as tables."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.assessment.words import capital
from tarlatamab_rules.core.axes import called
from tarlatamab_rules.inputs.analytes import KINDS
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.facts import VALUE
from tarlatamab_rules.rulebooks.questions import LAB_GRADE, TOXICITY_ACTION
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS
from tarlatamab_rules.values.conditions import conditions_in_words, facts_in_words
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import in_words
from tarlatamab_rules.views.diagrams import MAX_LEAVES, decision_tree, tree_html
from tarlatamab_rules.views.markdown import escaped, table_lines
from tarlatamab_rules.views.standing import action_lines, standing_lines
from tarlatamab_rules.views.trace import Trace, TracedRow, rows_of, trace

if TYPE_CHECKING:
    from tarlatamab_rules.core.evidence import Source, Statement
    from tarlatamab_rules.core.tables import Axis, Question, When
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["matrix_markdown", "rulebook_markdown", "rulebook_text", "stack_markdown"]

_SILENT = "the source does not say"


def rulebook_text(rulebook: Rulebook | str | None = None) -> str:
    """Every statement of a book with its rows, the rules that read them, and the cases and tests about them, in plain text."""
    book = resolve(rulebook)
    lines = [f"{book.name}: {book.source.title}", f"{book.source.publisher}, {book.source.revision}", *_opened(book.source), _proof(book)]
    for traced in trace(book):
        statement = traced.statement
        lines += ["", f"{statement.id} ({statement.place})", f"  {statement.text}"]
        lines += [f"  {line}" for row in traced.rows for line in _row_lines(row)]
        lines += [f"  no row: {statement.instead_of_row}"] if statement.instead_of_row else []
        lines += [f"  {test}: {says}" for test, says in traced.tests]
    return "\n".join(lines)


def _row_lines(row: TracedRow) -> Iterator[str]:
    facts = ", ".join(_facts(row)) or "any case"
    yield f"{row.row.id}: {row.question.name}, {facts}"
    yield f"  -> {_answer(row)}"
    if row.row.unsettled:
        yield f"  not settled: {row.row.unsettled}"
    if row.row.interpretation:
        yield f"  interpretation: {row.row.interpretation}"
    if row.row.caveat:
        yield f"  caveat: {row.row.caveat}"
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
    return f"Of {cells} possible combinations of facts, the rows settle {cells - silent} and leave {silent} open. {out} more cannot occur."


def rulebook_markdown(rulebook: Rulebook | str | None = None) -> str:
    """All rows of a book as a page: by function, with facts, answer, the statement behind it, and its interpretation.

    In the built page the ids of all rows and statements are anchors. If more than one fact decides, a diagram shows in which order they
    are asked.
    """
    book = resolve(rulebook)
    functions: dict[str, dict[tuple[str, ...], list[TracedRow]]] = {}
    for row in rows_of(book):
        functions.setdefault(row.question.name, {}).setdefault(row.about, []).append(row)
    lines = [
        f"# {escaped(_named(book))}",
        "",
        f"**{escaped(book.source.title)}.** {_published(book.source)}{_superseded(book)}",
        "",
        _proof(book),
        "",
        "A blank under *interpretation* means the statement was taken literally.",
        "",
        *(f"- {_contents(name)}" for name in functions),
    ]
    for name, groups in functions.items():
        lines += _function_section(name, groups, book)
    return "\n".join([*lines, *_without_row(book)]) + "\n"


def _function_section(name: str, groups: Mapping[tuple[str, ...], list[TracedRow]], book: Rulebook) -> Iterator[str]:
    """What a function reads: for each group of its questions the rows as a table, and the diagrams."""
    statements = {statement.id: statement for statement in book.statements}
    folded = any(row.question.fold for rows in groups.values() for row in rows)
    yield from ("", f"## {ASKS[name]}", "", f"Used by {_function(name)}.{_JOINED if folded else ''}")
    for about, rows in groups.items():
        if len(groups) > 1:
            yield from ("", f"### {escaped(_heading(about, rows[0].question))}")
        cells = [_row_cells(row, statements, book) for row in rows]
        yield from ("", *table_lines(("row", "facts", "answer", "statement", "interpretation"), cells))
        yield from _diagrams(book, dict.fromkeys(row.question for row in rows))


def _without_row(book: Rulebook) -> Iterator[str]:
    """The statements that no row encodes; nothing if there are none."""
    without = [statement for statement in book.statements if statement.instead_of_row]
    if without:
        cells = [(statement.id, _cited(statement, book.source), escaped(statement.instead_of_row)) for statement in without]
        yield from ("", "## Statements without a row", "", *table_lines(("row", "statement", "what carries it"), cells))


ASKS: Final = {
    "breastfeeding_window": "How long to avoid breast-feeding",
    "checklist": "What to check with a dose",
    "contraception_window": "How long to use contraception",
    "during_infusion": "What to do about a sign during the infusion",
    "eligibility": "Which patients can receive the drug",
    "equivalent_dose": "Equivalent steroid doses",
    "grade_crs": "How to grade cytokine release syndrome",
    "grade_febrile_neutropenia": "How to grade febrile neutropenia",
    "grade_icans": "How to grade ICANS",
    "grade_lab": "How to grade a laboratory value",
    "ice_assessment": "When to assess the ICE score",
    "ice_score": "How to count the ICE score",
    "infusion_check": "Whether an infusion is set up as planned",
    "infusion_plan": "How to infuse the drug",
    "labs_due": "Which laboratory results a dose needs",
    "liver_injury": "When liver values are raised together",
    "monitoring_duration": "How long to monitor",
    "next_dose": "Which dose comes next",
    "premedication_plan": "What to give before and after the infusion",
    "preparation": "How to prepare a dose",
    "toxicity_action": "What to do about a toxicity",
}
"""What each function answers, for readers who know no Python."""
_JOINED: Final = " Every row that fits a case contributes a part of the answer."


def _named(book: Rulebook) -> str:
    """The short name of a book for readers, with its id."""
    return f"{book.source.short_name} ({book.name})" if book.source.short_name else book.name


def _contents(name: str) -> str:
    slug = re.sub(r"[^\w -]", "", ASKS[name].lower()).replace(" ", "-")
    return f"[{ASKS[name]}](#{slug})"


def _published(source: Source) -> str:
    """Who published a source and when, and where it opens."""
    facts = [f"{source.publisher}, {source.revision}", source.published_in, *(f"{system} {code}" for system, code in source.identifiers)]
    link = f" [Open the source]({_href(source.url)})." if source.url else ""
    return f"{escaped('; '.join(filter(None, facts)))}.{link}" + (f" {escaped(source.access)}" if source.access else "")


def _opened(source: Source) -> Iterator[str]:
    """Where a source opens, and what to know before, in plain text; nothing if neither is known."""
    yield from filter(None, (source.url, source.access))


def _cited(statement: Statement, source: Source) -> str:
    """A statement after its place in the source, which is a link if the address of the source is confirmed."""
    place = escaped(statement.place)
    linked = f"[{place}]({_href(source.url)})" if source.url else f"{place} (address not confirmed)"
    return f"*{linked}.* {escaped(statement.text)}"


def _href(url: str) -> str:
    """An address in a form that can end neither a link nor a cell of a table."""
    return re.sub(r"[\s()<>|\"]", lambda match: f"%{ord(match[0]):02X}", url)


def _superseded(book: Rulebook) -> str:
    """Whether a later revision of the same label is encoded."""
    encoded = [revision.rulebook for revision in REVISIONS if revision.rulebook is not None]
    if book.name not in encoded[:-1]:
        return ""
    return f" **Superseded** by [{encoded[-1]}]({encoded[-1]}.md)."


def _heading(about: tuple[str, ...], question: Question[Any]) -> str:
    if not about:
        return f"By {', '.join(map(called, question.axes))}"
    return capital(" or ".join(map(named, about))) if len(about) <= _FEW else "Everything without rows of its own"


def _row_cells(traced: TracedRow, statements: Mapping[str, Statement], book: Rulebook) -> tuple[str, ...]:
    row, statement = traced.row, statements[traced.row.statement]
    answer = "*adds nothing of its own*" if _adds_nothing(traced, book) else _answer_cell(traced)
    facts = "<br>".join(_when_lines(traced.question, row.when))
    says = _cited(statement, book.source)
    read = (row.interpretation, row.unsettled and f"not settled: {row.unsettled}")
    return row.id, facts, f"{answer}<br>*{escaped(row.says)}*{_caveat_cell(row.caveat)}", says, escaped("; ".join(filter(None, read)))


def _adds_nothing(traced: TracedRow, book: Rulebook) -> bool:
    """Whether a row orders nothing, while other rows order something wherever it fits."""
    row = traced.row
    if getattr(row.then, "instructions", None) != ():
        return False
    fitting = [answer for answer in book[traced.question].answers.values() if row.id in {reason.row for reason in answer.reasons}]
    return all(answer.possible != (row.then,) for answer in fitting)


def _diagrams(book: Rulebook, questions: Iterable[Question[Any]]) -> Iterator[str]:
    """Diagrams of the tables with several facts, unless one has too many answers for a diagram."""
    for question in questions:
        table, titles = book[question], titles_of(question)
        tree = decision_tree(table, titles=titles, max_leaves=MAX_LEAVES) or decision_tree(
            table, rows=False, titles=titles, max_leaves=MAX_LEAVES
        )
        if len(table.asks) > 1 and tree is not None:
            yield from ("", "```{raw} html", f'<details class="diagram"><summary>Decision diagram: {html.escape(question.title)}</summary>')
            yield from (tree_html(tree, href=lambda row: f"#{row}", label=question.title), "</details>", "```")


def titles_of(question: Question[Any]) -> Mapping[Axis, str]:
    """The title of a laboratory value, with the unit in which it is compared."""
    units = [KINDS[analyte].unit for analyte, grading in LAB_GRADE.items() if grading is question]
    return {VALUE: f"value in {units[0]}"} if units else {}


def stack_markdown(rulebook: Rulebook | str | None = None) -> str:
    """A page for several books that answer together: each answer with its facts, its statements and what another source says."""
    book = resolve(rulebook)
    default = book is resolve(None)
    lines = [f"# What {'the default' if default else escaped(book.name)} says", ""]
    lines += [f"These are the answers of `{book.name}`{', unless you name another book' if default else ''}. **Not medical advice.**", ""]
    lines += ["Each line is one answer: the facts that lead to it, the statements behind it, and what another source says. If"]
    lines += ["sources disagree and their values can be ranked, the answer is the stricter one. *Silent* means that no source says"]
    lines += ["anything, which is no permission. *Not settled* needs a clinician. Combinations that cannot occur, and grade 5"]
    lines += ["(death), are left out."]
    if default:
        lines += ["", "[Why the page answers over the label](../../explanation/stacks.md#why-the-page-answers-over-the-label)."]
    functions: dict[str, list[Question[Any]]] = {}
    for question in book.rows:
        functions.setdefault(question.name, []).append(question)
    lines += ["", *(f"- {_contents(name)}" for name in functions), "", _proof(book)]
    for name, questions in functions.items():
        lines += ["", f"## {ASKS[name]}", "", f"For developers: {_function(name)}."]
        if any(question in TOXICITY_ACTION.values() for question in questions):
            lines += ["", "What happens to the drug while a toxicity is active ([as a picture](../grids.md)), then the details."]
            lines += ["", *action_lines(book)]
        lines += standing_lines(book, questions)
    return "\n".join(lines) + "\n"


def _when_lines(question: Question[Any], when: When) -> list[str]:
    """Facts, with their conditions in bold."""
    words = conditions_in_words(question, when, titles_of(question))
    return [f"{escaped(name)}: **{escaped(condition)}**" for name, condition in words] or ["any case"]


def matrix_markdown(rulebook: Rulebook | str | None = None) -> str:
    """A page that traces every statement of a book to its rows, to the functions that read them, and to cases and tests.

    Its links lead to the pages beside it in the documentation.
    """
    book = resolve(rulebook)
    traces = trace(book)
    lines = [
        f"# From statement to test: {_named(book)}",
        "",
        f"**{escaped(book.source.title)}.** {_published(book.source)}",
        "",
        "Each statement of the source, the rows that encode it, the functions that use them, the cases by hand that cite them, and",
        f"further tests. All rows are listed by function in [tables of their own](rulebooks/{book.name}.md).",
        "",
        *table_lines(("statement", "rows", "functions", "cases by hand", "further tests"), map(_summary, traces)),
    ]
    for traced in traces:
        statement = traced.statement
        lines += [
            "",
            f"## {statement.id}",
            "",
            _cited(statement, book.source),
            "",
            *_details(traced),
        ]
    return "\n".join(lines) + "\n"


def _summary(traced: Trace) -> tuple[str, ...]:
    functions = ", ".join(map(_function, dict.fromkeys(row.question.name for row in traced.rows)))
    files = ", ".join(map(_page, dict.fromkeys(file for row in traced.rows for file, _ in row.cases)))
    link = f"[{traced.statement.id}](#{traced.statement.id.lower()})"
    return link, str(len(traced.rows)), functions, files, str(len(traced.tests))


def _details(traced: Trace) -> Iterator[str]:
    if traced.statement.instead_of_row:
        yield from (f"No row. {traced.statement.instead_of_row}", "")
    if traced.rows:
        cells = [
            (
                row.row.id,
                _function(row.question.name),
                _facts_cell(row),
                f"{_answer_cell(row)}{_caveat_cell(row.row.caveat)}",
                escaped(row.row.interpretation),
                ", ".join(f"{count} in {_page(file)}" for file, count in row.cases),
            )
            for row in traced.rows
        ]
        yield from (*table_lines(("row", "function", "facts", "answer", "interpretation", "cases by hand"), cells), "")
    yield from (f"- {escaped(says)} (`{test}`)" for test, says in traced.tests)


def _facts(traced: TracedRow) -> list[str]:
    """What a row is about, and the facts of its condition."""
    about = [" or ".join(traced.about)] if traced.about and len(traced.about) <= _FEW else []
    return about + facts_in_words(traced.question, traced.row.when, titles_of(traced.question))


_FEW = 4
"""A row that more questions share stands for all questions without rows of their own."""


def _facts_cell(row: TracedRow) -> str:
    return "<br>".join(map(escaped, _facts(row))) or "any case"


def _answer_cell(row: TracedRow) -> str:
    return "<br>".join(map(escaped, _words(row.row.then))) if row.row.then is not None else f"*{_answer(row)}*"


def _caveat_cell(*caveats: str) -> str:
    """Caveats below an answer; empty if there are none."""
    return "".join(f"<br>**Caveat:** {escaped(caveat)}" for caveat in caveats if caveat)


def _words(then: object) -> list[str]:
    return [f"grade {then:d}"] if isinstance(then, Grade) else in_words(then)


def _function(name: str) -> str:
    return f"{{py:func}}`~tarlatamab_rules.{name}`"


def _page(file: str) -> str:
    name = file.rpartition("/")[2]
    return f"[{name.removesuffix('.md')}](cases/{name})"

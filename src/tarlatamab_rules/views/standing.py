"""What several books answer together, question by question: one line for each answer, with its statements and what another source says."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import frozen

from tarlatamab_rules.core.cells import Cell, conditions
from tarlatamab_rules.core.decisions import Decision, NotCovered
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._diff import in_short
from tarlatamab_rules.rulebooks.facts import CRS_BEFORE, EARLIER, GRADE, NEURO_BEFORE, NOW, WORST_SO_FAR
from tarlatamab_rules.values.conditions import conditions_in_words
from tarlatamab_rules.values.disagreements import dissent_in_words
from tarlatamab_rules.values.wording import in_words
from tarlatamab_rules.views.grids import action_grid
from tarlatamab_rules.views.markdown import escaped, table_lines

if TYPE_CHECKING:
    from tarlatamab_rules.core.axes import Cuts, Groups
    from tarlatamab_rules.core.evidence import Statement
    from tarlatamab_rules.core.tables import Question, Table, When
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["action_lines", "line_ids", "standing_lines"]

_HEADS: Final = ("if", "answer", "statement", "another source says")
_OF_A_GRADE: Final = frozenset((GRADE, NOW, EARLIER, WORST_SO_FAR, CRS_BEFORE, NEURO_BEFORE))
"""Facts whose grade 5 leaves nothing to decide: no dose follows a death."""
_LONG: Final = 9
"""A table with more lines is folded."""
_FULL: Final = 1500
"""So is one with a cell of more characters."""
_ROWS: Final = re.compile(r"\s\[[^\]]*\]$")


def standing_lines(book: Rulebook, questions: Iterable[Question[Any]]) -> Iterator[str]:
    """The answers to some questions as tables of Markdown: one for each thing that questions are about, and one for the others.

    If no other source says anything else, the last column is left out.

    Long tables, and those about one thing, are folded under their title and the number of their answers.
    """
    by_title: dict[str, list[tuple[str, ...]]] = {}
    for question in questions:
        by_title.setdefault(question.about, []).extend(_lines(book, book[question]))
    for title, rows in by_title.items():
        folded = bool(title) or len(rows) > _LONG or any(len(cell) > _FULL for row in rows for cell in row)
        if folded:
            count = f"{len(rows)} answers" if len(rows) > 1 else "one answer"
            yield from ("", "```{raw} html", f"<details><summary>{html.escape(f'{title}: {count}' if title else count)}</summary>", "```")
        columns = len(_HEADS) if any(row[-1] for row in rows) else len(_HEADS) - 1
        yield from ("", *table_lines(_HEADS[:columns], (row[:columns] for row in rows)))
        if folded:
            yield from ("", "```{raw} html", "</details>", "```")


def action_lines(book: Rulebook) -> list[str]:
    """What happens to the drug while a toxicity is active, as a table: a line for each toxicity, a column for each grade up to 4."""
    grid = action_grid(book)
    kept = [grade for grade in grid.grades if grade is not Grade.DEATH]
    cells = {toxicity: [grid[toxicity, grade] for grade in kept] for toxicity in grid.toxicities}
    rows = [
        (str(toxicity), *(f"{cell.label} ({cell.note})" if cell.note else cell.label for cell in row)) for toxicity, row in cells.items()
    ]
    return table_lines(("toxicity", *(f"grade {grade:d}" for grade in kept)), rows)


def line_ids(table: Table[Any]) -> dict[str, list[Decision[Any]]]:
    """The answers in each line of a table of `standing_lines`, by the id that the line has in the page."""
    lines = enumerate(_by_words(table).values(), start=1)
    return {_line_id(table.question, n): list(answers.values()) for n, answers in lines}


def _line_id(question: Question[Any], n: int) -> str:
    subject = question.about or " ".join(axis.fact for axis in question.axes)
    return re.sub(r"[\W_]+", "-", f"line {question.name} {subject} {n}")


def _by_words(table: Table[Any]) -> dict[str, dict[Cell, Decision[Any]]]:
    """The cells that need a line, by their answer in words."""
    by_words: dict[str, dict[Cell, Decision[Any]]] = {}
    for cell, answer in table.answers.items():
        if not _idle(table, cell):
            by_words.setdefault(_answer(answer), {})[cell] = answer
    return by_words


def _lines(book: Rulebook, table: Table[Any]) -> Iterator[tuple[str, ...]]:
    by_words = _by_words(table)
    living = {cell: answer for answers in by_words.values() for cell, answer in answers.items()}
    reduced = cast("Table[Any]", _Reduced(table.question, table.axes, living))
    for n, (words, answers) in enumerate(by_words.items(), start=1):
        whens = [_facts(table.question, _living(when)) for when in conditions(reduced, answers)]
        facts = f'<span class="line" id="{_line_id(table.question, n)}"></span>{" *or* ".join(dict.fromkeys(whens))}'
        yield facts, words, _statements(book, answers.values()), _others(answers.values())


@frozen
class _Reduced:
    """A table without some of its cells."""

    question: Question[Any]
    axes: tuple[Groups | Cuts, ...]
    answers: Mapping[Cell, Decision[Any]]


def _idle(table: Table[Any], cell: Cell) -> bool:
    """Whether a cell needs no line: some grade is 5 for certain, or the worst grade so far is milder than one since the last dose."""
    facts = {
        asked: _grades(axis.facts(frozenset((code,))))
        for asked, axis, code in zip(table.question.axes, table.axes, cell, strict=True)
        if asked in _OF_A_GRADE
    }
    worst = max(facts.get(WORST_SO_FAR, (Grade.DEATH,)))
    since = [min(facts[asked]) for asked in (CRS_BEFORE, NEURO_BEFORE) if asked in facts]
    return any(set(grades) == {Grade.DEATH} for grades in facts.values()) or any(grade > worst for grade in since)


def _grades(condition: object) -> Collection[Grade]:
    """The grades of a condition, which is one or several."""
    return cast("Collection[Grade]", condition) if isinstance(condition, Collection) else (cast("Grade", condition),)


def _living(when: When) -> When:
    """A condition without grade 5; a fact that may then have any grade is left out."""
    kept = {
        asked: value - {Grade.DEATH} if asked in _OF_A_GRADE and isinstance(value, frozenset) else value for asked, value in when.items()
    }
    every = frozenset(Grade) - {Grade.DEATH}
    return {asked: value for asked, value in kept.items() if not (asked in _OF_A_GRADE and value == every)}


def _facts(question: Question[Any], when: When) -> str:
    words = conditions_in_words(question, when)
    return "<br>".join(f"{escaped(name)}: **{escaped(condition)}**" for name, condition in words) or "any case"


def _answer(answer: Decision[Any]) -> str:
    says = in_short(answer) if isinstance(answer, NotCovered) else "<br>".join(map(escaped, _words(answer.possible[0])))
    return says + "".join(f"<br>**Caveat:** {escaped(caveat)}" for caveat in answer.caveats)


def _words(value: object) -> list[str]:
    return [f"grade {value:d}"] if isinstance(value, Grade) else in_words(value)


def _statements(book: Rulebook, answers: Collection[Decision[Any]]) -> str:
    """The statements behind at least a third of some answers, or, if there are none, behind any of them."""
    cited = Counter(citation for answer in answers for citation in {reason.citation: None for reason in answer.reasons if reason.citation})
    citations = [citation for citation, count in cited.items() if 3 * count >= len(answers)] or list(cited)
    return "<br>".join(_statement(book, citation.source, citation.statement) for citation in citations)


def _statement(book: Rulebook, source: str, id_: str) -> str:
    statement = _found(book, source, id_)
    return f'<a class="row-id" href="{source}.html#{id_}">{id_}</a> {escaped(statement.text)}'


def _found(book: Rulebook, source: str, id_: str) -> Statement:
    member = next(member for member in book.members if member.name == source)
    return next(statement for statement in member.statements if statement.id == id_)


def _others(answers: Collection[Decision[Any]]) -> str:
    """What another source says, each once; what it says of some of these cases only is marked."""
    lines = [dict.fromkeys(_ROWS.sub("", line) for line in dissent_in_words(answer)) for answer in answers]
    every = dict.fromkeys(line for of_answer in lines for line in of_answer)
    return "<br>".join(
        escaped(line) if all(line in of_answer for of_answer in lines) else f"*in some of these cases* {escaped(line)}" for line in every
    )

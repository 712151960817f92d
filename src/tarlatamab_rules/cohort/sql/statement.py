"""A question of a rulebook as a statement of SQL, made from its compiled table: an independent way to the same answers.

A registry can run it inside its database, and compare. The statement is standard SQL; DuckDB runs it in the tests.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import product
from math import isinf
from typing import Any, Final

from tarlatamab_rules.cohort.reading.coders import first_at_15_digits
from tarlatamab_rules.cohort.sql.text import members, name_of, number_of, quoted, reasons_of
from tarlatamab_rules.core.axes import Cuts, Groups
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData
from tarlatamab_rules.core.errors import ContradictionError, FieldError, meant
from tarlatamab_rules.core.tables import Question, Table
from tarlatamab_rules.formats.canonical import about, axis_keys, canonical_json, content_hash, plain
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks._registry import resolve

__all__ = ["sql_questions", "sql_statement"]

_GREATEST: Final = number_of(sys.float_info.max)
_ANSWER: Final = ("answer", "answer_value", "answer_rows", "answer_missing", "answer_dissent")
_HEAD: Final = """\
-- {title}, by {book}
-- Content of the rulebook: sha256 {hash}
-- Reads {facts}, one case a row. A column that is NULL means: not known.
{columns}
-- answer: decided, needs-data, not-covered (the sources say nothing), or refused (facts that cannot be, or are not on the axis).
-- answer_value: the answer as JSON, or the possible ones; answer_rows: the ids of the rows behind it; answer_missing: the facts that
-- would decide it; answer_dissent: the books of a stack that disagree. Numbers are compared at 15 significant digits, as the library does.
"""


def sql_questions(rulebook: Rulebook | str | None = None) -> tuple[tuple[str, str], ...]:
    """The questions that a book answers, each by its name and what it is about."""
    return tuple(sorted((question.name, about(question)) for question in resolve(rulebook).rows))


def sql_statement(name: str, subject: str | None = None, *, rulebook: Rulebook | str | None = None, facts: str = "facts") -> str:
    """One question as a statement that selects the columns of a table and, beside them, the answer to each row.

    Args:
        name: The name of the question, such as ``monitoring_duration``.

        subject: What it is about, such as ``icans``, if several questions share the name.

        rulebook: The book that answers, or its name; the default book if left out.

        facts: The table, or a subquery in brackets. Its columns are named in the head of the statement.

    Returns:
        The statement, with a semicolon at its end.

    Raises:
        FieldError: The book has no such question, or several.
    """
    book = resolve(rulebook)
    table = book[_question(book, name, subject)]
    keys = axis_keys(table.question)
    used = [n for n, axis in enumerate(table.axes) if len(axis) > 1]
    joined = [f"coded.code_{n} = cells.code_{n}" for n in used]
    known = [f"coded.code_{n} IS NOT NULL" for n in range(len(keys)) if n not in used]
    head = _HEAD.format(
        title=f"{table.question.name}, {about(table.question)}",
        book=book.name,
        hash=content_hash(book),
        facts=" ".join(facts.split()),  # it stands in a line of comment
        columns="\n".join(f"--   {name_of(key)}: {_domain(axis)}" for axis, key in zip(table.axes, keys, strict=True)),
    )
    return head + _SELECT.format(
        facts=facts,
        coded=",\n".join(f"    {_code(axis, key)} AS code_{n}" for n, (axis, key) in enumerate(zip(table.axes, keys, strict=True))),
        columns=", ".join((*(f"code_{n}" for n in used), *_ANSWER)),
        cells=",\n".join(f"    ({', '.join(cell)})" for cell in _cells(table, used)),
        shown=", ".join(f"cells.{name}" for name in _ANSWER[1:]),
        join=" AND ".join([*joined, *known]),
    )


_SELECT: Final = """\
WITH coded AS (
  SELECT facts.*,
{coded}
  FROM {facts} AS facts
), cells ({columns}) AS (
  VALUES
{cells}
)
SELECT coded.*, COALESCE(cells.answer, 'refused') AS answer, {shown}
FROM coded LEFT JOIN cells ON {join};
"""


def _question(book: Rulebook, name: str, subject: str | None) -> Question[Any]:
    named = {about(question): question for question in book.rows if question.name == name}
    if not named:
        near = meant(name, [known for known, _ in sql_questions(book)])
        raise FieldError(
            "question", f"{book.name} has no question {name!r}", f"did you mean {near}?" if near else "see cohort.sql_questions()"
        )
    if subject is None and len(named) == 1:
        (subject,) = named
    if subject not in named:
        raise FieldError("subject", f"{name} of {book.name} is about {', '.join(sorted(named))}", "name one of them")
    return named[subject]


def _cells(table: Table[Any], used: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Every combination of codes of the axes that matter, with one more code for a fact that is not known, and its answer.

    Impossible combinations are left out.
    """
    for cell in product(*(range(len(table.axes[n]) + 1) for n in used)):
        codes = dict(zip(used, cell, strict=True))
        facts = tuple(axis.sample(code) if (code := codes.get(n, 0)) < len(axis) else None for n, axis in enumerate(table.axes))
        try:
            answer = table.worked_out(facts)
        except ContradictionError:
            continue
        yield (*map(str, cell), *map(quoted, _shown(answer)))


def _shown(answer: Decision[Any]) -> tuple[str, ...]:
    kind = "decided" if isinstance(answer, Decided) else "needs-data" if isinstance(answer, NeedsData) else "not-covered"
    value = [plain(value) for value in answer.possible] if isinstance(answer, NeedsData) else plain(answer.possible[0])
    rows = ", ".join(reasons_of(answer))
    dissent = ", ".join(dict.fromkeys(f"{item.field} ({item.rulebook})".strip() for item in answer.dissent))
    return kind, canonical_json(value), rows, ", ".join(answer.missing), dissent


def _code(axis: Groups | Cuts, key: str) -> str:
    """The code of a fact; one more than there are for NULL, and NULL for a value that is not on the axis."""
    column = f"facts.{name_of(key)}"
    tests = members(axis, column) if isinstance(axis, Groups) else _numbers(axis, column)
    return f"CASE WHEN {column} IS NULL THEN {len(axis)} {' '.join(tests)} END"


def _numbers(axis: Cuts, column: str) -> Iterator[str]:
    """The bands from below. NaN is greater than every number in some databases and in no order in others: neither reaches a band."""
    number = f"CAST({column} AS DOUBLE PRECISION)"
    low, high = axis.cuts[0], axis.cuts[-1]
    inside = [f"{number} <= {_GREATEST}", f"{number} >= -{_GREATEST}"]
    inside += [] if isinf(low) else [f"{number} >= {_number(axis, low)}"]
    inside += [] if isinf(high) else [f"{number} < {_number(axis, high)}"]
    inside += [f"{number} = FLOOR({number})"] if axis.axis.whole else []
    yield f"WHEN NOT ({' AND '.join(inside)}) THEN NULL"
    for code in range(len(axis) - 1):
        yield f"WHEN {number} < {_number(axis, axis.cuts[code + 1])} THEN {code}"
    yield f"ELSE {len(axis) - 1}"


def _number(axis: Cuts, cut: float) -> str:
    """A cut as a number of 17 digits, which every database reads as the same float."""
    return number_of(cut if axis.axis.whole else first_at_15_digits(cut))


def _domain(axis: Groups | Cuts) -> str:
    if isinstance(axis, Cuts):
        return f"a {'whole ' if axis.axis.whole else ''}number {axis.axis.domain}"
    return ", ".join(canonical_json(plain(member)) for member in axis.axis.members)

"""Values and tables of the library as text of SQL: names, numbers that every database reads alike, codes of facts, tables as VALUES."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from tarlatamab_rules.core.axes import Cuts, Groups
from tarlatamab_rules.core.decisions import Decided, DoseAction, NeedsData, NotCovered, unsettled_of
from tarlatamab_rules.inputs.units import step_of_unit

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.inputs.kinds import Kind

__all__ = [
    "Cell",
    "action_cell",
    "code_of",
    "factors",
    "listed",
    "literal",
    "members",
    "name_of",
    "number_of",
    "quoted",
    "reasons_of",
    "relation",
]


def quoted(value: str) -> str:
    """A text."""
    return "'" + value.replace("'", "''") + "'"


def name_of(column: str) -> str:
    """The name of a column or a table."""
    return '"' + column.replace('"', '""') + '"'


def number_of(number: float) -> str:
    """A number of 17 digits, which every database reads as the same float."""
    return f"{number:.16e}"


def listed(texts: Iterable[str]) -> str:
    """A list of texts."""
    inside = ", ".join(map(quoted, texts))
    return f"[{inside}]" if inside else "CAST([] AS VARCHAR[])"


def literal(value: object) -> str:
    """A value in a table: a text, a number, a truth, a list of texts, or NULL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return number_of(value)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, tuple):
        return listed(map(str, value)) if not value or isinstance(value[0], str) else f"[{', '.join(map(literal, value))}]"
    return quoted(str(value))


def relation(name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> str:
    """A table of the library as a common table expression.

    Args:
        name: Its name.

        columns: Its columns, each with its type.

        rows: The values of each row. Without any, the table is empty.
    """
    lines = [f"    ({', '.join(map(literal, row))})" for row in rows]
    if not lines:
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in columns.items())
        return f"{name} AS (SELECT {empty} WHERE FALSE)"
    return f"{name} ({', '.join(columns)}) AS (VALUES\n" + ",\n".join(lines) + "\n)"


def code_of(axis: Groups | Cuts, fact: str) -> str:
    """The code of a fact on an axis; one more than there are for NULL. An axis that no row distinguishes has one code.

    A number must lie in the domain of the axis, and must have been rounded to 15 digits if the library rounds it.
    """
    if len(axis) == 1:
        return "0"
    tests = " ".join(members(axis, fact) if isinstance(axis, Groups) else _bands(axis, fact))
    return f"CASE WHEN {fact} IS NULL THEN {len(axis)} {tests} END"


def members(axis: Groups, fact: str) -> Iterator[str]:
    """The tests of a fact that is a member of an axis, each with its code, as parts of a CASE."""
    for code, members in enumerate(axis.groups):
        if all(isinstance(member, bool) for member in members):
            yield f"WHEN {' OR '.join(fact if member else f'NOT {fact}' for member in members)} THEN {code}"
        else:
            yield f"WHEN {fact} IN ({', '.join(map(literal, members))}) THEN {code}"


def _bands(axis: Cuts, fact: str) -> Iterator[str]:
    for code in range(len(axis) - 1):
        cut = axis.cuts[code + 1]
        yield f"WHEN {fact} < {int(cut) if axis.axis.whole else number_of(cut)} THEN {code}"
    yield f"ELSE {len(axis) - 1}"


def reasons_of(answer: Decision[Any]) -> tuple[str, ...]:
    """The ids of the rows behind an answer."""
    return tuple(dict.fromkeys(reason.row for reason in answer.reasons))


@frozen
class Cell:
    """What a book does about a toxicity, as a row of a table.

    Attributes:
        answer: What happens to the drug; ``silent`` if the book says nothing; ``open`` if that depends on a fact that is not known.

        unsettled: Whether the book, or one of a stack, leaves it to a clinician.

        rows: The ids of the rows.
    """

    answer: str
    unsettled: bool
    rows: tuple[str, ...]


def factors(kind: Kind) -> list[tuple[str, float]]:
    """Every spelling of a unit of a kind, with its factor to the unit in which the kind is kept."""
    steps = [(unit, step_of_unit(kind, unit)) for unit in kind.spellings]
    return [(unit, float(step[0])) for unit, step in steps if step is not None and step[1] == 0]


SILENT: Final = "silent"
OPEN: Final = "open"
_ROLE: Final = "course"


def action_cell(answer: Decision[Any]) -> Cell:
    """An answer about a toxicity as a row of a table."""
    return Cell(_action(answer), bool(unsettled_of(answer)), reasons_of(answer))


def _action(answer: Decision[Any]) -> str:
    if isinstance(answer, NotCovered):
        return SILENT
    if isinstance(answer, Decided):
        return str(answer.value.action)
    assert isinstance(answer, NeedsData)  # noqa: S101  # there is no other answer
    actions: set[DoseAction | None] = {None if value is None else value.action for value in answer.possible}
    if len(actions) == 1 and None not in actions and _ROLE not in answer.missing:
        return str(actions.pop())
    return OPEN

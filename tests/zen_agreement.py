"""The books run by zen-engine, as an executor that shares no code with this library, and where it agrees.

Of a single book the engine runs the rows as the source has them, so it checks how tables are compiled. What several books answer together
is worked out by this library alone; there it checks that every cell is answered by the conditions put together from cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import zen
from attrs import frozen

from conformance import BOOKS, DIGITS, STACKS, vector_file
from tarlatamab_rules import Decided, rulebooks
from tarlatamab_rules.core.axes import Cuts, Groups
from tarlatamab_rules.core.decisions import Decision
from tarlatamab_rules.core.tables import JoinedTable, Table
from tarlatamab_rules.formats.canonical import about, answer_document, axis_keys, canonical_json, content_hash, plain
from tarlatamab_rules.formats.jdm import jdm
from tarlatamab_rules.formats.vectors import corners
from tarlatamab_rules.policy import Rulebook

NEAR = 1e-9
"""How far inside of an open end a number is asked, in parts of it: the decimals of the engine do not tell neighbouring floats apart."""


@frozen
class Agreement:
    """What came of asking zen-engine every cell of a book.

    Attributes:
        book: The name of the book.

        rows: Its rows.

        cells: The cells that were enumerated and are answered.

        open: How many of them are not covered.

        impossible: The cells that no case can have.

        agreed: The cells in which the engine answers as we do.

        faults: Where it does not.
    """

    book: str
    rows: int
    cells: int
    open: int
    impossible: int
    agreed: int
    faults: tuple[str, ...]


def agreement(book: Rulebook) -> Agreement:
    """Asks the engine every cell of a book."""
    tables = [book[question] for question in book.rows]
    faults = [fault for table in tables for fault in disagreements(table, jdm(table))]
    return Agreement(
        book.name,
        sum(len(table.rows) for table in tables),
        cells := sum(table.cells for table in tables),
        sum(table.silent for table in tables),
        sum(table.impossible for table in tables),
        cells - len(faults),
        tuple(faults),
    )


def engine(graph: dict[str, Any]) -> Any:
    """A graph as a function from facts to a result, in the quickest form of the engine."""
    ready = zen.ZenEngine({"loader": {"type": "static", "content": {"table": graph}}})
    return lambda facts: ready.evaluate("table", facts)["result"]


def collecting(graph: dict[str, Any]) -> dict[str, Any]:
    """The same graph with every rule that fits instead of the first."""
    changed = deepcopy(graph)
    changed["nodes"][1]["content"]["hitPolicy"] = "collect"
    return changed


def disagreements(table: Table[Any], graph: dict[str, Any]) -> list[str]:
    """The cells in which a graph, run by the engine, answers otherwise than a table, in a line each."""
    ask = engine(graph)
    return [fault for cell in table.answers if (fault := _of_cell(table, cell, ask))]


def _of_cell(table: Table[Any], cell: tuple[int, ...], ask: Callable[[dict[str, Any]], Any]) -> str:
    """The first facts of a cell that the engine answers otherwise, and how."""
    expected = _joined if isinstance(table, JoinedTable) else _folded if table.question.fold else _first
    found = ((facts, expected(table, table.answers[cell], ask(facts))) for facts in asked(table, cell))
    return next((f"{table.question.name}, {about(table.question)}, {facts}: {wrong}" for facts, wrong in found if wrong), "")


def asked(table: Table[Any], cell: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """The facts by which a cell is asked: every member that is in it, and its lowest and highest numbers, open ends a little inside."""
    keys = axis_keys(table.question)
    values = [_inside(axis, code) for axis, code in zip(table.axes, cell, strict=True)]
    for n in range(max(map(len, values))):
        yield {key: each[n % len(each)] for key, each in zip(keys, values, strict=True)}


def _inside(axis: Groups | Cuts, code: int) -> Sequence[Any]:
    if isinstance(axis, Groups):
        return [plain(member) for member in axis.groups[code]]
    low, high = corners(axis, code)
    if axis.axis.whole:
        return low, high
    span = axis.facts(frozenset((code,)))
    low = span.low + NEAR * max(1, abs(span.low)) if span.low_open else low
    return low, span.high - NEAR * max(1, abs(span.high)) if span.high_open else high


def _joined(_table: Table[Any], answer: Decision[Any], found: dict[str, Any]) -> str:
    """Of several books the engine gives the whole answer; what is null it leaves out."""
    return _differ(answer_document(answer), {"value": None} | found)


def _first(_table: Table[Any], answer: Decision[Any], found: dict[str, Any]) -> str:
    (reason,) = answer.reasons
    return _differ({"row": reason.row, "value": plain(answer.possible[0])}, {"value": None} | found)


def _folded(table: Table[Any], answer: Decision[Any], found: list[dict[str, Any]]) -> str:
    """The rows that the engine collects are ours, with our values; joined as the question says, they give our answer."""
    rows = {row.id: row for row in table.rows}
    values = {reason.row: rows[reason.row].then for reason in answer.reasons}
    if wrong := _differ([[row, plain(value)] for row, value in values.items()], [[each["row"], each.get("value")] for each in found]):
        return wrong
    given = [value for value in values.values() if value is not None]
    folded = table.question.fold(given) if table.question.fold and given else None
    return _differ(plain(answer.value if isinstance(answer, Decided) else None), plain(folded))


def _differ(ours: object, theirs: object) -> str:
    one, other = canonical_json(_whole(ours)), canonical_json(_whole(theirs))
    return "" if one == other else f"we say {one}, and the engine {other}"


def _whole(value: Any) -> Any:
    """JSON with whole numbers written without a point, whoever wrote it."""
    if isinstance(value, dict):
        return {key: _whole(part) for key, part in value.items()}
    return [_whole(part) for part in value] if isinstance(value, list) else plain(value)


def table_markdown() -> str:
    """The figures of every book, and of two stacks, as a table for the documentation. Raises `ValueError` where the engine disagrees."""
    head = ["book or stack", "rows", "cells", "open", "impossible", "agreed", "hash", "vectors"]
    lines = [head, ["---"] * len(head)]
    for name in (*BOOKS, *STACKS):
        book = rulebooks.get(name)
        of = agreement(book)
        if of.faults:
            raise ValueError("\n".join(of.faults))
        figures = [of.rows, of.cells, of.open, of.impossible, of.agreed]
        lines.append([name, *map(str, figures), f"`{content_hash(book)[:DIGITS]}`", f"`{vector_file(name)}`"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

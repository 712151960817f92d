"""The proof that a worse fact never gets a milder answer: each cell of a table against its neighbours along every order of harm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from tarlatamab_rules.core.axes import Axis, called
from tarlatamab_rules.core.decisions import NotCovered
from tarlatamab_rules.core.errors import TableError
from tarlatamab_rules.core.tables import Question, Row, Table
from tarlatamab_rules.values.severity import milder

__all__ = ["Proof", "Worsening", "prove", "proved", "refuse_unused", "refuse_violations"]

_Cell: TypeAlias = tuple[int, ...]


@frozen
class Worsening:
    """Two neighbouring cells; the worse one has the milder answer.

    Attributes:
        question: What is asked.

        axis: The fact that is worse.

        lesser: The facts of the first cell, in words.

        worse: The facts of the worse cell, in words.

        milder: In what the answer of the worse cell is milder: a field, or the drug or measure that is ordered less.

        rows: The rows that say why, by `Row.excepted`; empty for a violation.
    """

    question: Question[Any]
    axis: Axis
    lesser: str
    worse: str
    milder: tuple[str, ...]
    rows: tuple[Row[Any], ...]

    def __str__(self) -> str:
        """Where, and in what."""
        parts = ", ".join(self.milder)
        return f"{self.question.title}, {called(self.axis)}: a worse one has a milder answer ({parts}): {self.worse}, after {self.lesser}"


@frozen
class Proof:
    """The result of a proof.

    Attributes:
        cells: The cells that have a neighbour along an order of harm.

        neighbours: How many pairs of neighbours were compared.

        exceptions: Pairs for which the source itself has the milder answer for the worse fact, as some row says.

        violations: Pairs that no row explains.
    """

    cells: int = 0
    neighbours: int = 0
    exceptions: tuple[Worsening, ...] = field(default=(), repr=False)
    violations: tuple[Worsening, ...] = ()


def prove(tables: Iterable[Table[Any]]) -> Proof:
    """Compares all neighbours in each table, such as the tables of a book, a stack or an overlay."""
    proofs = [proved(table) for table in tables]
    return Proof(
        sum(proof.cells for proof in proofs),
        sum(proof.neighbours for proof in proofs),
        tuple(exception for proof in proofs for exception in proof.exceptions),
        tuple(violation for proof in proofs for violation in proof.violations),
    )


def proved(table: Table[Any]) -> Proof:
    """Compares all neighbours of one table."""
    pairs = list(dict.fromkeys(_neighbours(table)))
    excepted = [(row, frozenset(table.box(row.when))) for row in table.rows if row.excepted or row.milder_because]
    worsenings = [_worsening(table, n, cells, parts, excepted) for n, cells, parts in _milder_neighbours(table, pairs)]
    exceptions = tuple(worsening for worsening in worsenings if worsening.rows)
    violations = tuple(worsening for worsening in worsenings if not worsening.rows)
    return Proof(len({cell for _, *both in pairs for cell in both}), len(pairs), exceptions, violations)


def _milder_neighbours(
    table: Table[Any], pairs: Iterable[tuple[int, _Cell, _Cell]]
) -> Iterator[tuple[int, tuple[_Cell, _Cell], tuple[str, ...]]]:
    """The pairs in which the worse cell has the milder answer, and in what. Two answers are compared once, however many cells have them."""
    compared: dict[tuple[int, int], tuple[str, ...]] = {}
    for n, lesser, worse in pairs:
        answers = table.answers[lesser], table.answers[worse]
        key = id(answers[0]), id(answers[1])
        if key not in compared:
            compared[key] = milder(*answers)
        if compared[key]:
            yield n, (lesser, worse), compared[key]


def _worsening(
    table: Table[Any], n: int, cells: tuple[_Cell, _Cell], what: tuple[str, ...], excepted: Iterable[tuple[Row[Any], frozenset[_Cell]]]
) -> Worsening:
    """Two neighbours with a milder answer for the worse, and the rows in one of them that explain all of it."""
    axis = table.question.axes[n]
    explained = [(row, {part for part in what if _explains(row, axis, part)}) for row, box in excepted if not box.isdisjoint(cells)]
    complete = set(what) <= {part for _, parts in explained for part in parts}
    lesser, worse = (_says(table, cell) for cell in cells)
    return Worsening(table.question, axis, lesser, worse, what, tuple(row for row, parts in explained if complete and parts))


def _says(table: Table[Any], cell: _Cell) -> str:
    """The facts by which rows tell this cell from others, in words."""
    return ", ".join(axis.says(code) for axis, code in zip(table.axes, cell, strict=True) if len(axis) > 1)


def _explains(row: Row[Any], axis: Axis, what: str) -> bool:
    """Whether a row says why the worse fact has the milder answer.

    A silent row explains every part: once books are joined, all that it would have asked for is missing.
    """
    return bool(row.milder_because) or (axis in row.excepted and (what in row.excepted[axis] or row.then is None))


def _neighbours(table: Table[Any]) -> Iterator[tuple[int, _Cell, _Cell]]:
    """The place of an axis, and two cells of which the second is the next worse along it."""
    for n, (axis, codes) in enumerate(zip(table.question.axes, table.axes, strict=True)):
        if axis in table.question.worse and len(codes) > 1:
            steps = codes.steps(table.question.worse[axis])
            yield from ((n, lesser, worse) for line in _lines(table, n) for lesser, worse in _steps_of(table, line, steps))


def _lines(table: Table[Any], n: int) -> Iterable[dict[int, _Cell]]:
    """The cells that differ along one axis alone, by its code."""
    lines: dict[_Cell, dict[int, _Cell]] = {}
    for cell in table.answers:
        lines.setdefault(cell[:n] + cell[n + 1 :], {})[cell[n]] = cell
    return lines.values()


def _steps_of(table: Table[Any], line: Mapping[int, _Cell], steps: Iterable[frozenset[int]]) -> Iterator[tuple[_Cell, _Cell]]:
    """The neighbours along one line. Silence between two answers does not part them."""
    before: dict[_Cell, None] = {}
    for step in steps:
        cells = dict.fromkeys(line[code] for code in sorted(step) if code in line)
        yield from ((lesser, worse) for lesser in before for worse in cells if lesser != worse)
        if all(isinstance(table.answers[cell], NotCovered) for cell in cells):
            cells = {**before, **cells}
        before = cells


def refuse_violations(book: str, tables: Iterable[Table[Any]]) -> None:
    """Raises `TableError` if a worse fact has a milder answer in some tables of the book of this name, and no row says why."""
    faults: dict[tuple[Question[Any], Axis, tuple[str, ...]], Worsening] = {}
    for violation in prove(tables).violations:
        faults.setdefault((violation.question, violation.axis, violation.milder), violation)
    if faults:
        fix = "make the row stricter, or say why: Row(..., interpretation=..., excepted={axis: (what,)})"
        msg = f"{book}: {' | '.join(map(str, faults.values()))}; {fix}"
        raise TableError(msg)


def refuse_unused(rows: Iterable[Mapping[Question[Any], Iterable[Row[Any]]]]) -> None:
    """Raises `TableError` for an axis that no row of these books and no impossible combination uses: a proof along it is empty.

    Questions of one name that ask for the same facts, as the toxicities do, count as one here. Axes kept for policies are left out.
    """
    used: dict[tuple[str, tuple[Axis, ...]], set[Axis]] = {}
    for of_book in rows:
        for question, of_question in of_book.items():
            axes = used.setdefault((question.name, question.axes), set(question.for_policies))
            axes.update(axis for row in of_question for axis in row.when)
            axes.update(axis for ban in question.impossible for axis in ban.when)
    faults = [f"{name}: no row uses {called(axis)}" for (name, axes), in_use in used.items() for axis in axes if axis not in in_use]
    if faults:
        msg = f"{'; '.join(faults)}; write the row that does, or leave the axis out of the question"
        raise TableError(msg)

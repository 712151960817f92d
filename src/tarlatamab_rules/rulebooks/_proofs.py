"""The proof that a worse fact never gets a milder answer: each cell of a table against its neighbours along every order of harm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from tarlatamab_rules.answers.severity import milder
from tarlatamab_rules.core.axes import Axis, called
from tarlatamab_rules.core.decisions import NotCovered
from tarlatamab_rules.core.errors import TableError
from tarlatamab_rules.core.tables import Question, Row, Table

__all__ = ["Proof", "Worsening", "prove", "proved", "refuse_unused", "refuse_violations"]

_Cell: TypeAlias = tuple[int, ...]


@frozen
class Worsening:
    """Two neighbouring cells of which the worse one has the milder answer.

    Attributes:
        question: What is asked.

        axis: The fact that is worse.

        lesser: The facts of the one cell, in words.

        worse: Those of the other.

        milder: In what its answer is milder: a field of the answer, or the drug or measure that is ordered less.

        rows: The rows that say why, `Row.excepted`; empty: it is a violation.
    """

    question: Question[Any]
    axis: Axis
    lesser: str
    worse: str
    milder: tuple[str, ...]
    rows: tuple[Row[Any], ...]

    def __str__(self) -> str:
        """Where, and in what."""
        found = ", ".join(self.milder)
        return f"{self.question.title}, {called(self.axis)}: a worse one has a milder answer ({found}): {self.worse}, after {self.lesser}"


@frozen
class Proof:
    """What a proof came to.

    Attributes:
        cells: The cells that have a neighbour along an order of harm.

        neighbours: How many pairs of neighbours were compared.

        exceptions: Those of which the source itself has the milder answer for the worse fact, as some row says.

        violations: Those that no row explains.
    """

    cells: int = 0
    neighbours: int = 0
    exceptions: tuple[Worsening, ...] = field(default=(), repr=False)
    violations: tuple[Worsening, ...] = ()


def prove(tables: Iterable[Table[Any]]) -> Proof:
    """Compares all neighbours in each table, as those of a book, a stack or an overlay."""
    proofs = [proved(table) for table in tables]
    return Proof(
        sum(proof.cells for proof in proofs),
        sum(proof.neighbours for proof in proofs),
        tuple(each for proof in proofs for each in proof.exceptions),
        tuple(each for proof in proofs for each in proof.violations),
    )


def proved(table: Table[Any]) -> Proof:
    """Compares all neighbours of one table."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    worsenings: list[Worsening] = []
    pairs = list(dict.fromkeys(_neighbours(table)))
    excepted = [(row, frozenset(table.box(row.when))) for row in table.rows if row.excepted or row.milder_because]
    for n, lesser, worse in pairs:
        answers = table.answers[lesser], table.answers[worse]
        key = id(answers[0]), id(answers[1])
        if key not in found:
            found[key] = milder(*answers)
        if found[key]:
            rows = [row for row, box in excepted if lesser in box or worse in box]
            worsenings.append(_worsening(table, n, (lesser, worse), found[key], rows))
    return Proof(
        len({cell for _, *both in pairs for cell in both}),
        len(pairs),
        tuple(each for each in worsenings if each.rows),
        tuple(each for each in worsenings if not each.rows),
    )


def _worsening(table: Table[Any], n: int, cells: tuple[_Cell, _Cell], what: tuple[str, ...], rows: Iterable[Row[Any]]) -> Worsening:
    axis = table.question.axes[n]
    explained = [(row, {each for each in what if _explains(row, axis, each)}) for row in rows]
    whole = set(what) <= {each for _, some in explained for each in some}
    says = [_says(table, cell) for cell in cells]
    whole_rows = tuple(row for row, some in explained if whole and some)
    return Worsening(table.question, axis, says[0], says[1], what, whole_rows)


def _says(table: Table[Any], cell: _Cell) -> str:
    """The facts of a cell that some row tells apart, in words."""
    return ", ".join(axis.says(code) for axis, code in zip(table.axes, cell, strict=True) if len(axis) > 1)


def _explains(row: Row[Any], axis: Axis, what: str) -> bool:
    """Whether a row says why; where it is silent, all that it would have asked for is missing, which shows where books are joined."""
    return bool(row.milder_because) or (axis in row.excepted and (what in row.excepted[axis] or row.then is None))


def _neighbours(table: Table[Any]) -> Iterator[tuple[int, _Cell, _Cell]]:
    """An axis, and two cells of which the second is the next worse along it; silence between two answers does not part them."""
    for n, (axis, codes) in enumerate(zip(table.question.axes, table.axes, strict=True)):
        if axis not in table.question.worse or len(codes) == 1:
            continue
        lines: dict[_Cell, dict[int, _Cell]] = {}
        for cell in table.answers:
            lines.setdefault(cell[:n] + cell[n + 1 :], {})[cell[n]] = cell
        steps = codes.steps(table.question.worse[axis])
        for line in lines.values():
            before: dict[_Cell, None] = {}
            for step in steps:
                cells = dict.fromkeys(line[code] for code in sorted(step) if code in line)
                yield from ((n, lesser, worse) for lesser in before for worse in cells if lesser != worse)
                if all(isinstance(table.answers[cell], NotCovered) for cell in cells):
                    cells = {**before, **cells}
                before = cells


def refuse_violations(book: str, tables: Iterable[Table[Any]]) -> None:
    """Raises `TableError` where a worse fact has a milder answer in some tables of the book of this name, and no row says why."""
    faults: dict[tuple[Question[Any], Axis, tuple[str, ...]], Worsening] = {}
    for each in (each for table in tables for each in proved(table).violations):
        faults.setdefault((each.question, each.axis, each.milder), each)
    if faults:
        fix = "make the row stricter, or say why: Row(..., reading=..., excepted={axis: (what,)})"
        msg = f"{book}: {' | '.join(map(str, faults.values()))}; {fix}"
        raise TableError(msg)


def refuse_unused(rows: Iterable[Mapping[Question[Any], Iterable[Row[Any]]]]) -> None:
    """Raises `TableError` for an axis that no row of any of these books uses, and nothing that cannot be: a proof along it is empty.

    Questions of one name that ask of the same facts, as the toxicities do, are one here. What a question keeps for policies is left out.
    """
    used: dict[tuple[str, tuple[Axis, ...]], set[Axis]] = {}
    for of_book in rows:
        for question, of_question in of_book.items():
            axes = used.setdefault((question.name, question.axes), set(question.for_policies))
            axes.update(axis for row in of_question for axis in row.when)
            axes.update(axis for ban in question.impossible for axis in ban.when)
    faults = [f"{name}: no row uses {called(axis)}" for (name, axes), found in used.items() for axis in axes if axis not in found]
    if faults:
        msg = f"{'; '.join(faults)}; write the row that does, or leave the axis out of the question"
        raise TableError(msg)

"""What to ask next of a table, and which facts would give another answer. Knows nothing of any drug.

A table has finitely many cells, so both are exact: every band of numbers and every group of members is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from attrs import field, frozen

from tarlatamab_rules.core.axes import Axis, Condition, Cuts, Fact, Groups, called
from tarlatamab_rules.core.cells import Box, Cell, merged
from tarlatamab_rules.core.decisions import Decision, NeedsData, either
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.core.intervals import Interval, overlap
from tarlatamab_rules.core.tables import Question, When, matters

if TYPE_CHECKING:
    from tarlatamab_rules.core.tables import Table

__all__ = ["AskNext", "Nearest", "ask_next", "nearest"]

T = TypeVar("T")


@frozen
class AskNext(Generic[T]):
    """A fact that is open, and the answer by what it turns out to be.

    Attributes:
        question: What is asked.

        axis: The fact.

        settles: With how many of its bands or groups the answer is settled, whatever else is open.

        of: How many bands or groups it may still be in.

        outcomes: What it may be, as the condition of a row, and the answer then; conditions with one answer stand together.
    """

    question: Question[T] = field(repr=False)
    axis: Axis = field(repr=False)
    settles: int
    of: int
    outcomes: tuple[tuple[Condition, Decision[T]], ...]

    @property
    def fact(self) -> str:
        """The name of the fact."""
        return self.axis.fact

    @property
    def title(self) -> str:
        """What the fact is called in print."""
        return called(self.axis)


@frozen
class Nearest(Generic[T]):
    """Facts that lie nearest to given ones and have another answer.

    Attributes:
        question: What is asked.

        when: The facts that differ from the given ones, as the conditions of a row; all others are as given.

        answer: The answer then.
    """

    question: Question[T] = field(repr=False)
    when: When
    answer: Decision[T]


def ask_next(table: Table[T], facts: Sequence[Fact]) -> tuple[AskNext[T], ...]:
    """The facts that are open and bear on the answer, the one that settles most in front.

    A fact is open while it may be in more than one band or group of the table. It is left out where it can change nothing; none is left
    where the answer is settled. They are in order by the share of bands and groups that settle the answer, then by how few answers the
    others leave possible, then as the question has them.

    Args:
        table: The table.

        facts: One fact an axis, in the order of the axes: a value, ``None``, or members or an `Interval` where it is partly known.

    Raises:
        ContradictionError: The facts cannot all be true.
    """
    now = table(*facts)
    if not isinstance(now, NeedsData):
        return ()
    spans = _spans(table, facts)
    values = {cell: table.answers[cell].possible[0] for cell in product(*map(sorted, spans)) if cell in table.answers}
    ranked: list[tuple[bool, tuple[float, int], AskNext[T]]] = []
    for n, span in enumerate(spans):
        if len(span) > 1:
            codes = sorted({cell[n] for cell in values})
            after: dict[Cell, Decision[T]] = {(code,): _asked(table, facts, {n: frozenset((code,))}) for code in codes}
            left = [len(answer.possible) for answer in after.values() if isinstance(answer, NeedsData)]
            bears = matters(n, values) or any(frozenset(answer.possible) != frozenset(now.possible) for answer in after.values())
            outcomes = tuple(_outcomes(table, facts, n, after))
            found = AskNext(table.question, table.question.axes[n], len(after) - len(left), len(after), outcomes)
            ranked.append((bears, (len(left) / len(after), sum(left)), found))
    # Where facts bear on the answer only together, none of them is left out.
    bearing = [each for each in ranked if each[0]] or ranked
    return tuple(found for _, _, found in sorted(bearing, key=lambda each: each[1]))


def _outcomes(table: Table[T], facts: Sequence[Fact], n: int, after: Mapping[Cell, Decision[T]]) -> Iterator[tuple[Condition, Decision[T]]]:
    """The answers by the codes of one axis, those that are alike together, in the order of the axis."""
    axis, fact = table.axes[n], facts[n]
    for (codes,) in sorted(_boxes((axis,), after), key=lambda box: min(box[0])):
        condition = axis.facts(codes)
        if isinstance(fact, Interval):
            condition = overlap(condition, fact)
        elif fact is not None:
            condition &= fact
        yield condition, _joined(table, facts, {n: codes}, [after[code,] for code in sorted(codes)])


def nearest(table: Table[T], facts: Sequence[Fact]) -> tuple[Nearest[T], ...]:
    """What would give another answer: every change of as few of the facts as it takes.

    Only known facts are changed. One that is open stays open; then an answer is another one where other values are possible than now,
    silence among them. Of numbers only the bands nearest in each direction are taken, with those beyond that give the same answer. Empty:
    there is no other answer.

    Args:
        table: The table.

        facts: One fact an axis, as for `ask_next`.

    Raises:
        ContradictionError: The facts cannot all be true.
    """
    now = frozenset(table(*facts).possible)
    spans = _spans(table, facts)
    known = [n for n, span in enumerate(spans) if len(span) == 1 < len(table.axes[n])]
    for count in range(1, len(known) + 1):
        found = [each for changed in combinations(known, count) for each in _changes(table, facts, changed, now)]
        if found:
            return tuple(found)
    return ()


def _changes(table: Table[T], facts: Sequence[Fact], changed: tuple[int, ...], now: frozenset[object]) -> Iterator[Nearest[T]]:
    """What other values of these facts give other answers."""
    axes = [table.axes[n] for n in changed]
    given = [min(axis.matched(facts[n])) for axis, n in zip(axes, changed, strict=True)]
    found: dict[Cell, Decision[T]] = {}
    for codes in product(*(sorted(axis.every - {own}) for axis, own in zip(axes, given, strict=True))):
        try:
            answer = _asked(table, facts, {n: frozenset((code,)) for n, code in zip(changed, codes, strict=True)})
        except ContradictionError:
            continue
        if frozenset(answer.possible) != now:
            found[codes] = answer
    near = {codes for codes in found if not any(_nearer(other, codes, given, axes) for other in found)}
    for box in _boxes(axes, found):
        cells = list(product(*map(sorted, box)))
        if not near.isdisjoint(cells):
            answer = _joined(table, facts, dict(zip(changed, box, strict=True)), [found[cell] for cell in cells])
            when = {table.question.axes[n]: axis.facts(part) for n, axis, part in zip(changed, axes, box, strict=True)}
            yield Nearest(table.question, when, answer)


def _nearer(one: Cell, other: Cell, given: Sequence[int], axes: Sequence[Groups | Cuts]) -> bool:
    """Whether *one* has the members of *other*, and every number in the same direction and not so far: one at least nearer."""
    return one != other and all(
        (own < a <= b or b <= a < own) if isinstance(axis, Cuts) else a == b
        for a, b, own, axis in zip(one, other, given, axes, strict=True)
    )


def _spans(table: Table[Any], facts: Sequence[Fact]) -> list[frozenset[int]]:
    """The codes that each fact may have."""
    return [axis.every if fact is None else axis.matched(fact) for axis, fact in zip(table.axes, facts, strict=True)]


def _asked(table: Table[T], facts: Sequence[Fact], codes: Mapping[int, frozenset[int]]) -> Decision[T]:
    """The answer with some of the facts in other bands or groups."""
    return table(*(table.axes[n].facts(codes[n]) if n in codes else fact for n, fact in enumerate(facts)))


def _joined(table: Table[T], facts: Sequence[Fact], codes: Mapping[int, frozenset[int]], answers: Sequence[Decision[T]]) -> Decision[T]:
    """One answer of cells that are alike: where one is decided that of the table, else what each of them leaves open."""
    first = answers[0]
    if not isinstance(first, NeedsData):
        return _asked(table, facts, codes)
    return either(answers)


def _boxes(axes: Sequence[Groups | Cuts], answers: Mapping[Cell, Decision[Any]]) -> list[Box]:
    """Cells with one answer put together."""
    alike: dict[object, list[Cell]] = {}
    for cell, answer in answers.items():
        alike.setdefault((answer.missing, frozenset(answer.possible)), []).append(cell)
    return [box for cells in alike.values() for box in merged(cells, axes)]

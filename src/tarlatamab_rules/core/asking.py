"""Which missing fact to ask for next, and which facts would give another answer. Knows nothing of any drug.

A table has finitely many cells, so both answers are exact: every band of numbers and every group of members is tried.
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
    """An open fact, and the answer for each value that it may have.

    Attributes:
        question: The question.

        axis: The fact.

        settles: How many of its bands or groups settle the answer, whatever else is open.

        of: How many bands or groups are still possible.

        outcomes: Each condition that it may meet, written as in a row, and the answer then. Conditions with the same answer are joined.
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
        """The name of the fact in print."""
        return called(self.axis)


@frozen
class Nearest(Generic[T]):
    """The facts nearest to those of a case that have another answer.

    Attributes:
        question: The question.

        when: The facts that differ from those of the case, as the conditions of a row. All others stay as they are.

        answer: The answer then.
    """

    question: Question[T] = field(repr=False)
    when: When
    answer: Decision[T]


def ask_next(table: Table[T], facts: Sequence[Fact]) -> tuple[AskNext[T], ...]:
    """The open facts that affect the answer. The one that settles most comes first.

    A fact is open while it may be in more than one band or group of the table. A fact that can change nothing is left out, so none is
    left once the answer is settled. The facts are ordered by the share of bands and groups that settle the answer, then by how few
    answers the others leave possible, then in the order of the question.

    Args:
        table: The table.

        facts: One fact for each axis, in the order of the axes: a value; ``None``; or members or an `Interval`, if partly known.

    Raises:
        ContradictionError: The facts cannot all be true.
    """
    now = table(*facts)
    if not isinstance(now, NeedsData):
        return ()
    spans = _spans(table, facts)
    values = {cell: table.answers[cell].possible[0] for cell in product(*map(sorted, spans)) if cell in table.answers}
    candidates = [_candidate(table, facts, n, values, frozenset(now.possible)) for n, span in enumerate(spans) if len(span) > 1]
    # If facts affect the answer only together, none of them is left out.
    bearing = [candidate for candidate in candidates if candidate.bears] or candidates
    return tuple(candidate.ask for candidate in sorted(bearing, key=lambda candidate: candidate.order))


@frozen
class _Candidate(Generic[T]):
    """An open fact that may be asked next: whether it affects the answer by itself, its place in the order, and the question."""

    bears: bool
    order: tuple[float, int]
    ask: AskNext[T]


def _candidate(table: Table[T], facts: Sequence[Fact], n: int, values: Mapping[Cell, object], possible: frozenset[object]) -> _Candidate[T]:
    """The *n*-th fact as a candidate. The table is asked again for each of its codes."""
    codes = sorted({cell[n] for cell in values})
    after: dict[Cell, Decision[T]] = {(code,): _asked(table, facts, {n: frozenset((code,))}) for code in codes}
    left = [len(answer.possible) for answer in after.values() if isinstance(answer, NeedsData)]
    bears = matters(n, values) or any(frozenset(answer.possible) != possible for answer in after.values())
    outcomes = tuple(_outcomes(table, facts, n, after))
    ask = AskNext(table.question, table.question.axes[n], len(after) - len(left), len(after), outcomes)
    return _Candidate(bears, (len(left) / len(after), sum(left)), ask)


def _outcomes(table: Table[T], facts: Sequence[Fact], n: int, after: Mapping[Cell, Decision[T]]) -> Iterator[tuple[Condition, Decision[T]]]:
    """The answers by the codes of one axis, in the order of the axis. Codes with the same answer are joined."""
    axis, fact = table.axes[n], facts[n]
    for (codes,) in sorted(_boxes((axis,), after), key=lambda box: min(box[0])):
        condition = axis.facts(codes)
        if isinstance(fact, Interval):
            condition = overlap(condition, fact)
        elif fact is not None:
            condition &= fact
        yield condition, _joined(table, facts, {n: codes}, [after[code,] for code in sorted(codes)])


def nearest(table: Table[T], facts: Sequence[Fact]) -> tuple[Nearest[T], ...]:
    """What would give another answer: every change of the smallest number of facts.

    Only known facts are changed; an open fact stays open. Then the answer is another one if other values are possible than now, including
    silence. Of numbers, only the nearest bands in each direction are taken, and those beyond with the same answer. The result is empty
    if there is no other answer.

    Args:
        table: The table.

        facts: One fact for each axis, as for `ask_next`.

    Raises:
        ContradictionError: The facts cannot all be true.
    """
    now = frozenset(table(*facts).possible)
    spans = _spans(table, facts)
    known = [n for n, span in enumerate(spans) if len(span) == 1 < len(table.axes[n])]
    for count in range(1, len(known) + 1):
        changes = tuple(change for changed in combinations(known, count) for change in _changes(table, facts, changed, now))
        if changes:
            return changes
    return ()


def _changes(table: Table[T], facts: Sequence[Fact], changed: tuple[int, ...], now: frozenset[object]) -> Iterator[Nearest[T]]:
    """The nearest other values of these facts that give another answer."""
    axes = [table.axes[n] for n in changed]
    start = [min(axis.matched(facts[n])) for axis, n in zip(axes, changed, strict=True)]
    answers = dict(_other_answers(table, facts, dict(zip(changed, start, strict=True)), now))
    near = {cell for cell in answers if not any(_nearer(other, cell, start, axes) for other in answers)}
    for box in _boxes(axes, answers):
        cells = list(product(*map(sorted, box)))
        if not near.isdisjoint(cells):
            answer = _joined(table, facts, dict(zip(changed, box, strict=True)), [answers[cell] for cell in cells])
            when = {table.question.axes[n]: axis.facts(codes) for n, axis, codes in zip(changed, axes, box, strict=True)}
            yield Nearest(table.question, when, answer)


def _other_answers(
    table: Table[T], facts: Sequence[Fact], start: Mapping[int, int], now: frozenset[object]
) -> Iterator[tuple[Cell, Decision[T]]]:
    """The combinations of other codes of the facts in *start* that can exist and give another answer than now."""
    for cell in product(*(sorted(table.axes[n].every - {code}) for n, code in start.items())):
        try:
            answer = _asked(table, facts, {n: frozenset((code,)) for n, code in zip(start, cell, strict=True)})
        except ContradictionError:
            continue
        if frozenset(answer.possible) != now:
            yield cell, answer


def _nearer(cell: Cell, other: Cell, start: Sequence[int], axes: Sequence[Groups | Cuts]) -> bool:
    """Whether *cell* has the members of *other*, and every number in the same direction from *start* and at most as far.

    At least one number is nearer.
    """
    return cell != other and all(
        (origin < near <= far or far <= near < origin) if isinstance(axis, Cuts) else near == far
        for near, far, origin, axis in zip(cell, other, start, axes, strict=True)
    )


def _spans(table: Table[Any], facts: Sequence[Fact]) -> list[frozenset[int]]:
    """The codes that each fact may have."""
    return [axis.every if fact is None else axis.matched(fact) for axis, fact in zip(table.axes, facts, strict=True)]


def _asked(table: Table[T], facts: Sequence[Fact], codes: Mapping[int, frozenset[int]]) -> Decision[T]:
    """The answer with some of the facts in other bands or groups."""
    return table(*(table.axes[n].facts(codes[n]) if n in codes else fact for n, fact in enumerate(facts)))


def _joined(table: Table[T], facts: Sequence[Fact], codes: Mapping[int, frozenset[int]], answers: Sequence[Decision[T]]) -> Decision[T]:
    """One answer for cells that are alike: the answer of the table if they are decided, else everything that they leave open."""
    first = answers[0]
    if not isinstance(first, NeedsData):
        return _asked(table, facts, codes)
    return either(answers)


def _boxes(axes: Sequence[Groups | Cuts], answers: Mapping[Cell, Decision[Any]]) -> list[Box]:
    """The cells as boxes. Cells of one box have the same answer."""
    alike: dict[object, list[Cell]] = {}
    for cell, answer in answers.items():
        alike.setdefault((answer.missing, frozenset(answer.possible)), []).append(cell)
    return [box for cells in alike.values() for box in merged(cells, axes)]

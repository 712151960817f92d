"""Decision tables whose compiling is the proof that they answer every case once. Knows nothing of any drug.

A *question* names the facts it asks about as *axes*. A *row* says for which values of these facts it answers, and what.
Compiling cuts every axis where rows cut it, visits every cell that can exist and refuses a table with a gap or an overlap.
A fact may be known, not known (`None`) or partly known (several members, or an `Interval`); every value it may take is looked at.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import ceil, inf, isinf, nextafter
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from attrs import field, frozen

from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered
from tarlatamab_rules.errors import ContradictionError, TableError
from tarlatamab_rules.intervals import Interval

if TYPE_CHECKING:
    from tarlatamab_rules.evidence import Reason

__all__ = [
    "Axis",
    "Bands",
    "Choices",
    "Impossible",
    "Question",
    "Row",
    "Table",
    "When",
    "matters",
]

T = TypeVar("T")
Fact: TypeAlias = Any
"""A value of an axis; `None` for not known; a frozenset of members, or an `Interval`, for partly known."""


@frozen(eq=False)
class Choices:
    """An axis with finitely many members.

    Attributes:
        fact: The name of the fact.

        members: Every value it can have.

        title: What it is called in print; else `fact`.
    """

    fact: str
    members: tuple[Any, ...]
    title: str = ""


@frozen(eq=False)
class Bands:
    """An axis of numbers.

    Attributes:
        fact: The name of the fact.

        domain: The numbers it can be.

        whole: Whether only whole numbers occur; then the answers to values seen are remembered.

        show: How one of its numbers is printed.

        title: What it is called in print; else `fact`.
    """

    fact: str
    domain: Interval
    whole: bool = False
    show: Callable[[float], str] = "{:g}".format
    title: str = ""


Axis: TypeAlias = Choices | Bands
Condition: TypeAlias = Any
"""A member, a frozenset of members, or an `Interval`."""
When: TypeAlias = Mapping[Axis, Condition]


@frozen
class Impossible:
    """A combination of facts that no case can have.

    Attributes:
        when: The combination.

        because: Why not; shown to who brings such facts.
    """

    when: When
    because: str


@frozen(eq=False)
class Question(Generic[T]):
    """What is asked, of which facts, answered by what type. Every rulebook fills the same questions.

    Attributes:
        name: The name of the function that answers it.

        axes: The facts it asks about.

        answer: The type of its answer.

        fold: ``None``: exactly one row fits a cell (UNIQUE). Otherwise every row that fits counts (COLLECT), and this joins them.

        impossible: Combinations of facts that are left out.

        about: What it is about, where several questions share a name.
    """

    name: str
    axes: tuple[Axis, ...]
    answer: type[T]
    fold: Callable[[Sequence[T]], T] | None = field(default=None, repr=False)
    impossible: tuple[Impossible, ...] = field(default=(), repr=False)
    about: str = ""


@frozen
class Row(Generic[T]):
    """One rule.

    Attributes:
        id: The id of the statement it encodes; rows that share one are told apart after a slash, as ``MON-3/toxicity``.

        when: The facts it speaks of; an axis left out means whatever its value.

        then: The answer; ``None``: the source leaves this open, and the row says so.

        says: The rule as a plain sentence.

        reading: How the statement was read where it can be read in more than one way.

        unsettled: Why the source does not settle what to do although it speaks of this: a clinician must. Only where `then` is ``None``;
            empty where the source is silent.
    """

    id: str
    when: When
    then: T | None
    says: str
    reading: str = ""
    unsettled: str = ""

    @property
    def statement(self) -> str:
        """The id of the statement."""
        return self.id.partition("/")[0]


class _Groups:
    """An axis of members: those that no row tells apart share a code."""

    def __init__(self, axis: Choices, conditions: Iterable[Condition]) -> None:
        tests = [condition if isinstance(condition, frozenset) else frozenset((condition,)) for condition in conditions]
        if strangers := frozenset().union(*tests) - frozenset(axis.members):
            msg = f"{axis.fact}: a row names {sorted(map(str, strangers))}; the members are {[str(m) for m in axis.members]}"
            raise TableError(msg)
        groups: dict[tuple[bool, ...], list[Any]] = {}
        for member in axis.members:
            groups.setdefault(tuple(member in test for test in tests), []).append(member)
        self.fact = axis.fact
        self.groups = tuple(map(tuple, groups.values()))
        self.codes = {member: code for code, group in enumerate(self.groups) for member in group}
        self.every = frozenset(range(len(self.groups)))

    def matched(self, condition: Condition) -> frozenset[int]:
        members = condition if isinstance(condition, frozenset) else (condition,)
        try:
            return frozenset(self.codes[member] for member in members)
        except KeyError as error:
            msg = f"{self.fact}: {error.args[0]!r} is not one of {', '.join(map(str, self.codes))}"
            raise ContradictionError(msg) from None

    def code(self, fact: Fact) -> int:
        """The code of a fact that is one member; -1 for every other."""
        return self.codes.get(fact, -1)

    def says(self, code: int) -> str:
        return f"{self.fact} {' or '.join(map(str, self.groups[code]))}"

    def __len__(self) -> int:
        return len(self.groups)


class _Cuts:
    """An axis of numbers, cut wherever a row begins or ends."""

    def __init__(self, axis: Bands, conditions: Iterable[Condition]) -> None:
        self.axis, self.fact = axis, axis.fact
        ends = {end for condition in conditions for end in self._ends(condition)}
        start, stop = self._ends(axis.domain)
        self.cuts = [start, *sorted(end for end in ends if start < end < stop), stop]
        self.every = frozenset(range(len(self)))

    def _ends(self, condition: Condition) -> tuple[float, float]:
        """Where a condition starts, and the first number beyond it."""
        if not isinstance(condition, Interval) and not (isinstance(condition, int | float) and condition == condition):  # noqa: PLR0124  # NaN
            msg = f"{self.fact}: {condition!r} is no number and no Interval"
            raise ContradictionError(msg)
        span = condition if isinstance(condition, Interval) else Interval(condition, condition)
        ends = span.start, span.stop
        return (_up(ends[0]), _up(ends[1])) if self.axis.whole else ends

    def code(self, fact: Fact) -> int:
        """The code of a fact that is one number inside; -1 for every other."""
        kind = type(fact)
        if (kind is int or (kind is float and not self.axis.whole)) and self.cuts[0] <= fact < self.cuts[-1]:
            return bisect_right(self.cuts, fact) - 1
        return -1

    def matched(self, condition: Condition) -> frozenset[int]:
        start, stop = self._ends(condition)
        if stop <= self.cuts[0] or start >= self.cuts[-1]:
            msg = f"{self.fact}: {condition} is outside {self.axis.domain}"
            raise ContradictionError(msg)
        if start == stop:
            return frozenset()
        first = max(bisect_right(self.cuts, start) - 1, 0)
        return frozenset(code for code in range(first, len(self)) if self.cuts[code] < stop)

    def says(self, code: int) -> str:
        start, stop = self.cuts[code], self.cuts[code + 1]
        last = stop - 1 if self.axis.whole else nextafter(stop, -inf)
        low, high = self.axis.show(start), self.axis.show(last)
        return f"{self.fact} {low}" if low == high else f"{self.fact} {low} to {high}"

    def __len__(self) -> int:
        return len(self.cuts) - 1


def _up(end: float) -> float:
    """The next whole number: between two whole numbers of an axis there is none."""
    return end if isinf(end) else float(ceil(end))


_Codes: TypeAlias = tuple[int, ...]
_REMEMBERED = 10_000
"""How many combinations of finite facts a table remembers: far above what rows tell apart, and a bound all the same."""


class _Lookup(dict[tuple[Fact, ...], Decision[T]]):
    """Facts to answers: those seen before at the price of a dictionary, the others worked out by the table."""

    __slots__ = ("_finite", "_open")

    def __init__(self, open_: Callable[[tuple[Fact, ...]], Decision[T]], *, finite: bool) -> None:
        super().__init__()
        self._open, self._finite = open_, finite

    def __missing__(self, facts: tuple[Fact, ...]) -> Decision[T]:
        answer = self._open(facts)
        if self._finite and len(self) < _REMEMBERED:
            self[facts] = answer
        return answer


class Table(Generic[T]):
    """A question answered by rows for every cell of its domain.

    Call it with one fact an axis, in the order of the axes. Two facts that contradict each other raise `ContradictionError`.

    Attributes:
        question: The question.

        rows: The rows that answer it.

        cells: How many cells were enumerated and are answered.

        silent: How many of them the source leaves open.

        impossible: How many were left out.

        asks: The axes along which some row tells cases apart.

        lookup: ``table.lookup[facts]`` is ``table(*facts)`` for the hottest paths.
    """

    question: Question[T]
    rows: tuple[Row[T], ...]
    cells: int
    silent: int
    impossible: int
    asks: frozenset[Axis]
    lookup: _Lookup[T]

    def __init__(self, question: Question[T], rows: Sequence[Row[T]], reason: Callable[[Row[T]], Reason]) -> None:
        self.question, self.rows = question, tuple(rows)
        whens = [row.when for row in rows] + [ban.when for ban in question.impossible]
        _check(question, rows)
        self._axes = tuple(_cut(axis, [when[axis] for when in whens if axis in when]) for axis in question.axes)
        self.asks = frozenset(axis for axis, cut in zip(question.axes, self._axes, strict=True) if len(cut) > 1)
        self._bans = {cell: ban.because for ban in question.impossible for cell in self._box(ban.when)}
        fits: dict[_Codes, list[Row[T]]] = {}
        for row in rows:
            cells = [cell for cell in self._box(row.when) if cell not in self._bans]
            if not cells:
                msg = f"{question.name}: {row.id} answers no case that can be"
                raise TableError(msg)
            for cell in cells:
                fits.setdefault(cell, []).append(row)
        self._answers = self._answer(fits, {id(row): reason(row) for row in rows})
        self.impossible = len(self._bans)
        self.cells = len(self._answers)
        self.silent = sum(isinstance(answer, NotCovered) for answer in self._answers.values())
        self.lookup = _Lookup(self._open, finite=all(isinstance(axis, Choices) or axis.whole for axis in question.axes))
        self._opened: dict[tuple[frozenset[int], ...], Decision[T]] = {}

    def _box(self, when: When) -> Iterator[_Codes]:
        spans = [
            sorted(axis.matched(when[asked])) if asked in when else range(len(axis))
            for asked, axis in zip(self.question.axes, self._axes, strict=True)
        ]
        return product(*spans)

    def _answer(self, fits: dict[_Codes, list[Row[T]]], reasons: dict[int, Reason]) -> dict[_Codes, Decision[T]]:
        faults: list[str] = []
        shared: dict[tuple[int, ...], Decision[T]] = {}
        answers: dict[_Codes, Decision[T]] = {}
        fold = self.question.fold
        for cell in product(*(range(len(axis)) for axis in self._axes)):
            if cell in self._bans:
                continue
            rows = fits.get(cell, [])
            if not rows or (fold is None and len(rows) > 1):
                where = ", ".join(axis.says(code) for axis, code in zip(self._axes, cell, strict=True))
                faults.append(f"{where}: {' and '.join(row.id for row in rows) or 'no row'}")
                continue
            key = tuple(map(id, rows))
            if key not in shared:
                why = tuple(reasons[k] for k in key)
                values = [row.then for row in rows if row.then is not None]
                shared[key] = Decided(fold(values) if fold else values[0], why) if values else NotCovered(why)
            answers[cell] = shared[key]
        if faults:
            rule = "exactly one row must answer each cell" if fold is None else "at least one row must answer each cell"
            msg = f"{self.question.name}: {rule}; " + "; ".join(faults)
            raise TableError(msg)
        return answers

    def __call__(self, *facts: Fact) -> Decision[T]:
        """The answer for these facts: looked up where they were seen before, else worked out over every value they may take."""
        return self.lookup[facts]

    def _open(self, facts: tuple[Fact, ...]) -> Decision[T]:
        cell = tuple([axis.code(fact) for axis, fact in zip(self._axes, facts, strict=True)])
        if (known := self._answers.get(cell)) is not None:
            return known
        spans = tuple(
            [
                frozenset((code,)) if code >= 0 else axis.every if fact is None else axis.matched(fact)
                for axis, fact, code in zip(self._axes, facts, cell, strict=True)
            ]
        )
        if (answer := self._opened.get(spans)) is None:
            answer = self._opened[spans] = self._resolve(spans)
        return answer

    def _resolve(self, spans: tuple[frozenset[int], ...]) -> Decision[T]:
        box = list(product(*map(sorted, spans)))
        every = {cell: self._answers[cell] for cell in box if cell in self._answers}
        if not every:
            msg = f"{self.question.name}: {self._bans[box[0]] if box else 'no value of a fact is left'}"
            raise ContradictionError(msg)
        values = {cell: answer.possible[0] for cell, answer in every.items()}
        possible = tuple(dict.fromkeys(values.values()))
        union = tuple(dict.fromkeys(reason for answer in every.values() for reason in answer.reasons))
        if len(possible) == 1:
            shared = tuple(reason for reason in union if all(reason in answer.reasons for answer in every.values()))
            reasons = shared or union
            return NotCovered(reasons) if possible[0] is None else Decided(possible[0], reasons)
        open_ = [n for n, span in enumerate(spans) if len(span) > 1]
        matter = [n for n in open_ if matters(n, values)] or open_
        return NeedsData(tuple(dict.fromkeys(self.question.axes[n].fact for n in matter)), possible, union)


def _check(question: Question[T], rows: Sequence[Row[T]]) -> None:
    """What can be seen of a row without the others."""
    faults = []
    for n, row in enumerate(rows):
        strangers = [str(getattr(axis, "fact", axis)) for axis in row.when if axis not in question.axes]
        if strangers:
            faults.append(f"{row.id} speaks of {', '.join(strangers)}, which the question does not ask about")
        if row.then is not None and not isinstance(row.then, question.answer):
            faults.append(f"{row.id} answers with {row.then!r}, and the question wants a {question.answer.__name__}")
        if row.unsettled and row.then is not None:
            faults.append(f"{row.id} answers, and says that it does not")
        if any(other.id == row.id for other in rows[:n]):
            faults.append(f"{row.id} stands there twice")
    if faults:
        msg = f"{question.name}: " + "; ".join(faults)
        raise TableError(msg)


def _cut(axis: Axis, conditions: Sequence[Condition]) -> _Groups | _Cuts:
    if isinstance(axis, Choices):
        return _Groups(axis, conditions)
    try:
        return _Cuts(axis, conditions)
    except ContradictionError as error:
        msg = f"a row cannot be read: {error}"
        raise TableError(msg) from None


def matters(n: int, values: Mapping[tuple[int, ...], object]) -> bool:
    """Whether some two combinations of facts that differ in the *n*-th alone have different values."""
    seen: dict[tuple[int, ...], object] = {}
    return any(seen.setdefault(cell[:n] + cell[n + 1 :], value) != value for cell, value in values.items())

"""The facts that a question asks about, and how rows cut them into bands and groups. Knows nothing of any drug."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from enum import Enum, auto
from math import ceil, inf, isinf, nextafter
from typing import Any, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.errors import ContradictionError, TableError
from tarlatamab_rules.core.intervals import Interval

__all__ = ["Axis", "Bands", "Choices", "Condition", "Cuts", "Fact", "Groups", "Harm", "Worse", "called", "cut"]

Fact: TypeAlias = Any
"""A value of an axis; `None` if it is not known; a frozenset of members or an `Interval` if it is partly known."""


@frozen(eq=False)
class Choices:
    """An axis with finitely many members.

    Attributes:
        fact: The name of the fact.

        members: Every value it can have.

        title: Its name in print; else `fact`.
    """

    fact: str
    members: tuple[Any, ...]
    title: str = ""


@frozen(eq=False)
class Bands:
    """An axis of numbers.

    Attributes:
        fact: The name of the fact.

        domain: The numbers that it can be.

        whole: Whether only whole numbers occur. If so, a table remembers its answers.

        show: How one of its numbers is printed.

        title: Its name in print; else `fact`.
    """

    fact: str
    domain: Interval
    whole: bool = False
    show: Callable[[float], str] = "{:g}".format
    title: str = ""


Axis: TypeAlias = Choices | Bands


class Worse(Enum):
    """The direction in which the values of an axis become worse. Its members are listed in their order."""

    RISING = auto()
    FALLING = auto()


Harm: TypeAlias = Worse | tuple[Any, ...]
"""The order of harm of an axis: a direction, or its members from harmless to worst. Equally bad members are in one set."""


def called(axis: Axis) -> str:
    """The name of a fact in print."""
    return axis.title or axis.fact.replace("_", " ")


Condition: TypeAlias = Any
"""A member, a frozenset of members, or an `Interval`."""


class Groups:
    """An axis of members. Members that no row tells apart share a code.

    Attributes:
        axis: The axis.

        fact: Its fact.

        groups: The members of each code.

        every: All codes.
    """

    axis: Choices
    fact: str
    groups: tuple[tuple[Any, ...], ...]
    codes: dict[Any, int]
    every: frozenset[int]

    def __init__(self, axis: Choices, conditions: Iterable[Condition]) -> None:
        tests = [condition if isinstance(condition, frozenset) else frozenset((condition,)) for condition in conditions]
        if strangers := frozenset().union(*tests) - frozenset(axis.members):
            msg = f"{axis.fact}: a row names {sorted(map(str, strangers))}; the members are {[str(m) for m in axis.members]}"
            raise TableError(msg)
        groups: dict[tuple[bool, ...], list[Any]] = {}
        for member in axis.members:
            groups.setdefault(tuple(member in test for test in tests), []).append(member)
        self.axis, self.fact = axis, axis.fact
        self.groups = tuple(map(tuple, groups.values()))
        self.codes = {member: code for code, group in enumerate(self.groups) for member in group}
        self.every = frozenset(range(len(self.groups)))

    def matched(self, condition: Condition) -> frozenset[int]:
        """The codes of all members in a condition."""
        members = condition if isinstance(condition, frozenset) else (condition,)
        try:
            return frozenset(self.codes[member] for member in members)
        except KeyError as error:
            msg = f"{self.fact}: {error.args[0]!r} is not one of {', '.join(map(str, self.codes))}"
            raise ContradictionError(msg) from None

    def code(self, fact: Fact) -> int:
        """The code of a fact that is one member; -1 for every other fact."""
        return self.codes.get(fact, -1)

    def holds(self, other: Groups | Cuts, code: int) -> int:
        """The code on this axis of a code on a finer cut of the same axis."""
        return self.codes[other.sample(code)]

    def sample(self, code: int) -> Fact:
        """A fact that represents a code."""
        return self.groups[code][0]

    def facts(self, codes: frozenset[int]) -> Condition:
        """Every fact of some codes, as a condition of a row."""
        return frozenset(member for code in codes for member in self.groups[code])

    def steps(self, harm: Harm) -> list[frozenset[int]]:
        """The codes from harmless to worst. Codes of one step are equally bad. A code may occur more than once."""
        order = (self.axis.members if harm is Worse.RISING else self.axis.members[::-1]) if isinstance(harm, Worse) else harm
        return [self.matched(tier) for tier in order]

    def says(self, code: int) -> str:
        """The fact and its members, in words."""
        return f"{self.fact} {' or '.join(map(str, self.groups[code]))}"

    def __len__(self) -> int:
        return len(self.groups)


class Cuts:
    """An axis of numbers, cut wherever a row begins or ends.

    Attributes:
        axis: The axis.

        fact: Its fact.

        cuts: Where each code begins, and where the last one ends: code *n* is from ``cuts[n]`` to below ``cuts[n + 1]``.

        every: All codes.
    """

    axis: Bands
    fact: str
    cuts: list[float]
    every: frozenset[int]

    def __init__(self, axis: Bands, conditions: Iterable[Condition]) -> None:
        self.axis, self.fact = axis, axis.fact
        ends = {end for condition in conditions for end in self._ends(condition)}
        start, stop = self._ends(axis.domain)
        self.cuts = [start, *sorted(end for end in ends if start < end < stop), stop]
        self.every = frozenset(range(len(self)))

    def _ends(self, condition: Condition) -> tuple[float, float]:
        """Where a condition starts, and the first number beyond it."""
        if not isinstance(condition, Interval):
            if not isinstance(condition, int | float) or condition != condition:  # noqa: PLR0124  # NaN
                msg = f"{self.fact}: {condition!r} is neither a number nor an Interval"
                raise ContradictionError(msg)
            condition = Interval(condition, condition)
        ends = condition.start, condition.stop
        return (_up(ends[0]), _up(ends[1])) if self.axis.whole else ends

    def code(self, fact: Fact) -> int:
        """The code of a fact that is one number in the domain; -1 for every other fact."""
        kind = type(fact)
        if (kind is int or (kind is float and not self.axis.whole)) and self.cuts[0] <= fact < self.cuts[-1]:
            return bisect_right(self.cuts, fact) - 1
        return -1

    def matched(self, condition: Condition) -> frozenset[int]:
        """The codes of all numbers in a condition."""
        start, stop = self._ends(condition)
        if stop <= self.cuts[0] or start >= self.cuts[-1]:
            msg = f"{self.fact}: {condition} is outside {self.axis.domain}"
            raise ContradictionError(msg)
        if start == stop:
            return frozenset()
        return frozenset(range(max(bisect_right(self.cuts, start) - 1, 0), min(bisect_left(self.cuts, stop), len(self))))

    def holds(self, other: Groups | Cuts, code: int) -> int:
        """The code on this axis of a code on a finer cut of the same axis."""
        return bisect_right(self.cuts, other.sample(code)) - 1

    def sample(self, code: int) -> Fact:
        """A fact that represents a code: its first number."""
        return int(self.cuts[code]) if self.axis.whole else self.cuts[code]

    def facts(self, codes: frozenset[int]) -> Condition:
        """Every number of neighbouring codes, as a condition of a row."""
        if self.axis.whole:
            return Interval(self.cuts[min(codes)], self.last(max(codes)))
        (low, low_open), (stop, stop_in) = _end(self.cuts[min(codes)]), _end(self.cuts[max(codes) + 1])
        return Interval(low, stop, low_open, high_open=not stop_in and not isinf(stop))

    def last(self, code: int) -> float:
        """The last number of a code; infinity if it has no end."""
        stop = self.cuts[code + 1]
        return stop if isinf(stop) else stop - 1 if self.axis.whole else nextafter(stop, -inf)

    def steps(self, harm: Harm) -> list[frozenset[int]]:
        """The codes from harmless to worst."""
        codes = range(len(self))
        return [frozenset((code,)) for code in (codes if harm is Worse.RISING else reversed(codes))]

    def says(self, code: int) -> str:
        """The fact and its numbers, in words."""
        low, high = self.axis.show(self.cuts[code]), self.axis.show(self.last(code))
        return f"{self.fact} {low}" if low == high else f"{self.fact} {low} to {high}"

    def __len__(self) -> int:
        return len(self.cuts) - 1


def _end(cut: float) -> tuple[float, bool]:
    """The number at which a row begins or ends, and whether the cut is just above it. Of two such numbers, the shorter one to write."""
    before = nextafter(cut, -inf)
    return (before, True) if len(repr(before)) < len(repr(cut)) else (cut, False)


def _up(end: float) -> float:
    """The next whole number. An axis of whole numbers has none in between."""
    return end if isinf(end) else float(ceil(end))


def cut(axis: Axis, conditions: Sequence[Condition]) -> Groups | Cuts:
    """An axis, cut where the conditions of rows cut it."""
    if isinstance(axis, Choices):
        return Groups(axis, conditions)
    try:
        return Cuts(axis, conditions)
    except ContradictionError as error:
        msg = f"a row cannot be read: {error}"
        raise TableError(msg) from None

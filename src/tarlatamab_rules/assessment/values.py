"""The values that one fact may have: members, numbers or days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import IntEnum
from itertools import groupby
from math import inf, isfinite, nextafter
from typing import Any, ClassVar, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.intervals import Interval

__all__ = ["Days", "Members", "Numbers", "Values"]


@frozen(kw_only=True)
class Members:
    """The values of a fact that is one of some members.

    Attributes:
        values: The members.

        now: The present value; ``None`` if it is not known.

        unit: Empty: members have none.

        exhaustive: Whether there are no other members.
    """

    values: tuple[Any, ...]
    now: Any = None
    unit: str = ""
    exhaustive: bool = True
    kind: ClassVar[int] = 2

    @property
    def samples(self) -> tuple[Any, ...]:
        """A sample for each value."""
        return self.values

    @property
    def at(self) -> int:
        """The place of the present value; -1 if it is not one of them."""
        return self.values.index(self.now) if self.now in self.values else -1

    def together(self, keys: Sequence[object]) -> list[list[int]]:
        """The places that share a key; places without a key are left out."""
        alike: dict[object, list[int]] = {}
        for n, key in enumerate(keys):
            alike.setdefault(key, []).append(n)
        return [run for key, run in alike.items() if key is not None]

    def near(self, runs: list[list[int]]) -> list[list[int]]:
        """The nearest runs: for members, all of them."""
        return runs

    def away(self, n: int) -> float:
        """The distance of a place from the present one."""
        return abs(n - self.at)

    def says(self, run: Sequence[int]) -> str:
        """Some values in words."""
        return " or ".join(_word(self.values[n]) for n in run)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:d}" if isinstance(value, IntEnum) else str(value) if value != () else "none"


@frozen(kw_only=True)
class Numbers:
    """The values of a fact that is a number: bands in their order, with the attributes of `Members`."""

    values: tuple[Interval, ...]
    now: float | None = None
    unit: str = ""
    exhaustive: bool = True
    kind: ClassVar[int] = 0

    @property
    def samples(self) -> tuple[float, ...]:
        """A number of each band. If the band has two ends, the number is at neither of them, because ratios are compared after rounding."""
        return tuple(
            span.low
            if span.low == span.high
            else (span.low + span.high) / 2
            if isfinite(span.low) and isfinite(span.high)
            else span.start
            if isfinite(span.low)
            else nextafter(span.stop, -inf)
            for span in self.values
        )

    @property
    def at(self) -> int:
        """The place of the present value; -1 if it is not known."""
        return next((n for n, span in enumerate(self.values) if self.now is not None and self.now in span), -1)

    def together(self, keys: Sequence[object]) -> list[list[int]]:
        """Neighbouring places that share a key; places without a key are left out."""
        runs = [(key, list(run)) for key, run in groupby(range(len(keys)), key=keys.__getitem__)]
        return [run for key, run in runs if key is not None]

    def near(self, runs: list[list[int]]) -> list[list[int]]:
        """The nearest run in each direction."""
        return [run for run in runs if run[-1] < self.at][-1:] + [run for run in runs if run[0] > self.at][:1]

    def away(self, n: int) -> float:
        """The difference between a place and the present value, as a part of the greater number."""
        apart, now = self._apart(n), self.now or 0.0
        return apart / (max(abs(now), abs(now + apart)) or 1.0)

    def _apart(self, n: int) -> float:
        return abs((self.values[n].low if n > self.at else self.values[n].high) - (self.now or 0.0))

    def says(self, run: Sequence[int]) -> str:
        """Some neighbouring values in words."""
        first, last = self.values[run[0]], self.values[run[-1]]
        if len(run) == len(self.values):
            return "any"
        low, low_open = (-inf, False) if run[0] == 0 else (first.low, first.low_open)
        high, high_open = (inf, False) if run[-1] == len(self.values) - 1 else (last.high, last.high_open)
        return f"{Interval(low, high, low_open, high_open)} {self.unit}".rstrip()


@frozen(kw_only=True)
class Days(Numbers):
    """The values of a fact that is a day, by its number in the calendar."""

    kind: ClassVar[int] = 1

    @property
    def samples(self) -> tuple[float, ...]:
        """A day of each band: the first, if the band has one."""
        return tuple(span.low if isfinite(span.low) else span.high for span in self.values)

    def away(self, n: int) -> float:
        """The days from the present value to a place."""
        return self._apart(n)

    def says(self, run: Sequence[int]) -> str:
        """Some neighbouring days in words."""
        low, high = self.values[run[0]].low, self.values[run[-1]].high
        first, last = (date.fromordinal(int(end)).isoformat() if isfinite(end) else "" for end in (low, high))
        if not first or not last:
            return f"on {first} or later" if first else f"on {last} or earlier"
        return f"on {first}" if first == last else f"on {first} to {last}"


Values: TypeAlias = Members | Numbers

"""Intervals of numbers. Each end is exactly in or out. Knows nothing of any drug."""

from __future__ import annotations

from math import inf, nextafter

from attrs import field, frozen

from tarlatamab_rules.core.errors import TableError

__all__ = ["Interval", "above", "at_least", "at_most", "below", "between", "overlap"]


@frozen
class Interval:
    """Numbers from *low* to *high*. Each end is in or out.

    Attributes:
        low: The lower end.

        high: The upper end; at least `low`.

        low_open: Whether `low` itself is left out.

        high_open: Whether `high` itself is left out.

        start: The first float in the interval.

        stop: The first float beyond it. The interval is exactly ``start <= x < stop``.
    """

    low: float = -inf
    high: float = inf
    low_open: bool = False
    high_open: bool = False
    start: float = field(init=False, eq=False, repr=False)
    stop: float = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        start = nextafter(self.low, inf) if self.low_open else self.low
        stop = self.high if self.high_open else nextafter(self.high, inf)
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "stop", stop)
        if not start < stop:
            msg = f"{self} holds no number; write the lower end first"
            raise TableError(msg)

    def __contains__(self, number: float) -> bool:
        return self.start <= number < self.stop

    def __str__(self) -> str:
        """The interval as a table prints it: ``>= 1.5``, ``0.5 to < 1``."""
        left, right = ("> " if self.low_open else "") + f"{self.low:g}", ("< " if self.high_open else "") + f"{self.high:g}"
        if self.high == inf:
            return left if self.low_open else f">= {left}"
        if self.low == -inf:
            return right if self.high_open else f"<= {right}"
        return left if self.low == self.high else f"{left} to {right}"


def at_least(low: float) -> Interval:
    """``x >= low``."""
    return Interval(low)


def above(low: float) -> Interval:
    """``x > low``."""
    return Interval(low, low_open=True)


def below(high: float) -> Interval:
    """``x < high``."""
    return Interval(high=high, high_open=True)


def at_most(high: float) -> Interval:
    """``x <= high``."""
    return Interval(high=high)


def between(low: float, high: float, *, low_open: bool = False, high_open: bool = False) -> Interval:
    """``low <= x <= high``; an open end is left out."""
    return Interval(low, high, low_open=low_open, high_open=high_open)


def overlap(one: Interval, other: Interval) -> Interval | None:
    """The numbers in both intervals; ``None`` if there are none."""
    low = max(one, other, key=lambda span: span.start)
    high = min(one, other, key=lambda span: span.stop)
    return Interval(low.low, high.high, low.low_open, high.high_open) if low.start < high.stop else None

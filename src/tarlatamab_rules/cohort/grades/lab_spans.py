"""The facts of laboratory results by column, as codes of the axes of a compiled table.

Each fact is a span of numbers or a truth value, as `grade_lab` takes it from one result. Results whose facts lie in the same codes of every
axis have the same grade.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.reading.digits import Array, fifteen_digits
from tarlatamab_rules.cohort.reading.readings import NOT_KNOWN
from tarlatamab_rules.core.axes import Axis, Cuts, Groups
from tarlatamab_rules.inputs.kinds import Kind, Range
from tarlatamab_rules.inputs.units import step_of_unit
from tarlatamab_rules.rulebooks.facts import (
    ABOVE_UPPER_LIMIT,
    BASELINE,
    BASELINE_LOW,
    BELOW_LOWER_LIMIT,
    SYMPTOMATIC,
    TIMES_BASELINE,
    TIMES_UPPER_LIMIT,
    VALUE,
)
from tarlatamab_rules.rules.grading import _FAR

__all__ = ["BOUNDS", "Measured", "Span", "axis_codes", "in_kept_unit", "taken"]

BOUNDS: Final = ("", "<", "<=", ">", ">=")
"""What a code of a bound means."""

_LESS, _AT_MOST, _MORE, _AT_LEAST = range(1, 5)

Span: TypeAlias = tuple[Array, Array]
"""For each row, the first number of a span and the first number beyond it."""


@frozen(eq=False)
class Measured:
    """Results of one analyte, in its unit. NaN is *not known*.

    Attributes:
        value: The values.

        bound: The place of each bound in `BOUNDS`.

        lower: The lower limits of normal.

        upper: The upper limits of normal.

        baseline: The values before treatment.

        symptoms: 1 or 0; `NOT_KNOWN` if it is not known.
    """

    value: Array
    bound: Array
    lower: Array
    upper: Array
    baseline: Array
    symptoms: Array


def in_kept_unit(numbers: Array, kind: Kind, unit: str) -> Array | None:
    """Numbers in the unit of their kind; ``None`` if it has no such unit, or one with an offset."""
    step = step_of_unit(kind, unit)
    return None if step is None or step[1] else fifteen_digits(numbers * step[0])


def taken(numbers: Array, bound: Array | None, within: Range) -> Array:
    """Which numbers a field takes; NaN, which is left out, is one of them."""
    least, most = within.least, within.greatest
    inside: Array = (numbers >= least) & (numbers <= most)
    if bound is None:
        inside |= np.isnan(numbers) | ((numbers == 0) & within.zero)
        return inside
    bounded, more = bound > 0, bound >= _MORE
    low = (numbers >= least) | (within.zero & ((numbers == 0) | bounded))
    inside |= np.where(more, numbers <= most, low & (bounded | (numbers <= most)))
    inside &= (numbers >= 0) & ~((numbers == 0) & (bound == _LESS))
    return inside


# --- facts ---


def _exactly(numbers: Array) -> Span:
    return np.where(np.isnan(numbers), -np.inf, numbers), np.where(np.isnan(numbers), np.inf, np.nextafter(numbers, np.inf))


def _between(low: Array, high: Array, low_open: Array, high_open: Array) -> Span:
    return np.where(low_open, np.nextafter(low, np.inf), low), np.where(high_open, high, np.nextafter(high, np.inf))


def _ends(rows: Measured) -> tuple[Array, Array]:
    """The lowest and the highest number that each value may be."""
    low = np.where((rows.bound == _LESS) | (rows.bound == _AT_MOST), 0.0, rows.value)
    return low, np.where(rows.bound >= _MORE, np.inf, rows.value)


def _value(rows: Measured) -> Span:
    low, high = _ends(rows)
    return _between(low, high, rows.bound == _MORE, rows.bound == _LESS)


def _in_multiples(rows: Measured, divisor: Array) -> tuple[Span, Array]:
    """The values in multiples of *divisor*, and the highest multiple; everything is possible if the divisor is not known."""
    low, high = (np.where(np.isinf(end), end, np.minimum(fifteen_digits(end / divisor), _FAR)) for end in _ends(rows))
    start, stop = _between(low, high, rows.bound == _MORE, (rows.bound == _LESS) & (low < high))
    known = ~np.isnan(divisor)
    return (np.where(known, start, -np.inf), np.where(known, stop, np.inf)), high


def _times_upper(rows: Measured) -> Span:
    return _in_multiples(rows, rows.upper)[0]


def _times_baseline(rows: Measured) -> Span:
    return _in_multiples(rows, rows.baseline)[0]


def _times_baseline_or_less(rows: Measured) -> Span:
    """As `_times_baseline`. An unknown baseline counts only above the limit, and the multiple of it is then below that of the limit."""
    start, stop = _times_baseline(rows)
    most = _in_multiples(rows, rows.upper)[1]
    less = np.isnan(rows.baseline) & ~np.isnan(rows.upper)
    return np.where(less, 0.0, start), np.where(less, np.where(most > 0, most, np.nextafter(0, 1)), stop)


def _baseline(rows: Measured) -> Span:
    return _exactly(np.minimum(fifteen_digits(rows.baseline / rows.upper), _FAR))


def _below(rows: Measured) -> Array:
    start, stop = _value(rows)
    plain = np.where(rows.value < rows.lower, 1, 0)
    bounded = np.where(start >= rows.lower, 0, np.where(stop <= rows.lower, 1, NOT_KNOWN))
    return np.where(np.isnan(rows.lower), NOT_KNOWN, np.where(rows.bound == 0, plain, bounded))


def _above(rows: Measured) -> Array:
    start, high = _value(rows)[0], _ends(rows)[1]
    plain = np.where(rows.value > rows.upper, 1, 0)
    bounded = np.where(start > rows.upper, 1, np.where(high <= rows.upper, 0, NOT_KNOWN))
    return np.where(np.isnan(rows.upper), NOT_KNOWN, np.where(rows.bound == 0, plain, bounded))


def _baseline_low(rows: Measured) -> Array:
    known = ~np.isnan(rows.baseline) & ~np.isnan(rows.lower)
    return np.where(known, rows.baseline < rows.lower, NOT_KNOWN)


_SPANS: Final[Mapping[Axis, Callable[[Measured], Span]]] = {
    VALUE: _value,
    TIMES_UPPER_LIMIT: _times_upper,
    TIMES_BASELINE: _times_baseline,
    BASELINE: _baseline,
}
_TRUTHS: Final[Mapping[Axis, Callable[[Measured], Array]]] = {
    BELOW_LOWER_LIMIT: _below,
    ABOVE_UPPER_LIMIT: _above,
    BASELINE_LOW: _baseline_low,
    SYMPTOMATIC: lambda rows: rows.symptoms,
}


def axis_codes(axis: Groups | Cuts, rows: Measured, *, with_baseline: bool) -> tuple[Array, Array]:
    """For each row, the first code of an axis that its fact may have, and the first code beyond. The codes between them may apply too.

    Args:
        axis: The axis, as a table cuts it.

        rows: The results.

        with_baseline: Whether the question asks about the baseline in multiples of the limit.
    """
    if isinstance(axis, Groups):
        fact = _TRUTHS[axis.axis](rows)
        code = np.array([axis.codes[False], axis.codes[True], 0])[fact]
        return code, np.where(fact == NOT_KNOWN, len(axis), code + 1)
    worked_out = _times_baseline_or_less if axis.axis is TIMES_BASELINE and with_baseline else _SPANS[axis.axis]
    start, stop = worked_out(rows)
    first = np.maximum(np.searchsorted(axis.cuts, start, "right") - 1, 0)
    return first, np.minimum(np.searchsorted(axis.cuts, stop, "left"), len(axis))

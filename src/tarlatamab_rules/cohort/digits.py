"""Numbers of 15 significant digits, by column: what ``float(f"{x:.15g}")`` gives for each of them."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "fifteen_digits"]

Array: TypeAlias = NDArray[Any]

_DIGITS: Final = 15
_POWERS: Final = 10.0 ** np.arange(23)
"""Those that a float holds exactly."""

_SURE: Final = 0.43
"""A scaled number is off by at most 1/16, so one that is nearer than this to a whole number is rounded to it for certain."""


def fifteen_digits(values: Array) -> Array:
    """Each number, rounded to 15 significant digits as Python prints it. NaN and infinity stay."""
    rounded = np.array(values, np.float64)
    size = np.abs(rounded)
    at = np.flatnonzero(np.isfinite(rounded) & (size > 0))
    if not len(at):
        return rounded
    number = size[at]
    steps = _DIGITS - 1 - np.floor(np.log10(number)).astype(np.int64)
    power = _POWERS[np.clip(steps, 0, len(_POWERS) - 1)]
    with np.errstate(over="ignore"):  # too great a number is written out below
        scaled = number * power
    whole = np.rint(scaled)
    sure = (np.abs(scaled - whole) <= _SURE) & (steps >= 0) & (steps < len(_POWERS))
    sure &= (scaled >= _POWERS[_DIGITS - 1]) & (scaled < _POWERS[_DIGITS])
    result = np.copysign(np.where(sure, whole, 0) / power, rounded[at])
    rest = np.flatnonzero(~sure)
    result[rest] = [float(f"{value:.{_DIGITS}g}") for value in rounded[at[rest]].tolist()]
    rounded[at] = result
    return rounded

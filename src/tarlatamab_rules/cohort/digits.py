"""Numbers of 15 significant digits, by column: what ``float(f"{x:.15g}")`` gives for each of them."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "fifteen_digits"]

Array: TypeAlias = NDArray[Any]

_DIGITS: Final = 15
_HALF, _NEAR = 0.5, 1e-6


def _halves(values: Array) -> tuple[Array, Array]:
    """Each number as a sum of two numbers of 26 bits, whose products are exact (Dekker)."""
    large = 134_217_729.0 * values
    high = large - (large - values)
    return high, values - high


_POWERS: Final = 10.0 ** np.arange(23)
"""Those that a float holds exactly."""
_HIGH, _LOW = _halves(_POWERS)


def fifteen_digits(values: Array) -> Array:
    """Each number, rounded to 15 significant digits as Python prints it. NaN and infinity stay."""
    rounded = np.array(values, np.float64)
    at = np.flatnonzero(np.isfinite(rounded) & (rounded != 0))
    if not len(at):
        return rounded
    number = np.abs(rounded[at])
    steps = _DIGITS - 1 - np.floor(np.log10(number)).astype(np.int64)
    place = np.clip(steps, 0, len(_POWERS) - 1)
    with np.errstate(over="ignore", invalid="ignore"):  # too great a number is written out below
        scaled = number * _POWERS[place]
        whole = np.rint(scaled)
        high, low = _halves(number)
        lost = ((high * _HIGH[place] - scaled) + high * _LOW[place] + low * _HIGH[place]) + low * _LOW[place]
        beyond = (scaled - whole) + lost  # what is left of the exact product
        whole += np.where(beyond > _HALF, 1, np.where(beyond < -_HALF, -1, 0))
        sure = (np.abs(np.abs(beyond) - _HALF) > _NEAR) & (place == steps)
    sure &= (scaled >= _POWERS[_DIGITS - 1]) & (scaled < _POWERS[_DIGITS])
    result = np.copysign(np.where(sure, whole, 0) / _POWERS[place], rounded[at])
    rest = np.flatnonzero(~sure)
    result[rest] = [float(f"{value:.{_DIGITS}g}") for value in rounded[at[rest]].tolist()]
    rounded[at] = result
    return rounded

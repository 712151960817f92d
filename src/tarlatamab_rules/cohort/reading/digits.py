"""Numbers of 15 significant digits, by column: what ``float(f"{x:.15g}")`` gives for each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Array", "fifteen_digits"]

Array: TypeAlias = "npt.NDArray[Any]"

_SHORT: Final = 3e-16
"""A float this near to a short decimal, as a part of it, has that decimal as its 15 digits: half of the last digit is at least 5e-16."""
_PLACES: Final = 1e9
_MOST: Final = 1e6
"""Below this, nine places are at most 15 digits."""
_DIGITS: Final = 15
_HALF, _NEAR = 0.5, 1e-6


def fifteen_digits(values: Array) -> Array:
    """Each number, rounded to 15 significant digits as Python prints it. NaN and infinity stay."""
    numbers = np.asarray(values, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # a great number is no short decimal
        rounded = np.rint(numbers * _PLACES) / _PLACES
        short = (np.abs(numbers - rounded) <= _SHORT * np.abs(numbers)) & (np.abs(numbers) < _MOST)
    rest = np.flatnonzero(~short)
    rounded[rest] = _of_any(numbers[rest])
    return rounded


def _halves(values: Array) -> tuple[Array, Array]:
    """Each number as a sum of two numbers of 26 bits, whose products are exact (Dekker)."""
    large = 134_217_729.0 * values
    high = large - (large - values)
    return high, values - high


_POWERS: Final = 10.0 ** np.arange(23)
"""Those that a float holds exactly."""
_HIGH, _LOW = _halves(_POWERS)


def _of_any(values: Array) -> Array:
    """The same for numbers with more places."""
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

"""Numbers, words and days as small integer codes. Values with one code cannot be distinguished by what they are coded for.

A number is compared by the library at 15 significant digits. The cuts here are moved to the first float that counts as the cut, so that
a plain comparison of floats gives the same answer.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["band_codes", "day_bands", "first_at_15_digits", "first_float", "sides"]


@lru_cache(maxsize=4096)
def first_at_15_digits(cut: float) -> float:
    """The least float of zero or more that, at 15 significant digits, is at least *cut*."""
    return first_float(lambda number: _rounded(number) >= cut)


def first_float(holds: Callable[[float], bool]) -> float:
    """The least float of zero or more for which a condition holds that, once true, stays true; infinity if there is none."""
    low, high = 0, _place(inf)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(_float(middle)) else (middle + 1, high)
    return _float(low)


def _rounded(number: float) -> float:
    return float(f"{number:.15g}")


def _place(number: float) -> int:
    """The place of a float of zero or more among all of these in their order."""
    return int(struct.unpack("<q", struct.pack("<d", number))[0])


def _float(place: int) -> float:
    return float(struct.unpack("<d", struct.pack("<q", place))[0])


def band_codes(values: npt.NDArray[Any], cuts: Sequence[float]) -> Codes:
    """The band of each number: how many cuts are at most as great. NaN is in the band 0; code it apart."""
    codes: Codes = np.zeros(len(values), np.int8 if len(cuts) <= _INT8 else np.int16)
    reached = np.empty(min(len(values), _BLOCK), bool)
    for start in range(0, len(values), _BLOCK):
        block, of_block = values[start : start + _BLOCK], codes[start : start + _BLOCK]
        for cut in cuts:
            of_block += np.greater_equal(block, cut, out=reached[: len(block)]).view(np.int8)
    return codes


_INT8: Final = 127
_BLOCK: Final = 1 << 16
"""So many numbers stay in the cache of a processor while they are compared with each cut."""


def sides(one: Floats, other: Floats) -> Codes:
    """0 if a number is less than the other, 1 if the two are equal, 2 if it is more, 3 if one of them is NaN."""
    codes = np.full(len(one), 3, np.int8)
    codes -= 3 * (one < other).view(np.int8)
    codes -= 2 * (one == other).view(np.int8)
    codes -= (one > other).view(np.int8)
    return codes


def day_bands(cuts: Iterable[int], low: int, high: int) -> Codes:
    """The band of each number of days from *low* to *high*, cut where a band begins. All fewer days have the first, all more the last."""
    return np.searchsorted(np.unique(np.array(sorted(cuts), np.int64)), np.arange(low, high + 1), side="right").astype(np.int16)

"""Numbers, words and days as small integer codes. Values with one code cannot be told apart by what they are coded for.

A number is compared by the library at 15 significant digits. The cuts here are moved to the first float that counts as the cut, so that
a plain comparison of floats gives the same answer.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tarlatamab_rules.cohort._extra import np
from tarlatamab_rules.core.axes import Groups

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.core.axes import Cuts

    Floats: TypeAlias = npt.NDArray[np.float64]
    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["AxisCoder", "at_15_digits", "band_codes", "day_bands", "first_at_15_digits", "first_float", "sides"]

_NEAR: Final = 3e-16
"""A float this near to a short decimal, as a part of it, has that decimal as its 15 digits: half of the last digit is at least 5e-16."""
_PLACES: Final = 1e9
_MOST: Final = 1e6
"""Below this, nine places are at most 15 digits."""


def at_15_digits(values: Floats) -> Floats:
    """Numbers as the library keeps them: rounded to 15 significant digits. NaN stays NaN."""
    short = np.rint(values * _PLACES)
    short /= _PLACES
    with np.errstate(invalid="ignore"):
        long = ~((np.abs(values - short) <= _NEAR * np.abs(values)) & (np.abs(values) < _MOST)) & np.isfinite(values)
    if long.any():
        short[long] = [float(f"{value:.15g}") for value in values[long].tolist()]
    return short


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


def band_codes(values: Floats, cuts: Sequence[float]) -> Codes:
    """The band of each number: how many cuts are at most as great. NaN is in the band 0; code it apart."""
    codes = np.zeros(len(values), np.int8)
    for cut in cuts:
        codes += values >= cut
    return codes


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


class AxisCoder:
    """The codes of one axis of a table for columns of facts.

    Attributes:
        unknown: The code of a fact that is not known; one more than the codes of the axis.

        outside: The code of a value that is not on the axis.
    """

    def __init__(self, axis: Groups | Cuts) -> None:
        self.axis, self.unknown, self.outside = axis, len(axis), len(axis) + 1
        self._members = {str(member): code for member, code in axis.codes.items()} if isinstance(axis, Groups) else {}

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.axis) + 2

    def of_words(self, words: Sequence[str | None]) -> Codes:
        """The codes of words: of a dictionary, whose codes are then taken by place."""
        return np.array([self.unknown if word is None else self._members.get(word, self.outside) for word in words], np.int8)

    def of_numbers(self, values: npt.NDArray[Any]) -> Codes:
        """The codes of numbers; NaN is not known. A number of an axis of members is a member."""
        if isinstance(self.axis, Groups):
            return self._of_members(values)
        cuts = self.axis.cuts
        codes = np.zeros(len(values), np.int8)
        for cut in cuts[1:-1]:
            codes += values >= cut
        odd = (values < cuts[0]) | (values >= cuts[-1])
        if self.axis.axis.whole and values.dtype.kind == "f":
            odd |= values != np.floor(values)
        if odd.any():
            codes[odd] = self.outside
        if values.dtype.kind == "f" and (absent := values != values).any():  # noqa: PLR0124  # NaN
            codes[absent] = self.unknown
        return codes

    def _of_members(self, values: npt.NDArray[Any]) -> Codes:
        codes = np.full(len(values), self.outside, np.int8)
        for member, code in self.axis.codes.items():
            codes[values == member] = code
        if values.dtype.kind == "f":
            codes[values != values] = self.unknown  # noqa: PLR0124  # NaN
        return codes

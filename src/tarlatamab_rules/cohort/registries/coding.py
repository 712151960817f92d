"""Codes for what columns hold: equal codes mean equal facts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tarlatamab_rules.cohort.reading.mixed import Mixed
from tarlatamab_rules.core.axes import Cuts

__all__ = ["Array", "Codes", "bands", "coded", "cuts_of", "grouped", "sets_of"]

Array: TypeAlias = NDArray[Any]
Codes: TypeAlias = "tuple[Array, list[Any]]"
"""A code for each row, and the value of each code. The value of code 0 is ``None``."""
_WIDEST: Final = 2**62


def coded(column: pa.Array | Mixed | None, rows: int) -> Codes:
    """The distinct values of a column; code 0 is *not known*."""
    if column is None:
        return np.zeros(rows, np.int32), [None]
    if isinstance(column, Mixed):
        return column.codes, list(column.values)
    if pa.types.is_nested(column.type):
        known: dict[str, int] = {}
        values = [
            None,
            *(value for value in column.to_pylist() if value is not None and known.setdefault(repr(value), len(known) + 1) == len(known)),
        ]
        return np.array([0 if value is None else known[repr(value)] for value in column.to_pylist()], np.int32), list(values)
    encoded = column.dictionary_encode()
    return _filled(encoded.indices) + 1, [None, *encoded.dictionary.to_pylist()]


def _filled(indices: pa.Array) -> Array:
    filled: Array = pc.fill_null(indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return filled


def grouped(*columns: Array) -> tuple[Array, Array]:
    """The rows that agree in every column of whole numbers: the first row of each group, and the group of each row."""
    code, width = np.zeros(len(columns[0]), np.int64), 1
    for given in columns:
        column = given
        if len(column) == 0:
            continue
        low, high = int(column.min()), int(column.max())
        span = high - low + 1
        if width * span >= _WIDEST:
            _, code = _distinct(code)
            width = int(code.max()) + 1
            if width * span >= _WIDEST:
                _, column = _distinct(column)  # the same groups, with small codes
                low, span = 0, int(column.max()) + 1
        code = code * span + (column.astype(np.int64) - low)
        width *= span
    return _distinct(code)


def _distinct(code: Array) -> tuple[Array, Array]:
    group = pa.array(code).dictionary_encode().indices.to_numpy(zero_copy_only=False)
    first = np.zeros(int(group.max()) + 1 if len(group) else 0, np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    return first, group.astype(np.int64)


def cuts_of(axes: Iterable[object]) -> list[float]:
    """Every finite number at which one of some compiled axes is cut."""
    return sorted({cut for axis in axes if isinstance(axis, Cuts) for cut in axis.cuts if np.isfinite(cut)})


def bands(numbers: Array, cuts: list[float]) -> Array:
    """The band of each number between the cuts: how many of them it reaches."""
    low = int(numbers.min()) if len(numbers) else 0
    high = int(numbers.max()) if len(numbers) else 0
    table = np.array([bisect_right(cuts, number) for number in range(low, high + 1)], np.int32)
    band: Array = table[numbers - low]
    return band


def sets_of(group: Array, value: Array, groups: int) -> tuple[Array, list[tuple[int, ...]]]:
    """The set of values of each group as a code, -1 for none; and the values of each code."""
    both = np.unique(np.stack([group, value]), axis=1) if len(group) else np.zeros((2, 0), np.int64)
    code = np.full(groups, -1)
    begin = np.searchsorted(both[0], np.arange(groups))
    place = np.arange(both.shape[1]) - begin[both[0]]
    sets: list[tuple[int, ...]] = []
    for level in range(int(place.max(initial=-1)) + 1):
        at = np.flatnonzero(place == level)
        some, added = both[0, at], both[1, at]
        first, joint = grouped(code[some], added)
        made = [((*sets[code[some[n]]],) if code[some[n]] >= 0 else ()) + (int(added[n]),) for n in first.tolist()]
        code[some] = len(sets) + joint
        sets += made
    return code, sets

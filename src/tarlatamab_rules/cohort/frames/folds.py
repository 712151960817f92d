"""Combinations of codes as one code. A combination gets its number when it first occurs, so tables hold only what occurs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import frozen

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["Chain", "Coded", "Fold", "nothing", "packed"]

_PACKED: Final = 2**15 - 1
"""Codes are packed into one number up to this many combinations before the combination gets a number of its own."""
_WIDE: Final = 2**13
"""Of a fact with more codes, those that occur get numbers of their own first."""
_SPREAD: Final = 128
"""Combinations of up to this many codes with a number that grows are not numbered: their place is the number."""


@frozen(eq=False)
class Coded:
    """The codes of one fact, one a row.

    Attributes:
        codes: The codes.

        size: How many codes there are. Every code is less.

        grows: Whether there may be more in the next chunk.
    """

    codes: Codes
    size: int
    grows: bool = False

    def take(self, rows: npt.NDArray[np.intp]) -> Coded:
        """The codes of some rows."""
        return Coded(self.codes.take(rows), self.size, self.grows)

    def instead(self, rows: npt.NDArray[np.intp], others: Coded) -> Coded:
        """The same with codes of another kind for some rows: these are odd, all others even, however many there will be."""
        size = 2 * max(self.size, others.size)
        codes = np.multiply(self.codes, 2, dtype=_kind(max(size, 3)))
        codes[rows] = others.codes * codes.dtype.type(2) + 1
        return Coded(codes, size, grows=True)


def nothing(rows: int) -> Coded:
    """The only code of a fact that no column holds."""
    return Coded(np.zeros(rows, np.int8), 1)


class Fold:
    """Numbers for the pairs of a state and a code, in the order in which they first occur."""

    size: int

    def __init__(self) -> None:
        self.size = 0
        self._lock = Lock()
        # Table and width change together, so that a thread never reads one of them without the other.
        self._grid: tuple[Codes, int] = np.zeros(0, np.int16), 1

    def __call__(self, states: Coded, fact: Coded) -> Codes:
        """The number of each pair."""
        table, width = self._grid
        if fact.size <= width and states.size * width <= len(table):
            out = table.take(_index(states, fact, width))
            if out.min(initial=0) >= 0:
                return out
        with self._lock:
            return self._numbered(states, fact)

    def _numbered(self, states: Coded, fact: Coded) -> Codes:
        table, width = self._grid
        if fact.size > width:
            # Rarely, and with a reserve if it may grow on: every pair is laid out anew.
            wide = max(fact.size, 2 * width) if fact.grows else fact.size
            laid = np.full((len(table) // width, wide), NO_NUMBER, table.dtype)
            laid[:, :width] = table[: len(laid) * width].reshape(-1, width)
            table, width = laid.ravel(), wide
        count = states.size * width
        if count > len(table):
            more = count if not states.grows else max(count, 2 * len(table))
            table = np.concatenate([table, np.full(more - len(table), NO_NUMBER, table.dtype)])
        index = _index(states, fact, width)
        fresh = np.unique(index[table.take(index) < 0])
        table = table.astype(_kind(max(self.size + len(fresh), _PACKED)), copy=table is self._grid[0])
        table[fresh] = np.arange(self.size, self.size + len(fresh), dtype=np.int32)
        self.size += len(fresh)
        self._grid = table, width
        return table.take(index)


def _index(states: Coded, fact: Coded, width: int) -> Codes:
    index = np.multiply(states.codes, width, dtype=_kind(max(states.size, 1) * width))
    index += fact.codes
    return index


def _kind(size: int) -> type[np.signedinteger[Any]]:
    """The smallest type that holds this many codes, and is quick to look up."""
    if size <= _INT8:
        return np.int8
    return np.int16 if size <= _PACKED else np.int32 if size < _INT32 else np.int64


_INT8: Final = 2**7 - 1
_INT32: Final = 2**31
NO_NUMBER: Final = -1


class Chain:
    """Numbers for the combinations of several facts."""

    def __init__(self) -> None:
        self._folds: list[Fold] = []
        self._lock = Lock()

    def __call__(self, facts: Iterable[Coded]) -> Coded:
        """The number of each combination. The facts are always the same ones, in one order."""
        of_facts = tuple(facts)
        # What grows comes first: places of the rest then stay where they are.
        states, *rest = *(fact for fact in of_facts if fact.grows), *packed(fact for fact in of_facts if not fact.grows)
        if rest and not states.grows:
            states, rest = Coded(np.zeros(len(states.codes), np.int8), 1, grows=True), [states, *rest]
        for place, fact in enumerate(rest):
            if fact.size > _WIDE and not fact.grows:
                # The table of a fold is as wide as the codes of its fact: only those that occur.
                alone = self._fold(len(rest) + place)
                fact = Coded(alone(Coded(np.zeros(len(fact.codes), np.int8), 1), fact), alone.size, grows=True)  # noqa: PLW2901
            if place == len(rest) - 1 and not fact.grows and fact.size <= _SPREAD:
                states = Coded(_index(states, fact, fact.size), states.size * fact.size, grows=True)
            else:
                fold = self._fold(place)
                codes = fold(states, fact)
                states = Coded(codes, fold.size, grows=True)
        return states

    def _fold(self, place: int) -> Fold:
        if place >= len(self._folds):
            with self._lock:
                while place >= len(self._folds):
                    self._folds.append(Fold())
        return self._folds[place]


def packed(facts: Iterable[Coded]) -> Sequence[Coded]:
    """Facts whose codes do not grow: neighbours as one fact, while their combinations are few."""
    wide: list[Coded] = []
    for fact in facts:
        if fact.size == 1 and wide:
            continue
        if wide and wide[-1].size == 1:
            wide[-1] = fact
        elif wide and wide[-1].size * fact.size <= _PACKED:
            last = wide[-1]
            wide[-1] = Coded(_index(last, fact, fact.size), last.size * fact.size)
        else:
            wide.append(fact)
    return wide

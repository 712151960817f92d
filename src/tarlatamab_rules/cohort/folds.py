"""Combinations of codes as one code. A combination gets its number when it first occurs, so tables hold only what occurs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from tarlatamab_rules.cohort._extra import np

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["Chain", "Coded", "Fold", "packed"]

_PACKED: Final = 4096
"""Codes are packed into one number up to this many combinations before the combination gets a number of its own."""


@frozen(eq=False)
class Coded:
    """The codes of one fact, one a row.

    Attributes:
        codes: The codes.

        size: How many codes there are; 0 if their number grows.
    """

    codes: Codes
    size: int = 0

    def take(self, rows: npt.NDArray[np.intp]) -> Coded:
        """The codes of some rows."""
        return Coded(self.codes.take(rows), self.size)


class Fold:
    """Numbers for the pairs of a state and a code, in the order in which they first occur."""

    def __init__(self) -> None:
        self.size = 0
        self._lock = Lock()
        # Table and width change together, so that a thread never reads one of them without the other.
        self._grid: tuple[Codes, int] = np.full(64, -1, np.int32), 1

    def __call__(self, states: Codes, codes: Codes, width: int = 0) -> Codes:
        """The number of each pair. *width* is the number of codes; 0 if it grows."""
        table, known = self._grid
        width = width or int(codes.max(initial=0)) + 1
        if width <= known:
            index = states * np.intp(known) + codes
            if int(index.max(initial=0)) < len(table):
                out = table.take(index)
                if out.min(initial=0) >= 0:
                    return out
        with self._lock:
            return self._numbered(states, codes, width)

    def _numbered(self, states: Codes, codes: Codes, width: int) -> Codes:
        table, known = self._grid
        if width > known:
            # Rarely, by a reserve: every pair is laid out anew.
            known_new = width if known == 1 else max(width, 2 * known)
            rows = table[: len(table) // known * known].reshape(-1, known)
            wide = np.full((len(rows), known_new), -1, np.int32)
            wide[:, :known] = rows
            table, known = wide.ravel(), known_new
        index = states * np.intp(known) + codes
        if (most := int(index.max(initial=0))) >= len(table):
            table = np.concatenate([table, np.full(max(most + 1, len(table)) - len(table) + most + 1, -1, np.int32)])
        elif table is self._grid[0]:
            table = table.copy()
        fresh = np.unique(index[table.take(index) < 0])
        table[fresh] = np.arange(self.size, self.size + len(fresh), dtype=np.int32)
        self.size += len(fresh)
        self._grid = table, known
        return table.take(index)


class Chain:
    """Numbers for the combinations of several facts: pairs of pairs."""

    def __init__(self) -> None:
        self._folds: list[Fold] = []
        self._lock = Lock()

    def __call__(self, facts: Iterable[Coded]) -> Codes:
        """The number of each combination. The facts are always the same ones, in one order."""
        first, *rest = packed(facts)
        states = self._fold(0)(np.zeros(len(first.codes), np.int32), first.codes, first.size)
        for place, fact in enumerate(rest, 1):
            states = self._fold(place)(states, fact.codes, fact.size)
        return states

    def _fold(self, place: int) -> Fold:
        if place >= len(self._folds):
            with self._lock:
                while place >= len(self._folds):
                    self._folds.append(Fold())
        return self._folds[place]


def packed(facts: Iterable[Coded]) -> Sequence[Coded]:
    """Neighbouring facts as one fact, while their combinations are few."""
    first, *rest = facts
    wide = [first]
    for fact in rest:
        if fact.size == 1:
            continue
        last = wide[-1]
        if last.size and fact.size and last.size * fact.size <= _PACKED:
            codes = last.codes.astype(np.int16) * np.int16(fact.size)
            codes += fact.codes.astype(np.int16)
            wide[-1] = Coded(codes, last.size * fact.size)
        else:
            wide.append(fact)
    return wide

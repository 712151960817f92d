"""One table of a book as an array of integers: the facts of a column give the place, and the array holds the answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

import numpy as np

from tarlatamab_rules.cohort.reading.coders import band_codes
from tarlatamab_rules.core.axes import Cuts, Groups
from tarlatamab_rules.core.errors import ContradictionError, FieldError, FieldTypeError, TableError

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.core.axes import Fact
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.core.tables import Table

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["CONTRADICTION", "TableArray"]

T = TypeVar("T")
CONTRADICTION: Final = -1
"""The code of facts that cannot all be true."""
_MOST: Final = 4_000_000
"""The most places of an array."""
_ROWS: Final = 1 << 16


class TableArray(Generic[T]):
    """A compiled table of any book or stack as an array.

    Call it with one column for each axis of the question, in the order of the axes; ``None`` for a fact that is not known in any row. A
    column of an axis of members holds the place of each member among those of the axis; their number means *not known*. A column of
    numbers holds numbers; NaN means *not known*, and whole numbers of an integer type are all known.

    Attributes:
        table: The table.

        answers: The answers that the codes mean.
    """

    table: Table[T]
    answers: tuple[Decision[T], ...]

    def __init__(self, table: Table[T]) -> None:
        """Makes the array.

        Raises:
            TableError: There would be too many places.
        """
        self.table = table
        self._used = tuple(n for n, axis in enumerate(table.axes) if len(axis) > 1)
        self._sizes = tuple(_size(table.axes[n]) for n in self._used)
        if prod(self._sizes) > _MOST:
            msg = f"{table.question.title}: {prod(self._sizes)} combinations are too many for an array"
            raise TableError(msg)
        numbers: dict[Decision[T], int] = {}
        codes = [self._number(facts, numbers) for facts in product(*(list(_facts(table.axes[n])) for n in self._used))]
        self.answers = tuple(numbers)
        self._codes: Codes = np.array(codes, np.int8 if len(numbers) < _INT8 else np.int32)
        self._kind: npt.DTypeLike = np.int16 if len(codes) < _INT16 else np.int32

    def _number(self, known: Sequence[Fact], numbers: dict[Decision[T], int]) -> int:
        facts = [axis.sample(0) for axis in self.table.axes]
        for n, fact in zip(self._used, known, strict=True):
            facts[n] = fact
        try:
            return numbers.setdefault(self.table.worked_out(tuple(facts)), len(numbers))
        except ContradictionError:
            return CONTRADICTION

    def __call__(self, *columns: npt.NDArray[Any] | None) -> Codes:
        """The code of the answer of each row; `CONTRADICTION` if its facts cannot all be true.

        Raises:
            FieldTypeError: There are too few or too many columns, or their lengths differ.

            FieldError: A value is not on its axis.
        """
        axes = self.table.axes
        if len(columns) != len(axes):
            raise FieldTypeError(
                "columns", f"there are {len(columns)}, but the question has {len(axes)} axes", "pass one for each, or None"
            )
        rows = {len(column) for column in columns if column is not None}
        if len(rows) != 1:
            raise FieldTypeError("columns", f"their lengths are {sorted(rows)}", "pass columns of one length")
        out = np.empty(rows.pop(), self._codes.dtype)
        used = [(axes[n], size, columns[n]) for n, size in zip(self._used, self._sizes, strict=True)]
        for start in range(0, len(out), _ROWS):
            part = slice(start, start + _ROWS)
            out[part] = self._codes.take(self._places(used, part, len(out[part])))
        return out

    def _places(self, used: Sequence[tuple[Groups | Cuts, int, npt.NDArray[Any] | None]], part: slice, rows: int) -> Codes:
        places: Codes = np.zeros(rows, self._kind)
        for axis, size, column in used:
            np.multiply(places, size, out=places)
            if column is None:
                np.add(places, size - 1, out=places)
            elif isinstance(axis, Groups):
                np.add(places, _members(axis, column[part]), out=places, casting="unsafe")
            else:
                _add_bands(places, axis, column[part], size - 1)
        return places


_INT8: Final = 127
_INT16: Final = 2**15


def _size(axis: Groups | Cuts) -> int:
    """How many codes a column has for an axis: its members or bands, and one more for *not known*."""
    return (len(axis.axis.members) if isinstance(axis, Groups) else len(axis)) + 1


def _facts(axis: Groups | Cuts) -> Iterator[Fact]:
    """A fact for each code."""
    yield from axis.axis.members if isinstance(axis, Groups) else map(axis.sample, range(len(axis)))
    yield None


def _members(axis: Groups, column: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The places of members, checked."""
    if column.dtype.kind not in "iu" or column.min() < 0 or column.max() > len(axis.axis.members):
        fix = f"write places from 0 to {len(axis.axis.members)}, of {', '.join(map(str, axis.axis.members))} and not known"
        raise FieldError(axis.fact, "a value is not the place of a member", fix)
    return column


def _add_bands(places: Codes, axis: Cuts, column: npt.NDArray[Any], unknown: int) -> None:
    """Adds the band of each number. A number is compared as it is, so quotients must be at 15 digits."""
    if column.dtype.kind not in "iuf":
        raise FieldTypeError(axis.fact, f"a column of {column.dtype} holds no numbers", "pass numbers, NaN for those that are not known")
    low, high, absent = column.min(), column.max(), None
    if high != high:  # noqa: PLR0124  # NaN
        absent = np.isnan(column)
        known = column[~absent]
        low, high = (known.min(), known.max()) if len(known) else (axis.cuts[0], axis.cuts[0])
    if low < axis.cuts[0] or high >= axis.cuts[-1]:
        raise FieldError(axis.fact, "a number is out of range", f"write numbers in {axis.axis.domain}")
    cuts = axis.cuts[1:-1]
    np.add(places, band_codes(column, cuts if column.dtype.kind == "f" else [column.dtype.type(cut) for cut in cuts]), out=places)
    if absent is not None:
        places[absent] += places.dtype.type(unknown)  # nothing was added for NaN, which no cut is less than

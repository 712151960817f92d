"""Columns whose values are of several types, such as numbers with some texts among them. Each value keeps its type.

Arrow has one type for a column. It refuses some mixtures and changes others in silence: a truth value becomes a number, and a time a day.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from operator import countOf
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from attrs import frozen

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["UNFIT", "Mixed", "column_of", "is_text"]

UNFIT: Final = (pa.ArrowException, TypeError, ValueError, OverflowError)
"""What a column raises that Arrow cannot hold."""


@frozen(eq=False)
class Mixed:
    """A column of values of several types.

    Attributes:
        codes: The place of the value of each row in `values`; 0 if it is not known.

        values: The distinct values; the first is ``None``.
    """

    codes: NDArray[np.int32]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, values: Iterable[Any]) -> Mixed:
        """A column of some values; ``None`` is not known."""
        places: dict[Hashable, int] = {(type(None), None): 0}
        distinct: list[Any] = [None]
        codes = []
        for value in values:
            # Values of two types may be equal, as True and 1; so may times in two zones.
            key = type(value), value if type(value) in _PLAIN else repr(value)
            place = places.get(key)
            if place is None:
                place = places[key] = len(distinct)
                distinct.append(value)
            codes.append(place)
        return cls(np.array(codes, np.int32), tuple(distinct))

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def null_count(self) -> int:
        """How many rows are not known."""
        return int((self.codes == 0).sum())


_PLAIN: Final = frozenset((float, int, str, bool, type(None)))


def column_of(series: Any, column: pa.ChunkedArray | None = None) -> Any:  # noqa: ANN401  # an array, or a list of values
    """A series of narwhals as Arrow has it; as a list of values, if they are of several types, or of one that Arrow does not know.

    Args:
        series: The series.

        column: What Arrow made of it, if that is known.
    """
    made: Any = column
    try:
        made = series.to_arrow() if column is None else column
    except UNFIT:
        return _values(series)
    if not _has_objects(series.to_native()) or is_text(made.type):
        return made
    addresses = pa.types.is_fixed_size_binary(made.type)  # of the objects of Polars
    if not addresses and _are_of_one_type(series.to_list()):
        return made
    values = _values(series)
    return values if addresses or len(set(_kinds(values))) > 1 else made


def _are_of_one_type(values: list[Any]) -> bool:
    """Whether the values that are known are certainly of one type; times may be of several zones."""
    first = type(values[0]) if values else type(None)
    if countOf(map(type, values), first) == len(values):  # the fastest way to look at every cell
        return not issubclass(first, datetime)
    types = [kind for kind in set(map(type, values)) if kind.__name__ not in _MISSING]
    return len(types) <= 1 and not any(issubclass(kind, datetime) for kind in types)


_MISSING: Final = frozenset(("NoneType", "NaTType", "NAType"))
"""The types of missing values, by name: pandas need not be there."""


def _has_objects(native: Any) -> bool:  # noqa: ANN401  # a series of any library
    """Whether a series of pandas or Polars holds Python objects, by itself or as categories."""
    dtype = getattr(native, "dtype", None)
    dtype = getattr(getattr(dtype, "categories", None), "dtype", dtype)
    return str(dtype).lower() == "object"


def is_text(kind: pa.DataType) -> bool:
    """Whether a type of Arrow is text, or a dictionary of texts."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _values(series: Any) -> list[Any]:  # noqa: ANN401  # a series of narwhals
    """The values of a series; ``None`` for one that is not known, and numbers of numpy as those of Python."""
    pairs = zip(series.to_list(), series.is_null().to_list(), strict=True)
    return [None if missing or (isinstance(value, float) and value != value) else _python(value) for value, missing in pairs]  # noqa: PLR0124  # NaN is not known


def _python(value: Any) -> Any:  # noqa: ANN401  # as above
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, (np.number, np.bool_)) and not isinstance(value, np.timedelta64) else value


def _kinds(values: list[Any]) -> Iterator[Hashable]:
    """The kinds of some values: numbers are one, whether they are whole or not; times of each zone are one."""
    kinds: set[Any] = set(map(type, values)) - {type(None)}
    for kind in kinds:
        if issubclass(kind, datetime):
            yield from {(datetime, str(value.tzinfo)) for value in values if type(value) is kind}
        elif kind is not bool and issubclass(kind, (int, float, Decimal)):
            yield float
        else:
            yield date if issubclass(kind, date) else str if issubclass(kind, str) else kind

"""Columns of any frame, as numpy arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute
from attrs import frozen
from narwhals.exceptions import DuplicateError

from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.cohort.reading.mixed import column_of, is_text
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown

__all__ = ["NOT_KNOWN", "Frame", "Words", "coded", "frame_of", "narwhals_of", "pc"]

pc: Final[Any] = pyarrow.compute
"""Its functions are made when it is imported, so type checkers do not see them."""

NOT_KNOWN: Final = -1
"""The code of what is not known."""


@frozen(eq=False)
class Words:
    """A column of text.

    Attributes:
        codes: For each row the place of its word; `NOT_KNOWN` for null.

        words: The words.
    """

    codes: Array
    words: tuple[str, ...]

    def at(self, row: int) -> str | None:
        """The text of a row; ``None`` if it is not known."""
        code = self.codes[row]
        return None if code == NOT_KNOWN else self.words[code]


@frozen(eq=False)
class Frame:
    """A frame whose columns are read when they are needed.

    Attributes:
        path: What the frame is called in errors; may be empty.

        names: The names of its columns.

        rows: How many rows it has.
    """

    path: str
    names: tuple[str, ...]
    rows: int
    _eager: nw.DataFrame[Any]
    _native: Any
    _lazy: bool

    def has(self, name: str) -> bool:
        """Whether there is a column of this name."""
        return name in self.names

    def need(self, names: Iterable[str]) -> None:
        """Raises `FieldError` unless all of these columns are there."""
        lacking = [name for name in names if name not in self.names]
        if lacking:
            raise FieldError(self._at(lacking[0]), "the column is missing", f"the frame needs {', '.join(lacking)}")

    def arrow(self, name: str) -> pa.Array:
        """A column in one piece; of nulls, if there is none."""
        if name not in self.names:
            return pa.nulls(self.rows)
        column = column_of(self._eager[name])
        if isinstance(column, list):
            raise FieldTypeError(self._at(name), "holds values of several types", "make it a column of one type")
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

    def words(self, name: str) -> Words:
        """A column of text. Numbers, such as ids and grades, become text: 3.0 is ``3``, and NaN is null.

        Raises:
            FieldTypeError: It holds something else.
        """
        column = self.arrow(name)
        kind = column.type
        if pa.types.is_floating(kind):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
        elif not (pa.types.is_null(kind) or pa.types.is_integer(kind) or is_text(kind)):
            raise FieldTypeError(self._at(name), f"holds {kind}, not text", "make it a column of text")
        encoded = column.cast(pa.string()).dictionary_encode()
        codes = pc.fill_null(encoded.indices, NOT_KNOWN).to_numpy(zero_copy_only=False)
        return Words(codes.astype(np.int32), tuple(encoded.dictionary.to_pylist()))

    def numbers(self, name: str) -> Array:
        """A column of numbers; NaN for null.

        Raises:
            FieldTypeError: It holds something else.
        """
        column = self.arrow(name)
        kind = column.type
        if not (pa.types.is_null(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            raise FieldTypeError(self._at(name), f"holds {kind}, not numbers", "make it a column of numbers")
        values: Array = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return values

    def truths(self, name: str) -> Array:
        """A column of true and false as 1 and 0; `NOT_KNOWN` for null.

        Raises:
            FieldTypeError: It holds something else.
        """
        column = self.arrow(name)
        if not (pa.types.is_null(column.type) or pa.types.is_boolean(column.type)):
            raise FieldTypeError(self._at(name), f"holds {column.type}, not true and false", "make it a column of truth values")
        codes: Array = pc.fill_null(column.cast(pa.bool_()).cast(pa.int8()), NOT_KNOWN).to_numpy(zero_copy_only=False)
        return codes

    def holds_text(self, name: str) -> bool:
        """Whether a column holds text."""
        return self.has(name) and is_text(self.arrow(name).type)

    def with_columns(self, columns: Mapping[str, pa.Array]) -> Any:  # noqa: ANN401  # a frame of the caller's kind
        """The frame with more columns, of the kind that the caller passed.

        Raises:
            FieldError: It has a column of such a name already.
        """
        for name in columns:
            if name in self.names:
                raise FieldError(self._at(name), "the frame has this column already", "rename or drop it")
        more = nw.DataFrame.from_arrow(pa.table(dict(columns)), backend=self._eager.implementation).to_native()
        native = self._eager.to_native()
        if self._eager.implementation.is_pandas():
            more.index = native.index
        joined = nw.concat([self._eager, nw.from_native(more)], how="horizontal")
        return joined.lazy().to_native() if self._lazy and self._eager.implementation.is_polars() else joined.to_native()

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name


def frame_of(native: Any, path: str) -> Frame:  # noqa: ANN401  # any frame that narwhals knows
    """A frame of pandas, Polars, Arrow or DuckDB. A lazy one is collected.

    Raises:
        FieldTypeError: It is no frame.

        FieldError: Two columns have one name.
    """
    try:
        read = narwhals_of(native, path)
    except TypeError:
        fix = "pass a frame of pandas, Polars, Arrow or DuckDB"
        raise FieldTypeError(path, f"{shown(type(native).__name__)} is not a table", fix) from None
    lazy = isinstance(read, nw.LazyFrame)
    eager = read.collect() if isinstance(read, nw.LazyFrame) else read
    return Frame(path, tuple(eager.columns), len(eager), eager, native, lazy)


def narwhals_of(native: Any, path: str) -> Any:  # noqa: ANN401  # a frame of narwhals
    """A frame as narwhals has it, lazy if it was.

    Raises:
        TypeError: It is no frame.

        FieldError: Two columns have one name: one of them would be lost.
    """
    try:
        read = nw.from_native(native)
    except DuplicateError:
        raise _not_unique(list(native.column_names if isinstance(native, pa.Table) else native.columns), path) from None
    names = read.columns
    if len(set(names)) < len(names):
        raise _not_unique(names, path)
    return read


def _not_unique(names: list[Any], path: str) -> FieldError:
    twice = [f"{name!s:.60}" for name in dict.fromkeys(names) if names.count(name) > 1]
    return FieldError(path, f"has several columns of one name: {', '.join(twice)}", "rename or drop all but one of them")


def coded(codes: Array, texts: Iterable[str | None]) -> pa.DictionaryArray:
    """Codes as a column of text; codes may share a text, and a text of ``None`` is null."""
    places: dict[str, int] = {}
    new = np.array([NOT_KNOWN if text is None else places.setdefault(text, len(places)) for text in texts] + [NOT_KNOWN], np.int32)
    indices = new[codes]
    return pa.DictionaryArray.from_arrays(pa.array(indices, mask=indices < 0), pa.array(list(places), pa.string()))

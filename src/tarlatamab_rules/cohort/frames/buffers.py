"""Columns of Arrow as arrays of numpy, as they lie in memory: without copies, and without a branch for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    import numpy.typing as npt

    Truths: TypeAlias = npt.NDArray[np.bool_]
    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["bits_of", "is_floating", "is_text", "ones", "raw_of", "rows_of"]


def ones(known: Truths, kind: type[np.signedinteger[Any]]) -> Codes:
    """A number for each row: all bits are set if it is not known, none if it is. A branch on each row would take five times as long."""
    return (known.view(np.int8) - np.int8(1)).astype(kind)


def is_floating(column: pa.Array) -> bool:
    """Whether a column holds floats."""
    return bool(pa.types.is_floating(column.type))


def raw_of(column: pa.Array) -> npt.NDArray[Any]:
    """The numbers of a column as they lie in memory; anything for null."""
    kind = np.int32 if pa.types.is_date32(column.type) else column.type.to_pandas_dtype()
    values = np.frombuffer(column.buffers()[1], kind)
    return values[column.offset : column.offset + len(column)]


def rows_of(column: pa.Array | list[Any], rows: npt.NDArray[np.intp]) -> pa.Array | list[Any]:
    """Some rows of a column."""
    if isinstance(column, list):
        return [column[row] for row in rows.tolist()]
    if pa.types.is_dictionary(column.type):
        return pa.DictionaryArray.from_arrays(rows_of(column.indices, rows), column.dictionary)
    if not (pa.types.is_integer(column.type) or is_floating(column) or pa.types.is_date32(column.type)):
        return column.take(pa.array(rows))
    # Arrow takes three times as long for it.
    known = np.packbits(bits_of(column, 0).take(rows), bitorder="little") if column.null_count else None
    buffers = None if known is None else pa.py_buffer(known), pa.py_buffer(raw_of(column).take(rows))
    return pa.Array.from_buffers(column.type, len(rows), list(buffers))


def bits_of(column: pa.Array, buffer: int) -> Truths:
    """One bit a row of a column: whether it is known (buffer 0), or, of truth values, whether it is true (buffer 1)."""
    first, rest = divmod(column.offset, 8)
    packed = np.frombuffer(column.buffers()[buffer], np.uint8)[first : first + (rest + len(column) + 7) // 8]
    return np.unpackbits(packed, bitorder="little")[rest : rest + len(column)].view(bool)


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of a type holds text, as it is or dictionary-encoded."""
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_string_view(plain))

"""What is passed beside frames: numbers of rows, whole numbers, lists of columns and paths of files, checked before they are used."""

from __future__ import annotations

import os
from collections.abc import Iterable
from numbers import Integral
from pathlib import Path
from typing import Any

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs.units import is_number

__all__ = ["RowError", "columns_in", "path_in", "row_in", "whole_in", "word_in"]


_MANY = 3


class RowError(FieldError, IndexError):
    """A table has no such row."""


def row_in(row: object, rows: int) -> int:
    """The number of a row of a table of so many rows.

    Raises:
        FieldTypeError: It is no whole number.

        RowError: There is no such row. A negative number counts no rows from the end.
    """
    if not is_number(row, Integral):
        raise FieldTypeError("row", f"{shown(row)} is not the number of a row", "pass a whole number; the first row is 0")
    number: int = int(row)  # type: ignore[call-overload]  # it is a whole number
    if not 0 <= number < rows:
        raise RowError("row", f"there is no dose in row {number}", f"the table has {rows} rows, numbered from 0")
    return number


def whole_in(value: object, path: str) -> int:
    """A whole number. Raises `FieldTypeError` for anything else."""
    if not is_number(value, Integral):
        raise FieldTypeError(path, f"{shown(value)} is not a whole number", "write a whole number")
    number: int = int(value)  # type: ignore[call-overload]  # as above
    return number


def columns_in(value: object, path: str) -> tuple[Any, ...]:
    """The names of some columns. One text alone is no list of names, and neither is ``None``. Raises `FieldTypeError`."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise FieldTypeError(path, f"{shown(value)} is not a list of columns", "write a list such as ['site']; [] for none")
    return tuple(value)


def word_in(value: object, known: Iterable[str], path: str) -> str:
    """One of some words. Raises `FieldError` for anything else."""
    words = tuple(known)
    if not isinstance(value, str) or value not in words:
        fix = f"use {' or '.join(words)}" if len(words) < _MANY else f"use one of {', '.join(words)}"
        raise FieldError(path, f"{shown(value)} is not known", fix)
    return value


def path_in(value: object, path: str) -> Path:
    """The path of a file. Raises `FieldTypeError` for anything else."""
    text = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(text, str) or "\0" in text:
        raise FieldTypeError(path, f"{shown(value)} is not the path of a file", "pass text, or a path of pathlib")
    return Path(text)

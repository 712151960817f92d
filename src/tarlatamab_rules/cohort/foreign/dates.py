"""Days and times of other data models. What is no date keeps its text, so that whatever reads it next refuses it."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from tarlatamab_rules.cohort.reading.readings import Frame, pc

__all__ = ["agreeing", "analysed", "day_of", "either", "when_column"]

_IN_PART: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2]))?|(?=.*(?:--|T-|:-))(?:\d{4}|-)-(?:\d\d|-)(?:-(?:\d\d|-)(?:T[\d:-]*)?)?")
"""A date of CDISC that lacks parts: ``2025``, ``2025-03``, ``2025---01``, ``2025-03-01T-:30``."""

_UNKNOWN: Final = frozenset(("", ".", "UNK", "UNKNOWN"))


def when_column(frame: Frame, *names: str) -> pa.Array:
    """Days and times as text in ISO 8601, from the first of these columns that has one. Midnight is a day without a time.

    A date that lacks parts, such as ``2025-03``, is *not known*: nothing is guessed. Any other text or number that is no date, such as
    ``01DEC2025`` or the days of SAS, stays as it is. A registry refuses it.
    """
    columns = [_iso(frame.arrow(name)) for name in names if frame.has(name)]
    return pc.coalesce(*columns) if columns else pa.nulls(frame.rows, pa.string())


def agreeing(frame: Frame, time: str, day: str) -> pa.Array:
    """Times, else days, of two columns of one moment, as `either` has them."""
    return either(when_column(frame, time), when_column(frame, day))


def either(one: pa.Array, other: pa.Array) -> pa.Array:
    """The dates of one column, else of another one. If the two are more than a day apart, both are kept as a text that is no date.

    A time in UTC may be of the day before or after.
    """
    days = [pc.utf8_slice_codeunits(column, 0, len("2025-10-01")).to_pylist() for column in (one, other)]
    apart = [_apart(*pair) for pair in zip(*days, strict=True)]
    return pc.if_else(pa.array(apart, pa.bool_()), pc.binary_join_element_wise(one, other, " or "), pc.coalesce(one, other))


def _apart(one: str | None, other: str | None) -> bool:
    first, second = day_of(one), day_of(other)
    return first is not None and second is not None and abs(first - second) > timedelta(days=1)


def analysed(frame: Frame, name: str) -> pa.Array:
    """Days and times of analysis data, such as ASTDTM, else ASTDT. What was imputed, by ASTDTF or ASTTMF, is *not known*.

    *name* is the beginning of the names of the columns, such as ``AST``.
    """
    of_time, of_day = when_column(frame, f"{name}DTM"), when_column(frame, f"{name}DT")
    day, time = _flagged(frame, f"{name}DTF", _ANY), _flagged(frame, f"{name}TMF", _HOURS)
    of_time = pc.if_else(time, pc.utf8_slice_codeunits(of_time, 0, len("2025-10-01")), of_time)
    return pc.if_else(day, pa.scalar(None, pa.string()), pc.coalesce(of_time, of_day))


_ANY: Final = re.compile(r"\s*\S")
_HOURS: Final = re.compile(r"\s*[HM]", re.IGNORECASE)
"""A flag by which more than the seconds were imputed."""


def _flagged(frame: Frame, name: str, flag: re.Pattern[str]) -> pa.Array:
    """The rows with a flag in a column."""
    column = frame.words(name)
    return pa.array(np.array([*(flag.match(text) is not None for text in column.words), False])[column.codes])


def _iso(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_date(kind):
        return column.cast(pa.date32()).cast(pa.string())
    if pa.types.is_timestamp(kind):
        stamps = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64())
        micro = pc.fill_null(stamps, 0).to_numpy(zero_copy_only=False).astype("datetime64[us]")
        days, times = micro.astype("datetime64[D]"), np.datetime_as_string(micro, unit="s")
        # A time with an offset was measured, so it is one even at midnight.
        text = np.where(micro == days, np.datetime_as_string(days), times) if kind.tz is None else np.char.add(times, "+00:00")
        return pc.if_else(column.is_null(), pa.scalar(None, pa.string()), pa.array(text.astype(object), pa.string()))
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    written = not (pa.types.is_integer(kind) or pa.types.is_floating(kind))
    texts = column.cast(pa.string()).dictionary_encode()
    known = pa.array([_read(text.strip(), in_part=written) for text in texts.dictionary.to_pylist()], pa.string())
    return known.take(texts.indices)


def _read(text: str, *, in_part: bool) -> str | None:
    """A day or a time as Python writes it; ``None`` if it is not known; else the text.

    Args:
        text: The text.

        in_part: Whether it may be a date that lacks parts. A number is not: 2025 may be a year, or a day of SAS.
    """
    when = _whole(text)
    if when is not None:
        return when.isoformat()
    return None if text.upper() in _UNKNOWN or (in_part and _IN_PART.fullmatch(text)) else text


def _whole(text: str) -> date | None:
    """A day or a time in ISO 8601; ``None`` for anything less."""
    kind = date if len(text) <= len("2025-10-01") else datetime
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return None


def day_of(text: str | None) -> date | None:
    """The day of a text of `when_column`; ``None`` if it is not known or no date."""
    when = None if text is None else _whole(text)
    return when.date() if isinstance(when, datetime) else when

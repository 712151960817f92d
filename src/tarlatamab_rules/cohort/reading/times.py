"""A column of dates and times, as arrays. It gives back the same `date` and `datetime` objects that a case holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from tarlatamab_rules.cohort.reading.mixed import Mixed
from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.formats.cases import time_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tarlatamab_rules.inputs._fields import When

__all__ = ["AWARE", "DAY", "MISSING", "NAIVE", "UNREAD", "Times"]

MISSING, DAY, NAIVE, AWARE, UNREAD = range(5)
"""What a row holds: nothing, a day, a time without an offset, a time with one, or what cannot be read."""
_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND
_EPOCH: Final = datetime(1970, 1, 1)  # the clock on the wall  # noqa: DTZ001  # the clock on the wall
_FIRST: Final = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=256)
def _fixed(seconds: int) -> timezone:
    return UTC if seconds == 0 else timezone(timedelta(seconds=seconds))


@frozen(eq=False)
class Times:
    """The dates and times of a column.

    Attributes:
        kind: What each row holds.

        wall: Microseconds since 1970 by its own clock on the wall; midnight of a day without a time.

        offset: The UTC offset in seconds; 0 without one.

        zone: The time zone of the whole column, if it has a name.

        faults: Why a row cannot be read.
    """

    kind: NDArray[np.int8]
    wall: NDArray[np.int64]
    offset: NDArray[np.int32]
    zone: tzinfo | None
    faults: dict[int, FieldError]

    @classmethod
    def of(cls, column: pa.Array | Mixed, path: str) -> Times:
        """The times of an Arrow column of dates, of timestamps, or of texts in ISO 8601; or of a column that mixes them.

        Raises:
            FieldTypeError: The column holds something else.
        """
        if isinstance(column, Mixed):
            return cls._of_values(column.codes, column.values[1:])
        kind, rows = column.type, len(column)
        if pa.types.is_null(kind):
            return cls._filled(np.zeros(rows, np.int8), np.zeros(rows, np.int64))
        known = ~_nulls(column)
        if pa.types.is_date(kind):
            days = pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), 0).to_numpy(zero_copy_only=False)
            return cls._filled(np.where(known, DAY, MISSING).astype(np.int8), days.astype(np.int64) * _DAY)
        if pa.types.is_timestamp(kind):
            return cls._of_timestamps(column, known)
        if pa.types.is_string(kind):
            coded = column.dictionary_encode()
            codes = pc.fill_null(pc.add(coded.indices, 1), 0).to_numpy(zero_copy_only=False)  # pyright: ignore[reportAttributeAccessIssue]  # pyarrow makes it when it is imported
            return cls._of_values(codes, coded.dictionary.to_pylist())
        raise FieldTypeError(path, f"holds {kind}, not dates or times", "pass dates, timestamps, or texts such as '2025-10-01T09:30'")

    @classmethod
    def _filled(cls, kind: NDArray[np.int8], wall: NDArray[np.int64]) -> Times:
        return cls(kind, wall, np.zeros(len(kind), np.int32), None, {})

    @classmethod
    def _of_timestamps(cls, column: pa.Array, known: NDArray[np.bool_]) -> Times:
        zone = column.type.tz
        utc = _microseconds(column)
        if zone is None:
            return cls._filled(np.where(known, NAIVE, MISSING).astype(np.int8), utc)
        wall = _microseconds(pc.local_timestamp(column)) if zone != "UTC" else utc  # pyright: ignore[reportAttributeAccessIssue]  # pyarrow makes it when it is imported
        named = UTC if zone == "UTC" else None if zone[:1] in "+-" else ZoneInfo(zone)
        return cls(np.where(known, AWARE, MISSING).astype(np.int8), wall, ((wall - utc) // _SECOND).astype(np.int32), named, {})

    @classmethod
    def _of_values(cls, codes: NDArray[Any], values: Iterable[Any]) -> Times:
        """The times of values by their places from 1; 0 is not known."""
        read: list[tuple[int, int, int]] = [(MISSING, 0, 0)]
        faults: dict[int, FieldError] = {}
        for n, value in enumerate(values, start=1):
            try:
                read.append(_parts(value if isinstance(value, date) else time_of(value, "")))
            except FieldError as error:
                faults[n] = error
                read.append((UNREAD, 0, 0))
        table = np.array(read, np.int64)[codes]
        bad = {int(row): faults[int(codes[row])] for row in np.flatnonzero(table[:, 0] == UNREAD)}
        return cls(table[:, 0].astype(np.int8), table[:, 1].copy(), table[:, 2].astype(np.int32), None, bad)

    def at(self, row: int) -> When | None:
        """The day or the time of a row; ``None`` if it is not known.

        Raises:
            FieldError: It cannot be read.
        """
        kind, wall = self.kind[row], int(self.wall[row])
        if kind == MISSING:
            return None
        if kind == DAY:
            return date.fromordinal(_FIRST + wall // _DAY)
        if kind == UNREAD:
            raise self.faults[row]
        if kind == NAIVE:
            return _EPOCH + timedelta(microseconds=wall)
        offset = int(self.offset[row])
        moment = (_EPOCH + timedelta(microseconds=wall)).replace(tzinfo=_fixed(offset))
        return moment if self.zone is None else moment.astimezone(self.zone)


def _nulls(column: pa.Array) -> NDArray[np.bool_]:
    nulls: NDArray[np.bool_] = column.is_null().to_numpy(zero_copy_only=False)
    return nulls


def _microseconds(column: pa.Array) -> NDArray[np.int64]:
    stamps = column.cast(pa.timestamp("us", column.type.tz), safe=False).cast(pa.int64())
    filled: NDArray[np.int64] = pc.fill_null(stamps, 0).to_numpy(zero_copy_only=False)
    return filled


def _parts(when: Any) -> tuple[int, int, int]:  # a date or a datetime  # noqa: ANN401  # whatever a column or a frame holds
    """What a day or a time is, its clock on the wall, and its offset."""
    if not isinstance(when, datetime):
        return DAY, (when.toordinal() - _FIRST) * _DAY, 0
    offset = when.utcoffset()
    wall = (when.replace(tzinfo=None) - _EPOCH) // timedelta(microseconds=1)
    return (NAIVE, wall, 0) if offset is None else (AWARE, wall, int(offset.total_seconds()))

"""The times of a table on the clock of each site, as numbers that are in the order of the moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import frozen

from tarlatamab_rules.cohort.reading.times import AWARE, MISSING, NAIVE, UNREAD, Times
from tarlatamab_rules.cohort.registries.coding import Array
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._zones import zone_of

__all__ = ["AROUND", "AT_SITE", "A_DAY", "ENDLESS", "Moments", "certainly_after", "moments", "with_later", "with_several_offsets"]

A_DAY: Final = 86_400_000_000
"""In microseconds."""
NO_OFFSET, AT_SITE = -(10**6), -(10**6) - 1
"""No UTC offset that occurs."""
ENDLESS: Final = np.iinfo(np.int64).max // 4
"""Later than every moment."""
AROUND: Final = 3 * 3_600_000_000
"""So near to a change of the clocks that the clock on the wall may repeat or skip the moment; no change is greater."""
_FIRST_DAY, _LAST_DAY = -25_567, 84_005
"""1900-01-01 and 2199-12-31, in days since 1970. The case refuses other dates."""


@frozen(eq=False)
class Moments:
    """The moments of a column.

    Attributes:
        known: Whether there is a date.

        timed: Whether it has a time of day.

        key: Microseconds since 1970 on the clock of the site; the first of the day if there is no time.

        day: Days since 1970 on that clock.

        offset: Which UTC offset it has, in seconds, if the zone of the site is not known; `NO_OFFSET` without one, `AT_SITE` with a zone.

        doubtful: Whether it cannot be read, or the clock of the site was changed near it.
    """

    known: Array
    timed: Array
    key: Array
    day: Array
    offset: Array
    doubtful: Array

    @property
    def last(self) -> Array:
        """The last microsecond that may be meant: the end of the day if there is no time."""
        return np.where(self.timed, self.key, self.key + (A_DAY - 1))

    def take(self, rows: Array) -> Moments:
        """Some rows."""
        return Moments(*(column[rows] for column in (self.known, self.timed, self.key, self.day, self.offset, self.doubtful)))


def moments(times: Times | None, rows: int, zones: tuple[Array, list[str | None]]) -> Moments:
    """The moments of a column; *zones* holds the zone of the site of each row, as a code and the names."""
    if times is None:
        none, zero = np.zeros(rows, bool), np.zeros(rows, np.int64)
        return Moments(none, none, zero, zero, zero + NO_OFFSET, none)
    known = (times.kind != MISSING) & (times.kind != UNREAD)
    aware = times.kind == AWARE
    key, offset = times.wall, np.where(aware, times.offset, NO_OFFSET).astype(np.int64)
    doubtful = times.kind == UNREAD
    if aware.any():
        key, offset, doubtful = key.copy(), offset.copy(), doubtful.copy()
        for code, name in enumerate(zones[1]):
            at = np.flatnonzero(aware & (zones[0] == code))
            if name is not None and len(at):
                if not _is_zone(name):
                    doubtful[at] = True
                    continue
                utc = times.wall[at] - times.offset[at].astype(np.int64) * 1_000_000
                key[at], near = _on_the_wall(utc, name)
                offset[at], doubtful[at] = AT_SITE, near
    day = key // A_DAY
    # The day before 1970 is -1, which means no day elsewhere.
    doubtful = doubtful | (known & ((day < _FIRST_DAY) | (day > _LAST_DAY) | (day == -1)))
    return Moments(known, (times.kind == NAIVE) | aware, key, day, offset, doubtful)


def with_several_offsets(patients: int, columns: list[tuple[Array, Moments]]) -> Array:
    """The patients whose times have different UTC offsets, or some of them none. Each column comes with the patient of each row."""
    low, high = np.full(patients + 1, ENDLESS), np.full(patients + 1, -ENDLESS)
    for patient, some in columns:
        at = np.flatnonzero(some.timed)
        np.minimum.at(low, patient[at], some.offset[at])
        np.maximum.at(high, patient[at], some.offset[at])
    return np.flatnonzero((low < high)[:-1])


def with_later(patient: Array, given: Array, started: Moments, listed: Sequence[tuple[Array, Moments]]) -> Array:
    """The planned doses after which something of the patient is certainly dated.

    Args:
        patient: The patient of each dose.

        given: Whether it was given.

        started: When it began.

        listed: The times of results and events, each column with the patient of each row.
    """
    planned, taken = np.flatnonzero(~given & (patient >= 0)), np.flatnonzero(given)
    if not len(planned):
        return planned
    columns = [(patient[taken], started.take(taken)), *listed]
    many = 1 + max(int(of.max(initial=0)) for of in (patient, *(of for of, _ in columns)))
    timed, days = (np.full(many + 1, -ENDLESS) for _ in range(2))  # the last item, -1, is for nobody
    for of, some in columns:
        for last, at in ((timed, some.timed), (days, some.known & ~some.timed)):
            np.maximum.at(last, of[at], some.key[at])
    person, start = patient[planned], started.take(planned)
    later: Array = planned[(timed[person] > start.last) | (days[person] >= (start.day + 1) * A_DAY)]
    return later


def _is_zone(name: str) -> bool:
    """Whether there is a time zone of this name. If not, the case reports it."""
    try:
        zone_of(name)
    except FieldError:
        return False
    return True


def _on_the_wall(utc: Array, zone: str) -> tuple[Array, Array]:
    """The clock on the wall in a zone, and whether it was changed near that time."""

    def local(shift: int) -> Array:
        stamps = pa.array(utc + shift).cast(pa.timestamp("us", tz=zone))
        wall: Array = pc.local_timestamp(stamps).cast(pa.int64()).to_numpy(zero_copy_only=False)  # pyright: ignore[reportAttributeAccessIssue]  # pyarrow makes it when it is imported
        return wall

    wall = local(0)
    return wall, (local(-AROUND) + AROUND != wall) | (local(AROUND) - AROUND != wall)


def certainly_after(one: Moments, other: Moments) -> Array:
    """Whether *other* is after *one*, for each pair: 1 yes, 0 no, -1 not known because a time of day is missing on that day."""
    timed = one.timed & other.timed
    same_day = one.day == other.day
    return np.where(timed, other.key > one.key, np.where(same_day, -1, other.day > one.day)).astype(np.int8)

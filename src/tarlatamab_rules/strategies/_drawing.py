"""What the strategies share: facts that may be unknown, and the times of one case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen
from hypothesis import strategies as st

if TYPE_CHECKING:
    from datetime import tzinfo

    from tarlatamab_rules.inputs._fields import When

__all__ = ["FIRST_DAY", "TRUTHS", "UTC_CLOCK", "Clock", "clocks", "known_or_not", "member"]

E = TypeVar("E", bound=Enum)
FIRST_DAY = datetime(2025, 10, 6, 9, tzinfo=UTC)
"""When the first dose of every course is given. At this hour, it is the same day in all time zones below."""

TRUTHS: st.SearchStrategy[bool | None] = st.none() | st.booleans()


def known_or_not(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The values of a strategy, or ``None``."""
    return st.none() | strategy


def member(kind: type[E]) -> st.SearchStrategy[E | None]:
    """A member of an enumeration, or ``None``."""
    return st.none() | st.sampled_from(kind)


@frozen
class Clock:
    """How the times of one case are written.

    Attributes:
        zones: Each time is in one of these time zones; ``None`` means without a UTC offset.

        days: Whether times are days without a time; ``None`` if only some are.
    """

    zones: tuple[tzinfo | None, ...]
    days: bool | None = False

    def reads(self, draw: st.DrawFn, moment: datetime) -> When:
        """A time as this clock writes it."""
        zone = self.zones[0] if len(self.zones) == 1 else draw(st.sampled_from(self.zones))
        written = moment.replace(tzinfo=None) if zone is None else moment.astimezone(zone)
        mere_day = draw(st.booleans()) if self.days is None else self.days
        return written.date() if mere_day else written


UTC_CLOCK = Clock((UTC,))
_ZONES = tuple(timezone(timedelta(hours=hours)) for hours in (1, 2, -5, -8, 5.75, 13))
_DAYS = (Clock((UTC,), days=True),)
_WITH_OFFSET = (
    UTC_CLOCK,
    UTC_CLOCK,
    *(Clock((zone,)) for zone in _ZONES),
    Clock(_ZONES[:2]),  # summer time ends
    Clock((UTC, *_ZONES)),
    Clock((UTC,), days=None),
    Clock((_ZONES[0],), days=None),
    *_DAYS,
)
_WITHOUT_OFFSET = (Clock((None,)), Clock((None,)), Clock((None,), days=None), *_DAYS)


def clocks(offsets: bool | None) -> st.SearchStrategy[Clock]:  # noqa: FBT001  # a fact
    """How the times of one case may be written: with UTC offsets, without them, or either."""
    if offsets is None:
        return st.sampled_from(_WITH_OFFSET + _WITHOUT_OFFSET)
    return st.sampled_from(_WITH_OFFSET if offsets else _WITHOUT_OFFSET)

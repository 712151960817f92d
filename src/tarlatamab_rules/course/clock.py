"""The clock and the calendar of the site: on which days a dose can be given, at which hour, and how hours go on from there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final, TypeAlias, TypeVar

from attrs import evolve, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs._fields import When, day, is_aware, listed
from tarlatamab_rules.inputs._zones import _names, at_the_site, zone_of
from tarlatamab_rules.inputs.kinds import DURATION
from tarlatamab_rules.inputs.units import Amount, Span, span_in, take

__all__ = ["Closed", "Site", "closed_days", "hours_of", "site_zone_of"]

T = TypeVar("T")
Closed: TypeAlias = "Iterable[date] | Callable[[date], bool] | None"
_LONGEST: Final = 366
"""After so many closed days in a row nobody can mean it."""


def closed_days(value: Closed) -> frozenset[date] | Callable[[date], bool]:
    """The days on which no dose is given: a set of dates, or a function of a date."""
    if value is None:
        return frozenset()
    fix = "pass a set of dates, or a function that takes a date and says whether the site is closed"
    if isinstance(value, type):
        raise FieldTypeError("closed", f"{shown(value)} is a type", fix)
    if callable(value):
        return value
    days = listed(value, "closed", fix)
    for n, item in enumerate(days):
        if not isinstance(item, date):
            raise FieldTypeError(f"closed[{n}]", f"{shown(item)} is not a date", "pass datetime.date(2026, 12, 25)")
    return frozenset(map(day, days))


def hours_of(duration: Span | Amount) -> tuple[float, float | None]:
    """The least and the greatest number of hours; no greatest one for a minimum."""
    if isinstance(duration, Span):
        span = span_in(duration, DURATION, "duration", signed=True)
        return span.low, span.high
    amount = take(duration, DURATION, "duration")
    return (0.0 if amount.bound.startswith("<") else amount.value), (None if amount.bound.startswith(">") else amount.value)


def site_zone_of(site_zone: str | None, times: Iterable[datetime]) -> tuple[str | None, tzinfo | None]:
    """The time zone of the site by name and as such: the one named, else the one that all times share.

    Raises:
        FieldError: The zone is not known, or times have several UTC offsets and no zone is named.
    """
    if site_zone is not None:
        return site_zone, zone_of(site_zone)
    aware = [when for when in times if is_aware(when)]
    if not aware:
        return None, None
    zone = aware[0].tzinfo
    if all(when.tzinfo is zone for when in aware):
        return getattr(zone, "key", None), zone
    if len({when.utcoffset() for when in aware}) > 1:
        raise FieldError(
            "site_zone",
            "the times have several UTC offsets, so days can be counted in several ways",
            "pass the time zone of the site, as 'Europe/Berlin'",
        )
    return None, zone


@frozen
class Site:
    """The clock of the site.

    Attributes:
        zone: Its time zone; ``None``: times have no UTC offset, and no clock is changed between them.

        infusion_at: The time of day at which infusions begin; ``None`` if it is not known.

        start: The day or moment before which no dose is planned.

        closed: The days on which no dose is given.
    """

    zone: tzinfo | None
    infusion_at: time | None
    start: When
    closed: frozenset[date] | Callable[[date], bool]

    def infusion(self, on: date) -> When:
        """When an infusion of this day begins: at its time of day, if that is known."""
        if on == day(self.start) and isinstance(self.start, datetime):
            return self.start
        if self.infusion_at is None:
            return on
        return self.read(datetime.combine(on, self.infusion_at))

    def read(self, when: datetime) -> datetime:
        """A moment at the clock of the site, by `at_the_site`."""
        return at_the_site(when, self.zone)

    def open_day(self, on: date) -> date:
        """The first day from *on* on which the site is open."""
        closed = self.closed
        if isinstance(closed, frozenset) and on not in closed:
            return on
        for days in range(_LONGEST):
            when = on + timedelta(days=days)
            if not (when in closed if isinstance(closed, frozenset) else closed(when)):
                return when
        raise FieldError("closed", f"leaves no day within {_LONGEST} days from {on}", "take out the days on which doses are given")

    def records(self, items: tuple[T, ...] | None, path: str) -> tuple[T, ...] | None:
        """Doses, events or results with their times at the clock of the site."""
        return None if items is None else tuple([self._record(item, f"{path}[{n}]") for n, item in enumerate(items)])

    def _record(self, record: Any, path: str) -> Any:  # noqa: ANN401  # a dose, an event or a result
        times = {name: when for name in _names(record) if isinstance(when := getattr(record, name), datetime)}
        moved = {name: self.read(when) for name, when in times.items()}
        if all(moved[name] is when for name, when in times.items()):
            return record
        try:
            return evolve(record, **moved)
        except FieldError as error:
            raise error.under(path) from None

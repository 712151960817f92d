"""The calendar day of a time: at the site, or, if its time zone is not known, in each way that the times can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs._fields import is_aware
from tarlatamab_rules.inputs.course import Course, GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.labs import LabResult

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

__all__ = ["at_the_site", "readings", "zone_name", "zone_of"]

_TIMES: Final[Mapping[type[Any], tuple[str, ...]]] = {
    LabResult: ("collected",),
    ToxicityEvent: ("onset", "improved", "resolved"),
    GivenDose: ("started", "ended"),
}
_NO_PLACE: Final = frozenset(("Factory", "localtime", "posixrules"))
"""Names that are not places. Their meaning depends on the system."""


def zone_name(value: str | None) -> str | None:
    """The name of a time zone that this system knows; ``None`` if it is not known."""
    if value is not None:
        zone_of(value)
    return value


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises:
        FieldTypeError: The name is not text.

        FieldError: This system has no time zone of this name.
    """
    from zoneinfo import ZoneInfo, available_timezones  # noqa: PLC0415  # only a case with a time zone needs it

    if not isinstance(name, str):
        raise FieldTypeError("site_zone", f"{shown(name)} is not the name of a time zone", "write it like 'Europe/Berlin'")
    try:
        if name not in _NO_PLACE:
            return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # not found; not a path in the data; a directory, or a name too long for a file
        pass
    known = {zone.lower(): zone for zone in available_timezones() - _NO_PLACE}
    near = known.get(name.strip().replace(" ", "_").lower())
    fix = f"write {near!r}" if near else "use the IANA name of the zone, as 'Europe/Berlin'"
    if not known:
        fix = "this system has no time zones: install tarlatamab-rules[zones]"
    raise FieldError("site_zone", f"{shown(name)} is not a known time zone", fix)


def at_the_site(when: datetime, zone: tzinfo | None) -> datetime:
    """A moment at the clock of the site; one without an offset belongs to the site. An hour that a change of clocks skips is moved on.

    Without a zone, the moment stays as it is.
    """
    if zone is None or when.tzinfo is zone:
        return when
    here = when if is_aware(when) else when.replace(tzinfo=zone)
    return here.astimezone(UTC).astimezone(zone)


def readings(site_zone: str | None, **parts: Any) -> tuple[dict[str, Any], ...]:  # noqa: ANN401  # any input that holds times
    """The parts of a case with their times at the clock that counts the days.

    With the zone of the site, there is one reading. Without it, times with the same UTC offset are taken literally. Times with different
    offsets have two readings: each at its own offset, and all at the offset of the first, so pass the planned start first. A reading in
    which something would end before it began does not count.

    Days without a time and times without an offset belong to the site and are not changed.

    Raises:
        FieldError: The zone is not known; or, in this zone, an episode or an infusion ends before it begins.
    """
    if site_zone is not None:
        return (_moved(parts, zone_of(site_zone)),)
    moments = _moments(parts.values())
    if len(_offsets(moments)) <= 1:
        return (parts,)
    try:
        return (parts, _moved(parts, moments[0].tzinfo))
    except FieldError:
        return (parts,)


def _aware(times: Iterable[object]) -> list[datetime]:
    return [when for when in times if isinstance(when, datetime) and is_aware(when)]


def _offsets(moments: list[datetime]) -> set[timedelta | None]:
    """The UTC offsets of some times. Each fixed offset is looked up once, however many times have it."""
    fixed = {id(moment.tzinfo): moment for moment in moments if type(moment.tzinfo) is timezone}
    changing = [moment for moment in moments if type(moment.tzinfo) is not timezone]
    return {moment.utcoffset() for moment in (*fixed.values(), *changing)}


def _moments(parts: Iterable[object]) -> list[datetime]:
    """Every time with a UTC offset."""
    times: list[object] = []
    for part in parts:
        records = part.doses if isinstance(part, Course) else part if isinstance(part, tuple) else (part,)
        for record in records:
            if isinstance(record, date):
                times.append(record)
            elif record is not None:
                times += [getattr(record, name) for name in _names(record)]
    return _aware(times)


def _names(record: object) -> tuple[str, ...]:
    """The fields of a record that hold times. A day has none."""
    return _TIMES.get(type(record)) or next((names for kind, names in _TIMES.items() if isinstance(record, kind)), ())


def _moved(parts: Mapping[str, Any], zone: tzinfo | None) -> dict[str, Any]:
    return {path: _at(part, zone, path) for path, part in parts.items()}


def _at(part: Any, zone: tzinfo | None, path: str) -> Any:  # noqa: ANN401  # as above
    """A part with its times at the clock of a zone; the part itself if that changes nothing."""
    if isinstance(part, datetime):
        return part if part.tzinfo is zone or not is_aware(part) else part.astimezone(zone)
    if isinstance(part, Course):
        listed = part.as_given
        doses = _at(listed, zone, path)
        return part if doses is listed else Course(doses)
    if isinstance(part, tuple):
        items = tuple(_at(item, zone, f"{path}[{n}]") for n, item in enumerate(part))
        return part if all(new is old for new, old in zip(items, part, strict=True)) else items
    return _record_at(part, zone, path)


def _record_at(record: Any, zone: tzinfo | None, path: str) -> Any:  # noqa: ANN401  # as above
    """A dose, a result or an event with its times at the clock of a zone; the record itself if that changes nothing."""
    times = {name: getattr(record, name) for name in _names(record)}
    moved = {name: _at(when, zone, name) for name, when in times.items()}
    if all(moved[name] is when for name, when in times.items()):
        return record
    try:
        return evolve(record, **moved)
    except FieldError as error:
        raise error.under(path) from None

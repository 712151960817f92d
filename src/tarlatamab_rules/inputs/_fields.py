"""How a field takes its value. The type is checked first, so that nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from math import inf
from numbers import Integral, Real
from typing import Any, TypeAlias, TypeVar

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, meant, shown
from tarlatamab_rules.inputs.units import is_number

E = TypeVar("E", bound=StrEnum)
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
"""A year outside these is a typing error. Within them, no UTC offset can move a date beyond the calendar."""

T = TypeVar("T")

When: TypeAlias = date
"""A day, or a time on a day (`datetime.datetime` is a `datetime.date`)."""


def word(kind: type[E], value: str | None, path: str) -> E | None:
    """A member of *kind* from itself or its value; ``None`` stays *not known*."""
    if value is None or type(value) is kind:
        return value
    if type(value) is str and value in (words := _words(kind)):
        member: E = words[value]
        return member
    if not isinstance(value, str):
        raise FieldTypeError(path, f"{shown(value)} is not a word", f"use one of {', '.join(kind)}")
    try:
        return kind(value)
    except ValueError:
        raise FieldError(path, f"{value[:60]!r} is not known", _near(kind, value[:60])) from None


@lru_cache(maxsize=64)
def _words(kind: type[StrEnum]) -> dict[str, Any]:
    """The members by their values. To call an enumeration takes three times as long."""
    return {member.value: member for member in kind}


def _near(kind: type[E], value: str) -> str:
    """The member that was probably meant, and all of them."""
    near = re.sub(r"[\s_]+", "-", value.strip().lower())
    if near in tuple(kind):
        return f"write {near!r}"
    close = meant(value, map(str, kind))
    return f"{f'did you mean {close!r}? Otherwise ' if close else ''}use one of {', '.join(kind)}"


def truth(value: object, path: str) -> bool | None:
    """``True``, ``False`` or ``None``; never 0, 1 or a word."""
    if value is None or isinstance(value, bool):
        return value
    # numpy has its own truth values. An array is not one, even if it holds one.
    plain: object = value if isinstance(value, Iterable) else getattr(value, "item", lambda: value)()
    if isinstance(plain, bool):
        return plain
    raise FieldTypeError(path, f"{shown(value)} is not true or false", "write true, false, or leave it out if it is not known")


def other_cause(value: bool | None) -> bool | None:  # noqa: FBT001  # a converter takes its value by position
    """Whether something else explains an event or findings."""
    return truth(value, "other_cause")


def whole(value: int | None, path: str, low: int, high: int) -> int | None:
    """A whole number from *low* to *high*."""
    if value is None or (type(value) is int and low <= value <= high):
        return value
    if not is_number(value, Integral):
        raise FieldTypeError(path, f"{shown(value)} is not a whole number", f"write a whole number from {low} to {high}")
    if not low <= value <= high:
        raise FieldError(path, f"{shown(value)} is out of range", f"write a whole number from {low} to {high}")
    return int(value)


_PLAIN = frozenset((int, float))


def number(value: float | None, path: str, low: float, high: float) -> float | None:
    """A finite number from *low* to *high*."""
    if value is None:
        return None
    if type(value) in _PLAIN and low <= value <= high:
        return float(value)
    if not is_number(value, Real):
        raise FieldTypeError(path, f"{shown(value)} is not a number", f"write a number from {low:g} to {high:g}")
    if abs(value) == inf or value != value:  # noqa: PLR0124  # NaN of any type, and whole numbers that are no float
        raise FieldTypeError(path, f"{value} is not a finite number", "leave it out if it is not known")
    if not low <= value <= high:
        raise FieldError(path, f"{shown(value)} is out of range", f"write a number from {low:g} to {high:g}")
    return float(value)


def moment(value: object, path: str) -> When | None:
    """A `date` or `datetime`. Text is read by the formats, not here."""
    if value is None:
        return None
    if isinstance(value, date) and _FIRST_YEAR <= value.year <= _LAST_YEAR:
        return value
    if isinstance(value, date) and value.year == value.year:  # pandas' NaT is a datetime without a year
        raise FieldError(path, f"{value.isoformat()} is out of range", f"write a date from {_FIRST_YEAR} to {_LAST_YEAR}")
    raise FieldTypeError(path, f"{shown(value)} is not a date or a datetime", _from_text(value))


def _from_text(value: object) -> str:
    """How to pass a time; of text in ISO 8601, how to convert it."""
    for kind in (date, datetime):
        with suppress(TypeError, ValueError):
            kind.fromisoformat(value)  # type: ignore[arg-type]  # anything but text is a type error
            return f"pass datetime.{kind.__name__}.fromisoformat({value!r})"
    return "pass datetime.datetime(2025, 10, 1, 9, 30)"


def day(value: When) -> date:
    """The calendar day of a day or a time, by its own clock."""
    return value.date() if isinstance(value, datetime) else value


def days_between(one: When, other: When) -> int:
    """The calendar days from *one* to *other*, each by its own clock. `readings` has already chosen the clock."""
    return (day(other) - day(one)).days


def earlier(one: When, other: When) -> bool | None:
    """Whether *one* is before *other*; ``None`` if both fall on one day and one of them has no time."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        zone = one.tzinfo
        if zone is other.tzinfo and (zone is None or type(zone) is timezone):
            return one < other
        if (one.utcoffset() is None) is not (other.utcoffset() is None):
            fix = "give every time of a case its UTC offset, or none"
            raise FieldError("", f"{one} and {other}: one has a UTC offset, and the other has none", fix)
        # Compare in UTC: local time repeats an hour when daylight saving ends.
        return one < other if one.utcoffset() is None else one.astimezone(UTC) < other.astimezone(UTC)
    first, second = day(one), day(other)
    return None if first == second else first < second


def one_clock(moments: Iterable[tuple[str, When | None]]) -> None:
    """Raises `FieldError` if some times have a UTC offset and others do not, because they cannot be put in order.

    A day without a time fits both.
    """
    seen: dict[bool, str] = {}
    for path, value in moments:
        if isinstance(value, datetime):
            seen.setdefault(is_aware(value), path)
    if len(seen) > 1:
        fix = "give every time of a case its UTC offset, or none"
        raise FieldError(seen[False], f"has no UTC offset, while {seen[True]} has one", fix)


def hours_after(when: datetime, hours: float) -> datetime:
    """A moment so many elapsed hours later. In UTC, because local time skips or repeats an hour when the clocks change."""
    if when.tzinfo is None:
        return when + timedelta(hours=hours)
    return (when.astimezone(UTC) + timedelta(hours=hours)).astimezone(when.tzinfo)


def is_aware(moment: datetime) -> bool:
    """Whether a time has a UTC offset."""
    zone = moment.tzinfo
    return zone is not None and (type(zone) is timezone or moment.utcoffset() is not None)


def several(value: Iterable[T], kind: type[T], path: str) -> tuple[T, ...]:
    """A tuple of *kind* from any iterable of them."""
    items = listed(value, path, f"pass a list of {kind.__name__}; [] for none")
    for n, item in enumerate(items):
        if not isinstance(item, kind):
            raise FieldTypeError(f"{path}[{n}]", f"{shown(item)} is not a {kind.__name__}", f"pass a {kind.__name__}")
    return items


def listed(value: Iterable[T], path: str, fix: str) -> tuple[T, ...]:
    """The items of a list or another iterable. Text and mappings are refused."""
    if type(value) is tuple:
        return value
    candidate: object = value
    try:
        # An array without a dimension is iterable in name alone.
        items = iter(value) if isinstance(candidate, Iterable) and not isinstance(candidate, str | bytes | bytearray | Mapping) else None
    except TypeError:
        items = None
    if items is None:
        raise FieldTypeError(path, f"{shown(value)} is not a list", fix)
    return tuple(items)

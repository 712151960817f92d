"""The parts of a FHIR resource, taken as they are or not at all: an element of a wrong type is `Unclear`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, Final, TypeAlias

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.fhir.codes import ALIASES, Coding
from tarlatamab_rules.inputs._fields import When, moment

__all__ = [
    "Element",
    "Unclear",
    "code_of",
    "codings",
    "extensions",
    "number",
    "object_of",
    "objects",
    "period",
    "text",
    "truth",
    "undated",
    "when",
]

Element: TypeAlias = Mapping[str, Any]


class Unclear(Exception):  # noqa: N818  # not an error: the reader records the reason and goes on
    """Why a resource, or a part of it, cannot be read. Its text holds nothing of the resource."""


def _wrong(name: str, what: str) -> Unclear:
    return Unclear(f"{name} is not {what}, so this is not FHIR R4")


def object_of(element: Element, name: str) -> Element | None:
    """An object; ``None`` if there is none."""
    value = element.get(name)
    if value is not None and not isinstance(value, Mapping):
        raise _wrong(name, "an object")
    return value


def objects(element: Element, name: str) -> list[Element]:
    """A list of objects; empty if there is none."""
    value = element.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise _wrong(name, "a list of objects")
    return value


def text(element: Element, name: str) -> str | None:
    """A text; ``None`` if there is none."""
    value = element.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, "a text")
    return value


def truth(element: Element, name: str) -> bool | None:
    """True or false; ``None`` if there is neither."""
    value = element.get(name)
    if value is not None and not isinstance(value, bool):
        raise _wrong(name, "true or false")
    return value


def number(element: Element, name: str) -> float | None:
    """A finite number; ``None`` if there is none."""
    value = element.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise _wrong(name, "a number")
    try:
        plain = float(value)
    except (OverflowError, ValueError):  # a whole number without end; a signaling NaN
        raise _wrong(name, "a finite number") from None
    if not isfinite(plain):
        raise _wrong(name, "a finite number")
    return plain


def codings(concept: Element | None) -> list[Coding]:
    """The codings of a CodeableConcept that have a system and a code."""
    if concept is None:
        return []
    pairs = [(text(coding, "system"), text(coding, "code")) for coding in objects(concept, "coding")]
    return [(ALIASES.get(system, system), code.strip()) for system, code in pairs if system and code]


def code_of(element: Element, name: str, system: str) -> str | None:
    """The code that a CodeableConcept has in a system; ``None`` if it has none.

    Raises:
        Unclear: It has several.
    """
    codes = {code for where, code in codings(object_of(element, name)) if where == system}
    if len(codes) > 1:
        raise Unclear(f"{name} has several codes")
    return codes.pop() if codes else None


def extensions(element: Element, *urls: str) -> list[Element]:
    """The extensions with one of these URLs."""
    return [extension for extension in objects(element, "extension") if text(extension, "url") in urls]


_DATE: Final = re.compile(r"(\d{4})(-\d\d)?(-\d\d)?")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def undated(element: Element, name: str) -> bool:
    """Whether there is a date that has no day."""
    return element.get(name) is not None and when(element, name) is None


def when(element: Element, name: str) -> When | None:
    """A date or a dateTime; ``None`` if there is none, or if it has no day.

    Raises:
        Unclear: It is neither, has a time without a UTC offset, or is out of range.
    """
    value = text(element, name)
    if value is None:
        return None
    match = _DATE.fullmatch(value)
    if match and not match[3]:
        return None
    if match is None and _TIME.fullmatch(value) is None:
        raise Unclear(f"{name} is not a date, and not a time with a UTC offset")
    try:
        read = date.fromisoformat(value) if match else datetime.fromisoformat(value)
        return moment(read, name)
    except (FieldError, ValueError):
        raise Unclear(f"{name} is not a day of the calendar from 1900 to 2199") from None


def period(element: Element, name: str) -> tuple[When | None, When | None]:
    """The start and the end of a Period."""
    value = object_of(element, name)
    return (None, None) if value is None else (when(value, "start"), when(value, "end"))

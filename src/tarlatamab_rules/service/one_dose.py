"""Does a draft order order one intravenous dose, at the time of the planned one?

What an order says and nobody reads would be dropped: whatever differs is refused, with what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.service.orders import objects_of, times_of

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.service.orders import Order

__all__ = ["check_one_dose"]

_INTRAVENOUS: Final = ("http://snomed.info/sct", "47625008")
_IV: Final = ("intravenous", "iv", "i.v.")
_REPEATS: Final = frozenset(("countMax", "dayOfWeek", "frequencyMax", "periodMax", "periodMaxUnit", "timeOfDay"))
"""What only an order that repeats has in its timing."""


def check_one_dose(order: Order, planned_start: When | None) -> None:
    """Checks what an order says besides the drug and its amount.

    Raises:
        FieldError: It orders more than one dose, or another time or another route, or says something that changes what it means.
    """
    instructions = objects_of(order.resource.get("dosageInstruction"))
    if any("modifierExtension" in part for part in (order.resource, *instructions)):
        raise FieldError("ordered", "the draft order has a modifierExtension, which may change what it means", "order without it")
    if len(instructions) > 1 or any(_repeats(instruction) for instruction in instructions):
        raise FieldError("ordered", "the draft order is for more than one dose", "order one dose at a time, with one instruction")
    if any(_as_needed(instruction) for instruction in instructions):
        raise FieldError("ordered", "the draft order is to be given as needed", "order it for one time")
    if any(not _is_intravenous(route) for instruction in instructions for route in objects_of(instruction.get("route"))):
        raise FieldError("ordered", "the route of the draft order is not known to be intravenous", "order it intravenously")
    times = {time for instruction in instructions for time in times_of(instruction)}
    if planned_start is not None and not all(_is_at(time, planned_start) for time in times):
        raise FieldError("plannedStart", "the draft order is for another time", "send one time in both, or leave plannedStart out")


def _repeats(instruction: Mapping[str, Any]) -> bool:
    """Whether an instruction is to give something more than once."""
    return len(set(times_of(instruction))) > 1 or any(_is_repeated(timing) for timing in objects_of(instruction.get("timing")))


def _is_repeated(timing: Mapping[str, Any]) -> bool:
    codes = [coding.get("code") for concept in objects_of(timing.get("code")) for coding in objects_of(concept.get("coding"))]
    return bool(codes) or any(_more_than_once(repeat) for repeat in objects_of(timing.get("repeat")))


def _more_than_once(repeat: Mapping[str, Any]) -> bool:
    often = repeat.get("frequency", 1) != 1 or not _REPEATS.isdisjoint(repeat)
    return often or repeat.get("count", 1) != 1 or ("period" in repeat and "count" not in repeat)


def _as_needed(instruction: Mapping[str, Any]) -> bool:
    return instruction.get("asNeededBoolean") is True or "asNeededCodeableConcept" in instruction


def _is_intravenous(route: Mapping[str, Any]) -> bool:
    """Whether a route is intravenous by its code or by all its words."""
    codings = objects_of(route.get("coding"))
    if any((coding.get("system"), coding.get("code")) == _INTRAVENOUS for coding in codings):
        return True
    words = list(_words(route, codings))
    return bool(words) and all(any(word == name or word.startswith(f"{name} ") for name in _IV) for word in words)


def _words(route: Mapping[str, Any], codings: list[Mapping[str, Any]]) -> Iterator[str]:
    for words in (route.get("text"), *(coding.get("display") for coding in codings)):
        if isinstance(words, str):
            yield words.strip().lower()


def _is_at(text: str, planned_start: When) -> bool:
    """Whether a time of an order is the planned one: the same moment or, if one of the two is a mere day, the same day."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return False
    if len(text) <= len("2026-02-03") or not isinstance(planned_start, datetime):
        return time.date() == day(planned_start)
    return time.replace(tzinfo=None) == planned_start.replace(tzinfo=None) if _on_one_clock(time, planned_start) else time == planned_start


def _on_one_clock(time: datetime, planned_start: datetime) -> bool:
    """Whether one of two moments has no offset, so that only what the clock shows can be compared."""
    return time.tzinfo is None or planned_start.tzinfo is None

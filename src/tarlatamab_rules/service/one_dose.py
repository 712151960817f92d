"""Does a draft order order one intravenous dose, at the time of the planned one?

What an order says and nobody reads would be dropped, so everything that is not known to mean one dose is refused. Free text is not read.
"""

from __future__ import annotations

import re
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

_ONE_DOSE: Final = "order one dose at a time, with one instruction and one time"
_ROUTES: Final[Mapping[str, frozenset[str]]] = {
    "http://snomed.info/sct": frozenset(("47625008", "418114005", "419993007")),
    "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration": frozenset(("IV", "IVDRIP", "IVINJ", "IVPB")),
}
"""The codes of intravenous routes, of any vein, a central and a peripheral one. Another code of these systems is another route."""
_ROUTE_WORDS: Final = frozenset(
    (
        *("administration", "by", "central", "continuous", "drip", "infusion", "injection", "intravenous", "iv", "ivpb", "line", "of"),
        *("peripheral", "piggyback", "pump", "route", "use", "via"),
    )
)
"""The words that a route may have; one of them must be *intravenous* or *IV*."""
_ONCE: Final = frozenset(("once", "once only", "one time", "single dose"))
_TIMING: Final = frozenset(("id", "extension", "event", "repeat", "code"))
_REPEAT: Final = frozenset(("id", "extension", "boundsPeriod", "count", "duration", "durationUnit", "frequency", "period", "periodUnit"))
"""What the timing of one dose may have; its count and its frequency are one."""


def check_one_dose(order: Order, planned_start: When | None) -> None:
    """Checks what an order says besides the drug and its amount.

    Raises:
        FieldError: It orders more than one dose, or another time or another route, or says something that changes what it means.
    """
    instructions = objects_of(order.resource.get("dosageInstruction"))
    timings = [timing for instruction in instructions for timing in objects_of(instruction.get("timing"))]
    repeats = [repeat for timing in timings for repeat in objects_of(timing.get("repeat"))]
    if any("modifierExtension" in part for part in (order.resource, *instructions, *timings)):
        raise FieldError("ordered", "the draft order has a modifierExtension, which may change what it means", "order without it")
    refills = [supply.get("numberOfRepeatsAllowed", 0) for supply in objects_of(order.resource.get("dispenseRequest"))]
    giving = [instruction for instruction in instructions if "doseAndRate" in instruction or "timing" in instruction]
    if len(giving) > 1 or any(refills) or any(map(_is_repeated, repeats)):
        raise FieldError("ordered", "the draft order is for more than one dose", _ONE_DOSE)
    if not all(map(_is_once, timings)):
        raise FieldError("ordered", "the timing of the draft order is not known to mean one dose", _ONE_DOSE)
    if any(_as_needed(instruction) for instruction in instructions):
        raise FieldError("ordered", "the draft order is to be given as needed", "order it for one time")
    if not all(_is_intravenous(route) for instruction in instructions for route in objects_of(instruction.get("route"))):
        raise FieldError(
            "ordered", "the route of the draft order is not known to be intravenous", "code it as SNOMED CT 47625008, intravenous route"
        )
    _check_times(instructions, timings, planned_start)


def _check_times(instructions: list[Mapping[str, Any]], timings: list[Mapping[str, Any]], planned_start: When | None) -> None:
    """Checks that an order names one time, and the planned one."""
    times = {time for instruction in instructions for time in times_of(instruction)}
    written = [time for timing in timings if isinstance(timing.get("event"), list) for time in timing["event"]]
    if len(times) > 1 or len(written) > 1:
        raise FieldError("ordered", "the draft order is for more than one dose", _ONE_DOSE)
    if any(not isinstance(time, str) for time in written) or (
        planned_start is not None and not all(_is_at(time, planned_start) for time in times)
    ):
        raise FieldError("plannedStart", "the draft order is for another time", "send one time in both, or leave plannedStart out")


def _is_repeated(repeat: Mapping[str, Any]) -> bool:
    """Whether something is given more than once, or over more than a day."""
    if not _REPEAT.issuperset(repeat) or repeat.get("count", 1) != 1 or repeat.get("frequency", 1) != 1:
        return True
    ends = [
        (str(period.get("start"))[:_DAY], str(period["end"])[:_DAY]) for period in objects_of(repeat.get("boundsPeriod")) if "end" in period
    ]
    on_one_day = bool(ends) and repeat.get("periodUnit") in _DAYS
    return any(start != end for start, end in ends) or ("period" in repeat and "count" not in repeat and not on_one_day)


_DAY: Final = len("2026-02-03")
_DAYS: Final = frozenset(("d", "wk", "mo", "a"))


def _is_once(timing: Mapping[str, Any]) -> bool:
    """Whether a timing has nothing but times, and words for one dose."""
    said = [words for concept in objects_of(timing.get("code")) for words in (concept, *objects_of(concept.get("coding")))]
    texts = [text for part in said for text in (part.get("text"), part.get("display")) if isinstance(text, str)]
    coded = any("code" in part for part in said)
    return _TIMING.issuperset(timing) and _ONCE.issuperset(map(_plain, texts)) and (bool(texts) or not coded)


def _plain(text: str) -> str:
    """Words without the kind of concept that SNOMED CT adds in parentheses."""
    return text.partition(" (")[0].strip().lower()


def _as_needed(instruction: Mapping[str, Any]) -> bool:
    as_needed = {instruction.get("asNeededBoolean"), instruction.get("asNeeded")}
    return not as_needed <= {None, False} or "asNeededCodeableConcept" in instruction or "asNeededFor" in instruction


def _is_intravenous(route: Mapping[str, Any]) -> bool:
    """Whether a route is intravenous by its codes and by all its words."""
    codings = objects_of(route.get("coding"))
    by_code = [coding.get("code") in _ROUTES[system] for coding in codings if (system := str(coding.get("system"))) in _ROUTES]
    by_words = [_means_iv(words) for words in _words(route, codings)]
    return all(by_code) and all(by_words) and bool(by_code or by_words)


def _means_iv(words: str) -> bool:
    parts = frozenset(re.findall(r"[a-z]+", words.lower().replace("i.v.", "iv")))
    return parts <= _ROUTE_WORDS and not parts.isdisjoint({"intravenous", "iv", "ivpb"})


def _words(route: Mapping[str, Any], codings: list[Mapping[str, Any]]) -> Iterator[str]:
    for words in (route.get("text"), *(coding.get("display") for coding in codings)):
        if isinstance(words, str):
            yield words


def _is_at(text: str, planned_start: When) -> bool:
    """Whether a time of an order is the planned one: the same moment or, if one of the two is a mere day, the same day."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return False
    if len(text) <= _DAY or not isinstance(planned_start, datetime):
        return time.date() == day(planned_start)
    if time.tzinfo is None or planned_start.tzinfo is None:  # what the clock shows is all that can be compared
        return time.replace(tzinfo=None) == planned_start.replace(tzinfo=None)
    return time == planned_start

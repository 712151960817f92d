"""How a fact of a case is asked in a form of FHIR, and how an answer is read: one description for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import IntEnum, StrEnum
from math import isfinite
from typing import Any, Final, TypeAlias, get_args, get_origin

from attrs import evolve, frozen

from tarlatamab_rules.assessment.words import grades_in_words
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, UnitError, shown
from tarlatamab_rules.formats.cases import TIME
from tarlatamab_rules.formats.fhir.codes import UCUM
from tarlatamab_rules.formats.field_types import alternatives, types_of
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.findings import FULL_ICE
from tarlatamab_rules.inputs.kinds import MASS, TEMPERATURE, Kind
from tarlatamab_rules.inputs.units import Amount, known_unit
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.values.names import named

__all__ = ["NONE", "Clock", "Item", "clock_of", "coded", "item_of"]


NONE: Final = "none"
"""The option of a list that says that there is none."""

_UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "10*9/L": ("10*9/L", "10*3/uL", "/uL"),
    "g/dL": ("g/dL", "g/L", "mmol/L"),
    "U/L": ("U/L", "ukat/L"),
    "mg/dL": ("mg/dL", "umol/L", "mmol/L"),
    "mmol/L": ("mmol/L", "meq/L"),
    "mg": ("mg",),
    "Cel": ("Cel", "[degF]"),
}
"""The UCUM codes that a form offers, by the unit in which a quantity is kept."""

_SPANS: Final[Mapping[str, tuple[int, int]]] = {"ice": (0, FULL_ICE), "baseline_ice": (0, FULL_ICE)}


@frozen
class Item:
    """How one fact is asked.

    Attributes:
        type: The type of the item in FHIR: ``boolean``, ``choice``, ``decimal``, ``integer``, ``dateTime`` or ``quantity``.

        words: The members that are offered, of a choice.

        units: The UCUM codes that are offered, of a quantity.

        kind: What a quantity measures.

        several: Whether several members may be chosen.

        span: The least and the greatest whole number.

        key: The key of a value in an answer.
    """

    type: str
    words: tuple[StrEnum | Grade | str, ...] = ()
    units: tuple[str, ...] = ()
    kind: Kind | None = None
    several: bool = False
    span: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        """The key of its value in an answer."""
        return "valueCoding" if self.type == "choice" else f"value{self.type[0].upper()}{self.type[1:]}"

    def written(self) -> dict[str, Any]:
        """What a Questionnaire says of it, apart from its link and its text."""
        extensions = [_unit_option(unit) for unit in self.units]
        if self.span is not None:
            names = ("minValue", "maxValue")
            pairs = zip(names, self.span, strict=True)
            extensions += [{"url": f"http://hl7.org/fhir/StructureDefinition/{name}", "valueInteger": end} for name, end in pairs]
        parts: dict[str, Any] = {"type": self.type}
        parts |= {"extension": extensions} if extensions else {}
        parts |= {"repeats": True} if self.several else {}
        return parts | ({"answerOption": [{"valueCoding": coded(word)} for word in self.words]} if self.words else {})

    def read(self, answers: Sequence[Any], clock: Clock) -> Any:  # noqa: ANN401  # a value of a case as JSON
        """The value of an answer, as a case has it in JSON.

        Raises:
            FieldError: It is not an answer of this kind, or there are several where one is asked for.
        """
        values = [self._value(answer) for answer in answers]
        if self.several:
            words = [self._word(value) for value in values]
            if NONE in words and len(words) > 1:
                raise FieldError("", "none is chosen together with others", f"choose {NONE!r} alone, or the others")
            return [] if words == [NONE] else words
        if len(values) != 1:
            raise FieldError("", f"there are {len(values)} answers", "give one answer")
        return _READ.get(self.type, Item._as_it_is)(self, values[0], clock)

    def _value(self, answer: object) -> Any:  # noqa: ANN401  # what the type says
        if not isinstance(answer, Mapping) or self.key not in answer:
            raise FieldTypeError("", f"the answer has no {self.key}", f"answer it with {self.key}")
        more = sorted(key for key in answer if key.startswith("value") and key != self.key) + ["item"] * ("item" in answer)
        if more:
            raise FieldError("", f"the answer has {more[0]} as well", f"answer it with {self.key} alone")
        return answer[self.key]

    def _word(self, value: object, _clock: object = None) -> Any:  # noqa: ANN401  # text, or a grade
        code = value.get("code") if isinstance(value, Mapping) else None
        known = {coded(word)["code"]: word for word in self.words}
        if not isinstance(code, str) or code not in known:
            raise FieldError("", f"{shown(code)} is not one of the options", f"use one of {', '.join(known)}")
        word = known[code]
        return int(word) if isinstance(word, IntEnum) else str(word)

    def _as_it_is(self, value: object, _clock: object) -> object:
        wanted = {"boolean": bool, "integer": int, "decimal": (int, float), "string": str}[self.type]
        if not isinstance(value, wanted) or (isinstance(value, bool) and self.type != "boolean"):  # type: ignore[arg-type]  # types, each
            raise FieldTypeError("", f"{shown(value)} is not a {self.type}", f"write {self.key} as FHIR does")
        return value

    def _moment(self, value: object, clock: Clock) -> str:
        text = value if isinstance(value, str) and TIME.fullmatch(value) else ""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:  # no such day, or no such hour
            fix = "answer with the day at least, as '2026-02-03'"
            raise FieldTypeError("", f"{shown(value)} is not a day or a moment", fix) from None
        return clock(text, moment)

    def _amount(self, value: object, _clock: object) -> Amount:
        """A quantity, with its comparator as a bound. The code of UCUM counts; without a system the unit as it is written."""
        kind, fields = self.kind, value if isinstance(value, Mapping) else {}
        number, system = fields.get("value"), fields.get("system", UCUM)
        unit = fields.get("code", fields.get("unit"))
        if kind is None or isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
            raise FieldTypeError("", "the quantity has no value that is a number", "write {'value': 10, 'code': 'mg'}")
        if not isinstance(unit, str) or system != UCUM:
            raise UnitError("", "the quantity has no unit of UCUM", f"use one of {', '.join(self.units)}, with system {UCUM}")
        known_unit(unit, kind, "")
        return Amount(number, unit, fields.get("comparator", ""))


Clock: TypeAlias = Callable[[str, datetime], str]
"""Writes a moment as the other times of the case are written."""

_READ: Final[Mapping[str, Callable[[Item, Any, Clock], Any]]] = {"choice": Item._word, "dateTime": Item._moment, "quantity": Item._amount}  # noqa: SLF001  # of this class


def coded(word: object) -> dict[str, str]:
    """A word as a Coding; a grade by its number."""
    if isinstance(word, Grade):
        return {"code": f"{word:d}", "display": grades_in_words([word])}
    display = named(word) if isinstance(word, Toxicity) else str(word).replace("-", " ").replace("sclc", "SCLC")
    return {"code": str(word), "display": display}


def _unit_option(unit: str) -> dict[str, Any]:
    coding = {"system": UCUM, "code": unit, "display": unit}
    return {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption", "valueCoding": coding}


def item_of(kind: type[Any], field: str, *, toxicity: Toxicity | None = None, analyte: Analyte | None = None) -> Item:
    """How a field of a class is asked. The grades depend on the toxicity, and the units on the analyte."""
    (hint,) = alternatives(types_of(kind)["quantity" if field == "value" else field])
    if hint is Amount:
        measured = KINDS[analyte] if analyte is not None else TEMPERATURE if field == "temperature" else MASS
        return Item("quantity", units=_UNITS[measured.unit], kind=measured)
    if get_origin(hint) is tuple:
        return Item("choice", (NONE, *get_args(hint)[0]), several=True)
    if hint is Grade:
        return Item("choice", tuple(sorted(grades_of(toxicity) if toxicity else Grade)))
    if hint is EventStatus:
        return Item("choice", (EventStatus.ACTIVE, EventStatus.RESOLVED))
    if issubclass(hint, StrEnum):
        return Item("choice", tuple(hint))
    return evolve(_PLAIN[hint], span=_SPANS.get(field))


_PLAIN: Final[Mapping[Any, Item]] = {bool: Item("boolean"), float: Item("decimal"), int: Item("integer"), date: Item("dateTime")}


def clock_of(times: Sequence[object], zone: Any) -> Clock:  # noqa: ANN401  # a time zone, or None
    """How a moment of FHIR, which has an offset, is written among the times of a case.

    If they have no offset, they are those of the clock of the site, so the moment is put by that clock.
    """
    local = any(isinstance(when, datetime) and when.tzinfo is None for when in times)

    def written(text: str, moment: datetime) -> str:
        if len(text) == len("2026-02-03") or not local or moment.tzinfo is None:
            return text
        if zone is None:
            fix = "pass site_zone, as 'Europe/Berlin', or answer with the day alone"
            raise FieldError("", "has a UTC offset, while the times of the case have none", fix)
        return moment.astimezone(zone).replace(tzinfo=None).isoformat()

    return written

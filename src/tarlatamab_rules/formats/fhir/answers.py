"""The answers of a QuestionnaireResponse whose items are named by paths of a case.

An item whose ``linkId`` is such a path states that fact: ``patient.pregnant``, ``labs.alt`` (a Quantity), ``labs.alt.upper_limit``,
``events.crs.grade`` (a new episode), ``events[0].status`` (an episode that the same resources state), ``findings.icans.ice``,
``course.C1D1.amount``, ``ordered``. ``events`` or ``course`` with the answer *false* states that there are none. A word is the code of a
Coding, or a text. Other items are no facts of a case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
from attrs import frozen

from tarlatamab_rules.formats.fhir.elements import Element, Unclear, number, object_of, objects, text, truth, when
from tarlatamab_rules.formats.fhir.observations import pair_of
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs.kinds import MASS, TEMPERATURE, Kind

__all__ = ["Answer", "answers_of", "form_of", "value_of"]

_PATH: Final = re.compile(r"([a-z_]+)(?:\[(\d{1,4})\]|\.([A-Za-z0-9_-]+))?(?:\.([a-z_.]+))?")
_KINDS: Final[Mapping[str, Kind]] = {"amount": MASS, "ordered": MASS, "temperature": TEMPERATURE}
_MOST: Final = 10_000
"""How many items of one response are read."""


@frozen
class Answer:
    """One answered item, by the parts of its path.

    Attributes:
        part: The part of the case, such as ``labs``; empty if the ``linkId`` is no path.

        place: The place of a record that is listed, as in ``events[0]``.

        which: The kind of a record, such as ``alt``, or a field of the patient.

        name: The field of the record; empty if the answer is about the record itself.

        values: The answers, each an element with one ``value[x]``.
    """

    part: str
    place: int | None
    which: str
    name: str
    values: tuple[Element, ...]


def answers_of(response: Element) -> Iterator[Answer]:
    """The items of a response that have an answer, those within items and answers too.

    Raises:
        Unclear: It has too many items, or items of a wrong type.
    """
    stack = list(reversed(objects(response, "item")))
    for _ in range(_MOST):
        if not stack:
            return
        item = stack.pop()
        values = objects(item, "answer")
        if any("modifierExtension" in part for part in (item, *values)):
            raise Unclear("an item has a modifier that is not known")
        stated = tuple(value for value in values if any(str(key).startswith("value") for key in value))
        if stated:
            yield _answer(text(item, "linkId") or "", stated)
        stack += reversed([*objects(item, "item"), *(inner for value in values for inner in objects(value, "item"))])
    raise Unclear("it has too many items")


def _answer(link: str, values: tuple[Element, ...]) -> Answer:
    match = _PATH.fullmatch(link)
    if match is None:
        return Answer("", None, "", "", values)
    part, place, which, name = match.groups()
    return Answer(part, int(place) if place else None, which or "", name or "", values)


# --- values ---


def form_of(kind: type[Any], name: str) -> str | None:
    """The form of a field by its type, such as ``bool`` or ``When``; ``None`` if the record has no such field."""
    field = next((field for field in attrs.fields(kind) if field.init and field.name == name), None)
    return None if field is None else str(field.type).removesuffix(" | None")


def value_of(answer: Answer, form: str, name: str, account: Account, kind: Kind | None = None) -> Any:  # noqa: ANN401  # whatever was answered
    """The value of an answer in the form of its fact.

    Raises:
        Unclear: It has another form, or there are several.
    """
    if form.startswith("tuple"):
        return tuple(_word(value) for value in answer.values)
    if len(answer.values) != 1:
        raise Unclear("an item has several answers")
    value = answer.values[0]
    if form == "Amount":
        quantity = object_of(value, "valueQuantity")
        if quantity is None:
            raise Unclear("an answer is not a Quantity")
        return pair_of(quantity, kind or _KINDS[name], account)
    return _READERS.get(form, _word)(value)


def _truth(value: Element) -> bool:
    return bool(_stated(truth(value, "valueBoolean"), "true or false"))


def _when(value: Element) -> Any:  # noqa: ANN401  # a day or a time
    return _stated(when(value, "valueDate" if "valueDate" in value else "valueDateTime"), "a day or a time")


def _number(value: Element) -> float:
    name = "valueInteger" if "valueInteger" in value else "valueDecimal"
    return float(_stated(number(value, name), "a number"))


def _whole(value: Element) -> int:
    """A whole number; a grade may be the code of a Coding."""
    if "valueCoding" in value:
        word = _word(value)
        if re.fullmatch(r"\d{1,2}", word) is None:
            raise Unclear("an answer is not a whole number")
        return int(word)
    plain = _number(value)
    if plain != int(plain):
        raise Unclear("an answer is not a whole number")
    return int(plain)


def _word(value: Element) -> str:
    coding = object_of(value, "valueCoding")
    word = text(value, "valueString") if coding is None else text(coding, "code")
    return str(_stated(word, "a word"))


def _stated(value: Any, what: str) -> Any:  # noqa: ANN401  # whatever was answered
    if value is None:
        raise Unclear(f"an answer is not {what}")
    return value


_READERS: Final[Mapping[str, Callable[[Element], Any]]] = {
    "bool": _truth,
    "When": _when,
    "float": _number,
    "int": _whole,
    "Grade": _whole,
}

"""Where an answer to a question belongs in the JSON of a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from attrs import evolve, frozen

from tarlatamab_rules.formats.fhir.items import Item, item_of
from tarlatamab_rules.formats.field_types import types_of
from tarlatamab_rules.inputs.analytes import RANGES, Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent, findings_type
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.labs import LabResult, amount
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity

__all__ = ["FINDINGS", "GROUPS", "Place", "fields_of_group", "in_json", "is_open", "place_of"]

Record: TypeAlias = dict[str, Any]
FINDINGS: Final[Mapping[str, type[Any]]] = {"crs": CrsFindings, "icans": NeuroFindings}
GROUPS: Final[Mapping[str, type[Any]]] = {"course": GivenDose, "events": ToxicityEvent}
"""The lists of a case that a form asks for as a whole."""
_OF_RESULT: Final = ("value", "collected", "lower_limit", "upper_limit", "baseline")
_OF_EVENT: Final = ("toxicity", "grade", "current_grade", "status", "onset", "improved", "resolved")


@frozen
class Place:
    """Where a single fact belongs.

    Attributes:
        item: How it is asked.

        key: Its key.

        records: The objects of a document that lack it. They are made if need be.

        analyte: The analyte, of a fact of a result.
    """

    item: Item
    key: str
    records: Callable[[Record], list[Record]]
    analyte: Analyte | None = None


def place_of(path: str, document: Record) -> Place:
    """The place of a fact by its path. The document says what an event is, and a result.

    Raises:
        LookupError: No field of the case holds it.
    """
    for pattern, find in _PLACES:
        if match := re.fullmatch(pattern, path):
            try:
                return find(document, *match.groups())
            except ValueError as error:  # no such word
                raise LookupError(path) from error
    raise LookupError(path)


def _patient(_document: Record, field: str) -> Place:
    return Place(item_of(Patient, field), field, lambda document: [document.setdefault("patient", {})])


def _case(_document: Record, field: str) -> Place:
    return Place(item_of(Case, field), field, lambda document: [document])


def _dose(document: Record, number: str, field: str) -> Place:
    document["course"][int(number)]
    return Place(item_of(GivenDose, field), field, lambda document: [document["course"][int(number)]])


def _dose_at(document: Record, point: str, field: str) -> Place:
    document["course"]
    return Place(item_of(GivenDose, field), field, lambda document: [dose for dose in document["course"] if dose["point"] == point])


def _event(document: Record, number: str, field: str) -> Place:
    toxicity = Toxicity(document["events"][int(number)]["toxicity"])
    return Place(item_of(ToxicityEvent, field, toxicity=toxicity), field, lambda document: [document["events"][int(number)]])


def _event_findings(document: Record, number: str, field: str) -> Place:
    kind = findings_type(Toxicity(document["events"][int(number)]["toxicity"]))
    if kind is None:
        raise KeyError(field)
    return Place(item_of(kind, field), field, lambda document: [document["events"][int(number)].setdefault("findings", {})])


def _event_of(_document: Record, name: str, field: str) -> Place:
    """A fact of an episode that no event reports: of the last event of this toxicity that lacks it, else of a new one."""
    toxicity = Toxicity(name)

    def records(document: Record) -> list[Record]:
        events = document.setdefault("events", [])
        lacking = [event for event in events if event["toxicity"] == name and is_open(event, field)]
        if not lacking:
            lacking = [{"toxicity": name}]
            events += lacking
        return lacking[-1:]

    return Place(item_of(ToxicityEvent, field, toxicity=toxicity), field, records)


def _graded(_document: Record, name: str) -> Place:
    """The grade of current findings, or of an infection of the patient: that of an ongoing event, which is made if none is on file."""
    toxicity = Toxicity(name)
    item = item_of(ToxicityEvent, "grade", toxicity=toxicity)

    def records(document: Record) -> list[Record]:
        events = document.setdefault("events", [])
        lacking = [event for event in events if event["toxicity"] == name and event.get("status") == "active" and is_open(event, "grade")]
        if not lacking:
            lacking = [{"toxicity": name, "status": str(EventStatus.ACTIVE)}]
            events += lacking
        return lacking[-1:]

    return Place(evolve(item, words=tuple(word for word in item.words if word != Grade.NONE)), "grade", records)


def _found(_document: Record, name: str, field: str) -> Place:
    return Place(item_of(FINDINGS[name], field), field, lambda document: [document.setdefault("findings", {}).setdefault(name, {})])


def _results(document: Record, name: str, field: str) -> Place:
    analyte = Analyte(name)
    if not any(result["analyte"] == name for result in document["labs"]):
        raise KeyError(name)

    def records(document: Record) -> list[Record]:
        return [result for result in document["labs"] if result["analyte"] == name and is_open(result, field)]

    return Place(item_of(LabResult, field, analyte=analyte), field, records, analyte)


def _result(document: Record, number: str, field: str) -> Place:
    analyte = Analyte(document["labs"][int(number)]["analyte"])
    return Place(item_of(LabResult, field, analyte=analyte), field, lambda document: [document["labs"][int(number)]], analyte)


_PLACES: Final[tuple[tuple[str, Callable[..., Place]], ...]] = (
    (r"(?:findings|patient)\.(\w+)\.grade", _graded),
    (r"patient\.(\w+)", _patient),
    (r"(planned_start)", _case),
    (r"course\.(C\d+D\d+)\.(\w+)", _dose_at),
    (r"course\[(\d+)\]\.(\w+)", _dose),
    (r"events\[(\d+)\]\.(\w+)", _event),
    (r"events\[(\d+)\]\.findings\.(\w+)", _event_findings),
    (r"events\.([a-z-]+)\.(\w+)", _event_of),
    (r"findings\.(crs|icans)\.(\w+)", _found),
    (r"labs\.([a-z-]+)\.(\w+)", _results),
    (r"labs\[(\d+)\]\.(\w+)", _result),
)


def is_open(record: Mapping[str, Any], field: str) -> bool:
    """Whether a record lacks a fact: it has none, an unknown status, or a bound where the value is asked for."""
    value = record.get(field)
    return value is None or value == EventStatus.UNKNOWN or (field == "value" and isinstance(value, str))


def fields_of_group(path: str) -> Iterator[tuple[str, Item, bool]]:
    """The fields of a group that asks for a whole item: each with how it is asked, and whether it must be answered."""
    part, _, which = path.partition(".")
    if path in GROUPS:
        names = ("point", "started", "ended", "amount", "complete") if path == "course" else _OF_EVENT
        for name in names:
            yield name, Item("string") if name == "point" else item_of(GROUPS[path], name), name in {"point", "toxicity"}
    elif part == "labs":
        for name in _OF_RESULT:
            yield name, item_of(LabResult, name, analyte=Analyte(which)), name in {"value", "collected"}
    else:
        yield from ((name, item_of(FINDINGS[which], name), True) for name in types_of(FINDINGS[which]))


def in_json(value: object, key: str, analyte: Analyte | None) -> Any:  # noqa: ANN401  # whatever JSON can hold
    """An answer as a case has it in JSON. A number of a result is put in the unit in which its analyte is kept."""
    if not isinstance(value, Amount):
        return value
    if analyte is None:
        return f"{value.bound}{value.value!r} {value.unit}"
    taken = amount(analyte, value, getattr(RANGES[analyte], "quantity" if key == "value" else key), "")
    return f"{taken.bound}{taken.value!r}" if taken.bound else taken.value

"""The missing facts of a case as a form, and the answers read back into the case: ask, answer, assess again.

The form is a Questionnaire of FHIR R4 with what Structured Data Capture adds: units to choose from, and questions that are shown only if
they can matter. Its links are the paths of the facts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from attrs import frozen

from tarlatamab_rules.assessment.assess import assess_case
from tarlatamab_rules.assessment.screen.checks import needed
from tarlatamab_rules.assessment.what_if import with_each_value
from tarlatamab_rules.assessment.words import capital, fact_in_words, field_in_words
from tarlatamab_rules.core.errors import DocumentError, FieldError, FieldTypeError, shown
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.formats.cases import case_document, read_case
from tarlatamab_rules.formats.fhir.items import Item, clock_of, coded
from tarlatamab_rules.formats.fhir.places import FINDINGS, GROUPS, fields_of_group, in_json, is_open, place_of
from tarlatamab_rules.inputs._zones import zone_of
from tarlatamab_rules.inputs.analytes import KINDS, Analyte

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import DoseAssessment
    from tarlatamab_rules.formats.fhir.items import Clock
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["answered", "questionnaire"]

_PROFILE: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire"
_WHOLE_ITEM: Final = re.compile(r"course|events|findings\.(?:crs|icans)|labs\.[a-z-]+")
_READ: Final = ("completed", "amended")
"""The statuses of a response whose answers are final."""
_MODIFIES: Final = frozenset(("implicitRules", "modifierExtension"))

_QUESTIONS: Final = {
    "progressed_after_platinum": "has the cancer progressed on or after platinum-based chemotherapy?",
    "childbearing_potential": "can the patient become pregnant?",
    "pregnant": "is the patient pregnant?",
    "breastfeeding": "is the patient breast-feeding?",
    "hypersensitivity": "is the patient known to be hypersensitive to tarlatamab?",
    "complete": "was all of the dose given?",
    "bleeding": "is there bleeding?",
    "other_cause": "is another cause established?",
    "vasopressin": "is vasopressin given?",
    "fever_masked": "was a drug given for fever or CRS since the last dose? Premedication does not count",
    "arousable": "can the patient be woken?",
    "motor_weakness": "is there deep focal motor weakness?",
    "course": "has tarlatamab been given before?",
    "events": "has there been a toxicity so far?",
    "infection": "is there an active infection?",
    "status": "is it still active?",
    "scale": "by which scale can it be graded? Its grades are asked again by that scale",
}
"""How a fact is asked if its name alone could be misunderstood."""


# --- asking ---


def questionnaire(assessment: DoseAssessment, *, rulebook: Rulebook | str | None = None) -> dict[str, Any] | None:
    """The missing facts of an assessment as a Questionnaire of FHIR R4; ``None`` if no fact is missing.

    A question that matters only for some answers to an earlier one is shown unless that answer rules it out. Nothing of the patient is in
    it but which facts are missing.

    Args:
        assessment: The assessment.

        rulebook: The book that answered, if the library does not know it by its name.

    Raises:
        FieldError: This book gives a different assessment of the case.
    """
    must = needed(assessment)
    paths = tuple(dict.fromkeys((*must, *assessment.missing)))
    document = case_document(assessment.case)
    items = [item for path in paths for item in _asked(path, document, assessment.case, required=path in must)]
    if not items:
        return None
    _add_conditions(items, must, with_each_value(assessment, rulebook=rulebook))
    head = {"resourceType": "Questionnaire", "meta": {"profile": [_PROFILE]}}
    body = {"title": f"Missing facts for tarlatamab {assessment.case.point}", "status": "active", "subjectType": ["Patient"], "item": items}
    name = uuid5(NAMESPACE_URL, json.dumps(body, sort_keys=True))
    return {**head, "url": f"urn:uuid:{name}", **body}


def _asked(path: str, document: dict[str, Any], case: Case, *, required: bool) -> Iterator[dict[str, Any]]:
    """The items that ask for one fact."""
    head = {"linkId": path, "text": _text(path, case)}
    if path in GROUPS:
        yield {**head, "type": "boolean", "required": required}
        condition = [{"question": path, "operator": "=", "answerBoolean": True}]
        yield {**_group(f"{path}[]", path, _EACH[path], {}), "repeats": True, "enableWhen": condition}
    elif _WHOLE_ITEM.fullmatch(path):
        part, _, which = path.partition(".")
        known = document.get("findings", {}).get(which, {}) if part == "findings" else {}
        yield {**_group(path, path, head["text"], known), "required": required}
    else:
        yield {**head, **place_of(path, document).item.written(), "required": required}


_EACH: Final = {"course": "Each dose that was given", "events": "Each toxicity, one episode each"}


def _group(link: str, path: str, text: str, known: Mapping[str, Any]) -> dict[str, Any]:
    items = [
        {"linkId": f"{link}/{name}", "text": _inner_text(name), **item.written(), **({"required": True} if must else {})}
        for name, item, must in fields_of_group(path)
        if is_open(known, name)
    ]
    return {"linkId": link, "text": text, "type": "group", "item": items}


def _text(path: str, case: Case) -> str:
    """The question. A yes or no is asked so that it cannot be misunderstood."""
    name = path.rpartition(".")[2]
    question = _QUESTIONS.get(name)
    if question is None:
        return capital(fact_in_words(path, case))
    if path == name or path.startswith("patient."):
        return capital(question)
    return f"{capital(fact_in_words(path, case)).partition(':')[0]}: {question}"


def _inner_text(name: str) -> str:
    """The question for a field of a group, whose title says what it belongs to."""
    return capital(_QUESTIONS.get(name) or _IN_GROUP.get(name) or field_in_words(Fact("item", field=name)))


_IN_GROUP: Final = {"value": "value", "point": "dose, as C1D1", "toxicity": "toxicity", "amount": "amount given"}
"""What a field is called where it is not asked for as a correction."""


def _add_conditions(
    items: Sequence[dict[str, Any]], must: Sequence[str], outcomes: Mapping[str, Sequence[tuple[Any, DoseAssessment]]]
) -> None:
    """Hides a question after an answer to an earlier one that makes it needless. What is not yet answered hides nothing."""
    still = {path: [(value, needed(tried)) for value, tried in outcomes[path]] for path in must if path in outcomes}
    askable = {item["linkId"]: item for item in items}
    free: list[str] = []
    for path in must:
        conditions = [
            {"question": earlier, "operator": "!=", **_answer_of(value)}
            for earlier in free
            for value, then in still[earlier]
            if path not in then and any(path in other for _, other in still[earlier])
        ]
        for link in (path, f"{path}[]"):
            if conditions and link in askable:
                together = [*askable[link].get("enableWhen", ()), *conditions]
                askable[link] |= {"enableWhen": together, **({"enableBehavior": "all"} if len(together) > 1 else {})}
        if not conditions and path in still and not path.startswith("events."):  # such an answer makes an event, with other paths
            free.append(path)


def _answer_of(value: bool | Enum) -> dict[str, Any]:  # noqa: FBT001  # a member of whatever kind
    return {"answerBoolean": value} if isinstance(value, bool) else {"answerCoding": coded(value)}


# --- reading back ---


def answered(case: Case, response: Mapping[str, Any], *, site_zone: str | None = None, rulebook: Rulebook | str | None = None) -> Case:
    """The case with the answers of a QuestionnaireResponse to its form. What is not answered stays unknown.

    A fact that is known and is still asked about contradicts another one. The answer replaces it.

    Args:
        case: The case that was asked about.

        response: The response, as the parsed object.

        site_zone: The time zone of the site, if the times of the case have no offset and the case does not name it: moments in an answer
            have an offset.

        rulebook: The book that asked; the default book if left out.

    Raises:
        DocumentError: With every fault: an answer that is not one, that contradicts the case, or that belongs to no question.
    """
    document = case_document(case)
    zone = case.site_zone or site_zone
    asked = frozenset(map(str, assess_case(case, rulebook=rulebook).missing))
    reading = _Reading(document, clock_of(case.times(), None if zone is None else zone_of(zone)), asked)
    reading.whole(response)
    if reading.faults:
        msg = "the answers cannot be read"
        raise DocumentError(msg, reading.faults)
    return read_case(reading.document)


class _Reading:
    """Puts answers into the document of a case, and collects the faults."""

    def __init__(self, document: dict[str, Any], clock: Clock, asked: frozenset[str]) -> None:
        self.document, self.clock, self.asked = document, clock, asked
        self.faults: list[FieldError] = []

    def whole(self, response: object) -> None:
        if not isinstance(response, Mapping) or response.get("resourceType") != "QuestionnaireResponse":
            self._fault("", "this is not a QuestionnaireResponse", "pass the parsed resource")
        elif response.get("status") not in _READ:
            self._fault("status", f"{shown(response.get('status'))} is not final", f"pass a response that is {' or '.join(_READ)}")
        elif _MODIFIES & response.keys():
            self._fault("", "something changes its meaning that is not known", f"pass a response without {' and '.join(sorted(_MODIFIES))}")
        else:
            entries = self._entries(response.get("item", []), "item")
            singles = [entry for entry in entries if not entry.link.endswith("[]")]
            self._twice(singles)
            for entry in singles:
                self._single(entry)
            self._lists(entries)

    def _fault(self, path: str, problem: str, fix: str) -> None:
        self.faults.append(FieldError(path, problem, fix))

    def _entries(self, items: object, path: str) -> list[_Entry]:
        if not isinstance(items, list):
            self.faults.append(FieldTypeError(path, f"{shown(items)} is not a list", "pass the parsed resource"))
            return []
        entries = []
        for n, item in enumerate(items):
            link = item.get("linkId") if isinstance(item, Mapping) else None
            if isinstance(item, Mapping) and _MODIFIES & item.keys():
                self._fault(f"{path}[{n}]", "something changes its meaning that is not known", "pass it without modifierExtension")
            elif isinstance(item, Mapping) and isinstance(link, str):
                entries.append(_Entry(link, item))
            else:
                self._fault(f"{path}[{n}]", "has no linkId", "keep the links of the questions")
        return entries

    def _twice(self, entries: Sequence[_Entry]) -> None:
        seen: set[str] = set()
        for entry in entries:
            if entry.link in seen:
                self._fault(entry.link, "is answered twice", "keep one of the items")
            seen.add(entry.link)

    def _answers(self, entry: _Entry) -> list[Any]:
        answers = entry.item.get("answer", [])
        if not isinstance(answers, list):
            self.faults.append(FieldTypeError(entry.link, f"{shown(answers)} is not a list of answers", "pass the parsed resource"))
            return []
        return answers

    # --- one answer ---

    def _single(self, entry: _Entry) -> None:
        if entry.link in GROUPS:
            if entry.item.get("item"):
                self._fault(entry.link, "has items of its own", "keep the shape of the form")
            return
        if _WHOLE_ITEM.fullmatch(entry.link):
            self._group(entry)
            return
        if entry.item.get("item"):
            self._fault(entry.link, "has items of its own", "keep the shape of the form")
        elif answers := self._answers(entry):
            self._answer(entry.link, answers)

    def _answer(self, link: str, answers: Sequence[Any]) -> None:
        try:
            place = place_of(link, self.document)
        except LookupError:
            self._fault(link, "is not a question about this case", "answer the form that was made for it")
            return
        self._put(link, lambda: in_json(place.item.read(answers, self.clock), place.key, place.analyte), place.key, place.records)

    def _put(self, link: str, value: Callable[[], Any], key: str, records: Callable[[dict[str, Any]], list[dict[str, Any]]]) -> None:
        try:
            known = value()
        except FieldError as error:
            self.faults.append(error.under(link))
            return
        found = records(self.document)
        for record in found:
            if key == "scale" and record.get("scale") not in {None, known}:  # a grade by another scale is no grade by this one
                for name in ("scale", "grade", "current_grade"):
                    record.pop(name, None)
            if is_open(record, key) or link in self.asked:
                record[key] = known
            elif record[key] != known:
                self._fault(link, "contradicts the case, which knows it already", "correct the case, or leave the answer out")
        if not found:
            self._fault(link, "is not missing in this case", "answer the form that was made for it")

    # --- a whole item ---

    def _record(self, entry: _Entry, path: str) -> dict[str, Any] | None:
        """The answers of a group as one record; ``None`` if nothing is answered."""
        known = {f"{entry.link}/{name}": (name, item) for name, item, _ in fields_of_group(path)}
        analyte = Analyte(path.partition(".")[2]) if path.startswith("labs.") else None
        record: dict[str, Any] = {}
        children = self._entries(entry.item.get("item", []), entry.link)
        self._twice(children)
        for child in children:
            if child.link not in known or child.item.get("item"):
                self._fault(child.link, f"is not a question of {entry.link}", f"use one of {', '.join(known)}")
            elif answers := self._answers(child):
                name, item = known[child.link]
                try:
                    record[name] = in_json(item.read(answers, self.clock), name, analyte)
                except FieldError as error:
                    self.faults.append(error.under(child.link))
        if self._answers(entry):
            self._fault(entry.link, "is a group, and has no answer of its own", "answer the items of the group")
        return record or None

    def _group(self, entry: _Entry) -> None:
        part, _, which = entry.link.partition(".")
        known = FINDINGS if part == "findings" else tuple(map(str, Analyte))
        if which not in known:
            self._fault(entry.link, "is not a question about a case", "answer the form that was made for it")
            return
        record = self._record(entry, entry.link)
        if record is None:
            return
        if part == "findings":
            found = self.document.setdefault("findings", {}).setdefault(which, {})
            for key, value in record.items():
                self._put(f"{entry.link}/{key}", partial(_itself, value), key, lambda _document: [found])
        else:
            self.document.setdefault("labs", []).append({"analyte": which, "unit": KINDS[Analyte(which)].unit, **record})

    def _lists(self, entries: Sequence[_Entry]) -> None:
        """The doses and the toxicities so far: whether there are any, and each of them."""
        for path in GROUPS:
            asked = [entry for entry in entries if entry.link == path]
            answers = [answer for entry in asked for answer in self._answers(entry)]
            records = [record for entry in entries if entry.link == f"{path}[]" if (record := self._record(entry, path)) is not None]
            any_at_all = self._yes(path, answers) if answers else None
            if any_at_all is False and records:
                self._fault(path, "is answered with no, while items are listed", "correct one of the two")
            elif any_at_all and not records and not self.faults:
                self._fault(f"{path}[]", "is empty, while there are some", "list each of them")
            elif any_at_all is not None or records:
                self._add(path, records)

    def _yes(self, path: str, answers: Sequence[Any]) -> bool | None:
        try:
            value: bool = Item("boolean").read(answers, self.clock)
        except FieldError as error:
            self.faults.append(error.under(path))
            return None
        return value

    def _add(self, path: str, records: Sequence[dict[str, Any]]) -> None:
        if self.document.get(path) is None:
            self.document[path] = []
        elif path == "course":
            self._fault(path, "contradicts the case, which knows it already", "correct the case, or leave the answer out")
        self.document[path] += records


@frozen
class _Entry:
    """An item of a response."""

    link: str
    item: Mapping[str, Any]


def _itself(value: Any) -> Any:  # noqa: ANN401  # whatever it is
    return value

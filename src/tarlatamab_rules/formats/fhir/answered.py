"""The answers of a QuestionnaireResponse as facts of a case."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs

from tarlatamab_rules.core.errors import TarlatamabRulesError
from tarlatamab_rules.formats.fhir.answers import Answer, answers_of, form_of, value_of
from tarlatamab_rules.formats.fhir.draft import Draft
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, text, when
from tarlatamab_rules.formats.fhir.observations import unknown_result
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.course import DosePoint, GivenDose, dose_amount
from tarlatamab_rules.inputs.events import ToxicityEvent, findings_type
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.labs import LabResult, amount
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity

__all__ = ["course_with_answers", "read_answers"]

_NOT_DONE: Final = {"in-progress": "it is not completed", "stopped": "it was not completed"}
_SYNDROMES: Final[Mapping[str, type[Any]]] = {"crs": CrsFindings, "icans": NeuroFindings}
_LAB_FIELDS: Final = frozenset(("collected", "lower_limit", "upper_limit", "baseline"))


def read_answers(resource: Element, account: Account, draft: Draft) -> None:
    """One QuestionnaireResponse."""
    account.asked = True  # what is answered was asked
    status = text(resource, "status") or ""
    authored = when(resource, "authored")
    days = None if authored is None else draft.setting.days_before(authored)
    if status == "entered-in-error":
        account.note("it was entered in error")
    elif status not in {"completed", "amended"}:
        account.doubt(_NOT_DONE.get(status, "its status is not known"))
    elif authored is None:
        account.doubt("it does not say on which day it was answered")
    elif days is not None and days < 0:
        account.doubt("it was answered after the planned start")
    elif days is not None and days > draft.setting.state_age.days:
        account.doubt(f"it was answered more than {draft.setting.state_age.days} days before the planned start")
    else:
        _Reader(account, draft).read(answers_of(resource))


class _Reader:
    """Puts the answers of one response into the draft. Each part returns whether the path is a fact of it."""

    def __init__(self, account: Account, draft: Draft) -> None:
        self.account, self.draft = account, draft
        self.others = 0
        self.new_events: dict[Toxicity, dict[str, Any]] = {}
        self.new_labs: dict[Analyte, dict[str, Answer]] = {}
        self.parts: Mapping[str, Callable[[Answer], bool]] = {
            "patient": self._patient,
            "ordered": self._order,
            "labs": self._lab,
            "events": self._event,
            "findings": self._finding,
            "course": self._dose,
        }

    def read(self, answers: Iterator[Answer]) -> None:
        """All answers of the response."""
        answered = False
        for answer in answers:
            answered = True
            take = self.parts.get(answer.part)
            done = self._during(lambda answer=answer, take=take: take is not None and take(answer))  # type: ignore[misc]
            self.others += done is False
            if done is None:
                self._leave_unknown(answer)
        for analyte, facts in self.new_labs.items():
            done = self._during(lambda analyte=analyte, facts=facts: self._new_lab(analyte, facts))  # type: ignore[misc]
            if not done and "" in facts:
                self.draft.add_lab(self.account, unknown_result(analyte, None))
        for toxicity, facts in self.new_events.items():
            self._new_event(toxicity, facts)
        if self.others:
            self.account.note(f"{self.others} of its items {'is not a fact' if self.others == 1 else 'are not facts'} of a case")
        if not answered:
            self.account.note("it answers nothing")

    def _during(self, build: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is built
        """What *build* returns. What cannot be read is recorded, and the other answers count."""
        try:
            return build()
        except Unclear as reason:
            self.account.doubt(str(reason))
        except TarlatamabRulesError:
            self.account.doubt("an answer is not possible for its fact")
        return None

    def _leave_unknown(self, answer: Answer) -> None:
        """What an answer that cannot be read is about is not known, whatever a resource states of it."""
        if answer.part in {"events", "course"} and answer.place is None and not answer.which:
            self.draft.doubtful.add(answer.part)
        elif answer.part == "patient":
            self.draft.unknown.add(answer.which)
        elif answer.part == "findings":
            self.draft.unclear.add((answer.which, answer.name))

    def _value(self, answer: Answer, form: str, name: str) -> Any:  # noqa: ANN401  # whatever was answered
        return value_of(answer, form, name, self.account)

    def _patient(self, answer: Answer) -> bool:
        form = form_of(Patient, answer.which)
        if form is None or answer.name:
            return False
        value = self._value(answer, form, answer.which)
        self.draft.claim(self.account, answer.which, value=getattr(Patient(**{answer.which: value}), answer.which))
        return True

    def _order(self, answer: Answer) -> bool:
        if answer.which or answer.place is not None or answer.name:
            return False
        ordered = dose_amount(self._value(answer, "Amount", "ordered"), "ordered")
        if self.draft.ordered not in {None, ordered}:
            raise Unclear("another ordered amount is stated")
        self.draft.ordered = ordered
        self.account.facts.append("ordered")
        return True

    # --- laboratory results ---

    def _lab(self, answer: Answer) -> bool:
        if answer.place is not None:
            if answer.name not in _LAB_FIELDS or answer.place >= len(self.draft.labs):
                return False
            self._complete_lab(answer.place, answer)
            return True
        if answer.which not in tuple(Analyte) or answer.name not in {"", *_LAB_FIELDS}:
            return False
        self.new_labs.setdefault(Analyte(answer.which), {})[answer.name] = answer
        return True

    def _complete_lab(self, place: int, answer: Answer) -> None:
        """A fact that a result lacks."""
        lab = self.draft.labs[place]
        self.draft.labs[place] = _completed(lab, answer.name, self._of_lab(lab.analyte, answer))
        self.account.facts.append(f"labs[{place}].{answer.name}")

    def _of_lab(self, analyte: Analyte, answer: Answer) -> Any:  # noqa: ANN401  # a time or an amount
        if answer.name == "collected":
            return self._value(answer, "When", answer.name)
        pair = value_of(answer, "Amount", answer.name, self.account, KINDS[analyte])
        return amount(analyte, pair, getattr(RANGES[analyte], answer.name or "quantity"), answer.name)

    def _new_lab(self, analyte: Analyte, answers: dict[str, Answer]) -> bool:
        """A new result; without a value, what results of the analyte lack."""
        measured = answers.get("")
        facts = {name: self._of_lab(analyte, answer) for name, answer in answers.items() if name}
        if measured is not None:
            self.draft.add_lab(self.account, LabResult(analyte, self._of_lab(analyte, measured), **facts))
            return True
        for name, answer in answers.items():
            places = [n for n, lab in enumerate(self.draft.labs) if lab.analyte is analyte and getattr(lab, name) is None]
            if not places:
                raise Unclear("it answers about a result that was not passed")
            for place in places:
                self._complete_lab(place, answer)
        return True

    # --- events and findings ---

    def _event(self, answer: Answer) -> bool:
        if answer.place is not None:
            return self._complete_event(answer.place, answer)
        if not answer.which:
            return self._reviewed(answer)
        form = form_of(ToxicityEvent, answer.name) if answer.name else "bool"
        if answer.which not in tuple(Toxicity) or form is None:
            return False
        self.new_events.setdefault(Toxicity(answer.which), {})[answer.name] = self._value(answer, form, answer.name)
        return True

    def _complete_event(self, place: int, answer: Answer) -> bool:
        """A fact that an episode lacks."""
        if place >= len(self.draft.events):
            return False
        event, name = self.draft.events[place], answer.name.removeprefix("findings.")
        kind: type[Any] | None = ToxicityEvent if name == answer.name else findings_type(event.toxicity)
        form = None if kind is None else form_of(kind, name)
        if kind is None or form is None or form.startswith("Findings"):
            return False
        value = self._value(answer, form, name)
        if kind is ToxicityEvent:
            self.draft.events[place] = self._worse(event, name, value) or _completed(event, name, value)
        else:
            self.draft.events[place] = attrs.evolve(event, findings=_completed(event.findings or kind(), name, value))
        self.account.facts.append(f"events[{place}].{answer.name}")
        return True

    def _worse(self, event: ToxicityEvent, name: str, value: Any) -> ToxicityEvent | None:  # noqa: ANN401  # any field
        """The event with a worse grade than a resource states; ``None`` for any other answer."""
        stated = event.grade if name == "grade" else None
        if stated is None or value <= stated:
            return None
        self.account.doubt("an answer states a worse grade than a resource, and counts")
        return attrs.evolve(event, grade=value)

    def _new_event(self, toxicity: Toxicity, facts: dict[str, Any]) -> None:
        if facts.pop("", True) is False and not facts:
            self.account.note("it says that there was no such event")
            return
        try:
            event = ToxicityEvent(toxicity, **facts)
        except TarlatamabRulesError:
            self.account.doubt("the answers about an event are not possible together")
            event = ToxicityEvent(toxicity)
        self.draft.add_event(self.account, event)

    def _finding(self, answer: Answer) -> bool:
        kind = _SYNDROMES.get(answer.which)
        form = None if kind is None else form_of(kind, answer.name)
        if kind is None or form is None:
            return False
        value = self._value(answer, form, answer.name)
        self.draft.findings[answer.which] = _completed(self.draft.findings.get(answer.which, kind()), answer.name, value)
        self.account.facts.append(f"findings.{answer.which}.{answer.name}")
        return True

    # --- doses ---

    def _dose(self, answer: Answer) -> bool:
        if answer.place is None and not answer.which:
            return self._reviewed(answer)
        form = form_of(GivenDose, answer.name)
        if form is None or answer.name == "point":
            return False
        key = answer.place if answer.place is not None else DosePoint.of(answer.which)
        value = self._value(answer, form, answer.name)
        self.draft.dose_answers.append((self.account, key, answer.name, value))
        return True

    def _reviewed(self, answer: Answer) -> bool:
        if self._value(answer, "bool", answer.part):
            raise Unclear("it says that there were some, and not which")
        if self.draft.given if answer.part == "course" else self.draft.events:
            raise Unclear("it says that there were none, and a resource states one")
        self.draft.reviewed.add(answer.part)
        self.account.facts.append(answer.part)
        return True


def _completed(record: Any, name: str, value: Any) -> Any:  # noqa: ANN401  # any record
    """A record with a fact that it lacks.

    Raises:
        Unclear: It has the fact, with another value.
    """
    new = attrs.evolve(record, **{name: value})
    if getattr(record, name) not in {None, getattr(new, name)}:
        raise Unclear("an answer contradicts what a resource states")
    return new


def course_with_answers(draft: Draft, course: tuple[GivenDose, ...] | None) -> tuple[GivenDose, ...] | None:
    """The doses given, with what the answers add. A dose that no administration states is added."""
    doses = list(course or ())
    for account, key, name, value in draft.dose_answers:
        try:
            place = _place_of(key, doses)
            dose = GivenDose(key) if place == len(doses) and isinstance(key, DosePoint) else doses[place]
            doses[place : place + 1] = [_not_late(_completed(dose, name, value), draft)]
        except Unclear as reason:
            account.doubt(str(reason), asked=draft.asks("course"))
        except TarlatamabRulesError:
            account.doubt("an answer is not possible for its dose", asked=draft.asks("course"))
        else:
            account.facts.append(f"course[{place}].{name}")
    return tuple(doses) if doses or course is not None else None


def _not_late(dose: GivenDose, draft: Draft) -> GivenDose:
    given = dose.started or dose.ended
    if given is not None and draft.setting.is_later(given):
        raise Unclear("an answer says that a dose was given after the planned start")
    return dose


def _place_of(key: int | DosePoint, doses: list[GivenDose]) -> int:
    """The place of a dose among the doses; of a dose by its point that is not there, the next place."""
    places = [n for n, dose in enumerate(doses) if key in {n, dose.point}]
    if not places and isinstance(key, DosePoint):
        return len(doses)
    if len(places) != 1:
        raise Unclear("it answers about a dose that was not passed")
    return places[0]

"""An assessment as resources of FHIR R4: a GuidanceResponse with its actions, and a DetectedIssue for each thing that forbids the dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final
from uuid import NAMESPACE_URL, uuid5

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.assessment.screen import MEANING, screen
from tarlatamab_rules.assessment.screen.blocks import undecided
from tarlatamab_rules.assessment.screen.checks import needed
from tarlatamab_rules.assessment.screen.orders import order
from tarlatamab_rules.assessment.words import capital, fact_in_words, listed, part_in_words
from tarlatamab_rules.core.decisions import Decided, DoseAction, NeedsData, Verdict
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.paths import as_fact
from tarlatamab_rules.formats.fhir.activities import Activity, activity, cited, of_instruction
from tarlatamab_rules.formats.fhir.codes import CODES, LOINC
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import in_words

if TYPE_CHECKING:
    from datetime import datetime

    from tarlatamab_rules.assessment import AssessedToxicity, DoseAssessment, Vote
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.values.toxicities import ToxicityAction

__all__ = ["detected_issues", "guidance_response", "reference_of"]

MODULE: Final = "urn:tarlatamab-rules:assessment"
"""What made the guidance."""
_FACT: Final = "urn:tarlatamab-rules:extension:fact"
_RESOURCES: Final = {
    "patient": "Patient",
    "planned_start": "MedicationRequest",
    "ordered": "MedicationRequest",
    "course": "MedicationAdministration",
    "labs": "Observation",
    "events": "AdverseEvent",
    "findings": "Observation",
}
"""The resource that holds each part of a case. Facts of the patient other than the age are Conditions or Observations."""
_OF_PATIENT: Final = {
    "diagnosis": "Condition",
    "progressed_after_platinum": "Condition",
    "infection": "Condition",
    "childbearing_potential": "Observation",
    "pregnant": "Observation",
    "breastfeeding": "Observation",
    "hypersensitivity": "AllergyIntolerance",
}
_ON_THE_DRUG: Final = {
    Verdict.PROCEED: Activity.ADMINISTER,
    Verdict.NEEDS_DATA: Activity.HOLD,
    Verdict.NEEDS_ASSESSMENT: Activity.HOLD,
    Verdict.WITHHOLD: Activity.HOLD,
    Verdict.EXCLUDED: Activity.HOLD,
    Verdict.DISCONTINUE: Activity.STOP,
}
_SEVERITY: Final = {
    Verdict.NEEDS_ASSESSMENT: "moderate",
    Verdict.WITHHOLD: "high",
    Verdict.EXCLUDED: "high",
    Verdict.DISCONTINUE: "high",
}
"""How severe an issue is. Only these verdicts forbid the dose."""


def guidance_response(assessment: DoseAssessment, *, subject: str | None = None, occurred: datetime | None = None) -> dict[str, Any]:
    """An assessment as a GuidanceResponse, with what is missing as data requirements and what to do as a contained RequestGroup.

    Nothing of the patient is in it but *subject* and what the answer is about.

    Args:
        assessment: The assessment.

        subject: The reference of the patient, as ``Patient/1``, if it is to be in the resource.

        occurred: When the assessment was made, with its UTC offset.

    Raises:
        FieldError: The subject is not a reference of a patient, or the moment has no offset.
    """
    must, paths = needed(assessment), tuple(dict.fromkeys((*needed(assessment), *assessment.missing)))
    status = "data-required" if must and assessment.verdict < Verdict.WITHHOLD else "data-requested" if paths else "success"
    about = {} if subject is None else {"subject": reference_of(subject)}
    actions = [*_on_the_drug(assessment), *_to_collect(must, assessment), *_now(assessment), *_around(assessment), *_flags(assessment)]
    group = {
        "resourceType": "RequestGroup",
        "id": "actions",
        "status": "active",
        "intent": "proposal",
        **about,
        "action": _each_once(actions),
    }
    first = screen(assessment)
    return {
        "resourceType": "GuidanceResponse",
        "contained": [group],
        "moduleUri": f"{MODULE}:{assessment.rulebook.replace(' ', '-').replace(',', '')}",
        "status": status,
        **about,
        **({} if occurred is None else {"occurrenceDateTime": _moment(occurred)}),
        "reasonCode": [{"text": first.head}],
        "note": [{"text": DISCLAIMER}],
        "result": {"reference": "#actions"},
        **({"dataRequirement": [_requirement(path) for path in paths]} if paths else {}),
    }


def detected_issues(assessment: DoseAssessment, *, subject: str | None = None) -> tuple[dict[str, Any], ...]:
    """A DetectedIssue for each part of the case that forbids the dose, or that a clinician must assess first.

    Args:
        assessment: The assessment.

        subject: The reference of the patient, as ``Patient/1``, if it is to be in the resources.

    Raises:
        FieldError: The subject is not a reference of a patient.
    """
    about = {} if subject is None else {"patient": reference_of(subject)}
    return tuple(_issue(vote, assessment, about) for vote in assessment.votes if vote.verdict in _SEVERITY)


def reference_of(subject: str) -> dict[str, str]:
    """A reference, checked: the format requires it, and a caller passes nothing else of the patient."""
    if not isinstance(subject, str):
        raise FieldTypeError("subject", f"{shown(subject)} is not text", "pass it like 'Patient/1'")
    if not subject.rpartition("/")[0].endswith(("Patient", "Group")) or any(letter.isspace() for letter in subject):
        raise FieldError("subject", "is not the reference of a patient", "pass it like 'Patient/1'")
    return {"reference": subject}


def _moment(when: datetime) -> str:
    if when.tzinfo is None:
        raise FieldError("occurred", "has no UTC offset", "pass datetime.now(UTC)")
    return when.isoformat()


def _issue(vote: Vote, assessment: DoseAssessment, about: dict[str, Any]) -> dict[str, Any]:
    """One part that forbids the dose, with the first place where its source can be opened."""
    links = [reason.url for reason in vote.reasons if reason.url]
    head = f"{capital(part_in_words(vote.part, assessment.case))}: {MEANING[vote.verdict]}"
    says = [f"{reason.says} {reason.citation or 'safeguard of this library'} [{reason.row}]" for reason in vote.reasons]
    evidence = {"evidence": [{"code": [{"text": text}]} for text in says]} if says else {}
    return {
        "resourceType": "DetectedIssue",
        "id": str(uuid5(NAMESPACE_URL, f"{MODULE}/{assessment.rulebook}/{assessment.case.point}/{vote.part}/{vote.verdict}")),
        "status": "final",
        "code": {"text": f"Tarlatamab {assessment.case.point}: {vote.verdict}"},
        "severity": _SEVERITY[vote.verdict],
        **about,
        **evidence,
        "detail": head,
        **({"reference": links[0]} if links else {}),
        "mitigation": [{"action": activity(_ON_THE_DRUG[vote.verdict], MEANING[vote.verdict])}],
    }


# --- what is missing ---


def _requirement(path: str) -> dict[str, Any]:
    """A missing fact: its resource, its LOINC codes, and its path."""
    fact = as_fact(path)
    part = path.partition(".")[0].partition("[")[0]
    kind = _OF_PATIENT.get(path.rpartition(".")[2], "Patient") if part == "patient" else _RESOURCES[part]
    item = f"labs.{fact.which}" if part == "labs" else path
    codes = [{"system": row.system, "code": row.code} for row in CODES if row.means == item and row.system == LOINC]
    filters = {"codeFilter": [{"path": "code", "code": codes}]} if codes else {}
    return {"extension": [{"url": _FACT, "valueString": str(path)}], "type": kind, **filters}


# --- what to do ---


def _action(code: str, title: str, reasons: Iterable[Reason] = (), only_if: str = "") -> dict[str, Any]:
    """An action with its kind, its sources, and the condition without which it must not be carried out."""
    documents = cited(reasons)
    holds = {"description": only_if, "language": "text/plain", "expression": only_if}
    condition = {"condition": [{"kind": "applicability", "expression": holds}]} if only_if else {}
    return {"title": title, "code": [activity(code, title)], **({"documentation": documents} if documents else {}), **condition}


def _on_the_drug(assessment: DoseAssessment) -> Iterator[dict[str, Any]]:
    verdict = assessment.verdict
    yield _action(_ON_THE_DRUG[verdict], f"Tarlatamab {assessment.case.point}: {MEANING[verdict]}", assessment.reasons)


def _to_collect(must: tuple[str, ...], assessment: DoseAssessment) -> Iterator[dict[str, Any]]:
    for path in must:
        reasons = [reason for vote in assessment.votes if path in vote.missing for reason in vote.reasons]
        yield _action(Activity.COLLECT, f"Find out: {fact_in_words(path, assessment.case)}", reasons)


def _now(assessment: DoseAssessment) -> Iterator[dict[str, Any]]:
    """What is done about each toxicity; what is still open is a flag."""
    for toxicity in assessment.toxicities:
        name, answer = capital(named(toxicity.toxicity)), toxicity.action
        if isinstance(answer, Decided):
            yield from _about_toxicity(name, toxicity, answer.value)
        elif isinstance(answer, NeedsData):
            drug = listed(str(action.action) if action else "no source says" for action in answer.possible)
            yield _action(Activity.FLAG, f"{name}: still open: {drug}", answer.reasons)


def _about_toxicity(name: str, toxicity: AssessedToxicity, value: ToxicityAction) -> Iterator[dict[str, Any]]:
    reasons = toxicity.action.reasons
    for item in value.treatments:
        yield _action(of_instruction(item), f"{name}: {order(item)}", reasons)
    if value.action is DoseAction.WITHHOLD and value.resume_when is not None:
        when = "; ".join(in_words(value.resume_when))
        yield _action(Activity.RESUME, f"{name}: the drug may be given again when: {when}", reasons, when)
    for rule in value.discontinue_if:
        when = "; ".join(in_words(rule))
        yield _action(Activity.STOP, f"{name}: {when}", reasons, when)


def _around(assessment: DoseAssessment) -> Iterator[dict[str, Any]]:
    """What goes with the dose, if it may still be given."""
    if assessment.verdict >= Verdict.WITHHOLD:
        return
    drugs = assessment.premedication
    for item in drugs.value.instructions if isinstance(drugs, Decided) else ():
        yield _action(of_instruction(item), order(item), drugs.reasons)
    for title, plan in (("Infusion", assessment.infusion), ("Monitoring", assessment.monitoring)):
        if isinstance(plan, Decided):
            code = Activity.ADMINISTER if title == "Infusion" else Activity.SERVICE
            yield _action(code, f"{title}: {'; '.join(in_words(plan.value))}", plan.reasons)
    for title, answer in (("Premedication", drugs), ("Infusion", assessment.infusion), ("Monitoring", assessment.monitoring)):
        for line in undecided(answer.reasons):
            yield _action(Activity.FLAG, f"{title}: {line.text}", [reason for reason in answer.reasons if reason.row in line.rows])


def _flags(assessment: DoseAssessment) -> Iterator[dict[str, Any]]:
    for note in assessment.notes:
        yield _action(Activity.FLAG, f"{capital(fact_in_words(note.about, assessment.case))}: {note.says}")


def _each_once(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({action["title"]: action for action in reversed(actions)}.values())[::-1]

"""Adverse events, in both shapes in which FHIR guides write a grade."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.formats.fhir.codes import Code, codings_mean
from tarlatamab_rules.formats.fhir.conditions import add_episode, dated
from tarlatamab_rules.formats.fhir.draft import Draft
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, code_of, codings, extensions, object_of, text
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs._fields import When
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity

__all__ = ["read_adverse_event"]

_BACKPORT: Final = "http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/"
_CTCAE: Final = "http://hl7.org/fhir/us/ctcae/StructureDefinition/"
_GRADES: Final = (
    f"{_BACKPORT}ae-grade",
    "http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade",
    f"{_CTCAE}ctcae-grade",
    "http://hl7.org/fhir/us/mcode/StructureDefinition/ctcae-grade",
)
_STATUS: Final = f"{_BACKPORT}status"
_RESOLVED: Final = f"{_CTCAE}adverse-event-resolved-date"
_OUTCOMES: Final = "http://terminology.hl7.org/CodeSystem/adverse-event-outcome"
_OVER: Final = {
    "resolved": EventStatus.RESOLVED,
    "resolvedWithSequelae": EventStatus.RESOLVED,
    "ongoing": EventStatus.ACTIVE,
    "recovering": EventStatus.ACTIVE,
}


def read_adverse_event(resource: Element, account: Account, draft: Draft) -> None:
    """One AdverseEvent.

    One whose toxicity cannot be read is in the case as another toxicity of unknown grade, so that no assessment passes over it.
    """
    if "event" not in resource and "code" in resource:
        raise Unclear("it has the shape of FHIR R5; FHIR R4 (4.0.1) is read")
    if any(text(extension, "valueCode") == "entered-in-error" for extension in extensions(resource, _STATUS)):
        account.note("it was entered in error")
        return
    if text(resource, "actuality") == "potential":
        account.note("it is a potential event that did not happen")
        return
    grade, graded = _grade(resource, account, draft)
    if graded and grade is Grade.NONE:
        account.note("it confirms that the event is absent")
        return
    rows = [row for row in codings_mean(codings(object_of(resource, "event")), draft.setting.lookup) if row.means.startswith("events.")]
    toxicities = {row.means for row in rows}
    status, onset, resolved = _course(resource, account)
    if len(toxicities) == 1:
        toxicity = Toxicity(toxicities.pop().removeprefix("events."))
        add_episode(draft, account, toxicity, _agreed(rows, grade, account), status, onset, resolved)
    else:
        why = "its codes mean different toxicities" if toxicities else "no code that is read says which toxicity it is"
        account.doubt(f"{why}; pass the code that the site uses as codes. Until then, its grade counts as unknown")
        add_episode(draft, account, Toxicity.OTHER, None, status, onset, resolved)


def _grade(resource: Element, account: Account, draft: Draft) -> tuple[Grade | None, bool]:
    """The grade that the extensions state, and whether they state one."""
    stated = extensions(resource, *_GRADES)
    grades: set[Grade | None] = set()
    for extension in stated:
        rows = codings_mean(codings(object_of(extension, "valueCodeableConcept")), draft.setting.lookup)
        found = {row.grade for row in rows if row.means == "grade"}
        grades |= found or {None}
    if not stated:
        return None, False
    if len(grades) > 1 or None in grades:
        account.doubt("its grades differ" if len(grades) > 1 else "its grade is not a code that is read")
        return None, True
    return grades.pop(), True


def _agreed(rows: list[Code], grade: Grade | None, account: Account) -> Grade | None:
    """The grade of the extension, or that of the code of the event."""
    coded = {row.grade for row in rows if row.grade is not None}
    grades = coded | ({grade} if grade is not None else set())
    if len(grades) > 1:
        account.doubt("its grades differ")
        return None
    if not grades:
        account.note("it states no grade")
        return None
    return grades.pop()


def _course(resource: Element, account: Account) -> tuple[EventStatus | None, When | None, When | None]:
    """Whether it is over, when it began, and when it was over."""
    outcome = code_of(resource, "outcome", _OUTCOMES)
    status = _OVER.get(outcome or "")
    if outcome == "fatal":
        account.doubt("its outcome is fatal")
    onset = dated(resource, "date", account)
    dates = {dated(extension, "valueDateTime", account) for extension in extensions(resource, _RESOLVED)}
    resolved = dates.pop() if len(dates) == 1 else None
    if dates:
        account.doubt("it has two dates on which it was over, so both count as unknown")
    if status is EventStatus.ACTIVE and resolved is not None:
        account.doubt("it is recorded as ongoing and has a date on which it was over, so both count as unknown")
        status = resolved = None
    return (EventStatus.RESOLVED if resolved is not None else status), onset, resolved

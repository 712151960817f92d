"""Adverse events, in both shapes in which FHIR guides write a grade."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from tarlatamab_rules.formats.fhir.codes import AE_STATUS, Code, codings_mean
from tarlatamab_rules.formats.fhir.conditions import add_episode, dated
from tarlatamab_rules.formats.fhir.draft import Draft
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, code_of, codings, extensions, object_of, objects, text
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs._fields import When
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Scale, Toxicity
from tarlatamab_rules.rulebooks.questions import DIFFERS_BY_SCALE

__all__ = ["read_adverse_event"]

_BACKPORT: Final = "http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/"
_CTCAE: Final = "http://hl7.org/fhir/us/ctcae/StructureDefinition/"
_GRADES: Final = (
    f"{_BACKPORT}ae-grade",
    "http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/ae-grade",
    f"{_CTCAE}ctcae-grade",
    "http://hl7.org/fhir/us/mcode/StructureDefinition/ctcae-grade",
)
_RESOLVED: Final = f"{_CTCAE}adverse-event-resolved-date"
_VERSIONS: Final = {"5": Scale.CTCAE_5, "6": Scale.CTCAE_6}
_VERSIONS_DIFFER: Final = DIFFERS_BY_SCALE | {Toxicity.CRS, Toxicity.ICANS, Toxicity.NEUROTOXICITY}
_OUTCOMES: Final = "http://terminology.hl7.org/CodeSystem/adverse-event-outcome"
_OVER: Final = {
    "resolved": EventStatus.RESOLVED,
    "resolvedWithSequelae": EventStatus.RESOLVED,
    "ongoing": EventStatus.ACTIVE,
    "recovering": EventStatus.ACTIVE,
}


@frozen
class _Grade:
    """The grade that the extensions of an adverse event state.

    Attributes:
        grade: The grade; ``None`` if there is none, or none that can be read.

        by_ctcae: Whether it is a grade of CTCAE, which has versions.

        version: The version of CTCAE; ``None`` if it names none.
    """

    grade: Grade | None = None
    by_ctcae: bool = False
    version: Scale | None = None


def read_adverse_event(resource: Element, account: Account, draft: Draft) -> None:
    """One AdverseEvent.

    One whose toxicity cannot be read is in the case as another toxicity of unknown grade, so that no assessment passes over it.
    """
    account.asked = draft.asks("events")
    if "event" not in resource and "code" in resource:
        raise Unclear("it has the shape of FHIR R5; FHIR R4 (4.0.1) is read")
    flags = [*extensions(resource, AE_STATUS), *objects(resource, "modifierExtension")]
    if any(text(flag, "valueCode") == "entered-in-error" for flag in flags):
        account.note("it was entered in error")
        return
    if text(resource, "actuality") == "potential":
        account.note("it is a potential event that did not happen")
        return
    graded = _grade(resource, account, draft)
    if graded.grade is Grade.NONE:
        account.note("it confirms that the event is absent")
        return
    _read_episode(resource, graded, account, draft)


def _read_episode(resource: Element, graded: _Grade, account: Account, draft: Draft) -> None:
    rows = [row for row in codings_mean(codings(object_of(resource, "event")), draft.setting.lookup) if row.means.startswith("events.")]
    toxicities = {row.means for row in rows}
    status, onset, resolved = _course(resource, account)
    if len(toxicities) == 1:
        toxicity = Toxicity(toxicities.pop().removeprefix("events."))
        grade, scale = _by_scale(toxicity, rows, graded, account, draft)
        add_episode(draft, account, toxicity, grade, status, onset, resolved, scale)
    else:
        why = "its codes mean different toxicities" if toxicities else "no code that is read says which toxicity it is"
        account.doubt(f"{why}; add the site's code to the argument codes. Until then, its grade counts as unknown")
        add_episode(draft, account, Toxicity.OTHER, None, status, onset, resolved)


def _grade(resource: Element, account: Account, draft: Draft) -> _Grade:
    """The grade that the extensions state."""
    stated = extensions(resource, *_GRADES)
    grades: set[Grade | None] = set()
    versions: set[Scale | None] = set()
    for extension in stated:
        concept = object_of(extension, "valueCodeableConcept")
        rows = codings_mean(codings(concept), draft.setting.lookup)
        grades |= {row.grade for row in rows if row.means == "grade"} or {None}
        versions |= {_VERSIONS.get((text(coding, "version") or "")[:1]) for coding in objects(concept or {}, "coding")}
    by_ctcae = any(str(extension["url"]).endswith("ctcae-grade") for extension in stated)
    if len(grades) > 1 or None in grades:
        account.doubt("its grades differ" if len(grades) > 1 else "its grade is not a code that is read")
        return _Grade()
    return _Grade(grades.pop(), by_ctcae, versions.pop() if len(versions) == 1 else None) if grades else _Grade()


def _by_scale(toxicity: Toxicity, rows: list[Code], graded: _Grade, account: Account, draft: Draft) -> tuple[Grade | None, Scale | None]:
    """The grade of the extension, or that of the code of the event, with its scale.

    A grade of CTCAE whose version is not stated is not known if the versions differ, or if CTCAE differs from ASTCT 2019.
    """
    grades = {row.grade for row in rows if row.grade is not None} | ({graded.grade} if graded.grade is not None else set())
    if len(grades) != 1:
        if grades:
            account.doubt("its grades differ")
        else:
            account.note("it states no grade")
        return None, None
    scale = (graded.version or draft.setting.ctcae) if graded.by_ctcae else None
    if graded.by_ctcae and scale is None and toxicity in _VERSIONS_DIFFER:
        account.doubt("its grade is by CTCAE, and by which version is not stated; name it in the argument ctcae. Until then, it is unknown")
        return None, None
    return grades.pop(), scale


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

"""Administrations of the drug, and which dose of the schedule each was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.fhir.bundles import reference_of
from tarlatamab_rules.formats.fhir.codes import DRUG, codings_mean
from tarlatamab_rules.formats.fhir.draft import Administration, Draft
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, codings, object_of, objects, period, text, when
from tarlatamab_rules.formats.fhir.observations import pair_of
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs.course import DosePoint, GivenDose, dose_amount
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.inputs.units import Amount

__all__ = ["course_of", "is_drug", "read_administration", "words_of"]

_NAMES: Final = ("tarlatamab", "imdelltra", "imdylltra", "amg 757", "amg757")
_NO_DOSE: Final[Mapping[str, str]] = {"not-done": "the drug was not given", "entered-in-error": "it was entered in error"}
_NOT_ENDED: Final[Mapping[str, str]] = {
    "in-progress": "the infusion has not ended",
    "on-hold": "the infusion is interrupted",
    "unknown": "its status is not known",
}
_COMPLETE: Final[Mapping[str, bool]] = {"completed": True, "stopped": False}
_ASKED: Final = "course"


def is_drug(concept: Element | None, draft: Draft) -> bool | None:
    """Whether a concept is tarlatamab; ``None`` if its codes do not say so and its words might."""
    codes = codings(concept)
    if any(row.means == DRUG for row in codings_mean(codes, draft.setting.lookup)):
        return True
    names = words_of(concept)
    if any(name in word for word in names for name in _NAMES) or not names:
        return None
    return False


def words_of(concept: Element | None) -> list[str]:
    """The words of a concept, in lower case: only to see that a person must look, never to read a fact."""
    words = [] if concept is None else [text(concept, "text"), *(text(coding, "display") for coding in objects(concept, "coding"))]
    return [word.replace("\u200b", "").casefold() for word in words if word]


def read_administration(resource: Element, account: Account, draft: Draft) -> None:
    """One MedicationAdministration."""
    if any(name in resource for name in ("medication", "occurenceDateTime", "occurencePeriod", "occurenceTiming")):
        raise Unclear("it has the shape of FHIR R5; FHIR R4 (4.0.1) is read")
    drug = is_drug(_medication(resource, draft), draft)
    if drug is False:
        account.note("it is another drug")
        return
    account.asked = draft.asks(_ASKED)
    status = text(resource, "status") or ""
    if status in _NO_DOSE:
        account.note(_NO_DOSE[status])
        if objects(resource, "statusReason"):
            account.note("a reason is recorded")
    elif drug is None:
        account.doubt("no code that is read says which drug it is; add the site's code to the argument codes")
    elif status not in _COMPLETE:
        account.doubt(_NOT_ENDED.get(status, "its status is not known"))
    else:
        _read_given(resource, status, account, draft)


def _medication(resource: Element, draft: Draft) -> Element | None:
    """The drug, from the resource itself, from one that it contains, or from another one of the import."""
    concept = object_of(resource, "medicationCodeableConcept")
    if concept is not None:
        return concept
    reference = reference_of(resource, "medicationReference")
    if reference is None:
        raise Unclear("it does not say which drug it is")
    if reference.startswith("#"):
        inside = [item for item in objects(resource, "contained") if item.get("id") == reference[1:]]
        medication = inside[0] if len(inside) == 1 else None
    else:
        found = draft.resources.get(reference)
        medication = None if found is None else found.resource
    if medication is None:
        raise Unclear("its drug is in a resource that was not passed")
    return object_of(medication, "code")


def _read_given(resource: Element, status: str, account: Account, draft: Draft) -> None:
    started, ended = when(resource, "effectiveDateTime"), None
    if "effectivePeriod" in resource:
        started, ended = period(resource, "effectivePeriod")
    if started is None:
        account.note("the day is not stated")
    given = started or ended
    if given is not None and draft.setting.is_later(given):
        account.doubt("it was given after the planned start: one of the two dates is wrong, or leave it out to look back")
        return
    if status == "stopped":
        account.note("the infusion was stopped before all of it was given")
        if objects(resource, "statusReason"):
            account.note("a reason is recorded")
    name = resource.get("id")
    reference = f"MedicationAdministration/{name}" if isinstance(name, str) else None
    amount = _amount(resource, account)
    draft.given.append(Administration(account, reference, started, ended, amount, _COMPLETE[status]))


def _amount(resource: Element, account: Account) -> Amount | None:
    """The amount given. One that cannot be read is not known."""
    dosage = object_of(resource, "dosage") or {}
    dose = object_of(dosage, "dose")
    if "modifierExtension" in dosage:
        account.doubt("the amount given has a modifier that is not known")
        return None
    if dose is None:
        account.note("the amount given is not stated")
        return None
    try:
        return dose_amount(pair_of(dose, MASS, account), "amount")
    except (Unclear, FieldError):
        account.doubt("the amount given cannot be read")
        return None


# --- which dose of the schedule ---


def course_of(draft: Draft, points: Mapping[str, DosePoint]) -> tuple[GivenDose, ...] | None:
    """The doses given, each with its place in the schedule; ``None`` if that cannot be said of each, or if none was read.

    The places follow from the order in time if as many doses were given as the schedule has before the planned dose. Otherwise the caller
    must say which dose each was.
    """
    given = draft.given
    if not given:
        return None
    places = _named(given, points) if points else _in_order(draft)
    if places is None:
        why = "which dose of the schedule it was is not stated for each administration" if points else _why_not(draft)
        for administration in given:
            administration.account.doubt(why, asked=draft.asks(_ASKED))
        return None
    doses: list[GivenDose] = []
    for administration, point in zip(given, places, strict=True):
        dose = _dose(administration, point)
        if dose is None:
            for other in given:
                other.account.doubt("the times of an administration are not possible", asked=draft.asks(_ASKED))
            return None
        doses.append(dose)
    if len(set(doses)) < len(doses):
        for administration in given:
            administration.account.doubt("two administrations state the same dose with the same facts", asked=draft.asks(_ASKED))
        return None
    for n, administration in enumerate(given):
        administration.account.facts.append(f"course[{n}]")
    return tuple(doses)


def _dose(administration: Administration, point: DosePoint) -> GivenDose | None:
    try:
        return GivenDose(point, administration.started, administration.amount, administration.ended, administration.complete)
    except FieldError:
        return None


def _named(given: Iterable[Administration], points: Mapping[str, DosePoint]) -> list[DosePoint] | None:
    places = [points.get(administration.reference or "") for administration in given]
    known = [place for place in places if place is not None]
    return known if len(known) == len(places) else None


def _in_order(draft: Draft) -> list[DosePoint] | None:
    given = draft.given
    if len(given) != draft.setting.point.number - 1:
        return None
    starts = [administration.started for administration in given]
    dated = [start for start in starts if start is not None]
    if len(dated) < len(starts):
        return None
    order = sorted(range(len(given)), key=lambda n: draft.setting.day(dated[n]))
    days = [draft.setting.day(dated[n]) for n in order]
    if len(set(days)) < len(days):
        return None
    places: list[DosePoint | None] = [None] * len(given)
    for number, n in enumerate(order, 1):
        places[n] = DosePoint.at(number)
    return [place for place in places if place is not None]


def _why_not(draft: Draft) -> str:
    number, before = len(draft.given), draft.setting.point.number - 1
    if number != before:
        return (
            f"{number} {'dose was' if number == 1 else 'doses were'} given and the schedule has {before} before {draft.setting.point}: "
            "say which dose each was in the argument points"
        )
    return "the administrations have no order by day: say which dose each was in the argument points"

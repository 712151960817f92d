"""A course plan as a CarePlan of FHIR R4."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.course.entries import EntryKind
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.formats.fhir.activities import Activity, activity
from tarlatamab_rules.formats.fhir.guidance import reference_of
from tarlatamab_rules.inputs._fields import is_aware
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.values.vocabulary import Modality

if TYPE_CHECKING:
    from tarlatamab_rules.course.entries import PlanEntry
    from tarlatamab_rules.inputs._fields import When

__all__ = ["care_plan"]

_KINDS: Final = {
    EntryKind.LABS: Activity.COLLECT,
    EntryKind.CHECK: Activity.COLLECT,
    EntryKind.HYDRATION: Activity.ORDER,
    EntryKind.PREMEDICATION: Activity.ORDER,
    EntryKind.DOSE: Activity.ADMINISTER,
    EntryKind.INFUSION: Activity.ADMINISTER,
    EntryKind.SALINE: Activity.ORDER,
    EntryKind.OBSERVATION: Activity.SERVICE,
    EntryKind.NEAR_CARE: Activity.SERVICE,
    EntryKind.TEACHING: Activity.SERVICE,
    EntryKind.RECOVERY_DEADLINE: Activity.FLAG,
    EntryKind.RESTART_LIMIT: Activity.FLAG,
    EntryKind.CONTRACEPTION: Activity.FLAG,
    EntryKind.BREAST_FEEDING: Activity.FLAG,
}
"""What kind of activity each entry is, by the codes of HL7's Clinical Practice Guidelines."""


def care_plan(plan: CoursePlan, *, subject: str) -> dict[str, Any]:
    """A plan as a CarePlan of FHIR R4: one activity for each entry, with its time, its kind of activity, its words and its sources.

    A plan is no clearance, so it is a proposal. Conditions and what may hold instead are in the description of each activity. A moment
    without a UTC offset is written as its day, because FHIR has no moment without one; its time is in the description.

    Args:
        plan: The plan.

        subject: The reference of the patient, as ``Patient/1``, which a CarePlan must have.

    Raises:
        FieldTypeError: *plan* is not a plan.

        FieldError: The subject is not a reference of a patient.
    """
    if not isinstance(plan, CoursePlan):
        raise FieldTypeError("plan", f"{shown(plan)} is not a CoursePlan", "pass what plan_course gave")
    caveats = [{"text": text} for text in dict.fromkeys((*(str(note) for note in plan.notes), *plan.caveats, DISCLAIMER))]
    activities = [{"detail": _detail(entry)} for entry in plan.entries]
    return {
        "resourceType": "CarePlan",
        "status": "draft",
        "intent": "proposal",
        "title": f"Course of tarlatamab by {plan.rulebook}",
        "description": "A plan is no clearance: assess each dose on its day.",
        "subject": reference_of(subject),
        **({"activity": activities} if activities else {}),
        "note": caveats,
    }


def _detail(entry: PlanEntry) -> dict[str, Any]:
    amount = entry.amount if isinstance(entry.amount, Amount) and not entry.amount.bound and entry.kind is EntryKind.DOSE else None
    unit = {} if amount is None else {"quantity": {"value": amount.value, "unit": amount.unit, "system": _UCUM, "code": amount.unit}}
    return {
        "code": activity(_KINDS[entry.kind], entry.what or str(entry.kind)),
        "status": "completed" if entry.given else "scheduled" if entry.when is not None else "not-started",
        "doNotPerform": entry.modality is Modality.AVOID,
        **_scheduled(entry),
        **unit,
        "description": _described(entry),
    }


_UCUM: Final = "http://unitsofmeasure.org"


def _scheduled(entry: PlanEntry) -> dict[str, Any]:
    """From when to when; a deadline is the end of an open period."""
    start, end = (None, entry.deadline) if entry.deadline is not None else (entry.start, entry.end or entry.end_from)
    period = {key: _written(when) for key, when in (("start", start), ("end", end)) if when is not None}
    return {"scheduledPeriod": period} if period else {}


def _written(when: When) -> str:
    if isinstance(when, datetime):
        return when.isoformat() if is_aware(when) else when.date().isoformat()
    return when.isoformat()


def _described(entry: PlanEntry) -> str:
    """All of it in words: the dose, what, under which condition, what instead, and the sources."""
    lines = [str(entry), *entry.caveats, *entry.sources]
    return "\n".join(dict.fromkeys(lines))

"""A plan as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.core.decisions import NeedsData, NotCovered
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.formats.assessments import plain

if TYPE_CHECKING:
    from tarlatamab_rules.course.entries import PlanEntry

__all__ = ["plan_document"]


def plan_document(plan: CoursePlan) -> dict[str, Any]:
    """A plan as an object that `json` can write: every entry with its times, its words, its condition, and the rows behind it.

    A key without a value is left out. Times are those of the site, with their UTC offset if the plan has one.
    """
    request = plan.request
    return {
        "rulebook": plan.rulebook,
        "start": plain(request.site.start),
        "until": plain(request.until),
        "site_zone": request.site_zone,
        "notes": [{"about": str(note.about), "says": note.says} for note in plan.notes],
        "caveats": list(plan.caveats),
        "entries": [_entry(entry) for entry in plan.entries],
        "disclaimer": DISCLAIMER,
    }


_AS_THEY_ARE: Final = ("kind", "start", "end_from", "end", "deadline", "anchor", "what", "route", "modality", "role", "says", "condition")


def _entry(entry: PlanEntry) -> dict[str, Any]:
    """An entry: what it is and when, in words and as it was answered."""
    fields = {name: plain(getattr(entry, name)) for name in _AS_THEY_ARE}
    fields |= {
        "dose": None if entry.point is None else str(entry.point),
        "amount": None if entry.amount is None else str(entry.amount),
        "given": entry.given,
        "otherwise": list(entry.otherwise),
        "answer": _answer(entry),
        "missing": plain(entry.answer.missing) if isinstance(entry.answer, NeedsData) else [],
        "reasons": plain(entry.reasons),
        "disagreements": list(entry.disagreements),
        "caveats": list(entry.caveats),
    }
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [])}


def _answer(entry: PlanEntry) -> str:
    if isinstance(entry.answer, NotCovered):
        return "not-covered"
    return "needs-data" if isinstance(entry.answer, NeedsData) else "decided"

"""The cards of CDS Hooks that show an assessment: the first screen, with a suggestion on the draft order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from tarlatamab_rules.assessment.screen import Screen, screen
from tarlatamab_rules.assessment.screen.sources import source_name
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.views.markdown import as_markdown, escaped

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import DoseAssessment
    from tarlatamab_rules.formats.fhir import Imported
    from tarlatamab_rules.service.hooks import HookRequest
    from tarlatamab_rules.service.orders import Order

__all__ = ["OVERRIDES", "cards", "one_at_a_time"]

_NAMESPACE: Final = UUID("6e2f3a0e-5a68-4d2c-9d70-0f6d3f1f7c11")
_LONGEST: Final = 139
_OVERRIDE_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
OVERRIDES: Final = {
    "cds-not-applicable": "PC CDS does not apply to patient",
    "cds-suboptimal-context": "PC CDS delivered in suboptimal context",
    "recipient-disagrees-evidence": "Recipient disagrees with recommendation because of issues with the evidence",
    "recipient-concerns-outcomes": "Recipient has concerns regarding potential health outcomes",
    "does-not-align-preferences": "Recommendation does not align with patient preferences or values",
}
"""Why a clinician may override a card: codes of HL7's code system, with their displays."""

_INDICATORS: Final = {
    Verdict.PROCEED: "info",
    Verdict.NEEDS_DATA: "warning",
    Verdict.NEEDS_ASSESSMENT: "warning",
    Verdict.WITHHOLD: "critical",
    Verdict.EXCLUDED: "critical",
    Verdict.DISCONTINUE: "critical",
}
_BLOCKS: Final = {
    "encounter-start": ("What goes before and after this dose", ("BEFORE", "INFUSE", "AFTER")),
    "patient-view": ("What comes next in the course", ("NEXT DOSE", "AGAIN WHEN")),
}
"""What a hook shows on a card of its own."""


def cards(request: HookRequest, assessment: DoseAssessment, imported: Imported) -> list[dict[str, Any]]:
    """The cards for one request: the verdict first; then records that a person must look at; then what the hook is for."""
    first = screen(assessment)
    shown = [_verdict(request, assessment, first, unclear=len(imported.report.to_settle)), *_unclear(request, assessment, imported)]
    title, blocks = _BLOCKS.get(request.service.hook, ("", ()))
    lines = [line for block in first.blocks if block.title.startswith(tuple(blocks) or ("-",)) for line in block.lines]
    if lines:
        detail = "\n".join(f"- {escaped(line.text)}" + (f" ([source]({line.url}))" if line.url else "") for line in lines)
        shown.append(_card(request, assessment, "plan", f"Tarlatamab {assessment.case.point}: {title}", "info", detail))
    return shown


def one_at_a_time(request: HookRequest) -> dict[str, Any]:
    """The card for several draft orders of the drug at once."""
    summary = f"{len(request.orders)} draft orders of tarlatamab: one dose is given at a time"
    detail = "Nothing was assessed. Keep one draft order of tarlatamab, and delete the others."
    return {
        "uuid": _name(request, "several"),
        "summary": summary,
        "detail": detail,
        "indicator": "critical",
        "source": {"label": "safeguard of tarlatamab_rules"},
    }


def _verdict(request: HookRequest, assessment: DoseAssessment, first: Screen, unclear: int) -> dict[str, Any]:
    verdict = assessment.verdict
    indicator = _INDICATORS[verdict]
    head = first.head
    if unclear and verdict is Verdict.PROCEED:  # a record that nobody could read may say otherwise
        indicator, head = "warning", f"look at {unclear} unclear record{'s' if unclear > 1 else ''} first; apart from that, {first.head}"
    card = _card(request, assessment, "verdict", f"Tarlatamab {assessment.case.point}: {head}", indicator, as_markdown(assessment))
    links = {
        f"{reason.citation.short_name or reason.citation.source}": reason.url
        for reason in assessment.reasons
        if reason.citation and reason.url
    }
    if links:
        card["links"] = [{"label": label, "url": url, "type": "absolute"} for label, url in links.items()]
    if verdict is not Verdict.PROCEED:
        card["overrideReasons"] = [{"system": _OVERRIDE_SYSTEM, "code": code, "display": text} for code, text in OVERRIDES.items()]
        suggestions = [item for order in request.orders for item in _suggestions(request, order, verdict)]
        if suggestions:
            card |= {"suggestions": suggestions, "selectionBehavior": "at-most-one"}
    return card


def _suggestions(request: HookRequest, order: Order, verdict: Verdict) -> Iterator[dict[str, Any]]:
    """To put the draft on hold; to delete it if the drug is never to be given. A draft without an id cannot be named."""
    if not order.reference:
        return
    never = verdict in {Verdict.EXCLUDED, Verdict.DISCONTINUE}
    hold = {"type": "update", "description": "Puts the draft order on hold", "resource": {**order.resource, "status": "on-hold"}}
    delete = {"type": "delete", "description": "Deletes the draft order", "resourceId": order.reference}
    named = (("hold", "Put the draft order on hold", hold, not never), ("delete", "Delete the draft order", delete, never))
    for kind, label, action, recommended in named:
        if kind == "hold" or never:
            yield {"label": label, "uuid": _name(request, kind), "isRecommended": recommended, "actions": [action]}


def _unclear(request: HookRequest, assessment: DoseAssessment, imported: Imported) -> Iterator[dict[str, Any]]:
    """The records about something that the rulebook asks for and that could not be read, without their ids."""
    entries = imported.report.to_settle
    if entries:
        lines = dict.fromkeys(f"- {escaped(entry.resource)}: {escaped('; '.join(entry.why))}" for entry in entries)
        what = (
            "1 record is unclear, and was not counted" if len(entries) == 1 else f"{len(entries)} records are unclear, and were not counted"
        )
        summary = f"Tarlatamab {assessment.case.point}: {what}"
        yield _card(request, assessment, "unclear", summary, "warning", "\n".join(lines))


def _card(request: HookRequest, assessment: DoseAssessment, kind: str, summary: str, indicator: str, detail: str) -> dict[str, Any]:  # noqa: PLR0913, PLR0917  # one parameter a part
    return {
        "uuid": _name(request, kind),
        "summary": summary if len(summary) <= _LONGEST else f"{summary[: _LONGEST - 3].rstrip()}...",
        "detail": detail,
        "indicator": indicator,
        "source": {"label": ", ".join(source_name(book) for book in assessment.books)},
    }


def _name(request: HookRequest, kind: str) -> str:
    """A UUID that is the same for the same call, so that feedback names its card."""
    return str(uuid5(_NAMESPACE, f"{request.service.id}/{request.instance}/{kind}"))

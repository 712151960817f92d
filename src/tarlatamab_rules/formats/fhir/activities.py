"""What kind of activity something is, by the codes of HL7's Clinical Practice Guidelines, and the citation behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.values.plans import Instruction

__all__ = ["Activity", "activity", "cited", "of_instruction"]

_SYSTEM: Final = "http://hl7.org/fhir/uv/cpg/CodeSystem/cpg-activity-type-cs"


class Activity:
    """The codes that are used."""

    HOLD: Final = "hold-activity"
    STOP: Final = "stop-activity"
    RESUME: Final = "resume-activity"
    ADMINISTER: Final = "administer-medication"
    ORDER: Final = "order-medication"
    SERVICE: Final = "order-service"
    COLLECT: Final = "collect-information"
    FLAG: Final = "report-flag"


def activity(code: str, text: str) -> dict[str, Any]:
    """An activity as a CodeableConcept."""
    return {"coding": [{"system": _SYSTEM, "code": code}], "text": text}


def of_instruction(item: Instruction) -> str:
    """The kind of activity of an instruction: what is avoided is a flag, what has an amount or a route is a drug."""
    if item.modality == "avoid":
        return Activity.FLAG
    return Activity.ORDER if item.amount is not None or item.route is not None else Activity.SERVICE


def cited(reasons: Iterable[Reason]) -> list[dict[str, Any]]:
    """The statements behind something, as RelatedArtifacts; a safeguard of this library names itself as one."""
    return [
        {
            "type": "citation",
            "label": reason.row,
            "display": "safeguard of this library" if reason.citation is None else str(reason.citation),
            "citation": reason.says,
            **({"url": reason.url} if reason.url else {}),
        }
        for reason in dict.fromkeys(reasons)
    ]

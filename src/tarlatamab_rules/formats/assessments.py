"""An assessment as JSON."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

import attrs

from tarlatamab_rules.assessment import DISCLAIMER, DoseAssessment
from tarlatamab_rules.assessment.screen import Line, screen
from tarlatamab_rules.core.content import is_content
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered
from tarlatamab_rules.values.labs import LabStanding

__all__ = ["assessment_document"]


def assessment_document(assessment: DoseAssessment) -> dict[str, Any]:
    """An assessment as an object that `json` can write: the verdict, the facts behind it, and every answer."""
    return {
        "verdict": str(assessment.verdict),
        "may_give": assessment.may_give,
        "point": str(assessment.case.point),
        "planned_start": plain(assessment.case.planned_start),
        "rulebook": assessment.rulebook,
        "reasons": plain(assessment.reasons),
        "missing": plain(assessment.missing),
        "summary": _summary(assessment),
        "votes": [
            {
                "part": str(vote.part),
                "verdict": str(vote.verdict),
                "missing": plain(vote.missing),
                "rows": [reason.row for reason in vote.reasons],
            }
            for vote in assessment.votes
        ],
        "accounted": plain(assessment.accounted),
        "eligibility": plain(assessment.eligibility),
        "dose": plain(assessment.dose),
        "labs": plain(assessment.labs),
        "standings": [_standing(standing) for standing in assessment.standings],
        "graded": plain(assessment.graded),
        "toxicities": plain(assessment.toxicities),
        "next_dose": plain(assessment.next_dose),
        "premedication": plain(assessment.premedication),
        "infusion": plain(assessment.infusion),
        "checklist": plain(assessment.checklist),
        "monitoring": plain(assessment.monitoring),
        "contraception": plain(assessment.contraception),
        "dissent": plain(assessment.dissent),
        "notes": plain(assessment.notes),
        "disclaimer": DISCLAIMER,
    }


def _summary(assessment: DoseAssessment) -> dict[str, Any]:
    """The first screen, with all lines of each block; `facts` has the paths of the facts that a line is about."""
    first = screen(assessment)
    blocks = [{"title": block.title, "lines": [_summed_up(line) for line in block.lines]} for block in first.blocks]
    return {"head": first.head, "dose": first.dose, "blocks": blocks}


def _summed_up(line: Line) -> dict[str, Any]:
    source = {"url": line.url} if line.url else {}
    return {"text": line.text, "rows": list(line.rows), "facts": [str(fact) for fact in line.facts]} | source


def _standing(standing: LabStanding) -> dict[str, Any]:
    """A standing with the value and the date of its result. The result itself is listed among the graded results."""
    result = standing.result
    rest = {} if result is None else {"quantity": plain(result.quantity), "collected": plain(result.collected)}
    return {
        "analyte": str(standing.analyte),
        "need": str(standing.need),
        "standing": str(standing.standing),
        "missing": plain(standing.missing),
        "rows": [reason.row for reason in standing.reasons],
    } | rest


_ANSWERS = {Decided: "decided", NeedsData: "needs-data", NotCovered: "not-covered"}


def plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON can hold
    if isinstance(value, Enum):
        return value.value
    if attrs.has(type(value)):
        return _fields(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value  # a fact or a note is more than text


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any attrs value
    """The fields of a value: of an answer, all except its dissent; of any other value, those that are not empty."""
    fields = attrs.asdict(value, recurse=False, filter=is_content)
    if type(value) in _ANSWERS:
        return {"answer": _ANSWERS[type(value)]} | {key: plain(part) for key, part in fields.items() if key != "dissent"}
    return {key: plain(part) for key, part in fields.items() if not _is_empty(key, part)}


def _is_empty(key: str, part: object) -> bool:
    """Whether a field says nothing. An empty list means that there is none, except for the sources of an order, which only stacks have."""
    return part is None or part == "" or (key, part) == ("sources", ())

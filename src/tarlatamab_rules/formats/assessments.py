"""An assessment as JSON."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

import attrs

from tarlatamab_rules.assessment import DISCLAIMER, DoseAssessment
from tarlatamab_rules.assessment.screen import Line, screen
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered
from tarlatamab_rules.values.labs import LabStanding

__all__ = ["assessment_document"]


def assessment_document(assessment: DoseAssessment) -> dict[str, Any]:
    """An assessment as an object that `json` can write: the verdict, the facts behind it, and every answer."""
    return {
        "verdict": str(assessment.verdict),
        "may_give": assessment.may_give,
        "point": str(assessment.case.point),
        "planned_start": _plain(assessment.case.planned_start),
        "rulebook": assessment.rulebook,
        "reasons": _plain(assessment.reasons),
        "missing": _plain(assessment.missing),
        "summary": _summary(assessment),
        "votes": [
            {
                "part": str(vote.part),
                "verdict": str(vote.verdict),
                "missing": _plain(vote.missing),
                "rows": [reason.row for reason in vote.reasons],
            }
            for vote in assessment.votes
        ],
        "accounted": _plain(assessment.accounted),
        "eligibility": _plain(assessment.eligibility),
        "dose": _plain(assessment.dose),
        "labs": _plain(assessment.labs),
        "standings": [_standing(standing) for standing in assessment.standings],
        "graded": _plain(assessment.graded),
        "toxicities": _plain(assessment.toxicities),
        "next_dose": _plain(assessment.next_dose),
        "premedication": _plain(assessment.premedication),
        "infusion": _plain(assessment.infusion),
        "checklist": _plain(assessment.checklist),
        "monitoring": _plain(assessment.monitoring),
        "contraception": _plain(assessment.contraception),
        "dissent": _plain(assessment.dissent),
        "notes": _plain(assessment.notes),
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
    rest = {} if result is None else {"quantity": _plain(result.quantity), "collected": _plain(result.collected)}
    return {
        "analyte": str(standing.analyte),
        "need": str(standing.need),
        "standing": str(standing.standing),
        "missing": _plain(standing.missing),
        "rows": [reason.row for reason in standing.reasons],
    } | rest


_ANSWERS = {Decided: "decided", NeedsData: "needs-data", NotCovered: "not-covered"}


def _plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON can hold
    if isinstance(value, Enum):
        return value.value
    if attrs.has(type(value)):
        return _fields(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value  # a fact or a note is more than text


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any attrs value
    """The fields of a value: of an answer, all except its dissent; of any other value, those that are not empty."""
    fields = attrs.asdict(value, recurse=False)
    if type(value) in _ANSWERS:
        return {"answer": _ANSWERS[type(value)]} | {key: _plain(part) for key, part in fields.items() if key != "dissent"}
    return {key: _plain(part) for key, part in fields.items() if not _is_empty(key, part)}


def _is_empty(key: str, part: object) -> bool:
    """Whether a field says nothing. An empty list means that there is none, except for the sources of an order, which only stacks have."""
    return part is None or part == "" or (key, part) == ("sources", ())

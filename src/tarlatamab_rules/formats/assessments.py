"""An assessment as JSON."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any

import attrs

from tarlatamab_rules.answers.labs import LabStanding
from tarlatamab_rules.assessment import DISCLAIMER, DoseAssessment
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered

__all__ = ["assessment_document"]


def assessment_document(assessment: DoseAssessment) -> dict[str, Any]:
    """An assessment as an object that `json` can write: the verdict, what it rests on, and every answer."""
    return {
        "verdict": str(assessment.verdict),
        "may_give": assessment.may_give,
        "point": str(assessment.case.dose),
        "planned_start": _plain(assessment.case.planned_start),
        "rulebook": assessment.rulebook,
        "reasons": _plain(assessment.reasons),
        "missing": _plain(assessment.missing),
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
        "standings": [_standing(each) for each in assessment.standings],
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


def _standing(each: LabStanding) -> dict[str, Any]:
    """A standing with the value and the date of its result; the result itself stands among those graded."""
    rest = {} if each.result is None else {"quantity": _plain(each.result.quantity), "collected": _plain(each.result.collected)}
    return {
        "analyte": str(each.analyte),
        "need": str(each.need),
        "standing": str(each.standing),
        "missing": _plain(each.missing),
        "rows": [reason.row for reason in each.reasons],
    } | rest


_ANSWERS = {Decided: "decided", NeedsData: "needs-data", NotCovered: "not-covered"}


def _plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON can hold
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decided | NeedsData | NotCovered):
        fields = attrs.asdict(value, recurse=False)
        return {"answer": _ANSWERS[type(value)]} | {key: _plain(part) for key, part in fields.items() if key != "dissent"}
    if attrs.has(type(value)):
        fields = attrs.asdict(value, recurse=False)  # type: ignore[arg-type]  # attrs.has has just said so
        # Who asks for an instruction is told by stacks alone; of any other list, an empty one says that there is nothing.
        said = {key: part for key, part in fields.items() if part is not None and part != "" and (key, part) != ("sources", ())}
        return {key: _plain(part) for key, part in said.items()}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value  # a fact or a note is more than text

"""An assessment as text for a terminal: the verdict first, then every answer with its reason and citation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.decisions import Decided, Decision, NeedsData, Verdict
from tarlatamab_rules.questions import Instruction, LabsDue, MonitoringPlan, PremedicationPlan, ToxicityAction

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import AssessedLab, DoseAssessment
    from tarlatamab_rules.evidence import Reason

__all__ = ["assessment_text"]

_MEANING = {
    Verdict.PROCEED: "nothing in this rulebook speaks against giving the dose",
    Verdict.NEEDS_DATA: "facts are missing",
    Verdict.NEEDS_ASSESSMENT: "a clinician must assess this first",
    Verdict.WITHHOLD: "do not give this dose now",
    Verdict.EXCLUDED: "this patient is outside what the source allows",
    Verdict.DISCONTINUE: "stop the drug permanently",
}


def assessment_text(assessment: DoseAssessment) -> str:
    """The whole assessment, in lines of plain text."""
    return "\n".join(_lines(assessment))


def _lines(assessment: DoseAssessment) -> Iterator[str]:
    yield f"VERDICT: {assessment.verdict} - {_MEANING[assessment.verdict]}"
    if not assessment.may_give:
        yield from _because(assessment.reasons, readings=False)
    if assessment.missing:
        yield "MISSING"
        yield from (f"  - {fact}" for fact in assessment.missing)
    yield ""
    yield from _answer("Eligibility", assessment.eligibility)
    yield from _answer("Dose", assessment.dose)
    yield from _answer("Labs required", assessment.labs)
    yield from map(_lab, assessment.graded)
    for found in assessment.toxicities:
        grades = " or ".join(f"{grade:d}" for grade in found.grades)
        yield from _answer(f"{found.toxicity}, grade {grades} ({found.path})", found.action)
    yield from _answer("Premedication", assessment.premedication)
    yield from _answer("Monitoring", assessment.monitoring)
    if assessment.notes:
        yield "Notes"
        yield from (f"  - {note}" for note in assessment.notes)
    yield ""
    yield f"Rulebook: {assessment.rulebook}"
    yield DISCLAIMER


def _answer(title: str, decision: Decision[Any]) -> Iterator[str]:
    if isinstance(decision, Decided):
        yield from _titled(title, _value(decision.value))
    elif isinstance(decision, NeedsData):
        yield f"{title}: not decided, for want of {', '.join(decision.missing)}"
        options = [" + ".join(_value(value)) if value is not None else "the source is silent" for value in decision.possible]
        yield f"  still possible: {'; or '.join(options)}"
    else:
        yield f"{title}: not covered by this source"
    yield from _because(decision.reasons)


def _titled(title: str, lines: list[str]) -> Iterator[str]:
    if len(lines) == 1:
        yield f"{title}: {lines[0]}"
    else:
        yield f"{title}:"
        yield from (f"  * {line}" for line in lines)


def _because(reasons: Iterable[Reason], *, readings: bool = True) -> Iterator[str]:
    for reason in reasons:
        where = f"{reason.citation.source}, {reason.citation.section}" if reason.citation else "safeguard of this library"
        yield f"  {reason.says} [{reason.row}] {where}"
        if readings and reason.reading:
            yield f"    Reading: {reason.reading}"


def _lab(lab: AssessedLab) -> str:
    grades = " or ".join(f"{grade:d}" for grade in sorted(grade for grade in lab.grade.possible if grade is not None))
    return f"  {lab.result.analyte} {lab.result.quantity}, drawn {lab.result.collected}: {f'grade {grades}' if grades else 'not graded'}"


def _value(value: object) -> list[str]:
    """A value in lines for a reader."""
    if isinstance(value, PremedicationPlan):
        return [_instruction(item) for item in value.instructions]
    if isinstance(value, ToxicityAction):
        return [str(value.action).upper(), *(_instruction(item) for item in value.treatments)]
    if isinstance(value, MonitoringPlan):
        return _plan(value)
    if isinstance(value, LabsDue):
        return [", ".join(value.required)]
    return [str(value)]


def _instruction(item: Instruction) -> str:
    words: list[object] = [f"{item.modality}:", item.what]
    if item.amount is not None:
        words.append(item.amount)
    if item.or_equivalent:
        words.append("or equivalent")
    if item.route is not None:
        words.append(item.route)
    if item.duration is not None:
        words.append(f"over {item.duration}")
    if item.rate is not None:
        words.append(f"({item.rate})")
    if item.anchor is not None:
        words.append(_timing(item))
    return " ".join(map(str, words))


def _timing(item: Instruction) -> str:
    moment = str(item.anchor).replace("-", " ")
    if item.offset is None:
        return f"from {moment}"
    return f"{str(item.offset).lstrip('-')} {'before' if item.offset.low < 0 else 'after'} {moment}"


def _plan(plan: MonitoringPlan) -> list[str]:
    anchor = str(plan.anchor).replace("-", " ")
    lines = [f"observe for {plan.observe} from {anchor}" + (f", in {plan.setting}" if plan.setting else "")]
    if plan.near_care is not None:
        near = plan.near_care
        caregiver = "with a caregiver and " if near.caregiver else ""
        lines.append(f"{caregiver}within {near.within} of a medical facility for {near.hours} from {anchor}")
    return lines

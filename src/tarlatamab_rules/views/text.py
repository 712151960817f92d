"""An assessment as text for a terminal: the verdict first, then every answer with its reason and citation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered, Verdict
from tarlatamab_rules.inputs.findings import Grade
from tarlatamab_rules.views.words import as_read, at, in_words

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
    verdict, case, judged, plans = assessment.verdict, assessment.case, _judged(assessment), _plans(assessment)
    yield f"VERDICT: {verdict} - {_MEANING[verdict]}"
    yield f"{case.dose}" + (f", planned for {at(case.planned_start)}" if case.planned_start else ", planned start not known")
    if verdict not in {Verdict.PROCEED, Verdict.NEEDS_DATA}:
        yield from _because(assessment.reasons, readings=False)
    if assessment.missing:
        yield "MISSING"
        yield from (f"  - {fact}" for fact in assessment.missing)
    silent = [title for title, answer in judged + plans if isinstance(answer, NotCovered)]
    if silent:
        yield f"NOT COVERED by {assessment.rulebook}, to be checked elsewhere: {', '.join(silent)}"
    yield ""
    for title, answer in judged:
        yield from _answer(title, answer)
    for lab in assessment.graded:
        yield from _lab(lab)
    for found in assessment.toxicities:
        grades = " or ".join(f"{grade:d}" for grade in found.grades) if found.grades != tuple(Grade) else "not known"
        guards = [reason for vote in assessment.votes if vote.part == found.path for reason in vote.reasons if reason.citation is None]
        yield from _answer(f"{found.toxicity}, grade {grades} ({found.path})", found.action)
        yield from _because(reason for reason in guards if reason not in found.action.reasons)
    if verdict >= Verdict.WITHHOLD:
        yield "If the dose were given all the same:"
    for title, answer in plans:
        yield from _answer(title, answer)
    if assessment.notes:
        yield "Notes"
        yield from (f"  - {note}" for note in assessment.notes)
    yield ""
    yield f"Rulebook: {assessment.rulebook}"
    yield DISCLAIMER


def _judged(assessment: DoseAssessment) -> list[tuple[str, Decision[Any]]]:
    return [
        ("Eligibility", assessment.eligibility),
        ("Dose and interval", assessment.dose),
        ("Labs", assessment.labs),
    ]


def _plans(assessment: DoseAssessment) -> list[tuple[str, Decision[Any]]]:
    contraception = assessment.contraception
    return [
        ("Premedication", assessment.premedication),
        ("Infusion", assessment.infusion),
        ("Monitoring", assessment.monitoring),
        *([] if isinstance(contraception, NotCovered) else [("Contraception, if this dose is the last", contraception)]),
    ]


def _answer(title: str, decision: Decision[Any]) -> Iterator[str]:
    if isinstance(decision, Decided):
        yield from _titled(title, in_words(decision.value))
        yield from _because(decision.reasons)
    elif isinstance(decision, NeedsData):
        yield f"{title}: not decided, for want of {', '.join(decision.missing)}"
        options = [" + ".join(in_words(value)) if value is not None else "the source is silent" for value in decision.possible]
        yield f"  still possible: {'; or '.join(options)}"
        yield from _because(decision.reasons, may="may apply: ")
    else:
        yield f"{title}: not covered by this source"
        yield from _because(decision.reasons)


def _titled(title: str, lines: list[str]) -> Iterator[str]:
    if len(lines) == 1:
        yield f"{title}: {lines[0]}"
    else:
        yield f"{title}:"
        yield from (f"  * {line}" for line in lines)


def _because(reasons: Iterable[Reason], *, readings: bool = True, may: str = "") -> Iterator[str]:
    for reason in reasons:
        yield f"  {may}{reason.says} [{reason.row}] {reason.citation or 'safeguard of this library'}"
        if readings and reason.reading:
            yield f"    read thus: {reason.reading}"


def _lab(lab: AssessedLab) -> Iterator[str]:
    grades = " or ".join(f"{grade:d}" for grade in sorted(grade for grade in lab.grade.possible if grade is not None))
    want = f", for want of {', '.join(lab.grade.missing)}" if lab.grade.missing else ""
    drawn = f"drawn {at(lab.result.collected)}" if lab.result.collected else "not dated"
    yield f"  {lab.result.analyte} {as_read(lab.result.quantity)}, {drawn}: {f'grade {grades}{want}' if grades else 'not graded'}"
    if isinstance(lab.grade, Decided) and lab.grade.value > Grade.NONE:
        yield from (f"  {line}" for line in _because(lab.grade.reasons))

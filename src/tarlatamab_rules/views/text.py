"""An assessment as text for a terminal: the verdict first, then every answer with its reason and citation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tarlatamab_rules.answers.prose import as_read, at, dissent_in_words, in_words
from tarlatamab_rules.answers.words import Standing
from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered, Verdict
from tarlatamab_rules.inputs.findings import Grade

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import AssessedLab, AssessedToxicity, DoseAssessment
    from tarlatamab_rules.evidence import Reason
    from tarlatamab_rules.inputs.labs import LabResult

__all__ = ["assessment_text"]

_MEANING = {
    Verdict.PROCEED: "nothing in this rulebook speaks against giving the dose",
    Verdict.NEEDS_DATA: "facts are missing",
    Verdict.NEEDS_ASSESSMENT: "a clinician must assess this first",
    Verdict.WITHHOLD: "do not give this dose now",
    Verdict.EXCLUDED: "this patient is outside what the source allows",
    Verdict.DISCONTINUE: "stop the drug permanently",
}


_NEXT_HOURS, _SEE = "with the next dose: observe", " - for the planned dose, see Monitoring"


def assessment_text(assessment: DoseAssessment) -> str:
    """The whole assessment, in lines of plain text."""
    return "\n".join(_lines(assessment))


def _lines(assessment: DoseAssessment) -> Iterator[str]:
    yield from _head(assessment)
    yield ""
    for title, answer in _judged(assessment):
        yield from _answer(title, answer)
    for lab in assessment.graded:
        yield from _lab(lab)
    guards, told = _guards(assessment), _told(assessment)
    for found in assessment.toxicities:
        yield from (f"{line}{_SEE}" if _NEXT_HOURS in line else line for line in _answer(_named(found), found.action))
        yield from _because(reason for reason in guards.get(found.path, ()) if reason not in found.action.reasons)
        yield from (f"  ! {note.removeprefix(f'{found.path}: ')}" for note in told.pop(found.path, ()))
    yield from _given(assessment)
    if told:
        yield "Notes"
        yield from (f"  - {note}" for notes in told.values() for note in notes)
    yield ""
    yield f"Rulebook: {assessment.rulebook}"
    yield DISCLAIMER


def _head(assessment: DoseAssessment) -> Iterator[str]:
    """What must be read first: the verdict, what it rests on, what is missing, what is not answered."""
    verdict, case = assessment.verdict, assessment.case
    yield f"VERDICT: {verdict} - {_MEANING[verdict]}"
    yield f"{case.dose}" + (f", planned for {at(case.planned_start)}" if case.planned_start else ", planned start not known")
    if isinstance(assessment.next_dose, Decided) and verdict < Verdict.WITHHOLD:
        yield f"  due: {'; '.join(in_words(assessment.next_dose.value))}"
    if verdict not in {Verdict.PROCEED, Verdict.NEEDS_DATA}:
        found = {each.path: each for each in assessment.toxicities}
        for vote in assessment.votes:
            if vote.verdict is verdict:
                toxicity = found.get(vote.part)
                yield from (f"  {_named(each)}" for each in (toxicity,) if each is not None)
                open_ = toxicity is not None and isinstance(toxicity.action, NeedsData)
                yield from _because(vote.reasons, readings=False, may="may apply: " if open_ else "")
    if assessment.missing:
        yield "MISSING"
        yield from (f"  - {fact}{_at_hand(fact, assessment)}" for fact in assessment.missing)
    silent = [title for title, answer in _judged(assessment) + _plans(assessment) if isinstance(answer, NotCovered)]
    silent += [
        _named(found)
        for found in assessment.toxicities
        if isinstance(found.action, NotCovered) and max(found.grades, default=Grade.NONE) > Grade.NONE
    ]
    if silent:
        yield f"NOT COVERED by {assessment.rulebook}, to be checked elsewhere: {', '.join(silent)}"


def _given(assessment: DoseAssessment) -> Iterator[str]:
    """What goes with the dose."""
    if assessment.verdict >= Verdict.WITHHOLD:
        yield "If the dose were given all the same:"
    elif assessment.verdict is not Verdict.PROCEED:
        yield "Only if the dose is cleared:"
    for title, answer in _plans(assessment):
        yield from _answer(title, answer)


_SOME = frozenset(Grade) - {Grade.NONE}


def _named(found: AssessedToxicity) -> str:
    if not found.grades:
        return f"{found.toxicity} ({found.path})"
    grades = "not known" if set(found.grades) >= _SOME else " or ".join(f"{grade:d}" for grade in found.grades)
    return f"{found.toxicity}, grade {grades} ({found.path})"


def _guards(assessment: DoseAssessment) -> dict[str, list[Reason]]:
    """The safeguards behind the vote of each part."""
    guards: dict[str, list[Reason]] = {}
    for vote in assessment.votes:
        guards.setdefault(vote.part, []).extend(reason for reason in vote.reasons if reason.citation is None)
    return guards


def _told(assessment: DoseAssessment) -> dict[str, list[str]]:
    """The notes, those on an event under its path, the others together."""
    paths = {found.path for found in assessment.toxicities if found.path.startswith("events")}
    told: dict[str, list[str]] = {}
    for note in assessment.notes:
        path = note.partition(":")[0]
        told.setdefault(path if path in paths else "", []).append(note)
    return told


def _at_hand(fact: str, assessment: DoseAssessment) -> str:
    """The results at hand that cannot stand for one that is missing, each with why."""
    settled = {Standing.COUNTS, Standing.REPLACED}
    found = [
        f"{as_read(each.result.quantity)}, {_drawn(each.result)}: {each.standing}"
        for each in assessment.standings
        if f"{fact}.".startswith(f"labs.{each.analyte}.") and each.result is not None and each.standing not in settled
    ]
    return f" ({'; '.join(found)})" if found else ""


def _judged(assessment: DoseAssessment) -> list[tuple[str, Decision[Any]]]:
    return [
        ("Eligibility", assessment.eligibility),
        ("Dose and interval", assessment.dose),
        *([("Next dose", assessment.next_dose)] if not isinstance(assessment.next_dose, NotCovered) else []),
        ("Labs", assessment.labs),
    ]


def _plans(assessment: DoseAssessment) -> list[tuple[str, Decision[Any]]]:
    last = "after the last dose given" if assessment.verdict >= Verdict.WITHHOLD else "if this dose is the last"
    wanted = not isinstance(assessment.contraception, NotCovered) and not (
        assessment.verdict >= Verdict.WITHHOLD and isinstance(assessment.contraception, NeedsData)
    )
    return [
        ("Premedication", assessment.premedication),
        ("Infusion", assessment.infusion),
        ("Monitoring", assessment.monitoring),
        *([("Checklist", assessment.checklist)] if not isinstance(assessment.checklist, NotCovered) else []),
        *([(f"Contraception, {last}", assessment.contraception)] if wanted else []),
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
    yield from (f"  DISSENT {line}" for line in dissent_in_words(decision))


def _titled(title: str, lines: list[str]) -> Iterator[str]:
    if len(lines) == 1:
        yield f"{title}: {lines[0]}"
    else:
        yield f"{title}:"
        yield from (f"  * {line}" for line in lines)


def _because(reasons: Iterable[Reason], *, readings: bool = True, may: str = "") -> Iterator[str]:
    for reason in reasons:
        yield f"  {may}{reason.says} [{reason.row}] {reason.citation or 'safeguard of this library'}"
        if reason.unsettled:
            yield f"    not settled: {reason.unsettled}"
        if readings and reason.reading:
            yield f"    read thus: {reason.reading}"


def _lab(lab: AssessedLab) -> Iterator[str]:
    grades = " or ".join(f"{grade:d}" for grade in sorted(grade for grade in lab.grade.possible if grade is not None))
    want = f", for want of {', '.join(lab.grade.missing)}" if lab.grade.missing else ""
    graded = f"grade {grades}{want}" if grades else "not graded"
    yield f"  {lab.result.analyte} {as_read(lab.result.quantity)}, {_drawn(lab.result)}: {graded}"
    if isinstance(lab.grade, Decided) and lab.grade.value > Grade.NONE:
        yield from (f"  {line}" for line in _because(lab.grade.reasons))


def _drawn(result: LabResult) -> str:
    return f"drawn {at(result.collected)}" if result.collected else "not dated"

"""The report of an assessment: the verdict first, then every answer with its reasons, whatever it is printed as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from tarlatamab_rules.answers.vocabulary import Standing
from tarlatamab_rules.answers.wording import as_read, at, in_words
from tarlatamab_rules.assessment import DISCLAIMER, AssessedLab, AssessedToxicity, DoseAssessment
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered, Verdict, union
from tarlatamab_rules.core.evidence import caveats_of
from tarlatamab_rules.core.paths import Fact, as_fact
from tarlatamab_rules.inputs.vocabulary import Grade, Scale
from tarlatamab_rules.views.blocks import Because, Part, because, drawn, part, plan

if TYPE_CHECKING:
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.core.paths import Note

__all__ = ["Report", "lab_part", "report", "toxicity_part"]

_MEANING: Final = {
    Verdict.PROCEED: "nothing in this rulebook speaks against giving the dose",
    Verdict.NEEDS_DATA: "facts are missing",
    Verdict.NEEDS_ASSESSMENT: "a clinician must assess this first",
    Verdict.WITHHOLD: "do not give this dose now",
    Verdict.EXCLUDED: "this patient is outside what the source allows",
    Verdict.DISCONTINUE: "stop the drug permanently",
}


@frozen
class Report:
    """An assessment, as it is printed.

    Attributes:
        verdict: The verdict.

        meaning: What it means.

        dose: The planned dose.

        due: What would be due, where it may be given.

        grounds: Why the verdict is what it is.

        missing: The facts that are missing, each with the results at hand that cannot stand for it.

        silent: What the book does not cover.

        judged: What bears on the verdict.

        condition: On what the plans depend; empty where the dose may be given.

        plans: What goes with the dose.

        notes: What a reader must know beside the verdict.

        rulebook: The book that answered.

        disclaimer: What this is not.
    """

    verdict: Verdict
    meaning: str
    dose: str
    due: tuple[str, ...]
    grounds: tuple[Part, ...]
    missing: tuple[str, ...]
    silent: tuple[str, ...]
    judged: tuple[Part, ...]
    condition: str
    plans: tuple[Part, ...]
    notes: tuple[str, ...]
    rulebook: str
    disclaimer: str = DISCLAIMER


def report(assessment: DoseAssessment) -> Report:
    """The report of an assessment."""
    verdict, case = assessment.verdict, assessment.case
    judged, course, plans, told = _judged(assessment), _course(assessment), _plans(assessment), _told(assessment)
    if verdict < Verdict.WITHHOLD or assessment.dose.possible != (Verdict.PROCEED,):
        judged[1:1] = course
    else:  # that a dose would be due must not be read before that it is not to be given
        plans[:0] = course
    toxicities = [_at_the_dose(found, assessment, told.pop(found.path, ())) for found in assessment.toxicities]
    silent = [each.title for each in (*judged, *plans) if each.kind == "not-covered"]
    silent += [
        _named(found)
        for found in assessment.toxicities
        if isinstance(found.action, NotCovered) and max(found.grades, default=Grade.NONE) > Grade.NONE
    ]
    may_be_due = isinstance(assessment.next_dose, Decided) and verdict < Verdict.WITHHOLD
    return Report(
        verdict=verdict,
        meaning=_MEANING[verdict],
        dose=f"{case.dose}, planned for {at(case.planned_start)}" if case.planned_start else f"{case.dose}, planned start not known",
        due=tuple(in_words(assessment.next_dose.possible[0])) if may_be_due else (),
        grounds=tuple(_grounds(assessment)),
        missing=tuple(f"{fact}{_at_hand(fact, assessment)}" for fact in assessment.missing),
        silent=tuple(silent),
        judged=(*judged, *map(lab_part, assessment.graded), *toxicities),
        condition=_condition(verdict),
        plans=tuple(plans),
        notes=tuple(str(note) for notes in told.values() for note in notes),
        rulebook=assessment.rulebook,
    )


def _condition(verdict: Verdict) -> str:
    if verdict >= Verdict.WITHHOLD:
        return "If the dose were given all the same:"
    return "" if verdict is Verdict.PROCEED else "Only if the dose is cleared:"


def _grounds(assessment: DoseAssessment) -> Iterator[Part]:
    """The votes that the verdict comes from, each with its reasons; how they were read is told below.

    Where facts are missing, what the sources say of them is told below as well, and the safeguards are told here.
    """
    verdict, found = assessment.verdict, {each.path: each for each in assessment.toxicities}
    votes = [vote for vote in assessment.votes if vote.verdict is verdict > Verdict.PROCEED]
    if verdict is Verdict.NEEDS_DATA:
        reasons = union(vote.reasons for vote in votes if vote.part not in found)
        guards = [reason for reason in reasons if reason.citation is None]
        yield Part("", why=because(guards), caveats=caveats_of(guards))
        return
    for vote in votes:
        toxicity = found.get(vote.part)
        may = toxicity is not None and isinstance(toxicity.action, NeedsData)
        why = _shortened(vote.reasons) if may else because(vote.reasons)
        title, caveats = "" if toxicity is None else _named(toxicity), caveats_of(vote.reasons)
        yield Part(title, why=tuple(evolve(each, reading="") for each in why), caveats=caveats)


def _shortened(reasons: tuple[Reason, ...]) -> tuple[Because, ...]:
    """Reasons that may apply; where a scale leaves many grades open, its rows are told below, and named in one line here."""
    of_scale = [each for each in reasons if each.citation is not None and each.citation.source in _SCALES]
    if len(of_scale) <= _FEW:
        return because(reasons, may=True)
    scales = dict.fromkeys(each.citation.source for each in of_scale if each.citation is not None)
    rows = ", ".join(each.row for each in of_scale)
    open_ = Because("The grade is open between rows of its scale, see below.", rows, ", ".join(scales), may=True)
    return (*because((each for each in reasons if each not in of_scale), may=True), open_)


_SCALES: Final = frozenset(map(str, Scale))
_FEW = 3
"""So many rows of a scale are told one by one, also at the head of a report."""


def _judged(assessment: DoseAssessment) -> list[Part]:
    return [part("Eligibility", assessment.eligibility), part("Labs", assessment.labs)]


def _course(assessment: DoseAssessment) -> list[Part]:
    next_dose = assessment.next_dose
    return [
        part("Dose and interval", assessment.dose),
        *([part("Next dose", next_dose)] if not isinstance(next_dose, NotCovered) else []),
    ]


def _plans(assessment: DoseAssessment) -> list[Part]:
    last = "after the last dose given" if assessment.verdict >= Verdict.WITHHOLD else "if this dose is the last"
    wanted = not isinstance(assessment.contraception, NotCovered) and not (
        assessment.verdict >= Verdict.WITHHOLD and isinstance(assessment.contraception, NeedsData)
    )
    checklist = plan("Checklist", assessment.checklist)
    return [
        plan("Premedication", assessment.premedication),
        plan("Infusion", assessment.infusion),
        plan("Monitoring", assessment.monitoring),
        *([checklist] if checklist.notes or not isinstance(assessment.checklist, NotCovered) else []),
        *([part(f"Contraception, {last}", assessment.contraception)] if wanted else []),
    ]


# --- results and toxicities ---


def lab_part(lab: AssessedLab) -> Part:
    """A result that counts, with its grade, and why where it is a grade of concern."""
    grades = " or ".join(f"{grade:d}" for grade in sorted(grade for grade in lab.grade.possible if grade is not None))
    want = f", for want of {', '.join(lab.grade.missing)}" if lab.grade.missing else ""
    graded = f"grade {grades}{want}" if grades else "not graded"
    of_concern = isinstance(lab.grade, Decided) and lab.grade.value > Grade.NONE
    title = f"{lab.result.analyte} {as_read(lab.result.quantity)}, {drawn(lab.result)}"
    return Part(title, "result", (graded,), why=because(lab.grade.reasons) if of_concern else (), caveats=lab.grade.caveats)


def toxicity_part(found: AssessedToxicity) -> Part:
    """A toxicity, with what it obliges one to do."""
    return part(_named(found), found.action)


_SOME = frozenset(Grade) - {Grade.NONE}
_SEE = " - for the planned dose, see Monitoring"
"""What is said of the next dose is what the toxicity adds to it; all that stands for the planned one is told with its monitoring."""


def _named(found: AssessedToxicity) -> str:
    if not found.grades:
        return f"{found.toxicity} ({found.path})"
    grades = "not known" if set(found.grades) >= _SOME else " or ".join(f"{grade:d}" for grade in found.grades)
    return f"{found.toxicity}, grade {grades} ({found.path})"


def _at_the_dose(found: AssessedToxicity, assessment: DoseAssessment, told: Sequence[Note]) -> Part:
    """A toxicity in a report: with the safeguards behind its vote, its notes, and where the hours of the planned dose stand."""
    toxicity = part(_named(found), found.action, _SEE)
    votes = [vote for vote in assessment.votes if vote.part == found.path]
    guards: list[Reason] = [
        reason for vote in votes for reason in vote.reasons if reason.citation is None and reason not in found.action.reasons
    ]
    return evolve(
        toxicity,
        why=(*toxicity.why, *because(guards)),
        caveats=union((toxicity.caveats, caveats_of(guards))),
        notes=tuple(note.says for note in told),
    )


def _told(assessment: DoseAssessment) -> dict[str, list[Note]]:
    """The notes, those on an event under its path, the others together."""
    events = {found.path for found in assessment.toxicities if as_fact(found.path).part == "events"}
    told: dict[str, list[Note]] = {}
    for note in assessment.notes:
        told.setdefault(note.about if note.about in events else "", []).append(note)
    return told


def _at_hand(fact: str, assessment: DoseAssessment) -> str:
    """The results at hand that cannot stand for one that is missing, each with why."""
    settled = {Standing.COUNTS, Standing.REPLACED}
    found = [
        f"{as_read(each.result.quantity)}, {drawn(each.result)}: {each.standing}"
        for each in assessment.standings
        if as_fact(fact).item == Fact("labs", each.analyte) and each.result is not None and each.standing not in settled
    ]
    return f" ({'; '.join(found)})" if found else ""

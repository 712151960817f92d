"""The report of an assessment: the verdict first, then every answer with its reasons. Text, HTML and Markdown print it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from tarlatamab_rules.assessment import DISCLAIMER, AssessedLab, AssessedToxicity, DoseAssessment
from tarlatamab_rules.assessment.screen import MEANING
from tarlatamab_rules.assessment.screen.blocks import is_of_scale
from tarlatamab_rules.assessment.screen.settling import asked
from tarlatamab_rules.assessment.words import fact_in_words, grades_in_words, listed, part_in_words
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered, Verdict, union
from tarlatamab_rules.core.evidence import caveats_of
from tarlatamab_rules.core.paths import as_fact
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import as_read, at, in_words
from tarlatamab_rules.views.blocks import Because, Part, because, drawn, part, plan

if TYPE_CHECKING:
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.core.paths import Note
    from tarlatamab_rules.inputs.case import Case

__all__ = ["Report", "lab_part", "report", "toxicity_part"]


@frozen
class Report:
    """An assessment, as it is printed.

    Attributes:
        verdict: The verdict.

        meaning: What it means.

        dose: The planned dose.

        due: What would be due, if it may be given.

        grounds: Why the verdict is what it is.

        missing: The facts that are missing. A missing result lists the available results that do not count.

        silent: What the book does not cover.

        judged: What bears on the verdict.

        condition: What the plans depend on; empty if the dose may be given.

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
    judged, course, plans, notes = _judged(assessment), _course(assessment), _plans(assessment), _notes(assessment)
    if verdict < Verdict.WITHHOLD or assessment.dose.possible != (Verdict.PROCEED,):
        judged[1:1] = course
    else:  # a reader must learn that the dose is not given before reading that one would be due
        plans[:0] = course
    toxicities = [_at_the_dose(toxicity, assessment, notes.pop(toxicity.path, ())) for toxicity in assessment.toxicities]
    return Report(
        verdict=verdict,
        meaning=MEANING[verdict],
        dose=f"{case.point}, planned for {at(case.planned_start)}" if case.planned_start else f"{case.point}, planned start not known",
        due=_due(assessment),
        grounds=tuple(_grounds(assessment)),
        missing=tuple(asked(fact, assessment) for fact in assessment.missing),
        silent=(*(part.title for part in (*judged, *plans) if part.kind == "not-covered"), *_silent_toxicities(assessment)),
        judged=(*judged, *map(lab_part, assessment.graded), *toxicities),
        condition=_condition(verdict),
        plans=tuple(plans),
        notes=tuple(str(note) for of_part in notes.values() for note in of_part),
        rulebook=assessment.rulebook,
    )


def _due(assessment: DoseAssessment) -> tuple[str, ...]:
    """What would be due; empty if the dose may not be given."""
    may_be_due = isinstance(assessment.next_dose, Decided) and assessment.verdict < Verdict.WITHHOLD
    return tuple(in_words(assessment.next_dose.possible[0])) if may_be_due else ()


def _silent_toxicities(assessment: DoseAssessment) -> Iterator[str]:
    """The toxicities that the book does not cover."""
    for toxicity in assessment.toxicities:
        if isinstance(toxicity.action, NotCovered) and max(toxicity.grades, default=Grade.NONE) > Grade.NONE:
            yield _named(toxicity, assessment.case)


def _condition(verdict: Verdict) -> str:
    if verdict >= Verdict.WITHHOLD:
        return "If the dose is given anyway:"
    return "" if verdict is Verdict.PROCEED else "Only if the dose is cleared:"


def _grounds(assessment: DoseAssessment) -> Iterator[Part]:
    """The votes that the verdict comes from, each with its reasons. Their interpretation is printed further below.

    If facts are missing, only the safeguards are printed here. What the sources say of these facts is printed further below as well.
    """
    toxicities = {toxicity.path: toxicity for toxicity in assessment.toxicities}
    votes = [vote for vote in assessment.votes if vote.verdict is assessment.verdict > Verdict.PROCEED]
    if assessment.verdict is Verdict.NEEDS_DATA:
        reasons = union(vote.reasons for vote in votes if vote.part not in toxicities)
        guards = [reason for reason in reasons if reason.citation is None]
        yield Part("", why=because(guards), caveats=caveats_of(guards))
    else:
        yield from (_ground(vote.reasons, toxicities.get(vote.part), assessment.case) for vote in votes)


def _ground(reasons: tuple[Reason, ...], toxicity: AssessedToxicity | None, case: Case) -> Part:
    """The reasons of one vote; *toxicity* is what it is about, if it is about one."""
    may = toxicity is not None and isinstance(toxicity.action, NeedsData)
    why = _shortened(reasons) if may else because(reasons)
    title = "" if toxicity is None else _named(toxicity, case)
    return Part(title, why=tuple(evolve(reason, interpretation="") for reason in why), caveats=caveats_of(reasons))


def _shortened(reasons: tuple[Reason, ...]) -> tuple[Because, ...]:
    """Reasons that may apply. If a scale leaves many grades open, its rows are printed further below, and in one line here."""
    of_scale = {reason: reason.citation.source for reason in reasons if reason.citation is not None and is_of_scale(reason)}
    if len(of_scale) <= _FEW:
        return because(reasons, may=True)
    rows, scales = ", ".join(reason.row for reason in of_scale), ", ".join(dict.fromkeys(of_scale.values()))
    open_ = Because("The grade is open between rows of its scale, see below.", rows, scales, may=True)
    return (*because((reason for reason in reasons if reason not in of_scale), may=True), open_)


_FEW = 3
"""So many rows of a scale are listed one by one, even at the head of a report."""


def _judged(assessment: DoseAssessment) -> list[Part]:
    return [part("Eligibility", assessment.eligibility, case=assessment.case), part("Labs", assessment.labs, case=assessment.case)]


def _course(assessment: DoseAssessment) -> list[Part]:
    next_dose = assessment.next_dose
    return [
        part("Dose and interval", assessment.dose, case=assessment.case),
        *([part("Next dose", next_dose, case=assessment.case)] if not isinstance(next_dose, NotCovered) else []),
    ]


def _plans(assessment: DoseAssessment) -> list[Part]:
    last = "after the last dose given" if assessment.verdict >= Verdict.WITHHOLD else "if this dose is the last"
    wanted = not isinstance(assessment.contraception, NotCovered) and not (
        assessment.verdict >= Verdict.WITHHOLD and isinstance(assessment.contraception, NeedsData)
    )
    checklist = plan("Checklist", assessment.checklist, assessment.case)
    return [
        plan("Premedication", assessment.premedication, assessment.case),
        plan("Infusion", assessment.infusion, assessment.case),
        plan("Monitoring", assessment.monitoring, assessment.case),
        *([checklist] if checklist.notes or not isinstance(assessment.checklist, NotCovered) else []),
        *([part(f"Contraception, {last}", assessment.contraception, case=assessment.case)] if wanted else []),
    ]


# --- results and toxicities ---


def lab_part(lab: AssessedLab) -> Part:
    """A result that counts, with its grade. Its reasons are added if the grade is above 0."""
    grades = " or ".join(f"{grade:d}" for grade in sorted(grade for grade in lab.grade.possible if grade is not None))
    want = f"; missing: {listed(map(fact_in_words, lab.grade.missing))}" if lab.grade.missing else ""
    graded = f"grade {grades}{want}" if grades else "not graded"
    of_concern = isinstance(lab.grade, Decided) and lab.grade.value > Grade.NONE
    title = f"{named(lab.result.analyte)} {as_read(lab.result.quantity)}, {drawn(lab.result)}"
    return Part(title, "result", (graded,), why=because(lab.grade.reasons) if of_concern else (), caveats=lab.grade.caveats)


def toxicity_part(toxicity: AssessedToxicity) -> Part:
    """A toxicity, with what to do about it."""
    return part(_named(toxicity), toxicity.action)


_SEE = " - for the planned dose, see Monitoring"
"""A toxicity lists only what it adds to the next dose. Everything for the planned dose is listed under its monitoring."""


def _named(toxicity: AssessedToxicity, case: Case | None = None) -> str:
    name = named(toxicity.toxicity) if as_fact(toxicity.path).part != "events" else part_in_words(toxicity.path, case)
    return f"{name}, {grades_in_words(toxicity.grades)}" if toxicity.grades else name


def _at_the_dose(toxicity: AssessedToxicity, assessment: DoseAssessment, notes: Sequence[Note]) -> Part:
    """A toxicity in a report: with the safeguards behind its vote, its notes, and where the hours of the planned dose are listed."""
    action = part(_named(toxicity, assessment.case), toxicity.action, _SEE, assessment.case)
    reasons = [reason for vote in assessment.votes if vote.part == toxicity.path for reason in vote.reasons]
    guards = [reason for reason in reasons if reason.citation is None and reason not in toxicity.action.reasons]
    return evolve(
        action,
        why=(*action.why, *because(guards)),
        caveats=union((action.caveats, caveats_of(guards))),
        notes=tuple(note.says for note in notes),
    )


def _notes(assessment: DoseAssessment) -> dict[str, list[Note]]:
    """The notes on an event under its path, all others under an empty path."""
    events = {toxicity.path for toxicity in assessment.toxicities if as_fact(toxicity.path).part == "events"}
    notes: dict[str, list[Note]] = {}
    for note in assessment.notes:
        notes.setdefault(note.about if note.about in events else "", []).append(note)
    return notes

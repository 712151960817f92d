"""How toxicities and laboratory results vote on a dose.

The action is resolved over every grade that is still possible, not the grade first: neutropenia of grade 3 or 4 withholds either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, product
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.decisions import Decision, DoseAction, NotCovered, Verdict
from tarlatamab_rules.errors import ContradictionError, FieldError
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import Grade, Toxicity, ToxicityEvent
from tarlatamab_rules.questions import LAB_TOXICITY, TOXICITY_ACTION, ToxicityAction
from tarlatamab_rules.rules.grading import grade_lab, span_of
from tarlatamab_rules.rules.laboratory import counting
from tarlatamab_rules.rules.toxicity import effective_grade, recurs, toxicity_action
from tarlatamab_rules.tables import matters

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook

_BY_ACTION: Final[Mapping[DoseAction, Verdict]] = {
    DoseAction.CONTINUE: Verdict.PROCEED,
    DoseAction.WITHHOLD: Verdict.WITHHOLD,
    DoseAction.DISCONTINUE: Verdict.DISCONTINUE,
}
_SEVERE = Reason("guard/severe", "Grade 3 or worse, and the rulebook does not say what to do: a clinician must assess it.")
_OUTSIDE = Reason("guard/not-graded", "Outside its limits of normal, and no scale here grades it yet: a clinician must assess it.")
_NOT_AT_HAND = Reason("guard/labs", "A result that the rulebook requires before each dose is not at hand.")
_NOT_SETTLED = Reason("guard/labs-dates", "Whether the result was drawn after the previous dose, and before this one, is not known.")


@frozen
class Vote:
    """What one part of an assessment makes of the dose.

    Attributes:
        part: The part, as ``eligibility``, ``labs.neutrophils`` or ``events[0]``.

        verdict: What it obliges. Where facts are missing: the mildest verdict still possible, and at least needs-data for a fact that
            is required.

        missing: The facts it lacks, by their path in the case.

        reasons: Why.
    """

    part: str
    verdict: Verdict
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@frozen
class AssessedToxicity:
    """A toxicity that the case reports, or that a laboratory result shows.

    Attributes:
        path: Where it comes from, as ``events[0]`` or ``labs.neutrophils``.

        toxicity: What it is.

        grades: The grades it may have.

        action: What it obliges one to do.
    """

    path: str
    toxicity: Toxicity
    grades: tuple[Grade, ...]
    action: Decision[ToxicityAction]


@frozen
class AssessedLab:
    """A laboratory result that counts for the dose.

    Attributes:
        result: The result.

        grade: Its grade by the scale that the rulebook reads.
    """

    result: LabResult
    grade: Decision[Grade]


@frozen
class Judged:
    """What a part of the case adds to an assessment."""

    votes: tuple[Vote, ...]
    toxicities: tuple[AssessedToxicity, ...] = ()
    labs: tuple[AssessedLab, ...] = ()
    notes: tuple[str, ...] = ()


_Outcomes = dict[tuple[int, ...], Verdict]


def _outcomes(
    toxicity: Toxicity,
    grades: Iterable[Grade],
    overs: Iterable[bool],
    recurrent: bool | None,  # noqa: FBT001  # a fact
    book: Rulebook,
) -> _Outcomes:
    """The verdict of every grade and status that a toxicity may have; none where it cannot have any of them."""
    table = book[TOXICITY_ACTION]
    outcomes: _Outcomes = {}
    for grade, over in product(grades, overs):
        try:
            answer = table(toxicity, grade, over, recurrent)
        except ContradictionError:
            continue
        outcomes[grade, over] = min(_verdict(action, grade) for action in answer.possible)
    return outcomes


def _verdict(action: ToxicityAction | None, grade: Grade) -> Verdict:
    if action is not None:
        return _BY_ACTION[action.action]
    return Verdict.NEEDS_ASSESSMENT if grade >= Grade.SEVERE else Verdict.PROCEED


def _floored(outcomes: _Outcomes) -> Verdict:
    """The mildest verdict, and needs-data at least where they differ."""
    mildest = min(outcomes.values())
    return mildest if len(set(outcomes.values())) == 1 else max(Verdict.NEEDS_DATA, mildest)


def judge_events(events: Sequence[ToxicityEvent], book: Rulebook) -> Judged:
    """The reported toxicities, each with its vote."""
    votes, found = [], []
    for n, event in enumerate(events):
        path = f"events[{n}]"
        grade, _ = effective_grade(event, book)
        grades = tuple(Grade) if grade is None else tuple(sorted(grade)) if isinstance(grade, frozenset) else (grade,)
        overs = (True, False) if event.over is None else (event.over,)
        outcomes = _outcomes(event.toxicity, grades, overs, recurs(event, events), book)
        if not outcomes:
            raise FieldError(f"{path}.grade", f"{event.toxicity} has no grade {grades[0]:d}", "report the event that the patient died of")
        action = toxicity_action(event, history=events, rulebook=book)
        missing = tuple(f"{path}.{fact}" for axis, fact in enumerate(("grade", "status")) if matters(axis, outcomes))
        verdict = _floored(outcomes)
        votes.append(Vote(path, verdict, missing, action.reasons + _severe(verdict)))
        found.append(AssessedToxicity(path, event.toxicity, grades, action))
    return Judged(tuple(votes), tuple(found))


def judge_labs(case: Case, required: frozenset[Analyte], book: Rulebook) -> Judged:
    """The laboratory results that count for the dose, and those that are required and missing."""
    certain, unsettled = counting(case)
    parts = [_latest(result, book, required=result.analyte in required) for result in certain]
    for analyte in Analyte:
        undated = [result for result in unsettled if result.analyte is analyte]
        if undated:
            parts.append(_undated(analyte, tuple(dict.fromkeys(_unsettled(result, case) for result in undated)), required))
        elif analyte in required and not any(result.analyte is analyte for result in certain):
            path = f"labs.{analyte}"
            parts.append(Judged((Vote(path, Verdict.NEEDS_DATA, (path,), (_NOT_AT_HAND,)),)))
    aside = len(case.labs or ()) - len(certain) - len(unsettled)
    if aside:
        note = f"labs: {aside} not used, drawn before the previous dose, after the planned start, or followed by a later result."
        parts.append(Judged((), notes=(note,)))
    return Judged(*(tuple(chain.from_iterable(getattr(part, kind) for part in parts)) for kind in ("votes", "toxicities", "labs", "notes")))


def _latest(result: LabResult, book: Rulebook, *, required: bool) -> Judged:
    path = f"labs.{result.analyte}"
    grade = grade_lab(result, rulebook=book.lab_scale)
    if isinstance(grade, NotCovered):
        return _ungraded(path, AssessedLab(result, grade))
    grades = tuple(sorted(value for value in grade.possible if value is not None))
    toxicity = LAB_TOXICITY.get(result.analyte, Toxicity.OTHER)
    outcomes = _outcomes(toxicity, grades, (False,), None, book)
    action = book[TOXICITY_ACTION](toxicity, frozenset(grades), False, None)  # noqa: FBT003  # the fact that it is not over
    missing = tuple(f"{path}.{fact}" for fact in grade.missing) if matters(0, outcomes) else ()
    verdict = _floored(outcomes) if required else min(outcomes.values())
    vote = Vote(path, verdict, missing if required else (), grade.reasons + action.reasons + _severe(verdict))
    note = f"{path}: grade {' or '.join(f'{value:d}' for value in grades)}, for want of {', '.join(missing)}."
    shown = grades[0] > Grade.NONE or not isinstance(action, NotCovered)
    return Judged(
        (vote,),
        (AssessedToxicity(path, toxicity, grades, action),) if shown else (),
        (AssessedLab(result, grade),),
        (note,) if missing and not required else (),
    )


def _severe(verdict: Verdict) -> tuple[Reason, ...]:
    return (_SEVERE,) if verdict is Verdict.NEEDS_ASSESSMENT else ()


def _ungraded(path: str, lab: AssessedLab) -> Judged:
    """A result is looked at by its limits where no scale grades it: outside is for a clinician, inside is well, and the rest is noted."""
    value, low, high = span_of(lab.result.quantity), lab.result.lower_limit, lab.result.upper_limit
    if (low is not None and value.stop <= low.value) or (high is not None and value.start > high.value):
        return Judged((Vote(path, Verdict.NEEDS_ASSESSMENT, (), (_OUTSIDE,)),), labs=(lab,))
    if low is not None and high is not None and low.value <= value.low and value.high <= high.value:
        return Judged((), labs=(lab,))
    return Judged((), labs=(lab,), notes=(f"{path}: not graded, since no scale here has rows for it yet. Look at it.",))


def _undated(analyte: Analyte, missing: tuple[str, ...], required: frozenset[Analyte]) -> Judged:
    path = f"labs.{analyte}"
    if analyte in required:
        return Judged((Vote(path, Verdict.NEEDS_DATA, missing, (_NOT_SETTLED,)),))
    return Judged((), notes=(f"{path}: a result was left aside for want of {', '.join(missing)}.",))


def _unsettled(result: LabResult, case: Case) -> str:
    """The fact for want of which it is not known whether a result counts."""
    if result.collected is None:
        return f"labs.{result.analyte}.collected"
    if case.course is None:
        return "course"
    last = case.course.last
    return f"labs.{result.analyte}.collected" if last and (last.ended or last.started) else "course.started"

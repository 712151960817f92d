"""How toxicities and laboratory results vote on a dose.

The action is resolved over every grade that is still possible, not the grade first: neutropenia of grade 3 or 4 withholds either way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from tarlatamab_rules.answers import LabNeed, LabStanding, Standing, ToxicityAction
from tarlatamab_rules.decisions import Decided, Decision, DoseAction, NotCovered, Verdict
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import day, earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import EventStatus, Grade, NeuroFindings, Toxicity, ToxicityEvent, grades_of
from tarlatamab_rules.questions import LAB_DURING_CRS, LAB_TOXICITY, TOXICITY_ACTION
from tarlatamab_rules.rules.grading import grade_lab, is_above, is_below
from tarlatamab_rules.rules.toxicity import action_of, effective_grade, ice_assessment, recurs
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
_SEVERE = Reason("guard/severe", "At grade 3 or worse, where the rulebook does not say what to do, a clinician must assess it.")
_LEFT_OPEN = Reason("guard/not-graded", "The scale leaves the grade of this result open: a clinician must assess it.")
_NOT_AT_HAND = Reason("guard/labs", "A result that the rulebook requires before each dose is not at hand.")
_AFTER = Reason("guard/labs-after", "A result of after the planned start would speak against the dose: a clinician must assess it.")
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


def floored(verdicts: Collection[Verdict]) -> Verdict:
    """Of the verdicts that are still possible, the mildest; and needs-data at least where they differ."""
    mildest = min(verdicts)
    return mildest if len(set(verdicts)) == 1 else max(Verdict.NEEDS_DATA, mildest)


def _outcomes(
    toxicity: Toxicity,
    grades: Iterable[Grade],
    overs: Iterable[bool],
    recurrent: bool | None,  # noqa: FBT001  # a fact
    book: Rulebook,
) -> _Outcomes:
    """The verdict of every grade and status that a toxicity may have."""
    table = book[TOXICITY_ACTION]
    return {
        (grade, over): min(_verdict(action, grade) for action in table(toxicity, grade, over, recurrent).possible)
        for grade, over in product(grades, overs)
    }


def _verdict(action: ToxicityAction | None, grade: Grade) -> Verdict:
    if action is not None:
        return _BY_ACTION[action.action]
    return Verdict.NEEDS_ASSESSMENT if grade >= Grade.SEVERE else Verdict.PROCEED


def at_the_dose(case: Case) -> tuple[ToxicityEvent, ...]:
    """The events as they stand at the dose: what ends after the planned start is not over."""
    return tuple(_at_the_dose(event, case) for event in case.events or ())


def judge_events(case: Case, events: tuple[ToxicityEvent, ...], book: Rulebook) -> Judged:
    """The reported toxicities as they stand at the dose, each with its vote."""
    return _gathered([_event(f"events[{n}]", event, events, case, book) for n, event in enumerate(events)])


def _at_the_dose(event: ToxicityEvent, case: Case) -> ToxicityEvent:
    if event.resolved is not None and case.planned_start is not None and earlier(case.planned_start, event.resolved):
        return evolve(event, resolved=None, status=EventStatus.ACTIVE, current_grade=None)
    return event


def _event(path: str, event: ToxicityEvent, history: tuple[ToxicityEvent, ...], case: Case, book: Rulebook) -> Judged:
    grade, why = effective_grade(event, book)
    recurrent = recurs(event, history)
    allowed = grades_of(event.toxicity)
    grades = tuple(sorted(allowed if grade is None else grade & allowed if isinstance(grade, frozenset) else (grade,)))
    overs = (True, False) if event.over is None else (event.over,)
    outcomes = _outcomes(event.toxicity, grades, overs, recurrent, book)
    action = action_of(event, grade, why, recurrent, book)
    notes = (*_event_notes(path, event, case, action), *_calls_for(path, event, case, book))
    missing = tuple(f"{path}.{fact}" for axis, fact in enumerate(("grade", "status")) if matters(axis, outcomes))
    severe = (_SEVERE,) if Verdict.NEEDS_ASSESSMENT in outcomes.values() else ()
    vote = Vote(path, floored(outcomes.values()), missing, action.reasons + severe)
    return Judged((vote,), (AssessedToxicity(path, event.toxicity, grades, action),), notes=notes)


def _event_notes(path: str, event: ToxicityEvent, case: Case, action: Decision[ToxicityAction]) -> Iterator[str]:
    if isinstance(action, NotCovered) and event.over is not True and event.grade is not Grade.NONE:
        yield f"{path}: the rulebook gives no action for {event.toxicity} that is not over."
    if event.onset is not None and case.planned_start is not None and earlier(case.planned_start, event.onset):
        yield f"{path}: it begins after the planned start, and counts all the same."


def _calls_for(path: str, event: ToxicityEvent, case: Case, book: Rulebook) -> Iterator[str]:
    """What an episode that is not over calls for, beside its action: the ICE score, and laboratory results."""
    if event.over is True or event.grade is Grade.NONE:
        return
    findings = event.findings
    if isinstance(findings, NeuroFindings) and findings.ice is None and isinstance(ice := ice_assessment(findings, rulebook=book), Decided):
        yield f"{path}: {ice.value.modality} {ice.value.what}: {ice.reasons[0].says} [{ice.reasons[0].row}]"
    if event.toxicity is Toxicity.CRS:
        orders = {analyte: book[LAB_DURING_CRS](case.dose.number, analyte) for analyte in Analyte}
        wanted = {analyte: answer for analyte, answer in orders.items() if isinstance(answer, Decided)}
        if wanted:
            rows = dict.fromkeys(reason.row for answer in wanted.values() for reason in answer.reasons)
            yield f"{path}: {'while' if event.over is False else 'if'} it is active, monitor {', '.join(wanted)} [{', '.join(rows)}]"


def judge_labs(case: Case, standings: Sequence[LabStanding], book: Rulebook) -> Judged:
    """The laboratory results that count for the dose, and those that are required and missing."""
    parts = []
    for analyte in Analyte:
        of_analyte = [each for each in standings if each.analyte is analyte]
        path, need = f"labs.{analyte}", of_analyte[0].need if of_analyte else LabNeed.NOT_ASKED
        latest = [_result(each.result, book) for each in of_analyte if each.standing is Standing.COUNTS and each.result is not None]
        waiting = [each for each in of_analyte if each.standing in {Standing.UNDATED, Standing.OPEN}]
        if waiting and (latest or need is not LabNeed.REQUIRED):
            found = _unsettled(path, latest, waiting, book)
        elif not latest and need is LabNeed.REQUIRED:
            missing, why = (_facts(waiting), _NOT_SETTLED) if waiting else ((path,), _NOT_AT_HAND)
            found = Judged((Vote(path, Verdict.NEEDS_DATA, missing, (why,)),))
        else:
            found = _gathered(latest)
        parts += [found if need is LabNeed.REQUIRED else _not_waited_for(found, need), _after_the_start(path, of_analyte, book)]
    parts.append(Judged((), notes=(*_aside(standings), *_not_had(standings), *_oldest(case, standings))))
    return _gathered(parts)


def _not_waited_for(found: Judged, need: LabNeed) -> Judged:
    """What is only recommended asks for no data, nor does what is not asked for and may be normal: an open question is noted."""
    normal = {f"labs.{lab.result.analyte}" for lab in found.labs if not (is_below(lab.result) or is_above(lab.result))}
    votes = tuple(
        vote
        for vote in found.votes
        if vote.verdict is not Verdict.NEEDS_DATA
        or (need is LabNeed.NOT_ASKED and not (vote.part in normal and vote.reasons[0].row == "guard/open-grade"))
    )
    notes = tuple(
        f"{vote.part}: not settled, for want of {', '.join(vote.missing)}; no dose waits for it."
        for vote in found.votes
        if vote not in votes
    )
    return Judged(votes, found.toxicities, found.labs, found.notes + notes)


def _after_the_start(path: str, of_analyte: Sequence[LabStanding], book: Rulebook) -> Judged:
    """A result of after the planned start does not count, but a bad one is not passed over: a time is wrong, or the dose is late."""
    later = [each.result for each in of_analyte if each.standing is Standing.AFTER_PLANNED_START and each.result is not None]
    if any(_strictest(_result(result, book)) > Verdict.NEEDS_DATA for result in later):
        return Judged((Vote(path, Verdict.NEEDS_ASSESSMENT, (), (_AFTER,)),))
    return Judged(())


_WHY_ASIDE: Final[Mapping[Standing, str]] = {
    Standing.TOO_OLD: "it is older than the greatest age given",
    Standing.BEFORE_LAST_DOSE: "not drawn after the previous dose",
    Standing.AFTER_PLANNED_START: "drawn after the planned start",
    Standing.REPLACED: "a later result counts",
}


def _aside(standings: Sequence[LabStanding]) -> Iterator[str]:
    for each in standings:
        if each.standing in _WHY_ASIDE and each.result is not None:
            yield f"labs.{each.analyte}: {each.result.quantity} is not used: {_WHY_ASIDE[each.standing]}."


def _not_had(standings: Sequence[LabStanding]) -> Iterator[str]:
    """A dose does not wait for what is only recommended, but a reader is told."""
    recommended = [each for each in standings if each.need is LabNeed.RECOMMENDED]
    had = {each.analyte for each in recommended if each.standing is Standing.COUNTS}
    if absent := dict.fromkeys(str(each.analyte) for each in recommended if each.analyte not in had):
        yield f"labs: recommended, and not at hand for this dose: {', '.join(absent)}."


def _facts(waiting: Sequence[LabStanding]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact for each in waiting for fact in each.missing))


def _unsettled(path: str, latest: Sequence[Judged], waiting: Sequence[LabStanding], book: Rulebook) -> Judged:
    """Results that may count, and may come after those that do: they are asked about where that could change the verdict."""
    known, results = _gathered(latest), [each.result for each in waiting if each.result is not None]
    verdicts = [_strictest(known), *(_strictest(_result(result, book)) for result in results)]
    if len(set(verdicts)) > 1:
        missing = _facts(waiting) + tuple(fact for vote in known.votes for fact in vote.missing)
        return Judged((Vote(path, floored(verdicts), missing, (_NOT_SETTLED,)),), known.toxicities, known.labs, known.notes)
    wanted = ", ".join(_facts(waiting))
    notes = tuple(f"{path}: {result.quantity} is not used, for want of {wanted}." for result in results)
    return Judged(known.votes, known.toxicities, known.labs, known.notes + notes)


def seen_in_results(case: Case, standings: Sequence[LabStanding], book: Rulebook) -> Iterator[frozenset[Grade]]:
    """The grades that results tell of toxicities so far: of required ones that count all that are possible, of others what is certain."""
    doses = case.course.doses if case.course else ()
    first = doses[0].started if doses else None
    for each in standings:
        if each.result is None or each.standing is Standing.AFTER_PLANNED_START:
            continue
        possible = grade_lab(each.result, rulebook=book.lab_scale).possible
        grades = frozenset(Grade) if None in possible else frozenset(grade for grade in possible if grade is not None)
        if each.need is not LabNeed.REQUIRED:
            grades = frozenset((min(grades),))
        if each.standing is Standing.COUNTS:
            yield grades
        elif each.standing in {Standing.UNDATED, Standing.OPEN}:
            yield grades | {Grade.NONE}
        elif first is not None and each.result.collected is not None and earlier(first, each.result.collected):
            yield frozenset((min(grades),))


def _strictest(judged: Judged) -> Verdict:
    return max((vote.verdict for vote in judged.votes), default=Verdict.PROCEED)


def _result(result: LabResult, book: Rulebook) -> Judged:
    path = f"labs.{result.analyte}"
    grade = grade_lab(result, rulebook=book.lab_scale)
    if isinstance(grade, NotCovered):
        return _ungraded(path, AssessedLab(result, grade))
    grades = tuple(sorted(value for value in grade.possible if value is not None))
    toxicity = LAB_TOXICITY.get(result.analyte, Toxicity.OTHER)
    outcomes = _outcomes(toxicity, grades, (False,), None, book)
    action = book[TOXICITY_ACTION](toxicity, frozenset(grades), False, None)  # noqa: FBT003  # the fact that it is not over
    if matters(0, outcomes):
        missing = tuple(f"{path}.{fact}" for fact in grade.missing)
        vote = Vote(path, floored(outcomes.values()), missing, (_open_grade(grades),))
    else:
        severe = (_SEVERE,) if Verdict.NEEDS_ASSESSMENT in outcomes.values() else ()
        vote = Vote(path, floored(outcomes.values()), (), grade.reasons + action.reasons + severe)
    shown = grades[0] > Grade.NONE or not isinstance(action, NotCovered)
    found = (AssessedToxicity(path, toxicity, grades, action),) if shown else ()
    return Judged((vote,), found, (AssessedLab(result, grade),))


def _open_grade(grades: tuple[Grade, ...]) -> Reason:
    return Reason("guard/open-grade", f"The grade may be {' or '.join(f'{grade:d}' for grade in grades)}, and that matters.")


def _ungraded(path: str, lab: AssessedLab) -> Judged:
    """A result whose grade the scale leaves open is for a clinician."""
    return Judged((Vote(path, Verdict.NEEDS_ASSESSMENT, (), (*lab.grade.reasons, _LEFT_OPEN)),), labs=(lab,))


def _oldest(case: Case, standings: Sequence[LabStanding]) -> Iterator[str]:
    """Before the first dose nothing bounds the age of a result, so a reader is told."""
    counting = [each.result for each in standings if each.standing is Standing.COUNTS and each.result is not None]
    dates = [day(result.collected) for result in counting if result.collected is not None]
    if case.planned_start is not None and dates and not (case.course and case.course.doses):
        age = (day(case.planned_start) - min(dates)).days
        days = "1 day" if age == 1 else f"{age} days"
        yield f"labs: no earlier dose bounds their age; the oldest that counts was drawn {days} before the planned start."


def _gathered(parts: Sequence[Judged]) -> Judged:
    return Judged(*(tuple(chain.from_iterable(getattr(part, kind) for part in parts)) for kind in ("votes", "toxicities", "labs", "notes")))

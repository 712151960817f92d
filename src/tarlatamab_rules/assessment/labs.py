"""How laboratory results vote on a dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.answers.labs import LabStanding
from tarlatamab_rules.answers.words import LabNeed, Standing
from tarlatamab_rules.assessment.chart import Chart, OfAnalyte, Result
from tarlatamab_rules.assessment.lab_episodes import in_order, judge_episodes, left_over, series_of
from tarlatamab_rules.assessment.votes import (
    SEVERE,
    AssessedToxicity,
    Judged,
    Vote,
    floored,
    gathered,
    strictest_of,
    verdicts_of,
)
from tarlatamab_rules.decisions import Decided, NeedsData, NotCovered, Verdict, either, union
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import day, earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import Grade, Toxicity, ToxicityEvent
from tarlatamab_rules.questions.toxicities import DRUG_INDUCED_LIVER_INJURY, LAB_TOXICITY, OTHER_RESULT, TOXICITY_ACTION
from tarlatamab_rules.rules.courses import first_given, last_given
from tarlatamab_rules.rules.episodes import acts, episodes, is_tracked
from tarlatamab_rules.rules.grading import grade_lab, is_above, is_below
from tarlatamab_rules.rules.laboratory import needs
from tarlatamab_rules.rules.liver import judge_pair, pairs_of

if TYPE_CHECKING:
    from tarlatamab_rules.answers.words import Role
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import DosePoint
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.episodes import Sample
    from tarlatamab_rules.rules.planned import Planned

__all__ = ["judge_labs", "seen_in_results"]

_LEFT_OPEN = Reason("guard/not-graded", "The scale leaves the grade of this result open: a clinician must assess it.")
_NOT_AT_HAND = Reason("guard/labs", "A result that the rulebook requires before each dose is not at hand.")
_AFTER = Reason("guard/labs-after", "A result of after the planned start would speak against the dose: a clinician must assess it.")
_NOT_SETTLED = Reason("guard/labs-dates", "Whether the result was drawn after the previous dose, and before this one, is not known.")
_NORMAL_BASELINE = Reason("guard/baseline", "The value before treatment is not known: for the least it is taken as normal.")


def judge_labs(chart: Chart) -> Judged:
    """The laboratory results that count for the dose, what their series shows, and those that are required and missing."""
    parts = [judged for labs in chart.labs for judged in _analyte(labs, chart)]
    parts += _left_open(chart)
    parts += _liver(chart)
    if notes := (*_aside(chart.standings), *_not_had(chart.standings), *_oldest(chart)):
        parts.append(Judged(notes=notes))
    return gathered(parts) if parts else Judged()


def _left_open(chart: Chart) -> Iterator[Judged]:
    """Missing results for which the book leaves open whether they are required."""
    open_ = _open_needs(chart.case.dose, chart.book)
    if open_:
        counting = {labs.analyte for labs in chart.labs if labs.counting}
        reasons = union(each for analyte, each in open_ if analyte not in counting)
        if reasons:
            yield Judged((Vote("labs", Verdict.NEEDS_ASSESSMENT, (), reasons),))


@lru_cache(maxsize=512)
def _open_needs(point: DosePoint, book: Rulebook) -> tuple[tuple[Analyte, tuple[Reason, ...]], ...]:
    """The signs of a toxicity of which the book does not settle whether a dose asks for them, and why not."""
    each = (
        (analyte, tuple(reason for reason in reasons if reason.unsettled))
        for analyte, need, reasons in needs(point, book)
        if need is not LabNeed.REQUIRED
    )
    return tuple((analyte, reasons) for analyte, reasons in each if reasons and analyte in LAB_TOXICITY)


def _analyte(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    planned, counting = chart.planned, labs.counting
    series = series_of(labs, chart)
    # Where no date puts two in order, each is looked at as the latest.
    dates = {result.lab.collected for result in counting} if series else ()
    latest = [_result(result, planned, [sample for sample in series if sample[0] not in dates]) for result in counting]
    rest = len(labs.results) > len(counting)
    waiting = labs.standing(Standing.UNDATED, Standing.OPEN) if rest else []
    found = _found(labs, latest, waiting, planned)
    yield found if labs.need is LabNeed.REQUIRED else _not_waited_for(found, labs)
    if not latest and series:
        yield left_over(labs, series, planned)
    if rest:
        yield from _after_the_start(labs, planned)


def _found(labs: OfAnalyte, latest: Sequence[Judged], waiting: Sequence[Result], planned: Planned) -> Judged:
    """What the results of an analyte come to: those that count, those that may, and that there is none."""
    path, required = f"labs.{labs.analyte}", labs.need is LabNeed.REQUIRED
    if waiting and (latest or not required):
        return _unsettled(path, latest, waiting, planned)
    if not latest and required:
        missing, why = (_facts(waiting), _NOT_SETTLED) if waiting else ((path,), _NOT_AT_HAND)
        return Judged((Vote(path, Verdict.NEEDS_DATA, missing, (why,)),))
    return gathered(latest) if latest else Judged()


# --- one result ---


def _result(result: Result, planned: Planned, series: Sequence[Sample] = ()) -> Judged:
    """A result by its grade, as the latest of its series."""
    lab, grade, path = result.lab, result.grade, f"labs.{result.lab.analyte}"
    if isinstance(grade, Decided):
        alone = None if series else _by_itself(lab.analyte, grade, planned.number, planned.role, planned.book)
        return alone or _because(grade, _of_grade(grade.value, lab, planned, series))
    if isinstance(grade, NotCovered):
        return Judged((Vote(path, Verdict.NEEDS_ASSESSMENT, (), (*grade.reasons, _LEFT_OPEN)),))
    judged = {each: _of_grade(each, lab, planned, series) for each in result.grades}
    found = gathered(tuple(judged.values()))
    vote = _open_vote(path, {each: part.verdict for each, part in judged.items()}, lab, grade, found.votes, planned)
    return Judged((vote,), _shown(path, lab.analyte, result.grades, found), found.episodes)


def _because(grade: Decided[Grade], found: Judged) -> Judged:
    """What a result comes to, with the reasons of its grade."""
    first, *rest = found.votes
    return evolve(found, votes=(evolve(first, reasons=grade.reasons + first.reasons), *rest))


@lru_cache(maxsize=1024)
def _by_itself(
    analyte: Analyte, grade: Decided[Grade], number: int | None, role: Role | frozenset[Role] | None, book: Rulebook
) -> Judged | None:
    """What a result comes to that is part of no episode; ``None`` where the book follows this grade from result to result."""
    toxicity = LAB_TOXICITY.get(analyte)
    if toxicity is not None and acts(grade.value, toxicity, book) and is_tracked(toxicity, book):
        return None
    found = _because(grade, _alone(analyte, grade.value, number, role, book))
    nothing = grade.value is Grade.NONE and isinstance(found.toxicities[0].action, NotCovered)
    return evolve(found, toxicities=()) if nothing else found


def _shown(path: str, analyte: Analyte, grades: tuple[Grade, ...], found: Judged) -> tuple[AssessedToxicity, ...]:
    """One toxicity of several possible grades: the actions that are still possible."""
    own = [each for each in found.toxicities if each.path == path]
    if not own:
        return ()
    silent = Grade.NONE in {grade for each in own for grade in each.grades} or any(None in each.action.possible for each in own)
    action = either((*(() if silent else (NotCovered(),)), *(each.action for each in own)))
    if isinstance(action, NeedsData):
        action = evolve(action, missing=("grade",))
    elif isinstance(action, NotCovered) and grades[0] is Grade.NONE:
        return ()
    return (AssessedToxicity(path, LAB_TOXICITY.get(analyte, Toxicity.OTHER), grades, action),)


def _open_vote(  # noqa: PLR0913, PLR0917  # one parameter a fact
    path: str,
    verdicts: Mapping[Grade, Verdict],
    result: LabResult,
    grade: NeedsData[Grade],
    votes: tuple[Vote, ...],
    planned: Planned,
) -> Vote:
    """The vote of a result whose grade is open; *votes* has those of every grade."""
    least = floored(verdicts.values())
    matters = len(set(verdicts.values())) > 1
    missing = tuple(f"{path}.{fact}" for fact in grade.missing) if matters else ()
    missing = union((missing, *(vote.missing for vote in votes)))
    reasons = (_open_grade(tuple(verdicts)),) if matters else grade.reasons + union(vote.reasons for vote in votes)
    if result.baseline is None and result.upper_limit is not None and "baseline" in grade.missing:
        normal = grade_lab(_at_normal_baseline(result), rulebook=planned.book.lab_scale)
        if isinstance(normal, Decided) and verdicts.get(normal.value, least) >= Verdict.WITHHOLD > least:
            return Vote(path, verdicts[normal.value], missing, (_NORMAL_BASELINE, *normal.reasons))
    return Vote(path, least, missing, reasons)


def _alone(analyte: Analyte, grade: Grade, number: int | None, role: Role | frozenset[Role] | None, book: Rulebook) -> Judged:
    """What a grade obliges one to do by itself, as no part of an episode."""
    path, toxicity = f"labs.{analyte}", LAB_TOXICITY.get(analyte, Toxicity.OTHER)
    if analyte not in LAB_TOXICITY and grade >= Grade.SEVERE:
        action = book[OTHER_RESULT](analyte)
    else:
        action = book[TOXICITY_ACTION[toxicity]].lookup[grade, grade, Grade.NONE, 0, 0, None, number, role, None, None]
    verdict = strictest_of(verdicts_of(action, grade))
    severe = (SEVERE,) if verdict is Verdict.NEEDS_ASSESSMENT else ()
    return Judged((Vote(path, verdict, (), action.reasons + severe),), (AssessedToxicity(path, toxicity, (grade,), action),))


def _of_grade(grade: Grade, result: LabResult, planned: Planned, series: Sequence[Sample]) -> Judged:
    """A result, were it of this grade: the episodes that its series shows then, each judged beside the others and what is reported."""
    path, toxicity = f"labs.{result.analyte}", LAB_TOXICITY.get(result.analyte)
    found: tuple[ToxicityEvent, ...] = ()
    if toxicity is not None and is_tracked(toxicity, planned.book):
        if result.collected is None:
            found = (ToxicityEvent(toxicity, grade, current_grade=grade),) if acts(grade, toxicity, planned.book) else ()
        else:
            samples = [sample for sample in series if sample[0] != result.collected]
            found = episodes(toxicity, in_order([*samples, (result.collected, grade, grade)]), last_given(planned.course), planned.book)
    if not found:
        return _alone(result.analyte, grade, planned.number, planned.role, planned.book)
    return judge_episodes(path, found, planned, result.collected)


def _at_normal_baseline(result: LabResult) -> LabResult:
    """The result, as if the value before treatment had been at the upper limit of normal."""
    return type(result)(result.analyte, result.quantity, result.collected, result.lower_limit, result.upper_limit, result.upper_limit)


def _open_grade(grades: tuple[Grade, ...]) -> Reason:
    return Reason("guard/open-grade", f"The grade may be {' or '.join(f'{grade:d}' for grade in grades)}, and that matters.")


# --- together ---


def _liver(chart: Chart) -> Iterator[Judged]:
    """Aminotransferases and bilirubin together: of one time since the first dose, and the latest of each."""
    if DRUG_INDUCED_LIVER_INJURY not in chart.book.rows:
        return
    first = first_given(chart.case.course)
    raised = [result for labs in chart.labs if labs.analyte in _LIVER for result in labs.results if is_above(result.lab) is not False]
    since = [
        result.lab
        for result in raised
        if result.standing.standing is not Standing.AFTER_PLANNED_START
        and not (first is not None and result.lab.collected is not None and earlier(result.lab.collected, first))
    ]
    latest = [result.lab for result in raised if result.counts]
    both = [(enzyme, other) for enzyme in latest for other in latest if enzyme.analyte is not Analyte.BILIRUBIN is other.analyte]
    found: dict[Judged, None] = {}
    for enzyme, bilirubin in [*pairs_of(since), *both]:
        answer = judge_pair(enzyme, bilirubin, _cause_of(enzyme, chart.case), chart.book)
        path = f"labs.{enzyme.analyte} with labs.bilirubin"
        if not isinstance(answer, NotCovered):
            vote = Vote(path, floored(verdicts_of(answer, Grade.NONE)), answer.missing, answer.reasons)
            found[Judged((vote,), (AssessedToxicity(path, Toxicity.HEPATOTOXICITY, (), answer),))] = None
    yield from found


_LIVER = frozenset(analyte for analyte, toxicity in LAB_TOXICITY.items() if toxicity is Toxicity.HEPATOTOXICITY)


def _cause_of(result: LabResult, case: Case) -> bool | None:
    """Whether the reported episodes of that time say that there is another cause."""
    drawn = result.collected
    causes = [
        event.other_cause
        for event in case.events or ()
        if event.toxicity is Toxicity.HEPATOTOXICITY
        and not (drawn is not None and event.onset is not None and earlier(drawn, event.onset))
        and not (drawn is not None and event.resolved is not None and earlier(event.resolved, drawn))
    ]
    return False if False in causes else True if causes and None not in causes else None


# --- what does not count ---


def _not_waited_for(found: Judged, labs: OfAnalyte) -> Judged:
    """A result that is not required never makes the dose wait, unless it is abnormal and not asked for: an open question is a note."""
    if all(vote.verdict is not Verdict.NEEDS_DATA for vote in found.votes):
        return found
    normal = labs.need is LabNeed.RECOMMENDED or any(not (is_below(each.lab) or is_above(each.lab)) for each in labs.counting)
    path = f"labs.{labs.analyte}"

    def waits(vote: Vote) -> bool:
        quiet = labs.need is LabNeed.RECOMMENDED or (normal and vote.part == path and vote.reasons[0].row == "guard/open-grade")
        return vote.verdict is not Verdict.NEEDS_DATA or not quiet

    notes = [
        f"{vote.part}: not settled, for want of {', '.join(vote.missing)}; no dose waits for it." for vote in found.votes if not waits(vote)
    ]
    return evolve(found, votes=tuple(filter(waits, found.votes)), notes=(*found.notes, *notes))


def _after_the_start(labs: OfAnalyte, planned: Planned) -> Iterator[Judged]:
    """A result drawn after the planned start does not count. If it is bad, a clinician must look: a time is wrong, or the dose is late."""
    if any(_result(result, planned).verdict > Verdict.NEEDS_DATA for result in labs.standing(Standing.AFTER_PLANNED_START)):
        yield Judged((Vote(f"labs.{labs.analyte}", Verdict.NEEDS_ASSESSMENT, (), (_AFTER,)),))


_WHY_ASIDE: Final[Mapping[Standing, str]] = {
    Standing.TOO_OLD: "it is older than the greatest age given",
    Standing.BEFORE_LAST_DOSE: "not drawn after the previous dose",
    Standing.AFTER_PLANNED_START: "drawn after the planned start",
    Standing.REPLACED: "a later result counts",
}


def _aside(standings: Sequence[LabStanding]) -> Iterator[str]:
    counts = Standing.COUNTS
    for each in [each for each in standings if each.standing is not counts]:
        if each.standing in _WHY_ASIDE and each.result is not None:
            yield f"labs.{each.analyte}: {each.result.quantity} is not used: {_WHY_ASIDE[each.standing]}."


def _not_had(standings: Sequence[LabStanding]) -> Iterator[str]:
    """A dose does not wait for what is only recommended, but a reader is told."""
    counts, wanted = Standing.COUNTS, LabNeed.RECOMMENDED
    absent = dict.fromkeys([each.analyte for each in standings if each.need is wanted and each.standing is not counts])
    had = {each.analyte for each in standings if each.standing is counts} if absent else absent
    if rest := [analyte for analyte in absent if analyte not in had]:
        yield f"labs: recommended, and not at hand for this dose: {', '.join(rest)}."


def _facts(waiting: Sequence[Result]) -> tuple[str, ...]:
    return union(result.standing.missing for result in waiting)


def _unsettled(path: str, latest: Sequence[Judged], waiting: Sequence[Result], planned: Planned) -> Judged:
    """Results that may count, and may come after those that do: they are asked about where that could change the verdict."""
    known = gathered(latest) if latest else Judged()
    verdicts = [known.verdict, *(_result(result, planned).verdict for result in waiting)]
    if len(set(verdicts)) > 1:
        missing = _facts(waiting) + tuple(fact for vote in known.votes for fact in vote.missing)
        return Judged((Vote(path, floored(verdicts), missing, (_NOT_SETTLED,)),), known.toxicities, notes=known.notes)
    wanted = ", ".join(_facts(waiting))
    notes = tuple(f"{path}: {result.lab.quantity} is not used, for want of {wanted}." for result in waiting)
    return Judged(known.votes, known.toxicities, notes=known.notes + notes)


def seen_in_results(chart: Chart) -> Iterator[frozenset[Grade]]:
    """The grades that results show of toxicities so far: of required ones that count all that are possible, of others what is certain."""
    doses = chart.case.course.doses if chart.case.course else ()
    first = doses[0].started if doses else None
    for labs in chart.labs:
        for result in labs.results:
            yield from _seen(result, labs.need, first)


def _seen(result: Result, need: LabNeed, first: When | None) -> Iterator[frozenset[Grade]]:
    standing, drawn = result.standing.standing, result.lab.collected
    grades = frozenset(Grade) if None in result.grade.possible else frozenset(result.grades)
    if need is not LabNeed.REQUIRED:
        grades = frozenset((min(grades),))
    if standing is Standing.COUNTS:
        yield grades
    elif standing in {Standing.UNDATED, Standing.OPEN}:
        yield grades | {Grade.NONE}
    elif standing is not Standing.AFTER_PLANNED_START and first is not None and drawn is not None and earlier(first, drawn):
        yield frozenset((min(grades),))


def _oldest(chart: Chart) -> Iterator[str]:
    """Before the first dose nothing bounds the age of a result, so a reader is told."""
    case = chart.case
    if case.planned_start is None or (case.course and case.course.doses):
        return
    dates = [day(result.lab.collected) for labs in chart.labs for result in labs.counting if result.lab.collected is not None]
    if dates:
        age = (day(case.planned_start) - min(dates)).days
        days = "1 day" if age == 1 else f"{age} days"
        yield f"labs: no earlier dose bounds their age; the oldest that counts was drawn {days} before the planned start."

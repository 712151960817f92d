"""How laboratory results vote on a dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.chart import Chart, OfAnalyte, Result
from tarlatamab_rules.assessment.febrile import febrile_neutropenia
from tarlatamab_rules.assessment.lab_episodes import (
    left_over,
    level_of,
    open_series_of,
    series_of,
)
from tarlatamab_rules.assessment.lab_liver import judge_liver
from tarlatamab_rules.assessment.lab_orders import calmest, is_order_open, most_restless
from tarlatamab_rules.assessment.lab_result import ANY_LIMIT, NORMAL_BASELINE, is_abnormal, judge_result
from tarlatamab_rules.assessment.lab_unused import (
    AFTER_START,
    LABS,
    judge_ages,
    open_needs,
    recent_unused,
    recommended_and_missing,
    unused_notes,
)
from tarlatamab_rules.assessment.votes import (
    Judged,
    Vote,
    floored,
    gathered,
    strictest_of,
)
from tarlatamab_rules.assessment.words import field_in_words, listed
from tarlatamab_rules.core.decisions import Decided, Verdict, union
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact, Note
from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY
from tarlatamab_rules.rules.course import first_given
from tarlatamab_rules.rules.labs import RECENT_DAYS, latest_dates
from tarlatamab_rules.rules.severity import is_severe
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.lab_orders import Sample
    from tarlatamab_rules.inputs._fields import When

__all__ = ["SEVERE_ASIDE", "judge_labs"]

_NOT_AT_HAND = Reason("guard/labs", "A result that the rulebook requires before the dose is missing.")
_ON_FIRST_DAY = Reason(
    "guard/first-day",
    "A result of the day of the first dose has no time. If it was drawn before that dose, it shows no toxicity of the drug; if after, the "
    "drug must be held or stopped.",
)
_ON_ONE_DAY = Reason(
    "guard/one-day",
    "Results of one day differ, and at least one of them has no time. Which was drawn first decides whether the toxicity lasted or "
    "came again.",
)
_NOT_SETTLED = Reason("guard/labs-dates", "It is not known whether the result was drawn after the previous dose and before this one.")
_OPEN_BEFORE = Reason(
    "guard/open-before",
    "An earlier result may have been so bad that the drug must be held or stopped. That depends on a limit or on its exact value.",
)
SEVERE_ASIDE: Final = Reason(
    "guard/severe-aside",
    f"A severe result does not count for the dose, but no newer result is known, and it is undated or at most {RECENT_DAYS} days old. "
    "That limit is a safeguard of this library. A clinician must assess the result.",
)


def judge_labs(chart: Chart) -> Judged:
    """The laboratory results that count for the dose, what their series shows, and required results that are missing."""
    parts = [judged for labs in chart.labs for judged in _analyte(labs, chart)]
    parts += _left_open(chart)
    parts += judge_liver(chart)
    parts += febrile_neutropenia(chart)
    if notes := (*unused_notes(chart.standings), *recommended_and_missing(chart.standings)):
        parts.append(Judged(notes=notes))
    parts += judge_ages(chart)
    return gathered(parts) if parts else Judged()


def _left_open(chart: Chart) -> Iterator[Judged]:
    """Missing results for which the book leaves open whether they are required."""
    if not (open_ := open_needs(chart.case.point, chart.book)):
        return
    counting = {labs.analyte for labs in chart.labs if labs.counting}
    if reasons := union(why for analyte, why in open_ if analyte not in counting):
        yield Judged((Vote(LABS, Verdict.NEEDS_ASSESSMENT, (), reasons),))


def _analyte(labs: OfAnalyte, chart: Chart) -> Iterable[Judged]:
    # A single result that counts has no series, and no other result may count instead.
    if len(labs.results) == 1 and labs.counting:
        return [judge_result(labs.results[0], labs.need, chart)]
    if not labs.results:
        return [_of_analyte(labs, (), (), chart, ())] if labs.need is LabNeed.REQUIRED else []
    return _several(labs, chart)


def _several(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    before = _without_first_day(labs, chart)
    if before is None:
        yield from _with_series(labs, chart)
        return
    # A sample of the day of the first dose, without a time, was drawn before or after that dose.
    apart, all_of_it = list(_with_series(before, chart)), list(_with_series(labs, chart))
    known, worst = (strictest_of([part.verdict for part in parts]) for parts in (apart, all_of_it))
    if worst <= max(known, Verdict.NEEDS_DATA):
        yield from all_of_it
    else:
        yield from apart
        yield Judged((Vote(labs.path, Verdict.NEEDS_DATA, (labs.path.its("collected"),), (_ON_FIRST_DAY,)),))


def _without_first_day(labs: OfAnalyte, chart: Chart) -> OfAnalyte | None:
    """The results without those of the day of the first dose that have no time and do not count; ``None`` if there are none."""
    first = first_given(chart.case.course)
    if first is None:
        return None
    results = tuple([result for result in labs.results if result.counts or not _is_on(result.lab.collected, first)])
    return labs._replace(results=results) if len(results) < len(labs.results) else None


def _is_on(drawn: When | None, first: When) -> bool:
    return drawn is not None and not isinstance(drawn, datetime) and isinstance(first, datetime) and drawn == day(first)


def _with_series(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    as_normal, certain = series_of(labs, chart)
    parts = _in_this_order(labs, as_normal, certain, chart)
    if is_order_open(certain):
        level = level_of(LAB_TOXICITY[labs.analyte], chart.book)
        others = [_in_this_order(labs, another(as_normal, level), another(certain, level), chart) for another in (calmest, most_restless)]
        parts = _whatever_the_order(labs, [parts, *others])
    yield from parts
    yield from _of_open_series(labs, certain, chart, strictest_of([part.verdict for part in parts]))
    if len(labs.results) > len(labs.counting):
        yield from _after_the_start(labs, chart)
        yield from _severe_aside(labs, chart)


def _in_this_order(labs: OfAnalyte, as_normal: list[Sample], certain: list[Sample], chart: Chart) -> list[Judged]:
    """The results that count or may count, after the two series of earlier ones."""
    parts = _by_series(labs, as_normal, chart)
    if as_normal != certain:
        parts = _read_as_normal(parts, _by_series(labs, certain, chart), labs.path.its("baseline"))
    return parts


def _whatever_the_order(labs: OfAnalyte, orders: Sequence[list[Judged]]) -> list[Judged]:
    """The mildest of several orders of the samples of one day; if the order decides, the times of the samples are asked for."""
    verdicts = [strictest_of([part.verdict for part in parts]) for parts in orders]
    if len(set(verdicts)) == 1:
        return orders[0]
    mildest = orders[verdicts.index(min(verdicts))]
    return [*mildest, Judged((Vote(labs.path, Verdict.NEEDS_DATA, (labs.path.its("collected"),), (_ON_ONE_DAY,)),))]


def _by_series(labs: OfAnalyte, series: Sequence[Sample], chart: Chart) -> list[Judged]:
    """The results of an analyte that count or may count, after one series of earlier results."""
    # If dates do not put two in order, each is judged as the latest.
    dates = {result.lab.collected for result in labs.counting} if series else ()
    before = [sample for sample in series if sample[0] not in dates]
    latest = [judge_result(result, labs.need, chart, before) for result in _distinct(labs.counting)]
    waiting = labs.standing(Standing.UNDATED, Standing.OPEN) if len(labs.results) > len(labs.counting) else []
    parts = [_of_analyte(labs, latest, waiting, chart, series)]
    if not latest and series:
        parts.append(left_over(labs, series, chart.planned))
    return parts


def _read_as_normal(as_normal: list[Judged], certain: list[Judged], baseline: Fact) -> list[Judged]:
    """The stricter of two readings of a series. If it takes an unknown value before treatment as normal, that value is asked for."""
    verdict = strictest_of([part.verdict for part in as_normal])
    if verdict <= strictest_of([part.verdict for part in certain]):
        return certain

    def asking(vote: Vote) -> Vote:
        if vote.verdict is not verdict:
            return vote
        return evolve(vote, missing=union((vote.missing, (baseline,))), reasons=(NORMAL_BASELINE, *vote.reasons))

    return [evolve(part, votes=tuple(map(asking, part.votes))) for part in as_normal]


def _of_open_series(labs: OfAnalyte, certain: Sequence[Sample], chart: Chart, settled: Verdict) -> Iterator[Judged]:
    """The vote on earlier results of which a limit or the exact value is missing, if it may make the verdict stricter.

    If it does by every plausible limit, a clinician must assess it.
    """
    series = open_series_of(labs, chart, certain)
    if series is None:
        return
    least, most = (strictest_of([part.verdict for part in _by_series(labs, of, chart)]) for of in (series.at_least, series.at_most))
    missing = tuple([labs.path.its(fact) for fact in series.facts])
    if least > max(settled, Verdict.NEEDS_ASSESSMENT):
        yield Judged((Vote(labs.path, Verdict.NEEDS_ASSESSMENT, missing, (ANY_LIMIT,)),))
    elif most > settled:
        yield Judged((Vote(labs.path, Verdict.NEEDS_DATA, missing, (_OPEN_BEFORE,)),))


def _distinct(results: Sequence[Result]) -> Sequence[Result]:
    """One result of all that have the same effect."""
    if len(results) <= 1:
        return results
    kinds: dict[object, Result] = {}
    for result in results:
        grade = result.grade
        grading = grade if isinstance(grade, Decided) else (grade.possible, grade.missing, result.as_normal, is_abnormal(result))
        kinds.setdefault((result.lab.collected, grading), result)
    return tuple(kinds.values())


def _of_analyte(labs: OfAnalyte, latest: Sequence[Judged], waiting: Sequence[Result], chart: Chart, series: Sequence[Sample]) -> Judged:
    """The vote on an analyte: by results that count, by results that may count, or because there is none."""
    required = labs.need is LabNeed.REQUIRED
    if waiting and (latest or not required):
        return _unsettled(labs, latest, waiting, chart, series)
    if not latest and required:
        missing, why = (_facts(waiting), _NOT_SETTLED) if waiting else ((labs.path,), _NOT_AT_HAND)
        return Judged((Vote(labs.path, Verdict.NEEDS_DATA, missing, (why,)),))
    return gathered(latest) if latest else Judged()


# --- what does not count ---


def _facts(waiting: Sequence[Result]) -> tuple[str, ...]:
    return union(result.standing.missing for result in waiting)


def _as_latest(labs: OfAnalyte, waiting: Sequence[Result], chart: Chart, series: Sequence[Sample]) -> Iterator[Verdict]:
    """The verdict for each result that may count, as the latest of its series."""
    # Only the latest dated result is judged with the series before it; doing so for every result would take too long.
    last = latest_dates([result.lab.collected for result in waiting if result.lab.collected is not None])
    for result in _distinct(waiting):
        newest = result.lab.collected is None or result.lab.collected in last
        yield judge_result(result, labs.need, chart, series if newest else ()).verdict


def _unsettled(labs: OfAnalyte, latest: Sequence[Judged], waiting: Sequence[Result], chart: Chart, series: Sequence[Sample]) -> Judged:
    """Results that may count, and may be later than those that do; their facts are asked for if they could change the verdict."""
    path, known = labs.path, gathered(latest) if latest else Judged()
    verdicts = [known.verdict, *_as_latest(labs, waiting, chart, series)]
    if len(set(verdicts)) > 1:
        verdict = floored(verdicts)
        missing = _facts(waiting) + tuple(fact for vote in known.votes for fact in vote.missing)
        why = union(vote.reasons for vote in known.votes if vote.verdict is verdict)
        return evolve(known, votes=(Vote(path, verdict, missing, (_NOT_SETTLED, *why)),))
    wanted = listed(map(field_in_words, _facts(waiting)))
    notes = tuple([Note(path, f"{result.lab.quantity} does not count until this is known: {wanted}.") for result in waiting])
    return evolve(known, notes=known.notes + notes)


def _after_the_start(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    """A result drawn after the planned start does not count. If it is bad, a clinician must look: a time is wrong or the dose is late."""
    after = _distinct(labs.standing(Standing.AFTER_PLANNED_START))
    if any(judge_result(result, labs.need, chart).verdict > Verdict.NEEDS_DATA for result in after):
        yield Judged((Vote(labs.path, Verdict.NEEDS_ASSESSMENT, (), (AFTER_START,)),))


def _severe_aside(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    """A clinician must assess a severe result that does not count if it is the latest and is recent or undated. Lymphopenia is expected."""
    if labs.analyte is Analyte.LYMPHOCYTES:
        return
    severe = [result for result in recent_unused(labs, chart) if is_severe(result.grade, result.as_normal)]
    for result in _distinct(severe):
        # A result that does not count is never stricter than if it did.
        if judge_result(result, labs.need, chart).verdict >= Verdict.NEEDS_ASSESSMENT:
            yield Judged((Vote(labs.path, Verdict.NEEDS_ASSESSMENT, result.standing.missing, (SEVERE_ASIDE,)),))
            return

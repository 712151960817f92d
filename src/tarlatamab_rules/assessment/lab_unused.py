"""Results that do not count for a dose, and old results: the notes on them, and those that a clinician must assess."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from tarlatamab_rules.assessment.votes import Judged, Vote
from tarlatamab_rules.assessment.words import listed
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact, Note
from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY
from tarlatamab_rules.rules.labs import RECENT_DAYS, latest_dates, needs
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.chart import Chart, OfAnalyte, Result
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.course import DosePoint
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.labs import LabStanding

    _OfAnalyte: TypeAlias = tuple[OfAnalyte, Result]

__all__ = [
    "AFTER_START",
    "LABS",
    "WHY_UNUSED",
    "judge_ages",
    "old_results",
    "open_needs",
    "recent_unused",
    "recommended_and_missing",
    "unused_notes",
]

LABS: Final = Fact("labs")
RECOMMENDED: Final = Fact("labs", field="recommended")
AFTER_START: Final = Reason(
    "guard/labs-after", "A result drawn after the planned start would be a reason to withhold the dose. A clinician must assess it."
)
WHY_UNUSED: Final[Mapping[Standing, str]] = {
    Standing.TOO_OLD: "it is older than the maximum age",
    Standing.BEFORE_LAST_DOSE: "it was not drawn after the previous dose",
    Standing.AFTER_PLANNED_START: "it was drawn after the planned start",
    Standing.REPLACED: "a later result counts",
}


def unused_notes(standings: Sequence[LabStanding]) -> Iterator[Note]:
    """A note for each result that is not used, with the reason."""
    counts = Standing.COUNTS
    for standing in [standing for standing in standings if standing.standing is not counts]:
        if standing.standing in WHY_UNUSED and standing.result is not None:
            yield Note(Fact("labs", standing.analyte), f"{standing.result.quantity} is not used: {WHY_UNUSED[standing.standing]}.")


def recommended_and_missing(standings: Sequence[LabStanding]) -> Iterator[Note]:
    """A note on recommended results that are missing. No dose waits for them."""
    counts, wanted = Standing.COUNTS, LabNeed.RECOMMENDED
    absent = dict.fromkeys([item.analyte for item in standings if item.need is wanted and item.standing is not counts])
    counting = {item.analyte for item in standings if item.standing is counts} if absent else absent
    if rest := [analyte for analyte in absent if analyte not in counting]:
        yield Note(RECOMMENDED, f"not available for this dose: {listed(map(named, rest))}.")


def recent_unused(labs: OfAnalyte, chart: Chart) -> Iterator[Result]:
    """The results of an analyte that do not count, are undated or recent, and have no later result."""
    past = [result for result in labs.results if result.standing.standing is not Standing.AFTER_PLANNED_START]
    newest = latest_dates([result.lab.collected for result in past if result.lab.collected is not None])
    for result in labs.results:
        # If another result counts, the facts that this one lacks are asked for.
        asked_for = labs.counting and result.standing.missing
        if not result.counts and not asked_for and _is_latest(result.lab, newest) and _is_recent(result.lab, chart.planned.planned_start):
            yield result


def _is_latest(lab: LabResult, newest: Sequence[When]) -> bool:
    return lab.collected is None or not any(earlier(lab.collected, mark) for mark in newest)


def _is_recent(lab: LabResult, start: When | None) -> bool:
    return lab.collected is None or start is None or days_between(lab.collected, start) <= RECENT_DAYS


def _first(chart: Chart) -> bool:
    """Whether the course lists no dose."""
    return not (chart.case.course and chart.case.course.doses)


@lru_cache(maxsize=512)
def open_needs(point: DosePoint, book: Rulebook) -> tuple[tuple[Analyte, tuple[Reason, ...]], ...]:
    """The analytes of a toxicity for which the book leaves open whether the dose requires them, and why."""
    asked = [(analyte, why) for analyte, need, why in needs(point, book) if need is not LabNeed.REQUIRED and analyte in LAB_TOXICITY]
    unsettled = [(analyte, tuple(reason for reason in reasons if reason.unsettled)) for analyte, reasons in asked]
    return tuple((analyte, reasons) for analyte, reasons in unsettled if reasons)


def judge_ages(chart: Chart) -> Iterator[Judged]:
    """The vote and the notes on the age of the results that count."""
    old = _old(chart)
    votes, notes = tuple(_votes(chart, old)), tuple(_age_notes(chart, old))
    if votes or notes:
        yield Judged(votes, notes=notes)


def old_results(chart: Chart) -> Iterator[Result]:
    """The results that count, are or may be required, and exceed the limit of this library. None if the caller passes a maximum age."""
    return _to_assess(chart, _old(chart))


def _old(chart: Chart) -> Sequence[_OfAnalyte]:
    """The results that count but are no longer recent, because there is no earlier dose or it was long ago; each with its analyte."""
    start = chart.planned.planned_start
    if start is None:
        return ()
    dates = {result.lab.collected for labs in chart.labs for result in labs.counting}
    old = {drawn for drawn in dates if drawn is not None and days_between(drawn, start) > RECENT_DAYS}
    return [(labs, result) for labs in chart.labs for result in labs.counting if result.lab.collected in old] if old else ()


def _to_assess(chart: Chart, old: Sequence[_OfAnalyte]) -> Iterator[Result]:
    """Those of the old results that a clinician must assess."""
    if old and chart.max_age is None:
        left_open = {analyte for analyte, _ in open_needs(chart.case.point, chart.book)}
        yield from (result for labs, result in old if labs.need is LabNeed.REQUIRED or labs.analyte in left_open)


def _votes(chart: Chart, old: Sequence[_OfAnalyte]) -> Iterator[Vote]:
    """If no recent dose limits the age of results, a clinician must assess old ones that are, or may be, required."""
    if analytes := dict.fromkeys([str(result.lab.analyte) for result in _to_assess(chart, old)]):
        dose = "first dose" if _first(chart) else "dose, and the previous dose was even earlier"
        says = (
            f"Drawn more than {RECENT_DAYS} days before the {dose}: {listed(map(named, analytes))}. No source limits the age in this "
            "situation; this limit is a safeguard of this library, and max_lab_age replaces it. A clinician must assess it."
        )
        yield Vote(LABS, Verdict.NEEDS_ASSESSMENT, (), (Reason("guard/old-labs", says),))


def _age_notes(chart: Chart, old: Sequence[_OfAnalyte]) -> Iterator[Note]:
    """Notes on the age of results if no recent dose limits it: before the first dose, or long after another dose."""
    case = chart.case
    if case.planned_start is None:
        return
    if not _first(chart):
        if analytes := dict.fromkeys([str(labs.analyte) for labs, _ in old]):
            names = listed(map(named, analytes))
            yield Note(LABS, f"drawn more than {RECENT_DAYS} days before the planned start, and after the previous dose: {names}.")
        return
    dates = [day(result.lab.collected) for labs in chart.labs for result in labs.counting if result.lab.collected is not None]
    if dates:
        age = (day(case.planned_start) - min(dates)).days
        days = "1 day" if age == 1 else f"{age} days"
        yield Note(LABS, f"no earlier dose limits their age. The oldest result that counts was drawn {days} before the planned start.")

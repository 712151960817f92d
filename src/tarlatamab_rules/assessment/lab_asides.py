"""Results that do not count for a dose, or are old: what a reader is told of them, and which are for a clinician."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.answers.vocabulary import LabNeed, Standing
from tarlatamab_rules.assessment.votes import Judged, Vote
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact, Note
from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY
from tarlatamab_rules.rules.labs import RECENT_DAYS, latest_dates, needs

if TYPE_CHECKING:
    from tarlatamab_rules.answers.labs import LabStanding
    from tarlatamab_rules.assessment.chart import Chart, OfAnalyte, Result
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.course import DosePoint
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["AFTER_START", "LABS", "WHY_ASIDE", "aside", "not_had", "old_at_first", "old_results", "oldest", "open_needs", "recent_aside"]

LABS: Final = Fact("labs")
AFTER_START: Final = Reason(
    "guard/labs-after", "A result of after the planned start would speak against the dose: a clinician must assess it."
)
WHY_ASIDE: Final[Mapping[Standing, str]] = {
    Standing.TOO_OLD: "it is older than the greatest age given",
    Standing.BEFORE_LAST_DOSE: "not drawn after the previous dose",
    Standing.AFTER_PLANNED_START: "drawn after the planned start",
    Standing.REPLACED: "a later result counts",
}


def aside(standings: Sequence[LabStanding]) -> Iterator[Note]:
    """A note for each result that is not used, with the reason."""
    counts = Standing.COUNTS
    for each in [each for each in standings if each.standing is not counts]:
        if each.standing in WHY_ASIDE and each.result is not None:
            yield Note(Fact("labs", each.analyte), f"{each.result.quantity} is not used: {WHY_ASIDE[each.standing]}.")


def not_had(standings: Sequence[LabStanding]) -> Iterator[Note]:
    """A dose does not wait for what is only recommended, but a reader is told."""
    counts, wanted = Standing.COUNTS, LabNeed.RECOMMENDED
    absent = dict.fromkeys([each.analyte for each in standings if each.need is wanted and each.standing is not counts])
    had = {each.analyte for each in standings if each.standing is counts} if absent else absent
    if rest := [analyte for analyte in absent if analyte not in had]:
        yield Note(LABS, f"recommended, and not at hand for this dose: {', '.join(rest)}.")


def recent_aside(labs: OfAnalyte, chart: Chart) -> Iterator[Result]:
    """The results of an analyte that do not count and after which none is known, if they are undated or recent."""
    past = [result for result in labs.results if result.standing.standing is not Standing.AFTER_PLANNED_START]
    newest = latest_dates([result.lab.collected for result in past if result.lab.collected is not None])
    start = chart.planned.on
    for result in labs.results:
        drawn = result.lab.collected
        if result.counts or (drawn is not None and any(earlier(drawn, mark) for mark in newest)):
            continue
        if result.standing.missing and labs.counting:
            continue  # what is missing of it is asked for
        if drawn is None or start is None or days_between(drawn, start) <= RECENT_DAYS:
            yield result


def _first(chart: Chart) -> bool:
    """Whether no dose is known to have been given."""
    return not (chart.case.course and chart.case.course.doses)


@lru_cache(maxsize=512)
def open_needs(point: DosePoint, book: Rulebook) -> tuple[tuple[Analyte, tuple[Reason, ...]], ...]:
    """The signs of a toxicity of which the book does not settle whether a dose asks for them, and why not."""
    each = (
        (analyte, tuple(reason for reason in reasons if reason.unsettled))
        for analyte, need, reasons in needs(point, book)
        if need is not LabNeed.REQUIRED
    )
    return tuple((analyte, reasons) for analyte, reasons in each if reasons and analyte in LAB_TOXICITY)


def old_results(chart: Chart) -> Iterator[Result]:
    """The results that count, are required or may be, and are older than our limit, if the caller gives no greatest age."""
    if chart.max_age is not None or not (old := _old(chart)):
        return
    others = {analyte for analyte, _ in open_needs(chart.case.dose, chart.book)}
    yield from (result for labs, result in old if labs.need is LabNeed.REQUIRED or labs.analyte in others)


def old_at_first(chart: Chart) -> Iterator[Judged]:
    """Where no recent dose bounds the age of a result, an old one that is required, or may be, is for a clinician."""
    old = dict.fromkeys([str(result.lab.analyte) for result in old_results(chart)])
    if old:
        dose = "first dose" if _first(chart) else "dose, and the previous dose is longer ago"
        says = (
            f"Drawn more than {RECENT_DAYS} days before the {dose}: {', '.join(old)}. No source bounds the age there; this limit is "
            "ours, and max_lab_age replaces it. A clinician must assess it."
        )
        yield Judged((Vote(LABS, Verdict.NEEDS_ASSESSMENT, (), (Reason("guard/old-labs", says),)),))


def _old(chart: Chart) -> list[tuple[OfAnalyte, Result]]:
    """The results that count and are no longer recent: without an earlier dose, or long after it."""
    start = chart.planned.on
    dates = {result.lab.collected for labs in chart.labs for result in labs.counting} if start is not None else set()
    old = {drawn for drawn in dates if drawn is not None and start is not None and days_between(drawn, start) > RECENT_DAYS}
    return [(labs, result) for labs in chart.labs for result in labs.counting if result.lab.collected in old] if old else []


def oldest(chart: Chart) -> Iterator[Note]:
    """Before the first dose, and long after another, nothing recent bounds the age of a result, so a reader is told."""
    case = chart.case
    if case.planned_start is None:
        return
    if not _first(chart):
        if old := dict.fromkeys([str(labs.analyte) for labs, _ in _old(chart)]):
            says = f"drawn more than {RECENT_DAYS} days before the planned start, and after the previous dose: {', '.join(old)}."
            yield Note(LABS, says)
        return
    dates = [day(result.lab.collected) for labs in chart.labs for result in labs.counting if result.lab.collected is not None]
    if dates:
        age = (day(case.planned_start) - min(dates)).days
        days = "1 day" if age == 1 else f"{age} days"
        yield Note(LABS, f"no earlier dose bounds their age; the oldest that counts was drawn {days} before the planned start.")

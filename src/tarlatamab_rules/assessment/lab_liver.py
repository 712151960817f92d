"""Aminotransferases and bilirubin together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.lab_unused import AFTER_START
from tarlatamab_rules.assessment.votes import AssessedToxicity, Judged, Vote, floored, verdicts_of
from tarlatamab_rules.core.decisions import NotCovered, Verdict
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks.questions import DRUG_INDUCED_LIVER_INJURY, LAB_TOXICITY
from tarlatamab_rules.rules.course import first_given
from tarlatamab_rules.rules.grading import is_above
from tarlatamab_rules.rules.liver import OTHER_CAUSE, Pair, highest, pairs_of
from tarlatamab_rules.values.vocabulary import Standing

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.chart import Chart, Result
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.labs import LabResult

__all__ = ["judge_liver"]

_LIVER: Final = frozenset(analyte for analyte, toxicity in LAB_TOXICITY.items() if toxicity is Toxicity.HEPATOTOXICITY)


def judge_liver(chart: Chart) -> Iterator[Judged]:
    """Pairs drawn together since the first dose, pairs in which one result has no date, and the pair of the latest results."""
    if DRUG_INDUCED_LIVER_INJURY not in chart.book.rows:
        return
    raised = [result for labs in chart.labs if labs.analyte in _LIVER for result in labs.results if is_above(result.lab) is not False]
    if raised:
        yield from dict.fromkeys(_judged_pairs(raised, chart))


def _judged_pairs(raised: Sequence[Result], chart: Chart) -> Iterator[Judged]:
    reported = _reported(chart)
    cause = partial(_cause_of, reported=reported)
    since = _since_first_dose(raised, first_given(chart.case.course))
    latest = [result.lab for result in raised if result.counts]
    for pair in (*pairs_of(since, cause), *_all_pairs(latest, cause)):
        if judged := _judged(pair, reported, chart):
            yield judged
    after = [result.lab for result in raised if result.standing.standing is Standing.AFTER_PLANNED_START]
    for pair in _late_pairs(after, since, latest, cause):
        if judged := _judged(pair, reported, chart):
            yield _for_a_clinician(judged)


def _reported(chart: Chart) -> dict[Fact, ToxicityEvent]:
    """The reported events of liver injury, by path."""
    return {Fact("events", n): event for n, event in enumerate(chart.case.events or ()) if event.toxicity is Toxicity.HEPATOTOXICITY}


def _since_first_dose(raised: Iterable[Result], first: When | None) -> list[LabResult]:
    """The results from the first dose to the planned one; a result without a date may be one of them."""
    labs = [result.lab for result in raised if result.standing.standing is not Standing.AFTER_PLANNED_START]
    return [lab for lab in labs if first is None or lab.collected is None or not earlier(lab.collected, first)]


def _late_pairs(
    after: list[LabResult], since: list[LabResult], latest: list[LabResult], cause: Callable[[LabResult], bool | None]
) -> Iterator[Pair]:
    """The pairs in which one result was drawn after the planned start."""
    if after:
        ids = {id(result) for result in after}
        pairs = (*pairs_of([*since, *after], cause), *_all_pairs([*latest, *after], cause))
        yield from (pair for pair in pairs if {id(pair.enzyme), id(pair.bilirubin)} & ids)


def _all_pairs(results: list[LabResult], cause: Callable[[LabResult], bool | None]) -> Iterator[Pair]:
    """The highest aminotransferases with the highest bilirubins, whatever their days."""
    most = highest(results, cause)
    bilirubins = [result for result in most if result.analyte is Analyte.BILIRUBIN]
    yield from (Pair(enzyme, bilirubin) for enzyme in most if enzyme.analyte is not Analyte.BILIRUBIN for bilirubin in bilirubins)


def _judged(pair: Pair, reported: Mapping[Fact, ToxicityEvent], chart: Chart) -> Judged | None:
    """The vote on a pair; ``None`` if the book does not mention it."""
    answer = pair.judged(_cause_of(pair.enzyme, reported), chart.book)
    if isinstance(answer, NotCovered):
        return None
    path = Fact("labs", pair.enzyme.analyte, beside=Fact("labs", Analyte.BILIRUBIN))
    missing = tuple(_cause_asked(pair.enzyme, reported, answer.missing))
    vote = Vote(path, floored(verdicts_of(answer, Grade.NONE)), missing, answer.reasons)
    return Judged((vote,), (AssessedToxicity(path, Toxicity.HEPATOTOXICITY, (), answer),))


def _for_a_clinician(judged: Judged) -> Judged:
    """The vote on a pair in which one result was drawn after the planned start: either a time is wrong or the dose is late."""
    vote = judged.votes[0]
    verdict = min(vote.verdict, Verdict.NEEDS_ASSESSMENT)
    return Judged((evolve(vote, verdict=verdict, reasons=(AFTER_START, *vote.reasons)),))


def _cause_of(result: LabResult, reported: Mapping[Fact, ToxicityEvent]) -> bool | None:
    """Whether the reported episodes of that time have another cause. An episode that may be of another time settles nothing."""
    causes = [event.other_cause for event in reported.values() if _may_be_of(result, event) and not _may_be_past(result, event)]
    return False if False in causes else True if causes and None not in causes else None


def _may_be_of(result: LabResult, event: ToxicityEvent) -> bool:
    drawn = result.collected
    if drawn is None:
        return True
    return not (event.onset is not None and earlier(drawn, event.onset)) and not (
        event.resolved is not None and earlier(event.resolved, drawn)
    )


def _may_be_past(result: LabResult, event: ToxicityEvent) -> bool:
    """Whether an episode of another cause may have been over when the result was drawn, because a date is missing."""
    if not event.other_cause or event.over is False:
        return False
    if event.over is None:
        return event.onset is None
    return event.resolved is None or result.collected is None


def _cause_asked(result: LabResult, reported: Mapping[Fact, ToxicityEvent], missing: Iterable[str]) -> dict[str, None]:
    """The missing facts of a pair. If an episode reports the cause, its dates are asked for instead of the cause."""
    past = {path: event for path, event in reported.items() if _may_be_of(result, event) and _may_be_past(result, event)}
    asked = dict[str, None]()
    for fact in missing:
        if fact != OTHER_CAUSE or not past:
            asked[fact] = None
            continue
        asked |= dict.fromkeys(_date_asked(path, event, result) for path, event in past.items())
    return asked


def _date_asked(path: Fact, event: ToxicityEvent, result: LabResult) -> Fact:
    """The missing date that leaves open whether an episode was over when the result was drawn."""
    if event.over is None:
        return path.its("onset")
    return path.its("resolved") if event.resolved is None else Fact("labs", result.analyte, "collected")

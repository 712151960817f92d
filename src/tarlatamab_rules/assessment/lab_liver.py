"""Aminotransferases and bilirubin together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.answers.vocabulary import Standing
from tarlatamab_rules.assessment.lab_asides import AFTER_START
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

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.chart import Chart
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.labs import LabResult

__all__ = ["judge_liver"]

_LIVER: Final = frozenset(analyte for analyte, toxicity in LAB_TOXICITY.items() if toxicity is Toxicity.HEPATOTOXICITY)


def judge_liver(chart: Chart) -> Iterator[Judged]:
    """Those of one time since the first dose, those of which one has no date, and the latest of each."""
    if DRUG_INDUCED_LIVER_INJURY not in chart.book.rows:
        return
    first = first_given(chart.case.course)
    raised = [result for labs in chart.labs if labs.analyte in _LIVER for result in labs.results if is_above(result.lab) is not False]
    if not raised:
        return
    since = [
        result.lab
        for result in raised
        if result.standing.standing is not Standing.AFTER_PLANNED_START
        and not (first is not None and result.lab.collected is not None and earlier(result.lab.collected, first))
    ]
    reported = {Fact("events", n): event for n, event in enumerate(chart.case.events or ()) if event.toxicity is Toxicity.HEPATOTOXICITY}

    def cause(result: LabResult) -> bool | None:
        return _cause_of(result, reported)

    latest = [result.lab for result in raised if result.counts]
    after = [result.lab for result in raised if result.standing.standing is Standing.AFTER_PLANNED_START]
    found: dict[Judged, None] = {}
    for pair in [*pairs_of(since, cause), *_all_pairs(latest, cause)]:
        if judged := _judged(pair, reported, chart):
            found[judged] = None
    if after:
        late = [*pairs_of([*since, *after], cause), *_all_pairs([*latest, *after], cause)]
        of_after = {id(result) for result in after}
        for pair in late:
            judged = _judged(pair, reported, chart) if {id(pair.enzyme), id(pair.bilirubin)} & of_after else None
            if judged:
                found[_for_a_clinician(judged)] = None
    yield from found


def _all_pairs(results: list[LabResult], cause: Callable[[LabResult], bool | None]) -> Iterator[Pair]:
    """The highest aminotransferases with the highest bilirubins, whatever their days."""
    most = highest(results, cause)
    yield from (Pair(enzyme, other) for enzyme in most for other in most if enzyme.analyte is not Analyte.BILIRUBIN is other.analyte)


def _judged(pair: Pair, reported: Mapping[Fact, ToxicityEvent], chart: Chart) -> Judged | None:
    """What a pair comes to; nothing if it is none that matters."""
    answer = pair.judged(_cause_of(pair.enzyme, reported), chart.book)
    if isinstance(answer, NotCovered):
        return None
    path = Fact("labs", pair.enzyme.analyte, beside=Fact("labs", Analyte.BILIRUBIN))
    missing = tuple(_cause_asked(pair.enzyme, reported, answer.missing))
    vote = Vote(path, floored(verdicts_of(answer, Grade.NONE)), missing, answer.reasons)
    return Judged((vote,), (AssessedToxicity(path, Toxicity.HEPATOTOXICITY, (), answer),))


def _for_a_clinician(judged: Judged) -> Judged:
    """The same of a pair of which one was drawn after the planned start: a time is wrong, or the dose is late."""
    vote = judged.votes[0]
    verdict = min(vote.verdict, Verdict.NEEDS_ASSESSMENT)
    return Judged((evolve(vote, verdict=verdict, reasons=(AFTER_START, *vote.reasons)),))


def _cause_of(result: LabResult, reported: Mapping[Fact, ToxicityEvent]) -> bool | None:
    """Whether the reported episodes of that time say that there is another cause; one that may be of another time clears nothing."""
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
    """Whether an episode of another cause may have been over when the result was drawn, since a date is missing."""
    if not event.other_cause or event.over is False:
        return False
    if event.over is None:
        return event.onset is None
    return event.resolved is None or result.collected is None


def _cause_asked(result: LabResult, reported: Mapping[Fact, ToxicityEvent], missing: Iterable[str]) -> dict[str, None]:
    """What is missing of a pair; where an episode has the cause, its dates and not the cause."""
    past = {path: event for path, event in reported.items() if _may_be_of(result, event) and _may_be_past(result, event)}
    asked = dict[str, None]()
    for fact in missing:
        if fact != OTHER_CAUSE or not past:
            asked[fact] = None
            continue
        for path, event in past.items():
            own = "onset" if event.over is None else "resolved" if event.resolved is None else None
            asked[Fact("labs", result.analyte, "collected") if own is None else path.its(own)] = None
    return asked

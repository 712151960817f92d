"""Aminotransferases and bilirubin together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.answers.words import Standing
from tarlatamab_rules.assessment.votes import AssessedToxicity, Judged, Vote, floored, verdicts_of
from tarlatamab_rules.decisions import NotCovered
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import Grade, Toxicity
from tarlatamab_rules.questions.toxicities import DRUG_INDUCED_LIVER_INJURY, LAB_TOXICITY
from tarlatamab_rules.rules.courses import first_given
from tarlatamab_rules.rules.grading import is_above
from tarlatamab_rules.rules.liver import Pair, highest, pairs_of

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.chart import Chart
    from tarlatamab_rules.inputs.findings import ToxicityEvent
    from tarlatamab_rules.inputs.labs import LabResult

__all__ = ["judge_liver"]

_LIVER: Final = frozenset(analyte for analyte, toxicity in LAB_TOXICITY.items() if toxicity is Toxicity.HEPATOTOXICITY)


def judge_liver(chart: Chart) -> Iterator[Judged]:
    """Those of one time since the first dose, those of which one has no date, and the latest of each."""
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
    reported = [event for event in chart.case.events or () if event.toxicity is Toxicity.HEPATOTOXICITY]

    def cause(result: LabResult) -> bool | None:
        return _cause_of(result, reported)

    latest = highest((result.lab for result in raised if result.counts), cause)
    both = [Pair(enzyme, other) for enzyme in latest for other in latest if enzyme.analyte is not Analyte.BILIRUBIN is other.analyte]
    found: dict[Judged, None] = {}
    for pair in [*pairs_of(since, cause), *both]:
        answer = pair.judged(cause(pair.enzyme), chart.book)
        path = f"labs.{pair.enzyme.analyte} with labs.bilirubin"
        if not isinstance(answer, NotCovered):
            vote = Vote(path, floored(verdicts_of(answer, Grade.NONE)), answer.missing, answer.reasons)
            found[Judged((vote,), (AssessedToxicity(path, Toxicity.HEPATOTOXICITY, (), answer),))] = None
    yield from found


def _cause_of(result: LabResult, reported: list[ToxicityEvent]) -> bool | None:
    """Whether the reported episodes of that time say that there is another cause."""
    drawn = result.collected
    causes = [
        event.other_cause
        for event in reported
        if not (drawn is not None and event.onset is not None and earlier(drawn, event.onset))
        and not (drawn is not None and event.resolved is not None and earlier(event.resolved, drawn))
    ]
    return False if False in causes else True if causes and None not in causes else None

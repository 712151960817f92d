"""The drugs and the monitoring of a dose, by the events and by the toxicities that results show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from tarlatamab_rules.assessment.chart import Chart, Result
from tarlatamab_rules.core.decisions import Decision, NeedsData, union
from tarlatamab_rules.core.paths import EVENTS, Fact
from tarlatamab_rules.inputs._fields import When, earlier
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks.facts import WORST_SO_FAR
from tarlatamab_rules.rulebooks.questions import MONITORING
from tarlatamab_rules.rules.planned import CRS, NEUROTOXICITY, Planned, by_episodes
from tarlatamab_rules.rules.plans import monitoring, premedication, whatever_happened
from tarlatamab_rules.values.plans import MonitoringPlan, PremedicationPlan
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

__all__ = ["monitoring_of", "premedication_of"]

_GRADE_OF_CRS: Final = Fact("events", Toxicity.CRS, "grade")


def premedication_of(planned: Planned) -> Decision[PremedicationPlan]:
    """The drugs that are given before and after the infusion. It does not matter whether CRS is an event or found now."""
    answer = premedication(planned)
    if not isinstance(answer, NeedsData) or planned.events is None:
        return answer
    return evolve(answer, missing=tuple([_GRADE_OF_CRS if fact == EVENTS else fact for fact in answer.missing]))


def monitoring_of(chart: Chart) -> Decision[MonitoringPlan]:
    """How long the patient is monitored, by the events and by the toxicities that results show."""
    planned = chart.planned
    if planned.events is None or WORST_SO_FAR not in planned.book[MONITORING].asks:
        return by_episodes(monitoring(planned), planned, CRS | NEUROTOXICITY)
    if (whatever := whatever_happened(planned)) is not None:
        return whatever
    so_far = evolve(planned, events=(*chart.events, *chart.findings))
    answer = by_episodes(monitoring(so_far, _seen_in_results(chart)), so_far)
    return evolve(answer, missing=union((answer.missing, tuple(_missing_of_results(chart))))) if isinstance(answer, NeedsData) else answer


def _missing_of_results(chart: Chart) -> Iterator[Fact]:
    """The facts that are missing for grades of results, if the mildest and the worst possible grade call for different monitoring."""
    number, table = chart.planned.number, chart.book[MONITORING]
    for labs in chart.labs:
        for result in labs.counting:
            ends = min(result.grades, default=Grade.NONE), max(result.grades, default=Grade.NONE)
            mildest, worst = (table(number, None, grade, None, None).possible for grade in ends)
            if mildest != worst:
                yield from (labs.path.its(fact) for fact in result.grade.missing)


def _seen_in_results(chart: Chart) -> Iterator[frozenset[Grade]]:
    """The grades of toxicities that results show: all possible grades of required results, and the certain ones of others."""
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

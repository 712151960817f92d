"""A low neutrophil count and a high temperature together: febrile neutropenia that no event reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.events import judge_episode
from tarlatamab_rules.assessment.votes import Judged, strictest_of
from tarlatamab_rules.core.decisions import Decided, NeedsData, Verdict
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.rules.event_grade import Episode
from tarlatamab_rules.rules.grading import grade_febrile_neutropenia

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.chart import Chart
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.inputs.units import Amount

__all__ = ["febrile_neutropenia"]

_BY_BOTH: Final = Reason(
    "guard/febrile-neutropenia", "By the grading scale, this neutrophil count with this temperature is febrile neutropenia."
)
_HOW_LONG: Final = Reason(
    "guard/fever-duration",
    "At this temperature it is febrile neutropenia if the fever lasted for more than an hour. How long it lasted cannot be entered: "
    "a clinician must assess it.",
)
_EVENT: Final = ToxicityEvent(Toxicity.FEBRILE_NEUTROPENIA, status=EventStatus.ACTIVE)


def febrile_neutropenia(chart: Chart) -> Iterator[Judged]:
    """The neutrophil counts that count, with each current temperature: an ongoing episode, unless an event reports one."""
    temperatures = tuple(_temperatures(chart))
    if not temperatures or any(_is_ongoing(episode) for episode in chart.events):
        return
    results = [result.lab for labs in chart.labs if labs.analyte is Analyte.NEUTROPHILS for result in labs.counting]
    for path, temperature in temperatures:
        answers = {grade_febrile_neutropenia(result, temperature, rulebook=chart.book.lab_scale): None for result in results}
        parts = [_judged(Fact("labs", Analyte.NEUTROPHILS, beside=path), answer, chart) for answer in answers]
        yield from sorted(parts, key=lambda judged: -judged.verdict.rank)[:1]


def _is_ongoing(episode: Episode) -> bool:
    return episode.event.toxicity is Toxicity.FEBRILE_NEUTROPENIA and episode.event.over is False


def _temperatures(chart: Chart) -> Iterator[tuple[Fact, Amount]]:
    """The temperatures among the current findings and those of an ongoing syndrome, each with its path."""
    now = [(Fact("findings", Toxicity.CRS), findings) for findings in chart.case.findings or ()]
    now += [(episode.path, episode.event.findings) for episode in chart.events if episode.event.over is False and episode.event.findings]
    for path, findings in now:
        if isinstance(findings, CrsFindings) and findings.temperature is not None:
            yield path, findings.temperature


def _judged(path: Fact, answer: Decision[Grade], chart: Chart) -> Judged:
    grades = frozenset(grade for grade in answer.possible if grade is not None)
    if grades <= {Grade.NONE}:
        return Judged()
    grade = answer.value if isinstance(answer, Decided) else grades
    judged = judge_episode(Episode(path, _EVENT, grade, (_BY_BOTH,), grades), chart.planned)
    if not isinstance(answer, NeedsData):
        return judged
    vote = judged.votes[0]
    missing = (path.its("value"),) if "value" in answer.missing else ()
    if "sustained" in answer.missing:
        vote = evolve(vote, verdict=strictest_of((vote.verdict, Verdict.NEEDS_ASSESSMENT)), reasons=(_HOW_LONG, *vote.reasons))
    return evolve(judged, votes=(evolve(vote, missing=missing),))

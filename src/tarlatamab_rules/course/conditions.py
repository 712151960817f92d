"""Under which condition the answer about a dose to come holds, and what else is possible: nobody knows yet what happens before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks.facts import CRS_BEFORE, NEURO_BEFORE, POINT, ROLE, WORST_SO_FAR
from tarlatamab_rules.rulebooks.questions import MONITORING, PREMEDICATION
from tarlatamab_rules.rules.course import worst_of
from tarlatamab_rules.rules.planned import CRS, NEUROTOXICITY
from tarlatamab_rules.rules.plans import monitoring, premedication

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.core.tables import Axis, Question
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.values.plans import MonitoringPlan, PremedicationPlan

__all__ = ["Expected", "expected_monitoring", "expected_premedication", "unlike"]


@frozen
class Expected:
    """The ordinary answer about a dose to come: what holds if nothing else happens.

    Attributes:
        answer: The answer by the toxicities that are known; if they are not known, as if there were none.

        condition: What must not happen for it to hold; empty if nothing changes it.

        alternatives: What else is possible; ``None`` among them if the source may be silent.
    """

    answer: Decision[Any]
    condition: str = ""
    alternatives: tuple[Any, ...] = ()


_IN_WORDS: Final[Mapping[Axis, str]] = {
    WORST_SO_FAR: "toxicity",
    CRS_BEFORE: "CRS",
    NEURO_BEFORE: "ICANS or other neurotoxicity",
}
"""The facts about toxicities that a table may ask for, in words. Any toxicity comes first: it takes in the others."""

_UNCHANGED: Final = "if nothing else happens before it"


def expected_premedication(planned: Planned) -> Expected:
    """What is given before and after a dose to come."""
    return _expected(PREMEDICATION, premedication, planned)


def expected_monitoring(planned: Planned) -> Expected:
    """How long the patient is watched after a dose to come."""
    return _expected(MONITORING, monitoring, planned)


def unlike(expected: Expected, answer: Decision[Any]) -> Expected:
    """The same with the answer of an assessment, which knows more than the toxicities that were reported."""
    if answer.possible == expected.answer.possible:
        return evolve(expected, answer=answer)
    every = (*expected.answer.possible, *expected.alternatives)
    alternatives = tuple([value for value in every if value not in answer.possible])
    return Expected(answer, _UNCHANGED, alternatives)


def _expected(
    question: Question[Any], ask: Callable[[Planned], Decision[PremedicationPlan] | Decision[MonitoringPlan]], planned: Planned
) -> Expected:
    """The answer by what is known, beside every answer that is possible if the toxicities are not known."""
    answer, open_ = ask(planned), ask(evolve(planned, events=None))
    alternatives = tuple([value for value in open_.possible if value not in answer.possible])
    if not alternatives:
        return Expected(answer)
    return Expected(answer, _condition(question, answer, planned), alternatives)


def _condition(question: Question[Any], answer: Decision[Any], planned: Planned) -> str:
    """What must not happen: for each kind of toxicity the least grade that would change the answer."""
    table = planned.book[question]
    known = {axis: _worst(axis, planned) for axis in _IN_WORDS if axis in table.asks}

    def possible(worst: Mapping[Axis, Any]) -> tuple[Any, ...]:
        facts: dict[Axis, Any] = {POINT: planned.number, ROLE: planned.role, **worst}
        return table.lookup[tuple([facts.get(axis) for axis in question.axes])].possible

    worse = {axis: [grade for grade in Grade if grade > max(worst)] for axis, worst in known.items()}
    limits: dict[Axis, Grade] = {}
    for axis, grades in worse.items():
        limit = next((grade for grade in grades if possible({**known, axis: frozenset((grade,))}) != answer.possible), None)
        limits |= {} if limit is None else {axis: limit}
    below = {
        axis: known[axis] | {grade for grade in grades if axis not in limits or grade < limits[axis]} for axis, grades in worse.items()
    }
    if not limits or possible(below) != answer.possible:
        return _UNCHANGED
    if (any_ := limits.get(WORST_SO_FAR)) is not None:
        limits = {axis: limit for axis, limit in limits.items() if axis is WORST_SO_FAR or limit < any_}
    return "if there is " + " and ".join(f"no {_IN_WORDS[axis]} of grade {limit:d} or worse" for axis, limit in limits.items())


def _worst(axis: Axis, planned: Planned) -> frozenset[Grade]:
    """The worst grades that are possible by what is known."""
    toxicities = CRS if axis is CRS_BEFORE else NEUROTOXICITY if axis is NEURO_BEFORE else None
    worst = worst_of(episode.grades for episode in planned.events or ()) if toxicities is None else planned.worst_since(toxicities)
    return worst if isinstance(worst, frozenset) else frozenset((worst or Grade.NONE,))

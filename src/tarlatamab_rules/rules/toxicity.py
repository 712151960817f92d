"""What does a toxicity oblige one to do?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve

from tarlatamab_rules.decisions import Decided, Decision
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.findings import Consciousness, Grade, NeuroFindings, RaisedPressure, Seizure, ToxicityEvent
from tarlatamab_rules.questions import ICE_GRADE, LAB_TOXICITY, TOXICITY_ACTION, ToxicityAction
from tarlatamab_rules.rulebooks._registry import resolve, table

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["toxicity_action"]

_Grades: TypeAlias = Grade | frozenset[Grade] | None
_GRADED_BY_LAB = frozenset(LAB_TOXICITY.values())


def toxicity_action(
    event: ToxicityEvent, *, history: Iterable[ToxicityEvent] | None = None, rulebook: Rulebook | str | None = None
) -> Decision[ToxicityAction]:
    """What the event obliges one to do: with the drug, and for the patient.

    A grade that the findings make more severe than the recorded one stands over it. A grade by another scale than the book reads is
    taken as not known, never mixed.

    Args:
        event: The episode. Whether it is over must be known: `status`, or a date in `resolved`.

        history: The other episodes so far. ``None``: not known; empty: reviewed, nothing happened.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        ContradictionError: The toxicity cannot have this grade.

    Source: precautions page, NEU-2 to NEU-4, ABN-1.
    """
    recurrent = None if history is None else recurs(event, history) if history else False
    if event.scale is None and event.findings is None:
        return table(TOXICITY_ACTION, rulebook)(event.toxicity, event.grade, event.over, recurrent)
    grade, why = effective_grade(event, resolve(rulebook))
    answer = table(TOXICITY_ACTION, rulebook)(event.toxicity, grade, event.over, recurrent)
    return evolve(answer, reasons=why + answer.reasons) if why else answer


def effective_grade(event: ToxicityEvent, book: Rulebook) -> tuple[_Grades, tuple[Reason, ...]]:
    """The grade that *book* goes by, or what is left open of it, and why it is not simply the recorded one."""
    recorded = event.grade
    if event.scale and event.toxicity in _GRADED_BY_LAB and event.scale != book.lab_scale:
        says = f"Graded by {event.scale}, while {book.name} reads {book.lab_scale}: grade it again by that scale."
        return None, (Reason("guard/other-scale", says),)
    if not isinstance(event.findings, NeuroFindings) or event.findings.ice is None:
        return recorded, ()
    by_ice = book[ICE_GRADE](event.findings.ice, _other_domain(event.findings))
    if not isinstance(by_ice, Decided) or recorded in by_ice.value.grades:
        return recorded, ()
    open_ = by_ice.value.grades
    if recorded is not None and recorded > max(open_):
        return recorded, ()
    return open_, by_ice.reasons


def _other_domain(findings: NeuroFindings) -> bool:
    """Whether something beside the ICE score is reported; what is not reported does not weigh."""
    return (
        findings.arousable is False
        or findings.motor_weakness is True
        or findings.consciousness not in {None, Consciousness.ALERT}
        or findings.seizure not in {None, Seizure.NONE}
        or findings.raised_icp not in {None, RaisedPressure.NONE}
    )


def recurs(event: ToxicityEvent, history: Iterable[ToxicityEvent]) -> bool | None:
    """Whether an earlier episode of the same toxicity has ended; ``None`` when that is not known."""
    answer: bool | None = False
    toxicity = event.toxicity
    for other in history:
        if other.toxicity is not toxicity or other == event:
            continue
        if event.onset is not None and other.onset is not None and not earlier(other.onset, event.onset):
            continue
        if other.over:
            return True
        if other.over is None:
            answer = None
    return answer

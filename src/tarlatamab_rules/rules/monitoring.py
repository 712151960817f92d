"""How long is a patient watched after a dose?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.findings import Grade, ToxicityEvent
from tarlatamab_rules.questions import MONITORING, MonitoringPlan
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["monitoring_duration"]

_AT_LEAST = {grade: frozenset(other for other in Grade if other >= grade) for grade in Grade}


def monitoring_duration(
    point: DosePoint | str, *, history: Iterable[ToxicityEvent] | None = None, rulebook: Rulebook | str | None = None
) -> Decision[MonitoringPlan]:
    """How long the patient is watched after the dose at *point*, where, and how close to care after that.

    Args:
        point: The dose, as ``"C1D8"``.

        history: The toxicities so far. ``None``: not known; empty: reviewed, nothing happened.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, MON-1 to MON-3.
    """
    if type(point) is not DosePoint:
        point = DosePoint.of(point)
    return table(MONITORING, rulebook)(point.number, _worst(history) if history else None if history is None else Grade.NONE)


def _worst(history: Iterable[ToxicityEvent]) -> Grade | frozenset[Grade]:
    """The worst grade; where a grade is not known, every grade from the worst known one up."""
    worst, unknown = Grade.NONE, False
    for event in history:
        grade = event.grade
        if grade is None:
            unknown = True
        elif grade > worst:
            worst = grade
    return _AT_LEAST[worst] if unknown else worst

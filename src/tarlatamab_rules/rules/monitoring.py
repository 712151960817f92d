"""How long is a patient watched after a dose?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tarlatamab_rules.answers import MonitoringPlan
from tarlatamab_rules.inputs._fields import several
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.findings import Grade, ToxicityEvent, grades_of
from tarlatamab_rules.questions import MONITORING
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.rules.toxicity import effective_grade

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["monitoring_duration"]


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
    worst = None if history is None else _worst(history, rulebook) if history != () else Grade.NONE
    return table(MONITORING, rulebook).lookup[point.number, worst]


def _worst(history: Iterable[ToxicityEvent], rulebook: Rulebook | str | None) -> Grade | frozenset[Grade]:
    """The worst grade; where a grade is not known, every grade that the worst may be."""
    if type(history) is not tuple:
        history = several(history, ToxicityEvent, "history")
    worst = Grade.NONE
    try:
        for event in history:
            grade = event.plain_grade
            if grade is None:
                return _open_worst(several(history, ToxicityEvent, "history"), resolve(rulebook))
            if grade > worst:  # noqa: PLR1730  # a call of max costs more than the rest of the loop
                worst = grade
    except AttributeError:
        return _open_worst(several(history, ToxicityEvent, "history"), resolve(rulebook))
    return worst


def after(
    point: DosePoint, history: tuple[ToxicityEvent, ...], seen: Iterable[frozenset[Grade]], book: Rulebook
) -> Decision[MonitoringPlan]:
    """`monitoring_duration`, with what laboratory results tell of toxicities: the grades that each of them may have."""
    return book[MONITORING](point.number, _worst_of([*(_grades(event, book) for event in history), *seen]))


def _open_worst(history: tuple[ToxicityEvent, ...], book: Rulebook) -> frozenset[Grade]:
    return _worst_of(_grades(event, book) for event in history)


def _grades(event: ToxicityEvent, book: Rulebook) -> frozenset[Grade]:
    grade, _ = effective_grade(event, book)
    return grades_of(event.toxicity) if grade is None else grade if isinstance(grade, frozenset) else frozenset((grade,))


def _worst_of(each: Iterable[frozenset[Grade]]) -> frozenset[Grade]:
    """Every grade that the worst of several may be."""
    worst = frozenset((Grade.NONE,))
    for grades in each:
        worst = frozenset(max(a, b) for a in worst for b in grades)
    return worst

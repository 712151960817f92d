"""Which laboratory results does a dose ask for, and which of those at hand count for it?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import frozen

from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.questions import LABS_DUE, LabsDue
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["labs_due"]


def labs_due(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[LabsDue]:
    """Which laboratory results the dose at *point* asks for.

    Args:
        point: The dose, as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, LAB-1 and LAB-2.
    """
    return table(LABS_DUE, rulebook)(DosePoint.of(point).number)


_ORDER = {analyte: place for place, analyte in enumerate(Analyte)}


@frozen
class _Window:
    """When a sample must have been drawn to count: after the previous dose, and not after the planned start."""

    known: bool
    opens: When | None
    closes: When | None

    def holds(self, result: LabResult) -> bool | None:
        """Whether a result counts; ``None`` when the dates at hand do not tell."""
        drawn = result.collected
        if drawn is None:
            return None
        if self.closes is not None and earlier(self.closes, drawn):
            return False
        if not self.known:
            return None
        return True if self.opens is None else earlier(self.opens, drawn)


def _window(case: Case) -> _Window:
    if case.course is None:
        return _Window(case.dose.number == 1, None, case.planned_start)
    last = case.course.last
    opens = None if last is None else last.ended or last.started
    return _Window(last is None or opens is not None, opens, case.planned_start)


def counting(case: Case) -> tuple[tuple[LabResult, ...], tuple[LabResult, ...]]:
    """The latest results that count for the dose, and those that may or may not count for want of a date.

    Several results of one analyte are all latest where their dates do not put them in order.
    """
    window = _window(case)
    held = [(result, window.holds(result)) for result in case.labs or ()]
    certain = sorted((result for result, holds in held if holds), key=_place)
    return tuple(_latest(certain)), tuple(result for result, holds in held if holds is None)


def _place(result: LabResult) -> tuple[int, float, str]:
    """So that the order in which results are listed does not matter."""
    return _ORDER[result.analyte], result.quantity.value, result.quantity.bound


def _latest(results: Iterable[LabResult]) -> Iterable[LabResult]:
    results = tuple(results)
    for result in results:
        rivals = (other for other in results if other.analyte is result.analyte)
        if not any(result.collected and rival.collected and earlier(result.collected, rival.collected) for rival in rivals):
            yield result

"""Which laboratory results does a dose ask for, and which of those at hand count for it?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from attrs import frozen

from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.questions import LABS_DUE, LabsDue
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import Course
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
class Counted:
    """The results of a case, by whether they count for the dose.

    Attributes:
        latest: Those that count, each the latest of its analyte; several where no date puts them in order.

        unsettled: Those that may count, each with the facts that are missing to tell.

        aside: Those that do not count, each with the reason.
    """

    latest: tuple[LabResult, ...]
    unsettled: tuple[tuple[LabResult, str], ...]
    aside: tuple[tuple[LabResult, str], ...]


def counted(case: Case) -> Counted:
    """A result counts when it was drawn after the end of the previous dose and not after the planned start."""
    certain, unsettled, aside = [], [], []
    for result in sorted(case.labs or (), key=_place):
        missing, why_not = _standing(result, case)
        if why_not:
            aside.append((result, why_not))
        elif missing:
            unsettled.append((result, missing))
        else:
            certain.append(result)
    latest = tuple(result for result in certain if not any(_replaces(other, result) for other in certain))
    aside += [(result, "a later result counts") for result in certain if result not in latest]
    return Counted(latest, tuple(unsettled), tuple(aside))


def _place(result: LabResult) -> tuple[int, float, str]:
    """So that the order in which results are listed does not matter."""
    return _ORDER[result.analyte], result.quantity.value, result.quantity.bound


def _replaces(other: LabResult, result: LabResult) -> bool:
    if other.analyte is not result.analyte or other.collected is None or result.collected is None:
        return False
    return earlier(result.collected, other.collected) is True


def _standing(result: LabResult, case: Case) -> tuple[str, str]:
    """The fact that is missing to tell whether a result counts, or why it does not; neither if it counts."""
    drawn, start = result.collected, case.planned_start
    if drawn is None:
        return f"labs.{result.analyte}.collected", ""
    if start is not None and earlier(start, drawn):
        return "", "drawn after the planned start"
    if case.course is None:
        missing, why_not = ("course" if case.dose.number > 1 else ""), ""
    else:
        missing, why_not = _after_last(result, drawn, case.course)
    if why_not:
        return "", why_not
    return missing or ("planned_start" if start is None else ""), ""


def _after_last(result: LabResult, drawn: When, course: Course) -> tuple[str, str]:
    """The same, of the previous dose alone."""
    last = course.last
    if last is None:
        return "", ""
    place = f"course[{len(course.doses) - 1}].{'ended' if last.ended else 'started'}"
    closes = last.ended or last.started
    if closes is None:
        return place, ""
    after = earlier(closes, drawn)
    if after is None:
        # On one day: what is missing is the time of the one that has none.
        return (f"labs.{result.analyte}.collected" if isinstance(closes, datetime) else place), ""
    return "", "" if after else f"not drawn after {last.point}"

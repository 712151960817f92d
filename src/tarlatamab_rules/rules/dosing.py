"""Is this the dose that comes next?

Safeguards that need no source: whatever a book says of amounts and intervals, a dose that is given twice, left out, planned before
the last one, or that follows a partial infusion, is looked at by a clinician first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered, Verdict
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.inputs.course import DosePoint

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import Course

__all__ = ["dose_check"]

_UNCHECKED = Reason("guard/no-amount", "No rulebook here gives amounts or intervals: check the dose, and the days since the last one.")


def dose_check(case: Case) -> Decision[Verdict]:
    """Whether the planned dose follows from the course.

    `Decided`: something needs assessment. `NeedsData`: the course, or whether the last infusion was complete, is not known. `NotCovered`:
    nothing speaks against it, and the amount and the interval remain to be checked.
    """
    problems = tuple(_problems(case))
    if problems:
        return Decided(Verdict.NEEDS_ASSESSMENT, problems)
    missing = _missing(case)
    if missing:
        return NeedsData(missing, (None, Verdict.NEEDS_ASSESSMENT), (_UNCHECKED,))
    return NotCovered((_UNCHECKED,))


def _missing(case: Case) -> tuple[str, ...]:
    if case.course is None:
        # The first dose has none before it; every other one follows a course that must be known.
        return () if case.dose.number == 1 else ("course",)
    last = case.course.last
    return ("course.complete",) if last is not None and last.complete is None else ()


def _problems(case: Case) -> Iterator[Reason]:
    if case.ordered is not None:
        yield Reason("guard/order", f"The order of {case.ordered} cannot be checked: the rulebook gives no amount for {case.dose}.")
    if case.course is not None:
        yield from _out_of_order(case.dose, case.course)
        yield from _after_last(case, case.course)


def _out_of_order(dose: DosePoint, course: Course) -> Iterator[Reason]:
    given = [past.point for past in course.doses]
    for point in sorted({point for point in given if given.count(point) > 1}):
        yield Reason("guard/repeated", f"{point} was given more than once.")
    if dose in given:
        yield Reason("guard/repeated", f"{dose} was given already.")
    else:
        due = DosePoint.at(max(given).number + 1 if given else 1)
        if dose != due:
            yield Reason("guard/skipped", f"{due} comes next, and {dose} is planned.")


def _after_last(case: Case, course: Course) -> Iterator[Reason]:
    last = course.last
    if last is None:
        return
    if last.complete is False:
        yield Reason("guard/partial", f"The infusion of {last.point} was not completed.")
    if case.planned_start is not None and last.started is not None and day(case.planned_start) <= day(last.started):
        yield Reason("guard/too-early", f"{case.dose} is planned on the day of {last.point}, or before it.")

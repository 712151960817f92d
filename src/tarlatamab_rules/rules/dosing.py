"""Is this the dose that comes next?

Safeguards that need no source: whatever a book says of amounts and intervals, a dose that is given twice, left out or too early for
its own name, or that follows a partial infusion, is looked at by a clinician first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered, Verdict
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.inputs.course import DosePoint

if TYPE_CHECKING:
    from datetime import date

    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import Course, GivenDose

__all__ = ["dose_check"]


def dose_check(case: Case) -> Decision[Verdict]:
    """Whether the planned dose follows from the course.

    `Decided`: something needs assessment. `NeedsData`: a fact of the course is not known. `NotCovered`: nothing speaks against it, and
    the amount and the interval remain to be checked, since no rulebook of this release has them.
    """
    problems = tuple(_problems(case))
    if problems:
        return Decided(Verdict.NEEDS_ASSESSMENT, problems)
    unchecked = (_unchecked(case),)
    missing = missing_facts(case)
    return NeedsData(missing, (None, Verdict.NEEDS_ASSESSMENT), unchecked) if missing else NotCovered(unchecked)


def missing_facts(case: Case) -> tuple[str, ...]:
    """The facts without which it cannot be told whether the dose follows from the course."""
    if case.course is None:
        # The first dose has none before it; every other one follows a course that must be known.
        return () if case.dose.number == 1 else ("course",)
    doses = case.course.doses
    missing = [f"course.{dose.point}.complete" for dose in doses if dose.complete is None]
    if doses and _date(doses[-1]) is None:
        missing.append(f"course.{doses[-1].point}.started")
    if doses and case.planned_start is None:
        missing.append("planned_start")
    return tuple(missing)


def _unchecked(case: Case) -> Reason:
    elapsed = _elapsed(case)
    since = "the days since the last dose" if elapsed is None else f"the {elapsed[1]} days since {elapsed[0]}"
    return Reason(
        "guard/no-amount",
        f"No rulebook here gives amounts or intervals: check the amount, and {since if case.dose.number > 1 else 'that it is the first'}.",
    )


def _problems(case: Case) -> Iterator[Reason]:
    if case.ordered is not None:
        yield Reason("guard/order", f"The order of {case.ordered} cannot be checked: no rulebook here gives an amount for {case.dose}.")
    if case.course is not None:
        yield from _out_of_order(case.dose, case.course)
        yield from _out_of_time(case, case.course)


def _out_of_order(dose: DosePoint, course: Course) -> Iterator[Reason]:
    given = [past.point for past in course.doses]
    for point in sorted({point for point in given if given.count(point) > 1}):
        yield Reason("guard/repeated", f"{point} was given more than once.")
    if dose in given:
        yield Reason("guard/repeated", f"{dose} was given already.")
    for point in sorted(point for point in set(given) if point > dose):
        yield Reason("guard/skipped", f"{point}, which comes after {dose}, was given already.")
    for number in range(1, dose.number):
        if (point := DosePoint.at(number)) not in given:
            yield Reason("guard/skipped", f"{point} comes before {dose}, and was not given.")
            break


def _out_of_time(case: Case, course: Course) -> Iterator[Reason]:
    for dose in course.doses:
        if dose.complete is False:
            yield Reason("guard/partial", f"The infusion of {dose.point} was not completed.")
    zone = getattr(case.planned_start, "tzinfo", None)
    moments = [(dose.point, day(moment, zone)) for dose in course.doses if (moment := _date(dose)) is not None]
    if case.planned_start is not None:
        moments.append((case.dose, day(case.planned_start)))
    for (before, earlier_day), (after, later_day) in ((one, other) for n, one in enumerate(moments) for other in moments[n + 1 :]):
        if before != after and (later_day - earlier_day).days < _apart(before, after):
            yield Reason("guard/too-early", f"{after} is on {later_day}, too early after {before} on {earlier_day}.")


def _apart(before: DosePoint, after: DosePoint) -> int:
    """How many days lie between two points by their own names, in one cycle; between two cycles a day at least."""
    return after.day - before.day if before.cycle == after.cycle else 1


def _date(dose: GivenDose) -> When | None:
    return dose.started or dose.ended


def _elapsed(case: Case) -> tuple[DosePoint, int] | None:
    last = case.course.last if case.course else None
    moment = None if last is None else _date(last)
    if last is None or moment is None or case.planned_start is None:
        return None
    planned: date = day(case.planned_start)
    return last.point, (planned - day(moment, getattr(case.planned_start, "tzinfo", None))).days

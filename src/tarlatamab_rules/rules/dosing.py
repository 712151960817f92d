"""Is this the dose that comes next, and the amount that is due?

Beside what a book says of amounts and intervals there are safeguards that need no source: a dose that is given twice, left out or too
early for its own name, or that follows a partial infusion, is looked at by a clinician first.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered, Verdict, unsettled_of
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.inputs.course import Course, DosePoint
from tarlatamab_rules.questions.dosing import NEXT_DOSE
from tarlatamab_rules.rules.courses import amounts_given, closed, days_since, least_days
from tarlatamab_rules.rules.next_dose import step_after

if TYPE_CHECKING:
    from tarlatamab_rules.answers.doses import DoseStep
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["dose_check", "planned_step"]

_FIRST = Course(())
_MOST = 1_000
"""How many doses that are too early are named: beyond any course that somebody has written down."""
_WITHIN = timedelta(days=14)
"""From the first to the last dose of a cycle: doses that are further apart are not too early."""
Moment: TypeAlias = tuple[DosePoint, date]
"""A dose, and its day."""


def planned_step(case: Case, book: Rulebook) -> Decision[DoseStep]:
    """What the book gives at the planned dose, by the course. The first dose needs no course."""
    course = _FIRST if case.course is None and case.dose.number == 1 else case.course
    return step_after(course, None if course is None else days_since(course, case.planned_start), book)


def dose_check(case: Case, step: Decision[DoseStep], book: Rulebook) -> Decision[Verdict]:
    """Whether the planned dose follows from the course, and its amount from the book.

    `Decided`: it does, or something needs assessment. `NeedsData`: a fact of the course is not known. `NotCovered`: nothing speaks against
    it, and the amount and the interval remain to be checked, since the book has none.
    """
    problems = (*_problems(case, book), *_off_the_book(case, step))
    if problems:
        return Decided(Verdict.NEEDS_ASSESSMENT, problems)
    missing = _missing(case, step)
    reasons = (_unchecked(case),) if isinstance(step, NotCovered) else step.reasons
    if missing:
        return NeedsData(missing, (None if isinstance(step, NotCovered) else Verdict.PROCEED, Verdict.NEEDS_ASSESSMENT), reasons)
    return NotCovered(reasons) if isinstance(step, NotCovered) else Decided(Verdict.PROCEED, reasons)


def _missing(case: Case, step: Decision[DoseStep]) -> tuple[str, ...]:
    """The facts without which it cannot be told whether the dose follows from the course."""
    if case.course is None:
        # The first dose has none before it; every other one follows a course that must be known.
        return () if case.dose.number == 1 else ("course",)
    doses = case.course.doses
    missing = [f"course.{dose.point}.complete" for dose in doses if dose.complete is None]
    if doses and closed(doses[-1]) is None:
        missing.append(f"course.{doses[-1].point}.started")
    if doses and case.planned_start is None:
        missing.append("planned_start")
    if isinstance(step, NeedsData):
        missing += [f"course.{dose.point}.amount" for dose in doses if dose.amount is None]
    return tuple(missing)


def _unchecked(case: Case) -> Reason:
    elapsed = _elapsed(case)
    since = "the days since the last dose" if elapsed is None else f"the {elapsed[1]} days since {elapsed[0]}"
    return Reason(
        "guard/no-amount",
        f"No rulebook here gives amounts or intervals: check the amount, and {since if case.dose.number > 1 else 'that it is the first'}.",
    )


def _off_the_book(case: Case, step: Decision[DoseStep]) -> Iterator[Reason]:
    """An order or a day that differs from what the book gives."""
    unsettled = tuple(reason for reason in step.reasons if reason.unsettled or reason.row == "guard/amount")
    if isinstance(step, NotCovered):
        yield from unsettled
        if case.ordered is not None:
            yield Reason("guard/order", f"The order of {case.ordered} cannot be checked: no rulebook here gives an amount for {case.dose}.")
        return
    yield from unsettled_of(step)
    steps = [value for value in step.possible if value is not None]
    if case.ordered is not None and all(case.ordered != value.amount for value in steps):
        amounts = " or ".join(dict.fromkeys(str(value.amount) for value in steps))
        yield Reason("guard/order", f"{case.ordered} is ordered for {case.dose}, and {amounts} is due.")
        yield from step.reasons


def _problems(case: Case, book: Rulebook) -> Iterator[Reason]:
    if case.course is not None:
        yield from _out_of_order(case.dose, case.course)
        yield from _out_of_time(case, case.course, book)


def _out_of_order(dose: DosePoint, course: Course) -> Iterator[Reason]:
    given = [past.point for past in course.doses]
    if [point.number for point in given] == list(range(1, dose.number)):
        return
    times = Counter(given)
    for point in sorted(point for point, count in times.items() if count > 1):
        yield Reason("guard/repeated", f"{point} was given more than once.")
    if dose in times:
        yield Reason("guard/repeated", f"{dose} was given already.")
    for point in sorted(point for point in times if point > dose):
        yield Reason("guard/skipped", f"{point}, which comes after {dose}, was given already.")
    for number in range(1, dose.number):
        if (point := DosePoint.at(number)) not in times:
            yield Reason("guard/skipped", f"{point} comes before {dose}, and was not given.")
            break


def _out_of_time(case: Case, course: Course, book: Rulebook) -> Iterator[Reason]:
    for dose in course.doses:
        if dose.complete is False:
            yield Reason("guard/partial", f"The infusion of {dose.point} was not completed.")
    moments = [(dose.point, day(when)) for dose in course.doses if (when := closed(dose)) is not None]
    if case.planned_start is not None:
        moments.append((case.dose, day(case.planned_start)))
    if NEXT_DOSE in book.rows:
        yield from _too_close(moments, course, book)
        return
    if all(one[0].number < other[0].number and not _too_early(one, other) for one, other in pairwise(moments)):
        return
    pairs = _early_pairs(list(dict.fromkeys(moments)))
    for (before, earlier_day), (after, later_day) in pairs[:_MOST]:
        yield Reason("guard/too-early", f"{after} is on {later_day}, too early after {before} on {earlier_day}.")
    if len(pairs) > _MOST:
        yield Reason("guard/too-early", "Other doses are too early as well: check the dates of the whole course.")


def _early_pairs(moments: list[Moment]) -> list[tuple[Moment, Moment]]:
    """The doses that are too early after another one, in their order; not all of them where there are far too many.

    Doses of which the day is far enough apart are not looked at one by one: a long course takes no more than its share of time.
    """
    found: list[tuple[int, int]] = []
    before: list[tuple[date, int]] = []
    for n, (_, when) in enumerate(moments):
        near = bisect_left(before, (when - _WITHIN, -1))
        found += [(place, n) for _, place in before[near:] if _too_early(moments[place], moments[n])]
        if len(found) > _MOST:
            break
        insort(before, (when, n))
    return [(moments[one], moments[other]) for one, other in sorted(found)]


def _too_close(moments: list[Moment], course: Course, book: Rulebook) -> Iterator[Reason]:
    """Doses that follow another one sooner than the book has it, by what that one was in the course."""
    after_each = zip(course.doses, least_days(amounts_given(course), book), strict=True)
    due = [days for dose, days in after_each if closed(dose) is not None]
    for least, ((before, one), (after, other)) in zip(due, pairwise(moments), strict=False):
        if (other - one).days < least:
            yield Reason("guard/too-early", f"{after} is on {other}, {(other - one).days} days after {before}, and due after {least} days.")


def _too_early(one: Moment, other: Moment) -> bool:
    """Whether fewer days lie between two doses than by their own names: in one cycle; between two cycles a day at least."""
    before, after = one[0], other[0]
    least = after.day - before.day if before.cycle == after.cycle else 1
    return before != after and (other[1] - one[1]).days < least


def _elapsed(case: Case) -> tuple[DosePoint, int] | None:
    """The last dose, and the days since then."""
    last = case.course.last if case.course else None
    days = days_since(case.course, case.planned_start) if case.course else None
    return None if last is None or days is None else (last.point, days)

"""Is this the dose that comes next, and the amount that is due?

Beside what a book says of amounts and intervals there are safeguards that need no source: a dose that is given twice, left out or too
early for its own name, or that follows a partial infusion, is looked at by a clinician first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered, Verdict, unsettled_of
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs.course import Course, DosePoint
from tarlatamab_rules.rules.courses import amounts_needed, days_since
from tarlatamab_rules.rules.given import dates_needed, is_complete
from tarlatamab_rules.rules.next_dose import step_after

if TYPE_CHECKING:
    from tarlatamab_rules.answers.doses import DoseStep
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.given import Deviation

__all__ = ["dose_check", "planned_step"]

_FIRST = Course(())


def planned_step(case: Case, book: Rulebook) -> Decision[DoseStep]:
    """What the book gives at the planned dose, by the course. The first dose needs no course."""
    course = _FIRST if case.course is None and case.dose.number == 1 else case.course
    return step_after(course, None if course is None else days_since(course, case.planned_start), book)


def dose_check(case: Case, step: Decision[DoseStep], odd: Iterable[Deviation], book: Rulebook) -> Decision[Verdict]:
    """Whether the planned dose follows from the course, and its amount from the book; *odd* is what is odd about the doses given.

    `Decided`: it does, or something needs assessment. `NeedsData`: a fact of the course is not known. `NotCovered`: nothing speaks against
    it, and the amount and the interval remain to be checked, since the book has none.
    """
    order = () if case.course is None else _out_of_order(case.dose, case.course)
    problems = tuple(dict.fromkeys((*order, *(each.reason for each in odd if each.votes), *_off_the_book(case, step))))
    if problems:
        return Decided(Verdict.NEEDS_ASSESSMENT, problems)
    missing = _missing(case, book)
    reasons = (_unchecked(case),) if isinstance(step, NotCovered) else step.reasons
    if missing:
        return NeedsData(missing, (None if isinstance(step, NotCovered) else Verdict.PROCEED, Verdict.NEEDS_ASSESSMENT), reasons)
    return NotCovered(reasons) if isinstance(step, NotCovered) else Decided(Verdict.PROCEED, reasons)


def _missing(case: Case, book: Rulebook) -> tuple[str, ...]:
    """The facts without which it cannot be told whether the dose follows from the course."""
    if case.course is None:
        # The first dose has none before it; every other one follows a course that must be known.
        return () if case.dose.number == 1 else ("course",)
    doses = case.course.doses
    missing = [f"course.{doses[-1].point}.complete"] if doses and is_complete(doses[-1], book) is None else []
    missing += dates_needed(case.course)
    if doses and case.planned_start is None:
        missing.append("planned_start")
    return (*missing, *amounts_needed(case.course, book))


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


def _elapsed(case: Case) -> tuple[DosePoint, int] | None:
    """The last dose, and the days since then."""
    last = case.course.last if case.course else None
    days = days_since(case.course, case.planned_start) if case.course else None
    return None if last is None or days is None else (last.point, days)

"""Which dose comes next, and how much is it?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tarlatamab_rules.answers.doses import DoseStep, NextDose
from tarlatamab_rules.decisions import Decided, Decision, NeedsData, NotCovered, either
from tarlatamab_rules.errors import FieldError
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import day, moment
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.questions.dosing import NEXT_DOSE
from tarlatamab_rules.questions.facts import NOTHING_GIVEN
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.courses import amounts_needed, as_course, closed, days_since, last_given, last_roles
from tarlatamab_rules.rules.given import PARTIAL, is_complete
from tarlatamab_rules.rules.readings import strictest_reading

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.courses import CourseLike

__all__ = ["named_step", "next_dose", "step_after"]

_NO_SUCH_AMOUNT = Reason("guard/amount", "The amounts given do not fit the schedule, so what follows is for a clinician.")
_PARTIAL = Reason(PARTIAL, "The last infusion was not completed, so what follows it is for a clinician.")


def next_dose(
    course: CourseLike, *, on: When | None = None, site_zone: str | None = None, rulebook: Rulebook | str | None = None
) -> Decision[NextDose]:
    """The dose that comes next after a course: its place in the schedule, how much it is, what it is in the course, and when it is due.

    What follows is decided by what was given last and by the calendar days since then, both by the amounts given, not by the names of the
    doses. After too long a delay the step-up begins anew.

    Args:
        course: The doses given so far. ``None``: not known; empty: none was given.

        on: The day on which the next dose is to be given; without it a delay cannot be told, and both answers may be possible.

        site_zone: The time zone of the site, by its IANA name, as ``Europe/Berlin``: days are counted by the calendar there. If left out,
            times with several UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: *on* is before the last dose; or the time zone is not known.

    Source: US prescribing information, 2.2 Table 1 and 2.4 Table 4.
    """
    book, each = resolve(rulebook), readings(site_zone, on=moment(on, "on"), course=as_course(course))
    return strictest_reading([_next(reading["course"], reading["on"], book) for reading in each], _strictness)


def _next(given: Course | None, when: When | None, book: Rulebook) -> Decision[NextDose]:
    days = None if given is None else days_since(given, when)
    if days is not None and days < 0:
        raise FieldError("on", f"{when} is before the last dose", "give the day of the dose that is planned")
    return named_step(step_after(given, days, book), given, book, days)


def _strictness(step: NextDose) -> tuple[int, int]:
    """A restart before none; then the dose that is due later."""
    return step.restart, step.due.toordinal() if step.due else 0


def named_step(step: Decision[DoseStep], course: Course | None, book: Rulebook, days: int | None = None) -> Decision[NextDose]:
    """What follows, with its place in the schedule and the day on which it is due."""
    if isinstance(step, Decided):
        return Decided(_named(step.value, course), step.reasons, step.dissent)
    if isinstance(step, NeedsData):
        named = dict.fromkeys(None if value is None else _named(value, course) for value in step.possible)
        return NeedsData(_lacking(course, days, book), tuple(named), step.reasons, step.dissent)
    return step


def step_after(course: Course | None, days: int | None, book: Rulebook) -> Decision[DoseStep]:
    """What follows the dose given last, so many days after it."""
    if course is None:
        return book[NEXT_DOSE](None, None)
    last = last_roles(course, book)
    if NEXT_DOSE not in book.rows or course.last is None:
        return book[NEXT_DOSE](last or frozenset((NOTHING_GIVEN,)), None if days is None else max(days, 0))
    complete = is_complete(course.last, book)
    if complete is False:
        return NotCovered((_PARTIAL,))
    if not last:
        return NotCovered((_NO_SUCH_AMOUNT,))
    answers: list[Decision[DoseStep]] = [book[NEXT_DOSE](last, None if days is None else max(days, 0))]
    # Without its amount, the first dose may have been one that fits no schedule.
    answers += [NotCovered((_NO_SUCH_AMOUNT,))] if _first_amount(course) in amounts_needed(course, book) else []
    answers += [NotCovered((_PARTIAL,))] if complete is None else []
    return either(answers)


def _first_amount(course: Course) -> str:
    return f"course.{course.doses[0].point}.amount"


def _named(step: DoseStep, course: Course | None) -> NextDose:
    last = course.last if course else None
    given = last_given(course)
    due = day(given) + timedelta(days=step.after) if step.after and given is not None else None
    point = None if course is None else DosePoint.at(1 if last is None else last.point.number + 1)
    return NextDose(point, step.amount, step.role, step.restart, due)


def _lacking(course: Course | None, days: int | None, book: Rulebook) -> tuple[str, ...]:
    if course is None:
        return ("course",)
    missing, last = list(amounts_needed(course, book)), course.last
    if last is not None and is_complete(last, book) is None:
        missing.append(f"course.{last.point}.complete")
    if days is None and last is not None:
        missing += ["on"] if closed(last) is not None else [f"course.{last.point}.started"]
    return tuple(missing)

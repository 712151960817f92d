"""A plan from a case: the course that follows from what is known before one planned dose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.paths import Fact, Note
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.course.planning import plan_course
from tarlatamab_rules.inputs.course import Course, DosePoint

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, time

    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["plan_case"]

_CYCLES = 6
"""How many cycles are planned if nothing is said. It is a choice of this library; no source gives one."""


def plan_case(  # noqa: PLR0913  # one keyword a fact
    case: Case,
    *,
    start: When | None = None,
    cycles: int | None = None,
    until: date | None = None,
    infusion_at: time | None = None,
    rulebook: Rulebook | str | None = None,
) -> CoursePlan:
    """The course that follows from a case, from its planned dose on.

    The plan goes by the doses given. If the planned dose of the case is another one than follows them, or an amount is ordered, a note says
    so: `assess_dose` judges both.

    Args:
        case: The case.

        start: The day, or the moment, of the planned dose. If left out, the planned start of the case; else the day of the first dose
            given.

        cycles: Up to which cycle doses are planned. If neither this nor *until* is passed: six, or that of the planned dose if it is later.

        until: Up to which day doses are planned.

        infusion_at: The time of day at which infusions begin, at the site; that of *start* if it is a moment.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: The case does not say enough.
    """
    course = _course(case)
    first = next((dose.started for dose in course.doses if dose.started is not None), None)
    begins = start or case.planned_start or first
    if begins is None:
        raise FieldError("start", "the day of the planned dose is not known", "say it, or write planned_start into the case")
    if cycles is None and until is None:
        cycles = max(_CYCLES, case.point.cycle)
    plan = plan_course(
        begins,
        cycles=cycles,
        until=until,
        infusion_at=infusion_at,
        course=course,
        events=case.events,
        findings=case.findings,
        labs=case.labs,
        patient=case.patient,
        site_zone=case.site_zone,
        rulebook=rulebook,
    )
    return evolve(plan, notes=(*_unused(case, course), *plan.notes))


def _unused(case: Case, course: Course) -> Iterator[Note]:
    """What the case says of its planned dose and a plan does not use."""
    follows = DosePoint.at(1 if course.last is None else course.last.point.number + 1)
    if case.point != follows:
        yield Note(
            Fact("point"),
            f"{case.point} does not follow the doses given: {follows} does, and the plan goes on with it. Correct the course or the dose.",
        )
    if case.ordered is not None:
        yield Note(Fact("ordered"), f"{case.ordered} is not used by a plan; assess_dose compares it with the dose that is due.")


def _course(case: Case) -> Course:
    """The doses given; none before the first one."""
    if case.course is not None:
        return case.course
    if case.point.number > 1:
        raise FieldError("course", "a plan cannot go on from a course that is not known", "write the doses given")
    return Course(())

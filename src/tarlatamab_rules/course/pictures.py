"""Pictures of a plan: the course as a timeline, and one dose along the clock.

They need no other package; `tarlatamab_rules.course.plot` draws them with matplotlib.
"""

from __future__ import annotations

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.course.dose_day import dose_drawing
from tarlatamab_rules.course.drawing import WIDTH, Drawing
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.course.timeline import course_drawing
from tarlatamab_rules.inputs.course import DosePoint

__all__ = ["dose_day", "timeline"]


def timeline(plan: CoursePlan, *, width: int = WIDTH) -> Drawing:
    """The course as a timeline, in strips of one to four weeks: doses, observation, near care, results that are needed, and last days.

    Every dose, bar and deadline of the plan is drawn once. A dose that is given is a filled square, and one that is planned an outlined
    diamond; bars are filled and outlined in the same way. What has no date is listed beneath, and so are conditions, notes, and where the
    sources disagree.

    Args:
        plan: The plan.

        width: In pixels, 480 to 4000; the narrower, the fewer weeks in a strip.

    Raises:
        FieldError: The width cannot be.

        FieldTypeError: *plan* is no plan.
    """
    return course_drawing(_plan(plan).entries, plan.notes, plan.rulebook, width)


def dose_day(plan: CoursePlan, point: DosePoint | str, *, width: int = WIDTH) -> Drawing:
    """One dose along the clock: what goes before, with and after it, each on a line with its times, its condition, and what it says.

    A bar goes from its start to its earliest end, and thinner to its latest one; a mark is a moment, or a deadline. If the time of day is
    not known, the lines have words alone.

    Args:
        plan: The plan.

        point: The dose, as ``"C1D1"``.

        width: In pixels, 480 to 4000.

    Raises:
        FieldError: The plan has no such dose, or the width cannot be.

        FieldTypeError: *plan* is no plan.
    """
    wanted, entries = DosePoint.of(point), _plan(plan).for_dose(point)
    if not entries:
        raise FieldError("point", f"{wanted} is not in this plan", f"name one of its doses, {_doses(plan)}")
    return dose_drawing(wanted, entries, plan.rulebook, width)


def _doses(plan: CoursePlan) -> str:
    points = [str(dose.point) for dose in plan.doses]
    return f"{points[0]} to {points[-1]}" if points else "of which there are none"


def _plan(plan: object) -> CoursePlan:
    if not isinstance(plan, CoursePlan):
        raise FieldTypeError("plan", f"{shown(plan)} is not a CoursePlan", "pass what plan_course gave")
    return plan

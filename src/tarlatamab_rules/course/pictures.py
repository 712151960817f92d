"""Pictures of a plan: the course as a timeline. They need no other package; `tarlatamab_rules.course.plot` draws them with matplotlib."""

from __future__ import annotations

from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.course.drawing import WIDTH, Drawing
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.course.timeline import course_drawing

__all__ = ["timeline"]


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


def _plan(plan: object) -> CoursePlan:
    if not isinstance(plan, CoursePlan):
        raise FieldTypeError("plan", f"{shown(plan)} is not a CoursePlan", "pass what plan_course gave")
    return plan

"""Pictures of a plan: the course as a timeline, one dose along the clock, and the results of an analyte.

They need no other package; `tarlatamab_rules.course.plot` draws them with matplotlib.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.course.dose_day import dose_drawing
from tarlatamab_rules.course.drawing import WIDTH, Drawing
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.course.timeline import course_drawing
from tarlatamab_rules.course.trend import trend_drawing
from tarlatamab_rules.inputs._fields import word
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.labs import AnalyteLike

__all__ = ["dose_day", "lab_trend", "timeline"]


def timeline(plan: CoursePlan, *, width: int = WIDTH) -> Drawing:
    """The course as a timeline, in strips of one to four weeks: doses, toxicities, observation, near care, results needed, last days.

    Every dose, bar and deadline of the plan, and every toxicity that was reported with an onset, is drawn once. A dose that is given is a
    filled square, and one that is planned an outlined diamond; bars are filled and outlined in the same way. A toxicity that goes on, or
    whose end is not known, is a dashed bar on the day of its onset. What has no date is listed beneath, and so are conditions, notes, and
    where the sources disagree.

    Args:
        plan: The plan.

        width: In pixels, 480 to 4000; the narrower, the fewer weeks in a strip.

    Raises:
        FieldError: The width cannot be.

        FieldTypeError: *plan* is no plan.
    """
    return course_drawing(_plan(plan).entries, plan.notes, plan.rulebook, width, events=plan.request.events or ())


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


def lab_trend(plan: CoursePlan, analyte: AnalyteLike, *, width: int = WIDTH) -> Drawing:
    """The results of one analyte over time, in bands of grades, with what the book says about the drug at each of them.

    The doses given and the next one, and the toxicities so far, are on the same axis. The grades are those of the scale that the book uses,
    and the actions are all that the book may answer at a grade. Each result is graded by its own limits of normal.

    Args:
        plan: The plan, with its results and toxicities.

        analyte: What was measured, as ``"neutrophils"`` or ``"ANC"``.

        width: In pixels, 480 to 4000.

    Raises:
        FieldError: There is no such analyte, or the width cannot be.

        FieldTypeError: *plan* is no plan, or *analyte* is no word.
    """
    request, wanted = _plan(plan).request, word(Analyte, analyte, "analyte")
    if wanted is None:
        raise FieldTypeError("analyte", "the analyte is missing", f"use one of {', '.join(Analyte)}")
    coming = [dose for dose in plan.doses if not dose.given][:1]
    return trend_drawing(
        wanted,
        results=[result for result in request.labs or () if result.analyte is wanted],
        events=request.events or (),
        doses=[*(dose for dose in plan.doses if dose.given), *coming],
        book=request.book,
        width=width,
    )


def _doses(plan: CoursePlan) -> str:
    points = [str(dose.point) for dose in plan.doses]
    return f"{points[0]} to {points[-1]}" if points else "of which there are none"


def _plan(plan: object) -> CoursePlan:
    if not isinstance(plan, CoursePlan):
        raise FieldTypeError("plan", f"{shown(plan)} is not a CoursePlan", "pass what plan_course gave")
    return plan

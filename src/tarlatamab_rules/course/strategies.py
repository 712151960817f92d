"""Hypothesis strategies for plans, for tests of a calendar of your own. Needs the extra ``tarlatamab-rules[strategies]``.

They stand here and not in `tarlatamab_rules.strategies`, because nothing below imports this folder.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.course.planning import plan_course
from tarlatamab_rules.inputs.course import Course
from tarlatamab_rules.rulebooks import get, names
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE
from tarlatamab_rules.strategies import courses, crs_findings, dose_points, events_so_far, neuro_findings, patients
from tarlatamab_rules.strategies._drawing import FIRST_DAY

if TYPE_CHECKING:
    from tarlatamab_rules.course.plan import CoursePlan
    from tarlatamab_rules.inputs.findings import Findings

__all__ = ["closed_days", "findings_now", "plan_arguments", "plan_or_fault", "plans"]

_FIRST: Final = FIRST_DAY.date()
_ZONES: Final = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC", "Pacific/Auckland")
_TIMES: Final = (time(9), time(2, 30), time(23, 30))
"""In the morning; within the hour that a change of clocks skips or repeats; and so late that an infusion runs over midnight."""

_RUNS: Final = (1, 1, 2, 3, 8, 14, 22, 35)
"""How many days in a row a site is closed: up to beyond every restart limit."""


def closed_days() -> st.SearchStrategy[frozenset[date]]:
    """Days on which a site is closed, in runs of one day to five weeks."""
    runs = st.lists(st.tuples(st.integers(0, 120), st.sampled_from(_RUNS)), max_size=3)
    return runs.map(lambda runs: frozenset(_FIRST + timedelta(days=begin + n) for begin, length in runs for n in range(length)))


def findings_now() -> st.SearchStrategy[tuple[Findings, ...]]:
    """Current findings of none, of one or of both syndromes."""
    kinds = (st.none() | crs_findings(), st.none() | neuro_findings())
    return st.tuples(*kinds).map(lambda drawn: tuple(found for found in drawn if found is not None))


@st.composite
def plan_arguments(draw: st.DrawFn, *, site_zone: bool = True) -> dict[str, Any]:
    """What a plan may be asked for: any course so far, any toxicities and current findings, closed days, a time of day, a book.

    By the clock of the site some episode or infusion may end before it begins; then `plan_course` raises `FieldError`.

    Args:
        draw: What Hypothesis passes.

        site_zone: Whether the time zone of the site is named.
    """
    offsets, upto = draw(st.booleans()), draw(dose_points(4))
    books = [name for name in names() if NEXT_DOSE in get(name).rows]
    return {
        "start": _FIRST + timedelta(days=draw(st.integers(0, 60))),
        "cycles": draw(st.integers(1, 6)),
        "infusion_at": draw(st.none() | st.sampled_from(_TIMES)),
        "course": draw(st.just(Course(())) | courses(upto, offsets=offsets)),
        "events": draw(events_so_far(offsets=offsets)),
        "findings": draw(st.none() | findings_now()),
        "patient": draw(st.none() | patients()),
        "site_zone": draw(st.sampled_from(_ZONES)) if site_zone else None,
        "closed": draw(closed_days()),
        "rulebook": draw(st.sampled_from([None, *books])),
    }


def plans() -> st.SearchStrategy[CoursePlan]:
    """Plans of any course."""
    return st.builds(plan_or_fault, plan_arguments()).filter(_is_plan)


def plan_or_fault(arguments: dict[str, Any]) -> Any:  # noqa: ANN401  # a strategy has one type, and filters the other out
    """The plan, or why it cannot be."""
    rest = dict(arguments)
    try:
        return plan_course(rest.pop("start"), **rest)
    except FieldError as fault:
        return fault


def _is_plan(drawn: object) -> bool:
    return not isinstance(drawn, FieldError)

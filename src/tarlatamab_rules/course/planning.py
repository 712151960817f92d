"""Plan a course, and plan it again when something has happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from typing import TYPE_CHECKING, Any

from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.course.assembly import planned
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.course.request import request

if TYPE_CHECKING:
    from tarlatamab_rules.course.clock import Closed
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, GivenDose
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.inputs.patient import Patient
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["plan_course", "replan"]


def plan_course(  # noqa: PLR0913  # one keyword a fact
    start: When,
    *,
    cycles: int | None = None,
    until: When | None = None,
    infusion_at: time | None = None,
    course: Course | Iterable[GivenDose] = (),
    events: Iterable[ToxicityEvent] | None = None,
    findings: Findings | Iterable[Findings] | None = None,
    labs: Iterable[LabResult] | None = None,
    patient: Patient | None = None,
    site_zone: str | None = None,
    closed: Closed = None,
    rulebook: Rulebook | str | None = None,
) -> CoursePlan:
    """Every dose of a course on its day, with what goes before, with and after it, and how long each of them takes.

    Each dose to come is planned as if the doses before it were given as planned, on the first open day on which it is due. What may change
    an entry before its day comes is its condition, and what else is possible is listed with it. Hours are elapsed time, and days are those
    of the calendar at the site.

    Args:
        start: The day, or the moment, of the first dose; with doses given, no dose to come is planned before it.

        cycles: Up to which cycle doses are planned. After a restart the count goes on, as that of `next_dose` does.

        until: Up to which day doses are planned. Pass this or *cycles*.

        infusion_at: The time of day at which infusions begin, at the site; that of *start* if it is a moment. If neither is known, the plan
            has days without times.

        course: The doses given so far; empty: none.

        events: The toxicities so far. ``None``: not known; empty: reviewed, nothing happened.

        findings: Current findings of CRS and of neurotoxicity, as of the last fact that is known. A toxicity that they show goes on until a
            plan is made without them. ``None``: not known.

        labs: Laboratory results so far.

        patient: What is known of the patient: contraception depends on it. ``None``: nothing.

        site_zone: The time zone of the site, by its IANA name, as ``Europe/Berlin``. If left out, it is that of the times passed; if they
            have none, no clock is changed between them.

        closed: The days on which no dose is given: a set of dates, or a function that takes a date. A dose moves to the next open day.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: An argument cannot be; it is named, with what to write instead.

    Source: US prescribing information, 2.1 to 2.5.
    """
    return planned(
        request(
            start=start,
            cycles=cycles,
            until=until,
            infusion_at=infusion_at,
            course=course,
            events=events,
            findings=findings,
            labs=labs,
            patient=patient,
            site_zone=site_zone,
            closed=closed,
            rulebook=rulebook,
        )
    )


def replan(  # noqa: PLR0913  # one keyword a fact
    plan: CoursePlan,
    *,
    course: Course | Iterable[GivenDose] | None = None,
    events: Iterable[ToxicityEvent] | None = None,
    findings: Findings | Iterable[Findings] | None = None,
    labs: Iterable[LabResult] | None = None,
    start: When | None = None,
    patient: Patient | None = None,
    closed: Closed = None,
) -> CoursePlan:
    """The same plan with what has happened since. What is left out stays as it was.

    Doses given stay, and what follows moves with them. After too long a delay the step-up begins anew, with its drugs and hours. While a
    toxicity goes on, the days by which it must improve are deadlines. After a permanent stop only what is still owed is left: how long to
    watch after the last dose, contraception, and no breast-feeding.

    Args:
        plan: The plan so far.

        course: All doses given, those of the plan among them.

        events: All toxicities so far.

        findings: The findings now; ``()`` if there are none any more.

        labs: All laboratory results so far.

        start: The day or moment before which no further dose is planned.

        patient: What is known of the patient.

        closed: The days on which no dose is given.

    Raises:
        FieldError: An argument cannot be; it is named, with what to write instead.
    """
    if not isinstance(plan, CoursePlan):
        raise FieldTypeError("plan", f"{shown(plan)} is not a CoursePlan", "pass what plan_course gave")
    news: dict[str, Any] = {
        "course": course,
        "events": events,
        "findings": findings,
        "labs": labs,
        "start": start,
        "patient": patient,
        "closed": closed,
    }
    news = {name: value for name, value in news.items() if value is not None}
    return planned(plan.request.with_news(**news)) if news else plan

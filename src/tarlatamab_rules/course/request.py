"""What a plan is asked for, checked once: every fault names the argument and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from typing import Any, Final

from attrs import evolve, field, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.course.clock import Closed, Site, closed_days, site_zone_of
from tarlatamab_rules.inputs._fields import When, day, moment, one_clock, several, whole
from tarlatamab_rules.inputs._zones import _names, zone_name
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose, course_of
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import Findings, several_findings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE

__all__ = ["Request", "request"]

_LAST_CYCLE: Final = 999
_ONE_OF_TWO: Final = "pass cycles=6, or until=datetime.date(2026, 12, 31)"


@frozen(kw_only=True)
class Request:
    """What a plan is asked for.

    Attributes:
        site: The clock of the site.

        site_zone: The name of its time zone; ``None`` if it has none.

        last: The place of the last dose that is planned.

        until: The last day on which a dose is planned; ``None``: no day is the last.

        course: The doses given so far, at the clock of the site.

        events: The toxicities so far; ``None``: not known.

        findings: The current findings; ``None``: not known.

        labs: The results; ``None``: not known.

        patient: What is known of the patient; ``None``: nothing.

        rulebook: The book that answers, as it was named.
    """

    site: Site
    site_zone: str | None
    last: int
    until: date | None
    course: Course
    events: tuple[ToxicityEvent, ...] | None
    findings: tuple[Findings, ...] | None
    labs: tuple[LabResult, ...] | None
    patient: Patient | None
    rulebook: Rulebook | str | None = field(repr=False)

    @property
    def book(self) -> Rulebook:
        """The book that answers."""
        return resolve(self.rulebook)

    def with_news(self, **news: Any) -> Request:  # noqa: ANN401  # any argument of a plan
        """The same request with some arguments replaced."""
        arguments: dict[str, Any] = {
            "start": self.site.start,
            "cycles": _LAST_CYCLE,
            "until": None,
            "infusion_at": self.site.infusion_at,
            "course": self.course,
            "events": self.events,
            "findings": self.findings,
            "labs": self.labs,
            "patient": self.patient,
            "site_zone": self.site_zone,
            "closed": self.site.closed,
            "rulebook": self.rulebook,
        }
        return evolve(request(**(arguments | news)), last=self.last, until=self.until)


def request(  # noqa: PLR0913  # one keyword an argument
    *,
    start: When,
    cycles: int | None,
    until: When | None,
    infusion_at: time | None,
    course: Course | Iterable[GivenDose],
    events: Iterable[ToxicityEvent] | None,
    findings: Findings | Iterable[Findings] | None,
    labs: Iterable[LabResult] | None,
    patient: Patient | None,
    site_zone: str | None,
    closed: Closed,
    rulebook: Rulebook | str | None,
) -> Request:
    """The arguments of a plan, checked."""
    first = moment(start, "start")
    if first is None:
        raise FieldTypeError("start", "the day of the first dose must be said", "pass datetime.date(2026, 2, 2), or a datetime")
    given = course_of(course)
    if given is None:
        raise FieldTypeError(
            "course", "a plan cannot go on from a course that is not known", "pass the doses given, or [] if there are none"
        )
    known = None if events is None else several(events, ToxicityEvent, "events")
    results = None if labs is None else several(labs, LabResult, "labs")
    if patient is not None and not isinstance(patient, Patient):
        raise FieldTypeError("patient", f"{shown(patient)} is not a Patient", "pass Patient(...), or leave it out")
    if NEXT_DOSE not in resolve(rulebook).rows:
        problem = f"{resolve(rulebook).name} has no amounts and intervals"
        raise FieldError("rulebook", problem, "name a book that has them, as 'us-2025-11', or leave it out")
    last, last_day = _horizon(cycles, until)
    site_zone = zone_name(site_zone)
    times = list(_times(first, given, known, results))
    if site_zone is None:
        one_clock(times)
    name, zone = site_zone_of(site_zone, [when for _, when in times if isinstance(when, datetime)])
    site = Site(zone, _infusion_at(infusion_at), first, closed_days(closed))
    at = site.read(first) if isinstance(first, datetime) else first
    hour = at.time() if site.infusion_at is None and isinstance(at, datetime) else site.infusion_at
    return Request(
        site=evolve(site, start=at, infusion_at=hour),
        site_zone=name,
        last=last,
        until=last_day,
        course=Course(site.records(given.as_given, "course") or ()),
        events=site.records(known, "events"),
        findings=None if findings is None else several_findings(findings),
        labs=site.records(results, "labs"),
        patient=patient,
        rulebook=rulebook,
    )


def _horizon(cycles: int | None, until: When | None) -> tuple[int, date | None]:
    """The place of the last dose, and the last day."""
    if (cycles is None) is (until is None):
        problem = "how far to plan is not said" if until is None else "cycles and until are both given"
        raise FieldError("cycles", problem, _ONE_OF_TWO)
    number = whole(cycles, "cycles", 1, _LAST_CYCLE) or _LAST_CYCLE
    last = DosePoint(number, DosePoint.at(3).day).number
    end = moment(until, "until")
    return last, None if end is None else day(end)


def _infusion_at(value: time | None) -> time | None:
    if value is None:
        return None
    if not isinstance(value, time):
        raise FieldTypeError("infusion_at", f"{shown(value)} is not a time of day", "pass datetime.time(9, 30)")
    if value.tzinfo is not None:
        raise FieldError("infusion_at", f"{value} has a UTC offset of its own", "leave it out there, and pass site_zone")
    return value


def _times(
    start: When, course: Course, events: tuple[ToxicityEvent, ...] | None, labs: tuple[LabResult, ...] | None
) -> Iterator[tuple[str, When | None]]:
    """Every date and time that was passed, with its path."""
    yield "start", start
    for path, records in (("course", course.as_given), ("events", events or ()), ("labs", labs or ())):
        for n, record in enumerate(records):
            yield from ((f"{path}[{n}].{name}", getattr(record, name)) for name in _names(record))

"""Everything that is known about one planned dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import When, moment, one_clock, several
from tarlatamab_rules.inputs._zones import readings, zone_name
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose, course_of, dose_amount, given_later
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import Findings, several_findings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.units import Amount

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.units import QuantityLike

__all__ = ["Case", "clocks_of", "dated", "in_utc", "late_doses", "readings_of", "shared_zone"]


def _patient(value: Patient) -> Patient:
    if not isinstance(value, Patient):
        raise FieldTypeError("patient", f"{shown(value)} is not a Patient", "pass Patient(...), or Patient() if nothing is known")
    return value


def _point(value: DosePoint | str) -> DosePoint:
    return DosePoint.of(value)


def _planned_start(value: When | None) -> When | None:
    return moment(value, "planned_start")


def _ordered(value: QuantityLike | None) -> Amount | None:
    return None if value is None else dose_amount(value, "ordered")


def _course(value: Course | Iterable[GivenDose] | None) -> Course | None:
    return course_of(value)


def _labs(value: Iterable[LabResult] | None) -> tuple[LabResult, ...] | None:
    return None if value is None else several(value, LabResult, "labs")


def _findings(value: Findings | Iterable[Findings] | None) -> tuple[Findings, ...] | None:
    return None if value is None else several_findings(value)


def _events(value: Iterable[ToxicityEvent] | None) -> tuple[ToxicityEvent, ...] | None:
    return None if value is None else several(value, ToxicityEvent, "events")


def late_doses(planned_start: When | None, doses: tuple[GivenDose, ...], site_zone: str | None) -> Iterator[FieldError]:
    """One error for each dose that was given after the planned start, by the calendar of the site, if that is known."""
    if site_zone is not None:
        (read,) = readings(site_zone, planned_start=planned_start, doses=doses)
        planned_start, doses = read["planned_start"], read["doses"]
    yield from given_later(doses, planned_start)


@frozen(kw_only=True)
class Case(Shown):
    """A patient, the planned dose, and what happened so far. ``None`` means *not known*; ``()`` means *reviewed, none found*.

    Attributes:
        patient: The patient.

        point: The planned dose, such as ``"C1D8"``.

        planned_start: When its infusion is to begin. A dose that was given later is refused.

        ordered: The ordered amount, a mass; kept in mg.

        course: The doses given so far.

        labs: Laboratory results.

        events: Toxicities so far, one event for each episode.

        findings: Current findings of cytokine release syndrome and of neurotoxicity: `CrsFindings`, `NeuroFindings`, or one of each. If an
            event of the same toxicity is ongoing, the two are one episode, and the worse of the two counts.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. Days are counted by the calendar there. Times
            without an offset and days without a time belong to the site.
    """

    patient: Patient = field(converter=_patient)
    point: DosePoint = field(converter=_point)
    planned_start: When | None = field(default=None, converter=_planned_start)
    ordered: Amount | None = field(default=None, converter=_ordered)
    course: Course | None = field(default=None, converter=_course)
    labs: tuple[LabResult, ...] | None = field(default=None, converter=_labs)
    events: tuple[ToxicityEvent, ...] | None = field(default=None, converter=_events)
    findings: tuple[Findings, ...] | None = field(default=None, converter=_findings)
    site_zone: str | None = field(default=None, converter=zone_name)

    def __attrs_post_init__(self) -> None:
        if len(clocks_of(self)) > 1:  # times in one zone agree
            one_clock(self._moments())
        if self.site_zone is not None:
            readings(self.site_zone, **dated(self))  # by the calendar there, nothing may end before it begins
        for error in late_doses(self.planned_start, self.course.as_given if self.course else (), self.site_zone):
            raise error

    def times(self) -> list[When | None]:
        """Every date and time of the case, the planned start first; ``None`` for one that is not known."""
        times = [self.planned_start, *[lab.collected for lab in self.labs or ()]]
        for dose in self.course.doses if self.course else ():
            times += (dose.started, dose.ended)
        for event in self.events or ():
            times += (event.onset, event.improved, event.resolved)
        return times

    def _moments(self) -> Iterator[tuple[str, When | None]]:
        yield "planned_start", self.planned_start
        for n, dose in zip(self.course.places, self.course.doses, strict=True) if self.course else ():
            yield f"course[{n}].started", dose.started
            yield f"course[{n}].ended", dose.ended
        for n, lab in enumerate(self.labs or ()):
            yield f"labs[{n}].collected", lab.collected
        for n, event in enumerate(self.events or ()):
            yield f"events[{n}].onset", event.onset
            yield f"events[{n}].improved", event.improved
            yield f"events[{n}].resolved", event.resolved


def dated(case: Case) -> dict[str, Any]:
    """The parts of a case that hold times, the planned start first."""
    return {"planned_start": case.planned_start, "course": case.course, "labs": case.labs, "events": case.events}


def clocks_of(case: Case) -> tuple[datetime, ...]:
    """One time of a case for each time zone that occurs."""
    # By identity: a zone need not be hashable, and those of dateutil are not.
    return tuple({id(moment.tzinfo): moment for moment in case.times() if isinstance(moment, datetime)}.values())


def readings_of(case: Case, clocks: tuple[datetime, ...] | None = None) -> tuple[Case, ...]:
    """A case in each way that its times can be read; see `readings`. *clocks* are those of `clocks_of`, if they are known."""
    clocks = clocks_of(case) if clocks is None else clocks
    one_offset = not clocks or (len(clocks) == 1 and (clocks[0].tzinfo is None or type(clocks[0].tzinfo) is timezone))
    if case.site_zone is None and one_offset:
        return (case,)
    parts, cases = dated(case), []
    for reading in readings(case.site_zone, **parts):
        try:
            cases.append(case if all(part is parts[name] for name, part in reading.items()) else evolve(case, **reading))
        except FieldError:  # in this reading, a dose was given after the planned start, so the reading does not count
            continue
    return tuple(cases)


def in_utc(case: Case, clocks: tuple[datetime, ...]) -> bool:
    """Whether all times of a case are in UTC itself and the zone of the site is not known."""
    return case.site_zone is None and bool(clocks) and all(clock.tzname() == "UTC" for clock in clocks)


def shared_zone(case: Case) -> str | None:
    """The IANA name of the time zone of all times of a case; ``None`` if they have no common name, or are in UTC itself."""
    clocks = clocks_of(case)
    names = {getattr(clock.tzinfo, "key", None) for clock in clocks}
    name = names.pop() if len(names) == 1 and not in_utc(case, clocks) else None
    try:
        return zone_name(name)
    except FieldError:  # a zone that was read from a file, under a name that this system does not know
        return None

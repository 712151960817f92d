"""Dates that do not fit each other, and what else of a course is noted: none of it is stated by a source."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.answers.vocabulary import Standing
from tarlatamab_rules.assessment.lab_asides import LABS
from tarlatamab_rules.assessment.votes import Judged, Vote
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import COURSE, PLANNED_START, Fact, Note
from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.inputs.vocabulary import EventStatus, Toxicity
from tarlatamab_rules.rules.course import amounts_needed, closed, step_up_amount
from tarlatamab_rules.rules.given import dates_needed, duration_of, is_recent, place_of

if TYPE_CHECKING:
    from datetime import date

    from tarlatamab_rules.assessment.chart import Chart
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.units import Amount

__all__ = ["Doubt", "course_notes", "doubts_of", "judge_dates"]

_YEARS: Final = (365, 366)
_LONGEST: Final = 35
"""In days: dates that are a year and up to so many days apart look like a slip of the year. A safeguard of ours."""
_AT_ONCE: Final = frozenset((Toxicity.CRS, Toxicity.ICANS))
"""Toxicities that the drug brings about, and that hardly anything else does."""
_FEW: Final = 3


@frozen
class Doubt:
    """Two dates that do not fit each other.

    Attributes:
        path: Where one of them is.

        says: What they are.

        votes: Whether a clinician must look before the planned dose; else it is noted.
    """

    path: Fact
    says: str
    votes: bool = True


def judge_dates(chart: Chart) -> Judged:
    """One vote for all dates that do not fit each other; what is long past is noted."""
    doubts = doubts_of(chart)
    reasons = tuple([Reason("guard/dates", f"{doubt.says[0].upper()}{doubt.says[1:]} ({doubt.path})") for doubt in doubts if doubt.votes])
    votes = (Vote(Fact("dates"), Verdict.NEEDS_ASSESSMENT, (), reasons),) if reasons else ()
    return Judged(votes, notes=tuple([Note(doubt.path, doubt.says) for doubt in doubts if not doubt.votes]))


def doubts_of(chart: Chart) -> tuple[Doubt, ...]:
    """All pairs of dates that do not fit each other."""
    return (*_events(chart), *_infusions(chart), *_neighbours(chart), *_results(chart))


def _events(chart: Chart) -> Iterator[Doubt]:
    """Episodes from before the drug that only the drug brings about, and those that are over before they can have begun."""
    start, course = chart.case.planned_start, chart.case.course
    first = course.doses[0] if course and course.doses else None
    for n, event in enumerate(chart.case.events or ()):
        began = event.onset or event.improved or event.resolved
        if began is None:
            continue
        if first is not None and _is_before(event, began, first):
            says = f"an episode of {event.toxicity} is dated {began}, before the first dose on {closed(first)}, {first.point}. Check both."
            yield Doubt(Fact("events", n), says)
        over = event.resolved is not None or event.status is EventStatus.RESOLVED
        if over and start is not None and earlier(start, began):
            says = f"an episode of {event.toxicity} is over, and is dated {began}, after the planned start on {start}. Check both."
            yield Doubt(Fact("events", n), says)


def _is_before(event: ToxicityEvent, began: When, first: GivenDose) -> bool:
    if event.toxicity not in _AT_ONCE or first.point.number != 1 or event.other_cause or getattr(event.findings, "other_cause", None):
        return False
    given = closed(first)
    return given is not None and earlier(began, given) is True


def _infusions(chart: Chart) -> Iterator[Doubt]:
    """Infusions that would have run for a day or more, or beyond the planned start."""
    course, start = chart.case.course, chart.case.planned_start
    for n, dose in enumerate(course.doses if course else ()):
        began, ended = dose.started, dose.ended
        if course is None or began is None or ended is None:
            continue
        ran = duration_of(dose)
        if ran.days > 0 if ran is not None else days_between(began, ended) > 1:
            says = f"the infusion began on {began} and ended on {ended}. Check both."
            yield Doubt(place_of(n, course), says, is_recent(n, course))
        elif start is not None and earlier(start, ended):
            yield Doubt(place_of(n, course).its("ended"), f"the infusion ended on {ended}, after the planned start on {start}. Check both.")


def _neighbours(chart: Chart) -> Iterator[Doubt]:
    """Doses next to each other in the schedule whose dates are not: a year apart, in the wrong order, or on one day."""
    case, course = chart.case, chart.case.course
    if course is None:
        return
    doses = [(dose.point, n, day(when), dose.amount) for n, dose in enumerate(course.doses) if (when := closed(dose)) is not None]
    if case.planned_start is not None and all(dose.point.number < case.dose.number for dose in course.doses):
        doses.append((case.dose, len(course.doses), day(case.planned_start), case.ordered))
    for (before, n, one, _), (after, m, other, amount) in pairwise(sorted(doses, key=_number)):
        apart = (other - one).days
        if 0 < apart <= _LONGEST or before.number == after.number:
            continue
        begins_anew = amount is not None and amount.value == step_up_amount(chart.book)
        if wrong := _wrong(apart, begins_anew=begins_anew):
            says = f"{before} is dated {one} and {after} {other}, {wrong}. Check both."
            yield Doubt(_date_of(m, course), says, _is_year_off(apart) or is_recent(max(n, m), course))


def _number(dose: tuple[DosePoint, int, date, Amount | None]) -> int:
    return dose[0].number


def _date_of(n: int, course: Course) -> Fact:
    """Where the date of a dose is, or that of the planned one after the course."""
    if n == len(course.doses):
        return PLANNED_START
    return place_of(n, course).its("started" if course.doses[n].started else "ended")


def _wrong(apart: int, *, begins_anew: bool) -> str:
    if _is_year_off(apart):
        return "" if begins_anew and apart > 0 else "about a year from where it belongs"
    return "in the wrong order" if apart < 0 else "the same day" if apart == 0 else ""


def _is_year_off(apart: int) -> bool:
    return any(0 <= moved <= _LONGEST for year in _YEARS for moved in (apart - year, apart + year))


def _results(chart: Chart) -> Iterator[Doubt]:
    """Results that do not count, and by whose dates a year or a day may be wrong: noted, since the missing result is asked for anyway."""
    start = chart.case.planned_start
    if start is None:
        return
    late: dict[str, When] = {}
    old: dict[str, When] = {}
    for of in [of for of in chart.labs if len(of.results) > len(of.counting)]:
        drawn = [result.lab.collected for result in of.standing(Standing.AFTER_PLANNED_START) if result.lab.collected is not None]
        if beyond := [when for when in drawn if days_between(start, when) > 1]:
            late[str(of.analyte)] = min(beyond, key=day)
        if of.counting:
            continue
        last = max([result.lab.collected for result in of.results if result.lab.collected is not None], key=day, default=None)
        if last is not None and _is_year_off(days_between(last, start)):
            old[str(of.analyte)] = last
    if late:
        yield Doubt(LABS, f"dated after the planned start on {start}: {_listed(late)}. Check the dates.", votes=False)
    if old:
        yield Doubt(LABS, f"dated about a year before the planned start on {start}: {_listed(old)}. Check the year.", votes=False)


def _listed(dated: dict[str, When]) -> str:
    return ", ".join(f"{analyte} on {day(when)}" for analyte, when in dated.items())


def course_notes(chart: Chart) -> Iterator[Note]:
    """What of the doses given bears no longer on the planned one, and how they were taken where a chart does not say."""
    course = chart.case.course
    if course is None:
        return
    yield from dict.fromkeys(Note(each.path, each.reason.says) for each in chart.odd if not each.votes)
    amounts = [Fact("course", dose.point, "amount") for dose in course.doses if dose.amount is None]
    if amounts and step_up_amount(chart.book) is not None:
        needed = amounts_needed(course, chart.book)
        yield from (Note(amount, "it is not known, and no longer bears on what follows.") for amount in amounts if amount not in needed)
    if dates := [Fact("course", dose.point, "started") for dose in course.doses if closed(dose) is None]:
        says, asked = "it is not known; whether the next dose was in time no longer bears on this one.", dates_needed(course)
        yield from (Note(date, says) for date in dates if date not in asked)
    yield from _taken_as_complete(course)


def _taken_as_complete(course: Course) -> Iterator[Note]:
    open_ = [dose.point for dose in course.doses if dose.complete is None and duration_of(dose) is None]
    if open_:
        which = ", ".join(map(str, open_)) if len(open_) <= _FEW else f"{len(open_)} doses"
        yield Note(COURSE, f"how long the infusion ran is not recorded for {which}: taken as complete.")

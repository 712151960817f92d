"""Dates that do not fit each other, and other notes on a course. These checks are safeguards of this library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import frozen

from tarlatamab_rules.assessment.lab_unused import LABS
from tarlatamab_rules.assessment.votes import Judged, Vote
from tarlatamab_rules.assessment.words import capital, fact_in_words
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import COURSE, PLANNED_START, Fact, Note
from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.inputs.vocabulary import EventStatus, Toxicity
from tarlatamab_rules.rules.course import closed, step_up_amount
from tarlatamab_rules.rules.given import amounts_open, dates_needed, duration_of, is_recent, place_of
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import Standing

if TYPE_CHECKING:
    from datetime import date

    from tarlatamab_rules.assessment.chart import Chart, OfAnalyte
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.units import Amount
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["DOUBT_DAYS", "LONGEST", "Doubt", "course_notes", "doubts_of", "judge_dates"]

_YEARS: Final = (365, 366)
LONGEST: Final = 35
"""In days. Two dates that are one year and up to this many days apart suggest a wrong year. A safeguard of this library."""
DOUBT_DAYS: Final = frozenset(
    {1, LONGEST + 1} | {year + sign * more for year in _YEARS for sign in (1, -1) for more in (0, 1, LONGEST, LONGEST + 1)}
)
"""The numbers of days between two doses at which a doubt begins or ends, in either direction."""
_AT_ONCE: Final = frozenset((Toxicity.CRS, Toxicity.ICANS))
"""Toxicities that hardly anything but the drug causes."""
_FEW: Final = 3


@frozen
class Doubt:
    """Two dates that do not fit each other.

    Attributes:
        path: The path of one of them.

        says: The two dates, in words.

        votes: Whether a clinician must look before the planned dose. If not, it is only noted.
    """

    path: Fact
    says: str
    votes: bool = True


def judge_dates(chart: Chart) -> Judged:
    """One vote for all dates that do not fit each other; doubts about the distant past are notes."""
    doubts = doubts_of(chart)
    if not doubts:
        return Judged()
    says = [f"{capital(doubt.says)} ({fact_in_words(doubt.path, chart.case)})" for doubt in doubts if doubt.votes]
    reasons = tuple([Reason("guard/dates", text) for text in says])
    votes = (Vote(Fact("dates"), Verdict.NEEDS_ASSESSMENT, (), reasons),) if reasons else ()
    return Judged(votes, notes=tuple([Note(doubt.path, doubt.says) for doubt in doubts if not doubt.votes]))


def doubts_of(chart: Chart) -> tuple[Doubt, ...]:
    """All pairs of dates that do not fit each other."""
    return (*_events(chart), *_infusions(chart), *_neighbours(chart), *_results(chart))


def _events(chart: Chart) -> Iterator[Doubt]:
    """Episodes from before the drug that only the drug causes, and episodes that end before they can have begun."""
    course = chart.case.course
    first = course.doses[0] if course and course.doses else None
    for n, event in enumerate(chart.case.events or ()):
        began = event.onset or event.improved or event.resolved
        if began is None:
            continue
        if first is not None and _is_before(event, began, first):
            says = f"{named(event.toxicity)} is dated {began}, before the first dose ({first.point}) on {closed(first)}. Check both dates."
            yield Doubt(Fact("events", n), says)
        if _is_over_too_soon(event, began, start := chart.case.planned_start):
            says = f"{named(event.toxicity)} is over, but is dated {began}, after the planned start on {start}. Check both dates."
            yield Doubt(Fact("events", n), says)


def _is_over_too_soon(event: ToxicityEvent, began: When, start: When | None) -> bool:
    """Whether an episode is over, although it began after the planned start."""
    over = event.resolved is not None or event.status is EventStatus.RESOLVED
    return over and start is not None and earlier(start, began) is True


def _is_before(event: ToxicityEvent, began: When, first: GivenDose) -> bool:
    if event.toxicity not in _AT_ONCE or first.point.number != 1 or event.other_cause or getattr(event.findings, "other_cause", None):
        return False
    first_given = closed(first)
    return first_given is not None and earlier(began, first_given) is True


def _infusions(chart: Chart) -> Iterator[Doubt]:
    """Infusions that, by their dates, ran for a day or more, or beyond the planned start."""
    course, start = chart.case.course, chart.case.planned_start
    for n, dose in enumerate(course.doses if course else ()):
        began, ended = dose.started, dose.ended
        if course is None or began is None or ended is None:
            continue
        ran = duration_of(dose)
        if ran.days > 0 if ran is not None else days_between(began, ended) > 1:
            says = f"the infusion of {dose.point} began on {began} and ended on {ended}. Check both dates."
            yield Doubt(place_of(n, course), says, is_recent(n, course))
        elif start is not None and earlier(start, ended):
            says = f"the infusion of {dose.point} ended on {ended}, after the planned start on {start}. Check both dates."
            yield Doubt(place_of(n, course).its("ended"), says)


def _neighbours(chart: Chart) -> Iterator[Doubt]:
    """Doses that are next to each other in the schedule, but whose dates are a year apart, in the wrong order, or on one day."""
    course = chart.case.course
    if course is None:
        return
    for before, after in pairwise(sorted(_dated(chart.case, course), key=_number)):
        apart = (after.on - before.on).days
        if 0 < apart <= LONGEST or before.point.number == after.point.number:
            continue
        begins_anew = after.amount is not None and after.amount.value == step_up_amount(chart.book)
        if wrong := _wrong(apart, begins_anew=begins_anew):
            says = f"{before.point} is dated {before.on} and {after.point} is dated {after.on}: {wrong}. Check both dates."
            yield Doubt(_date_of(after.n, course), says, _is_year_off(apart) or is_recent(max(before.n, after.n), course))


class _DatedDose(NamedTuple):
    """A dose that has a date: the name of the dose, its place in the course, its day and amount."""

    point: DosePoint
    n: int
    on: date
    amount: Amount | None


_number = attrgetter("point.number")


def _dated(case: Case, course: Course) -> list[_DatedDose]:
    """The doses that have a date, and the planned one, if no dose after it was given."""
    start, doses = case.planned_start, course.doses
    dated = [_DatedDose(dose.point, n, day(when), dose.amount) for n, dose in enumerate(doses) if (when := closed(dose)) is not None]
    if start is not None and max(map(_number, doses), default=0) < case.point.number:
        dated.append(_DatedDose(case.point, len(doses), day(start), case.ordered))
    return dated


def _date_of(n: int, course: Course) -> Fact:
    """The path of the date of a dose; of the planned start, if the dose is the planned one after the course."""
    if n == len(course.doses):
        return PLANNED_START
    return place_of(n, course).its("started" if course.doses[n].started else "ended")


def _wrong(apart: int, *, begins_anew: bool) -> str:
    if _is_year_off(apart):
        return "" if begins_anew and apart > 0 else "the interval is wrong by about a year"
    return "they are in the wrong order" if apart < 0 else "they are on the same day" if apart == 0 else ""


def _is_year_off(apart: int) -> bool:
    return any(0 <= moved <= LONGEST for year in _YEARS for moved in (apart - year, apart + year))


def _results(chart: Chart) -> Iterator[Doubt]:
    """Results that do not count and whose year or day may be wrong. They are only noted: the missing result is asked for anyway."""
    start, unused = chart.case.planned_start, [labs for labs in chart.labs if len(labs.results) > len(labs.counting)]
    if start is None or not unused:
        return
    if late := _late(unused, start):
        yield Doubt(LABS, f"dated after the planned start on {start}: {_listed(late)}. Check the dates.", votes=False)
    if old := _a_year_old(unused, start):
        yield Doubt(LABS, f"dated about a year before the planned start on {start}: {_listed(old)}. Check the year.", votes=False)


def _late(unused: Iterable[OfAnalyte], start: When) -> dict[str, When]:
    """The analytes with results dated more than a day after the planned start, each with the first such date."""
    late: dict[str, When] = {}
    for labs in unused:
        drawn = [result.lab.collected for result in labs.standing(Standing.AFTER_PLANNED_START)]
        if beyond := [when for when in drawn if when is not None and days_between(start, when) > 1]:
            late[str(labs.analyte)] = min(beyond, key=day)
    return late


def _a_year_old(unused: Iterable[OfAnalyte], start: When) -> dict[str, When]:
    """The analytes without a result that counts whose last date is about a year before the planned start."""
    old: dict[str, When] = {}
    for labs in unused:
        drawn = [result.lab.collected for result in labs.results if result.lab.collected is not None]
        last = max(drawn, key=day, default=None)
        if not labs.counting and last is not None and _is_year_off(days_between(last, start)):
            old[str(labs.analyte)] = last
    return old


def _listed(dated: dict[str, When]) -> str:
    return ", ".join(f"{named(analyte)} on {day(when)}" for analyte, when in dated.items())


def course_notes(chart: Chart) -> Iterator[Note]:
    """Facts that no longer affect the planned dose, and what was assumed about doses because the case does not say it."""
    course = chart.case.course
    if course is None:
        return
    yield from dict.fromkeys([Note(deviation.path, deviation.reason.says) for deviation in chart.odd if not deviation.votes])
    yield from _unknown_amounts(chart.case, course, chart.book)
    yield from _unknown_dates(course)
    yield from _taken_as_complete(course)


def _unknown_amounts(case: Case, course: Course, book: Rulebook) -> Iterator[Note]:
    amounts = [Fact("course", dose.point, "amount") for dose in course.doses if dose.amount is None]
    if amounts and step_up_amount(book) is not None:
        needed = amounts_open(case, course, book)
        yield from (
            Note(amount, "this is missing, but no longer affects the doses that follow.") for amount in amounts if amount not in needed
        )


def _unknown_dates(course: Course) -> Iterator[Note]:
    if dates := [Fact("course", dose.point, "started") for dose in course.doses if closed(dose) is None]:
        says, needed = "this is missing, but no longer affects the planned dose.", dates_needed(course)
        yield from (Note(date, says) for date in dates if date not in needed)


def _taken_as_complete(course: Course) -> Iterator[Note]:
    open_ = [dose.point for dose in course.doses if dose.complete is None and duration_of(dose) is None]
    if open_:
        which = ", ".join(map(str, open_)) if len(open_) <= _FEW else f"{len(open_)} doses"
        yield Note(COURSE, f"the duration of the infusion is missing for {which}. It is taken as complete.")

"""What is odd about the doses given so far. While it is recent, a clinician must look at it; later it is only noted.

These checks are safeguards of this library. Something odd long ago, followed by doses that fit, no longer affects the planned dose.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import PLANNED_START, Fact
from tarlatamab_rules.core.tables import matters
from tarlatamab_rules.inputs._fields import day, is_aware
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.rulebooks.questions import INFUSION, NEXT_DOSE
from tarlatamab_rules.rules.course import (
    SETTLING,
    amounts_due,
    amounts_given,
    amounts_needed,
    closed,
    least_days,
    odd_amounts,
    roles_by_dose,
    step_up_amount,
)

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import Course, GivenDose
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = [
    "AMOUNT",
    "PARTIAL",
    "REPEATED",
    "SKIPPED",
    "Deviation",
    "amounts_open",
    "dates_needed",
    "deviations",
    "duration_of",
    "is_complete",
    "is_recent",
    "place_of",
    "skipped",
]

AMOUNT: Final = "guard/amount"
PARTIAL: Final = "guard/partial"
REPEATED: Final = "guard/repeated"
SKIPPED: Final = "guard/skipped"
_PLANNED_TIME: Final = timedelta(hours=1)
"""The planned time of an infusion if the book does not say."""
_LEAST_UNSAID: Final = 50 / 60
"""From this fraction of the planned time on, an infusion counts as complete unless reported otherwise. A safeguard of this library."""
_LEAST_SAID: Final = 1 / 2
"""Below this fraction of the planned time, an infusion can hardly have been complete. A safeguard of this library."""

_MOST: Final = 1_000
"""How many doses that are too early are listed: more than any real course has."""
_WITHIN: Final = timedelta(days=14)
"""The time from the first to the last dose of a cycle. Doses that are further apart are not too early."""
_Dated: TypeAlias = "tuple[int, DosePoint, date]"
"""A dose that has a day: its place in the course, its name and the day."""
_Amounts: TypeAlias = tuple[float | None, ...]


@frozen
class Deviation:
    """What is odd about a dose that was given, or about the day of the planned one.

    Attributes:
        reason: What is odd, in words.

        path: Where it is in the case, such as ``course[1]`` or ``planned_start``.

        votes: Whether a clinician must look before the planned dose. If not, it is only noted.
    """

    reason: Reason
    path: Fact
    votes: bool


def duration_of(dose: GivenDose) -> timedelta | None:
    """How long an infusion ran; ``None`` if the time of its start or of its end is not known."""
    start, end = dose.started, dose.ended
    if not isinstance(end, datetime) or not isinstance(start, datetime):
        return None
    # Compare in UTC: in local time, an infusion during a clock change would be an hour longer or shorter.
    return end.astimezone(UTC) - start.astimezone(UTC) if is_aware(start) else end - start


def is_complete(dose: GivenDose, book: Rulebook) -> bool | None:
    """Whether all of a dose was given: as reported, or else by how long the infusion ran; ``None`` if that leaves it open."""
    ran = duration_of(dose)
    if dose.complete is not None or ran is None:
        return dose.complete is not False
    return True if ran >= _LEAST_UNSAID * _planned_time(dose, book) else None


def _planned_time(dose: GivenDose, book: Rulebook) -> timedelta:
    plan = book[INFUSION](dose.point.number).possible[0]
    return _PLANNED_TIME if plan is None or plan.duration is None else timedelta(hours=plan.duration.value)


def place_of(n: int, course: Course) -> Fact:
    """The path of the *n*-th dose of a course. The one after the last dose is the planned dose."""
    return Fact("course", course.places[n]) if n < len(course.doses) else PLANNED_START


def is_recent(n: int, course: Course) -> bool:
    """Whether the *n*-th dose of a course is the last or the last but one."""
    return n + SETTLING >= len(course.doses)


def dates_needed(course: Course) -> tuple[Fact, ...]:
    """The missing dates without which it is open whether the last two doses came when they were due."""
    undated = [dose.point for dose in course.doses[-SETTLING - 1 :] if closed(dose) is None]
    return tuple([Fact("course", point, "started") for point in undated])


def amounts_open(case: Case, course: Course, book: Rulebook) -> tuple[Fact, ...]:
    """The unknown amounts that affect the planned dose: by what is due after them, or because it depends on them what is odd.

    The amounts of three doses and of the one before them decide whether the last two doses and the planned one came too soon or too late.
    """
    amounts, needed = amounts_given(course), amounts_needed(course, book)
    unknown = {n: Fact("course", course.doses[n].point, "amount") for n, amount in enumerate(amounts) if amount is None}
    older = [n for n, fact in unknown.items() if fact not in needed and n + SETTLING + 2 >= len(amounts)]
    if not older:
        return needed
    votes: dict[tuple[Any, ...], bool] = {
        way: any(item.votes for item in _deviations(case, course, _with(amounts, older, way), book))
        for way in product((None, *amounts_due(book)), repeat=len(older))
    }
    return (*[unknown[n] for place, n in enumerate(older) if matters(place, votes)], *needed)


def _with(amounts: _Amounts, places: Sequence[int], values: _Amounts) -> _Amounts:
    """The amounts with other values in some places."""
    by_place = dict(zip(places, values, strict=True))
    return tuple([by_place.get(n, amount) for n, amount in enumerate(amounts)])


def deviations(case: Case, book: Rulebook) -> tuple[Deviation, ...]:
    """Everything odd about the doses given so far, and about the day of the planned dose after them."""
    course = case.course
    if course is None or not course.doses:
        return ()
    return (*_order(course, case.point), *_deviations(case, course, amounts_given(course), book))


def _order(course: Course, planned: DosePoint) -> Iterator[Deviation]:
    """Doses that were given again, and doses before which one was left out, unless it is the planned one.

    Doses that are missing at the beginning never grow old: perhaps they were given elsewhere, and what followed them is not known.
    """
    doses = course.doses
    if [dose.point.number for dose in doses] == list(range(1, len(doses) + 1)):
        return
    given, seen, last = {planned, *(dose.point for dose in doses)}, set[DosePoint](), 0
    for n, dose in enumerate(doses):
        if dose.point in seen:
            yield Deviation(Reason(REPEATED, f"{dose.point} was given more than once."), place_of(n, course), is_recent(n, course))
        for reason in skipped(dose.point, given, after=last):
            yield Deviation(reason, place_of(n, course), n == 0 or is_recent(n, course))
        seen.add(dose.point)
        last = max(last, dose.point.number)


def skipped(dose: DosePoint, given: AbstractSet[DosePoint], *, after: int) -> Iterator[Reason]:
    """The first dose between the place *after* in the schedule and a dose that was not given, if there is one."""
    left_out = next((point for number in range(after + 1, dose.number) if (point := DosePoint.at(number)) not in given), None)
    if left_out is not None:
        yield Reason(SKIPPED, f"{left_out} comes before {dose}, and was not given.")


def _deviations(case: Case, course: Course, amounts: _Amounts, book: Rulebook) -> tuple[Deviation, ...]:
    dated = [(n, dose.point, day(when)) for n, dose in enumerate(course.doses) if (when := closed(dose)) is not None]
    restarts = tuple(_restarts(dated, amounts, course, book))
    if case.planned_start is not None:
        dated.append((len(course.doses), case.point, day(case.planned_start)))
    return (*_infusions(course, book), *_amounts(amounts, course, book), *restarts, *_intervals(dated, amounts, course, book))


def _infusions(course: Course, book: Rulebook) -> Iterator[Deviation]:
    """Infusions that were cut short, or may have been; only the last one casts a vote."""
    for n, dose in enumerate(course.doses):
        last = n == len(course.doses) - 1
        if dose.complete is False:
            yield Deviation(Reason(PARTIAL, f"The infusion of {dose.point} was not completed."), place_of(n, course), last)
        elif (says := _too_short(dose, book)) and (dose.complete or not last):
            yield Deviation(Reason("guard/short-infusion", says), place_of(n, course), last)


def _too_short(dose: GivenDose, book: Rulebook) -> str:
    """A sentence on an infusion that was too short, unless it is reported as incomplete; empty if it was long enough."""
    ran = duration_of(dose)
    if ran is None:
        return ""
    planned = _planned_time(dose, book)
    if ran >= (_LEAST_SAID if dose.complete else _LEAST_UNSAID) * planned:
        return ""
    took = f"The infusion of {dose.point} took {_minutes(ran)} of {_minutes(planned)} minutes"
    if dose.complete:
        return f"{took}, less than half, but is reported as complete. A clinician must check it."
    return f"{took}, and it is not known whether all of it was given."


def _minutes(time: timedelta) -> str:
    return f"{time / timedelta(minutes=1):g}"


def _amounts(amounts: _Amounts, course: Course, book: Rulebook) -> Iterator[Deviation]:
    """Amounts that fit no schedule."""
    for n in odd_amounts(amounts, book):
        dose = course.doses[n]
        yield Deviation(
            Reason(AMOUNT, f"The amount given at {dose.point}, {dose.amount}, fits no schedule."), place_of(n, course), is_recent(n, course)
        )


def _restarts(dated: list[_Dated], amounts: _Amounts, course: Course, book: Rulebook) -> Iterator[Deviation]:
    """Doses that continued although the book begins the step-up anew, and doses that began it anew although the book continues."""
    if NEXT_DOSE not in book.rows or len(dated) <= 1:
        return
    roles_by_place, begins, answers = roles_by_dose(amounts, book), step_up_amount(book), book[NEXT_DOSE]
    for (n_before, point_before, when_before), (n, point, when) in pairwise(dated):
        roles = roles_by_place[n_before]
        if n > n_before + 1 or amounts[n] is None or not roles:
            continue
        days, begun = (when - when_before).days, amounts[n] == begins
        possible = answers.lookup[roles, max(days, 0)].possible
        steps = [step for step in possible if step is not None and step.restart is not begun]
        if len(steps) < len(possible):
            continue
        due = "the step-up was due to begin anew" if steps[0].restart else f"{steps[0].amount} was due, and no new step-up"
        says = f"{course.doses[n].amount} was given at {point}, {days} days after {point_before}: {due}."
        yield Deviation(Reason("guard/restart", says), place_of(n, course), is_recent(n, course))


def _intervals(dated: list[_Dated], amounts: _Amounts, course: Course, book: Rulebook) -> Iterator[Deviation]:
    """Doses that follow another one too soon: sooner than the book, or the names of the two doses, allow."""
    if NEXT_DOSE in book.rows:
        least = least_days(amounts, book)
        for (n_before, point_before, when_before), (n, point, when) in pairwise(dated):
            if (days := (when - when_before).days) < least[n_before]:
                says = f"{point} is on {when}, {days} days after {point_before}, but is due after {least[n_before]} days."
                yield _too_early(says, n, course)
    elif any(first[1].number >= second[1].number or _is_early(first, second) for first, second in pairwise(dated)):
        pairs = _early_pairs(dated)
        for (_, point_before, when_before), (n, point, when) in pairs[:_MOST]:
            yield _too_early(f"{point} is on {when}, too early after {point_before} on {when_before}.", n, course)
        if len(pairs) > _MOST:
            says = "Other doses are too early as well. Check the dates of the whole course."
            yield _too_early(says, len(course.doses), course)


def _early_pairs(dated: list[_Dated]) -> list[tuple[_Dated, _Dated]]:
    """The pairs of doses in which the second is too early, in their order; not all pairs if there are far too many.

    Doses that are far enough apart are not compared one by one, so the time grows only with the length of the course.
    """
    places: list[tuple[int, int]] = []
    before: list[tuple[date, int]] = []
    for n, (_, _, when) in enumerate(dated):
        near = bisect_left(before, (when - _WITHIN, -1))
        places += [(place, n) for _, place in before[near:] if _is_early(dated[place], dated[n])]
        if len(places) > _MOST:
            break
        insort(before, (when, n))
    return [(dated[first], dated[second]) for first, second in sorted(places)]


def _too_early(says: str, n: int, course: Course) -> Deviation:
    return Deviation(Reason("guard/too-early", says), place_of(n, course), is_recent(n, course))


def _is_early(first: _Dated, second: _Dated) -> bool:
    """Whether two doses are fewer days apart than their names say. Doses of different cycles are at least a day apart."""
    before, after = first[1], second[1]
    least = after.day - before.day if before.cycle == after.cycle else 1
    return before != after and (second[2] - first[2]).days < least

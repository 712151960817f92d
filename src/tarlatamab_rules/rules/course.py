"""What a course tells of the dose that is planned: its role, the days since the last one, and what happened since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from tarlatamab_rules.answers.vocabulary import Role
from tarlatamab_rules.core.paths import COURSE, PLANNED_START, Fact
from tarlatamab_rules.inputs._fields import days_between
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose, course_of
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks.facts import LAST, NOTHING_GIVEN
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = [
    "SETTLING",
    "amounts_given",
    "amounts_needed",
    "as_course",
    "closed",
    "days_since",
    "first_given",
    "last_given",
    "last_roles",
    "least_days",
    "odd_amounts",
    "possible_roles",
    "role_lacks",
    "roles_after",
    "roles_of",
    "step_up_amount",
    "worst_of",
]

CourseLike: TypeAlias = "Course | Iterable[GivenDose] | None"
SETTLING: Final = 2
"""After so many known doses it no longer matters what was given before them: a safeguard of ours, for amounts and days alike."""
_AT_FIRST: Final = (Role.STEP_UP, Role.FIRST_FULL)


def as_course(course: CourseLike) -> Course | None:
    """A course from itself or from the doses given; ``None`` stays not known."""
    return course_of(course)


def closed(dose: GivenDose) -> When | None:
    """The moment by which a dose is dated: its start, else its end."""
    return dose.started or dose.ended


def first_given(course: Course | None) -> When | None:
    """When the first dose was given; ``None`` while that is not known, or before it."""
    return closed(course.doses[0]) if course and course.doses else None


def last_given(course: Course | None) -> When | None:
    """When the last dose was given; ``None`` while that is not known, or before the first."""
    last = course.last if course else None
    return None if last is None else closed(last)


def days_since(course: Course, on: When | None) -> int | None:
    """The calendar days from the last dose to *on*; ``None`` while one of them has no date."""
    given = last_given(course)
    return None if on is None or given is None else days_between(given, on)


def first_role(point: DosePoint) -> Role:
    """The role that a dose has by its name, while there was no restart."""
    return _AT_FIRST[point.number - 1] if point.number <= len(_AT_FIRST) else Role.LATER


def possible_roles(point: DosePoint) -> Role | frozenset[Role]:
    """What a dose may be in a course that is not known: what its name says, or after a restart an earlier role."""
    roles = tuple(Role)[: point.number]
    return roles[0] if len(roles) == 1 else frozenset(roles)


def step_up_amount(book: Rulebook) -> float | None:
    """How much the first dose is, and the first one after too long a delay, in mg; ``None`` where the book does not say."""
    return _amounts(book).get(Role.STEP_UP)


@lru_cache(maxsize=32)
def _amounts(book: Rulebook) -> dict[Role, float]:
    """How much a dose of each role is, by a book."""
    return {step.role: step.amount.value for step in book[NEXT_DOSE](None, None).possible if step is not None}


def last_roles(course: Course, book: Rulebook) -> frozenset[str]:
    """What the dose given last may have been in the course, by the amounts given; empty where an amount fits none."""
    return roles_after(amounts_given(course), book)


def amounts_given(course: Course) -> tuple[float | None, ...]:
    """How much each dose was, in mg; ``None`` where it is not known."""
    return tuple([None if dose.amount is None else dose.amount.value for dose in course.doses])


def amounts_needed(course: Course, book: Rulebook) -> tuple[Fact, ...]:
    """The amounts that are not known and bear on what follows: those after which fewer than two known ones were given."""
    amounts = amounts_given(course)
    if None not in amounts or NEXT_DOSE not in book.rows:
        return ()
    known = [n for n, amount in enumerate(amounts) if amount is not None]
    settled = known[-SETTLING] if len(known) >= SETTLING else 0
    return tuple(Fact("course", course.doses[n].point, "amount") for n in range(settled, len(amounts)) if amounts[n] is None)


def roles_after(given: tuple[float | None, ...], book: Rulebook) -> frozenset[str]:
    """What the last of some amounts may have been in the course; empty where one of the last fits none."""
    return _read(given, book)[0]


def odd_amounts(given: tuple[float | None, ...], book: Rulebook) -> tuple[int, ...]:
    """Which of some amounts fit no schedule, by their places."""
    return _read(given, book)[1] if NEXT_DOSE in book.rows else ()


@lru_cache(maxsize=1024)
def _read(given: tuple[float | None, ...], book: Rulebook) -> tuple[frozenset[str], tuple[int, ...]]:
    """What the last of some amounts was in the course, and which of them fit no schedule."""
    amounts, odd = _amounts(book), []
    roles: frozenset[str] = frozenset((NOTHING_GIVEN,))
    for n, value in enumerate(given):
        found = _fitting(value, roles, amounts)
        if not found and (roles or value not in {None, *amounts.values()}):
            odd.append(n)
        # Two doses later it no longer matters what an amount that fits nothing stood for.
        roles = found or (frozenset(Role) if n + SETTLING < len(given) else found)
    return roles, tuple(odd)


def _fitting(value: float | None, before: frozenset[str], amounts: Mapping[Role, float]) -> frozenset[str]:
    """What a dose of some amount may be after one that may have been one of several."""
    fits = [role for role, amount in amounts.items() if value in {None, amount}]
    return frozenset(role for role in fits if role is Role.STEP_UP or any(role is _full(each) for each in before))


@lru_cache(maxsize=1024)
def roles_of_each(given: tuple[float | None, ...], book: Rulebook) -> tuple[frozenset[str], ...]:
    """What each of some amounts may have been in the course, by those up to it; empty where one of its last fits none."""
    amounts, found = _amounts(book), []
    settled: list[frozenset[str]] = [frozenset((NOTHING_GIVEN,))]
    for n, value in enumerate(given):
        first = max(n + 1 - SETTLING, 0)
        roles = settled[first]
        for each in given[first : n + 1]:
            roles = _fitting(each, roles, amounts)
        found.append(roles)
        settled.append(_fitting(value, settled[-1], amounts) or frozenset(Role))
    return tuple(found)


@lru_cache(maxsize=1024)
def least_days(given: tuple[float | None, ...], book: Rulebook) -> tuple[int, ...]:
    """How many days after each of some amounts the next dose is due at the earliest, whatever role that one may have had."""
    intervals = _intervals(book).items()
    return tuple(min((days for role, days in intervals if role in each), default=0) for each in roles_of_each(given, book))


@lru_cache(maxsize=32)
def _intervals(book: Rulebook) -> dict[str, int]:
    """How many days after a dose of each role the next one is due, by a book."""
    steps_after = {last: book[NEXT_DOSE](last, None).possible for last in LAST.members}
    after = {last: [step for step in steps if step is not None and not step.restart] for last, steps in steps_after.items()}
    return {last: min(step.after for step in steps) for last, steps in after.items() if steps}


def _full(before: str) -> Role | None:
    """What 10 mg is by the dose before it: the first one follows 1 mg; without any before, it fits no schedule."""
    return Role.FIRST_FULL if before == Role.STEP_UP else None if before == NOTHING_GIVEN else Role.LATER


def roles_of(point: DosePoint, course: Course | None, days: int | None, book: Rulebook) -> Role | frozenset[Role]:
    """What the dose at *point* may be in the course: by the amounts given and the days since the last; without a course by its name.

    Where the book does not say what follows, the name stands as well.
    """
    if course is None:
        return first_role(point)
    last = last_roles(course, book)
    steps = book[NEXT_DOSE](last or frozenset(Role), None if days is None else max(days, 0)).possible
    roles = frozenset(first_role(point) if step is None else step.role for step in steps)
    return next(iter(roles)) if len(roles) == 1 else roles


def role_lacks(course: Course | None, on: When | None, days: int | None, book: Rulebook) -> tuple[Fact, ...]:
    """The facts without which the role of a dose is open; none where an amount fits no schedule, since no fact settles that.

    Args:
        course: The doses given so far; ``None``: not known.

        on: When the dose is planned.

        days: The days since the last dose, as `roles_of` takes them.

        book: The book that says what follows.
    """
    if course is None:
        return (COURSE,)
    if not last_roles(course, book):
        return ()
    missing, last = list(amounts_needed(course, book)), course.last
    if days is None and last is not None:
        missing += [Fact("course", last.point, "started")] if closed(last) is None else []
        missing += [PLANNED_START] if on is None else []
    return tuple(missing)


_NONE = frozenset((Grade.NONE,))


def worst_of(each: Iterable[frozenset[Grade]]) -> Grade | frozenset[Grade]:
    """Every grade that the worst of several may be; one grade where it is certain."""
    worst = _NONE
    for grades in each:
        worst = frozenset(max(a, b) for a in worst for b in grades)
    return next(iter(worst)) if len(worst) == 1 else worst

"""What a course shows about the planned dose: its role, the days since the last dose, and the worst toxicity since then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from tarlatamab_rules.core.paths import COURSE, PLANNED_START, Fact
from tarlatamab_rules.inputs._fields import days_between
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose, course_of
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks.facts import LAST, NOTHING_GIVEN
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = [
    "SETTLING",
    "amounts_due",
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
"""After this many known doses, earlier ones no longer matter, neither their amounts nor their days. A safeguard of this library."""
_AT_FIRST: Final = (Role.STEP_UP, Role.FIRST_FULL)


def as_course(course: CourseLike) -> Course | None:
    """A course, made from a course or from the doses given; ``None``: not known."""
    return course_of(course)


def closed(dose: GivenDose) -> When | None:
    """The time that dates a dose: its start, else its end."""
    return dose.started or dose.ended


def first_given(course: Course | None) -> When | None:
    """When the first dose was given; ``None`` if that is not known or no dose was given."""
    return closed(course.doses[0]) if course and course.doses else None


def last_given(course: Course | None) -> When | None:
    """When the last dose was given; ``None`` if that is not known or no dose was given."""
    last = course.last if course else None
    return None if last is None else closed(last)


def days_since(course: Course, planned_start: When | None) -> int | None:
    """The calendar days from the last dose to *planned_start*; ``None`` if either has no date."""
    last = last_given(course)
    return None if planned_start is None or last is None else days_between(last, planned_start)


def first_role(point: DosePoint) -> Role:
    """The role that the name of a dose gives it, if there was no restart."""
    return _AT_FIRST[point.number - 1] if point.number <= len(_AT_FIRST) else Role.LATER


def possible_roles(point: DosePoint) -> Role | frozenset[Role]:
    """The roles that a dose may have if the course is not known: the role of its name, or an earlier role after a restart."""
    roles = tuple(Role)[: point.number]
    return roles[0] if len(roles) == 1 else frozenset(roles)


def step_up_amount(book: Rulebook) -> float | None:
    """The amount in mg of the first dose, and of the first dose after too long a delay; ``None`` if the book does not say."""
    return _amounts(book).get(Role.STEP_UP)


@lru_cache(maxsize=64)
def _amounts(book: Rulebook) -> Mapping[Role, float]:
    """The amount in mg that a book gives for each role."""
    return {step.role: step.amount.value for step in book[NEXT_DOSE](None, None).possible if step is not None}


def amounts_due(book: Rulebook) -> tuple[float, ...]:
    """Every amount in mg that a book gives."""
    return tuple(dict.fromkeys(_amounts(book).values()))


def last_roles(course: Course, book: Rulebook) -> frozenset[str]:
    """The roles that the last dose may have had, by the amounts given; empty if an amount fits no role."""
    return roles_after(amounts_given(course), book)


def amounts_given(course: Course) -> tuple[float | None, ...]:
    """The amount of each dose in mg; ``None`` if not known."""
    return tuple([None if dose.amount is None else dose.amount.value for dose in course.doses])


def amounts_needed(course: Course, book: Rulebook) -> tuple[Fact, ...]:
    """The unknown amounts that affect the next dose: those after which fewer than two known amounts were given."""
    return _needed(amounts_given(course), course, book)


def _needed(amounts: tuple[float | None, ...], course: Course, book: Rulebook) -> tuple[Fact, ...]:
    if None not in amounts or NEXT_DOSE not in book.rows:
        return ()
    known = [n for n, amount in enumerate(amounts) if amount is not None]
    settled = known[-SETTLING] if len(known) >= SETTLING else 0
    return tuple(Fact("course", course.doses[n].point, "amount") for n in range(settled, len(amounts)) if amounts[n] is None)


def roles_after(amounts: tuple[float | None, ...], book: Rulebook) -> frozenset[str]:
    """The roles that the last of these amounts may have had; empty if one of the last amounts fits no schedule."""
    return _roles_and_misfits(amounts, book)[0]


def odd_amounts(amounts: tuple[float | None, ...], book: Rulebook) -> tuple[int, ...]:
    """The places of the amounts that fit no schedule."""
    return _roles_and_misfits(amounts, book)[1] if NEXT_DOSE in book.rows else ()


@lru_cache(maxsize=1024)
def _roles_and_misfits(amounts: tuple[float | None, ...], book: Rulebook) -> tuple[frozenset[str], tuple[int, ...]]:
    """The roles that the last amount may have had, and the places of the amounts that fit no schedule."""
    schedule, odd = _amounts(book), []
    roles: frozenset[str] = frozenset((NOTHING_GIVEN,))
    for n, value in enumerate(amounts):
        fitting = _fitting(value, roles, book)
        if not fitting and (roles or value not in {None, *schedule.values()}):
            odd.append(n)
        # Two doses later, the role of an amount that fits no schedule no longer matters.
        roles = fitting or (frozenset(Role) if n + SETTLING < len(amounts) else fitting)
    return roles, tuple(odd)


@lru_cache(maxsize=1024)
def _fitting(value: float | None, before: frozenset[str], book: Rulebook) -> frozenset[Role]:
    """The roles that a dose of this amount may have after a dose with one of these roles."""
    fits = [role for role, amount in _amounts(book).items() if value in {None, amount}]
    return frozenset(role for role in fits if role is Role.STEP_UP or any(role is _full(last) for last in before))


@lru_cache(maxsize=1024)
def roles_by_dose(amounts: tuple[float | None, ...], book: Rulebook) -> tuple[frozenset[Role], ...]:
    """The roles that each dose may have had, by the amounts up to it; empty if one of the last amounts fits no schedule."""
    by_dose: list[frozenset[Role]] = []
    settled: list[frozenset[str]] = [frozenset((NOTHING_GIVEN,))]
    for n, value in enumerate(amounts):
        first = max(n + 1 - SETTLING, 0)
        roles = settled[first]
        for amount in amounts[first:n]:
            roles = _fitting(amount, roles, book)
        by_dose.append(_fitting(value, roles, book))
        settled.append(_fitting(value, settled[-1], book) or frozenset(Role))
    return tuple(by_dose)


@lru_cache(maxsize=1024)
def least_days(amounts: tuple[float | None, ...], book: Rulebook) -> tuple[int, ...]:
    """The fewest days from each dose until the next is due, over all roles that it may have had."""
    intervals = _intervals(book).items()
    return tuple(min((days for role, days in intervals if role in roles), default=0) for roles in roles_by_dose(amounts, book))


def _intervals(book: Rulebook) -> dict[str, int]:
    """The days from a dose of each role until the next is due, by a book."""
    steps_after = {last: book[NEXT_DOSE](last, None).possible for last in LAST.members}
    after = {last: [step for step in steps if step is not None and not step.restart] for last, steps in steps_after.items()}
    return {last: min(step.after for step in steps) for last, steps in after.items() if steps}


def _full(before: str) -> Role | None:
    """The role of 10 mg by the role of the dose before it: the first full dose follows 1 mg. As a first dose, it fits no schedule."""
    return Role.FIRST_FULL if before == Role.STEP_UP else None if before == NOTHING_GIVEN else Role.LATER


def roles_of(point: DosePoint, course: Course | None, days: int | None, book: Rulebook) -> Role | frozenset[Role]:
    """The roles that the dose at *point* may have, by the amounts given and the days since the last dose; without a course, by its name.

    If the book does not say which dose follows, the name counts as well.
    """
    if course is None:
        return first_role(point)
    last = last_roles(course, book)
    steps = book[NEXT_DOSE](last or frozenset(Role), None if days is None else max(days, 0)).possible
    roles = frozenset(first_role(point) if step is None else step.role for step in steps)
    return next(iter(roles)) if len(roles) == 1 else roles


def role_lacks(course: Course | None, planned_start: When | None, days: int | None, book: Rulebook) -> tuple[Fact, ...]:
    """The facts without which the role of a dose is open. None, if an amount fits no schedule, because no fact settles that.

    Args:
        course: The doses given so far; ``None``: not known.

        planned_start: When the dose is planned.

        days: The days since the last dose, as for `roles_of`.

        book: The book that says which dose follows.
    """
    if course is None:
        return (COURSE,)
    amounts = amounts_given(course)
    if not roles_after(amounts, book):
        return ()
    missing, last = list(_needed(amounts, course, book)), course.last
    if days is None and last is not None:
        missing += [Fact("course", last.point, "started")] if closed(last) is None else []
        missing += [PLANNED_START] if planned_start is None else []
    return tuple(missing)


_NONE = frozenset((Grade.NONE,))


def worst_of(possible: Iterable[frozenset[Grade]]) -> Grade | frozenset[Grade]:
    """Every grade that the worst of several grades may be; a single grade if it is certain."""
    worst = _NONE
    for grades in possible:
        worst = frozenset(max(a, b) for a in worst for b in grades)
    return next(iter(worst)) if len(worst) == 1 else worst

"""What is known of a planned dose, as the rules ask it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.answers.words import Role
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.inputs._fields import day, moment, several
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.course import Course, DosePoint
from tarlatamab_rules.inputs.findings import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.intervals import Interval
from tarlatamab_rules.rules.courses import as_course, closed, days_since, first_given, last_roles, roles_of
from tarlatamab_rules.rules.effective import Episode, read, worst_since

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.vocabulary import Grade
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.courses import CourseLike

__all__ = ["CRS", "NEUROTOXICITY", "Planned", "at_point", "first_after", "past_of", "planned_readings"]

CRS = frozenset((Toxicity.CRS,))
NEUROTOXICITY = frozenset((Toxicity.ICANS, Toxicity.NEUROTOXICITY))


@frozen
class Planned:
    """What is known of a planned dose.

    Attributes:
        number: Its place in the row of doses.

        role: What it is in the course.

        on: Its day.

        course: The doses given so far.

        history: The toxicities so far, as the book reads them.

        book: The book that is asked.
    """

    number: int | None
    role: Role | frozenset[Role] | None
    on: When | None
    course: Course | None
    history: tuple[Episode, ...] | None
    book: Rulebook

    @property
    def first(self) -> When | None:
        """When the drug was first given; ``None`` while that is not known, or before the first dose."""
        return first_given(self.course)

    @property
    def untreated(self) -> bool:
        """Whether the planned dose is the first."""
        return self.number == 1 and not (self.course and self.course.doses)

    def worst_since(self, toxicities: Collection[Toxicity]) -> Grade | frozenset[Grade] | None:
        """The worst grade of some toxicities to which this dose is the next; ``None`` while the history is not known."""
        if self.history is None:
            return None
        return worst_since(self.history, self.course, toxicities)


def past_of(history: Iterable[ToxicityEvent]) -> tuple[ToxicityEvent, ...]:
    """Episodes as a tuple, each checked to be one."""
    past = history if type(history) is tuple else several(history, ToxicityEvent, "history")
    for event in past:
        if type(event) is not ToxicityEvent:
            raise FieldTypeError("history", f"{shown(event)} is not a ToxicityEvent", "pass the episodes as ToxicityEvent")
    return past


def at_point(
    point: DosePoint | str | None, course: CourseLike, history: Iterable[ToxicityEvent] | None, on: When | None, book: Rulebook
) -> Planned:
    """What a caller says of a planned dose; without a day, a delay is not looked at."""
    given, when = as_course(course), moment(on, "on")
    past = None if history is None else tuple(read(event, book) for event in past_of(history))
    if point is None:
        return Planned(None, None, when, given, past, book)
    dose = DosePoint.of(point)
    days = 0 if given is None or when is None else days_since(given, when)
    return Planned(dose.number, roles_of(dose, given, days, book), when, given, past, book)


def first_after(onset: When | None, planned: Planned) -> tuple[tuple[int | Interval | None, Role | frozenset[Role] | None], ...]:
    """Place and role of the first dose after an episode began: one given since, or on the day of its onset, else the planned one.

    While dates are missing it may be one of several; without a course, any dose up to the planned one.
    """
    if planned.number is None:
        return ((None, None),)
    if planned.course is None and planned.number > 1:
        return ((Interval(1, planned.number), None),)
    doses = () if planned.course is None else planned.course.doses
    found: list[tuple[int | Interval | None, Role | frozenset[Role] | None]] = [(planned.number, planned.role)]
    for n, dose in reversed(tuple(enumerate(doses))):
        given = closed(dose)
        if onset is not None and given is not None:
            if day(given) < day(onset):
                return tuple(reversed(found))
            found = []
        found.append((dose.point.number, frozenset(map(Role, last_roles(Course(doses[: n + 1]), planned.book))) or None))
    earliest = doses[0].point.number if doses else planned.number
    unlisted = ((Interval(1, earliest - 1), None),) if earliest > 1 else ()
    return (*unlisted, *reversed(found))


def planned_readings(  # noqa: PLR0913, PLR0917  # one parameter a fact
    point: DosePoint | str,
    course: CourseLike,
    history: Iterable[ToxicityEvent] | None,
    on: When | None,
    site_zone: str | None,
    book: Rulebook,
) -> list[Planned]:
    """The planned dose in each way that times can be read, the one with the earlier role first: for that one more is done."""
    past = None if history is None else past_of(history)
    each = readings(site_zone, on=moment(on, "on"), course=as_course(course), history=past)
    planned = [at_point(point, book=book, **reading) for reading in each]
    return planned if len(planned) == 1 else sorted(planned, key=_earliest_role)


_ROLES: Final = tuple(Role)


def _earliest_role(planned: Planned) -> int:
    roles = planned.role if isinstance(planned.role, frozenset) else {planned.role}
    return min(_ROLES.index(role) for role in roles if role is not None)

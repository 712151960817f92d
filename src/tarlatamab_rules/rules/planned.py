"""What is known of a planned dose, as the rules ask it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from attrs import evolve, frozen

from tarlatamab_rules.answers.vocabulary import Role
from tarlatamab_rules.core.decisions import NeedsData
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.paths import COURSE, Fact
from tarlatamab_rules.inputs._fields import day, moment, several, word
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.course import Course, DosePoint
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import ROLE
from tarlatamab_rules.rules.course import amounts_given, as_course, closed, days_since, first_given, role_lacks, roles_of, roles_of_each
from tarlatamab_rules.rules.earlier import Past
from tarlatamab_rules.rules.event_grade import Episode, read, worst_since
from tarlatamab_rules.rules.given import AMOUNT

if TYPE_CHECKING:
    from datetime import date

    from tarlatamab_rules.answers.vocabulary import RoleLike
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.core.tables import Axis
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.vocabulary import Grade
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.course import CourseLike

__all__ = [
    "BY_NAME",
    "CRS",
    "NEUROTOXICITY",
    "ODD_AMOUNT",
    "UNLISTED",
    "Planned",
    "at_point",
    "first_after",
    "of_role",
    "past_of",
    "planned_readings",
    "with_role",
]

T = TypeVar("T")
OneDose: TypeAlias = "tuple[int | Interval | None, Role | frozenset[Role] | None]"
"""The place of a dose in the schedule, and its role; what is not known is left open."""

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

        by_name: Whether the role is what the name of the dose says, since neither the course nor the role is known.

        lacks: The facts without which the role is open; empty where none would settle it.
    """

    number: int | None
    role: Role | frozenset[Role] | None
    on: When | None
    course: Course | None
    history: tuple[Episode, ...] | None
    book: Rulebook
    by_name: bool = False
    lacks: tuple[Fact, ...] = (COURSE,)

    @property
    def first(self) -> When | None:
        """When the drug was first given; ``None`` while that is not known, or before the first dose."""
        return first_given(self.course)

    @cached_property
    def past(self) -> Past:
        """The toxicities so far, put in order."""
        return Past.of(self.history or ())

    @cached_property
    def doses(self) -> tuple[tuple[date | None, OneDose], ...]:
        """The doses given so far: the day of each, its place and what it may have been in the course."""
        if self.course is None:
            return ()
        roles = roles_of_each(amounts_given(self.course), self.book)
        given = [(dose.point.number, closed(dose)) for dose in self.course.doses]
        return tuple(
            (None if when is None else day(when), (number, frozenset(map(Role, each)) or None))
            for (number, when), each in zip(given, roles, strict=True)
        )

    @property
    def settling(self) -> tuple[Fact, ...]:
        """The facts of the course that an answer lacks which hangs on a role: of the planned dose, else of those without a date."""
        if self.lacks or not isinstance(self.role, Role) or self.course is None:
            return self.lacks
        return tuple([Fact("course", dose.point, "started") for dose in self.course.doses if closed(dose) is None])

    @property
    def unsettled(self) -> Reason:
        """Why no further fact of the course settles what hangs on it."""
        return UNLISTED if isinstance(self.role, Role) else ODD_AMOUNT

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


def at_point(  # noqa: PLR0913, PLR0917  # one parameter a fact
    point: DosePoint | str | None,
    course: CourseLike,
    history: Iterable[ToxicityEvent] | None,
    on: When | None,
    book: Rulebook,
    role: Role | None = None,
) -> Planned:
    """What a caller says of a planned dose; without a day, a delay is not looked at.

    Raises:
        FieldError: The role is none that the dose can have by the course.
    """
    given, when = as_course(course), moment(on, "on")
    past = None if history is None else tuple(read(event, book) for event in past_of(history))
    if point is None:
        return Planned(None, role, when, given, past, book)
    dose = DosePoint.of(point)
    days = 0 if given is None or when is None else days_since(given, when)
    found = roles_of(dose, given, days, book)
    if role is not None and given is not None and not _is_among(role, found):
        raise FieldError("role", f"{dose} is no {role} dose by the course", "correct one of the two, or leave the role out")
    lacks = role_lacks(given, when, days, book)
    return Planned(dose.number, role or found, when, given, past, book, by_name=role is None and given is None, lacks=lacks)


def _is_among(role: Role, roles: Role | frozenset[Role]) -> bool:
    return role in roles if isinstance(roles, frozenset) else role is roles


BY_NAME: Final = Reason(
    "guard/by-name",
    "Neither the course nor the role of the dose is known, so it was taken for what its name says.",
    caveat="Only if there was no restart: after one, a dose of this name is treated as an earlier one. Pass the course or the role.",
)


UNLISTED: Final = Reason(
    "guard/unlisted",
    "Doses before the first one that the course lists are not known, and the answer hangs on them: a clinician must assess it.",
)
ODD_AMOUNT: Final = Reason(
    AMOUNT, "The amounts given do not fit the schedule, so what the planned dose is in the course is for a clinician."
)


def of_role(answer: Decision[T], planned: Planned) -> Decision[T]:
    """An answer that hangs on the role of the dose, with the facts of the course that would settle it in place of the course.

    Where none would, it names none, with the reason that a clinician must say.
    """
    if not isinstance(answer, NeedsData) or ROLE.fact not in answer.missing or (lacks := planned.settling) == (ROLE.fact,):
        return answer
    missing = dict.fromkeys(fact for each in answer.missing for fact in (lacks if each == ROLE.fact else (each,)))
    return evolve(answer, missing=tuple(missing), reasons=answer.reasons if lacks else (*answer.reasons, planned.unsettled))


def with_role(planned: Planned, ask: Callable[[Planned], Decision[T]], asks: Collection[Axis]) -> Decision[T]:
    """An answer; with a caveat where the dose was taken by its name, and after a restart the answer would be another one.

    *asks* has the facts by which the book answers.
    """
    answer = ask(planned)
    if not planned.by_name or planned.number is None or ROLE not in asks:
        return answer
    roles = tuple(Role)[: planned.number]
    if all(ask(evolve(planned, role=role)).possible == answer.possible for role in roles):
        return answer
    return evolve(answer, reasons=(*answer.reasons, BY_NAME))


def first_after(onset: When | None, planned: Planned) -> tuple[OneDose, ...]:
    """Place and role of the first dose after an episode began: one given since, or on the day of its onset, else the planned one.

    While dates are missing it may be one of several; without a course, any dose up to the planned one.
    """
    if planned.number is None:
        return ((None, None),)
    if planned.course is None and planned.number > 1:
        return ((Interval(1, planned.number), None),)
    began = None if onset is None else day(onset)
    found: list[OneDose] = [(planned.number, planned.role)]
    for given, dose in reversed(planned.doses):
        if began is not None and given is not None:
            if given < began:
                return tuple(reversed(found))
            found = []
        found.append(dose)
    earliest = planned.course.doses[0].point.number if planned.doses and planned.course else planned.number
    unlisted = ((Interval(1, earliest - 1), None),) if earliest > 1 else ()
    return (*unlisted, *reversed(found))


def planned_readings(  # noqa: PLR0913, PLR0917  # one parameter a fact
    point: DosePoint | str,
    course: CourseLike,
    history: Iterable[ToxicityEvent] | None,
    on: When | None,
    site_zone: str | None,
    book: Rulebook,
    role: RoleLike | None = None,
) -> list[Planned]:
    """The planned dose in each way that times can be read, the one with the earlier role first: for that one more is done."""
    past = None if history is None else past_of(history)
    each = readings(site_zone, on=moment(on, "on"), course=as_course(course), history=past)
    known = word(Role, role, "role")
    planned = [at_point(point, book=book, role=known, **reading) for reading in each]
    return planned if len(planned) == 1 else sorted(planned, key=_earliest_role)


_ROLES: Final = tuple(Role)


def _earliest_role(planned: Planned) -> int:
    roles = planned.role if isinstance(planned.role, frozenset) else {planned.role}
    return min(_ROLES.index(role) for role in roles if role is not None)

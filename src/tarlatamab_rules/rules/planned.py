"""What is known of a planned dose, in the form that the rules need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from attrs import Factory, evolve, field, frozen

from tarlatamab_rules.core.decisions import NeedsData, union
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.paths import COURSE, EVENTS, Fact
from tarlatamab_rules.inputs._fields import day, moment, several, word
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.course import Course, DosePoint
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks.facts import ROLE
from tarlatamab_rules.rules.course import (
    amounts_given,
    as_course,
    closed,
    days_since,
    first_given,
    role_lacks,
    roles_by_dose,
    roles_of,
    worst_of,
)
from tarlatamab_rules.rules.earlier import Past
from tarlatamab_rules.rules.event_grade import Episode, read, since_last
from tarlatamab_rules.rules.given import AMOUNT
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from datetime import date

    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.core.tables import Axis
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.course import CourseLike
    from tarlatamab_rules.values.vocabulary import RoleLike

__all__ = [
    "BY_NAME",
    "CRS",
    "NEUROTOXICITY",
    "ODD_AMOUNT",
    "UNLISTED",
    "Planned",
    "at_point",
    "by_episodes",
    "first_after",
    "of_role",
    "past_of",
    "planned_readings",
    "with_role",
]

T = TypeVar("T")
OneDose: TypeAlias = "tuple[int | Interval | None, Role | frozenset[Role] | None]"
"""The place of a dose in the schedule, and its role. What is not known is left open."""

CRS = frozenset((Toxicity.CRS,))
NEUROTOXICITY = frozenset((Toxicity.ICANS, Toxicity.NEUROTOXICITY))


def _past(planned: Planned) -> Past:
    return Past(planned.events or ())


@frozen
class Planned:
    """What is known of a planned dose.

    Attributes:
        number: Its place in the sequence of doses.

        role: Its role in the course.

        planned_start: Its day.

        course: The doses given so far.

        events: The toxicities so far, as the book reads them.

        book: The book that answers.

        by_name: Whether the role comes from the name of the dose, because neither the course nor the role is known.

        lacks: The facts without which the role is open; empty if no fact would settle it.

        past: The toxicities so far, in order. It remembers its answers, because a long list is used many times.
    """

    number: int | None
    role: Role | frozenset[Role] | None
    planned_start: When | None
    course: Course | None
    events: tuple[Episode, ...] | None
    book: Rulebook
    by_name: bool = False
    lacks: tuple[Fact, ...] = (COURSE,)
    past: Past = field(init=False, repr=False, eq=False, default=Factory(_past, takes_self=True))

    @property
    def first(self) -> When | None:
        """When the first dose was given; ``None`` if that is not known, or before the first dose."""
        return first_given(self.course)

    @property
    def doses(self) -> tuple[tuple[date | None, OneDose], ...]:
        """The doses given so far: for each its day, its place and the roles that it may have had."""
        if self.course is None:
            return ()
        roles = roles_by_dose(amounts_given(self.course), self.book)
        doses = [(dose.point.number, closed(dose)) for dose in self.course.doses]
        return tuple(
            (None if when is None else day(when), (number, possible or None)) for (number, when), possible in zip(doses, roles, strict=True)
        )

    @property
    def settling(self) -> tuple[Fact, ...]:
        """The missing facts of an answer that depends on a role: those of the planned dose, else the dates of the doses without one."""
        if self.lacks or not isinstance(self.role, Role) or self.course is None:
            return self.lacks
        return tuple([Fact("course", dose.point, "started") for dose in self.course.doses if closed(dose) is None])

    @property
    def unsettled(self) -> Reason:
        """The reason why no further fact of the course settles an answer that depends on the course."""
        return UNLISTED if isinstance(self.role, Role) else ODD_AMOUNT

    @property
    def untreated(self) -> bool:
        """Whether the planned dose is the first."""
        return self.number == 1 and not (self.course and self.course.doses)

    def worst_since(self, toxicities: Collection[Toxicity]) -> Grade | frozenset[Grade] | None:
        """The worst grade of these toxicities since the last dose; ``None`` if the events are not known."""
        if self.events is None:
            return None
        asked = since_last(self.events, self.course, toxicities)
        return worst_of([episode.grades for episode in asked]) if asked else Grade.NONE


def past_of(events: Iterable[ToxicityEvent]) -> tuple[ToxicityEvent, ...]:
    """The episodes as a tuple, each checked to be an event."""
    past = events if type(events) is tuple else several(events, ToxicityEvent, "events")
    for event in past:
        if type(event) is not ToxicityEvent:
            raise FieldTypeError("events", f"{shown(event)} is not a ToxicityEvent", "pass the episodes as ToxicityEvent")
    return past


def at_point(  # noqa: PLR0913, PLR0917  # one parameter a fact
    point: DosePoint | str | None,
    course: CourseLike,
    events: Iterable[ToxicityEvent] | None,
    planned_start: When | None,
    book: Rulebook,
    role: Role | None = None,
) -> Planned:
    """The planned dose that a caller describes. Without a day, a delay is not taken into account.

    Raises:
        FieldError: By the course, the dose cannot have this role.
    """
    known, when = as_course(course), moment(planned_start, "planned_start")
    past = None if events is None else tuple(read(event, book, Fact("events", n)) for n, event in enumerate(past_of(events)))
    if point is None:
        return Planned(None, role, when, known, past, book)
    dose = DosePoint.of(point)
    days = 0 if known is None or when is None else days_since(known, when)
    roles = roles_of(dose, known, days, book)
    if role is not None and known is not None and not _is_among(role, roles):
        raise FieldError("role", f"by the course, {dose} is not a {role} dose", "correct one of the two, or leave the role out")
    lacks = role_lacks(known, when, days, book)
    return Planned(dose.number, role or roles, when, known, past, book, by_name=role is None and known is None, lacks=lacks)


def _is_among(role: Role, roles: Role | frozenset[Role]) -> bool:
    return role in roles if isinstance(roles, frozenset) else role is roles


BY_NAME: Final = Reason(
    "guard/by-name",
    "Neither the course nor the role of the dose is known, so its role was taken from its name.",
    caveat="Only if there was no restart: after one, a dose of this name is treated as an earlier one. Pass the course or the role.",
)


UNLISTED: Final = Reason(
    "guard/unlisted",
    "The answer depends on doses before the first one that the course lists, and they are not known. A clinician must assess it.",
)
ODD_AMOUNT: Final = Reason(
    AMOUNT, "The amounts given do not fit the schedule. A clinician must decide which role the planned dose has in the course."
)


def of_role(answer: Decision[T], planned: Planned) -> Decision[T]:
    """An answer that depends on the role of the dose. Its missing facts are those of the course that would settle it.

    If no fact would settle it, none is named, and a reason says that a clinician must assess it.
    """
    if not isinstance(answer, NeedsData) or ROLE.fact not in answer.missing or (lacks := planned.settling) == (ROLE.fact,):
        return answer
    missing = union(lacks if fact == ROLE.fact else (fact,) for fact in answer.missing)
    return evolve(answer, missing=missing, reasons=answer.reasons if lacks else (*answer.reasons, planned.unsettled))


def by_episodes(answer: Decision[T], planned: Planned, toxicities: Collection[Toxicity] | None = None) -> Decision[T]:
    """An answer that depends on the worst grade of some toxicities since the last dose, or of all so far if none is named.

    If the events are known, what is missing are the facts that would settle their grades.
    """
    if not isinstance(answer, NeedsData) or EVENTS not in answer.missing or planned.events is None:
        return answer
    asked = planned.events if toxicities is None else since_last(planned.events, planned.course, toxicities)
    settling = union(episode.settled_by for episode in asked)
    return evolve(answer, missing=union(settling if fact == EVENTS else (fact,) for fact in answer.missing))


def with_role(planned: Planned, ask: Callable[[Planned], Decision[T]], asks: Collection[Axis]) -> Decision[T]:
    """An answer, with a caveat if the role comes from the name of the dose and the answer would differ after a restart.

    *asks* holds the facts that the book needs.
    """
    answer = ask(planned)
    if not planned.by_name or planned.number is None or ROLE not in asks:
        return answer
    roles = tuple(Role)[: planned.number]
    if all(ask(evolve(planned, role=role)).possible == answer.possible for role in roles):
        return answer
    return evolve(answer, reasons=(*answer.reasons, BY_NAME))


def first_after(onset: When | None, planned: Planned) -> tuple[OneDose, ...]:
    """Place and role of the first dose after an episode began: a dose given on or after the day of onset, else the planned dose.

    If dates are missing, it may be one of several doses; without a course, any dose up to the planned one.
    """
    if planned.number is None:
        return ((None, None),)
    if planned.course is None and planned.number > 1:
        return ((Interval(1, planned.number), None),)
    began = None if onset is None else day(onset)
    possible: list[OneDose] = [(planned.number, planned.role)]
    for given_on, dose in reversed(planned.doses):
        if began is not None and given_on is not None:
            if given_on < began:
                return tuple(reversed(possible))
            possible = []
        possible.append(dose)
    earliest = planned.course.doses[0].point.number if planned.doses and planned.course else planned.number
    unlisted = ((Interval(1, earliest - 1), None),) if earliest > 1 else ()
    return (*unlisted, *reversed(possible))


def planned_readings(  # noqa: PLR0913, PLR0917  # one parameter a fact
    point: DosePoint | str,
    course: CourseLike,
    events: Iterable[ToxicityEvent] | None,
    planned_start: When | None,
    site_zone: str | None,
    book: Rulebook,
    role: RoleLike | None = None,
) -> list[Planned]:
    """The planned dose by each reading of the times. The one with the earlier role comes first, because it calls for more."""
    past = None if events is None else past_of(events)
    ways = readings(site_zone, planned_start=moment(planned_start, "planned_start"), course=as_course(course), events=past)
    known = word(Role, role, "role")
    planned = [at_point(point, book=book, role=known, **reading) for reading in ways]
    return planned if len(planned) == 1 else sorted(planned, key=_earliest_role)


_ROLES: Final = tuple(Role)


def _earliest_role(planned: Planned) -> int:
    roles = planned.role if isinstance(planned.role, frozenset) else {planned.role}
    return min(_ROLES.index(role) for role in roles if role is not None)

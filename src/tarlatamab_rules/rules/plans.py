"""What accompanies a dose: its drugs, its infusion, its checklist, and how long the patient is monitored."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from tarlatamab_rules.core.decisions import Decision
from tarlatamab_rules.inputs._fields import several, word
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.rulebooks.facts import CRS_BEFORE, NEURO_BEFORE, POINT, WORST_SO_FAR
from tarlatamab_rules.rulebooks.questions import CHECKLIST, INFUSION, MONITORING, PREMEDICATION
from tarlatamab_rules.rules.course import worst_of
from tarlatamab_rules.rules.event_grade import read
from tarlatamab_rules.rules.planned import CRS, NEUROTOXICITY, by_episodes, of_role, planned_readings, with_role
from tarlatamab_rules.rules.readings import strictest_reading
from tarlatamab_rules.values.plans import Checklist, InfusionPlan, MonitoringPlan, PremedicationPlan
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.course import CourseLike
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.values.vocabulary import RoleLike

__all__ = ["checklist", "infusion_plan", "monitoring", "monitoring_duration", "premedication", "premedication_plan", "whatever_happened"]


def premedication_plan(  # noqa: PLR0913  # one keyword a fact
    point: DosePoint | str,
    *,
    course: CourseLike = None,
    events: Iterable[ToxicityEvent] | None = None,
    planned_start: When | None = None,
    role: RoleLike | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[PremedicationPlan]:
    """The drugs that are given before and after the infusion at *point*, each with its modality, amount, route and time.

    Args:
        point: The dose, such as ``"C1D8"``.

        course: The doses given so far. After a restart, the drugs of the first doses apply again.

        events: The toxicities so far. ``None``: not known; empty: reviewed, none found.

        planned_start: The day of the dose. Without it, a delay is not seen.

        role: The role of the dose in the course, such as ``"step-up"``; taken from the course if left out. If neither is known, the name
            of the dose gives the role, with a caveat if a restart would change the answer.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. Days are counted by the calendar there. If left
            out, times with different UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: By the course, the dose cannot have this role.

    Source: precautions page, PRE-1 to PRE-3; US prescribing information, 2.3 Table 3.
    """
    book = resolve(rulebook)
    ways, asks = planned_readings(point, course, events, planned_start, site_zone, book, role), book[PREMEDICATION].asks
    return strictest_reading([by_episodes(with_role(planned, premedication, asks), planned, CRS) for planned in ways])


def premedication(planned: Planned) -> Decision[PremedicationPlan]:
    """`premedication_plan` for what is known of a planned dose."""
    answers = planned.book[PREMEDICATION]
    before = planned.worst_since(CRS) if CRS_BEFORE in answers.asks else None
    return of_role(answers(planned.number, planned.role, before), planned)


def infusion_plan(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[InfusionPlan]:
    """How the dose at *point* is infused: route, duration in hours, rate in mL/h, whether by pump, and which device must not be used.

    Args:
        point: The dose, such as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, INF-1 and INF-2.
    """
    return table(INFUSION, rulebook)(DosePoint.of(point).number)


def checklist(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[Checklist]:
    """The checklist for the dose at *point*: hydration, signs of infection, teaching, and the like.

    Args:
        point: The dose, such as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.1, 5.1 to 5.4, 8.3.
    """
    return table(CHECKLIST, rulebook)(DosePoint.of(point).number)


Worst: TypeAlias = Grade | frozenset[Grade] | None
"""The worst grade of several; the grades that it may be; or ``None``: not known or not needed."""


_BY_WORST = frozenset((POINT, WORST_SO_FAR))


_NONE = Grade.NONE  # looking up a member of an enumeration takes longer than comparing two members


def monitoring_duration(  # noqa: PLR0913  # one keyword a fact
    point: DosePoint | str,
    *,
    course: CourseLike = None,
    events: Iterable[ToxicityEvent] | None = None,
    planned_start: When | None = None,
    role: RoleLike | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[MonitoringPlan]:
    """How long and where the patient is monitored after the dose at *point*, and how close to care the patient stays after that.

    Args:
        point: The dose, such as ``"C1D8"``.

        course: The doses given so far. After a restart, the hours of the first doses apply again.

        events: The toxicities so far. ``None``: not known; empty: reviewed, none found.

        planned_start: The day of the dose. Without it, a delay is not seen.

        role: The role of the dose in the course, such as ``"step-up"``; taken from the course if left out. If neither is known, the name
            of the dose gives the role, with a caveat if a restart would change the answer.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. Days are counted by the calendar there. If left
            out, times with different UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: By the course, the dose cannot have this role.

    Source: precautions page, MON-1 to MON-3; US prescribing information, 2.2 Table 1, 2.5 Tables 5 and 6.
    """
    answers = table(MONITORING, rulebook)
    if answers.asks <= _BY_WORST and site_zone is None:
        if type(point) is not DosePoint:
            point = DosePoint.of(point)
        if role is not None:
            word(Role, role, "role")
        worst = None if events is None else _worst(events, rulebook) if events != () else _NONE
        answer = answers.lookup[point.number, None, worst, None, None]
        if events is None or not answer.missing:
            return answer
    ways = planned_readings(point, course, events, planned_start, site_zone, resolve(rulebook), role)
    asked = None if WORST_SO_FAR in answers.asks else CRS | NEUROTOXICITY
    return strictest_reading([by_episodes(with_role(planned, monitoring, answers.asks), planned, asked) for planned in ways])


def monitoring(planned: Planned, seen: Iterable[frozenset[Grade]] = ()) -> Decision[MonitoringPlan]:
    """`monitoring_duration` for what is known of a planned dose; *seen* holds the grades of toxicities that laboratory results show."""
    events, worst = planned.events, None
    if WORST_SO_FAR in planned.book[MONITORING].asks and events is not None:
        worst = worst_of([*(episode.grades for episode in events), *seen])
    return of_role(_after(planned, worst, *_since(planned)), planned)


def whatever_happened(planned: Planned) -> Decision[MonitoringPlan] | None:
    """The monitoring, if the worst grade so far changes neither the answer nor its reasons; else ``None``."""
    since = _since(planned)
    answer = _after(planned, None, *since)
    return of_role(answer, planned) if answer is _after(planned, _NONE, *since) else None


def _since(planned: Planned) -> tuple[Worst, Worst]:
    """The worst grades of both syndromes since the last dose, if the book needs them."""
    asks = planned.book[MONITORING].asks
    crs = planned.worst_since(CRS) if CRS_BEFORE in asks else None
    neuro = planned.worst_since(NEUROTOXICITY) if NEURO_BEFORE in asks else None
    return crs, neuro


def _after(planned: Planned, worst: Worst, crs: Worst, neuro: Worst) -> Decision[MonitoringPlan]:
    return planned.book[MONITORING].lookup[planned.number, planned.role, worst, crs, neuro]


def _worst(events: Iterable[ToxicityEvent], rulebook: Rulebook | str | None) -> Grade | frozenset[Grade]:
    """The worst grade; if a grade is not known, every grade that the worst may be."""
    if type(events) is not tuple:
        events = several(events, ToxicityEvent, "events")
    worst = _NONE
    try:
        for event in events:
            grade = event.plain_grade
            if grade is None:
                break
            if grade > worst:  # noqa: PLR1730  # a call of max costs more than the rest of the loop
                worst = grade
        else:
            return worst
    except AttributeError:
        pass
    book = resolve(rulebook)
    return worst_of(read(event, book).grades for event in several(events, ToxicityEvent, "events"))

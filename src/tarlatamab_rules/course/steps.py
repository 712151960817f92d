"""The doses of a plan, one after another: those given, then each dose that follows, on the first day on which it can be given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from tarlatamab_rules.assessment.words import fact_in_words, listed
from tarlatamab_rules.core.decisions import Decided, Decision
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.paths import Fact, Note
from tarlatamab_rules.inputs._fields import When, day
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.rules.course import amounts_given, closed, roles_by_dose
from tarlatamab_rules.rules.next_dose import next_dose
from tarlatamab_rules.values.doses import NextDose
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from tarlatamab_rules.course.request import Request

__all__ = ["Steps", "TimedDose", "given_doses", "steps"]

_LAST_YEAR: Final = 2199
"""The last year of the calendar of this library."""

_TAIL: Final = 3
"""After so many planned doses those before them no longer matter for what follows: a test compares each answer with that of all doses."""


@frozen(kw_only=True)
class TimedDose:
    """A dose of a plan.

    Attributes:
        point: Its place in the schedule.

        role: The roles that it may have; empty if its amount fits no schedule.

        amount: How much is given; ``None`` if it is not known.

        start: When its infusion begins; ``None`` for a given dose without a date.

        before: The doses before it: for a dose to come in a long plan the last of them, and for a given dose none unless it is the last.

        answer: What follows the doses before it, by the schedule; for a given dose, that dose.

        step: What the schedule gives on the day of the dose; ``None`` for a given dose.

        given: The dose as it was given; ``None`` for a dose to come.
    """

    point: DosePoint
    role: frozenset[Role]
    amount: Amount | None
    start: When | None
    before: Course
    answer: Decision[Any]
    step: NextDose | None = None
    given: GivenDose | None = None

    @property
    def one_role(self) -> Role | None:
        """Its role, if that is known."""
        return next(iter(self.role)) if len(self.role) == 1 else None


@frozen
class Steps:
    """The doses to come, and what a reader must know about them.

    Attributes:
        doses: The doses, in order.

        notes: What a reader must know.
    """

    doses: tuple[TimedDose, ...]
    notes: tuple[Note, ...]


def given_doses(request: Request) -> tuple[TimedDose, ...]:
    """The doses given, as they were given."""
    doses, roles = request.course.doses, roles_by_dose(amounts_given(request.course), request.book)
    return tuple(
        [
            TimedDose(
                point=dose.point,
                role=roles[n],
                amount=dose.amount,
                start=closed(dose),
                before=Course(doses[:n] if n == len(doses) - 1 else ()),
                answer=Decided(dose),
                given=dose,
            )
            for n, dose in enumerate(doses)
        ]
    )


def steps(request: Request, earliest: date | None) -> Steps:
    """Every dose to come, as if each were given as planned; *earliest* is the first day on which the next one may be given."""
    doses: list[TimedDose] = []
    notes: list[Note] = []
    for item in _following(request, earliest):
        if isinstance(item, Note):
            notes.append(item)
        else:
            doses.append(item)
    return Steps(tuple(doses), tuple(notes))


def _following(request: Request, earliest: date | None) -> Iterator[TimedDose | Note]:
    given = list(request.course.doses)
    count, number = 0, given[-1].point.number if given else 0
    floor: date = max([day(request.site.start), *([earliest] if earliest else []), *_after(given)])
    while number < request.last:
        before = Course(tuple(given[-_TAIL:] if count >= _TAIL else given))
        whole = next_dose(before, site_zone=request.site_zone, rulebook=request.book)
        found = _on_a_day(whole, before, floor, request)
        if isinstance(found, Note):
            yield found
            return
        step, on, answer = found
        if request.until is not None and on > request.until:
            return
        if step.point is None or on.year > _LAST_YEAR:
            raise FieldError("cycles", f"the doses go on after {_LAST_YEAR}", "plan fewer cycles, or until an earlier day")
        if _is_anew(whole, step):
            yield _crossed(whole, step, on)
        when = request.site.infusion(on)
        yield TimedDose(
            point=step.point, role=frozenset((step.role,)), amount=step.amount, start=when, before=before, answer=answer, step=step
        )
        given.append(GivenDose(step.point, when, step.amount, complete=True))
        count, number, floor = count + 1, step.point.number, on + timedelta(days=1)
    if request.until is not None:
        raise FieldError("until", f"{request.until} is after the last cycle that has a name", "plan until an earlier day")


def _after(given: list[GivenDose]) -> list[date]:
    """The day after each dose given: no dose is planned on the day of another one."""
    return [day(when) + timedelta(days=1) for dose in given if (when := closed(dose)) is not None]


def _on_a_day(whole: Decision[NextDose], before: Course, floor: date, request: Request) -> tuple[NextDose, date, Decision[NextDose]] | Note:
    """What is given next, on the first open day on which it is due; a note if that is not settled."""
    site = request.site
    due = [step.due for step in whole.possible if step is not None and step.due is not None]
    on = site.open_day(max([floor, *due]))
    if not isinstance(whole, Decided):
        dated = next_dose(before, planned_start=on, site_zone=request.site_zone, rulebook=request.book)
        return (dated.value, on, dated) if isinstance(dated, Decided) else _unsettled(dated, before)
    step = _step_on(whole.value, on)
    while step.due is not None and step.due > on:
        on = site.open_day(step.due)
        step = _step_on(whole.value, on)
    return step, on, whole


def _step_on(step: NextDose, on: date) -> NextDose:
    """What holds on one day, of an answer for every day."""
    while step.latest is not None and step.later is not None and on > step.latest:
        step = step.later
    return step


def _is_anew(whole: Decision[NextDose], step: NextDose) -> bool:
    """Whether the day of a dose is after the last day on which the schedule goes on."""
    return isinstance(whole, Decided) and step.restart and not whole.value.restart


def _crossed(whole: Decision[NextDose], step: NextDose, on: date) -> Note:
    first = whole.unwrap()
    return Note(
        Fact("course", step.point),
        f"{on.isoformat()} is after {first.latest}, the last day for {first.amount}: the step-up begins anew, with {step.amount}.",
    )


def _unsettled(answer: Decision[NextDose], before: Course) -> Note:
    last = before.last
    why = f"missing: {listed(map(fact_in_words, answer.missing))}" if answer.missing else " ".join(reason.says for reason in answer.reasons)
    return Note(Fact("course", None if last is None else last.point), f"what follows is not settled, so no further dose is planned; {why}")

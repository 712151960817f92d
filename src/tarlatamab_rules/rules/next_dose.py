"""Is this the dose that comes next, and the amount that is due?

A book says which amount and interval are due. Safeguards of ours need no source: a clinician looks first at a dose that is given twice,
left out or too early for its name, or that follows a partial infusion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, cast

from attrs import evolve

from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData, NotCovered, Verdict, dissent_of, either, union, unsettled_of
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import COURSE, PLANNED_START, Fact
from tarlatamab_rules.inputs._fields import day, moment
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.course import Course, DosePoint
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.facts import DAYS_SINCE, NOTHING_GIVEN
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE
from tarlatamab_rules.rules.course import amounts_due, amounts_needed, as_course, closed, days_since, last_given, last_roles
from tarlatamab_rules.rules.given import AMOUNT, PARTIAL, REPEATED, SKIPPED, amounts_open, dates_needed, deviations, is_complete, skipped
from tarlatamab_rules.rules.readings import strictest_reading
from tarlatamab_rules.values.doses import DoseStep, NextDose

if TYPE_CHECKING:
    from tarlatamab_rules.core.axes import Cuts
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.course import CourseLike
    from tarlatamab_rules.rules.given import Deviation

__all__ = ["dose_check", "named_step", "next_dose", "planned_step", "step_after"]

_FIRST = Course(())


_ORDER: Final = "guard/order"


def planned_step(case: Case, days: int | None, book: Rulebook) -> Decision[DoseStep]:
    """The step that the book gives at the planned dose, so many days after the last dose, by the course. The first dose needs no course."""
    return step_after(_FIRST if case.course is None and case.point.number == 1 else case.course, days, book)


def dose_check(case: Case, step: Decision[DoseStep], odd: Iterable[Deviation], book: Rulebook) -> Decision[Verdict]:
    """Whether the planned dose follows from the course, and its amount from the book; *odd* lists what is odd about the doses given.

    `Decided`: it does, or something needs assessment. `NeedsData`: a fact of the course is not known. `NotCovered`: no source objects to
    the dose, and a person must check the amount and the interval, because the book has none.
    """
    problems, missing = _problems(case, step, odd), _missing(case, book)
    if missing and not problems:
        problems = tuple(_for_any_amount(case, missing, book))
    if problems:
        return Decided(Verdict.NEEDS_ASSESSMENT, problems)
    reasons = (_unchecked(case),) if isinstance(step, NotCovered) else step.reasons
    if missing:
        return NeedsData(missing, (None if isinstance(step, NotCovered) else Verdict.PROCEED, Verdict.NEEDS_ASSESSMENT), reasons)
    return NotCovered(reasons) if isinstance(step, NotCovered) else Decided(Verdict.PROCEED, reasons)


def _problems(case: Case, step: Decision[DoseStep], odd: Iterable[Deviation]) -> tuple[Reason, ...]:
    """Why a clinician must look at the dose."""
    order = () if case.course is None else _out_of_order(case.point, case.course)
    return tuple(dict.fromkeys((*order, *(deviation.reason for deviation in odd if deviation.votes), *_off_the_book(case, step))))


def _for_any_amount(case: Case, missing: Iterable[Fact], book: Rulebook) -> Iterator[Reason]:
    """The reason why a clinician must look at the dose whatever the one amount that is missing was, whether it fits the schedule or not."""
    course = case.course
    open_ = [n for n, dose in enumerate(course.doses) if Fact("course", dose.point, "amount") in missing] if course else []
    if course is None or len(open_) != 1:
        return
    due, (n,) = amounts_due(book), open_
    ways = []
    for amount in (*due, sum(due) / len(due)):
        dose = evolve(course.doses[n], amount=Amount(amount, MASS.unit))
        known = evolve(case, course=[*course.doses[:n], dose, *course.doses[n + 1 :]])
        step = planned_step(known, days_since(course, case.planned_start), book)
        ways.append((dose, _problems(known, step, deviations(known, book))))
    if all(problems for _, problems in ways):
        of_each = " ".join(f"If it was {dose.amount}: {problems[0].says}" for dose, problems in ways[: len(due)])
        yield Reason("guard/any-amount", f"The amount given at {course.doses[n].point} is missing. {of_each}")


def _missing(case: Case, book: Rulebook) -> tuple[Fact, ...]:
    """The missing facts that leave open whether the dose follows from the course."""
    if case.course is None:
        # The first dose follows no other; every other dose follows a course that must be known.
        return () if case.point.number == 1 else (COURSE,)
    doses = case.course.doses
    missing = [Fact("course", doses[-1].point, "complete")] if doses and is_complete(doses[-1], book) is None else []
    missing += dates_needed(case.course)
    if doses and case.planned_start is None:
        missing.append(PLANNED_START)
    return (*missing, *amounts_open(case, case.course, book))


def _unchecked(case: Case) -> Reason:
    elapsed = _elapsed(case)
    since = "the days since the last dose" if elapsed is None else f"the {elapsed[1]} days since {elapsed[0]}"
    return Reason(
        "guard/no-amount",
        f"No rulebook here gives amounts or intervals: check the amount, and {since if case.point.number > 1 else 'that it is the first'}.",
    )


def _off_the_book(case: Case, step: Decision[DoseStep]) -> Iterator[Reason]:
    """An order or a day that differs from what the book gives."""
    if isinstance(step, NotCovered):
        yield from (reason for reason in step.reasons if reason.unsettled or reason.row == AMOUNT)
        if case.ordered is not None:
            yield Reason(_ORDER, f"The order of {case.ordered} cannot be checked: no rulebook here gives an amount for {case.point}.")
        return
    yield from unsettled_of(step)
    steps = [value for value in step.possible if value is not None]
    if case.ordered is not None and all(case.ordered != value.amount for value in steps):
        amounts = " or ".join(dict.fromkeys(str(value.amount) for value in steps))
        yield Reason(_ORDER, f"{case.ordered} is ordered for {case.point}, and {amounts} is due.")
        yield from step.reasons


def _out_of_order(dose: DosePoint, course: Course) -> Iterator[Reason]:
    """Why the planned dose is not the next one of the schedule. What is odd about the doses before it is a deviation of theirs."""
    if [past.point.number for past in course.doses] == list(range(1, dose.number)):
        return
    given = {past.point for past in course.doses}
    if dose in given:
        yield Reason(REPEATED, f"{dose} was given already.")
    for point in sorted(point for point in given if point > dose):
        yield Reason(SKIPPED, f"{point}, which comes after {dose}, was given already.")
    yield from skipped(dose, given, after=max((point.number for point in given if point < dose), default=0))


def _elapsed(case: Case) -> tuple[DosePoint, int] | None:
    """The last dose, and the days since then."""
    last = case.course.last if case.course else None
    days = days_since(case.course, case.planned_start) if case.course else None
    return None if last is None or days is None else (last.point, days)


_NO_SUCH_AMOUNT = Reason(AMOUNT, "The amounts given do not fit the schedule, so what follows is for a clinician.")
_PARTIAL = Reason(PARTIAL, "The last infusion was not completed, so what follows it is for a clinician.")


def next_dose(
    course: CourseLike, *, planned_start: When | None = None, site_zone: str | None = None, rulebook: Rulebook | str | None = None
) -> Decision[NextDose]:
    """The dose that comes next after a course: its place in the schedule, how much it is, what it is in the course, and when it is due.

    The amounts given, not the names of the doses, and the calendar days since the last dose decide what follows. After too long a delay the
    step-up begins anew. Without *planned_start* the answer holds for every day: which dose is due and when, until which day it is still
    this dose (`NextDose.latest`), and what follows after that (`NextDose.later`).

    Args:
        course: The doses given so far. ``None``: not known; empty: none was given.

        planned_start: The day on which the next dose is to be given.

        site_zone: The time zone of the site, by its IANA name, as ``Europe/Berlin``: days are counted by the calendar there. If left out,
            times with several UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: *planned_start* is before the last dose; or the time zone is not known.

    Source: US prescribing information, 2.2 Table 1 and 2.4 Table 4.
    """
    book, ways = resolve(rulebook), readings(site_zone, planned_start=moment(planned_start, "planned_start"), course=as_course(course))
    answers = [_next(reading["course"], reading["planned_start"], book) for reading in ways]
    answer = strictest_reading(answers, _strictness)
    if isinstance(answer, Decided) and answer.value.latest is not None:
        return evolve(answer, value=_earliest([value for way in answers for value in way.possible if value is not None]))
    return answer


def _earliest(ways: Sequence[NextDose]) -> NextDose:
    """One answer for every day by several readings of the times, whose days differ: due as late, and as long, as every reading allows."""
    later = [step.later for step in ways if step.later is not None]
    due, latest = [step.due for step in ways if step.due], [step.latest for step in ways if step.latest]
    return evolve(
        ways[0],
        due=max(due, default=None),
        latest=min(latest, default=None),
        later=_earliest(later) if later else None,
    )


def _next(course: Course | None, when: When | None, book: Rulebook) -> Decision[NextDose]:
    days = None if course is None else days_since(course, when)
    if days is not None and days < 0:
        raise FieldError("planned_start", f"{when} is before the last dose", "give the day of the dose that is planned")
    answer = named_step(step_after(course, days, book), course, book, days)
    last = last_given(course)
    if not isinstance(answer, NeedsData) or days is not None or course is None or last is None:
        return answer
    spells = _spells(course, book)
    decided = [of_day for of_day, _ in spells if isinstance(of_day, Decided)]
    if len(decided) < len(spells):
        return answer
    value = _in_turn([(of_day.value, until) for of_day, (_, until) in zip(decided, spells, strict=True)], day(last))
    return Decided(value, union(of_day.reasons for of_day in decided), dissent_of(decided))


def _spells(course: Course, book: Rulebook) -> list[tuple[Decision[NextDose], float]]:
    """What follows the last dose by the days since then: each answer, and the last day of it."""
    table = book[NEXT_DOSE]
    days = cast("Cuts", table.axes[table.question.axes.index(DAYS_SINCE)])
    return [(named_step(step_after(course, days.sample(code), book), course, book), days.last(code)) for code in sorted(days.every)]


def _in_turn(spells: Sequence[tuple[NextDose, float]], last: date) -> NextDose:
    """The first of several steps, with the last day of it and what follows then."""
    (step, until), *rest = spells
    while rest and rest[0][0] == step:
        until = rest.pop(0)[1]
    latest = _days_after(last, until)
    return step if latest is None or not rest else evolve(step, latest=latest, later=_in_turn(rest, last))


def _days_after(last: date, days: float) -> date | None:
    """The day so many days after another one; ``None`` if that is after the end of the calendar."""
    return last + timedelta(days=days) if days <= (date.max - last).days else None


def _strictness(step: NextDose) -> tuple[int, int]:
    """A restart is stricter than none; then the later due date."""
    return step.restart, step.due.toordinal() if step.due else 0


def named_step(step: Decision[DoseStep], course: Course | None, book: Rulebook, days: int | None = None) -> Decision[NextDose]:
    """What follows, with its place in the schedule and the day on which it is due."""
    if isinstance(step, Decided):
        return Decided(_named(step.value, course), step.reasons, step.dissent)
    if isinstance(step, NeedsData):
        named = dict.fromkeys(None if value is None else _named(value, course) for value in step.possible)
        return NeedsData(_lacking(course, days, book), tuple(named), step.reasons, step.dissent)
    return step


def step_after(course: Course | None, days: int | None, book: Rulebook) -> Decision[DoseStep]:
    """What follows the last dose, so many days after it."""
    if course is None:
        return book[NEXT_DOSE](None, None)
    last = last_roles(course, book)
    if NEXT_DOSE not in book.rows or course.last is None:
        return book[NEXT_DOSE](last or frozenset((NOTHING_GIVEN,)), None if days is None else max(days, 0))
    complete = is_complete(course.last, book)
    if complete is False:
        return NotCovered((_PARTIAL,))
    if not last:
        return NotCovered((_NO_SUCH_AMOUNT,))
    answers: list[Decision[DoseStep]] = [book[NEXT_DOSE](last, None if days is None else max(days, 0))]
    # If its amount is not known, the first dose may have been one that fits no schedule.
    answers += [NotCovered((_NO_SUCH_AMOUNT,))] if _lacks_first_amount(course, book) else []
    answers += [NotCovered((_PARTIAL,))] if complete is None else []
    return either(answers)


def _lacks_first_amount(course: Course, book: Rulebook) -> bool:
    """Whether the amount of the first dose is not known and affects the next dose."""
    first = course.doses[0]
    return first.amount is None and Fact("course", first.point, "amount") in amounts_needed(course, book)


def _named(step: DoseStep, course: Course | None) -> NextDose:
    last = course.last if course else None
    last_day = last_given(course)
    due = day(last_day) + timedelta(days=step.after) if step.after and last_day is not None else None
    point = None if course is None else DosePoint.at(1 if last is None else last.point.number + 1)
    return NextDose(point, step.amount, step.role, step.restart, due)


def _lacking(course: Course | None, days: int | None, book: Rulebook) -> tuple[str, ...]:
    if course is None:
        return (COURSE,)
    missing: list[str] = list(amounts_needed(course, book))
    last = course.last
    if last is not None and is_complete(last, book) is None:
        missing.append(Fact("course", last.point, "complete"))
    if days is None and last is not None:
        missing += ["planned_start"] if closed(last) is not None else [Fact("course", last.point, "started")]
    return tuple(missing)

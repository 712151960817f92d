"""Which laboratory results does a dose need, and which of the available results count for it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import chain
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import evolve

from tarlatamab_rules.core.decisions import Decided, Decision, Dissent, NotCovered, union, unsettled_of
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.paths import COURSE, PLANNED_START, Fact
from tarlatamab_rules.inputs._fields import day, earlier, is_aware
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.case import Case, readings_of
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.kinds import DURATION, Range
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.units import take
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.questions import LAB_DURING_CRS, LAB_NEED
from tarlatamab_rules.rules.readings import SITE_ZONE
from tarlatamab_rules.values.labs import LabsDue, LabStanding
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

if TYPE_CHECKING:
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, GivenDose
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["RECENT_DAYS", "lab_standings", "labs_due", "latest_dates", "needs"]

RECENT_DAYS: Final = 28
"""A result is recent up to this many days before the planned start. The number is a safeguard of this library; no source gives one.

Before the first dose, a clinician must assess older results, unless the caller passes a maximum age. A severe result that does not
count needs a clinician only while it is recent."""


def labs_due(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[LabsDue]:
    """The laboratory results that the dose at *point* needs: required, recommended, and to be monitored during cytokine release syndrome.

    Args:
        point: The dose, such as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, LAB-1 to LAB-3; US prescribing information, 2.1.
    """
    return _due(DosePoint.of(point), resolve(rulebook))


@lru_cache(maxsize=512)
def _due(point: DosePoint, book: Rulebook) -> Decision[LabsDue]:
    by_need = {analyte: book[LAB_NEED](point.number, point.day, analyte) for analyte in Analyte}
    during = {analyte: book[LAB_DURING_CRS](point.number, analyte) for analyte in Analyte}
    answers = [answer for answer in (*by_need.values(), *during.values()) if isinstance(answer, Decided)]
    if not answers:
        return NotCovered(union(answer.reasons for answer in by_need.values()))
    due = LabsDue(
        required=_with_need(LabNeed.REQUIRED, by_need),
        recommended=_with_need(LabNeed.RECOMMENDED, by_need),
        during_crs=tuple(analyte for analyte, answer in during.items() if isinstance(answer, Decided)),
    )
    return Decided(due, union(answer.reasons for answer in answers), _dissent((*by_need.items(), *during.items())))


def _with_need(need: LabNeed, answers: Mapping[Analyte, Decision[LabNeed]]) -> tuple[Analyte, ...]:
    return tuple(analyte for analyte, answer in answers.items() if answer.possible == (need,))


def _dissent(answers: Iterable[tuple[Analyte, Decision[Any]]]) -> tuple[Dissent, ...]:
    """The answers of other books, by analyte."""
    dissent = dict.fromkeys(evolve(item, field=str(analyte)) for analyte, answer in answers for item in answer.dissent)
    return tuple(dissent)


def lab_standings(  # noqa: PLR0913  # one keyword a fact
    point: DosePoint | str,
    labs: Iterable[LabResult] | None,
    *,
    planned_start: When | None = None,
    course: Course | Iterable[GivenDose] | None = None,
    max_lab_age: QuantityLike | timedelta | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> tuple[LabStanding, ...]:
    """Which available results count for the dose at *point*, why the others do not, and which results are missing.

    A result counts if it was drawn after the end of the previous dose (its start, if the end is not known), not after the planned start,
    and not earlier than `max_lab_age` before it. The latest of these counts. If the order of two is not known, both count.

    Args:
        point: The dose, such as ``"C1D8"``.

        labs: The available results.

        planned_start: When the infusion is to begin.

        course: The doses given so far.

        max_lab_age: The maximum age at the planned start, a duration. If left out, no result is too old.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. A day without a time is a day of the calendar
            there. If left out, times with different UTC offsets are read in two ways, and a result counts only if it counts in both.

        rulebook: The book that says which results are needed, or its name; the default book if left out.

    Source: precautions page, LAB-1 to LAB-3; US prescribing information, 2.1.
    """
    case = Case(patient=Patient(), point=point, planned_start=planned_start, course=course, labs=labs, site_zone=site_zone)
    age, book = lab_age(max_lab_age, "max_lab_age"), resolve(rulebook)
    first, *others = [tuple(chain.from_iterable(standings(reading, age, book))) for reading in readings_of(case)]
    return tuple(map(_strictest_standing, first, others[0])) if others else first


def _strictest_standing(first: LabStanding, second: LabStanding) -> LabStanding:
    """The standing of a result whose time can be read in two ways: the one by which it does not count."""
    if first == second:
        return first
    aside = second if first.standing is Standing.COUNTS else first
    return evolve(aside, reasons=(*aside.reasons, SITE_ZONE))


_AGE = Range("a maximum age", 0, inf, 72)


def lab_age(value: QuantityLike | timedelta | None, path: str) -> timedelta | None:
    """The maximum age of a result, from any form of a duration."""
    if value is None:
        return None
    amount = take(value, DURATION, path, _AGE)
    if amount.bound or amount.value == 0:
        raise FieldError(path, f"{amount} is not a maximum age", "write a duration such as '7 days', or leave it out")
    try:
        return timedelta(hours=amount.value)
    except OverflowError:
        raise FieldError(path, f"{amount} is longer than any calendar", "write it like '7 days'") from None


def standings(case: Case, max_age: timedelta | None, book: Rulebook) -> tuple[tuple[LabStanding, ...], ...]:
    """The standings of a case, a group for each analyte. The order in which results are listed does not matter."""
    labs = case.labs or ()
    last = {result.analyte: result for result in labs}
    repeated = len(last) < len(labs)
    groups: list[tuple[LabStanding, ...]] = []
    draw: _Standing | None = None
    for analyte, need, reasons, if_missing in _asked(case.point, book):
        result = last.get(analyte)
        if result is None:
            groups += if_missing
        elif repeated and len(results := _of_analyte(labs, analyte)) > 1:
            groups.append(tuple(_several(analyte, need, reasons, sorted(results, key=_place), case, max_age)))
        else:
            if draw is None or draw[2] or result.collected is not draw[1].collected:
                draw = _standing(result, case, max_age)
            # A missing fact names the analyte. If nothing is missing, all results of one draw have the same standing.
            groups.append((LabStanding(analyte, need, draw[0], result, draw[2], reasons),))
    return tuple(groups)


def _of_analyte(labs: Iterable[LabResult], analyte: Analyte) -> list[LabResult]:
    return [result for result in labs if result.analyte is analyte]


_Standing: TypeAlias = tuple[Standing, LabResult, tuple[Fact, ...]]


@lru_cache(maxsize=512)
def needs(point: DosePoint, book: Rulebook) -> tuple[tuple[Analyte, LabNeed, tuple[Reason, ...]], ...]:
    """How much a dose needs each analyte, and why."""
    asked = {analyte: book[LAB_NEED](point.number, point.day, analyte) for analyte in Analyte}
    return tuple(
        (
            analyte,
            answer.value if isinstance(answer, Decided) else LabNeed.NOT_ASKED,
            tuple(dict.fromkeys(answer.reasons + unsettled_of(answer))),
        )
        for analyte, answer in asked.items()
    )


_Asked: TypeAlias = "tuple[Analyte, LabNeed, tuple[Reason, ...], tuple[tuple[LabStanding], ...]]"


@lru_cache(maxsize=512)
def _asked(point: DosePoint, book: Rulebook) -> tuple[_Asked, ...]:
    """The same, each with the group of its standing if no result was reported. An analyte that is not asked for has none."""
    return tuple((analyte, need, reasons, tuple(_if_missing(analyte, need, reasons))) for analyte, need, reasons in needs(point, book))


def _if_missing(analyte: Analyte, need: LabNeed, reasons: tuple[Reason, ...]) -> Iterator[tuple[LabStanding]]:
    if need is not LabNeed.NOT_ASKED:
        yield (LabStanding(analyte, need, Standing.MISSING, None, (Fact("labs", analyte),), reasons),)


def _several(  # noqa: PLR0913, PLR0917  # one parameter a fact
    analyte: Analyte, need: LabNeed, reasons: tuple[Reason, ...], results: list[LabResult], case: Case, max_age: timedelta | None
) -> Iterator[LabStanding]:
    judged = [_standing(result, case, max_age) for result in results]
    counting = [result.collected for standing, result, _ in judged if standing is Standing.COUNTS]
    marks = latest_dates([drawn for drawn in counting if drawn is not None])
    for standing, result, missing in judged:
        dated = standing in {Standing.COUNTS, Standing.OPEN} and result.collected is not None
        if dated and result.collected is not None and any(earlier(result.collected, mark) for mark in marks):
            yield LabStanding(analyte, need, Standing.REPLACED, result, (), reasons)
        else:
            yield LabStanding(analyte, need, standing, result, missing, reasons)


def _place(result: LabResult) -> tuple[float, str, str]:
    drawn = result.collected
    clock = drawn.astimezone(UTC) if isinstance(drawn, datetime) and is_aware(drawn) else drawn
    return result.quantity.value, result.quantity.bound, str(clock)


def latest_dates(dates: list[When]) -> list[When]:
    """The dates that may be the last: a time that is earlier than any of *dates* is earlier than one of these."""
    moments = [when for when in dates if isinstance(when, datetime)]
    days = [when for when in dates if not isinstance(when, datetime)]
    last = [max(moments, key=lambda when: when if when.utcoffset() is None else when.astimezone(UTC))] if moments else []
    return [*last, *([max(days)] if days else []), *([max(dates, key=day)] if dates else [])]


def _standing(result: LabResult, case: Case, max_age: timedelta | None) -> _Standing:
    """Whether a result counts by itself, and the facts that are missing to decide it."""
    drawn, start = result.collected, case.planned_start
    if drawn is None:
        return Standing.UNDATED, result, (Fact("labs", result.analyte, "collected"),)
    if start is not None and earlier(start, drawn):
        return Standing.AFTER_PLANNED_START, result, ()
    missing = _missing_for_order(result.analyte, drawn, case)
    if missing is None:
        return Standing.BEFORE_LAST_DOSE, result, ()
    if max_age is not None and start is not None:
        times = _missing_for_age(result.analyte, drawn, start, max_age)
        if times is None:
            return Standing.TOO_OLD, result, ()
        missing += times
    return (Standing.OPEN, result, tuple(dict.fromkeys(missing))) if missing else (Standing.COUNTS, result, ())


def _missing_for_age(analyte: Analyte, drawn: When, start: When, max_age: timedelta) -> list[Fact] | None:
    """The missing times of day without which the age of a result may or may not exceed the maximum; ``None`` if it does."""
    least, most = _ages(drawn, start)
    if least > max_age:
        return None
    if most <= max_age:
        return []
    return [
        *([] if isinstance(drawn, datetime) else [Fact("labs", analyte, "collected")]),
        *([] if isinstance(start, datetime) else [PLANNED_START]),
    ]


def _missing_for_order(analyte: Analyte, drawn: When, case: Case) -> list[Fact] | None:
    """The missing facts that would place a result between the last dose and the planned one; ``None`` if it is before the last dose."""
    missing = [] if case.planned_start is not None else [PLANNED_START]
    if case.course is None:
        return [*missing, COURSE] if case.point.number > 1 else missing
    last = case.course.last
    if last is None:
        return missing
    closes = last.ended or last.started
    after = None if closes is None else earlier(closes, drawn)
    if after is None:
        # If both are on one day, the missing fact is the time of the one without a time.
        place = Fact("course", last.point, "ended" if last.ended else "started")
        return [Fact("labs", analyte, "collected") if isinstance(closes, datetime) else place, *missing]
    return missing if after else None


def _ages(drawn: When, start: When) -> tuple[timedelta, timedelta]:
    """The shortest and the longest time from *drawn* to *start*. A day without a time may be any time of that day."""
    zone = next((when.tzinfo for when in (start, drawn) if isinstance(when, datetime)), None)
    ends = []
    for when in (drawn, start):
        if isinstance(when, datetime):
            first = last = when
        else:
            first, last = (datetime.combine(midnight, time(), zone) for midnight in (when, when + timedelta(days=1)))
        ends.append([end if end.utcoffset() is None else end.astimezone(UTC) for end in (first, last)])
    (drawn_first, drawn_last), (start_first, start_last) = ends
    return max(start_first - drawn_last, timedelta(0)), start_last - drawn_first

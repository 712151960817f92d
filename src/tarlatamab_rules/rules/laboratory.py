"""Which laboratory results does a dose ask for, and which of those at hand count for it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from attrs import frozen

from tarlatamab_rules.answers import LabsDue
from tarlatamab_rules.errors import FieldError
from tarlatamab_rules.inputs._fields import day, earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.questions import LABS_DUE
from tarlatamab_rules.rulebooks._registry import table
from tarlatamab_rules.units import DURATION, take

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, GivenDose
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.units import QuantityLike

__all__ = ["LabNeed", "LabStanding", "Standing", "lab_standings", "labs_due"]


class LabNeed(StrEnum):
    """What a dose wants of a result."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    NOT_ASKED = "not-asked"


class Standing(StrEnum):
    """Whether a result counts for a dose, and why not."""

    COUNTS = "counts"
    MISSING = "missing"
    TOO_OLD = "too-old"
    BEFORE_LAST_DOSE = "before-last-dose"
    AFTER_PLANNED_START = "after-planned-start"
    UNDATED = "undated"
    OPEN = "open"
    REPLACED = "replaced"


@frozen
class LabStanding:
    """How one laboratory result stands to a dose.

    Attributes:
        analyte: What was measured, or is asked for.

        need: What the dose wants of it.

        standing: *counts*: the latest that is valid. *missing*: none was reported. *too-old*: older than the greatest age that the caller
            gave. *before-last-dose*: not drawn after the previous dose. *after-planned-start*: in the future of the dose. *undated*: it
            has no date. *open*: another date is missing. *replaced*: a later result counts.

        result: The result; ``None`` where it is missing.

        missing: The facts without which it cannot be told whether it counts.
    """

    analyte: Analyte
    need: LabNeed
    standing: Standing
    result: LabResult | None = None
    missing: tuple[str, ...] = ()


def labs_due(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[LabsDue]:
    """Which laboratory results the dose at *point* asks for: required, recommended, and during cytokine release syndrome.

    Args:
        point: The dose, as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, LAB-1 to LAB-3.
    """
    return table(LABS_DUE, rulebook)(DosePoint.of(point).number)


def lab_standings(  # noqa: PLR0913  # one keyword a fact
    point: DosePoint | str,
    labs: Iterable[LabResult] | None,
    *,
    planned_start: When | None = None,
    course: Course | Iterable[GivenDose] | None = None,
    max_age: QuantityLike | timedelta | None = None,
    rulebook: Rulebook | str | None = None,
) -> tuple[LabStanding, ...]:
    """How every result at hand stands to the dose at *point*, and which ones that it asks for are missing.

    A result counts when it was drawn after the end of the previous dose (its start, if the end is not known), not after the planned start,
    and not longer before it than `max_age`. Of those the latest counts; where no date puts two in order, both do.

    Args:
        point: The dose, as ``"C1D8"``.

        labs: The results at hand.

        planned_start: When the infusion is to begin.

        course: The doses given so far.

        max_age: The greatest age at the planned start, a duration; left out, no result is too old.

        rulebook: The book that says what is asked for, or its name; the default book if left out.

    Source: precautions page, LAB-1 to LAB-3.
    """
    case = Case(patient=Patient(), dose=point, planned_start=planned_start, course=course, labs=labs)
    due = labs_due(case.dose, rulebook=rulebook).possible[0]
    return tuple(standings(case, due or LabsDue(), lab_age(max_age, "max_age")))


def lab_age(value: QuantityLike | timedelta | None, path: str) -> timedelta | None:
    """The greatest age of a result, from any form of a duration."""
    if value is None:
        return None
    amount = take(value, DURATION, path)
    if amount.bound or amount.value == 0:
        raise FieldError(path, f"{amount} is no greatest age", "write a duration, as '7 days', or leave it out")
    try:
        return timedelta(hours=amount.value)
    except OverflowError:
        raise FieldError(path, f"{amount} is longer than any calendar", "write it like '7 days'") from None


def standings(case: Case, due: LabsDue, max_age: timedelta | None) -> Iterator[LabStanding]:
    """The standings of a case, by analyte; then the order in which results are listed does not matter."""
    for analyte in Analyte:
        need = LabNeed.REQUIRED if analyte in due.required else LabNeed.RECOMMENDED if analyte in due.recommended else LabNeed.NOT_ASKED
        results = sorted((result for result in case.labs or () if result.analyte is analyte), key=_place)
        judged = [(result, *_standing(result, case, max_age)) for result in results]
        marks = _latest(
            [result.collected for result, standing, _ in judged if standing is Standing.COUNTS and result.collected is not None]
        )
        for result, standing, missing in judged:
            if standing is Standing.COUNTS and result.collected and any(earlier(result.collected, mark) for mark in marks):
                yield LabStanding(analyte, need, Standing.REPLACED, result)
            else:
                yield LabStanding(analyte, need, standing, result, missing)
        if not results and need is not LabNeed.NOT_ASKED:
            yield LabStanding(analyte, need, Standing.MISSING, None, (f"labs.{analyte}",))


def _place(result: LabResult) -> tuple[float, str]:
    return result.quantity.value, result.quantity.bound


def _latest(dates: list[When]) -> list[When]:
    """Those of the dates that come last in some sense: whatever is earlier than any date is earlier than one of these."""
    moments = [when for when in dates if isinstance(when, datetime)]
    days = [when for when in dates if not isinstance(when, datetime)]
    last = [max(moments, key=lambda when: when if when.utcoffset() is None else when.astimezone(UTC))] if moments else []
    return [*last, *([max(days)] if days else []), *([max(dates, key=day)] if dates else [])]


def _standing(result: LabResult, case: Case, max_age: timedelta | None) -> tuple[Standing, tuple[str, ...]]:
    """Whether a result counts, taken by itself, and the facts that are missing to tell."""
    drawn, start = result.collected, case.planned_start
    undated = f"labs.{result.analyte}.collected"
    if drawn is None:
        return Standing.UNDATED, (undated,)
    if start is not None and earlier(start, drawn):
        return Standing.AFTER_PLANNED_START, ()
    missing = [] if start is not None else ["planned_start"]
    if case.course is None:
        missing += ["course"] if case.dose.number > 1 else []
    elif (last := case.course.last) is not None:
        closes = last.ended or last.started
        after = None if closes is None else earlier(closes, drawn)
        if after is False:
            return Standing.BEFORE_LAST_DOSE, ()
        if after is None:
            # On one day what is missing is the time of the one that has none.
            place = f"course[{len(case.course.doses) - 1}].{'ended' if last.ended else 'started'}"
            missing.insert(0, undated if isinstance(closes, datetime) else place)
    if max_age is not None and start is not None:
        least, most = _ages(drawn, start)
        if least > max_age:
            return Standing.TOO_OLD, ()
        if most > max_age:
            missing.append(undated if not isinstance(drawn, datetime) else "planned_start")
    return (Standing.OPEN, tuple(dict.fromkeys(missing))) if missing else (Standing.COUNTS, ())


def _ages(drawn: When, start: When) -> tuple[timedelta, timedelta]:
    """The least and the greatest time from *drawn* to *start*: a day without a time may be any moment of it."""
    zone = next((when.tzinfo for when in (start, drawn) if isinstance(when, datetime)), None)
    ends = []
    for when in (drawn, start):
        if isinstance(when, datetime):
            first = last = when
        else:
            first, last = (datetime.combine(each, time(), zone) for each in (when, when + timedelta(days=1)))
        ends.append([each if each.utcoffset() is None else each.astimezone(UTC) for each in (first, last)])
    (drawn_first, drawn_last), (start_first, start_last) = ends
    return max(start_first - drawn_last, timedelta(0)), start_last - drawn_first

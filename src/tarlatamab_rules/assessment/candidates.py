"""The values that a fact of a case may have, as far as the tables distinguish them, and the case with one of these values.

Numbers and days come in bands between the cuts of rows. No answer can change within a band.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise, product
from math import ceil, inf, log2
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import evolve, frozen

from tarlatamab_rules.assessment.values import Days, Members, Numbers, Values
from tarlatamab_rules.core.axes import Choices, Cuts
from tarlatamab_rules.core.intervals import Interval, above, below, overlap
from tarlatamab_rules.core.paths import COURSE, EVENTS, PLANNED_START, Fact, as_fact
from tarlatamab_rules.core.tables import Question, Table
from tarlatamab_rules.inputs._fields import day, earlier
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.case import Case, readings_of
from tarlatamab_rules.inputs.events import ToxicityEvent, grades_of
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.kinds import TEMPERATURE
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Scale, Toxicity
from tarlatamab_rules.rulebooks import facts
from tarlatamab_rules.rulebooks._registry import get
from tarlatamab_rules.rulebooks.questions import (
    CRS_GRADE,
    DRUG_INDUCED_LIVER_INJURY,
    ELIGIBILITY,
    ICANS_GRADE,
    LAB_GRADE,
    NEXT_DOSE,
    TOXICITY_ACTION,
)
from tarlatamab_rules.rules.course import closed
from tarlatamab_rules.rules.event_grade import ends_after
from tarlatamab_rules.rules.grading import span_of
from tarlatamab_rules.rules.labs import RECENT_DAYS

if TYPE_CHECKING:
    from tarlatamab_rules.core.axes import Axis, Groups
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.kinds import Range
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Asked", "Put", "day_cuts", "known", "ratios", "values_of"]

Put: TypeAlias = Callable[[Any], Case]
"""Makes the case with another value of one fact."""


@frozen
class Asked:
    """A case that is asked about, with the book and the maximum age of results."""

    case: Case
    book: Rulebook
    max_age: timedelta | None


# --- by fact ---

_YES_NO: Final = (True, False)
_LISTED: Final[Mapping[str, tuple[Any, ...]]] = {
    "status": (EventStatus.ACTIVE, EventStatus.RESOLVED),
    "bleeding": _YES_NO,
    "other_cause": _YES_NO,
    "complete": _YES_NO,
}
_DATED: Final = frozenset(("started", "onset", "improved"))
_ON_AXES: Mapping[type[Any], tuple[Question[Any], ...]] = {
    Patient: ELIGIBILITY,
    CrsFindings: (CRS_GRADE,),
    NeuroFindings: (ICANS_GRADE,),
}


def values_of(path: str, asked: Asked) -> tuple[Values, Put] | None:
    """The values that a missing fact may have; ``None`` if they cannot be listed."""
    case, fact = asked.case, as_fact(path)
    if fact in {COURSE, EVENTS}:
        return Members(values=((),), exhaustive=False), partial(_with_part, case, fact.part)
    if fact == PLANNED_START:
        return _planned_start(asked)
    if isinstance(fact.which, Analyte):
        return _of_results(fact.which, fact.field, asked) if fact.field else _new_result(fact.which, asked)
    record = _records(case).get(fact.item)
    return None if record is None else _of_record(*record, fact.field, asked)


def known(asked: Asked, counting: Sequence[LabResult]) -> Iterator[tuple[Fact, Values, Put]]:
    """The known facts that may be changed, with their values. Only results that count are among them."""
    case = asked.case
    yield from _known_results(asked, counting)
    for item, (record, put) in _records(case).items():
        if item.part != "course" and (item.part != "events" or isinstance(item.which, int)):
            for field in _fields(record):
                values = None if getattr(record, field) is None else _of_record(record, put, field, asked)
                if values is not None:
                    yield item.its(field), *values
    started = None if case.planned_start is None else _planned_start(asked)
    if started is not None:
        yield PLANNED_START, *started
    if case.ordered is not None:
        yield Fact("ordered"), Members(values=_due(asked.book), now=case.ordered), lambda value: evolve(case, ordered=value)


def _known_results(asked: Asked, counting: Sequence[LabResult]) -> Iterator[tuple[Fact, Values, Put]]:
    analytes = [result.analyte for result in counting]
    for n, result in enumerate(asked.case.labs or ()):
        if result in counting and not result.quantity.bound:
            fact = Fact("labs", result.analyte if analytes.count(result.analyte) == 1 else n)
            yield fact, *_amounts_of(result, "quantity", partial(_replaced, asked.case, "labs", n), asked.book)


def _fields(record: object) -> Sequence[str]:
    """The fields of a record that may be changed: those that its questions ask for, else those of an event."""
    on_axes = [axis.fact for question in _ON_AXES.get(type(record), ()) for axis in question.axes]
    return on_axes or ("grade", "status", "bleeding", "other_cause")


def _records(case: Case) -> dict[Fact, tuple[Any, Put]]:
    """Every record of a case, with a function that replaces it. An event that nobody reported is taken as active."""
    records: dict[Fact, tuple[Any, Put]] = {Fact("patient"): (case.patient, lambda new: evolve(case, patient=new))}
    for toxicity in Toxicity:
        new = ToxicityEvent(toxicity, status=EventStatus.ACTIVE)
        records[Fact("events", toxicity)] = new, partial(_replaced, case, "events", len(case.events or ()))
    for n, event in enumerate(case.events or ()):
        put = partial(_replaced, case, "events", n)
        records[Fact("events", n)] = event, put
        if event.findings is not None:
            records[Fact("events", n, "findings")] = event.findings, partial(_with, event, "findings", put)
    for n, findings in enumerate(case.findings or ()):
        name = Toxicity.CRS if isinstance(findings, CrsFindings) else Toxicity.ICANS
        records[Fact("findings", name)] = findings, partial(_replaced, case, "findings", n)
    for n, dose in enumerate(case.course.doses if case.course else ()):
        records[Fact("course", dose.point)] = dose, partial(_replaced, case, "course", n)
    return records


def _with_part(case: Case, part: str, items: Any) -> Case:  # noqa: ANN401  # what the part takes
    return evolve(case, **{part: items})


def _replaced(case: Case, part: str, n: int, new: object) -> Case:
    items = case.course.doses if part == "course" and case.course else getattr(case, part) or ()
    return _with_part(case, part, (*items[:n], new, *items[n + 1 :]))


def _with(record: Any, fact: str, put: Put, value: object, unit: str = "") -> Case:  # noqa: ANN401  # any record
    """The case with another value of one fact of a record."""
    return put(evolve(record, **{fact: Amount(value, unit) if unit and isinstance(value, float) else value}))


def _of_record(record: Any, put: Put, fact: str, asked: Asked) -> tuple[Values, Put] | None:  # noqa: ANN401  # any record
    now, changed = getattr(record, fact, None), partial(_with, record, fact, put)
    if fact in _DATED and (record in (asked.case.events or ()) or not isinstance(record, ToxicityEvent)):
        return _days(asked, lambda number: changed(_date(number)), until=asked.case.planned_start)
    if fact == "amount":
        return Members(values=_due(asked.book), exhaustive=False), changed
    members = _grades(record, asked) if fact == "grade" else _LISTED.get(fact)
    if members is not None:
        return Members(values=members, now=now), changed
    unit = TEMPERATURE.unit if fact == "temperature" else ""
    values = _on_axis(type(record), fact, asked.book)
    now = now.value if isinstance(now, Amount) else now
    return None if values is None else (evolve(values, now=now, unit=unit), partial(changed, unit=unit))


def _grades(event: ToxicityEvent, asked: Asked) -> tuple[Grade, ...]:
    """The grades that an event may have: not 0 if it is ongoing at the dose."""
    least = Grade.MILD if ends_after(event, asked.case.planned_start) else Grade.NONE
    return tuple(grade for grade in sorted(grades_of(event.toxicity)) if grade >= least)


def _on_axis(kind: type[Any], fact: str, book: Rulebook) -> Values | None:
    """The values of a fact of a patient or of findings, from the axis of its question."""
    for question in _ON_AXES.get(kind, ()):
        table: Table[Any] = (book if kind is Patient else get(Scale.ASTCT_2019))[question]
        for axis, cut in zip(question.axes, table.axes, strict=True):
            if axis.fact == fact:
                if isinstance(axis, Choices):
                    return Members(values=axis.members)
                # More than one table reads a score, so each of its numbers is a value.
                numbers = range(int(axis.domain.low), int(axis.domain.high) + 1) if axis.whole else ()
                return Numbers(values=tuple(Interval(n, n) for n in numbers) or _bands(cut))
    return None


def _bands(cut: Groups | Cuts) -> tuple[Any, ...]:
    return tuple(cut.facts(frozenset((code,))) for code in range(len(cut)))


def _due(book: Rulebook) -> tuple[Amount, ...]:
    """The amounts that a dose may have by a book."""
    return tuple(dict.fromkeys(step.amount for step in book[NEXT_DOSE](None, None).possible if step is not None))


# --- results ---

_RATIOS: Final[Mapping[Axis, tuple[str, str]]] = {
    facts.VALUE: ("quantity", ""),
    facts.TIMES_UPPER_LIMIT: ("quantity", "upper_limit"),
    facts.TIMES_BASELINE: ("quantity", "baseline"),
    facts.BASELINE: ("baseline", "upper_limit"),
    facts.BASELINE_LOW: ("baseline", "lower_limit"),
    facts.BELOW_LOWER_LIMIT: ("quantity", "lower_limit"),
    facts.ABOVE_UPPER_LIMIT: ("quantity", "upper_limit"),
    facts.AMINOTRANSFERASE: ("quantity", "upper_limit"),
    facts.BILIRUBIN: ("quantity", "upper_limit"),
}
"""What a scale takes from a result: one value alone, or as a multiple of another."""
_RISES: Final = frozenset((facts.AMINOTRANSFERASE_RISE, facts.BILIRUBIN_RISE))
_AROUND_ONE: Final = (below(1), above(1))
"""The bands of a ratio if the question is whether one value is above or below another."""


def ratios(analyte: Analyte, book: Rulebook) -> tuple[tuple[str, str, Interval], ...]:
    """Every band of every ratio that distinguishes results of an analyte: dividend, divisor and band."""
    tables: list[Table[Any]] = [get(book.lab_scale)[LAB_GRADE[analyte]]]
    if facts.TIMES_UPPER_LIMIT in tables[0].question.axes:
        tables.append(book[DRUG_INDUCED_LIVER_INJURY])
    axes = [pair for table in tables for pair in zip(table.question.axes, table.axes, strict=True) if pair[0] in _RATIOS]
    bands: list[tuple[tuple[str, str], tuple[Any, ...]]] = [
        (_RATIOS[axis], _AROUND_ONE if isinstance(axis, Choices) else _bands(cut)) for axis, cut in axes
    ]
    bands += _rises(tables[-1])
    bands += [(pair, _AROUND_ONE) for pair in (("quantity", "lower_limit"), ("quantity", "upper_limit"), ("upper_limit", "lower_limit"))]
    return tuple((dividend, divisor, span) for (dividend, divisor), spans in bands for span in spans)


def _rises(table: Table[Any]) -> Iterator[tuple[tuple[str, str], tuple[Any, ...]]]:
    """The ratios behind a rise: to the upper limit, or to a value before treatment that was above it."""
    for axis, cut in zip(table.question.axes, table.axes, strict=True):
        if axis in _RISES and len(cut) > 1:
            yield from ((("quantity", "upper_limit"), _bands(cut)), (("quantity", "baseline"), _bands(cut)))
            yield ("baseline", "upper_limit"), _AROUND_ONE


def _amounts_of(result: LabResult, fact: str, put: Put, book: Rulebook, beside: Sequence[LabResult] = ()) -> tuple[Numbers, Put]:
    """The values of the result, of one of its limits or of its baseline, cut where a ratio of it is cut, or of one *beside* it."""
    unit, now = KINDS[result.analyte].unit, getattr(result, fact)
    within: Range = getattr(RANGES[result.analyte], fact)
    possible = Interval(0 if within.zero and fact == "quantity" else within.least, within.greatest)
    if fact == "quantity" and result.quantity.bound:
        possible = overlap(span_of(result.quantity), possible) or possible
    cuts = _bands(Cuts(facts.VALUE, [span for lab in (result, *beside) for span in _spans(lab, fact, book)]))
    bands = tuple(band for cut in cuts if (band := overlap(cut, possible)) is not None)
    return Numbers(values=bands, now=now.value if now else None, unit=unit), partial(_with, result, fact, put, unit=unit)


def _spans(result: LabResult, fact: str, book: Rulebook) -> Iterator[Interval]:
    """The values of a fact of a result that lie in one band of a ratio, for each band."""
    for dividend, divisor, span in ratios(result.analyte, book):
        if fact == dividend:
            by = _divisor(result, divisor)
            yield from [] if by is None else _scaled(span, by)
        elif fact == divisor and (amount := getattr(result, dividend)) is not None and amount.value:
            yield from _dividing(amount.value, span)


def _divisor(result: LabResult, fact: str) -> float | None:
    """What a result is divided by: 1 if its value stands alone; a normal value if the value before treatment is not known."""
    if not fact:
        return 1.0
    amount = getattr(result, fact) or (result.upper_limit if fact == "baseline" else None)
    return None if amount is None else amount.value


def _scaled(span: Interval, number: float) -> list[Interval]:
    """The values `number * factor` for each factor in *span*; none if there is no such value, such as below a limit of 0."""
    return _if_any(span.low * number, span.high * number, span.low_open, span.high_open)


def _dividing(value: float, span: Interval) -> list[Interval]:
    """The divisors for which `value / divisor` lies in *span*."""
    low = 0.0 if span.high == inf else value / span.high
    high = inf if span.low <= 0 else value / span.low
    return _if_any(low, high, span.high_open, span.low_open)


def _if_any(low: float, high: float, low_open: bool, high_open: bool) -> list[Interval]:  # noqa: FBT001  # as an Interval has them
    low, high = _rounded(low), _rounded(high)
    return [Interval(low, high, low_open, high_open)] if low < high or (low == high and not low_open and not high_open) else []


def _rounded(number: float) -> float:
    return float(f"{number:.15g}")


def _new_result(analyte: Analyte, asked: Asked) -> tuple[Values, Put]:
    """A missing result, drawn at the planned start. It has the limits of an available result, else multiples of the upper limit."""
    labs, unit = asked.case.labs or (), KINDS[analyte].unit
    in_limits = facts.TIMES_UPPER_LIMIT in LAB_GRADE[analyte].axes
    available = [lab for lab in labs if lab.analyte is analyte and (lab.upper_limit or not in_limits)]
    usual = Amount(RANGES[analyte].quantity.example, unit)
    limit = _usual_limit(analyte)
    last = available[-1] if available else LabResult(analyte, usual, upper_limit=Amount(limit, unit) if in_limits else None)
    result = evolve(last, quantity=usual, collected=asked.case.planned_start)
    values, put = _amounts_of(result, "quantity", partial(_replaced, asked.case, "labs", len(labs)), asked.book)
    if available or not in_limits:
        return evolve(values, now=None), put
    bands = tuple(evolve(band, low=band.low / limit, high=band.high / limit) for band in values.values)
    return Numbers(values=bands, unit="times the upper limit"), lambda times: put(times * limit)


def _usual_limit(analyte: Analyte) -> float:
    """A possible upper limit of normal that is a power of two: multiplying and dividing by it does not change a number."""
    return 2.0 ** ceil(log2(RANGES[analyte].upper_limit.least))


def _of_results(analyte: Analyte, fact: str, asked: Asked) -> tuple[Values, Put] | None:
    """A fact that is missing from results of an analyte: a date, a limit, a baseline, or the exact value."""
    case, name = asked.case, "quantity" if fact == "value" else fact
    lacking = [lab for lab in case.labs or () if lab.analyte is analyte and (lab.quantity.bound if fact == "value" else _lacks(lab, fact))]
    if not lacking:
        return None

    def put(new: LabResult) -> Case:
        return evolve(case, labs=[evolve(lab, **{name: getattr(new, name)}) if lab in lacking else lab for lab in case.labs or ()])

    if fact == "collected":
        return _days(asked, lambda number: put(evolve(lacking[0], collected=_date(number))), until=case.planned_start)
    *others, last = lacking
    return _amounts_of(last, name, put, asked.book, others)


def _lacks(result: LabResult, fact: str) -> bool:
    return hasattr(result, fact) and getattr(result, fact) is None


# --- days ---

_IN_DAYS: Final = frozenset((facts.DAYS_SINCE, facts.DAYS, facts.HELD))


def day_cuts(book: Rulebook) -> frozenset[int]:
    """The numbers of days at which a row begins or ends."""
    tables: list[Table[Any]] = [book[NEXT_DOSE], *(book[question] for question in TOXICITY_ACTION.values())]
    axes = [axis for table in tables for axis in table.axes if isinstance(axis, Cuts) and axis.axis in _IN_DAYS]
    return frozenset(int(cut) for axis in axes for cut in axis.cuts[:-1])


def _turns(asked: Asked) -> Iterable[int]:
    """All days on which an answer can change: each date in the case, shifted by each interval that counts."""
    moments = [when for reading in readings_of(asked.case) for _, when in reading._moments() if when is not None]  # noqa: SLF001  # of one package
    dates, intervals = {day(when).toordinal() for when in moments}, {0, 1, *_intervals(asked)}
    return {turn for ordinal in dates for days in intervals for turn in (ordinal + days, ordinal - days + 1)}


def _intervals(asked: Asked) -> set[int]:
    """The intervals, in days, that a table, the schedule or the maximum age uses."""
    course, intervals = asked.case.course, {RECENT_DAYS, RECENT_DAYS + 1, *day_cuts(asked.book)}
    if course:
        intervals |= {step.after for step in asked.book[NEXT_DOSE](None, None).possible if step is not None}
    days = {asked.case.point.day, *(dose.point.day for dose in (course.doses if course else ()))}
    intervals |= {later - sooner for later, sooner in product(days, days) if later > sooner}
    if asked.max_age is not None:
        # Because of the times of day it may be one day less, or one or two days more.
        intervals |= {asked.max_age.days + more for more in (-1, 0, 1, 2)}
    return intervals


def _days(
    asked: Asked, put: Put, *, now: When | None = None, after: When | None = None, until: When | None = None
) -> tuple[Values, Put] | None:
    """Days from *after* to *until*, cut where an answer may change; ``None`` if the case has no date to count from."""
    low, high = -inf if after is None else day(after).toordinal(), inf if until is None else day(until).toordinal()
    turns = [low, *sorted(turn for turn in _turns(asked) if low < turn <= high), high + 1]
    spans = tuple(Interval(first, following - 1) for first, following in pairwise(turns))
    if spans == (Interval(),):
        return None
    return Days(values=spans, now=None if now is None else day(now).toordinal()), put


def _date(number: float) -> date:
    return date.fromordinal(int(number))


def _planned_start(asked: Asked) -> tuple[Values, Put] | None:
    """The day of the dose, from the day of the last dose on. The time of day stays, but is never before a dose that was given."""
    case, start = asked.case, asked.case.planned_start
    dates = [when for dose in (case.course.doses if case.course else ()) if (when := closed(dose)) is not None]

    def put(number: float) -> Case:
        on = _date(number)
        moved: When = datetime.combine(on, start.timetz()) if isinstance(start, datetime) else on
        for when in dates:
            moved = when if earlier(moved, when) else moved
        return evolve(case, planned_start=moved)

    return _days(asked, put, now=start, after=max(dates, key=day, default=None))

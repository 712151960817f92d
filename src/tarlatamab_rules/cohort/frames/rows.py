"""What a row of a frame means: the `Case` that it describes. Every answer of a frame is by definition the answer to this case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tarlatamab_rules.cohort.frames.columns import COLUMNS, DEFAULT_UNITS, REGULAR, Holds, column_of, prefix_of, units_of
from tarlatamab_rules.cohort.frames.schedule import regular_doses
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, meant, shown
from tarlatamab_rules.inputs._fields import day, is_aware, truth
from tarlatamab_rules.inputs._zones import zone_of
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import CrsFindings, Findings, NeuroFindings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks._registry import resolve

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Row", "case_of_row", "check_names"]

T = TypeVar("T")
Row = Mapping[str, Any]
"""The values of a row by column. A column that is left out, or ``None``, is not known."""


def case_of_row(
    row: Row, *, rulebook: Rulebook | str | None = None, units: Mapping[str, str] | None = None, site_zone: str | None = None
) -> Case:
    """The case that a row describes.

    Args:
        row: The values by column, named as in `COLUMNS`; a column that is left out or ``None`` is not known. Days and times are
            `datetime.date` and `datetime.datetime`. Columns of other names are an error.

        rulebook: The book, or its name, by which the doses of a regular course were given (``course_before``); the default book if left
            out.

        units: The unit of each column without a unit of its own, such as ``{"alt": "U/L"}``. The unit of a column in the row counts first.
            Text with a unit of its own, such as ``"80 U/L"``, takes neither, and is refused with one.

        site_zone: The time zone of the site, if the row has none.

    Raises:
        FieldError: A value is impossible, or an argument is wrong. The error names the column.
    """
    if not isinstance(row, Mapping):
        raise FieldTypeError("row", f"{shown(type(row).__name__)} is not a row", "pass the values by column, like {'point': 'C1D8'}")
    check_names(row)
    return _case(row, resolve(rulebook), units_of(units), site_zone)


def check_names(names: Mapping[str, Any]) -> None:
    """Raises `FieldError` for a name that is not one of `COLUMNS`."""
    for name in names:
        if name not in COLUMNS:
            near = meant(str(name), COLUMNS)
            fix = f"did you mean {near!r}? Otherwise " if near else ""
            raise FieldError(str(name), "there is no such column", f"{fix}see COLUMNS for the columns of a frame")


def _case(row: Row, book: Rulebook, units: Mapping[str, str], site_zone: str | None) -> Case:
    events = _events(row)
    labs = tuple(_labs(row, units))
    findings = tuple(_findings(row, units))
    patient = Patient(**{name: row.get(name) for name in _PATIENT})
    planned = row.get("planned_start")
    point = _point(row.get("point"), "point")
    zone = site_zone if row.get("site_zone") is None else row["site_zone"]
    course = _course(row, point, book, units, zone)
    with _Named(events, labs, course):
        return Case(
            patient=patient,
            point=point,
            planned_start=planned,
            ordered=_quantity(row, "ordered", units),
            course=course,
            labs=labs or None,
            events=events,
            findings=findings or None,
            site_zone=zone,
        )


_PATIENT: Final = tuple([column.name for column in COLUMNS.values() if column.part == "patient"])


def _point(value: object, name: str) -> DosePoint:
    if value is None:
        raise FieldTypeError(name, "the dose is missing", "write it like 'C1D8'")
    return _named(name, DosePoint.of, value)


def _named(name: str, make: Callable[..., T], value: object) -> T:
    """What a function makes of a value. Its error names the column."""
    try:
        return make(value)
    except FieldError as error:
        raise type(error)(name, error.problem, error.fix) from None


def _quantity(row: Row, name: str, units: Mapping[str, str], of: str = "") -> Any:  # noqa: ANN401  # what a field takes as a quantity
    """The value of a column with its unit: that of the row, else that of the caller, else its own, else the one of every such column."""
    value, column = row.get(name), of or name
    if value is None:
        return None
    unit = row.get(f"{column}_unit")
    unit = units.get(column) if unit is None else unit
    if unit is not None:
        return value, unit  # text with a unit of its own is refused: one of the two would be lost
    usual = DEFAULT_UNITS.get(column)
    return value if usual is None or (isinstance(value, str) and not _NUMBER.fullmatch(value)) else (value, usual)


_NUMBER: Final = re.compile(r"\s*[<>≤≥=]*\s*[\d.,+-]+(?:[eE][+-]?\d+)?\s*")
"""Text that is a number or a bound, without a unit."""


def _fact(row: Row, name: str) -> Any:  # noqa: ANN401  # whatever a column holds
    """The value of a column. pandas holds whole numbers with gaps as floats."""
    value = row.get(name)
    return int(value) if isinstance(value, float) and COLUMNS[name].holds is Holds.WHOLE and value.is_integer() else value


# --- the course ---


def _course(row: Row, point: DosePoint, book: Rulebook, units: Mapping[str, str], zone: str | None) -> Course | None:
    """The doses given so far, by the previous one and what is known of those before it."""
    before = row.get("course_before")
    if before is not None and before != REGULAR:
        raise FieldError("course_before", f"{shown(before)} is not known", f"write {REGULAR!r}, or leave it out")
    given = {name: row.get(f"previous_{name}") for name in ("point", "started", "amount")}
    if given["point"] is None:
        return _without_previous(point, given, regular=before is not None)
    last = _last(row, units)
    if before is None:
        return Course((last,))
    return Course((*_earlier(last, book, zone), last))


def _without_previous(point: DosePoint, given: Mapping[str, object], *, regular: bool) -> Course | None:
    """The course of a row without a previous dose: none before C1D1, if that is said; else not known."""
    if any(value is not None for value in given.values()):
        raise FieldTypeError("previous_point", "the dose is missing, although another fact of it is given", "write it like 'C1D1'")
    if not regular:
        return None
    if point.number > 1:
        raise FieldTypeError("previous_point", f"the dose before {point} is missing", "write it, or leave course_before out")
    return Course(())


def _last(row: Row, units: Mapping[str, str]) -> GivenDose:
    point = _point(row.get("previous_point"), "previous_point")
    try:
        return GivenDose(point, row.get("previous_started"), _quantity(row, "previous_amount", units))
    except FieldError as error:
        raise type(error)(f"previous_{error.path}", error.problem, error.fix) from None


def _earlier(last: GivenDose, book: Rulebook, zone: str | None) -> Iterator[GivenDose]:
    """The doses of a regular course before the last one. They have days of the calendar at the site, but no times."""
    number, when = last.point.number, last.started
    doses = regular_doses(number, book)
    if zone is not None and isinstance(when, datetime) and is_aware(when):
        when = when.astimezone(zone_of(zone))
    on = None if when is None else day(when)
    try:
        yield from [
            GivenDose(dose, None if on is None else on - timedelta(days=doses[-1][1] - days), amount) for dose, days, amount in doses[:-1]
        ]
    except (FieldError, OverflowError):
        problem = f"{last.point} is dated {on}, so the doses before it would be out of range"
        raise FieldError("previous_started", problem, "correct previous_point or previous_started") from None


# --- results, events and findings ---

_LAB: Final = ("quantity", "collected", "lower_limit", "upper_limit", "baseline")


def _labs(row: Row, units: Mapping[str, str]) -> Iterator[LabResult]:
    for analyte in Analyte:
        name = prefix_of(analyte)
        if row.get(name) is not None:
            low, high, before = (_quantity(row, f"{name}_{field}", units, name) for field in ("lower_limit", "upper_limit", "baseline"))
            try:
                yield LabResult(analyte, _quantity(row, name, units), row.get(f"{name}_collected"), low, high, before)
            except FieldError as error:
                raise type(error)(column_of(f"labs.{analyte}", error.path), error.problem, error.fix) from None


_EVENT: Final = ("grade", "scale", "status", "onset", "improved", "resolved", "current_grade", "other_cause", "bleeding")


def _events(row: Row) -> tuple[ToxicityEvent, ...] | None:
    """The episodes of a row; ``None`` if the toxicities are not known."""
    reviewed = truth(row.get("events_reviewed"), "events_reviewed")
    events = tuple(_listed(row))
    if reviewed:
        return events
    if events:
        problem = f"{events[0].toxicity} is listed, but it is not known whether there were other toxicities"
        raise FieldError("events_reviewed", problem, "write true if the row lists all of them")
    return None


def _listed(row: Row) -> Iterator[ToxicityEvent]:
    for toxicity in Toxicity:
        name = prefix_of(toxicity)
        facts = {fact: _fact(row, f"{name}_{fact}") for fact in _EVENT}
        if any(value is not None for value in facts.values()):
            try:
                yield ToxicityEvent(toxicity, **facts)
            except FieldError as error:
                raise type(error)(column_of(f"events.{toxicity}", error.path), error.problem, error.fix) from None


def _findings(row: Row, units: Mapping[str, str]) -> Iterator[Findings]:
    for kind, syndrome in ((CrsFindings, Toxicity.CRS), (NeuroFindings, Toxicity.ICANS)):
        part = f"findings.{syndrome}"
        names = {column.fact: column.name for column in _OF_FINDINGS if column.part == part}
        facts: dict[str, Any] = {fact: _fact(row, name) for fact, name in names.items()}
        if all(value is None for value in facts.values()):
            continue
        if facts.get("temperature") is not None:
            facts["temperature"] = _quantity(row, "findings_temperature", units)
        if isinstance(listed := facts.get("symptoms"), str):
            facts["symptoms"] = [text for item in listed.split(",") if (text := item.strip())]
        try:
            yield kind(**facts)
        except FieldError as error:
            fact, bracket, rest = error.path.partition("[")
            raise type(error)(column_of(part, fact) + bracket + rest, error.problem, error.fix) from None


_OF_FINDINGS: Final = tuple([column for column in COLUMNS.values() if column.part.startswith("findings.") and column.fact != "unit"])


# --- errors of the whole case ---


class _Named:
    """Names the columns in an error of a case, in place of its paths."""

    def __init__(self, events: tuple[ToxicityEvent, ...] | None, labs: tuple[LabResult, ...], course: Course | None) -> None:
        self._parts = {"events": [f"events.{event.toxicity}" for event in events or ()], "labs": [f"labs.{lab.analyte}" for lab in labs]}
        self._last = len(course.doses) - 1 if course else -1

    def __enter__(self) -> None:
        """Nothing is set up."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raises the error again, with the name of a column."""
        if isinstance(error, FieldError):
            raise type(error)(self._column(error.path), self._in_words(error.problem), error.fix) from None

    def _column(self, path: str) -> str:
        match = _INDEXED.fullmatch(path)
        if match is None:
            return path
        part, n, fact = match[1], int(match[2]), match[3]
        if part == "course":
            return f"previous_{fact}" if n == self._last else "course_before"
        return column_of(self._parts[part][n], fact)

    def _in_words(self, problem: str) -> str:
        return _INDEXED_WITHIN.sub(lambda match: self._column(match[0]), problem)


_INDEXED: Final = re.compile(r"(course|labs|events)\[(\d+)\]\.?(\w*)")
_INDEXED_WITHIN: Final = re.compile(r"(?:course|labs|events)\[\d+\]\.\w+")

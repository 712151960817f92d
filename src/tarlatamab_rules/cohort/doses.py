"""A dose of a registry as a `Case`: what was known when the infusion began. This is the reference of what a dose row means.

A dose sees the doses that were given before it, the results that were not collected after it, and the events that did not begin after it.
Something without a date is seen by every dose. If an episode ended or improved later, it is ongoing at the dose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, evolve, fields, frozen

from tarlatamab_rules.cohort.tables import FINDINGS, Table, findings_column
from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.inputs._fields import earlier, is_aware
from tarlatamab_rules.inputs._zones import zone_of
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import DosePoint, GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import CrsFindings, Findings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade

if TYPE_CHECKING:
    from datetime import tzinfo

    from numpy.typing import NDArray

    from tarlatamab_rules.inputs._fields import When

__all__ = ["Grouped", "Person", "Registry", "Sees", "event_of", "findings_of", "given_dose", "lab_result", "patients_in"]

_GIVEN, _PLANNED = "given", "planned"
_UNREAD: Final = object()


def patients_in(name: str, column: pa.Array, ids: pa.Array) -> NDArray[np.int32]:
    """The place of each row's patient among the ids of a registry; -1 if there is none.

    Raises:
        FieldTypeError: The patients of two tables are not of one type.
    """
    if column.null_count == len(column):
        return np.full(len(column), -1, np.int32)
    if column.type != ids.type and pa.types.is_string(column.type) is not pa.types.is_string(ids.type):
        problem = f"holds {column.type}, but patients.patient holds {ids.type}"
        raise FieldTypeError(f"{name}.patient", problem, "use the same type in every table")
    found = pc.index_in(column.cast(ids.type), value_set=ids, skip_nulls=True)  # pyright: ignore[reportAttributeAccessIssue]  # pyarrow makes it when it is imported
    patient: NDArray[np.int32] = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    return patient


@frozen(eq=False)
class Grouped:
    """The rows of a table by patient.

    Attributes:
        table: The table.

        patient: The row in the patients table of each row; -1 if there is none.

        order: The rows, those of a patient together, in the order of the table.

        begins: Where the rows of each patient begin in `order`; one more than there are patients.
    """

    table: Table
    patient: NDArray[np.int32]
    order: NDArray[np.intp]
    begins: NDArray[np.intp]

    @classmethod
    def of(cls, table: Table, ids: pa.Array) -> Grouped:
        """The rows by patient.

        Raises:
            FieldTypeError: The patients of two tables are not of one type.
        """
        column = table.columns.get("patient")
        patient = np.full(table.rows, -1, np.int32) if column is None else patients_in(table.name, column, ids)
        in_order = bool((patient[1:] >= patient[:-1]).all())
        order = np.arange(len(patient)) if in_order else np.argsort(patient, kind="stable")
        return cls(table, patient, order, np.searchsorted(patient[order], np.arange(len(ids) + 1)))

    def without(self, dropped: NDArray[np.bool_]) -> Grouped:
        """The table with some rows that no patient has any more."""
        if not dropped.any():
            return self
        patient, order = np.where(dropped, -1, self.patient), self.order[~dropped[self.order]]
        return Grouped(self.table, patient, order, np.searchsorted(self.patient[order], np.arange(len(self.begins))))

    def rows(self, patient: int) -> NDArray[np.intp]:
        """The rows of a patient."""
        return self.order[self.begins[patient] : self.begins[patient + 1]]


@frozen(eq=False)
class Registry:
    """Four tables that were read and belong together.

    Attributes:
        patients: One row a patient.

        doses: The doses, given and planned.

        labs: The results; ``None``: not known.

        events: The toxicities; ``None``: not known.

        twice: The rows of patients that are listed more than once.

        site_zone: The time zone of every site whose row names none.
    """

    patients: Table
    doses: Grouped
    labs: Grouped | None
    events: Grouped | None
    twice: frozenset[int]
    site_zone: str | None

    @classmethod
    def of(cls, patients: Table, doses: Table, labs: Table | None, events: Table | None, site_zone: str | None) -> Registry:
        """The tables, with the rows of each patient found."""
        listed = patients.columns.get("patient", pa.nulls(patients.rows, pa.string()))
        first = pc.index_in(listed, value_set=listed.unique() if len(listed) else listed)  # pyright: ignore[reportAttributeAccessIssue]  # pyarrow makes it when it is imported
        ids, places = listed, first.to_numpy(zero_copy_only=False)
        counts = np.bincount(places, minlength=1) if len(places) else np.zeros(1, np.intp)
        twice = frozenset(np.flatnonzero(counts[places] > 1).tolist()) if len(places) else frozenset[int]()
        labs_by, events_by = (None if table is None else Grouped.of(table, ids) for table in (labs, events))
        return cls(patients, Grouped.of(doses, ids), labs_by, events_by, twice, site_zone)

    def person(self, patient: int, *, at_site: bool = False) -> Person:
        """What the tables hold of one patient, by the row in the patients table.

        Args:
            patient: The row.

            at_site: Whether all times are moved to the clock of the site, as the rules do anyway: then it is done once for all doses.
        """
        zone = self.patients.value("site_zone", patient) or self.site_zone
        moved = zone if at_site else None
        return Person(
            self,
            patient,
            zone,
            _Records(self.doses, patient, zone, moved, given_dose, ("started", "ended")),
            None if self.labs is None else _Records(self.labs, patient, zone, moved, lab_result, ("collected",)),
            None if self.events is None else _Records(self.events, patient, zone, moved, event_of, ("onset",)),
        )


@define(eq=False)
class _Record:
    """A row as an input of the library. It is made when it is first asked for."""

    table: Table
    row: int
    zone: str | None
    moved: str | None
    build: Callable[[Table, int, str | None], Any]
    dated: tuple[str, ...]
    _when: Any = _UNREAD
    _value: Any = _UNREAD
    _given: bool | None = None

    @property
    def when(self) -> When | None:
        """The time that places the row among the doses, by the clock of the site; ``None`` if it is missing or cannot be read."""
        if self._when is _UNREAD:
            times = (_dated(self.table, name, self.row, self.zone) for name in self.dated)
            self._when = next((at for at in times if at is not None), None)
        when: When | None = self._when
        return when

    @property
    def value(self) -> Any:  # an input  # noqa: ANN401  # whatever a column or a frame holds
        """The input. Raises `FieldError` if the row is refused."""
        if self._value is _UNREAD:
            try:
                self._value = self.build(self.table, self.row, self.moved)
            except FieldError as error:
                self._value = error.under(self.table.path(self.row))
        if isinstance(self._value, FieldError):
            raise self._value
        return self._value

    @property
    def fault(self) -> FieldError | None:
        """Why the row is refused; ``None`` if it is not."""
        try:
            _ = self.value
        except FieldError as error:
            return error
        return None

    @property
    def given(self) -> bool:
        """Whether it is a dose that was given."""
        if self._given is None:
            self._given = _status(self.table, self.row) != _PLANNED
        return self._given

    @property
    def sound(self) -> bool:
        """Whether the row is not refused."""
        return self.fault is None


class _Records:
    """The rows of a patient in one table. A row becomes a record when it is first asked for."""

    def __init__(  # noqa: PLR0913, PLR0917  # one parameter a fact
        self,
        grouped: Grouped,
        patient: int,
        zone: str | None,
        moved: str | None,
        build: Callable[[Table, int, str | None], Any],
        dated: tuple[str, ...],
    ) -> None:
        self.rows, self.at_site = grouped.rows(patient), moved is not None
        self._make = partial(_Record, zone=zone, moved=moved, build=build, dated=dated)
        self._table = grouped.table
        self._made: dict[int, _Record] = {}

    def __iter__(self) -> Iterator[_Record]:
        return iter(self.seen(None))

    def seen(self, mask: NDArray[np.bool_] | None) -> list[_Record]:
        """The records of the rows that a mask of the table holds; all without one."""
        rows = self.rows if mask is None else self.rows[mask[self.rows]]
        return [self[row] for row in rows.tolist()]

    def __getitem__(self, row: int) -> _Record:
        record = self._made.get(row)
        if record is None:
            record = self._made[row] = self._make(self._table, row)
        return record


def _dated(table: Table, name: str, row: int, zone: str | None) -> When | None:
    """A day or a time by the clock of the site; ``None`` if it is missing or cannot be read."""
    try:
        when = table.when(name, row)
    except FieldError:
        return None
    return _at_site(when, zone)


def _at_site(when: When | None, zone: str | None) -> When | None:
    if zone is None or not isinstance(when, datetime) or not is_aware(when):
        return when
    site = _site(zone)
    return when if site is None else when.astimezone(site)


@lru_cache(maxsize=64)
def _site(name: str) -> tzinfo | None:
    """A time zone; ``None`` if there is none of this name, which the case itself reports."""
    try:
        return zone_of(name)
    except FieldError:
        return None


@frozen(eq=False)
class Sees:
    """What a part of an assessment sees of the results, events and findings.

    Attributes:
        lab: The results that it sees, as a mask of the table; all without one.

        event: The events that it sees, likewise.

        findings: Whether it sees the findings.

        zone: Whether it sees the time zone of the site, which only matters for times with a UTC offset.
    """

    lab: NDArray[np.bool_] | None = None
    event: NDArray[np.bool_] | None = None
    findings: bool = True
    zone: bool = True


@frozen(eq=False)
class Person:
    """One patient of a registry.

    Attributes:
        registry: The tables.

        row: The row in the patients table.

        zone: The time zone of the site.

        doses: The doses of the patient, in the order of the table.

        labs: The results; ``None``: not known.

        events: The toxicities; ``None``: not known.
    """

    registry: Registry
    row: int
    zone: str | None
    doses: _Records
    labs: _Records | None
    events: _Records | None

    def case(self, row: int, sees: Sees = Sees()) -> Case:  # frozen
        """The case of a dose of the patient, by its row in the doses table; *sees* leaves out what a part of an assessment does not see.

        Raises:
            FieldError: A row that the dose sees is refused, or the facts contradict each other.
        """
        registry, table = self.registry, self.registry.doses.table
        if self.row in registry.twice:
            raise FieldError("patient", "is listed more than once in the table of patients", "list each patient once")
        dose = self.doses[row]
        given: GivenDose = dose.value
        start = table.when("started", row)
        if start is None:
            raise FieldError(f"{table.path(row)}.started", "is missing", "a dose is assessed at the time at which it began")
        site = _at_site(start, self.zone)
        ordered = next((amount for name in ("ordered", "amount") if (amount := table.value(name, row)) is not None), None)
        return Case(
            patient=self._patient(site or start),
            point=given.point,
            planned_start=site if self.doses.at_site else start,
            ordered=None if ordered is None else (ordered, table.value("unit", row)),
            course=[other.value for other in self.doses if self._given_before(other, dose, site)],
            labs=None if self.labs is None else [lab.value for lab in self.labs.seen(sees.lab) if not _after(site, lab.when)],
            events=None if self.events is None else [self._then(event, site, given=dose.given) for event in self._seen(site, sees)],
            findings=(tuple(findings_of(table, row)) if sees.findings else ()) or None,
            site_zone=self.zone if sees.zone else None,
        )

    def fault_of(self, name: str, row: int) -> FieldError | None:
        """Why a row of ``labs`` or ``events`` is refused; ``None`` if it is not."""
        fault: FieldError | None = getattr(self, name)[row].fault
        return fault

    def doses_that_see(self, name: str, row: int) -> list[int]:
        """The rows of the doses that see a row of ``labs`` or ``events``."""
        when = getattr(self, name)[row].when
        return [dose.row for dose in self.doses if not _after(_dated(dose.table, "started", dose.row, self.zone), when)]

    def place_of(self, event: int, row: int, sees: Sees) -> int:
        """The place of an event among the events of the case of a dose, by their rows."""
        site = _at_site(self.registry.doses.table.when("started", row), self.zone)
        return [record.row for record in self._seen(site, sees)].index(event)

    def _seen(self, start: When | None, sees: Sees) -> list[_Record]:
        return [] if self.events is None else [event for event in self.events.seen(sees.event) if not _after(start, event.when)]

    def _patient(self, start: When) -> Patient:
        table = self.registry.patients
        facts = {item.name: table.value(item.name, self.row) for item in fields(Patient)}
        try:
            born = table.when("birth_date", self.row)
            if facts["age_years"] is None and born is not None:
                facts["age_years"] = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
            return Patient(**facts)
        except FieldError as error:
            raise error.under("patient") from None

    def _given_before(self, other: _Record, dose: _Record, start: When | None) -> bool:
        """Whether another dose was given before this one. On one day without times, the schedule decides, then the table."""
        if other is dose or not other.given:
            return False
        if start is not None and other.when is not None:
            if _after(start, other.when):
                return False
            if _after(other.when, start):
                return True
        if not other.sound:
            return True
        point: DosePoint = dose.value.point
        if other.when is None or other.value.point != point:
            return bool(other.value.point < point)
        return other.row < dose.row

    def _then(self, record: _Record, start: When | None, *, given: bool) -> ToxicityEvent:
        """An episode as it was at the dose. A current grade has no date, so it is not known what it was at a dose that was given."""
        event: ToxicityEvent = record.value
        ends = [_at_site(event.improved, self.zone), _at_site(event.resolved, self.zone)]
        late = [end is not None and _after(start, end) for end in ends]
        if not any(late):
            return evolve(event, current_grade=None) if given and event.over is not True else event
        grade = None if event.grade is Grade.NONE else event.grade  # an ongoing episode has some grade
        improved = None if late[0] else event.improved
        return evolve(event, grade=grade, improved=improved, resolved=None, status=EventStatus.ACTIVE, current_grade=None)


def _after(one: When | None, other: When | None) -> bool:
    """Whether *other* is certainly after *one*. Times that cannot be compared are left to the case, which refuses them."""
    if one is None or other is None:
        return False
    try:
        return earlier(one, other) is True
    except FieldError:
        return False


def _status(table: Table, row: int) -> str:
    return table.value("status", row) or _GIVEN


def given_dose(table: Table, row: int, zone: str | None = None) -> GivenDose:
    """A row of the table of doses, with its times at the clock of a zone. Raises `FieldError` if it is refused."""
    if (status := _status(table, row)) not in {_GIVEN, _PLANNED}:
        raise FieldError("status", f"{status!r:.60} is not known", f"use {_GIVEN} or {_PLANNED}")
    point, amount = table.value("point", row), table.value("amount", row)
    taken = None if amount is None else (amount, table.value("unit", row))
    started, ended = (_at_site(table.when(name, row), zone) for name in ("started", "ended"))
    return GivenDose(point, started, taken, ended, table.value("complete", row))


def lab_result(table: Table, row: int, zone: str | None = None) -> LabResult:
    """A row of the table of results, with its time at the clock of a zone. Raises `FieldError` if it is refused."""
    value, unit, bound = (table.value(name, row) for name in ("value", "unit", "comparator"))
    if value is None:
        raise FieldError("value", "is missing", "leave out a result that is not known")
    numbers = [table.value(name, row) for name in ("lower_limit", "upper_limit", "baseline")]
    quantity = f"{bound}{value}" if bound else value
    amounts: list[Any] = [None if number is None else (number, unit) for number in numbers]
    return LabResult(table.value("analyte", row), (quantity, unit), _at_site(table.when("collected", row), zone), *amounts)


_OF_EVENT: Final = tuple([item.name for item in fields(ToxicityEvent) if item.init and item.name != "findings"])


def event_of(table: Table, row: int, zone: str | None = None) -> ToxicityEvent:
    """A row of the table of events, with its times at the clock of a zone. Raises `FieldError` if it is refused."""
    facts = {name: _at_site(table.when(name, row), zone) if name in table.times else table.value(name, row) for name in _OF_EVENT}
    return ToxicityEvent(**facts)


_COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    syndrome: {item.name: findings_column(syndrome, item.name) for item in fields(kind)} for syndrome, kind in FINDINGS.items()
}


def findings_of(table: Table, row: int) -> Iterator[Findings]:
    """The findings of a row of the table of doses. Raises `FieldError` if they are refused."""
    for syndrome, columns in _COLUMNS.items():
        facts = {name: value for name, column in columns.items() if (value := table.value(column, row)) is not None}
        if not facts:
            continue
        kind = FINDINGS[syndrome]
        if kind is CrsFindings and "temperature" in facts:
            facts["temperature"] = facts["temperature"], table.value("findings_temperature_unit", row) or "Cel"
        try:
            yield kind(**facts)
        except FieldError as error:
            raise error.under(f"findings.{syndrome}") from None

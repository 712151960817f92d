"""The rows of the four tables as inputs of the library, each made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import define, evolve, fields, frozen

from tarlatamab_rules.cohort.reading.tables import FINDINGS, Table, findings_column
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs._fields import earlier, is_aware
from tarlatamab_rules.inputs._zones import zone_of
from tarlatamab_rules.inputs.course import GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import CrsFindings, Findings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.vocabulary import EventStatus

if TYPE_CHECKING:
    from datetime import tzinfo

    from numpy.typing import NDArray

    from tarlatamab_rules.inputs._fields import When

__all__ = [
    "Grouped",
    "Record",
    "Records",
    "after",
    "as_given",
    "at_site_clock",
    "dated",
    "event_of",
    "findings_of",
    "given_dose",
    "lab_result",
    "patients_in",
]

GIVEN, PLANNED = "given", "planned"
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


@define(eq=False)
class Record:
    """A row as an input of the library. It is made when it is first asked for."""

    table: Table
    row: int
    zone: str | None
    moved: str | None
    build: Callable[[Table, int, str | None], Any]
    dated: tuple[str, ...]
    ends: tuple[str, ...] = ()
    _when: Any = _UNREAD
    _value: Any = _UNREAD
    _given: bool | None = None

    @property
    def when(self) -> When | None:
        """The time that places the row among the doses, by the clock of the site; ``None`` if it is missing or cannot be read.

        If the row is refused, as one that ends before it begins, it is the earliest of its times.
        """
        if self._when is _UNREAD:
            self._when = next(self._times(self.dated), None)
            if self._when is not None and self.ends and not self.sound:
                for end in self._times(self.ends):
                    self._when = end if after(end, self._when) else self._when
        when: When | None = self._when
        return when

    def _times(self, names: tuple[str, ...]) -> Iterator[When]:
        times = (dated(self.table, name, self.row, self.zone) for name in names)
        return (at for at in times if at is not None)

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
            self._given = status_of(self.table, self.row) != PLANNED
        return self._given

    @property
    def sound(self) -> bool:
        """Whether the row is not refused."""
        return self.fault is None


class Records:
    """The rows of a patient in one table. A row becomes a record when it is first asked for."""

    rows: NDArray[np.intp]
    at_site: bool

    def __init__(  # noqa: PLR0913, PLR0917  # one parameter a fact
        self,
        grouped: Grouped,
        patient: int,
        zone: str | None,
        moved: str | None,
        build: Callable[[Table, int, str | None], Any],
        dated: tuple[str, ...],
        ends: tuple[str, ...] = (),
    ) -> None:
        self.rows, self.at_site = grouped.rows(patient), moved is not None
        self._make = partial(Record, zone=zone, moved=moved, build=build, dated=dated, ends=ends)
        self._table = grouped.table
        self._made: dict[int, Record] = {}

    def __iter__(self) -> Iterator[Record]:
        return iter(self.seen(None))

    def seen(self, mask: NDArray[np.bool_] | None) -> list[Record]:
        """The records of the rows that a mask of the table holds; all without one."""
        rows = self.rows if mask is None else self.rows[mask[self.rows]]
        return [self[row] for row in rows.tolist()]

    def __getitem__(self, row: int) -> Record:
        record = self._made.get(row)
        if record is None:
            record = self._made[row] = self._make(self._table, row)
        return record


def dated(table: Table, name: str, row: int, zone: str | None) -> When | None:
    """A day or a time by the clock of the site; ``None`` if it is missing or cannot be read."""
    try:
        when = table.when(name, row)
    except FieldError:
        return None
    return at_site_clock(when, zone)


def at_site_clock(when: When | None, zone: str | None) -> When | None:
    """A time by the clock of a zone; the time itself without one, and if it has no UTC offset."""
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


def after(one: When | None, other: When | None) -> bool:
    """Whether *other* is certainly after *one*. Times that cannot be compared are left to the case, which refuses them."""
    if one is None or other is None:
        return False
    try:
        return earlier(one, other) is True
    except FieldError:
        return False


def status_of(table: Table, row: int) -> str:
    status = table.value("status", row)
    return GIVEN if status is None or status == "" else status


def given_dose(table: Table, row: int, zone: str | None = None) -> GivenDose:
    """A row of the table of doses, with its times at the clock of a zone. Raises `FieldError` if it is refused."""
    if (status := status_of(table, row)) not in (GIVEN, PLANNED):  # a list has no hash
        raise FieldError("status", f"{shown(status)} is not known", f"use {GIVEN} or {PLANNED}")
    point, amount = table.value("point", row), table.value("amount", row)
    taken = None if amount is None else (amount, table.value("unit", row))
    started, ended = (at_site_clock(table.when(name, row), zone) for name in ("started", "ended"))
    return GivenDose(point, started, taken, ended, table.value("complete", row))


def lab_result(table: Table, row: int, zone: str | None = None) -> LabResult:
    """A row of the table of results, with its time at the clock of a zone. Raises `FieldError` if it is refused."""
    value, unit, bound = (table.value(name, row) for name in ("value", "unit", "comparator"))
    if value is None:
        raise FieldError("value", "is missing", "leave out a result that is not known")
    if bound is not None and not (isinstance(bound, str) and bound.strip() in _COMPARATORS):
        raise FieldError("comparator", f"{shown(bound)} is not known", "use <, <=, > or >=, or nothing for a value")
    numbers = [table.value(name, row) for name in ("lower_limit", "upper_limit", "baseline")]
    quantity = f"{bound}{value}" if bound else value
    amounts: list[Any] = [None if number is None else (number, unit) for number in numbers]
    return LabResult(table.value("analyte", row), (quantity, unit), at_site_clock(table.when("collected", row), zone), *amounts)


_COMPARATORS: Final = frozenset(("", "<", "<=", ">", ">=", "≤", "≥"))
_OF_EVENT: Final = tuple([item.name for item in fields(ToxicityEvent) if item.init and item.name != "findings"])


def event_of(table: Table, row: int, zone: str | None = None) -> ToxicityEvent:
    """A row of the table of events, with its times at the clock of a zone. Raises `FieldError` if it is refused."""
    facts: dict[str, Any] = {
        name: at_site_clock(table.when(name, row), zone) if name in table.times else table.value(name, row) for name in _OF_EVENT
    }
    return ToxicityEvent(**facts)


def as_given(event: ToxicityEvent) -> ToxicityEvent:
    """An episode as a dose that was given sees it, without what is only known of today: a current grade, and a recovery without a date."""
    ended = event.status is EventStatus.RESOLVED
    if event.resolved is not None or not (ended or event.current_grade is not None):
        return event
    return evolve(event, current_grade=None, status=None if ended else event.status)


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
            unit = table.value("findings_temperature_unit", row)
            facts["temperature"] = facts["temperature"], "Cel" if unit is None or unit == "" else unit
        try:
            yield kind(**facts)
        except FieldError as error:
            raise error.under(f"findings.{syndrome}") from None

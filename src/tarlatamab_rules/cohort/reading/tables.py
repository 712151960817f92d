"""The four tables of a registry: their columns, and how they are read.

A table may come from any library that narwhals knows (pandas, Polars, Arrow, DuckDB, Modin). It is kept as Arrow columns. Columns are named
as the fields of `Patient`, `GivenDose`, `LabResult` and `ToxicityEvent`. A missing value means *not known*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from attrs import field, fields, frozen

from tarlatamab_rules.cohort.reading.mixed import UNFIT, Mixed, column_of
from tarlatamab_rules.cohort.reading.readings import narwhals_of
from tarlatamab_rules.cohort.reading.times import Times
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, meant, shown
from tarlatamab_rules.inputs.course import GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import Patient

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FINDINGS", "TABLES", "Column", "Source", "Table", "findings_column", "plain_column", "read_table", "refuse_near", "source_of"]


@frozen
class Column:
    """A column of a table.

    Attributes:
        name: Its name.

        holds: What it holds: ``text``, ``number``, ``whole number``, ``true or false``, ``date or time``, ``duration``, ``list``, ``id``.

        says: What it means.

        required: Whether the table must have it.
    """

    name: str
    holds: str
    says: str
    required: bool = False


_PATIENT: Final = Column("patient", "id", "The patient, by a number or a text that is the same in every table.", required=True)
_WHOLE: Final = frozenset(("grade", "current_grade", "ice", "baseline_ice"))
_TIMES: Final = frozenset(("started", "ended", "onset", "improved", "resolved", "collected"))
_TRUTHS: Final = frozenset(
    (
        *("progressed_after_platinum", "childbearing_potential", "pregnant", "breastfeeding", "hypersensitivity", "complete"),
        *("other_cause", "bleeding", "vasopressin", "fever_masked", "arousable", "motor_weakness"),
    )
)
_NUMBERS: Final = frozenset(("age_years", "amount", "lower_limit", "upper_limit", "baseline", "temperature"))
FINDINGS: Final[Mapping[str, type[CrsFindings | NeuroFindings]]] = {"crs": CrsFindings, "icans": NeuroFindings}
"""The findings of a dose, by syndrome."""


def _holds(name: str) -> str:
    kinds = ((_WHOLE, "whole number"), (_TIMES, "date or time"), (_TRUTHS, "true or false"), (_NUMBERS, "number"))
    return next((kind for names, kind in kinds if name in names), "list" if name == "symptoms" else "text")


def _said(kind: type[Any]) -> dict[str, str]:
    """What the docstring of a class says about each of its fields."""
    said, name = dict[str, str](), ""
    for line in (kind.__doc__ or "").partition("Attributes:")[2].splitlines():
        head, colon, rest = line.strip().partition(":")
        if colon and line.startswith(" " * 8) and not line.startswith(" " * 9) and head.isidentifier():
            name, said[head] = head, rest.strip()
        elif name and line.strip():
            said[name] += f" {line.strip()}"
    return said


def _of(kind: type[Any], *required: str, leave_out: Sequence[str] = (), named: str = "{}") -> tuple[Column, ...]:
    """One column for each field of a class."""
    said = _said(kind)
    names = [item.name for item in fields(kind) if item.init and item.name not in leave_out]
    return tuple([Column(named.format(name), _holds(name), said[name], name in required) for name in names])


def findings_column(syndrome: str, name: str) -> str:
    """The column of a finding. A fact that both kinds of findings have names its syndrome."""
    both = {item.name for item in fields(CrsFindings)} & {item.name for item in fields(NeuroFindings)}
    return f"findings_{syndrome}_{name}" if name in both else f"findings_{name}"


def _findings() -> tuple[Column, ...]:
    return tuple(
        [
            Column(findings_column(syndrome, name), _holds(name), text)
            for syndrome, kind in FINDINGS.items()
            for name, text in _said(kind).items()
        ]
    )


TABLES: Final[Mapping[str, tuple[Column, ...]]] = {
    "patients": (
        _PATIENT,
        *_of(Patient),
        Column("birth_date", "date or time", "The date of birth. It gives the age at each dose if `age_years` is missing."),
        Column("site_zone", "text", "The time zone of the site, by its IANA name, such as ``Europe/Berlin``."),
    ),
    "doses": (
        _PATIENT,
        *_of(GivenDose, "point"),
        Column("unit", "text", "The unit of `amount` and of `ordered`, such as ``mg``."),
        Column("ordered", "number", "The ordered amount. If it is missing, the amount given is checked."),
        Column("status", "text", "``given`` or ``planned``; a missing value means ``given``."),
        Column("max_lab_age", "duration", "The maximum age of a result at this dose, such as ``7 days``."),
        *_findings(),
        Column("findings_temperature_unit", "text", "The unit of `findings_temperature`; degrees Celsius if it is missing."),
    ),
    "labs": (
        _PATIENT,
        Column("analyte", "text", "What was measured.", required=True),
        Column("value", "number", "The number, in `unit`.", required=True),
        Column("unit", "text", "The unit of the value, the limits and the baseline.", required=True),
        Column("comparator", "text", "``<``, ``<=``, ``>`` or ``>=`` if only a bound is known."),
        *_of(LabResult, leave_out=("analyte", "quantity")),
    ),
    "events": (_PATIENT, *_of(ToxicityEvent, "toxicity", leave_out=("findings",))),
}
"""The columns of each table."""


@frozen(eq=False)
class Table:
    """A table that was read.

    Attributes:
        name: Its name, such as ``labs``.

        columns: The columns that hold plain values, without those that are missing as a whole.

        times: The columns that hold dates and times.

        rows: How many rows it has.

        numbers: The number of each row in the whole table, if this is a piece of it.
    """

    name: str
    columns: Mapping[str, pa.Array | Mixed]
    times: Mapping[str, Times]
    rows: int
    numbers: NDArray[np.intp] | None = field(default=None, repr=False)

    def path(self, row: int) -> str:
        """The row as errors name it, by its number in the whole table."""
        return f"{self.name}[{row if self.numbers is None else int(self.numbers[row])}]"

    def value(self, name: str, row: int) -> Any:  # whatever a column holds  # noqa: ANN401  # whatever a column or a frame holds
        """A value as Python has it; ``None`` if it is not known."""
        column = self.columns.get(name)
        if column is None:
            return None
        value = column.values[column.codes[row]] if isinstance(column, Mixed) else column[row].as_py()
        # A column of whole numbers with gaps is a column of floats in pandas.
        return int(value) if type(value) is float and name.removeprefix("findings_") in _WHOLE and value.is_integer() else value

    def when(self, name: str, row: int) -> Any:  # a date or a datetime  # noqa: ANN401  # whatever a column or a frame holds
        """A day or a time; ``None`` if it is not known."""
        times = self.times.get(name)
        return None if times is None else times.at(row)


@frozen(eq=False)
class Source:
    """A table whose columns have known names. Its rows are read piece by piece.

    Attributes:
        name: Its name, such as ``labs``.

        arrow: Its columns.

        unused: The columns that the library does not know.

        backend: The library that the table came from.

        mixed: The values of the columns that hold several types, by column; `arrow` has their places.
    """

    name: str
    arrow: pa.Table = field(repr=False)
    unused: tuple[str, ...]
    backend: Any = field(repr=False)
    mixed: Mapping[str, tuple[Any, ...]] = field(factory=dict, repr=False)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return int(self.arrow.num_rows)

    def table(self, rows: NDArray[np.intp] | slice | None = None) -> Table:
        """Some rows, by their numbers or as a run of rows; all if left out.

        Raises:
            FieldTypeError: A column of dates or times holds something else.
        """
        arrow, numbers = self.arrow, None
        if isinstance(rows, slice):
            arrow, numbers = arrow.slice(rows.start, rows.stop - rows.start), np.arange(rows.start, rows.stop)
        elif rows is not None:
            arrow, numbers = arrow.take(pa.array(rows)), rows
        columns = {column: self._column(column, arrow.column(column)) for column in arrow.column_names}
        dated = {column.name for column in TABLES[self.name] if column.holds == "date or time"} & columns.keys()
        times = {column: Times.of(columns[column], f"{self.name}.{column}") for column in columns if column in dated}
        plain = {column: values for column, values in columns.items() if column not in times and values.null_count < len(values)}
        return Table(self.name, plain, times, arrow.num_rows, numbers)

    def _column(self, name: str, column: pa.ChunkedArray) -> pa.Array | Mixed:
        plain = plain_column(column)
        return Mixed(plain.to_numpy(zero_copy_only=False), self.mixed[name]) if name in self.mixed else plain


def read_table(name: str, frame: Any) -> Table:  # any frame that narwhals knows  # noqa: ANN401  # whatever a column or a frame holds
    """A whole table with its columns checked. Raises as `source_of`."""
    return source_of(name, frame).table()


def source_of(name: str, frame: Any) -> Source:  # any frame that narwhals knows  # noqa: ANN401  # whatever a column or a frame holds
    """A table with its columns checked.

    Raises:
        FieldTypeError: It is not a table.

        FieldError: A required column is missing, a column has nearly the name of a known one, or two have one name.
    """
    eager = _eager(name, frame)
    known = {column.name: column for column in TABLES[name]}
    unused = tuple([column for column in eager.columns if column not in known])
    refuse_near(eager.columns, known, name)
    for column in known.values():
        if column.required and column.name not in eager.columns:
            raise FieldError(f"{name}.{column.name}", "is missing", f"the table {name} needs this column: {column.says}")
    arrow, mixed = _arrow(eager.select([column for column in eager.columns if column in known]) if unused else eager)
    if "patient" in mixed:
        raise FieldTypeError(f"{name}.patient", "holds values of several types", "use one type in every table")
    return Source(name, arrow, tuple(map(str, unused)), eager.implementation, mixed)


_NEARLY: Final = 0.9
"""How much alike the names of two columns must be, if both are there, so that one of them is a slip."""


def refuse_near(columns: Iterable[str], known: Iterable[str], path: str) -> None:
    """Refuses a column that nearly has the name of a known one: what it holds would not count.

    Raises:
        FieldError: There is one.
    """
    there = set(columns)
    absent, present = [name for name in known if name not in there], [name for name in known if name in there]
    for column in map(str, sorted(there - {*present}, key=str)):
        if (near := meant(column, absent) or meant(column, present, _NEARLY)) is not None:
            raise FieldError(f"{path}.{column}"[:80], "is not a known column", f"did you mean {near!r}? Otherwise rename or drop it")


def _eager(name: str, frame: Any) -> Any:  # any frame  # noqa: ANN401  # whatever a column or a frame holds
    """A frame of narwhals. A lazy one is collected."""
    try:
        read = narwhals_of(frame, name)
    except TypeError:
        fix = "pass a frame of pandas, Polars, Arrow or DuckDB"
        raise FieldTypeError(name, f"{shown(frame, 40)} is not a table", fix) from None
    return read.collect() if isinstance(read, nw.LazyFrame) else read


def _arrow(eager: Any) -> tuple[pa.Table, dict[str, tuple[Any, ...]]]:  # noqa: ANN401  # a frame of narwhals
    """A frame as an Arrow table. Of a column that holds several types it has the places of the values, which are given beside it."""
    whole: pa.Table | None
    try:
        whole = eager.to_arrow()
    except UNFIT:
        whole = None
    columns: dict[str, Any] = {}
    mixed: dict[str, tuple[Any, ...]] = {}
    for name in eager.columns:
        column = column_of(eager[name], None if whole is None else whole[name])
        if isinstance(column, list):
            places = Mixed.of(column)
            column, mixed[name] = pa.array(places.codes), places.values
        columns[name] = column
    return pa.table(columns), mixed


def plain_column(column: pa.ChunkedArray) -> pa.Array:
    """One array without dictionaries, views and large offsets."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.string())
    elif pa.types.is_decimal(kind):
        column = pc.cast(column, pa.float64())
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined

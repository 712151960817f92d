"""Any frame as Arrow columns, and a row of it as Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import narwhals as nw
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.cohort.arguments import columns_in
from tarlatamab_rules.cohort.frames.rows import check_names
from tarlatamab_rules.cohort.reading.mixed import column_of
from tarlatamab_rules.cohort.reading.readings import narwhals_of
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs._zones import zone_of

if TYPE_CHECKING:
    from datetime import tzinfo


__all__ = ["Loaded", "load", "value_of"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FIXED_ZONES: Final = frozenset(("UTC", "Etc/UTC", "GMT", "Z", "+00:00"))
"""Names of UTC."""


@frozen(eq=False)
class Loaded:
    """A frame as columns of Arrow.

    Attributes:
        columns: The columns of facts by name, each in one piece. A column of objects that Arrow cannot hold is a list.

        rows: How many rows there are.
    """

    columns: Mapping[str, pa.Array | list[Any]] = field(repr=False)
    rows: int

    @property
    def schema(self) -> tuple[tuple[str, str], ...]:
        """The columns with their types."""
        return tuple((name, "objects" if isinstance(column, list) else str(column.type)) for name, column in sorted(self.columns.items()))

    def row(self, n: int) -> dict[str, Any]:
        """The values of a row; those that are not known are left out."""
        values = {name: value_of(column, n) for name, column in self.columns.items()}
        return {name: value for name, value in values.items() if value is not None}


def load(frame: Any, ignore: Sequence[str] = ()) -> Loaded:  # noqa: ANN401  # any frame that narwhals knows
    """The columns of facts of a frame.

    Args:
        frame: A frame of pandas, Polars, Arrow, DuckDB or another kind that narwhals knows; a lazy one is collected.

        ignore: Columns that are no facts.

    Raises:
        FieldError: A column is neither a fact nor ignored, two have one name, or there is no column of doses.
    """
    try:
        wide = narwhals_of(frame, "frame")
    except TypeError:
        raise FieldTypeError(
            "frame", f"{shown(type(frame).__name__)} is not a frame", "pass one of pandas, Polars, Arrow or DuckDB"
        ) from None
    ignored = columns_in(ignore, "ignore")
    names = [name for name in wide.columns if name not in ignored]
    try:
        check_names(dict.fromkeys(names))
    except FieldError as error:
        raise type(error)(error.path, error.problem, f"{error.fix}, or list it in ignore if it is no fact") from None
    if "point" not in names:
        raise FieldError("point", "the frame has no column of planned doses", "add it, with values like 'C1D8'")
    wide = wide.select(*names)
    eager = wide.collect() if isinstance(wide, nw.LazyFrame) else wide
    columns = {name: _arrow(eager[name]) for name in names}
    return Loaded(columns, len(eager))


def _arrow(series: Any) -> pa.Array | list[Any]:  # noqa: ANN401  # a series of narwhals
    """A column in one piece; as a list, if its values are of several types, or of one that Arrow does not know."""
    column = column_of(series)
    if isinstance(column, list):
        return column
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_timestamp(column.type) and column.type.unit != "us":
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    return column


def value_of(column: pa.Array | list[Any], n: int) -> Any:  # noqa: ANN401  # of any type
    """The Python value of an item of a column; the number as text, of a date beyond the calendar of Python."""
    item = column[n]
    if not isinstance(item, pa.Scalar) or not item.is_valid:
        return None if isinstance(item, pa.Scalar) else item
    try:
        return _time(item) if isinstance(item, pa.TimestampScalar) else item.as_py()
    except OverflowError:
        return f"{item.value} since 1970"


def _time(item: pa.TimestampScalar) -> datetime:
    when, zone = _EPOCH + timedelta(microseconds=item.value), item.type.tz
    return when.replace(tzinfo=None) if zone is None else when.astimezone(_zone(zone))


def _zone(name: str) -> tzinfo:
    if name in FIXED_ZONES:
        return UTC
    if name[:1] in {"+", "-"}:
        offset = datetime.strptime(name, "%z").tzinfo
        assert offset is not None  # noqa: S101  # the format holds an offset
        return offset
    return zone_of(name)

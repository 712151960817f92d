"""Tables of other data models as the four tables of a registry. Every row of a source is used, or counted with the reason why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.cohort.foreign.dates import day_of
from tarlatamab_rules.cohort.foreign.episodes_joined import Episode, joined
from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.cohort.reading.readings import Words, pc
from tarlatamab_rules.cohort.reading.tables import read_table
from tarlatamab_rules.cohort.registries.doses import Registry
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._fields import word
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Toxicity

__all__ = ["USED", "RegistryTables", "Sorted", "dose_table", "event_table", "first_of", "known_word", "lab_table", "of_kept", "which"]

USED: Final = "used"
_LISTED: Final = 5


@frozen
class RegistryTables:
    """The four tables of a registry, made from another data model.

    Attributes:
        tables: The tables ``doses``, ``patients``, ``labs`` and ``events``, for ``assess_registry(**tables)``.

        counts: For each table of the source, how many of its rows were used, and how many were not, by reason. They add up to its rows.

        notes: What a reader must know about the tables, such as results without limits of normal.
    """

    tables: Mapping[str, pa.Table] = field(repr=False)
    counts: Mapping[str, Mapping[str, int]]
    notes: tuple[str, ...] = ()

    def case(self, row: int) -> Case:
        """The case of the dose in one row of the table of doses: what was known then.

        Raises:
            FieldError: There is no such row, or something about it cannot be read.
        """
        doses = self.tables["doses"]
        if not 0 <= row < doses.num_rows:
            raise FieldError("row", f"there is no dose in row {row}", f"the table has {doses.num_rows} rows, numbered from 0")
        read = {name: read_table(name, table) for name, table in self.tables.items()}
        registry = Registry.of(read["patients"], read["doses"], read["labs"], read["events"], None)
        return registry.person(int(registry.doses.patient[row])).case(row)

    def __str__(self) -> str:
        """The counts and the notes, a line each."""
        lines = [f"{table}: {rows} rows {reason}" for table, reasons in self.counts.items() for reason, rows in reasons.items()]
        return "\n".join([*lines, *self.notes])


class Sorted:
    """Which rows of a table are used, and why the others are not: the first reason that is given for a row counts."""

    def __init__(self, rows: int) -> None:
        self.kept: Array = np.ones(rows, bool)
        self._reasons: Counter[str] = Counter()

    def leave_out(self, rows: Array, reason: str) -> None:
        """Leaves out the rows of a mask that are still in."""
        leaving = self.kept & rows
        if leaving.any():
            self._reasons[f"not used: {reason}"] += int(leaving.sum())
            self.kept &= ~rows

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are used, and how many are not, by reason."""
        return {USED: int(self.kept.sum()), **self._reasons}


def which(column: Words, test: Callable[[str], bool], *, lacking: bool = False) -> Array:
    """The rows whose text passes a test; *lacking* for null."""
    rows: Array = np.array([*(test(text) for text in column.words), lacking], bool)[column.codes]
    return rows


def of_kept(columns: Mapping[str, Any], kept: Array) -> pa.Table:
    """The rows of a mask, as a table."""
    whole = {name: pa.array(values, from_pandas=True) if isinstance(values, np.ndarray) else values for name, values in columns.items()}
    return pa.table(whole).filter(pa.array(kept))


def known_word(kind: type[Analyte | Toxicity], text: str, path: str) -> str:
    """A word that a caller passed in a mapping, as the library spells it.

    Raises:
        FieldError: It is missing or not known.
    """
    value = word(kind, text, path)
    if value is None:
        raise FieldError(path, "is missing", f"use one of {', '.join(kind)}")
    return str(value)


# --- tables ---


def dose_table(columns: Mapping[str, Any], kept: Array, points: Sequence[str | None]) -> pa.Table:
    """The doses that were given. A dose whose point is not known is numbered by its place among the doses of its patient."""
    rows = np.flatnonzero(kept)
    patient, started = (pa.array(columns[name]).to_pylist() for name in ("patient", "started"))
    begins: list[str] = [text if day_of(text) else "9999" for text in started]
    order = sorted(rows.tolist(), key=lambda row: (str(patient[row]), begins[row]))
    place: Counter[object] = Counter()
    point: dict[int, str] = {}
    for row in order:
        place[patient[row]] += 1
        point[row] = points[row] or str(DosePoint.at(place[patient[row]]))
    table = of_kept(columns, kept)
    return table.append_column("point", pa.array([point[row] for row in rows.tolist()], pa.string()))


def lab_table(columns: Mapping[str, Any], kept: Array) -> tuple[pa.Table, tuple[str, ...]]:
    """The results, and notes on those without a number and on those without limits of normal."""
    table = of_kept(columns, kept)
    return table, tuple(_on_results(table))


def _on_results(table: pa.Table) -> Iterator[str]:
    unread = [f"labs[{row}]" for row in np.flatnonzero(np.asarray(table["value"].is_null())).tolist()]
    if unread:
        yield f"{_some(unread, 'result')} no number that can be read: {first_of(unread)}. Each dose that sees it is refused: correct it."
    lacking = pc.sum(pc.and_(table["lower_limit"].is_null(), table["upper_limit"].is_null())).as_py() or 0
    if lacking:
        yield f"{lacking} of {table.num_rows} results have no limits of normal. Grades that need one, as those of liver values, stay open."


def _some(items: Sequence[str], name: str) -> str:
    return f"{len(items)} {name} has" if len(items) == 1 else f"{len(items)} {name}s have"


def first_of(items: Sequence[str]) -> str:
    """The first items of a list, and how many more there are."""
    more = len(items) - _LISTED
    return ", ".join(items[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def event_table(rows: Sequence[Episode], sorting: Sorted) -> tuple[pa.Table, dict[str, int]]:
    """The episodes of these rows, and the counts of their table."""
    episodes, more = joined(rows)
    counts = sorting.counts
    if more:
        counts = {USED: counts[USED] - more, "joined to an episode that began earlier": more} | {
            k: n for k, n in counts.items() if k != USED
        }
    return pa.table(dict(_event_columns(episodes))), counts


def _event_columns(episodes: Sequence[Episode]) -> Iterator[tuple[str, pa.Array]]:
    yield "patient", pa.array([episode.patient for episode in episodes])
    for name in ("toxicity", "scale", "status", "onset", "resolved"):
        yield name, pa.array([getattr(episode, name) for episode in episodes], pa.string())
    for name in ("grade", "current_grade"):
        yield name, pa.array([getattr(episode, name) for episode in episodes], pa.int8())
    yield "other_cause", pa.array([episode.other_cause for episode in episodes], pa.bool_())

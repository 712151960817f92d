"""Some rows of a frame as arrays of numpy, decoded as far as they are asked for. Rows that cannot be decoded exactly are marked as odd."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from attrs import define, field, frozen

from tarlatamab_rules.cohort.frames.buffers import bits_of, is_floating, is_text, ones, raw_of, rows_of
from tarlatamab_rules.cohort.frames.columns import COLUMNS, DEFAULT_UNITS
from tarlatamab_rules.cohort.frames.folds import Coded, nothing
from tarlatamab_rules.cohort.frames.loading import FIXED_ZONES
from tarlatamab_rules.cohort.reading.digits import fifteen_digits
from tarlatamab_rules.cohort.reading.readings import pc
from tarlatamab_rules.inputs.units import step_of_unit

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.inputs.kinds import Kind, Range

    Floats: TypeAlias = npt.NDArray[np.float64]
    Truths: TypeAlias = npt.NDArray[np.bool_]
    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["ABSENT", "EVERYWHERE", "Chunk", "Dates"]

_DAY: Final = 86_400_000_000
"""In microseconds."""
_FIRST_DAY, _LAST_DAY = -25_567, 84_005
"""The first of January 1900 and the last of December 2199, in days since 1970; dates outside are refused."""
ABSENT: Final = -(2**29)
"""The day of a date that is not known."""
NOT_READ: Final = "a value that is not read in columns"
EVERYWHERE: Final = frozenset(name for name, column in COLUMNS.items() if column.part in {"dose", "course"} or name == "events_reviewed")
"""The columns that every part of an assessment depends on."""
OFFSETS: Final = "times with different UTC offsets"


@frozen(eq=False)
class Dates:
    """A column of days or times.

    Attributes:
        days: The day of each, counted from 1970 by the calendar at the site; `ABSENT` if not known.

        known: Whether each is known.

        complete: Whether all are known.

        instants: Microseconds since 1970, comparable between columns; ``None`` if the column holds days.
    """

    days: npt.NDArray[np.int32]
    known: Truths
    complete: bool
    instants: npt.NDArray[np.int64] | None

    def take(self, rows: npt.NDArray[np.intp]) -> Dates:
        """The dates of some rows."""
        instants = None if self.instants is None else self.instants.take(rows)
        known = np.ones(len(rows), bool) if self.complete else self.known.take(rows)
        return Dates(self.days.take(rows), known, self.complete, instants)


@define(eq=False)
class Chunk:
    """Some rows of a frame.

    Attributes:
        columns: The columns of Arrow, by name.

        rows: How many rows there are.

        units: The units of columns without a column of units.

        zone: The time zone of the site of all these rows.

        odd: For each reason and the columns that it is about, the rows that the scalar function answers. Without columns, it answers
            all parts of them.
    """

    columns: Mapping[str, pa.Array | list[Any]]
    rows: int
    units: Mapping[str, str]
    zone: str | None
    odd: dict[tuple[str, frozenset[str]], Truths] = field(factory=dict)

    def mark(self, rows: Truths, *names: str, why: str = NOT_READ) -> None:
        """Marks rows whose values in some columns are not coded. Without columns, or if every part depends on one, it marks whole rows."""
        if rows.any():
            key = why, frozenset() if EVERYWHERE.intersection(names) else frozenset(names)
            self.odd[key] = self.odd[key] | rows if key in self.odd else rows.copy()

    def whole(self) -> Truths:
        """The rows of which the scalar function answers all parts."""
        return self._any(mask for (_, names), mask in self.odd.items() if not names)

    def odd_in(self, columns: frozenset[str]) -> Truths:
        """The rows with a value in some columns that is not coded."""
        return self._any(mask for (_, names), mask in self.odd.items() if names & columns)

    def _any(self, masks: Iterable[Truths]) -> Truths:
        together = np.zeros(self.rows, bool)
        for mask in masks:
            together |= mask
        return together

    def of_rows(self, rows: npt.NDArray[np.intp], names: Iterable[str]) -> Chunk:
        """Some rows and columns as a chunk of their own."""
        held = {name: self.columns[name] for name in names if name in self.columns}
        return Chunk({name: rows_of(column, rows) for name, column in held.items()}, len(rows), self.units, self.zone)

    def mark_as(self, part: Chunk, rows: npt.NDArray[np.intp]) -> None:
        """Marks rows as a chunk of these rows has marked its own."""
        for (why, names), marked in part.odd.items():
            mask = np.zeros(self.rows, bool)
            mask[rows] = marked
            self.mark(mask, *names, why=why)

    def present(self, name: str) -> Truths:
        """The rows with a value in a column."""
        return self._present(self.columns[name])

    def has(self, name: str) -> bool:
        """Whether the frame has a column."""
        return name in self.columns

    # --- words and truth values ---

    def words(self, name: str) -> tuple[Codes, list[str | None]] | None:
        """A code a row and the words that the codes mean; -1 for a word that is not known. ``None`` without the column."""
        column = self.columns.get(name)
        if column is None:
            return None
        if isinstance(column, list) or not is_text(column.type):
            self.mark(self._present(column), name)
            return np.full(self.rows, -1, np.int32), []
        coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        codes, words = raw_of(coded.indices), coded.dictionary.to_pylist()
        codes = codes.astype(np.int32, copy=False)
        return codes | ones(self._present(coded), np.int32) if coded.null_count else codes, words

    def by_word(self, name: str, codes_of: Callable[[Sequence[str | None]], Codes], absent: int) -> Codes:
        """A code for each row by its word; *absent* for one that is not known, and without the column."""
        column = self.columns.get(name)
        if column is None or isinstance(column, list) or not is_text(column.type):
            if column is not None:
                self.mark(self._present(column), name)
            return np.full(self.rows, absent, np.int8)
        coded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
        of_words, places = codes_of(coded.dictionary.to_pylist()), raw_of(coded.indices)
        if not len(of_words):
            return np.full(self.rows, absent, np.int8)
        if not coded.null_count:
            return of_words.take(places, mode="wrap")
        missing, kind = ones(self._present(coded), of_words.dtype.type), of_words.dtype.type
        return (of_words.take(places, mode="wrap") & ~missing) | (missing & kind(absent))

    def word_codes(self, name: str) -> Coded:
        """A column of enumerated words as codes: the place of the word; one more for a word that is not known."""
        if not self.has(name):
            return nothing(self.rows)
        known: dict[str | None, int] = {word: code for code, word in enumerate(COLUMNS[name].words)}
        absent = known[None] = len(known)
        places = self.by_word(name, lambda words: np.array([known.get(word, absent + 1) for word in words], np.int8), absent)
        if places.max(initial=0) > absent:
            self.mark(places > absent, name)
            places = np.minimum(places, np.int8(absent))
        return Coded(places, absent + 1)

    def truths(self, name: str) -> Coded:
        """A column of truth values as codes: 0 for false, 1 for true, 2 for not known."""
        column = self.columns.get(name)
        if column is None:
            return nothing(self.rows)
        if isinstance(column, list) or not pa.types.is_boolean(column.type):
            self.mark(self._present(column), name)
            return Coded(np.full(self.rows, 2, np.int8), 3)
        codes = bits_of(column, 1).view(np.int8)
        if column.null_count:
            known = self._present(column).view(np.int8)
            codes &= known
            codes += 2 * (1 - known)
        return Coded(codes, 3)

    def _present(self, column: pa.Array | list[Any]) -> Truths:
        if not isinstance(column, list) and not column.null_count:
            return np.ones(self.rows, bool)
        if isinstance(column, list):
            return np.array([item is not None for item in column], bool)
        if column.buffers()[0] is None:  # such as a column of nothing but nulls
            present: Truths = column.is_valid().to_numpy(zero_copy_only=False)
            return present
        return bits_of(column, 0)

    # --- numbers ---

    def numbers(self, name: str) -> Floats | None:
        """A column of numbers, NaN for one that is not known; ``None`` without the column."""
        column = self.columns.get(name)
        if column is None:
            return None
        values = self.raw(name)
        if values is None:
            self.mark(self.present(name), name)
            return np.full(self.rows, np.nan)
        absent = np.isnan(values)
        if int(np.count_nonzero(absent)) != self.absent(name):
            self.mark(absent & self.present(name), name)
        if not is_floating(column) or np.isinf(values).any():
            self.mark(np.abs(values) >= 2.0**53, name)
        return values

    def raw(self, name: str) -> Floats | None:
        """A column of numbers as it is, NaN for null; ``None`` without the column, or if it holds something else."""
        column = self.columns.get(name)
        if column is None or isinstance(column, list) or not (is_floating(column) or pa.types.is_integer(column.type)):
            return None
        values: Floats = raw_of(column).astype(np.float64, copy=False)
        if not column.null_count:
            return values
        return (values.view(np.int64) | ones(self._present(column), np.int64)).view(np.float64)  # all bits of NaN may be set

    def absent(self, name: str) -> int:
        """How many values of a column are null."""
        column = self.columns[name]
        return sum(item is None for item in column) if isinstance(column, list) else column.null_count

    def one_value(self, name: str) -> float | None:
        """The number that all rows have in a column, NaN if all are null; ``None`` if they differ."""
        if self.absent(name) == self.rows:
            return float("nan")
        values = self.raw(name)
        if values is None or self.absent(name) or not (values == values[0]).all():
            return None
        return float(values[0])

    def one_unit(self, name: str) -> str | None:
        """The unit that all rows have in a column; ``None`` if they differ or have none."""
        found = self.words(f"{name}_unit")
        if found is None:
            return self.units.get(name, DEFAULT_UNITS.get(name))
        codes, words = found
        first = int(codes[0])
        if first >= 0 and (codes == first).all():
            return words[first]
        return None

    @staticmethod
    def step(unit: str, kind: Kind) -> float | None:
        """The factor from a unit to that of a kind; ``None`` if there is none."""
        step = step_of_unit(kind, unit)
        return None if step is None or step[1] else step[0]

    def wholes(self, name: str, low: int, high: int) -> Coded:
        """A column of whole numbers as codes, from 0 for *low*; one more for a number that is not known."""
        values, size = self.numbers(name), high - low + 2
        if values is None:
            return nothing(self.rows)
        absent = np.isnan(values)
        codes = np.where(absent, 0, values - low).clip(-1, size).astype(np.int8)
        wrong = ((codes < 0) | (codes >= size - 1) | (codes + low != values)) & ~absent
        self.mark(wrong, name)
        codes[absent | wrong] = size - 1
        return Coded(codes, size)

    def amounts(self, name: str, kind: Kind, within: Range, of: str = "", where: Truths | None = None) -> Floats | None:
        """A column of quantities in the unit of a kind, as the library keeps them; NaN for one that is not known.

        Args:
            name: The column.

            kind: What it measures.

            within: The numbers that it may have. Rows with others are marked.

            of: The column whose unit it has; its own if left out.

            where: The rows in which it counts; all if left out.
        """
        values = self.numbers(name)
        if values is None:
            return None
        if where is not None and not where.all():
            values = np.where(where, values, np.nan)
        known = ~np.isnan(values)
        kept = values.copy()
        for unit, rows in self._units(of or name, known):
            step = None if unit is None else step_of_unit(kind, unit)
            if step is None or step[1]:  # an offset is kept to fewer digits
                self.mark(rows, name)
                continue
            kept = np.where(rows, values * step[0], kept) if step[0] != 1 else kept
        kept = fifteen_digits(kept)
        with np.errstate(invalid="ignore"):
            good = (kept >= within.least) & (kept <= within.greatest)
            if within.zero:
                good |= kept == 0
            if within.least <= 0 and not within.zero:
                good &= kept > 0
        self.mark(known & ~good, name)
        return kept

    def _units(self, name: str, known: Truths) -> Iterator[tuple[str | None, Truths]]:
        """Each unit of a column, with its rows."""
        found, rest = self.words(f"{name}_unit"), self.units.get(name, DEFAULT_UNITS.get(name))
        if found is None:
            yield rest, known
            return
        codes, words = found
        for code, word in enumerate(words):
            rows = known & (codes == code)
            if rows.any():
                yield word if word is not None else rest, rows
        rows = known & (codes < 0)
        if rows.any():
            yield rest, rows

    # --- dates ---

    def dates(self, name: str) -> Dates | None:
        """A column of days or times; ``None`` without the column, or if it holds something else."""
        column = self.columns.get(name)
        if column is None:
            return None
        if isinstance(column, list) or not (pa.types.is_date32(column.type) or pa.types.is_timestamp(column.type)):
            self.mark(self._present(column))  # whole rows: times with and without an offset do not go together
            return None
        known, complete = self._present(column), column.null_count == 0
        if pa.types.is_date32(column.type):
            days, instants = raw_of(column), None
        else:
            raw = raw_of(column.view(pa.int64()))
            instants = raw if complete else np.where(known, raw, 0)
            days = np.floor_divide(self._local(column, instants), _DAY).astype(np.int32)
        if days.max(initial=0) > _LAST_DAY or days.min(initial=0) < _FIRST_DAY:
            self.mark(known & ((days < _FIRST_DAY) | (days > _LAST_DAY)), name)
            days = np.clip(days, _FIRST_DAY, _LAST_DAY)
        if not complete:
            absent = ones(known, np.int32)
            days = (days & ~absent) | (absent & np.int32(ABSENT))
        return Dates(days, known, complete, instants)

    def _local(self, column: pa.Array, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The times on the clock by which days are counted, in microseconds."""
        tz = column.type.tz
        zone = tz if self.zone is None else self.zone
        if tz is None or zone in FIXED_ZONES:
            return instants
        return _moved(column, zone)

    @cached_property
    def clocks(self) -> frozenset[str | None]:
        """The time zones of the columns of times; ``None`` for times without one."""
        times = [column for column in self.columns.values() if not isinstance(column, list) and pa.types.is_timestamp(column.type)]
        return frozenset(column.type.tz for column in times if column.null_count < self.rows)

    def check_clocks(self) -> None:
        """Marks the rows whose times can be read in more than one way, or cannot be put in order."""
        clocks = self.clocks
        if None in clocks and len(clocks) > 1:
            self.mark(np.ones(self.rows, bool), why=OFFSETS)
            return
        if self.zone is not None or None in clocks or (len(clocks) == 1 and clocks <= FIXED_ZONES) or not clocks:
            return
        low = high = np.full(self.rows, np.iinfo(np.int64).min)
        high, seen = np.full(self.rows, np.iinfo(np.int64).max), np.zeros(self.rows, bool)
        low, high = np.full(self.rows, np.iinfo(np.int64).max), np.full(self.rows, np.iinfo(np.int64).min)
        for column in self.columns.values():
            if not isinstance(column, list) and pa.types.is_timestamp(column.type) and column.null_count < self.rows:
                known = self._present(column)
                utc = column.view(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
                offset = utc if column.type.tz in FIXED_ZONES else _moved(column, column.type.tz)
                offset = offset - utc
                low, high = np.where(known, np.minimum(low, offset), low), np.where(known, np.maximum(high, offset), high)
                seen |= known
        self.mark(seen & (low != high), why=OFFSETS)


def _moved(column: pa.Array, zone: str) -> npt.NDArray[np.int64]:
    """The times of a column on the clock of a zone, in microseconds."""
    local = pc.local_timestamp(column.cast(pa.timestamp("us", zone)))
    times: npt.NDArray[np.int64] = local.view(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return times

"""The facts of a chunk as codes, each cut where the book distinguishes values."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tarlatamab_rules.cohort.frames.chunks import ABSENT, Chunk, Dates
from tarlatamab_rules.cohort.frames.cuts import BOTH_ABSENT, FARTHEST, LAST_NUMBER, BookCuts, DayBands
from tarlatamab_rules.cohort.frames.folds import Chain, Coded, nothing
from tarlatamab_rules.cohort.frames.parts import columns_of
from tarlatamab_rules.cohort.frames.schedule import regular_doses
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.course import DOSES, DosePoint
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.inputs.vocabulary import Toxicity

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["ORDER", "Facts", "Memory", "gap", "strictly_later", "taken"]

ORDER: Final = DayBands.cut_at(())
"""Bands that tell only which of two days is the earlier one, and whether they are neighbours."""
_AMOUNTS: Final = 64
"""How many different amounts are distinguished; rows with more go to the scalar function."""


def taken(dates: Dates | None, rows: Rows) -> Dates | None:
    """The dates of some rows."""
    return None if dates is None else dates.take(rows)


def gap(first: Dates | None, second: Dates | None, bands: DayBands, rows: int) -> Coded:
    """The days from one date to another as codes. On one day, the times decide; a missing date and a missing time have their own codes."""
    if first is None or second is None:
        alone = second if first is None else first
        return nothing(rows) if alone is None else Coded(alone.known.view(np.int8), 2)
    days = second.days - first.days
    days += FARTHEST
    codes = bands.codes.take(days, mode="clip")
    if first.instants is not None or second.instants is not None:
        same = np.flatnonzero(days == FARTHEST)
        if len(same):
            codes[same] = bands.bands + _on_one_day(first, second, same)
    if not first.complete and not second.complete:
        codes[~(first.known | second.known)] = bands.bands + BOTH_ABSENT
    return Coded(codes, bands.size)


def _on_one_day(first: Dates, second: Dates, rows: Rows) -> Codes | int:
    """How two dates lie on one day: earlier, at once, later; or one of them, or both, have no time."""
    if first.instants is None or second.instants is None:
        return 3 + (first.instants is not None)
    apart: Codes = np.sign(second.instants.take(rows) - first.instants.take(rows))
    return 1 - apart


def strictly_later(coded: Coded, rows: int) -> Truths:
    """Of codes with `ORDER`: whether the second date is certainly after the first."""
    return _LATER.take(coded.codes) if coded.size == ORDER.size else np.zeros(rows, bool)


_LATER: Final = np.isin(np.arange(ORDER.size), [*ORDER.codes[FARTHEST + 1 : -1], ORDER.bands])
"""For each code of `ORDER`, whether the second date is certainly the later one."""


class Memory:
    """What is remembered from chunk to chunk: the numbers of combinations, and the amounts that occurred."""

    def __init__(self) -> None:
        self._chains: dict[object, Chain] = {}
        self._amounts: dict[str, list[float]] = {}
        self._raw: dict[tuple[str, str], dict[float, int]] = {}
        self._texts: dict[str, dict[str, int]] = {}
        self.bands: dict[tuple[object, str], Any] = {}

    def chain(self, name: object) -> Chain:
        """The chain of a name."""
        return self._chains.setdefault(name, Chain())

    def texts(self, name: str) -> dict[str, int]:
        """The texts of a column that occurred, each with its number."""
        return self._texts.setdefault(name, {})

    def again(self, name: str, unit: str, raw: npt.NDArray[np.float64], absent: int) -> Codes | None:
        """The codes of amounts as a column holds them, if all but the *absent* ones occurred before; else ``None``."""
        codes = np.zeros(len(raw), np.int8)
        for amount, code in self._raw.get((name, unit), {}).items():
            codes += (raw == amount).view(np.int8) * np.int8(code)
        return codes if len(raw) - int(np.count_nonzero(codes)) == absent else None

    def keep(self, name: str, unit: str, raw: npt.NDArray[np.float64], codes: Codes) -> None:
        """Remembers the codes of amounts as a column holds them."""
        known = dict(self._raw.get((name, unit), {}))
        places = np.unique(codes, return_index=True)[1]
        known |= {float(raw[place]): int(codes[place]) for place in places.tolist() if codes[place]}
        self._raw[name, unit] = known

    def amounts(self, name: str, values: npt.NDArray[np.float64]) -> tuple[Codes, Truths]:
        """Each different amount as a code, 0 if it is not known; and the rows with an amount too many."""
        known = self._amounts.setdefault(name, [])
        codes, rest = np.zeros(len(values), np.int8), ~np.isnan(values)
        for code, amount in enumerate(known, 1):
            alike = values == amount
            codes[alike] = code
            rest &= ~alike
        if rest.any():
            for amount in np.unique(values[rest]).tolist():
                if len(known) < _AMOUNTS - 1 and amount not in known:
                    known.append(amount)
                    alike = values == amount
                    codes[alike] = known.index(amount) + 1
                    rest &= ~alike
        return codes, rest


class Facts:
    """The facts of a chunk, coded as they are asked for."""

    chunk: Chunk
    cuts: BookCuts
    memory: Memory
    rows: int
    start: Dates | None
    previous: Dates | None

    def __init__(self, chunk: Chunk, cuts: BookCuts, memory: Memory) -> None:
        self.chunk, self.cuts, self.memory, self.rows = chunk, cuts, memory, chunk.rows
        self.draws: list[tuple[Dates | None, Coded]] = []
        self.start, self.previous = chunk.dates("planned_start"), chunk.dates("previous_started")

    # --- the planned dose and the course ---

    def _numbers(self, name: str) -> npt.NDArray[np.int16]:
        """The place of each dose in the schedule; 0 if it is not known."""
        numbers = self.chunk.by_word(name, lambda words: np.array([*map(_place, words)], np.int16), 0)
        if numbers.min(initial=0) < 0:
            self.chunk.mark(numbers < 0)
            numbers = np.maximum(numbers, np.int16(0))
        return numbers

    @cached_property
    def number(self) -> npt.NDArray[np.int16]:
        """The place of the planned dose in the schedule."""
        numbers = self._numbers("point")
        self.chunk.mark(numbers == 0)
        return np.maximum(numbers, np.int16(1))

    @cached_property
    def last(self) -> npt.NDArray[np.int16]:
        """The place of the previous dose; 0 if it is not known."""
        return self._numbers("previous_point")

    @cached_property
    def place(self) -> Coded:
        """The class of the planned dose."""
        classes = self.cuts.points
        return Coded(classes.take(self.number), int(classes.max()) + 1)

    @cached_property
    def regular(self) -> Coded:
        """Whether the doses before the previous one were regular."""
        return self.chunk.word_codes("course_before")

    def _amount(self, name: str) -> Coded:
        raw, unit = self.chunk.raw(name), self.chunk.one_unit(name)
        if raw is not None and unit is not None and (codes := self.memory.again(name, unit, raw, self.chunk.absent(name))) is not None:
            return Coded(codes, _AMOUNTS)
        values = self.chunk.amounts(name, MASS, DOSES)
        if values is None:
            return nothing(self.rows)
        codes, many = self.memory.amounts(name, values)
        if raw is not None and unit is not None and not self.chunk.whole().any():
            self.memory.keep(name, unit, raw, codes)
        self.chunk.mark(many, why=f"more than {_AMOUNTS - 1} amounts")
        return Coded(codes, _AMOUNTS)

    @cached_property
    def ordered(self) -> Coded:
        """The ordered amount."""
        return self._amount("ordered")

    @cached_property
    def amount(self) -> Coded:
        """The amount of the previous dose."""
        return self._amount("previous_amount")

    @cached_property
    def doses(self) -> Coded:
        """The planned and the previous dose: by class if one follows the other and no fact of the course is missing, else as they are."""
        number, last, size = self.number, self.last, self.place.size
        alone = (last == 0).view(np.int8)
        codes, more = self.place.codes + alone * np.int16(size), 0
        exact = (last != number - 1) | self._lacking
        exact &= ~alone.view(bool)
        if exact.any():
            rows = np.flatnonzero(exact)
            pairs = self.memory.chain("doses")((Coded(number.take(rows), LAST_NUMBER + 1), Coded(last.take(rows), LAST_NUMBER + 1)))
            codes, more = codes.astype(np.int32), pairs.size
            codes[rows] = 2 * size + pairs.codes
        return Coded(codes, 2 * size + more, grows=True)

    @cached_property
    def _lacking(self) -> Truths:
        """Whether a fact of the previous dose, or the planned start, is missing, so that an answer may name it."""
        lacking: Truths = self.amount.codes == 0
        for dates in (self.start, self.previous):
            if dates is None:
                return np.ones(self.rows, bool)
            if not dates.complete:
                lacking |= ~dates.known
        return lacking

    @cached_property
    def since_last(self) -> Coded:
        """The days from the previous dose to the planned one."""
        return gap(self.previous, self.start, self.cuts.since_last, self.rows)

    @cached_property
    def course(self) -> Coded:
        """The course and the planned start, as one code."""
        self._check_course()
        return self.memory.chain("course")((self.doses, self.regular, self.amount, self.since_last))

    def _check_course(self) -> None:
        """Marks rows with other facts of a previous dose that is not named."""
        alone = self.last == 0
        if alone.any():
            known = self.amount.codes > 0
            if self.previous is not None:
                known |= self.previous.known
            self.chunk.mark(alone & known)

    def first(self, rows: Rows, previous: Dates | None) -> Dates | None:
        """For some rows, the day of the first dose of a regular course, if it is another dose than the previous one."""
        if previous is None or self.regular.size == 1:
            return None
        last = self.last.take(rows)
        known = previous.known & (last > 1) & (self.regular.codes.take(rows) == 0)
        days = np.where(known, previous.days - self._since_first.take(last), np.int32(ABSENT))
        return Dates(days, known, complete=False, instants=None)

    @cached_property
    def _since_first(self) -> npt.NDArray[np.int32]:
        """The days from the first dose to each dose of a regular course."""
        doses = regular_doses(int(self.last.max(initial=0)), self.cuts.book)
        return np.array([0, *(days for _, days, _ in doses), *[0] * (int(self.last.max(initial=0)) - len(doses))], np.int32)

    # --- events ---

    @cached_property
    def reviewed(self) -> Coded:
        """Whether the toxicities are known."""
        if not self.chunk.has("events_reviewed"):
            return nothing(self.rows)
        return Coded((self.chunk.truths("events_reviewed").codes == 1).astype(np.int8), 2)

    def reported(self, toxicity: Toxicity) -> Rows:
        """The rows that report an episode of a toxicity."""
        held = [name for name in columns_of((f"events.{toxicity}",)) if self.chunk.has(name) and self.chunk.absent(name) < self.rows]
        if not held:
            return np.zeros(0, np.intp)
        present = np.zeros(self.rows, bool)
        for name in held:
            present |= self.chunk.present(name)
        self.chunk.mark(present & (self.reviewed.codes == 0), "events_reviewed")
        return np.flatnonzero(present)


@lru_cache(maxsize=4096)
def _place(word: str | None) -> int:
    """The place of a dose in the schedule; 0 if it is not known, -1 if it is no dose."""
    try:
        return 0 if word is None else DosePoint.of(word).number
    except FieldError:
        return -1

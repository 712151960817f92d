"""The facts of a chunk as codes, each cut where the book tells values apart."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tarlatamab_rules.cohort._extra import np
from tarlatamab_rules.cohort.chunks import NOT_READ, Chunk, Dates
from tarlatamab_rules.cohort.coders import band_codes, sides
from tarlatamab_rules.cohort.columns import COLUMNS, prefix_of
from tarlatamab_rules.cohort.cuts import LAST_NUMBER, BookCuts, DayBands
from tarlatamab_rules.cohort.folds import Chain, Coded
from tarlatamab_rules.cohort.schedule import regular_doses
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.course import DOSES, DosePoint
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["ORDER", "Facts", "Memory", "gap", "strictly_later"]

ORDER: Final = DayBands.cut_at(())
"""Bands that tell only which of two days is the earlier one, and whether they are neighbours."""
_SAME_DAY, _UNKNOWN = 6, 3
"""How many ways two dates may lie on one day, and how many ways one of them may be missing."""
_AMOUNTS: Final = 64
"""How many different amounts are told apart; rows with more go to the scalar function."""


def gap(first: Dates | None, second: Dates | None, bands: DayBands, rows: int) -> Coded:
    """The days from one date to another as codes. On one day, the times decide; a missing date and a missing time have their own codes."""
    size = bands.size + _SAME_DAY + _UNKNOWN
    if first is None or second is None:
        known = second.known if first is None and second is not None else first.known if first is not None else None
        lacking = 0 if first is None else 1
        codes = np.full(rows, size - 1, np.int16)
        if known is not None:
            codes[known] = bands.size + _SAME_DAY + lacking
        return Coded(codes, size)
    days = second.days - first.days
    codes = bands.codes.take(days + bands.reach, mode="clip")
    same = np.flatnonzero(days == 0)
    if len(same):
        codes[same] = bands.size + _on_one_day(first, second, same)
    if not (first.known.all() and second.known.all()):
        codes[~first.known] = bands.size + _SAME_DAY
        codes[~second.known] = bands.size + _SAME_DAY + 1
        codes[~first.known & ~second.known] = size - 1
    return Coded(codes, size)


def _on_one_day(first: Dates, second: Dates, rows: Rows) -> Codes | int:
    """How two dates lie on one day: earlier, at once, later; or one of them, or both, have no time."""
    if first.instants is None or second.instants is None:
        return 3 + (first.instants is None) + 2 * (second.instants is None) - 1
    apart = np.sign(second.instants.take(rows) - first.instants.take(rows))
    return (1 - apart).astype(np.int16)


def strictly_later(coded: Coded) -> Truths:
    """Of codes with `ORDER`: whether the second date is certainly after the first."""
    one_day = ORDER.size
    return ((coded.codes >= ORDER.codes[ORDER.reach + 1]) & (coded.codes < one_day)) | (coded.codes == one_day)


class Memory:
    """What is remembered from chunk to chunk: the numbers of combinations, and the amounts that occurred."""

    def __init__(self) -> None:
        self._chains: dict[object, Chain] = {}
        self._amounts: dict[str, list[float]] = {}
        self._texts: dict[str, dict[str, int]] = {}

    def chain(self, name: object) -> Chain:
        """The chain of a name."""
        return self._chains.setdefault(name, Chain())

    def texts(self, name: str) -> dict[str, int]:
        """The texts of a column that occurred, each with its number."""
        return self._texts.setdefault(name, {})

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

    def __init__(self, chunk: Chunk, cuts: BookCuts, memory: Memory) -> None:
        self.chunk, self.cuts, self.memory, self.rows = chunk, cuts, memory, chunk.rows
        self.draws: list[tuple[Dates | None, DayBands, Codes]] = []
        self.start, self.previous = chunk.dates("planned_start"), chunk.dates("previous_started")

    # --- the planned dose and the course ---

    def _numbers(self, name: str) -> npt.NDArray[np.int32]:
        """The place of each dose in the schedule; 0 if it is not known."""
        found = self.chunk.words(name)
        if found is None:
            return np.zeros(self.rows, np.int32)
        codes, words = found
        places = [*map(_place, words), 0]
        numbers = np.array(places, np.int32).take(codes, mode="wrap")
        if -1 in places:
            self.chunk.mark(numbers < 0)
            numbers = np.maximum(numbers, 0)
        return numbers

    @cached_property
    def number(self) -> npt.NDArray[np.int32]:
        """The place of the planned dose in the schedule."""
        numbers = self._numbers("point")
        self.chunk.mark(numbers == 0)
        return np.maximum(numbers, 1)

    @cached_property
    def last(self) -> npt.NDArray[np.int32]:
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

    @cached_property
    def is_regular(self) -> Truths:
        """As `regular`, as truth values."""
        return (self.regular.codes == 0) & (self.regular.size > 1)

    def _amount(self, name: str) -> Coded:
        values = self.chunk.amounts(name, MASS, DOSES)
        if values is None:
            return Coded(np.zeros(self.rows, np.int8), 1)
        codes, many = self.memory.amounts(name, values)
        self.chunk.mark(many, f"more than {_AMOUNTS - 1} amounts")
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
        codes = self.place.codes.astype(np.int32)
        follows = last == number - 1
        if not follows.all() or not self._dated:
            alone = last == 0
            open_ = self._lacking
            exact = (~follows | open_) & ~alone
            codes[alone] += size
            rows = np.flatnonzero(exact)
            if len(rows):
                codes[rows] = 2 * size + self.memory.chain("doses")(
                    (Coded(number.take(rows), LAST_NUMBER + 1), Coded(last.take(rows), LAST_NUMBER + 1))
                )
        return Coded(codes)

    @cached_property
    def _dated(self) -> bool:
        return not self._lacking.any()

    @cached_property
    def _lacking(self) -> Truths:
        """Whether a fact of the previous dose, or the planned start, is missing, so that an answer may name it."""
        lacking = self.amount.codes == 0
        for dates in (self.start, self.previous):
            lacking |= True if dates is None else ~dates.known
        return lacking

    @cached_property
    def since_last(self) -> Coded:
        """The days from the previous dose to the planned one."""
        return gap(self.previous, self.start, self.cuts.since_last, self.rows)

    @cached_property
    def course(self) -> Codes:
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
            self.chunk.mark(alone & known, NOT_READ)

    @cached_property
    def first(self) -> Dates | None:
        """The day of the first dose of a regular course, where it is another dose than the previous one."""
        if self.previous is None:
            return None
        before = self.is_regular & (self.last > 1)
        days = np.where(before, self.previous.days - self._since_first.take(np.where(before, self.last, 0)), self.previous.days)
        return Dates(days.astype(np.int32), self.previous.known & before, None)

    @cached_property
    def _since_first(self) -> npt.NDArray[np.int32]:
        """The days from the first dose to each dose of a regular course."""
        doses = regular_doses(int(self.last.max(initial=0)), self.cuts.book)
        return np.array([0, *(days for _, days, _ in doses), *[0] * (int(self.last.max(initial=0)) - len(doses))], np.int32)

    # --- results ---

    def value(self, analyte: Analyte) -> tuple[Codes, Codes]:
        """The value of a result with its limits, as one code, 0 if there is none; and its side of the upper limit."""
        chunk, name, ranges = self.chunk, prefix_of(analyte), RANGES[analyte]
        kind, cuts = KINDS[analyte], self.cuts.labs[analyte]
        value = chunk.amounts(name, kind, ranges.quantity)
        if value is None or np.isnan(value).all():
            return np.zeros(self.rows, np.int32), np.zeros(self.rows, np.int8)
        known = ~np.isnan(value)
        of = {"quantity": value}
        for fact in ("upper_limit", "lower_limit", "baseline"):
            limit = self._beside(f"{name}_{fact}", analyte, fact)
            if limit is not None:
                of[fact] = limit if known.all() else np.where(known, limit, np.nan)
        above = sides(value, of["upper_limit"]) if "upper_limit" in of else np.full(self.rows, 3, np.int8)
        codes = self.memory.chain(("value", analyte))(self._value_facts(of, above, cuts))
        codes = codes + 1
        if not known.all():
            codes[~known], above[~known] = 0, 0
        return codes, above

    def _beside(self, column: str, analyte: Analyte, fact: str) -> npt.NDArray[np.float64] | None:
        """A limit or the baseline of an analyte."""
        chunk, name = self.chunk, prefix_of(analyte)
        raw, value = chunk.numbers(column), chunk.numbers(name)
        if raw is None or value is None:
            return None
        return chunk.amounts(column, KINDS[analyte], getattr(RANGES[analyte], fact), name, ~np.isnan(value))

    def _value_facts(self, of: dict[str, npt.NDArray[np.float64]], above: Codes, cuts: Any) -> Iterator[Coded]:  # noqa: ANN401  # of the cuts
        value = of["quantity"]
        yield Coded(band_codes(value, cuts.value), len(cuts.value) + 1)
        if "upper_limit" in of:
            yield Coded(above, 4)
        upper = of.get("upper_limit", np.full(self.rows, np.nan))
        if cuts.plausible is not None:
            upper = np.where(np.isnan(upper), cuts.plausible, upper)
        divisors = {**of, "upper_limit": upper}
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for (dividend, divisor), at in cuts.ratios.items():
                if dividend in of and (divisor in of or (divisor == "upper_limit" and cuts.plausible is not None)):
                    yield Coded(band_codes(of[dividend] / divisors[divisor], at), len(at) + 1)
        for one, other in (
            ("quantity", "lower_limit"),
            ("baseline", "upper_limit"),
            ("baseline", "lower_limit"),
            ("lower_limit", "upper_limit"),
        ):
            if one in of and other in of:
                yield Coded(sides(of[one], of[other]), 4)
        for fact in ("baseline", "lower_limit", "upper_limit"):
            if fact in of:
                yield Coded(np.isnan(of[fact]).astype(np.int8), 2)

    # --- events ---

    @cached_property
    def reviewed(self) -> Coded:
        """Whether the toxicities are known."""
        codes = self.chunk.truths("events_reviewed").codes
        return Coded((codes == 1).astype(np.int8), 2)

    def grade(self, name: str) -> Coded:
        """A column of grades."""
        return self.chunk.wholes(name, Grade.NONE, Grade.DEATH)

    def reported(self, toxicity: Toxicity) -> Rows:
        """The rows that report an episode of a toxicity."""
        names = [column.name for column in COLUMNS.values() if column.part == f"events.{toxicity}" and self.chunk.has(column.name)]
        present = np.zeros(self.rows, bool)
        for name in names:
            present |= self.chunk.present(name)
        if present.any():
            self.chunk.mark(present & (self.reviewed.codes == 0), NOT_READ)
        return np.flatnonzero(present)


def _place(word: str | None) -> int:
    """The place of a dose in the schedule; 0 if it is not known, -1 if it is no dose."""
    try:
        return 0 if word is None else DosePoint.of(word).number
    except FieldError:
        return -1

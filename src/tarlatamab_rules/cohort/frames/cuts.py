"""Where a book distinguishes numbers, days and doses. Every cut is taken from its tables and from the house; none is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cached_property, lru_cache
from itertools import product
from math import isfinite, nextafter
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.assessment.candidates import ratios
from tarlatamab_rules.assessment.dates import DOUBT_DAYS
from tarlatamab_rules.assessment.lab_unused import open_needs
from tarlatamab_rules.cohort.reading.coders import day_bands, first_at_15_digits
from tarlatamab_rules.core.axes import Axis, Cuts
from tarlatamab_rules.inputs.analytes import UPPER_LIMITS, Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Scale, Toxicity
from tarlatamab_rules.rulebooks import facts
from tarlatamab_rules.rulebooks._registry import get
from tarlatamab_rules.rulebooks.questions import (
    CRS_GRADE,
    DRUG_INDUCED_LIVER_INJURY,
    FEBRILE_NEUTROPENIA,
    LAB_GRADE,
    LAB_TOXICITY,
    NEXT_DOSE,
    TOXICITY_ACTION,
)
from tarlatamab_rules.rules.course import least_days
from tarlatamab_rules.rules.labs import RECENT_DAYS

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.core.tables import Table
    from tarlatamab_rules.rulebooks._book import Rulebook

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["BOTH_ABSENT", "FARTHEST", "FIRST_ABSENT", "LAST_NUMBER", "SECOND_ABSENT", "BookCuts", "DayBands", "LabCuts"]

LAST_NUMBER: Final = DosePoint(999, 15).number
"""The place of the last dose that can be named."""
_EXACT: Final = 8
"""Up to this dose each is coded by itself; after it, a dose as one of its day of the cycle. No rule looks back on more doses."""


@frozen(eq=False)
class DayBands:
    """Numbers of days, cut into bands.

    Attributes:
        cuts: Where they are cut.

        codes: The band of each number of days from minus `FARTHEST` to `FARTHEST`; on one day, of two dates without times; at the ends, of
            dates of which the second or the first is not known.

        bands: How many bands there are; after them come the codes of dates on one day, and of dates that are not known.
    """

    cuts: frozenset[int]
    codes: Codes
    bands: int

    @classmethod
    def cut_at(cls, cuts: Iterable[int]) -> DayBands:
        """Bands that begin at each of some numbers of days and at those next to it, in either direction."""
        return _day_bands(frozenset({sign * cut + more for cut in {0, 1, *cuts} for sign in (-1, 1) for more in (-1, 0, 1)}))

    @property
    def size(self) -> int:
        """How many codes there are."""
        return self.bands + WAYS


@lru_cache(maxsize=64)
def _day_bands(near: frozenset[int]) -> DayBands:
    """The bands between cuts. Toxicities share most of them, and making one takes milliseconds."""
    codes = day_bands(near, -FARTHEST, FARTHEST)
    bands = int(codes.max()) + 1
    codes[FARTHEST], codes[0], codes[-1] = bands + UNTIMED, bands + SECOND_ABSENT, bands + FIRST_ABSENT
    return DayBands(near, codes.astype(np.int8 if bands + WAYS < _INT8 else np.int16), bands)


FARTHEST: Final = 120_000
"""In days. No two dates of a case are as far apart."""
UNTIMED: Final = 5
FIRST_ABSENT: Final = 6
SECOND_ABSENT: Final = 7
BOTH_ABSENT: Final = 8
WAYS: Final = 9
"""After the bands: six ways in which two dates may lie on one day, and three in which one of them may be missing."""
_INT8: Final = 128


@frozen(eq=False)
class LabCuts:
    """Where values of an analyte are distinguished.

    Attributes:
        value: The cuts of the value alone.

        ratios: The cuts of each ratio, by dividend and divisor, as floats that need no rounding.

        plausible: The least and the greatest limit that may be meant by a missing upper limit; ``None`` if none counts in its place.
    """

    value: tuple[float, ...]
    ratios: Mapping[tuple[str, str], tuple[float, ...]]
    plausible: tuple[float, float] | None


@frozen(eq=False)
class BookCuts:
    """Where a book distinguishes facts.

    Attributes:
        book: The book.

        max_age: The maximum age of results.
    """

    book: Rulebook
    max_age: timedelta | None = field(repr=False)

    @cached_property
    def points(self) -> Codes:
        """A class for each place of a dose in the schedule: doses of one class are treated alike."""
        axes = [axis for question in self.book.rows for axis in self.book[question].axes if isinstance(axis, Cuts) and axis.axis in _PLACES]

        def key(number: int) -> tuple[object, ...]:
            near = [min(max(number + more, 1), LAST_NUMBER) for more in (-1, 0, 1)]
            alike = number if number <= _EXACT else _EXACT + DosePoint.at(number).day
            return alike, tuple(axis.code(place) for axis in axes for place in near)

        places: dict[object, int] = {}
        return np.array([0, *(places.setdefault(key(number), len(places)) for number in range(1, LAST_NUMBER + 1))], np.int16)

    @cached_property
    def since_last(self) -> DayBands:
        """The days from the previous dose to the planned one."""
        amounts = (None, *dict.fromkeys(step.amount.value for step in self.book[NEXT_DOSE](None, None).possible if step is not None))
        courses = [given for length in (1, 2, 3) for given in product(amounts, repeat=length)]
        least = {days for given in courses for days in least_days(given, self.book)} if NEXT_DOSE in self.book.rows else set()
        days = [DosePoint.at(number).day for number in (1, 2, 3)]
        named = {later - sooner for later, sooner in product(days, days)}
        return DayBands.cut_at({*_of_axes([self.book[NEXT_DOSE]], _DAYS), *least, *named, *DOUBT_DAYS})

    @cached_property
    def clocks(self) -> Mapping[Toxicity, DayBands]:
        """The days of the clocks of each toxicity."""
        return {toxicity: DayBands.cut_at(self._clock(toxicity)) for toxicity in Toxicity}

    def _clock(self, toxicity: Toxicity) -> frozenset[int]:
        return _of_axes([self.book[TOXICITY_ACTION[toxicity]]], _DAYS)

    @cached_property
    def ages(self) -> DayBands:
        """The days from a sample to the planned dose."""
        clocks = [self._clock(toxicity) for toxicity in LAB_TOXICITY.values()]
        return DayBands.cut_at({RECENT_DAYS, RECENT_DAYS + 1}.union(*clocks))

    @cached_property
    def labs(self) -> Mapping[Analyte, LabCuts]:
        """Where the values of each analyte are distinguished."""
        return {analyte: self._lab(analyte) for analyte in Analyte}

    def _lab(self, analyte: Analyte) -> LabCuts:
        cuts: dict[tuple[str, str], set[float]] = {}
        for dividend, divisor, span in ratios(analyte, self.book):
            cuts.setdefault((dividend, divisor), set()).update(end for end in (span.start, span.stop) if isfinite(end))
        # Without a baseline, every multiple of it below that of the limit is possible, so a limit that is just met counts apart.
        cuts["quantity", "upper_limit"].update(_around(cuts.get(("quantity", "baseline"), ())))
        alone = cuts.pop(("quantity", ""), set())
        if analyte is Analyte.NEUTROPHILS:
            alone |= _bounds(get(self.book.lab_scale)[FEBRILE_NEUTROPENIA], facts.VALUE)
        limits = facts.TIMES_UPPER_LIMIT in LAB_GRADE[analyte].axes
        plausible = UPPER_LIMITS[analyte] if limits else None
        ratios_of = {pair: _at_15_digits(of_pair) for pair, of_pair in cuts.items() if "lower_limit" not in pair}
        return LabCuts(tuple(sorted(alone)), ratios_of, plausible)

    @cached_property
    def temperature(self) -> tuple[float, ...]:
        """Where body temperatures are distinguished."""
        scales: list[tuple[Table[Any], Axis]] = [
            (get(Scale.ASTCT_2019)[CRS_GRADE], facts.TEMPERATURE),
            (get(self.book.lab_scale)[FEBRILE_NEUTROPENIA], facts.TEMPERATURE),
        ]
        return tuple(sorted(set().union(*(_bounds(table, axis) for table, axis in scales))))

    @cached_property
    def by_begin(self) -> frozenset[Toxicity]:
        """The toxicities whose action depends on the dose after which they began."""
        return frozenset(toxicity for toxicity, question in TOXICITY_ACTION.items() if self.book[question].asks & _BEGAN)

    @cached_property
    def leaves_needs_open(self) -> bool:
        """Whether the book leaves open, for some dose, whether it requires a result."""
        of_each_class = np.unique(self.points[1:], return_index=True)[1] + 1
        return any(any(True for _ in open_needs(DosePoint.at(number), self.book)) for number in of_each_class.tolist())

    @cached_property
    def pairs_liver(self) -> bool:
        """Whether the book looks at aminotransferases and bilirubin together."""
        return DRUG_INDUCED_LIVER_INJURY in self.book.rows


_PLACES: Final = frozenset((facts.POINT, facts.BEGAN_BEFORE))
_DAYS: Final = frozenset((facts.DAYS_SINCE, facts.DAYS, facts.HELD))
_BEGAN: Final = frozenset((facts.BEGAN_BEFORE, facts.BEGAN_ROLE))


def _of_axes(tables: Iterable[Table[Any]], wanted: frozenset[Axis]) -> frozenset[int]:
    axes = [axis for table in tables for axis in table.axes if isinstance(axis, Cuts) and axis.axis in wanted]
    return frozenset(int(cut) for axis in axes for cut in axis.cuts[:-1])


def _bounds(table: Table[Any], wanted: Axis) -> set[float]:
    """The cuts of one axis of a table, and the floats just above them."""
    return set(_around(cut for axis in table.axes if isinstance(axis, Cuts) and axis.axis is wanted for cut in axis.cuts))


def _at_15_digits(cuts: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted({first_at_15_digits(cut) for cut in cuts}))


def _around(cuts: Iterable[float]) -> Iterable[float]:
    return (near for cut in cuts if isfinite(cut) for near in (cut, nextafter(cut, float("inf"))))

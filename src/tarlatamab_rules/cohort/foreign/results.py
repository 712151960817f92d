"""Numbers of results beside their texts. A bound in a text is kept, and a row in which no number can be read is kept as such."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa
from attrs import evolve, frozen

from tarlatamab_rules.cohort.grades.lab_rows import number_of
from tarlatamab_rules.cohort.grades.lab_spans import BOUNDS
from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.cohort.reading.readings import Frame, Words
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.units import step_of_unit

__all__ = ["Numbers", "factors", "filled", "numbers_of", "texts"]

_ASCII: Final = str.maketrans({"≤": "<=", "≥": ">="})
_BOUND: Final = re.compile("|".join(sorted(BOUNDS[1:], key=len, reverse=True)))
_QUALIFIED: Final = re.compile(r"[^\d.+-].*\d", re.DOTALL)
"""A text that puts something before its number, such as ``LESS THAN 0.5``."""


@frozen(eq=False)
class Numbers:
    """The numbers of results.

    Attributes:
        number: The number; NaN if there is none.

        bound: The place of its bound in `BOUNDS`.

        odd: Whether number and text contradict each other, or a text says of the number what cannot be read.
    """

    number: Array
    bound: Array
    odd: Array

    @property
    def value(self) -> Array:
        """The numbers that can be read; NaN for the others."""
        return np.where(self.odd, np.nan, self.number)

    @property
    def comparator(self) -> pa.Array:
        """The bounds as text."""
        return pa.array([None, *BOUNDS[1:]], pa.string()).take(pa.array(self.bound))

    def beside(self, text: Words, factor: Array) -> Numbers:
        """These numbers with the bounds of another text of the same results. Without a number, that of the text counts.

        Args:
            text: The text, as the source has it.

            factor: The factor from the unit of each text to that of its number; NaN if it is not known. The text must show the same number,
                perhaps rounded; if it is in another unit, nearly the same.
        """
        parsed = [*(_parsed(item) for item in text.words), (np.nan, 0, np.inf, False)]
        number, bound, rounding, odd = (np.array(column)[text.codes] for column in zip(*parsed, strict=True))
        alone, both = np.isnan(self.number), (self.bound > 0) & (bound > 0)
        wrong = (both & (self.bound != bound)) | (odd & ~alone)
        slack = np.where(factor == 1, 0.0, _NEARLY * np.abs(self.number))
        wrong |= np.abs(self.number - number * factor) > rounding * factor + slack
        return Numbers(np.where(alone, number, self.number), np.maximum(self.bound, bound), self.odd | wrong)

    def unless(self, rows: Array, other: Numbers) -> Numbers:
        """These numbers, but those of another column in some rows."""
        pairs = [(self.number, other.number), (self.bound, other.bound), (self.odd, other.odd)]
        return evolve(self, **dict(zip(("number", "bound", "odd"), [np.where(rows, new, old) for old, new in pairs], strict=True)))


_NEARLY: Final = 0.05
"""As a part of a number, by how much it may differ after conversion and rounding. With a slipped point it differs by more."""


def numbers_of(number: Array, text: Words) -> Numbers:
    """The numbers of a column, beside the text of the same results in the same unit."""
    plain = Numbers(number, np.zeros(len(number), int), np.zeros(len(number), bool))
    return plain.beside(text, np.ones(len(number)))


def factors(analyte: pa.Array, unit: pa.Array, to: pa.Array) -> Array:
    """The factor from a unit to another for each row; NaN if one of the two is not known for the analyte."""
    known: dict[tuple[str | None, ...], float] = {}
    rows = zip(analyte.to_pylist(), unit.to_pylist(), to.to_pylist(), strict=True)
    return np.array([known[row] if row in known else known.setdefault(row, _factor(*row)) for row in rows])


def _factor(analyte: str | None, unit: str | None, to: str | None) -> float:
    if analyte is None or unit is None or to is None:
        return np.nan
    if unit == to:
        return 1.0
    one, other = (step_of_unit(KINDS[Analyte(analyte)], text) for text in (unit, to))
    return np.nan if one is None or other is None else one[0] / other[0]


def _parsed(text: str) -> tuple[float, int, float, bool]:
    """The number of a text, its bound, by how much it may be rounded, and whether it says what cannot be read."""
    plain = text.translate(_ASCII).strip().removeprefix("=").strip()
    number, bound = number_of(plain)
    if bound >= 0:
        exponent = Decimal(plain.lstrip("<>= ")).as_tuple().exponent
        return number, bound, 0.5000001 * 10.0 ** int(exponent), False
    begins = _BOUND.match(plain)
    return np.nan, 0 if begins is None else BOUNDS.index(begins[0]), np.inf, begins is None and _QUALIFIED.match(plain) is not None


def texts(column: Words, new: Iterable[str | None]) -> pa.Array:
    """A column of text with other words."""
    return pa.array(list(new), pa.string()).take(pa.array(column.codes, mask=column.codes < 0))


def filled(frame: Frame, name: str) -> pa.Array:
    """A column of text in which an empty text is null, as files of SAS write it."""
    column = frame.words(name)
    return texts(column, [text.strip() or None for text in column.words])

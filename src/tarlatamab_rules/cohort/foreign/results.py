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

__all__ = ["Numbers", "filled", "numbers_of", "texts"]

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

    def beside(self, text: Words, *, same_unit: bool) -> Numbers:
        """These numbers with the bounds of another text of the same results. Without a number, that of the text counts.

        Args:
            text: The text, as the source has it.

            same_unit: Whether the text is in the unit of the number: then it must show the same number, perhaps rounded.
        """
        parsed = [*(_parsed(item) for item in text.words), (np.nan, 0, np.inf, False)]
        number, bound, rounding, odd = (np.array(column)[text.codes] for column in zip(*parsed, strict=True))
        alone, both = np.isnan(self.number), (self.bound > 0) & (bound > 0)
        wrong = (both & (self.bound != bound)) | (odd & ~alone)
        if same_unit:
            wrong |= np.abs(self.number - number) > rounding
        return Numbers(np.where(alone, number, self.number), np.maximum(self.bound, bound), self.odd | wrong)

    def unless(self, rows: Array, other: Numbers) -> Numbers:
        """These numbers, but those of another column in some rows."""
        pairs = [(self.number, other.number), (self.bound, other.bound), (self.odd, other.odd)]
        return evolve(self, **dict(zip(("number", "bound", "odd"), [np.where(rows, new, old) for old, new in pairs], strict=True)))


def numbers_of(number: Array, text: Words, *, same_unit: bool = True) -> Numbers:
    """The numbers of a column, beside the text of the same results."""
    return Numbers(number, np.zeros(len(number), int), np.zeros(len(number), bool)).beside(text, same_unit=same_unit)


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

"""Columns of synthetic tables: numpy arrays in, Arrow arrays out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from attrs import field, frozen
from numpy.typing import NDArray

__all__ = ["NOT_KNOWN", "Array", "Draft", "Draws", "of_three_digits", "words"]

Array: TypeAlias = NDArray[Any]
Draws: TypeAlias = np.random.Generator

NOT_KNOWN: Final = -1
"""The code of a word, and the minute, of what is not known."""

_MOMENT: Final = pa.timestamp("ms")
_MS_A_MINUTE: Final = 60_000


@frozen(eq=False)
class Draft:
    """A table that is being made.

    Attributes:
        words: Text columns, each as its vocabulary and codes; a code of `NOT_KNOWN` is null.

        truths: Columns of 1, 0 and `NOT_KNOWN`, which is null.

        moments: Times in minutes since 1970, by the clock of the site; `NOT_KNOWN` is null.

        plain: Other columns: whole numbers without nulls, and numbers of which NaN is null.
    """

    words: dict[str, tuple[list[str], Array]] = field(factory=dict)
    truths: dict[str, Array] = field(factory=dict)
    moments: dict[str, Array] = field(factory=dict)
    plain: dict[str, Array] = field(factory=dict)

    def add_words(self, name: str, vocabulary: Sequence[str], codes: Array) -> None:
        """Adds a text column."""
        self.words[name] = (list(vocabulary), codes.astype(np.int32))

    def spoil(self, name: str, word: str, at: Array) -> None:
        """Writes *word* into some rows of a text column."""
        vocabulary, codes = self.words[name]
        codes[at] = len(vocabulary)
        vocabulary.append(word)

    def keep(self, rows: Array) -> None:
        """Leaves out all rows but those of a mask."""
        self.words.update({name: (vocabulary, codes[rows]) for name, (vocabulary, codes) in self.words.items()})
        for columns in (self.truths, self.moments, self.plain):
            columns.update({name: values[rows] for name, values in columns.items()})

    def table(self, order: Sequence[str], about: Mapping[str, str]) -> pa.Table:
        """The table, with its columns in *order*."""
        made = {
            **{name: words(*column) for name, column in self.words.items()},
            **{name: pa.array(codes == 1, mask=codes == NOT_KNOWN) for name, codes in self.truths.items()},
            **{name: _times(minutes) for name, minutes in self.moments.items()},
            **{name: _plain(values) for name, values in self.plain.items()},
        }
        return pa.table({name: made[name] for name in order}).replace_schema_metadata(dict(about))


def words(vocabulary: Sequence[str], codes: Array) -> pa.DictionaryArray:
    """A column of text, each word stored once."""
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), pa.array(vocabulary, pa.string()))


def _times(minutes: Array) -> pa.Array:
    return pa.array(minutes.astype(np.int64) * _MS_A_MINUTE, mask=minutes == NOT_KNOWN).cast(_MOMENT)


def _plain(values: Array) -> pa.Array:
    return pa.array(values, from_pandas=True)


def of_three_digits(values: Array) -> Array:
    """Positive numbers, rounded to three significant digits, as a laboratory prints them; NaN stays."""
    steps = 2 - np.floor(np.log10(np.nan_to_num(values, nan=1.0))).astype(np.int64)
    up, down = _POWERS[np.maximum(steps, 0)], _POWERS[np.maximum(-steps, 0)]
    rounded: Array = np.rint(values * up / down) * down / up
    return rounded


_POWERS: Final = 10.0 ** np.arange(23)
"""Those that a float holds exactly."""

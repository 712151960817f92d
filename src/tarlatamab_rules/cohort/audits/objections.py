"""What books object to in given doses: the parts that do not say *proceed*, with the rows behind them, counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.audits.asked_books import Answered
from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.core.decisions import Verdict

__all__ = ["REFUSED", "Objection", "Situations", "situations_of"]

REFUSED: Final = "refused"
"""What stands for the verdict of a dose that cannot be assessed, because a row about it has a fault."""

_BETWEEN: Final = re.compile(r"[;,]\s*")


@frozen
class Objection:
    """A part that does not say *proceed*.

    Attributes:
        part: The part, such as ``labs.alt`` or ``eligibility``.

        verdict: What it requires.

        rows: The ids of the rows behind it.
    """

    part: str
    verdict: Verdict
    rows: tuple[str, ...]

    def __str__(self) -> str:
        """Part, verdict and rows in a line."""
        return f"{self.part}: {self.verdict} [{', '.join(self.rows)}]"


@frozen(eq=False)
class Situations:
    """The different answers that doses have. Many doses share one.

    Attributes:
        codes: For each row of the doses table the place of its situation; -1 if no book was asked.

        verdicts: The verdict of each situation; `REFUSED` for doses that cannot be assessed.

        objections: The objections of each situation.
    """

    codes: Array
    verdicts: tuple[str, ...]
    objections: tuple[tuple[Objection, ...], ...]

    def counts(self, rows: Array | None = None) -> Array:
        """How many doses have each situation, of the rows of a mask."""
        codes = self.codes if rows is None else self.codes[rows]
        return np.bincount(codes[codes >= 0], minlength=len(self.verdicts))

    def by_row(self) -> Counter[str]:
        """How many doses each row objects to."""
        counted: Counter[str] = Counter()
        for count, ids in self._of_situations():
            for row in ids:
                counted[row] += count
        return counted

    def by_pair(self) -> Counter[tuple[str, str]]:
        """How many doses each two rows object to together."""
        counted: Counter[tuple[str, str]] = Counter()
        for count, ids in self._of_situations():
            for pair in combinations(ids, 2):
                counted[pair] += count
        return counted

    def _of_situations(self) -> Iterator[tuple[int, Sequence[str]]]:
        """How many doses have a situation, and the ids of the rows that object, sorted."""
        for count, objections in zip(self.counts().tolist(), self.objections, strict=True):
            yield count, sorted({row for objection in objections for row in objection.rows})


def situations_of(answered: Answered) -> Situations:
    """The different answers, each once."""
    verdict, parts = answered.column("verdict"), answered.parts
    key = _joined(np.zeros(len(verdict.codes), np.int64), verdict.codes)
    for part in parts:
        for column in (answered.column(part), answered.column(f"{part}.rows")):
            key = _joined(key, column.codes)
    asked = answered.rulebook.codes >= 0
    _, samples, codes = np.unique(key[asked], return_index=True, return_inverse=True)
    rows = np.flatnonzero(asked)[samples].tolist()
    whole = np.full(len(key), -1)
    whole[asked] = codes
    objections = tuple(tuple(_objections(answered, parts, row)) for row in rows)
    return Situations(whole, tuple(verdict.at(row) or REFUSED for row in rows), objections)


def _joined(key: Array, codes: Array) -> Array:
    """A key of two keys, as small as there are different pairs."""
    joined: Array = np.unique(key * (int(codes.max(initial=0)) + 2) + codes + 1, return_inverse=True)[1]
    return joined


def _objections(answered: Answered, parts: Sequence[str], row: int) -> Iterator[Objection]:
    for part in parts:
        verdict = answered.column(part).at(row)
        if verdict is not None and verdict != Verdict.PROCEED:
            ids = answered.column(f"{part}.rows").at(row) or ""
            yield Objection(part, Verdict(verdict), tuple(filter(None, _BETWEEN.split(ids))))

"""Sequences of doses that were given, and what they mean for the next dose and for the phase of the treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, grouped
from tarlatamab_rules.rules.course import SETTLING, odd_amounts, roles_after, roles_by_dose

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Sequences", "sequences_of"]

NONE: Final = -1


def sequences_of(depth: Array, given: Array, previous: Array, items: list[Array], codebook: Codebook) -> tuple[Array, Array]:
    """The sequence of doses up to each dose that was given, and before each dose, as codes; 0 for none."""
    through = np.zeros(len(depth), np.int64)
    for level in range(int(depth.max()) + 1 if len(depth) else 0):
        at = np.flatnonzero(given & (depth == level))
        before = np.where(previous[at] >= 0, through[previous[at]], 0)
        through[at] = 1 + codebook.grouped("sequence", before, *(item[at] for item in items))
    return through, np.where(previous >= 0, through[previous], 0)


class Sequences:
    """What sequences of doses mean for the next dose, and for the phase of the treatment."""

    number: Array
    kind: Array
    amount: Array
    far: Array
    previous: Array
    book: Rulebook
    codebook: Codebook

    def __init__(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
        self, number: Array, kind: Array, amount: Array, far: Array, previous: Array, book: Rulebook, codebook: Codebook
    ) -> None:
        self.kind = kind
        self.number, self.amount, self.far, self.previous, self.book, self.codebook = number, amount, far, previous, book, codebook

    def meaning(self, through: Array, so_far: Array) -> tuple[Array, Array, Array]:
        """For each dose: the sequence before it as a code, the place after it if that is in order (else -1), and its own phase."""
        codes = int(through.max(initial=0)) + 1
        past, place, phase = np.zeros(codes, np.int64), np.full(codes, NONE), np.zeros(codes, np.int64)
        past[0], place[0] = self._history([]), 1
        made = self.codebook.made
        given = np.flatnonzero(through > 0)
        first, _ = grouped(through[given])
        for row in given[first].tolist():
            code = int(through[row])
            past[code], place[code], phase[code] = made("meaning of a sequence", code, lambda row=row: self._meaning(row))  # type: ignore[misc]  # the row of this turn
        return past[so_far], place[so_far], phase[through]

    def _meaning(self, row: int) -> tuple[int, int, int]:
        """The doses up to one as a code, the place after them if they are in order (else -1), and the phase of the last one."""
        rows = self._up_to(row)
        return self._history(rows), len(rows) + 1 if self._in_order(rows) else NONE, self._phase(rows)

    def _up_to(self, row: int) -> list[int]:
        """The rows of the doses given up to one of them, in their order."""
        rows: list[int] = []
        while row >= 0:
            rows.append(row)
            row = int(self.previous[row])
        return rows[::-1]

    def _amounts(self, rows: list[int]) -> tuple[float | None, ...]:
        return tuple(self.amount[rows].tolist())

    def _in_order(self, rows: list[int]) -> bool:
        """Whether some doses are the first ones of the schedule, each given once, with known amounts."""
        return self.number[rows].tolist() == list(range(1, len(rows) + 1)) and None not in self._amounts(rows)

    def _roles(self, amounts: tuple[float | None, ...]) -> tuple[Any, ...]:
        return self.codebook.made("roles", amounts, lambda: self._roles_of(amounts))

    def _roles_of(self, amounts: tuple[float | None, ...]) -> tuple[Any, ...]:
        most = len(amounts)
        odd = tuple([most - n for n in odd_amounts(amounts, self.book) if n + SETTLING >= most])
        by_dose = roles_by_dose(amounts, self.book)[-SETTLING - 1 :]
        return roles_after(amounts, self.book), odd, by_dose, amounts[-SETTLING - 1 :]

    def _history(self, rows: list[int]) -> int:
        """All that some doses mean for the next one."""
        amounts, most, in_order = self._amounts(rows), len(rows), self._in_order(rows)
        far = self.far[rows].tolist()
        gaps = tuple([(min(most - n, SETTLING + 1), gap, amounts[n]) for n, gap in enumerate(far) if gap])
        exact = () if in_order else (tuple(self.number[rows].tolist()), amounts)
        return self.codebook.number("history", (exact, self._roles(amounts), gaps, min(most, SETTLING + 1)))

    def _phase(self, rows: list[int]) -> int:
        """The place of a dose and the roles that it may have had. Before the first one that is listed, others may have been given."""
        roles = self._roles(self._amounts(rows))[2][-1]
        listed_from = int(self.number[rows[0]]) if len(rows) == 1 else 0
        return self.codebook.number("phase", (int(self.kind[rows[-1]]), roles, listed_from))

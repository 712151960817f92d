"""Numbers for what columns hold: equal contents have equal numbers in every piece of a registry that one process assesses."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final, TypeVar

import numpy as np

from tarlatamab_rules.cohort.registries.coding import Array, grouped, sets_of

__all__ = ["Codebook"]

T = TypeVar("T")
NONE: Final = -1


class _Numbers:
    """The numbers of one kind of content, from 0."""

    def __init__(self) -> None:
        self.known: dict[Hashable, int] = {}
        self.count = 0

    def of(self, content: Hashable) -> int:
        number = self.known.get(content)
        if number is None:
            number = self.known[content] = self.new()
        return number

    def new(self) -> int:
        self.count += 1
        return self.count - 1


class Codebook:
    """The numbers of everything that was seen so far, and what was made of it.

    A registry is assessed in pieces. What occurs in several pieces has one number, so that it is judged once.
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, _Numbers] = {}
        self._made: dict[Hashable, dict[Hashable, Any]] = {}

    def _of(self, kind: Hashable) -> _Numbers:
        return self._numbers.setdefault(kind, _Numbers())

    def number(self, kind: Hashable, content: Hashable) -> int:
        """The number of a content among those of its kind."""
        return self._of(kind).of(content)

    def numbers(self, kind: Hashable, contents: Iterable[Hashable]) -> Array:
        """The number of each content."""
        numbers = self._of(kind)
        return np.array([numbers.of(content) for content in contents], np.int64)

    def made(self, kind: Hashable, content: Hashable, make: Callable[[], T]) -> T:
        """What was made of a content; it is made once."""
        known = self._made.setdefault(kind, {})
        if content not in known:
            known[content] = make()
        value: T = known[content]
        return value

    def grouped(self, kind: Hashable, *columns: Array, once: Array | None = None) -> Array:
        """The number of what each row holds in some columns of numbers.

        Args:
            kind: What the columns mean together.

            columns: Numbers that mean the same in every piece.

            once: The rows whose columns hold numbers that mean something in this piece alone. Their numbers are not used again.
        """
        first, group = grouped(*columns)
        if not len(group):
            return group
        numbers = self._of(kind)
        contents = zip(*[column[first].tolist() for column in columns], strict=True)
        if once is None:
            return np.array([numbers.of(content) for content in contents], np.int64)[group]
        alone = once[first].tolist()
        return np.array([numbers.new() if single else numbers.of(content) for content, single in zip(contents, alone, strict=True)])[group]

    def sets(self, kind: Hashable, group: Array, value: Array, groups: int) -> Array:
        """The number of the set of values of each group; -1 for none. The values mean the same in every piece."""
        code, listed = sets_of(group, value, groups)
        return np.array([*self.numbers(kind, listed).tolist(), NONE], np.int64)[code]

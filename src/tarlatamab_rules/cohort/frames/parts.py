"""The parts of an assessment as columns. A part depends on few facts; each combination of their codes is answered once, by `assess_case`.

The answer comes from a case with the facts of one row that has the combination, and none other. So nothing clinical is written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.frames.answers import PartAnswer, answer_of, merged
from tarlatamab_rules.cohort.frames.coded import NO_ANSWER
from tarlatamab_rules.cohort.frames.columns import COLUMNS
from tarlatamab_rules.cohort.frames.folds import Coded
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import ContradictionError, FieldError

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.cohort.frames.rows import Row

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["NO_RANK", "REMEMBERED", "UNANSWERED", "OfRow", "Part", "PartCodes", "columns_of"]

NO_RANK: Final = -1
"""The rank of a part without a vote."""
UNANSWERED: Final = -2
"""The rank of what was not asked yet."""


def columns_of(parts: Iterable[str]) -> frozenset[str]:
    """The columns that fill some parts of a case, such as ``labs.alt``."""
    return frozenset().union(*(_COLUMNS.get(part, ()) for part in parts))


_COLUMNS: Final = {
    part: tuple(name for name, column in COLUMNS.items() if column.part == part) for part in {column.part for column in COLUMNS.values()}
}


class PartCodes:
    """The codes of the answers of one part of an assessment, whichever way they were found."""

    def __init__(self) -> None:
        self.answers: list[PartAnswer] = []
        self._codes: dict[PartAnswer, int] = {}
        self._lock = Lock()

    def code(self, answer: PartAnswer | None) -> int:
        """The code of an answer."""
        if answer is None:
            return NO_ANSWER
        with self._lock:
            if answer not in self._codes:
                self._codes[answer] = len(self.answers)
                self.answers.append(answer)
            return self._codes[answer]

    def merge(self, one: Codes, other: Codes) -> Codes:
        """Two answers a row as one."""
        out = np.where(one < 0, other, one)
        differing = np.flatnonzero((one >= 0) & (other >= 0) & (one != other))
        for pair in {(int(one[row]), int(other[row])) for row in differing.tolist()}:
            code = self.code(merged(self.answers[pair[0]], self.answers[pair[1]]))
            out[differing[(one[differing] == pair[0]) & (other[differing] == pair[1])]] = code
        return out


Assess: TypeAlias = "Callable[[Row], DoseAssessment]"
RowOf: TypeAlias = "Callable[[int, frozenset[str]], Row]"
Extra: TypeAlias = "Callable[[DoseAssessment, Mapping[str, PartAnswer]], int]"


@frozen
class OfRow:
    """The answer of some parts of an assessment to one row.

    Attributes:
        ranks: The verdict of each part.

        codes: The code of the answer of each part.

        extra: The number that other parts need.
    """

    ranks: tuple[int, ...]
    codes: tuple[int, ...]
    extra: int


class Part:
    """Some parts of an assessment that depend on the same facts.

    Attributes:
        names: The parts of the assessment.

        columns: The columns of the facts.

        fault: Whether the facts of each combination contradict each other.

        faulty: Whether there is such a combination.

        extra: A number for each combination, which other parts need; 0 if they need none.

        numbered: Whether any of these is not 0.

        rank: The strictest verdict of each combination, as a rank; `UNANSWERED` for a combination that did not occur.

        ranks: The verdict of each part of the assessment and combination.

        codes: The code of the answer of each part of the assessment and combination.
    """

    names: tuple[str, ...]
    columns: frozenset[str]
    fault: Truths
    faulty: bool
    extra: Codes
    numbered: bool
    rank: Codes
    ranks: Codes
    codes: Codes
    _codes: Mapping[str, PartCodes]
    _extra: Extra | None

    def __init__(self, names: Sequence[str], columns: Iterable[str], codes: Mapping[str, PartCodes], extra: Extra | None = None) -> None:
        self.names, self.columns, self._codes, self._extra = tuple(names), frozenset(columns), codes, extra
        self._wanted = {*names, "labs"} if extra else {*names}
        self.numbered = False
        self._lock = Lock()
        self._answered = 0
        self._asked: dict[str, OfRow | None] = {}
        self.fault = np.zeros(0, bool)
        self.faulty = False
        self.extra = np.zeros(0, np.int32)
        self.rank = np.zeros(0, np.int8)
        self.ranks = np.zeros((len(self.names), 0), np.int8)
        self.codes = np.zeros((len(self.names), 0), np.int32)

    def answer(self, states: Coded, good: Callable[[], Truths], row_of: RowOf, assess: Assess) -> Codes:
        """The verdict of each row as a rank. Combinations that are new are answered.

        Args:
            states: The number of the combination of each row.

            good: Gives the rows whose facts were all decoded.

            row_of: The values of a row in some columns.

            assess: The scalar function.
        """
        return self._each(states, good, row_of, lambda state, row: self._put(state, row, assess))

    def number(self, states: Coded, good: Callable[[], Truths], row_of: RowOf, number: Callable[[Row], int]) -> Codes:
        """A number for each row, in place of answers; 0 for one whose facts contradict each other."""

        def put(state: int, row: Row) -> None:
            try:
                self.extra[state] = number(row)
            except (FieldError, ContradictionError):
                self.fault[state] = self.faulty = True
            self.rank[state] = NO_RANK

        if self._answered < states.size:
            self._each(states, good, row_of, put)
            unanswered = np.flatnonzero(self.rank == UNANSWERED)
            self._answered = int(unanswered[0]) if len(unanswered) else len(self.rank)
        return self.extra.take(states.codes)

    def _each(self, states: Coded, good: Callable[[], Truths], row_of: RowOf, put: Callable[[int, Row], None]) -> Codes:
        if states.size <= len(self.rank):
            ranks = self.rank.take(states.codes)
            if ranks.min(initial=NO_RANK) == NO_RANK:
                return ranks
        with self._lock:
            if states.size > len(self.rank):
                self._grow(states.size)
            rows = np.flatnonzero((self.rank.take(states.codes) == UNANSWERED) & good())
            fresh, first = np.unique(states.codes[rows], return_index=True)
            for state, row in zip(fresh.tolist(), rows[first].tolist(), strict=True):
                put(state, row_of(row, self.columns))
        return self.rank.take(states.codes)

    def _grow(self, size: int) -> None:
        more = max(size, 2 * len(self.rank)) - len(self.rank)
        self.fault = np.concatenate([self.fault, np.zeros(more, bool)])
        self.extra = np.concatenate([self.extra, np.zeros(more, np.int32)])
        self.ranks = np.concatenate([self.ranks, np.full((len(self.names), more), NO_RANK, np.int8)], axis=1)
        self.codes = np.concatenate([self.codes, np.full((len(self.names), more), NO_ANSWER, np.int32)], axis=1)
        self.rank = np.concatenate([self.rank, np.full(more, UNANSWERED, np.int8)])

    def _put(self, state: int, row: Row, assess: Assess) -> None:
        answer = self._answer(row, assess)
        if answer is None:
            self.fault[state] = self.faulty = True
            self.rank[state] = NO_RANK
            return
        self.codes[:, state], self.ranks[:, state], self.extra[state] = answer.codes, answer.ranks, answer.extra
        self.rank[state] = max(answer.ranks, default=NO_RANK)  # the last thing, since others read it without the lock

    def _answer(self, row: Row, assess: Assess) -> OfRow | None:
        """The answer of one row; ``None`` if its facts contradict each other."""
        try:
            assessment = assess(row)
        except (FieldError, ContradictionError):
            return None
        parts = answer_of(assessment, self._wanted).parts
        answers = [parts.get(name) for name in self.names]
        codes = tuple(self._codes[name].code(answer) for name, answer in zip(self.names, answers, strict=True))
        ranks = tuple(NO_RANK if answer is None or answer.verdict is None else _RANKS[answer.verdict] for answer in answers)
        extra = 0 if self._extra is None else self._extra(assessment, parts)
        self.numbered |= extra > 0
        return OfRow(ranks, codes, extra)

    def ask(self, row: Row, assess: Assess) -> OfRow | None:
        """The answer of a row whose facts have no codes; ``None`` if they contradict each other."""
        key = repr(row)  # a value of any type has one, and -0.0 is not 0.0
        if key not in self._asked:
            answer = self._answer(row, assess)
            if len(self._asked) >= REMEMBERED:
                return answer
            self._asked[key] = answer
        return self._asked[key]


REMEMBERED: Final = 100_000
"""How many rows that went to the scalar function are remembered."""
_RANKS: Final = {verdict: verdict.rank for verdict in Verdict}

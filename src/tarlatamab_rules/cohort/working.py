"""What is looked up for the rows of a chunk: the strictest verdict so far, the answers of the parts, and the rows to answer one by one."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from tarlatamab_rules.cohort._extra import np
from tarlatamab_rules.cohort.answers import PARTS
from tarlatamab_rules.cohort.coded import NO_ANSWER
from tarlatamab_rules.cohort.facts import Facts
from tarlatamab_rules.cohort.folds import Coded
from tarlatamab_rules.cohort.loading import value_of
from tarlatamab_rules.cohort.parts import NO_RANK, Part
from tarlatamab_rules.cohort.scalar import Fault

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.chunks import Chunk
    from tarlatamab_rules.cohort.kernel import Kernel
    from tarlatamab_rules.cohort.rows import Row

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["Outcome", "Working"]


@frozen(eq=False)
class Outcome:
    """The answers to the rows of a chunk.

    Attributes:
        verdict: The rank of each verdict.

        codes: For each part the code of its answer; empty if only the verdicts were asked.

        way: 0 for a row that was answered in columns; for the others one more than the place of the reason.

        faults: The messages of the rows that were refused.
    """

    verdict: Codes
    codes: Mapping[str, Codes]
    way: Codes
    faults: Mapping[int, str]


class Working:
    """The work on one chunk."""

    kernel: Kernel
    chunk: Chunk
    facts: Facts
    rows: int
    verdict: Codes
    fault: Truths
    none: Coded

    def __init__(self, kernel: Kernel, chunk: Chunk, *, parts: bool) -> None:
        self.kernel, self.chunk, self.facts = kernel, chunk, Facts(chunk, kernel.cuts, kernel.memory)
        self.rows = chunk.rows
        self.verdict = np.full(self.rows, NO_RANK, np.int8)
        self.codes: dict[str, Codes] | None = {} if parts else None
        self.replaced: dict[str, Truths] = {}
        self.fault = np.zeros(self.rows, bool)
        self.none = Coded(np.zeros(self.rows, np.int8), 1, grows=True)

    # --- helpers ---

    def good(self) -> Truths:
        """The rows whose facts were all decoded so far, and without a fault."""
        good = ~self.fault
        for rows in self.chunk.odd.values():
            good &= ~rows
        return good

    def row(self, n: int, columns: frozenset[str]) -> Row:
        """The known values of a row in some columns."""
        held = self.chunk.columns
        values = {name: value_of(name, held[name], n) for name in columns if name in held}
        known = {name: value for name, value in values.items() if value is not None}
        return known if self.chunk.zone is None else {**known, "site_zone": self.chunk.zone}

    def look_up(self, part: Part, states: Coded, rows: Rows | None = None, *, over: Iterable[str] = ()) -> Codes:
        """The answers of a part for combinations of facts.

        Args:
            part: The part.

            states: The combination of each row.

            rows: The rows; all if left out.

            over: The parts of the assessment that these answers replace.

        Returns:
            The combination of each row, as they were passed.
        """

        def row_of(n: int, columns: frozenset[str]) -> Row:
            return self.row(n if rows is None else int(rows[n]), columns)

        good = self.good if rows is None else lambda: self.good().take(rows)
        ranks = part.answer(states, good, row_of, self.kernel.asked.assess)
        self._faults(part, states.codes, rows)
        self._verdicts(part, states.codes, ranks, rows, set(over))
        if self.codes is not None:
            for place, name in enumerate(part.names):
                hidden = None if name in over else self.replaced.get(name)
                self._put_codes(name, part.codes[place].take(states.codes), rows, hidden=hidden)
        return states.codes

    def _faults(self, part: Part, states: Codes, rows: Rows | None) -> None:
        if not part.faulty:
            return
        if rows is None:
            self.fault |= part.fault.take(states)
        else:
            self.fault[rows] |= part.fault.take(states)

    def _verdicts(self, part: Part, states: Codes, ranks: Codes, rows: Rows | None, over: Container[str]) -> None:  # noqa: PLR0913
        """The strictest verdict of each row so far, with those of a part."""
        hidden = {name: self.replaced[name] for name in part.names if name in self.replaced and name not in over}
        if hidden:
            ranks = np.full(len(states), NO_RANK, np.int8)
            for place, name in enumerate(part.names):
                of_name = part.ranks[place].take(states)
                if name in hidden:
                    of_name[hidden[name] if rows is None else hidden[name].take(rows)] = NO_RANK
                np.maximum(ranks, of_name, out=ranks)
        if rows is None:
            np.maximum(self.verdict, ranks, out=self.verdict)
        else:
            self.verdict[rows] = np.maximum(self.verdict.take(rows), ranks)

    def _put_codes(self, name: str, codes: Codes, rows: Rows | None, *, hidden: Truths | None) -> None:
        assert self.codes is not None  # noqa: S101  # only then codes are put
        full = codes
        if rows is not None:
            full = np.full(self.rows, NO_ANSWER, np.int32)
            full[rows] = codes
        if hidden is not None:
            full = np.where(hidden, NO_ANSWER, full)
        known = self.codes.get(name)
        self.codes[name] = full if known is None else self.kernel.codes[name].merge(known, full)

    def replace(self, names: Iterable[str], rows: Rows) -> None:
        """Marks the parts of rows that are answered together with others."""
        for name in names:
            mask = self.replaced.setdefault(name, np.zeros(self.rows, bool))
            mask[rows] = True

    def chain(self, name: object, facts: Iterable[Coded]) -> Coded:
        """The numbers of combinations, by the name of the chain."""
        return self.kernel.memory.chain(name)(facts)

    def outcome(self) -> Outcome:
        """The answers, with those of the scalar function for rows that could not be decoded, and the messages of faults."""
        kernel, faults = self.kernel, dict[int, str]()
        of_parts: Mapping[str, int]
        way = np.zeros(self.rows, np.int16)
        for why, rows in self.chunk.odd.items():
            way[rows & (way == 0)] = kernel.way(why)
        codes = {} if self.codes is None else {name: self._codes_of(name) for name in PARTS}
        everything = frozenset(self.chunk.columns)
        for n in np.flatnonzero((way > 0) | self.fault).tolist():
            answer = kernel.scalar(self.row(n, everything))
            if isinstance(answer, Fault):
                faults[n], self.verdict[n], of_parts = answer.says, NO_ANSWER, {}
            else:
                self.verdict[n], of_parts = answer
            for name, column in codes.items():
                column[n] = of_parts.get(name, NO_ANSWER)
        return Outcome(self.verdict, codes, way, faults)

    def _codes_of(self, name: str) -> Codes:
        known = (self.codes or {}).get(name)
        return np.full(self.rows, NO_ANSWER, np.int32) if known is None else known

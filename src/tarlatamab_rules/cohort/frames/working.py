"""What is looked up for the rows of a chunk: the strictest verdict so far, the answers of the parts, and the rows to answer one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.frames.answers import PARTS
from tarlatamab_rules.cohort.frames.chunks import EVERYWHERE
from tarlatamab_rules.cohort.frames.coded import NO_ANSWER
from tarlatamab_rules.cohort.frames.facts import Facts
from tarlatamab_rules.cohort.frames.folds import Coded
from tarlatamab_rules.cohort.frames.loading import value_of
from tarlatamab_rules.cohort.frames.parts import NO_RANK, OfRow, Part
from tarlatamab_rules.cohort.frames.scalar import Fault

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.frames.chunks import Chunk
    from tarlatamab_rules.cohort.frames.kernel import Kernel
    from tarlatamab_rules.cohort.frames.rows import Row

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["BLEEDS", "Outcome", "Working"]


@frozen(eq=False)
class Outcome:
    """The answers to the rows of a chunk.

    Attributes:
        verdict: The rank of each verdict.

        codes: For each part the code of its answer; empty if only the verdicts were asked.

        way: How each row was answered, as a code of the kernel.

        faults: The messages of the rows that were refused.
    """

    verdict: Codes
    codes: Mapping[str, Codes]
    way: Codes
    faults: Mapping[int, str]


BLEEDS: Final = "bleeding with another toxicity"


class Working:
    """The work on one chunk.

    Attributes:
        kernel: What answers it.

        chunk: The rows.

        facts: Their facts as codes.

        rows: How many rows there are.

        verdict: The rank of the strictest verdict of each row so far.

        fault: The rows whose facts contradict each other.

        asked: For rows of which the scalar function answered some parts: these parts, by the reason.

        beside: The columns that a part with `BLEEDS` depends on as well.

        none: The only code of a fact that no row has.
    """

    kernel: Kernel
    chunk: Chunk
    facts: Facts
    rows: int
    verdict: Codes
    fault: Truths
    asked: dict[int, dict[str, set[str]]]
    beside: frozenset[str]
    none: Coded

    def __init__(self, kernel: Kernel, chunk: Chunk, *, parts: bool) -> None:
        self.kernel, self.chunk, self.facts = kernel, chunk, Facts(chunk, kernel.cuts, kernel.memory)
        self.rows = chunk.rows
        self.verdict = np.full(self.rows, NO_RANK, np.int8)
        self.codes: dict[str, Codes] | None = {} if parts else None
        self.replaced: dict[str, Truths] = {}
        self.fault = np.zeros(self.rows, bool)
        self.asked: dict[int, dict[str, set[str]]] = {}
        self.beside = frozenset[str]()
        self.none = Coded(np.zeros(self.rows, np.int8), 1, grows=True)

    # --- helpers ---

    def bleeds_by(self, columns: frozenset[str]) -> None:
        """Adds columns that a part with `BLEEDS` depends on as well."""
        self.beside |= columns

    def good(self, columns: frozenset[str] = EVERYWHERE) -> Truths:
        """The rows without a fault whose facts in some columns were all coded."""
        if not self.chunk.odd:
            return ~self.fault
        return ~(self.fault | self.chunk.whole() | self.chunk.odd_in(columns))

    def row(self, n: int, columns: frozenset[str]) -> Row:
        """The known values of a row in some columns."""
        held = self.chunk.columns
        values = {name: value_of(held[name], n) for name in columns if name in held}
        known = {name: value for name, value in values.items() if value is not None}
        return known if self.chunk.zone is None else {**known, "site_zone": self.chunk.zone}

    def look_up(self, part: Part, states: Coded, rows: Rows | None = None, *, over: Collection[str] = ()) -> Codes:
        """The answers of a part for combinations of facts. Rows with facts that have no code are answered by the scalar function.

        Args:
            part: The part.

            states: The combination of each row.

            rows: The rows; all if left out.

            over: The parts of the assessment that these answers replace.

        Returns:
            The number that other parts need, of each row.
        """

        def row_of(n: int, columns: frozenset[str]) -> Row:
            return self.row(n if rows is None else int(rows[n]), columns)

        def good() -> Truths:
            of_all = self.good(part.columns)
            return of_all if rows is None else of_all.take(rows)

        ranks = part.answer(states, good, row_of, self.kernel.asked.assess)
        asked = self._ask(part, rows)
        self._faults(part, states.codes, rows, asked)
        self._verdicts(part, states.codes, ranks, rows, over=over, asked=asked)
        if self.codes is not None:
            for place, name in enumerate(part.names):
                codes = part.codes[place].take(states.codes)
                for n, answer in asked.items():
                    codes[n] = NO_ANSWER if answer is None else answer.codes[place]
                self._put_codes(name, codes, rows, hidden=None if name in over else self.replaced.get(name))
        if not part.numbered:
            return self.none.codes
        extra = part.extra.take(states.codes)
        for n, answer in asked.items():
            extra[n] = 0 if answer is None else answer.extra
        return extra

    def _ask(self, part: Part, rows: Rows | None) -> dict[int, OfRow | None]:
        """The answers of the scalar function to rows with facts of a part that have no code, by their places."""
        asked: dict[int, OfRow | None] = {}
        if not self.chunk.odd:
            return asked
        odd = self.chunk.odd_in(part.columns)
        if not odd.any():
            return asked
        odd &= ~(self.fault | self.chunk.whole())
        for n in np.flatnonzero(odd if rows is None else odd.take(rows)).tolist():
            place, why, columns = n if rows is None else int(rows[n]), set[str](), part.columns
            for (reason, of), mask in self.chunk.odd.items():
                if of & part.columns and mask[place]:
                    why.add(reason)
                    columns |= self.beside if reason == BLEEDS else frozenset()
            names = set(part.names) - {"dates"} or {"dates"}  # what it says about dates comes with each
            self.asked.setdefault(place, {}).setdefault(", ".join(sorted(why)), set()).update(names)
            asked[n] = part.ask(self.row(place, columns), self.kernel.asked.assess)
        return asked

    def _faults(self, part: Part, states: Codes, rows: Rows | None, asked: Mapping[int, OfRow | None]) -> None:
        if part.faulty:
            faults = part.fault.take(states)
            faults[list(asked)] = False
            if rows is None:
                self.fault |= faults
            else:
                self.fault[rows] |= faults
        for n, answer in asked.items():
            if answer is None:
                self.fault[n if rows is None else rows[n]] = True

    def _verdicts(  # noqa: PLR0913  # what look_up knows
        self, part: Part, states: Codes, ranks: Codes, rows: Rows | None, *, over: Collection[str], asked: Mapping[int, OfRow | None]
    ) -> None:
        """The strictest verdict of each row so far, with those of a part."""
        hidden = {name for name in part.names if name in self.replaced and name not in over}
        if hidden or asked:
            of_names = [part.ranks[place].take(states) for place in range(len(part.names))]
            for n, answer in asked.items():
                for place, of_name in enumerate(of_names):
                    of_name[n] = NO_RANK if answer is None else answer.ranks[place]
            for name in hidden:
                mask = self.replaced[name] if rows is None else self.replaced[name].take(rows)
                of_names[part.names.index(name)] |= -mask.view(np.int8)  # all bits of the number for no rank are set
            ranks = of_names[0]
            for of_name in of_names[1:]:
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
        codes = {} if self.codes is None else {name: self._codes_of(name) for name in PARTS}
        everything, whole = frozenset(self.chunk.columns), self.chunk.whole()
        for n in np.flatnonzero(whole | self.fault).tolist():
            answer = kernel.scalar(self.row(n, everything))
            if isinstance(answer, Fault):
                faults[n], self.verdict[n], of_parts = answer.says, NO_ANSWER, {}
            else:
                self.verdict[n], of_parts = answer
            for name, column in codes.items():
                column[n] = of_parts.get(name, NO_ANSWER)
        return Outcome(self.verdict, codes, self._ways(), faults)

    def _ways(self) -> Codes:
        """How each row was answered."""
        way = np.zeros(self.rows, np.int16)
        for n, reasons in self.asked.items():
            of_row = (f"{', '.join(name for name in PARTS if name in names)}: {why}" for why, names in sorted(reasons.items()))
            way[n] = self.kernel.way(f"scalar for {'; '.join(of_row)}")
        for (why, names), mask in self.chunk.odd.items():
            if not names:
                way[mask] = self.kernel.way(f"scalar: {why}")
        return way

    def _codes_of(self, name: str) -> Codes:
        known = (self.codes or {}).get(name)
        return np.full(self.rows, NO_ANSWER, np.int32) if known is None else known

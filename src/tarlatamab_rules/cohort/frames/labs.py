"""The laboratory results of a chunk as codes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.cohort.frames.columns import prefix_of
from tarlatamab_rules.cohort.frames.cuts import LAST_NUMBER
from tarlatamab_rules.cohort.frames.facts import ORDER, gap, strictly_later, taken
from tarlatamab_rules.cohort.frames.folds import Coded
from tarlatamab_rules.cohort.frames.loading import FIXED_ZONES
from tarlatamab_rules.cohort.frames.values import Values, values_of
from tarlatamab_rules.inputs.analytes import Analyte

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.frames.chunks import Dates
    from tarlatamab_rules.cohort.frames.facts import Facts
    from tarlatamab_rules.cohort.frames.folds import Chain

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]

__all__ = ["Results", "results_of"]

_DAY: Final = 86_400_000_000
"""In microseconds."""
AGE: Final = "the age of a result without a time, by a clock that changes"


@frozen(eq=False)
class Results:
    """The results of one analyte.

    Attributes:
        analyte: The analyte.

        values: The values with their limits.

        drawn: When each sample was drawn, as the doses of the course and the planned dose distinguish dates.

        collected: The same as dates.

        _chain: The numbers of combinations of both.
    """

    analyte: Analyte
    values: Values
    drawn: Coded
    collected: Dates | None
    _chain: Chain = field(alias="chain", repr=False)

    def take(self, rows: Rows) -> Coded:
        """One code for value, limits and date of some rows."""
        return self._chain((self.drawn.take(rows), self.values.take(rows)))


def results_of(facts: Facts, analyte: Analyte) -> Results | None:
    """The results of an analyte; ``None`` without a column for it."""
    if not facts.chunk.has(prefix_of(analyte)):
        return None
    values = values_of(facts, analyte)
    collected = facts.chunk.dates(f"{prefix_of(analyte)}_collected")
    return Results(analyte, values, _drawn(facts, collected), collected, chain=facts.memory.chain(("result", analyte)))


def _drawn(facts: Facts, collected: Dates | None) -> Coded:
    """When samples were drawn, as one code. Samples of one draw are coded once."""
    for known, codes in facts.draws:
        if _alike(known, collected):
            return codes
    codes = _draws(facts, collected)
    facts.draws.append((collected, codes))
    return codes


def _alike(one: Dates | None, other: Dates | None) -> bool:
    """Whether two columns of dates are the same."""
    if one is None or other is None:
        return one is other
    if (one.instants is None) is not (other.instants is None) or not np.array_equal(one.days, other.days):
        return False
    return one.instants is None or other.instants is None or np.array_equal(one.instants, other.instants)


def _draws(facts: Facts, collected: Dates | None) -> Coded:
    """When samples were drawn, as the doses of the course and the planned dose distinguish dates."""
    since = gap(facts.previous, collected, ORDER, facts.rows)
    gaps = [gap(collected, facts.start, facts.cuts.ages, facts.rows), since]
    if facts.cuts.max_age is not None:
        gaps.append(_age(facts, collected, facts.cuts.max_age))
    codes = facts.memory.chain("draws")(gaps)
    rows = np.flatnonzero(~strictly_later(since, facts.rows))
    return codes.instead(rows, _with_course(facts, collected, rows, codes))


def _with_course(facts: Facts, collected: Dates | None, rows: Rows, codes: Coded) -> Coded:
    """Codes with the course and the days between it and the sample, for samples that do not certainly follow the previous dose."""
    previous, drawn = taken(facts.previous, rows), taken(collected, rows)
    apart = np.zeros(len(rows), np.int32)
    if previous is not None and drawn is not None:
        apart = np.where(previous.known & drawn.known, np.clip(drawn.days - previous.days, -_FAR, _FAR) + _FAR, 0)
    last, first = Coded(facts.last.take(rows), LAST_NUMBER + 1), gap(facts.first(rows, previous), drawn, ORDER, len(rows))
    return facts.memory.chain("earlier draws")((facts.course.take(rows), codes.take(rows), first, last, Coded(apart, 2 * _FAR + 1)))


_FAR: Final = 4000
"""Days before the previous dose, beyond which samples are not distinguished: more than the longest course lasts."""


def _age(facts: Facts, collected: Dates | None, most: timedelta) -> Coded:
    """Whether a result is too old: 0 for no, 1 if that depends on a time that is not known, 2 for yes, 3 without dates."""
    start, codes = facts.start, np.full(facts.rows, 3, np.int8)
    if start is None or collected is None:
        return Coded(codes, 4)
    drawn, begun = _span(collected), _span(start)
    limit = most // timedelta(microseconds=1)
    least, longest = np.maximum(begun[0] - drawn[1], 0), begun[1] - drawn[0]
    codes = np.where(least > limit, 2, np.where(longest <= limit, 0, 1)).astype(np.int8)
    both = start.known & collected.known
    codes[~both] = 3
    clock = facts.chunk.zone
    if (start.instants is None) is not (collected.instants is None) and (clock, *facts.chunk.clocks) != (None, None):
        fixed = facts.chunk.clocks <= FIXED_ZONES and (clock is None or clock in FIXED_ZONES)
        if not fixed:
            facts.chunk.mark(both, why=AGE)
    return Coded(codes, 4)


def _span(dates: Dates) -> tuple[Any, Any]:
    """The first and the last moment of each date, in microseconds."""
    if dates.instants is not None:
        return dates.instants, dates.instants
    first = dates.days.astype(np.int64) * _DAY
    return first, first + _DAY

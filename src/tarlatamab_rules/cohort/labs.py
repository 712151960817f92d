"""The laboratory results of a chunk as codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from tarlatamab_rules.cohort._extra import np
from tarlatamab_rules.cohort.columns import prefix_of
from tarlatamab_rules.cohort.cuts import LAST_NUMBER
from tarlatamab_rules.cohort.facts import ORDER, gap, strictly_later
from tarlatamab_rules.cohort.folds import Coded
from tarlatamab_rules.cohort.loading import FIXED_ZONES
from tarlatamab_rules.cohort.values import value_of_results
from tarlatamab_rules.inputs.analytes import Analyte

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.chunks import Dates
    from tarlatamab_rules.cohort.facts import Facts

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["Results", "results_of"]

_DAY: Final = 86_400_000_000
"""In microseconds."""
AGE: Final = "the age of a result without a time, by a clock that changes"


@frozen(eq=False)
class Results:
    """The results of one analyte.

    Attributes:
        analyte: The analyte.

        codes: One code for value, limits and dates of each row.

        collected: When each sample was drawn.

        raised: The rows whose value is, or may be, above its upper limit.
    """

    analyte: Analyte
    codes: Coded
    collected: Dates | None
    raised: Truths


def results_of(facts: Facts, analyte: Analyte) -> Results | None:
    """The results of an analyte; ``None`` without a column for it."""
    if not facts.chunk.has(prefix_of(analyte)):
        return None
    value, raised = value_of_results(facts, analyte)
    collected = facts.chunk.dates(f"{prefix_of(analyte)}_collected")
    drawn = _drawn(facts, analyte, collected)
    codes = facts.memory.chain(("result", analyte))((drawn, value))
    return Results(analyte, codes, collected, raised)


def _drawn(facts: Facts, analyte: Analyte, collected: Dates | None) -> Coded:
    """When the samples of an analyte were drawn, as one code. Samples of one draw are coded once."""
    bands = facts.cuts.ages[analyte]
    for known, of_bands, codes in facts.draws:
        if of_bands is bands and _alike(known, collected):
            return codes
    codes = facts.memory.chain(("draw", bands.cuts))(_draws(facts, analyte, collected))
    facts.draws.append((collected, bands, codes))
    return codes


def _alike(one: Dates | None, other: Dates | None) -> bool:
    """Whether two columns of dates are the same."""
    if one is None or other is None:
        return one is other
    if (one.instants is None) is not (other.instants is None) or not np.array_equal(one.days, other.days):
        return False
    return one.instants is None or other.instants is None or np.array_equal(one.instants, other.instants)


def _draws(facts: Facts, analyte: Analyte, collected: Dates | None) -> Iterator[Coded]:
    """When samples were drawn, as the doses of the course and the planned dose distinguish dates."""
    yield gap(collected, facts.start, facts.cuts.ages[analyte], facts.rows)
    since = gap(facts.previous, collected, ORDER, facts.rows)
    yield since
    if facts.cuts.max_age is not None:
        yield _age(facts, collected, facts.cuts.max_age)
    later = strictly_later(since)
    yield Coded(np.zeros(facts.rows, np.int8), 1, grows=True) if later.all() else _with_course(facts, collected, ~later)


def _with_course(facts: Facts, collected: Dates | None, rows: Truths) -> Coded:
    """A code for the course with the days between it and the sample, for samples that do not certainly follow the previous dose."""
    codes = np.zeros(facts.rows, np.int32)
    where = np.flatnonzero(rows)
    first = gap(facts.first, collected, ORDER, facts.rows).take(where)
    if facts.previous is None or collected is None:
        apart = np.zeros(len(where), np.int32)
    else:
        between = (collected.days - facts.previous.days).take(where)
        both = (facts.previous.known & collected.known).take(where)
        apart = np.where(both, np.clip(between, -_FAR, _FAR) + _FAR, 0)
    last, days = Coded(facts.last.take(where), LAST_NUMBER + 1), Coded(apart, 2 * _FAR + 1)
    earlier = facts.memory.chain("earlier draws")((facts.course.take(where), first, last, days))
    codes[where] = earlier.codes + 1
    return Coded(codes, earlier.size + 1, grows=True)


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
            facts.chunk.mark(both, AGE)
    return Coded(codes, 4)


def _span(dates: Dates) -> tuple[Any, Any]:
    """The first and the last moment of each date, in microseconds."""
    if dates.instants is not None:
        return dates.instants, dates.instants
    first = dates.days.astype(np.int64) * _DAY
    return first, first + _DAY

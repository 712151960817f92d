"""Laboratory results."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from tarlatamab_rules.core.axes import Cuts
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.rulebooks._registry import get
from tarlatamab_rules.rulebooks.facts import TIMES_UPPER_LIMIT, VALUE
from tarlatamab_rules.rulebooks.questions import LAB_GRADE
from tarlatamab_rules.strategies._drawing import FIRST_DAY, clocks, known_or_not

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.strategies._drawing import Clock

__all__ = ["NORMAL", "lab_results", "lab_series", "result", "series"]

NORMAL: Final[dict[Analyte, tuple[float, float]]] = {
    Analyte.NEUTROPHILS: (1.8, 7.5),
    Analyte.WHITE_CELLS: (4, 11),
    Analyte.LYMPHOCYTES: (1, 4),
    Analyte.HEMOGLOBIN: (12, 16),
    Analyte.PLATELETS: (150, 400),
    Analyte.ALT: (5, 40),
    Analyte.AST: (5, 40),
    Analyte.BILIRUBIN: (0.2, 1.2),
    Analyte.ALKALINE_PHOSPHATASE: (40, 130),
    Analyte.CREATININE: (0.6, 1.2),
    Analyte.SODIUM: (135, 145),
    Analyte.POTASSIUM: (3.5, 5),
    Analyte.URIC_ACID: (3.5, 7),
}
"""The limits of normal of an invented laboratory, in the unit of the analyte."""

_BESIDE = (0.97, 0.999, 1.0, 1.0, 1.001, 1.03)
_BOUNDS = st.sampled_from(["", "", "", "", "", "<", "<=", ">", ">="])


@st.composite
def lab_results(draw: st.DrawFn, analytes: st.SearchStrategy[Analyte] | None = None, *, offsets: bool | None = None) -> LabResult:
    """Results in any unit that the library lists, at the limits of grades and of normal and elsewhere; some are bounds, some undated.

    The dates lie from 2025-10-01 to 100 days later; *offsets* as for `cases`.
    """
    analyte = draw(st.sampled_from(Analyte) if analytes is None else analytes)
    return result(draw, analyte, draw(clocks(offsets)))


@st.composite
def lab_series(
    draw: st.DrawFn, analytes: st.SearchStrategy[Analyte] | None = None, *, offsets: bool | None = None
) -> tuple[LabResult, ...]:
    """Two to five results of one analyte that gets worse, recovers or comes back; *offsets* as for `cases`."""
    analyte = draw(st.sampled_from(Analyte) if analytes is None else analytes)
    return series(draw, analyte, draw(clocks(offsets)), FIRST_DAY + timedelta(days=draw(st.integers(-5, 60))))


def result(draw: st.DrawFn, analyte: Analyte, clock: Clock, dates: st.SearchStrategy[datetime] | None = None) -> LabResult:
    """One result, with times as a clock writes them, drawn at one of some times."""
    if dates is None:
        dates = st.integers(0, 100).map(lambda days: FIRST_DAY + timedelta(days=days - 5, hours=-1))
    drawn = draw(known_or_not(dates))
    collected = None if drawn is None else clock.reads(draw, drawn)
    if draw(st.integers(0, 3)) == 0:
        return _anyhow(draw, analyte, collected)
    low, high = NORMAL[analyte]
    unit, baselines = KINDS[analyte].unit, [float(f"{high * times:.12g}") for times in (0.5, 1.0, 1.001, 2.0, 4.0)]
    return LabResult(
        analyte,
        f"{draw(_BOUNDS)}{draw(_limits(analyte))} {unit}",
        collected,
        draw(st.sampled_from([(low, unit), (low, unit), None])),
        draw(st.sampled_from([(high, unit), (high, unit), (high, unit), None])),
        draw(st.sampled_from([None, None, *((before, unit) for before in baselines if RANGES[analyte].baseline.takes(before))])),
    )


def series(draw: st.DrawFn, analyte: Analyte, clock: Clock, start: datetime) -> tuple[LabResult, ...]:
    """Results of one analyte, one after another from a given time on."""
    low, high = NORMAL[analyte]
    unit = KINDS[analyte].unit
    results, moment = [], start
    for value in draw(st.lists(_limits(analyte), min_size=2, max_size=5)):
        results.append(LabResult(analyte, (value, unit), clock.reads(draw, moment), (low, unit), (high, unit)))
        moment += timedelta(days=draw(st.sampled_from([1, 2, 3, 7, 8, 14, 21, 22])))
    return tuple(dict.fromkeys(results))


@lru_cache(maxsize=32)
def _limits(analyte: Analyte) -> st.SearchStrategy[float]:
    """Values of an analyte at the limits of grades and of normal, right beside them, and normal values."""
    low, high = NORMAL[analyte]
    question = LAB_GRADE[analyte]
    limits = [low, high]
    for scale in ("ctcae-5.0", "ctcae-6.0"):
        for axis, cut in zip(question.axes, get(scale)[question].axes, strict=True):
            if isinstance(cut, Cuts) and axis in {VALUE, TIMES_UPPER_LIMIT}:
                limits += [end * (high if axis is TIMES_UPPER_LIMIT else 1) for end in cut.cuts[1:-1]]
    within = RANGES[analyte].quantity
    values = sorted({float(f"{end * times:.6g}") for end in limits for times in _BESIDE} | {float(f"{(low + high) / 2:.6g}")})
    return st.sampled_from([value for value in values if within.least <= value <= within.greatest])


def _anyhow(draw: st.DrawFn, analyte: Analyte, collected: When | None) -> LabResult:
    """A result of any size, in any unit, with any limits."""
    unit, step = draw(
        st.sampled_from([(unit, step) for unit, step in sorted(KINDS[analyte].spellings.items()) if isinstance(step, int | float)])
    )
    ranges = RANGES[analyte]
    normal = min(ranges.quantity.greatest, 3 * ranges.upper_limit.greatest)

    def within(low: float, high: float) -> st.SearchStrategy[float]:
        """Numbers in the unit, rounded as a laboratory would."""
        return st.floats(low * 1.001 / step, high * 0.999 / step).map(lambda number: float(f"{number:.4g}"))

    values = within(ranges.quantity.least, ranges.quantity.greatest) | within(ranges.quantity.least, normal)
    high = draw(within(ranges.upper_limit.least, ranges.upper_limit.greatest))
    low = draw(within(ranges.lower_limit.least, min(ranges.lower_limit.greatest, high * step)))
    return LabResult(
        analyte,
        f"{draw(_BOUNDS)}{draw(values)} {unit}",
        collected,
        draw(known_or_not(st.just((low, unit)))),
        draw(known_or_not(st.just((high, unit)))),
        draw(known_or_not(values.map(lambda number: (number, unit)))),
    )

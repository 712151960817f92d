"""The values of laboratory results with their limits as codes.

If the limits do not vary in a chunk, a code depends on the value alone, and a few comparisons with floats find it. They need no rounding:
each cut is moved to the first float of the column that the library counts as the cut.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf, nextafter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.frames.columns import prefix_of
from tarlatamab_rules.cohort.frames.folds import Coded, nothing
from tarlatamab_rules.cohort.reading.coders import band_codes, first_float, sides
from tarlatamab_rules.cohort.reading.digits import fifteen_digits
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.frames.cuts import LabCuts
    from tarlatamab_rules.cohort.frames.facts import Facts

    Floats: TypeAlias = npt.NDArray[np.float64]
    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["Values", "values_of"]

_BESIDE = ("upper_limit", "lower_limit", "baseline")
_ABOVE = 2
"""From this side on, a value is, or may be, above its upper limit."""


@frozen(eq=False)
class Values:
    """The values of the results of an analyte, with their limits.

    Attributes:
        codes: A code for each row. Frames with other limits may use the same codes for other values.

        limits: The limits and the unit for which the codes hold; ``None`` if they hold for all.

        raised: The rows whose value is, or may be, above its upper limit.

        among_all: For each of the codes, one that holds for all limits; ``None`` if they do.
    """

    codes: Coded
    limits: object
    raised: Truths
    among_all: Coded | None

    def take(self, rows: npt.NDArray[np.intp]) -> Coded:
        """For some rows, codes that hold for all limits; 0 without a result."""
        codes = self.codes.take(rows)
        return codes if self.among_all is None else Coded(self.among_all.codes.take(codes.codes), self.among_all.size, grows=True)


def values_of(facts: Facts, analyte: Analyte) -> Values:
    """The values of the results of an analyte."""
    fixed = _fixed(facts, analyte)
    if fixed is not None:
        return fixed
    chunk, name = facts.chunk, prefix_of(analyte)
    value = chunk.amounts(name, KINDS[analyte], RANGES[analyte].quantity)
    assert value is not None  # noqa: S101  # the column is there
    known, of = ~np.isnan(value), {"quantity": value}
    for fact in _BESIDE:
        limit = chunk.amounts(f"{name}_{fact}", KINDS[analyte], getattr(RANGES[analyte], fact), name, known)
        if limit is not None:
            of[fact] = limit
    codes, above = _coded(facts, analyte, of)
    shifted = codes.codes + np.int32(1)
    if not known.all():
        shifted[~known] = 0
    return Values(Coded(shifted, codes.size + 1, grows=True), None, known & (above >= _ABOVE), None)


def _coded(facts: Facts, analyte: Analyte, of: Mapping[str, Floats]) -> tuple[Coded, Codes]:
    """A code for the values of a result and what is beside it; and the side of the upper limit on which it is."""
    rows = len(of["quantity"])
    above = sides(of["quantity"], of["upper_limit"]) if "upper_limit" in of else np.full(rows, 3, np.int8)
    return facts.memory.chain(("value", analyte))(_parts(of, above, facts.cuts.labs[analyte])), above


def _parts(of: Mapping[str, Floats], above: Codes, cuts: LabCuts) -> Iterator[Coded]:
    yield Coded(band_codes(of["quantity"], cuts.value), len(cuts.value) + 1)
    if "upper_limit" in of:
        yield Coded(above, 4)
    upper = of.get("upper_limit")
    if cuts.plausible is not None:
        least, greatest = cuts.plausible
        absent = np.ones(len(above), bool) if upper is None else np.isnan(upper)
        upper = np.full(len(above), greatest) if upper is None else np.where(absent, greatest, upper)
        at = cuts.ratios["quantity", "upper_limit"]
        yield Coded(band_codes(np.where(absent, of["quantity"] / least, 0.0), at), len(at) + 1)
    divisors = dict(of) if upper is None else {**of, "upper_limit": upper}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for (dividend, divisor), at in cuts.ratios.items():
            if dividend in of and divisor in divisors:
                yield Coded(band_codes(of[dividend] / divisors[divisor], at), len(at) + 1)
    for one, other in _COMPARED:
        if one in of and other in of:
            yield Coded(sides(of[one], of[other]), 4)
    for fact in _BESIDE:
        if fact in of:
            yield Coded(np.isnan(of[fact]).astype(np.int8), 2)


_COMPARED = (("quantity", "lower_limit"), ("baseline", "upper_limit"), ("baseline", "lower_limit"), ("lower_limit", "upper_limit"))


# --- limits that do not vary ---


def _fixed(facts: Facts, analyte: Analyte) -> Values | None:
    """As `values_of`, if unit and limits are the same in all rows; else ``None``."""
    chunk, name = facts.chunk, prefix_of(analyte)
    unit, raw = chunk.one_unit(name), chunk.raw(name)
    if unit is None or raw is None:
        return None
    step = chunk.step(unit, KINDS[analyte])
    beside = {fact: chunk.one_value(f"{name}_{fact}") for fact in _BESIDE if chunk.has(f"{name}_{fact}")}
    if step is None or any(value is None for value in beside.values()):
        return None
    limits = repr((step, tuple(beside.items())))
    known = facts.memory.bands.get((analyte, limits))
    if known is None:
        known = _bands(facts, analyte, step, {fact: float(value or 0.0) for fact, value in beside.items()})
        facts.memory.bands[analyte, limits] = known
    if known.cuts is None:
        return None
    places = band_codes(raw, known.cuts)
    if places.min() == 0 or places.max() == len(known.cuts):
        chunk.mark(((places == 0) | (places == len(known.cuts))) & chunk.present(name), name)
    return Values(Coded(places, len(known.cuts) + 1), limits, places >= known.raised, known.codes)


@frozen(eq=False)
class Bands:
    """Bands of the values of a column whose limits do not vary.

    Attributes:
        cuts: Where they begin. The first cut is the least possible value, the last one the first value that is too great. ``None``, if a
            limit is impossible.

        codes: For each band the code of the value among all limits; 0 where there is no result.

        raised: The first band that is, or may be, above the upper limit.
    """

    cuts: tuple[float, ...] | None
    codes: Coded
    raised: int


def _bands(facts: Facts, analyte: Analyte, step: float, beside: Mapping[str, float]) -> Bands:
    """Where the values of a column are distinguished if its limits do not vary, with a code for a sample of each band between."""
    ranges, cuts = RANGES[analyte], facts.cuts.labs[analyte]
    of = {fact: fifteen_digits(np.array([value * step]))[0] for fact, value in beside.items()}
    if any(value == value and not getattr(ranges, fact).takes(value) for fact, value in of.items()):  # noqa: PLR0124  # NaN is not known
        return Bands(None, nothing(0), 0)
    upper, lower, baseline = of.get("upper_limit", np.nan), of.get("lower_limit", np.nan), of.get("baseline", np.nan)
    plausible = () if upper == upper or cuts.plausible is None else cuts.plausible  # noqa: PLR0124
    divisors = {"upper_limit": plausible[1] if plausible else upper, "baseline": baseline}

    def first(cut: float, by: float = 1.0, *, above: bool = False) -> float:
        wanted = nextafter(cut, inf) if above else cut
        return first_float(lambda number: _kept(number * step) / by >= wanted)

    ends = [first(float(ranges.quantity.least)), first(float(ranges.quantity.greatest), above=True)]
    inner = {first(cut) for cut in cuts.value}
    for limit in (upper, lower):
        inner |= {first(limit), first(limit, above=True)} if limit == limit else set()  # noqa: PLR0124
    for (dividend, divisor), at in cuts.ratios.items():
        by = divisors.get(divisor, np.nan)
        inner |= {first(cut, by) for cut in at} if dividend == "quantity" and by == by and by > 0 else set()  # noqa: PLR0124
    if plausible:
        inner |= {first(cut, plausible[0]) for cut in cuts.ratios["quantity", "upper_limit"]}
    starts = sorted({ends[0], *(cut for cut in inner if ends[0] < cut < ends[1])})
    quantity = fifteen_digits(np.array(starts) * step)
    codes, above = _coded(facts, analyte, {"quantity": quantity, **{fact: np.full(len(starts), value) for fact, value in of.items()}})
    of_bands = np.concatenate([[0], codes.codes + 1, [0]]).astype(np.int32)
    return Bands((*starts, ends[1]), Coded(of_bands, codes.size + 1, grows=True), 1 + int((above < _ABOVE).sum()))


def _kept(number: float) -> float:
    return float(f"{number:.15g}")

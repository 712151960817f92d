"""Where the grade of an analyte changes: values with the same grade, as bands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.facts import TIMES_BASELINE, TIMES_UPPER_LIMIT, VALUE
from tarlatamab_rules.rulebooks.questions import LAB_GRADE
from tarlatamab_rules.rules.grading import grade_lab

if TYPE_CHECKING:
    from tarlatamab_rules.core.axes import Axis
    from tarlatamab_rules.inputs.vocabulary import Grade

__all__ = ["Band", "bands_of"]

Possible: TypeAlias = "tuple[Grade | None, ...]"


@frozen
class Band:
    """Values of one analyte that have the same grade.

    Attributes:
        low: The least value, in the unit of the analyte.

        high: The greatest one.

        grades: The grades that are possible; ``None`` among them if the scale may leave it open.
    """

    low: float
    high: float
    grades: Possible

    @property
    def words(self) -> str:
        """The grades in words: *grade 3*, or *grade 0 or 1*."""
        names = [f"{grade:d}" for grade in self.grades if grade is not None]
        open_ = ["not given by the scale"] if None in self.grades or not names else []
        return " or ".join([f"grade {' or '.join(names)}"] * bool(names) + open_)


def bands_of(analyte: Analyte, like: LabResult | None, scale: str) -> tuple[Band, ...]:
    """Where the grade of an analyte changes, by asking the scale on both sides of every limit that it names.

    Args:
        analyte: The analyte.

        like: A result with the limits of normal and the value before treatment; ``None``: they are not known.

        scale: The name of the scale.
    """
    taken = RANGES[analyte].quantity
    edges = sorted({edge for edge in _edges(analyte, like, scale) if taken.least < edge < taken.greatest})
    bands: list[Band] = []
    for low, high in pairwise((taken.least, *edges, taken.greatest)):
        probe = Amount((low + high) / 2, KINDS[analyte].unit)
        limits = (None, None, None) if like is None else (like.lower_limit, like.upper_limit, like.baseline)
        grades = grade_lab(LabResult(analyte, probe, None, *limits), rulebook=scale).possible or (None,)
        if bands and bands[-1].grades == grades:
            bands[-1] = Band(bands[-1].low, high, grades)
        else:
            bands.append(Band(low, high, grades))
    return tuple(bands)


def _edges(analyte: Analyte, like: LabResult | None, scale: str) -> Iterator[float]:
    """Every value at which the grade may change."""
    limits = () if like is None else (like.lower_limit, like.upper_limit, like.baseline)
    yield from (limit.value for limit in limits if limit is not None)
    upper, baseline = (None, None) if like is None else (like.upper_limit, like.baseline)
    one = Amount(1, KINDS[analyte].unit)
    times: dict[Axis, Amount | None] = {VALUE: one, TIMES_UPPER_LIMIT: upper, TIMES_BASELINE: baseline}
    for row in resolve(scale).rows[LAB_GRADE[analyte]]:
        for axis, condition in row.when.items():
            factor = times.get(axis)
            if factor is not None and isinstance(condition, Interval):
                yield from (float(f"{end * factor.value:.12g}") for end in (condition.low, condition.high) if isfinite(end))

"""Synthetic laboratory results: a panel before each dose, some more later, in the units that laboratories use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.synthetic.columns import NOT_KNOWN, Array, Draft, Draws, of_three_digits
from tarlatamab_rules.cohort.synthetic.courses import SITES, Courses
from tarlatamab_rules.inputs.analytes import GREATEST, KINDS, LEAST, Analyte

__all__ = ["labs_of"]


@frozen(eq=False)
class Ordinary:
    """What results of one analyte look like.

    Attributes:
        middle: A usual value, in the unit of the analyte.

        spread: How far patients differ, as a standard deviation of logarithms.

        low: The lower limit of normal; NaN if laboratories print none.

        high: The upper limit of normal.

        units: The units in which laboratories report it.

        before: How often it is measured before a dose.

        after: How often it is measured a few days after one.

        rarely: What a value is multiplied by in the few results that show a toxicity.
    """

    middle: float
    spread: float
    low: float | None
    high: float
    units: tuple[str, ...]
    before: float
    after: float
    rarely: float


_ENZYMES, _COUNTS = ("U/L", "IU/L", "ukat/L"), ("10*9/L", "K/uL", "G/L")
_LABORATORY: Final[Mapping[Analyte, Ordinary]] = {
    Analyte.NEUTROPHILS: Ordinary(3.9, 0.3, 1.8, 7.7, (*_COUNTS, "/uL"), 0.97, 0.4, 0.15),
    Analyte.WHITE_CELLS: Ordinary(6.4, 0.25, 4.0, 11.0, _COUNTS, 0.6, 0.2, 0.3),
    Analyte.LYMPHOCYTES: Ordinary(1.3, 0.4, 1.0, 4.0, _COUNTS, 0.6, 0.2, 0.3),
    Analyte.HEMOGLOBIN: Ordinary(12.4, 0.1, 12.0, 16.0, ("g/dL", "g/L", "mmol/L"), 0.97, 0.4, 0.6),
    Analyte.PLATELETS: Ordinary(220, 0.25, 150, 400, _COUNTS, 0.97, 0.4, 0.2),
    Analyte.ALT: Ordinary(24, 0.35, 5, 45, _ENZYMES, 0.97, 0.3, 9),
    Analyte.AST: Ordinary(23, 0.3, 5, 40, _ENZYMES, 0.97, 0.3, 9),
    Analyte.BILIRUBIN: Ordinary(0.6, 0.3, None, 1.2, ("mg/dL", "umol/L"), 0.97, 0.3, 5),
    Analyte.CREATININE: Ordinary(0.9, 0.2, 0.5, 1.2, ("mg/dL", "umol/L"), 0.6, 0.1, 2.5),
    Analyte.SODIUM: Ordinary(138, 0.02, 135, 145, ("mmol/L", "meq/L"), 0.6, 0.1, 0.92),
    Analyte.POTASSIUM: Ordinary(4.2, 0.08, 3.5, 5.1, ("mmol/L", "meq/L"), 0.6, 0.1, 0.75),
    Analyte.URIC_ACID: Ordinary(5.2, 0.2, 2.5, 7.2, ("mg/dL", "umol/L"), 0.6, 0.0, 2),
}
"""What these synthetic laboratories report. No rule uses these numbers."""

_DAY: Final = 24 * 60
_SELDOM, _UNIT_OF_ANOTHER_SITE = 0.006, 0.05
_WITHOUT_LIMITS, _WITHOUT_BASELINE, _UNDATED, _BELOW_DETECTION = 0.03, 0.3, 0.004, 0.003
_WITHIN_PATIENT: Final = 0.5


def labs_of(courses: Courses, draws: Draws) -> Draft:
    """The table of results, in the order of their analytes. The results of one sample share its time."""
    count = len(courses.started)
    before = courses.started - draws.integers(_DAY // 24, 2 * _DAY, count)
    after = courses.started + draws.integers(_DAY, 6 * _DAY, count)
    drawn = np.where(draws.random((2, count)) < _UNDATED, NOT_KNOWN, (before, after))
    parts = [_of_analyte(number, courses, drawn, draws) for number in range(len(_LABORATORY))]
    joined = {name: np.concatenate([part.pop(name) for part in parts]) for name in tuple(parts[0])}
    draft = Draft()
    draft.add_words("analyte", tuple(_LABORATORY), joined.pop("analyte"))
    draft.add_words("unit", _UNITS, joined.pop("unit"))
    draft.add_words("comparator", ("<",), joined.pop("comparator"))
    draft.moments["collected"] = joined.pop("collected")
    draft.plain.update(joined)
    return draft


_UNITS: Final = tuple(dict.fromkeys(unit for usual in _LABORATORY.values() for unit in usual.units))


def _of_analyte(number: int, courses: Courses, drawn: Array, draws: Draws) -> dict[str, Array]:
    """The results of one analyte. Values, limits and baseline are in the unit of the result."""
    analyte, usual = tuple(_LABORATORY.items())[number]
    after, dose = np.nonzero(draws.random(drawn.shape) < np.array([[usual.before], [usual.after]]))
    patient, count = courses.patient[dose], len(dose)
    of_patient = usual.middle * np.exp(draws.normal(0, usual.spread, len(courses.first)))
    values = of_patient[patient] * np.exp(draws.normal(0, usual.spread * _WITHIN_PATIENT, count))
    values[draws.random(count) < _SELDOM] *= usual.rarely
    unit, factors = _units(usual, analyte, courses.site[patient], draws)
    factor = factors[unit]
    np.clip(values, LEAST[analyte] * 1.5, GREATEST[analyte] / 1.5, out=values)
    bound = draws.random(count) < _BELOW_DETECTION * (analyte is Analyte.NEUTROPHILS)
    values[bound] = usual.middle / 8
    limits = draws.random(count) >= _WITHOUT_LIMITS
    known = draws.random(len(courses.first)) >= _WITHOUT_BASELINE
    before = np.where(known, of_patient, np.nan)[patient]
    return {
        "patient": patient,
        "analyte": np.full(count, number, np.int32),
        "value": of_three_digits(values / factor),
        "unit": np.array([_UNITS.index(name) for name in usual.units], np.int32)[unit],
        "collected": drawn[after, dose],
        "lower_limit": _limits(usual.low, factors, unit, limits),
        "upper_limit": _limits(usual.high, factors, unit, limits),
        "baseline": of_three_digits(before / factor),
        "comparator": np.where(bound, 0, NOT_KNOWN),
    }


def _limits(limit: float | None, factors: Array, unit: Array, known: Array) -> Array:
    """A limit of normal in the unit of each result."""
    return np.full(len(unit), np.nan) if limit is None else np.where(known, of_three_digits(limit / factors)[unit], np.nan)


def _units(usual: Ordinary, analyte: Analyte, site: Array, draws: Draws) -> tuple[Array, Array]:
    """Which unit each result has, and the factor of each unit to that of the analyte. A site has a unit, and some results another one."""
    count = len(usual.units)
    factors = np.array([KINDS[analyte].spellings[unit] for unit in usual.units])
    of_site = draws.integers(0, count, len(SITES))
    which = np.where(draws.random(len(site)) < _UNIT_OF_ANOTHER_SITE, draws.integers(0, count, len(site)), of_site[site])
    return which, factors

"""Flagged values as baselines of all results of the patient and the test, each in the unit of its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from math import isclose, isnan
from typing import Any, Final

import numpy as np

from tarlatamab_rules.cohort.foreign.dates import day_of
from tarlatamab_rules.cohort.foreign.sources import first_of
from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.units import step_of_unit

__all__ = ["baselines"]

_NOT_ONE_NUMBER: Final = "Flagged baselines that are no single number, and are not used"
_LATER: Final = "Flagged baselines drawn after the first dose, which are no values before treatment and are not used"
_DIFFER: Final = "Flagged baselines that differ from each other, so that none is used"
_NO_UNIT: Final = "Results without their baseline, because its unit or theirs is not known"


def baselines(columns: Mapping[str, Any], flagged: Array, first: Mapping[Any, date]) -> tuple[Array, tuple[str, ...]]:
    """The baseline of each row, NaN if there is none, and notes on flagged values that are not used.

    Args:
        columns: The columns ``patient``, ``analyte``, ``value``, ``unit``, ``comparator`` and ``collected`` of results.

        flagged: The rows whose value is a baseline.

        first: The day of the first dose of each patient.
    """
    names = ("patient", "analyte", "unit", "comparator", "collected")
    rows = list(zip(*(columns[name].to_pylist() for name in names), columns["value"].tolist(), strict=True))
    of_test: dict[Any, dict[int, tuple[float, str | None]]] = {}
    notes: dict[str, Counter[str]] = {_NOT_ONE_NUMBER: Counter(), _LATER: Counter(), _DIFFER: Counter(), _NO_UNIT: Counter()}
    for row in np.flatnonzero(flagged).tolist():
        patient, analyte, unit, bound, drawn, value = rows[row]
        day = day_of(drawn)
        if bound is not None or isnan(value):
            notes[_NOT_ONE_NUMBER][analyte] += 1
        elif day is not None and patient in first and day > first[patient]:
            notes[_LATER][analyte] += 1
        else:
            of_test.setdefault((patient, analyte), {})[row] = value, unit
    found = np.full(len(rows), np.nan)
    for row, (patient, analyte, unit, *_) in enumerate(rows):
        values = of_test.get((patient, analyte), {})
        here = [_converted(value, of, unit, analyte) for value, of in values.values()]
        if any(map(isnan, here)):
            notes[_NO_UNIT][analyte] += 1
        elif here and all(isclose(here[0], other) for other in here):
            found[row] = here[0]
        elif row in values:
            notes[_DIFFER][analyte] += 1
    return found, tuple(_as_text(notes))


def _converted(value: float, unit: str | None, to: str | None, analyte: str) -> float:
    """A value in another unit; NaN if one of the two is not known."""
    if unit == to:
        return value
    steps = [None if text is None else step_of_unit(KINDS[Analyte(analyte)], text) for text in (unit, to)]
    if steps[0] is None or steps[1] is None:
        return np.nan
    return value * steps[0][0] / steps[1][0]


def _as_text(notes: Mapping[str, Counter[str]]) -> Iterator[str]:
    for what, analytes in notes.items():
        if analytes:
            yield f"{what}: {first_of([f'{analyte} ({rows})' for analyte, rows in analytes.most_common()])}."

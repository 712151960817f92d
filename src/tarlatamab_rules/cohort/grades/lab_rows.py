"""Long columns of laboratory results: numbers for what can be read by column, and each row as a `LabResult`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.grades.lab_spans import BOUNDS
from tarlatamab_rules.cohort.reading.digits import Array
from tarlatamab_rules.cohort.reading.readings import NOT_KNOWN, Frame, Words
from tarlatamab_rules.inputs._unit_text import NUMBER
from tarlatamab_rules.inputs.labs import LabResult

__all__ = ["Labs", "labs_of_frame", "number_of"]


@frozen(eq=False)
class Labs:
    """Long columns of results.

    Attributes:
        analyte: What was measured.

        unit: The unit of value, limits and baseline.

        value: The numbers; NaN if they are missing or not one number.

        bound: The place of each bound in `BOUNDS`; -1 if the value or its bound has to be read as text.

        text: The values as text, if the column holds text.

        comparator: The bounds as text.

        limits: ``lower_limit``, ``upper_limit`` and ``baseline``; NaN if not known.

        symptoms: 1 or 0; -1 if it is not known.
    """

    analyte: Words
    unit: Words
    value: Array
    bound: Array
    text: Words | None
    comparator: Words
    limits: Mapping[str, Array]
    symptoms: Array

    def result(self, row: int) -> LabResult:
        """A row as a `LabResult`. Raises `FieldError` if it is none."""
        bound, unit = self.comparator.at(row), self.unit.at(row)
        number: Any = float(self.value[row]) if self.text is None else self.text.at(row)
        limits: dict[str, Any] = {name: (float(values[row]), unit) for name, values in self.limits.items() if values[row] == values[row]}
        analyte: Any = self.analyte.at(row)
        quantity: Any = (f"{bound}{number}" if bound else number, unit)
        return LabResult(analyte, quantity, None, **limits)

    def symptomatic(self, row: int) -> bool | None:
        """Whether the result of a row causes symptoms; ``None`` if it is not known."""
        return None if self.symptoms[row] == NOT_KNOWN else bool(self.symptoms[row])

    def given(self) -> Array:
        """Which rows have a value."""
        return ~np.isnan(self.value) if self.text is None else self.text.codes != NOT_KNOWN


def labs_of_frame(frame: Frame) -> Labs:
    """The columns of results of a frame, named as those of the table ``labs`` of a registry."""
    comparator = frame.words("comparator")
    bounds = np.array([_BOUND_CODES.get(text, NOT_KNOWN) for text in comparator.words] + [0], np.int8)[comparator.codes]
    text = frame.words("value") if frame.holds_text("value") else None
    value = frame.numbers("value") if text is None else np.empty(0)
    if text is not None:
        parsed = [number_of(item) for item in text.words]
        value = np.array([number for number, _ in parsed] + [np.nan])[text.codes]
        own = np.array([bound for _, bound in parsed] + [0], np.int8)[text.codes]
        bounds = np.where(own == 0, bounds, np.where(comparator.codes == NOT_KNOWN, own, NOT_KNOWN))
    limits = {name: frame.numbers(name) for name in ("lower_limit", "upper_limit", "baseline")}
    return Labs(frame.words("analyte"), frame.words("unit"), value, bounds, text, comparator, limits, frame.truths("symptoms"))


_BOUND_CODES: Final = {bound: code for code, bound in enumerate(BOUNDS)}


def number_of(text: str) -> tuple[float, int]:
    """A plain number and the code of its bound; not a number and -1 for any other text."""
    match = NUMBER.fullmatch(text.strip())
    if match is None or match[3] or (match[1] or "") not in _BOUND_CODES:
        return np.nan, NOT_KNOWN
    return float(match[2]), _BOUND_CODES[match[1] or ""]

"""The faults of a registry that people typed: wrong units, impossible values, typing errors, unknown patients, swapped dates, doubles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from tarlatamab_rules.cohort.synthetic.columns import NOT_KNOWN, Array, Draft, Draws

__all__ = ["soil"]

Fault: TypeAlias = Callable[[Draft, Array], None]
"""Spoils the rows with these numbers."""

_A_DAY: Final = 24 * 60


def soil(drafts: Mapping[str, Draft], share: float, draws: Draws) -> dict[str, dict[str, int]]:
    """Spoils a share of the rows of each table; says how many rows have which fault."""
    return {name: _soil(drafts[name], faults, share, draws) for name, faults in _FAULTS.items()}


def _soil(draft: Draft, faults: Mapping[str, Fault], share: float, draws: Draws) -> dict[str, int]:
    rows = len(draft.plain["patient"])
    spoiled = draws.permutation(rows)[: round(rows * share)]
    parts: Sequence[Array] = np.array_split(spoiled, len(faults))
    for fault, part in zip(faults.values(), parts, strict=True):
        fault(draft, part)
    return {name: len(part) for name, part in zip(faults, parts, strict=True)}


def _word(column: str, text: str) -> Fault:
    return lambda draft, rows: draft.spoil(column, text, rows)


def _times(column: str, factor: float) -> Fault:
    def fault(draft: Draft, rows: Array) -> None:
        draft.plain[column][rows] *= factor

    return fault


def _put(column: str, value: float) -> Fault:
    def fault(draft: Draft, rows: Array) -> None:
        draft.plain[column][rows] = value

    return fault


def _stranger(draft: Draft, rows: Array) -> None:
    """A patient whom the table of patients does not have."""
    draft.plain["patient"][rows] += 10**9


def _before(column: str, other: str) -> Fault:
    """A time that lies before the one that it should follow."""

    def fault(draft: Draft, rows: Array) -> None:
        draft.moments[column][rows] = np.where(draft.moments[other][rows] == NOT_KNOWN, NOT_KNOWN, draft.moments[other][rows] - _A_DAY)

    return fault


def _swapped(draft: Draft, rows: Array) -> None:
    lower, upper = draft.plain["lower_limit"], draft.plain["upper_limit"]
    lower[rows], upper[rows] = upper[rows], lower[rows].copy()


def _contradicted(draft: Draft, rows: Array) -> None:
    draft.truths["childbearing_potential"][rows], draft.truths["pregnant"][rows] = 0, 1


_FAULTS: Final[Mapping[str, Mapping[str, Fault]]] = {
    "patients": {
        "an impossible age": _put("age_years", 640),
        "a diagnosis that is misspelt": _word("diagnosis", "extensive stage sclc"),
        "pregnant without childbearing potential": _contradicted,
    },
    "doses": {
        "a point that does not exist": _word("point", "C1D9"),
        "a unit of another quantity": _word("unit", "mL"),
        "ended before it began": _before("ended", "started"),
        "an unknown patient": _stranger,
    },
    "labs": {
        "a unit of another quantity": _word("unit", "mg/kg"),
        "a value a thousand times too great": _times("value", 1000),
        "a negative value": _times("value", -1),
        "an analyte that is misspelt": _word("analyte", "neutrophiles"),
        "limits that are swapped": _swapped,
        "an unknown patient": _stranger,
    },
    "events": {
        "a toxicity that is misspelt": _word("toxicity", "cytokine release"),
        "a grade that does not exist": _put("grade", 7),
        "resolved before it began": _before("resolved", "onset"),
        "an unknown patient": _stranger,
    },
}

"""Synthetic registries: four tables with plausible courses, results, events and faults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from tarlatamab_rules.cohort.synthetic.courses import doses_of, make_courses, patients_of, planned_starts
from tarlatamab_rules.cohort.synthetic.dirt import soil
from tarlatamab_rules.cohort.synthetic.laboratory import labs_of
from tarlatamab_rules.cohort.synthetic.toxicities import as_known, events_of
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs.units import is_number

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["simulate"]

_SYNTHETIC: Final = "Synthetic. Made by tarlatamab_rules.cohort.simulate; no patient is real, and no frequency is real."
_MOST: Final = 100_000_000
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "doses": ("patient", "point", "started", "ended", "amount", "ordered", "unit", "complete", "status"),
    "patients": (
        "patient",
        "age_years",
        "diagnosis",
        "progressed_after_platinum",
        "infection",
        "childbearing_potential",
        "pregnant",
        "breastfeeding",
        "hypersensitivity",
        "site",
        "site_zone",
    ),
    "labs": ("patient", "analyte", "value", "comparator", "unit", "collected", "lower_limit", "upper_limit", "baseline"),
    "events": (
        "patient",
        "toxicity",
        "grade",
        "scale",
        "status",
        "onset",
        "improved",
        "resolved",
        "current_grade",
        "other_cause",
        "bleeding",
    ),
}
"""The columns of each table, in their order."""


def simulate(n: int, seed: int = 0, *, dirt: float = 0.01, kind: Literal["arrow", "pandas", "polars"] = "arrow") -> dict[str, Any]:
    """A synthetic registry: the tables ``doses``, ``patients``, ``labs`` and ``events``, as `assess_registry` takes them.

    Every patient is made up. Courses follow the default book, with delays, restarts, restarts that were missed, infusions that were not
    completed, and doses that are only planned. Nothing is dated after a planned dose.
    Results are in the units of six sites, which also have their time zones. About one event follows each dose. The frequencies are
    invented: **they say nothing about the drug**.

    The same arguments give the same tables, with the same release of numpy.

    Args:
        n: How many doses.

        seed: Another number gives another registry.

        dirt: The share of rows of each table that have a fault: a wrong unit, an impossible value, a typing error, an unknown patient.

        kind: The kind of the tables: ``arrow``, ``pandas`` or ``polars``.

    Returns:
        The four tables by their names. The metadata of Arrow tables, and ``attrs`` of pandas frames, say that they are synthetic, and how
        many rows have which fault.

    Raises:
        FieldError: A number is out of range, or *kind* is not known.

        ImportError: numpy, pyarrow, or the library of *kind* is not installed.
    """
    doses, start = _whole(n, "n", 1), _whole(seed, "seed", 0)
    share = _share(dirt)
    if kind not in _KINDS:
        raise FieldError("kind", f"{shown(kind)} is not known", f"use one of {', '.join(_KINDS)}")
    draws = np.random.Generator(np.random.PCG64(start))
    courses = make_courses(doses, draws)
    drafts = {
        "doses": doses_of(courses, draws),
        "patients": patients_of(courses, draws),
        "labs": labs_of(courses, draws),
        "events": events_of(courses, draws),
    }
    until = planned_starts(courses, drafts["doses"])
    drafts["labs"].keep(drafts["labs"].moments["collected"] <= until[drafts["labs"].plain["patient"]])
    as_known(drafts["events"], until)
    faults = soil(drafts, share, draws)
    tables = {name: drafts[name].table(order, _about(name, faults[name])) for name, order in _ORDERS.items()}
    return {name: _KINDS[kind](table) for name, table in tables.items()}


def _about(name: str, faults: Mapping[str, int]) -> dict[str, str]:
    return {"synthetic": _SYNTHETIC, "table": name, "faults": json.dumps(faults)}


def _whole(value: int, path: str, least: int) -> int:
    if not is_number(value, Integral):
        raise FieldTypeError(path, f"{shown(value)} is not a whole number", f"write a whole number from {least} to {_MOST}")
    if not least <= value <= _MOST:
        raise FieldError(path, f"{shown(value)} is out of range", f"write a whole number from {least} to {_MOST}")
    return int(value)


def _share(value: float) -> float:
    fix = "write a share from 0 to 1, such as 0.01"
    if not is_number(value, Real):
        raise FieldTypeError("dirt", f"{shown(value)} is not a number", fix)
    if not (isfinite(value) and 0 <= value <= 1):
        raise FieldError("dirt", f"{shown(value)} is out of range", fix)
    return float(value)


def _pandas(table: pa.Table) -> Any:  # noqa: ANN401  # a frame of pandas, which is not needed by others
    frame = table.replace_schema_metadata().to_pandas()
    frame.attrs.update({key.decode(): value.decode() for key, value in table.schema.metadata.items()})
    return frame


def _polars(table: pa.Table) -> Any:  # noqa: ANN401  # a frame of polars, which is not needed by others
    import polars as pl  # noqa: PLC0415  # needed for this kind alone

    return pl.from_arrow(table)


def _arrow(table: pa.Table) -> Any:  # noqa: ANN401  # as above
    return table


_KINDS: Final = {"arrow": _arrow, "pandas": _pandas, "polars": _polars}

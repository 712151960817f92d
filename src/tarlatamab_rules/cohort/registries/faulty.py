"""Results and events that are refused, left out on demand: each with its fault, and every dose that would have seen it is marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from attrs import evolve, frozen

from tarlatamab_rules.cohort.registries.alone import Alone
from tarlatamab_rules.cohort.registries.clock import moments
from tarlatamab_rules.cohort.registries.coding import Array
from tarlatamab_rules.cohort.registries.courses import zones_of
from tarlatamab_rules.cohort.registries.episodes import event_rows
from tarlatamab_rules.cohort.registries.lab_codes import lab_codes
from tarlatamab_rules.core.errors import FieldError

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.codebook import Codebook
    from tarlatamab_rules.cohort.registries.doses import Registry
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["LeftOut", "suspects_of", "without_faulty"]

Suspects: TypeAlias = "Mapping[str, Array]"
"""The rows of ``labs`` and ``events`` that may be refused."""


@frozen(eq=False)
class LeftOut:
    """The rows that were left out.

    Attributes:
        faults: Why each is refused, by the row as errors name it, such as ``labs[6]``.

        seen: For each dose, by its row, the rows that it would have seen.
    """

    faults: Mapping[str, str]
    seen: Mapping[int, tuple[str, ...]]


def suspects_of(registry: Registry, book: Rulebook, codebook: Codebook) -> Suspects:
    """The rows of results and events that may be refused, found by columns. All others are certainly taken."""
    suspects: dict[str, Array] = {}
    if registry.labs is not None:
        table, patient = registry.labs.table, registry.labs.patient
        drawn = moments(table.times.get("collected"), table.rows, zones_of(registry, patient))
        suspects["labs"] = np.flatnonzero((lab_codes(registry, book, codebook).code < 0) | drawn.doubtful)
    events = event_rows(registry, Alone(np.zeros(registry.patients.rows, np.int16)))
    if events is not None:
        odd = events.onset.doubtful | events.improved.doubtful | events.resolved.doubtful
        suspects["events"] = np.flatnonzero((events.kind < 0) | odd)
    return suspects


def without_faulty(registry: Registry, suspects: Suspects | None = None) -> tuple[Registry, LeftOut]:
    """The registry without the results and events that are refused by themselves.

    Args:
        registry: The tables.

        suspects: The rows to look at; all if left out.
    """
    faults: dict[str, str] = {}
    seen: dict[int, list[str]] = {}
    changed = {}
    for name in ("labs", "events"):
        grouped = getattr(registry, name)
        if grouped is None:
            continue
        rows = np.arange(grouped.table.rows) if suspects is None else suspects[name]
        dropped = np.zeros(grouped.table.rows, bool)
        for row, fault, doses in _faulty(registry, name, rows):
            path = grouped.table.path(row)
            faults[path], dropped[row] = str(fault), True
            for dose in doses:
                seen.setdefault(dose, []).append(path)
        changed[name] = grouped.without(dropped)
    return evolve(registry, **changed), LeftOut(faults, {dose: tuple(paths) for dose, paths in seen.items()})


def _faulty(registry: Registry, name: str, rows: Array) -> Iterator[tuple[int, FieldError, list[int]]]:
    """The rows that are refused, each with its fault and the doses that would have seen it."""
    patient = getattr(registry, name).patient[rows]
    order = np.argsort(patient, kind="stable")
    person = None
    for row, who in zip(rows[order].tolist(), patient[order].tolist(), strict=True):
        if who < 0:  # no dose sees it
            continue
        person = person if person is not None and person.row == who else registry.person(who)
        if (fault := person.fault_of(name, row)) is not None:
            yield row, fault, person.doses_that_see(name, row)

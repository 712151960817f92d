"""The four tables of a registry in pieces: each piece holds all rows of some patients, so that memory is bounded by a piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.cohort.reading.tables import plain_column
from tarlatamab_rules.cohort.registries.coding import Array
from tarlatamab_rules.cohort.registries.doses import Registry
from tarlatamab_rules.cohort.registries.records import patients_in

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.reading.tables import Source

__all__ = ["Divided", "divided"]

Rows: TypeAlias = "Array | slice"


@frozen(eq=False)
class _Placed:
    """The rows of a table by patient.

    Attributes:
        source: The table.

        order: The rows, those of a patient together; ``None`` if they are so in the table.

        begins: Where the rows of each patient begin; one more than there are patients. Rows without a patient stand before the first.
    """

    source: Source
    order: Array | None = field(repr=False)
    begins: Array = field(repr=False)

    def rows(self, low: int, high: int) -> Rows:
        """The rows of the patients from *low* up to *high*; with the first patient also the rows without one."""
        begin, end = int(self.begins[low]) if low else 0, int(self.begins[high])
        return slice(begin, end) if self.order is None else self.order[begin:end]


@frozen(eq=False)
class Divided:
    """The tables of a registry, and the patients of each piece.

    Attributes:
        sources: The tables by name.

        bounds: Where the patients of each piece begin; one more than there are pieces.

        patient: The patient of each dose, as a row of the table of patients; -1 if there is none.

        site_zone: The time zone of every site whose row names none.
    """

    sources: Mapping[str, Source]
    bounds: tuple[int, ...]
    patient: Array = field(repr=False)
    site_zone: str | None
    _placed: Mapping[str, _Placed] = field(repr=False)

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return len(self.bounds) - 1

    @property
    def unlisted(self) -> dict[str, int]:
        """How many rows of results and events are of patients who are not listed, so that no dose sees them."""
        return {name: int(self._placed[name].begins[0]) for name in ("labs", "events") if name in self._placed}

    def piece(self, n: int) -> Registry:
        """The registry of the patients of a piece."""
        return self._of(self.bounds[n], self.bounds[n + 1])

    def of_patient(self, patient: int) -> Registry:
        """The registry of one patient."""
        return self._of(patient, patient + 1, alone=True)

    def _of(self, low: int, high: int, *, alone: bool = False) -> Registry:
        tables = {}
        for name, placed in self._placed.items():
            rows = placed.rows(low, high)
            if alone and low == 0:  # without the rows that have no patient
                rows = slice(int(placed.begins[0]), rows.stop) if isinstance(rows, slice) else rows[int(placed.begins[0]) :]
            tables[name] = placed.source.table(rows)
        return Registry.of(tables["patients"], tables["doses"], tables.get("labs"), tables.get("events"), self.site_zone)


_PIECE: Final = 1 << 16
"""How many doses, events and tens of results a piece has: enough for arrays, and few enough to fit into memory beside the tables."""
_RESULTS: Final = 10


def divided(sources: Mapping[str, Source], site_zone: str | None, pieces: int) -> Divided:
    """The tables in at least so many pieces, and none of them much larger than fits into memory beside the tables.

    Raises:
        FieldTypeError: The patients of two tables are not of one type, or a column of dates or times holds something else.
    """
    for source in sources.values():
        source.table(slice(0, 0))  # refuses columns of a wrong type
    listed = plain_column(sources["patients"].arrow["patient"])
    listed = listed.cast(pa.string()) if pa.types.is_null(listed.type) else listed
    ids = listed.unique() if len(listed) else listed
    count = len(ids)
    size = np.zeros(count, np.float64)
    # Rows without an id are of nobody, and so in the first piece.
    placed, patient = {"patients": _placed(sources["patients"], patients_in("patients", listed, ids), count)}, np.zeros(0, np.int32)
    for name, source in sources.items():
        if name == "patients":
            continue
        found = patients_in(name, plain_column(source.arrow["patient"]), ids)
        patient = found if name == "doses" else patient
        placed[name] = _placed(source, found, count)
        size += np.diff(placed[name].begins) / (_RESULTS if name == "labs" else 1)
    return Divided(sources, _bounds(size, pieces), patient, site_zone, placed)


def _placed(source: Source, patient: Array, patients: int) -> _Placed:
    """The rows of a table by patient."""
    in_order = bool((patient[1:] >= patient[:-1]).all())
    order = None if in_order else np.argsort(patient, kind="stable")
    sorted_ = patient if order is None else patient[order]
    begins = np.searchsorted(sorted_, np.arange(patients + 1, dtype=patient.dtype))
    return _Placed(source, order if order is None or len(order) > _INT else order.astype(np.int32), begins)


_INT: Final = np.iinfo(np.int32).max


def _bounds(size: Array, pieces: int) -> tuple[int, ...]:
    """Where the patients of each piece begin."""
    total = float(size.sum())
    many = max(pieces, int(np.ceil(total / _PIECE)), 1)
    inner = np.searchsorted(np.cumsum(size), np.arange(1, many) * (total / many), side="left") + 1
    return tuple(dict.fromkeys([0, *np.minimum(inner, len(size)).tolist(), len(size)])) if len(size) else (0, 0)

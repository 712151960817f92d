"""The rows of a frame in chunks: in threads, with bounded memory, and with a progress bar on a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from tarlatamab_rules.cohort.frames.assessing import Assessing
from tarlatamab_rules.cohort.frames.chunks import Chunk
from tarlatamab_rules.cohort.frames.coded import NO_ANSWER, Answers, Folded
from tarlatamab_rules.cohort.frames.kernel import Kernel
from tarlatamab_rules.cohort.frames.working import Outcome
from tarlatamab_rules.cohort.progress import counted
from tarlatamab_rules.cohort.reading.readings import pc
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._zones import zone_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.frames.loading import Loaded

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]

__all__ = ["answered"]

_ROWS: Final = 1 << 19
"""The most rows of a chunk: few enough for the caches of a processor, many enough for numpy."""
_FEW: Final = 1 << 16
"""So many rows are not divided among threads."""
_LONG: Final = 1 << 20
"""From so many rows on, a terminal shows the progress."""
_ZONE: Final = "site_zone"
_NO_ZONE: Final = "a time zone of the site that is not known"


def answered(loaded: Loaded, kernel: Kernel, names: Sequence[str], *, threads: int | None = None) -> Answers:
    """The answers of all rows.

    Args:
        loaded: The frame.

        kernel: What answers it.

        names: The parts of the answers; if empty, only the verdicts.

        threads: How many threads work; as many as there are processors if left out.
    """
    workers = threads or os.cpu_count() or 1
    most = min(_ROWS, max(_FEW, -(-loaded.rows // workers)))
    starts = range(0, loaded.rows, most)

    def work(start: int) -> Outcome:
        rows = min(most, loaded.rows - start)
        columns = {
            name: column[start : start + rows] if isinstance(column, list) else column.slice(start, rows)
            for name, column in loaded.columns.items()
        }
        return _by_zone(kernel, columns, rows, parts=bool(names))

    count = min(workers, max(len(starts), 1))
    with ThreadPoolExecutor(count) if count > 1 else nullcontext() as pool:
        outcomes: Iterable[Outcome] = pool.map(work, starts) if pool else map(work, starts)
        if loaded.rows >= _LONG:
            outcomes = counted(outcomes, len(starts), "chunks of doses")
        return _joined(list(outcomes), kernel, names)


def _by_zone(kernel: Kernel, columns: Mapping[str, Any], rows: int, *, parts: bool) -> Outcome:
    """The answers to a chunk, whose rows may be of sites in different time zones."""
    given = kernel.asked.site_zone
    zones = columns.get(_ZONE)
    if zones is None or (not isinstance(zones, list) and zones.null_count == rows):
        return _in_zone(kernel, {name: column for name, column in columns.items() if name != _ZONE}, rows, given, parts=parts)
    if isinstance(zones, list) or not (
        pa.types.is_string(zones.type) or pa.types.is_large_string(zones.type) or pa.types.is_dictionary(zones.type)
    ):
        chunk = Chunk(columns, rows, kernel.asked.units, None)
        chunk.mark(np.ones(rows, bool), why=_NO_ZONE)
        return _answered(kernel, chunk, parts=parts)
    words = zones.cast(pa.string())
    found: list[tuple[npt.NDArray[np.intp], Outcome]] = []
    for zone in pc.unique(words).to_pylist():
        mask = (words.is_null() if zone is None else pc.equal(words, zone).fill_null(False)).to_numpy(zero_copy_only=False)  # noqa: FBT003  # null
        places = np.flatnonzero(mask)
        of_zone = {name: _taken(column, places) for name, column in columns.items() if name != _ZONE}
        found.append((places, _in_zone(kernel, of_zone, len(places), given if zone is None else zone, parts=parts)))
    return _together(found, rows)


def _taken(column: Any, places: npt.NDArray[np.intp]) -> Any:  # noqa: ANN401  # a column of Arrow, or a list
    return [column[place] for place in places.tolist()] if isinstance(column, list) else column.take(pa.array(places))


def _in_zone(kernel: Kernel, columns: Mapping[str, Any], rows: int, zone: str | None, *, parts: bool) -> Outcome:
    chunk = Chunk(columns, rows, kernel.asked.units, zone)
    if zone is not None:
        try:
            zone_of(zone)
        except FieldError:
            chunk = Chunk({**columns, _ZONE: [zone] * rows}, rows, kernel.asked.units, None)
            chunk.mark(np.ones(rows, bool), why=_NO_ZONE)
    return _answered(kernel, chunk, parts=parts)


def _answered(kernel: Kernel, chunk: Chunk, *, parts: bool) -> Outcome:
    work = Assessing(kernel, chunk, parts=parts)
    work.run()
    return work.outcome()


def _together(found: Sequence[tuple[npt.NDArray[np.intp], Outcome]], rows: int) -> Outcome:
    """Outcomes of some of the rows each, in the order of the rows."""
    verdict, way, faults = np.zeros(rows, np.int8), np.zeros(rows, np.int16), dict[int, str]()
    codes = {name: np.full(rows, NO_ANSWER, np.int32) for _, outcome in found for name in outcome.codes}
    for places, outcome in found:
        verdict[places], way[places] = outcome.verdict, outcome.way
        for name, of_part in outcome.codes.items():
            codes[name][places] = of_part
        faults.update({int(places[n]): says for n, says in outcome.faults.items()})
    return Outcome(verdict, codes, way, faults)


def _joined(outcomes: Sequence[Outcome], kernel: Kernel, names: Sequence[str]) -> Answers:
    """The answers of all chunks, one after the other."""
    faults: dict[int, str] = {}
    start = 0
    for outcome in outcomes:
        faults.update({start + n: says for n, says in outcome.faults.items()})
        start += len(outcome.verdict)
    parts = {
        name: (
            _end_to_end([outcome.codes[name] for outcome in outcomes], np.int32),
            kernel.codes[name].answers,
        )
        for name in names
    }
    return Answers(
        verdict=_end_to_end([outcome.verdict for outcome in outcomes], np.int8),
        parts=parts,
        missing=Folded.of(parts, "missing"),
        dissent=Folded.of(parts, "dissent"),
        way=(_end_to_end([outcome.way for outcome in outcomes], np.int16), tuple(kernel.ways)),
        faults=faults,
    )


def _end_to_end(arrays: Sequence[Codes], kind: Any) -> Codes:  # noqa: ANN401  # a type of numpy
    return np.concatenate(arrays).astype(kind, copy=False) if arrays else np.zeros(0, kind)

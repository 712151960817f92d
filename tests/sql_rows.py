"""Random rows of a frame that a script of SQL mostly answers: a regular course, with values on limits and other oddities in the rest."""

from __future__ import annotations

from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from cohort_rows import Rows, columns_of_rows
from tarlatamab_rules.cohort.frames.columns import prefix_of
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Toxicity

_START = date(2026, 3, 16)
_AMOUNTS = {1: 1.0}
_FACTS = ("grade", "scale", "status", "onset", "improved", "resolved", "current_grade", "other_cause", "bleeding")
_FULL = 10.0
EPISODES = (Toxicity.CRS, Toxicity.ICANS, Toxicity.NEUROTOXICITY, Toxicity.HYPERSENSITIVITY)


class PlainRows:
    """Random rows, most of which have the plain form that the script answers."""

    def __init__(self, seed: int, *, odd: int = 25, **choices: Any) -> None:
        """*odd*: one in so many of each kind of facts stays as `Rows` has it."""
        self.random, self.odd = Random(seed), odd  # noqa: S311  # nothing is secret
        self.rows = Rows(seed, **{"dated": "days", "findings": False, "calm": 0.4, **choices})

    def _odd(self) -> bool:
        return self.random.randrange(self.odd) == 0

    def row(self) -> dict[str, Any]:
        """A row."""
        row, pick = self.rows.row(), self.random.choice
        since = 8
        if not self._odd():
            since = self._course(row)
        for analyte in Analyte:
            name = prefix_of(analyte)
            if name in row and not self._odd():
                row[f"{name}_collected"] = _START - timedelta(days=pick((0, 0, 1, 1, 2, min(since - 1, 5), min(since - 1, 28))))
            elif name in row and self._odd():
                row[f"{name}_unit"] = pick(sorted(KINDS[analyte].spellings))
        row["events_reviewed"] = True
        if self._odd():
            row.pop("events_reviewed")
        self._episodes(row, since)
        return {name: value for name, value in row.items() if value is not None}

    def _course(self, row: dict[str, Any]) -> int:
        """A regular course up to the planned dose; gives the days since the last one."""
        pick = self.random.choice
        number = DosePoint.of(row["point"]).number
        since = pick((7, 7, 14, 14, 14, 14, 6, 8, 13, 15, 20, 21, 22, 27, 28, 29, 30, 35, 36, 42, 60, 1, 2, 329))
        row["planned_start"] = _START
        row["ordered"] = pick((_AMOUNTS.get(number, _FULL), _AMOUNTS.get(number, _FULL), None, 1.0, 10.0, 5.0))
        course = [name for name in row if name.startswith("previous_")]
        for name in course:
            row.pop(name)
        row["course_before"] = "regular"
        if number > 1:
            row |= {
                "previous_point": str(DosePoint.at(number - 1)),
                "previous_started": _START - timedelta(days=since),
                "previous_amount": _AMOUNTS.get(number - 1, _FULL),
            }
            if number == 2:
                row["course_before"] = pick(("regular", None))
            return since
        row["course_before"] = pick(("regular", None))
        return 29

    def _episodes(self, row: dict[str, Any], since: int) -> None:
        pick = self.random.choice
        for toxicity in Toxicity:
            name = prefix_of(toxicity)
            if self._odd():
                continue
            reported = any(f"{name}_{fact}" in row for fact in _FACTS)
            for fact in _FACTS:
                row.pop(f"{name}_{fact}", None)
            if not reported or toxicity not in EPISODES or "previous_point" not in row:
                continue
            onset = _START - timedelta(days=pick((0, 1, 2, since - 1, since, since - 3, since + 3, 7, 8, 14, 15, 21, 22, 3, 4)))
            ended = pick((None, 0, 1, 2, 6, 7, 8, 14, 15))
            row |= {f"{name}_grade": pick((1, 1, 2, 2, 3, 3, 4, 5)), f"{name}_onset": onset, f"{name}_status": pick(("active", "resolved"))}
            if ended is not None and row[f"{name}_status"] == "resolved":
                row[f"{name}_resolved"] = onset + timedelta(days=ended)


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a table of Arrow."""
    return pa.table({name: pa.array(values) for name, values in columns_of_rows(rows).items()})


def plausible(rows: int) -> tuple[pa.Table, dict[str, str]]:
    """The plausible frame of the benchmark, and the units of its columns."""
    spec = spec_from_file_location("benchmark_of_frames", Path(__file__).parents[1] / "benchmarks" / "cohort.py")
    assert spec is not None
    assert spec.loader is not None
    benchmark = module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    frame = benchmark.frame(rows)
    words = [n for n, kind in enumerate(frame.schema.types) if pa.types.is_dictionary(kind)]
    for n in words:
        frame = frame.set_column(n, frame.column_names[n], frame.column(n).cast(pa.string()))
    return frame, benchmark.UNITS

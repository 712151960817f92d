"""Whole assessments of a frame with one row a dose: how many rows a second, and whether ten times the rows take ten times as long.

    python benchmarks/cohort.py [ROWS ...]

A synthetic frame of 42 columns of Arrow: a patient, the planned and the previous dose, six results with limits and days, and episodes of
CRS and ICANS. The first frame also answers the combinations of facts that are new; that time is printed apart. CPU time of one thread, the
median of five; some rows are compared with the scalar function. Times on a machine with other work are upper bounds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tarlatamab_rules.cohort.frames.answers import parts_of
from tarlatamab_rules.cohort.frames.kernel import Kernel
from tarlatamab_rules.cohort.frames.loading import load
from tarlatamab_rules.cohort.frames.running import answered
from tarlatamab_rules.cohort.frames.scalar import Asked, Fault
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.rulebooks._registry import default

ROUNDS = 5
CHECKED = 300
UNITS = {"neutrophils": "10*9/L", "hemoglobin": "g/dL", "platelets": "10*9/L", "alt": "U/L", "ast": "U/L", "bilirubin": "mg/dL"}
_DOSES = 40


def _words(codes: npt.NDArray[Any], words: list[str], absent: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=absent), pa.array(words))


def _days(days: npt.NDArray[Any], absent: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=absent).cast(pa.date32())


def frame(rows: int) -> pa.Table:
    """A synthetic frame."""
    random = np.random.default_rng(1)
    number = np.minimum(1 + random.geometric(0.12, rows), _DOSES)
    number[random.random(rows) < 0.08] = 1
    first, points = number == 1, [str(DosePoint.at(place)) for place in range(1, _DOSES + 1)]
    start = 20_500 + random.integers(0, 700, rows)
    apart = np.where(
        number <= 3, random.choice([7, 7, 7, 8, 9, 14], rows), random.choice([7, 14, 14, 14, 14, 15, 13, 21, 28, 35, 10], rows)
    )
    columns: dict[str, pa.Array] = {
        "point": _words(number - 1, points),
        "planned_start": _days(start),
        "ordered": pa.array(np.where(first, 1.0, np.where(random.random(rows) < 0.97, 10.0, 1.0))),
        "previous_point": _words(np.maximum(number - 2, 0), points, first),
        "previous_started": _days(start - apart, first),
        "previous_amount": pa.array(np.where(number == 2, 1.0, 10.0), mask=first),
        "course_before": _words(np.zeros(rows), ["regular"]),
        "age_years": pa.array(np.round(random.normal(65, 9, rows).clip(17, 95))),
        "diagnosis": _words(random.choice(3, rows, p=[0.96, 0.02, 0.02]), ["extensive-stage-sclc", "limited-stage-sclc", "other"]),
        "infection": _words(
            random.choice(3, rows, p=[0.95, 0.04, 0.01]), ["none", "controlled", "uncontrolled"], random.random(rows) < 0.01
        ),
        "progressed_after_platinum": pa.array(random.random(rows) < 0.98, mask=random.random(rows) < 0.01),
        "hypersensitivity": pa.array(random.random(rows) < 0.01, mask=random.random(rows) < 0.01),
        "events_reviewed": pa.array(np.ones(rows, bool)),
    }
    for name in ("childbearing_potential", "pregnant", "breastfeeding"):
        columns[name] = pa.array(np.zeros(rows, bool), mask=random.random(rows) < 0.01)
    drawn = _days(start - random.choice([0, 1, 1, 1, 2, 3], rows))
    for name, mean, spread, limit in (("neutrophils", 4, 1.8, 1.8), ("hemoglobin", 11.5, 1.6, 12.0), ("platelets", 210, 80, 150.0)):
        columns[name] = pa.array(np.round(np.abs(random.normal(mean, spread, rows)) + mean / 100, 2))
        columns |= {f"{name}_lower_limit": pa.array(np.full(rows, limit)), f"{name}_collected": drawn}
    for name, middle, spread, limit in (("alt", 22, 0.6, 40.0), ("ast", 22, 0.6, 35.0), ("bilirubin", 0.5, 0.5, 1.1)):
        columns[name] = pa.array(np.round(np.exp(random.normal(np.log(middle), spread, rows)).clip(0.1, 900), 1) + 0.1)
        columns |= {f"{name}_upper_limit": pa.array(np.full(rows, limit)), f"{name}_collected": drawn}
    for name, share in (("crs", 0.12), ("icans", 0.04)):
        none, active = (random.random(rows) >= share) | first, random.random(rows) < 0.15
        onset = start - apart + random.choice([0, 1, 1, 2], rows)
        columns[f"{name}_grade"] = pa.array(random.choice([1, 1, 1, 2, 2, 3], rows).astype(np.int8), mask=none)
        columns[f"{name}_status"] = _words(active.astype(int), ["resolved", "active"], none)
        columns[f"{name}_onset"] = _days(onset, none)
        columns[f"{name}_resolved"] = _days(onset + random.choice([1, 2, 3, 4], rows), none | active)
    return pa.table(columns)


def timed(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median CPU time of a call, in seconds."""
    taken = []
    for _ in range(rounds):
        began = process_time()
        run()
        taken.append(process_time() - began)
    return median(taken)


def main() -> int:
    """Prints the figures for each number of rows."""
    kernel = Kernel(Asked(default(), None, None, UNITS))
    for rows in [int(float(text)) for text in sys.argv[1:]] or [1_000_000]:
        loaded = load(frame(rows))
        first = timed(lambda loaded=loaded: answered(loaded, kernel, (), threads=1), 1)  # type: ignore[misc]  # bound now
        verdicts = answered(loaded, kernel, (), threads=1)
        for row in range(0, rows, max(rows // CHECKED, 1)):
            answer = kernel.asked.answer(loaded.row(row))
            if verdicts.verdict[row] != (-1 if isinstance(answer, Fault) else answer.verdict.rank):
                print(f"row {row} DIFFERS")
                return 1
        names = parts_of(loaded.columns)
        alone = timed(lambda loaded=loaded: answered(loaded, kernel, (), threads=1))  # type: ignore[misc]  # as above
        full = timed(lambda loaded=loaded, names=names: answered(loaded, kernel, names, threads=1).table(), 1)  # type: ignore[misc]  # as above
        print(
            f"{rows:>12,d} rows, {len(loaded.columns)} columns: first {first:.1f} s; verdict alone {rows / alone / 1e6:.1f} M rows/s, "
            f"{1e9 * alone / rows:.0f} ns a row; with every answer and the ids of rows {rows / full / 1e6:.2f} M rows/s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

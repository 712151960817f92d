"""Grades of long tables: equality with `grade_lab` on hostile rows, and rows a second beside plain pandas.

    python benchmarks/cohort_grading.py [ROWS]

The rows of the equality are those of the tests: values on the edges of every band and their neighbours, in every unit, with bounds and
faults.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from hostile_labs import hostile_rows, scalar_answer, table_of
from tarlatamab_rules import cohort

_RUNS = 5


def differing(rows: int, scale: str) -> int:
    """How many hostile rows the columns grade otherwise than the scalar function."""
    answers = ("grade", "possible", "missing", "grade.rows", "fault")
    graded = cohort.grade_labs(table_of(hostile_rows(rows, seed=7)), scale=scale).to_pylist()
    return sum(tuple(row[name] for name in answers) != scalar_answer(row, scale) for row in graded)


def plain_neutrophils(values: Any, lower: Any) -> Any:  # noqa: ANN401  # arrays
    """What a statistician would write for one term by CTCAE 5.0: one unit, no bounds, no faults."""
    grades = np.select([values < 0.5, values < 1, values < 1.5, values < lower], [4, 3, 2, 1], 0)
    return np.where(np.isnan(values) | (np.isnan(lower) & (values >= 1.5)), -1, grades)


def timed(run: Any) -> float:  # noqa: ANN401  # a function without arguments
    """The median seconds of some runs."""
    seconds = []
    for _ in range(_RUNS):
        begin = perf_counter()
        run()
        seconds.append(perf_counter() - begin)
    return median(seconds)


def main() -> None:
    """Prints the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    for scale in ("ctcae-5.0", "ctcae-6.0"):
        print(f"{scale}: {differing(rows, scale)} of {rows} hostile rows differ")
    labs = cohort.simulate(82_000, seed=1, dirt=0.001)["labs"]
    seconds = timed(lambda: cohort.grade_labs(labs))
    print(f"all analytes, mixed units: {labs.num_rows / seconds / 1e6:.2f} M rows/s ({labs.num_rows} rows)")
    counts = np.random.default_rng(1).uniform(0.05, 6, 1_000_000).round(2)
    limits = np.full(len(counts), 1.8)
    table = pa.table({"analyte": ["neutrophils"] * len(counts), "value": counts, "unit": ["10*9/L"] * len(counts), "lower_limit": limits})
    if not np.array_equal(cohort.grade_labs(table)["grade"].to_numpy(), plain_neutrophils(counts, limits)):
        sys.exit("the plain grades differ")
    ours, plain = timed(lambda: cohort.grade_labs(table)), timed(lambda: plain_neutrophils(counts, limits))
    print(f"one analyte, one unit: {1 / ours:.2f} M rows/s; np.select without units, bounds, reasons and faults: {1 / plain:.2f} M rows/s")


if __name__ == "__main__":
    main()

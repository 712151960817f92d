"""One compiled table over a million rows: the array of this library beside what a data scientist would write, each in its best form.

    python benchmarks/cohort_table.py [ROWS]

Facts come as small integers and floats, answers go out as codes. The others get the fewest conditions that give each answer, and known
facts only; the array also answers facts that are not known. All answers are compared before the clock runs. The median of nine rounds.
Polars and DuckDB may use every core; the array uses one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl
import zen

from tarlatamab_rules import rulebooks
from tarlatamab_rules.cohort.frames.arrays import TableArray
from tarlatamab_rules.core.axes import Cuts, Groups
from tarlatamab_rules.core.cells import conditions
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import Table, When
from tarlatamab_rules.formats.canonical import axis_keys, plain
from tarlatamab_rules.formats.jdm import jdm
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.questions import LAB_GRADE, MONITORING, NEXT_DOSE, TOXICITY_ACTION

ROUNDS = 9
ZEN_ROWS = 20_000
Column = npt.NDArray[Any]


def tables() -> dict[str, Table[Any]]:
    """The tables that are looked up."""
    book, scale = rulebooks.default(), rulebooks.get("ctcae-5.0")
    return {
        "monitoring, 5 axes": book[MONITORING],
        "ICANS action, 4 axes": book[TOXICITY_ACTION[Toxicity.ICANS]],
        "next dose, 2 axes": book[NEXT_DOSE],
        "neutrophil grade, float": scale[LAB_GRADE[Analyte.NEUTROPHILS]],
    }


class Race:
    """One table, its columns, and every way to look them up."""

    def __init__(self, table: Table[Any], rows: int) -> None:
        self.table, self.rows, self.array = table, rows, TableArray(table)
        random = np.random.default_rng(5)
        columns = [self._column(axis, random, rows) for axis in table.axes]
        possible = self.array(*columns) >= 0
        self.columns = [np.ascontiguousarray(np.resize(column[possible], rows)) for column in columns]
        self.used = [n for n, axis in enumerate(table.axes) if len(axis) > 1]
        self.names = [f"c{n}" for n in self.used]
        codes = {answer: code for code, answer in enumerate(self.array.answers)}
        cells: dict[Any, list[Any]] = {}
        for cell, answer in table.answers.items():
            cells.setdefault(answer, []).append(cell)
        self.rules = [
            (list(self._tests(when)), codes[answer]) for answer, of_answer in cells.items() for when in conditions(table, of_answer)
        ]
        self.frame = pl.DataFrame(dict(zip(self.names, [self.columns[n] for n in self.used], strict=True)))

    @staticmethod
    def _column(axis: Groups | Cuts, random: np.random.Generator, rows: int) -> Column:
        if isinstance(axis, Groups):
            return random.integers(0, len(axis.axis.members), rows).astype(np.int8)
        if axis.axis.whole:
            return random.integers(max(0, int(axis.cuts[0])), int(axis.cuts[-2]) + 8, rows).astype(np.int16)
        return np.round(random.uniform(0, axis.cuts[-2] * 2.5, rows), 2)

    def _tests(self, when: When) -> Iterator[tuple[int, str, Any]]:
        by_axis = {axis.axis: n for n, axis in enumerate(self.table.axes)}
        for asked, condition in when.items():
            n = by_axis[asked]
            axis = self.table.axes[n]
            if isinstance(axis, Groups):
                members = condition if isinstance(condition, frozenset) else {condition}
                yield n, "in", [place for place, member in enumerate(axis.axis.members) if member in members]
            else:
                span = condition if isinstance(condition, Interval) else Interval(condition, condition)
                yield n, "between", (max(span.start, -1e308), span.stop)

    def numpy_array(self) -> Column:
        """The array of this library."""
        return self.array(*self.columns)

    def polars_lazy(self) -> Callable[[], Any]:
        """A lazy chain of when and then."""
        chain: Any = pl
        for tests, code in self.rules:
            fits = pl.lit(value=True)
            for n, kind, value in tests:
                column = pl.col(f"c{n}")
                if kind == "in":
                    fits &= column.is_in(value) if len(value) > 1 else column == value[0]
                else:
                    low, high = value
                    fits &= (column >= low) & (column < high) if high < 1e300 else column >= low
            chain = chain.when(fits).then(pl.lit(code, dtype=pl.Int16))
        lazy = self.frame.lazy().select(chain.otherwise(None).alias("a"))

        def run() -> Column:
            return lazy.collect()["a"].to_numpy()

        return run

    def duckdb_case(self) -> Callable[[], Any]:
        """A CASE in DuckDB."""
        sql = "case"
        for tests, code in self.rules:
            parts = ["true"]
            for n, kind, value in tests:
                if kind == "in":
                    parts.append(f"c{n} in ({', '.join(map(str, value))})")
                else:
                    parts.append(f"c{n} >= {value[0]!r}" + (f" and c{n} < {value[1]!r}" if value[1] < 1e300 else ""))
            sql += f" when {' and '.join(parts)} then {code}::smallint"
        connection = duckdb.connect()
        connection.register("frame", self.frame.to_arrow())
        connection.execute("create table t as select * from frame")
        return lambda: connection.execute(f"select {sql} end a from t").fetchnumpy()["a"]  # noqa: S608  # our own text

    def numpy_select(self) -> Column:
        """`numpy.select` over masks."""
        masks, codes = [], []
        for tests, code in self.rules:
            mask = np.ones(self.rows, bool)
            for n, kind, value in tests:
                column = self.columns[n]
                if kind == "in":
                    mask &= np.isin(column, value) if len(value) > 1 else column == value[0]
                else:
                    mask &= (column >= value[0]) & (column < value[1])
            masks.append(mask)
            codes.append(np.int16(code))
        return np.select(masks, codes, default=np.int16(-1))

    def zen_batch(self) -> tuple[Callable[[], Any], int]:
        """The batch of zen-engine, on a part of the rows."""
        rows, axes = min(ZEN_ROWS, self.rows), self.table.axes
        engine = zen.ZenEngine({"loader": {"type": "static", "content": {"table": jdm(self.table)}}})
        keys, requests = axis_keys(self.table.question), list[Any]()
        for row in range(rows):
            facts = {key: plain(axis.sample(0)) for key, axis in zip(keys, axes, strict=True)}
            for n in self.used:
                axis, value = axes[n], self.columns[n][row].item()
                facts[keys[n]] = plain(axis.axis.members[value]) if isinstance(axis, Groups) else value
            requests.append({"key": "table", "context": facts})
        return partial(engine.evaluate_batch, requests), rows


def main() -> int:
    """Prints a table of rows a second."""
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    for title, table in tables().items():
        race = Race(table, rows)
        batch, of_batch = race.zen_batch()
        runs: dict[str, tuple[Callable[[], Any], int]] = {
            "array look-up": (race.numpy_array, rows),
            "polars lazy when/then": (race.polars_lazy(), rows),
            "duckdb CASE": (race.duckdb_case(), rows),
            "np.select": (race.numpy_select, rows),
            "zen batch": (batch, of_batch),
        }
        wanted = race.numpy_array()
        for name, (run, _) in list(runs.items())[1:-1]:
            if not (np.asarray(run()) == wanted).all():
                print(title, name, "DIFFERS")
                return 1
        taken: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(ROUNDS):
            for name, (run, _) in runs.items():
                began = perf_counter()
                run()
                taken[name].append(perf_counter() - began)
        rates = {name: count / median(taken[name]) / 1e6 for name, (_, count) in runs.items()}
        print(f"{title} ({table.cells} cells, {len(race.rules)} conditions)")
        for name, rate in rates.items():
            print(f"  {name:24s}{rate:10.3f} M rows/s   array is {rates['array look-up'] / rate:8.1f} times as fast")
    return 0


if __name__ == "__main__":
    sys.exit(main())

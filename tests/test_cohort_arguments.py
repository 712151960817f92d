"""Whatever is passed to the functions of the cohort is taken, or refused with its path, what is wrong, and what to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import examples
from tarlatamab_rules import FieldError, FieldTypeError, TarlatamabRulesError, cohort
from test_cohort_audit import LABEL, TABLES

ROWS = pa.table({"point": ["C1D8", "C2D1"], "alt": [20.0, 30.0], "alt_upper_limit": [40.0, 40.0]})
LABS = pa.table({"analyte": ["alt"], "value": [20.0], "unit": ["U/L"], "upper_limit": [40.0]})


def option(call: Callable[..., object], name: str) -> Callable[[Any], object]:
    """A function as one of one of its options."""
    return lambda value: call(**{name: value})


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Callable[[Any], object]]:
    """Every function of rows and arguments that a caller may get wrong, each as a function of the one thing that is wrong."""
    folder = tmp_path_factory.mktemp("files")
    source = folder / "doses.parquet"
    pq.write_table(ROWS, source)
    targets: Iterator[Path] = (folder / f"answers{n}.parquet" for n in range(10_000))
    frame, answers, audited = cohort.assess(ROWS), cohort.assess_registry(**TABLES), cohort.audit(**TABLES, rulebook=LABEL)

    def into(**options: Any) -> object:
        return cohort.assess_parquet(source, next(targets), **options)

    def registry(**options: Any) -> object:
        return cohort.assess_registry(**{**TABLES, **options})

    of_rows = {"rulebook", "max_lab_age", "site_zone", "units"}
    asked: dict[str, Callable[[Any], object]] = {
        "explain": frame.explain,
        "registry.explain": answers.explain,
        "registry.case": answers.case,
        "registry.part": lambda value: answers.part("dose", value),
        "audit.explain": audited.explain,
        "audit.by": audited.by,
        "case_of_row": cohort.case_of_row,
        "frame": cohort.assess,
        "labs": cohort.grade_labs,
        "source": lambda value: cohort.assess_parquet(value, folder / "x.parquet"),
        "target": lambda value: cohort.assess_parquet(source, f"{folder}/{value}" if isinstance(value, str) else value),  # nowhere else
    }
    asked |= {f"assess.{name}": option(partial(cohort.assess, ROWS), name) for name in (*of_rows, "ignore")}
    asked |= {f"parquet.{name}": option(into, name) for name in (*of_rows, "keep", "rows", "force")}
    asked |= {f"registry.{name}": option(registry, name) for name in ("rulebook", "max_lab_age", "site_zone", "faulty", *TABLES)}
    asked["registry.workers"] = lambda value: registry(workers=1 if type(value) is int and value == 5 else value)  # no five processes
    asked |= {f"grades.{name}": option(partial(cohort.grade_labs, LABS), name) for name in ("scale", "columns")}
    asked |= {f"row.{name}": option(partial(cohort.case_of_row, {"point": "C1D1"}), name) for name in ("rulebook", "units", "site_zone")}
    asked["sql.units"] = lambda value: cohort.sql_script(units=value)
    return asked


CASES: tuple[tuple[str, Any, str], ...] = (
    ("assess.units", ["U/L"], "units: ['U/L'] does not name units by column; write them like {'alt': 'U/L'}"),
    ("assess.units", {"alt": 5}, "units.alt: 5 is not a unit; write it as text, like 'U/L'"),
    ("assess.units", {"age_years": "U/L"}, "units.age_years: there is no such column with a unit; name a column such as 'alt'"),
    ("assess.units", {5: "U/L"}, "units.5: there is no such column with a unit"),
    ("row.units", {"ALT": "U/L"}, "units.ALT: there is no such column with a unit"),
    ("row.units", "U/L", "units: 'U/L' does not name units by column"),
    ("sql.units", {"alt": None}, "units.alt: None is not a unit"),
    ("parquet.units", 5, "units: 5 does not name units by column"),
    ("assess.ignore", None, "ignore: None is not a list of columns; write a list such as ['site']; [] for none"),
    ("assess.ignore", "site", "ignore: 'site' is not a list of columns"),
    ("parquet.keep", "site", "keep: 'site' is not a list of columns"),
    ("parquet.keep", [["x"]], "keep: there is no column ['x']"),
    ("parquet.rows", "5", "rows: '5' is not a whole number"),
    ("parquet.rows", True, "rows: True is not a whole number"),
    ("parquet.site_zone", object, "site_zone: "),
    ("source", 5, "source: 5 is not the path of a file; pass text, or a path of pathlib"),
    ("target", None, "target: None is not the path of a file"),
    ("source", "doses\0.parquet", r"source: 'doses\x00.parquet' is not the path of a file"),
    ("registry.workers", "2", "workers: '2' is not a whole number"),
    ("registry.faulty", [], "faulty: [] is not known; use refuse or leave-out"),
    ("grades.columns", [], "columns: [] is not known; use one of library, adam, sdtm"),
    ("case_of_row", [("point", "C1D1")], "row: 'list' is not a row; pass the values by column, like {'point': 'C1D8'}"),
    ("explain", "0", "row: '0' is not the number of a row; pass a whole number; the first row is 0"),
    ("explain", True, "row: True is not the number of a row"),
    ("explain", 2, "row: there is no dose in row 2; the table has 2 rows, numbered from 0"),
    ("registry.explain", 1.0, "row: 1.0 is not the number of a row"),
    ("registry.case", np.datetime64("2025-01-01"), "row: np.datetime64('2025-01-01') is not the number of a row"),
    ("registry.part", -1, "row: there is no dose in row -1; the table has 9 rows"),
    ("audit.explain", [0], "row: [0] is not the number of a row"),
    ("audit.explain", 9, "row: there is no dose in row 9; the table has 9 rows"),
    ("audit.by", [], "by: [] is not known; use site or month"),
)


@pytest.mark.parametrize(("name", "value", "says"), CASES)
def test_wrong_arguments(asked: dict[str, Callable[[Any], object]], name: str, value: object, says: str) -> None:
    """A wrong argument is refused under its name."""
    with pytest.raises(FieldError) as error:
        asked[name](value)
    assert str(error.value).startswith(says)


def test_a_row_that_is_not_there_is_an_index_error_too(asked: dict[str, Callable[[Any], object]]) -> None:
    """Code that catches what Python raises for a list catches it."""
    for name in ("explain", "registry.explain", "registry.case", "registry.part", "audit.explain"):
        for row in (-1, 99, np.int64(99), 10**40):
            with pytest.raises(IndexError) as error:
                asked[name](row)
            assert isinstance(error.value, FieldError)


def test_the_number_of_a_row_may_be_one_of_numpy() -> None:
    """Rows come from numpy as often as not."""
    assert cohort.assess(ROWS, units={"alt": "U/L"}).explain(np.int64(1)).verdict  # type: ignore[arg-type]  # as whole as any


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=2),
    st.lists(st.text(max_size=2), max_size=2),
    st.lists(st.lists(st.integers(), max_size=1), max_size=1),
    st.dictionaries(st.sampled_from(["alt", "x", 5]), st.sampled_from(["U/L", 5, None])),
    st.just(object()),
    st.just(np.array([1, 2])),
)


@examples(500)
@given(data=st.data())
def test_anything_is_taken_or_refused(asked: dict[str, Callable[[Any], object]], data: st.DataObject) -> None:
    """Whatever is passed, nothing but our errors and those of files is raised."""
    name = data.draw(st.sampled_from(sorted(asked)))
    with suppress(TarlatamabRulesError, OSError):
        asked[name](data.draw(JUNK))


# --- two columns of one name ---

TWICE = "has several columns of one name: alt; rename or drop all but one of them"
NAMES = ["point", "alt", "alt"]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame([["C1D8", 20.0, 900.0]], columns=NAMES),
        pa.table([pa.array(["C1D8"]), pa.array([20.0]), pa.array([900.0])], names=NAMES),
        duckdb.sql("select 'C1D8' as point, 20.0 as alt, 900.0 as alt"),
    ],
)
def test_two_columns_of_one_name(frame: Any, tmp_path: Path) -> None:
    """One of them would be lost, so the frame is refused."""
    with pytest.raises(FieldError, match=f"^frame: {TWICE}"):
        cohort.assess(frame, units={"alt": "U/L"})
    with pytest.raises(FieldError, match=f"^frame: {TWICE}"):
        cohort.grade_labs(frame)
    if isinstance(frame, pa.Table):
        pq.write_table(frame, tmp_path / "in.parquet")
        for keep in ([], ["alt"]):
            with pytest.raises(FieldError, match=f"^frame: {TWICE}"):
                cohort.assess_parquet(tmp_path / "in.parquet", tmp_path / "out.parquet", keep=keep)
        assert [path.name for path in tmp_path.iterdir()] == ["in.parquet"]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_two_columns_of_one_name_in_a_registry(name: str) -> None:
    """A table is refused even if the library does not know the columns: which one was meant cannot be told."""
    for column in ("patient", "remark"):
        table = TABLES[name].assign(remark=1)
        frames = {**TABLES, name: pd.concat([table, table[[column]]], axis=1)}
        for ask in (cohort.assess_registry, cohort.audit):
            with pytest.raises(FieldError, match=f"^{name}: has several columns of one name: {column}; rename or drop all but one"):
                ask(**frames)


def test_no_frame() -> None:
    """What is no frame is refused as before."""
    for call, says in ((cohort.assess, "frame: 'int' is not a frame"), (cohort.grade_labs, "frame: 'int' is not a table")):
        with pytest.raises(FieldTypeError, match=says):
            call(5)

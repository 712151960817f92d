"""Grades by column are those of `grade_lab`, row by row, and are written as trials expect them."""

from __future__ import annotations

from decimal import Decimal
from math import inf, nan, nextafter
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile_labs import hostile_rows, scalar_answer, table_of
from tarlatamab_rules import FieldError, FieldTypeError, UnknownRulebookError, cohort
from tarlatamab_rules.cohort.reading.digits import fifteen_digits

LIBRARY = ("grade", "possible", "missing", "grade.rows", "fault")


def _differing(count: int, seed: int) -> list[dict[str, Any]]:
    """The rows that the columns grade otherwise than the scalar function, for both versions."""
    table = table_of(hostile_rows(count, seed))
    return [
        row
        for scale in ("ctcae-5.0", "ctcae-6.0")
        for row in cohort.grade_labs(table, scale=scale).to_pylist()
        if tuple(row[name] for name in LIBRARY) != scalar_answer(row, scale)
    ]


def test_as_the_scalar_function() -> None:
    """Grade, possible grades, missing facts, rows and faults are those of the scalar function, on hostile rows."""
    assert _differing(300, 1) == []


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [2, 3])
def test_as_the_scalar_function_on_many_rows(seed: int) -> None:
    """The same on more rows."""
    assert _differing(30_000, seed) == []


@given(st.lists(st.floats(), max_size=20))
def test_digits_as_python_prints_them(values: list[float]) -> None:
    """Rounding by column gives what Python's own formatting gives, for every float."""
    expected = np.array([float(f"{value:.15g}") for value in values])
    assert np.array_equal(fifteen_digits(np.array(values, np.float64)), expected, equal_nan=True)


@pytest.mark.parametrize("value", [0.0, 1e15, 999999999999999.5, 5e-324, 1.7e308, 1e-8, 0.1 + 0.2, 10.0, 1e22, inf, -inf, nan])
def test_digits_at_the_edges(value: float) -> None:
    """The same where a power of ten begins, and where floats end; also for the neighbours."""
    for number in (value, nextafter(value, inf), nextafter(value, -inf)):
        assert np.array_equal(fifteen_digits(np.array([number])), [float(f"{number:.15g}")], equal_nan=True)


CASES = [
    # analyte, value, unit, lower, upper, baseline, symptoms; ATOXGRL, ATOXGRH, ATOXGR, LBTOX, LBTOXGR by CTCAE 5.0
    (("neutrophils", 0.9, "10*9/L", 1.8, None, None, None), ("3", None, "-3", "Neutrophil count decreased", "3")),
    (("neutrophils", 900.0, "/uL", 1800.0, None, None, None), ("3", None, "-3", "Neutrophil count decreased", "3")),
    (("neutrophils", 4.0, "10*9/L", 1.8, None, None, None), ("0", None, "0", "Neutrophil count decreased", "0")),
    (("neutrophils", 1.6, "10*9/L", None, None, None, None), (None, None, None, None, None)),
    (("hemoglobin", 7.9, "g/dL", 12.0, None, None, None), ("3", None, "-3", "Anemia", "3")),
    (("alt", 300.0, "U/L", None, 40.0, 30.0, None), (None, "3", "3", "Alanine aminotransferase increased", "3")),
    (("alt", 300.0, "U/L", None, 40.0, None, None), (None, None, None, None, None)),
    (("alt", 300.0, "U/L", None, None, None, None), (None, None, None, None, None)),
    (("potassium", 6.2, "mmol/L", 3.5, 5.1, None, None), ("0", "3", "3", "Hyperkalemia", "3")),
    (("potassium", 3.2, "mmol/L", 3.5, 5.1, None, False), ("1", "0", "-1", "Hypokalemia", "1")),
    (("potassium", 3.2, "mmol/L", 3.5, 5.1, None, True), ("2", "0", "-2", "Hypokalemia", "2")),
    (("potassium", 3.2, "mmol/L", 3.5, 5.1, None, None), (None, "0", None, None, None)),
    (("potassium", 4.2, "mmol/L", 3.5, 5.1, None, None), ("0", "0", "0", "Hypokalemia, hyperkalemia", "0")),
    (("sodium", 140.0, "mmol/L", 135.0, None, None, None), ("0", None, None, None, None)),
    (("sodium", 118.0, "mmol/L", 135.0, 145.0, None, None), ("4", "0", "-4", "Hyponatremia", "4")),
    (("sodium", 161.0, "mmol/L", None, None, None, None), ("0", "4", "4", "Hypernatremia", "4")),
    (("uric-acid", 8.0, "mg/dL", None, 7.0, None, True), (None, "3", "3", "Hyperuricemia", "3")),
]


def _small(rows: list[tuple[Any, ...]]) -> pa.Table:
    return table_of([(*row[:3], None, *row[3:]) for row in rows])


@pytest.mark.parametrize(("row", "expected"), CASES)
def test_as_trials_write_them(row: tuple[Any, ...], expected: tuple[str | None, ...]) -> None:
    """The grades of low and of high values, the one with a sign, and the term with its grade."""
    table = _small([row])
    adam, sdtm = (cohort.grade_labs(table, columns=kind).to_pylist()[0] for kind in ("adam", "sdtm"))
    assert (adam["ATOXGRL"], adam["ATOXGRH"], adam["ATOXGR"], sdtm["LBTOX"], sdtm["LBTOXGR"]) == expected
    assert adam["fault"] is sdtm["fault"] is None


def test_versions_differ() -> None:
    """By version 6.0, which counts neutrophils otherwise, 0.4 is grade 3 and not 4."""
    table = _small([("neutrophils", 0.4, "10*9/L", 1.8, None, None, None)])
    assert [cohort.grade_labs(table, scale=scale)["grade"].to_pylist() for scale in ("ctcae-5.0", "ctcae-6.0")] == [[4], [3]]


def test_what_a_scale_leaves_open() -> None:
    """A grade that the scale itself leaves open is null in every way of writing, with the row that says so."""
    table = _small([("alt", 700.0, "U/L", None, 40.0, 300.0, None)])
    row = cohort.grade_labs(table, scale="ctcae-6.0").to_pylist()[0]
    assert (row["grade"], row["possible"], row["grade.rows"]) == (None, None, "alanine-aminotransferase-increased/abnormal-3-open")
    assert cohort.grade_labs(table, scale="ctcae-6.0", columns="adam").to_pylist()[0]["ATOXGRH"] is None


def _frames() -> dict[str, Any]:
    """The same rows as frames of several libraries, with one more column."""
    table = _small([case for case, _ in CASES]).append_column("visit", pa.array(range(len(CASES))))
    pandas = table.to_pandas()
    pandas.index = pandas.index[::-1] * 10
    return {
        "arrow": table,
        "polars": pl.from_arrow(table),
        "lazy": pl.from_arrow(table).lazy(),  # type: ignore[union-attr]  # a frame
        "pandas": pandas,
        "words": pandas.astype({"analyte": "category", "unit": "category"}),
        "duckdb": duckdb.from_arrow(table),
    }


@pytest.mark.parametrize("kind", ["arrow", "polars", "lazy", "pandas", "words", "duckdb"])
def test_every_kind_of_frame(kind: str) -> None:
    """Frames of every kind have the same answers, keep their columns and rows, and come back as they were."""
    frame = _frames()[kind]
    graded = cohort.grade_labs(frame)
    if kind != "duckdb":
        assert type(graded) is type(frame)
    if kind in {"pandas", "words"}:
        assert list(graded.index) == list(frame.index)
    wide = graded.collect() if kind == "lazy" else graded
    columns = [name if isinstance(name, str) else str(name) for name in getattr(wide, "column_names", wide.columns)]
    assert columns[-6:] == ["visit", *LIBRARY]
    grades = wide["grade"].to_pylist() if kind in {"arrow", "duckdb"} else [None if pd.isna(grade) else grade for grade in wide["grade"]]
    assert grades == [None if expected[4] is None else int(expected[4]) for _, expected in CASES]


def test_values_as_text() -> None:
    """Results as text, as laboratories send them: with bounds, with words, with a unit in the wrong place."""
    frame = pd.DataFrame(
        {
            "analyte": ["ANC", "ANC", "ANC", "platelets", "platelets", "platelets", "ANC", "ANC"],
            "value": ["0.4", "<0.5", "< 0.5", "1,200", "clotted", "80 10*9/L", None, "<0.5"],
            "unit": ["10*9/L"] * 8,
            "comparator": [None, None, None, None, None, None, None, "<"],
        }
    )
    graded = cohort.grade_labs(frame)
    assert [None if pd.isna(grade) else grade for grade in graded["grade"]] == [4, 4, 4, None, None, None, None, None]
    assert graded["missing"][6] == "value"
    faults = [fault if isinstance(fault, str) else None for fault in graded["fault"]]
    assert [fault and fault.partition(";")[0] for fault in faults] == [
        None,
        None,
        None,
        "quantity: '1,200' has a comma, which separates thousands for some and decimals for others",
        "quantity: 'clotted' is not a number and a unit",
        "quantity: '80 10*9/L' is not a number",
        None,
        "quantity: '<<0.5' is not a number and a unit",
    ]


@pytest.mark.parametrize(
    ("columns", "grade"),
    [
        ({"value": [Decimal("0.4")]}, 4),
        ({"value": pd.array([1], "Int64")}, 2),
        ({"value": ["0.4 "]}, 4),
        ({"value": [" <= 0.4"]}, 4),
        ({"unit": [" 10*9 / L"]}, 4),
        ({"analyte": ["Absolute neutrophil count"]}, 4),
        ({"analyte": [5]}, None),
        ({"unit": [1.0]}, None),
        ({"unit": [""]}, None),
        ({"comparator": [">"]}, None),
        ({"comparator": ["=<"]}, None),
        ({"value": [-0.0]}, 4),
        ({"value": [float("inf")]}, None),
        ({"lower_limit": [float("inf")]}, None),
        ({"lower_limit": pd.array([None], "Float64")}, 4),
    ],
)
def test_awkward_columns(columns: dict[str, Any], grade: int | None) -> None:
    """One odd thing at a time: each is graded, or left open, or refused, exactly as the scalar function does it."""
    row = {"analyte": ["neutrophils"], "value": [0.4], "unit": ["10*9/L"], "comparator": [None], "lower_limit": [1.8]} | columns
    graded = cohort.grade_labs(pd.DataFrame(row))
    assert [None if pd.isna(value) else value for value in graded["grade"]] == [grade]


def test_faults_do_not_lose_other_rows() -> None:
    """A row that cannot be read has the message of the scalar error, and the other rows keep their grades."""
    table = table_of(
        [
            ("ferritin", 3.0, "10*9/L", None, None, None, None, None),
            ("platelets", 20.0, "10*9/L", None, 150.0, None, None, None),
            ("platelets", 20.0, "mg/dL", None, 150.0, None, None, None),
            ("platelets", 2e7, "10*9/L", None, 150.0, None, None, None),
            ("hemoglobin", 11.0, "g/dL", None, 16.0, 12.0, None, None),
            ("platelets", 20.0, None, None, 150.0, None, None, None),
        ]
    )
    rows = cohort.grade_labs(table).to_pylist()
    assert [row["grade"] for row in rows] == [None, 4, None, None, None, None]
    assert [row["fault"] and row["fault"].partition(":")[0] for row in rows] == [
        "analyte",
        None,
        "quantity",
        "quantity",
        "lower_limit",
        "quantity",
    ]


def test_no_rows() -> None:
    """An empty frame stays one, with the columns of the grades."""
    graded = cohort.grade_labs(_small([CASES[0][0]]).slice(0, 0))
    assert graded.num_rows == 0
    assert graded.column_names[-5:] == list(LIBRARY)


GOOD = {"analyte": ["alt"], "value": [30.0], "unit": ["U/L"]}


@pytest.mark.parametrize(
    ("columns", "error", "path"),
    [
        ({"analyte": ["alt"], "value": [30.0]}, FieldError, "frame.unit"),
        (GOOD | {"value": [True]}, FieldTypeError, "frame.value"),
        (GOOD | {"upper_limit": ["40"]}, FieldTypeError, "frame.upper_limit"),
        (GOOD | {"symptoms": [1]}, FieldTypeError, "frame.symptoms"),
        (GOOD | {"unit": [True]}, FieldTypeError, "frame.unit"),
        (GOOD | {"grade": [1]}, FieldError, "frame.grade"),
        (GOOD | {"value": [object()]}, FieldTypeError, "frame.value"),
    ],
)
def test_frames_that_are_refused(columns: dict[str, Any], error: type[FieldError], path: str) -> None:
    """A frame that lacks a column, or has one of a wrong type, is refused with the name of the column."""
    with pytest.raises(error) as raised:
        cohort.grade_labs(pd.DataFrame(columns))
    assert raised.value.path == path


def test_arguments_that_are_refused() -> None:
    """What is no frame, no scale and no way of writing is refused as such."""
    with pytest.raises(FieldTypeError, match="frame: 'list' is not a table; pass a frame of pandas, Polars, Arrow or DuckDB"):
        cohort.grade_labs([GOOD])
    with pytest.raises(UnknownRulebookError):
        cohort.grade_labs(pd.DataFrame(GOOD), scale="ctcae-4.0")
    with pytest.raises(FieldError, match="columns: 'sas' is not known; use one of library, adam, sdtm"):
        cohort.grade_labs(pd.DataFrame(GOOD), columns="sas")  # type: ignore[arg-type]  # on purpose

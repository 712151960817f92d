"""Columns of objects with values of several types: each cell counts by itself, and only the doses that see a wrong one are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarlatamab_rules import FieldError, FieldTypeError, LabResult, ToxicityEvent, Verdict, cohort
from tarlatamab_rules.cohort import assess_registry
from tarlatamab_rules.cohort.registries.registry import RegistryAnswers
from tarlatamab_rules.cohort.streams.engines import _of_pandas
from test_cohort_registry import FIRST, NO_EVENT, SECOND, WELL, normal, same, verdicts

WHEN, ZONED = datetime(2025, 9, 30, 9), datetime(2025, 9, 30, 9, tzinfo=UTC)  # noqa: DTZ001  # with and without an offset
PLACE = {"patients": 0, "doses": 1, "labs": 6, "events": 0}
"""The row of a patient that is changed: the second dose, the neutrophils before it, the only event."""

CELLS: tuple[tuple[str, str, Any, str], ...] = (
    ("labs", "value", "<0.5", "withhold"),
    ("labs", "value", "4.1", "proceed"),
    ("labs", "value", Decimal("0.4"), "withhold"),
    ("labs", "value", np.float64(0.4), "withhold"),
    ("labs", "value", pd.NA, "value: is missing"),
    ("labs", "value", True, "quantity: True is not a number"),
    ("labs", "value", np.True_, "quantity: True is not a number"),
    ("labs", "value", "low", "quantity: 'low' is not a number"),
    ("labs", "value", 10**40, "quantity: 1e+40 10*9/L cannot be a value of neutrophils"),
    ("labs", "value", [4], "quantity: [4] is not a number"),
    ("labs", "collected", date(2025, 10, 7), "proceed"),
    ("labs", "collected", datetime(2025, 10, 7, 9), "proceed"),  # noqa: DTZ001  # as the other times
    ("labs", "collected", pd.Timestamp(WHEN), "needs-data"),
    ("labs", "collected", ZONED, "has no UTC offset, while labs["),
    ("labs", "collected", 20251007, "20251007 is not a date or a time"),
    ("labs", "collected", pd.NaT, "needs-data"),
    ("labs", "lower_limit", "1.8", "proceed"),
    ("labs", "lower_limit", "<1.8", "lower_limit: <1.8 10*9/L is a bound, not a value"),
    ("labs", "baseline", True, "baseline: True is not a number"),
    ("labs", "unit", 9, "has no unit"),
    ("labs", "analyte", 3, "analyte: 3 is not a word"),
    ("labs", "comparator", 1, "comparator: 1 is not known; use <, <=, > or >=, or nothing for a value"),
    ("doses", "started", date(2025, 10, 8), "proceed"),
    ("doses", "started", datetime(2025, 10, 8, 9), "proceed"),  # noqa: DTZ001  # as the other times
    ("doses", "started", 7, "7 is not a date or a time"),
    ("doses", "amount", "10", "proceed"),
    ("doses", "amount", "1", "needs-assessment"),
    ("doses", "amount", True, "amount: True is not a number"),
    ("doses", "status", 0, "status: 0 is not known; use given or planned"),
    ("doses", "status", ["given"], "status: ['given'] is not known"),
    ("doses", "complete", [1], "complete: [1] is not true or false"),
    ("doses", "max_lab_age", timedelta(days=3), "proceed"),
    ("doses", "max_lab_age", timedelta(hours=3), "needs-data"),
    ("doses", "max_lab_age", 3, "max_lab_age: 3 has no unit"),
    ("doses", "findings_symptoms", "confusion", "symptoms: 'confusion' is not a list"),
    ("doses", "findings_symptoms", np.array(["confusion"], object), "withhold"),
    ("doses", "findings_ice", "9", "ice: '9' is not a whole number"),
    ("patients", "age_years", "64", "age_years: '64' is not a number"),
    ("patients", "pregnant", 0.0, "pregnant: 0.0 is not true or false"),
    ("patients", "diagnosis", ["x"], "diagnosis: ['x'] is not a word"),
    ("patients", "birth_date", date(1961, 1, 1), "proceed"),
    ("patients", "site_zone", 5, "site_zone: 5 is not the name of a time zone"),
    ("events", "grade", "2", "grade: '2' is not a whole number"),
    ("events", "grade", True, "grade: True is not a whole number"),
    ("events", "onset", date(2025, 10, 2), "proceed"),
    ("events", "resolved", datetime(2025, 10, 9), "withhold"),  # noqa: DTZ001  # as the other times
    ("events", "other_cause", "yes", "other_cause: 'yes' is not true or false"),
)


def tables_of(patients: int) -> dict[str, list[list[dict[str, Any]]]]:
    """The rows of patients who are alike, by table and patient. Every column that is changed holds values of its own type."""
    names = [f"P{n}" for n in range(patients)]
    of_patient = {"pregnant": False, "site_zone": "Europe/Berlin", "birth_date": "1960-01-01"}
    of_dose = {"status": "given", "complete": True, "max_lab_age": "3 days", "findings_symptoms": None, "findings_ice": None}
    event = NO_EVENT | {"grade": 2, "onset": "2025-10-02", "resolved": "2025-10-03", "other_cause": None}
    labs = normal("2025-09-30T09:00", "2025-10-07T09:00")
    return {
        "patients": [[WELL | of_patient | {"patient": name}] for name in names],
        "doses": [[dose | of_dose | {"patient": name} for dose in (FIRST, SECOND)] for name in names],
        "labs": [[row | {"patient": name, "comparator": None, "baseline": None} for row in labs] for name in names],
        "events": [[event | {"patient": name}] for name in names],
    }


def asked(tables: dict[str, list[list[dict[str, Any]]]]) -> RegistryAnswers:
    """The answers for columns of Python objects, after asserting that both ways agree."""
    rows = {name: [row for some in of_patients for row in some] for name, of_patients in tables.items()}
    frames: dict[str, Any] = {
        name: pd.DataFrame({column: pd.Series([row[column] for row in some], dtype=object) for column in some[0]})
        for name, some in rows.items()
    }
    answers = assess_registry(**frames)
    same(answers, assess_registry(**frames, columns=False))
    return answers


def test_a_cell_of_another_type_counts_by_itself() -> None:
    """A cell is read as the library reads it, or refuses the doses that see it; the patient beside is answered as before."""
    tables = tables_of(2 * len(CELLS))
    for n, (table, column, cell, _) in enumerate(CELLS):
        tables[table][2 * n][PLACE[table]] |= {column: cell}
    answers = asked(tables)
    found = verdicts(answers)
    for n, (*cell, expected) in enumerate(CELLS):
        row = 4 * n + 1
        if expected in set(Verdict):
            assert found[row] == expected, (cell, answers.faults.get(row))
        else:
            assert found[row] is None, cell
            assert expected in answers.faults[row]
        assert found[row + 1 : row + 3] == ["proceed", "proceed"]


def test_the_cells_of_a_column_keep_their_types() -> None:
    """One and true, or a time in two zones, are equal in Python; in a column they are two values."""
    tables = tables_of(4)
    for n, cell in enumerate((1, 1.0, True, "1")):
        tables["events"][n][0] |= {"grade": cell}
    answers = asked(tables)
    assert verdicts(answers)[1::2] == ["proceed", "proceed", None, None]
    event = ToxicityEvent("crs", 1, status="resolved", onset=date(2025, 10, 2), resolved=date(2025, 10, 3))
    assert [answers.case(row).events for row in (1, 3)] == [(event,), (event,)]


def test_text_limits_are_not_shared() -> None:
    """Two results of one value, with limits as text: each is judged by its own limit."""
    tables = tables_of(2)
    for some, limit in zip(tables["labs"], ("90", "12"), strict=True):
        some[9] |= {"value": 70.0, "upper_limit": limit}
        for row in some:
            row["upper_limit"] = row["upper_limit"] and str(row["upper_limit"])
    assert verdicts(asked(tables)) == ["proceed", "proceed", "proceed", "withhold"]


def test_a_comparator_is_no_digit() -> None:
    """A comparator of 1 is not written before the value: 4 is no 14."""
    tables = tables_of(1)
    for row in tables["labs"][0]:
        row["comparator"] = 1
    assert asked(tables).faults[1].startswith("labs[0].comparator: 1 is not known")


def test_ids_of_several_types() -> None:
    """Ids of several types cannot be matched between tables: the table is refused."""
    tables = tables_of(2)
    tables["labs"][1][3]["patient"] = 7
    with pytest.raises(FieldTypeError, match=r"labs\.patient: holds values of several types; use one type in every table"):
        asked(tables)


PLACES = st.sampled_from([(table, column) for table, column, *_ in CELLS])
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 30),
    st.floats(),
    st.decimals(allow_nan=False),
    st.text(max_size=4),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(),
    st.binary(max_size=3),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
    st.just(object()),
)


def check_cell(place: tuple[str, str], cell: object) -> None:
    """Asserts that a cell is an affair of its own patient."""
    table, column = place
    tables = tables_of(2)
    tables[table][0][PLACE[table]] |= {column: cell}
    assert verdicts(asked(tables))[2:] == ["proceed", "proceed"]


@given(PLACES, ANYTHING)
@settings(max_examples=4, deadline=None)
def test_any_cell(place: tuple[str, str], cell: object) -> None:
    """Whatever a cell holds: both ways agree, nothing raw is raised, and the doses of the other patients are answered as before."""
    check_cell(place, cell)


@pytest.mark.thorough
@given(PLACES, ANYTHING)
@settings(max_examples=150, deadline=None)
def test_any_cell_often(place: tuple[str, str], cell: object) -> None:
    """The same with many more cells."""
    check_cell(place, cell)


@pytest.mark.parametrize("kind", ["object", "category", "polars"])
def test_every_kind_of_column_of_objects(kind: str) -> None:
    """Objects of pandas and Polars, and categories of several types: a time among days stays a time."""
    tables = tables_of(2)
    cells = [date(2025, 10, 2), datetime(2025, 10, 8, 9, 30)]  # noqa: DTZ001  # after the dose on that day
    frames: dict[str, Any] = {name: pd.DataFrame([row for some in of for row in some]) for name, of in tables.items()}
    frames["events"]["status"], frames["events"]["resolved"] = "active", None
    if kind == "polars":
        frames["events"] = pl.from_pandas(frames["events"].drop(columns="onset")).with_columns(pl.Series("onset", cells, dtype=pl.Object))
    else:
        objects = pd.Series(cells, dtype=object)
        frames["events"]["onset"] = objects.astype("category") if kind == "category" else objects
    assert verdicts(assess_registry(**frames)) == ["proceed", "withhold", "proceed", "proceed"]


def test_columns_that_are_not_known_do_not_matter() -> None:
    """A column that the library does not know is named, whatever it holds; so is one whose name is a number."""
    frames: dict[str, Any] = {name: pd.DataFrame([row for some in of for row in some]) for name, of in tables_of(1).items()}
    frames["labs"]["remark"] = pd.Series([1, "x"] * 6, dtype=object)
    frames["labs"][7] = 1
    answers = assess_registry(**frames)
    assert (verdicts(answers), answers.unused) == (["proceed", "proceed"], {"labs": ("remark", "7")})


# --- other frames ---

ROW = {"point": "C1D8", "planned_start": date(2026, 3, 16), "alt": 20.0, "alt_unit": "U/L", "alt_collected": date(2026, 3, 15)}


@pytest.mark.parametrize(
    ("name", "cells", "faults"),
    [
        ("alt", [20.0, True], [None, "alt: True is not a number"]),
        ("alt", [20.0, "<5"], [None, None]),
        ("crs_grade", [2.0, True], [None, "crs_grade: True is not a whole number"]),
        ("alt_collected", [date(2026, 3, 16), datetime(2026, 3, 16, 9)], [None, None]),  # noqa: DTZ001  # a time among days
        ("alt_collected", [datetime(2026, 3, 15, 9), datetime(2026, 3, 15, 9, tzinfo=UTC)], [None, None]),  # noqa: DTZ001  # as above
        ("alt", [20.0, pd.NA], [None, None]),
    ],
)
def test_a_frame_with_one_row_a_dose(name: str, cells: list[Any], faults: list[str | None]) -> None:
    """`assess` answers each row as `case_of_row` does: a truth value is no number, and a time among days stays a time."""
    frame = pd.DataFrame([ROW | {"events_reviewed": True, "crs_status": "active"}] * 2).assign(**{name: pd.Series(cells, dtype=object)})
    assessed = cohort.assess(frame)
    for row, (cell, fault) in enumerate(zip(cells, faults, strict=True)):
        told = assessed.frame["fault"][row]
        assert str(told).startswith(fault) if fault else pd.isna(told)
        if fault is None and cell is not pd.NA and name == "alt_collected":
            labs = assessed._kernel.asked.case(assessed._loaded.row(row)).labs
            assert labs == (LabResult("alt", "20 U/L", cell),)


def test_lab_grades_refuse_a_column_of_several_types() -> None:
    """Grades need a column of one type: a truth value among numbers is refused under the name of the column."""
    frame = pd.DataFrame({"analyte": "alt", "value": pd.Series([20.0, True], dtype=object), "unit": "U/L", "upper_limit": 40.0})
    with pytest.raises(FieldTypeError, match=r"frame\.value: holds values of several types; make it a column of one type"):
        cohort.grade_labs(frame)


def test_an_audit_of_mixed_columns() -> None:
    """An audit answers a table of doses with a mixed column, too."""
    frames: dict[str, Any] = {name: pd.DataFrame([row for some in of for row in some]) for name, of in tables_of(2).items()}
    frames["doses"]["amount"] = pd.Series([1.0, "10", 1.0, True], dtype=object)
    audited = cohort.audit(**frames, rulebook="us-2025-11")
    assert {verdict: count for verdict, count in audited.verdicts.items() if count} == {"proceed": 3, "refused": 1}


def test_arrow_has_one_type() -> None:
    """Columns of Arrow are not looked at again: they hold one type."""
    frames: dict[str, Any] = {name: pa.Table.from_pylist([row for some in of for row in some]) for name, of in tables_of(1).items()}
    assert verdicts(assess_registry(**frames)) == ["proceed", "proceed"]
    with pytest.raises(FieldError, match=r"labs\.collected: holds int64, not dates or times"):
        assess_registry(**{**frames, "labs": frames["labs"].drop_columns("collected").append_column("collected", pa.array([7] * 12))})


def test_a_part_of_dask() -> None:
    """A part of a frame of Dask is a frame of pandas: its columns of objects are read as they are, and the index stays."""
    frame = pd.DataFrame([ROW] * 2, index=[7, 7]).assign(key=pd.Series([1, "x"], dtype=object).array)
    frame["alt"] = pd.Series([20.0, True], dtype=object).array
    names = ["key", *cohort.assess(frame, ignore=["key"]).frame.columns]
    types = dict.fromkeys(names, "string[pyarrow]") | {"key": object}
    answers = _of_pandas(frame, types=types, keep=["key"], rulebook=None, max_lab_age=None, site_zone=None, units={})
    assert list(answers.columns) == names
    assert (answers.index.tolist(), answers["key"].tolist()) == ([7, 7], [1, "x"])
    assert answers["fault"].iloc[1].startswith("alt: True is not a number")
    assert {str(kind) for kind in answers.dtypes} == {"object", "string"}

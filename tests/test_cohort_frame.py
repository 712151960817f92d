"""Frames with one row a dose: the answers are those of the scalar function, whatever the frame."""

from __future__ import annotations

import builtins
import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from cohort_equal import POLICY, compared, expected
from cohort_rows import Rows
from tarlatamab_rules import FieldError, rulebooks
from tarlatamab_rules.cohort import COLUMNS, Column, assess
from tarlatamab_rules.cohort.frames import running as running_module
from tarlatamab_rules.cohort.frames.answers import PartAnswer
from tarlatamab_rules.cohort.frames.columns import Holds
from tarlatamab_rules.cohort.frames.kernel import kernel_of
from tarlatamab_rules.cohort.frames.parts import Part, PartCodes
from tarlatamab_rules.core.decisions import DoseAction, Verdict
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.policy import Row
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, GRADE, NOW, points
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.values.toxicities import ToxicityAction

BLOOD = (
    (Analyte.NEUTROPHILS, Analyte.PLATELETS, Analyte.SODIUM),
    (Toxicity.NEUTROPENIA, Toxicity.FEBRILE_NEUTROPENIA, Toxicity.CRS, Toxicity.OTHER),
)
LIVER = ((Analyte.ALT, Analyte.BILIRUBIN), (Toxicity.HEPATOTOXICITY, Toxicity.INFECTION, Toxicity.ICANS))
ROW = {
    "point": "C1D8",
    "planned_start": date(2026, 3, 16),
    "ordered": 10.0,
    "previous_point": "C1D1",
    "previous_started": date(2026, 3, 9),
    "previous_amount": 1.0,
    "course_before": "regular",
    "age_years": 64.0,
    "diagnosis": "extensive-stage-sclc",
    "progressed_after_platinum": True,
    "infection": "none",
    "childbearing_potential": False,
    "hypersensitivity": False,
    "events_reviewed": True,
    "alt": 30.0,
    "alt_unit": "U/L",
    "alt_upper_limit": 40.0,
    "alt_collected": date(2026, 3, 15),
}
"""A dose that only lacks results."""


def table_of(*rows: dict[str, Any]) -> pa.Table:
    """Rows as a table of Arrow."""
    return pa.Table.from_pylist([{**dict.fromkeys({name for row in rows for name in row}), **row} for row in rows])


@pytest.mark.parametrize(
    ("seed", "kind", "of", "choices"),
    [
        (1, "arrow", BLOOD, {}),
        (2, "polars", LIVER, {"rulebook": "eu-2026", "site_zone": "Europe/Berlin"}),
        (3, "pandas", BLOOD, {"rulebook": POLICY, "max_lab_age": (72, "h")}),
        (4, "arrow", LIVER, {"rulebook": "us-2025-11"}),
    ],
)
def test_every_column_is_that_of_the_scalar_function(seed: int, kind: str, of: Any, choices: dict[str, Any]) -> None:
    """On rows that somebody hostile would write, every column of every row is that of `assess_case` on `case_of_row`."""
    made = Rows(seed, analytes=of[0], toxicities=of[1], dirt=0.01, calm=0.7)
    assert compared([made.row() for _ in range(40)], kind, **choices)[0] == []


@pytest.mark.thorough
@pytest.mark.parametrize("dated", ["times", "days", "utc"])
@pytest.mark.parametrize(
    ("kind", "book"), [("arrow", None), ("polars", "precautions-2025-09"), ("pandas", "strictest of us-2025-11, eu-2026")]
)
def test_many_rows(kind: str, book: str | None, dated: str) -> None:
    """As above, with so many rows that combinations come again."""
    made = Rows(17, analytes=BLOOD[0], toxicities=(*BLOOD[1], Toxicity.INFECTION), dated=dated if kind != "pandas" else "utc", calm=0.9)
    assert compared([made.row() for _ in range(1000)], kind, rulebook=book)[0] == []


def test_kinds_of_frames() -> None:
    """The answers come in a frame of the caller's kind; of DuckDB, in a table of Arrow."""
    table = table_of(ROW, {**ROW, "ordered": 5.0})
    verdicts = ["needs-data", "needs-assessment"]
    assert assess(table).frame["verdict"].to_pylist() == verdicts
    assert assess(pl.from_arrow(table)).frame["verdict"].to_list() == verdicts
    assert assess(pl.from_arrow(table).lazy()).frame.collect()["verdict"].to_list() == verdicts  # type: ignore[union-attr]  # a frame
    frame = table.to_pandas().set_index(pd.Index([7, 9]))
    answers = assess(frame).frame
    assert answers["verdict"].tolist() == verdicts
    assert answers.index.tolist() == [7, 9]
    with duckdb.connect() as connection:
        assert assess(connection.from_arrow(table)).frame["verdict"].to_pylist() == verdicts


def test_a_fault_does_not_lose_the_other_rows() -> None:
    """A row with a fault has its message and no answer; the others have their answers."""
    frame = assess(table_of(ROW, {**ROW, "alt": -3.0}, ROW)).frame
    assert frame["verdict"].to_pylist() == ["needs-data", None, "needs-data"]
    assert frame["fault"].to_pylist()[1].startswith("alt: -3 U/L is negative, but this is")
    assert frame["fault"].to_pylist()[::2] == [None, None]
    assert frame["labs.alt"].to_pylist() == ["proceed", None, "proceed"]
    assert frame["missing"].to_pylist()[1] is None


def test_findings_that_contradict_each_other() -> None:
    """Findings that cannot all be true get the answer of the scalar function."""
    one_by_one(table_of({**ROW, "findings_arousable": True, "findings_consciousness": "unarousable"}))


def test_explain() -> None:
    """A row can be explained in full; rows that are not there, or have a fault, raise."""
    assessed = assess(table_of(ROW, {**ROW, "point": "C9D9"}))
    assert assessed.rulebook == "precautions-2025-09 over us-2025-11"
    assert str(assessed.explain(0).verdict) == "needs-data"
    with pytest.raises(FieldError, match="point"):
        assessed.explain(1)
    for row in (-1, 2):
        with pytest.raises(IndexError, match=f"row: there is no dose in row {row}; the table has"):
            assessed.explain(row)


def test_the_report_counts_the_ways() -> None:
    """How many rows were answered in columns, how many one by one and why, and how many were refused."""
    rows = (ROW, ROW, {**ROW, "alt": 1e9}, {**ROW, "crs_grade": 2, "crs_onset": date(2026, 3, 10), "crs_bleeding": True})
    assert assess(table_of(*rows)).report == {
        "columns": 2,
        "scalar for labs.alt: a value that is not read in columns": 1,
        f"scalar for {', '.join(f'labs.{analyte}' for analyte in _BLEEDING)}: bleeding with another toxicity": 1,
        "fault": 1,
    }


_BLEEDING = [analyte for analyte in Analyte if analyte is not Analyte.ALT]
"""The results without a column, of which the votes are looked up together."""
DAY = date(2026, 3, 10)
WAYS: list[tuple[dict[str, Any], str]] = [
    ({}, "columns"),
    ({"alt": 1e9}, "scalar for labs.alt"),
    ({"alt": -3.0}, "scalar for labs.alt"),
    ({"alt_unit": "furlong"}, "scalar for labs.alt"),
    ({"alt_unit": None}, "scalar for labs.alt"),
    ({"alt": float("inf")}, "scalar for labs.alt"),
    ({"alt_upper_limit": -1.0}, "scalar for labs.alt"),
    ({"neutrophils": 0.4, "neutrophils_unit": "10*9/L", "alt": 1e9}, "scalar for labs.alt"),
    ({"diagnosis": "flu"}, "scalar for eligibility, patient"),
    ({"age_years": 400.0}, "scalar for eligibility, patient"),
    ({"infection": "some"}, "scalar for eligibility, patient:"),
    ({"crs_grade": 9}, "scalar for events.crs"),
    ({"crs_grade": 2, "crs_status": "gone"}, "scalar for events.crs"),
    ({"crs_grade": 2, "crs_onset": DAY, "icans_grade": 7}, "scalar for events.icans"),
    ({"infection_grade": 8}, "scalar for eligibility, patient:"),
    ({"findings_ice": 99}, "scalar for events.icans, findings.icans"),
    ({"hepatotoxicity_grade": 3, "hepatotoxicity_onset": DAY, "alt": 1e9}, "scalar for labs.alt, events.hepatotoxicity"),
    (
        {
            "hepatotoxicity_grade": 3,
            "hepatotoxicity_onset": DAY,
            "hepatotoxicity_status": "active",
            "hepatotoxicity_current_grade": 1,
            "alt": 160.0,
            "alt_baseline": 30.0,
        },
        "scalar: the current grade of liver injury, which is compared with results",
    ),
    ({"thrombocytopenia_grade": 2, "thrombocytopenia_onset": DAY, "crs_grade": 2, "crs_bleeding": True}, "events.thrombocytopenia"),
    ({"events_reviewed": None, "crs_grade": 2}, "scalar: a value"),
    ({"point": "C9D9"}, "scalar: a value"),
    ({"previous_amount": -1.0}, "scalar: a value"),
    ({"previous_point": None}, "scalar: a value"),
    ({"course_before": "irregular"}, "scalar: a value"),
]
"""Rows of which some facts have no code, with the parts that the scalar function answers: these, and no others."""


@pytest.mark.parametrize(("facts", "way"), WAYS)
def test_only_the_parts_without_codes_are_asked(facts: dict[str, Any], way: str) -> None:
    """A fact without a code sends to the scalar function the parts that depend on it, and no others; the answers stay the same."""
    table = table_of({**ROW, **facts}, {**dict.fromkeys(facts), **ROW})
    assert way in assess(table).frame["way"].to_pylist()[0]
    one_by_one(table)


def test_a_part_is_asked_with_its_own_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scalar function sees the facts of the part alone, and answers rows that repeat themselves once."""
    asked = list[frozenset[str]]()

    def ask(part: Part, row: Mapping[str, Any], assess_row: Any) -> object:
        asked.append(frozenset(row))
        return original(part, row, assess_row)

    original = Part.ask
    monkeypatch.setattr(Part, "ask", ask)
    assess(table_of({**ROW, "alt": 1e9, "diagnosis": "other", "crs_grade": 1}))
    assert asked
    assert all("alt" in names and not names & {"diagnosis", "crs_grade"} for names in asked)


def test_objects_that_may_be_bleeding() -> None:
    """A value that is not read may be bleeding, which results of other toxicities depend on."""
    low = {"platelets": 60.0, "platelets_unit": "10*9/L", "platelets_lower_limit": 150.0, "crs_grade": 2, "crs_onset": DAY}
    objects = pd.DataFrame([{**ROW, **low, "crs_bleeding": value} for value in (True, "x", False, None)])
    objects["planned_start"] = pd.Series([ROW["planned_start"]] * 4, dtype=object)
    plain = table_of(*({**ROW, **low, "crs_bleeding": value} for value in (True, False, None)))
    assert [answer["labs.platelets"] for answer in plain_answers(objects, (0, 2, 3))] == assess(plain).frame["labs.platelets"].to_pylist()


def plain_answers(frame: pd.DataFrame, rows: Sequence[int]) -> list[dict[str, Any]]:
    """The answers to some rows of a frame."""
    answers = assess(frame).frame.to_dict("records")
    return [answers[row] for row in rows]


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chunks_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes mean the same in every chunk: hostile rows in many small chunks have the answers that they have in one."""
    made = Rows(
        seed, analytes=(Analyte.PLATELETS, Analyte.SODIUM), toxicities=(Toxicity.INFECTION, Toxicity.OTHER, Toxicity.CRS), dirt=0.01
    )
    table = table_of(*(made.row() for _ in range(400)))
    whole = assess(table).frame.to_pylist()
    kernel_of.cache_clear()
    monkeypatch.setattr(running_module, "_ROWS", 13)
    assert assess(table).frame.to_pylist() == whole


@pytest.mark.parametrize(
    ("frame", "choices", "says"),
    [
        (
            table_of({**ROW, "hospital": "north"}),
            {},
            "hospital: there is no such column; see COLUMNS for the columns of a frame, or list it in ignore",
        ),
        (pa.table({"ordered": [1.0]}), {}, "point: the frame has no column of planned doses"),
        ([1], {}, "frame: 'list' is not a frame"),
        (table_of(ROW), {"units": {"altt": "U/L"}}, "units.altt: there is no such column with a unit"),
        (table_of(ROW), {"units": {"point": "U/L"}}, "units.point: there is no such column with a unit"),
        (table_of(ROW), {"site_zone": "Berlin"}, "site_zone: 'Berlin' is not a known time zone"),
    ],
)
def test_wrong_frames(frame: Any, choices: dict[str, Any], says: str) -> None:
    """A frame that cannot be read is refused as a whole, with what to do."""
    with pytest.raises(FieldError) as error:
        assess(frame, **choices)
    assert str(error.value).startswith(says)


def test_columns_that_are_no_facts_can_be_ignored() -> None:
    """A column that is listed as no fact is left out."""
    assert assess(table_of({**ROW, "hospital": "north"}), ignore=["hospital"]).frame["verdict"].to_pylist() == ["needs-data"]


def one_by_one(frame: Any, **choices: Any) -> None:
    """Compares each row of a frame with the scalar function."""
    assessed = assess(frame, **choices)
    answers = assessed.frame.to_pylist()
    loaded, asked = assessed._loaded, assessed._kernel.asked
    for n, answer in enumerate(answers):
        wanted = expected(asked.answer(loaded.row(n)), [])
        assert {name: answer[name] for name in wanted} == wanted


def test_sites_in_several_zones() -> None:
    """Each row counts days by the calendar of its own site; a zone that is not known is a fault of its row."""
    late = {**ROW, "planned_start": datetime(2026, 3, 16, 23, 30, tzinfo=UTC), "previous_started": datetime(2026, 3, 9, 23, 30, tzinfo=UTC)}
    rows = [{**late, "site_zone": zone} for zone in ("Europe/Berlin", "America/Los_Angeles", None, "Atlantis", "Asia/Tokyo")]
    one_by_one(table_of(*rows))
    one_by_one(table_of(*rows), site_zone="Asia/Tokyo")
    one_by_one(table_of(*[{**row, "site_zone": 5} for row in rows]))
    assert assess(table_of(*rows)).frame["fault"].to_pylist()[3].startswith("site_zone: 'Atlantis' is not a known time zone")


def test_clocks() -> None:
    """Times of one clock are read in columns; rows with several UTC offsets, and mixed clocks, go to the scalar function."""
    schema = {
        "berlin": ("Europe/Berlin", "Europe/Berlin"),
        "utc": ("UTC", "UTC"),
        "offset": ("+02:00", "UTC"),
        "naive": (None, None),
        "mixed": (None, "UTC"),
    }
    for start, given in schema.values():
        table = table_of(ROW, {**ROW, "planned_start": date(2026, 4, 6)}, {**ROW, "previous_started": None})
        for name, zone in (("planned_start", start), ("previous_started", given)):
            place = table.column_names.index(name)
            table = table.set_column(place, name, table[name].cast(pa.timestamp("ns")).cast(pa.timestamp("ns", zone)))
        one_by_one(table)
        one_by_one(table, site_zone="America/New_York", max_lab_age=(36, "h"))


def test_odd_columns() -> None:
    """Columns of a wrong type give a fault in the rows with a value, and are not known in the others."""
    rows = [ROW, {**ROW, "alt": None}]
    table = table_of(*rows)
    for name, values in {
        "alt": ["<30", None],
        "age_years": [True, None],
        "diagnosis": [1, 2],
        "pregnant": [1, None],
        "planned_start": ["2026-03-16", None],
        "point": [1, 2],
        "crs_grade": [2.5, None],
        "alt_unit": ["U/L", "furlong"],
        "infection": ["none", "some"],
        "ordered": [float("nan"), 10.0],
        "findings_symptoms": [["confusion"], []],
        "alt_lower_limit": [-0.0, 0.0],
        "bilirubin": [-0.0, 0.0],
    }.items():
        odd = table.drop_columns(name) if name in table.column_names else table
        one_by_one(odd.append_column(name, pa.array(values)))
    objects = pd.DataFrame([{**ROW, "alt": value} for value in ("<30", 30.0, None, float("nan"))])
    objects["planned_start"] = pd.Series([datetime(2026, 3, 16), date(2026, 3, 16), None, "x"], dtype=object)  # noqa: DTZ001  # on purpose
    objects["pregnant"] = pd.Series([False, 1, "no", None], dtype=object)
    objects["diagnosis"] = pd.Series(["other", 1, None, True], dtype=object)
    objects["site_zone"] = pd.Series(["Europe/Berlin", 1, None, None], dtype=object)
    faults = assess(objects).frame["fault"].tolist()
    assert [isinstance(fault, str) for fault in faults] == [False, True, True, True]


def test_far_dates_and_many_amounts() -> None:
    """Dates beyond the calendar are faults; more amounts than are told apart go to the scalar function."""
    far = pa.array([4_000_000, 20_000, None], pa.int32()).cast(pa.date32())
    one_by_one(table_of(ROW, ROW, ROW).drop_columns("planned_start").append_column("planned_start", far))
    many = [{**ROW, "previous_amount": 1.0 + n / 100, "findings_symptoms": ("", "confusion", None)[n % 3]} for n in range(70)]
    assessed = assess(table_of(*many))
    assert assessed.report["scalar: more than 63 amounts"] == 7
    one_by_one(table_of(*many[60:]))


def test_chunks_and_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers do not depend on chunks, threads or a progress bar."""
    rows = [{**ROW, "alt": 20.0 + n, "crs_grade": n % 4 or None, "crs_onset": date(2026, 3, 10)} for n in range(40)]
    whole = assess(table_of(*rows)).frame.to_pylist()
    monkeypatch.setattr(running_module, "_ROWS", 7)
    monkeypatch.setattr(running_module, "_LONG", 10)
    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]  # a terminal
    monkeypatch.setattr(sys, "stderr", terminal)
    assert assess(table_of(*rows)).frame.to_pylist() == whole
    assert "doses" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", None)  # it was closed
    assert assess(table_of(*rows)).frame.to_pylist() == whole
    monkeypatch.setattr(sys, "stderr", terminal)
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "tqdm":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert assess(table_of(*rows)).frame.to_pylist() == whole


def test_no_rows() -> None:
    """A frame without rows has answers without rows, with the same columns."""
    frame = assess(table_of(ROW)).frame
    empty = assess(table_of(ROW).slice(0, 0)).frame
    assert empty.num_rows == 0
    assert empty.column_names == frame.column_names


_WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(("numpy", "narwhals", "pyarrow")))
from tarlatamab_rules import cohort
for name in cohort.__all__:
    try:
        getattr(cohort, name)
    except ImportError as error:
        package = error.name.partition(".")[0]
        assert str(error) == f"tarlatamab_rules.cohort.{name} needs {package}: pip install 'tarlatamab-rules[cohort]'"
    else:
        print(name)
"""


def test_the_extra_is_named() -> None:
    """Without the packages of the extra, what needs none of them works, and every other name says which extra installs them."""
    ran = subprocess.run([sys.executable, "-c", _WITHOUT], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["COLUMNS", "Column", "case_of_row", "sql_script"]


def test_the_age_of_results_by_the_hour() -> None:
    """The maximum age counts hours; a day without a time leaves them open."""
    start = datetime(2026, 3, 16, 9, tzinfo=UTC)
    rows = [
        {**ROW, "planned_start": start, "previous_started": start - timedelta(days=7), "alt_collected": start - timedelta(hours=h)}
        for h in (71, 72, 73)
    ]
    one_by_one(table_of(*rows), max_lab_age=(72, "h"))
    one_by_one(table_of(*[{**row, "alt_collected": date(2026, 3, 13)} for row in rows]), max_lab_age=(72, "h"))
    one_by_one(table_of(*[{**row, "alt_collected": None} for row in rows]), max_lab_age=(72, "h"), site_zone="Europe/Berlin")
    one_by_one(table_of(*[{**row, "alt_collected": date(2026, 3, 13)} for row in rows]), max_lab_age=(72, "h"), site_zone="Europe/Berlin")


VALUES = {
    "point": "C2D1",
    "planned_start": date(2026, 3, 16),
    "previous_started": date(2026, 3, 2),
    "previous_point": "C1D15",
    "site_zone": "Europe/Berlin",
    "course_before": "regular",
    "findings_symptoms": "confusion",
    "findings_temperature_unit": "Cel",
    "ordered_unit": "mg",
    "previous_amount_unit": "mg",
}


def value_of_column(column: Column) -> Any:
    """A value that a column may hold."""
    if column.name in VALUES:
        return VALUES[column.name]
    if column.fact == "unit":
        return KINDS[Analyte(column.part.removeprefix("labs."))].unit
    if column.part.startswith("labs.") and column.holds is Holds.NUMBER:
        return RANGES[Analyte(column.part.removeprefix("labs."))].upper_limit.least
    by_kind = {Holds.NUMBER: 37.0, Holds.WHOLE: 3, Holds.TRUTH: True, Holds.WHEN: date(2026, 3, 10)}
    return by_kind[column.holds] if column.holds in by_kind else column.words[0]


@pytest.mark.thorough
@pytest.mark.parametrize("parts", [(part,) for part in sorted({column.part for column in COLUMNS.values()} - {"dose", "events"})] + [()])
def test_a_part_by_itself(parts: tuple[str, ...]) -> None:
    """A frame may lack any column: nothing else is needed than the planned dose."""
    names = ["point", *(column.name for column in COLUMNS.values() if column.part in parts)]
    row = {name: value_of_column(COLUMNS[name]) for name in names}
    one_by_one(table_of(row, {**dict.fromkeys(row), "point": "C1D1"}))
    one_by_one(table_of({**row, "events_reviewed": True}, {**row, "events_reviewed": None}))


def test_parts_together() -> None:
    """Parts that bear on each other: findings with a reported low count, an injury with enzymes, an infection before the previous dose."""
    day = {"planned_start": date(2026, 3, 30), "previous_started": date(2026, 3, 16), "events_reviewed": True}
    rows: list[dict[str, Any]] = [
        {"findings_temperature": 38.6, "neutrophils": 0.4, "neutropenia_grade": 4, "neutropenia_onset": date(2026, 3, 20)},
        {"findings_temperature": 38.6, "neutrophils": 0.4, "febrile_neutropenia_grade": 3, "neutropenia_onset": None},
        {"findings_temperature": 36.6, "neutrophils": 4.0, "crs_grade": 2, "crs_onset": date(2026, 3, 20)},
        {"findings_ice": 5, "icans_grade": 2, "icans_status": "active"},
        {"alt": 400.0, "bilirubin": 4.0, "hepatotoxicity_grade": 3, "hepatotoxicity_onset": date(2026, 3, 20), "alt_upper_limit": None},
        {"alt": 400.0, "bilirubin": 4.0},
        {"alt": 400.0, "bilirubin": 4.0, "alt_upper_limit": 50.0, "bilirubin_upper_limit": 50.0},
        {"alt": 30.0, "bilirubin": 0.5, "alt_unit": "ukat/L"},
        {"infection": "controlled", "infection_grade": 3, "infection_onset": date(2026, 3, 12)},
        {"infection": "uncontrolled", "infection_grade": 3, "infection_onset": date(2026, 3, 20)},
        {"other_grade": 4, "other_status": "active", "sodium": 120.0},
        {"point": "C3D1", "previous_point": "C3D1"},
        {"alt": 1e9, "findings_oxygen": "mask"},
        {"alt": 30.0, "alt_collected": date(2026, 3, 10), "neutrophils": 0.9, "neutrophils_collected": date(2026, 3, 10)},
        {"alt": 30.0, "alt_collected": date(2026, 3, 29), "neutrophils": 4.0, "neutrophils_collected": date(2026, 3, 29)},
    ]
    units = {"alt_unit": "U/L", "bilirubin_unit": "mg/dL", "neutrophils_unit": "10*9/L", "sodium_unit": "mmol/L"}
    limits = {"alt_upper_limit": 40.0, "bilirubin_upper_limit": 1.1, "neutrophils_lower_limit": 1.8, "bilirubin_baseline": None}
    for book in (None, "eu-2026"):
        one_by_one(table_of(*[{**ROW, **day, **units, **limits, **row} for row in rows]), rulebook=book)
        one_by_one(table_of(*[{**ROW, **units, **row} for row in rows]), rulebook=book)


def test_units_of_the_caller() -> None:
    """A column without units takes that of the caller."""
    row = {name: value for name, value in ROW.items() if name != "alt_unit"}
    assert assess(table_of(row), units={"alt": "U/L"}).frame["labs.alt"].to_pylist() == ["proceed"]
    assert assess(table_of(row)).frame["fault"].to_pylist()[0].startswith("alt: 30.0 has no unit")
    assert assess(table_of({**row, "alt_upper_limit": -4.0}), units={"alt": "U/L"}).report["fault"] == 1


def test_rows_are_not_remembered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers do not depend on what is remembered."""
    for module in ("kernel", "parts"):
        monkeypatch.setattr(f"tarlatamab_rules.cohort.frames.{module}.REMEMBERED", 0)
    one_by_one(table_of({**ROW, "alt": 1e9}, {**ROW, "alt": 1e9}))


def test_columns_with_a_dictionary() -> None:
    """Words may be dictionary-encoded, also without any word, and in columns of episodes."""
    rows = [{**ROW, "crs_grade": grade, "crs_status": status} for grade, status in ((2, "active"), (None, None), (1, "resolved"), (1, "x"))]
    table = table_of(*rows)
    for name in ("crs_status", "infection", "point"):
        table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
    nothing = pa.array([None] * len(rows), pa.string()).dictionary_encode()
    one_by_one(table.set_column(table.column_names.index("diagnosis"), "diagnosis", nothing))


def test_results_that_the_columns_cannot_decide() -> None:
    """Bleeding with another toxicity, by books that leave open whether a dose requires a result; enzymes that are normal."""
    low = {"platelets": 60.0, "platelets_unit": "10*9/L", "platelets_lower_limit": 150.0, "crs_grade": 2, "crs_onset": DAY}
    normal = {"bilirubin": 0.5, "bilirubin_unit": "mg/dL", "bilirubin_upper_limit": 1.1}
    for book in (None, "eu-2026", "us-2025-11", "us-2024-05"):
        one_by_one(table_of(*({**ROW, **low, **normal, "crs_bleeding": value} for value in (True, False, None))), rulebook=book)


def test_two_answers_of_one_part_become_one() -> None:
    """Where two ways answer one part, the stricter verdict stands, with the rows of both."""
    codes = PartCodes()
    one, other = codes.code(PartAnswer(Verdict.PROCEED, ("A",))), codes.code(PartAnswer(Verdict.WITHHOLD, ("B",)))
    merged = codes.merge(np.array([one, -1, one]), np.array([other, other, one]))
    assert codes.answers[merged[0]] == PartAnswer(Verdict.WITHHOLD, ("A", "B"))
    assert merged[1:].tolist() == [other, one]


def test_results_together() -> None:
    """Enzymes and bilirubin without a column of injuries; a missing unit; days beside times; and every analyte."""
    liver = {"alt": 400.0, "bilirubin": 4.0, "bilirubin_unit": "mg/dL", "bilirubin_upper_limit": 1.1}
    one_by_one(table_of({**ROW, **liver}, {**ROW, **liver, "alt_unit": None}))
    times = {**ROW, **liver, "bilirubin_collected": datetime(2026, 3, 15, 8)}  # noqa: DTZ001  # a clock without a zone
    one_by_one(table_of(times, {**times, "alt": 30.0}))
    one_by_one(table_of({**ROW, "ast": 30.0, "ast_unit": "U/L"}))
    for day in (15, 14):
        one_by_one(table_of({**ROW, "ast": 30.0, "ast_unit": "U/L", "ast_collected": date(2026, 3, day)}))
    undated = {name: value for name, value in ROW.items() if name != "previous_started"}
    one_by_one(table_of({**undated, "infection_grade": 3, "infection_onset": date(2026, 3, 12)}))
    feverish = {"findings_temperature": 38.6, "neutrophils": 0.4, "neutrophils_unit": "10*9/L"}
    one_by_one(table_of({**ROW, **feverish}, {**ROW, **feverish, "neutrophils": None}))
    every: dict[str, Any] = {"point": "C1D8"}
    for analyte in Analyte:
        every |= {analyte.replace("-", "_"): RANGES[analyte].upper_limit.least, f"{analyte.replace('-', '_')}_unit": KINDS[analyte].unit}
    one_by_one(table_of(every))


BEGAN = Row(
    id="OWN-2",
    when={GRADE: Grade.MILD, NOW: Grade.MILD, BEGAN_BEFORE: points("C1D8", "C1D8")},
    then=ToxicityAction(DoseAction.WITHHOLD),
    says="CRS of grade 1 that began before C1D8 holds the dose.",
)


def test_a_policy_that_looks_at_the_dose_before_an_event() -> None:
    """A policy may look at facts that no book looks at: the frame needs no change."""
    book = rulebooks.default().overlay("own-policy-2", {TOXICITY_ACTION[Toxicity.CRS]: (BEGAN,)})
    rows = [
        {
            **ROW,
            "point": "C1D15",
            "previous_point": "C1D8",
            "crs_grade": 1,
            "crs_status": "active",
            "crs_onset": onset,
            "findings_temperature": heat,
        }
        for onset in (date(2026, 3, 3), date(2026, 3, 8), date(2026, 3, 10), None)
        for heat in (None, 38.5)
    ]
    one_by_one(table_of(*rows), rulebook=book)
    rows_behind = assess(table_of(*rows[:6:2]), rulebook=book).frame["events.crs.rows"].to_pylist()
    assert ["OWN-2" in ids for ids in rows_behind] == [True, True, False]

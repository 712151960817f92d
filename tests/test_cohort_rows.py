"""What a row of a frame means, written out by hand."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarlatamab_rules import (
    Case,
    Course,
    CrsFindings,
    FieldError,
    GivenDose,
    LabResult,
    NeuroFindings,
    Patient,
    ToxicityEvent,
)
from tarlatamab_rules.cohort import COLUMNS, assess, case_of_row
from tarlatamab_rules.cohort.frames.columns import Holds
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Toxicity

START = datetime(2026, 3, 16, 9, tzinfo=UTC)


def test_every_fact_has_one_column() -> None:
    """A field of the classes is a column of that name; analytes and toxicities have one column a field."""
    assert {"point", "planned_start", "ordered", "previous_point", "course_before", "events_reviewed", "age_years"} <= COLUMNS.keys()
    for analyte in Analyte:
        name = analyte.replace("-", "_")
        assert {
            name,
            f"{name}_unit",
            f"{name}_upper_limit",
            f"{name}_lower_limit",
            f"{name}_baseline",
            f"{name}_collected",
        } <= COLUMNS.keys()
    for toxicity in Toxicity:
        assert f"{toxicity.replace('-', '_')}_current_grade" in COLUMNS
    assert all(name == column.name for name, column in COLUMNS.items())


def test_a_whole_row() -> None:
    """A row with every part is the case that a caller of `assess_dose` would write."""
    row = {
        "point": "C1D15",
        "planned_start": START,
        "ordered": 10.0,
        "age_years": 64.0,
        "infection": "none",
        "previous_point": "C1D8",
        "previous_started": datetime(2026, 3, 9, 9, tzinfo=UTC),
        "previous_amount": 10000.0,
        "previous_amount_unit": "ug",
        "course_before": "regular",
        "alt": 80.0,
        "alt_unit": "U/L",
        "alt_upper_limit": 40.0,
        "alt_baseline": 30.0,
        "alt_collected": date(2026, 3, 15),
        "neutrophils": "<0.5",
        "neutrophils_unit": "10*9/L",
        "events_reviewed": True,
        "febrile_neutropenia_grade": 3,
        "febrile_neutropenia_status": "active",
        "findings_temperature": 38.5,
        "findings_crs_other_cause": False,
        "findings_ice": 9,
        "findings_symptoms": "confusion, seizures",
        "site_zone": "Europe/Berlin",
    }
    assert case_of_row(row) == Case(
        patient=Patient(age_years=64, infection="none"),
        point="C1D15",
        planned_start=START,
        ordered="10 mg",
        course=Course((GivenDose("C1D1", date(2026, 3, 2), "1 mg"), GivenDose("C1D8", datetime(2026, 3, 9, 9, tzinfo=UTC), "10 mg"))),
        labs=(
            LabResult("neutrophils", "<0.5 10*9/L"),
            LabResult("alt", "80 U/L", date(2026, 3, 15), upper_limit="40 U/L", baseline="30 U/L"),
        ),
        events=(ToxicityEvent("febrile-neutropenia", 3, status="active"),),
        findings=(CrsFindings(temperature="38.5 Cel", other_cause=False), NeuroFindings(ice=9, symptoms=("confusion", "seizures"))),
        site_zone="Europe/Berlin",
    )


def test_an_empty_row_knows_nothing() -> None:
    """What is left out is not known: no course, no results, no events."""
    case = case_of_row({"point": "C2D1"})
    assert (case.course, case.labs, case.events, case.findings) == (None, None, None, None)


def test_reviewed_and_nothing() -> None:
    """A row that was reviewed and lists no event says that there is none."""
    assert case_of_row({"point": "C2D1", "events_reviewed": True}).events == ()
    assert case_of_row({"point": "C2D1", "events_reviewed": False}).events is None


def test_no_dose_before_the_first() -> None:
    """Before C1D1, a regular course without a previous dose is an empty one."""
    assert case_of_row({"point": "C1D1", "course_before": "regular"}).course == Course(())


def test_the_previous_dose_alone() -> None:
    """Without course_before, the course is the previous dose."""
    course = case_of_row({"point": "C2D1", "previous_point": "C1D15"}).course
    assert course == Course((GivenDose("C1D15"),))


def test_a_regular_course_counts_the_days_of_the_site() -> None:
    """Late in the evening in UTC it is the next day in Berlin, and the doses before are counted from that day."""
    started = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    row = {"point": "C1D15", "previous_point": "C1D8", "previous_started": started, "course_before": "regular"}
    assert case_of_row(row, site_zone="Europe/Berlin").course.doses[0].started == date(2026, 3, 2)  # type: ignore[union-attr]  # a course
    assert case_of_row(row).course.doses[0].started == date(2026, 3, 1)  # type: ignore[union-attr]  # as above


def test_a_regular_course_without_a_date() -> None:
    """If the date of the previous dose is missing, those before it are undated as well, with the amounts of the book."""
    course = case_of_row({"point": "C2D1", "previous_point": "C1D15", "course_before": "regular"}).course
    assert course is not None
    assert [(str(dose.point), dose.started, str(dose.amount)) for dose in course.doses[:2]] == [
        ("C1D1", None, "1 mg"),
        ("C1D8", None, "10 mg"),
    ]


def test_a_book_without_amounts_uses_the_default_schedule() -> None:
    """The precautions page gives no amounts; a regular course is then that of the default book."""
    row = {"point": "C2D1", "previous_point": "C1D15", "course_before": "regular"}
    assert case_of_row(row, rulebook="precautions-2025-09").course == case_of_row(row).course


def test_the_days_of_a_regular_course() -> None:
    """C1D1, C1D8, C1D15, C2D1 and then every two weeks."""
    row = {"point": "C3D15", "previous_point": "C3D1", "previous_started": date(2026, 4, 27), "course_before": "regular"}
    course = case_of_row(row).course
    assert course is not None
    assert [dose.started for dose in course.doses] == [
        date(2026, 3, 2),
        date(2026, 3, 9),
        date(2026, 3, 16),
        date(2026, 3, 30),
        date(2026, 4, 13),
        date(2026, 4, 27),
    ]


FAULTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "point: the dose is missing; write it like 'C1D8'"),
    ({"point": "C9D2"}, "point: there is no dose on day 2 of cycle 9; cycle 9 has doses on days 1, 15"),
    ({"point": "C1D8", "alt": 30.0}, "alt: 30.0 has no unit; write number and unit, as '31 U/L'"),
    ({"point": "C1D8", "alt": 30.0, "alt_unit": "mmol"}, "alt: 'mmol' is not a unit of"),
    ({"point": "C1D8", "alt": 30.0, "alt_unit": "U/L", "alt_upper_limit": -4.0}, "alt_upper_limit: -4 U/L is negative"),
    (
        {"point": "C1D8", "alt": 30.0, "alt_unit": "U/L", "alt_upper_limit": 40.0, "alt_lower_limit": 50.0},
        "alt_lower_limit: 50 U/L is above",
    ),
    ({"point": "C1D8", "crs_grade": 7, "events_reviewed": True}, "crs_grade: 7 is out of range"),
    ({"point": "C1D8", "crs_grade": 2}, "events_reviewed: crs is listed, but it is not known whether there were other toxicities"),
    ({"point": "C1D8", "events_reviewed": 1}, "events_reviewed: 1 is not true or false"),
    ({"point": "C1D8", "course_before": "yes"}, "course_before: 'yes' is not known; write 'regular', or leave it out"),
    ({"point": "C1D8", "course_before": "regular"}, "previous_point: the dose before C1D8 is missing"),
    ({"point": "C1D8", "previous_amount": 1.0}, "previous_point: the dose is missing, although another fact of it is given"),
    ({"point": "C1D8", "previous_point": "C1D1", "previous_amount": 0.0}, "previous_amount: 0 mg is not a dose"),
    ({"point": "C1D8", "previous_point": "first"}, "previous_point: 'first' is not a dose point"),
    (
        {"point": "C1D8", "planned_start": date(2026, 3, 1), "previous_point": "C1D1", "previous_started": date(2026, 3, 2)},
        "previous_started: C1D1 was given on 2026-03-02, after the planned start on 2026-03-01",
    ),
    (
        {
            "point": "C1D15",
            "planned_start": START,
            "previous_point": "C1D8",
            "previous_started": datetime(2026, 3, 2, 9),  # noqa: DTZ001  # on purpose
            "course_before": "regular",
        },
        "previous_started: has no UTC offset, while planned_start has one",
    ),
    (
        {"point": "C1D8", "planned_start": START, "alt": 30.0, "alt_unit": "U/L", "alt_collected": datetime(2026, 3, 2, 9)},  # noqa: DTZ001  # as above
        "alt_collected: has no UTC offset, while planned_start has one",
    ),
    (
        {"point": "C3D1", "previous_point": "C2D15", "previous_started": date(1900, 1, 1), "course_before": "regular"},
        "previous_started: C2D15 is dated 1900-01-01, so the doses before it would be out of range",
    ),
    ({"point": "C1D8", "findings_symptoms": "confusion, nausea"}, "findings_symptoms[1]: 'nausea' is not known"),
    ({"point": "C1D8", "findings_temperature": 101.0}, "findings_temperature: 101 Cel cannot be a body temperature"),
    ({"point": "C1D8", "site_zone": "Berlin"}, "site_zone: 'Berlin' is not a known time zone"),
    ({"point": "C1D8", "pregnant": True, "childbearing_potential": False}, "pregnant: a patient without childbearing potential"),
    ({"point": "C1D8", "alt_uppr_limit": 40.0}, "alt_uppr_limit: there is no such column; did you mean 'alt_upper_limit'?"),
    ({"point": "C1D8", "hospital": "north"}, "hospital: there is no such column; see COLUMNS"),
)


@pytest.mark.parametrize(("row", "says"), FAULTS)
def test_faults_name_the_column(row: dict[str, Any], says: str) -> None:
    """An impossible value is refused under the name of its column, with what to write instead."""
    with pytest.raises(FieldError) as error:
        case_of_row(row)
    assert str(error.value).startswith(says)


def test_units_of_the_caller() -> None:
    """The unit of a column in the row counts before that of the caller."""
    row = {"point": "C1D8", "alt": 30.0, "hemoglobin": 120.0, "hemoglobin_unit": "g/L"}
    labs = case_of_row(row, units={"alt": "U/L", "hemoglobin": "g/dL"}).labs
    assert labs == (LabResult("hemoglobin", "12 g/dL"), LabResult("alt", "30 U/L"))


def test_a_quantity_as_text() -> None:
    """Text with a unit of its own needs no column of units."""
    assert case_of_row({"point": "C1D1", "ordered": "1 mg"}).ordered == case_of_row({"point": "C1D1", "ordered": 1}).ordered


AMOUNTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("neutrophils", "400 /uL", "10*9/L", {}),
    ("alt", "80 U/L", "U/L", {}),
    ("alt_upper_limit", "40 U/L", "U/L", {"alt": 30.0}),
    ("hemoglobin_lower_limit", "120 g/L", "g/dL", {"hemoglobin": 13.0}),
    ("alt_baseline", "0.5 ukat/L", "U/L", {"alt": 30.0}),
    ("ordered", "1000 ug", "mg", {}),
    ("previous_amount", "1000 ug", "mg", {"previous_point": "C1D1"}),
    ("findings_temperature", "101 [degF]", "Cel", {}),
)


@pytest.mark.parametrize(("name", "text", "unit", "more"), AMOUNTS)
@pytest.mark.parametrize("beside", ["column", "units", "both"])
def test_an_amount_with_two_units_is_refused(name: str, text: str, unit: str, more: dict[str, Any], beside: str) -> None:
    """Neither unit counts in silence: text with a unit of its own, in a column whose unit is named, is refused as in a single result."""
    of = name.removesuffix("_upper_limit").removesuffix("_lower_limit").removesuffix("_baseline")
    row = {"point": "C1D8", **more, name: text} | ({} if beside == "units" else {f"{of}_unit": unit})
    units = None if beside == "column" else {of: unit}
    with pytest.raises(FieldError) as error:
        case_of_row(row, units=units)
    assert str(error.value).startswith(f"{name}: {text!r} is not a number; write the unit once")
    faults = assess(pa.Table.from_pylist([row]), units=units).frame["fault"].to_pylist()
    assert faults == [str(error.value)]


@given(
    st.sampled_from(["neutrophils", "platelets"]),
    st.from_regex(r"\A ?[<>]?=?[0-9]{1,3}(\.[0-9])? ?(/uL|10\*9/L|K/uL|x10\^9/l) ?\Z"),
    st.sampled_from(["10*9/L", "/uL", "furlong", ""]),
)
@settings(max_examples=30)
def test_a_unit_is_written_once(name: str, text: str, unit: str) -> None:
    """However number and unit are written, and whatever the column of units holds: both together are refused."""
    with pytest.raises(FieldError):
        case_of_row({"point": "C1D8", name: text, f"{name}_unit": unit})


WHOLE = [name for name, column in COLUMNS.items() if column.holds is Holds.WHOLE]


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_float_is_a_whole_number(name: str) -> None:
    """Pandas holds whole numbers with gaps as floats: a row with 2.0 means what a row with 2 means, and is refused in the same words."""

    def meant(value: float) -> Case | str:
        try:
            return case_of_row({"point": "C1D8", "events_reviewed": True, name: value})
        except FieldError as error:
            return str(error)

    for number in (-1, 0, 2, 3, 10, 11):
        assert meant(float(number)) == meant(np.float64(number)) == meant(number)
    assert isinstance(meant(3), Case)
    for value in (2.5, float("inf"), True):
        assert str(meant(value)).startswith(f"{name}: {value} is not a whole number")


def test_the_core_needs_no_extra() -> None:
    """Rows and columns are there without numpy, narwhals and pyarrow."""
    assert "tarlatamab_rules.cohort.frames.rows" in sys.modules
    source = sys.modules["tarlatamab_rules.cohort.frames.rows"].__dict__
    assert not {"np", "pa", "nw"} & source.keys()

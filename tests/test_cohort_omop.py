"""Tables of OMOP become a registry: every row is used or counted, and nothing is guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from tarlatamab_rules import FieldError, FieldTypeError, cohort

PERSON = pd.DataFrame(
    {
        "person_id": [1, 2, 3],
        "gender_concept_id": [8507, 8532, 8532],
        "year_of_birth": [1960, 1955, 1970],
        "month_of_birth": [4, 2, None],
        "day_of_birth": [9, 3, None],
        "birth_datetime": [pd.Timestamp("1960-04-09"), None, None],
    }
)
EXPOSURE = pd.DataFrame(
    {
        "person_id": [1, 1, 2, 2, 1],
        "drug_concept_id": [777, 777, 777, 5, 5],
        "drug_exposure_start_date": [date(2025, 3, 8), date(2025, 3, 1), date(2025, 4, 1), date(2025, 4, 1), date(2025, 3, 20)],
        "drug_exposure_start_datetime": [pd.Timestamp("2025-03-08T09:30"), pd.Timestamp("2025-03-01"), None, None, None],
        "drug_exposure_end_date": [date(2025, 3, 8), date(2025, 3, 1), date(2025, 4, 1), None, None],
        "quantity": [Decimal(10), Decimal(1), Decimal(1), Decimal(8), Decimal(2)],
        "dose_unit_source_value": ["mg", "mg", "vial", "mg", None],
        "drug_source_value": ["IMDELLTRA 10 mg", "", None, "dexamethasone", "Tarlatamab-dlle"],
    }
)
MEASUREMENT = pd.DataFrame(
    {
        "measurement_id": range(101, 110),
        "person_id": [1] * 8 + [2],
        "measurement_concept_id": [3013650, 3013650, 3006923, 3024128, 3025315, 3000963, 3024929, 37, 3016723],
        "measurement_date": [date(2025, 3, 7)] * 9,
        "measurement_datetime": [pd.Timestamp("2025-03-07T07:15")] * 2 + [pd.Timestamp("2025-03-07")] * 7,
        "operator_concept_id": [0, 4171756, 4172703, 0, 0, 0, 99, 0, 4171755],
        "value_as_number": [4.1, 0.5, 30.0, 0.6, 70.0, None, 210.0, 5.0, 2.0],
        "unit_concept_id": [8848, 0, 0, 8840, 9529, 8713, 8961, 0, 8840],
        "unit_source_value": ["x", "10*9/L", "U/L", None, "kg", "g/dL", None, "mg/dL", None],
        "range_low": [1.8, 1.8, None, None, None, 12, 150, None, None],
        "range_high": [7.7, 7.7, None, None, None, None, None, None, None],
    }
)
CONDITION = pd.DataFrame(
    {
        "person_id": [1, 1, 1, 2, 2, 1],
        "condition_concept_id": [0, 0, 439777, 0, 12, 4_111],
        "condition_source_value": ["D89.832", "G9203", "271737000", "683991000119103", "I10", "D70.1"],
        "condition_start_date": [date(2025, 3, 2), date(2025, 3, 4), date(2025, 3, 5), date(2025, 1, 1), date(2020, 1, 1), None],
        "condition_end_date": [date(2025, 3, 4), None, None, None, None, None],
    }
)


def tables(**changes: Any) -> Any:
    """The registry of these tables."""
    arguments: dict[str, Any] = {
        "person": PERSON,
        "drug_exposure": EXPOSURE,
        "measurement": MEASUREMENT,
        "condition_occurrence": CONDITION,
        "drug_concept_ids": {777},
    }
    return cohort.from_omop(**arguments | changes)


def rows(registry: Any, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table."""
    return [tuple(row[column] for column in columns) for row in registry.tables[name].to_pylist()]


def test_doses() -> None:
    """Doses are found by concept or by name, numbered by their order, and have an amount only in a unit of mass."""
    assert rows(tables(), "doses", "patient", "point", "started", "ended", "amount") == [
        (1, "C1D8", "2025-03-08T09:30:00", "2025-03-08", 10.0),
        (1, "C1D1", "2025-03-01", "2025-03-01", 1.0),
        (2, "C1D1", "2025-04-01", "2025-04-01", None),
        (1, "C1D15", "2025-03-20", None, None),
    ]


def test_patients() -> None:
    """A birth date needs its day, the diagnosis its code, and nothing is concluded from gender."""
    registry = tables()
    assert rows(registry, "patients", "patient", "birth_date", "diagnosis") == [
        (1, "1960-04-09", None),
        (2, "1955-02-03", "extensive-stage-sclc"),
        (3, None, None),
    ]
    assert registry.tables["patients"].column_names == ["patient", "birth_date", "diagnosis"]


def test_results() -> None:
    """Units and operators come from their concepts, else from the source; an operator that is not known is not dropped."""
    assert rows(tables(), "labs", "patient", "analyte", "value", "unit", "comparator", "collected", "lower_limit", "upper_limit") == [
        (1, "neutrophils", 4.1, "10*3/uL", None, "2025-03-07T07:15:00", 1.8, 7.7),
        (1, "neutrophils", 0.5, "10*9/L", "<", "2025-03-07T07:15:00", 1.8, 7.7),
        (1, "alt", 30.0, "U/L", None, "2025-03-07", None, None),
        (1, "bilirubin", 0.6, "mg/dL", None, "2025-03-07", None, None),
        (1, "hemoglobin", None, "g/dL", None, "2025-03-07", 12.0, None),
        (1, "platelets", 210.0, "10*3/mm3", "operator 99 ", "2025-03-07", 150.0, None),
        (2, "creatinine", 2.0, "mg/dL", ">=", "2025-03-07", None, None),
    ]


def test_events() -> None:
    """Codes of ICD-10-CM give the toxicity and the grade that they state; a condition that is not known is an event of other."""
    assert rows(tables(), "events", "patient", "toxicity", "grade", "scale", "status", "onset", "resolved") == [
        (1, "anemia", None, None, None, "2025-03-05", None),
        (1, "crs", 2, "astct-2019", "resolved", "2025-03-02", "2025-03-04"),
        (1, "icans", 3, "astct-2019", None, "2025-03-04", None),
        (1, "neutropenia", None, None, None, None, None),
        (2, "other", None, None, None, "2020-01-01", None),
    ]


def test_it_adds_up() -> None:
    """Used and unused rows add up to the rows of every source table, and the text says why and what is lacking."""
    registry = tables()
    lengths = {"person": 3, "drug_exposure": 5, "measurement": 9, "condition_occurrence": 6}
    assert {name: sum(counts.values()) for name, counts in registry.counts.items()} == lengths
    assert registry.counts["measurement"] == {"used": 7, "not used: a measurement of something else": 2}
    assert registry.counts["drug_exposure"] == {"used": 4, "not used: another drug": 1}
    assert registry.counts["condition_occurrence"] == {"used": 5, "not used: the cancer": 1}
    text = str(registry)
    assert "measurement: 2 rows not used: a measurement of something else" in text
    assert "3 of 7 results have no limits of normal." in text


def test_as_a_case() -> None:
    """The dose of one row is a case with what was known then; a row that is not there is refused."""
    case = tables(measurement=MEASUREMENT[:4]).case(0)
    assert str(case.point) == "C1D8"
    assert case.planned_start == pd.Timestamp("2025-03-08T09:30")
    assert [str(dose.point) for dose in case.course.doses] == ["C1D1"]
    assert [str(lab.quantity) for lab in case.labs] == ["4.1 10*9/L", "<0.5 10*9/L", "30 U/L", "0.6 mg/dL"]
    assert sorted(event.toxicity for event in case.events) == ["anemia", "crs", "icans", "neutropenia"]
    for row in (-1, 4):
        with pytest.raises(FieldError, match=f"row: there is no dose in row {row}; the table has 4 rows"):
            tables().case(row)


def test_assessed() -> None:
    """The tables are taken by the assessment of registries, and an operator that is not known refuses the dose."""
    answers = cohort.assess_registry(**tables(measurement=MEASUREMENT.drop(index=5)).tables)
    faults = answers.frame["fault"].to_pylist()
    assert "operator 99" in faults[0]
    assert faults[1] is faults[2] is None


def test_times_with_an_offset() -> None:
    """A time with an offset stays one, also at midnight; columns of ids may be text."""
    starts = pd.to_datetime(["2025-03-08 00:00", "2025-03-01 09:00"]).tz_localize("UTC")
    exposures = pd.DataFrame({"person_id": ["p", "p"], "drug_concept_id": [777, 777], "drug_exposure_start_datetime": starts})
    empty = {"measurement": MEASUREMENT[:0], "condition_occurrence": CONDITION[:0]}
    registry = tables(person=pd.DataFrame({"person_id": ["p"]}), drug_exposure=exposures, **empty)
    assert rows(registry, "doses", "patient", "point", "started") == [
        ("p", "C1D8", "2025-03-08T00:00:00+00:00"),
        ("p", "C1D1", "2025-03-01T09:00:00+00:00"),
    ]
    assert rows(registry, "patients", "patient", "birth_date") == [("p", None)]


def test_source_values_as_numbers() -> None:
    """A column of source values that pandas read as numbers is read as their text."""
    conditions = CONDITION[:1].assign(condition_source_value=271737000.0, condition_concept_id=439777)
    assert rows(tables(condition_occurrence=conditions), "events", "toxicity") == [("anemia",)]


def test_other_vocabularies() -> None:
    """Concepts of a site are added, and replace those of the library."""
    registry = tables(analytes={37: "urate", 3016723: "sodium"}, units={9529: "mg/dL"}, toxicities={4_111: "infection", 12: "other"})
    assert ("uric-acid", 5.0, "mg/dL") in rows(registry, "labs", "analyte", "value", "unit")
    assert ("sodium", 2.0, "mg/dL") in rows(registry, "labs", "analyte", "value", "unit")
    assert sorted(rows(registry, "events", "toxicity")) == [("anemia",), ("crs",), ("icans",), ("neutropenia",), ("other",)]


def test_grades_for_omop() -> None:
    """Settled grades become rows of observations that point to their measurement; an open grade gives no row."""
    observations = cohort.omop_grades(MEASUREMENT).to_pylist()
    assert [(row["observation_event_id"], row["value_as_number"], row["observation_source_value"]) for row in observations] == [
        (101, 0.0, "ctcae-5.0: Neutrophil count decreased"),
        (102, 4.0, "ctcae-5.0: Neutrophil count decreased"),
    ]
    assert observations[0]["observation_date"] == "2025-03-07"
    assert {row["observation_concept_id"] for row in observations} == {0}


def test_no_rows() -> None:
    """Empty tables give an empty registry."""
    registry = tables(drug_exposure=EXPOSURE[:0], measurement=MEASUREMENT[:0], condition_occurrence=CONDITION[:0])
    assert [registry.tables[name].num_rows for name in ("doses", "labs", "events")] == [0, 0, 0]
    assert registry.notes == ()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"person": PERSON.drop(columns="person_id")}, "person.person_id"),
        ({"drug_exposure": EXPOSURE.drop(columns="drug_concept_id")}, "drug_exposure.drug_concept_id"),
        ({"measurement": MEASUREMENT.drop(columns="value_as_number")}, "measurement.value_as_number"),
        ({"condition_occurrence": CONDITION.drop(columns="condition_concept_id")}, "condition_occurrence.condition_concept_id"),
        ({"analytes": {37: "ferritin"}}, "analytes[37]"),
        ({"toxicities": {12: "cold"}}, "toxicities[12]"),
        ({"toxicities": {12: None}}, "toxicities[12]"),
    ],
)
def test_refused(changes: dict[str, Any], path: str) -> None:
    """A column that is missing, or a word that is not known, is named."""
    with pytest.raises(FieldError) as raised:
        tables(**changes)
    assert raised.value.path == path


def test_no_frame() -> None:
    """What is no table is refused as such."""
    with pytest.raises(FieldTypeError, match="measurement: 'NoneType' is not a table"):
        tables(measurement=None)
    with pytest.raises(FieldError, match=r"measurement\.measurement_id: the column is missing"):
        cohort.omop_grades(pa.table({"person_id": [1]}))

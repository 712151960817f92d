"""Synthetic registries: plausible where they should be, faulty where they should be, and always the same."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from tarlatamab_rules import FieldError, FieldTypeError, GivenDose, LabResult, Patient, ToxicityEvent, cohort, next_dose

TABLES = ("doses", "patients", "labs", "events")


@pytest.fixture(scope="module")
def clean() -> dict[str, pa.Table]:
    """A registry without faults."""
    return cohort.simulate(150, 2, dirt=0)


def records(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table, without what is not known."""
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def _lab(row: dict[str, Any]) -> LabResult:
    unit = row["unit"]
    limits = {name: (row[name], unit) for name in ("lower_limit", "upper_limit", "baseline") if name in row}
    return LabResult(row["analyte"], (f"{row.get('comparator', '')}{row['value']}", unit), row.get("collected"), **limits)


def _dose(row: dict[str, Any]) -> GivenDose:
    amount = (row["amount"], row["unit"]) if "amount" in row else None
    return GivenDose(row["point"], row["started"], amount, row.get("ended"), row.get("complete"))


def test_four_tables(clean: dict[str, pa.Table]) -> None:
    """There are so many doses as were asked for, the other tables fit them, and all say that they are synthetic."""
    assert tuple(clean) == TABLES
    assert clean["doses"].num_rows == 150
    patients = set(clean["patients"]["patient"].to_pylist())
    assert {row for name in TABLES for row in clean[name]["patient"].to_pylist()} == patients
    for name in TABLES:
        about = clean[name].schema.metadata
        assert about[b"synthetic"].startswith(b"Synthetic.")
        assert set(json.loads(about[b"faults"]).values()) == {0}


def test_every_row_is_taken(clean: dict[str, pa.Table]) -> None:
    """Without dirt, the library takes every row as it is."""
    for row in records(clean["patients"]):
        Patient(**{name: value for name, value in row.items() if name not in {"patient", "site", "site_zone"}})
    for row in records(clean["labs"]):
        _lab(row)
    for row in records(clean["doses"]):
        _dose(row)
    for row in records(clean["events"]):
        fields: dict[str, Any] = {name: int(value) if "grade" in name else value for name, value in row.items() if name != "patient"}
        ToxicityEvent(**fields)


def test_courses_follow_the_book(clean: dict[str, pa.Table]) -> None:
    """Most doses are what the library says is due after the doses before them; restarts that were missed are the rest."""
    by_patient: dict[int, list[GivenDose]] = {}
    answers: Counter[bool] = Counter()
    for row in records(clean["doses"]):
        course = by_patient.setdefault(row["patient"], [])
        due = next_dose(course, planned_start=row["started"])
        if "ordered" in row:
            answers[due.possible[0] is not None and due.possible[0].amount.value == row["ordered"]] += 1
        course.append(GivenDose(row["point"], row["started"], (row["ordered"], "mg") if "ordered" in row else None))
    assert answers[True] > 130
    assert answers[False] > 0


def test_units_are_mixed(clean: dict[str, pa.Table]) -> None:
    """Analytes come in several units, and every site is there."""
    units: dict[str, set[str]] = {}
    for row in clean["labs"].to_pylist():
        units.setdefault(row["analyte"], set()).add(row["unit"])
    assert all(len(names) > 1 for names in units.values())
    assert len(set(clean["patients"]["site_zone"].to_pylist())) == 6


def test_same_seed_same_bytes() -> None:
    """The same seed gives the same bytes, and another seed another registry."""

    def written(seed: int) -> bytes:
        sink = pa.BufferOutputStream()
        for table in cohort.simulate(50, seed).values():
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
        whole: bytes = sink.getvalue().to_pybytes()
        return whole

    assert written(7) == written(7) != written(8)


def test_dirt_is_counted() -> None:
    """The share of dirt is the share of faulty rows; the metadata say which faults there are, and the library refuses them."""
    tables = cohort.simulate(150, 1, dirt=0.05)
    for table in tables.values():
        assert sum(json.loads(table.schema.metadata[b"faults"]).values()) == round(table.num_rows * 0.05)
    faults: Counter[str] = Counter()
    for row in records(tables["labs"]):
        try:
            _lab(row)
        except FieldError as error:
            faults[error.path] += 1
    told = json.loads(tables["labs"].schema.metadata[b"faults"])
    assert set(faults) == {"analyte", "quantity", "lower_limit", "upper_limit"}
    assert faults["analyte"] == told["an analyte that is misspelt"]
    assert sum(faults.values()) <= sum(told.values()) - told["an unknown patient"]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_smallest(n: int) -> None:
    """A registry of a few doses has all its tables."""
    assert [table.num_rows > 0 for table in cohort.simulate(n, 5).values()][:2] == [True, True]
    assert cohort.simulate(n, 5, dirt=1)["doses"].num_rows == n


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_other_kinds(kind: Any) -> None:
    """Frames of pandas and polars hold the same, pandas with the same notes."""
    tables, arrow = cohort.simulate(30, 2, kind=kind), cohort.simulate(30, 2)
    for name, table in tables.items():
        assert type(table).__module__.partition(".")[0] == kind
        assert list(table.columns) == arrow[name].column_names
        assert len(table) == arrow[name].num_rows
    if kind == "pandas":
        assert tables["labs"].attrs["synthetic"].startswith("Synthetic.")


@pytest.mark.parametrize(
    ("arguments", "path", "error"),
    [
        ({"n": 0}, "n", FieldError),
        ({"n": 10**9}, "n", FieldError),
        ({"n": 10.0}, "n", FieldTypeError),
        ({"n": True}, "n", FieldTypeError),
        ({"n": "10"}, "n", FieldTypeError),
        ({"n": 5, "seed": -1}, "seed", FieldError),
        ({"n": 5, "seed": None}, "seed", FieldTypeError),
        ({"n": 5, "dirt": 1.01}, "dirt", FieldError),
        ({"n": 5, "dirt": -0.1}, "dirt", FieldError),
        ({"n": 5, "dirt": float("nan")}, "dirt", FieldError),
        ({"n": 5, "dirt": "1 %"}, "dirt", FieldTypeError),
        ({"n": 5, "kind": "spark"}, "kind", FieldError),
    ],
)
def test_refused(arguments: dict[str, Any], path: str, error: type[FieldError]) -> None:
    """A wrong argument is named, with what to write."""
    with pytest.raises(error) as raised:
        cohort.simulate(**arguments)
    assert raised.value.path == path
    assert raised.value.fix

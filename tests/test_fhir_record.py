"""A whole record in FHIR R4: the case that it gives, and what an assessment of it says when a part cannot be read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from fhir_resources import (
    ICD,
    LOINC,
    SNOMED,
    START,
    Resource,
    ae_grade,
    concept,
    condition,
    dose,
    event,
    imported,
    item,
    lab,
    observation,
    patient,
    quantity,
    response,
)
from tarlatamab_rules import Case, GivenDose, LabResult, Patient, ToxicityEvent, Verdict, assess_case
from test_fhir_cases import DOSES, EVENTS

SUMMER = timezone(timedelta(hours=2))
FIRST = dose("", effectivePeriod={"start": "2025-10-01T09:00:00+02:00", "end": "2025-10-01T10:00:00+02:00"})
del FIRST["effectiveDateTime"]


def _with_range(code: str, value: float, unit: str, low: float, high: float) -> Resource:
    return lab(code, value, unit, referenceRange=[{"low": quantity(low, unit), "high": quantity(high, unit)}])


RECORD: tuple[Resource, ...] = (
    patient(name=[{"family": "Example"}]),
    condition(SNOMED, "683991000119103"),
    FIRST,
    _with_range("751-8", 3900, "/uL", 1500, 8000),
    _with_range("718-7", 12.9, "g/dL", 12, 16),
    _with_range("777-3", 187, "10*3/uL", 150, 400),
    _with_range("1742-6", 31, "U/L", 5, 40),
    _with_range("1920-8", 0.5, "ukat/L", 0.1, 0.6),
    _with_range("14631-6", 10, "umol/L", 2, 21),
    observation("82810-3", valueCodeableConcept=concept(SNOMED, "60001007")),
    event(
        ICD,
        "D89.83",
        ae_grade("C41338"),
        date="2025-10-02",
        outcome=concept("http://terminology.hl7.org/CodeSystem/adverse-event-outcome", "resolved"),
    ),
    response(
        item("patient.progressed_after_platinum", valueBoolean=True),
        item("patient.infection", valueCoding={"code": "none"}),
        item("patient.breastfeeding", valueBoolean=False),
        item("patient.hypersensitivity", valueBoolean=False),
    ),
)
DRAWN = datetime(2025, 10, 7, 8, tzinfo=SUMMER)
CASE = Case(
    patient=Patient(
        age_years=63,
        diagnosis="extensive-stage-sclc",
        progressed_after_platinum=True,
        infection="none",
        pregnant=False,
        breastfeeding=False,
        hypersensitivity=False,
    ),
    point="C1D8",
    planned_start=START,
    ordered="10 mg",
    course=[GivenDose("C1D1", datetime(2025, 10, 1, 9, tzinfo=SUMMER), "1 mg", datetime(2025, 10, 1, 10, tzinfo=SUMMER), complete=True)],
    labs=[
        LabResult("neutrophils", "3.9 10*9/L", DRAWN, "1.5 10*9/L", "8 10*9/L"),
        LabResult("hemoglobin", "12.9 g/dL", DRAWN, "12 g/dL", "16 g/dL"),
        LabResult("platelets", "187 10*9/L", DRAWN, "150 10*9/L", "400 10*9/L"),
        LabResult("alt", "31 U/L", DRAWN, "5 U/L", "40 U/L"),
        LabResult("ast", "30 U/L", DRAWN, "6 U/L", "36 U/L"),
        LabResult("bilirubin", "10 umol/L", DRAWN, "2 umol/L", "21 umol/L"),
    ],
    events=[ToxicityEvent("crs", 1, status="resolved", onset=date(2025, 10, 2))],
    site_zone="Europe/Berlin",
)


def _read(*more: Any) -> Any:
    return imported(*RECORD, *more, ordered="10 mg", site_zone="Europe/Berlin", complete=["events"])


def test_a_whole_record() -> None:
    """The case of a whole record equals the one that was written by hand, and its assessment is the same."""
    found = _read()
    assert found.case == CASE
    assert found.report.unclear == ()
    assert found.report.unused == ()
    assert assess_case(found.case).verdict is Verdict.PROCEED


UNREADABLE = [
    *[(name, resource) for name, resource, _, line in EVENTS if ": unclear as" in line],
    *[
        (name, {key: value for key, value in resource.items() if value != ""})
        for name, resource, line in DOSES
        if line.startswith("unclear")
    ],
]


@pytest.mark.parametrize("resource", [row[1] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE])
def test_no_dose_goes_ahead_beside_what_cannot_be_read(resource: Resource) -> None:
    """If one more adverse event or administration cannot be read, the assessment of the record does not say that the dose may be given."""
    found = _read(resource)
    assert found.report.to_settle
    assert assess_case(found.case).verdict is not Verdict.PROCEED


@pytest.mark.parametrize("left_out", range(len(RECORD)))
def test_no_dose_goes_ahead_without_a_part_of_the_record(left_out: int) -> None:
    """Without any one resource of the record that matters the dose does not go ahead; without the mild event, which is over, it does."""
    rest = [resource for n, resource in enumerate(RECORD) if n != left_out]
    found = imported(*rest, ordered="10 mg", site_zone="Europe/Berlin", complete=["events"])
    ahead = assess_case(found.case).verdict is Verdict.PROCEED
    assert ahead is (RECORD[left_out]["resourceType"] == "AdverseEvent")


NEWER = "2025-10-08T07:00:00+02:00"
UNREADABLE_RESULTS: list[Resource] = [
    lab("777-3", 12, "g/dL", effectiveDateTime=NEWER),
    lab("777-3", 187, "10*3/uL", effectiveDateTime=NEWER, status="preliminary"),
    lab("777-3", 187, "10*3/uL", effectiveDateTime=NEWER, modifierExtension=[{"url": "urn:x"}]),
    lab("777-3", 187, "10*3/uL", effectiveDateTime=NEWER, subject=None),
    lab("777-3", 187, "10*3/uL", effectiveDateTime="2025-10-08T07:00"),
    observation("777-3", effectiveDateTime=NEWER, valueString="low"),
    observation("58410-2", effectiveDateTime=NEWER, component=[{"code": concept(LOINC, "777-3"), "valueString": "low"}]),
    response(item("labs.platelets", valueString="low")),
]


@pytest.mark.parametrize("resource", UNREADABLE_RESULTS)
def test_an_older_result_does_not_count_in_place_of_a_newer_one(resource: Resource) -> None:
    """A newer result that cannot be read makes the dose wait, although an older one is normal, and the report lists it first."""
    found = _read(resource)
    assert [entry.path for entry in found.report.to_settle] == [f"[{len(RECORD)}]"]
    assert str(found.report).splitlines()[1].startswith("  asked for: ")
    assert assess_case(found.case).verdict is Verdict.NEEDS_DATA


def test_times_in_utc() -> None:
    """The same moments in UTC give a case with the same answers."""
    moved = [
        {**resource, "effectiveDateTime": "2025-10-07T06:00:00Z"} if "effectiveDateTime" in resource else resource for resource in RECORD
    ]
    found = imported(*moved, ordered="10 mg", site_zone="Europe/Berlin", complete=["events"], planned_start=START.astimezone(UTC))
    assert assess_case(found.case).verdict is Verdict.PROCEED
    assert found.case.patient == CASE.patient


def test_loinc_and_another_system() -> None:
    """A coding of another system beside that of LOINC does not matter."""
    both = {"coding": [{"system": "urn:local", "code": "PLT"}, {"system": LOINC, "code": "777-3"}, {"display": "Platelets"}]}
    found = imported(patient(), lab("", 187, "10*3/uL", code=both))
    assert found.case.labs == (LabResult("platelets", "187 10*9/L", DRAWN),)

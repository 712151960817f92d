"""Single resources of FHIR R4, each with the facts and the line of the report that it must give."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from fhir_resources import (
    BACKPORT,
    CTCAE,
    DATA,
    ICD,
    LOINC,
    NCIT,
    SNOMED,
    START,
    UCUM,
    WHO,
    Resource,
    ae_grade,
    alone,
    concept,
    condition,
    ctcae_grade,
    dose,
    event,
    imported,
    lab,
    observation,
    patient,
    quantity,
)
from tarlatamab_rules import Amount, Case, DosePoint, FieldError, FieldTypeError, GivenDose, LabResult, Patient, ToxicityEvent
from tarlatamab_rules.formats.fhir import Fate, read

DAY_BEFORE = datetime.fromisoformat("2025-10-07T08:00:00+02:00")
AS_UNKNOWN = "it counts as a result of unknown value"
NO_RANGE = "it has no reference range, by which some results are graded"


# --- Sherman McGlynn, transcribed from his bundle by hand ---

THEN, LATER, NEXT_YEAR, LAST = (
    datetime(year, month, day, 6, 1, 37, tzinfo=UTC) for year, month, day in ((2003, 1, 7), (2003, 4, 7), (2004, 1, 13), (2009, 9, 22))
)
SHERMAN = Case(
    patient=Patient(age_years=72),  # born on 6 October 1936
    point="C1D1",
    planned_start=datetime(2009, 10, 1, 9, tzinfo=UTC),
    labs=[
        LabResult("creatinine", "3.496787387549001 mg/dL", THEN),
        LabResult("sodium", "139.0958056980748 mmol/L", THEN),
        LabResult("potassium", "5.16626333866091 mmol/L", THEN),
        LabResult("bilirubin", "0.17890535580636013 mg/dL", THEN),
        LabResult("alkaline-phosphatase", "114.60878456761832 U/L", THEN),
        LabResult("alt", "38.325931941578546 U/L", THEN),
        LabResult("ast", "22.768496615867594 U/L", THEN),
        LabResult("white-cells", "2.1844271220886693 10*3/uL", THEN),
        LabResult("hemoglobin", "15.222792133023002 g/dL", THEN),
        LabResult("platelets", "164.60192276832947 10*3/uL", THEN),
        LabResult("creatinine", "2.7667438837086245 mg/dL", LATER),
        LabResult("sodium", "139.56355321311278 mmol/L", LATER),
        LabResult("potassium", "4.122509534809323 mmol/L", LATER),
        LabResult("bilirubin", "0.7264594498991165 mg/dL", LATER),
        LabResult("alkaline-phosphatase", "40.17626269288983 U/L", LATER),
        LabResult("alt", "23.223537802720738 U/L", LATER),
        LabResult("ast", "6.254303876187504 U/L", LATER),
        LabResult("white-cells", "2.5867286989689853 10*3/uL", LATER),
        LabResult("hemoglobin", "13.431144833678708 g/dL", LATER),
        LabResult("platelets", "311.63565330471454 10*3/uL", LATER),
        LabResult("white-cells", "3.8970930456872486 10*3/uL", NEXT_YEAR),
        LabResult("hemoglobin", "13.773860499482204 g/dL", NEXT_YEAR),
        LabResult("platelets", "323.4216915534034 10*3/uL", NEXT_YEAR),
        LabResult("white-cells", "6.273337470605196 10*3/uL", LAST),
        LabResult("hemoglobin", "14.661067987085493 g/dL", LAST),
        LabResult("platelets", "404.9863127615427 10*3/uL", LAST),
    ],
)


def test_sherman_mcglynn() -> None:
    """The case of a whole record is the one that was transcribed from it by hand, and each resource is accounted for."""
    text = (DATA / "sherman_mcglynn.json").read_bytes()
    result = read(text, point="C1D1", planned_start=datetime(2009, 10, 1, 9, tzinfo=UTC))
    assert result.case == SHERMAN
    report = result.report
    assert (len(report.used), len(report.unused), len(report.unclear), len(report.entries)) == (27, 20, 2, 49)
    assert {entry.why for entry in report.to_settle} == {("its code does not say whether the small-cell lung cancer is extensive-stage",)}


def test_sherman_mcglynn_after_his_death() -> None:
    """A dose that is planned for a patient who is recorded as deceased is unclear, and asked about."""
    result = read((DATA / "sherman_mcglynn.json").read_text("utf-8"), point="C1D1", planned_start=date(2012, 8, 1))
    assert "the patient is recorded as deceased" in result.report.to_settle[0].why


# --- laboratory results ---

UNKNOWN, UNDATED = LabResult("platelets", ">=0 10*9/L", DAY_BEFORE), LabResult("platelets", ">=0 10*9/L")
SODIUM = LabResult("sodium", ">=0 mmol/L", DAY_BEFORE)
"""What a result that cannot be read counts as, so that no older one counts in its place."""

LABS: list[tuple[str, Resource, LabResult | None, str]] = [
    (
        "a plain result",
        lab("777-3", 187, "10*3/uL"),
        LabResult("platelets", "187 10*9/L", DAY_BEFORE),
        f"Observation: used as labs[0]: {NO_RANGE}",
    ),
    (
        "limits of normal in another unit than the value",
        lab("718-7", 13.5, "g/dL", referenceRange=[{"low": quantity(120, "g/L"), "high": quantity(160, "g/L")}]),
        LabResult("hemoglobin", "13.5 g/dL", DAY_BEFORE, "12 g/dL", "16 g/dL"),
        "Observation: used as labs[0]",
    ),
    (
        "a bound stays a bound",
        lab("26499-4", 0.1, "10*9/L", valueQuantity=quantity(0.1, "10*9/L", comparator="<")),
        LabResult("neutrophils", "<0.1 10*9/L", DAY_BEFORE),
        f"Observation: used as labs[0]: {NO_RANGE}",
    ),
    (
        "K/uL as if it were UCUM, where K is the kelvin",
        lab("26515-7", 187, "K/uL"),
        LabResult("platelets", "187 10*9/L", DAY_BEFORE),
        "Observation: used as labs[0]: the code of its unit is not one of the usual codes of UCUM, and counts as laboratories write it; "
        + NO_RANGE,
    ),
    (
        "a code of UCUM and a text that contradict each other",
        lab("718-7", 13.5, "g/dL", valueQuantity={"value": 13.5, "unit": "g/L", "system": UCUM, "code": "g/dL"}),
        LabResult("hemoglobin", ">=0 g/dL", DAY_BEFORE),
        f"Observation: unclear as labs[0]: the code and the text of its unit contradict each other; {AS_UNKNOWN}",
    ),
    (
        "a text beside the code that says nothing",
        lab("718-7", 13.5, "g/dL", valueQuantity={"value": 13.5, "unit": "grams per decilitre", "system": UCUM, "code": "g/dL"}),
        LabResult("hemoglobin", "13.5 g/dL", DAY_BEFORE),
        f"Observation: used as labs[0]: {NO_RANGE}",
    ),
    (
        "a unit of another system, with a text that is known",
        lab("718-7", 13.5, "g/dL", valueQuantity={"value": 13.5, "unit": "g/dL", "system": "urn:local", "code": "17"}),
        LabResult("hemoglobin", "13.5 g/dL", DAY_BEFORE),
        f"Observation: used as labs[0]: its unit has no code of UCUM, so its text was read; {NO_RANGE}",
    ),
    (
        "a code of UCUM that measures something else",
        lab("777-3", 187, "g/dL"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: the code of its unit is not a unit of a cell count; {AS_UNKNOWN}",
    ),
    (
        "no unit",
        lab("777-3", 187, "", valueQuantity={"value": 187}),
        UNKNOWN,
        f"Observation: unclear as labs[0]: it has no unit; {AS_UNKNOWN}",
    ),
    (
        "a unit that nobody knows",
        lab("777-3", 187, "", valueQuantity={"value": 187, "unit": "Sherman"}),
        UNKNOWN,
        f"Observation: unclear as labs[0]: its unit is not a unit of a cell count; {AS_UNKNOWN}",
    ),
    (
        "no number",
        lab("777-3", None, "10*3/uL"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: its value has no number; {AS_UNKNOWN}",
    ),
    (
        "a number as text",
        lab("777-3", "187", "10*3/uL"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: value is not a number, so this is not FHIR R4; {AS_UNKNOWN}",
    ),
    (
        "true as a number",
        lab("777-3", True, "10*3/uL"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: value is not a number, so this is not FHIR R4; {AS_UNKNOWN}",
    ),
    (
        "a number without end",
        lab("777-3", 10**400, "10*3/uL"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: value is not a finite number, so this is not FHIR R4; {AS_UNKNOWN}",
    ),
    (
        "an infinite number",
        lab("777-3", float("inf"), "10*3/uL"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: value is not a finite number, so this is not FHIR R4; {AS_UNKNOWN}",
    ),
    (
        "a negative count",
        lab("777-3", -5, "10*3/uL"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: its value is not possible for platelets in its unit; {AS_UNKNOWN}",
    ),
    (
        "a sodium in the wrong unit",
        lab("2951-2", 139, "mol/L"),
        SODIUM,
        f"Observation: unclear as labs[0]: its value is not possible for sodium in its unit; {AS_UNKNOWN}",
    ),
    (
        "a comparator of FHIR R5",
        lab("777-3", 5, "10*3/uL", valueQuantity=quantity(5, "10*3/uL", comparator="ad")),
        UNKNOWN,
        f"Observation: unclear as labs[0]: its comparator is not one of FHIR R4; {AS_UNKNOWN}",
    ),
    (
        "a text instead of a quantity",
        observation("777-3", valueString="low"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: its value is not a Quantity with a unit; {AS_UNKNOWN}",
    ),
    (
        "no value, with the reason",
        observation("777-3", dataAbsentReason=concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "error")),
        UNKNOWN,
        f"Observation: unclear as labs[0]: it states that its value is not known; {AS_UNKNOWN}",
    ),
    (
        "not measured, with the reason",
        observation("777-3", dataAbsentReason=concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed")),
        None,
        "Observation: unused: it states that it was not measured",
    ),
    ("no value", observation("777-3"), UNKNOWN, f"Observation: unclear as labs[0]: it has no value; {AS_UNKNOWN}"),
    (
        "a panel without a value of its own",
        observation("777-3", hasMember=[{"reference": "Observation/1"}]),
        None,
        "Observation: unused: it has no value of its own",
    ),
    (
        "preliminary",
        lab("777-3", 187, "10*3/uL", status="preliminary"),
        UNKNOWN,
        f"Observation: unclear as labs[0]: it is preliminary; {AS_UNKNOWN}",
    ),
    ("cancelled", lab("777-3", 187, "10*3/uL", status="cancelled"), None, "Observation: unused: it was cancelled"),
    ("entered in error", lab("777-3", 187, "10*3/uL", status="entered-in-error"), None, "Observation: unused: it was entered in error"),
    (
        "no status",
        lab("777-3", 187, "10*3/uL", status=None),
        UNKNOWN,
        f"Observation: unclear as labs[0]: its status is not known; {AS_UNKNOWN}",
    ),
    ("a percentage", lab("770-8", 60, "%"), None, "Observation: unused: a percentage is not a count"),
    ("an unknown code", lab("1-8", 60, "%"), None, "Observation: unused: its code is not one that is read"),
    (
        "the code of platelets in another system",
        lab("", 187, "10*3/uL", code=concept("urn:local", "777-3")),
        None,
        "Observation: unused: its code is not one that is read",
    ),
    (
        "codes of two analytes",
        lab("", 187, "10*3/uL", code={"coding": [{"system": LOINC, "code": "777-3"}, {"system": LOINC, "code": "6690-2"}]}),
        UNKNOWN,
        f"Observation: unclear as labs[0], labs[1]: its codes mean different things; {AS_UNKNOWN}",
    ),
    (
        "the day alone",
        lab("777-3", 187, "10*3/uL", effectiveDateTime="2025-10-07"),
        LabResult("platelets", "187 10*9/L", date(2025, 10, 7)),
        f"Observation: used as labs[0]: {NO_RANGE}",
    ),
    (
        "the month alone",
        lab("777-3", 187, "10*3/uL", effectiveDateTime="2025-10"),
        LabResult("platelets", "187 10*9/L"),
        f"Observation: used as labs[0]: its date does not say the day, so it counts as not known; {NO_RANGE}",
    ),
    (
        "no date",
        {key: value for key, value in lab("777-3", 187, "10*3/uL").items() if key != "effectiveDateTime"},
        LabResult("platelets", "187 10*9/L"),
        f"Observation: used as labs[0]: it has no date; {NO_RANGE}",
    ),
    (
        "collected within one day",
        {
            **{key: value for key, value in lab("777-3", 187, "10*3/uL").items() if key != "effectiveDateTime"},
            "effectivePeriod": {"start": "2025-10-07T08:00:00+02:00", "end": "2025-10-07T10:00:00+02:00"},
        },
        LabResult("platelets", "187 10*9/L", date(2025, 10, 7)),
        f"Observation: used as labs[0]: {NO_RANGE}",
    ),
    (
        "two dates",
        lab("777-3", 187, "10*3/uL", effectiveInstant="2025-10-07T08:00:00+02:00"),
        UNDATED,
        f"Observation: unclear as labs[0]: it has two dates; {AS_UNKNOWN}",
    ),
    (
        "a time without an offset",
        lab("777-3", 187, "10*3/uL", effectiveDateTime="2025-10-07T08:00:00"),
        UNDATED,
        f"Observation: unclear as labs[0]: effectiveDateTime is not a date, and not a time with a UTC offset; {AS_UNKNOWN}",
    ),
    (
        "a day that no calendar has",
        lab("777-3", 187, "10*3/uL", effectiveDateTime="2025-02-30"),
        UNDATED,
        f"Observation: unclear as labs[0]: effectiveDateTime is not a day of the calendar from 1900 to 2199; {AS_UNKNOWN}",
    ),
    (
        "a year of long ago",
        lab("777-3", 187, "10*3/uL", effectiveDateTime="0001-01-01"),
        UNDATED,
        f"Observation: unclear as labs[0]: effectiveDateTime is not a day of the calendar from 1900 to 2199; {AS_UNKNOWN}",
    ),
    (
        "a future date",
        lab("777-3", 187, "10*3/uL", effectiveDateTime="2025-10-09"),
        LabResult("platelets", "187 10*9/L", date(2025, 10, 9)),
        f"Observation: used as labs[0]: {NO_RANGE}; it is dated after the planned start",
    ),
    (
        "ranges that differ",
        lab("777-3", 187, "10*3/uL", referenceRange=[{"low": quantity(150, "10*9/L")}, {"low": quantity(100, "10*9/L")}]),
        LabResult("platelets", "187 10*9/L", DAY_BEFORE),
        f"Observation: used as labs[0]: it has several reference ranges, so none was used; {NO_RANGE}",
    ),
    (
        "a range for treatment beside the one of normal values",
        lab(
            "777-3",
            187,
            "10*3/uL",
            referenceRange=[{"low": quantity(150, "10*9/L")}, {"low": quantity(1, "10*9/L"), "type": concept("urn:x", "treatment")}],
        ),
        LabResult("platelets", "187 10*9/L", DAY_BEFORE, "150 10*9/L"),
        "Observation: used as labs[0]",
    ),
    (
        "limits that cannot be: swapped, and of another unit",
        lab("1742-6", 30, "U/L", referenceRange=[{"low": quantity(50, "U/L"), "high": quantity(10, "U/L")}]),
        LabResult("alt", "30 U/L", DAY_BEFORE, "50 U/L"),
        "Observation: used as labs[0]: its upper limit of normal is not possible, so it is left out",
    ),
    (
        "a limit without a unit",
        lab("1742-6", 30, "U/L", referenceRange=[{"high": {"value": 40}}]),
        LabResult("alt", "30 U/L", DAY_BEFORE),
        f"Observation: used as labs[0]: its upper limit of normal cannot be read, so it is left out; {NO_RANGE}",
    ),
    (
        "a value in a wrong place",
        {**lab("777-3", 1, "x"), "valueQuantity": []},
        UNKNOWN,
        f"Observation: unclear as labs[0]: valueQuantity is not an object, so this is not FHIR R4; {AS_UNKNOWN}",
    ),
    (
        "no one whose it is",
        lab("777-3", 187, "10*3/uL", subject=None),
        UNKNOWN,
        f"Observation: unclear as labs[0]: it does not say whose it is; {AS_UNKNOWN}",
    ),
    (
        "of another patient",
        lab("777-3", 187, "10*3/uL", subject={"reference": "Patient/other"}),
        None,
        "Observation: unclear: it is about another patient than the rest",
    ),
    (
        "of the patient by the address of another server",
        lab("777-3", 187, "10*3/uL", subject={"reference": "https://clinic.example/fhir/Patient/p/_history/3"}),
        LabResult("platelets", "187 10*9/L", DAY_BEFORE),
        f"Observation: used as labs[0]: {NO_RANGE}",
    ),
]


@pytest.mark.parametrize(("resource", "result", "line"), [row[1:] for row in LABS], ids=[row[0] for row in LABS])
def test_a_laboratory_result(resource: Resource, result: LabResult | None, line: str) -> None:
    """A result gives its value, its unit and its date. One that cannot be read counts with an unknown value, and has a reason."""
    found, entry = alone(resource)
    assert entry == line
    assert (found.case.labs or (None,))[0] == result


def test_an_asked_result_that_is_unclear_shows() -> None:
    """An unclear platelet count must be settled, because the label asks for one; an unclear lymphocyte count need not be."""
    found = imported(patient(), lab("777-3", 187, "g/dL"), lab("731-0", 1, "g/dL"))
    assert [entry.path for entry in found.report.unclear] == ["[1]", "[2]"]
    assert [entry.path for entry in found.report.to_settle] == ["[1]"]
    assert "asked for: [1]: Observation: unclear" in str(found.report)


def test_components_are_results() -> None:
    """A panel whose components are results gives each of them; one that cannot be read does not lose the others."""
    parts: list[Resource] = [
        {"code": concept(LOINC, "777-3"), "valueQuantity": quantity(187, "10*3/uL")},
        {"code": concept(LOINC, "6690-2"), "valueQuantity": quantity(4, "mg/dL")},
        {"code": concept(LOINC, "718-7"), "valueQuantity": quantity(12, "g/dL")},
    ]
    found, entry = alone(observation("58410-2", component=parts))
    assert [str(result.analyte) for result in found.case.labs or ()] == ["platelets", "white-cells", "hemoglobin"]
    assert entry.startswith("Observation: unclear as labs[0], labs[1], labs[2]: ")


# --- pregnancy, lactation, hypersensitivity ---

PREGNANT, NOT_PREGNANT, NOT_KNOWN = concept(SNOMED, "77386006"), concept(SNOMED, "60001007"), concept(SNOMED, "261665006")
STATES: list[tuple[str, list[Resource], bool | None, str]] = [
    ("pregnant", [observation("82810-3", valueCodeableConcept=PREGNANT)], True, "Observation: used as patient.pregnant"),
    ("not pregnant", [observation("82810-3", valueCodeableConcept=NOT_PREGNANT)], False, "Observation: used as patient.pregnant"),
    ("not known", [observation("82810-3", valueCodeableConcept=NOT_KNOWN)], None, "Observation: unused: it states that this is not known"),
    (
        "not pregnant, eight days ago",
        [observation("82810-3", valueCodeableConcept=NOT_PREGNANT, effectiveDateTime="2025-09-30")],
        None,
        "Observation: unclear: it was stated more than 7 days before the planned start",
    ),
    (
        "pregnant, a year ago",
        [observation("82810-3", valueCodeableConcept=PREGNANT, effectiveDateTime="2024-10-07")],
        None,
        "Observation: unclear: it was stated more than 315 days before the planned start",
    ),
    (
        "a test of tomorrow",
        [observation("2106-3", valueCodeableConcept=concept(SNOMED, "260385009"), effectiveDateTime="2025-10-09")],
        None,
        "Observation: unclear: it was stated after the planned start",
    ),
    (
        "a test without a day",
        [observation("2106-3", valueCodeableConcept=concept(SNOMED, "260385009"), effectiveDateTime="2025-10")],
        None,
        (
            "Observation: unclear: its date does not say the day, so it counts as not known; "
            "it is not known how long before the planned start it was stated"
        ),
    ),
    (
        "a negative test",
        [observation("2106-3", valueCodeableConcept=concept(LOINC, "LA6577-6"))],
        False,
        "Observation: used as patient.pregnant",
    ),
    (
        "a positive test by its flag alone",
        [observation("2106-3", interpretation=[concept("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS")])],
        True,
        "Observation: used as patient.pregnant",
    ),
    (
        "a word for a yes",
        [observation("2106-3", valueBoolean="no")],
        None,
        "Observation: unclear: valueBoolean is not true or false, so this is not FHIR R4",
    ),
    (
        "a test as text",
        [observation("2106-3", valueString="negative")],
        None,
        "Observation: unclear: its value is not a yes or a no that is read",
    ),
    (
        "no result of a test, with the reason",
        [observation("2106-3", dataAbsentReason=concept("urn:x", "error"))],
        None,
        "Observation: unused: it states that this is not known",
    ),
    ("no result of a test", [observation("2106-3")], None, "Observation: unclear: its value is not a yes or a no that is read"),
    (
        "the race of a patient, whose code is that of a test in LOINC",
        [observation("", code=concept("urn:oid:2.16.840.1.113883.6.238", "2106-3"), valueBoolean=True)],
        None,
        "Observation: unused: its code is not one that is read",
    ),
    (
        "an amount of hCG",
        [lab("19080-1", 3, "[IU]/L")],
        None,
        "Observation: unclear: an amount of hCG does not say whether the patient is pregnant",
    ),
    (
        "an amount of hCG of long ago",
        [lab("19080-1", 3, "[IU]/L", effectiveDateTime="2020-10-07")],
        None,
        "Observation: unused: it is too old to show a pregnancy",
    ),
    ("a pregnancy", [condition(SNOMED, "72892002")], True, "Condition: used as patient.pregnant"),
    ("a pregnancy by week", [condition(ICD, "Z3A.12")], True, "Condition: used as patient.pregnant"),
    (
        "a pregnancy that is over",
        [condition(SNOMED, "72892002", "resolved")],
        None,
        "Condition: unused: the pregnancy is over, which does not mean that there is none now",
    ),
    (
        "a pregnancy that began two years ago",
        [condition(SNOMED, "72892002", onsetDateTime="2023-10-07")],
        None,
        "Condition: unclear: the pregnancy began more than 315 days before the planned start and is still recorded as active",
    ),
    (
        "a pregnancy without a status",
        [condition(SNOMED, "72892002", clinicalStatus=None)],
        None,
        "Condition: unclear: it does not say whether the pregnancy is over",
    ),
    (
        "a pregnancy that is not confirmed",
        [condition(SNOMED, "72892002", verified="provisional")],
        None,
        "Condition: unclear: it is not confirmed",
    ),
    (
        "a test as a diagnosis",
        [condition(ICD, "Z32.02")],
        None,
        "Condition: unclear: the result of a pregnancy test belongs in an Observation with its date",
    ),
    (
        "two statements that disagree",
        [observation("82810-3", valueCodeableConcept=PREGNANT), observation("2106-3", valueBoolean=False)],
        None,
        "Observation: unclear: other statements of the same fact disagree",
    ),
    (
        "a later test is positive",
        [observation("2106-3", valueBoolean=True), observation("2106-3", valueBoolean=False, effectiveDateTime="2025-10-05")],
        True,
        "Observation: used as patient.pregnant",
    ),
    (
        "a later test is negative",
        [observation("2106-3", valueBoolean=False), observation("2106-3", valueBoolean=True, effectiveDateTime="2025-10-05")],
        None,
        "Observation: unclear: other statements of the same fact disagree",
    ),
]


@pytest.mark.parametrize(("resources", "pregnant", "line"), [row[1:] for row in STATES], ids=[row[0] for row in STATES])
def test_pregnancy(resources: list[Resource], pregnant: bool | None, line: str) -> None:
    """A statement about pregnancy counts if it is recent and does not contradict another one; else it is not known."""
    found = imported(patient(), *resources)
    assert found.case.patient.pregnant is pregnant
    assert str(found.report.entries[1]) == f"[1]: {line}"


def test_without_a_planned_start_nothing_is_recent() -> None:
    """Without the planned start there is no age, and no statement about pregnancy counts."""
    found = imported(patient(), observation("2106-3", valueBoolean=False), planned_start=None)
    assert found.case.patient == Patient()
    assert [entry.fate for entry in found.report.entries] == [Fate.UNCLEAR, Fate.UNCLEAR]


ALLERGY: Resource = {
    "resourceType": "AllergyIntolerance",
    "patient": WHO,
    "code": concept(NCIT, "C175858"),
    "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
    "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed"),
}
FACTS: list[tuple[str, Resource, dict[str, Any], str]] = [
    ("lactation", condition(ICD, "Z39.1"), {"breastfeeding": True}, "Condition: used as patient.breastfeeding"),
    (
        "lactation that is over",
        condition(ICD, "Z39.1", "resolved"),
        {},
        "Condition: unused: it is over, which does not say that the patient is not breast-feeding now",
    ),
    (
        "lactation without a status",
        condition(ICD, "Z39.1", clinicalStatus=None),
        {},
        "Condition: unclear: it does not say whether it is over",
    ),
    ("an allergy to the drug", ALLERGY, {"hypersensitivity": True}, "AllergyIntolerance: used as patient.hypersensitivity"),
    (
        "an allergy that is not confirmed",
        {**ALLERGY, "verificationStatus": None},
        {},
        "AllergyIntolerance: unclear: it is about tarlatamab, and is not recorded as active and confirmed",
    ),
    (
        "an allergy that was refuted",
        {**ALLERGY, "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "refuted")},
        {},
        "AllergyIntolerance: unused: it was refuted",
    ),
    (
        "an allergy that was entered in error",
        {
            **ALLERGY,
            "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "entered-in-error"),
        },
        {},
        "AllergyIntolerance: unused: it was entered in error",
    ),
    (
        "an allergy to the drug by its name alone",
        {**ALLERGY, "code": {"text": "Imdelltra"}},
        {},
        "AllergyIntolerance: unclear: no code that is read says which substance it is about",
    ),
    ("an allergy to peanuts", {**ALLERGY, "code": {"text": "Peanut"}}, {}, "AllergyIntolerance: unused: it is about another substance"),
    (
        "extensive-stage",
        condition(SNOMED, "683991000119103"),
        {"diagnosis": "extensive-stage-sclc"},
        "Condition: used as patient.diagnosis",
    ),
    (
        "extensive-stage in remission",
        condition(SNOMED, "683991000119103", "remission"),
        {},
        "Condition: unclear: the cancer is not recorded as active",
    ),
    (
        "small-cell by stage 4",
        condition(SNOMED, "67841000119103"),
        {},
        "Condition: unclear: its code does not say whether the small-cell lung cancer is extensive-stage",
    ),
    ("lung cancer", condition(ICD, "C34.11"), {}, "Condition: unclear: its code does not say which lung cancer it is"),
    ("another lung cancer", condition(SNOMED, "254637007"), {}, "Condition: unclear: another lung cancer: say which one is treated"),
    ("refuted", condition(SNOMED, "683991000119103", verified="refuted"), {}, "Condition: unused: it was refuted"),
    (
        "entered in error",
        condition(SNOMED, "683991000119103", verified="entered-in-error"),
        {},
        "Condition: unused: it was entered in error",
    ),
    (
        "two statuses",
        condition(
            SNOMED,
            "683991000119103",
            clinicalStatus={
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"},
                    {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "resolved"},
                ]
            },
        ),
        {},
        "Condition: unclear: clinicalStatus has several codes",
    ),
    ("a code of LOINC in a condition", condition(LOINC, "777-3"), {}, "Condition: unused: its code does not belong to a condition"),
    (
        "a code of the drug in an observation",
        observation("", code=concept(NCIT, "C175858")),
        {},
        "Observation: unused: its code does not belong to an observation",
    ),
    (
        "neutropenia without a grade",
        condition(ICD, "D70.1"),
        {},
        "Condition: unclear: it may be a toxicity (neutropenia): if it is one, report it as an adverse event with its grade",
    ),
    ("neutropenia that is over", condition(ICD, "D70.1", "resolved"), {}, "Condition: unused: it is over, and states no grade"),
    (
        "a vital sign of another day",
        lab("59408-5", 95, "%"),
        {},
        "Observation: unused: a vital sign that is not of the time before the dose on its day",
    ),
    (
        "a vital sign of the day",
        lab("59408-5", 85, "%", effectiveDateTime="2025-10-08T08:00:00+02:00"),
        {},
        "Observation: unclear: a vital sign of the day of the dose: if it is abnormal, state what it needs among the findings",
    ),
]


@pytest.mark.parametrize(("resource", "facts", "line"), [row[1:] for row in FACTS], ids=[row[0] for row in FACTS])
def test_facts_of_the_patient(resource: Resource, facts: dict[str, Any], line: str) -> None:
    """A condition or an allergy gives what it states of the patient, and nothing else."""
    found, entry = alone(resource)
    assert entry == line
    assert found.case.patient == Patient(age_years=63, **facts)


def test_pregnancy_beside_no_childbearing_potential() -> None:
    """Facts that cannot both be true are both unclear; the one that forbids the dose is in the case."""
    code = ("urn:local", "CBP")
    stated = observation("", code=concept(*code), valueBoolean=False, effectiveDateTime="2020-01-01")
    found = imported(patient(), observation("2106-3", valueBoolean=True), stated, codes={code: "patient.childbearing_potential"})
    assert found.case.patient == Patient(age_years=63, pregnant=True)
    assert [entry.fate for entry in found.report.entries[1:]] == [Fate.UNCLEAR, Fate.UNCLEAR]


AGES: list[tuple[dict[str, Any], str | None, float | None]] = [
    ({"birthDate": "1962-10-08"}, None, 63),
    ({"birthDate": "1962-10-09"}, None, 62),
    ({"birthDate": "2007-10-09"}, None, 17),
    ({"birthDate": "1962"}, None, None),
    ({"birthDate": None}, None, None),
    ({"birthDate": "2025-10-09"}, None, None),
    ({"birthDate": "1901-01-01"}, None, 124),
    ({"birthDate": "1962-10-09"}, "Pacific/Auckland", 62),
    ({"birthDate": "1962-10-08"}, "Pacific/Auckland", 63),
    ({"birthDate": "1962-10-08"}, "Pacific/Honolulu", 62),
]


@pytest.mark.parametrize(("more", "zone", "age"), AGES)
def test_age(more: dict[str, Any], zone: str | None, age: float | None) -> None:
    """Age is in completed years on the day of the planned start at the site; without a whole date of birth it is not known."""
    found = imported(patient(**more), site_zone=zone)
    assert found.case.patient.age_years == age
    assert found.report.entries[0].fate is (Fate.UNCLEAR if age is None else Fate.USED)


def test_temperature() -> None:
    """The highest fever of the time before the dose on its day is a finding; a temperature without fever is none."""
    today = "2025-10-08T07:00:00+02:00"
    found = imported(
        patient(),
        lab("8331-1", 38.2, "Cel", effectiveDateTime=today),
        lab("8310-5", 102.2, "[degF]", effectiveDateTime=today),
        lab("8310-5", 36.8, "Cel", effectiveDateTime=today),
        lab("8310-5", 39.9, "Cel"),
        lab("8310-5", 99, "Cel", effectiveDateTime=today),
        observation("8310-5", effectiveDateTime=today),
        lab("8310-5", 38.1, "Cel", effectiveDateTime=today),
    )
    assert [str(findings.temperature) for findings in found.case.findings or () if hasattr(findings, "temperature")] == ["39 Cel"]
    assert [str(entry).partition(": ")[2] for entry in found.report.entries[1:]] == [
        "Observation: used as findings.crs.temperature",
        "Observation: used as findings.crs.temperature",
        "Observation: unused: it shows no fever by ASTCT 2019",
        "Observation: unused: a temperature that is not of the time before the dose on its day",
        "Observation: unclear: its value is not a possible temperature; it counts as a temperature of unknown value",
        "Observation: unclear: it has no value; it counts as a temperature of unknown value",
        "Observation: used as findings.crs.temperature",
    ]


# --- doses given ---


def test_the_first_dose() -> None:
    """An administration gives its amount, its times and whether all of it was given; the first one was C1D1."""
    given = dose("", effectivePeriod={"start": "2025-10-01T09:00:00+02:00", "end": "2025-10-01T10:00:00+02:00"})
    del given["effectiveDateTime"]
    found, entry = alone(given)
    started, ended = (datetime.fromisoformat(f"2025-10-01T{hour}:00:00+02:00") for hour in ("09", "10"))
    assert found.case.course is not None
    assert found.case.course.doses == (GivenDose("C1D1", started, "1 mg", ended, complete=True),)
    assert entry == "MedicationAdministration: used as course[0]"


DOSES: list[tuple[str, Resource, str]] = [
    (
        "not given",
        dose("2025-10-01", status="not-done", statusReason=[{"text": "x"}]),
        "unused: the drug was not given; a reason is recorded",
    ),
    ("not given, no reason", dose("2025-10-01", status="not-done"), "unused: the drug was not given"),
    ("entered in error", dose("2025-10-01", status="entered-in-error"), "unused: it was entered in error"),
    ("running", dose("2025-10-01", status="in-progress"), "unclear: the infusion has not ended"),
    ("interrupted", dose("2025-10-01", status="on-hold"), "unclear: the infusion is interrupted"),
    ("status unknown", dose("2025-10-01", status="unknown"), "unclear: its status is not known"),
    ("no such status", dose("2025-10-01", status="given"), "unclear: its status is not known"),
    (
        "after the planned start",
        dose("2025-10-08T09:01:00+02:00"),
        "unclear: it was given after the planned start: one of the two dates is wrong, or leave it out to look back",
    ),
    (
        "ended after the planned start",
        dose("", effectivePeriod={"end": "2025-10-08T09:01:00+02:00"}),
        (
            "unclear: the day is not stated; it was given after the planned start: "
            "one of the two dates is wrong, or leave it out to look back"
        ),
    ),
    (
        "the drug by its name alone",
        dose("2025-10-01", medicationCodeableConcept={"text": "IMDELLTRA 1 mg"}),
        "unclear: no code that is read says which drug it is; add the site's code to the argument codes",
    ),
    (
        "a coded drug without a name",
        dose("2025-10-01", medicationCodeableConcept=concept("http://www.nlm.nih.gov/research/umls/rxnorm", "1")),
        "unclear: no code that is read says which drug it is; add the site's code to the argument codes",
    ),
    ("another drug", dose("2025-10-01", medicationCodeableConcept={"text": "dexamethasone"}), "unused: it is another drug"),
    ("no drug", dose("2025-10-01", medicationCodeableConcept=None), "unclear: it does not say which drug it is"),
    (
        "a drug that was not passed",
        dose("2025-10-01", medicationCodeableConcept=None, medicationReference={"reference": "Medication/m"}),
        "unclear: its drug is in a resource that was not passed",
    ),
    (
        "the shape of R5",
        dose("2025-10-01", medication={"concept": {}}, occurenceDateTime="2025-10-01"),
        "unclear: it has the shape of FHIR R5; FHIR R4 (4.0.1) is read",
    ),
    (
        "no day",
        dose("2025-10"),
        "unclear: the day is not stated; the administrations have no order by day: say which dose each was in the argument points",
    ),
    (
        "ends before it begins",
        dose("", effectivePeriod={"start": "2025-10-02", "end": "2025-10-01"}),
        "unclear: the times of an administration are not possible",
    ),
]


@pytest.mark.parametrize(("resource", "line"), [row[1:] for row in DOSES], ids=[row[0] for row in DOSES])
def test_an_administration_that_is_no_dose(resource: Resource, line: str) -> None:
    """What is not certainly a dose given is in no course, with the reason."""
    resource = {key: value for key, value in resource.items() if value != ""}
    found, entry = alone(resource)
    assert entry == f"MedicationAdministration: {line}"
    assert found.case.course is None


def test_a_stopped_infusion() -> None:
    """A stopped infusion is a dose that was not given whole; the amount is what was given, and none if that is not stated."""
    found = imported(
        patient(),
        dose("2025-10-01", 1, "stopped", statusReason=[{"text": "x"}]),
        dose("2025-09-24", 1, dosage=None),
        dose("2025-09-17", 1, "stopped", dosage={"dose": quantity(1, "mL")}),
        point="C2D1",
    )
    assert found.case.course is not None
    assert [(str(given.point), given.amount, given.complete) for given in found.case.course.doses] == [
        ("C1D1", None, False),
        ("C1D8", None, True),
        ("C1D15", Amount(1, "mg"), False),
    ]
    assert [entry.why for entry in found.report.entries[1:]] == [
        ("the infusion was stopped before all of it was given", "a reason is recorded"),
        ("the amount given is not stated",),
        ("the infusion was stopped before all of it was given", "the amount given cannot be read"),
    ]


def test_the_drug_of_an_administration() -> None:
    """The drug may be in the resource, within it, or beside it, and by a code of the site."""
    code = concept(NCIT, "C175858")
    inside = dose(
        "2025-09-17", medicationReference={"reference": "#m"}, contained=[{"resourceType": "Medication", "id": "m", "code": code}]
    )
    beside = dose("2025-09-24", medicationReference={"reference": "Medication/m"})
    local = dose("2025-10-01", medicationCodeableConcept=concept("urn:local", "TARLA"))
    for resource in (inside, beside):
        del resource["medicationCodeableConcept"]
    medication = {"resourceType": "Medication", "id": "m", "code": code}
    found = imported(patient(), inside, beside, local, medication, point="C2D1", codes={("urn:local", "TARLA"): "tarlatamab"})
    assert [entry.facts for entry in found.report.entries[1:]] == [("course[0]",), ("course[1]",), ("course[2]",), ()]


def test_which_dose_an_administration_was() -> None:
    """Doses are numbered in order of time only if there are as many as the schedule has before the planned one."""
    first, second = dose("2025-09-24", id="a"), dose("2025-10-01", 10, id="b")
    assert _points(imported(patient(), second, first, point="C1D15")) == ["C1D1", "C1D8"]
    found = imported(patient(), first, second, point="C2D1")
    assert found.case.course is None
    assert found.report.to_settle[0].why == (
        "2 doses were given and the schedule has 3 before C2D1: say which dose each was in the argument points",
    )
    assert imported(patient(), first, point="C2D1").report.to_settle[0].why[0].startswith("1 dose was given")
    names: dict[str, DosePoint | str] = {"MedicationAdministration/a": "C1D1", "MedicationAdministration/b": "C1D15"}
    assert _points(imported(patient(), first, second, point="C2D1", points=names)) == ["C1D1", "C1D15"]
    one_missing = imported(patient(), first, second, dose("2025-10-02"), point="C2D1", points=names)
    assert one_missing.case.course is None
    same_day = imported(patient(), dose("2025-10-01"), dose("2025-10-01"), point="C1D15")
    assert same_day.report.to_settle[0].why[0].startswith("the administrations have no order by day")
    twice: dict[str, DosePoint | str] = {"MedicationAdministration/a": "C1D1", "MedicationAdministration/c": "C1D1"}
    assert imported(patient(), first, {**first, "id": "c"}, point="C2D1", points=twice).case.course is None


def _points(found: Any) -> list[str]:
    return [str(given.point) for given in found.case.course.doses]


def test_an_unclear_administration_leaves_the_course_open() -> None:
    """If an administration may be a dose and cannot be read, no course is made of the others."""
    found = imported(patient(), dose("2025-10-01"), dose("2025-09-24", medicationCodeableConcept={"text": "tarlatamab"}))
    assert found.case.course is None
    assert found.report.entries[1].why == ("another administration is unclear, so the course is not known",)


# --- toxicities ---

RESOLVED = concept("http://terminology.hl7.org/CodeSystem/adverse-event-outcome", "resolved")
ONGOING = concept("http://terminology.hl7.org/CodeSystem/adverse-event-outcome", "ongoing")
OVER_ON = {"url": f"{CTCAE}/StructureDefinition/adverse-event-resolved-date", "valueDateTime": "2025-10-04"}
OTHER = ToxicityEvent("other")
EVENTS: list[tuple[str, Resource, ToxicityEvent | None, str]] = [
    (
        "graded as in research, and over",
        event(ICD, "D89.83", ae_grade("C41339"), OVER_ON, date="2025-10-02", outcome=RESOLVED),
        ToxicityEvent("crs", 2, status="resolved", onset=date(2025, 10, 2), resolved=date(2025, 10, 4)),
        "AdverseEvent: used as events[0]",
    ),
    (
        "graded as in research",
        event(ICD, "G92.0", ae_grade("C41340"), date="2025-10-02T07:00:00Z", outcome=ONGOING),
        ToxicityEvent("icans", 3, status="active", onset=datetime(2025, 10, 2, 7, tzinfo=UTC)),
        "AdverseEvent: used as events[0]",
    ),
    ("graded by its code", event(ICD, "D89.832"), ToxicityEvent("crs", 2), "AdverseEvent: used as events[0]"),
    ("no grade", event(ICD, "D89.839"), ToxicityEvent("crs"), "AdverseEvent: used as events[0]: it states no grade"),
    (
        "grades that differ",
        event(ICD, "D89.832", ctcae_grade("3")),
        ToxicityEvent("crs"),
        "AdverseEvent: unclear as events[0]: its grades differ",
    ),
    (
        "two extensions that differ",
        event(ICD, "D89.83", ctcae_grade("3"), ae_grade("C41339")),
        ToxicityEvent("crs"),
        "AdverseEvent: unclear as events[0]: its grades differ; it states no grade",
    ),
    (
        "a grade that is none",
        event(ICD, "D89.83", ctcae_grade("7")),
        ToxicityEvent("crs"),
        "AdverseEvent: unclear as events[0]: its grade is not a code that is read; it states no grade",
    ),
    (
        "the grade of another system",
        event(ICD, "D89.83", {"url": f"{BACKPORT}/ae-grade", "valueCodeableConcept": concept("urn:local", "3")}),
        ToxicityEvent("crs"),
        "AdverseEvent: unclear as events[0]: its grade is not a code that is read; it states no grade",
    ),
    (
        "a code that is not read",
        event("http://terminology.hl7.org/CodeSystem/mdr", "10028813", ctcae_grade("4"), date="2025-10-02", outcome=ONGOING),
        ToxicityEvent("other", status="active", onset=date(2025, 10, 2)),
        (
            "AdverseEvent: unclear as events[0]: no code that is read says which toxicity it is; "
            "add the site's code to the argument codes. Until then, its grade counts as unknown"
        ),
    ),
    (
        "codes of two toxicities",
        event(event={"coding": [{"system": ICD, "code": "D89.83"}, {"system": ICD, "code": "G92.0"}]}),
        OTHER,
        (
            "AdverseEvent: unclear as events[0]: its codes mean different toxicities; add the site's code to the argument codes. "
            "Until then, its grade counts as unknown"
        ),
    ),
    ("absent", event(ICD, "D89.83", ctcae_grade("0")), None, "AdverseEvent: unused: it confirms that the event is absent"),
    ("potential", event(actuality="potential"), None, "AdverseEvent: unused: it is a potential event that did not happen"),
    (
        "entered in error",
        event(ICD, "D89.83", {"url": f"{BACKPORT}/status", "valueCode": "entered-in-error"}),
        None,
        "AdverseEvent: unused: it was entered in error",
    ),
    (
        "the shape of R5",
        {"resourceType": "AdverseEvent", "subject": WHO, "code": concept(ICD, "D89.83")},
        OTHER,
        "AdverseEvent: unclear as events[0]: it has the shape of FHIR R5; FHIR R4 (4.0.1) is read",
    ),
    ("whose it is", event(subject=None), OTHER, "AdverseEvent: unclear as events[0]: it does not say whose it is"),
    (
        "of another patient",
        event(subject={"reference": "Patient/x"}),
        None,
        "AdverseEvent: unclear: it is about another patient than the rest",
    ),
    (
        "ongoing, and over",
        event(ICD, "D89.832", OVER_ON, outcome=ONGOING, date="2025-10-02"),
        ToxicityEvent("crs", 2, onset=date(2025, 10, 2)),
        "AdverseEvent: unclear as events[0]: it is recorded as ongoing and has a date on which it was over, so both count as unknown",
    ),
    (
        "over on two days",
        event(ICD, "D89.832", OVER_ON, {**OVER_ON, "valueDateTime": "2025-10-05"}),
        ToxicityEvent("crs", 2),
        "AdverseEvent: unclear as events[0]: it has two dates on which it was over, so both count as unknown",
    ),
    (
        "over before it began",
        event(ICD, "D89.832", OVER_ON, date="2025-10-06"),
        ToxicityEvent("crs", 2),
        "AdverseEvent: unclear as events[0]: its grade, status and dates contradict each other",
    ),
    (
        "fatal",
        event(ICD, "D89.835", outcome=concept("http://terminology.hl7.org/CodeSystem/adverse-event-outcome", "fatal")),
        ToxicityEvent("crs", 5),
        "AdverseEvent: unclear as events[0]: its outcome is fatal",
    ),
    (
        "a date that is none",
        event(ICD, "D89.832", date="yesterday"),
        ToxicityEvent("crs", 2),
        "AdverseEvent: unclear as events[0]: date is not a date, and not a time with a UTC offset, so it counts as not known",
    ),
    (
        "a month",
        event(ICD, "D89.832", date="2025-10"),
        ToxicityEvent("crs", 2),
        "AdverseEvent: used as events[0]: a date does not say the day, so it counts as not known",
    ),
    (
        "a graded condition",
        condition(ICD, "G92.03", "resolved", onsetDateTime="2025-10-02", abatementDateTime="2025-10-04"),
        ToxicityEvent("icans", 3, status="resolved", onset=date(2025, 10, 2), resolved=date(2025, 10, 4)),
        "Condition: used as events[0]",
    ),
    (
        "a condition without a grade",
        condition(ICD, "G92.00"),
        ToxicityEvent("icans", status="active"),
        "Condition: used as events[0]: its code states no grade",
    ),
    (
        "a condition of two grades",
        condition(ICD, "", code={"coding": [{"system": ICD, "code": "D89.831"}, {"system": ICD, "code": "D89.832"}]}),
        ToxicityEvent("crs", status="active"),
        "Condition: unclear as events[0]: its codes state different grades",
    ),
    (
        "a condition of two toxicities",
        condition(ICD, "", code={"coding": [{"system": ICD, "code": "D89.831"}, {"system": ICD, "code": "G92.02"}]}),
        ToxicityEvent("other", status="active"),
        "Condition: unclear as events[0]: its codes mean different toxicities; its code states no grade",
    ),
    (
        "a condition that is not confirmed",
        condition(ICD, "D89.833", verified="provisional"),
        ToxicityEvent("crs", status="active"),
        "Condition: unclear as events[0]: it is not confirmed; its code states no grade",
    ),
    (
        "an active condition that is over",
        condition(ICD, "D89.833", abatementDateTime="2025-10-04"),
        ToxicityEvent("crs", 3),
        "Condition: unclear as events[0]: it is active and has a date on which it was over, so both count as unknown",
    ),
]


@pytest.mark.parametrize(("resource", "expected", "line"), [row[1:] for row in EVENTS], ids=[row[0] for row in EVENTS])
def test_a_toxicity(resource: Resource, expected: ToxicityEvent | None, line: str) -> None:
    """An adverse event gives its grade, its status and its dates. One that cannot be read is still in the case, of unknown grade."""
    found, entry = alone(resource)
    assert entry == line
    assert found.case.events == (None if expected is None else (expected,))


SPELLINGS = [("D89.832", 2), ("D89832", 2), ("d89.832", 2), (" D89.832 ", 2), ("D8983", None), ("D89", ...), ("D89.8", ...), ("D", ...)]


@pytest.mark.parametrize(("code", "grade"), SPELLINGS)
def test_codes_of_icd_without_a_dot(code: str, grade: Any) -> None:
    """Many systems send codes of ICD-10-CM without their dot; a category is not one of its codes."""
    found = imported(patient(), condition(ICD, code))
    assert found.case.events == (None if grade is ... else (ToxicityEvent("crs", grade, status="active"),))


UNREADABLE_CONDITIONS: list[tuple[Resource, tuple[ToxicityEvent, ...] | None]] = [
    (condition(ICD, "D89.834", subject=None), (ToxicityEvent("crs"),)),
    (condition(ICD, "D89.834", modifierExtension=[{"url": "urn:x"}]), (ToxicityEvent("crs"),)),
    (condition(ICD, "G92.04", clinicalStatus=7), (ToxicityEvent("icans"),)),
    (condition(ICD, "D89.834", subject={"reference": "Patient/other"}), None),
    (condition(ICD, "D89.834", code=7), None),
    (condition(ICD, "C34.1", clinicalStatus=7), None),
]


@pytest.mark.parametrize(("resource", "events"), UNREADABLE_CONDITIONS)
def test_a_graded_condition_that_cannot_be_read(resource: Resource, events: tuple[ToxicityEvent, ...] | None) -> None:
    """CRS or ICANS in a condition that cannot be read is in the case, of unknown grade."""
    found, entry = alone(resource)
    assert found.case.events == events
    assert entry.startswith("Condition: unclear")


def test_dates_that_the_calendar_of_the_site_does_not_allow() -> None:
    """An episode that would end before it began by the calendar of the site has no dates, and is unclear."""
    found, entry = alone(
        event(ICD, "D89.832", {**OVER_ON, "valueDateTime": "2025-10-01"}, date="2025-10-01T23:00:00-04:00"), site_zone="Europe/Berlin"
    )
    assert found.case.events == (ToxicityEvent("crs", 2, status="resolved"),)
    assert entry.endswith("its dates are not possible by the calendar of the site, so they count as not known")


def test_more_codes() -> None:
    """A code of the site counts as what the caller says that it means."""
    meddra = "http://terminology.hl7.org/CodeSystem/mdr"
    found = imported(patient(), event(meddra, "10052015", ae_grade("C41339")), codes={(meddra, "10052015"): "events.crs"})
    assert found.case.events == (ToxicityEvent("crs", 2),)
    state = condition("urn:local", "HS")
    assert imported(patient(), state, codes={("urn:local", "HS"): "patient.hypersensitivity"}).case.patient.hypersensitivity is True
    over = condition("urn:local", "HS", "resolved")
    assert imported(patient(), over, codes={("urn:local", "HS"): "patient.hypersensitivity"}).case.patient.hypersensitivity is None
    stage = imported(patient(), condition("urn:local", "ES"), codes={("urn:local", "ES"): "extensive-stage"})
    assert stage.case.patient.diagnosis == "extensive-stage-sclc"


LOW: dict[Any, str] = {("urn:local", "LOW"): "events.neutropenia", ("urn:local", "RASH"): "events.other"}


def _ctcae(code: str, version: str | None = None) -> Resource:
    grade = ctcae_grade("3")
    if version:
        grade["valueCodeableConcept"]["coding"][0]["version"] = version
    return event("urn:local", code, grade)


VERSIONS: list[tuple[Resource, str | None, ToxicityEvent]] = [
    (_ctcae("LOW", "6.0"), None, ToxicityEvent("neutropenia", 3, scale="ctcae-6.0")),
    (_ctcae("LOW", "5.0"), "ctcae-6.0", ToxicityEvent("neutropenia", 3, scale="ctcae-5.0")),
    (_ctcae("LOW"), "ctcae-6.0", ToxicityEvent("neutropenia", 3, scale="ctcae-6.0")),
    (_ctcae("LOW"), None, ToxicityEvent("neutropenia")),
    (_ctcae("RASH"), None, ToxicityEvent("other", 3)),
    (event(ICD, "D89.83", ctcae_grade("3")), None, ToxicityEvent("crs")),
    (event(ICD, "D89.83", ctcae_grade("3")), "ctcae-5.0", ToxicityEvent("crs", 3, scale="ctcae-5.0")),
]


@pytest.mark.parametrize(("resource", "ctcae", "expected"), VERSIONS)
def test_versions_of_ctcae(resource: Resource, ctcae: str | None, expected: ToxicityEvent) -> None:
    """A grade of CTCAE has the version that it or the caller states. If neither does and it matters, the grade is not known."""
    found, entry = alone(resource, codes=LOW, ctcae=ctcae)
    assert found.case.events == (expected,)
    assert ("by which version is not stated" in entry) is (expected.grade is None)


def test_one_episode_in_two_resources() -> None:
    """Two resources about one toxicity are two episodes, which the report points out."""
    found = imported(patient(), event(ICD, "D89.832"), condition(ICD, "D89.832"), complete=["events"])
    assert len(found.case.events or ()) == 2
    assert found.report.notes == ("2 episodes of crs are stated: two resources about one episode count twice",)


ODD: list[tuple[str, Resource, str]] = [
    (
        "a result of a donor",
        lab("777-3", 187, "10*3/uL", focus=[{"reference": "Patient/donor"}]),
        "Observation: unclear: it is about something other than the patient",
    ),
    (
        "a modifier",
        lab("777-3", 187, "10*3/uL", modifierExtension=[{"url": "urn:not"}]),
        f"Observation: unclear as labs[0]: it has a modifier that is not known; {AS_UNKNOWN}",
    ),
    (
        "a modifier of a component",
        observation("58410-2", component=[{"code": concept(LOINC, "777-3"), "modifierExtension": [{"url": "urn:not"}]}]),
        f"Observation: unclear as labs[0]: a part of it has a modifier that is not known; {AS_UNKNOWN}",
    ),
    (
        "implicit rules",
        lab("777-3", 187, "10*3/uL", implicitRules="urn:not"),
        f"Observation: unclear as labs[0]: it has implicit rules that are not known; {AS_UNKNOWN}",
    ),
    (
        "entered in error, as a modifier",
        event(modifierExtension=[{"url": f"{BACKPORT}/status", "valueCode": "entered-in-error"}]),
        "AdverseEvent: unused: it was entered in error",
    ),
    (
        "completed, as a modifier",
        event(modifierExtension=[{"url": f"{BACKPORT}/status", "valueCode": "completed"}]),
        "AdverseEvent: used as events[0]: it states no grade",
    ),
    (
        "a condition that is CRS in words alone",
        condition(SNOMED, "1", code={"text": "Cytokine release syndrome, grade 3"}),
        "Condition: unclear: its words name it, and no code that is read says so; add the site's code to the argument codes",
    ),
    (
        "the cancer in words alone",
        condition(SNOMED, "1", code={"coding": [{"display": "Extensive stage small\u200b cell lung cancer"}]}),
        "Condition: unclear: its words name it, and no code that is read says so; add the site's code to the argument codes",
    ),
    (
        "an onset by age",
        condition(ICD, "D89.832", onsetAge={"value": 63}),
        "Condition: used as events[0]: its onset is not a date, so it counts as not known",
    ),
    (
        "a modifier of the amount",
        dose("2025-10-01", dosage={"modifierExtension": [{"url": "urn:not"}]}),
        "MedicationAdministration: unclear as course[0]: the amount given has a modifier that is not known",
    ),
]


@pytest.mark.parametrize(("resource", "line"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_odd_resources(resource: Resource, line: str) -> None:
    """What changes the meaning of a resource is never passed over."""
    assert alone(resource)[1] == line


def test_a_record_that_is_not_in_use() -> None:
    """A patient whose record is not in use is unclear, and asked about."""
    assert imported(patient(active=False)).report.to_settle[0].why == ("the record of the patient is not in use",)


def test_a_history() -> None:
    """A history has resources that were deleted since, so it is refused."""
    with pytest.raises(FieldError, match=r"entry\[0\].resource.type: a history has resources that no longer hold"):
        read(
            {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Bundle", "type": "history"}}]},
            point="C1D1",
            planned_start=START,
        )


def test_decimals() -> None:
    """Numbers may be decimals, which keep the digits of the text."""
    found = imported(patient(), lab("777-3", Decimal("187.50"), "10*3/uL"))
    assert found.case.labs == (LabResult("platelets", "187.5 10*9/L", DAY_BEFORE),)
    assert alone(lab("777-3", Decimal("sNaN"), "10*3/uL"))[1].startswith("Observation: unclear as labs[0]: value is not a finite number")


# --- the whole ---


def test_nothing_known_is_not_nothing() -> None:
    """Parts of which no resource says anything are not known; the caller may say that the resources are complete."""
    assert imported(patient()).case.events is None
    assert imported(patient()).case.course is None
    found = imported(patient(), complete=["events", "course"])
    assert found.case.events == ()
    assert found.case.course is not None
    assert found.case.course.doses == ()


DOUBTFUL: list[tuple[Resource, str]] = [
    (dose("2025-10-01", medicationCodeableConcept={"text": "tarlatamab"}), "course"),
    (dose("2025-10-01", status="in-progress"), "course"),
    (condition(ICD, "D70.1"), "events"),
    (condition(SNOMED, "1", code={"text": "ICANS"}), "events"),
]


@pytest.mark.parametrize(("resource", "part"), DOUBTFUL)
def test_a_record_is_not_complete_beside_what_is_unclear(resource: Resource, part: str) -> None:
    """None is not *none* if an unclear resource may be one, although the caller says that the record is complete."""
    found = imported(patient(), resource, complete=["events", "course"])
    known = {"events": found.case.events, "course": found.case.course}
    assert known.pop(part) is None
    assert [value is not None for value in known.values()] == [True]
    assert found.report.to_settle


CONTAINERS: list[tuple[Resource, str]] = [
    (
        {"resourceType": "DiagnosticReport", "contained": [lab("777-3", 3, "10*3/uL")]},
        "unclear: the resources that it contains are not read: pass them by themselves; resources of this type are not read",
    ),
    (
        lab("777-3", 187, "10*3/uL", contained=[lab("777-3", 3, "10*3/uL")]),
        f"unclear as labs[0]: the resources that it contains are not read: pass them by themselves; {NO_RANGE}",
    ),
    (
        {"resourceType": "Parameters", "parameter": [{"resource": lab("777-3", 3, "10*3/uL")}]},
        "unclear: the resources in it are not read: pass them by themselves",
    ),
    (
        {"resourceType": "DiagnosticReport", "contained": [7, {"resourceType": []}, {"resourceType": "Specimen"}]},
        "unused: resources of this type are not read",
    ),
]


@pytest.mark.parametrize(("resource", "line"), CONTAINERS)
def test_resources_within_others(resource: Resource, line: str) -> None:
    """Resources that state facts and are contained in others are not read, and the report says so."""
    found, entry = alone(resource)
    assert entry.partition(": ")[2] == line
    assert bool(found.report.to_settle) is ("unclear" in line)


def test_a_next_page() -> None:
    """A bundle with a next page is not the whole record: the report says so, and it cannot be complete."""
    page = {"resourceType": "Bundle", "link": [{"relation": "next", "url": "x"}], "entry": [{"resource": patient()}]}
    assert read(page, point="C1D1", planned_start=START).report.notes == ("the bundle has a next page: what is on it is not in the case",)
    with pytest.raises(FieldError, match="complete: the bundle has a next page"):
        read(page, point="C1D1", planned_start=START, complete=["events"])


def test_the_same_resource_twice() -> None:
    """A resource that is listed twice counts once; one in two versions is unclear."""
    one = lab("777-3", 187, "10*3/uL", id="x")
    found = imported(patient(), patient(), one, one)
    assert len(found.case.labs or ()) == 1
    assert [entry.why for entry in found.report.unused] == [("it is listed twice",), ("it is listed twice",)]
    versions = imported(patient(), one, lab("777-3", 87, "10*3/uL", id="x"))
    assert versions.case.labs == (UNKNOWN, UNKNOWN)
    assert [entry.why for entry in versions.report.unclear] == [("it is listed in several versions", AS_UNKNOWN)] * 2


def test_versions_of_an_adverse_event() -> None:
    """An adverse event in two versions is in the case, of unknown grade."""
    found = imported(patient(), event(id="e"), event(ICD, "D89.832", id="e"))
    assert found.case.events == (OTHER, OTHER)


def test_resources_without_a_patient() -> None:
    """Without a Patient, the references say whose the resources are; one without a reference is unclear."""
    odd = [lab("777-3", 187, "10*3/uL", subject=7), lab("777-3", 187, "10*3/uL", subject={"display": "x"})]
    found = imported(*odd, {**ALLERGY, "patient": {"reference": "https://clinic.example/Patient/p"}}, lab("777-3", 187, "10*3/uL"))
    assert [entry.fate for entry in found.report.entries] == [Fate.UNCLEAR, Fate.UNCLEAR, Fate.USED, Fate.USED]


SERVER = "https://clinic.example/fhir/Patient/p"
ADDRESSES: list[tuple[str | None, str, bool]] = [
    (None, "Patient/p", True),
    (None, SERVER, True),
    (SERVER, SERVER, True),
    (SERVER, "Patient/p", True),
    (SERVER, f"{SERVER}/_history/2", True),
    (SERVER, "https://other.example/fhir/Patient/p", False),
    ("urn:uuid:1", "urn:uuid:1", True),
    ("urn:uuid:1", "urn:uuid:2", False),
    (None, "urn:uuid:p", True),
    (None, "Practitioner/p", False),
    (None, "#p", False),
]


@pytest.mark.parametrize(("address", "reference", "own"), ADDRESSES)
def test_whose_a_resource_is(address: str | None, reference: str, own: bool) -> None:
    """A reference means the patient by id, or by the address of the entry; the same id on another server is another patient."""
    entries = [{"fullUrl": address, "resource": patient()}, {"resource": lab("777-3", 187, "10*3/uL", subject={"reference": reference})}]
    found = read({"resourceType": "Bundle", "entry": entries}, point="C1D1", planned_start=START)
    assert (found.case.labs is not None) is own


def test_two_servers_without_a_patient() -> None:
    """The same id on two servers is two patients."""
    one, other = ({"reference": f"https://{name}.example/Patient/p"} for name in ("one", "other"))
    with pytest.raises(FieldError, match="two patients"):
        imported(lab("777-3", 187, "10*3/uL", subject=one), lab("777-3", 187, "10*3/uL", subject=other))
    assert imported(lab("777-3", 187, "10*3/uL", subject=one), lab("777-3", 187, "10*3/uL")).case.labs is not None


def test_systems_by_their_oid() -> None:
    """A code system may be named by its OID."""
    code = concept("urn:oid:2.16.840.1.113883.6.1", "718-7")
    value = {"value": 12.9, "system": "urn:oid:2.16.840.1.113883.6.8", "code": "g/dL"}
    assert imported(patient(), observation("", code=code, valueQuantity=value)).case.labs == (
        LabResult("hemoglobin", "12.9 g/dL", DAY_BEFORE),
    )


def test_a_resource_that_is_too_deep_to_compare() -> None:
    """Two versions of a resource that nest too deeply are taken as different."""
    one: Any = {}
    other: Any = {}
    for _ in range(5_000):
        one, other = {"x": one}, {"x": other}
    found = imported(lab("777-3", 187, "10*3/uL", id="x", extra=one), lab("777-3", 187, "10*3/uL", id="x", extra=other))
    assert found.case.labs == (UNKNOWN, UNKNOWN)
    while one:
        one, other = one["x"], other["x"]  # else the interpreter nests as deeply to free them


def test_bundles_in_bundles() -> None:
    """Bundles within bundles are opened, up to four; an entry without a resource is listed."""
    inner: Resource = {"resourceType": "Bundle", "entry": [{"resource": lab("777-3", 187, "10*3/uL")}, {"request": {}}, 7]}
    outer = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": patient()}, {"resource": inner}]}
    found = read(outer, point="C1D1", planned_start=START)
    assert [entry.path for entry in found.report.entries] == [
        "entry[0].resource",
        "entry[1].resource.entry[0].resource",
        "entry[1].resource.entry[1]",
        "entry[1].resource.entry[2]",
    ]
    deep: Resource = inner
    for _ in range(100):
        deep = {"resourceType": "Bundle", "entry": [{"resource": deep}]}
    assert [entry.fate for entry in read(deep, point="C1D1", planned_start=START).report.to_settle] == [Fate.UNCLEAR]


def test_items_that_are_no_resources() -> None:
    """What is no resource is listed, and does not lose the rest."""
    found = imported(
        patient(), None, 7, "x", {}, {"resourceType": "Sherman"}, {"resourceType": "OperationOutcome"}, lab("777-3", 187, "10*3/uL")
    )
    assert [str(entry).partition(": ")[2] for entry in found.report.entries[1:-1]] == [
        "resource: unused: there is no resource",
        "resource: unclear: its resourceType is no resource of FHIR R4",
        "resource: unclear: its resourceType is no resource of FHIR R4",
        "resource: unclear: its resourceType is no resource of FHIR R4",
        "resource: unclear: its resourceType is no resource of FHIR R4",
        "OperationOutcome: unclear: the server reports a problem: see the resource",
    ]
    assert len(found.case.labs or ()) == 1


REFUSED: list[tuple[str, Any, str]] = [
    ("not JSON", "Sherman McGlynn", "line 1, column 1: this is not JSON"),
    ("cut off", '{"resourceType": "Bundle", "entry": [', "this is not JSON"),
    ("not UTF-8", b"\xff\xfe{}", "not UTF-8"),
    ("too deep", "[" * 100_000, "nested too deeply"),
    ("a number without end", '{"resourceType": "Patient", "x": 1' + "0" * 5_000 + "}", "too many digits"),
    ("NaN", '{"resourceType": "Patient", "x": NaN}', "a number is not finite"),
    ("a key twice", '{"resourceType": "Patient", "id": "a", "id": "b"}', "an object has one key twice"),
    ("no resource", "{}", "resourceType is missing"),
    ("a resource of no FHIR", {"resourceType": "Sherman"}, "resourceType is no resource of FHIR R4"),
    ("a resourceType that is no text", {"resourceType": []}, "resourceType is no resource of FHIR R4"),
    ("a number", "7", "this is no resource"),
    ("a text in JSON", '"Patient"', "this is no resource"),
    ("nothing", None, "this is no resource"),
    ("two patients", [patient(), patient(id="q")], "two Patient resources"),
    ("two patients without a name", [{"resourceType": "Patient"}, {"resourceType": "Patient"}], "two Patient resources"),
    ("results of two patients", [lab("777-3", 1, "x"), lab("777-3", 1, "x", subject={"reference": "Patient/q"})], "two patients"),
]


@pytest.mark.parametrize(("source", "error"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused(source: Any, error: str) -> None:
    """What is no record of one patient is refused, with the reason and without its text."""
    with pytest.raises(FieldError, match=error) as refused:
        read(source, point="C1D1", planned_start=START)
    assert "Sherman" not in str(refused.value)


def test_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that is larger than any record is not read."""
    monkeypatch.setattr("tarlatamab_rules.formats.fhir.bundles.LARGEST", 10)
    with pytest.raises(FieldError, match="larger than 10 bytes"):
        read("[" + " " * 10 + "]", point="C1D1", planned_start=START)


ARGUMENTS: list[tuple[dict[str, Any], type[FieldError], str]] = [
    ({"planned_start": datetime(2025, 10, 8, 9)}, FieldError, "planned_start: 2025-10-08 09:00:00 has no UTC offset"),  # noqa: DTZ001  # on purpose
    ({"planned_start": "2025-10-08"}, FieldTypeError, "planned_start"),
    ({"point": "C1D9"}, FieldError, "point"),
    ({"site_zone": "Berlin"}, FieldError, "site_zone"),
    ({"state_age": 7}, FieldTypeError, "state_age: 7 is not a duration"),
    ({"state_age": timedelta(-1)}, FieldError, "state_age: is negative"),
    ({"codes": 7}, FieldTypeError, "codes: 7 is not a mapping"),
    ({"codes": {"x": "labs.alt"}}, FieldTypeError, "codes: 'x' is not a system and a code"),
    ({"codes": {("x", 7): "labs.alt"}}, FieldTypeError, "is not a system and a code"),
    ({"codes": {("x", "y"): "labs.platlets"}}, FieldError, "did you mean 'labs.platelets'"),
    ({"codes": {("x", "y"): 7}}, FieldError, "codes: 7 is nothing that a code can mean"),
    ({"codes": {(LOINC, "777-3"): "labs.alt"}}, FieldError, "'777-3' already means 'labs.platelets'"),
    ({"points": 7}, FieldTypeError, "points: 7 is not a mapping"),
    ({"points": {"x": "C1D9"}}, FieldError, "point"),
    ({"points": {"MedicationAdministration/1": "C1D1"}}, FieldError, "points: 'MedicationAdministration/1' is no administration among"),
    ({"points": {"Patient/p": "C1D1"}}, FieldError, "points: 'Patient/p' is no administration among"),
    ({"complete": "events"}, FieldError, "complete"),
    ({"complete": ["labs"]}, FieldError, "complete"),
    ({"complete": 7}, FieldError, "complete"),
    ({"ordered": "10 mL"}, FieldError, "ordered"),
    ({"ctcae": "astct-2019"}, FieldError, "ctcae: 'astct-2019' is no version of CTCAE"),
    ({"ctcae": "5"}, FieldError, "ctcae"),
]


@pytest.mark.parametrize(("arguments", "kind", "error"), ARGUMENTS)
def test_arguments(arguments: dict[str, Any], kind: type[FieldError], error: str) -> None:
    """An argument that cannot be is named, with what to write instead."""
    with pytest.raises(kind, match=error):
        imported(patient(), **arguments)


def test_the_order_and_the_zone() -> None:
    """The caller's order, zone and planned start are those of the case."""
    found = imported(patient(), ordered="10 mg", site_zone="Europe/Berlin", codes={(LOINC, "777-3"): "labs.platelets"})
    assert found.case == Case(patient=Patient(age_years=63), point="C1D8", planned_start=START, ordered="10 mg", site_zone="Europe/Berlin")


def test_an_order_is_not_read() -> None:
    """An order is not used, and the report says how to pass it."""
    _, entry = alone({"resourceType": "MedicationRequest"})
    assert entry == "MedicationRequest: unused: only administrations are read; pass the ordered amount in the argument ordered"


def test_a_report_as_json() -> None:
    """The report is an object of JSON with each entry."""
    found = imported(patient(), event())
    assert found.report.as_document() == {
        "entries": [
            {"path": "[0]", "resource": "Patient", "fate": "used", "facts": ["patient.age_years"], "why": [], "asked": False},
            {
                "path": "[1]",
                "resource": "AdverseEvent",
                "fate": "used",
                "facts": ["events[0]"],
                "why": ["it states no grade"],
                "asked": True,
            },
        ],
        "notes": ["whether there were other events than those that are listed is not stated"],
    }

"""Resources of FHIR R4, written by hand, for the tests of what is read from them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from tarlatamab_rules.formats.fhir import Imported, read

Resource: TypeAlias = dict[str, Any]

DATA: Final = Path(__file__).parent / "data" / "fhir"
SHARED: Final = Path(__file__).parents[2] / "shared" / "data" / "fhir"
"""More bundles, beside the checkout of those who develop this library."""

START: Final = datetime.fromisoformat("2025-10-08T09:00:00+02:00")
"""The planned start in these tests: a Wednesday."""

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
ICD: Final = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM: Final = "http://unitsofmeasure.org"
CTCAE: Final = "http://hl7.org/fhir/us/ctcae"
NCIT: Final = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
BACKPORT: Final = "http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition"
WHO: Final = {"reference": "Patient/p"}


def concept(system: str, code: str, **more: Any) -> Resource:
    """A CodeableConcept with one coding."""
    return {"coding": [{"system": system, "code": code}], **more}


def quantity(value: Any, unit: str, **more: Any) -> Resource:
    """A Quantity with a code of UCUM."""
    return {"value": value, "unit": unit, "system": UCUM, "code": unit, **more}


def patient(**more: Any) -> Resource:
    """A patient of 63 years at `START`."""
    return {"resourceType": "Patient", "id": "p", "birthDate": "1962-03-04", **more}


def observation(code: str, /, **more: Any) -> Resource:
    """An Observation on the day before `START`."""
    head = {"resourceType": "Observation", "status": "final", "subject": WHO, "code": concept(LOINC, code)}
    return {**head, "effectiveDateTime": "2025-10-07T08:00:00+02:00", **more}


def lab(code: str, value: Any, unit: str, /, **more: Any) -> Resource:
    """A laboratory result of the day before `START`."""
    return observation(code, **{"valueQuantity": quantity(value, unit), **more})


def condition(system: str, code: str, /, clinical: str = "active", verified: str = "confirmed", **more: Any) -> Resource:
    """A Condition."""
    return {
        "resourceType": "Condition",
        "subject": WHO,
        "code": concept(system, code),
        "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/condition-clinical", clinical),
        "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/condition-ver-status", verified),
        **more,
    }


def dose(start: str, amount: float = 1, status: str = "completed", /, **more: Any) -> Resource:
    """A MedicationAdministration of tarlatamab."""
    return {
        "resourceType": "MedicationAdministration",
        "status": status,
        "subject": WHO,
        "medicationCodeableConcept": concept("http://fdasis.nlm.nih.gov", "74X82ST8Q1"),
        "effectiveDateTime": start,
        "dosage": {"dose": quantity(amount, "mg")},
        **more,
    }


def event(system: str = ICD, code: str = "D89.83", /, *extensions: Resource, **more: Any) -> Resource:
    """An AdverseEvent that happened."""
    head: Resource = {"resourceType": "AdverseEvent", "actuality": "actual", "subject": WHO, "event": concept(system, code)}
    return {**head, **({"extension": list(extensions)} if extensions else {}), **more}


def ctcae_grade(grade: str) -> Resource:
    """The extension for a grade of the guide of CTC adverse events."""
    return {
        "url": f"{CTCAE}/StructureDefinition/ctcae-grade",
        "valueCodeableConcept": concept(f"{CTCAE}/CodeSystem/ctcae-grade-code-system", grade),
    }


def ae_grade(code: str) -> Resource:
    """The extension for a grade of the guide for adverse events in research."""
    return {"url": f"{BACKPORT}/ae-grade", "valueCodeableConcept": concept(NCIT, code)}


def response(*items: Resource, **more: Any) -> Resource:
    """A QuestionnaireResponse of the morning of `START`."""
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "authored": "2025-10-08T08:00:00+02:00",
        "item": list(items),
        **more,
    }


def item(path: str, **value: Any) -> Resource:
    """An item with one answer."""
    return {"linkId": path, "answer": [value]}


def imported(*resources: Any, **more: Any) -> Imported:
    """What is read from some resources of one patient."""
    return read([*resources], **{"point": "C1D8", "planned_start": START, **more})


def alone(resource: Any, **more: Any) -> tuple[Imported, str]:
    """What is read from one resource beside the patient, and its line of the report without the path."""
    result = imported(patient(), resource, **more)
    return result, str(result.report.entries[1]).removeprefix("[1]: ")

"""Requests of CDS Hooks for tests: made-up patients, and the examples of the specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tarlatamab_rules.formats.fhir import needs

EXAMPLES = Path(__file__).parent / "data" / "cds_hooks"
"""One request for each hook, with the context of the example in the specification (HL7/cds-hooks-hl7-site, STU1), shortened."""
SECRETS = ("Janefirst", "Lastsmith", "MRN-4711", "1961-03-14", "Elm Street 7", "p-secret-1")
"""What names the patient of these requests."""
MOMENT = "2026-02-03T09:00:00+01:00"


def quantity(value: float, unit: str) -> dict[str, Any]:
    """A quantity in UCUM."""
    return {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}


def draft(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A draft order of the first dose."""
    dosage = {"timing": {"event": [MOMENT]}, "doseAndRate": [{"doseQuantity": quantity(1, "mg")}]}
    return {
        "resourceType": "MedicationRequest",
        "id": f"m{number}",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": "Patient/p-secret-1"},
        "medicationCodeableConcept": {"text": "IMDELLTRA 1 mg"},
        "dosageInstruction": [dosage],
    } | changes


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    """A bundle of resources."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": resource} for resource in resources]}


def lab(code: str, value: float, unit: str, high: float | None = None) -> dict[str, Any]:
    """A laboratory result of the morning of the dose."""
    limit = {} if high is None else {"referenceRange": [{"high": quantity(high, unit)}]}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/p-secret-1"},
        "effectiveDateTime": "2026-02-03T06:00:00+01:00",
        "valueQuantity": quantity(value, unit),
    } | limit


PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p-secret-1",
    "identifier": [{"system": "http://example.org/mrn", "value": "MRN-4711"}],
    "name": [{"family": "Lastsmith", "given": ["Janefirst"]}],
    "birthDate": "1961-03-14",
    "address": [{"line": ["Elm Street 7"]}],
}
LABS = (
    lab("751-8", 4, "10*9/L"),
    lab("718-7", 13, "g/dL"),
    lab("777-3", 250, "10*9/L"),
    lab("1742-6", 20, "U/L", 40),
    lab("1920-8", 20, "U/L", 40),
    lab("1975-2", 0.6, "mg/dL", 1.2),
)


def fetched(**changes: Any) -> dict[str, Any]:
    """What a client fetched: a patient with normal results, and nothing else."""
    found: dict[str, Any] = {key: bundle() for key in needs().prefetch()}
    return found | {"patient": PATIENT, "observations": bundle(*LABS)} | changes


def call(hook: str = "order-sign", *orders: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A request of a hook; the orders are the drafts."""
    context: dict[str, Any] = {"userId": "Practitioner/d1", "patientId": "p-secret-1", "encounterId": "e1"}
    if hook.startswith("order"):
        context["draftOrders"] = bundle(*(orders or (draft(),)))
    if hook == "order-select":
        context["selections"] = ["MedicationRequest/m1"]
    return {
        "hook": hook,
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": context,
        "prefetch": fetched(),
        "extension": {"tarlatamab-rules": {"point": "C1D1"}},
    } | changes


def example(hook: str) -> dict[str, Any]:
    """The request with the context of the specification's example."""
    request: dict[str, Any] = json.loads((EXAMPLES / f"{hook}.json").read_text(encoding="utf-8"))
    return request

"""Hard requests of CDS Hooks and hard forms: what each may be answered with, written by hand before they were run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from starlette.testclient import TestClient

from cds_requests import LABS, MOMENT, PATIENT, SECRETS, bundle, call, draft, fetched, lab, quantity
from tarlatamab_rules import DocumentError, Verdict, assess_case, read_case
from tarlatamab_rules.formats.fhir import needs
from tarlatamab_rules.formats.fhir.questionnaire import answered, questionnaire
from tarlatamab_rules.service.app import service
from tarlatamab_rules.service.settings import Settings

Json = dict[str, Any]
POINT: Final = {"point": "C1D1", "plannedStart": MOMENT}
OUTCOME: Final[Json] = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden", "diagnostics": "Janefirst"}],
}
WARNING: Final[Json] = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]}
MEDS = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED: Final = "http://snomed.info/sct"
V3: Final = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"
IV: Final = {"coding": [{"system": SNOMED, "code": "47625008"}]}
OTHER: Final = {"start": "2026-02-05T09:00:00+01:00"}
MONTH: Final = {"start": MOMENT, "end": "2026-03-03"}
ORAL: Final = {"system": SNOMED, "code": "26643006"}
ONE_DAY: Final = {"start": MOMENT, "end": "2026-02-03T23:59:59+01:00"}
DAILY: Final = {"frequency": 1, "period": 1, "periodUnit": "d"}
AT_ONCE: Final = {"start": MOMENT, "end": MOMENT}
COMPLETE: Final = {**POINT, "complete": ["events", "course"]}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A client of a service."""
    with TestClient(service(Settings(seconds=5), lambda **_: None), raise_server_exceptions=False) as made:
        yield made


def ordered(*doses: Json, **more: Any) -> Json:
    """A draft with these instructions."""
    return draft(dosageInstruction=list(doses), **more)


def instruction(value: Any, unit: str = "mg", **more: Any) -> Json:
    """An instruction to give so much."""
    return {"timing": {"event": [MOMENT]}, "doseAndRate": [{"doseQuantity": quantity(value, unit)}], **more}


def by_reference(name: str, **more: Any) -> Json:
    """A draft that refers to its drug."""
    return {key: value for key, value in draft(**more).items() if key != "medicationCodeableConcept"} | {
        "medicationReference": {"reference": name}
    }


def medication(name: str, text: str) -> Json:
    """A medication by its name."""
    return {"resourceType": "Medication", "id": name, "code": {"text": text}}


def normal(**changes: Any) -> Json:
    """What was fetched of a patient whose answers are all given, so that the first dose may proceed."""
    answers = {
        "patient.diagnosis": {"valueCoding": {"code": "extensive-stage-sclc"}},
        "patient.progressed_after_platinum": {"valueBoolean": True},
        "patient.infection": {"valueCoding": {"code": "none"}},
        "patient.childbearing_potential": {"valueBoolean": False},
        "patient.breastfeeding": {"valueBoolean": False},
        "patient.hypersensitivity": {"valueBoolean": False},
    }
    form = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "authored": "2026-02-03T06:00:00+01:00",
        "item": [{"linkId": link, "answer": [value]} for link, value in answers.items()],
    }
    return fetched(answers=bundle(form)) | changes


NEXT_PAGE = bundle() | {"link": [{"relation": "next", "url": "https://ehr.example/fhir?page=2"}]}
AE: Final[Json] = {
    "resourceType": "AdverseEvent",
    "actuality": "actual",
    "subject": {"reference": "Patient/p-secret-1"},
    "event": {"text": "rash"},
}

REQUESTS: dict[str, tuple[Json, tuple[int, ...], tuple[str, ...], tuple[str, ...]]] = {
    # name: the request, right statuses, words of which one must be there, words that must not
    "nothing is wrong": (call(prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}), (200,), ("PROCEED",), ()),
    "another drug beside it": (
        call("order-sign", draft(1), draft(2, medicationCodeableConcept={"text": "Dexamethasone"})),
        (200,),
        ("NEEDS-DATA",),
        ("2 draft orders",),
    ),
    "another drug by reference beside it": (
        call(
            "order-sign",
            draft(1),
            by_reference("Medication/d", id="m2"),
            medication("d", "Dexamethasone"),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200,),
        ("PROCEED",),
        ("2 draft orders",),
    ),
    "the drug by reference to what was fetched": (
        call(
            "order-sign",
            by_reference("Medication/t"),
            prefetch=normal(more=bundle(medication("t", "Imdelltra"))),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200,),
        ("PROCEED",),
        (),
    ),
    "another drug by reference to what was fetched": (
        call("order-sign", by_reference("Medication/d"), prefetch=normal(more=bundle(medication("d", "Amoxicillin")))),
        (200,),
        ('"cards":[]',),
        (),
    ),
    "a drug that only an unknown code names": (
        call(
            "order-sign",
            draft(medicationCodeableConcept={"coding": [{"system": MEDS, "code": "2683000"}]}),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200,),
        ("Tarlatamab C1D1",),
        (),
    ),
    "two instructions": (
        call("order-sign", ordered(instruction(1), instruction(10)), prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
        (200, 400, 412),
        (),
        ("PROCEED",),
    ),
    "two amounts in one instruction": (
        call(
            "order-sign",
            ordered(instruction(1, doseAndRate=[{"doseQuantity": quantity(1, "mg")}, {"doseQuantity": quantity(10, "mg")}])),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200, 400, 412),
        (),
        ("PROCEED",),
    ),
    "a range of amounts": (
        call(
            "order-sign",
            ordered(
                {"timing": {"event": [MOMENT]}, "doseAndRate": [{"doseRange": {"low": quantity(1, "mg"), "high": quantity(10, "mg")}}]}
            ),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200, 400),
        (),
        ("PROCEED",),
    ),
    "a bound as an amount": (
        call(
            "order-sign",
            ordered(instruction(1, doseAndRate=[{"doseQuantity": quantity(1, "mg") | {"comparator": ">"}}])),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200, 400),
        (),
        ("PROCEED",),
    ),
    "ten times as much": (
        call("order-sign", ordered(instruction(10)), prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
        (200,),
        (),
        ("PROCEED",),
    ),
    "no amount": (
        call(
            "order-sign",
            draft(dosageInstruction=[{"timing": {"event": [MOMENT]}}]),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200,),
        ("ordered: not given",),
        (),
    ),
    "grams": (
        call("order-sign", ordered(instruction(1, "g")), prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
        (200, 400),
        (),
        ("PROCEED",),
    ),
    "millilitres": (call("order-sign", ordered(instruction(1, "mL"))), (400,), ("ordered",), ()),
    **{
        f"an order that says more: {name}": (
            call("order-sign", made, prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
            (400,),
            (word,),
            ("PROCEED",),
        )
        for name, made, word in (
            ("another day", ordered(instruction(1, timing={"event": ["2026-02-13T09:00:00+01:00"]})), "another time"),
            ("another hour", ordered(instruction(1, timing={"event": ["2026-02-03T11:00:00+01:00"]})), "another time"),
            ("another day without a time", ordered(instruction(1, timing={"event": ["2026-02-04"]})), "another time"),
            ("no time that can be read", ordered(instruction(1, timing={"event": ["soon"]})), "another time"),
            ("two days", ordered(instruction(1, timing={"event": [MOMENT, "2026-02-04T09:00:00+01:00"]})), "more than one dose"),
            ("two instructions", ordered(instruction(1), instruction(1)), "more than one dose"),
            ("five times", ordered(instruction(1, timing={"event": [MOMENT], "repeat": {"count": 5}})), "more than one dose"),
            ("daily", ordered(instruction(1, timing={"repeat": DAILY})), "more than one dose"),
            ("a code without words", ordered(instruction(1, timing={"code": {"coding": [{"code": "20"}]}})), "not known to mean one dose"),
            ("twice a day", ordered(instruction(1, timing={"repeat": {"frequency": 2, "count": 1}})), "more than one dose"),
            ("on Mondays", ordered(instruction(1, timing={"repeat": {"dayOfWeek": ["mon"]}})), "more than one dose"),
            ("a schedule as a code", ordered(instruction(1, timing={"code": {"coding": [{"code": "BID"}]}})), "not known to mean one dose"),
            ("a schedule in words", ordered(instruction(1, timing={"code": {"text": "twice daily"}})), "not known to mean one dose"),
            ("a modifier of the timing", ordered(instruction(1, timing={"modifierExtension": [{}]})), "modifierExtension"),
            ("mornings", ordered(instruction(1, timing={"repeat": {"when": ["MORN"]}})), "more than one dose"),
            ("a week", ordered(instruction(1, timing={"repeat": {"boundsDuration": {"value": 7, "code": "d"}}})), "more than one dose"),
            (
                "a month",
                ordered(instruction(1, timing={"repeat": {"boundsPeriod": {"start": MOMENT, "end": "2026-03-03"}}})),
                "more than one",
            ),
            (
                "two kinds of time",
                ordered(instruction(1, timing={"event": [MOMENT], "repeat": {"boundsPeriod": OTHER}})),
                "more than one dose",
            ),
            ("a number as a time", ordered(instruction(1, timing={"event": [20260203]})), "another time"),
            ("refills", ordered(instruction(1), dispenseRequest={"numberOfRepeatsAllowed": 5}), "more than one dose"),
            ("as needed, as in R5", ordered(instruction(1, asNeeded=True)), "as needed"),
            ("either of two routes", ordered(instruction(1, route={"text": "IV or subcutaneous"})), "route"),
            ("a code and other words", ordered(instruction(1, route=IV | {"text": "subcutaneous"})), "route"),
            (
                "a route that nobody knows",
                ordered(instruction(1, route={"coding": [{"system": "http://x.example", "code": "7"}]})),
                "route",
            ),
            ("as needed", ordered(instruction(1, asNeededBoolean=True)), "as needed"),
            ("by mouth", ordered(instruction(1, route={"text": "oral"})), "route"),
            ("under the skin", ordered(instruction(1, route={"coding": [{"system": SNOMED, "code": "34206005"}]})), "route"),
            ("intrathecal or intravenous", ordered(instruction(1, route={"text": "intrathecal or intravenous"})), "route"),
            ("a modifier", ordered(instruction(1), modifierExtension=[{"url": "http://x.example/y"}]), "modifierExtension"),
            (
                "a modifier of the instruction",
                ordered(instruction(1, modifierExtension=[{"url": "http://x.example/y"}])),
                "modifierExtension",
            ),
        )
    },
    **{
        f"an order of one dose: {name}": (
            call("order-sign", ordered(made), prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
            (200,),
            ("PROCEED",),
            (),
        )
        for name, made in (
            ("once", instruction(1, timing={"event": [MOMENT], "repeat": {"count": 1, "frequency": 1, "period": 1, "periodUnit": "d"}})),
            ("the same moment elsewhere", instruction(1, timing={"event": ["2026-02-03T08:00:00Z"]})),
            ("the same day", instruction(1, timing={"event": ["2026-02-03"]})),
            ("the same clock without an offset", instruction(1, timing={"event": ["2026-02-03T09:00:00"]})),
            ("no time", instruction(1, timing={})),
            ("into a vein", instruction(1, route={"coding": [{"system": SNOMED, "code": "47625008"}]})),
            ("into a vein by its words", instruction(1, route={"text": "Intravenous infusion"})),
            ("into a vein by a list of its words", instruction(1, route={"coding": [{"display": "Injection, intravenous, piggyback"}]})),
            ("into a vein by HL7", instruction(1, route={"coding": [{"system": V3, "code": "IV"}]})),
            ("a drip into a vein", instruction(1, route={"coding": [{"system": V3, "code": "IVDRIP", "display": "Drip, intravenous"}]})),
            ("a bag", instruction(1, route={"text": "IVPB"})),
            (
                "once, by a code of its own",
                instruction(1, timing={"event": [MOMENT], "code": {"coding": [{"code": "20", "display": "ONCE"}]}}),
            ),
            (
                "once within a day",
                instruction(1, timing={"repeat": {"boundsPeriod": ONE_DAY, "frequency": 1, "period": 1, "periodUnit": "d"}}),
            ),
            ("once, in words", instruction(1, timing={"event": [MOMENT], "code": {"text": "Once"}})),
            (
                "from the moment, over an hour",
                instruction(1, timing={"repeat": {"boundsPeriod": {"start": MOMENT, "end": MOMENT}, "duration": 1}}),
            ),
        )
    },
    "an amount by weight": (call("order-sign", ordered(instruction(1, "mg/kg"))), (400,), ("ordered",), ()),
    "a code and a text that contradict each other": (
        call(
            "order-sign",
            ordered({"timing": {"event": [MOMENT]}, "doseAndRate": [{"doseQuantity": quantity(1, "mg") | {"unit": "g"}}]}),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200, 400),
        (),
        ("PROCEED",),
    ),
    "a unit by a code of another system": (
        call(
            "order-sign",
            ordered(
                {
                    "timing": {"event": [MOMENT]},
                    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "mg", "system": "http://snomed.info/sct", "code": "258684004"}}],
                }
            ),
            prefetch=normal(),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200,),
        ("PROCEED",),
        (),
    ),
    "an order not to give it": (
        call("order-sign", draft(doNotPerform=True), prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
        (200,),
        ('"cards":[]',),
        ("PROCEED",),
    ),
    "an order in error": (call("order-sign", draft(status="entered-in-error")), (200,), ('"cards":[]',), ()),
    "a cancelled order": (call("order-sign", draft(status="cancelled")), (200,), ('"cards":[]',), ()),
    "two times": (
        call(
            "order-sign",
            ordered(instruction(1, timing={"event": [MOMENT, "2026-02-10T09:00:00+01:00"]})),
            extension={"tarlatamab-rules": {"point": "C1D1"}},
        ),
        (200, 400, 412),
        (),
        ("PROCEED",),
    ),
    "an order for another patient": (call("order-sign", draft(subject={"reference": "Patient/q"})), (400,), ("context.patientId",), ()),
    "an order for another patient, by an absolute URL": (
        call("order-sign", draft(subject={"reference": "https://ehr.example/fhir/Patient/q"})),
        (400,),
        ("context.patientId",),
        (),
    ),
    "a patient that is not this one": (call(prefetch=fetched(patient=PATIENT | {"id": "q"})), (400,), ("context.patientId",), ()),
    "a patient within a bundle within a bundle": (call(prefetch=fetched(patient=bundle(bundle(PATIENT | {"id": "q"})))), (400,), (), ()),
    "no prefetch": ({key: value for key, value in call().items() if key != "prefetch"}, (412,), ("prefetch.patient",), ()),
    "null as prefetch": (call(prefetch=None), (400, 412), (), ()),
    "a key of the prefetch that is null": (call(prefetch=fetched(observations=None)), (200, 412), ("NEEDS-DATA", "required"), ("PROCEED",)),
    "a text in the prefetch": (call(prefetch=fetched(observations="none")), (400, 412), (), ("PROCEED",)),
    "a list in the prefetch": (call(prefetch=fetched(observations=[*LABS])), (200, 400, 412), (), ("PROCEED",)),
    "a failed query": (
        call(prefetch=normal(adverseEvents=OUTCOME), extension={"tarlatamab-rules": COMPLETE}),
        (200, 400, 412),
        (),
        ("C1D1: PROCEED",),
    ),
    "a failed query of the drug": (
        call("patient-view", prefetch=normal(administrations=OUTCOME), extension={}),
        (412,),
        ("extension.tarlatamab-rules.point",),
        (),
    ),
    "a warning of the server": (
        call("patient-view", prefetch=normal(administrations=bundle(WARNING)), extension={}),
        (200,),
        ('"cards":[]',),
        (),
    ),
    "an amount that is no object": (
        call("order-sign", ordered({"doseAndRate": [{"doseQuantity": [1]}]}), prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
        (400,),
        ("ordered",),
        (),
    ),
    "an instruction that is no list": (
        call("order-sign", draft(dosageInstruction=instruction(10)), prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}),
        (200,),
        (),
        ("PROCEED",),
    ),
    "the first page of a record": (call(prefetch=normal(observations=NEXT_PAGE)), (412,), ("prefetch.observations",), ("PROCEED",)),
    "the first page of a part of its own": (call(prefetch=normal(more=NEXT_PAGE)), (412,), ('"prefetch"',), ("PROCEED",)),
    "a failed query in a bundle": (
        call(prefetch=normal(more=bundle(OUTCOME)), extension={"tarlatamab-rules": COMPLETE}),
        (200, 400, 412),
        (),
        ("C1D1: PROCEED",),
    ),
    "the first page of a complete record": (
        call(prefetch=normal(more=NEXT_PAGE), extension={"tarlatamab-rules": COMPLETE}),
        (200, 400, 412),
        (),
        ("PROCEED",),
    ),
    "an event on the side": (
        call(prefetch=normal(more=bundle(AE)), extension={"tarlatamab-rules": COMPLETE}),
        (200,),
        ("unclear",),
        ("PROCEED",),
    ),
    "a low count on the side": (
        call(
            prefetch=normal(observations=bundle(*LABS, lab("751-8", 0.3, "10*9/L") | {"effectiveDateTime": "2026-02-03T07:00:00+01:00"})),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200,),
        ("WITHHOLD",),
        ("PROCEED",),
    ),
    "a low count in its own bundle": (
        call(
            prefetch=normal(more=bundle(bundle(lab("751-8", 0.3, "10*9/L") | {"effectiveDateTime": "2026-02-03T07:00:00+01:00"}))),
            extension={"tarlatamab-rules": COMPLETE},
        ),
        (200,),
        ("WITHHOLD",),
        ("PROCEED",),
    ),
    "another hook": (call() | {"hook": "order-dispatch"}, (400,), ("hook",), ()),
    "a hook without a name": (call() | {"hook": None}, (400,), ("hook",), ()),
    "a selection that is not among the drafts": (
        call("order-select", context=call("order-select")["context"] | {"selections": ["MedicationRequest/m9"]}),
        (200, 400),
        (),
        ("PROCEED",),
    ),
    "a patient as a reference": (call(context=call()["context"] | {"patientId": "Patient/p-secret-1"}), (200, 400), (), ()),
    "a time without a zone": (
        call(extension={"tarlatamab-rules": {"point": "C1D1", "plannedStart": "2026-02-03T09:00:00"}}),
        (200, 400),
        (),
        ("PROCEED",),
    ),
    "a part that there is not": (call(extension={"tarlatamab-rules": {**POINT, "complete": ["everything"]}}), (400,), ("complete",), ()),
    "parts as a text": (call(extension={"tarlatamab-rules": {**POINT, "complete": "events"}}), (200, 400), (), ("PROCEED",)),
    "parts as a truth": (call(extension={"tarlatamab-rules": {**POINT, "complete": True}}), (400,), ("complete",), ()),
    "a key of ours that there is not": (
        call(extension={"tarlatamab-rules": {**POINT, "planned_start": "2027-01-01"}}),
        (400,),
        ("plannedStart",),
        (),
    ),
    "a point as a list": (call(extension={"tarlatamab-rules": {"point": ["C1D1"]}}), (400,), ("point",), ()),
    "a zone as a number": (call(extension={"tarlatamab-rules": {**POINT, "siteZone": 1}}), (400,), ("site_zone",), ()),
}


@pytest.mark.parametrize(("request_", "statuses", "one_of", "none_of"), REQUESTS.values(), ids=REQUESTS)
def test_a_hard_request(
    client: TestClient, request_: Json, statuses: tuple[int, ...], one_of: tuple[str, ...], none_of: tuple[str, ...]
) -> None:
    """Nothing is guessed or passed over, the error is ours, and it names nobody."""
    name = request_["hook"] if request_["hook"] in {"order-select", "patient-view", "encounter-start"} else "order-sign"
    answer = client.post(f"/cds-services/tarlatamab-{name}", json=request_)
    text = answer.text
    assert answer.status_code in statuses, text
    assert not one_of or any(word in text for word in one_of), text
    assert [word for word in none_of if word in text] == [], text
    shown = [card | {"suggestions": ()} for card in answer.json().get("cards", ())] if answer.status_code == 200 else text
    assert [secret for secret in SECRETS if secret in json.dumps(shown)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"status": "draft"', '"status": "cancelled", "status": "draft"'),
        ('"value": 250', '"value": 9, "value": 250'),
        ('"point": "C1D1"', '"point": "C1D8", "point": "C1D1"'),
        ('"value": 250', '"value": NaN'),
        ('"value": 250', '"value": ' + "9" * 5000),
        ('"value": 250', '"value": 1e400'),
        ('"point": "C1D1"', '"point": "C1D1", "x": ' + "[" * 3000 + "]" * 3000),
        ('"point": "C1D1"', '"point": "C1D\\u00001"'),
    ],
    ids=["a status twice", "a value twice", "the point twice", "not a number", "many digits", "infinite", "deep", "a zero character"],
)
def test_a_hard_body(client: TestClient, old: str, new: str) -> None:
    """A body that can be read in two ways, or whose numbers are none, is no reason to proceed, and does not stop the service."""
    text = json.dumps(call(prefetch=normal(), extension={"tarlatamab-rules": COMPLETE}))
    assert old in text
    answer = client.post(
        "/cds-services/tarlatamab-order-sign", content=text.replace(old, new, 1), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400 or (answer.status_code == 200 and "PROCEED" not in answer.text), answer.text
    assert client.get("/health").status_code == 200


FAILED: Final[dict[str, Any]] = {
    "an error": OUTCOME,
    "an error in a bundle": bundle(OUTCOME),
    "an error in a batch": {"resourceType": "Bundle", "type": "batch-response", "entry": [{"response": {"status": "500"}}]},
    "a first page": NEXT_PAGE,
    "a text": "none",
    "a list": [],
}


@pytest.mark.parametrize("what", FAILED.values(), ids=FAILED)
@pytest.mark.parametrize("key", needs().prefetch())
def test_a_part_that_failed(client: TestClient, key: str, what: Any) -> None:
    """If one query failed, the dose does not simply proceed, although the caller says that the record is complete."""
    answer = client.post(
        "/cds-services/tarlatamab-order-sign", json=call(prefetch=normal() | {key: what}, extension={"tarlatamab-rules": COMPLETE})
    )
    assert answer.status_code in {200, 400, 412}
    assert "C1D1: PROCEED" not in answer.text


# --- forms ---

CASE: Final[Json] = {"point": "C1D1", "planned_start": "2026-02-03"}


def says(link: str, *answers: Any, **more: Any) -> Json:
    """An item with its answers."""
    return {"linkId": link, "answer": list(answers), **more}


def form(*items: Json, **more: Any) -> Json:
    """A response."""
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items), **more}


YES, NO = {"valueBoolean": True}, {"valueBoolean": False}
LIMITED, EXTENSIVE = ({"valueCoding": {"code": f"{stage}-stage-sclc"}} for stage in ("limited", "extensive"))

FORMS: dict[str, tuple[Json, str, Any]] = {
    # name: the response, the field whose value is right, that value; DocumentError if the response must be refused
    "an answer": (form(says("patient.pregnant", NO)), "pregnant", False),
    "no answer": (form(says("patient.pregnant")), "pregnant", None),
    "an item without the key": (form({"linkId": "patient.pregnant"}), "pregnant", None),
    "two answers": (form(says("patient.pregnant", NO, YES)), "pregnant", DocumentError),
    "one question twice": (form(says("patient.pregnant", NO), says("patient.pregnant", YES)), "pregnant", DocumentError),
    "one question twice, with one answer": (form(says("patient.pregnant", YES), says("patient.pregnant", YES)), "pregnant", DocumentError),
    "a question that was not asked": (form(says("patient.shoe_size", YES)), "pregnant", DocumentError),
    "a question of the system": (form(says("__class__", YES)), "pregnant", DocumentError),
    "a text for a truth": (form(says("patient.pregnant", {"valueString": "no"})), "pregnant", DocumentError),
    "a number for a truth": (form(says("patient.pregnant", {"valueInteger": 0})), "pregnant", DocumentError),
    "a text for a choice": (form(says("patient.diagnosis", {"valueString": "extensive-stage-sclc"})), "diagnosis", DocumentError),
    "a choice that there is not": (form(says("patient.diagnosis", {"valueCoding": {"code": "sclc"}})), "diagnosis", DocumentError),
    "a choice in capitals": (
        form(says("patient.diagnosis", {"valueCoding": {"code": "EXTENSIVE-STAGE-SCLC"}})),
        "diagnosis",
        DocumentError,
    ),
    "a choice by its display alone": (
        form(says("patient.diagnosis", {"valueCoding": {"display": "extensive-stage SCLC"}})),
        "diagnosis",
        DocumentError,
    ),
    "two kinds of value": (form(says("patient.pregnant", {"valueBoolean": False, "valueString": "yes"})), "pregnant", DocumentError),
    "an age as a text": (form(says("patient.age_years", {"valueString": "64"})), "age_years", DocumentError),
    "an age in years": (form(says("patient.age_years", {"valueDecimal": 64})), "age_years", 64),
    "an age that cannot be": (form(says("patient.age_years", {"valueDecimal": 640})), "age_years", DocumentError),
    "an age that is no number": (form(says("patient.age_years", {"valueDecimal": float("nan")})), "age_years", DocumentError),
    "an age that is a truth": (form(says("patient.age_years", {"valueDecimal": True})), "age_years", DocumentError),
    "a hidden question that was answered": (form(says("patient.diagnosis", LIMITED), says("patient.pregnant", YES)), "pregnant", True),
    "a question in a group": (form({"linkId": "g", "item": [says("patient.pregnant", YES)]}), "pregnant", DocumentError),
    "a question below another one": (
        form(says("patient.diagnosis", EXTENSIVE | {"item": [says("patient.pregnant", YES)]})),
        "pregnant",
        DocumentError,
    ),
    "in progress": (form(says("patient.pregnant", NO), status="in-progress"), "pregnant", DocumentError),
    "entered in error": (form(says("patient.pregnant", NO), status="entered-in-error"), "pregnant", DocumentError),
    "stopped": (form(says("patient.pregnant", NO), status="stopped"), "pregnant", DocumentError),
    "amended": (form(says("patient.pregnant", NO), status="amended"), "pregnant", False),
    "of another form": (form(says("1.1", YES), questionnaire="http://example.org/phq9"), "pregnant", DocumentError),
    "items that are no list": (form() | {"item": {"linkId": "patient.pregnant"}}, "pregnant", DocumentError),
    "an answer that is no object": (form({"linkId": "patient.pregnant", "answer": [True]}), "pregnant", DocumentError),
    "answers that are no list": (form({"linkId": "patient.pregnant", "answer": YES}), "pregnant", DocumentError),
    "an unknown modifier": (
        form(says("patient.pregnant", NO), modifierExtension=[{"url": "http://example.org/not"}]),
        "pregnant",
        DocumentError,
    ),
    "an unknown modifier of an answer": (
        form(says("patient.pregnant", NO, modifierExtension=[{"url": "http://example.org/not"}])),
        "pregnant",
        DocumentError,
    ),
    "another resource": ({"resourceType": "Questionnaire", "status": "completed"}, "pregnant", DocumentError),
    "a day that there is not": (
        form(
            {
                "linkId": "labs.neutrophils",
                "item": [
                    says("labs.neutrophils/value", {"valueQuantity": quantity(4, "10*9/L")}),
                    says("labs.neutrophils/collected", {"valueDateTime": "2026-02-30"}),
                ],
            }
        ),
        "pregnant",
        DocumentError,
    ),
    "a unit of another kind": (
        form({"linkId": "labs.neutrophils", "item": [says("labs.neutrophils/value", {"valueQuantity": quantity(4, "g/dL")})]}),
        "pregnant",
        DocumentError,
    ),
}


@pytest.mark.parametrize(("response", "field", "value"), FORMS.values(), ids=FORMS)
def test_a_hard_form(response: Json, field: str, value: Any) -> None:
    """An answer becomes the fact that it states, or is refused by an error of ours that names its link; it is never passed over."""
    case = read_case(CASE)
    assert questionnaire(assess_case(case)) is not None
    if value is DocumentError:
        with pytest.raises(DocumentError):
            answered(case, response)
    else:
        assert getattr(answered(case, response).patient, field) == value


def test_a_form_that_contradicts_the_case() -> None:
    """An answer against what the case states is refused, and the case stays."""
    case = read_case(CASE | {"patient": {"pregnant": True}})
    with pytest.raises(DocumentError) as caught:
        answered(case, form(says("patient.pregnant", NO)))
    assert [fault.path for fault in caught.value.exceptions] == ["patient.pregnant"]
    assert assess_case(case).verdict is Verdict.EXCLUDED

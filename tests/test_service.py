"""The service: what each address answers, what it refuses, and that nothing of a patient is in a log or an error."""

from __future__ import annotations

import argparse
import json
import logging
import logging.config
import os
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest
from attrs import evolve
from starlette.testclient import TestClient

from cds_requests import LABS, MOMENT, PATIENT, SECRETS, bundle, call, draft, example, fetched, lab
from fhirkit_checks import empty_in, faults_of
from tarlatamab_rules import UnknownRulebookError, Verdict, assess_case, read_case
from tarlatamab_rules.answers import Vote
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.fhir import Entry, Fate, Imported, ImportReport
from tarlatamab_rules.service import app as app_module
from tarlatamab_rules.service import command
from tarlatamab_rules.service.app import from_environment, service
from tarlatamab_rules.service.cards import cards as made
from tarlatamab_rules.service.guard import Guard
from tarlatamab_rules.service.hooks import SERVICES, checked
from tarlatamab_rules.service.logs import CONFIGURATION, OneLine, log_line
from tarlatamab_rules.service.settings import Settings

HOOKS = ("order-select", "order-sign", "encounter-start", "patient-view")
LOGGED: list[dict[str, object]] = []


def keep(**facts: object) -> None:
    """A log that tests read."""
    LOGGED.append(facts)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A client of a service with small limits."""
    with TestClient(service(Settings(body=200_000, seconds=1), keep), raise_server_exceptions=False) as made:
        yield made


def post(client: TestClient, request: dict[str, Any], hook: str = "") -> Any:
    """The answer to a request of a hook."""
    return client.post(f"/cds-services/tarlatamab-{hook or request['hook']}", json=request)


def cards(client: TestClient, request: dict[str, Any]) -> list[dict[str, Any]]:
    """The cards for a request, each checked against the rules of CDS Hooks."""
    answer = post(client, request)
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert set(document) == {"cards"}
    for card in document["cards"]:
        assert list(empty_in(card)) == []
        assert len(card["summary"]) < 140
        assert card["indicator"] in {"info", "warning", "critical"}
        assert card["source"]["label"]
        assert ("suggestions" in card) is ("selectionBehavior" in card)
        assert all(reason["display"] for reason in card.get("overrideReasons", ()))
    found: list[dict[str, Any]] = document["cards"]
    return found


class TestDiscovery:
    """What a client must know."""

    def test_services(self, client: TestClient) -> None:
        """One service for each hook, with the queries whose answers it needs."""
        services = client.get("/cds-services").json()["services"]
        assert [entry["hook"] for entry in services] == list(HOOKS)
        assert all(entry["id"] == f"tarlatamab-{entry['hook']}" for entry in services)
        assert all(entry["prefetch"]["patient"] == "Patient/{{context.patientId}}" for entry in services)
        assert list(empty_in(services)) == []

    def test_description(self, client: TestClient) -> None:
        """The description has every address, and its schemas refer to each other within it."""
        document = client.get("/openapi.json").json()
        assert set(document["paths"]) == {
            "/cds-services",
            "/cds-services/{id}",
            "/cds-services/{id}/feedback",
            "/assess",
            "/health",
            "/ready",
            "/openapi.json",
        }
        text = json.dumps(document)
        names = {part.split('"')[0] for part in text.split('"$ref": "#/components/schemas/')[1:]}
        assert names <= set(document["components"]["schemas"])
        assert "#/$defs" not in text


class TestCards:
    """What the cards say."""

    def test_hold(self, client: TestClient) -> None:
        """A dose that must not be given: a critical card with its sources, and the offer to hold the draft."""
        low = bundle(*(part for part in LABS if "751-8" not in json.dumps(part)), lab("751-8", 0.4, "10*9/L"))
        order = draft()
        (card, *_) = cards(client, call("order-sign", order, prefetch=fetched(observations=low)))
        assert card["indicator"] == "critical"
        assert card["summary"].startswith("Tarlatamab C1D1: STOP - WITHHOLD")
        assert "Neutrophils" in card["detail"] or "neutrophils" in card["detail"]
        assert card["source"]["label"] == "Precautions page 09/2025, US label 11/2025"
        assert card["links"][0]["url"].startswith("https://")
        (suggestion,) = card["suggestions"]
        assert suggestion["actions"] == [
            {"type": "update", "description": "Puts the draft order on hold", "resource": order | {"status": "on-hold"}}
        ]
        assert suggestion["isRecommended"] is True
        assert card["overrideReasons"][0]["code"] == "cds-not-applicable"

    def test_never(self, client: TestClient) -> None:
        """A patient who is excluded: to delete the draft is offered first choice, by its reference."""
        child = PATIENT | {"birthDate": "2015-01-01"}
        (card, *_) = cards(client, call(prefetch=fetched(patient=child)))
        assert card["summary"].startswith("Tarlatamab C1D1: STOP - EXCLUDED")
        recommended = {item["actions"][0]["type"]: item["isRecommended"] for item in card["suggestions"]}
        assert recommended == {"update": False, "delete": True}
        assert card["suggestions"][1]["actions"][0]["resourceId"] == "MedicationRequest/m1"

    def test_missing_facts(self, client: TestClient) -> None:
        """With everything fetched and facts still missing, the clinician sees a warning that lists them."""
        (card, *_) = cards(client, call("order-select"))
        assert card["indicator"] == "warning"
        assert "NEEDS-DATA" in card["summary"]
        assert "diagnosis" in card["detail"]

    def test_a_draft_without_an_id(self, client: TestClient) -> None:
        """A draft that cannot be named gets no suggestion."""
        nameless = {key: value for key, value in draft().items() if key != "id"}
        (card, *_) = cards(client, call("order-sign", nameless))
        assert "suggestions" not in card

    def test_several_drafts(self, client: TestClient) -> None:
        """Two drafts of the drug at once: none is assessed, and a critical card says so."""
        (card,) = cards(client, call("order-sign", draft(1), draft(2)))
        assert (card["indicator"], card["summary"][:15]) == ("critical", "2 draft orders ")

    def test_selected(self, client: TestClient) -> None:
        """Of several drafts the selected one counts."""
        (card, *_) = cards(client, call("order-select", draft(1), draft(2)))
        assert card["suggestions"][0]["actions"][0]["resource"]["id"] == "m1"

    def test_encounter(self, client: TestClient) -> None:
        """At the start of an encounter a card of its own has what goes before and after the dose."""
        request = call("encounter-start", extension={"tarlatamab-rules": {"point": "C1D1", "plannedStart": MOMENT}})
        plan = cards(client, request)[-1]
        assert plan["summary"] == "Tarlatamab C1D1: What goes before and after this dose"
        assert "examethasone" in plan["detail"]

    def test_unclear_records(self, client: TestClient) -> None:
        """A record that cannot be read and that matters is on a card, by its kind and the reason, without its id."""
        odd = lab("751-8", 4, "K") | {"id": "secret-id"}
        rest = [part for part in LABS if "751-8" not in json.dumps(part)]
        shown = cards(client, call(prefetch=fetched(observations=bundle(odd, *rest))))
        (unclear,) = [card for card in shown if "unclear" in card["summary"]]
        assert unclear["indicator"] == "warning"
        assert "Observation" in unclear["detail"]
        assert "secret-id" not in json.dumps(shown)

    def test_a_dose_that_may_be_given(self) -> None:
        """Nothing forbids the dose: information, without an override. An unclear record makes it a warning that says so first."""
        case = (Path(__file__).parents[1] / "examples" / "clean_c1d1.json").read_text(encoding="utf-8")
        assessment = assess_case(read_case(case))
        request = checked(SERVICES["tarlatamab-order-sign"], call())
        (card,) = made(request, assessment, Imported(assessment.case, ImportReport(())))
        assert (card["indicator"], "overrideReasons" in card, "suggestions" in card) == ("info", False, False)
        assert card["summary"].startswith("Tarlatamab C1D1: PROCEED")
        unsourced = evolve(assessment, votes=(Vote("dose", Verdict.NEEDS_DATA),))
        assert "links" not in made(request, unsourced, Imported(assessment.case, ImportReport(())))[0]
        odd = Entry("entry[0]", "Observation", Fate.UNCLEAR, why=("its unit is not known",), asked=True)
        card, unclear = made(request, assessment, Imported(assessment.case, ImportReport((odd,))))
        assert (card["indicator"], unclear["detail"]) == ("warning", "- Observation: its unit is not known")
        assert card["summary"].startswith("Tarlatamab C1D1: look at 1 unclear record first; apart from that, PROCEED")

    def test_another_drug(self, client: TestClient) -> None:
        """An order of another drug is none of our business, and neither is an entry without a resource."""
        request = call()
        request["context"]["draftOrders"]["entry"] = [{}, 7, {"resource": 7}]
        assert cards(client, request) == []
        assert cards(client, call("order-sign", draft(medicationCodeableConcept={"text": "Amoxicillin"}))) == []

    def test_the_drug_by_its_code_and_contained(self, client: TestClient) -> None:
        """The drug is known by a code, by its display, and by a contained medication."""
        for concept in (
            {"coding": [{"display": "Tarlatamab-dlle"}]},
            {"coding": [{"system": "http://www.whocc.no/atc", "code": "L01FX33"}]},
        ):
            assert cards(client, call("order-sign", draft(medicationCodeableConcept=concept)))
        contained = [{"resourceType": "Medication", "id": "a", "code": {"text": "imdylltra"}}]
        held = {key: value for key, value in draft(contained=contained).items() if key != "medicationCodeableConcept"}
        assert cards(client, call("order-sign", held))
        bare = {key: value for key, value in held.items() if key != "contained"}
        assert cards(client, call("order-sign", bare)) == []
        assert cards(client, call("order-sign", bare | {"medicationReference": {"display": "Imdelltra"}}))

    def test_a_drug_by_reference(self, client: TestClient) -> None:
        """An order that only refers to its medication counts if the request names the planned dose; else nobody can know."""
        order = {key: value for key, value in draft().items() if key != "medicationCodeableConcept"}
        order |= {"medicationReference": {"reference": "Medication/1"}}
        assert cards(client, call("order-sign", order))
        assert cards(client, call("order-sign", order, extension={})) == []

    def test_the_same_call_again(self, client: TestClient) -> None:
        """The same call has the same UUIDs, and another call has others."""
        first, again = cards(client, call()), cards(client, call())
        other = cards(client, call(hookInstance="d1577c69-dfbe-44ad-ba6d-3e05e953b2eb"))
        assert [card["uuid"] for card in first] == [card["uuid"] for card in again]
        assert not {card["uuid"] for card in first} & {card["uuid"] for card in other}

    @pytest.mark.parametrize("hook", HOOKS)
    def test_examples_of_the_specification(self, client: TestClient, hook: str) -> None:
        """The example of each hook is answered: none is about the drug, and without a fetched record nobody can know."""
        answer = post(client, example(hook))
        if hook.startswith("order"):
            assert (answer.status_code, answer.json()) == (200, {"cards": []})
        else:
            assert answer.status_code == 412
            assert faults_of(answer.json()) == []

    def test_a_patient_who_never_had_the_drug(self, client: TestClient) -> None:
        """Outside an order, a patient without the drug gets no card."""
        assert cards(client, call("patient-view", extension={})) == []

    def test_a_patient_who_had_the_drug(self, client: TestClient) -> None:
        """A patient who had the drug gets a card, if the planned dose is named; 412 says that it must be."""
        dose = {"resourceType": "MedicationAdministration", "status": "completed", "medicationCodeableConcept": {"text": "tarlatamab"}}
        request = call("patient-view", extension={}, prefetch=fetched(administrations=bundle(dose)))
        answer = post(client, request)
        assert answer.status_code == 412
        assert answer.json()["issue"][0]["expression"] == ["extension.tarlatamab-rules.point"]


class TestMissing:
    """412: what a client can still send."""

    def test_what_was_not_fetched(self, client: TestClient) -> None:
        """Each key that was not fetched is listed, and each fact that is missing without it."""
        part = {"patient": PATIENT}
        answer = post(client, call(prefetch=part))
        assert answer.status_code == 412
        document = answer.json()
        assert faults_of(document) == []
        where = [issue["expression"][0] for issue in document["issue"]]
        assert "prefetch.observations" in where
        assert "prefetch.patient" not in where
        assert "labs.neutrophils" in where

    def test_the_dose(self, client: TestClient) -> None:
        """The planned dose has no element in FHIR, so it must be named."""
        answer = post(client, call(extension={}))
        assert answer.status_code == 412
        assert "C1D8" in answer.json()["issue"][0]["diagnostics"]


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another hook": ({"hook": "order-select"}, "hook"),
    "no instance": ({"hookInstance": None}, "hookInstance"),
    "an instance that is no UUID": ({"hookInstance": "1"}, "hookInstance"),
    "no context": ({"context": {}}, "context"),
    "a context that is a list": ({"context": []}, "context"),
    "no user": ({"context": call()["context"] | {"userId": ""}}, "context.userId"),
    "a user without a type": ({"context": call()["context"] | {"userId": "jane"}}, "context.userId"),
    "orders that are no bundle": ({"context": call()["context"] | {"draftOrders": []}}, "context.draftOrders"),
    "a prefetch that is a list": ({"prefetch": []}, "prefetch"),
    "an extension in words": ({"extension": "C1D1"}, "extension"),
    "our extension in words": ({"extension": {"tarlatamab-rules": "C1D1"}}, "extension.tarlatamab-rules"),
    "no such dose": ({"extension": {"tarlatamab-rules": {"point": "C1D2"}}}, "point"),
    "a dose as a number": ({"extension": {"tarlatamab-rules": {"point": 1}}}, "point"),
    "a start in words": ({"extension": {"tarlatamab-rules": {"point": "C1D1", "plannedStart": "tomorrow"}}}, "plannedStart"),
    "no such day": ({"extension": {"tarlatamab-rules": {"point": "C1D1", "plannedStart": "2026-02-30"}}}, "plannedStart"),
    "no such zone": ({"extension": {"tarlatamab-rules": {"point": "C1D1", "siteZone": "Mars/Base"}}}, "site_zone"),
    "another patient": ({"prefetch": fetched(patient=PATIENT | {"id": "p2"})}, "context.patientId"),
    "an order for another patient": (
        {"context": call("order-sign", draft(subject={"reference": "Patient/p2"}))["context"]},
        "context.patientId",
    ),
    "an amount in litres": (
        {
            "context": call("order-sign", draft(dosageInstruction=[{"doseAndRate": [{"doseQuantity": {"value": 1, "code": "L"}}]}]))[
                "context"
            ]
        },
        "ordered",
    ),
}


class TestRefused:
    """What is refused, with what status, and how."""

    @pytest.mark.parametrize(("changes", "where"), BAD.values(), ids=BAD)
    def test_requests(self, client: TestClient, changes: dict[str, Any], where: str) -> None:
        """A request whose form or facts cannot be is answered with 400 and the place."""
        answer = post(client, call() | changes, "order-sign")
        assert answer.status_code == 400
        assert faults_of(answer.json()) == []
        assert where in [issue["expression"][0] for issue in answer.json()["issue"]]

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 50_000, b"[1e999, NaN]", b"1" * 6_000, b"[]", b"null"])
    def test_bodies(self, client: TestClient, body: bytes) -> None:
        """What is not JSON, or not an object, is answered with 400."""
        headers = {"Content-Type": "application/json"}
        for path in ("/cds-services/tarlatamab-order-sign", "/cds-services/tarlatamab-order-sign/feedback"):
            assert client.post(path, content=body, headers=headers).status_code == 400
        assert client.post("/assess", content=body, headers=headers).status_code == 422

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "/nothing", 404),
            ("POST", "/cds-services/unknown", 404),
            ("POST", "/cds-services/unknown/feedback", 404),
            ("GET", "/assess", 405),
            ("DELETE", "/cds-services", 405),
        ],
    )
    def test_addresses(self, client: TestClient, method: str, path: str, status: int) -> None:
        """A wrong address and a wrong method are named as such."""
        answer = client.request(method, path, json={} if method == "POST" else None)
        assert answer.status_code == status
        assert faults_of(answer.json()) == []

    def test_another_type(self, client: TestClient) -> None:
        """A body of another type is answered with 415; FHIR's own type is taken."""
        assert client.post("/assess", content="{}", headers={"Content-Type": "text/plain"}).status_code == 415
        kind = {"Content-Type": "application/fhir+json; charset=utf-8"}
        assert client.post("/assess", content='{"point": "C1D1"}', headers=kind).status_code == 200

    def test_a_large_body(self, client: TestClient) -> None:
        """10 MB are answered with 413, announced or not."""
        large = b" " * 10_000_000
        headers = {"Content-Type": "application/json"}
        assert client.post("/assess", content=large, headers=headers).status_code == 413
        pieces = (large[:100_000] for _ in range(100))
        answer = client.post("/assess", content=pieces, headers=headers)
        assert answer.status_code == 413
        assert faults_of(answer.json()) == []


class TestAssess:
    """A case as JSON."""

    def test_an_assessment(self, client: TestClient) -> None:
        """The answer is the document of the assessment."""
        case = json.loads((Path(__file__).parents[1] / "examples" / "crs_active.json").read_text(encoding="utf-8"))
        answer = client.post("/assess", json=case)
        assert answer.json() == json.loads(json.dumps(assessment_document(assess_case(read_case(case)))))
        assert answer.headers["cache-control"] == "no-store"

    def test_faults(self, client: TestClient) -> None:
        """Every fault of a document is listed."""
        answer = client.post("/assess", json={"point": "C1D2", "labs": [{}]})
        assert answer.status_code == 422
        assert [fault["path"] for fault in answer.json()["faults"]] == ["point", "labs[0].analyte", "labs[0].value", "labs[0].unit"]


class TestFeedback:
    """What became of cards."""

    ENTRY: ClassVar[dict[str, Any]] = {
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "overridden",
        "outcomeTimestamp": "2026-02-03T10:05:31Z",
        "overrideReason": {"reason": {"code": "recipient-concerns-outcomes"}, "userComment": "Janefirst is frail"},
    }

    def send(self, client: TestClient, *entries: Any) -> Any:
        """Feedback on cards."""
        return client.post("/cds-services/tarlatamab-order-sign/feedback", json={"feedback": list(entries)})

    def test_overridden(self, client: TestClient) -> None:
        """The outcome and the code are logged; the comment of the clinician is not."""
        LOGGED.clear()
        assert self.send(client, self.ENTRY).status_code == 200
        expected = {
            "event": "feedback",
            "service": "tarlatamab-order-sign",
            "outcome": "overridden",
            "reason": "recipient-concerns-outcomes",
        }
        assert expected in LOGGED
        assert "Janefirst" not in str(LOGGED)

    def test_accepted(self, client: TestClient) -> None:
        """An accepted card names the accepted suggestions."""
        accepted = {key: value for key, value in self.ENTRY.items() if key != "overrideReason"} | {"outcome": "accepted"}
        assert self.send(client, accepted).status_code == 400
        assert self.send(client, accepted | {"acceptedSuggestions": [{"id": self.ENTRY["card"]}]}).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"card": "1"},
            {"card": None},
            {"outcome": "ignored"},
            {"outcome": {}},
            {"outcomeTimestamp": "2026-02-03"},
            {"outcomeTimestamp": None},
            {"overrideReason": "none"},
        ],
    )
    def test_bad_entries(self, client: TestClient, change: dict[str, Any]) -> None:
        """An entry that is not one is refused, with its place."""
        answer = self.send(client, self.ENTRY | change)
        assert answer.status_code == 400
        assert answer.json()["issue"][0]["expression"] == [f"feedback[0].{next(iter(change))}"]

    def test_no_entries(self, client: TestClient) -> None:
        """Feedback without an entry, and an entry that is no object, are refused; a reason in words of its own is not logged."""
        assert self.send(client).status_code == 400
        assert self.send(client, "x").status_code == 400
        LOGGED.clear()
        assert self.send(client, self.ENTRY | {"overrideReason": {"reason": {"code": "Janefirst"}}}).status_code == 200
        assert self.send(client, self.ENTRY | {"overrideReason": {"reason": 7}}).status_code == 200
        assert "Janefirst" not in str(LOGGED)


def test_nothing_of_a_patient(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is sent, no name, number, birthday or address is in a log; in answers, only the draft that the format requires whole."""
    LOGGED.clear()
    requests = [call(hook) for hook in HOOKS] + [call() | changes for changes, _ in BAD.values()]
    requests += [call("order-sign", draft(text={"div": "Lastsmith"}), prefetch={"patient": PATIENT})]
    requests += [call(extension={"tarlatamab-rules": {"point": "C1D1", "plannedStart": 4711}})]
    for request in requests:
        document = post(client, request, "order-sign" if request["hook"] not in HOOKS else request["hook"]).json()
        for card in document.get("cards", ()):
            for suggestion in card.pop("suggestions", ()):
                assert suggestion["actions"][0].get("resource", {}).get("name") is None
        assert [secret for secret in SECRETS if secret in json.dumps(document)] == []
    client.get("/p-secret-1/MRN-4711?name=Lastsmith")
    client.request("JANEFIRST", "/assess")
    logged = str(LOGGED) + "".join(capsys.readouterr())
    assert [secret for secret in SECRETS if secret.lower() in logged.lower()] == []
    assert {entry["route"] for entry in LOGGED} == {"/cds-services/{id}", "/assess", "none"}


# --- limits ---


def test_the_token(tmp_path: Path) -> None:
    """Without the token nothing but health is answered; with it everything; a file without one is refused at the start."""
    file = tmp_path / "token"
    file.write_text("a-long-random-token\n", encoding="utf-8")
    with TestClient(service(Settings(token_file=str(file)), keep)) as client:
        assert client.get("/cds-services").status_code == 401
        assert client.get("/cds-services", headers={"Authorization": "Bearer another"}).status_code == 401
        assert client.get("/cds-services", headers={"Authorization": "Basic a-long-random-token"}).status_code == 401
        assert client.get("/cds-services", headers={"Authorization": "bearer a-long-random-token"}).status_code == 200
        assert client.get("/health").status_code == 200
        assert client.get("/ready").status_code == 200
        document = client.get("/openapi.json", headers={"Authorization": "Bearer a-long-random-token"}).json()
        assert document["security"] == [{"token": []}]
    file.write_text("short", encoding="utf-8")
    with pytest.raises(FieldError, match="no token of at least 16 characters"):
        service(Settings(token_file=str(file)), keep)
    with pytest.raises(FileNotFoundError):
        service(Settings(token_file=str(tmp_path / "none")), keep)


def test_origins() -> None:
    """A page of an allowed origin may call the service, asking first without a token; another origin is not named."""
    with TestClient(service(Settings(origins=("https://ehr.example",)), keep)) as client:
        asks = {"Origin": "https://ehr.example", "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        answer = client.options("/cds-services/tarlatamab-order-sign", headers=asks)
        assert answer.headers["access-control-allow-origin"] == "https://ehr.example"
        answer = client.get("/cds-services", headers={"Origin": "https://other.example"})
        assert "access-control-allow-origin" not in answer.headers


def test_not_ready() -> None:
    """Before it has started, a service is alive and not ready."""
    client = TestClient(service(Settings(path="/cds"), keep))
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 503
    assert client.get("/openapi.json").json()["servers"] == [{"url": "/cds"}]


async def _sent(app: Any, messages: Any, path: str = "/assess", kind: str = "http") -> list[dict[str, Any]]:
    """What an application sends for what it receives."""
    sent: list[dict[str, Any]] = []
    scope = {
        "type": kind,
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }

    async def send(message: dict[str, Any]) -> None:
        sent.append(dict(message))

    await app(scope, messages, send)
    return sent


def test_a_slow_body() -> None:
    """A body that does not arrive in time is answered with 408, and the place is free again."""

    async def never() -> dict[str, Any]:
        await anyio.sleep(60)
        return {}

    guard = Guard(service(Settings(), keep), Settings(seconds=0.05), keep)
    sent = anyio.run(_sent, guard, never)
    assert sent[0]["status"] == 408
    assert guard.active == 0


def test_a_client_that_goes_away() -> None:
    """A client that leaves in the middle of its body is no error."""
    parts: list[dict[str, Any]] = [{"type": "http.request", "body": b'{"point"', "more_body": True}, {"type": "http.disconnect"}]
    messages = iter(parts)

    async def leaves() -> dict[str, Any]:
        return next(messages)

    sent = anyio.run(_sent, Guard(service(Settings(), keep), Settings(), keep), leaves)
    assert sent[0]["status"] == 422


async def _body() -> dict[str, Any]:
    return {"type": "http.request", "body": b"{}", "more_body": False}


def test_a_slow_answer() -> None:
    """Work that takes too long is answered with 503, and asked to come back."""

    async def slow(_scope: Any, _receive: Any, _send: Any) -> None:
        await anyio.sleep(60)

    sent = anyio.run(_sent, Guard(slow, Settings(seconds=0.05), keep), _body)
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"1") in sent[0]["headers"]


def test_an_error_of_our_own() -> None:
    """An unexpected error is answered with 500; the log has its kind and its place, and no value."""

    async def broken(_scope: Any, receive: Any, _send: Any) -> None:
        first, again = await receive(), await receive()
        raise RuntimeError(first, again)

    LOGGED.clear()
    sent = anyio.run(_sent, Guard(broken, Settings(), keep), _body)
    assert sent[0]["status"] == 500
    assert LOGGED[0]["error"] == "RuntimeError"
    assert str(LOGGED[0]["place"]).startswith("test_service.py:")


def test_an_error_after_the_answer_began() -> None:
    """If the answer has begun, nothing more is sent."""

    async def half(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        raise RuntimeError

    sent = anyio.run(_sent, Guard(half, Settings(), keep), _body)
    assert [message["type"] for message in sent] == ["http.response.start"]


def test_too_many_at_a_time() -> None:
    """One request more than allowed is answered with 503 at once; health is still answered."""

    async def two(guard: Guard) -> list[int]:
        statuses = []
        release = anyio.Event()

        async def slow(scope: Any, _receive: Any, send: Any) -> None:
            if scope["path"] == "/assess":
                await release.wait()
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b""})

        guard.app = slow
        async with anyio.create_task_group() as group:

            async def first() -> None:
                statuses.append((await _sent(guard, _body))[0]["status"])

            group.start_soon(first)
            await anyio.sleep(0.01)
            statuses.append((await _sent(guard, _body))[0]["status"])
            statuses.append((await _sent(guard, _body, "/health"))[0]["status"])
            release.set()
        return statuses

    guard = Guard(service(Settings(), keep), Settings(concurrency=1), keep)
    assert anyio.run(two, guard) == [503, 200, 200]


def test_what_is_not_http() -> None:
    """Other kinds of calls are passed on."""

    async def noted(scope: Any, _receive: Any, _send: Any) -> None:
        LOGGED.append({"kind": scope["type"]})

    anyio.run(_sent, Guard(noted, Settings(), keep), _body, "/", "lifespan")
    assert LOGGED[-1] == {"kind": "lifespan"}


def test_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the log is one object of JSON, with the time."""
    log_line(event="started")
    line = json.loads(capsys.readouterr().err)
    assert line["event"] == "started"
    assert line["time"].endswith("Z")


def test_what_the_server_logs() -> None:
    """What the server itself logs is a line as well, without the values and the traceback that belong to it."""
    logging.config.dictConfig({**CONFIGURATION, "loggers": {}})
    record = logging.LogRecord("uvicorn", logging.ERROR, "", 1, "failed for %s\n", ("Janefirst",), None)
    line = json.loads(OneLine().format(record))
    assert (line["event"], line["level"], line["says"]) == ("server", "error", "failed for %s")


# --- settings and the command ---


@pytest.mark.parametrize("change", [{"body": 0}, {"seconds": -1}, {"concurrency": "64"}, {"concurrency": True}])
def test_settings(change: dict[str, Any]) -> None:
    """A limit is a positive number."""
    with pytest.raises(FieldError, match=r"positive number"):
        Settings(**change)


def test_settings_of_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of a service have the settings of the one that started them; without any, the defaults."""
    settings = Settings(body=1000, origins=("https://ehr.example",), rulebook="us-2025-11")
    for name, value in settings.kept().items():
        monkeypatch.setenv(name, value)
    assert Settings.from_environment() == settings
    assert callable(from_environment())
    monkeypatch.delenv("TARLATAMAB_SERVICE")
    assert Settings.from_environment() == Settings()


def test_no_such_book() -> None:
    """A service with an unknown book does not start."""
    with pytest.raises(UnknownRulebookError):
        service(Settings(rulebook="us-1999"), keep)


def _options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_to(parser.add_subparsers())
    return parser.parse_args(["serve", *arguments])


def test_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command passes its options on, and listens on this machine alone."""
    ran: dict[str, Any] = {}
    monkeypatch.setattr("uvicorn.run", lambda target, **options: ran.update(options, target=target))
    monkeypatch.setenv("TARLATAMAB_SERVICE", "{}")
    assert command.run(_options("--workers", "2", "--body", "1000", "--origin", "https://ehr.example")) == 0
    assert (ran["host"], ran["port"], ran["workers"]) == ("127.0.0.1", 8080, 2)
    assert ran["timeout_graceful_shutdown"] == 15
    assert json.loads(os.environ["TARLATAMAB_SERVICE"])["body"] == 1000


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--workers", "0"), ("--seconds", "soon"), ("--body", "-1"), ("--port", "٣")])
def test_options(arguments: tuple[str, str]) -> None:
    """An option that is no number in range is named."""
    with pytest.raises(FieldError, match=f"^{arguments[0]}: "):
        command.run(_options(*arguments))


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the packages of the service the error names the extra."""
    monkeypatch.setitem(sys.modules, "anyio", None)
    monkeypatch.delitem(sys.modules, "tarlatamab_rules.service.app")
    with pytest.raises(ImportError, match=r"pip install 'tarlatamab-rules\[service\]'"):
        import_module("tarlatamab_rules.service.app")
    with pytest.raises(FieldError, match=r"pip install 'tarlatamab-rules\[service\]'"):
        command.run(_options("--host", "127.0.0.1"))


def test_the_services() -> None:
    """Each hook has one service, and its id names the hook."""
    assert [(name, entry.hook) for name, entry in SERVICES.items()] == [(f"tarlatamab-{hook}", hook) for hook in HOOKS]
    assert app_module.__all__ == ["from_environment", "service"]

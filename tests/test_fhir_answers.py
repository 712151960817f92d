"""The answers of a QuestionnaireResponse of FHIR R4 as facts of a case."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import evolve

from fhir_resources import ICD, Resource, alone, dose, event, imported, item, lab, observation, patient, quantity, response
from tarlatamab_rules import Amount, CrsFindings, GivenDose, LabResult, NeuroFindings, Patient, ToxicityEvent, assess_case
from tarlatamab_rules.formats.fhir import Fate

USED = "QuestionnaireResponse: used as"
PATIENT: list[tuple[Resource, dict[str, Any]]] = [
    (item("patient.pregnant", valueBoolean=False), {"pregnant": False}),
    (item("patient.breastfeeding", valueBoolean=True), {"breastfeeding": True}),
    (item("patient.infection", valueCoding={"code": "none"}), {"infection": "none"}),
    (item("patient.diagnosis", valueString="extensive-stage-sclc"), {"diagnosis": "extensive-stage-sclc"}),
    (item("patient.progressed_after_platinum", valueBoolean=True), {"progressed_after_platinum": True}),
    (item("patient.age_years", valueInteger=63), {"age_years": 63}),
    (item("patient.age_years", valueDecimal=63.0), {"age_years": 63}),
]


@pytest.mark.parametrize(("answer", "facts"), PATIENT)
def test_a_fact_of_the_patient(answer: Resource, facts: dict[str, Any]) -> None:
    """An item whose linkId is the path of a fact states it."""
    found, entry = alone(response(answer))
    assert found.case.patient == Patient(**{"age_years": 63, **facts})
    assert entry == f"{USED} {answer['linkId']}"


WRONG: list[tuple[str, Resource, str]] = [
    ("a word for a yes", item("patient.pregnant", valueString="no"), "unclear: an answer is not true or false"),
    ("a word that is none", item("patient.infection", valueCoding={"code": "Sherman"}), "unclear: an answer is not possible for its fact"),
    ("a coding without a code", item("patient.infection", valueCoding={}), "unclear: an answer is not a word"),
    ("an age that is none", item("patient.age_years", valueInteger=400), "unclear: an answer is not possible for its fact"),
    ("an age as a text", item("patient.age_years", valueString="63"), "unclear: an answer is not a number"),
    ("half a grade", item("events.crs.grade", valueDecimal=2.5), "unclear: an answer is not a whole number"),
    ("a grade in words", item("events.crs.grade", valueCoding={"code": "severe"}), "unclear: an answer is not a whole number"),
    (
        "a day that is none",
        item("labs.alt.collected", valueDate="today"),
        "unclear: valueDate is not a date, and not a time with a UTC offset",
    ),
    ("a month", item("events.crs.onset", valueDate="2025-10"), "unclear: an answer is not a day or a time"),
    (
        "a result that is not there",
        item("labs.alt.upper_limit", valueQuantity=quantity(40, "U/L")),
        "unclear: it answers about a result that was not passed",
    ),
    (
        "two answers",
        {"linkId": "patient.pregnant", "answer": [{"valueBoolean": True}, {"valueBoolean": False}]},
        "unclear: an item has several answers",
    ),
    ("events, and not which", item("events", valueBoolean=True), "unclear: it says that there were some, and not which"),
    ("a dose that is none", item("course.C1D2.amount", valueQuantity=quantity(1, "mg")), "unclear: an answer is not possible for its fact"),
    ("a dose in the wrong place", item("course[3].complete", valueBoolean=True), "unclear: it answers about a dose that was not passed"),
    (
        "a dose after the planned start",
        item("course.C1D1.started", valueDate="2025-10-09"),
        "unclear: an answer says that a dose was given after the planned start",
    ),
    (
        "an amount that is none",
        item("course.C1D1.amount", valueQuantity=quantity(0, "mg")),
        "unclear: an answer is not possible for its dose",
    ),
    ("an order in litres", item("ordered", valueQuantity=quantity(1, "L")), "unclear: the code of its unit is not a unit of a mass"),
    (
        "an answer that is no object",
        {"linkId": "patient.pregnant", "answer": [7]},
        "unclear: answer is not a list of objects, so this is not FHIR R4",
    ),
    ("no answer", {"linkId": "patient.pregnant"}, "unused: it answers nothing"),
    ("a negative event", item("events.crs", valueBoolean=False), "unused: it says that there was no such event"),
]
WRONG += [
    (path, item(path, valueBoolean=True), "unused: 1 of its items is not a fact of a case")
    for path in (
        "Sherman",
        "patient",
        "patient.name",
        "patient.pregnant.since",
        "patient[0]",
        "ordered.by",
        "labs",
        "labs.glucose",
        "labs.alt.name",
        "labs[0]",
        "labs[7].collected",
        "events.crs.name",
        "events.sepsis",
        "events.findings",
        "events[0].grade",
        "findings",
        "findings.crs",
        "findings.tls.ice",
        "findings.crs.ice",
        "course.C1D1",
        "course.C1D1.point",
        "planned_start",
        "point",
        "",
    )
]


@pytest.mark.parametrize(("answer", "line"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_an_answer_that_states_nothing(answer: Resource, line: str) -> None:
    """An answer that cannot be a fact of its path is unclear or no fact; the case has none of it. What it is about is not known."""
    found, entry = alone(response(answer))
    assert entry == f"QuestionnaireResponse: {line}"
    known = imported(patient()).case
    if line.startswith("unclear") and answer["linkId"] == "patient.age_years":
        known = evolve(known, patient=evolve(known.patient, age_years=None))
    assert found.case == known


def test_one_bad_answer_does_not_lose_the_others() -> None:
    """Beside an answer that cannot be read, the others count; items within items and answers are read."""
    nested: Resource = {
        "linkId": "group",
        "item": [
            item("patient.pregnant", valueString="no"),
            {"linkId": "x", "answer": [{"valueBoolean": True, "item": [item("patient.infection", valueCoding={"code": "none"})]}]},
        ],
    }
    found, entry = alone(response(nested))
    assert found.case.patient == Patient(age_years=63, infection="none")
    assert entry == (
        "QuestionnaireResponse: unclear as patient.infection: an answer is not true or false; 1 of its items is not a fact of a case"
    )


STATUS: list[tuple[dict[str, Any], str]] = [
    ({"status": "in-progress"}, "unclear: it is not completed"),
    ({"status": "stopped"}, "unclear: it was not completed"),
    ({"status": "entered-in-error"}, "unused: it was entered in error"),
    ({"status": None}, "unclear: its status is not known"),
    ({"authored": "2025-09-30"}, "unclear: it was answered more than 7 days before the planned start"),
    ({"authored": "x"}, "unclear: authored is not a date, and not a time with a UTC offset"),
    ({"subject": {"reference": "Patient/q"}}, "unclear: it is about another patient than the rest"),
    ({"subject": {"display": "x"}}, "unclear: it does not say whose it is"),
    ({"authored": None}, "unclear: it does not say on which day it was answered"),
    ({"status": "amended"}, "used as patient.pregnant"),
    ({"subject": {"reference": "Patient/p"}}, "used as patient.pregnant"),
]


@pytest.mark.parametrize(("more", "line"), STATUS)
def test_which_responses_count(more: dict[str, Any], line: str) -> None:
    """A completed response counts for a week from its day, and need not say whose it is."""
    _, entry = alone(response(item("patient.pregnant", valueBoolean=True), **more))
    assert entry == f"QuestionnaireResponse: {line}"


def test_results() -> None:
    """A result has its value, and its date and limits if they are answered too; a limit alone completes a result that lacks it."""
    found = imported(
        patient(),
        lab("1920-8", 28, "U/L"),
        response(
            item("labs.alt", valueQuantity=quantity(31, "U/L", comparator="<")),
            item("labs.alt.upper_limit", valueQuantity=quantity(40, "U/L")),
            item("labs.alt.collected", valueDateTime="2025-10-07T06:00:00Z"),
            item("labs.ast.upper_limit", valueQuantity=quantity(0.6, "ukat/L")),
            item("labs[0].lower_limit", valueQuantity=quantity(5, "U/L")),
        ),
    )
    drawn = datetime.fromisoformat("2025-10-07T08:00:00+02:00")
    assert found.case.labs == (
        LabResult("ast", "28 U/L", drawn, "5 U/L", "36 U/L"),
        LabResult("alt", "<31 U/L", datetime(2025, 10, 7, 6, tzinfo=UTC), upper_limit="40 U/L"),
    )
    assert found.report.entries[2].facts == ("labs[0].lower_limit", "labs[1]", "labs[0].upper_limit")
    contradiction = response(item("labs[0].collected", valueDate="2025-10-01"))
    assert imported(patient(), lab("1920-8", 28, "U/L"), contradiction).report.entries[2].why == (
        "an answer contradicts what a resource states",
    )


@pytest.mark.parametrize("value", [{"valueDecimal": 30}, {"valueQuantity": quantity(-1, "U/L")}])
def test_a_result_that_cannot_be_read(value: dict[str, Any]) -> None:
    """An answered result that cannot be read counts with an unknown value, so that no older one counts in its place."""
    found, entry = alone(response(item("labs.alt", **value)))
    assert found.case.labs == (LabResult("alt", ">=0 U/L"),)
    assert entry.startswith("QuestionnaireResponse: unclear as labs[0]: ")


def test_events_and_findings() -> None:
    """A new episode is made of its answers; one that a resource states is completed; findings are those of now."""
    found = imported(
        patient(),
        event(ICD, "D89.83", date="2025-10-02"),
        response(
            item("events[0].grade", valueCoding={"code": "2"}),
            item("events[0].status", valueCoding={"code": "resolved"}),
            item("events[0].findings.temperature", valueQuantity=quantity(38.5, "Cel")),
            item("events.icans.grade", valueInteger=1),
            item("events.icans.onset", valueDate="2025-10-03"),
            item("events.infection", valueBoolean=True),
            item("findings.icans.ice", valueInteger=10),
            {"linkId": "findings.icans.symptoms", "answer": [{"valueCoding": {"code": "confusion"}}, {"valueString": "seizures"}]},
            item("findings.crs.oxygen", valueCoding={"code": "none"}),
        ),
    )
    assert found.case.events == (
        ToxicityEvent("crs", 2, status="resolved", onset=date(2025, 10, 2), findings=CrsFindings(temperature="38.5 Cel")),
        ToxicityEvent("icans", 1, onset=date(2025, 10, 3)),
        ToxicityEvent("infection"),
    )
    assert found.case.findings == (NeuroFindings(ice=10, symptoms=["confusion", "seizures"]), CrsFindings(oxygen="none"))
    assert found.report.entries[2].fate is Fate.USED


BAD_EVENTS: list[tuple[list[Resource], tuple[str, ...], tuple[ToxicityEvent, ...]]] = [
    (
        [item("events[0].grade", valueInteger=3)],
        ("an answer states a worse grade than a resource, and counts",),
        (ToxicityEvent("crs", 3),),
    ),
    ([item("events[0].grade", valueInteger=1)], ("an answer contradicts what a resource states",), (ToxicityEvent("crs", 2),)),
    (
        [
            item("events[0].findings.ice", valueInteger=3),
            item("events[0].findings", valueBoolean=True),
            item("events[0]", valueBoolean=True),
        ],
        ("3 of its items are not facts of a case",),
        (ToxicityEvent("crs", 2),),
    ),
    (
        [item("events.crs.status", valueCoding={"code": "active"}), item("events.crs.resolved", valueDate="2025-10-02")],
        ("the answers about an event are not possible together",),
        (ToxicityEvent("crs", 2), ToxicityEvent("crs")),
    ),
    ([item("events", valueBoolean=False)], ("it says that there were none, and a resource states one",), (ToxicityEvent("crs", 2),)),
    (
        [item("events.crs", valueBoolean=False), item("events.crs.grade", valueInteger=1)],
        (),
        (ToxicityEvent("crs", 2), ToxicityEvent("crs", 1)),
    ),
]


@pytest.mark.parametrize(("items", "why", "events"), BAD_EVENTS)
def test_answers_about_events_that_disagree(items: list[Resource], why: tuple[str, ...], events: tuple[ToxicityEvent, ...]) -> None:
    """An answer never changes what a resource states, and no episode is lost."""
    found = imported(patient(), event(ICD, "D89.832"), response(*items))
    assert found.case.events == events
    assert found.report.entries[2].why == why


def test_none_of_them() -> None:
    """No events and no doses are facts, if the response says so; a bare item with a field says nothing."""
    found = imported(
        patient(),
        response(item("events", valueBoolean=False), item("course", valueBoolean=False), item("events[0]", valueBoolean=False)),
    )
    assert found.case.events == ()
    assert found.case.course is not None
    assert found.case.course.doses == ()


def test_doses() -> None:
    """A dose is completed by its point or its place; one that no administration states is added."""
    found = imported(
        patient(),
        dose("2025-10-01", dosage=None),
        response(
            item("course.C1D1.amount", valueQuantity=quantity(1, "mg")),
            item("course[0].ended", valueDate="2025-10-01"),
            item("course.C1D1.started", valueDate="2025-09-30"),
            item("ordered", valueQuantity=quantity(10, "mg")),
        ),
    )
    assert found.case.course is not None
    assert found.case.course.doses == (GivenDose("C1D1", date(2025, 10, 1), "1 mg", date(2025, 10, 1), complete=True),)
    assert found.case.ordered == Amount(10, "mg")
    assert found.report.entries[2].why == ("an answer contradicts what a resource states",)
    added = imported(patient(), response(item("course.C1D1.amount", valueQuantity=quantity(1, "mg"))))
    assert added.case.course is not None
    assert added.case.course.doses == (GivenDose("C1D1", None, "1 mg"),)
    none = imported(patient(), dose("2025-10-01"), response(item("course", valueBoolean=False)))
    assert none.report.entries[2].why == ("it says that there were none, and a resource states one",)
    other = imported(patient(), response(item("ordered", valueQuantity=quantity(10, "mg"))), ordered="1 mg")
    assert other.case.ordered == Amount(1, "mg")
    assert other.report.entries[1].why == ("another ordered amount is stated",)


def test_an_answer_against_a_resource() -> None:
    """An answer that disagrees with a resource leaves the fact unknown, and both are unclear."""
    found = imported(patient(), observation("2106-3", valueBoolean=True), response(item("patient.pregnant", valueBoolean=False)))
    assert found.case.patient.pregnant is None
    assert [entry.fate for entry in found.report.entries] == [Fate.USED, Fate.UNCLEAR, Fate.UNCLEAR]


def test_too_many_items() -> None:
    """A response with more items than any form is unclear."""
    _, entry = alone(response(*[item("x", valueBoolean=True)] * 10_001))
    assert entry == "QuestionnaireResponse: unclear: it has too many items"


def test_ask_answer_assess() -> None:
    """What an assessment misses can be answered by its paths, and is then no longer missing."""
    resources = [patient(), dose("2025-10-01T09:00:00+02:00"), event(ICD, "D89.83", date="2025-10-02")]
    before = assess_case(imported(*resources).case)
    assert {"events[0].grade", "patient.infection", "labs.platelets"} <= set(before.missing)
    answers = response(
        item("events[0].grade", valueInteger=1),
        item("events[0].status", valueCoding={"code": "resolved"}),
        item("patient.infection", valueCoding={"code": "none"}),
        item("patient.pregnant", valueBoolean=False),
        item("labs.platelets", valueQuantity=quantity(187, "10*3/uL")),
        item("labs.platelets.collected", valueDate="2025-10-07"),
    )
    after = assess_case(imported(*resources, answers).case)
    assert set(before.missing) - set(after.missing) >= {"events[0].grade", "patient.infection", "patient.pregnant", "labs.platelets"}

"""Faults that an attack on records found: what is unclear in them is not known in the case, whatever else is stated."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from fhir_resources import ICD, LOINC, alone, concept, condition, event, imported, item, lab, observation, patient, quantity, response
from tarlatamab_rules import Case, CrsFindings, NeuroFindings, Patient, ToxicityEvent

TODAY = "2025-10-08T07:00:00+02:00"
CRS = condition(ICD, "D89.831", "resolved", onsetDateTime="2025-10-02", abatementDateTime="2025-10-03")
SEIZURE = condition(ICD, "R56.9", onsetDateTime="2025-10-07")
ALL = {"complete": ["events", "course"]}


class TestEvents:
    """Conditions that may be toxicities."""

    def test_alone(self) -> None:
        """Convulsions may be neurotoxicity: the events are not known."""
        assert imported(patient(), SEIZURE, **ALL).case.events is None

    def test_beside_a_known_event(self) -> None:
        """A known event makes the doubt no smaller: the other one is in the case as a toxicity of an unknown grade."""
        found = imported(patient(), CRS, SEIZURE, **ALL)
        crs, other = found.case.events or ()
        assert (crs.toxicity, crs.resolved) == ("crs", date(2025, 10, 3))
        assert other == ToxicityEvent("other", status="active")
        assert found.report.entries[2].facts == ("events[1]",)

    def test_by_its_words(self) -> None:
        """So is one whose words name a toxicity, and whose code is not read."""
        by_words = condition("http://example.org", "7", code={"text": "suspected cytokine storm"})
        found = imported(patient(), CRS, by_words, **ALL)
        assert (found.case.events or ())[1] == ToxicityEvent("other")

    def test_a_worse_grade_in_an_answer(self) -> None:
        """An answer states grade 4 of an episode that a resource states as grade 1: the worse counts; a milder one does not."""
        worse = imported(patient(), CRS, response(item("events[0].grade", valueInteger=4)), **ALL)
        assert [each.grade for each in worse.case.events or ()] == [4]
        assert worse.report.to_settle
        milder = imported(patient(), event(ICD, "D89.833"), response(item("events[0].grade", valueInteger=1)), **ALL)
        assert [each.grade for each in milder.case.events or ()] == [3]


UNREAD: list[tuple[Any, str, Any]] = [
    (item("events", valueBoolean=True), "events", None),
    (item("course", valueBoolean=True), "course", None),
    (item("patient.infection", valueCoding={"code": "uncontroled"}), "infection", None),
    (
        {"linkId": "patient.infection", "answer": [{"valueCoding": {"code": "none"}}, {"valueCoding": {"code": "uncontrolled"}}]},
        "infection",
        None,
    ),
    (item("findings.crs.oxygen", valueCoding={"code": "lowflow"}), "findings", (CrsFindings(),)),
    (
        {"linkId": "findings.crs.temperature", "answer": [{"valueQuantity": quantity(degrees, "Cel")} for degrees in (36.6, 39.6)]},
        "findings",
        (CrsFindings(),),
    ),
    (item("findings.icans.seizure", valueBoolean=True), "findings", (NeuroFindings(),)),
]


@pytest.mark.parametrize(("answer", "fact", "expected"), UNREAD)
def test_an_answer_that_cannot_be_read(answer: Any, fact: str, expected: Any) -> None:
    """What it is about is not known, also where the list is said to be whole: an answer is never dropped."""
    found = imported(patient(), response(answer), **ALL)
    case = found.case
    assert getattr(case.patient if fact == "infection" else case, fact) == expected
    assert found.report.to_settle


def test_an_answer_that_cannot_be_read_beside_one_that_can() -> None:
    """Of one part of the findings the others stand."""
    found = imported(
        patient(), response(item("findings.crs.oxygen", valueBoolean=True), item("findings.crs.hypotension", valueCoding={"code": "none"}))
    )
    assert found.case.findings == (CrsFindings(hypotension="none"),)


@pytest.mark.parametrize(
    "resource",
    [
        lab("8310-5", 38.6, "Cel", effectiveDateTime=TODAY, status="preliminary"),
        lab("8310-5", 101.5, "Cel", effectiveDateTime=TODAY),
        observation("8310-5", effectiveDateTime=TODAY, valueQuantity={"value": 38.6}),
        {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/p"}, "code": concept(LOINC, "8310-5")}
        | {"valueQuantity": quantity(38.6, "Cel")},
    ],
)
def test_a_temperature_that_is_unclear(resource: Any) -> None:
    """A preliminary, impossible, undated temperature, or one without a unit, may be a fever: the findings are not known."""
    found, line = alone(resource)
    assert found.case.findings == (CrsFindings(),)
    assert "it counts as a temperature of unknown value" in line
    assert found.report.to_settle


def test_a_temperature_of_yesterday_that_is_unclear() -> None:
    """It is no finding of now."""
    assert alone(lab("8310-5", 38.6, "Cel", status="preliminary"))[0].case.findings is None


def test_a_patient_who_died() -> None:
    """The report calls the age unclear, and the case has none."""
    assert imported(patient(deceasedDateTime="2025-10-05")).case.patient.age_years is None


@pytest.mark.parametrize("findings", [[CrsFindings()], [NeuroFindings()], [CrsFindings(), NeuroFindings()]])
def test_findings_of_which_nothing_is_known_are_shown(findings: Any) -> None:
    """A case with them can be printed, as text and in a notebook."""
    case = Case(patient=Patient(), point="C1D8", findings=findings)
    for finding in findings:
        says = f"{'Crs' if isinstance(finding, CrsFindings) else 'Neuro'} findings: not known"
        assert says in str(case)
        assert says in case._repr_html_()

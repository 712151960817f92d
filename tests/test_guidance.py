"""What goes out as FHIR: guidance with its actions, issues that forbid a dose, and the plan of a course."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from fhirkit_checks import faults_of
from tarlatamab_rules import Case, Verdict, assess_case, read_case, strategies
from tarlatamab_rules.answers import Instruction, Modality
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.course.care_plan import care_plan
from tarlatamab_rules.course.cases import plan_case
from tarlatamab_rules.course.strategies import plans
from tarlatamab_rules.formats.fhir.activities import of_instruction
from tarlatamab_rules.formats.fhir.guidance import detected_issues, guidance_response
from tarlatamab_rules.inputs.units import Amount

ROOT = Path(__file__).parents[1]
CPG = "http://hl7.org/fhir/uv/cpg/CodeSystem/cpg-activity-type-cs"


def assessed(name: str) -> Any:
    """The assessment of an example."""
    return assess_case(read_case((ROOT / "examples" / f"{name}.json").read_text(encoding="utf-8")))


def actions_of(resource: dict[str, Any]) -> list[tuple[str, str]]:
    """Each action of a guidance, by its kind and its title."""
    (group,) = resource["contained"]
    assert all(action["code"][0]["coding"][0]["system"] == CPG for action in group["action"])
    return [(action["code"][0]["coding"][0]["code"], action["title"]) for action in group["action"]]


@pytest.mark.parametrize(
    ("name", "status", "on_the_drug"),
    [
        ("clean_c1d1", "success", "administer-medication"),
        ("c5d1_without_history", "data-required", "hold-activity"),
        ("controlled_infection", "success", "hold-activity"),
        ("crs_active", "success", "hold-activity"),
        ("pregnant", "success", "hold-activity"),
        ("half_unknown", "data-requested", "hold-activity"),
    ],
)
def test_the_drug(name: str, status: str, on_the_drug: str) -> None:
    """The first action is on the drug, and the status says whether data are missing: required before the dose, or only wanted."""
    resource = guidance_response(assessed(name))
    assert resource["status"] == status
    assert actions_of(resource)[0][0] == on_the_drug


def test_a_drug_that_is_stopped() -> None:
    """A toxicity that stops the drug for good is a stop, and its source is cited with the address that opens it."""
    case = read_case({"point": "C1D8", "course": [{"point": "C1D1"}], "events": [{"toxicity": "crs", "grade": 4, "status": "active"}]})
    resource = guidance_response(assess_case(case, rulebook="us-2025-11"))
    action = resource["contained"][0]["action"][0]
    assert action["code"][0]["coding"][0]["code"] == "stop-activity"
    cited = action["documentation"][0]
    assert cited["type"] == "citation"
    assert cited["display"].startswith("US label 11/2025, Section 2")
    assert cited["url"].startswith("https://dailymed.nlm.nih.gov/")


def test_what_is_done_only_under_a_condition() -> None:
    """Giving the drug again, and stopping it for good later, are actions with a condition: no machine may carry them out as they are."""
    (group,) = guidance_response(assessed("crs_active"))["contained"]
    conditions = {action["code"][0]["coding"][0]["code"]: action.get("condition") for action in group["action"]}
    assert conditions["resume-activity"][0]["expression"]["description"] == "resolved"
    assert conditions["stop-activity"][0]["kind"] == "applicability"
    assert conditions["hold-activity"] is None


def test_a_toxicity_that_no_source_covers() -> None:
    """What no source covers adds no action but the one on the drug, and is never an order."""
    case = read_case({"point": "C1D8", "events": [{"toxicity": "other", "grade": 1, "status": "active"}]})
    resource = guidance_response(assess_case(case, rulebook="precautions-2025-09"))
    assert {kind for kind, title in actions_of(resource) if title.startswith("Another toxicity: ")} == {"report-flag"}


def test_the_open_half_of_a_plan() -> None:
    """What a source leaves open of a plan is a flag beside the hours, with the statement that leaves it open."""
    case = read_case(
        {
            "point": "C1D8",
            "course": [{"point": "C1D1"}],
            "events": [{"toxicity": "crs", "grade": 2, "onset": "2025-12-02", "resolved": "2025-12-03"}],
        }
    )
    resource = guidance_response(assess_case(case, rulebook="eu-2026"))
    (longer,) = [
        action
        for action in resource["contained"][0]["action"]
        if action["title"] == "Monitoring: A clinician decides how much longer than these hours to monitor."
    ]
    assert longer["code"][0]["coding"][0]["code"] == "report-flag"
    assert [document["display"].startswith("EU label") for document in longer["documentation"]] == [True]
    infusion = "Infusion: A clinician decides: Duration, volume, constant rate and transfer devices are not confirmed."
    assert ("report-flag", infusion) in actions_of(resource)


def test_missing_facts() -> None:
    """Each missing fact is a data requirement, with its resource, its codes and its path, and is to be found out."""
    resource = guidance_response(assess_case(read_case({"point": "C1D1"})))
    by_path = {part["extension"][0]["valueString"]: part for part in resource["dataRequirement"]}
    assert by_path["patient.age_years"]["type"] == "Patient"
    assert by_path["patient.diagnosis"]["type"] == "Condition"
    assert by_path["patient.pregnant"]["type"] == "Observation"
    assert {"system": "http://loinc.org", "code": "1742-6"} in by_path["labs.alt"]["codeFilter"][0]["code"]
    assert ("collect-information", "Find out: pregnancy test") in actions_of(resource)


def test_the_subject() -> None:
    """The reference that the caller passes is the only thing that names the patient."""
    resource = guidance_response(assessed("crs_active"), subject="Patient/1", occurred=datetime(2026, 2, 3, tzinfo=UTC))
    assert resource["subject"] == resource["contained"][0]["subject"] == {"reference": "Patient/1"}
    assert resource["occurrenceDateTime"] == "2026-02-03T00:00:00+00:00"
    assert "subject" not in guidance_response(assessed("crs_active"))
    (issue,) = detected_issues(assessed("crs_active"), subject="Patient/1")
    assert issue["patient"] == {"reference": "Patient/1"}


@pytest.mark.parametrize("subject", ["Jane Doe", "Practitioner/1", "Patient/1 Jane", 7, ""])
def test_no_subject(subject: Any) -> None:
    """What is no reference of a patient is refused, and not repeated in the resource."""
    with pytest.raises(FieldError, match=r"pass it like 'Patient/1'"):
        guidance_response(assessed("crs_active"), subject=subject)


def test_a_moment_without_an_offset() -> None:
    """FHIR has no moment without a UTC offset."""
    with pytest.raises(FieldError, match="has no UTC offset"):
        guidance_response(assessed("crs_active"), occurred=datetime(2026, 2, 3))  # noqa: DTZ001  # on purpose


@pytest.mark.parametrize(
    ("item", "code"),
    [
        (Instruction(Modality.AVOID, "live vaccines"), "report-flag"),
        (Instruction(Modality.GIVE, "dexamethasone", Amount(8, "mg")), "order-medication"),
        (Instruction(Modality.CONSIDER, "neurology consult"), "order-service"),
    ],
    ids=str,
)
def test_kinds_of_instructions(item: Instruction, code: str) -> None:
    """A drug is ordered, a measure is a service, and what is to be avoided is never an order."""
    assert of_instruction(item) == code


def test_issues() -> None:
    """Each part that forbids the dose is an issue, with its severity, its statement, its source, and what is done."""
    (issue,) = detected_issues(assessed("pregnant"))
    assert (issue["status"], issue["severity"]) == ("final", "high")
    assert issue["detail"] == "Eligibility: do not give the dose; the sources do not allow it for this patient"
    assert issue["mitigation"][0]["action"]["coding"][0]["code"] == "hold-activity"
    assert detected_issues(assessed("clean_c1d1")) == ()
    assert detected_issues(assess_case(read_case({"point": "C1D1"}))) == ()


@pytest.mark.thorough
@given(strategies.cases())
def test_guidance_of_every_case(case: Case) -> None:
    """What goes out is valid and has nothing empty; a dose that must not be given is never administered, and has an issue."""
    assessment = assess_case(case)
    resource, issues = guidance_response(assessment, subject="Patient/1"), detected_issues(assessment)
    assert faults_of(resource) == []
    assert [fault for issue in issues for fault in faults_of(issue)] == []
    first = actions_of(resource)[0][0]
    assert (first == "administer-medication") is (assessment.verdict is Verdict.PROCEED)
    assert (first == "stop-activity") is (assessment.verdict is Verdict.DISCONTINUE)
    assert bool(issues) is (assessment.verdict > Verdict.NEEDS_DATA)


class TestCarePlan:
    """The plan of a course as a CarePlan."""

    def test_entries(self) -> None:
        """Each entry is an activity, with its time, its kind, its words and its sources; a dose has its amount."""
        plan = plan_case(read_case({"point": "C1D1", "planned_start": "2026-02-02"}), rulebook="us-2025-11", cycles=1)
        resource = care_plan(plan, subject="Patient/1")
        assert len(resource["activity"]) == len(plan.entries)
        doses = [part["detail"] for part in resource["activity"] if "quantity" in part["detail"]]
        assert [(dose["quantity"]["value"], dose["scheduledPeriod"]["start"], dose["status"]) for dose in doses] == [
            (1, "2026-02-02", "scheduled"),
            (10, "2026-02-09", "scheduled"),
            (10, "2026-02-16", "scheduled"),
        ]
        assert all(dose["code"]["coding"][0]["code"] == "administer-medication" for dose in doses)
        assert "US label 11/2025" in doses[0]["description"]
        assert (resource["status"], resource["intent"], resource["subject"]) == ("draft", "proposal", {"reference": "Patient/1"})

    def test_a_moment_without_an_offset(self) -> None:
        """FHIR has no moment without a UTC offset, so the day is written, and the time is in the words."""
        plan = plan_case(read_case({"point": "C1D1", "planned_start": "2026-02-02T09:30:00"}), rulebook="us-2025-11", cycles=1)
        dose = next(part["detail"] for part in care_plan(plan, subject="Patient/1")["activity"] if "quantity" in part["detail"])
        assert dose["scheduledPeriod"]["start"] == "2026-02-02"
        assert "09:30" in dose["description"]

    def test_no_plan(self) -> None:
        """A course alone is not a plan, and a plan needs the reference of a patient."""
        with pytest.raises(FieldError, match="pass what plan_course gave"):
            care_plan([], subject="Patient/1")  # type: ignore[arg-type]  # on purpose
        plan = plan_case(read_case({"point": "C1D1", "planned_start": "2026-02-02"}), cycles=1)
        with pytest.raises(FieldError, match="pass it like"):
            care_plan(plan, subject="Jane Doe")

    @pytest.mark.thorough
    @given(plans())
    def test_every_plan(self, plan: Any) -> None:
        """Every plan is a valid CarePlan with nothing empty, and as many activities as entries."""
        resource = care_plan(plan, subject="Patient/1")
        assert faults_of(resource) == []
        assert len(resource.get("activity", ())) == len(plan.entries)
        assert json.dumps(resource)

"""What became of every fact of a case: `DoseAssessment.accounted`, by hand."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpers import PAGE, normal_labs, well
from tarlatamab_rules import CrsFindings, DoseAssessment, GivenDose, LabResult, NeuroFindings, ToxicityEvent, assess_dose, rulebooks
from tarlatamab_rules.answers import Accounted

US = "us-2025-11"
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = FIRST + timedelta(days=7)
DRAWN = SECOND - timedelta(days=1)
GIVEN = GivenDose("C1D1", FIRST, "1 mg", ended=FIRST + timedelta(hours=1))


def second(**changes: Any) -> DoseAssessment:
    """C1D8 of a well patient, with changes."""
    facts: dict[str, Any] = {"planned_start": SECOND, "course": [GIVEN], "labs": normal_labs(DRAWN), "events": ()}
    return assess_dose(well(), "C1D8", **(facts | changes))


def entry(assessment: DoseAssessment, path: str) -> Accounted:
    """What became of one fact."""
    (found,) = [each for each in assessment.accounted if each.path == path]
    return found


class TestResults:
    """Results are named by their place in the list that was passed."""

    def test_that_count(self) -> None:
        """The vote of an analyte rests on the result that counts."""
        found = entry(second(), "labs[3]")
        assert (found.fate, found.votes) == ("voted", ("labs.alt",))
        assert found.says == "ALT 20 U/L, grade 0: counts for the dose."

    @pytest.mark.parametrize(
        ("drawn", "fate", "why"),
        [
            (FIRST - timedelta(days=3), "not-counted", "it was not drawn after the previous dose"),
            (SECOND + timedelta(hours=1), "not-counted", "it was drawn after the planned start"),
            (None, "not-counted", "its date, or another date, is missing"),
        ],
    )
    def test_that_do_not(self, drawn: datetime | None, fate: str, why: str) -> None:
        """A normal result that does not count gives the reason, whatever follows it in the list."""
        labs = [LabResult("neutrophils", "5 10*9/L", drawn), *normal_labs(DRAWN)]
        found = entry(second(labs=labs), "labs[0]")
        assert (found.fate, found.votes) == (fate, ())
        assert why in found.says

    def test_of_before(self) -> None:
        """A low count since the first dose that a later one replaces is what the episode is read from."""
        labs = [LabResult("neutrophils", "0.8 10*9/L", FIRST + timedelta(days=2)), *normal_labs(DRAWN)]
        found = entry(second(labs=labs), "labs[0]")
        assert (found.fate, found.votes) == ("voted", ("labs.neutrophils",))
        assert "a later result counts" in found.says

    def test_severe_before_the_last_dose(self) -> None:
        """A clinician must look only at the severe one of two results from before the last dose."""
        old = [LabResult("creatinine", f"{value} mg/dL", FIRST - timedelta(days=day), None, "1.1 mg/dL") for value, day in ((1, 5), (8, 3))]
        found = second(labs=[*old, *normal_labs(DRAWN)])
        assert found.verdict == "needs-assessment"
        assert [(entry(found, f"labs[{n}]").fate, entry(found, f"labs[{n}]").votes) for n in (0, 1)] == [
            ("not-counted", ()),
            ("voted", ("labs.creatinine",)),
        ]

    def test_after_the_start(self) -> None:
        """A clinician must assess a bad result drawn after the planned start, and the report says so."""
        labs = [*normal_labs(DRAWN), LabResult("neutrophils", "0.3 10*9/L", SECOND + timedelta(hours=1))]
        found = entry(second(labs=labs), f"labs[{len(labs) - 1}]")
        assert (found.fate, found.votes) == ("voted", ("labs.neutrophils",))

    def test_pairs(self) -> None:
        """ALT and bilirubin that vote together are both named with that vote."""
        labs = normal_labs(
            DRAWN,
            alt=LabResult("alt", "160 U/L", DRAWN, upper_limit="40 U/L"),
            bilirubin=LabResult("bilirubin", "3 mg/dL", DRAWN, upper_limit="1.2 mg/dL"),
        )
        assessment = second(labs=labs)
        assert "labs.alt with labs.bilirubin" in entry(assessment, "labs[3]").votes
        assert "labs.alt with labs.bilirubin" in entry(assessment, "labs[5]").votes


def test_pickled() -> None:
    """A pickled or copied assessment accounts for the same, also by a policy of your own."""
    policy = rulebooks.default().overlay("our-hospital", {})
    for assessment in (second(ordered="10 mg"), second(rulebook=policy)):
        for again in (pickle.loads(pickle.dumps(assessment)), copy.deepcopy(assessment), copy.copy(assessment)):  # noqa: S301  # our own
            assert again == assessment
            assert again.accounted == assessment.accounted


class TestTheRest:
    """Doses, the order, events, findings and the patient."""

    def test_the_order(self) -> None:
        """A correct order is accounted for too."""
        found = entry(second(ordered="10 mg"), "ordered")
        assert (found.fate, found.votes) == ("voted", ("dose",))
        assert found.says == "10 mg is ordered, and 10 mg is due."

    def test_an_order_that_no_book_can_check(self) -> None:
        """The page gives no amounts."""
        found = entry(second(ordered="10 mg", rulebook=PAGE), "ordered")
        assert found.says == "10 mg is ordered; no amount is available to compare it with."

    def test_doses_by_their_place(self) -> None:
        """Doses are accounted for in the order in which they were listed, not by date."""
        course = [GivenDose("C1D8", SECOND, "10 mg"), GivenDose("C1D1", FIRST, "1 mg")]
        later = SECOND + timedelta(days=7)
        assessment = assess_dose(
            well(), "C1D15", planned_start=later, course=course, labs=normal_labs(later - timedelta(days=1)), events=()
        )
        assert entry(assessment, "course[0]").says.startswith("C1D8, 10 mg")
        assert entry(assessment, "course[1]").says.startswith("C1D1, 1 mg")

    def test_dates_that_do_not_fit(self) -> None:
        """An event from before the drug has its own vote and the vote on dates."""
        event = ToxicityEvent("crs", 1, status="resolved", onset=FIRST - timedelta(days=365), resolved=FIRST - timedelta(days=364))
        assert entry(second(events=[event]), "events[0]").votes == ("events[0]", "dates")

    def test_findings(self) -> None:
        """Abnormal findings vote; chronic oxygen does not count, and says so; normal findings inform."""
        normal: dict[str, Any] = {"temperature": "36.8 Cel", "hypotension": "none", "vasopressin": False, "fever_masked": False}
        mask = entry(second(findings=CrsFindings(**normal, oxygen="mask")), "findings.crs")
        assert (mask.fate, mask.votes) == ("voted", ("findings.crs",))
        home = entry(second(findings=CrsFindings(**normal, oxygen="low-flow", other_cause=True)), "findings.crs")
        assert (home.fate, home.says) == ("not-counted", "Oxygen without fever, because of another cause: it does not count as CRS.")
        well_now = entry(second(findings=CrsFindings(**normal, oxygen="none")), "findings.crs")
        assert (well_now.fate, well_now.says) == ("informed", "No sign of CRS.")

    def test_findings_of_a_reported_event(self) -> None:
        """Findings of a reported episode count once, with the event."""
        event = ToxicityEvent("icans", 1, status="active", onset=DRAWN)
        found = entry(second(events=[event], findings=NeuroFindings(ice=8)), "findings.icans")
        assert (found.fate, found.votes) == ("voted", ("events[0]",))

    def test_findings_of_two_reported_events(self) -> None:
        """Findings while two events of the syndrome go on count with the first that is listed."""
        first = ToxicityEvent("icans", 1, status="active", onset=DRAWN)
        events = [first, ToxicityEvent("icans", 2, status="active", onset=DRAWN - timedelta(days=3))]
        found = entry(second(events=events, findings=NeuroFindings(ice=8)), "findings.icans")
        assert (found.fate, found.votes) == ("voted", ("events[0]",))

    def test_the_patient(self) -> None:
        """Each known fact of the patient is accounted for; one that the book does not mention says so."""
        facts = {each.path: each for each in second().accounted if each.path.startswith("patient.")}
        assert set(facts) == {
            "patient.age_years",
            "patient.diagnosis",
            "patient.progressed_after_platinum",
            "patient.infection",
            "patient.childbearing_potential",
            "patient.pregnant",
            "patient.breastfeeding",
        }
        assert facts["patient.childbearing_potential"].fate == "informed"
        known = assess_dose(well(hypersensitivity=False), "C1D1", rulebook=PAGE)
        assert entry(known, "patient.hypersensitivity").fate == "not-counted"
        allergic = assess_dose(well(hypersensitivity=True), "C1D1", rulebook=PAGE)
        assert entry(allergic, "patient.hypersensitivity").votes == ("patient.hypersensitivity",)

    def test_an_infection_that_the_label_asks_for(self) -> None:
        """No criterion of the label uses the infection, but a dose waits for it."""
        found = entry(second(rulebook=US), "patient.infection")
        assert (found.fate, found.votes) == ("voted", ("patient.infection",))
        unknown = assess_dose(
            well(infection=None), "C1D8", planned_start=SECOND, course=[GIVEN], labs=normal_labs(DRAWN), events=(), rulebook=US
        )
        assert "patient.infection" in [vote.part for vote in unknown.votes]

    @pytest.mark.parametrize(("status", "votes"), [("active", ("events[0]", "eligibility")), (None, ("events[0]", "eligibility"))])
    def test_an_infection_among_the_events(self, status: Any, votes: tuple[str, ...]) -> None:
        """Eligibility goes by the reported infection, and the patient's own field does not count."""
        assessment = second(events=[ToxicityEvent("infection", 1, status=status)])
        assert entry(assessment, "events[0]").votes == votes
        own = entry(assessment, "patient.infection")
        assert (own.fate, own.says) == ("not-counted", "none; the reported episode counts instead: infection.")

    def test_an_infection_that_is_over(self) -> None:
        """It changes nothing for the patient."""
        assessment = second(events=[ToxicityEvent("infection", 1, status="resolved")])
        assert entry(assessment, "events[0]").votes == ("events[0]",)
        assert entry(assessment, "patient.infection").votes == ("eligibility",)

    def test_of_two_infections(self) -> None:
        """An ongoing infection settles it; one that may be ongoing adds nothing."""
        assessment = second(events=[ToxicityEvent("infection", 1), ToxicityEvent("infection", 1, status="active")])
        assert [entry(assessment, f"events[{n}]").votes for n in range(2)] == [("events[0]",), ("events[1]", "eligibility")]
        by_label = second(events=[ToxicityEvent("infection", 1, status="active")], rulebook=US)
        assert entry(by_label, "events[0]").votes == ("events[0]",)

    def test_childbearing_potential(self) -> None:
        """Childbearing potential affects eligibility if it settles pregnancy or breast-feeding."""
        patient = well(childbearing_potential=False, pregnant=None, breastfeeding=None)
        assessment = assess_dose(patient, "C1D8", planned_start=SECOND, course=[GIVEN], labs=normal_labs(DRAWN), events=())
        found = entry(assessment, "patient.childbearing_potential")
        assert (found.fate, found.votes) == ("voted", ("eligibility",))

    def test_old_results_at_the_first_dose(self) -> None:
        """The vote on the age of results rests only on old ones."""
        labs = [*normal_labs(FIRST - timedelta(days=30))[:1], *normal_labs(FIRST - timedelta(days=1))[1:]]
        assessment = assess_dose(well(), "C1D1", planned_start=FIRST, course=(), labs=labs, events=())
        assert entry(assessment, "labs[0]").votes == ("labs", "labs.neutrophils")
        assert entry(assessment, "labs[1]").votes == ("labs.hemoglobin",)

"""May this dose be given? Expected verdicts are worked out by hand from the page and from what a safe answer is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from helpers import DEFAULT, IN_UTC, LABS, PAGE, normal_labs, well
from tarlatamab_rules import (
    Case,
    Course,
    CrsFindings,
    Decided,
    DoseAssessment,
    GivenDose,
    LabResult,
    NeedsData,
    NeuroFindings,
    NotCovered,
    Patient,
    ToxicityEvent,
    Verdict,
    assess_case,
    assess_dose,
)

C1D1 = datetime(2025, 10, 6, 9, tzinfo=UTC)
C1D8, C1D15 = C1D1 + timedelta(days=7), C1D1 + timedelta(days=14)
GIVEN = (GivenDose("C1D1", C1D1, "1 mg", ended=C1D1 + timedelta(hours=1)), GivenDose("C1D8", C1D8, "10 mg", complete=True))
BEFORE = C1D15 - timedelta(days=1)


def third(**changes: Any) -> DoseAssessment:
    """C1D15 of a well patient with a reviewed course and normal labs, with changes, by the page unless another book is named."""
    facts: dict[str, Any] = {"planned_start": C1D15, "course": GIVEN, "labs": normal_labs(BEFORE), "events": (), "rulebook": PAGE}
    return assess_dose(changes.pop("patient", well()), changes.pop("point", "C1D15"), **(facts | changes))


def cited(assessment: DoseAssessment) -> list[str]:
    """The ids of the rows behind the verdict."""
    return [reason.row for reason in assessment.reasons]


class TestProceed:
    """Only a case without an open question may proceed."""

    def test_clean(self) -> None:
        """Everything known and well: the dose may be given, and nothing is missing."""
        assessment = third()
        assert assessment.verdict is Verdict.PROCEED
        assert assessment.may_give
        assert (assessment.missing, assessment.toxicities, assessment.notes, assessment.dissent) == ((), (), (IN_UTC,), ())
        assert (assessment.rulebook, str(assessment.case.point)) == ("precautions-2025-09", "C1D15")
        assert [instruction.what for instruction in assessment.premedication.unwrap().instructions] == ["dexamethasone", "normal saline"]
        assert [str(lab.result.analyte) for lab in assessment.graded] == [*LABS, "sodium", "potassium", "uric-acid"]

    def test_first_dose(self) -> None:
        """Before the first dose, neither a course nor a history is needed; both may be passed as empty."""
        labs = normal_labs(C1D1 - timedelta(days=1))
        for course, events in ((None, None), ((), ()), (Course(), [])):
            assessment = assess_dose(well(), "C1D1", planned_start=C1D1, labs=labs, course=course, events=events)
            assert (assessment.verdict, assessment.missing) == ("proceed", ())

    def test_age_of_results_is_noted(self) -> None:
        """Before the first dose no source bounds the age of a result: the oldest is noted, and after 28 days a clinician looks."""
        assessment = assess_dose(well(), "C1D1", planned_start=C1D1, labs=normal_labs(C1D1 - timedelta(days=400)))
        assert (assessment.verdict, cited(assessment)) == ("needs-assessment", ["guard/old-labs"])
        assert "drawn 400 days before the planned start" in assessment.notes[0]

    def test_same_as_case(self) -> None:
        """A case gives the same assessment as its parts."""
        case = Case(patient=well(), point="C1D15", planned_start=C1D15, course=GIVEN, labs=normal_labs(BEFORE), events=())
        assert assess_case(case) == third(rulebook=None)
        assert assess_case(case, rulebook=PAGE) == third()

    def test_silence_on_amounts_is_noted(self) -> None:
        """The page has no amounts and no intervals; the assessment says that these remain to be checked."""
        assessment = third()
        assert isinstance(assessment.dose, NotCovered)
        assert "check the amount, and the 7 days since C1D8" in assessment.dose.reasons[0].says


def test_no_truth_value() -> None:
    """An assessment is not a yes or no, whether or not the dose may be given; the error says what to ask instead."""
    with pytest.raises(TypeError, match=r"use \.may_give or \.verdict"):
        bool(assess_dose(well(), "C1D1"))


class TestVotes:
    """The strictest part counts."""

    @pytest.mark.parametrize(
        ("changes", "verdict", "rows"),
        [
            ({"patient": well(infection="controlled")}, "needs-assessment", ["CI-1"]),
            ({"patient": well(pregnant=True)}, "excluded", ["CI-2"]),
            ({"patient": well(age_years=12, breastfeeding=True)}, "excluded", ["IND-1/minor", "PRG-3"]),
            ({"events": [ToxicityEvent("icans", 1, status="active")]}, "withhold", ["NEU-3"]),
            ({"events": [ToxicityEvent("icans", 3, status="active")]}, "discontinue", ["NEU-4"]),
            ({"events": [ToxicityEvent("icans", 3, status="resolved")]}, "discontinue", ["NEU-4/over"]),
            (
                {"events": [ToxicityEvent("icans", status="active", findings=NeuroFindings(ice=2))]},
                "discontinue",
                ["NEU-2", "NEU-4"],
            ),
            ({"events": [ToxicityEvent("neutropenia", 3, status="active")]}, "withhold", ["ABN-1"]),
            ({"events": [ToxicityEvent("neutropenia", 4, status="resolved")]}, "needs-assessment", ["ABN-1/over", "guard/severe"]),
            ({"events": [ToxicityEvent("crs", 4, status="resolved")]}, "needs-assessment", ["SILENT/toxicity", "guard/severe"]),
            ({"events": [ToxicityEvent("anemia", 3, status="active")]}, "needs-assessment", ["SILENT/toxicity", "guard/severe"]),
            (
                {"patient": well(pregnant=True), "events": [ToxicityEvent("icans", 4, status="active")]},
                "discontinue",
                ["NEU-4"],
            ),
            (
                {"patient": well(pregnant=True), "events": [ToxicityEvent("icans", 2, status="active")]},
                "excluded",
                ["CI-2"],
            ),
        ],
    )
    def test_table(self, changes: dict[str, Any], verdict: str, rows: list[str]) -> None:
        """The verdict, and the rows behind it alone."""
        assessment = third(**changes)
        assert (assessment.verdict, cited(assessment)) == (verdict, rows)
        assert not assessment.may_give

    @pytest.mark.parametrize(
        "event",
        [
            ToxicityEvent("crs", 2, status="active"),
            ToxicityEvent("icans", 2, status="resolved"),
            ToxicityEvent("neutropenia", 2, status="active"),
            ToxicityEvent("neutropenia", 2),
            ToxicityEvent("icans", 0),
            ToxicityEvent("other", 1),
        ],
    )
    def test_mild_silence_does_not_raise(self, event: ToxicityEvent) -> None:
        """Grade 1-2 without a row does not raise the verdict."""
        assert third(events=[event]).verdict == "proceed"

    def test_two_events(self) -> None:
        """Every toxicity is reported, and the strictest counts."""
        events = [ToxicityEvent("icans", 1, status="active"), ToxicityEvent("icans", 4, status="resolved")]
        assessment = third(events=events)
        assert assessment.verdict == "discontinue"
        assert [(found.path, found.grades) for found in assessment.toxicities] == [("events[0]", (1,)), ("events[1]", (4,))]

    def test_mild_silence_is_noted(self) -> None:
        """An ongoing toxicity without an action in the book is named in the notes."""
        assert third(events=[ToxicityEvent("crs", 2, status="active")]).notes == (
            "events[0]: the rulebook gives no action for CRS that is not over.",
            "events[0]: while it is active, monitor sodium, potassium and uric acid [LAB-3/crs]",
            IN_UTC,
        )

    @pytest.mark.parametrize(
        ("resolved", "verdict"),
        [
            (C1D15 - timedelta(hours=1), "proceed"),
            (C1D15, "proceed"),
            (C1D15 + timedelta(hours=1), "withhold"),
            (date(2025, 12, 1), "withhold"),
        ],
    )
    def test_over_only_after_the_dose(self, resolved: Any, verdict: str) -> None:
        """An episode that ends after the planned start is not over at the dose."""
        for grade_now in (None, 0):
            event = ToxicityEvent("icans", 2, onset=C1D8, resolved=resolved, current_grade=grade_now)
            assert third(events=[event]).verdict == verdict

    def test_improves_after_the_dose_on_the_day_it_ends(self) -> None:
        """An episode that improves after the planned start is ongoing at the dose, also if it ends that day at an unknown time."""
        event = ToxicityEvent("icans", 2, onset=C1D8, improved=C1D15 + timedelta(hours=8), resolved=C1D15.date())
        assert third(events=[event]).verdict == "withhold"

    def test_begins_after_the_dose(self) -> None:
        """An episode that begins after the planned start counts all the same, and is pointed out."""
        assessment = third(events=[ToxicityEvent("icans", 3, onset=C1D15 + timedelta(days=1), status="active")])
        assert assessment.verdict == "discontinue"
        assert "its onset is after the planned start" in assessment.notes[0]

    @pytest.mark.parametrize(
        ("grade", "findings", "verdict"),
        [
            (1, {"oxygen": "mask"}, "needs-assessment"),
            (None, {"temperature": "38.5 Cel", "hypotension": "none", "vasopressin": False, "oxygen": "low-flow"}, "proceed"),
            (None, {"temperature": "38.5 Cel", "hypotension": "none", "vasopressin": False, "oxygen": "mask"}, "needs-assessment"),
            (None, {"temperature": "38.5 Cel"}, "needs-data"),
            (2, {"temperature": "38.5 Cel"}, "proceed"),
            (3, {"temperature": "38.5 Cel", "hypotension": "none", "vasopressin": False, "oxygen": "none"}, "needs-assessment"),
        ],
    )
    def test_crs_findings(self, grade: Any, findings: dict[str, Any], verdict: str) -> None:
        """Findings that show a worse grade than the recorded one count; if no grade is recorded, they give it."""
        event = ToxicityEvent("crs", grade, status="active", findings=CrsFindings(**findings))
        assert third(events=[event]).verdict == verdict

    @pytest.mark.parametrize(
        ("event", "infection", "verdict", "missing"),
        [
            (ToxicityEvent("infection", 1, status="active"), "none", "needs-assessment", ()),
            (ToxicityEvent("infection", 1, status="active"), None, "needs-assessment", ()),
            (ToxicityEvent("infection", 1, status="active"), "uncontrolled", "needs-assessment", ()),
            (ToxicityEvent("infection", 1, status="resolved"), "none", "proceed", ()),
            (ToxicityEvent("infection", 1), "none", "needs-data", ("events[0].status",)),
        ],
    )
    def test_one_infection_fact(self, event: ToxicityEvent, infection: Any, verdict: str, missing: tuple[str, ...]) -> None:
        """CI-1: an ongoing infection is assessed, whether it is reported for the patient or as an event."""
        assessment = third(patient=well(infection=infection), events=[event])
        assert (assessment.verdict, assessment.missing) == (verdict, missing)
        assert verdict != "needs-assessment" or cited(assessment) == ["CI-1"]

    def test_hypersensitivity(self) -> None:
        """A known hypersensitivity, of which no book here speaks, is for a clinician."""
        assessment = third(patient=well(hypersensitivity=True))
        assert (assessment.verdict, cited(assessment)) == ("needs-assessment", ["guard/hypersensitivity"])
        assert third(patient=well(hypersensitivity=False)).verdict == "proceed"


class TestUnknown:
    """A missing fact is never taken for harmless."""

    @pytest.mark.parametrize(
        ("changes", "verdict", "missing"),
        [
            ({"patient": Patient()}, "needs-data", 6),
            ({"patient": well(pregnant=None)}, "needs-data", ["patient.pregnant"]),
            ({"patient": well(age_years=12, pregnant=None)}, "excluded", ["patient.pregnant"]),
            ({"events": None}, "needs-data", ["events"]),
            ({"course": None}, "needs-data", ["course"]),
            ({"labs": None}, "needs-data", [f"labs.{analyte}" for analyte in LABS]),
            ({"labs": ()}, "needs-data", [f"labs.{analyte}" for analyte in LABS]),
            ({"events": [ToxicityEvent("icans", status="active")]}, "withhold", ["events[0].grade"]),
            ({"events": [ToxicityEvent("icans", 2)]}, "needs-data", ["events[0].status"]),
            ({"events": [ToxicityEvent("icans", 3)]}, "discontinue", []),
            ({"events": [ToxicityEvent("icans")]}, "needs-data", ["events[0].grade", "events[0].status"]),
            ({"events": [ToxicityEvent("neutropenia", 3)]}, "needs-assessment", ["events[0].status"]),
            ({"events": [ToxicityEvent("neutropenia", status="active")]}, "needs-data", ["events[0].grade"]),
            ({"events": [ToxicityEvent("neutropenia", 3, scale="ctcae-6.0", status="active")]}, "needs-data", ["events[0].scale"]),
            ({"events": [ToxicityEvent("crs", status="active")]}, "needs-data", ["events[0].grade"]),
            ({"course": [GIVEN[0], GivenDose("C1D8", C1D8, ended=C1D8 + timedelta(minutes=49))]}, "needs-data", ["course.C1D8.complete"]),
            ({"planned_start": None}, "needs-data", ["planned_start"]),
        ],
    )
    def test_table(self, changes: dict[str, Any], verdict: str, missing: Any) -> None:
        """The mildest verdict still possible, and at least needs-data; every missing fact is named."""
        assessment = third(**changes)
        assert assessment.verdict == verdict
        if isinstance(missing, int):
            assert len(assessment.missing) == missing
        else:
            assert list(assessment.missing) == missing

    def test_nothing_known_at_all(self) -> None:
        """Of an unknown case everything is asked."""
        assessment = assess_dose(Patient(), "C5D1")
        assert assessment.verdict == "needs-data"
        assert {"course", "events", "patient.age_years", "labs.neutrophils"} <= set(assessment.missing)
        assert isinstance(assessment.monitoring, NeedsData)


class TestDose:
    """Whether the dose follows from the course; what no source needs to say."""

    @pytest.mark.parametrize(
        ("changes", "row"),
        [
            ({"point": "C1D8"}, "guard/repeated"),
            ({"point": "C2D1"}, "guard/skipped"),
            ({"course": ()}, "guard/skipped"),
            ({"course": GIVEN[:1]}, "guard/skipped"),
            ({"course": [*GIVEN, GivenDose("C1D8", C1D8 + timedelta(days=1))], "point": "C1D15"}, "guard/repeated"),
            ({"course": [GIVEN[0], GivenDose("C1D8", C1D8, complete=False)]}, "guard/partial"),
            ({"course": [GIVEN[0], GivenDose("C1D15", C1D8)], "point": "C2D1"}, "guard/skipped"),
            ({"course": [*GIVEN, GivenDose("C2D1", C1D8)]}, "guard/skipped"),
            ({"course": [GivenDose("C1D1", C1D8), GivenDose("C1D8", C1D1)]}, "guard/too-early"),
            ({"course": [GIVEN[0], GivenDose("C1D8", ended=C1D15 - timedelta(days=1))]}, "guard/too-early"),
            ({"planned_start": C1D15 - timedelta(days=1)}, "guard/too-early"),
            ({"planned_start": C1D8 + timedelta(hours=3)}, "guard/too-early"),
            ({"planned_start": C1D8.date()}, "guard/too-early"),
            ({"ordered": "10 mg"}, "guard/order"),
            ({"ordered": "100 mg", "course": None}, "guard/order"),
        ],
    )
    def test_needs_assessment(self, changes: dict[str, Any], row: str) -> None:
        """Given already, left out, partly given, too early, or an amount that the book cannot check: a clinician looks first."""
        assessment = third(**changes)
        assert assessment.verdict == "needs-assessment"
        assert row in cited(assessment)

    def test_first_dose_again(self) -> None:
        """A first dose after a course is not a first dose."""
        assert "guard/repeated" in cited(third(point="C1D1"))


class TestLabs:
    """Results count when they were drawn after the previous dose and not after the planned start."""

    @pytest.mark.parametrize(
        ("collected", "missing"),
        [
            (BEFORE, []),
            (C1D15, []),
            (C1D15.date(), []),
            (C1D8 + timedelta(seconds=1), []),
            (C1D8, ["labs.neutrophils"]),
            (C1D8 - timedelta(days=2), ["labs.neutrophils"]),
            (C1D8.date(), ["labs.neutrophils.collected"]),
            (C1D15 + timedelta(seconds=1), ["labs.neutrophils"]),
            (None, ["labs.neutrophils.collected"]),
        ],
    )
    def test_window(self, collected: date | None, missing: list[str]) -> None:
        """A result from outside the window is missing; of one whose date does not tell, the date is."""
        assessment = third(labs=normal_labs(BEFORE, neutrophils=LabResult("neutrophils", "4 10*9/L", collected)))
        assert list(assessment.missing) == missing
        assert assessment.verdict == ("needs-data" if missing else "proceed")

    def test_after_the_end_of_the_last_infusion(self) -> None:
        """A sample drawn while the last dose was running was not drawn after it."""
        course = [GIVEN[0], GivenDose("C1D8", C1D8, ended=C1D8 + timedelta(hours=1))]
        labs = normal_labs(BEFORE, neutrophils=LabResult("neutrophils", "4 10*9/L", C1D8 + timedelta(minutes=30)))
        assert third(course=course, labs=labs).missing == ("labs.neutrophils",)

    def test_date_of_the_last_dose_unknown(self) -> None:
        """Without the date of the last dose it is not known which results count."""
        assert third(course=[GIVEN[0], GivenDose("C1D8")]).missing == ("course.C1D8.started",)
        assert third(course=[GivenDose("C1D1"), GivenDose("C1D8")]).missing == ("course.C1D1.started", "course.C1D8.started")

    def test_time_of_the_last_dose_unknown(self) -> None:
        """On the day of the last dose, what is missing is the time that is not given."""
        labs = normal_labs(BEFORE, neutrophils=LabResult("neutrophils", "4 10*9/L", C1D8 + timedelta(hours=9)))
        assert third(course=[GIVEN[0], GivenDose("C1D8", C1D8.date())], labs=labs).missing == ("course.C1D8.started",)

    def test_hour_that_comes_twice(self) -> None:
        """When summer time ends an hour comes twice; a sample of the second one was drawn after a start in the first."""
        zone = ZoneInfo("Europe/Berlin")
        start = datetime(2025, 10, 26, 2, 40, tzinfo=zone)
        for minute, fold, missing in ((30, 0, ()), (30, 1, tuple(f"labs.{analyte}" for analyte in LABS))):
            labs = normal_labs(datetime(2025, 10, 26, 2, minute, tzinfo=zone, fold=fold))
            assert assess_dose(well(), "C1D1", planned_start=start, labs=labs).missing == missing

    def test_the_latest_counts(self) -> None:
        """The later of two results counts, in any order; a note names the one that is not used."""
        old = LabResult("neutrophils", "0.3 10*9/L", BEFORE - timedelta(days=2))
        for labs in ([old, *normal_labs(BEFORE)], [*normal_labs(BEFORE), old]):
            assessment = third(labs=labs)
            assert assessment.verdict == "proceed"
            assert assessment.notes == ("labs.neutrophils: 0.3 10*9/L is not used: a later result counts.", IN_UTC)

    def test_two_at_once(self) -> None:
        """If no date puts two results in order, both count and the worse one decides."""
        low = LabResult("neutrophils", "0.3 10*9/L", BEFORE)
        assert third(labs=[low, *normal_labs(BEFORE)]).verdict == "withhold"
        same_day = LabResult("neutrophils", "0.3 10*9/L", BEFORE.date())
        assert third(labs=[*normal_labs(BEFORE), same_day]).verdict == "withhold"

    @pytest.mark.parametrize(
        ("analyte", "result", "verdict", "rows"),
        [
            ("neutrophils", ("0.99 10*9/L", {}), "withhold", ["neutrophil-count-decreased/3", "ABN-1"]),
            ("neutrophils", ("0.49 10*9/L", {}), "withhold", ["neutrophil-count-decreased/4", "ABN-1"]),
            ("neutrophils", ("<0.9 10*9/L", {}), "withhold", ["neutrophil-count-decreased/4", "neutrophil-count-decreased/3", "ABN-1"]),
            ("neutrophils", ("1.0 10*9/L", {}), "proceed", None),
            ("hemoglobin", ("7.9 g/dL", {}), "needs-assessment", ["anemia/3", "SILENT/toxicity", "guard/severe"]),
            ("hemoglobin", ("8.0 g/dL", {}), "proceed", None),
            ("platelets", ("49 10*9/L", {}), "needs-assessment", ["platelet-count-decreased/3", "SILENT/toxicity", "guard/severe"]),
            ("platelets", ("50 10*9/L", {}), "proceed", None),
            (
                "alt",
                ("201 U/L", {"upper_limit": "40 U/L", "baseline": "30 U/L"}),
                "needs-assessment",
                ["alanine-aminotransferase-increased/normal-3", "SILENT/toxicity", "guard/severe"],
            ),
            ("alt", ("200 U/L", {"upper_limit": "40 U/L", "baseline": "30 U/L"}), "proceed", None),
        ],
    )
    def test_grades_vote(self, analyte: str, result: Any, verdict: str, rows: list[str] | None) -> None:
        """ABN-1 withholds at grade 3-4 neutropenia; grade 3 or worse without a row needs assessment; milder grades do not raise."""
        quantity, limits = result
        labs = normal_labs(BEFORE, **{analyte: LabResult(analyte, quantity, BEFORE, **limits)})  # type: ignore[arg-type]  # an analyte
        assessment = third(labs=labs)
        assert assessment.verdict == verdict
        assert rows is None or cited(assessment) == rows

    def test_toxicities_of_labs_are_reported(self) -> None:
        """A graded abnormality is listed among the toxicities, with what it obliges."""
        (found,) = third(labs=normal_labs(BEFORE, neutrophils=LabResult("neutrophils", "0.7 10*9/L", BEFORE))).toxicities
        assert (found.path, found.toxicity, found.grades) == ("labs.neutrophils", "neutropenia", (3,))
        assert found.action.unwrap().action == "withhold"

    def test_grade_open_that_matters(self) -> None:
        """If a required result may be severe because its limit is missing, the limit is asked for."""
        labs = normal_labs(BEFORE, alt=LabResult("alt", "300 U/L", BEFORE))
        assessment = third(labs=labs)
        assert (assessment.verdict, assessment.missing) == ("needs-data", ("labs.alt.upper_limit", "labs.alt.baseline"))

    def test_grade_open_that_does_not_matter(self) -> None:
        """Grade 0 or 1 is the same to the page, so no limit is asked for."""
        assert third(labs=normal_labs(BEFORE, neutrophils=LabResult("neutrophils", "1.6 10*9/L", BEFORE))).missing == ()

    def test_more_than_required(self) -> None:
        """A result that the page does not require is not asked for, but counts like any other if it is available."""
        labs = normal_labs(BEFORE)
        severe = third(labs=[*labs, LabResult("lymphocytes", "0.1 10*9/L", BEFORE)])
        assert severe.verdict == "needs-assessment"
        open_ = third(labs=[*labs, LabResult("alkaline-phosphatase", "900 U/L", BEFORE, upper_limit="40 U/L")])
        assert (open_.verdict, open_.missing) == ("needs-data", ("labs.alkaline-phosphatase.baseline",))
        assert "may be 0 or 1 or 2 or 3 or 4" in open_.reasons[0].says

    @pytest.mark.parametrize(
        ("quantity", "verdict", "missing"), [("0.1 10*9/L", "needs-data", ("labs.lymphocytes.collected",)), ("1.1 10*9/L", "proceed", ())]
    )
    def test_undated(self, quantity: str, verdict: str, missing: tuple[str, ...]) -> None:
        """A result without a date is asked about if it could matter, and noted if it could not."""
        assessment = third(labs=[*normal_labs(BEFORE), LabResult("lymphocytes", quantity)])
        assert (assessment.verdict, assessment.missing) == (verdict, missing)
        assert (assessment.notes != (IN_UTC,)) is not bool(missing)

    def test_a_newer_result_without_a_date(self) -> None:
        """A dated result does not settle what an undated one, which may be newer, leaves open."""
        low, high = LabResult("neutrophils", "0.3 10*9/L"), LabResult("neutrophils", "4 10*9/L")
        for dated, undated in ((high, low), (low, high)):
            labs = [*normal_labs(BEFORE, neutrophils=attrs.evolve(dated, collected=BEFORE)), undated]
            assessment = third(labs=labs)
            assert (assessment.verdict, assessment.missing) == ("needs-data", ("labs.neutrophils.collected",))
        alike = third(labs=[*normal_labs(BEFORE, neutrophils=attrs.evolve(low, collected=BEFORE)), low])
        assert (alike.verdict, alike.missing) == ("withhold", ())
        assert "0.3 10*9/L does not count until this is known: when it was drawn." in alike.notes[0]

    def test_monitoring_sees_the_results(self) -> None:
        """MON-3: a grade 2 in the results is a toxicity of grade 2 or worse as well."""
        course = [GivenDose(point) for point in ("C1D1", "C1D8", "C1D15", "C2D1", "C2D15", "C3D1", "C3D15", "C4D1", "C4D15")]
        for quantity, expected in (("60 10*9/L", NotCovered), ("80 10*9/L", Decided)):
            labs = normal_labs(BEFORE, platelets=LabResult("platelets", quantity, BEFORE))
            assessment = assess_dose(
                well(), "C5D1", planned_start=C1D15, course=[*course[:-1], GivenDose("C4D15", C1D8)], labs=labs, events=(), rulebook=PAGE
            )
            assert isinstance(assessment.monitoring, expected)

    @pytest.mark.parametrize(
        ("quantity", "limits", "verdict", "noted"),
        [
            ("0.9 mg/dL", {"upper_limit": "1.2 mg/dL", "baseline": "0.8 mg/dL"}, "proceed", False),
            ("0.9 mg/dL", {"upper_limit": "1.2 mg/dL"}, "proceed", True),
            ("0.9 mg/dL", {}, "proceed", True),
            ("1.3 mg/dL", {"upper_limit": "1.2 mg/dL"}, "proceed", True),
            (">1.3 mg/dL", {"upper_limit": "1.2 mg/dL"}, "needs-data", False),
            ("1.3 mg/dL", {"upper_limit": "1.2 mg/dL", "baseline": "0.8 mg/dL"}, "proceed", False),
            ("3.7 mg/dL", {"upper_limit": "1.2 mg/dL"}, "needs-assessment", False),
            ("2.5 mg/dL", {"baseline": "0.8 mg/dL"}, "needs-assessment", False),
            (">7.2 mg/dL", {"upper_limit": "1.2 mg/dL"}, "needs-assessment", False),
        ],
    )
    def test_not_asked_for(self, quantity: str, limits: dict[str, Any], verdict: str, noted: bool) -> None:
        """A result that the book does not ask for: no dose waits for its baseline or limit, but for the value behind a bound it does."""
        assessment = third(labs=[*normal_labs(BEFORE), LabResult("creatinine", quantity, BEFORE, **limits)])
        assert assessment.verdict == verdict
        assert (assessment.notes != (IN_UTC,)) is noted

    def test_grade_that_the_scale_leaves_open(self) -> None:
        """CTCAE 6.0 leaves grade 3 open over a baseline of more than five times the limit: a clinician must look; the scale is cited."""
        alt = LabResult("alt", "900 U/L", BEFORE, upper_limit="40 U/L", baseline="300 U/L")
        vote = next(vote for vote in third(labs=normal_labs(BEFORE, alt=alt), rulebook="ctcae-6.0").votes if vote.part == "labs.alt")
        scale, guard = vote.reasons
        assert guard.row == "guard/not-graded"
        assert scale.row.startswith("alanine-aminotransferase-increased/")


ACTIVE: dict[str, Any] = {"status": "active"}
OVER: dict[str, Any] = {"status": "resolved"}


class TestDefault:
    """The page over the US label, by hand from both: the stricter action counts, and the label answers where the page is silent."""

    def test_clean(self) -> None:
        """The label has the amount and the interval; its hours stand, and of the page's drugs on C1D15 it knows nothing."""
        found = third(rulebook=None)
        assert (found.verdict, found.missing, found.rulebook) == ("proceed", (), DEFAULT)
        assert found.dose.unwrap() == "proceed"
        assert str(found.next_dose.unwrap().amount) == "10 mg"
        assert str(found.monitoring.unwrap().observe) == "6-8 h"
        drugs = found.premedication.unwrap().instructions
        assert [(each.what, str(each.modality), each.sources) for each in drugs] == [
            ("dexamethasone", "recommend", (PAGE,)),
            ("normal saline", "recommend", (PAGE,)),
        ]
        assert ("us-2025-11", "premedication.instructions", ()) in [(each.rulebook, each.field, each.value) for each in found.dissent]

    @pytest.mark.parametrize(
        ("changes", "verdict", "rows"),
        [
            ({"patient": well(infection="controlled")}, "withhold", ["T7-INFECTION-STEP-UP"]),
            ({"patient": well(pregnant=True)}, "excluded", ["CI-2"]),
            ({"patient": well(age_years=12, breastfeeding=True)}, "excluded", ["IND-1/minor", "IND/minor", "PRG-3"]),
            ({"events": [ToxicityEvent("icans", 1, **ACTIVE)]}, "withhold", ["NEU-3", "T6-1"]),
            ({"events": [ToxicityEvent("icans", 3, **ACTIVE)]}, "discontinue", ["NEU-4"]),
            ({"events": [ToxicityEvent("icans", 3, **OVER)]}, "discontinue", ["NEU-4/over"]),
            ({"events": [ToxicityEvent("icans", 2, **OVER)]}, "proceed", ["T6-2/over"]),
            ({"events": [ToxicityEvent("icans", findings=NeuroFindings(ice=2), **ACTIVE)]}, "discontinue", ["NEU-2", "NEU-4"]),
            ({"events": [ToxicityEvent("neutropenia", 3, **ACTIVE)]}, "withhold", ["ABN-1", "T7-NEUTROPENIA-3"]),
            ({"events": [ToxicityEvent("neutropenia", 4, **OVER)]}, "needs-data", ["T7-NEUTROPENIA-4/recovered"]),
            ({"events": [ToxicityEvent("crs", 2, **ACTIVE)]}, "withhold", ["T5-2"]),
            ({"events": [ToxicityEvent("crs", 2, **OVER)]}, "proceed", ["T5-2/over"]),
            ({"events": [ToxicityEvent("crs", 4, **OVER)]}, "discontinue", ["T5-4/over"]),
            ({"events": [ToxicityEvent("anemia", 3, **ACTIVE)]}, "withhold", ["T7-HEMOGLOBIN"]),
            ({"events": [ToxicityEvent("neurotoxicity", 1, **ACTIVE)]}, "withhold", ["NEU-3"]),
            ({"events": [ToxicityEvent("other", 1, **ACTIVE)]}, "proceed", ["T7-OTHER-3/mild"]),
            ({"ordered": "10 mg"}, "proceed", ["T4-C1D8"]),
            ({"ordered": "1 mg"}, "needs-assessment", ["guard/order", "T4-C1D8"]),
        ],
    )
    def test_table(self, changes: dict[str, Any], verdict: str, rows: list[str]) -> None:
        """The verdict, with the rows of both books that give it among its reasons."""
        found = third(rulebook=None, **changes)
        assert found.verdict == verdict
        assert set(rows) <= set(cited(found))

    @pytest.mark.parametrize(
        ("analyte", "quantity", "verdict", "rows"),
        [
            ("neutrophils", "0.99 10*9/L", "withhold", ["ABN-1", "T7-NEUTROPENIA-3"]),
            ("neutrophils", "0.49 10*9/L", "withhold", ["ABN-1", "T7-NEUTROPENIA-4"]),
            ("neutrophils", "1.0 10*9/L", "proceed", ["ABN-1/mild"]),
            ("hemoglobin", "7.9 g/dL", "withhold", ["T7-HEMOGLOBIN"]),
            ("hemoglobin", "8.0 g/dL", "proceed", []),
            ("platelets", "49 10*9/L", "withhold", ["T7-PLATELETS/3"]),
            ("platelets", "50 10*9/L", "proceed", []),
        ],
    )
    def test_results(self, analyte: Any, quantity: str, verdict: str, rows: list[str]) -> None:
        """Where the page gives no action for a result, the label does."""
        found = third(rulebook=None, labs=normal_labs(BEFORE, **{analyte: LabResult(analyte, quantity, BEFORE)}))
        assert found.verdict == verdict
        assert set(rows) <= set(cited(found))

    def test_dissent_of_an_action(self) -> None:
        """At grade 3 ICANS the page stops the drug; the label withholds, and says so beside it."""
        found = third(rulebook=None, events=[ToxicityEvent("icans", 3, **ACTIVE)])
        said = [each for each in found.dissent if each.field == "events[0].action"]
        assert [(each.rulebook, each.value, each.reasons[0].row) for each in said] == [("us-2025-11", "withhold", "T6-3")]


class TestOtherBooks:
    """A book that does not mention something does not allow it."""

    def test_a_scale_is_no_permission(self) -> None:
        """A grading scale says nothing of eligibility, so a clinician must."""
        assessment = third(rulebook="ctcae-5.0")
        assert assessment.verdict == "needs-assessment"
        assert isinstance(assessment.eligibility, NotCovered)

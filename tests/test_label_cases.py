"""Whole cases by the US label of 11/2025, with what they come to by hand: its tables, its clocks, its restarts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import attrs
import pytest

from helpers import rows
from tarlatamab_rules import (
    CrsFindings,
    DoseAssessment,
    DosePoint,
    GivenDose,
    LabResult,
    NeuroFindings,
    Patient,
    ToxicityEvent,
    assess_dose,
    grade_icans,
)

US = "us-2025-11"
FIRST = date(2026, 1, 5)
PATIENT = Patient(
    age_years=67, diagnosis="extensive-stage-sclc", progressed_after_platinum=True, infection="none", childbearing_potential=False
)
NORMAL = {
    "neutrophils": "3.9 10*9/L",
    "hemoglobin": "12.9 g/dL",
    "platelets": "212 10*9/L",
    "alt": "22 U/L",
    "ast": "25 U/L",
    "bilirubin": "0.5 mg/dL",
}
LOWER = {"neutrophils": "1.5 10*9/L", "hemoglobin": "12 g/dL", "platelets": "150 10*9/L"}
LIMITS = {"alt": "40 U/L", "ast": "40 U/L", "bilirubin": "1 mg/dL"}
ALERT: dict[str, Any] = {"arousable": True, "consciousness": "alert", "seizure": "none", "motor_weakness": False, "raised_icp": "none"}


def days(number: int) -> timedelta:
    """So many days."""
    return timedelta(days=number)


def given(upto: str) -> list[GivenDose]:
    """The doses up to one, on the days of the schedule, in its amounts."""
    doses, day = [], FIRST
    for number in range(1, DosePoint.of(upto).number + 1):
        day += days(0 if number == 1 else 7 if number <= 3 else 14)
        doses.append(GivenDose(DosePoint.at(number), day, "1 mg" if number == 1 else "10 mg"))
    return doses


def drawn(day: date, **changes: str | None) -> list[LabResult]:
    """Results of one day, normal but for some."""
    values = NORMAL | changes
    return [LabResult(name, value, day, LOWER.get(name), LIMITS.get(name)) for name, value in values.items() if value]  # type: ignore[arg-type]  # names


def rows_of(found: DoseAssessment) -> list[str]:
    """The rows behind a verdict."""
    return [reason.row for reason in found.reasons]


def assessed(point: str, after: str | None, delay: int, **case: Any) -> DoseAssessment:
    """A dose so many days after the last one, everything well but for what is passed."""
    course = given(after) if after else []
    on = case.pop("on", (course[-1].started or FIRST) + days(delay) if course else FIRST)
    facts: dict[str, Any] = {"course": course, "labs": drawn(on - days(1)), "events": ()} | case
    return assess_dose(facts.pop("patient", PATIENT), point, planned_start=on, rulebook=US, **facts)


class TestDoses:
    """Amounts, intervals and restarts."""

    @pytest.mark.parametrize(
        ("point", "after", "delay", "amount", "role"),
        [
            ("C1D1", None, 0, "1 mg", "step-up"),
            ("C1D8", "C1D1", 7, "10 mg", "first-full"),
            ("C1D8", "C1D1", 14, "10 mg", "first-full"),
            ("C1D8", "C1D1", 15, "1 mg", "step-up"),
            ("C1D15", "C1D8", 21, "10 mg", "later"),
            ("C1D15", "C1D8", 22, "1 mg", "step-up"),
            ("C2D1", "C1D15", 28, "10 mg", "later"),
            ("C2D1", "C1D15", 29, "1 mg", "step-up"),
            ("C4D15", "C4D1", 14, "10 mg", "later"),
            ("C4D15", "C4D1", 29, "1 mg", "step-up"),
        ],
    )
    @pytest.mark.parametrize("ordered", ["1 mg", "10 mg", "0.01 g", "5 mg", None])
    def test_amount(  # noqa: PLR0913, PLR0917  # one parameter a fact
        self, point: str, after: str | None, delay: int, amount: str, role: str, ordered: str | None
    ) -> None:
        """The amount that is due by what was given last and when; an order of another amount is never passed."""
        found = assessed(point, after, delay, ordered=ordered)
        step = found.next_dose.unwrap()
        assert (str(step.point), str(step.amount), step.role) == (point, amount, role)
        fits = ordered is None or {"0.01 g": "10 mg"}.get(ordered, ordered) == amount
        assert found.verdict == ("proceed" if fits else "needs-assessment")
        assert fits or found.reasons[0].row == "guard/order"

    @pytest.mark.parametrize(("point", "after", "delay"), [("C1D8", "C1D1", 6), ("C1D15", "C1D8", 6), ("C2D1", "C1D15", 13)])
    def test_too_early(self, point: str, after: str, delay: int) -> None:
        """A day before it is due, a dose is for a clinician."""
        found = assessed(point, after, delay)
        assert (found.verdict, found.reasons[0].row) == ("needs-assessment", "guard/too-early")

    def test_step_up_again_at_cycle_6(self) -> None:
        """After more than 28 days the first two doses come back, whatever their names: their amounts, their drugs and their hours."""
        course = given("C5D15")
        on = (course[-1].started or FIRST) + days(30)
        seen = []
        for point, amount, gap in (("C6D1", "1 mg", 7), ("C6D15", "10 mg", 14), ("C7D1", "10 mg", 0)):
            found = assess_dose(
                PATIENT, point, planned_start=on, ordered=amount, course=course, labs=drawn(on - days(1)), events=(), rulebook=US
            )
            plan = found.monitoring.unwrap()
            drugs = [(item.what, str(item.amount)) for item in found.premedication.unwrap().instructions]
            seen.append((found.verdict, found.next_dose.unwrap().role, str(plan.observe), plan.anchor, bool(plan.near_care), drugs))
            course = [*course, GivenDose(point, on, amount)]
            on += days(gap)
        table_3 = [("dexamethasone", "8 mg"), ("normal saline", "1000 mL")]
        assert seen == [
            ("proceed", "step-up", "22-24 h", "infusion-start", True, table_3),
            ("proceed", "first-full", "22-24 h", "infusion-start", True, table_3),
            ("proceed", "later", "2 h", "infusion-end", False, []),
        ]

    def test_a_restart_is_noted(self) -> None:
        """Where no amount is ordered, a restart is noted."""
        assert "dose: after the delay the step-up begins anew, with 1 mg." in assessed("C2D1", "C1D15", 29).notes

    @pytest.mark.parametrize(
        ("changes", "missing"),
        [
            ({"amount": None}, ("course.C1D8.amount",)),
            ({"amount": None, "delay": 15}, ("course.C1D8.amount",)),
            ({"started": None}, ("course.C1D8.started",)),
        ],
    )
    def test_unknown_facts_of_the_course(self, changes: dict[str, Any], missing: tuple[str, ...]) -> None:
        """An amount that was not reported is asked for where it matters; so is a date."""
        first, last = given("C1D8")
        delay = changes.pop("delay", 7)
        facts = {"amount": "10 mg", "started": last.started} | changes
        on = (last.started or FIRST) + days(delay)
        found = assessed("C1D15", None, 0, on=on, course=[first, GivenDose("C1D8", facts["started"], facts["amount"])])
        assert found.dose.missing == missing

    def test_an_amount_of_no_schedule(self) -> None:
        """What follows an amount that the label does not know is for a clinician."""
        first, last = given("C1D8")
        found = assessed("C1D15", None, 0, on=FIRST + days(14), course=[first, GivenDose("C1D8", last.started, "5 mg")])
        assert (found.verdict, found.reasons[0].row) == ("needs-assessment", "guard/amount")


class TestCounts:
    """Table 7: blood counts, by their latest result and by their series."""

    @pytest.mark.parametrize(
        ("changes", "verdict", "row"),
        [
            ({"neutrophils": "0.7 10*9/L"}, "withhold", "T7-NEUTROPENIA-3"),
            ({"neutrophils": "0.49 10*9/L"}, "withhold", "T7-NEUTROPENIA-4"),
            ({"neutrophils": "1.0 10*9/L"}, "proceed", None),
            ({"neutrophils": "999 /uL"}, "withhold", "T7-NEUTROPENIA-3"),
            ({"hemoglobin": "7.9 g/dL"}, "withhold", "T7-HEMOGLOBIN"),
            ({"hemoglobin": "79 g/L"}, "withhold", "T7-HEMOGLOBIN"),
            ({"hemoglobin": "8.0 g/dL"}, "proceed", None),
            ({"platelets": "49 10*9/L"}, "withhold", "T7-PLATELETS/3"),
            ({"platelets": "50 10*9/L"}, "proceed", None),
            ({"platelets": "24 10*9/L"}, "withhold", "T7-PLATELETS/4"),
            ({"lymphocytes": "0.1 10*9/L"}, "proceed", None),
            ({"sodium": "118 mmol/L"}, "needs-assessment", "T7-OTHER-3/result"),
            ({"sodium": "139 mmol/L"}, "proceed", None),
            ({"neutrophils": None}, "needs-data", "guard/labs"),
        ],
    )
    def test_one_result(self, changes: dict[str, Any], verdict: str, row: str | None) -> None:
        """The latest result that counts, each at its edge and in the unit it came in."""
        found = assessed("C2D1", "C1D15", 14, labs=drawn(FIRST + days(27), **changes))
        assert found.verdict == verdict
        assert row is None or row in rows_of(found)

    @pytest.mark.parametrize(
        ("analyte", "series", "verdict", "row"),
        [
            ("neutrophils", [(20, "0.4"), (27, "0.6")], "withhold", "T7-NEUTROPENIA-4"),
            ("neutrophils", [(19, "0.4"), (27, "0.6")], "discontinue", "T7-NEUTROPENIA-4/late"),
            ("neutrophils", [(20, "0.4"), (25, "1.2"), (27, "1.8")], "proceed", None),
            ("neutrophils", [(15, "0.4"), (20, "0.7"), (27, "1.8")], "needs-assessment", "guard/between-draws"),
            ("neutrophils", [(15, "0.4"), (23, "0.7"), (27, "1.8")], "discontinue", "T7-NEUTROPENIA-4/late-recovered"),
            ("neutrophils", [(3, "0.4"), (8, "1.2"), (27, "0.3")], "discontinue", "T7-NEUTROPENIA-AGAIN"),
            ("neutrophils", [(3, "0.7"), (8, "1.2"), (27, "0.3")], "withhold", "T7-NEUTROPENIA-4"),
            ("neutrophils", [(3, "0.7"), (8, "1.2"), (27, "0.8")], "withhold", "T7-NEUTROPENIA-3"),
            ("neutrophils", [(5, "0.7"), (27, "0.8")], "discontinue", "T7-NEUTROPENIA-3/late"),
            ("neutrophils", [(7, "0.7"), (27, "0.8")], "withhold", "T7-NEUTROPENIA-3"),
            ("neutrophils", [(-3, "0.3"), (27, "0.3")], "withhold", "T7-NEUTROPENIA-4"),
            ("platelets", [(20, "20"), (27, "60")], "proceed", None),
            ("platelets", [(20, "20"), (27, "180")], "proceed", None),
            ("platelets", [(20, "20"), (24, "60"), (27, "30")], "withhold", "T7-PLATELETS/3"),
            ("hemoglobin", [(20, "7.1"), (27, "9.4")], "proceed", None),
        ],
    )
    def test_series(self, analyte: Any, series: list[tuple[int, str]], verdict: str, row: str | None) -> None:
        """The series gives the episode: its onset, its worst grade, when it got better, and whether it came again."""
        unit = "g/dL" if analyte == "hemoglobin" else "10*9/L"
        low = {"neutrophils": 1.5, "platelets": 150, "hemoglobin": 9.4}[analyte]
        results = [LabResult(analyte, f"{value} {unit}", FIRST + days(day), (low, unit)) for day, value in series]
        found = assessed("C2D1", "C1D15", 14, labs=[*drawn(FIRST + days(27), **{analyte: None}), *results])
        assert found.verdict == verdict
        assert row is None or row in rows_of(found)
        assert verdict != "needs-assessment" or found.missing == ()

    def test_a_report_completes_a_series(self) -> None:
        """What a reported episode says of recovery and bleeding, results of the same time take over."""
        results = [LabResult("platelets", "20 10*9/L", FIRST + days(20)), LabResult("platelets", "60 10*9/L", FIRST + days(27))]
        labs = [*drawn(FIRST + days(27), platelets=None), *results]
        verdicts = [
            assessed(
                "C2D1",
                "C1D15",
                14,
                labs=labs,
                events=[ToxicityEvent("thrombocytopenia", 4, status="active", onset=FIRST + days(20), bleeding=bleeding)],
            ).verdict
            for bleeding in (False, True, None)
        ]
        assert verdicts == ["proceed", "withhold", "needs-data"]
        fell, rose = LabResult("neutrophils", "0.4 10*9/L", FIRST + days(15)), LabResult("neutrophils", "1.8 10*9/L", FIRST + days(27))
        labs = [*drawn(FIRST + days(27), neutrophils=None), fell, rose]
        for improved, verdict in ((FIRST + days(20), "proceed"), (FIRST + days(24), "discontinue")):
            event = ToxicityEvent("neutropenia", 4, status="resolved", onset=FIRST + days(15), improved=improved)
            assert assessed("C2D1", "C1D15", 14, labs=labs, events=[event]).verdict == verdict

    def test_a_dose_was_given_since(self) -> None:
        """An episode after which the drug was given again is over; only one that was too long for certain still stops it."""
        labs = [
            *drawn(FIRST + days(41)),
            LabResult("neutrophils", "0.4 10*9/L", FIRST + days(15)),
            LabResult("neutrophils", "1.3 10*9/L", FIRST + days(27)),
        ]
        assert assessed("C2D15", "C2D1", 14, labs=labs).verdict == "proceed"
        labs.append(LabResult("neutrophils", "0.6 10*9/L", FIRST + days(24)))
        found = assessed("C2D15", "C2D1", 14, labs=labs)
        assert found.verdict == "discontinue"
        assert "T7-NEUTROPENIA-4/late-recovered" in rows_of(found)

    @pytest.mark.parametrize(
        ("status", "grade", "verdict"), [("resolved", 4, "discontinue"), ("resolved", 3, "withhold"), ("active", 4, "withhold")]
    )
    def test_reported_before(self, status: Any, grade: Any, verdict: str) -> None:
        """A reported past episode makes a grade 4 result recurrent; an ongoing one is the same episode."""
        found = assessed(
            "C2D1",
            "C1D15",
            14,
            labs=drawn(FIRST + days(27), neutrophils="0.3 10*9/L"),
            events=[
                ToxicityEvent(
                    "neutropenia", grade, status=status, onset=FIRST + days(9), improved=FIRST + days(11) if status == "resolved" else None
                )
            ],
        )
        assert found.verdict == ("discontinue" if status == "active" else verdict)

    def test_results_tell_how_a_reported_episode_stands(self) -> None:
        """An episode that is called active, and whose count is at grade 2 or less, no longer holds the dose."""
        event = ToxicityEvent("neutropenia", 4, status="active", onset=FIRST + days(22))
        assert assessed("C2D1", "C1D15", 14, events=[event]).verdict == "proceed"
        assert assessed("C2D1", "C1D15", 14, events=[event], labs=drawn(FIRST + days(27), neutrophils="0.8 10*9/L")).verdict == "withhold"

    def test_no_result_since(self) -> None:
        """If an episode was not over and no result counts, its current state is asked for; a clinician must assess a recent one."""
        labs = [*drawn(FIRST + days(153), neutrophils=None), LabResult("neutrophils", "0.4 10*9/L", FIRST + days(138))]
        found = assessed("C6D15", "C6D1", 14, labs=labs)
        assert (found.verdict, found.missing) == ("needs-assessment", ("labs.neutrophils",))


class TestLiver:
    """Table 7: ALT, AST and bilirubin."""

    @pytest.mark.parametrize(
        ("changes", "baseline", "cause", "verdict", "row"),
        [
            ({"alt": "240 U/L"}, "30 U/L", None, "withhold", "T7-LIVER-3"),
            ({"alt": "240 U/L"}, None, None, "withhold", "guard/baseline"),
            ({"alt": "240 U/L"}, "200 U/L", None, "proceed", None),
            ({"alt": "801 U/L"}, "30 U/L", None, "discontinue", "T7-LIVER-4"),
            ({"alt": "160 U/L", "bilirubin": "1.0 mg/dL"}, "30 U/L", None, "proceed", None),
            ({"alt": "160 U/L", "bilirubin": "2.5 mg/dL"}, "30 U/L", None, "needs-data", "T7-LIVER-TOGETHER"),
            ({"alt": "160 U/L", "bilirubin": "2.5 mg/dL"}, "30 U/L", False, "discontinue", "T7-LIVER-TOGETHER"),
            ({"alt": "160 U/L", "bilirubin": "2.5 mg/dL"}, "30 U/L", True, "proceed", None),
            ({"alt": "120 U/L", "bilirubin": "2.5 mg/dL"}, "30 U/L", False, "proceed", None),
            ({"alt": "160 U/L", "bilirubin": "2.0 mg/dL"}, "30 U/L", False, "proceed", None),
            ({"ast": "121 U/L", "bilirubin": "36 umol/L"}, "30 U/L", False, "discontinue", "T7-LIVER-TOGETHER"),
        ],
    )
    def test_values(self, changes: dict[str, Any], baseline: Any, cause: bool | None, verdict: str, row: str | None) -> None:
        """Each by its grade, and two of one day together where there is no other cause."""
        labs = [
            LabResult(
                lab.analyte, lab.quantity, lab.collected, None, lab.upper_limit, "0.5 mg/dL" if lab.analyte == "bilirubin" else baseline
            )
            if lab.analyte in LIMITS
            else lab
            for lab in drawn(FIRST + days(27), **changes)
        ]
        events = () if cause is None else [ToxicityEvent("hepatotoxicity", 2, status="active", other_cause=cause)]
        found = assessed("C2D1", "C1D15", 14, labs=labs, events=events)
        assert found.verdict == verdict
        assert row is None or row in rows_of(found)
        if verdict == "needs-data":
            assert found.missing == ("events.hepatotoxicity.other_cause",)

    def test_until_grade_1(self) -> None:
        """Grade 3 that is down to grade 2 holds the dose still; grade 1 does not."""
        for value, verdict in (("150 U/L", "withhold"), ("100 U/L", "proceed")):
            labs = [
                LabResult("alt", "300 U/L", FIRST + days(20), upper_limit="40 U/L", baseline="30 U/L"),
                LabResult("alt", value, FIRST + days(27), upper_limit="40 U/L", baseline="30 U/L"),
            ]
            found = assessed("C2D1", "C1D15", 14, labs=[*drawn(FIRST + days(27), alt=None), *labs])
            assert found.verdict == verdict


class TestSyndromes:
    """Tables 5 and 6 in an assessment."""

    @pytest.mark.parametrize(
        ("findings", "verdict", "row"),
        [
            (CrsFindings(temperature="38.0 Cel", hypotension="none", oxygen="none", vasopressin=False), "withhold", "T5-1"),
            (
                CrsFindings(temperature="37.9 Cel", hypotension="none", oxygen="none", vasopressin=False, fever_masked=False),
                "proceed",
                None,
            ),
            (CrsFindings(temperature="38.5 Cel", hypotension="responds-to-fluids", oxygen="none", vasopressin=False), "withhold", "T5-2"),
            (CrsFindings(temperature="39 Cel", hypotension="one-vasopressor", vasopressin=True, oxygen="none"), "withhold", "T5-3"),
            (
                CrsFindings(temperature="39 Cel", hypotension="several-vasopressors", oxygen="none", vasopressin=False),
                "discontinue",
                "T5-4",
            ),
            (CrsFindings(temperature="39 Cel", oxygen="positive-pressure"), "discontinue", "T5-4"),
            (NeuroFindings(ice=10, symptoms=[], **ALERT), "proceed", None),
            (NeuroFindings(ice=8, **ALERT), "withhold", "T6-1"),
            (NeuroFindings(ice=8, **(ALERT | {"consciousness": "awakens-to-voice"})), "withhold", "T6-2"),
            (NeuroFindings(ice=2, **ALERT), "withhold", "T6-3"),
            (NeuroFindings(ice=0, **ALERT), "withhold", "T6-3"),
            (NeuroFindings(ice=10, **(ALERT | {"seizure": "brief"})), "withhold", "T6-3"),
            (NeuroFindings(ice=10, **(ALERT | {"seizure": "prolonged"})), "discontinue", "T6-4"),
            (NeuroFindings(ice=0, arousable=False), "discontinue", "T6-4"),
        ],
    )
    @pytest.mark.parametrize("reported", [False, True])
    def test_findings(self, findings: Any, verdict: str, row: str | None, reported: bool) -> None:
        """Findings are graded and count as an ongoing episode, passed by themselves or with an event."""
        toxicity: Any = "crs" if isinstance(findings, CrsFindings) else "icans"
        facts: dict[str, Any] = {"findings": findings}
        if reported:
            if row is None:
                return
            facts = {"events": [ToxicityEvent(toxicity, status="active", onset=FIRST + days(27), findings=findings)]}
        found = assessed("C2D1", "C1D15", 14, **facts)
        assert found.verdict == verdict
        assert row is None or row in rows_of(found)

    def test_published_analogue(self) -> None:
        """A patient under teclistamab, as published: an ICE score of 8, nothing else, is grade 1."""
        assert grade_icans(NeuroFindings(ice=8, **ALERT)).unwrap() == 1

    @pytest.mark.parametrize(
        ("event", "verdict", "row"),
        [
            (ToxicityEvent("crs", 4, onset=FIRST, resolved=FIRST + days(3)), "discontinue", "T5-4/over"),
            (ToxicityEvent("crs", 3, onset=FIRST, resolved=FIRST + days(3)), "proceed", None),
            (ToxicityEvent("icans", 3, onset=FIRST + days(15), resolved=FIRST + days(20)), "proceed", None),
            (ToxicityEvent("icans", 3, onset=FIRST + days(15), resolved=FIRST + days(23)), "needs-data", "T6-3/late-over"),
            (ToxicityEvent("icans", 3, onset=FIRST + days(15), improved=FIRST + days(22), resolved=FIRST + days(26)), "proceed", None),
            (ToxicityEvent("icans", 3, onset=FIRST + days(15), improved=FIRST + days(23), resolved=FIRST + days(26)), "discontinue", None),
            (ToxicityEvent("icans", 3, status="active", onset=FIRST + days(20), current_grade=2), "discontinue", "T6-3/late"),
            (ToxicityEvent("icans", 3, status="active", onset=FIRST + days(21), current_grade=2), "withhold", "T6-3"),
            (ToxicityEvent("infection", 1, status="active", onset=FIRST + days(15)), "proceed", None),
            (ToxicityEvent("infection", 1, status="active", onset=FIRST + days(14)), "withhold", "T7-INFECTION-STEP-UP/goes-on"),
            (ToxicityEvent("infection", 1, status="active"), "needs-data", "T7-INFECTION-STEP-UP/goes-on"),
            (ToxicityEvent("infection", 3, status="active", onset=FIRST + days(15)), "withhold", "T7-INFECTION-3"),
            (ToxicityEvent("infection", 3, status="active", onset=FIRST + days(15), current_grade=1), "proceed", None),
            (ToxicityEvent("infection", 3, status="active", onset=FIRST + days(14), current_grade=1), "withhold", None),
            (ToxicityEvent("infection", 3, status="active"), "withhold", "T7-INFECTION-3"),
            (ToxicityEvent("infection", 4, status="resolved"), "discontinue", "T7-INFECTION-4"),
            (ToxicityEvent("hypersensitivity", 1, status="resolved"), "needs-assessment", "HYPERSENSITIVITY"),
            (ToxicityEvent("neurotoxicity", 1, status="active"), "needs-assessment", "T6-OTHER"),
            (ToxicityEvent("neurotoxicity", 1, status="resolved"), "proceed", None),
            (ToxicityEvent("other", 4, status="resolved"), "needs-assessment", "T7-OTHER-4/recovered"),
            (ToxicityEvent("other", 2, status="active"), "proceed", None),
        ],
    )
    def test_events(self, event: ToxicityEvent, verdict: str, row: str | None) -> None:
        """Episodes by the label's own clocks, at C2D1, 28 days after the first dose."""
        found = assessed("C2D1", "C1D15", 14, events=[event])
        assert found.verdict == verdict
        assert row is None or row in rows_of(found)

    def test_twice(self) -> None:
        """A second grade 3 of the same syndrome stops the drug; one from before the first dose is no toxicity of the drug."""
        now = ToxicityEvent("crs", 3, status="active", onset=FIRST + days(15))
        for first, verdict in ((FIRST + days(1), "discontinue"), (FIRST - days(9), "withhold")):
            before = ToxicityEvent("crs", 3, onset=first, resolved=first + days(2))
            assert assessed("C2D1", "C1D15", 14, events=[before, now]).verdict == verdict

    def test_unread_clock(self) -> None:
        """Without an onset the drug is held, and the onset asked for, since it may have to be stopped."""
        found = assessed("C2D1", "C1D15", 14, events=[ToxicityEvent("icans", 3, status="active")])
        assert (found.verdict, found.missing) == ("withhold", ("events[0].onset",))
        event = ToxicityEvent("icans", 3, status="active", onset=FIRST + days(20))
        found = assess_dose(PATIENT, "C2D1", course=given("C1D15"), labs=drawn(FIRST + days(27)), events=[event], rulebook=US)
        assert found.verdict == "withhold"
        assert "planned_start" in found.missing

    @pytest.mark.parametrize(
        ("point", "after", "infection", "verdict"),
        [
            ("C1D1", None, "controlled", "withhold"),
            ("C1D15", "C1D8", "uncontrolled", "withhold"),
            ("C3D1", "C2D15", "controlled", "needs-data"),
            ("C3D1", "C2D15", "none", "proceed"),
        ],
    )
    def test_one_fact_of_infection(self, point: str, after: str | None, infection: Any, verdict: str) -> None:
        """The patient's infection is held against the phase of treatment: any in the step-up phase; later its grade and onset are asked."""
        patient = Patient(
            age_years=67,
            diagnosis="extensive-stage-sclc",
            progressed_after_platinum=True,
            infection=infection,
            childbearing_potential=False,
        )
        found = assessed(point, after, 7 if after == "C1D8" else 14, patient=patient)
        assert found.verdict == verdict
        assert verdict != "needs-data" or found.missing == ("events.infection.grade", "events.infection.onset")

    def test_steroids_are_not_summed(self) -> None:
        """Two toxicities that each ask for a steroid are named together."""
        events = [
            ToxicityEvent("crs", 3, status="active", onset=FIRST + days(26)),
            ToxicityEvent("icans", 3, status="active", onset=FIRST + days(26)),
        ]
        notes = [note for note in assessed("C2D1", "C1D15", 14, events=events).notes if note.startswith("steroids")]
        why = "steroids: more than one toxicity asks for them"
        assert notes == [f"{why} (CRS: dexamethasone 8 mg; ICANS: dexamethasone 10 mg). Do not add them up; a clinician chooses."]
        open_ = ToxicityEvent("crs", status="active", onset=FIRST + days(26), current_grade=2)
        notes = [note for note in assessed("C2D1", "C1D15", 14, events=[open_, events[1]]).notes if note.startswith("steroids")]
        assert notes == [f"{why} (CRS: dexamethasone 8 mg; ICANS: dexamethasone 10 mg). Do not add them up; a clinician chooses."]

    def test_one_steroid_beside_other_drugs(self) -> None:
        """The label orders dexamethasone for grade 3 CRS, and supportive care alone for grade 1 ICANS: one steroid, and no note."""
        facts: dict[str, Any] = {"status": "active", "onset": FIRST + days(26)}
        events = [ToxicityEvent("crs", 3, **facts), ToxicityEvent("icans", 1, **facts)]
        found = assessed("C2D1", "C1D15", 14, events=events)
        assert all(toxicity.action.unwrap().treatments for toxicity in found.toxicities if toxicity.path.startswith("events"))
        assert not any(note.startswith("steroids") for note in found.notes)


class TestNextDose:
    """What is different with the dose after a toxicity."""

    @pytest.mark.parametrize(
        ("event", "hours", "drugs"),
        [
            (ToxicityEvent("crs", 1, onset=FIRST + days(14), resolved=FIRST + days(16)), "6-8 h", 0),
            (ToxicityEvent("crs", 2, onset=FIRST + days(14), resolved=FIRST + days(16)), "22-24 h", 0),
            (ToxicityEvent("crs", 3, onset=FIRST + days(14), resolved=FIRST + days(16)), "22-24 h", 2),
            (ToxicityEvent("crs", 3, onset=FIRST + days(8), resolved=FIRST + days(10)), "6-8 h", 0),
            (ToxicityEvent("icans", 1, onset=FIRST + days(15), resolved=FIRST + days(16)), "6-8 h", 0),
            (ToxicityEvent("icans", 2, onset=FIRST + days(15), resolved=FIRST + days(16)), "22-24 h", 0),
            (ToxicityEvent("icans", 3, onset=FIRST + days(15), resolved=FIRST + days(16)), "22-24 h", 0),
            (ToxicityEvent("icans", 2, onset=FIRST + days(9), resolved=FIRST + days(10)), "6-8 h", 0),
        ],
    )
    def test_precautions(self, event: ToxicityEvent, hours: str, drugs: int) -> None:
        """Monitoring is longer at the dose after a toxicity, and not at the one after that; the action announces what the plans say."""
        found = assessed("C2D1", "C1D15", 14, events=[event])
        plan = found.monitoring.unwrap()
        assert (str(plan.observe), len(found.premedication.unwrap().instructions)) == (hours, drugs)
        announced = found.toxicities[0].action.unwrap().next_dose
        if hours == "22-24 h":
            assert announced is not None
            assert announced.monitoring is not None
            assert (announced.monitoring.observe, announced.monitoring.anchor) == (plan.observe, plan.anchor)
            assert (announced.premedication or found.premedication.unwrap()) == found.premedication.unwrap()


class TestPatients:
    """Who may have it: by the label, and by books that leave it open."""

    @pytest.mark.statement("CONTRA")
    @pytest.mark.parametrize(
        ("changes", "rulebook", "verdict", "row"),
        [
            ({}, US, "proceed", "IND/adult"),
            ({"childbearing_potential": True, "pregnant": True, "breastfeeding": False}, US, "needs-assessment", "PREGNANCY"),
            ({"childbearing_potential": True, "pregnant": False, "breastfeeding": True}, US, "needs-assessment", "LACTATION"),
            ({"childbearing_potential": True, "breastfeeding": False}, US, "needs-data", None),
            ({"hypersensitivity": True}, US, "needs-assessment", "guard/hypersensitivity"),
            ({"hypersensitivity": True}, "eu-2026", "excluded", "EU-CONTRA"),
            ({"hypersensitivity": False}, "eu-2026", "proceed", "EU-CONTRA/none"),
            ({}, "eu-2026", "needs-data", None),
            ({"hypersensitivity": False, "infection": "controlled"}, "eu-2026", "needs-assessment", "EU-OPEN/infection"),
            ({}, "us-2024-05", "proceed", None),
            ({"infection": "uncontrolled"}, "us-2024-05", "needs-assessment", None),
            ({"childbearing_potential": True, "pregnant": True, "breastfeeding": False}, "us-2024-05", "needs-assessment", None),
            ({"childbearing_potential": True, "pregnant": False, "breastfeeding": True}, "us-2024-05", "needs-assessment", None),
            ({"diagnosis": "limited-stage-sclc"}, "us-2024-05", "excluded", None),
        ],
    )
    def test_first_dose(self, changes: dict[str, Any], rulebook: str, verdict: str, row: str | None) -> None:
        """Nothing excludes by the US label beside its indication; what a book leaves open of a patient is for a clinician."""
        patient = attrs.evolve(PATIENT, **changes)
        found = assess_dose(patient, "C1D1", planned_start=FIRST, labs=drawn(FIRST - days(1)), rulebook=rulebook)
        assert found.verdict == verdict
        assert row is None or row in rows_of(found)

    def test_results_of_which_a_book_knows_no_schedule(self) -> None:
        """Whether the EU label asks for a blood count is not known: without one a clinician must look."""
        patient = attrs.evolve(PATIENT, hypersensitivity=False)
        labs = drawn(FIRST - days(1), neutrophils=None)
        found = assess_dose(patient, "C1D1", planned_start=FIRST, labs=labs, rulebook="eu-2026")
        assert (found.verdict, rows_of(found)) == ("needs-assessment", ["EU-OPEN/labs"])

    @pytest.mark.parametrize(
        ("held", "verdict"),
        [(2, "withhold"), (3, "proceed")],
    )
    def test_three_days(self, held: int, verdict: str) -> None:
        """Grade 3 neutropenia holds the drug for three days at least by the EU label, even if the count is up again."""
        patient = attrs.evolve(PATIENT, hypersensitivity=False)
        on = FIRST + days(28)
        labs = [*drawn(on - days(1), neutrophils=None), LabResult("neutrophils", "1.7 10*9/L", on, (1.5, "10*9/L"))]
        event = ToxicityEvent("neutropenia", 3, status="active", onset=on - days(held))
        found = assess_dose(patient, "C2D1", planned_start=on, course=given("C1D15"), labs=labs, events=[event], rulebook="eu-2026")
        assert [vote.verdict for vote in found.votes if vote.part == "events[0]"] == [verdict]


class TestDates:
    """The revision in force, and a newer one."""

    @pytest.mark.parametrize(("first", "told"), [(date(2026, 9, 15), False), (date(2026, 9, 16), True), (datetime(2026, 9, 16, 9), True)])  # noqa: DTZ001  # naive on purpose
    @pytest.mark.parametrize("rulebook", [US, "precautions-2025-09"])
    def test_newer_revision(self, first: date, told: bool, rulebook: str) -> None:
        """A case has a note from 2026-09-16 on, the day of a newer US revision that is known and not encoded."""
        found = assess_dose(PATIENT, "C1D1", planned_start=first, labs=drawn(date(2026, 9, 10)), rulebook=rulebook)
        assert any("newer US revision" in note for note in found.notes) is told


def test_labs_from_cycle_6() -> None:
    """Before day 15 no results are scheduled; a severe result counts nevertheless."""
    on = FIRST + days(154)
    assert assessed("C6D15", "C6D1", 14, labs=()).verdict == "proceed"
    assert assessed("C6D15", "C6D1", 14, labs=drawn(on - days(1), neutrophils="0.7 10*9/L")).verdict == "withhold"
    assert assessed("C7D1", "C6D15", 14, labs=()).verdict == "needs-data"


def test_rows_are_named() -> None:
    """A clean case gives the rows of its plans."""
    found = assessed("C3D1", "C2D15", 14)
    assert (rows(found.dose), rows(found.monitoring), rows(found.premedication)) == (["T4-LATER"], ["T1-C3"], ["T3-LATER"])

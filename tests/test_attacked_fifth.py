"""Faults that a fifth attack found: the order of samples of one day, reasons that open facts hid, and plans that promised a dose."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import well
from tarlatamab_rules import (
    CrsFindings,
    DoseAssessment,
    GivenDose,
    LabResult,
    NeuroFindings,
    Patient,
    ToxicityEvent,
    Verdict,
    assess_dose,
    monitoring_duration,
    plan_course,
    premedication_plan,
)
from tarlatamab_rules.answers import CoursePlan
from tarlatamab_rules.course import checklist_page
from test_attacked_third import dose
from test_results_attacked import BOOKS, EU, POINTS, US, at, on

PAGE = "precautions-2025-09"
DRAWN = POINTS["C3D1"]


def anc(value: float, when: Any) -> LabResult:
    """A neutrophil count in 10*9/L."""
    return LabResult("neutrophils", f"{value} 10*9/L", when)


class TestSamplesOfOneDay:
    """Table 7: neutropenia of grade 4 that comes again stops the drug. Which of two samples of one day was first can decide that."""

    LOW, BETTER = 0.45, 1.2

    def three(self, first: Any, second: Any) -> list[LabResult]:
        """Grade 4 and grade 2 on one day, and grade 4 on the next."""
        return [anc(self.LOW, first), anc(self.BETTER, second), anc(self.LOW, on(DRAWN - 7)), anc(2.0, on(DRAWN - 3))]

    @BOOKS
    @pytest.mark.parametrize("labs", list(permutations(range(4))))
    def test_without_times(self, labs: tuple[int, ...], book: str) -> None:
        """In one order grade 4 came again, in the other it never went: the time is asked for, whatever the order of the list."""
        listed = self.three(on(DRAWN - 8), on(DRAWN - 8))
        found = dose("C3D1", [listed[n] for n in labs], book=book)
        assert (found.verdict, found.missing) == ("needs-data", ("labs.neutrophils.collected",))

    @BOOKS
    def test_one_time_is_not_enough(self, book: str) -> None:
        """Only one of the two has a time."""
        assert dose("C3D1", self.three(at(DRAWN - 8, 6), on(DRAWN - 8)), book=book).verdict == "needs-data"
        assert dose("C3D1", self.three(on(DRAWN - 8), at(DRAWN - 8, 18)), book=book).verdict == "needs-data"

    @BOOKS
    @pytest.mark.parametrize(("low", "better", "verdict"), [(6, 18, "discontinue"), (18, 6, "proceed")])
    def test_with_times(self, low: int, better: int, verdict: str, book: str) -> None:
        """With both times it is certain."""
        assert dose("C3D1", self.three(at(DRAWN - 8, low), at(DRAWN - 8, better)), book=book).verdict == verdict

    @BOOKS
    def test_many_alike(self, book: str) -> None:
        """Forty samples of one day and one grade beside another one say no more than a few of them."""
        labs = [*(anc(self.LOW, on(DRAWN - 8)) for _ in range(40)), anc(self.BETTER, on(DRAWN - 8)), anc(self.LOW, on(DRAWN - 7))]
        assert dose("C3D1", [*labs, anc(2.0, on(DRAWN - 3))], book=book).verdict == "needs-data"

    @BOOKS
    def test_no_recurrence_is_invented(self, book: str) -> None:
        """Grade 4 on an earlier day and again on the day of both: recovery or recurrence, by their order."""
        labs = [anc(self.LOW, on(DRAWN - 11)), anc(self.LOW, on(DRAWN - 8)), anc(self.BETTER, on(DRAWN - 8)), anc(2.0, on(DRAWN - 1))]
        assert dose("C3D1", labs, book=book).verdict == "needs-data"

    @BOOKS
    @given(
        st.lists(st.sampled_from([0.4, 0.8, 1.2, 1.7]), min_size=2, max_size=4),
        st.lists(st.sampled_from([0.4, 1.7]), max_size=2),
        st.data(),
    )
    @settings(max_examples=25)
    def test_every_order(self, book: str, first: list[float], second: list[float], data: st.DataObject) -> None:
        """On two days: the dose proceeds if and only if it does so in every order; no answer is stricter than the mildest order."""
        timed = data.draw(st.integers(0, len(first)))
        days = [(DRAWN - 9, first, timed), (DRAWN - 8, second, 0)]

        def answer(labs: list[LabResult]) -> Any:
            return dose("C3D1", [*labs, anc(3.0, on(DRAWN - 1))], book=book).verdict

        def known(when: int, values: list[float], times: int) -> list[LabResult]:
            return [anc(value, at(when, 6 * n + 3) if n < times else on(when)) for n, value in enumerate(values)]

        def orders(when: int, values: list[float], times: int) -> set[tuple[LabResult, ...]]:
            every = [order for order in permutations(range(len(values))) if [n for n in order if n < times] == list(range(times))]
            return {tuple(anc(values[n], at(when, 2 * place + 1)) for place, n in enumerate(order)) for order in every}

        possible = {answer([*one, *other]) for one in orders(*days[0]) for other in orders(*days[1])}
        said = answer([result for of_day in days for result in known(*of_day)])
        if possible == {"proceed"}:
            assert said == "proceed"
        else:
            assert Verdict.NEEDS_DATA <= said <= max(Verdict.NEEDS_ASSESSMENT, min(possible))

    @BOOKS
    @given(st.permutations([0.45, 0.7, 1.2, 2.0]), st.integers(2, 4))
    def test_the_order_of_a_harmless_day_is_not_asked(self, book: str, values: list[float], many: int) -> None:
        """One day with any counts, well again long before the dose: nothing hangs on their order."""
        labs = [*(anc(value, on(DRAWN - 13)) for value in values[:many]), anc(3.0, on(DRAWN - 10)), anc(3.0, on(DRAWN - 1))]
        assert dose("C3D1", labs, book=book).verdict in {"proceed", "withhold"}
        assert dose("C3D1", labs, book=book).missing == ()


class TestEndBeforeTheLastLowSample:
    """Table 7: grade 4 must be down to grade 2 within a week. The samples leave open whether it was."""

    LABS = (anc(0.45, at(DRAWN - 14, 12)), anc(0.45, at(DRAWN - 13, 12)), anc(2.0, on(DRAWN - 1)))

    @BOOKS
    @pytest.mark.parametrize("grade", [None, 1, 2, 3, 4])
    def test_a_report_that_a_sample_contradicts(self, grade: Any, book: str) -> None:
        """An end at six is no recovery if the count is still of grade 4 at noon: no such event makes the verdict milder."""
        events = [] if grade is None else [ToxicityEvent("neutropenia", grade, onset=on(DRAWN - 17), resolved=at(DRAWN - 13, 6))]
        assert dose("C3D1", self.LABS, events, book=book).verdict == "needs-assessment"

    @BOOKS
    def test_a_report_that_no_sample_contradicts(self, book: str) -> None:
        """An end on the day after the last low sample is within the week."""
        events = [ToxicityEvent("neutropenia", 4, onset=at(DRAWN - 14, 12), resolved=on(DRAWN - 12))]
        assert dose("C3D1", self.LABS, events, book=book).verdict == "proceed"


class TestReportsBesideSamples:
    """A reported low count or liver injury, and the samples of the same time."""

    @BOOKS
    @pytest.mark.parametrize("days", [0, 1])
    def test_resolved_is_not_stricter_than_active(self, days: int, book: str) -> None:
        """Grade 4 that was down to grade 2 after four days, by samples: the end of the report is not asked for."""
        labs = [anc(0.3, at(DRAWN - 12, 8)), anc(2.0, on(DRAWN - 8)), anc(2.2, on(DRAWN - 1))]
        for more in ({"status": "active"}, {"status": "resolved"}, {"resolved": on(DRAWN - 8)}):
            event = ToxicityEvent("neutropenia", 4, onset=on(DRAWN - 12 - days), **more)
            assert dose("C3D1", labs, [event], book=book).verdict == "proceed", more

    @BOOKS
    @pytest.mark.parametrize(
        ("grade", "recovered", "verdict"), [(3, 3, "needs-assessment"), (4, 3, "discontinue"), (3, 13, "proceed"), (None, 3, "discontinue")]
    )
    def test_a_worse_sample_within_a_report(self, grade: Any, recovered: int, verdict: str, book: str) -> None:
        """Charted as grade 3 for 17 days, but grade 4 in between, for which the limit is a week from the onset."""
        onset, labs = DRAWN - 20, [anc(0.45, on(DRAWN - recovered - 6)), anc(2.0, on(DRAWN - recovered))]
        events = [ToxicityEvent("neutropenia", grade, onset=on(onset), improved=on(DRAWN - recovered), resolved=on(DRAWN - recovered))]
        if grade is None:
            labs, events = [anc(0.9, on(onset)), *labs], []
        found = dose("C3D1", labs, events, book=book)
        assert found.verdict == verdict
        assert ("shows grade 4, for which the limit is 7 days" in str(found)) is (verdict == "needs-assessment")

    @BOOKS
    @pytest.mark.parametrize("grade", [1, 2, 3, 4])
    @pytest.mark.parametrize("more", [{"status": "active"}, {"status": "resolved"}, {"resolved": on(DRAWN - 3)}])
    def test_a_worse_sample_that_recovered_in_time(self, grade: Any, more: Any, book: str) -> None:
        """By the samples grade 4 was down after five days: whatever grade was charted, and however long, the week was kept."""
        labs = [anc(0.4, at(DRAWN - 28, 8)), anc(1.7, at(DRAWN - 25, 8)), anc(1.7, at(DRAWN - 1, 8))]
        event = ToxicityEvent("neutropenia", grade, onset=at(DRAWN - 29, 8), **more)
        assert dose("C3D1", labs, [event], book=book).verdict == "proceed"

    @BOOKS
    def test_a_bounded_sample_is_no_certain_grade(self, book: str) -> None:
        """Below 0.9 is grade 3 at least, not grade 4."""
        labs = [LabResult("neutrophils", "<0.9 10*9/L", at(DRAWN - 12, 8)), anc(2.0, at(DRAWN - 1, 8))]
        event = ToxicityEvent("neutropenia", 2, onset=on(DRAWN - 14), resolved=on(DRAWN - 2))
        assert "shows grade 4" not in str(dose("C3D1", labs, [event], book=book))

    @BOOKS
    @pytest.mark.parametrize("more", [{"improved": at(DRAWN, 5)}, {"other_cause": True}])
    def test_liver_injury_that_a_result_does_not_contradict(self, more: Any, book: str) -> None:
        """A sample from before the reported recovery, or an injury by something else."""
        event = ToxicityEvent("hepatotoxicity", 3, status="active", onset=on(DRAWN - 12), current_grade=1, **more)
        lab = LabResult("alt", "160 U/L", at(DRAWN - 1, 12), upper_limit="40 U/L", baseline="30 U/L")
        assert dose("C3D1", [lab], [event], book=book).verdict == "proceed"

    @BOOKS
    @pytest.mark.parametrize(("analyte", "value"), [("alt", "160 U/L"), ("ast", "160 U/L"), ("bilirubin", "2.5 mg/dL")])
    @pytest.mark.parametrize(("now", "verdict"), [(None, "withhold"), (2, "withhold"), (1, "needs-assessment")])
    def test_liver_injury_reported_as_recovered(self, analyte: Any, value: str, now: Any, verdict: str, book: str) -> None:
        """Table 7: grade 3 holds until grade 1. Who charts grade 1 on the day of a result of grade 2 is contradicted."""
        event = ToxicityEvent("hepatotoxicity", 3, status="active", onset=on(DRAWN - 12), current_grade=now)
        limit = "1 mg/dL" if analyte == "bilirubin" else "40 U/L"
        lab = LabResult(analyte, value, at(DRAWN), upper_limit=limit, baseline="0.5 mg/dL" if analyte == "bilirubin" else "30 U/L")
        assert dose("C3D1", [lab], [event], book=book).verdict == verdict

    @BOOKS
    def test_liver_injury_that_has_recovered(self, book: str) -> None:
        """Grade 1 now, and no result says otherwise: an older one, or one of grade 1, is no contradiction."""
        event = ToxicityEvent("hepatotoxicity", 3, status="active", onset=on(DRAWN - 12), current_grade=1)
        assert dose("C3D1", events=[event], book=book).verdict == "proceed"
        lab = LabResult("alt", "100 U/L", at(DRAWN), upper_limit="40 U/L", baseline="30 U/L")
        assert dose("C3D1", [lab], [event], book=book).verdict == "proceed"


class TestUnknownStatus:
    """A report without a status is never milder than with every status that it can have."""

    FOUND = NeuroFindings(
        ice=5,
        arousable=True,
        consciousness="awakens-to-touch",
        seizure="none",
        motor_weakness=False,
        raised_icp="none",
        symptoms=["confusion"],
    )

    @BOOKS
    def test_icans_found_now(self, book: str) -> None:
        """Table 6: grade 3 that goes on for more than a week, or came again, stops the drug. One of the two it is."""
        for more in ({"status": "active"}, {"status": "resolved"}, {"resolved": on(DRAWN - 20)}, {}):
            event = ToxicityEvent("icans", 3, onset=at(POINTS["C1D1"], 14), **more)
            assert dose("C3D1", events=[event], findings=self.FOUND, book=book).verdict == "discontinue", more

    @BOOKS
    @pytest.mark.parametrize("toxicity", ["icans", "crs"])
    def test_a_current_grade_of_none(self, toxicity: Any, book: str) -> None:
        """Grade 0 now cannot go on, so beside findings it is over: no error of a status that nobody wrote."""
        fever = CrsFindings(temperature="39 Cel")
        event = ToxicityEvent(toxicity, 2, current_grade=0, onset=at(DRAWN - 20, 8))
        found: Any = self.FOUND if toxicity == "icans" else fever
        assert dose("C3D1", events=[event], findings=found, book=book).verdict >= "withhold"

    @BOOKS
    @given(st.integers(1, 4), st.sampled_from([*range(0, 56, 6), None]), st.integers(0, 10), st.sampled_from(["icans", "crs"]))
    def test_any(self, book: str, grade: Any, onset: int | None, ice: int, toxicity: Any) -> None:
        """Any grade and onset, beside any score or a fever."""
        fever = CrsFindings(temperature="38.6 Cel", hypotension="none", vasopressin=False, oxygen="none")
        findings: Any = evolve(self.FOUND, ice=ice) if toxicity == "icans" else fever
        facts: Any = {"onset": None if onset is None else at(DRAWN - onset, 8)}
        known = [
            dose("C3D1", events=[ToxicityEvent(toxicity, grade, status=status, **facts)], findings=findings, book=book).verdict
            for status in ("active", "resolved", None)
        ]
        assert known[2] >= min(known[:2])


class TestOpenFactsHideNoReason:
    """A criterion that decides is named, whatever else is not known of the patient."""

    @staticmethod
    def screen(patient: Patient, book: str | None) -> str:
        """The part of the first screen that says why, in one line."""
        shown = str(assess_dose(patient, "C1D1", planned_start=FIRST, course=(), events=(), rulebook=book))
        return " ".join(shown.partition("WHY")[2].partition("MISSING")[0].split())

    @pytest.mark.parametrize("book", [None, PAGE])
    def test_a_contraindication(self, book: str | None) -> None:
        """CI-2: a pregnant patient is excluded, and told why, before anybody has asked for the diagnosis."""
        said = self.screen(Patient(age_years=40, progressed_after_platinum=True, infection="none", pregnant=True), book)
        assert "[CI-2]" in said
        assert "it depends on" not in said

    @pytest.mark.parametrize("book", [None, US, EU])
    def test_a_child(self, book: str | None) -> None:
        """The drug is for adults only."""
        said = self.screen(Patient(age_years=10), book)
        assert "The drug is for adults only." in said or "for adults" in said
        assert "it depends on" not in said

    def test_what_needs_a_clinician(self) -> None:
        """CI-1: an active infection is named although the diagnosis is not known; what is not known is not stated."""
        said = self.screen(Patient(age_years=64, infection="uncontrolled"), PAGE)
        assert "[CI-1]" in said
        assert "The patient has extensive-stage" not in said

    @pytest.mark.parametrize(("fact", "holds"), [("diagnosis", "extensive-stage"), ("infection", "no active infection")])
    def test_one_open_fact(self, fact: str, holds: str) -> None:
        """With one open criterion, its statements only may apply."""
        said = self.screen(well(hypersensitivity=False, **{fact: None}), PAGE)
        assert f"May apply: The patient has {holds}" in said
        assert f" - The patient has {holds}" not in said

    def test_criteria(self) -> None:
        """Each criterion can be asked for by itself, also of an assessment that was sent to another process."""
        from pickle import dumps, loads

        found = assess_dose(Patient(age_years=40, pregnant=True), "C1D1", rulebook=PAGE)
        sent: DoseAssessment = loads(dumps(found))  # noqa: S301  # our own bytes
        assert found.criteria[0].possible == ("eligible",)
        assert found.criteria[4].unwrap() == "excluded"
        assert sent.criteria == found.criteria

    def test_a_note_of_a_plan(self) -> None:
        """A plan notes what is known against a dose, and states nothing that was not given."""
        plan = planned(patient=Patient(infection="uncontrolled"), rulebook=None)
        (note,) = [note for note in plan.notes if note.about == "course.C2D1"]
        assert note.says == "needs-assessment by what is known so far: Active infection: assess it before giving the drug."


FIRST = datetime.fromisoformat("2026-01-05T09:00")
COURSE = tuple(
    GivenDose(point, FIRST + timedelta(days=days), amount, FIRST + timedelta(days=days, hours=1))
    for point, days, amount in (("C1D1", 0, "1 mg"), ("C1D8", 7, "10 mg"), ("C1D15", 14, "10 mg"))
)


def day_of(days: int) -> datetime:
    """So many days after the first dose."""
    return FIRST + timedelta(days=days)


def planned(events: Any = (), labs: Any = None, **more: Any) -> CoursePlan:
    """The plan of a course whose next dose is C2D1, due after 28 days."""
    facts = {"course": COURSE, "events": events, "labs": labs, "rulebook": US} | more
    return plan_course(FIRST, cycles=2, **facts)


def next_dose(plan: CoursePlan) -> Any:
    """The first dose to come."""
    return next(dose for dose in plan.doses if not dose.given)


class TestPlannedDoses:
    """A plan says of the next dose what an assessment would say of it by what is known."""

    @pytest.mark.parametrize(
        ("events", "depends"),
        [
            ([ToxicityEvent("icans", 3, onset=day_of(15))], "depends on ICANS: whether it is over"),
            ([ToxicityEvent("crs", None, status="resolved", onset=day_of(15))], "depends on CRS: grade"),
            (
                [
                    ToxicityEvent("crs", 3, status="resolved"),
                    ToxicityEvent("crs", 3, status="resolved", onset=day_of(8), resolved=day_of(10)),
                ],
                "depends on CRS: day it began",
            ),
        ],
    )
    def test_what_may_stop_the_drug(self, events: Any, depends: str) -> None:
        """A fact of the past that may stop the drug is a condition of the next dose, which says so."""
        condition = next_dose(planned(events, [anc(3.0, day_of(27))])).condition
        assert condition.startswith(depends)
        assert condition.endswith("the drug may have to be stopped for good")

    def test_an_open_liver_pair(self) -> None:
        """Table 7: ALT above 3 times with bilirubin above 2 times the limit stops the drug, unless there is another cause."""
        labs = [
            LabResult("alt", "160 U/L", day_of(27), upper_limit="40 U/L"),
            LabResult("bilirubin", "2.5 mg/dL", day_of(27), upper_limit="1 mg/dL"),
        ]
        condition = next_dose(planned(labs=labs)).condition
        assert condition == "depends on hepatotoxicity: whether another cause is established; the drug may have to be stopped for good"

    def test_nothing_is_open(self) -> None:
        """Results of the day of the dose are no condition, and neither is a toxicity that is over."""
        assert next_dose(planned([ToxicityEvent("crs", 1, onset=day_of(1), resolved=day_of(2))])).condition == ""

    @pytest.mark.parametrize(
        ("toxicity", "grade"), [("infection", 4), ("hepatotoxicity", 4), ("hypersensitivity", 4), ("icans", 3), ("other", 3)]
    )
    @pytest.mark.parametrize("patient", [None, Patient()])
    def test_an_undated_event_before_the_first_dose(self, toxicity: Any, grade: Any, patient: Any) -> None:
        """A severe event that goes on withholds the first dose, whether or not a patient is described."""
        events = [ToxicityEvent(toxicity, grade, status="active")]
        assert next_dose(planned(events, course=(), patient=patient)).condition.startswith("withheld")

    @pytest.mark.parametrize(("toxicity", "grade"), [("crs", 2), ("icans", 2), ("infection", 3)])
    def test_a_toxicity_that_is_known_to_last(self, toxicity: Any, grade: Any) -> None:
        """From day 26 to day 31: the dose of day 28 waits until then, and a note says why."""
        plan = planned([ToxicityEvent(toxicity, grade, onset=day_of(26), resolved=day_of(31))])
        assert next_dose(plan).start == day_of(31)
        (note,) = [note for note in plan.notes if note.about == "course.C2D1"]
        assert note.says.startswith("not on 2026-02-02: withhold by what is known so far: ")

    def test_a_toxicity_that_ends_in_the_evening(self) -> None:
        """It ends at eight in the evening of day 31: the dose waits until day 32."""
        plan = planned([ToxicityEvent("crs", 2, onset=day_of(26), resolved=day_of(31).replace(hour=20))])
        assert next_dose(plan).start == day_of(32)

    def test_what_ends_later_does_not_count(self) -> None:
        """A toxicity of grade 1 that ends on day 36 holds nothing: the dose waits for the end of the other one."""
        lasting = ToxicityEvent("crs", 2, onset=day_of(26), resolved=day_of(31))
        plan = planned([lasting, ToxicityEvent("other", 1, onset=day_of(20), resolved=day_of(36))])
        assert next_dose(plan).start == day_of(31)

    def test_many_ends(self) -> None:
        """A hundred later ends are not tried one by one: the dose waits for the last of them at the latest."""
        ends = [ToxicityEvent("crs", 2, onset=day_of(26), resolved=day_of(28 + n)) for n in range(100)]
        assert next_dose(planned(ends)).start in {day_of(127), day_of(128)}

    def test_results_that_recover(self) -> None:
        """Neutrophils of grade 3 on day 26 and of grade 2 on day 30: not before day 30."""
        plan = planned(labs=[anc(0.8, day_of(26)), anc(1.2, day_of(30))])
        assert next_dose(plan).start == day_of(30)

    def test_words_of_an_open_event(self) -> None:
        """What an answer depends on is named by its toxicity, in the plan and on the printed page."""
        plan = planned([ToxicityEvent("crs", None, status="resolved", onset=day_of(15), resolved=day_of(17))])
        page = checklist_page(plan, "C2D1").to_text()
        assert "depends on CRS: grade" in page
        assert "depends on CRS: grade" in str(plan)
        assert "0: grade" not in page + str(plan)


@pytest.mark.parametrize("book", [None, US, EU, PAGE])
def test_what_a_rule_asks_of_events_that_were_given(book: str | None) -> None:
    """The events are not asked for again; the grade of one of them is."""
    facts: Any = {
        "events": [ToxicityEvent("crs", None, status="resolved", onset=day_of(15))],
        "course": COURSE,
        "planned_start": day_of(28),
    }
    asked = {*monitoring_duration("C2D1", rulebook=book, **facts).missing, *premedication_plan("C2D1", rulebook=book, **facts).missing}
    assert asked <= {"events[0].grade"}


@BOOKS
def test_an_infection_that_never_was(book: str) -> None:
    """An infection of grade 0 cannot go on, so its status is not asked for."""
    assert dose("C3D1", events=[ToxicityEvent("infection", 0)], book=book).verdict == "proceed"

"""Faults that a third attack found: the order of results and events, episodes taken for one, and facts that nobody was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import normal_labs, well
from tarlatamab_rules import CrsFindings, DoseAssessment, GivenDose, LabResult, NeuroFindings, ToxicityEvent, assess_dose
from test_results_attacked import ALL_BOOKS, BOOKS, EU, POINTS, US, at, on, voted

MILD_AND_SEVERE: Any = ((1, 2), (3, 20))
"""The grade and the hour of two episodes."""
BAD = {"platelets": "12 10*9/L", "neutrophils": "0.3 10*9/L", "hemoglobin": "7 g/dL"}
GOOD = {"platelets": "300 10*9/L", "neutrophils": "3 10*9/L", "hemoglobin": "13 g/dL"}


def dose(
    point: str,
    labs: Sequence[LabResult] = (),
    events: Sequence[ToxicityEvent] = (),
    findings: Any = None,
    book: str = US,
    **patient: Any,
) -> DoseAssessment:
    """A dose of a regular course. Of an analyte without a result in *labs* there is a normal one of that morning."""
    day = POINTS[point]
    course = [
        GivenDose(name, at(when, 9), "1 mg" if name == "C1D1" else "10 mg", at(when, 10)) for name, when in POINTS.items() if when < day
    ]
    given_ = {lab.analyte for lab in labs}
    normal = [lab for lab in normal_labs(at(day)) if lab.analyte not in given_]
    facts = {"childbearing_potential": False, "hypersensitivity": False} | patient
    return assess_dose(
        well(**facts),
        point,
        planned_start=at(day, 9),
        course=course,
        labs=[*labs, *normal],
        events=list(events),
        findings=findings,
        rulebook=book,
        ordered="10 mg",
    )


class TestResultsOfOneDay:
    """Results of a day on which one of them has no time."""

    @BOOKS
    @pytest.mark.parametrize("analyte", BAD)
    def test_a_bad_one_without_a_time_counts(self, analyte: Any, book: str) -> None:
        """Two normal results of the morning, and a bad one of that day: it may be the latest, so it counts, however many precede it."""
        bad, good = LabResult(analyte, BAD[analyte], on(56)), [LabResult(analyte, GOOD[analyte], at(56, hour)) for hour in (6, 7)]
        for labs in ([bad, good[1]], [bad, *good], [*good, bad]):
            assert dose("C3D1", labs, book=book).verdict == "withhold"

    @BOOKS
    def test_a_good_one_without_a_time_changes_nothing(self, book: str) -> None:
        """12 was followed by 280 half an hour later; 290 of that day is no reason to hold the dose."""
        labs = [LabResult("platelets", "12 10*9/L", at(56, 6)), LabResult("platelets", "280 10*9/L", at(56, 7))]
        assert dose("C3D1", [*labs, LabResult("platelets", "290 10*9/L", on(56))], book=book).verdict == "proceed"

    @BOOKS
    def test_an_earlier_day(self, book: str) -> None:
        """With nothing later, the count of an earlier day may still be the bad one: the dose waits for a new one."""
        labs = [LabResult("neutrophils", "3 10*9/L", at(40, 7)), LabResult("neutrophils", "0.3 10*9/L", on(40))]
        assert dose("C3D1", labs, book=book).missing == ("labs.neutrophils",)
        assert "T7-NEUTROPENIA-4/late" in voted(dose("C3D1", labs, book=book))

    @given(st.data())
    def test_what_counts_is_never_outvoted(self, data: st.DataObject) -> None:
        """The verdict is never milder than with the worst of the results that count alone."""
        analyte: Any = data.draw(st.sampled_from(["platelets", "neutrophils"]))
        values = {"platelets": ("12", "60", "290"), "neutrophils": ("0.3", "0.8", "3")}[analyte]
        times = st.sampled_from([None, 5, 6, 7])
        some = [(hour, data.draw(st.sampled_from(values))) for hour in data.draw(st.lists(times, min_size=1, max_size=4))]
        labs = [LabResult(analyte, f"{value} 10*9/L", on(56) if hour is None else at(56, hour)) for hour, value in some]
        found = dose("C3D1", labs)
        counting = [lab.result for lab in found.standings if lab.standing == "counts" and lab.analyte == analyte]
        assert counting
        assert found.verdict >= max(dose("C3D1", [lab]).verdict for lab in counting if lab is not None)


class TestOneEpisode:
    """Whether two facts are of one episode."""

    @BOOKS
    @pytest.mark.parametrize(
        ("toxicity", "analyte", "low"), [("neutropenia", "neutrophils", "0.8"), ("thrombocytopenia", "platelets", "40")]
    )
    def test_a_low_count_of_months_later(self, toxicity: Any, analyte: Any, low: str, book: str) -> None:
        """Grade 3 of day 20, over without a date, and a low count of day 110 that recovered: when the first one improved is asked for."""
        event = ToxicityEvent(toxicity, 3, onset=on(20), status="resolved", bleeding=False)
        labs = [LabResult(analyte, f"{low} 10*9/L", at(110)), LabResult(analyte, GOOD[analyte], at(112))]
        found = dose("C5D1", labs, [event], book=book)
        assert (found.verdict, found.missing) == ("needs-data", ("events[0].improved",))
        ended = ToxicityEvent(toxicity, 3, onset=on(20), resolved=on(26), status="resolved", bleeding=False)
        assert dose("C5D1", labs, [ended], book=book).verdict == "proceed"

    @BOOKS
    def test_a_low_count_before_the_next_dose(self, book: str) -> None:
        """Neutropenia of day 43, over without a date: grade 4 on day 53 is the same episode, since no dose was given. A week is over."""
        event = ToxicityEvent("neutropenia", 4, onset=on(43), status="resolved")
        labs = [LabResult("neutrophils", "0.4 10*9/L", at(53)), LabResult("neutrophils", "3 10*9/L", at(56))]
        assert dose("C3D1", labs, [event], book=book).verdict == "discontinue"

    @ALL_BOOKS
    def test_findings_of_two_ongoing_episodes(self, book: str) -> None:
        """CRS of grade 1 and of grade 3, both active, and findings of grade 3: no recurrence, in any order, and none without findings."""
        mild, severe = (ToxicityEvent("crs", grade, onset=at(13, hour), status="active") for grade, hour in MILD_AND_SEVERE)
        events = [mild, severe]
        now = CrsFindings(temperature="39 Cel", hypotension="one-vasopressor", oxygen="none", vasopressin=False, fever_masked=False)
        for order in permutations(events):
            for findings in (None, now):
                found = dose("C1D15", events=order, findings=findings, book=book)
                assert found.verdict == "withhold"
                assert "T5-3/again" not in voted(found)

    @pytest.mark.parametrize("book", [US, EU])
    def test_severe_findings_of_another_cause_before(self, book: str) -> None:
        """A seizure of another cause, then ICANS of grade 3: whether that is a recurrence is for a clinician, and no reason to stop."""
        seizure = NeuroFindings(
            ice=10, arousable=True, consciousness="alert", seizure="brief", motor_weakness=False, raised_icp="none", symptoms=["seizures"]
        )
        for grade in (1, None):
            earlier = ToxicityEvent("icans", grade, onset=on(8), resolved=on(10), other_cause=True, findings=seizure)
            found = dose("C2D1", events=[earlier, ToxicityEvent("icans", 3, onset=on(15), resolved=on(18))], book=book)
            assert (found.verdict, found.missing) == ("needs-assessment", ())
            assert "guard/earlier-open" in voted(found)

    @BOOKS
    def test_findings_worse_than_an_earlier_grade(self, book: str) -> None:
        """CRS recorded as grade 2, whose findings may be worse, without an onset: a worse episode before it makes nothing milder."""
        open_ = ToxicityEvent("crs", 2, resolved=on(46), findings=CrsFindings(temperature="38.5 Cel", vasopressin=True))
        for grade in (2, 3):
            found = dose("C3D1", events=[ToxicityEvent("crs", grade, onset=on(30), resolved=on(32)), open_], book=book)
            assert found.verdict == "needs-assessment"
            assert "events[1].grade" not in found.missing

    @BOOKS
    def test_an_earlier_grade_that_no_fact_settles(self, book: str) -> None:
        """The same with its dates, before CRS of grade 3: no recorded grade is asked for."""
        open_ = ToxicityEvent("crs", 2, onset=on(30), resolved=on(32), findings=CrsFindings(temperature="38.5 Cel", vasopressin=True))
        found = dose("C3D1", events=[open_, ToxicityEvent("crs", 3, onset=on(44), resolved=on(47))], book=book)
        assert (found.verdict, found.missing) == ("needs-assessment", ())


class TestContradictions:
    """Findings of an event that contradict each other."""

    FINDINGS = NeuroFindings(ice=9, arousable=False, seizure="none", motor_weakness=False, raised_icp="none")

    @ALL_BOOKS
    @pytest.mark.parametrize("grade", [1, 2])
    def test_of_an_event_that_is_over(self, grade: Any, book: str) -> None:
        """An ICE score of 9 in a patient who cannot be woken: a recorded grade does not settle that. A clinician must."""
        event = ToxicityEvent("icans", grade, onset=on(20), resolved=on(24), findings=self.FINDINGS)
        found = dose("C2D1", events=[event], book=book)
        assert found.verdict == "needs-assessment"
        assert "guard/contradiction" in voted(found)

    @ALL_BOOKS
    def test_of_one_with_another_cause(self, book: str) -> None:
        """Another cause does not make them mild."""
        event = ToxicityEvent("icans", 2, onset=on(27), status="active", other_cause=True, findings=self.FINDINGS)
        found = dose("C2D1", events=[event], book=book)
        assert found.verdict == "needs-assessment"
        assert "guard/contradiction" in voted(found)

    @ALL_BOOKS
    def test_of_an_active_one(self, book: str) -> None:
        """What every grade calls for is shown, and the grade is asked for, as for current findings."""
        found = dose("C2D1", events=[ToxicityEvent("icans", 1, onset=on(27), status="active", findings=self.FINDINGS)], book=book)
        assert found.verdict >= "withhold"
        assert "guard/contradiction" in voted(found)

    @BOOKS
    def test_a_severe_grade_that_is_recorded(self, book: str) -> None:
        """A recorded grade 3 stays the least of what is possible."""
        event = ToxicityEvent("icans", 3, onset=on(20), resolved=on(24), findings=self.FINDINGS)
        assert {grade for each in dose("C2D1", events=[event], book=book).toxicities for grade in each.grades} == {3, 4}


class TestTheFirstDay:
    """Results of the day of the first dose."""

    @ALL_BOOKS
    @pytest.mark.parametrize(
        ("samples", "known"),
        [
            ([("alt", "900 U/L", 0)], "proceed"),
            ([("neutrophils", "0.4 10*9/L", 0), ("neutrophils", "0.4 10*9/L", 8), ("neutrophils", "2 10*9/L", 9)], "proceed"),
            ([("neutrophils", "0.4 10*9/L", 0), ("neutrophils", "2 10*9/L", 5), ("neutrophils", "0.45 10*9/L", 28)], "withhold"),
        ],
    )
    def test_without_a_time(self, samples: list[tuple[Any, str, int]], known: str, book: str) -> None:
        """Drawn before the first dose it is no toxicity of the drug, after it it stops the drug: the time is asked for."""
        limits = {"upper_limit": "40 U/L", "baseline": "20 U/L"} if samples[0][0] == "alt" else {}

        def found(hour: int | None) -> DoseAssessment:
            labs = [
                LabResult(analyte, value, on(0) if day == 0 and hour is None else at(day, hour or 7) if day == 0 else at(day), **limits)
                for analyte, value, day in samples
            ]
            latest = [] if samples[-1][2] == 28 else normal_labs(at(28))
            return dose("C2D1", [*labs, *[lab for lab in latest if lab.analyte == samples[0][0]]], book=book)

        assert [found(hour).verdict for hour in (8, 15)] == [known, "discontinue"]
        undated = found(None)
        assert undated.verdict == ("needs-data" if known == "proceed" else known)
        assert undated.missing == (f"labs.{samples[0][0]}.collected",)
        assert "guard/first-day" in voted(undated)

    @BOOKS
    def test_where_it_decides_nothing(self, book: str) -> None:
        """A normal result of that day needs no time."""
        labs = [LabResult("alt", "20 U/L", on(0), upper_limit="40 U/L"), *[lab for lab in normal_labs(at(28)) if lab.analyte == "alt"]]
        assert (dose("C2D1", labs, book=book).verdict, dose("C2D1", labs, book=book).missing) == ("proceed", ())


class TestNothingRareIsAskedFor:
    """What a ward does not chart holds no dose."""

    @ALL_BOOKS
    def test_oxygen_at_home(self, book: str) -> None:
        """Chronic oxygen with another cause, no fever: a note. Nobody charts that no drug was given for fever."""
        oxygen: dict[str, Any] = {
            "temperature": "36.8 Cel",
            "oxygen": "low-flow",
            "hypotension": "none",
            "vasopressin": False,
            "other_cause": True,
        }
        found = dose("C3D1", findings=CrsFindings(**oxygen), book=book)
        crs = [note for note in found.notes if note.startswith("findings.crs")]
        assert not [vote for vote in found.votes if vote.part == "findings.crs"]
        assert any("oxygen without fever" in note for note in crs)
        assert any("None counts as given" in note for note in crs)
        drug = dose("C3D1", findings=CrsFindings(**oxygen, fever_masked=True), book=book)
        assert [vote.verdict for vote in drug.votes if vote.part == "findings.crs"] == ["withhold"]

    @BOOKS
    def test_oxygen_without_a_cause(self, book: str) -> None:
        """The same without a cause: a masked fever would make it CRS, so it holds and asks."""
        oxygen = CrsFindings(temperature="36.8 Cel", oxygen="low-flow", hypotension="none", vasopressin=False)
        found = dose("C3D1", findings=oxygen, book=book)
        assert (found.verdict, found.missing) == ("withhold", ("findings.crs.fever_masked",))

    def test_a_criterion_that_the_book_leaves_open(self) -> None:
        """The EU book mentions infection and leaves it open: not known, it is asked for; absent, it frees the dose."""
        assert dose("C3D1", book=EU, infection="none").verdict == "proceed"
        found = dose("C3D1", book=EU, infection=None)
        assert (found.verdict, found.missing) == ("needs-data", ("patient.infection",))
        assert dose("C3D1", book=EU, infection="controlled").verdict == "needs-assessment"


@pytest.mark.parametrize(
    ("analyte", "value", "limit"),
    [("hemoglobin", "11.8 g/dL", "12 g/dL"), ("platelets", "140 10*9/L", "150 10*9/L"), ("neutrophils", "1.6 10*9/L", "1.8 10*9/L")],
)
def test_a_mild_grade_is_not_called_severe(analyte: Any, value: str, limit: str) -> None:
    """The book of 2024 leaves open what to do about low counts: grade 1 is for a clinician because of that, not because it is severe."""
    lab = LabResult(analyte, value, at(14), lower_limit=limit)
    found = dose("C1D15", [lab], book="us-2024-05")
    (vote,) = (vote for vote in found.votes if vote.part == f"labs.{analyte}")
    assert [reason.row for reason in vote.reasons if reason.row.startswith("guard/")] == ["guard/unsettled"]

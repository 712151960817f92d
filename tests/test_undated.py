"""What has no date dissolves nothing that is proven, and its date is asked for. Verdicts are worked out by hand from the sources."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from helpers import ALERT, DEFAULT, DRUG_BOOKS, PAGE, VITALS, normal_labs, well
from tarlatamab_rules import CrsFindings, DoseAssessment, GivenDose, LabResult, NeuroFindings, ToxicityEvent, Verdict, assess_dose
from tarlatamab_rules.answers import Vote

SCHEDULE = {"C1D1": 0, "C1D8": 7, "C1D15": 14, "C2D1": 28}
FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # the clock on the wall of the ward
LAST = 14
START = 28
DRAWN = 27
UNITS = {"neutrophils": "10*9/L", "platelets": "10*9/L", "alt": "U/L", "ast": "U/L", "bilirubin": "mg/dL"}
LIMITS: dict[str, dict[str, Any]] = {
    "alt": {"upper_limit": "40 U/L", "baseline": "25 U/L"},
    "ast": {"upper_limit": "40 U/L", "baseline": "25 U/L"},
    "bilirubin": {"upper_limit": "1.2 mg/dL", "baseline": "0.6 mg/dL"},
    "neutrophils": {"lower_limit": "1.8 10*9/L"},
    "platelets": {"lower_limit": "150 10*9/L"},
}
CALM = VITALS | {"temperature": "37.0 Cel"}


def at(day: float, hour: int = 8) -> datetime:
    """A time of the ward, on a day counted from that of the first dose."""
    return FIRST + timedelta(days=day, hours=hour - FIRST.hour)


def lab(analyte: Any, value: float, day: float | None = None) -> LabResult:
    """A result with the limits of its laboratory; without a day it has no date."""
    return LabResult(analyte, f"{value} {UNITS[analyte]}", None if day is None else at(day), **LIMITS[analyte])


def assessed(*labs: LabResult, rulebook: str | None = None, **changed: Any) -> DoseAssessment:
    """C2D1 of a well patient: normal results of the day before, but for analytes of which one is given of that day; and more results."""
    there = {str(result.analyte) for result in labs if result.collected == at(DRAWN)}
    course = [
        GivenDose(point, at(day, 9), "1 mg" if day == 0 else "10 mg", at(day, 10), complete=True)
        for point, day in SCHEDULE.items()
        if day < START
    ]
    facts: dict[str, Any] = {
        "planned_start": at(START, 9),
        "course": course,
        "labs": [*(each for each in normal_labs(at(DRAWN)) if each.analyte not in there), *labs],
        "events": (),
    }
    return assess_dose(well(), "C2D1", rulebook=rulebook, **(facts | changed))


def vote(found: DoseAssessment, part: str) -> Vote:
    """The vote of one part."""
    (own,) = [each for each in found.votes if each.part == part]
    return own


class TestResults:
    """A result without a date, beside those that have one."""

    def test_a_stop_stays(self) -> None:
        """Table 7: ALT above 20 times the limit after the last dose stops the drug, whenever a normal one was drawn."""
        severe = lab("alt", 960, 16)
        for undated in ([], [lab("alt", 30)], [lab("alt", 30), lab("alt", 90)]):
            assert assessed(severe, lab("alt", 25, DRAWN), *undated).verdict == "discontinue"

    @pytest.mark.parametrize("undated", [0.1, 0.42, 3.5])
    def test_a_clock_that_ran_out_stays(self, undated: float) -> None:
        """Table 7: neutrophils of grade 4 for eight days, and then still, stop the drug, whatever was drawn at some time beside them."""
        lasting = [lab("neutrophils", 0.4, 19), lab("neutrophils", 0.42, DRAWN)]
        found = assessed(*lasting, lab("neutrophils", undated))
        assert found.verdict == "discontinue"

    @pytest.mark.parametrize("undated", [0.1, 1.5, 3.5])
    def test_a_recurrence_stays(self, undated: float) -> None:
        """Table 7: grade 4, recovery, and grade 4 again stop the drug."""
        again = [lab("neutrophils", value, day) for value, day in ((0.4, 16), (1.5, 18), (0.3, 21), (1.5, DRAWN))]
        assert assessed(*again, lab("neutrophils", undated)).verdict == "discontinue"

    def test_that_may_be_the_latest(self) -> None:
        """If a date would change the answer, it is asked for, and the reasons of the other answers are listed too."""
        found = assessed(lab("neutrophils", 3.5, DRAWN), lab("neutrophils", 0.4))
        assert (found.verdict, found.missing) == ("needs-data", ("labs.neutrophils.collected",))
        held = vote(assessed(lab("alt", 250, DRAWN), lab("alt", 960)), "labs.alt")
        assert (held.verdict, held.missing, held.reasons[0].row) == ("withhold", ("labs.alt.collected",), "guard/labs-dates")
        assert "T7" in " ".join(reason.row for reason in held.reasons)

    def test_whose_course_is_not_known(self) -> None:
        """Without a course, of several results the last is the one that may count; both ask for the course."""
        found = assessed(lab("neutrophils", 0.4, 19), lab("neutrophils", 1.5, 21), course=None)
        assert found.verdict == "needs-data"
        assert "course" in found.missing

    def test_without_a_planned_start(self) -> None:
        """A proven recurrence stays one where the start is not known."""
        again = [lab("neutrophils", value, day) for value, day in ((0.4, 1), (1.5, 3), (0.3, 9), (1.5, 12))]
        found = assessed(*again, lab("neutrophils", 0.3), planned_start=None)
        assert found.verdict == "discontinue"


VALUES = {"neutrophils": (0.1, 0.42, 0.8, 1.5, 3.5), "platelets": (20, 60, 250), "alt": (30, 90, 250, 960), "bilirubin": (0.6, 3, 8, 13)}
RESULTS = st.sampled_from(sorted(VALUES)).flatmap(
    lambda analyte: st.tuples(
        st.lists(
            st.builds(lab, st.just(analyte), st.sampled_from(VALUES[analyte]), st.sampled_from([15, 17, 19, 22, 25, DRAWN])), max_size=4
        ),
        st.sampled_from(VALUES[analyte]).map(lambda value: lab(analyte, value)),
    )
)


class TestLaw:
    """What holds of any result without a date."""

    @given(RESULTS, st.sampled_from([*DRUG_BOOKS, DEFAULT]))
    @example(([lab("alt", 960, 16), lab("alt", 25, DRAWN)], lab("alt", 30)), DEFAULT)
    @example(([lab("neutrophils", 0.4, 19), lab("neutrophils", 0.42, DRAWN)], lab("neutrophils", 0.1)), DEFAULT)
    def test_never_milder(self, results: tuple[list[LabResult], LabResult], book: str) -> None:
        """It never makes the verdict milder than the mildest that it has with some date: before the last dose, since, or at the start."""
        dated, undated = results
        days = (-3, LAST - 1, 16, 18, 20, 24, 26, DRAWN + 0.5, START)
        mildest = min(assessed(*dated, evolve(undated, collected=at(day)), rulebook=book).verdict for day in days)
        assert assessed(*dated, undated, rulebook=book).verdict >= mildest


class TestPairs:
    """ALT above 3 and bilirubin above 2 times the limit stop the drug, unless there is another cause: Table 7."""

    PAIR = (lab("alt", 160, DRAWN), lab("bilirubin", 3, DRAWN))

    @pytest.mark.parametrize(
        ("facts", "missing"),
        [
            ({"status": "resolved"}, ("events[0].resolved",)),
            ({"status": "resolved", "onset": date(2026, 1, 6)}, ("events[0].resolved",)),
            ({}, ("events[0].onset",)),
            ({"onset": date(2026, 1, 6), "resolved": date(2026, 1, 10)}, ("events.hepatotoxicity.other_cause",)),
        ],
    )
    def test_a_cause_of_no_known_time(self, facts: dict[str, Any], missing: tuple[str, ...]) -> None:
        """Another cause clears a pair only if its episode was there when the pair was drawn; a date that is missing is asked for."""
        event = ToxicityEvent("hepatotoxicity", 2, other_cause=True, **facts)
        found = vote(assessed(*self.PAIR, events=[event]), "labs.alt with labs.bilirubin")
        assert (found.verdict, found.missing) == ("needs-data", missing)

    def test_a_cause_of_that_time(self) -> None:
        """An ongoing or later episode with another cause explains the pair."""
        for facts in ({"status": "active"}, {"onset": date(2026, 1, 6), "resolved": date(2026, 2, 2)}):
            event = ToxicityEvent("hepatotoxicity", 2, other_cause=True, **facts)
            assert not [each for each in assessed(*self.PAIR, events=[event]).votes if " with " in each.part]

    def test_a_pair_of_no_known_time(self) -> None:
        """A pair without dates is not cleared by an episode that is over."""
        event = ToxicityEvent("hepatotoxicity", 2, onset=date(2026, 1, 6), resolved=date(2026, 1, 10), other_cause=True)
        found = vote(assessed(lab("alt", 160), lab("bilirubin", 3), events=[event]), "labs.alt with labs.bilirubin")
        assert (found.verdict, found.missing) == ("needs-data", ("labs.alt.collected",))

    @pytest.mark.parametrize("day", [START + 0.1, START + 3])
    @pytest.mark.parametrize(("other_cause", "verdict"), [(False, "needs-assessment"), (None, "needs-data"), (True, None)])
    def test_a_half_of_after_the_start(self, other_cause: bool | None, verdict: str | None, day: float) -> None:  # a fact
        """A half that is dated after the planned start is not dropped: a time is wrong, or the dose is late."""
        event = ToxicityEvent("hepatotoxicity", 2, status="active", onset=at(25), other_cause=other_cause)
        found = assessed(lab("alt", 160, DRAWN), lab("bilirubin", 3, day), events=[event])
        votes = [each for each in found.votes if " with " in each.part]
        assert [each.verdict for each in votes] == ([] if verdict is None else [Verdict(verdict)])
        assert all(each.reasons[0].row == "guard/labs-after" for each in votes)


class TestQuestions:
    """All that is asked for can be supplied by a field that exists."""

    @pytest.mark.parametrize("infection", ["none", None])
    def test_an_infection_that_may_go_on(self, infection: Any) -> None:
        """The status of a reported infection is asked for in the event, and for the patient only if the event is not known."""
        facts: dict[str, Any] = {"planned_start": FIRST, "labs": normal_labs(at(-1)), "course": ()}
        found = assess_dose(well(infection=infection), "C1D1", events=[ToxicityEvent("infection", 1)], **facts)
        own = () if infection else ("patient.infection",)
        assert (found.verdict, found.missing) == ("needs-data", ("events[0].status", *own))
        over = [ToxicityEvent("infection", 1, status="resolved")]
        assert assess_dose(well(), "C1D1", events=over, **facts).verdict == "proceed"

    def test_findings_that_are_all_known(self) -> None:
        """Vasopressin alone has no place on the scale, and nothing more is to be known: the dose is withheld, and nothing is asked."""
        found = assessed(findings=CrsFindings(**CALM | {"temperature": "38.6 Cel", "vasopressin": True}))
        assert (found.verdict, found.missing) == ("withhold", ())

    def test_a_seizure_by_the_page(self) -> None:
        """The page gives a seizure no grade of its own, and nothing more is to be known."""
        found = assessed(findings=NeuroFindings(**ALERT | {"seizure": "brief"}), rulebook=PAGE)
        assert not [path for path in found.missing if path.startswith("findings")]

    @pytest.mark.parametrize("other_cause", [None, True])
    def test_findings_that_contradict_each_other(self, other_cause: bool | None) -> None:  # a fact
        """Of a contradiction its own findings are asked for, since one of them is wrong."""
        found = assessed(findings=NeuroFindings(**ALERT | {"ice": 7, "arousable": False, "other_cause": other_cause}))
        assert set(found.missing) == {"findings.icans.ice", "findings.icans.arousable", "findings.icans.consciousness"}

"""Results against reports, without limits, and on their way to recovery: where an answer was milder or stricter than it may be."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import DEFAULT, DRUG_BOOKS, normal_labs, well
from tarlatamab_rules import DoseAssessment, GivenDose, LabResult, ToxicityEvent, Verdict, assess_dose
from tarlatamab_rules.inputs.analytes import UPPER_LIMITS, Analyte

US = "us-2025-11"
EU = "eu-2026"
BOOKS = pytest.mark.parametrize("book", [US, DEFAULT])
ALL_BOOKS = pytest.mark.parametrize("book", [US, EU, DEFAULT])
FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # the clock on the wall of the ward
POINTS = {"C1D1": 0, "C1D8": 7, "C1D15": 14, "C2D1": 28, "C2D15": 42, "C3D1": 56, "C3D15": 70, "C4D1": 84, "C4D15": 98, "C5D1": 112}
POINTS |= {"C5D15": 126, "C6D1": 140, "C6D15": 154}


def at(day: float, hour: int = 7) -> datetime:
    """A time of a day, counted from the first dose."""
    return FIRST.replace(hour=hour) + timedelta(days=day)


def on(day: int) -> date:
    """A day, counted from the first dose."""
    return at(day).date()


def asked(point: str, *earlier: LabResult, book: str = US, events: Any = (), **today: LabResult | None) -> DoseAssessment:
    """A dose of a regular course, with earlier results and normal ones of that morning, of which some may be others."""
    day = POINTS[point]
    course = [
        GivenDose(name, at(when, 9), "1 mg" if name == "C1D1" else "10 mg", at(when, 10)) for name, when in POINTS.items() if when < day
    ]
    labs = [*earlier, *normal_labs(at(day), **today)]
    patient = well(childbearing_potential=False, hypersensitivity=False)
    return assess_dose(patient, point, planned_start=at(day, 9), course=course, labs=labs, events=events, rulebook=book, ordered="10 mg")


def voted(found: DoseAssessment) -> set[str]:
    """The ids of all rows and guards behind the votes."""
    return {reason.row for vote in found.votes for reason in vote.reasons}


class TestNoLimit:
    """A limit of normal is missing, and the drug may have to be held or stopped without it."""

    @ALL_BOOKS
    @pytest.mark.parametrize(
        ("analyte", "value", "verdict"),
        [
            ("alt", "2500 U/L", "needs-assessment"),  # 25 times 100, the greatest plausible limit: grade 4
            ("ast", "2500 U/L", "needs-assessment"),
            ("bilirubin", "25 mg/dL", "needs-assessment"),  # 12.5 times 2: grade 4
            ("alt", "950 U/L", "needs-data"),  # 9.5 times 100, but 24 times 40
            ("bilirubin", "11 mg/dL", "needs-data"),
            ("alt", "190 U/L", "proceed"),  # 19 times 10, the least plausible limit: not grade 4
            ("alt", "60 U/L", "proceed"),
        ],
    )
    def test_of_an_earlier_result(self, analyte: Any, value: str, verdict: str, book: str) -> None:
        """Grade 4 stops the drug for good (Table 7), also if the result is two doses old and normal since: the limit is asked for."""
        found = asked("C3D1", LabResult(analyte, value, at(46)), book=book)
        assert found.verdict == verdict
        assert (f"labs.{analyte}.upper_limit" in found.missing) is (verdict != "proceed")

    @BOOKS
    def test_exact_value_of_an_earlier_result(self, book: str) -> None:
        """More than 12.5 times the limit may be grade 4: the value is asked for. More than 20 times is; less than 20 times is not."""
        expected = {">500": "needs-data", ">800": "discontinue", "<800": "proceed"}
        for bound, verdict in expected.items():
            found = asked("C3D1", LabResult("alt", f"{bound} U/L", at(46), upper_limit="40 U/L", baseline="20 U/L"), book=book)
            assert found.verdict == verdict
            assert found.missing == (("labs.alt.value",) if verdict == "needs-data" else ())

    @pytest.mark.parametrize(
        ("point", "book", "today"),
        [
            ("C6D15", US, {"alt": "400 U/L"}),
            ("C6D15", US, {"ast": "400 U/L"}),
            ("C6D15", US, {"bilirubin": "6 mg/dL"}),
            ("C2D1", EU, {"alt": "400 U/L"}),
        ],
    )
    def test_of_a_result_that_is_not_required(self, point: str, book: str, today: dict[Any, str]) -> None:
        """4 times the greatest plausible limit is abnormal by every limit, and grade 3 by most: the dose waits for the limit."""
        analyte, value = next(iter(today.items()))
        found = asked(point, book=book, **{analyte: LabResult(analyte, value, at(POINTS[point]))})
        assert found.verdict == "needs-data"
        assert f"labs.{analyte}.upper_limit" in found.missing

    def test_of_a_result_that_may_be_normal(self) -> None:
        """99 U/L is normal by a limit of 100: a dose that does not require it does not wait."""
        assert asked("C6D15", alt=LabResult("alt", "99 U/L", at(154))).verdict == "proceed"

    @given(
        st.sampled_from([Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN]),
        st.floats(0.5, 40),
        st.floats(0, 1),
        st.sampled_from([0, 7, 10, 13, 27]),
        st.sampled_from([*DRUG_BOOKS, DEFAULT]),
    )
    def test_never_milder(self, analyte: Analyte, times: float, place: float, ago: int, book: str) -> None:
        """If the drug is held or stopped with a plausible limit, the dose never proceeds without it.

        This holds for every earlier result; for one of today, that a book need not require, if it is abnormal by every plausible limit.
        """
        least, greatest = UPPER_LIMITS[analyte]
        limit = least + place * (greatest - least)
        assume(ago > 0 or times * limit > greatest)
        unit = "mg/dL" if analyte is Analyte.BILIRUBIN else "U/L"
        with_it, without = (
            LabResult(analyte, (times * limit, unit), at(56 - ago), upper_limit=upper_limit) for upper_limit in ((limit, unit), None)
        )
        today = {str(analyte): None} if ago == 0 else {}
        if asked("C3D1", with_it, book=book, **today).verdict >= Verdict.WITHHOLD:
            assert asked("C3D1", without, book=book, **today).verdict > Verdict.PROCEED


class TestBoundedCount:
    """A count of which only a bound is known."""

    @ALL_BOOKS
    def test_that_may_have_been_grade_4(self, book: str) -> None:
        """Below 1.0 on day 43 may be grade 4, whose week was over before day 54 shows recovery: the value is asked for."""
        low, recovered = LabResult("neutrophils", "<1.0 10*9/L", at(43)), LabResult("neutrophils", "1.2 10*9/L", at(54))
        found = asked("C3D1", low, recovered, book=book)
        assert (found.verdict, found.missing) == ("needs-data", ("labs.neutrophils.value",))
        assert asked("C3D1", LabResult("neutrophils", "<0.5 10*9/L", at(43)), recovered, book=book).verdict != "proceed"

    @BOOKS
    def test_that_may_show_no_recovery(self, book: str) -> None:
        """Grade 4, and below 1.5 eight days later: nothing is stopped for good on that; a clinician looks, and the value is asked for."""
        samples = [LabResult("neutrophils", f"{value} 10*9/L", at(day)) for value, day in (("0.4", 45), ("<1.5", 53), ("2.0", 54))]
        found = asked("C3D1", *samples, book=book)
        assert (found.verdict, found.missing) == ("needs-assessment", ("labs.neutrophils.value",))


class TestContradictedRecovery:
    """A sample within a reported episode is bad after the day on which the report says that it recovered."""

    @BOOKS
    @pytest.mark.parametrize(
        ("toxicity", "days", "sample", "verdict"),
        [
            (("neutropenia", 4), (43, 49, 55), ("neutrophils", "0.8 10*9/L", 52), "discontinue"),  # bad on the 9th day; the limit is 7
            (("neutropenia", 4), (43, 49, 55), ("neutrophils", "1.2 10*9/L", 52), "proceed"),  # grade 2 is recovered
            (("neutropenia", 4), (43, 49, 55), ("neutrophils", "0.8 10*9/L", 50), "needs-assessment"),  # on the 7th day: perhaps in time
            (("neutropenia", 4), (43, 47, 49), ("neutrophils", "0.8 10*9/L", 48), "proceed"),  # over on the 6th day
            (("thrombocytopenia", 3), (20, 30, 50), ("platelets", "40 10*9/L", 45), "discontinue"),  # bad on the 25th; the limit is 21
        ],
    )
    def test_the_later_day_counts(self, toxicity: Any, days: tuple[int, int, int], sample: Any, verdict: str, book: str) -> None:
        """The day that samples show counts, whether or not a sample shows the onset as well; the answer says that the two differ."""
        onset, improved, resolved = map(on, days)
        event = ToxicityEvent(*toxicity, onset=onset, improved=improved, resolved=resolved, status="resolved", bleeding=False)
        analyte, value, day = sample
        found = asked("C3D1", LabResult(analyte, value, at(day)), events=[event], book=book)
        assert found.verdict == verdict
        says = [reason.says for vote in found.votes for reason in vote.reasons] + [f"{note}" for note in found.notes]
        assert any("ecovery is reported for" in text for text in says) is (value != "1.2 10*9/L")

    @BOOKS
    @pytest.mark.parametrize(
        ("toxicity", "days", "sample", "verdict"),
        [
            (("neutropenia", 4), (45, 52), ("neutrophils", "0.9 10*9/L", 53), "needs-assessment"),
            (("neutropenia", 4), (45, 52), ("neutrophils", "1.2 10*9/L", 53), "proceed"),
            (("neutropenia", 4), (52, 53), ("neutrophils", "0.9 10*9/L", 54), "proceed"),  # good on day 56, the 4th: in time
            (("thrombocytopenia", 3), (20, 41), ("platelets", "40 10*9/L", 42), "needs-assessment"),
            (("thrombocytopenia", 3), (20, 40), ("platelets", "60 10*9/L", 42), "proceed"),  # grade 2
        ],
    )
    def test_just_after_its_end(self, toxicity: Any, days: tuple[int, int], sample: Any, verdict: str, book: str) -> None:
        """A sample of the day after the reported end still shows it, and its clock has run out: a clinician must assess it."""
        onset, resolved = map(on, days)
        event = ToxicityEvent(*toxicity, onset=onset, resolved=resolved, status="resolved", bleeding=False)
        analyte, value, day = sample
        assert asked("C3D1", LabResult(analyte, value, at(day)), events=[event], book=book).verdict == verdict

    def test_a_second_dip(self) -> None:
        """A bad sample after the reported end is another episode; without an end, a resolved episode is not contradicted."""
        for resolved in (on(49), None):
            event = ToxicityEvent("neutropenia", 3, onset=on(43), improved=on(47), resolved=resolved, status="resolved")
            found = asked("C3D1", LabResult("neutrophils", "0.9 10*9/L", at(53)), events=[event])
            assert "guard/contradicted" not in voted(found)


class TestMeasuredRecovery:
    """A count that has recovered."""

    @pytest.mark.parametrize(("value", "day"), [("0.7", 52), ("0.4", 52), ("0.7", 50)])
    @pytest.mark.parametrize("now", ["1.2", "4"])
    def test_after_three_days(self, value: str, day: int, now: str) -> None:
        """EU: neutropenia of grade 3 or 4 holds for at least 3 days and until grade 2 or less; it makes no difference how much less."""
        low = LabResult("neutrophils", f"{value} 10*9/L", at(day))
        found = asked("C3D1", low, book=EU, neutrophils=LabResult("neutrophils", f"{now} 10*9/L", at(56)))
        assert found.verdict == "proceed"

    @pytest.mark.parametrize("now", ["1.2", "4"])
    def test_before_three_days(self, now: str) -> None:
        """On the second day after the onset the dose is held, whatever the count is."""
        low = LabResult("neutrophils", "0.7 10*9/L", at(54))
        found = asked("C3D1", low, book=EU, neutrophils=LabResult("neutrophils", f"{now} 10*9/L", at(56)))
        assert found.verdict == "withhold"

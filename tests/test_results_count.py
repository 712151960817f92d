"""No result is dropped, and none holds a dose for a fact that nobody can give. Verdicts are worked out by hand from the sources."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from helpers import DEFAULT, PAGE, normal_labs, well
from tarlatamab_rules import (
    Case,
    CrsFindings,
    DoseAssessment,
    GivenDose,
    LabResult,
    NeedsData,
    ToxicityEvent,
    Verdict,
    assess_case,
    grade_febrile_neutropenia,
    liver_injury,
    rulebooks,
)
from tarlatamab_rules.answers import LabNeed, Vote
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.inputs.analytes import KINDS, UPPER_LIMITS, Analyte
from tarlatamab_rules.rulebooks.facts import ANALYTE
from tarlatamab_rules.rulebooks.questions import LAB_NEED
from tarlatamab_rules.rules.labs import RECENT_DAYS

US = "us-2025-11"
EU = "eu-2026"
BOOKS = pytest.mark.parametrize("rulebook", [DEFAULT, US])
FIRST = datetime(2026, 1, 12, 10)  # noqa: DTZ001  # the clock on the wall of the ward
SCHEDULE = {"C1D1": 0, "C1D8": 7, "C1D15": 14} | {f"C{n}D{day}": 28 * (n - 1) + day - 1 for n in range(2, 9) for day in (1, 15)}
HOUR = timedelta(hours=1)
UNITS = {analyte: kind.unit for analyte, kind in KINDS.items()}
LIMITS: dict[str, dict[str, Any]] = {
    "alt": {"upper_limit": "40 U/L"},
    "bilirubin": {"upper_limit": "1.2 mg/dL"},
    "creatinine": {"upper_limit": "1.1 mg/dL"},
    "sodium": {"lower_limit": "135 mmol/L", "upper_limit": "145 mmol/L"},
    "potassium": {"lower_limit": "3.5 mmol/L", "upper_limit": "5 mmol/L"},
    "uric-acid": {"upper_limit": "6 mg/dL"},
}
CLEAR: dict[str, Any] = {"hypotension": "none", "vasopressin": False, "oxygen": "none", "fever_masked": False}


def at(day: float, hour: int = 8) -> datetime:
    """A time of the ward, on a day counted from that of the first dose."""
    return FIRST + timedelta(days=day, hours=hour - FIRST.hour)


def lab(analyte: Any, value: Any, day: float | None = None, **more: Any) -> LabResult:
    """A result in the unit of its analyte, with the limits of its laboratory unless they are changed."""
    unit = UNITS[Analyte(analyte)]
    return LabResult(analyte, f"{value} {unit}", None if day is None else at(day), **(LIMITS.get(analyte, {}) | more))


def doses(point: str) -> list[GivenDose]:
    """The doses before one, on their days and complete."""
    return [
        GivenDose(name, at(day, 10), "1 mg" if name == "C1D1" else "10 mg", at(day, 11), complete=True)
        for name, day in SCHEDULE.items()
        if day < SCHEDULE[point]
    ]


def case(point: str, *labs: LabResult, replaced: bool = True, **changed: Any) -> Case:
    """A case in which all is well, and results; they replace the normal ones of their analytes of this morning if *replaced*."""
    day = SCHEDULE[point]
    there = {str(result.analyte) for result in labs} if replaced else set()
    normal = [result for result in normal_labs(at(day)) if result.analyte not in there]
    facts: dict[str, Any] = {
        "patient": well(),
        "point": point,
        "planned_start": at(day, 10),
        "course": doses(point),
        "labs": [*normal, *labs],
        "events": (),
    }
    return Case(**(facts | changed))


def episode(toxicity: Any, grade: Any = None, **facts: Any) -> ToxicityEvent:
    """An episode, with facts by name."""
    return ToxicityEvent(toxicity, grade, **facts)


def voted(found: DoseAssessment, part: str) -> Vote:
    """The strictest vote of one part."""
    return max((vote for vote in found.votes if vote.part == part), key=lambda vote: vote.verdict)


def verdict(given: Case, rulebook: str | None = None, **more: Any) -> str:
    """The verdict alone."""
    return str(assess_case(given, rulebook=rulebook, **more).verdict)


def rows_of(found: DoseAssessment) -> set[str]:
    """The ids of the rows behind the verdict."""
    return {reason.row for reason in found.reasons}


class TestFebrileNeutropenia:
    """CTCAE: neutrophils below 1 with a single temperature above 38.3, or one of 38.0 or more for over an hour, are grade 3."""

    PATH = "labs.neutrophils with findings.crs"

    @BOOKS
    @pytest.mark.parametrize(("count", "celsius"), [(0.8, 38.6), (0.6, 38.9), (0.99, 38.4)])
    def test_together(self, count: float, celsius: float, rulebook: str) -> None:
        """A low neutrophil count and a high temperature hold the dose as ongoing febrile neutropenia."""
        found = assess_case(
            case("C2D1", lab("neutrophils", count, 28), findings=CrsFindings(temperature=f"{celsius} Cel", **CLEAR)), rulebook=rulebook
        )
        vote = voted(found, self.PATH)
        assert (vote.verdict, vote.missing) == ("withhold", ())
        assert {reason.row for reason in vote.reasons} >= {"T7-FEBRILE", "guard/febrile-neutropenia"}
        (toxicity,) = (each for each in found.toxicities if each.path == self.PATH)
        assert (toxicity.toxicity, toxicity.grades) == ("febrile-neutropenia", (3,))

    @pytest.mark.parametrize(("count", "celsius"), [(1.0, 38.9), (0.8, 37.9), (4, 39)])
    def test_not_together(self, count: float, celsius: float) -> None:
        """With enough neutrophils, or below 38.0 degrees, there is none."""
        found = assess_case(case("C2D1", lab("neutrophils", count, 28), findings=CrsFindings(temperature=f"{celsius} Cel", **CLEAR)))
        assert not [vote for vote in found.votes if vote.part == self.PATH]

    @pytest.mark.parametrize("celsius", [38.0, 38.3])
    def test_how_long(self, celsius: float) -> None:
        """Between 38.0 and 38.3 its duration matters: both grades stay possible, a clinician must look, and no path is made up for it."""
        found = assess_case(case("C2D1", lab("neutrophils", 0.8, 28), findings=CrsFindings(temperature=f"{celsius} Cel", **CLEAR)))
        vote = voted(found, self.PATH)
        assert (vote.verdict, vote.missing, vote.reasons[0].row) == ("needs-assessment", (), "guard/fever-duration")
        (toxicity,) = (each for each in found.toxicities if each.path == self.PATH)
        assert toxicity.grades == (0, 3)

    def test_bound(self) -> None:
        """What is behind a bound is asked for, where a case holds it."""
        found = assess_case(case("C2D1", lab("neutrophils", "<1.5", 28), findings=CrsFindings(temperature="38.6 Cel", **CLEAR)))
        vote = voted(found, self.PATH)
        assert (vote.verdict, vote.missing) == ("needs-data", ("labs.neutrophils.value",))

    def test_of_an_active_event(self) -> None:
        """The temperature of an ongoing syndrome counts as well; that of a past one does not."""
        hot = CrsFindings(temperature="38.9 Cel", **CLEAR)
        for facts, there in (({"status": "active"}, True), ({"resolved": at(27)}, False)):
            event = episode("crs", 1, onset=at(26), findings=hot, **facts)
            found = assess_case(case("C2D1", lab("neutrophils", 0.8, 28), events=[event]))
            assert any(vote.part == "labs.neutrophils with events[0]" for vote in found.votes) is there

    def test_reported(self) -> None:
        """A reported ongoing episode is not counted twice; a past one is another episode."""
        hot = CrsFindings(temperature="38.9 Cel", **CLEAR)
        for facts, there in (({"status": "active", "onset": at(27)}, False), ({"onset": at(15), "resolved": at(20)}, True)):
            event = episode("febrile-neutropenia", 3, **facts)
            found = assess_case(case("C2D1", lab("neutrophils", 0.8, 28), events=[event], findings=hot))
            assert any(vote.part == self.PATH for vote in found.votes) is there

    @given(st.sampled_from([0.3, 0.8, 0.99, 1.0, 2.0]), st.sampled_from([36.9, 38.0, 38.3, 38.4, 40.0]))
    def test_as_the_scale_has_it(self, count: float, celsius: float) -> None:
        """An assessment has it exactly where the scale does not rule it out."""
        result = lab("neutrophils", count, 28)
        graded = grade_febrile_neutropenia(result, f"{celsius} Cel")
        found = assess_case(case("C2D1", result, findings=CrsFindings(temperature=f"{celsius} Cel", **CLEAR)))
        assert any(each.path == self.PATH for each in found.toxicities) is any(graded.possible)


class TestBeforeTheFirstDose:
    """Our limit of age where no source gives one."""

    @BOOKS
    @pytest.mark.parametrize(("age", "expected"), [(1, "proceed"), (28, "proceed"), (29, "needs-assessment"), (400, "needs-assessment")])
    def test_age(self, age: int, expected: str, rulebook: str) -> None:
        """Required results of more than 28 days before the first dose are for a clinician."""
        found = assess_case(case("C1D1", labs=normal_labs(at(-age))), rulebook=rulebook)
        assert str(found.verdict) == expected
        assert ("guard/old-labs" in rows_of(found)) is (age > RECENT_DAYS)

    @pytest.mark.parametrize(("days", "says"), [(1, "1 day"), (2, "2 days")])
    def test_its_age_is_noted(self, days: int, says: str) -> None:
        """How old the oldest result is at the first dose is noted."""
        found = assess_case(case("C1D1", labs=normal_labs(at(-days))))
        assert (
            f"labs: no earlier dose limits their age. The oldest result that counts was drawn {says} before the planned start."
            in found.notes
        )

    @pytest.mark.parametrize("days", [365, 366])
    def test_a_year_old(self, days: int) -> None:
        """Results dated a year before the planned start to the day are likely to have last year's date: a note says so."""
        found = assess_case(case("C2D1", labs=normal_labs(at(28 - days))))
        assert any(note.startswith("labs: dated about a year before the planned start") for note in found.notes)

    def test_greatest_age(self) -> None:
        """A maximum age that the caller passes replaces it."""
        old = case("C1D1", labs=normal_labs(at(-40)))
        assert verdict(old, max_lab_age="60 days") == "proceed"
        assert verdict(old, max_lab_age="30 days") == "needs-data"

    def test_names_what_is_old(self) -> None:
        """The reason names the results, says that the limit is a safeguard of this library, and says how to replace it."""
        (reason,) = assess_case(case("C1D1", lab("platelets", 200, -29))).reasons
        assert "28 days" in reason.says
        assert "platelets" in reason.says
        assert "a safeguard of this library" in reason.says
        assert "max_lab_age" in reason.says

    def test_not_required(self) -> None:
        """A result that is not required is not waited for, however old it is."""
        assert verdict(case("C1D1", lab("sodium", 139, -200))) == "proceed"

    def test_left_open_by_the_book(self) -> None:
        """Where the book does not settle whether a result is required, an old one is like none."""
        found = assess_case(case("C1D1", labs=normal_labs(at(-29))), rulebook=EU)
        assert "guard/old-labs" in rows_of(found)

    def test_later_doses(self) -> None:
        """After the first dose results are bounded by the last one, unless that is more than 28 days ago itself."""
        given = doses("C1D15")[:1]
        for day, old in ((28, False), (40, True)):
            late = case("C1D8", planned_start=at(day, 10), course=given, labs=normal_labs(at(1)))
            assert ("guard/old-labs" in rows_of(assess_case(late))) is old


class TestBetweenTwoDraws:
    """Table 7: grade 4 neutropenia is stopped for good if it is not down to grade 2 within 7 days."""

    @BOOKS
    def test_clock_between(self, rulebook: str) -> None:
        """0.4 on day 19 and 2.0 on day 28: nobody can say whether it took more than 7 days, so a clinician must assess it."""
        found = assess_case(case("C2D1", lab("neutrophils", 0.4, 19), lab("neutrophils", 2, 28)), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("needs-assessment", ())
        (reason,) = (reason for reason in found.reasons if reason.row == "guard/between-draws")
        assert "2026-01-31" in reason.says
        assert "2026-02-09" in reason.says

    def test_the_last_draw_has_no_date(self) -> None:
        """0.4 ten days ago and 2.0 without a date: at the dose the limit of 7 days may be over, so it is for a clinician either way."""
        for point in ("C3D1", "C3D15"):
            found = assess_case(case(point, lab("neutrophils", 0.4, SCHEDULE[point] - 10), lab("neutrophils", 2)), rulebook=US)
            assert str(found.verdict) == "needs-assessment"
            assert "labs.neutrophils.collected" in found.missing

    def test_a_report_settles_it(self) -> None:
        """A reported date of improvement settles it: after six days the drug may continue, after eight it is stopped."""
        for day, expected in ((25, "proceed"), (27, "discontinue")):
            event = episode("neutropenia", 4, onset=at(19), improved=at(day), resolved=at(27, 20))
            assert verdict(case("C2D1", lab("neutrophils", 0.4, 19), lab("neutrophils", 2, 28), events=[event])) == expected

    @BOOKS
    def test_draws_tell_of_a_report(self, rulebook: str) -> None:
        """A report of twelve days that does not say when it improved: a draw of the fifth day shows grade 2, so it was in time."""
        draws = [lab("neutrophils", 0.4, 44), lab("neutrophils", 1.3, 49), lab("neutrophils", 4, 56)]
        event = episode("neutropenia", 4, onset=at(44), resolved=at(56))
        found = assess_case(case("C3D1", *draws, events=[event]), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("proceed", ())

    @BOOKS
    def test_draws_of_another_count_tell_nothing(self, rulebook: str) -> None:
        """The same report with a normal haemoglobin on the fifth day: when the neutrophils improved is still asked."""
        event = episode("neutropenia", 4, onset=at(44), resolved=at(56))
        found = assess_case(case("C3D1", lab("hemoglobin", 13, 49), events=[event], replaced=False), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("needs-data", ("events[0].improved",))

    def test_draws_show_that_it_was_late(self) -> None:
        """Draws that are bad on the ninth day, or leave the day open, do not make a reported episode milder."""
        event = episode("neutropenia", 4, onset=at(43), resolved=at(56))
        late = [lab("neutrophils", 0.7, 52), lab("neutrophils", 1.3, 53), lab("neutrophils", 4, 56)]
        assert verdict(case("C3D1", *late, events=[event])) == "discontinue"
        open_ = [lab("neutrophils", 0.4, 45), lab("neutrophils", 1.3, 53), lab("neutrophils", 4, 56)]
        assert verdict(case("C3D1", *open_, events=[event])) == "needs-assessment"

    @BOOKS
    def test_report_and_draws_differ(self, rulebook: str) -> None:
        """Improved on day 21 by the report, 2.0 on day 20 by a draw: no error; the later day counts, and a note says so."""
        draws = [lab("neutrophils", 0.4, 11), lab("neutrophils", 2, 20), lab("neutrophils", 4, 28)]
        event = episode("neutropenia", 4, status="resolved", onset=at(15), improved=at(21))
        found = assess_case(case("C2D1", *draws, events=[event]), rulebook=rulebook)
        assert str(found.verdict) == "discontinue"
        assert any("2026-02-02" in note and "2026-02-01" in note and "the later date counts" in note for note in found.notes)

    def test_a_report_that_is_too_early(self) -> None:
        """Improved on day 13 by the report, 0.7 on day 16 by a draw: the report does not make it milder."""
        draws = [lab("neutrophils", 0.4, 11), lab("neutrophils", 0.7, 16), lab("neutrophils", 2, 20), lab("neutrophils", 4, 28)]
        event = episode("neutropenia", 4, status="resolved", onset=at(11), improved=at(13))
        found = assess_case(case("C2D1", *draws, events=[event]))
        assert str(found.verdict) == "needs-assessment"
        assert any("does not show it yet" in note for note in found.notes)

    @BOOKS
    @pytest.mark.parametrize(
        "facts", [None, {"resolved": at(55)}, {"status": "active", "current_grade": 2}, {"status": "active", "current_grade": 1}]
    )
    def test_a_recovery_after_the_last_draw(self, facts: dict[str, Any] | None, rulebook: str) -> None:
        """0.4 on days 45 and 50, a recovery reported for day 51, the dose on day 56: within 7 days, so a newer draw is asked for.

        The old draws show grade 4 for 5 days, with the report and without; they do not show that it took more than 7.
        """
        events = [] if facts is None else [episode("neutropenia", 4, onset=at(45), improved=at(51), **facts)]
        found = assess_case(case("C3D1", lab("neutrophils", 0.4, 45), lab("neutrophils", 0.4, 50), events=events), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("withhold", ("labs.neutrophils",))

    @pytest.mark.parametrize("rulebook", [None, US])
    @pytest.mark.parametrize(("facts", "missing"), [({"status": "active"}, ()), ({}, ("events[0].status",))])
    def test_a_draw_from_before_a_reported_recovery(self, facts: dict[str, Any], missing: tuple[str, ...], rulebook: str | None) -> None:
        """0.4 on day 45, a recovery reported for day 51, no current grade: the old draw does not show the current count."""
        event = ToxicityEvent("neutropenia", 4, onset=at(45), improved=at(51), **facts)
        found = assess_case(case("C3D1", lab("neutrophils", 0.4, 46), events=[event]), rulebook=rulebook)
        assert found.verdict == "withhold"
        assert set(found.missing) == {*missing, "labs.neutrophils"}

    def test_a_low_draw_without_a_date(self) -> None:
        """0.4 ten days ago and again without a date: if that is of today it took more than 7 days, so its date is asked for."""
        found = assess_case(case("C3D1", lab("neutrophils", 0.4, 46), lab("neutrophils", 0.4)), rulebook=US)
        assert "labs.neutrophils.collected" in voted(found, "labs.neutrophils").missing

    @pytest.mark.parametrize(("drawn", "noted"), [(date(2026, 2, 10), False), (date(2026, 2, 11), False), (date(2026, 2, 12), True)])
    def test_a_draw_dated_late(self, drawn: date, *, noted: bool) -> None:
        """A result dated more than a day after the planned start, of 10 February, is named as doubtful; one of the next day is not."""
        planned = datetime(2026, 2, 10, 9)  # noqa: DTZ001  # the clock on the wall of the ward
        late = LabResult("platelets", "200 10*9/L", drawn, "150 10*9/L")
        found = assess_case(Case(patient=well(), point="C1D1", planned_start=planned, labs=[*normal_labs(planned), late], events=[]))
        assert any("platelets" in str(note) and "Check the dates" in str(note) for note in found.notes) == noted

    def test_a_report_without_a_planned_start(self) -> None:
        """A reported recovery is taken as it is while the planned start is missing, which is asked for."""
        event = episode("neutropenia", 4, status="active", onset=at(11), improved=at(16))
        found = assess_case(case("C2D1", planned_start=None, events=[event]))
        assert "planned_start" in found.missing
        assert not any("after the planned start" in note for note in found.notes)

    def test_a_report_before_recovery(self) -> None:
        """A report of recovery does not end what draws still show."""
        draws = [lab("neutrophils", 0.4, 24), lab("neutrophils", 0.6, 28)]
        event = episode("neutropenia", 4, status="active", onset=at(24), improved=at(26))
        assert verdict(case("C2D1", *draws, events=[event])) == "withhold"

    def test_a_report_of_another_time(self) -> None:
        """The recovery of a later episode is none of an earlier one."""
        draws = [
            *(lab("neutrophils", value, day) for value, day in ((0.7, 16), (2, 20), (0.8, 40), (1.2, 45))),
            lab("neutrophils", 4, 56),
        ]
        for facts in ({"onset": at(40)}, {}):
            event = episode("neutropenia", 3, status="resolved", improved=at(45), **facts)
            assert voted(assess_case(case("C3D1", *draws, events=[event])), "labs.neutrophils").verdict == "proceed"

    @given(st.lists(st.tuples(st.integers(15, 27), st.sampled_from([0.3, 0.8, 1.3, 4])), max_size=5), st.data())
    def test_nothing_is_refused(self, draws: list[tuple[int, float]], data: st.DataObject) -> None:
        """Whatever draws and a report say, an assessment is made, and asks for no day between two draws."""
        onset = data.draw(st.integers(15, 26))
        resolved = data.draw(st.integers(onset, 27))
        improved = data.draw(st.none() | st.integers(onset, resolved).map(at))
        facts: dict[str, Any] = data.draw(st.sampled_from([{"resolved": at(resolved)}, {"status": "resolved"}, {"status": "active"}]))
        event = episode("neutropenia", 4, onset=at(onset), improved=improved, **facts)
        labs = [lab("neutrophils", value, day) for day, value in draws]
        found = assess_case(case("C2D1", *labs, lab("neutrophils", 4, 28), events=[event]))
        assert "events.neutropenia.improved" not in found.missing


class TestAgain:
    """Table 7: recurrent grade 4 neutropenia is stopped for good."""

    @pytest.mark.parametrize("rulebook", [DEFAULT, US, EU])
    @pytest.mark.parametrize("between", [1.3, 1.5, 4])
    @pytest.mark.parametrize("after", [(), (2.5,)])
    def test_found(self, between: float, after: tuple[float, ...], rulebook: str) -> None:
        """0.45, then grade 2 or less, then 0.42: the second grade 4 is found, whether it is the latest or over."""
        values = [0.45, between, 0.42, *after]
        days = [43, 47, 52, 56] if after else [43, 47, 56]
        draws = [lab("neutrophils", value, day) for value, day in zip(values, days, strict=True)]
        assert verdict(case("C3D1", *draws), rulebook) == "discontinue"

    @pytest.mark.parametrize(("values", "expected"), [((0.45, 0.9, 0.42), "withhold"), ((0.8, 1.3, 0.42), "withhold")])
    def test_once(self, values: tuple[float, ...], expected: str) -> None:
        """One grade 4 that never got to grade 2, or after a grade 3, is the first one."""
        draws = [lab("neutrophils", value, day) for value, day in zip(values, (50, 53, 56), strict=True)]
        assert verdict(case("C3D1", *draws)) == expected

    @given(*[st.lists(st.sampled_from([0.42, 0.8, 1.2, 4]), max_size=2)] * 3, st.sampled_from([1.2, 4]))
    def test_law(self, before: list[float], between: list[float], after: list[float], good: float) -> None:
        """Two grades 4 with a grade 2 or less between them are never milder than stopped."""
        values = [*before, 0.42, *between, good, 0.42, *after]
        draws = [lab("neutrophils", value, 56 - len(values) + n + 1) for n, value in enumerate(values)]
        assert verdict(case("C3D1", *draws)) == "discontinue"


class TestPastLiver:
    """Table 7: grade 4 ALT, AST or bilirubin is stopped for good, and grade 4 is above 20 times the limit from a normal baseline."""

    @BOOKS
    @pytest.mark.parametrize(("analyte", "value"), [("alt", 950), ("bilirubin", 13)])
    def test_unknown_baseline(self, analyte: str, value: float, rulebook: str) -> None:
        """A past grade 4 without a baseline is read as from a normal one, as if drawn today, and the baseline is asked for."""
        for day in (46, 56):
            normal = [] if day == 56 else [result for result in normal_labs(at(56)) if result.analyte == analyte]
            found = assess_case(case("C3D1", lab(analyte, value, day), *normal), rulebook=rulebook)
            assert (str(found.verdict), found.missing) == ("discontinue", (f"labs.{analyte}.baseline",))
            assert "guard/baseline" in rows_of(found)
            assert "T7-LIVER-4" in rows_of(found) or day == 56

    def test_known_baseline(self) -> None:
        """With a normal baseline it is the same, and nothing is asked; with one that was high already it was no grade 4."""
        now = lab("alt", 24, 56)
        assert verdict(case("C3D1", lab("alt", 950, 46, baseline="30 U/L"), now)) == "discontinue"
        assert verdict(case("C3D1", lab("alt", 950, 46, baseline="700 U/L"), now)) == "proceed"

    def test_no_result_since(self) -> None:
        """It is the same where no newer result counts; that one is asked for as well."""
        found = assess_case(case("C3D1", lab("alt", 950, 40)))
        assert (str(found.verdict), found.missing) == ("discontinue", ("labs.alt", "labs.alt.baseline"))

    def test_past_grade_3(self) -> None:
        """A past grade 3 that is down to grade 1 by either reading asks for nothing; at grade 2 it holds, as from a normal baseline."""
        found = assess_case(case("C3D1", lab("alt", 240, 46), lab("alt", 84, 56)))
        assert (str(found.verdict), found.missing) == ("proceed", ())
        found = assess_case(case("C3D1", lab("alt", 240, 46), lab("alt", 150, 56)))
        assert (str(found.verdict), found.missing) == ("withhold", ("labs.alt.baseline",))


class TestPairs:
    """Table 7: ALT above 3 and bilirubin above 2 times the limit without another cause are stopped for good."""

    @BOOKS
    @pytest.mark.parametrize("undated", ["alt", "bilirubin"])
    def test_undated_half(self, undated: str, rulebook: str) -> None:
        """ALT 3.5 x and bilirubin 2.5 x, one of them undated, may be a pair: its date is asked for, and the cause."""
        alt = lab("alt", 140, None if undated == "alt" else 56)
        bilirubin = lab("bilirubin", 3, None if undated == "bilirubin" else 56)
        normal = [result for result in normal_labs(at(56)) if result.analyte == undated]
        found = assess_case(case("C3D1", alt, bilirubin, *normal), rulebook=rulebook)
        assert str(found.verdict) == "needs-data"
        assert found.missing == (f"labs.{undated}.collected", "events.hepatotoxicity.other_cause")
        graded = liver_injury([alt, bilirubin], other_cause=False, rulebook=US)
        assert isinstance(graded, NeedsData)
        assert graded.missing == (f"labs.{undated}.collected",)
        assert liver_injury([alt, bilirubin], other_cause=True, rulebook=US).missing == ()

    @BOOKS
    @pytest.mark.parametrize(("day", "expected"), [(-1, "proceed"), (0.1, "needs-data"), (1, "needs-data")])
    def test_before_the_first_dose(self, day: float, expected: str, rulebook: str) -> None:
        """A pair from the day before the first dose is no injury by the drug; of one drawn an hour or a day after it the cause is asked."""
        pair = lab("alt", 140, day), lab("bilirubin", 3, day)
        found = assess_case(case("C1D8", *pair, replaced=False), rulebook=rulebook)
        assert str(found.verdict) == expected
        assert found.missing == (("events.hepatotoxicity.other_cause",) if expected == "needs-data" else ())

    def test_other_days(self) -> None:
        """Two dates that are far apart are no pair, two that are near are one, and so are two without."""
        for days, missing in (((40, 43), ()), ((40, 41), ("other_cause",)), ((None, None), ("other_cause",))):
            answer = liver_injury([lab("alt", 140, days[0]), lab("bilirubin", 3, days[1])], rulebook=US)
            assert [fact.rpartition(".")[2] for fact in answer.missing] == list(missing)

    @given(
        st.lists(
            st.tuples(st.sampled_from(["alt", "ast", "bilirubin"]), st.sampled_from([0.5, 2.5, 3.5, None]), st.none() | st.integers(0, 4))
        )
    )
    def test_what_a_date_settles(self, results: list[tuple[str, float | None, int | None]]) -> None:
        """By each pair taken alone the answer is the same as by all; a date that is left out takes nothing from what is possible."""
        normal = {"alt": (40, "U/L"), "ast": (40, "U/L"), "bilirubin": (1.2, "mg/dL")}

        def made(analyte: Any, times: float | None, day: int | None) -> LabResult:
            limit, unit = normal[analyte]
            return LabResult(
                analyte, (limit * (times or 1), unit), None if day is None else at(day), None, (limit, unit) if times else None
            )

        labs = [made(*each) for each in results]
        answer = liver_injury(labs, other_cause=False, rulebook=US)
        alone = [liver_injury([one, other], other_cause=False, rulebook=US) for one in labs for other in labs if one is not other]
        stops = [part for part in alone if any(part.possible)]
        assert any(answer.possible) is bool(stops)
        assert (None not in answer.possible) is any(None not in part.possible for part in stops)
        undated = liver_injury([evolve(result, collected=None) for result in labs], other_cause=False, rulebook=US)
        assert any(undated.possible) or not any(answer.possible)


class TestSymptoms:
    """CTCAE: symptoms decide between grades 2 and 3 of sodium 128, and between 1 and 3 of a raised uric acid."""

    RESULTS = pytest.mark.parametrize(("analyte", "value", "grade"), [("sodium", 128, 2), ("uric-acid", 7.8, 1)])

    @BOOKS
    @RESULTS
    def test_reviewed(self, analyte: str, value: float, grade: int, rulebook: str) -> None:
        """Events were reviewed and none is of it: read as without symptoms, with the reading among the reasons, and nothing is asked."""
        found = assess_case(case("C1D8", lab(analyte, value, 7)), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("proceed", ())
        (graded,) = (each.grade for each in found.graded if each.result.analyte == analyte)
        assert graded.unwrap() == grade
        assert graded.reasons[-1].row == "guard/no-symptoms"

    @BOOKS
    @RESULTS
    def test_not_reviewed(self, analyte: str, value: float, grade: int, rulebook: str) -> None:  # noqa: ARG002  # as above
        """Without a review that is what is asked for."""
        found = assess_case(case("C1D1", lab(analyte, value, 0), events=None), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("needs-data", ("events",))

    @BOOKS
    @pytest.mark.parametrize(
        ("facts", "expected", "missing"),
        [
            ({"grade": 2, "onset": at(-365), "status": "active", "other_cause": True}, "proceed", ()),
            ({"grade": 3, "onset": at(25), "status": "active"}, "withhold", ()),
            ({"grade": 3, "onset": at(25), "resolved": at(26)}, "proceed", ()),
        ],
    )
    def test_reported(self, facts: dict[str, Any], expected: str, missing: tuple[str, ...], rulebook: str) -> None:
        """The grade of an event shows the symptoms, so they are not asked for again."""
        event = episode("other", **facts)
        found = assess_case(case("C2D1", lab("sodium", 126, 28), events=[event]), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == (expected, missing)

    @pytest.mark.parametrize(("facts", "missing"), [({"status": "active"}, "events[0].grade"), ({"grade": 3}, "events[0].status")])
    def test_reported_in_part(self, facts: dict[str, Any], missing: str) -> None:
        """What the event lacks is asked for at the event."""
        found = assess_case(case("C2D1", lab("sodium", 126, 28), events=[episode("other", onset=at(25), **facts)]), rulebook=PAGE)
        vote = voted(found, "labs.sodium")
        assert (vote.verdict, vote.missing) == ("needs-data", (missing,))

    def test_required(self) -> None:
        """Where a policy requires the result, silence of the events is not enough, and no field can say more: a clinician must look."""
        salts = Row("OURS-1", {ANALYTE: Analyte.SODIUM}, LabNeed.REQUIRED, "Sodium before every dose.")
        ours = rulebooks.default().overlay("our-hospital", {LAB_NEED: (salts,)})
        found = assess_case(case("C2D1", lab("sodium", 128, 28)), rulebook=ours)
        assert (str(found.verdict), found.missing) == ("needs-assessment", ())
        assert "guard/symptoms-open" in rows_of(found)
        assert assess_case(case("C1D1", lab("sodium", 128, 0), events=None), rulebook=ours).missing == ("events",)


class TestNotRequired:
    """What no book requires holds no dose for a fact that charts rarely have."""

    def test_needs_have_an_order(self) -> None:
        """Not asked is milder than recommended, and that than required."""
        assert LabNeed.NOT_ASKED < LabNeed.RECOMMENDED < LabNeed.REQUIRED
        assert [str(need) for need in sorted(LabNeed)] == ["not-asked", "recommended", "required"]

    @BOOKS
    @pytest.mark.parametrize("value", [1.4, 1.9])
    def test_baseline(self, value: float, rulebook: str) -> None:
        """Creatinine of 1.3 or 1.7 times the limit without a baseline is noted, and no dose waits."""
        found = assess_case(case("C2D1", lab("creatinine", value, 28)), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("proceed", ())
        assert any(
            note.startswith("labs.creatinine: ") and "the dose does not wait for it. Missing: value before treatment." in note
            for note in found.notes
        )

    @BOOKS
    def test_bleeding(self, rulebook: str) -> None:
        """Platelets 38, thirteen days later 90; the events were reviewed, and report no bleeding: read as none."""
        draws = [lab("platelets", 38, 43), lab("platelets", 90, 56)]
        found = assess_case(case("C3D1", *draws), rulebook=rulebook)
        assert (str(found.verdict), found.missing) == ("proceed", ())
        assert "guard/no-bleeding" in {reason.row for reason in voted(found, "labs.platelets").reasons}
        assert "events.thrombocytopenia.bleeding" in assess_case(case("C3D1", *draws, events=None), rulebook=rulebook).missing

    def test_severe_whatever_the_limit(self) -> None:
        """ALT of 3000 U/L without its limit is severe by any limit that a laboratory has: the reasons say that, and by which rows."""
        vote = voted(assess_case(case("C3D1", LabResult("alt", "3000 U/L", at(56))), rulebook=US), "labs.alt")
        rows = [reason.row for reason in vote.reasons]
        assert (str(vote.verdict), rows[0]) == ("needs-assessment", "guard/any-limit")
        assert any(row.startswith("alanine-aminotransferase-increased/") for row in rows[1:])

    def test_a_bound(self) -> None:
        """Creatinine below 5 mg/dL may be normal: no dose waits for its value, and a note says what is open."""
        found = assess_case(case("C3D1", lab("creatinine", "<5", 56)), rulebook=US)
        assert str(found.verdict) == "proceed"
        assert any(note.startswith("labs.creatinine: the grade is open") and "Missing: exact value" in note for note in found.notes)

    def test_what_is_possible_of_a_bound(self) -> None:
        """Table 7 withholds for neutropenia of grade 3 and 4; below 1 10*9/L it is one of them, so no other action is possible."""
        found = assess_case(case("C3D1", lab("neutrophils", "<1", 56)), rulebook=US)
        (toxicity,) = (each for each in found.toxicities if each.path == "labs.neutrophils")
        assert [int(grade) for grade in toxicity.grades] == [3, 4]
        assert {action and str(action.action) for action in toxicity.action.possible} == {"withhold"}

    def test_notes_of_its_series(self) -> None:
        """Platelets are not required at C6D15; that a report and the draws differ is noted all the same."""
        draws = [lab("platelets", value, day) for value, day in ((20, 142), (40, 146), (60, 150))]
        event = episode("thrombocytopenia", 4, status="resolved", onset=at(142), improved=at(144))
        found = assess_case(case("C6D15", *draws, events=[event]), rulebook=US)
        assert any(note.startswith("labs.platelets: ") and "does not show it yet; the later date counts" in note for note in found.notes)

    def test_silence_is_listed(self) -> None:
        """Haemoglobin of 11 g/dL is grade 1, of which the page says nothing: it is among the toxicities, a normal one is not."""
        for value, grades in ((11, [(1,)]), (15, [])):
            for before in ((), (lab("hemoglobin", 15, 52, lower_limit="12 g/dL"),)):
                found = assess_case(case("C3D1", lab("hemoglobin", value, 56, lower_limit="12 g/dL"), *before), rulebook=PAGE)
                assert [each.grades for each in found.toxicities if each.path == "labs.hemoglobin"] == grades

    def test_what_still_waits(self) -> None:
        """Where the label asks for no platelets, an episode that they show is followed all the same, and waits for the events."""
        draws = [lab("platelets", 38, 143), lab("platelets", 90, 154, lower_limit="150 10*9/L")]
        found = assess_case(case("C6D15", *draws, events=None), rulebook=US)
        vote = voted(found, "labs.platelets")
        assert (vote.verdict, vote.missing) == ("needs-data", ("events.thrombocytopenia.bleeding",))

    def test_severe_from_a_normal_baseline(self) -> None:
        """Alkaline phosphatase of 22 times the limit is severe unless the baseline was high: that is asked for, dated or not."""
        for day, missing in ((28, ()), (None, ("labs.alkaline-phosphatase.collected",))):
            found = assess_case(case("C2D1", lab("alkaline-phosphatase", 900, day, upper_limit="40 U/L")))
            assert str(found.verdict) == "needs-data"
            assert found.missing == (missing or ("labs.alkaline-phosphatase.baseline",))

    def test_bleeding_that_is_reported(self) -> None:
        """Ongoing bleeding holds the dose, whichever event reports it. A platelet event that does not say is asked about it."""
        draws = [lab("platelets", 38, 43), lab("platelets", 90, 56, lower_limit="150 10*9/L")]
        bleeds = episode("other", 2, status="active", onset=at(50), bleeding=True)
        assert verdict(case("C3D1", *draws, events=[bleeds])) == "withhold"
        silent = episode("thrombocytopenia", 3, status="active", current_grade=1, onset=at(43))
        assert "events[0].bleeding" in assess_case(case("C3D1", *draws, events=[silent])).missing

    @given(st.sampled_from(list(LIMITS)), st.floats(0.3, 4).map(lambda x: round(x, 2)), st.booleans(), st.booleans(), st.booleans())
    def test_a_stack_is_not_milder(self, analyte: str, times: float, limits: bool, dated: bool, reviewed: bool) -> None:  # facts
        """Of one result on which page and label act alike, or not at all, the stack is never milder than the label."""
        normal = {"alt": 40, "bilirubin": 1.2, "creatinine": 1.1, "sodium": 140, "potassium": 4.2, "uric-acid": 6}[analyte]
        more = {} if limits else {"lower_limit": None, "upper_limit": None}
        result = lab(
            analyte, round(normal * min(max(times, 0.6), 1.8) if analyte == "sodium" else normal * times, 3), 28 if dated else None, **more
        )
        one = case("C2D1", result, events=() if reviewed else None)
        assert assess_case(one).verdict >= assess_case(one, rulebook=US).verdict


SEVERE = [("sodium", 115), ("potassium", 7.5), ("creatinine", 8)]
NO_LIMITS: dict[str, Any] = {"lower_limit": None, "upper_limit": None}


class TestSevereAside:
    """A severe result that does not count is for a clinician: the latest of its analyte, undated or at most 28 days old."""

    @BOOKS
    @pytest.mark.parametrize(("analyte", "value"), SEVERE)
    @pytest.mark.parametrize("limits", [{}, NO_LIMITS])
    def test_votes(self, analyte: str, value: float, limits: dict[str, Any], rulebook: str) -> None:
        """Undated, before the last dose, too old, after the planned start, or without limits, and nothing newer."""
        for result, more in (
            (lab(analyte, value, None, **limits), {}),
            (lab(analyte, value, 13, **limits), {}),
            (lab(analyte, value, 18, **limits), {"max_lab_age": "7 days"}),
            (lab(analyte, value, 30, **limits), {}),
            (lab(analyte, value, 28, **limits), {}),
        ):
            assert verdict(case("C2D1", result), rulebook, **more) == "needs-assessment"

    @BOOKS
    @pytest.mark.parametrize(("analyte", "value"), SEVERE)
    def test_noted(self, analyte: str, value: float, rulebook: str) -> None:
        """More than 28 days old, or with a newer result, it is a note."""
        old = lab(analyte, value, 27)
        found = assess_case(case("C3D1", old), rulebook=rulebook)
        assert str(found.verdict) == "proceed"
        assert any(note.startswith(f"labs.{analyte}: {old.quantity} is not used") for note in found.notes)
        normal = [lab(name, value, 56) for name, value in (("sodium", 140), ("potassium", 4.2), ("creatinine", 0.8)) if name == analyte]
        assert verdict(case("C3D1", lab(analyte, value, 55), *normal), rulebook) == "proceed"

    @pytest.mark.parametrize("value", [4.4, 2.5])
    def test_not_for_every_limit(self, value: float) -> None:
        """Creatinine that is not severe by every plausible limit is a note without one; 4.5 mg/dL is 3 times the greatest."""
        assert verdict(case("C2D1", lab("creatinine", value, 28, **NO_LIMITS))) == "proceed"
        assert value <= 3 * UPPER_LIMITS[Analyte.CREATININE][1]

    @BOOKS
    @pytest.mark.parametrize("day", [None, 13, 28])
    def test_lymphopenia(self, day: int | None, rulebook: str) -> None:
        """Lymphopenia is expected with the drug."""
        assert verdict(case("C2D1", lab("lymphocytes", 0.1, day)), rulebook) == "proceed"

    def test_required(self) -> None:
        """ALT of 20 times the greatest plausible limit, without a limit, is for a clinician, and its limit is asked for."""
        found = assess_case(case("C2D1", lab("alt", 2000, 28, upper_limit=None)))
        assert (str(found.verdict), "labs.alt.upper_limit" in found.missing) == ("needs-assessment", True)

    def test_undated_beside_a_newer(self) -> None:
        """Beside a result that counts, the date of a severe one is what is asked for."""
        found = assess_case(case("C2D1", lab("sodium", 115), lab("sodium", 140, 28)))
        assert (str(found.verdict), found.missing) == ("needs-data", ("labs.sodium.collected",))

    @given(
        st.sampled_from(
            [*SEVERE, ("sodium", 128), ("lymphocytes", 0.1), ("uric-acid", 7.8), ("alt", 150), ("platelets", 20), ("platelets", 60)]
        ),
        st.sampled_from([None, 13, -40, 27, 30]),
        st.booleans(),
        st.sampled_from([PAGE, US, DEFAULT, EU]),
    )
    def test_never_stricter_than_if_it_counted(self, result: tuple[str, float], day: int | None, limits: bool, book: str) -> None:  # a fact
        """A result that does not count is never stricter than the same drawn this morning, nor than one that is missing."""
        more = {} if limits else NO_LIMITS
        analyte, value = result
        counted = assess_case(case("C2D1", lab(analyte, value, 28, **more)), rulebook=book).verdict
        missing = assess_case(case("C2D1", labs=[each for each in normal_labs(at(28)) if each.analyte != analyte]), rulebook=book).verdict
        aside = assess_case(
            case("C2D1", lab(analyte, value, day, **more)), rulebook=book, max_lab_age="7 days" if day == 13 else None
        ).verdict
        assert aside <= max(counted, missing, key=lambda each: each.rank)


def many(kind: str, count: int) -> Case:
    """So many results of one kind, as a feed may have them."""
    start = at(14, 10)
    moments = [FIRST + 2 * HOUR + timedelta(days=13) * n / count for n in range(count)]
    mere = date(2026, 1, 25)
    values = ["0.4" if n % 2 else "3" for n in range(count)]
    amounts = [f"{2 + n % 50 / 10}" for n in range(count)]
    kinds: dict[str, Any] = {
        "dated": lambda: [LabResult("neutrophils", f"{value} 10*9/L", when) for value, when in zip(amounts, moments, strict=True)],
        "undated": lambda: [LabResult("neutrophils", f"{value} 10*9/L") for value in amounts],
        "one day": lambda: [LabResult("neutrophils", f"{value} 10*9/L", mere) for value in amounts],
        "good and bad": lambda: [LabResult("neutrophils", f"{value} 10*9/L", when) for value, when in zip(values, moments, strict=True)],
        "liver": lambda: [
            result
            for n, when in enumerate(moments[: count // 2])
            for result in (
                LabResult("alt", f"{200 + n % 90} U/L", when, upper_limit="40 U/L"),
                LabResult("bilirubin", f"{3 + n % 9 / 10} mg/dL", when, upper_limit="1.2 mg/dL"),
            )
        ],
    }
    return case("C1D15", labs=kinds[kind](), planned_start=start)


class TestMany:
    """8,000 results of one analyte, or 4,000 pairs, are assessed within a second."""

    @pytest.mark.parametrize("kind", ["dated", "undated", "one day", "good and bad", "liver"])
    def test_about_linear(self, kind: str) -> None:
        """Eight times the results take about eight times as long, and not 64 times; a busy machine has some room."""

        def seconds(count: int) -> float:
            given = many(kind, count)
            best = []
            for _ in range(3):
                start = time.process_time()
                assess_case(given)
                best.append(time.process_time() - start)
            return min(best)

        seconds(100)
        few, lots = seconds(1000), seconds(8000)
        assert lots < 40 * few
        assert lots < 3

    def test_alike(self) -> None:
        """Many results come to what few of them come to."""
        for kind in ("dated", "undated", "one day", "good and bad", "liver"):
            assert verdict(many(kind, 400)) == verdict(many(kind, 40))
        assert verdict(many("good and bad", 40)) == Verdict.DISCONTINUE

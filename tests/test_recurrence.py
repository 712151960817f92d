"""Two episodes reported apart are two; one that is reported twice is one. Verdicts are worked out by hand from the sources."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import DEFAULT, DRUG_BOOKS, normal_labs, well
from tarlatamab_rules import Case, CrsFindings, DoseAssessment, GivenDose, LabResult, ToxicityEvent, assess_case, toxicity_action

US = "us-2025-11"
BOOKS = pytest.mark.parametrize("rulebook", [DEFAULT, US])


def at(month: int, day: int, hour: int = 9) -> datetime:
    """A time of the ward."""
    return datetime(2026, month, day, hour)  # noqa: DTZ001  # the clock on the wall of the ward


def on(month: int, day: int) -> date:
    """A day without a time."""
    return date(2026, month, day)


DOSES = {
    "C1D1": at(1, 5),
    "C1D8": at(1, 12),
    "C1D15": at(1, 19),
    "C2D1": at(2, 2),
    "C2D15": at(2, 16),
    "C3D1": at(3, 2),
    "C3D15": at(3, 16),
}


def event(toxicity: Any, grade: Any, **facts: Any) -> ToxicityEvent:
    """A reported event."""
    return ToxicityEvent(toxicity, grade, **facts)


def anc(value: float, when: datetime) -> LabResult:
    """A neutrophil count."""
    return LabResult("neutrophils", f"{value} 10*9/L", when, "1.5 10*9/L")


def case(*events: ToxicityEvent, point: str = "C2D1", draws: tuple[LabResult, ...] = (), **latest: LabResult | None) -> Case:
    """A case in which all is well but for these events; the latest results are of the day before."""
    planned = DOSES[point]
    given_ = [
        GivenDose(name, when, "1 mg" if name == "C1D1" else "10 mg", when + timedelta(hours=1), complete=True)
        for name, when in DOSES.items()
        if when < planned
    ]
    results = [*normal_labs(planned - timedelta(hours=25), **latest), *draws]
    return Case(patient=well(), point=point, planned_start=planned, course=given_, labs=results, events=events)


def verdict(asked: Case, rulebook: str = DEFAULT) -> str:
    """The verdict on a case."""
    return str(assess_case(asked, rulebook=rulebook).verdict)


def guards(found: DoseAssessment) -> set[str]:
    """The guards behind the votes."""
    return {reason.row for vote in found.votes for reason in vote.reasons if reason.row.startswith("guard/")}


class TestTwoReported:
    """US PI, Tables 5 to 7: discontinue for recurrent grade 3 CRS, recurrent grade 3 ICANS, and recurrent grade 4 low counts."""

    @BOOKS
    @pytest.mark.parametrize(
        "first",
        [
            {"resolved": on(1, 11)},
            {"resolved": on(1, 12)},
            {"resolved": on(1, 13)},
            {"resolved": on(1, 30)},
            {"status": "active"},
            {"status": "resolved"},
            {},
        ],
    )
    def test_the_end_of_the_first_does_not_matter(self, first: dict[str, Any], rulebook: str) -> None:
        """A second CRS of grade 3 is recurrent, also where the dates of the first one overlap it."""
        second = event("crs", 3, onset=on(1, 12), resolved=on(1, 14))
        assert verdict(case(event("crs", 3, onset=on(1, 5), **first), second), rulebook) == "discontinue"

    @BOOKS
    def test_same_minute(self, rulebook: str) -> None:
        """One that ends at the minute at which the next one begins came before it."""
        first, second = (
            event("crs", 3, onset=at(1, 5), resolved=at(1, 12, 12)),
            event("crs", 3, onset=at(1, 12, 12), resolved=at(1, 14)),
        )
        assert verdict(case(first, second), rulebook) == "discontinue"
        assert verdict(case(second, first), rulebook) == "discontinue"

    @BOOKS
    @pytest.mark.parametrize("toxicity", ["neutropenia", "thrombocytopenia"])
    def test_within_the_dates_of_the_first(self, toxicity: str, rulebook: str) -> None:
        """The first low count was down to grade 2 before the second began, though it ended after it."""
        first = event(toxicity, 4, onset=at(1, 6), improved=at(1, 9), resolved=at(1, 20))
        second = event(toxicity, 4, onset=at(1, 13), improved=at(1, 15), resolved=at(1, 16))
        assert verdict(case(first, second), rulebook) == "discontinue"
        assert verdict(case(first), rulebook) == "proceed"

    def test_within_the_dates_of_the_first_icans(self) -> None:
        """The same of ICANS of grade 3, by the label."""
        first = event("icans", 3, onset=at(1, 6), improved=at(1, 8), resolved=at(1, 20))
        assert verdict(case(first, event("icans", 3, onset=at(1, 13), resolved=at(1, 16))), US) == "discontinue"

    @BOOKS
    def test_both_go_on(self, rulebook: str) -> None:
        """Two low counts of grade 4 that are reported as active are two episodes, also if results are normal now."""
        first = event("neutropenia", 4, status="active", onset=on(2, 4), improved=on(2, 5))
        assert verdict(case(first, event("neutropenia", 4, status="active", onset=on(2, 26)), point="C3D1"), rulebook) == "discontinue"

    @BOOKS
    @pytest.mark.parametrize("onset", [on(1, 12), at(1, 12)])
    def test_order_not_known(self, onset: Any, rulebook: str) -> None:
        """Of two that are not alike and began together, it is not known which came first; the dose waits at least."""
        first, second = (event("crs", 3, onset=onset, resolved=on(1, day)) for day in (13, 14))
        assert verdict(case(first, second), rulebook) == "needs-data"

    @BOOKS
    def test_reported_twice(self, rulebook: str) -> None:
        """An event that is entered twice, alike in all, is one."""
        twice = event("crs", 3, onset=on(1, 12), resolved=on(1, 13))
        assert verdict(case(twice, twice), rulebook) == "proceed"

    def test_one_of_three_began_together(self) -> None:
        """One that differs is not hidden by one that is entered twice."""
        twice, other = (event("crs", 3, onset=at(1, 12), resolved=at(1, day)) for day in (13, 14))
        assert verdict(case(twice, twice, other)) == verdict(case(twice, other)) == "needs-data"

    def test_undated_onset(self) -> None:
        """One that ended before the other began came before it; where it ended later, that is not known."""
        second = event("crs", 3, onset=on(1, 12), resolved=on(1, 14))
        assert verdict(case(event("crs", 3, resolved=on(1, 8)), second)) == "discontinue"
        assert verdict(case(event("crs", 3, resolved=on(1, 20)), second)) == "needs-data"

    @pytest.mark.parametrize("ended", [22, 23])
    def test_two_of_one_day(self, ended: int) -> None:
        """Two grade 3 CRS that began on one day: which came first is not known, in whatever order, and however often, they are listed."""
        both = [event("crs", 3, onset=on(1, 20), resolved=on(1, day)) for day in (22, 23)]
        (one,) = (each for each in both if each.resolved == on(1, ended))
        for events in (both, both[::-1], [one, attrs.evolve(one), *both], [*both[::-1], one, attrs.evolve(one)]):
            answer = toxicity_action(one, events=events, planned_start=at(2, 2), rulebook=US)
            assert answer.missing == ("onset",)
            assert {str(action and action.action) for action in answer.possible} == {"continue", "discontinue"}

    def test_entered_more_often(self) -> None:
        """An episode that is entered three times hides no other one of its day: which came first is still not known."""
        one, two, three = (event("crs", 3, onset=on(1, 20), resolved=at(1, 23)) for _ in range(3))
        other = event("crs", 3, onset=on(1, 20), resolved=at(1, 21, 15))
        answer = toxicity_action(one, events=[one, two, three, other], planned_start=at(2, 2), rulebook=US)
        assert answer.missing == ("onset",)

    def test_alike_without_an_onset(self) -> None:
        """Two grade 3 CRS of which only the same end is reported may be two, so either may be the second; one alone is the first."""
        one, other = (event("crs", 3, resolved=on(1, 22)) for _ in range(2))
        alone = toxicity_action(one, events=[one], planned_start=at(2, 2), rulebook=US)
        assert {str(action and action.action) for action in alone.possible} == {"continue"}
        for events in ([one, other], [other, one]):
            both = toxicity_action(one, events=events, planned_start=at(2, 2), rulebook=US)
            assert {str(action and action.action) for action in both.possible} == {"continue", "discontinue"}

    @pytest.mark.parametrize(("toxicity", "grade"), [("crs", 3), ("neutropenia", 4), ("icans", 3)])
    @pytest.mark.parametrize("dates", [{}, {"resolved": at(1, 22)}, {"onset": at(1, 20)}, {"onset": on(1, 20), "resolved": on(1, 22)}])
    def test_is_not_its_own_earlier_episode(self, toxicity: Any, grade: int, dates: dict[str, Any]) -> None:
        """The event that is asked about may be among the events so far: itself or an equal one, at the site or not, changes nothing."""
        one = event(toxicity, grade, **(dates or {"status": "active"}))
        earlier_one = event(toxicity, grade, onset=on(1, 2), resolved=on(1, 4))
        for zone in (None, "Pacific/Auckland"):
            known: dict[str, Any] = {"planned_start": at(2, 2), "site_zone": zone, "rulebook": US}
            for others in ([], [event("anemia", 1)], [earlier_one]):
                alone = toxicity_action(one, events=others, **known)
                for listed in ([*others, one], [one, *others], [*others, attrs.evolve(one)]):
                    assert toxicity_action(one, events=listed, **known) == alone

    @pytest.mark.parametrize("zone", [None, "Pacific/Auckland"])
    def test_is_not_its_own_earlier_episode_at_the_site(self, zone: str | None) -> None:
        """An end in UTC that the calendar of the site moves leaves the event itself, and a second report of it stays a second one."""
        one = event("crs", 3, resolved=datetime(2026, 1, 22, 20, tzinfo=UTC))
        known: dict[str, Any] = {"planned_start": datetime(2026, 2, 2, 9, tzinfo=UTC), "site_zone": zone, "rulebook": US}
        assert toxicity_action(one, events=[one], **known) == toxicity_action(one, events=(), **known)
        assert toxicity_action(one, events=[one, attrs.evolve(one)], **known) != toxicity_action(one, events=(), **known)

    def test_mild_ones(self) -> None:
        """Two of grade 2 that overlap are no recurrence of grade 3."""
        first, second = event("crs", 2, onset=on(1, 5), resolved=on(1, 13)), event("crs", 2, onset=on(1, 12), resolved=on(1, 14))
        assert verdict(case(first, second)) == "proceed"

    def test_of_another_cause(self) -> None:
        """Ongoing neurotoxicity with another cause is not a toxicity of the drug, so a later one is not recurrent."""
        unlike = event("icans", None, status="active", onset=on(1, 5), other_cause=True)
        with_it = assess_case(case(unlike, event("icans", 3, onset=on(1, 12), resolved=on(1, 14))), rulebook=US)
        assert [str(vote.verdict) for vote in with_it.votes if vote.part == "events[1]"] == ["proceed"]

    @given(
        st.sampled_from([("crs", 3), ("icans", 3), ("neutropenia", 4), ("thrombocytopenia", 4), ("neutropenia", None)]),
        st.tuples(st.integers(5, 25), st.integers(0, 6)),
        st.tuples(st.integers(5, 25), st.integers(0, 6)),
        st.integers(1, 12),
        st.booleans(),
        st.sampled_from([*DRUG_BOOKS, DEFAULT]),
    )
    def test_a_longer_first_episode_is_never_milder(  # noqa: PLR0913, PLR0917  # one parameter a strategy
        self,
        kind: tuple[str, int | None],
        one: tuple[int, int],
        two: tuple[int, int],
        more: int,
        timed: bool,
        rulebook: str,
    ) -> None:
        """An episode that ends later, or is ongoing, never makes the verdict milder than one that ended sooner."""
        when: Any = at if timed else on

        def told(onset: int, days: int) -> ToxicityEvent:
            return event(*kind, onset=when(1, onset), resolved=when(1, onset + days))

        first, second = (told(*each) for each in sorted((one, two)))
        longer = attrs.evolve(first, resolved=first.resolved and first.resolved + timedelta(days=more))
        # Two that are alike in all are one, told twice.
        assume(longer != second)
        for worse in (longer, attrs.evolve(first, resolved=None, status="active")):
            milder, stricter = (case(each, second) for each in (first, worse))
            assert assess_case(milder, rulebook=rulebook).verdict <= assess_case(stricter, rulebook=rulebook).verdict
            milder, stricter = (attrs.evolve(each, labs=None) for each in (milder, stricter))
            assert assess_case(milder, rulebook=rulebook).verdict <= assess_case(stricter, rulebook=rulebook).verdict

    def test_many(self) -> None:
        """A thousand episodes of overlapping dates are put in order within a second."""
        start = at(1, 6)
        many = [
            event("crs", 1 + n % 3, onset=start + timedelta(minutes=n), resolved=start + timedelta(minutes=5000 - n)) for n in range(1000)
        ]
        asked = case(*many)
        began = time.process_time()
        assert verdict(asked) == "discontinue"
        assert time.process_time() - began < 1


class TestFoundNow:
    """Findings belong to a reported episode that may be ongoing, and to another one if that is over."""

    FOUND = CrsFindings(temperature="38.5 Cel", hypotension="one-vasopressor", vasopressin=False, oxygen="none", fever_masked=False)

    @BOOKS
    @pytest.mark.parametrize(
        ("facts", "expected"),
        [
            ({"onset": at(1, 30)}, "withhold"),
            ({"onset": at(1, 30), "status": "active"}, "withhold"),
            ({"onset": at(1, 30), "status": "resolved"}, "discontinue"),
            ({"onset": on(1, 30), "resolved": on(2, 1)}, "discontinue"),
            ({"onset": on(1, 30), "resolved": on(2, 2)}, "discontinue"),
        ],
    )
    def test_with_a_reported_one(self, facts: dict[str, Any], expected: str, rulebook: str) -> None:
        """CRS of grade 3 is found: it is a second one for certain only where the reported one is over."""
        asked = attrs.evolve(case(event("crs", 3, **facts)), findings=(self.FOUND,))
        assert verdict(asked, rulebook) == expected


class TestRecovery:
    """When a clock stops, and what recovery is."""

    @pytest.mark.parametrize("facts", [{"improved": on(3, 7)}, {"improved": on(3, 7), "current_grade": 2}])
    def test_improves_after_the_dose(self, facts: dict[str, Any]) -> None:
        """Recovery dated after the planned start is none at the dose, whatever an earlier result shows."""
        found = assess_case(case(event("neutropenia", 4, status="active", onset=on(2, 28), **facts), point="C3D1"))
        assert found.verdict == "withhold"
        assert any(note.startswith("events[0]: ") and "after the planned start" in note for note in found.notes)

    @pytest.mark.parametrize(
        ("toxicity", "now", "expected"),
        [("crs", 4, "discontinue"), ("icans", 3, "withhold"), ("anemia", 4, "withhold"), ("thrombocytopenia", 3, "withhold")],
    )
    def test_improves_after_the_dose_from_a_known_grade(self, toxicity: str, now: int, expected: str) -> None:
        """If the worst grade is not known, it is at least the grade now, also where the episode improves after the planned start."""
        told = event(toxicity, None, status="active", onset=on(2, 28), current_grade=now, improved=on(3, 7))
        assert verdict(case(told, point="C3D1"), US) == expected

    @given(
        st.sampled_from(["crs", "icans", "neutropenia", "thrombocytopenia", "anemia", "hepatotoxicity", "infection", "other"]),
        st.integers(1, 4),
        st.sampled_from([DEFAULT, *DRUG_BOOKS]),
    )
    def test_a_later_improvement_is_never_milder(self, toxicity: str, now: int, rulebook: str) -> None:
        """Of an active episode whose worst grade is not known, a recovery after the planned start never makes the verdict milder."""
        told = event(toxicity, None, status="active", onset=on(2, 28), current_grade=now)
        later = attrs.evolve(told, improved=on(3, 7))
        verdicts = [assess_case(case(one, point="C3D1"), rulebook=rulebook).verdict for one in (told, later)]
        assert verdicts[0] <= verdicts[1]

    @BOOKS
    def test_severe_now_despite_another_cause(self, rulebook: str) -> None:
        """ICANS of grade 4 now stops the drug whatever its reported cause, also where it improves after the planned start."""
        told = event("icans", None, status="active", onset=on(2, 28), current_grade=4, improved=on(3, 7), other_cause=True)
        assert verdict(case(told, point="C3D1"), rulebook) == "discontinue"

    @BOOKS
    def test_a_grade_now_beside_findings(self, rulebook: str) -> None:
        """Findings that leave worse grades open do not make an ongoing episode milder than its grade now."""
        told = event("crs", None, status="active", onset=on(2, 28), current_grade=3)
        asked = attrs.evolve(case(told, point="C3D1"), findings=(CrsFindings(temperature="38.6 Cel", hypotension="none"),))
        assert assess_case(asked, rulebook=rulebook).toxicities[0].grades == (3, 4, 5)

    @BOOKS
    def test_ends_after_the_dose(self, rulebook: str) -> None:
        """An episode that ends after the planned start is ongoing at the planned start."""
        asked = case(event("neutropenia", 4, onset=on(2, 28), resolved=on(3, 9)), point="C3D1")
        assert verdict(asked, rulebook) == "withhold"

    def test_resolved_with_a_later_improvement(self) -> None:
        """An episode that is reported as over, but improves after the planned start, is not over."""
        assert verdict(case(event("crs", 2, status="resolved", onset=on(2, 28), improved=on(3, 7)), point="C3D1")) == "withhold"

    def test_improved_before_the_dose_and_ends_after(self) -> None:
        """A recovery from before the dose counts, and results show the current grade."""
        asked = case(event("neutropenia", 4, onset=on(2, 20), improved=on(2, 23), resolved=on(3, 9)), point="C3D1")
        assert verdict(asked) == "proceed"

    @pytest.mark.parametrize(("toxicity", "grade"), [("icans", 3), ("neutropenia", 4), ("thrombocytopenia", 3)])
    def test_improved_without_a_grade_now(self, toxicity: str, grade: int) -> None:
        """Tables 6 and 7 stop only what was not down in time: after `improved` no clock runs, also without a grade now."""
        told = event(toxicity, grade, status="active", onset=at(1, 20), improved=at(1, 23))
        asked = case(told, neutrophils=None, platelets=None)
        assert verdict(asked, US) == "withhold"
        late = event(toxicity, grade, status="active", onset=at(1, 5), improved=at(1, 31))
        assert verdict(case(late, neutrophils=None, platelets=None), US) == "discontinue"

    def test_improved_without_a_day_of_the_dose(self) -> None:
        """Where the day of the dose is not known, the clock stops at the recovery all the same."""
        told = event("icans", 3, status="active", onset=at(1, 20), improved=at(1, 23))
        assert toxicity_action(told, events=(), rulebook=US).unwrap().action == "withhold"
        assert toxicity_action(told, events=(), planned_start=at(1, 22), rulebook=US).unwrap().action == "withhold"
        assert toxicity_action(told, events=(), planned_start=at(2, 22), rulebook=US).unwrap().action == "withhold"

    @pytest.mark.parametrize(("onset", "noted"), [(at(3, 1), False), (at(3, 2), False), (at(3, 2, 10), True), (on(3, 3), True)])
    def test_an_onset_after_the_dose_is_noted(self, onset: Any, *, noted: bool) -> None:
        """An event that begins after the planned start still counts, and only then a note says so."""
        found = assess_case(case(event("crs", 2, status="active", onset=onset), point="C3D1"))
        assert found.verdict == "withhold"
        assert any("its onset is after the planned start; it still counts" in str(note) for note in found.notes) == noted


class TestToldByResults:
    """One episode that is reported, and that results show, is one; one that results show after its recovery is another."""

    def test_long_before(self) -> None:
        """One that ended days before results show another one lends it neither its recovery nor its bleeding."""
        draws = anc(0.4, at(1, 23, 8)), anc(1.8, at(1, 24, 8))
        assert verdict(case(event("neutropenia", 3, onset=on(1, 8), resolved=on(1, 10)), draws=draws)) == "proceed"

    def test_without_dates(self) -> None:
        """A report without dates may be what results show: it is asked when it began, and the results ask for no date of it."""
        found = assess_case(case(event("neutropenia", 4, status="resolved"), point="C3D1", draws=(anc(0.4, at(2, 22)),)))
        missing = {str(vote.part): tuple(map(str, vote.missing)) for vote in found.votes if vote.missing}
        assert missing["events[0]"] == ("events[0].onset",)
        assert "events[0].resolved" not in missing.get("labs.neutrophils", ())
        assert found.verdict == "needs-data"

    def test_same_day(self) -> None:
        """A mere day of recovery fits the draw of that day."""
        draws = anc(0.4, at(1, 23, 8)), anc(1.8, at(1, 24, 8))
        assert verdict(case(event("neutropenia", 4, onset=on(1, 20), resolved=on(1, 23)), draws=draws)) == "proceed"

    @pytest.mark.parametrize("ended", [on(1, 22), at(1, 22), at(1, 23, 7)])
    def test_one_day_later(self, ended: Any) -> None:
        """A draw of at most a day after the reported end may be one or two: a clinician tells, and no further date is asked for."""
        draws = anc(0.4, at(1, 23, 8)), anc(1.8, at(1, 24, 8))
        onset = at(1, 20) if isinstance(ended, datetime) else on(1, 20)
        found = assess_case(case(event("neutropenia", 4, onset=onset, resolved=ended), draws=draws))
        assert found.verdict == "needs-assessment"
        assert not found.missing
        assert "guard/one-or-two" in guards(found)

    def test_days_later(self) -> None:
        """One that results show two days after the reported end is another one."""
        draws = anc(0.4, at(1, 23, 8)), anc(1.8, at(1, 24, 8))
        assert verdict(case(event("neutropenia", 4, onset=on(1, 20), resolved=on(1, 21)), draws=draws)) == "discontinue"

    def test_end_not_known(self) -> None:
        """Whether one that is over without a date is what results show is asked for, by its end."""
        draws = anc(0.4, at(1, 23, 8)), anc(1.8, at(1, 24, 8))
        found = assess_case(case(event("neutropenia", 4, status="resolved", onset=on(1, 20)), draws=draws))
        assert found.verdict == "needs-data"
        assert "events[0].resolved" in found.missing
        assert "events.neutropenia.onset" not in found.missing

    def test_down_before_the_result(self) -> None:
        """A result of grade 4 after the reported recovery is another episode, though the first is not over."""
        told = event("neutropenia", 4, onset=at(1, 20), improved=at(1, 23), current_grade=2)
        assert verdict(case(told, neutrophils=anc(0.4, at(2, 1, 8)))) == "discontinue"
        whole = event("neutropenia", 4, onset=at(1, 6), improved=at(1, 8), resolved=at(1, 31))
        assert verdict(case(whole, draws=(anc(0.4, at(1, 16, 8)), anc(1.4, at(1, 18, 8))))) == "discontinue"

    def test_goes_on(self) -> None:
        """A grade 4 result during an ongoing reported episode is the same episode."""
        told = event("neutropenia", 4, status="active", onset=at(1, 30))
        assert verdict(case(told, neutrophils=anc(0.4, at(2, 1, 8)))) == "withhold"

    def test_results_before_the_report(self) -> None:
        """Draws of the same episode, the first of them before its reported onset, do not make it two."""
        draws = anc(0.4, at(1, 20, 8)), anc(0.4, at(1, 21, 8)), anc(1.8, at(1, 24, 8))
        assert verdict(case(event("neutropenia", 4, onset=on(1, 21), resolved=on(1, 24)), draws=draws)) == "proceed"

    def test_report_after_results(self) -> None:
        """One that is reported after results show the first to be down is another one."""
        draws = anc(0.4, at(1, 10, 8)), anc(1.8, at(1, 12, 8))
        assert verdict(case(event("neutropenia", 4, onset=on(1, 20), resolved=on(1, 23)), draws=draws)) == "discontinue"

    def test_resolved_bounds_the_recovery(self) -> None:
        """What ended within the days of its clock was down within them, though no draw shows the day."""
        told = event("neutropenia", 4, onset=at(1, 21), resolved=at(1, 24))
        assert verdict(case(told, draws=(anc(0.4, at(1, 22, 8)),))) == "proceed"
        given_since = event("neutropenia", 4, onset=at(2, 17), resolved=at(2, 20))
        assert verdict(case(given_since, point="C3D15", draws=(anc(0.4, at(2, 18, 8)),))) == "proceed"

    def test_a_late_end_does_not(self) -> None:
        """What ended after the days of its clock may have been down in time or not: a clinician must assess it."""
        told = event("neutropenia", 4, onset=at(1, 21), resolved=at(1, 31))
        found = assess_case(case(told, draws=(anc(0.4, at(1, 22, 8)),)))
        assert "guard/between-draws" in guards(found)
        assert found.verdict == "needs-assessment"

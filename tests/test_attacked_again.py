"""Faults that a second attack found: facts that were given and dropped, questions without an end, and hints that change a value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import ALERT, DEFAULT, PAGE, normal_labs, well
from tarlatamab_rules import (
    Case,
    DoseAssessment,
    GivenDose,
    LabResult,
    NeuroFindings,
    ToxicityEvent,
    Verdict,
    assess_case,
    assess_dose,
    grade_icans,
    strategies,
)
from tarlatamab_rules.inputs.vocabulary import Symptom

US = "us-2025-11"
EU = "eu-2026"
BOOKS = pytest.mark.parametrize("rulebook", [US, EU, DEFAULT])
FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # the clock on the wall of the ward
POINTS = ("C1D1", "C1D8", "C1D15", "C2D1", "C2D15", "C3D1", "C3D15", "C4D1", "C4D15", "C5D1", "C5D15", "C6D1", "C6D15")
DAYS = dict(zip(POINTS, (0, 7, 14, *range(28, 154, 14)), strict=False))


def at(day: float) -> datetime:
    """A moment, counted in days from the first dose."""
    return FIRST + timedelta(days=day)


def doses(before: str) -> list[GivenDose]:
    """The doses before a planned one, each on its day and an hour long."""
    given_ = POINTS[: POINTS.index(before)]
    return [GivenDose(point, at(DAYS[point]), "1 mg" if point == "C1D1" else "10 mg", at(DAYS[point] + 1 / 24)) for point in given_]


def planned(point: str, **facts: Any) -> DoseAssessment:
    """A dose on its day in a patient who is well, with normal results of that morning and no events unless others are given."""
    patient = well(childbearing_potential=False, hypersensitivity=False)
    known: dict[str, Any] = {"course": doses(point), "labs": normal_labs(at(DAYS[point] - 0.1)), "events": (), "ordered": "10 mg"}
    return assess_dose(patient, point, **(known | {"planned_start": at(DAYS[point]), "rulebook": US} | facts))


def over(toxicity: Any, grade: Any, onset: float, resolved: float, **facts: Any) -> ToxicityEvent:
    """An episode that has resolved, with the days of its onset and its end."""
    return ToxicityEvent(toxicity, grade, onset=at(onset).date(), resolved=at(resolved).date(), status="resolved", **facts)


class TestListedSeizure:
    """A seizure that is listed as a symptom is one: grade 3 or 4 by its length (US label, Table 6), whatever grade was recorded."""

    @BOOKS
    @pytest.mark.parametrize("grade", [None, 0, 1, 2, 3, 4])
    @pytest.mark.parametrize("seizure", [None, "none"])
    def test_second_episode(self, rulebook: str, grade: Any, seizure: Any) -> None:
        """After ICANS of grade 3 it stops the drug: grade 3 would be the second one, and grade 4 stops anyway."""
        again = over("icans", grade, 44, 46, findings=NeuroFindings(symptoms=["seizures"], seizure=seizure))
        found = planned("C3D1", events=[over("icans", 3, 8, 10), again], rulebook=rulebook)
        assert found.verdict == "discontinue"

    @pytest.mark.parametrize("rulebook", [US, EU])
    @pytest.mark.parametrize("grade", [0, 1, 2])
    def test_alone(self, rulebook: str, grade: Any) -> None:
        """Alone and over, with a mild grade recorded, a clinician looks: a brief seizure was grade 3, a prolonged one stops the drug."""
        event = over("icans", grade, 44, 46, findings=NeuroFindings(symptoms=["seizures"]))
        found = planned("C3D1", events=[event], rulebook=rulebook)
        assert found.verdict == "needs-assessment"
        assert found.toxicities[0].grades == (3, 4)

    @BOOKS
    @pytest.mark.parametrize("grade", [None, 1, 3])
    def test_now(self, rulebook: str, grade: Any) -> None:
        """Ongoing, it holds the dose, whatever was recorded; its length is asked for, except by the page, which stops at either grade."""
        findings = NeuroFindings(symptoms=["seizures"])
        event = ToxicityEvent("icans", grade, onset=at(55), status="active", findings=findings)
        assert planned("C3D1", events=[event], rulebook=rulebook).verdict >= Verdict.WITHHOLD
        alone = planned("C3D1", findings=NeuroFindings(**ALERT | {"symptoms": ["seizures"], "seizure": None}), rulebook=rulebook)
        assert alone.verdict >= Verdict.WITHHOLD
        assert alone.missing == (() if rulebook == DEFAULT else ("findings.icans.seizure",))

    def test_by_the_scale(self) -> None:
        """ASTCT: grade 3 or 4, also if the field says that there is none. Its length settles the grade; another symptom settles nothing."""
        clear = ALERT | {"symptoms": ["seizures"]}
        for seizure in ("none", None):
            answer: Any = grade_icans(NeuroFindings(**clear | {"seizure": seizure}))
            assert (answer.possible, answer.missing) == ((3, 4), ("seizure",))
        assert grade_icans(NeuroFindings(**clear | {"seizure": "brief"})).unwrap() == 3
        assert grade_icans(NeuroFindings(**clear | {"seizure": "prolonged"})).unwrap() == 4
        assert grade_icans(NeuroFindings(**clear | {"symptoms": ["confusion"]})).unwrap() == 0

    @BOOKS
    @pytest.mark.parametrize("symptom", list(Symptom))
    def test_symptom_beside_grade_0(self, rulebook: str, symptom: Any) -> None:
        """A key symptom has some grade, so a recorded 0 is wrong: after ICANS of grade 3, an episode of any grade may be the second one."""
        again = over("icans", 0, 44, 46, findings=NeuroFindings(symptoms=[symptom]))
        found = planned("C3D1", events=[over("icans", 3, 8, 10), again], rulebook=rulebook)
        assert found.verdict >= Verdict.NEEDS_ASSESSMENT

    @given(st.sampled_from([None, 1, 3]), st.sampled_from([None, 0, 1, 2, 3, 4]), strategies.neuro_findings(), st.data())
    def test_symptoms_and_causes(self, before: Any, grade: Any, findings: NeuroFindings, data: st.DataObject) -> None:
        """Adding a symptom never makes the verdict milder, and another cause never makes it stricter, as findings and as an event."""
        book, symptom = data.draw(st.sampled_from([US, EU, DEFAULT, PAGE])), data.draw(st.sampled_from(Symptom))
        earlier = [over("icans", before, 8, 10)] if before else []
        status: Any
        status, end = ("resolved", at(46)) if grade == 0 or data.draw(st.booleans()) else ("active", None)
        plain = attrs.evolve(findings, other_cause=None)
        more = attrs.evolve(plain, symptoms=(*(plain.symptoms or ()), symptom))

        def as_event(found: NeuroFindings) -> Verdict:
            event = ToxicityEvent("icans", grade, onset=at(44), status=status, resolved=end, findings=found)
            return planned("C3D1", events=[*earlier, event], rulebook=book).verdict

        def as_findings(found: NeuroFindings) -> Verdict:
            return planned("C3D1", events=earlier, findings=found, rulebook=book).verdict

        for verdict in (as_event, as_findings):
            assert verdict(more) >= verdict(plain)
            assert verdict(attrs.evolve(more, other_cause=True)) <= verdict(more)


def as_if_once(twice: DoseAssessment, n: int) -> set[str]:
    """What is missing of a case whose last event is the twin of event *n*, as if it were listed once."""
    last = len(twice.case.events or ()) - 1
    return {fact.replace(f"events[{last}]", f"events[{n}]") for fact in twice.missing}


class TestListedTwice:
    """An episode with an onset that is listed twice is one episode."""

    LOW, RISEN = LabResult("neutrophils", "0.4 10*9/L", at(48)), LabResult("neutrophils", "1.4 10*9/L", at(53))

    @BOOKS
    @pytest.mark.parametrize("samples", [(), (LOW, RISEN), (RISEN,)])
    @pytest.mark.parametrize("status", ["resolved", "active"])
    def test_low_count_with_samples(self, rulebook: str, samples: tuple[LabResult, ...], status: Any) -> None:
        """What samples show of an episode they show of its twin, so the one is not an earlier episode of the other."""
        event = ToxicityEvent(
            "neutropenia", 4, onset=at(48).date(), resolved=at(53).date() if status == "resolved" else None, status=status
        )
        labs = [*normal_labs(at(55.9)), *samples]
        once, twice = (planned("C3D1", labs=labs, events=[event] * times, rulebook=rulebook) for times in (1, 2))
        assert (once.verdict, set(once.missing)) == (twice.verdict, as_if_once(twice, 0))
        assert once.verdict == ("proceed" if samples or status == "resolved" else "needs-data")

    @BOOKS
    def test_with_findings(self, rulebook: str) -> None:
        """The findings of now belong to an ongoing episode and to its twin."""
        event = ToxicityEvent("icans", 3, onset=at(55), status="active")
        facts: dict[str, Any] = {"findings": NeuroFindings(**ALERT | {"ice": 2}), "rulebook": rulebook}
        once, twice = (planned("C3D1", events=[event] * times, **facts) for times in (1, 2))
        assert (once.verdict, once.missing) == (twice.verdict, twice.missing)
        assert twice.verdict == ("discontinue" if rulebook == DEFAULT else "withhold")

    def test_without_an_onset(self) -> None:
        """Two that are alike and have no dates may be two: neutropenia of grade 4 twice stops the drug."""
        event = ToxicityEvent("neutropenia", 4, status="active")
        assert planned("C3D1", events=[event, event]).verdict == "discontinue"

    @given(strategies.cases().filter(lambda case: any(event.onset for event in case.events or ())), st.data())
    def test_any_event(self, case: Case, data: st.DataObject) -> None:
        """Verdict and plans stay as they are, and what is asked for of the twin is what is asked for of the event."""
        events, book = case.events or (), data.draw(st.sampled_from([US, EU, DEFAULT, PAGE]))
        n = data.draw(st.sampled_from([n for n, event in enumerate(events) if event.onset]))
        once, twice = (assess_case(attrs.evolve(case, events=listed), rulebook=book) for listed in (events, (*events, events[n])))
        assert twice.verdict == once.verdict
        assert (twice.monitoring.possible, twice.premedication.possible) == (once.monitoring.possible, once.premedication.possible)
        assert as_if_once(twice, n) == set(once.missing)


class TestAmountBetweenDoses:
    """An unknown amount is asked for while it decides whether the last doses came too soon (US label, 2.2 Table 1: 7 days, then 14)."""

    @staticmethod
    def found(amounts: Sequence[str | None], days: Sequence[int], start: int, **facts: Any) -> DoseAssessment:
        """The dose after doses of these amounts on these days."""
        course = [GivenDose(point, at(day), amount, at(day + 1 / 24)) for point, amount, day in zip(POINTS, amounts, days, strict=False)]
        labs, point = normal_labs(at(start - 0.1)), POINTS[len(course)]
        known: dict[str, Any] = {"course": course, "labs": labs, "events": (), "rulebook": US}
        return assess_dose(well(childbearing_potential=False, hypersensitivity=False), point, planned_start=at(start), **(known | facts))

    NOTE = "course.C1D8.amount: this is missing, but no longer affects the doses that follow."

    @BOOKS
    @pytest.mark.parametrize(
        ("days", "start", "with_10", "with_1"),
        [
            ((0, 7, 14, 21), 35, "needs-assessment", "proceed"),  # C2D1 a week after C1D15
            ((0, 7, 14, 28), 35, "needs-assessment", "needs-assessment"),  # C2D15 a week after C2D1
            ((0, 7, 14, 28), 42, "proceed", "proceed"),
        ],
    )
    def test_second_amount(self, days: Sequence[int], start: int, with_10: str, with_1: str, rulebook: str) -> None:
        """After 10 mg at C1D8 the next are due after 14 days; after 1 mg, C1D15 is the first 10 mg, and C2D1 is due after 7."""
        by_amount = {
            amount: self.found(("1 mg", amount, "10 mg", "10 mg"), days, start, rulebook=rulebook) for amount in (None, "1 mg", "10 mg")
        }
        assert (by_amount["10 mg"].verdict, by_amount["1 mg"].verdict) == (with_10, with_1)
        open_ = with_10 != with_1
        assert by_amount[None].verdict == ("needs-data" if open_ else with_10)
        assert by_amount[None].missing == (("course.C1D8.amount",) if open_ else ())
        assert (self.NOTE in by_amount[None].notes) is not open_

    def test_dose_of_today(self) -> None:
        """C2D1 a week after C1D15 is too soon after 10 mg at C1D8, and 1 mg was not due there: a clinician looks whatever it was."""
        found = [self.found(("1 mg", amount, "10 mg"), (0, 7, 14), 21) for amount in (None, "1 mg", "10 mg")]
        assert [item.verdict for item in found] == ["needs-assessment"] * 3

    @given(st.lists(st.sampled_from([None, "1 mg", "10 mg"]), min_size=2, max_size=6), st.data())
    def test_never_milder(self, amounts: list[str | None], data: st.DataObject) -> None:
        """Whatever an unknown amount was, a verdict that does not ask for it is no milder than the one with it."""
        gaps = data.draw(st.lists(st.sampled_from([7, 8, 13, 14, 15, 21, 29]), min_size=len(amounts), max_size=len(amounts)))
        days = [sum(gaps[:n]) for n in range(len(amounts) + 1)]
        book = data.draw(st.sampled_from([US, EU, DEFAULT]))
        unknown = self.found(amounts, days, days[-1], rulebook=book)
        for n in [n for n, amount in enumerate(amounts) if amount is None and f"course.{POINTS[n]}.amount" not in unknown.missing]:
            for amount in ("1 mg", "10 mg"):
                known = self.found([*amounts[:n], amount, *amounts[n + 1 :]], days, days[-1], rulebook=book)
                assert known.verdict <= unknown.verdict


class TestWhateverItWas:
    """Nothing is asked for if a clinician must look whatever the answer is."""

    @BOOKS
    def test_amount_of_the_last_dose(self, rulebook: str) -> None:
        """Two days early after 10 mg, and 1 mg was not due; on its day, 10 mg decides."""
        for start, verdict in ((40, "needs-assessment"), (42, "needs-data")):
            course = [*doses("C2D1"), GivenDose("C2D1", at(28), None, at(28 + 1 / 24))]
            found = planned("C2D15", course=course, planned_start=at(start), labs=normal_labs(at(start - 0.1)), rulebook=rulebook)
            assert (found.verdict, found.missing) == (verdict, ("course.C2D1.amount",) if verdict == "needs-data" else ())
        assert not any("5.5" in reason.says for vote in found.votes for reason in vote.reasons)

    def test_what_another_book_settles(self) -> None:
        """By the EU label alone, a clinician decides whether missing results are needed; the US label requires and asks for them."""
        found = {book: planned("C2D1", labs=(), rulebook=book) for book in (EU, US, f"{US} over {EU}", f"{EU} over {US}")}
        assert found[EU].verdict == "needs-assessment"
        assert {found[book].verdict for book in found if book != EU} == {"needs-data"}
        assert {found[book].missing for book in found if book != EU} == {found[US].missing}
        for book in found:
            assert planned("C2D1", rulebook=book).verdict == "proceed"

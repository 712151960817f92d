"""Faults that were found by looking for them: each case is one in which a fact made an answer milder, or was used without a word."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import DEFAULT, DRUG_BOOKS, examples, normal_labs, well
from tarlatamab_rules import (
    DoseAssessment,
    GivenDose,
    LabResult,
    ToxicityEvent,
    Verdict,
    assess_case,
    assess_dose,
    strategies,
    what_to_ask,
    what_would_change,
)
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity

US = "us-2025-11"
FIRST = datetime(2026, 1, 5, 9)  # noqa: DTZ001  # the clock on the wall of the ward
SCHEDULE = {"C1D1": 0, "C1D8": 7, "C1D15": 14, "C2D1": 28, "C2D15": 42}
BOOKS = pytest.mark.parametrize("rulebook", [DEFAULT, US])


def at(day: float) -> datetime:
    """A moment, counted in days from the first dose."""
    return FIRST + timedelta(days=day)


def doses(last: str) -> list[GivenDose]:
    """The course until a dose, each on its day and complete."""
    return [
        GivenDose(point, at(day), "1 mg" if point == "C1D1" else "10 mg", at(day + 1 / 24), complete=True)
        for point, day in SCHEDULE.items()
        if day <= SCHEDULE[last]
    ]


def assessed(point: str, last: str, day: float, **facts: Any) -> DoseAssessment:
    """A dose on a day after a course, with normal results of that morning and no events unless others are given."""
    patient = well(infection=facts.pop("infection", "none"), childbearing_potential=False)
    known: dict[str, Any] = {"labs": normal_labs(at(day - 0.1)), "events": ()} | facts
    return assess_dose(patient, point, planned_start=at(day), course=doses(last), **known)


def rows_of(found: DoseAssessment) -> set[str]:
    """The ids of all rows and guards behind the votes."""
    return {reason.row for vote in found.votes for reason in vote.reasons}


class TestInfectionOfTheEvents:
    """A reported infection that may be over is not the one that the patient has today."""

    @BOOKS
    @pytest.mark.parametrize("infection", ["controlled", "uncontrolled"])
    @pytest.mark.parametrize("status", ["unknown", None])
    @pytest.mark.parametrize("grade", [None, 1, 2, 3, 4])
    def test_step_up(self, rulebook: str, infection: Any, status: Any, grade: Any) -> None:
        """Table 7: an active infection of any grade holds C1D8, whatever an older one was."""
        old = ToxicityEvent("infection", grade, status=status, onset=at(-30))
        found = assessed("C1D8", "C1D1", 7, infection=infection, events=[old], rulebook=rulebook)
        assert found.verdict >= Verdict.WITHHOLD

    @pytest.mark.parametrize("infection", ["controlled", "uncontrolled"])
    @pytest.mark.parametrize("status", ["unknown", None])
    @pytest.mark.parametrize("grade", [1, 2])
    def test_cycle_3(self, infection: Any, status: Any, grade: Any) -> None:
        """An old event's grade is not the grade of the infection of today, which is asked for."""
        old = ToxicityEvent("infection", grade, status=status, onset=at(-30))
        found = assessed("C3D1", "C2D15", 56, infection=infection, events=[old], rulebook=US)
        assert found.verdict == "needs-data"
        assert "events.infection.grade" in found.missing

    @pytest.mark.parametrize("status", ["active", "unknown", None])
    @pytest.mark.parametrize("grade", [1, 2])
    def test_not_known(self, status: Any, grade: Any) -> None:
        """Whether there is an infection of today is asked for, whatever the events report."""
        event = ToxicityEvent("infection", grade, status=status, onset=at(50))
        found = assessed("C3D1", "C2D15", 56, infection=None, events=[event], rulebook=US)
        assert found.verdict == "needs-data"
        assert "patient.infection" in found.missing

    @pytest.mark.parametrize("grade", [1, 2])
    def test_uncontrolled_and_mild(self, grade: Any) -> None:
        """A mild ongoing infection does not settle an uncontrolled one, so a clinician looks. For a controlled one, it gives the grade."""
        event = ToxicityEvent("infection", grade, status="active", onset=at(50))
        found = assessed("C3D1", "C2D15", 56, infection="uncontrolled", events=[event], rulebook=US)
        assert found.verdict == "needs-assessment"
        assert "guard/uncontrolled" in rows_of(found)
        assert assessed("C3D1", "C2D15", 56, infection="controlled", events=[event], rulebook=US).verdict == "proceed"

    @examples(150)
    @given(
        st.sampled_from(["C1D8", "C2D1", "C3D1"]),
        st.sampled_from([None, "none", "controlled", "uncontrolled"]),
        strategies.events(st.just(Toxicity.INFECTION), offsets=False),
        st.sampled_from([*DRUG_BOOKS, DEFAULT]),
    )
    def test_never_milder(self, point: str, infection: Any, more: ToxicityEvent, book: str) -> None:
        """An infection event never makes the verdict milder, unless it is the one whose grade was asked for: a controlled one, going on."""
        last, day = {"C1D8": ("C1D1", 7), "C2D1": ("C1D15", 28), "C3D1": ("C2D15", 56)}[point]
        before = assessed(point, last, day, infection=infection, rulebook=book)
        after = assessed(point, last, day, infection=infection, events=[more], rulebook=book)
        on = more.over is False or (more.resolved is not None and not _by(more.resolved, at(day)))
        if infection == "controlled" and on and "events.infection.grade" in before.missing:
            assert before.verdict <= Verdict.NEEDS_ASSESSMENT or after.verdict >= before.verdict
        else:
            assert after.verdict >= before.verdict

    @given(strategies.cases(), strategies.events(st.just(Toxicity.INFECTION), offsets=False), st.sampled_from([None, "uncontrolled"]))
    def test_never_proceeds(self, case: Any, more: ToxicityEvent, infection: Any) -> None:
        """By the label no case proceeds whose patient has an uncontrolled infection, or may have one, whatever event is added."""
        changed = attrs.evolve(
            case, patient=attrs.evolve(case.patient, infection=infection), events=(*(case.events or ()), _days_only(more))
        )
        assert assess_case(changed, rulebook=US).verdict is not Verdict.PROCEED


def _by(when: Any, start: datetime) -> bool:
    """Whether a date lies on an earlier day than another, or is an earlier time."""
    return bool(when <= start) if isinstance(when, datetime) else bool(when <= start.date())


def _days_only(event: ToxicityEvent) -> ToxicityEvent:
    """The same event without its times, which may be of another clock than those of a case."""

    def day_of(when: Any) -> Any:
        return when.date() if isinstance(when, datetime) else when

    return attrs.evolve(event, onset=day_of(event.onset), improved=day_of(event.improved), resolved=day_of(event.resolved))


class TestOldResultsLater:
    """Where the previous dose is long ago nothing bounds the age of a result either."""

    @BOOKS
    @pytest.mark.parametrize("after", [30, 40, 100, 400])
    def test_restart(self, rulebook: str, after: int) -> None:
        """Results of the day after C1D15 are as good at a restart as they are at the first dose: for a clinician."""
        found = assessed("C2D1", "C1D15", 14 + after, labs=normal_labs(at(15)), ordered="1 mg", rulebook=rulebook)
        assert found.verdict == "needs-assessment"
        assert "guard/old-labs" in rows_of(found)

    def test_within_28_days(self) -> None:
        """28 days after the previous dose its date bounds the age, and a fresh result after a long delay is fresh."""
        assert "guard/old-labs" not in rows_of(assessed("C2D1", "C1D15", 42, labs=normal_labs(at(15))))
        fresh = assessed("C2D1", "C1D15", 60, ordered="1 mg")
        assert fresh.verdict == "proceed"
        assert not [note for note in fresh.notes if "28 days" in note]

    def test_a_greatest_age_replaces_it(self) -> None:
        """With max_lab_age, the limit of this library does not apply, and the old results are named."""
        found = assessed("C2D1", "C1D15", 54, labs=normal_labs(at(15)), ordered="1 mg", max_lab_age="60 d")
        assert found.verdict == "proceed"
        assert [note for note in found.notes if note.startswith("labs: drawn more than 28 days") and "platelets" in note]

    def test_only_recommended(self) -> None:
        """An old result that is not required makes no dose wait, and is named."""
        old = [lab for lab in normal_labs(at(15)) if lab.analyte == "sodium"]
        new = [lab for lab in normal_labs(at(59.9)) if lab.analyte != "sodium"]
        found = assessed("C2D1", "C1D15", 60, labs=[*old, *new], ordered="1 mg")
        assert found.verdict == "proceed"
        assert [note for note in found.notes if note.startswith("labs: drawn more than 28 days") and note.endswith(" sodium.")]

    @given(st.integers(29, 500), st.data(), st.sampled_from(DRUG_BOOKS), st.booleans())
    def test_never_unnamed(self, after: int, data: st.DataObject, book: str, bounded: bool) -> None:  # drawn
        """At a dose whose previous dose is more than 28 days ago, no older result counts without being named."""
        drawn = {lab.analyte: data.draw(st.integers(1, after)) for lab in normal_labs(at(15))}
        labs = [attrs.evolve(lab, collected=at(14 + drawn[lab.analyte] - 0.1)) for lab in normal_labs(at(15))]
        found = assessed("C2D1", "C1D15", 14 + after, labs=labs, ordered="1 mg", rulebook=book, max_lab_age="900 d" if bounded else None)
        old = [analyte for analyte, day in drawn.items() if after - day > 28]
        said = " ".join([*found.notes, *(reason.says for vote in found.votes for reason in vote.reasons)]).lower()
        assert all(analyte.replace("-", " ") in said for analyte in old)
        required = {"neutrophils", "hemoglobin", "platelets", "alt", "ast", "bilirubin"}.intersection(old)
        assert bounded or not required or found.verdict is not Verdict.PROCEED


class TestActiveAgainstMeasured:
    """A later result gives the grade of a low count that is reported as active, and a note says so."""

    @BOOKS
    def test_named(self, rulebook: str) -> None:
        """Grade 4 neutropenia reported as active, with a count of 4: a note has the event and the result; accounted has what was used."""
        event = ToxicityEvent("neutropenia", 4, status="active", onset=at(23))
        found = assessed("C2D1", "C1D15", 28, events=[event], rulebook=rulebook)
        (note,) = [note for note in found.notes if note.startswith("events[0]: neutropenia is reported as active")]
        assert "grade 4" in note
        assert "4 10*9/L of 2026-02-02" in note
        (entry,) = [each for each in found.accounted if each.path == "events[0]"]
        assert "later results show" in entry.says
        assert "ongoing" not in entry.says

    def test_without_a_grade(self) -> None:
        """The same holds for an event without a grade."""
        found = assessed("C2D1", "C1D15", 28, events=[ToxicityEvent("anemia", status="active", onset=at(23))])
        assert [note for note in found.notes if note.startswith("events[0]: anemia is reported as active, without a grade")]

    @pytest.mark.parametrize(("onset", "status", "platelets"), [(23, "active", 20), (27.95, "active", 250), (23, "unknown", 250)])
    def test_nothing_to_tell(self, onset: float, status: Any, platelets: int) -> None:
        """A result as bad as the report, a result from before the onset, and an unknown status make no difference."""
        event = ToxicityEvent("thrombocytopenia", 4, status=status, onset=at(onset))
        low = LabResult("platelets", f"{platelets} 10*9/L", at(27.9))
        found = assessed("C2D1", "C1D15", 28, events=[event], labs=normal_labs(at(27.9), platelets=low))
        assert not [note for note in found.notes if "is reported as active" in note]

    def test_status_not_known(self) -> None:
        """Of an event whose status is not known, accounted has the grade that a later result shows."""
        event = ToxicityEvent("thrombocytopenia", 4, status="unknown", onset=at(23))
        (entry,) = [each for each in assessed("C2D1", "C1D15", 28, events=[event]).accounted if each.path == "events[0]"]
        assert entry.says.startswith("thrombocytopenia, grade 4, later results show grade ")


class TestGradeNoneThatGoesOn:
    """An event that is ongoing at the dose has some grade, so its grade is not 0."""

    @BOOKS
    @pytest.mark.parametrize("toxicity", ["neurotoxicity", "icans", "crs", "infection", "neutropenia"])
    def test_never_milder_than_unknown(self, rulebook: str, toxicity: Any) -> None:
        """An event that ends after the planned start comes out the same with grade 0 as without a grade, and a note says so."""
        none, unknown = (
            assessed(
                "C2D1",
                "C1D15",
                28,
                labs=normal_labs(at(19)),
                events=[ToxicityEvent(toxicity, grade, onset=at(20), resolved=at(30))],
                rulebook=rulebook,
            )
            for grade in (0, None)
        )
        assert (none.verdict, none.missing) == (unknown.verdict, unknown.missing)
        assert none.verdict is not Verdict.PROCEED
        name = {"crs": "CRS", "icans": "ICANS"}.get(toxicity, toxicity)
        assert (
            f"events[0]: {name} of grade 0 with an onset and an end is ongoing at the planned start, so its grade counts as not known."
            in (none.notes)
        )

    def test_not_offered(self) -> None:
        """Grade 0 is neither a possible grade of an ongoing event nor a possible change."""
        event = ToxicityEvent("neurotoxicity", status="resolved", onset=at(20), resolved=at(30))
        offered = [str(each) for each in what_to_ask(assessed("C2D1", "C1D15", 28, events=[event])) if each.path == "events[0].grade"]
        assert all(" 0 " not in each for each in offered)
        assert all("proceed" not in each for each in offered)
        graded = assessed("C2D1", "C1D15", 28, events=[attrs.evolve(event, grade=2)])
        assert not [each for each in what_would_change(graded) if each.path == "events[0].grade" and each.says.startswith("0")]

    def test_over(self) -> None:
        """An event with an onset and an end before the dose of grade 0 is no episode, with a note."""
        found = assessed("C2D1", "C1D15", 28, events=[ToxicityEvent("neurotoxicity", 0, onset=at(20), resolved=at(22))])
        assert found.verdict == "proceed"
        assert "events[0]: neurotoxicity of grade 0 with an onset and an end is not an episode and does not count." in found.notes

    @given(st.sampled_from(sorted(Toxicity)), st.integers(15, 27), st.sampled_from([None, EventStatus.RESOLVED]))
    def test_law(self, toxicity: Toxicity, onset: int, status: Any) -> None:
        """For every toxicity, grade 0 of an ongoing episode is never milder than an unknown grade."""
        event = ToxicityEvent(toxicity, Grade.NONE, onset=at(onset), resolved=at(29), status=status)
        unknown = attrs.evolve(event, grade=None)
        assert assessed("C2D1", "C1D15", 28, events=[event]).verdict >= assessed("C2D1", "C1D15", 28, events=[unknown]).verdict

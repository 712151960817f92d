"""What to ask next, and what would change an answer: of a table, and of a whole case."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from math import inf, nextafter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import LABS, PAGE, examples, normal_labs, well
from tarlatamab_rules import (
    Analyte,
    Case,
    ContradictionError,
    CrsFindings,
    DoseAssessment,
    FieldError,
    FieldTypeError,
    GivenDose,
    Grade,
    LabResult,
    NeedsData,
    NeuroFindings,
    Toxicity,
    ToxicityEvent,
    UnknownRulebookError,
    Verdict,
    assess_case,
    assess_dose,
    rulebooks,
    strategies,
)
from tarlatamab_rules.assessment.candidates import Asked, known, values_of
from tarlatamab_rules.assessment.values import Days, Members, Numbers
from tarlatamab_rules.assessment.what_if import asking_in_words, what_to_ask, what_would_change
from tarlatamab_rules.core.asking import Nearest, ask_next, nearest
from tarlatamab_rules.core.axes import Bands, Choices
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval, above, at_least, below, between, overlap
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.core.tables import Impossible, Question, Row, Table
from tarlatamab_rules.rulebooks.facts import DAYS, GRADE, NOW
from tarlatamab_rules.rulebooks.questions import BY_PREGNANCY, DRUG_INDUCED_LIVER_INJURY, ICANS_GRADE, LAB_GRADE, NEXT_DOSE, TOXICITY_ACTION
from tarlatamab_rules.values.vocabulary import Standing

US = "us-2025-11"
FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECOND = FIRST + timedelta(days=7)


def in_words(found: Any) -> list[str]:
    """Every line of what was found."""
    return [asking_in_words(each) for each in found]


class TestAskNext:
    """Which open fact settles most of a table."""

    def test_a_limit(self) -> None:
        """CTCAE 5.0: 1.7 is grade 1 below the lower limit of normal, and no grade above it; the limit settles that."""
        (asked,) = ask_next(rulebooks.get("ctcae-5.0")[LAB_GRADE[Analyte.NEUTROPHILS]], (1.7, None))
        assert (asked.fact, asked.title, asked.settles, asked.of) == ("lower_limit", "below the lower limit", 2, 2)
        assert asking_in_words(asked) == "below the lower limit: yes -> 1; no -> 0"

    def test_the_best_first(self) -> None:
        """Pregnancy answers both ways; childbearing potential only where there is none."""
        found = ask_next(rulebooks.get(US)[BY_PREGNANCY], (None, None))
        assert [(asked.fact, asked.settles, asked.of) for asked in found] == [("pregnant", 2, 2), ("childbearing_potential", 1, 2)]
        assert in_words(found)[1] == "childbearing potential: yes -> needs pregnant; possible: needs assessment | eligible; no -> eligible"

    def test_bands(self) -> None:
        """Table 7: grade 4 neutropenia not down to grade 2 within 1 week stops the drug, whatever it is now; the rest hangs on that."""
        table = rulebooks.get(US)[TOXICITY_ACTION[Toxicity.NEUTROPENIA]]
        first, second = ask_next(table, (Grade(4), None, Grade(0), None, None, None, None, None, None, None))
        assert [condition for condition, _ in first.outcomes] == [Interval(0, 7), Interval(8)]
        actions = [{value and str(value.action) for value in answer.possible} for _, answer in first.outcomes]
        assert actions == [{"withhold", "continue"}, {"discontinue"}]
        assert (first.title, first.settles, first.of, second.title) == ("days from onset to recovery, or so far", 0, 3, "current grade")

    def test_alike_stand_together(self) -> None:
        """ICE 0: an alert patient leaves grades 3 and 4 open as one who wakes to touch does; who cannot be woken has grade 4."""
        found = ask_next(rulebooks.get("astct-2019")[ICANS_GRADE], (0, None, None, None, None, None))
        (asked,) = [each for each in found if each.fact == "consciousness"]
        assert [len(condition) for condition, _ in asked.outcomes] == [4, 1]
        (open_, settled) = (answer for _, answer in asked.outcomes)
        assert open_.missing == ("seizure", "motor_weakness", "raised_icp")
        assert settled.possible == (Grade(4),)

    def test_partly_known(self) -> None:
        """Only the values that a fact may still have are listed."""
        table = rulebooks.get(US)[TOXICITY_ACTION[Toxicity.NEUTROPENIA]]
        (asked,) = ask_next(table, (frozenset(map(Grade, (2, 3))), Grade(0), Grade(0), 5, 5, None, None, None, None, None))
        assert [condition for condition, _ in asked.outcomes] == [frozenset({Grade(2)}), frozenset({Grade(3)})]
        (days,) = ask_next(table, (Grade(3), Grade(3), Grade(0), Interval(20, 25), None, None, None, None, None, None))
        assert [condition for condition, _ in days.outcomes] == [Interval(20, 21), Interval(22, 25)]

    def test_settled(self) -> None:
        """Where the answer is settled nothing is asked, open facts or not."""
        assert ask_next(rulebooks.get("ctcae-5.0")[LAB_GRADE[Analyte.NEUTROPHILS]], (0.4, None)) == ()

    def test_only_together(self) -> None:
        """Facts that settle nothing alone are asked all the same, since they do together."""
        table = of_cells({(a, b, True): a ^ b for a, b in product((0, 1), (0, 1))}, {(a, b, False): 0 for a, b in product((0, 1), (0, 1))})
        assert [(asked.fact, asked.settles) for asked in ask_next(table, (None, None, True))] == [("a", 0), ("b", 0)]

    def test_bears_on_nothing_alone(self) -> None:
        """Where no fact bears on the answer without all others, none is left out."""
        square = [cell for cell in product(range(3), repeat=3) if sum(cell) % 3 == 0]
        values = {cell: int(cell in {(0, 0, 0), (1, 1, 1), (2, 2, 2)}) for cell in square}
        axes = tuple(Choices(name, (0, 1, 2)) for name in "abc")
        ban = tuple(
            Impossible(dict(zip(axes, cell, strict=True)), "not in the square")
            for cell in product(range(3), repeat=3)
            if cell not in square
        )
        rows = [Row(f"r{n}", dict(zip(axes, cell, strict=True)), value, "") for n, (cell, value) in enumerate(values.items())]
        table = Table(Question("square", axes, int, impossible=ban), rows, lambda row: Reason(row.id, row.says))
        assert [asked.fact for asked in ask_next(table, (None, None, None))] == ["a", "b", "c"]

    def test_contradiction(self) -> None:
        """Facts that cannot all be true are refused."""
        with pytest.raises(ContradictionError, match="childbearing"):
            ask_next(rulebooks.get(US)[BY_PREGNANCY], (False, True))


class TestNearest:
    """Which facts nearest to given ones have another answer."""

    def test_a_count(self) -> None:
        """CTCAE 5.0: from 0.4 the nearest is grade 3, from 0.5 on."""
        found = nearest(rulebooks.get("ctcae-5.0")[LAB_GRADE[Analyte.NEUTROPHILS]], (0.4, None))
        assert in_words(found) == ["value: 0.5 to < 1 -> 3"]

    def test_a_toxicity(self) -> None:
        """Table 7: grade 3 neutropenia of five days: another grade, recovery, or more than 3 weeks."""
        table = rulebooks.get(US)[TOXICITY_ACTION[Toxicity.NEUTROPENIA]]
        found = nearest(table, (Grade(3), Grade(3), Grade(0), 5, 5, None, None, None, None, None))
        assert [dict(each.when) for each in found] == [
            {GRADE: frozenset({Grade(4)})},
            {NOW: frozenset(map(Grade, (0, 1, 2)))},
            {DAYS: Interval(22)},
        ]
        assert [each.answer.possible[0].action for each in found if each.answer.possible[0]] == ["withhold", "continue", "discontinue"]

    def test_as_many_as_it_takes(self) -> None:
        """Table 7: normal values with another cause stop the drug only where all three facts are others."""
        (found,) = nearest(rulebooks.get(US)[DRUG_INDUCED_LIVER_INJURY], (1.0, 1.0, True, None, None))
        assert list(found.when.values()) == [above(3), above(2), frozenset({False})]
        assert asking_in_words(found).endswith("another cause: no -> DISCONTINUE")

    def test_open_facts_stay_open(self) -> None:
        """ICE 0 leaves grades 3 and 4 open; from 3 to 6 grade 2 is possible as well."""
        (found,) = nearest(rulebooks.get("astct-2019")[ICANS_GRADE], (0, None, None, None, None, None))
        assert list(found.when.values()) == [Interval(3, 6)]
        assert isinstance(found.answer, NeedsData)

    def test_no_other_answer(self) -> None:
        """A table with one answer has no other one nearby, known facts or not."""
        assert nearest(rulebooks.get(PAGE)[NEXT_DOSE], ("none", 3)) == nearest(rulebooks.get(PAGE)[NEXT_DOSE], (None, None)) == ()


A, B, C = Choices("a", (0, 1, 2)), Bands("b", between(0, 10)), Bands("c", between(0, 4), whole=True)
PARTS: tuple[tuple[Any, ...], ...] = ((0, 1, 2), (below(3), between(3, 7), above(7)), (between(0, 1), at_least(2)))
CELLS: list[tuple[int, ...]] = list(product(range(3), range(3), range(2)))
SAMPLES: tuple[tuple[Any, ...], ...] = ((0, 1, 2), (0.5, 7.0, 7.5), (1, 4))


def of_cells(*parts: dict[tuple[Any, ...], Any]) -> Table[int]:
    """A table of three facts with these answers."""
    axes = (Choices("a", (0, 1)), Choices("b", (0, 1)), Choices("c", (True, False)))
    cells = {cell: value for part in parts for cell, value in part.items()}
    rows = [Row(f"r{n}", dict(zip(axes, cell, strict=True)), value, "") for n, (cell, value) in enumerate(cells.items())]
    return Table(Question("cells", axes, int), rows, lambda row: Reason(row.id, row.says))


@st.composite
def tables(draw: st.DrawFn) -> Table[int]:
    """Tables of members, numbers and whole numbers, with silent cells and such as cannot be."""
    banned = draw(st.sets(st.sampled_from(CELLS), max_size=5))
    values = {cell: draw(st.none() | st.integers(0, 2)) for cell in CELLS if cell not in banned}

    def when(cell: tuple[int, ...]) -> dict[Any, Any]:
        return {axis: parts[code] for axis, parts, code in zip((A, B, C), PARTS, cell, strict=True)}

    question = Question("drawn", (A, B, C), int, impossible=tuple(Impossible(when(cell), "banned") for cell in sorted(banned)))
    rows = [Row(f"r{n}", when(cell), value, "") for n, (cell, value) in enumerate(values.items())]
    return Table(question, rows, lambda row: Reason(row.id, row.says))


FACTS = st.tuples(
    st.sampled_from([0, 1, 2, None, None, frozenset({0, 2})]),
    st.sampled_from([*SAMPLES[1], None, None, Interval(2, 5)]),
    st.sampled_from([*SAMPLES[2], None, Interval(1, 3)]),
)


def answer_of(table: Table[int], facts: tuple[Any, ...]) -> Any:
    """The answer, or ``None`` where the facts cannot be."""
    try:
        return table(*facts)
    except ContradictionError:
        return None


@examples(300)
@given(tables(), FACTS)
def test_what_is_asked_agrees_with_the_table(table: Table[int], facts: tuple[Any, ...]) -> None:
    """Each outcome is what the table answers with that fact, and each fact that is left out changes nothing."""
    assume(answer_of(table, facts) is not None)
    now, axes = table(*facts), table.question.axes
    found = ask_next(table, facts)
    assert bool(found) is isinstance(now, NeedsData)
    shares = [asked.settles / asked.of for asked in found]
    assert shares == sorted(shares, reverse=True)
    for asked in found:
        n = axes.index(asked.axis)
        for condition, answer in asked.outcomes:
            for part, sample in zip(PARTS[n], SAMPLES[n], strict=True):
                if sample in condition:
                    alone = answer_of(table, (*facts[:n], part, *facts[n + 1 :]))
                    assert alone is None or (alone.missing, set(alone.possible)) == (answer.missing, set(answer.possible))
            if not isinstance(answer, NeedsData):
                assert answer == table(*facts[:n], condition, *facts[n + 1 :])
    told = {asked.fact for asked in found}
    for n, axis in enumerate(axes):
        if axis.fact not in told and isinstance(now, NeedsData):
            after = [answer_of(table, (*facts[:n], part, *facts[n + 1 :])) for part in PARTS[n]]
            assert facts[n] is not None or all(set(each.possible) == set(now.possible) for each in after if each is not None)


@examples(300)
@given(tables(), st.tuples(*(st.sampled_from(samples) for samples in SAMPLES)))
def test_nothing_is_nearer(table: Table[int], facts: tuple[Any, ...]) -> None:
    """No cell that differs in fewer facts has another answer; each cell that differs in as few is listed, or lies beyond a listed one."""
    assume(answer_of(table, facts) is not None)
    own = tuple(samples.index(fact) for samples, fact in zip(SAMPLES, facts, strict=True))
    now = table(*facts).possible
    far: dict[tuple[int, ...], int] = {}
    for cell in CELLS:
        answer = answer_of(table, tuple(samples[code] for samples, code in zip(SAMPLES, cell, strict=True)))
        if answer is not None and answer.possible != now:
            far[cell] = sum(a != b for a, b in zip(cell, own, strict=True))
    found = nearest(table, facts)
    assert {len(each.when) for each in found} == ({min(far.values())} if far else set())
    told = [cell for cell in far for each in found if holds(each, cell, own)]
    for cell in told:
        assert far[cell] == min(far.values())
    for cell, count in far.items():
        if count == min(far.values()):
            assert cell in told or any(between_them(own, each, cell) for each in told)


def holds(found: Nearest[int], cell: tuple[int, ...], own: tuple[int, ...]) -> bool:
    """Whether a cell is among the listed ones, with the listed answer."""
    for axis, samples, code, mine in zip(found.question.axes, SAMPLES, cell, own, strict=True):
        condition = found.when.get(axis)
        if samples[code] not in condition if condition is not None else code != mine:
            return False
    return True


def between_them(own: tuple[int, ...], one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether *one* lies between the given facts and *other*: the same members, and no number farther in its direction."""
    numbers = all((mine < a <= b) or (b <= a < mine) or (a == b == mine) for mine, a, b in zip(own[1:], one[1:], other[1:], strict=True))
    return one != other and one[0] == other[0] and numbers


def test_samples_of_bands() -> None:
    """A band is tried at its middle, a single number as it is, and a band without an end at its last float."""
    bands = Numbers(values=(below(1), Interval(1, 1), Interval(1, 3, low_open=True), above(3)))
    assert bands.samples == (nextafter(1, -inf), 1, 2, nextafter(3, inf))
    assert [evolve(bands, now=now).at for now in (None, 0, 1, 2, 4)] == [-1, 0, 1, 2, 3]
    assert [evolve(bands, now=now).away(2) for now in (0, 0.5)] == [1, 0.5]


def test_place_of_a_member() -> None:
    """A member has its place, and what is not known has none."""
    assert [Members(values=("yes", "no"), now=now).at for now in ("yes", "no", None)] == [0, 1, -1]


def test_every_number_of_a_score() -> None:
    """An ICE score is one of eleven numbers, each of which is tried."""
    found = values_of(Fact("findings", "icans", "ice"), Asked(second(findings=NeuroFindings(seizure="none")).case, rulebooks.get(US), None))
    assert found is not None
    assert isinstance(found[0], Numbers)
    assert found[0].values == tuple(Interval(n, n) for n in range(11))


def test_overlap() -> None:
    """Numbers in both of two intervals, each end exact."""
    assert overlap(above(1), between(0, 3)) == Interval(1, 3, low_open=True)
    assert overlap(below(1), at_least(1)) is None


# --- a whole case ---


def first(patient: Any = None, book: str = US, **changes: Any) -> DoseAssessment:
    """C1D1 of a well patient with normal labs, with changes."""
    facts: dict[str, Any] = {"planned_start": FIRST, "course": (), "labs": normal_labs(FIRST - timedelta(days=1)), "events": ()}
    return assess_dose(patient or well(), "C1D1", rulebook=book, **(facts | changes))


def second(patient: Any = None, **changes: Any) -> DoseAssessment:
    """C1D8 of a well patient, a week after 1 mg, with changes."""
    facts: dict[str, Any] = {
        "planned_start": SECOND,
        "course": [GivenDose("C1D1", FIRST, "1 mg", ended=FIRST + timedelta(hours=1))],
        "labs": normal_labs(SECOND - timedelta(days=1)),
        "events": (),
    }
    return assess_dose(patient or well(), "C1D8", rulebook=US, **(facts | changes))


def asked(assessment: DoseAssessment) -> list[str]:
    """What to ask, in lines."""
    return [str(each) for each in what_to_ask(assessment)]


def changes(assessment: DoseAssessment, path: str) -> list[str]:
    """What would change a verdict by one fact, in lines."""
    return [str(each) for each in what_would_change(assessment) if each.path == path]


class TestWhatToAsk:
    """What the verdict comes to by each missing fact."""

    def test_pregnancy(self) -> None:
        """US 11/2025: pregnancy must be verified. A known pregnancy needs a clinician; without one the dose may be given."""
        (found,) = what_to_ask(first(well(pregnant=None)))
        assert str(found) == "patient.pregnant: if yes, then needs-assessment; if no, then proceed"
        assert (found.settles, found.exhaustive) == (2, True)
        assert [each.assessment.case.patient.pregnant for each in found.outcomes] == [True, False]

    def test_an_infection_in_the_step_up(self) -> None:
        """Table 7: an infection of any grade holds the dose in the step-up phase; of grade 4 it may stop it, so that is open."""
        (found,) = what_to_ask(first(well(infection=None)))
        assert str(found) == "patient.infection: if none, then proceed; if controlled or uncontrolled, then at least withhold"

    def test_the_grade_of_an_infection(self) -> None:
        """Table 7, if only the patient's field reports the infection: its grade is asked for in an event. An active one has a grade.

        The first dose is only held.
        """
        (found,) = what_to_ask(first(well(infection="controlled")))
        assert str(found) == "events.infection.grade: if 1 or 2 or 3 or 4 or 5, then withhold"

    def test_results(self) -> None:
        """CTCAE 5.0 and Table 7: grade 3 holds the dose: neutrophils below 1.0, haemoglobin below 8, ALT above 5 times the limit."""
        assessment = first(labs=normal_labs(FIRST - timedelta(days=1), neutrophils=None))
        assert asked(assessment) == ["labs.neutrophils: if < 1 10*9/L, then withhold; if >= 1 10*9/L, then proceed"]
        (found,) = what_to_ask(first(labs=normal_labs(FIRST - timedelta(days=1), alt=None)))
        assert str(found) == ("labs.alt: if <= 5 times the upper limit, then proceed; if > 5 times the upper limit, then at least withhold")
        assert found.outcomes[1].assessment.missing == ("labs.alt.baseline",)

    def test_a_result_that_does_not_count(self) -> None:
        """A result from before the last dose is asked for anew, in the unit and with the limit of its laboratory."""
        labs = normal_labs(SECOND - timedelta(days=1), ast=LabResult("ast", "20 U/L", FIRST - timedelta(days=1), upper_limit="40 U/L"))
        (line,) = asked(second(labs=labs))
        assert line.startswith("labs.ast: if <= 200 U/L, then proceed; if > 200 to 800 U/L, then at least withhold")

    def test_a_limit_and_a_baseline(self) -> None:
        """CTCAE 5.0: 150 U/L is above 5 times a limit below 30; so of an abnormal baseline."""
        limit, baseline = what_to_ask(first(labs=drawn(LabResult("alt", "150 U/L", BEFORE))))
        assert [(each.says, each.verdict) for each in limit.outcomes] == [
            ("< 30 U/L", "withhold"),
            (">= 30 U/L", "proceed"),
        ]
        assert (str(baseline), baseline.settles) == ("labs.alt.baseline: if any, then needs-data", 0)
        (baseline,) = what_to_ask(first(labs=drawn(LabResult("alt", "150 U/L", BEFORE, upper_limit="20 U/L"))))
        assert str(baseline) == "labs.alt.baseline: if < 30 U/L, then withhold; if >= 30 U/L, then proceed"

    def test_the_value_behind_a_bound(self) -> None:
        """Of a result below 1.2 what matters is on which side of 1.0 it is."""
        assessment = first(labs=drawn(LabResult("neutrophils", "<1.2 10*9/L", BEFORE)))
        assert asked(assessment) == ["labs.neutrophils.value: if < 1 10*9/L, then withhold; if >= 1 10*9/L, then proceed"]

    def test_a_zero(self) -> None:
        """A result of 0 is no multiple of any limit: all limits are alike."""
        limit, _ = what_to_ask(first(labs=drawn(LabResult("bilirubin", "0 mg/dL", BEFORE))))
        assert str(limit) == "labs.bilirubin.upper_limit: if any, then proceed"

    def test_when_it_was_drawn(self) -> None:
        """A result counts from the day after the last dose; on its day a date does not tell."""
        labs = drawn(LabResult("neutrophils", "4 10*9/L"), on=SECOND - timedelta(days=1))
        assert asked(second(labs=labs)) == [
            "labs.neutrophils.collected: if on 2026-03-02 or earlier, then needs-data; if on 2026-03-03 to 2026-03-09, then proceed"
        ]

    def test_the_time_of_a_day(self) -> None:
        """Where only the time of a day is missing, no values are listed."""
        labs = drawn(LabResult("neutrophils", "4 10*9/L", FIRST.date()), on=SECOND - timedelta(days=1))
        assert asked(second(labs=labs)) == ["labs.neutrophils.collected: other values are not listed"]

    def test_the_planned_start(self) -> None:
        """A result that is drawn after the start does not count; before the first dose one of more than 28 days is for a clinician."""
        assert asked(first(planned_start=None)) == [
            (
                "planned_start: if on 2026-02-28 or earlier, then needs-data; if on 2026-03-01 to 2026-03-29, then proceed; "
                "if on 2026-03-30 or later, then needs-assessment"
            )
        ]
        undated = second(planned_start=None, labs=None, course=[GivenDose("C1D1", None, "1 mg")])
        assert "planned_start: other values are not listed" in asked(undated)

    def test_several(self) -> None:
        """While more than one fact is missing, only an exclusion settles the verdict; the fact that leaves fewer missing is in front."""
        assert asked(first(well(age_years=None, diagnosis=None))) == [
            "patient.age_years: if < 18, then at least excluded; if >= 18, then needs-data",
            "patient.diagnosis: if extensive-stage-sclc, then needs-data; if limited-stage-sclc or other, then at least excluded",
        ]

    def test_whole_parts(self) -> None:
        """For an unknown history or course, only the empty one is listed, and marked as not exhaustive."""
        assert asked(second(events=None)) == ["events: if none, then proceed; other values are not listed"]
        assert asked(second(course=None)) == ["course: if none, then needs-assessment; other values are not listed"]

    def test_recovery_in_time(self) -> None:
        """Table 7: grade 3 neutropenia must be down to grade 2 within 3 weeks."""
        event = ToxicityEvent("neutropenia", 3, status="resolved", onset=FIRST, resolved=FIRST + timedelta(days=30))
        later = FIRST + timedelta(days=40)
        assert asked(second(events=[event], planned_start=later, labs=normal_labs(later - timedelta(days=1)))) == [
            "events[0].improved: if on 2026-03-02 to 2026-03-23, then proceed; if on 2026-03-24 to 2026-04-01, then discontinue"
        ]

    def test_an_onset(self) -> None:
        """Table 6: grade 3 ICANS that is not down to grade 1 within 7 days stops the drug; the onset is asked of the planned start."""
        event = ToxicityEvent("icans", 3, scale="astct-2019", status="active")
        assert asked(second(events=[event])) == [
            "events[0].onset: if on 2026-03-01 or earlier, then discontinue; if on 2026-03-02 to 2026-03-09, then withhold"
        ]

    def test_an_event(self) -> None:
        """Table 7: platelets of grade 3 that have recovered hold the dose while there is bleeding; a status says whether it is over."""
        platelets = ToxicityEvent("thrombocytopenia", 3, current_grade=1, onset=FIRST)
        assert asked(second(events=[platelets])) == ["events[0].bleeding: if yes, then withhold; if no, then proceed"]
        crs = ToxicityEvent("crs", 2, scale="astct-2019", onset=FIRST)
        assert asked(second(events=[crs])) == ["events[0].status: if active, then withhold; if resolved, then proceed"]

    def test_a_course(self) -> None:
        """A dose follows C1D1 after 7 days at the earliest, after 1 mg, and after a whole infusion."""
        lines = asked(second(course=[GivenDose("C1D1", None, "1 mg")]))
        assert (
            "course.C1D1.started: if on 2026-03-02 or earlier, then proceed; if on 2026-03-03 to 2026-03-09, then needs-assessment" in lines
        )
        assert asked(second(course=[GivenDose("C1D1", FIRST, "1 mg", ended=FIRST + timedelta(minutes=40))])) == [
            "course.C1D1.complete: if yes, then proceed; if no, then needs-assessment"
        ]
        late: dict[str, Any] = {"planned_start": SECOND + timedelta(days=16), "labs": normal_labs(SECOND + timedelta(days=15))}
        course = [GivenDose("C1D1", FIRST, "1 mg"), GivenDose("C1D8", SECOND)]
        assert asked(assess_case(evolve(second().case, point="C1D15", course=course, ordered="10 mg", **late), rulebook=US)) == [
            "course.C1D8.amount: if 1 mg, then needs-assessment; if 10 mg, then proceed; other values are not listed"
        ]

    def test_findings(self) -> None:
        """ICE 0: who cannot be woken has grade 4 ICANS, which stops the drug; grade 3 holds it."""
        lines = asked(second(findings=NeuroFindings(ice=0)))
        assert lines[0] == "findings.icans.arousable: if yes, then at least withhold; if no, then discontinue"
        lines = asked(second(findings=NeuroFindings(symptoms=["confusion"])))
        assert "findings.icans.ice: if any, then at least withhold" in lines
        lines = asked(
            second(findings=CrsFindings(hypotension="several-vasopressors", vasopressin=False, oxygen="none", fever_masked=False))
        )
        assert lines == ["findings.crs.temperature: if < 38 Cel, then needs-assessment; if >= 38 Cel, then discontinue"]

    def test_what_cannot_be_listed(self) -> None:
        """A fact without finitely many values is there all the same, and comes last."""
        labs = drawn(LabResult("neutrophils", "4 10*9/L", FIRST.date()), on=SECOND - timedelta(days=1))
        assert asked(second(well(pregnant=None), labs=labs)) == [
            "patient.pregnant: if yes, then needs-assessment; if no, then needs-data",
            "labs.neutrophils.collected: other values are not listed",
        ]

    def test_findings_that_are_all_known(self) -> None:
        """A key symptom has some grade that no further finding settles: of the findings nothing is asked."""
        findings = NeuroFindings(
            ice=10, consciousness="alert", symptoms=["confusion"], seizure="none", motor_weakness=False, raised_icp="none"
        )
        assert asked(second(well(pregnant=None), findings=findings)) == ["patient.pregnant: if yes or no, then withhold"]

    def test_nothing_is_missing(self) -> None:
        """Nothing is asked where nothing is missing."""
        assert what_to_ask(first()) == ()


def test_a_normal_sodium() -> None:
    """CTCAE: sodium is severe below 125 and above 155 mmol/L, which a clinician must assess; between its limits it is normal."""
    assert [line for line in map(str, what_would_change(second())) if "labs.sodium" in line] == [
        "if labs.sodium is < 125 mmol/L, then needs-assessment",
        "if labs.sodium is > 155 mmol/L, then needs-assessment",
    ]


def test_the_bilirubin_of_a_pair() -> None:
    """EU: ALT above 3 and bilirubin above 2 times the limit, 2.4 mg/dL, without another cause stop the drug for good."""
    day = SECOND - timedelta(days=1)
    high = LabResult("alt", "150 U/L", day, None, "40 U/L", "30 U/L")
    bilirubin = LabResult("bilirubin", "2 mg/dL", day, None, "1.2 mg/dL", "0.6 mg/dL")
    event = ToxicityEvent("hepatotoxicity", 2, status="active", onset=day, other_cause=False)
    course = [GivenDose("C1D1", FIRST, "1 mg", ended=FIRST + timedelta(hours=1))]
    labs = drawn(high, bilirubin, on=day)
    found = assess_dose(well(), "C1D8", planned_start=SECOND, course=course, labs=labs, events=[event], rulebook="eu-2026")
    assert changes(found, "labs.bilirubin") == ["if labs.bilirubin is > 2.4 mg/dL, then discontinue"]


def test_the_limit_of_the_last_result() -> None:
    """The outcomes of a missing ALT use the limit of the last one on file: 5 times 50 U/L is grade 3 (Table 7)."""
    old = [LabResult("alt", "20 U/L", FIRST - timedelta(days=ago), None, f"{limit} U/L") for ago, limit in ((3, 40), (2, 50))]
    others = [result for result in normal_labs(SECOND - timedelta(days=1)) if result.analyte is not Analyte.ALT]
    (line,) = asked(second(labs=[*others, *old]))
    assert line.startswith("labs.alt: if <= 250 U/L, then proceed; if > 250 to 1000 U/L, then at least withhold")


class TestWhatWouldChange:
    """The nearest other facts with another verdict."""

    def test_neutropenia(self) -> None:
        """Table 7: at 0.4 the dose is held until grade 2 or less, which is 1.0 or more."""
        assessment = second(labs=drawn(LabResult("neutrophils", "0.4 10*9/L", SECOND - timedelta(days=1)), on=SECOND - timedelta(days=1)))
        assert assessment.verdict == "withhold"
        (found,) = [each for each in what_would_change(assessment) if each.path == "labs.neutrophils"]
        assert str(found) == "if labs.neutrophils is >= 1 10*9/L, then proceed"
        assert "T7-NEUTROPENIA-3/mild" in found.rows

    def test_every_result_and_criterion(self) -> None:
        """Table 7 by CTCAE 5.0, for a well patient: each threshold in the unit and by the known limits; the nearest first."""
        labs = [result for result in normal_labs(BEFORE) if result.analyte in LABS]
        assessment = first(well(childbearing_potential=False, pregnant=None, breastfeeding=None), labs=labs)
        assert [str(each) for each in what_would_change(assessment)] == [
            "if labs.hemoglobin is < 8 g/dL, then withhold",
            "if patient.age_years is < 18, then excluded",
            "if labs.neutrophils is < 1 10*9/L, then withhold",
            "if labs.platelets is < 50 10*9/L, then withhold",
            "if labs.bilirubin is > 3.6 mg/dL, then withhold",
            "if labs.alt is > 200 U/L, then withhold",
            "if labs.ast is > 200 U/L, then withhold",
            "if planned_start is on 2026-02-28 or earlier, then needs-data",
            "if planned_start is on 2026-03-30 or later, then needs-assessment",
            "if patient.diagnosis is limited-stage-sclc or other, then excluded",
            "if patient.progressed_after_platinum is no, then excluded",
            "if patient.infection is controlled or uncontrolled, then withhold",
            "if patient.childbearing_potential is yes, then needs-data",
        ]

    def test_too_early(self) -> None:
        """Table 1: C1D8 is due 7 days after C1D1; the time of the day stays. After 28 days the results of 2026-03-03 are old."""
        assessment = second(planned_start=SECOND - timedelta(days=3), labs=normal_labs(FIRST + timedelta(days=1)))
        (found,) = [each for each in what_would_change(assessment) if each.path == "planned_start"]
        assert str(found) == "if planned_start is on 2026-03-09 to 2026-03-31, then proceed"
        assert found.assessment.case.planned_start == SECOND

    def test_too_late(self) -> None:
        """Table 4: 10 mg are due until 14 days after 1 mg; after more the step-up begins anew."""
        assert changes(second(ordered="10 mg"), "planned_start") == [
            "if planned_start is on 2026-03-02 to 2026-03-08, then needs-assessment",
            "if planned_start is on 2026-03-17 or later, then needs-assessment",
        ]

    def test_a_day_without_a_time(self) -> None:
        """A planned day stays a day."""
        found = what_would_change(second(planned_start=date(2026, 3, 8), labs=normal_labs(FIRST + timedelta(days=1))))
        (start,) = [each.assessment.case.planned_start for each in found if each.path == "planned_start"]
        assert start == date(2026, 3, 9)

    def test_the_age_of_results(self) -> None:
        """A result that must be of the last 3 days does not count for a dose that is later."""
        assessment = assess_case(second().case, max_lab_age="3 days", rulebook=US)
        lines = [str(each) for each in what_would_change(assessment) if each.path == "planned_start"]
        assert lines[-1] == "if planned_start is on 2026-03-12 or later, then needs-data"

    @pytest.mark.parametrize(
        ("age", "hour", "old"),
        [
            ("11 d", 9, "2026-03-20"),  # on 2026-03-19 they are 264 h old at 9 h
            ("11 d", 3, "2026-03-19"),  # 270 h
            ("287 h", 23, "2026-03-21"),  # on 2026-03-20 they are 274 h old
        ],
    )
    def test_the_age_goes_by_the_hour(self, age: str, hour: int, old: str) -> None:
        """The day on which results of 2026-03-08 become too old depends on the hours of the draw and of the dose."""
        late = second(planned_start=datetime(2026, 3, 15, 9, tzinfo=UTC), labs=normal_labs(datetime(2026, 3, 8, hour, tzinfo=UTC))).case
        lines = changes(assess_case(late, max_lab_age=age, rulebook=US), "planned_start")
        assert f"if planned_start is on {old} or later, then needs-data" in lines

    def test_the_age_when_the_clocks_go_back(self) -> None:
        """Drawn at 0 h on 2026-10-20, they are more than 11 days old at 23:45 ten days later, since one of these has 25 hours."""
        berlin = ZoneInfo("Europe/Berlin")
        given = GivenDose(
            "C1D1", datetime(2026, 10, 13, 9, tzinfo=berlin), "1 mg", datetime(2026, 10, 13, 10, tzinfo=berlin), complete=True
        )
        start = datetime(2026, 10, 26, 23, 45, tzinfo=berlin)
        case = second(planned_start=start, course=[given], labs=normal_labs(datetime(2026, 10, 20, tzinfo=berlin))).case
        lines = changes(assess_case(case, max_lab_age="11 d", rulebook=US), "planned_start")
        assert "if planned_start is on 2026-10-30 or later, then needs-data" in lines

    def test_an_order(self) -> None:
        """Table 1: 10 mg are due on C1D8."""
        assert changes(second(ordered="5 mg"), "ordered") == ["if ordered is 10 mg, then proceed"]
        assert changes(second(ordered="10 mg"), "ordered") == ["if ordered is 1 mg, then needs-assessment"]

    def test_an_event(self) -> None:
        """Table 5: grade 3 CRS holds the dose until it is resolved, grade 4 stops the drug; what cannot be is left out."""
        event = ToxicityEvent("crs", 3, scale="astct-2019", status="active", onset=FIRST)
        found = [str(each) for each in what_would_change(second(events=[event])) if each.path.startswith("events")]
        assert found == [
            "if events[0].grade is 4 or 5, then discontinue",
            "if events[0].status is resolved, then proceed",
        ]
        now = ToxicityEvent("crs", 3, scale="astct-2019", status="active", onset=FIRST, current_grade=2)
        assert changes(second(events=[now]), "events[0].status") == []

    def test_findings(self) -> None:
        """ICE 5 without any other finding is grade 2 and holds the dose; an unimpaired score of 10 does not."""
        fine: dict[str, Any] = {"seizure": "none", "motor_weakness": False, "raised_icp": "none", "consciousness": "alert", "symptoms": ()}
        assert changes(second(findings=NeuroFindings(ice=5, **fine)), "findings.icans.ice") == [
            "if findings.icans.ice is >= 10, then proceed"
        ]
        event = ToxicityEvent("icans", status="active", onset=FIRST, findings=NeuroFindings(ice=5, **fine))
        assert changes(second(events=[event]), "events[0].findings.seizure") == [
            "if events[0].findings.seizure is prolonged, then discontinue"
        ]
        hot = CrsFindings(temperature="39 Cel", hypotension="none", vasopressin=False, oxygen="none", fever_masked=False)
        assert changes(second(findings=hot), "findings.crs.temperature") == ["if findings.crs.temperature is < 38 Cel, then proceed"]

    def test_two_results_that_count(self) -> None:
        """Where two results of one analyte count, each is named by its place."""
        labs = drawn(LabResult("neutrophils", "4 10*9/L", (SECOND - timedelta(days=1)).date()), on=SECOND - timedelta(days=1))
        labs.append(LabResult("neutrophils", "3 10*9/L", (SECOND - timedelta(days=1)).date()))
        found = [str(each) for each in what_would_change(second(labs=labs))]
        assert [line for line in found if "10*9/L" in line and "[" in line] == [
            "if labs[9] is < 1 10*9/L, then withhold",
            "if labs[0] is < 1 10*9/L, then withhold",
        ]

    def test_a_bound_is_not_changed(self) -> None:
        """What is known of a result by a bound alone is asked for, not changed."""
        assert changes(first(labs=drawn(LabResult("neutrophils", "<0.4 10*9/L", BEFORE))), "labs.neutrophils") == []

    def test_a_start_with_the_last_dose(self) -> None:
        """From a planned start at that of the last dose the days that would do are given, until the results are old."""
        assessment = second(planned_start=FIRST, labs=normal_labs(FIRST + timedelta(days=1)))
        assert changes(assessment, "planned_start") == ["if planned_start is on 2026-03-09 to 2026-03-31, then proceed"]


class TestAskingAgain:
    """An assessment is asked again as it was made."""

    def test_the_age_of_results_stands(self) -> None:
        """The greatest age of results that the assessment was given holds when it is asked again."""
        assessment = assess_case(second(labs=normal_labs(FIRST + timedelta(days=1))).case, max_lab_age="3 days", rulebook=US)
        assert assessment.verdict == "needs-data"
        assert len(what_to_ask(assessment)) == len(assessment.missing)

    def test_another_book(self) -> None:
        """By another book than the one that answered the case comes out differently: refused, with what to pass."""
        with pytest.raises(FieldError, match="pass the rulebook"):
            what_to_ask(second(), rulebook="precautions-2025-09")

    def test_a_fact_that_no_table_asks_for(self) -> None:
        """What is no fact of a record has no values to try, nor has a record that the case does not have."""
        asked = Asked(second().case, rulebooks.get(US), None)
        assert values_of("events.crs.history", asked) is None
        assert values_of("findings.icans.symptoms", asked) is None

    def test_a_book_of_ones_own(self) -> None:
        """A book that the library does not know by its name is passed."""
        own = rulebooks.get(US).overlay("our-hospital", {})
        assessment = assess_case(first(well(pregnant=None)).case, rulebook=own)
        with pytest.raises(UnknownRulebookError):
            what_to_ask(assessment)
        assert str(what_to_ask(assessment, rulebook=own)[0]) == "patient.pregnant: if yes, then needs-assessment; if no, then proceed"

    def test_no_assessment(self) -> None:
        """Anything else is refused."""
        case: Any = first().case
        with pytest.raises(FieldTypeError, match="DoseAssessment"):
            what_would_change(case)


BEFORE = FIRST - timedelta(days=1)
BOOKS = st.sampled_from([PAGE, US, "eu-2026", f"{PAGE} over {US}"])


def drawn(*results: LabResult, on: datetime = BEFORE, **changes: LabResult) -> list[LabResult]:
    """Normal results, some of them replaced."""
    return normal_labs(on, **({str(result.analyte): result for result in results} | changes))


def verdict_of(put: Any, value: Any, book: str) -> Verdict | None:
    """The verdict with a value in the place of a fact; ``None`` where it cannot be."""
    try:
        return assess_case(put(value), rulebook=book).verdict
    except FieldError:
        return None


@examples(60)
@given(strategies.cases(), BOOKS)
def test_each_gives_the_verdict_it_names(case: Case, book: str) -> None:
    """The case behind an outcome has that verdict, by the rows that are named, and differs in one part only."""
    assessment = assess_case(case, rulebook=book)
    to_ask, found = what_to_ask(assessment), what_would_change(assessment)
    assert sorted(each.path for each in to_ask) == sorted(assessment.missing)
    for each in (*found, *(outcome for fact in to_ask for outcome in fact.outcomes)):
        again = assess_case(each.assessment.case, rulebook=book)
        assert (again.verdict, tuple(reason.row for reason in again.reasons)) == (each.verdict, each.rows)
        differ = [name for name in PARTS_OF_CASE if getattr(case, name) != getattr(again.case, name)]
        assert differ in ([], [each.path.replace("[", ".").split(".")[0]])
        assert str(each.verdict) in str(each)
    assert all(each.verdict is not assessment.verdict for each in found)


PARTS_OF_CASE = ("patient", "point", "planned_start", "ordered", "course", "labs", "events", "findings")


@examples(60)
@given(strategies.cases(), BOOKS, st.randoms(use_true_random=False))
def test_nothing_changes_inside_of_a_band(case: Case, book: str, random: Any) -> None:
    """Any day of a band, and any number of it, has the verdict of the one that was tried: so no nearer one has another."""
    assessment = assess_case(case, rulebook=book)
    facts = Asked(case, rulebooks.get(book), None)
    counting = [each.result for each in assessment.standings if each.standing is Standing.COUNTS and each.result is not None]
    every = [(values, put) for _, values, put in known(facts, counting)]
    every += [found for path in assessment.missing if (found := values_of(path, facts)) is not None]
    for values, put in every:
        if isinstance(values, Numbers):
            for span, sample in zip(values.values, values.samples, strict=True):
                low, high = max(span.low, span.high - 40), min(span.high, max(span.low, span.high - 40) + 40)
                low, high = (span.low, span.low + 40) if span.high == inf else (low, high)
                other = random.randint(int(low), int(high)) if isinstance(values, Days) else random.uniform(low, high)
                if other in span and span.low != span.high and not too_near(other, span):
                    assert verdict_of(put, other, book) in {verdict_of(put, sample, book), None}


def too_near(number: float, span: Interval) -> bool:
    """Whether a number that is no end of a band is one at 15 digits, by which ratios are compared."""
    return any(number != end and abs(number - end) <= 1e-12 * abs(end) for end in (span.low, span.high))

"""What holds of whole assessments, in every book about the drug and in the default.

A worse fact never makes the verdict milder, what does not matter changes nothing, no fact is dropped, and what is asked for can be given.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any

import attrs
import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st

from helpers import DEFAULT, DRUG_BOOKS, LABS, PAGE, normal_labs, well
from supplying import supplied
from tarlatamab_rules import (
    Case,
    Course,
    CrsFindings,
    DoseAssessment,
    LabResult,
    ToxicityEvent,
    Verdict,
    assess_case,
    grade_crs,
    grade_icans,
    rulebooks,
    strategies,
)
from tarlatamab_rules.answers import Vote
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.inputs.analytes import GREATEST, LEAST, Analyte
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.findings import Findings
from tarlatamab_rules.inputs.vocabulary import Consciousness, Grade, Hypotension, RaisedPressure, Seizure, Symptom, Toxicity
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION

BOOKS = st.sampled_from([*DRUG_BOOKS, DEFAULT])
ALL = f"strictest of {', '.join(DRUG_BOOKS)}"
WELL = strategies.well_cases(offsets=True)


@st.composite
def spoiled(draw: st.DrawFn) -> Case:
    """A well case with one or two results of the last draw or without a date, events or findings beside what is well."""
    case = draw(WELL)
    labs, events = list(case.labs or ()), list(case.events or ())
    findings: list[Findings] = []
    for kind in draw(st.lists(st.sampled_from(["lab", "lab", "event", "crs", "neuro"]), min_size=1, max_size=2, unique=True)):
        if kind == "lab":
            drawn = draw(st.sampled_from([labs[0].collected, labs[0].collected, None]))
            labs.append(changed(draw(strategies.lab_results(offsets=True)), collected=drawn))
        elif kind == "event":
            events.append(draw(strategies.events(offsets=True)))
        else:
            kinds: st.SearchStrategy[Findings] = strategies.crs_findings() if kind == "crs" else strategies.neuro_findings()
            findings.append(draw(kinds))
    return attrs.evolve(case, labs=labs, events=events, findings=findings)


CASES = strategies.cases(offsets=True) | spoiled()
ROUNDS = 12


def no_milder(before: Case, after: Case, book: str) -> None:
    """The law of a worse fact."""
    assert assess_case(before, rulebook=book).verdict <= assess_case(after, rulebook=book).verdict


def changed(record: Any, **facts: Any) -> Any:
    """A record with other facts."""
    return attrs.evolve(record, **facts)


def replaced(items: Any, n: int, item: Any) -> tuple[Any, ...]:
    """A list with another item in one place."""
    return (*items[:n], item, *items[n + 1 :])


# --- findings ---


def toxicity_of(findings: Findings) -> Toxicity:
    """The syndrome that findings are of."""
    return Toxicity.CRS if isinstance(findings, CrsFindings) else Toxicity.ICANS


def grades(findings: Findings) -> tuple[Grade | None, ...]:
    """Every grade that findings may have by their scale, another cause left aside; none where they contradict each other."""
    if isinstance(findings, CrsFindings):
        return grade_crs(findings).possible
    try:
        return grade_icans(changed(findings, other_cause=None)).possible
    except ContradictionError:
        return ()


def abnormal(findings: Findings) -> bool:
    """Whether anything found is abnormal: 38.0 C or more, hypotension, oxygen, vasopressin, any neurologic finding other than normal."""
    if isinstance(findings, CrsFindings):
        fever = findings.temperature is not None and findings.temperature.value >= 38
        given_ = {findings.hypotension, findings.oxygen} - {None, "none"}
        return bool(fever or given_ or findings.vasopressin)
    normal = {"ice": 10, "arousable": True, "consciousness": "alert", "seizure": "none", "motor_weakness": False, "raised_icp": "none"}
    return bool(findings.symptoms) or any(getattr(findings, name) not in {None, value} for name, value in normal.items())


def severe(findings: Findings) -> bool:
    """Whether findings are of grade 3 or worse by their scale for certain, or would be with fever, or contradict each other."""
    if isinstance(findings, CrsFindings):
        findings = changed(findings, temperature="38.6 Cel", fever_masked=False)
    return min((grade or Grade.NONE for grade in grades(findings)), default=Grade.SEVERE) >= Grade.SEVERE


FINDINGS = st.one_of(strategies.crs_findings(), strategies.neuro_findings().map(lambda found: changed(found, baseline_ice=None)))
ABNORMAL = FINDINGS.filter(abnormal)

LADDERS: dict[str, tuple[Any, ...]] = {
    "temperature": ("36.8 Cel", "37.9 Cel", "38 Cel", "39.5 Cel"),
    "hypotension": tuple(Hypotension),
    "oxygen": ("none", "low-flow", "high-flow", "positive-pressure"),
    "vasopressin": (False, True),
    "ice": (10, 9, 7, 6, 3, 2, 0),
    "arousable": (True, False),
    "consciousness": tuple(Consciousness),
    "seizure": tuple(Seizure),
    "motor_weakness": (False, True),
    "raised_icp": tuple(RaisedPressure),
    "symptoms": ([], [Symptom.CONFUSION], [Symptom.CONFUSION, Symptom.SPEECH_DISORDER]),
}
"""The values of each finding, mildest first."""


class TestWorse:
    """A worse fact never makes the verdict milder."""

    @given(CASES, strategies.events(offsets=True), BOOKS)
    def test_one_more_active_event(self, case: Case, more: ToxicityEvent, book: str) -> None:
        """Another active event, in a history that is known, and of which nothing says that it has another cause or is better."""
        assume(case.events is not None)
        grade = more.grade or more.current_grade
        more = changed(
            more, grade=grade or None, current_grade=None, status="active", resolved=None, improved=None, other_cause=None, bleeding=None
        )
        assume(getattr(more.findings, "other_cause", None) is None)
        no_milder(case, changed(case, events=(*(case.events or ()), more)), book)

    @given(CASES, FINDINGS, BOOKS)
    def test_one_more_finding(self, case: Case, found: Findings, book: str) -> None:
        """Findings of a syndrome without other findings and without an event that may be ongoing."""
        syndromes = {Toxicity.CRS} if isinstance(found, CrsFindings) else {Toxicity.ICANS, Toxicity.NEUROTOXICITY}
        assume(not any(type(each) is type(found) for each in case.findings or ()))
        assume(not any(each.toxicity in syndromes for each in case.events or ()))
        no_milder(case, changed(case, findings=(*(case.findings or ()), found)), book)

    @given(CASES, st.data(), BOOKS)
    def test_a_higher_grade(self, case: Case, data: st.DataObject, book: str) -> None:
        """A higher grade of an event without findings, by the scale that is read.

        A dated recovery from grade 0 contradicts itself: if it lies ahead, the grade is asked for.
        """
        plain = [
            n
            for n, each in enumerate(case.events or ())
            if each.plain_grade is not None and each.grade != max(grades_of(each.toxicity)) and (each.grade or not each.improved)
        ]
        assume(plain)
        events = case.events or ()
        n = data.draw(st.sampled_from(plain))
        worse = data.draw(st.sampled_from([grade for grade in grades_of(events[n].toxicity) if grade > (events[n].grade or 0)]))
        no_milder(case, changed(case, events=replaced(events, n, changed(events[n], grade=worse))), book)

    @given(CASES.filter(lambda case: bool(case.findings)), st.data(), BOOKS)
    def test_a_worse_finding(self, case: Case, data: st.DataObject, book: str) -> None:
        """One finding a step worse; with a fever, what was unexplained is CRS, of which the page by itself says nothing."""
        found = data.draw(st.sampled_from(case.findings or ()))
        ladders = {name: ladder for name, ladder in LADDERS.items() if getattr(found, name, None) is not None}
        assume(ladders)
        name = data.draw(st.sampled_from(sorted(ladders)))
        assume(name != "temperature" or book != PAGE)
        steps = [changed(found, **{name: value}) for value in ladders[name]]
        one = data.draw(st.integers(0, len(steps) - 2))
        others = [each for each in case.findings or () if each is not found]
        no_milder(changed(case, findings=[*others, steps[one]]), changed(case, findings=[*others, steps[one + 1]]), book)

    @given(CASES.filter(lambda case: bool(case.labs)), st.data(), BOOKS)
    def test_a_worse_result(self, case: Case, data: st.DataObject, book: str) -> None:
        """A worse value of the result that counts, the latest of its analyte."""
        n, result = data.draw(st.sampled_from(counting(case)) if counting(case) else st.nothing())
        no_milder(case, changed(case, labs=replaced(case.labs, n, worse_result(data, result))), book)

    @given(CASES.filter(lambda case: bool(case.labs)), st.data(), BOOKS)
    def test_a_later_result(self, case: Case, data: st.DataObject, book: str) -> None:
        """A result at least as bad as the latest of its analyte, drawn between that one and the dose."""
        latest: list[tuple[int, LabResult]] = [(n, each) for n, each in counting(case) if room_after(each, case)]
        _, result = data.draw(st.sampled_from(latest) if latest else st.nothing())
        later: Any = result.collected
        later += (attrgetter("planned_start")(case) - later) / 2
        after = worse_result(data, result) if data.draw(st.booleans()) else result
        no_milder(case, changed(case, labs=(*(case.labs or ()), changed(after, collected=later))), book)


def counting(case: Case) -> list[tuple[int, LabResult]]:
    """The results that count, each the latest of its analyte for certain, with their places."""
    counts = {stand.result for stand in assess_case(case).standings if stand.standing == "counts"}
    unsure = {stand.analyte for stand in assess_case(case).standings if stand.standing in {"undated", "open", "after-planned-start"}}
    found = [(n, result) for n, result in enumerate(case.labs or ()) if result in counts and result.analyte not in unsure]
    analytes = [result.analyte for _, result in found]
    return [(n, result) for n, result in found if analytes.count(result.analyte) == 1]


def room_after(result: LabResult, case: Case) -> bool:
    """Whether there are moments between a result and the dose, and it is no older than a month."""
    start, drawn = case.planned_start, result.collected
    return isinstance(start, datetime) and isinstance(drawn, datetime) and timedelta(hours=1) < start - drawn < timedelta(days=28)


LOW = {Analyte.NEUTROPHILS, Analyte.WHITE_CELLS, Analyte.LYMPHOCYTES, Analyte.HEMOGLOBIN, Analyte.PLATELETS}
MIDDLE = {Analyte.SODIUM: 140.0, Analyte.POTASSIUM: 4.2}


def worse_result(data: st.DataObject, result: LabResult) -> LabResult:
    """The same result with a worse value: less of cells, more of what rises, farther from the middle of what may do both."""
    value, times = result.quantity.value, data.draw(st.sampled_from([0.95, 0.7, 0.4, 0.1]))
    falls = result.analyte in LOW or value < MIDDLE.get(result.analyte, 0)
    worse = max(value * times, LEAST[result.analyte]) if falls else min(value / times, GREATEST[result.analyte])
    assume((worse < value) is falls)
    return changed(result, quantity=f"{result.quantity.bound}{worse!r} {result.quantity.unit}")  # type: ignore[no-any-return]  # attrs


# --- what must not matter ---


def with_times(case: Case, moved: Callable[[Any], Any]) -> Case:
    """The case with every time put through a function."""

    def of(record: Any, *names: str) -> Any:
        return changed(record, **{name: moved(when) for name in names if (when := getattr(record, name)) is not None})

    doses = None if case.course is None else Course([of(dose, "started", "ended") for dose in case.course.doses])
    return Case(
        patient=case.patient,
        point=case.point,
        planned_start=None if case.planned_start is None else moved(case.planned_start),
        ordered=case.ordered,
        course=doses,
        labs=None if case.labs is None else [of(result, "collected") for result in case.labs],
        events=None if case.events is None else [of(each, "onset", "improved", "resolved") for each in case.events],
        findings=case.findings,
    )


def times_of(case: Case) -> list[Any]:
    """Every time in a case."""
    found: list[Any] = []

    def seen(when: Any) -> Any:
        found.append(when)
        return when

    with_times(case, seen)
    return found


def outline(assessment: DoseAssessment) -> tuple[Any, ...]:
    """The verdict, the votes and what is missing, without the dates in their names."""
    votes = [(re.sub(r" from .*", "", vote.part), vote.verdict, vote.missing) for vote in assessment.votes]
    return assessment.verdict, votes, assessment.missing


class TestTime:
    """It does not matter when all this happened."""

    @given(strategies.cases(), st.sampled_from([-1000, -365, -1, 1, 30, 400]), BOOKS)
    def test_other_days(self, case: Case, days: int, book: str) -> None:
        """Every time moved by as many days: nothing changes."""
        moved = with_times(case, lambda when: when + timedelta(days=days))
        assert outline(assess_case(moved, rulebook=book)) == outline(assess_case(case, rulebook=book))

    @given(strategies.cases(), st.integers(-6, 6), BOOKS)
    def test_other_hours(self, case: Case, hours: int, book: str) -> None:
        """Every moment moved by as many hours, where no calendar day changes by its own clock or by that of the dose: nothing changes."""

        def later(when: Any) -> Any:
            return when + timedelta(hours=hours) if isinstance(when, datetime) else when

        zone = getattr(case.planned_start, "tzinfo", None)
        for when in times_of(case):
            if isinstance(when, datetime):
                assume(when.date() == later(when).date())
                assume(zone is None or when.astimezone(zone).date() == later(when).astimezone(zone).date())
        assert outline(assess_case(with_times(case, later), rulebook=book)) == outline(assess_case(case, rulebook=book))


class TestPlace:
    """It does not matter where a fact is written."""

    @given(CASES, ABNORMAL, BOOKS)
    def test_findings_or_an_event(self, case: Case, found: Findings, book: str) -> None:
        """What is found now, as findings, as an active event with the same findings, and as both, is the same thing once."""
        syndromes = {Toxicity.CRS} if isinstance(found, CrsFindings) else {Toxicity.ICANS, Toxicity.NEUROTOXICITY}
        assume(case.events is not None and not any(each.toxicity in syndromes for each in case.events))
        assume(grades(found) and all(grades(found)))  # some grade of the syndrome, or the event says more than the findings
        others = [each for each in case.findings or () if type(each) is not type(found)]
        told = ToxicityEvent(toxicity_of(found), status="active", onset=case.planned_start, findings=found)
        as_findings = changed(case, findings=[*others, found])
        as_event = changed(case, findings=others, events=(*(case.events or ()), told))
        as_both = changed(as_findings, events=as_event.events)
        one, two, both = (assess_case(each, rulebook=book) for each in (as_findings, as_event, as_both))
        answers = [(each.verdict, each.monitoring.possible, each.premedication.possible) for each in (one, two, both)]
        assert answers[0] == answers[1]
        assert answers[1] == answers[2]
        assert len([each for each in both.toxicities if each.toxicity in syndromes]) == 1


# --- what is not dropped ---


class TestNothingIsDropped:
    """What is handed in counts, or is named."""

    @given(WELL, ABNORMAL, BOOKS)
    def test_abnormal_findings(self, case: Case, found: Findings, book: str) -> None:
        """Abnormal findings hold a dose, or a note names them: milder ones with another cause, or for which a book has no action at all."""
        path = f"findings.{toxicity_of(found)}"
        assessment = assess_case(changed(case, findings=[found]), rulebook=book)
        held = any(vote.part.startswith(path) and vote.verdict > Verdict.PROCEED for vote in assessment.votes)
        noted = any(path in note for note in assessment.notes)
        answers = rulebooks.get(book)[TOXICITY_ACTION[toxicity_of(found)]]
        explained = getattr(found, "other_cause", None) is True
        assert held or (noted and not severe(found) and (explained or answers.silent == answers.cells))

    @given(strategies.cases(), BOOKS)
    def test_every_fact_is_accounted_for(self, case: Case, book: str) -> None:
        """Every dose, result, event, finding, the order and each known fact of the patient has one entry, and nothing else has."""
        assessment = assess_case(case, rulebook=book)
        accounted: Any = attrgetter("accounted")(assessment)
        things = [f"course[{n}]" for n, _ in enumerate(case.course.doses if case.course else ())]
        things += [f"labs[{n}]" for n, _ in enumerate(case.labs or ())]
        things += [f"events[{n}]" for n, _ in enumerate(case.events or ())]
        things += [f"findings.{toxicity_of(each)}" for each in case.findings or ()]
        things += [] if case.ordered is None else ["ordered"]
        things += [f"patient.{name}" for name, value in attrs.asdict(case.patient).items() if value is not None]
        assert sorted(each.path for each in accounted) == sorted(things)
        # A patient who has no infection has no vote on it; without that fact there is one.
        parts = {vote.part for vote in assessment.votes} | {"patient.infection"}
        for each in accounted:
            assert each.fate in {"voted", "informed", "not-counted"}
            assert bool(each.votes) is (each.fate == "voted")
            assert set(each.votes) <= parts
            assert each.says or each.fate == "voted"

    @given(CASES, BOOKS)
    def test_what_is_asked_for_can_be_given(self, case: Case, book: str) -> None:
        """Whoever gives all that is asked for gets another verdict than needs-data, within a dozen rounds."""
        for _ in range(ROUNDS):
            assessment = assess_case(case, rulebook=book)
            if assessment.verdict is not Verdict.NEEDS_DATA:
                return
            before = case
            for path in assessment.missing:
                case = supplied(case, path)
            assert case != before, assessment.missing
        pytest.fail(f"still asked for: {assess_case(case, rulebook=book).missing}")


# --- forgetting ---


def known_facts(case: Case) -> list[tuple[str, Case]]:
    """The case without each of its facts, one at a time, with the path of what was forgotten.

    Left out is what a clinic need not say: the order, a hypersensitivity, how long an infusion took and whether it was complete, doses
    before the last, results that are not required, the scale of a grade, key symptoms beside other findings, a grade beside findings.
    """
    found = [
        (f"patient.{name}", changed(case, patient=changed(case.patient, **{name: None})))
        for name, value in attrs.asdict(case.patient).items()
        if value is not None and name != "hypersensitivity"
    ]
    found += [] if case.planned_start is None else [("planned_start", changed(case, planned_start=None))]
    doses = case.course.doses if case.course else ()
    if case.course is not None and case.point.number > 1:
        found.append(("course", changed(case, course=None)))
    if doses and doses[-1].started is not None:
        found.append(
            ("course.started", changed(case, course=replaced(doses, len(doses) - 1, changed(doses[-1], started=None, ended=None))))
        )
    if doses and doses[-1].amount is not None:
        found.append(("course.amount", changed(case, course=replaced(doses, len(doses) - 1, changed(doses[-1], amount=None)))))
    for n, result in enumerate(case.labs or ()):
        names = ["collected", "lower_limit", "upper_limit", "baseline"] if result.analyte in LABS else []
        found += [
            (f"labs[{n}].{name}", changed(case, labs=replaced(case.labs, n, changed(result, **{name: None}))))
            for name in names
            if getattr(result, name) is not None
        ]
    for n, each in enumerate(case.events or ()):
        names = ["status", "onset", "resolved", "improved", "current_grade", "bleeding", "other_cause"]
        names += [] if each.findings is not None else ["grade"]
        found += [
            (f"events[{n}].{name}", changed(case, events=replaced(case.events, n, changed(each, **{name: None}))))
            for name in names
            if getattr(each, name) is not None
        ]
    for n, findings in enumerate(case.findings or ()):
        found += [
            (f"findings.{name}", changed(case, findings=replaced(case.findings, n, changed(findings, **{name: None}))))
            for name, value in attrs.asdict(findings, recurse=False).items()
            if value is not None and name != "symptoms"
        ]
    return found


class TestForgetting:
    """What is not known never permits."""

    @given(CASES, st.data(), BOOKS)
    def test_one_fact(self, case: Case, data: st.DataObject, book: str) -> None:
        """A dose that must not be given is not given because a single fact is forgotten.

        Dates that contradict each other need a clinician; without one of the two nothing is doubtful. A finding for which the dose does not
        wait, since the others are normal, is named in a note.
        """
        facts = known_facts(case)
        assume(facts)
        before = assess_case(case, rulebook=book)
        path, forgotten = data.draw(st.sampled_from(facts))
        event(path.partition(".")[0])
        assume(not any(vote.part == "dates" for vote in before.votes))
        assume(not (path.startswith("course") and any(reason.row == "guard/too-early" for reason in before.reasons)))
        after = assess_case(forgotten, rulebook=book)
        named = path.startswith("findings.") and any(note.startswith("findings.") and "not known" in note for note in after.notes)
        if after.may_give and not named:
            assert before.may_give, path


# --- stacks ---

OF_SILENCE = frozenset(("guard/order", "guard/no-amount", "guard/too-early", "guard/severe"))
"""Guards for what a book does not say; where another book of a stack says it, they are not needed (see *Choices in stacking books*)."""


def of_silence(vote: Vote) -> bool:
    """Whether a vote is a guard for silence: of low lymphocytes and of which results a dose asks for too, of which other books speak."""
    silent = vote.part in {"labs", "labs.lymphocytes"} or bool(OF_SILENCE & {each.row for each in vote.reasons})
    return silent and vote.verdict <= Verdict.NEEDS_ASSESSMENT


def spoken(assessment: DoseAssessment) -> Verdict:
    """The verdict without the guards for silence."""
    return max(vote.verdict for vote in assessment.votes if not of_silence(vote))


LOW_COUNT = Case(
    patient=well(),
    point="C1D1",
    planned_start=date(2026, 3, 2),
    course=(),
    labs=normal_labs(date(2026, 3, 1)),
    events=[ToxicityEvent("neutropenia", 3, status="active", onset=date(2026, 2, 20))],
)
"""A low count that is reported as active, with a normal result of after its onset."""


class TestStacks:
    """A stack is never milder than one of its books, but for guards that a book needs because it is silent."""

    @given(CASES)
    def test_the_default_and_the_label(self, case: Case) -> None:
        """The default is never milder than the label alone."""
        assert assess_case(case).verdict >= assess_case(case, rulebook="us-2025-11").verdict

    @given(CASES)
    @example(LOW_COUNT)
    def test_the_default_and_the_page(self, case: Case) -> None:
        """The default is never milder than what the page says."""
        assert assess_case(case).verdict >= spoken(assess_case(case, rulebook=PAGE))

    @given(CASES, st.sampled_from(DRUG_BOOKS))
    def test_the_strictest(self, case: Case, book: str) -> None:
        """The strictest of all books is never milder than what any of them says."""
        assert assess_case(case, rulebook=ALL).verdict >= spoken(assess_case(case, rulebook=book))


@given(WELL, BOOKS)
def test_well_cases_may_be_given(case: Case, book: str) -> None:
    """The laws above hold nothing that is well: a well case of each book's own dose is not held, discontinued or excluded."""
    assert assess_case(case, rulebook=book).verdict < Verdict.WITHHOLD

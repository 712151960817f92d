"""What holds of every case, checked on cases that hypothesis makes up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import PAGE
from tarlatamab_rules import (
    Case,
    Course,
    DoseAction,
    EventStatus,
    Grade,
    LabResult,
    NeedsData,
    NeuroFindings,
    Patient,
    ToxicityEvent,
    Verdict,
    assess_case,
    eligibility,
    grade_lab,
    monitoring_duration,
    rulebooks,
    strategies,
    toxicity_action,
)
from tarlatamab_rules.answers import Eligibility
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import KINDS, RANGES
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.kinds import Kind
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY

ALL_PATIENT_FACTS: dict[str, tuple[Any, ...]] = {
    "age_years": (17, 18, 64),
    "diagnosis": ("extensive-stage-sclc", "limited-stage-sclc", "other"),
    "progressed_after_platinum": (True, False),
    "infection": ("none", "controlled", "uncontrolled"),
    "childbearing_potential": (True, False),
    "pregnant": (True, False),
    "breastfeeding": (True, False),
    "hypersensitivity": (True, False),
}
NEURO = st.sampled_from([Toxicity.ICANS, Toxicity.NEUROTOXICITY])
BOOKS = st.sampled_from([PAGE, None])
"""The page alone, and the default."""


def contradictory(findings: Any) -> bool:
    """Whether one field reports a finding that another field denies."""
    listed = findings.symptoms
    if listed is None:
        return False
    return (findings.seizure is not None and (findings.seizure != "none") is not ("seizures" in listed)) or (
        findings.motor_weakness is not None and findings.motor_weakness is not ("muscle-weakness" in listed)
    )


def unreal(findings: Any) -> bool:
    """Whether findings cannot all be true by the scale of ICANS: who wakes to something is arousable, and who does not scores nothing."""
    awake = None if findings.consciousness is None else findings.consciousness != "unarousable"
    if None not in {findings.arousable, awake} and findings.arousable is not awake:
        return True
    return bool(findings.ice) and False in {findings.arousable, awake}


def coherent(patient: Patient) -> bool:
    """Whether breast-feeding does not contradict what childbearing potential answers."""
    return not (patient.childbearing_potential is False and patient.breastfeeding)


def values_of(patient: Patient, fact: str) -> Iterator[Patient]:
    """The patient with every value that *fact* can have without contradicting the others."""
    for value in ALL_PATIENT_FACTS[fact]:
        facts: dict[str, Any] = attrs.asdict(patient) | {fact: value}
        if not (facts["childbearing_potential"] is False and facts["pregnant"]) and coherent(known := Patient(**facts)):
            yield known


def severity(event: ToxicityEvent, rulebook: str | None = None, **changes: Any) -> list[tuple[int, int]]:
    """How strict the answer is at the least and at the most; silence is milder than any action, what is left to a clinician is not."""
    answer = toxicity_action(attrs.evolve(event, **changes), rulebook=rulebook)
    silence = 1 if any(reason.unsettled for reason in answer.reasons) else -1
    ranks = [silence if value is None else value.action.rank for value in answer.possible]
    return [(min(ranks), max(ranks))]


class TestMonotone:
    """Worse facts never give a milder answer."""

    @given(strategies.events(), st.sampled_from([0, 1, 2, 3, 4]), BOOKS)
    def test_raising_a_grade(self, event: ToxicityEvent, grade: Any, book: str | None) -> None:
        """A higher grade never gives a milder action.

        The label grades findings itself, and a recorded grade that they contradict counts for nothing: all that they leave open is possible
        then, more than by a higher grade that they do not contradict. So with findings only the least is compared there. With findings of
        another cause, a grade that they contradict is for a clinician.
        """
        assume(event.findings is None or True not in {event.other_cause, getattr(event.findings, "other_cause", None)})
        assume({grade, grade + 1} <= grades_of(event.toxicity) and (grade or event.status is not EventStatus.ACTIVE))
        plain = attrs.evolve(event, scale=None, current_grade=None)
        lower, higher = severity(plain, book, grade=grade), severity(plain, book, grade=grade + 1)
        assert lower[0][0] <= higher[0][0]
        if book == PAGE or event.findings is None:
            assert lower <= higher
            assert lower[0][1] <= higher[0][1]

    @pytest.mark.parametrize("book", [PAGE, None])
    @pytest.mark.parametrize("status", ["active", "resolved", None])
    @pytest.mark.parametrize("others", [{}, {"consciousness": "alert", "symptoms": [], "raised_icp": "none"}, {"seizure": "brief"}])
    def test_every_grade_and_score(self, status: Any, others: dict[str, Any], book: str | None) -> None:
        """Over every pair of recorded grade and ICE score: neither a higher grade nor a lower score is ever milder.

        By the label a recorded grade below that of the findings counts for nothing, as in `test_raising_a_grade`: the strictest action that
        is possible is compared from their grade on.
        """

        def strictness(grade: int | None, ice: int | None) -> tuple[int, int]:
            recorded: Any = grade
            event = ToxicityEvent("icans", recorded, status=status, findings=NeuroFindings(ice=ice, **others))
            return severity(event, book)[0]

        def least(ice: int | None) -> int:
            by_score = 0 if ice is None or ice == 10 else 1 if ice >= 7 else 2 if ice >= 3 else 3
            return 0 if book == PAGE else max(by_score, 3 if others.get("seizure") else 0)

        grades = range(1 if status == "active" else 0, 6)
        for ice in (*range(11), None):
            ladder = {grade: strictness(grade, ice) for grade in grades}
            lows, mosts = [low for low, _ in ladder.values()], [most for grade, (_, most) in ladder.items() if grade >= least(ice)]
            assert lows == sorted(lows)
            assert mosts == sorted(mosts)
        for grade in (*grades, None):
            steps = [strictness(grade, ice)[0] for ice in range(10, -1, -1)]
            assert steps == sorted(steps)

    @given(strategies.events(NEURO), strategies.neuro_findings(), st.integers(1, 10))
    def test_lowering_ice(self, event: ToxicityEvent, findings: NeuroFindings, ice: int) -> None:
        """A lower ICE score never gives a milder action."""
        higher = severity(event, findings=attrs.evolve(findings, ice=ice))
        lower = severity(event, findings=attrs.evolve(findings, ice=ice - 1))
        assert lower[0][0] >= higher[0][0]

    @given(strategies.cases(), st.data())
    def test_raising_a_grade_of_a_case(self, case: Case, data: st.DataObject) -> None:
        """A higher grade of an event never gives a milder verdict; a grade of 0 with an end is none, so it is not what is raised.

        A clinician must look at a grade that findings may contradict; by a higher one that they do not contradict, data may be enough.
        """
        assume(case.events)
        events = list(case.events or ())
        n = data.draw(st.integers(0, len(events) - 1))
        ends = events[n].improved is not None or events[n].resolved is not None
        grade = data.draw(st.sampled_from([1, 2, 3] if ends else [0, 1, 2, 3]))
        assume({grade, grade + 1} <= grades_of(events[n].toxicity) and (grade or events[n].status is not EventStatus.ACTIVE))
        verdicts = [
            assess_case(
                attrs.evolve(case, events=[*events[:n], attrs.evolve(events[n], grade=Grade(g), current_grade=None), *events[n + 1 :]])
            ).verdict
            for g in (grade, grade + 1)
        ]
        contradicted = events[n].findings is not None and verdicts[0] == "needs-assessment"
        assert min(verdicts[0], Verdict.NEEDS_DATA if contradicted else verdicts[0]) <= verdicts[1]

    @given(strategies.cases())
    def test_one_more_event(self, case: Case) -> None:
        """Another toxicity never gives a milder verdict."""
        more = ToxicityEvent("icans", 2, status="active")
        assert assess_case(case).verdict <= assess_case(attrs.evolve(case, events=[*(case.events or ()), more])).verdict


class TestKnowledge:
    """More knowledge only narrows what is possible."""

    @given(strategies.patients(), st.sampled_from(sorted(ALL_PATIENT_FACTS)))
    def test_eligibility(self, patient: Patient, fact: str) -> None:
        """Learning a fact of the patient never opens an answer that was closed; a decided one stays decided."""
        assume(getattr(patient, fact) is None)
        assume(coherent(patient))
        before = eligibility(patient)
        after = [eligibility(known) for known in values_of(patient, fact)]
        assert all(set(answer.possible) <= set(before.possible) for answer in after)
        assert {value for answer in after for value in answer.possible} == set(before.possible)

    @given(strategies.events(), st.booleans())
    def test_toxicity(self, event: ToxicityEvent, which: bool) -> None:
        """Learning the grade or the status of an event narrows the action."""
        grade = None if which else event.grade
        blank = attrs.evolve(event, scale=None, findings=None, status=None, resolved=None, current_grade=None, grade=grade)
        before = set(toxicity_action(blank).possible)
        statuses = [{"status": "resolved"}] if grade is Grade.NONE else [{"status": "active"}, {"status": "resolved"}]
        learned = [{"grade": grade} for grade in grades_of(event.toxicity)] if which else statuses
        seen = set()
        for facts in learned:
            after = set(toxicity_action(attrs.evolve(blank, **facts)).possible)
            assert after <= before
            seen |= after
        assert seen == before

    @given(strategies.events(NEURO), strategies.neuro_findings(), strategies.neuro_findings(), BOOKS)
    def test_findings(self, event: ToxicityEvent, findings: NeuroFindings, more: NeuroFindings, book: str | None) -> None:
        """Learning any finding of an event of unknown grade narrows the action; another cause is no finding: it turns what is found."""
        learned = {key: value for key, value in attrs.asdict(more).items() if getattr(findings, key) is None and value is not None}
        learned.pop("other_cause", None)
        if event.other_cause or findings.other_cause:
            learned.pop("raised_icp", None)  # taken as none in an alert patient, and not waited for
        blank = attrs.evolve(event, grade=None, current_grade=None, findings=findings)
        known = attrs.evolve(blank, findings=attrs.evolve(findings, **learned))
        assume(not contradictory(known.findings) and (book == PAGE or not unreal(known.findings)))
        # Whoever is alert can be woken: the worse of the two counts, and is new.
        assume(findings.consciousness != "alert" or "arousable" not in learned)
        assert set(toxicity_action(known, rulebook=book).possible) <= set(toxicity_action(blank, rulebook=book).possible)

    @given(strategies.dose_points(), strategies.events_so_far(), st.sampled_from(list(Grade)))
    def test_monitoring(self, point: Any, events: Any, grade: Grade) -> None:
        """Learning the history, or a grade in it, narrows the plan."""
        if events is None:
            narrower = monitoring_duration(point, events=(ToxicityEvent("crs", grade),))
        else:
            events = tuple(attrs.evolve(event, scale=None, findings=None, current_grade=None) for event in events)
            known = [
                event if event.grade is not None or grade not in possible_grades(event) else attrs.evolve(event, grade=grade)
                for event in events
            ]
            narrower = monitoring_duration(point, events=known)
        assert set(narrower.possible) <= set(monitoring_duration(point, events=events).possible)

    @given(strategies.lab_results(), st.floats(0, 1), st.sampled_from(["lower_limit", "upper_limit", "baseline"]))
    def test_grading(self, result: LabResult, share: float, fact: str) -> None:
        """Learning a limit, a baseline, or the value behind a bound narrows the grade."""
        assume(getattr(result, fact) is None)
        unit, within = KINDS[result.analyte].unit, getattr(RANGES[result.analyte], fact)
        number = within.least * (within.greatest / within.least) ** share
        try:
            changed: dict[str, Any] = {fact: (number, unit)}
            known = attrs.evolve(result, **changed)
        except ValueError:
            assume(False)  # the limits would cross
        assert set(grade_lab(known).possible) <= set(grade_lab(result).possible)


def possible_grades(event: ToxicityEvent) -> frozenset[Grade]:
    """The grades that an event may have: an active one has some."""
    return grades_of(event.toxicity) - ({Grade.NONE} if event.status is EventStatus.ACTIVE else set())


def with_fact(case: Case, path: str, value: Any) -> Case:
    """The case with one fact changed; a path is ``patient.<fact>`` or ``events[0].<fact>``."""
    part, fact = path.split(".")
    if part == "patient":
        return attrs.evolve(case, patient=attrs.evolve(case.patient, **{fact: value}))
    events = list(case.events or ())
    events[0] = attrs.evolve(events[0], **{fact: value})
    return attrs.evolve(case, events=events)


def verdicts(case: Case, path: str, values: Iterable[Any]) -> list[Verdict]:
    """The verdict for every value that does not contradict the rest."""
    found = []
    for value in values:
        try:
            known = with_fact(case, path, value)
        except ValueError:
            continue
        if coherent(known.patient):
            found.append(assess_case(known).verdict)
    return found


class TestVerdict:
    """The verdict with a fact missing."""

    @given(strategies.cases(), st.sampled_from([f"patient.{fact}" for fact in ALL_PATIENT_FACTS]))
    def test_patient(self, case: Case, path: str) -> None:
        """It is the mildest over the values of the fact, and needs-data instead of proceed where the fact can change it."""
        self.check(case, path, ALL_PATIENT_FACTS[path.removeprefix("patient.")], required=path != "patient.hypersensitivity")

    @given(strategies.cases(offsets=True), strategies.events(offsets=True), st.sampled_from(["grade", "status"]))
    def test_event(self, case: Case, event: ToxicityEvent, fact: str) -> None:
        """The same holds for the grade and the status of an event.

        It does not hold for the status if its date is doubted once it is over, if another cause is stated, or if results show how a low
        count stands now: then more than the status decides.
        """
        measured = {LAB_TOXICITY.get(lab.analyte) for lab in case.labs or ()}
        assume(fact == "grade" or (event.other_cause is not True and event.toxicity not in measured))
        start, dates = case.planned_start, [when for when in (event.onset, event.improved) if when is not None]
        assume(fact == "grade" or start is None or not any(earlier(start, when) for when in dates))
        plain = attrs.evolve(event, scale=None, current_grade=None, resolved=None, findings=None)
        case = attrs.evolve(case, events=[plain, *(case.events or ())])
        grades = [grade for grade in Grade if grade or plain.status is not EventStatus.ACTIVE]  # what goes on has some grade
        self.check(case, f"events[0].{fact}", grades if fact == "grade" else ["active", "resolved"])

    @staticmethod
    def check(case: Case, path: str, values: Iterable[Any], *, required: bool = True) -> None:
        """The law, for one fact of one case."""
        assume(coherent(case.patient))
        missing = assess_case(with_fact(case, path, None)).verdict
        known = verdicts(case, path, values)
        mildest = min(known)
        if len(set(known)) == 1 or mildest is not Verdict.PROCEED or not required:
            assert missing == mildest
        else:
            assert missing is Verdict.NEEDS_DATA

    @given(strategies.well_cases())
    def test_well_cases_proceed(self, case: Case) -> None:
        """A case with nothing against the dose may proceed."""
        assessment = assess_case(case)
        assert (assessment.verdict, assessment.missing) == ("proceed", ())

    @given(strategies.cases(), st.sampled_from(["planned_start", "course", "events", "labs", "patient"]))
    def test_forgetting_never_permits(self, case: Case, part: str) -> None:
        """From the second dose on, a case with a part forgotten may proceed only if the whole case may."""
        assume(case.point.number > 1)
        forgotten: dict[str, Any] = {part: Patient() if part == "patient" else None}
        if assess_case(attrs.evolve(case, **forgotten)).may_give:
            assert assess_case(case).may_give

    @given(strategies.well_cases(), st.data())
    def test_forgetting_a_fact_of_a_well_case(self, case: Case, data: st.DataObject) -> None:
        """A case that may proceed no longer may when a fact that it rests on is forgotten, and the fact is named."""
        labs = list(case.labs or ())
        n = data.draw(st.integers(0, len(labs) - 1))
        undated = attrs.evolve(labs[n], collected=None)
        for changed, missing in (
            ({"labs": [*labs[:n], *labs[n + 1 :]]}, f"labs.{labs[n].analyte}"),
            ({"labs": [*labs[:n], undated, *labs[n + 1 :]]}, f"labs.{labs[n].analyte}.collected"),
            ({"patient": attrs.evolve(case.patient, infection=None)}, "patient.infection"),
            ({"planned_start": None}, "planned_start"),
        ):
            facts: dict[str, Any] = changed
            assessment = assess_case(attrs.evolve(case, **facts))
            assert assessment.verdict == "needs-data"
            assert missing in assessment.missing

    @given(strategies.cases())
    def test_may_give_only_with_nothing_missing(self, case: Case) -> None:
        """A dose may be given only if no fact is missing, every required result is available, and every vote is proceed."""
        assessment = assess_case(case)
        assert assessment.may_give is (assessment.verdict == "proceed")
        if assessment.may_give:
            assert assessment.missing == ()
            assert {vote.verdict for vote in assessment.votes} == {Verdict.PROCEED}
            assert {lab.result.analyte for lab in assessment.graded} >= {
                "neutrophils",
                "hemoglobin",
                "platelets",
                "alt",
                "ast",
                "bilirubin",
            }

    @given(strategies.cases())
    def test_never_milder_than_a_part(self, case: Case) -> None:
        """The verdict is that of some part, and of none a milder one. Before the first dose nothing is stopped for good."""
        assessment = assess_case(case)
        assert assessment.verdict == max(vote.verdict for vote in assessment.votes)
        if assessment.eligibility.possible == (Eligibility.EXCLUDED,):
            assert assessment.verdict >= Verdict.EXCLUDED
        begun = str(case.point) != "C1D1" or bool(case.course and case.course.doses)
        first = case.course.doses[0].started if case.course and case.course.doses else None
        # What may have been over before the first dose is for a clinician.
        open_ = [event for event in case.events or () if event.over is None]
        before = any(not begun or (event.onset and first and earlier(event.onset, first)) for event in open_)
        least = Verdict.NEEDS_ASSESSMENT if before else Verdict.DISCONTINUE if begun else Verdict.WITHHOLD
        for found in assessment.toxicities:
            if all(value is not None and value.action is DoseAction.DISCONTINUE for value in found.action.possible):
                assert least <= assessment.verdict
                assert begun or assessment.verdict < Verdict.DISCONTINUE


def _wherever(reason: Reason) -> Reason:
    """A reason without the place in the case that it names."""
    return attrs.evolve(reason, says=re.sub(r"\[\d+\]", "", reason.says))


class TestOrderAndUnits:
    """What must not matter."""

    @given(strategies.cases(), st.randoms())
    def test_order(self, case: Case, random: Any) -> None:
        """The order of events, labs and doses does not matter."""
        labs, events, doses = list(case.labs or ()), list(case.events or ()), list(case.course.doses if case.course else ())
        for items in (labs, events, doses):
            random.shuffle(items)
        other = attrs.evolve(
            case,
            labs=None if case.labs is None else labs,
            events=None if case.events is None else events,
            course=None if case.course is None else Course(doses),
        )
        one, two = assess_case(case), assess_case(other)
        assert one.verdict is two.verdict
        assert set(map(_wherever, one.reasons)) == set(map(_wherever, two.reasons))
        assert len(one.missing) == len(two.missing)
        assert one.monitoring.possible == two.monitoring.possible
        assert one.graded == two.graded

    @given(strategies.cases(), st.data())
    def test_units(self, case: Case, data: st.DataObject) -> None:
        """The same results in any other unit give the same assessment.

        A value on a multiple of a limit is left out: two numbers that are rounded to 15 digits have no exact ratio.
        """
        assume(case.labs and not any(map(self.is_on_a_limit, case.labs)))
        labs = tuple(self.in_unit(lab, data.draw(st.sampled_from(sorted(KINDS[lab.analyte].spellings)))) for lab in case.labs or ())
        one, two = assess_case(case), assess_case(attrs.evolve(case, labs=labs))
        assert one.verdict is two.verdict
        assert one.reasons == two.reasons
        assert [lab.grade for lab in one.graded] == [lab.grade for lab in two.graded]

    @staticmethod
    def is_on_a_limit(lab: LabResult) -> bool:
        """Whether a value is a plain multiple of a limit of normal or of the value before treatment."""
        limits = [limit.value for limit in (lab.lower_limit, lab.upper_limit, lab.baseline) if limit is not None and limit.value]
        tenths = [10 * lab.quantity.value / limit for limit in limits]
        return any(abs(tenth - round(tenth)) < 1e-9 for tenth in tenths)

    @staticmethod
    def in_unit(lab: LabResult, unit: str) -> LabResult:
        """The same result as a laboratory with another unit would send it, to 15 digits."""

        def turned(name: str) -> str | None:
            amount = getattr(lab, name)
            if amount is None:
                return None
            return f"{amount.bound}{float(f'{amount.value / factor(KINDS[lab.analyte], unit):.15g}')!r} {unit}"

        return LabResult(
            lab.analyte, turned("quantity") or "", lab.collected, turned("lower_limit"), turned("upper_limit"), turned("baseline")
        )


def factor(kind: Kind, unit: str) -> float:
    """How many of the kept unit one *unit* is."""
    step = kind.spellings[unit]
    assert isinstance(step, int | float)
    return step


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_table_compiles(name: str) -> None:
    """Every question of every book is answered for every cell once: compiling is the proof."""
    book = rulebooks.get(name)
    tables = [book[question] for question in book.rows]
    assert tables
    assert all(table.cells > 0 for table in tables)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("astct-2019", 2**7 * 4 + 2 * 2 * 4 * 2 * 4 + (4 * 5 + 1) * 3 * 2 * 3),
        ("ctcae-5.0", 347),
        ("ctcae-6.0", 357),
        ("eu-2026", 545),
        ("precautions-2025-09", 278),
        ("steroid-equivalence", 8 * 2),
        ("us-2024-05", 336),
        ("us-2025-11", 1159),
    ],
)
def test_no_cell_is_lost(name: str, cells: int) -> None:
    """Each of these books tells apart so many cells, of all its questions together."""
    book = rulebooks.get(name)
    assert sum(book[question].cells for question in book.rows) == cells


@given(st.data())
def test_every_planted_fault_of_the_page_is_found(data: st.DataObject) -> None:
    """Take any row out of the page's book, or add one over it: the table no longer compiles, unless rows are collected there."""
    from tarlatamab_rules.core.errors import TableError
    from tarlatamab_rules.core.tables import Table

    book = rulebooks.get("precautions-2025-09")
    question = data.draw(st.sampled_from([question for question in book.rows if question.fold is None]))
    rows = book.rows[question]
    row = data.draw(st.sampled_from(rows))
    for planted in ([other for other in rows if other is not row], [*rows, attrs.evolve(row, id="twin")]):
        with pytest.raises(TableError):
            Table(question, planted, lambda row: book_reason(row.id))


def book_reason(row: str) -> Any:
    """A reason without a citation."""
    from tarlatamab_rules.answers import Reason

    return Reason(row, "")


def test_partly_known_grade_is_withhold_either_way() -> None:
    """By the page, neutropenia of grade 3 or 4 withholds either way; by the default a first episode does as well, on its first day."""
    result = LabResult("neutrophils", "<0.9 10*9/L")
    assert isinstance(grade_lab(result), NeedsData)
    from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION

    table = rulebooks.get(PAGE)[TOXICITY_ACTION[Toxicity.NEUTROPENIA]]
    rest = (None, None, None, None, None, None, None, None)
    answers = [table(frozenset(g), frozenset({Grade(3)}), *rest) for g in ({3, 4}, {3}, {4})]
    assert [answer.unwrap().action for answer in answers] == [DoseAction.WITHHOLD] * 3
    table = rulebooks.default()[TOXICITY_ACTION[Toxicity.NEUTROPENIA]]
    first = (Grade.NONE, 0, 0, None, None, None, None, None)
    for g in ({3, 4}, {3}, {4}):
        possible = table(frozenset(g), frozenset({Grade(3)}), *first).possible
        assert {value and value.action for value in possible} == {DoseAction.WITHHOLD}

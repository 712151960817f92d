"""Books that answer together: the answer used, the dissent, and the laws of both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import example, given

import helpers
from tarlatamab_rules import (
    Amount,
    Analyte,
    Case,
    Course,
    Decided,
    Decision,
    Diagnosis,
    DoseAction,
    FieldTypeError,
    GivenDose,
    Grade,
    LabResult,
    NeuroFindings,
    NotCovered,
    Patient,
    Span,
    TableError,
    Toxicity,
    ToxicityEvent,
    UnknownRulebookError,
    Verdict,
    assess_case,
    assess_dose,
    contraception_window,
    eligibility,
    infusion_plan,
    labs_due,
    monitoring_duration,
    next_dose,
    premedication_plan,
    rulebooks,
    strategies,
    toxicity_action,
)
from tarlatamab_rules.answers import (
    Anchor,
    Dissent,
    Eligibility,
    InfusionPlan,
    Instruction,
    LabNeed,
    Modality,
    MonitoringPlan,
    NearCare,
    NextDosePrecautions,
    Recovery,
    Setting,
    Source,
    Statement,
    ToxicityAction,
)
from tarlatamab_rules.core.decisions import Ranked, unsettled_of
from tarlatamab_rules.core.intervals import above, at_least, at_most, below
from tarlatamab_rules.core.tables import Axis, Question, Row
from tarlatamab_rules.policy import Rulebook, Stack, strictest
from tarlatamab_rules.rulebooks._book import differences
from tarlatamab_rules.rulebooks._joining import conflicts
from tarlatamab_rules.rulebooks.facts import AGE, CHILDBEARING, DIAGNOSIS, ICE, LAST, OTHER_FINDING, grades
from tarlatamab_rules.rulebooks.questions import (
    BY_AGE,
    BY_DIAGNOSIS,
    BY_INFECTION,
    BY_PREGNANCY,
    CONTRACEPTION,
    INFUSION,
    LAB_NEED,
    MONITORING,
    NEURO_GRADE,
    NEXT_DOSE,
    PREMEDICATION,
    TOXICITY_ACTION,
)
from tarlatamab_rules.values.doses import AfterLastDose, DoseStep
from tarlatamab_rules.values.plans import DuringInfusion, PremedicationPlan
from tarlatamab_rules.values.toxicities import PossibleGrades
from tarlatamab_rules.values.vocabulary import Role
from tarlatamab_rules.views.text import as_text

PAGE, LABEL = rulebooks.get("precautions-2025-09"), rulebooks.get("us-2025-11")
DRUG_BOOKS = [rulebooks.get(name) for name in helpers.DRUG_BOOKS]
DEFAULT = rulebooks.default()
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)


def book(name: str, rows: dict[Question[Any], tuple[Row[Any], ...]], lab_scale: str = "ctcae-5.0") -> Rulebook:
    """A small book about the drug."""
    statements = tuple(Statement(row.statement, "here", row.says) for of_question in rows.values() for row in of_question)
    return Rulebook(Source(name, name.title(), "nobody", "1"), statements, rows, lab_scale, PAGE.drug)


def adults(name: str, answer: Eligibility | None, unsettled: str = "") -> Rulebook:
    """A book that says one thing of whatever age."""
    return book(name, {BY_AGE: (Row("AGE", {}, answer, f"{name} says so.", unsettled=unsettled),)})


def questions(*books: Rulebook) -> list[Question[Any]]:
    """Every question that one of the books fills."""
    return list(dict.fromkeys(question for each in books for question in each.rows))


def cells(stack: Rulebook, *members: Rulebook) -> Iterator[tuple[Question[Any], Decision[Any], list[Decision[Any]]]]:
    """Every cell of a stack: its answer, and those of its members for the very facts of the cell."""
    for question in questions(stack):
        table = stack[question]
        for codes, answer in table.answers.items():
            facts = [axis.facts(frozenset((code,))) for axis, code in zip(table.axes, codes, strict=True)]
            yield question, answer, [member[question](*facts) for member in members]


def strictness(value: Any) -> dict[str, Any]:
    """The ordered values in an answer, each so that more is stricter: stated here anew, apart from how books are joined."""
    match value:
        case Ranked():
            found: dict[str, Any] = {"rank": value.rank}
        case LabNeed():
            found = {"need": [LabNeed.NOT_ASKED, LabNeed.RECOMMENDED, LabNeed.REQUIRED].index(value)}
        case ToxicityAction():
            found = {"action": value.action.rank} | _of_orders(value.treatments)
        case MonitoringPlan():
            near = value.near_care
            found = {"observe": value.observe.low if value.observe else 0}
            found |= {"near": near.hours.low, "caregiver": near.caregiver} if near else {}
        case AfterLastDose():
            found = {"months": value.months}
        case DuringInfusion():
            found = {"step": value.step.rank} | _of_orders(value.instructions)
        case DoseStep():
            found = {"restart": (value.restart, -value.amount.value)}
        case PremedicationPlan():
            found = _of_orders(value.instructions)
        case _:
            found = {}
    return found


def _of_orders(orders: tuple[Instruction, ...]) -> dict[str, Any]:
    strength = [Modality.AVOID, Modality.CONSIDER, Modality.RECOMMEND, Modality.GIVE]
    found: dict[str, Any] = {}
    for each in orders:
        found[each.what] = max(found.get(each.what, 0), strength.index(each.modality))
    return found


def is_at_least(answer: Decision[Any], member: Decision[Any]) -> bool:
    """Whether an answer is not milder than that of a member, where the member speaks."""
    if isinstance(member, NotCovered):
        return not unsettled_of(member) or bool(unsettled_of(answer))
    assert isinstance(member, Decided)
    if not isinstance(answer, Decided):
        return False
    mine, theirs = strictness(answer.value), strictness(member.value)
    return all(mine[name] >= least for name, least in theirs.items())


_NOTHING_FOUND = Case(patient=Patient(), point="C1D1", planned_start=FIRST, course=(), events=(), findings=NeuroFindings())
"""A report of neurotoxicity without a finding: some grade by the page, and every grade, 0 too, by the scale of the label."""
SUBSETS = [subset for size in (2, 3, 4) for subset in combinations(DRUG_BOOKS, size)]


class TestLaws:
    """Over all books about the drug, for every cell."""

    @pytest.mark.parametrize("books", SUBSETS, ids=lambda books: "+".join(each.name for each in books))
    def test_strictest_does_not_mind_the_order(self, books: tuple[Rulebook, ...]) -> None:
        """Commutative: whatever order the books are given in, every answer is the same, with its reasons and its dissent."""
        one = strictest(books)
        for order in permutations(books):
            other = strictest(order)
            for question in questions(*books):
                assert one[question].answers == other[question].answers

    @pytest.mark.parametrize("books", list(combinations(DRUG_BOOKS, 3)), ids=lambda books: "+".join(each.name for each in books))
    def test_strictest_does_not_mind_the_grouping(self, books: tuple[Rulebook, ...]) -> None:
        """Associative: two first and the third with them, or the other way round."""
        a, b, c = books
        one, other = strictest([strictest([a, b]), c]), strictest([a, strictest([b, c])])
        for question in questions(*books):
            assert one[question].answers == other[question].answers

    @pytest.mark.parametrize("one", DRUG_BOOKS, ids=lambda each: each.name)
    def test_a_book_with_itself_is_itself(self, one: Rulebook) -> None:
        """Idempotent: a stack over itself, and the strictest of a book and itself, change nothing."""
        assert one.over(one) is one
        assert strictest([one, one]) is one
        assert strictest([one]) is one
        stack = PAGE.over(LABEL)
        for again in (stack.over(stack), stack.over(LABEL), PAGE.over(stack)):
            assert again.members == stack.members
            assert differences(stack, again).changes == ()

    @pytest.mark.parametrize("books", SUBSETS, ids=lambda books: "+".join(each.name for each in books))
    def test_never_milder_than_a_member(self, books: tuple[Rulebook, ...]) -> None:
        """In no cell is the strictest of books milder than one of them on an ordered value, and nothing unsettled gets lost."""
        for question, answer, members in cells(strictest(books), *books):
            for member in members:
                assert is_at_least(answer, member), (question.name, question.about, answer, member)

    @pytest.mark.parametrize("books", list(permutations(DRUG_BOOKS, 2)), ids=lambda books: " over ".join(each.name for each in books))
    def test_over_is_never_milder_than_either(self, books: tuple[Rulebook, Rulebook]) -> None:
        """The same of a book over another one, for the upper as well as for the base."""
        upper, base = books
        for question, answer, members in cells(upper.over(base), upper, base):
            for member in members:
                assert is_at_least(answer, member), (question.name, question.about, answer, member)

    @pytest.mark.parametrize("books", [*permutations(DRUG_BOOKS, 2), *combinations(DRUG_BOOKS, 3)], ids=str)
    def test_dissent_is_empty_exactly_where_the_books_agree(self, books: tuple[Rulebook, ...]) -> None:
        """The books that answer agree, or there is a dissent. A silent book takes no part."""
        stack = books[0]
        for each in books[1:]:
            stack = stack.over(each)
        for question, answer, members in cells(stack, *books):
            said = {("says", each.value) for each in members if isinstance(each, Decided)}
            said |= {("does not settle", None) for each in members if unsettled_of(each)}
            agree = len(said) < 2 or isinstance(answer, NotCovered)
            assert (answer.dissent == ()) is agree, (question.name, question.about, members)

    @pytest.mark.parametrize("books", list(permutations(DRUG_BOOKS, 2)), ids=lambda books: " over ".join(each.name for each in books))
    def test_a_stack_answers_where_a_member_answers_and_nowhere_else(self, books: tuple[Rulebook, Rulebook]) -> None:
        """An answer comes from a book; where both are silent the stack is, and cites both."""
        for _, answer, members in cells(books[0].over(books[1]), *books):
            assert isinstance(answer, Decided) is any(isinstance(member, Decided) for member in members)

    @given(strategies.cases())
    def test_no_verdict_is_milder_than_by_the_label(self, case: Case) -> None:
        """The label has no answer that the default stack would make milder, in a whole case either."""
        assert assess_case(case).verdict >= assess_case(case, rulebook=LABEL).verdict

    @given(strategies.cases())
    @example(_NOTHING_FOUND)
    def test_what_the_page_forbids_stays_forbidden(self, case: Case) -> None:
        """A vote of the page that holds or stops the drug, or excludes the patient, is not outvoted by the stack."""
        forbidden = [vote.verdict for vote in assess_case(case, rulebook=PAGE).votes if vote.verdict >= Verdict.WITHHOLD]
        assert all(assess_case(case).verdict >= verdict for verdict in forbidden)


class TestDefault:
    """The page over the US label: milder than neither."""

    def test_it_is_the_page_over_the_label(self) -> None:
        """The default stack has a name that can be asked for, and its members in their order."""
        assert DEFAULT.name == "precautions-2025-09 over us-2025-11"
        assert DEFAULT is rulebooks.get("precautions-2025-09 over us-2025-11")
        assert DEFAULT.members == (PAGE, LABEL)

    def test_monitoring_of_the_first_dose(self) -> None:
        """MON-1 counts from the end, in hospital; Table 1 from the start, in an appropriate healthcare setting: the later end is used."""
        answer = monitoring_duration("C1D1", events=())
        plan = answer.unwrap()
        assert (plan.observe, plan.anchor, plan.setting) == (Span(22, 24, "h"), Anchor.INFUSION_END, Setting.HOSPITAL)
        said = {(each.rulebook, each.field): each.value for each in answer.dissent}
        assert said["us-2025-11", "anchor"] is Anchor.INFUSION_START
        assert said["us-2025-11", "setting"] is Setting.HEALTHCARE
        assert {reason.citation.source for reason in answer.reasons if reason.citation} == {"precautions-2025-09", "us-2025-11"}

    def test_hours_on_which_the_page_is_silent(self) -> None:
        """C3D1: the page gives no hours, Table 1 gives 3 to 4 from the end; a silent book does not dissent."""
        answer = monitoring_duration("C3D1", events=())
        assert answer.unwrap().observe == Span(3, 4, "h")
        assert answer.dissent == ()

    def test_after_grade_2_crs(self) -> None:
        """The page gives no hours at C2D1; after grade 2 the label asks for 22 to 24 hours in place of 6 to 8, and these stand."""
        given_ = [GivenDose("C1D1", FIRST, "1 mg"), GivenDose("C1D8", FIRST + timedelta(days=7), "10 mg")]
        given_.append(GivenDose("C1D15", FIRST + timedelta(days=14), "10 mg"))
        crs = ToxicityEvent("crs", 2, status="resolved", onset=FIRST + timedelta(days=14), resolved=FIRST + timedelta(days=16))
        plan = monitoring_duration("C2D1", course=given_, events=[crs], planned_start=FIRST + timedelta(days=28)).unwrap()
        assert plan.observe == Span(22, 24, "h")

    def test_recurrent_grade_4_neutropenia(self) -> None:
        """The page suspends, Table 7 stops the drug at the second episode: it is stopped."""
        first = ToxicityEvent("neutropenia", 4, status="resolved", onset=FIRST, resolved=FIRST + timedelta(days=5))
        second = ToxicityEvent("neutropenia", 4, status="active", onset=FIRST + timedelta(days=40))
        on = FIRST + timedelta(days=42)
        by_page = toxicity_action(second, events=[first], planned_start=on, rulebook=PAGE)
        answer = toxicity_action(second, events=[first], planned_start=on)
        assert (by_page.unwrap().action, answer.unwrap().action) == (DoseAction.WITHHOLD, DoseAction.DISCONTINUE)
        assert ("precautions-2025-09", "action", DoseAction.WITHHOLD) in [
            (each.rulebook, each.field, each.value) for each in answer.dissent
        ]

    def test_neutropenia_that_is_down_to_grade_2(self) -> None:
        """The page suspends at grade 3-4 and does not say when to resume; Table 7 resumes at grade 2 or less: the dose may be given."""
        event = ToxicityEvent("neutropenia", 3, status="active", current_grade=2, onset=FIRST, improved=FIRST + timedelta(days=5))
        on = FIRST + timedelta(days=7)
        assert isinstance(toxicity_action(event, events=(), planned_start=on, rulebook=PAGE), NotCovered)
        assert toxicity_action(event, events=(), planned_start=on).unwrap().action is DoseAction.CONTINUE

    def test_first_ice_of_2(self) -> None:
        """NEU-2 stops, Table 6 holds at grade 3: it is stopped, and the label's hold is dissent with its table."""
        findings = NeuroFindings(ice=2, arousable=True, consciousness="alert", seizure="none", motor_weakness=False, raised_icp="none")
        answer = toxicity_action(ToxicityEvent("icans", 3, status="active", findings=findings, onset=FIRST), events=(), planned_start=FIRST)
        assert answer.unwrap().action is DoseAction.DISCONTINUE
        held = next(each for each in answer.dissent if each.field == "action")
        assert (held.rulebook, held.value) == ("us-2025-11", DoseAction.WITHHOLD)
        assert held.reasons[0].citation is not None
        assert held.reasons[0].citation.table == "Table 6"

    def test_conditions_belong_to_the_action_used(self) -> None:
        """If the drug is stopped, no condition for resuming is shown, although the milder book has one. Both give their treatments."""
        event = ToxicityEvent("icans", 3, status="active", onset=FIRST)
        action = toxicity_action(event, events=(), planned_start=FIRST).unwrap()
        assert (action.resume_when, action.discontinue_if, action.next_dose) == (None, (), None)
        by_source = {item.what: item.sources for item in action.treatments}
        assert by_source["neurology consult"] == ("precautions-2025-09",)
        assert by_source["dexamethasone"] == ("us-2025-11",)

    @pytest.mark.parametrize("grade", [3, None])
    def test_orders_name_the_books_of_this_stack_whatever_was_asked_before(self, grade: Any) -> None:
        """The label alone names no source of an order, and in the stack its orders name it; also right after the other of the two."""
        event = ToxicityEvent("crs", grade, status="resolved" if grade else "active")
        for rulebook, sources in (("us-2025-11", ()), (None, ("us-2025-11",)), ("us-2025-11", ())):
            found = assess_dose(Patient(), "C1D8", planned_start=FIRST, events=[event], rulebook=rulebook).toxicities[0].action
            plans = [action.next_dose.premedication for action in found.possible if action is not None and action.next_dose is not None]
            assert {item.sources for plan in plans if plan is not None for item in plan.instructions} == {sources}

    def test_steroid_of_grade_1_and_2_is_named_and_not_summed(self) -> None:
        """NEU-3: dexamethasone 10 mg; Table 6 at grade 2: 8-10 mg by mouth or vein. One order is used, the other is shown."""
        patient = Patient(age_years=60)
        event = ToxicityEvent("icans", 2, status="active", onset=FIRST)
        found = assess_dose(patient, "C1D15", planned_start=FIRST, events=[event])
        (action,) = found.toxicities[0].action.possible
        assert action is not None
        assert [item.amount for item in action.treatments if item.what == "dexamethasone" and not item.when] == [Amount(10, "mg")]
        assert any(note.startswith("events[0]: the sources order dexamethasone differently") for note in found.notes)

    def test_premedication_of_the_first_cycle(self) -> None:
        """Dexamethasone and saline: recommended by the page, given by Table 3; one order each, as strong as the stronger book has it."""
        answer = premedication_plan("C1D1", events=())
        given_ = [(item.what, item.modality, item.sources) for item in answer.unwrap().instructions]
        assert given_ == [
            ("dexamethasone", Modality.GIVE, ("precautions-2025-09",)),
            ("normal saline", Modality.GIVE, ("precautions-2025-09",)),
        ]
        assert {each.rulebook for each in answer.dissent} == {"precautions-2025-09", "us-2025-11"}

    def test_after_a_restart(self) -> None:
        """The page has no restart; after 29 days the label begins anew with 1 mg, and its hours of the first dose come back."""
        course = [GivenDose("C1D1", FIRST, "1 mg"), GivenDose("C1D8", FIRST + timedelta(days=7), "10 mg")]
        on = FIRST + timedelta(days=36)
        assert next_dose(course, planned_start=on).unwrap().amount == Amount(1, "mg")
        assert monitoring_duration("C1D15", course=course, events=(), planned_start=on).unwrap().observe == Span(22, 24, "h")

    def test_results_of_later_cycles(self) -> None:
        """C6D15: the label no longer asks for a blood count, the page asks before each dose: required, with the label as dissent."""
        answer = labs_due("C6D15")
        assert Analyte.NEUTROPHILS in answer.unwrap().required
        assert (
            Dissent("us-2025-11", "neutrophils", LabNeed.NOT_ASKED, LABEL[LAB_NEED](13, 15, Analyte.NEUTROPHILS).reasons) in answer.dissent
        )

    def test_pregnancy(self) -> None:
        """CI-2 excludes; the label warns and leaves it to a clinician: excluded, and the dissent names the criterion."""
        patient = Patient(
            age_years=40,
            diagnosis="extensive-stage-sclc",
            progressed_after_platinum=True,
            infection="none",
            pregnant=True,
            breastfeeding=False,
        )
        answer = eligibility(patient)
        assert answer.unwrap() is Eligibility.EXCLUDED
        assert [(each.rulebook, each.field, each.value) for each in answer.dissent] == [
            ("us-2025-11", "pregnant", Eligibility.NEEDS_ASSESSMENT)
        ]

    def test_dissent_of_an_assessment_is_by_part(self) -> None:
        """Every dissent is listed under its part."""
        found = assess_dose(Patient(), "C1D1", planned_start=FIRST, course=(), events=())
        assert {"monitoring.anchor", "premedication.instructions"} <= {each.field for each in found.dissent}

    def test_a_plan_filled_by_both(self) -> None:
        """The page gives the rate, the label the pump's features: one plan, and where both speak they agree."""
        plan = infusion_plan("C1D1").unwrap()
        assert plan.rate == Amount(250, "mL/h")
        assert plan.pump_features is not None
        assert {each.value for each in infusion_plan("C1D1").dissent} == {None}

    def test_contraception(self) -> None:
        """Both say 2 months: no dissent, and both are cited."""
        answer = contraception_window(Patient(childbearing_potential=True), FIRST)
        assert answer.dissent == ()
        assert {reason.row for reason in answer.reasons} >= {"PRG-2"}
        assert len({reason.citation.source for reason in answer.reasons if reason.citation}) == 2

    def test_an_order_is_checked_by_the_label(self) -> None:
        """By the page alone an amount cannot be checked; the label below it tells that 10 mg at C1D1 is not what is due."""
        found = assess_dose(Patient(), "C1D1", ordered="10 mg", course=(), planned_start=FIRST)
        assert found.dose == assess_dose(Patient(), "C1D1", ordered="10 mg", course=(), planned_start=FIRST, rulebook=LABEL).dose


class TestGrades:
    """Findings of neurotoxicity that members read differently."""

    def test_the_worse_reading_counts(self) -> None:
        """ICE 5 is grade 1-2 by the page and 2 by ASTCT, so grade 2; with deep weakness any by the page and 4 by ASTCT, so grade 4."""
        mild = NeuroFindings(ice=5, arousable=True, consciousness="alert", seizure="none", motor_weakness=False, raised_icp="none")
        weak = NeuroFindings(ice=5, arousable=True, consciousness="alert", seizure="none", motor_weakness=True, raised_icp="none")
        for findings, grade in ((mild, Grade.MODERATE), (weak, Grade.LIFE_THREATENING)):
            found = assess_dose(Patient(), "C1D15", events=[ToxicityEvent("icans", status="active", findings=findings)])
            assert found.toxicities[0].grades == (grade,)

    def test_a_grade_by_another_scale(self) -> None:
        """A CTCAE grade of ICANS counts for the page, which names no scale, and not for the label: at least that grade is reckoned with."""
        event = ToxicityEvent("icans", 3, scale="ctcae-5.0", status="active")
        found = assess_dose(Patient(), "C1D15", events=[event])
        assert found.toxicities[0].grades == (Grade.SEVERE, Grade.LIFE_THREATENING, Grade.DEATH)
        assert found.verdict is Verdict.DISCONTINUE

    def test_an_overlay_with_a_reading_of_its_own(self) -> None:
        """A policy that grades the ICE score reads beside the books below, alone where it says why; one that does not leaves it to them."""
        full: dict[Axis, Any] = {ICE: 10, OTHER_FINDING: False}
        says = "A full score is grade 1 here."
        beside = DEFAULT.overlay("beside", {NEURO_GRADE: (Row("ICE", full, PossibleGrades(grades(1)), says),)})
        assert beside.neuro_readers == (beside, PAGE, LABEL)
        alone = Row("ICE", full, PossibleGrades(grades(1)), says, milder_because="a neurologist grades here")
        ours = DEFAULT.overlay("ours", {NEURO_GRADE: (alone,)})
        assert ours.neuro_readers == (ours,)
        assert DEFAULT.overlay("other", {}).neuro_readers == DEFAULT.neuro_readers == (PAGE, LABEL)
        assert strictest([ours, LABEL]).neuro_readers == (ours, LABEL)


class TestUnsettled:
    """A question that a book mentions and does not settle stays with a clinician, even beside a book that answers."""

    def test_it_dissents_from_an_answer(self) -> None:
        """If one book answers and the other leaves it open, the answer is used, and the other says why it is open."""
        answer = adults("one", Eligibility.ELIGIBLE).over(adults("two", None, "two statements contradict each other"))[BY_AGE](60)
        assert answer.unwrap() is Eligibility.ELIGIBLE
        (dissent,) = answer.dissent
        assert (dissent.rulebook, dissent.field, dissent.value) == ("two", "", None)
        assert unsettled_of(answer)[0].unsettled == "two statements contradict each other"

    def test_it_holds_the_verdict(self) -> None:
        """Of an infection: one book has it eligible, the other leaves it open, so a clinician must assess it."""
        clear = book("clear", {BY_INFECTION: (Row("INF", {}, Eligibility.ELIGIBLE, "Whatever the infection."),)})
        open_ = book("open", {BY_INFECTION: (Row("OPEN", {}, None, "It speaks of infections.", unsettled="not confirmed"),)})
        patient = Patient(infection="controlled")
        votes = {vote.part: vote for vote in assess_dose(patient, "C1D1", rulebook=clear.over(open_)).votes}
        assert votes["patient.infection"].verdict is Verdict.NEEDS_ASSESSMENT
        assert "patient.infection" not in {vote.part for vote in assess_dose(patient, "C1D1", rulebook=clear).votes}

    @pytest.mark.parametrize(
        ("facts", "held"),
        [
            ({}, True),
            ({"pregnant": True}, True),
            ({"pregnant": False}, False),
            ({"childbearing_potential": False}, False),
        ],
    )
    def test_it_holds_what_is_of_concern(self, facts: dict[str, Any], held: bool) -> None:
        """A book that leaves pregnancy open is for a clinician, unless there is none, or cannot be."""
        open_ = book("open", {BY_PREGNANCY: (Row("OPEN", {}, None, "It speaks of it.", unsettled="not confirmed"),)})
        votes = {vote.part for vote in assess_dose(Patient(**facts), "C1D1", rulebook=open_).votes}
        assert ("patient.pregnant" in votes) is held

    @pytest.mark.parametrize(("value", "told"), [("9 g/dL", False), ("7 g/dL", True)])
    def test_only_what_is_severe_is_told_beside(self, value: str, told: bool) -> None:
        """By a book that holds the dose for any anemia: a result from before the last dose is for a clinician at grade 3, and not at 2."""
        own = book("any", {TOXICITY_ACTION[Toxicity.ANEMIA]: (Row("A", {}, ToxicityAction(DoseAction.WITHHOLD), "Hold it."),)})
        facts: dict[str, Any] = {"planned_start": FIRST + timedelta(days=14), "events": (), "rulebook": own}
        course = [GivenDose("C1D1", FIRST, "1 mg", FIRST + timedelta(hours=1))]
        found = assess_dose(Patient(), "C1D8", course=course, labs=[LabResult("hemoglobin", value, FIRST - timedelta(days=1))], **facts)
        assert ("guard/severe-aside" in {reason.row for vote in found.votes for reason in vote.reasons}) is told

    def test_recovery_in_words(self) -> None:
        """A book that resumes after a recovery given only in words holds the dose for a low count."""
        words = ToxicityAction(DoseAction.WITHHOLD, resume_when=Recovery(None, says="the count is well again"))
        low = LabResult("neutrophils", "0.4 10*9/L", FIRST + timedelta(days=13))
        own = book("words", {TOXICITY_ACTION[Toxicity.NEUTROPENIA]: (Row("N", {}, words, "Hold it."),)})
        course = [GivenDose("C1D1", FIRST, "1 mg", FIRST + timedelta(hours=1))]
        found = assess_dose(Patient(), "C1D8", planned_start=FIRST + timedelta(days=14), course=course, labs=[low], events=(), rulebook=own)
        assert found.verdict is Verdict.WITHHOLD

    @pytest.mark.parametrize(("status", "current"), [("active", None), ("resolved", None)])
    def test_it_holds_a_toxicity(self, status: Any, current: None) -> None:
        """One book continues after the toxicity, the other mentions it and settles nothing: a clinician must assess it."""
        anemia = TOXICITY_ACTION[Toxicity.ANEMIA]
        go_on = book("go-on", {anemia: (Row("GO", {}, ToxicityAction(DoseAction.CONTINUE), "Go on."),)})
        open_ = book("open", {anemia: (Row("OPEN", {}, None, "It speaks of it.", unsettled="not confirmed"),)})
        event = ToxicityEvent("anemia", 2, status=status, current_grade=current, onset=FIRST)
        votes = {
            name: {vote.part: vote for vote in assess_dose(Patient(), "C1D15", events=[event], rulebook=each).votes}["events[0]"]
            for name, each in (("alone", go_on), ("together", go_on.over(open_)))
        }
        assert votes["alone"].verdict is Verdict.PROCEED
        assert votes["together"].verdict is Verdict.NEEDS_ASSESSMENT
        assert "guard/unsettled" in {reason.row for reason in votes["together"].reasons}

    def test_silence_of_all(self) -> None:
        """Where no member speaks the stack is silent, with the reasons of all; what one leaves open is still left open."""
        silent = adults("one", None).over(adults("two", None))
        answer = silent[BY_AGE](60)
        assert isinstance(answer, NotCovered)
        assert [reason.says for reason in answer.reasons] == ["one says so.", "two says so."]
        assert silent[BY_DIAGNOSIS](Diagnosis.OTHER).reasons[0].says == "One over Two says nothing about this."
        assert unsettled_of(adults("one", None).over(adults("two", None, "open"))[BY_AGE](60))

    def test_an_open_fact_does_not_hide_it(self) -> None:
        """One book is silent at any age, the other leaves adults below 70 open: with an age that is not known that still shows."""
        young: Row[Any] = Row("YOUNG", {AGE: below(70)}, None, "It speaks of them.", unsettled="not confirmed")
        parts = book("parts", {BY_AGE: (young, Row("OLD", {AGE: at_least(70)}, None, "It is silent."))})
        answer = adults("one", None).over(parts)[BY_AGE](None)
        assert isinstance(answer, NotCovered)
        assert [reason.unsettled for reason in unsettled_of(answer)] == ["not confirmed"]
        assert "OLD" not in {reason.row for reason in answer.reasons}


def _orders_of(answer: Decision[Any]) -> list[Instruction]:
    parts = (getattr(answer.possible[0], name, None) or () for name in ("instructions", "treatments", "line"))
    return [item for part in parts for item in part]


def _named(item: Instruction) -> set[str]:
    return {item.what} | (_named(item.or_else) if item.or_else is not None else set())


_SALINE = Row(
    "S",
    {},
    ToxicityAction(
        DoseAction.WITHHOLD,
        next_dose=NextDosePrecautions(PremedicationPlan((Instruction(Modality.GIVE, "normal saline", Amount(500, "mL")),))),
    ),
    "So.",
)


class TestFields:
    """How single fields are joined, by rows made for it."""

    def test_monitoring(self) -> None:
        """The longer observation at both ends, the later anchor, hospital before another setting, the longer and nearer stay."""
        one = MonitoringPlan(
            Span(2, 8, "h"), Anchor.INFUSION_END, Setting.HEALTHCARE, NearCare(Span(24, 48, "h"), Span(2, 2, "h"), False)
        )  # no caregiver
        other = MonitoringPlan(
            Span(4, 6, "h"),
            Anchor.INFUSION_START,
            Setting.HOSPITAL,
            NearCare(Span(36, 36, "h"), Span(1, 1, "h"), True, Modality.CONSIDER),  # a caregiver
        )
        books = [book(name, {MONITORING: (Row("M", {}, plan, "Watch."),)}) for name, plan in (("a", one), ("b", other))]
        expected = MonitoringPlan(
            Span(4, 8, "h"),
            Anchor.INFUSION_END,
            Setting.HOSPITAL,
            NearCare(Span(36, 48, "h"), Span(1, 1, "h"), True),  # as above
        )
        for stack in (books[0].over(books[1]), books[1].over(books[0])):
            assert stack[MONITORING](None, None, None, None, None).possible == (expected,)

    def test_a_field_that_one_leaves_empty(self) -> None:
        """The other fills it, and the first says nothing of it; what neither fills stays empty."""
        books = [
            book("a", {MONITORING: (Row("M", {}, MonitoringPlan(observe=Span(2, 2, "h")), "Watch."),)}),
            book("b", {MONITORING: (Row("M", {}, MonitoringPlan(setting=Setting.HOSPITAL), "There."),)}),
        ]
        answer = books[0].over(books[1])[MONITORING](None, None, None, None, None)
        assert answer.possible == (MonitoringPlan(observe=Span(2, 2, "h"), setting=Setting.HOSPITAL),)
        assert [(each.rulebook, each.field, each.value) for each in answer.dissent] == [("a", "setting", None), ("b", "observe", None)]

    def test_values_without_an_order(self) -> None:
        """The whole answer of the first book is used, and the other is the dissent; by `strictest` the first by name."""
        steps = {"b": DoseStep(Amount(10, "mg"), Role.LATER, 14), "a": DoseStep(Amount(10, "mg"), Role.FIRST_FULL, 14)}
        books = {name: book(name, {NEXT_DOSE: (Row("N", {}, step, "Next."),)}) for name, step in steps.items()}
        assert books["b"].over(books["a"])[NEXT_DOSE](None, None).possible == (steps["b"],)
        assert strictest(books.values())[NEXT_DOSE](None, None).possible == (steps["a"],)

    def test_less_of_the_drug_and_a_restart(self) -> None:
        """The smaller of two amounts is used, and a restart before none, each with its role and days."""
        steps = [DoseStep(Amount(10, "mg"), Role.LATER, 14), DoseStep(Amount(1, "mg"), Role.STEP_UP, 0, restart=True)]
        one, other = (
            book(
                name,
                {
                    NEXT_DOSE: (
                        Row("N", {LAST: Role.LATER}, step, "Next."),
                        Row("N/no", {LAST: frozenset(LAST.members) - {Role.LATER}}, None, "No."),
                    )
                },
            )
            for name, step in zip("ab", steps, strict=True)
        )
        assert one.over(other)[NEXT_DOSE](Role.LATER, 3).possible == (steps[1],)

    def test_orders_of_one_drug(self) -> None:
        """Two instructions of one drug in one book belong together; against another book's they stand or fall together."""
        once = Instruction(Modality.RECOMMEND, "drug", Amount(1, "mg"))
        twice = (Instruction(Modality.GIVE, "drug", Amount(2, "mg")), Instruction(Modality.CONSIDER, "drug", Amount(3, "mg")))
        avoid = Instruction(Modality.AVOID, "drug", Amount(1, "mg"))
        books = {
            name: book(name, {PREMEDICATION: (Row("P", {}, PremedicationPlan(items), "Before."),)})
            for name, items in (("a", (once,)), ("b", twice), ("c", (avoid,)))
        }

        def stands(*names: str) -> list[tuple[Modality, Amount | Span | None]]:
            first, *rest = (books[name] for name in names)
            for each in rest:
                first = first.over(each)
            plan = first[PREMEDICATION](None, None, None).unwrap()
            return [(item.modality, item.amount) for item in plan.instructions]

        assert stands("b", "a") == [(Modality.GIVE, Amount(2, "mg")), (Modality.CONSIDER, Amount(3, "mg"))]
        assert stands("a", "b") == [(Modality.GIVE, Amount(1, "mg"))]
        assert stands("a", "c") == [(Modality.RECOMMEND, Amount(1, "mg"))]
        assert stands("c", "a") == [(Modality.AVOID, Amount(1, "mg"))]

    def test_an_order_under_a_condition_is_one_of_its_own(self) -> None:
        """Table 6, grade 2: what is repeated if symptoms worsen stays beside the page's one dose, with methylprednisolone in its place."""
        event = ToxicityEvent("icans", 2, status="active", onset=FIRST)
        treatments = toxicity_action(event, events=(), planned_start=FIRST).unwrap().treatments
        worse = next(item for item in treatments if item.what == "dexamethasone" and "worsen" in item.when)
        assert worse.sources == ("us-2025-11",)
        assert worse.or_else is not None
        assert worse.or_else.what == "methylprednisolone"

    def test_recovery(self) -> None:
        """All that any book waits for: the milder grade, every condition, the longer time; in words, where one goes by words."""
        of_each = {
            "a": Recovery(Grade.MODERATE, ("no fever",), at_least=3),
            "b": Recovery(Grade.MILD, ("no bleeding",), at_least=7),
            "c": Recovery(None, says="a clinician decides"),
        }
        anemia = TOXICITY_ACTION[Toxicity.ANEMIA]
        books = [
            book(name, {anemia: (Row("R", {}, ToxicityAction(DoseAction.WITHHOLD, resume_when=each), "Wait."),)})
            for name, each in of_each.items()
        ]
        event = ToxicityEvent("anemia", 3, status="active")
        two, three = (toxicity_action(event, rulebook=strictest(some)).unwrap().resume_when for some in (books[:2], books))
        assert two == Recovery(Grade.MILD, ("no fever", "no bleeding"), at_least=7)
        assert three is not None
        assert three.says == "grade 2 or less and grade 1 or less and a clinician decides"

    def test_every_drug_of_a_member_is_in_the_stack(self) -> None:
        """No drug or measure that a book orders gets lost, be it what may be done in place of another, in any cell of any stack of two."""
        for books in permutations(DRUG_BOOKS, 2):
            for question, answer, members in cells(books[0].over(books[1]), *books):
                ordered = {what for item in _orders_of(answer) for what in _named(item)}
                for member in members:
                    assert {what for item in _orders_of(member) for what in _named(item)} <= ordered, (question.name, question.about)

    def test_an_order_that_says_less(self) -> None:
        """If one book leaves open how long, the fuller order is used for both, and there is no conflict."""
        short = Instruction(Modality.GIVE, "saline", Amount(1000, "mL"))
        full = Instruction(Modality.RECOMMEND, "saline", Amount(1000, "mL"), duration=Span(2, 4, "h"))
        books = [
            book(name, {PREMEDICATION: (Row("P", {}, PremedicationPlan((item,)), "It."),)}) for name, item in (("a", short), ("b", full))
        ]
        answer = books[0].over(books[1])[PREMEDICATION](None, None, None)
        (item,) = answer.unwrap().instructions
        assert (item.modality, item.duration, item.sources) == (Modality.GIVE, Span(2, 4, "h"), ("a", "b"))
        assert conflicts(answer) == ()

    def test_to_avoid_is_not_to_give(self) -> None:
        """One book gives a drug and the other has it avoided, in the same amount: a conflict, and neither is a source of the other."""
        give, avoid = (Instruction(modality, "drug", Amount(1, "mg")) for modality in (Modality.GIVE, Modality.AVOID))
        books = [
            book(name, {PREMEDICATION: (Row("P", {}, PremedicationPlan((item,)), "It."),)}) for name, item in (("a", avoid), ("b", give))
        ]
        answer = books[0].over(books[1])[PREMEDICATION](None, None, None)
        assert [(item.modality, item.sources) for item in answer.unwrap().instructions] == [(Modality.AVOID, ("a",))]
        assert conflicts(answer) == ("drug",)

    def test_a_conflict_in_what_is_different_with_the_next_dose(self) -> None:
        """After CRS of grade 3 the EU label has saline without hours, the US label over 2 to 4: the difference is named."""
        stack = strictest([rulebooks.get("precautions-2025-09"), book("other", {TOXICITY_ACTION[Toxicity.CRS]: (_SALINE,)})])
        both = stack.over(LABEL)
        event = ToxicityEvent("crs", 3, status="active", onset=FIRST)
        assert conflicts(toxicity_action(event, events=(), planned_start=FIRST, rulebook=both)) == ("normal saline",)

    def test_units(self) -> None:
        """Hours are kept and compared as hours, whatever unit a book writes them in."""
        plans = {"a": MonitoringPlan(observe=Span(90, 90, "min")), "b": MonitoringPlan(observe=Span(1, 1, "h"))}
        books = [book(name, {MONITORING: (Row("M", {}, plan, "Watch."),)}) for name, plan in plans.items()]
        for stack in (books[0].over(books[1]), books[1].over(books[0])):
            assert stack[MONITORING](None, None, None, None, None).unwrap().observe == Span(1.5, 1.5, "h")
        mixed = {"a": MonitoringPlan(observe=Span(90, 90, "min")), "b": MonitoringPlan(observe=Span(1, 2, "h"))}
        books = [book(name, {MONITORING: (Row("M", {}, plan, "Watch."),)}) for name, plan in mixed.items()]
        assert books[0].over(books[1])[MONITORING](None, None, None, None, None).unwrap().observe == Span(1.5, 2, "h")

    def test_no_line_in_either(self) -> None:
        """If two books give different rates, the first is used and the other is shown."""
        plans = {"a": InfusionPlan(rate=Amount(250, "mL/h")), "b": InfusionPlan(rate=Amount(125, "mL/h"))}
        first, other = (book(name, {INFUSION: (Row("I", {}, plan, "So."),)}) for name, plan in plans.items())
        answer = first.over(other)[INFUSION](1)
        assert (answer.unwrap(), [each.field for each in answer.dissent]) == (plans["a"], ["rate"])

    def test_orders_are_listed_in_the_order_in_which_they_are_due(self) -> None:
        """Orders before the infusion come before orders after it, whichever book gives them."""
        after = Instruction(Modality.GIVE, "saline", anchor=Anchor.INFUSION_END)
        before = Instruction(Modality.GIVE, "steroid", anchor=Anchor.INFUSION_START, offset=Span(-1, 0, "h"))
        books = [
            book(name, {PREMEDICATION: (Row("P", {}, PremedicationPlan((item,)), "It."),)}) for name, item in (("a", after), ("b", before))
        ]
        plan = books[0].over(books[1])[PREMEDICATION](None, None, None).unwrap()
        assert [(item.what, item.sources) for item in plan.instructions] == [("steroid", ("b",)), ("saline", ("a",))]

    def test_grades_left_open(self) -> None:
        """What one book rules out at the mild end is ruled out; what either leaves open above stays open."""
        books = [
            book(name, {NEURO_GRADE: (Row("G", {}, PossibleGrades(grades(*some)), "So."),)})
            for name, some in (("a", (1, 2)), ("b", (2, 3)))
        ]
        assert books[0].over(books[1])[NEURO_GRADE](5, False).possible == (PossibleGrades(grades(2, 3)),)  # a fact

    def test_months_and_modality(self) -> None:
        """Contraception: the longer time, and the stronger word."""
        answers = {"a": AfterLastDose(Modality.RECOMMEND, 6), "b": AfterLastDose(Modality.GIVE, 2)}
        books = [
            book(name, {CONTRACEPTION: (Row("C", {CHILDBEARING: True}, answer, "So."), Row("C/no", {CHILDBEARING: False}, None, "No."))})
            for name, answer in answers.items()
        ]
        assert books[0].over(books[1])[CONTRACEPTION](True).possible == (AfterLastDose(Modality.GIVE, 6),)  # a fact


class TestBuilding:
    """What cannot be stacked, and how stacks are called."""

    def test_names(self) -> None:
        """A stack is got by the names of its books, and refuses names that are not known."""
        assert rulebooks.get("eu-2026 over us-2025-11").members == (rulebooks.get("eu-2026"), LABEL)
        assert rulebooks.get("strictest of us-2025-11, eu-2026").name == "strictest of eu-2026, us-2025-11"
        with pytest.raises(UnknownRulebookError, match="'nowhere'"):
            rulebooks.get("eu-2026 over nowhere")
        with pytest.raises(UnknownRulebookError, match="no rulebook is called 7"):
            rulebooks.get(7)  # type: ignore[arg-type]

    def test_three_floors(self) -> None:
        """Over is associative: a over b over c is one stack of three, with the first in front."""
        a, b, c = DRUG_BOOKS[:3]
        assert a.over(b).over(c).members == a.over(b.over(c)).members == (a, b, c)
        assert isinstance(a.over(b).over(c), Stack)

    @pytest.mark.parametrize(
        ("books", "fault"),
        [
            ([], "only books about one drug answer together"),
            ([PAGE, rulebooks.get("ctcae-5.0")], "only books about one drug"),
            ([rulebooks.get("astct-2019"), rulebooks.get("ctcae-5.0")], "only books about one drug"),
            ([PAGE, book("six", {}, "ctcae-6.0")], "different scales"),
            ([book("one", {}), book("one", {})], "two different books have one name"),
        ],
        ids=["none", "a scale", "scales", "two scales", "one name"],
    )
    def test_refused(self, books: list[Rulebook], fault: str) -> None:
        """Books about different things, or that grade results differently, give no common answer."""
        with pytest.raises(TableError, match=fault):
            strictest(books)

    def test_not_a_book(self) -> None:
        """A name is no book here, and the error says how to get one."""
        with pytest.raises(FieldTypeError, match=r"rulebooks\.get"):
            PAGE.over("us-2025-11")  # type: ignore[arg-type]
        with pytest.raises(FieldTypeError, match=r"rulebooks\.get"):
            strictest(["us-2025-11"])  # type: ignore[list-item]

    def test_a_question_of_one_member(self) -> None:
        """What one member alone fills is answered as by it, orders named as its own."""
        diagnosis = book("one", {BY_DIAGNOSIS: (Row("D", {DIAGNOSIS: frozenset(Diagnosis)}, Eligibility.ELIGIBLE, "Any."),)})
        stack = diagnosis.over(adults("two", Eligibility.EXCLUDED))
        assert stack[BY_DIAGNOSIS](Diagnosis.OTHER).unwrap() is Eligibility.ELIGIBLE
        assert stack[BY_AGE](3).unwrap() is Eligibility.EXCLUDED

    def test_cuts_of_both(self) -> None:
        """The table of a stack is cut where one of its books cuts, open and closed ends exact."""
        at_18, above_18 = (
            book(
                name,
                {BY_AGE: (Row("A", {AGE: old}, Eligibility.ELIGIBLE, "Old."), Row("A/no", {AGE: young}, Eligibility.EXCLUDED, "Young."))},
            )
            for name, old, young in (("a", at_least(18), below(18)), ("b", above(18), at_most(18)))
        )
        table = at_18.over(above_18)[BY_AGE]
        assert table.cells == 3
        assert [table(age).unwrap() for age in (17.99, 18, 18.01)] == [Eligibility.EXCLUDED, Eligibility.EXCLUDED, Eligibility.ELIGIBLE]

    def test_a_stack_is_traced_by_its_books(self) -> None:
        """A row of a stack is a row of one of its books, and its citation names that book."""
        assert {reason.citation.source for reason in DEFAULT[BY_INFECTION]("none").reasons if reason.citation} == {"precautions-2025-09"}
        assert set(DEFAULT.rows) == set(PAGE.rows) | set(LABEL.rows)


def test_results_by_a_stack_are_graded_by_its_scale() -> None:
    """A stack reads laboratory grades by the scale that its books share."""
    result = LabResult("neutrophils", "0.8 10*9/L", FIRST, lower_limit="1.8 10*9/L")
    found = assess_dose(Patient(), "C1D1", planned_start=FIRST + timedelta(hours=1), labs=[result], course=Course(()))
    assert found.graded[0].grade.unwrap() is Grade.SEVERE
    assert found.verdict is Verdict.WITHHOLD


def test_infection_of_the_patient() -> None:
    """The page has an active infection assessed; Table 7 holds the dose in the step-up: it is held."""
    found = assess_dose(Patient(infection="controlled"), "C1D8", planned_start=FIRST)
    assert found.verdict is Verdict.WITHHOLD


class TestSafeguards:
    """Faults that were found when stacks were read for harm, by the label alone where they are older."""

    def test_an_unsettled_question_shows_beside_a_silent_row(self) -> None:
        """Of a resolved hypersensitivity of grade 3 the label settles nothing: the page's silence does not hide its reasons."""
        answer = toxicity_action(ToxicityEvent("hypersensitivity", 3, status="resolved"))
        assert isinstance(answer, NotCovered)
        assert unsettled_of(answer)

    def test_bleeding_is_not_asked_of_what_may_be_over(self) -> None:
        """Thrombocytopenia of unknown status: every action is one of an active or of a resolved episode."""
        unknown = toxicity_action(ToxicityEvent("thrombocytopenia", 3), events=(), planned_start=FIRST, rulebook=LABEL)
        known = [
            toxicity_action(ToxicityEvent("thrombocytopenia", 3, status=status), events=(), planned_start=FIRST, rulebook=LABEL)
            for status in ("active", "resolved")
        ]
        assert set(unknown.possible) <= {value for each in known for value in each.possible}

    def test_an_unsettled_dose_of_the_lower_book(self) -> None:
        """The older label does not settle what follows a later dose: in a stack with the newer one the dose is for a clinician too."""
        course = [
            GivenDose(point, FIRST + timedelta(days=days), amount)
            for point, days, amount in (("C1D1", 0, "1 mg"), ("C1D8", 7, "10 mg"), ("C1D15", 14, "10 mg"), ("C2D1", 28, "10 mg"))
        ]
        on = FIRST + timedelta(days=42)
        votes = {
            name: {vote.part: vote for vote in assess_dose(Patient(), "C2D15", planned_start=on, course=course, rulebook=name).votes}
            for name in ("us-2025-11", "us-2025-11 over us-2024-05")
        }
        assert [each["dose"].verdict for each in votes.values()] == [Verdict.PROCEED, Verdict.NEEDS_ASSESSMENT]

    def test_an_unsettled_need_of_the_lower_book(self) -> None:
        """A book does not ask for neutrophils, and the other leaves it open: without a count a clinician must look."""
        none = book("none", {LAB_NEED: (Row("L", {}, LabNeed.NOT_ASKED, "No results."),)})
        open_ = book("open", {LAB_NEED: (Row("O", {}, None, "It speaks of results.", unsettled="not confirmed"),)})
        votes = {vote.part: vote for vote in assess_dose(Patient(), "C1D1", labs=(), rulebook=none.over(open_)).votes}
        assert votes["labs"].verdict is Verdict.NEEDS_ASSESSMENT
        required = book("all", {LAB_NEED: (Row("L", {}, LabNeed.REQUIRED, "Every result."),)})
        assert "labs" not in {vote.part for vote in assess_dose(Patient(), "C1D1", labs=(), rulebook=required.over(open_)).votes}

    def test_a_toxicity_of_before_the_drug(self) -> None:
        """Of unknown grade it is asked for its grade, since after grade 3 a clinician must assess it."""
        event = ToxicityEvent("crs", status="resolved", resolved=FIRST - timedelta(days=30))
        votes = {vote.part: vote for vote in assess_dose(Patient(), "C1D1", planned_start=FIRST, course=(), events=[event]).votes}
        assert (votes["events[0]"].verdict, votes["events[0]"].missing) == (Verdict.NEEDS_DATA, ("events[0].grade",))

    @pytest.mark.parametrize(
        ("toxicity", "grade", "verdict"),
        [("hypersensitivity", 1, Verdict.NEEDS_DATA), ("neutropenia", 3, Verdict.NEEDS_ASSESSMENT)],
    )
    def test_of_unknown_status_before_the_drug(self, toxicity: Any, grade: Any, verdict: Verdict) -> None:
        """Over, it is older than the drug: whether it is over is asked where that decides, and a clinician looks where neither permits."""
        event = ToxicityEvent(toxicity, grade)
        votes = {vote.part: vote for vote in assess_dose(Patient(), "C1D1", planned_start=FIRST, course=(), events=[event]).votes}
        assert (votes["events[0]"].verdict, "events[0].status" in votes["events[0]"].missing) == (verdict, True)

    def test_the_page_is_cited_for_the_hours_of_cycle_5(self) -> None:
        """Both books say 2 hours at C5D1 without relevant toxicity, and both are cited in an assessment, too."""
        found = assess_dose(Patient(), "C5D1", planned_start=FIRST, events=())
        assert {"MON-3", "T1-C5"} <= {reason.row for reason in found.monitoring.reasons}

    def test_two_results_of_one_day(self) -> None:
        """A count of 0.3 without a time and one of 3 with one: no date puts them in order, both count, and the worse decides."""
        course = [GivenDose("C1D1", FIRST, "1 mg")]
        on = FIRST + timedelta(days=7)
        counts = [LabResult("neutrophils", "0.3 10*9/L", on.date()), LabResult("neutrophils", "3 10*9/L", on - timedelta(hours=1))]
        for labs in (counts, counts[::-1]):
            found = assess_dose(Patient(), "C1D8", planned_start=on, course=course, labs=labs, events=(), rulebook=LABEL)
            assert {vote.verdict for vote in found.votes if vote.part.startswith("labs.neutrophils")} >= {Verdict.WITHHOLD}

    def test_missing_events_are_those_of_the_case(self) -> None:
        """Findings are reported, and what happened before is not known: the events are asked for, by their name in a case."""
        found = assess_dose(Patient(), "C1D8", planned_start=FIRST, findings=NeuroFindings(ice=5), rulebook=LABEL)
        assert "events" in found.missing
        assert not [fact for fact in found.missing if fact.endswith(".events")]

    def test_hours_of_the_next_dose_in_a_report(self) -> None:
        """After CRS of grade 2 the label's hours for the next dose are given, and that those of the planned dose are elsewhere."""
        event = ToxicityEvent("crs", 2, status="active", onset=FIRST)
        text = as_text(assess_dose(Patient(), "C1D8", planned_start=FIRST, events=[event]), full=True)
        assert "in an appropriate healthcare setting - for the planned dose, see Monitoring" in text

    def test_a_drug_that_the_other_book_does_not_order(self) -> None:
        """NEU-3 has dexamethasone at ICANS grade 1, the label none: the report says so."""
        event = ToxicityEvent("icans", 1, status="active", onset=FIRST)
        text = as_text(assess_dose(Patient(), "C1D15", planned_start=FIRST, events=[event]), full=True)
        assert "  SOURCES DISAGREE us-2025-11: " in text
        assert "does not order dexamethasone" in text

"""Monotone by proof: in each book and each stack a worse fact never has a milder answer, but where the source is so and a row says why."""

from __future__ import annotations

from functools import cache
from itertools import combinations, permutations
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules import Amount, DoseAction, Role, Span, TableError, rulebooks
from tarlatamab_rules.answers import Eligibility, Instruction, Modality, MonitoringPlan, PremedicationPlan, ToxicityAction
from tarlatamab_rules.core.axes import Choices
from tarlatamab_rules.core.decisions import Decided, Dissent, NotCovered
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.tables import Question, Row, Table
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks._proofs import Proof, prove, proved, refuse_unused
from tarlatamab_rules.rulebooks.facts import CRS_BEFORE, GRADE, POINT, ROLE, grades
from tarlatamab_rules.rulebooks.questions import BY_HYPERSENSITIVITY, MONITORING, NEXT_DOSE, PREMEDICATION, TOXICITY_ACTION
from tarlatamab_rules.values.doses import AfterLastDose, DoseStep
from tarlatamab_rules.values.plans import DuringInfusion, NearCare
from tarlatamab_rules.values.severity import INCLUDES, milder
from tarlatamab_rules.values.toxicities import NextDosePrecautions, PossibleGrades, Recovery, StopRule
from tarlatamab_rules.values.vocabulary import InfusionStep, LabNeed, Setting

DRUG_BOOKS = [name for name in rulebooks.names() if rulebooks.get(name).drug]
STACKS = [
    *(" over ".join(books) for n in (2, 3, 4) for books in permutations(DRUG_BOOKS, n)),
    *("strictest of " + ", ".join(books) for n in (2, 3, 4) for books in combinations(DRUG_BOOKS, n)),
]
CRS = TOXICITY_ACTION[Toxicity.CRS]


@cache
def proof_of(name: str) -> Proof:
    """The proof of a book or a stack."""
    book = rulebooks.get(name)
    return prove(book[question] for question in book.rows)


def planted(book: str, question: Question[Any], row_id: str, **changes: Any) -> Proof:
    """The proof of one table of a book in which a row was changed."""
    rows = rulebooks.get(book).rows[question]
    assert row_id in [row.id for row in rows]
    return proved(_table(question, [evolve(row, **changes) if row.id == row_id else row for row in rows]))


def _table(question: Question[Any], rows: list[Row[Any]]) -> Table[Any]:
    return Table(question, rows, lambda row: Reason(row.id, row.says, unsettled=row.unsettled))


def _then(row_id: str) -> ToxicityAction:
    """What the label requires by a row on CRS."""
    (then,) = [row.then for row in rulebooks.get("us-2025-11").rows[CRS] if row.id == row_id]
    assert isinstance(then, ToxicityAction)
    return then


class TestEveryBook:
    """The books and stacks of the library."""

    @pytest.mark.parametrize("name", [*rulebooks.names(), *STACKS])
    def test_no_violation(self, name: str) -> None:
        """No cell has a milder answer than its milder neighbour, unless a row says why."""
        assert proof_of(name).violations == ()

    @pytest.mark.parametrize(
        ("name", "rows"),
        [
            ("astct-2019", 6),
            ("ctcae-5.0", 0),
            ("ctcae-6.0", 2),
            ("eu-2026", 5),
            ("precautions-2025-09", 2),
            ("steroid-equivalence", 0),
            ("us-2024-05", 2),
            ("us-2025-11", 9),
        ],
    )
    def test_exceptions_are_few(self, name: str, rows: int) -> None:
        """So many rows of each book are exceptions, and each says how it was read."""
        found = {row.id: row for each in proof_of(name).exceptions for row in each.rows}
        assert len(found) == rows
        assert all(row.interpretation for row in found.values())

    def test_no_mark_is_stale(self) -> None:
        """Every exception that a row claims is one, for each axis and each thing that it names, in its book or in a stack of two."""
        pairs = [name for name in STACKS if name.count(" over ") == 1]
        used = {
            (row.id, each.axis, what)
            for name in [*rulebooks.names(), *pairs]
            for each in proof_of(name).exceptions
            for row in each.rows
            for what in each.milder
        }
        claimed = {
            (row.id, axis, what)
            for name in rulebooks.names()
            for rows in rulebooks.get(name).rows.values()
            for row in rows
            for axis, names in row.excepted.items()
            for what in names
        }
        assert claimed - used == set()


class TestPlanted:
    """A violation of each kind is found, also beside an exception."""

    def test_action(self) -> None:
        """Ongoing grade 3 CRS, if grade 2 holds the drug."""
        found = planted("us-2025-11", CRS, "T5-3", then=ToxicityAction(DoseAction.CONTINUE)).violations
        assert {each.axis for each in found if "action" in each.milder} >= {GRADE}

    def test_action_of_an_exception(self) -> None:
        """T5-2 may have less dexamethasone than grade 1, and no milder action."""
        then = evolve(_then("T5-2"), action=DoseAction.CONTINUE)
        assert any("action" in each.milder for each in planted("us-2025-11", CRS, "T5-2", then=then).violations)

    def test_hours(self) -> None:
        """Two hours with a later dose after grade 4 CRS, which may be silent, and no more than that."""
        changes = {"when": {ROLE: Role.LATER, CRS_BEFORE: grades(4, 5)}, "then": MonitoringPlan(observe=Span(2, 2, "h"))}
        found = planted("us-2025-11", MONITORING, "T5-4/next-hours", **changes).violations
        assert any(each.axis is CRS_BEFORE and "observe" in each.milder for each in found)

    def test_orders(self) -> None:
        """No antipyretic at grade 3 CRS, which grade 2 has; one that is only considered is as bad."""
        severe = _then("T5-3")
        without = tuple(item for item in severe.treatments if item.what != "antipyretic")
        for treatments in (without, (*without, Instruction(Modality.CONSIDER, "antipyretic"))):
            found = planted("us-2025-11", CRS, "T5-3", then=evolve(severe, treatments=treatments)).violations
            assert any(each.milder == ("antipyretic",) for each in found)

    def test_restart(self) -> None:
        """After more days than a restart needs, the schedule continues."""
        rows = [*rulebooks.get("us-2025-11").rows[NEXT_DOSE]]
        later = next(row for row in rows if row.id == "T4-LATER")
        found = planted("us-2025-11", NEXT_DOSE, "T4-LATER", then=DoseStep(Amount(1, "mg"), Role.STEP_UP, restart=True)).violations
        assert found == ()
        changed = [evolve(row, then=later.then) if row.id == "T4-LATER/restart" else row for row in rows]
        changed = [evolve(row, then=DoseStep(Amount(1, "mg"), Role.STEP_UP, restart=True)) if row is later else row for row in changed]
        assert {each.milder for each in proved(_table(NEXT_DOSE, changed)).violations} == {("restart", "amount")}

    def test_eligibility(self) -> None:
        """Hypersensitivity that is eligible where none needs an assessment."""
        found = planted("eu-2026", BY_HYPERSENSITIVITY, "EU-CONTRA/none", then=Eligibility.NEEDS_ASSESSMENT).violations
        assert found == ()
        rows = [evolve(row, then=None if row.id == "EU-CONTRA" else row.then) for row in rulebooks.get("eu-2026").rows[BY_HYPERSENSITIVITY]]
        (worse,) = proved(_table(BY_HYPERSENSITIVITY, rows)).violations
        assert worse.milder == ("silence",)
        assert "hypersensitivity: a worse one has a milder answer (silence)" in str(worse)

    def test_silence_between(self) -> None:
        """A milder answer on the other side of silence is found."""
        axis = Choices("grade", (1, 2, 3))
        question = Question("ask", (axis,), Eligibility, worse={axis: (1, 2, 3)})
        rows: list[Row[Any]] = [
            Row("a", {axis: 1}, Eligibility.EXCLUDED, ""),
            Row("b", {axis: 2}, None, "", "Silent.", excepted={axis: ("silence",)}),
            Row("c", {axis: 3}, Eligibility.ELIGIBLE, ""),
        ]
        assert [each.milder for each in proved(_table(question, rows)).violations] == [("answer",)]


NEAR = NearCare(Span(48, 48, "h"), Span(1, 1, "h"), caregiver=True)


def held(**parts: Any) -> ToxicityAction:
    """A drug that is withheld."""
    return ToxicityAction(DoseAction.WITHHOLD, **parts)


LADDERS = sorted(
    (book, question.title, row.id)
    for book in DRUG_BOOKS
    for question, rows in rulebooks.get(book).rows.items()
    for row in rows
    if question in TOXICITY_ACTION.values() and row.then is not None and row.then.action is not DoseAction.CONTINUE and GRADE in row.when
)


@given(st.sampled_from(LADDERS))
def test_any_row_made_milder_than_its_neighbour(chosen: tuple[str, str, str]) -> None:
    """Whatever row of an action is made silent or a *continue*, the proof fails, unless no milder fact has a stricter answer."""
    book, title, row_id = chosen
    question = next(each for each in rulebooks.get(book).rows if each.title == title)
    rows = [*rulebooks.get(book).rows[question]]
    (row,) = [row for row in rows if row.id == row_id]
    others = [other for other in rows if other.id != row_id]
    table = rulebooks.get(book)[question]
    mine = set(table.box(row.when)) & set(table.answers)
    n = question.axes.index(GRADE)
    below = [table.answers.get((*cell[:n], code, *cell[n + 1 :])) for cell in mine for code in range(cell[n])]
    stricter = any(isinstance(each, Decided) and each.value.action > DoseAction.CONTINUE and row_id not in _ids(each) for each in below)
    found = proved(_table(question, [*others, evolve(row, then=ToxicityAction(DoseAction.CONTINUE))])).violations
    assert bool([each for each in found if each.axis is GRADE and "action" in each.milder]) >= stricter


def _ids(answer: Decided[Any]) -> list[str]:
    return [reason.row for reason in answer.reasons]


class TestCompared:
    """How two answers are compared."""

    OPEN = NotCovered((Reason("r", "", unsettled="a clinician decides"),))
    SILENT = NotCovered((Reason("r", ""),))

    @pytest.mark.parametrize(
        ("lesser", "worse", "found"),
        [
            (Decided(Eligibility.ELIGIBLE), OPEN, ()),
            (Decided(Eligibility.EXCLUDED), OPEN, ("not settled",)),
            (Decided(Eligibility.ELIGIBLE), SILENT, ("silence",)),
            (OPEN, SILENT, ("silence",)),
            (OPEN, Decided(Eligibility.ELIGIBLE), ("answer",)),
            (OPEN, Decided(Eligibility.EXCLUDED), ()),
            (OPEN, OPEN, ()),
            (SILENT, OPEN, ()),
            (SILENT, Decided(Eligibility.ELIGIBLE), ()),
        ],
    )
    def test_silence_and_not_settled(self, lesser: Any, worse: Any, found: tuple[str, ...]) -> None:
        """Silence is the mildest; what is not settled ranks between an answer that requires nothing and every other."""
        assert milder(lesser, worse) == found

    def test_not_settled_by_one_book(self) -> None:
        """Where a book of a stack leaves the lesser fact to a clinician, an answer that asks nothing of the worse is milder."""
        beside = Decided(Eligibility.ELIGIBLE, (), (Dissent("other", "", None, self.OPEN.reasons),))
        assert milder(beside, Decided(Eligibility.ELIGIBLE)) == ("answer",)
        assert milder(beside, beside) == ()
        assert milder(beside, Decided(Eligibility.EXCLUDED)) == ()

    @pytest.mark.parametrize(
        ("strict", "mild", "found"),
        [
            (LabNeed.REQUIRED, LabNeed.RECOMMENDED, "answer"),
            (Modality.GIVE, Modality.CONSIDER, "answer"),
            (Modality.AVOID, Modality.GIVE, "answer"),
            (Grade.SEVERE, Grade.MILD, "answer"),
            (AfterLastDose(Modality.GIVE, 2), AfterLastDose(Modality.GIVE, 1), "months"),
            (PossibleGrades(grades(3, 4)), PossibleGrades(grades(2, 4)), "grades"),
            (PossibleGrades(grades(3, 4)), PossibleGrades(grades(3)), "grades"),
            (DuringInfusion(InfusionStep.STOP), DuringInfusion(InfusionStep.CONTINUE), "step"),
            (Instruction(Modality.GIVE, "a"), Instruction(Modality.CONSIDER, "a"), "a"),
            (Instruction(Modality.GIVE, "a", Amount(2, "mg")), Instruction(Modality.GIVE, "a", Amount(1, "mg")), "a"),
            (Instruction(Modality.GIVE, "a", Amount(2, "mg")), Instruction(Modality.GIVE, "a"), "a"),
            (MonitoringPlan(observe=Span(2, 3, "h")), MonitoringPlan(observe=Span(90, 180, "min")), "observe"),
            (MonitoringPlan(setting=Setting.HOSPITAL), MonitoringPlan(setting=Setting.HEALTHCARE), "setting"),
            (MonitoringPlan(setting=Setting.HEALTHCARE), MonitoringPlan(), "setting"),
            (MonitoringPlan(near_care=NEAR), MonitoringPlan(), "near_care"),
            (MonitoringPlan(near_care=NEAR), MonitoringPlan(near_care=evolve(NEAR, hours=Span(24, 48, "h"))), "near_care"),
            (MonitoringPlan(near_care=NEAR), MonitoringPlan(near_care=evolve(NEAR, within=Span(2, 2, "h"))), "near_care"),
            (MonitoringPlan(near_care=NEAR), MonitoringPlan(near_care=evolve(NEAR, within=None)), "near_care"),
            (MonitoringPlan(near_care=NEAR), MonitoringPlan(near_care=evolve(NEAR, caregiver=False)), "near_care"),
            (MonitoringPlan(near_care=NEAR), MonitoringPlan(near_care=evolve(NEAR, modality=Modality.CONSIDER)), "near_care"),
            (held(resume_when=Recovery(Grade.MILD)), held(resume_when=Recovery(Grade.MODERATE)), "resume_when"),
            (held(resume_when=Recovery(Grade.MILD, at_least=3)), held(resume_when=Recovery(Grade.MILD)), "resume_when"),
            (held(resume_when=Recovery(Grade.MILD, ("no fever",))), held(resume_when=Recovery(Grade.MILD)), "resume_when"),
            (held(next_dose=NextDosePrecautions(PremedicationPlan())), held(), "next_dose"),
            (held(next_dose=NextDosePrecautions(PremedicationPlan())), held(next_dose=NextDosePrecautions()), "premedication"),
            (held(discontinue_if=(StopRule(Modality.GIVE, days=7),)), held(), "discontinue_if"),
            (
                held(discontinue_if=(StopRule(Modality.GIVE, days=7),)),
                held(discontinue_if=(StopRule(Modality.GIVE, days=21),)),
                "discontinue_if",
            ),
            (
                held(discontinue_if=(StopRule(Modality.GIVE, again=Grade.SEVERE),)),
                held(discontinue_if=(StopRule(Modality.GIVE, again=Grade.LIFE_THREATENING),)),
                "discontinue_if",
            ),
            (held(discontinue_if=(StopRule(Modality.GIVE),)), held(discontinue_if=(StopRule(Modality.CONSIDER),)), "discontinue_if"),
        ],
    )
    def test_each_kind_of_answer(self, strict: Any, mild: Any, found: str) -> None:
        """The milder one of two is found in the part that is milder; the other way round, and beside itself, nothing is."""
        assert milder(Decided(strict), Decided(mild)) == (found,)
        assert milder(Decided(strict), Decided(strict)) == ()
        assert Modality.AVOID in {strict, mild} or milder(Decided(mild), Decided(strict)) == ()

    def test_what_has_no_order(self) -> None:
        """Amounts of different units and answers of a type without an order are not compared."""
        mass, rate = (Instruction(Modality.GIVE, "a", Amount(number, unit)) for number, unit in ((8, "mg"), (1, "mg/kg")))
        assert milder(Decided(mass), Decided(rate)) == ()
        assert milder(Decided(3), Decided(2)) == ()

    def test_an_order_by_another_name(self) -> None:
        """Intensive care is hospitalization and more; no order is included in itself."""
        ward, unit = (Decided(PremedicationPlan((Instruction(Modality.GIVE, what),))) for what in ("hospitalization", "intensive care"))
        assert milder(ward, unit) == ()
        assert milder(unit, ward) == ("intensive care",)
        assert all(what not in included for what, included in INCLUDES.items())


class TestOverlays:
    """A policy is proved when it is made."""

    ROWS = (Row("OURS", {GRADE: grades(1)}, ToxicityAction(DoseAction.DISCONTINUE), "Stop at grade 1."),)

    def test_refused(self) -> None:
        """A policy that stops at grade 1 and not at grade 2 has forgotten something."""
        with pytest.raises(TableError, match=r"ours: .*grade: a worse one has a milder answer \(action\).*excepted"):
            rulebooks.get("us-2025-11").overlay("ours", {CRS: self.ROWS})

    def test_says_why(self) -> None:
        """With the exception marked, and the reason, it is made."""
        rows = tuple(evolve(row, interpretation="On trial.", excepted={GRADE: ("action",)}) for row in self.ROWS)
        ours: Rulebook = rulebooks.get("us-2025-11").overlay("ours", {CRS: rows})
        assert any(row.id == "OURS" for each in prove(ours[question] for question in ours.rows).exceptions for row in each.rows)

    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"excepted": {GRADE: ("action",)}}, "OURS is an exception, but does not say why"),
            ({"excepted": {POINT: ("action",)}, "interpretation": "So."}, "OURS is an exception along point, which has no order of harm"),
        ],
    )
    def test_a_mark_that_says_nothing(self, changes: dict[str, Any], problem: str) -> None:
        """An exception has an interpretation, and an axis with an order of harm."""
        with pytest.raises(TableError, match=problem):
            rulebooks.get("us-2025-11").overlay("ours", {CRS: tuple(evolve(row, **changes) for row in self.ROWS)})


class TestAxes:
    """An axis that no row uses is refused."""

    def test_the_library_has_none(self) -> None:
        """In all books together every axis is used, or is kept for policies."""
        refuse_unused(rulebooks.get(name).rows for name in rulebooks.names())

    def test_unused(self) -> None:
        """The error names the question and the axis."""
        rows = [{PREMEDICATION: [Row("a", {POINT: 1}, PremedicationPlan(), "")]}]
        with pytest.raises(TableError, match="premedication_plan: no row uses role of the dose; premedication_plan: no row uses worst"):
            refuse_unused(rows)

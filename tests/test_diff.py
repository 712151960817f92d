"""Two books with each other, one case by several books, and a policy of one's own on top."""

from __future__ import annotations

import re
import runpy
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from helpers import DRUG_BOOKS
from tarlatamab_rules import (
    Amount,
    Case,
    Decided,
    DoseAction,
    FieldError,
    FieldTypeError,
    Grade,
    Patient,
    Role,
    Route,
    Span,
    TableError,
    Toxicity,
    ToxicityEvent,
    Verdict,
    assess_dose,
    compare,
    diff,
    eligibility,
    monitoring_duration,
    toxicity_action,
)
from tarlatamab_rules.answers import (
    Anchor,
    Change,
    Comparison,
    Eligibility,
    InfusionPlan,
    Instruction,
    Modality,
    MonitoringPlan,
    Recovery,
    Setting,
    ToxicityAction,
)
from tarlatamab_rules.core.cells import conditions
from tarlatamab_rules.core.decisions import unsettled_of
from tarlatamab_rules.core.intervals import Interval, above, at_least, below, between
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.rulebooks._book import Rows
from tarlatamab_rules.rulebooks.facts import (
    AGE,
    AMOUNT,
    CHILDBEARING,
    DAYS_SINCE,
    EARLIER,
    GRADE,
    HYPERSENSITIVE,
    LAST,
    NOW,
    POINT,
    PREGNANT,
    grades,
    points,
)
from tarlatamab_rules.rulebooks.questions import (
    BY_AGE,
    BY_HYPERSENSITIVITY,
    BY_PREGNANCY,
    INFUSION,
    MONITORING,
    NEXT_DOSE,
    OTHER_RESULT,
    PREMEDICATION,
    PREPARATION,
    TOXICITY_ACTION,
)
from tarlatamab_rules.values.doses import DoseStep
from tarlatamab_rules.values.plans import PremedicationPlan
from test_stacks import DEFAULT, LABEL, PAGE, adults, book

ON = datetime(2026, 1, 5, 9, tzinfo=UTC)


def lines(one: str, other: str) -> dict[str, list[str]]:
    """The printed lines of a diff, by question."""
    found: dict[str, list[str]] = {}
    for line in str(diff(one, other)).splitlines()[1:]:
        if line.startswith("  "):
            found[list(found)[-1]].append(line.strip())
        else:
            found[line] = []
    return found


def has(found: list[str], *parts: str) -> bool:
    """Whether some line has all of these parts."""
    return any(all(part in line for part in parts) for line in found)


class TestRevisions:
    """The US label of 05/2024 and of 11/2025: what is known to differ, as far as both are encoded (label.md 1.2)."""

    found = lines("us-2024-05", "us-2025-11")

    @pytest.mark.parametrize(
        ("question", "parts"),
        [
            ("premedication_plan", ("role of the dose: step-up or first-full", "saline 1000 mL IV over 4 to 5 h", "over 2 to 4 h")),
            ("premedication_plan", ("dose: C1D15;", "over 4 to 5 h", "-> instructions: nothing")),
            ("labs_due", ("C6D1 and later; day of the cycle: 15", "neutrophils or hemoglobin or platelets", "required -> not asked")),
            ("toxicity_action, crs", ("grade: 1; current grade: 1", "not settled -> WITHHOLD", "consider dexamethasone 4 to 10 mg")),
            ("toxicity_action, icans", ("grade: 2; current grade: 1 or 2", "not settled -> WITHHOLD", "dexamethasone 8 to 10 mg")),
            ("toxicity_action, neutropenia", ("not settled ->", "within 21 days")),
            ("toxicity_action, neutropenia", ("not settled ->", "within 7 days")),
        ],
        ids=["saline hours", "saline at C1D15", "labs from C6", "CRS 1", "ICANS 2", "3 weeks", "1 week"],
    )
    def test_listed(self, question: str, parts: tuple[str, ...]) -> None:
        """Each encoded difference in the table of revisions is in the diff, in words."""
        assert has(self.found[question], *parts)

    def test_what_did_not_change_is_not_listed(self) -> None:
        """Hours and anchor of the observation are the same in both; only where it takes place was not confirmed of 05/2024."""
        hours = [line for line in self.found["monitoring_duration"] if "22 to 24 h" in line.partition(" -> ")[0]]
        assert hours == []
        assert has(self.found["monitoring_duration"], "setting: nothing -> setting: an appropriate healthcare setting")

    def test_the_restart_is_the_same_as_far_as_seen(self) -> None:
        """After 1 mg and after the first 10 mg the limits are those of 05/2024; those of later doses were not confirmed."""
        assert not has(self.found["next_dose"], "last dose given: step-up")
        assert has(self.found["next_dose"], "last dose given: later; days since the last dose: 0 to 28", "not settled -> 10 mg")


class TestPageAndLabel:
    """The page and the label: every difference of label.md 7 that is encoded."""

    found = lines("precautions-2025-09", "us-2025-11")

    @pytest.mark.parametrize(
        ("question", "parts"),
        [
            ("eligibility", ("pregnant: yes", "excluded -> needs assessment")),
            ("eligibility", ("breastfeeding: yes", "excluded -> needs assessment")),
            ("eligibility", ("infection: controlled or uncontrolled", "needs assessment -> silent")),
            ("toxicity_action, infection", ("current grade: 1; dose: C1D1, C1D8, C1D15", "silent -> WITHHOLD")),
            ("toxicity_action, infection", ("grade: 4 or 5", "silent -> DISCONTINUE")),
            ("infusion_plan", ("pump features: nothing", "pump features: programmable")),
            ("premedication_plan", ("IV (or equivalent), 1 h before the infusion starts", ", within 1 h before the infusion starts")),
            ("premedication_plan", ("C1D15", "role of the dose: later", "recommended: dexamethasone", "-> instructions: nothing")),
            ("premedication_plan", ("over 4 to 5 h", "over 2 to 4 h")),
            ("monitoring_duration", ("C1D1, C1D8", "anchor: the end of the infusion", "anchor: the start of the infusion")),
            ("monitoring_duration", ("C1D1, C1D8", "setting: hospital", "setting: an appropriate healthcare setting")),
            ("monitoring_duration", ("C1D15, C2D1, C2D15", "silent -> monitor for 6 to 8 h after the infusion ends")),
            ("monitoring_duration", ("C3D1 to C4D15", "silent -> monitor for 3 to 4 h after the infusion ends")),
            ("toxicity_action", ("ICE score: 0, 1, 2", "grade 3 or 4 -> silent")),
            ("toxicity_action, icans", ("grade: 3; current grade: 1 or 2 or 3", "action: discontinue", "action: withhold")),
            ("toxicity_action, icans", ("grade: 1; current grade: 1", "dexamethasone 10 mg IV", "supportive care")),
            ("toxicity_action, icans", ("grade: 2; current grade: 1 or 2", "dexamethasone 10 mg IV", "dexamethasone 8 to 10 mg")),
            ("toxicity_action, crs", ("grade: 3; current grade: 1 or 2 or 3", "silent -> WITHHOLD")),
            ("next_dose", ("last dose given: step-up; days since the last dose: 15 to 21", "silent -> 1 mg")),
            ("labs_due", ("C6D1 and later; day of the cycle: 15", "required -> not asked")),
            ("labs_due", ("sodium or potassium or uric-acid", "recommended -> silent")),
            (
                "toxicity_action, neutropenia",
                ("grade: 4", "worst grade of earlier episodes: 4 or 5", "action: withhold", "action: discontinue"),
            ),
            ("toxicity_action, febrile-neutropenia", ("silent -> WITHHOLD",)),
            ("toxicity_action, anemia", ("silent -> WITHHOLD; resume when haemoglobin is 8 g/dL or more",)),
            ("toxicity_action, thrombocytopenia", ("silent -> WITHHOLD",)),
            ("toxicity_action, hepatotoxicity", ("grade: 4 or 5", "silent -> DISCONTINUE")),
            ("liver_injury", ("> 3 x", "> 2 x", "another cause: no", "silent -> DISCONTINUE")),
            ("breastfeeding_window", ("silent -> avoid breast-feeding until 2 months",)),
            ("next_dose", ("last dose given: none", "silent -> 1 mg (step-up dose)")),
            ("preparation", ("dose in mg: 10", "silent -> reconstitute one 10 mg vial")),
        ],
        ids=lambda value: value if isinstance(value, str) else value[0],
    )
    def test_listed(self, question: str, parts: tuple[str, ...]) -> None:
        """Each is in the diff, in words."""
        assert has(self.found[question], *parts)

    def test_what_agrees_is_not_listed(self) -> None:
        """Indication, rate of the infusion, transfer devices, and contraception are the same."""
        assert not has(self.found["eligibility"], "diagnosis")
        assert not has(self.found["eligibility"], "age")
        assert not has(self.found["infusion_plan"], "rate")
        assert not has(self.found["infusion_plan"], "transfer")
        assert "contraception_window" not in self.found


class TestDiff:
    """The form of a diff."""

    @pytest.mark.parametrize(("one", "other"), [*permutations((*DRUG_BOOKS, DEFAULT.name), 2)])
    def test_any_two_books(self, one: str, other: str) -> None:
        """Each book about the drug can be compared with each other one, in both directions, with as many differences in either."""
        there, back = diff(one, other), diff(other, one)
        assert str(there).startswith(f"{one} -> {other}: ")
        assert {str(change.facts) for change in there.changes} == {str(change.facts) for change in back.changes}

    def test_a_book_and_itself(self) -> None:
        """No difference, and it says so."""
        assert str(diff(PAGE, "precautions-2025-09")) == "precautions-2025-09 -> precautions-2025-09: no differences"

    def test_every_cell_that_differs_and_no_other(self) -> None:
        """The conditions of the changes hold in exactly the cells in which the answers differ."""
        found = [change for change in diff(PAGE, LABEL).changes if change.question is MONITORING]
        table, label = PAGE[MONITORING], LABEL[MONITORING]
        stack = DEFAULT[MONITORING]
        for codes in stack.answers:
            facts = [axis.facts(frozenset((code,))) for axis, code in zip(stack.axes, codes, strict=True)]
            one, other = table(*facts), label(*facts)
            said = [(each.possible[0], bool(unsettled_of(each))) for each in (one, other)]
            cell = {axis.axis: codes_ for axis, codes_ in zip(stack.axes, facts, strict=True)}
            inside = [change for change in found if all(_within(cell[axis], change.when[axis]) for axis in change.when)]
            assert bool(inside) is (said[0] != said[1])

    def test_one_difference_is_singular(self) -> None:
        """The first line counts."""
        one, other = adults("one", Eligibility.ELIGIBLE), adults("two", Eligibility.EXCLUDED)
        assert str(diff(one, other)).splitlines() == ["one -> two: 1 difference", "eligibility", "  any age in years: eligible -> excluded"]

    def test_two_scales(self) -> None:
        """Books that grade laboratory values by different scales differ in these grades too: a count of 0.4 is grade 4, or 3."""
        found = diff(book("five", {}), book("six", {}, "ctcae-6.0"))
        assert has(str(found).splitlines(), "value: 0.1 to < 0.5: 4 -> 3")

    def test_in_a_notebook(self) -> None:
        """A table, with what could be taken for HTML escaped."""
        one, other = adults("<one>", Eligibility.ELIGIBLE), adults("two", None, "not <b>confirmed</b>")
        html = diff(one, other)._repr_html_()
        assert "<th>&lt;one&gt;</th><th>two</th>" in html
        assert "<tr><th>any age in years</th><td>eligible</td><td>not settled</td></tr>" in html

    def test_an_open_answer_in_short(self) -> None:
        """A change may be asked for facts that are not known: what is missing, and what is possible."""
        table = PAGE[MONITORING]
        change = Change(MONITORING, {}, table(13, None, None, None, None), table(13, None, Grade.NONE, None, None))
        assert (
            str(change) == "any case: needs events; possible: monitor for 2 h after the infusion ends | silent "
            "-> monitor for 2 h after the infusion ends"
        )

    def test_not_settled_beside_an_answer(self) -> None:
        """A stack that answers, and one of whose books settles nothing, says so."""
        stack = adults("one", Eligibility.ELIGIBLE).over(adults("two", None, "open"))
        assert has(str(diff(adults("one", Eligibility.ELIGIBLE), stack)).splitlines(), "eligible -> eligible; not settled by two")


def _within(cell: Any, condition: Any) -> bool:
    if isinstance(condition, Interval):
        return bool(condition.start <= cell.start and cell.stop <= condition.stop)
    return bool(cell <= (condition if isinstance(condition, frozenset) else frozenset((condition,))))


class TestConditions:
    """Cells put together again."""

    def test_numbers_have_their_exact_ends(self) -> None:
        """Open and closed ends are those of the rows, not the next float; what has no end has none."""
        table = LABEL[PREPARATION]
        found = [when[AMOUNT] for when in (conditions(table, [codes])[0] for codes in table.answers)]
        assert found == [
            between(0, 1, high_open=True),
            between(1, 1),
            between(1, 10, low_open=True, high_open=True),
            between(10, 10),
            above(10),
        ]

    def test_neighbours_only(self) -> None:
        """Two bands that do not touch stay two."""
        table = LABEL[PREPARATION]
        assert len(conditions(table, [(0,), (2,)])) == 2
        assert conditions(table, [(0,), (1,)]) == [{AMOUNT: between(0, 1)}]

    def test_what_cannot_be_does_not_matter(self) -> None:
        """Pregnant without childbearing potential cannot be, so *pregnant* alone says it."""
        table = book("one", {BY_PREGNANCY: (_asked("P", {PREGNANT: True}), _asked("P/no", {PREGNANT: False}))})[BY_PREGNANCY]
        pregnant = [codes for codes, answer in table.answers.items() if answer.reasons[0].row == "P"]
        assert conditions(table, pregnant) == [{PREGNANT: frozenset((True,))}]
        assert CHILDBEARING in table.question.axes


def _asked(name: str, when: dict[Any, Any]) -> Row[Eligibility]:
    return Row(name, when, Eligibility.ELIGIBLE, "So.")


_GO_ON = ToxicityAction(DoseAction.CONTINUE)
_AFTER_1_MG: dict[Any, Any] = {LAST: Role.STEP_UP, DAYS_SINCE: between(0, 14)}
_CRS_3: dict[Any, Any] = {GRADE: grades(3), NOW: grades(1, 2, 3), EARLIER: grades(0, 1, 2)}
_WHENEVER = ToxicityAction(DoseAction.WITHHOLD, resume_when=Recovery(Grade.NONE, says="whenever convenient"))


def _dexamethasone(change: Modality | float) -> Instruction:
    """Dexamethasone before the infusion, with another modality or another amount in mg."""
    modality = change if isinstance(change, Modality) else Modality.GIVE
    amount = Amount(8, "mg") if isinstance(change, Modality) else Amount(change, "mg")
    return Instruction(modality, "dexamethasone", amount, route=Route.INTRAVENOUS, anchor=Anchor.INFUSION_START, offset=Span(-1, -1, "h"))


class TestOverlay:
    """A policy of one's own."""

    stay = MonitoringPlan(observe=Span(48, 48, "h"))

    def rows(self, **rest: Any) -> Rows:
        """48 hours after the first two doses."""
        return {MONITORING: (Row("OBS-1", {POINT: points("C1D1", "C1D8")}, self.stay, "48 hours after the first two doses.", **rest),)}

    def test_it_answers_where_it_has_a_row(self) -> None:
        """48 hours, by the policy; anchor, setting and the stay near care by the book below; and what that says of hours is dissent."""
        ours = DEFAULT.overlay("our-hospital", self.rows())
        answer = monitoring_duration("C1D1", events=(), rulebook=ours)
        plan = answer.unwrap()
        assert (plan.observe, plan.anchor, plan.setting) == (Span(48, 48, "h"), Anchor.INFUSION_END, Setting.HOSPITAL)
        assert plan.near_care is not None
        assert ("precautions-2025-09 over us-2025-11", "observe", Span(22, 24, "h")) in [
            (each.rulebook, each.field, each.value) for each in answer.dissent
        ]
        assert {reason.citation.source for reason in answer.reasons if reason.citation} >= {"our-hospital", "us-2025-11"}

    def test_it_leaves_everything_else(self) -> None:
        """At C3D1 it says nothing, and the book below answers as ever."""
        ours = DEFAULT.overlay("our-hospital", self.rows())
        assert monitoring_duration("C3D1", events=(), rulebook=ours).unwrap() == monitoring_duration("C3D1", events=()).unwrap()
        assert ours[BY_AGE] is DEFAULT[BY_AGE]
        assert ours.members == (ours,)

    def test_its_changes(self) -> None:
        """Cell by cell in words: the hours alone."""
        found = str(DEFAULT.overlay("our-hospital", self.rows()).changes).splitlines()
        assert found[0].startswith("precautions-2025-09 over us-2025-11 -> our-hospital: ")
        assert "  dose: C1D1, C1D8; role of the dose: step-up or first-full: observe: 22 to 24 h -> observe: 48 h" in found

    def test_milder_is_refused(self) -> None:
        """6 hours after the first dose are fewer than 22: refused, with the cell, unless it says why."""
        plan = MonitoringPlan(observe=Span(6, 6, "h"))
        first: dict[Any, Any] = {POINT: points("C1D1", "C1D1")}
        with pytest.raises(TableError, match=r"does not say why \(milder_because\): monitoring_duration, dose: C1D1.*observe: 6 h"):
            DEFAULT.overlay("ours", {MONITORING: (Row("OBS", first, plan, "Six hours."),)})
        because = "a nurse visits every two hours"
        ours = DEFAULT.overlay("ours", {MONITORING: (Row("OBS", first, plan, "Six hours.", milder_because=because),)})
        answer = monitoring_duration("C1D1", events=(), rulebook=ours)
        assert answer.unwrap().observe == Span(6, 6, "h")
        assert answer.reasons[0].interpretation == f"milder because {because}"

    @pytest.mark.parametrize(
        "rows",
        [
            {BY_PREGNANCY: (Row("P", {PREGNANT: True}, Eligibility.ELIGIBLE, "So."),)},
            {PREMEDICATION: (Row("D", {}, PremedicationPlan((Instruction(Modality.CONSIDER, "dexamethasone"),)), "Maybe."),)},
            {TOXICITY_ACTION[Toxicity.ICANS]: (Row("N", {GRADE: grades(3), NOW: grades(3)}, _GO_ON, "Go on."),)},
        ],
        ids=["eligibility", "a weaker order", "a milder action"],
    )
    def test_milder_in_other_ways(self, rows: Rows) -> None:
        """A patient who would be excluded, an order that becomes a maybe, a hold that is lifted."""
        with pytest.raises(TableError, match="milder"):
            DEFAULT.overlay("ours", rows)

    @pytest.mark.parametrize(
        "rows",
        [
            {MONITORING: (Row("M", {POINT: points("C1D1")}, MonitoringPlan(observe=Span(30, 30, "min")), "Half an hour."),)},
            {PREMEDICATION: (Row("D", {POINT: points("C1D1", "C1D8")}, PremedicationPlan((_dexamethasone(Modality.AVOID),)), "No."),)},
            {PREMEDICATION: (Row("D", {POINT: points("C1D1", "C1D8")}, PremedicationPlan((_dexamethasone(0.5),)), "Little."),)},
            {INFUSION: (Row("I", {}, InfusionPlan(duration=Amount(0.25, "h")), "Fast."),)},
            {NEXT_DOSE: (Row("N", _AFTER_1_MG, DoseStep(Amount(10, "mg"), Role.LATER, 7), "As later ones."),)},
            {TOXICITY_ACTION[Toxicity.CRS]: (Row("C", _CRS_3, _WHENEVER, "When it suits."),)},
        ],
        ids=["minutes", "avoid", "amount", "rate", "role", "recovery"],
    )
    def test_what_has_no_order_needs_a_reason(self, rows: Rows) -> None:
        """With another unit, amount, rate, role or word, it is not known whether the row is milder, so the row must say why."""
        with pytest.raises(TableError, match="may be milder"):
            DEFAULT.overlay("ours", rows)

    def test_a_reason_is_of_its_own_row(self) -> None:
        """A row that says why it changes the setting does not excuse another one that shortens the hours."""
        first: dict[Any, Any] = {POINT: points("C1D1", "C1D8")}
        there = Row("A", first, MonitoringPlan(setting=Setting.HEALTHCARE), "There.", milder_because="next to intensive care")
        with pytest.raises(TableError, match="observe: 22 to 24 h; setting: hospital -> observe: 2 h"):
            DEFAULT.overlay("ours", {MONITORING: (there, Row("B", first, MonitoringPlan(observe=Span(2, 2, "h")), "Short."))})

    def test_what_is_not_settled_can_be_settled(self) -> None:
        """The label leaves a severe sodium open, and so it stays; a policy that says why settles it, and no clinician is asked for it."""
        left = DEFAULT.overlay("ours", {OTHER_RESULT: (Row("R", {}, _GO_ON, "Whatever the result."),)})
        assert unsettled_of(left[OTHER_RESULT]("sodium"))
        because = "our laboratory's committee, 2026"
        row = Row("R", {}, _GO_ON, "Whatever the result.", interpretation="Any.", milder_because=because)
        answer = DEFAULT.overlay("ours", {OTHER_RESULT: (row,)})[OTHER_RESULT]("sodium")
        assert isinstance(answer, Decided)
        assert unsettled_of(answer) == ()
        assert answer.reasons[0].interpretation == f"Any.; milder because {because}"
        assert answer.dissent[0].reasons[0].interpretation.startswith("not settled here: ")

    def test_stricter_needs_no_reason(self) -> None:
        """Fewer patients, or an action where there was silence, may be put on top as they are."""
        rows: Rows = {
            BY_AGE: (Row("A", {AGE: at_least(80)}, Eligibility.NEEDS_ASSESSMENT, "From 80 on a geriatrician looks."),),
            BY_HYPERSENSITIVITY: (Row("H", {HYPERSENSITIVE: True}, Eligibility.EXCLUDED, "Not here."),),
        }
        ours = DEFAULT.overlay("ours", rows, title="Our policy", revision="2026-11")
        assert eligibility(Patient(age_years=81, diagnosis="other"), rulebook=ours).dissent != ()
        assert ours[BY_AGE](81).possible == (Eligibility.NEEDS_ASSESSMENT,)
        assert ours[BY_HYPERSENSITIVITY](True).possible == (Eligibility.EXCLUDED,)  # a fact
        (reason,) = ours[BY_AGE](81).reasons
        assert str(reason.citation) == "ours, policy"
        assert (ours.source.title, ours.source.revision) == ("Our policy", "2026-11")

    def test_an_action_of_its_own(self) -> None:
        """A policy that stops the drug keeps no word of when to resume it, and gives the treatments of the book below."""
        rows: Rows = {TOXICITY_ACTION[Toxicity.CRS]: (Row("C", {GRADE: grades(2, 3)}, ToxicityAction(DoseAction.DISCONTINUE), "Stop."),)}
        event = ToxicityEvent("crs", 2, status="active", onset=ON)
        action = toxicity_action(event, events=(), planned_start=ON, rulebook=DEFAULT.overlay("ours", rows)).unwrap()
        below = toxicity_action(event, events=(), planned_start=ON).unwrap()
        assert (action.action, action.resume_when) == (DoseAction.DISCONTINUE, None)
        assert [item.what for item in action.treatments] == [item.what for item in below.treatments]

    def test_a_milder_scale(self) -> None:
        """By CTCAE 6.0 a neutrophil count of 0.4 is grade 3, by 5.0 grade 4: refused, unless the policy says why."""
        with pytest.raises(TableError, match=r"neutrophils by ctcae-6\.0, value: 0\.1 to < 0\.5: 4 -> 3"):
            LABEL.overlay("ours", {}, lab_scale="ctcae-6.0")
        ours = LABEL.overlay("ours", {}, lab_scale="ctcae-6.0", milder_because="our laboratory reports by it")
        assert has(str(ours.changes).splitlines(), "value: 0.1 to < 0.5: 4 -> 3")
        assert ours.overlay("again", {}).lab_scale == "ctcae-6.0"

    def test_on_top_of_each_other(self) -> None:
        """A ward's policy on the hospital's on the default."""
        hospital = DEFAULT.overlay("hospital", self.rows())
        ward = hospital.overlay("ward", {MONITORING: (Row("W", {}, MonitoringPlan(setting=Setting.HOSPITAL), "On the ward."),)})
        plan = monitoring_duration("C1D1", events=(), rulebook=ward).unwrap()
        assert (plan.observe, plan.setting) == (Span(48, 48, "h"), Setting.HOSPITAL)

    def test_in_a_stack(self) -> None:
        """A policy may be a member of a stack like any book. Its differences from the books below it are still shown."""
        ours = LABEL.overlay("ours", self.rows())
        stack = PAGE.over(ours)
        assert stack.members == (PAGE, ours)
        answer = stack[MONITORING](1, "step-up", Grade.NONE, Grade.NONE, Grade.NONE)
        assert answer.unwrap().observe == Span(48, 48, "h")
        assert {each.rulebook for each in answer.dissent} == {"precautions-2025-09", "ours", "us-2025-11"}

    def test_rows_that_cannot_be_read(self) -> None:
        """Two rows for one case, as in any book."""
        twice = (_asked("A", {AGE: at_least(18)}), _asked("B", {AGE: below(30)}))
        with pytest.raises(TableError, match="exactly one row must answer each cell"):
            DEFAULT.overlay("ours", {BY_AGE: twice})

    def test_the_worked_example(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The example refuses the milder scale, prints what the policy changes, and assesses a case by it."""
        runpy.run_path("examples/our_hospital.py")
        printed = capsys.readouterr().out
        assert printed.startswith("Refused: our-hospital may be milder than precautions-2025-09 over us-2025-11")
        assert "observe: 22 to 24 h -> observe: 48 h" in printed
        assert "\nPROCEED: " in printed
        assert re.search(r"^AFTER .*\b48 h\b", printed, re.MULTILINE | re.DOTALL)
        assert re.search(r"^Sources?: our-hospital\b", printed, re.MULTILINE)


class TestCompare:
    """One case by several books."""

    case = Case(patient=Patient(age_years=60), point="C1D1", planned_start=ON, course=(), events=(), labs=(), ordered="1 mg")

    def test_by_default(self) -> None:
        """The books of the default stack one by one, and the stack."""
        found = compare(self.case)
        assert found.books == ("precautions-2025-09", "us-2025-11", "precautions-2025-09 over us-2025-11")
        assert found.parts[0].part == "verdict"

    def test_every_part(self) -> None:
        """A part in which all books agree is shown once; otherwise each book's answer is shown."""
        text = str(compare(self.case, ["precautions-2025-09", LABEL])).splitlines()
        assert text[0] == "verdict:"
        assert text[1:3] == ["  precautions-2025-09: needs-assessment", "  us-2025-11: needs-data"]
        assert any(line.startswith("eligibility:") for line in text)
        assert "  us-2025-11: 1 mg (step-up dose)" in [line.replace("C1D1: ", "") for line in text]

    def test_a_toxicity_that_one_book_sees(self) -> None:
        """Where a book has no such part its place is empty."""
        case = Case(patient=Patient(infection="controlled"), point="C1D8", events=())
        parts = {each.part: each for each in compare(case, [PAGE, LABEL]).parts}
        assert parts["patient.infection"].answers[0] == ""
        assert parts["patient.infection"].answers[1] == "needs grade; possible: WITHHOLD; resume when resolved | DISCONTINUE"
        assert "  precautions-2025-09: -" in str(compare(case, [PAGE, LABEL])).splitlines()

    def test_in_a_notebook(self) -> None:
        """A table; what differs is marked."""
        html = compare(self.case, [adults("<b>", Eligibility.ELIGIBLE), LABEL])._repr_html_()
        assert "<th>&lt;b&gt;</th>" in html
        assert '<tr class="marked"><th>verdict *</th>' in html
        assert "<th>infusion</th>" not in html

    def test_refused(self) -> None:
        """No book, or one that is not in a list."""
        with pytest.raises(FieldError, match="books"):
            compare(self.case, [])
        for one in ("us-2025-11", LABEL):
            with pytest.raises(FieldTypeError, match="pass a list"):
                compare(self.case, one)  # type: ignore[arg-type]

    def test_the_age_of_results(self) -> None:
        """The greatest age of results is handed on to every assessment."""
        found: Comparison = compare(self.case, max_lab_age="3 days")
        assert {each.max_lab_age for each in found.assessments} == {assess_dose(Patient(), "C1D1", max_lab_age="3 days").max_lab_age}
        assert found.assessments[0].verdict is Verdict.NEEDS_ASSESSMENT

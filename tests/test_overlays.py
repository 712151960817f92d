"""What a policy of one's own may add, leave open, and be called; beside it what a case leaves behind."""

from __future__ import annotations

import gc
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import tarlatamab_rules
from helpers import normal_labs, well
from tarlatamab_rules import (
    DoseAction,
    FieldError,
    FieldTypeError,
    Span,
    ToxicityEvent,
    Verdict,
    assess_dose,
    checklist,
    diff,
    premedication_plan,
    rulebooks,
    toxicity_action,
)
from tarlatamab_rules.answers import (
    Anchor,
    Checklist,
    Eligibility,
    Instruction,
    Modality,
    MonitoringPlan,
    PremedicationPlan,
    Setting,
    ToxicityAction,
)
from tarlatamab_rules.core.intervals import at_least
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.policy import Role
from tarlatamab_rules.rulebooks._book import Rows
from tarlatamab_rules.rulebooks.facts import AGE, DIAGNOSIS, GRADE, POINT, ROLE, grades, points
from tarlatamab_rules.rulebooks.questions import BY_AGE, BY_DIAGNOSIS, CHECKLIST, MONITORING, PREMEDICATION, TOXICITY_ACTION
from tarlatamab_rules.values.wording import in_words
from tarlatamab_rules.views.html import as_html
from tarlatamab_rules.views.text import as_text

DEFAULT = rulebooks.default()
WEIGHT = Instruction(Modality.GIVE, "weight")


@pytest.mark.parametrize("name", ["precautions-2025-09 over us-2025-11", "us-2025-11", "precautions-2025-09"])
def test_a_measure_is_added(name: str) -> None:
    """A policy that only adds a measure is milder in nothing: to the checklist, to the drugs of a dose, to the treatments of a toxicity."""
    before = Instruction(Modality.CONSIDER, "baseline weight", anchor=Anchor.INFUSION_START, offset=Span(-1, -1, "h"))
    scan = Instruction(Modality.CONSIDER, "a scan")
    rows: Rows = {
        CHECKLIST: (Row("W-1", {}, Checklist((WEIGHT,)), "Weigh."),),
        PREMEDICATION: (Row("W-2", {POINT: points("C1D1", "C1D1")}, PremedicationPlan((before,)), "Weigh before."),),
        TOXICITY_ACTION[Toxicity.ICANS]: (
            Row("W-3", {GRADE: grades(3, 4, 5)}, ToxicityAction(DoseAction.DISCONTINUE, treatments=(scan,)), "Look."),
        ),
    }
    ours = rulebooks.get(name).overlay("ours", rows)
    assert "weight" in [item.what for item in checklist("C1D1", rulebook=ours).unwrap().instructions]
    plan = premedication_plan("C1D1", events=(), rulebook=ours).unwrap()
    assert {"baseline weight", "dexamethasone"} <= {item.what for item in plan.instructions}
    assert [each for each in premedication_plan("C1D1", events=(), rulebook=ours).dissent if each.rulebook == "ours"] == []
    action = toxicity_action(ToxicityEvent("icans", 3, status="active"), events=(), rulebook=ours).unwrap()
    assert "a scan" in [item.what for item in action.treatments]
    assert not any(change.words[0] == change.words[1] for change in ours.changes.changes)


def test_the_order_of_orders_is_no_difference() -> None:
    """Two books that order the same at one time, listed the other way round, do not differ."""
    drug = Instruction(Modality.GIVE, "ICE score")
    one = rulebooks.get("us-2025-11").overlay("one", {CHECKLIST: (Row("A", {}, Checklist((WEIGHT, drug)), "Both."),)})
    other = rulebooks.get("us-2025-11").overlay("other", {CHECKLIST: (Row("A", {}, Checklist((drug, WEIGHT)), "Both."),)})
    assert diff(one, other).changes == ()


@pytest.mark.parametrize(
    ("question", "when"),
    [(BY_AGE, {AGE: at_least(60)}), (BY_DIAGNOSIS, {DIAGNOSIS: frozenset(("extensive-stage-sclc",))})],
    ids=["age", "diagnosis"],
)
def test_what_a_policy_leaves_open_of_any_criterion(question: Any, when: Any) -> None:
    """Where a policy says of a patient that it does not settle what to do, a clinician must look, whatever the criterion."""
    ours = DEFAULT.overlay("ours", {question: (Row("OPEN-1", when, None, "Ask the board.", unsettled="the board decides"),)})
    start = date(2025, 10, 6)
    found = assess_dose(well(), "C1D1", planned_start=start, labs=normal_labs(start), course=(), rulebook=ours)
    assert found.verdict is Verdict.NEEDS_ASSESSMENT
    assert [reason.row for reason in found.reasons] == ["OPEN-1"]
    below = assess_dose(well(), "C1D1", planned_start=start, labs=normal_labs(start), course=())
    assert below.verdict is Verdict.PROCEED


@pytest.mark.parametrize("name", rulebooks.names())
def test_a_name_of_its_own(name: str) -> None:
    """A policy with the name of a book of the library would be found in its place."""
    with pytest.raises(FieldError, match="is a book of this library; give the policy a name of its own"):
        DEFAULT.overlay(name, {})


def test_a_condition_that_is_no_range() -> None:
    """The error says which words make a range."""
    with pytest.raises(FieldTypeError, match=r"is not a condition; write a range, such as points\('C1D1', 'C1D8'\)"):
        rulebooks.default().overlay("ours", {MONITORING: (Row("OBS-1", {POINT: "C1D1"}, MonitoringPlan(), "x"),)})
    with pytest.raises(FieldTypeError, match=r"is not a condition; write a number, or a range such as at_least\(2\)"):
        rulebooks.default().overlay("ours", {BY_AGE: (Row("AGE-1", {AGE: ">= 75"}, Eligibility.EXCLUDED, "x"),)})


def test_the_page_lists_the_messages_as_they_are() -> None:
    """Each message that the page on policies explains is one of the library, word for word."""
    root = Path(__file__).parents[1]
    package = Path(tarlatamab_rules.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    table = (root / "docs" / "howto" / "overlay.md").read_text(encoding="utf-8").partition("| the message says |")[2].partition("\n\n")[0]
    messages = re.findall(r"\*([^*]+)\*", "\n".join(line.split("|")[1] for line in table.splitlines()[2:]))
    parts = [
        part.strip(" ;:[]").removeprefix("exactly ") for message in messages for part in message.partition(": A and B")[0].split("...")
    ]
    assert len(messages) > 10
    assert [part for part in parts if part not in code] == []


def test_a_row_without_its_comma() -> None:
    """One row in brackets is no tuple; the error says what to write."""
    row = Row("A", {}, Checklist((WEIGHT,)), "Weigh.")
    with pytest.raises(FieldTypeError, match="the rows of 'checklist' are not a tuple; write"):
        DEFAULT.overlay("ours", {CHECKLIST: row})  # type: ignore[dict-item]


def test_no_dissent_from_itself() -> None:
    """A policy that leaves the treatments to the book below does not dissent from them with an empty list."""
    row = Row("A", {GRADE: grades(3)}, ToxicityAction(DoseAction.DISCONTINUE), "Stop.")
    ours = DEFAULT.overlay("ours", {TOXICITY_ACTION[Toxicity.CRS]: (row,)})
    answer = toxicity_action(ToxicityEvent("crs", 3, status="active"), events=(), rulebook=ours)
    assert answer.unwrap().treatments != ()
    assert [each for each in answer.dissent if each.rulebook == "ours"] == []


def test_eligibility_still_asks() -> None:
    """A policy that is stricter by age alone asks nothing else."""
    ours = DEFAULT.overlay("ours", {BY_AGE: (Row("A", {AGE: at_least(80)}, Eligibility.NEEDS_ASSESSMENT, "Look."),)})
    assert ours[BY_AGE](81).possible == (Eligibility.NEEDS_ASSESSMENT,)
    assert ours[BY_AGE](64).possible == (Eligibility.ELIGIBLE,)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (MonitoringPlan(setting=Setting.HOSPITAL), ["monitor in hospital"]),
        (MonitoringPlan(anchor=Anchor.INFUSION_END), ["monitor after the infusion ends"]),
        (MonitoringPlan(anchor=Anchor.INFUSION_START, setting=Setting.HOSPITAL), ["monitor after the infusion starts, in hospital"]),
        (MonitoringPlan(), []),
    ],
)
def test_a_plan_without_hours(plan: MonitoringPlan, words: list[str]) -> None:
    """A row that fills the place or the moment alone tells it, also where a policy is compared with the book below."""
    assert in_words(plan) == words
    if words:
        ours = rulebooks.get("precautions-2025-09").overlay(
            "ours", {MONITORING: (Row("M", {POINT: points("C1D15", "C1D15")}, plan, "So."),)}
        )
        assert [change.words for change in ours.changes.changes] == [("silent", words[0])]


def test_no_date_stays() -> None:
    """When a case is gone, no date of it is kept, also where a stop rule has a last day."""

    def held() -> bool:
        gc.collect()
        return any(type(each) is date and each == date(2031, 3, 10) for each in gc.get_objects()) or any(
            getattr(each, "by", None) == date(2031, 3, 10) for each in gc.get_objects() if type(each).__name__ == "StopRule"
        )

    event = ToxicityEvent("neutropenia", 4, status="active", onset=date(2031, 3, 3))
    found = assess_dose(well(), "C2D1", planned_start=date(2031, 3, 5), events=(event,))
    assert any(rule.by == date(2031, 3, 10) for rule in found.toxicities[0].action.possible[0].discontinue_if)  # type: ignore[union-attr]  # it acts
    del event, found
    assert not held()


def test_scales_differ_once() -> None:
    """The two versions of CTCAE differ in each of their cells once."""
    changes = [(change.question.about, change.facts, change.words) for change in diff("ctcae-5.0", "ctcae-6.0").changes]
    assert len(changes) == len(set(changes)) == 49


def test_an_open_row_beside_an_answer_shows() -> None:
    """Where a book leaves a part of a plan to a clinician, and answers the rest, a diff says so, and a card has its reason unfolded."""
    before = rulebooks.get("us-2025-11")
    open_: Row[Any] = Row("SETTING/part", {POINT: points("C1D8", "C1D8")}, None, "Another check.", unsettled="It was not confirmed.")
    after = evolve(before, rows={**before.rows, CHECKLIST: (*before.rows[CHECKLIST], open_)})
    (change,) = diff(before, after).changes
    assert change.facts == "dose: C1D8"
    assert change.words[1] == f"{change.words[0]}; not settled in part"
    answer = checklist("C1D8", rulebook=after)
    assert "<details open>" in as_html(answer)
    assert "    not settled: It was not confirmed." in as_text(answer, full=True).splitlines()
    assert "<details open>" not in as_html(checklist("C1D8", rulebook=before))


def test_facts_kept_in_a_variable() -> None:
    """A dictionary of facts that was made before its row is taken, by type checkers too, whether its facts are numbers or members."""
    of_age, of_role = {AGE: at_least(80)}, {ROLE: Role.LATER}
    assert Row("A", of_age, Eligibility.NEEDS_ASSESSMENT, "Look.").when is of_age
    assert Row("B", of_role, MonitoringPlan(setting=Setting.HOSPITAL), "Stay.").when is of_role

"""What holds of every case by the labels, checked on cases that hypothesis makes up."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helpers import DRUG_BOOKS, PAGE
from tarlatamab_rules import (
    Case,
    DosePoint,
    GivenDose,
    Grade,
    ToxicityEvent,
    Verdict,
    assess_case,
    monitoring_duration,
    next_dose,
    rulebooks,
    strategies,
    toxicity_action,
)
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.questions import MONITORING, PREMEDICATION, TOXICITY_ACTION
from tarlatamab_rules.values.vocabulary import Role
from tarlatamab_rules.views.text import as_text

US = "us-2025-11"
LABELS = tuple(name for name in DRUG_BOOKS if name != PAGE)


@pytest.mark.parametrize("name", LABELS)
@given(strategies.cases())
def test_every_case_is_assessed(name: str, case: Case) -> None:
    """Every case has a verdict and prints; one that wants data says which, and one that may be given has no open question."""
    found = assess_case(case, rulebook=name)
    assert as_text(found, full=True)
    for vote in found.votes:
        assert vote.verdict is not Verdict.NEEDS_DATA or vote.missing
        assert vote.reasons
    assert not found.may_give or all(vote.verdict is Verdict.PROCEED for vote in found.votes)


@given(strategies.well_cases())
def test_well_cases(case: Case) -> None:
    """If nothing is against the dose, it may be given in its amount, and in no other."""
    assert assess_case(case, rulebook=US).verdict == "proceed"
    due = assess_case(case, rulebook=US).next_dose.unwrap().amount
    for ordered in ("1 mg", "10 mg"):
        ordered_so = assess_case(attrs.evolve(case, ordered=ordered), rulebook=US)
        assert ordered_so.may_give is (str(due) == ordered)


@given(strategies.cases(), st.sampled_from([ToxicityEvent("icans", 2, status="active"), ToxicityEvent("crs", 4, status="resolved")]))
def test_one_more_event(case: Case, more: ToxicityEvent) -> None:
    """Another toxicity never gives a milder verdict."""
    assert (
        assess_case(case, rulebook=US).verdict <= assess_case(attrs.evolve(case, events=[*(case.events or ()), more]), rulebook=US).verdict
    )


@given(strategies.cases(), st.randoms())
def test_order(case: Case, random: Any) -> None:
    """The order in which results and episodes are listed does not matter."""
    labs, events = list(case.labs or ()), list(case.events or ())
    random.shuffle(labs)
    random.shuffle(events)
    other = attrs.evolve(case, labs=case.labs and labs, events=case.events and events)
    assert assess_case(case, rulebook=US).verdict is assess_case(other, rulebook=US).verdict


@given(strategies.events(), st.sampled_from([0, 1, 2, 3]), st.sampled_from([None, "C1D8", "C3D1"]))
def test_raising_a_grade(event: ToxicityEvent, grade: Any, point: Any) -> None:
    """A higher grade never gives a milder action, for an ongoing or a past episode."""
    assume({grade, grade + 1} <= grades_of(event.toxicity) and event.toxicity is not Toxicity.NEUROTOXICITY)
    for status in ("active", "resolved") if grade else ("resolved",):
        ranks = []
        for each in (grade, grade + 1):
            plain = ToxicityEvent(
                event.toxicity, each, status=status, onset=date(2026, 1, 5), resolved=None if status == "active" else date(2026, 1, 6)
            )
            answer = toxicity_action(plain, events=(), planned_start=date(2026, 1, 9), point=point, rulebook=US)
            unsettled = any(reason.unsettled for reason in answer.reasons)
            ranks.append(max((1 if unsettled else -1) if value is None else value.action.rank for value in answer.possible))
        assert ranks[0] <= ranks[1]


@given(st.integers(1, 11), st.integers(0, 60))
def test_waiting_longer(last: int, days: int) -> None:
    """A longer delay never gives more, and a restart is monitored as long as the first dose."""
    start, given_so_far = date(2026, 1, 5), []
    for number in range(1, last + 1):
        given_so_far.append(GivenDose(DosePoint.at(number), start, "1 mg" if number == 1 else "10 mg"))
        start += timedelta(days=7 if number < 3 else 14)
    ended = given_so_far[-1].started or start
    now, later = (next_dose(given_so_far, planned_start=ended + timedelta(days=wait), rulebook=US).unwrap() for wait in (days, days + 1))
    assert now.amount.value >= later.amount.value
    if now.restart:
        plan = monitoring_duration(
            DosePoint.at(last + 1), course=given_so_far, events=(), planned_start=ended + timedelta(days=days), rulebook=US
        )
        assert plan == monitoring_duration("C1D1", events=(), rulebook=US)


@given(strategies.cases())
def test_forgetting(case: Case) -> None:
    """Without the course, the events, the results or the start a later dose is never given."""
    assume(case.point.number > 1)
    for part in ("course", "events", "labs", "planned_start"):
        nothing: dict[str, Any] = {part: None}
        without = assess_case(attrs.evolve(case, **nothing), rulebook=US)
        assert not (without.may_give and part != "labs")
        assert not (part == "labs" and without.may_give and without.labs.unwrap().required)


def test_grade_4_is_never_forgotten() -> None:
    """Whatever the dates, a grade 4 syndrome after the first dose stops the drug."""
    for toxicity in (Toxicity.CRS, Toxicity.ICANS):
        for days in (0, 20, 400):
            event = ToxicityEvent(toxicity, Grade.LIFE_THREATENING, onset=date(2026, 1, 6), resolved=date(2026, 1, 8))
            answer = toxicity_action(event, events=(), planned_start=date(2026, 1, 8) + timedelta(days=days), rulebook=US)
            assert answer.unwrap().action == "discontinue"


@pytest.mark.parametrize("name", DRUG_BOOKS)
def test_what_is_announced_is_planned(name: str) -> None:
    """What a toxicity says of the next dose is what the plans of that dose say, whichever dose it is and whatever role it has.

    A row on later doses may have left out the first two because their own rows asked as much; once those ask less, it may not.
    """
    book = rulebooks.get(name)
    doses = [(1, Role.STEP_UP), (2, Role.FIRST_FULL), (3, Role.LATER), (4, Role.STEP_UP), (5, Role.FIRST_FULL), (9, Role.LATER)]
    for toxicity, grade, (number, role) in product((Toxicity.CRS, Toxicity.ICANS), (1, 2, 3, 4), doses):
        action = book[TOXICITY_ACTION[toxicity]](Grade(grade), Grade.NONE, Grade.NONE, 0, 0, False, 2, Role.FIRST_FULL, None, None)
        told = action.possible[0].next_dose if action.possible[0] is not None else None
        crs, neuro = (Grade(grade), Grade.NONE) if toxicity is Toxicity.CRS else (Grade.NONE, Grade(grade))
        if told is not None and told.monitoring is not None:
            assert book[MONITORING](number, role, Grade(grade), crs, neuro).unwrap().observe == told.monitoring.observe
        if told is not None and told.premedication is not None:
            given_then = book[PREMEDICATION](number, role, crs).unwrap().instructions
            assert set(told.premedication.instructions) <= set(given_then)

"""What follows a course, whenever the next dose is given: one answer for every day, and the answer for each day, agree."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import DRUG_BOOKS, rows, well
from tarlatamab_rules import Decided, DosePoint, FieldError, GivenDose, NeedsData, NotCovered, assess_dose, next_dose, rulebooks, strategies
from tarlatamab_rules.answers import NextDose
from tarlatamab_rules.core.decisions import unsettled_of
from tarlatamab_rules.policy import DAYS_SINCE, LAST, NEXT_DOSE, Amount, DoseStep, Role, Row, between
from tarlatamab_rules.rules.course import last_given
from tarlatamab_rules.values.wording import in_words

US = "us-2025-11"
FIRST = date(2026, 1, 5)
COURSE = [
    GivenDose("C1D1", FIRST, "1 mg"),
    GivenDose("C1D8", FIRST + timedelta(days=7), "10 mg"),
    GivenDose("C1D15", FIRST + timedelta(days=14), "10 mg"),
]


def on(answer: NextDose, when: date) -> NextDose:
    """The step of an answer for every day that holds on one day."""
    while answer.latest is not None and when > answer.latest:
        assert answer.later is not None
        answer = answer.later
    return attrs.evolve(answer, latest=None, later=None)


def policy(*steps: Row[DoseStep], name: str = "ours") -> Any:
    """The label with rows of one's own about later doses."""
    return rulebooks.get(US).overlay(name, {NEXT_DOSE: steps})


@pytest.mark.parametrize(
    ("given_doses", "due", "latest"),
    [(1, date(2026, 1, 12), date(2026, 1, 19)), (2, date(2026, 1, 19), date(2026, 2, 2)), (3, date(2026, 2, 2), date(2026, 2, 16))],
    ids=["14 days after 1 mg", "21 days after the first 10 mg", "28 days after a later 10 mg"],
)
def test_each_role(given_doses: int, due: date, latest: date) -> None:
    """Table 4, by hand: the last day on which 10 mg are still given, and 1 mg from the day after it on."""
    answer = next_dose(COURSE[:given_doses], rulebook=US).unwrap()
    assert (str(answer.amount), answer.restart, answer.due, answer.latest) == ("10 mg", False, due, latest)
    later = answer.later
    assert later is not None
    assert (str(later.amount), later.role, later.restart, later.latest, later.later) == ("1 mg", "step-up", True, None, None)
    assert later.point == answer.point


@given(strategies.courses(DosePoint.at(9)), st.sampled_from([None, *DRUG_BOOKS]), st.integers(0, 70))
def test_law(course: Any, book: str | None, days: int) -> None:
    """On each day from the last dose on, the answer for that day is the one for every day; it asks for no day if each day is settled."""
    whole, last = next_dose(course, rulebook=book), last_given(course)
    if last is None:
        assert not isinstance(whole, Decided) or whole.value.latest is None
        return
    when = date(last.year, last.month, last.day) + timedelta(days=days)
    dated = next_dose(course, planned_start=when, rulebook=book)
    if isinstance(whole, Decided):
        assert dated.unwrap() == on(whole.value, when)
        assert set(rows(dated)) <= set(rows(whole))
    else:
        assert type(whole) is NotCovered or "planned_start" not in whole.missing or len(whole.missing) > 1


@given(st.integers(0, 23), st.integers(-12, 14), st.integers(-12, 14), st.integers(1, 40), st.sampled_from([1, 2, 3]))
def test_two_readings(hour: int, one: int, other: int, days: int, number: int) -> None:
    """Times with two offsets have two calendars: due by the later of the two, and no longer than by the earlier one."""
    zones = [timezone(timedelta(hours=offset)) for offset in (one, other, other)]
    course = [
        attrs.evolve(dose, started=datetime(dose.started.year, dose.started.month, dose.started.day, hour, tzinfo=zone))
        for dose, zone in zip(COURSE[:number], zones, strict=False)
        if dose.started is not None
    ]
    whole = next_dose(course, rulebook=US).unwrap()
    when = date(2026, 1, 6) + timedelta(days=7 * (number - 1) + days)
    try:
        dated = next_dose(course, planned_start=when, rulebook=US)
    except FieldError:  # by one calendar it is before the last dose
        return
    assert dated.unwrap() == on(whole, when)


def test_the_site_settles_two_readings() -> None:
    """A reason says that the calendar is not known, until the time zone of the site is passed."""
    course = [
        GivenDose("C1D1", datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=2))), "1 mg"),
        GivenDose("C1D8", datetime(2026, 1, 12, 23, 30, tzinfo=timezone(timedelta(hours=1))), "10 mg"),
    ]
    answer, settled = next_dose(course, rulebook=US), next_dose(course, site_zone="Europe/Berlin", rulebook=US)
    assert (answer.unwrap().due, answer.unwrap().latest) == (date(2026, 1, 20), date(2026, 2, 2))
    assert (settled.unwrap().due, settled.unwrap().latest) == (date(2026, 1, 19), date(2026, 2, 2))
    assert "guard/site-zone" in rows(answer)
    assert "guard/site-zone" not in rows(settled)


class TestNoDay:
    """What does not depend on a day has no last one."""

    def test_before_the_first(self) -> None:
        """The first dose waits for nothing."""
        assert next_dose([], rulebook=US).unwrap() == next_dose([], planned_start=FIRST, rulebook=US).unwrap()

    def test_the_last_dose_has_no_date(self) -> None:
        """Then no day can be counted: its date is asked for, and both steps are possible."""
        answer = next_dose([GivenDose("C1D1", amount="1 mg")], rulebook=US)
        assert answer.missing == ("course.C1D1.started",)
        assert len(answer.possible) == 2

    def test_an_amount_that_is_not_known(self) -> None:
        """What else is missing is asked for, with the day."""
        answer = next_dose([COURSE[0], GivenDose("C1D8", COURSE[1].started)], rulebook=US)
        assert isinstance(answer, NeedsData)
        assert set(answer.missing) == {"course.C1D8.amount", "planned_start"}

    def test_an_assessment_asks_for_the_day(self) -> None:
        """A whole assessment is of one day: without it the dose is not settled, as before."""
        found = assess_dose(well(), "C2D1", course=COURSE, labs=(), events=(), rulebook=US)
        assert isinstance(found.next_dose, NeedsData)
        assert "planned_start" in found.missing
        assert found.verdict == "needs-data"


class TestPolicies:
    """The days come from the rows, whoever wrote them."""

    def test_three_spells(self) -> None:
        """A policy that gives the dose a week later after 14 days: three steps, each with its last day."""
        week = DoseStep(Amount(10, "mg"), Role.LATER, after=21)
        ours = policy(Row("W-1", {LAST: Role.LATER, DAYS_SINCE: between(15, 28)}, week, "A week later.", milder_because="the board"))
        answer = next_dose(COURSE, rulebook=ours).unwrap()
        later = answer.later
        assert later is not None
        assert (answer.due, answer.latest) == (date(2026, 2, 2), date(2026, 2, 2))
        assert (later.due, later.latest) == (date(2026, 2, 9), date(2026, 2, 16))
        assert in_words(answer) == [
            "C2D1: 10 mg (later dose), due on 2026-02-02, until 2026-02-02",
            "from 2026-02-03 on C2D1: 10 mg (later dose), due on 2026-02-09, until 2026-02-16",
            "from 2026-02-17 on C2D1: 1 mg (step-up dose), the step-up starts again",
        ]

    def test_earlier_than_the_label(self) -> None:
        """A policy that begins anew after 21 days already: one last day, a week before that of the label."""
        anew = DoseStep(Amount(1, "mg"), Role.STEP_UP, restart=True)
        ours = policy(Row("W-2", {LAST: Role.LATER, DAYS_SINCE: between(22, 28)}, anew, "Anew after three weeks."))
        answer = next_dose(COURSE, rulebook=ours).unwrap()
        assert answer.latest == date(2026, 2, 9)
        assert answer.later == next_dose(COURSE, rulebook=US).unwrap().later

    def test_days_that_are_left_open(self) -> None:
        """If a source leaves some days open, the day is asked for, as without it the answer is not settled."""
        book = rulebooks.get(US)
        late = {"T4-LATER/restart"}
        steps = tuple(
            attrs.evolve(row, then=None, unsettled="The board decides.") if row.id in late else row for row in book.rows[NEXT_DOSE]
        )
        answer = next_dose(COURSE, rulebook=attrs.evolve(book, rows={**book.rows, NEXT_DOSE: steps}))
        assert isinstance(answer, NeedsData)
        assert answer.missing == ("planned_start",)
        assert None in answer.possible

    def test_days_on_which_a_policy_asks_a_clinician(self) -> None:
        """What a policy leaves to a clinician on some days is told with the answer for every day, as with that of such a day."""
        ours = policy(
            Row("W-3", {LAST: Role.LATER, DAYS_SINCE: between(22, 28)}, None, "The board decides.", unsettled="The board decides.")
        )
        whole, dated = next_dose(COURSE, rulebook=ours), next_dose(COURSE, planned_start=date(2026, 2, 12), rulebook=ours)
        assert [reason.row for reason in unsettled_of(whole)] == [reason.row for reason in unsettled_of(dated)] == ["W-3"]

    def test_beyond_the_calendar(self) -> None:
        """A limit that no date reaches is none."""
        step = DoseStep(Amount(10, "mg"), Role.LATER, after=14)
        ever = Row("W-4", {LAST: Role.LATER, DAYS_SINCE: between(29, 10**7)}, step, "Ever.", milder_because="the board")
        answer = next_dose(COURSE, rulebook=policy(ever)).unwrap()
        assert (answer.due, answer.latest, answer.later) == (date(2026, 2, 2), None, None)

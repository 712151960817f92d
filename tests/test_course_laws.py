"""Laws of a plan, whatever was given, whatever happened and wherever the site is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from tarlatamab_rules import (
    Amount,
    Course,
    CrsFindings,
    Decided,
    DosePoint,
    FieldError,
    GivenDose,
    NeuroFindings,
    Patient,
    Span,
    ToxicityEvent,
    assess_dose,
    breastfeeding_window,
    checklist,
    contraception_window,
    infusion_plan,
    labs_due,
    monitoring_duration,
    next_dose,
    plan_course,
    premedication_plan,
    replan,
    strategies,
)
from tarlatamab_rules.answers import CoursePlan, EntryKind, PlanEntry
from tarlatamab_rules.assessment.chart import episodes
from tarlatamab_rules.course.owed import known_until
from tarlatamab_rules.course.strategies import closed_days, plan_arguments, plan_or_fault, plans

FIRST = date(2025, 10, 6)
"""When the first dose of every drawn course is given."""


def planned(wanted: dict[str, Any]) -> CoursePlan:
    """The plan, if what is asked for can be at the site."""
    plan = plan_or_fault(wanted)
    if isinstance(plan, CoursePlan):
        return plan
    assert plan.path.startswith(("events[", "course["))  # by the clock of the site it would end before it began
    assume(condition=False)
    raise plan


def of_kind(plan: CoursePlan, kind: str) -> list[PlanEntry]:
    """The entries of one kind, in order."""
    return [entry for entry in plan.entries if entry.kind == kind]


def day(when: Any) -> date:
    """The day of a date or a moment."""
    return when.date() if isinstance(when, datetime) else when


def to_come(plan: CoursePlan) -> list[PlanEntry]:
    """The doses to come."""
    return [entry for entry in plan.doses if not entry.given]


def amount(entry: PlanEntry) -> Amount | None:
    """The amount of a dose."""
    assert not isinstance(entry.amount, Span)
    return entry.amount


def before(plan: CoursePlan, entry: PlanEntry) -> Course:
    """All doses before one to come: those given, and those planned, as if they were given as planned."""
    given_doses = list(plan.request.course.doses)
    for dose in to_come(plan):
        assert dose.point is not None
        assert entry.point is not None
        if dose.point < entry.point:
            given_doses.append(GivenDose(dose.point, dose.start, amount(dose), complete=True))
    return Course(tuple(given_doses))


@given(plan_arguments())
def test_no_news_is_the_same_plan(wanted: dict[str, Any]) -> None:
    """Planned again with the same facts, a plan is the same, and nothing is reported as changed."""
    plan = planned(wanted)
    known = {name: wanted[name] for name in ("course", "events", "findings", "start", "patient") if wanted[name] is not None}
    again = replan(plan, **known)
    assert again == plan
    assert replan(plan) == plan
    assert not plan.changes(again)
    assert str(plan.changes(again)) == "no changes"


@given(plan_arguments())
def test_each_dose_is_the_one_that_the_schedule_gives(wanted: dict[str, Any]) -> None:
    """Point, amount and role of each dose to come are those of `next_dose` on its day after all doses before it; it is never too early."""
    plan = planned(wanted)
    for entry in to_come(plan):
        asked: dict[str, Any] = {"site_zone": plan.request.site_zone, "rulebook": wanted["rulebook"]}
        course = before(plan, entry)
        dated = next_dose(course, planned_start=entry.start, **asked).unwrap()
        assert entry.point is not None
        assert (dated.point, dated.amount, dated.role, dated.restart) == (entry.point, entry.amount, entry.role, entry.value.restart)
        assert dated.due is None or day(entry.start) >= dated.due
        assert day(entry.start) >= day(plan.request.site.start)
        assert day(entry.start) not in wanted["closed"]
        whole = next_dose(course, **asked)
        limits = [limit for limit in plan.for_dose(entry.point) if limit.kind == "restart-limit"]
        if isinstance(whole, Decided):
            step = whole.value
            while step.latest is not None and step.later is not None and day(entry.start) > step.latest:
                step = step.later
            assert [limit.deadline for limit in limits] == ([] if step.latest is None else [step.latest])


@given(plan_arguments())
def test_each_answer_is_that_of_its_rule(wanted: dict[str, Any]) -> None:
    """Drugs, hours, infusion, results and checks of each later dose are what the small functions answer for the same facts."""
    # Findings of a reported episode are one with it, and the small functions take no such pair.
    plan = planned(wanted | ({"events": None} if wanted["findings"] else {}))
    book = wanted["rulebook"]
    for n, dose in enumerate(to_come(plan)):
        point, course = dose.point, before(plan, dose)
        assert point is not None
        facts: dict[str, Any] = {"course": course, "planned_start": dose.start, "site_zone": plan.request.site_zone, "rulebook": book}
        entries = plan.for_dose(point)
        answers = {entry.kind: entry.answer for entry in entries}
        assert answers[EntryKind.INFUSION] == infusion_plan(point, rulebook=book)
        assert answers.get(EntryKind.CHECK, checklist(point, rulebook=book)) == checklist(point, rulebook=book)
        due = labs_due(point, rulebook=book)
        assert answers.get(EntryKind.LABS, due) == due
        assert (EntryKind.LABS in answers) is (not isinstance(due, Decided) or bool(due.value.required or due.value.recommended))
        if n == 0:
            continue
        events = with_findings(plan)
        watched = monitoring_duration(point, events=events, **facts)
        drugs = premedication_plan(point, events=events, **facts)
        for entry in entries:
            if entry.kind in {"observation", "near-care"}:
                assert entry.answer.possible == watched.possible
                open_ = monitoring_duration(point, events=None, **facts)
                assert {*entry.answer.possible, *entry.alternatives} >= set(open_.possible)
                assert bool(entry.condition) is bool(set(open_.possible) - set(watched.possible))
            if entry.kind in {"premedication", "saline"}:
                assert entry.answer.possible == drugs.possible


@given(plan_arguments(), st.lists(strategies.lab_results(), max_size=2) | st.none())
def test_a_case_whose_day_has_come(wanted: dict[str, Any], labs: Any) -> None:
    """Of the next dose an assessment of its day and the plan agree: on amount, role, drugs and hours."""
    offsets = [when for lab in labs or () if isinstance(when := lab.collected, datetime)]
    assume(all(when.tzinfo is not None for when in offsets) or not offsets)
    plan = planned(wanted | {"labs": labs})
    doses = to_come(plan)
    if not doses:
        return
    point = doses[0].point
    assert point is not None
    case = assess_dose(
        wanted["patient"] or Patient(),
        point,
        planned_start=doses[0].start,
        course=plan.request.course,
        events=plan.request.events or (),
        findings=wanted["findings"],
        labs=plan.request.labs,
        site_zone=plan.request.site_zone,
        rulebook=wanted["rulebook"],
    )
    step = case.next_dose.unwrap()
    assert (step.amount, step.role) == (doses[0].amount, doses[0].role)
    for entry in plan.for_dose(point):
        if entry.kind in {"observation", "near-care"}:
            assert entry.answer == case.monitoring
        if entry.kind in {"premedication", "saline"}:
            assert entry.answer == case.premedication


@given(plan_arguments(), closed_days())
def test_a_delay_moves_no_dose_earlier(wanted: dict[str, Any], more: frozenset[date]) -> None:
    """More closed days move doses later or leave them; a step-up that begins anew has its own intervals, so there the law ends.

    So late that it begins anew in any case, a dose can be planned that was not settled before.
    """
    plan, late = planned(wanted), planned(wanted | {"closed": wanted["closed"] | more})
    settled = not any("what follows is not settled" in note for note in plan.notes)
    for entry, other in zip(to_come(plan), to_come(late), strict=settled):
        if other.role != entry.role:
            return
        assert day(other.start) >= day(entry.start)


@given(plan_arguments(), st.integers(1, 30))
def test_a_late_dose_moves_no_dose_earlier(wanted: dict[str, Any], days: int) -> None:
    """If the first dose is given later than planned, no dose after it comes earlier.

    Where a step-up begins anew, the law ends; and where there are findings, since these may stop the drug once a dose was given.
    """
    plan = planned(wanted | {"course": Course(()), "events": None})
    doses = to_come(plan)
    if not doses:
        return
    first = doses[0]
    when = first.start + timedelta(days=days) if first.start is not None else None
    late = replan(plan, course=[GivenDose("C1D1", when, amount(first), complete=True)])
    after = to_come(late)
    assert after or len(doses) == 1 or wanted["findings"]
    for entry, other in zip(doses[1:] if after else (), after, strict=True):
        if other.role != entry.role:
            return
        assert day(other.start) >= day(entry.start)


@given(plan_arguments())
def test_time_goes_on(wanted: dict[str, Any]) -> None:
    """No window ends before it begins; entries stand in order; premedication is over when the infusion begins; every text is text."""
    plan = planned(wanted)
    listed = [day(entry.when) for entry in plan.entries if entry.when is not None]
    assert listed == sorted(listed)
    for entry in plan.entries:
        ends = [end for end in (entry.end_from, entry.end) if isinstance(end, datetime)]
        if isinstance(entry.start, datetime):
            assert all(end.astimezone(UTC) >= entry.start.astimezone(UTC) for end in ends)
        assert entry.says
        assert str(entry)
        assert bool(entry.alternatives) <= bool(entry.condition) or not isinstance(entry.answer, Decided)
    assert str(plan)


@given(plan_arguments())
def test_doses_do_not_overlap_unsaid(wanted: dict[str, Any]) -> None:
    """The infusion of a dose begins after the observation of the one before has ended, or a note says that it does not."""
    plan = planned(wanted)
    notes = " ".join(plan.notes)
    for one, other in zip(plan.doses, plan.doses[1:], strict=False):
        ends = [
            entry.end.astimezone(UTC)
            for entry in plan.for_dose(one.point or "")
            if entry.kind in {"infusion", "observation"} and isinstance(entry.end, datetime) and entry.given is one.given
        ]
        if ends and isinstance(other.start, datetime) and other.start.astimezone(UTC) < max(ends) and one.point != other.point:
            assert "is over at" in notes


def test_a_fault_of_a_plan() -> None:
    """What a plan cannot be made from is returned as its fault, so that a strategy can leave it out."""
    assert isinstance(plan_or_fault({"start": FIRST, "cycles": 0}), FieldError)


def with_findings(plan: CoursePlan) -> tuple[ToxicityEvent, ...]:
    """The toxicities so far, and current findings as events that go on."""
    request = plan.request
    reported, found = episodes(request.events or (), request.findings or (), known_until(request), request.book)
    return tuple([episode.event for episode in (*reported, *found)])


@given(plan_arguments())
def test_no_finding_is_dropped(wanted: dict[str, Any]) -> None:
    """A note says what became of each of the current findings; without any, no note is about findings."""
    plan = planned(wanted)
    about = [str(note.about) for note in plan.notes if str(note.about).startswith("findings")]
    kinds = {CrsFindings: "findings.crs", NeuroFindings: "findings.icans"}
    assert about == [kinds[type(found)] for found in wanted["findings"] or ()]


@given(plan_arguments())
def test_findings_are_as_strict_as_an_event(wanted: dict[str, Any]) -> None:
    """What findings withhold, an assessment of the same day withholds too, and a plan that they stop has no dose to come."""
    plan = planned(wanted)
    request, given_doses = plan.request, plan.request.course.doses
    point = DosePoint.at(given_doses[-1].point.number + 1 if given_doses else 1)
    if not wanted["findings"]:
        return
    case = assess_dose(
        wanted["patient"] or Patient(),
        point,
        planned_start=known_until(request),
        course=request.course,
        events=request.events or (),
        findings=wanted["findings"],
        site_zone=request.site_zone,
        rulebook=wanted["rulebook"],
    )
    if case.verdict in {"discontinue", "excluded"}:
        assert to_come(plan) == []
    elif case.verdict == "withhold" and to_come(plan):
        assert to_come(plan)[0].condition.startswith("withheld")


def moved(wanted: dict[str, Any], by: timedelta) -> dict[str, Any]:
    """The same request at another time."""
    days = timedelta(days=by.days)

    def shift(when: Any) -> Any:
        return None if when is None else when + (by if isinstance(when, datetime) else days)

    doses = [evolve(dose, started=shift(dose.started), ended=shift(dose.ended)) for dose in wanted["course"].as_given]
    events = wanted["events"]
    if events is not None:
        events = [
            evolve(event, onset=shift(event.onset), improved=shift(event.improved), resolved=shift(event.resolved)) for event in events
        ]
    start, closed = shift(wanted["start"]), {closed + days for closed in wanted["closed"]}
    return wanted | {"start": start, "course": doses, "events": events, "closed": closed}


def shape(plan: CoursePlan, by: timedelta) -> list[Any]:
    """What a plan says, with its times moved; contraception is left out, because months have no one length."""

    def shift(when: Any) -> Any:
        return None if when is None else when + (by if isinstance(when, datetime) else timedelta(days=by.days))

    return [
        (
            entry.kind,
            entry.point,
            entry.role,
            entry.amount,
            shift(entry.start),
            shift(entry.end_from),
            shift(entry.end),
            shift(entry.deadline),
        )
        for entry in plan.entries
        if entry.kind not in {"contraception", "breast-feeding"}
    ]


@given(plan_arguments(), st.integers(-300, 300))
def test_shifted_by_weeks(wanted: dict[str, Any], weeks: int) -> None:
    """In a zone without summer time, everything that is moved by whole weeks moves by as many."""
    wanted = wanted | {"site_zone": "Asia/Kathmandu", "patient": None}
    by = timedelta(weeks=weeks)
    assert shape(planned(wanted), by) == shape(planned(moved(wanted, by)), timedelta(0))


@given(plan_arguments(), st.integers(0, 100_000))
def test_shifted_by_minutes(wanted: dict[str, Any], minutes: int) -> None:
    """In UTC, a plan from a moment on is moved by any time, and all its moments move with it."""
    start = datetime(2026, 1, 1, 9, tzinfo=UTC)
    wanted = wanted | {
        "site_zone": "UTC",
        "patient": None,
        "events": None,
        "findings": None,
        "closed": frozenset(),
        "infusion_at": None,
        "course": Course(()),
    }
    by = timedelta(minutes=minutes)
    one, other = planned(wanted | {"start": start}), planned(wanted | {"start": start + by})
    times = [(entry.start, entry.end_from, entry.end) for entry in one.entries if isinstance(entry.start, datetime)]
    assert [tuple(None if when is None else when + by for when in item) for item in times] == [
        (entry.start, entry.end_from, entry.end) for entry in other.entries if isinstance(entry.start, datetime)
    ]


@given(plan_arguments())
def test_what_is_owed_after_the_last_dose(wanted: dict[str, Any]) -> None:
    """Contraception and no breast-feeding last as their rules say after the last dose of the plan; a stop leaves no dose to come."""
    plan = planned(wanted)
    rules: Any = {"contraception": contraception_window, "breast-feeding": breastfeeding_window}
    for kind, rule in rules.items():
        for entry in of_kind(plan, kind):
            last = plan.request.course.last if not to_come(plan) else to_come(plan)[-1].start
            answer = rule(wanted["patient"] or Patient(), last, rulebook=wanted["rulebook"])
            assert entry.answer == answer
            assert entry.deadline == next(value.until for value in answer.possible if value is not None)
    if any("no further dose is planned: " in note for note in plan.notes):
        assert to_come(plan) == []


@given(plan_arguments(site_zone=False))
def test_without_a_zone(wanted: dict[str, Any]) -> None:
    """Without the zone of the site a plan is made by the clock of the times, or the zone is asked for; other faults name their argument."""
    plan = plan_or_fault(wanted)
    if isinstance(plan, FieldError):
        assert plan.path.startswith(("site_zone", "course[", "events["))
    else:
        assert plan.request.site_zone in {None, "UTC"}


@given(plan_arguments(), st.integers(0, 200), st.integers(0, 30))
def test_views(wanted: dict[str, Any], days: int, more: int) -> None:
    """What is found on a day is found between two days around it; what is next is not over; each entry of a dose names it."""
    plan = planned(wanted)
    first = FIRST + timedelta(days=days)
    last = first + timedelta(days=more)
    between = plan.between(first, last)
    for n in range(more + 1):
        assert set(plan.on(first + timedelta(days=n))) <= set(between)
    coming = plan.next(first)
    later = [entry for entry in plan.entries if entry.when is not None and day(entry.when) >= first]
    assert coming == (later[0] if later else None)
    assert plan.next(first, "dose") == next((entry for entry in later if entry.kind == "dose"), None)
    for entry in plan.entries:
        if entry.point is not None:
            assert entry in plan.for_dose(entry.point)


@given(plans())
def test_drawn_plans(plan: CoursePlan) -> None:
    """A strategy draws plans of every kind, each of which is a plan of its own request."""
    assert replan(plan, start=plan.request.site.start) == plan


def test_points() -> None:
    """After a restart points go on counting: two cycles are five doses whatever was delayed."""
    plan = plan_course(FIRST, cycles=2, closed=lambda when: FIRST < when < FIRST + timedelta(days=40))
    assert [entry.point for entry in plan.doses] == [DosePoint.at(n) for n in range(1, 6)]

"""What must be done about a toxicity?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.core.decisions import Decided, Decision, DoseAction, NeedsData, NotCovered, either, union
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import matters
from tarlatamab_rules.inputs._fields import day, days_between, earlier, moment, word
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.events import ToxicityEvent, grades_of
from tarlatamab_rules.inputs.findings import NeuroFindings
from tarlatamab_rules.inputs.vocabulary import Grade, Seizure, Symptom
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, BEGAN_ROLE, DAYS, EARLIER, GRADE, HELD, NOW
from tarlatamab_rules.rulebooks.questions import ICE_ASSESSMENT, TOXICITY_ACTION
from tarlatamab_rules.rules.course import as_course, last_given
from tarlatamab_rules.rules.event_grade import Episode, OpenGrade, read
from tarlatamab_rules.rules.grading import OTHER_CAUSE
from tarlatamab_rules.rules.planned import at_point, first_after, of_role, past_of, with_role
from tarlatamab_rules.rules.readings import strictest_reading
from tarlatamab_rules.values.plans import Instruction
from tarlatamab_rules.values.toxicities import StopRule, ToxicityAction
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, DosePoint
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.course import CourseLike
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.values.vocabulary import RoleLike

__all__ = [
    "Outcomes",
    "acts",
    "at_its_worst",
    "clock_of",
    "ice_assessment",
    "joined",
    "outcomes",
    "recovered_at",
    "signs_of",
    "toxicity_action",
]

_OF_EVENT: Final = frozenset((GRADE, NOW))
Outcomes = dict[tuple[Any, ...], Decision[ToxicityAction]]
"""The answer for every worst grade and every current grade that an event may have."""


def toxicity_action(  # noqa: PLR0913  # one keyword a fact
    event: ToxicityEvent,
    *,
    events: Iterable[ToxicityEvent] | None = None,
    planned_start: When | None = None,
    point: DosePoint | str | None = None,
    course: CourseLike = None,
    role: RoleLike | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[ToxicityAction]:
    """What must be done about the event: what happens to the drug, and what is ordered for the patient.

    If the findings show a more severe grade than the recorded one, the findings count. A grade on another scale than the one the book
    uses counts as not known; scales are never mixed. If a clock cannot be read because the onset or *planned_start* is missing, it does
    not count as run out while the event is active. `ToxicityAction.discontinue_if` says when it runs out.

    Args:
        event: The episode. It must be known whether it is over: by `status`, or by a date in `resolved`.

        events: The toxicities so far. *event* may be among them; it does not count as an earlier episode of itself. ``None``: not known;
            empty: reviewed, none found.

        planned_start: The day of the planned dose, to which clocks run.

        point: The planned dose, such as ``"C1D8"``. An infection is also judged by the phase of treatment in which it began.

        course: The doses given so far. After a restart, the step-up phase applies again.

        role: The role of the dose in the course, such as ``"step-up"``; taken from the course if left out. If neither is known, the name
            of the dose gives the role, with a caveat if a restart would change the answer.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. Days are counted by the calendar there. If left
            out, times with different UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldTypeError: Not an event, or not a list of events.

        FieldError: The time zone is not known; or, by the course, the dose cannot have this role.

    Source: precautions page, NEU-2 to NEU-4, ABN-1; US prescribing information, 2.5 Tables 5 to 7.
    """
    if type(event) is not ToxicityEvent:
        raise FieldTypeError("event", f"{shown(event)} is not a ToxicityEvent", "pass ToxicityEvent(toxicity, grade, status=...)")
    if events is not None:
        events = past_of(events)
    known, answers = None if role is None else word(Role, role, "role"), table(TOXICITY_ACTION[event.toxicity], rulebook)
    plain = event.plain_grade is not None and event.over is not None and not event.other_cause
    if plain and answers.asks <= _OF_EVENT and site_zone is None:
        return answers.lookup[event.grade, event.now, None, None, None, None, None, None, None, None]
    book, others = resolve(rulebook), None if events is None else _others(event, events)
    ways = readings(site_zone, planned_start=moment(planned_start, "planned_start"), course=as_course(course), event=event, events=others)
    return strictest_reading([_action(point=point, book=book, role=known, **reading) for reading in ways], _strictness)


def _others(event: ToxicityEvent, events: tuple[ToxicityEvent, ...]) -> tuple[ToxicityEvent, ...]:
    """The events without the one in question: the same object, else the first equal one."""
    if any(other is event for other in events):
        return tuple(other for other in events if other is not event)
    if event not in events:
        return events
    place = events.index(event)
    return (*events[:place], *events[place + 1 :])


def _action(  # noqa: PLR0913  # one parameter a fact
    *,
    event: ToxicityEvent,
    point: DosePoint | str | None,
    course: Course | None,
    events: tuple[ToxicityEvent, ...] | None,
    planned_start: When | None,
    book: Rulebook,
    role: Role | None,
) -> Decision[ToxicityAction]:
    episode = read(event, book)

    def action(planned: Planned) -> Decision[ToxicityAction]:
        return joined(episode, outcomes(episode, planned), planned)

    return with_role(at_point(point, course, events, planned_start, book, role), action, book[TOXICITY_ACTION[event.toxicity]].asks)


def _strictness(action: ToxicityAction) -> tuple[int, int]:
    """The stricter action; then the one that stops the drug permanently on the earlier day."""
    return action.action.rank, -min([rule.by.toordinal() for rule in action.discontinue_if if rule.by], default=0)


def outcomes(episode: Episode, planned: Planned, *, strict: bool = False) -> Outcomes:
    """The answer for each grade that an episode may have, over or not. If *strict*, a clock that cannot be read has run out."""
    book, event = planned.book, episode.event
    answers = book[TOXICITY_ACTION[event.toxicity]]
    before = None if planned.events is None or EARLIER not in answers.asks else planned.past.worst_before(episode)
    first_doses = first_after(event.onset, planned) if answers.asks & _BEGAN else ((None, None),)
    clocked = not answers.asks.isdisjoint(_CLOCKED)
    by_cell: Outcomes = {}
    for grade in _possible_grades(event, episode.grade):
        no_grade = _has_no_grade(episode, grade)
        for over, now in _now(event, grade):
            if no_grade and not over:
                by_cell[grade, over] = _OTHER_CAUSE
                continue
            days, held = _days(event, grade, now, planned.planned_start, book, strict=strict) if clocked else (None, None)
            facts = grade, now, before, days, held, _bleeding(event, planned, over=over), planned.number, planned.role
            answer = either([answers.lookup[*facts, *dose] for dose in first_doses], ("onset",))
            by_cell[grade, over] = _despite_cause(grade, answer) if no_grade else answer
    return by_cell


def _bleeding(event: ToxicityEvent, planned: Planned, *, over: bool) -> bool | None:
    """Whether there is bleeding. An event that has resolved has none, unless it reports bleeding and no dose was given since."""
    return False if over and (event.bleeding is None or bled_before(event, planned)) else event.bleeding


def bled_before(event: ToxicityEvent, planned: Planned) -> bool:
    """Whether an event reports bleeding, but a dose was given after it had ended."""
    last = last_given(planned.course)
    return bool(event.bleeding and event.resolved and last and earlier(event.resolved, last))


def _despite_cause(grade: Grade, answer: Decision[ToxicityAction]) -> Decision[ToxicityAction]:
    """The answer to past findings with another cause. A clinician must assess severe ones on which the book acts."""
    return _SEVERE_OTHER_CAUSE if grade >= Grade.SEVERE and _acts(answer) else answer


def _acts(answer: Decision[ToxicityAction]) -> bool:
    """Whether a book holds or stops the drug, or may do so."""
    return any(action is not None and action.action > DoseAction.CONTINUE for action in answer.possible)


def _has_no_grade(episode: Episode, grade: Grade) -> bool:
    """Whether another cause leaves the grade to a clinician: any grade of findings that have one, otherwise only mild grades."""
    findings = episode.event.findings
    return episode.other_cause and (grade < Grade.SEVERE or (findings is not None and bool(findings.other_cause)))


_OTHER_CAUSE: Final = NotCovered(
    (
        Reason(
            OTHER_CAUSE,
            "Another cause is reported, so it does not count as a toxicity of the drug. At grade 3 or worse, a clinician must assess it.",
        ),
    )
)


_SEVERE_OTHER_CAUSE: Final = NotCovered(
    (
        Reason(
            OTHER_CAUSE,
            "Another cause is reported for findings that are over. A clinician must assess whether they were a toxicity of the drug.",
            unsettled="The rulebook would hold or stop the drug at their grade. A clinician must decide whether that grade applies.",
        ),
    )
)


def _possible_grades(event: ToxicityEvent, grade: OpenGrade) -> tuple[Grade, ...]:
    """The grades that an event may have: those of its toxicity, none below the current grade, and not 0 while it is ongoing."""
    if isinstance(grade, Grade):
        return (grade,)
    least = event.current_grade or (Grade.MILD if event.over is False and grade is None else Grade.NONE)
    allowed = [value for value in sorted(grades_of(event.toxicity)) if value >= least]
    return tuple(value for value in allowed if grade is None or value in grade)


_CLOCKED = frozenset((DAYS, HELD))
_BEGAN = frozenset((BEGAN_BEFORE, BEGAN_ROLE))


def _now(event: ToxicityEvent, grade: Grade) -> tuple[tuple[bool, Grade], ...]:
    """Whether the event is over, and its current grade. If that is not known, it may be over, and it may be at its worst."""
    none = Grade.NONE
    if event.over is None and event.current_grade is None:
        return (True, none), (False, grade)
    now = none if event.over else grade if event.current_grade is None else min(event.current_grade, grade)
    return ((now is none, now),)


def _days(  # noqa: PLR0913  # one parameter a fact
    event: ToxicityEvent, grade: Grade, now: Grade, planned_start: When | None, book: Rulebook, *, strict: bool
) -> tuple[int | Interval | None, int | None]:
    """The days until recovery, or so far; and the days from the onset to the dose."""
    clock = clock_of(book, event.toxicity, grade)
    held = _between(event.onset, planned_start)
    if clock is None or clock.at_most is None:
        return None, held
    if now > clock.at_most and not _is_down(event, planned_start):
        return (0 if held is None and not strict else held), held
    if event.improved is not None:
        return _between(event.onset, event.improved), held
    longest = _between(event.onset, event.resolved or planned_start)
    return (None if longest is None else Interval(0, longest)), held


def _is_down(event: ToxicityEvent, planned_start: When | None) -> bool:
    """Whether an event without a current grade is reported to have improved before the dose, so that its clock has stopped."""
    improved = event.improved if event.current_grade is None else None
    return improved is not None and (planned_start is None or not earlier(planned_start, improved))


def _between(start: When | None, end: When | None) -> int | None:
    if start is None or end is None:
        return None
    return max(days_between(start, end), 0)


@lru_cache(maxsize=256)
def at_its_worst(book: Rulebook, toxicity: Toxicity, grade: Grade) -> ToxicityAction | None:
    """What must be done about a first episode of this grade on its first day."""
    answer = book[TOXICITY_ACTION[toxicity]](grade, grade, Grade.NONE, 0, 0, False, None, None, None, None)  # noqa: FBT003  # no bleeding
    return answer.possible[0]


def acts(grade: Grade, toxicity: Toxicity, book: Rulebook) -> bool:
    """Whether a book holds or stops the drug at this grade."""
    action = at_its_worst(book, toxicity, grade)
    return action is not None and action.action > DoseAction.CONTINUE


def recovered_at(grade: Grade, toxicity: Toxicity, book: Rulebook) -> int:
    """The grade at which the drug may be given again; below any grade if it is stopped for good."""
    action = at_its_worst(book, toxicity, grade)
    recovery = None if action is None else action.resume_when
    return -1 if recovery is None or recovery.at_most is None else recovery.at_most


def clock_of(book: Rulebook, toxicity: Toxicity, grade: Grade) -> StopRule | None:
    """The clock that runs for an episode of this grade, if the book has one."""
    action = at_its_worst(book, toxicity, grade)
    return next((rule for rule in action.discontinue_if if rule.days is not None), None) if action else None


def joined(episode: Episode, by_cell: Outcomes, planned: Planned) -> Decision[ToxicityAction]:
    """One answer from the answers for all grades and statuses."""
    event = episode.event
    answer = next(iter(by_cell.values())) if len(by_cell) == 1 else _merged(tuple(by_cell.items()), episode.lacks, planned.book)
    if episode.why:
        answer = evolve(answer, reasons=union((episode.why, answer.reasons)))
    if isinstance(answer, NeedsData):
        missing = tuple(dict.fromkeys([asked_for(fact, event, planned) for fact in answer.missing]))
        answer = answer if missing == answer.missing else evolve(answer, missing=missing)
    return _dated(of_role(answer, planned), event)


def asked_for(fact: str, event: ToxicityEvent, planned: Planned) -> str:
    """What a caller can enter for a missing fact: the dates that a clock or the order of episodes depends on."""
    if fact == "events" and planned.events is not None:
        return "onset"
    if fact == "onset" and event.onset is not None:
        if planned.book[TOXICITY_ACTION[event.toxicity]].asks & _BEGAN:
            return "course"
        return "planned_start" if planned.planned_start is None and not event.over else "improved"
    return fact


@lru_cache(maxsize=1024)
def _merged(answers: tuple[tuple[tuple[Any, ...], Decision[ToxicityAction]], ...], lacks: str, _book: Rulebook) -> Decision[ToxicityAction]:
    """One answer from several. The book is part of the key, because equal answers of two books may name different sources of an order."""
    values = {cell: answer.possible for cell, answer in answers}
    answer = either([answer for _, answer in answers], [name for axis, name in enumerate((lacks, "status")) if matters(axis, values)])
    return evolve(answer, missing=(lacks,)) if isinstance(answer, NeedsData) and not answer.missing else answer


def _dated(answer: Decision[ToxicityAction], event: ToxicityEvent) -> Decision[ToxicityAction]:
    """The answer with its clocks as dates."""
    onset = event.onset
    if onset is None:
        return answer

    def dated(action: ToxicityAction | None) -> ToxicityAction | None:
        if action is None or all(rule.days is None for rule in action.discontinue_if):
            return action
        return evolve(action, discontinue_if=tuple(_by(rule) for rule in action.discontinue_if))

    def _by(rule: StopRule) -> StopRule:
        return rule if rule.days is None else evolve(rule, by=day(onset) + timedelta(days=rule.days))

    if isinstance(answer, Decided):
        value = dated(answer.value)
        return answer if value is answer.value or value is None else evolve(answer, value=value)
    return evolve(answer, possible=tuple(map(dated, answer.possible))) if isinstance(answer, NeedsData) else answer


def signs_of(findings: NeuroFindings) -> Iterator[Symptom]:
    """The key symptoms that findings show: those listed, and those that have their own fields."""
    yield from findings.symptoms or ()
    if findings.seizure not in {None, Seizure.NONE}:
        yield Symptom.SEIZURES
    if findings.motor_weakness:
        yield Symptom.MUSCLE_WEAKNESS


def ice_assessment(findings: NeuroFindings, *, rulebook: Rulebook | str | None = None) -> Decision[Instruction]:
    """What the symptoms call for: an assessment of the ICE score, or nothing.

    A seizure or weakness among the other findings counts as a symptom too.

    Args:
        findings: The findings. Unknown `symptoms` are asked for unless another finding settles the answer.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, NEU-1.
    """
    if not isinstance(findings, NeuroFindings):
        raise FieldTypeError("findings", f"{shown(findings)} is not NeuroFindings", "pass NeuroFindings(symptoms=[...])")
    symptom = frozenset(signs_of(findings)) or ("none" if findings.symptoms is not None else None)
    return table(ICE_ASSESSMENT, rulebook)(symptom)

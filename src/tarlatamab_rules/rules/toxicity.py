"""What does a toxicity oblige one to do?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.answers.plans import Instruction
from tarlatamab_rules.answers.toxicities import StopRule, ToxicityAction
from tarlatamab_rules.answers.vocabulary import Role
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
from tarlatamab_rules.rules.course import as_course
from tarlatamab_rules.rules.event_grade import Episode, read
from tarlatamab_rules.rules.grading import OTHER_CAUSE
from tarlatamab_rules.rules.planned import at_point, first_after, of_role, past_of, with_role
from tarlatamab_rules.rules.readings import strictest_reading

if TYPE_CHECKING:
    from tarlatamab_rules.answers.vocabulary import RoleLike
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, DosePoint
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.course import CourseLike
    from tarlatamab_rules.rules.planned import Planned

__all__ = ["Outcomes", "at_its_worst", "clock_of", "ice_assessment", "joined", "outcomes", "signs_of", "toxicity_action"]

_OF_EVENT: Final = frozenset((GRADE, NOW))
Outcomes = dict[tuple[Any, ...], Decision[ToxicityAction]]
"""The answer for every grade, and every grade now, that an event may have."""


def toxicity_action(  # noqa: PLR0913  # one keyword a fact
    event: ToxicityEvent,
    *,
    history: Iterable[ToxicityEvent] | None = None,
    on: When | None = None,
    point: DosePoint | str | None = None,
    course: CourseLike = None,
    role: RoleLike | None = None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[ToxicityAction]:
    """What the event obliges one to do: with the drug, and for the patient.

    Where the findings tell of a more severe grade than the recorded one, the findings stand. A grade by another scale than the book
    reads is taken as not known, never mixed. A clock that cannot be read, for want of an onset or of *on*, is not taken to have run out
    while the event is active; `ToxicityAction.discontinue_if` says when it will have.

    Args:
        event: The episode. Whether it is over must be known: `status`, or a date in `resolved`.

        history: The other episodes so far. ``None``: not known; empty: reviewed, nothing happened.

        on: The day of the dose that is planned, to which clocks run.

        point: The dose that is planned, as ``"C1D8"``; an infection is judged by the phase of treatment in which it began, too.

        course: The doses given so far; after a restart the step-up phase comes back.

        role: What the dose is in the course, as ``"step-up"``; read off the course if left out. Where neither is known, the dose is what
            its name says, with a caveat where a restart would change the answer.

        site_zone: The time zone of the site, by its IANA name, as ``Europe/Berlin``: days are counted by the calendar there. If left out,
            times with several UTC offsets are read in two ways, and the stricter answer is used.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldTypeError: Not an event, or not a history of events.

        FieldError: The time zone is not known, or the role is none that the dose can have by the course.

    Source: precautions page, NEU-2 to NEU-4, ABN-1; US prescribing information, 2.5 Tables 5 to 7.
    """
    if type(event) is not ToxicityEvent:
        raise FieldTypeError("event", f"{shown(event)} is not a ToxicityEvent", "pass ToxicityEvent(toxicity, grade, status=...)")
    if history is not None:
        history = past_of(history)
    known, answers = None if role is None else word(Role, role, "role"), table(TOXICITY_ACTION[event.toxicity], rulebook)
    plain = event.plain_grade is not None and event.over is not None and not event.other_cause
    if plain and answers.asks <= _OF_EVENT and site_zone is None:
        return answers.lookup[event.grade, event.now, None, None, None, None, None, None, None, None]
    book = resolve(rulebook)
    each = readings(site_zone, on=moment(on, "on"), course=as_course(course), event=event, history=history)
    return strictest_reading([_action(point=point, book=book, role=known, **reading) for reading in each], _strictness)


def _action(  # noqa: PLR0913  # one parameter a fact
    *,
    event: ToxicityEvent,
    point: DosePoint | str | None,
    course: Course | None,
    history: tuple[ToxicityEvent, ...] | None,
    on: When | None,
    book: Rulebook,
    role: Role | None,
) -> Decision[ToxicityAction]:
    episode = read(event, book)

    def action(planned: Planned) -> Decision[ToxicityAction]:
        return joined(episode, outcomes(episode, planned), planned)

    return with_role(at_point(point, course, history, on, book, role), action, book[TOXICITY_ACTION[event.toxicity]].asks)


def _strictness(action: ToxicityAction) -> tuple[int, int]:
    """The stricter action; then the one that is stopped for good after the earlier day."""
    return action.action.rank, -min([rule.by.toordinal() for rule in action.discontinue_if if rule.by], default=0)


def outcomes(episode: Episode, planned: Planned, *, strict: bool = False) -> Outcomes:
    """The answer for every grade an episode may have, and for whether it is over; *strict* lets a clock that cannot be read run out."""
    book, event, grade = planned.book, episode.event, episode.grade
    answers = book[TOXICITY_ACTION[event.toxicity]]
    grades = (grade,) if isinstance(grade, Grade) else _open_grades(event, grade)
    before = None if planned.history is None or EARLIER not in answers.asks else planned.past.worst_before(episode)
    began = first_after(event.onset, planned) if answers.asks & _BEGAN else ((None, None),)
    found: Outcomes = {}
    clocked = not answers.asks.isdisjoint(_CLOCKED)
    for each in grades:
        for over, now in _now(event, each):
            no_grade = _has_no_grade(episode, each)
            if no_grade and not over:
                found[each, over] = _OTHER_CAUSE
                continue
            bleeding = False if event.bleeding is None and over else event.bleeding
            days, held = _days(event, each, now, planned.on, book, strict=strict) if clocked else (None, None)
            known = each, now, before, days, held, bleeding, planned.number, planned.role
            answer = either([answers.lookup[*known, *dose] for dose in began], ("onset",))
            found[each, over] = _SEVERE_OTHER_CAUSE if no_grade and each >= Grade.SEVERE and _acts(answer) else answer
    return found


def _acts(answer: Decision[ToxicityAction]) -> bool:
    """Whether a book holds or stops the drug, or may."""
    return any(action is not None and action.action > DoseAction.CONTINUE for action in answer.possible)


def _has_no_grade(episode: Episode, grade: Grade) -> bool:
    """Whether another cause makes the grade a clinician's matter: of findings that have one, else of mild grades alone."""
    findings = episode.event.findings
    return episode.other_cause and (grade < Grade.SEVERE or (findings is not None and bool(findings.other_cause)))


_OTHER_CAUSE: Final = NotCovered(
    (
        Reason(
            OTHER_CAUSE,
            "Another cause is stated, so it is not taken for a toxicity of the drug; at grade 3 or worse a clinician must assess it.",
        ),
    )
)


_SEVERE_OTHER_CAUSE: Final = NotCovered(
    (
        Reason(
            OTHER_CAUSE,
            "Another cause is stated for findings that are over: a clinician must assess whether they were a toxicity of the drug.",
            unsettled="The rulebook would hold or stop the drug for their grade, and whether they have one is a clinician's matter.",
        ),
    )
)


def _open_grades(event: ToxicityEvent, grade: frozenset[Grade] | None) -> tuple[Grade, ...]:
    """The grades that an event may have: those of its toxicity, none below the grade now, and some grade while it goes on."""
    least = event.current_grade or (Grade.MILD if event.over is False and grade is None else Grade.NONE)
    allowed = [each for each in sorted(grades_of(event.toxicity)) if each >= least]
    return tuple(each for each in allowed if grade is None or each in grade)


_CLOCKED = frozenset((DAYS, HELD))
_BEGAN = frozenset((BEGAN_BEFORE, BEGAN_ROLE))


def _now(event: ToxicityEvent, grade: Grade) -> tuple[tuple[bool, Grade], ...]:
    """Whether the event is over, and its grade now: while that is not known, both over and at its worst."""
    none = Grade.NONE
    if event.over is None and event.current_grade is None:
        return (True, none), (False, grade)
    now = none if event.over else grade if event.current_grade is None else min(event.current_grade, grade)
    return ((now is none, now),)


def _days(  # noqa: PLR0913  # one parameter a fact
    event: ToxicityEvent, grade: Grade, now: Grade, on: When | None, book: Rulebook, *, strict: bool
) -> tuple[int | Interval | None, int | None]:
    """The days until recovery, or so far; and those from onset to the dose."""
    clock = clock_of(book, event.toxicity, grade)
    held = _between(event.onset, on)
    if clock is None or clock.at_most is None:
        return None, held
    if now > clock.at_most and not _is_down(event, on):
        return (0 if held is None and not strict else held), held
    if event.improved is not None:
        return _between(event.onset, event.improved), held
    longest = _between(event.onset, event.resolved or on)
    return (None if longest is None else Interval(0, longest)), held


def _is_down(event: ToxicityEvent, on: When | None) -> bool:
    """Whether an event that does not say its grade now is reported to have improved before the dose: then no clock runs on."""
    improved = event.improved if event.current_grade is None else None
    return improved is not None and (on is None or not earlier(on, improved))


def _between(one: When | None, other: When | None) -> int | None:
    if one is None or other is None:
        return None
    return max(days_between(one, other), 0)


@lru_cache(maxsize=256)
def at_its_worst(book: Rulebook, toxicity: Toxicity, grade: Grade) -> ToxicityAction | None:
    """What a first episode of this grade obliges one to do on its first day."""
    answer = book[TOXICITY_ACTION[toxicity]](grade, grade, Grade.NONE, 0, 0, False, None, None, None, None)  # noqa: FBT003  # no bleeding
    return answer.possible[0]


def clock_of(book: Rulebook, toxicity: Toxicity, grade: Grade) -> StopRule | None:
    """The clock that runs for an episode of this grade, where the book has one."""
    action = at_its_worst(book, toxicity, grade)
    return next((rule for rule in action.discontinue_if if rule.days is not None), None) if action else None


def joined(episode: Episode, found: Outcomes, planned: Planned) -> Decision[ToxicityAction]:
    """One answer from those for every grade and status."""
    event = episode.event
    answer = next(iter(found.values())) if len(found) == 1 else _merged(tuple(found.items()), episode.lacks, planned.book)
    if episode.why:
        answer = evolve(answer, reasons=union((episode.why, answer.reasons)))
    if isinstance(answer, NeedsData):
        missing = tuple(dict.fromkeys([asked_for(fact, event, planned) for fact in answer.missing]))
        answer = answer if missing == answer.missing else evolve(answer, missing=missing)
    return _dated(of_role(answer, planned), event)


def asked_for(fact: str, event: ToxicityEvent, planned: Planned) -> str:
    """What a caller can give of a fact that is missing: dates that tell of a clock, or of the order of episodes."""
    if fact == "history" and planned.history is not None:
        return "onset"
    if fact == "onset" and event.onset is not None:
        if planned.book[TOXICITY_ACTION[event.toxicity]].asks & _BEGAN:
            return "course"
        return "on" if planned.on is None and not event.over else "improved"
    return fact


@lru_cache(maxsize=1024)
def _merged(found: tuple[tuple[tuple[Any, ...], Decision[ToxicityAction]], ...], lacks: str, _book: Rulebook) -> Decision[ToxicityAction]:
    """One answer from several. It is remembered by the book too: answers of two books may be equal, and name other sources of an order."""
    values = {cell: answer.possible for cell, answer in found}
    answer = either([answer for _, answer in found], [name for axis, name in enumerate((lacks, "status")) if matters(axis, values)])
    return evolve(answer, missing=(lacks,)) if isinstance(answer, NeedsData) and not answer.missing else answer


def _dated(answer: Decision[ToxicityAction], event: ToxicityEvent) -> Decision[ToxicityAction]:
    """The same answer, with its clocks as dates."""
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
    """The key symptoms that findings tell of: as listed, and by their own fields."""
    yield from findings.symptoms or ()
    if findings.seizure not in {None, Seizure.NONE}:
        yield Symptom.SEIZURES
    if findings.motor_weakness:
        yield Symptom.MUSCLE_WEAKNESS


def ice_assessment(findings: NeuroFindings, *, rulebook: Rulebook | str | None = None) -> Decision[Instruction]:
    """What the symptoms call for: an assessment of the ICE score, or nothing.

    A seizure or weakness among the other findings is a symptom too.

    Args:
        findings: What was found; `symptoms` that are not known are asked for unless another finding tells.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, NEU-1.
    """
    if not isinstance(findings, NeuroFindings):
        raise FieldTypeError("findings", f"{shown(findings)} is not NeuroFindings", "pass NeuroFindings(symptoms=[...])")
    symptom = frozenset(signs_of(findings)) or ("none" if findings.symptoms is not None else None)
    return table(ICE_ASSESSMENT, rulebook)(symptom)

"""How toxicities vote on a dose.

The action is resolved over every grade that is still possible, not the grade first: neutropenia of grade 3 or 4 withholds either way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from tarlatamab_rules.answers.joining import conflicts
from tarlatamab_rules.answers.toxicities import ToxicityAction
from tarlatamab_rules.answers.words import Steroid
from tarlatamab_rules.decisions import Decided, Decision, DoseAction, NotCovered, Verdict, unsettled_of
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import EventStatus, Grade, NeuroFindings, Toxicity, ToxicityEvent
from tarlatamab_rules.questions.dosing import LAB_DURING_CRS
from tarlatamab_rules.questions.facts import DAYS
from tarlatamab_rules.questions.toxicities import TOXICITY_ACTION
from tarlatamab_rules.rules.effective import effective_grade, graded_by_scale, possible_grades
from tarlatamab_rules.rules.toxicity import asked_for, ice_assessment, joined, outcomes
from tarlatamab_rules.showing import Shown
from tarlatamab_rules.tables import matters

if TYPE_CHECKING:
    from tarlatamab_rules.answers.plans import PremedicationPlan
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.effective import OpenGrade
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.rules.toxicity import Outcomes

_BY_ACTION: Final[Mapping[DoseAction, Verdict]] = {
    DoseAction.CONTINUE: Verdict.PROCEED,
    DoseAction.WITHHOLD: Verdict.WITHHOLD,
    DoseAction.DISCONTINUE: Verdict.DISCONTINUE,
}
SEVERE: Final = Reason("guard/severe", "At grade 3 or worse, where the rulebook does not say what to do, a clinician must assess it.")
_BEFORE = Reason(
    "guard/before",
    "It was over before the drug was first given, so it is no toxicity of it; after grade 3 or worse a clinician must assess it.",
)
_UNSETTLED = Reason("guard/unsettled", "The rulebook speaks of it and does not settle what to do: a clinician must assess it.")


@frozen
class Vote(Shown):
    """What one part of an assessment makes of the dose.

    Attributes:
        part: The part, as ``eligibility``, ``labs.neutrophils`` or ``events[0]``.

        verdict: What it obliges. Where facts are missing: the mildest verdict still possible, and at least needs-data for a fact that
            is required.

        missing: The facts it lacks, by their path in the case.

        reasons: Why.
    """

    part: str
    verdict: Verdict
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@frozen
class AssessedToxicity(Shown):
    """A toxicity that the case reports, or that a laboratory result shows.

    Attributes:
        path: Where it comes from, as ``events[0]`` or ``labs.neutrophils``.

        toxicity: What it is.

        grades: The grades it may have; empty where it goes by no grade.

        action: What it obliges one to do.
    """

    path: str
    toxicity: Toxicity
    grades: tuple[Grade, ...]
    action: Decision[ToxicityAction]


@frozen
class AssessedLab(Shown):
    """A laboratory result that counts for the dose.

    Attributes:
        result: The result.

        grade: Its grade by the scale that the rulebook reads.
    """

    result: LabResult
    grade: Decision[Grade]


@frozen
class Judged:
    """What a part of the case adds to an assessment."""

    votes: tuple[Vote, ...]
    toxicities: tuple[AssessedToxicity, ...] = ()
    labs: tuple[AssessedLab, ...] = ()
    episodes: tuple[ToxicityEvent, ...] = ()
    notes: tuple[str, ...] = ()


_RANK = attrgetter("rank")


def strictest_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The strictest of some verdicts."""
    return max(verdicts, key=_RANK)  # by rank, since comparing two words asks first whether both are of one order


def floored(verdicts: Collection[Verdict]) -> Verdict:
    """Of the verdicts that are still possible, the mildest; and needs-data at least where they differ."""
    mildest = min(verdicts, key=_RANK)
    return mildest if len(set(verdicts)) == 1 else strictest_of((Verdict.NEEDS_DATA, mildest))


def gathered(parts: Sequence[Judged]) -> Judged:
    """Several parts as one."""
    if len(parts) == 1:
        return parts[0]
    votes: list[Vote] = []
    toxicities: list[AssessedToxicity] = []
    labs: list[AssessedLab] = []
    episodes: list[ToxicityEvent] = []
    notes: list[str] = []
    for part in parts:
        votes += part.votes
        toxicities += part.toxicities
        labs += part.labs
        episodes += part.episodes
        notes += part.notes
    return Judged(tuple(votes), tuple(toxicities), tuple(labs), tuple(episodes), tuple(notes))


@lru_cache(maxsize=4096)
def verdicts_of(answer: Decision[ToxicityAction], grade: Grade) -> frozenset[Verdict]:
    """What each action that is still possible makes of a dose; a severe or unsettled silence is for a clinician."""
    spoken = frozenset(_silence(answer, grade) if action is None else _BY_ACTION[action.action] for action in answer.possible)
    if not unsettled_of(answer):
        return spoken
    return frozenset(strictest_of((Verdict.NEEDS_ASSESSMENT, verdict)) for verdict in spoken)


def _silence(answer: Decision[ToxicityAction], grade: Grade) -> Verdict:
    unsettled = grade >= Grade.SEVERE or any(reason.unsettled for reason in answer.reasons)
    return Verdict.NEEDS_ASSESSMENT if unsettled else Verdict.PROCEED


def guards_of(found: Outcomes) -> tuple[Reason, ...]:
    """The safeguard behind a vote where the book is silent and a clinician must assess."""
    silent = [(cell[0], answer) for cell, answer in found.items() if None in answer.possible]
    dissent = [each for answer in found.values() for each in answer.dissent]
    told = [reason for _, answer in silent for reason in answer.reasons] + [reason for each in dissent for reason in each.reasons]
    if any(reason.unsettled for reason in told):
        return (_UNSETTLED,)
    return (SEVERE,) if any(grade >= Grade.SEVERE for grade, _ in silent) else ()


def at_the_dose(case: Case) -> tuple[ToxicityEvent, ...]:
    """The events as they stand at the dose: what ends after the planned start is not over."""
    return tuple(_at_the_dose(event, case) for event in case.events or ())


def _at_the_dose(event: ToxicityEvent, case: Case) -> ToxicityEvent:
    if event.resolved is not None and case.planned_start is not None and earlier(case.planned_start, event.resolved):
        improved = event.improved if event.improved is None or not earlier(case.planned_start, event.improved) else None
        status = None if event.grade is Grade.NONE else EventStatus.ACTIVE
        return evolve(event, resolved=None, improved=improved, status=status, current_grade=None)
    return event


def judge_events(case: Case, events: Mapping[str, ToxicityEvent], planned: Planned, shown: tuple[ToxicityEvent, ...] = ()) -> Judged:
    """The toxicities as they stand at the dose, each with its vote; *shown* has the episodes that results show."""
    if not events:
        return Judged(())
    dated = evolve(planned, history=(*(planned.history or ()), *shown)) if shown else planned
    parts = []
    for path, event in events.items():
        judged = _before_treatment(path, event, planned) or judge_event(path, event, planned if event.onset is None else dated)
        notes = tuple(_event_notes(path, event, case, judged.toxicities[0].action, planned.book))
        parts.append(evolve(judged, notes=notes) if notes else judged)
    found = gathered(parts)
    steroids = tuple(_same_steroid(found.toxicities))
    return evolve(found, notes=found.notes + steroids) if steroids else found


def _before_treatment(path: str, event: ToxicityEvent, planned: Planned) -> Judged | None:
    """An episode that was over, and began before the drug was first given, is none of its toxicities."""
    if not event.over or not _is_older(event, planned):
        return None
    grades = possible_grades(event, planned.book)
    verdicts = {_by_older(grade) for grade in grades}
    vote = Vote(path, floored(verdicts), (f"{path}.grade",) if len(verdicts) > 1 else (), (_BEFORE,))
    return Judged((vote,), (AssessedToxicity(path, event.toxicity, tuple(sorted(grades)), NotCovered((_BEFORE,))),))


def _is_older(event: ToxicityEvent, planned: Planned) -> bool:
    """Whether an episode began before the drug was first given, if it is over."""
    first = planned.first
    return planned.untreated if first is None else event.onset is not None and earlier(event.onset, first) is True


def _by_older(grade: Grade) -> Verdict:
    return Verdict.NEEDS_ASSESSMENT if grade >= Grade.SEVERE else Verdict.PROCEED


def judge_event(path: str, event: ToxicityEvent, planned: Planned) -> Judged:
    """One episode, with its vote."""
    grade, why = effective_grade(event, planned.book)
    found = outcomes(event, grade, planned)
    action = joined(event, found, planned, why)
    if isinstance(action, Decided) and event.over:
        return _over(path, event.toxicity, tuple([cell[0] for cell in found]), action)
    verdicts = {cell: verdicts_of(answer, cell[0]) for cell, answer in found.items()}
    if event.over is None and _is_older(event, planned):
        verdicts |= {cell: frozenset((_by_older(cell[0]),)) for cell in verdicts if cell[1]}
    missing = [f"{path}.{fact}" for axis, fact in enumerate(("grade", "status")) if matters(axis, verdicts)]
    for cell, answer in found.items():
        if len(verdicts[cell]) > 1:
            missing += [_path(path, fact, event, planned) for fact in answer.missing]
    missing += _unread_clock(path, event, grade, verdicts, planned)
    verdict = floored(frozenset().union(*verdicts.values()))
    if verdict is Verdict.NEEDS_DATA and not missing:
        missing = [f"{path}.grade"]
    vote = Vote(path, verdict, tuple(_supplied(path, event, missing)), action.reasons + guards_of(found))
    grades = tuple(dict.fromkeys(cell[0] for cell in found))
    return Judged((vote,), (AssessedToxicity(path, event.toxicity, grades, action),))


@lru_cache(maxsize=1024)
def _over(path: str, toxicity: Toxicity, grades: tuple[Grade, ...], action: Decided[ToxicityAction]) -> Judged:
    """An episode that is over, and leaves no question open."""
    unsettled = (_UNSETTLED,) if unsettled_of(action) else ()
    vote = Vote(path, strictest_of(verdicts_of(action, Grade.NONE)), (), action.reasons + unsettled)
    return Judged((vote,), (AssessedToxicity(path, toxicity, grades, action),))


def _path(path: str, fact: str, event: ToxicityEvent, planned: Planned) -> str:
    """Where a fact that an action lacks stands in the case."""
    asked = asked_for(fact, event, planned)
    return {"course": "course", "on": "planned_start", "history": "events"}.get(asked, f"{path}.{asked}")


def _supplied(path: str, event: ToxicityEvent, missing: Iterable[str]) -> dict[str, None]:
    """The paths under which a case can supply what is missing: of an episode that no event reports, as an event, or among the findings."""
    given: dict[str, None] = {}
    for asked in missing:
        if path.startswith("events") or not asked.startswith(path):
            given[asked] = None
        elif path.startswith("findings") and event.findings is not None and asked == f"{path}.grade":
            given |= dict.fromkeys(f"{path}.{fact}" for fact in graded_by_scale(event.findings).missing)
            given |= {} if given else {path: None}
        else:
            given[f"events.{event.toxicity}{asked.removeprefix(path)}"] = None
    return given


def _unread_clock(
    path: str, event: ToxicityEvent, grade: OpenGrade, verdicts: Mapping[tuple[object, ...], frozenset[Verdict]], planned: Planned
) -> Iterator[str]:
    """The facts without which it cannot be told whether a clock has run out, where that would change the verdict."""
    if (event.onset is not None and planned.on is not None) or DAYS not in planned.book[TOXICITY_ACTION[event.toxicity]].asks:
        return
    strict = outcomes(event, grade, planned, strict=True)
    if any(verdicts_of(answer, cell[0]) != verdicts[cell] for cell, answer in strict.items()):
        yield from (["planned_start"] if planned.on is None else [])
        yield from ([f"{path}.onset"] if event.onset is None else [])


def _event_notes(path: str, event: ToxicityEvent, case: Case, action: Decision[ToxicityAction], book: Rulebook) -> Iterator[str]:
    if isinstance(action, NotCovered) and event.over is not True and event.grade is not Grade.NONE:
        yield f"{path}: the rulebook gives no action for {event.toxicity} that is not over."
    if event.onset is not None and case.planned_start is not None and earlier(case.planned_start, event.onset):
        yield f"{path}: it begins after the planned start, and counts all the same."
    if event.over is True or event.grade is Grade.NONE:
        return
    yield from _in_conflict(path, action)
    findings = event.findings
    if isinstance(findings, NeuroFindings) and findings.ice is None and isinstance(ice := ice_assessment(findings, rulebook=book), Decided):
        yield f"{path}: {ice.value.modality} {ice.value.what}: {ice.reasons[0].says} [{ice.reasons[0].row}]"
    if event.toxicity is Toxicity.CRS:
        orders = {analyte: book[LAB_DURING_CRS](case.dose.number, analyte) for analyte in Analyte}
        wanted = {analyte: answer for analyte, answer in orders.items() if isinstance(answer, Decided)}
        if wanted:
            rows = dict.fromkeys(reason.row for answer in wanted.values() for reason in answer.reasons)
            yield f"{path}: {'while' if event.over is False else 'if'} it is active, monitor {', '.join(wanted)} [{', '.join(rows)}]"


@lru_cache(maxsize=1024)
def conflicting(part: str, answer: Decision[PremedicationPlan]) -> tuple[str, ...]:
    """Drugs and measures of a plan that books of a stack order in different ways are named, and not summed."""
    return _in_conflict(part, answer)


def _in_conflict(part: str, answer: Decision[Any]) -> tuple[str, ...]:
    """The same of any answer; one to a toxicity may hold dates, so it is not remembered."""
    drugs = conflicts(answer)
    return (f"{part}: the books differ on {', '.join(drugs)}; each is one order and not two, and a clinician chooses.",) if drugs else ()


_STEROIDS = tuple(Steroid)


def _same_steroid(found: Sequence[AssessedToxicity]) -> Iterator[str]:
    """Steroids that several toxicities ask for are named together, and not summed."""
    asked: dict[str, list[str]] = {}
    if sum(any(action is not None and action.treatments for action in toxicity.action.possible) for toxicity in found) <= 1:
        return
    for toxicity in found:
        drugs = [
            f"{item.what} {item.amount}"
            for action in toxicity.action.possible
            for item in (() if action is None else action.treatments)
            if item.amount is not None and any(steroid in item.what for steroid in _STEROIDS)
        ]
        if drugs:
            asked[toxicity.path] = list(dict.fromkeys(drugs))
    if len(asked) > 1:
        each = "; ".join(f"{path}: {', '.join(drugs)}" for path, drugs in asked.items())
        yield f"steroids: asked for by more than one toxicity, and not to be summed; a clinician chooses ({each})."

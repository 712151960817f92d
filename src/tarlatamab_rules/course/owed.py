"""What is owed beside the doses: recovery by a day while a toxicity goes on, and what goes on after the last dose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from attrs import field, frozen

from tarlatamab_rules.assessment import DoseAssessment, assess_case
from tarlatamab_rules.assessment.patient import known_against
from tarlatamab_rules.assessment.words import fact_in_words, grades_in_words, listed
from tarlatamab_rules.core.decisions import Decision, DoseAction, Verdict
from tarlatamab_rules.core.paths import Fact, Note, as_fact
from tarlatamab_rules.course.entries import EntryKind, PlanEntry
from tarlatamab_rules.inputs._fields import When, day, is_aware
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.rules.reproductive import breastfeeding_window, contraception_window
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import in_words

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import AssessedToxicity, Vote
    from tarlatamab_rules.course.request import Request
    from tarlatamab_rules.course.steps import TimedDose
    from tarlatamab_rules.values.toxicities import ToxicityAction

__all__ = ["State", "after_the_last", "assessed", "case_of", "held_on", "known_until", "note_of", "open_so_far", "state_of"]

_STOPPED: Final = frozenset((Verdict.DISCONTINUE, Verdict.EXCLUDED))


def assessed(request: Request, point: DosePoint, when: When | None) -> DoseAssessment:
    """The assessment of a dose at a moment; toxicities that are not known count as none, and a condition says so."""
    return assess_case(case_of(request, point, when), rulebook=request.book)


def case_of(request: Request, point: DosePoint, when: When | None) -> Case:
    """What is known, with a dose at a moment."""
    return Case(
        patient=request.patient or Patient(),
        point=point,
        planned_start=when,
        course=request.course,
        labs=request.labs,
        events=request.events or (),
        findings=request.findings,
        site_zone=request.site_zone,
    )


def note_of(found: DoseAssessment, point: DosePoint) -> Note:
    """What an assessment says against a dose, by its strictest votes."""
    votes = [vote for vote in found.votes if vote.verdict is found.verdict]
    says = " ".join(dict.fromkeys(words for vote in votes for words in _against(vote, found)))
    head = "no further dose is planned" if found.verdict in _STOPPED else f"{found.verdict} by what is known so far"
    return Note(Fact("course", point), f"{head}: {says}")


def _against(vote: Vote, found: DoseAssessment) -> list[str]:
    """What a vote says: of criteria that are open in part, what is known, or what they depend on."""
    if vote.part != "eligibility" or not vote.missing:
        return [reason.says for reason in vote.reasons]
    known = known_against(found.criteria)
    return [reason.says for reason in known] or [f"It depends on {listed(fact_in_words(fact, found.case) for fact in vote.missing)}."]


def held_on(request: Request, dose: TimedDose) -> Note | None:
    """Why a dose is held on its day by what is known; ``None`` if it is not, or if that is the last day of which anything is known."""
    if dose.start is None or day(dose.start) > day(known_until(request)):
        return None
    found = assessed(request, dose.point, dose.start)
    note = note_of(found, dose.point)
    return None if found.verdict < Verdict.WITHHOLD else Note(note.about, f"not on {day(dose.start)}: {note.says}")


def open_so_far(found: DoseAssessment) -> str:
    """What the answer to a dose depends on apart from what its day brings, and what else may follow; empty if nothing is open."""
    open_ = [vote for vote in found.votes if vote.verdict is Verdict.NEEDS_DATA]
    parts = {vote.part for vote in open_}
    missing = [as_fact(fact) for vote in open_ for fact in vote.missing if as_fact(vote.part).part in _SO_FAR]
    lacks = [fact_in_words(fact, found.case) for fact in missing if fact.field or fact.part != "labs"]
    if not lacks:
        return ""
    actions = [action.action for item in found.toxicities if item.path in parts for action in item.action.possible if action is not None]
    worst = max(actions, default=DoseAction.CONTINUE)
    return f"depends on {listed(lacks)}{_OTHERWISE[worst]}"


_SO_FAR: Final = frozenset(("events", "findings", "labs"))
_OTHERWISE: Final = {
    DoseAction.CONTINUE: "",
    DoseAction.WITHHOLD: "; it may have to be withheld",
    DoseAction.DISCONTINUE: "; the drug may have to be stopped for good",
}


@frozen
class State:
    """How things stood when the last fact became known. No clock is taken to run on from there.

    Attributes:
        assessment: The assessment of the next dose at that moment; ``None`` if nothing is known yet.

        point: The next dose.
    """

    point: DosePoint
    assessment: DoseAssessment | None = field(default=None, repr=False)

    @property
    def stopped(self) -> bool:
        """Whether no further dose is given."""
        return self.assessment is not None and self.assessment.verdict in _STOPPED

    @property
    def notes(self) -> tuple[Note, ...]:
        """Why the next dose is withheld, or why none is given; and what became of each of the current findings."""
        found = self.assessment
        if found is None:
            return ()
        return (*((note_of(found, self.point),) if found.verdict >= Verdict.WITHHOLD else ()), *_of_findings(found))

    @property
    def condition(self) -> str:
        """What the next dose waits for; empty if nothing withholds it."""
        words = [f"{item.name}: {_words(item.action.resume_when)}" for item in self._ongoing() if item.action.action is DoseAction.WITHHOLD]
        if words:
            return f"withheld until {'; '.join(dict.fromkeys(words))}"
        return "" if self.assessment is None or self.assessment.verdict < Verdict.WITHHOLD else "withheld by what is known so far"

    @property
    def held_until(self) -> date | None:
        """The first day after a hold whose length a source gives in days; ``None`` if there is none."""
        days = [
            day(item.onset) + timedelta(days=item.action.resume_when.at_least)
            for item in self._ongoing()
            if item.onset is not None and item.action.resume_when is not None and item.action.resume_when.at_least is not None
        ]
        return max(days, default=None)

    def deadlines(self, next_start: When | None) -> Iterator[PlanEntry]:
        """The days by which a toxicity must have improved: those of clocks, and the day of the next dose."""
        for item in self._ongoing():
            answer, action = item.answer, item.action
            rest: dict[str, Any] = {"what": item.name, "answer": answer, "reasons": answer.reasons}
            rest["condition"] = f"depends on {listed(item.lacks)}" if item.lacks else ""
            for rule in action.discontinue_if:
                if rule.by is not None:
                    yield PlanEntry(kind=EntryKind.RECOVERY_DEADLINE, deadline=rule.by, modality=rule.modality, value=rule, **rest)
            if action.action is DoseAction.WITHHOLD and action.resume_when is not None and next_start is not None:
                yield PlanEntry(kind=EntryKind.RECOVERY_DEADLINE, deadline=next_start, point=self.point, value=action.resume_when, **rest)

    def _ongoing(self) -> Iterator[_Toxicity]:
        """Every action that is possible for each toxicity."""
        found = self.assessment
        if found is not None:
            for item in found.toxicities:
                name, onset = named(item.toxicity), _onset(item, found)
                lacks = tuple([fact_in_words(fact, found.case) for fact in item.action.missing])
                yield from (_Toxicity(name, onset, item.action, action, lacks) for action in item.action.possible if action is not None)


def _of_findings(found: DoseAssessment) -> Iterator[Note]:
    """What became of each of the current findings: an episode that they show goes on until the plan is made anew without them."""
    if not found.case.findings:
        return
    for item in found.accounted:
        if as_fact(item.path).part == "findings":
            grades = [grades_in_words(toxicity.grades) for toxicity in found.toxicities if toxicity.path == item.path and toxicity.grades]
            yield Note(item.path, f"{item.says.removesuffix('.')}: {' or '.join(grades)}." if grades else item.says)


class _Toxicity(NamedTuple):
    """What to do about a toxicity, or what may have to be done.

    Attributes:
        name: What it is called.

        onset: When it began, or was last looked at if that is not known: a hold is never taken to begin too early.

        answer: What must be done about it.

        action: One of the actions that are possible.

        lacks: The facts on which that depends, in words.
    """

    name: str
    onset: When | None
    answer: Decision[ToxicityAction]
    action: ToxicityAction
    lacks: tuple[str, ...]


def _onset(item: AssessedToxicity, found: DoseAssessment) -> When | None:
    path, events = as_fact(item.path), found.case.events or ()
    onset = events[path.which].onset if path.part == "events" and isinstance(path.which, int) else None
    return onset or found.case.planned_start


def _words(value: object) -> str:
    return "a clinician decides" if value is None else "; ".join(in_words(value))


def state_of(request: Request) -> State:
    """How things stood when the last fact became known; the next dose is the one after the last given."""
    last = request.course.last
    point = DosePoint.at(1 if last is None else last.point.number + 1)
    if _latest(request) is None and request.patient is None and not (request.findings or request.events or request.labs):
        return State(point)
    return State(point, assessed(request, point, known_until(request)))


def known_until(request: Request) -> When:
    """When the last fact became known; the start of the plan if no fact has a date."""
    return _latest(request) or request.site.start


def _latest(request: Request) -> When | None:
    """The last date or moment among the facts."""
    times: list[When | None] = [when for dose in request.course.doses for when in (dose.started, dose.ended)]
    times += [when for event in request.events or () for when in (event.onset, event.improved, event.resolved)]
    times += [lab.collected for lab in request.labs or ()]
    return max((when for when in times if when is not None), key=_place, default=None)


def _place(when: When) -> tuple[date, float]:
    """A date or moment in order; a day without a time comes before the moments of that day."""
    if not isinstance(when, datetime):
        return when, 0.0
    return when.date(), (when.replace(tzinfo=UTC) if not is_aware(when) else when).timestamp()


def after_the_last(request: Request, last: TimedDose, *, stopped: bool) -> Iterator[PlanEntry]:
    """Contraception, and no breast-feeding, until so many months after the last dose."""
    patient = request.patient or Patient()
    ended = None if last.given is None else last.given.ended
    when = ended or last.start
    condition = "" if stopped else f"if {last.point} is the last dose"
    for kind, answer in (
        (EntryKind.CONTRACEPTION, contraception_window(patient, when, rulebook=request.book)),
        (EntryKind.BREAST_FEEDING, breastfeeding_window(patient, when, rulebook=request.book)),
    ):
        window: Any = next((value for value in answer.possible if value is not None), None)
        if window is None:
            continue
        open_ = f"depends on {listed(map(fact_in_words, answer.missing))}" if answer.missing else ""
        yield PlanEntry(
            kind=kind,
            what=str(kind),
            answer=answer,
            deadline=window.until,
            start=when if window.until is None else None,
            modality=window.modality,
            condition="; ".join(filter(None, (condition, open_))),
            value=window,
            reasons=answer.reasons,
        )

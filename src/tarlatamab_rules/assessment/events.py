"""How toxicities vote on a dose.

The action is looked up for every grade that is still possible, without settling the grade first: neutropenia of grade 3 or 4 withholds
either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.assessment.chart import ActiveInfection, Chart, with_status
from tarlatamab_rules.assessment.findings import judge_findings
from tarlatamab_rules.assessment.recovery import by_results, contradictions, improved_by_results, measured_notes, recovers_later
from tarlatamab_rules.assessment.votes import (
    UNSETTLED,
    AssessedToxicity,
    Judged,
    Vote,
    floored,
    gathered,
    guards_of,
    strictest_of,
    verdicts_of,
)
from tarlatamab_rules.assessment.words import listed, part_in_words
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData, NotCovered, Verdict, union, unsettled_of
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import EVENTS, PLANNED_START, Fact, Note
from tarlatamab_rules.core.tables import matters
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import NeuroFindings
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.rulebooks._joining import conflicts
from tarlatamab_rules.rulebooks.facts import DAYS, ROLE
from tarlatamab_rules.rulebooks.questions import LAB_DURING_CRS, TOXICITY_ACTION
from tarlatamab_rules.rules.event_grade import Episode, read
from tarlatamab_rules.rules.signs import FEVER_UNKNOWN, is_abnormal, is_severe_with_or_without_fever, not_known
from tarlatamab_rules.rules.toxicity import Outcomes, asked_for, bled_before, ice_assessment, joined, outcomes
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.toxicities import ToxicityAction
from tarlatamab_rules.values.vocabulary import Steroid

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.values.plans import PremedicationPlan

__all__ = ["conflicting", "conflicting_drugs", "judge_episode", "judge_events"]

_BEFORE = Reason(
    "guard/before",
    "It was over before the first dose, so it is not a toxicity of the drug. If it was grade 3 or worse, a clinician must assess it.",
)

_WORSE_FOUND = Reason(
    "guard/worse-found",
    "The findings may be worse than the recorded grade, and no further fact can settle that. A clinician must assess it.",
)

_EARLIER_OPEN = Reason(
    "guard/earlier-open",
    "No fact can settle how severe an earlier episode was: another cause is reported for severe findings, or its findings may be worse "
    "than the recorded grade. A clinician must decide whether this one is a recurrence.",
)


def judge_events(chart: Chart, shown: tuple[Episode, ...] = ()) -> Judged:
    """The toxicities as they are at the dose, each with its vote; *shown* holds the past episodes that results show."""
    planned = chart.planned
    dated = evolve(planned, events=(*(planned.events or ()), *shown)) if shown else planned
    parts = []
    for episode in _episodes(chart):
        judged = _before_treatment(episode, planned) or judge_episode(episode, planned if episode.event.onset is None else dated)
        notes = (*judged.notes, *_event_notes(episode, chart, judged.toxicities[0].action))
        parts.append(evolve(judged, notes=notes) if notes else judged)
    parts += judge_findings(chart.case.findings)
    parts += contradictions(chart)
    if notes := (*measured_notes(chart), *_without_grade(chart)):
        parts.append(Judged(notes=notes))
    if not parts:
        return Judged()
    judged = gathered(parts)
    if either_way := tuple(_by_either_status(chart, shown, judged.verdict)):
        judged = evolve(judged, votes=judged.votes + either_way)
    steroids = tuple(_same_steroid(judged.toxicities, chart.case))
    return evolve(judged, notes=judged.notes + steroids) if steroids else judged


def _by_either_status(chart: Chart, shown: tuple[Episode, ...], known: Verdict) -> Iterator[Vote]:
    """The vote on a syndrome that is found now and reported without a status, if it is stricter with either status.

    The findings are of the reported episode, or of another one that came after it.
    """
    found = {episode.event.toxicity for episode in chart.findings}
    open_ = [n for n, episode in enumerate(chart.events) if episode.event.over is None and episode.event.toxicity in found]
    if len(open_) != 1 or known is Verdict.DISCONTINUE:
        return
    episode = chart.events[open_[0]]
    if Grade.NONE in {episode.event.grade, episode.event.current_grade}:
        return  # what goes on has some grade
    verdict = Verdict.DISCONTINUE
    for status in (EventStatus.ACTIVE, EventStatus.RESOLVED):
        verdict = min(verdict, judge_events(with_status(chart, open_[0], status), shown).verdict)
        if verdict <= max(known, Verdict.NEEDS_DATA):
            return
    yield Vote(episode.path, verdict, (episode.path.its("status"),), (_EITHER_WAY,))


_EITHER_WAY = Reason(
    "guard/either-way",
    "It is reported without its status, and found now. Whether it is one episode that goes on or a second one, it calls for this.",
)


def _episodes(chart: Chart) -> Iterator[Episode]:
    """Every episode of the case: the reported ones, those of the current findings, and the patient's infection."""
    yield from (by_results(improved_by_results(episode, chart), chart) for episode in chart.events)
    yield from chart.findings
    if chart.case.patient.infection in ActiveInfection and chart.acts_on_infection and chart.infection_is_the_patients:
        yield read(ToxicityEvent(Toxicity.INFECTION, status=EventStatus.ACTIVE), chart.book, Fact("patient", field="infection"))


def _before_treatment(episode: Episode, planned: Planned) -> Judged | None:
    """The vote of an episode that began and ended before the first dose: it is not a toxicity of the drug."""
    path, event = episode.path, episode.event
    if not event.over or not _is_older(event, planned):
        return None
    if event.other_cause:
        return _with_other_cause_before(episode)
    verdicts = {_by_older(grade) for grade in episode.grades}
    vote = Vote(path, floored(verdicts), (path.its(episode.lacks),) if len(verdicts) > 1 else (), (_BEFORE,))
    return Judged((vote,), (AssessedToxicity(path, event.toxicity, tuple(sorted(episode.grades)), NotCovered((_BEFORE,))),))


def _with_other_cause_before(episode: Episode) -> Judged:
    """The vote of such an episode if it has another cause: nothing is left to assess."""
    path, event = episode.path, episode.event
    note = Note(path, f"{named(event.toxicity)} of another cause was over before the first dose; it does not count.")
    toxicity = AssessedToxicity(path, event.toxicity, tuple(sorted(episode.grades)), NotCovered((_BEFORE,)))
    return Judged((Vote(path, Verdict.PROCEED, (), (_BEFORE,)),), (toxicity,), notes=(note,))


def _is_older(event: ToxicityEvent, planned: Planned) -> bool:
    """Whether an episode, if it is over, began before the first dose."""
    first = planned.first
    return planned.untreated if first is None else event.onset is not None and earlier(event.onset, first) is True


def _by_older(grade: Grade) -> Verdict:
    return Verdict.NEEDS_ASSESSMENT if grade >= Grade.SEVERE else Verdict.PROCEED


def judge_episode(episode: Episode, planned: Planned) -> Judged:
    """One episode, with its vote."""
    path, event = episode.path, episode.event
    by_cell = outcomes(episode, planned)
    action = joined(episode, by_cell, planned)
    grades = tuple(dict.fromkeys(grade for grade, _ in by_cell))
    if isinstance(action, Decided) and event.over:
        return _over(path, event.toxicity, grades, action)
    verdicts = _verdicts(episode, by_cell, planned)
    missing = [episode.place.its(fact) for axis, fact in enumerate((episode.lacks, "status")) if matters(axis, verdicts)]
    for cell, answer in by_cell.items():
        missing += _lacking(episode, answer, planned) if len(verdicts[cell]) > 1 else ()
    missing += _unread_clock(episode, verdicts, planned)
    why: tuple[Reason, ...] = ()
    verdict = floored(frozenset().union(*verdicts.values()))
    if verdict is Verdict.NEEDS_DATA:
        verdict, missing, why = _for_data_or_a_clinician(episode, by_cell, missing, planned)
    vote = Vote(path, verdict, tuple(_supplied(episode, missing)), action.reasons + guards_of(by_cell) + why)
    by_grade = _by_grade(episode, by_cell, planned) if isinstance(action, NeedsData) and len(grades) > 1 else ()
    return Judged((vote,), (AssessedToxicity(path, event.toxicity, grades, action, by_grade),))


def _by_grade(episode: Episode, by_cell: Outcomes, planned: Planned) -> tuple[tuple[Grade, Decision[ToxicityAction]], ...]:
    """What must be done at each grade that an episode may have."""
    grades = dict.fromkeys(grade for grade, _ in by_cell)
    cells = {grade: {cell: answer for cell, answer in by_cell.items() if cell[0] is grade} for grade in grades}
    return tuple((grade, joined(episode, of_grade, planned)) for grade, of_grade in cells.items())


def _verdicts(episode: Episode, by_cell: Outcomes, planned: Planned) -> dict[tuple[Any, ...], frozenset[Verdict]]:
    """The verdicts that are still possible, for each grade and status."""
    verdicts = {cell: verdicts_of(answer, cell[0]) for cell, answer in by_cell.items()}
    if episode.event.over is None and _is_older(episode.event, planned):
        verdicts |= {cell: frozenset((_by_older(cell[0]),)) for cell in verdicts if cell[1]}
    return verdicts


def _for_data_or_a_clinician(
    episode: Episode, by_cell: Outcomes, missing: list[Fact], planned: Planned
) -> tuple[Verdict, list[Fact], tuple[Reason, ...]]:
    """Whether data can still settle an open verdict or a clinician must; with the missing facts and the reasons."""
    event, grade = episode.event, episode.place.its("grade")
    if not missing and _lacks_role(event, by_cell, planned):
        return Verdict.NEEDS_ASSESSMENT, [], (planned.unsettled,)
    if not missing and planned.past.is_for_a_clinician(episode):
        return Verdict.NEEDS_ASSESSMENT, [], (_EARLIER_OPEN,)
    missing = missing or [episode.place.its(episode.lacks)]
    known = event.grade is not None or episode.path.part == "findings" or _is_left_open(event)
    if known and grade in missing and not episode.asks:
        return Verdict.NEEDS_ASSESSMENT, [fact for fact in missing if fact != grade], (_WORSE_FOUND,)
    if is_severe_with_or_without_fever(event.findings):
        return Verdict.NEEDS_ASSESSMENT, missing, (FEVER_UNKNOWN,)
    return Verdict.NEEDS_DATA, missing, ()


def _is_left_open(event: ToxicityEvent) -> bool:
    """Whether current findings are abnormal and known, so that nothing but the scale leaves their grade open."""
    findings = event.findings if event.over is False else None
    return findings is not None and is_abnormal(findings) and not not_known(findings)


def _lacks_role(event: ToxicityEvent, by_cell: Outcomes, planned: Planned) -> bool:
    """Whether an action depends on the role of the dose."""
    return any(asked_for(fact, event, planned) == ROLE.fact for answer in by_cell.values() for fact in answer.missing)


def _over(path: Fact, toxicity: Toxicity, grades: tuple[Grade, ...], action: Decided[ToxicityAction]) -> Judged:
    """An episode that has resolved and leaves no question open."""
    unsettled = (UNSETTLED,) if unsettled_of(action) else ()
    vote = Vote(path, strictest_of(verdicts_of(action, Grade.NONE)), (), action.reasons + unsettled)
    return Judged((vote,), (AssessedToxicity(path, toxicity, grades, action),))


def _lacking(episode: Episode, answer: Decision[ToxicityAction], planned: Planned) -> Iterator[Fact]:
    """The facts of the case that are missing for an action. None concerns the role of the dose if no fact would settle the role."""
    for fact in answer.missing:
        asked = asked_for(fact, episode.event, planned)
        if asked == ROLE.fact:
            yield from planned.settling
        elif fact == EVENTS and planned.events is not None:
            yield from planned.past.settled_by(episode)
        else:
            yield _ELSEWHERE.get(asked) or episode.place.its(asked)


_ELSEWHERE: Final[Mapping[str, Fact]] = {"planned_start": PLANNED_START, "events": EVENTS}
"""The facts that an action needs and that are not part of an event."""


def _supplied(episode: Episode, missing: Iterable[Fact]) -> dict[Fact, None]:
    """The missing facts. A missing grade is replaced by the facts that would settle it."""
    lacks, facts = episode.place.its(episode.lacks), dict[Fact, None]()
    for fact in missing:
        facts |= dict.fromkeys(_asks_of(episode) if fact == lacks else (fact,))
    return facts


def _asks_of(episode: Episode) -> tuple[Fact, ...]:
    """The facts that would settle the grade of an episode. None, if all findings are known and the scale leaves the grade open."""
    if episode.asks or episode.path.part == "findings":
        return episode.asks
    return (episode.place.its(episode.lacks),)


def _unread_clock(episode: Episode, verdicts: Mapping[tuple[object, ...], frozenset[Verdict]], planned: Planned) -> Iterator[Fact]:
    """The missing dates of a clock, if the verdict changes when the clock has run out."""
    event = episode.event
    if (event.onset is not None and planned.planned_start is not None) or DAYS not in planned.book[TOXICITY_ACTION[event.toxicity]].asks:
        return
    strict = outcomes(episode, planned, strict=True)
    if any(verdicts_of(answer, cell[0]) != verdicts[cell] for cell, answer in strict.items()):
        yield from ([PLANNED_START] if planned.planned_start is None else [])
        yield from ([episode.place.its("onset")] if event.onset is None else [])


def _event_notes(episode: Episode, chart: Chart, action: Decision[ToxicityAction]) -> Iterator[Note]:
    path, event, case, book = episode.path, episode.event, chart.case, chart.book
    yield from _status_notes(episode, case, action)
    if event.over is True and event.bleeding and bled_before(event, chart.planned):
        yield Note(path, "it reports bleeding, but a dose was given after it had ended: the bleeding counts as over.")
    if event.over is True or event.grade is Grade.NONE:
        return
    yield from conflicting(path, action)
    findings = event.findings
    if isinstance(findings, NeuroFindings) and findings.ice is None and isinstance(ice := ice_assessment(findings, rulebook=book), Decided):
        yield Note(path, f"{ice.value.modality} {ice.value.what}: {ice.reasons[0].says} [{ice.reasons[0].row}]", to_do=True)
    if event.toxicity is Toxicity.CRS:
        yield from _results_to_monitor(episode, case, book)


def _status_notes(episode: Episode, case: Case, action: Decision[ToxicityAction]) -> Iterator[Note]:
    """Notes on the interpretation of cause and dates, or on an episode for which the rulebook gives no action."""
    path, event = episode.path, episode.event
    if episode.other_cause and event.over is not True:
        yield Note(path, f"another cause is reported, so it does not count as {named(event.toxicity)}. Inform a clinician.")
    elif isinstance(action, NotCovered) and event.over is not True and event.grade is not Grade.NONE:
        yield Note(path, f"the rulebook gives no action for {named(event.toxicity)} that is not over.")
    if event.onset is not None and case.planned_start is not None and earlier(case.planned_start, event.onset):
        yield Note(path, "its onset is after the planned start; it still counts.")
    if recovers_later(event, case):
        yield Note(path, "its recovery is dated after the planned start, so it counts as ongoing.")


def _results_to_monitor(episode: Episode, case: Case, book: Rulebook) -> Iterator[Note]:
    """The laboratory results to monitor during cytokine release syndrome."""
    orders = {analyte: book[LAB_DURING_CRS](case.point.number, analyte) for analyte in Analyte}
    wanted = {analyte: answer for analyte, answer in orders.items() if isinstance(answer, Decided)}
    if wanted:
        rows = union(tuple(reason.row for reason in answer.reasons) for answer in wanted.values())
        when = "while" if episode.event.over is False else "if"
        yield Note(episode.path, f"{when} it is active, monitor {listed(map(named, wanted))} [{', '.join(rows)}]", to_do=True)


def _without_grade(chart: Chart) -> Iterator[Note]:
    """A note on a recorded grade 0 with an onset and an end. If ongoing at the dose, its grade is not known; else it does not count."""
    for n, event in enumerate(chart.case.events or ()):
        if event.grade is Grade.NONE and event.onset is not None and event.resolved is not None:
            on = chart.events[n].event.over is False
            says = "is ongoing at the planned start, so its grade counts as not known" if on else "is not an episode and does not count"
            yield Note(Fact("events", n), f"{named(event.toxicity)} of grade 0 with an onset and an end {says}.")


def conflicting(part: str, answer: Decision[Any]) -> tuple[Note, ...]:
    """Lists the drugs that the books of a stack order differently. Their doses are never added up."""
    drugs = conflicts(answer)
    if not drugs:
        return ()
    says = f"the sources order {listed(drugs)} differently. Follow only one order for each drug; a clinician chooses."
    return (Note(part, says, to_do=part != "premedication"),)  # a plan has its own place on a screen


@lru_cache(maxsize=256)
def conflicting_drugs(plan: Decision[PremedicationPlan]) -> tuple[Note, ...]:
    """`conflicting` for the drugs of an infusion. A plan holds nothing of a case and comes from few rows, so the notes are remembered."""
    return conflicting("premedication", plan)


_STEROIDS = tuple(Steroid)


def _same_steroid(toxicities: Sequence[AssessedToxicity], case: Case) -> Iterator[Note]:
    """Lists the steroids that several toxicities call for. Their doses are never added up."""
    if sum(any(action is not None and action.treatments for action in toxicity.action.possible) for toxicity in toxicities) <= 1:
        return
    asked = {(toxicity.toxicity, toxicity.path): (toxicity, drugs) for toxicity in toxicities if (drugs := _steroids_of(toxicity))}
    if len(asked) > 1:
        orders = "; ".join(f"{_called(toxicity, case)}: {listed(drugs)}" for toxicity, drugs in asked.values())
        yield Note("steroids", f"more than one toxicity asks for them ({orders}). Do not add them up; a clinician chooses.", to_do=True)


def _called(toxicity: AssessedToxicity, case: Case) -> str:
    """A toxicity in words, with what shows it if that has another name."""
    name, part = named(toxicity.toxicity), part_in_words(toxicity.path, case)
    return part if part.startswith(name) else f"{name} ({part})"


def _steroids_of(toxicity: AssessedToxicity) -> tuple[str, ...]:
    """The steroids that a toxicity calls for, each with its amount."""
    actions = [action for action in toxicity.action.possible if action is not None]
    treatments = [item for action in actions for item in action.treatments if item.amount is not None]
    steroids = [item for item in treatments if any(steroid in item.what for steroid in _STEROIDS)]
    return tuple(dict.fromkeys(f"{item.what} {item.amount}" for item in steroids))

"""What became of each fact of a case: a vote rests on it, it informed an answer, or it does not count, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import evolve, fields, frozen

from tarlatamab_rules.assessment.chart import with_infection
from tarlatamab_rules.assessment.dates import doubts_of
from tarlatamab_rules.assessment.lab_episodes import IN_SERIES, series_of
from tarlatamab_rules.assessment.lab_unused import AFTER_START, WHY_UNUSED, old_results, recent_unused
from tarlatamab_rules.assessment.labs import SEVERE_ASIDE
from tarlatamab_rules.assessment.recovery import by_results
from tarlatamab_rules.assessment.words import fact_in_words, listed
from tarlatamab_rules.core.decisions import Decision, NotCovered
from tarlatamab_rules.core.paths import Fact, as_fact
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import WORST_SO_FAR
from tarlatamab_rules.rulebooks.questions import BY_INFECTION, MONITORING
from tarlatamab_rules.rules.course import first_given
from tarlatamab_rules.rules.eligibility import criteria
from tarlatamab_rules.rules.grading import is_above
from tarlatamab_rules.rules.severity import is_severe
from tarlatamab_rules.rules.signs import is_chronic, is_normal
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import Standing

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tarlatamab_rules.assessment.chart import Chart, OfAnalyte, Result
    from tarlatamab_rules.assessment.votes import Vote
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.rules.event_grade import Episode
    from tarlatamab_rules.values.vocabulary import Eligibility

__all__ = ["Accounted", "Fate", "account"]


class Fate(StrEnum):
    """What became of a fact of the case."""

    VOTED = "voted"
    INFORMED = "informed"
    NOT_COUNTED = "not-counted"


@frozen
class Accounted(Shown):
    """One fact of a case, and what became of it.

    Attributes:
        path: The fact, by its key and its place in the case, such as ``labs[4]``, ``events[0]``, ``course[2]``, ``findings.crs``,
            ``patient.infection`` or ``ordered``.

        fate: *voted*: a vote rests on it. *informed*: it was used for an answer, but no vote rests on it. *not-counted*: it does not
            affect this dose; `says` gives the reason.

        says: What it is, and why it does or does not count, in words.

        votes: The parts of the votes that rest on it. A vote that would be cast if the fact were missing is among them.
    """

    path: str
    fate: Fate
    says: str
    votes: tuple[str, ...] = ()


def account(chart: Chart, votes: Sequence[Vote], answers: Sequence[Decision[Eligibility]]) -> tuple[Accounted, ...]:
    """What became of every dose, result, event and finding of a case, of the ordered amount, and of each known fact of the patient."""
    parts = tuple(dict.fromkeys(as_fact(vote.part) for vote in votes))
    asked = not isinstance(chart.book[BY_INFECTION](None), NotCovered)
    infections = frozenset(_infections(chart)) if asked else frozenset[Fact]()
    doubtful = {doubt.path.item for doubt in doubts_of(chart) if doubt.votes}
    return (
        *_patient(chart, parts, answers),
        *_ordered(chart),
        *_course(chart, doubtful),
        *_results(chart, votes),
        *(_episode(episode, chart, parts, (doubtful, infections)) for episode in chart.events),
        *_findings(chart, parts),
    )


# --- the patient and the order ---

_CRITERIA: Final = ("age_years", "diagnosis", "progressed_after_platinum", "infection", "pregnant", "breastfeeding", "hypersensitivity")
"""The fact that each criterion of eligibility depends on, in the order of the criteria."""
_INFECTION: Final = Fact("patient", field="infection")
_POTENTIAL: Final = Fact("patient", field="childbearing_potential")


def _patient(chart: Chart, parts: Sequence[Fact], answers: Sequence[Decision[Eligibility]]) -> Iterator[Accounted]:
    """Each known fact of the patient."""
    by_fact = dict(zip(_CRITERIA, answers, strict=True))
    for field in fields(Patient):
        path, value = Fact("patient", field=field.name), getattr(chart.case.patient, field.name)
        if value is not None:
            voted = _voted(path, value, by_fact.get(field.name), chart, parts)
            yield voted or _not_voted(path, value, chart, answers)


def _voted(path: Fact, value: object, answer: Decision[Eligibility] | None, chart: Chart, parts: Sequence[Fact]) -> Accounted | None:
    """A fact of the patient on which a vote rests; ``None`` if none does."""
    replaced = path == _INFECTION and bool(_infections(chart))
    counting = None if isinstance(answer, NotCovered) or replaced else answer
    votes = (*(("eligibility",) if counting is not None else ()), *((path,) if path in parts else ()))
    says = " ".join(dict.fromkeys(reason.says for reason in counting.reasons)) if counting is not None else ""
    return Accounted(path, Fate.VOTED, says or f"{value}", votes) if votes else None


def _not_voted(path: Fact, value: object, chart: Chart, answers: Sequence[Decision[Eligibility]]) -> Accounted:
    """A fact of the patient that a vote does not name as its part."""
    if path == _POTENTIAL:
        return _potential(chart, path, answers)
    if path == _INFECTION:
        if reported := _infections(chart):
            return Accounted(
                path,
                Fate.NOT_COUNTED,
                f"{value}; the reported episode counts instead: {listed(fact_in_words(path, chart.case) for path in reported)}.",
            )
        if chart.acts_on_infection:
            return Accounted(path, Fate.VOTED, f"{value}: an active infection may hold the dose, and no event reports one.", (path,))
    return Accounted(path, Fate.NOT_COUNTED, f"{chart.book.source.title} does not mention it.")


def _infections(chart: Chart) -> list[Fact]:
    """The events that report the patient's infection, if they count instead of the patient's field."""
    patient = chart.case.patient
    reported = with_infection(patient, chart.events).infection
    if reported is patient.infection:
        return []
    over = None if reported is None else False
    return [episode.path for episode in chart.events if episode.event.toxicity is Toxicity.INFECTION and episode.event.over is over]


def _potential(chart: Chart, path: Fact, answers: Sequence[Decision[Eligibility]]) -> Accounted:
    """Childbearing potential, which may settle pregnancy and breast-feeding."""
    patient = with_infection(chart.case.patient, chart.events)
    if tuple(answers) == criteria(evolve(patient, childbearing_potential=None), rulebook=chart.book):
        return Accounted(path, Fate.INFORMED, "Used for pregnancy, breast-feeding and contraception.")
    return Accounted(path, Fate.VOTED, "It settles pregnancy or breast-feeding, and is used for contraception.", ("eligibility",))


def _ordered(chart: Chart) -> Iterator[Accounted]:
    ordered, steps = chart.case.ordered, [step for step in chart.step.possible if step is not None]
    if ordered is None:
        return
    due = " or ".join(dict.fromkeys(str(step.amount) for step in steps))
    says = f"{ordered} is ordered, and {due} is due." if due else f"{ordered} is ordered; no amount is available to compare it with."
    yield Accounted(Fact("ordered"), Fate.VOTED, says, ("dose",))


# --- the course ---


def _course(chart: Chart, doubtful: Collection[Fact]) -> Iterator[Accounted]:
    """The doses. All of them together decide whether the planned dose follows."""
    course = chart.case.course
    for n, dose in enumerate(course.as_given if course else ()):
        facts = [str(fact) for fact in (dose.point, dose.amount, dose.started or dose.ended) if fact is not None]
        dates = ("dates",) if Fact("course", n) in doubtful else ()
        yield Accounted(Fact("course", n), Fate.VOTED, f"{', '.join(facts)}: given.", ("dose", *dates))


# --- toxicities ---


def _episode(episode: Episode, chart: Chart, parts: Sequence[Fact], paths: tuple[Collection[Fact], Collection[Fact]]) -> Accounted:
    """One event; *paths* has the events with doubtful dates, and the events that report the patient's infection."""
    event, used = episode.event, by_results(episode, chart).event
    doubtful, infections = paths
    grades = " or ".join(f"{grade:d}" for grade in sorted(episode.grades))
    state = {True: "over", False: "ongoing", None: "not known to be over"}[event.over]
    if used.current_grade is not None and used.current_grade != event.current_grade:
        reported = "reported as active; " if event.over is False else ""
        state = f"{reported}later results show grade {used.current_grade:d} now, which counts"
    votes = tuple(part for part in parts if episode.path in part.facts)
    dates = ("dates",) if episode.path in doubtful else ()
    patient = ("eligibility",) if episode.path in infections else ()
    return Accounted(episode.path, Fate.VOTED, f"{named(event.toxicity)}, grade {grades}, {state}.", votes + dates + patient)


def _findings(chart: Chart, parts: Sequence[Fact]) -> Iterator[Accounted]:
    """The current findings."""
    for findings in chart.case.findings or ():
        path = Fact("findings", Toxicity.CRS if isinstance(findings, CrsFindings) else Toxicity.ICANS)
        votes = tuple(part for part in parts if path in part.facts)
        yield Accounted(path, Fate.VOTED, "Current findings, not normal.", votes) if votes else _without_part(findings, path, chart)


def _without_part(findings: Findings, path: Fact, chart: Chart) -> Accounted:
    """Findings that are no part of a vote: they are normal, do not count, or belong to a reported episode."""
    toxicity = path.which
    reported = [episode.path for episode in chart.events if episode.event.toxicity is toxicity and episode.event.over is False]
    if isinstance(findings, CrsFindings) and is_chronic(findings):
        return Accounted(path, Fate.NOT_COUNTED, "Oxygen without fever, because of another cause: it does not count as CRS.")
    if is_normal(findings) or not reported:
        return Accounted(path, Fate.INFORMED, f"No sign of {named(toxicity)}.")
    says = f"Current findings of a reported episode: the two count once, as {fact_in_words(reported[0], chart.case)}."
    return Accounted(path, Fate.VOTED, says, (reported[0],))


# --- results ---


def _results(chart: Chart, votes: Sequence[Vote]) -> Iterator[Accounted]:
    """The results, in the order of the case."""
    by_lab: dict[int, Accounted] = {}
    old = {id(result) for result in old_results(chart)}
    for labs in chart.labs:
        earlier_on = {sample[0] for series in series_of(labs, chart) for sample in series}
        for result, parts in _with_parts(labs, chart, votes, earlier_on):
            shows = "; it may show an earlier episode" if not result.counts and result.lab.collected in earlier_on else ""
            by_lab[id(result.lab)] = _result(labs.analyte, result, ("labs", *parts) if id(result) in old else parts, chart, shows)
    for n, lab in enumerate(chart.case.labs or ()):
        yield evolve(by_lab[id(lab)], path=Fact("labs", n))


def _with_parts(labs: OfAnalyte, chart: Chart, votes: Sequence[Vote], dates: AbstractSet[When]) -> Iterator[tuple[Result, tuple[str, ...]]]:
    """Each result of an analyte, with the parts of the votes that rest on it; *dates* are those of earlier results in a series."""
    on_analyte = [vote for vote in votes if labs.path in as_fact(vote.part).facts]
    severe = {id(result) for result in recent_unused(labs, chart) if is_severe(result.grade, result.as_normal)}
    alike: dict[object, tuple[str, ...]] = {}  # thousands of results may rest on thousands of votes
    for result in labs.results:
        facts = result.lab.collected in dates, id(result) in severe
        kind = result.standing.standing, result.standing.missing, is_above(result.lab), *facts
        if kind not in alike:
            alike[kind] = tuple(dict.fromkeys([vote.part for vote in on_analyte if _bears(result, vote, *facts)]))
        yield result, alike[kind]


def _bears(result: Result, vote: Vote, in_series: bool, severe: bool) -> bool:  # noqa: FBT001  # two facts of the result
    """Whether a vote on an analyte rests on this result."""
    standing, missing = result.standing.standing, result.standing.missing
    if standing is Standing.AFTER_PLANNED_START:
        return AFTER_START in vote.reasons
    if as_fact(vote.part).beside is not None:
        return result.counts or is_above(result.lab) is not False
    return result.counts or in_series or not set(missing).isdisjoint(vote.missing) or (severe and SEVERE_ASIDE in vote.reasons)


def _result(analyte: Analyte, result: Result, votes: tuple[str, ...], chart: Chart, shows: str) -> Accounted:
    grades = " or ".join(f"{grade:d}" for grade in result.grades)
    says = f"{named(analyte)} {result.lab.quantity}, {f'grade {grades}' if grades else 'not graded'}"
    standing, first = result.standing.standing, first_given(chart.case.course)
    if votes:
        why = "counts for the dose" if result.counts else WHY_UNUSED.get(standing, "it is not known whether it counts")
        return Accounted("", Fate.VOTED, f"{says}: {why}{shows}.", votes)
    if result.counts:
        return Accounted("", Fate.INFORMED, f"{says}: counts for the dose, but the dose does not wait for it.")
    drawn, watched = result.lab.collected, WORST_SO_FAR in chart.book[MONITORING].asks
    if watched and drawn is not None and first is not None and standing in IN_SERIES and earlier(first, drawn):
        return Accounted("", Fate.INFORMED, f"{says}: {WHY_UNUSED[standing]}; used for the worst toxicity so far.")
    return Accounted("", Fate.NOT_COUNTED, f"{says}: {WHY_UNUSED.get(standing, 'its date, or another date, is missing')}.")

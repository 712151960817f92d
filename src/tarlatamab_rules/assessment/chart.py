"""A case as one book reads it. The case is read once; later steps look at the chart instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import evolve, frozen

from tarlatamab_rules.assessment.symptoms import Symptoms, symptoms_by
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs._fields import day, earlier
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.patient import Infection
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.rules.course import days_since, first_given, possible_roles, role_lacks, roles_of
from tarlatamab_rules.rules.event_grade import Episode, as_found, ends_after, merged, read
from tarlatamab_rules.rules.given import Deviation, deviations
from tarlatamab_rules.rules.grading import grade_lab
from tarlatamab_rules.rules.labs import standings
from tarlatamab_rules.rules.next_dose import planned_step
from tarlatamab_rules.rules.planned import Planned
from tarlatamab_rules.rules.severity import grades_as_normal
from tarlatamab_rules.rules.signs import is_normal, is_unexplained
from tarlatamab_rules.values.labs import LabStanding
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.inputs.patient import Patient
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.doses import DoseStep

__all__ = ["ActiveInfection", "Chart", "OfAnalyte", "Result", "chart_of", "episodes", "with_infection", "with_status"]

ActiveInfection: Final[frozenset[Infection]] = frozenset((Infection.CONTROLLED, Infection.UNCONTROLLED))
"""The values of the patient's field that mean an active infection."""
_COUNTS: Final = Standing.COUNTS  # looking up a member of an enumeration costs more than comparing two of them


class Result(NamedTuple):
    """A laboratory result that was reported.

    Attributes:
        lab: The result.

        standing: Whether it counts for the dose, or why not.

        grade: Its grade by the scale that the book uses.

        grades: The grades that it may have, mildest first; empty if the scale leaves the grade open.

        counts: Whether it counts for the dose.

        as_normal: The grades that remain if the value before treatment is taken as normal, and a missing limit as the greatest plausible
            one; empty if neither is missing.
    """

    lab: LabResult
    standing: LabStanding
    grade: Decision[Grade]
    grades: tuple[Grade, ...]
    counts: bool
    as_normal: tuple[Grade, ...] = ()


class OfAnalyte(NamedTuple):
    """What is known of one analyte that was measured, or that the dose requires or recommends.

    Attributes:
        analyte: The analyte.

        need: Whether the dose requires or recommends it.

        results: The results that were reported.

        counting: The results that count for the dose; if dates do not put two in order, both count.
    """

    analyte: Analyte
    need: LabNeed
    results: tuple[Result, ...]
    counting: tuple[Result, ...]

    @property
    def path(self) -> Fact:
        """The path of its results in a case."""
        return Fact("labs", self.analyte)

    def standing(self, *standings: Standing) -> list[Result]:
        """The results with one of these standings."""
        return [result for result in self.results if result.standing.standing in standings]


@frozen
class Chart:
    """A case as one book reads it.

    Attributes:
        case: The case.

        book: The book.

        step: The dose that the book gives at this point of the course.

        planned: The planned dose, in the form that the rules need.

        events: The reported episodes, as they are at the dose. An ongoing one has the worse of its report and the current findings.

        findings: The current findings as ongoing episodes, if their syndrome may have a grade and no event reports it.

        standings: Which results count for the dose, why the others do not, and which results are missing.

        labs: The results, by analyte.

        symptoms: What the events show about symptoms of abnormal results.

        max_age: The maximum age of a result that the caller passed.
    """

    case: Case
    book: Rulebook
    step: Decision[DoseStep]
    planned: Planned
    events: tuple[Episode, ...]
    findings: tuple[Episode, ...]
    standings: tuple[LabStanding, ...]
    labs: tuple[OfAnalyte, ...]
    symptoms: Symptoms
    max_age: timedelta | None

    @cached_property
    def odd(self) -> tuple[Deviation, ...]:
        """What is odd about the doses given so far. It is read when it is first asked for, because results and events do not need it."""
        return deviations(self.case, self.book)

    @property
    def acts_on_infection(self) -> bool:
        """Whether the book acts on an infection."""
        answers = self.book[TOXICITY_ACTION[Toxicity.INFECTION]]
        return answers.silent < answers.cells

    @property
    def infection_is_the_patients(self) -> bool:
        """Whether no event reports an ongoing infection, so that the patient's field counts."""
        return not any(episode.event.toxicity is Toxicity.INFECTION and episode.event.over is False for episode in self.events)


def chart_of(case: Case, book: Rulebook, max_age: timedelta | None) -> Chart:
    """The chart of a case by *book*; results older than *max_age* at the planned start do not count."""
    events, findings = _episodes_of(case, book)
    days = None if case.course is None else days_since(case.course, case.planned_start)
    step, stand = planned_step(case, days, book), standings(case, max_age, book)
    symptoms = symptoms_by(None if case.events is None else events)
    return Chart(
        case=case,
        book=book,
        step=step,
        planned=_planned(case, step, days, (*events, *findings), book),
        events=events,
        findings=findings,
        standings=tuple(chain.from_iterable(stand)),
        labs=tuple([_of_analyte(of_analyte, symptoms, book) for of_analyte in stand]),
        symptoms=symptoms,
        max_age=max_age,
    )


def _episodes_of(case: Case, book: Rulebook) -> tuple[tuple[Episode, ...], tuple[Episode, ...]]:
    reported = case.events or ()
    least = [event.current_grade or Grade.NONE for event in reported]
    return episodes([_at_the_dose(event, case) for event in reported], case.findings or (), case.planned_start, book, least)


def with_status(chart: Chart, n: int, status: EventStatus) -> Chart:
    """The chart if an event has a status."""
    events = list(chart.case.events or ())
    events[n] = evolve(events[n], status=status)
    case, book = evolve(chart.case, events=events), chart.book
    reported, findings = _episodes_of(case, book)
    days = None if case.course is None else days_since(case.course, case.planned_start)
    planned = _planned(case, chart.step, days, (*reported, *findings), book)
    return evolve(chart, case=case, events=reported, findings=findings, planned=planned)


def with_infection(patient: Patient, events: Iterable[Episode]) -> Patient:
    """The patient with the infection that the events report: one fact feeds eligibility and toxicity alike."""
    if patient.infection in ActiveInfection:
        return patient
    infections = [episode.event for episode in events if episode.event.toxicity is Toxicity.INFECTION]
    going_on = {event.over for event in infections if event.grade is not Grade.NONE}  # what goes on has some grade
    if False in going_on:
        return evolve(patient, infection=Infection.CONTROLLED)
    return evolve(patient, infection=None) if None in going_on else patient


def _at_the_dose(event: ToxicityEvent, case: Case) -> ToxicityEvent:
    """An event as it is at the dose. If it ends or improves after the planned start, it is ongoing, and `improved` holds that date."""
    start, improved = case.planned_start, event.improved or event.resolved
    late = improved is not None and start is not None and earlier(start, improved)
    resolved = None if late or ends_after(event, start) else event.resolved
    if resolved is event.resolved and not late:
        return event
    # An ongoing episode has some grade, so a recorded 0 is not its grade.
    grade = None if event.grade is Grade.NONE else event.grade
    return evolve(event, grade=grade, resolved=resolved, improved=improved, status=EventStatus.ACTIVE, current_grade=None)


def _planned(case: Case, step: Decision[DoseStep], days: int | None, events: tuple[Episode, ...], book: Rulebook) -> Planned:
    """The planned dose in the form that the rules need. What began before the first dose is not a toxicity of the drug."""
    course = case.course
    if course is None:
        role = possible_roles(case.point)
    elif isinstance(step, Decided):
        role = step.value.role
    else:
        role = roles_of(case.point, course, days, book)
    first, counting = first_given(course), None
    if case.events is not None:
        counting = tuple([item for item in events if item.event.onset is None or first is None or not earlier(item.event.onset, first)])
    lacks = role_lacks(course, case.planned_start, days, book)
    return Planned(case.point.number, role, case.planned_start, course, counting, book, lacks=lacks)


def episodes(
    events: Sequence[ToxicityEvent],
    findings: Iterable[Findings],
    now: When | None,
    book: Rulebook,
    least: Iterable[Grade] | None = None,
) -> tuple[tuple[Episode, ...], tuple[Episode, ...]]:
    """The reported episodes, those that go on with the findings of *now*, and the findings that belong to none of them.

    *least* holds for each event the grade that it reached for certain, if the event itself does not say so.
    """
    read_by = enumerate(zip(events, [Grade.NONE] * len(events) if least is None else least, strict=True))
    reported = tuple([read(event, book, Fact("events", n), reached) for n, (event, reached) in read_by])
    return _counted_once(reported, tuple(_found_now(findings, now, book)))


def _found_now(findings: Iterable[Findings], now: When | None, book: Rulebook) -> Iterator[Episode]:
    for found in findings:
        toxicity = Toxicity.CRS if isinstance(found, CrsFindings) else Toxicity.ICANS
        if not is_normal(found) and not is_unexplained(found):
            yield as_found(found, book, Fact("findings", toxicity), now)


def _counted_once(events: tuple[Episode, ...], current: tuple[Episode, ...]) -> tuple[tuple[Episode, ...], tuple[Episode, ...]]:
    """The reported episodes, merged with the current findings that belong to them; and the findings that belong to none."""
    reported, rest = list(events), []
    for episode in current:
        of = [n for n, report in enumerate(reported) if _is_of(episode, report)]
        if of:
            # Of several ongoing ones it is the worst, whatever their order: the findings do not make another one as bad.
            worst = reported[max(of, key=lambda n: _how_bad(reported[n]))]
            for n in of:
                if reported[n].event == worst.event:  # one event may be listed twice
                    reported[n] = merged(reported[n], episode)
        else:
            rest.append(episode)
    return tuple(reported), tuple(rest)


def _how_bad(episode: Episode) -> tuple[int, int, int]:
    """What tells the worst of several episodes: its grades, then how late it began."""
    onset = episode.event.onset
    return max(episode.grades), min(episode.grades), 0 if onset is None else day(onset).toordinal()


def _is_of(current: Episode, reported: Episode) -> bool:
    """Whether the current findings belong to an ongoing reported episode. Both or neither must have another cause."""
    same = reported.event.toxicity is current.event.toxicity and reported.other_cause is current.other_cause
    return same and reported.event.over is False


_counts: Final = attrgetter("counts")


def _of_analyte(stand: tuple[LabStanding, ...], symptoms: Symptoms, book: Rulebook) -> OfAnalyte:
    results = tuple([_graded(standing.result, standing, symptoms, book) for standing in stand if standing.result is not None])
    return OfAnalyte(stand[0].analyte, stand[0].need, results, tuple(filter(_counts, results)))


def _graded(lab: LabResult, standing: LabStanding, symptoms: Symptoms, book: Rulebook) -> Result:
    counts, grade = standing.standing is _COUNTS, grade_lab(lab, rulebook=book.lab_scale)
    if isinstance(grade, NeedsData):
        grade = symptoms.settled(lab, grade, standing.need, book.lab_scale)
    if isinstance(grade, Decided):
        return Result(lab, standing, grade, (grade.value,), counts)
    grades = tuple([value for value in grade.possible if value is not None])
    return Result(lab, standing, grade, grades, counts, grades_as_normal(lab, grade, book.lab_scale))

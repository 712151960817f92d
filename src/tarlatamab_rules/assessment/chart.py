"""A case as one book reads it: everything read once, so that what comes after asks the chart and not the case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import evolve, frozen

from tarlatamab_rules.answers.labs import LabStanding
from tarlatamab_rules.answers.vocabulary import LabNeed, Standing
from tarlatamab_rules.assessment.symptoms import Symptoms, symptoms_by
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs._fields import earlier
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

if TYPE_CHECKING:
    from tarlatamab_rules.answers.doses import DoseStep
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.inputs.patient import Patient
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["ActiveInfection", "Chart", "OfAnalyte", "Result", "chart_of", "with_infection"]

ActiveInfection: Final[frozenset[Infection]] = frozenset((Infection.CONTROLLED, Infection.UNCONTROLLED))
"""An infection that is active, as a patient's field has it."""
_COUNTS: Final = Standing.COUNTS  # to look up a member of an enumeration costs more than to compare two of them


class Result(NamedTuple):
    """A laboratory result that was reported.

    Attributes:
        lab: The result.

        standing: How it stands to the dose.

        grade: Its grade by the scale that the book reads.

        grades: The grades that it may have, mildest first; empty where the scale leaves it open.

        counts: Whether it counts for the dose.

        as_normal: Those of its grades that a normal value before treatment leaves, and the greatest plausible limit if that is missing;
            empty if neither is missing.
    """

    lab: LabResult
    standing: LabStanding
    grade: Decision[Grade]
    grades: tuple[Grade, ...]
    counts: bool
    as_normal: tuple[Grade, ...] = ()


class OfAnalyte(NamedTuple):
    """What is known of one analyte that was measured, or is asked for.

    Attributes:
        analyte: The analyte.

        need: What the dose wants of it.

        results: The results that were reported.

        counting: Those that count for the dose; where no date puts two in order, both do.
    """

    analyte: Analyte
    need: LabNeed
    results: tuple[Result, ...]
    counting: tuple[Result, ...]

    @property
    def path(self) -> Fact:
        """Where a case has results of it."""
        return Fact("labs", self.analyte)

    def standing(self, *standings: Standing) -> list[Result]:
        """The results that stand so to the dose."""
        return [result for result in self.results if result.standing.standing in standings]


@frozen
class Chart:
    """A case as one book reads it.

    Attributes:
        case: The case.

        book: The book.

        step: What the book gives at the planned dose, by the course.

        planned: The planned dose, as rules ask of it.

        odd: What is odd about the doses given so far.

        events: The reported episodes, as they stand at the dose; one that goes on and is found now as well has the worse of the two.

        findings: What is found now, where it may be graded as its syndrome and no event reports it, as episodes that go on.

        standings: How every result stands to the dose, and which ones that it asks for are missing.

        labs: The results, by analyte.

        symptoms: Whether an abnormal result causes symptoms, by the events.

        max_age: The greatest age of a result that the caller gave.
    """

    case: Case
    book: Rulebook
    step: Decision[DoseStep]
    planned: Planned
    odd: tuple[Deviation, ...]
    events: tuple[Episode, ...]
    findings: tuple[Episode, ...]
    standings: tuple[LabStanding, ...]
    labs: tuple[OfAnalyte, ...]
    symptoms: Symptoms
    max_age: timedelta | None

    @property
    def acts_on_infection(self) -> bool:
        """Whether the book acts on an infection."""
        answers = self.book[TOXICITY_ACTION[Toxicity.INFECTION]]
        return answers.silent < answers.cells

    @property
    def infection_is_the_patients(self) -> bool:
        """Whether no event is known to be the infection that the patient's own field tells of: one that is reported goes on."""
        return not any(episode.event.toxicity is Toxicity.INFECTION and episode.event.over is False for episode in self.events)


def chart_of(case: Case, book: Rulebook, max_age: timedelta | None) -> Chart:
    """Everything that *book* reads off a case; results older than *max_age* at the planned start do not count."""
    events = tuple(read(_at_the_dose(event, case), book, Fact("events", n)) for n, event in enumerate(case.events or ()))
    events, found = _counted_once(events, tuple(_found_now(case, book)))
    step, stand = planned_step(case, book), standings(case, max_age, book)
    symptoms = symptoms_by(None if case.events is None else events)
    return Chart(
        case=case,
        book=book,
        step=step,
        planned=_planned(case, step, (*events, *found), book),
        odd=deviations(case, book),
        events=events,
        findings=found,
        standings=stand,
        labs=tuple(_by_analyte(stand, symptoms, book)),
        symptoms=symptoms,
        max_age=max_age,
    )


def with_infection(patient: Patient, events: Iterable[Episode]) -> Patient:
    """The patient, with what the events say of an infection: one fact feeds eligibility and toxicity alike."""
    if patient.infection in ActiveInfection:
        return patient
    going_on = {episode.event.over for episode in events if episode.event.toxicity is Toxicity.INFECTION}
    if False in going_on:
        return evolve(patient, infection=Infection.CONTROLLED)
    return evolve(patient, infection=None) if None in going_on else patient


def _at_the_dose(event: ToxicityEvent, case: Case) -> ToxicityEvent:
    """An event as it stands at the dose: one that ends or improves after the planned start goes on, and `improved` says so."""
    start, improved = case.planned_start, event.improved or event.resolved
    late = improved is not None and start is not None and earlier(start, improved)
    resolved = None if late or ends_after(event, start) else event.resolved
    if resolved is event.resolved and not late:
        return event
    # What goes on has some grade: a recorded 0 is not it.
    grade = None if event.grade is Grade.NONE else event.grade
    return evolve(event, grade=grade, resolved=resolved, improved=improved, status=EventStatus.ACTIVE, current_grade=None)


def _planned(case: Case, step: Decision[DoseStep], events: tuple[Episode, ...], book: Rulebook) -> Planned:
    """The planned dose as rules ask of it; what began before the first dose is no toxicity of the drug."""
    course = case.course
    if course is None:
        role = possible_roles(case.dose)
    elif isinstance(step, Decided):
        role = step.value.role
    else:
        role = roles_of(case.dose, course, days_since(course, case.planned_start), book)
    first, history = first_given(course), None
    if case.events is not None:
        history = tuple(each for each in events if each.event.onset is None or first is None or not earlier(each.event.onset, first))
    days = None if course is None else days_since(course, case.planned_start)
    lacks = role_lacks(course, case.planned_start, days, book)
    return Planned(case.dose.number, role, case.planned_start, course, history, book, lacks=lacks)


def _found_now(case: Case, book: Rulebook) -> Iterator[Episode]:
    for findings in case.findings or ():
        toxicity = Toxicity.CRS if isinstance(findings, CrsFindings) else Toxicity.ICANS
        if not is_normal(findings) and not is_unexplained(findings):
            yield as_found(findings, book, Fact("findings", toxicity), case.planned_start)


def _counted_once(events: tuple[Episode, ...], found: tuple[Episode, ...]) -> tuple[tuple[Episode, ...], tuple[Episode, ...]]:
    """The reported episodes with what is found now of those that go on, and what is found of no reported one."""
    reported, rest = list(events), []
    for episode in found:
        n = next((n for n, other in enumerate(reported) if _is_of(episode, other)), None)
        if n is None:
            rest.append(episode)
        else:
            reported[n] = merged(reported[n], episode)
    return tuple(reported), tuple(rest)


def _is_of(found: Episode, reported: Episode) -> bool:
    """Whether what is found now belongs to a reported episode; what has another cause is not of one that has none."""
    same = reported.event.toxicity is found.event.toxicity and reported.other_cause is found.other_cause
    return same and reported.event.over is False


def _by_analyte(stand: tuple[LabStanding, ...], symptoms: Symptoms, book: Rulebook) -> Iterator[OfAnalyte]:
    groups: dict[Analyte, list[LabStanding]] = {}
    for each in stand:
        groups.setdefault(each.analyte, []).append(each)
    for analyte, of_analyte in groups.items():
        results = tuple([_graded(each.result, each, symptoms, book) for each in of_analyte if each.result is not None])
        yield OfAnalyte(analyte, of_analyte[0].need, results, tuple([result for result in results if result.counts]))


def _graded(lab: LabResult, standing: LabStanding, symptoms: Symptoms, book: Rulebook) -> Result:
    counts, grade = standing.standing is _COUNTS, grade_lab(lab, rulebook=book.lab_scale)
    if isinstance(grade, NeedsData):
        grade = symptoms.settled(lab, grade, standing.need, book.lab_scale)
    if isinstance(grade, Decided):
        return Result(lab, standing, grade, (grade.value,), counts)
    grades = tuple([value for value in grade.possible if value is not None])
    return Result(lab, standing, grade, grades, counts, grades_as_normal(lab, grade, book.lab_scale))

"""May this dose be given? Applies every rule to one case and gives one verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Never

from attrs import evolve, field, fields, frozen

from tarlatamab_rules.assessment.accounts import Accounted, account
from tarlatamab_rules.assessment.chart import Chart, chart_of
from tarlatamab_rules.assessment.dates import course_notes, judge_dates
from tarlatamab_rules.assessment.events import conflicting_drugs, judge_events
from tarlatamab_rules.assessment.labs import judge_labs
from tarlatamab_rules.assessment.monitoring import monitoring_of, premedication_of
from tarlatamab_rules.assessment.patient import criteria_of, infection_votes, judge_eligibility
from tarlatamab_rules.assessment.two_readings import IN_UTC, stricter_assessment
from tarlatamab_rules.assessment.votes import AssessedLab, AssessedToxicity, Vote, floored, strictest_of
from tarlatamab_rules.core.decisions import Decided, Decision, Dissent, NeedsData, NotCovered, Verdict
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import COURSE, EVENTS, PLANNED_START, Fact, Note
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.inputs.case import Case, clocks_of, in_utc, readings_of
from tarlatamab_rules.inputs.course import GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.rulebooks._book import Overlay
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.questions import CHECKLIST, INFUSION
from tarlatamab_rules.rulebooks.tarlatamab.revisions import newer_than
from tarlatamab_rules.rules.course import days_since
from tarlatamab_rules.rules.labs import lab_age, labs_due
from tarlatamab_rules.rules.next_dose import dose_check, named_step, next_dose
from tarlatamab_rules.rules.reproductive import contraception_window
from tarlatamab_rules.values.doses import NextDose
from tarlatamab_rules.values.labs import LabsDue, LabStanding
from tarlatamab_rules.values.plans import Checklist, MonitoringPlan
from tarlatamab_rules.values.vocabulary import Eligibility

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, DosePoint
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.doses import ContraceptionWindow
    from tarlatamab_rules.values.plans import InfusionPlan, PremedicationPlan

__all__ = ["DISCLAIMER", "AssessedLab", "AssessedToxicity", "DoseAssessment", "Vote", "assess_case", "assess_dose"]

DISCLAIMER: Final = (
    "For discussion among medical personnel; not medical advice. Drug information changes: check the label in force and consult the "
    "attending physician."
)

_NOT_REVIEWED = Vote(
    EVENTS,
    Verdict.NEEDS_DATA,
    (EVENTS,),
    (Reason("guard/events", "The toxicities so far are missing. They must be reviewed before every dose after the first."),),
)
_DOSE: Final = Fact("dose")
_DO_NOT_START = Reason(
    "guard/do-not-start",
    "In a patient on treatment, this would stop the drug permanently. No dose has been given yet: do not start.",
)
_BY_DOSE: Final[Mapping[Verdict | None, Verdict]] = {
    None: Verdict.PROCEED,
    Verdict.PROCEED: Verdict.PROCEED,
    Verdict.NEEDS_ASSESSMENT: Verdict.NEEDS_ASSESSMENT,
}


@frozen
class _Kept:
    """What a pickled assessment keeps of its chart."""

    accounted: tuple[Accounted, ...]
    criteria: tuple[Decision[Eligibility], ...]
    upcoming: Decision[NextDose]
    following: Decision[NextDose]
    books: tuple[str, ...]


@frozen
class DoseAssessment(Shown):
    """All answers of the rules about one planned dose.

    Attributes:
        case: What was assessed.

        rulebook: The name of the book that answered.

        max_lab_age: The maximum age of a result that the caller passed; ``None``: no result is too old.

        votes: What each part means for the dose; the strictest vote counts.

        eligibility: Whether the drug is for the patient.

        dose: Whether the planned dose follows from the course, and whether the ordered amount is the one that the book gives.

        next_dose: The dose that the book gives after the course: its point, its amount and its role.

        labs: Which results are required or recommended for the dose.

        standings: Which available results count for the dose, why the others do not, and which results are missing.

        graded: The results that count for the dose, each with its grade.

        toxicities: Every toxicity found, with what must be done about it.

        premedication: The drugs that are given before and after the infusion.

        infusion: How the dose is infused.

        checklist: What else is checked or prepared for the dose, apart from its drugs and results.

        monitoring: How long the patient is monitored.

        contraception: Until when contraception is used if this dose is the last. If the dose is not to be given, the time is counted
            from the last dose given.

        notes: What a reader must know apart from the verdict.
    """

    case: Case = field(repr=False)
    rulebook: str
    max_lab_age: timedelta | None = field(repr=False)
    votes: tuple[Vote, ...] = field(repr=False)
    eligibility: Decision[Eligibility]
    dose: Decision[Verdict]
    next_dose: Decision[NextDose]
    labs: Decision[LabsDue]
    standings: tuple[LabStanding, ...] = field(repr=False)
    graded: tuple[AssessedLab, ...]
    toxicities: tuple[AssessedToxicity, ...]
    premedication: Decision[PremedicationPlan]
    infusion: Decision[InfusionPlan]
    checklist: Decision[Checklist]
    monitoring: Decision[MonitoringPlan]
    contraception: Decision[ContraceptionWindow]
    notes: tuple[Note, ...]
    _chart: Chart | _Kept = field(alias="chart", repr=False, eq=False)

    def __getstate__(self) -> dict[str, Any]:
        """The chart is not pickled, because its book is known by identity; what it gave is."""
        kept = {"_chart": _Kept(self.accounted, self.criteria, self.upcoming, self.following, self.books)}
        return {item.name: getattr(self, item.name) for item in fields(type(self))} | kept

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)

    def __bool__(self) -> Never:
        """Refused: an assessment is an answer even if the dose must not be given."""
        msg = "DoseAssessment is not a yes or no: use .may_give or .verdict"
        raise TypeError(msg)

    @property
    def accounted(self) -> tuple[Accounted, ...]:
        """What became of every dose, result, event and finding of the case, of the order, and of each known fact of the patient."""
        chart = self._chart
        if isinstance(chart, _Kept):
            return chart.accounted
        return account(chart, self.votes, self.criteria)

    @property
    def criteria(self) -> tuple[Decision[Eligibility], ...]:
        """The criteria of eligibility one by one, from age to hypersensitivity."""
        chart = self._chart
        return chart.criteria if isinstance(chart, _Kept) else criteria_of(chart)

    @property
    def books(self) -> tuple[str, ...]:
        """The names of the books that answered, all of a stack, and a policy before the books below it."""
        chart = self._chart
        return chart.books if isinstance(chart, _Kept) else tuple(dict.fromkeys(_names(chart.book)))

    @property
    def upcoming(self) -> Decision[NextDose]:
        """The dose that comes next, with the day on which it is due, the last day of this dose, and what follows later."""
        chart = self._chart
        return chart.upcoming if isinstance(chart, _Kept) else next_dose(chart.case.course, rulebook=chart.book)

    @property
    def following(self) -> Decision[NextDose]:
        """The dose that follows if this one is given as planned; not covered if the amount of this one is not known."""
        chart = self._chart
        return chart.following if isinstance(chart, _Kept) else _following(chart)

    @property
    def verdict(self) -> Verdict:
        """The strictest of all votes."""
        return strictest_of([vote.verdict for vote in self.votes])

    @property
    def may_give(self) -> bool:
        """True only for `Verdict.PROCEED`."""
        return self.verdict is Verdict.PROCEED

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of the votes that gave the verdict."""
        verdict = self.verdict
        return tuple(dict.fromkeys(chain.from_iterable([vote.reasons for vote in self.votes if vote.verdict is verdict])))

    @property
    def missing(self) -> tuple[str, ...]:
        """Every fact that is missing for some vote, even if the verdict is settled without it."""
        return tuple(dict.fromkeys(fact for vote in self.votes for fact in vote.missing))

    @property
    def dissent(self) -> tuple[Dissent, ...]:
        """Where the books of a stack disagree with the answer used, each under its part, such as ``monitoring.anchor``."""
        plans = ("eligibility", "next_dose", "labs", "premedication", "infusion", "checklist", "monitoring", "contraception")
        parts = [(name, getattr(self, name)) for name in plans] + [(toxicity.path, toxicity.action) for toxicity in self.toxicities]
        return tuple(evolve(item, field=f"{name}.{item.field}".rstrip(".")) for name, answer in parts for item in answer.dissent)


def _names(book: Rulebook) -> Iterator[str]:
    for member in book.members:
        yield member.name
        if isinstance(member, Overlay):
            yield from _names(member.base)


def assess_dose(  # noqa: PLR0913  # one keyword a part of the case
    patient: Patient,
    point: DosePoint | str,
    *,
    planned_start: When | None = None,
    ordered: QuantityLike | None = None,
    course: Course | Iterable[GivenDose] | None = None,
    labs: Iterable[LabResult] | None = None,
    events: Iterable[ToxicityEvent] | None = None,
    findings: Findings | Iterable[Findings] | None = None,
    site_zone: str | None = None,
    max_lab_age: QuantityLike | timedelta | None = None,
    rulebook: Rulebook | str | None = None,
) -> DoseAssessment:
    """Whether the dose at *point* may be given, with every answer behind the verdict.

    Anything left out is *not known*; pass ``()`` for *reviewed, none found*.

    Args:
        patient: What is known of the patient.

        point: The planned dose, such as ``"C1D8"``.

        planned_start: When the infusion is to begin.

        ordered: The ordered amount, with its unit. An amount that is not due, or that the book cannot check, needs assessment. If left out,
            the amount is not checked.

        course: The doses given so far.

        labs: Laboratory results. Those drawn after the previous dose and no later than the planned start count.

        events: The toxicities so far.

        findings: Current findings of cytokine release syndrome and neurotoxicity. They are graded and count as an ongoing episode. If an
            event of the same toxicity is ongoing, the two are one episode, and the worse of the two counts.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. Days are counted by the calendar there. If left
            out, times with different UTC offsets are read in two ways. If the answers differ, the stricter is used, with a note.

        max_lab_age: The maximum age of a result at the planned start, a duration. If left out, no result is too old.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: A field holds an impossible value.
    """
    case = Case(
        patient=patient,
        point=point,
        planned_start=planned_start,
        ordered=ordered,
        course=course,
        labs=labs,
        events=events,
        findings=findings,
        site_zone=site_zone,
    )
    return assess_case(case, max_lab_age=max_lab_age, rulebook=rulebook)


def assess_case(
    case: Case, *, max_lab_age: QuantityLike | timedelta | None = None, rulebook: Rulebook | str | None = None
) -> DoseAssessment:
    """`assess_dose` for a `Case`."""
    if not isinstance(case, Case):
        raise FieldTypeError("case", f"{shown(case)} is not a Case", "pass Case(...), or read one with read_case")
    book, age = resolve(rulebook), lab_age(max_lab_age, "max_lab_age")
    clocks = clocks_of(case)
    clock = (IN_UTC,) if in_utc(case, clocks) else ()
    first, *others = [_assessed(chart_of(reading, book, age), age, clock) for reading in readings_of(case, clocks)]
    assessment = stricter_assessment(first, others[0]) if others else first
    return assessment if assessment.case is case else evolve(assessment, case=case)


def _assessed(chart: Chart, max_lab_age: timedelta | None, clock: tuple[Note, ...]) -> DoseAssessment:
    """The assessment of a case whose times are in the zone in which days are counted; *clock* holds a note on that zone."""
    case, book, planned = chart.case, chart.book, chart.planned
    eligible, eligibility_votes = judge_eligibility(chart)
    dose = dose_check(case, chart.step, chart.odd, book)
    labs = judge_labs(chart)
    events = judge_events(chart, labs.episodes)
    dates = judge_dates(chart)
    votes: tuple[Vote, ...] = (
        *eligibility_votes,
        Vote(_DOSE, floored([_BY_DOSE[value] for value in dose.possible]), dose.missing, dose.reasons),
        *((_NOT_REVIEWED,) if case.events is None and case.point.number > 1 else ()),
        *infection_votes(chart),
        *events.votes,
        *labs.votes,
        *dates.votes,
    )
    if chart.planned.untreated:
        votes = tuple([_not_started(vote) for vote in votes])
    drugs = premedication_of(planned)
    return DoseAssessment(
        case=case,
        rulebook=book.name,
        max_lab_age=max_lab_age,
        votes=votes,
        eligibility=eligible,
        dose=dose,
        next_dose=named_step(chart.step, case.course, book, days_since(case.course, case.planned_start) if case.course else None),
        labs=labs_due(case.point, rulebook=book),
        standings=chart.standings,
        graded=tuple([AssessedLab(result.lab, result.grade) for of_analyte in chart.labs for result in of_analyte.counting]),
        toxicities=events.toxicities + labs.toxicities,
        premedication=drugs,
        infusion=book[INFUSION](case.point.number),
        checklist=book[CHECKLIST](case.point.number),
        monitoring=monitoring_of(chart),
        contraception=_contraception(case, strictest_of([vote.verdict for vote in votes]), book),
        notes=(
            *events.notes,
            *labs.notes,
            *dates.notes,
            *conflicting_drugs(drugs),
            *course_notes(chart),
            *_notes(chart),
            *clock,
        ),
        chart=chart,
    )


def _following(chart: Chart) -> Decision[NextDose]:
    case, step = chart.case, chart.step
    if not isinstance(step, Decided) or case.planned_start is None or (case.course is None and case.point.number > 1):
        return NotCovered(step.reasons)
    given = GivenDose(case.point, case.planned_start, step.value.amount)
    return next_dose([*(case.course.doses if case.course else ()), given], rulebook=chart.book)


def _not_started(vote: Vote) -> Vote:
    """A vote on the first dose: a drug that was never given cannot be stopped permanently."""
    if vote.verdict is not Verdict.DISCONTINUE:
        return vote
    return evolve(vote, verdict=Verdict.WITHHOLD, reasons=(*vote.reasons, _DO_NOT_START))


def _notes(chart: Chart) -> Iterator[Note]:
    """What a reader must know apart from the verdict: a restart, and a newer revision."""
    case, step, book = chart.case, chart.step, chart.book
    if case.ordered is None and isinstance(step, Decided) and step.value.restart:
        yield Note(_DOSE, f"after the delay the step-up begins anew, with {step.value.amount}.")
    if case.planned_start is not None and book.drug is not None:
        yield from (Note("label", revision.note) for revision in newer_than(day(case.planned_start)))


def _contraception(case: Case, verdict: Verdict, book: Rulebook) -> Decision[ContraceptionWindow]:
    """The answer if the planned dose is the last one; if it is not to be given, the answer after the last dose given."""
    not_given = verdict >= Verdict.WITHHOLD
    window = contraception_window(case.patient, case.course if not_given else case.planned_start, rulebook=book)
    if not isinstance(window, NeedsData):
        return window
    facts = {
        "last_dose": COURSE if not_given else PLANNED_START,
        "childbearing_potential": Fact("patient", field="childbearing_potential"),
    }
    return evolve(window, missing=tuple(facts[fact] for fact in window.missing))

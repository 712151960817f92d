"""May this dose be given? Every rule asked of one case, and one verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from tarlatamab_rules._voting import AssessedLab, AssessedToxicity, Vote, at_the_dose, floored, judge_events, judge_labs, seen_in_results
from tarlatamab_rules.answers import Eligibility, LabsDue, LabStanding, MonitoringPlan
from tarlatamab_rules.decisions import Decision, Dissent, NeedsData, Verdict, strictest
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.findings import Toxicity, ToxicityEvent
from tarlatamab_rules.inputs.patient import Infection, Patient
from tarlatamab_rules.questions import MONITORING
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.dosing import dose_check, missing_facts
from tarlatamab_rules.rules.eligibility import criteria
from tarlatamab_rules.rules.infusion import infusion_plan
from tarlatamab_rules.rules.laboratory import lab_age, labs_due, standings
from tarlatamab_rules.rules.monitoring import after, monitoring_duration
from tarlatamab_rules.rules.premedication import premedication_plan
from tarlatamab_rules.rules.reproductive import contraception_window

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.answers import ContraceptionWindow, InfusionPlan, PremedicationPlan
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.units import QuantityLike

__all__ = ["DISCLAIMER", "AssessedLab", "AssessedToxicity", "DoseAssessment", "Vote", "assess_case", "assess_dose"]

DISCLAIMER: Final = (
    "For discussion among medical personnel; not medical advice. Drug information changes: check the label in force and consult the "
    "attending physician."
)

_NOT_REVIEWED = Vote(
    "events",
    Verdict.NEEDS_DATA,
    ("events",),
    (Reason("guard/events", "After the first dose, the toxicities so far must be known before the next."),),
)
_HYPERSENSITIVE = Vote(
    "patient.hypersensitivity",
    Verdict.NEEDS_ASSESSMENT,
    reasons=(
        Reason("guard/hypersensitivity", "Hypersensitivity is known, and no rulebook here speaks of it: a clinician must assess it."),
    ),
)
_BY_DOSE: Final[Mapping[Verdict | None, Verdict]] = {None: Verdict.PROCEED, Verdict.NEEDS_ASSESSMENT: Verdict.NEEDS_ASSESSMENT}
_BY_ELIGIBILITY: Final[Mapping[Eligibility | None, Verdict]] = {
    None: Verdict.NEEDS_ASSESSMENT,
    Eligibility.ELIGIBLE: Verdict.PROCEED,
    Eligibility.NEEDS_ASSESSMENT: Verdict.NEEDS_ASSESSMENT,
    Eligibility.EXCLUDED: Verdict.EXCLUDED,
}


@frozen
class DoseAssessment:
    """Everything the rules say of one planned dose.

    Attributes:
        case: What was assessed.

        rulebook: The name of the book that answered.

        votes: What each part makes of the dose; the strictest stands.

        eligibility: Whether the drug is for the patient.

        dose: Whether the planned dose follows from the course.

        labs: Which results the dose asks for.

        standings: How every result at hand stands to the dose, and which ones that it asks for are missing.

        graded: The results that count for the dose, each with its grade.

        toxicities: Every toxicity found, with what it obliges one to do.

        premedication: What is given before and after.

        infusion: How the dose is infused.

        monitoring: How long the patient is watched.

        contraception: Until when contraception is used if this dose is the last; where the dose is not to be given, after the one given
            last.

        notes: What a reader must know beside the verdict.
    """

    case: Case = field(repr=False)
    rulebook: str
    votes: tuple[Vote, ...] = field(repr=False)
    eligibility: Decision[Eligibility]
    dose: Decision[Verdict]
    labs: Decision[LabsDue]
    standings: tuple[LabStanding, ...] = field(repr=False)
    graded: tuple[AssessedLab, ...]
    toxicities: tuple[AssessedToxicity, ...]
    premedication: Decision[PremedicationPlan]
    infusion: Decision[InfusionPlan]
    monitoring: Decision[MonitoringPlan]
    contraception: Decision[ContraceptionWindow]
    notes: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The strictest of all votes."""
        return max(vote.verdict for vote in self.votes)

    @property
    def may_give(self) -> bool:
        """True only for `Verdict.PROCEED`."""
        return self.verdict is Verdict.PROCEED

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The reasons of the votes that the verdict comes from."""
        verdict = self.verdict
        return tuple(dict.fromkeys(reason for vote in self.votes if vote.verdict is verdict for reason in vote.reasons))

    @property
    def missing(self) -> tuple[str, ...]:
        """Every fact that some vote lacks, also where the verdict is settled without it."""
        return tuple(dict.fromkeys(fact for vote in self.votes for fact in vote.missing))

    @property
    def dissent(self) -> tuple[Dissent, ...]:
        """What other books of a stack say where they differ."""
        plans = (self.labs, self.premedication, self.infusion, self.monitoring, self.contraception)
        parts = (self.eligibility, *plans, *(found.action for found in self.toxicities))
        return tuple(dissent for part in parts for dissent in part.dissent)


def assess_dose(  # noqa: PLR0913  # one keyword a part of the case
    patient: Patient,
    point: DosePoint | str,
    *,
    planned_start: When | None = None,
    ordered: QuantityLike | None = None,
    course: Course | Iterable[GivenDose] | None = None,
    labs: Iterable[LabResult] | None = None,
    events: Iterable[ToxicityEvent] | None = None,
    max_lab_age: QuantityLike | timedelta | None = None,
    rulebook: Rulebook | str | None = None,
) -> DoseAssessment:
    """Whether the dose at *point* may be given, with every answer that leads there.

    Anything left out is *not known*; pass ``()`` for *reviewed, nothing*.

    Args:
        patient: What is known of the patient.

        point: The planned dose, as ``"C1D8"``.

        planned_start: When the infusion is to begin.

        ordered: The amount that is ordered, with its unit. No rulebook of this release has amounts, so an order cannot be checked, and
            needs assessment; left out, the amount is not looked at.

        course: The doses given so far.

        labs: Laboratory results; those drawn after the previous dose and not after the planned start count.

        events: The toxicities so far.

        max_lab_age: The greatest age of a result at the planned start, a duration; left out, no result is too old.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: A field holds what cannot be.
    """
    case = Case(patient=patient, dose=point, planned_start=planned_start, ordered=ordered, course=course, labs=labs, events=events)
    return assess_case(case, max_lab_age=max_lab_age, rulebook=rulebook)


def assess_case(
    case: Case, *, max_lab_age: QuantityLike | timedelta | None = None, rulebook: Rulebook | str | None = None
) -> DoseAssessment:
    """`assess_dose` for a `Case`."""
    if not isinstance(case, Case):
        raise FieldTypeError("case", f"{shown(case)} is not a Case", "pass Case(...), or read one with read_case")
    book = resolve(rulebook)
    happened = at_the_dose(case)
    each = criteria(_with_infection(case.patient, happened), rulebook=book)
    eligible, dose, due = strictest(each), dose_check(case), labs_due(case.dose, rulebook=book)
    lacking = tuple(f"patient.{fact}" for answer in each for fact in answer.missing)
    stand = standings(case, lab_age(max_lab_age, "max_lab_age"), book)
    labs = judge_labs(case, stand, book)
    events = judge_events(case, happened, book)
    votes = (
        Vote("eligibility", floored([_BY_ELIGIBILITY[value] for value in eligible.possible]), lacking, eligible.reasons),
        *((_HYPERSENSITIVE,) if case.patient.hypersensitivity else ()),
        Vote("dose", floored([_BY_DOSE[value] for value in dose.possible]), missing_facts(case), dose.reasons),
        *((_NOT_REVIEWED,) if case.events is None and case.dose.number > 1 else ()),
        *events.votes,
        *labs.votes,
    )
    return DoseAssessment(
        case=case,
        rulebook=book.name,
        votes=votes,
        eligibility=eligible,
        dose=dose,
        labs=due,
        standings=stand,
        graded=labs.labs,
        toxicities=events.toxicities + labs.toxicities,
        premedication=premedication_plan(case.dose, rulebook=book),
        infusion=infusion_plan(case.dose, rulebook=book),
        monitoring=_monitoring(case, stand, labs.labs, book),
        contraception=_contraception(case, max(vote.verdict for vote in votes), book),
        notes=events.notes + labs.notes,
    )


def _with_infection(patient: Patient, happened: Iterable[ToxicityEvent]) -> Patient:
    """The patient, with what the events say of an infection: one fact feeds eligibility and toxicity alike."""
    if patient.infection in {Infection.CONTROLLED, Infection.UNCONTROLLED}:
        return patient
    going_on = {event.over for event in happened if event.toxicity is Toxicity.INFECTION}
    if False in going_on:
        return evolve(patient, infection=Infection.CONTROLLED)
    return evolve(patient, infection=None) if None in going_on else patient


def _monitoring(case: Case, stand: tuple[LabStanding, ...], labs: tuple[AssessedLab, ...], book: Rulebook) -> Decision[MonitoringPlan]:
    """How long the patient is watched, by the events and by what results tell of toxicities."""
    whatever = monitoring_duration(case.dose, rulebook=book)
    if case.events is None or not isinstance(whatever, NeedsData):
        return whatever
    answer = after(case.dose, case.events, seen_in_results(case, stand, book), book)
    if not isinstance(answer, NeedsData):
        return answer
    open_ = [f"events[{n}].grade" for n, event in enumerate(case.events) if event.plain_grade is None]
    table = book[MONITORING]
    for lab in labs:
        grades = [grade for grade in lab.grade.possible if grade is not None]
        if grades and table(case.dose.number, min(grades)).possible != table(case.dose.number, max(grades)).possible:
            open_ += [f"labs.{lab.result.analyte}.{fact}" for fact in lab.grade.missing]
    return evolve(answer, missing=tuple(dict.fromkeys(open_)) or answer.missing)


def _contraception(case: Case, verdict: Verdict, book: Rulebook) -> Decision[ContraceptionWindow]:
    """As if the planned dose were the last; where it is not to be given, after the one given last."""
    given = verdict >= Verdict.WITHHOLD
    window = contraception_window(case.patient, case.course if given else case.planned_start, rulebook=book)
    if not isinstance(window, NeedsData):
        return window
    paths = {"last_dose": "course" if given else "planned_start", "childbearing_potential": "patient.childbearing_potential"}
    return evolve(window, missing=tuple(paths[fact] for fact in window.missing))

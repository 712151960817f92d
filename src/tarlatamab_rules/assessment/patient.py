"""The votes that come from the patient: eligibility, criteria that a book leaves open, and an infection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.chart import with_infection
from tarlatamab_rules.assessment.votes import Vote, floored
from tarlatamab_rules.core.decisions import Decided, Decision, NotCovered, Verdict, strictest, unsettled_of
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs.patient import Infection, Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rules.eligibility import criteria, together
from tarlatamab_rules.values.vocabulary import Eligibility

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.chart import Chart

__all__ = ["criteria_of", "infection_votes", "judge_eligibility", "known_against"]

_ELIGIBILITY: Final = Fact("eligibility")
_INFECTION: Final = Fact("patient", field="infection")
_INFECTION_NOT_KNOWN = Vote(
    _INFECTION,
    Verdict.NEEDS_DATA,
    (_INFECTION,),
    (Reason("guard/infection", "It is not known whether there is an active infection, which may hold the dose."),),
)
_INFECTION_NOT_CONTROLLED = Vote(
    _INFECTION,
    Verdict.NEEDS_ASSESSMENT,
    reasons=(
        Reason(
            "guard/uncontrolled",
            "The patient has an uncontrolled infection, and the grade of a reported infection may be too mild for it. "
            "A clinician must assess it.",
        ),
    ),
)
_HYPERSENSITIVE = Vote(
    Fact("patient", field="hypersensitivity"),
    Verdict.NEEDS_ASSESSMENT,
    reasons=(
        Reason(
            "guard/hypersensitivity",
            "The patient is hypersensitive to the drug, and no rulebook used here mentions that. A clinician must assess it.",
        ),
    ),
)
_BY_ELIGIBILITY: Final[Mapping[Eligibility | None, Verdict]] = {
    None: Verdict.NEEDS_ASSESSMENT,
    Eligibility.ELIGIBLE: Verdict.PROCEED,
    Eligibility.NEEDS_ASSESSMENT: Verdict.NEEDS_ASSESSMENT,
    Eligibility.EXCLUDED: Verdict.EXCLUDED,
}


def criteria_of(chart: Chart) -> tuple[Decision[Eligibility], ...]:
    """Each criterion of the eligibility by itself; an ongoing infection among the events counts for the patient."""
    return criteria(with_infection(chart.case.patient, chart.events), rulebook=chart.book)


def known_against(answers: Iterable[Decision[Eligibility]]) -> tuple[Reason, ...]:
    """The reasons against the drug from the criteria that lack no fact; empty if there are none."""
    known = strictest(answer for answer in answers if not answer.missing)
    return known.reasons if isinstance(known, Decided) and known.value > Eligibility.ELIGIBLE else ()


def judge_eligibility(chart: Chart) -> tuple[Decision[Eligibility], tuple[Vote, ...]]:
    """Whether the drug is for the patient, and the votes on it."""
    patient = chart.case.patient
    answers = criteria_of(chart)
    eligible, vote, left_open = _of_criteria(answers)
    silent = patient.hypersensitivity and isinstance(answers[-1], NotCovered)
    return eligible, (_asking_of_events(vote, chart), *_open_criteria(patient, left_open), *((_HYPERSENSITIVE,) if silent else ()))


def infection_votes(chart: Chart) -> Iterator[Vote]:
    """The votes of the patient's infection field, if the book acts on an infection. No event makes them milder."""
    infection = chart.case.patient.infection
    if not chart.acts_on_infection:
        return
    if infection is None:
        yield _INFECTION_NOT_KNOWN
    elif infection is Infection.UNCONTROLLED and not chart.infection_is_the_patients:
        yield _INFECTION_NOT_CONTROLLED


def _open_criteria(patient: Patient, answers: tuple[tuple[Reason, ...], ...]) -> Iterator[Vote]:
    """The votes on criteria that the book mentions and leaves open. If they concern this patient, a clinician must assess them.

    If that is not known, the fact is asked for.
    """
    if not any(answers):
        return
    potential = patient.childbearing_potential
    of_concern = {
        "age_years": True,
        "diagnosis": True,
        "progressed_after_platinum": True,
        "infection": patient.infection is not Infection.NONE,
        "pregnant": patient.pregnant is not False and potential is not False,
        "breastfeeding": patient.breastfeeding is not False and (potential is not False or patient.breastfeeding is True),
        "hypersensitivity": patient.hypersensitivity is True,
    }
    for fact, reasons in zip(of_concern, answers, strict=True):
        if of_concern[fact] and reasons:
            path = Fact("patient", field=fact)
            if fact in _FREES_IF_ABSENT and getattr(patient, fact) is None:
                yield Vote(path, Verdict.NEEDS_DATA, (path,), reasons)
            else:
                yield Vote(path, Verdict.NEEDS_ASSESSMENT, (), reasons)


_FREES_IF_ABSENT: Final = frozenset(("infection", "pregnant", "breastfeeding"))
"""The facts that concern nobody of whom they are known to be absent."""


@lru_cache(maxsize=4096)
def _of_criteria(criteria: tuple[Decision[Eligibility], ...]) -> tuple[Decision[Eligibility], Vote, tuple[tuple[Reason, ...], ...]]:
    """The answer of all criteria and its vote; and for each criterion that the book mentions and leaves open, the reasons."""
    eligible = together(criteria)
    missing = tuple([Fact("patient", field=fact) for answer in criteria for fact in answer.missing])
    vote = Vote(_ELIGIBILITY, floored([_BY_ELIGIBILITY[value] for value in eligible.possible]), missing, eligible.reasons)
    return eligible, vote, tuple(unsettled_of(answer) for answer in criteria)


def _asking_of_events(vote: Vote, chart: Chart) -> Vote:
    """The vote on eligibility. If an event may be an ongoing infection, its status is asked for."""
    if _INFECTION not in vote.missing:
        return vote
    open_ = [episode for episode in chart.events if episode.event.toxicity is Toxicity.INFECTION and episode.event.over is None]
    if not open_:
        return vote
    field = () if chart.case.patient.infection is not None else (_INFECTION,)
    rest = [fact for fact in vote.missing if fact != _INFECTION]
    return evolve(vote, missing=(*rest, *(episode.path.its("status") for episode in open_), *field))

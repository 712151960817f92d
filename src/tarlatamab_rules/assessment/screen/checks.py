"""What is missing, what was looked at and is fine, and what was not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.assessment.accounts import Fate
from tarlatamab_rules.assessment.lab_unused import RECOMMENDED
from tarlatamab_rules.assessment.screen.blocks import Block, Line
from tarlatamab_rules.assessment.screen.settling import asked, settling
from tarlatamab_rules.assessment.screen.why import results_of
from tarlatamab_rules.assessment.words import capital, fact_in_words, listed, part_in_words
from tarlatamab_rules.core.decisions import Decision, NeedsData, NotCovered, Verdict
from tarlatamab_rules.core.paths import Fact, as_fact
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._names import names
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.assessment.votes import AssessedToxicity, Vote
    from tarlatamab_rules.core.paths import Note

__all__ = ["checked", "missing", "needed", "not_checked"]


# --- missing ---


def missing(assessment: DoseAssessment) -> Block:
    """The facts without which there is no verdict, or without which it may be too mild; then those that would help."""
    must = needed(assessment)
    help_ = [fact for fact in _all_missing(assessment) if fact not in must]
    lines = [Line(f"Must: {asked(fact, assessment)}", facts=(fact,), kept=True) for fact in must]
    if help_:
        lines.append(Line(f"Would help: {listed(asked(fact, assessment) for fact in help_)}", facts=tuple(help_)))
    return Block("MISSING", tuple(lines))


def needed(assessment: DoseAssessment) -> tuple[str, ...]:
    """The facts without which it is not settled whether the drug is given or stopped, or what is done for the patient now."""
    verdict = assessment.verdict
    facts = [
        fact for vote in assessment.votes if vote.verdict >= Verdict.NEEDS_DATA and verdict < Verdict.WITHHOLD for fact in vote.missing
    ]
    for toxicity in assessment.toxicities:
        if verdict >= Verdict.WITHHOLD and _open(toxicity, verdict):
            facts += _lacking(toxicity, assessment)
    return tuple(dict.fromkeys(facts))


def _open(toxicity: AssessedToxicity, verdict: Verdict) -> bool:
    """Whether the facts that are missing still change what is done, although the dose is not given in any case."""
    if not isinstance(toxicity.action, NeedsData):
        return False
    treatments = {action.treatments if action else () for action in toxicity.action.possible}
    drug = {action.action if action else None for action in toxicity.action.possible}
    return len(treatments) > 1 or (verdict is Verdict.WITHHOLD and len(drug) > 1)


def _lacking(toxicity: AssessedToxicity, assessment: DoseAssessment) -> tuple[str, ...]:
    """What a vote on a toxicity lacks, and else what would settle its grade."""
    missing = tuple(fact for vote in assessment.votes if vote.part == toxicity.path for fact in vote.missing)
    path = as_fact(toxicity.path)
    return missing or settling(toxicity, assessment) or tuple(path.its(fact) for fact in toxicity.action.missing)


def _all_missing(assessment: DoseAssessment) -> Iterator[str]:
    """Every fact that is missing, once: for the verdict, for a plan, or because a source recommends it."""
    plans: tuple[Decision[Any], ...] = (assessment.premedication, assessment.monitoring) if assessment.verdict < Verdict.WITHHOLD else ()
    recommended = [standing for standing in assessment.standings if standing.need is LabNeed.RECOMMENDED]
    yield from dict.fromkeys(
        (
            *assessment.missing,
            *(fact for plan in plans for fact in plan.missing),
            *(f"labs.{standing.analyte}" for standing in recommended if standing.standing is Standing.MISSING),
        )
    )


# --- checked ---


def checked(assessment: DoseAssessment) -> Block:
    """Everything that was looked at and gives no reason to withhold the dose."""
    fine = [vote for vote in assessment.votes if vote.verdict is Verdict.PROCEED and not vote.missing]
    lines = [Line(text, facts=(vote.part,)) for vote in fine for text in _fine(vote, assessment)]
    if assessment.case.events == ():
        lines.append(Line("no toxicity reported", facts=("events",)))
    return Block("CHECKED", tuple(dict.fromkeys(lines)), joined=True)


def _fine(vote: Vote, assessment: DoseAssessment) -> Iterator[str]:
    values = results_of(vote.part, assessment)
    if values:
        yield from (value.partition(" on ")[0].partition(", ")[0] for value in values)
    else:
        yield f"{part_in_words(vote.part, assessment.case)}{_ended(as_fact(vote.part), assessment)}"


def _ended(path: Fact, assessment: DoseAssessment) -> str:
    """The grade of a reported toxicity that does not hold the dose, and the day it was over."""
    events = assessment.case.events or ()
    if path.part != "events" or not isinstance(path.which, int) or path.which >= len(events):
        return ""
    event = events[path.which]
    grade = f" grade {event.grade:d}" if event.grade is not None else ""
    over = f" resolved {event.resolved:%Y-%m-%d}" if event.resolved is not None else " resolved" if event.over else ""
    return f"{grade}{over}"


# --- not checked ---

_PLANS: Final = {
    "premedication": "premedication",
    "infusion": "how to infuse",
    "monitoring": "how long to observe",
    "checklist": "checklist",
}


def not_checked(assessment: DoseAssessment) -> Block:
    """What a reader must still check: notes, facts that did not count, and what the sources do not cover."""
    first = [_noted(note, assessment) for note in assessment.notes if note.about == "label"]
    elsewhere = {"label", "premedication", RECOMMENDED, *_asked_again(assessment)}
    rest = [_noted(note, assessment) for note in assessment.notes if note.about not in elsewhere and not note.to_do]
    noted = {note.about for note in assessment.notes}
    unused = [
        Line(f"{_called(account.path, assessment)}{account.says}", facts=(account.path,))
        for account in assessment.accounted
        if account.fate is Fate.NOT_COUNTED and noted.isdisjoint(_kinds(account.path, assessment))
    ]
    silent = [Line(f"No source covers {listed(titles)}", kept=True) for titles in [list(_silent(assessment))] if titles]
    policy = [] if set(assessment.books) - set(names()) else [Line("Your hospital's own policy")]
    return Block("NOT CHECKED", tuple(dict.fromkeys((*first, *silent, *unused, *rest, *policy))))


def _asked_again(assessment: DoseAssessment) -> set[Fact]:
    """The results that must be supplied. They are listed with those on file that do not count."""
    return {Fact("labs", as_fact(fact).which) for fact in needed(assessment) if as_fact(fact).part == "labs"}


def _kinds(path: str, assessment: DoseAssessment) -> set[str]:
    """The notes that a result on file may have: those on its analyte."""
    fact, labs = as_fact(path), assessment.case.labs or ()
    return {Fact("labs", labs[fact.which].analyte)} if fact.part == "labs" and isinstance(fact.which, int) else {path}


def _called(path: str, assessment: DoseAssessment) -> str:
    """The name of a fact of the patient, whose account does not name it."""
    return f"{capital(part_in_words(path, assessment.case))}: " if as_fact(path).part == "patient" else ""


def _noted(note: Note, assessment: DoseAssessment) -> Line:
    fact = as_fact(note.about)
    about = f"{capital(fact_in_words(fact, assessment.case))}: " if fact and fact.part != "label" else ""
    return Line(f"{about}{note.says}", facts=(note.about,))


def _silent(assessment: DoseAssessment) -> Iterator[str]:
    for name, title in _PLANS.items():
        if assessment.verdict < Verdict.WITHHOLD and isinstance(getattr(assessment, name), NotCovered) and name != "checklist":
            yield title
    for toxicity in assessment.toxicities:
        ours = any(reason.citation is None for reason in toxicity.action.reasons)
        if isinstance(toxicity.action, NotCovered) and not ours and max(toxicity.grades, default=Grade.NONE) > Grade.NONE:
            yield named(toxicity.toxicity)

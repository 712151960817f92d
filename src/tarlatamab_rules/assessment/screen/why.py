"""Why the verdict is what it is: each fact with its value, and the statements that act on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.assessment.lab_unused import AFTER_START
from tarlatamab_rules.assessment.labs import SEVERE_ASIDE
from tarlatamab_rules.assessment.patient import known_against
from tarlatamab_rules.assessment.screen.blocks import Block, Line, cited, is_of_scale
from tarlatamab_rules.assessment.screen.reported import aside, reported
from tarlatamab_rules.assessment.screen.settling import asked, settling
from tarlatamab_rules.assessment.words import capital, grades_in_words, listed, part_in_words
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.evidence import caveats_of
from tarlatamab_rules.core.paths import as_fact
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import as_read, at

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.assessment.votes import AssessedLab, AssessedToxicity, Vote
    from tarlatamab_rules.core.evidence import Reason

__all__ = ["results_of", "why"]


def why(assessment: DoseAssessment) -> Block:
    """The facts behind the verdict, each with the statements that act on it. Facts with the same reasons are listed together."""
    lines = [line for reasons, votes in _by_reasons(assessment).items() for line in _ground(reasons, votes, assessment)]
    return Block("WHY", tuple(lines), kept=True)


def _by_reasons(assessment: DoseAssessment) -> dict[tuple[Reason, ...], list[Vote]]:
    """The votes that the verdict comes from, by their reasons. Of a dose that may be given, the vote on the dose itself."""
    verdict = assessment.verdict
    by_reasons: dict[tuple[Reason, ...], list[Vote]] = {}
    for vote in assessment.votes:
        if vote.verdict is verdict and (verdict > Verdict.PROCEED or vote.part == "dose"):
            by_reasons.setdefault(vote.reasons, []).append(vote)
    return by_reasons


def _ground(reasons: tuple[Reason, ...], votes: Sequence[Vote], assessment: DoseAssessment) -> Iterator[Line]:
    """What some votes are about, with its value, and the statements behind them: in one line if there is one statement."""
    toxicities = {toxicity.path: toxicity for toxicity in assessment.toxicities}
    head = capital("; ".join(dict.fromkeys(_about(vote, toxicities.get(vote.part), assessment) for vote in votes)))
    asks = tuple(dict.fromkeys(fact for vote in votes if vote.part in toxicities for fact in settling(toxicities[vote.part], assessment)))
    open_facts = tuple(dict.fromkeys(fact for vote in votes if vote.part == "eligibility" for fact in vote.missing))
    statements = list(_of_criteria(reasons, open_facts, assessment) if open_facts else _statements(reasons, asks, assessment))
    first, *others = statements or [Line("")]
    paths = tuple(vote.part for vote in votes)
    if others:
        yield Line(f"{head}:", facts=paths)
        yield from (evolve(line, text=f"- {line.text}") for line in (first, *others))
    else:
        yield evolve(first, text=f"{head}: {first.text}", facts=(*paths, *first.facts))


def _of_criteria(reasons: tuple[Reason, ...], facts: tuple[str, ...], assessment: DoseAssessment) -> Iterator[Line]:
    """Criteria of which some are open: what is known against the patient or, if nothing is, what the answer depends on.

    Several open criteria stand in one line: their statements for each possible answer would fill the screen.
    """
    known = known_against(assessment.criteria)
    if known:
        yield from _statements(tuple(reason for reason in reasons if reason in known or reason.unsettled), (), assessment)
    elif len(facts) > 1:
        rows = tuple(reason.row for reason in reasons)
        yield Line(f"it depends on {listed(asked(fact, assessment) for fact in facts)}", rows, facts)
    else:
        yield from _statements(reasons, (), assessment, "May apply: ")


def _about(vote: Vote, toxicity: AssessedToxicity | None, assessment: DoseAssessment) -> str:
    results = _results_behind(vote, assessment)
    if results:
        return " and ".join(results)
    if toxicity is None:
        return part_in_words(vote.part, assessment.case)
    name = part_in_words(vote.part, assessment.case) if as_fact(vote.part).part == "events" else named(toxicity.toxicity)
    graded = f"{name}, {grades_in_words(toxicity.grades)}" if toxicity.grades else name
    return f"{graded}{reported(toxicity, assessment)}"


def _results_behind(vote: Vote, assessment: DoseAssessment) -> list[str]:
    """The results that a vote goes by: those that do not count, if it is about them."""
    if AFTER_START in vote.reasons or SEVERE_ASIDE in vote.reasons:
        return aside(vote.part, assessment)
    return results_of(vote.part, assessment)


def results_of(part: str, assessment: DoseAssessment) -> list[str]:
    """The results that a vote on laboratory values goes by, each with its value, its date and its grade."""
    analytes = {fact.which for fact in as_fact(part).facts if fact.part == "labs" and not fact.field}
    return [_result(lab) for lab in assessment.graded if lab.result.analyte in analytes]


def _result(lab: AssessedLab) -> str:
    result = lab.result
    when = f" on {at(result.collected)}" if result.collected else ", not dated"
    grade = grades_in_words(grade for grade in lab.grade.possible if grade is not None)
    return f"{named(result.analyte)} {as_read(result.quantity)}{when}, {grade}"


def _statements(reasons: tuple[Reason, ...], asks: tuple[str, ...], assessment: DoseAssessment, before: str = "") -> Iterator[Line]:
    """The statements behind votes. Rows of a scale are left out: the grade is named already, or what would settle it is."""
    of_scale = list(filter(is_of_scale, reasons))
    acting = [reason for reason in reasons if reason not in of_scale]
    if asks and assessment.verdict is Verdict.NEEDS_DATA:  # each of them only may apply, and what settles it follows
        acting = [reason for reason in acting if reason.citation is None]
    else:
        acting = acting or of_scale
    yield from (evolve(line, text=before + line.text) for line in cited(acting))
    yield from (Line(f"Not settled by the source: {reason.unsettled}", (reason.row,)) for reason in reasons if reason.unsettled)
    if asks:
        rows = tuple(reason.row for reason in of_scale)
        recorded = all(as_fact(fact).field == "grade" for fact in asks)
        wanted = "a clinician records it" if recorded else listed(asked(fact, assessment) for fact in asks)
        yield Line(f"What would settle the grade: {wanted}", rows, asks)
    yield from (Line(f"Caution: {caveat}") for caveat in caveats_of(reasons))

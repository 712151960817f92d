"""The first screen of an assessment, and of a single answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import evolve

from tarlatamab_rules.assessment.assess import DISCLAIMER, DoseAssessment
from tarlatamab_rules.assessment.screen import checks, orders, plans, sources
from tarlatamab_rules.assessment.screen.blocks import Block, Line, Screen, cited, is_of_scale, undecided
from tarlatamab_rules.assessment.screen.why import why
from tarlatamab_rules.assessment.words import capital, fact_in_words
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData, Verdict
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.values.plans import Instruction
from tarlatamab_rules.values.toxicities import ToxicityAction
from tarlatamab_rules.values.wording import ROLES, at, in_words

__all__ = ["MEANING", "answer_screen", "screen"]

MEANING: Final = {
    Verdict.PROCEED: "no source gives a reason to withhold this dose",
    Verdict.NEEDS_DATA: "do not give the dose yet; facts are missing",
    Verdict.NEEDS_ASSESSMENT: "do not give the dose yet; a clinician must assess this first",
    Verdict.WITHHOLD: "do not give this dose now",
    Verdict.EXCLUDED: "do not give the dose; the sources do not allow it for this patient",
    Verdict.DISCONTINUE: "do not give the dose; stop the drug permanently",
}


def screen(assessment: DoseAssessment) -> Screen:
    """The first screen of an assessment."""
    verdict = assessment.verdict
    blocks = (
        why(assessment),
        orders.now(assessment),
        *plans.plans(assessment),
        orders.again(assessment),
        orders.stop_for_good(assessment),
        plans.next_dose(assessment),
        sources.disagreements(assessment),
        checks.missing(assessment),
        checks.checked(assessment),
        checks.not_checked(assessment),
    )
    stop = "STOP - " if verdict >= Verdict.WITHHOLD else ""
    return Screen(
        verdict=verdict,
        head=f"{stop}{str(verdict).upper()}: {MEANING[verdict]}",
        dose=_dose(assessment),
        blocks=tuple(block for block in blocks if block.lines),
        foot=(f"{_sources(assessment)} {DISCLAIMER}",),
    )


def _sources(assessment: DoseAssessment) -> str:
    """The sources that answered, in words; a policy by its name."""
    books = assessment.books
    return f"Source{'s' if len(books) > 1 else ''}: {', '.join(map(sources.source_name, books))}."


def _dose(assessment: DoseAssessment) -> str:
    case, step = assessment.case, assessment.next_dose
    start = plans.planned(case)
    words = [f"{case.point}, {at(start)}" if start else f"{case.point}, planned start not known"]
    if assessment.verdict < Verdict.WITHHOLD:
        words.append(f"due: {step.value.amount} ({ROLES[step.value.role]})" if isinstance(step, Decided) else "amount due: not settled")
        words += ["the step-up starts again"] if isinstance(step, Decided) and step.value.restart else []
    words.append(f"ordered: {case.ordered}" if case.ordered is not None else "amount ordered: not given")
    return "; ".join(words)


def answer_screen(answer: Decision[Any]) -> Screen:
    """The first screen of a single answer: what it is, or what is missing; why; and where sources disagree."""
    open_grade = isinstance(answer, NeedsData) and bool(answer.missing)
    reasons = [reason for reason in answer.reasons if not (open_grade and is_of_scale(reason))]
    blocks = [Block("WHY", tuple(cited(reasons)))]
    says: list[Line] = []
    if isinstance(answer, Decided):
        head, *rest = [capital(line) for line in _words(answer.value)] or ["Nothing"]
        says = [Line(line, kept=True) for line in rest]
    elif isinstance(answer, NeedsData):
        head = f"{'Cannot answer yet' if answer.missing else 'Not settled: a clinician decides'}{_either(answer.possible)}"
        lines = [Line(fact_in_words(fact), facts=(fact,), kept=True) for fact in answer.missing]
        always, alternatives = _in_any_case(answer.possible)
        possible = [Line("; ".join(_words(value)) if value is not None else "no source says") for value in alternatives]
        blocks[:0] = [
            Block("MISSING", tuple(lines), kept=True),
            Block("IN ANY CASE", tuple(Line(orders.order(item)) for item in always)),
            Block("STILL POSSIBLE", tuple(possible)),
        ]
    else:
        head = "No source says"
    says += undecided(answer.reasons)
    blocks.append(Block("SOURCES DISAGREE", tuple(sources.disagreeing(answer))))
    blocks.append(Block("CAUTION", tuple(Line(caveat, kept=True) for caveat in answer.caveats), kept=True))
    blocks[:0] = [Block("", tuple(says), kept=True)]
    return Screen(None, head, "", tuple(block for block in blocks if block.lines))


def _words(value: object) -> list[str]:
    return [f"grade {value:d}"] if isinstance(value, Grade) else in_words(sources.readable(value))


def _either(possible: Sequence[Any]) -> str:
    """The actions on the drug that are still possible: the strictest must not be left out with the alternatives that do not fit."""
    actions = sorted({action.action for action in possible if isinstance(action, ToxicityAction)})
    return f": {' or '.join(str(action).upper() for action in actions)}" if actions else ""


def _in_any_case(possible: Sequence[Any]) -> tuple[tuple[Instruction, ...], Sequence[Any]]:
    """The orders that every possible action has, and the actions without them."""
    if not all(isinstance(action, ToxicityAction) for action in possible):
        return (), possible
    always = tuple(item for item in possible[0].treatments if all(item in action.treatments for action in possible))
    return always, [evolve(action, treatments=tuple(item for item in action.treatments if item not in always)) for action in possible]

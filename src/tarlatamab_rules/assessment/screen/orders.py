"""What to do now for a toxicity, when the drug may be given again, and when it is stopped for good."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.assessment.events import conflicting
from tarlatamab_rules.assessment.screen.blocks import Block, Line
from tarlatamab_rules.assessment.screen.sources import source_name
from tarlatamab_rules.assessment.words import capital, grades_in_words, part_in_words
from tarlatamab_rules.core.decisions import DoseAction, Verdict
from tarlatamab_rules.core.paths import as_fact
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import Modality
from tarlatamab_rules.values.wording import in_words

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.assessment.votes import AssessedToxicity
    from tarlatamab_rules.core.paths import Note
    from tarlatamab_rules.values.plans import Instruction
    from tarlatamab_rules.values.toxicities import StopRule, ToxicityAction

__all__ = ["again", "now", "order", "stop_for_good"]

_STRENGTH = {Modality.GIVE: 0, Modality.AVOID: 1, Modality.RECOMMEND: 2, Modality.CONSIDER: 3}


def order(item: Instruction) -> str:
    """One instruction in words, marked with the source if only one source of several gives it."""
    words = capital("; ".join(in_words(evolve(item, sources=()))))
    return f"{words} ({source_name(item.sources[0])} only)" if len(item.sources) == 1 else words


def now(assessment: DoseAssessment) -> Block:
    """What is done for the patient now, the firm orders first; with several kinds of toxicity each order names its own.

    The first order of each toxicity is on every screen, and so is a warning that orders must not be added up. Nothing is left to do for a
    patient who died.
    """
    if any(set(toxicity.grades) == {Grade.DEATH} for toxicity in assessment.toxicities):
        return Block("NOW", ())
    by_kind: dict[Toxicity, dict[str, Line]] = {}
    urgency: dict[str, tuple[int, bool]] = {}
    for toxicity in assessment.toxicities:
        orders = by_kind.setdefault(toxicity.toxicity, {})
        for item, text in _treatments(toxicity):
            line = orders.get(text, Line(text, kept=not orders))
            orders[text] = evolve(line, facts=(*line.facts, toxicity.path))
            urgency.setdefault(text, _urgency(item))
    orders_of = [(kind, line) for kind, orders in by_kind.items() for line in orders.values()]
    several = len({kind for kind, _ in orders_of}) > 1
    orders_of.sort(key=lambda order: (several and not order[1].kept, urgency[order[1].text]))
    lines = [evolve(line, text=f"{capital(named(kind))}: {line.text}") if several else line for kind, line in orders_of]
    notes = [
        Line(f"{capital(part_in_words(note.about, assessment.case))}: {note.says}", facts=(note.about,), kept=_warns(note, assessment))
        for note in assessment.notes
        if note.to_do
    ]
    return Block("NOW", tuple(sorted((*lines, *notes), key=lambda line: not line.kept)), numbered=True)


def _warns(note: Note, assessment: DoseAssessment) -> bool:
    """Whether a note says that orders for one drug must not be added up."""
    return note.about == "steroids" or any(note in conflicting(toxicity.path, toxicity.action) for toxicity in assessment.toxicities)


def _named(toxicity: AssessedToxicity, assessment: DoseAssessment) -> str:
    return named(toxicity.toxicity) if as_fact(toxicity.path).part == "patient" else part_in_words(toxicity.path, assessment.case)


def _actions(toxicity: AssessedToxicity) -> list[ToxicityAction]:
    return [action for action in toxicity.action.possible if action is not None]


def _treatments(toxicity: AssessedToxicity) -> Iterator[tuple[Instruction, str]]:
    """The orders, the firm ones first and drugs before measures. An order that holds only for some grades names them."""
    by_case = [action.treatments if action is not None else () for action in toxicity.action.possible]
    for item in sorted(dict.fromkeys(item for orders in by_case for item in orders), key=_urgency):
        grades = [grade for grade, answer in toxicity.by_grade if any(action and item in action.treatments for action in answer.possible)]
        if all(item in orders for orders in by_case):
            yield item, order(item)
        else:
            yield item, f"If {grades_in_words(grades)}: {order(item)}" if grades else f"Depending on what is missing: {order(item)}"


def _urgency(item: Instruction) -> tuple[int, bool]:
    return _STRENGTH[item.modality], item.amount is None


def again(assessment: DoseAssessment) -> Block:
    """When the drug may be given again, if it is withheld and not stopped for good."""
    lines: list[Line] = []
    if assessment.verdict is Verdict.WITHHOLD:
        for toxicity in assessment.toxicities:
            recoveries = {action.resume_when: None for action in _actions(toxicity) if action.action is DoseAction.WITHHOLD}
            words = [f"{'; '.join(in_words(recovery))}" for recovery in recoveries if recovery is not None]
            if words:
                lines.append(Line(f"{capital(_named(toxicity, assessment))}: {' or '.join(words)}", facts=(toxicity.path,)))
            elif recoveries:
                lines.append(Line(f"{capital(_named(toxicity, assessment))}: no source says; a clinician decides", facts=(toxicity.path,)))
        lines += _restart(assessment)
    return Block("AGAIN WHEN", tuple(lines))


def _restart(assessment: DoseAssessment) -> Iterator[Line]:
    """The day after which the schedule cannot go on as it was."""
    step = assessment.upcoming.possible[0]
    if step is not None and step.latest is not None and step.later is not None and step.later.restart:
        yield Line(f"Until {step.latest.isoformat()}: after that day the step-up starts again, with {step.later.amount}")


def stop_for_good(assessment: DoseAssessment) -> Block:
    """When the drug is stopped for good instead: because of a grade that is still possible, and because of what may follow."""
    lines: list[Line] = []
    if assessment.verdict < Verdict.EXCLUDED:
        for toxicity in assessment.toxicities:
            worst = [grade for grade, answer in toxicity.by_grade if all(_stops(action) for action in answer.possible)]
            if worst and Grade.DEATH not in worst[:1]:
                lines.append(
                    Line(f"{capital(_named(toxicity, assessment))}: it is {grades_in_words(worst)}", facts=(toxicity.path,), kept=True)
                )
            rules = dict.fromkeys(rule for action in _actions(toxicity) for rule in action.discontinue_if)
            lines += [Line(f"{capital(_named(toxicity, assessment))}: {_stops_if(rule)}", facts=(toxicity.path,)) for rule in rules]
    return Block("STOP FOR GOOD IF", tuple(lines))


def _stops_if(rule: StopRule) -> str:
    """The condition of a rule; the title of its block says what follows from it."""
    return "; ".join(in_words(rule)).removeprefix("stop for good if ")


def _stops(action: ToxicityAction | None) -> bool:
    return action is not None and action.action is DoseAction.DISCONTINUE

"""Where the sources disagree, and what a reader calls them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.assessment.screen.blocks import Block, Line
from tarlatamab_rules.assessment.words import capital, part_in_words
from tarlatamab_rules.core.decisions import Decision, Dissent, DoseAction, Verdict
from tarlatamab_rules.core.errors import UnknownRulebookError
from tarlatamab_rules.rulebooks._names import load
from tarlatamab_rules.values.disagreements import dissent_in_words
from tarlatamab_rules.values.plans import Checklist, DuringInfusion, InfusionPlan, Instruction, PremedicationPlan
from tarlatamab_rules.values.toxicities import NextDosePrecautions, ToxicityAction
from tarlatamab_rules.values.vocabulary import Eligibility

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment

__all__ = ["disagreeing", "disagreements", "readable", "source_name"]

_PLANS: Final = ("eligibility", "next_dose", "labs", "premedication", "infusion", "checklist", "monitoring", "contraception")


def source_name(rulebook: str) -> str:
    """What a reader calls the source of a book; the name of the book if it is a policy of the caller."""
    try:
        source = load(rulebook).source
    except UnknownRulebookError:
        return rulebook
    return source.short_name or rulebook


def readable(value: Any) -> Any:  # noqa: ANN401  # the value of any answer
    """A value whose instructions name their sources as a reader does."""
    match value:
        case Instruction():
            return evolve(value, sources=tuple(map(source_name, value.sources)))
        case PremedicationPlan() | Checklist() | DuringInfusion():
            return evolve(value, instructions=tuple(map(readable, value.instructions)))
        case InfusionPlan(line=tuple()):
            return evolve(value, line=tuple(map(readable, value.line or ())))
        case NextDosePrecautions():
            return evolve(value, premedication=readable(value.premedication))
        case ToxicityAction():
            return evolve(value, treatments=tuple(map(readable, value.treatments)), next_dose=readable(value.next_dose))
        case _:
            return value


def disagreements(assessment: DoseAssessment) -> Block:
    """One line for each source that answers a part in another way, those that hold or stop the drug first."""
    plans = _PLANS if assessment.verdict < Verdict.WITHHOLD else _PLANS[:1]
    answers: list[tuple[str, Decision[Any]]] = [(name.replace("_", " "), getattr(assessment, name)) for name in plans]
    answers[:0] = [(part_in_words(toxicity.path, assessment.case), toxicity.action) for toxicity in assessment.toxicities]
    lines = [line for title, answer in answers for line in disagreeing(answer, f"{capital(title)}: ")]
    return Block("SOURCES DISAGREE", tuple(sorted(lines, key=lambda line: not line.kept)))


def disagreeing(answer: Decision[Any], head: str = "") -> Iterator[Line]:
    """What each source says that differs from an answer."""
    if any(isinstance(value, ToxicityAction) for value in answer.possible):
        yield from _on_action(answer, head)
        return
    stops = any(item.value is Eligibility.EXCLUDED for item in answer.dissent) or Eligibility.EXCLUDED in answer.possible
    for line in dissent_in_words(answer):
        book, _, says = line.partition(": ")
        yield Line(f"{head}{source_name(book)}: {says}", kept=stops)


def _on_action(answer: Decision[ToxicityAction], head: str) -> Iterator[Line]:
    """What each source does with the drug instead; of the other differences their number."""
    by_book: dict[str, list[Dissent]] = {}
    for item in answer.dissent:
        by_book.setdefault(item.rulebook, []).append(item)
    used = " or ".join(dict.fromkeys(_action(action.action) for action in answer.possible if action is not None))
    for book, items in by_book.items():
        actions = [item for item in items if item.field in {"action", ""}]
        rest = f"; differs in {_fields(items)}" if (_fields(items)) else ""
        for item in actions:
            says = _says(item)
            rows = tuple(reason.row for reason in item.reasons)
            yield Line(f"{head}{source_name(book)} says {says}, used here: {used}{rest} [{', '.join(rows)}]", rows, kept=True)
            rest = ""
        if rest:
            rows = tuple(dict.fromkeys(reason.row for item in items for reason in item.reasons))
            yield Line(f"{head}{source_name(book)}{rest.removeprefix(';')} [{', '.join(rows)}]", rows)


_PARTS: Final = {
    "treatments": "treatment",
    "resume_when": "when to resume",
    "discontinue_if": "when to stop for good",
    "next_dose": "the next dose",
}


def _fields(items: list[Dissent]) -> str:
    return ", ".join(dict.fromkeys(_PARTS[item.field] for item in items if item.field in _PARTS and item.value not in {None, ()}))


def _says(item: Dissent) -> str:
    if item.value is None:
        return "what a clinician must settle"
    return _action(DoseAction(str(item.value)))


def _action(action: DoseAction) -> str:
    return {DoseAction.CONTINUE: "continue", DoseAction.WITHHOLD: "withhold", DoseAction.DISCONTINUE: "stop for good"}[action]

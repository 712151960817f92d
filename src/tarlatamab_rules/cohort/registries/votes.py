"""What each part of an assessment answers, in a form that many doses share.

A part is named by its kind: all episodes of one toxicity are one part, such as ``events.crs``, and so are all votes on one analyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING

from tarlatamab_rules.cohort.frames.answers import PartAnswer, merged, part_name
from tarlatamab_rules.core.paths import Fact, as_fact

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.assessment.votes import AssessedToxicity, Vote
    from tarlatamab_rules.core.decisions import Dissent
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.events import ToxicityEvent

__all__ = ["answers_of", "episode_answer", "joined_answers", "part_answers"]


def part_answers(assessment: DoseAssessment) -> Mapping[str, PartAnswer]:
    """The answer of each part that votes, by the name of the part."""
    case = assessment.case
    parts = [
        *_answers(assessment.votes, assessment.toxicities, case),
        *_dissent(Fact("eligibility"), "eligibility", assessment.eligibility.dissent),
        *_dissent(Fact("dose"), "next_dose", assessment.next_dose.dissent),
    ]
    return _by_kind(parts, case)


def answers_of(votes: Iterable[Vote], toxicities: Iterable[AssessedToxicity], case: Case) -> Mapping[str, PartAnswer]:
    """The answers of some votes and toxicities of a case, by the name of the part."""
    return _by_kind(_answers(votes, toxicities, case), case)


def episode_answer(votes: Iterable[Vote], toxicities: Iterable[AssessedToxicity], case: Case, place: int) -> PartAnswer:
    """The answer of one episode, by its place among the events of the case."""
    mine = [
        answer
        for part, answer in _answers(votes, toxicities, case)
        if part.part == "events" and part.which == place and part.beside is None
    ]
    return joined_answers(mine)


def joined_answers(answers: Sequence[PartAnswer]) -> PartAnswer:
    """Several answers as one: the strictest verdict, with all rows, missing facts and disagreements."""
    return reduce(merged, answers)


def _by_kind(answers: Iterable[tuple[Fact, PartAnswer]], case: Case) -> Mapping[str, PartAnswer]:
    parts: dict[str, list[PartAnswer]] = {}
    for part, answer in answers:
        parts.setdefault(_kind(part, case.events or ()), []).append(answer)
    return {part: joined_answers(listed) for part, listed in parts.items()}


def _answers(votes: Iterable[Vote], toxicities: Iterable[AssessedToxicity], case: Case) -> Iterator[tuple[Fact, PartAnswer]]:
    """Each vote as an answer, and each disagreement on a toxicity, with the fact that names its part."""
    events = case.events or ()
    for vote in votes:
        rows, missing = {reason.row for reason in vote.reasons}, {_kind(as_fact(fact), events) for fact in vote.missing}
        yield as_fact(vote.part), PartAnswer(vote.verdict, tuple(sorted(rows)), tuple(sorted(missing)))
    for item in toxicities:
        yield from _dissent(as_fact(item.path), part_name(item.path, case), item.action.dissent)


def _dissent(part: Fact, name: str, dissent: Iterable[Dissent]) -> Iterator[tuple[Fact, PartAnswer]]:
    says = {f"{name}.{item.field}".rstrip(".") + f" ({item.rulebook})" for item in dissent}
    if says:
        yield part, PartAnswer(None, dissent=tuple(sorted(says)))


def _kind(fact: Fact, events: tuple[ToxicityEvent, ...]) -> str:
    """The name of a part or of a fact without places in a list and without dates."""
    return " with ".join(_kinds(fact, events))


def _kinds(fact: Fact, events: tuple[ToxicityEvent, ...]) -> Iterator[str]:
    which = events[fact.which].toxicity if fact.part == "events" and isinstance(fact.which, int) else fact.which
    yield str(Fact(fact.part, which, fact.field))
    if fact.beside is not None:
        yield from _kinds(fact.beside, events)

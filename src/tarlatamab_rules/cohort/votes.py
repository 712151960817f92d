"""What each part of an assessment answers, in a form that many doses share.

A part is named by its kind: all episodes of one toxicity are one part, such as ``events.crs``, and so are all votes on one analyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import frozen

from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.paths import Fact, as_fact

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.inputs.events import ToxicityEvent

__all__ = ["PartAnswer", "episode_answer", "joined_answers", "part_answers"]


@frozen
class PartAnswer:
    """The answer of one part of an assessment.

    Attributes:
        verdict: The strictest of its votes.

        rows: The ids of the rows behind it, sorted.

        missing: The missing facts, each named by its kind, sorted.
    """

    verdict: Verdict
    rows: tuple[str, ...]
    missing: tuple[str, ...]


def part_answers(assessment: DoseAssessment) -> Mapping[str, PartAnswer]:
    """The answer of each part that votes, by the name of the part."""
    parts: dict[str, list[PartAnswer]] = {}
    for part, answer in _answers(assessment):
        parts.setdefault(_kind(part, assessment.case.events or ()), []).append(answer)
    return {part: joined_answers(answers) for part, answers in parts.items()}


def episode_answer(assessment: DoseAssessment, place: int) -> PartAnswer:
    """The answer of one episode, by its place among the events of the case."""
    mine = [answer for part, answer in _answers(assessment) if part.part == "events" and part.which == place and part.beside is None]
    return joined_answers(mine)


def joined_answers(answers: Sequence[PartAnswer]) -> PartAnswer:
    """Several answers as one: the strictest verdict, with all rows and all missing facts."""
    if len(answers) == 1:
        return answers[0]
    rows, missing = {row for answer in answers for row in answer.rows}, {fact for answer in answers for fact in answer.missing}
    return PartAnswer(max((answer.verdict for answer in answers), key=lambda verdict: verdict.rank), _sorted(rows), _sorted(missing))


def _answers(assessment: DoseAssessment) -> Iterator[tuple[Fact, PartAnswer]]:
    """Each vote as an answer, with the fact that names its part."""
    events = assessment.case.events or ()
    for vote in assessment.votes:
        rows, missing = {reason.row for reason in vote.reasons}, {_kind(as_fact(fact), events) for fact in vote.missing}
        yield as_fact(vote.part), PartAnswer(vote.verdict, _sorted(rows), _sorted(missing))


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts))


def _kind(fact: Fact, events: tuple[ToxicityEvent, ...]) -> str:
    """The name of a part or of a fact without places in a list and without dates."""
    return " with ".join(_kinds(fact, events))


def _kinds(fact: Fact, events: tuple[ToxicityEvent, ...]) -> Iterator[str]:
    which = events[fact.which].toxicity if fact.part == "events" and isinstance(fact.which, int) else fact.which
    yield str(Fact(fact.part, which, fact.field))
    if fact.beside is not None:
        yield from _kinds(fact.beside, events)

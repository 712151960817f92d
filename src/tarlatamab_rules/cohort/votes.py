"""What each part of an assessment answers, in a form that many doses share.

A part is named by its kind: all episodes of one toxicity are one part, such as ``events.crs``, and so are all votes on one analyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.paths import Fact, as_fact

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.inputs.events import ToxicityEvent

__all__ = ["PartAnswer", "part_answers"]


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
    events = assessment.case.events or ()
    parts: dict[str, tuple[list[Verdict], set[str], set[str]]] = {}
    for vote in assessment.votes:
        verdicts, rows, missing = parts.setdefault(_kind(as_fact(vote.part), events), ([], set(), set()))
        verdicts.append(vote.verdict)
        rows.update(reason.row for reason in vote.reasons)
        missing.update(_kind(as_fact(fact), events) for fact in vote.missing)
    return {
        part: PartAnswer(max(verdicts, key=lambda verdict: verdict.rank), _sorted(rows), _sorted(missing))
        for part, (verdicts, rows, missing) in parts.items()
    }


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

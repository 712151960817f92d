"""The vote of each part of an assessment, and how verdicts are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.core.decisions import Decision, DoseAction, Verdict, union, unsettled_of
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Note
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.values.toxicities import ToxicityAction

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rules.event_grade import Episode
    from tarlatamab_rules.rules.toxicity import Outcomes

__all__ = [
    "SEVERE",
    "UNSETTLED",
    "AssessedLab",
    "AssessedToxicity",
    "Judged",
    "Vote",
    "floored",
    "gathered",
    "guards_of",
    "strictest_of",
    "verdicts_of",
]

_BY_ACTION: Final[Mapping[DoseAction, Verdict]] = {
    DoseAction.CONTINUE: Verdict.PROCEED,
    DoseAction.WITHHOLD: Verdict.WITHHOLD,
    DoseAction.DISCONTINUE: Verdict.DISCONTINUE,
}
SEVERE: Final = Reason("guard/severe", "This is grade 3 or worse, and the rulebook does not say what to do. A clinician must assess it.")
UNSETTLED: Final = Reason("guard/unsettled", "The rulebook mentions it, but does not settle what to do. A clinician must assess it.")


@frozen
class Vote(Shown):
    """The verdict of one part of an assessment on the dose.

    Attributes:
        part: The part, such as ``eligibility``, ``labs.neutrophils`` or ``events[0]``.

        verdict: What it requires. If facts are missing: the mildest verdict that is still possible, but at least needs-data for a
            required fact.

        missing: The missing facts, by their path in the case.

        reasons: Why.
    """

    part: str
    verdict: Verdict
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@frozen
class AssessedToxicity(Shown):
    """A toxicity that the case reports, or that a laboratory result shows.

    Attributes:
        path: Its source in the case, such as ``events[0]`` or ``labs.neutrophils``.

        toxicity: The toxicity.

        grades: The grades it may have; empty if no grade decides.

        action: What must be done about it.

        by_grade: What must be done at each grade that it may have, if that depends on the grade; else empty.
    """

    path: str
    toxicity: Toxicity
    grades: tuple[Grade, ...]
    action: Decision[ToxicityAction]
    by_grade: tuple[tuple[Grade, Decision[ToxicityAction]], ...] = ()


@frozen
class AssessedLab(Shown):
    """A laboratory result that counts for the dose.

    Attributes:
        result: The result.

        grade: Its grade by the scale that the rulebook uses.
    """

    result: LabResult
    grade: Decision[Grade]


@frozen
class Judged:
    """What a part of the case adds to an assessment; *episodes* are the past episodes that results show."""

    votes: tuple[Vote, ...] = ()
    toxicities: tuple[AssessedToxicity, ...] = ()
    episodes: tuple[Episode, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The strictest of the votes; proceed if there is none."""
        return strictest_of([Verdict.PROCEED, *(vote.verdict for vote in self.votes)])


_RANK = attrgetter("rank")


def strictest_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The strictest of several verdicts."""
    return max(verdicts, key=_RANK)  # by rank, since comparing two words asks first whether both are of one order


def floored(verdicts: Collection[Verdict]) -> Verdict:
    """The mildest of the verdicts that are still possible; if they differ, at least needs-data."""
    distinct = set(verdicts)
    if len(distinct) == 1:
        return distinct.pop()
    return strictest_of((Verdict.NEEDS_DATA, min(distinct, key=_RANK)))


def gathered(parts: Sequence[Judged]) -> Judged:
    """Several parts joined into one."""
    if len(parts) == 1:
        return parts[0]
    votes: list[Vote] = []
    toxicities: list[AssessedToxicity] = []
    episodes: list[Episode] = []
    notes: list[Note] = []
    for part in parts:
        votes += part.votes
        toxicities += part.toxicities
        episodes += part.episodes
        notes += part.notes
    return Judged(tuple(votes), tuple(toxicities), tuple(episodes), tuple(notes))


@lru_cache(maxsize=4096)
def verdicts_of(answer: Decision[ToxicityAction], grade: Grade) -> frozenset[Verdict]:
    """The verdicts of the actions that are still possible; a clinician must assess a severe or unsettled grade without an action."""
    verdicts = frozenset(_silence(answer, grade) if action is None else _BY_ACTION[action.action] for action in answer.possible)
    if not unsettled_of(answer):
        return verdicts
    return frozenset(strictest_of((Verdict.NEEDS_ASSESSMENT, verdict)) for verdict in verdicts)


def _silence(answer: Decision[ToxicityAction], grade: Grade) -> Verdict:
    unsettled = grade >= Grade.SEVERE or any(reason.unsettled for reason in answer.reasons)
    return Verdict.NEEDS_ASSESSMENT if unsettled else Verdict.PROCEED


def guards_of(by_cell: Outcomes) -> tuple[Reason, ...]:
    """The safeguard behind a vote if the book is silent and a clinician must assess the dose."""
    silent = [(cell[0], answer) for cell, answer in by_cell.items() if None in answer.possible]
    dissent = [item for answer in by_cell.values() for item in answer.dissent]
    reasons = union((*(answer.reasons for _, answer in silent), *(item.reasons for item in dissent)))
    if any(reason.unsettled for reason in reasons):
        return (UNSETTLED,)
    return (SEVERE,) if any(grade >= Grade.SEVERE for grade, _ in silent) else ()

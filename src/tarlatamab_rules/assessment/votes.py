"""What each part of an assessment makes of a dose, and how verdicts are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.answers.toxicities import ToxicityAction
from tarlatamab_rules.core.decisions import Decision, DoseAction, Verdict, union, unsettled_of
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Note
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity

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
SEVERE: Final = Reason("guard/severe", "At grade 3 or worse, where the rulebook does not say what to do, a clinician must assess it.")
UNSETTLED: Final = Reason("guard/unsettled", "The rulebook speaks of it and does not settle what to do: a clinician must assess it.")


@frozen
class Vote(Shown):
    """What one part of an assessment makes of the dose.

    Attributes:
        part: The part, as ``eligibility``, ``labs.neutrophils`` or ``events[0]``.

        verdict: What it obliges. Where facts are missing: the mildest verdict still possible, and at least needs-data for a fact that
            is required.

        missing: The facts it lacks, by their path in the case.

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
        path: Where it comes from, as ``events[0]`` or ``labs.neutrophils``.

        toxicity: What it is.

        grades: The grades it may have; empty where it goes by no grade.

        action: What it obliges one to do.
    """

    path: str
    toxicity: Toxicity
    grades: tuple[Grade, ...]
    action: Decision[ToxicityAction]


@frozen
class AssessedLab(Shown):
    """A laboratory result that counts for the dose.

    Attributes:
        result: The result.

        grade: Its grade by the scale that the rulebook reads.
    """

    result: LabResult
    grade: Decision[Grade]


@frozen
class Judged:
    """What a part of the case adds to an assessment; *episodes* are those past ones that results show."""

    votes: tuple[Vote, ...] = ()
    toxicities: tuple[AssessedToxicity, ...] = ()
    episodes: tuple[Episode, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The strictest of the votes; proceed without any."""
        return strictest_of([Verdict.PROCEED, *(vote.verdict for vote in self.votes)])


_RANK = attrgetter("rank")


def strictest_of(verdicts: Iterable[Verdict]) -> Verdict:
    """The strictest of some verdicts."""
    return max(verdicts, key=_RANK)  # by rank, since comparing two words asks first whether both are of one order


def floored(verdicts: Collection[Verdict]) -> Verdict:
    """Of the verdicts that are still possible, the mildest; and needs-data at least where they differ."""
    mildest = min(verdicts, key=_RANK)
    return mildest if len(set(verdicts)) == 1 else strictest_of((Verdict.NEEDS_DATA, mildest))


def gathered(parts: Sequence[Judged]) -> Judged:
    """Several parts as one."""
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
    """What each action that is still possible makes of a dose; a severe or unsettled silence is for a clinician."""
    spoken = frozenset(_silence(answer, grade) if action is None else _BY_ACTION[action.action] for action in answer.possible)
    if not unsettled_of(answer):
        return spoken
    return frozenset(strictest_of((Verdict.NEEDS_ASSESSMENT, verdict)) for verdict in spoken)


def _silence(answer: Decision[ToxicityAction], grade: Grade) -> Verdict:
    unsettled = grade >= Grade.SEVERE or any(reason.unsettled for reason in answer.reasons)
    return Verdict.NEEDS_ASSESSMENT if unsettled else Verdict.PROCEED


def guards_of(found: Outcomes) -> tuple[Reason, ...]:
    """The safeguard behind a vote where the book is silent and a clinician must assess."""
    silent = [(cell[0], answer) for cell, answer in found.items() if None in answer.possible]
    dissent = [each for answer in found.values() for each in answer.dissent]
    reasons = union((*(answer.reasons for _, answer in silent), *(each.reasons for each in dissent)))
    if any(reason.unsettled for reason in reasons):
        return (UNSETTLED,)
    return (SEVERE,) if any(grade >= Grade.SEVERE for grade, _ in silent) else ()

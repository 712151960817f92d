"""One assessment if times can be read in two ways: of each part the stricter reading stands, and a note says so."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.core.decisions import Decision, Verdict
from tarlatamab_rules.core.paths import Note

if TYPE_CHECKING:
    from tarlatamab_rules.answers.doses import ContraceptionWindow, NextDose
    from tarlatamab_rules.assessment.votes import Vote

__all__ = ["IN_UTC", "stricter_assessment"]

IN_UTC: Final = Note(
    "dates", "all times are in UTC, so days are counted in UTC. Pass site_zone, the time zone of the site, to count them there."
)
_PARTS: Final = ("dose", "standings", "graded", "toxicities", "premedication", "infusion", "checklist", "monitoring", "contraception")


def stricter_assessment(own: Any, at_start: Any) -> Any:  # noqa: ANN401  # two of `DoseAssessment`, which stands above this module
    """Two assessments of one case as one: with times each at its own UTC offset, and all at that of the planned start.

    A reading by which the step-up begins anew gives the plans, else the one with the stricter verdict. The votes, and the toxicities behind
    them, come part by part from the reading that is stricter there.
    """
    differing = list(_differing(own, at_start))
    if not differing:
        return own
    base, other = (at_start, own) if _strictness(at_start) > _strictness(own) else (own, at_start)
    ranks, others = _ranks(base.votes), _ranks(other.votes)
    theirs = {part for part, rank in others.items() if rank > ranks.get(part, -1)}
    says = (
        "the times have several UTC offsets. Days by each time's own offset and days by that of the planned start differ in "
        f"{', '.join(differing)}: the stricter answer is used. Pass site_zone, the time zone of the site, to settle it."
    )
    return evolve(
        base,
        votes=(*(vote for vote in base.votes if vote.part not in theirs), *(vote for vote in other.votes if vote.part in theirs)),
        toxicities=(
            *(found for found in base.toxicities if found.path not in theirs),
            *(found for found in other.toxicities if found.path in theirs),
        ),
        dose=other.dose if "dose" in theirs else base.dose,
        contraception=max((base, other), key=lambda each: (each.verdict.rank, _last_day(each.contraception))).contraception,
        notes=(*base.notes, Note("dates", says)),
    )


def _differing(one: Any, other: Any) -> Iterable[str]:  # noqa: ANN401  # as above
    """What differs, in words, the verdict and the next dose with both answers."""
    if one.verdict is not other.verdict:
        yield f"verdict ({one.verdict} or {other.verdict})"
    if one.next_dose != other.next_dose:
        yield f"next dose ({_in_words(one.next_dose)}, or {_in_words(other.next_dose)})"
    yield from (part for part in _PARTS if getattr(one, part) != getattr(other, part))
    if one.votes != other.votes:
        yield "votes"


def _in_words(answer: Decision[NextDose]) -> str:
    steps = [f"{step.amount}{' after a restart' if step.restart else ''}, due {step.due}" for step in answer.possible if step is not None]
    return " or ".join(steps) or "not covered"


def _strictness(assessment: Any) -> tuple[bool, int, list[int]]:  # noqa: ANN401  # as above
    restart = any(step is not None and step.restart for step in assessment.next_dose.possible)
    verdicts: list[Verdict] = [vote.verdict for vote in assessment.votes]
    return restart, assessment.verdict.rank, sorted((verdict.rank for verdict in verdicts), reverse=True)


def _ranks(votes: Iterable[Vote]) -> dict[str, int]:
    """How strict each part is."""
    ranks: dict[str, int] = {}
    for vote in votes:
        ranks[vote.part] = max(vote.verdict.rank, ranks.get(vote.part, 0))
    return ranks


def _last_day(answer: Decision[ContraceptionWindow]) -> int:
    return max((window.until.toordinal() for window in answer.possible if window is not None and window.until), default=0)

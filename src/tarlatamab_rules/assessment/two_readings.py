"""One assessment if times can be read in two ways. The stricter reading of each part is used, and a note says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import evolve

from tarlatamab_rules.core.decisions import Decision, Verdict
from tarlatamab_rules.core.paths import Note

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.votes import Vote
    from tarlatamab_rules.values.doses import ContraceptionWindow, NextDose

__all__ = ["IN_UTC", "stricter_assessment"]

T = TypeVar("T")
IN_UTC: Final = Note(
    "dates", "all times are in UTC, so days are counted in UTC. To count them at the site, give its time zone (site_zone)."
)
_PARTS: Final = ("dose", "standings", "graded", "toxicities", "premedication", "infusion", "checklist", "monitoring", "contraception")


def stricter_assessment(by_own_offsets: Any, by_start: Any) -> Any:  # noqa: ANN401  # two of `DoseAssessment`, which is above this module
    """Two assessments of one case as one: with each time at its own UTC offset, and with all times at the offset of the planned start.

    The plans come from the reading by which the step-up begins anew, if there is one; otherwise from the reading with the stricter
    verdict. The votes, and the toxicities behind them, come part by part from the reading that is stricter in that part.
    """
    differing = list(_differing(by_own_offsets, by_start))
    if not differing:
        return by_own_offsets
    base, other = (by_start, by_own_offsets) if _strictness(by_start) > _strictness(by_own_offsets) else (by_own_offsets, by_start)
    ranks = _ranks(base.votes)
    stricter = {part for part, rank in _ranks(other.votes).items() if rank > ranks.get(part, -1)}
    says = (
        "the times have different UTC offsets. Days at each time's own offset and days at the offset of the planned start give different "
        f"answers: {', '.join(differing)}. The stricter answer is used. To settle it, give the time zone of the site (site_zone)."
    )
    return evolve(
        base,
        votes=_by_part(attrgetter("part"), base.votes, other.votes, stricter),
        toxicities=_by_part(attrgetter("path"), base.toxicities, other.toxicities, stricter),
        dose=other.dose if "dose" in stricter else base.dose,
        contraception=max((base, other), key=lambda reading: (reading.verdict.rank, _last_day(reading.contraception))).contraception,
        notes=(*base.notes, Note("dates", says)),
    )


def _by_part(part: Callable[[T], str], base: Iterable[T], other: Iterable[T], stricter: Collection[str]) -> tuple[T, ...]:
    """The items of *base*, with those of *other* for the parts in which it is stricter."""
    kept = (item for item in base if part(item) not in stricter)
    return (*kept, *(item for item in other if part(item) in stricter))


def _differing(first: Any, second: Any) -> Iterable[str]:  # noqa: ANN401  # as above
    """The names of what differs; the verdict and the next dose come with both answers."""
    if first.verdict is not second.verdict:
        yield f"verdict ({first.verdict} or {second.verdict})"
    if first.next_dose != second.next_dose:
        yield f"next dose ({_in_words(first.next_dose)}, or {_in_words(second.next_dose)})"
    yield from (part for part in _PARTS if getattr(first, part) != getattr(second, part))
    if first.votes != second.votes:
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

"""Does an abnormal result cause symptoms? A result has no field for that; the events show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from tarlatamab_rules.core.decisions import Decided, NeedsData
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import EVENTS, Fact
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rules.grading import grade_lab
from tarlatamab_rules.values.vocabulary import LabNeed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rules.event_grade import Episode

__all__ = ["Symptoms", "symptoms_by"]

_NONE: Final = Reason(
    "guard/no-symptoms", "The toxicities so far were reviewed and no ongoing one is severe, so the result counts as one without symptoms."
)
_SOME: Final = Reason("guard/symptoms", "A severe event of another toxicity is ongoing, so the result counts as one with symptoms.")


@frozen
class Symptoms:
    """What the events show about symptoms of abnormal results.

    Attributes:
        present: Whether there are symptoms; ``None`` if that is not known.

        reported: Whether an event of another toxicity is or may be ongoing.

        ask: Where the caller can enter more.
    """

    present: bool | None
    reported: bool
    ask: tuple[Fact, ...] = ()

    def settled(self, lab: LabResult, grade: NeedsData[Grade], need: LabNeed, scale: str) -> Decision[Grade]:
        """The grade, if symptoms settle it. Only a result that is not required counts as one without symptoms."""
        if self.present is None or "symptoms" not in grade.missing:
            return grade
        if not self.reported and need is LabNeed.REQUIRED:
            return grade
        known = grade_lab(lab, symptoms=self.present, rulebook=scale)
        return evolve(known, reasons=(*known.reasons, _SOME if self.present else _NONE)) if isinstance(known, Decided) else known


_NOT_REVIEWED: Final = Symptoms(present=None, reported=False, ask=(EVENTS,))
_NO_OTHERS: Final = Symptoms(present=False, reported=False)


def symptoms_by(events: Iterable[Episode] | None) -> Symptoms:
    """The symptoms that the events of a case show. If the events are not known, they are asked for."""
    if events is None:
        return _NOT_REVIEWED
    others = [episode for episode in events if episode.event.toxicity is Toxicity.OTHER and episode.event.over is not True]
    if not others:
        return _NO_OTHERS
    severe = [episode for episode in others if max(episode.grades) >= Grade.SEVERE]
    if any(episode.event.over is False and min(episode.grades) >= Grade.SEVERE for episode in severe):
        return Symptoms(present=True, reported=True)
    if severe:
        return Symptoms(present=None, reported=True, ask=tuple([episode.path.its(_lacking(episode)) for episode in severe]))
    return Symptoms(present=False, reported=True)


def _lacking(episode: Episode) -> str:
    return "grade" if min(episode.grades) < Grade.SEVERE else "status"

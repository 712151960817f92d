"""What is given before and after an infusion?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.questions import PREMEDICATION, PremedicationPlan
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["premedication_plan"]


def premedication_plan(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[PremedicationPlan]:
    """What is given before and after the infusion at *point*, each with its modality, amount, route and time.

    Args:
        point: The dose, as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, PRE-1 to PRE-3.
    """
    return table(PREMEDICATION, rulebook)(DosePoint.of(point).number)

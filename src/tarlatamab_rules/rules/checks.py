"""What is seen to with a dose, beside its drugs and results?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.answers.plans import Checklist
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.questions.dosing import CHECKLIST
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["checklist"]


def checklist(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[Checklist]:
    """What is seen to with the dose at *point*: hydration, signs of infection, teaching, and the like.

    Args:
        point: The dose, as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.1, 5.1 to 5.4, 8.3.
    """
    return table(CHECKLIST, rulebook)(DosePoint.of(point).number)

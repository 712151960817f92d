"""How is the drug infused?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.answers.plans import InfusionPlan
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.questions.dosing import INFUSION
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["infusion_plan"]


def infusion_plan(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[InfusionPlan]:
    """How the dose at *point* is infused: route, duration in hours, rate in mL/h, by pump or not, with which device not.

    Args:
        point: The dose, as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, INF-1 and INF-2.
    """
    return table(INFUSION, rulebook)(DosePoint.of(point).number)

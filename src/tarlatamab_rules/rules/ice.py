"""What does an ICE test score?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.inputs.ice import IceTest
from tarlatamab_rules.questions.facts import ICE_ITEMS, ICE_OBJECTS
from tarlatamab_rules.questions.scales import ICE_SCORE
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["ice_score"]


def ice_score(test: IceTest, *, rulebook: Rulebook | str = "astct-2019") -> Decision[int]:
    """The Immune Effector Cell-Associated Encephalopathy score: the points of ten items, 0 to 10 (10 is unimpaired).

    `NeedsData` names the items that are not known, and lists the scores that remain possible.

    Args:
        test: What the patient did.

        rulebook: The book that has the points, or its name.

    Source: ASTCT consensus grading 2019, ICE tool.
    """
    if not isinstance(test, IceTest):
        raise FieldTypeError("test", f"{shown(test)} is not an IceTest", "pass IceTest(year=True, month=True, ...)")
    return table(ICE_SCORE, rulebook)(*(getattr(test, axis.fact) for axis in (*ICE_ITEMS, ICE_OBJECTS)))

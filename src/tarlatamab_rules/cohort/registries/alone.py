"""The patients whose doses are assessed one by one, and why."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.cohort.registries.coding import Array

__all__ = ["LATER", "OFFSETS", "ORDER", "REFUSED", "Alone"]


@frozen(eq=False)
class Alone:
    """The patients whose doses go to the scalar function one by one, because their facts have no exact code.

    Attributes:
        reason: For each patient the place of the first reason in `reasons`, from 1; 0 if there is none.

        reasons: The reasons.
    """

    reason: Array
    reasons: list[str] = field(factory=list)

    def add(self, why: str, patients: Array) -> None:
        """Patients of whom a reason is true, by their rows; negative rows are nobody."""
        listed = patients[patients >= 0]
        if len(listed):
            if why not in self.reasons:
                self.reasons.append(why)
            some = np.unique(listed)
            self.reason[some[self.reason[some] == 0]] = self.reasons.index(why) + 1


REFUSED: Final = "a row of the patient is refused, or has no plain form"
ORDER: Final = "the order of the doses is not plain"
LATER: Final = "something is dated after a planned dose"
OFFSETS: Final = "times with different UTC offsets, or near a change of the clocks"

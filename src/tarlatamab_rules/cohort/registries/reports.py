"""The dates of a reported event beside those of results, as codes: their order, and how many days lie between them."""

from __future__ import annotations

from typing import Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.registries.coding import Array, bands

__all__ = ["Reports"]

NONE: Final = -1
_NEAR: Final = (1.0, 2.0)
"""The days between two dates that may be wrong by a day."""


@frozen(eq=False)
class Reports:
    """The only event of a toxicity that each dose sees.

    Attributes:
        plain: The doses that see exactly one, and of which the order of its dates to those of results is enough.

        days: The days on which it began, improved and ended, as the dose sees them; -1 if one is not known.
    """

    plain: Array
    days: tuple[Array, Array, Array]

    def related(self, days: list[Array], cuts: list[float]) -> tuple[list[Array], Array]:
        """How the dates of the event lie to those of results, as codes; and whether two of them are of one day.

        Args:
            days: The days of results; -1 if there is none.

            cuts: The days at which an answer changes.
        """
        cuts = sorted({*cuts, *_NEAR})
        columns, same = [], np.zeros(len(self.plain), bool)
        for reported in self.days:
            for day in days:
                known = self.plain & (reported != NONE) & (day != NONE)
                between = np.where(known, day - reported, 0)
                same |= known & (between == 0)
                columns.append(np.sign(between) * (1 + bands(np.abs(between), cuts)))
        return columns, same

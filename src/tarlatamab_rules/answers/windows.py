"""How long something lasts after the last dose."""

from __future__ import annotations

from datetime import date

from attrs import frozen

from tarlatamab_rules.answers.words import Modality
from tarlatamab_rules.showing import Shown

__all__ = ["AfterLastDose", "BreastfeedingWindow", "ContraceptionWindow"]


@frozen
class AfterLastDose(Shown):
    """How long something lasts after the last dose.

    Attributes:
        modality: How strongly the source says it.

        months: For how many calendar months.
    """

    modality: Modality
    months: int


@frozen
class ContraceptionWindow(Shown):
    """Until when contraception is used.

    Attributes:
        modality: How strongly the source says it.

        months: For how many calendar months after the last dose.

        until: The last day of them; ``None`` while the day of the last dose is not known.
    """

    modality: Modality
    months: int
    until: date | None = None


@frozen
class BreastfeedingWindow(Shown):
    """Until when a child is not breast-fed.

    Attributes:
        modality: How strongly the source says it.

        months: For how many calendar months after the last dose.

        until: The last day of them; ``None`` while the day of the last dose is not known.
    """

    modality: Modality
    months: int
    until: date | None = None

"""Which results a dose asks for, and how those at hand stand to it."""

from __future__ import annotations

from attrs import frozen

from tarlatamab_rules.answers.vocabulary import LabNeed, Standing
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.labs import LabResult

__all__ = ["LabStanding", "LabsDue"]


@frozen
class LabsDue(Shown):
    """Which laboratory results a dose asks for.

    Attributes:
        required: Without these the dose waits.

        recommended: To be had as well; a dose does not wait for them.

        during_crs: To be monitored while cytokine release syndrome is active.
    """

    required: tuple[Analyte, ...] = ()
    recommended: tuple[Analyte, ...] = ()
    during_crs: tuple[Analyte, ...] = ()


@frozen
class LabStanding(Shown):
    """How one laboratory result stands to a dose.

    Attributes:
        analyte: What was measured, or is asked for.

        need: What the dose wants of it.

        standing: *counts*: the latest that is valid. *missing*: none was reported. *too-old*: older than the greatest age that the caller
            gave. *before-last-dose*: not drawn after the previous dose. *after-planned-start*: in the future of the dose. *undated*: it
            has no date. *open*: another date is missing. *replaced*: a later result counts.

        result: The result; ``None`` where it is missing.

        missing: The facts without which it cannot be told whether it counts.

        reasons: The rows that say what the dose wants of it.
    """

    analyte: Analyte
    need: LabNeed
    standing: Standing
    result: LabResult | None = None
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

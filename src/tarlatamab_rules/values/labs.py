"""Which results a dose asks for, and whether the available ones count for it."""

from __future__ import annotations

from attrs import frozen

from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

__all__ = ["LabStanding", "LabsDue"]


@frozen
class LabsDue(Shown):
    """Which laboratory results a dose asks for.

    Attributes:
        required: The dose waits for these.

        recommended: These are wanted as well. The dose does not wait for them.

        during_crs: These are monitored while cytokine release syndrome is active.
    """

    required: tuple[Analyte, ...] = ()
    recommended: tuple[Analyte, ...] = ()
    during_crs: tuple[Analyte, ...] = ()


@frozen
class LabStanding(Shown):
    """Whether one laboratory result counts for a dose.

    Attributes:
        analyte: What was measured, or is asked for.

        need: What the dose wants of it.

        standing: *counts*: the latest valid result. *missing*: none was reported. *too-old*: older than the maximum age that the caller
            passed. *before-last-dose*: not drawn after the previous dose. *after-planned-start*: drawn after the dose would begin.
            *undated*: it has no date. *open*: another date is missing. *replaced*: a later result counts.

        result: The result; ``None`` if it is missing.

        missing: The missing facts that would show whether it counts.

        reasons: The rows that say what the dose wants of it.
    """

    analyte: Analyte
    need: LabNeed
    standing: Standing
    result: LabResult | None = None
    missing: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()

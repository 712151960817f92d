"""How an infusion is compared with its plan: the rows are the same for every book that has a plan."""

from __future__ import annotations

from tarlatamab_rules.answers.vocabulary import SetupFit
from tarlatamab_rules.core.intervals import above, below, between
from tarlatamab_rules.core.tables import Bands, Row
from tarlatamab_rules.rulebooks._book import Rows
from tarlatamab_rules.rulebooks.facts import CONSTANT_RATE, DURATION, PUMP, RATE, TRANSFER_DEVICE, VOLUME
from tarlatamab_rules.rulebooks.questions import BY_CONSTANT_RATE, BY_DURATION, BY_PUMP, BY_RATE, BY_TRANSFER_DEVICE, BY_VOLUME

_NEAR = between(0.98, 1.02)
_TOLERANCE = "What is within 2 % of the plan is taken as planned; this tolerance is ours."


def compared(infusion: str, axis: Bands) -> tuple[Row[SetupFit], ...]:
    """Volume, rate or duration as planned, or not."""
    what = axis.fact
    return (
        Row(f"{infusion}/{what}", {axis: _NEAR}, SetupFit.AS_PLANNED, f"The {what} is as planned.", _TOLERANCE),
        Row(f"{infusion}/{what}-low", {axis: below(_NEAR.low)}, SetupFit.MISMATCH, f"The {what} is below the plan.", _TOLERANCE),
        Row(f"{infusion}/{what}-high", {axis: above(_NEAR.high)}, SetupFit.MISMATCH, f"The {what} is above the plan.", _TOLERANCE),
    )


def pumped(infusion: str) -> tuple[Row[SetupFit], ...]:
    """Whether an infusion pump is used."""
    return (
        Row(f"{infusion}/pump", {PUMP: True}, SetupFit.AS_PLANNED, "An infusion pump is used."),
        Row(f"{infusion}/no-pump", {PUMP: False}, SetupFit.MISMATCH, "An infusion pump is to be used."),
    )


def setup(infusion: str, device: str, warning: str) -> Rows:
    """Volume, rate, duration, pump and constant rate as planned, or not; and what a closed-system transfer device means."""
    return {
        BY_VOLUME: compared(infusion, VOLUME),
        BY_RATE: compared(infusion, RATE),
        BY_DURATION: compared(infusion, DURATION),
        BY_PUMP: pumped(infusion),
        BY_CONSTANT_RATE: (
            Row(f"{infusion}/constant", {CONSTANT_RATE: True}, SetupFit.AS_PLANNED, "The rate is constant."),
            Row(f"{infusion}/not-constant", {CONSTANT_RATE: False}, SetupFit.MISMATCH, "The rate is to be constant."),
        ),
        BY_TRANSFER_DEVICE: (
            Row(f"{device}/none", {TRANSFER_DEVICE: False}, SetupFit.AS_PLANNED, "No closed-system transfer device is used."),
            Row(
                f"{device}/used",
                {TRANSFER_DEVICE: True},
                SetupFit.WARNING,
                "A closed-system transfer device is used, and may lead to a dose error.",
                warning,
            ),
        ),
    }

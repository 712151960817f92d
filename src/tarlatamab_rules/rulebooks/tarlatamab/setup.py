"""How an infusion is compared with its plan: the shape of the rows, which is the same for every book that has a plan."""

from __future__ import annotations

from tarlatamab_rules.core.intervals import above, below, between
from tarlatamab_rules.core.tables import Bands, Row
from tarlatamab_rules.rulebooks._book import Rows
from tarlatamab_rules.rulebooks.facts import CONSTANT_RATE, DURATION, PUMP, RATE, TRANSFER_DEVICE, VOLUME
from tarlatamab_rules.rulebooks.questions import BY_CONSTANT_RATE, BY_DURATION, BY_PUMP, BY_RATE, BY_TRANSFER_DEVICE, BY_VOLUME
from tarlatamab_rules.values.vocabulary import SetupFit


def compared(infusion: str, axis: Bands, *, tolerance: float) -> tuple[Row[SetupFit], ...]:
    """Volume, rate or duration as planned, give or take such a part of it, or not."""
    what, near = axis.fact, between(1 - tolerance, 1 + tolerance)
    share = f"{tolerance:.0%}".replace("%", " %")
    interpretation = f"A value within {share} of the plan counts as planned. This tolerance is ours."
    return (
        Row(f"{infusion}/{what}", {axis: near}, SetupFit.AS_PLANNED, f"The {what} is as planned.", interpretation),
        Row(f"{infusion}/{what}-low", {axis: below(near.low)}, SetupFit.MISMATCH, f"The {what} is below the plan.", interpretation),
        Row(f"{infusion}/{what}-high", {axis: above(near.high)}, SetupFit.MISMATCH, f"The {what} is above the plan.", interpretation),
    )


def pumped(infusion: str) -> tuple[Row[SetupFit], ...]:
    """Whether an infusion pump is used."""
    return (
        Row(f"{infusion}/pump", {PUMP: True}, SetupFit.AS_PLANNED, "An infusion pump is used."),
        Row(f"{infusion}/no-pump", {PUMP: False}, SetupFit.MISMATCH, "No infusion pump is used; use one."),
    )


def setup(infusion: str, device: str, warning: str, *, tolerance: float) -> Rows:
    """Volume, rate, duration, pump and constant rate as planned, or not; and what a closed-system transfer device means."""
    return {
        BY_VOLUME: compared(infusion, VOLUME, tolerance=tolerance),
        BY_RATE: compared(infusion, RATE, tolerance=tolerance),
        BY_DURATION: compared(infusion, DURATION, tolerance=tolerance),
        BY_PUMP: pumped(infusion),
        BY_CONSTANT_RATE: (
            Row(f"{infusion}/constant", {CONSTANT_RATE: True}, SetupFit.AS_PLANNED, "The rate is constant."),
            Row(f"{infusion}/not-constant", {CONSTANT_RATE: False}, SetupFit.MISMATCH, "The rate is not constant; keep it constant."),
        ),
        BY_TRANSFER_DEVICE: (
            Row(f"{device}/none", {TRANSFER_DEVICE: False}, SetupFit.AS_PLANNED, "No closed-system transfer device is used."),
            Row(
                f"{device}/used",
                {TRANSFER_DEVICE: True},
                SetupFit.WARNING,
                "A closed-system transfer device is used. It may cause a dose error.",
                warning,
            ),
        ),
    }

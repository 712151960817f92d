"""How is the drug infused, and is an actual infusion set up so?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.answers import InfusionPlan, SetupFit
from tarlatamab_rules.decisions import Decided, Decision, strictest
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.infusion import InfusionSetup
from tarlatamab_rules.questions import (
    BY_CONSTANT_RATE,
    BY_DURATION,
    BY_PUMP,
    BY_RATE,
    BY_TRANSFER_DEVICE,
    BY_VOLUME,
    INFUSION,
)
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.units import Amount

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.tables import Question

__all__ = ["infusion_check", "infusion_plan"]


def infusion_plan(point: DosePoint | str, *, rulebook: Rulebook | str | None = None) -> Decision[InfusionPlan]:
    """How the dose at *point* is infused: route, duration in hours, rate in mL/h, by pump or not, with which device not.

    Args:
        point: The dose, as ``"C1D8"``.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, INF-1 and INF-2.
    """
    return table(INFUSION, rulebook)(DosePoint.of(point).number)


def infusion_check(point: DosePoint | str, setup: InfusionSetup, *, rulebook: Rulebook | str | None = None) -> Decision[SetupFit]:
    """Whether an actual infusion agrees with the plan: the strictest answer over all that is set.

    Of volume, rate and duration any two tell the third, which must agree with the plan as well, whether it is set or not. What is not
    known is named in `missing`, while it can still change the answer.

    Args:
        point: The dose, as ``"C1D8"``.

        setup: What is hung and set.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, INF-1 and INF-2.
    """
    if not isinstance(setup, InfusionSetup):
        raise FieldTypeError("setup", f"{shown(setup)} is not an InfusionSetup", "pass InfusionSetup(volume=..., rate=...)")
    book, plan = resolve(rulebook), infusion_plan(point, rulebook=rulebook)
    if not isinstance(plan, Decided):
        return plan  # type: ignore[return-value]  # only ever NotCovered: a point is always known
    planned = {BY_VOLUME: plan.value.volume, BY_RATE: plan.value.rate, BY_DURATION: plan.value.duration}
    return strictest(
        [
            *(fit for question, told in _told(setup).items() for fit in _compared(book, question, told, planned[question])),
            book[BY_PUMP](setup.pump),
            book[BY_CONSTANT_RATE](setup.constant_rate),
            book[BY_TRANSFER_DEVICE](setup.transfer_device),
        ]
    )


def _told(setup: InfusionSetup) -> dict[Question[SetupFit], dict[str, float]]:
    """What is told of volume, rate and duration: what is set, and what follows from the other two."""
    volume, rate, duration = (amount.value if amount else None for amount in (setup.volume, setup.rate, setup.duration))
    told = {
        BY_VOLUME: (volume, rate * duration if rate and duration else None),
        BY_RATE: (rate, volume / duration if volume and duration else None),
        BY_DURATION: (duration, volume / rate if volume and rate else None),
    }
    ways = ("Set", "By the other two settings")
    return {question: {way: value for way, value in zip(ways, values, strict=True) if value} for question, values in told.items()}


def _compared(book: Rulebook, question: Question[SetupFit], told: dict[str, float], planned: Amount | None) -> Iterator[Decision[SetupFit]]:
    """Each value in multiples of the planned one, looked up; the reasons tell both."""
    if planned is None or not told:
        yield book[question](None)
        return
    seen: list[SetupFit | None] = []
    for way, value in told.items():
        # Compared at 15 significant digits, so that 245 / 250 is the 0.98 that a limit is written as.
        fit = book[question](float(f"{value / planned.value:.15g}"))
        if fit.possible[0] in seen:
            continue
        seen.append(fit.possible[0])
        numbers = f"{way}: {Amount(value, planned.unit)}; planned: {planned}."
        yield evolve(fit, reasons=tuple(evolve(reason, says=f"{reason.says} {numbers}") for reason in fit.reasons))

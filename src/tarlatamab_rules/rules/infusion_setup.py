"""Is an actual infusion set up as planned?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.answers.plans import InfusionPlan
from tarlatamab_rules.answers.words import SetupFit
from tarlatamab_rules.decisions import Decided, Decision, NotCovered, strictest, with_unsettled
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.infusion import InfusionSetup
from tarlatamab_rules.questions.dosing import BY_CONSTANT_RATE, BY_DURATION, BY_PUMP, BY_RATE, BY_TRANSFER_DEVICE, BY_VOLUME
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.infusion import infusion_plan
from tarlatamab_rules.units import Amount

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.tables import Question

__all__ = ["infusion_check"]


def infusion_check(point: DosePoint | str, setup: InfusionSetup, *, rulebook: Rulebook | str | None = None) -> Decision[SetupFit]:
    """Whether an actual infusion agrees with the plan: the strictest answer over all that is set, and every fault among its reasons.

    Of volume, rate and duration any two tell the third, which must agree with the plan as well, whether it is set or not. What is not
    known is named in `missing`, while it can still change the answer. A setting that the book does not settle changes no answer, and is
    among its reasons.

    Args:
        point: The dose, as ``"C1D8"``.

        setup: What is hung and set.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, INF-1 and INF-2.
    """
    if not isinstance(setup, InfusionSetup):
        raise FieldTypeError("setup", f"{shown(setup)} is not an InfusionSetup", "pass InfusionSetup(volume=..., rate=...)")
    book, plan = resolve(rulebook), infusion_plan(point, rulebook=rulebook)
    known = plan.value if isinstance(plan, Decided) else InfusionPlan()
    planned = {BY_VOLUME: known.volume, BY_RATE: known.rate, BY_DURATION: known.duration}
    parts: list[Decision[SetupFit]] = [
        *((plan,) if isinstance(plan, NotCovered) else ()),
        *(fit for question, amount in planned.items() for fit in _compared(book, question, _told(setup, question), amount)),
        book[BY_PUMP](setup.pump),
        book[BY_CONSTANT_RATE](setup.constant_rate),
        book[BY_TRANSFER_DEVICE](setup.transfer_device),
    ]
    answer = strictest(parts)
    faults = [reason for part in parts if isinstance(part, Decided) and part.value > SetupFit.AS_PLANNED for reason in part.reasons]
    return with_unsettled(evolve(answer, reasons=tuple(dict.fromkeys((*faults, *answer.reasons)))), parts)


def _told(setup: InfusionSetup, question: Question[SetupFit]) -> tuple[float | None, float | None]:
    """What is set of volume, rate or duration, and what follows from the other two."""
    volume, rate, duration = (amount.value if amount else None for amount in (setup.volume, setup.rate, setup.duration))
    if question is BY_VOLUME:
        return volume, rate * duration if rate and duration else None
    if question is BY_RATE:
        return rate, volume / duration if volume and duration else None
    return duration, volume / rate if volume and rate else None


def _compared(
    book: Rulebook, question: Question[SetupFit], told: tuple[float | None, float | None], planned: Amount | None
) -> Iterator[Decision[SetupFit]]:
    """What is told in multiples of the plan, looked up; the reasons tell the numbers. What follows is told where it differs."""
    given, follows = told
    if planned is None:
        if isinstance(unknown := book[question](None), NotCovered):
            yield unknown
        return
    if given is None and follows is None:
        yield book[question](None)
        return
    seen: tuple[str, ...] = ()
    if given is not None:
        fit = book[question](_ratio(given, planned))
        seen = tuple(reason.row for reason in fit.reasons)
        yield _saying(fit, f"Set: {_shown(given, planned)}; planned: {_shown(planned.value, planned)}.")
    if follows is None:
        return
    other = book[question](_ratio(follows, planned))
    if tuple(reason.row for reason in other.reasons) != seen:
        rest = f"; set: {_shown(given, planned)}" if given is not None else ""
        yield _saying(other, f"By the other two settings: {_shown(follows, planned)}{rest}; planned: {_shown(planned.value, planned)}.")


def _ratio(value: float, planned: Amount) -> float:
    # Compared at 15 significant digits, so that 245 / 250 is the 0.98 that a limit is written as.
    return float(f"{value / planned.value:.15g}")


def _saying(fit: Decision[SetupFit], numbers: str) -> Decision[SetupFit]:
    return evolve(fit, reasons=tuple(evolve(reason, says=f"{reason.says} {numbers}") for reason in fit.reasons))


def _shown(value: float, planned: Amount) -> str:
    """A setting as a pump shows it: hours that are not whole in minutes."""
    if planned.unit == "h" and value != int(value):
        return f"{value * 60:.4g} min"
    return str(Amount(value, planned.unit))

"""The infusion: how it is prepared, whether it is set up as planned, and what to do at a first sign of CRS or ICANS."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.core.decisions import Decided, Decision, NotCovered, strictest, union, with_unsettled
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.inputs._fields import hours_after, moment
from tarlatamab_rules.inputs.course import DosePoint, dose_amount
from tarlatamab_rules.inputs.findings import CrsFindings, several_findings
from tarlatamab_rules.inputs.infusion import InfusionSetup
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.rulebooks.questions import (
    BY_CONSTANT_RATE,
    BY_DURATION,
    BY_PUMP,
    BY_RATE,
    BY_TRANSFER_DEVICE,
    BY_VOLUME,
    DURING_INFUSION,
    INFUSION,
    PREPARATION,
)
from tarlatamab_rules.rules.plans import infusion_plan
from tarlatamab_rules.rules.signs import crs_signs, neuro_signs
from tarlatamab_rules.values.doses import Deadlines, Preparation
from tarlatamab_rules.values.plans import DuringInfusion, InfusionPlan
from tarlatamab_rules.values.vocabulary import SetupFit

if TYPE_CHECKING:
    from tarlatamab_rules.core.tables import Question
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.doses import Storage

__all__ = ["during_infusion", "infusion_check", "preparation"]

_FIRST = 1


def preparation(
    dose: QuantityLike,
    *,
    vial: QuantityLike | None = None,
    reconstituted_at: datetime | None = None,
    rulebook: Rulebook | str | None = None,
) -> Decision[Preparation]:
    """How a dose is prepared: volumes, concentrations, vials, materials, and until when it can be used.

    One vial of the strength of the dose makes one dose. `NotCovered`: *vial* has another strength, for which the volumes do not hold.

    Args:
        dose: The amount to be given, a mass.

        vial: The strength of the available vial.

        reconstituted_at: When the vial was reconstituted. Hours are elapsed time, also during a clock change.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.6 Tables 8 to 12.
    """
    book, amount = resolve(rulebook), dose_amount(dose, "dose")
    made = None if moment(reconstituted_at, "reconstituted_at") is None else reconstituted_at
    if made is not None and not isinstance(made, datetime):
        raise FieldTypeError("reconstituted_at", f"{shown(made)} has no time", "pass the day and the time, as datetime(2025, 10, 1, 9, 30)")
    answer = book[PREPARATION](amount.value)
    if not isinstance(answer, Decided):
        return answer
    plan = answer.value
    if vial is not None and plan.mixing is not None and dose_amount(vial, "vial") != plan.mixing.vial:
        return NotCovered((_wrong_vial(amount, dose_amount(vial, "vial"), plan.mixing.vial),))
    if made is None or plan.storage is None:
        return answer
    return evolve(answer, value=evolve(plan, deadlines=_deadlines(plan.storage, made, book)))


def _wrong_vial(dose: Amount, vial: Amount, due: Amount) -> Reason:
    says = f"The dose of {dose} is made from one {due} vial. The volumes and concentrations do not hold for a {vial} vial. Do not use it."
    return Reason(
        "guard/wrong-vial", says, interpretation="The label gives volumes for each vial. That vials must not be swapped is our inference."
    )


def _deadlines(storage: Storage, made: datetime, book: Rulebook) -> Deadlines:
    infused = book[INFUSION](_FIRST).possible[0]
    takes = infused.duration.value if infused is not None and infused.duration is not None else None
    at_room = storage.bag_at_room.value
    return Deadlines(
        dilute_by=hours_after(made, storage.vial.value),
        end_at_room_by=hours_after(made, at_room),
        start_at_room_by=None if takes is None else hours_after(made, at_room - takes),
        end_refrigerated_by=hours_after(made, storage.bag_refrigerated.value),
    )


def infusion_check(point: DosePoint | str, setup: InfusionSetup, *, rulebook: Rulebook | str | None = None) -> Decision[SetupFit]:
    """Whether an actual infusion agrees with the plan: the strictest answer of all settings, with every fault among its reasons.

    Any two of volume, rate and duration give the third, which must agree with the plan as well, whether it is set or not. `missing` names
    an unknown setting only while it can still change the answer. A setting that the book does not settle does not change the answer; it
    is among the reasons.

    Args:
        point: The dose, such as ``"C1D8"``.

        setup: The bag and the settings.

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
        *(fit for question, amount in planned.items() for fit in _compared(book, question, _set_and_implied(setup, question), amount)),
        book[BY_PUMP](setup.pump),
        book[BY_CONSTANT_RATE](setup.constant_rate),
        book[BY_TRANSFER_DEVICE](setup.transfer_device),
    ]
    answer = strictest(parts)
    faults = [reason for part in parts if isinstance(part, Decided) and part.value > SetupFit.AS_PLANNED for reason in part.reasons]
    return with_unsettled(evolve(answer, reasons=tuple(dict.fromkeys((*faults, *answer.reasons)))), parts)


def _set_and_implied(setup: InfusionSetup, question: Question[SetupFit]) -> tuple[float | None, float | None]:
    """The volume, rate or duration that is set, and the one that follows from the other two."""
    volume, rate, duration = (amount.value if amount else None for amount in (setup.volume, setup.rate, setup.duration))
    if question is BY_VOLUME:
        return volume, rate * duration if rate and duration else None
    if question is BY_RATE:
        return rate, volume / duration if volume and duration else None
    return duration, volume / rate if volume and rate else None


def _compared(
    book: Rulebook, question: Question[SetupFit], values: tuple[float | None, float | None], planned: Amount | None
) -> Iterator[Decision[SetupFit]]:
    """How a setting compares with the plan, with the numbers in its reasons; and the implied setting, if its answer differs."""
    actual, implied = values
    if planned is None:
        if isinstance(unknown := book[question](None), NotCovered):
            yield unknown
        return
    if actual is None and implied is None:
        yield book[question](None)
        return
    rows: tuple[str, ...] = ()
    if actual is not None:
        fit = book[question](_ratio(actual, planned))
        rows = tuple(reason.row for reason in fit.reasons)
        yield _saying(fit, f"Set: {_shown(actual, planned)}; planned: {_shown(planned.value, planned)}.")
    if implied is None:
        return
    implied_fit = book[question](_ratio(implied, planned))
    if tuple(reason.row for reason in implied_fit.reasons) != rows:
        rest = f"; set: {_shown(actual, planned)}" if actual is not None else ""
        numbers = f"{_shown(implied, planned)}{rest}; planned: {_shown(planned.value, planned)}"
        yield _saying(implied_fit, f"By the other two settings: {numbers}.")


def _ratio(value: float, planned: Amount) -> float:
    # Rounded to 15 significant digits, so that 245 / 250 is 0.98, as the limit is written.
    return float(f"{value / planned.value:.15g}")


def _saying(fit: Decision[SetupFit], numbers: str) -> Decision[SetupFit]:
    return evolve(fit, reasons=tuple(evolve(reason, says=f"{reason.says} {numbers}") for reason in fit.reasons))


def _shown(value: float, planned: Amount) -> str:
    """A setting as a pump shows it: hours that are not whole are shown in minutes."""
    if planned.unit == "h" and value != int(value):
        return f"{value * 60:.4g} min"
    return str(Amount(value, planned.unit))


def during_infusion(findings: Findings | Iterable[Findings], *, rulebook: Rulebook | str | None = None) -> Decision[DuringInfusion]:
    """What to do about a running infusion, by the findings: the first sign of CRS or ICANS stops it.

    A sign is any finding that counts towards a grade, whatever the grade: fever, hypotension, a need for oxygen; an ICE score below the one
    before treatment, a key symptom, or any other neurologic finding. `NeedsData`: some findings are not known. A normal temperature
    counts as not known while a drug given for fever may mask a fever. Low-flow oxygen from before, and mild neurologic findings, are not
    a sign if `other_cause` is true.

    Args:
        findings: The findings, of one kind or of both.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 2.5 and 5.1.
    """
    answers = table(DURING_INFUSION, rulebook)
    signs, open_ = [], []
    for part in several_findings(findings):
        kind = "crs" if isinstance(part, CrsFindings) else "icans"
        sign = crs_signs(part) if isinstance(part, CrsFindings) else neuro_signs(part)
        signs += [kind] if sign else []
        open_ += [kind] if sign is None else []
    if not signs:
        return answers(frozenset((*open_, "none")))
    return strictest([answers(sign) for sign in sorted(signs)], join=_both)


def _both(first: DuringInfusion, second: DuringInfusion) -> DuringInfusion:
    """What two signs call for together: the stricter step, and the orders of both."""
    return DuringInfusion(max(first.step, second.step), union((first.instructions, second.instructions)))

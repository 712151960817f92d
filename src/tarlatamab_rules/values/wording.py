"""Answers in words: the same in a report, in the documentation and in tables of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.values.doses import AfterLastDose, BreastfeedingWindow, ContraceptionWindow, DoseStep, NextDose, Preparation
from tarlatamab_rules.values.labs import LabsDue
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.plans import (
    Checklist,
    DuringInfusion,
    InfusionPlan,
    Instruction,
    MonitoringPlan,
    NearCare,
    PremedicationPlan,
)
from tarlatamab_rules.values.toxicities import NextDosePrecautions, PossibleGrades, Recovery, StopRule, ToxicityAction
from tarlatamab_rules.values.vocabulary import Anchor, Modality, Role, Route, Setting

__all__ = [
    "ROLES",
    "adds_hours",
    "as_read",
    "at",
    "has_words",
    "in_words",
    "piece_in_words",
]


def at(moment: date) -> str:
    """A day, or a day and a time to the minute."""
    return moment.isoformat(sep=" ", timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()


def as_read(amount: Amount) -> str:
    """An amount to four digits, as a laboratory reports it."""
    return str(Amount(float(f"{amount.value:.4g}"), amount.unit, amount.bound))


def in_words(value: object, see: str = "") -> list[str]:
    """The value of an answer, in one line or more. *see* is added to the hours that a toxicity adds to the next dose."""
    words = _action(value, see) if isinstance(value, ToxicityAction) else _WORDS.get(type(value), _plain)(value)
    return [words] if isinstance(words, str) else list(words)


def _plain(value: object) -> str:
    return named(value) if isinstance(value, StrEnum) else str(value)


def has_words(kind: type[Any]) -> bool:
    """Whether values of this type have words of their own."""
    return kind in _WORDS


def piece_in_words(value: object) -> str:
    """One field of an answer in words: a moment, a place, an amount, or a part with words of its own."""
    if isinstance(value, Anchor):
        return _MOMENTS[value]
    if isinstance(value, Setting):
        return _setting(value)
    return _quantity(value) if isinstance(value, Amount | Span) else "; ".join(in_words(value))


def _listed(plan: PremedicationPlan | Checklist) -> Iterator[str]:
    yield from map(_instruction, plan.instructions) if plan.instructions else ("nothing",)


def _action(answer: ToxicityAction, see: str = "") -> Iterator[str]:
    yield str(answer.action).upper()
    yield from map(_instruction, answer.treatments)
    if answer.resume_when is not None:
        yield f"resume when {_recovery(answer.resume_when)}"
    yield from map(_stop_rule, answer.discontinue_if)
    if answer.next_dose is not None:
        yield from _precautions(answer.next_dose, see)


def _precautions(precautions: NextDosePrecautions, see: str = "") -> Iterator[str]:
    lines = [] if precautions.premedication is None else in_words(precautions.premedication)
    lines += [] if precautions.monitoring is None else _monitoring(precautions.monitoring, see)
    yield from (f"with the next dose: {line}" for line in lines)


def adds_hours(value: object) -> bool:
    """Whether a part of an answer contains hours that a toxicity adds to the next dose."""
    precautions = value.next_dose if isinstance(value, ToxicityAction) else value
    plan = precautions.monitoring if isinstance(precautions, NextDosePrecautions) else None
    return plan is not None and bool(_observed(plan))


def _recovery(recovery: Recovery) -> str:
    grade = "" if recovery.at_most is None else "resolved" if recovery.at_most is Grade.NONE else f"grade {recovery.at_most:d} or less"
    words = [recovery.says or grade, *recovery.also]
    words += [f"after at least {recovery.at_least} days"] if recovery.at_least is not None else []
    return " and ".join(words).replace(" and or ", " or ")


def _stop_rule(rule: StopRule) -> str:
    head = "stop for good" if rule.modality is Modality.GIVE else f"{_STRENGTH[rule.modality]}stopping for good"
    if rule.again is not None:
        return f"{head} if grade {rule.again:d} recurs"
    if rule.at_most is None:
        return head
    by = f" (by {rule.by.isoformat()})" if rule.by is not None else ""
    return f"{head} if it is not grade {rule.at_most:d} or less{' or baseline' if rule.or_baseline else ''} within {rule.days} days{by}"


def _next_dose(step: NextDose | DoseStep) -> Iterator[str]:
    point = f"{step.point}: " if isinstance(step, NextDose) and step.point is not None else ""
    words = [f"{point}{_quantity(step.amount)} ({ROLES[step.role]})"]
    words += ["the step-up starts again"] if step.restart else []
    words += [f"due on {step.due.isoformat()}"] if isinstance(step, NextDose) and step.due is not None else []
    words += [f"due {step.after} days after the last dose"] if isinstance(step, DoseStep) and step.after else []
    latest = step.latest if isinstance(step, NextDose) else None
    yield ", ".join([*words, *([f"until {latest.isoformat()}"] if latest else [])])
    if latest is not None and isinstance(step, NextDose) and step.later is not None:
        first, *rest = _next_dose(step.later)
        yield f"from {(latest + timedelta(days=1)).isoformat()} on {first}"
        yield from rest


ROLES: Final = {Role.STEP_UP: "step-up dose", Role.FIRST_FULL: "first full dose", Role.LATER: "later dose"}


def _during(answer: DuringInfusion) -> Iterator[str]:
    yield f"{str(answer.step).upper()} the infusion"
    yield from map(_instruction, answer.instructions)


def _preparation(plan: Preparation) -> Iterator[str]:
    if plan.mixing is not None:
        mix = plan.mixing
        yield f"reconstitute one {mix.vial} vial with {mix.water} of sterile water for injection: {mix.concentration}"
        yield f"from a {mix.bag} bag of 0.9 % sodium chloride, withdraw and discard {mix.discarded}"
        yield f"add {mix.stabilizer} of IV solution stabilizer ({mix.stabilizer_vials} vials of {mix.stabilizer_vial})"
        yield f"add {mix.drug} of reconstituted drug: {mix.delivered} in {mix.final_volume}"
    yield from plan.steps or ()
    yield from plan.materials or ()
    if plan.transfer_device is not None:
        yield f"{_STRENGTH[plan.transfer_device]}closed-system transfer devices"
    if plan.storage is not None:
        kept = plan.storage
        yield f"reconstituted vial: dilute within {_time(kept.vial)}, or discard it"
        yield f"bag at {_quantity(kept.room)}: {_time(kept.bag_at_room)} from reconstitution to the end of the infusion"
        yield f"bag at {_quantity(kept.refrigerator)}: {_time(kept.bag_refrigerated)} from reconstitution to the end of the infusion"
        yield (
            "refrigerated bag: bring it to room temperature, complete the infusion within "
            f"{_time(kept.rewarmed)}, and do not refrigerate it again"
        )
    yield from (f"vials: {line}" for line in plan.vials or ())
    if plan.deadlines is not None:
        by = plan.deadlines
        yield f"dilute by {at(by.dilute_by)}"
        yield f"complete the infusion by {at(by.end_at_room_by)}, or by {at(by.end_refrigerated_by)} if the bag is refrigerated at once"
        yield from ([f"at room temperature, start by {at(by.start_at_room_by)}"] if by.start_at_room_by is not None else [])


def _grades(open_: PossibleGrades) -> Iterator[str]:
    yield "grade " + " or ".join(f"{grade:d}" for grade in sorted(open_.grades))


_STRENGTH: Final = {Modality.GIVE: "", Modality.RECOMMEND: "recommended: ", Modality.CONSIDER: "consider ", Modality.AVOID: "avoid "}
"""How strongly a source says something. An order has no word of its own."""


def _instruction(item: Instruction) -> str:
    if_so = f"{item.when}, " if item.when and item.or_else else ""
    return f"{if_so}{_STRENGTH[item.modality]}{_what(item)}" + (f" ({', '.join(item.sources)})" if item.sources else "")


def _what(item: Instruction) -> str:
    """An instruction without its modality, and without a condition that holds for two drugs."""
    words = [item.what, *_how_much(item)]
    if item.every is not None:
        words.append(f"every {_quantity(item.every)}")
    text = " ".join(words)
    if item.at_most is not None:
        text += f", at most {item.at_most} times"
    if item.when and not item.or_else:
        text += f"{', ' if ',' in text else ' '}{item.when}"
    if item.anchor is not None and not item.when:
        text += f"{' ' if item.amount is None else ', '}{_timing(item)}"
    return text if item.or_else is None else f"{text}, or {_what(item.or_else)}"


def _how_much(item: Instruction) -> Iterator[str]:
    if item.amount is not None:
        yield _quantity(item.amount)
    if item.route is not None:
        yield _route(item.route) if item.or_route is None else f"{_route(item.route)} or {_route(item.or_route)}"
    if item.or_equivalent:
        yield "(or equivalent)"
    if item.duration is not None:
        yield f"{'for' if item.amount is None or item.amount.unit.endswith('/d') else 'over'} {_quantity(item.duration)}"
    if item.rate is not None:
        yield f"({_quantity(item.rate)})"


_ROUTES: Final = {Route.INTRAVENOUS: "IV", Route.ORAL: "PO", Route.INTRAMUSCULAR: "IM"}


def _route(route: Route) -> str:
    return _ROUTES.get(route, str(route))


_BOUNDS: Final = {"": "", "<": "less than ", "<=": "at most ", ">": "more than ", ">=": "at least "}


def _quantity(value: Amount | Span) -> str:
    """An amount or a span as a ward writes it: *8 mg*, *22 to 24 h*, *at least 24 h*, *3 days*."""
    if isinstance(value, Amount):
        return f"{_BOUNDS[value.bound]}{value.value:.6g} {_unit(value.unit, value.value)}"
    ends = f"{value.low:g}" if value.low == value.high else f"{value.low:g} to {value.high:g}"
    return f"{ends} {_unit(value.unit, value.high)}"


def _unit(unit: str, number: float) -> str:
    if unit == "d":
        return "day" if number == 1 else "days"
    return "\N{DEGREE SIGN}C" if unit == "Cel" else unit.replace("/d", "/day") if unit.endswith("/d") else unit


_DAY, _LONG = 24, 72
"""In hours: a day, and from how long on whole days are written as days."""


def _time(hours: Amount) -> str:
    """A time in hours; in days if it is a number of whole days, and not short."""
    days, rest = divmod(hours.value, _DAY)
    return _quantity(Amount(days, "d")) if hours.unit == "h" and hours.value >= _LONG and not rest else _quantity(hours)


_MOMENTS: Final = {Anchor.INFUSION_START: "the start of the infusion", Anchor.INFUSION_END: "the end of the infusion"}
_HAPPENS: Final = {Anchor.INFUSION_START: "the infusion starts", Anchor.INFUSION_END: "the infusion ends"}


def _timing(item: Instruction) -> str:
    moment = _HAPPENS[item.anchor] if item.anchor else ""
    if item.offset is None:
        return f"{'when' if item.anchor is Anchor.INFUSION_START else 'after'} {moment}"
    near, far = sorted((abs(item.offset.low), abs(item.offset.high)))
    unit = item.offset.unit
    distance = f"within {_quantity(Span(far, far, unit))}" if near == 0 else _quantity(Span(near, far, unit))
    return f"{distance} {'before' if item.offset.low < 0 else 'after'} {moment}"


def _setting(setting: Setting) -> str:
    return "hospital" if setting is Setting.HOSPITAL else f"an {str(setting).replace('-', ' ')}"


def _monitoring(plan: MonitoringPlan, see: str = "") -> Iterator[str]:
    if observed := _observed(plan):
        yield f"{observed}{see}"
    if plan.near_care is not None:
        yield f"{_near(plan.near_care, plan.setting)}{_anchored(plan)}"


def _observed(plan: MonitoringPlan) -> str:
    """How long, from when and where a patient is monitored; empty if the plan says none of it."""
    place = f"in {_setting(plan.setting)}" if plan.setting else ""
    where = _anchored(plan) + (f"{', ' if plan.observe or plan.anchor else ' '}{place}" if place else "")
    if plan.observe:
        return f"monitor for {_quantity(plan.observe)}{where}"
    return f"monitor{where}" if where and (plan.setting or plan.near_care is None) else ""


def _anchored(plan: MonitoringPlan) -> str:
    return f" after {_HAPPENS[plan.anchor]}" if plan.anchor else ""


def _near(near: NearCare, setting: Setting | None = None) -> str:
    place = "an appropriate healthcare setting" if setting is Setting.HEALTHCARE else "a medical facility"
    where = "near" if near.within is None else f"within {_quantity(near.within)} of"
    caregiver = ", with a caregiver," if near.caregiver else ""
    return f"{_STRENGTH[near.modality]}stay {where} {place}{caregiver} for {_quantity(near.hours)}"


_PUMP: Final = {True: "by pump", False: "without a pump", None: ""}
_CONSTANT_RATE: Final = {True: "at a constant rate", False: "at a changing rate", None: ""}


def _infusion(plan: InfusionPlan) -> Iterator[str]:
    words = [f"{_route(plan.route)} infusion" if plan.route else "infusion"]
    words += [f"{word} {_quantity(amount)}" for word, amount in (("of", plan.volume), ("over", plan.duration), ("at", plan.rate)) if amount]
    text = ", ".join([" ".join(words), *(setting for setting in (_PUMP[plan.pump], _CONSTANT_RATE[plan.constant_rate]) if setting)])
    if text != "infusion":
        yield text
    if plan.pump_features is not None:
        yield f"pump: {', '.join(plan.pump_features)}"
    if plan.transfer_device is not None:
        yield f"{_STRENGTH[plan.transfer_device]}closed-system transfer devices"
    yield from map(_instruction, plan.line or ())


def _labs(due: LabsDue) -> Iterator[str]:
    for title, analytes in (("required", due.required), ("recommended", due.recommended), ("while CRS is active", due.during_crs)):
        if analytes:
            yield f"{title}: {', '.join(map(named, analytes))}"


def _until(window: AfterLastDose | ContraceptionWindow | BreastfeedingWindow) -> Iterator[str]:
    until = window.until.isoformat() if not isinstance(window, AfterLastDose) and window.until else ""
    months = f"{window.months} months after the last dose"
    what = "breast-feeding" if window.modality is Modality.AVOID else "contraception"
    how = _STRENGTH[window.modality] or "use "
    yield f"{how}{what} until " + (f"{until}, {months}" if until else months)


_WORDS: Final[Mapping[type[Any], Callable[[Any], str | Iterator[str]]]] = {
    AfterLastDose: _until,
    ContraceptionWindow: _until,
    NextDosePrecautions: _precautions,
    BreastfeedingWindow: _until,
    DoseStep: _next_dose,
    NextDose: _next_dose,
    DuringInfusion: _during,
    Preparation: _preparation,
    InfusionPlan: _infusion,
    Instruction: _instruction,
    LabsDue: _labs,
    MonitoringPlan: _monitoring,
    NearCare: _near,
    PossibleGrades: _grades,
    PremedicationPlan: _listed,
    Checklist: _listed,
    Recovery: _recovery,
    StopRule: _stop_rule,
    ToxicityAction: _action,
}
"""The words of answers and of their parts, by type: one line, or several."""

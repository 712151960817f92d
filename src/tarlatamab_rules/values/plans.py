"""What is given, how, and how long a patient is watched."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final, TypeVar

import attrs
from attrs import AttrsInstance, asdict, field, frozen

from tarlatamab_rules.core.content import NOT_CONTENT
from tarlatamab_rules.core.decisions import union
from tarlatamab_rules.core.errors import TableError
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.core.texts import check_text
from tarlatamab_rules.inputs.kinds import DURATION, FLOW
from tarlatamab_rules.inputs.units import Amount, Span, span_in, take
from tarlatamab_rules.values.vocabulary import Anchor, InfusionStep, InstructionKind, Modality, Route, Setting

__all__ = [
    "Checklist",
    "DuringInfusion",
    "InfusionPlan",
    "Instruction",
    "MonitoringPlan",
    "NearCare",
    "PremedicationPlan",
    "alike",
    "every_check",
    "every_instruction",
    "filled",
    "fills",
    "in_conflict",
    "measure",
    "one_infusion",
    "one_plan",
]

T = TypeVar("T")


P = TypeVar("P", bound=AttrsInstance)


def _one_line(_: Instruction, attribute: attrs.Attribute[str], value: object) -> None:
    check_text(value, attribute.name)


def _one_line_or_empty(_: Instruction, attribute: attrs.Attribute[str], value: object) -> None:
    check_text(value, attribute.name, empty=True)


@frozen
class Instruction(Shown):
    """One thing to do.

    Attributes:
        modality: How strongly the source says it.

        what: A drug or a measure, such as ``dexamethasone`` or ``neurology consult``.

        amount: How much of it, or from how much to how much.

        route: How it is given.

        or_route: Another route that the source allows.

        or_equivalent: Whether the source allows an equivalent; `equivalent_dose` computes one for a steroid.

        anchor: The moment from which `offset` is counted; with no offset, it is done at or after this moment.

        offset: How long before (negative) or after the anchor.

        duration: Over how long it is given; ``>=24 h`` if the source has only a minimum.

        every: How often it is repeated.

        at_most: How many times at most.

        when: Under which condition; empty if the source has none.

        or_else: What may be done in its place.

        kind: What it is to the plan of a course.

        sources: The books of a stack that ask for it; empty for a single book.

    Two instructions that differ in `kind` or `sources` alone are equal, since these are no part of what is to be done.
    """

    modality: Modality
    what: str = field(validator=_one_line)
    amount: Amount | Span | None = None
    route: Route | None = field(default=None, kw_only=True)
    or_route: Route | None = field(default=None, kw_only=True)
    or_equivalent: bool = field(default=False, kw_only=True)
    anchor: Anchor | None = field(default=None, kw_only=True)
    offset: Span | None = field(default=None, kw_only=True)
    duration: Span | Amount | None = field(default=None, kw_only=True)
    every: Span | None = field(default=None, kw_only=True)
    at_most: int | None = field(default=None, kw_only=True)
    when: str = field(default="", kw_only=True, validator=_one_line_or_empty)
    or_else: Instruction | None = field(default=None, kw_only=True)
    kind: InstructionKind = field(default=InstructionKind.MEASURE, kw_only=True, eq=False, metadata=NOT_CONTENT)
    sources: tuple[str, ...] = field(default=(), kw_only=True, eq=False)

    @property
    def rate(self) -> Span | None:
        """The rate of a volume that is given over a known time; else ``None``."""
        if not isinstance(self.amount, Amount) or not isinstance(self.duration, Span) or self.amount.unit != "mL":
            return None
        if self.duration.low <= 0:
            return None
        unit = f"{self.amount.unit}/{self.duration.unit}"
        return Span(self.amount.value / self.duration.high, self.amount.value / self.duration.low, unit)


@frozen
class PremedicationPlan(Shown):
    """What is given before and after an infusion.

    Attributes:
        instructions: In the order in which they are due.
    """

    instructions: tuple[Instruction, ...] = ()


def _duration(value: Amount | None) -> Amount | None:
    return None if value is None else take(value, DURATION, "duration")


def _rate(value: Amount | None) -> Amount | None:
    return None if value is None else take(value, FLOW, "rate")


@frozen(kw_only=True)
class InfusionPlan(Shown):
    """How the drug is infused. A field is ``None`` if the source does not say.

    Attributes:
        route: How it is given.

        duration: Over how long; kept in hours.

        rate: How fast; kept in mL/h.

        pump: Whether an infusion pump is used.

        constant_rate: Whether the rate stays the same throughout.

        transfer_device: What the source says of closed-system transfer devices.

        pump_features: What the pump must have.

        line: What is done with the line before and after.
    """

    route: Route | None = None
    duration: Amount | None = field(default=None, converter=_duration)
    rate: Amount | None = field(default=None, converter=_rate)
    pump: bool | None = None
    constant_rate: bool | None = None
    transfer_device: Modality | None = None
    pump_features: tuple[str, ...] | None = None
    line: tuple[Instruction, ...] | None = None

    @property
    def volume(self) -> Amount | None:
        """The volume in mL that rate and duration give; ``None`` if the source does not have both."""
        return None if self.rate is None or self.duration is None else Amount(self.rate.value * self.duration.value, "mL")


def _hours(value: Span) -> Span:
    return span_in(value, DURATION, "hours")


@frozen
class NearCare(Shown):
    """Staying close to care after leaving.

    Attributes:
        hours: For how long, from the anchor of the plan; kept in hours.

        within: How far away at most, as a travel time; ``None`` if the source gives none.

        caregiver: Whether a caregiver must be there.

        modality: How strongly the source says it.
    """

    hours: Span = field(converter=_hours)
    within: Span | None
    caregiver: bool
    modality: Modality = Modality.GIVE


def _observe(value: Span | None) -> Span | None:
    return None if value is None else span_in(value, DURATION, "observe")


@frozen
class MonitoringPlan(Shown):
    """How long a patient is watched after a dose.

    Attributes:
        observe: For how long; kept in hours.

        anchor: From which moment.

        setting: Where; ``None`` if the source does not say.

        near_care: How close to care to stay after that; ``None`` if the source asks for nothing.
    """

    observe: Span | None = field(default=None, converter=_observe)
    anchor: Anchor | None = None
    setting: Setting | None = None
    near_care: NearCare | None = None


@frozen
class Checklist(Shown):
    """What else is checked with a dose, beside its drugs and results.

    Attributes:
        instructions: Each with its modality.
    """

    instructions: tuple[Instruction, ...] = ()


@frozen
class DuringInfusion(Shown):
    """What is done while the infusion is running.

    Attributes:
        step: What happens to the infusion.

        instructions: What to do for the patient.
    """

    step: InfusionStep
    instructions: tuple[Instruction, ...] = ()


def one_plan(plans: Sequence[MonitoringPlan]) -> MonitoringPlan:
    """One plan from rows that each fill some of its fields."""
    return filled(MonitoringPlan, plans)


def one_infusion(plans: Sequence[InfusionPlan]) -> InfusionPlan:
    """One plan from rows that each fill some of its fields."""
    return filled(InfusionPlan, plans)


def filled(kind: type[P], plans: Sequence[P]) -> P:
    """One answer from rows that each fill some of its fields."""
    values: dict[str, Any] = {}
    for plan in plans:
        for name, value in asdict(plan, recurse=False).items():
            if value is not None and values.setdefault(name, value) != value:
                msg = f"two rows fill {name} of one {kind.__name__}, with {values[name]} and {value}"
                raise TableError(msg)
    return kind(**values)


def every_instruction(plans: Sequence[PremedicationPlan]) -> PremedicationPlan:
    """The instructions of all rows."""
    return PremedicationPlan(union(plan.instructions for plan in plans))


def every_check(lists: Sequence[Checklist]) -> Checklist:
    """The checks of all rows."""
    return Checklist(union(checklist.instructions for checklist in lists))


def measure(item: Instruction) -> tuple[str, str]:
    """What is ordered, and under which condition."""
    return item.what, item.when


_FIELDS: Final = [field for field in attrs.fields(Instruction) if field.eq and field.name != "modality"]
_EMPTY: Final = tuple(field.default for field in _FIELDS)
"""What the fields of an order hold that it leaves empty, but for how strongly it is given."""
_said: Final = attrgetter(*[field.name for field in _FIELDS])


def alike(order: Instruction, other: Instruction) -> bool:
    """Whether two orders differ at most in how strongly they are given. To avoid something is not to give it."""
    return _may_be_one(order, other) and bool(_said(order) == _said(other))


def fills(order: Instruction, other: Instruction) -> bool:
    """Whether another order says the same and more: it fills fields that this one leaves empty."""
    said, more = _said(order), _said(other)
    fits = all(one in (two, empty) for one, two, empty in zip(said, more, _EMPTY, strict=True))  # a value need not be hashable
    return fits and said != more and _may_be_one(order, other)


def _may_be_one(order: Instruction, other: Instruction) -> bool:
    """Whether how strongly two orders are given lets them be one: to avoid something is not to give it."""
    return order.modality is other.modality or Modality.AVOID not in {order.modality, other.modality}


def in_conflict(item: Instruction, standing: Sequence[Instruction]) -> bool:
    """Whether orders of the same drug or measure stand, and all of them differ. How strongly they are given does not matter."""
    others = [other for other in standing if measure(other) == measure(item)]
    return bool(others) and not any(alike(item, other) or fills(item, other) for other in others)

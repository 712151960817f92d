"""How an infusion is actually set up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import truth
from tarlatamab_rules.inputs.kinds import DURATION, FLOW, VOLUME, Kind, Range
from tarlatamab_rules.inputs.units import Amount, take

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.inputs.units import QuantityLike

__all__ = ["InfusionSetup"]

_SETTING = Range("a setting", 0, 1e6, 1)
"""In mL, mL/h or hours. The greatest number is beyond any pump."""


def _volume(value: QuantityLike | None) -> Amount | None:
    return _positive(value, VOLUME, "volume")


def _rate(value: QuantityLike | None) -> Amount | None:
    return _positive(value, FLOW, "rate")


def _duration(value: QuantityLike | timedelta | None) -> Amount | None:
    return _positive(value, DURATION, "duration")


def _positive(value: QuantityLike | timedelta | None, kind: Kind, path: str) -> Amount | None:
    if value is None:
        return None
    amount = take(value, kind, path, _SETTING)
    if amount.bound or amount.value == 0:
        raise FieldError(
            path, f"{amount} is not a setting", f"write the setting, such as '1 {kind.unit}', or leave it out if it is not known"
        )
    return amount


def _pump(value: bool | None) -> bool | None:  # noqa: FBT001  # a converter takes its value by position
    return truth(value, "pump")


def _constant_rate(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "constant_rate")


def _transfer_device(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "transfer_device")


@frozen(kw_only=True)
class InfusionSetup(Shown):
    """The bag and the settings at the bedside. ``None`` means *not known*. Any two of volume, rate and duration give the third.

    Attributes:
        volume: The volume of the bag; kept in mL.

        rate: The rate that is set; kept in mL/h.

        duration: The time that is set, a quantity or a `datetime.timedelta`; kept in hours.

        pump: Whether an infusion pump is used.

        constant_rate: Whether the rate stays the same throughout.

        transfer_device: Whether a closed-system transfer device is used.
    """

    volume: Amount | None = field(default=None, converter=_volume)
    rate: Amount | None = field(default=None, converter=_rate)
    duration: Amount | None = field(default=None, converter=_duration)
    pump: bool | None = field(default=None, converter=_pump)
    constant_rate: bool | None = field(default=None, converter=_constant_rate)
    transfer_device: bool | None = field(default=None, converter=_transfer_device)

"""Laboratory results, each in the unit of its analyte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from tarlatamab_rules.errors import FieldError, FieldTypeError, UnitError
from tarlatamab_rules.inputs._fields import When, moment, word
from tarlatamab_rules.inputs.analytes import GREATEST, KINDS, Analyte
from tarlatamab_rules.showing import Shown
from tarlatamab_rules.units import Amount, take

if TYPE_CHECKING:
    from tarlatamab_rules.units import Kind, QuantityLike

    AnalyteLike: TypeAlias = (
        Analyte
        | Literal[
            "neutrophils",
            "white-cells",
            "lymphocytes",
            "hemoglobin",
            "platelets",
            "alt",
            "ast",
            "bilirubin",
            "alkaline-phosphatase",
            "creatinine",
            "sodium",
            "potassium",
            "uric-acid",
        ]
    )

__all__ = ["Analyte", "LabResult"]


@frozen(init=False)
class LabResult(Shown):
    """One laboratory result.

    Attributes:
        analyte: What was measured.

        quantity: The value, kept in the unit of the analyte; a bound such as ``<0.5`` stays a bound.

        collected: When the sample was drawn.

        lower_limit: The lower limit of normal (LLN) of this laboratory, in the same unit.

        upper_limit: The upper limit of normal (ULN); not below `lower_limit`.

        baseline: The value before treatment.
    """

    analyte: Analyte
    quantity: Amount
    collected: When | None
    lower_limit: Amount | None
    upper_limit: Amount | None
    baseline: Amount | None

    def __init__(  # noqa: PLR0913, PLR0917  # one parameter a field; written out since the unit of the amounts hangs on the analyte
        self,
        analyte: AnalyteLike,
        quantity: QuantityLike,
        collected: When | None = None,
        lower_limit: QuantityLike | None = None,
        upper_limit: QuantityLike | None = None,
        baseline: QuantityLike | None = None,
    ) -> None:
        """Takes every quantity once, in any unit that makes sense for *analyte*.

        Raises:
            FieldError: A unit is missing or measures something else, a number is not finite or negative, limits are swapped, or a value is
                such that its unit must be wrong.
        """
        what = word(Analyte, analyte, "analyte")
        if what is None:
            raise FieldTypeError("analyte", "a result must say what was measured", f"use one of {', '.join(Analyte)}")
        kind = KINDS[what]
        measured = take(quantity, kind, "quantity")
        low = None if lower_limit is None else _value(lower_limit, kind, "lower_limit")
        high = None if upper_limit is None else _above_zero(upper_limit, kind, "upper_limit")
        before = None if baseline is None else _above_zero(baseline, kind, "baseline")
        if low is not None and high is not None and low.value > high.value:
            raise FieldError("lower_limit", f"{low} is above the upper limit, {high}", "swap or correct the limits")
        _plausible(what, measured, "quantity")
        if before is not None:
            _plausible(what, before, "baseline")
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue]  # attrs makes it
            what, measured, moment(collected, "collected"), low, high, before
        )


def _value(value: QuantityLike, kind: Kind, path: str) -> Amount:
    """What must be a value, and no bound."""
    amount = take(value, kind, path)
    if amount.bound:
        raise FieldError(path, f"{amount} is a bound, not a value", "give the number alone, or leave it out")
    return amount


def _above_zero(value: QuantityLike, kind: Kind, path: str) -> Amount:
    amount = _value(value, kind, path)
    if amount.value == 0:
        raise FieldError(path, "zero cannot be", "leave it out if it is not known")
    return amount


def _plausible(analyte: Analyte, amount: Amount, path: str) -> None:
    """Raises `UnitError` for a value that no patient can have, with the units in which the same number could be."""
    most = GREATEST[analyte]
    if amount.value <= most or amount.bound in {"<", "<="}:
        return
    units: dict[float, str] = {}
    for spelling, step in KINDS[analyte].spellings.items():
        if isinstance(step, int | float) and amount.value * step <= most:
            units.setdefault(step, spelling)
    likely = f"if its unit is {' or '.join(units.values())}, write that" if units else "check the value and its unit"
    raise UnitError(path, f"{amount} of {analyte} cannot be", likely)

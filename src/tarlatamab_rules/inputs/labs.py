"""Laboratory results, each in the unit of its analyte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import When, moment, word
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.units import Amount, take

__all__ = ["LabResult"]

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.kinds import Range
    from tarlatamab_rules.inputs.units import QuantityLike

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
            "ANC",
            "WBC",
            "Hb",
            "haemoglobin",
            "urate",
        ]
    )


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
        """Takes every quantity in any unit that makes sense for *analyte*.

        Raises:
            FieldError: A unit is missing or measures something else, a number is not finite or negative, limits are swapped, or a value
                shows that its unit must be wrong.
        """
        what = word(Analyte, analyte, "analyte")
        if what is None:
            raise FieldTypeError("analyte", "the analyte is missing", f"use one of {', '.join(Analyte)}")
        ranges = RANGES[what]
        measured = amount(what, quantity, ranges.quantity, "quantity")
        low = None if lower_limit is None else amount(what, lower_limit, ranges.lower_limit, "lower_limit")
        high = None if upper_limit is None else amount(what, upper_limit, ranges.upper_limit, "upper_limit")
        before = None if baseline is None else amount(what, baseline, ranges.baseline, "baseline")
        if low is not None and high is not None and low.value > high.value:
            raise FieldError("lower_limit", f"{low} is above the upper limit, {high}", "swap or correct the limits")
        self.__attrs_init__(  # pyright: ignore[reportAttributeAccessIssue]  # attrs creates it
            what, measured, moment(collected, "collected"), low, high, before
        )


def amount(analyte: Analyte, value: QuantityLike, within: Range, path: str) -> Amount:
    """A quantity of a result in the unit of its analyte.

    Raises:
        FieldError: A unit is missing or measures something else, a number shows that its unit must be wrong, or a bound is passed where
            a value is needed.
    """
    taken = take(value, KINDS[analyte], path, within)
    if taken.bound and not within.bounds:
        raise FieldError(path, f"{taken} is a bound, not a value", "give the number alone, or leave it out")
    return taken

"""Quantities: taken once, checked, and kept as a float in one unit. Knows nothing of any drug.

A `Kind` is what a quantity measures (a mass, a cell count), with its unit and the spellings of other units. Text is never passed to
pint, so its meaning does not depend on a registry. Only a pint Quantity needs pint; it is converted by its own registry.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from math import inf, isfinite, nan
from numbers import Real
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, UnitError, shown
from tarlatamab_rules.inputs._unit_text import NUMBER, Step, near_miss, not_one_number, step_of
from tarlatamab_rules.inputs.kinds import ANY, DURATION, Kind, Range

if TYPE_CHECKING:
    import pint

__all__ = [
    "Amount",
    "Span",
    "is_number",
    "known_unit",
    "span_in",
    "step_of_unit",
    "take",
]

_PINT: Final[Mapping[str, tuple[str, float]]] = {
    "10*9/L": ("1/L", 1e9),
    "Cel": ("degC", 1.0),
    "U/L": ("enzyme_unit/L", 1.0),
    "g/dL": ("g/dL", 1.0),
    "h": ("hour", 1.0),
    "mL": ("mL", 1.0),
    "mL/h": ("mL/hour", 1.0),
    "mg": ("mg", 1.0),
    "mg/dL": ("mg/dL", 1.0),
    "mg/mL": ("mg/mL", 1.0),
    "mmol/L": ("mmol/L", 1.0),
}
"""The units in which quantities are kept, each as a unit of pint and how many of those it is."""


@frozen
class Amount:
    """A quantity in the unit of its field.

    Attributes:
        value: The number, finite.

        unit: Its unit.

        bound: Empty for a value; ``<``, ``<=``, ``>`` or ``>=`` if only a bound is known.
    """

    value: float
    unit: str
    bound: str = ""

    def __attrs_post_init__(self) -> None:
        if type(self.value) is not float or not isfinite(self.value):
            object.__setattr__(self, "value", _finite(self.value))
        _check_unit(self.unit)
        bound: object = self.bound
        if not isinstance(bound, str) or bound not in _BOUNDS_OF:
            raise FieldError("", f"{shown(self.bound)} is not a bound", "use <, <=, > or >=, or nothing for a value")

    @property
    def quantity(self) -> pint.Quantity[Any]:
        """As a pint Quantity of the application registry. Raises `UnitError` for a bound, which is not a value."""
        if self.bound:
            raise UnitError("", f"{self} is a bound, not a value", "use .value and .bound")
        name, factor = _PINT.get(self.unit, (self.unit, 1.0))
        try:
            quantity: pint.Quantity[Any] = _pint().get_application_registry().Quantity(self.value * factor, name)
        except Exception:  # noqa: BLE001  # pint raises many types on words that are no unit
            raise UnitError("", f"{self.unit!r} is not a unit", "use one that pint knows") from None
        return quantity

    def to_timedelta(self) -> timedelta:
        """A duration as a `datetime.timedelta`. Raises `UnitError` for anything else, and for a bound, which is not a value."""
        if self.bound:
            raise UnitError("", f"{self} is a bound, not a value", "use .value and .bound")
        return _elapsed(self.value, self.unit)

    def __str__(self) -> str:
        """Number and unit, such as ``8 mg`` or ``<0.5 10*9/L``."""
        return f"{self.bound}{self.value:.6g} {self.unit}"


@frozen
class Span:
    """From a lower to an upper value. Both are the same if there is only one value.

    Attributes:
        low: The lower value, finite.

        high: The upper value, finite; not below `low`.

        unit: The unit of both.
    """

    low: float
    high: float
    unit: str

    def __attrs_post_init__(self) -> None:
        for name in ("low", "high"):
            try:
                object.__setattr__(self, name, _finite(getattr(self, name)))
            except FieldError as error:
                raise error.under(name) from None
        _check_unit(self.unit)
        if self.low > self.high:
            raise FieldError("low", f"{self.low:g} is above {self.high:g}", "write the lower value first")

    @property
    def quantity(self) -> pint.Quantity[Any]:
        """As one pint Quantity. Raises `UnitError` if the ends differ."""
        if self.low != self.high:
            raise UnitError("", f"{self} is a range, not one value", "use .quantities, .low or .high")
        return Amount(self.low, self.unit).quantity

    @property
    def quantities(self) -> tuple[pint.Quantity[Any], pint.Quantity[Any]]:
        """Both ends as pint Quantities."""
        return Amount(self.low, self.unit).quantity, Amount(self.high, self.unit).quantity

    def to_timedelta(self) -> tuple[timedelta, timedelta]:
        """Both ends of a duration as `datetime.timedelta`, the lower first; the same twice if there is only one value.

        Raises `UnitError` for what is no duration.
        """
        return _elapsed(self.low, self.unit), _elapsed(self.high, self.unit)

    def __str__(self) -> str:
        """For example ``22-24 h``."""
        ends = f"{self.low:g}" if self.low == self.high else f"{self.low:g}-{self.high:g}"
        return f"{ends} {self.unit}"


def _elapsed(number: float, unit: str) -> timedelta:
    """So many of a unit of time."""
    step = step_of_unit(DURATION, unit)
    if step is None:
        raise UnitError("", f"{number:g} {unit} is not a duration", "use .value and .unit, or .quantity for a quantity of pint")
    try:
        return timedelta(hours=_in_step(number, step))
    except OverflowError:
        raise UnitError("", f"{number:g} {unit} is longer than a timedelta can be", "use .value and .unit") from None


if TYPE_CHECKING:
    from pint.facets.plain import PlainQuantity

    # What `registry.Quantity` gives is a PlainQuantity to some type checkers.
    QuantityLike: TypeAlias = Amount | tuple[float | str, str] | str | pint.Quantity[Any] | PlainQuantity[Any]
    """A pint Quantity, ``"0.8 10*9/L"``, ``"<0.5 10*9/L"``, ``(0.8, "10*9/L")``, or an `Amount`."""

_LONGEST = 60
_BOUNDS = {None: "", "≤": "<=", "≥": ">="}
_BOUNDS_OF = frozenset(("", "<", "<=", ">", ">="))


def take(value: QuantityLike | timedelta, kind: Kind, path: str, within: Range = ANY) -> Amount:
    """*value* as an `Amount` in the unit of *kind*. An `Amount` in that unit is returned unchanged.

    Args:
        value: A pint Quantity, a string with number and unit, a pair of them, an `Amount`, or for a duration a `datetime.timedelta`.

        kind: What it must measure.

        path: The path of the field, for errors.

        within: The numbers that the field accepts. The caller decides whether a bound is accepted in place of a value.

    Raises:
        UnitError: The unit is missing, not known or measures something else; or the number is negative or out of range.

        FieldTypeError: The value has none of the forms above, or is not a finite number.
    """
    try:
        if (
            type(value) is tuple
            and len(value) == 2  # type: ignore[redundant-expr]  # noqa: PLR2004  # callers hand in any tuple; a number and a unit
            and type(value[0]) in _NUMBERS
            and type(value[1]) is str
            and (known := _listed_amount(kind, value[0], value[1], within)) is not None
        ):
            return known
        if type(value) is Amount and value.unit == kind.unit and (value.value > 0 or kind.signed):
            return value if within.takes(value.value, value.bound) else _read(value, kind, within)
        return _read(value, kind, within)
    except FieldError as error:
        raise error.under(path) from None


def span_in(span: Span, kind: Kind, path: str, *, signed: bool = False) -> Span:
    """A `Span` in the unit of *kind*. A `Span` in that unit is returned unchanged.

    Args:
        span: From a lower to an upper value.

        kind: What it must measure.

        path: The path of the field, for errors.

        signed: Whether it may be negative although its kind is not, such as a time before an infusion.

    Raises:
        UnitError: The unit is not known or measures something else, or a value is negative.

        FieldTypeError: The value is not a `Span`.
    """
    if not isinstance(span, Span):
        raise FieldTypeError(path, f"{shown(span)} is not a Span", f"pass Span(low, high, '{kind.unit}')")
    step = step_of_unit(kind, span.unit)
    if step is None:
        raise _not_a_unit(kind, (span.low, "", span.unit), ANY).under(path)
    if span.low < 0 and not (kind.signed or signed):
        raise UnitError(path, f"{span} is negative, but this is {kind.name}", "check the sign")
    return span if span.unit == kind.unit else Span(_in_step(span.low, step), _in_step(span.high, step), kind.unit)


_NUMBERS = frozenset((int, float))


@lru_cache(maxsize=8192)
def _listed_amount(kind: Kind, number: float, unit: str, within: Range) -> Amount | None:
    """A plain number in a unit that the kind knows. Doses, limits of normal and results of few digits occur again and again."""
    step = step_of_unit(kind, unit)
    return None if step is None else _converted(kind, (_finite(number), "", unit), step, within)


_Written: TypeAlias = tuple[float, str, str]
"""A number, its bound and its unit, as they were written."""


def _converted(kind: Kind, written: _Written, step: tuple[float, float], within: Range) -> Amount:
    number, bound, unit = written
    kept = _in_step(number, step)
    if not kind.signed and (kept < 0 or (kept == 0 and bound == "<")):
        raise UnitError("", f"{bound}{kept:g} {kind.unit} is negative, but this is {kind.name}", "check the sign")
    amount = Amount(kept, kind.unit, bound)
    if not within.least <= kept <= within.greatest and not within.takes(kept, bound):
        raise _cannot_be(kind, amount, (number, unit), within)
    return amount


def _in_step(number: float, step: tuple[float, float]) -> float:
    # A double holds 15 significant digits: 500 /uL must be exactly the 0.5 of a limit. An offset, which counts from absolute zero,
    # costs three of them.
    return float(f"{number * step[0] + step[1]:.{12 if step[1] else 15}g}")


def _cannot_be(kind: Kind, amount: Amount, written: tuple[float, str], within: Range) -> UnitError:
    """Names the units in which the same number could be."""
    number, unit = written
    text = f"{amount.bound}{number:.6g} {unit[:_LONGEST]}"
    kept = "" if text == f"{amount}" else f" ({amount})"
    units: dict[Step, str] = {}
    for spelling, step in kind.spellings.items():
        if within.takes(_times(number, step), amount.bound):
            units.setdefault(step, spelling)
    likely = f"if its unit is {' or '.join(units.values())}, write that" if units else "check the value and its unit"
    return UnitError("", f"{text}{kept} cannot be {within.of}", "leave it out if it is not known" if number == 0 else likely)


def _times(number: float, step: Step) -> float:
    factor, offset = step if isinstance(step, tuple) else (step, 0.0)
    return number * factor + offset


def _read(value: Any, kind: Kind, within: Range) -> Amount:  # noqa: ANN401  # whatever a caller hands in
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):  # noqa: PLR2004  # a number and a unit
        number, unit = value
        if not isinstance(number, str):
            return _stepped(kind, (_finite(number), "", unit), within)
        number, bound, rest = _parsed(number, kind, within)
        if rest:
            raise FieldTypeError("", f"{value[0]!r} is not a number", f"write the unit once, as '{within.example:g} {kind.unit}'")
        return _stepped(kind, (number, bound, unit), within)
    if isinstance(value, str):
        number, bound, unit = _parsed(value, kind, within)
        if not unit:
            raise _no_unit(value, kind, within)
        return _stepped(kind, (number, bound, unit), within)
    if isinstance(value, Amount):
        return _stepped(kind, (_finite(value.value), value.bound, value.unit), within)
    if isinstance(value, timedelta):
        return _stepped(kind, (value.total_seconds() / 3600, "", "h"), within)
    if "pint" in sys.modules and isinstance(value, _pint().Quantity):
        return _of_pint(value, kind, within)
    raise _no_unit(value, kind, within)


def _parsed(text: str, kind: Kind, within: Range) -> _Written:
    match = NUMBER.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    rest = "" if match is None else match[3].strip()
    several = None if step_of_unit(kind, rest) is not None else not_one_number(text.strip())
    if match is not None and several is None:
        return _finite(float(match[2])), _BOUNDS.get(match[1], match[1]), rest
    if several is not None:
        raise FieldTypeError("", f"{text[:_LONGEST]!r} {several}", "write one number, with a point and without commas or spaces in it")
    raise FieldTypeError("", f"{text[:_LONGEST]!r} is not a number and a unit", f"write it like {_like(kind, within)}")


def _like(kind: Kind, within: Range) -> str:
    example = f"{within.example:g} {kind.unit}"
    return f"'{example}', or '<{example}' for a bound" if within.bounds else f"'{example}'"


def _finite(number: Any) -> float:  # noqa: ANN401  # a magnitude may be of any numeric type that pint takes
    """A finite number: unchanged if it has one of Python's own types, else as a float."""
    if (type(number) is float and isfinite(number)) or (type(number) is int and abs(number) < _WHOLE):
        return number
    if isinstance(number, bool | str):
        raise FieldTypeError("", f"{shown(number)} is not a number", "write a number, without quotes")
    # An array is not a number, although float() accepts some: a masked item would become 0.
    if not is_number(number, Real | Decimal):
        raise FieldTypeError("", f"{shown(number)} is not a number", "write one number")
    try:
        value = float(number)
    except OverflowError:
        value = inf
    except ValueError:  # a signaling NaN
        value = nan
    if not isfinite(value):
        raise FieldTypeError("", f"{value} is not a finite number", "leave the field out if the value is not known")
    return number if type(number) is int else value


_WHOLE: Final = 10**15
"""Below this, a whole number equals its float."""


def is_number(value: object, kind: type | UnionType) -> bool:
    """Whether a value is a number. Truth values are not, nor are durations, which numpy counts among its whole numbers."""
    return isinstance(value, kind) and not isinstance(value, bool) and getattr(getattr(value, "dtype", None), "kind", "") != "m"


def _check_unit(unit: object) -> None:
    if not isinstance(unit, str) or not unit.strip():
        raise FieldTypeError("unit", f"{shown(unit)} is not a unit", "write it as text, such as 'h' or 'mg'")


def _no_unit(value: object, kind: Kind, within: Range) -> UnitError:
    return UnitError("", f"{shown(value)} has no unit", f"write number and unit, as '{within.example:g} {kind.unit}'")


def _stepped(kind: Kind, written: _Written, within: Range) -> Amount:
    step = step_of_unit(kind, written[2])
    if step is None:
        raise _not_a_unit(kind, written, within)
    return _converted(kind, written, step, within)


@lru_cache(maxsize=1024)
def step_of_unit(kind: Kind, unit: str) -> tuple[float, float] | None:
    """The step from a unit to that of the kind."""
    step = step_of(kind.spellings, kind.bases, unit) if len(unit) <= _LONGEST else None
    return step if step is None or isinstance(step, tuple) else (step, 0.0)


def _not_a_unit(kind: Kind, written: _Written, within: Range) -> UnitError:
    """Names the unit that was probably meant, if the number could be in it, and one spelling of each unit."""
    number, bound, unit = written
    first: dict[Step, str] = {}
    for spelling, step in kind.spellings.items():
        first.setdefault(step, spelling)
    fitting = {step: spelling for step, spelling in first.items() if within.takes(_times(number, step), bound)}
    near = near_miss(kind.spellings, kind.bases, unit, lambda step: step in fitting) if len(unit) <= _LONGEST else None
    meant = f"did you mean {near!r}? Otherwise " if near else ""
    units = list((fitting or first).values())
    which = f"use {', '.join(units)}, or another spelling of {'these' if len(units) > 1 else 'it'}"
    return UnitError("", f"{unit[:_LONGEST]!r} is not a unit of {kind.name}", f"{meant}{which}")


def known_unit(unit: str, kind: Kind, path: str, number: float = 1.0, within: Range = ANY) -> None:
    """Raises `UnitError` for a unit that is not known, with the one that was probably meant, if *number* could be in it."""
    if step_of_unit(kind, unit) is None:
        raise _not_a_unit(kind, (number, "", unit), within).under(path)


def _of_pint(quantity: Any, kind: Kind, within: Range) -> Amount:  # noqa: ANN401  # pint's own types are partly unknown
    # Units of two registries cannot be compared, but their containers can.
    step = _pint_step(kind, quantity._REGISTRY, _pint().util.to_units_container(quantity.units))  # noqa: SLF001  # named nowhere else
    written = _finite(quantity.magnitude), "", str(quantity.units)
    if step is None:
        raise _not_a_unit(kind, written, within)
    return _converted(kind, written, step, within)


@lru_cache(maxsize=256)
def _pint_step(kind: Kind, registry: Any, units: Any) -> tuple[float, float] | None:  # noqa: ANN401  # pint's own types are partly unknown
    """The step from a unit of pint, by the registry of that unit. A change of the application registry does not matter."""
    name, factor = _PINT[kind.unit]
    try:
        unit = registry.Unit(units)
        # In pint, a percent or a radian is a plain number, so percent/uL would be a count.
        if any(part != "count" and not registry.get_dimensionality(part) for part in units):
            return None
        ends = [registry.Quantity(number, unit) for number in (0.0, 1.0)]
        if kind.molar_mass and "[substance]" in unit.dimensionality:
            ends = [end * registry.Quantity(kind.molar_mass, "g/mol") for end in ends]
        offset, end = (quantity.to(name).magnitude / factor for quantity in ends)
    except Exception:  # noqa: BLE001  # pint raises many types on units that do not convert
        return None
    return end - offset, offset


def _pint() -> Any:  # noqa: ANN401  # pint's own types are partly unknown
    import pint  # noqa: PLC0415  # 0.3 s that only a Quantity costs

    return pint

"""Quantities at the edge: taken once, checked, and kept as a float in one unit. Knows nothing of any drug.

A `Kind` is what a quantity measures (a mass, a cell count): its unit, and how everyday spellings turn into it. Known spellings
convert by the kind's own factors. A pint Quantity, or a spelling that the kind does not list, is handed to pint, which is imported
only then.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from math import inf, isfinite, nan
from numbers import Real
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

from tarlatamab_rules.errors import FieldError, FieldTypeError, UnitError, shown

if TYPE_CHECKING:
    import pint

__all__ = [
    "CONCENTRATION",
    "DURATION",
    "FLOW",
    "MASS",
    "TEMPERATURE",
    "VOLUME",
    "Amount",
    "Kind",
    "Span",
    "is_number",
    "span_in",
    "spelled",
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
"""The units that quantities are kept in: what pint calls each, and how many of those it is."""


@frozen(eq=False)
class Kind:
    """What a quantity measures.

    Attributes:
        name: What it is called, as ``a cell count``.

        unit: The unit it is kept in.

        spellings: Everyday spellings of units, each with its factor to `unit`, or with a factor and an offset.

        molar_mass: In g/mol, where an amount of substance may be given for a mass; else ``None``.

        signed: Whether it can be negative, as a temperature can.
    """

    name: str
    unit: str
    spellings: Mapping[str, float | tuple[float, float]] = field(repr=False)
    molar_mass: float | None = None
    signed: bool = False


@frozen
class Amount:
    """A quantity in the unit of its field.

    Attributes:
        value: The number, finite.

        unit: Its unit.

        bound: Empty for a value; ``<``, ``<=``, ``>`` or ``>=`` where only a bound is known.
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

    def __str__(self) -> str:
        """Number and unit, as ``8 mg`` or ``<0.5 10*9/L``."""
        return f"{self.bound}{self.value:.6g} {self.unit}"


@frozen
class Span:
    """From a lower to an upper value; both the same where there is only one.

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
        """As one pint Quantity. Raises `UnitError` where the ends differ."""
        if self.low != self.high:
            raise UnitError("", f"{self} is from one value to another", "use .quantities, .low or .high")
        return Amount(self.low, self.unit).quantity

    @property
    def quantities(self) -> tuple[pint.Quantity[Any], pint.Quantity[Any]]:
        """Both ends as pint Quantities."""
        return Amount(self.low, self.unit).quantity, Amount(self.high, self.unit).quantity

    def __str__(self) -> str:
        """As ``22-24 h``."""
        ends = f"{self.low:g}" if self.low == self.high else f"{self.low:g}-{self.high:g}"
        return f"{ends} {self.unit}"


def spelled(step: float | tuple[float, float], *spellings: str) -> dict[str, float | tuple[float, float]]:
    """Spellings that share a factor, or a factor and an offset."""
    return dict.fromkeys(spellings, step)


if TYPE_CHECKING:
    from pint.facets.plain import PlainQuantity

    # What `registry.Quantity` gives is a PlainQuantity to some type checkers.
    QuantityLike: TypeAlias = Amount | tuple[float | str, str] | str | pint.Quantity[Any] | PlainQuantity[Any]
    """A pint Quantity, ``"0.8 10*9/L"``, ``"<0.5 10*9/L"``, ``(0.8, "10*9/L")``, or an `Amount` that was taken before."""

MASS: Final = Kind(
    "a mass",
    "mg",
    spelled(1, "mg", "MG", "milligram", "milligrams") | spelled(1e3, "g", "gram", "grams") | spelled(1e-3, "ug", "mcg", "microgram"),
)
TEMPERATURE: Final = Kind(
    "a temperature",
    "Cel",
    spelled(1, "Cel", "C", "°C", "degC") | spelled((5 / 9, -160 / 9), "[degF]", "F", "°F", "degF"),
    signed=True,
)

VOLUME: Final = Kind("a volume", "mL", spelled(1, "mL", "ml", "ML", "cc") | spelled(1e3, "L", "l", "liter", "litre"))
CONCENTRATION: Final = Kind("a concentration", "mg/mL", spelled(1, "mg/mL", "mg/ml", "MG/ML", "g/L", "g/l"))
DURATION: Final = Kind(
    "a duration",
    "h",
    spelled(1, "h", "H", "hr", "HR", "hrs", "hour", "hours")
    | spelled(1 / 60, "min", "MIN", "mins", "minute", "minutes")
    | spelled(24, "d", "day", "days")
    | spelled(168, "wk", "week", "weeks"),
)
FLOW: Final = Kind(
    "a rate of flow",
    "mL/h",
    spelled(1, "mL/h", "ml/h", "ML/H", "mL/hr", "ml/hr", "ML/HR", "mL/hour", "cc/h")
    | spelled(60, "mL/min", "ml/min")
    | spelled(1e3, "L/h", "l/h"),
)

_NUMBER = re.compile(r"(<=|>=|<|>|≤|≥)?\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)(?![\d.,])(.*)", re.DOTALL)
_PINT_SAFE = re.compile(r"(1\s*/\s*)?[^\W\d_]+([ */]+[^\W\d_]+|(\*\*|\^)-?\d)*")
_LONGEST = 60
_SAME = str.maketrans({"\u00b5": "u", "\u03bc": "u", "\u00d7": "x", "⁹": "^9", "³": "^3", " ": None})
"""Characters that spell the same unit: both code points of the micro sign, a times sign, superscripts."""
_BOUNDS = {None: "", "≤": "<=", "≥": ">="}
_BOUNDS_OF = frozenset(("", "<", "<=", ">", ">="))


def take(value: QuantityLike | timedelta, kind: Kind, path: str) -> Amount:
    """*value* as an `Amount` in the unit of *kind*. An `Amount` in that unit is given back as it is.

    Args:
        value: A pint Quantity, a string with number and unit, a pair of them, an `Amount`, or for a duration a `datetime.timedelta`.

        kind: What it must measure.

        path: Where it stands, for the error.

    Raises:
        UnitError: No unit, one that is not known, or one that measures something else; or less than nothing of it.

        FieldTypeError: None of the forms above, or not a finite number.
    """
    if type(value) is Amount and value.unit == kind.unit and (value.value > 0 or kind.signed):
        return value
    try:
        if type(value) is tuple and tuple(map(type, value)) in _PLAIN and (known := _listed_amount(kind, *value)) is not None:
            return known
        return _converted(kind, *_read(value, kind))
    except FieldError as error:
        raise error.under(path) from None


def span_in(span: Span, kind: Kind, path: str, *, signed: bool = False) -> Span:
    """A `Span` in the unit of *kind*. One in that unit is given back as it is.

    Args:
        span: From a lower to an upper value.

        kind: What it must measure.

        path: Where it stands, for the error.

        signed: Whether it may be negative, as a time before something is, although its kind is not.

    Raises:
        UnitError: A unit that is not known, or measures something else; or less than nothing of it.

        FieldTypeError: No `Span`.
    """
    if not isinstance(span, Span):
        raise FieldTypeError(path, f"{shown(span)} is not a Span", f"pass Span(low, high, '{kind.unit}')")
    try:
        step = _step(kind, span.unit)
    except FieldError as error:
        raise error.under(path) from None
    if span.low < 0 and not (kind.signed or signed):
        raise UnitError(path, f"{span} is less than nothing, and this is {kind.name}", "check the sign")
    return span if span.unit == kind.unit else Span(_in_step(span.low, step), _in_step(span.high, step), kind.unit)


_PLAIN = frozenset({(int, str), (float, str)})


@lru_cache(maxsize=8192)
def _listed_amount(kind: Kind, number: float, unit: str) -> Amount | None:
    """A plain number in a unit that the kind lists: doses, limits of normal and results of few digits come again and again."""
    step = _listed(kind, unit)
    return None if step is None else _converted(kind, _finite(number), "", step)


def _converted(kind: Kind, number: float, bound: str, step: tuple[float, float]) -> Amount:
    number = _in_step(number, step)
    if not kind.signed and (number < 0 or (number == 0 and bound == "<")):
        raise UnitError("", f"{bound}{number:g} {kind.unit} is less than nothing, and this is {kind.name}", "check the sign")
    return Amount(number, kind.unit, bound)


def _in_step(number: float, step: tuple[float, float]) -> float:
    # 15 significant digits are what a double holds: 500 /uL must be the very 0.5 that a limit is written as. An offset, which
    # pint takes from absolute zero, costs three of them.
    return float(f"{number * step[0] + step[1]:.{12 if step[1] else 15}g}")


def _read(value: Any, kind: Kind) -> tuple[float, str, tuple[float, float]]:  # noqa: ANN401  # whatever a caller hands in
    """The number, its bound, and the step (factor, offset) from its unit to that of *kind*."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):  # noqa: PLR2004  # a number and a unit
        number, unit = value
        if not isinstance(number, str):
            return _finite(number), "", _step(kind, unit)
        number, bound, rest = _parsed(number, kind)
        if rest:
            raise FieldTypeError("", f"{value[0]!r} is not a number", f"write the unit once, as (0.8, '{kind.unit}')")
        return number, bound, _step(kind, unit)
    if isinstance(value, str):
        number, bound, unit = _parsed(value, kind)
        if not unit:
            raise _no_unit(value, kind)
        return number, bound, _step(kind, unit)
    if isinstance(value, Amount):
        return _finite(value.value), value.bound, _step(kind, value.unit)
    if isinstance(value, timedelta):
        return value.total_seconds() / 3600, "", _step(kind, "h")
    if "pint" in sys.modules and isinstance(value, _pint().Quantity):
        quantity: Any = value
        return _finite(quantity.magnitude), "", _of_pint(kind, quantity.units)
    raise _no_unit(value, kind)


def _parsed(text: str, kind: Kind) -> tuple[float, str, str]:
    match = _NUMBER.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    if match is None:
        fix = f"write it like '0.8 {kind.unit}', or '<0.5 {kind.unit}' for a bound; with a point, and no commas"
        raise FieldTypeError("", f"{text[:_LONGEST]!r} is not a number and a unit", fix)
    return _finite(float(match[2])), _BOUNDS.get(match[1], match[1]), match[3].strip()


def _finite(number: Any) -> float:  # noqa: ANN401  # a magnitude may be of any numeric type that pint takes
    """A finite number as it is, if it is of Python's own types, else as a float."""
    if (type(number) is float and isfinite(number)) or (type(number) is int and abs(number) < _WHOLE):
        return number
    if isinstance(number, bool | str):
        raise FieldTypeError("", f"{shown(number)} is not a number", "write a number, without quotes")
    # An array is no number, though it may turn into one: what is masked in it turns into 0.
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
"""Below this a whole number is the same as a float."""


def is_number(value: object, kind: type | UnionType) -> bool:
    """Whether a value is a number of a kind: no truth value, and no stretch of time, which numpy has among its whole numbers."""
    return isinstance(value, kind) and not isinstance(value, bool) and getattr(getattr(value, "dtype", None), "kind", "") != "m"


def _check_unit(unit: object) -> None:
    if not isinstance(unit, str) or not unit.strip():
        raise FieldTypeError("unit", f"{shown(unit)} is not a unit", "write it as text, such as 'h' or 'mg'")


def _no_unit(value: object, kind: Kind) -> UnitError:
    return UnitError("", f"{shown(value)} has no unit", f"write number and unit, as '0.8 {kind.unit}'")


def _step(kind: Kind, unit: str) -> tuple[float, float]:
    step = _listed(kind, unit)
    if step is not None:
        return step
    if len(unit) > _LONGEST or not _PINT_SAFE.fullmatch(unit):
        raise _not_a_unit(unit, kind)
    try:
        return _of_pint(kind, _pint().get_application_registry().Unit(unit))
    except Exception:  # noqa: BLE001  # pint raises many types on words that are no unit
        raise _not_a_unit(unit, kind) from None


@lru_cache(maxsize=1024)
def _listed(kind: Kind, unit: str) -> tuple[float, float] | None:
    """The step of a spelling that the kind lists itself."""
    step = kind.spellings.get(unit.translate(_SAME))
    return step if step is None or isinstance(step, tuple) else (step, 0.0)


def _not_a_unit(unit: object, kind: Kind) -> UnitError:
    one_each: dict[object, str] = {}
    for spelling, step in kind.spellings.items():
        one_each.setdefault(step, spelling)
    some = ", ".join(one_each.values())
    return UnitError("", f"{str(unit)[:_LONGEST]!r} is not a unit of {kind.name}", f"use {some}, or another spelling of these")


def _of_pint(kind: Kind, unit: Any) -> tuple[float, float]:  # noqa: ANN401  # pint's own types are partly unknown
    # Units of two registries cannot even be compared, their containers can.
    return _pint_step(kind, unit._REGISTRY, _pint().util.to_units_container(unit))  # noqa: SLF001  # a unit names its registry nowhere else


@lru_cache(maxsize=256)
def _pint_step(kind: Kind, registry: Any, units: Any) -> tuple[float, float]:  # noqa: ANN401  # pint's own types are partly unknown
    """Asked of the registry that the unit itself belongs to, so that a change of the application registry does not matter."""
    name, factor = _PINT[kind.unit]
    unit = registry.Unit(units)
    try:
        # To pint a percent or a radian is a plain number, and percent/uL a count.
        plain = [part for part in units if part != "count" and not registry.get_dimensionality(part)]
        ends = [registry.Quantity(number, unit) for number in (0.0, 1.0)]
        if kind.molar_mass and "[substance]" in unit.dimensionality:
            ends = [end * registry.Quantity(kind.molar_mass, "g/mol") for end in ends]
        zero, one = (end.to(name).magnitude / factor for end in ends)
    except Exception:  # noqa: BLE001  # pint raises many types on units that do not convert
        raise _not_a_unit(unit, kind) from None
    if plain:
        raise _not_a_unit(unit, kind)
    return one - zero, zero


def _pint() -> Any:  # noqa: ANN401  # pint's own types are partly unknown
    import pint  # noqa: PLC0415  # 0.3 s that only a Quantity or an unlisted spelling costs

    return pint

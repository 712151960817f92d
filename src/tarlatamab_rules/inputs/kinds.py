"""What quantities measure, and the numbers that fields take. Knows nothing of any drug."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Final

from attrs import field, frozen

from tarlatamab_rules.inputs._unit_text import Step

__all__ = ["ANY", "CONCENTRATION", "DURATION", "FLOW", "MASS", "TEMPERATURE", "VOLUME", "Kind", "Range", "spelled"]


@frozen(eq=False)
class Kind:
    """What a quantity measures.

    Attributes:
        name: Its name, such as ``a cell count``.

        unit: The unit in which it is kept.

        spellings: Everyday spellings of units, each with its factor to `unit`, or with a factor and an offset.

        bases: One of each base unit in a litre, as a number and a power of ten of `unit`. An SI prefix may precede these. ``.g`` and
            ``.L`` are a gram and a litre that are not a concentration.

        molar_mass: In g/mol, if an amount of substance may be given for a mass; else ``None``.

        signed: Whether it can be negative, like a temperature.
    """

    name: str
    unit: str
    spellings: Mapping[str, Step] = field(repr=False)
    bases: Mapping[str, tuple[float, int]] = field(factory=dict, repr=False)
    molar_mass: float | None = None
    signed: bool = False


@frozen(eq=False)
class Range:
    """The numbers that a field accepts, in the unit of its kind. Errors suggest only accepted numbers.

    Attributes:
        of: What the number is, such as ``a value of sodium`` or ``the upper limit of normal of sodium``.

        least: The least number.

        greatest: The greatest one.

        example: One of them, for errors.

        zero: Whether zero is accepted, and a bound such as ``<0.01``, although they are less than `least`.

        bounds: Whether a bound such as ``<0.5`` is accepted in place of a value.
    """

    of: str
    least: float
    greatest: float
    example: float
    zero: bool = False
    bounds: bool = False

    def takes(self, number: float, bound: str = "") -> bool:
        """Whether a number is in the range; for a bound, whether some number within the bound is."""
        if bound in {">", ">="}:
            return number <= self.greatest
        low = self.zero and (number == 0 or bound != "")
        return (low or number >= self.least) and (bound != "" or number <= self.greatest)


ANY: Final = Range("", -inf, inf, 0.8, zero=True, bounds=True)
"""Any number."""


def spelled(step: Step, *spellings: str) -> dict[str, Step]:
    """Spellings with the same factor, or the same factor and offset."""
    return dict.fromkeys(spellings, step)


MASS: Final = Kind(
    "a mass",
    "mg",
    spelled(1, "mg", "MG", "milligram", "milligrams") | spelled(1e3, "g", "gram", "grams") | spelled(1e-3, "ug", "mcg", "microgram"),
    {".g": (1, 3)},
)
TEMPERATURE: Final = Kind(
    "a temperature",
    "Cel",
    spelled(1, "Cel", "C", "°C", "degC", "Celsius", "degreesC", "degreesCelsius")
    | spelled((5 / 9, -160 / 9), "[degF]", "F", "°F", "degF", "Fahrenheit", "degreesF", "degreesFahrenheit")
    | spelled((1.0, -273.15), "K", "kelvin"),
    signed=True,
)

VOLUME: Final = Kind("a volume", "mL", spelled(1, "mL", "ml", "ML", "cc") | spelled(1e3, "L", "l", "liter", "litre"), {".L": (1, 3)})
CONCENTRATION: Final = Kind("a concentration", "mg/mL", spelled(1, "mg/mL", "MG/ML", "g/L"), {"g": (1, 0)})
DURATION: Final = Kind(
    "a duration",
    "h",
    spelled(1, "h", "H", "hr", "HR", "hrs", "hour", "hours")
    | spelled(1 / 60, "min", "MIN", "mins", "minute", "minutes")
    | spelled(1 / 3600, "s", "sec", "second", "seconds")
    | spelled(24, "d", "day", "days")
    | spelled(168, "wk", "week", "weeks"),
)
FLOW: Final = Kind(
    "a rate of flow",
    "mL/h",
    spelled(1, "mL/h", "ml/h", "ML/H", "mL/hr", "ml/hr", "ML/HR", "mL/hour", "cc/h", "cc/hr")
    | spelled(60, "mL/min", "ml/min")
    | spelled(1e3, "L/h", "l/h", "L/hr"),
)

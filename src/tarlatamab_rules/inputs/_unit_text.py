"""How the text of a unit is read: by the table of its kind, else as an SI prefix on one of a few base units. Knows nothing of any drug.

No unit registry is used, so the meaning of a text cannot be changed from outside. pint would read ``gr`` as a grain, ``u`` as an atomic
mass and ``K`` as kelvin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["NUMBER", "Step", "near_miss", "not_one_number", "step_of"]

Step = float | tuple[float, float]
"""A factor to the unit of the kind, or a factor and an offset."""

_SPACES: Final = " \t\u00a0\u2009\u202f"
_SAME: Final = str.maketrans(
    {
        "\u00b5": "u",
        "\u03bc": "u",
        "\u00d7": "x",
        "\u00b9": "1",
        "\u00b3": "^3",
        **{superscript: f"^{n}" for n, superscript in enumerate("\u2074\u2075\u2076\u2077\u2078\u2079", 4)},
        "\u207b": "-",
        "\u2212": "-",
        "\u00ba": "\u00b0",
        "\u2103": "\u00b0C",
        "\u2109": "\u00b0F",
        "\u00b7": ".",
        "\u22c5": ".",
        "\u2215": "/",
        "\u2044": "/",
    }
    | dict.fromkeys(_SPACES)
)
"""Characters that spell the same unit: both code points of the micro sign, a times sign, superscripts, degree signs, kinds of slash."""

_PREFIXES: Final = {
    "": 0,
    "f": -15,
    "p": -12,
    "n": -9,
    "u": -6,
    "mc": -6,
    "m": -3,
    "c": -2,
    "d": -1,
    "k": 3,
    "femto": -15,
    "pico": -12,
    "nano": -9,
    "micro": -6,
    "milli": -3,
    "centi": -2,
    "deci": -1,
    "kilo": 3,
}
"""The power of ten of each SI prefix. Mega and giga are left out, because no laboratory uses them, and ``M`` often means milli."""

_BASES: Final = {
    **dict.fromkeys(("g", "gram", "grams"), "g"),
    **dict.fromkeys(("mol", "mole", "moles"), "mol"),
    **dict.fromkeys(("U", "IU", "unit", "units"), "U"),
    **dict.fromkeys(("kat", "katal", "katals"), "kat"),
    **dict.fromkeys(("eq", "Eq", "equivalent", "equivalents"), "eq"),
    **dict.fromkeys(("L", "l", "liter", "liters", "litre", "litres"), "L"),
    "M": "M",
}
_FOLDED: Final = {name.casefold(): base for name, base in _BASES.items()} | dict.fromkeys(("gm", "gms"), "g")
"""The base units in lower case, and other names of a gram: for what an error suggests. No quantity is read by them."""
_COUNT: Final = "1"
"""The base unit of counts."""
_TEN: Final = re.compile(r"x?10(?:\*\*?|\^|e)(\d{1,2})|x?10\((\d{1,2})\)|e(\d{1,2})", re.IGNORECASE)
"""A power of ten, which is a number of cells."""
_COUNTS: Final = frozenset(("", "1", "count", "counts", "cell", "cells"))
_CUBES: Final = {"m3": 3, "dm3": 0, "cm3": -3, "ccm": -3, "cc": -3, "mm3": -6, "cmm": -6, "cumm": -6, "mmc": -6, "100mL": -1, "100ml": -1}
"""Volumes that are not a prefix on the litre, as powers of ten of a litre."""

_INVERSE: Final = r"\.([a-zA-Z]+)(?:\^|\*\*)?-([13])$"
_NEVER_FOLDED: Final = frozenset(("g/l", "mm", "um", "s"))
"""The capitals of these must be right: ``G/L`` is a cell count and ``g/L`` a mass, ``mM`` a concentration and ``mm`` a length."""


def step_of(spellings: Mapping[str, Step], bases: Mapping[str, tuple[float, int]], unit: str) -> Step | None:
    """The step of a unit; ``None`` if the unit is not known.

    Args:
        spellings: The table of the kind. Capitals do not matter if spellings that differ only in capitals have the same step.

        bases: One of each base unit in a litre, as a number and a power of ten. An amount that is not a concentration has only ``L`` or
            ``g``, marked by a leading dot.

        unit: The unit as written.
    """
    text = unit.translate(_SAME)
    if text in spellings:
        return spellings[text]
    inverse = re.search(_INVERSE, text)
    if inverse is not None:
        text = f"{text[: inverse.start()]}/{inverse[1]}{'3' if inverse[2] == '3' else ''}"
    if _COUNT in bases:
        text = text.replace("cells/", "/")
    folded = text.casefold()
    steps = {step for spelling, step in spellings.items() if spelling.casefold() == folded}
    return steps.pop() if len(steps) == 1 and folded not in _NEVER_FOLDED else _by_prefix(bases, text)


def _by_prefix(bases: Mapping[str, tuple[float, int]], text: str, names: Mapping[str, str] = _BASES) -> float | None:
    above, slash, below = text.partition("/")
    base, power = _base(above, names)
    volume = _volume(below, names) if slash else 0
    if base == "M":
        base, volume = ("mol", 0) if not slash else ("", None)
    elif not slash:
        base = f".{base}"
    if volume is None or base not in bases:
        return None
    factor, exponent = bases[base]
    return factor * float(f"1e{exponent + power - volume}")


def _base(text: str, names: Mapping[str, str]) -> tuple[str, int]:
    """The base unit of a text and the power of ten of its prefix; ``?`` for none."""
    if text in _COUNTS:
        return _COUNT, 0
    if ten := _TEN.fullmatch(text):
        return _COUNT, int(ten[ten.lastindex or 0])
    parts = (((names.get(text[len(prefix) :])), power) for prefix, power in _PREFIXES.items() if text.startswith(prefix))
    return next(((base, power) for base, power in parts if base is not None), ("?", 0))


def _volume(text: str, names: Mapping[str, str]) -> int | None:
    """A volume as a power of ten of a litre; ``None`` if it is not a volume."""
    cube = _CUBES.get(text.replace("**3", "3").replace("^3", "3"))
    if cube is not None:
        return cube
    base, power = _base(text, names)
    return power if base == "L" else None


def near_miss(spellings: Mapping[str, Step], bases: Mapping[str, tuple[float, int]], unit: str, fits: Callable[[Step], bool]) -> str | None:
    """The spelling that was probably meant, among those for which the number fits; ``None`` if none is near.

    It is never so many times the unit as written, as far as that can be read if capitals do not matter.
    """
    from difflib import get_close_matches  # noqa: PLC0415  # only errors need it

    text = unit.translate(_SAME).casefold()
    known = _by_prefix(bases, text, _FOLDED)
    fitting: dict[Step, list[str]] = {}
    for spelling, step in spellings.items():
        if fits(step) and known in {None, step}:
            fitting.setdefault(step, []).append(spelling)
    same = next((spelling for alike in fitting.values() for spelling in alike if spelling.casefold() == text), None)
    names = {alike[0].casefold(): alike[0] for alike in fitting.values() if not _is_multiple(text, alike[0].casefold())}
    close = get_close_matches(text, names, 1, _CLOSE)
    return same or (names[close[0]] if close else None)


def _is_multiple(text: str, name: str) -> bool:
    """Whether a unit is or may be so many times another one: by its digits, by what follows the slash, or by an SI prefix alone."""
    (above, slash, below), (other_above, _, other_below) = text.partition("/"), name.partition("/")
    if re.sub(r"\D", "", above) != re.sub(r"\D", "", other_above):
        return True
    volume = _volume(below, _FOLDED)
    if slash and below != other_below and (volume is None or volume != _volume(other_below, _FOLDED)):
        return True
    short, long = sorted((text, name), key=len)
    return short != long and long.endswith(short) and long.removesuffix(short) in _PREFIXES


_CLOSE: Final = 0.65
"""How similar two texts must be: ``gr/dL`` and ``g/dL`` are, and so are ``u/L`` and ``umol/L``; ``mg`` and ``mg/dL`` are not."""

NUMBER: Final = re.compile(r"(<=|>=|<|>|≤|≥)?\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?)(?![\d.,])(.*)", re.DOTALL)
"""A bound, a number and the rest."""

_SEVERAL: Final = (
    (r"[<>=≤≥]*\s*[\d.,]*\d\s*(?:-|\u2010|\u2011|\u2012|\u2013|\u2014|\u2212|\.\.+|to\s)\s*[\d.]", "is a range, not one value"),
    (r"[<>=≤≥]*\s*[+-]?\d{1,3}(?:[ \u00a0\u2009\u202f'\u2019]\d{3})+(?!\d)", "has separated thousands"),
    (r"[<>=≤≥]*\s*[+-]?[\d.]*,[\d.,]*", "has a comma, which separates thousands for some and decimals for others"),
)
"""Compiled when an error needs them, not with every import."""


def not_one_number(text: str) -> str | None:
    """Why a text that begins with a number is not one number: it is a range, or has a comma or separated thousands."""
    return next((says for pattern, says in _SEVERAL if re.match(pattern, text)), None)

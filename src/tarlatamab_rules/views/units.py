"""Units for readers: the unit of each kind of quantity, and every spelling that is accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from tarlatamab_rules.inputs.analytes import BODY_TEMPERATURE, KINDS, NAMES, RANGES, Analyte
from tarlatamab_rules.inputs.kinds import DURATION, FLOW, MASS, TEMPERATURE, VOLUME, Kind, Range
from tarlatamab_rules.views.markdown import table_lines

__all__ = ["units_markdown"]

_ELSEWHERE: Final = (
    (MASS, "Doses: `ordered`, the `amount` of a given dose, `preparation`, `equivalent_dose`."),
    (VOLUME, "The `volume` of an infusion."),
    (FLOW, "The `rate` of an infusion."),
    (DURATION, "The `duration` of an infusion, and `max_lab_age`."),
    (
        TEMPERATURE,
        f"Body temperature, of findings and in `grade_febrile_neutropenia`: {BODY_TEMPERATURE[0]} to {BODY_TEMPERATURE[1]}.",
    ),
)
_FEW: Final = 12
"""Fewer spellings than this are listed one by one; more are written as numbers before volumes."""


def units_markdown() -> str:
    """Every unit that the library knows without pint, as Markdown: the analytes, then the spellings for each kind of quantity.

    The first name of each unit is its code in UCUM. Factors are printed to seven digits.
    """
    lines = [
        "### Analytes",
        "",
        *table_lines(
            ("analyte", "measured as", "kept in", "value", "lower limit", "upper limit", "g/mol", "also called"), map(_analyte, Analyte)
        ),
    ]
    for kind in dict.fromkeys(KINDS.values()):
        measured = ", ".join(f"`{analyte}`" for analyte in Analyte if KINDS[analyte] is kind)
        lines += ["", *_section(kind, f"Of {measured}.")]
    for kind, used in _ELSEWHERE:
        lines += ["", *_section(kind, used)]
    return "\n".join(lines) + "\n"


def _analyte(analyte: Analyte) -> tuple[str, ...]:
    kind = KINDS[analyte]
    mass = "" if kind.molar_mass is None else f"{kind.molar_mass:.10g}"
    ranges = RANGES[analyte]
    within = map(_within, (ranges.quantity, ranges.lower_limit, ranges.upper_limit))
    return f"`{analyte}`", _title(kind), f"`{kind.unit}`", *within, mass, _codes(NAMES[analyte])


def _within(within: Range) -> str:
    return f"{'0, or ' if within.zero else ''}{within.least:,} to {within.greatest:,}"


def _title(kind: Kind) -> str:
    return kind.name.split(" ", 1)[1]


def _section(kind: Kind, used: str) -> Iterator[str]:
    title = _title(kind)
    yield from (f"### {title[0].upper()}{title[1:]}", "", f"{used} Kept in `{kind.unit}`.", "")
    steps: dict[float | tuple[float, float], list[str]] = {}
    for spelling, step in kind.spellings.items():
        steps.setdefault(step, []).append(spelling)
    heads = ("UCUM", "multiply by", "also written")
    yield from table_lines(heads, ((f"`{first}`", _shown(step), _also(first, rest)) for step, (first, *rest) in steps.items()))


def _shown(step: float | tuple[float, float]) -> str:
    if isinstance(step, tuple):
        return f"{step[0]:.7g}, then add {step[1]:.7g}"
    return f"{step:.7g}"


def _also(first: str, rest: list[str]) -> str:
    """The other spellings. If they are many, the parts before the slash are listed with the parts that may follow it."""
    if len(rest) < _FEW:
        return _codes(rest)
    volumes: dict[str, list[str]] = {}
    for spelling in (first, *rest):
        number, slash, volume = spelling.rpartition("/")
        volumes.setdefault(number, []).append(slash + volume)
    numbers: dict[tuple[str, ...], list[str]] = {}
    for number, after in volumes.items():
        numbers.setdefault(tuple(after), []).append(number)
    return "<br>".join(_product(before, after) for after, before in numbers.items())


def _product(numbers: list[str], volumes: tuple[str, ...]) -> str:
    alone = " or nothing" if "" in numbers else ""
    return f"{_codes(number for number in numbers if number)}{alone} before {_codes(volumes)}"


def _codes(texts: Iterable[str]) -> str:
    return " ".join(f"`{text}`" for text in texts)

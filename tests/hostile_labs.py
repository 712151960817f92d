"""Laboratory results that a hostile writer would hand in: on the edges of every band, in every unit, bounded and broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf, nan, nextafter
from random import Random
from typing import Any, Final

import pyarrow as pa

from tarlatamab_rules import Analyte, Decided, FieldError, Grade, LabResult, NeedsData, grade_lab
from tarlatamab_rules.core.axes import Cuts
from tarlatamab_rules.inputs.analytes import GREATEST, KINDS, LEAST, LOWER_LIMITS, NAMES, UPPER_LIMITS
from tarlatamab_rules.rulebooks._registry import get
from tarlatamab_rules.rulebooks.questions import LAB_GRADE

COLUMNS: Final = ("analyte", "value", "unit", "comparator", "lower_limit", "upper_limit", "baseline", "symptoms")
"""The columns of a row, in order."""

_ODD_UNITS: Final = ("mg/kg", "", "mmol/l", "G/L", "K/uL", "g/l", "U", "percent", "10^9 /L", "MG/DL", "nkat/L", "/nL", "uL")
_ODD_WORDS: Final = ("ANC", "Hb", "Haemoglobin ", "urate", "neutrophiles", "", "WBC", "alk phos")
_BOUNDS: Final = ("<", "<=", ">", ">=", "\N{LESS-THAN OR EQUAL TO}", "~", "", "<<")


def hostile_rows(count: int, seed: int) -> list[tuple[Any, ...]]:
    """So many rows, always the same ones for a seed."""
    draw = Random(seed)  # noqa: S311  # no secret
    return [_row(draw) for _ in range(count)]


def table_of(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """The rows as a table of Arrow, with numbers as floats."""
    kinds = (pa.string(), pa.float64(), pa.string(), pa.string(), *[pa.float64()] * 3, pa.bool_())
    return pa.table({name: pa.array(column, kind) for name, column, kind in zip(COLUMNS, zip(*rows, strict=True), kinds, strict=True)})


def _row(draw: Random) -> tuple[Any, ...]:
    analyte = draw.choice(tuple(Analyte))
    factors = {unit: step for unit, step in KINDS[analyte].spellings.items() if isinstance(step, int | float)}
    unit = draw.choice(tuple(factors))
    factor = factors[unit]
    low = _maybe(draw, 0.8, lambda: draw.choice((*LOWER_LIMITS[analyte], 0.0, _plain(draw, *LOWER_LIMITS[analyte]))))
    high = _maybe(draw, 0.8, lambda: draw.choice((*UPPER_LIMITS[analyte], _plain(draw, *UPPER_LIMITS[analyte]))))
    base = _maybe(draw, 0.6, lambda: draw.choice((_plain(draw, LEAST[analyte], GREATEST[analyte] / 3), high or LEAST[analyte], low or 1.0)))
    value = draw.choice(tuple(_edges(analyte, low, high, base)) + (_plain(draw, LEAST[analyte], GREATEST[analyte] / 2),) * 4)
    numbers = [None if number is None else _in_unit(draw, number, factor) for number in (value, low, high, base)]
    row: list[Any] = [str(analyte), numbers[0], unit, _maybe(draw, 0.12, lambda: draw.choice(_BOUNDS)), *numbers[1:]]
    row.append(draw.choice((True, False, None, None)))
    if draw.random() < 0.04:
        _break(draw, row)
    return tuple(row)


def _maybe(draw: Random, share: float, make: Any) -> Any:
    return make() if draw.random() < share else None


def _plain(draw: Random, low: float, high: float) -> float:
    number = draw.uniform(low, high) if draw.random() < 0.5 else low * (high / low) ** draw.random() if low > 0 else draw.uniform(0, high)
    return round(number, draw.randint(0, 4)) or low or 1.0


def _edges(analyte: Analyte, low: float | None, high: float | None, base: float | None) -> Iterator[float]:
    """Every value at which a grade begins, by the bands of both scales, and its neighbours."""
    for name in ("ctcae-5.0", "ctcae-6.0"):
        for axis in get(name)[LAB_GRADE[analyte]].axes:
            for cut in axis.cuts[1:-1] if isinstance(axis, Cuts) else ():
                for divisor in (1.0, low, high, base):
                    for edge in (cut, nextafter(cut, -inf), nextafter(cut, inf)):
                        yield edge * divisor if divisor else edge
    yield from (limit for limit in (low, high, base, LEAST[analyte], GREATEST[analyte]) if limit is not None)


def _in_unit(draw: Random, number: float, factor: float) -> float:
    written = number / factor
    return written if draw.random() < 0.6 else float(f"{written:.{draw.randint(1, 16)}g}")


def _break(draw: Random, row: list[Any]) -> None:
    """Breaks one thing about a row."""
    place, wrong = draw.choice(
        (
            (0, draw.choice(_ODD_WORDS)),
            (1, draw.choice((None, nan, inf, -1.0, 0.0, -0.0, 1e-320, 1e300, 1e15))),
            (2, draw.choice((*_ODD_UNITS, None))),
            (4, draw.choice((inf, -1.0, 1e9, 0.0))),
            (5, draw.choice((inf, -1.0, 1e9, 0.0))),
            (6, draw.choice((inf, -1.0, 1e9, 0.0))),
            (0, None),
            (0, draw.choice([name for names in NAMES.values() for name in names])),
        )
    )
    row[place] = wrong


def scalar_answer(row: Mapping[str, Any], scale: str) -> tuple[Any, ...]:
    """Grade, possible grades, missing facts, rows and fault of one row, by the scalar functions."""
    if row["value"] is None or row["value"] != row["value"]:
        return None, None, "value", None, None
    unit, bound = row["unit"], row["comparator"]
    limits: dict[str, Any] = {
        name: (row[name], unit) for name in ("lower_limit", "upper_limit", "baseline") if row[name] is not None and row[name] == row[name]
    }
    value = f"{bound}{row['value']}" if bound else row["value"]
    try:
        answer = grade_lab(LabResult(row["analyte"], (value, unit), None, **limits), symptoms=row["symptoms"], rulebook=scale)
    except FieldError as error:
        return None, None, None, None, str(error)
    possible = missing = None
    if isinstance(answer, NeedsData):
        possible, missing = "|".join("none" if grade is None else f"{grade:d}" for grade in answer.possible), ", ".join(answer.missing)
    grade: Grade | None = answer.value if isinstance(answer, Decided) else None
    return grade, possible, missing or None, ", ".join(dict.fromkeys(reason.row for reason in answer.reasons)) or None, None

"""What a laboratory measures, and the units in which it reports results."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from tarlatamab_rules.inputs.kinds import Kind, Range, spelled

__all__ = ["BODY_TEMPERATURE", "GREATEST", "KINDS", "LEAST", "LOWER_LIMITS", "MAY_BE_ZERO", "NAMES", "RANGES", "UPPER_LIMITS", "Analyte"]


class Analyte(StrEnum):
    """What a laboratory result measures."""

    NEUTROPHILS = "neutrophils"
    WHITE_CELLS = "white-cells"
    LYMPHOCYTES = "lymphocytes"
    HEMOGLOBIN = "hemoglobin"
    PLATELETS = "platelets"
    ALT = "alt"
    AST = "ast"
    BILIRUBIN = "bilirubin"
    ALKALINE_PHOSPHATASE = "alkaline-phosphatase"
    CREATININE = "creatinine"
    SODIUM = "sodium"
    POTASSIUM = "potassium"
    URIC_ACID = "uric-acid"

    @classmethod
    def _missing_(cls, value: object) -> Analyte | None:
        """Takes another name of an analyte, such as ``ANC`` or ``haemoglobin``. Capitals do not matter, and a space counts as a hyphen."""
        name = re.sub(r"[\s_-]+", "-", value.strip().casefold()) if isinstance(value, str) else ""
        return next((analyte for analyte, names in NAMES.items() if name == analyte.value or name in names), None)


NAMES: Final[Mapping[Analyte, tuple[str, ...]]] = {
    Analyte.NEUTROPHILS: ("anc", "neut", "neutrophil", "neutrophil-count", "absolute-neutrophil-count", "absolute-neutrophils"),
    Analyte.WHITE_CELLS: ("wbc", "wbcs", "leukocytes", "leucocytes", "white-cell-count", "white-blood-cells", "white-blood-cell-count"),
    Analyte.LYMPHOCYTES: ("alc", "lymphocyte", "lymphocyte-count", "absolute-lymphocyte-count", "absolute-lymphocytes"),
    Analyte.HEMOGLOBIN: ("hb", "hgb", "haemoglobin"),
    Analyte.PLATELETS: ("plt", "plts", "platelet", "platelet-count", "thrombocytes"),
    Analyte.ALT: ("alat", "sgpt", "gpt", "alanine-aminotransferase"),
    Analyte.AST: ("asat", "sgot", "got", "aspartate-aminotransferase"),
    Analyte.BILIRUBIN: ("total-bilirubin", "bilirubin-total", "tbil", "t-bil"),
    Analyte.ALKALINE_PHOSPHATASE: ("alp", "alk-phos", "alkp"),
    Analyte.CREATININE: ("creat", "serum-creatinine"),
    Analyte.SODIUM: ("na", "na+"),
    Analyte.POTASSIUM: ("k", "k+"),
    Analyte.URIC_ACID: ("urate",),
}
"""Other names of each analyte, in lower case and with hyphens."""


_LITER = ("/L", "/l")


_MILLILITER = ("/mL", "/ml")


_MICROLITER = ("/uL", "/ul", "/mcL", "/mcl", "/mm3", "/mm^3", "/cmm", "/cumm", "/mmc")


_NANOLITER = ("/nL", "/nl")


_CELLS = ("", "1", "cells", "cell", "{cells}")


def _spelled_out(numbers: tuple[str, ...], volumes: tuple[str, ...]) -> list[str]:
    return [number + volume for number in numbers for volume in volumes]


def _power(exponent: int) -> tuple[str, ...]:
    forms = *(f"10{sign}{exponent}" for sign in ("*", "^", "**", "e", "E")), f"10({exponent})"
    return *forms, *(f"x{form}" for form in forms), f"E{exponent}"


_COUNT = Kind(
    "a cell count",
    "10*9/L",
    spelled(1, *_spelled_out((*_power(9), "G", "Giga", "GI", "Gpt", "billion", "bil"), _LITER))
    | spelled(1, *_spelled_out((*_power(3), "K", "Thou", "Thousand", "Thousands", "Th", "Tsd"), _MICROLITER))
    | spelled(1, *_spelled_out(_CELLS, _NANOLITER))
    | spelled(1, *_spelled_out(_power(6), _MILLILITER))
    | spelled(1e-3, *_spelled_out(_CELLS, _MICROLITER))
    | spelled(1e-3, *_spelled_out(_power(6), _LITER)),
    {"1": (1, -9)},
)


_ENZYME = Kind(
    "an enzyme activity",
    "U/L",
    spelled(1, "U/L", "u/L", "u/l", "IU/L", "UI/L", "U.I./L", "[IU]/L", "[iU]/L", "unit/L", "units/L")
    | spelled(60.0, "ukat/L", "mckat/L")
    | spelled(0.06, "nkat/L"),
    {"U": (1, 0), "kat": (60, 6)},
)


_ELECTROLYTE = Kind(
    "an electrolyte concentration",
    "mmol/L",
    spelled(1, "mmol/L", "meq/L", "mval/L", "mM"),
    {"mol": (1, 3), "eq": (1, 3)},
)


def _solute(name: str, molar_mass: float) -> Kind:
    """A substance that is kept in mg/dL and that laboratories also report by amount of substance."""
    return Kind(
        name,
        "mg/dL",
        spelled(1, "mg/dL", "mg%", "mg/100mL")
        | spelled(molar_mass * 1e-4, "umol/L", "mcmol/L", "uM")
        | spelled(molar_mass * 1e-1, "mmol/L")
        | spelled(0.1, "mg/L"),
        {"g": (1, 2), "mol": (molar_mass, 2)},
        molar_mass,
    )


# Molar masses in g/mol as the US National Library of Medicine lists them. That of haemoglobin is of the monomer, which is what
# laboratories mean by mmol/L: 64,458 / 4.
_MONOMER = 16_114.5


_HEMOGLOBIN = Kind(
    "a haemoglobin concentration",
    "g/dL",
    spelled(1, "g/dL", "gm/dL", "gms/dL", "g%", "gm%", "g/100mL", "gm/100mL")
    | spelled(0.1, "g/L", "g/l", "gm/L")
    | spelled(_MONOMER * 1e-4, "mmol/L"),
    {"g": (1, -1), "mol": (_MONOMER, -1)},
    _MONOMER,
)


LEAST: Final[Mapping[Analyte, float]] = {
    Analyte.NEUTROPHILS: 0.01,
    Analyte.WHITE_CELLS: 0.01,
    Analyte.LYMPHOCYTES: 0.01,
    Analyte.HEMOGLOBIN: 1.5,
    Analyte.PLATELETS: 0.5,
    Analyte.ALT: 1,
    Analyte.AST: 1,
    Analyte.BILIRUBIN: 0.05,
    Analyte.ALKALINE_PHOSPHATASE: 2,
    Analyte.CREATININE: 0.1,
    Analyte.SODIUM: 80,
    Analyte.POTASSIUM: 0.5,
    Analyte.URIC_ACID: 0.1,
}
"""The least value that a living adult can have, in the unit of the analyte. A number in a greater unit is below it. For analytes in
`MAY_BE_ZERO`, it is the least value above zero that is measured. These limits are safeguards of this library; no source gives them."""


GREATEST: Final[Mapping[Analyte, float]] = {
    Analyte.NEUTROPHILS: 200,
    Analyte.WHITE_CELLS: 1_000,
    Analyte.LYMPHOCYTES: 1_000,
    Analyte.HEMOGLOBIN: 30,
    Analyte.PLATELETS: 6_000,
    Analyte.ALT: 100_000,
    Analyte.AST: 100_000,
    Analyte.BILIRUBIN: 120,
    Analyte.ALKALINE_PHOSPHATASE: 50_000,
    Analyte.CREATININE: 60,
    Analyte.SODIUM: 260,
    Analyte.POTASSIUM: 25,
    Analyte.URIC_ACID: 100,
}
"""The greatest value that a living adult can have, in the unit of the analyte. It is beyond what is seen, so only a wrong unit exceeds it.
These limits are safeguards of this library; no source gives them."""


MAY_BE_ZERO: Final = frozenset(
    (Analyte.NEUTROPHILS, Analyte.WHITE_CELLS, Analyte.LYMPHOCYTES, Analyte.PLATELETS, Analyte.BILIRUBIN, Analyte.URIC_ACID)
)
"""Analytes that a laboratory may report as zero, or as below a number that is less than `LEAST`."""


LOWER_LIMITS: Final[Mapping[Analyte, tuple[float, float]]] = {
    Analyte.NEUTROPHILS: (0.5, 5),
    Analyte.WHITE_CELLS: (1, 8),
    Analyte.LYMPHOCYTES: (0.2, 3),
    Analyte.HEMOGLOBIN: (9, 18),
    Analyte.PLATELETS: (50, 300),
    Analyte.ALT: (1, 60),
    Analyte.AST: (1, 60),
    Analyte.BILIRUBIN: (0.01, 1),
    Analyte.ALKALINE_PHOSPHATASE: (5, 150),
    Analyte.CREATININE: (0.2, 1.2),
    Analyte.SODIUM: (120, 145),
    Analyte.POTASSIUM: (2.5, 4.5),
    Analyte.URIC_ACID: (0.5, 6),
}
"""The lower limit of normal of every laboratory is between these, or zero. A safeguard of this library; no source gives them."""


UPPER_LIMITS: Final[Mapping[Analyte, tuple[float, float]]] = {
    Analyte.NEUTROPHILS: (3, 30),
    Analyte.WHITE_CELLS: (5, 30),
    Analyte.LYMPHOCYTES: (2, 15),
    Analyte.HEMOGLOBIN: (11, 25),
    Analyte.PLATELETS: (200, 1_000),
    Analyte.ALT: (10, 100),
    Analyte.AST: (10, 100),
    Analyte.BILIRUBIN: (0.5, 2),
    Analyte.ALKALINE_PHOSPHATASE: (40, 350),
    Analyte.CREATININE: (0.5, 1.5),
    Analyte.SODIUM: (138, 160),
    Analyte.POTASSIUM: (4, 8),
    Analyte.URIC_ACID: (4, 15),
}
"""The upper limit of normal of every laboratory is between these. A value that is severe by the greater one is therefore severe by every
limit that is accepted. These limits are safeguards of this library; no source gives them."""


_EXAMPLES: Final[Mapping[Analyte, float]] = {
    Analyte.NEUTROPHILS: 4.1,
    Analyte.WHITE_CELLS: 6.1,
    Analyte.LYMPHOCYTES: 2.1,
    Analyte.HEMOGLOBIN: 13.1,
    Analyte.PLATELETS: 231,
    Analyte.ALT: 31,
    Analyte.AST: 28,
    Analyte.BILIRUBIN: 0.7,
    Analyte.ALKALINE_PHOSPHATASE: 90,
    Analyte.CREATININE: 0.9,
    Analyte.SODIUM: 139,
    Analyte.POTASSIUM: 4.1,
    Analyte.URIC_ACID: 5.1,
}
"""The examples in errors. Each could be a value or a limit of normal."""


@frozen(eq=False)
class Ranges:
    """The numbers that each quantity of a result takes."""

    quantity: Range
    lower_limit: Range
    upper_limit: Range
    baseline: Range


def _ranges(analyte: Analyte) -> Ranges:
    least, most, example, zero = LEAST[analyte], GREATEST[analyte], _EXAMPLES[analyte], analyte in MAY_BE_ZERO
    return Ranges(
        Range(f"a value of {analyte}", least, most, example, zero=zero, bounds=True),
        Range(f"the lower limit of normal of {analyte}", *LOWER_LIMITS[analyte], example, zero=True),
        Range(f"the upper limit of normal of {analyte}", *UPPER_LIMITS[analyte], example),
        Range(f"the baseline of {analyte}", least, most, example),
    )


RANGES: Final[Mapping[Analyte, Ranges]] = {analyte: _ranges(analyte) for analyte in Analyte}
"""What each quantity of a result can be, for each analyte."""


BODY_TEMPERATURE: Final = (13, 47)
"""In degrees Celsius. Every temperature that a patient is known to have survived is between these, and a number in another unit is not.
These limits are safeguards of this library; no source gives them."""


KINDS: Final[Mapping[Analyte, Kind]] = {
    Analyte.NEUTROPHILS: _COUNT,
    Analyte.WHITE_CELLS: _COUNT,
    Analyte.LYMPHOCYTES: _COUNT,
    Analyte.HEMOGLOBIN: _HEMOGLOBIN,
    Analyte.PLATELETS: _COUNT,
    Analyte.ALT: _ENZYME,
    Analyte.AST: _ENZYME,
    Analyte.BILIRUBIN: _solute("a bilirubin concentration", 584.6621),
    Analyte.ALKALINE_PHOSPHATASE: _ENZYME,
    Analyte.CREATININE: _solute("a creatinine concentration", 113.1179),
    Analyte.SODIUM: _ELECTROLYTE,
    Analyte.POTASSIUM: _ELECTROLYTE,
    Analyte.URIC_ACID: _solute("a uric acid concentration", 168.1114),
}
"""What each analyte measures: its unit, and the spellings of units that make sense for it."""

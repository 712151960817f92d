"""What a laboratory measures, and the units that it reports it in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tarlatamab_rules.units import Kind, spelled

__all__ = ["BODY_TEMPERATURE", "GREATEST", "GREATEST_LIMIT", "KINDS", "Analyte"]


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


_LITER = ("/L", "/l")
_MICROLITER = ("/uL", "/ul", "/mcL", "/mcl", "/mm3", "/mm^3", "/cmm")


def _spelled_out(numbers: tuple[str, ...], volumes: tuple[str, ...]) -> list[str]:
    return [number + volume for number in numbers for volume in volumes]


def _power(exponent: int) -> tuple[str, ...]:
    forms = tuple(f"10{sign}{exponent}" for sign in ("*", "^", "**", "e", "E"))
    return forms + tuple(f"x{form}" for form in forms)


_COUNT = Kind(
    "a cell count",
    "10*9/L",
    spelled(1, *_spelled_out((*_power(9), "G", "Giga"), _LITER))
    | spelled(1, *_spelled_out((*_power(3), "K", "k", "Thou", "thou"), _MICROLITER), "/nL")
    | spelled(1e-3, *_spelled_out(("", "1", "cells", "cell", "{cells}"), _MICROLITER))
    | spelled(1e-3, *_spelled_out(_power(6), _LITER)),
)
_ENZYME = Kind(
    "an enzyme activity",
    "U/L",
    spelled(1, "U/L", "U/l", "u/L", "u/l", "IU/L", "IU/l", "iu/L", "iu/l", "[IU]/L", "[iU]/L", "units/L")
    | spelled(60.0, "ukat/L", "ukat/l", "mckat/L")
    | spelled(0.06, "nkat/L", "nkat/l"),
)
_ELECTROLYTE = Kind("an electrolyte concentration", "mmol/L", spelled(1, "mmol/L", "mmol/l", "meq/L", "mEq/L", "mEq/l", "mM"))


def _solute(name: str, molar_mass: float) -> Kind:
    """A substance kept in mg/dL that laboratories also report by amount of substance."""
    return Kind(
        name,
        "mg/dL",
        spelled(1, "mg/dL", "mg/dl", "MG/DL", "mg%")
        | spelled(molar_mass * 1e-4, "umol/L", "umol/l", "mcmol/L", "uM")
        | spelled(molar_mass * 1e-1, "mmol/L", "mmol/l")
        | spelled(0.1, "mg/L", "mg/l"),
        molar_mass,
    )


# Molar masses in g/mol as the US National Library of Medicine lists them; haemoglobin's is of the monomer, which is what
# laboratories mean by mmol/L: 64,458 / 4.
_MONOMER = 16_114.5
_HEMOGLOBIN = Kind(
    "a haemoglobin concentration",
    "g/dL",
    spelled(1, "g/dL", "g/dl", "G/DL", "gm/dL", "gm/dl", "g%") | spelled(0.1, "g/L", "g/l") | spelled(_MONOMER * 1e-4, "mmol/L", "mmol/l"),
    _MONOMER,
)

GREATEST: Final[Mapping[Analyte, float]] = {
    Analyte.NEUTROPHILS: 500,
    Analyte.WHITE_CELLS: 1_500,
    Analyte.LYMPHOCYTES: 1_500,
    Analyte.HEMOGLOBIN: 30,
    Analyte.PLATELETS: 6_000,
    Analyte.ALT: 200_000,
    Analyte.AST: 200_000,
    Analyte.BILIRUBIN: 120,
    Analyte.ALKALINE_PHOSPHATASE: 50_000,
    Analyte.CREATININE: 60,
    Analyte.SODIUM: 300,
    Analyte.POTASSIUM: 25,
    Analyte.URIC_ACID: 100,
}
"""The greatest value that a patient can have, in the unit of the analyte: far beyond what is seen, so that only a wrong unit is above it.
These limits are ours; no source gives them."""

GREATEST_LIMIT: Final[Mapping[Analyte, float]] = {
    Analyte.ALT: 100,
    Analyte.AST: 100,
    Analyte.BILIRUBIN: 2,
    Analyte.ALKALINE_PHOSPHATASE: 350,
    Analyte.CREATININE: 1.5,
}
"""The greatest upper limit of normal that a laboratory plausibly has for an adult, in the unit of the analyte: a value that is severe by it
is severe by every plausible limit. These limits are ours; no source gives them."""

BODY_TEMPERATURE: Final = (13, 47)
"""Between these degrees Celsius lies every temperature that a patient was known to live through, so that a number in another unit does not.
These limits are ours; no source gives them."""

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
"""What each analyte measures: its unit, and the spellings that make sense for it."""

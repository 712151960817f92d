"""What a laboratory measures, and the units that it reports it in."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from tarlatamab_rules.units import Kind, spelled

__all__ = ["KINDS", "Analyte"]


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


_GIGA = (
    *("10*9/L", "10^9/L", "10**9/L", "10e9/L", "10E9/L", "x10*9/L", "x10^9/L", "x10e9/L", "x10E9/L", "G/L", "Giga/L"),
    *("10*3/uL", "10^3/uL", "10**3/uL", "10e3/uL", "10E3/uL", "x10*3/uL", "x10^3/uL", "x10e3/uL", "x10E3/uL"),
    *("K/uL", "k/uL", "K/mcL", "Thou/uL", "10*3/mm3", "10^3/mm3", "x10^3/mm3", "K/mm3", "/nL"),
)
_SINGLE = ("/uL", "/mm3", "/mm^3", "{cells}/uL", "cells/uL", "cell/uL", "cells/mm3", "cells/mm^3", "cells/mcL", "/mcL", "1/uL", "1/mm3")

_COUNT = Kind("a cell count", "10*9/L", spelled(1, *_GIGA) | spelled(1e-3, *_SINGLE))
_ENZYME = Kind(
    "an enzyme activity",
    "U/L",
    spelled(1, "U/L", "U/l", "u/L", "IU/L", "IU/l", "[IU]/L", "[iU]/L", "units/L")
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
    spelled(1, "g/dL", "g/dl", "G/DL", "gm/dL", "g%") | spelled(0.1, "g/L", "g/l") | spelled(_MONOMER * 1e-4, "mmol/L", "mmol/l"),
    _MONOMER,
)

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

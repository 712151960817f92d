"""The tables of units in the documentation."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.kinds import DURATION, FLOW, MASS, TEMPERATURE, VOLUME, Kind
from tarlatamab_rules.views.units import units_markdown

PAGE = units_markdown()
SECTIONS = {part.partition("\n")[0]: part for part in PAGE.split("### ")[1:]}
KIND_OF = {
    "Cell count": KINDS[Analyte.NEUTROPHILS],
    "Haemoglobin concentration": KINDS[Analyte.HEMOGLOBIN],
    "Enzyme activity": KINDS[Analyte.ALT],
    "Bilirubin concentration": KINDS[Analyte.BILIRUBIN],
    "Creatinine concentration": KINDS[Analyte.CREATININE],
    "Electrolyte concentration": KINDS[Analyte.SODIUM],
    "Uric acid concentration": KINDS[Analyte.URIC_ACID],
    "Mass": MASS,
    "Volume": VOLUME,
    "Rate of flow": FLOW,
    "Duration": DURATION,
    "Temperature": TEMPERATURE,
}


def spellings(section: str) -> set[str]:
    """Every spelling that a section tells, with the products written out."""
    found = set()
    for line in section.splitlines():
        cells = line.strip("| ").split(" | ")
        if not cells[0].startswith("`"):
            continue
        found.add(cells[0].strip("`"))
        for part in " ".join(cells[2:]).split("<br>"):
            numbers, before, volumes = part.partition(" before ")
            names = [*re.findall(r"`([^`]*)`", numbers), *([""] if numbers.endswith(" or nothing") else [])]
            found |= {number + volume for number, volume in product(names, re.findall(r"`([^`]*)`", volumes) if before else [""])}
    return found


@pytest.mark.parametrize(
    "line",
    [
        "| `hemoglobin` | haemoglobin concentration | `g/dL` | 1.5 to 30 | 0, or 9 to 18 | 11 to 25 | 16114.5 | `hb` `hgb` `haemoglobin` |",
        "| `sodium` | electrolyte concentration | `mmol/L` | 80 to 260 | 0, or 120 to 145 | 138 to 160 |  | `na` `na+` |",
        "| `uric-acid` | uric acid concentration | `mg/dL` | 0, or 0.1 to 100 | 0, or 0.5 to 6 | 4 to 15 | 168.1114 | `urate` |",
        "Of `alt`, `ast`, `alkaline-phosphatase`. Kept in `U/L`.",
        "| `ukat/L` | 60 | `mckat/L` |",
        "| `umol/L` | 0.01131179 | `mcmol/L` `uM` |",  # of creatinine: 113.1179 g/mol
        "| `g` | 1000 | `gram` `grams` |",
        "| `d` | 24 | `day` `days` |",
        "| `[degF]` | 0.5555556, then add -17.77778 | `F` `°F` `degF` `Fahrenheit` `degreesF` `degreesFahrenheit` |",
    ],
)
def test_lines(line: str) -> None:
    """What each unit is, by hand."""
    assert line in PAGE.splitlines()


def test_cell_counts_are_written_as_products() -> None:
    """The many spellings of a cell count are split at the slash: the part before it differs from the part after it."""
    assert "<br>`10*3` `10^3` `10**3` `10e3` `10E3`" in PAGE
    volumes = "`/uL` `/ul` `/mcL` `/mcl` `/mm3` `/mm^3` `/cmm` `/cumm` `/mmc`<br>"
    assert f"| `1` `cells` `cell` `{{cells}}` or nothing before {volumes}" in PAGE
    assert f"`K` `Thou` `Thousand` `Thousands` `Th` `Tsd` before {volumes}`1` `cells`" in PAGE


@pytest.mark.parametrize("title", KIND_OF)
def test_every_spelling(title: str) -> None:
    """A section tells every spelling that its kind takes, and none that it does not."""
    assert spellings(SECTIONS[title]) == set(KIND_OF[title].spellings)


def test_every_kind_has_a_section() -> None:
    """There is the table of analytes, and a section for each kind."""
    assert list(SECTIONS) == ["Analytes", *KIND_OF]


@pytest.mark.parametrize("kind", KIND_OF.values(), ids=KIND_OF)
def test_first_names_are_codes(kind: Kind) -> None:
    """The first name of each factor is a code of the Unified Code for Units of Measure."""
    from ucumvert import PintUcumRegistry  # type: ignore[import-untyped]  # ships no types

    registry: Any = PintUcumRegistry()
    first: dict[object, str] = {}
    for spelling, step in kind.spellings.items():
        first.setdefault(step, spelling)
    for spelling in first.values():
        assert registry.from_ucum(spelling) is not None


def test_the_page_has_a_place_for_them() -> None:
    """The page names the tables once, in a paragraph of its own."""
    text = (Path(__file__).parents[1] / "docs" / "reference" / "units.md").read_text(encoding="utf-8")
    assert text.count("UNIT_TABLES") == 1
    assert "\n\nUNIT_TABLES\n" in text

"""Units as laboratories write them, and what cannot be: each line by hand, with what it is in the unit that is kept."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib import resources
from itertools import product
from typing import Any

import pytest

from tarlatamab_rules import GivenDose, LabResult
from tarlatamab_rules.core.errors import DocumentError, FieldError, FieldTypeError, UnitError
from tarlatamab_rules.formats.cases import read_case
from tarlatamab_rules.inputs.analytes import GREATEST, KINDS, LEAST, LOWER_LIMITS, NAMES, RANGES, UPPER_LIMITS, Analyte
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.infusion import InfusionSetup
from tarlatamab_rules.inputs.kinds import DURATION, FLOW, MASS, TEMPERATURE, Kind
from tarlatamab_rules.inputs.units import known_unit, take

SPELLINGS: list[tuple[str, float, str, float]] = [
    # cell counts, kept in 10*9/L
    ("platelets", 231, "GI/L", 231),
    ("platelets", 231, "Thousand/uL", 231),
    ("platelets", 231, "THOU/uL", 231),
    ("platelets", 231, "Thousand/\u00b5L", 231),
    ("platelets", 231, "THOUSAND/UL", 231),
    ("platelets", 231, "x10(9)/L", 231),
    ("platelets", 231, "x10\u2079/L", 231),
    ("platelets", 231, "X10E3/UL", 231),
    ("platelets", 231, "X10*3/UL", 231),
    ("platelets", 231, "x10(3)/mcL", 231),
    ("platelets", 231, "10\u00b3/\u00b5L", 231),
    ("platelets", 231, "K/UL", 231),
    ("platelets", 231, "k/cumm", 231),
    ("platelets", 231, "K/cu mm", 231),
    ("platelets", 231, "cells/nL", 231),
    ("platelets", 231, "giga/L", 231),
    ("platelets", 231, "GIGA/L", 231),
    ("platelets", 231, "/nl", 231),
    ("platelets", 231, "Gpt/l", 231),
    ("platelets", 231, "Tsd/\u00b5l", 231),
    ("platelets", 231, "E9/L", 231),
    ("platelets", 231, "x10^9 cells/L", 231),
    ("platelets", 231, "10\u00b3 cells/\u00b5L", 231),
    ("platelets", 231, "10*9.L-1", 231),
    ("platelets", 231, "10\u2079\u00b7L\u207b\u00b9", 231),
    ("platelets", 231, "10^6/mL", 231),
    ("platelets", 231, "billion/L", 231),
    ("platelets", 25, "10*4/uL", 250),
    ("platelets", 25, "10\u2074/\u00b5L", 250),
    ("platelets", 25, "X10^4/mm3", 250),
    ("platelets", 25, "x 10(4) cells/cmm", 250),
    ("platelets", 2.5, "10*5/uL", 250),
    ("platelets", 2.5, "10E5/mcL", 250),
    ("platelets", 0.25, "10*6/uL", 250),
    ("platelets", 0.25, "10*12/L", 250),
    ("platelets", 2.5, "10*11/L", 250),
    ("platelets", 250, "10*8/dL", 250),
    ("platelets", 231, "10*8/L", 23.1),
    ("platelets", 0.25, "10*9/mL", 250),
    ("platelets", 0.25, "10*3/nL", 250),
    ("platelets", 250e6, "10*3/L", 250),
    ("neutrophils", 2000, "10*3/mL", 2),
    ("neutrophils", 2, "E8/dL", 2),
    ("platelets", 231000, "/cumm", 231),
    ("platelets", 231000, "CELLS/UL", 231),
    ("platelets", 231000, "cells.mm-3", 231),
    ("platelets", 231e9, "/L", 231),
    ("platelets", 231e6, "cells/mL", 231),
    # haemoglobin, kept in g/dL
    ("hemoglobin", 13.1, "g/100mL", 13.1),
    ("hemoglobin", 13.1, "g/100 ml", 13.1),
    ("hemoglobin", 13.1, "gm%", 13.1),
    ("hemoglobin", 13.1, "GM%", 13.1),
    ("hemoglobin", 13.1, "GM/DL", 13.1),
    ("hemoglobin", 13.1, "G/DL", 13.1),
    ("hemoglobin", 13.1, "g.dL-1", 13.1),
    ("hemoglobin", 13.1, "g\u00b7dL\u207b\u00b9", 13.1),
    ("hemoglobin", 131, "g.L-1", 13.1),
    ("hemoglobin", 131, "mg/cc", 13.1),
    ("hemoglobin", 131, "g/dm3", 13.1),
    ("hemoglobin", 131, "kg/m3", 13.1),
    ("hemoglobin", 13100, "mg/dL", 13.1),
    ("hemoglobin", 8, "MMOL/L", 12.8916),  # 8 mmol/L of the monomer, 16,114.5 g/mol
    ("hemoglobin", 8, "mol/m3", 12.8916),
    # solutes, kept in mg/dL
    ("creatinine", 0.9, "MG/DL", 0.9),
    ("creatinine", 0.9, "Mg/dL", 0.9),
    ("creatinine", 0.9, "mg/100mL", 0.9),
    ("creatinine", 80, "UMOL/L", 0.9049432),  # 113.1179 g/mol
    ("creatinine", 80, "\u00b5mol/l", 0.9049432),
    ("creatinine", 80, "mmol/m3", 0.9049432),
    ("creatinine", 80, "nmol/mL", 0.9049432),
    ("bilirubin", 17, "UMOL/L", 0.99392557),  # 584.6621 g/mol
    ("uric-acid", 0.3, "MMOL/L", 5.043342),  # 168.1114 g/mol
    ("uric-acid", 300, "uM", 5.043342),
    # electrolytes, kept in mmol/L
    ("sodium", 139, "MMOL/L", 139),
    ("sodium", 139, "MEQ/L", 139),
    ("sodium", 139, "meq/l", 139),
    ("sodium", 139, "mEq/L", 139),
    ("sodium", 139, "mol/m3", 139),
    ("sodium", 139, "mval/l", 139),
    ("sodium", 139, "mmol.L-1", 139),
    ("potassium", 4100, "umol/L", 4.1),
    # enzymes, kept in U/L
    ("alt", 31, "Units/L", 31),
    ("alt", 31, "units/l", 31),
    ("alt", 31, "UNITS/L", 31),
    ("alt", 31, "UI/L", 31),
    ("alt", 31, "u/L", 31),
    ("alt", 31, "u/l", 31),
    ("alt", 31, "IU/L", 31),
    ("alt", 31, "mU/mL", 31),
    ("alt", 31, "mIU/mL", 31),
    ("alt", 0.5, "\u00b5kat/L", 30),
    ("alt", 0.5, "UKAT/L", 30),
    ("alt", 0.5, "microkatal/liter", 30),
]


@pytest.mark.parametrize(("analyte", "number", "unit", "expected"), SPELLINGS)
def test_spellings(analyte: Any, number: float, unit: str, expected: float) -> None:
    """Each spelling is taken as a pair, as text, and in JSON, and is what a laboratory means by it."""
    assert LabResult(analyte, (number, unit)).quantity.value == pytest.approx(expected, rel=1e-6)
    assert LabResult(analyte, f"{number} {unit}").quantity.value == pytest.approx(expected, rel=1e-6)
    (lab,) = read_case({"point": "C1D1", "labs": [{"analyte": analyte, "value": number, "unit": unit}]}).labs or ()
    assert lab.quantity.value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "text",
    ["38.2 \u00baC", "38.2 \u2103", "38.2 Celsius", "38.2 celsius", "38.2 \u00b0C", "38.2 deg C", "100.76 \u2109", "100.76 Fahrenheit"],
)
def test_temperatures(text: str) -> None:
    """Degrees, in all their signs."""
    assert take(text, TEMPERATURE, "temperature").value == 38.2
    assert CrsFindings(temperature=text).temperature == take("38.2 Cel", TEMPERATURE, "temperature")


@pytest.mark.parametrize(
    ("name", "analyte"),
    [
        ("ANC", "neutrophils"),
        ("anc", "neutrophils"),
        ("Absolute Neutrophil Count", "neutrophils"),
        ("Neutrophils", "neutrophils"),
        ("WBC", "white-cells"),
        ("white cells", "white-cells"),
        ("leukocytes", "white-cells"),
        ("Hb", "hemoglobin"),
        ("HGB", "hemoglobin"),
        ("haemoglobin", "hemoglobin"),
        ("Haemoglobin", "hemoglobin"),
        ("PLT", "platelets"),
        ("ALT", "alt"),
        ("AST", "ast"),
        ("ALP", "alkaline-phosphatase"),
        ("Alkaline Phosphatase", "alkaline-phosphatase"),
        ("urate", "uric-acid"),
        ("Urate", "uric-acid"),
        ("uric_acid", "uric-acid"),
    ],
)
def test_names(name: Any, analyte: str) -> None:
    """An analyte is known by its usual names, in Python and in JSON, and is kept by one of them."""
    number, unit = kept(analyte)
    assert LabResult(name, (number, unit)).analyte is Analyte(analyte)
    (lab,) = read_case({"point": "C1D1", "labs": [{"analyte": name, "value": number, "unit": unit}]}).labs or ()
    assert lab.analyte is Analyte(analyte)


KEPT = (
    dict.fromkeys(("alt", "ast", "alkaline-phosphatase"), "U/L")
    | dict.fromkeys(("creatinine", "bilirubin", "uric-acid"), "mg/dL")
    | dict.fromkeys(("sodium", "potassium"), "mmol/L")
    | {"hemoglobin": "g/dL"}
)


def kept(analyte: str) -> tuple[float, str]:
    """A value that can be, in the unit that is kept."""
    return RANGES[Analyte(analyte)].quantity.example, KEPT.get(analyte, "10*9/L")


@pytest.mark.parametrize(("name", "meant"), [("hemoglobine", "hemoglobin"), ("neutrophilz", "neutrophils"), ("Bilirubine", "bilirubin")])
def test_near_names(name: Any, meant: str) -> None:
    """A name that is nearly one is not taken for it; the error names it."""
    with pytest.raises(FieldError, match=f"did you mean '{meant}'") as caught:
        LabResult(name, kept(meant))
    assert caught.value.path == "analyte"


def test_names_are_of_one_analyte() -> None:
    """No name belongs to two analytes, and each is written as it is looked up."""
    names = [name for names in NAMES.values() for name in names]
    assert len(names) == len(set(names))
    assert not set(names) & set(Analyte)
    assert all(Analyte(name) is analyte for analyte, names in NAMES.items() for name in names)


QUANTITY, UPPER, LOWER, BASELINE = "quantity", "upper_limit", "lower_limit", "baseline"
CANNOT_BE: list[tuple[str, str, float, str, str]] = [
    # analyte, field, number, unit, the unit that was probably meant
    ("neutrophils", QUANTITY, 420, "10*9/L", "/uL"),
    ("neutrophils", QUANTITY, 420, "K/uL", "/uL"),
    ("neutrophils", QUANTITY, 4.2, "/uL", "10*9/L"),
    ("platelets", QUANTITY, 231000, "10*9/L", "/uL"),
    ("platelets", QUANTITY, 231, "cells/uL", "10*9/L"),
    ("white-cells", LOWER, 4000, "10*9/L", "/uL"),
    ("neutrophils", LOWER, 1.5, "/uL", "10*9/L"),
    ("platelets", LOWER, 150, "/uL", "10*9/L"),
    ("alt", UPPER, 40, "ukat/L", "U/L"),
    ("alt", UPPER, 0.75, "U/L", "ukat/L"),
    ("ast", UPPER, 40, "nkat/L", "U/L"),
    ("bilirubin", UPPER, 21, "mg/dL", "umol/L"),
    ("bilirubin", UPPER, 1.2, "umol/L", "mg/dL"),
    ("hemoglobin", LOWER, 120, "g/dL", "g/L"),
    ("hemoglobin", LOWER, 12, "g/L", "g/dL"),
    ("hemoglobin", LOWER, 7.4, "g/dL", "mmol/L"),
    ("hemoglobin", QUANTITY, 14, "g/L", "g/dL"),
    ("hemoglobin", QUANTITY, 14, "mg/dL", "g/dL"),
    ("hemoglobin", BASELINE, 140, "g/dL", "g/L"),
    ("creatinine", QUANTITY, 6, "umol/L", "mg/dL"),
    ("creatinine", QUANTITY, 88, "mg/dL", "umol/L"),
    ("creatinine", BASELINE, 0.9, "umol/L", "mg/dL"),
    ("creatinine", UPPER, 105, "mg/dL", "umol/L"),
    ("uric-acid", UPPER, 360, "mg/dL", "umol/L"),
    ("uric-acid", QUANTITY, 5, "umol/L", "mg/dL"),
    ("alkaline-phosphatase", UPPER, 2, "U/L", "ukat/L"),
    ("alt", QUANTITY, 0.5, "U/L", "ukat/L"),
]


def result(analyte: Any, field: str, quantity: Any) -> LabResult:
    """A result with one quantity that is asked about; if it is another one than the value, the value can be."""
    facts: dict[str, Any] = {"quantity": kept(analyte)} | {field: quantity}
    return LabResult(analyte, **facts)


@pytest.mark.parametrize(("analyte", "field", "number", "unit", "likely"), CANNOT_BE)
def test_what_cannot_be(analyte: str, field: str, number: float, unit: str, likely: str) -> None:
    """A number that no living adult has in its unit is refused, with the unit in which it could be, and in that it is taken."""
    with pytest.raises(UnitError, match="cannot be") as caught:
        result(analyte, field, (number, unit))
    assert caught.value.path == field
    (units,) = re.findall(r"if its unit is (.*), write that", caught.value.fix)
    assert likely in units.split(" or ")
    for meant in units.split(" or "):
        assert result(analyte, field, (number, meant)).analyte == analyte
    with pytest.raises(UnitError, match="cannot be"):
        result(analyte, field, f"{number} {unit}")


@pytest.mark.parametrize(("analyte", "field", "number", "unit", "likely"), CANNOT_BE)
def test_what_cannot_be_in_json(analyte: str, field: str, number: float, unit: str, likely: str) -> None:
    """Likewise in JSON; a limit or a baseline is in the unit of the result, so it is to be converted."""
    key = "value" if field == QUANTITY else field
    lab = {"analyte": analyte, "value": number, "unit": unit} | {key: number}
    with pytest.raises(DocumentError) as caught:
        read_case({"point": "C1D1", "labs": [lab]})
    (fault,) = (fault for fault in caught.value.exceptions if fault.path == f"labs[0].{key}")
    assert likely in fault.fix
    assert ("write that" in fault.fix) is (key == "value")
    assert (f"convert it to {unit}" in fault.fix) is (key != "value")


ZEROS = ["neutrophils", "white-cells", "lymphocytes", "platelets", "bilirubin", "uric-acid"]


@pytest.mark.parametrize("analyte", Analyte)
def test_zero_and_less(analyte: Analyte) -> None:
    """Zero and ``<x`` pass for counts, urate and bilirubin, and zero for every lower limit; nothing else is zero."""
    unit = result(analyte, LOWER, None).quantity.unit
    assert result(analyte, LOWER, (0, unit)).lower_limit is not None
    least = LEAST[analyte]
    if analyte in ZEROS:
        assert result(analyte, QUANTITY, f"<{least / 10} {unit}").quantity.bound == "<"
        assert result(analyte, QUANTITY, (0, unit)).quantity.value == 0
    else:
        for text in (f"0 {unit}", f"<{least / 10} {unit}"):
            with pytest.raises(UnitError, match="cannot be a value"):
                result(analyte, QUANTITY, text)
    for field in (UPPER, BASELINE):
        with pytest.raises(UnitError, match="leave it out if it is not known"):
            result(analyte, field, (0, unit))


@pytest.mark.parametrize("analyte", Analyte)
def test_ends_of_the_ranges(analyte: Analyte) -> None:
    """The least and the greatest value are taken, what is beyond them is not; of a bound, some number within it must be possible."""
    unit = result(analyte, LOWER, None).quantity.unit
    ends = {QUANTITY: (LEAST, GREATEST), BASELINE: (LEAST, GREATEST)}
    for field, (least, most) in [(field, (low[analyte], high[analyte])) for field, (low, high) in ends.items()] + [
        (LOWER, LOWER_LIMITS[analyte]),
        (UPPER, UPPER_LIMITS[analyte]),
    ]:
        for number in (least, most):
            assert getattr(result(analyte, field, (number, unit)), field).value == number
        for number in (least * 0.99, most * 1.01):
            with pytest.raises(UnitError, match="cannot be"):
                result(analyte, field, (number, unit))
    assert result(analyte, QUANTITY, f">{GREATEST[analyte] / 2} {unit}").quantity.bound == ">"
    assert result(analyte, QUANTITY, f"<{GREATEST[analyte] * 2} {unit}").quantity.bound == "<"
    with pytest.raises(UnitError, match="cannot be"):
        result(analyte, QUANTITY, f">{GREATEST[analyte] * 1.01} {unit}")


@pytest.mark.parametrize(
    ("analyte", "text", "meant"),
    [
        ("creatinine", "250 u/L", "umol/L"),
        ("creatinine", "250 U/L", "umol/L"),
        ("hemoglobin", "14 gr/dL", "g/dL"),
        ("hemoglobin", "140 G/L", "g/L"),
        ("hemoglobin", "140 gr/L", "g/L"),
        ("platelets", "187 g/L", "G/L"),
        ("bilirubin", "17 u/L", "umol/L"),
        ("sodium", "139 mmo/L", "mmol/L"),
        ("sodium", "139 mmol", "mmol/L"),
        ("alt", "0.5 ucat/L", "ukat/L"),
        ("platelets", "231 10 9/L", "10*9/L"),
        ("alt", "31 Ul/L", "U/L"),
    ],
)
def test_near_misses(analyte: str, text: str, meant: str) -> None:
    """What is nearly a unit is never taken for it; the error names it, and the number is taken in it."""
    with pytest.raises(UnitError, match="is not a unit") as caught:
        result(analyte, QUANTITY, text)
    assert caught.value.fix.startswith(f"did you mean {meant!r}?")
    assert result(analyte, QUANTITY, f"{text.split(maxsplit=1)[0]} {meant}").analyte == analyte


@pytest.mark.parametrize(
    ("analyte", "text"),
    [
        ("alt", "31 gr/dL"),
        ("hemoglobin", "1000 gr/dL"),
        ("hemoglobin", "140 gr/dL"),
        ("neutrophils", "62 %"),
        ("platelets", "231 K"),
        ("sodium", "139 mg/dL"),
        ("platelets", "25 10 4/uL"),
        ("platelets", "231 x108/L"),
        ("platelets", "2500 100/uL"),
        ("platelets", "231000 /DL"),
        ("alt", "31 IU/ML"),
        ("alt", "31 MU/L"),
        ("alt", "31 Uds/mL"),
        ("hemoglobin", "8 mmol/ML"),
        ("bilirubin", "0.6 gm/dL"),
    ],
)
def test_no_near_miss(analyte: str, text: str) -> None:
    """Where no unit is near in which the number could be, none is suggested."""
    with pytest.raises(UnitError, match="is not a unit") as caught:
        result(analyte, QUANTITY, text)
    assert "did you mean" not in caught.value.fix


POWERS = {"": 0, "f": -15, "p": -12, "n": -9, "u": -6, "mc": -6, "m": -3, "c": -2, "d": -1, "k": 3}
VOLUMES = {"L": 0, "l": 0, "dL": -1, "DL": -1, "cL": -2, "mL": -3, "ML": -3, "Ml": -3, "uL": -6, "UL": -6, "mcL": -6, "nL": -9, "mm3": -6}
NUMBERS = [f"{form.format(n)}{cells}" for form in ("10*{}", "10^{}", "X10E{}", "E{}") for n in range(13) for cells in ("", "cells")]
PARTS = {"": [*((number, int(re.sub(r"^X?10|\D", "", number))) for number in NUMBERS), ("cells", 0), ("CELLS", 0), ("", 0)]} | {
    base: [(text, power) for prefix, power in POWERS.items() for text in (prefix + base, (prefix + base).upper())]
    for base in ("U", "mol", "g", "eq")
}
"""What is counted or measured, each with its spellings and their powers of ten."""
HINTED = {"10*9/L": ("", 9), "/uL": ("", 6), "U/L": ("U", 0), "mmol/L": ("mol", -3), "umol/L": ("mol", -6)} | {
    "g/L": ("g", 0), "g/dL": ("g", 1), "mg/dL": ("g", -2), "mg/L": ("g", -3), "G/L": ("", 9), "ukat/L": ("kat", 0), "nkat/L": ("kat", 0)
}  # fmt: skip
"""Every unit that is hinted, with what it counts or measures in a litre, as a power of ten."""


@pytest.mark.parametrize("analyte", Analyte)
@pytest.mark.parametrize("of", PARTS)
def test_hints_keep_the_value(analyte: Analyte, of: str) -> None:
    """A unit that is hinted is never so many times the written one, whatever its capitals: by prefix, power of ten and volume."""
    for (above, power), (volume, by) in product(PARTS[of], VOLUMES.items()):
        try:
            known_unit(f"{above}/{volume}", KINDS[analyte], "")
        except UnitError as error:
            hint = re.match(r"did you mean '(.*?)'", error.fix)
            what, times = HINTED[hint[1]] if hint else ("", 0)
            assert hint is None or what != of or times == power - by, (above, volume, hint[1])


@pytest.mark.parametrize(
    ("text", "kind", "meant"),
    [("5 ms", DURATION, None), ("0.1 mL/s", FLOW, None), ("0.1 mL/sec", FLOW, None), ("2 L/min", FLOW, None), ("1 gm", MASS, "g")],
)
def test_hints_of_other_kinds(text: str, kind: Kind, meant: str | None) -> None:
    """A millisecond is no second, a rate by the second is none by the hour, and a gram is not a milligram."""
    with pytest.raises(UnitError, match="is not a unit") as caught:
        take(text, kind, "")
    assert ("did you mean" in caught.value.fix) is (meant is not None)
    assert meant is None or f"did you mean '{meant}'?" in caught.value.fix


@pytest.mark.parametrize(
    ("analyte", "text"),
    [("creatinine", "80 um"), ("sodium", "139 mm"), ("sodium", "139 MM"), ("alt", "31 MU/ML"), ("hemoglobin", "131 G/L")],
)
def test_capitals(analyte: str, text: str) -> None:
    """Where capitals tell two units apart, they must be right: a micrometre is no micromole."""
    with pytest.raises(UnitError, match="is not a unit"):
        result(analyte, QUANTITY, text)


@pytest.mark.parametrize("dose", ["10 gr", "10 u", "10 MU", "10 mg/L", "10 Gg", "10 M", "10 mL"])
def test_grains_are_no_doses(dose: str) -> None:
    """A grain, an atomic mass unit and a great prefix are no units of a dose."""
    with pytest.raises(UnitError, match="is not a unit of a mass"):
        GivenDose("C1D1", amount=dose)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3-5 10*9/L", "is a range"),
        ("3 - 5 10*9/L", "is a range"),
        ("3\u20135 10*9/L", "is a range"),
        ("3 to 5 10*9/L", "is a range"),
        ("3..5 10*9/L", "is a range"),
        ("1 200 /uL", "thousands"),
        ("1\u202f200 /uL", "thousands"),
        ("1'200 /uL", "thousands"),
        ("231 000 /uL", "thousands"),
        ("1,200 /uL", "a comma"),
        ("4,1 10*9/L", "a comma"),
        ("<1,200 /uL", "a comma"),
    ],
)
def test_not_one_number(text: str, says: str) -> None:
    """A range, thousands set apart, and a comma are called what they are, as text, as a pair, and in JSON."""
    with pytest.raises(FieldTypeError, match=says):
        LabResult("neutrophils", text)
    number, _, unit = text.rpartition(" ")
    with pytest.raises(FieldTypeError, match=says):
        LabResult("neutrophils", (number, unit))
    with pytest.raises(DocumentError) as caught:
        read_case({"point": "C1D1", "labs": [{"analyte": "neutrophils", "value": number, "unit": unit}]})
    assert says in str(caught.value.exceptions[0])


def test_a_number_in_the_unit() -> None:
    """A number before a unit that begins with a number is no range and has no thousands."""
    assert LabResult("platelets", "231 10*9/L").quantity.value == 231


BAD: list[Any] = [5, "5", "x", "x 10*9/L", "1,2 g/dL", "3-5 U/L", "1 200 /uL", "-1", [1], ("5", "x"), ("5 mg", "mg"), True]
BAD += [
    f"{number} {unit}" for number in (-1, 0, 0.5, 7, 40, 250, 4000) for unit in ("u/L", "gr/dL", "G/L", "mg", "mg/dL", "10*9/L", "%", "U/L")
]


def advised(fix: str) -> list[str]:
    """Everything that a fix writes in quotes, and the units after which it says 'write that'."""
    units = re.findall(r"if its unit is (.*), write that", fix)
    return re.findall(r"'([^']+)'", fix) + [unit for some in units for unit in some.split(" or ")]


def refused(take_it: Callable[[Any], object], value: object) -> str | None:
    """The fix with which a field refuses a value; ``None`` if it takes it."""
    try:
        take_it(value)
    except FieldError as error:
        return error.fix
    return None


def taken(take_it: Callable[[Any], object], advice: str, value: object) -> bool:
    """Whether a field takes what a fix advises: number and unit as written, or the present number in the unit."""
    number = value.split(maxsplit=1)[0] if isinstance(value, str) else ""
    return refused(take_it, advice) is None or refused(take_it, f"{number} {advice}") is None


def of_result(analyte: Analyte, field: str) -> Callable[[Any], object]:
    """What takes one quantity of a result."""
    return lambda value: result(analyte, field, value)


FIELDS: dict[str, Callable[[Any], object]] = {
    f"{analyte}.{field}": of_result(analyte, field) for analyte in Analyte for field in (QUANTITY, LOWER, UPPER, BASELINE)
} | {
    "amount": lambda value: GivenDose("C1D1", amount=value),
    "temperature": lambda value: CrsFindings(temperature=value),
    "volume": lambda value: InfusionSetup(volume=value),
    "rate": lambda value: InfusionSetup(rate=value),
    "duration": lambda value: InfusionSetup(duration=value),
}


@pytest.mark.parametrize("field", FIELDS)
def test_every_advice_is_taken(field: str) -> None:
    """No error advises what the field refuses: everything that a fix writes in quotes, and every unit that it says to write, is taken."""
    fixes = [(value, fix) for value in BAD if (fix := refused(FIELDS[field], value))]
    advices = [(value, advice) for value, fix in fixes for advice in advised(fix)]
    assert len(advices) > 5
    assert [each for each in advices if not taken(FIELDS[field], each[1], each[0])] == []


@pytest.mark.parametrize("analyte", Analyte)
def test_every_advice_is_taken_in_json(analyte: Analyte) -> None:
    """Likewise in a document: what a fix writes in quotes is taken as the unit of that number."""
    checked = 0
    for number, unit in product((0.5, 7, 40, 250, 4000), (None, "u/L", "gr/dL", "G/L", "mg", "U/L", "umol/L")):
        lab = {"analyte": analyte.value, "value": number, "unit": unit}
        for advice in advised(faults_of(lab)):
            assert faults_of(lab | {"unit": advice}) == ""
            checked += 1
    assert checked


def faults_of(lab: dict[str, Any]) -> str:
    """Every fix for the faults of a result in a document."""
    try:
        read_case({"point": "C1D1", "labs": [lab]})
    except DocumentError as faults:
        return "; ".join(fault.fix for fault in faults.exceptions)
    return ""


def test_text_means_the_same_under_any_registry() -> None:
    """Whatever units the application registry of pint has, and however it defines them, text is read alike."""
    code = """
import pint
from tarlatamab_rules import LabResult
from tarlatamab_rules.core.errors import UnitError
TEXTS = [("hemoglobin", "13.1 gram/deciliter"), ("creatinine", "80 micromol/liter"), ("alt", "0.5 microkatal/L"), ("alt", "31 u/L"),
         ("platelets", "231 K/uL"), ("platelets", "231 1/nanoliter"), ("sodium", "139 meq/L"), ("uric-acid", "300 uM")]
REFUSED = [("hemoglobin", "14 gr/dL"), ("creatinine", "250 u/L"), ("platelets", "1 foo"), ("sodium", "139 grain/L")]
def read():
    found = [LabResult(*each).quantity for each in TEXTS]
    for each in REFUSED:
        try:
            LabResult(*each)
        except UnitError:
            continue
        raise AssertionError(each)
    return found
before = read()
other = pint.UnitRegistry()
for line in ("gr = 1 gram", "u = 1 umol", "foo = 1e9 / liter", "meq = 7 mmol", "gram = 3 * kilogram", "mole = 2 * count"):
    other.define(line)
other.define("liter = 5 * meter ** 3 = L = l")
pint.set_application_registry(other)
assert read() == before
from tarlatamab_rules.inputs.units import step_of_unit, _listed_amount
step_of_unit.cache_clear(), _listed_amount.cache_clear()
assert read() == before
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)


def test_text_does_without_pint() -> None:
    """No text of a unit imports pint, whether it is taken or refused."""
    code = (
        "import sys\nfrom tarlatamab_rules import LabResult\nLabResult('hemoglobin', '131 gram/liter')\n"
        "try: LabResult('hemoglobin', '14 bananas')\nexcept ValueError: pass\nassert 'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


LABORATORY_CODES = """
g/L g/dL mg/dL mg/L ug/L ug/dL g/mL mg/mL kg/m3 g/m3 ug/mL ng/mL pg/mL mol/L mmol/L umol/L nmol/L pmol/L mmol/dL mol/m3 mmol/m3
umol/dL nmol/mL eq/L meq/L ueq/L meq/dL U/L U/mL mU/mL kU/L mU/L U/dL kat/L ukat/L nkat/L mkat/L pkat/L nkat/mL 10*3/uL 10*9/L
10*6/L 10*3/mL 10*6/mL 10*6/uL 10*12/L /uL /mm3 /nL /L /mL /dL {cells}/uL 10*3/mm3 10*3/L g% mg% % [pH] Cel/L g.L-1 mmol.L-1
g/(24.h) mmol/d K/uL G/L u/L [IU]/L mm[Hg] umol/min/L nmol/s/L umol/g mg/g mol/kg osm/L mosm/L cL/L m[IU]/L [iU]/mL ag/L fmol/L
"""
"""Codes of the Unified Code for Units of Measure that laboratories use, and some that mean another thing than a laboratory does."""
OURS = frozenset(("K/uL", "G/L", "u/L", "[IU]/L", "g%", "mg%"))
"""What a laboratory means by these is not what the code says: kelvin, gauss, atomic mass, an arbitrary unit, a number."""


def codes() -> set[str]:
    """The codes above, and every example that the authors of the code publish."""
    published = resources.files("ucumvert").joinpath("vendor", "ucum_examples.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return set(LABORATORY_CODES.split()) | {line.split("\t")[1] for line in published}


def test_each_code_converts_as_an_oracle_does_or_is_refused() -> None:
    """Each code of a laboratory is converted for each analyte as the full parser of UCUM has it, or refused, never read as another unit."""
    from ucumvert import PintUcumRegistry  # type: ignore[import-untyped]  # ships no types

    registry: Any = PintUcumRegistry()
    of_equivalents = registry.Quantity(1, "mol") / registry.Quantity(1, registry.from_ucum("eq"))
    converted, otherwise = set(), set()
    for kind, code in product(dict.fromkeys(KINDS.values()), codes()):
        try:
            amount = take((1000.0, code), kind, "value")
        except UnitError:
            continue
        quantity, kept_unit = registry.Quantity(1000.0, registry.from_ucum(code)), registry.from_ucum(kind.unit)
        if kind.molar_mass and "mol" in code:
            quantity *= registry.Quantity(kind.molar_mass, "g/mol")
        if "eq" in code:
            quantity *= of_equivalents
        if quantity.dimensionality != registry.Quantity(1, kept_unit).dimensionality:
            otherwise.add(code)
            continue
        assert amount.value == pytest.approx(quantity.to(kept_unit).magnitude, rel=1e-12), (kind.name, code)
        converted.add(code)
    assert len(converted) > 60
    assert otherwise == OURS

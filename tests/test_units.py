"""Quantities at the edge."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules import LabResult, monitoring_duration
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, UnitError
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.kinds import DURATION, MASS, TEMPERATURE, VOLUME
from tarlatamab_rules.inputs.units import Amount, Span, take

COUNT, ENZYME, HEMOGLOBIN = KINDS[Analyte.NEUTROPHILS], KINDS[Analyte.ALT], KINDS[Analyte.HEMOGLOBIN]
BILIRUBIN, SODIUM = KINDS[Analyte.BILIRUBIN], KINDS[Analyte.SODIUM]


class TestTake:
    """What is understood."""

    @pytest.mark.parametrize(
        ("value", "kind", "expected"),
        [
            ("0.8 10*9/L", COUNT, 0.8),
            ((800, "cells/uL"), COUNT, 0.8),
            ("500 /mm3", COUNT, 0.5),
            ("1500 cells/\u00b5L", COUNT, 1.5),
            ("1500 cells/\u03bcL", COUNT, 1.5),
            ("231 K/uL", COUNT, 231),
            ("231 x10E9/L", COUNT, 231),
            ("231 \u00d710\u2079/L", COUNT, 231),
            ("231 G/L", COUNT, 231),
            ("231 K/ul", COUNT, 231),
            ("231 10^9/l", COUNT, 231),
            ("231 10^3/mcL", COUNT, 231),
            ("231000 10*6/L", COUNT, 231),
            ("28 iu/l", ENZYME, 28),
            ("  231   10^3 / uL ", COUNT, 231),
            ("1e3 10*9/L", COUNT, 1000),
            (".5 10*9/L", COUNT, 0.5),
            ("128 g/L", HEMOGLOBIN, 12.8),
            ("6.2 mmol/L", HEMOGLOBIN, 9.99099),
            ("0.45 ukat/L", ENZYME, 27),
            ("28 IU/L", ENZYME, 28),
            ("500 nkat/L", ENZYME, 30),
            ("17.1039 umol/L", BILIRUBIN, 1.0),
            ("10 mg/L", BILIRUBIN, 1.0),
            ("139 mEq/L", SODIUM, 139),
            ("10 mg", MASS, 10),
            ("0.01 g", MASS, 10),
            ("100.4 [degF]", TEMPERATURE, 38),
            ("38.2 Cel", TEMPERATURE, 38.2),
            ("-1 Cel", TEMPERATURE, -1),
            ("3600 s", DURATION, 1),
            ("90 sec", DURATION, 0.025),
            ("2 dL", VOLUME, 200),
            ("250 ml", VOLUME, 250),
            ("250 cc", VOLUME, 250),
        ],
    )
    def test_known_spellings(self, value: Any, kind: Any, expected: float) -> None:
        """Everyday spellings convert to the unit of the field."""
        amount = take(value, kind, "value")
        assert amount.unit == kind.unit
        assert amount.value == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize(
        ("value", "kind", "expected"),
        [
            ("0.8 1/nanoliter", COUNT, 0.8),
            ("800 count/microliter", COUNT, 0.8),
            ("14 gram/deciliter", HEMOGLOBIN, 14),
            ("8.6874 millimole/liter", HEMOGLOBIN, 13.99931),
            ("1 micromol / liter", BILIRUBIN, 0.0584662),
            ("10000 microgram", MASS, 10),
            ("311.35 kelvin", TEMPERATURE, 38.2),
        ],
    )
    def test_names_in_full(self, value: str, kind: Any, expected: float) -> None:
        """An SI prefix and a unit are understood by their names as well."""
        assert take(value, kind, "value").value == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize(
        ("number", "prefixes"),
        [
            ("0.00014", ("k", "kilo")),
            ("1.4", ("d", "deci")),
            ("14", ("c", "centi")),
            ("140", ("m", "milli")),
            ("140000", ("u", "mc", "micro")),
            ("1.4e8", ("n", "nano")),
            ("1.4e11", ("p", "pico")),
            ("1.4e14", ("f", "femto")),
        ],
    )
    def test_prefixes(self, number: str, prefixes: tuple[str, ...]) -> None:
        """A sodium of 140 mmol/L with every SI prefix before the mole, and ten times as much in a decilitre."""
        for prefix in prefixes:
            assert take(f"{number} {prefix}mol/L", SODIUM, "value").value == pytest.approx(140)
            assert take(f"{number} {prefix}mol/dL", SODIUM, "value").value == pytest.approx(1400)
        assert take("1.4e-13 mol/pL", SODIUM, "value").value == pytest.approx(140)
        assert take("0.014 mol/dL", SODIUM, "value").value == pytest.approx(140)

    @pytest.mark.parametrize(("text", "bound"), [("<0.5", "<"), ("<= 0.5", "<="), (">0.5", ">"), ("\u2265 0.5", ">="), ("\u22640.5", "<=")])
    def test_bounds(self, text: str, bound: str) -> None:
        """A bound is kept as a bound, converted like a value."""
        assert take(f"{text} 10*9/L", COUNT, "value") == Amount(0.5, "10*9/L", bound)
        assert take((text, "10*9/L"), COUNT, "value") == Amount(0.5, "10*9/L", bound)

    def test_edges_survive_conversion(self) -> None:
        """A converted value that lies on a limit is exactly the limit: 500 /uL is 0.5, 1.1 times 3 is not 3.3000000000000003."""
        assert take("500 /uL", COUNT, "value").value == 0.5
        assert take("3300 /uL", COUNT, "value").value == 3.3
        assert take("80 g/L", HEMOGLOBIN, "value").value == 8.0
        assert take("100.4 degF", TEMPERATURE, "value").value == 38.0

    def test_quantity_of_any_registry(self) -> None:
        """A Quantity converts by its own registry, whatever the application registry is."""
        application: Any = pint.get_application_registry
        registries: list[Any] = [pint.UnitRegistry(), pint.UnitRegistry(), application()]
        for registry in registries:
            assert take(registry.Quantity(800, "1/microliter"), COUNT, "value").value == 0.8
            assert take(registry.Quantity(17.1039, "umol/L"), BILIRUBIN, "value").value == pytest.approx(1, rel=1e-5)
            assert take(registry.Quantity(100.4, "degF"), TEMPERATURE, "value").value == 38.0
            assert take(registry.Quantity(Decimal("0.010"), "g"), MASS, "amount").value == 10

    def test_counts_of_any_registry(self) -> None:
        """To pint a count is a plain number; a quantity of counts in a volume is taken all the same, one of percents is not."""
        registry: pint.UnitRegistry[float] = pint.UnitRegistry()
        assert take(registry.Quantity(800, "count/microliter"), COUNT, "value").value == pytest.approx(0.8)
        with pytest.raises(FieldError):
            take(registry.Quantity(800, "percent/microliter"), COUNT, "value")

    def test_application_registry_may_change(self) -> None:
        """A cached conversion outlives a change of the application registry."""
        application: Any = pint.get_application_registry
        set_registry: Any = pint.set_application_registry
        before = application()
        assert take("14 gram/deciliter", HEMOGLOBIN, "value").value == 14
        try:
            set_registry(pint.UnitRegistry())
            assert take("14 gram/deciliter", HEMOGLOBIN, "value").value == 14
            assert Amount(8, "mg").quantity.to("g").magnitude == pytest.approx(0.008)
        finally:
            set_registry(before.get())

    def test_idempotent(self) -> None:
        """An amount that was taken is taken again as it is, so that `attrs.evolve` works."""
        amount = take("800 /uL", COUNT, "value")
        assert take(amount, COUNT, "value") is amount
        lab = LabResult("neutrophils", "800 /uL", lower_limit="2000 /uL")
        assert attrs.evolve(lab, analyte="neutrophils") == lab
        assert attrs.evolve(lab, quantity="0.9 10*9/L").lower_limit == Amount(2, "10*9/L")

    def test_amount_of_another_unit(self) -> None:
        """An amount in another unit of the same kind is converted, one of another kind refused."""
        assert take(Amount(128, "g/L"), HEMOGLOBIN, "value") == Amount(12.8, "g/dL")
        with pytest.raises(UnitError, match="'mg' is not a unit of a cell count"):
            take(Amount(8, "mg"), COUNT, "value")

    def test_known_spellings_do_without_pint(self) -> None:
        """Taking every listed spelling does not import pint."""
        code = (
            "import sys\nfrom tarlatamab_rules.inputs.analytes import KINDS\nfrom tarlatamab_rules.inputs.units import take\n"
            "for kind in KINDS.values():\n    for unit in kind.spellings: take((1, unit), kind, 'x')\n"
            "assert 'pint' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True)

    @given(st.sampled_from(Analyte), st.floats(1e-6, 1e6), st.data())
    def test_the_same_amount_in_any_unit(self, analyte: Analyte, number: float, data: st.DataObject) -> None:
        """A value turned into another unit and taken from there is the same value."""
        kind = KINDS[analyte]
        unit = data.draw(st.sampled_from(sorted(kind.spellings)))
        factor = kind.spellings[unit]
        assert isinstance(factor, int | float)
        assert take((number / factor, unit), kind, "value").value == pytest.approx(number, rel=1e-12)

    @given(st.sampled_from([COUNT, ENZYME, HEMOGLOBIN, BILIRUBIN, SODIUM, MASS, TEMPERATURE]), st.floats(0, 1e6))
    def test_back_to_pint(self, kind: Any, number: float) -> None:
        """An amount handed back as a Quantity, and taken again, is the same amount."""
        amount = Amount(float(f"{number:.6g}"), kind.unit)
        assert take(amount.quantity, kind, "value").value == pytest.approx(amount.value, rel=1e-9, abs=1e-9)


class TestRefuse:
    """What is not understood is refused, with the fix."""

    @pytest.mark.parametrize(
        ("value", "kind", "error", "problem", "fix"),
        [
            (0.8, COUNT, UnitError, "0.8 has no unit", "'0.8 10*9/L'"),
            ("0.8", COUNT, UnitError, "'0.8' has no unit", "'0.8 10*9/L'"),
            (None, COUNT, UnitError, "None has no unit", "write number and unit"),
            ([0.8, "10*9/L"], COUNT, UnitError, "has no unit", "write number and unit"),
            ("0.8 mg", COUNT, UnitError, "'mg' is not a unit of a cell count", "use 10*9/L, /uL"),
            ("140 G/L", HEMOGLOBIN, UnitError, "'G/L' is not a unit of a haemoglobin concentration", "use g/dL, g/L, mmol/L"),
            ("4 K/uL", SODIUM, UnitError, "'K/uL' is not a unit of an electrolyte", "use mmol/L"),
            ("4 bananas", SODIUM, UnitError, "'bananas' is not a unit", "use mmol/L"),
            ("4 9**9**9**9", SODIUM, UnitError, "is not a unit", "use mmol/L"),
            ("4 " + "m" * 200, SODIUM, FieldTypeError, "is not a number and a unit", "'0.8 mmol/L'"),
            ((4, "m" * 200), SODIUM, UnitError, "is not a unit", "use mmol/L"),
            ("K/uL 4", COUNT, FieldTypeError, "is not a number and a unit", "'<0.8 10*9/L'"),
            ("1,500 /uL", COUNT, FieldTypeError, "has a comma", "with a point and without commas"),
            ("1.5.2 /uL", COUNT, FieldTypeError, "is not a number and a unit", ""),
            ("nan 10*9/L", COUNT, FieldTypeError, "is not a number and a unit", ""),
            ((float("nan"), "10*9/L"), COUNT, FieldTypeError, "nan is not a finite number", "leave the field out"),
            ((float("inf"), "10*9/L"), COUNT, FieldTypeError, "inf is not a finite number", ""),
            ((10**400, "10*9/L"), COUNT, FieldTypeError, "inf is not a finite number", ""),
            ("1e999 10*9/L", COUNT, FieldTypeError, "inf is not a finite number", ""),
            ((True, "10*9/L"), COUNT, FieldTypeError, "True is not a number", ""),
            (("0.8 10*9/L", "10*9/L"), COUNT, FieldTypeError, "'0.8 10*9/L' is not a number", "write the unit once"),
            (("x", "10*9/L"), COUNT, FieldTypeError, "is not a number and a unit", ""),
            ((1e308, "ukat/L"), ENZYME, FieldTypeError, "inf is not a finite number", "leave the field out"),
            ((12, "percent/microliter"), COUNT, UnitError, "'percent/microliter' is not a unit of a cell count", "use 10*9/L"),
            ("12 radian/microliter", COUNT, UnitError, "is not a unit of a cell count", "use 10*9/L"),
            (Amount(-3, "10*9/L"), COUNT, UnitError, "is negative", "check the sign"),
            (([1], "10*9/L"), COUNT, FieldTypeError, "[1] is not a number", "write one number"),
            ("-1 10*9/L", COUNT, UnitError, "is negative", "check the sign"),
            ((-1e-9, "/uL"), COUNT, UnitError, "is negative", "check the sign"),
            ("<0 /uL", COUNT, UnitError, "is negative", "check the sign"),
        ],
    )
    def test_refused(self, value: Any, kind: Any, error: type[FieldError], problem: str, fix: str) -> None:
        """The error carries the path, what is wrong, and what to write instead."""
        with pytest.raises(error) as caught:
            take(value, kind, "labs[0].value")
        assert caught.value.path == "labs[0].value"
        assert problem in caught.value.problem
        assert fix in caught.value.fix
        assert isinstance(caught.value, ValueError)

    def test_quantity_of_another_kind(self) -> None:
        """A Quantity that measures something else is refused."""
        registry: Any = pint.UnitRegistry()
        with pytest.raises(UnitError, match="is not a unit of a cell count"):
            take(registry.Quantity(8, "mg"), COUNT, "value")

    def test_odd_quantities(self) -> None:
        """A Quantity of a unit that converts to nothing is refused like any other."""
        registry: Any = pint.UnitRegistry()
        for unit in ("decibelmilliwatt/liter", "percent/microliter", "radian/microliter"):
            with pytest.raises(UnitError, match="is not a unit of a cell count"):
                take(registry.Quantity(3, unit), COUNT, "value")

    @pytest.mark.parametrize("value", [float("nan"), float("inf"), "0.4", True])
    def test_amounts_are_finite_numbers(self, value: Any) -> None:
        """An Amount that is built by hand is checked as well."""
        with pytest.raises(FieldTypeError):
            Amount(value, "10*9/L")

    def test_bounds_are_known(self) -> None:
        """A bound is one of four."""
        with pytest.raises(FieldError, match="'~' is not a bound"):
            Amount(0.4, "10*9/L", "~")

    def test_units_are_known_to_pint(self) -> None:
        """An amount in a unit that pint does not know cannot become a Quantity; one in any other can."""
        with pytest.raises(UnitError, match="'bananas' is not a unit"):
            _ = Amount(1, "bananas").quantity
        assert Amount(1, "g/L").quantity.to("g/dL").magnitude == pytest.approx(0.1)

    def test_spans_have_an_order(self) -> None:
        """The lower end comes first."""
        with pytest.raises(FieldError, match="24 is above 22"):
            Span(24, 22, "h")

    def test_units_of_a_changed_registry(self) -> None:
        """A unit that the application registry defines is no unit in a text, and one in a Quantity of that registry."""
        application: Any = pint.get_application_registry
        set_registry: Any = pint.set_application_registry
        before = application()
        try:
            for per_liter in (1e9, 1e6):
                registry: Any = pint.UnitRegistry()
                registry.define(f"foo = {per_liter} / liter")
                set_registry(registry)
                assert take(registry.Quantity(1, "foo"), COUNT, "value").value == per_liter / 1e9
                with pytest.raises(UnitError, match="'foo' is not a unit of a cell count"):
                    take((1, "foo"), COUNT, "value")
        finally:
            set_registry(before.get())

    def test_bound_is_no_quantity(self) -> None:
        """A bound is not handed back as if it were a value."""
        with pytest.raises(UnitError, match="is a bound"):
            _ = Amount(0.5, "10*9/L", "<").quantity


class TestText:
    """How amounts print."""

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (Amount(8, "mg"), "8 mg"),
            (Amount(0.5, "10*9/L", "<"), "<0.5 10*9/L"),
            (Amount(1 / 3, "mg/dL"), "0.333333 mg/dL"),
            (Span(22, 24, "h"), "22-24 h"),
            (Span(2, 2, "h"), "2 h"),
        ],
    )
    def test_text(self, value: object, text: str) -> None:
        """Number and unit, without false digits."""
        assert str(value) == text

    def test_span_quantities(self) -> None:
        """Both ends of a span come back as Quantities."""
        low, high = Span(22, 24, "h").quantities
        assert (low.to("minute").magnitude, high.to("minute").magnitude) == (pytest.approx(1320), pytest.approx(1440))


class TestUcum:
    """The Unified Code for Units of Measure, by a full parser of its own."""

    NOT_UCUM = frozenset(("G/L", "G/l", "K/uL", "K/ul", "K/mm3", "g%", "mg%", "u/L", "u/l", "[IU]/L", "[iU]/L"))
    """Codes that mean something else there (gauss, kelvin, atomic mass), or an arbitrary unit: they stand for what a laboratory means."""

    def test_every_code_converts_as_it_does(self) -> None:
        """Every spelling of ours that is a valid code converts alike, but for those that laboratories mean otherwise."""
        from ucumvert import PintUcumRegistry  # type: ignore[import-untyped]  # ships no types

        registry: Any = PintUcumRegistry()
        compared, otherwise = 0, set()
        for kind in set(KINDS.values()):
            for spelling, step in kind.spellings.items():
                try:
                    unit, kept = registry.from_ucum(spelling), registry.from_ucum(kind.unit)
                except Exception:  # noqa: BLE001, S112  # no valid code: an everyday spelling
                    continue
                quantity = registry.Quantity(1, unit)
                if kind.molar_mass and "mol" in spelling:
                    quantity *= registry.Quantity(kind.molar_mass, "g/mol")
                if quantity.dimensionality != registry.Quantity(1, kept).dimensionality:
                    otherwise.add(spelling)
                    continue
                assert quantity.to(kept).magnitude == pytest.approx(step, rel=1e-12)
                compared += 1
        assert compared > 40
        assert otherwise == self.NOT_UCUM


@pytest.mark.parametrize(
    ("analyte", "quantity", "likely"),
    [
        ("platelets", "250000 10*9/L", "/uL"),
        ("neutrophils", "3900 10*9/L", "/uL"),
        ("hemoglobin", "140 g/dL", "g/L"),
        ("creatinine", "88 mg/dL", "umol/L"),
        ("uric-acid", "350 mg/dL", "umol/L"),
        ("bilirubin", "171 mg/dL", "umol/L"),
        ("sodium", "140000 mmol/L", "check the value"),
        ("potassium", ">40 mmol/L", "check the value"),
        ("alt", "9e9 U/L", "check the value"),
    ],
)
def test_value_that_cannot_be(analyte: Any, quantity: str, likely: str) -> None:
    """A value so great that its unit must be wrong is refused, with the unit in which the number could be."""
    with pytest.raises(UnitError, match="cannot be") as caught:
        LabResult(analyte, quantity)
    assert likely in caught.value.fix
    assert caught.value.path == "quantity"


@pytest.mark.parametrize(
    ("analyte", "quantity"), [("platelets", "<250000 10*9/L"), ("platelets", "2500 10*9/L"), ("hemoglobin", "25 g/dL")]
)
def test_value_that_can_be(analyte: Any, quantity: str) -> None:
    """What is only seldom seen is taken, and so is an upper bound that says little."""
    assert LabResult(analyte, quantity).analyte == analyte


class TestTimedelta:
    """A duration as Python's own, in one call."""

    @pytest.mark.parametrize(
        ("number", "unit", "expected"),
        [
            (24, "h", timedelta(hours=24)),
            (90, "min", timedelta(minutes=90)),
            (2.5, "d", timedelta(days=2, hours=12)),
            (3, "weeks", timedelta(days=21)),
            (45, "s", timedelta(seconds=45)),
            (-1, "h", -timedelta(hours=1)),
            (0, "h", timedelta(0)),
        ],
    )
    def test_times(self, number: float, unit: str, expected: timedelta) -> None:
        """Any unit of time, and an offset that is before its anchor; a span has both ends."""
        assert Amount(number, unit).to_timedelta() == expected
        assert Span(number, number, unit).to_timedelta() == (expected, expected)

    def test_an_answer(self) -> None:
        """The hours of observation: the lower end first."""
        observe = monitoring_duration("C1D1").unwrap().observe
        assert observe is not None
        assert observe.to_timedelta() == (timedelta(hours=22), timedelta(hours=24))

    @given(st.integers(0, 10**9))
    def test_law(self, seconds: int) -> None:
        """What was taken from a timedelta is that timedelta again, as exactly as hours of 15 digits can hold it."""
        elapsed = timedelta(seconds=seconds)
        assert abs(take(elapsed, DURATION, "x").to_timedelta() - elapsed) <= timedelta(microseconds=10)

    @pytest.mark.parametrize(
        ("quantity", "says"),
        [
            (Amount(8, "mg"), r"8 mg is not a duration; use \.value and \.unit, or \.quantity"),
            (Span(250, 500, "mL/h"), "250 mL/h is not a duration"),
            (Amount(24, "furlong"), "24 furlong is not a duration"),
            (Amount(24, "h" * 200), "is not a duration"),
            (Amount(24, "h", "<="), r"<=24 h is a bound, not a value; use \.value and \.bound"),
            (Amount(1e300, "h"), "1e\\+300 h is longer than a timedelta can be"),
            (Amount(1e308, "weeks"), "longer than a timedelta can be"),
            (Span(-1e308, 0, "weeks"), "longer than a timedelta can be"),
        ],
    )
    def test_no_times(self, quantity: Any, says: str) -> None:
        """What is no duration is refused, with what to use instead."""
        with pytest.raises(UnitError, match=says):
            quantity.to_timedelta()

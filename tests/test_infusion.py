"""How is the drug infused, and is an actual infusion set up so? The cases stand in `tests/spec/infusion.md`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from helpers import PAGE, rows
from tarlatamab_rules import Amount, FieldError, FieldTypeError, InfusionSetup, NotCovered, UnitError, infusion_check, infusion_plan
from tarlatamab_rules.answers import InfusionPlan, SetupFit
from tarlatamab_rules.strategies import dose_points, infusion_setups

AS_PLANNED = InfusionSetup(volume="250 mL", rate="250 mL/h", duration="1 h", pump=True, constant_rate=True, transfer_device=False)


@pytest.mark.statement("INF-1")
class TestPlan:
    """INF-1: what follows from the page's numbers."""

    def test_volume(self) -> None:
        """250 mL follow from an hour at 250 mL/h, as pint Quantities too."""
        plan = infusion_plan("C1D1", rulebook=PAGE).unwrap()
        assert plan.volume == Amount(250, "mL")
        assert plan.volume.quantity.to("liter").magnitude == pytest.approx(0.25)
        assert plan.rate is not None
        assert plan.rate.quantity.to("mL / minute").magnitude == pytest.approx(250 / 60)

    @pytest.mark.parametrize("plan", [InfusionPlan(), InfusionPlan(rate=Amount(250, "mL/h")), InfusionPlan(duration=Amount(1, "h"))])
    def test_no_volume(self, plan: InfusionPlan) -> None:
        """A volume takes both a rate and a duration."""
        assert plan.volume is None

    def test_another_book(self) -> None:
        """A grading scale plans no infusion, and so none can be checked by it."""
        assert isinstance(infusion_plan("C1D1", rulebook="ctcae-5.0"), NotCovered)
        assert isinstance(infusion_check("C1D1", AS_PLANNED, rulebook="ctcae-5.0"), NotCovered)


@pytest.mark.statement("INF-1", "INF-2")
class TestSetup:
    """A setting is accepted in any unit, and the reasons show it."""

    @pytest.mark.parametrize("volume", ["250 mL", "0.25 L", (250, "ml"), Amount(250, "mL"), "250 cc"])
    @pytest.mark.parametrize("rate", ["250 mL/h", "0.25 L/h", (250, "mL/hr")])
    @pytest.mark.parametrize("duration", [timedelta(hours=1), "60 min", "1 hour", (1, "h")])
    def test_units(self, volume: Any, rate: Any, duration: Any) -> None:
        """A bag in litres, a rate per minute and a timedelta are the same setup."""
        assert evolve(AS_PLANNED, volume=volume, rate=rate, duration=duration) == AS_PLANNED

    def test_pint(self) -> None:
        """So are pint Quantities."""
        import pint

        registry: Any = pint.UnitRegistry()
        setup = evolve(AS_PLANNED, volume=registry.Quantity(0.25, "liter"), duration=registry.Quantity(3600, "second"))
        assert infusion_check("C1D1", setup, rulebook=PAGE).unwrap() == "as-planned"

    @pytest.mark.parametrize(
        ("field", "value", "error"),
        [
            ("volume", "250", UnitError),
            ("volume", "250 mg", UnitError),
            ("volume", "0 mL", FieldError),
            ("volume", "<250 mL", FieldError),
            ("volume", "-1 mL", UnitError),
            ("rate", "250 mL", UnitError),
            ("duration", "1 mL", UnitError),
            ("duration", timedelta(0), FieldError),
            ("volume", timedelta(hours=1), UnitError),
            ("volume", float("nan"), UnitError),
            ("pump", "yes", FieldTypeError),
            ("constant_rate", 1, FieldTypeError),
            ("transfer_device", "no", FieldTypeError),
        ],
    )
    def test_garbage(self, field: str, value: Any, error: type[FieldError]) -> None:
        """What cannot be a setting is refused, by the name of its field."""
        with pytest.raises(error) as caught:
            InfusionSetup(**{field: value})
        assert caught.value.path == field

    def test_no_setup(self) -> None:
        """A setup is a setup."""
        with pytest.raises(FieldTypeError, match="pass InfusionSetup"):
            infusion_check("C1D1", None)  # type: ignore[arg-type]  # on purpose

    def test_reasons_tell_the_numbers(self) -> None:
        """Who reads a mismatch sees what is set, and what is planned."""
        answer = infusion_check("C1D1", InfusionSetup(volume="500 mL", rate="250 mL/h"), rulebook=PAGE)
        assert [reason.says.partition(".")[2].strip() for reason in answer.reasons] == [
            "Set: 500 mL; planned: 250 mL.",
            "By the other two settings: 2 h; planned: 1 h.",
        ]
        assert rows(answer) == ["INF-1/volume-high", "INF-1/duration-high"]


@given(dose_points(), infusion_setups(), st.data())
def test_more_knowledge_narrows(point: Any, setup: InfusionSetup, data: st.DataObject) -> None:
    """What is possible with a fact known was possible without it."""
    field = data.draw(st.sampled_from(["volume", "rate", "duration", "pump", "constant_rate", "transfer_device"]))
    less = infusion_check(point, evolve(setup, **{field: None}))
    more = infusion_check(point, setup)
    if not set(more.possible) <= set(less.possible):
        # Of volume, rate and duration two tell the third; a third that says otherwise only makes the answer stricter.
        assert field in {"volume", "rate", "duration"}
        assert more.possible == (SetupFit.MISMATCH,)


@given(infusion_setups())
def test_planned_only_if_all_is_known(setup: InfusionSetup) -> None:
    """A setup is never as planned if device, pump or rate is not known, or if only one number is."""
    if infusion_check("C1D1", setup).possible == (SetupFit.AS_PLANNED,):
        assert (setup.pump, setup.constant_rate, setup.transfer_device) == (True, True, False)
        assert sum(amount is not None for amount in (setup.volume, setup.rate, setup.duration)) >= 2

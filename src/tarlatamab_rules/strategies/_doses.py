"""Doses: planned, given, and how they are infused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from attrs import define
from hypothesis import strategies as st

from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
from tarlatamab_rules.inputs.infusion import InfusionSetup
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.strategies._drawing import FIRST_DAY, TRUTHS, clocks, known_or_not

if TYPE_CHECKING:
    from tarlatamab_rules.strategies._drawing import Clock

__all__ = ["DELAYS", "Plan", "courses", "dose_points", "given_doses", "infusion_setups", "plans"]

DELAYS = (8, 14, 15, 21, 22, 28, 29, 43)
"""Days from one dose to the next: on both sides of every limit that a label sets, and more than a month."""

_MINUTES = (20, 25, 29, 30, 31, 49, 50, 55, 58, 59, 60, 61, 70)
"""How long an infusion that should take an hour may take."""


def dose_points(max_cycle: int = 8) -> st.SearchStrategy[DosePoint]:
    """Points of the schedule up to a cycle."""
    return st.builds(DosePoint.at, st.integers(1, 3 + 2 * (max_cycle - 1)))


def infusion_setups() -> st.SearchStrategy[InfusionSetup]:
    """Infusions that are set up as planned, almost as planned, or differently."""

    def near(value: float, unit: str) -> st.SearchStrategy[Amount | None]:
        ratios = st.sampled_from([0.5, 0.98, 0.99, 1.0, 1.0, 1.01, 1.02, 1.03, 2.0])
        return known_or_not(ratios.map(lambda ratio: Amount(value * ratio, unit)))

    return st.builds(
        InfusionSetup,
        volume=near(250, "mL"),
        rate=near(250, "mL/h"),
        duration=near(1, "h"),
        pump=TRUTHS,
        constant_rate=TRUTHS,
        transfer_device=TRUTHS,
    )


@define
class Plan:
    """A dose of a course while it is drawn.

    Attributes:
        point: Its place in the schedule.

        start: When the infusion begins.

        amount: The amount given, in mg; ``None`` if it is not known.

        minutes: How long the infusion takes; ``None`` if its end is not known.

        complete: Whether all of it is given.

        dated: Whether its times are known.
    """

    point: DosePoint
    start: datetime
    amount: float | None
    minutes: int | None = 60
    complete: bool | None = True
    dated: bool = True


@st.composite
def courses(draw: st.DrawFn, upto: DosePoint, *, offsets: bool | None = None) -> Course:
    """The doses before *upto*, with delays, restarts, short infusions, wrong and unknown dates and amounts; *offsets* as for `cases`."""
    clock = draw(clocks(offsets))
    doses, _ = plans(draw, upto, tidy=False)
    return Course(given_doses(draw, doses, clock))


def plans(draw: st.DrawFn, upto: DosePoint, *, tidy: bool) -> tuple[list[Plan], datetime]:
    """The doses before *upto*, and when *upto* is due. Tidy doses have no faults."""
    delays = {} if tidy else draw(st.dictionaries(st.integers(1, max(upto.number - 1, 1)), st.sampled_from(DELAYS), max_size=2))
    restarts = bool(delays) and draw(st.booleans())
    doses, start, step = [], FIRST_DAY, 1
    for number in range(1, upto.number):
        doses.append(Plan(DosePoint.at(number), start, 1.0 if step == 1 else 10.0))
        days = delays.get(number, 7 if step <= 2 else 14)  # noqa: PLR2004  # the first two doses are followed by one a week later
        step = 1 if restarts and number in delays else step + 1
        start += timedelta(days=days)
    if not tidy:
        faults = st.lists(st.tuples(st.sampled_from(sorted(_FAULTS)), st.integers(0, 20), st.sampled_from(_MINUTES)), max_size=3)
        for name, place, minutes in draw(faults):
            if doses:
                _FAULTS[name](doses, place % len(doses), minutes)
    return doses, start


def given_doses(draw: st.DrawFn, doses: list[Plan], clock: Clock) -> list[GivenDose]:
    """Doses with times as a clock writes them."""
    return [
        GivenDose(
            dose.point,
            clock.reads(draw, dose.start) if dose.dated else None,
            None if dose.amount is None else Amount(dose.amount, "mg"),
            ended=clock.reads(draw, dose.start + timedelta(minutes=dose.minutes)) if dose.dated and dose.minutes else None,
            complete=dose.complete,
        )
        for dose in doses
    ]


def _undated(doses: list[Plan], n: int, _minutes: int) -> None:
    doses[n].dated = False


def _no_amount(doses: list[Plan], n: int, _minutes: int) -> None:
    doses[n].amount = None


def _no_amounts(doses: list[Plan], _n: int, _minutes: int) -> None:
    for dose in doses:
        dose.amount = None


def _other_amount(doses: list[Plan], n: int, _minutes: int) -> None:
    doses[n].amount = 1.0 if doses[n].amount == 10 else 10.0  # noqa: PLR2004  # the amounts of the schedule


def _lasting(doses: list[Plan], n: int, minutes: int) -> None:
    doses[n].minutes = minutes


def _last_lasting(doses: list[Plan], _n: int, minutes: int) -> None:
    doses[-1].minutes = minutes
    doses[-1].complete = None


def _no_ends(doses: list[Plan], _n: int, _minutes: int) -> None:
    for dose in doses:
        dose.minutes = None


def _not_complete(doses: list[Plan], n: int, _minutes: int) -> None:
    doses[n].complete = False


def _unsaid(doses: list[Plan], _n: int, _minutes: int) -> None:
    for dose in doses:
        dose.complete = None


def _slipped(doses: list[Plan], n: int, _minutes: int) -> None:
    doses[n].start -= timedelta(days=365)


def _swapped(doses: list[Plan], n: int, _minutes: int) -> None:
    doses[n].start, doses[n - 1].start = doses[n - 1].start, doses[n].start


def _left_out(doses: list[Plan], n: int, _minutes: int) -> None:
    del doses[n]


_FAULTS: dict[str, Callable[[list[Plan], int, int], None]] = {
    "amount not known": _no_amount,
    "amount of another dose": _other_amount,
    "amounts not known": _no_amounts,
    "another length": _lasting,
    "another length of the last": _last_lasting,
    "date not known": _undated,
    "left out": _left_out,
    "no ends": _no_ends,
    "not complete": _not_complete,
    "not said whether complete": _unsaid,
    "slipped by a year": _slipped,
    "swapped": _swapped,
}

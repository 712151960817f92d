"""Until when is contraception used? The cases stand in `tests/spec/contraception.md`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import PAGE, well
from tarlatamab_rules import Course, FieldTypeError, GivenDose, NeedsData, NotCovered, Patient, assess_dose, contraception_window

WOMAN = Patient(childbearing_potential=True)


@pytest.mark.statement("PRG-2")
class TestLastDose:
    """The last dose may be passed in many ways."""

    @pytest.mark.parametrize(
        "last",
        [
            date(2025, 10, 6),
            datetime(2025, 10, 6, 23, 30, tzinfo=UTC),
            GivenDose("C1D1", date(2025, 10, 6)),
            GivenDose("C1D1", datetime(2025, 10, 5, 23, 30, tzinfo=UTC), ended=datetime(2025, 10, 6, 0, 30, tzinfo=UTC)),
            Course([GivenDose("C1D1", date(2025, 9, 29)), GivenDose("C1D8", date(2025, 10, 6))]),
        ],
    )
    def test_forms(self, last: Any) -> None:
        """A day, a moment, a dose or a course; of an infusion over midnight the day of its end. The label agrees with the page."""
        for book in (PAGE, None):
            assert contraception_window(WOMAN, last, rulebook=book).unwrap().until == date(2025, 12, 6)

    @pytest.mark.parametrize("last", [None, GivenDose("C1D1"), Course(), Course([GivenDose("C1D1")])])
    def test_not_known(self, last: Any) -> None:
        """Without a day the months are given, and the day is asked for."""
        answer = contraception_window(WOMAN, last)
        assert isinstance(answer, NeedsData)
        assert answer.missing == ("last_dose",)
        assert [(window.months, window.until) for window in answer.possible if window] == [(2, None)]

    @pytest.mark.parametrize("last", ["2025-10-06", 20251006])
    def test_garbage(self, last: Any) -> None:
        """Text and numbers are no days."""
        with pytest.raises(FieldTypeError, match="last_dose"):
            contraception_window(WOMAN, last)

    def test_no_patient(self) -> None:
        """A patient is a patient."""
        with pytest.raises(FieldTypeError, match="pass Patient"):
            contraception_window(None, date(2025, 10, 6))  # type: ignore[arg-type]  # on purpose

    def test_another_book(self) -> None:
        """A grading scale says nothing about it."""
        assert isinstance(contraception_window(WOMAN, date(2025, 10, 6), rulebook="ctcae-5.0"), NotCovered)


@given(st.dates(date(1900, 1, 1), date(2190, 1, 1)))
def test_two_calendar_months(last: date) -> None:
    """The month is two later, the day the same, or the last of a shorter month."""
    until = contraception_window(WOMAN, last).unwrap().until
    assert until is not None
    assert (until.year * 12 + until.month) - (last.year * 12 + last.month) == 2
    assert until.day == last.day or (until.day < last.day and (until.toordinal() + 1) == date(until.year, until.month + 1, 1).toordinal())


def test_in_an_assessment() -> None:
    """An assessment tells it of the planned dose, as if it were the last; it does not vote."""
    start = datetime(2025, 10, 6, 9, tzinfo=UTC)
    assert assess_dose(well(), "C1D1", planned_start=start).contraception.unwrap().until == date(2025, 12, 6)
    assert isinstance(assess_dose(well(childbearing_potential=False), "C1D1").contraception, NotCovered)

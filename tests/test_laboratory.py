"""Which laboratory results count for a dose? The cases stand in `tests/spec/laboratory.md`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import LABS, PAGE, normal_labs, well
from tarlatamab_rules import FieldError, LabResult, UnitError, assess_dose, lab_standings
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.strategies import cases

START = datetime(2025, 10, 6, 9, tzinfo=UTC)


def drawn(*moments: Any) -> list[LabResult]:
    """Platelet counts, one a moment."""
    return [LabResult("platelets", (200 + n, "10*9/L"), moment) for n, moment in enumerate(moments)]


@pytest.mark.statement("LAB-1", "LAB-2", "LAB-3")
class TestStandings:
    """Every available result has a standing, and a result that is asked for and not available is missing."""

    def test_no_results(self) -> None:
        """Of no results, known or not, the required and the recommended ones are missing: by the page, and by the default alike."""
        for labs, book in ((None, PAGE), ((), PAGE), (None, None), ((), None)):
            found = lab_standings("C1D1", labs, planned_start=START, rulebook=book)
            assert [(str(each.analyte), str(each.need)) for each in found] == [
                *((analyte, "required") for analyte in LABS),
                *((analyte, "recommended") for analyte in ("sodium", "potassium", "uric-acid")),
            ]
            assert {str(each.standing) for each in found} == {"missing"}
            assert all(each.result is None and each.missing == (f"labs.{each.analyte}",) for each in found)

    def test_not_asked_for(self) -> None:
        """A result that the dose does not need is listed too, and is never missing."""
        (one,) = (each for each in lab_standings("C1D1", [LabResult("creatinine", "1 mg/dL", START)], planned_start=START) if each.result)
        assert (one.need, one.standing) == ("not-asked", "counts")

    def test_a_book_that_asks_nothing(self) -> None:
        """By a book without due results nothing is missing."""
        assert lab_standings("C1D1", None, planned_start=START, rulebook="ctcae-5.0") == ()

    def test_replaced(self) -> None:
        """The latest counts; an earlier one is replaced, whatever the order."""
        labs = drawn(START - timedelta(days=2), START - timedelta(days=1))
        for order in (labs, labs[::-1]):
            found = [each for each in lab_standings("C1D1", order, planned_start=START) if each.result]
            assert [(str(each.standing), each.result and each.result.quantity.value) for each in found] == [
                ("replaced", 200),
                ("counts", 201),
            ]

    def test_two_of_one_day(self) -> None:
        """Where no time puts two results of a day in order, both count."""
        found = lab_standings("C1D1", drawn(date(2025, 10, 5), datetime(2025, 10, 5, 8, tzinfo=UTC)), planned_start=START)
        assert [str(each.standing) for each in found if each.result] == ["counts", "counts"]

    @pytest.mark.parametrize("age", ["7 days", "168 h", "1 week", timedelta(days=7), (7, "d")])
    def test_greatest_age(self, age: Any) -> None:
        """The greatest age comes in any form of a duration."""
        labs = drawn(START - timedelta(days=7), START - timedelta(days=7, seconds=1))
        standings = {
            each.result.quantity.value: str(each.standing)
            for each in lab_standings("C1D1", labs, planned_start=START, max_lab_age=age)
            if each.result
        }
        assert standings == {200: "counts", 201: "too-old"}

    def test_greatest_age_in_two_zones(self) -> None:
        """Age is elapsed time: 08:00 in Tokyo is one in the morning in Berlin."""
        tokyo = datetime(2025, 10, 6, 8, tzinfo=timezone(timedelta(hours=9)))
        found = lab_standings(
            "C1D1", drawn(tokyo), planned_start=datetime(2025, 10, 6, 9, tzinfo=timezone(timedelta(hours=2))), max_lab_age="8 h"
        )
        assert [str(each.standing) for each in found if each.result] == ["counts"]

    def test_age_without_a_planned_start(self) -> None:
        """Without the planned start no age is known; the start is asked for."""
        (one,) = (each for each in lab_standings("C1D1", drawn(START), max_lab_age="3 days") if each.result)
        assert (one.standing, one.missing) == ("open", ("planned_start",))

    @pytest.mark.parametrize(
        ("age", "error"),
        [("7", UnitError), ("7 mg", UnitError), ("0 h", FieldError), ("<7 d", FieldError), ("1e300 d", FieldError), (7, UnitError)],
    )
    def test_garbage(self, age: Any, error: type[FieldError]) -> None:
        """What is no duration is refused."""
        with pytest.raises(error, match="max_lab_age"):
            lab_standings("C1D1", None, max_lab_age=age)


class TestAssessed:
    """A result that does not count is missing for the verdict."""

    def test_too_old(self) -> None:
        """A required result that is too old is asked for anew, and the report says why."""
        labs = normal_labs(START - timedelta(days=8))
        assessment = assess_dose(well(), "C1D1", planned_start=START, labs=labs, max_lab_age="7 days")
        assert (assessment.verdict, assessment.missing) == ("needs-data", tuple(f"labs.{analyte}" for analyte in LABS))
        assert "labs.platelets: 250 10*9/L is not used: it is older than the maximum age." in assessment.notes
        assert {str(each.standing) for each in assessment.standings} == {"too-old"}

    def test_recommended_is_not_waited_for(self) -> None:
        """LAB-3: a dose does not wait for electrolytes, and the report says that they are not available."""
        labs = normal_labs(START, sodium=None, potassium=None)
        assessment = assess_dose(well(), "C1D1", planned_start=START, labs=labs)
        assert assessment.verdict == "proceed"
        assert "labs.recommended: not available for this dose: sodium and potassium." in assessment.notes


ZONES = [UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-7))]


@given(
    st.lists(
        st.one_of(
            st.integers(0, 3).map(lambda days: date(2025, 10, 1) + timedelta(days=days)),
            st.tuples(st.integers(0, 96), st.sampled_from(ZONES)).map(
                lambda pair: datetime(2025, 10, 1, tzinfo=pair[1]) + timedelta(hours=pair[0])
            ),
        ),
        max_size=6,
    )
)
def test_what_counts_is_replaced_by_nothing(moments: list[Any]) -> None:
    """A result is replaced exactly where some other one that counts was drawn later, by the calendar of the site."""
    found = lab_standings("C1D1", drawn(*moments), planned_start=date(2025, 12, 1), site_zone="UTC")
    there = {moment: moment.astimezone(UTC) if isinstance(moment, datetime) else moment for moment in moments}
    for each in found:
        if each.result is not None and each.result.collected is not None:
            later = [other for other in there.values() if earlier(there[each.result.collected], other)]
            assert (each.standing == "replaced") is bool(later)


@given(cases())
def test_every_result_stands_once(case: Any) -> None:
    """No result is lost, and none is listed twice."""
    found = lab_standings(case.point, case.labs, planned_start=case.planned_start, course=case.course)
    results = [each.result for each in found if each.result is not None]
    assert sorted(map(repr, results)) == sorted(map(repr, case.labs or ()))
    assert all(bool(each.missing) == (each.standing in {"missing", "undated", "open"}) for each in found)

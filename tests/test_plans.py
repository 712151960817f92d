"""Premedication and monitoring. The cases stand in `tests/spec/premedication.md` and `monitoring.md`."""

from __future__ import annotations

import pytest

from helpers import PAGE
from tarlatamab_rules import (
    Decided,
    DosePoint,
    FieldTypeError,
    NeedsData,
    NeuroFindings,
    NotCovered,
    Span,
    ToxicityEvent,
    monitoring_duration,
    premedication_plan,
)
from tarlatamab_rules.answers import MonitoringPlan


@pytest.mark.statement("PRE-1", "PRE-2")
def test_quantities() -> None:
    """Amounts and durations come back as pint Quantities."""
    before, after = premedication_plan("C1D1", rulebook=PAGE).unwrap().instructions
    assert before.amount is not None
    assert before.amount.quantity.to("g").magnitude == pytest.approx(0.008)
    assert after.rate is not None
    assert after.rate.quantities[1].to("liter / hour").magnitude == pytest.approx(0.25)


class TestMonitoring:
    """MON-1 to MON-3."""

    @pytest.mark.statement("MON-3")
    @pytest.mark.parametrize(
        ("event", "expected"),
        [
            (ToxicityEvent("icans", 1, status="resolved", findings=NeuroFindings(ice=0)), NotCovered),
            (ToxicityEvent("icans", 1, status="resolved", findings=NeuroFindings(ice=8)), Decided),
            (ToxicityEvent("neutropenia", 1, status="resolved", scale="ctcae-6.0"), NeedsData),
            (ToxicityEvent("neutropenia", 1, status="resolved", scale="ctcae-5.0"), Decided),
            (ToxicityEvent("febrile-neutropenia"), NeedsData),
        ],
    )
    def test_one_grade_for_all(self, event: ToxicityEvent, expected: type) -> None:
        """The grade that counts here is the one that counts for the action: by the findings, and by the scale of the book."""
        assert isinstance(monitoring_duration("C5D1", events=[event], rulebook=PAGE), expected)

    @pytest.mark.statement("MON-3")
    def test_two_open_grades(self) -> None:
        """Of two episodes whose grades are open, the worse possible one stays open."""
        events = [ToxicityEvent("icans"), ToxicityEvent("crs"), ToxicityEvent("anemia", 1)]
        answer = monitoring_duration("C5D1", events=events, rulebook=PAGE)
        assert isinstance(answer, NeedsData)

    def test_point_as_text_or_value(self) -> None:
        """A point may be written or built."""
        assert monitoring_duration("C1D8") == monitoring_duration(DosePoint(1, 8))


def test_two_rows_may_not_fill_one_field() -> None:
    """Rows of one monitoring plan fill different fields; a clash is a fault of the book."""
    from tarlatamab_rules.core.errors import TableError
    from tarlatamab_rules.values.plans import one_plan

    with pytest.raises(TableError, match="two rows fill observe of one MonitoringPlan"):
        one_plan([MonitoringPlan(Span(2, 2, "h")), MonitoringPlan(Span(4, 4, "h"))])


def test_monitoring_by_the_page_alone() -> None:
    """A point may be a DosePoint, and a history any list of events; what is no event is refused, whichever book answers."""
    mild = [ToxicityEvent("crs", 1, status="resolved")]
    for book in (PAGE, None):
        assert monitoring_duration(DosePoint.of("C5D1"), events=mild, rulebook=book).unwrap().observe == Span(2, 2, "h")
        with pytest.raises(FieldTypeError, match="is not a ToxicityEvent"):
            monitoring_duration("C5D1", events=(7,), rulebook=book)  # type: ignore[arg-type]

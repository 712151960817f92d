"""Premedication, monitoring and labs of a dose. Expected answers are the precautions page's, by hand."""

from __future__ import annotations

import pytest

from helpers import in_words, rows
from tarlatamab_rules import (
    Decided,
    DosePoint,
    MonitoringPlan,
    NeedsData,
    NeuroFindings,
    NotCovered,
    Span,
    ToxicityEvent,
    labs_due,
    monitoring_duration,
    premedication_plan,
)


@pytest.mark.statement("PRE-1", "PRE-2", "PRE-3")
class TestPremedication:
    """PRE-1 to PRE-3."""

    @pytest.mark.parametrize("point", ["C1D1", "C1D8", "C1D15"])
    def test_first_cycle(self, point: str) -> None:
        """PRE-1, PRE-2: dexamethasone 8 mg IV 1 h before, 1 L saline over 4-5 h after, recommended for the whole first cycle."""
        answer = premedication_plan(point)
        assert rows(answer) == ["PRE-1", "PRE-2", "PRE-3"]
        before, after = answer.unwrap().instructions
        assert in_words(before) == ("recommend", "dexamethasone", "8 mg", "intravenous")
        assert (before.or_equivalent, before.anchor, before.offset, before.rate) == (True, "infusion-start", Span(-1, -1, "h"), None)
        assert in_words(after) == ("recommend", "normal saline", "1000 mL", "intravenous")
        assert (after.or_equivalent, after.anchor, after.offset) == (False, "infusion-end", None)
        assert (after.duration, after.rate) == (Span(4, 5, "h"), Span(200, 250, "mL/h"))

    @pytest.mark.parametrize("point", ["C2D1", "C2D15", "C6D1", "C99D15"])
    def test_later_cycles(self, point: str) -> None:
        """PRE-3: from cycle 2 the page is silent, which is not the same as none."""
        answer = premedication_plan(point)
        assert isinstance(answer, NotCovered)
        assert rows(answer) == ["PRE-3/later"]

    def test_quantities(self) -> None:
        """Amounts and durations come back as pint Quantities."""
        before, after = premedication_plan("C1D1").unwrap().instructions
        assert before.amount is not None
        assert before.amount.quantity.to("g").magnitude == pytest.approx(0.008)
        assert after.rate is not None
        assert after.rate.quantities[1].to("liter / hour").magnitude == pytest.approx(0.25)


NOTHING: tuple[ToxicityEvent, ...] = ()


def history(*grades: int | None) -> tuple[ToxicityEvent, ...]:
    """Past episodes of these grades."""
    return tuple(ToxicityEvent("crs", grade, status="resolved") for grade in grades)  # type: ignore[arg-type]  # the tables hold grades


@pytest.mark.statement("MON-1", "MON-2", "MON-3")
class TestMonitoring:
    """MON-1 to MON-3."""

    @pytest.mark.parametrize("point", ["C1D1", "C1D8"])
    @pytest.mark.parametrize("past", [None, NOTHING, history(4), history(None)])
    def test_step_up(self, point: str, past: tuple[ToxicityEvent, ...] | None) -> None:
        """MON-1, MON-2: 22-24 h in hospital from the end of infusion, then 48 h with a caregiver within 1 h, whatever the history."""
        answer = monitoring_duration(point, history=past)
        plan = answer.unwrap()
        assert rows(answer) == ["MON-1", "MON-2"]
        assert (plan.observe, plan.anchor, plan.setting) == (Span(22, 24, "h"), "infusion-end", "hospital")
        assert plan.near_care is not None
        assert (plan.near_care.hours, plan.near_care.within, plan.near_care.caregiver) == (Span(48, 48, "h"), Span(1, 1, "h"), True)

    @pytest.mark.parametrize("point", ["C1D15", "C2D1", "C2D15", "C3D1", "C4D15"])
    @pytest.mark.parametrize("past", [None, NOTHING, history(3)])
    def test_middle(self, point: str, past: tuple[ToxicityEvent, ...] | None) -> None:
        """MON-3: from C1D15 to cycle 4 the page gives no hours, so none are made up."""
        answer = monitoring_duration(point, history=past)
        assert isinstance(answer, NotCovered)
        assert rows(answer) == ["MON-3/middle"]

    @pytest.mark.parametrize(
        ("past", "expected"),
        [
            (NOTHING, 2),
            (history(0), 2),
            (history(1), 2),
            (history(1, 0, 1), 2),
            (history(2), None),
            (history(1, 2), None),
            (history(4, 1), None),
            (history(5), None),
            (history(2, None), None),
            (history(None, 3), None),
            (None, ("history",)),
            (history(None), ("history",)),
            (history(1, None), ("history",)),
        ],
    )
    @pytest.mark.parametrize("point", ["C5D1", "C5D15", "C12D1"])
    def test_from_cycle_5(self, point: str, past: tuple[ToxicityEvent, ...] | None, expected: object) -> None:
        """MON-3: 2 h without relevant toxicity; after grade 2 or worse not covered; the history must be known where it matters."""
        answer = monitoring_duration(point, history=past)
        match answer:
            case Decided(value):
                assert expected == 2
                assert value == MonitoringPlan(Span(2, 2, "h"), value.anchor)
                assert value.anchor == "infusion-end"
                assert rows(answer) == ["MON-3"]
            case NeedsData(missing, possible):
                assert missing == expected
                assert [plan.observe if plan else None for plan in possible] == [Span(2, 2, "h"), None]
            case NotCovered():
                assert expected is None
                assert rows(answer) == ["MON-3/toxicity"]

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
        assert isinstance(monitoring_duration("C5D1", history=[event]), expected)

    def test_two_open_grades(self) -> None:
        """Of two episodes whose grades are open, the worse possible one stays open."""
        answer = monitoring_duration("C5D1", history=[ToxicityEvent("icans"), ToxicityEvent("crs"), ToxicityEvent("anemia", 1)])
        assert isinstance(answer, NeedsData)

    def test_point_as_text_or_value(self) -> None:
        """A point may be written or built."""
        assert monitoring_duration("C1D8") == monitoring_duration(DosePoint(1, 8))


@pytest.mark.statement("LAB-1", "LAB-2", "LAB-3")
class TestLabs:
    """LAB-1, LAB-2."""

    @pytest.mark.parametrize("point", ["C1D1", "C2D15", "C9D15"])
    def test_before_each_dose(self, point: str) -> None:
        """The page asks for a blood count, ALT, AST and bilirubin before each dose."""
        answer = labs_due(point)
        assert answer.unwrap().required == ("neutrophils", "hemoglobin", "platelets", "alt", "ast", "bilirubin")
        assert rows(answer) == ["LAB-1", "LAB-2", "LAB-3", "LAB-3/crs"]


def test_two_rows_may_not_fill_one_field() -> None:
    """Rows of one monitoring plan fill different fields; a clash is a fault of the book."""
    from tarlatamab_rules.answers import one_plan
    from tarlatamab_rules.errors import TableError

    with pytest.raises(TableError, match="two rows fill observe of one MonitoringPlan"):
        one_plan([MonitoringPlan(Span(2, 2, "h")), MonitoringPlan(Span(4, 4, "h"))])

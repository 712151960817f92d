"""How answers read in a terminal, where no rulebook of this release has them yet."""

from __future__ import annotations

from datetime import UTC, datetime

import attrs

from helpers import PAGE, normal_labs, well
from tarlatamab_rules import Decided, DoseAssessment, Span, Verdict, assess_dose
from tarlatamab_rules.answers import Anchor, Instruction, Modality, MonitoringPlan, NearCare, PremedicationPlan
from tarlatamab_rules.views.text import as_text

START = datetime(2025, 10, 6, 9, tzinfo=UTC)


def clean(rulebook: str | None = None) -> DoseAssessment:
    """An assessment without an open question."""
    return assess_dose(well(), "C1D1", planned_start=START, labs=normal_labs(START), events=(), course=(), rulebook=rulebook)


def test_span_of_time() -> None:
    """A time before or after a moment prints its shorter end first."""
    plan = PremedicationPlan(
        (
            Instruction(Modality.CONSIDER, "fluids", anchor=Anchor.INFUSION_START, offset=Span(-3, -1, "h")),
            Instruction(Modality.AVOID, "driving", anchor=Anchor.INFUSION_END, offset=Span(0, 8, "h")),
            Instruction(Modality.GIVE, "rest"),
        )
    )
    text = as_text(attrs.evolve(clean(), premedication=Decided(plan)), full=True)
    assert "  * consider fluids 1 to 3 h before the infusion starts\n" in text
    assert "  * avoid driving within 8 h after the infusion ends\n" in text
    assert "  * rest\n" in text


def test_part_of_a_plan() -> None:
    """A plan that a source fills only in part prints what there is, without a None."""
    near = NearCare(hours=Span(24, 24, "h"), within=Span(2, 2, "h"), caregiver=False)
    for plan, expected in (
        (MonitoringPlan(near_care=near), "Monitoring: stay within 2 h of a medical facility for 24 h\n"),
        (MonitoringPlan(observe=Span(3, 4, "h")), "Monitoring: monitor for 3 to 4 h\n"),
    ):
        text = as_text(attrs.evolve(clean(), monitoring=Decided(plan)), full=True)
        assert expected in text
        assert "None" not in text


def test_nothing_silent() -> None:
    """Where every part is covered, no line says what is not."""
    whole = attrs.evolve(clean(PAGE), dose=Decided(Verdict.PROCEED))
    assert "NOT COVERED" not in as_text(whole, full=True)
    assert "NOT COVERED by precautions-2025-09, to be checked elsewhere: Dose and interval\n" in as_text(clean(PAGE), full=True)
    assert "NOT COVERED" not in as_text(clean(), full=True)


def test_nothing_to_note() -> None:
    """Without notes there is no heading for them."""
    assert "\nNotes\n" in as_text(clean(), full=True)
    assert "Notes" not in as_text(attrs.evolve(clean(), notes=()), full=True)

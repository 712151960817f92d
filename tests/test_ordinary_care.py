"""Ordinary, well-documented care proceeds or holds as a clinician would have it, and none of it waits for a fact that charts rarely have.

The charts stand in `ordinary_courses`, `ordinary_laboratory` and `ordinary_toxicity`. Each verdict was decided by hand from the sources
before the library was asked, for the two books that answer by default and for the US label of 11/2025 alone.
"""

from __future__ import annotations

import pytest

from ordinary_care import DATA, PROCEED, SCHEDULE, Chart, case
from ordinary_courses import COURSES
from ordinary_laboratory import LABORATORY
from ordinary_toxicity import TOXICITY
from tarlatamab_rules import DoseAssessment, assess_case
from tarlatamab_rules.formats.cases import read_case

CHARTS = COURSES + LABORATORY + TOXICITY
LABEL = "us-2025-11"
RARE = ("baseline", "other_cause", "vasopressin", "fever_masked", "raised_icp", "symptoms", "improved", "bleeding", "complete", "scale")
"""Facts that charts rarely have."""

_EACH = pytest.mark.parametrize("chart", [pytest.param(chart, id=chart.name) for chart in CHARTS])


def _as_decided(found: DoseAssessment, verdict: str, chart: Chart) -> None:
    """The verdict by hand, and nothing asked for that an ordinary chart does not have."""
    assert str(found.verdict) == verdict, (
        f"{chart.story} {[(v.part, str(v.verdict), v.missing) for v in found.votes if v.verdict > PROCEED]}"
    )
    if verdict == PROCEED:
        assert found.missing == ()
    if verdict == DATA:
        assert not [part for part in chart.asked if not any(part in path for path in found.missing)]
    assert not [path for path in found.missing if any(rare in path and rare not in chart.asked for rare in RARE)]


@_EACH
def test_by_default(chart: Chart) -> None:
    """By the page over the label the verdict is that of a clinician who has both."""
    _as_decided(assess_case(read_case(chart.document)), chart.default, chart)


@_EACH
def test_by_the_label(chart: Chart) -> None:
    """By the label alone the verdict is that of a clinician who has the label."""
    _as_decided(assess_case(read_case(chart.document), rulebook=LABEL), chart.label, chart)


@pytest.mark.parametrize("chart", [pytest.param(chart, id=chart.name) for chart in CHARTS if chart.observe])
def test_watched_afterwards(chart: Chart) -> None:
    """By default, the patient is monitored for as long as the stricter of the two sources says."""
    assert str(assess_case(read_case(chart.document)).monitoring.unwrap().observe) == chart.observe


@pytest.mark.parametrize("rulebook", [None, LABEL])
@pytest.mark.parametrize("dose", SCHEDULE)
def test_every_dose_of_a_clean_course(dose: str, rulebook: str | None) -> None:
    """From C1D1 to C8D15 a patient who is well, treated on time and with a panel of the morning, proceeds; nothing is asked for."""
    due = "1 mg" if dose == "C1D1" else "10 mg"
    found = assess_case(read_case(case(dose, ordered=due)), rulebook=rulebook)
    assert (str(found.verdict), found.missing) == (PROCEED, ())


def test_charts_are_many_and_differ() -> None:
    """At least 70 charts, each of its own name; most of them proceed, and holds of every kind are among them."""
    assert len({chart.name for chart in CHARTS}) == len(CHARTS) >= 70
    assert sum(chart.default == PROCEED for chart in CHARTS) >= 60
    assert {chart.default for chart in CHARTS} == {PROCEED, DATA, "needs-assessment", "withhold", "discontinue"}

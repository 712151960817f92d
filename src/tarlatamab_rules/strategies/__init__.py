"""Hypothesis strategies for the types of this library, for tests of your own code.

Needs the extra ``tarlatamab-rules[strategies]``. Every strategy draws values that the library accepts: ordinary values, values on the
limits of tables, values that contradict each other, and unknown facts::

    from hypothesis import given
    from tarlatamab_rules import assess_case, strategies

    @given(strategies.cases())
    def test_my_app_shows_every_verdict(case): ...

All times of one value are of one kind: times in UTC or with other offsets, times without an offset, days, or days among times. One
case cannot have times with and without an offset, so tests that combine values say which kind they want::

    @given(strategies.cases(offsets=True), strategies.events(offsets=True))
    def test_one_more_event(case, event): ...
"""

from tarlatamab_rules.strategies._cases import cases, patients, well_cases
from tarlatamab_rules.strategies._doses import courses, dose_points, infusion_setups
from tarlatamab_rules.strategies._events import events, events_so_far
from tarlatamab_rules.strategies._findings import crs_findings, ice_tests, neuro_findings
from tarlatamab_rules.strategies._labs import lab_results, lab_series

__all__ = [
    "cases",
    "courses",
    "crs_findings",
    "dose_points",
    "events",
    "events_so_far",
    "ice_tests",
    "infusion_setups",
    "lab_results",
    "lab_series",
    "neuro_findings",
    "patients",
    "well_cases",
]

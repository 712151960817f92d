"""Whole assessments a second by the US label, with every reason: 12 results, 2 events, 5 doses.

    python benchmarks/assessment.py [--check]

*built*: the inputs are there, and every case is asked again and again. *plain*: every input is made anew from numbers and words, the
results with other values each time, and asked once. A machine changes its pace, so the bars are in multiples of what `json.loads` takes for
the same case, turn by turn.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

from tarlatamab_rules import Course, DoseAssessment, GivenDose, LabResult, Patient, ToxicityEvent, Verdict, assess_dose

ROUNDS, LOOPS = 41, 60
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
ON = FIRST + timedelta(days=56)
DRAWN = ON - timedelta(days=1)
GIVEN = [
    ("C1D1", FIRST, (1, "mg")),
    ("C1D8", FIRST + timedelta(days=7), (10, "mg")),
    ("C1D15", FIRST + timedelta(days=14), (10, "mg")),
    ("C2D1", FIRST + timedelta(days=28), (10, "mg")),
    ("C2D15", FIRST + timedelta(days=42), (10, "mg")),
]
LABS: list[tuple[Any, float, str, float | None, float | None]] = [
    ("neutrophils", 4.1, "10*9/L", 1.8, None),
    ("white-cells", 6.1, "10*9/L", 4, None),
    ("lymphocytes", 1100, "cells/uL", 1000, None),
    ("hemoglobin", 131, "g/L", 120, None),
    ("platelets", 200, "K/uL", 150, None),
    ("alt", 30, "U/L", None, 40),
    ("ast", 0.5, "ukat/L", None, 0.7),
    ("bilirubin", 9, "umol/L", None, 21),
    ("alkaline-phosphatase", 90, "IU/L", None, 120),
    ("creatinine", 80, "umol/L", None, 105),
    ("sodium", 140, "mmol/L", 135, 145),
    ("potassium", 4.1, "mmol/L", 3.5, 5.1),
]
BEFORE_TREATMENT = {"creatinine": 80}
EVENTS: list[tuple[Any, Any, datetime, datetime]] = [
    ("crs", 1, FIRST + timedelta(hours=15), FIRST + timedelta(days=2)),
    ("icans", 1, FIRST + timedelta(days=8), FIRST + timedelta(days=9)),
]
DOCUMENT = json.dumps(
    {
        "course": [
            {"point": point, "started": started.isoformat(), "amount": f"{amount} {unit}"} for point, started, (amount, unit) in GIVEN
        ],
        "labs": [
            {"analyte": name, "value": value, "unit": unit, "collected": DRAWN.isoformat(), "lower_limit": low, "upper_limit": high}
            | ({"baseline": f"{BEFORE_TREATMENT[name]} {unit}"} if name in BEFORE_TREATMENT else {})
            for name, value, unit, low, high in LABS
        ],
        "events": [{"toxicity": name, "grade": grade, "onset": a.isoformat(), "resolved": b.isoformat()} for name, grade, a, b in EVENTS],
    }
)


OTHER = [1 + n / 2000 for n in range(50)]
"""What every value is multiplied by, in turn: results differ from case to case, as they do in a registry."""


def inputs(times: float = 1) -> dict[str, Any]:
    """Every input, made of numbers and words."""
    labs = [
        LabResult(
            name,
            (value * times, unit),
            DRAWN,
            None if low is None else (low, unit),
            None if high is None else (high, unit),
            (BEFORE_TREATMENT[name], unit) if name in BEFORE_TREATMENT else None,
        )
        for name, value, unit, low, high in LABS
    ]
    return {
        "patient": Patient(
            age_years=64, diagnosis="extensive-stage-sclc", progressed_after_platinum=True, infection="none", childbearing_potential=False
        ),
        "planned_start": ON,
        "ordered": (10, "mg"),
        "course": Course(tuple(GivenDose(point, started, amount) for point, started, amount in GIVEN)),
        "labs": tuple(labs),
        "events": tuple(ToxicityEvent(name, grade, status="resolved", onset=onset, resolved=end) for name, grade, onset, end in EVENTS),
    }


def assessed(facts: dict[str, Any]) -> DoseAssessment:
    """One assessment; its reasons are read, as a report would."""
    rest = {name: value for name, value in facts.items() if name != "patient"}
    found = assess_dose(facts["patient"], "C3D1", **rest, rulebook="us-2025-11")
    _ = found.reasons
    return found


def seconds(runs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds for one call of each in every turn."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            began = time.perf_counter()
            for _ in range(LOOPS):
                run()
            taken[name].append((time.perf_counter() - began) / LOOPS)
    return taken


BARS = {"built": 15.0, "plain": 36.0}
"""In multiples of `json.loads`."""


def main() -> int:
    """Measures, prints a table, and with --check fails above the bars."""
    parser = argparse.ArgumentParser(description="Whole assessments a second by the US label.")
    parser.add_argument("--check", action="store_true", help="fail above the bars")
    check = parser.parse_args().check
    facts = inputs()
    found = assessed(facts)
    if (
        found.verdict is not Verdict.PROCEED
        or len(found.reasons) <= len(LABS)
        or any(assessed(inputs(n)).votes != found.votes for n in OTHER)
    ):
        print("the answer is not the expected one")
        return 1
    times = cycle(OTHER)
    taken = seconds(
        {"json": lambda: json.loads(DOCUMENT), "built": lambda: assessed(facts), "plain": lambda: assessed(inputs(next(times)))}
    )
    failed = False
    print(f"{'assess_dose':14s} {'a second':>10s} {'best':>10s} {'x json.loads':>13s} {'bar':>5s}")
    for name, bar in BARS.items():
        ratio = statistics.median(a / b for a, b in zip(taken[name], taken["json"], strict=True))
        failed |= ratio > bar
        print(f"{name:14s} {1 / statistics.median(taken[name]):10,.0f} {1 / min(taken[name]):10,.0f} {ratio:12.1f}x {bar:4.0f}x")
    return int(check and failed)


if __name__ == "__main__":
    sys.exit(main())

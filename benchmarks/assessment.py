"""Whole assessments a second by the US label, with every reason: 12 results, 2 events, 5 doses.

    python benchmarks/assessment.py [--check]

*built*: the inputs exist, and every case is asked again and again. *plain*: every input is made anew from numbers and words and asked
once, with other values for the results each time. A machine changes its pace, so the bars are in multiples of what `json.loads` takes for
the same case, turn by turn. For the documentation `figures` also measures other books, missing facts, and what is made of an answer.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

from attrs import evolve
from turns import STACK, pace, per_second, ratio, seconds, spread

from tarlatamab_rules import (
    Course,
    DoseAssessment,
    GivenDose,
    LabResult,
    Patient,
    ToxicityEvent,
    Verdict,
    assess_dose,
    what_to_ask,
    what_would_change,
)
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import case_document, read_case
from tarlatamab_rules.formats.records import audit_record
from tarlatamab_rules.views.text import as_text

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


FACTORS = [1 + n / 2000 for n in range(50)]
"""Every value is multiplied by these in turn: results differ from case to case, as in a registry."""


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


def assessed(facts: dict[str, Any], book: str | None = "us-2025-11") -> DoseAssessment:
    """One assessment. Its reasons are read, as a report reads them."""
    rest = {name: value for name, value in facts.items() if name != "patient"}
    assessment = assess_dose(facts["patient"], "C3D1", **rest, rulebook=book)
    _ = assessment.reasons
    return assessment


BARS = {"built": 28.0, "plain": 35.0}
"""In multiples of `json.loads`."""


def as_expected(facts: dict[str, Any]) -> bool:
    """Whether the answer is the expected one, with every result as it is and with other values."""
    assessment = assessed(facts)
    return (
        assessment.verdict is Verdict.PROCEED
        and len(assessment.reasons) > len(LABS)
        and all(assessed(inputs(times)).votes == assessment.votes for times in FACTORS)
    )


def taken(facts: dict[str, Any]) -> dict[str, list[float]]:
    """The seconds that one call of each takes, turn by turn."""
    times = cycle(FACTORS)
    return seconds(
        {"json": lambda: json.loads(DOCUMENT), "built": lambda: assessed(facts), "plain": lambda: assessed(inputs(next(times)))},
        ROUNDS,
        LOOPS,
    )


def figures() -> dict[str, Any]:
    """What is measured here, as plain data. Raises `ValueError` if an answer is not the expected one."""
    facts = inputs()
    if not as_expected(facts):
        msg = "the answer is not the expected one"
        raise ValueError(msg)
    turns = taken(facts)
    return {
        "turns": ROUNDS,
        "results": len(LABS),
        "events": len(EVENTS),
        "doses": len(GIVEN),
        "compared_equal": len(FACTORS),
        "json": {"per_second": per_second(turns["json"])},
        **{
            name: {
                "per_second": per_second(turns[name]),
                "times_json": ratio(turns[name], turns["json"]) | {"bar": round(bar)},
                "minutes_for_a_million": 1e6 / 60 / per_second(turns[name])["median"],
            }
            for name, bar in BARS.items()
        },
        "percent_for_inputs": spread([100 * (1 - built / plain) for built, plain in zip(turns["built"], turns["plain"], strict=True)]),
        "pace": pace(turns["json"]),
        "costs": costs(facts),
    }


def costs(facts: dict[str, Any]) -> dict[str, Any]:
    """How long other calls take, also in multiples of the assessment of built inputs by the label."""
    from pint import Quantity  # noqa: PLC0415  # what --check measures does without it

    assessment, quantity = assessed(facts), Quantity(131, "g/L")
    document = json.dumps(case_document(assessment.case))
    no_limits = facts | {"labs": tuple(evolve(lab, lower_limit=None, upper_limit=None) for lab in facts["labs"])}
    open_ = assessed(no_limits)
    earlier = tuple(evolve(lab, collected=ON - timedelta(days=5)) for lab in facts["labs"])
    answers: dict[str, tuple[Callable[[], DoseAssessment], Verdict]] = {
        "built": (lambda: assessed(facts), Verdict.PROCEED),
        "default": (lambda: assessed(facts, None), Verdict.PROCEED),
        "three": (lambda: assessed(facts, STACK), Verdict.NEEDS_ASSESSMENT),
        "no_events": (lambda: assessed(facts | {"events": ()}), Verdict.PROCEED),
        "two_draws": (lambda: assessed(facts | {"labs": earlier + facts["labs"]}), Verdict.PROCEED),
        "no_results": (lambda: assessed(facts | {"labs": None}), Verdict.NEEDS_DATA),
        "no_course": (lambda: assessed(facts | {"course": None}), Verdict.NEEDS_DATA),
        "no_limits": (lambda: assessed(no_limits), Verdict.NEEDS_DATA),
        "no_facts": (lambda: assess_dose(Patient(), "C3D1", rulebook="us-2025-11"), Verdict.NEEDS_DATA),
    }
    others: dict[str, Callable[[], object]] = {
        "read": lambda: read_case(document),
        "result_of_numbers": lambda: LabResult("hemoglobin", (131, "g/L"), DRAWN),
        "result_of_text": lambda: LabResult("hemoglobin", "131 g/L", DRAWN),
        "result_of_pint": lambda: LabResult("hemoglobin", quantity, DRAWN),
        "report": lambda: as_text(assessment, full=True),
        "document": lambda: json.dumps(assessment_document(assessment)),
        "pickled": lambda: pickle.loads(pickle.dumps(assessment)),  # noqa: S301  # our own
        "record": lambda: audit_record(assessment),
        "ask": lambda: what_to_ask(open_),
        "change": lambda: what_would_change(assessment),
    }
    strange = [name for name, (ask, verdict) in answers.items() if ask().verdict is not verdict]
    if strange or read_case(document) != assessment.case or pickle.loads(pickle.dumps(assessment)) != assessment:  # noqa: S301  # our own
        msg = f"not the expected answer: {', '.join(strange) or 'a case or an assessment is not what was written'}"
        raise ValueError(msg)
    turns = seconds({name: ask for name, (ask, _) in answers.items()} | others, ROUNDS)
    return {
        name: {"us": 1e6 / per_second(times)["median"], "times": ratio(times, turns["built"])}
        | ({"verdict": str(answers[name][1])} if name in answers else {})
        for name, times in turns.items()
    }


def main() -> int:
    """Measures, prints a table, and with --check fails above the bars."""
    parser = argparse.ArgumentParser(description="Whole assessments a second by the US label.")
    parser.add_argument("--check", action="store_true", help="fail above the bars")
    check = parser.parse_args().check
    facts = inputs()
    if not as_expected(facts):
        print("the answer is not the expected one")
        return 1
    turns = taken(facts)
    failed = False
    print(f"{'assess_dose':14s} {'a second':>10s} {'best':>10s} {'x json.loads':>13s} {'bar':>5s}")
    for name, bar in BARS.items():
        times = ratio(turns[name], turns["json"])["median"]
        failed |= times > bar
        print(f"{name:14s} {per_second(turns[name])['median']:10,.0f} {1 / min(turns[name]):10,.0f} {times:12.1f}x {bar:4.0f}x")
    return int(check and failed)


if __name__ == "__main__":
    sys.exit(main())

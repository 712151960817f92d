"""Registries whose results lack limits or exact values: doses that share a situation have the answers of single cases."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from test_cohort_registry import NO_EVENT, WELL, Rows, asked, course, same

BOOKS = (None, "us-2025-11", "precautions-2025-09", "eu-2026")
LIMITS = {"alt": 40.0, "ast": 40.0, "bilirubin": 1.2, "neutrophils": 1.8, "hemoglobin": 12.0, "platelets": 150.0}
UNITS = {
    "alt": "U/L",
    "ast": "U/L",
    "bilirubin": "mg/dL",
    "neutrophils": "10*9/L",
    "hemoglobin": "g/dL",
    "platelets": "10*9/L",
}
LOW = {
    "neutrophils": (0.3, 0.45, 0.9, 1.2, 1.6, 4.0),
    "hemoglobin": (7.0, 7.9, 9.0, 11.0, 13.0),
    "platelets": (9.0, 24.0, 45.0, 60.0, 200.0),
}
TOXICITY = {"alt": "hepatotoxicity", "neutrophils": "neutropenia", "hemoglobin": "anemia", "platelets": "thrombocytopenia"}


def result(random: Random, analyte: str, drawn: str | None) -> dict[str, Any]:
    """A result of which the limit, the exact value or the baseline is often missing."""
    limit, liver = LIMITS[analyte], analyte not in LOW
    value = random.choice([limit * times for times in (0.5, 1.0, 1.6, 2.9, 3.5, 5.5, 8.5, 21.0)] if liver else LOW[analyte])
    bound = random.choice(("<", ">", "<=", ">=")) if random.random() < 0.15 else None
    known = limit if random.random() < 0.5 else None
    return {
        "analyte": analyte,
        "value": round(value, 3),
        "unit": UNITS[analyte],
        "comparator": bound,
        "collected": drawn,
        "lower_limit": None if liver else known,
        "upper_limit": known if liver else None,
        "baseline": random.choice((None, None, limit * 0.5, limit * 2)),
    }


def tables(random: Random, analytes: tuple[str, ...], dates: bool) -> dict[str, Rows]:  # a choice of a test
    """Six patients with one course each, on other days, and results of some analytes around most doses."""
    made: dict[str, Rows] = {"doses": [], "labs": [], "events": [NO_EVENT], "patients": []}
    values = [[result(random, analyte, None) for analyte in analytes for _ in range(2)] for _ in range(7)]
    for n in range(6):
        name = f"P{n}"
        made["patients"].append(WELL | {"patient": name})
        for place, dose in enumerate(course(random.randrange(3, 8))):
            day = date.fromisoformat(dose["started"][:10]) + timedelta(days=13 * n)
            made["doses"].append(dose | {"patient": name, "started": f"{day}T09:00", "ended": f"{day}T10:00"})
            for one in values[place]:
                # Two of three patients have the same results, so that they may share a situation.
                row = one if n % 3 else result(random, one["analyte"], None)
                before = random.choice((1, 1, 1, 5, 8)) if not n % 2 else 1
                drawn = f"{day - timedelta(days=before)}T08:00" if dates or random.random() < 0.9 else None
                made["labs"].append(row | {"patient": name, "collected": drawn})
                if random.random() < 0.4:
                    break
        if random.random() < 0.2 and (toxicity := TOXICITY.get(analytes[0])):
            made["events"].append(NO_EVENT | {"patient": name, "toxicity": toxicity, "grade": 3, "onset": "2025-10-12", "status": None})
    return made


@pytest.mark.law
@pytest.mark.parametrize("book", BOOKS)
@given(st.integers(0, 2**32 - 1))
@settings(max_examples=2, deadline=None)
def test_open_results_answer_as_single_cases(book: str | None, seed: int) -> None:
    """Liver values without limits, bounded counts and missing baselines over whole courses: by situation, as one by one."""
    random = Random(seed)  # noqa: S311  # a registry for tests
    analytes = random.choice((("alt",), ("alt", "bilirubin"), ("ast", "alt"), ("neutrophils",), ("hemoglobin", "platelets")))
    rows = tables(random, analytes, dates=random.random() < 0.8)
    same(asked(**rows, rulebook=book), asked(**rows, rulebook=book, columns=False))


def test_open_results_share_a_situation() -> None:
    """Ten patients whose ALT of eight times the usual limit has no limit, on other days: their doses are judged once."""
    made: dict[str, Rows] = {"doses": [], "labs": [], "events": [NO_EVENT], "patients": []}
    for n in range(10):
        made["patients"].append(WELL | {"patient": f"P{n}"})
        for place, dose in enumerate(course(5)):
            day = date.fromisoformat(dose["started"][:10]) + timedelta(days=13 * n)
            made["doses"].append(dose | {"patient": f"P{n}", "started": f"{day}T09:00", "ended": f"{day}T10:00"})
            row = result(Random(1), "alt", f"{day - timedelta(days=1)}T08:00")  # noqa: S311  # as above
            value = {"value": 320.0, "upper_limit": None} if place == 2 else {"value": 22.0, "upper_limit": 40.0}
            made["labs"].append(row | value | {"patient": f"P{n}", "comparator": None, "baseline": None})
    answers = asked(**made)
    same(answers, asked(**made, columns=False))
    assert answers.part("labs.alt", 2) is not None
    assert answers.report["situations of labs.alt of one patient"] == 0
    assert answers.report["situations of labs.alt"] <= 5


@pytest.mark.law
@pytest.mark.parametrize("book", [None, "eu-2026"])
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=2, deadline=None)
def test_samples_of_one_day_answer_as_single_cases(book: str | None, seed: int) -> None:
    """Samples of one day with and without a time, beside reports of other grades: the order of a day and a worse sample may matter."""
    random = Random(seed)  # noqa: S311  # as above
    made: dict[str, Rows] = {"doses": [], "labs": [], "events": [NO_EVENT], "patients": []}
    for n in range(12):
        name, days = f"P{n}", [random.randrange(42, 55) for _ in range(2)]
        made["patients"].append(WELL | {"patient": name})
        made["doses"] += [dose | {"patient": name} for dose in course(6)]
        first = date.fromisoformat(made["doses"][-6]["started"][:10])
        drawn = [(random.choice(days), random.choice(LOW["neutrophils"])) for _ in range(random.randrange(2, 7))]
        for day, value in (*drawn, (55, random.choice((0.8, 1.2, 4.0)))):
            when = f"{first + timedelta(days=day)}{random.choice(('', '', 'T06:00', 'T18:00'))}"
            made["labs"].append(result(random, "neutrophils", when) | {"patient": name, "value": value, "comparator": None})
        if random.random() < 0.5:
            onset = str(first + timedelta(days=days[0] - random.randrange(3)))
            made["events"].append(NO_EVENT | {"patient": name, "toxicity": "neutropenia", "grade": random.randrange(2, 5), "onset": onset})
    same(asked(**made, rulebook=book), asked(**made, rulebook=book, columns=False))

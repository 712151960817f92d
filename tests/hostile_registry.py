"""A registry that somebody hostile would write: four small tables in which almost everything that can be odd is odd somewhere."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

import pandas as pd

from tarlatamab_rules.inputs.analytes import GREATEST, KINDS, LEAST, Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Toxicity

__all__ = ["hostile_registry"]

_SIX: Final = ("neutrophils", "hemoglobin", "platelets", "alt", "ast", "bilirubin")
_LIVER: Final = frozenset(("alt", "ast", "bilirubin"))
_NORMAL: Final[dict[str, tuple[float, float | None, float | None]]] = {
    "neutrophils": (4.0, 1.8, 7.5),
    "white-cells": (6.0, 4.0, 11.0),
    "lymphocytes": (1.8, 1.0, 4.0),
    "hemoglobin": (13.0, 12.0, 16.0),
    "platelets": (220.0, 150.0, 400.0),
    "alt": (22.0, None, 40.0),
    "ast": (25.0, None, 40.0),
    "bilirubin": (0.6, None, 1.2),
    "alkaline-phosphatase": (80.0, 40.0, 130.0),
    "creatinine": (0.9, 0.6, 1.2),
    "sodium": (140.0, 135.0, 145.0),
    "potassium": (4.2, 3.5, 5.0),
    "uric-acid": (5.0, 3.5, 7.0),
}
_SCALES: Final = (0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 0.9, 1.0, 1.0, 1.0, 1.1, 1.5, 1.875, 2.0, 2.5, 3.0, 5.0, 8.0, 20.0)
_ON_LIMITS: Final = {
    "neutrophils": (1.5, 1.0, 0.5, 1.0 - 1e-15),
    "hemoglobin": (10.0, 8.0),
    "platelets": (75.0, 50.0, 25.0, 49.99999999999999),
}


class _Maker:
    def __init__(self, seed: int, odd: float) -> None:
        self.random, self.odd = Random(seed), odd  # noqa: S311  # a registry for tests
        self.patients: list[dict[str, Any]] = []
        self.doses: list[dict[str, Any]] = []
        self.labs: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def now_and_then(self, times: float = 1.0) -> bool:
        return self.random.random() < self.odd * times

    def one_of(self, *values: Any) -> Any:
        return self.random.choice(values)

    def time(self, when: datetime) -> str | date | None:
        """A time as text: mostly to the minute, now and then without a time, as an object, or missing."""
        if self.now_and_then(0.5):
            return None
        if self.now_and_then(0.1):
            return when if self.random.random() < 0.5 else when.date()
        return when.date().isoformat() if self.now_and_then(0.7) else when.isoformat()

    def patient(self, name: str) -> None:
        potential = self.one_of(False, False, True, None)
        self.patients.append(
            {
                "patient": name,
                "age_years": self.one_of(64.0, 71.0, 17.9, None) if self.now_and_then() else 64.0,
                "birth_date": "2007-10-15" if self.now_and_then(0.3) else self.one_of("1960-02-28", "1961-10-15", None),
                "diagnosis": self.one_of("limited-stage-sclc", None) if self.now_and_then() else "extensive-stage-sclc",
                "progressed_after_platinum": self.one_of(False, None) if self.now_and_then() else True,
                "infection": self.one_of("controlled", "uncontrolled", None) if self.now_and_then() else "none",
                "childbearing_potential": potential,
                "pregnant": None if potential is not True else self.one_of(False, None),
                "breastfeeding": self.one_of(None, False, True) if self.now_and_then() else False,
                "hypersensitivity": self.one_of(True, None) if self.now_and_then(0.5) else False,
                "site_zone": self.one_of(None, "Europe/Berlin", "America/New_York"),
            }
        )
        self.course(name, datetime(2025, 10, 1, 9, 30) + timedelta(days=self.random.randrange(40)))  # noqa: DTZ001  # the clock on the wall

    def course(self, name: str, start: datetime) -> None:
        when, first = start, start
        for number in range(1, self.random.randrange(2, 9)):
            self.dose(name, number, when)
            self.results(name, when - timedelta(days=self.one_of(0, 1, 1, 1, 3), hours=2))
            if self.random.random() < 0.3:
                self.results(name, when + timedelta(days=3))
            for _ in range(self.random.choice((0, 0, 1, 1, 2))):
                self.event(name, when + timedelta(days=self.random.randrange(-3, 9), hours=self.random.randrange(20)), first)
            gap = 7 if number < 3 else 14
            when += timedelta(days=gap + (self.one_of(-3, 1, 2, 7, 14, 21, 29, 400) if self.now_and_then(2) else self.one_of(0, 0, 0, 1)))

    def dose(self, name: str, number: int, when: datetime) -> None:
        amount = 1.0 if number == 1 else 10.0
        odd = self.now_and_then
        self.doses.append(
            {
                "patient": name,
                "point": str(DosePoint.at(number + (1 if odd(0.3) else 0))),
                "started": when.date().isoformat() if odd(0.7) else when.isoformat(),
                "ended": self.one_of(None, (when + timedelta(minutes=self.one_of(20, 49, 50, 60, 1500))).isoformat())
                if odd(2)
                else (when + timedelta(minutes=60)).isoformat(),
                "amount": self.one_of(1.0, 5.0, None) if odd() else amount,
                "unit": self.one_of("mg", "MG") if not odd(0.03) else "mL",
                "ordered": self.one_of(1.0, 10.0, None),
                "complete": self.one_of(True, False, None) if odd(2) else True,
                "status": self.one_of("planned", None) if odd(2) else "given",
                "max_lab_age": self.one_of("3 days", "2 d") if odd(2) else None,
                "findings_temperature": self.one_of(36.8, 37.9, 38.0, 39.4) if odd(2) else None,
                "findings_hypotension": self.one_of("none", "one-vasopressor") if odd() else None,
                "findings_oxygen": self.one_of("none", "low-flow") if odd() else None,
                "findings_ice": self.one_of(10, 9, 5, 0) if odd() else None,
                "findings_seizure": self.one_of("none", "brief") if odd() else None,
                "findings_symptoms": self.one_of([], ["confusion"]) if odd() else None,
            }
        )

    def results(self, name: str, when: datetime) -> None:
        for analyte in (*_SIX, *self.random.sample(list(map(str, Analyte)), 2)):
            if not self.now_and_then(0.5):
                self.result(name, analyte, when)
                if self.now_and_then(0.5):
                    self.result(name, analyte, when + self.one_of(timedelta(0), timedelta(hours=5), timedelta(minutes=1)))

    def result(self, name: str, analyte: str, when: datetime) -> None:
        value, lower, upper = _NORMAL[analyte]
        scale = self.random.choice(_SCALES) if self.now_and_then(3) else self.random.choice((0.9, 1.0, 1.1))
        number = self.random.choice(_ON_LIMITS.get(analyte, (value,))) if self.now_and_then(0.5) else value * scale
        if self.now_and_then(0.5) and upper:
            number = upper * self.random.choice((1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 8.0))
        if not self.now_and_then(0.02):  # a few values show that their unit is wrong
            number = min(max(number, LEAST[Analyte(analyte)]), GREATEST[Analyte(analyte)])
        unit = KINDS[Analyte(analyte)].unit
        if analyte in {"neutrophils", "platelets"} and self.now_and_then(3):
            number, lower, upper, unit = number * 1000, lower and lower * 1000, upper and upper * 1000, "/uL"
        self.labs.append(
            {
                "patient": name,
                "analyte": self.one_of("neutrophiles", analyte.upper()) if self.now_and_then(0.02) else analyte,
                "value": self.one_of(f"<{number}", str(number), True) if self.now_and_then(0.05) else number,
                "unit": unit,
                "comparator": self.one_of("<", ">", "<=") if self.now_and_then(0.3) else None,
                "collected": self.time(when),
                "lower_limit": None if self.now_and_then() else str(lower) if lower and self.now_and_then(0.1) else lower,
                "upper_limit": None if self.now_and_then() else str(upper) if upper and self.now_and_then(0.1) else upper,
                "baseline": self.one_of(value, None, upper and upper * 2 if analyte in _LIVER else None)
                if self.now_and_then(2)
                else value
                if unit != "/uL"
                else None,
            }
        )

    def event(self, name: str, onset: datetime, first: datetime) -> None:
        toxicity = self.random.choice((*Toxicity, "neutropenia", "thrombocytopenia", "crs", "hepatotoxicity", "infection", "anemia"))
        ended = onset + timedelta(days=self.one_of(1, 3, 7, 8, 21, 22, 28, 29), hours=4)
        grade = self.one_of(1, 2, 3, 3, 4, None)
        if toxicity == "febrile-neutropenia":
            grade = self.one_of(3, 4, None)
        over = self.random.random() < 0.7
        if self.now_and_then(0.5):
            onset, ended = first - timedelta(days=9), first - timedelta(days=4)
        self.events.append(
            {
                "patient": name,
                "toxicity": str(toxicity),
                "grade": grade,
                "scale": self.one_of("ctcae-5.0", "astct-2019") if self.now_and_then() else None,
                "status": ("resolved" if over else self.one_of("active", "active", None, "unknown")),
                "onset": self.time(onset),
                "improved": self.time(ended - timedelta(hours=self.one_of(3, 20))) if over and self.random.random() < 0.4 else None,
                "resolved": self.time(ended) if over and not self.now_and_then(3) else None,
                "current_grade": (0 if self.now_and_then() else None) if over else self.one_of(1, 2, None) if grade and grade > 2 else None,
                "other_cause": self.one_of(True, False) if self.now_and_then(2) else None,
                "bleeding": self.one_of(True, False) if self.now_and_then(2) else None,
            }
        )


def hostile_registry(patients: int, seed: int, odd: float = 0.05) -> dict[str, Any]:
    """Four tables as pandas frames. *odd* says how often a fact is odd."""
    maker = _Maker(seed, odd)
    for n in range(patients):
        maker.patient(f"P{n:04d}")
    if odd:
        maker.doses.append(maker.doses[0] | {"patient": "nobody"})
        maker.labs.append(maker.labs[0] | {"patient": None})
        maker.doses[-2] = maker.doses[-2] | {"started": None}
        maker.patients.append(maker.patients[-1] | {"age_years": 50.0})
    tables = {"patients": maker.patients, "doses": maker.doses, "labs": maker.labs, "events": maker.events}
    frames: dict[str, Any] = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    for name, frame in frames.items():
        frames[name] = frame.sample(frac=1, random_state=seed).reset_index(drop=True)
    return frames

"""How a chart of ordinary care is written: a patient who is well, treated on time, and what the chart adds to that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from attrs import frozen

__all__ = [
    "ASSESS",
    "DATA",
    "NORMAL",
    "PROCEED",
    "SCHEDULE",
    "STOP",
    "WITHHOLD",
    "Chart",
    "Document",
    "at",
    "case",
    "event",
    "given",
    "panel",
    "patient",
    "result",
    "treated",
]

Document: TypeAlias = dict[str, Any]

PROCEED = "proceed"
DATA = "needs-data"
ASSESS = "needs-assessment"
WITHHOLD = "withhold"
STOP = "discontinue"

_FIRST = datetime(2026, 1, 12, 10)  # noqa: DTZ001  # the clock on the wall of the ward; the offset is written behind it
_OFFSET = "+01:00"
SCHEDULE = {"C1D1": 0, "C1D8": 7, "C1D15": 14} | {f"C{n}D{day}": 28 * (n - 1) + day - 1 for n in range(2, 9) for day in (1, 15)}
"""The days of the scheduled doses, counted from the first one, a Monday: cycles of 28 days."""

NORMAL: dict[str, Document] = {
    "neutrophils": {"value": 3.9, "unit": "10*9/L", "lower_limit": 1.8, "upper_limit": 7.5},
    "white-cells": {"value": 6.1, "unit": "10*9/L", "lower_limit": 4.0, "upper_limit": 10.0},
    "lymphocytes": {"value": 1.3, "unit": "10*9/L", "lower_limit": 1.0, "upper_limit": 3.5},
    "hemoglobin": {"value": 12.4, "unit": "g/dL", "lower_limit": 12.0, "upper_limit": 16.0},
    "platelets": {"value": 214, "unit": "10*9/L", "lower_limit": 150, "upper_limit": 400},
    "alt": {"value": 24, "unit": "U/L", "upper_limit": 40},
    "ast": {"value": 22, "unit": "U/L", "upper_limit": 40},
    "bilirubin": {"value": 0.6, "unit": "mg/dL", "upper_limit": 1.2},
    "alkaline-phosphatase": {"value": 88, "unit": "U/L", "upper_limit": 120},
    "creatinine": {"value": 0.8, "unit": "mg/dL", "lower_limit": 0.5, "upper_limit": 1.1},
    "sodium": {"value": 139, "unit": "mmol/L", "lower_limit": 135, "upper_limit": 145},
    "potassium": {"value": 4.2, "unit": "mmol/L", "lower_limit": 3.5, "upper_limit": 5.1},
    "uric-acid": {"value": 4.4, "unit": "mg/dL", "lower_limit": 2.6, "upper_limit": 6.0},
}
"""The panel of a day unit, as its laboratory reports it; no baselines, since charts rarely have them."""


@frozen
class Chart:
    """One chart, and what a clinician who has the sources beside it would do.

    Attributes:
        name: What it is about, in a few words.

        story: The chart in one sentence.

        document: The chart as a case.

        default: The verdict by the page over the label.

        label: The verdict by the label alone.

        asked: Parts of the paths that are asked for where the verdict is needs-data. A fact that charts rarely have may be asked for
            only if it stands here.

        observe: How long the patient is monitored afterwards, by default, where that is what the chart is about.
    """

    name: str
    story: str
    document: Document
    default: str
    label: str
    asked: tuple[str, ...] = ()
    observe: str = ""


def at(day: int, time: str = "10:00") -> str:
    """A time of the ward, on a day counted from that of the first dose."""
    return f"{_FIRST + timedelta(days=day):%Y-%m-%d}T{time}:00{_OFFSET}"


def result(analyte: str, value: float | str, day: int, time: str = "07:40", **more: Any) -> Document:
    """One result, with the limits of its laboratory."""
    return {"analyte": analyte} | NORMAL[analyte] | {"value": value, "collected": at(day, time)} | more


def panel(day: int, time: str = "07:40", **changed: float | str | Document | None) -> list[Document]:
    """The whole panel of one draw. A number replaces the value of an analyte, an object several fields, and ``None`` leaves it out."""
    results = []
    for analyte, normal in NORMAL.items():
        change = changed.get(analyte.replace("-", "_"), {})
        if change is not None:
            fields = change if isinstance(change, dict) else {"value": change}
            results.append({"analyte": analyte} | normal | {"collected": at(day, time)} | fields)
    return results


def given(point: str, day: int, amount: str | None = None, minutes: int | None = 60, **more: Any) -> Document:
    """A dose that was given, at ten o'clock; ``minutes=None``: nobody wrote down when it ended."""
    due = "1 mg" if point == "C1D1" else "10 mg"
    ended = None if minutes is None else at(day, f"{10 + minutes // 60}:{minutes % 60:02}")
    return {"point": point, "started": at(day), "ended": ended, "amount": amount or due} | more


def treated(before: str, *changed: Document) -> list[Document]:
    """All doses of the schedule before one, on their days; a changed dose replaces its own."""
    doses = [given(point, day) for point, day in SCHEDULE.items() if day < SCHEDULE[before]]
    instead = {dose["point"]: dose for dose in changed}
    return [instead.get(dose["point"], dose) for dose in doses]


def event(toxicity: str, grade: int | None = None, onset: int | None = None, resolved: int | None = None, **more: Any) -> Document:
    """An episode, its days counted from the first dose: begun at night, over at noon; active unless it has an end."""
    known: Document = {} if grade is None else {"grade": grade}
    known |= {} if onset is None else {"onset": at(onset, "22:30")}
    known |= {"status": "active"} if resolved is None else {"resolved": at(resolved, "12:00")}
    return {"toxicity": toxicity} | known | more


def patient(**changed: Any) -> Document:
    """A man of 66 who meets the indication, with changes."""
    return {
        "age_years": 66,
        "diagnosis": "extensive-stage-sclc",
        "progressed_after_platinum": True,
        "infection": "none",
        "childbearing_potential": False,
    } | changed


def case(dose: str, day: int | None = None, earlier: Iterable[Document] = (), tests: Document | None = None, **changed: Any) -> Document:
    """A case in which all is well: treated on time, a panel of this morning, nothing happened.

    *earlier* are results from before, *tests* changes of this morning's panel; any other key replaces that of the case, and ``None`` leaves
    it unknown.
    """
    planned = SCHEDULE[dose] if day is None else day
    whole = {
        "patient": patient(),
        "point": dose,
        "planned_start": at(planned),
        "course": treated(dose),
        "labs": [*earlier, *panel(planned, **(tests or {}))],
        "events": [],
    }
    return {key: value for key, value in (whole | changed).items() if value is not None}

"""Cases as a clinic has them, in the JSON form, with the verdict by hand from the US label of 11/2025 and what is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import pytest

from tarlatamab_rules import assess_case
from tarlatamab_rules.formats.cases import read_case

Document: TypeAlias = dict[str, Any]

DAY0 = datetime(2025, 6, 2, 9)  # noqa: DTZ001  # naive on purpose
DAYS = {"C1D1": 0, "C1D8": 7, "C1D15": 14, "C2D1": 28, "C2D15": 42, "C3D1": 56}
NORMAL = {
    "neutrophils": (3.2, "10*9/L", None),
    "hemoglobin": (12.1, "g/dL", None),
    "platelets": (210, "10*9/L", None),
    "alt": (22, "U/L", 40),
    "ast": (21, "U/L", 40),
    "bilirubin": (0.5, "mg/dL", 1.0),
}


def at(day: int, time: str = "09:00") -> str:
    """A time of a day after the first dose."""
    return f"{DAY0 + timedelta(days=day):%Y-%m-%d}T{time}:00"


def lab(  # noqa: PLR0913, PLR0917  # one parameter a field
    analyte: str, value: float, unit: str, day: int, upper: float | None = None, time: str = "08:00", **more: Any
) -> Document:
    """A result of a day."""
    return {"analyte": analyte, "value": value, "unit": unit, "collected": at(day, time), "upper_limit": upper, **more}


def event(  # noqa: PLR0913, PLR0917  # as above
    toxicity: str,
    grade: int | None = None,
    status: str | None = None,
    onset: int | None = None,
    resolved: int | None = None,
    time: str = "09:00",
    **more: Any,
) -> Document:
    """An episode, its days counted from the first dose."""
    return {
        "toxicity": toxicity,
        "grade": grade,
        "status": status,
        "onset": None if onset is None else at(onset, time),
        "resolved": None if resolved is None else at(resolved, time),
        **more,
    }


def case(  # noqa: PLR0913, PLR0917  # as above
    dose: str,
    day: int | None = None,
    labs: Iterable[Document] = (),
    events: Iterable[Document] = (),
    without: Iterable[str] = (),
    ordered: str | None = None,
    course: Iterable[tuple[Any, ...]] = (),
    **more: Any,
) -> Document:
    """A case in which all is well but for what is passed."""
    day = DAYS[dose] if day is None else day
    given = list(course) or [(p, d) for p, d in DAYS.items() if d < DAYS[dose]]
    return {
        "patient": {
            "age_years": 64,
            "diagnosis": "extensive-stage-sclc",
            "progressed_after_platinum": True,
            "infection": "none",
            "childbearing_potential": False,
        },
        "point": dose,
        "planned_start": at(day),
        "ordered": ordered,
        "course": [
            {
                "point": g[0],
                "started": at(g[1]),
                "ended": at(g[1], "10:00"),
                "amount": f"{g[2] if len(g) > 2 else 1 if g[0] == 'C1D1' else 10} mg",
            }
            for g in given
        ],
        "labs": [lab(a, v, u, day - 1, up) for a, (v, u, up) in NORMAL.items() if a not in without] + list(labs),
        "events": list(events),
        **more,
    }


def anc(*points: tuple[int, float]) -> list[Document]:
    """Neutrophil counts by day."""
    return [lab("neutrophils", v, "10*9/L", d) for d, v in points]


HY = [lab("alt", 160, "U/L", 26, 40, "23:30", baseline=20), lab("bilirubin", 2.5, "mg/dL", 27, 1.0, "00:30", baseline=0.6)]
HY_NOW = [lab("alt", 160, "U/L", 27, 40, baseline=20), lab("bilirubin", 2.5, "mg/dL", 27, 1.0, baseline=0.6)]
LIVER = ("alt", "bilirubin")

CLEAR = {"arousable": True, "consciousness": "alert", "seizure": "none", "motor_weakness": False, "raised_icp": "none"}

CASES: list[tuple[str, Document, str, str | None]] = [
    (
        "ANC 0.7 on day 20 and 0.9 on day 41: 21 days, not over",
        case("C2D1", 41, anc((20, 0.7), (34, 0.9), (41, 0.9)), without=("neutrophils",)),
        "withhold",
        None,
    ),
    ("the same on day 42: 22 days", case("C2D1", 42, anc((20, 0.7), (34, 0.9), (42, 0.9)), without=("neutrophils",)), "discontinue", None),
    (
        "ANC 0.4 eight days ago and no sample since",
        case("C2D1", 28, anc((20, 0.4)), without=("neutrophils",)),
        "withhold",
        "labs.neutrophils",
    ),
    (
        "one episode reported a day off and seen in results",
        case("C2D1", 28, anc((18, 0.4), (22, 1.5), (27, 2.5)), [event("neutropenia", 4, "resolved", 17, 23)], ("neutrophils",)),
        "proceed",
        None,
    ),
    (
        "0.4, 0.6, 0.45, 0.7 is one episode",
        case("C2D1", 28, anc((21, 0.4), (23, 0.6), (25, 0.45), (27, 0.7)), without=("neutrophils",)),
        "withhold",
        None,
    ),
    ("0.4, 1.5, 0.45 is two", case("C2D1", 28, anc((16, 0.4), (19, 1.5), (27, 0.45)), without=("neutrophils",)), "discontinue", None),
    (
        "anemia begins after the sample that was normal",
        case("C2D1", events=[event("anemia", 3, "active", 27, time="18:00")]),
        "withhold",
        None,
    ),
    (
        "ALT 6x then 4x is not down to grade 1",
        case("C2D1", labs=[lab("alt", v, "U/L", d, 40, baseline=20) for d, v in ((20, 240), (27, 160))], without=("alt",)),
        "withhold",
        None,
    ),
    ("ALT 4x at 23:30 and bilirubin 2.5x at 00:30", case("C2D1", labs=HY, without=LIVER), "needs-data", "other_cause"),
    (
        "the cause of an episode long over explains no new pair",
        case("C2D1", labs=HY_NOW, without=LIVER, events=[event("hepatotoxicity", 2, "resolved", 2, 6, other_cause=True)]),
        "needs-data",
        "other_cause",
    ),
    (
        "grade 3 CRS reported as active and found now is one episode",
        case(
            "C1D15",
            events=[event("crs", 3, "active", 13)],
            findings={"crs": {"temperature": "39 degC", "hypotension": "one-vasopressor", "oxygen": "none", "vasopressin": False}},
        ),
        "withhold",
        None,
    ),
    (
        "fever alone is grade 1 or worse",
        case("C1D15", findings={"crs": {"temperature": "38.5 degC", "hypotension": "none", "oxygen": "none"}}),
        "withhold",
        "findings.crs.vasopressin",
    ),
    (
        "all of ICANS known but the ICE score",
        case(
            "C1D15",
            findings={
                "icans": {"arousable": True, "consciousness": "alert", "seizure": "none", "motor_weakness": False, "raised_icp": "none"}
            },
        ),
        "needs-data",
        "findings.icans.ice",
    ),
    (
        "grade 3 ICANS down to grade 1 on day 8",
        case("C2D1", events=[event("icans", 3, "resolved", 15, 24, improved=at(23))]),
        "discontinue",
        None,
    ),
    ("10 mg ordered 22 days after C1D8", case("C1D15", 29, ordered="10 mg"), "needs-assessment", None),
    (
        "infection of grade 1 a week after a restart is in the step-up phase",
        case(
            "C2D15",
            57,
            events=[event("infection", 1, "active", 54)],
            course=[("C1D1", 0), ("C1D8", 7), ("C1D15", 14), ("C2D1", 50, 1)],
            ordered="10 mg",
        ),
        "withhold",
        None,
    ),
]


BASE_AT: Document = {
    "patient": {"age_years": 64, "diagnosis": "extensive-stage-sclc", "progressed_after_platinum": True, "childbearing_potential": False}
}
SIGN = {"icans": {**CLEAR, "ice": 10, "symptoms": ["confusion"]}}
UNREAL = {"icans": {"ice": 5, "arousable": False}}
CASES += [
    ("whether there is an infection is not known", case("C1D8", **BASE_AT), "needs-data", "patient.infection"),
    (
        "hypersensitivity of grade 3, over",
        case("C1D15", events=[event("hypersensitivity", 3, "resolved", 8, 10)]),
        "needs-assessment",
        None,
    ),
    ("sepsis long before the first dose", case("C1D1", events=[event("infection", 4, "resolved", -90, -80)]), "needs-assessment", None),
    ("a mild infection before the first dose", case("C2D1", events=[event("infection", 2, "resolved", -30, -20)]), "proceed", None),
    (
        "CRS by another scale",
        case("C1D15", events=[event("crs", 3, "resolved", 8, 10, scale="ctcae-5.0")]),
        "needs-data",
        "events[0].scale",
    ),
    ("a key symptom beside a full score", case("C1D15", findings=SIGN), "withhold", None),
    ("findings that contradict each other", case("C1D15", findings=UNREAL), "withhold", None),
    ("CRS that goes on, its grade not known", case("C1D15", events=[event("crs", None, "active", 13)]), "withhold", "events[0].grade"),
    (
        "ALT 4x on day 25 and bilirubin 2.5x on day 27, both the latest",
        case("C2D1", labs=[HY_NOW[0] | {"collected": at(25)}, HY_NOW[1]], without=LIVER),
        "needs-data",
        "other_cause",
    ),
    (
        "a cause of the time explains the pair",
        case("C2D1", labs=HY_NOW, without=LIVER, events=[event("hepatotoxicity", 2, "active", 25, other_cause=True)]),
        "proceed",
        None,
    ),
    (
        "an unrelated mild episode says nothing of the pair",
        case("C2D1", labs=HY_NOW, without=LIVER, events=[event("hepatotoxicity", 1, "resolved", 2, 6, other_cause=False)]),
        "needs-data",
        "other_cause",
    ),
]


@pytest.mark.parametrize(("document", "verdict", "missing"), [pytest.param(*each[1:], id=each[0]) for each in CASES])
def test_case(document: Document, verdict: str, missing: str | None) -> None:
    """The verdict by hand; and a fact that is asked for is one that the case has room for."""
    found = assess_case(read_case(document), rulebook="us-2025-11")
    assert found.verdict == verdict
    assert missing is None or any(missing in path for path in found.missing)
    assert verdict != "needs-data" or found.missing

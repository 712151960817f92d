"""Tables of trials become a registry, rows of one episode are joined, and grades are written as trials expect them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tarlatamab_rules import FieldError, cohort
from tarlatamab_rules.cohort.foreign.episodes_joined import Episode, joined

EX = pd.DataFrame(
    {
        "USUBJID": ["A-1", "A-1", "A-1", "A-1", "B-2", "B-2"],
        "EXTRT": ["TARLATAMAB", "Tarlatamab", "TARLATAMAB", "DEXAMETHASONE", "TARLATAMAB", "TARLATAMAB"],
        "EXDOSE": [1.0, 10.0, 0.0, 8.0, 1.0, 10.0],
        "EXDOSU": ["mg"] * 6,
        "VISIT": ["CYCLE 1 DAY 1", "Cycle 1, Day 8", "C1D15", "CYCLE 1 DAY 1", None, "UNSCHEDULED"],
        "EXSTDTC": ["2025-03-01T10:00", "2025-03-08T09:30", "2025-03-15", "2025-03-01", "2025-04-01", "2025-04"],
        "EXENDTC": ["2025-03-01T11:00", None, None, None, "2025-04-01", None],
        "EXOCCUR": ["Y", None, "Y", "Y", None, "Y"],
    }
)
LB = pd.DataFrame(
    {
        "USUBJID": ["A-1"] * 9 + ["B-2"],
        "LBTESTCD": ["NEUT", "NEUT", "ALT", "CREAT", "CREAT", "GLUC", "K", "PLAT", "BILI", "ALT"],
        "LBSTRESC": ["4.1", "<0.5", "30", "1.1", "80", "5.5", "HEMOLYZED", None, "0.6", "24"],
        "LBSTRESN": [4.1, None, 30, 1.1, 80, 5.5, None, None, 0.6, 24],
        "LBSTRESU": ["10^9/L", "GI/L", "U/L", "mg/dL", "mg/dL", "mmol/L", "mmol/L", "10^9/L", "mg/dL", "U/L"],
        "LBSTNRLO": [1.8, 1.8, None, None, None, None, None, None, None, None],
        "LBSTNRHI": [7.7, 7.7, 45, 1.2, None, None, None, None, 1.2, 40],
        "LBSPEC": ["BLOOD", "BLOOD", "SERUM", "SERUM", "URINE", "SERUM", "SERUM", "BLOOD", None, "SERUM"],
        "LBDTC": [
            "2025-02-28T08:00",
            "2025-03-07",
            "2025-02-28",
            "2025-02-28",
            "2025-02-28",
            "2025-02-28",
            "2025-02-28",
            "2025-02-28",
            "2025",
            "2025-03-30",
        ],
        "LBBLFL": ["Y", None, "Y", None, "Y", None, None, None, None, None],
        "LBSTAT": [None] * 7 + ["NOT DONE", None, None],
    }
)
AE = pd.DataFrame(
    {
        "USUBJID": ["A-1", "A-1", "A-1", "A-1", "A-1", "B-2", "B-2"],
        "AEDECOD": ["Cytokine release syndrome", "Cytokine Release Syndrome", "Neutropenia", "Pneumonia", "Fatigue", None, "Anaemia"],
        "AEBODSYS": ["Immune", "Immune", "Blood", "Infections and infestations", "General", None, "Blood"],
        "AETOXGR": ["1", "2", "3", "2", "1", "1", None],
        "AESTDTC": ["2025-03-01", "2025-03-02", "2025-03-06", "2025-03-20", "2025-03", "2025-03-01", "2025-04-03"],
        "AEENDTC": ["2025-03-02", "2025-03-04", None, None, None, None, None],
        "AEOUT": [
            "RECOVERED/RESOLVED",
            "RECOVERED/RESOLVED",
            "NOT RECOVERED/NOT RESOLVED",
            "RECOVERING/RESOLVING",
            "RECOVERED/RESOLVED",
            None,
            "UNKNOWN",
        ],
    }
)
DM = pd.DataFrame({"USUBJID": ["A-1", "B-2"], "AGE": [64, 700], "AGEU": ["YEARS", "MONTHS"], "BRTHDTC": ["1960-04-09", "1966"]})
ADLB = pd.DataFrame(
    {
        "USUBJID": ["A-1"] * 4,
        "PARAMCD": ["ALT", "ALT", "POTAS", "HGB"],
        "PARAM": ["Alanine Aminotransferase (U/L)", "Alanine Aminotransferase (U/L)", "Potassium (mmol/L)", "Hemoglobin"],
        "AVAL": [300.0, 300.0, 6.2, 7.9],
        "ANRLO": [None, None, 3.5, 12.0],
        "ANRHI": [40.0, 40.0, 5.1, 16.0],
        "BASE": [30.0, 30.0, None, None],
        "ADT": [date(2025, 2, 28)] * 4,
        "DTYPE": [None, "MAXIMUM", None, None],
    }
)
ADAE = pd.DataFrame(
    {
        "USUBJID": ["A-1"],
        "AEDECOD": ["Febrile neutropenia"],
        "ATOXGR": ["GRADE 3"],
        "ASTDTM": [pd.Timestamp("2025-03-06T14:00")],
        "AENDT": [None],
        "AEENRTPT": ["ONGOING"],
    }
)


def rows(registry: Any, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table."""
    return [tuple(row[column] for column in columns) for row in registry.tables[name].to_pylist()]


def test_doses() -> None:
    """The visit names the dose, else its order does; what was not given and other drugs are left out."""
    registry = cohort.from_cdisc(ex=EX, lb=LB, ae=AE)
    assert rows(registry, "doses", "patient", "point", "started", "ended", "amount", "unit") == [
        ("A-1", "C1D1", "2025-03-01T10:00:00", "2025-03-01T11:00:00", 1.0, "mg"),
        ("A-1", "C1D8", "2025-03-08T09:30:00", None, 10.0, "mg"),
        ("B-2", "C1D1", "2025-04-01", "2025-04-01", 1.0, "mg"),
        ("B-2", "C1D8", None, None, 10.0, "mg"),
    ]
    assert registry.counts["ex"] == {"used": 4, "not used: another treatment": 1, "not used: not given (EXDOSE is 0)": 1}
    assert rows(registry, "patients", "patient") == [("A-1",), ("B-2",)]


def test_one_treatment() -> None:
    """Without EXTRT, every row is of the drug of the trial."""
    assert cohort.from_cdisc(ex=EX.drop(columns="EXTRT"), lb=LB, ae=AE).counts["ex"]["used"] == 5


def test_results() -> None:
    """Results of blood, bounds as such, the flagged baseline; words stay without a number, and urine and what was not done are counted."""
    registry = cohort.from_cdisc(ex=EX, lb=LB, ae=AE)
    assert rows(registry, "labs", "patient", "analyte", "value", "comparator", "unit", "collected", "upper_limit", "baseline") == [
        ("A-1", "neutrophils", 4.1, None, "10^9/L", "2025-02-28T08:00:00", 7.7, 4.1),
        ("A-1", "neutrophils", 0.5, "<", "GI/L", "2025-03-07", 7.7, 4.1),
        ("A-1", "alt", 30.0, None, "U/L", "2025-02-28", 45.0, 30.0),
        ("A-1", "creatinine", 1.1, None, "mg/dL", "2025-02-28", 1.2, None),
        ("A-1", "potassium", None, None, None, "2025-02-28", None, None),
        ("A-1", "bilirubin", 0.6, None, "mg/dL", None, 1.2, None),
        ("B-2", "alt", 24.0, None, "U/L", "2025-03-30", 40.0, None),
    ]
    assert registry.counts["lb"] == {
        "used": 7,
        "not used: a test of something else": 1,
        "not used: another specimen than blood": 1,
        "not used: not done (LBSTAT)": 1,
    }


def test_events() -> None:
    """Rows of one episode are joined; an unknown term stays, as an event of its own; ongoing and resolved are told apart."""
    registry = cohort.from_cdisc(ex=EX, lb=LB, ae=AE)
    assert rows(registry, "events", "patient", "toxicity", "grade", "scale", "status", "onset", "resolved") == [
        ("A-1", "crs", 2, "astct-2019", "resolved", "2025-03-01", "2025-03-04"),
        ("A-1", "infection", 2, "ctcae-5.0", "active", "2025-03-20", None),
        ("A-1", "neutropenia", 3, "ctcae-5.0", "active", "2025-03-06", None),
        ("A-1", "other", 1, "ctcae-5.0", "resolved", None, None),
        ("B-2", "anemia", None, None, None, "2025-04-03", None),
        ("B-2", "other", None, None, None, "2025-03-01", None),
    ]
    assert registry.counts["ae"] == {"used": 6, "joined to an episode that began earlier": 1}


def test_grades_as_numbers() -> None:
    """Grades in a column of numbers are those grades; a trial that graded CRS by CTCAE says so, and that scale is kept."""
    ae = AE.assign(AETOXGR=pd.Series([1.0, 2.0, 3.0, 2.0, 1.0, 1.0, None]))
    registry = cohort.from_cdisc(ex=EX, lb=LB, ae=ae, syndrome_scale="ctcae-5.0")
    assert rows(registry, "events", "toxicity", "grade", "scale")[0] == ("crs", 2, "ctcae-5.0")
    assert rows(registry, "events", "grade") == rows(cohort.from_cdisc(ex=EX, lb=LB, ae=AE), "events", "grade")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-03-01", "2025-03-01"),
        ("20250301", "2025-03-01"),
        ("2025-03-01T10:00", "2025-03-01T10:00:00"),
        ("2025-03-01T00:00:00", "2025-03-01T00:00:00"),
        ("2025-03-01T10:00Z", "2025-03-01T10:00:00+00:00"),
        ("2025-03-01T10:00:30+01:00", "2025-03-01T10:00:30+01:00"),
        ("2025-03", None),
        ("2025", None),
        ("2025---01", None),
        ("--03-01", None),
        ("UNK", None),
        (".", None),
        ("", None),
        ("2025-03-01T-:30", None),
        ("2025-02-30", "2025-02-30"),
        ("2025-13", "2025-13"),
        (" 01MAR2025", "01MAR2025"),
        ("2025-03-01/2025-03-02", "2025-03-01/2025-03-02"),
    ],
)
def test_dates(written: str, read: str | None) -> None:
    """Whole dates and times are kept with their offset; one that lacks parts is not known; any other text stays, to be refused."""
    registry = cohort.from_cdisc(ex=EX[:1].assign(EXSTDTC=written, EXENDTC=None), lb=LB, ae=AE)
    assert rows(registry, "doses", "started") == [(read,)]


def test_patients() -> None:
    """Ages in years, and whole dates of birth."""
    registry = cohort.from_cdisc(ex=EX, lb=LB, ae=AE, dm=DM)
    assert rows(registry, "patients", "patient", "age_years", "birth_date") == [("A-1", 64.0, "1960-04-09"), ("B-2", None, None)]
    assert registry.counts["dm"] == {"used": 2}


def test_analysis_data() -> None:
    """ADLB and ADAE: the unit at the end of PARAM, derived rows left out, grades with their word."""
    registry = cohort.from_cdisc(ex=EX, adlb=ADLB, adae=ADAE, scale="ctcae-6.0")
    assert rows(registry, "labs", "analyte", "value", "unit", "collected", "baseline") == [
        ("alt", 300.0, "U/L", "2025-02-28", 30.0),
        ("potassium", 6.2, "mmol/L", "2025-02-28", None),
        ("hemoglobin", 7.9, None, "2025-02-28", None),
    ]
    assert registry.counts["adlb"] == {"used": 3, "not used: derived, not measured (DTYPE)": 1}
    assert rows(registry, "events", "toxicity", "grade", "scale", "status", "onset") == [
        ("febrile-neutropenia", 3, "ctcae-6.0", "active", "2025-03-06T14:00:00")
    ]


def test_as_reported() -> None:
    """Without standard results, those of the laboratory are used; limits as text are read, and a range is none."""
    lb = pd.DataFrame(
        {
            "USUBJID": ["A-1", "A-1"],
            "LBTESTCD": ["ALT", "ALT"],
            "LBORRES": ["30", ">1000"],
            "LBORRESU": ["IU/L", "IU/L"],
            "LBORNRLO": ["5", None],
            "LBORNRHI": ["45", "<45"],
            "LBLOBXFL": ["Y", None],
        }
    )
    registry = cohort.from_cdisc(ex=EX, lb=lb, ae=AE[:0])
    assert rows(registry, "labs", "value", "comparator", "lower_limit", "upper_limit", "baseline") == [
        (30.0, None, 5.0, 45.0, 30.0),
        (1000.0, ">", None, None, 30.0),
    ]
    assert registry.tables["events"].num_rows == 0


def test_two_baselines_are_none() -> None:
    """Two flagged values that differ leave the baseline open; two that agree are one."""
    lb = pd.DataFrame(
        {
            "USUBJID": ["A-1"] * 4,
            "LBTESTCD": ["ALT", "ALT", "AST", "AST"],
            "LBSTRESC": ["30", "31", "20", "20"],
            "LBSTRESU": ["U/L"] * 4,
            "LBBLFL": ["Y"] * 4,
        }
    )
    assert rows(cohort.from_cdisc(ex=EX, lb=lb, ae=AE), "labs", "baseline") == [(None,), (None,), (20.0,), (20.0,)]


def test_more_words() -> None:
    """Codes and terms of a trial are added to those of the library."""
    registry = cohort.from_cdisc(ex=EX, lb=LB, ae=AE, analytes={"GLUC": "sodium"}, toxicities={"FATIGUE": "neurotoxicity"})
    assert ("sodium",) in rows(registry, "labs", "analyte")
    assert ("neurotoxicity", 1) in rows(registry, "events", "toxicity", "grade")


def test_as_a_case_and_assessed() -> None:
    """A dose is a case, and the registry is assessed."""
    registry = cohort.from_cdisc(ex=EX, lb=LB.drop(index=6), ae=AE, dm=DM)
    case = registry.case(1)
    assert (str(case.point), case.patient.age_years, len(case.events or ()), len(case.labs or ())) == ("C1D8", 64.0, 3, 5)
    assert cohort.assess_registry(**registry.tables).frame["fault"].to_pylist()[:2] == [None, None]


DAY1, DAY2, DAY3, DAY5, DAY9 = "2025-03-01", "2025-03-02", "2025-03-03", "2025-03-05", "2025-03-09"


def of(grade: int | None, onset: str | None, resolved: str | None = None, status: str | None = None, toxicity: str = "crs") -> Episode:
    """A row of one patient."""
    return Episode("A", toxicity, grade, onset, resolved, status, "ctcae-5.0")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([of(1, DAY1, DAY2), of(3, DAY2, DAY3), of(2, DAY3, DAY5)], [of(3, DAY1, DAY5, "resolved")]),
        ([of(2, DAY3, DAY5), of(1, DAY1, DAY2)], [of(2, DAY1, DAY5, "resolved")]),
        ([of(1, DAY1, DAY2), of(1, DAY9)], [of(1, DAY1, DAY2), of(1, DAY9)]),
        ([of(1, DAY1, DAY9), of(2, DAY2, DAY3)], [of(2, DAY1, DAY9, "resolved")]),
        ([of(3, DAY1, DAY2), of(1, DAY2, None, "active")], [Episode("A", "crs", 3, DAY1, None, "active", "ctcae-5.0", 1)]),
        ([of(3, DAY1, None, "active"), of(1, DAY5, DAY9)], [of(3, DAY1, None, "active")]),
        ([of(3, DAY1, DAY2), of(1, DAY2)], [of(3, DAY1, None, "unknown")]),
        ([of(3, DAY1), of(1, DAY2)], [of(3, DAY1), of(1, DAY2)]),
        ([of(None, DAY1, DAY2), of(2, DAY2, DAY3)], [of(None, DAY1, DAY2), of(2, DAY2, DAY3)]),
        ([of(2, None, DAY2), of(2, DAY2, DAY3)], [of(2, None, DAY2), of(2, DAY2, DAY3)]),
        (
            [of(1, DAY1, DAY2, None, "other"), of(1, DAY2, DAY3, None, "other")],
            [of(1, DAY1, DAY2, None, "other"), of(1, DAY2, DAY3, None, "other")],
        ),
    ],
)
def test_episodes(written: list[Episode], expected: list[Episode]) -> None:
    """Rows that follow each other are one episode with the worst grade; gaps, unknown grades and unknown dates keep them apart."""
    episodes, more = joined(written)
    assert episodes == expected
    assert more == len(written) - len(expected)


def test_another_cause_of_an_episode() -> None:
    """Another cause counts for an episode only if all its rows agree."""
    one, other = (Episode("A", "icans", 2, DAY1, DAY2, None, None, None, cause) for cause in (True, False))
    assert [episode.other_cause for episode in joined([one, one])[0]] == [True]
    assert [episode.other_cause for episode in joined([one, other])[0]] == [None]


def test_grades_of_analysis_data() -> None:
    """ADLB keeps its rows and gets the three columns; derived rows and rows without a unit have no grade."""
    graded = cohort.grade_adlb(ADLB)
    texts = graded[["ATOXGRL", "ATOXGRH", "ATOXGR"]].astype(object).where(lambda cell: cell.notna(), None).to_numpy().tolist()
    assert texts == [[None, "3", "3"], [None, None, None], ["0", "3", "3"], [None, None, None]]
    assert "has no unit" in graded["fault"][3]
    assert list(graded.columns[: len(ADLB.columns)]) == list(ADLB.columns)


def test_grades_of_tabulated_data() -> None:
    """LB gets the term and its grade; results of urine have none."""
    graded = cohort.grade_lb(LB)
    pairs = graded[["LBTOX", "LBTOXGR"]].astype(object).where(lambda cell: cell.notna(), None).to_numpy().tolist()
    assert pairs[:5] == [
        ["Neutrophil count decreased", "0"],
        ["Neutrophil count decreased", "4"],
        ["Alanine aminotransferase increased", "0"],
        [None, None],
        [None, None],
    ]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"treatment": " "}, "treatment"),
        ({"lb": pd.DataFrame({"USUBJID": ["A-1"], "LBTESTCD": ["ALT"], "LBSTRESN": [30.0]})}, "lb.LBORRES"),
        ({"ex": EX.assign(EXDOSE="1")}, "ex.EXDOSE"),
        ({"lb": None}, "lb"),
        ({"adlb": ADLB}, "lb"),
        ({"ae": None}, "ae"),
        ({"ex": EX.drop(columns="EXDOSU")}, "ex.EXDOSU"),
        ({"lb": LB.drop(columns="LBTESTCD")}, "lb.LBTESTCD"),
        ({"ae": AE.drop(columns="AEDECOD")}, "ae.AEDECOD"),
        ({"ae": AE.assign(AETOXGR="3-4")}, "ae.AETOXGR"),
        ({"dm": DM.drop(columns="USUBJID")}, "dm.USUBJID"),
        ({"analytes": {"FER": "ferritin"}}, "analytes.FER"),
        ({"toxicities": {"Cough": None}}, "toxicities.Cough"),
    ],
)
def test_refused(changes: dict[str, Any], path: str) -> None:
    """What is missing, doubled or not known is named."""
    with pytest.raises(FieldError) as raised:
        cohort.from_cdisc(**{"ex": EX, "lb": LB, "ae": AE} | changes)
    assert raised.value.path == path

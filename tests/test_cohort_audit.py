"""Audits of given doses and comparisons of books: counts by hand on a small registry, and laws on synthetic ones."""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import pairwise
from typing import Any

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.colors import to_rgb

from tarlatamab_rules import FieldError, FieldTypeError, assess_case, cohort, rulebooks
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS
from tarlatamab_rules.views.plot import svg

LABEL = "us-2025-11"
GOOD = {"neutrophils": 4.1, "hemoglobin": 13.0, "platelets": 220.0, "alt": 25.0, "ast": 25.0, "bilirubin": 0.6}
LIMITS: dict[str, tuple[float | None, float | None, str]] = {
    "neutrophils": (1.8, None, "10*9/L"),
    "hemoglobin": (12.0, None, "g/dL"),
    "platelets": (150.0, None, "10*9/L"),
    "alt": (None, 45.0, "U/L"),
    "ast": (None, 40.0, "U/L"),
    "bilirubin": (None, 1.2, "mg/dL"),
}
PATIENTS = pd.DataFrame(
    {
        "patient": ["a", "b", "c", "d"],
        "age_years": [64.0] * 4,
        "diagnosis": ["extensive-stage-sclc"] * 4,
        "progressed_after_platinum": [True] * 4,
        "infection": ["none"] * 4,
        "childbearing_potential": [False] * 4,
        "hypersensitivity": [False] * 4,
        "site": ["north", "south", "south", None],
    }
)
DOSES = pd.DataFrame(
    [
        ("a", "C1D1", "2026-01-05", 1.0, "given"),
        ("a", "C1D8", "2026-01-12", 10.0, "given"),
        ("b", "C1D1", "2026-01-05", 1.0, "given"),
        ("b", "C1D8", "2026-01-12", 10.0, None),
        ("c", "C1D1", "2026-02-02", 10.0, "given"),
        ("c", "C1D8", "2026-02-09", None, "planned"),
        ("d", "C1D1", "2025-12-01", 1.0, "given"),
        ("d", "C1D8", "2023-01-01", 1.0, "given"),
        ("d", "C1D15", None, 1.0, "given"),
    ],
    columns=["patient", "point", "started", "amount", "status"],
).assign(unit="mg")
DAYS = (("a", "2026-01-05"), ("a", "2026-01-12"), ("b", "2026-01-05"), ("b", "2026-01-12"), ("c", "2026-02-02"))
LABS = pd.DataFrame(
    [
        (patient, analyte, 0.4 if (patient, day, analyte) == ("b", "2026-01-12", "neutrophils") else GOOD[analyte], unit, day, low, high)
        for patient, day in DAYS
        for analyte, (low, high, unit) in LIMITS.items()
    ],
    columns=["patient", "analyte", "value", "unit", "collected", "lower_limit", "upper_limit"],
)
EVENTS = pd.DataFrame({"patient": ["d", "d"], "toxicity": ["misspelt", "anemia"], "grade": [None, 1], "status": [None, "resolved"]})
TABLES: dict[str, Any] = {"doses": DOSES, "patients": PATIENTS, "labs": LABS, "events": EVENTS}


@pytest.fixture(scope="module")
def audited() -> cohort.Audit:
    """The audit of the small registry, by the label."""
    return cohort.audit(**TABLES, rulebook=LABEL)


def test_by_hand(audited: cohort.Audit) -> None:
    """Two doses are as the label says; a low count withholds, 10 mg as a first dose is questioned, a fault refuses; no planned dose."""
    assert {verdict: count for verdict, count in audited.verdicts.items() if count} == {
        "proceed": 3,
        "needs-assessment": 1,
        "withhold": 1,
        "refused": 3,
    }
    rows = {row["row"]: row for row in audited.frame.to_pylist()}
    assert sorted(rows) == [0, 1, 2, 3, 4, 6, 7, 8]
    assert [rows[row]["verdict"] for row in sorted(rows)] == ["proceed"] * 3 + ["withhold", "needs-assessment"] + ["refused"] * 3
    assert "labs.neutrophils: withhold [" in rows[3]["objections"]
    assert "T7-NEUTROPENIA-4" in rows[3]["objections"]
    assert rows[4]["objections"].startswith("dose: needs-assessment [")
    assert rows[0]["objections"] is None
    assert "misspelt" in rows[6]["fault"]
    assert "patient" not in audited.frame.column_names


def test_an_episode_that_ended_nobody_knows_when(audited: cohort.Audit) -> None:
    """CRS began on the evening before a dose and is resolved today, without a date: the audit does not count that dose as clear."""
    crs = pd.DataFrame({"patient": ["a"], "toxicity": ["crs"], "grade": [2], "onset": ["2026-01-11T20:00"], "status": ["resolved"]})
    rows = {row["row"]: row["verdict"] for row in cohort.audit(**TABLES | {"events": crs}, rulebook=LABEL).frame.to_pylist()}
    assert [rows[row] for row in range(4)] == ["proceed", "needs-data", "proceed", "withhold"]
    assert audited.verdicts["proceed"] == 3


def test_counts_of_rows(audited: cohort.Audit) -> None:
    """Each row that objects has its doses, and each pair of rows the doses to which both object."""
    counts = {row["row"]: row for row in audited.rows.to_pylist()}
    assert counts["T7-NEUTROPENIA-4"]["doses"] == counts["guard/order"]["doses"] == 1
    assert counts["guard/order"]["share"] == pytest.approx(1 / 5)
    pairs = {frozenset((pair["row"], pair["other"])): pair["doses"] for pair in audited.together.to_pylist()}
    assert pairs[frozenset(("T7-NEUTROPENIA-4", "neutrophil-count-decreased/4"))] == 1
    assert frozenset(("T7-NEUTROPENIA-4", "guard/order")) not in pairs


def test_by_site_and_month(audited: cohort.Audit) -> None:
    """Doses by site and month; a site or month that is not known comes last."""
    sites = [
        (row["site"], row["proceed"], row["withhold"], row["needs-assessment"], row["refused"]) for row in audited.by("site").to_pylist()
    ]
    assert sites == [("north", 2, 0, 0, 0), ("south", 1, 1, 1, 0), (None, 0, 0, 0, 3)]
    months = [(row["month"], row["proceed"], row["refused"]) for row in audited.by("month").to_pylist()]
    assert months == [("2023-01", 0, 1), ("2025-12", 0, 1), ("2026-01", 3, 0), ("2026-02", 0, 0), (None, 0, 1)]
    both = [(row["site"], row["month"], row["withhold"]) for row in audited.by("site", "month").to_pylist()]
    assert ("south", "2026-01", 1) in both
    for wrong in ((), ("patient",)):
        with pytest.raises(FieldError, match="use site or month"):
            audited.by(*wrong)


def test_explained(audited: cohort.Audit) -> None:
    """The assessment behind a dose is at hand; that of a planned or refused dose is not."""
    assert str(audited.explain(3).verdict) == "withhold"
    for row in (5, 6, 99):
        with pytest.raises(FieldError):
            audited.explain(row)


def test_the_book_in_force() -> None:
    """Without a book, each dose is by the label in force on its day; before the first label, and without a day, none is asked."""
    doses = DOSES.assign(started=["2025-03-03", "2025-11-18", "2025-11-19", *DOSES["started"][3:]])
    audited = cohort.audit(**TABLES | {"doses": doses, "events": None})
    books = {row["row"]: row["rulebook"] for row in audited.frame.to_pylist()}
    assert books == {0: "us-2024-05", 1: "us-2024-05", 2: LABEL, 3: LABEL, 4: LABEL, 6: LABEL}
    assert audited.left_out == {
        "the dose has no date, so no label was in force": 1,
        "no US label was in force yet": 1,
        "no later revision is encoded": 0,
    }
    assert str(audited).splitlines()[0] == "6 given doses, by the US label in force on the day of each dose"
    assert "  not asked: 1 (no US label was in force yet)" in str(audited)


def _given(tables: dict[str, Any]) -> list[int]:
    return [row for row, status in enumerate(tables["doses"]["status"].to_pylist()) if status != "planned"]


@pytest.mark.parametrize("doses", [4, pytest.param(60, marks=pytest.mark.thorough)])
def test_every_dose_as_the_scalar_function(doses: int) -> None:
    """The verdict of each dose is that of its case by the book in force, and everything adds up."""
    tables = cohort.simulate(doses, 11, dirt=0.002)
    audited, answers = cohort.audit(**tables), cohort.assess_registry(**tables)
    given = _given(tables)
    assert sum(audited.verdicts.values()) + sum(audited.left_out.values()) == len(given)
    for row in audited.frame.to_pylist():
        if row["verdict"] == "refused":
            assert row["fault"]
            continue
        case = answers.case(row["row"])
        book = rulebooks.in_force(case.planned_start)  # type: ignore[arg-type]  # an audited dose has a date
        assert row["rulebook"] == book.name
        assert row["verdict"] == str(assess_case(case, rulebook=book).verdict) == str(audited.explain(row["row"]).verdict)
    assert (
        sum(sum(row[verdict] for verdict in audited.verdicts) for row in audited.by("site", "month").to_pylist()) == audited.frame.num_rows
    )


@pytest.mark.parametrize("doses", [4, pytest.param(60, marks=pytest.mark.thorough)])
def test_one_book_and_another(doses: int) -> None:
    """A comparison has the verdicts of both audits, lists the doses whose verdict changes, and names the rows behind that."""
    tables = cohort.simulate(doses, 4, dirt=0)
    comparison = cohort.compare("us-2024-05", LABEL, **tables)
    one, other = cohort.audit(**tables, rulebook="us-2024-05"), cohort.audit(**tables, rulebook=LABEL)
    for place, audited in enumerate((one, other)):
        for verdict, count in audited.verdicts.items():
            assert sum(n for pair, n in comparison.verdicts.items() if pair[place] == verdict) == count
    assert comparison.changed == comparison.frame.num_rows > 0
    for row in comparison.frame.to_pylist():
        assert row["one"] != row["other"]
        assert [str(assessment.verdict) for assessment in comparison.explain(row["row"])] == [row["one"], row["other"]]
        assert row["only_one"] or row["only_other"]
    assert {row["book"] for row in comparison.rows.to_pylist()} <= {"one", "other"}
    assert all(0 < row["doses"] <= comparison.changed for row in comparison.rows.to_pylist())
    assert str(comparison).startswith(
        f"{comparison.changed} of {len(_given(tables))} given doses change their verdict\n  from us-2024-05\n  to us-2025-11"
    )


def test_a_book_and_itself() -> None:
    """Nothing changes between a book and itself."""
    comparison = cohort.compare(LABEL, rulebooks.get(LABEL), **TABLES)
    assert (comparison.changed, comparison.frame.num_rows, comparison.rows.num_rows, comparison.left_out) == (0, 0, 0, 0)
    assert (comparison.one, comparison.other) == (LABEL, LABEL)


def test_the_next_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each dose by the label in force and by the revision after it; a dose under the last revision has none, here that of 11/2025."""
    encoded = tuple(revision for revision in REVISIONS if revision.rulebook in {"us-2024-05", LABEL})
    monkeypatch.setattr("tarlatamab_rules.cohort.audits.asked_books.REVISIONS", encoded)
    doses = DOSES.assign(started=["2025-03-03", "2025-03-10", *DOSES["started"][2:]])
    comparison = cohort.compare(None, None, **TABLES | {"doses": doses, "events": None})
    assert sum(comparison.verdicts.values()) == 2
    assert comparison.left_out == 6
    assert str(comparison).splitlines()[-1] == "  not asked: 6"
    assert comparison.other == "the revision of the US label after the one in force"


@pytest.mark.thorough
def test_frames_of_every_kind() -> None:
    """Lazy and eager frames of Polars give the same audit as Arrow."""
    arrow, polars = (cohort.simulate(4, 3, dirt=0, kind=kind) for kind in ("arrow", "polars"))
    lazy = polars | {"doses": polars["doses"].lazy()}
    assert cohort.audit(**arrow, rulebook=LABEL).frame.equals(cohort.audit(**lazy, rulebook=LABEL).frame)


def test_no_doses_and_no_dates() -> None:
    """A registry without doses, or whose doses have no dates, is audited all the same."""
    nothing = cohort.audit(**TABLES | {"doses": DOSES[:0]}, rulebook=LABEL)
    assert (sum(nothing.verdicts.values()), nothing.rows.num_rows, nothing.frame.num_rows) == (0, 0, 0)
    undated = cohort.audit(**TABLES | {"doses": DOSES.drop(columns="started")})
    assert undated.left_out["the dose has no date, so no label was in force"] == 8
    assert undated.frame.num_rows == 0


def test_days_are_those_of_the_site() -> None:
    """A dose of the evening in UTC is one of the next day in Berlin: the label of that day is asked, and the month is that of the site."""
    evening = pd.to_datetime(["2025-11-18 23:30", "2025-10-31 23:30", "2025-10-31 22:30"]).tz_localize("UTC")
    doses = DOSES.iloc[[0, 2, 4]].assign(started=evening)
    patients = PATIENTS.assign(site_zone=pd.Series(["Europe/Berlin", None, "Europe/Nowhere", None]))
    frame = cohort.audit(**TABLES | {"doses": doses, "patients": patients, "events": None}).frame.to_pylist()
    assert [(row["month"], row["rulebook"]) for row in frame] == [("2025-11", LABEL), ("2025-10", "us-2024-05"), ("2025-10", "us-2024-05")]
    assert "Europe/Nowhere" in frame[2]["fault"]
    berlin = cohort.audit(**TABLES | {"doses": doses, "events": None}, site_zone="Europe/Berlin").frame.to_pylist()
    assert [row["month"] for row in berlin] == ["2025-11", "2025-11", "2025-10"]


def test_a_table_without_patients() -> None:
    """A table that lacks the patient is refused, and names the column."""
    with pytest.raises(FieldError, match=r"doses\.patient: the column is missing"):
        cohort.audit(**TABLES | {"doses": DOSES.drop(columns="patient")})


def test_nobody_is_named() -> None:
    """An unknown patient, and one who is listed twice, are reported without their names."""
    doses = DOSES.assign(patient=["Jane Roe", *DOSES["patient"][1:]])
    patients = PATIENTS.assign(patient=["a", "Joe Bloggs", "Joe Bloggs", "d"])
    audited = cohort.audit(**TABLES | {"doses": doses.replace("b", "Joe Bloggs"), "patients": patients}, rulebook=LABEL)
    faults = [row["fault"] for row in audited.frame.to_pylist()]
    assert faults[0] == "patient: is not in the table of patients; list each patient once"
    assert faults[2] == "patient: is listed more than once in the table of patients; list each patient once"
    words = " ".join([str(audited), str(audited.frame.to_pylist()), repr(audited)])
    assert "Jane" not in words
    assert "Joe" not in words


# --- pictures ---


def _luminance(colour: str) -> float:
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), to_rgb(colour), strict=True))


def test_colours_can_be_told_apart() -> None:
    """The darker the stricter, also in grey; what has no verdict has a pattern of its own."""
    looks = import_module("tarlatamab_rules.cohort.plot").LOOKS
    solid = [_luminance(look.fill) for look in looks.values() if not look.pattern]
    assert all(one - other > 0.08 for one, other in pairwise(solid))
    patterns = [look.pattern for look in looks.values() if look.pattern]
    assert len(set(patterns)) == len(patterns) == 2


def test_pictures(audited: cohort.Audit) -> None:
    """Each picture says in words what it shows, and no setting stays changed."""
    plot = import_module("tarlatamab_rules.cohort.plot")
    before = dict(mpl.rcParams)
    comparison = cohort.compare("us-2024-05", LABEL, **TABLES)
    expected: dict[str, Any] = {
        "Given doses by month: what us-2025-11 says. 2023-01: 1 refused.": lambda: plot.plot_audit(audited),
        "Given doses by site: what us-2025-11 says. north: 2 proceed.": lambda: plot.plot_audit(audited, "site"),
        "Rows that object to given doses, and together: us-2025-11.": lambda: plot.plot_objections(audited, 5),
        f"{comparison.changed} of 8 given doses change their verdict.": lambda: plot.plot_comparison(comparison),
    }
    for words, make in expected.items():
        figure = make()
        assert figure.get_label().startswith(words)
    assert dict(mpl.rcParams) == before


@pytest.mark.thorough
def test_pictures_stay_the_same(audited: cohort.Audit) -> None:
    """A picture is the same to the byte every time."""
    plot = import_module("tarlatamab_rules.cohort.plot")
    makers: list[Any] = [plot.plot_audit, plot.plot_objections]
    for make in makers:
        assert svg(make(audited)) == svg(make(audited))


def test_pictures_of_nothing() -> None:
    """Without doses, and without objections, a picture is drawn all the same."""
    plot = import_module("tarlatamab_rules.cohort.plot")
    nothing = cohort.audit(**TABLES | {"doses": DOSES[:0]}, rulebook=LABEL)
    for figure in (
        plot.plot_audit(nothing),
        plot.plot_objections(nothing),
        plot.plot_comparison(cohort.compare(LABEL, LABEL, **TABLES | {"doses": DOSES[:0]})),
    ):
        assert svg(figure)


def test_pictures_that_are_refused(audited: cohort.Audit) -> None:
    """What is no audit, no comparison and no group is named."""
    plot = import_module("tarlatamab_rules.cohort.plot")
    with pytest.raises(FieldError, match="by: 'patient' is not known"):
        plot.plot_audit(audited, "patient")
    with pytest.raises(FieldError, match="most: 0 is out of range"):
        plot.plot_objections(audited, 0)
    with pytest.raises(FieldTypeError, match="audit: 1 is no Audit; pass what audit gave"):
        plot.plot_audit(1)
    with pytest.raises(FieldTypeError, match="pass what compare gave"):
        plot.plot_comparison(audited)


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without matplotlib, the error names the extras."""
    monkeypatch.delitem(sys.modules, "tarlatamab_rules.cohort.plot", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.patches", None)
    with pytest.raises(ImportError, match=r"pictures of a cohort need .* pip install 'tarlatamab-rules\[cohort,plot\]'"):
        import_module("tarlatamab_rules.cohort.plot")

"""Registries in pieces: the pieces change no answer, refused rows can be left out, and every dose says how it was answered."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile_registry import hostile_registry
from tarlatamab_rules import Case, FieldError, LabResult, Patient, Verdict
from tarlatamab_rules.cohort import assess_registry, simulate
from tarlatamab_rules.cohort.registries.judging import _some
from tarlatamab_rules.rulebooks._registry import resolve
from test_cohort_registry import FIRST, NO_EVENT, SECOND, WELL, asked, both, course, normal, same, verdicts

_PIECE = "tarlatamab_rules.cohort.registries.divided._PIECE"


def _cut(monkeypatch: pytest.MonkeyPatch, size: float) -> None:
    monkeypatch.setattr(_PIECE, size)


# --- pieces ---


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
@settings(max_examples=1, deadline=None)
def test_pieces_change_nothing(seed: int, size: int) -> None:
    """However the patients are divided: every verdict, fault and part is the same, and so are the counts of the report."""
    tables = hostile_registry(4, seed, 0.05)
    whole = assess_registry(**tables)
    with pytest.MonkeyPatch.context() as patched:
        _cut(patched, size)
        pieces = assess_registry(**tables)
    same(whole, pieces)
    assert [whole.way_names[way] for way in whole.ways] == [pieces.way_names[way] for way in pieces.ways]
    assert [whole.report[way] for way in ("by situation", "one by one", "refused")] == [
        pieces.report[way] for way in ("by situation", "one by one", "refused")
    ]


def test_a_situation_is_judged_once_for_all_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty patients who are alike, each a piece: two situations of the dose are judged, not forty."""
    _cut(monkeypatch, 1)
    patients = [WELL | {"patient": f"P{n}"} for n in range(20)]
    doses = [row | {"patient": f"P{n}"} for n in range(20) for row in (FIRST, SECOND)]
    labs = [row | {"patient": f"P{n}"} for n in range(20) for row in normal("2025-09-30T09:00", "2025-10-07T09:00")]
    answers = asked(doses, labs, patients=patients)
    assert answers.report["situations of dose"] == 2
    assert verdicts(answers) == ["proceed"] * 40


def test_rows_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of patients stand apart in every table, one patient is listed twice, and ids are numbers of another size."""
    _cut(monkeypatch, 2)
    tables: dict[str, Any] = {name: table.to_pandas() for name, table in simulate(12, 3, dirt=0.0).items()}
    tables |= {name: frame.sample(frac=1, random_state=1).reset_index(drop=True) for name, frame in tables.items()}
    tables["patients"] = pd.concat([tables["patients"], tables["patients"][:1]], ignore_index=True)
    tables["labs"]["patient"] = tables["labs"]["patient"].astype("int32")
    answers = assess_registry(**tables)
    same(answers, assess_registry(**tables, columns=False))
    assert set(answers.faults.values()) == {"patient: is listed more than once in the table of patients; list each patient once"}


def test_errors_name_the_row_of_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the second piece a fault has the number of its row in the table that was passed."""
    _cut(monkeypatch, 1)
    doses = [row | {"patient": name} for name in "AB" for row in (FIRST, SECOND)]
    doses[3] |= {"unit": "mL"}
    labs = [row | {"patient": name} for name in "AB" for row in normal("2025-09-30T09:00")]
    labs[7] |= {"unit": "furlong"}
    answers = asked(doses, labs, patients=[WELL, WELL | {"patient": "B"}])
    assert answers.faults[2].startswith("labs[7].quantity: 'furlong' is not a unit")
    assert answers.faults[3].startswith("doses[3].amount: 'mL' is not a unit")
    with pytest.raises(FieldError, match=r"labs\[7\]\.quantity"):
        answers.explain(2)
    assert answers.explain(0).verdict is Verdict.PROCEED


def test_nobody_is_listed() -> None:
    """A table of patients without a row, or without an id: every dose is refused, and nothing else happens."""
    for nobody in (pd.DataFrame([WELL])[:0], pd.DataFrame([WELL | {"patient": None}])):
        answers = assess_registry(pd.DataFrame([FIRST]), patients=nobody, labs=pd.DataFrame(normal("2025-09-30")), events=None)
        assert answers.faults == {0: "patient: is not in the table of patients; list each patient once"}
        assert answers.report["labs of patients who are not listed"] == 6


def test_results_of_unlisted_patients_are_counted() -> None:
    """A result of a patient who is not listed is seen by no dose; the report says how many there are."""
    labs = [*normal("2025-09-30T09:00"), *({**row, "patient": "B"} for row in normal("2025-09-30T09:00"))]
    answers = asked([FIRST], labs)
    assert (answers.report["labs of patients who are not listed"], answers.report["events of patients who are not listed"]) == (6, 1)


# --- how a dose was answered ---


def test_the_way_and_the_dissent_are_columns() -> None:
    """Pregnancy is not known: the label of 2025 has no such row, and says so as a frame does. A dose without a patient goes alone."""
    woman = WELL | {"childbearing_potential": True, "pregnant": None}
    answers = asked([FIRST, FIRST | {"patient": "B"}], patients=[woman])
    frame = answers.frame
    assert frame["eligibility.dissent"][0] == "eligibility.breastfeeding (us-2025-11); eligibility.pregnant (us-2025-11)"
    assert list(frame["way"]) == ["columns", "scalar: the patient is not in the table of patients"]
    assert frame["left_out"].isna().all()
    assert set(asked([FIRST], columns=False).frame["way"]) == {"scalar: every dose was to be assessed by itself"}


def test_a_current_grade_has_a_situation() -> None:
    """An event with a current grade sends nobody to the scalar function: the given dose does not see it, the planned one does."""
    event = NO_EVENT | {
        "patient": "A",
        "toxicity": "neutropenia",
        "grade": 3,
        "onset": "2025-10-02",
        "status": "active",
        "current_grade": 1,
    }
    labs = [row for row in normal("2025-09-30T09:00", "2025-10-07T09:00") if row["analyte"] != "neutrophils"]
    found = []
    for status in ("given", "planned"):
        doses = [FIRST, SECOND | {"status": status}]
        answers = asked(doses, labs, [event])
        same(answers, asked(doses, labs, [event], columns=False))
        assert answers.report["by situation"] == 2
        found.append(answers.part("events.neutropenia", 1))
    assert found[0] != found[1]


@pytest.mark.parametrize("offsets", [("+01:00", "+02:00"), ("Z", "-05:00"), ("+01:00", "")])
def test_times_with_different_offsets_have_no_situation(offsets: tuple[str, str]) -> None:
    """Without a zone of the site, times at two UTC offsets are read in two ways, or refused: never by their own clocks."""
    doses = [
        row | {"started": row["started"] + offset, "ended": None} for row, offset in zip(course(3), (*offsets, offsets[0]), strict=True)
    ]
    days = [date(2025, 9, 30), date(2025, 10, 7), date(2025, 10, 14)]
    labs = [row | {"collected": f"{row['collected']}{offsets[n % 2]}"} for n, row in enumerate(normal(*(f"{day}T23:50" for day in days)))]
    both(doses, labs)
    answers = asked(doses, labs)
    assert answers.report["by situation"] == 0


def test_an_episode_that_cannot_be_judged() -> None:
    """The end of an episode has a UTC offset and its onset has none: the doses that see it are refused, the first one is not."""
    event = NO_EVENT | {"patient": "A", "grade": 2, "onset": "2025-10-02T09:00", "resolved": "2025-10-03T09:00Z", "status": None}
    assert both([FIRST, SECOND], normal("2025-09-30T09:00", "2025-10-07T09:00"), [event]) == ["proceed", None]


def test_the_day_before_1970() -> None:
    """A result of 31 December 1969 is a result like any other of long ago."""
    labs = [*normal("2025-09-30T09:00", "2025-10-07T09:00"), normal("1969-12-31T09:00")[0] | {"value": 0.4}]
    assert both([FIRST, SECOND], labs) == ["proceed", "proceed"]


def test_a_dose_of_nobody_cannot_be_opened() -> None:
    """The patient of a dose is not listed: neither its case nor its assessment exists, and the error is the one of its fault."""
    answers = asked([FIRST | {"patient": "B"}])
    with pytest.raises(FieldError, match="patient: is not in the table of patients"):
        answers.explain(0)


def test_a_case_that_is_read_in_two_ways_is_assessed_as_a_whole() -> None:
    """Times at two UTC offsets and no zone: no part of such a case is judged by itself."""
    drawn = LabResult("neutrophils", (0.4, "10*9/L"), datetime(2025, 10, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))))
    case = Case(patient=Patient(), point="C1D8", planned_start=datetime(2025, 10, 1, 9, tzinfo=UTC), labs=[drawn])
    assert _some("labs.neutrophils", case, None, resolve(None)) is None


def test_toxicities_that_nobody_looked_at_beside_offsets() -> None:
    """Without a table of events, with the offset of one place: by situation, as one by one."""
    doses = [row | {"started": f"{row['started']}+01:00", "ended": None} for row in (FIRST, SECOND)]
    labs = [row | {"collected": f"{row['collected']}+01:00"} for row in normal("2025-09-30T09:00", "2025-10-07T09:00")]
    frames: dict[str, Any] = {"patients": pd.DataFrame([WELL]), "labs": pd.DataFrame(labs), "events": None}
    answers = assess_registry(pd.DataFrame(doses), **frames)
    same(answers, assess_registry(pd.DataFrame(doses), **frames, columns=False))
    assert (verdicts(answers), answers.report["by situation"]) == (["proceed", "needs-data"], 2)


# --- dates of results and of events ---


@pytest.mark.thorough
@pytest.mark.parametrize("apart", range(-3, 4))
@pytest.mark.parametrize("toxicity", ["neutropenia", "anemia", "thrombocytopenia", "hepatotoxicity"])
def test_patients_whose_dates_lie_alike_share_a_situation(apart: int, toxicity: str) -> None:
    """Ten patients with a bad result, and an event that ended some days before or after it, each on other days: as for single cases."""
    analyte = {"neutropenia": "neutrophils", "anemia": "hemoglobin", "thrombocytopenia": "platelets", "hepatotoxicity": "alt"}[toxicity]
    value = {"neutrophils": 0.4, "hemoglobin": 7.0, "platelets": 20.0, "alt": 400.0}[analyte]
    tables: dict[str, list[dict[str, Any]]] = {"doses": [], "labs": [], "events": [], "patients": []}
    for n in range(10):
        name, later = f"P{n}", timedelta(days=13 * n)
        tables["patients"].append(WELL | {"patient": name})
        for dose in course(4):
            day = date.fromisoformat(dose["started"][:10]) + later
            tables["doses"].append(dose | {"patient": name, "started": f"{day}T09:00", "ended": f"{day}T10:00"})
            tables["labs"] += [row | {"patient": name} for row in normal(f"{day - timedelta(days=1)}T08:00")]
        bad = next(row for row in tables["labs"][-12:-6] if row["analyte"] == analyte)  # before the third dose
        bad["value"] = value
        ended = date.fromisoformat(bad["collected"][:10]) + timedelta(days=apart)
        event = {
            "toxicity": toxicity,
            "grade": 3,
            "onset": str(ended - timedelta(days=3 + n % 2)),
            "resolved": str(ended),
            "status": "resolved",
        }
        tables["events"].append(NO_EVENT | event | {"patient": name})
    answers = asked(**tables)
    same(answers, asked(**tables, columns=False))
    assert answers.report["by situation"] == 40


def test_undated_results_beside_a_series() -> None:
    """A low count recovers, and one more result has no date: it counts, and may be the latest. Two patients, on different days."""
    doses, labs = [], []
    for n, value in enumerate((4.0, 0.4)):
        for dose in course(5):
            day = date.fromisoformat(dose["started"][:10]) + timedelta(days=n)
            doses.append(dose | {"patient": "AB"[n], "started": f"{day}T09:00", "ended": f"{day}T10:00"})
            drawn = normal(f"{day - timedelta(days=1)}T08:00")
            drawn[0]["value"] = 0.4 if dose["point"] == "C1D15" else 4.0
            labs += [row | {"patient": "AB"[n]} for row in drawn]
        labs.append(labs[-6] | {"value": value, "collected": None})
    both(doses, labs, patients=[WELL, WELL | {"patient": "B"}])


# --- rows that are left out ---


def _faulty(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables with faults in some results and events."""
    labs, events = tables["labs"].copy(), tables["events"].copy()
    labs.loc[[5, 17], "unit"] = "furlong"
    labs.loc[[7], "collected"] = "30.9.2025"
    labs.loc[[8], "value"] = None
    events.loc[[1], "grade"] = 9
    return tables | {"labs": labs, "events": events}


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=1, deadline=None)
def test_left_out_is_as_never_passed(seed: int) -> None:
    """The answers without the refused rows are those for tables that never had them, by columns and one by one."""
    tables = _faulty(hostile_registry(4, seed, 0.05))
    answers = assess_registry(**tables, faulty="leave-out")
    scalar = assess_registry(**tables, faulty="leave-out", columns=False)
    same(answers, scalar)
    assert (answers.left_out, answers.without) == (scalar.left_out, scalar.without)
    rows = {name: [int(path[len(name) + 1 : -1]) for path in answers.left_out if path.startswith(name)] for name in ("labs", "events")}
    dropped = assess_registry(**(tables | {name: tables[name].drop(index=listed) for name, listed in rows.items()}))
    assert answers.verdicts.tolist() == dropped.verdicts.tolist()
    for part in {*answers.parts, *dropped.parts}:
        assert all(answers.part(part, row) == dropped.part(part, row) for row in range(len(answers.verdicts)))


def test_a_row_that_is_left_out_is_never_silent() -> None:
    """A count in an unknown unit before the second dose: strictly that dose is refused; else it is assessed, and marked."""
    labs = normal("2025-09-30T09:00", "2025-10-07T09:00")
    labs[6] |= {"unit": "furlong"}
    fault = "labs[6].quantity: 'furlong' is not a unit of a cell count; use 10*9/L, or another spelling of it"
    assert asked([FIRST, SECOND], labs).faults == {1: fault}
    for columns in (True, False):
        answers = asked([FIRST, SECOND], labs, faulty="leave-out", columns=columns)
        assert answers.left_out == {"labs[6]": fault}
        assert answers.without == {1: ("labs[6]",)}
        assert verdicts(answers) == ["proceed", "needs-data"]  # the count before the second dose is missing
        assert answers.frame["left_out"].astype(object).fillna("-").tolist() == ["-", "labs[6]"]
        assert len(answers.case(1).labs or ()) == 11


def test_what_cannot_be_left_out() -> None:
    """A dose or a patient with a fault is still refused; unknown tables have nothing to leave out; the option has two values."""
    answers = asked([FIRST | {"unit": "mL"}, SECOND], patients=[WELL], faulty="leave-out")
    assert sorted(answers.faults) == [0, 1]
    bare = assess_registry(pd.DataFrame([FIRST]), patients=pd.DataFrame([WELL]), labs=None, events=None, faulty="leave-out")
    assert (bare.left_out, verdicts(bare)) == ({}, ["needs-data"])
    with pytest.raises(FieldError, match="faulty: 'drop' is not known; use refuse or leave-out"):
        asked([FIRST], faulty="drop")


@pytest.mark.thorough
def test_dirt_that_is_left_out() -> None:
    """A synthetic registry of which one row in ten is faulty, in pieces and in two processes."""
    tables = simulate(300, 5, dirt=0.1)
    answers = assess_registry(**tables, faulty="leave-out", workers=2)
    scalar = assess_registry(**tables, faulty="leave-out", columns=False)
    same(answers, scalar)
    assert (answers.left_out, answers.without) == (scalar.left_out, scalar.without)
    assert answers.report["refused"] < assess_registry(**tables).report["refused"]

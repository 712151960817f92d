"""Registries: what a dose sees of four tables, and that equal situations have equal answers."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostile_registry import hostile_registry
from tarlatamab_rules import FieldError, FieldTypeError, Verdict, assess_case
from tarlatamab_rules.cohort import assess_registry, simulate
from tarlatamab_rules.cohort.reading.tables import TABLES
from tarlatamab_rules.cohort.registries.coding import grouped
from tarlatamab_rules.cohort.registries.registry import RegistryAnswers
from tarlatamab_rules.inputs.vocabulary import Toxicity
from test_results_attacked import POINTS, at, on

Rows = list[dict[str, Any]]
WELL: dict[str, Any] = {
    "patient": "A",
    "age_years": 64,
    "diagnosis": "extensive-stage-sclc",
    "progressed_after_platinum": True,
    "infection": "none",
    "childbearing_potential": False,
}
FIRST: dict[str, Any] = {
    "patient": "A",
    "point": "C1D1",
    "started": "2025-10-01T09:00",
    "ended": "2025-10-01T10:00",
    "amount": 1.0,
    "unit": "mg",
}
SECOND = FIRST | {"point": "C1D8", "started": "2025-10-08T09:00", "ended": "2025-10-08T10:00", "amount": 10.0}
NORMAL = (
    ("neutrophils", 4.0, "10*9/L", 1.8, None),
    ("hemoglobin", 13.0, "g/dL", 12.0, None),
    ("platelets", 220.0, "10*9/L", 150.0, None),
    ("alt", 22.0, "U/L", None, 40.0),
    ("ast", 22.0, "U/L", None, 40.0),
    ("bilirubin", 0.6, "mg/dL", None, 1.2),
)
NO_EVENT = {"patient": "Z", "toxicity": "crs", "grade": 1, "status": "resolved", "onset": None, "resolved": None, "improved": None}


def normal(*days: str) -> Rows:
    """Normal results of the six analytes on some days."""
    names = ("analyte", "value", "unit", "lower_limit", "upper_limit")
    return [{"patient": "A", "collected": day} | dict(zip(names, row, strict=True)) for day in days for row in NORMAL]


def asked(
    doses: Rows, labs: Rows | None = None, events: Rows | None = None, patients: Rows | None = None, **options: Any
) -> RegistryAnswers:
    """The answers for rows; results are normal on the day before each dose unless they are passed."""
    labs = normal("2025-09-30T09:00", "2025-10-07T09:00") if labs is None else labs
    tables = {"patients": patients or [WELL], "labs": labs, "events": [NO_EVENT] if events is None else events}
    frames: dict[str, Any] = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return assess_registry(pd.DataFrame(doses), **(frames | options))


def verdicts(answers: RegistryAnswers) -> list[str | None]:
    """The verdict of each row as text; ``None`` if it is refused."""
    return [None if code < 0 else str(tuple(Verdict)[code]) for code in answers.verdicts.tolist()]


def same(one: RegistryAnswers, other: RegistryAnswers) -> None:
    """Asserts that two answers agree in every verdict, fault and part."""
    assert one.verdicts.tolist() == other.verdicts.tolist()
    assert one.faults == other.faults
    for part in {*one.parts, *other.parts}:
        rows = range(len(one.verdicts))
        assert [one.part(part, row) for row in rows] == [other.part(part, row) for row in rows], part


# --- what a dose sees ---


def test_plain_doses_are_given() -> None:
    """Two doses on their days, with normal results before each: both proceed."""
    assert verdicts(asked([FIRST, SECOND])) == ["proceed", "proceed"]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"grade": 2, "onset": "2025-10-02", "resolved": "2025-10-09"}, ["proceed", "withhold"]),
        ({"grade": 2, "onset": "2025-10-02", "resolved": "2025-10-07"}, ["proceed", "proceed"]),
        ({"grade": 2, "onset": "2025-10-09", "resolved": "2025-10-10"}, ["proceed", "proceed"]),
        ({"grade": 4, "onset": "2025-10-02", "resolved": "2025-10-07"}, ["proceed", "discontinue"]),
        ({"grade": 2, "onset": "2025-10-08T08:59", "status": "active"}, ["proceed", "withhold"]),
        ({"grade": 2, "onset": "2025-10-08T09:01", "status": "active"}, ["proceed", "proceed"]),
        ({"grade": 2, "onset": "2025-10-08", "status": "active"}, ["proceed", "withhold"]),
        ({"grade": 2, "onset": None, "status": "active"}, ["withhold", "withhold"]),
        ({"grade": 2, "onset": "2025-10-02", "improved": "2025-10-08T09:30", "status": "resolved"}, ["proceed", "withhold"]),
        ({"grade": 0, "onset": "2025-10-02", "resolved": "2025-10-09"}, ["proceed", "withhold"]),
    ],
)
def test_a_dose_sees_an_episode_as_it_was_then(event: dict[str, Any], expected: list[str]) -> None:
    """An episode counts from its onset, and is ongoing at a dose before its end or improvement; without a date it always counts."""
    rows = [NO_EVENT | {"patient": "A", "status": None} | event]
    assert verdicts(asked([FIRST, SECOND], events=rows)) == expected
    assert verdicts(asked([FIRST, SECOND], events=rows, columns=False)) == expected


def test_a_current_grade_is_of_now() -> None:
    """An undated current grade never makes a dose of the past milder: only a planned dose sees it."""
    event = NO_EVENT | {
        "patient": "A",
        "toxicity": "hepatotoxicity",
        "grade": 3,
        "onset": "2025-10-02",
        "status": "active",
        "current_grade": 1,
    }
    for columns in (True, False):
        given = asked([FIRST, SECOND], events=[event], columns=columns)
        assert given.case(1).events[0].current_grade is None  # type: ignore[index]  # there is one
        planned = asked([FIRST, SECOND | {"status": "planned"}], events=[event], columns=columns)
        assert planned.case(1).events[0].current_grade == 1  # type: ignore[index]  # as above
        assert verdicts(given)[1] != "proceed"


def of_many(events: Rows, second: dict[str, Any], **options: Any) -> list[list[str | None]]:
    """The verdicts of the first two doses of patients with one event each, after asserting that both ways agree."""
    names = [f"P{n}" for n in range(len(events))]
    found = both(
        [dose | {"patient": name} for name in names for dose in (FIRST, SECOND | second)],
        [row | {"patient": name} for name in names for row in normal("2025-09-30T09:00", "2025-10-07T09:00")],
        [NO_EVENT | event | {"patient": name} for name, event in zip(names, events, strict=True)],
        patients=[WELL | {"patient": name} for name in names],
        **options,
    )
    return [found[n : n + 2] for n in range(0, len(found), 2)]


def test_an_undated_recovery_is_not_known_of_a_dose_that_was_given() -> None:
    """An episode that is resolved today, nobody knows since when, may have been ongoing at a dose of the past. A planned dose sees it."""
    graded = [("crs", 2), ("crs", 3), ("icans", 3), ("other", 3), ("hepatotoxicity", 3), ("infection", 1)]
    known: Rows = [{}, {"current_grade": 0}, {"improved": "2025-10-08"}, {"onset": "2025-10-08T08:59"}]
    events = [
        {"toxicity": toxicity, "grade": grade, "onset": "2025-10-07T21:00", "current_grade": None} | fact
        for toxicity, grade in graded
        for fact in known
    ]
    assert of_many(events, {}, rulebook="us-2025-11") == [["proceed", "needs-data"]] * 24
    assert of_many(events, {"status": "planned"}, rulebook="us-2025-11") == [["proceed", "proceed"]] * 24


def test_a_date_shows_whether_an_episode_was_over() -> None:
    """The date of recovery, or an improvement after the dose, shows how a resolved episode was at the dose."""
    ends: list[tuple[str | None, str | None, str]] = [
        (None, "2025-10-08T08:59", "proceed"),
        (None, "2025-10-08T09:01", "withhold"),
        ("2025-10-08T09:01", None, "withhold"),
        ("2025-10-08T08:00", "2025-10-08T09:01", "withhold"),
        ("2025-10-08T08:00", "2025-10-08T08:59", "proceed"),
    ]
    events: Rows = [{"grade": 2, "onset": "2025-10-02", "improved": improved, "resolved": resolved} for improved, resolved, _ in ends]
    assert of_many(events, {}) == [["proceed", expected] for _, _, expected in ends]


@given(
    st.fixed_dictionaries(
        {
            "toxicity": st.sampled_from(tuple(Toxicity)),
            "grade": st.sampled_from([3, 4, None]),
            "onset": st.sampled_from([None, "2025-09-20", "2025-10-01", "2025-10-02T08:00", "2025-10-08", "2025-10-08T08:59"]),
            "improved": st.sampled_from([None, "2025-10-08", "2025-10-08T08:59", "2025-10-08T09:01"]),
            "other_cause": st.sampled_from([None, True, False]),
            "bleeding": st.sampled_from([None, True]),
        }
    ),
    st.sampled_from([None, 0]),
    st.sampled_from(["us-2025-11", None, "eu-2026"]),
)
@settings(max_examples=3, deadline=None)
def test_an_undated_recovery_answers_as_an_unknown_status(event: dict[str, Any], current: int | None, book: str | None) -> None:
    """Whatever the episode is: that it is resolved today is no fact of a dose that was given, in either way of answering."""
    rows = [NO_EVENT | event | {"patient": "A", "status": status, "current_grade": current} for status in ("resolved", None)]
    answers = [asked([FIRST, SECOND], events=[row], rulebook=book, columns=columns) for row in rows for columns in (True, False)]
    for other in answers[1:]:
        same(answers[0], other)


@pytest.mark.parametrize(
    ("collected", "expected"),
    [
        ("2025-10-07T09:00", ["proceed", "withhold"]),
        ("2025-10-08T09:01", ["proceed", "proceed"]),
        ("2025-10-01T09:30", ["proceed", "proceed"]),
        (None, ["needs-data", "needs-data"]),
    ],
)
def test_a_dose_sees_a_result_that_was_drawn_by_then(collected: str | None, expected: list[str]) -> None:
    """A neutrophil count of 0.4: it holds the dose after it, is not seen by a dose before it, and is asked about without a date."""
    bad = {"patient": "A", "analyte": "neutrophils", "value": 0.4, "unit": "10*9/L", "collected": collected}
    labs = [row for row in normal("2025-09-30T09:00", "2025-10-07T08:00") if collected or row["analyte"] != "none"]
    for columns in (True, False):
        assert verdicts(asked([FIRST, SECOND], [*labs, bad], columns=columns)) == expected


def test_one_dose_listed_twice_on_a_day() -> None:
    """Of two rows with one point and one day, the later row sees the earlier one, and not the other way round."""
    once, again = FIRST | {"started": "2025-10-01"}, FIRST | {"started": "2025-10-01"}
    for columns in (True, False):
        answers = asked([once, again], columns=columns)
        assert [len(answers.case(row).course.doses) for row in (0, 1)] == [0, 1]  # type: ignore[union-attr]  # there is one
        assert verdicts(answers)[1] != "proceed"


def test_events_that_nobody_looked_at() -> None:
    """Without a table of events, toxicities are not known: a dose after the first is never cleared."""
    frames: dict[str, Any] = {"patients": pd.DataFrame([WELL]), "labs": pd.DataFrame(normal("2025-09-30T09:00", "2025-10-07T09:00"))}
    for columns in (True, False):
        unknown = assess_registry(pd.DataFrame([FIRST, SECOND]), events=None, columns=columns, **frames)
        assert verdicts(unknown) == ["proceed", "needs-data"]


def test_a_planned_dose_is_not_part_of_the_course() -> None:
    """C1D8 is planned for 8 October and given on the 9th: the given row does not follow the planned one, which is refused as in a case."""
    planned = SECOND | {"status": "planned", "ended": None}
    moved = SECOND | {"started": "2025-10-09T09:00", "ended": None}
    answers = asked([FIRST, planned, moved])
    assert verdicts(answers) == ["proceed", None, "proceed"]
    assert "C1D8 was given on 2025-10-09 09:00:00, after the planned start" in answers.faults[1]
    assert verdicts(asked([FIRST, SECOND, moved])) == ["proceed", "proceed", "needs-assessment"]


LATER_FACTS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"value": 0.4, "collected": "2025-10-08T10:30"}, {}, "needs-assessment"),
    ({"value": 0.4, "collected": "2025-10-09"}, {}, "needs-assessment"),
    ({}, {"toxicity": "icans", "grade": 4, "onset": "2025-10-08T09:30", "status": "active"}, "discontinue"),
    ({}, {"grade": 3, "onset": "2025-10-08T10:30", "status": "active"}, "withhold"),
    ({}, {"grade": 2, "onset": "2025-10-07", "resolved": "2025-10-10"}, "withhold"),
]


@pytest.mark.parametrize(("lab", "event", "expected"), LATER_FACTS)
def test_a_planned_dose_sees_what_is_dated_later(lab: dict[str, Any], event: dict[str, Any], expected: str) -> None:
    """Something dated after a planned start is no hindsight: it counts as in a single case. A dose that was given does not see it."""
    labs = [*normal("2025-09-30T09:00", "2025-10-07T09:00"), *([normal("2025-10-08")[0] | lab] if lab else [])]
    events = [NO_EVENT | {"patient": "A", "status": None} | event] if event else []
    answers = asked([FIRST, SECOND | {"status": "planned", "ended": None}], labs, events or None)
    same(answers, asked([FIRST, SECOND | {"status": "planned", "ended": None}], labs, events or None, columns=False))
    assert verdicts(answers) == ["proceed", expected]
    case = answers.explain(1).case
    assert len(case.labs or ()) == len(labs)
    assert len(case.events or ()) == len(events)
    given_ = verdicts(asked([FIRST, SECOND], labs, events or None))
    assert given_ == ["proceed", "withhold" if event.get("onset") == "2025-10-07" else "proceed"]


def test_a_planned_dose_sees_a_later_time_on_its_day() -> None:
    """A dose planned for a day without a time, and a result of noon on that day: it is not certainly later, so it counts for the dose."""
    labs = [*normal("2025-09-30T09:00", "2025-10-07T09:00"), normal("2025-10-08T12:00")[0] | {"value": 0.4}]
    for status in ("given", "planned"):
        assert both([FIRST, SECOND | {"status": status, "started": "2025-10-08", "ended": None}], labs) == ["proceed", "withhold"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"birth_date": "1961-06-01"}, "proceed"),
        ({"birth_date": "1957-06-01"}, "proceed"),  # 68 years, five more than 64 at diagnosis less one
        ({"birth_date": "2015-06-01"}, None),
        ({"birth_date": "1961-06-01", "age_years": 17}, None),
        ({"birth_date": "1961-06-01", "age_years": None}, "proceed"),
        ({"birth_date": "2015-06-01", "age_years": None}, "excluded"),
    ],
)
def test_an_age_that_contradicts_the_date_of_birth(facts: dict[str, Any], expected: str | None) -> None:
    """A date of birth beside an age is never dropped: years that cannot be of one person refuse the doses."""
    answers = asked([FIRST], patients=[WELL | facts])
    same(answers, asked([FIRST], patients=[WELL | facts], columns=False))
    assert verdicts(answers) == [expected]
    assert expected is not None or "patient.birth_date: makes" in answers.faults[0]


def test_an_episode_that_ended_before_it_began() -> None:
    """Onset 14 October, end 5 October: every dose from the earlier of the two days on is refused, the one before is not."""
    event = NO_EVENT | {"patient": "A", "grade": 3, "onset": "2025-10-14", "resolved": "2025-10-05"}
    assert both([FIRST, SECOND], normal("2025-09-30T09:00", "2025-10-07T09:00"), [event]) == ["proceed", None]


def test_the_ordered_amount_comes_before_the_amount_given() -> None:
    """The order of 10 mg at C1D1 needs assessment even though 1 mg was given."""
    assert verdicts(asked([FIRST | {"ordered": 10.0}])) == ["needs-assessment"]


def test_tables_that_are_not_known() -> None:
    """Unknown toxicities and results are asked for; a patient without a row in a table has none."""
    for columns in (True, False):
        answers = asked([FIRST, SECOND], columns=columns)
        assert answers.part("events", 1) is None
        answers = assess_registry(pd.DataFrame([FIRST, SECOND]), patients=pd.DataFrame([WELL]), labs=None, events=None, columns=columns)
        assert verdicts(answers) == ["needs-data", "needs-data"]
        part = answers.part("events", 1)
        assert part is not None
        assert part.missing == ("events",)


def test_the_age_follows_from_the_date_of_birth() -> None:
    """Born on 2 October 2007: a child at the first dose, and an adult at the second."""
    young = WELL | {"age_years": None, "birth_date": "2007-10-02"}
    assert verdicts(asked([FIRST, SECOND], patients=[young])) == ["excluded", "proceed"]
    unborn = WELL | {"age_years": None, "birth_date": "2030-10-02"}
    answers = asked([FIRST], patients=[unborn])
    assert answers.faults[0].startswith("patient.age_years: -6 is out of range")


def test_the_maximum_age_of_results() -> None:
    """Results that are a day old are too old for a maximum of 3 hours, as an argument or in the row."""
    assert verdicts(asked([FIRST], max_lab_age="3 h")) == ["needs-data"]
    assert verdicts(asked([FIRST | {"max_lab_age": "3 h"}], max_lab_age="2 d")) == ["needs-data"]
    assert verdicts(asked([FIRST | {"max_lab_age": "2 days"}], max_lab_age="3 h")) == ["proceed"]
    assert asked([FIRST | {"max_lab_age": "2 miles"}]).faults[0].startswith("max_lab_age: 'miles' is not a unit")


@pytest.mark.parametrize(
    ("collected", "started"),
    [
        # 7 days, and 7 days and half an hour; on the wall an hour less
        (("2025-10-20T10:00+02:00", "2025-10-20T09:30+02:00"), "2025-10-27T09:00+01:00"),
        # 6 days and 23.5 hours, and 7 days and half an hour; on the wall an hour more
        (("2026-03-23T08:30+01:00", "2026-03-23T07:30+01:00"), "2026-03-30T09:00+02:00"),
    ],
)
def test_the_age_of_a_result_is_no_difference_on_the_wall(collected: tuple[str, str], started: str) -> None:
    """If the clocks of the site were changed between a result and its dose, its age is the time that passed."""
    options: dict[str, Any] = {"site_zone": "Europe/Berlin", "max_lab_age": "7 days"}
    dose = FIRST | {"started": started, "ended": None}
    labs = normal(collected[0]) + [row | {"patient": "B"} for row in normal(collected[1])]
    people: Rows = [WELL, WELL | {"patient": "B"}]
    answers = asked([dose, dose | {"patient": "B"}], labs, patients=people, **options)
    assert verdicts(answers) == ["proceed", "needs-data"]
    same(answers, asked([dose, dose | {"patient": "B"}], labs, patients=people, columns=False, **options))


# --- faults ---


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("doses", {"point": "C1D9"}, "doses[0].point: there is no dose on day 9 of cycle 1; cycle 1 has doses on days 1, 8, 15"),
        ("doses", {"unit": "mL"}, "doses[0].amount: 'mL' is not a unit of a mass; use mg, g, ug, or another spelling of these"),
        ("doses", {"started": None}, "doses[0].started: is missing; a dose is assessed at the time at which it began"),
        ("doses", {"status": "done"}, "doses[0].status: 'done' is not known; use given or planned"),
        ("doses", {"ended": "2025-10-01T08:00"}, "doses[0].ended: the infusion ended before it began; correct started or ended"),
        ("doses", {"patient": "B"}, "patient: is not in the table of patients; list each patient once"),
        ("doses", {"patient": None}, "patient: is missing; list each patient once"),
        ("doses", {"findings_ice": 11}, "findings.icans.ice: 11 is out of range; write a whole number from 0 to 10"),
        ("patients", {"age_years": 640}, "patient.age_years: 640 is out of range; write a number from 0 to 130"),
        (
            "patients",
            {"site_zone": "Berlin"},
            "site_zone: 'Berlin' is not a known time zone; use the IANA name of the zone, as 'Europe/Berlin'",
        ),
        ("labs", {"unit": "mmol"}, "labs[0].quantity: 'mmol' is not a unit of a cell count"),
        ("labs", {"unit": None}, "labs[0].quantity: (4.0, None) has no unit; write number and unit"),
        ("labs", {"value": None}, "labs[0].value: is missing; leave out a result that is not known"),
        ("labs", {"value": 4000.0}, "labs[0].quantity: 4000 10*9/L cannot be a value of neutrophils; if its unit is"),
        ("labs", {"collected": "30.9.2025"}, "labs[0]: '30.9.2025' is not a date or a time"),
        ("events", {"patient": "A", "toxicity": "fever"}, "events[0].toxicity: 'fever' is not known"),
        ("events", {"patient": "A", "grade": 7}, "events[0].grade: 7 is out of range"),
    ],
)
def test_a_fault_refuses_the_doses_that_see_it(table: str, row: dict[str, Any], expected: str) -> None:
    """A row with a fault refuses the dose, with the message of the scalar function, in both ways; another patient keeps the answer."""
    tables: dict[str, Rows] = {
        "patients": [dict(WELL)],
        "doses": [dict(FIRST)],
        "labs": normal("2025-09-30T09:00"),
        "events": [dict(NO_EVENT)],
    }
    tables[table][0] |= row
    tables["patients"].append(WELL | {"patient": "C"})
    tables["doses"].append(FIRST | {"patient": "C"})
    tables["labs"] += [lab | {"patient": "C"} for lab in normal("2025-09-30T09:00")]
    for columns in (True, False):
        frames: dict[str, Any] = {name: pd.DataFrame(rows) for name, rows in tables.items()}
        answers = assess_registry(**frames, columns=columns)
        assert answers.faults[0].startswith(expected)
        assert verdicts(answers) == [None, "proceed"]


def test_a_patient_who_is_listed_twice_is_refused() -> None:
    """Two rows of one patient may contradict each other."""
    assert asked([FIRST], patients=[WELL, WELL]).faults == {
        0: "patient: is listed more than once in the table of patients; list each patient once"
    }


def test_a_refused_row_does_not_refuse_an_earlier_dose() -> None:
    """A result of 7 October in an impossible unit is not seen by the dose of 1 October."""
    labs = normal("2025-09-30T09:00", "2025-10-07T09:00")
    labs[6] |= {"unit": "mg"}
    answers = asked([FIRST, SECOND], labs)
    assert verdicts(answers) == ["proceed", None]
    with pytest.raises(FieldError, match=r"labs\[6\]\.quantity"):
        answers.explain(1)


def test_a_wrong_table_is_refused_as_a_whole() -> None:
    """A required column that is missing, a column that nearly has a known name, types that do not fit, and something that is no table."""
    with pytest.raises(FieldError, match=r"labs\.unit: is missing"):
        asked([FIRST], [{"patient": "A", "analyte": "alt", "value": 1.0}])
    with pytest.raises(FieldError, match=r"doses\.ammount: is not a known column; did you mean 'amount'"):
        asked([{"patient": "A", "point": "C1D1", "ammount": 1.0}])
    with pytest.raises(FieldTypeError, match=r"doses\.patient: holds int64, but patients\.patient holds"):
        asked([FIRST | {"patient": 7}])
    with pytest.raises(FieldTypeError, match=r"labs: 7 is not a table"):
        assess_registry(pd.DataFrame([FIRST]), patients=pd.DataFrame([WELL]), labs=7, events=None)
    with pytest.raises(FieldTypeError, match=r"labs\.collected: holds int64, not dates or times"):
        asked([FIRST], [row | {"collected": 20250930} for row in normal("x")])


def test_columns_that_are_not_known_are_listed() -> None:
    """A column that has no meaning here is named in the answers, not silently dropped."""
    assert asked([FIRST | {"nurse": "N"}]).unused == {"doses": ("nurse",)}


# --- kinds of tables ---


@pytest.mark.parametrize("kind", ["pandas", "polars", "arrow"])
def test_every_kind_of_table(kind: str) -> None:
    """Pandas, Polars and Arrow tables have the same answers, and the frame of answers is of the same kind."""
    tables = simulate(5, 5, dirt=0.0)
    make: Any = {"pandas": lambda table: table.to_pandas(), "polars": pl.from_arrow, "arrow": lambda table: table}[kind]
    answers = assess_registry(**{name: make(table) for name, table in tables.items()})
    same(answers, assess_registry(**tables, columns=False))
    frame = answers.frame
    assert type(frame).__module__.partition(".")[0] == {"pandas": "pandas", "polars": "polars", "arrow": "pyarrow"}[kind]
    column = frame["verdict"].to_pylist() if kind == "arrow" else list(frame["verdict"])
    assert column == verdicts(answers)


def test_columns_of_dates_and_times() -> None:
    """Times as timestamps, with and without a zone, and dates, answer as the same times in text."""
    expected = asked([FIRST, SECOND])
    for zone in (None, UTC):

        def change(text: str, zone: Any = zone) -> datetime:
            return datetime.fromisoformat(text).replace(tzinfo=zone)

        doses = [row | {name: change(row[name]) for name in ("started", "ended")} for row in (FIRST, SECOND)]
        labs = [row | {"collected": change(row["collected"])} for row in normal("2025-09-30T09:00", "2025-10-07T09:00")]
        for columns in (True, False):
            same(expected, asked(doses, labs, columns=columns))
    days = [row | {"started": date.fromisoformat(row["started"][:10]), "ended": None} for row in (FIRST, SECOND)]
    same(asked(days), asked(days, columns=False))


def test_days_are_counted_at_the_site() -> None:
    """In UTC the second dose is on the seventh day and too early; in Tokyo it is on the eighth, by the column and by the argument."""
    first = FIRST | {"started": "2025-10-01T09:00Z", "ended": "2025-10-01T10:00Z"}
    second = SECOND | {"started": "2025-10-07T16:00Z", "ended": "2025-10-07T17:00Z"}
    labs = [row | {"collected": row["collected"] + "Z"} for row in normal("2025-09-30T09:00", "2025-10-07T09:00")]
    for columns in (True, False):
        assert verdicts(asked([first, second], labs, columns=columns)) == ["proceed", "needs-assessment"]
        assert verdicts(asked([first, second], labs, columns=columns, site_zone="Asia/Tokyo")) == ["proceed", "proceed"]
        zoned = [WELL | {"site_zone": "Asia/Tokyo"}]
        assert verdicts(asked([first, second], labs, patients=zoned, columns=columns, site_zone="UTC")) == ["proceed", "proceed"]


def test_a_zone_that_is_not_known() -> None:
    """A zone of a site that the system does not know refuses the doses there, whatever their times."""
    doses = [row | {"started": row["started"] + "Z", "ended": None} for row in (FIRST, SECOND)]
    labs = [row | {"collected": row["collected"] + "Z"} for row in normal("2025-09-30T09:00")]
    assert both(doses, labs, patients=[WELL | {"site_zone": "Berlin"}]) == [None, None]


def test_explain_and_case() -> None:
    """A row can be opened: its case holds what was known then, and its assessment is that of the scalar function."""
    answers = asked([FIRST, SECOND])
    case = answers.case(1)
    assert (len(case.labs or ()), [str(dose.point) for dose in case.course.doses] if case.course else None) == (12, ["C1D1"])
    assert answers.explain(1).verdict is assess_case(case).verdict is Verdict.PROCEED
    with pytest.raises(FieldError, match="there is no dose in row 2"):
        answers.explain(2)


def test_empty_tables() -> None:
    """A registry without doses has no answers."""
    empty = {name: pa.table({column.name: pa.array([], pa.string()) for column in TABLES[name] if column.required}) for name in TABLES}
    answers = assess_registry(**empty)
    assert answers.verdicts.tolist() == []
    assert answers.frame.num_rows == 0


# --- equal situations ---


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.02, 0.1]))
@settings(max_examples=2, deadline=None)
def test_a_situation_answers_as_each_of_its_doses(seed: int, odd: float) -> None:
    """However odd the tables are: verdict, fault and every part are those of the scalar function."""
    tables = hostile_registry(2, seed, odd)
    same(assess_registry(**tables), assess_registry(**tables, columns=False))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=1, deadline=None)
def test_what_comes_later_does_not_change_an_answer(seed: int) -> None:
    """Results that are drawn after every dose, and events that begin after it, change nothing."""
    tables = hostile_registry(2, seed, 0.0)
    later = {"collected": "2060-01-01", "value": 0.4, "analyte": "neutrophils", "unit": "10*9/L", "lower_limit": 1.8, "upper_limit": None}
    more = pd.DataFrame(
        [tables["labs"].iloc[0].to_dict() | later | {"patient": name, "comparator": None} for name in tables["patients"]["patient"]]
    )
    event = {"onset": "2060-01-01", "improved": None, "resolved": None, "status": "active", "grade": 4.0, "toxicity": "crs"}
    events = pd.DataFrame([event | {"patient": name} for name in tables["patients"]["patient"]])
    added = tables | {"labs": pd.concat([tables["labs"], more]), "events": pd.concat([tables["events"], events])}
    same(assess_registry(**tables), assess_registry(**added))


def test_processes_share_the_work() -> None:
    """Two processes answer as one."""
    tables = simulate(5, 2, dirt=0.0)
    same(assess_registry(**tables, workers=2), assess_registry(**tables))


def test_situations_are_shared() -> None:
    """A hundred patients who are alike have the situations of one: the report counts them."""
    patients = [WELL | {"patient": f"P{n}"} for n in range(100)]
    doses = [row | {"patient": f"P{n}"} for n in range(100) for row in (FIRST, SECOND)]
    labs = [row | {"patient": f"P{n}"} for n in range(100) for row in normal("2025-09-30T09:00", "2025-10-07T09:00")]
    answers = asked(doses, labs, patients=patients)
    assert answers.report["by situation"] == 200
    assert answers.report["situations of dose"] == 2
    assert np.unique(answers.verdicts).tolist() == [0]


@pytest.mark.thorough
@pytest.mark.parametrize("rulebook", [None, "us-2025-11", "precautions-2025-09", "eu-2026"])
def test_many_hostile_doses(rulebook: str | None) -> None:
    """Hundreds of hostile doses by several books, with and without a maximum age of results."""
    tables = hostile_registry(60, 17, 0.05)
    for age in (None, timedelta(days=4)):
        same(
            assess_registry(**tables, rulebook=rulebook, max_lab_age=age),
            assess_registry(**tables, rulebook=rulebook, max_lab_age=age, columns=False),
        )


@pytest.mark.thorough
def test_a_synthetic_registry() -> None:
    """A plausible registry with dirt."""
    tables = simulate(400, 11, dirt=0.01)
    same(assess_registry(**tables), assess_registry(**tables, columns=False))


def test_a_progress_bar_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without tqdm the work is done without a bar."""
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert verdicts(asked([FIRST])) == ["proceed"]


def both(doses: Rows, labs: Rows, events: Rows | None = None, **options: Any) -> list[str | None]:
    """The verdicts, after asserting that both ways agree."""
    answers = asked(doses, labs, events, **options)
    same(answers, asked(doses, labs, events, columns=False, **options))
    return verdicts(answers)


def course(doses: int) -> Rows:
    """So many doses on the days of the schedule, all at nine o'clock."""
    days = [0, 7, *(14 * n + 14 for n in range(doses))][:doses]
    dates = [date(2025, 10, 1) + timedelta(days=n) for n in days]
    points = ["C1D1", "C1D8", "C1D15", "C2D1", "C2D15", "C3D1", "C3D15", "C4D1"]
    return [
        SECOND | {"point": point, "started": f"{day}T09:00", "ended": f"{day}T10:00", "amount": 10.0 if n else 1.0}
        for n, (point, day) in enumerate(zip(points, dates, strict=False))
    ]


def test_a_low_count_that_comes_back() -> None:
    """Neutrophils fall to grade 4, recover and fall again: an earlier episode counts at every later dose, as for a single case."""
    doses = course(7)
    labs = [row for dose in doses for row in normal(f"{date.fromisoformat(dose['started'][:10]) - timedelta(days=1)}T08:00")]
    for n, value in ((2, 0.4), (4, 0.4), (5, 0.9)):
        next(row for row in labs[6 * n :] if row["analyte"] == "neutrophils")["value"] = value
    found = both(doses, labs)
    assert found[:2] == ["proceed", "proceed"]
    assert found[2] == "withhold"
    assert both(doses, labs, [NO_EVENT | {"patient": "A", "toxicity": "neutropenia", "grade": 4, "onset": "2025-10-14", "status": None}])


def test_findings_beside_events() -> None:
    """A fever at the first dose is cytokine release syndrome at that dose; a reported episode counts at the second one."""
    hot = FIRST | {"findings_temperature": 39.0, "findings_hypotension": "none", "findings_oxygen": "none"}
    event = NO_EVENT | {"patient": "A", "grade": 2, "onset": "2025-10-02", "status": "active"}
    labs = normal("2025-09-30T09:00", "2025-10-07T09:00")
    labs[0] |= {"value": 0.4}
    assert both([hot, SECOND], labs, [event])[1] == "withhold"
    assert both([hot | {"findings_temperature": 102.2, "findings_temperature_unit": "[degF]"}, SECOND], labs, [event])[1] == "withhold"


def test_liver_values_of_one_day() -> None:
    """ALT of 4 times the limit with bilirubin of 3 times is judged as a pair, with and without dates."""
    labs = normal("2025-09-30T09:00", "2025-10-07T09:00")
    labs[9] |= {"value": 160.0}
    labs[11] |= {"value": 3.6}
    assert both([FIRST, SECOND], labs) == ["proceed", "needs-data"]  # another cause would make a difference
    answers = asked([FIRST, SECOND], labs)
    assert answers.part("labs.alt with labs.bilirubin", 0) is None
    part = answers.part("labs.alt with labs.bilirubin", 1)
    assert part is not None
    assert part.missing == ("events.hepatotoxicity.other_cause",)
    labs[9] |= {"collected": None}
    assert both([FIRST, SECOND], labs)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (({"started": "2025-10-08"}, {"started": "2025-10-08"}), ["proceed", "needs-assessment"]),
        (({"started": None, "ended": None}, {}), [None, "needs-data"]),
        (({"started": "2025-10-01T09:00Z"}, {}), [None, None]),
        (({"point": "C9D9"}, {}), [None, None]),
        (({"started": "2025-10-08"}, {"started": "2025-10-08", "point": "C9D9"}), [None, None]),
        (({"amount": None}, {}), ["proceed", "needs-data"]),
    ],
)
def test_doses_in_disorder(changes: tuple[dict[str, Any], dict[str, Any]], expected: list[str | None]) -> None:
    """Two doses on one day, a dose without a date, times that cannot be compared, a dose that does not exist."""
    doses = [FIRST | changes[0], SECOND | changes[1]]
    for dose in doses:
        dose["ended"] = None
    assert both(doses, normal("2025-09-30T09:00", "2025-10-07T09:00")) == expected


def test_a_situation_that_cannot_be_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the case of a situation is refused, its doses are assessed by themselves, and nothing is lost."""

    def refused(*_: object) -> None:
        path = "case"
        raise FieldError(path, "is refused")

    expected = asked([FIRST, SECOND])
    monkeypatch.setattr("tarlatamab_rules.cohort.registries.judging._some", refused)
    answers = asked([FIRST, SECOND])
    same(answers, expected)
    assert answers.report["one by one"] == 2


def test_codes_of_very_wide_columns() -> None:
    """Columns whose ranges do not fit into one number together are grouped all the same."""
    wide = np.array([0, 2**61, 0, 2**61])
    first, group = grouped(wide, wide, np.array([1, 1, 1, 2]), wide)
    assert (first.tolist(), group.tolist()) == ([0, 1, 3], [0, 1, 0, 2])


def test_numbers_as_decimals_and_texts_as_categories() -> None:
    """Decimal values and dictionary-encoded text are read as any other."""
    labs = pa.Table.from_pylist(normal("2025-09-30T09:00"))
    labs = labs.set_column(labs.column_names.index("value"), "value", labs["value"].cast(pa.decimal128(6, 2)))
    labs = labs.set_column(labs.column_names.index("analyte"), "analyte", labs["analyte"].dictionary_encode())
    tables = {"patients": pa.Table.from_pylist([WELL]), "doses": pa.Table.from_pylist([FIRST]), "events": pa.Table.from_pylist([NO_EVENT])}
    assert verdicts(assess_registry(**tables, labs=pa.concat_tables([labs, labs.slice(0, 0)]))) == ["proceed"]


def test_a_course_that_does_not_begin_at_the_first_dose() -> None:
    """Only C1D8 and C1D15 are listed. At C1D8, counts from before it are a series: of grade 4 in one patient, of grade 3 in the other."""
    doses = [row | {"patient": name} for name in "AB" for row in course(3)[1:]]
    labs = [row | {"patient": name} for name in "AB" for row in normal("2025-09-20T08:00", "2025-10-07T08:00", "2025-10-14T08:00")]
    labs[0] |= {"value": 0.4}
    labs[18] |= {"value": 0.9}
    found = both(doses, labs, patients=[WELL, WELL | {"patient": "B"}])
    assert found[0] == found[2] == "needs-assessment"  # C1D1 is missing


def test_bleeding_that_is_over() -> None:
    """A registry gives each dose the same answer, whether the episode ended before the last dose, on its day, or after it."""
    days = (25, 41, 42, 43, 50)
    doses = [
        {"patient": end, "point": point, "started": at(day, 9), "ended": at(day, 10), "amount": 1.0 if day == 0 else 10.0, "unit": "mg"}
        for end in days
        for point, day in list(POINTS.items())[:6]
    ]
    facts = {"toxicity": "thrombocytopenia", "grade": 3, "onset": on(20), "status": "resolved", "bleeding": True}
    events = [{"patient": end, "resolved": on(end)} | facts for end in days]
    tables = [pd.DataFrame(rows) for rows in (doses, [{"patient": end} for end in days], events)]
    found = assess_registry(tables[0], patients=tables[1], labs=None, events=tables[2], rulebook="us-2025-11")
    voted = [[vote.verdict for vote in found.explain(row).votes if vote.part == "events[0]"] for row in range(len(doses))]
    column = found.frame["events.thrombocytopenia"].tolist()
    assert [each for each in column if isinstance(each, str)] == [verdict for each in voted for verdict in each]
    assert column[5::6] == ["proceed", "proceed", "withhold", "withhold", "withhold"]

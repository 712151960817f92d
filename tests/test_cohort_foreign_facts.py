"""No result, condition or date of OMOP or CDISC is dropped in silence, so that a dose would be assessed without it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarlatamab_rules import FieldError, cohort

FACTS: dict[str, Any] = {
    "age_years": 64,
    "diagnosis": "extensive-stage-sclc",
    "progressed_after_platinum": True,
    "infection": "none",
    "childbearing_potential": False,
    "hypersensitivity": False,
}
"""What neither model holds."""

TESTS = [
    ("NEUT", 3013650, 4.0, "10^9/L", 8848, 1.8, 7.0),
    ("HGB", 3000963, 13.0, "g/dL", 8713, 12.0, 16.0),
    ("PLAT", 3024929, 220.0, "10^9/L", 8848, 150.0, 400.0),
    ("ALT", 3006923, 20.0, "U/L", 8645, None, 40.0),
    ("AST", 3013721, 20.0, "U/L", 8645, None, 40.0),
    ("BILI", 3024128, 0.6, "mg/dL", 8840, None, 1.2),
]
DAYS = ("2025-11-30T08:00", "2025-12-06T08:00")
EX = pd.DataFrame(
    {
        "USUBJID": ["S", "S"],
        "EXDOSE": [1.0, 10.0],
        "EXDOSU": ["mg", "mg"],
        "VISIT": ["CYCLE 1 DAY 1", "CYCLE 1 DAY 8"],
        "EXSTDTC": ["2025-12-01T09:00", "2025-12-08T09:30"],
        "EXENDTC": ["2025-12-01T10:00", "2025-12-08T10:30"],
    }
)
NO_AE = pd.DataFrame({"USUBJID": [], "AEDECOD": []}, dtype=object)
EVENING = "2025-12-07T20:00"


def lb(**changes: Any) -> dict[str, Any]:
    """A neutrophil count of LB, drawn the evening before C1D8."""
    row = {"USUBJID": "S", "LBTESTCD": "NEUT", "LBSPEC": "BLOOD", "LBDTC": EVENING}
    numbers = {"LBORRES": None, "LBORRESU": None, "LBSTRESC": None, "LBSTRESN": None, "LBSTRESU": None}
    return row | numbers | {"LBSTNRLO": None, "LBSTNRHI": None, "LBORNRLO": None, "LBORNRHI": None} | changes


def lb_good() -> list[dict[str, Any]]:
    """Normal results before both doses."""
    return [
        lb(LBTESTCD=test, LBORRES=str(value), LBORRESU=unit, LBSTRESN=value, LBSTRESU=unit, LBSTNRLO=low, LBSTNRHI=high, LBDTC=day)
        for day in DAYS
        for test, _, value, unit, _, low, high in TESTS
    ]


def adlb(**changes: Any) -> dict[str, Any]:
    """A neutrophil count of ADLB, drawn the evening before C1D8."""
    row = {"USUBJID": "S", "PARAMCD": "NEUT", "PARAM": "Neutrophils (10^9/L)", "AVAL": None, "AVALC": None}
    return row | {"ANRLO": 1.8, "ANRHI": 7.0, "ADTM": EVENING} | changes


def adlb_good() -> list[dict[str, Any]]:
    """Normal results before both doses."""
    return [
        adlb(PARAMCD=test, PARAM=f"{test} ({unit})", AVAL=value, ANRLO=low, ANRHI=high, ADTM=day)
        for day in DAYS
        for test, _, value, unit, _, low, high in TESTS
    ]


def measurement(**changes: Any) -> dict[str, Any]:
    """A neutrophil count of OMOP, drawn the evening before C1D8."""
    row = {"person_id": 1, "measurement_concept_id": 3013650, "measurement_datetime": EVENING, "value_as_number": None}
    texts = {"value_source_value": None, "unit_source_value": None}
    return row | {"unit_concept_id": 8848, "operator_concept_id": 0, "range_low": 1.8, "range_high": 7.0} | texts | changes


def measurements_good() -> list[dict[str, Any]]:
    """Normal results before both doses."""
    return [
        measurement(
            measurement_concept_id=concept,
            value_as_number=value,
            unit_concept_id=unit,
            range_low=low,
            range_high=high,
            measurement_datetime=day,
        )
        for day in DAYS
        for _, concept, value, _, unit, low, high in TESTS
    ]


def trial(**tables: Any) -> Any:
    """The registry of a trial; tables as rows or as frames."""
    frames: dict[str, Any] = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    if not {"lb", "adlb"} & frames.keys():
        frames["lb"] = pd.DataFrame(lb_good())
    if not {"ae", "adae"} & frames.keys():
        frames["ae"] = NO_AE
    return cohort.from_cdisc(**{"ex": EX} | frames)


def hospital(*more: dict[str, Any], conditions: Any = (), **options: Any) -> Any:
    """The registry of a hospital with two doses, its normal results, and more results and conditions."""
    exposures = {
        "person_id": [1, 1],
        "drug_concept_id": [99, 99],
        "drug_exposure_start_datetime": ["2025-12-01T09:00", "2025-12-08T09:30"],
        "drug_exposure_end_datetime": ["2025-12-01T10:00", "2025-12-08T10:30"],
        "quantity": [1.0, 10.0],
        "dose_unit_source_value": ["mg", "mg"],
    }
    empty: dict[str, Any] = {"person_id": [], "condition_concept_id": []}
    return cohort.from_omop(
        person=pd.DataFrame({"person_id": [1]}),
        drug_exposure=pd.DataFrame(exposures),
        measurement=pd.DataFrame([*measurements_good(), *more]),
        condition_occurrence=pd.DataFrame(list(conditions) or empty),
        drug_concept_ids={99},
        **options,
    )


def verdicts(registry: Any, rulebook: str = "us-2025-11") -> list[Any]:
    """The verdict of each dose, or the path of its fault, if the patient is otherwise known to be fit."""
    patients = registry.tables["patients"].select(["patient"]).to_pylist()
    tables = dict(registry.tables) | {"patients": pd.DataFrame([row | FACTS for row in patients])}
    frame = cohort.assess_registry(**tables, rulebook=rulebook).frame
    pairs = zip(frame["verdict"].to_pylist(), frame["fault"].to_pylist(), strict=True)
    return [verdict if fault is None else fault.partition(": ")[0] for verdict, fault in pairs]


def last(registry: Any, *columns: str) -> tuple[Any, ...]:
    """Some columns of the last result."""
    row = registry.tables["labs"].to_pylist()[-1]
    return tuple(row[column] for column in columns)


def test_all_is_well() -> None:
    """The tables to which each test adds a row lead to two doses that are given."""
    assert [verdicts(each) for each in (trial(), trial(adlb=adlb_good()), hospital())] == [["proceed", "proceed"]] * 3


# --- results ---

UNREAD = "labs[12].value"

LOW = [
    # the columns of the row; value, bound and unit that are read; the verdict of C1D8
    ({"LBORRES": "<0.5", "LBORRESU": "10^9/L", "LBSTRESU": "10^9/L"}, (0.5, "<", "10^9/L"), "withhold"),
    ({"LBORRES": "≤0.4", "LBORRESU": "10^9/L"}, (0.4, "<=", "10^9/L"), "withhold"),
    ({"LBORRES": "400", "LBORRESU": "/uL"}, (400.0, None, "/uL"), "withhold"),
    ({"LBORRES": "400", "LBORRESU": "/uL", "LBSTRESN": 0.4}, (400.0, None, "/uL"), "withhold"),
    ({"LBORRES": "400", "LBORRESU": "/uL", "LBSTRESN": 0.4, "LBSTRESU": ""}, (400.0, None, "/uL"), "withhold"),
    ({"LBSTRESC": "<0.5", "LBSTRESU": "10^9/L"}, (0.5, "<", "10^9/L"), "withhold"),
    ({"LBSTRESC": "<0.5", "LBSTRESN": 0.5, "LBSTRESU": "10^9/L"}, (0.5, "<", "10^9/L"), "withhold"),
    ({"LBORRES": "<500", "LBORRESU": "/uL", "LBSTRESN": 0.5, "LBSTRESU": "10^9/L"}, (0.5, "<", "10^9/L"), "withhold"),
    ({"LBORRES": "= 0.4", "LBSTRESN": 0.4, "LBSTRESU": "10^9/L"}, (0.4, None, "10^9/L"), "withhold"),
    ({"LBORRES": "see note", "LBSTRESN": 0.4, "LBSTRESU": "10^9/L"}, (0.4, None, "10^9/L"), "withhold"),
    ({"LBORRES": "LESS THAN 0.5", "LBSTRESN": 0.5, "LBSTRESU": "10^9/L"}, (None, None, "10^9/L"), UNREAD),
    ({"LBORRES": "LESS THAN 0.5", "LBORRESU": "10^9/L"}, (None, None, "10^9/L"), UNREAD),
    ({"LBORRES": "<0.5", "LBSTRESC": ">0.5", "LBSTRESU": "10^9/L"}, (None, ">", "10^9/L"), UNREAD),
    ({"LBSTRESC": "0.4", "LBSTRESN": 4.0, "LBSTRESU": "10^9/L"}, (None, None, "10^9/L"), UNREAD),
    ({"LBORRES": "BLQ", "LBSTRESC": "BLQ", "LBSTRESU": "10^9/L"}, (None, None, None), UNREAD),
    ({}, (None, None, None), UNREAD),
    ({"LBORRES": "0,4", "LBORRESU": "10^9/L"}, (None, None, "10^9/L"), UNREAD),
    ({"LBORRES": "400 /uL", "LBORRESU": "/uL"}, (None, None, "/uL"), UNREAD),
    ({"LBORRES": "0.4"}, (0.4, None, None), "labs[12].quantity"),
]


@pytest.mark.parametrize(("row", "read", "verdict"), LOW)
def test_a_low_count_of_a_trial(row: dict[str, Any], read: tuple[Any, ...], verdict: str) -> None:
    """A count before C1D8 is read from whichever columns hold it; if none can be read, the dose is refused and no older count is used."""
    registry = trial(lb=[*lb_good(), lb(**row)])
    assert last(registry, "value", "comparator", "unit") == read
    assert verdicts(registry) == ["proceed", verdict]
    assert registry.counts["lb"] == {"used": 13}
    note = "1 result has no number that can be read: labs[12]. Each dose that sees it is refused: correct it."
    assert (note in registry.notes) is (verdict == UNREAD)


def test_not_done_beside_a_number() -> None:
    """A test that was not done is left out, but a number beside that status is a result."""
    done = trial(lb=[*lb_good(), lb(LBSTRESN=0.4, LBSTRESU="10^9/L") | {"LBSTAT": "NOT DONE"}])
    assert verdicts(done) == ["proceed", "withhold"]
    assert trial(lb=[lb() | {"LBSTAT": "NOT DONE"}]).counts["lb"] == {"used": 0, "not used: not done (LBSTAT)": 1}


def test_limits_belong_to_their_columns() -> None:
    """A result as the laboratory reported it has the limits of that laboratory, in the unit of the report; each row by itself."""
    ranges = {"LBSTNRLO": 1.8, "LBSTNRHI": 7.0, "LBORNRLO": "1800", "LBORNRHI": "7000"}
    reported = lb(LBORRES="1900", LBORRESU="/uL", **ranges)
    standard = reported | {"LBSTRESN": 1.9, "LBSTRESU": "10^9/L"}
    rows = trial(lb=[reported, standard]).tables["labs"].to_pylist()
    assert [(row["value"], row["unit"], row["lower_limit"], row["upper_limit"]) for row in rows] == [
        (1900.0, "/uL", 1800.0, 7000.0),
        (1.9, "10^9/L", 1.8, 7.0),
    ]


@pytest.mark.parametrize(
    ("row", "read", "verdict"),
    [
        ({"AVALC": "<0.5"}, (0.5, "<"), "withhold"),
        ({"AVAL": 0.5, "AVALC": "<0.5"}, (0.5, "<"), "withhold"),
        ({"AVAL": 0.46, "AVALC": "0.5"}, (0.46, None), "withhold"),
        ({"AVAL": 4.6, "AVALC": "0.5"}, (None, None), UNREAD),
        ({"AVAL": 4.0, "AVALC": "BELOW 0.5"}, (None, None), UNREAD),
        ({"AVALC": "LOW"}, (None, None), UNREAD),
    ],
)
def test_a_low_count_of_analysis_data(row: dict[str, Any], read: tuple[Any, ...], verdict: str) -> None:
    """The text of an analysis value gives the number if there is none, and its bound beside one; the two must agree."""
    registry = trial(adlb=[*adlb_good(), adlb(**row)])
    assert last(registry, "value", "comparator") == read
    assert verdicts(registry) == ["proceed", verdict]


def test_a_bound_is_graded_as_one() -> None:
    """Below 0.5 is grade 4, and 0.5 is grade 3."""
    graded = cohort.grade_adlb(pd.DataFrame([adlb(AVAL=0.5, AVALC="<0.5"), adlb(AVAL=0.5, AVALC="0.5"), adlb(AVALC="low")]))
    assert graded["ATOXGRL"].astype(object).where(graded["ATOXGRL"].notna(), None).tolist() == ["4", "3", None]


@pytest.mark.parametrize(
    ("row", "read", "verdict"),
    [
        ({"value_source_value": "<0.5"}, (0.5, "<", "10*3/uL"), "withhold"),
        ({"value_as_number": 0.5, "value_source_value": "<0.5"}, (0.5, "<", "10*3/uL"), "withhold"),
        ({"value_as_number": 0.5, "value_source_value": "<500"}, (0.5, "<", "10*3/uL"), "withhold"),
        ({"value_source_value": "400", "unit_source_value": "/uL"}, (400.0, None, "/uL"), "withhold"),
        ({"value_as_number": 0.4, "value_source_value": "400", "unit_source_value": "/uL"}, (0.4, None, "10*3/uL"), "withhold"),
        ({"value_source_value": "0.5", "operator_concept_id": 4171756}, (0.5, "<", "10*3/uL"), "withhold"),
        ({"value_source_value": "<0.5", "operator_concept_id": 4171756}, (0.5, "<", "10*3/uL"), "withhold"),
        ({"value_source_value": "<0.5", "operator_concept_id": 4172704}, (None, ">", "10*3/uL"), UNREAD),
        ({"value_as_number": 4.0, "value_source_value": "less than 0.5"}, (None, None, "10*3/uL"), UNREAD),
        ({"value_as_number": 0.4, "value_source_value": "0.4 K/uL"}, (0.4, None, "10*3/uL"), "withhold"),
        ({"value_source_value": "low"}, (None, None, "10*3/uL"), UNREAD),
        ({}, (None, None, "10*3/uL"), UNREAD),
        ({"value_source_value": "<0.5", "operator_concept_id": 7}, (0.5, "operator 7 ", "10*3/uL"), "labs[12].comparator"),
    ],
)
def test_a_low_count_of_a_hospital(row: dict[str, Any], read: tuple[Any, ...], verdict: str) -> None:
    """A count without a number is that of its source text, in the unit of the source; one that cannot be read refuses the dose."""
    registry = hospital(measurement(**row))
    assert last(registry, "value", "comparator", "unit") == read
    assert verdicts(registry) == ["proceed", verdict]
    assert registry.counts["measurement"] == {"used": 13}


@pytest.mark.parametrize(
    ("code", "verdict"), [("751-8", "withhold"), (" 26499-4", "withhold"), ("770-8", "proceed"), ("ANC", "withhold"), ("CRP", "proceed")]
)
def test_a_count_without_a_concept(code: str, verdict: str) -> None:
    """A measurement that the vocabulary of the site does not know is known by its code of LOINC or by name; a percentage is no count."""
    registry = hospital(measurement(measurement_concept_id=0, value_as_number=0.4) | {"measurement_source_value": code})
    assert verdicts(registry) == ["proceed", verdict]


TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["<0.5", ">=4", "0.4", "4", "", " ", "NEGATIVE", "LESS THAN 1", "1-2", "4.0 H", "<", "e5", "--", "½", "∞", "nan"]),
    st.text(max_size=8),
)
NUMBERS = st.none() | st.sampled_from([0.0, 0.4, 4.0, float("inf"), -1.0])


@settings(max_examples=40)
@given(texts=st.tuples(TEXTS, TEXTS), number=NUMBERS, unit=st.sampled_from([None, "", "10^9/L"]))
def test_no_result_of_a_known_test_is_dropped(texts: tuple[str | None, str | None], number: float | None, unit: str | None) -> None:
    """Whatever its columns hold, a result that was drawn and measured is a row of the registry, and no bound beside its number is lost."""
    row = lb(LBORRES=texts[0], LBORRESU="10^9/L", LBSTRESC=texts[1], LBSTRESN=number, LBSTRESU=unit)
    concept = measurement(value_as_number=number, value_source_value=texts[0])
    value = adlb(AVAL=number, AVALC=texts[0])
    for registry, of in (
        (trial(lb=pd.DataFrame([row], dtype=object).astype({"LBSTRESN": float})), texts),
        (trial(adlb=pd.DataFrame([value], dtype=object).astype(dict.fromkeys(("AVAL", "ANRLO", "ANRHI"), float))), texts[:1]),
        (hospital(concept), texts[:1]),
    ):
        value_read, bound = last(registry, "value", "comparator")
        assert registry.tables["labs"].num_rows in {1, 13}
        if value_read is not None and any((text or "").strip().startswith(("<", ">")) for text in of):
            assert bound is not None


# --- conditions of a hospital ---


def condition(code: str | None, start: str | None = "2025-12-07", end: str | None = None, concept: int = 0) -> dict[str, Any]:
    """A condition, open since the day before C1D8."""
    row = {"person_id": 1, "condition_concept_id": concept, "condition_source_value": code}
    return row | {"condition_start_date": start, "condition_end_date": end}


def events(registry: Any) -> list[tuple[Any, ...]]:
    """Toxicity and grade of each event."""
    return [(row["toxicity"], row["grade"]) for row in registry.tables["events"].to_pylist()]


@pytest.mark.parametrize("rulebook", ["us-2025-11", "eu-2026"])
@pytest.mark.parametrize(
    ("code", "concept"), [("J18.9", 0), ("N39.0", 0), ("A41.9", 0), ("I10", 320128), (None, 255848), ("", 0), ("x", 0)]
)
def test_a_condition_that_is_not_known_is_asked_for(code: str | None, concept: int, rulebook: str) -> None:
    """No dose goes ahead as if somebody had reviewed a condition that the library does not know: it may be an infection or a toxicity."""
    registry = hospital(conditions=[condition(code, concept=concept)])
    assert events(registry) == [("other", None)]
    assert verdicts(registry, rulebook) == ["proceed", "needs-data"]


@pytest.mark.parametrize(
    ("code", "toxicity"),
    [
        ("R50.81", "febrile-neutropenia"),
        ("R5081", "febrile-neutropenia"),
        ("r74.01", "hepatotoxicity"),
        ("G92.8", "neurotoxicity"),
        ("G93.6", "neurotoxicity"),
        ("R56.9", "neurotoxicity"),
        ("G92.0", "icans"),
        ("D89.83", "crs"),
        ("E88.3", "other"),
    ],
)
def test_codes_of_toxicities(code: str, toxicity: str) -> None:
    """Codes whose meaning is confirmed are that toxicity, with and without the dot; none states a grade, so the dose asks for it."""
    registry = hospital(conditions=[condition(code)])
    assert events(registry) == [(toxicity, None)]
    assert verdicts(registry) == ["proceed", "needs-data"]


def test_what_is_said_of_conditions() -> None:
    """The text counts the conditions that are not known by code or concept, and shows no other text of the source."""
    odd = [condition("J18.9"), condition("J18.9"), condition("Mr Smith's cough", concept=255848), condition("C34.90"), condition("D89.832")]
    text = str(hospital(conditions=odd))
    assert "condition_occurrence: 4 rows used\ncondition_occurrence: 1 rows not used: the cancer\n" in text
    assert "Conditions that may be infections or toxicities: J18.9 (2), concept 255848 (1). Each is an event of other" in text
    assert "Smith" not in text
    many = hospital(conditions=[condition(f"J{number}") for number in range(10, 18)])
    assert "J10 (1), J11 (1), J12 (1), J13 (1), J14 (1) and 3 more." in str(many)


def test_conditions_that_are_left_out() -> None:
    """What was over before the first dose, is the cancer, or is named as unrelated leads to no question; an undated end may be later."""
    left_out = [
        condition("J18.9", "2025-11-01", "2025-11-29"),
        condition("C34.11", "2024-01-01"),
        condition("683991000119103.0", "2024-01-01"),
        condition("I10", "2020-01-01"),
        condition(None, "2020-01-01", concept=320128),
    ]
    registry = hospital(conditions=left_out, unrelated=["i10", 320128])
    assert registry.counts["condition_occurrence"] == {
        "used": 0,
        "not used: the cancer": 2,
        "not used: unrelated": 2,
        "not used: over before the first dose": 1,
    }
    assert verdicts(registry) == ["proceed", "proceed"]
    assert events(hospital(conditions=[condition("J18.9", "2025-11-01", "2025-11-30")])) == [("other", None)]
    assert verdicts(hospital(conditions=[condition("J18.9", "2025-11-01")])) == ["needs-data", "needs-data"]
    assert verdicts(hospital(conditions=[condition("J18.9", None)])) == ["needs-data", "needs-data"]


def test_conditions_of_the_caller() -> None:
    """A caller maps conditions by concept or by source value, and what is mapped is never unrelated."""
    both = [condition("J18.9"), condition(None, concept=255848)]
    registry = hospital(conditions=both, toxicities={"J189": "infection", 255848: "infection"}, unrelated=["J18.9", 255848])
    assert events(registry) == [("infection", None)] * 2


def test_a_patient_without_a_dose() -> None:
    """Conditions of a patient who has no dose are left out, and said to be."""
    registry = hospital(conditions=[condition("J18.9") | {"person_id": 2}])
    assert registry.counts["condition_occurrence"] == {"used": 0, "not used: no dose of the patient": 1}


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"unrelated": "I10"}, "unrelated"),
        ({"unrelated": [0]}, "unrelated"),
        ({"unrelated": [" "]}, "unrelated"),
        ({"toxicities": {0: "infection"}}, "toxicities"),
        ({"toxicities": {"": "infection"}}, "toxicities"),
    ],
)
def test_conditions_that_stand_for_nothing(options: dict[str, Any], path: str) -> None:
    """Concept 0 and an empty source value would match whatever nobody coded, so they are refused."""
    with pytest.raises(FieldError) as raised:
        hospital(conditions=[condition("J18.9")], **options)
    assert raised.value.path == path


@given(
    conditions=st.lists(
        st.builds(
            condition,
            st.none() | st.sampled_from(["J18.9", "D70.1", "R5081", "C34.9", "G92", "C3", "Z51.12"]) | st.text(max_size=6),
            st.none() | st.sampled_from(["2020-01-01", "2025-12-07", "2025-12-09"]),
            st.none() | st.sampled_from(["2025-11-30", "2025-12-08", "2025-12-20"]),
            st.sampled_from([0, 320128, 439777]),
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=40)
def test_every_condition_is_an_event_or_said(conditions: list[dict[str, Any]]) -> None:
    """Each condition is an event, or counted with the reason why not, and none of these reasons is that its code is not known."""
    registry = hospital(conditions=pd.DataFrame(conditions, dtype=object).to_dict("records"))
    counts = registry.counts["condition_occurrence"]
    assert counts["used"] == registry.tables["events"].num_rows
    assert sum(counts.values()) == len(conditions)
    assert set(counts) <= {"used", "not used: the cancer"}


# --- events of a trial ---


GENERAL = {"AEBODSYS": "General disorders"}


def ae(term: str | None, grade: str | None = "2", **changes: Any) -> dict[str, Any]:
    """An event that began the day before C1D8 and goes on."""
    row = {"USUBJID": "S", "AEDECOD": term, "AETERM": None, "AEBODSYS": None, "AESOC": None, "AETOXGR": grade}
    return row | {"AESTDTC": "2025-12-07", "AEENDTC": None, "AEOUT": "NOT RECOVERED/NOT RESOLVED"} | changes


@pytest.mark.parametrize("column", ["AEBODSYS", "AESOC"])
def test_infections_by_class(column: str) -> None:
    """Either column of the system organ class makes an infection, and one that goes on holds a dose of the step-up phase."""
    registry = trial(ae=[ae("Pneumonia", **{column: " Infections and Infestations"})])
    assert events(registry) == [("infection", 2)]
    assert verdicts(registry) == ["proceed", "withhold"]
    known = trial(ae=[ae("Febrile neutropenia", "3", **{column: "Infections and infestations"})])
    assert events(known) == [("febrile-neutropenia", 3)]


@pytest.mark.parametrize(
    "term",
    ["Alanine aminotransferase increased", "ASPARTATE AMINOTRANSFERASE INCREASED ", "Blood bilirubin increased", "Transaminases increased"],
)
@pytest.mark.parametrize(("grade", "verdict"), [("3", "withhold"), ("4", "discontinue")])
def test_liver_terms(term: str, grade: str, verdict: str) -> None:
    """The labels hold the drug for ALT, AST or bilirubin of grade 3 and stop it at grade 4; the terms of these are such events."""
    registry = trial(ae=[ae(term, grade, AEBODSYS="Investigations")])
    assert events(registry) == [("hepatotoxicity", int(grade))]
    assert verdicts(registry) == ["proceed", verdict]


def test_terms_that_are_not_known_are_said() -> None:
    """Events of terms that are not known stay, and the text names the terms and counts their rows."""
    rows = [ae("Fatigue", "1", **GENERAL), ae("Fatigue", "1", **GENERAL), ae("Rash", "1", **GENERAL), ae(None, "1", **GENERAL)]
    registry = trial(ae=[*rows, ae("Neutropenia", "1")])
    assert sorted(events(registry)) == [("neutropenia", 1), *[("other", 1)] * 4]
    terms = "Terms that are not known, each an event of other: Fatigue (2), Rash (1), no term (1). Pass toxicities"
    assert terms in str(registry)
    mapped = cohort.from_cdisc(ex=EX, lb=pd.DataFrame(lb_good()), ae=pd.DataFrame(rows[:2]), toxicities={"fatigue": "other"})
    assert "Terms" not in str(mapped)


@pytest.mark.parametrize(
    ("grade", "verdict"), [("1", "needs-data"), ("2", "needs-data"), ("3", "withhold"), ("4", "withhold"), (None, "needs-data")]
)
def test_a_term_without_a_class_may_be_an_infection(grade: str | None, verdict: str) -> None:
    """Without AEBODSYS and AESOC nobody can tell whether a term that is not known is an infection, so no dose goes ahead beside it."""
    rows = [ae("Pneumonia", grade, AESOC=" ")]
    registry = trial(ae=rows)
    assert verdicts(registry) == ["proceed", verdict]
    assert verdicts(trial(ae=[{name: rows[0][name] for name in rows[0] if name not in {"AEBODSYS", "AESOC"}}])) == verdicts(registry)
    assert "so they may be infections: Pneumonia (1)." in str(registry)
    assert [toxicity for toxicity, _ in events(registry)] == ["other"]
    known = cohort.from_cdisc(ex=EX, lb=pd.DataFrame(lb_good()), ae=pd.DataFrame(rows), toxicities={"pneumonia": "infection"})
    assert events(known) == [("infection", None if grade is None else int(grade))]


def test_a_term_that_nobody_coded() -> None:
    """Without AEDECOD, AETERM is read; an event without any term is one of other, and its grade counts."""
    assert events(trial(ae=[ae("", "4", AETERM="Neutropenia")])) == [("neutropenia", 4)]
    assert verdicts(trial(ae=[ae(None, None)])) == ["proceed", "needs-data"]


def test_the_milder_of_two_is_not_how_the_worse_is_now() -> None:
    """A mild infection that begins during a severe one does not show that this has improved, nor does ALT of grade 1 beside AST."""
    infection = {"AEBODSYS": "Infections and infestations"}
    for rows in (
        [ae("Pneumonia", "3", AESTDTC="2025-12-05", **infection), ae("Nasopharyngitis", "1", **infection)],
        [ae("Aspartate aminotransferase increased", "3", AESTDTC="2025-12-05"), ae("Alanine aminotransferase increased", "1")],
    ):
        registry = trial(ae=rows)
        assert sorted(grade for _, grade in events(registry)) == [1, 3]
        assert verdicts(registry) == ["proceed", "withhold"]


# --- baselines ---

ALT = {"LBTESTCD": "ALT", "LBSTNRHI": 40.0, "LBSTRESU": "U/L"}


def flagged(*rows: dict[str, Any]) -> tuple[list[Any], tuple[str, ...]]:
    """The baselines of these rows, and the notes without those on limits."""
    registry = trial(lb=[lb(**({"LBDTC": DAYS[0]} | ALT | row)) | {"LBBLFL": row.get("LBBLFL")} for row in rows])
    return registry.tables["labs"]["baseline"].to_pylist(), tuple(note for note in registry.notes if "limits" not in note)


def test_a_baseline_in_another_unit() -> None:
    """A flagged value of 160 U/L is 160/60 ukat/L beside a result in that unit, and counts of one scale are those of the other."""
    values, notes = flagged({"LBSTRESN": 160.0, "LBBLFL": "Y"}, {"LBSTRESN": 2.7, "LBSTRESU": "ukat/L"})
    assert values == pytest.approx([160.0, 160.0 / 60])
    assert notes == ()
    values, _ = flagged(
        {"LBTESTCD": "NEUT", "LBSTRESN": 4.0, "LBSTRESU": "10^9/L", "LBBLFL": "Y"},
        {"LBTESTCD": "NEUT", "LBORRES": "400", "LBORRESU": "/uL", "LBSTRESU": None},
    )
    assert values == pytest.approx([4.0, 4000.0])


def test_a_raised_baseline_in_another_unit_decides() -> None:
    """By the EU text liver values count in multiples of a raised baseline: 8 ukat/L beside 160 U/L holds nothing."""
    before = [lb(**ALT, LBSTRESN=160.0, LBDTC="2025-11-30T07:00") | {"LBBLFL": "Y"}]
    now = [lb(**(ALT | {"LBSTRESN": 8.0, "LBSTRESU": "ukat/L", "LBSTNRHI": 0.67}))]
    good = [row for row in lb_good() if row["LBTESTCD"] != "ALT"]
    assert verdicts(trial(lb=good + before + now), "eu-2026")[1] == "proceed"


@pytest.mark.parametrize(
    ("rows", "expected", "note"),
    [
        (
            [{"LBSTRESN": 160.0, "LBBLFL": "Y"}, {"LBSTRESN": 20.0, "LBBLFL": "Y"}, {"LBSTRESN": 30.0}],
            [None, None, None],
            "Flagged baselines that differ from each other, so that none is used: alt (2).",
        ),
        (
            [{"LBSTRESN": 30.0, "LBBLFL": "Y"}, {"LBSTRESN": 0.5, "LBSTRESU": "ukat/L", "LBBLFL": "Y"}],
            [30.0, 0.5],
            None,
        ),
        (
            [{"LBSTRESC": "<5", "LBBLFL": "Y"}, {"LBSTRESC": "lost", "LBBLFL": "Y"}, {"LBSTRESN": 30.0}],
            [None, None, None],
            "Flagged baselines that are no single number, and are not used: alt (2).",
        ),
        (
            [{"LBSTRESN": 30.0, "LBSTRESU": "arb", "LBBLFL": "Y"}, {"LBSTRESN": 30.0}],
            [30.0, None],
            "Results without their baseline, because its unit or theirs is not known: alt (1).",
        ),
        (
            [{"LBSTRESN": 30.0, "LBBLFL": "Y"}, {"LBSTRESN": 30.0, "LBSTRESU": None}],
            [30.0, None],
            "Results without their baseline, because its unit or theirs is not known: alt (1).",
        ),
    ],
)
def test_a_baseline_that_is_not_used_is_said(rows: list[dict[str, Any]], expected: list[Any], note: str | None) -> None:
    """Flagged values that differ, are bounds, or cannot be converted are no baseline, and the notes say so."""
    values, notes = flagged(*rows)
    assert values == expected
    assert [line for line in notes if "aseline" in line] == ([] if note is None else [note])


# --- dates ---

LOW_ADLB = {"AVAL": 0.4, "ADTM": None}


@pytest.mark.parametrize(
    ("registry", "faults"),
    [
        (lambda: trial(lb=[*lb_good(), lb(LBSTRESN=0.4, LBSTRESU="10^9/L", LBDTC="07DEC2025")]), ["labs[12]"] * 2),
        (lambda: trial(adlb=[*adlb_good(), adlb(**LOW_ADLB, ADT="07DEC2025")]), ["labs[12]"] * 2),
        (lambda: trial(adlb=[*adlb_good(), adlb(**LOW_ADLB, ADT=24082.0)]), ["labs[12]"] * 2),
        (lambda: trial(adlb=[*adlb_good(), adlb(**LOW_ADLB, ADT=2025)]), ["labs[12]"] * 2),
        (lambda: trial(ae=[ae("Neutropenia", "4", AESTDTC="07DEC2025")]), ["events[0]"] * 2),
        (lambda: trial(ae=[ae("Neutropenia", "4", AEENDTC="8.12.2025")]), ["proceed", "events[0]"]),
        (lambda: trial(ex=EX.assign(EXSTDTC=["01DEC2025", "2025-12-08T09:30"])), ["doses[0]"] * 2),
        (lambda: hospital(measurement(value_as_number=0.4, measurement_datetime="07DEC2025")), ["labs[12]"] * 2),
        (lambda: hospital(conditions=[condition("D70.1", "07DEC2025")]), ["events[0]"] * 2),
        (lambda: hospital(conditions=[condition("J18.9", "2025-11-01", "30NOV2025")]), ["events[0]"] * 2),
    ],
)
def test_a_date_that_cannot_be_read(registry: Any, faults: list[str]) -> None:
    """A text or a number that is no date refuses each dose that may see the row, and names the row; it is not taken for an unknown date."""
    assert verdicts(registry()) == faults


def test_a_birth_date_that_cannot_be_read() -> None:
    """It refuses the doses of the patient, whose age nobody knows then."""
    dm = pd.DataFrame({"USUBJID": ["S"], "BRTHDTC": ["09APR1961"]})
    frame = cohort.assess_registry(**cohort.from_cdisc(ex=EX, lb=pd.DataFrame(lb_good()), ae=NO_AE, dm=dm).tables).frame
    assert [fault.partition(": ")[0] for fault in frame["fault"].to_pylist()] == ["patient", "patient"]


def test_a_dose_with_a_date_that_cannot_be_read_is_the_last() -> None:
    """Without visits, doses are numbered by their order, and one whose date cannot be read does not come first."""
    ex = EX.assign(EXSTDTC=["01DEC2025", "2025-12-08T09:30"]).drop(columns="VISIT")
    assert [row["point"] for row in trial(ex=ex).tables["doses"].to_pylist()] == ["C1D8", "C1D1"]


def test_rows_with_odd_dates_are_not_joined() -> None:
    """A row of one episode whose end cannot be read stays apart, so that its end is not lost behind another."""
    rows = [
        ae("Neutropenia", "3", AESTDTC="2025-12-02", AEENDTC="2025-12-05"),
        ae("Neutropenia", "4", AESTDTC="2025-12-05", AEENDTC="01JAN2026"),
        ae("Neutropenia", "2", AESTDTC="2025-12-05", AEENDTC="2025-12-06"),
    ]
    assert events(trial(ae=rows)) == [("neutropenia", 3), ("neutropenia", 4), ("neutropenia", 2)]


def test_grades_for_omop_have_a_date_or_none() -> None:
    """A date that cannot be read does not become the date of an observation."""
    rows = [
        measurement(value_as_number=0.4) | {"measurement_id": 1},
        measurement(value_as_number=0.4, measurement_datetime="x") | {"measurement_id": 2},
    ]
    assert [row["observation_date"] for row in cohort.omop_grades(pd.DataFrame(rows)).to_pylist()] == ["2025-12-07", None]


@given(
    text=st.one_of(st.text(max_size=12), st.from_regex(r"[0-9T:/. -]{1,16}", fullmatch=True), st.dates().map(str), st.datetimes().map(str))
)
@settings(max_examples=80)
def test_no_date_is_dropped(text: str) -> None:
    """A text in a column of dates is read, refused as it stands, or one of the ways of CDISC to leave out parts of a date."""
    (row,) = trial(lb=[lb()], ae=[ae("Neutropenia", AESTDTC=text)]).tables["events"].to_pylist()
    if row["onset"] is None:
        plain = text.strip()
        assert plain.upper() in {"", ".", "UNK", "UNKNOWN"} or plain[:4].isdigit() or "--" in plain
    else:
        assert row["onset"] == text.strip() or row["onset"][:10].replace("-", "") in text.replace("-", "")

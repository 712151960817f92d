"""The JSON Schemas of a case and of an assessment: what they take, what they refuse, and that both follow from the classes."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tarlatamab_rules import Case, DocumentError, assess_case, read_case, strategies
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats import schema_command
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import case_document
from tarlatamab_rules.formats.schemas import SCHEMAS, VERSION, schema

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").rglob("*.json"))
CASES = Draft202012Validator(schema("case"))
ASSESSMENTS = Draft202012Validator(schema("assessment"))


def faults(document: object, validator: Draft202012Validator = CASES) -> list[str]:
    """What a schema finds wrong with a document."""
    return [f"{list(error.absolute_path)}: {error.message}" for error in validator.iter_errors(document)]


def is_read(document: Any) -> bool:
    """Whether `read_case` takes a document, as text."""
    try:
        read_case(json.dumps(document))
    except DocumentError:
        return False
    return True


@pytest.mark.parametrize("name", SCHEMAS)
def test_each_is_a_schema(name: str) -> None:
    """Each schema is valid by its own dialect, and its id has its name and the version."""
    Draft202012Validator.check_schema(schema(name))
    assert schema(name)["$id"] == f"urn:tarlatamab-rules:schema:{name}:{VERSION}"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_files(name: str) -> None:
    """The file of the documentation is the schema. If the schema has changed, raise `VERSION` and print it anew."""
    text = (ROOT / "docs" / "reference" / "schemas" / f"{name}-{VERSION}.json").read_text(encoding="utf-8")
    assert text == json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def test_another_name() -> None:
    """Nothing else has a schema, and the error lists what has."""
    with pytest.raises(FieldError, match="use one of case, assessment"):
        schema("plan")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples(path: Path) -> None:
    """Every example fits the schema of a case, and its assessment that of an assessment."""
    document = json.loads(path.read_text(encoding="utf-8"))
    assert faults(document) == []
    assessment = json.loads(json.dumps(assessment_document(assess_case(read_case(document)))))
    assert faults(assessment, ASSESSMENTS) == []


@pytest.mark.thorough
@given(strategies.cases())
def test_every_case(case: Case) -> None:
    """Every case fits, and so does its assessment."""
    document = json.loads(json.dumps(case_document(case)))
    assert faults(document) == []
    assert faults(json.loads(json.dumps(assessment_document(assess_case(case)))), ASSESSMENTS) == []


LAB = {"analyte": "alt", "value": 20, "unit": "U/L"}
ODD = {
    "only a point": {"point": "C1D1"},
    "a point with zeros and spaces": {"point": " c01d008 "},
    "cycle 10": {"point": "C10D15"},
    "cycle 100": {"point": "C100D1"},
    "nothing known, in so many words": {"point": "C1D1", "patient": None, "labs": None, "events": None, "course": None, "findings": None},
    "a day alone": {"point": "C1D1", "planned_start": "2026-02-03"},
    "a time with a space and a short offset": {"point": "C1D1", "planned_start": "2026-02-03 09:00+0100"},
    "another name of an analyte": {"point": "C1D1", "labs": [{**LAB, "analyte": "  Alk_Phos", "unit": "U/L"}]},
    "an analyte in capitals with spaces": {
        "point": "C1D1",
        "labs": [{**LAB, "analyte": "ABSOLUTE neutrophil  COUNT", "unit": "/uL", "value": 2000}],
    },
    "a bound": {"point": "C1D1", "labs": [{**LAB, "value": " <5"}]},
    "a bound in one sign": {"point": "C1D1", "labs": [{**LAB, "value": "≥5"}]},
    "an amount in grams": {"point": "C1D1", "ordered": "0.001 g"},
    "an amount without a space": {"point": "C1D1", "ordered": "1mg"},
    "a symptom twice": {"point": "C1D1", "findings": {"icans": {"symptoms": ["confusion", "confusion"]}}},
    "grade 3 febrile neutropenia": {"point": "C1D1", "events": [{"toxicity": "febrile-neutropenia", "grade": 3}]},
    "resolved, grade 0 now": {"point": "C1D1", "events": [{"toxicity": "crs", "status": "resolved", "current_grade": 0}]},
}
WRONG = {
    "a list": [],
    "nothing": {},
    "no such dose": {"point": "C1D2"},
    "no such dose of a later cycle": {"point": "C2D8"},
    "cycle 0": {"point": "C0D1"},
    "cycle 1000": {"point": "C1000D1"},
    "a point of two lines": {"point": "C1D1\nC1D8"},
    "an unknown key": {"point": "C1D1", "Patient": {}},
    "an old key": {"point": "C1D1", "history": []},
    "an age in words": {"point": "C1D1", "patient": {"age_years": "64"}},
    "too old": {"point": "C1D1", "patient": {"age_years": 131}},
    "a truth value as a number": {"point": "C1D1", "patient": {"pregnant": 0}},
    "a truth value in words": {"point": "C1D1", "patient": {"pregnant": "no"}},
    "pregnant without childbearing potential": {"point": "C1D1", "patient": {"pregnant": True, "childbearing_potential": False}},
    "a diagnosis of another spelling": {"point": "C1D1", "patient": {"diagnosis": "ES-SCLC"}},
    "a date in another order": {"point": "C1D1", "planned_start": "03.02.2026"},
    "an amount without a unit": {"point": "C1D1", "ordered": 10},
    "an amount in words": {"point": "C1D1", "ordered": "ten mg"},
    "an amount with a comma": {"point": "C1D1", "ordered": "1,5 mg"},
    "a course in words": {"point": "C1D1", "course": "none"},
    "a dose without a point": {"point": "C1D8", "course": [{"amount": "1 mg"}]},
    "a result without a unit": {"point": "C1D1", "labs": [{"analyte": "alt", "value": 20}]},
    "a result without a value": {"point": "C1D1", "labs": [{"analyte": "alt", "unit": "U/L"}]},
    "a value in words": {"point": "C1D1", "labs": [{**LAB, "value": "20"}]},
    "a negative value": {"point": "C1D1", "labs": [{**LAB, "value": -1}]},
    "an unknown analyte": {"point": "C1D1", "labs": [{**LAB, "analyte": "troponin"}]},
    "a limit as a bound": {"point": "C1D1", "labs": [{**LAB, "upper_limit": "<40"}]},
    "an event without a toxicity": {"point": "C1D1", "events": [{"grade": 1}]},
    "grade 6": {"point": "C1D1", "events": [{"toxicity": "crs", "grade": 6}]},
    "a grade in words": {"point": "C1D1", "events": [{"toxicity": "crs", "grade": "2"}]},
    "grade 5 neutropenia": {"point": "C1D1", "events": [{"toxicity": "neutropenia", "grade": 5}]},
    "grade 1 febrile neutropenia": {"point": "C1D1", "events": [{"toxicity": "febrile-neutropenia", "current_grade": 1}]},
    "findings of anemia": {"point": "C1D1", "events": [{"toxicity": "anemia", "findings": {}}]},
    "findings of ICANS for CRS": {"point": "C1D1", "events": [{"toxicity": "crs", "findings": {"ice": 10}}]},
    "active and over": {"point": "C1D1", "events": [{"toxicity": "crs", "status": "active", "resolved": "2026-01-01"}]},
    "active at grade 0": {"point": "C1D1", "events": [{"toxicity": "crs", "status": "active", "grade": 0}]},
    "resolved at grade 1 now": {"point": "C1D1", "events": [{"toxicity": "crs", "status": "resolved", "current_grade": 1}]},
    "1,001 events": {"point": "C1D1", "events": [{"toxicity": "crs"}] * 1001},
    "an ICE score of 11": {"point": "C1D1", "findings": {"icans": {"ice": 11}}},
    "half a point of ICE": {"point": "C1D1", "findings": {"icans": {"ice": 9.5}}},
    "a symptom that is not known": {"point": "C1D1", "findings": {"icans": {"symptoms": [None]}}},
    "findings of neutropenia": {"point": "C1D1", "findings": {"neutropenia": {}}},
    "a zone without a name": {"point": "C1D1", "site_zone": ""},
}


@pytest.mark.parametrize("document", ODD.values(), ids=ODD)
def test_what_both_take(document: object) -> None:
    """An unusual way to write a case is taken by the schema and by `read_case`."""
    assert faults(document) == []
    assert is_read(document)


@pytest.mark.parametrize("document", WRONG.values(), ids=WRONG)
def test_what_both_refuse(document: object) -> None:
    """What `read_case` refuses for its form, its words or its numbers, the schema refuses as well."""
    assert not is_read(document)
    assert faults(document)


@pytest.mark.parametrize(
    "document",
    [
        {"point": "C1D1", "planned_start": "2026-02-30"},
        {"point": "C1D1", "ordered": "10 mL"},
        {"point": "C1D1", "site_zone": "Europe/Atlantis"},
        {"point": "C1D1", "labs": [{**LAB, "value": 1e9}]},
        {"point": "C1D8", "planned_start": "2026-02-03", "course": [{"point": "C1D1", "started": "2026-02-04"}]},
    ],
    ids=["no such day", "a volume", "no such zone", "no such value in this unit", "a dose after the planned one"],
)
def test_what_only_the_reader_refuses(document: object) -> None:
    """Days, units, zones, ranges in a unit and the order of dates are checked by `read_case` alone."""
    assert faults(document) == []
    assert not is_read(document)


WORDS = st.sampled_from(
    [
        "",
        "C1D1",
        "c2d15",
        "C01D08",
        "active",
        "crs",
        "ANC",
        "neutrophils",
        "10 mg",
        "<5",
        "U/L",
        "2026-02-03",
        "none",
        "Europe/Berlin",
        " alt ",
    ]
)
SIMPLE = st.none() | st.booleans() | st.integers(-2, 12) | st.floats(-1, 200, allow_nan=False) | WORDS
VALUES = (
    SIMPLE | st.lists(SIMPLE, max_size=2) | st.dictionaries(st.sampled_from(["grade", "toxicity", "ice", "point", "x"]), SIMPLE, max_size=2)
)


def _places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a document."""
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    return [path, *(place for key, part in items for place in _places(part, (*path, key)))]


@pytest.mark.thorough
@given(strategies.cases(), st.data())
def test_nothing_more_is_refused(case: Case, data: st.DataObject) -> None:
    """A document with another value somewhere: if `read_case` takes it, so does the schema."""
    document = json.loads(json.dumps(case_document(case)))
    *way, last = data.draw(st.sampled_from(_places(document)[1:]))
    part = document
    for key in way:
        part = part[key]
    part[last] = data.draw(VALUES)
    if is_read(document):
        assert faults(document) == []


def test_a_mistake_in_an_assessment_shows() -> None:
    """An assessment with an unknown key, a lost answer or an unknown word does not fit."""
    document = json.loads(json.dumps(assessment_document(assess_case(read_case({"point": "C1D1"})))))
    assert faults(document, ASSESSMENTS) == []
    assert faults(document | {"extra": 1}, ASSESSMENTS)
    assert faults(document | {"verdict": "maybe"}, ASSESSMENTS)
    assert faults(document | {"eligibility": {"answer": "decided"}}, ASSESSMENTS)
    assert faults({key: value for key, value in document.items() if key != "missing"}, ASSESSMENTS)


def test_a_moment_in_a_zone() -> None:
    """A case of Python whose times are in one named zone fits with the name of the zone."""
    case = evolve(read_case({"point": "C1D1", "planned_start": "2026-02-03T09:00:00+01:00", "site_zone": "Europe/Berlin"}))
    assert faults(case_document(case)) == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_command(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the schema."""
    parser = argparse.ArgumentParser()
    schema_command.add_to(parser.add_subparsers())
    assert schema_command.run(parser.parse_args(["schema", name])) == 0
    assert json.loads(capsys.readouterr().out) == schema(name)

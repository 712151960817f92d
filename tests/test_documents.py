"""Cases from JSON, and assessments to JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import PAGE, normal_labs, well
from tarlatamab_rules import (
    Amount,
    Case,
    Course,
    CrsFindings,
    DocumentError,
    FieldError,
    GivenDose,
    LabResult,
    Patient,
    assess_case,
    strategies,
)
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import read_case, read_case_file

FULL: dict[str, Any] = {
    "patient": {
        "age_years": 64,
        "diagnosis": "extensive-stage-sclc",
        "progressed_after_platinum": True,
        "infection": "none",
        "childbearing_potential": True,
        "pregnant": False,
        "breastfeeding": False,
        "hypersensitivity": None,
    },
    "point": "C1D15",
    "planned_start": "2025-10-20T09:00:00Z",
    "ordered": "10 mg",
    "course": [
        {"point": "C1D1", "started": "2025-10-06T09:00:00Z", "ended": "2025-10-06T10:00:00Z", "amount": "1 mg", "complete": True},
        {"point": "C1D8", "started": "2025-10-13", "amount": "10 mg"},
    ],
    "labs": [
        {"analyte": "neutrophils", "value": 3900, "unit": "cells/uL", "collected": "2025-10-19 08:00+00:00", "lower_limit": 2000},
        {"analyte": "alt", "value": "<5", "unit": "U/L", "upper_limit": 40.5, "baseline": 20},
    ],
    "events": [
        {"toxicity": "icans", "grade": 1, "scale": "astct-2019", "status": "resolved", "onset": "2025-10-14", "resolved": "2025-10-15"},
        {"toxicity": "icans", "status": "active", "findings": {"ice": 7, "symptoms": ["confusion"]}},
        {"toxicity": "crs", "grade": 2, "findings": {"temperature": "101.3 [degF]", "hypotension": "responds-to-fluids"}},
        {"toxicity": "other", "grade": 2, "current_grade": 1, "other_cause": False, "bleeding": None},
    ],
}


class TestRead:
    """What is understood."""

    def test_full(self) -> None:
        """Every key of the form, with days and moments, units and bounds."""
        case = read_case(FULL)
        assert case.patient == well()
        assert (str(case.point), case.ordered) == ("C1D15", Amount(10, "mg"))
        assert case.course is not None
        assert case.course.last == GivenDose("C1D8", date(2025, 10, 13), "10 mg")
        assert case.planned_start == datetime.fromisoformat("2025-10-20T09:00:00+00:00")
        labs = case.labs
        assert labs is not None
        assert labs[0].quantity == Amount(3.9, "10*9/L")
        assert labs[0].lower_limit == Amount(2, "10*9/L")
        assert labs[1] == LabResult("alt", "<5 U/L", upper_limit="40.5 U/L", baseline="20 U/L")
        assert case.events is not None
        assert [event.over for event in case.events] == [True, False, None, False]

    @pytest.mark.parametrize("as_bytes", [True, False])
    def test_text(self, as_bytes: bool) -> None:
        """Text and bytes, also with a byte order mark, give the same case as the object."""
        text = json.dumps(FULL)
        assert read_case(text.encode("utf-8-sig") if as_bytes else text) == read_case(FULL)

    def test_absent_is_not_known(self) -> None:
        """An absent or null list is not known; an empty one is reviewed and empty."""
        assert read_case({"point": "C1D1"}) == Case(patient=Patient(), point="C1D1")
        assert read_case({"point": "C1D1", "patient": None, "labs": None}) == Case(patient=Patient(), point="C1D1")
        assert read_case({"point": "C1D1", "course": [], "labs": [], "events": []}) == Case(
            patient=Patient(), point="C1D1", course=Course(), labs=(), events=()
        )

    def test_file(self, tmp_path: Path) -> None:
        """A case is read from a file."""
        path = tmp_path / "case.json"
        path.write_text(json.dumps(FULL), encoding="utf-8")
        assert read_case_file(path) == read_case(FULL)

    @given(strategies.cases())
    def test_there_and_back(self, case: Case) -> None:
        """A case written in the JSON form reads as the same case."""
        assert read_case(json.dumps(document(case))) == case


def document(case: Case) -> dict[str, Any]:
    """A case in the JSON form, as another program would write it."""

    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Amount):
            return str(Exact(value))
        if attrs.has(type(value)):
            given = [field.name for field in attrs.fields(type(value)) if field.init]
            return {key: plain(getattr(value, key)) for key in given if getattr(value, key) is not None}
        return [plain(item) for item in value] if isinstance(value, tuple) else value

    whole = {
        key: plain(value) for key, value in attrs.asdict(case, recurse=False).items() if value is not None and key not in {"labs", "course"}
    }
    if case.course is not None:
        whole["course"] = [
            {key: plain(part) for key, part in attrs.asdict(d, recurse=False).items() if part is not None} for d in case.course.doses
        ]
        for dose, given_dose in zip(whole["course"], case.course.doses, strict=True):
            dose["point"] = str(given_dose.point)
            dose["complete"] = given_dose.complete
    whole["point"] = str(case.point)
    if case.findings is not None:
        whole["findings"] = {"crs" if isinstance(each, CrsFindings) else "icans": plain(each) for each in case.findings}
    if case.labs is not None:
        whole["labs"] = [
            {
                "analyte": lab.analyte,
                "value": f"{lab.quantity.bound}{lab.quantity.value!r}" if lab.quantity.bound else lab.quantity.value,
                "unit": lab.quantity.unit,
                "collected": plain(lab.collected),
                "lower_limit": lab.lower_limit and lab.lower_limit.value,
                "upper_limit": lab.upper_limit and lab.upper_limit.value,
                "baseline": lab.baseline and lab.baseline.value,
            }
            for lab in case.labs
        ]
    return whole


class Exact:
    """An amount written with every digit."""

    def __init__(self, amount: Amount) -> None:
        self.amount = amount

    def __str__(self) -> str:
        """Number and unit."""
        return f"{self.amount.value!r} {self.amount.unit}"


def faults(document: Any) -> dict[str, str]:
    """The faults of a document: path to problem and fix."""
    with pytest.raises(DocumentError) as caught:
        read_case(document)
    return {fault.path: f"{fault.problem}; {fault.fix}" for fault in caught.value.exceptions}


def lab(**changes: Any) -> dict[str, Any]:
    """A document with one result, changed."""
    return {"point": "C1D1", "labs": [{"analyte": "neutrophils", "value": 0.8, "unit": "10*9/L"} | changes]}


def event(**changes: Any) -> dict[str, Any]:
    """A document with one event, changed."""
    return {"point": "C1D1", "events": [{"toxicity": "icans", "grade": 2} | changes]}


class TestRefuse:
    """What is not understood is a fault, with its path and the fix."""

    @pytest.mark.parametrize(
        ("data", "path", "says"),
        [
            ({}, "point", "is missing"),
            ({"point": "C0D1"}, "point", "no cycle 0"),
            ({"point": "C1D3"}, "point", "cycle 1 has doses on days 1, 8, 15"),
            ({"point": 1}, "point", "write it like 'C1D8'"),
            ({"point": None}, "point", "is missing; say which dose, such as 'C1D8'"),
            ({"point": []}, "point", "not a dose point"),
            ({"point": "C1D1", "weight": 80}, "weight", "is not a known key; use one of patient, point"),
            ({"point": "C1D1", "patient": []}, "patient", "a list is not an object"),
            ({"point": "C1D1", "patient": "x"}, "patient", "'x' is not an object"),
            ({"point": "C1D1", "patient": {"age": 64}}, "patient.age", "is not a known key"),
            ({"point": "C1D1", "patient": {"age_years": "64"}}, "patient.age_years", "'64' is not a number"),
            (
                {"point": "C1D1", "patient": {"pregnant": True, "childbearing_potential": False}},
                "patient.pregnant",
                "without childbearing potential",
            ),
            ({"point": "C1D1", "planned_start": "6.10.2025"}, "planned_start", "write ISO 8601"),
            ({"point": "C1D1", "planned_start": 20251006}, "planned_start", "write ISO 8601"),
            ({"point": "C1D1", "planned_start": "2025-13-06"}, "planned_start", "write ISO 8601"),
            ({"point": "C1D1", "planned_start": "20251006"}, "planned_start", "write ISO 8601"),
            ({"point": "C1D1", "ordered": 10}, "ordered", "has no unit"),
            ({"point": "C1D1", "ordered": "10"}, "ordered", "has no unit"),
            ({"point": "C1D1", "ordered": "10 mL"}, "ordered", "not a unit of a mass"),
            ({"point": "C1D8", "course": {}}, "course", "an object is not a list"),
            ({"point": "C1D8", "course": ["C1D1"]}, "course[0]", "'C1D1' is not an object"),
            ({"point": "C1D8", "course": [{}]}, "course[0].point", "is missing"),
            ({"point": "C1D8", "course": [{"point": "C1D2"}]}, "course[0].point", "no dose on day 2"),
            ({"point": "C1D8", "course": [{"point": "C1D1", "amount": 1}]}, "course[0].amount", "has no unit"),
            ({"point": "C1D8", "course": [{"point": "C1D1"}, {"point": "C1D1"}]}, "course[1]", "is listed twice"),
            (
                {"point": "C1D8", "course": [{"point": "C1D1", "started": "2025-10-06T10:00", "ended": "2025-10-06T09:00"}]},
                "course[0].ended",
                "ended before it began",
            ),
            (lab(analyte="lactate"), "labs[0].analyte", "'lactate' is not known; use one of neutrophils"),
            (lab(analyte=None), "labs[0].analyte", "is missing"),
            (lab(unit="mg"), "labs[0].unit", "'mg' is not a unit of a cell count"),
            (lab(unit=None), "labs[0].unit", "is missing; a bare number could be in any unit"),
            ({"point": "C1D1", "labs": [None]}, "labs[0]", "None is not an object"),
            ({"point": "C1D1", "events": [None]}, "events[0]", "None is not an object"),
            (lab(unit=5), "labs[0].unit", "5 is not text"),
            (lab(value="0.8"), "labs[0].value", "write a number without quotes"),
            (lab(value=None), "labs[0].value", "is missing; leave out a result"),
            (lab(value=True), "labs[0].value", "True is not a number"),
            (lab(value=[1]), "labs[0].value", "a list is not a number"),
            (lab(value=-1), "labs[0].value", "is negative"),
            (lab(value="<-1"), "labs[0].value", "is negative"),
            (lab(value="<x"), "labs[0].value", "is not a number and a unit"),
            (lab(value=float("nan")), "labs[0].value", "nan is not a finite number"),
            (lab(value=10**400), "labs[0].value", "inf is not a finite number"),
            (lab(lower_limit="<2"), "labs[0].lower_limit", "is a bound"),
            (lab(lower_limit=4, upper_limit=3), "labs[0].lower_limit", "above the upper limit"),
            (lab(upper_limit="2"), "labs[0].upper_limit", "is not a number"),
            (lab(collected="yesterday"), "labs[0].collected", "write ISO 8601"),
            (lab(note="x"), "labs[0].note", "is not a known key"),
            (event(toxicity="rash"), "events[0].toxicity", "'rash' is not known"),
            (event(toxicity=["icans"]), "events[0].toxicity", "is not a word"),
            (event(grade=6), "events[0].grade", "out of range; write a whole number from 0 to 5"),
            (event(grade=2.5), "events[0].grade", "not a whole number"),
            (event(grade="2"), "events[0].grade", "not a whole number"),
            (event(onset="2025-10-09", resolved="2025-10-08"), "events[0].resolved", "ended before it began"),
            (event(findings={"ice": 11}), "events[0].findings.ice", "out of range; write a whole number from 0 to 10"),
            (event(findings={"temperature": "38 Cel"}), "events[0].findings.temperature", "is not a known key"),
            (event(findings=[]), "events[0].findings", "a list is not an object"),
            (event(toxicity="anemia", findings={"ice": 3}), "events[0].findings", "does not grade anemia"),
            (event(onset="2025-10-09T10:00", resolved="2025-10-10T10:00Z"), "events[0].onset", "has no UTC offset"),
            (
                {"point": "C1D1", "planned_start": "2025-10-06T09:00"} | {"events": [{"toxicity": "crs", "onset": "2025-10-05T09:00Z"}]},
                "planned_start",
                "has no UTC offset, while events[0].onset has one",
            ),
        ],
    )
    def test_table(self, data: dict[str, Any], path: str, says: str) -> None:
        """One fault, at its path, and never a guess."""
        found = faults(data)
        assert list(found) == [path]
        assert says in found[path]
        assert not found[path].endswith("; ")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("[]", "a list is not an object"),
            ("null", "None is not an object"),
            ("3", "3 is not an object"),
            ("", "line 1, column 1: this is not JSON"),
            ('{"point": "C1D1",}', "this is not JSON"),
            ("[" * 100_000, "nested too deeply"),
            ('{"a":' * 100_000, "nested too deeply"),
            (b"\xff\xfe\x00", "not UTF-8"),
            ("x" * 5_000_001, "larger than 5,000,000 bytes"),
            ('{"point": ' + "9" * 5000 + "}", "has too many digits"),
        ],
        ids=range(10),
    )
    def test_text(self, text: Any, says: str) -> None:
        """Text that is no case is one fault of the whole document."""
        found = faults(text)
        assert len(found) == 1
        assert says in found[""]

    def test_key_of_an_older_document(self) -> None:
        """A key that was renamed is refused with its new name, and there is no other error about its fact."""
        assert faults({"dose": "C1D1"}) == {"dose": "is not a known key; it is now called 'point'"}
        assert faults({"point": "C1D1", "history": [], "on": "2026-01-05"}) == {
            "history": "is not a known key; it is now called 'events'",
            "on": "is not a known key; it is now called 'planned_start'",
        }
        assert faults({"point": "C1D8", "course": [{"dose": "C1D1"}]}) == {"course[0].dose": "is not a known key; it is now called 'point'"}
        assert "use one of" in faults({"point": "C1D1", "patient": {"dose": "C1D1"}})["patient.dose"]

    def test_key_twice(self) -> None:
        """A key that occurs twice is not silently overwritten."""
        assert faults('{"point": "C1D1", "point": "C1D8"}').keys() == {"point"}
        assert faults('{"point": "C1D1", "patient": {"age_years": 1, "age_years": 2}, "x": 1}').keys() == {"x", "patient.age_years"}

    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ('{"point": "C1D1", "patient": {"age_years": NaN}}', "patient.age_years"),
            ('{"point": "C1D1", "labs": [{"analyte": "alt", "value": -Infinity, "unit": "U/L"}]}', "labs[0].value"),
            ('{"point": NaN}', "point"),
        ],
    )
    def test_not_finite(self, text: str, path: str) -> None:
        """A value that is not a number is refused at its path."""
        assert faults(text).keys() == {path}

    def test_terminal(self) -> None:
        """A key that a terminal would take for a command is shown as it would be written."""
        assert list(faults({"point": "C1D1", "\x1b[2J": 1})) == ["'\\x1b[2J'"]

    def test_all_at_once(self) -> None:
        """Every fault of a document comes in one error."""
        bad = {
            "patient": {"age_years": -1, "diagnosis": "nsclc", "extra": 1},
            "point": "C1D3",
            "planned_start": "soon",
            "course": [{"point": "C1D1", "amount": 1}, 5],
            "labs": [
                {"analyte": "neutrophils", "value": "x", "unit": "mg"},
                {"analyte": "alt"},
                {"value": 1, "unit": "U/L", "collected": 7},
            ],
            "events": [{"toxicity": "icans", "grade": 6, "status": "over", "findings": {"ice": 11, "seizure": "yes"}}],
            "weight": 80,
        }
        assert set(faults(bad)) == {
            "weight",
            "patient.age_years",
            "patient.diagnosis",
            "patient.extra",
            "point",
            "planned_start",
            "course[0].amount",
            "course[1]",
            "labs[0].unit",
            "labs[1].value",
            "labs[1].unit",
            "labs[2].analyte",
            "labs[2].collected",
            "events[0].grade",
            "events[0].status",
            "events[0].findings.ice",
            "events[0].findings.seizure",
        }

    def test_group(self) -> None:
        """The group keeps its kind when it is split, so that ``except*`` works."""
        with pytest.raises(DocumentError) as caught:
            read_case({"point": "C1D3", "weight": 1})
        some = caught.value.subgroup(lambda error: isinstance(error, FieldError) and error.path == "point")
        assert isinstance(some, DocumentError)
        assert [fault.path for fault in some.exceptions] == ["point"]

    json_values = st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from(["C1D1", "2025-10-06", "10 mg"]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FULL, "point", "value", "unit", "x"]), inner, max_size=4)
        ),
        max_leaves=12,
    )

    @given(json_values)
    def test_junk(self, junk: Any) -> None:
        """Whatever is brought is a case or a list of faults with paths, and nothing else."""
        for text in (json.dumps(junk), json.dumps({**FULL, **(junk if isinstance(junk, dict) else {"labs": junk})})):
            try:
                result: Case | DocumentError = read_case(text)
            except DocumentError as error:
                result = error
            if isinstance(result, DocumentError):
                assert all(fault.problem for fault in result.exceptions)
            else:
                assert isinstance(result, Case)


class TestWrite:
    """Assessments as JSON."""

    def test_document(self) -> None:
        """The verdict first; answers as decided, needs-data or not-covered; amounts with units; nothing that JSON cannot hold."""
        start = datetime(2025, 10, 6, 9)  # noqa: DTZ001  # naive on purpose
        case = Case(patient=well(infection=None), point="C1D1", planned_start=start, labs=normal_labs(start - timedelta(days=1)))
        data = assessment_document(assess_case(case, rulebook=PAGE))
        assert list(data)[:2] == ["verdict", "may_give"]
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        assert (data["verdict"], data["missing"]) == ("needs-data", ["patient.infection"])
        assert data["eligibility"] == {
            "answer": "needs-data",
            "missing": ["infection"],
            "possible": ["eligible", "needs-assessment"],
            "reasons": data["eligibility"]["reasons"],
        }
        assert data["dose"]["answer"] == "not-covered"
        plan = data["premedication"]["value"]["instructions"][0]
        assert plan["amount"] == {"value": 8, "unit": "mg"}
        assert plan["offset"] == {"low": -1, "high": -1, "unit": "h"}
        assert data["premedication"]["reasons"][0]["citation"]["statement"] == "PRE-1"
        assert data["graded"][0]["result"]["collected"] == "2025-10-05T09:00:00"
        assert "not medical advice" in data["disclaimer"]

    @given(strategies.cases())
    def test_always_json(self, case: Case) -> None:
        """Every assessment can be written, and the same case writes the same text."""
        one, two = (json.dumps(assessment_document(assess_case(case)), allow_nan=False) for _ in range(2))
        assert one == two


class TestMeant:
    """What was probably meant is named, and nothing is guessed: a near miss is refused all the same."""

    @pytest.mark.parametrize(
        ("document", "path", "says"),
        [
            ({"point": "C1D1", "plannedStart": "2026-01-05"}, "plannedStart", "did you mean 'planned_start'? use one of patient"),
            ({"point": "C1D1", "Lab": []}, "Lab", "did you mean 'labs'?"),
            ({"point": "C1D1", "patient": {"ageYears": 60}}, "patient.ageYears", "did you mean 'age_years'?"),
            ({"point": "C1D1", "labs": [{"analyt": "alt"}]}, "labs[0].analyt", "did you mean 'analyte'?"),
            ({"point": "C1D1", "findings": {"icnas": {}}}, "findings.icnas", "did you mean 'icans'?"),
            ({"point": "C1D1", "weight": 80}, "weight", "is not a known key; use one of patient"),
            ({"point": "CID8"}, "point", "did you mean 'C1D8'?"),
            ({"point": "cycle 2, day 15"}, "point", "did you mean 'C2D15'?"),
            ({"point": "C2.D1"}, "point", "did you mean 'C2D1'?"),
            ({"point": "C1-D9"}, "point", "write it like 'C1D8'"),
            ({"point": "C2D8."}, "point", "write it like 'C1D8'"),
            ({"point": "day 8"}, "point", "write it like 'C1D8'"),
            ({"point": "cycle 1234567890 day 1"}, "point", "write it like 'C1D8'"),
            ({"point": "C1D8", "events": [{"toxicity": "crs", "status": "ressolved"}]}, "events[0].status", "did you mean 'resolved'?"),
            ({"point": "C1D8", "patient": {"infection": "uncontroled"}}, "patient.infection", "did you mean 'uncontrolled'?"),
            ({"point": "C1D8", "patient": {"infection": "Controlled"}}, "patient.infection", "write 'controlled'"),
        ],
    )
    def test_near_misses(self, document: Any, path: str, says: str) -> None:
        """Keys, doses and words."""
        assert says in faults(document)[path]

    def test_very_many_keys(self) -> None:
        """Of a document of nothing but faults only the first are compared with what is known."""
        found = faults({"point": "C1D1"} | {f"lab{n}": [] for n in range(500)})
        assert "did you mean 'labs'?" in found["lab0"]
        assert "did you mean" not in found["lab499"]


EVERY_KEY: dict[str, Any] = {
    "point": "C2D1",
    "planned_start": "2026-02-02T09:00+01:00",
    "ordered": "10 mg",
    "site_zone": "Europe/Berlin",
    "patient": {"age_years": 60, "diagnosis": "other", "progressed_after_platinum": True, "infection": "none", "pregnant": False},
    "course": [{"point": "C1D1", "started": "2026-01-05", "ended": "2026-01-05", "amount": "1 mg", "complete": True}],
    "labs": [
        {"analyte": "alt", "value": 20 + n, "unit": "U/L", "collected": "2026-02-01", "lower_limit": 5, "upper_limit": 40, "baseline": 20}
        for n in range(5)
    ],
    "events": [{"toxicity": "crs", "grade": 2, "status": "resolved", "onset": "2026-01-06", "findings": {"temperature": "38.5 Cel"}}],
    "findings": {"crs": {"oxygen": "none"}, "icans": {"ice": 10, "seizure": "none"}},
}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where each single value of a document is."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not inside:
        yield path
    for key, part in inside:
        yield from leaves(part, (*path, key))


@pytest.mark.parametrize("wrong", [["x"], {"a": 1}, "nonsense", -7, 1e400, "2300-01-01"], ids=str)
@pytest.mark.parametrize("path", list(leaves(EVERY_KEY)), ids=str)
def test_a_fault_is_named_by_the_keys_of_the_document(path: tuple[Any, ...], wrong: Any) -> None:
    """Whatever a value is replaced by, a fault of it is at that value, as ``labs[4].value``, or inside it."""
    document = json.loads(json.dumps(EVERY_KEY))
    part = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = wrong
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
    try:
        read_case(document)
    except DocumentError as error:
        named = {fault.path for fault in error.exceptions}
        # The unit decides what a number can be, so a number is looked at only with a unit that is read.
        assert named & {where, where.replace(".analyte", ".unit"), f"{where}.a"}

"""Records for an audit, and the commands that compare, explore and replay."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tarlatamab_rules import (
    Case,
    CrsFindings,
    DocumentError,
    FieldError,
    FieldTypeError,
    GivenDose,
    LabResult,
    NeuroFindings,
    Patient,
    Span,
    UnknownRulebookError,
    assess_case,
    assess_dose,
    rulebooks,
    strategies,
)
from tarlatamab_rules.__main__ import main
from tarlatamab_rules.answers import MonitoringPlan
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.formats.cases import case_document, read_case, read_case_file
from tarlatamab_rules.formats.records import audit_record, read_record_file, replay
from tarlatamab_rules.rulebooks.facts import POINT, points
from tarlatamab_rules.rulebooks.questions import MONITORING

ON = datetime(2026, 1, 5, 9, tzinfo=UTC)
CASE = Case(patient=Patient(age_years=60), point="C1D1", planned_start=ON, course=(), labs=(), events=(), ordered="1 mg")


def recorded(case: Case = CASE, **rest: Any) -> Any:
    """A record that went through JSON."""
    return json.loads(json.dumps(audit_record(assess_case(case, **rest))))


class TestCaseDocument:
    """A case as the object that is read."""

    def test_by_hand(self) -> None:
        """What is known, in the units that are kept; what is not known is left out, and an empty list stays."""
        when = datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=1)))
        case = Case(
            patient=Patient(age_years=60, infection="none", pregnant=False),
            point="C1D8",
            planned_start=when,
            ordered="10000 ug",
            course=[GivenDose("C1D1", date(2025, 12, 29), "1 mg", complete=True)],
            labs=[LabResult("platelets", "<20 K/uL", when, upper_limit="400 K/uL"), LabResult("alt", "30 U/L", baseline="20 U/L")],
            events=[],
            findings=[NeuroFindings(ice=9, symptoms=["confusion"]), CrsFindings(temperature="38.5 Cel", oxygen="low-flow")],
        )
        assert case_document(case) == {
            "patient": {"age_years": 60.0, "infection": "none", "pregnant": False},
            "point": "C1D8",
            "planned_start": "2026-01-05T09:00:00+01:00",
            "ordered": "10.0 mg",
            "course": [{"point": "C1D1", "started": "2025-12-29", "amount": "1.0 mg", "complete": True}],
            "labs": [
                {
                    "analyte": "platelets",
                    "value": "<20.0",
                    "unit": "10*9/L",
                    "collected": "2026-01-05T09:00:00+01:00",
                    "upper_limit": 400.0,
                },
                {"analyte": "alt", "value": 30.0, "unit": "U/L", "baseline": 20.0},
            ],
            "events": [],
            "findings": {"icans": {"ice": 9, "symptoms": ["confusion"]}, "crs": {"temperature": "38.5 Cel", "oxygen": "low-flow"}},
        }

    @given(strategies.cases())
    def test_read_again(self, case: Case) -> None:
        """Whatever the case: written and read it is the same."""
        assert read_case(json.dumps(case_document(case))) == case

    @pytest.mark.parametrize("path", sorted(Path("examples").rglob("*.json")), ids=str)
    def test_examples(self, path: Path) -> None:
        """The examples too."""
        case = read_case_file(path)
        assert read_case(case_document(case)) == case


class TestRecord:
    """A record and its replay."""

    def test_what_it_holds(self) -> None:
        """The case, the book with the hashes of all that had a say, the version of the library, and the answers."""
        record = recorded(max_lab_age="3 days")
        assert (record["format"], record["version"], record["max_lab_age_hours"]) == ("tarlatamab-rules-record", 2, 72)
        assert record["rulebook"] == "precautions-2025-09 over us-2025-11"
        assert list(record["books"]) == ["precautions-2025-09", "us-2025-11", "ctcae-5.0", "astct-2019"]
        assert all(len(each) == 64 for each in record["books"].values())
        assert record["case"]["point"] == "C1D1"
        assert record["answers"]["verdict"] == "needs-data"

    @given(strategies.cases())
    def test_the_same_answers(self, case: Case) -> None:
        """By the same rules a record gives the same answers."""
        found = replay(recorded(case))
        assert found.same
        assert (found.rules, str(found)) == ((), "the same answers")

    def test_an_answer_that_changed(self) -> None:
        """Each change has its path, what it was, and what it is."""
        record = recorded()
        record["answers"]["verdict"] = "proceed"
        record["answers"]["monitoring"]["value"]["observe"]["low"] = 6
        record["answers"]["notes"] = ["x" * 200]
        found = replay(record)
        assert not found.same
        assert found.answers[:2] == ('verdict: "proceed" -> "needs-data"', "monitoring.value.observe.low: 6 -> 22")
        assert found.answers[-1].startswith('notes: ["xxx')
        assert "x... -> " in found.answers[-1]
        assert str(found).startswith(f"{len(found.answers)} of the answers changed\n  verdict:")

    def test_rules_that_changed(self) -> None:
        """Another version of the library, and other content of a book, are reported, even if the answers are the same."""
        record = recorded()
        record["library"] = "0.0.1"
        record["books"]["us-2025-11"] = "0" * 64
        del record["books"]["ctcae-5.0"]
        found = replay(record)
        assert found.same
        assert found.rules[0].startswith("library: 0.0.1 -> ")
        assert found.rules[1].startswith("content of us-2025-11: 000000000000 -> ")
        assert found.rules[2].startswith("content of ctcae-5.0: none -> ")

    def test_by_a_book_of_ones_own(self) -> None:
        """A policy is not found by its name: it is passed, and its content has a hash as well."""
        plan = MonitoringPlan(observe=Span(48, 48, "h"))
        first: dict[Any, Any] = {POINT: points("C1D1", "C1D1")}
        ours, other = (
            rulebooks.default().overlay("ours", {MONITORING: (Row("O", first, plan, says),)}) for says in ("Two days.", "48 hours.")
        )
        record = audit_record(assess_dose(Patient(), "C1D1", rulebook=ours), rulebook=ours)
        assert "ours" in record["books"]
        assert replay(json.dumps(record), rulebook=ours).rules == ()
        changed = replay(record, rulebook=other)
        assert changed.rules[0].startswith("content of ours: ")
        with pytest.raises(UnknownRulebookError):
            replay(record)
        with pytest.raises(FieldError, match="us-2025-11 did not answer"):
            replay(record, rulebook=rulebooks.get("us-2025-11"))

    @pytest.mark.parametrize(
        ("record", "error", "fault"),
        [
            (7, FieldTypeError, "is not a record"),
            ("{", FieldError, "this is not JSON"),
            ("[" * 100_000, FieldError, "this is not JSON"),
            ("7", FieldTypeError, "is not a record"),
            ({}, FieldError, "is not known"),
            ({"format": "tarlatamab-rules-record", "version": 1}, FieldError, "it is tarlatamab-rules-record 2"),
            ({"format": "tarlatamab-rules-record", "version": 2, "library": "1"}, FieldError, r"record\.rulebook: is missing"),
        ],
        ids=["number", "no JSON", "deep", "JSON number", "empty", "version", "part"],
    )
    def test_no_record(self, record: Any, error: type[Exception], fault: str) -> None:
        """What is no record is refused, with what to pass."""
        with pytest.raises(error, match=fault):
            replay(record)

    @pytest.mark.parametrize(
        ("key", "value"),
        [("books", []), ("answers", 7), ("max_lab_age_hours", "x"), ("max_lab_age_hours", 1e300), ("max_lab_age_hours", True)],
    )
    def test_parts_of_another_kind(self, key: str, value: object) -> None:
        """A part that is not of its kind is named."""
        with pytest.raises((FieldError, FieldTypeError), match=f"record.{key}"):
            replay({**recorded(), key: value})

    def test_a_case_that_cannot_be_read(self) -> None:
        """The case of a record is checked as any other."""
        with pytest.raises(DocumentError):
            replay({**recorded(), "case": {"point": "C9D9"}})

    def test_from_a_file(self, tmp_path: Path) -> None:
        """A file of another size than a record's is not read."""
        path = tmp_path / "record.json"
        path.write_text(json.dumps(recorded()))
        assert replay(read_record_file(path)).same
        path.write_bytes(b" " * 20_000_001)
        with pytest.raises(FieldError, match="larger than"):
            read_record_file(path)


class TestCommands:
    """The command line."""

    def run(self, capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, str]:
        """What a command prints, and its exit status."""
        status = main(arguments)
        out, err = capsysbinary.readouterr()
        return status, (out or err).decode()

    def test_record_and_replay(self, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """A record that is replayed gives the same answers, and exit status 0; a changed one 1."""
        status, text = self.run(capsysbinary, "assess", "examples/clean_c1d1.json", "--record", "--max-lab-age", "7 days")
        path = tmp_path / "record.json"
        path.write_text(text)
        assert status == 0
        assert self.run(capsysbinary, "replay", str(path)) == (0, "the same answers\n")
        path.write_text(text.replace('"verdict": "proceed"', '"verdict": "withhold"', 1))
        status, text = self.run(capsysbinary, "replay", str(path))
        assert (status, text.splitlines()[1]) == (1, '  verdict: "withhold" -> "proceed"')

    def test_replay_of_half_a_character(self, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """Half of a surrogate pair in a record is an answer that changed, and is shown escaped."""
        assert main(["assess", "examples/clean_c1d1.json", "--record"]) == 0
        record = json.loads(capsysbinary.readouterr().out)
        record["answers"]["labs"]["reasons"][0]["interpretation"] = "\ud800"
        file = tmp_path / "record.json"
        file.write_text(json.dumps(record))
        assert main(["replay", str(file)]) == 1
        assert b'interpretation: "\\ud800" -> null' in capsysbinary.readouterr().out

    def test_replay_of_nothing(self, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """A file that is not there, or no record, is refused with exit status 2."""
        status, text = self.run(capsysbinary, "replay", str(tmp_path / "none.json"))
        assert (status, "none.json: No such file" in text) == (2, True)
        status, text = self.run(capsysbinary, "replay", "examples/clean_c1d1.json")
        assert (status, "is not known" in text) == (2, True)

    def test_compare(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """Several books on one case; by default those of the default stack and the stack."""
        books = ("--rulebook", "us-2025-11", "--rulebook", "eu-2026 over us-2025-11")
        status, text = self.run(capsysbinary, "compare", "examples/ice_2_after_c1d8.json", *books)
        assert status == 0
        assert text.splitlines()[:3] == ["verdict: withhold", "missing:", "  us-2025-11: events[0].grade"]
        _, text = self.run(capsysbinary, "compare", "examples/ice_2_after_c1d8.json")
        assert "  precautions-2025-09 over us-2025-11: discontinue" in text

    def test_diff(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """Two books, in words by question; a name that is not known is refused."""
        status, text = self.run(capsysbinary, "diff", "precautions-2025-09", "us-2025-11")
        assert (status, text.splitlines()[1]) == (0, "eligibility")
        status, text = self.run(capsysbinary, "diff", "precautions-2025-09", "us-2099")
        assert (status, "no rulebook is called 'us-2099'" in text) == (2, True)

    def test_explore(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """What to ask next where facts are missing, and what would give another verdict."""
        status, text = self.run(capsysbinary, "explore", "examples/half_unknown.json")
        assert status == 0
        assert "ASK NEXT" in text.splitlines()
        status, text = self.run(capsysbinary, "explore", "examples/clean_c1d1.json", "--rulebook", "us-2025-11")
        assert (text.splitlines()[0], "OTHER VERDICTS" in text.splitlines()) == ("VERDICT: proceed", True)

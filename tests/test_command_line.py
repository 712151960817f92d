"""The command line."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import DEFAULT, PAGE
from tarlatamab_rules import DISCLAIMER, Verdict, assess_case, rulebooks
from tarlatamab_rules.__main__ import _COMMANDS, main
from tarlatamab_rules.formats.cases import read_case_file
from tarlatamab_rules.views.text import as_text

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = sorted(path.name for path in EXAMPLES.glob("*.json"))


def run(*arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "tarlatamab_rules", *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", input=stdin, check=False)


def case(tmp_path: Path, text: str) -> str:
    """A file that holds *text*."""
    path = tmp_path / "case.json"
    path.write_text(text, encoding="utf-8")
    return str(path)


class Reader:
    """A reader of the output that has gone away, or a disk that is full."""

    def __init__(self, error: OSError) -> None:
        self.buffer, self.error, self.closed = self, error, False

    def isatty(self) -> bool:
        """It is no terminal."""
        return False

    def write(self, _data: bytes) -> None:
        """Takes nothing."""
        raise self.error

    def close(self) -> None:
        """What was left cannot be written either."""
        self.closed = True
        raise self.error


@pytest.mark.parametrize(
    "arguments", [["rulebooks", PAGE], ["rulebooks"], ["diff", PAGE, "us-2025-11"], ["assess", str(EXAMPLES / NAMES[0])]]
)
def test_a_reader_that_has_seen_enough(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the output is read by a command that ends early, this one ends as well, and is content."""
    reader = Reader(BrokenPipeError())
    monkeypatch.setattr(sys, "stdout", reader)
    assert main(arguments) == 0
    assert reader.closed


@pytest.mark.parametrize("arguments", [["rulebooks", PAGE], ["diff", PAGE, "us-2025-11"], ["assess", str(EXAMPLES / NAMES[0])]])
def test_a_full_disk(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be written is no fault of the case."""
    monkeypatch.setattr(sys, "stdout", Reader(OSError(28, "No space left on device")))
    assert main(arguments) == 2
    assert "the output: No space left on device" in capsys.readouterr().err


NEEDED = ["neutrophils", "hemoglobin", "platelets", "alt", "ast", "bilirubin"]
CYCLE_1 = {"premedication": ["PRE-1", "PRE-2", "PRE-3"], "monitoring": ["MON-1", "MON-2"]}
CYCLE_5 = {"premedication": ["PRE-3/later"]}

EXPECTED: dict[str, dict[str, Any]] = {
    "c5d1_with_history.json": {"verdict": "proceed", "missing": [], "rows": {"IND-1/adult"}, "monitoring": ["MON-3"], **CYCLE_5},
    "c5d1_without_history.json": {
        "verdict": "needs-data",
        "missing": ["events"],
        "rows": {"guard/events"},
        "monitoring": ["MON-3", "MON-3/toxicity"],
        **CYCLE_5,
    },
    "clean_c1d1.json": {"verdict": "proceed", "missing": [], "rows": {"IND-1/adult", "CI-1/none", "PRG-1"}, **CYCLE_1},
    "controlled_infection.json": {"verdict": "needs-assessment", "missing": [], "rows": {"CI-1"}, **CYCLE_1},
    "crs_active.json": {"verdict": "needs-assessment", "missing": [], "rows": {"SILENT/toxicity", "guard/severe"}, **CYCLE_1},
    "half_unknown.json": {
        "verdict": "excluded",
        "missing": [
            "patient.progressed_after_platinum",
            "patient.infection",
            "labs.neutrophils",
            "labs.alt.upper_limit",
            "labs.alt.baseline",
            "labs.ast.upper_limit",
            "labs.ast.baseline",
            "labs.bilirubin.upper_limit",
            "labs.bilirubin.baseline",
        ],
        "rows": {"IND-1/other-cancer"},
        **CYCLE_1,
    },
    "ice_2_after_c1d8.json": {
        "verdict": "discontinue",
        "missing": [],
        "rows": {"NEU-2", "NEU-4"},
        "premedication": ["PRE-1", "PRE-2", "PRE-3"],
        "monitoring": ["MON-3/middle"],
    },
    "labs_before_last_dose.json": {
        "verdict": "needs-data",
        "missing": ["labs.neutrophils", "labs.hemoglobin", "labs.platelets", "labs.bilirubin.collected"],
        "rows": {"guard/labs", "guard/labs-dates"},
        **CYCLE_1,
    },
    "neutropenia_4_before_c2d1.json": {
        "verdict": "withhold",
        "missing": [],
        "rows": {"neutrophil-count-decreased/4", "ABN-1"},
        "premedication": ["PRE-3/later"],
        "monitoring": ["MON-3/middle"],
    },
    "pregnant.json": {"verdict": "excluded", "missing": [], "rows": {"CI-2"}, **CYCLE_1},
}
"""By hand, from the page: the verdict, what is missing, rows behind the verdict, and the rows of the plans."""

FIRST_1_MG = {"MON-1", "MON-2", "T1-C1D1", "T1-C1D1/setting", "T1-C1D1/near"}
FIRST_10_MG = {"MON-1", "MON-2", "T1-C1D8", "T1-C1D8/setting", "T1-C1D8/near"}
BOTH_DRUGS = {"PRE-1", "PRE-2", "PRE-3", "T3-DEX", "T3-SALINE"}
US = "us-2025-11"
FROM_START = {(US, "monitoring.anchor"), (US, "monitoring.setting"), (US, "monitoring.near_care")}
OTHER_HOURS = {(US, "premedication.instructions"), (PAGE, "premedication.instructions")}

BY_DEFAULT: dict[str, dict[str, Any]] = {
    "c5d1_with_history.json": {
        "verdict": "proceed",
        "rows": {"IND-1/adult", "IND/adult", "T4-LATER", "T5-1/over"},
        "monitoring": {"MON-3", "T1-C5"},
        "premedication": {"T3-LATER"},
        "dissent": set(),
    },
    "c5d1_without_history.json": {
        "verdict": "needs-data",
        "rows": {"guard/events"},
        "monitoring": {"MON-3", "MON-3/toxicity", "T1-C5"}
        | {f"{row}/next-hours" for row in ("T5-2", "T5-3", "T5-4", "T6-2", "T6-3", "T6-4")},
        "premedication": {"T3-LATER", "T5-3/next", "T5-4/next", "PRE-3/later"},
        "dissent": set(),
    },
    "clean_c1d1.json": {
        "verdict": "proceed",
        "rows": {"IND-1/adult", "IND/adult", "CI-1/none", "PRG-1", "T1-C1D1/first"},
        "monitoring": FIRST_1_MG,
        "premedication": BOTH_DRUGS,
        "dissent": FROM_START | OTHER_HOURS,
    },
    "controlled_infection.json": {
        "verdict": "withhold",
        "rows": {"T7-INFECTION-STEP-UP"},
        "monitoring": FIRST_10_MG,
        "premedication": BOTH_DRUGS,
        "dissent": FROM_START | OTHER_HOURS,
    },
    "crs_active.json": {
        "verdict": "withhold",
        "rows": {"T5-3"},
        "monitoring": FIRST_10_MG,
        "premedication": BOTH_DRUGS,
        "dissent": FROM_START | OTHER_HOURS,
    },
    "half_unknown.json": {
        "verdict": "excluded",
        "missing": [*EXPECTED["half_unknown.json"]["missing"], "events.hepatotoxicity.other_cause"],
        "rows": {"IND-1/other-cancer", "IND/other-cancer"},
        "monitoring": FIRST_1_MG,
        "premedication": BOTH_DRUGS,
        "dissent": FROM_START | OTHER_HOURS,
    },
    "ice_2_after_c1d8.json": {
        "verdict": "discontinue",
        "rows": {"NEU-2", "NEU-4"},
        "monitoring": {"T6-3/next-hours", "T6-4/next-hours", "MON-3/middle"},
        "premedication": {"PRE-1", "PRE-2", "PRE-3"},
        "dissent": {(US, "events[0].action"), (US, "premedication.instructions")},
    },
    "labs_before_last_dose.json": {
        "verdict": "needs-data",
        "rows": {"guard/labs", "guard/labs-dates"},
        "monitoring": FIRST_10_MG,
        "premedication": BOTH_DRUGS,
        "dissent": FROM_START | OTHER_HOURS,
    },
    "neutropenia_4_before_c2d1.json": {
        "verdict": "withhold",
        "rows": {"neutrophil-count-decreased/4", "ABN-1", "T7-NEUTROPENIA-4"},
        "monitoring": {"T1-C2"},
        "premedication": {"T3-LATER"},
        "dissent": set(),
    },
    "pregnant.json": {
        "verdict": "excluded",
        "rows": {"CI-2"},
        "monitoring": FIRST_1_MG,
        "premedication": BOTH_DRUGS,
        "dissent": {(US, "eligibility.pregnant")} | FROM_START | OTHER_HOURS,
    },
}
"""By hand, from the page over the label: verdict, rows behind it, rows of the plans, what differs; what is missing as by the page, or more.

A grade of laboratory values that the page leaves open is one that the label acts on, and so is their cause.
"""

STANDINGS = {
    "labs_before_last_dose.json": {
        "neutrophils": "before-last-dose",
        "hemoglobin": "before-last-dose",
        "platelets": "before-last-dose",
        "alt": "counts",
        "ast": "counts",
        "bilirubin": "undated",
    },
    "neutropenia_4_before_c2d1.json": dict.fromkeys(NEEDED, "counts"),
}


LABEL = {
    "crs_2_before_c2d1.json": ("proceed", {"T4-LATER"}, {"monitoring": ["T5-2/next-hours"], "premedication": ["T3-LATER"]}),
    "ice_2_at_first.json": ("withhold", {"T6-3"}, {}),
    "liver_together.json": ("discontinue", {"T7-LIVER-TOGETHER"}, {}),
    "neutropenia_4_again.json": ("discontinue", {"T7-NEUTROPENIA-AGAIN"}, {"premedication": ["T3-LATER"]}),
    "restart_at_c6d1.json": (
        "proceed",
        {"T4-LATER/restart"},
        {"monitoring": ["T1-C1D1", "T1-C1D1/setting", "T1-C1D1/near"], "premedication": ["T3-DEX", "T3-SALINE"]},
    ),
    "wrong_amount_at_c6d1.json": ("needs-assessment", {"guard/order", "T4-LATER/restart"}, {}),
}
"""By hand, from the US label: the verdict, rows behind it, and rows of plans."""


@pytest.mark.parametrize("name", sorted(path.name for path in (EXAMPLES / "label").glob("*.json")))
def test_label_examples(name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The example cases of the label, each with the label's answer, equal to the reviewed golden file."""
    assert main(["assess", str(EXAMPLES / "label" / name), "--rulebook", "us-2025-11", "--json"]) == 0
    data = json.loads(capsysbinary.readouterr().out)
    verdict, behind, plans = LABEL[name]
    assert (data["verdict"], data["missing"]) == (verdict, [])
    assert behind <= {reason["row"] for reason in data["reasons"]}
    assert {part: [reason["row"] for reason in data[part]["reasons"]] for part in plans} == plans
    golden = Path(__file__).parent / "golden" / "label" / name
    assert data == json.loads(golden.read_text(encoding="utf-8"))


class TestExamples:
    """The example cases, with the answers of the page, and of the default, the page over the label."""

    def test_every_example_is_expected(self) -> None:
        """No example goes untested."""
        assert set(EXPECTED) == set(BY_DEFAULT) == set(NAMES)

    @pytest.mark.parametrize("name", NAMES)
    def test_default(self, name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """By default the page answers over the label, and the differences are listed."""
        assert main(["assess", str(EXAMPLES / name), "--json"]) == 0
        data = json.loads(capsysbinary.readouterr().out)
        expected = {"missing": EXPECTED[name]["missing"], **BY_DEFAULT[name]}
        assert (data["verdict"], data["missing"], data["rulebook"]) == (expected["verdict"], expected["missing"], DEFAULT)
        assert expected["rows"] <= {reason["row"] for reason in data["reasons"]}
        for part in ("premedication", "monitoring"):
            assert {reason["row"] for reason in data[part]["reasons"]} == expected[part]
        dissent = {(each.rulebook, each.field) for each in assess_case(read_case_file(EXAMPLES / name)).dissent}
        assert expected["dissent"] <= dissent
        assert not {rulebook for rulebook, _ in dissent} - {PAGE, US}

    @pytest.mark.parametrize("name", NAMES)
    def test_json(self, name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """The verdict, the rows behind it, and every missing fact."""
        assert main(["assess", str(EXAMPLES / name), "--rulebook", "precautions-2025-09", "--json"]) == 0
        data = json.loads(capsysbinary.readouterr().out)
        expected = EXPECTED[name]
        assert (data["verdict"], data["missing"], data["rulebook"]) == (expected["verdict"], expected["missing"], "precautions-2025-09")
        assert expected["rows"] <= {reason["row"] for reason in data["reasons"]}
        cited = {part: [reason["row"] for reason in data[part]["reasons"]] for part in ("premedication", "monitoring", "infusion", "labs")}
        assert (cited["premedication"], cited["monitoring"]) == (expected["premedication"], expected["monitoring"])
        assert (cited["infusion"], cited["labs"]) == (["INF-1", "INF-2"], ["LAB-1", "LAB-2", "LAB-3", "LAB-3/crs"])
        assert all(reason["citation"]["source"] for reason in data["reasons"] if not reason["row"].startswith("guard/"))
        stand = {
            each["analyte"]: each["standing"] for each in data["standings"] if each["need"] == "required" and each["standing"] != "replaced"
        }
        assert name not in STANDINGS or stand == STANDINGS[name]

    @pytest.mark.parametrize("name", NAMES)
    def test_python_says_the_same(self, name: str) -> None:
        """Through Python a case gives what the command line prints."""
        assessment = assess_case(read_case_file(EXAMPLES / name), rulebook=PAGE)
        expected = EXPECTED[name]
        assert (assessment.verdict, list(assessment.missing)) == (expected["verdict"], expected["missing"])
        assert expected["rows"] <= {reason.row for reason in assessment.reasons}
        assert all(reason.citation or reason.row.startswith("guard/") for reason in assessment.reasons)

    @pytest.mark.parametrize("name", NAMES)
    def test_stable(self, name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """The JSON of an example changes only on purpose; `tests/golden` holds the reviewed version."""
        assert main(["assess", str(EXAMPLES / name), "--json"]) == 0
        golden = Path(__file__).parent / "golden" / name
        assert json.loads(capsysbinary.readouterr().out) == json.loads(golden.read_text(encoding="utf-8"))

    @pytest.mark.parametrize("name", NAMES)
    def test_text(self, name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """The verdict first, then what is missing, every answer with its citation, the rulebook, the disclaimer."""
        assert main(["assess", str(EXAMPLES / name), "--rulebook", PAGE, "--full"]) == 0
        lines = capsysbinary.readouterr().out.decode().splitlines()
        expected = EXPECTED[name]
        assert lines[0].startswith(f"VERDICT: {expected['verdict']} - ")
        missing = lines[lines.index("MISSING") + 1 :] if expected["missing"] else []
        listed = list(takewhile(lambda line: line.startswith("  - "), missing))
        assert len(listed) == len(expected["missing"])
        text = "\n".join(lines)
        for title in ("Eligibility: ", "Dose and interval: ", "Labs:", "Premedication:", "Infusion:", "Monitoring:"):
            assert f"\n{title}" in text
        sources = {"neutrophil-count-decreased/4": "CTCAE 5.0, ", "guard/severe": "safeguard of this library"}
        rows = expected["rows"] if expected["verdict"] != "needs-data" else ()
        assert all(f"[{row}] {sources.get(row, 'Precautions page 09/2025, ')}" in text for row in rows)
        assert lines[-2] == "Rulebook: precautions-2025-09"
        assert "not medical advice" in lines[-1]

    def test_default_text(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """By default a report says who orders what, and what the other book says instead."""
        main(["assess", str(EXAMPLES / "ice_2_after_c1d8.json"), "--full"])
        text = capsysbinary.readouterr().out.decode()
        assert text.startswith("VERDICT: discontinue - do not give the dose; stop the drug permanently\n")
        assert "neurology consult (precautions-2025-09)" in text
        assert "  SOURCES DISAGREE us-2025-11: action: withhold; resume when resolved; " in text
        assert text.splitlines()[-2] == "Rulebook: precautions-2025-09 over us-2025-11"
        main(["assess", str(EXAMPLES / "clean_c1d1.json"), "--full"])
        text = capsysbinary.readouterr().out.decode()
        assert "\nMonitoring:\n  * monitor for 22 to 24 h after the infusion ends, in hospital\n" in text
        assert (
            "  SOURCES DISAGREE us-2025-11: counted from the start of the infusion; in an appropriate healthcare setting; recommended: "
            in text
        )
        assert "NOT COVERED" not in text

    def test_whole_text(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """What a nurse reads after ICE 2 by the page: the stop, the consult, and the page's words for both."""
        main(["assess", str(EXAMPLES / "ice_2_after_c1d8.json"), "--rulebook", PAGE, "--full"])
        text = capsysbinary.readouterr().out.decode()
        assert "VERDICT: discontinue - do not give the dose; stop the drug permanently" in text
        assert "ICANS, grade 3 or 4:\n  * DISCONTINUE\n  * neurology consult\n" in text
        assert "  * recommended: dexamethasone 8 mg IV (or equivalent), 1 h before the infusion starts\n" in text
        assert "  * recommended: normal saline 1000 mL IV over 4 to 5 h (200 to 250 mL/h), after the infusion ends\n" in text
        assert "Monitoring: not covered by this source\n" in text
        assert "  neutrophils 2.6 10*9/L, drawn 2025-10-19 08:00: grade 0 or 1; missing: lower limit of normal\n" in text
        assert text.splitlines()[1] == "C1D15, planned for 2025-10-20 09:00"
        assert "NOT COVERED by precautions-2025-09, to be checked elsewhere: Dose and interval, Monitoring\n" in text
        assert "If the dose is given anyway:\nPremedication:" in text

    def test_open_answers_in_text(self, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """An answer that is not decided prints what is missing and what is still possible."""
        data = {
            "point": "C5D1",
            "events": [{"toxicity": "icans", "status": "active"}],
            "planned_start": "2025-12-01",
            "labs": [
                {"analyte": "sodium", "value": 140, "unit": "mM"},
                {"analyte": "lymphocytes", "value": "<0.5", "unit": "G/L", "collected": "2025-11-30"},
                {"analyte": "neutrophils", "value": 0.7, "unit": "G/L", "collected": "2025-11-30"},
            ],
            "course": [{"point": "C1D1", "started": "2025-11-29"}],
        }
        text = json.dumps(data)
        assert main(["assess", case(tmp_path, text), "--rulebook", PAGE, "--full"]) == 0
        out = capsysbinary.readouterr().out.decode()
        assert "ICANS, grade not known: cannot answer yet; missing: grade\n" in out
        assert "  may apply: Grade 1-2 neurotoxicity: withhold, and give dexamethasone. [NEU-3] Precautions page 09/2025" in out
        assert "  neutrophils 0.7 10*9/L, drawn 2025-11-30: grade 3\n    Neutrophil count decreased: grade 3. [neutrophil-count-decr" in out
        assert "another toxicity, grade 3 or 4: not covered by this source\n" in out
        assert "must assess it. [guard/severe] safeguard of this library\n" in out
        assert "still possible: WITHHOLD + dexamethasone 10 mg IV\n  still possible: DISCONTINUE + neurology" in out
        main(["assess", case(tmp_path, '{"point": "C5D1", "events": [{"toxicity": "crs"}]}'), "--rulebook", PAGE, "--full"])
        out += capsysbinary.readouterr().out.decode()
        assert "Monitoring: not covered by this source\n" in out  # since grade 3 is seen among the results
        data["labs"] = []
        assert main(["assess", case(tmp_path, json.dumps(data)), "--rulebook", PAGE, "--full"]) == 0
        out = capsysbinary.readouterr().out.decode()
        assert (
            "Monitoring: cannot answer yet; missing: ICANS: grade\n"
            "  still possible: monitor for 2 h after the infusion ends\n  still possible: the source is silent\n"
        ) in out

    def test_assess(self) -> None:
        """It prints to standard output, nothing to standard error, and exits with 0."""
        done = run("assess", str(EXAMPLES / "clean_c1d1.json"))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("PROCEED: ")

    @pytest.mark.parametrize("arguments", [[], ["assess"], ["assess", "x", "--nope"], ["what"]])
    def test_usage(self, arguments: list[str]) -> None:
        """A wrong call exits with 2 and shows the usage."""
        done = run(*arguments)
        assert done.returncode == 2
        assert "usage: tarlatamab-rules" in done.stderr

    def test_help(self) -> None:
        """The help names the default rulebook, the verdicts and the exit status."""
        text = " ".join(run("assess", "--help").stdout.split())
        assert "by default precautions-2025-09 over us-2025-11" in text
        assert "proceed, needs-data, needs-assessment, withhold, excluded or discontinue" in text
        assert "exit status: 0, there is an answer" in text

    def test_nothing_to_do(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Without a command it says what to write."""
        with pytest.raises(SystemExit, match="2"):
            main([])
        assert "say what to do: assess CASE.json" in capsys.readouterr().err

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The version is that of the installed distribution."""
        assert main(["--version"]) == 0
        assert capsys.readouterr().out.strip() == version("tarlatamab-rules")

    def test_unknown_start(self, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """A case without a planned start, or a result without a date, says so."""
        text = '{"point": "C1D1", "labs": [{"analyte": "alt", "value": 20, "unit": "U/L"}]}'
        assert main(["assess", case(tmp_path, text)]) == 0
        assert (
            "\nC1D1, planned start not known; due: 1 mg (step-up dose); amount ordered: not given\n"
            in capsysbinary.readouterr().out.decode()
        )


class TestRefuse:
    """Bad input exits with 2, with every fault on a line, and no traceback."""

    def test_faults(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """All faults of a document are listed with path and fix."""
        path = case(tmp_path, '{"point": "C1D3", "patient": {"age_years": "x"}, "weight": 5}')
        assert main(["assess", path]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines() == [
            f"{path} cannot be read, for 3 faults:",
            "  - weight: is not a known key; use one of patient, point, planned_start, ordered, course, labs, events, findings, site_zone",
            "  - point: there is no dose on day 3 of cycle 1; cycle 1 has doses on days 1, 8, 15",
            "  - patient.age_years: 'x' is not a number; write a number from 0 to 130",
        ]

    def test_many_faults(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Of very many faults the first are shown, and the rest counted."""
        main(["assess", case(tmp_path, json.dumps({"point": "C1D1", "labs": [0] * 1000}))])
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 27
        assert lines[-1] == "  and 975 more"

    def test_no_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that cannot be opened is reported."""
        assert main(["assess", str(tmp_path / "none.json")]) == 2
        assert "No such file" in capsys.readouterr().err
        assert main(["assess", str(tmp_path)]) == 2

    def test_rulebook(self, capsys: pytest.CaptureFixture[str]) -> None:
        """An unknown rulebook is refused with the names there are."""
        assert main(["assess", str(EXAMPLES / "clean_c1d1.json"), "--rulebook", "us-1999"]) == 2
        assert f"no rulebook is called 'us-1999'; there are {', '.join(rulebooks.names())}" in capsys.readouterr().err

    def test_impossible_grade(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A contradiction that only the rules can see is refused as well."""
        text = '{"point": "C1D8", "events": [{"toxicity": "neutropenia", "grade": 5}]}'
        assert main(["assess", case(tmp_path, text)]) == 2
        assert "events[0].grade: neutropenia has no grade 5" in capsys.readouterr().err

    @pytest.mark.parametrize("size", [6_000_000, 50_000_000])
    def test_junk(self, tmp_path: Path, size: int) -> None:
        """A file of junk is refused without being read whole."""
        path = tmp_path / "junk.json"
        with path.open("wb") as file:
            file.truncate(size)
        done = run("assess", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert "larger than 5,000,000 bytes" in done.stderr
        assert "Traceback" not in done.stderr

    @pytest.mark.parametrize(
        "text",
        ["[" * 200_000, '{"labs":' * 200_000, '{"point": 1e999}', '{"point": "\\ud800"}', "\x00", '{"\\u0000": 1}'],
        ids=["deep lists", "deep objects", "huge number", "half a character", "no text", "odd key"],
    )
    def test_hostile(self, tmp_path: Path, text: str) -> None:
        """Deep nesting, huge numbers and broken text are refused without a traceback."""
        done = run("assess", case(tmp_path, text))
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


class TestRulebooks:
    """What is encoded, statement by statement."""

    def test_all(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """Without a name the books are listed, each with its title."""
        assert main(["rulebooks"]) == 0
        lines = capsysbinary.readouterr().out.decode().splitlines()
        assert tuple(line.partition(":")[0] for line in lines) == rulebooks.names()
        assert lines[0] == f"astct-2019: {rulebooks.get('astct-2019').source.title}"

    def test_one(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """With a name every statement is traced to its rows, to the rules that read them, and to cases and tests by hand."""
        assert main(["rulebooks", "precautions-2025-09"]) == 0
        text = capsysbinary.readouterr().out.decode()
        assert (
            "\nMON-2 (Monitoring: cytokine release syndrome)\n"
            "  The patient has a caregiver within 48 h, and is within 1 h of a medical facility.\n"
            "  MON-2: monitoring_duration, dose: C1D1, C1D8\n"
            "    -> stay within 1 h of a medical facility, with a caregiver, for 48 h after the infusion ends\n"
            '    interpretation: "Within 48 hours" means for 48 h. They count from the end of the infusion, as in MON-1.\n'
            "    10 cases in tests/spec/monitoring.md\n"
            "\nMON-3 ("
        ) in text
        assert "  tests/test_traceability.py::test_drug: The page is about a bispecific T-cell engager of DLL3 and CD3; a scale" in text
        assert "  no row: `Rulebook.drug` says which drug the rulebook is about.\n" in text
        assert text.rstrip().endswith("consult the attending physician.")

    @pytest.mark.parametrize(
        ("name", "meant"),
        [("policy", "policy:OURS"), ("ward_rules.py", "ward_rules:OURS"), ("my policy", "policy:OURS"), ("", "policy:OURS")],
    )
    def test_a_module_without_a_name(self, name: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A policy that is named without its rulebook is refused, and the error says how it is written."""
        assert main(["rulebooks", "--", name]) == 2
        assert f"write a policy of your own as MODULE:NAME, such as {meant}\n" in capsys.readouterr().err

    def test_unknown(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A book that is not there is refused, with those that are."""
        assert main(["rulebooks", "us-1999"]) == 2
        assert "no rulebook is called 'us-1999'" in capsys.readouterr().err


class TestGreatestAge:
    """The greatest age of results."""

    def test_too_old(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """Results older than it do not count."""
        assert main(["assess", str(EXAMPLES / "clean_c1d1.json"), "--max-lab-age", "24 h", "--json"]) == 0
        data = json.loads(capsysbinary.readouterr().out)
        assert (data["verdict"], data["missing"]) == ("needs-data", [f"labs.{analyte}" for analyte in NEEDED])

    def test_garbage(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What is no duration is refused, by the name of the option in Python."""
        assert main(["assess", str(EXAMPLES / "clean_c1d1.json"), "--max-lab-age", "7"]) == 2
        assert "max_lab_age: '7' has no unit" in capsys.readouterr().err


class Deaf(Reader):
    """A standard error that takes nothing."""

    def flush(self) -> None:
        """Nothing is there to write."""


ANSWERED = ["assess", str(EXAMPLES / NAMES[0])]
NO_ANSWER = ["assess", "there-is-no-such-file.json"]
FULL = Path("/dev/full")
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5).filter(lambda key: key != "point"), inner, max_size=3),
    max_leaves=8,
)
"""What JSON can hold, and is neither a case nor a record."""


class TestStatus:
    """Only `replay` ends with 1. Where nobody can read what is written, the status still says whether there is an answer."""

    @pytest.fixture
    def changed(self, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> str:
        """A record that other answers stand in."""
        main([*ANSWERED, "--record"])
        record = json.loads(capsysbinary.readouterr().out)
        record["answers"]["verdict"] = "discontinue"
        return case(tmp_path, json.dumps(record))

    def test_changed_answers_that_nobody_reads_to_the_end(self, changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """`replay record.json | head` still says that answers changed."""
        monkeypatch.setattr(sys, "stdout", Reader(BrokenPipeError()))
        assert main(["replay", changed]) == 1

    def test_changed_answers_that_cannot_be_written(self, changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """A full disk is no answer."""
        monkeypatch.setattr(sys, "stdout", Reader(OSError(28, "No space left on device")))
        assert main(["replay", changed]) == 2

    @pytest.mark.parametrize("arguments", [ANSWERED, [*ANSWERED, "--json"], ["--version"], ["rulebooks"], ["diff", PAGE, "eu-2026"]])
    def test_no_output(self, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Closed, as by `>&-`, or full: no fault of the library, and no answer."""
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", None)
            assert main(arguments) == 2
        assert "the output: is closed" in capsys.readouterr().err
        monkeypatch.setattr(sys, "stdout", Reader(OSError(28, "No space left on device")))
        assert main(arguments) == 2

    @pytest.mark.parametrize("stderr", [None, Deaf(OSError(28, "No space left on device"))], ids=["closed", "full"])
    def test_no_standard_error(
        self, stderr: Deaf | None, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        """A fault is never printed as if it were an answer, and its status stays."""
        monkeypatch.setattr(sys, "stderr", stderr)
        assert main(NO_ANSWER) == 2
        assert main(ANSWERED) == 0
        assert capsysbinary.readouterr().out.startswith(b"PROCEED: ")

        def fails(_options: object) -> int:
            raise RuntimeError

        monkeypatch.setitem(_COMMANDS, "assess", fails)
        assert main(NO_ANSWER) == 3
        assert capsysbinary.readouterr().out == b""

    @pytest.mark.skipif(not FULL.exists(), reason="the system has no device that is always full")
    @pytest.mark.parametrize(("arguments", "status"), [(NO_ANSWER, 2), (["assess"], 2), (ANSWERED, 0)])
    def test_a_full_standard_error_of_a_process(self, arguments: list[str], status: int) -> None:
        """What is left unwritten does not change the status when the process ends."""
        with FULL.open("w", encoding="utf-8") as full:
            command = [sys.executable, "-m", "tarlatamab_rules", *arguments]
            assert subprocess.run(command, stdout=subprocess.PIPE, stderr=full, check=False).returncode == status

    @pytest.mark.parametrize("arguments", [["--help"], *([command, "--help"] for command in _COMMANDS)])
    def test_help(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """A help ends with 0, and is on the standard output."""
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        assert capsys.readouterr().out.startswith("usage: ")

    @pytest.mark.parametrize("verdict", list(Verdict))
    def test_whatever_the_verdict(self, verdict: Verdict, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """0, and the verdict is in the JSON."""
        name = next(name for name, expected in EXPECTED.items() if expected["verdict"] == verdict)
        assert main(["assess", str(EXAMPLES / name), "--rulebook", PAGE, "--json"]) == 0
        assert json.loads(capsysbinary.readouterr().out)["verdict"] == verdict

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.binary(max_size=60) | JUNK.map(lambda junk: json.dumps(junk).encode()))
    @pytest.mark.parametrize("command", ["assess", "explore", "compare", "replay"])
    def test_whatever_is_in_the_file(self, command: str, tmp_path: Path, text: bytes) -> None:
        """What is no case and no record ends with 2."""
        path = tmp_path / "junk.json"
        path.write_bytes(text)
        assert main([command, str(path)]) == 2


class TestScript:
    """The command by its own name."""

    def test_entry_point(self) -> None:
        """The installed script is the same function as ``python -m tarlatamab_rules``, and both give the same name."""
        project = tomllib.loads((EXAMPLES.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert project["scripts"] == {"tarlatamab-rules": f"{main.__module__}:{main.__name__}"}
        assert run("--help").stdout.startswith("usage: tarlatamab-rules ")

    @pytest.mark.parametrize("command", [[], *([name] for name in _COMMANDS)])
    def test_help_has_every_status(self, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """Each help ends with what the exit status means."""
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        text = " ".join(capsys.readouterr().out.split())
        unclear = "1, replay: some answers changed, or import: something that the rulebook asks for is unclear"
        for says in ("0, there is an answer", unclear, "2, no answer", "3, no answer: an error in the library"):
            assert says in text


def standard_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """What another command writes."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


class TestStandardInput:
    """A case that another command writes."""

    @pytest.mark.parametrize("command", ["assess", "explore", "compare"])
    def test_same_as_a_file(self, command: str, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """`-` reads it, and the answer is that of a file with the same text."""
        path = EXAMPLES / "pregnant.json"
        assert main([command, str(path)]) == 0
        expected = capsysbinary.readouterr().out
        standard_input(monkeypatch, path.read_bytes())
        assert main([command, "-"]) == 0
        assert capsysbinary.readouterr().out == expected

    def test_of_a_process(self) -> None:
        """By a real pipe."""
        done = run("assess", "-", "--json", stdin=(EXAMPLES / "pregnant.json").read_text(encoding="utf-8"))
        assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "excluded")

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            (b"", "line 1, column 1: this is not JSON"),
            (b"\xff", "the document is not UTF-8 text"),
            (b" " * 5_000_001, "the document is larger than 5,000,000 bytes"),
            (b'{"point": "C1D9"}', "point: there is no dose on day 9"),
        ],
        ids=["empty", "no text", "large", "fault"],
    )
    def test_faults(self, data: bytes, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """As those of a file, by a name that a reader knows."""
        standard_input(monkeypatch, data)
        assert main(["assess", "-"]) == 2
        err = capsys.readouterr().err
        assert err.startswith("the standard input cannot be read, for 1 fault:\n")
        assert says in err

    def test_closed(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Python has none if it was closed."""
        monkeypatch.setattr(sys, "stdin", None)
        assert main(["assess", "-"]) == 2
        assert "the standard input: is closed" in capsys.readouterr().err


STEP_UP = "Infection in the step-up phase: withhold until it resolves. [T7-INFECTION-STEP-UP]"


class TestSeveral:
    """Several cases at once."""

    def test_one_line_each(self, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """File, verdict, dose, and the main reason, by hand; in the order of the files, with the disclaimer at the end."""
        files = [str(EXAMPLES / name) for name in NAMES]
        assert main(["assess", *files]) == 0
        lines = capsysbinary.readouterr().out.decode().splitlines()
        folder = str(EXAMPLES)
        assert [line.removeprefix(folder)[1:] for line in lines[:-2]] == [
            "c5d1_with_history.json: proceed, C5D1: no source gives a reason to withhold it",
            "c5d1_without_history.json: needs-data, C5D1: missing: the toxicities so far",
            "clean_c1d1.json: proceed, C1D1: no source gives a reason to withhold it",
            f"controlled_infection.json: withhold, C1D8: {STEP_UP}",
            "crs_active.json: withhold, C1D8: First grade 3 cytokine release syndrome: withhold until it resolves. [T5-3]",
            "half_unknown.json: excluded, C1D1: The drug is for extensive-stage small-cell lung cancer only. [IND-1/other-cancer]",
            "ice_2_after_c1d8.json: discontinue, C1D15: An ICE score of 2 or less is severe. [NEU-2]",
            "labs_before_last_dose.json: needs-data, C1D8: missing: neutrophils, hemoglobin, platelets and 1 more",
            "neutropenia_4_before_c2d1.json: withhold, C2D1: Grade 3-4 neutropenia: withhold, and consider G-CSF. [ABN-1]",
            "pregnant.json: excluded, C1D1: Pregnancy is a contraindication. [CI-2]",
        ]
        assert lines[-2:] == ["", DISCLAIMER]

    @pytest.mark.parametrize("name", NAMES)
    def test_the_same_as_one(self, name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """With --json each line is the assessment of that case alone, with its file."""
        options = ["--json", "--rulebook", PAGE, "--max-lab-age", "7 d"]
        assert main(["assess", str(EXAMPLES / name), *options]) == 0
        alone = json.loads(capsysbinary.readouterr().out)
        assert main(["assess", str(EXAMPLES / NAMES[0]), str(EXAMPLES / name), *options]) == 0
        lines = capsysbinary.readouterr().out.splitlines()
        assert len(lines) == 2
        assert json.loads(lines[1]) == {"file": str(EXAMPLES / name), **alone}

    def test_faults_of_some(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """A file that cannot be read has its faults, and a line that there is no answer; the others are assessed, and the status is 2."""
        standard_input(monkeypatch, b"[")
        good, bad, none = str(EXAMPLES / "pregnant.json"), case(tmp_path, '{"point": "C1D9", "weight": 5}'), str(tmp_path / "no\x1b.json")
        files = ["-", good, bad, none, str(tmp_path), "\0", good]
        assert main(["assess", *files]) == 2
        out, err = (text.decode() for text in capsysbinary.readouterr())
        lines = out.splitlines()
        assert [line.partition(": ")[2].partition(",")[0].partition(":")[0] for line in lines[:-2]] == [
            "no answer", "excluded", "no answer", "no answer", "no answer", "no answer", "excluded"
        ]  # fmt: skip
        assert lines[0].startswith("the standard input: no answer: line 1, column 2: this is not JSON")
        assert "\x1b" not in out
        for says in (
            f"{bad} cannot be read, for 2 faults:\n  - weight: is not a known key",
            "No such file or directory",
            "is not the path",
        ):
            assert says in err

    def test_faults_as_json(self, tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """A program that reads line by line meets the faults in their place."""
        bad = case(tmp_path, '{"point": "C1D9"}')
        assert main(["assess", "--json", bad, str(EXAMPLES / "pregnant.json")]) == 2
        first, second = map(json.loads, capsysbinary.readouterr().out.splitlines())
        assert first == {"file": bad, "faults": ["point: there is no dose on day 9 of cycle 1; cycle 1 has doses on days 1, 8, 15"]}
        assert second["verdict"] == "excluded"

    @pytest.mark.parametrize("form", ["--full", "--html", "--markdown", "--record"])
    def test_forms_of_one_case(self, form: str, capsys: pytest.CaptureFixture[str]) -> None:
        """A report is of one case."""
        assert main(["assess", str(EXAMPLES / NAMES[0]), str(EXAMPLES / NAMES[1]), form]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "of several cases there is one line each" in captured.err

    @pytest.mark.parametrize(
        ("options", "says"),
        [(["--rulebook", "us-1999"], "no rulebook is called"), (["--max-lab-age", "7"], "max_lab_age: '7' has no unit")],
    )
    def test_an_option_that_cannot_be_read(self, options: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
        """It is one fault, and not one of each case."""
        assert main(["assess", str(EXAMPLES / NAMES[0]), str(EXAMPLES / NAMES[1]), *options]) == 2
        captured = capsys.readouterr()
        assert (captured.out, captured.err.count(says)) == ("", 1)


class TestFull:
    """The whole report."""

    @pytest.mark.parametrize("name", NAMES)
    def test_full(self, name: str, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
        """It is the text of the assessment, with every answer and its reasons."""
        assert main(["assess", str(EXAMPLES / name), "--full"]) == 0
        assert capsysbinary.readouterr().out.decode() == f"{as_text(assess_case(read_case_file(EXAMPLES / name)), full=True)}\n"


POLICY = """
from tarlatamab_rules import rulebooks
from tarlatamab_rules.policy import MONITORING, ROLE, MonitoringPlan, Role, Row, Span

print("imported")
STAY = Row("OBS-1", {ROLE: Role.STEP_UP}, MonitoringPlan(observe=Span(48, 48, "h")), "48 hours after the first dose.")
OURS = rulebooks.default().overlay("our-hospital", {MONITORING: (STAY,)})
HOURS = 48
"""


class TestPolicies:
    """A policy of one's own, by its module and its name there."""

    @pytest.fixture
    def module(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        """A module in the current folder, which no other test has imported."""
        monkeypatch.chdir(tmp_path)
        name = f"policy_{tmp_path.name}"
        (tmp_path / f"{name}.py").write_text(POLICY, encoding="utf-8")
        before, path = set(sys.modules), list(sys.path)
        yield name
        assert sys.path == path
        for added in set(sys.modules) - before:
            del sys.modules[added]

    def test_every_command(self, module: str, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
        """It answers in each command; what the module prints is not part of the answer."""
        path, place = str(EXAMPLES / "clean_c1d1.json"), f"{module}:OURS"
        assert main(["assess", path, "--json", "--rulebook", place]) == 0
        out, err = capsysbinary.readouterr()
        assert err == b"imported\n"
        data = json.loads(out)
        assert (data["rulebook"], data["monitoring"]["value"]["observe"]["low"]) == ("our-hospital", 48)
        assert main(["assess", path, path, "--rulebook", place]) == 0
        assert capsysbinary.readouterr().out.count(b"no source gives a reason to withhold it") == 2
        assert main(["explore", path, "--rulebook", place]) == 0
        assert b"OTHER VERDICTS" in capsysbinary.readouterr().out
        assert main(["compare", path, "--rulebook", place, "--rulebook", "us-2025-11"]) == 0
        assert b"  our-hospital: " in capsysbinary.readouterr().out
        assert main(["diff", DEFAULT, place]) == 0
        assert b"role of the dose: step-up: observe: 22 to 24 h -> observe: 48 h" in capsysbinary.readouterr().out
        assert main(["rulebooks", place]) == 0
        assert capsysbinary.readouterr().out.startswith(b"our-hospital: ")
        assert main(["assess", path, "--record", "--rulebook", place]) == 0
        record = case(tmp_path, capsysbinary.readouterr().out.decode())
        assert main(["replay", record, "--rulebook", place]) == 0
        assert main(["replay", record, "--rulebook", "us-2025-11"]) == 2
        assert main(["replay", record]) == 2

    def test_the_current_folder_is_on_the_path_only_then(self, module: str) -> None:
        """The module is found there by this command, and by no other import."""
        assert importlib.util.find_spec(module) is None
        assert main(["rulebooks", f"{module}:OURS"]) == 0

    @pytest.mark.parametrize(
        ("place", "says"),
        [
            ("{}:OUR", r"has no OUR; did you mean OURS\?"),
            ("{}:other", "has no other; its rulebooks are OURS"),
            ("{}:HOURS", "is of the type int, and not a rulebook; name what"),
            ("json:OURS", "json has no OURS; it has no rulebook"),
            (
                "there_is_no_such_module:OURS",
                "there is no module there_is_no_such_module; run this in the folder of there_is_no_such_module.py",
            ),
            ("there_is.no:OURS", r"there is no module there_is\.no; run this in the folder of there_is\.py"),
            ("{}:", "is not a module and a name; write it like policy:OURS"),
            (":OURS", "is not a module and a name"),
            ("..x:OURS", "is not a module and a name"),
            ("{}:OURS over us-2025-11", "is not a module and a name"),
            ("C:\\policy.py", "is not a module and a name"),
            ("{}:\0", "is not a module and a name"),
        ],
    )
    def test_no_policy(self, place: str, says: str, module: str, capsys: pytest.CaptureFixture[str]) -> None:
        """What is missing is named, with what to write."""
        assert main(["assess", str(EXAMPLES / "clean_c1d1.json"), "--rulebook", place.format(module)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert re.search(says, captured.err)

    @pytest.mark.parametrize(
        ("code", "says"),
        [
            ("import there_is_no_such_library", "cannot be imported: ModuleNotFoundError: No module named 'there_is_no_such_library'"),
            ("this is no Python", "cannot be imported: SyntaxError"),
            ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero; correct it, and try it with python alone"),
            ("import sys; sys.exit(0)", "cannot be imported: SystemExit: 0"),
            ("from tarlatamab_rules import rulebooks\nrulebooks.default().overlay('', {})", "is refused; name: is blank"),
            ("raise ValueError('x' * 10_000)", "cannot be imported: ValueError: xxx"),
        ],
    )
    def test_broken(self, code: str, says: str, module: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A fault of the module is none of the library, and never ends as if there were an answer."""
        (tmp_path / f"{module}.py").write_text(code, encoding="utf-8")
        assert main(["assess", str(EXAMPLES / "clean_c1d1.json"), "--rulebook", f"{module}:OURS"]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert f"{module} {says}" in captured.err
        assert len(captured.err) < 600

"""The form of a whole case asks for every field of the input classes, and what it hands to Python is answered as by the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import attrs
import pytest

from tarlatamab_rules import (
    Case,
    CrsFindings,
    GivenDose,
    LabResult,
    NeuroFindings,
    Patient,
    ToxicityEvent,
    assess_case,
    read_case_file,
)
from tarlatamab_rules.course.cases import plan_case
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.views.text import as_text

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "ice_2_after_c1d8.json"
CLEAN = ROOT / "examples" / "clean_c1d1.json"


@pytest.fixture(scope="module")
def page() -> Any:
    """The module that a browser runs."""
    spec = spec_from_file_location("in_the_page", ROOT / "docs" / "_page" / "in_the_page.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def called(function: Callable[..., str], *arguments: str) -> dict[str, Any]:
    """What a call of the page gives."""
    found: dict[str, Any] = json.loads(function(*arguments))
    return found


def test_a_case_is_assessed_as_by_the_command_line(page: Any) -> None:
    """The verdict and the report; and beside what the verdict waits for, what the report lists as missing."""
    text, book = EXAMPLE.read_text(encoding="utf-8"), "precautions-2025-09 over us-2025-11"
    assert called(page.warm, book)["rulebook"] == book
    found = called(page.assess, text, book)
    assert found["verdict"] == "discontinue"
    assert found["report"] == as_text(assess_case(read_case_file(EXAMPLE)))
    assert json.loads(called(page.document, text, book)["document"]) == assessment_document(assess_case(read_case_file(EXAMPLE)))
    assert {"path": "events[0].findings.seizure", "says": "ICANS: seizures"} in found["missing"]


def test_every_fault_is_named(page: Any) -> None:
    """Faults of a document come all at once; a plan that does not follow from a case says why. A key that occurs twice is one."""
    assert called(page.read, '{"point": "C1D1", "point": "C1D8"}')["faults"] == ["point: occurs twice in one object; keep one of them"]
    assert len(called(page.assess, '{"point": "C9", "ordred": 1}', "us-2025-11")["faults"]) == 2
    assert called(page.assess, '{"point": "C1D1"}', "us-1999")["faults"][0].startswith("no rulebook is called 'us-1999'")
    assert "course" in called(page.plan, '{"point": "C1D8"}', "us-2025-11")["faults"][0]
    assert called(page.read, '{"point": "C1D1"}') == {"document": {"point": "C1D1"}}


def test_a_plan_is_that_of_the_library(page: Any) -> None:
    """The plan in words, and its timeline."""
    found = called(page.plan, CLEAN.read_text(encoding="utf-8"), "us-2025-11")
    assert found["report"].startswith(str(plan_case(read_case_file(CLEAN), rulebook="us-2025-11")))
    assert found["svg"].startswith("<svg")


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("x = 6\nx * 7", "42\n"),
        ("print('a')\nNone", "a\n"),
        ("", ""),
        ("x = ", "SyntaxError: invalid syntax\n"),
        ("raise SystemExit(3)", "SystemExit: 3\n"),
        ("class Odd:\n  def _repr_html_(self): raise ValueError('no')\nOdd()", "ValueError: no\n"),
    ],
)
def test_lines_of_a_reader_are_run(page: Any, source: str, printed: str) -> None:
    """What is printed, and the value of a last expression; any error is the reader's own, and the page goes on."""
    found = called(page.run, source, source)
    assert found["printed"].endswith(printed)
    assert "in_the_page" not in found["printed"]
    assert found["html"] is None
    assert found["failed"] is ("Error" in printed or "Exit" in printed)


def test_cells_share_their_names_and_show_cards(page: Any) -> None:
    """A second cell knows the names of the first; a card is shown as a notebook shows it; a package that is missing is asked for."""
    called(page.run, "from tarlatamab_rules import monitoring_duration", "shared")
    assert "22" in called(page.run, "monitoring_duration('C1D8')", "shared")["html"]
    assert "NameError" in called(page.run, "monitoring_duration", "other")["printed"]
    with pytest.raises(ModuleNotFoundError):
        page.run("import a_package_that_is_not_there", "shared")


def fields(kind: type[Any]) -> list[str]:
    """The fields of an input class that a case can give."""
    return [field.name for field in attrs.fields(kind) if field.init]


def test_the_form_asks_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each field of each input class, with words for its title; each list; every example, with the verdict that it has."""
    pytest.importorskip("sphinx")
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs" / "_ext"), *sys.path])
    asked = import_module("assess").form()
    keys = {name: [field["key"] for field in asked["lists"][name]["fields"]] for name in asked["lists"]}
    assert [field["key"] for field in asked["patient"]] == fields(Patient)
    assert keys["course"] == fields(GivenDose)
    assert {*keys["events"], "findings"} == set(fields(ToxicityEvent))
    assert {*keys["labs"]} - {"value", "unit"} == set(fields(LabResult)) - {"quantity"}
    assert [field["key"] for field in asked["findings"]["crs"]] == fields(CrsFindings)
    assert [field["key"] for field in asked["findings"]["icans"]] == fields(NeuroFindings)
    planned = {field["key"] for field in asked["planned"]}
    assert planned | {"patient", "findings", *asked["lists"]} == set(fields(Case))
    titles = [field["title"] for part in (asked["patient"], *asked["findings"].values()) for field in part]
    assert [title for title in titles if "." in title or "_" in title] == []
    assert len(asked["examples"]) == len(list((ROOT / "examples").rglob("*.json")))

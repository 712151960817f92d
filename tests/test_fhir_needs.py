"""What is read from FHIR, for a rulebook; the codes; and the command."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import fhirkit
import pytest

from fhir_resources import DATA, SHARED, dose, lab, patient
from tarlatamab_rules import FieldError, UnknownRulebookError, read_case, rulebooks
from tarlatamab_rules.formats.fhir import needs, read
from tarlatamab_rules.formats.fhir.codes import CODES, LOINC, LOOKUP, PROFILES, SOURCES, TYPES
from tarlatamab_rules.formats.fhir.command import add_to, run
from tarlatamab_rules.inputs.analytes import Analyte

_RIGHT = (
    "751-8 26499-4 753-4 770-8 26511-6 6690-2 26464-8 731-0 26474-7 732-8 736-9 26478-8 718-7 59260-0 20509-6 777-3 26515-7 1742-6 1743-4"
)
_ALSO = "1920-8 1975-2 14631-6 6768-6 2160-0 14682-9 38483-4 2951-2 2947-0 2823-3 6298-4 3084-1 14933-6 2106-3 2118-8 2110-5 2112-1 80384-1"
_REST = "80385-8 19080-1 21198-7 20415-6 83086-9 82810-3 8310-5 8331-1 8332-9 8333-7 8328-7 8480-6 8462-4 8478-0 85354-9 55284-4 59408-5"
_LAST = "2708-6 59410-1 3151-8 3150-0 19994-3 9269-2 LA15173-0 LA26683-5 LA4489-6 LA6576-8 LA6577-6"


def test_the_codes_of_loinc_are_those_that_were_found() -> None:
    """The codes of LOINC are the ones of the list of facts, copied by hand."""
    assert {row.code for row in CODES if row.system == LOINC} == set(f"{_RIGHT} {_ALSO} {_REST} {_LAST}".split())


def _loinc_digit(code: str) -> int:
    """The check digit of a code of LOINC."""
    number = code.partition("-")[0].removeprefix("LA")[::-1]
    doubled = int("".join(number[::2])) * 2
    total = sum(map(int, str(doubled))) + sum(map(int, number[1::2]))
    return -total % 10


@pytest.mark.parametrize("row", [row for row in CODES if row.system == LOINC and not row.code.startswith("LA")], ids=lambda row: row.code)
def test_check_digits(row: Any) -> None:
    """Each code of LOINC has its check digit; 3150-6, which is often seen, has a wrong one."""
    assert int(row.code.partition("-")[2]) == _loinc_digit(row.code)
    assert _loinc_digit("3150-6") == 0


def test_each_code_stands_once_with_its_source() -> None:
    """No code means two things, each says where it was seen, and every source is used."""
    assert len(LOOKUP) == len(CODES)
    assert {letter for row in CODES for letter in row.source} == set(SOURCES)
    assert set(PROFILES) <= TYPES == set(fhirkit.RESOURCE_TYPES)


def test_what_a_book_asks_for() -> None:
    """The needs of a book are facts with the resources and the codes that state them; what it asks for stands first."""
    asked = needs()
    assert asked.rulebook == rulebooks.default().name
    by_fact = {need.fact: need for need in asked.needs}
    assert [row.code for row in by_fact["labs.platelets"].codes] == ["777-3", "26515-7"]
    assert by_fact["labs.platelets"].asked
    assert not by_fact["labs.lymphocytes"].asked
    assert by_fact["patient.infection"].resources == ("QuestionnaireResponse",)
    assert {f"labs.{analyte}" for analyte in Analyte} <= set(by_fact)
    flags = [need.asked for need in asked.needs]
    assert flags == sorted(flags, reverse=True)
    text = str(asked)
    assert "  platelets (labs.platelets): Observation, QuestionnaireResponse: 777-3, 26515-7" in text
    assert "  lymphocytes (labs.lymphocytes), not asked for: Observation" in text
    assert "  whether there is an active infection (patient.infection): QuestionnaireResponse\n" in text


def test_books_ask_for_different_facts() -> None:
    """The label alone does not ask for what only the precautions page asks for."""
    label = {need.fact for need in needs(rulebook="us-2025-11").needs if need.asked}
    both = {need.fact for need in needs().needs if need.asked}
    assert label < both
    with pytest.raises(UnknownRulebookError):
        needs(rulebook="us-2035")


def test_prefetch() -> None:
    """The queries name the patient by the context of CDS Hooks, and results by system and code."""
    queries = needs().prefetch()
    assert queries["patient"] == "Patient/{{context.patientId}}"
    assert "http://loinc.org|777-3" in queries["observations"]
    assert "2106-3" in queries["observations"]
    assert "snomed" not in queries["observations"]
    assert all("{{context.patientId}}" in query for query in queries.values())


def test_capability() -> None:
    """The requirements are a CapabilityStatement that lists each resource once, without anything empty."""
    document = json.loads(json.dumps(needs().capability()))
    assert [resource["type"] for resource in document["rest"][0]["resource"]] == list(PROFILES)
    assert (document["kind"], document["fhirVersion"], document["resourceType"]) == ("requirements", "4.0.1", "CapabilityStatement")
    assert fhirkit.validate(document) == []
    assert all(value not in ("", [], {}) for resource in document["rest"][0]["resource"] for value in resource.values())


# --- the shared bundles ---


def test_shared_records() -> None:
    """Each resource of the shared bundles and of the examples of US Core is accounted for, with a reason if it was not used."""
    for path in sorted(SHARED.rglob("*.json")) or [DATA / "sherman_mcglynn.json"]:
        document = json.loads(path.read_bytes())
        resources = [entry["resource"] for entry in document["entry"]] if "entry" in document else [document]
        report = read(document, point="C1D1", planned_start=None).report
        assert [entry.resource for entry in report.entries] == [resource["resourceType"] for resource in resources]
        assert len(report.used) + len(report.unused) + len(report.unclear) == len(resources)
        assert all(entry.why or entry.facts for entry in report.entries)


# --- the command ---


def _run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers())
    return run(parser.parse_args(["import", *arguments]))


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the case as JSON and the report beside it; its status says whether something asked for is unclear."""
    path = tmp_path / "bundle.json"
    path.write_text(json.dumps([patient(), lab("777-3", 187, "10*3/uL"), dose("2025-10-01", id="1")]))
    assert _run(str(path), "--point", "C1D8", "--start", "2025-10-08T09:00:00+02:00", "--ordered", "10 mg") == 0
    out, err = capsys.readouterr()
    case = read_case(out)
    assert case.patient.age_years == 63
    assert str(case.ordered) == "10 mg"
    assert err.startswith("3 resources: 3 used, 0 not used, 0 unclear\n")
    more = [
        "--complete",
        "events",
        "--site-zone",
        "Europe/Berlin",
        "--code",
        "urn:x",
        "y",
        "labs.alt",
        "--dose",
        "MedicationAdministration/1",
        "C1D1",
    ]
    assert _run(str(path), "--point", "C1D8", "--start", "2025-10-08", *more) == 0
    assert read_case(capsys.readouterr().out).events == ()
    assert _run(str(path), "--point", "C1D1") == 1  # without a planned start there is no age


def test_the_needs_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """What is read is printed as text, as queries, or as requirements."""
    assert _run("--needs") == 0
    assert capsys.readouterr().out == f"{needs()}\n"
    assert _run("--needs", "prefetch", "--rulebook", "us-2025-11") == 0
    assert json.loads(capsys.readouterr().out) == needs(rulebook="us-2025-11").prefetch()
    assert _run("--needs", "capability") == 0
    assert json.loads(capsys.readouterr().out) == needs().capability()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "file: is missing"),
        (["x.json"], "point: is missing"),
        (["{path}", "--point", "C1D1", "--start", "tomorrow"], "start: is not a day or a time"),
        (["{path}", "--point", "C1D1", "--start", "2025-10-08T09:00:00+99:00"], "start: is not a day or a time"),
    ],
)
def test_arguments_of_the_command(tmp_path: Path, arguments: list[str], error: str) -> None:
    """An argument that is missing or cannot be read is named."""
    path = tmp_path / "x.json"
    path.write_text("[]")
    with pytest.raises(FieldError, match=error):
        _run(*[argument.format(path=path) for argument in arguments])

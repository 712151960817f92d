"""Records as other programs see them: npm's fhir and lforms in a browser, schemathesis, and clients under load.

``nox -s records`` runs these tests; no other suite does. It names the folder of what npm installed in ``TARLATAMAB_RECORDS``.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cds_requests import SECRETS, call
from serving import Served, load, log_of, served, status_of
from tarlatamab_rules import Case, assess_case, read_case, strategies
from tarlatamab_rules.course.care_plan import care_plan
from tarlatamab_rules.course.cases import plan_case
from tarlatamab_rules.formats.fhir.guidance import detected_issues, guidance_response
from tarlatamab_rules.formats.fhir.questionnaire import answered, questionnaire

FOLDER = os.environ.get("TARLATAMAB_RECORDS", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="nox -s records runs it, with npm and chromium")
HERE = Path(__file__).parent
CASE = (HERE.parent / "examples" / "clean_c1d1.json").read_bytes()
LOAD_SECONDS = float(os.environ.get("TARLATAMAB_LOAD_SECONDS", "60"))


# --- what goes out ---


def _made() -> list[dict[str, Any]]:
    """What goes out for every example and for some made-up cases."""
    cases = [read_case(path.read_bytes()) for path in sorted((HERE.parent / "examples").rglob("*.json"))]
    cases += [read_case({"point": "C1D1"}), read_case({"point": "C2D1"}), *_drawn(60)]
    resources = []
    for case in cases:
        assessment = assess_case(case)
        resources += [guidance_response(assessment, subject="Patient/1"), *detected_issues(assessment), questionnaire(assessment)]
    plan = plan_case(read_case({"point": "C1D1", "planned_start": "2026-02-02"}), cycles=2)
    return [resource for resource in (*resources, care_plan(plan, subject="Patient/1")) if resource is not None]


def _drawn(number: int) -> list[Case]:
    """Some cases of the strategy, the same ones each time."""
    found: list[Case] = []

    @settings(max_examples=number, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(strategies.cases())
    def draw(case: Case) -> None:
        found.append(case)

    draw()
    return found


def test_resources_are_valid() -> None:
    """Npm's fhir finds no error in anything that goes out, and warns only of codes that are in no value set of FHIR itself."""
    resources = _made()
    lines = "\n".join(map(json.dumps, resources))
    ran = subprocess.run(["node", str(HERE / "records_valid.mjs"), FOLDER], input=lines, capture_output=True, text=True, check=True)  # noqa: S607  # as PATH has it
    messages = {
        message.partition(": ")[2] if message.startswith("warning") else message for part in json.loads(ran.stdout) for message in part
    }
    assert len(json.loads(ran.stdout)) == len(resources) > 100
    # npm's fhir takes a false answer for a missing one; fhirkit, which checks each form in the other suites, does not
    wrong = {
        message for message in messages if "not found in value set" not in message and not message.endswith("answer[x]: Missing property")
    }
    assert wrong == set()
    assert all("cpg-activity-type-cs" in message or "text/plain" in message for message in messages if "value set" in message)


PAGE = """<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="stylesheet" href="file://{0}/webcomponent/styles.css"></head>
<body><div id="form"></div><script src="file://{0}/webcomponent/assets/lib/zone.min.js"></script>
<script src="file://{0}/webcomponent/lhc-forms.js"></script><script src="file://{0}/fhir/R4/lformsFHIR.min.js"></script>
<script>LForms.Util.addFormToPage({1}, "form", {{}}).then(() => {{ document.title = "done"; }});</script></body></html>"""


def in_browser(form: dict[str, Any], answers: list[tuple[str, str, str]], folder: Path) -> dict[str, Any]:
    """The response to a form that was answered in a browser, and the questions that were not shown."""
    page = folder / "form.html"
    page.write_text(PAGE.format(f"{FOLDER}/lforms/dist/lforms", json.dumps(form)), encoding="utf-8")
    arguments = ["node", str(HERE / "records_form.mjs"), FOLDER, str(page), os.environ.get("TARLATAMAB_PICTURE", str(folder / "form.png"))]
    ran = subprocess.run(arguments, input=json.dumps(answers), capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr[-2000:]
    result: dict[str, Any] = json.loads(ran.stdout)
    return result


def test_a_form_in_a_browser(tmp_path: Path) -> None:
    """A person answers the form in a browser, and the case is the one that the answers say; the next assessment is another one."""
    case = read_case({"point": "C1D1", "planned_start": "2026-02-03"})
    form = questionnaire(assess_case(case))
    assert form is not None
    answers = [
        ("type", "patient.age_years", "64"),
        ("choose", "patient.diagnosis", "extensive stage SCLC"),
        ("click", "patient.progressed_after_platinum", "true"),
        ("choose", "patient.infection", "none"),
        ("click", "patient.pregnant", "false"),
        ("click", "patient.breastfeeding", "false"),
    ]
    normal = {"neutrophils": "4", "hemoglobin": "13", "platelets": "250", "alt": "20", "ast": "20", "bilirubin": "0.6"}
    limits = {"alt": "40", "ast": "40", "bilirubin": "1.2"}
    for analyte, value in normal.items():
        answers.append(("type", f"labs.{analyte}/value", value))
        answers.append(("type", f"labs.{analyte}/collected", "02/03/2026 06:00:00"))
        answers += [("type", f"labs.{analyte}/upper_limit", limits[analyte])] if analyte in limits else []
    result = in_browser(form, answers, tmp_path)
    assert result["hidden"] == []
    response = result["response"] | {"status": "completed"}
    after = answered(case, response, site_zone="Europe/Berlin")
    patient = {"age_years": 64, "diagnosis": "extensive-stage-sclc", "progressed_after_platinum": True, "infection": "none"}
    units = {"neutrophils": "10*9/L", "hemoglobin": "g/dL", "platelets": "10*9/L", "alt": "U/L", "ast": "U/L", "bilirubin": "mg/dL"}
    drawn = "2026-02-03T06:00:00+01:00"
    labs = [
        {"analyte": name, "value": float(value), "unit": units[name], "collected": drawn}
        | ({"upper_limit": float(limits[name])} if name in limits else {})
        for name, value in normal.items()
    ]
    facts = patient | {"pregnant": False, "breastfeeding": False}
    assert after == read_case({"point": "C1D1", "planned_start": "2026-02-03", "patient": facts, "labs": labs})
    assert str(assess_case(after).verdict) == "proceed"


def test_what_a_browser_hides(tmp_path: Path) -> None:
    """After another diagnosis nothing else is asked, and what was answered ends in the verdict."""
    case = read_case({"point": "C1D1", "planned_start": "2026-02-03"})
    form = questionnaire(assess_case(case))
    assert form is not None
    result = in_browser(form, [("choose", "patient.diagnosis", "limited stage SCLC"), ("click", "patient.pregnant", "true")], tmp_path)
    assert result["hidden"] == ["patient.pregnant"]
    after = answered(case, result["response"] | {"status": "completed"})
    assert str(assess_case(after).verdict) == "excluded"


# --- the service ---


def test_schemathesis(tmp_path: Path) -> None:
    """Requests made from the description, right and wrong ones, get what the description says, and never an error of the service."""
    with served(tmp_path, "--concurrency", "200") as running:
        program = str(Path(sys.executable).parent / "schemathesis")
        checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method"
        options = [
            "--checks",
            f"{checks},negative_data_rejection",
            "--max-examples",
            "25",
            "--seed",
            "20",
            "--suppress-health-check",
            "all",
        ]
        address = f"http://127.0.0.1:{running.port}"
        ran = subprocess.run(
            [program, "run", f"{address}/openapi.json", *options], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert ran.returncode == 0, ran.stdout[-6000:]
        assert running.stop() in {0, -signal.SIGTERM}
        assert not any("error" in line for line in log_of(running))


def test_load(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """200 clients at a time for a minute: every request is answered, and nothing of it is in the log but its status."""
    with served(tmp_path, "--concurrency", "400", "--workers", "1") as running:
        seen = asyncio.run(load(running.port, 200, LOAD_SECONDS, CASE))
        running.stop()
        lines = log_of(running)
    assert set(seen.statuses) == {200}
    assert {line["status"] for line in lines if line.get("route") == "/assess"} == {200}
    number = sum(seen.statuses.values())
    started = time.perf_counter()
    for _ in range(200):
        assess_case(read_case(CASE))
    bare = 200 / (time.perf_counter() - started)
    figures = f"{number} requests, {number / LOAD_SECONDS:.0f} a second, half within {seen.share(0.5) * 1000:.0f} ms"
    last = f"99 % within {seen.share(0.99) * 1000:.0f} ms; read and assessed alone: {bare:.0f} a second"
    with capsys.disabled():
        sys.stdout.write(f"\n200 clients, one process: {figures}, {last}\n")


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """If a worker dies, the others go on and a new one takes its place; a client that asks again gets its answer."""
    with served(tmp_path, "--workers", "2", "--concurrency", "200") as running:
        before = running.children
        assert len(before) == 2

        async def meanwhile() -> Any:
            task = asyncio.create_task(load(running.port, 20, 12, CASE))
            await asyncio.sleep(2)
            os.kill(before[0], signal.SIGKILL)
            return await task

        seen = asyncio.run(meanwhile())
        assert set(seen.statuses) <= {0, 200}
        assert seen.statuses[0] <= 40 if 0 in seen.statuses else True
        assert len(running.children) == 2
        assert before[0] not in running.children
        assert asyncio.run(status_of(running.port, "POST", "/assess", CASE)) == 200
        running.stop()
        assert "Traceback" not in running.log.read_text(encoding="utf-8")


def _raw(running: Served, *parts: bytes, wait: float = 0) -> bytes:
    """What comes back for bytes that are sent in pieces."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
            time.sleep(wait)
        found = b""
        while piece := connection.recv(65_536):
            found += piece
            if b"\r\n\r\n" in found and b"Connection: close" not in found and found.count(b"}") > 1:
                break
        return found


def test_bad_clients(tmp_path: Path) -> None:
    """A slow body, a broken request, a body of 10 MB and clients that leave: each is refused, and the service goes on."""
    head = b"POST /assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
    with served(tmp_path, "--seconds", "2") as running:
        assert b" 408 " in _raw(running, head, b'{"point"').split(b"\r\n")[0]
        assert b" 400 " in _raw(running, b"NOT HTTP\r\n\r\n").split(b"\r\n")[0]
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", running.port)) as connection:
                connection.sendall(head + b'{"point"')
        assert asyncio.run(status_of(running.port, "POST", "/assess", b" " * 10_000_000)) in {0, 413}
        assert asyncio.run(status_of(running.port, "POST", "/assess", b"\xff" * 100)) == 422
        assert asyncio.run(status_of(running.port, "POST", "/assess", CASE)) == 200
        running.stop()
        text = running.log.read_text(encoding="utf-8")
    assert "Traceback" not in text
    assert '"status": 413' in text


def test_a_graceful_stop(tmp_path: Path) -> None:
    """A request that is under way when the service is told to stop is answered."""
    head = f"POST /assess HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(CASE)}\r\n\r\n".encode()
    with served(tmp_path) as running, socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
        connection.sendall(head + CASE[:50])
        time.sleep(0.3)
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(CASE[50:])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        assert running.process.wait(20) in {0, -signal.SIGTERM}


def test_no_patient_in_the_log(tmp_path: Path) -> None:
    """After requests with names in every place, right and wrong ones, the log of the processes names nobody."""
    with served(tmp_path) as running:
        bodies = [json.dumps(call(hook)) for hook in ("order-sign", "order-select", "patient-view", "encounter-start")]
        bodies += [body[: len(body) // 2] for body in bodies] + [json.dumps({"Lastsmith": SECRETS})]
        for body in bodies:
            for path in ("/cds-services/tarlatamab-order-sign", "/assess", "/cds-services/MRN-4711/feedback?name=Lastsmith"):
                assert asyncio.run(status_of(running.port, "POST", path, body.encode())) in {200, 400, 404, 422}
        running.stop()
        text = running.log.read_text(encoding="utf-8")
    assert [secret for secret in SECRETS if secret in text] == []
    assert len(log_of(running)) >= len(bodies) * 3

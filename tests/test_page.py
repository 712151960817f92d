"""The built pages with Python in them, used in a browser as a reader does. `nox -s page` builds them; else these tests are skipped."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tarlatamab_rules import assess_case, read_case_file, rulebooks
from tarlatamab_rules.views.text import as_text

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
SITE = os.environ.get("TARLATAMAB_SITE", "")
"""The folder of the built pages."""
FOLDER = Path(os.environ.get("TARLATAMAB_NODE", HERE))
"""Where `node_modules` are."""
PICTURES = os.environ.get("TARLATAMAB_PICTURES", "")
"""Where screenshots go, to be looked at."""
PORT = 8907

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(not SITE, reason="nox -s page builds the pages, and names their folder"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The pages, served by Python below a path of their own, as a project's pages often are."""
    command = [sys.executable, "-m", "http.server", str(PORT), "--bind", "127.0.0.1", "--directory", str(Path(SITE).parent)]
    served = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{PORT}/{Path(SITE).name}/"
    try:
        for _ in range(100):
            try:
                urlopen(url, timeout=5).close()
                break
            except URLError:
                time.sleep(0.1)
        yield url
    finally:
        served.terminate()
        served.wait()


@pytest.fixture(scope="module")
def seen(address: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a reader saw, from one walk through the pages."""
    pictures = Path(PICTURES) if PICTURES else tmp_path_factory.mktemp("pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "chromium is missing: it shows the pages"
    command = ["node", str(HERE / "page.mjs"), str(FOLDER.resolve()), address, str(pictures), chromium]
    ran = subprocess.run(command, check=False, capture_output=True, timeout=540, encoding="utf-8")
    assert ran.returncode == 0, ran.stderr
    walk: dict[str, Any] = json.loads(ran.stdout)
    return walk


def test_no_request_leaves_the_site(seen: dict[str, Any]) -> None:
    """Every request of every page goes to the server of the pages; nothing is blocked, and no script fails."""
    assert seen["hosts"] == [f"127.0.0.1:{PORT}"]
    assert seen["problems"] == []


def test_axe_finds_nothing(seen: dict[str, Any]) -> None:
    """No violation of accessibility, on a desktop and a phone, light and dark; nothing wider than a phone."""
    assert len(seen["axe"]) >= 5
    assert {name: found for name, found in seen["axe"].items() if found} == {}
    assert (seen["phoneOverflow"], seen["phoneOverflowAssess"]) == (0, 0)


def test_the_disclaimer_stays_in_sight(seen: dict[str, Any]) -> None:
    """On a phone too, before and after an answer, together with the button and the verdict; and the button does not move meanwhile."""
    assert seen["footInSight"] == [True, True]
    before, after = seen["buttonAt"]
    assert abs(before - after) <= 2


def test_the_first_verdict_comes_soon(seen: dict[str, Any]) -> None:
    """It takes at most three times as long as bare Python in the same browser. That is about a second if the machine does nothing else."""
    alone, first = (sorted(start[of] for start in seen["cold"])[1] for of in ("alone", "first"))
    assert first < 3 * alone, seen["cold"]


def test_a_later_verdict_comes_at_once(seen: dict[str, Any]) -> None:
    """From the press to the verdict a twentieth of what bare Python takes to load. That is about 15 ms if the machine does nothing else."""
    alone, later = (sorted(start[of] for start in seen["cold"])[1] for of in ("alone", "later"))
    assert later < alone / 20, seen["cold"]


def test_every_example_gives_the_report_of_cpython(seen: dict[str, Any]) -> None:
    """All examples, to the byte."""
    expected = []
    for path in EXAMPLES.rglob("*.json"):
        book = "us-2025-11" if path.parent.name == "label" else rulebooks.default().name
        expected.append(as_text(assess_case(read_case_file(path), rulebook=book)))
    assert len(expected) == 16
    assert sorted(seen["examples"].values()) == sorted(expected)


def test_a_new_user_gets_an_answer(seen: dict[str, Any]) -> None:
    """From the start page to *may I give C1D8 today?*: the verdict, the questions that are open, and a question that fills the form."""
    assert seen["fromIndex"].endswith("/try/assess.html")
    assert seen["newUser"] == "Verdict: needs-data."
    assert seen["wayInSight"]
    assert seen["jumped"] == "age"
    asked = [line.split("\n")[0] for line in seen["newUserMissing"]]
    assert asked[:3] == ["age", "diagnosis", "whether the cancer progressed on or after platinum"]
    assert "the doses given so far Answer" in asked
    assert seen["filled"] == "other"


def test_single_questions(seen: dict[str, Any]) -> None:
    """By keyboard alone: an open question, an answer with its source and with what would change it, facts that cannot be, hostile text."""
    assert "Cannot answer yet: grade, current grade are not known." in seen["open"]
    assert "In every case" not in seen["open"]
    assert "current grade" in seen["infection"]
    assert "days" not in seen["infection"]  # which this table does not tell apart, so the form does not ask for them
    assert "In every case: DISCONTINUE." in seen["inEveryCase"]
    assert seen["icans3"].startswith("DISCONTINUE")
    assert "NEU-4" in seen["icans3"]
    assert "What would change it" in seen["icans3"]
    assert "The sources disagree" in seen["icans3"]
    assert "the current grade cannot be above the worst grade" in seen["contradiction"]
    refused = "No answer: correct the marked field."
    assert seen["ages"] == {
        "17.9999": "excluded",
        "18": "eligible",
        "18,5": refused,
        "-1": refused,
        "<script>": refused,
        "": "Cannot answer yet: age in years is not known.",
    }


def test_a_fact_keeps_its_meaning_when_the_book_changes(seen: dict[str, Any]) -> None:
    """A dose that was chosen is not asked by a book that does not tell doses apart, and is the same dose by the next one."""
    assert seen["switched"] == {"us-2025-11": [], "precautions-2025-09": ["C1D1, C1D8, C1D15"]}


def test_rows_are_highlighted(seen: dict[str, Any]) -> None:
    """The line of the default that answers, and the rows of a book."""
    assert len(seen["highlighted"]) == 1
    assert "18" in seen["highlighted"][0]
    assert "eligible" in seen["highlighted"][0]
    assert seen["highlightedInBook"] > 0


def test_documents_and_links(seen: dict[str, Any]) -> None:
    """A key that occurs twice, a wrong key, text that looks like HTML, a time zone, a rare unit, and a case in a link."""
    assert "point: occurs twice in one object" in seen["twice"]
    assert "did you mean 'ordered'" in seen["unknownKey"]
    assert "is not a known time zone" in seen["markup"]
    assert seen["images"] == 0
    assert "Answered by" in seen["zone"]
    assert "No answer" not in seen["pint"]
    assert "hemoglobin Answer" not in seen["pint"]
    assert "No answer" in seen["deep"]
    assert "Answered by" in seen["afterDeep"]
    assert seen["linked"] == ["Verdict: excluded.", "17"]


def test_what_cannot_run_says_so(seen: dict[str, Any]) -> None:
    """Without WebAssembly, and in a build without Python, the page says what to use instead."""
    assert "WebAssembly is switched off" in seen["withoutWasm"]
    assert "built without Python" in seen["withoutPython"]
    for text in (seen["withoutWasm"], seen["withoutPython"]):
        assert "python -m tarlatamab_rules assess CASE.json" in text


def test_the_course_and_the_console(seen: dict[str, Any]) -> None:
    """A plan with its picture, and an example that a reader changed; an error of the reader's own is shown as Python shows it."""
    assert seen["plan"].startswith("Course plan:")
    assert seen["asItStands"]
    assert "Traceback" not in seen["asItStands"]
    assert "failed" not in seen["asItStands"]
    assert seen["console"].startswith("42")
    assert "ZeroDivisionError" in seen["consoleError"]
    assert "in_the_page" not in seen["consoleError"]


def test_the_runtime_is_small() -> None:
    """What a first answer loads, as a server that compresses scripts sends it: at most 7 MB. The archives are compressed already."""
    runtime = Path(SITE) / "_static" / "live" / "runtime"
    archives = sum((runtime / f"{name}.packed").stat().st_size for name in ("python.zip", "library.zip", "pyodide.asm.wasm"))
    script = runtime / "pyodide.asm.mjs"
    assert archives + len(gzip.compress(script.read_bytes())) < 7_000_000

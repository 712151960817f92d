"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first code block in a language."""
    match = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert match
    return match[1]


def test_example() -> None:
    """The example prints the output below it, in 15 lines or fewer."""
    code = block("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout == block("text")


def test_report() -> None:
    """The report is what the command above it prints. `python docs/update_output.py` writes it anew."""
    shown = re.search(r"<!-- report -->\n```console\n\$ python (.*?)\n(.*?)```\n<!-- end of report -->", README, re.DOTALL)
    assert shown
    command = [sys.executable, *shown[1].split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout == shown[2]


def test_two_commands() -> None:
    """There are two commands, each a line of its own, and the second runs these tests."""
    first, second = block("sh").splitlines()
    assert "python -m tarlatamab_rules assess examples/" in first
    assert second.endswith("python -m pytest")


def test_two_commands_for_the_documentation() -> None:
    """The next two build the documentation, where a warning is an error, and serve it."""
    _, commands = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    build, serve = commands.splitlines()
    assert "python -m sphinx -q -n -W --keep-going docs docs/_build/html" in build
    assert serve == ".venv/bin/python -m http.server --directory docs/_build/html 8000"


def test_its_links_lead_somewhere() -> None:
    """Every page that the README names is there."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_it_is_short_and_has_the_disclaimer() -> None:
    """Beside the report, which is one screen, it has 75 lines or fewer, and a reader cannot miss that it is no advice."""
    before, _, rest = README.partition("<!-- report -->\n")
    report, _, after = rest.partition("<!-- end of report -->\n")
    assert len([*before.splitlines(), *after.splitlines()]) <= 75
    assert len(report.splitlines()) <= 33
    assert "not medical advice" in README

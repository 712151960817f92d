"""What the README shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first code block in a language."""
    match = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert match
    return match[1]


def test_example() -> None:
    """The example prints what stands below it, in 15 lines or fewer."""
    code = block("python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stdout == block("text")


def test_two_commands() -> None:
    """There are two commands, each a line of its own, and the second runs these tests."""
    first, second = block("sh").splitlines()
    assert "python -m tarlatamab_rules assess examples/" in first
    assert second.endswith("python -m pytest")


def test_it_fits_a_screen_and_has_the_disclaimer() -> None:
    """A reader sees it whole, and cannot miss that it is no advice."""
    assert len(README.splitlines()) <= 75
    assert "not medical advice" in README

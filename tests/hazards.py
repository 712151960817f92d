"""The hazards of the safety case: `hazards.toml`, as data and as a table of its page."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tarlatamab_rules.views.markdown import table_lines

TESTS = Path(__file__).parent
PARTS = ("name", "cause", "harm", "measures", "remains")
"""What each hazard has."""


def read() -> list[dict[str, Any]]:
    """The hazards in their order."""
    hazards: list[dict[str, Any]] = tomllib.loads((TESTS / "hazards.toml").read_text(encoding="utf-8"))["hazard"]
    return hazards


def markdown() -> str:
    """One row for each hazard, with the tests below each measure."""
    rows = [
        (
            f"**{number}. {hazard['name']}.** {hazard['cause']}",
            hazard["harm"],
            "<br>".join(f"{measure} {_shown(tests)}" for measure, tests in hazard["measures"].items()),
            hazard["remains"],
        )
        for number, hazard in enumerate(read(), 1)
    ]
    heads = ("hazard and cause", "possible harm", "what the library does, and the tests that show it", "what remains for people")
    return "\n".join(table_lines(heads, rows))


def _shown(tests: list[str]) -> str:
    """The names of tests in small print."""
    return f'<small class="tests">{", ".join(tests)}</small>'

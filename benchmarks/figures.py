"""Runs the three benchmarks, and writes their figures for the documentation.

    python benchmarks/figures.py

It takes about half a minute. Run it while nothing else runs on the machine, and keep what it writes under version control: the
documentation is built from docs/explanation/performance.json, and measures nothing itself.
"""

from __future__ import annotations

import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import assessment
import imports
import scalar

FILE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.json"
PACKAGES = {"tarlatamab_rules": "tarlatamab-rules", "attrs": "attrs", "pint": "pint", "zen-engine": "zen-engine"}
DIGITS = 4
"""Significant digits that are kept: more than a measurement has, and few enough to keep a diff small."""


def made() -> dict[str, Any]:
    """When and with what it was measured. Nothing names a machine or a person."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "machine": platform.machine(),
        "versions": {name: version(package) for name, package in PACKAGES.items()},
    }


def rounded(value: Any) -> Any:  # noqa: ANN401  # whatever JSON can hold
    """The same with few digits."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def main() -> None:
    """Measures, and writes the file."""
    measured = {"made": made(), "imports": imports.figures(), "scalar": scalar.figures(), "assessment": assessment.figures()}
    FILE.write_text(json.dumps(rounded(measured), indent=1) + "\n", encoding="utf-8")
    print(f"{FILE.name}: {sum(1 for _ in FILE.open(encoding='utf-8'))} lines")


if __name__ == "__main__":
    main()

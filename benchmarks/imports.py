"""What importing the package costs, and a fresh process up to its first assessment.

    python benchmarks/imports.py [--check]

CPU time inside fresh processes, the least of ten, with ``import attrs`` as the measure. Python may write
bytecode, as in any installation: without it every process would compile this package, and only this one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TIMES = 10
CASE = Path(__file__).parents[1] / "examples" / "clean_c1d1.json"
FIRST = f"""
import sys
from tarlatamab_rules import assess_case
from tarlatamab_rules.formats.cases import read_case_file
assert assess_case(read_case_file({str(CASE)!r})).may_give
assert "pint" not in sys.modules
"""


def cost(code: str) -> float:
    """Seconds of CPU that *code* takes in a fresh process."""
    timed = f"import time\nbegan = time.process_time()\n{code}\nprint(time.process_time() - began)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", timed]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True, env=environment) for _ in range(TIMES)]  # noqa: S603  # our own code
    return min(float(run.stdout) for run in runs)


BARS = (
    ("import tarlatamab_rules", "import tarlatamab_rules", 1),
    ("fresh process to the first assessment from JSON", FIRST, 5),
)
"""What must stay below a multiple of ``import attrs``."""
BESIDE = {
    "rule_of_one_book": 'from tarlatamab_rules import monitoring_duration as f; f("C1D1", events=(), rulebook="precautions-2025-09")',
    "rule_of_the_default": 'from tarlatamab_rules import monitoring_duration as f; f("C1D1", events=())',
    "listed_unit": 'from tarlatamab_rules import LabResult as f; f("alt", "0.5 ukat/L")',
    "unit_for_pint": 'from tarlatamab_rules import LabResult as f; f("alt", "0.0005 kat/m**3")',
    "every_table": "from tarlatamab_rules import rulebooks; book = rulebooks.default(); [book[question] for question in book.rows]",
}
"""What is measured without a bar."""


def figures() -> dict[str, Any]:
    """What is measured here, as plain data."""
    attrs = cost("import attrs")
    measured: dict[str, Any] = {"runs": TIMES, "attrs": {"ms": attrs * 1e3}}
    for key, (_, code, bar) in zip(("package", "assessment"), BARS, strict=True):
        taken = cost(code)
        measured[key] = {"ms": taken * 1e3, "times_attrs": taken / attrs, "bar": bar}
    return measured | {name: {"ms": cost(code) * 1e3} for name, code in BESIDE.items()}


def main() -> int:
    """Measures, prints a table, and with --check fails above the bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail above the bars")
    check = parser.parse_args().check
    attrs = cost("import attrs")
    print(f"{'import attrs':44s} {attrs * 1e3:7.1f} ms")
    failed = False
    for name, code, bar in BARS:
        ratio = (seconds := cost(code)) / attrs
        failed |= ratio > bar
        print(f"{name:44s} {seconds * 1e3:7.1f} ms {ratio:6.2f} x attrs (bar {bar})")
    return int(check and failed)


if __name__ == "__main__":
    sys.exit(main())

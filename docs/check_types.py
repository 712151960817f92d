"""Checks the types of every documented example with mypy and pyright, as the editor of a reader does.

    python docs/check_types.py

writes the code of each page to `build/documented`, one module a page, and checks these modules. An example that shows an error is left out,
since it is wrong on purpose.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from doctest import DocTestParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULES = ROOT / "build" / "documented"
_BLOCK = re.compile(r"^(?P<fence>`{3,})(?P<kind>[^\n`]*)\n(?P<body>.*?)^(?P=fence)\s*$", re.DOTALL | re.MULTILINE)
_RUN = {"python", "{code-cell} python", "{code-cell} ipython3", "{code-cell}"}


def pages() -> list[Path]:
    """The pages that may have examples."""
    return sorted([ROOT / "README.md", *(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)])


def code(page: str) -> Iterator[str]:
    """The code of a page, example by example."""
    for block in _BLOCK.finditer(page):
        body = block["body"]
        if ">>> " in body:
            yield "".join(example.source for example in DocTestParser().get_examples(body) if example.exc_msg is None)
        elif block["kind"].strip() in _RUN:
            yield re.sub(r"\A(?::\w[^\n]*\n)+", "", body)


def write() -> None:
    """Writes the modules, and how pyright is to read them."""
    shutil.rmtree(MODULES, ignore_errors=True)
    MODULES.mkdir(parents=True)
    for page in pages():
        examples = "\n".join(code(page.read_text(encoding="utf-8")))
        if examples.strip():
            name = "_".join(page.relative_to(ROOT).with_suffix("").parts).lower()
            (MODULES / f"{name}.py").write_text(f"# {page.relative_to(ROOT)}\n{examples}", encoding="utf-8")
    (MODULES / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}), encoding="utf-8")


def main() -> int:
    """Writes the modules, and checks them."""
    write()
    commands = (
        ["mypy", "--config-file=", "--check-untyped-defs", "--allow-redefinition", "--allow-untyped-globals", str(MODULES)],
        ["pyright", "--project", str(MODULES), "--pythonpath", sys.executable],
    )
    return max(subprocess.run([sys.executable, "-m", *command], check=False, cwd=ROOT).returncode for command in commands)  # noqa: S603  # fixed


if __name__ == "__main__":
    sys.exit(main())

"""Checks the types of every documented example with mypy and pyright, as the editor of a reader does.

    python docs/check_types.py

writes the code of the pages to `build/documented` and checks it. A page is one module, unless it says into which files its code goes. An
example that shows an error is left out, since it is wrong on purpose.
"""

from __future__ import annotations

import ast
import json
import os
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
_HIDDEN = re.compile(r"^%.*\n", re.MULTILINE)
_FILE = re.compile(r"`(\w+)\.py`[^`\n]*:\s*\Z")


def pages() -> list[Path]:
    """The pages that may have examples."""
    return sorted([ROOT / "README.md", *(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)])


def code(page: str) -> Iterator[tuple[str, str]]:
    """The code of a page, example by example, each with the file into which it goes; that name is empty before the page names one.

    A file is named by the line above the block, as in ``Then `service.py`:``. What follows goes on in that file.
    """
    file, end = "", 0
    for block in _BLOCK.finditer(page):
        body, above = block["body"], _HIDDEN.sub("", page[end : block.start()])
        end = block.end()
        if named := _FILE.search(above):
            file = named[1]
        if ">>> " in body:
            yield file, "".join(example.source for example in DocTestParser().get_examples(body) if example.exc_msg is None)
        elif block["kind"].strip() in _RUN:
            yield file, re.sub(r"\A(?::\w[^\n]*\n)+", "", body)


def modules(page: str) -> dict[str, str]:
    """The code of a page by file, where a function that a later example writes anew stands once, as it is in the end."""
    joined: dict[str, str] = {}
    for file, example in code(page):
        joined[file] = f"{joined.get(file, '')}{example}\n"
    return {file: _latest(source) for file, source in joined.items() if source.strip()}


def _latest(source: str) -> str:
    """A module without the functions that it defines again further down."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    last = {node.name: node for node in functions}
    lines = source.splitlines()
    for node in functions:
        if node is not last[node.name]:
            start = min(part.lineno for part in (node, *node.decorator_list))
            lines[start - 1 : node.end_lineno] = [""] * ((node.end_lineno or start) - start + 1)
    return "\n".join(lines) + "\n"


def write() -> None:
    """Writes the modules, and how pyright is to read them."""
    shutil.rmtree(MODULES, ignore_errors=True)
    MODULES.mkdir(parents=True)
    for page in pages():
        name = "_".join(page.relative_to(ROOT).with_suffix("").parts).lower()
        for file, source in modules(page.read_text(encoding="utf-8")).items():
            with (MODULES / f"{file or name}.py").open("x", encoding="utf-8") as module:
                module.write(f"# {page.relative_to(ROOT)}\n{source}")
    config = {"typeCheckingMode": "standard", "extraPaths": [str(ROOT / "src")]}
    (MODULES / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")


def main() -> int:
    """Writes the modules, and checks them."""
    write()
    commands = (
        [
            "mypy",
            "--config-file=",
            "--check-untyped-defs",
            "--allow-redefinition",
            "--allow-untyped-globals",
            "--disable-error-code=import-untyped",
            str(MODULES),
        ],
        ["pyright", "--project", str(MODULES), "--pythonpath", sys.executable],
    )
    environment = os.environ | {"MYPYPATH": str(ROOT / "src")}
    return max(
        subprocess.run([sys.executable, "-m", *command], check=False, cwd=ROOT, env=environment).returncode  # noqa: S603  # fixed
        for command in commands
    )


if __name__ == "__main__":
    sys.exit(main())

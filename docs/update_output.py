"""Writes what the examples of the pages and of the README print, as they print it now, the report of the README, and what commands print.

    python docs/update_output.py [PAGE ...]

Read the difference before you commit it: what an example prints is what the page promises. An example that shows an error is left alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from doctest import Example
from pathlib import Path
from typing import TYPE_CHECKING

from sybil import Sybil
from sybil.example import SybilFailure
from sybil.parsers.myst import PythonCodeBlockParser

if TYPE_CHECKING:
    from sybil.document import Document

DOCS = Path(__file__).parent
ROOT = DOCS.parent
README = ROOT / "README.md"
COMMANDS = DOCS / "reference" / "command_line.md"
_EXAMPLE = re.compile(r"(?P<head>```python\n(?P<code>.*?)```\n+```text\n).*?(?=```)", re.DOTALL)
_COMMAND = re.compile(r"(?P<head>```sh\n(?P<command>(?:(?!```).)*)```\n```text\n)(?P<output>.*?)(?=```)", re.DOTALL)
_REPORT = re.compile(r"(?<=<!-- report -->\n).*?(?=<!-- end of report -->)", re.DOTALL)
_GOT = re.compile(r"^Got:\n(.*)\Z", re.DOTALL | re.MULTILINE)


def update(path: Path) -> int:
    """Rewrites the output of the examples of a page; how many there were to rewrite.

    Raises:
        ExceptionGroup: Some examples failed in another way; the output of the others is written all the same.
    """
    sybil = Sybil(parsers=[PythonCodeBlockParser()], path=str(path.parent), patterns=[path.name])
    document = sybil.parse(path)
    changed: list[tuple[int, int, str]] = []
    failed: list[Exception] = []
    for example in document.examples():
        try:
            example.evaluate()
        except SybilFailure as failure:
            if not isinstance(example.parsed, Example) or example.parsed.exc_msg is not None:
                failed.append(failure)
                continue
            got = _GOT.search(failure.result)
            start = example.region.start + _length_of_source(document, example.region.start, example.parsed)
            changed.append((start, start + len(example.parsed.want), textwrap.dedent(got[1]) if got else ""))
        except Exception as error:  # noqa: BLE001  # an example may raise anything
            failed.append(error)
    text = document.text
    for start, end, written in reversed(changed):
        text = f"{text[:start]}{written}{text[end:]}"
    if changed:
        path.write_text(text, encoding="utf-8")
    if failed:
        msg = "examples that fail"
        raise ExceptionGroup(msg, failed)
    return len(changed)


def _printed(*arguments: str) -> str:
    """What Python prints."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True).stdout  # noqa: S603  # our own


def update_commands() -> None:
    """Rewrites what the commands of their page print. One whose output is shown in part, or is shown as it is, is left alone."""
    text = COMMANDS.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder, "examples"))
        text = _COMMAND.sub(lambda example: example["head"] + _output(example["command"], example["output"], folder), text)
    COMMANDS.write_text(text, encoding="utf-8")


def _output(command: str, before: str, folder: str) -> str:
    """What a command prints in a folder with the examples, as the page shows it."""
    if "..." in before:
        return before
    path = {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    done = subprocess.run(command, shell=True, cwd=folder, env=os.environ | path, capture_output=True, encoding="utf-8", check=False)  # noqa: S602  # our own page
    return f"{(done.stderr + done.stdout).strip()}\n"


def update_readme() -> None:
    """Rewrites the report of the README, and what its example prints."""
    command = ("-m", "tarlatamab_rules", "assess", "examples/ice_2_after_c1d8.json")
    report = f"```console\n$ python {' '.join(command)}\n{_printed(*command)}```\n"
    text = _REPORT.sub(lambda _: report, README.read_text(encoding="utf-8"))
    text = _EXAMPLE.sub(lambda example: example["head"] + _printed("-c", example["code"]), text)
    README.write_text(text, encoding="utf-8")


def _length_of_source(document: Document, start: int, example: Example) -> int:
    """How much of the page the prompts of an example take."""
    lines = document.text[start:].splitlines(keepends=True)[: example.source.count("\n")]
    return sum(map(len, lines))


def main(pages: list[str]) -> int:
    """Rewrites the pages that are named, else all that the tests run, and the README."""
    skipped = ("_build", "_ext", "tutorials", "cases", "rulebooks")
    every = (path for path in DOCS.rglob("*.md") if not {*path.relative_to(DOCS).parts}.intersection(skipped))
    for path in map(Path, pages) if pages else sorted(every):
        try:
            count = update(path.resolve())
        except ExceptionGroup as group:
            print(f"{path}: {group.message}", *group.exceptions, sep="\n  ", file=sys.stderr)
        else:
            if count:
                print(f"{path}: {count}")
    update_commands()
    update_readme()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

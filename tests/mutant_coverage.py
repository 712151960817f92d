"""Which test runs which line, measured once, and the tests chosen for a mutant by it."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Any

from attrs import define
from coverage import Coverage
from coverage.numbits import num_in_numbits

import mutant_runs

_CLOCK = re.compile(r"\b(perf_counter|process_time|seconds)\(")
_A_TEST = 0.0015
"""What a test costs beside itself, in seconds."""


@define(eq=False)
class Coverages:
    """Which test of which file runs which line, kept in a folder: one measurement for each file, made once.

    Attributes:
        folder: Where it is kept.
    """

    folder: Path

    def collect(self, paths: list[Path]) -> None:
        """Measures each of these files that was not measured with its text and the source as they are."""
        self.folder.mkdir(parents=True, exist_ok=True)
        source = _digest(*sorted(mutant_runs.SOURCE.rglob("*.py")))
        for path in paths:
            stamp = self.folder / f"{path.stem}.json"
            made = _digest(path) + source
            if path.stem in mutant_runs.SLOW or (stamp.exists() and json.loads(stamp.read_text())["made"] == made):
                continue
            began = time.monotonic()
            said, _ = mutant_runs.in_child(lambda say, path=path: self._measure(path.stem, say), 1800)  # type: ignore[misc]
            if not said.get("took"):
                msg = f"no test of {path.stem} ran"
                raise RuntimeError(msg)
            stamp.write_text(json.dumps({"made": made, **said}))
            print(f"{path.stem}: {len(said.get('took', ()))} tests, {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201

    @cache  # noqa: B019 - one value of this class lives as long as the process
    def _is_as_measured(self, file: str) -> bool:
        return str(self.of(file)["made"]).startswith(_digest(mutant_runs.TESTS / f"{file}.py"))

    def _measure(self, file: str, say: Callable[..., None]) -> None:
        os.environ["HYPOTHESIS_PROFILE"] = "measured"
        data = self.folder / f"{file}.coverage"
        data.unlink(missing_ok=True)
        coverage = Coverage(data_file=str(data), source=[str(mutant_runs.SOURCE / mutant_runs.PACKAGE)], config_file=False)
        coverage.start()
        watch = mutant_runs.Watch({}, new=60.0, around=coverage.switch_context)
        began = time.perf_counter()
        mutant_runs.run_file(file, watch)
        coverage.stop()
        coverage.save()
        say(took=watch.took, failed=watch.failed, loaded=watch.loaded - began)

    @property
    def files(self) -> list[str]:
        """The files that were measured."""
        return [path.stem for path in sorted(self.folder.glob("test_*.json"))]

    @cache  # noqa: B019 - one value of this class lives as long as the process
    def of(self, file: str) -> dict[str, Any]:
        """What was measured of a file: the time of each test, and those that fail as it is."""
        measured: dict[str, Any] = json.loads((self.folder / f"{file}.json").read_text())
        return measured

    def usual(self) -> dict[str, float]:
        """The time of each test."""
        return {test: seconds for file in self.files for test, seconds in self.of(file)["took"].items()}

    @cache  # noqa: B019 - as above
    def _contexts(self, path: Path) -> dict[str, list[tuple[str, bytes]]]:
        """By file: the tests that run anything of a module, each with the lines of it as coverage packs them."""
        return {file: self._packed(file, path) for file in self.files}

    def _packed(self, file: str, path: Path) -> list[tuple[str, bytes]]:
        asked = (
            "select context, numbits from line_bits join context on context.id = context_id join file on file.id = file_id where path = ?"
        )
        with closing(sqlite3.connect(self.folder / f"{file}.coverage")) as data:
            return data.execute(asked, (str(path),)).fetchall()

    def choose(self, path: Path, lines: range) -> list[mutant_runs.Choice]:
        """The tests that run a line: first those that were seen to, quick files with many of them first; then the rest.

        Files that changed since they were measured come before all others: a test that was just written is likely to be about the mutant.
        What a file computes once and keeps was computed in the first test that asked, or while the file was loaded. So the rest of a
        file counts as well.
        """
        first: list[mutant_runs.Choice] = []
        rest: list[mutant_runs.Choice] = []
        for file, packed in self._contexts(path).items():
            measured = self.of(file)
            seen = {test for test, numbits in packed if any(num_in_numbits(line, numbits) for line in lines)}
            usable = {test for test in measured["took"] if _name(test) not in timed(file)} - set(measured["failed"])
            for ids, into in ((seen & usable, first), (usable - seen, rest)):
                if seen and ids:
                    seconds = measured["loaded"] + sum(measured["took"][test] + _A_TEST for test in ids)
                    into.append(mutant_runs.Choice(file, frozenset(ids), seconds if self._is_as_measured(file) else seconds / 1000))
        return [*sorted(first, key=_worth), *sorted(rest, key=_worth)]


@cache
def timed(file: str) -> frozenset[str]:
    """The tests of a file that measure time: they may fail on a busy machine, whatever the code is."""
    tree = ast.parse((mutant_runs.TESTS / f"{file}.py").read_text(encoding="utf-8"))
    tests = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))
    return frozenset(test.name for test in tests if _CLOCK.search(ast.unparse(test)))


def _name(test: str) -> str:
    return test.partition("[")[0].rpartition("::")[2]


def _worth(choice: mutant_runs.Choice) -> float:
    """How soon a file is to run: many tests that run a line are likely to notice it, but a file of few may do so at once."""
    return choice.seconds / sqrt(len(choice.ids))


def _digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


def lines_of(tree: ast.Module, line: int) -> range:
    """The lines of the statement in which a line stands; of one with a body, those of its head."""
    spans = [_head(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    return min((span for span in spans if line in span), key=len, default=range(line, line + 1))


def _head(node: ast.stmt) -> range:
    body = getattr(node, "body", None)
    last = node.end_lineno or node.lineno
    if isinstance(body, list) and body:
        last = max(node.lineno, body[0].lineno - 1)
    return range(node.lineno, last + 1)

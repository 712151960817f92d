"""The suite as the Python of the pages runs it: without the laws, and with what cannot run there named in `docs/howto/serve_pages.md`.

The table of that page is checked: every test that fails must be in it, with the error that it says, and everything in it must fail so.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from attrs import field, frozen, mutable

__all__ = ["Cannot", "Suite", "read_table", "run"]

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "howto" / "serve_pages.md"
HEADING = "## What cannot run in a browser"
NOT_RUN = "not run"
"""What the table says of tests that would end Python, or that measure time."""
OPTIONS = (
    *("--noconftest", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib --strict-markers", "-m", "not thorough", "-q"),
    *("--tb=short", "--show-capture=no", "--no-header", "--continue-on-collection-errors"),
)
_ROW = re.compile(r"\| (?P<why>[^|]+) \| (?P<seen>[^|]+) \| (?P<tests>[^|]+) \|")
_CODE = re.compile(r"`([^`]+)`")


@frozen
class Cannot:
    """A reason why some tests cannot run.

    Attributes:
        seen: Errors of which a test that fails shows one; empty if its tests are not run at all.

        tests: The files of the tests, without their ending and perhaps with a star, or single tests below them.
    """

    seen: tuple[str, ...]
    tests: tuple[str, ...]


def read_table(text: str) -> list[Cannot]:
    """The reasons in the table of the page."""
    _, _, section = text.partition(HEADING)
    rows = list(_ROW.finditer(section.partition("\n## ")[0]))[2:]  # without the heads and the line below them
    return [Cannot(() if row["seen"] == NOT_RUN else tuple(_CODE.findall(row["seen"])), tuple(_CODE.findall(row["tests"]))) for row in rows]


@mutable
class Suite:
    """A plugin of pytest that leaves out laws and what is not run, and compares failures with the table.

    Attributes:
        table: What cannot run.

        failed: The tests and files that failed, each with all that pytest shows of it.
    """

    table: list[Cannot]
    failed: list[tuple[str, str]] = field(factory=list)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Laws look for examples of their own, which takes too long in a browser; the other sessions run them."""
        from hypothesis import is_hypothesis_test  # pytest wants to be the first to import it

        left_out: list[pytest.Item] = []
        kept: list[pytest.Item] = []
        for item in items:
            law = is_hypothesis_test(getattr(item, "obj", None))
            (left_out if law or self._is_not_run(item.nodeid) else kept).append(item)
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept

    def _is_not_run(self, test: str) -> bool:
        return any(_is_of(test, name) for cannot in self.table if not cannot.seen for name in cannot.tests)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be imported."""
        self._note(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails."""
        self._note(report)

    def _note(self, report: Any) -> None:
        if report.failed:
            self.failed.append((report.nodeid, "\n".join([report.longreprtext, *(text for _, text in report.sections)])))

    def faults(self) -> Iterator[str]:
        """What is in the table and did not fail, and the other way round."""
        expected = [(seen, name) for cannot in self.table for seen in cannot.seen for name in cannot.tests]
        for test, shown in self.failed:
            if not any(seen in shown and _is_of(test, name) for seen, name in expected):
                yield f"{test} failed, and {PAGE.name} does not say why:\n{shown[-800:]}"
        for cannot in self.table:
            for name in cannot.tests if cannot.seen else ():
                if not any(_is_of(test, name) and any(seen in shown for seen in cannot.seen) for test, shown in self.failed):
                    yield f"{PAGE.name} says that {name} cannot run because of {' or '.join(cannot.seen)}, but it can"


def _is_of(test: str, name: str) -> bool:
    """Whether a test is one of a file, a class or a function that the table names. A star stands for any part of the name of a file."""
    file, *below = name.split("::")
    if "*" in file:
        return fnmatchcase(test.partition("::")[0], f"tests/{file}.py")
    start = "::".join((f"tests/{file}.py", *below))
    return test == start or test.startswith((f"{start}::", f"{start}["))


def run(arguments: Sequence[str]) -> int:
    """Runs the suite. The status is 0 if exactly that fails which the page names."""
    suite = Suite(read_table(PAGE.read_text(encoding="utf-8")))
    pytest.main([*OPTIONS, *arguments], plugins=[suite])
    lines = list(suite.faults()) or [f"{len(suite.failed)} tests and files cannot run here, as {PAGE.name} says; all others hold."]
    sys.stdout.write("\n".join([*lines, ""]))
    return bool(list(suite.faults()))

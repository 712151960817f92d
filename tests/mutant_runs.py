"""Runs chosen tests on one mutant at a time, each in a process of its own; `tests/code_mutants.py` says which.

A process that has pytest and hypothesis loaded, but not this package, forks for every mutant. The child imports the package with
the text of one module changed in memory, so that nothing is written to the source, and every constant and cache is computed by the
changed code.
"""

from __future__ import annotations

import gc
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field, frozen
from hypothesis import Phase, settings

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src"
PACKAGE = "tarlatamab_rules"
SLOW = frozenset(
    {"test_mutation", "test_code_mutants", "test_tutorials", "test_performance_page", "test_docs", "test_plot", "test_command_line"}
    | {"test_calendar_elsewhere", "test_cohort_engines", "test_page", "test_page_suite", "test_printed", "test_records_elsewhere"}
)
"""Files that change rows, build pages or draw, or that start the package in another process, where no mutant is; steps of their own."""

OPTIONS = ("-q", "-n", "0", "-p", "no:cacheprovider", "-p", "no:faulthandler", "-W", "ignore::pytest.PytestAssertRewriteWarning")
"""The last: hypothesis is loaded before pytest can rewrite its assertions, which no test needs."""

_MEMORY = 6 << 30
LEAST_SECONDS = 10.0
PATIENCE = 20
"""A test may take so many times its usual processor time, and these seconds more."""


@frozen
class Choice:
    """Tests of one file.

    Attributes:
        file: The name of the file, without its ending.

        ids: The tests.

        seconds: How long they take, with loading the file.
    """

    file: str
    ids: frozenset[str]
    seconds: float


@frozen
class Module:
    """A module that is changed.

    Attributes:
        name: Its full name.

        path: Its file.
    """

    name: str
    path: Path


@frozen
class Outcome:
    """What became of one mutant.

    Attributes:
        status: ``killed``, ``timeout`` or ``survived``.

        by: The test that failed, or that took too long.

        tests: How many tests ran.

        seconds: How long they took.
    """

    status: str
    by: str
    tests: int
    seconds: float


@define(eq=False)
class Watch:
    """A plugin that runs the chosen tests, quickest first, and notes the first that fails."""

    usual: dict[str, float]
    new: float = 1.0
    chosen: frozenset[str] | None = None
    until: float = float("inf")
    say: Callable[..., None] = lambda **_: None
    around: Callable[[str], object] = lambda _: None
    failed: list[str] = field(factory=list)
    took: dict[str, float] = field(factory=dict)
    loaded: float = 0.0

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Keeps the chosen tests, and those that were not measured, quickest first."""
        self.loaded = time.perf_counter()
        if self.chosen is not None:
            items[:] = [item for item in items if item.nodeid in self.chosen or item.nodeid not in self.usual]
            items.sort(key=lambda item: self.usual.get(item.nodeid, 0.0))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notes a file that cannot be loaded."""
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Runs a test for a while, and measures it."""
        if time.monotonic() > self.until:
            item.session.shouldstop = "enough"
        self.say(by=item.nodeid)
        signal.setitimer(signal.ITIMER_PROF, LEAST_SECONDS + PATIENCE * self.usual.get(item.nodeid, self.new))
        self.around(item.nodeid)
        began = time.process_time()
        result = yield
        self.took[item.nodeid] = time.process_time() - began
        self.around("")
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes a test that fails."""
        if report.failed:
            self.failed.append(report.nodeid)


@define
class Changed(importlib.abc.MetaPathFinder):
    """Gives one module another text.

    Attributes:
        module: Its full name.

        text: The text.
    """

    module: str
    text: str

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """The module as it is found otherwise, with this text."""
        if fullname != self.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Text(fullname, spec.origin, self.text)
        return spec


class _Text(importlib.machinery.SourceFileLoader):
    """Loads a text in place of what the file holds."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> Any:
        return compile(self._text, self.get_filename(fullname), "exec", dont_inherit=True)


def warm() -> None:
    """Loads what every child needs, and nothing of the package."""
    plain: dict[str, Any] = {"derandomize": True, "database": None, "deadline": None, "phases": (Phase.explicit, Phase.generate)}
    settings.register_profile("mutants", **plain)
    settings.register_profile("measured", **plain, max_examples=20)
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    sys.path[:0] = [path for path in (str(SOURCE), str(TESTS)) if path not in sys.path]
    for name in ("pint", "pandas", "hypothesis.strategies", "_pytest.assertion.rewrite", "zoneinfo", "flask", "rich.console"):
        importlib.import_module(name)
    import pint

    pint.UnitRegistry()
    assert not any(name.partition(".")[0] == PACKAGE for name in sys.modules)


def run_file(file: str, watch: Watch, *options: str) -> int:
    """Runs a file of tests here, and says how pytest ended."""
    signal.setitimer(signal.ITIMER_PROF, 60)  # for loading the file
    code = int(pytest.main([*OPTIONS, *options, f"--rootdir={TESTS.parent}", str(TESTS / f"{file}.py")], plugins=[watch]))
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        msg = f"pytest ended with {code} in {file}"
        raise RuntimeError(msg)
    return code


def in_child(work: Callable[[Callable[..., None]], None], seconds: float, *, quiet: bool = True) -> tuple[dict[str, Any], int]:
    """Does some work in a fork: what it said last, and the signal that ended it, 0 for none."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        gc.freeze()  # pytest collects garbage at its end; what the parent holds would take it seconds
        os.close(read)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3) if quiet else ():
            os.dup2(null, stream)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        signal.setitimer(signal.ITIMER_REAL, seconds)
        with os.fdopen(write, "w") as pipe:

            def say(**what: Any) -> None:
                pipe.write(json.dumps(what) + "\n")
                pipe.flush()

            try:
                work(say)
            except BaseException:  # noqa: BLE001 - whatever it is, the parent hears of it: it is no mutant that was noticed
                say(error=traceback.format_exc())
            finally:
                os._exit(0)
    os.close(write)
    said: dict[str, Any] = {}
    with os.fdopen(read) as lines:
        for line in lines:
            said |= json.loads(line)
    _, status = os.waitpid(child, 0)
    if "error" in said:
        raise RuntimeError(said["error"])
    return said, os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def run(module: str, text: str, choices: list[Choice], usual: dict[str, float], budget: float) -> Outcome:
    """Runs the tests on the package with one module changed, file by file, until one fails or the time is over."""
    began = time.monotonic()

    def work(say: Callable[..., None]) -> None:
        sys.meta_path.insert(0, Changed(module, text))
        tests = 0
        for choice in choices:
            if time.monotonic() > began + budget:
                break
            say(by=f"{choice.file}.py")
            watch = Watch(usual, chosen=choice.ids, until=began + budget, say=say)
            code = run_file(choice.file, watch, "-x")
            tests += len(watch.took)
            say(tests=tests)
            if watch.failed or code not in (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED, pytest.ExitCode.NO_TESTS_COLLECTED):
                say(status="killed", by=(watch.failed or [f"{choice.file}.py"])[0])
                return
        say(status="survived", by="")

    said, ended = in_child(work, 3 * budget + 60)
    status = said.get("status") or ("timeout" if ended in (signal.SIGPROF, signal.SIGALRM) else "killed")
    return Outcome(status, said.get("by", ""), said.get("tests", 0), round(time.monotonic() - began, 1))


def failing(tests: Iterable[str], usual: dict[str, float]) -> set[str]:
    """Those of some tests that fail on the code as it is: none of them says anything about a mutant."""
    by_file: dict[str, set[str]] = {}
    for test in tests:
        by_file.setdefault(Path(test.partition("::")[0]).stem, set()).add(test)
    found: set[str] = set()
    for file, ids in sorted(by_file.items()):

        def work(say: Callable[..., None], file: str = file, ids: frozenset[str] = frozenset(ids)) -> None:
            watch = Watch(usual, chosen=ids)
            run_file(file, watch)
            say(failed=watch.failed)

        said, _ = in_child(work, 1800)
        found |= ids & set(said["failed"])
    return found

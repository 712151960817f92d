"""Runs tests on mutants inside of functions without loading anything again.

All tests are collected once. For every mutant the process forks, and the child gives the functions of one module their changed code,
and forgets what caches hold. What is computed while modules are loaded, such as a constant or a compiled table, is still that of the
unchanged code, so a mutant that is not noticed here is tried again by `mutant_runs.run`, which loads everything anew.
"""

from __future__ import annotations

import ast
import functools
import gc
import os
import signal
import time
import types
from collections.abc import Callable, Iterator
from itertools import pairwise, zip_longest
from math import inf
from typing import Any, TypeAlias

import pytest
from attrs import define, field

import mutant_runs

Swap: TypeAlias = "list[tuple[types.FunctionType, types.CodeType]]"
"""Functions, each with the code that it gets."""


@define(eq=False)
class Session:
    """A plugin: every test, collected, with *work* in the place of running them.

    Attributes:
        work: What is done with the tests.

        items: The tests by their id.

        functions: The functions of each module of the package.

        caches: The caches that functions have.

        fit: Tests that failed on a mutant, and pass if caches are emptied and nothing is changed.

        unfit: Those that fail then as well: they say nothing about a mutant.

        watch: Notes the first test that fails.
    """

    work: Callable[[Session], None]
    items: dict[str, pytest.Item] = field(factory=dict)
    functions: dict[str, list[types.FunctionType]] = field(factory=dict)
    caches: list[Any] = field(factory=list)
    fit: set[str] = field(factory=set)
    unfit: set[str] = field(factory=set)
    watch: mutant_runs.Watch = field(factory=lambda: mutant_runs.Watch({}))

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Does the work."""
        self.items = {item.nodeid: item for item in session.items}
        gc.collect()
        for each in gc.get_objects():
            if isinstance(each, types.FunctionType) and str(each.__module__).partition(".")[0] == mutant_runs.PACKAGE:
                self.functions.setdefault(each.__module__, []).append(each)
            elif isinstance(each, functools._lru_cache_wrapper):
                self.caches.append(each)
        gc.freeze()
        self.work(self)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes a test that fails."""
        self.watch.pytest_runtest_logreport(report)

    def run(
        self, place: mutant_runs.Module, text: str, tests: list[str], usual: dict[str, float], budget: float
    ) -> mutant_runs.Outcome | None:
        """What becomes of a mutant by these tests, in their order; ``None`` if it is not inside of a function."""
        codes = swapped(place.path.read_text(encoding="utf-8"), text, str(place.path))
        if codes is None:
            return None
        functions = [(each, new) for each in self.functions[place.name] if (new := codes.get(each.__code__)) is not None]
        while True:
            unmeasured = [test for test in self.items if test not in usual]
            outcome = self._run(
                functions, [test for test in [*unmeasured, *tests] if test in self.items and test not in self.unfit], usual, budget
            )
            if outcome.status != "killed" or self._is_fit(outcome.by, usual):
                return outcome
            self.unfit.add(outcome.by)

    def _is_fit(self, test: str, usual: dict[str, float]) -> bool:
        """Whether a test passes if caches are emptied, and nothing else is done."""
        if test not in self.fit and self._run([], [test], usual, 60).status == "survived":
            self.fit.add(test)
        return test in self.fit

    def _run(self, functions: Swap, tests: list[str], usual: dict[str, float], budget: float) -> mutant_runs.Outcome:
        began = time.monotonic()

        def work(say: Callable[..., None]) -> None:
            for function, new in functions:
                function.__code__ = new
            for each in self.caches:
                each.cache_clear()
            ran = 0
            for test in tests:
                if time.monotonic() > began + budget:
                    break
                say(by=test, tests=ran)
                signal.setitimer(signal.ITIMER_PROF, mutant_runs.LEAST_SECONDS + mutant_runs.PATIENCE * usual.get(test, 1.0))
                item = self.items[test]
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                ran += 1
                if self.watch.failed:
                    say(status="killed", by=self.watch.failed[0], tests=ran)
                    return
            say(status="survived", by="", tests=ran)

        said, ended = mutant_runs.in_child(work, 3 * budget + 60)
        status = said.get("status") or ("timeout" if ended in {signal.SIGPROF, signal.SIGALRM} else "killed")
        return mutant_runs.Outcome(status, said.get("by", ""), said.get("tests", 0), round(time.monotonic() - began, 1))


def collected(files: list[str], work: Callable[[Session], None]) -> None:
    """Collects the tests of some files and does *work* with them."""
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    paths = [str(mutant_runs.TESTS / f"{file}.py") for file in files]
    code = pytest.main([*mutant_runs.OPTIONS, f"--rootdir={mutant_runs.TESTS.parent}", *paths], plugins=[Session(work)])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
        msg = f"pytest ended with {code}"
        raise RuntimeError(msg)


def in_turns(choices: list[mutant_runs.Choice], usual: dict[str, float]) -> list[str]:
    """The tests of all files in turns, the quickest of all files first."""
    found: list[str] = []
    for least, most in pairwise((-1.0, 0.02, 0.1, 0.5, inf)):
        files = [sorted((test for test in choice.ids if least < usual[test] <= most), key=usual.__getitem__) for choice in choices]
        found += [test for tests in zip_longest(*files) for test in tests if test is not None]
    return found


def swapped(before: str, after: str, path: str) -> dict[types.CodeType, types.CodeType] | None:
    """By the code of each function before, that after; ``None`` if something outside of functions is changed."""
    if _outside(before) != _outside(after):
        return None
    pairs = zip(*(list(_functions(compile(text, path, "exec", dont_inherit=True))) for text in (before, after)), strict=True)
    return {old: new for old, new in pairs if old != new}


def _outside(text: str) -> str:
    """A module without what its functions do."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = [ast.Pass()]
    return ast.dump(tree)


def _functions(code: types.CodeType) -> Iterator[types.CodeType]:
    """The outermost functions, and methods, of a module."""
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            if part.co_flags & 0x2:  # new locals: a function, and no body of a class
                yield part
            else:
                yield from _functions(part)

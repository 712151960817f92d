"""Mutants of code: change the functions at the centre, one thing at a time, and see that a test fails.

    python tests/code_mutants.py

measures once which test runs which line, tries the sample, and writes `docs/reference/code_mutation.json` and the page beside it. It goes
on where it was stopped; ``--again survived`` tries those again that no test noticed. The operators are those of cosmic-ray, and a few of
ours; the dependency group ``mutants`` has it.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import asdict, define, frozen

import mutant_coverage
import mutant_runs
import mutant_swaps
from code_mutation_page import explained, figures, page
from code_operators import applied, positions

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / mutant_runs.PACKAGE
CENTRE = (
    "assessment/*.py",
    "rules/*.py",
    "core/asking.py",
    "core/axes.py",
    "core/decisions.py",
    "core/intervals.py",
    "core/tables.py",
    "inputs/_unit_text.py",
    "inputs/events.py",
    "inputs/findings.py",
    "inputs/labs.py",
    "inputs/units.py",
    "rulebooks/_joining.py",
)
"""What is changed: the modules that match, wherever a folder of the package is."""

SEED = "tarlatamab"
SIZE = 300
FIGURES = ROOT / "docs" / "reference" / "code_mutation.json"
PAGE = FIGURES.with_suffix(".md")
STATE = ROOT / "build" / "code_mutants"
BUDGET = 90.0
"""For so many seconds the tests of one mutant run, the most telling first."""

_CACHES = frozenset({"cache", "lru_cache", "overload", "override", "final", "runtime_checkable"})


@frozen
class Mutant:
    """One change of one line.

    Attributes:
        module: The name of the module, without the folders, which may change.

        function: The function or class, with those around it; empty at the top of the module.

        operator: What was done.

        line: The line before, without its indentation.

        nth: Which of the same changes of the same line it is.
    """

    module: str
    function: str
    operator: str
    line: str
    nth: int

    @property
    def rank(self) -> str:
        """Where it stands in the draw: this does not change if other code does, or if the module moves."""
        return hashlib.sha256("\n".join([SEED, self.function, self.operator, self.line, str(self.nth)]).encode()).hexdigest()


@frozen
class Place:
    """Where a mutant is.

    Attributes:
        path: The file.

        at: The line and the column.

        occurrence: Which of the places of its operator it is, in the file.
    """

    path: Path
    at: tuple[int, int]
    occurrence: int


def mutants(path: Path, text: str) -> Iterator[tuple[Mutant, Place]]:
    """Every mutant of one module."""
    tree = ast.parse(text)
    lines = text.splitlines()
    out = list(left_out(tree, lines))
    owners = dict(_owners(tree))
    counts: Counter[Mutant] = Counter()
    for operator, occurrence, at in positions(text):
        if any(low <= at < high for low, high, _ in out):
            continue
        first = Mutant(path.stem, owners.get(at[0], ""), operator, lines[at[0] - 1].strip(), 0)
        counts[first] += 1
        yield Mutant(first.module, first.function, operator, first.line, counts[first]), Place(path, at, occurrence)


def sample(paths: list[Path], size: int) -> list[tuple[Mutant, Place]]:
    """So many mutants, not two of them at one place."""
    everything = [each for path in paths for each in mutants(path, path.read_text(encoding="utf-8"))]
    everything.sort(key=lambda each: each[0].rank)
    drawn: dict[tuple[Path, tuple[int, int]], tuple[Mutant, Place]] = {}
    for mutant, place in everything:
        drawn.setdefault((place.path, place.at), (mutant, place))
    return list(drawn.values())[:size]


def centre() -> list[Path]:
    """The modules that are changed."""
    found = {path for pattern in CENTRE for path in [*PACKAGE.glob(pattern), *PACKAGE.glob(f"*/{pattern}")]}
    return sorted(path for path in found if path.name != "__init__.py" and path.parent.name not in {"views", "formats"})


def left_out(tree: ast.Module, lines: list[str]) -> Iterator[tuple[tuple[int, int], tuple[int, int], str]]:
    """What is not changed, from where to where, and why."""
    for node in ast.walk(tree):
        for part, why in _left_out(node):
            assert part.end_lineno is not None
            assert part.end_col_offset is not None
            column = _column(lines, part.lineno, part.col_offset)
            at_sign = lines[part.lineno - 1][:column].endswith("@")
            yield (part.lineno, column - at_sign), (part.end_lineno, _column(lines, part.end_lineno, part.end_col_offset)), why


def _left_out(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    if isinstance(node, ast.FunctionDef):
        yield from ((part, "an annotation") for part in [node.returns] if part)
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield from ((part, "a decorator that only keeps results, or is for type checkers") for part in node.decorator_list if _keeps(part))
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
        yield node.annotation, "an annotation"
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).endswith("TypeAlias") and node.value:
        yield node.value, "a type"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and _is_type(node):
        yield node, "a type"
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        yield node, "the list of public names"
    if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "not TYPE_CHECKING"}:
        yield node, "for type checkers"
    if isinstance(node, ast.JoinedStr):
        yield node, "the text of a message"


def _keeps(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).partition("(")[0].rpartition(".")[2] in _CACHES


def _is_type(union: ast.BinOp) -> bool:
    """Whether it is types that are joined: the last of them has a capital letter, or is built in."""
    last = ast.unparse(union.right)
    return last in {"None", "int", "float", "str"} or (isinstance(union.right, ast.Name | ast.Attribute) and last[0].isupper())


def _column(lines: list[str], line: int, offset: int) -> int:
    return len(lines[line - 1].encode()[:offset].decode())


def _owners(tree: ast.AST, within: str = "") -> Iterator[tuple[int, str]]:
    """The function of each line; inner ones after outer ones."""
    for node in ast.iter_child_nodes(tree):
        name = within
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            name = f"{within}.{node.name}".lstrip(".")
            yield from ((line, name) for line in range(node.lineno, (node.end_lineno or node.lineno) + 1))
        yield from _owners(node, name)


def results(path: Path) -> dict[Mutant, dict[str, Any]]:
    """What was found before; of one mutant the last."""
    if not path.exists():
        return {}
    found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {Mutant(*(each[key] for key in ("module", "function", "operator", "line", "nth"))): each for each in found}


@frozen
class Try:
    """A mutant on its way.

    Attributes:
        mutant: The mutant.

        module: The module that is changed.

        changed: What its text becomes.

        choices: The tests that run the line.
    """

    mutant: Mutant
    module: mutant_runs.Module
    changed: str
    choices: list[mutant_runs.Choice]

    @classmethod
    def of(cls, mutant: Mutant, place: Place, coverages: mutant_coverage.Coverages) -> Try:
        """The change made, and the tests chosen."""
        text = place.path.read_text(encoding="utf-8")
        name = ".".join(place.path.relative_to(PACKAGE.parent).with_suffix("").parts)
        choices = coverages.choose(place.path, mutant_coverage.lines_of(ast.parse(text), place.at[0]))
        return cls(mutant, mutant_runs.Module(name, place.path), applied(text, mutant.operator, place.occurrence), choices)

    def anew(self, usual: dict[str, float], budget: float) -> dict[str, Any]:
        """What becomes of it if everything is loaded anew."""
        return self._told(mutant_runs.run(self.module.name, self.changed, self.choices, usual, budget))

    def swapped(self, session: mutant_swaps.Session, usual: dict[str, float], budget: float) -> dict[str, Any] | None:
        """What becomes of it by tests that are loaded; ``None`` if that cannot be told."""
        outcome = session.run(self.module, self.changed, mutant_swaps.in_turns(self.choices, usual), usual, budget)
        return None if outcome is None else self._told(outcome)

    def _told(self, outcome: mutant_runs.Outcome) -> dict[str, Any]:
        changed = changed_line(self.module.path.read_text(encoding="utf-8"), self.changed)
        return {**asdict(self.mutant), "changed": changed, **asdict(outcome)}


def changed_line(text: str, changed: str) -> str:
    """What the change has made of its lines."""
    before, after = text.splitlines(), changed.splitlines()
    start = next(n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    end = 0
    while end < min(len(before), len(after)) - start - 1 and before[-1 - end] == after[-1 - end]:
        end += 1
    return " ".join(line.strip() for line in after[start : len(after) - end]) or "(left out)"


@define
class Trial:
    """The sample on its way.

    Attributes:
        drawn: The sample.

        coverages: Which test runs which line.

        until: When to stop.

        budget: How many seconds the tests of one mutant may take.
    """

    drawn: list[tuple[Mutant, Place]]
    coverages: mutant_coverage.Coverages
    until: float
    budget: float

    @property
    def _kept(self) -> Path:
        return self.coverages.folder / "results.jsonl"

    def left(self, *statuses: str) -> list[tuple[Mutant, Place]]:
        """Those that were not tried, and those that came to one of some statuses; none if the time is over."""
        done = results(self._kept)
        over = time.monotonic() > self.until
        return [] if over else [each for each in self.drawn if each[0] not in done or done[each[0]]["status"] in statuses]

    def by_what_is_loaded(self, again: str) -> None:
        """Tries those inside of functions; in a process of its own, since this one must not load the package."""
        usual = self.coverages.usual()
        left = [each for each in self.left(again) if not explained(asdict(each[0]))]

        def work(session: mutant_swaps.Session) -> None:
            for mutant, place in left:
                if time.monotonic() < self.until and (result := Try.of(mutant, place, self.coverages).swapped(session, usual, self.budget)):
                    self._keep(result)

        if left:
            mutant_runs.in_child(lambda _: mutant_swaps.collected(self.coverages.files, work), 3600, quiet=False)

    def anew(self) -> None:
        """Tries the others, and those that were not noticed and are not explained, with everything loaded anew."""
        usual = self.coverages.usual()
        for mutant, place in self.left("survived"):
            if time.monotonic() < self.until and not explained(asdict(mutant)):
                self._keep(Try.of(mutant, place, self.coverages).anew(usual, self.budget))

    def _keep(self, result: dict[str, Any]) -> None:
        with self._kept.open("a", encoding="utf-8") as log:
            log.write(json.dumps(result) + "\n")
        print(f"{result['status']} {result['module']}: {result['changed']} [{result['by']}]", flush=True)

    def finished(self) -> list[dict[str, Any]]:
        """The results of all; empty while some are left, or if a test that noticed one fails on the code as it is."""
        done = results(self._kept)
        killers = {result["by"] for result in done.values() if result["status"] == "killed"}
        if missing := [mutant for mutant, _ in self.drawn if mutant not in done]:
            print(f"{len(missing)} are left: the same command goes on with them")
        elif doubtful := mutant_runs.failing(killers, self.coverages.usual()):
            print(f"these fail on the code as it is, and what they noticed does not count: {', '.join(sorted(doubtful))}")
        else:
            return [done[mutant] for mutant, _ in self.drawn]
        return []


def publish(found: list[dict[str, Any]]) -> bool:
    """Writes the figures and the page; whether each that was not noticed is explained."""
    published = figures(SEED, found)
    FIGURES.write_text(json.dumps(published, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(published), encoding="utf-8")
    unexplained = [each for each in published["survivors"] if not each["why"]]
    noticed = f"{published['killed']} killed, {published['timeout']} by time"
    print(f"{noticed}, {published['survived']} survived, {len(unexplained)} not explained")
    return not unexplained


def main() -> int:
    """Tries what was not tried, until the time is over, and publishes if nothing is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--again", default="", help="the status of those to be tried again: survived, timeout or killed")
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--budget", type=float, default=BUDGET, help="how many seconds the tests of a mutant may take")
    parser.add_argument("--as-measured", action="store_true", help="do not measure again what changed since: new tests run first")
    arguments = parser.parse_args()
    until = time.monotonic() + 60 * arguments.minutes
    mutant_runs.warm()
    coverages = mutant_coverage.Coverages(STATE)
    if not arguments.as_measured:
        coverages.collect(sorted(mutant_runs.TESTS.glob("test_*.py")))
    trial = Trial(sample(centre(), arguments.size), coverages, until, arguments.budget)
    trial.by_what_is_loaded(arguments.again)
    trial.anew()
    found = trial.finished()
    return 0 if found and publish(found) else 1


if __name__ == "__main__":
    sys.exit(main())

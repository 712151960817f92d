"""Code is changed where a change can give another answer, and the tests that run it say whether it is noticed."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("cosmic_ray", reason="cosmic-ray is in the dependency group mutants")

import code_mutants
import code_mutation_page
import mutant_coverage
import mutant_runs
from code_operators import applied, positions

PLANTED = '''\
"""A planted module."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    LIMIT = 1

__all__ = ["count", "is_old", "shown"]


def is_old(age: int | None) -> bool:
    """Whether someone is 65 years old or older."""
    return age is not None and age >= 65


@cache
def shown(age: int) -> str:
    return f"{age + 1} years"


def count(number: int) -> int:
    steps = 0
    while number > 0:
        number -= 1
        steps += 1
    return steps
'''
CASES = """\
from planted.ages import count, is_old


def test_old() -> None:
    assert is_old(70)
    assert not is_old(60)
    assert not is_old(None)


def test_count() -> None:
    assert count(3) == 3


def test_red() -> None:
    raise AssertionError
"""
PUBLISHED: dict[str, Any] = json.loads(code_mutants.FIGURES.read_text(encoding="utf-8"))


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of one module, and a file of tests, in place of ours."""
    module = tmp_path / "src" / "planted" / "ages.py"
    module.parent.mkdir(parents=True)
    (module.parent / "__init__.py").touch()
    module.write_text(PLANTED, encoding="utf-8")
    (tmp_path / "test_ages.py").write_text(CASES, encoding="utf-8")
    for name, value in (("SOURCE", tmp_path / "src"), ("TESTS", tmp_path), ("PACKAGE", "planted"), ("LEAST_SECONDS", 0.5)):
        monkeypatch.setattr(mutant_runs, name, value)
    monkeypatch.setattr(code_mutants, "PACKAGE", tmp_path / "src" / "planted")
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    yield module
    assert not any(name.startswith("planted") for name in sys.modules)


def outcome_of(module: Path, operator: str, line: str) -> dict[str, Any]:
    """What became of the one change of a line by an operator."""
    coverages = mutant_coverage.Coverages(module.parents[2] / "kept")
    coverages.collect([module.parents[2] / "test_ages.py"])
    ((mutant, place),) = (
        each for each in code_mutants.mutants(module, PLANTED) if (each[0].operator, each[0].line, each[0].nth) == (operator, line, 1)
    )
    return code_mutants.Try.of(mutant, place, coverages).anew(coverages.usual(), 20)


AGE = "return age is not None and age >= 65"


@pytest.mark.parametrize(
    ("operator", "line", "status", "by"),
    [
        ("ReplaceComparisonOperator_GtE_Lt", AGE, "killed", "test_ages.py::test_old"),
        ("DropOperand", AGE, "killed", "test_ages.py::test_old"),
        ("ReplaceComparisonOperator_GtE_Gt", AGE, "survived", ""),
        ("ReplaceComparisonOperator_Gt_LtE", "while number > 0:", "killed", "test_ages.py::test_count"),
        ("NumberReplacer", "number -= 1", "killed", "test_ages.py::test_count"),
    ],
)
def test_what_becomes_of_a_change(planted: Path, operator: str, line: str, status: str, by: str) -> None:
    """No test has somebody of 65, so that edge is not noticed; a test that fails on the code as it is notices nothing."""
    found = outcome_of(planted, operator, line)
    assert (found["status"], found["by"].rpartition("/")[2]) == (status, by)
    assert planted.read_text(encoding="utf-8") == PLANTED


def test_without_end(planted: Path) -> None:
    """A change after which a test never ends is noticed by its time."""
    text = PLANTED.replace("number -= 1", "number -= 0")
    usual = {f"{planted.parents[2].name}/test_ages.py::test_{name}": 0.01 for name in ("count", "old", "red")}
    first = next(iter(usual))
    found = mutant_runs.run("planted.ages", text, [mutant_runs.Choice("test_ages", frozenset((first,)), 1.0)], usual, 20)
    assert (found.status, found.by) == ("timeout", first)


def test_what_fails_as_it_is(planted: Path) -> None:
    """A test that fails on the code as it is is named."""
    green, red = (f"{planted.parents[2].name}/test_ages.py::test_{name}" for name in ("old", "red"))
    assert mutant_runs.failing({green, red}, {green: 0.1, red: 0.1}) == {red}


def test_what_is_left_out(tmp_path: Path) -> None:
    """Types, public names, what type checkers read, messages and decorators that keep results are not changed."""
    changed = {mutant.line for mutant, _ in code_mutants.mutants(tmp_path / "ages.py", PLANTED)}
    assert changed == {AGE, "steps = 0", "while number > 0:", "number -= 1", "steps += 1"}


@pytest.mark.parametrize(
    ("operator", "text", "changed"),
    [
        ("DropOperand", "x = a and b and c", {"x = (b and c)", "x = (a and c)", "x = (a and b)"}),
        ("DropOperand", "x = a or b", {"x = (b)", "x = (a)"}),
        ("SwapMembership", "x = a in b", {"x = a not in b"}),
        ("SwapMembership", "x = a not in b", {"x = a in b"}),
        ("DropFilter", "x = [a for a in b if a]", {"x = [a for a in b if True]"}),
        ("DropElement", "x = {a, b}", {"x = { b,}", "x = {a,}"}),
        ("DropElement", "x = {a: 1, b: 2}", {"x = { b: 2,}", "x = {a: 1,}"}),
        ("DropElement", "x = [a]", set()),
        ("DropCall", "f(a)", {"pass"}),
        ("DropCall", "def g():\n    yield 1", {"def g():\n    yield from ()"}),
        ("ReplaceAndWithOr", "x = a and b", {"x = a or b"}),
        ("NumberReplacer", "x = 1", {"x = 2", "x = 0"}),
    ],
)
def test_operators(operator: str, text: str, changed: set[str]) -> None:
    """What each operator of ours makes of a line, and two of cosmic-ray."""
    found = {applied(text + "\n", operator, n).rstrip("\n") for name, n, _ in positions(text + "\n") if name == operator}
    assert found == changed


def test_the_draw_does_not_hang_on_where_code_stands(tmp_path: Path) -> None:
    """A module that moves, or a line further down, does not change what is drawn."""
    one, other = tmp_path / "ages.py", tmp_path / "elsewhere" / "years.py"
    other.parent.mkdir()
    one.write_text(PLANTED, encoding="utf-8")
    other.write_text(PLANTED.replace("__all__", "\n\n__all__"), encoding="utf-8")
    drawn = [[(mutant.operator, mutant.line, mutant.nth) for mutant, _ in code_mutants.sample([path], 6)] for path in (one, other)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn[0])) == 6


def test_lines_of_a_statement() -> None:
    """A condition over several lines is run with any of them; a body is not part of its head."""
    tree = ast.parse("if (\n    a\n    and b\n):\n    c = 1\n")
    assert (mutant_coverage.lines_of(tree, 2), mutant_coverage.lines_of(tree, 5)) == (range(1, 5), range(5, 6))


def test_published() -> None:
    """At least 95 of 100 changes are noticed, at least 300 were tried, each other one is explained, and the page says so."""
    noticed = PUBLISHED["killed"] + PUBLISHED["timeout"]
    assert PUBLISHED["sample"] == noticed + PUBLISHED["survived"] >= 300
    assert noticed >= 0.95 * PUBLISHED["sample"]
    assert all(each["why"] for each in PUBLISHED["survivors"])
    assert len(PUBLISHED["survivors"]) == PUBLISHED["survived"]
    assert code_mutants.PAGE.read_text(encoding="utf-8") == code_mutation_page.page(PUBLISHED)


def test_no_explanation_is_left_over() -> None:
    """What is explained is a change that was tried, and whose line stands in the package, or what has become of it is said."""
    lines = {line.strip() for path in code_mutants.PACKAGE.rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()}
    for each in code_mutation_page.explanations():
        assert each["line"] in lines or each["since"]
        assert any(each["line"] == survivor["line"] for survivor in PUBLISHED["survivors"])

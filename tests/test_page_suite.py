"""What is said to be unable to run in a browser is compared with what does not run there, both ways."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from page_suite import HEADING, PAGE, ROOT, Cannot, Suite, read_table

TABLE = f"""# A page

| why | what is seen | tests |
| --- | --- | --- |
| another table | `x` | `test_x` |

{HEADING}

Words, and `code`.

| why | what is seen | tests |
| --- | --- | --- |
| It has no processes. | `no processes` | `test_a`, `test_b::TestB::test_c` |
| It has no such package. | `'pandas'`, `'numpy'` | `test_d` |
| It has no frames. | `'polars'` | `test_f_*` |
| It ends. | not run | `test_e::test_deep[1]` |

## More

| why | what is seen | tests |
| - | - | `test_y` |
"""


def report(test: str, text: str, *, failed: bool = True, log: str = "") -> Any:
    """What pytest reports."""
    return SimpleNamespace(nodeid=test, failed=failed, longreprtext=text, sections=[("log", log)] if log else [])


def test_the_table_is_read() -> None:
    """The rows below the heading, and no others."""
    assert read_table(TABLE) == [
        Cannot(("no processes",), ("test_a", "test_b::TestB::test_c")),
        Cannot(("'pandas'", "'numpy'"), ("test_d",)),
        Cannot(("'polars'",), ("test_f_*",)),
        Cannot((), ("test_e::test_deep[1]",)),
    ]


def test_what_is_named_may_fail() -> None:
    """A file that cannot be imported, tests of it, a test with its cases, an error in what a test has logged; what passes says nothing."""
    suite = Suite(read_table(TABLE))
    suite.pytest_runtest_logreport(report("tests/test_a.py::test_1", "OSError: no processes"))
    suite.pytest_runtest_logreport(report("tests/test_a.py::test_2", "", failed=False))
    suite.pytest_runtest_logreport(report("tests/test_b.py::TestB::test_c[2]", "assert 3 == 0", log="no processes"))
    suite.pytest_collectreport(report("tests/test_d.py", "No module named 'numpy'"))
    suite.pytest_collectreport(report("tests/test_f_1.py", "No module named 'polars'"))
    suite.pytest_runtest_logreport(report("tests/test_f_2.py::TestF::test_1[a]", "No module named 'polars'"))
    assert list(suite.faults()) == []


@pytest.mark.parametrize(
    ("test", "text"),
    [
        ("tests/test_b.py::TestB::test_other", "no processes"),
        ("tests/test_ab.py::test_1", "no processes"),
        ("tests/test_b.py::TestB::test_cc", "no processes"),
        ("tests/test_a.py::test_1", "assert 1 == 2"),
        ("tests/test_d.py::test_1", "no processes"),
        ("tests/test_a.py::test_1", ""),
        ("tests/test_g_f_1.py", "'polars'"),
        ("tests/test_f_1.py", "'pandas'"),
    ],
)
def test_what_is_not_named_must_not_fail(test: str, text: str) -> None:
    """Another test, a name that begins alike, and another error than the one that is named."""
    suite = Suite(
        read_table(TABLE), failed=[("tests/test_a.py", "no processes"), ("tests/test_b.py::TestB::test_c", "no processes"), (test, text)]
    )
    suite.failed += [("tests/test_d.py", "'pandas'"), ("tests/test_f_1.py", "'polars'")]
    (fault,) = suite.faults()
    assert fault.startswith(f"{test} failed, and serve_pages.md does not say why")


def test_what_is_named_must_fail() -> None:
    """A test that can run after all is named, so that the table stays true."""
    suite = Suite(read_table(TABLE), failed=[("tests/test_a.py::test_1", "no processes"), ("tests/test_d.py", "'numpy'")])
    suite.failed.append(("tests/test_f_1.py", "'polars'"))
    assert list(suite.faults()) == ["serve_pages.md says that test_b::TestB::test_c cannot run because of no processes, but it can"]


def test_laws_and_what_is_not_run_are_left_out() -> None:
    """A law looks for examples of its own; what would end Python is not begun."""
    dropped: list[Any] = []
    config = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda *, items: dropped.extend(items)))
    law = SimpleNamespace(nodeid="tests/test_a.py::test_law", obj=SimpleNamespace(is_hypothesis_test=True))
    deep, flat = (SimpleNamespace(nodeid=f"tests/test_e.py::test_deep[{n}]", obj=None) for n in (1, 10))
    items: list[Any] = [law, deep, flat]
    Suite(read_table(TABLE)).pytest_collection_modifyitems(config, items)  # type: ignore[arg-type]  # as much of it as is used
    assert items == [flat]
    assert dropped == [law, deep]


def test_every_name_is_a_test() -> None:
    """Each class and function in the table of the page is in its file. A file that is not there fails in the run itself."""
    table = read_table(PAGE.read_text(encoding="utf-8"))
    assert len(table) > 2
    for name in (name for cannot in table for name in cannot.tests):
        file, *below = name.partition("[")[0].split("::")
        for path in (ROOT / "tests").glob(f"{file}.py"):
            text = path.read_text(encoding="utf-8")
            assert all(f"class {part}" in text or f"def {part}(" in text for part in below), name

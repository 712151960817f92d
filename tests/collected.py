"""Collects which hand-written cases and tests are about which row and statement.

    python tests/collected.py

writes `src/tarlatamab_rules/traceability.json`, which the command line and the documentation read.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import spec_tables
from tarlatamab_rules import rulebooks

TESTS = Path(__file__).parent


class _Statements:
    """A plugin that notes the tests that carry ``@pytest.mark.statement(id, ...)``, each with what it says."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, str]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("statement"):
                for statement in mark.args:
                    self.found.setdefault(statement, {})[item.nodeid.partition("[")[0]] = _says(item)


def _says(item: pytest.Item) -> str:
    return " ".join((getattr(item, "function", None).__doc__ or "").split())


def collected() -> dict[str, Any]:
    """By book: the files of cases that cite each row, and the tests that carry each statement."""
    plugin = _Statements()
    with redirect_stdout(StringIO()):
        code = pytest.main(["--collect-only", "-q", "-n", "0", "-m", "", str(TESTS)], plugins=[plugin])
    assert code == pytest.ExitCode.OK
    books: dict[str, Any] = {}
    for name in rulebooks.names():
        book = rulebooks.get(name)
        of_book = [case for case in spec_tables.cases() if case.book == name]
        cites = Counter((row, f"tests/spec/{case.file}") for case in of_book for row in case.expected[2] if not row.startswith("guard/"))
        rows: dict[str, dict[str, int]] = {}
        for (row, file), times in sorted(cites.items()):
            rows.setdefault(row, {})[file] = times
        statements = {each.id: dict(sorted(plugin.found[each.id].items())) for each in book.statements if each.id in plugin.found}
        books[name] = {"rows": rows, "statements": statements}
    strangers = set(plugin.found) - {each.id for name in rulebooks.names() for each in rulebooks.get(name).statements}
    assert not strangers, f"no book has the statements {sorted(strangers)}"
    return books


if __name__ == "__main__":
    text = json.dumps(collected(), indent=1) + "\n"
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write(text)
    else:
        (TESTS.parent / "src" / "tarlatamab_rules" / "traceability.json").write_text(text, encoding="utf-8")

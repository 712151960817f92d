"""What the documentation promises, word for word, and the tests that hold it: `promises.toml`, as data and as a page.

A page is read as prose: without code, headings, comments and the targets of links. Each word of it that promises stands in a quote of
`promises.toml`: one that is promised, with its tests, or a phrase that promises nothing, with the reason.
"""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from tarlatamab_rules.views.markdown import escaped

TESTS = Path(__file__).parent
ROOT = TESTS.parent
PROMISING = re.compile(r"\b(?:never|always|every|only|refuse[sd]?|cannot|must|nothing|no \w+ (?:is|are))\b", re.IGNORECASE)
_NO_PROSE = re.compile(r"^(?:#+|%) [^\n]*$|^ *```[^\n]*\n.*?^ *``` *$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_TITLE = re.compile(r"^# (.*)$", re.MULTILINE)


def read() -> dict[str, Any]:
    """What is promised, and what promises nothing, by page."""
    return tomllib.loads((TESTS / "promises.toml").read_text(encoding="utf-8"))


def prose(page: str) -> str:
    """The prose of a page in one line."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return " ".join(_LINK.sub(r"\1", _NO_PROSE.sub("", text)).split())


def unlisted(page: str, quotes: list[str]) -> list[str]:
    """The surroundings of each promising word of a page that stands in none of the quotes."""
    text = prose(page)
    spans = [found.span() for quote in quotes for found in re.finditer(re.escape(quote), text)]
    return [
        text[max(0, word.start() - 60) : word.end() + 60]
        for word in PROMISING.finditer(text)
        if not any(start <= word.start() and word.end() <= end for start, end in spans)
    ]


@cache
def _tests_of(file: str) -> dict[str, str]:
    """Each test of a file, as ``Class::name``, with what it says."""
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    found = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
    for group in tree.body:
        if isinstance(group, ast.ClassDef) and group.name.startswith("Test"):
            found |= {f"{group.name}::{each.name}": each for each in group.body if isinstance(each, ast.FunctionDef)}
    named = {name: node for name, node in found.items() if name.rpartition("::")[2].startswith("test_")}
    return {name: " ".join((ast.get_docstring(node) or "").split()) for name, node in named.items()}


def says(test: str) -> str | None:
    """What a test says that it holds; nothing if there is no such test."""
    file, _, name = test.partition("::")
    return _tests_of(file).get(name) if (TESTS / file).is_file() else None


def markdown() -> str:
    """Every promise with what holds it, page by page."""
    lines: list[str] = []
    for page, promises in read()["promised"].items():
        title = _TITLE.findall((ROOT / page).read_text(encoding="utf-8"))[0]
        heading = f"[{title}](../{page.removeprefix('docs/')})" if page.startswith("docs/") else page
        lines += ["", f"## {heading}", ""]
        for quote, tests in promises.items():
            lines += [f"- “{quote}”", *(f"  - {escaped(says(test) or '')} `{test}`" for test in tests)]
    return "\n".join(lines)

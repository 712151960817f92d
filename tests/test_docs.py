"""The documentation is whole. Its examples run with these tests, by `docs/conftest.py`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tarlatamab_rules
from tarlatamab_rules import answers, policy, rulebooks
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown

DOCS = Path(__file__).parents[1] / "docs"
API = (DOCS / "reference" / "api.md").read_text(encoding="utf-8")


def public() -> list[str]:
    """The public names, each with its module; what a policy is written with as well, but for questions, facts and what stands elsewhere."""
    elsewhere = {*dir(tarlatamab_rules), *dir(answers)}
    of_policies = [name for name in dir(policy) if name not in elsewhere and not name.isupper()]
    faces = (
        ("tarlatamab_rules", dir(tarlatamab_rules)),
        ("tarlatamab_rules.answers", dir(answers)),
        ("tarlatamab_rules.policy", of_policies),
    )
    return [f"{face}.{name}" for face, names in faces for name in names]


@pytest.mark.parametrize("path", public())
def test_every_public_name_is_on_the_page_of_the_interface(path: str) -> None:
    """Each public name has one entry of its own."""
    module, _, name = path.rpartition(".")
    entry = rf"^\.\. (?:auto\w+:: {re.escape(path)}|py:\w+:: {name}\b.*\n   :module: {re.escape(module)})$"
    assert len(re.findall(entry, API, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_rulebook_is_a_page(name: str) -> None:
    """A rulebook, and the matrix of its statements, are whole pages, each with one title."""
    for page in (rulebook_markdown(name), matrix_markdown(name)):
        assert len(re.findall(r"^# .", page, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", rulebooks.names())
@pytest.mark.parametrize("page", ["reference/rulebooks/index.md", "explanation/safety.md"])
def test_every_rulebook_is_listed(page: str, name: str) -> None:
    """The list of books, and that of what is encoded and how it was read, have a line for each book."""
    lines = [line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert sum(f"`{name}`" in line or f"[{name}]({name}.md)" in line for line in lines) == 1


def test_counts_are_counted() -> None:
    """Each number that a page takes from the build, such as that of the examples, is one that the build counts."""
    pages = [*DOCS.glob("*.md"), *DOCS.glob("howto/*.md"), *DOCS.glob("explanation/*.md"), *DOCS.glob("tutorials/*.md")]
    names = {name for page in pages for name in re.findall(r"\{\{ (\w+) \}\}", page.read_text(encoding="utf-8"))}
    counted = re.search(r"def counts\(\).*?\n    \}\n", (DOCS / "_ext" / "pages.py").read_text(encoding="utf-8"), re.DOTALL)
    assert counted
    assert names
    assert [name for name in names if f'"{name}":' not in counted[0]] == []

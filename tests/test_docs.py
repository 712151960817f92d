"""The documentation is whole. Its examples run with these tests, by `docs/conftest.py`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tarlatamab_rules
from tarlatamab_rules import rulebooks
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown

API = (Path(__file__).parents[1] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(tarlatamab_rules.__all__))
def test_every_public_name_is_on_the_page_of_the_interface(name: str) -> None:
    """Each public name has one entry of its own."""
    entry = rf"^\.\. (?:auto\w+:: tarlatamab_rules\.{name}|py:\w+:: {name}\n   :module: tarlatamab_rules)$"
    assert len(re.findall(entry, API, re.MULTILINE)) == 1


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_rulebook_is_a_page(name: str) -> None:
    """A rulebook, and the matrix of its statements, are whole pages, each with one title."""
    for page in (rulebook_markdown(name), matrix_markdown(name)):
        assert len(re.findall(r"^# .", page, re.MULTILINE)) == 1

"""The pages, printed by a browser: each takes one sheet, on A4 and on Letter."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from printing import sheets_of_paper
from tarlatamab_rules import plan_course
from tarlatamab_rules.course import Sheet, checklist_page, first_sign_card, preparation_sheet

POINTS = {"A4": (595, 842), "Letter": (612, 792)}
"""The two papers in points."""

BOOKS = (None, "us-2025-11", "eu-2026")


def page(name: str, book: str | None) -> Sheet:
    """A page by its name."""
    if name == "card":
        return first_sign_card(rulebook=book)
    if name == "preparation":
        return preparation_sheet("10 mg", rulebook=book)
    return checklist_page(plan_course(date(2026, 3, 27), cycles=2, infusion_at=time(9), site_zone="Europe/Berlin", rulebook=book), name)


@pytest.mark.parametrize("paper", POINTS)
@pytest.mark.parametrize("name", ["C1D1", "card", "preparation"])
def test_one_sheet(name: str, paper: str, tmp_path: Path) -> None:
    """By the default books each page takes one sheet of either paper, and is of that size."""
    count, size = sheets_of_paper(page(name, None).to_html(paper), tmp_path)
    assert count == 1
    assert size == pytest.approx(POINTS[paper], abs=1)


@pytest.mark.thorough
@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("name", ["C1D8", "C1D15", "C2D1", "card", "preparation"])
def test_every_book(name: str, book: str | None, tmp_path: Path) -> None:
    """So does each page of the US label and of the EU label, on Letter, the shorter paper."""
    assert sheets_of_paper(page(name, book).to_html("Letter"), tmp_path)[0] == 1

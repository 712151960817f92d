"""The pages, printed by a browser: each takes one sheet, on A4 and on Letter."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from printing import sheets_of_paper, type_size
from tarlatamab_rules import DosePoint, plan_course
from tarlatamab_rules.answers import CoursePlan
from tarlatamab_rules.course import Sheet, SheetBlock, SheetLine, checklist_page, first_sign_card, preparation_sheet

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


THREE = ("precautions-2025-09 over us-2025-11 over eu-2026", "strictest of precautions-2025-09, us-2025-11, eu-2026")
LEAST = 8
"""The smallest type of a checklist in points."""


def six_cycles(book: str | None) -> CoursePlan:
    """Six cycles."""
    return plan_course(date(2026, 3, 27), cycles=6, infusion_at=time(9), site_zone="Europe/Berlin", rulebook=book)


@pytest.mark.thorough
@pytest.mark.parametrize("number", range(1, 14))
def test_every_dose(number: int, tmp_path: Path) -> None:
    """The checklist of each dose of six cycles, by the default books, takes one sheet of Letter, in type of 8 points or more."""
    html = checklist_page(six_cycles(None), DosePoint.at(number)).to_html("Letter")
    assert sheets_of_paper(html, tmp_path)[0] == 1
    assert type_size(html, tmp_path) >= LEAST


@pytest.mark.thorough
@pytest.mark.parametrize("paper", POINTS)
@pytest.mark.parametrize("book", THREE)
@pytest.mark.parametrize("point", ["C1D1", "C1D8", "C1D15", "C2D1", "C6D15"])
def test_three_books(point: str, book: str, paper: str, tmp_path: Path) -> None:
    """So does that of a stack of three books, with all that they say differently."""
    html = checklist_page(six_cycles(book), point).to_html(paper)
    assert sheets_of_paper(html, tmp_path)[0] == 1
    assert type_size(html, tmp_path) >= LEAST


def test_a_second_sheet(tmp_path: Path) -> None:
    """What does not fit in type of 8 points goes on a second sheet; nothing is set smaller, or cut off."""
    lines = tuple(SheetLine(text=f"Line {n} of very many, with words that fill a line of a column") for n in range(200))
    html = Sheet("Page", (), (SheetBlock("many", lines, signed=True),), (), columns=True).to_html("Letter")
    assert type_size(html, tmp_path) >= LEAST
    assert sheets_of_paper(html, tmp_path)[0] > 1

"""Prints a page as a browser does, and counts the sheets of paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

__all__ = ["needed", "sheets_of_paper"]


def needed(name: str, *, there: bool, why: str) -> None:
    """Skips a test if what it needs is not installed; where it must run (`nox -s paper`) the test fails instead."""
    if there:
        return
    if os.environ.get("TARLATAMAB_PAPER"):
        pytest.fail(f"{name} is missing: {why}")
    pytest.skip(f"{name} is not installed: {why}")


def sheets_of_paper(html: str, folder: Path) -> tuple[int, tuple[float, float]]:
    """How many sheets a page takes when it is printed, and the size of the first one in points."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    needed("chromium", there=chromium is not None, why="it prints the pages")
    page, printed = folder / "page.html", folder / "page.pdf"
    page.write_text(html, encoding="utf-8")
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder / 'profile'}")
    command = [str(chromium), *options, f"--print-to-pdf={printed}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    pdf = printed.read_bytes()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf)), (float(box[1]), float(box[2]))

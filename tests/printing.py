"""Prints a page as a browser does, and counts the sheets of paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

__all__ = ["needed", "sheets_of_paper", "type_size"]


def needed(name: str, *, there: bool, why: str) -> None:
    """Skips a test if what it needs is not installed; where it must run (`nox -s paper`) the test fails instead."""
    if there:
        return
    if os.environ.get("TARLATAMAB_PAPER"):
        pytest.fail(f"{name} is missing: {why}")
    pytest.skip(f"{name} is not installed: {why}")


def type_size(html: str, folder: Path) -> float:
    """The size of the type in points that the page finds for itself in a browser."""
    found = re.search(r'class="tarlatamab-sheet" style="font-size: ([\d.]+)pt', _run(html, folder, "--dump-dom").decode())
    assert found
    return float(found[1])


def sheets_of_paper(html: str, folder: Path) -> tuple[int, tuple[float, float]]:
    """How many sheets a page takes when it is printed, and the size of the first one in points."""
    printed = folder / "page.pdf"
    _run(html, folder, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    pdf = printed.read_bytes()
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    assert box
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf)), (float(box[1]), float(box[2]))


def _run(html: str, folder: Path, *options: str) -> bytes:
    """Opens a page in chromium; what that writes to its output."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    needed("chromium", there=chromium is not None, why="it prints the pages")
    page = folder / "page.html"
    page.write_text(html, encoding="utf-8")
    always = ("--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}")
    return subprocess.run([str(chromium), *always, *options, page.as_uri()], check=True, capture_output=True, timeout=120).stdout

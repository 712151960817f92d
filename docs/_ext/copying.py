"""Buttons that copy code stand on pages that developers read, and nowhere else: to other readers code is an illustration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDERS = ("howto/", "tutorials/")
PAGES = {
    "contributing",
    "explanation/performance",
    "quickstart",
    "reference/api",
    "reference/command_line",
    "reference/conformance",
    "reference/errors",
    "reference/json",
    "reference/units",
    "releasing",
}


def only_for_developers(_app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Leaves the files of the buttons out of a page for other readers."""
    if page not in PAGES and not page.startswith(FOLDERS):
        for files in ("script_files", "css_files"):
            context[files] = [file for file in context[files] if not _is_of_buttons(file)]


def _is_of_buttons(file: object) -> bool:
    return any(word in str(getattr(file, "filename", file)) for word in ("copybutton", "clipboard"))


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up, after the extension that adds the buttons."""
    app.connect("html-page-context", only_for_developers, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Examples that a reader changes and runs in the page: on the tutorials and the quickstart, if the pages have Python in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def load_script(app: Sphinx, page: str, _template: str, _context: dict[str, Any], _doctree: object) -> None:
    """Loads the script on pages whose examples build on each other."""
    if page == "quickstart" or (page.startswith("tutorials/") and page != "tutorials/index"):
        app.add_js_file("live/console.js", type="module")
        app.add_css_file("live/live.css")


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

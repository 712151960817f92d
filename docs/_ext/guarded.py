"""A content security policy for pages that run our scripts: a browser then refuses everything that does not come from this site.

What the theme and the cards of answers write into a page, scripts and styles, is moved to files beside it, so that the policy allows
nothing that stands in a page itself. Pages without our scripts have no policy: they can also be read from files, where a browser may not
count the files beside a page as its own site.
"""

from __future__ import annotations

import re
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_CHARSET = re.compile(r'<meta charset="utf-8" ?/?>')
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style(?: [^<>]*)?>(.*?)</style>", re.DOTALL)
_STYLED = re.compile(r'<(?P<tag>[a-zA-Z][^<>]*?) style="(?P<style>[^"]*)"(?P<rest>[^<>]*)>')
_CLASS = re.compile(r'class="([^"]*)"')
_OURS = 'type="module" src="'
FOLDER = Path("_static", "live", "moved")

_ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # the symbols of the theme are pictures in its style sheet
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",  # the search of the theme
}
POLICY = "; ".join(f"{what} {sources}" for what, sources in _ALLOWED.items())
"""Nothing from elsewhere, no form that is sent, and no script or style that stands in a page."""


class Moved:
    """What is moved from pages to files, each named by its content.

    Args:
        folder: Where the files are written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, text: str, suffix: str) -> str:
        """Writes a text to its file, and gives the name."""
        name = f"{sha256(text.encode()).hexdigest()[:16]}{suffix}"
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8", newline="\n")
        return name

    def out_of(self, page: str, root: str) -> str:
        """A page without scripts and styles in it; *root* leads from the page to the start of the site."""
        there = f"{root}{FOLDER.as_posix()}"
        page = _SCRIPT.sub(lambda found: f'<script src="{there}/{self.file(found[1], ".js")}"></script>', page)
        page = _STYLE.sub(lambda found: f'<link rel="stylesheet" href="{there}/{self.file(found[1], ".css")}">', page)
        styles: dict[str, str] = {}

        def classed(found: re.Match[str]) -> str:
            style = unescape(found["style"]).strip().rstrip(";")
            name = f"s-{sha256(style.encode()).hexdigest()[:8]}"
            styles[name] = style
            start, rest = found["tag"], found["rest"]
            if _CLASS.search(start + rest):
                return _CLASS.sub(lambda old: f'class="{old[1]} {name}"', f"<{start}{rest}>", count=1)
            return f'<{start} class="{name}"{rest}>'

        page = _STYLED.sub(classed, page)
        if not styles:
            return page
        # A style of an element prevails over all rules for it, so these rules must too.
        rules = "\n".join(f".{name}{{{_prevailing(style)}}}" for name, style in sorted(styles.items()))
        return page.replace("</head>", f'<link rel="stylesheet" href="{there}/{self.file(rules, ".css")}"></head>', 1)


def _prevailing(style: str) -> str:
    return ";".join(f"{part.strip()}{'' if '!important' in part else ' !important'}" for part in style.split(";"))


def guard(app: Sphinx, exception: Exception | None) -> None:
    """Writes the policy into every page that loads a script of ours."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    moved = Moved(site / FOLDER)
    for path in sorted(site.rglob("*.html")):
        page = path.read_text(encoding="utf-8")
        if _OURS not in page or "Content-Security-Policy" in page:
            continue
        page = moved.out_of(page, "../" * (len(path.relative_to(site).parts) - 1))
        charset = _CHARSET.search(page)
        if charset is None:
            msg = f"{path} has no place for a policy"
            raise ExtensionError(msg)
        meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        path.write_text(page[: charset.end()] + meta + page[charset.end() :], encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.connect("build-finished", guard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

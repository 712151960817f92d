"""A content security policy for pages that run our scripts: a browser then refuses everything that does not come from this site.

The one script that the theme writes into a page is allowed by its hash. Pages without our scripts have no policy: they can also be read
from files, where a browser may not count the files beside a page as its own site.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_CHARSET = re.compile(r'<meta charset="utf-8" ?/?>')
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_OURS = 'type="module" src="'


def policy(page: str) -> str:
    """The policy of a page: nothing from elsewhere, no form that is sent, scripts from this site and those in the page as it is now."""
    hashes = sorted({f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in _INLINE.findall(page)})
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self' 'wasm-unsafe-eval'", *hashes)),
            "connect-src 'self'",
            "worker-src 'self'",
            "style-src 'self' 'unsafe-inline'",  # the theme and the cards of answers have styles in the page; styles cannot fetch either
            "img-src 'self' data:",
            "font-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",  # the search of the theme
        )
    )


def guard(app: Sphinx, exception: Exception | None) -> None:
    """Writes the policy into every page that loads a script of ours."""
    if exception is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        if _OURS in page and "Content-Security-Policy" not in page:
            meta = f'<meta http-equiv="Content-Security-Policy" content="{escape(policy(page))}">'
            charset = _CHARSET.search(page)
            if charset is None:
                msg = f"{path} has no place for a policy"
                raise ExtensionError(msg)
            path.write_text(page[: charset.end()] + meta + page[charset.end() :], encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.connect("build-finished", guard)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

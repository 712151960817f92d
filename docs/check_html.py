"""Checks the built pages.

Every statement of the source has an anchor, every table of cases a page, a browser fetches nothing from elsewhere, and no unit is garbled.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path

from tarlatamab_rules import rulebooks

DOCS = Path(__file__).parent
HTML = DOCS / "_build" / "html"


class Page(HTMLParser):
    """The anchors of a page, and what a browser would fetch for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.fetched: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the anchor and the source of one element."""
        given = {key: value or "" for key, value in attrs}
        self.anchors.add(given.get("id", ""))
        self.fetched.add(given.get("href" if tag == "link" else "src", ""))


def faults() -> list[str]:
    """What is wrong, one line each."""
    anchors = Page(HTML / "reference" / "traceability.html").anchors
    ids = [statement.id for statement in rulebooks.get("precautions-2025-09").statements]
    found = [f"traceability.html has no anchor for {each}" for each in ids if each.lower() not in anchors]
    cases = sorted(path.stem for path in (DOCS.parent / "tests" / "spec").glob("*.md"))
    found += [f"{each}.md has no page" for each in cases if not (HTML / "reference" / "cases" / f"{each}.html").exists()]
    for path in sorted(HTML.rglob("*.html")):
        away = sorted(url for url in Page(path).fetched if url.startswith(("http:", "https:", "//")))
        found += [f"{path.relative_to(HTML)} fetches {url}" for url in away]
        if "10<em>" in path.read_text(encoding="utf-8"):  # two of 10*9/L in one paragraph are emphasis to Markdown
            found.append(f"{path.relative_to(HTML)} has lost the stars of a unit; write it in backticks")
    return found


if __name__ == "__main__":
    found = faults()
    print("\n".join(found) or "The pages are as they should be.")
    sys.exit(bool(found))

"""Checks the built pages.

Every row and every statement of every book has an anchor, every table of cases a page, every link leads somewhere, the search knows the
words of the field, a browser fetches nothing from elsewhere and runs no script that is not known here, and no unit is garbled.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

DOCS = Path(__file__).parent
HTML = DOCS / "_build" / "html"
sys.path.append(str(DOCS / "_ext"))
from pages import anchors  # noqa: E402  # found by the path above

SEARCHED = {
    "ican": "reference/rulebooks/astct-2019",
    "dexamethason": "quickstart",
    "overlay": "howto/overlay",
    "neutropenia": "reference/rulebooks/us-2025-11",
    "dissent": "explanation/glossary",
}
"""What a reader looks for, as the search stems it, and a page that must be found."""


SCRIPTS = {
    "_static/clipboard.min.js",
    "_static/copybutton.js",
    "_static/doctools.js",
    "_static/documentation_options.js",
    "_static/language_data.js",
    "_static/live/assess.js",
    "_static/live/console.js",
    "_static/live/form.js",
    "_static/scripts/furo.js",
    "_static/searchtools.js",
    "_static/sphinx_highlight.js",
    "searchindex.js",
}
"""The scripts of the site: those of the theme, of the search and of the buttons that copy, and our own."""
INLINE = {'document.body.dataset.theme=localStorage.getItem("theme")||"auto";'}
"""What the theme writes into a page, without spaces: the choice of light or dark."""
MOVED = "_static/live/moved/"
"""Where it is instead on pages with a policy."""


class Page(HTMLParser):
    """The anchors of a page, where its links lead, and what a browser would fetch for it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.fetched: set[str] = set()
        self.links: set[str] = set()
        self.doubles: list[str] = []
        self.unguarded: set[str] = set()
        self.scripts: set[str] = set()
        self.inline: list[str] = []
        self.styles: list[str] = []
        self.policy = ""
        self.handled: set[str] = set()
        self.in_script = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes the anchor, the link and the source of one element."""
        given = {key: value or "" for key, value in attrs}
        if "id" in given:
            self.doubles += [given["id"]] if given["id"] in self.anchors else []
            self.anchors.add(given["id"])
        if tag == "a" and given.get("href"):
            self.links.add(given["href"])
            if "external" in given.get("class", "").split() and "noopener" not in given.get("rel", "").split():
                self.unguarded.add(given["href"])
        self.fetched.add(given.get("href" if tag == "link" else "src", ""))
        self.styles += [given.get("style", tag)] if tag == "style" or "style" in given else []
        self.handled |= {name for name in given if name.startswith("on")}
        if tag == "script":
            self.scripts |= {given["src"].partition("?")[0]} if "src" in given else set()
            self.in_script = "src" not in given
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]

    def handle_endtag(self, tag: str) -> None:
        """Notes the end of a script."""
        self.in_script = self.in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        """Notes a script that is in the page itself."""
        if self.in_script:
            self.inline.append("".join(data.split()))


@cache
def page(path: Path) -> Page:
    """A page, read once."""
    return Page(path)


def faults() -> list[str]:
    """What is wrong, one line each."""
    found = [f"{where} has no anchor for {each} of {book}" for where, book, each in anchors() if each not in page(HTML / where).anchors]
    cases = sorted(path.stem for path in (DOCS.parent / "tests" / "spec").glob("*.md"))
    found += [f"{each}.md has no page" for each in cases if not (HTML / "reference" / "cases" / f"{each}.html").exists()]
    for path in sorted(HTML.rglob("*.html")):
        found += [f"{path.relative_to(HTML)}{fault}" for fault in _faults_of(path)]
    return found + list(_not_found())


def _faults_of(path: Path) -> Iterator[str]:
    this = page(path)
    yield from (f" fetches {url}" for url in sorted(this.fetched) if url.startswith(("http:", "https:", "//")))
    yield from (f" runs {script}" for script in sorted(_scripts(path)) if script not in SCRIPTS and not _is_known(script))
    yield from (f" runs a script of its own: {script[:60]}" for script in this.inline if script not in INLINE or this.policy)
    yield from (f" has a style in the page: {style[:60]}" for style in this.styles if this.policy)
    yield from (f" runs a script at {handler}" for handler in sorted(this.handled))
    if any("/live/" in script for script in this.scripts) and "default-src 'none'" not in this.policy:
        yield " runs our scripts without a policy"
    yield from (f" has two anchors {each}" for each in this.doubles)
    yield from (f" links to {link} without rel=noopener" for link in sorted(this.unguarded))
    for link in sorted(this.links):
        if fault := _leads_nowhere(path, link):
            yield f" links to {link}: {fault}"
    if path.parent.name == "rulebooks":
        text = path.read_text(encoding="utf-8")
        for row, shown in re.findall(
            r'<span class="anchor" id="([^"]+)"></span>.*?class="(?:reference internal )?row-id[^"]*"[^>]*>([^<]+)<', text
        ):
            if row not in {shown, shown.partition("/")[0]} or (row != shown and f">{row}<" in text):
                yield f" has the anchor {row} at the row {shown}"
    if re.search(r"10<em>", path.read_text(encoding="utf-8")):  # two of 10*9/L in one paragraph are emphasis to Markdown
        yield " has lost the stars of a unit; write it in backticks"


def _scripts(path: Path) -> Iterator[str]:
    """The scripts of a page, by their place in the site."""
    return (str((path.parent / script).resolve().relative_to(HTML.resolve())) for script in page(path).scripts)


def _is_known(script: str) -> bool:
    """Whether a file has what the theme would write into the page."""
    return script.startswith(MOVED) and "".join((HTML / script).read_text(encoding="utf-8").split()) in INLINE


def _leads_nowhere(path: Path, link: str) -> str:
    """What is wrong with a link within the pages; nothing where it leads to the world, or well."""
    url = urlsplit(link)
    if url.scheme or url.netloc:
        return ""
    target = (path.parent / unquote(url.path)).resolve() if url.path else path
    if not target.exists():
        return "no such page"
    if url.fragment and target.suffix == ".html" and unquote(url.fragment) not in page(target).anchors:
        return "no such anchor"
    return ""


def _not_found() -> Iterator[str]:
    """What a reader looks for and the search does not find."""
    text = (HTML / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text[text.index("{") : text.rindex("}") + 1])
    for word, wanted in SEARCHED.items():
        where = [index["terms"].get(word, []), index["titleterms"].get(word, [])]
        numbers = {number for each in where for number in ([each] if isinstance(each, int) else each)}
        if wanted not in {index["docnames"][number] for number in numbers}:
            yield f"a search for {word} does not find {wanted}"


if __name__ == "__main__":
    found = faults()
    print("\n".join(found) or f"{len(list(anchors()))} anchors, {len(list(HTML.rglob('*.html')))} pages: they are as they should be.")
    sys.exit(bool(found))

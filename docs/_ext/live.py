"""Questions that a page answers at once, in the browser: compiled tables beside the pages, and a form under each question.

The directive ``live`` puts a form for one function anywhere: by one book, or by one that the reader chooses. Pages of rulebooks have one
form for each function by themselves. The scripts are our own, and are loaded on pages with a form only.
"""

from __future__ import annotations

import json
from html import escape
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.parsers.rst import Directive, directives

from tarlatamab_rules import rulebooks
from tarlatamab_rules.formats.canonical import about
from tarlatamab_rules.formats.compiled import compiled_document
from tarlatamab_rules.views.books import ASKS, titles_of
from tarlatamab_rules.views.standing import line_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

    from tarlatamab_rules.policy import Rulebook

DEFAULT = rulebooks.default().name
STRICTEST = "strictest of " + ", ".join(name for name in rulebooks.names() if rulebooks.get(name).drug)
BOOKS = {**{name: name for name in rulebooks.names()}, DEFAULT: "default", STRICTEST: "strictest"}
"""Every book and stack that pages answer by, with the name of its file."""
FOLDER = Path("_static", "live", "tables")
RULEBOOK_PAGES = "reference/rulebooks/"


def tables_of(name: str) -> dict[str, Any]:
    """The compiled tables of a book. Those of the default also name the line of its page in which an answer stands."""
    book = rulebooks.get(name)
    document = compiled_document(book, titles=titles_of)
    if name == DEFAULT:
        by_subject = {(question.name, about(question)): question for question in book.rows}
        for written in document["questions"]:
            written["lines"] = _lines(book, by_subject[written["name"], written["about"]])
    return document


def _lines(book: Rulebook, question: Any) -> list[str]:
    """The id of the line of each answer of a table, by the place of the answer; empty if it has no line."""
    table = book[question]
    ids = {id(answer): line for line, answers in line_ids(table).items() for answer in answers}
    cells = product(*(range(len(axis)) for axis in table.axes))
    answers = {id(answer): answer for cell in cells if (answer := table.answers.get(cell)) is not None}
    return [ids.get(answer, "") for answer in answers]


def write_tables(app: Sphinx, exception: Exception | None) -> None:
    """Writes the tables of every book beside the built pages."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in BOOKS.items():
        written = json.dumps(tables_of(name), ensure_ascii=False, separators=(",", ":"))
        (folder / f"{file}.json").write_text(written, encoding="utf-8", newline="\n")


def sources_in_words(name: str) -> str:
    """A book or a stack by the short names of its sources."""
    for member in sorted(rulebooks.get(name).members, key=lambda member: -len(member.name)):
        name = name.replace(member.name, member.source.short_name or member.name)
    return name


def form(name: str, book: str, release: str) -> nodes.raw:
    """The place of a form, which the script fills once it is opened. *book* is empty if the reader chooses one."""
    asking = [other for other in BOOKS if any(question.name == name for question in rulebooks.get(other).rows)]
    offered = [book] if book else sorted(asking, key=lambda other: other != DEFAULT)
    books = [{"says": sources_in_words(other), "file": f"{BOOKS[other]}.json"} for other in offered]
    data = f'data-books="{escape(json.dumps(books))}" data-question="{name}" data-release="{escape(release)}"'
    text = "<p>This needs JavaScript, and a page that comes from a web server, as <code>python -m http.server</code> is one.</p>"
    summary = f"<summary>Try it: {escape(ASKS[name][0].lower() + ASKS[name][1:])}</summary>"
    return nodes.raw("", f'<details class="live" {data}>{summary}<div class="live-body">{text}</div></details>', format="html")


class Live(Directive):
    """``{live} toxicity_action``: a form for the questions of one function. ``:book:`` names the book; else the reader chooses."""

    required_arguments = 1
    option_spec = {"book": directives.unchanged}  # noqa: RUF012  # docutils reads it from the class

    def run(self) -> list[nodes.Node]:
        """The form."""
        config = self.state.document.settings.env.config
        return [form(self.arguments[0], self.options.get("book", ""), config.release)]


def add_forms(app: Sphinx, doctree: nodes.document) -> None:
    """Puts a form into each section of a rulebook's page that is about a function."""
    docname = app.env.docname
    page = docname.removeprefix(RULEBOOK_PAGES)
    book = next((name for name, file in BOOKS.items() if file == page), None)
    if not docname.startswith(RULEBOOK_PAGES) or book is None:
        return
    for section, name in _sections(doctree):
        section.insert(2, form(name, book, app.config.release))  # under the line that names the function


def _sections(doctree: nodes.document) -> Iterator[tuple[nodes.section, str]]:
    names = {title: name for name, title in ASKS.items()}
    for section in doctree.findall(nodes.section):
        title = section.next_node(nodes.title)
        if title is not None and title.parent is section and title.astext() in names:
            yield section, names[title.astext()]


def load_scripts(app: Sphinx, _page: str, _template: str, _context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Loads the script on pages with a form."""
    if doctree is not None and any('class="live"' in raw.astext() for raw in doctree.findall(nodes.raw)):
        app.add_js_file("live/form.js", type="module")
        app.add_css_file("live/live.css")


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.add_directive("live", Live)
    app.connect("doctree-read", add_forms)
    app.connect("html-page-context", load_scripts)
    app.connect("build-finished", write_tables)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

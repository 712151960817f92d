"""Tables of rows: their ids are anchors and links, long names break, and on a narrow screen each row is a card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes
from pages import MATRICES

from tarlatamab_rules import rulebooks

if TYPE_CHECKING:
    from sphinx.application import Sphinx

STATEMENTS = {name: {statement.id: page for statement in rulebooks.get(name).statements} for name, page in MATRICES.items()}
"""By book: the page of each of its statements. A revision has the ids of the book before it."""
ANYWHERE = {id_: page for name in MATRICES if not rulebooks.get(name).revises for id_, page in STATEMENTS[name].items()}
"""The page of each statement of a book that revises none, for tables that name no book."""
WIDE = 4
"""A table with so many columns does not fit on a phone."""


def link_rows(app: Sphinx, doctree: nodes.document) -> None:
    """In tables the ids of rows do not break, and lead to their statement; long names may break after an underscore."""
    docname = app.env.docname
    up, book = "../" * docname.count("/"), docname.startswith("reference/rulebooks/") and not docname.endswith(("index", "default"))
    row_ids = {row.id for rows in rulebooks.get(docname.rpartition("/")[2]).rows.values() for row in rows} if book else set()
    seen: set[str] = set()
    for table in doctree.findall(nodes.table):
        statements = ANYWHERE | STATEMENTS.get(_book_of(docname, table), {})
        heads = [entry.astext() for entry in next(iter(table.findall(nodes.thead))).findall(nodes.entry)]
        if len(heads) >= WIDE:
            table["classes"].append("cards")
        for row in table.findall(nodes.row):
            for head, entry in zip(heads, row.findall(nodes.entry), strict=True):
                if isinstance(row.parent, nodes.thead):
                    continue
                ids = head in {"cites", "row", "rows"}
                for text in [node for node in entry.findall(nodes.Text) if not isinstance(node.parent, nodes.literal | nodes.reference)]:
                    written = list(_linked(text, up, statements) if ids else _breaking(text))
                    if book and head == "row":
                        written[:0] = _anchors(text, row_ids, seen)
                    text.parent.replace(text, written)
                if not entry.astext():
                    entry.clear()
                elif len(heads) >= WIDE:
                    entry[0].insert(0, nodes.inline("", f"{head}: ", classes=["cell-head"]))


def _anchors(row: str, row_ids: set[str], seen: set[str]) -> Iterator[nodes.Node]:
    """An anchor for the row. The first row of a statement also has one for the statement, unless a row has its name."""
    statement = row.partition("/")[0]
    for id_ in (row, *([statement] if statement not in row_ids else [])):
        if id_ not in seen:
            seen.add(id_)
            yield nodes.inline("", "", ids=[id_], classes=["anchor"])


def _book_of(docname: str, table: nodes.table) -> str:
    """The name of the book that a table is about: that of its page, or else one that its title names; empty if there is none."""
    page = docname.rpartition("/")[2]
    section = table.parent
    while section is not None and not isinstance(section, nodes.section):
        section = section.parent
    title = "" if section is None else section.next_node(nodes.title).astext()
    return next((name for name, matrix in MATRICES.items() if page in {name, matrix} or f" by {name}" in title), "")


def _linked(text: str, up: str, statements: dict[str, str]) -> Iterator[nodes.Node]:
    for n, id_ in enumerate(text.split(", ")):
        if n:
            yield nodes.Text(", ")
        statement = id_.partition("/")[0]
        if statement in statements:
            uri = f"{up}reference/{statements[statement]}.html#{statement}"
            yield nodes.reference("", id_, internal=True, refuri=uri, classes=["row-id"])
        else:
            yield nodes.inline("", id_, classes=["row-id"])


def _breaking(text: str) -> Iterator[nodes.Node]:
    for n, part in enumerate(text.split("_")):
        if n:
            yield from (nodes.Text("_"), nodes.raw("", "<wbr>", format="html"))
        yield nodes.Text(part)


def guard_links(_app: Sphinx, doctree: nodes.document) -> None:
    """A page elsewhere that a link opens cannot reach back to the page with the link."""
    for link in doctree.findall(nodes.reference):
        if link.get("refuri", "").startswith(("https://", "http://")):
            link["rel"] = "noopener"


def anchor_statements(app: Sphinx, doctree: nodes.document) -> None:
    """The sections of a matrix have the ids of their statements as they are written."""
    page = app.env.docname.removeprefix("reference/")
    if page in MATRICES.values():
        ids = {id_ for statements in STATEMENTS.values() for id_, matrix in statements.items() if matrix == page}
        for section in doctree.findall(nodes.section):
            title = section.next_node(nodes.title)
            if title is not None and title.astext() in ids:
                section["ids"] = list(dict.fromkeys([*section["ids"], title.astext()]))


def setup(app: Sphinx) -> dict[str, bool]:
    """Hooks this up."""
    app.connect("doctree-read", link_rows)
    app.connect("doctree-read", anchor_statements)
    app.connect("doctree-read", guard_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

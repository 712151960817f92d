"""How the documentation is built: furo and MyST, offline, with pages generated from the rulebooks and from the cases by hand."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.domains.python import PyObject

import tarlatamab_rules
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

DOCS = Path(__file__).parent
sys.path.append(str(DOCS.parent / "tests"))  # what tests work out, pages print

project = "tarlatamab_rules"
author = "The tarlatamab_rules developers"
release = importlib.metadata.version("tarlatamab-rules")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
default_role = "ours"

html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_copyright = False
myst_heading_anchors = 3
html_theme_options = {"announcement": "Not medical advice. Check the label in force."}

add_module_names = False
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints_format = "short"
napoleon_use_ivar = True  # the fields of attrs are listed once, in the text of their class
napoleon_attr_annotations = True
python_maximum_signature_line_length = 90
python_use_unqualified_type_names = True

nitpick_ignore_regex = [
    # Nothing is fetched, so other projects are named and not linked.
    ("py:class", r"(datetime\.)?(date|datetime|timedelta)|collections\.abc\.\w+|pathlib\.Path"),
    ("py:class", r"pint\.Quantity|(st|hypothesis\.strategies)\.SearchStrategy"),
    # A rulebook is made of these; they are how it is written, not part of the interface.
    ("py:class", r"tarlatamab_rules\.(tables\.(Question|Row|Table)|axes\.(Bands|Choices|Cuts|Groups))"),
    # Type variables stand for themselves.
    ("py:class", r"(tarlatamab_rules\.decisions\.)?T(_co)?"),
]

# A word of ours may also be given as text: DiagnosisLike is a Diagnosis or its value.
TARGETS = {f"{name}Like": f"tarlatamab_rules.{name}" for name in tarlatamab_rules.__all__}
TARGETS |= {name: f"tarlatamab_rules.{name}" for name in tarlatamab_rules.__all__}
TARGETS["StatusLike"] = TARGETS["EventStatus"]


def ours(_name: str, rawtext: str, text: str, *_: Any) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Single backticks in a docstring: a link where the text is a public name, plain code where it is not."""
    code = nodes.literal(rawtext, text)
    target = f"tarlatamab_rules.{text}"
    return [pending_xref(rawtext, code, refdomain="py", reftype="obj", reftarget=target, plain_if_missing=True)], []


def resolve_ours(app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element) -> nodes.Node | None:
    """Names of signatures stand for their modules; the public name of each is on the page of the interface."""
    if node.get("plain_if_missing"):
        return contnode
    name = node["reftarget"].rpartition(".")[2]
    if node.get("refdomain") == "py" and name in TARGETS:
        return env.domains.python_domain.resolve_xref(env, node["refdoc"], app.builder, "obj", TARGETS[name], node, contnode)
    if isinstance(contnode, nodes.emphasis):  # the type of a field, which is printed without its module as signatures are
        contnode[:] = [nodes.Text(name)]
    return None


def write_pages(_app: Sphinx) -> None:
    """Writes the generated pages, and removes those that nothing generates any more."""
    rulebooks, cases = DOCS / "reference" / "rulebooks", DOCS / "reference" / "cases"
    pages = {rulebooks / f"{name}.md": rulebook_markdown(name) for name in tarlatamab_rules.rulebooks.names()}
    pages |= {cases / path.name: path.read_text(encoding="utf-8") for path in (DOCS.parent / "tests" / "spec").glob("*.md")}
    for path in {*rulebooks.glob("*.md"), *cases.glob("*.md")} - {*pages, rulebooks / "index.md", cases / "index.md"}:
        path.unlink()
    pages |= {DOCS / "reference" / f"{page}.md": matrix_markdown(name) for name, page in MATRICES.items()}
    for path, text in pages.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def write_agreement(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Asks zen-engine every cell of every book, and writes the figures into the page on conformance."""
    if docname == "reference/conformance":
        from zen_agreement import table_markdown  # noqa: PLC0415  # found by the path above

        source[0] = source[0].replace("FIGURES", table_markdown())


MATRICES = {
    "precautions-2025-09": "traceability",
    "us-2025-11": "traceability-us-2025-11",
    "us-2024-05": "traceability-us-2024-05",
    "eu-2026": "traceability-eu-2026",
}
"""The page with the matrix of each book about the drug."""

STATEMENTS = {statement.id: page for name, page in MATRICES.items() for statement in tarlatamab_rules.rulebooks.get(name).statements}


def link_rows(app: Sphinx, doctree: nodes.document) -> None:
    """In tables the ids of rows do not break, and lead to their statement; long names may break after an underscore."""
    up = "../" * app.env.docname.count("/")
    for table in doctree.findall(nodes.table):
        heads = [entry.astext() for entry in next(iter(table.findall(nodes.thead))).findall(nodes.entry)]
        for row in table.findall(nodes.row):
            for head, entry in zip(heads, row.findall(nodes.entry), strict=True):
                ids = head in {"cites", "row"} and not isinstance(row.parent, nodes.thead)
                for text in [node for node in entry.findall(nodes.Text) if not isinstance(node.parent, nodes.literal | nodes.reference)]:
                    text.parent.replace(text, list(_linked(text, up) if ids else _breaking(text)))


def _linked(text: str, up: str) -> Iterator[nodes.Node]:
    for n, id_ in enumerate(text.split(", ")):
        if n:
            yield nodes.Text(", ")
        statement = id_.partition("/")[0]
        if statement in STATEMENTS:
            uri = f"{up}reference/{STATEMENTS[statement]}.html#{statement.lower()}"
            yield nodes.reference("", id_, internal=True, refuri=uri, classes=["row-id"])
        else:
            yield nodes.inline("", id_, classes=["row-id"])


def _breaking(text: str) -> Iterator[nodes.Node]:
    for n, part in enumerate(text.split("_")):
        if n:
            yield from (nodes.Text("_"), nodes.raw("", "<wbr>", format="html"))
        yield nodes.Text(part)


def setup(app: Sphinx) -> None:
    """Hooks all this up."""
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Fields"
    app.add_role("ours", ours)
    app.connect("builder-inited", write_pages)
    app.connect("source-read", write_agreement)
    app.connect("doctree-read", link_rows)
    app.connect("missing-reference", resolve_ours)

"""The tutorials as notebooks: they run while the site is built, and can be downloaded without their output.

A tutorial is a page of Markdown that begins with ``file_format: mystnb``. Its cells are read with the standard library alone, so the tests
run them without Sphinx.
"""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils import nodes
    from sphinx.application import Sphinx

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_CODE = re.compile(r"^```\{code-cell\} python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_OPTIONS = re.compile(r"\A(?::[\w-]+:.*\n)+\n?")
_TAGS = re.compile(r"^:tags: \[(.*)\]$", re.MULTILINE)
_ROLE = re.compile(r"\{[\w:]+\}`~?(?:[\w.]+\.)?(\w+)`")
_RELATIVE = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")


def is_notebook(text: str) -> bool:
    """Whether a page is a notebook."""
    front = _FRONT.match(text)
    return front is not None and "file_format: mystnb" in front[1].splitlines()


def cells(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """The cells of a page in their order: ``"markdown"`` or ``"code"``, the source, and the tags."""
    front = _FRONT.match(text)
    at = front.end() if front else 0
    for code in _CODE.finditer(text):
        yield from _prose(text[at : code.start()])
        source, options = code[1], _OPTIONS.match(code[1])
        tags = _TAGS.search(options[0]) if options else None
        yield "code", source[options.end() if options else 0 :].strip("\n"), tags[1].replace(" ", "").split(",") if tags else []
        at = code.end()
    yield from _prose(text[at:])


def _prose(text: str) -> Iterator[tuple[str, str, list[str]]]:
    if source := text.strip("\n"):
        yield "markdown", source, []


def notebook(text: str, name: str, release: str) -> dict[str, Any]:
    """A page as a notebook, without output.

    Only the site understands links to its pages and roles: a link becomes its words, and a role its name. The ids of cells follow from
    their places, so the same page gives the same notebook.
    """
    about = (
        f"*From the documentation of tarlatamab_rules {release}. It needs that library and pandas, and for pictures matplotlib. "
        "Not medical advice.*"
    )
    contents = [("markdown", about, []), *cells(text)]
    return {
        "cells": [_cell(f"{name.replace('_', '-')}-{n}", *cell) for n, cell in enumerate(contents)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(id_: str, kind: str, source: str, tags: list[str]) -> dict[str, Any]:
    if kind == "markdown":
        source = _RELATIVE.sub(r"\1", _ROLE.sub(r"`\1`", source))
    cell = {"cell_type": kind, "id": id_, "metadata": {"tags": tags} if tags else {}, "source": source.splitlines(keepends=True)}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _tutorial(app: Sphinx, docname: str) -> tuple[str, str] | None:
    """The name and the text of a tutorial; ``None`` for any other page."""
    folder, _, name = docname.rpartition("/")
    if app.builder.format != "html" or folder != "tutorials":
        return None
    text = Path(app.env.doc2path(docname)).read_text(encoding="utf-8")
    return (name, text) if is_notebook(text) else None


def write_notebooks(app: Sphinx, exception: Exception | None) -> None:
    """Writes every tutorial beside the built pages, as a file to download."""
    if exception is not None:
        return
    folder = Path(app.outdir, "_downloads")
    for name, text in filter(None, (_tutorial(app, docname) for docname in sorted(app.env.found_docs))):
        folder.mkdir(exist_ok=True)
        written = json.dumps(notebook(text, name, app.config.release), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        (folder / f"{name}.ipynb").write_text(written, encoding="utf-8", newline="\n")


def link_notebook(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Puts the link to the file under the title of a tutorial."""
    tutorial = _tutorial(app, docname)
    if tutorial is None:
        return
    from docutils import nodes  # noqa: PLC0415  # the cells can be read without Sphinx
    from sphinx.addnodes import download_reference  # noqa: PLC0415  # as above

    link = download_reference("", "", nodes.inline("", "Download this notebook"), filename=f"{tutorial[0]}.ipynb")
    title = next(iter(doctree.findall(nodes.title)))
    title.parent.insert(title.parent.index(title) + 1, nodes.paragraph("", "", link))


def prepare_kernel(app: Sphinx) -> None:
    """Notebooks run by the Python of this build, whatever kernels and startup files its user has, and say nothing on the way."""
    folder = Path(app.doctreedir, "jupyter")
    spec = folder / "kernels" / "python3" / "kernel.json"
    for needed in (spec.parent, folder / "ipython"):
        needed.mkdir(parents=True, exist_ok=True)
    started = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR", f"--ipython-dir={folder / 'ipython'}"]
    spec.write_text(json.dumps({"argv": started, "display_name": "Python 3", "language": "python"}), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = str(folder)
    logging.getLogger("traitlets").setLevel(logging.WARNING)  # a package of the theme has it print every start of a kernel


def setup(app: Sphinx) -> dict[str, Any]:
    """Hooks this up."""
    app.add_css_file("notebooks.css")
    app.connect("builder-inited", prepare_kernel)
    app.connect("doctree-resolved", link_notebook)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

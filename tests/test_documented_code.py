"""The code of a page, as type checkers and the command that writes its output find it."""

from __future__ import annotations

import runpy
from pathlib import Path
from textwrap import dedent
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
TYPES = runpy.run_path(str(DOCS / "check_types.py"))
OUTPUT = runpy.run_path(str(DOCS / "update_output.py"))


def modules(page: str) -> dict[str, list[str]]:
    """The lines of code of a page by file, without empty ones."""
    found: dict[str, str] = TYPES["modules"](dedent(page))
    return {file: [line for line in source.splitlines() if line] for file, source in found.items()}


def test_examples_are_found() -> None:
    """A module, a session and a cell of a notebook are code; what a session prints, options of a cell and other languages are not."""
    page = """
        ```python
        import json
        ```
        ```python
        >>> for n in (1, 2):
        ...     print(n)
        1
        2
        ```
        ```{code-cell} python
        :tags: [hide-output]

        json.dumps({})
        ```
        ```sh
        pip install pint
        ```
        """
    assert modules(page) == {"": ["import json", "for n in (1, 2):", "    print(n)", "json.dumps({})"]}


def test_an_example_that_shows_an_error_is_left_out() -> None:
    """It is wrong on purpose; those beside it stay."""
    page = """
        ```python
        >>> good = 1
        >>> if good.bad: ...
        Traceback (most recent call last):
        ...
        AttributeError: 'int' object has no attribute 'bad'
        >>> better = 2
        ```
        """
    assert modules(page) == {"": ["good = 1", "better = 2"]}


def test_code_goes_into_the_file_that_the_page_names() -> None:
    """What follows goes on in it. A function that is written anew stands once, as in the end."""
    page = """
        ```python
        before = 0
        ```
        The first version, `app.py`:

        ```python
        def light():
            return "yellow"
        ```
        Then `test_app.py`:

        % invisible-code-block: python
        % import sys

        ```python
        from app import light
        ```
        ```python
        assert light()
        ```
        `app.py` again:

        ```python
        def light():
            return "green"
        ```
        """
    assert modules(page) == {
        "": ["before = 0"],
        "app": ["def light():", '    return "green"'],
        "test_app": ["from app import light", "assert light()"],
    }


def test_every_page_with_python_is_checked(tmp_path: Path) -> None:
    """Each page of the documentation that has a block of Python gives a module, and so does the README."""
    write: Any = TYPES["write"]
    write.__globals__["MODULES"] = tmp_path / "modules"
    write()
    written = {path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for path in (tmp_path / "modules").glob("*.py")}
    root = DOCS.parent
    pages = {page: page.read_text(encoding="utf-8") for page in TYPES["pages"]()}
    with_python = {str(page.relative_to(root)) for page, text in pages.items() if "```python\n" in text or "```{code-cell}" in text}
    assert "README.md" in with_python
    assert with_python <= written


def test_output_is_written_as_it_is_printed(tmp_path: Path) -> None:
    """An example that prints something else than the page says is rewritten, one without output too; a shown error and the rest stay."""
    page = tmp_path / "page.md"
    text = "# Title\n\n```python\n>>> n = 1\n>>> print(n)\n{}>>> n + 1\n{}>>> n.bad\nTraceback (most recent call last):\n...\n{}\n```\n"
    error = "AttributeError: 'int' object has no attribute 'bad'"
    page.write_text(text.format("5\n", "", error), encoding="utf-8")
    assert OUTPUT["update"](page) == 2
    assert page.read_text(encoding="utf-8") == text.format("1\n", "2\n", error)
    assert OUTPUT["update"](page) == 0

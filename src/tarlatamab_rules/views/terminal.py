"""Answers in colour, by rich; an extra, ``tarlatamab-rules[rich]``. The words are those of the plain text."""

from __future__ import annotations

from typing import Final

from rich.console import Group
from rich.padding import Padding
from rich.text import Text

from tarlatamab_rules.views.text import styled_lines

__all__ = ["renderable"]

_STYLES: Final = {
    "proceed": "bold white on green4",
    "needs-data": "bold white on grey37",
    "needs-assessment": "bold white on purple4",
    "withhold": "bold black on orange1",
    "excluded": "bold white on red3",
    "discontinue": "bold white on red3",
    "title": "bold",
    "answer": "none",
    "open": "yellow",
    "why": "none",
    "interpretation": "dim",
    "dissent": "magenta",
    "caveat": "bold yellow",
    "note": "italic",
    "plain": "none",
}


def renderable(value: object, *, full: bool = False) -> Group:
    """Any answer of this library, or several, for `rich.print` and consoles; long lines wrap under their beginning.

    Args:
        value: The answer.

        full: Whether all of an assessment or answer is printed; if not, its first screen.
    """
    return Group(*(_line(style, line) for style, line in styled_lines(value, full=full)))


def _line(style: str, line: str) -> Padding | Text:
    words = line.lstrip(" ")
    return Padding(Text(words, _STYLES[style]), (0, 0, 0, len(line) - len(words)))

"""A page to print, as text, as Markdown and as HTML."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from attrs import frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.course.sheets.html import PAPERS, page, piece
from tarlatamab_rules.course.sheets.parts import BOX, SheetBlock, SheetLine, SheetPart, SheetTable
from tarlatamab_rules.views.markdown import escaped, table_lines

__all__ = ["Sheet"]

_WIDTH: Final = 100


@frozen
class Sheet(Shown):
    """A page to print.

    Attributes:
        title: What it is for.

        head: What a reader must know first.

        parts: Its blocks and tables, in the order in which a reader needs them.

        foot: The book that answered, the addresses of its sources, and what this is not.

        columns: Whether its blocks are set in two columns on paper; a page with a table is not.
    """

    title: str
    head: tuple[str, ...]
    parts: tuple[SheetPart, ...]
    foot: tuple[str, ...]
    columns: bool = False

    @property
    def lines(self) -> tuple[SheetLine, ...]:
        """The lines of all its blocks."""
        return tuple(line for part in self.parts if isinstance(part, SheetBlock) for line in part.lines)

    def to_text(self) -> str:
        """The page as plain text."""
        return "\n".join(_text(self)) + "\n"

    def to_markdown(self) -> str:
        """The page as Markdown, with links to the sources."""
        return "\n".join(_markdown(self)) + "\n"

    def to_html(self, paper: str = "A4") -> str:
        """The page as an HTML document to print, on one sheet of paper.

        Args:
            paper: ``"A4"`` or ``"Letter"``.

        Raises:
            FieldError: The paper is another one.
        """
        if not isinstance(paper, str):
            raise FieldTypeError("paper", f"{shown(paper)} is not a size of paper", "write 'A4' or 'Letter'")
        if paper not in PAPERS:
            raise FieldError("paper", f"{paper[:60]!r} is not known", "write 'A4' or 'Letter'")
        return page(self.title, self.head, self.parts, self.foot, paper, columns=self.columns)

    def __str__(self) -> str:
        """The page as plain text."""
        return self.to_text()

    def _repr_html_(self) -> str:
        return piece(self.title, self.head, self.parts, self.foot, "A4", columns=self.columns)


# --- as text ---


def _text(sheet: Sheet) -> Iterator[str]:
    yield from _wrapped(sheet.title.upper())
    for text in sheet.head:
        yield from _wrapped(text)
    for part in sheet.parts:
        if isinstance(part, SheetTable):
            yield from ("", part.title.upper(), *_table_text(part))
        elif part.lines:
            yield from ("", part.title.upper())
            for line in part.lines:
                yield from _line_text(line)
    yield ""
    for text in sheet.foot:
        yield from _wrapped(text)


def _line_text(line: SheetLine) -> Iterator[str]:
    when = f"{line.when}  " if line.when else ""
    yield from _wrapped(f"{BOX if line.box else ' '} {when}{line.text}", "    ")
    for note in line.notes:
        yield from _wrapped(f"    {note}", "      ")
    if line.cites:
        yield from _wrapped(f"    {'; '.join(map(str, line.cites))}", "      ")


def _table_text(table: SheetTable) -> Iterator[str]:
    for n, head in enumerate(table.heads[1:], 1):
        yield f"  {head}"
        for row in table.rows:
            if row[n] != ("",):
                yield from _wrapped(f"    {' '.join(row[0])}: {'; '.join(row[n])}", "      ")
    for note in table.notes:
        yield from _wrapped(f"  {note}", "  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)


# --- as Markdown ---


def _markdown(sheet: Sheet) -> Iterator[str]:
    yield f"# {escaped(sheet.title)}"
    yield from (text for head in sheet.head for text in ("", escaped(head)))
    for part in sheet.parts:
        if isinstance(part, SheetTable):
            rows = (["<br>".join(map(escaped, cell)) for cell in row] for row in part.rows)
            yield from ("", f"## {escaped(part.title)}", "", *table_lines(map(escaped, part.heads), rows))
            yield from (text for note in part.notes for text in ("", f"*{escaped(note)}*"))
        elif part.lines:
            yield from ("", f"## {escaped(part.title)}", "", *map(_line_markdown, part.lines))
    yield from (text for foot in sheet.foot for text in ("", f"*{escaped(foot)}*"))


def _line_markdown(line: SheetLine) -> str:
    when = f"**{escaped(line.when)}** " if line.when else ""
    notes = "".join(f"<br>*{escaped(note)}*" for note in line.notes)
    sources = "; ".join(
        f"`{', '.join(cite.rows)}` " + (f"[{escaped(cite.place)}]({cite.url})" if cite.url else escaped(cite.place)) for cite in line.cites
    )
    return f"- {BOX + ' ' if line.box else ''}{when}{escaped(line.text)}{notes}{f' ({sources})' if sources else ''}"

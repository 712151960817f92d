"""Answers as Markdown, for messages, tickets and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tarlatamab_rules.views.blocks import Because, Grid, Part
from tarlatamab_rules.views.outline import Content, contents
from tarlatamab_rules.views.report import Report
from tarlatamab_rules.views.screens import fitted, more, screen_of

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.screen import Line, Screen

__all__ = ["as_markdown", "escaped", "table_lines"]


def as_markdown(value: object, *, full: bool = False) -> str:
    """Any answer of this library, or several, as Markdown with tables.

    Args:
        value: The answer.

        full: Whether all of an assessment or answer is written; if not, what its first screen has, with links to the sources.
    """
    if not full and (screen := screen_of(value)) is not None:
        return "\n".join(_screen(screen)).strip() + "\n"
    return "\n".join(line for content in contents(value) for line in _lines(content)).strip() + "\n"


def escaped(text: str) -> str:
    """Text that Markdown and HTML print unchanged."""
    return re.sub(r"([\\`*_\[\]#|])", r"\\\1", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")


def table_lines(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """The lines of a table whose cells are already Markdown."""
    first = list(heads)
    return [f"| {' | '.join(cells)} |" for cells in (first, ["---"] * len(first), *rows)]


def _lines(content: Content) -> Iterator[str]:
    if isinstance(content, Report):
        return _report(content)
    return _grid(content) if isinstance(content, Grid) else _part(content)


def _screen(screen: Screen) -> Iterator[str]:
    yield f"## {escaped(screen.head)}"
    yield from ("", f"**{escaped(screen.dose)}**") if screen.dose else ()
    for block, count in fitted(screen):
        yield from ("", f"**{escaped(block.title)}**") if block.title else ()
        yield ""
        if block.joined:
            yield escaped(", ".join(line.text for line in block.lines))
            continue
        starts = (f"{n + 1}." if block.numbered else "-" for n in range(count))
        for start, line in zip(starts, block.lines, strict=False):
            nested = "  " if line.text.startswith("- ") else ""
            yield f"{nested}{start} {_linked(line)}"
        yield from (f"- *{left}*",) if (left := more(block, count)) else ()
    yield from (text for foot in screen.foot for text in ("", f"*{escaped(foot)}*"))


def _linked(line: Line) -> str:
    text = escaped(line.text.removeprefix("- "))
    return f"{text} ([source]({line.url}))" if line.url else text


def _report(report: Report) -> Iterator[str]:
    yield f"## {str(report.verdict).upper()}: {escaped(report.meaning)}"
    yield from ("", f"**{escaped(report.dose)}**" + (f"; due: {escaped('; '.join(report.due))}" if report.due else ""), "")
    for ground in report.grounds:
        yield from (f"{escaped(ground.title)}:", "") if ground.title else ()
        yield from (*map(_reason, ground.why), *_caveats(ground), "")
    if report.missing:
        yield from ("Missing:", "", *_list(report.missing), "")
    if report.silent:
        yield from (f"Not covered by {escaped(report.rulebook)}, to be checked elsewhere: {escaped(', '.join(report.silent))}", "")
    for part in report.judged:
        yield from _part(part)
    if report.condition:
        yield from (f"**{escaped(report.condition)}**", "")
    for part in report.plans:
        yield from _part(part)
    if report.notes:
        yield from ("### Notes", "", *_list(report.notes), "")
    yield f"*Rulebook: {escaped(report.rulebook)}. {escaped(report.disclaimer)}*"


def _part(part: Part) -> Iterator[str]:
    yield from (f"### {escaped(part.title)}", "")
    if part.kind == "not-covered":
        yield from ("Not covered by this source.", "")
    if part.kind == "needs-data":
        why = f"Missing: {escaped('; '.join(part.missing))}." if part.missing else "A clinician decides."
        yield from (f"Cannot answer yet. {why} Still possible:", "")
        yield from (*_list("; ".join(lines) for lines in part.possible), "")
    elif part.missing:
        yield from (f"Missing: {escaped('; '.join(part.missing))}.", "")
    for lines in (list(_list(part.says)), list(_caveats(part)), [f"- *Sources disagree:* {escaped(line)}" for line in part.dissent]):
        yield from (*lines, "") if lines else ()
    yield from (*_list(part.notes), "") if part.notes else ()
    yield from ("Why:", "", *map(_reason, part.why), "") if part.why else ()


def _caveats(part: Part) -> Iterator[str]:
    return (f"- *Caution:* {escaped(caveat)}" for caveat in part.caveats)


def _reason(reason: Because) -> str:
    words = f"- {'May apply: ' if reason.may else ''}{escaped(reason.says)} `{reason.row}` {escaped(reason.cites)}"
    words += f". Not settled: {escaped(reason.unsettled)}" if reason.unsettled else ""
    return words + (f". Interpretation: {escaped(reason.interpretation)}" if reason.interpretation else "")


def _grid(grid: Grid) -> Iterator[str]:
    wide = len(grid.heads)
    rows = [[escaped(cell) for cell in row] for row in grid.rows]
    cells = [
        [f"**{row[0]}**", *row[1:], *[""] * (wide - len(row))] if len(row) < wide or n in grid.marked else row for n, row in enumerate(rows)
    ]
    yield from (f"### {escaped(grid.title)}", "", *table_lines(map(escaped, grid.heads), cells), "")


def _list(lines: Iterable[str]) -> Iterator[str]:
    return (f"- {escaped(line)}" for line in lines)

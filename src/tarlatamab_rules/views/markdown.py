"""Answers as Markdown, for messages, tickets and pages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tarlatamab_rules.views.blocks import Because, Grid, Part
from tarlatamab_rules.views.outline import Content, contents
from tarlatamab_rules.views.report import Report

__all__ = ["as_markdown", "escaped", "table_lines"]


def as_markdown(value: object) -> str:
    """Any answer of this library, or several, as Markdown with tables."""
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
        why = f"for want of {escaped(', '.join(part.missing))}" if part.missing else "and no further fact settles it"
        yield from (f"Not decided, {why}. Still possible:", "")
        yield from (*_list("; ".join(lines) for lines in part.possible), "")
    elif part.missing:
        yield from (f"For want of {escaped(', '.join(part.missing))}.", "")
    for lines in (list(_list(part.says)), list(_caveats(part)), [f"- *Dissent:* {escaped(line)}" for line in part.dissent]):
        yield from (*lines, "") if lines else ()
    yield from (*_list(part.notes), "") if part.notes else ()
    yield from ("Why:", "", *map(_reason, part.why), "") if part.why else ()


def _caveats(part: Part) -> Iterator[str]:
    return (f"- *Caveat:* {escaped(caveat)}" for caveat in part.caveats)


def _reason(reason: Because) -> str:
    words = f"- {'May apply: ' if reason.may else ''}{escaped(reason.says)} `{reason.row}` {escaped(reason.cites)}"
    words += f". Not settled: {escaped(reason.unsettled)}" if reason.unsettled else ""
    return words + (f". Read thus: {escaped(reason.interpretation)}" if reason.interpretation else "")


def _grid(grid: Grid) -> Iterator[str]:
    wide = len(grid.heads)
    rows = [[escaped(cell) for cell in row] for row in grid.rows]
    cells = [
        [f"**{row[0]}**", *row[1:], *[""] * (wide - len(row))] if len(row) < wide or n in grid.marked else row for n, row in enumerate(rows)
    ]
    yield from (f"### {escaped(grid.title)}", "", *table_lines(map(escaped, grid.heads), cells), "")


def _list(lines: Iterable[str]) -> Iterator[str]:
    return (f"- {escaped(line)}" for line in lines)

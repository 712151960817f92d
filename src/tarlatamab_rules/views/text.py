"""Answers as text for a terminal. An assessment begins with the verdict; then every answer follows with its reasons and citations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from tarlatamab_rules.views.blocks import Because, Grid, Part
from tarlatamab_rules.views.outline import Content, contents
from tarlatamab_rules.views.report import Report
from tarlatamab_rules.views.screens import screen_lines, screen_of

__all__ = ["as_text", "styled_lines"]

Line: TypeAlias = tuple[str, str]
"""The kind of a line, for printing in colour, and the line."""


def as_text(value: object, *, full: bool = False) -> str:
    """Any answer of this library, or several, in lines of plain text.

    Args:
        value: The answer.

        full: Whether everything is printed: every part of an assessment, every reason with its interpretation, and every disagreement. If
            not, an assessment or an answer takes one screen: at most 30 lines of at most 100 characters. Only the verdict, its reasons,
            and what must be supplied may make it longer.
    """
    return "\n".join(line for _, line in styled_lines(value, full=full))


def styled_lines(value: object, *, full: bool = False) -> Iterator[Line]:
    """The lines of an answer, each with its kind; see `as_text`.

    A kind is a verdict, *title*, *answer*, *open*, *caveat*, *why*, *interpretation*, *dissent*, *note* or *plain*.
    """
    if not full and (screen := screen_of(value)) is not None:
        yield from screen_lines(screen)
        return
    for n, content in enumerate(contents(value)):
        if n:
            yield "plain", ""
        yield from _lines(content)


def _lines(content: Content) -> Iterator[Line]:
    if isinstance(content, Report):
        return _report(content)
    return _grid(content) if isinstance(content, Grid) else _part(content)


def _report(report: Report) -> Iterator[Line]:
    yield from _head(report)
    yield "plain", ""
    for part in report.judged:
        yield from _part(part)
    if report.condition:
        yield "note", report.condition
    for part in report.plans:
        yield from _part(part)
    if report.notes:
        yield "title", "Notes"
        yield from (("note", f"  - {note}") for note in report.notes)
    yield "plain", ""
    yield "plain", f"Rulebook: {report.rulebook}"
    yield "plain", report.disclaimer


def _head(report: Report) -> Iterator[Line]:
    """What a reader must know first: the verdict, what it rests on, what is missing, and what the book does not cover."""
    yield str(report.verdict), f"VERDICT: {report.verdict} - {report.meaning}"
    yield "title", report.dose
    if report.due:
        yield "answer", f"  due: {'; '.join(report.due)}"
    for ground in report.grounds:
        if ground.title:
            yield "answer", f"  {ground.title}"
        yield from _because(ground.why)
        yield from _caveats(ground)
    if report.missing:
        yield "open", "MISSING"
        yield from (("open", f"  - {fact}") for fact in report.missing)
    if report.silent:
        yield "open", f"NOT COVERED by {report.rulebook}, to be checked elsewhere: {', '.join(report.silent)}"


def _part(part: Part) -> Iterator[Line]:
    if part.kind == "result":
        yield "answer", f"  {part.title}: {part.says[0]}"
        yield from ((style, f"  {line}") for style, line in (*_because(part.why), *_caveats(part)))
        return
    yield from _answer(part)
    yield from _caveats(part)
    yield from _because(part.why)
    yield from (("dissent", f"  SOURCES DISAGREE {line}") for line in part.dissent)
    yield from (("note", f"  ! {note}") for note in part.notes)


def _answer(part: Part) -> Iterator[Line]:
    if part.kind == "needs-data":
        why = f"missing: {'; '.join(part.missing)}" if part.missing else "a clinician decides"
        yield "title", f"{part.title}: cannot answer yet; {why}"
        yield from (("open", f"  still possible: {' + '.join(lines)}") for lines in part.possible)
    elif part.kind == "not-covered":
        yield "title", f"{part.title}: not covered by this source"
    elif len(part.says) == 1:
        yield "title", f"{part.title}: {part.says[0]}"
    else:
        yield "title", f"{part.title}:"
        yield from (("answer", f"  * {line}") for line in part.says)
    if part.missing and part.kind != "needs-data":
        yield "open", f"  missing: {'; '.join(part.missing)}"


def _caveats(part: Part) -> Iterator[Line]:
    return (("caveat", f"  CAUTION {caveat}") for caveat in part.caveats)


def _because(why: Iterable[Because]) -> Iterator[Line]:
    for reason in why:
        yield "why", f"  {'may apply: ' if reason.may else ''}{reason.says} [{reason.row}] {reason.cites}"
        if reason.unsettled:
            yield "open", f"    not settled: {reason.unsettled}"
        if reason.interpretation:
            yield "interpretation", f"    interpretation: {reason.interpretation}"


def _grid(grid: Grid) -> Iterator[Line]:
    """A table, row by row: the first cell, then each other cell after its head."""
    yield "title", grid.title
    for n, (first, *cells) in enumerate(grid.rows):
        if not cells:
            yield "title", f"  {first}"
        elif len(cells) == 1:
            yield "answer", f"  {first}: {cells[0]}"
        else:
            yield "dissent" if n in grid.marked else "answer", f"  {first}"
            yield from (("plain", f"    {head}: {cell}") for head, cell in zip(grid.heads[1:], cells, strict=True) if cell)

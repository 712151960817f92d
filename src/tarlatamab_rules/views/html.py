"""Answers as HTML, for notebooks and web pages: escaped, readable on light and dark ground, and with nothing to fetch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.assessment import DoseAssessment
from tarlatamab_rules.assessment.screen import screen
from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.views.blocks import Because, Grid, Part
from tarlatamab_rules.views.outline import Content, contents
from tarlatamab_rules.views.report import Report
from tarlatamab_rules.views.screens import fitted, more

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.screen import Block, Line, Screen

__all__ = ["STYLE", "as_html", "html_page"]

STYLE: Final = """<style>
.tarlatamab{font-family:system-ui,sans-serif;font-size:.9rem;line-height:1.45;color:inherit;max-width:62rem;overflow-wrap:break-word;\
text-align:left}
.tarlatamab section{border:1px solid rgb(128 128 128/.45);border-radius:.4rem;padding:.5rem .8rem;margin:.5rem 0}
.tarlatamab section section{border-width:1px 0 0;border-radius:0;padding:.5rem 0 0}
.tarlatamab .title{font-weight:600;margin:0}
.tarlatamab .badge{display:inline-block;border-radius:.7rem;padding:0 .55rem;margin-right:.45rem;font-weight:600;color:#fff}
.tarlatamab .proceed,.tarlatamab .continue{background:#00664f}
.tarlatamab .needs-data,.tarlatamab .not-covered{background:#59636e}
.tarlatamab .needs-assessment{background:#6639a6}
.tarlatamab .withhold{background:#8a5300}
.tarlatamab .excluded,.tarlatamab .discontinue{background:#a81b3c}
.tarlatamab ul{margin:.2rem 0;padding-left:1.3rem}
.tarlatamab p{margin:.25rem 0}
.tarlatamab details{margin:.25rem 0}
.tarlatamab summary{cursor:pointer}
.tarlatamab .quiet{opacity:.82;font-size:.92em}
.tarlatamab :is(.dissent,.caveat){border-left:.25rem solid #b36b00;padding-left:.6rem}
.tarlatamab .scroll{overflow-x:auto}
.tarlatamab .screen dl{display:grid;grid-template-columns:minmax(7rem,11rem) 1fr;gap:.3rem .8rem;margin:.5rem 0}
.tarlatamab .screen :is(dt,dd){float:none;width:auto;margin:0;padding:0}
.tarlatamab .screen dl dt{font-weight:600;font-size:.85em;padding-top:.1em}
.tarlatamab .screen dd ul{list-style:none;padding-left:0;margin:0}
.tarlatamab .screen dd ol{padding-left:1.4rem;margin:0}
.tarlatamab .screen dd li{margin:.2rem 0}
.tarlatamab .screen dd li.under{margin-left:1rem}
.tarlatamab .screen dd p{margin:0}
.tarlatamab .screen .verdict{border-radius:.3rem;color:#fff;font-weight:600;margin:0;padding:.35rem .6rem}
.tarlatamab .screen .dose{font-weight:600}
@media(max-width:40rem){.tarlatamab .screen dl{grid-template-columns:1fr}}
.tarlatamab table{border-collapse:collapse;margin:.3rem 0;font-size:.95em}
.tarlatamab.tarlatamab table :is(tr,th,td){background:none;color:inherit;line-height:inherit;text-align:left;vertical-align:top}
.tarlatamab.tarlatamab table :is(th,td){border:1px solid rgb(128 128 128/.45);padding:.2rem .5rem}
.tarlatamab.tarlatamab table tr.marked>:first-child{border-left:.3rem solid #b36b00}
</style>"""
"""It takes the colours of the page around it, so it fits light and dark pages. Notebooks style tables and lists of terms in their own way:
the class stands twice in a selector that must prevail over theirs."""


def as_html(value: object, *, full: bool = False) -> str:
    """Any answer of this library, or several, as one piece of HTML.

    Args:
        value: The answer.

        full: Whether everything below the first screen of an assessment is unfolded from the start.
    """
    return f'{STYLE}<div class="tarlatamab">{"".join(_cards(value, full=full))}</div>'


def _cards(value: object, *, full: bool) -> Iterator[str]:
    """The pieces of a value. What an assessment has below its first screen is folded."""
    pieces = map(_html, contents(value))
    if not isinstance(value, DoseAssessment):
        yield from pieces
        return
    yield _card(screen(value))
    yield f"<details{' open' if full else ''}><summary>The full report</summary>{''.join(pieces)}</details>"


def _card(shown: Screen) -> str:
    """The first screen of an assessment. Lines that the text leaves out are folded."""
    kind = str(shown.verdict)
    start = f'<section class="screen"><p class="verdict {escape(kind)}">{escape(shown.head)}</p>{_line("p", shown.dose, "dose")}<dl>'
    foot = "".join(_line("p", text, "quiet") for text in shown.foot)
    return f"{start}{''.join(_block(block, count) for block, count in fitted(shown))}</dl>{foot}</section>"


def _block(block: Block, count: int) -> str:
    if block.joined:
        says = _line("p", ", ".join(line.text for line in block.lines))
    else:
        says = _lines(block, block.lines[:count])
        if left := more(block, count):
            says += f"<details><summary>{left}</summary>{_lines(block, block.lines[count:], count)}</details>"
    return f"<dt>{escape(block.title)}</dt><dd>{says}</dd>"


def _lines(block: Block, lines: Sequence[Line], before: int = 0) -> str:
    tag = f'ol start="{before + 1}"' if block.numbered else "ul"
    items = "".join(_item(line) for line in lines)
    return f"<{tag}>{items}</{tag[:2]}>" if items else ""


def _item(line: Line) -> str:
    """A line of a list; one of several under a head is indented."""
    under = ' class="under"' if line.text.startswith("- ") else ""
    return f"<li{under}>{escape(line.text.removeprefix('- '))}{_source(line)}</li>"


def _source(line: Line) -> str:
    return f' <a href="{escape(line.url)}" rel="noopener">source</a>' if line.url else ""


def html_page(value: object, title: str, *, full: bool = False) -> str:
    """A complete page that a browser opens from a file. It follows the reader's choice of light or dark.

    Args:
        value: Any answer of this library, or several.

        title: The title of the page.

        full: As in `as_html`.
    """
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>:root{color-scheme:light dark}</style>'
    title = f"<title>{escape(title)}</title>"
    return f'<!doctype html><html lang="en"><head>{head}{title}</head><body>{as_html(value, full=full)}</body></html>'


def _html(content: Content) -> str:
    if isinstance(content, Report):
        return _report(content)
    return _grid(content) if isinstance(content, Grid) else _part(content)


def _report(report: Report) -> str:
    head = f'<p class="title">{_badge(report.verdict, report.verdict)}{escape(report.meaning)}</p>'
    silent = f"Not covered by {report.rulebook}, to be checked elsewhere: {', '.join(report.silent)}"
    pieces = [
        head,
        f"<p><b>{escape(report.dose)}</b>{escape('; due: ' + '; '.join(report.due)) if report.due else ''}</p>",
        *(f"{_line('p', ground.title)}{_reasons(ground.why)}{_caveats(ground)}" for ground in report.grounds),
        f'<p class="title">Missing</p>{_list(report.missing)}' if report.missing else "",
        _line("p", silent) if report.silent else "",
        *_results(report.judged),
        _line("p", report.condition, "title"),
        *map(_part, report.plans),
        f'<p class="title">Notes</p>{_list(report.notes)}' if report.notes else "",
        _line("p", f"Rulebook: {report.rulebook}. {report.disclaimer}", "quiet"),
    ]
    return f"<section>{''.join(pieces)}</section>"


def _results(parts: Sequence[Part]) -> Iterator[str]:
    """The parts of a report. The results that count are one table, in the place of the first."""
    results = [part for part in parts if part.kind == "result"]
    for part in parts:
        if part.kind != "result":
            yield _part(part)
        elif part is results[0]:
            heads = ("result", "grade", "by") if any(result.why for result in results) else ("result", "grade")
            yield _table(heads, [_result_cells(result)[: len(heads)] for result in results])


def _result_cells(result: Part) -> tuple[str, ...]:
    grade = "; ".join([result.says[0], *(f"caution: {caveat}" for caveat in result.caveats)])
    return result.title, grade, ", ".join(reason.row for reason in result.why)


def _part(part: Part) -> str:
    badge = _badge(part.kind, _KINDS[part.kind]) if part.kind in _KINDS else ""
    says = _says(part.says)
    if part.kind == "needs-data":
        says = f"<p>Still possible:</p>{_list('; '.join(lines) for lines in part.possible)}"
    missing = f"Missing: {'; '.join(part.missing)}." if part.missing else ""
    caveats = _caveats(part)
    dissent = [f'<p class="dissent">Sources disagree: {escape(line)}</p>' for line in part.dissent]
    notes = [_line("p", f"Note: {note}") for note in part.notes]
    head = f'<p class="title">{badge}{escape(part.title)}</p>'
    return f"<section>{head}{_line('p', missing)}{says}{caveats}{''.join(dissent)}{''.join(notes)}{_why(part)}</section>"


def _caveats(part: Part) -> str:
    return "".join(_line("p", f"Caution: {caveat}", "caveat") for caveat in part.caveats)


def _says(lines: tuple[str, ...]) -> str:
    """The lines of an answer. What happens to the drug comes first, as a badge."""
    if lines and lines[0].lower() in _ACTIONS:
        return f"<p>{_badge(lines[0].lower(), lines[0].lower())}</p>{_list(lines[1:])}"
    return _list(lines)


_ACTIONS: Final = frozenset(DoseAction)
_KINDS: Final = {"needs-data": "needs data", "not-covered": "not covered"}
"""A badge marks what a reader must not miss. A decided answer has none."""


def _why(part: Part) -> str:
    """The reasons, folded away unless a source is silent or leaves something open."""
    if not part.why:
        return ""
    rows = ", ".join(dict.fromkeys(reason.row for reason in part.why))
    start = "<details open>" if part.kind == "not-covered" or any(reason.unsettled for reason in part.why) else "<details>"
    return f"{start}<summary>Why: {escape(rows)}</summary>{_reasons(part.why)}</details>"


def _reasons(why: Iterable[Because]) -> str:
    return f"<ul>{''.join(map(_reason, why))}</ul>"


def _reason(reason: Because) -> str:
    says = f"{'May apply: ' if reason.may else ''}{reason.says}"
    unsettled = f"Not settled: {reason.unsettled}" if reason.unsettled else ""
    interpretation = f"Interpretation: {reason.interpretation}" if reason.interpretation else ""
    cites = f'<code>{escape(reason.row)}</code> <span class="quiet">{escape(reason.cites)}</span>'
    return f"<li>{escape(says)} {cites}{_line('p', unsettled)}{_line('p', interpretation, 'quiet')}</li>"


def _grid(grid: Grid) -> str:
    return f'<section><p class="title">{escape(grid.title)}</p>{_table(grid.heads, grid.rows, grid.marked)}</section>'


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], marked: frozenset[int] = frozenset()) -> str:
    lines = [f"<tr>{''.join(_line('th', head) or '<th></th>' for head in heads)}</tr>"]
    for n, row in enumerate(rows):
        if len(row) == 1:
            lines.append(f'<tr><th colspan="{len(heads)}">{escape(row[0])}</th></tr>')
        else:
            cells = f"<th>{escape(row[0])}</th>" + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
            lines.append(f'<tr class="marked">{cells}</tr>' if n in marked else f"<tr>{cells}</tr>")
    return f'<div class="scroll"><table>{"".join(lines)}</table></div>'


def _badge(kind: str, says: str) -> str:
    return f'<span class="badge {escape(kind)}">{escape(says)}</span>'


def _line(tag: str, text: str, kind: str = "") -> str:
    """An element with text; empty if there is no text."""
    start = f'<{tag} class="{kind}">' if kind else f"<{tag}>"
    return f"{start}{escape(text)}</{tag}>" if text else ""


def _list(lines: Iterable[str]) -> str:
    items = "".join(_line("li", line) for line in lines)
    return f"<ul>{items}</ul>" if items else ""

"""A page as HTML for print: one sheet of A4 or Letter, black on white, with nothing to fetch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from math import ceil
from typing import Final

from tarlatamab_rules.course.sheets.columns import columns_of, high_in_columns, with_units
from tarlatamab_rules.course.sheets.parts import BOX, SheetBlock, SheetCite, SheetLine, SheetPart, SheetTable

__all__ = ["PAPERS", "page", "piece"]

PAPERS: Final = {"A4": 297.0, "Letter": 279.4}
"""The sizes of paper with their heights in millimetres."""

_SIZES: Final = (10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0)
"""The sizes of type in points. The largest with which a page should fit is used; a script in the page then finds the one that does."""

_LEAST, _LEAST_IN_COLUMNS = 6.0, 8.0
"""The smallest type in points. A page in columns is read beside a bed: what does not fit goes on a second sheet."""

_FIT: Final = """<script>
(function(){var sheet=document.querySelector(".tarlatamab-sheet"),high=%g*96/25.4,size=11;
do{sheet.style.fontSize=size+"pt";size-=0.25}while(sheet.getBoundingClientRect().height>high&&size>=%g)})()
</script>"""
"""Makes the type as large as one sheet of paper allows, with the fonts of the machine that prints; not smaller than the least."""

_MARGINS: Final = 22.0
"""What cannot be printed of the height, with a little to spare, in millimetres."""

_WIDE, _HIGH = 190.0, 254.0
"""What can be printed on either paper, in millimetres: A4 is narrower, Letter is shorter. Some of the height is left free."""

_POINT: Final = 25.4 / 72
_LETTER: Final = 0.5
"""How wide a letter of the type is on average, as a part of its size: wider than it is, because words are not broken."""
_LINE: Final = 1.25
"""How high a line is, as a part of the size of the type."""
_GAP: Final = 0.35
"""What a row of a table needs beside its lines: its margins and its rule."""
_TITLE: Final = 1.8
"""How many lines a title takes with its margins."""

_STYLE: Final = """<style>
@page{size:%s;margin:10mm}
.tarlatamab-sheet{font:%gpt/1.25 Arial,Helvetica,"Liberation Sans","DejaVu Sans Condensed",sans-serif;color:#000;background:#fff;\
width:190mm}
.tarlatamab-sheet :is(h1,h2,p,table){margin:0}
.tarlatamab-sheet h1{font-size:1.45em;line-height:1.2}
.tarlatamab-sheet h2{font-size:1em;margin-top:.55em;border-bottom:1.5pt solid #000;text-transform:uppercase}
.tarlatamab-sheet table{border-collapse:collapse;table-layout:fixed;width:100%%}
.tarlatamab-sheet.tarlatamab-sheet table :is(tr,td,th){background:none;color:#000;line-height:1.25;vertical-align:top;text-align:left;\
overflow-wrap:anywhere}
.tarlatamab-sheet.tarlatamab-sheet table :is(td,th){padding:.15em .4em .15em 0;border-bottom:.4pt solid #777}
.tarlatamab-sheet.tarlatamab-sheet table.grid :is(td,th){border:.5pt solid #000;padding:.15em .3em}
.tarlatamab-sheet .box{font-family:"DejaVu Sans","Segoe UI Symbol","Apple Symbols",sans-serif;width:1.7em}
.tarlatamab-sheet .when{width:17%%;font-weight:700}
.tarlatamab-sheet .source{width:25%%;font-size:.85em}
.tarlatamab-sheet .done{width:11%%;font-size:.85em}
.tarlatamab-sheet.tarlatamab-sheet td.done{border-bottom:.8pt solid #000;border-left:.4pt solid #777}
.tarlatamab-sheet .note{font-size:.9em;font-style:italic}
.tarlatamab-sheet .item{padding-left:.7em;text-indent:-.7em}
.tarlatamab-sheet .caution{border-left:3pt solid #000;padding-left:.5em}
.tarlatamab-sheet .foot{font-size:.85em;margin-top:.5em}
.tarlatamab-sheet .columns{columns:2;column-gap:5mm;margin-top:.5em}
.tarlatamab-sheet .one{white-space:nowrap}
.tarlatamab-sheet .columns h2{break-after:avoid;display:flex;justify-content:space-between}
.tarlatamab-sheet .columns h2:first-child{margin-top:0}
.tarlatamab-sheet .columns h2 span{font-weight:400;text-transform:none}
.tarlatamab-sheet .columns .done{width:15%%}
.tarlatamab-sheet.tarlatamab-sheet .columns table :is(tr,td){line-height:1.18;padding-top:.1em;padding-bottom:.1em}
.tarlatamab-sheet .columns :is(.note,.source){font-size:max(.9em,8pt);width:auto}
.tarlatamab-sheet .columns~.foot{font-size:max(.85em,8pt)}
.tarlatamab-sheet a{color:#000}
.tarlatamab-sheet tr{break-inside:avoid}
</style>"""


def page(title: str, head: Sequence[str], parts: Sequence[SheetPart], foot: Sequence[str], paper: str, *, columns: bool) -> str:  # noqa: PLR0913  # the fields of a sheet
    """A whole document, to be opened in a browser and printed."""
    fit = _FIT % (PAPERS[paper] - _MARGINS, _LEAST_IN_COLUMNS if columns else _LEAST)
    inner = f"{piece(title, head, parts, foot, paper, columns=columns)}{fit}"
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return (
        f'<!doctype html>\n<html lang="en"><head>{meta}<title>{escape(title)}</title>'
        f"<style>body{{margin:0}}@media screen{{body{{margin:10mm}}}}</style></head><body>{inner}</body></html>\n"
    )


def piece(title: str, head: Sequence[str], parts: Sequence[SheetPart], foot: Sequence[str], paper: str, *, columns: bool) -> str:  # noqa: PLR0913  # the fields of a sheet
    """The same as a part of another page."""
    whole = columns_of(_blocks(parts)) if columns else "".join(map(_part, parts))
    inner = f"<h1>{escape(title)}</h1>{''.join(map(_head, head))}{whole}"
    feet = "".join(f"<p>{_linked(text)}</p>" for text in foot)
    style = _STYLE % (paper, _size(title, head, parts, foot, columns=columns))
    return f'{style}<div class="tarlatamab-sheet">{inner}<div class="foot">{feet}</div></div>'


def _blocks(parts: Sequence[SheetPart]) -> list[SheetBlock]:
    return [part for part in parts if isinstance(part, SheetBlock)]


def _head(text: str) -> str:
    return f'<p class="caution">{escape(text)}</p>' if text.startswith("CAUTION") else f"<p>{escape(text)}</p>"


def _linked(text: str) -> str:
    """A line of the foot. An address in it is a link."""
    return " ".join(f'<a href="{escape(word)}">{escape(word)}</a>' if word.startswith("http") else escape(word) for word in text.split(" "))


def _part(part: SheetPart) -> str:
    return _table(part) if isinstance(part, SheetTable) else _block(part)


def _block(block: SheetBlock) -> str:
    if not block.lines:
        return ""
    rows = "".join(_row(line, block) for line in block.lines)
    if not block.cited:
        return f"<h2>{escape(block.title)}</h2><table><tbody>{rows}</tbody></table>"
    head = (
        ('<th class="box"></th>' if block.boxed else "")
        + ("<th class='when'>When</th>" if block.timed else "")
        + "<th>What</th><th class='source'>Source</th>"
    )
    head += '<th class="done">Time, initials</th>' if block.signed else ""
    return f"<h2>{escape(block.title)}</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _row(line: SheetLine, block: SheetBlock) -> str:
    cells = f'<td class="box">{BOX if line.box else ""}</td>' if block.boxed else ""
    cells += f'<td class="when">{escape(line.when)}</td>' if block.timed else ""
    notes = "".join(f'<div class="note">{with_units(note)}</div>' for note in line.notes)
    text = f"<b>{with_units(line.text)}</b>" if line.strong else with_units(line.text)
    cells += f"<td>{text}{notes}</td>"
    cells += f'<td class="source">{"; ".join(map(_cite, line.cites))}</td>' if block.cited else ""
    return f"<tr>{cells}{'<td class=done></td>' if block.signed else ''}</tr>"


def _cite(cite: SheetCite) -> str:
    where = f'<a href="{escape(cite.url)}">{escape(cite.place)}</a>' if cite.url else escape(cite.place)
    return f"[{escape(', '.join(cite.rows))}] {where}"


def _table(table: SheetTable) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in table.heads)
    first = f'<col style="width:{_first(table):.0%}">'
    rows = "".join(f"<tr>{''.join(_cells(row))}</tr>" for row in table.rows)
    notes = f'<p class="note">{with_units(" ".join(table.notes))}</p>' if table.notes else ""
    grid = f'<table class="grid"><colgroup>{first}</colgroup><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f"<h2>{escape(table.title)}</h2>{grid}{notes}"


def _first(table: SheetTable) -> float:
    """How wide the first column is, as a part of the table."""
    return 0.1 if max((len(text) for row in table.rows for text in row[0]), default=0) < _SHORT else 0.16


_SHORT: Final = 12


def _spans(row: Sequence[tuple[str, ...]]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The cells of a row with the number of columns that each one takes."""
    return ((cell, len(list(same))) for cell, same in groupby(row))


def _cells(row: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"<th>{'<br>'.join(map(escape, row[0]))}</th>"
    for cell, columns in _spans(row[1:]):
        items = "".join(f'<div class="item">{with_units(text)}</div>' for text in cell)
        yield f"<td colspan={columns}>{items}</td>"


# --- the size of the type ---


def _size(title: str, head: Sequence[str], parts: Sequence[SheetPart], foot: Sequence[str], *, columns: bool) -> float:
    """The largest size of type with which a page fits on one sheet of either paper, else the smallest."""
    least = _LEAST_IN_COLUMNS if columns else _LEAST
    for size in _SIZES:
        chars, lines = _WIDE / (size * _POINT * _LETTER), _HIGH / (size * _POINT * _LINE)
        if size > least and _high(title, head, parts, foot, chars, columns=columns) <= lines:
            return size
    return least


def _high(title: str, head: Sequence[str], parts: Sequence[SheetPart], foot: Sequence[str], chars: float, *, columns: bool) -> float:  # noqa: PLR0913  # the fields of a sheet
    """How many lines a page takes, if so many letters stand in a line."""
    whole = _TITLE * _rows([title], chars / 1.45) + _rows(head, chars) + _rows(foot, chars / 0.85) + 1
    if columns:
        return whole + high_in_columns(_blocks(parts), chars, _rows)
    return whole + sum(_table_high(part, chars) if isinstance(part, SheetTable) else _block_high(part, chars) for part in parts)


def _block_high(block: SheetBlock, chars: float) -> float:
    if not block.lines:
        return 0
    when, source = 0.17 * block.timed, 0.25 * block.cited
    what = 1 - when - source - 0.11 * block.signed - 0.03
    return _TITLE + 1 + sum(_line_high(line, chars * what, chars * source / 0.85 or 1, chars * when or 1) for line in block.lines)


def _line_high(line: SheetLine, what: float, source: float, when: float) -> float:
    cites = "; ".join(map(str, line.cites))
    return _GAP + max(_rows([line.text, *line.notes], what), 0.85 * _rows([cites], source), _rows([line.when], when * 0.9))


def _table_high(table: SheetTable, chars: float) -> float:
    first = _first(table)
    wide = chars * (1 - first) / max(1, len(table.heads) - 1) - 2
    rows = sum(
        _GAP + max(_rows(row[0], chars * first - 2), *(_rows(cell, wide * columns) for cell, columns in _spans(row[1:])))
        for row in table.rows
    )
    return _TITLE + 1 + _GAP + rows + 0.9 * _rows([" ".join(table.notes)], chars / 0.9)


def _rows(texts: Iterable[str], chars: float) -> int:
    """How many lines some texts take, each beginning a new one."""
    return sum(ceil(max(1, len(text)) / max(1, chars)) for text in texts)

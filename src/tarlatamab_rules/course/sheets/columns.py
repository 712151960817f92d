"""The blocks of a page in two columns, for a page with many lines: each line has its time, its words and its sources one after another.

Sources are short names, which a legend beneath explains. The ids of the rows are not printed; a browser shows them under the pointer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final, TypeAlias

from tarlatamab_rules.course.sheets.parts import BOX

if TYPE_CHECKING:
    from tarlatamab_rules.course.sheets.parts import SheetBlock, SheetCite, SheetLine

__all__ = ["columns_of", "high_in_columns", "with_units"]

Rows: TypeAlias = Callable[[Iterable[str], float], int]
"""How many lines some texts take, each beginning a new one, if so many letters stand in a line."""

_COLUMNS: Final = 2
_DONE: Final = 0.15
"""How much of a column the room for a time and initials takes."""


def columns_of(blocks: Sequence[SheetBlock]) -> str:
    """The blocks as HTML, and the legend of their sources."""
    names = _short_names(blocks)
    legend = "; ".join(f"<b>{escape(short)}</b> {escape(name)}" for name, short in names.items())
    sources = f"<p>Sources: {legend}; § is a section.</p>" if names else ""
    return f'<div class="columns">{"".join(_block(block, names) for block in blocks if block.lines)}{sources}</div>'


def _short_names(blocks: Iterable[SheetBlock]) -> dict[str, str]:
    """A short name for each source: its first word if that is short, else its first letter; with a number if several have the same."""
    names = dict.fromkeys(_source(cite)[0] for block in blocks for line in block.lines for cite in line.cites if _source(cite)[1])
    heads = {name: head if len(head := name.split()[0]) <= _SHORT else head[0].upper() for name in names}
    several = {head for head in heads.values() if list(heads.values()).count(head) > 1}
    numbers = {head: iter(range(1, len(heads) + 1)) for head in several}
    return {name: f"{head}{next(numbers[head])}" if head in several else head for name, head in heads.items()}


_SHORT: Final = 3


def _source(cite: SheetCite) -> tuple[str, str]:
    """The source, and the place in it; what names no place is no source."""
    name, _, where = cite.place.partition(", ")
    return name, where


def _block(block: SheetBlock, names: Mapping[str, str]) -> str:
    signed = "<span>time, initials</span>" if block.signed else ""
    rows = "".join(_row(line, block, names) for line in block.lines)
    return f"<h2>{escape(block.title)}{signed}</h2><table><tbody>{rows}</tbody></table>"


def _row(line: SheetLine, block: SheetBlock, names: Mapping[str, str]) -> str:
    when = f"<b>{with_units(line.when)}</b> " if line.when else ""
    text = f"<b>{with_units(line.text)}</b>" if line.strong else with_units(line.text)
    notes = "".join(f' <span class="note">{with_units(note)}</span>' for note in line.notes)
    cites = f' <span class="source">({"; ".join(_cites(line.cites, names))})</span>' if line.cites else ""
    box = f'<td class="box">{BOX if line.box else ""}</td>' if block.boxed else ""
    return f"<tr>{box}<td>{when}{text}{notes}{cites}</td>{'<td class=done></td>' if block.signed else ''}</tr>"


def _cites(cites: Iterable[SheetCite], names: Mapping[str, str]) -> Iterator[str]:
    """The sources of a line by their short names; one that is cited twice is named once."""
    last = ""
    for cite in cites:
        name, where = _source(cite)
        words = _SECTION.sub("§\N{NO-BREAK SPACE}", where) if where else name
        short = f"{names[name]} " if where and name != last else ""
        last = name
        ids = escape(", ".join(cite.rows))
        place = f'<a href="{escape(cite.url)}">{escape(words)}</a>' if cite.url else escape(words)
        yield f'<span title="{ids}">{escape(short)}{place}</span>'


_SECTION: Final = re.compile(r"\bSections? (?=\d)")


def with_units(text: str) -> str:
    """A text as HTML. A number and its unit stay on one line, and so does a date."""
    return _DATES.sub(r'<span class="one">\g<0></span>', _UNITS.sub("&nbsp;", escape(text)))


_UNITS: Final = re.compile(r"(?<=\d) (?=(?:%|h|d|L|mg|mL|min|days|months|\N{DEGREE SIGN}C)(?![a-z]))")


_DATES: Final = re.compile(r"\d{4}-\d\d-\d\d")


def high_in_columns(blocks: Sequence[SheetBlock], chars: float, rows_of: Rows) -> float:
    """How many lines of the page the blocks take, if so many letters stand in a line of it."""
    names = _short_names(blocks)
    column = chars / _COLUMNS - 1
    high = 2.0 + rows_of(["; ".join(f"{short} {name}" for name, short in names.items())], column)
    for block in blocks:
        room = column * (1 - (_DONE if block.signed else 0)) - 3 * block.boxed
        high += 2 + sum(_GAP + rows_of([_plain(line, names)], room) for line in block.lines)
    return high / _COLUMNS


_GAP: Final = 0.35


def _plain(line: SheetLine, names: Mapping[str, str]) -> str:
    """A line as it is printed, to be measured."""
    cites = "; ".join(_SECTION.sub("§ ", f"{names.get(_source(cite)[0], '')} {_source(cite)[1]}") for cite in line.cites)
    return " ".join([line.when, line.text, *line.notes, cites])

"""A screen laid out in lines of limited width, and in a limited number of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import evolve

from tarlatamab_rules.assessment import DoseAssessment
from tarlatamab_rules.assessment.screen import Block, Line, Screen, answer_screen, screen
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["HEIGHT", "WIDTH", "fitted", "more", "screen_lines", "screen_of", "shortened", "styles_of"]

Styled: TypeAlias = tuple[str, str]
"""The kind of a line, for printing in colour, and the line."""

WIDTH: Final = 100
HEIGHT: Final = 30
_GUTTER: Final = 18
"""The titles stand in a column of their own."""

_FIRST_TO_SHORTEN: Final = (
    "NOT CHECKED",
    "SOURCES DISAGREE",
    "MISSING",
    "NEXT DOSE",
    "INFUSE",
    "AFTER",
    "STOP FOR GOOD IF",
    "AGAIN WHEN",
    "WHY",
    "IN ANY CASE",
    "STILL POSSIBLE",
    "BEFORE",
    "NOW",
)
"""The blocks that may lose lines, in this order."""


def screen_of(value: object) -> Screen | None:
    """The first screen of an assessment or of an answer; ``None`` if a value has none of its own."""
    if isinstance(value, DoseAssessment):
        return screen(value)
    return answer_screen(value) if isinstance(value, Decided | NeedsData | NotCovered) else None


def screen_lines(shown: Screen) -> list[Styled]:
    """The lines of a screen: at most `HEIGHT`, unless what is never left out needs more; none longer than `WIDTH`."""
    head = [(shown.verdict or "title", row) for row in _wrapped(shown.head, WIDTH)]
    head += [("title", row) for row in _wrapped(shown.dose, WIDTH)]
    foot = [("plain", row) for text in shown.foot for row in _wrapped(text, WIDTH, "")]
    blocks = fitted(shown)
    if len(head) + len(foot) + sum(len(_rows(block, count)) for block, count in blocks) > HEIGHT:
        blocks = _merged(blocks)
    return [*head, *(row for block, count in blocks for row in _rows(block, count)), *foot]


def fitted(shown: Screen) -> list[tuple[Block, int]]:
    """The blocks of a screen, each with how many of its lines are shown before *+n more*. Every format shows the same."""
    head = [row for text in (shown.head, shown.dose) for row in _wrapped(text, WIDTH)]
    foot = [row for text in shown.foot for row in _wrapped(text, WIDTH, "")]
    texts: dict[int, list[list[str]]] = {}

    def rows(block: Block, count: int) -> list[Styled]:
        # A block loses one line after the other; what is left need not be wrapped again.
        if id(block) not in texts:
            texts[id(block)] = _texts(block, count)
        return _with_title(block, count, texts[id(block)][:count])

    return shortened(shown.blocks, HEIGHT - len(head) - len(foot), rows)


def shortened(blocks: Sequence[Block], height: int, rows: Callable[[Block, int], Sequence[object]]) -> list[tuple[Block, int]]:
    """Each block with how many of its lines are shown, so that all of them take no more rows than *height*.

    Lines that are kept come first and are all shown. Minor lines are left out first. Then one block after another loses all lines but its
    first, and at last that one.

    Args:
        blocks: The blocks.

        height: How many rows there are.

        rows: The rows of a block of which so many lines are shown.
    """
    blocks = [evolve(block, lines=tuple(sorted(block.lines, key=lambda line: (not line.kept, line.minor)))) for block in blocks]
    least = [_least(block) for block in blocks]
    counts = [max(kept, min(len(block.lines), height)) for kept, block in zip(least, blocks, strict=True)]  # more would not fit
    heights = [len(rows(block, count)) for block, count in zip(blocks, counts, strict=True)]
    while sum(heights) > height:
        free = [n for n, count in enumerate(counts) if count > least[n]]
        if not free:
            break
        shorter = min(free, key=lambda n: _hold(blocks[n], counts[n]))
        counts[shorter] -= 1
        heights[shorter] = len(rows(blocks[shorter], counts[shorter]))
    return list(zip(blocks, counts, strict=True))


def _merged(blocks: Sequence[tuple[Block, int]]) -> list[tuple[Block, int]]:
    """The blocks of which something is shown, and one row for all others."""
    shown = [(block, count) for block, count in blocks if count]
    titles = tuple(Line(block.title) for block, count in blocks if not count)
    return [*shown, (Block("MORE ON", titles, joined=True), len(titles))] if titles else shown


def _least(block: Block) -> int:
    return len(block.lines) if block.kept or block.joined else sum(line.kept for line in block.lines)


def _hold(block: Block, count: int) -> tuple[bool, bool, int]:
    """How long a block holds its last line that is shown: the least goes first."""
    minor = count > 1 and block.lines[count - 1].minor
    return not minor, count == 1, _rank(block)


def _rank(block: Block) -> int:
    title = block.title.removesuffix(" if cleared")
    return _FIRST_TO_SHORTEN.index(title) if title in _FIRST_TO_SHORTEN else len(_FIRST_TO_SHORTEN)


def more(block: Block, count: int) -> str:
    """How many lines of a block are left out; empty if none is."""
    left = len(block.lines) - count
    return f"+{left} more" if left else ""


def styles_of(block: Block) -> str:
    """The kind of the lines of a block."""
    return _STYLES.get(block.title, "answer")


_STYLES: Final = {
    "WHY": "why",
    "MISSING": "open",
    "SOURCES DISAGREE": "dissent",
    "CHECKED": "plain",
    "NOT CHECKED": "note",
    "CAUTION": "caveat",
}


def _rows(block: Block, count: int) -> list[Styled]:
    """The rows of a block of which so many lines are shown, beside its title."""
    return _with_title(block, count, _texts(block, count))


def _texts(block: Block, count: int) -> list[list[str]]:
    """The first lines of a block, each in rows."""
    return [_numbered(line, n, block) for n, line in enumerate(block.lines[:count])]


def _with_title(block: Block, count: int, lines: Sequence[Sequence[str]]) -> list[Styled]:
    texts = [text for line in lines for text in line]
    if block.joined:
        texts = _one_row(block, texts)
    elif left := more(block, count):
        texts = [*texts[:-1], f"{texts[-1]}  {left}"] if texts and _fits(f"{texts[-1]}  {left}") else [*texts, left]
    wide = _wide(block)
    titles = [block.title, *[""] * (len(texts) - 1)]
    return [(styles_of(block), f"{title:<{wide}}{text}") for title, text in zip(titles, texts, strict=True)]


def _wide(block: Block) -> int:
    """How wide the column of the title is."""
    return max(_GUTTER, len(block.title) + 1) if block.title else len("  ")


def _fits(text: str) -> bool:
    return len(text) <= WIDTH - _GUTTER


def _numbered(line: Line, n: int, block: Block) -> list[str]:
    """A line in rows. What continues it is indented."""
    start = f"{n + 1}. " if block.numbered else ""
    indent = "   " if block.numbered else "  "
    return _wrapped(f"{start}{line.text}", WIDTH - _wide(block), indent)


def _one_row(block: Block, texts: Iterable[str]) -> list[str]:
    """Short items in one row, and how many more there are."""
    items, row = list(texts), ""
    for n, item in enumerate(items):
        longer = f"{row}, {item}" if row else item
        left = f", +{len(items) - n - 1} more"
        if not _fits(longer + left * (n < len(items) - 1)):
            return [f"{row}, +{len(items) - n} more" if row else f"+{len(items)} more"]
        row = longer
    return [row] if row else [f"+{len(block.lines)} more"]


def _wrapped(text: str, width: int, indent: str = "  ") -> list[str]:
    text = " ".join(text.split())
    if len(text) <= width:  # as most lines are, and to find that out takes no time
        return [text] if text else []
    return textwrap.wrap(text, width, subsequent_indent=indent, break_on_hyphens=False)

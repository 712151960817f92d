"""A drawing as plain data: shapes and words at places in pixels. It becomes SVG without any other package, or a figure of matplotlib.

Colours are those of Okabe and Ito, so colour-blind readers can tell them apart; shapes and places say the same without any colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field, frozen

from tarlatamab_rules.inputs._fields import whole

if TYPE_CHECKING:
    from tarlatamab_rules.course.entries import PlanEntry

__all__ = [
    "AMBER",
    "BLUE",
    "FAINT",
    "GREEN",
    "GREY",
    "INK",
    "LINE",
    "PAPER",
    "PURPLE",
    "SIZE",
    "SKY",
    "WIDTH",
    "Drawing",
    "Group",
    "Packer",
    "Polygon",
    "Shape",
    "Words",
    "bar",
    "line",
    "lines_height",
    "lines_of",
    "mark",
    "width_in",
    "width_of",
]

INK, FAINT, GREY, LINE, PAPER = "#000000", "#595959", "#f0f0f0", "#c4c4c4", "#ffffff"
BLUE, SKY, AMBER, GREEN, PURPLE = "#0072b2", "#bfe1f4", "#e69f00", "#009e73", "#5a1a4a"

WIDTH: Final = 1200
"""How wide a drawing is, in pixels, if nothing else is said."""
_LEAST, _MOST = 480, 4000
SIZE: Final = 13.0
"""The size of the words, in pixels."""
_LEADING: Final = 1.25
"""From one line of words to the next, in multiples of their size."""
_RISE: Final = 0.36
"""From the middle of a word to its base line, in multiples of its size."""
_FONT: Final = "DejaVu Sans,Verdana,Helvetica,Arial,sans-serif"

Point: TypeAlias = "tuple[float, float]"


@frozen
class Polygon:
    """A shape with corners; with two of them a line.

    Attributes:
        points: The corners.

        fill: The colour of the area; empty for none.

        edge: The colour of the outline; empty for none.

        thick: The width of the outline.

        dashed: Whether the outline is dashed.
    """

    points: tuple[Point, ...]
    fill: str = ""
    edge: str = ""
    thick: float = 1.0
    dashed: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The room that it takes, as left, top, right and bottom."""
        across, down = [x for x, _ in self.points], [y for _, y in self.points]
        return min(across), min(down), max(across), max(down)


@frozen
class Words:
    """One line of words.

    Attributes:
        x: Where it begins, or its middle, or its end: see *anchor*.

        y: The middle of its height.

        text: The words.

        size: Their size, in pixels.

        bold: Whether they are bold.

        anchor: ``start``, ``middle`` or ``end``.

        ink: Their colour.
    """

    x: float
    y: float
    text: str
    size: float = SIZE
    bold: bool = False
    anchor: str = "start"
    ink: str = INK

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The room that it takes at most, as left, top, right and bottom."""
        width = width_of(self.text, self.size, bold=self.bold)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, self.y - self.size / 2, left + width, self.y + self.size / 2


Shape: TypeAlias = Polygon | Words


@frozen
class Group:
    """What is drawn of one thing.

    Attributes:
        name: What it is, as a program finds it: the kind of an entry, or a part of the drawing.

        shapes: What is drawn.

        says: What it says; a browser shows it under the pointer.

        entry: The entry of the plan that it shows; ``None`` if it is none.
    """

    name: str
    shapes: tuple[Polygon | Words, ...]
    says: str = ""
    entry: PlanEntry | None = field(default=None, repr=False)


@frozen
class Drawing:
    """A picture as plain data. A notebook shows it, and `svg` is a file or a piece of a page.

    Attributes:
        width: Its width in pixels.

        height: Its height in pixels.

        title: What it shows, in a few words: the text for ``alt``.

        description: What it shows, in full: everything that is drawn, for a reader who cannot see it.

        groups: What is drawn, in order.
    """

    width: float
    height: float
    title: str
    description: str = field(repr=False)
    groups: tuple[Group, ...] = field(repr=False)

    @property
    def entries(self) -> tuple[PlanEntry, ...]:
        """The entries of the plan that are drawn, each once."""
        return tuple(group.entry for group in self.groups if group.entry is not None)

    @property
    def shapes(self) -> tuple[Polygon | Words, ...]:
        """Everything that is drawn."""
        return tuple(shape for group in self.groups for shape in group.shapes)

    @property
    def svg(self) -> str:
        """The picture as SVG. It fetches nothing, and it is the same to the byte every time."""
        return "".join(_svg(self))

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        """What it shows, in words."""
        return f"{self.title}\n{self.description}"


# --- shapes ---


def bar(box: tuple[float, float, float, float], fill: str = "", edge: str = "", *, dashed: bool = False) -> Polygon:
    """A rectangle: left, top, right, bottom."""
    left, top, right, bottom = box
    return Polygon(((left, top), (right, top), (right, bottom), (left, bottom)), fill, edge, 1.4 if edge else 0.0, dashed)


def line(start: Point, end: Point, ink: str = LINE, thick: float = 1.0, *, dashed: bool = False) -> Polygon:
    """A line."""
    return Polygon((start, end), "", ink, thick, dashed)


_RADIUS: Final = 6.0
_MARKS: Final[dict[str, tuple[Point, ...]]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.2), (1.2, 0), (0, 1.2), (-1.2, 0)),
    "up": ((0, -1), (1.05, 0.9), (-1.05, 0.9)),
    "down": ((-1.05, -0.9), (1.05, -0.9), (0, 1)),
    "flag": ((-1, -1.1), (0.55, -1.1), (0.55, 1.1), (0.05, 1.1), (0.05, -0.1), (-1, -0.1)),
    "hourglass": ((-0.9, -1), (0.9, -1), (-0.9, 1), (0.9, 1)),
    "cross": (
        *((-1, -0.55), (-0.55, -1), (0, -0.45), (0.55, -1), (1, -0.55), (0.45, 0)),
        *((1, 0.55), (0.55, 1), (0, 0.45), (-0.55, 1), (-1, 0.55), (-0.45, 0)),
    ),
}


def mark(shape: str, x: float, y: float, fill: str) -> Polygon:
    """A small shape around a place, by its name."""
    return Polygon(tuple((x + _RADIUS * right, y + _RADIUS * down) for right, down in _MARKS[shape]), fill, INK, 1.4)


# --- words ---

_NARROW, _BROAD = frozenset("iljtfrI.,:;'|!()[]-/ "), frozenset("mwMW@%")


def _em(letter: str) -> float:
    if letter in _NARROW:
        return 0.42
    if letter in _BROAD or letter > "\u2000":
        return 1.02
    return 0.78 if letter.isupper() else 0.645


def width_of(text: str, size: float = SIZE, *, bold: bool = False) -> float:
    """How wide words are at most, in pixels, in the widest of the usual fonts."""
    return size * sum(map(_em, text)) * (1.1 if bold else 1.0)


def lines_of(text: str, room: float, size: float = SIZE) -> list[str]:
    """Words in lines that fit into so many pixels. A word that is longer than a line has one of its own."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


class Packer:
    """Finds for each box the first place from the top where it does not touch those before it."""

    def __init__(self, gap: float = 4.0) -> None:
        self._boxes: list[tuple[float, float, float, float]] = []
        self._gap = gap

    def place(self, left: float, right: float, height: float, step: float) -> float:
        """The top of the place that a box takes from now on."""
        top, gap = 0.0, self._gap
        while any(
            left < other_right + gap and right > other_left - gap and top < bottom and top + height > other_top
            for other_left, other_top, other_right, bottom in self._boxes
        ):
            top += step
        self._boxes.append((left, top, right, top + height))
        return top

    @property
    def height(self) -> float:
        """How far down the boxes reach."""
        return max((bottom for *_, bottom in self._boxes), default=0.0)


# --- as SVG ---

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _safe(text: str) -> str:
    """Words for XML: escaped, and without characters that it cannot hold."""
    return escape(_NO_XML.sub("\ufffd", text))


def _svg(drawing: Drawing) -> Iterator[str]:
    size = f'width="{_n(drawing.width)}" height="{_n(drawing.height)}" viewBox="0 0 {_n(drawing.width)} {_n(drawing.height)}"'
    title = _safe(drawing.title)
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{title}" font-family="{_FONT}">'
    yield f"<title>{title}</title><desc>{_safe(drawing.description)}</desc>"
    yield f'<rect width="100%" height="100%" fill="{PAPER}"/>'
    for group in drawing.groups:
        says = f"<title>{_safe(group.says)}</title>" if group.says else ""
        yield f'<g class="{_safe(group.name)}">{says}{"".join(_drawn(group.shapes))}</g>'
    yield "</svg>"


def _drawn(shapes: Iterable[Shape]) -> Iterator[str]:
    for shape in shapes:
        if isinstance(shape, Words):
            bold = ' font-weight="bold"' if shape.bold else ""
            anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
            place = f'x="{_n(shape.x)}" y="{_n(shape.y + _RISE * shape.size)}"'
            yield f'<text {place} font-size="{_n(shape.size)}" fill="{shape.ink}"{bold}{anchor}>{_safe(shape.text)}</text>'
            continue
        points = " ".join(f"{_n(x)},{_n(y)}" for x, y in shape.points)
        edge = f' stroke="{shape.edge}" stroke-width="{_n(shape.thick)}"' if shape.edge else ""
        dashes = ' stroke-dasharray="4 3"' if shape.dashed else ""
        yield f'<polygon points="{points}" fill="{shape.fill or "none"}"{edge}{dashes}/>'


def _n(value: float) -> str:
    """A number of pixels, as short as it can be written."""
    return f"{value:.1f}".removesuffix(".0")


def lines_height(count: int, size: float = SIZE) -> float:
    """The height of so many lines of words."""
    return count * size * _LEADING


def width_in(value: int) -> float:
    """A width that a caller asks for, checked."""
    number = whole(value, "width", _LEAST, _MOST)
    return float(WIDTH if number is None else number)

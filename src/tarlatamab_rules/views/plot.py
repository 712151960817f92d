"""What a book says to do, as a picture. Needs the extra ``tarlatamab-rules[plot]``.

Colour-blind readers can tell the colours apart, and so can readers of a grey print: the darker, the stricter. No window is opened,
pyplot is not loaded, and no setting of matplotlib stays changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from io import StringIO
from itertools import pairwise
from math import ceil
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.views.grids import ActionCell, ActionGrid, Silence, action_grid

try:
    from matplotlib import rc_context
    from matplotlib.axes import Axes
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure
    from matplotlib.legend_handler import HandlerTuple
    from matplotlib.patches import Patch, Polygon
except ImportError as _missing:
    msg = "pictures need matplotlib: pip install 'tarlatamab-rules[plot]'"
    raise ImportError(msg, name=_missing.name) from _missing

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Picture", "plot_actions", "plot_two", "svg"]

Place: TypeAlias = tuple[int, int]


@frozen
class Look:
    """How one thing that a book can say is drawn.

    Attributes:
        fill: The colour of the area.

        ink: The colour of the text; on a pattern it is on a patch of *fill*.

        pattern: The hatching of the area; empty for a plain one.
    """

    fill: str
    ink: str
    pattern: str = ""

    @property
    def drawn(self) -> dict[str, Any]:
        """The same as matplotlib takes it."""
        line = {"edgecolor": PATTERN, "hatch": self.pattern, "linewidth": 0.8} if self.pattern else {"linewidth": 0}
        return {"facecolor": self.fill, **line}


LOOKS: Final[Mapping[DoseAction | Silence, Look]] = {
    DoseAction.CONTINUE: Look("#bfe1f4", "#000000"),
    DoseAction.WITHHOLD: Look("#e69f00", "#000000"),
    DoseAction.DISCONTINUE: Look("#5a1a4a", "#ffffff"),
    Silence.SILENT: Look("#ffffff", "#000000", "//"),
    Silence.UNSETTLED: Look("#ffffff", "#000000", "..."),
}
PAPER, INK, PATTERN = "#ffffff", "#000000", "#8c8c8c"
FAINT: Final = Look(PAPER, "#595959")
"""Text on the paper between the areas."""

_MEANING: Final = {Silence.SILENT: "silent: the book does not say", Silence.UNSETTLED: "not settled: a clinician decides"}
_EITHER: Final = "either, depending on facts left open"
_COLUMNS: Final = 3
"""The columns of the legend."""
_LEGEND: Final = 105
"""The width of the legend, in letters."""
_PROSE, _WIDE, _WIDEST = 0.52, 0.56, 0.66
"""The width of a letter in a sentence, in a few words, and in bold, in multiples of its size."""
_LARGEST: Final = 15.0
"""The size of the text in points, if there is room."""
_GAP: Final = 2.8
"""From the edge of a cell to what is drawn in it, in points."""
_TILT: Final = 0.13
"""How far the line between two things in one cell rises, in multiples of the height of one."""


class Picture(Figure):
    """A figure that a notebook shows as it is, whatever backend is in use."""

    def _repr_svg_(self) -> str:
        return svg(self)


def svg(figure: Figure) -> str:
    """A figure as SVG, the same to the byte every time. Its letters are drawn, so that it looks alike without their font."""
    with rc_context({"svg.hashsalt": "tarlatamab_rules", "svg.fonttype": "path"}), StringIO() as written:
        figure.savefig(written, format="svg", metadata={"Date": None})
        return written.getvalue()


def plot_actions(rulebook: Rulebook | ActionGrid | str | None = None, *, ax: Axes | None = None) -> Figure:
    """What a book says to do with the drug, for every toxicity and grade of an active episode.

    A cell that may be one of several things shows all of them, and beneath them the facts that decide.

    Args:
        rulebook: A book or a stack, or its name; the default book if left out. Or a grid of `action_grid`, as that of a first episode.

        ax: Where to draw it; a figure of its own, 12 inches wide, if left out. The size of the text goes by the size of the axes, and
            title, rows and explanation stand around them.

    Raises:
        FieldTypeError: *ax* is no axes of a figure.
    """
    grid = _grid(rulebook)
    sheet = _Sheet.of(_picture(11.8).add_axes((0.185, 0.135, 0.805, 0.79)) if ax is None else ax, grid)
    sheet.draw(notes=True)
    sheet.explain([grid])
    return sheet.figure


def plot_two(one: Rulebook | ActionGrid | str, other: Rulebook | ActionGrid | str) -> Figure:
    """Two books side by side, with lines around what differs: thick if both say what to do, dashed if one does not.

    Args:
        one: A book or a stack, or its name; or a grid of `action_grid`.

        other: The other.
    """
    grids = _grid(one), _grid(other)
    picture = _picture(9.2)
    left, right = (_Sheet.of(picture.add_axes((start, 0.175, 0.42, 0.74)), grid) for start, grid in zip((0.13, 0.57), grids, strict=True))
    thick = {
        left.place(cell): cell.actions != beside.actions and bool(cell.actions and beside.actions)
        for cell, beside in grids[0].differing(grids[1])
    }
    for sheet in (left, right):
        sheet.draw(notes=False)
        sheet.outline(thick)
    right.ax.tick_params(labelleft=False)
    left.explain(grids, _differing(thick.values()))
    return picture


def _grid(rulebook: Rulebook | ActionGrid | str | None) -> ActionGrid:
    return rulebook if isinstance(rulebook, ActionGrid) else action_grid(rulebook)


def _picture(height: float) -> Picture:
    return Picture(figsize=(12, height), dpi=100, facecolor=PAPER)


def _differing(thick: Collection[bool]) -> Iterator[str]:
    """Where two books differ, in sentences."""
    both = sum(thick)
    if both:
        yield f"Thick line: both say what to do, and not the same ({_cells(both)})."
    if len(thick) > both:
        yield f"Dashed line: they differ, and one of them at least does not say what to do ({_cells(len(thick) - both)})."
    if not thick:
        yield "The two do not differ."


def _cells(count: int) -> str:
    return f"{count} cell" if count == 1 else f"{count} cells"


@frozen
class _Sheet:
    """Axes on which a grid is drawn: a unit across is a grade, a unit down a toxicity.

    Attributes:
        ax: The axes.

        figure: Their figure.

        grid: The grid.

        width: That of a cell, in points.

        height: That of a cell, in points.
    """

    ax: Axes
    figure: Figure
    grid: ActionGrid
    width: float
    height: float

    @classmethod
    def of(cls, ax: object, grid: ActionGrid) -> _Sheet:
        """A grid on axes that are as large as they are now."""
        if not isinstance(ax, Axes) or (figure := ax.get_figure(root=True)) is None:
            raise FieldTypeError("ax", f"{shown(ax)} is no axes of a figure", "pass figure.add_subplot(), or leave it out")
        box, point = ax.get_window_extent(), figure.dpi / 72
        return cls(ax, figure, grid, box.width / point / len(grid.grades), box.height / point / len(grid.toxicities))

    @property
    def size(self) -> float:
        """The size of the text, in points: the longest word fits across a cell, and two and a note fit down it."""
        return min(_LARGEST, 0.138 * self.width, 0.25 * self.height)

    def place(self, cell: ActionCell) -> Place:
        """The column and the row of a cell."""
        return self.grid.grades.index(cell.grade), self.grid.toxicities.index(cell.toxicity)

    def draw(self, *, notes: bool) -> None:
        """Draws title, rows, columns and cells."""
        grid, ax, size = self.grid, self.ax, self.size
        across, down = len(grid.grades), len(grid.toxicities)
        ax.set(xlim=(0, across), ylim=(down, 0), facecolor="none")
        ax.spines[:].set_visible(False)
        ax.grid(visible=False)
        ax.set_xticks([n + 0.5 for n in range(across)], [f"grade {grade:d}" for grade in grid.grades])
        ax.set_yticks([n + 0.5 for n in range(down)], list(map(_toxicity_name, grid.toxicities)))
        ax.tick_params(length=0, labelsize=size, labelcolor=INK, top=True, labeltop=True, bottom=False, labelbottom=False)
        large = min(1.15 * size, self.width * across / _WIDEST / len(grid.title))
        ax.set_title(grid.title, loc="left", fontsize=large, fontweight="bold", color=INK, pad=1.2 * size, parse_math=False)
        for cell in grid.cells:
            self._cell(cell, note=_note(cell) if notes else "")

    def _cell(self, cell: ActionCell, note: str) -> None:
        (left, row), x, y = self.place(cell), _GAP / self.width, _GAP / self.height
        middle, top, bottom = left + 0.5, row + y, row + 1 - y
        if cell.impossible:
            self._text(middle, row + 0.5, cell.label, 0.85 * self.size, FAINT)
        if note:
            size = min(0.85 * self.size, self.width / _WIDE / len(note))
            self._text(middle, bottom - 0.55 * size / self.height, note, size, FAINT)
            bottom -= 1.15 * self.size / self.height
        parts = len(cell.possible)
        edges = [top + (bottom - top) * n / parts for n in range(parts)] + [bottom]
        for what, (above, below) in zip(cell.possible, pairwise(edges), strict=True):
            look, tilt = LOOKS[what], _TILT * (below - above)
            up, down = (0 if edge in {top, bottom} else tilt for edge in (above, below))
            corners = [(left + x, above + up), (left + 1 - x, above - up), (left + 1 - x, below - down), (left + x, below + down)]
            self.ax.add_patch(Polygon(corners, **look.drawn))
            self._text(middle, (above + below) / 2, what, min(self.size, 0.75 * (below - above) * self.height), look)

    def _text(self, x: float, y: float, text: str, size: float, look: Look) -> None:
        ground = {"boxstyle": "square,pad=0.1", "facecolor": look.fill, "linewidth": 0} if look.pattern else None
        self.ax.text(x, y, text, fontsize=size, color=look.ink, ha="center", va="center", bbox=ground, parse_math=False)

    def outline(self, thick: Mapping[Place, bool]) -> None:
        """Draws thick and dashed lines around cells, in the room between them. Neighbours of one kind share a line."""
        lines: dict[bool, list[tuple[Place, Place]]] = {True: [], False: []}
        for (x, y), is_thick in thick.items():
            around = {(x - 1, y): (x, y, x, y + 1), (x + 1, y): (x + 1, y, x + 1, y + 1)}
            around |= {(x, y - 1): (x, y, x + 1, y), (x, y + 1): (x, y + 1, x + 1, y + 1)}
            for beside, (x0, y0, x1, y1) in around.items():
                if beside not in thick or (is_thick and not thick[beside]):
                    lines[is_thick].append(((x0, y0), (x1, y1)))
        self.ax.add_collection(LineCollection(lines[False], colors=INK, linewidths=1.2, linestyles=[(0, (4, 2.5))], clip_on=False))
        self.ax.add_collection(LineCollection(lines[True], colors=INK, linewidths=2.6, capstyle="projecting", clip_on=False))

    def explain(self, grids: Sequence[ActionGrid], sentences: Iterable[str] = ()) -> None:
        """Writes what the colours mean, and some sentences, beneath the cells."""
        room = self.width * len(self.grid.grades) * len(grids)
        size = min(0.9 * self.size, room / _WIDE / _LEGEND)
        keys, names = _keys([cell for grid in grids for cell in grid.cells])
        legend = self.ax.legend(
            keys,
            names,
            title="What happens to the drug",
            title_fontproperties={"size": size, "weight": "bold"},
            alignment="left",
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0)},
            loc="upper left",
            bbox_to_anchor=(0, -0.9 * size / self.height / len(self.grid.toxicities)),
            borderaxespad=0,
            borderpad=0,
            ncols=_COLUMNS,
            fontsize=size,
            labelcolor=INK,
            frameon=False,
        )
        legend.get_title().set_color(INK)
        silent = any(cell.silent or cell.silent_in_part for grid in grids for cell in grid.cells)
        about = ("Not medical advice.", *dict.fromkeys(grid.about for grid in grids), *(("Silence is no permission.",) if silent else ()))
        lines = [*sentences, " ".join(about)]
        beneath = (0, -size * (3.1 + 1.5 * ceil(len(keys) / _COLUMNS)))
        text = "\n".join(fill(line, int(room / _PROSE / size)) for line in lines)
        self.ax.annotate(text, (0, 0), beneath, "axes fraction", "offset points", va="top", fontsize=size, color=INK, linespacing=1.4)


def _keys(cells: Iterable[ActionCell]) -> tuple[list[Any], list[str]]:
    """The entries of a legend: a key and its meaning for everything that some cell has."""
    cells = tuple(cells)
    actions = [action for action in LOOKS if any(action in cell.possible for cell in cells)]
    keys: list[Any] = [Patch(**LOOKS[action].drawn) for action in actions]
    names = [_MEANING[action] if isinstance(action, Silence) else str(action) for action in actions]
    if any(len(cell.possible) > 1 for cell in cells):
        keys.append(tuple(Patch(**LOOKS[action].drawn) for action in (DoseAction.WITHHOLD, DoseAction.DISCONTINUE)))
        names.append(_EITHER)
    return keys, names


def _toxicity_name(toxicity: Toxicity) -> str:
    return toxicity.upper() if toxicity in {Toxicity.CRS, Toxicity.ICANS} else toxicity.replace("-", "\n")


def _note(cell: ActionCell) -> str:
    facts = f"by {', '.join(cell.depends_on)}" if cell.depends_on else ""
    books = f"not settled by {', '.join(cell.left_open_by)}" if cell.left_open_by else ""
    return "; ".join(part for part in (facts, books) if part)

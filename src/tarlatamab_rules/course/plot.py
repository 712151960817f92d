"""A drawing as a figure of matplotlib. Needs the extra ``tarlatamab-rules[plot]``. No window is opened, and no setting stays changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tarlatamab_rules.course.drawing import PAPER, Drawing, Words

try:
    from matplotlib.patches import Polygon as Patch

    from tarlatamab_rules.views.plot import Picture
except ImportError as _missing:
    msg = "a figure of a plan needs matplotlib: pip install 'tarlatamab-rules[plot]'; its SVG needs nothing else"
    raise ImportError(msg, name=_missing.name) from _missing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["figure_of"]

_DPI: Final = 100
_POINTS: Final = 72 / _DPI
"""A pixel in points."""
_DASHES: Final = (0, (4, 3))


def figure_of(drawing: Drawing) -> Figure:
    """The same picture as a figure of matplotlib, as large as the drawing at 100 dots an inch. A notebook shows it.

    Args:
        drawing: What `timeline`, `dose_day` or `lab_trend` gave.
    """
    picture = Picture(figsize=(drawing.width / _DPI, drawing.height / _DPI), dpi=_DPI, facecolor=PAPER)
    picture.set_label(drawing.title)
    ax = picture.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, drawing.width), ylim=(drawing.height, 0))
    ax.axis("off")
    for order, shape in enumerate(drawing.shapes):
        if isinstance(shape, Words):
            ax.text(
                shape.x,
                shape.y,
                shape.text,
                fontsize=shape.size * _POINTS,
                fontweight="bold" if shape.bold else "normal",
                family="DejaVu Sans",
                ha={"start": "left", "middle": "center", "end": "right"}[shape.anchor],
                va="center_baseline",
                color=shape.ink,
                zorder=order,
                parse_math=False,
            )
        else:
            ax.add_patch(
                Patch(
                    shape.points,
                    closed=True,
                    facecolor=shape.fill or "none",
                    edgecolor=shape.edge or "none",
                    linewidth=shape.thick * _POINTS,
                    linestyle=_DASHES if shape.dashed else "-",
                    zorder=order,
                )
            )
    return picture

"""Pictures of audits and comparisons. Need the extra ``tarlatamab-rules[cohort,plot]``.

The darker a colour, the stricter the verdict; patterns tell apart what has no verdict. Each figure has its content as a text, too, in
``figure.get_label()``: use it as the alternative text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown

try:
    from matplotlib.patches import Patch

    from tarlatamab_rules.cohort.audits.audit import VERDICTS, Audit
    from tarlatamab_rules.cohort.audits.comparison import CohortComparison
    from tarlatamab_rules.cohort.audits.objections import REFUSED
    from tarlatamab_rules.views.plot import INK, PAPER, PATTERN, Look, Picture
except ImportError as _missing:
    msg = "pictures of a cohort need matplotlib, numpy, narwhals and pyarrow: pip install 'tarlatamab-rules[cohort,plot]'"
    raise ImportError(msg, name=_missing.name) from _missing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_audit", "plot_comparison", "plot_objections"]

LOOKS: Final[Mapping[str, Look]] = {
    "proceed": Look("#d6ecf8", "#000000"),
    "needs-data": Look("#ffffff", "#000000", "//"),
    "needs-assessment": Look("#f2d16b", "#000000"),
    "withhold": Look("#d98200", "#000000"),
    "excluded": Look("#8a4b82", "#ffffff"),
    "discontinue": Look("#3d0f33", "#ffffff"),
    REFUSED: Look("#ffffff", "#000000", "xx"),
}
"""How each verdict is drawn."""

_SIZE, _SMALL = 10, 9
_WIDTH: Final = 9.0
_NOT_ADVICE: Final = "Not medical advice. An objection is no proof of a mistake."
_FEWEST: Final = 0.06
"""The smallest share whose count is written into its bar."""


def plot_audit(audit: Audit, by: str = "month") -> Figure:
    """The verdicts about given doses as shares, one bar for each month or site, with the number of doses.

    Args:
        audit: What `audit` gave.

        by: ``month`` or ``site``.

    Raises:
        FieldError: *by* is neither.

        FieldTypeError: *audit* is no audit.
    """
    _check(audit, Audit, "audit")
    table = audit.by(by).to_pylist()
    names = [row[by] or "not known" for row in table]
    totals = [sum(row[verdict] for verdict in VERDICTS) for row in table]
    picture, ax = _sheet(1.9 + 0.32 * len(names))
    starts = [0.0] * len(names)
    used = [verdict for verdict in VERDICTS if any(row[verdict] for row in table)]
    for verdict in used:
        look, counts = LOOKS[verdict], [row[verdict] for row in table]
        shares = [count / total for count, total in zip(counts, totals, strict=True)]
        ax.barh(range(len(names)), shares, left=starts, height=0.8, **_drawn(look))
        for place, (count, share, start) in enumerate(zip(counts, shares, starts, strict=True)):
            if share > _FEWEST:
                _write(ax, start + share / 2, place, str(count), look)
        starts = [start + share for start, share in zip(starts, shares, strict=True)]
    ax.set_yticks(range(len(names)), [f"{name}  ({total})" for name, total in zip(names, totals, strict=True)], fontsize=_SMALL, color=INK)
    ax.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6))
    ax.set_xticks([0, 0.5, 1], ["0 %", "50 %", "100 %"], fontsize=_SMALL, color=INK)
    _legend(ax, used)
    title = f"Given doses by {by}: what {audit.rulebook} says"
    lines = [f"{name}: {_counted(row)}." for name, row in zip(names, table, strict=True)]
    return _finish(picture, ax, title, lines)


def plot_objections(audit: Audit, most: int = 12) -> Figure:
    """The rows that object most often, and below the diagonal how often two of them object together.

    Args:
        audit: What `audit` gave.

        most: How many rows to show, 1 to 40.

    Raises:
        FieldError: *most* is out of range.

        FieldTypeError: *audit* is no audit.
    """
    _check(audit, Audit, "audit")
    if most not in range(1, 41):  # more cannot be read
        raise FieldError("most", f"{shown(most)} is out of range", "write a whole number from 1 to 40")
    counts = {row["row"]: row["doses"] for row in audit.rows.slice(0, most).to_pylist()}
    names = list(counts)
    pairs = {frozenset((pair["row"], pair["other"])): pair["doses"] for pair in audit.together.to_pylist()}
    picture, ax = _sheet(2.2 + 0.36 * len(names))
    highest = max(counts.values(), default=1)
    for y, row in enumerate(names):
        for x, other in enumerate(names[: y + 1]):
            count = counts[row] if x == y else pairs.get(frozenset((row, other)), 0)
            _cell(ax, (x, y), count, count / highest)
    ax.set_yticks(range(len(names)), names, fontsize=_SMALL, color=INK)
    ax.set_xticks(range(len(names)), [name if len(name) < _LONG else f"{name[: _LONG - 1]}…" for name in names], fontsize=_SMALL, color=INK)
    ax.tick_params(axis="x", rotation=90)
    ax.set(xlim=(-0.5, max(len(names), 1) - 0.5), ylim=(max(len(names), 1) - 0.5, -0.5))
    lines = [f"{row}: {count} doses." for row, count in counts.items()]
    return _finish(picture, ax, f"Rows that object to given doses, and together: {audit.rulebook}", lines)


_LONG: Final = 22


def plot_comparison(comparison: CohortComparison) -> Figure:
    """The verdicts of two books about the same doses: how many have each pair. On the diagonal nothing changes.

    Args:
        comparison: What `compare` gave.

    Raises:
        FieldTypeError: It is no comparison.
    """
    _check(comparison, CohortComparison, "comparison")
    pairs = comparison.verdicts
    used = [verdict for verdict in VERDICTS if any(verdict in pair for pair in pairs)]
    picture, ax = _sheet(2.4 + 0.5 * len(used))
    highest = max(pairs.values(), default=1)
    for y, one in enumerate(used):
        for x, other in enumerate(used):
            count = pairs.get((one, other), 0)
            _cell(ax, (x, y), count, 0 if one == other else count / highest)
    ax.set_yticks(range(len(used)), used, fontsize=_SMALL, color=INK)
    ax.set_xticks(range(len(used)), used, fontsize=_SMALL, color=INK, rotation=30, ha="right")
    ax.set(xlim=(-0.5, max(len(used), 1) - 0.5), ylim=(max(len(used), 1) - 0.5, -0.5))
    ax.set_ylabel(f"by {comparison.one}", fontsize=_SMALL, color=INK)
    ax.set_xlabel(f"by {comparison.other}", fontsize=_SMALL, color=INK)
    lines = [f"{one} and then {other}: {count} doses." for (one, other), count in pairs.items()]
    total = sum(pairs.values())
    return _finish(picture, ax, f"{comparison.changed} of {total} given doses change their verdict", lines)


# --- drawing ---

_MAKERS: Final = {Audit: "audit", CohortComparison: "compare"}


def _check(value: object, kind: type, path: str) -> None:
    if not isinstance(value, kind):
        raise FieldTypeError(path, f"{shown(value)} is no {kind.__name__}", f"pass what {_MAKERS[kind]} gave")


def _sheet(height: float) -> tuple[Picture, Axes]:
    picture = Picture(figsize=(_WIDTH, height), facecolor=PAPER, layout="constrained")
    ax = picture.add_subplot()
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(length=0)
    return picture, ax


def _drawn(look: Look) -> dict[str, Any]:
    return {"facecolor": look.fill, "edgecolor": PATTERN, "hatch": look.pattern, "linewidth": 0.8}


def _write(ax: Axes, x: float, y: float, text: str, look: Look) -> None:
    behind = {"facecolor": look.fill, "edgecolor": "none", "pad": 1.2} if look.pattern else None
    ax.text(x, y, text, ha="center", va="center", fontsize=_SMALL, color=look.ink, bbox=behind)


def _cell(ax: Axes, place: tuple[int, int], count: int, share: float) -> None:
    """One count: the greater the share, the darker; without a colour for none."""
    (x, y), fill = place, _shade(share) if share else PAPER
    ax.bar(x, 0.94, 0.94, y - 0.47, facecolor=fill, edgecolor=PATTERN, linewidth=0.5)
    if count:
        ax.text(x, y, str(count), ha="center", va="center", fontsize=_SMALL, color=PAPER if share > _DARK else INK)


_DARK: Final = 0.45
_LIGHT_BLUE, _DARK_BLUE = (214, 236, 248), (12, 52, 92)


def _shade(share: float) -> str:
    """From light to dark blue."""
    parts = (round(light + (dark - light) * share**0.6) for light, dark in zip(_LIGHT_BLUE, _DARK_BLUE, strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)


def _legend(ax: Axes, verdicts: Sequence[str]) -> None:
    keys = [Patch(**_drawn(LOOKS[verdict])) for verdict in verdicts]
    ax.legend(
        keys,
        verdicts,
        loc="lower center",
        bbox_to_anchor=(0.4, 1.0),
        ncols=len(keys),
        fontsize=_SMALL,
        frameon=False,
        labelcolor=INK,
        columnspacing=1.2,
    )


def _counted(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{row[verdict]} {verdict}" for verdict in VERDICTS if row[verdict])


def _finish(picture: Picture, ax: Axes, title: str, lines: Sequence[str]) -> Figure:
    picture.suptitle(title, fontsize=_SIZE, fontweight="bold", color=INK)
    picture.supxlabel(_NOT_ADVICE, fontsize=_SMALL, color=INK)
    picture.set_label(" ".join((f"{title}.", *lines)))
    ax.set_facecolor(PAPER)
    return picture

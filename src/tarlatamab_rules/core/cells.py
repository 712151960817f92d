"""Turns cells of a table back into as few conditions as possible. Knows nothing of any drug."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from tarlatamab_rules.core.axes import Cuts, Groups

if TYPE_CHECKING:
    from tarlatamab_rules.core.tables import Table, When

__all__ = ["Box", "Cell", "conditions", "merged"]

Cell: TypeAlias = tuple[int, ...]
Box: TypeAlias = tuple[frozenset[int], ...]


def conditions(table: Table[Any], cells: Iterable[Cell]) -> list[When]:
    """Conditions that together hold in these cells of a table and in no other possible cell. An axis that is left out does not matter."""
    wanted = dict.fromkeys(cells)
    boxes = merged(wanted, table.axes)
    allowed = wanted.keys() | {cell for cell in product(*(range(len(axis)) for axis in table.axes)) if cell not in table.answers}
    wide = dict.fromkeys(_widened(box, table.axes, allowed) for box in boxes)
    return [_when(table, box) for box in _needed(list(wide), wanted.keys())]


def _needed(boxes: list[Box], wanted: Collection[Cell]) -> Iterator[Box]:
    """The boxes with a cell that no larger box has, in their order."""
    held: set[Cell] = set()
    kept = set()
    for box in sorted(boxes, key=lambda box: -prod(map(len, box))):
        cells = {cell for cell in product(*box) if cell in wanted}
        if not cells <= held:
            held |= cells
            kept.add(box)
    return (box for box in boxes if box in kept)


def merged(cells: Iterable[Cell], axes: Sequence[Groups | Cuts]) -> list[Box]:
    """Cells as boxes: neighbours along the first axis become one box, then neighbours along the next axis, and so on."""
    boxes: list[Box] = [tuple(frozenset((code,)) for code in cell) for cell in cells]
    for n, axis in enumerate(axes):
        boxes = list(_merged(boxes, n, axis))
    return boxes


def _merged(boxes: list[Box], n: int, axis: Groups | Cuts) -> Iterator[Box]:
    """Boxes that differ only in one axis become one box; numbers only if they are neighbours."""
    alike: dict[Box, set[int]] = {}
    for box in boxes:
        alike.setdefault(box[:n] + box[n + 1 :], set()).update(box[n])
    for rest, codes in alike.items():
        for run in _runs(sorted(codes)) if isinstance(axis, Cuts) else [codes]:
            yield (*rest[:n], frozenset(run), *rest[n:])


def _runs(codes: list[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for code in codes:
        if run and code != run[-1] + 1:
            yield run
            run = []
        run.append(code)
    yield run


def _widened(box: Box, axes: tuple[Groups | Cuts, ...], allowed: set[Cell]) -> Box:
    """The box, widened along every axis whose other codes are allowed as well."""
    for n, axis in enumerate(axes):
        wider = (*box[:n], axis.every, *box[n + 1 :])
        if all(cell in allowed for cell in product(*wider)):
            box = wider
    return box


def _when(table: Table[Any], box: Box) -> When:
    return {
        asked: axis.facts(codes) for asked, axis, codes in zip(table.question.axes, table.axes, box, strict=True) if codes != axis.every
    }

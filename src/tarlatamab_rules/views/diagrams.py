"""Decision diagrams of compiled tables: which facts to ask, one after another, until the answer is settled. Know nothing of any drug.

A tree is grown from the cells of a table, so it answers as the table does, of a single book or of several. The HTML needs no script:
``docs/_static/diagrams.css`` draws it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import product
from math import inf
from typing import Any, Final, Generic, TypeAlias, TypeVar, overload

from attrs import evolve, fields, frozen, has

from tarlatamab_rules.core.axes import Axis, Bands, Condition, Cuts, Groups, called
from tarlatamab_rules.core.cells import Cell
from tarlatamab_rules.core.decisions import Decided, Decision, Ranked, union
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.tables import JoinedTable, Table, When
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.values.conditions import condition_in_words
from tarlatamab_rules.values.wording import in_words

__all__ = ["MAX_LEAVES", "Branching", "Leaf", "Tree", "decision_tree", "leaf_count", "tree_html", "tree_mermaid", "tree_text"]

T = TypeVar("T")

MAX_LEAVES: Final = 40
"""Nobody follows a diagram with more leaves than this."""


@frozen
class Leaf(Generic[T]):
    """Where the answer is settled.

    Attributes:
        answer: What the table answers when nothing but the facts on the way to the leaf is known.
    """

    answer: Decision[T]


@frozen
class Branching(Generic[T]):
    """A fact to ask.

    Attributes:
        axis: The fact.

        branches: What it may be, as the condition of a row, and what follows. The conditions do not overlap. They hold everything that the
            fact can be after those asked before it.
    """

    axis: Axis
    branches: tuple[tuple[Condition, Tree[T]], ...]


Tree: TypeAlias = Branching[T] | Leaf[T]


_AS_ASKED: Final[Mapping[Axis, str]] = {}


@overload
def decision_tree(table: Table[T], *, rows: bool = True, titles: Mapping[Axis, str] = ..., max_leaves: None = None) -> Tree[T]: ...


@overload
def decision_tree(table: Table[T], *, rows: bool = True, titles: Mapping[Axis, str] = ..., max_leaves: int) -> Tree[T] | None: ...


def decision_tree(
    table: Table[T], *, rows: bool = True, titles: Mapping[Axis, str] = _AS_ASKED, max_leaves: int | None = None
) -> Tree[T] | None:
    """The facts of a table in an order that repeats few answers.

    Every order is tried, and may differ from branch to branch. The tree with the fewest leaves is taken; among equals, the one that asks
    the facts in the order of the question. Values of a fact that lead to the same answers stand together; numbers and grades only if they
    are neighbours. Impossible combinations do not count: they split nothing, and no branch is for them alone.

    Args:
        table: The table.

        rows: Whether answers that differ in their rows alone stand apart. If not, the rows of a leaf are those that give its value by
            themselves, in every case of it, else in some. If no row does, or several books answer, they are all rows behind it in every
            case, else in some.

        titles: The names of facts whose title in the question says too little, such as a value with its unit.

        max_leaves: With more leaves than this there is no tree.

    Returns:
        The tree; ``None`` if it has more than *max_leaves* leaves.
    """
    kinds: dict[object, int] = {}
    cells = {cell: kinds.setdefault(_kind(answer, rows=rows), len(kinds)) for cell, answer in table.answers.items()}
    if max_leaves is not None and len(kinds) > max_leaves:
        return None
    shape = _smallest(table.axes, cells, {})
    if max_leaves is not None and shape.leaves > max_leaves:
        return None
    return _Grower(table, titles, rows).tree(shape, {})


def leaf_count(tree: Tree[Any]) -> int:
    """How many leaves a tree has."""
    return 1 if isinstance(tree, Leaf) else sum(leaf_count(then) for _, then in tree.branches)


# --- growing ---


def _kind(answer: Decision[Any], *, rows: bool) -> object:
    """What answers must have in common to share a leaf: the value or silence, the rows, what is not settled, and the caveats."""
    return answer.possible[0], frozenset(reason for reason in answer.reasons if rows or reason.unsettled), frozenset(answer.caveats)


@frozen
class _Shape:
    """A tree by codes: how many leaves it has, the axis it asks, and what follows its codes; without branches, a leaf."""

    leaves: int = 1
    axis: int = -1
    branches: tuple[tuple[frozenset[int], _Shape], ...] = ()


_Known: TypeAlias = dict[frozenset[tuple[Cell, int]], _Shape]


def _smallest(axes: Sequence[Groups | Cuts], cells: Mapping[Cell, int], known: _Known) -> _Shape:
    """The shape with the fewest leaves; among equals, the one that asks the first axis first."""
    key = frozenset(cells.items())
    if key not in known:
        if len(set(cells.values())) == 1:
            known[key] = _Shape()
        else:
            shapes = list(_shapes(axes, cells, known))
            known[key] = min(shapes, key=lambda shape: shape.leaves) if shapes else _smallest(axes, _without_one(axes, cells), known)
    return known[key]


def _shapes(axes: Sequence[Groups | Cuts], cells: Mapping[Cell, int], known: _Known) -> Iterator[_Shape]:
    """For each axis that tells cells apart, the smallest shape that asks it now."""
    for n, axis in enumerate(axes):
        parts = _parts(axis, n, cells)
        if len(parts) > 1:
            branches = tuple((codes, _smallest(axes, rest, known)) for codes, rest in parts)
            yield _Shape(sum(shape.leaves for _, shape in branches), n, branches)


def _parts(axis: Groups | Cuts, n: int, cells: Mapping[Cell, int]) -> list[tuple[frozenset[int], dict[Cell, int]]]:
    """The codes of an axis that may share a branch, and the cells that are left for each branch."""
    neighbours = isinstance(axis, Cuts) or _numbers(axis.axis.members)
    slices: dict[int, dict[Cell, int]] = {}
    for cell, kind in cells.items():
        slices.setdefault(cell[n], {})[(*cell[:n], 0, *cell[n + 1 :])] = kind
    parts: list[tuple[frozenset[int], dict[Cell, int]]] = []
    for code in sorted(slices):
        of_code = slices[code]
        for at, (codes, held) in list(enumerate(parts))[-1 if neighbours else 0 :]:
            if all(held.get(cell, kind) == kind for cell, kind in of_code.items()):
                parts[at] = (codes | {code}, held | of_code)
                break
        else:
            parts.append((frozenset((code,)), of_code))
    return parts


def _without_one(axes: Sequence[Groups | Cuts], cells: Mapping[Cell, int]) -> dict[Cell, int]:
    """Drops the last redundant axis. Axes become redundant together when impossible cells leave only one value for each."""
    n = max(n for n in range(len(axes)) if len({cell[n] for cell in cells}) > 1)
    ((_, rest),) = _parts(axes[n], n, cells)
    return rest


@frozen
class _Grower(Generic[T]):
    """Grows trees from a table, with the names of its facts; *rows* says whether rows tell answers apart."""

    table: Table[T]
    titles: Mapping[Axis, str]
    rows: bool

    def tree(self, shape: _Shape, path: When) -> Tree[T]:
        """The tree of a shape, below the facts on the way to it."""
        if not shape.branches:
            return Leaf(self.answer(path))
        asked, axis = self.table.question.axes[shape.axis], self.table.axes[shape.axis]
        conditions = [(axis.facts(codes), then) for codes, then in shape.branches]
        branches = tuple((condition, self.tree(then, {**path, asked: condition})) for condition, then in conditions)
        return Branching(evolve(asked, title=self.titles[asked]) if asked in self.titles else asked, branches)

    def answer(self, path: When) -> Decision[T]:
        """The answer by the facts on the way. If rows do not tell answers apart, its reasons are the rows that give it themselves."""
        answer = self.table(*map(path.get, self.table.question.axes))
        if self.rows or isinstance(self.table, JoinedTable) or not isinstance(answer, Decided):
            return answer
        giving = {row.id for row in self.table.rows if row.then == answer.value}
        return evolve(answer, reasons=self._giving(path, giving) or answer.reasons)

    def _giving(self, path: When, rows: Collection[str]) -> tuple[Reason, ...]:
        """The reasons of these rows that stand in every cell below some facts; if none does, those that stand in any."""
        spans = [axis.matched(path[asked]) if asked in path else axis.every for asked, axis in self._axes()]
        by_cell = [self.table.answers[cell].reasons for cell in product(*map(sorted, spans)) if cell in self.table.answers]
        giving = tuple(reason for reason in union(by_cell) if reason.row in rows)
        return tuple(reason for reason in giving if all(reason in reasons for reasons in by_cell)) or giving

    def _axes(self) -> Iterator[tuple[Axis, Groups | Cuts]]:
        return zip(self.table.question.axes, self.table.axes, strict=True)


def _numbers(members: Iterable[object]) -> bool:
    """Whether members have an order."""
    return all(isinstance(member, int) and not isinstance(member, bool) for member in members)


# --- words ---

_SILENT, _NOTHING = "the source does not say", "adds nothing of its own"
_MANY: Final = 5
"""So many members are not listed if nothing is decided for them."""


def tree_text(tree: Tree[Any]) -> str:
    """A tree in plain text: one line for each fact and value, indented below the one before it."""
    return "\n".join([_settled(tree)] if isinstance(tree, Leaf) else _text(tree, ""))


def _text(tree: Branching[Any], indent: str) -> Iterator[str]:
    for says, then in _branches(tree):
        head = f"{indent}{called(tree.axis)}: {says}"
        if isinstance(then, Leaf):
            yield f"{head} -> {_settled(then)}"
        else:
            yield head
            yield from _text(then, f"{indent}  ")


def _settled(leaf: Leaf[Any]) -> str:
    return f"{'; '.join(_with_caveats(leaf.answer))} [{', '.join(_rows(leaf.answer))}]"


def tree_mermaid(tree: Tree[Any]) -> str:
    """A tree as a Mermaid flowchart, to paste where Mermaid is drawn."""
    lines = ["flowchart LR"]

    def drawn(tree: Tree[Any]) -> str:
        name = f"n{len(lines)}"
        if isinstance(tree, Leaf):
            lines.append(f'{name}["{"<br/>".join(map(_quoted, [*_with_caveats(tree.answer), ", ".join(_rows(tree.answer))]))}"]')
            return name
        lines.append(f'{name}{{{{"{_quoted(called(tree.axis))}"}}}}')
        lines.extend([f'{name} -->|"{_quoted(says)}"| {drawn(then)}' for says, then in _branches(tree)])
        return name

    drawn(tree)
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """Text that may stand between quotation marks in Mermaid."""
    return "".join(f"#{ord(letter)};" if letter in '"#&<>`' else letter for letter in text)


def _branches(tree: Branching[T]) -> list[tuple[str, Tree[T]]]:
    """The branches in words. Many members for which nothing is decided are *any other*, and stand last."""
    branches = [(_says(tree.axis, condition), then) for condition, then in tree.branches]
    open_ = [n for n, (condition, then) in enumerate(tree.branches) if _many(condition) and isinstance(then, Leaf) and not _decided(then)]
    if len(open_) == 1:
        _, then = branches.pop(*open_)
        branches.append(("any other", then))
    return branches


def _many(condition: Condition) -> bool:
    return isinstance(condition, frozenset) and len(condition) >= _MANY and not _numbers(condition)


def _decided(leaf: Leaf[Any]) -> bool:
    return isinstance(leaf.answer, Decided)


def _says(axis: Axis, condition: Condition) -> str:
    """What a fact is, in words, without its name."""
    if isinstance(axis, Bands):
        return condition_in_words(axis, evolve(condition, low=-inf) if not axis.whole and condition.low == axis.domain.low else condition)
    members = [member for member in axis.members if member in condition]
    if len(members) > _RUN and _numbers(members) and members[-1] - members[0] == len(members) - 1:
        return f"{members[0]:d} to {members[-1]:d}"
    return condition_in_words(axis, condition)


_RUN: Final = 2
"""More consecutive numbers than these are written by the first and the last."""


def _lines(answer: Decision[Any]) -> list[str]:
    """An answer in one line or more."""
    if isinstance(answer, Decided):
        return [f"grade {answer.value:d}"] if isinstance(answer.value, Grade) else in_words(answer.value) or [_NOTHING]
    return [f"not settled: {why}" for why in dict.fromkeys(reason.unsettled for reason in answer.reasons if reason.unsettled)] or [_SILENT]


def _with_caveats(answer: Decision[Any]) -> list[str]:
    return [*_lines(answer), *(f"caveat: {caveat}" for caveat in answer.caveats)]


def _rows(answer: Decision[Any]) -> list[str]:
    return list(dict.fromkeys(reason.row for reason in answer.reasons))


# --- HTML ---


def tree_html(tree: Tree[Any], href: Callable[[str], str] | None = None, *, label: str = "") -> str:
    """A tree as nested lists of HTML. ``decision-tree`` in ``diagrams.css`` draws it from left to right, or indented on a narrow page.

    No line is empty, so it may stand in Markdown as it is.

    Args:
        tree: The tree.

        href: Where the id of a row leads; an empty text if it leads nowhere.

        label: What a screen reader calls the diagram.
    """
    name = f' aria-label="{escape(label)}"' if label else ""
    shape = "dt-flat" if _fits(tree, _FLAT) else "dt-deep"
    return "\n".join([f'<figure class="decision-tree {shape}"{name}>', *_html(tree, href), "</figure>"])


_FLAT: Final = 3
"""So many facts, one after another, fit beside their values if the answer is short; one less if it is long."""

_SHORT: Final = 40


def _fits(tree: Tree[Any], room: int) -> bool:
    """Whether there is room for a tree with every value beside what follows from it."""
    if isinstance(tree, Leaf):
        return room > 0 or (room == 0 and all(len(line) <= _SHORT for line in _lines(tree.answer)))
    return all(_fits(then, room - 1) for _, then in tree.branches)


def _html(tree: Tree[Any], href: Callable[[str], str] | None) -> Iterator[str]:
    if isinstance(tree, Leaf):
        yield from _box(tree.answer, href)
        return
    yield '<div class="dt-split">'
    yield f'<div class="dt-fact">{escape(called(tree.axis))}</div>'
    yield '<ul class="dt-branches" role="list">'
    for says, then in _branches(tree):
        yield f'<li><div class="dt-when">{escape(says)}</div>'
        yield from _html(then, href)
        yield "</li>"
    yield "</ul>"
    yield "</div>"


def _box(answer: Decision[Any], href: Callable[[str], str] | None) -> Iterator[str]:
    """An answer, with the ids of its rows."""
    first, *more = map(escape, _with_caveats(answer))
    yield f'<div class="dt-answer {_class(answer)}">'
    yield f'<div class="dt-says">{first}</div>'
    if more:
        yield f'<ul role="list">{"".join(f"<li>{line}</li>" for line in more)}</ul>'
    yield f'<div class="dt-rows">{", ".join(_link(row, href) for row in _rows(answer))}</div>'
    yield "</div>"


def _link(row: str, href: Callable[[str], str] | None) -> str:
    target = href(row) if href else ""
    return f'<a href="{escape(target)}">{escape(row)}</a>' if target else f"<span>{escape(row)}</span>"


def _class(answer: Decision[Any]) -> str:
    """The kind of an answer; for ordered values also how strict it is."""
    if not isinstance(answer, Decided):
        return "dt-unsettled" if any(reason.unsettled for reason in answer.reasons) else "dt-silent"
    value = answer.value
    parts = [getattr(value, field.name) for field in fields(type(value))] if has(type(value)) else [value]
    for word in parts:
        if isinstance(word, Ranked):
            place = "mildest" if not word.rank else "strictest" if word.rank == len(type(word)) - 1 else "between"
            return f"dt-decided dt-{place}"
    return "dt-decided"

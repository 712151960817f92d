"""Decision tables. Compiling a table proves that it answers every case exactly once. Knows nothing of any drug.

A *question* names the facts that it asks about as *axes*. A *row* says for which values of these facts it answers, and the answer.
Compiling cuts every axis where rows cut it, visits every possible cell, and refuses a table with a gap or an overlap.
A fact may be known, not known (`None`) or partly known (several members, or an `Interval`). Every value that it may have is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeAlias, TypeVar, cast

from attrs import evolve, field, frozen

from tarlatamab_rules.core.axes import Axis, Bands, Choices, Condition, Cuts, Fact, Groups, Harm, cut
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData, NotCovered, either, union
from tarlatamab_rules.core.errors import ContradictionError, TableError

if TYPE_CHECKING:
    from tarlatamab_rules.core.evidence import Reason

__all__ = [
    "Axis",
    "Bands",
    "Choices",
    "Impossible",
    "JoinedTable",
    "Question",
    "Row",
    "Table",
    "When",
    "matters",
]

T = TypeVar("T")


When: TypeAlias = Mapping[Axis, Condition]


class WhenLike(Protocol):
    """A mapping from axes, of whichever kind: a dictionary kept in a variable has numbers alone for its keys, or members alone."""

    def items(self) -> ItemsView[Axis, Condition]:
        """Each axis with its condition."""
        ...


def _when(when: WhenLike) -> When:
    return cast("When", when)


@frozen
class Impossible:
    """A combination of facts that no case can have.

    Attributes:
        when: The combination.

        because: The reason. The error for such facts states it.
    """

    when: When
    because: str


@frozen(eq=False)
class Question(Generic[T]):
    """A question: the facts that it asks about, and the type of its answer. All rulebooks answer the same questions.

    Attributes:
        name: The name of the function that answers it.

        axes: The facts it asks about.

        answer: The type of its answer.

        fold: ``None``: exactly one row fits a cell (UNIQUE). Otherwise every row that fits counts (COLLECT), and this function joins them.

        impossible: Combinations of facts that are left out.

        about: Its subject, if several questions share a name.

        worse: The axes that have an order of harm, with that order. Along them, a worse fact must not get a milder answer.

        for_policies: The axes that no row of a book uses. They are kept for policies.
    """

    name: str
    axes: tuple[Axis, ...]
    answer: type[T]
    fold: Callable[[Sequence[T]], T] | None = field(default=None, repr=False)
    impossible: tuple[Impossible, ...] = field(default=(), repr=False)
    about: str = ""
    worse: Mapping[Axis, Harm] = field(default=MappingProxyType({}), repr=False)
    for_policies: tuple[Axis, ...] = field(default=(), repr=False)

    @property
    def title(self) -> str:
        """The name; with the subject if several questions share the name."""
        return f"{self.name}, {self.about}" if self.about else self.name


@frozen
class Row(Generic[T]):
    """One rule.

    Attributes:
        id: The id of the statement that it encodes. Rows that share a statement differ after a slash, such as ``MON-3/toxicity``.

        when: The facts for which it answers. An axis that is left out may have any value.

        then: The answer. ``None``: the source leaves this open, and the row says so.

        says: The rule as a plain sentence.

        interpretation: The interpretation of the statement, if it can be understood in more than one way.

        unsettled: Why the source mentions this but does not settle what to do, so that a clinician must. Only if `then` is ``None``;
            empty if the source is silent.

        milder_because: Why it may be milder than the row that it overrides; else empty. Only rows of an overlay override others.

        caveat: What a reader must know before relying on it, such as a later revision that changes it; else empty.

        excepted: The axis along which the source itself has a milder answer for a worse fact, in this row or next to it, and in what it
            is milder: ``silence``, a field of the answer, or an order. `interpretation` says why. Else empty.
    """

    id: str
    when: When = field(converter=_when)
    then: T | None
    says: str
    interpretation: str = ""
    unsettled: str = ""
    milder_because: str = ""
    caveat: str = ""
    excepted: Mapping[Axis, Collection[str]] = field(default=MappingProxyType({}), hash=False)

    @property
    def statement(self) -> str:
        """The id of the statement."""
        return self.id.partition("/")[0]


_Codes: TypeAlias = tuple[int, ...]
_REMEMBERED = 10_000
"""How many combinations of finite facts a table remembers: far more than rows tell apart, but limited."""


class _Lookup(dict[tuple[Fact, ...], Decision[T]]):
    """Answers by facts. Facts seen before cost a dictionary lookup; the table works out the others."""

    __slots__ = ("_finite", "_open")

    def __init__(self, open_: Callable[[tuple[Fact, ...]], Decision[T]], *, finite: bool) -> None:
        super().__init__()
        self._open, self._finite = open_, finite

    def __missing__(self, facts: tuple[Fact, ...]) -> Decision[T]:
        answer = self._open(facts)
        if self._finite and len(self) < _REMEMBERED:
            self[facts] = answer
        return answer


class Table(Generic[T]):
    """The answers to a question for every cell of its domain, from rows; or, as a `JoinedTable`, from several tables.

    Call it with one fact for each axis, in the order of the axes. Two facts that contradict each other raise `ContradictionError`.

    Attributes:
        question: The question.

        rows: The rows that answer it.

        cells: How many cells are answered.

        silent: How many of them the source leaves open.

        impossible: How many cells were left out because they are impossible.

        asks: The axes along which some rows differ.

        axes: The axes of the question, as this table cuts them.

        answers: The answer of every cell, by the codes of its axes.

        bans: The impossible cells, each with the reason.

        whens: The conditions of the rows. They cut the axes.

        lookup: ``table.lookup[facts]`` is a faster ``table(*facts)``. Use `worked_out` for numbers that hardly occur again.
    """

    question: Question[T]
    rows: tuple[Row[T], ...]
    cells: int
    silent: int
    impossible: int
    asks: frozenset[Axis]
    axes: tuple[Groups | Cuts, ...]
    answers: Mapping[_Codes, Decision[T]]
    bans: Mapping[_Codes, str]
    whens: tuple[When, ...]
    lookup: _Lookup[T]

    def __init__(
        self, question: Question[T], rows: Sequence[Row[T]], reason: Callable[[Row[T]], Reason], rest: NotCovered | None = None
    ) -> None:
        """Compiles rows.

        Args:
            question: The question.

            rows: The rows that answer it.

            reason: The reason that a row gives once it answers.

            rest: The answer of a cell that no row answers; ``None``: every cell needs a row.

        Raises:
            TableError: A gap, an overlap, or a row that cannot be read.
        """
        _check(question, rows)
        self._cut(question, rows, [row.when for row in rows])
        fits: dict[_Codes, list[Row[T]]] = {}
        for row in rows:
            cells = [cell for cell in self.box(row.when) if cell not in self.bans]
            if not cells:
                msg = f"{question.name}: {row.id} answers no possible case"
                raise TableError(msg)
            for cell in cells:
                fits.setdefault(cell, []).append(row)
        self._finish(self._answer(fits, {id(row): reason(row) for row in rows}, rest))

    def _cut(self, question: Question[T], rows: Sequence[Row[T]], whens: Sequence[When]) -> None:
        self.question, self.rows, self.whens = question, tuple(rows), tuple(whens)
        cutting = [*whens, *(ban.when for ban in question.impossible)]
        self.axes = tuple(cut(axis, [when[axis] for when in cutting if axis in when]) for axis in question.axes)
        self.asks = frozenset(axis for axis, codes in zip(question.axes, self.axes, strict=True) if len(codes) > 1)
        self.bans = {cell: ban.because for ban in question.impossible for cell in self.box(ban.when)}

    def _finish(self, answers: dict[_Codes, Decision[T]]) -> None:
        self.answers = answers
        self.impossible = len(self.bans)
        self.cells = len(answers)
        self.silent = sum(isinstance(answer, NotCovered) for answer in answers.values())
        self.lookup = _Lookup(self.worked_out, finite=all(isinstance(axis, Choices) or axis.whole for axis in self.question.axes))
        self._opened: dict[tuple[int | frozenset[int], ...], Decision[T]] = {}

    def _every(self) -> Iterator[_Codes]:
        """Every possible cell."""
        return (cell for cell in product(*(range(len(axis)) for axis in self.axes)) if cell not in self.bans)

    def box(self, when: When) -> Iterator[_Codes]:
        """The cells of some facts, including impossible ones."""
        spans = [
            sorted(axis.matched(when[asked])) if asked in when else range(len(axis))
            for asked, axis in zip(self.question.axes, self.axes, strict=True)
        ]
        return product(*spans)

    def _answer(self, fits: dict[_Codes, list[Row[T]]], reasons: dict[int, Reason], rest: NotCovered | None) -> dict[_Codes, Decision[T]]:
        """The answer of every cell. Refuses a table in which a cell has no answer, or more than one where one is allowed."""
        unique = self.question.fold is None
        shared: dict[tuple[int, ...], Decision[T]] = {(): rest} if rest is not None else {}
        answers: dict[_Codes, Decision[T]] = {}
        faults: list[str] = []
        for cell in self._every():
            rows = fits.get(cell, [])
            key = tuple(map(id, rows))
            if (not rows and rest is None) or (unique and len(rows) > 1):
                faults.append(f"{self._says(cell)}: {_ids(rows)}")
                continue
            if key not in shared:
                shared[key] = self._folded(cell, rows, tuple(reasons[id_] for id_ in key))
            answers[cell] = shared[key]
        if faults:
            msg = f"{self.question.name}: {'exactly' if unique else 'at least'} one row must answer each cell; {'; '.join(faults)}"
            raise TableError(msg)
        return answers

    def _folded(self, cell: _Codes, rows: Sequence[Row[T]], reasons: tuple[Reason, ...]) -> Decision[T]:
        """The joint answer of the rows of a cell; `NotCovered` if all of them leave it open."""
        values = [row.then for row in rows if row.then is not None]
        if not values:
            return NotCovered(reasons)
        fold = self.question.fold
        try:
            return Decided(fold(values) if fold else values[0], reasons)
        except TableError as error:
            msg = f"{self.question.name}: {self._says(cell)}: {_ids(rows)}: {error}"
            raise TableError(msg) from None

    def _says(self, cell: _Codes) -> str:
        """The facts of a cell, in words."""
        return ", ".join(axis.says(code) for axis, code in zip(self.axes, cell, strict=True))

    def __call__(self, *facts: Fact) -> Decision[T]:
        """The answer for these facts: looked up if they were seen before, else worked out over every value that they may have."""
        return self.lookup[facts]

    def worked_out(self, facts: tuple[Fact, ...]) -> Decision[T]:
        """The answer for these facts, without remembering it."""
        spans: tuple[Any, ...] = tuple(
            [
                code if (code := axis.code(fact)) >= 0 else axis.every if fact is None else axis.matched(fact)
                for axis, fact in zip(self.axes, facts, strict=True)
            ]
        )
        if (known := self.answers.get(spans)) is not None:
            return known
        if (answer := self._opened.get(spans)) is None:
            answer = self._opened[spans] = self._resolve(tuple([frozenset((span,)) if isinstance(span, int) else span for span in spans]))
        return answer

    def _resolve(self, spans: tuple[frozenset[int], ...]) -> Decision[T]:
        """The answer if facts are partly known: what all cells in these spans say."""
        box = list(product(*map(sorted, spans)))
        answers = {cell: self.answers[cell] for cell in box if cell in self.answers}
        if not answers:
            msg = f"{self.question.name}: {self.bans[box[0]] if box else 'no value of a fact is left'}"
            raise ContradictionError(msg)
        if len({id(answer) for answer in answers.values()}) == 1:
            return next(iter(answers.values()))
        answer = either(answers.values(), self._deciding_facts(spans, answers))
        return answer if isinstance(answer, NeedsData) else _with_shared_reasons(answer, answers.values())

    def _deciding_facts(self, spans: Sequence[frozenset[int]], answers: Mapping[_Codes, Decision[T]]) -> list[str]:
        """The open facts that tell these answers apart, each by itself; all open facts if none does."""
        values = {cell: answer.possible[0] for cell, answer in answers.items()}
        open_ = [n for n, span in enumerate(spans) if len(span) > 1]
        deciding = [n for n in open_ if matters(n, values)] or open_
        return [self.question.axes[n].fact for n in deciding]


def _with_shared_reasons(answer: Decided[T] | NotCovered, cells: Collection[Decision[T]]) -> Decision[T]:
    """An answer that holds whatever the open facts are, with the reasons that hold in every cell; with all reasons if none does.

    A reason that is unsettled or has a caveat stays even if it holds in one cell only, because a clinician may have to look.
    """
    shared = tuple(reason for reason in answer.reasons if all(reason in cell.reasons for cell in cells))
    unsettled = tuple(reason for reason in answer.reasons if reason.unsettled)
    caveats = tuple(reason for reason in answer.reasons if reason.caveat)
    return evolve(answer, reasons=union((union((shared, unsettled)) or answer.reasons, caveats)))


class JoinedTable(Table[T]):
    """One table from several tables of one question, cut wherever one of them is cut. In each cell, *join* combines their answers."""

    def __init__(self, tables: Sequence[Table[T]], join: Callable[[Sequence[Decision[T]]], Decision[T]]) -> None:
        rows = [row for table in tables for row in table.rows]
        self._cut(tables[0].question, rows, [when for table in tables for when in table.whens])
        holding = [self._holding(table) for table in tables]
        shared: dict[tuple[int, ...], Decision[T]] = {}
        answers: dict[_Codes, Decision[T]] = {}
        for cell in self._every():
            cells = [tuple([codes[code] for codes, code in zip(by_axis, cell, strict=True)]) for by_axis in holding]
            parts = [table.answers[coarser] for table, coarser in zip(tables, cells, strict=True)]
            key = tuple(map(id, parts))
            if key not in shared:
                shared[key] = join(parts)
            answers[cell] = shared[key]
        self._finish(answers)

    def _holding(self, table: Table[T]) -> list[list[int]]:
        """For each axis, and each code of it here, the code of *table* that holds it."""
        axes = zip(self.axes, table.axes, strict=True)
        return [[coarser.holds(finer, code) for code in range(len(finer))] for finer, coarser in axes]


def _check(question: Question[T], rows: Sequence[Row[T]]) -> None:
    """Raises `TableError` if a row is wrong by itself, or an id is used twice."""
    ids = [row.id for row in rows]
    faults: list[str] = []
    for n, row in enumerate(rows):
        faults += _faults(question, row)
        if row.id in ids[:n]:
            faults.append(f"{row.id} is used twice")
    if faults:
        msg = f"{question.name}: " + "; ".join(faults)
        raise TableError(msg)


def _faults(question: Question[T], row: Row[T]) -> Iterator[str]:
    """The faults that a row has by itself."""
    if strangers := _outside(row.when, question.axes):
        yield f"{row.id} has a condition on {', '.join(strangers)}, which the question does not ask about"
    if row.then is not None and not isinstance(row.then, question.answer):
        yield f"{row.id} answers with {row.then!r}, but the question needs a {question.answer.__name__}"
    if row.unsettled and row.then is not None:
        yield f"{row.id} gives an answer, but says that the source does not settle it (unsettled)"
    if unordered := _outside(row.excepted, question.worse):
        yield f"{row.id} is an exception along {', '.join(unordered)}, which has no order of harm"
    if row.excepted and not row.interpretation:
        yield f"{row.id} is an exception, but does not say why (interpretation)"


def _outside(axes: Iterable[object], known: Collection[object]) -> list[str]:
    """The facts of the axes that are not among those known."""
    return [str(getattr(axis, "fact", axis)) for axis in axes if axis not in known]


def _ids(rows: Iterable[Row[Any]]) -> str:
    return " and ".join(row.id for row in rows) or "no row"


def matters(n: int, values: Mapping[tuple[int, ...], object]) -> bool:
    """Whether two combinations of facts that differ in the *n*-th alone have different values."""
    seen: dict[tuple[int, ...], object] = {}
    return any(seen.setdefault(cell[:n] + cell[n + 1 :], value) != value for cell, value in values.items())

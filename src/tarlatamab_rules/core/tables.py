"""Decision tables whose compiling is the proof that they answer every case once. Knows nothing of any drug.

A *question* names the facts it asks about as *axes*. A *row* says for which values of these facts it answers, and what.
Compiling cuts every axis where rows cut it, visits every cell that can exist and refuses a table with a gap or an overlap.
A fact may be known, not known (`None`) or partly known (several members, or an `Interval`); every value it may take is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

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


@frozen
class Impossible:
    """A combination of facts that no case can have.

    Attributes:
        when: The combination.

        because: Why not; shown to who brings such facts.
    """

    when: When
    because: str


@frozen(eq=False)
class Question(Generic[T]):
    """What is asked, of which facts, answered by what type. Every rulebook fills the same questions.

    Attributes:
        name: The name of the function that answers it.

        axes: The facts it asks about.

        answer: The type of its answer.

        fold: ``None``: exactly one row fits a cell (UNIQUE). Otherwise every row that fits counts (COLLECT), and this joins them.

        impossible: Combinations of facts that are left out.

        about: What it is about, where several questions share a name.

        worse: The axes that have an order of harm, each with it: along these a worse fact must not get a milder answer.

        for_policies: The axes that no row of a book uses, and that are kept so that a policy can.
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
        """The name, with what it is about where several questions share that."""
        return f"{self.name}, {self.about}" if self.about else self.name


@frozen
class Row(Generic[T]):
    """One rule.

    Attributes:
        id: The id of the statement it encodes; rows that share one are told apart after a slash, as ``MON-3/toxicity``.

        when: The facts it speaks of; an axis left out means whatever its value.

        then: The answer; ``None``: the source leaves this open, and the row says so.

        says: The rule as a plain sentence.

        reading: How the statement was read where it can be read in more than one way.

        unsettled: Why the source does not settle what to do although it speaks of this: a clinician must. Only where `then` is ``None``;
            empty where the source is silent.

        milder_because: Why it may be milder than what it is laid over; else empty. Only rows of an overlay are laid over others.

        caveat: What a reader must know before relying on it, such as a later revision that changes it; else empty.

        excepted: Where the source itself has a milder answer for a worse fact, here or next to it: the axis, and in what it is milder.
            That is ``silence``, a field of the answer, or what is ordered; `reading` says why. Else empty.
    """

    id: str
    when: When
    then: T | None
    says: str
    reading: str = ""
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
"""How many combinations of finite facts a table remembers: far above what rows tell apart, and a bound all the same."""


class _Lookup(dict[tuple[Fact, ...], Decision[T]]):
    """Facts to answers: those seen before at the price of a dictionary, the others worked out by the table."""

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
    """A question answered for every cell of its domain: by rows, or as a `JoinedTable` by several tables.

    Call it with one fact an axis, in the order of the axes. Two facts that contradict each other raise `ContradictionError`.

    Attributes:
        question: The question.

        rows: The rows that answer it.

        cells: How many cells were enumerated and are answered.

        silent: How many of them the source leaves open.

        impossible: How many were left out.

        asks: The axes along which some row tells cases apart.

        axes: The axes of the question, as they are cut here.

        answers: The answer of every cell, by the codes of its axes.

        whens: The facts that rows speak of, by which the axes are cut.

        lookup: ``table.lookup[facts]`` is ``table(*facts)`` for the hottest paths; numbers that hardly come again are for `worked_out`.
    """

    question: Question[T]
    rows: tuple[Row[T], ...]
    cells: int
    silent: int
    impossible: int
    asks: frozenset[Axis]
    axes: tuple[Groups | Cuts, ...]
    answers: Mapping[_Codes, Decision[T]]
    whens: tuple[When, ...]
    lookup: _Lookup[T]

    def __init__(
        self, question: Question[T], rows: Sequence[Row[T]], reason: Callable[[Row[T]], Reason], rest: NotCovered | None = None
    ) -> None:
        """Compiles rows.

        Args:
            question: The question.

            rows: The rows that answer it.

            reason: What is told of a row that gave an answer.

            rest: The answer where no row speaks; ``None``: a row must speak of every cell.

        Raises:
            TableError: A gap, an overlap, or a row that cannot be read.
        """
        _check(question, rows)
        self._cut(question, rows, [row.when for row in rows])
        fits: dict[_Codes, list[Row[T]]] = {}
        for row in rows:
            cells = [cell for cell in self.box(row.when) if cell not in self._bans]
            if not cells:
                msg = f"{question.name}: {row.id} answers no case that can be"
                raise TableError(msg)
            for cell in cells:
                fits.setdefault(cell, []).append(row)
        self._finish(self._answer(fits, {id(row): reason(row) for row in rows}, rest))

    def _cut(self, question: Question[T], rows: Sequence[Row[T]], whens: Sequence[When]) -> None:
        self.question, self.rows, self.whens = question, tuple(rows), tuple(whens)
        every = [*whens, *(ban.when for ban in question.impossible)]
        self.axes = tuple(cut(axis, [when[axis] for when in every if axis in when]) for axis in question.axes)
        self.asks = frozenset(axis for axis, codes in zip(question.axes, self.axes, strict=True) if len(codes) > 1)
        self._bans = {cell: ban.because for ban in question.impossible for cell in self.box(ban.when)}

    def _finish(self, answers: dict[_Codes, Decision[T]]) -> None:
        self.answers = answers
        self.impossible = len(self._bans)
        self.cells = len(answers)
        self.silent = sum(isinstance(answer, NotCovered) for answer in answers.values())
        self.lookup = _Lookup(self.worked_out, finite=all(isinstance(axis, Choices) or axis.whole for axis in self.question.axes))
        self._opened: dict[tuple[int | frozenset[int], ...], Decision[T]] = {}

    def _every(self) -> Iterator[_Codes]:
        """Every cell that can exist."""
        return (cell for cell in product(*(range(len(axis)) for axis in self.axes)) if cell not in self._bans)

    def box(self, when: When) -> Iterator[_Codes]:
        """The cells of some facts, those that cannot be included."""
        spans = [
            sorted(axis.matched(when[asked])) if asked in when else range(len(axis))
            for asked, axis in zip(self.question.axes, self.axes, strict=True)
        ]
        return product(*spans)

    def _answer(self, fits: dict[_Codes, list[Row[T]]], reasons: dict[int, Reason], rest: NotCovered | None) -> dict[_Codes, Decision[T]]:
        faults: list[str] = []
        shared: dict[tuple[int, ...], Decision[T]] = {(): rest} if rest is not None else {}
        answers: dict[_Codes, Decision[T]] = {}
        fold = self.question.fold
        for cell in self._every():
            rows = fits.get(cell, [])
            if (not rows and rest is None) or (fold is None and len(rows) > 1):
                faults.append(f"{self._says(cell)}: {' and '.join(row.id for row in rows) or 'no row'}")
                continue
            key = tuple(map(id, rows))
            if key not in shared:
                why = tuple(reasons[k] for k in key)
                values = [row.then for row in rows if row.then is not None]
                try:
                    shared[key] = Decided(fold(values) if fold else values[0], why) if values else NotCovered(why)
                except TableError as error:
                    msg = f"{self.question.name}: {self._says(cell)}: {' and '.join(row.id for row in rows)}: {error}"
                    raise TableError(msg) from None
            answers[cell] = shared[key]
        if faults:
            rule = "exactly one row must answer each cell" if fold is None else "at least one row must answer each cell"
            msg = f"{self.question.name}: {rule}; " + "; ".join(faults)
            raise TableError(msg)
        return answers

    def _says(self, cell: _Codes) -> str:
        """The facts of a cell, in words."""
        return ", ".join(axis.says(code) for axis, code in zip(self.axes, cell, strict=True))

    def __call__(self, *facts: Fact) -> Decision[T]:
        """The answer for these facts: looked up where they were seen before, else worked out over every value they may take."""
        return self.lookup[facts]

    def worked_out(self, facts: tuple[Fact, ...]) -> Decision[T]:
        """The answer for these facts, not remembered by them."""
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
        box = list(product(*map(sorted, spans)))
        every = {cell: self.answers[cell] for cell in box if cell in self.answers}
        if len({id(answer) for answer in every.values()}) == 1:
            return next(iter(every.values()))
        if not every:
            msg = f"{self.question.name}: {self._bans[box[0]] if box else 'no value of a fact is left'}"
            raise ContradictionError(msg)
        values = {cell: answer.possible[0] for cell, answer in every.items()}
        open_ = [n for n, span in enumerate(spans) if len(span) > 1]
        matter = [n for n in open_ if matters(n, values)] or open_
        answer = either(every.values(), (self.question.axes[n].fact for n in matter))
        if isinstance(answer, NeedsData):
            return answer
        # Whatever the facts that are not known: the rows that speak in every cell, where there are such.
        shared = tuple(reason for reason in answer.reasons if all(reason in cell.reasons for cell in every.values()))
        # What has a caveat in one of the cells, or is not settled there, must show: a clinician may have to look.
        unsettled = tuple(reason for reason in answer.reasons if reason.unsettled)
        caveats = tuple(reason for reason in answer.reasons if reason.caveat)
        return evolve(answer, reasons=union((union((shared, unsettled)) or answer.reasons, caveats)))


class JoinedTable(Table[T]):
    """One table from several of one question: cut wherever one of them is, and in each cell what *join* makes of their answers."""

    def __init__(self, tables: Sequence[Table[T]], join: Callable[[Sequence[Decision[T]]], Decision[T]]) -> None:
        self._cut(tables[0].question, [row for each in tables for row in each.rows], [when for each in tables for when in each.whens])
        held = [
            [[theirs.holds(ours, code) for code in range(len(ours))] for ours, theirs in zip(self.axes, each.axes, strict=True)]
            for each in tables
        ]
        shared: dict[tuple[int, ...], Decision[T]] = {}
        answers: dict[_Codes, Decision[T]] = {}
        for cell in self._every():
            cells = [tuple([codes[code] for codes, code in zip(of_table, cell, strict=True)]) for of_table in held]
            parts = [each.answers[theirs] for each, theirs in zip(tables, cells, strict=True)]
            key = tuple(map(id, parts))
            if key not in shared:
                shared[key] = join(parts)
            answers[cell] = shared[key]
        self._finish(answers)


def _check(question: Question[T], rows: Sequence[Row[T]]) -> None:
    """What can be seen of a row without the others."""
    faults = []
    for n, row in enumerate(rows):
        strangers = [str(getattr(axis, "fact", axis)) for axis in row.when if axis not in question.axes]
        if strangers:
            faults.append(f"{row.id} speaks of {', '.join(strangers)}, which the question does not ask about")
        if row.then is not None and not isinstance(row.then, question.answer):
            faults.append(f"{row.id} answers with {row.then!r}, and the question wants a {question.answer.__name__}")
        if row.unsettled and row.then is not None:
            faults.append(f"{row.id} answers, and says that it does not")
        if unordered := [str(getattr(axis, "fact", axis)) for axis in row.excepted if axis not in question.worse]:
            faults.append(f"{row.id} is an exception along {', '.join(unordered)}, which has no order of harm")
        if row.excepted and not row.reading:
            faults.append(f"{row.id} is an exception, and does not say why (reading)")
        if any(other.id == row.id for other in rows[:n]):
            faults.append(f"{row.id} stands there twice")
    if faults:
        msg = f"{question.name}: " + "; ".join(faults)
        raise TableError(msg)


def matters(n: int, values: Mapping[tuple[int, ...], object]) -> bool:
    """Whether some two combinations of facts that differ in the *n*-th alone have different values."""
    seen: dict[tuple[int, ...], object] = {}
    return any(seen.setdefault(cell[:n] + cell[n + 1 :], value) != value for cell, value in values.items())

"""A rulebook: one source, written down as rows; and several that answer together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, Self, TypeAlias, TypeVar

from attrs import Factory, evolve, field, frozen

from tarlatamab_rules.core.decisions import Decision, NotCovered
from tarlatamab_rules.core.errors import FieldTypeError, TableError, shown
from tarlatamab_rules.core.evidence import Citation, Drug, Reason, Source, Statement
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.core.tables import JoinedTable, Question, Row, Table
from tarlatamab_rules.inputs._fields import listed
from tarlatamab_rules.rulebooks._diff import Change, Diff, changes
from tarlatamab_rules.rulebooks._joining import joined, joint_source, laid_over, refuse_unfit
from tarlatamab_rules.rulebooks._names import load
from tarlatamab_rules.rulebooks._proofs import refuse_violations
from tarlatamab_rules.rulebooks._revised import revision
from tarlatamab_rules.rulebooks._shapes import check_policy
from tarlatamab_rules.rulebooks.questions import LAB_GRADE, NEURO_GRADE

__all__ = ["Overlay", "Rows", "Rulebook", "Stack", "differences", "strictest"]

T = TypeVar("T")
Rows: TypeAlias = Mapping[Question[Any], tuple[Row[Any], ...]]
_POLICY = "policy"
_UNCHANGED: Rows = MappingProxyType({})
_LAB_GRADES = frozenset(LAB_GRADE.values())


@frozen(eq=False)
class Rulebook(Shown):
    """One source as rows, by the question they answer.

    ``book[QUESTION]`` is the compiled table, made on first use. A question that the book does not fill is answered `NotCovered`.

    Attributes:
        source: What it writes down.

        statements: The statements of the source, in its order.

        rows: The rows, by question.

        lab_scale: The name of the scale by which it reads grades of laboratory values; a scale reads its own.

        drug: What it is about; ``None`` for a scale.

        revises: The name of the book that it revises, by `revised`; empty if it is written out.
    """

    source: Source
    statements: tuple[Statement, ...] = field(repr=False)
    rows: Rows = field(repr=False)
    lab_scale: str = field(repr=False)
    drug: Drug | None = field(default=None, repr=False)
    revises: str = field(default="", repr=False)
    _tables: dict[Question[Any], Table[Any]] = field(default=Factory(dict), init=False, repr=False)

    @property
    def name(self) -> str:
        """The name of the book, which is that of its source."""
        return self.source.name

    @property
    def members(self) -> tuple[Rulebook, ...]:
        """The books of a stack, the one that is heard first in front; a single book alone."""
        return (self,)

    @property
    def neuro_readers(self) -> tuple[Rulebook, ...]:
        """The books by whose reading findings of neurotoxicity are graded."""
        return (self,)

    def __getitem__(self, question: Question[T]) -> Table[T]:
        """The compiled table of *question*."""
        try:
            return self._tables[question]
        except KeyError:
            table = self._tables[question] = self._compiled(question)
            return table

    def __copy__(self) -> Self:
        """Itself: a book is frozen."""
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Itself: a book is frozen, and its questions are known by identity."""
        return self

    def over(self, base: Rulebook) -> Rulebook:
        """This book over another one: the other answers where this one is silent, and of values that can be ranked the stricter is used.

        The orders of both are given, each with its books. For one drug the upper variant stands; doses are never added up. Every other
        difference is `Dissent`. A book over itself is itself.

        Args:
            base: A book, or a stack of them, about the same drug.

        Raises:
            TableError: The books are not about one drug, or read laboratory grades by different scales.
        """
        return _stacked((*self.members, *_book(base, "base").members), " over ")

    def overlay(  # noqa: PLR0913  # one keyword a property of the policy
        self, name: str, rows: Rows, *, title: str = "", revision: str = "", lab_scale: str | None = None, milder_because: str = ""
    ) -> Overlay:
        """A policy of your own on top of this book: its rows answer where they apply, field by field, and this book everywhere else.

        `Overlay.changes` lists what it changes, cell by cell. A row that makes an answer milder must say why, in `Row.milder_because`. So
        must a row that changes a value without an order, such as the amount of a drug: nothing shows that this is not milder.

        Args:
            name: The name of the new book, as ``"our-hospital"``.

            rows: Rows by question; they need not cover every case.

            title: What the policy is called; its name if left out.

            revision: Its date or version.

            lab_scale: Another scale for laboratory grades; that of this book if left out.

            milder_because: Why a milder scale may be used. It is required if a value has a milder grade by that scale.

        Raises:
            TableError: A row makes an answer milder and does not say why, gives a worse fact a milder answer than a lesser one
                and does not say why (`Row.excepted`), or cannot be read.

            FieldError: The name is that of a book of this library, a sentence or a reason is blank, or the scale does not grade laboratory
                values.

            FieldTypeError: The rows, or something in them, have a wrong type.

            UnknownRulebookError: No scale has this name.
        """
        check_policy(name, rows, lab_scale, title=title, revision=revision, milder_because=milder_because)
        over = Overlay(
            source=Source(name, title or name, name, revision),
            statements=_statements(rows),
            rows=dict(rows),
            lab_scale=lab_scale or self.lab_scale,
            drug=self.drug,
            base=self,
            milder_because=milder_because,
        )
        over.check()
        return over

    def revised(
        self, source: Source, *, statements: Iterable[Statement] = (), rows: Rows = _UNCHANGED, without: Iterable[str] = ()
    ) -> Rulebook:
        """The next revision of the source: this book with what the revision changes, all of it cited to the new source.

        A statement or row takes the place of the one with its id. One with a new id stands at the end, a row at the end of its question.
        The questions whose rows change are compiled and proved at once. Only a single book is revised, neither a stack nor a policy.

        Args:
            source: The new revision, with a name of its own.

            statements: The statements that it words anew or adds.

            rows: The rows that it changes or adds, by question.

            without: What it no longer says. An id with a slash names a row, one without a slash a statement with all its rows.

        Raises:
            TableError: A gap, an overlap, a worse fact with a milder answer, a row without its statement, nothing in the book that has an
                id of *without*, or no single book.

            FieldError: A blank, an id that stands twice or is taken out as well, or the name of this book.

            FieldTypeError: Something has a wrong type.
        """
        if isinstance(self, Stack | Overlay):
            msg = f"{self.name} is no single book, so it has no revision; revise a book that it is made of, and put it together again"
            raise TableError(msg)
        revised, revised_rows = revision((self.source, self.statements, self.rows), source, statements, rows, without)
        scale = source.name if self.lab_scale == self.name else self.lab_scale
        book = evolve(self, source=source, statements=revised, rows=revised_rows, lab_scale=scale, revises=self.name)
        refuse_violations(book.name, [book[question] for question, of_now in revised_rows.items() if of_now != self.rows.get(question)])
        return book

    def cite(self, statement: str) -> Citation:
        """The citation of a statement, by its id."""
        for candidate in self.statements:
            if candidate.id == statement:
                return Citation(
                    self.source.name,
                    self.source.revision,
                    candidate.section,
                    statement,
                    candidate.table,
                    candidate.entry,
                    self.source.short_name,
                    self.source.url,
                )
        msg = f"{self.name} has no statement {statement!r}; add it to the statements, or correct the id of the row"
        raise TableError(msg)

    def _compiled(self, question: Question[T]) -> Table[T]:
        rows = self.rows.get(question)
        if rows is None:
            return _nothing_said(question, self.source.title)
        return Table(
            question, rows, lambda row: Reason(row.id, row.says, self.cite(row.statement), row.interpretation, row.unsettled, row.caveat)
        )


def _nothing_said(question: Question[T], title: str) -> Table[T]:
    silence = _silence(title)
    return Table(question, (Row[T](silence.row, {}, None, silence.says),), lambda _: silence)


def _silence(title: str) -> Reason:
    return Reason("guard/silent", f"{title} says nothing about this.")


@frozen(eq=False)
class Stack(Rulebook):
    """Several books that answer together; `Rulebook.over` and `strictest` make one. Every cell is joined when its table is compiled.

    Attributes:
        books: The books. If values have no order, the book in front is heard.
    """

    books: tuple[Rulebook, ...] = field(kw_only=True, repr=False)

    @property
    def members(self) -> tuple[Rulebook, ...]:
        """The books of the stack, the one that is heard first in front."""
        return self.books

    @property
    def neuro_readers(self) -> tuple[Rulebook, ...]:
        """The books by whose reading findings of neurotoxicity are graded."""
        return tuple(dict.fromkeys(reader for book in self.books for reader in book.neuro_readers))

    def _compiled(self, question: Question[T]) -> Table[T]:
        filling = [book for book in self.books if question in book.rows]
        if not filling:
            return _nothing_said(question, self.source.title)
        names = [book.name for book in filling]
        return JoinedTable([book[question] for book in filling], lambda parts: joined(names, parts))


@frozen(eq=False)
class Overlay(Rulebook):
    """A policy of your own on top of another book; `Rulebook.overlay` makes one.

    Attributes:
        base: The book below.

        milder_because: Why laboratory values may be graded by a milder scale.

        policy: The rows of the policy itself; `rows` has those of the base as well.
    """

    base: Rulebook = field(kw_only=True, repr=False)
    milder_because: str = field(default="", kw_only=True, repr=False)
    policy: Rows = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "policy", self.rows)
        object.__setattr__(self, "rows", {**self.base.rows, **self.rows})

    @property
    def neuro_readers(self) -> tuple[Rulebook, ...]:
        """The books by whose reading findings of neurotoxicity are graded. A policy stands beside those below, or alone if it says why."""
        rows = self.policy.get(NEURO_GRADE)
        if not rows:
            return self.base.neuro_readers
        return (self,) if all(row.milder_because for row in rows) else (self, *self.base.neuro_readers)

    def _compiled(self, question: Question[T]) -> Table[T]:
        if question not in self.policy:
            return self.base[question]
        return self._joined(question, lambda names, parts: laid_over(names, parts, settles=self._explained(question, parts[0])))

    def _joined(self, question: Question[T], join: Callable[[Sequence[str], Sequence[Decision[T]]], Decision[T]]) -> Table[T]:
        """The rows of the policy on a question and the table below it, joined in one way or another."""
        silent = NotCovered((_silence(self.source.title),))
        upper = Table(question, self.policy[question], self._reason, silent)
        names = (self.name, self.base.name)
        return JoinedTable([upper, self.base[question]], lambda parts: join(names, parts))

    @property
    def changes(self) -> Diff:
        """What the policy changes in the book below, cell by cell; printed, it is in words."""
        return differences(self.base, self)

    def check(self) -> None:
        """Raises `TableError` if the policy is milder than the book below, or milder for a worse fact, and does not say why."""
        faults = [
            f"{question.name}, {change}"
            for question in self.policy
            for change in changes(self._joined(question, _base_first), self[question])
            if not self._explained(question, change.other, change.fields)
        ]
        if self.lab_scale != self.base.lab_scale and not self.milder_because:
            milder = [change for change in _of_scales(self.base, self) if _milder(change)]
            faults += [f"{change.question.about} by {self.lab_scale}, {change}" for change in milder]
        if faults:
            msg = f"{self.name} may be milder than {self.base.name}, and does not say why (milder_because): " + " | ".join(faults)
            raise TableError(msg)
        refuse_violations(self.name, [self[question] for question in self.policy])

    def _explained(self, question: Question[Any], answer: Decision[Any], fields: Sequence[str] = ()) -> bool:
        """Whether the rows of the policy behind an answer, or behind these fields of it, say why it may be milder."""
        speaking = {reason.row for reason in answer.reasons if reason.citation and reason.citation.source == self.name}
        rows = [row for row in self.policy[question] if row.id in speaking]
        filling = [row for row in rows if not fields or any(getattr(row.then, name, None) not in {None, ()} for name in fields)]
        return bool(filling) and all(row.milder_because for row in filling)

    def _reason(self, row: Row[Any]) -> Reason:
        interpretation = "; ".join(
            part for part in (row.interpretation, f"milder because {row.milder_because}" if row.milder_because else "") if part
        )
        return Reason(row.id, row.says, self.cite(row.statement), interpretation, row.unsettled, row.caveat)


def _base_first(books: Sequence[str], answers: Sequence[Decision[T]]) -> Decision[T]:
    """What a policy and the book below it say together if the book is heard first: this shows what the policy changes without an order."""
    return joined((books[1], books[0]), (answers[1], answers[0]))


def differences(one: Rulebook, other: Rulebook) -> Diff:
    """Where two books differ, in every question that one of them fills, and in laboratory grades if they read two scales."""
    questions = dict.fromkeys([*one.rows, *other.rows])
    of_tables = [change for question in questions for change in changes(one[question], other[question])]
    return Diff(one.name, other.name, (*of_tables, *_of_scales(one, other)))


def _of_scales(one: Rulebook, other: Rulebook) -> Iterator[Change]:
    """Where the scales of two books differ in laboratory grades; nothing for two scales, whose own tables show it."""
    if one.lab_scale != other.lab_scale and not _LAB_GRADES & (one.rows.keys() | other.rows.keys()):
        scale, other_scale = load(one.lab_scale), load(other.lab_scale)
        for question in LAB_GRADE.values():
            yield from changes(scale[question], other_scale[question])


def _milder(change: Change) -> bool:
    """Whether the second of two grades is the milder one."""
    before, after = (min(grade or 0 for grade in answer.possible) for answer in (change.one, change.other))
    return bool(after < before)


def _statements(rows: Rows) -> tuple[Statement, ...]:
    """The statements of a policy: what its rows say."""
    texts: dict[str, list[str]] = {}
    for of_question in rows.values():
        for row in of_question:
            texts.setdefault(row.statement, []).append(row.says)
    return tuple(Statement(name, _POLICY, " ".join(dict.fromkeys(says))) for name, says in texts.items())


def strictest(books: Iterable[Rulebook]) -> Rulebook:
    """Books that answer together, none above another: of ordered values the strictest stands, and every difference is dissent.

    Their order does not matter. If values have no order, the value of the first book by name stands, and the others dissent.

    Args:
        books: One or more, about the same drug. The books of a stack are taken one by one.

    Raises:
        TableError: There is no book, the books are about different drugs, or they read laboratory grades by different scales.

        FieldTypeError: It is no list of books.
    """
    items = listed(books, "books", "pass a list of rulebooks")
    members = [member for n, book in enumerate(items) for member in _book(book, f"books[{n}]").members]
    return _stacked(sorted(members, key=lambda book: book.name), ", ", "strictest of ")


def _book(book: Rulebook, path: str) -> Rulebook:
    if not isinstance(book, Rulebook):
        raise FieldTypeError(path, f"{shown(book)} is not a rulebook", "pass rulebooks.get(name)")
    return book


def _stacked(members: Sequence[Rulebook], between: str, before: str = "") -> Rulebook:
    """The members as one stack, each once; a single book stays itself."""
    books = tuple(dict.fromkeys(members))
    if len(books) == 1:
        return books[0]
    refuse_unfit([book.source for book in books], {book.drug for book in books}, {book.lab_scale for book in books})
    source = joint_source([book.source for book in books], between, before)
    rows: dict[Question[Any], tuple[Row[Any], ...]] = {}
    for question, of_book in chain.from_iterable(book.rows.items() for book in books):
        rows[question] = (*rows.get(question, ()), *of_book)
    statements = tuple(chain.from_iterable(book.statements for book in books))
    return Stack(source=source, statements=statements, rows=rows, lab_scale=books[0].lab_scale, drug=books[0].drug, books=books)

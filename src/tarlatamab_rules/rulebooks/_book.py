"""A rulebook: one source, written down as rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Never, Self, TypeAlias, TypeVar

from attrs import Factory, field, frozen

from tarlatamab_rules.errors import TableError
from tarlatamab_rules.evidence import Citation, Drug, Reason, Source, Statement
from tarlatamab_rules.tables import Question, Row, Table

T = TypeVar("T")
Rows: TypeAlias = Mapping[Question[Any], tuple[Row[Any], ...]]


@frozen(eq=False)
class Rulebook:
    """One source as rows, by the question they answer.

    ``book[QUESTION]`` is the compiled table, made on first use. A question that the book does not fill is answered `NotCovered`.

    Attributes:
        source: What it writes down.

        statements: The statements of the source, in its order.

        rows: The rows, by question.

        lab_scale: The name of the scale by which it reads grades of laboratory values; a scale reads its own.

        drug: What it is about; ``None`` for a scale.
    """

    source: Source
    statements: tuple[Statement, ...] = field(repr=False)
    rows: Rows = field(repr=False)
    lab_scale: str = field(repr=False)
    drug: Drug | None = field(default=None, repr=False)
    _tables: dict[Question[Any], Table[Any]] = field(default=Factory(dict), init=False, repr=False)

    @property
    def name(self) -> str:
        """The name of the book, which is that of its source."""
        return self.source.name

    def __getitem__(self, question: Question[T]) -> Table[T]:
        """The compiled table of *question*."""
        try:
            return self._tables[question]
        except KeyError:
            table = self._tables[question] = self._compiled(question)
            return table

    def __deepcopy__(self, _memo: object) -> Self:
        """Itself: a book is frozen, and its questions are known by identity."""
        return self

    def __reduce__(self) -> Never:
        """Refuses to be pickled: a copy would answer none of the questions, which are known by identity."""
        msg = f"a rulebook is not pickled; pass its name, {self.name!r}, and get it again with rulebooks.get"
        raise TypeError(msg)

    def cite(self, statement: str) -> Citation:
        """The citation of a statement, by its id."""
        for known in self.statements:
            if known.id == statement:
                return Citation(self.source.name, self.source.revision, known.section, statement)
        msg = f"{self.name} has no statement {statement!r}; add it to the statements, or correct the id of the row"
        raise TableError(msg)

    def _compiled(self, question: Question[T]) -> Table[T]:
        rows = self.rows.get(question)
        if rows is None:
            nothing: Row[T] = Row("guard/silent", {}, None, f"{self.source.title} says nothing of this.")
            return Table(question, (nothing,), lambda row: Reason(row.id, row.says))
        return Table(question, rows, lambda row: Reason(row.id, row.says, self.cite(row.statement), row.reading, row.unsettled))

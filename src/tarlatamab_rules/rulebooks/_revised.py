"""What a revision of a source changes in the book before it: statements and rows by their ids. Everything else stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, TableError, shown
from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.tables import Question, Row
from tarlatamab_rules.core.texts import check_text
from tarlatamab_rules.inputs._fields import listed
from tarlatamab_rules.rulebooks._shapes import check_rows

__all__ = ["revision"]

_Rows: TypeAlias = Mapping[Question[Any], tuple[Row[Any], ...]]
_Piece = TypeVar("_Piece", bound=Statement | Row[Any])


def revision(
    before: tuple[Source, tuple[Statement, ...], _Rows],
    source: Source,
    statements: Iterable[Statement],
    rows: _Rows,
    without: Iterable[str],
) -> tuple[tuple[Statement, ...], dict[Question[Any], tuple[Row[Any], ...]]]:
    """The statements and the rows of a revision, from those of the book before it and what changes.

    Raises:
        TableError: The book has nothing with an id of *without*.

        FieldError: Something cannot be read.
    """
    old_source, known, known_rows = before
    _check_source(source, old_source.name)
    new, new_rows = _checked_statements(statements), _checked_rows(rows)
    out = _taken_out(known, known_rows, without, old_source.name)
    return _replaced(known, new, out, "statements"), {
        question: _replaced(known_rows.get(question, ()), new_rows.get(question, ()), out, f"rows[{question.title!r}]")
        for question in dict.fromkeys((*known_rows, *new_rows))
    }


def _check_source(source: object, before: str) -> None:
    """Raises `FieldError` for a source that is none, has a blank field, or has the name of the book before it."""
    if not isinstance(source, Source):
        raise FieldTypeError("source", f"{shown(source)} is not a Source", "pass Source(name, title, publisher, revision)")
    for name in ("name", "title", "publisher", "revision"):
        check_text(getattr(source, name), f"source.{name}")
    if source.name == before:
        fix = "give the revision a name of its own: citations tell the two books apart by it"
        raise FieldError("source.name", f"{shown(before)} is the book that is revised", fix)


def _checked_statements(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    new = listed(statements, "statements", "pass a tuple of statements, (Statement(...),) with its comma")
    for n, statement in enumerate(new):
        if not isinstance(statement, Statement):
            raise FieldTypeError(f"statements[{n}]", f"{shown(statement)} is not a Statement", "pass Statement(id, section, text)")
        for name in ("id", "section", "text"):
            check_text(getattr(statement, name), f"statements[{n}].{name}")
        for name in ("instead_of_row", "table", "entry"):
            check_text(getattr(statement, name), f"statements[{n}].{name}", empty=True)
        if "/" in statement.id:
            raise FieldError(f"statements[{n}].id", f"{shown(statement.id)} is the id of a row", "leave out the slash and what follows it")
    return new


def _taken_out(statements: Iterable[Statement], rows: _Rows, without: Iterable[str], name: str) -> frozenset[str]:
    """The ids of all statements and rows that go. An id with a slash names a row, one without a slash a statement with all its rows.

    Raises:
        TableError: The book has no such row or statement.
    """
    ids = listed(without, "without", "pass a tuple of ids, such as ('T3-SALINE',) with its comma")
    every = {row.id: row.statement for of_question in rows.values() for row in of_question}
    known = {statement.id for statement in statements}
    for n, id_ in enumerate(ids):
        check_text(id_, f"without[{n}]")
        if id_ not in (every if "/" in id_ else known):
            what = "row" if "/" in id_ else "statement"
            msg = f"{name} has no {what} {id_!r} that without[{n}] could take out; correct the id, or leave it out of without"
            raise TableError(msg)
    return frozenset(ids) | {row for row, statement in every.items() if statement in ids}


def _checked_rows(rows: _Rows) -> _Rows:
    check_rows(rows)
    for question, of_question in rows.items():
        for n, row in enumerate(of_question):
            if row.milder_because:
                path, fix = (
                    f"rows[{question.title!r}][{n}].milder_because",
                    "say why in interpretation, and in what it is milder in excepted",
                )
                raise FieldError(path, "is for the rows of a policy, and this is a row of a source", fix)
    return rows


def _replaced(before: tuple[_Piece, ...], changed: Iterable[_Piece], out: frozenset[str], path: str) -> tuple[_Piece, ...]:
    """The pieces from before, in their order, each replaced by a changed one with the same id; then the new ones."""
    new: dict[str, _Piece] = {}
    for n, piece in enumerate(changed):
        if piece.id in new:
            raise FieldError(f"{path}[{n}].id", f"{shown(piece.id)} stands there twice", "leave one of the two out")
        if piece.id in out:
            raise FieldError(f"{path}[{n}].id", f"{shown(piece.id)} is taken out by without", "write it, or take it out, and not both")
        new[piece.id] = piece
    kept = tuple(new.pop(piece.id, piece) for piece in before if piece.id not in out)
    return (*kept, *new.values())

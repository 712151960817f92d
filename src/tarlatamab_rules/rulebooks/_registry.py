"""The rulebooks of the library. Each is loaded on first use."""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from datetime import date
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, TypeVar

from tarlatamab_rules.core.errors import FieldTypeError, UnknownRulebookError, shown
from tarlatamab_rules.core.tables import Question, Table
from tarlatamab_rules.inputs._fields import day, moment
from tarlatamab_rules.rulebooks._book import Overlay, Rulebook, Stack, strictest
from tarlatamab_rules.rulebooks._names import load
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS

T = TypeVar("T")
_OVER, _STRICTEST = " over ", "strictest of "
_DEFAULT = "precautions-2025-09 over us-2025-11"


def get(name: str) -> Rulebook:
    """A rulebook by its name, or a stack by the names of its books: ``"a over b"``, ``"strictest of a, b"``.

    Raises:
        UnknownRulebookError: No book has this name.

        TableError: The books cannot answer together.
    """
    if not isinstance(name, str):
        return load(name)
    return _loaded(name)


def names_of(name: str) -> list[str]:
    """The names of the books of a stack."""
    return name.removeprefix(_STRICTEST).split(", ") if name.startswith(_STRICTEST) else name.split(_OVER)


@lru_cache(maxsize=256)
def _loaded(name: str) -> Rulebook:
    books: list[Rulebook] = [load(part) for part in names_of(name)]
    return strictest(books) if name.startswith(_STRICTEST) else reduce(Rulebook.over, books)


def _pickled(book: Rulebook) -> tuple[Callable[[str], Rulebook], tuple[str]]:
    """A book is pickled as its name: its questions are known by identity, so a copy of its rows would answer none of them.

    Raises:
        TypeError: No book of the library has this name, or this one is another.
    """
    try:
        named = get(book.name).members == book.members
    except UnknownRulebookError:
        named = False
    if not named:
        msg = f"{book.name!r} is a rulebook of your own and cannot be pickled; let each process make it, by importing its module"
        raise TypeError(msg)
    return get, (book.name,)


for _kind in (Rulebook, Stack, Overlay):
    copyreg.pickle(_kind, _pickled)


def in_force(on: date) -> Rulebook:
    """The book of the last US revision that is encoded and was in force on a day.

    If a newer one is known and not encoded, every assessment of a case of that day has a note; `newer_than` lists it.

    Args:
        on: The day.

    Raises:
        UnknownRulebookError: No revision was in force yet.

        FieldTypeError: Not a date.
    """
    when = moment(on, "on")
    if when is None:
        raise FieldTypeError("on", "which day must be said", "pass datetime.date(2026, 1, 31)")
    known = [revision.rulebook for revision in REVISIONS if revision.rulebook is not None and revision.since <= day(when)]
    if not known:
        msg = f"no US label was in force on {day(when)}; the first is of {REVISIONS[0].since}"
        raise UnknownRulebookError(msg)
    return get(known[-1])


def default() -> Rulebook:
    """What answers if no rulebook is named: the precautions page over the US label that it was written for."""
    return _loaded(_DEFAULT)


def resolve(rulebook: Rulebook | str | None) -> Rulebook:
    """A rulebook from itself, its name, or ``None`` for the default."""
    if rulebook is None:
        return _loaded(_DEFAULT)
    if isinstance(rulebook, Rulebook):
        return rulebook
    if not isinstance(rulebook, str):
        raise FieldTypeError("rulebook", f"{shown(rulebook)} is not a rulebook", f"pass a name, such as {_DEFAULT!r}")
    return get(rulebook)


def _table(question: Question[T], rulebook: Rulebook | str | None = None) -> Table[T]:
    """The table that answers *question*. Every rule looks it up, in one step from the second time on."""
    return resolve(rulebook)[question]


if TYPE_CHECKING:
    table = _table
else:
    _cached = lru_cache(maxsize=512)(_table)

    def table(question, rulebook=None):  # noqa: ANN001, ANN202  # typed and described as _table
        try:
            return _cached(question, rulebook)
        except TypeError:  # not hashable, so no rulebook: say so
            return resolve(rulebook)[question]

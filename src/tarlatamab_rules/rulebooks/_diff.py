"""Where two rulebooks differ: every cell, in words, by question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import attrs
from attrs import field, frozen

from tarlatamab_rules.core.axes import called
from tarlatamab_rules.core.cells import Cell, conditions
from tarlatamab_rules.core.decisions import Decided, Decision, NotCovered, unsettled_of
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.core.tables import JoinedTable, Question, Table, When
from tarlatamab_rules.rulebooks._joining import same_part
from tarlatamab_rules.values.conditions import facts_in_words
from tarlatamab_rules.values.disagreements import differing_in_words
from tarlatamab_rules.values.wording import in_words

__all__ = ["Change", "Diff", "changes", "in_short"]


@frozen
class Change(Shown):
    """One difference between two books: the conditions, and the answer of each.

    Attributes:
        question: What is asked.

        when: The facts under which they differ. A fact left out does not matter.

        one: What the first book answers.

        other: What the second book answers.

        fields: The fields of the answer in which they differ; empty if the whole answer differs. Other fields may vary under these
            conditions; `one` and `other` are an example.
    """

    question: Question[Any]
    when: When = field(repr=False)
    one: Decision[Any]
    other: Decision[Any]
    fields: tuple[str, ...] = ()

    @property
    def facts(self) -> str:
        """The conditions in words."""
        axis, *others = self.question.axes
        anything = "any case" if others else f"any {called(axis)}"
        return "; ".join(facts_in_words(self.question, self.when)) or anything

    @property
    def words(self) -> tuple[str, str]:
        """Both answers in words; only the fields in which they differ, if these are known."""
        if not self.fields:
            return in_short(self.one), in_short(self.other)
        one, other = self.one.possible[0], self.other.possible[0]
        parts = [(name, *differing_in_words(getattr(one, name), getattr(other, name))) for name in self.fields]
        return "; ".join(_named(name, words) for name, words, _ in parts), "; ".join(_named(name, words) for name, _, words in parts)

    def __str__(self) -> str:
        """The facts and both answers."""
        return f"{self.facts}: {' -> '.join(self.words)}"


@frozen
class Diff(Shown):
    """Where two rulebooks differ.

    Attributes:
        one: The name of the first book.

        other: The name of the second book.

        changes: Every difference, by question.
    """

    one: str
    other: str
    changes: tuple[Change, ...] = field(repr=False)

    def __str__(self) -> str:
        """All of it in words, by question."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.one} -> {self.other}: {len(self.changes) or 'no'} difference{'' if len(self.changes) == 1 else 's'}"
        for title, changes in self.by_question().items():
            yield title
            yield from (f"  {change}" for change in changes)

    def by_question(self) -> dict[str, list[Change]]:
        """The differences of each question, under its name and what it is about."""
        by_title: dict[str, list[Change]] = {}
        for change in self.changes:
            by_title.setdefault(change.question.title, []).append(change)
        return by_title


def _named(name: str, words: str) -> str:
    return f"{name.replace('_', ' ')}: {words}"


def in_short(answer: Decision[Any]) -> str:
    """An answer in one line."""
    if isinstance(answer, Decided):
        open_ = dict.fromkeys(dissent.rulebook for dissent in answer.dissent if _unsettled(dissent.reasons))
        in_part = ["not settled in part"] if _unsettled(answer.reasons) else []
        return "; ".join([*in_words(answer.value), *in_part, *(f"not settled by {book}" for book in open_)]) or "nothing"
    if isinstance(answer, NotCovered):
        return "not settled" if unsettled_of(answer) else "silent"
    options = dict.fromkeys("silent" if value is None else "; ".join(in_words(value)) for value in answer.possible)
    return f"needs {', '.join(answer.missing)}; possible: {' | '.join(options)}"


def _unsettled(reasons: Iterable[Reason]) -> bool:
    return any(reason.unsettled for reason in reasons)


def changes(one: Table[Any], other: Table[Any]) -> Iterator[Change]:
    """Where two tables of one question differ: each difference, with the conditions under which it holds."""
    if one is other:
        return
    both: Table[Any] = JoinedTable((one, other), lambda parts: Decided(tuple(parts)))
    differing: dict[object, tuple[tuple[str, ...], Decision[Any], Decision[Any], list[Cell]]] = {}
    for cell, answers in both.answers.items():
        before, after = answers.unwrap()
        fields = _fields(before, after)
        if fields is not None:
            values = [tuple(getattr(answer.value, name) for name in fields) or _content(answer) for answer in (before, after)]
            differing.setdefault((fields, *values), (fields, before, after, []))[-1].append(cell)
    for fields, before, after, cells in differing.values():
        yield from (Change(one.question, when, before, after, fields) for when in conditions(both, cells))


def _content(answer: Decision[Any]) -> object:
    """What an answer says, whatever its reasons are."""
    return answer.value if isinstance(answer, Decided) else None, _open(answer)


def _open(answer: Decision[Any]) -> bool:
    """Whether some of it is left to a clinician: by a book of a stack, or by a row beside those that answer."""
    return bool(unsettled_of(answer)) or _unsettled(answer.reasons)


def _fields(one: Decision[Any], other: Decision[Any]) -> tuple[str, ...] | None:
    """The fields in which two answers differ; empty if they differ as a whole, because one has no fields or leaves something unsettled.

    ``None``: they do not differ, or only in the order of what is ordered at one time.
    """
    if _content(one) == _content(other):
        return None
    if not isinstance(one, Decided) or not isinstance(other, Decided) or not attrs.has(type(one.value)):
        return ()
    if _open(one) or _open(other):
        return ()
    kind = type(one.value)
    names = [field.name for field in attrs.fields(kind)]
    return tuple(name for name in names if not same_part(kind, name, getattr(one.value, name), getattr(other.value, name))) or None

"""Row mutation: nudge every number, edge, member, modality and answer of every row, and see that a hand-written case fails.

    python tests/mutation.py

prints the page `docs/reference/mutation.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import Enum
from math import inf
from typing import Any

import attrs
from attrs import evolve, frozen

import spec_tables
from tarlatamab_rules import Rulebook, TarlatamabRulesError, rulebooks
from tarlatamab_rules.errors import TableError
from tarlatamab_rules.intervals import Interval
from tarlatamab_rules.tables import Axis, Choices, Question, Row
from tarlatamab_rules.views.words import in_words

BOOKS = ("precautions-2025-09", "steroid-equivalence", "astct-2019")
_STEP = {"age_years": 0.01, "volume": 0.001, "rate": 0.001, "duration": 0.001}
"""How near to an edge of an axis that is not whole a case must stand."""

_TWICE = "the row has no instruction of its own, and one that two rows give counts once"
EXPLAINED = {
    "PRE-3 answers recommend: dexamethasone 8 mg or equivalent intravenous 1 h before infusion start": _TWICE,
    "PRE-3 answers recommend: normal saline 1000 mL intravenous over 4-5 h (200-250 mL/h) from infusion end": _TWICE,
}
"""Why a nudge that no case notices is harmless."""

_CASES = spec_tables.cases()


@frozen
class Mutant:
    """A row with one thing changed.

    Attributes:
        row: The id of the row.

        change: What was changed.

        rows: The rows of its question with the change in place.
    """

    row: str
    change: str
    rows: tuple[Row[Any], ...]


@frozen
class Outcome:
    """What became of the mutants of a book."""

    book: str
    caught: int
    refused: int
    survivors: tuple[str, ...]

    @property
    def share(self) -> float:
        """The part of the mutants that a case noticed, of those that compile."""
        return self.caught / (self.caught + len(self.survivors))


def mutants(question: Question[Any], rows: tuple[Row[Any], ...]) -> Iterator[Mutant]:
    """Every mutant of every row of one question."""
    for n, row in enumerate(rows):
        silence = _silence(question, row)
        for change, then in [*_nudged(row.then), *_replaced(row, rows), *silence]:
            yield Mutant(row.id, f"answers {change}", (*rows[:n], evolve(row, then=then), *rows[n + 1 :]))
        for axis in question.axes:
            condition = row.when.get(axis, frozenset(axis.members) if isinstance(axis, Choices) else axis.domain)
            for kept, lost in _narrower(axis, condition):
                narrowed = evolve(row, when={**row.when, axis: kept}) if kept is not None else None
                for change, then in [*(_replaced(row, rows) if question.fold is None else ()), *silence]:
                    split = Row(row.id + spec_tables.SLICE, {**row.when, axis: lost}, then, row.says)
                    changed = (*rows[:n], *([narrowed] if narrowed else []), split, *rows[n + 1 :])
                    yield Mutant(row.id, f"at {axis.fact} {_shown(lost)} answers {change}", changed)
            for gained in _wider(axis, condition) if question.fold is not None and row.then is not None else ():
                added = Row(row.id + spec_tables.SLICE, {**row.when, axis: gained}, row.then, row.says)
                yield Mutant(row.id, f"speaks of {axis.fact} {_shown(gained)} too", (*rows, added))


def _shown(condition: object) -> str:
    return " or ".join(sorted(map(str, condition))) if isinstance(condition, frozenset) else str(condition)


def _replaced(row: Row[Any], rows: tuple[Row[Any], ...]) -> list[tuple[str, Any]]:
    """The answers of the other rows."""
    others = dict.fromkeys(other.then for other in rows)
    return [("; ".join(in_words(then)), then) for then in others if then is not None and then != row.then]


def _silence(question: Question[Any], row: Row[Any]) -> list[tuple[str, Any]]:
    """No answer, unless the row has none, or one that adds nothing to those of other rows: no points, no instructions."""
    adds_nothing = question.fold is not None and row.then is not None and question.fold([row.then]) == question.fold([])
    return [] if row.then is None or adds_nothing else [("nothing", None)]


def _nudged(value: Any) -> Iterator[tuple[str, Any]]:
    """A value with one thing in it changed."""
    if isinstance(value, bool):
        yield str(not value), not value
    elif isinstance(value, Enum):
        yield from ((str(other), other) for other in type(value) if other is not value)
    elif isinstance(value, int | float):
        yield from ((f"{other:g}", other) for other in (value - 1, value + 1, value * 10) if other != value)
    elif isinstance(value, str):
        yield f"{value}!", f"{value}!"
    elif isinstance(value, tuple | frozenset):
        yield from _nudged_members(value)
    elif attrs.has(type(value)):
        yield from _nudged_fields(value)


def _nudged_members(value: tuple[Any, ...] | frozenset[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, frozenset):
        yield from ((f"without {item}", value - {item}) for item in value if len(value) > 1)
        yield from ((f"with {item}", value | {item}) for item in type(next(iter(value))) if item not in value)
        return
    for n, item in enumerate(value):
        yield f"without {item}", value[:n] + value[n + 1 :]
        yield from ((change, (*value[:n], other, *value[n + 1 :])) for change, other in _nudged(item))


def _nudged_fields(value: Any) -> Iterator[tuple[str, Any]]:
    for field in attrs.fields(type(value)):
        for change, other in _nudged(getattr(value, field.name)):
            try:
                yield f"{field.name} {change}", evolve(value, **{field.name: other})
            except TarlatamabRulesError:  # a span upside down, a bound that is none: no row could say that
                continue


def _narrower(axis: Axis, condition: Any) -> Iterator[tuple[Any, Any]]:
    """What is left of a condition without one member or edge of it, and that member or edge."""
    if isinstance(axis, Choices):
        members = condition if isinstance(condition, frozenset) else frozenset((condition,))
        for member in members:
            yield members - {member} or None, member
        return
    span = condition if isinstance(condition, Interval) else Interval(condition, condition)
    step = 0 if axis.whole else _STEP[axis.fact]
    if span.low == span.high:
        yield None, span
        return
    if span.low > max(axis.domain.low, -inf) or axis.whole:
        edge = Interval(span.low, span.low + (step if span.low_open else 0), low_open=span.low_open)
        yield evolve(span, low=edge.high, low_open=True), edge
    if span.high < axis.domain.high or (axis.whole and span.high < inf):
        edge = Interval(span.high - (step if span.high_open else 0), span.high, high_open=span.high_open)
        yield evolve(span, high=edge.low, high_open=True), edge


def _wider(axis: Axis, condition: Any) -> Iterator[Any]:
    """What lies next to a condition."""
    if isinstance(axis, Choices):
        members = condition if isinstance(condition, frozenset) else frozenset((condition,))
        yield from (member for member in axis.members if member not in members)
        return
    for next_ in (condition.low - 1, condition.high + 1):
        if next_ in axis.domain and next_ < inf:
            yield next_


def outcome(name: str) -> Outcome:
    """Asks every hand-written case of every mutant of a book, until one fails."""
    book = rulebooks.get(name)
    caught, refused, survivors = 0, 0, []
    for question, rows in book.rows.items():
        cases = [case for case in _CASES if _function(case.asked) == question.name and spec_tables.ASKED[case.asked][0] == name]
        for mutant in mutants(question, tuple(rows)):
            changed = Rulebook(book.source, book.statements, {**book.rows, question: mutant.rows}, book.lab_scale, book.drug)
            try:
                _ = changed[question]
            except TableError:
                refused += 1
                continue
            if any(_fails(case, changed) for case in cases):
                caught += 1
            else:
                survivors.append(f"{mutant.row} {mutant.change}")
    return Outcome(name, caught, refused, tuple(survivors))


def _function(asked: str) -> str:
    return {"neuro_grades": "toxicity_action", "lab_standings": "labs_due"}.get(asked, asked)


def _fails(case: spec_tables.SpecCase, book: Rulebook) -> bool:
    try:
        return spec_tables.answered(case, book) != case.expected
    except (TarlatamabRulesError, TypeError, ValueError):
        return True


def page(outcomes: list[Outcome]) -> str:
    """The figures as a page of the documentation."""
    lines = [
        "# Row mutation",
        "",
        "Every number, edge, member, modality and answer of every row is changed, one at a time, and every hand-written case is asked",
        "again. A change that no case notices is a fact of the source that no case checks. A change that leaves a gap or an overlap does",
        "not compile; the proof refuses it, and it is not counted.",
        "",
        "| rulebook | changes | noticed | share | refused by the proof |",
        "| --- | --- | --- | --- | --- |",
    ]
    for each in outcomes:
        total = each.caught + len(each.survivors)
        lines.append(f"| {each.book} | {total} | {each.caught} | {each.share:.1%} | {each.refused} |")
    lines += ["", "## Not noticed", ""]
    lines += [f"- {each.book}, {survivor}: {EXPLAINED[survivor]}" for each in outcomes for survivor in each.survivors] or ["None."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page([outcome(name) for name in BOOKS]))

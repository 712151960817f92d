"""Row mutation: nudge every number, edge, member, modality and answer of every row, and see that a hand-written case fails.

    python tests/mutation.py

prints the page `docs/reference/mutation.md`; with the names of books, the part of it that is about these. A change that gives the same
answer in every cell needs no explanation. A revision inherits the cases of the book before it, and what is explained there by the id of a
row.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from enum import Enum
from functools import cache
from itertools import chain, product
from math import inf
from typing import Any

import attrs
from attrs import evolve, frozen

import spec_tables
from tarlatamab_rules import Grade, TarlatamabRulesError, rulebooks
from tarlatamab_rules.core.content import is_content
from tarlatamab_rules.core.decisions import Decided, Decision, unsettled_of
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import Axis, Choices, JoinedTable, Question, Row, Table
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.values.wording import in_words

BOOKS = rulebooks.names()
_STEP = {
    "age_years": 0.01,
    "amount": 0.01,
    "volume": 0.001,
    "rate": 0.001,
    "duration": 0.001,
    "value": 0.02,
    "upper_limit": 0.01,
    "baseline": 0.01,
    "temperature": 0.02,
    "alt or ast": 0.01,
    "bilirubin": 0.01,
    "alt or ast rise": 0.01,
    "bilirubin rise": 0.01,
}
"""How near to an edge of an axis that is not whole a case must stand."""

_EITHER = "the worst grade so far is not below that since the last dose, and where two tables ask for the same hours either is enough"
_NOTHING_BEFORE = "before the first dose there is none from whose day it could be due"
_NOT_ASKED = "that a result is not asked for and that nothing is said of it give the same list and the same standing"
_BY_NAME = "by a book without restarts a dose has the role of its name"
_LATE = "so late an episode does not begin on the day of the dose: both are counted from one onset to one dose"
_ALTERNATIVE = "an alternative is printed under the modality of the order that it replaces"
_FIRST = "the first dose follows none, so no day is counted from the last"
_IN_ITS_PLACE = "what may be done instead is printed without a modality of its own"
_SO_FAR = "while it is not recovered, the days so far are those from onset to the dose"
EXPLAINED = {
    "T7-OTHER-3/late at onset 0": _LATE,
    "T7-OTHER-3/hypersensitivity/late at onset 0": _LATE,
    "T7-NEUTROPENIA-3/late at onset 0": _LATE,
    "T7-NEUTROPENIA-4/late at onset 0": _LATE,
    "T7-NEUTROPENIA-AGAIN/recovered at events 5": "neutropenia has no grade 5 in CTCAE",
    "T6-2 answers treatments or_else modality": _ALTERNATIVE,
    "T6-3 answers treatments or_else modality": _ALTERNATIVE,
    "T1-C1D1/first answers after": _NOTHING_BEFORE,
    "T7-HEMOGLOBIN answers resume_when at_most": "stated in g/dL; a series of results goes by the grade, which has tests of its own",
    "T5-2/next-hours at events": _EITHER,
    "T5-3/next-hours at events": _EITHER,
    "T6-2/next-hours at events": _EITHER,
    "T6-3/next-hours at events": _EITHER,
    "LABS/day-15 at point 12": "C6D1 is on day 1 of its cycle",
    "LABS/day-15 at analyte": _NOT_ASKED,
    "MON-1 at course": _BY_NAME,
    "MON-2 at course": _BY_NAME,
    "MON-3 at course": _BY_NAME,
    "MON-3 at events": _EITHER,
    "EU-DOSE-1/first answers after": _FIRST,
    "EU-ICANS-2 answers treatments or_else modality": _IN_ITS_PLACE,
    "EU-ICANS-3 answers treatments or_else modality": _IN_ITS_PLACE,
    "EU-ICANS-3/again answers treatments or_else modality": _IN_ITS_PLACE,
    "EU-ICANS-3/late answers treatments or_else modality": _IN_ITS_PLACE,
    "EU-OTHER-3/late at onset 0 answers": _SO_FAR,
    "U24-T1-C1D1/first answers after": _FIRST,
}
"""Why a nudge that no case notices is harmless, by how it begins."""

EXPLAINED_ANYWHERE = {
    "discontinue_if or_baseline True": "only where a clock runs is it asked whether a baseline will do",
}
"""The same, by how it ends."""


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
    """What became of the mutants of a book.

    Attributes:
        book: The book.

        by_answer: How many give some case another answer, or ask it for other facts.

        by_citation: How many only cite other rows.

        refused: How many do not compile, or answer with what a function refuses.

        equal: How many give the same answer in every cell and cite the same rows, so that no case can notice them.

        survivors: The others that no case notices.

        before: The book that it revises; empty if it is written out.
    """

    book: str
    by_answer: int
    by_citation: int
    refused: int
    equal: int
    survivors: tuple[str, ...]
    before: str = ""

    @property
    def total(self) -> int:
        """How many there are, the refused ones left out."""
        return self.by_answer + self.by_citation + self.equal + len(self.survivors)

    @property
    def share(self) -> float:
        """The part of them that some case notices, of those that one can notice."""
        return (self.by_answer + self.by_citation) / (self.total - self.equal)


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
                worst = [("5", Grade.DEATH)] if question.answer is Grade else silence
                for change, then in [*_replaced(row, rows), *silence] if question.fold is None else worst:
                    split = Row(row.id + spec_tables.SLICE, {**row.when, axis: lost}, then, row.says)
                    changed = (*rows[:n], *([narrowed] if narrowed else []), split, *rows[n + 1 :])
                    yield Mutant(row.id, f"at {axis.fact} {_shown(lost)} answers {change}", changed)
            for gained in _wider(axis, condition) if question.fold is not None and row.then is not None else ():
                added = Row(row.id + spec_tables.SLICE, {**row.when, axis: gained}, row.then, row.says)
                yield Mutant(row.id, f"speaks of {axis.fact} {_shown(gained)} too", (*rows, added))


def cells(question: Question[Any], rows: tuple[Row[Any], ...]) -> Iterator[Mutant]:
    """For a question of finite facts, each single combination of them with another answer."""
    if question.fold is not None or len(question.axes) == 1 or not all(isinstance(axis, Choices) for axis in question.axes):
        return
    axes = [axis for axis in question.axes if isinstance(axis, Choices)]
    for n, row in enumerate(rows):
        spans = [_members(row.when[axis]) if axis in row.when else frozenset(axis.members) for axis in axes]
        answers = [*_silence(question, row), *_replaced(row, rows)]
        if not answers:
            continue
        change, then = answers[0]
        for members in product(*(sorted(span, key=str) for span in spans)):
            split = Row(row.id + spec_tables.SLICE, dict(zip(axes, members, strict=True)), then, row.says)
            rest = _without(row, axes, members)
            where = ", ".join(f"{axis.fact} {member}" for axis, member in zip(axes, members, strict=True))
            yield Mutant(row.id, f"at {where} answers {change}", (*rows[:n], *rest, split, *rows[n + 1 :]))


def _without(row: Row[Any], axes: list[Choices], members: tuple[Any, ...]) -> Iterator[Row[Any]]:
    """Rows that say what *row* says everywhere but in one cell: one for each axis, which leaves out the member of the cell."""
    fixed: dict[Axis, Any] = {}
    for n, (axis, member) in enumerate(zip(axes, members, strict=True)):
        span = _members(row.when[axis]) if axis in row.when else frozenset(axis.members)
        if rest := span - {member}:
            yield evolve(row, id=f"{row.id}{spec_tables.SLICE}{n}", when={**row.when, **fixed, axis: rest})
        fixed[axis] = member


def _members(condition: Any) -> frozenset[Any]:
    return condition if isinstance(condition, frozenset) else frozenset((condition,))


def _shown(condition: object) -> str:
    return " or ".join(sorted(map(str, condition))) if isinstance(condition, frozenset) else str(condition)


def _replaced(row: Row[Any], rows: tuple[Row[Any], ...]) -> list[tuple[str, Any]]:
    """The answers of the other rows."""
    others = dict.fromkeys(other.then for other in rows)
    return [("; ".join(in_words(then)), then) for then in others if then is not None and then != row.then]


def _silence(question: Question[Any], row: Row[Any]) -> list[tuple[str, Any]]:
    """No answer, unless the row has none, or one that adds nothing to those of other rows: no points, no instructions."""
    if row.then is None:
        return []
    nothing = None if question.fold is None else Grade.NONE if question.answer is Grade else question.fold([])
    return [] if row.then == nothing else [("nothing", None)]


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
        yield from ((f"without {item}", value - {item}) for item in sorted(value, key=str) if len(value) > 1)
        yield from ((f"with {item}", value | {item}) for item in type(next(iter(value))) if item not in value)
        return
    for n, item in enumerate(value):
        yield f"without {item}", value[:n] + value[n + 1 :]
        yield from ((change, (*value[:n], other, *value[n + 1 :])) for change, other in _nudged(item))


def _nudged_fields(value: Any) -> Iterator[tuple[str, Any]]:
    for field in filter(is_content, attrs.fields(type(value))):
        now = getattr(value, field.name)
        for change, other in [*_nudged(now), *([("nothing", None)] if now is not None and field.default is None else [])]:
            try:
                yield f"{field.name} {change}", evolve(value, **{field.name: other})
            except TarlatamabRulesError:  # a span upside down, a bound that is none: no row could say that
                continue


def _narrower(axis: Axis, condition: Any) -> Iterator[tuple[Any, Any]]:
    """What is left of a condition without one member or edge of it, and that member or edge."""
    if isinstance(axis, Choices):
        members = _members(condition)
        for member in sorted(members, key=str):
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
        members = _members(condition)
        yield from (member for member in axis.members if member not in members)
        return
    span = condition if isinstance(condition, Interval) else Interval(condition, condition)
    if axis.whole:
        yield from (next_ for next_ in (span.low - 1, span.high + 1) if next_ in axis.domain and next_ < inf)
        return
    step = _STEP[axis.fact]
    if span.low > axis.domain.low:
        yield Interval(span.low - step, span.low, high_open=not span.low_open)
    if span.high < axis.domain.high:
        yield Interval(span.high, span.high + step, low_open=not span.high_open)


@cache
def outcome(name: str) -> Outcome:
    """Asks every hand-written case of every mutant of a book, until one fails.

    Raises:
        ValueError: A case fails without any change, so that every mutant would count as noticed.
    """
    book = rulebooks.get(name)
    refuse_failing(name, book)
    counts: Counter[str] = Counter()
    survivors = []
    for question, rows in book.rows.items():
        cases = [case for case in spec_tables.of_book(name) if _asks(case, question)]
        for mutant in chain(mutants(question, tuple(rows)), cells(question, tuple(rows))):
            changed = Rulebook(book.source, book.statements, {**book.rows, question: mutant.rows}, book.lab_scale, book.drug)
            changed._tables.update((other, book[other]) for other in book.rows if other is not question)
            found = _noticed(changed, question, cases)
            if found == "survives" and same_in_every_cell(book[question], changed[question]):
                found = "equal"
            counts[found] += 1
            if found == "survives":
                survivors.append(f"{mutant.row} {mutant.change}")
    return Outcome(name, counts["answer"], counts["citation"], counts["refused"], counts["equal"], tuple(survivors), book.revises)


def same_in_every_cell(one: Table[Any], other: Table[Any]) -> bool:
    """Whether two tables give the same answer in every cell, leave the same open, and cite the same rows."""
    both: Table[tuple[Decision[Any], ...]] = JoinedTable((one, other), lambda parts: Decided(tuple(parts)))
    return all(_said(before) == _said(after) for before, after in (answer.unwrap() for answer in both.answers.values()))


def _said(answer: Decision[Any]) -> object:
    """An answer, the rows that it cites, and what is not settled."""
    cited = {reason.row.partition(spec_tables.SLICE)[0] for reason in answer.reasons}
    return answer.possible, cited, {reason.unsettled for reason in (*answer.reasons, *unsettled_of(answer))} - {""}


def refuse_failing(name: str, book: Rulebook) -> None:
    """Raises `ValueError` if a case of the book with this name fails when *book* is asked."""
    failing = [str(case) for case in spec_tables.of_book(name) if spec_tables.answered(case, book) != case.expected]
    if failing:
        msg = f"{len(failing)} cases of {name} fail: mend them first (pytest tests/test_spec.py), the first is {failing[0]}"
        raise ValueError(msg)


def _noticed(changed: Rulebook, question: Question[Any], cases: list[spec_tables.SpecCase]) -> str:
    """How some case notices a change: by its answer, by its citations alone, or not; or that the change cannot be."""
    found = "survives"
    try:
        _ = changed[question]
        for case in cases:
            answer, expected = spec_tables.answered(case, changed), case.expected
            if answer[:2] != expected[:2]:
                return "answer"
            if answer != expected:
                found = "citation"
    except TarlatamabRulesError:
        return "refused"
    return found


def explanation(survivor: str) -> str:
    """Why a change that no case notices is harmless; empty where nothing explains it."""
    by_end = (why for end, why in EXPLAINED_ANYWHERE.items() if survivor.endswith(end))
    return next((why for start, why in EXPLAINED.items() if survivor.startswith(start)), next(by_end, ""))


def _asks(case: spec_tables.SpecCase, question: Question[Any]) -> bool:
    """Whether a case asks a question: by its function, and by what it is about where several questions share one."""
    asked = "labs_due" if case.asked == "lab_standings" else case.asked
    about = case.facts.get("toxicity") or (case.facts.get("analyte") if asked == "grade_lab" else None)
    return asked == question.name and (about is None or question.about in {"", about})


def page(outcomes: list[Outcome]) -> str:
    """The figures as a page of the documentation."""
    lines = [
        "# Row mutation",
        "",
        "Every number, edge, member, modality and answer of every row is changed, one at a time, and every hand-written case is asked",
        "again. A change that no case notices is a fact of the source that no case checks. A change that leaves a gap or an overlap does",
        "not compile, and one that no row could hold is refused; these are not counted. Where silence takes the place of an answer that",
        "adds nothing to the strictest one, such as eligible, only the rows that are cited can tell. A change is *without effect* if the",
        "table gives the same answer by the same rows in every cell, for instance if two rows order one thing; the share leaves these out.",
        "",
        "| rulebook | changes | noticed by the answer | by the rows cited alone | without effect | share of the rest | refused |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {each.book} | {each.total} | {each.by_answer} | {each.by_citation} | {each.equal} | {each.share:.1%} | {each.refused} |"
        for each in outcomes
    ]
    lines += ["", "## Not noticed", ""]
    lines += [line for each in outcomes for line in _survivors(each, outcomes)] or ["None."]
    return "\n".join(lines) + "\n"


def _survivors(outcome: Outcome, outcomes: list[Outcome]) -> Iterator[str]:
    """A line for each change that no case notices. Those that survive in the book before a revision as well have one line together."""
    known = {survivor for before in outcomes if before.book == outcome.before for survivor in before.survivors}
    if shared := sum(survivor in known for survivor in outcome.survivors):
        yield f"- {outcome.book}: {shared} that {outcome.before} has as well, for the same reasons"
    yield from (
        f"- {outcome.book}, {survivor}: {explanation(survivor) or 'NOT EXPLAINED'}"
        for survivor in outcome.survivors
        if survivor not in known
    )


if __name__ == "__main__":
    with ProcessPoolExecutor() as pool:  # a book in each
        sys.stdout.write(page([*pool.map(outcome, sys.argv[1:] or BOOKS)]))

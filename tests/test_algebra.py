"""The laws by which answers are combined, over every table of every book and of the default stack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from tarlatamab_rules import rulebooks
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData, NotCovered, Ranked, either, strictest, together
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.tables import Question, Table
from tarlatamab_rules.rulebooks import questions as dosing
from tarlatamab_rules.rulebooks import questions as scales
from tarlatamab_rules.rulebooks import questions as toxicities
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.values.toxicities import ToxicityAction
from tarlatamab_rules.values.vocabulary import InfusionStep

BOOKS: Final = (*map(rulebooks.get, rulebooks.names()), resolve(None))


def _questions(value: object) -> Iterator[Question[Any]]:
    """Every question in a module, also those in lists and by kind."""
    if isinstance(value, Question):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _questions(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from _questions(each)


QUESTIONS: Final = tuple(
    dict.fromkeys(question for module in (dosing, scales, toxicities) for value in vars(module).values() for question in _questions(value))
)
TABLES: Final[tuple[Table[Any], ...]] = tuple(book[question] for book in BOOKS for question in QUESTIONS)
RANKED: Final = tuple(table for table in TABLES if issubclass(table.question.answer, Ranked | ToxicityAction))


def _rank(value: Any) -> int:
    """How strict an answer is, for those that have an order."""
    return int(value.action.rank if isinstance(value, ToxicityAction) else value.rank)


@st.composite
def facts(draw: st.DrawFn, table: Table[Any]) -> tuple[Any, ...]:
    """Facts that a table asks about: each known, known in part, or not known."""
    codes = [st.none() | st.frozensets(st.integers(0, len(axis) - 1), min_size=1, max_size=2) for axis in table.axes]
    return tuple(None if each is None else axis.facts(each) for axis, each in zip(table.axes, draw(st.tuples(*codes)), strict=True))


def _asked(table: Table[Any], known: Sequence[Any]) -> Decision[Any]:
    try:
        return table(*known)
    except ContradictionError:
        reject()  # facts that cannot all be true have no answer


@st.composite
def answers(draw: st.DrawFn, tables: Sequence[Table[Any]] = TABLES) -> tuple[Table[Any], tuple[Decision[Any], ...]]:
    """A table, and a few of its answers."""
    table = draw(st.sampled_from(tables))
    return table, tuple(_asked(table, draw(facts(table))) for _ in range(draw(st.integers(1, 4))))


def _sets(answer: Decision[Any]) -> tuple[frozenset[Any], frozenset[str]]:
    """What is possible, and what is missing, whatever the order."""
    return frozenset(answer.possible), frozenset(answer.missing)


def _at_least(answers: Iterable[Decision[Any]]) -> int:
    """How strict a combination is at the mildest: silence is milder than every word."""
    return max(min(-1 if value is None else _rank(value) for value in answer.possible) for answer in answers)


class TestEither:
    """One of several holds, and it is not known which."""

    @given(answers(), st.randoms(use_true_random=False))
    def test_order(self, drawn: tuple[Table[Any], tuple[Decision[Any], ...]], random: Any) -> None:
        """The order of the answers changes neither what is possible nor what is missing."""
        _, parts = drawn
        assert _sets(either(parts, ("a",))) == _sets(either(random.sample(parts, len(parts)), ("a",)))

    @given(answers())
    def test_all_stays_possible(self, drawn: tuple[Table[Any], tuple[Decision[Any], ...]]) -> None:
        """Everything that is possible by one of them is possible, and nothing else."""
        _, parts = drawn
        assert frozenset(either(parts).possible) == frozenset(value for part in parts for value in part.possible)

    @given(answers())
    def test_of_one(self, drawn: tuple[Table[Any], tuple[Decision[Any], ...]]) -> None:
        """Of one answer it is that answer; of the same answer twice, the same is possible and missing."""
        _, (first, *_) = drawn
        assert either((first,)) is first
        assert _sets(either((first, first))) == _sets(first)


class TestStrictest:
    """All of several hold."""

    @given(answers(RANKED), st.randoms(use_true_random=False))
    def test_order(self, drawn: tuple[Table[Any], tuple[Decision[Any], ...]], random: Any) -> None:
        """The order of the parts changes neither how strict the whole may be nor what is missing."""
        _, parts = drawn
        one, other = (strictest(each, rank=_rank) for each in (parts, random.sample(parts, len(parts))))
        assert (_sets(one), type(one)) == (_sets(other), type(other))

    @given(answers(RANKED))
    def test_never_milder(self, drawn: tuple[Table[Any], tuple[Decision[Any], ...]]) -> None:
        """It is never milder than a part, however many facts are missing."""
        _, parts = drawn
        assert _at_least([strictest(parts, rank=_rank)]) >= _at_least(parts)

    @given(answers(RANKED))
    def test_of_one(self, drawn: tuple[Table[Any], tuple[Decision[Any], ...]]) -> None:
        """Of one part the same is possible."""
        _, (first, *_) = drawn
        assert frozenset(strictest((first,), rank=_rank).possible) == frozenset(first.possible)


def _ranks(answer: Decision[Any]) -> frozenset[int]:
    return frozenset(-1 if value is None else _rank(value) for value in answer.possible)


@given(st.data())
def test_a_fact_taken_out_is_missed(data: st.DataObject) -> None:
    """A fact that is taken out and matters is named among the missing, and what was possible with it stays possible.

    Where combinations are impossible another fact may tell the same: then those that are named are enough to settle it.
    """
    table = data.draw(st.sampled_from([table for table in TABLES if table.asks]))
    known = data.draw(facts(table))
    answer = _asked(table, known)
    n = data.draw(st.integers(0, len(known) - 1))
    without = (*known[:n], None, *known[n + 1 :])
    wider = _asked(table, without)
    assert frozenset(answer.possible) <= frozenset(wider.possible)
    if frozenset(answer.possible) != frozenset(wider.possible) and table.question.axes[n].fact not in wider.missing:
        assert table.impossible
        assert _is_settled(data, table, without, wider.missing)


def _is_settled(data: st.DataObject, table: Table[Any], known: Sequence[Any], missing: tuple[str, ...]) -> bool:
    """Whether one value of each missing fact leaves nothing open that the fact beside them could tell."""
    codes = [
        data.draw(st.integers(0, len(axis) - 1)) if asked.fact in missing else None
        for asked, axis in zip(table.question.axes, table.axes, strict=True)
    ]
    supplied = [fact if code is None else axis.facts(frozenset((code,))) for fact, code, axis in zip(known, codes, table.axes, strict=True)]
    return not _asked(table, supplied).missing


@given(answers())
def test_together_of_one_source(drawn: tuple[Table[Any], tuple[Decision[Any], ...]]) -> None:
    """What one source says alone is its answer, and nothing dissents from it."""
    _, parts = drawn
    for part in parts:
        if not isinstance(part, NeedsData):
            alone = together([("book", part)], lambda said: said[0][1], differ=lambda *_: (), stands=lambda one, whole: one == whole)
            assert (type(alone), alone.possible, alone.reasons, alone.dissent) == (type(part), part.possible, part.reasons, part.dissent)


STOP, GO = InfusionStep.STOP, InfusionStep.CONTINUE
SILENT = NotCovered((Reason("S", "Silent."),))
OPEN: NeedsData[InfusionStep] = NeedsData(("a",), (GO, STOP))


@pytest.mark.parametrize(
    ("parts", "possible", "missing"),
    [
        ((Decided(STOP), SILENT), {STOP}, set()),
        ((SILENT, Decided(GO), Decided(STOP)), {STOP}, set()),
        ((Decided(STOP), OPEN), {STOP}, set()),
        ((Decided(GO), OPEN), {GO, STOP}, {"a"}),
        ((SILENT, OPEN), {GO, STOP}, {"a"}),
        ((SILENT, SILENT), {None}, set()),
    ],
)
def test_strictest_by_hand(parts: tuple[Decision[InfusionStep], ...], possible: set[Any], missing: set[str]) -> None:
    """Silence beside a stop does not hide the stop, and a fact that can no longer change the whole is not asked for."""
    for each in (parts, parts[::-1]):
        assert _sets(strictest(each)) == (frozenset(possible), frozenset(missing))


def test_every_table_is_drawn_from() -> None:
    """Tables of every question stand among those that are drawn, and of each kind of answer that has an order."""
    assert len(TABLES) == len(BOOKS) * len(QUESTIONS)
    assert len(QUESTIONS) > 50
    assert {table.question.answer.__name__ for table in RANKED} >= {"Eligibility", "SetupFit", "ToxicityAction"}

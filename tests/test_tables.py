"""Decision tables: what compiles, what does not, and what an answer says of facts that are not known."""

from __future__ import annotations

from itertools import product
from math import inf, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered
from tarlatamab_rules.core.errors import ContradictionError, TableError
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval, above, at_least, at_most, below, between
from tarlatamab_rules.core.tables import Bands, Choices, Impossible, Question, Row, Table, When
from tarlatamab_rules.rulebooks.facts import POINT, TIMES_UPPER_LIMIT, points
from tarlatamab_rules.rulebooks.questions import BY_AGE

COLOR = Choices("color", ("red", "green", "blue"))
SIZE = Bands("size", between(0, 10))
COUNT = Bands("count", between(1, inf), whole=True)
ASK = Question("ask", (COLOR, SIZE), str)
RED: When = {COLOR: "red"}
NOT_RED: When = {COLOR: frozenset(("green", "blue"))}


def table(question: Question[Any], *rows: Row[Any]) -> Table[Any]:
    """A compiled table whose reasons carry no citation."""
    return Table(question, rows, lambda row: Reason(row.id, row.says))


def rows_of(answer: Any) -> list[str]:
    """The ids of the rows behind an answer."""
    return [reason.row for reason in answer.reasons]


SMALL = Row("small", {**RED, SIZE: below(5)}, "s", "Small.")
LARGE = Row("large", {**RED, SIZE: at_least(5)}, "l", "Large.")
REST: Row[str] = Row("rest", NOT_RED, None, "Nothing is said.")


class TestInterval:
    """Ends are in or out exactly."""

    @pytest.mark.parametrize(
        ("interval", "inside", "outside"),
        [
            (at_least(1.5), [1.5, 2, 1e300], [nextafter(1.5, 0), -inf]),
            (above(1.5), [nextafter(1.5, 2), 2], [1.5, 1]),
            (below(0.5), [nextafter(0.5, 0), -3], [0.5, 1]),
            (at_most(0.5), [0.5, 0], [nextafter(0.5, 1)]),
            (between(1, 2), [1, 1.5, 2], [0.99, nextafter(2, 3)]),
            (between(1, 2, low_open=True, high_open=True), [nextafter(1, 2), nextafter(2, 1)], [1, 2]),
            (between(3, 3), [3], [nextafter(3, 0), nextafter(3, 4)]),
        ],
    )
    def test_holds(self, interval: Interval, inside: list[float], outside: list[float]) -> None:
        """A number is inside or outside up to the last digit of a float."""
        assert all(number in interval for number in inside)
        assert not any(number in interval for number in outside)

    @pytest.mark.parametrize(("low", "high", "low_open", "high_open"), [(2, 1, False, False), (1, 1, True, False), (1, 1, False, True)])
    def test_empty(self, low: float, high: float, low_open: bool, high_open: bool) -> None:
        """An interval that holds nothing is refused."""
        with pytest.raises(TableError, match="holds no number"):
            Interval(low, high, low_open, high_open)

    @pytest.mark.parametrize(
        ("interval", "text"),
        [
            (at_least(1.5), ">= 1.5"),
            (above(20), "> 20"),
            (below(0.5), "< 0.5"),
            (at_most(2), "<= 2"),
            (between(0.5, 1, high_open=True), "0.5 to < 1"),
            (between(3, 5, low_open=True), "> 3 to 5"),
            (between(2, 2), "2"),
        ],
    )
    def test_text(self, interval: Interval, text: str) -> None:
        """It prints as it would stand in a table."""
        assert str(interval) == text


class TestCompile:
    """Compiling is the proof."""

    def test_answers_every_cell(self) -> None:
        """Members that no row tells apart share a cell; what is silent is counted."""
        compiled = table(ASK, SMALL, LARGE, REST)
        assert (compiled.cells, compiled.silent, compiled.impossible) == (4, 2, 0)
        assert compiled("red", 4.999) == Decided("s", (Reason("small", "Small."),))
        assert compiled("red", 5).unwrap() == "l"
        assert compiled("blue", 0) == NotCovered((Reason("rest", "Nothing is said."),))

    def test_gap(self) -> None:
        """A cell without a row does not compile, and is named."""
        with pytest.raises(TableError, match=r"ask: exactly one row must answer each cell; color red, size 5 to 10: no row"):
            table(ASK, SMALL, REST)

    def test_gap_of_one_number(self) -> None:
        """Two open ends that meet leave a gap of one number."""
        with pytest.raises(TableError, match="size 5: no row"):
            table(ASK, Row("a", {SIZE: below(5)}, "s", ""), Row("b", {SIZE: above(5)}, "l", ""))

    def test_overlap(self) -> None:
        """A cell with two rows does not compile, and both are named."""
        with pytest.raises(TableError, match="color red, size 5: a and b"):
            table(ASK, Row("a", {**RED, SIZE: at_most(5)}, "s", ""), Row("b", {**RED, SIZE: at_least(5)}, "l", ""), REST)

    def test_overlap_of_equal_answers(self) -> None:
        """Two rows are an overlap even where they agree."""
        with pytest.raises(TableError, match="a and b"):
            table(ASK, Row("a", {}, "s", ""), Row("b", RED, "s", ""))

    def test_every_fault_is_named(self) -> None:
        """All gaps and overlaps of a table come in one error."""
        with pytest.raises(TableError) as caught:
            table(ASK, Row("a", RED, "s", ""), Row("b", {**RED, SIZE: below(5)}, "l", ""))
        text = str(caught.value)
        assert "color red, size 0 to 5: a and b" in text
        assert "color green or blue, size 5 to 10: no row" in text

    def test_collect(self) -> None:
        """With a fold every row that fits counts; a silent row adds nothing, and silence alone is silence."""
        collect = Question("ask", (COLOR, SIZE), str, fold=" ".join)
        compiled = table(collect, SMALL, Row("any", RED, "a", ""), REST)
        assert compiled("red", 1).unwrap() == "s a"
        assert rows_of(compiled("red", 1)) == ["small", "any"]
        assert compiled("red", 9).unwrap() == "a"
        assert isinstance(compiled("green", 1), NotCovered)

    def test_collect_gap(self) -> None:
        """A cell without any row is a gap under COLLECT too."""
        with pytest.raises(TableError, match="at least one row must answer each cell; color green or blue"):
            table(Question("ask", (COLOR, SIZE), str, fold=" ".join), SMALL, LARGE)

    def test_impossible(self) -> None:
        """Cells that cannot exist need no row; facts that lie there are refused with the reason."""
        ban = Impossible({COLOR: "red", SIZE: at_least(5)}, "red is never large")
        compiled = table(Question("ask", (COLOR, SIZE), str, impossible=(ban,)), SMALL, REST)
        assert (compiled.cells, compiled.impossible) == (3, 1)
        with pytest.raises(ContradictionError, match="ask: red is never large"):
            compiled("red", 7)
        assert compiled("red", None).unwrap() == "s"

    def test_whole_numbers(self) -> None:
        """Between two whole numbers there is no gap."""
        compiled = table(
            Question("ask", (COUNT,), str), Row("a", {COUNT: between(1, 2)}, "few", ""), Row("b", {COUNT: at_least(3)}, "many", "")
        )
        assert compiled.cells == 2
        assert [compiled(n).unwrap() for n in (1, 2, 3, 10**9)] == ["few", "few", "many", "many"]

    def test_whole_gap(self) -> None:
        """A whole number without a row is named as such."""
        with pytest.raises(TableError, match="count 3: no row"):
            table(Question("ask", (COUNT,), str), Row("a", {COUNT: between(1, 2)}, "few", ""), Row("b", {COUNT: at_least(4)}, "many", ""))

    def test_axes_say_their_numbers_in_words(self) -> None:
        """A dose prints as a point, a multiple as a multiple."""
        with pytest.raises(TableError, match="point C2D1 to later: no row"):
            table(Question("ask", (POINT,), str), Row("a", {POINT: points("C1D1", "C1D15")}, "x", ""))
        with pytest.raises(TableError, match=r"upper_limit 3 x to .* x: no row"):
            table(Question("ask", (TIMES_UPPER_LIMIT,), str), Row("a", {TIMES_UPPER_LIMIT: at_most(3)}, "x", ""))

    def test_strange_member(self) -> None:
        """A row that names no member of the axis does not compile."""
        with pytest.raises(TableError, match=r"color: a row names \['pink'\]"):
            table(ASK, Row("a", {COLOR: "pink"}, "s", ""))

    def test_strange_condition(self) -> None:
        """A row that compares a number with a word does not compile."""
        with pytest.raises(TableError, match="size: 'large' is neither a number nor an Interval"):
            table(ASK, Row("a", {SIZE: "large"}, "s", ""))

    def test_strange_answer(self) -> None:
        """A row that answers with another type than the question wants does not compile, nor do two rows of one id."""
        with pytest.raises(TableError, match="a answers with 3, but the question needs a str; a is used twice"):
            table(ASK, Row("a", RED, 3, ""), Row("a", NOT_RED, "x", ""))

    def test_row_for_no_case(self) -> None:
        """A row of which every cell is impossible does not compile."""
        ban = Impossible({COLOR: "red"}, "never red")
        with pytest.raises(TableError, match="a answers no possible case"):
            table(Question("ask", (COLOR, SIZE), str, impossible=(ban,)), Row("a", RED, "x", ""), REST)

    def test_axes_of_one_name(self) -> None:
        """Two axes may be about one fact; a row is about the axis that it names."""
        other = Choices("color", ("red", "green", "blue"))
        with pytest.raises(TableError, match="has a condition on color"):
            table(ASK, Row("a", {other: "red"}, "x", ""))

    def test_strange_axis(self) -> None:
        """A row that names a fact the question does not ask about does not compile."""
        with pytest.raises(TableError, match="ask: a has a condition on count, which the question does not ask about"):
            table(ASK, Row("a", {COUNT: 1}, "s", ""))


class TestUnknown:
    """A missing fact is tried with every value that it may have."""

    compiled = table(ASK, SMALL, LARGE, REST)

    def test_one_value_whatever_the_fact(self) -> None:
        """A fact that cannot change the answer is not asked for."""
        assert self.compiled("green", None) == NotCovered((Reason("rest", "Nothing is said."),))

    def test_missing_and_possible(self) -> None:
        """Otherwise the fact is named, with every answer still open and the rows behind them."""
        answer = self.compiled("red", None)
        assert answer == NeedsData(("size",), ("s", "l"), (Reason("small", "Small."), Reason("large", "Large.")))

    def test_all_unknown(self) -> None:
        """Silence is one of the answers still open, as ``None``."""
        answer = self.compiled(None, None)
        assert isinstance(answer, NeedsData)
        assert answer.missing == ("color", "size")
        assert set(answer.possible) == {"s", "l", None}

    def test_only_what_matters_is_missing(self) -> None:
        """Of two unknown facts only the one that can change the answer is named."""
        compiled = table(ASK, Row("red", RED, "r", ""), REST)
        assert compiled(None, None).missing == ("color",)

    def test_facts_that_matter_together(self) -> None:
        """Where no single fact changes the answer on its own, the open ones are named all the same."""
        both = Question(
            "both",
            (COLOR, SIZE),
            str,
            impossible=(
                Impossible({COLOR: "red", SIZE: at_least(5)}, "never"),
                Impossible({COLOR: frozenset(("green", "blue")), SIZE: below(5)}, "never"),
            ),
        )
        answer = table(both, Row("a", RED, "r", ""), Row("b", NOT_RED, "g", ""))(None, None)
        assert answer.missing == ("color", "size")

    def test_partly_known_members(self) -> None:
        """Several members stand for a fact that is known in part."""
        assert self.compiled(frozenset(("green", "blue")), 3).possible == (None,)
        assert set(self.compiled(frozenset(("green", "red")), 3).possible) == {"s", None}

    def test_partly_known_number(self) -> None:
        """An interval represents a number that is partly known, such as a bound."""
        assert self.compiled("red", below(5)).unwrap() == "s"
        assert self.compiled("red", at_least(7)).unwrap() == "l"
        assert set(self.compiled("red", between(4, 6)).possible) == {"s", "l"}
        assert set(self.compiled("red", at_most(5)).possible) == {"s", "l"}

    def test_shared_reasons(self) -> None:
        """When different rows agree, the reasons are those they share, or else all of them."""
        same = table(ASK, Row("a", RED, "x", ""), Row("b", NOT_RED, "x", ""))
        assert rows_of(same(None, 1)) == ["a", "b"]
        collect = Question("ask", (COLOR, SIZE), str, fold=lambda values: values[0])
        shared = table(collect, Row("all", {}, "x", ""), Row("red", RED, "y", ""))
        assert rows_of(shared(None, 1)) == ["all"]

    @pytest.mark.parametrize(
        "facts",
        [
            ("pink", 1),
            ("red", 11),
            ("red", -1),
            ("red", at_least(10.5)),
            (frozenset(("pink",)), 1),
            (frozenset(), 1),
            ("red", "large"),
            ("red", float("nan")),
        ],
    )
    def test_out_of_domain(self, facts: tuple[Any, ...]) -> None:
        """A value that the axis does not have is refused; it is not unknown."""
        with pytest.raises(ContradictionError):
            self.compiled(*facts)

    def test_answers_are_remembered(self) -> None:
        """The same facts give the same object, so that nothing is worked out twice; numbers without end are not kept."""
        assert self.compiled("red", 1.0) is self.compiled("red", 2.0)
        assert not self.compiled.lookup
        finite = table(Question("ask", (COUNT,), str), Row("a", {}, "x", ""))
        assert finite(1) is finite(1)
        assert list(finite.lookup) == [(1,)]

    def test_between_whole_numbers(self) -> None:
        """A whole axis has no value between two whole numbers."""
        whole = table(Question("ask", (COUNT,), str), Row("a", {}, "x", ""))
        with pytest.raises(ContradictionError, match="no value of a fact is left"):
            whole(1.5)

    def test_memory_is_bounded(self) -> None:
        """However many values are asked, a table remembers a bounded number of them."""
        finite = table(Question("ask", (COUNT,), str), Row("a", {}, "x", ""))
        for number in range(1, 10_050):
            assert finite(number).unwrap() == "x"
        assert len(finite.lookup) == 10_000


# --- laws over random tables ---

A, B = Choices("a", (0, 1, 2)), Bands("b", between(0, 3))
EDGES = st.lists(st.tuples(st.sampled_from([0.5, 1.0, 1.5, 2.0]), st.booleans()), min_size=1, max_size=3, unique=True)


@st.composite
def partitions(draw: st.DrawFn) -> list[Row[Any]]:
    """Rows that answer every cell of A and B once: each member of A cuts B in its own places."""
    rows = []
    for member in A.members:
        cuts = sorted(draw(EDGES))
        lows: list[tuple[float, bool]] = [(0.0, False), *cuts]
        highs: list[tuple[float, bool]] = [*cuts, (3.0, True)]
        for n, ((low, low_open), (high, high_in)) in enumerate(zip(lows, highs, strict=True)):
            answer = draw(st.sampled_from(["x", "y", "z", None]))
            rows.append(Row(f"{member}/{n}", {A: member, B: Interval(low, high, low_open, not high_in)}, answer, ""))
    return draw(st.permutations(rows))


AB = Question("ab", (A, B), str)


class TestLaws:
    """What holds of every table."""

    @given(partitions())
    def test_partitions_compile(self, rows: list[Row[Any]]) -> None:
        """Rows that cover every cell once compile, in any order, and the answer is the row's."""
        compiled = table(AB, *rows)
        for member, number in product(A.members, (0, 0.5, 0.75, 1.0, 1.5, 1.75, 2.0, 3)):
            (fits,) = [row for row in rows if row.when[A] == member and number in row.when[B]]
            assert compiled(member, number).possible == (fits.then,)

    @given(partitions(), st.data())
    def test_planted_gaps_are_found(self, rows: list[Row[Any]], data: st.DataObject) -> None:
        """Without any one row the table does not compile."""
        gone = data.draw(st.sampled_from(rows))
        with pytest.raises(TableError, match="no row"):
            table(AB, *(row for row in rows if row is not gone))

    @given(partitions(), st.data())
    def test_planted_overlaps_are_found(self, rows: list[Row[Any]], data: st.DataObject) -> None:
        """With any row doubled, in whole or in one number, the table does not compile."""
        twice = data.draw(st.sampled_from(rows))
        span = twice.when[B]
        number = data.draw(st.sampled_from([span.start, nextafter(span.stop, -inf)]))
        with pytest.raises(TableError, match=f"{twice.id} and twin"):
            table(AB, *rows, Row("twin", {A: twice.when[A], B: number}, "x", ""))

    @given(partitions(), st.sampled_from([*A.members, None]), st.sampled_from([0, 0.5, 1.0, 1.25, 2.0, 3, None]))
    def test_unknown_is_the_union(self, rows: list[Row[Any]], member: int | None, number: float | None) -> None:
        """What is possible with facts unknown is what is possible with them known, taken together."""
        compiled = table(AB, *rows)
        members = A.members if member is None else (member,)
        numbers = (0, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3) if number is None else (number,)
        expected = {value for m, n in product(members, numbers) for value in compiled(m, n).possible}
        assert set(compiled(member, number).possible) == expected


def test_a_question_shows_what_is_asked() -> None:
    """A question shows its name, facts and answer; what rows are checked against is left out."""
    assert all(part in repr(BY_AGE) for part in ("eligibility", "age_years"))
    assert not any(part in repr(BY_AGE) for part in ("fold", "impossible", "worse", "for_policies"))

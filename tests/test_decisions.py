"""The three answers, ordered words, and the strictest of several answers."""

from __future__ import annotations

import operator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules.core.decisions import Decided, Decision, Dissent, DoseAction, NeedsData, NotCovered, Verdict, strictest
from tarlatamab_rules.core.errors import UndecidedError
from tarlatamab_rules.core.evidence import Citation, Reason

WHY = (Reason("R-1", "Because.", Citation("book", "1", "Section", "R-1")),)
C, W, D = DoseAction.CONTINUE, DoseAction.WITHHOLD, DoseAction.DISCONTINUE


class TestRanked:
    """Words with an order."""

    def test_dose_action_order(self) -> None:
        """Continue is milder than withhold, and withhold milder than discontinue."""
        assert sorted(DoseAction, reverse=True) == ["discontinue", "withhold", "continue"]

    def test_verdict_order(self) -> None:
        """The verdicts stand in this order, mildest first."""
        assert sorted(Verdict) == ["proceed", "needs-data", "needs-assessment", "withhold", "excluded", "discontinue"]

    def test_letters_do_not_count(self) -> None:
        """By letters "withhold" is above "discontinue"; by rank it is below."""
        assert max(W, D) is D
        assert max("withhold", "discontinue") == "withhold"

    @pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
    def test_compares_with_words(self, compare: object) -> None:
        """A plain word compares by rank as well."""
        assert callable(compare)
        for a, b in product(DoseAction, DoseAction):
            assert compare(a, b.value) is compare(a.rank, b.rank)

    def test_other_order(self) -> None:
        """Words of two orders do not compare, even where they are spelled alike."""
        with pytest.raises(TypeError, match="have no common order"):
            operator.lt(Verdict.WITHHOLD, DoseAction.DISCONTINUE)

    def test_strange_word(self) -> None:
        """A word of another scale is refused, not compared by letters."""
        with pytest.raises(ValueError, match="proceed"):
            operator.lt(W, "proceed")


class TestAnswers:
    """What an answer can and cannot be asked."""

    @pytest.mark.parametrize("answer", [Decided(1, WHY), NeedsData(("age_years",), (1, 2), WHY), NotCovered(WHY)])
    def test_repr(self, answer: Decision[int]) -> None:
        """An answer shows itself with the ids of its rows, and leaves what other books say to the views."""
        assert "R-1" in repr(answer)
        assert "Because" not in repr(answer)
        assert "dissent" not in repr(answer)

    @pytest.mark.parametrize("answer", [Decided(1), NeedsData(("age_years",), (1, 2)), NotCovered()])
    def test_no_truth_value(self, answer: Decision[int]) -> None:
        """An answer is not a yes or no; the error says what to do instead."""
        with pytest.raises(TypeError, match=r"use match, isinstance, or \.unwrap"):
            bool(answer)

    def test_decided(self) -> None:
        """It holds a value, which is the only one possible, and nothing is missing."""
        answer = Decided("x", WHY)
        assert (answer.unwrap(), answer.possible, answer.missing) == ("x", ("x",), ())

    def test_needs_data(self) -> None:
        """It names what is missing when it is unwrapped."""
        with pytest.raises(UndecidedError, match="pregnant, infection not known"):
            NeedsData(("pregnant", "infection"), (1, 2)).unwrap()

    def test_not_covered(self) -> None:
        """Silence is the only answer possible; unwrapping says what the source leaves open."""
        answer = NotCovered(WHY)
        assert (answer.possible, answer.missing) == ((None,), ())
        with pytest.raises(UndecidedError, match=r"not covered: Because\."):
            answer.unwrap()
        with pytest.raises(LookupError, match="does not mention this"):
            NotCovered().unwrap()

    def test_reasons_are_not_part_of_the_repr_twice(self) -> None:
        """A repr shows values and row ids, and fits a line."""
        assert repr(Decided(3, WHY)) == "Decided(value=3, reasons=[R-1])"

    def test_dissent_travels_beside_the_value(self) -> None:
        """Another book's view is kept with its name and field."""
        other = Dissent("other-book", "observe", None, WHY)
        assert Decided(1, WHY, (other,)).dissent == (other,)


answers = st.one_of(
    st.sampled_from(DoseAction).map(lambda value: Decided(value, (Reason(value, ""),))),
    st.sets(st.sampled_from([*DoseAction, None]), min_size=2).map(lambda values: NeedsData(("fact",), tuple(values))),
    st.just(NotCovered((Reason("silent", ""),))),
)


class TestStrictest:
    """One answer from several."""

    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ([Decided(C), Decided(W)], Decided(W)),
            ([Decided(C), NotCovered()], Decided(C)),
            ([NotCovered(), NotCovered()], NotCovered()),
            ([Decided(D), NeedsData(("a",), (C, D))], Decided(D)),
            ([Decided(W), NeedsData(("a",), (C, D))], NeedsData(("a",), (W, D))),
            ([Decided(W), NeedsData(("a",), (C, W))], Decided(W)),
            ([NeedsData(("a",), (C, D)), NeedsData(("b",), (C, W))], NeedsData(("a", "b"), (C, W, D))),
            ([NeedsData(("a",), (W, D)), NeedsData(("b",), (C, W))], NeedsData(("a",), (W, D))),
            ([NeedsData(("a",), (None, W)), NotCovered()], NeedsData(("a",), (None, W))),
            ([], NotCovered()),
        ],
    )
    def test_table(self, parts: list[Decision[DoseAction]], expected: Decision[DoseAction]) -> None:
        """Silence adds nothing, the strictest counts, and only facts that can change the whole are missing."""
        assert strictest(parts) == expected

    def test_reasons_of_the_deciding_part(self) -> None:
        """The reasons are those of the parts that give the value."""
        mild, strict = Reason("mild", ""), Reason("strict", "")
        assert strictest([Decided(C, (mild,)), Decided(W, (strict,))]).reasons == (strict,)

    @given(st.lists(answers, min_size=1, max_size=4), st.randoms())
    def test_order_does_not_matter(self, parts: list[Decision[DoseAction]], random: object) -> None:
        """Shuffled parts leave the same values possible."""
        shuffled = list(parts)
        random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as an object
        assert set(strictest(shuffled).possible) == set(strictest(parts).possible)

    @given(st.lists(answers, min_size=1, max_size=4))
    def test_possible_is_exact(self, parts: list[Decision[DoseAction]]) -> None:
        """Exactly the values that some choice of open parts gives are possible."""
        expected = {max((v for v in choice if v is not None), default=None) for choice in product(*(part.possible for part in parts))}
        assert set(strictest(parts).possible) == expected

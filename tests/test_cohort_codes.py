"""Numbers as codes: exactly where the library tells them apart, at 15 digits."""

from __future__ import annotations

from math import inf, isnan, nextafter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules import rulebooks
from tarlatamab_rules.cohort.frames.arrays import CONTRADICTION, TableArray
from tarlatamab_rules.cohort.frames.folds import Chain, Coded, Fold, packed
from tarlatamab_rules.cohort.reading.coders import band_codes, day_bands, first_at_15_digits, sides
from tarlatamab_rules.cohort.reading.digits import fifteen_digits
from tarlatamab_rules.core.axes import Groups
from tarlatamab_rules.core.errors import ContradictionError, FieldError, FieldTypeError, TableError
from tarlatamab_rules.core.tables import Table
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.questions import ICANS_GRADE, LAB_GRADE, MONITORING, NEXT_DOSE, TOXICITY_ACTION

NUMBERS = st.one_of(
    st.floats(0, 1e7, allow_nan=False),
    st.decimals(0, 10_000, places=3).map(float),
    st.decimals(0, 100, places=9).map(float),
    st.sampled_from((0.1 + 0.2, 0.66 / 0.22, 1e-300, 5e-324, 1e22, 999_999.999_999_999)),
)


@pytest.mark.law
@given(st.lists(NUMBERS, min_size=1))
def test_15_digits(numbers: list[float]) -> None:
    """An array is rounded as each number is written with 15 digits."""
    assert fifteen_digits(np.array(numbers)).tolist() == [float(f"{number:.15g}") for number in numbers]


def test_15_digits_keep_what_is_not_known() -> None:
    """NaN stays NaN, and infinity infinite."""
    nan, infinite = fifteen_digits(np.array([np.nan, inf])).tolist()
    assert isnan(nan)
    assert infinite == inf


@pytest.mark.law
@given(NUMBERS)
def test_the_first_float_of_a_cut(cut: float) -> None:
    """The first float that counts as a cut does, and the one below does not."""
    first = first_at_15_digits(cut)
    assert float(f"{first:.15g}") >= cut
    assert first == 0 or float(f"{nextafter(first, 0):.15g}") < cut


def test_bands_and_sides() -> None:
    """A band counts the cuts that a number reaches; a side says less, equal, more or not known."""
    numbers = np.array([0.4, 0.5, 1.0, np.nan])
    assert band_codes(numbers, (0.5, 1.0)).tolist() == [0, 1, 2, 0]
    assert band_codes(np.array([0.0, 299.0, 400.0]), range(1, 301)).tolist() == [0, 299, 300]
    assert sides(numbers, np.array([0.5, 0.5, 0.5, 0.5])).tolist() == [0, 1, 2, 3]
    assert day_bands({0, 2}, -1, 3).tolist() == [0, 1, 1, 2, 2]


@pytest.mark.law
@given(st.data())
def test_combinations_have_one_number(data: st.DataObject) -> None:
    """Two rows have one number exactly if they have the same facts, whatever came in earlier chunks."""
    chain, seen = Chain(), dict[tuple[int, ...], int]()
    sizes = data.draw(st.lists(st.sampled_from((1, 2, 3, 71, 127, 128, 129, 181, 256, 8001, 32_768)), min_size=1, max_size=5))
    growing, most = data.draw(st.integers(0, 2)), 1
    for _ in range(data.draw(st.integers(1, 4))):
        most = data.draw(st.integers(most, 20_000))
        rows = data.draw(st.lists(st.tuples(*(st.integers(0, size - 1) for size in (*sizes, most, most))), min_size=1))
        facts = [Coded(np.array([row[n] for row in rows]), size) for n, size in enumerate(sizes)]
        facts += [Coded(np.array([row[len(sizes) + n] for row in rows]), most, grows=True) for n in range(growing)]
        numbers = chain(facts)
        assert max(numbers.codes.tolist()) < numbers.size
        for row, number in zip(rows, numbers.codes.tolist(), strict=True):
            assert seen.setdefault(row[: len(facts)], number) == number
    assert len(set(seen.values())) == len(seen)


def test_packing() -> None:
    """Few combinations are packed into one number, many are not; a fact with one code is left out."""
    small, one, wide = (Coded(np.array([0, size - 1]), size) for size in (60, 1, 5000))
    assert [fact.size for fact in packed((one, small, one, small, wide))] == [3600, 5000]
    assert [fact.codes.tolist() for fact in packed((small, small))] == [[0, 3599]]
    assert [fact.codes.dtype for fact in packed((small, Coded(np.array([0, 1]), 2)))] == [np.int8]


@pytest.mark.law
@given(st.data())
def test_codes_of_another_kind(data: st.DataObject) -> None:
    """Rows with codes of another kind share no code with the others, however many codes of either kind there were."""
    seen = dict[tuple[bool, int], int]()
    for _ in range(3):
        codes = data.draw(st.lists(st.integers(0, 40_000), min_size=1))
        rows = data.draw(st.sets(st.integers(0, len(codes) - 1)).map(sorted))
        others = data.draw(st.lists(st.integers(0, 40_000), min_size=len(rows), max_size=len(rows)))
        of_rows = Coded(np.array(others, np.int32), max(others, default=0) + 1, grows=True)
        mixed = Coded(np.array(codes, np.int32), max(codes) + 1).instead(np.array(rows, np.intp), of_rows)
        facts = [(False, code) for code in codes]
        for row, other in zip(rows, others, strict=True):
            facts[row] = True, other
        for fact, code in zip(facts, mixed.codes.tolist(), strict=True):
            assert code < mixed.size
            assert seen.setdefault(fact, code) == code
    assert len(set(seen.values())) == len(seen)


def test_a_fold_beyond_32_bits() -> None:
    """States and codes whose product is large are still told apart."""
    fold = Fold()
    numbers = fold(Coded(np.array([0, 1]), 2), Coded(np.array([0, 4]), 5))
    assert numbers.tolist() == [0, 1]
    assert fold.size == 2


@pytest.mark.law
@given(st.data())
def test_an_array_answers_as_its_table(data: st.DataObject) -> None:
    """For every combination of facts, known or not, an array gives the answer of its table."""
    tables: tuple[Table[Any], ...] = (
        rulebooks.default()[NEXT_DOSE],
        rulebooks.default()[TOXICITY_ACTION[Toxicity.NEUTROPENIA]],
        rulebooks.get("ctcae-5.0")[LAB_GRADE[Analyte.ALT]],
    )
    table, rows = data.draw(st.sampled_from(tables)), data.draw(st.integers(1, 6))
    array, facts, columns = TableArray(table), list[list[Any]](), list[Any]()
    for axis in table.axes:
        if isinstance(axis, Groups):
            members = (*axis.axis.members, None)
            places = [data.draw(st.integers(0, len(members) - 1)) for _ in range(rows)]
            facts.append([members[place] for place in places])
            columns.append(np.array(places, np.int8))
        else:
            wholes = [data.draw(st.none() | st.integers(max(0, int(axis.cuts[0])), 60)) for _ in range(rows)]
            facts.append([whole if whole is None or axis.axis.whole else float(whole) for whole in wholes])
            columns.append(np.array([np.nan if whole is None else whole for whole in wholes], np.float64))
    codes = array(*columns).tolist()
    for code, known in zip(codes, zip(*facts, strict=True), strict=True):
        try:
            wanted = table.worked_out(known)
        except ContradictionError:
            assert code == CONTRADICTION
        else:
            assert array.answers[code] == wanted


def test_an_array_without_a_column() -> None:
    """A column that is left out is not known in any row; whole columns of integers are all known."""
    table = rulebooks.default()[NEXT_DOSE]
    array = TableArray(table)
    codes = array(np.zeros(70_000, np.int8), None)
    assert len(codes) == 70_000
    assert array.answers[codes[0]] == table("none", None)
    assert array.answers[array(np.array([3], np.int8), np.array([40], np.int16))[0]] == table("later", 40)


@pytest.mark.parametrize(
    ("columns", "error", "says"),
    [
        ((None,), FieldTypeError, "columns: there are 1, but the question has 2 axes"),
        ((None, None), FieldTypeError, r"columns: their lengths are \[\]"),
        ((np.zeros(2, np.int8), np.zeros(3)), FieldTypeError, r"columns: their lengths are \[2, 3\]"),
        ((np.array([7], np.int8), None), FieldError, "course: a value is not the place of a member"),
        ((np.array([-1], np.int8), None), FieldError, "course: a value is not the place of a member"),
        ((np.array([0.0]), None), FieldError, "course: a value is not the place of a member"),
        ((None, np.array([-1.0])), FieldError, "days: a number is out of range"),
        ((None, np.array([np.nan, -1.0, np.nan])), FieldError, "days: a number is out of range"),
        ((None, np.array([np.nan, np.inf])), FieldError, "days: a number is out of range"),
        ((None, np.array(["x"])), FieldTypeError, "days: a column of <U1 holds no numbers"),
    ],
)
def test_wrong_columns(columns: tuple[object, ...], error: type[FieldError], says: str) -> None:
    """Columns that do not fit the question are refused."""
    with pytest.raises(error, match=says):
        TableArray(rulebooks.default()[NEXT_DOSE])(*columns)  # type: ignore[arg-type]  # wrong on purpose


def test_too_many_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table with too many combinations is refused."""
    monkeypatch.setattr("tarlatamab_rules.cohort.frames.arrays._MOST", 10)
    with pytest.raises(TableError, match="combinations are too many for an array"):
        TableArray(rulebooks.default()[MONITORING])


def test_contradictions_have_no_answer() -> None:
    """Findings that cannot all be true have no answer."""
    table = rulebooks.get("astct-2019")[ICANS_GRADE]
    columns = [None, np.array([0], np.int8), np.array([4], np.int8), None, None, None]
    assert TableArray(table)(*columns).tolist() == [CONTRADICTION]

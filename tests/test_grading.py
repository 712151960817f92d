"""How severe is a laboratory value? Expected grades are CTCAE 5.0's, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import rows
from tarlatamab_rules import Decided, FieldError, FieldTypeError, LabResult, NeedsData, grade_febrile_neutropenia, grade_lab


def grades(analyte: Any, quantity: Any, **limits: Any) -> object:
    """The grade; or what is missing, and the grades still possible."""
    answer = grade_lab(LabResult(analyte, quantity, **limits))
    if isinstance(answer, Decided):
        return int(answer.value)
    assert isinstance(answer, NeedsData)
    return answer.missing, {int(grade) for grade in answer.possible if grade is not None}


@pytest.mark.statement(
    "neutrophil-count-decreased", "white-blood-cell-decreased", "lymphocyte-count-decreased", "anemia", "platelet-count-decreased"
)
class TestCounts:
    """Terms that count down from the lower limit of normal."""

    def test_without_a_limit(self) -> None:
        """From the first fixed floor up the lower limit decides between 0 and 1, and is asked for; below it is not needed."""
        assert grades("neutrophils", "1.5 10*9/L") == (("lower_limit",), {0, 1})
        assert grades("neutrophils", "1.49 10*9/L") == 2

    def test_limit_below_the_floor(self) -> None:
        """With a lower limit of 1.4 grade 1 is empty, and grade 2 still starts below 1.5."""
        assert grades("neutrophils", "1.45 10*9/L", lower_limit="1.4 10*9/L") == 2
        assert grades("neutrophils", "1.5 10*9/L", lower_limit="1.4 10*9/L") == 0

    @pytest.mark.parametrize("quantity", ["0.5 10*9/L", "500 /uL", "500 cells/mm3", "0.5 K/uL", "0.5 G/L", "0.5 x10E9/L"])
    def test_any_unit(self, quantity: str) -> None:
        """The grade does not depend on the unit, also on the boundary."""
        assert grades("neutrophils", quantity) == 3

    def test_hemoglobin_in_other_units(self) -> None:
        """Haemoglobin is graded in g/dL: 80 g/L is grade 2, and 4.93 mmol/L, 7.94 g/dL, is grade 3."""
        assert grades("hemoglobin", "80 g/L") == 2
        assert grades("hemoglobin", "4.93 mmol/L") == 3

    @pytest.mark.parametrize(
        ("quantity", "expected"),
        [
            ("<0.5 10*9/L", 4),
            ("<=0.5 10*9/L", (("value",), {3, 4})),
            ("<0.4 10*9/L", 4),
            ("<1 10*9/L", (("value",), {3, 4})),
            (">1.4 10*9/L", (("value",), {0, 1, 2})),
            (">=2 10*9/L", 0),
            (">1.99 10*9/L", (("value",), {0, 1})),
        ],
    )
    def test_bounds(self, quantity: str, expected: object) -> None:
        """A bound is graded where it decides; else the value is asked for."""
        assert grades("neutrophils", quantity, lower_limit="2 10*9/L") == expected

    @pytest.mark.parametrize(
        ("quantity", "expected"), [("<2 10*9/L", {1, 2, 3, 4}), ("<1.6 10*9/L", {1, 2, 3, 4}), ("<=2 10*9/L", {0, 1, 2, 3, 4})]
    )
    def test_bounds_against_the_limit(self, quantity: str, expected: set[int]) -> None:
        """A bound at or below the lower limit is below it; one that reaches it may not be."""
        answer = grades("neutrophils", quantity, lower_limit="2 10*9/L")
        assert isinstance(answer, tuple)
        assert answer[1] == expected


@pytest.mark.statement(
    "alanine-aminotransferase-increased",
    "aspartate-aminotransferase-increased",
    "blood-bilirubin-increased",
    "alkaline-phosphatase-increased",
)
class TestRatios:
    """Terms in multiples of the upper limit of normal, or of an abnormal baseline."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [(20, 0), (40, 0), (60, (("baseline",), {0, 1})), (66, (("baseline",), {0, 1})), (240, (("baseline",), {0, 1, 2, 3}))],
    )
    def test_unknown_baseline(self, value: float, expected: object) -> None:
        """An abnormal baseline is above the limit, so a value within the limit is grade 0 without it, and it is asked for above."""
        assert grades("alt", (value, "U/L"), upper_limit="40 U/L") == expected

    def test_unknown_limit(self) -> None:
        """Without the upper limit nothing is graded, whatever the value: it may be the limit that is high."""
        assert grades("alt", "20 U/L") == (("upper_limit", "baseline"), {0, 1, 2, 3, 4})
        assert grades("alt", "20 U/L", baseline="20 U/L") == (("upper_limit",), {0, 1, 2, 3, 4})

    def test_boundary_of_a_quotient(self) -> None:
        """3.3 / 1.1 is exactly 3, and 1.65 / 1.1 exactly 1.5, which belong to the milder grade."""
        assert grades("bilirubin", "1.65 mg/dL", upper_limit="1.1 mg/dL", baseline="0.5 mg/dL") == 1
        assert grades("bilirubin", "3.3 mg/dL", upper_limit="1.1 mg/dL", baseline="0.5 mg/dL") == 2
        assert grades("alt", "66 U/L", upper_limit="22 U/L", baseline="10 U/L") == 1

    @pytest.mark.parametrize(
        ("quantity", "expected"),
        [("<10 U/L", 0), ("<=40 U/L", 0), (">800 U/L", 4), (">=800 U/L", (("value",), {3, 4})), (">40 U/L", (("value",), {1, 2, 3, 4}))],
    )
    def test_bounds(self, quantity: str, expected: object) -> None:
        """A bound is graded where it decides."""
        assert grades("alt", quantity, upper_limit="40 U/L", baseline="30 U/L") == expected

    def test_zero(self) -> None:
        """A value of zero is no reason to stumble; a baseline of zero cannot be."""
        assert grades("bilirubin", "0 mg/dL", upper_limit="1.2 mg/dL") == 0
        with pytest.raises(FieldError, match="0 U/L cannot be the baseline of alt; leave it out"):
            LabResult("alt", "50 U/L", None, None, "40 U/L", "0 U/L")


@pytest.mark.statement("hyponatremia-hypernatremia", "hypokalemia-hyperkalemia")
class TestBothWays:
    """Terms that rise above normal and fall below it."""

    def test_without_limits(self) -> None:
        """The severe grades need no limits of normal."""
        assert [grades("potassium", f"{value} mmol/L") for value in (2.4, 2.9, 6.5, 8.5)] == [4, 3, 3, 4]
        assert grades("sodium", "139 mmol/L") == (("lower_limit", "upper_limit"), {0, 1})

    def test_bounds(self) -> None:
        """A bound against a limit is on one side of it where it decides."""
        limits = {"lower_limit": "135 mmol/L", "upper_limit": "145 mmol/L"}
        assert grades("sodium", ">160 mmol/L", **limits) == 4
        assert grades("sodium", ">145 mmol/L", **limits) == (("value",), {1, 2, 3, 4})
        assert grades("sodium", ">140 mmol/L", **limits) == (("value",), {0, 1, 2, 3, 4})


def test_reasons_name_the_term() -> None:
    """A grade cites the term of the scale."""
    answer = grade_lab(LabResult("neutrophils", "0.7 10*9/L"))
    assert rows(answer) == ["neutrophil-count-decreased/3"]
    assert str(answer.reasons[0].citation) == "CTCAE 5.0, Investigations, Neutrophil count decreased"
    with pytest.raises(FieldTypeError, match="is not a LabResult"):
        grade_lab(0.7)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("temperature", [">38.3 Cel", "<38 Cel", "38.5 [degF]", "101 Cel"])
def test_a_temperature_that_cannot_be(temperature: str) -> None:
    """A bound, or a number in another unit, is no temperature that shows febrile neutropenia."""
    with pytest.raises(FieldError, match="temperature"):
        grade_febrile_neutropenia(LabResult("neutrophils", "0.4 10*9/L"), temperature=temperature)

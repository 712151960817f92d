"""Is a result severe although its limits of normal or its value before treatment are not known?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.decisions import NeedsData
from tarlatamab_rules.inputs.analytes import UPPER_LIMITS
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks.facts import TIMES_UPPER_LIMIT
from tarlatamab_rules.rulebooks.questions import LAB_GRADE
from tarlatamab_rules.rules.grading import grade_lab

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.units import Amount

__all__ = ["grades_as_normal", "is_severe", "lacks_limit", "may_be_worse", "worst_grade"]


def lacks_limit(result: LabResult, grade: Decision[Grade]) -> bool:
    """Whether the upper limit of normal is missing, and the grade is open without it."""
    return result.upper_limit is None and "upper_limit" in grade.missing


def grades_as_normal(result: LabResult, grade: Decision[Grade], scale: str) -> tuple[Grade, ...]:
    """The grades that remain if the value before treatment is taken as normal, and a missing limit as the greatest plausible one.

    Empty if neither of the two is missing.
    """
    if not isinstance(grade, NeedsData) or not ("baseline" in grade.missing or lacks_limit(result, grade)):
        return ()
    limit = result.upper_limit or _plausible(result.analyte, result.quantity, greatest=True)
    if limit is None:
        return ()
    known = LabResult(result.analyte, result.quantity, result.collected, None, limit, result.baseline or limit)
    return tuple([value for value in grade_lab(known, rulebook=scale).possible if value is not None])


_SUPPLIED = frozenset(("upper_limit", "baseline", "value"))
"""The facts of a result itself that may leave its grade open."""


def may_be_worse(grade: Decision[Grade]) -> bool:
    """Whether a limit or the exact value would settle a grade, and nothing that is no fact of the result."""
    missing = frozenset(grade.missing)
    return missing <= _SUPPLIED and bool(missing - {"baseline"})


def worst_grade(result: LabResult, grade: Decision[Grade], scale: str) -> Grade:
    """The worst grade of a result; if its limit is missing, by the least plausible one."""
    possible = grade.possible
    if lacks_limit(result, grade) and (limit := _plausible(result.analyte, result.quantity, greatest=False)) is not None:
        possible = grade_lab(LabResult(result.analyte, result.quantity, None, None, limit, result.baseline), rulebook=scale).possible
    return max((value for value in possible if value is not None), default=Grade.NONE)


def is_severe(grade: Decision[Grade], as_normal: tuple[Grade, ...]) -> bool:
    """Whether a grade is 3 or worse: for certain, or by the grades that `grades_as_normal` leaves."""
    grades = [Grade.NONE if value is None else value for value in grade.possible]
    return min(grades) >= Grade.SEVERE or min(as_normal, default=Grade.NONE) >= Grade.SEVERE


def _plausible(analyte: Analyte, quantity: Amount, *, greatest: bool) -> Amount | None:
    """The least or the greatest upper limit of normal that a laboratory has, if the scale grades values in multiples of it."""
    if TIMES_UPPER_LIMIT not in LAB_GRADE[analyte].axes:
        return None
    return type(quantity)(UPPER_LIMITS[analyte][greatest], quantity.unit)

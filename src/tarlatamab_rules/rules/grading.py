"""How severe is a laboratory value, and what does an ICE test score?"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from tarlatamab_rules.decisions import Decision, NeedsData, NotCovered
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs.ice import IceTest
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.intervals import Interval
from tarlatamab_rules.questions import ABOVE_UPPER_LIMIT, ICE_ITEMS, ICE_OBJECTS, ICE_SCORE, LAB_GRADE, VALUE
from tarlatamab_rules.rulebooks._registry import resolve, table

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.findings import Grade
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.units import Amount

__all__ = ["grade_lab", "ice_score"]

_FAR = 1e300
"""Beyond every limit of a scale, and short of infinity."""


def grade_lab(result: LabResult, *, rulebook: Rulebook | str = "ctcae-5.0") -> Decision[Grade]:
    """The grade of a laboratory result by a scale. Grade 0 is an answer: graded, and normal.

    `NeedsData` names the limit or baseline that is missing, and lists the grades that remain possible. `NotCovered`: the scale has no
    rows for this analyte.

    Args:
        result: The result; a bound such as ``<0.5`` is graded where the bound decides.

        rulebook: The scale, or its name.

    Source: CTCAE 5.0.
    """
    if not isinstance(result, LabResult):
        raise FieldTypeError("result", f"{shown(result)} is not a LabResult", "pass LabResult(analyte, quantity)")
    book = resolve(rulebook)
    question = LAB_GRADE.get(result.analyte)
    if question is None:
        says = f"{book.source.title}, as it is encoded here, has no rows for {result.analyte} yet."
        return NotCovered((Reason("guard/no-scale", says),))
    value = span_of(result.quantity)
    if question.axes[0] is not VALUE:
        grade = book[question](*_in_multiples(value, result.upper_limit, result.baseline))
    elif ABOVE_UPPER_LIMIT in question.axes:
        grade = book[question](value, _is_below(value, result.lower_limit), _is_above(value, result.upper_limit), None)
    else:
        grade = book[question](value, _is_below(value, result.lower_limit))
    if not isinstance(grade, NeedsData):
        return grade
    mildest_first = tuple(sorted(value for value in grade.possible if value is not None))
    return NeedsData(_lacking(result, grade.missing), mildest_first, grade.reasons, grade.dissent)


def ice_score(test: IceTest, *, rulebook: Rulebook | str = "astct-2019") -> Decision[int]:
    """The Immune Effector Cell-Associated Encephalopathy score: the points of ten items, 0 to 10 (10 is unimpaired).

    `NeedsData` names the items that are not known, and lists the scores that remain possible.

    Args:
        test: What the patient did.

        rulebook: The book that has the points, or its name.

    Source: ASTCT consensus grading 2019, ICE tool.
    """
    if not isinstance(test, IceTest):
        raise FieldTypeError("test", f"{shown(test)} is not an IceTest", "pass IceTest(year=True, month=True, ...)")
    return table(ICE_SCORE, rulebook)(*(getattr(test, axis.fact) for axis in (*ICE_ITEMS, ICE_OBJECTS)))


def _lacking(result: LabResult, facts: tuple[str, ...]) -> tuple[str, ...]:
    """The facts that the caller can still give: a limit that is known is not asked for again, the value behind a bound is."""
    absent = [fact for fact in facts if getattr(result, fact, None) is None]
    return tuple(dict.fromkeys((["value"] if result.quantity.bound else []) + absent))


def span_of(amount: Amount) -> Interval:
    """Every value that the result may stand for."""
    low_open, high_open = amount.bound == ">", amount.bound == "<"
    low = 0.0 if amount.bound in {"<", "<="} else amount.value
    high = inf if amount.bound in {">", ">="} else amount.value
    return Interval(low, high, low_open, high_open)


def _is_below(value: Interval, limit: Amount | None) -> bool | None:
    if limit is None:
        return None
    if value.start >= limit.value:
        return False
    return True if value.stop <= limit.value else None


def _is_above(value: Interval, limit: Amount | None) -> bool | None:
    if limit is None:
        return None
    if value.start > limit.value:
        return True
    return False if value.high <= limit.value else None


def _in_multiples(value: Interval, limit: Amount | None, baseline: Amount | None) -> tuple[Interval | None, str | None, Interval | None]:
    """The value in multiples of the upper limit, whether the baseline is abnormal, and the value in multiples of it."""
    in_limits = None if limit is None else _over(value, limit.value)
    if baseline is None:
        # An abnormal baseline is above the limit, so the value is fewer times the baseline than it is times the limit.
        in_baselines = None if in_limits is None else Interval(0, in_limits.high, high_open=in_limits.high > 0)
        return in_limits, None, in_baselines
    in_baselines = _over(value, baseline.value) if baseline.value else None
    if limit is None:
        return None, None, in_baselines
    return in_limits, "abnormal" if baseline.value > limit.value else "normal", in_baselines


def _over(value: Interval, divisor: float) -> Interval:
    # Compared at 15 significant digits, so that 0.66 / 0.22 is the 3 that a limit is written as.
    low, high = (end if end == inf else min(float(f"{end / divisor:.15g}"), _FAR) for end in (value.low, value.high))
    return Interval(low, high, value.low_open, value.high_open and low < high)

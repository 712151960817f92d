"""Grades by the scales: of laboratory values, of CRS, of ICANS, and the ICE score behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.core.decisions import Decision, NeedsData, NotCovered
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import Axis
from tarlatamab_rules.inputs._fields import truth
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import FULL_ICE, CrsFindings, IceTest, NeuroFindings, body_temperature
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.vocabulary import Seizure, Symptom
from tarlatamab_rules.rulebooks._registry import resolve, table
from tarlatamab_rules.rulebooks.facts import (
    ABOVE_UPPER_LIMIT,
    BASELINE,
    BASELINE_LOW,
    BELOW_LOWER_LIMIT,
    ICE_ITEMS,
    ICE_OBJECTS,
    SYMPTOMATIC,
    TIMES_BASELINE,
    TIMES_UPPER_LIMIT,
    VALUE,
)
from tarlatamab_rules.rulebooks.questions import CRS_GRADE, FEBRILE_NEUTROPENIA, ICANS_GRADE, ICE_SCORE, LAB_GRADE

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.inputs.units import Amount, QuantityLike
    from tarlatamab_rules.inputs.vocabulary import Grade
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["OTHER_CAUSE", "grade_crs", "grade_febrile_neutropenia", "grade_icans", "grade_lab", "ice_score"]


def ice_score(test: IceTest, *, rulebook: Rulebook | str = "astct-2019") -> Decision[int]:
    """The Immune Effector Cell-Associated Encephalopathy score: the points of ten items, 0 to 10 (10 is unimpaired).

    `NeedsData` names the unknown items and lists the scores that remain possible.

    Args:
        test: What the patient did.

        rulebook: The book with the points, or its name.

    Source: ASTCT consensus grading 2019, ICE tool.
    """
    if not isinstance(test, IceTest):
        raise FieldTypeError("test", f"{shown(test)} is not an IceTest", "pass IceTest(year=True, month=True, ...)")
    return table(ICE_SCORE, rulebook)(*(getattr(test, axis.fact) for axis in (*ICE_ITEMS, ICE_OBJECTS)))


_FAR = 1e300
"""A number beyond every limit of a scale, and finite."""


def grade_lab(result: LabResult, *, symptoms: bool | None = None, rulebook: Rulebook | str = "ctcae-5.0") -> Decision[Grade]:
    """The grade of a laboratory result by a scale. Grade 0 is an answer: the result was graded, and is not abnormal for this term.

    `NeedsData` names the limit, baseline or finding that is missing, and lists the grades that remain possible, mildest first.
    `NotCovered`: the scale leaves the grade open.

    Args:
        result: The result. A bound such as ``<0.5`` is graded if that is enough.

        symptoms: Whether the value causes symptoms or has physiologic consequences. That decides between two grades of sodium,
            potassium and uric acid.

        rulebook: The scale, or its name.

    Source: CTCAE 5.0 and 6.0.
    """
    if not isinstance(result, LabResult):
        raise FieldTypeError("result", f"{shown(result)} is not a LabResult", "pass LabResult(analyte, quantity)")
    known = None if symptoms is None else truth(symptoms, "symptoms")
    question = LAB_GRADE[result.analyte]
    grade = table(question, rulebook).worked_out(_facts(result, question.axes, known))
    if not isinstance(grade, NeedsData):
        return grade
    return mildest_first(evolve(grade, missing=_lacking(result, grade.missing)))


def grade_febrile_neutropenia(
    neutrophils: LabResult,
    temperature: QuantityLike | None,
    *,
    sustained: bool | None = None,
    rulebook: Rulebook | str = "ctcae-5.0",
) -> Decision[Grade]:
    """The grade of a fever with a low neutrophil count: grade 3 by the numbers; grade 4 is a clinical finding.

    Args:
        neutrophils: The neutrophil count.

        temperature: The highest body temperature.

        sustained: Whether this temperature lasted for more than an hour.

        rulebook: The scale, or its name.

    Source: CTCAE 5.0 and 6.0, febrile neutropenia.
    """
    if getattr(neutrophils, "analyte", None) is not Analyte.NEUTROPHILS:
        raise FieldTypeError("neutrophils", f"{shown(neutrophils)} is not a neutrophil count", "pass LabResult('neutrophils', ...)")
    measured = body_temperature(temperature)
    celsius = None if measured is None else measured.value
    answer = resolve(rulebook)[FEBRILE_NEUTROPENIA](span_of(neutrophils.quantity), celsius, truth(sustained, "sustained"))
    return mildest_first(answer)


def mildest_first(answer: Decision[Grade]) -> Decision[Grade]:
    """The same answer, with the grades that remain possible in order, mildest first."""
    if not isinstance(answer, NeedsData):
        return answer
    return evolve(answer, possible=tuple(sorted(answer.possible, key=lambda grade: -1 if grade is None else grade)))


def _lacking(result: LabResult, facts: tuple[str, ...]) -> tuple[str, ...]:
    """The facts that the caller can still supply. The exact value behind a bound is one; a limit that is known is not."""
    absent = [fact for fact in facts if getattr(result, fact, None) is None]
    return tuple(dict.fromkeys((["value"] if result.quantity.bound else []) + absent))


def span_of(amount: Amount) -> Interval:
    """Every value that the result may have."""
    low_open, high_open = amount.bound == ">", amount.bound == "<"
    low = 0.0 if amount.bound in {"<", "<="} else amount.value
    high = inf if amount.bound in {">", ">="} else amount.value
    return Interval(low, high, low_open, high_open)


def _value(result: LabResult) -> float | Interval:
    return span_of(result.quantity) if result.quantity.bound else result.quantity.value


def is_below(result: LabResult) -> bool | None:
    """Whether a result is below its lower limit of normal; ``None`` if there is no limit or a bound leaves it open."""
    limit, value = result.lower_limit, result.quantity
    if limit is None:
        return None
    if not value.bound:
        return value.value < limit.value
    span = span_of(value)
    return False if span.start >= limit.value else True if span.stop <= limit.value else None


def is_above(result: LabResult) -> bool | None:
    """Whether a result is above its upper limit of normal; ``None`` if there is no limit or a bound leaves it open."""
    limit, value = result.upper_limit, result.quantity
    if limit is None:
        return None
    if not value.bound:
        return value.value > limit.value
    span = span_of(value)
    return True if span.start > limit.value else False if span.high <= limit.value else None


def in_limits(result: LabResult) -> float | Interval | None:
    """The value in multiples of the upper limit of normal; ``None`` without a limit."""
    return None if result.upper_limit is None else _over(result.quantity, result.upper_limit.value)


def in_rise(result: LabResult) -> float | Interval | None:
    """The value in multiples of the value before treatment if that was above the upper limit of normal, else of that limit.

    If the value before treatment is not known, any multiple up to that of the limit is possible. ``None`` without a limit.
    """
    times, limit, baseline = in_limits(result), result.upper_limit, result.baseline
    if times is None or limit is None:
        return None
    if baseline is None:
        return Interval(0, times.high if isinstance(times, Interval) else times)
    return _in_baselines(result) if baseline.value > limit.value else times


def _in_baselines(result: LabResult) -> float | Interval | None:
    """The value in multiples of the value before treatment."""
    return None if result.baseline is None else _over(result.quantity, result.baseline.value)


def _above_normal(result: LabResult) -> tuple[Any, ...]:
    """Multiples of the upper limit and of the value before treatment.

    A value before treatment that is not known counts only if it was abnormal. It is then above the limit, so the result is a smaller
    multiple of it than of the limit.
    """
    times = in_limits(result)
    if result.baseline is not None or times is None:
        return times, _baseline(result), _in_baselines(result)
    most = times.high if isinstance(times, Interval) else times
    return times, None, Interval(0, most, high_open=most > 0)


def _baseline(result: LabResult) -> float | Interval | None:
    if result.baseline is None or result.upper_limit is None:
        return None
    return _over(result.baseline, result.upper_limit.value)


def _baseline_low(result: LabResult) -> bool | None:
    return None if result.baseline is None or result.lower_limit is None else result.baseline.value < result.lower_limit.value


def _over(amount: Amount, divisor: float) -> float | Interval:
    # Rounded to 15 significant digits, so that 0.66 / 0.22 is 3, as the limit is written.
    if not amount.bound:
        return min(float(f"{amount.value / divisor:.15g}"), _FAR)
    value = span_of(amount)
    low, high = (end if end == inf else min(float(f"{end / divisor:.15g}"), _FAR) for end in (value.low, value.high))
    return Interval(low, high, value.low_open, value.high_open and low < high)


_FACTS: Final[Mapping[Axis, Callable[[LabResult], Any]]] = {
    VALUE: _value,
    BELOW_LOWER_LIMIT: is_below,
    ABOVE_UPPER_LIMIT: is_above,
    TIMES_UPPER_LIMIT: in_limits,
    BASELINE_LOW: _baseline_low,
    TIMES_BASELINE: _in_baselines,
}
"""How each fact that a scale needs is taken from a result."""


def _facts(result: LabResult, axes: tuple[Axis, ...], symptoms: bool | None) -> tuple[Any, ...]:  # noqa: FBT001  # a fact
    if BASELINE in axes:
        return _above_normal(result)
    return tuple([symptoms if axis is SYMPTOMATIC else _FACTS[axis](result) for axis in axes])


OTHER_CAUSE: Final = "guard/other-cause"


_OTHER_CAUSE = NotCovered((Reason(OTHER_CAUSE, "The findings have another cause, so they are not graded as ICANS."),))


def grade_crs(findings: CrsFindings, *, rulebook: Rulebook | str = "astct-2019") -> Decision[Grade]:
    """The grade of cytokine release syndrome by the findings. The more severe of hypotension and hypoxia decides.

    `NeedsData` names the unknown findings and lists the grades that remain possible, mildest first. ``None`` is among them if the scale
    may leave the grade open. `NotCovered`: by the scale, hypotension or hypoxia without a fever, or a masked one, is not this syndrome;
    vasopressin alone has no grade; and masked fever alone cannot be distinguished from no fever.

    Args:
        findings: The findings. Unknown oxygen is not the same as *none*.

        rulebook: The scale, or its name.

    Source: ASTCT consensus grading 2019, cytokine release syndrome.
    """
    if not isinstance(findings, CrsFindings):
        raise FieldTypeError("findings", f"{shown(findings)} is not CrsFindings", "pass CrsFindings(temperature=..., oxygen=...)")
    celsius = None if findings.temperature is None else findings.temperature.value
    facts = (celsius, findings.fever_masked, findings.hypotension, findings.vasopressin, findings.oxygen)
    return mildest_first(table(CRS_GRADE, rulebook)(*facts))


_SOME_SEIZURE: Final = frozenset((Seizure.BRIEF, Seizure.PROLONGED))


def _only_lists_seizure(findings: NeuroFindings) -> bool:
    """Whether a seizure is listed as a symptom, while its own field does not say which."""
    return Symptom.SEIZURES in (findings.symptoms or ()) and findings.seizure not in _SOME_SEIZURE


def grade_icans(findings: NeuroFindings, *, rulebook: Rulebook | str = "astct-2019") -> Decision[Grade]:
    """The grade of immune effector cell-associated neurotoxicity (ICANS) by the findings. The most severe of five domains decides.

    A seizure that only the symptoms list is one of unknown length, so its grade is 3 or 4. The other symptoms have no grade.

    `NeedsData` names the unknown findings and lists the grades that remain possible, mildest first. With an ICE score of 0, it must be
    known whether the patient can be woken. If the score before treatment was not full, the reasons say so. `NotCovered`: the findings
    have another cause.

    Args:
        findings: The findings.

        rulebook: The scale, or its name.

    Raises:
        ContradictionError: The findings cannot all be true, such as a score of 5 in a patient who cannot be woken.

    Source: ASTCT consensus grading 2019, ICANS in adults.
    """
    if not isinstance(findings, NeuroFindings):
        raise FieldTypeError("findings", f"{shown(findings)} is not NeuroFindings", "pass NeuroFindings(ice=...)")
    if findings.other_cause:
        return _OTHER_CAUSE
    facts = (
        findings.ice,
        findings.arousable,
        findings.consciousness,
        _SOME_SEIZURE if _only_lists_seizure(findings) else findings.seizure,
        findings.motor_weakness,
        findings.raised_icp,
    )
    answer = mildest_first(table(ICANS_GRADE, rulebook)(*facts))
    if isinstance(answer, NeedsData) and findings.ice == 0 and findings.arousable is None and findings.consciousness is None:
        # Either of the two settles the grade, so the table names neither as missing.
        answer = evolve(answer, missing=tuple(dict.fromkeys(("arousable", *answer.missing))))
    before = findings.baseline_ice
    if before is None or before == FULL_ICE:
        return answer
    says = f"The ICE score was {before} before treatment. A clinician must judge which findings are new."
    return evolve(answer, reasons=(Reason("guard/baseline-ice", says), *answer.reasons))

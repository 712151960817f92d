"""What is asked of grading scales, and of tables of equivalents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tarlatamab_rules.axes import Axis, Harm, Worse
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import FULL_ICE
from tarlatamab_rules.inputs.vocabulary import Consciousness, Grade, Oxygen
from tarlatamab_rules.intervals import between
from tarlatamab_rules.questions.facts import (
    ABOVE_UPPER_LIMIT,
    AROUSABLE,
    BASELINE,
    BASELINE_LOW,
    BELOW_LOWER_LIMIT,
    CONSCIOUSNESS,
    FEVER_MASKED,
    HYPOTENSION,
    ICE,
    ICE_ITEMS,
    ICE_OBJECTS,
    MOTOR_WEAKNESS,
    NO,
    OXYGEN,
    RAISED_ICP,
    ROUTE,
    SEIZURE,
    STEROID,
    SUSTAINED,
    SYMPTOMATIC,
    TEMPERATURE,
    TIMES_BASELINE,
    TIMES_UPPER_LIMIT,
    VALUE,
    VASOPRESSIN,
    YES,
)
from tarlatamab_rules.tables import Impossible, Question
from tarlatamab_rules.units import Amount

EQUIVALENT: Final = Question("equivalent_dose", (STEROID, ROUTE), Amount)
"""Doses of steroids that are worth the same."""

ICE_SCORE: Final = Question("ice_score", (*ICE_ITEMS, ICE_OBJECTS), int, fold=sum)
"""The points of the ICE tool, summed over its items. A score is no answer that is milder or stricter, so its items have no order here."""

_BELOW_NORMAL = (VALUE, BELOW_LOWER_LIMIT)
_ABOVE_NORMAL = (TIMES_UPPER_LIMIT, BASELINE, TIMES_BASELINE)
_BOTH_WAYS = (VALUE, BELOW_LOWER_LIMIT, ABOVE_UPPER_LIMIT, SYMPTOMATIC)
_OF_CREATININE = (TIMES_UPPER_LIMIT, BASELINE_LOW, TIMES_BASELINE)
_ABOVE_WITH_SYMPTOMS = (ABOVE_UPPER_LIMIT, SYMPTOMATIC)
_SWAPPED = Impossible({BELOW_LOWER_LIMIT: True, ABOVE_UPPER_LIMIT: True}, "below the lower limit and above the upper one cannot be")

_WORSE: Mapping[Axis, Harm] = {
    TIMES_UPPER_LIMIT: Worse.RISING,
    TIMES_BASELINE: Worse.RISING,
    BELOW_LOWER_LIMIT: YES,
    ABOVE_UPPER_LIMIT: YES,
    SYMPTOMATIC: YES,
}
"""The orders of harm of what grades a value. A baseline has none: grades are counted from it."""


def _worse(axes: tuple[Axis, ...]) -> Mapping[Axis, Harm]:
    """The orders of harm of these axes. A number has one only where low ones alone are graded."""
    return {axis: _WORSE[axis] for axis in axes if axis in _WORSE} | ({VALUE: Worse.FALLING} if axes is _BELOW_NORMAL else {})


LAB_GRADE: Final[Mapping[Analyte, Question[Grade]]] = {
    analyte: Question(
        "grade_lab",
        axes,
        Grade,
        fold=max if axes is _OF_CREATININE else None,
        impossible=(_SWAPPED,) if axes is _BOTH_WAYS else (),
        about=str(analyte),
        worse=_worse(axes),
    )
    for axes, analytes in (
        (_BOTH_WAYS, (Analyte.SODIUM, Analyte.POTASSIUM)),
        (_BELOW_NORMAL, (Analyte.NEUTROPHILS, Analyte.WHITE_CELLS, Analyte.LYMPHOCYTES, Analyte.HEMOGLOBIN, Analyte.PLATELETS)),
        (_ABOVE_NORMAL, (Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN, Analyte.ALKALINE_PHOSPHATASE)),
        (_OF_CREATININE, (Analyte.CREATININE,)),
        (_ABOVE_WITH_SYMPTOMS, (Analyte.URIC_ACID,)),
    )
    for analyte in analytes
}
"""How severe a laboratory value is. Creatinine is graded by its limit and by its baseline, and the worse stands."""

FEBRILE_NEUTROPENIA: Final = Question(
    "grade_febrile_neutropenia",
    (VALUE, TEMPERATURE, SUSTAINED),
    Grade,
    worse={VALUE: Worse.FALLING, TEMPERATURE: Worse.RISING, SUSTAINED: YES},
)
"""How severe a fever with few neutrophils is."""

CRS_GRADE: Final = Question(
    "grade_crs",
    (TEMPERATURE, FEVER_MASKED, HYPOTENSION, VASOPRESSIN, OXYGEN),
    Grade,
    worse={
        TEMPERATURE: Worse.RISING,
        FEVER_MASKED: YES,
        HYPOTENSION: Worse.RISING,
        VASOPRESSIN: YES,
        OXYGEN: (Oxygen.NONE, Oxygen.LOW_FLOW, frozenset((Oxygen.HIGH_FLOW, Oxygen.MASK)), Oxygen.POSITIVE_PRESSURE),
    },
)
"""How severe cytokine release syndrome is."""

_AWAKE = frozenset(Consciousness) - {Consciousness.UNAROUSABLE}
ICANS_GRADE: Final = Question(
    "grade_icans",
    (ICE, AROUSABLE, CONSCIOUSNESS, SEIZURE, MOTOR_WEAKNESS, RAISED_ICP),
    Grade,
    fold=max,
    impossible=(
        Impossible({AROUSABLE: True, CONSCIOUSNESS: Consciousness.UNAROUSABLE}, "arousable and unarousable cannot be"),
        Impossible({AROUSABLE: False, CONSCIOUSNESS: _AWAKE}, "who wakes to something is arousable"),
        Impossible({AROUSABLE: False, ICE: between(1, FULL_ICE)}, "who cannot be woken scores no point of the ICE tool"),
    ),
    worse={
        ICE: Worse.FALLING,
        AROUSABLE: NO,
        CONSCIOUSNESS: Worse.RISING,
        SEIZURE: Worse.RISING,
        MOTOR_WEAKNESS: YES,
        RAISED_ICP: Worse.RISING,
    },
)
"""How severe neurotoxicity of immune effector cells is: the most severe of five domains."""

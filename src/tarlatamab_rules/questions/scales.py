"""What is asked of grading scales, and of tables of equivalents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import FULL_ICE
from tarlatamab_rules.inputs.vocabulary import Consciousness, Grade
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
)
from tarlatamab_rules.tables import Impossible, Question
from tarlatamab_rules.units import Amount

EQUIVALENT: Final = Question("equivalent_dose", (STEROID, ROUTE), Amount)
"""Doses of steroids that are worth the same."""

ICE_SCORE: Final = Question("ice_score", (*ICE_ITEMS, ICE_OBJECTS), int, fold=sum)
"""The points of the ICE tool, summed over its items."""

_BELOW_NORMAL = (VALUE, BELOW_LOWER_LIMIT)
_ABOVE_NORMAL = (TIMES_UPPER_LIMIT, BASELINE, TIMES_BASELINE)
_BOTH_WAYS = (VALUE, BELOW_LOWER_LIMIT, ABOVE_UPPER_LIMIT, SYMPTOMATIC)
_OF_CREATININE = (TIMES_UPPER_LIMIT, BASELINE_LOW, TIMES_BASELINE)
_ABOVE_WITH_SYMPTOMS = (ABOVE_UPPER_LIMIT, SYMPTOMATIC)
_SWAPPED = Impossible({BELOW_LOWER_LIMIT: True, ABOVE_UPPER_LIMIT: True}, "below the lower limit and above the upper one cannot be")

LAB_GRADE: Final[Mapping[Analyte, Question[Grade]]] = {
    analyte: Question(
        "grade_lab",
        axes,
        Grade,
        fold=max if axes is _OF_CREATININE else None,
        impossible=(_SWAPPED,) if axes is _BOTH_WAYS else (),
        about=str(analyte),
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

FEBRILE_NEUTROPENIA: Final = Question("grade_febrile_neutropenia", (VALUE, TEMPERATURE, SUSTAINED), Grade)
"""How severe a fever with few neutrophils is."""

CRS_GRADE: Final = Question("grade_crs", (TEMPERATURE, FEVER_MASKED, HYPOTENSION, VASOPRESSIN, OXYGEN), Grade)
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
)
"""How severe neurotoxicity of immune effector cells is: the most severe of five domains."""

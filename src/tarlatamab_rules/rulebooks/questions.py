"""What every book is asked about a dose, a grade or a toxicity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tarlatamab_rules.core.axes import Axis, Harm, Worse
from tarlatamab_rules.core.intervals import between
from tarlatamab_rules.core.tables import Impossible, Question
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.findings import FULL_ICE
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import Consciousness, Grade, Oxygen, Symptom, Toxicity
from tarlatamab_rules.rulebooks.facts import (
    ABOVE_UPPER_LIMIT,
    AGE,
    AMINOTRANSFERASE,
    AMINOTRANSFERASE_RISE,
    AMOUNT,
    ANALYTE,
    AROUSABLE,
    BASELINE,
    BASELINE_LOW,
    BEGAN_BEFORE,
    BEGAN_ROLE,
    BELOW_LOWER_LIMIT,
    BILIRUBIN,
    BILIRUBIN_RISE,
    BLEEDING,
    BREASTFEEDING,
    CHILDBEARING,
    CONSCIOUSNESS,
    CONSTANT_RATE,
    CRS_BEFORE,
    DAY,
    DAYS,
    DAYS_SINCE,
    DIAGNOSIS,
    DURATION,
    EARLIER,
    FEVER_MASKED,
    GRADE,
    HELD,
    HYPERSENSITIVE,
    HYPOTENSION,
    ICE,
    ICE_ITEMS,
    ICE_OBJECTS,
    INFECTION,
    LAST,
    MOTOR_WEAKNESS,
    NEURO_BEFORE,
    NO,
    NOW,
    OTHER_CAUSE,
    OTHER_FINDING,
    OXYGEN,
    POINT,
    PREGNANT,
    PROGRESSED,
    PUMP,
    RAISED_ICP,
    RATE,
    ROLE,
    ROUTE,
    SEIZURE,
    SIGN,
    STEROID,
    SUSTAINED,
    SYMPTOM,
    SYMPTOMATIC,
    TEMPERATURE,
    TIMES_BASELINE,
    TIMES_UPPER_LIMIT,
    TRANSFER_DEVICE,
    VALUE,
    VASOPRESSIN,
    VOLUME,
    WORST_SO_FAR,
    YES,
    points,
)
from tarlatamab_rules.values.doses import AfterLastDose, DoseStep, Preparation, one_preparation
from tarlatamab_rules.values.plans import (
    Checklist,
    DuringInfusion,
    InfusionPlan,
    Instruction,
    MonitoringPlan,
    PremedicationPlan,
    every_check,
    every_instruction,
    one_infusion,
    one_plan,
)
from tarlatamab_rules.values.toxicities import PossibleGrades, ToxicityAction
from tarlatamab_rules.values.vocabulary import Eligibility, LabNeed, Modality, SetupFit

EQUIVALENT: Final = Question("equivalent_dose", (STEROID, ROUTE), Amount)
"""Doses of steroids that are worth the same."""


ICE_SCORE: Final = Question("ice_score", (*ICE_ITEMS, ICE_OBJECTS), int, fold=sum)
"""The points of the ICE tool, summed over its items. A score is neither mild nor strict, so its items have no order here."""


_BELOW_NORMAL = (VALUE, BELOW_LOWER_LIMIT)


_ABOVE_NORMAL = (TIMES_UPPER_LIMIT, BASELINE, TIMES_BASELINE)


_BOTH_WAYS = (VALUE, BELOW_LOWER_LIMIT, ABOVE_UPPER_LIMIT, SYMPTOMATIC)


_OF_CREATININE = (TIMES_UPPER_LIMIT, BASELINE_LOW, TIMES_BASELINE)


_ABOVE_WITH_SYMPTOMS = (ABOVE_UPPER_LIMIT, SYMPTOMATIC)


_SWAPPED = Impossible(
    {BELOW_LOWER_LIMIT: True, ABOVE_UPPER_LIMIT: True}, "a value cannot be both below the lower limit and above the upper limit"
)


_WORSE: Mapping[Axis, Harm] = {
    TIMES_UPPER_LIMIT: Worse.RISING,
    TIMES_BASELINE: Worse.RISING,
    BELOW_LOWER_LIMIT: YES,
    ABOVE_UPPER_LIMIT: YES,
    SYMPTOMATIC: YES,
}
"""The orders of harm of the facts that grade a value. A baseline has none: grades are counted from it."""


def _worse(axes: tuple[Axis, ...]) -> Mapping[Axis, Harm]:
    """The orders of harm of these axes. A number has one only if low numbers alone are graded."""
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
"""How severe a laboratory value is. Creatinine is graded by its limit and by its baseline; the worse grade stands."""


FEBRILE_NEUTROPENIA: Final = Question(
    "grade_febrile_neutropenia",
    (VALUE, TEMPERATURE, SUSTAINED),
    Grade,
    worse={VALUE: Worse.FALLING, TEMPERATURE: Worse.RISING, SUSTAINED: YES},
)
"""How severe febrile neutropenia is."""


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
        Impossible({AROUSABLE: True, CONSCIOUSNESS: Consciousness.UNAROUSABLE}, "a patient cannot be both arousable and unarousable"),
        Impossible({AROUSABLE: False, CONSCIOUSNESS: _AWAKE}, "a patient who wakes to voice or touch is arousable"),
        Impossible({AROUSABLE: False, ICE: between(1, FULL_ICE)}, "a patient who cannot be woken has an ICE score of 0"),
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


ELIGIBILITY: Final = (
    Question("eligibility", (AGE,), Eligibility),
    Question("eligibility", (DIAGNOSIS,), Eligibility),
    Question("eligibility", (PROGRESSED,), Eligibility),
    Question("eligibility", (INFECTION,), Eligibility, worse={INFECTION: Worse.RISING}),
    Question(
        "eligibility",
        (CHILDBEARING, PREGNANT),
        Eligibility,
        impossible=(Impossible({CHILDBEARING: False, PREGNANT: True}, "a patient without childbearing potential cannot be pregnant"),),
        worse={PREGNANT: YES},
    ),
    Question("eligibility", (BREASTFEEDING,), Eligibility, worse={BREASTFEEDING: YES}),
    Question("eligibility", (HYPERSENSITIVE,), Eligibility, worse={HYPERSENSITIVE: YES}),
)
"""One question for each criterion. They have nothing in common but that the strictest answer stands."""


BY_AGE, BY_DIAGNOSIS, BY_PROGRESSION, BY_INFECTION, BY_PREGNANCY, BY_LACTATION, BY_HYPERSENSITIVITY = ELIGIBILITY


CONTRACEPTION: Final = Question("contraception_window", (CHILDBEARING,), AfterLastDose, worse={CHILDBEARING: YES})


BREASTFEEDING_AFTER: Final = Question("breastfeeding_window", (CHILDBEARING,), AfterLastDose, worse={CHILDBEARING: YES})


NEXT_DOSE: Final = Question("next_dose", (LAST, DAYS_SINCE), DoseStep, worse={DAYS_SINCE: Worse.RISING})
"""What follows the last dose given."""


PREMEDICATION: Final = Question(
    "premedication_plan", (POINT, ROLE, CRS_BEFORE), PremedicationPlan, fold=every_instruction, worse={CRS_BEFORE: Worse.RISING}
)


CHECKLIST: Final = Question("checklist", (POINT,), Checklist, fold=every_check)
"""What else is checked with a dose, beside its drugs and results."""


PREPARATION: Final = Question("preparation", (AMOUNT,), Preparation, fold=one_preparation)


INFUSION: Final = Question("infusion_plan", (POINT,), InfusionPlan, fold=one_infusion, for_policies=(POINT,))


_SETUP: tuple[tuple[Axis, Mapping[Axis, Harm]], ...] = (
    (VOLUME, {}),
    (RATE, {}),
    (DURATION, {}),
    (PUMP, {PUMP: NO}),
    (CONSTANT_RATE, {CONSTANT_RATE: NO}),
    (TRANSFER_DEVICE, {TRANSFER_DEVICE: YES}),
)


SETUP: Final = tuple(Question("infusion_check", (axis,), SetupFit, worse=worse) for axis, worse in _SETUP)
"""One question for each setting, as for `ELIGIBILITY`."""


BY_VOLUME, BY_RATE, BY_DURATION, BY_PUMP, BY_CONSTANT_RATE, BY_TRANSFER_DEVICE = SETUP


DURING_INFUSION: Final = Question("during_infusion", (SIGN,), DuringInfusion, worse={SIGN: ("none", frozenset(("crs", "icans")))})


MONITORING: Final = Question(
    "monitoring_duration",
    (POINT, ROLE, WORST_SO_FAR, CRS_BEFORE, NEURO_BEFORE),
    MonitoringPlan,
    fold=one_plan,
    worse={WORST_SO_FAR: Worse.RISING, CRS_BEFORE: Worse.RISING, NEURO_BEFORE: Worse.RISING},
)


_DAYS_OF_CYCLES = (
    Impossible({POINT: points("C1D1", "C1D1"), DAY: frozenset((8, 15))}, "C1D1 is the first day"),
    Impossible({POINT: points("C1D8", "C1D8"), DAY: frozenset((1, 15))}, "C1D8 is the eighth day"),
    Impossible({POINT: points("C1D15", "C1D15"), DAY: frozenset((1, 8))}, "C1D15 is the fifteenth day"),
    Impossible({POINT: points("C2D1"), DAY: 8}, "only cycle 1 has a dose on day 8"),
)


LAB_NEED: Final = Question("labs_due", (POINT, DAY, ANALYTE), LabNeed, impossible=_DAYS_OF_CYCLES)
"""Whether a dose requires or recommends a result."""


LAB_DURING_CRS: Final = Question("labs_due", (POINT, ANALYTE), Modality, for_policies=(POINT,))
"""Whether a result is monitored while cytokine release syndrome is active."""


_ALL = frozenset(Grade)


def _impossible(toxicity: Toxicity) -> tuple[Impossible, ...]:
    lacking = _ALL - grades_of(toxicity)
    no_grade = f"{toxicity} does not have this grade in CTCAE"
    return (
        *(Impossible({axis: lacking}, no_grade) for axis in (GRADE, NOW) if lacking),
        *(
            Impossible(
                {GRADE: grade, NOW: frozenset(now for now in Grade if now > grade)}, "the current grade cannot be above the worst grade"
            )
            for grade in Grade
            if grade < Grade.DEATH
        ),
    )


TOXICITY_ACTION: Final[Mapping[Toxicity, Question[ToxicityAction]]] = {
    toxicity: Question(
        "toxicity_action",
        (GRADE, NOW, EARLIER, DAYS, HELD, BLEEDING, POINT, ROLE, BEGAN_BEFORE, BEGAN_ROLE),
        ToxicityAction,
        impossible=_impossible(toxicity),
        about=str(toxicity),
        worse={**dict.fromkeys((GRADE, NOW, EARLIER, DAYS), Worse.RISING), BLEEDING: YES},
    )
    for toxicity in Toxicity
}
"""What to do about a toxicity. All toxicities ask for the same facts; a fact that no row uses costs nothing.

The days since the onset have no order of harm: a source that holds the drug for so many days lets it go on after them."""


OTHER_RESULT: Final = Question("toxicity_action", (ANALYTE,), ToxicityAction, about="a result of grade 3 or worse")
"""What to do about a severe result if it is no sign of a listed toxicity."""


DRUG_INDUCED_LIVER_INJURY: Final = Question(
    "liver_injury",
    (AMINOTRANSFERASE, BILIRUBIN, OTHER_CAUSE, AMINOTRANSFERASE_RISE, BILIRUBIN_RISE),
    ToxicityAction,
    worse={**dict.fromkeys((AMINOTRANSFERASE, BILIRUBIN, AMINOTRANSFERASE_RISE, BILIRUBIN_RISE), Worse.RISING), OTHER_CAUSE: NO},
)
"""What to do about aminotransferases and bilirubin of one sample together. A book uses the upper limits, or the rises."""


ICE_ASSESSMENT: Final = Question("ice_assessment", (SYMPTOM,), Instruction, worse={SYMPTOM: ("none", frozenset(Symptom))})
"""What a symptom of neurotoxicity calls for."""


NEURO_GRADE: Final = Question("toxicity_action", (ICE, OTHER_FINDING), PossibleGrades, worse={ICE: Worse.FALLING, OTHER_FINDING: YES})
"""Which grades of neurotoxicity the findings leave open, if a book reads them in its own way; else the scale grades them."""


LAB_TOXICITY: Final[Mapping[Analyte, Toxicity]] = {
    Analyte.NEUTROPHILS: Toxicity.NEUTROPENIA,
    Analyte.HEMOGLOBIN: Toxicity.ANEMIA,
    Analyte.PLATELETS: Toxicity.THROMBOCYTOPENIA,
    Analyte.ALT: Toxicity.HEPATOTOXICITY,
    Analyte.AST: Toxicity.HEPATOTOXICITY,
    Analyte.BILIRUBIN: Toxicity.HEPATOTOXICITY,
}
"""Which toxicity a graded laboratory value is a sign of; without an entry, *other*."""


DIFFERS_BY_SCALE: Final = frozenset((Toxicity.NEUTROPENIA, Toxicity.THROMBOCYTOPENIA, Toxicity.HEPATOTOXICITY))
"""The toxicities of laboratory values whose grades are not the same in CTCAE 5.0 and 6.0."""

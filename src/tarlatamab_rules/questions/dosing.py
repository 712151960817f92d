"""What is asked of a dose: for whom, how much, with what, for how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tarlatamab_rules.answers.doses import DoseStep, Preparation, one_preparation
from tarlatamab_rules.answers.plans import (
    Checklist,
    DuringInfusion,
    InfusionPlan,
    MonitoringPlan,
    PremedicationPlan,
    every_check,
    every_instruction,
    one_infusion,
    one_plan,
)
from tarlatamab_rules.answers.windows import AfterLastDose
from tarlatamab_rules.answers.words import Eligibility, LabNeed, Modality, SetupFit
from tarlatamab_rules.axes import Axis, Harm, Worse
from tarlatamab_rules.questions.facts import (
    AGE,
    AMOUNT,
    ANALYTE,
    BREASTFEEDING,
    CHILDBEARING,
    CONSTANT_RATE,
    CRS_BEFORE,
    DAY,
    DAYS_SINCE,
    DIAGNOSIS,
    DURATION,
    HISTORY,
    HYPERSENSITIVE,
    INFECTION,
    LAST,
    NEURO_BEFORE,
    NO,
    POINT,
    PREGNANT,
    PROGRESSED,
    PUMP,
    RATE,
    ROLE,
    SIGN,
    TRANSFER_DEVICE,
    VOLUME,
    YES,
    points,
)
from tarlatamab_rules.tables import Impossible, Question

ELIGIBILITY: Final = (
    Question("eligibility", (AGE,), Eligibility),
    Question("eligibility", (DIAGNOSIS,), Eligibility),
    Question("eligibility", (PROGRESSED,), Eligibility),
    Question("eligibility", (INFECTION,), Eligibility, worse={INFECTION: Worse.RISING}),
    Question(
        "eligibility",
        (CHILDBEARING, PREGNANT),
        Eligibility,
        impossible=(Impossible({CHILDBEARING: False, PREGNANT: True}, "pregnant without childbearing potential cannot be"),),
        worse={PREGNANT: YES},
    ),
    Question("eligibility", (BREASTFEEDING,), Eligibility, worse={BREASTFEEDING: YES}),
    Question("eligibility", (HYPERSENSITIVE,), Eligibility, worse={HYPERSENSITIVE: YES}),
)
"""One question a criterion: the criteria hang together only in that the strictest answer stands."""

BY_AGE, BY_DIAGNOSIS, BY_PROGRESSION, BY_INFECTION, BY_PREGNANCY, BY_LACTATION, BY_HYPERSENSITIVITY = ELIGIBILITY

CONTRACEPTION: Final = Question("contraception_window", (CHILDBEARING,), AfterLastDose, worse={CHILDBEARING: YES})

BREASTFEEDING_AFTER: Final = Question("breastfeeding_window", (CHILDBEARING,), AfterLastDose, worse={CHILDBEARING: YES})

NEXT_DOSE: Final = Question("next_dose", (LAST, DAYS_SINCE), DoseStep, worse={DAYS_SINCE: Worse.RISING})
"""What follows the dose that was given last."""

PREMEDICATION: Final = Question(
    "premedication_plan", (POINT, ROLE, CRS_BEFORE), PremedicationPlan, fold=every_instruction, worse={CRS_BEFORE: Worse.RISING}
)

CHECKLIST: Final = Question("checklist", (POINT,), Checklist, fold=every_check)
"""What is seen to with a dose, beside its drugs and results."""

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
"""One question for each thing that is set, as for `ELIGIBILITY`."""

BY_VOLUME, BY_RATE, BY_DURATION, BY_PUMP, BY_CONSTANT_RATE, BY_TRANSFER_DEVICE = SETUP

DURING_INFUSION: Final = Question("during_infusion", (SIGN,), DuringInfusion, worse={SIGN: ("none", frozenset(("crs", "icans")))})

MONITORING: Final = Question(
    "monitoring_duration",
    (POINT, ROLE, HISTORY, CRS_BEFORE, NEURO_BEFORE),
    MonitoringPlan,
    fold=one_plan,
    worse={HISTORY: Worse.RISING, CRS_BEFORE: Worse.RISING, NEURO_BEFORE: Worse.RISING},
)

_DAYS_OF_CYCLES = (
    Impossible({POINT: points("C1D1", "C1D1"), DAY: frozenset((8, 15))}, "C1D1 is the first day"),
    Impossible({POINT: points("C1D8", "C1D8"), DAY: frozenset((1, 15))}, "C1D8 is the eighth day"),
    Impossible({POINT: points("C1D15", "C1D15"), DAY: frozenset((1, 8))}, "C1D15 is the fifteenth day"),
    Impossible({POINT: points("C2D1"), DAY: 8}, "only cycle 1 has a dose on day 8"),
)

LAB_NEED: Final = Question("labs_due", (POINT, DAY, ANALYTE), LabNeed, impossible=_DAYS_OF_CYCLES)
"""What a dose wants of a result."""

LAB_DURING_CRS: Final = Question("labs_due", (POINT, ANALYTE), Modality, for_policies=(POINT,))
"""Whether a result is monitored while cytokine release syndrome is active."""

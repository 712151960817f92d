"""What is asked: the questions, and the facts that each asks about.

Every rulebook fills the same questions, so that books print, stack and differ alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Final

from tarlatamab_rules.answers import (
    Contraception,
    Eligibility,
    InfusionPlan,
    Instruction,
    LabNeed,
    Modality,
    MonitoringPlan,
    PossibleGrades,
    PremedicationPlan,
    Route,
    SetupFit,
    Steroid,
    ToxicityAction,
    every_instruction,
    one_infusion,
    one_plan,
)
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.findings import FULL_ICE, grades_of
from tarlatamab_rules.inputs.patient import Diagnosis, Infection
from tarlatamab_rules.inputs.vocabulary import (
    OBJECTS,
    Consciousness,
    Grade,
    Hypotension,
    Oxygen,
    RaisedPressure,
    Seizure,
    Symptom,
    Toxicity,
)
from tarlatamab_rules.intervals import Interval, between
from tarlatamab_rules.tables import Bands, Choices, Impossible, Question
from tarlatamab_rules.units import Amount

_YES_NO = (True, False)

# --- facts ---

_NUMBERS = between(0, inf)


def _dose(number: float) -> str:
    return "later" if number == inf else str(DosePoint.at(int(number)))


def _times(ratio: float) -> str:
    return f"{ratio:g} x"


AGE: Final = Bands("age_years", _NUMBERS, title="age in years")
DIAGNOSIS: Final = Choices("diagnosis", tuple(Diagnosis))
PROGRESSED: Final = Choices("progressed_after_platinum", _YES_NO)
INFECTION: Final = Choices("infection", tuple(Infection))
CHILDBEARING: Final = Choices("childbearing_potential", _YES_NO)
PREGNANT: Final = Choices("pregnant", _YES_NO)
BREASTFEEDING: Final = Choices("breastfeeding", _YES_NO)

POINT: Final = Bands("point", between(1, inf), whole=True, show=_dose, title="dose")
"""The place of a dose in the schedule."""

HISTORY: Final = Choices("history", tuple(Grade), title="worst grade so far")
"""The worst grade of any toxicity so far."""

ANALYTE: Final = Choices("analyte", tuple(Analyte))
TOXICITY: Final = Choices("toxicity", tuple(Toxicity))
GRADE: Final = Choices("grade", tuple(Grade))

OVER: Final = Choices("status", _YES_NO, title="toxicity over")
"""Whether the episode has ended."""

RECURRENT: Final = Choices("history", _YES_NO, title="after an earlier episode")
"""Whether an earlier episode of the same toxicity has ended."""

ICE: Final = Bands("ice", between(0, FULL_ICE), whole=True, title="ICE score")

OTHER_FINDING: Final = Choices("findings", _YES_NO, title="another finding (consciousness, seizure, weakness, pressure)")
"""Whether there is a neurologic finding beside the ICE score: depressed consciousness, a seizure, weakness, raised pressure."""

SYMPTOM: Final = Choices("symptoms", (*Symptom, "none"), title="key symptom")
"""A key symptom of neurotoxicity, or that there is none."""

ICE_ITEMS: Final = tuple(Choices(item, (False, True)) for item in ("year", "month", "city", "hospital", "command", "sentence", "counting"))
"""The items of the ICE tool that are done or not."""

ICE_OBJECTS: Final = Choices("objects_named", tuple(range(OBJECTS + 1)))
"""How many of the objects shown are named."""

VOLUME: Final = Bands("volume", _NUMBERS, show="{:.0%}".format, title="volume, compared with the plan")
"""The volume of an infusion, in multiples of the planned one."""

RATE: Final = Bands("rate", _NUMBERS, show="{:.0%}".format, title="rate, compared with the plan")
"""The rate of an infusion, in multiples of the planned one."""

DURATION: Final = Bands("duration", _NUMBERS, show="{:.0%}".format, title="duration, compared with the plan")
"""The duration of an infusion, in multiples of the planned one."""

PUMP: Final = Choices("pump", _YES_NO)
CONSTANT_RATE: Final = Choices("constant_rate", _YES_NO)
TRANSFER_DEVICE: Final = Choices("transfer_device", _YES_NO)
"""Whether a closed-system transfer device is used."""

STEROID: Final = Choices("steroid", tuple(Steroid))
ROUTE: Final = Choices("route", tuple(Route))

TEMPERATURE: Final = Bands("temperature", between(-inf, inf), title="temperature in degrees Celsius")
FEVER_MASKED: Final = Choices("fever_masked", _YES_NO)
"""Whether an antipyretic or anticytokine drug was given, after which fever no longer counts."""

SUSTAINED: Final = Choices("sustained", _YES_NO, title="for more than an hour")
HYPOTENSION: Final = Choices("hypotension", tuple(Hypotension))
VASOPRESSIN: Final = Choices("vasopressin", _YES_NO)
OXYGEN: Final = Choices("oxygen", tuple(Oxygen))
AROUSABLE: Final = Choices("arousable", _YES_NO)
CONSCIOUSNESS: Final = Choices("consciousness", tuple(Consciousness))
SEIZURE: Final = Choices("seizure", tuple(Seizure))
MOTOR_WEAKNESS: Final = Choices("motor_weakness", _YES_NO, title="deep focal weakness")
RAISED_ICP: Final = Choices("raised_icp", tuple(RaisedPressure), title="raised intracranial pressure")

VALUE: Final = Bands("value", _NUMBERS)
"""A laboratory value in the unit of its analyte."""

ABOVE_UPPER_LIMIT: Final = Choices("upper_limit", _YES_NO, title="above the upper limit")
"""Whether a value is above the upper limit of normal."""

SYMPTOMATIC: Final = Choices("symptoms", _YES_NO, title="with symptoms")
"""Whether an abnormal value causes symptoms."""

BELOW_LOWER_LIMIT: Final = Choices("lower_limit", _YES_NO, title="below the lower limit")
"""Whether a value is below the lower limit of normal."""

TIMES_UPPER_LIMIT: Final = Bands("upper_limit", _NUMBERS, show=_times, title="times the upper limit")
"""A value in multiples of the upper limit of normal."""

BASELINE: Final = Bands("baseline", _NUMBERS, show=_times, title="baseline, of the upper limit")
"""The value before treatment, in multiples of the upper limit of normal."""

BASELINE_LOW: Final = Choices("lower_limit", _YES_NO, title="baseline below the lower limit")
"""Whether the value before treatment was below the lower limit of normal."""

TIMES_BASELINE: Final = Bands("baseline", _NUMBERS, show=_times, title="times the baseline")
"""A value in multiples of the value before treatment."""


def points(first: str, last: str | None = None) -> Interval:
    """From one dose to another, both included; without a last, and all later ones."""
    return Interval(DosePoint.of(first).number, inf if last is None else DosePoint.of(last).number)


def grades(*numbers: int) -> frozenset[Grade]:
    """These grades."""
    return frozenset(map(Grade, numbers))


# --- questions ---

ELIGIBILITY: Final = (
    Question("eligibility", (AGE,), Eligibility),
    Question("eligibility", (DIAGNOSIS,), Eligibility),
    Question("eligibility", (PROGRESSED,), Eligibility),
    Question("eligibility", (INFECTION,), Eligibility),
    Question(
        "eligibility",
        (CHILDBEARING, PREGNANT),
        Eligibility,
        impossible=(Impossible({CHILDBEARING: False, PREGNANT: True}, "pregnant without childbearing potential cannot be"),),
    ),
    Question("eligibility", (BREASTFEEDING,), Eligibility),
)
"""One question a criterion: the criteria hang together only in that the strictest answer stands."""

BY_AGE, BY_DIAGNOSIS, BY_PROGRESSION, BY_INFECTION, BY_PREGNANCY, BY_LACTATION = ELIGIBILITY

CONTRACEPTION: Final = Question("contraception_window", (CHILDBEARING,), Contraception)

PREMEDICATION: Final = Question("premedication_plan", (POINT,), PremedicationPlan, fold=every_instruction)

EQUIVALENT: Final = Question("equivalent_dose", (STEROID, ROUTE), Amount)
"""Doses of steroids that are worth the same."""

INFUSION: Final = Question("infusion_plan", (POINT,), InfusionPlan, fold=one_infusion)

SETUP: Final = tuple(
    Question("infusion_check", (axis,), SetupFit) for axis in (VOLUME, RATE, DURATION, PUMP, CONSTANT_RATE, TRANSFER_DEVICE)
)
"""One question for each thing that is set, as for `ELIGIBILITY`."""

BY_VOLUME, BY_RATE, BY_DURATION, BY_PUMP, BY_CONSTANT_RATE, BY_TRANSFER_DEVICE = SETUP

MONITORING: Final = Question("monitoring_duration", (POINT, HISTORY), MonitoringPlan, fold=one_plan)

LAB_NEED: Final = Question("labs_due", (POINT, ANALYTE), LabNeed)
"""What a dose wants of a result."""

LAB_DURING_CRS: Final = Question("labs_due", (POINT, ANALYTE), Modality)
"""Whether a result is monitored while cytokine release syndrome is active."""

TOXICITY_ACTION: Final = Question(
    "toxicity_action",
    (TOXICITY, GRADE, OVER, RECURRENT),
    ToxicityAction,
    impossible=tuple(
        Impossible({TOXICITY: toxicity, GRADE: frozenset(Grade) - grades_of(toxicity)}, f"{toxicity} does not have this grade in CTCAE")
        for toxicity in Toxicity
        if grades_of(toxicity) < frozenset(Grade)
    ),
)

ICE_ASSESSMENT: Final = Question("ice_assessment", (SYMPTOM,), Instruction)
"""What a symptom of neurotoxicity calls for."""

ICE_SCORE: Final = Question("ice_score", (*ICE_ITEMS, ICE_OBJECTS), int, fold=sum)
"""The points of the ICE tool, summed over its items."""

NEURO_GRADE: Final = Question("toxicity_action", (ICE, OTHER_FINDING), PossibleGrades)
"""Which grades of neurotoxicity the findings leave open; where a book is silent, any."""

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

LAB_TOXICITY: Final[Mapping[Analyte, Toxicity]] = {
    Analyte.NEUTROPHILS: Toxicity.NEUTROPENIA,
    Analyte.HEMOGLOBIN: Toxicity.ANEMIA,
    Analyte.PLATELETS: Toxicity.THROMBOCYTOPENIA,
    Analyte.ALT: Toxicity.HEPATOTOXICITY,
    Analyte.AST: Toxicity.HEPATOTOXICITY,
    Analyte.BILIRUBIN: Toxicity.HEPATOTOXICITY,
}
"""Which toxicity a graded laboratory value is a sign of; of no entry, *other*."""

DIFFERS_BY_SCALE: Final = frozenset((Toxicity.NEUTROPENIA, Toxicity.THROMBOCYTOPENIA, Toxicity.HEPATOTOXICITY))
"""The toxicities of laboratory values whose grades are not the same in CTCAE 5.0 and 6.0."""

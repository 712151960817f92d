"""The facts that questions ask about."""

from __future__ import annotations

from math import inf
from typing import Final

from tarlatamab_rules.core.intervals import Interval, between
from tarlatamab_rules.core.tables import Bands, Choices
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.findings import FULL_ICE
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
)
from tarlatamab_rules.values.vocabulary import Role, Route, Steroid

_YES_NO = (True, False)
YES: Final = (False, True)
"""The order of harm of a fact for which *yes* is worse."""

NO: Final = (True, False)
"""The order of harm of a fact for which *no* is worse."""


NOTHING_GIVEN: Final = "none"
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

DAY: Final = Choices("point", (1, 8, 15), title="day of the cycle")

ROLE: Final = Choices("course", tuple(Role), title="role of the dose")
"""The role of the dose in the course. After a restart the roles come back."""

LAST: Final = Choices("course", (NOTHING_GIVEN, *Role), title="last dose given")
"""The role of the last dose given."""

DAYS_SINCE: Final = Bands("days", _NUMBERS, whole=True, title="days since the last dose")

WORST_SO_FAR: Final = Choices("events", tuple(Grade), title="worst grade of any toxicity so far")
"""The worst grade of any toxicity so far."""

CRS_BEFORE: Final = Choices("events", tuple(Grade), title="worst grade of CRS since the last dose")
"""The worst grade of cytokine release syndrome since the last dose."""

NEURO_BEFORE: Final = Choices("events", tuple(Grade), title="worst grade of neurotoxicity since the last dose")
"""The worst grade of neurotoxicity since the last dose, ICANS included."""

ANALYTE: Final = Choices("analyte", tuple(Analyte))
GRADE: Final = Choices("grade", tuple(Grade))
"""The worst grade of an episode."""

NOW: Final = Choices("current_grade", tuple(Grade), title="current grade")
"""The grade at the dose; 0 if the episode is over."""

EARLIER: Final = Choices("events", tuple(Grade), title="worst grade of earlier episodes")
"""The worst grade of earlier episodes of the same toxicity; 0 if there was none."""

DAYS: Final = Bands("onset", _NUMBERS, whole=True, title="days from onset to recovery, or so far")
"""The calendar days from onset to the grade that the source waits for, or to the dose while it is not reached."""

HELD: Final = Bands("onset", _NUMBERS, whole=True, title="days since onset")
"""The calendar days from onset to the dose."""

BEGAN_BEFORE: Final = Bands("onset", between(1, inf), whole=True, show=_dose, title="first dose after the onset")
"""The place in the schedule of the first dose after an episode began: one given since or on the same day, else the planned one."""

BEGAN_ROLE: Final = Choices("onset", tuple(Role), title="role of the first dose after the onset")
"""The role of that dose."""

BLEEDING: Final = Choices("bleeding", _YES_NO)
AMINOTRANSFERASE: Final = Bands("alt or ast", _NUMBERS, show=_times, title="ALT or AST, times the upper limit")
BILIRUBIN: Final = Bands("bilirubin", _NUMBERS, show=_times, title="bilirubin, times the upper limit")
AMINOTRANSFERASE_RISE: Final = Bands(
    "alt or ast rise", _NUMBERS, show=_times, title="ALT or AST, times a raised baseline or the upper limit"
)
"""ALT or AST in multiples of the value before treatment if that was above the upper limit of normal; else of that limit."""

BILIRUBIN_RISE: Final = Bands("bilirubin rise", _NUMBERS, show=_times, title="bilirubin, times a raised baseline or the upper limit")
"""Bilirubin in the same multiples."""

OTHER_CAUSE: Final = Choices("other_cause", _YES_NO, title="another cause")

SIGN: Final = Choices("findings", ("crs", "icans", "none"), title="sign of")
"""Of what there is a sign while the infusion is running."""

AMOUNT: Final = Bands("amount", _NUMBERS, title="dose in mg")
HYPERSENSITIVE: Final = Choices("hypersensitivity", _YES_NO)

ICE: Final = Bands("ice", between(0, FULL_ICE), whole=True, title="ICE score")

OTHER_FINDING: Final = Choices("findings", _YES_NO, title="another finding (consciousness, seizure, weakness, pressure)")
"""Whether there is a neurologic finding beside the ICE score: depressed consciousness, a seizure, weakness, raised pressure."""

SYMPTOM: Final = Choices("symptoms", (*Symptom, "none"), title="key symptom")
"""A key symptom of neurotoxicity, or that there is none."""

ICE_ITEMS: Final = tuple(Choices(item, (False, True)) for item in ("year", "month", "city", "hospital", "command", "sentence", "counting"))
"""The items of the ICE tool that are done or not."""

ICE_OBJECTS: Final = Choices("objects_named", tuple(range(OBJECTS + 1)))
"""How many of the objects shown are named."""

VOLUME: Final = Bands("volume", _NUMBERS, show="{:.0%}".format, title="volume, as a share of the plan")
"""The volume of an infusion, in multiples of the planned one."""

RATE: Final = Bands("rate", _NUMBERS, show="{:.0%}".format, title="rate, as a share of the plan")
"""The rate of an infusion, in multiples of the planned one."""

DURATION: Final = Bands("duration", _NUMBERS, show="{:.0%}".format, title="duration, as a share of the plan")
"""The duration of an infusion, in multiples of the planned one."""

PUMP: Final = Choices("pump", _YES_NO)
CONSTANT_RATE: Final = Choices("constant_rate", _YES_NO)
TRANSFER_DEVICE: Final = Choices("transfer_device", _YES_NO)
"""Whether a closed-system transfer device is used."""

STEROID: Final = Choices("steroid", tuple(Steroid))
ROUTE: Final = Choices("route", tuple(Route))

TEMPERATURE: Final = Bands("temperature", between(-inf, inf), title="temperature in \N{DEGREE SIGN}C")
FEVER_MASKED: Final = Choices("fever_masked", _YES_NO)
"""Whether an antipyretic or anticytokine drug was given, after which fever no longer counts."""

SUSTAINED: Final = Choices("sustained", _YES_NO, title="for more than 1 h")
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

BASELINE: Final = Bands("baseline", _NUMBERS, show=_times, title="baseline, times the upper limit")
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

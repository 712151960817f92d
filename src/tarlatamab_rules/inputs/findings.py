"""Findings of cytokine release syndrome and of neurotoxicity, and the ICE tool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

from attrs import field, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import listed, other_cause, truth, whole, word
from tarlatamab_rules.inputs.analytes import BODY_TEMPERATURE
from tarlatamab_rules.inputs.kinds import TEMPERATURE, Range
from tarlatamab_rules.inputs.units import Amount, take
from tarlatamab_rules.inputs.vocabulary import (
    OBJECTS,
    Consciousness,
    Hypotension,
    Oxygen,
    RaisedPressure,
    Seizure,
    Symptom,
)

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.inputs.vocabulary import (
        ConsciousnessLike,
        HypotensionLike,
        OxygenLike,
        RaisedPressureLike,
        SeizureLike,
        SymptomLike,
    )

__all__ = ["CrsFindings", "IceTest", "NeuroFindings"]


def _year(value: bool | None) -> bool | None:  # noqa: FBT001  # a converter takes its value by position
    return truth(value, "year")


def _month(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "month")


def _city(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "city")


def _hospital(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "hospital")


def _objects_named(value: int | None) -> int | None:
    return whole(value, "objects_named", 0, OBJECTS)


def _command(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "command")


def _sentence(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "sentence")


def _counting(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "counting")


@frozen(kw_only=True)
class IceTest(Shown):
    """The items of the Immune Effector Cell-Associated Encephalopathy (ICE) tool. ``None`` is *not known*, never *failed*.

    Attributes:
        year: Whether the patient knows the year.

        month: Whether the patient knows the month.

        city: Whether the patient knows the city.

        hospital: Whether the patient knows the hospital.

        objects_named: How many of three objects the patient names.

        command: Whether the patient follows a simple command, such as to show two fingers.

        sentence: Whether the patient writes a standard sentence.

        counting: Whether the patient counts backwards from 100 by ten.
    """

    year: bool | None = field(default=None, converter=_year)
    month: bool | None = field(default=None, converter=_month)
    city: bool | None = field(default=None, converter=_city)
    hospital: bool | None = field(default=None, converter=_hospital)
    objects_named: int | None = field(default=None, converter=_objects_named)
    command: bool | None = field(default=None, converter=_command)
    sentence: bool | None = field(default=None, converter=_sentence)
    counting: bool | None = field(default=None, converter=_counting)


FULL_ICE = 10
"""The ICE score of an unimpaired patient."""


TEMPERATURES = Range("a body temperature", *BODY_TEMPERATURE, 38.5)


def body_temperature(value: QuantityLike | None) -> Amount | None:
    """A body temperature in degrees Celsius.

    Raises:
        UnitError: There is no unit, it measures something else, or no patient has this number in it.

        FieldError: It is a bound, which would leave the grade open although a temperature was measured.
    """
    if value is None:
        return None
    amount = take(value, TEMPERATURE, "temperature", TEMPERATURES)
    if amount.bound:
        raise FieldError("temperature", f"{amount} is a bound, not a value", "give the highest temperature that was measured")
    return amount


def _hypotension(value: HypotensionLike | None) -> Hypotension | None:
    return word(Hypotension, value, "hypotension")


def _vasopressin(value: bool | None) -> bool | None:  # noqa: FBT001  # a converter takes its value by position
    return truth(value, "vasopressin")


def _oxygen(value: OxygenLike | None) -> Oxygen | None:
    return word(Oxygen, value, "oxygen")


def _fever_masked(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    try:
        return truth(value, "fever_masked")
    except FieldError as error:
        fix = "true only if a drug was given for fever or CRS since the last dose; premedication does not count"
        raise type(error)(error.path, error.problem, fix) from None


@frozen(kw_only=True)
class CrsFindings(Shown):
    """Findings of cytokine release syndrome. ``None`` is *not known*, never *none*.

    Attributes:
        temperature: The highest body temperature; kept in degrees Celsius.

        hypotension: What a low blood pressure needs, not counting vasopressin.

        vasopressin: Whether vasopressin is given.

        oxygen: What hypoxia needs.

        fever_masked: Whether an antipyretic or anticytokine drug was given *for fever or CRS since the last dose*. If so, CRS no longer
            needs a fever. Premedication does not count, because every patient gets it. If this is true and the temperature is normal,
            the temperature is asked for again, without the drug.

        other_cause: Whether something else explains the findings, such as unchanged home oxygen. It matters only without fever.
    """

    temperature: Amount | None = field(default=None, converter=body_temperature)
    hypotension: Hypotension | None = field(default=None, converter=_hypotension)
    vasopressin: bool | None = field(default=None, converter=_vasopressin)
    oxygen: Oxygen | None = field(default=None, converter=_oxygen)
    fever_masked: bool | None = field(default=None, converter=_fever_masked)
    other_cause: bool | None = field(default=None, converter=other_cause)


def _ice(value: int | None) -> int | None:
    return whole(value, "ice", 0, FULL_ICE)


def _arousable(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "arousable")


def _consciousness(value: ConsciousnessLike | None) -> Consciousness | None:
    return word(Consciousness, value, "consciousness")


def _seizure(value: SeizureLike | None) -> Seizure | None:
    return word(Seizure, value, "seizure")


def _motor_weakness(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "motor_weakness")


def _raised_icp(value: RaisedPressureLike | None) -> RaisedPressure | None:
    return word(RaisedPressure, value, "raised_icp")


def _baseline_ice(value: int | None) -> int | None:
    return whole(value, "baseline_ice", 0, FULL_ICE)


def _symptoms(value: Iterable[SymptomLike] | None) -> tuple[Symptom, ...] | None:
    if value is None:
        return None
    symptoms = set()
    for n, item in enumerate(listed(value, "symptoms", "write a list; [] for none")):
        symptom = word(Symptom, item, f"symptoms[{n}]")
        if symptom is None:
            raise FieldTypeError(f"symptoms[{n}]", "a symptom that is not known cannot be listed", f"use one of {', '.join(Symptom)}")
        symptoms.add(symptom)
    return tuple(sorted(symptoms))


@frozen(kw_only=True)
class NeuroFindings(Shown):
    """Findings of neurotoxicity. ``None`` is *not known*, never *none*.

    Attributes:
        ice: The Immune Effector Cell-Associated Encephalopathy score, 0 to 10 (10 is unimpaired).

        arousable: Whether the patient can be woken.

        consciousness: What wakes the patient.

        seizure: Seizures.

        motor_weakness: Deep focal weakness, such as hemiparesis.

        raised_icp: Signs of raised intracranial pressure.

        baseline_ice: The ICE score before treatment.

        other_cause: Whether something else explains the findings. A clinician must still look at severe ones; milder ones become a note.

        symptoms: The key symptoms present; an empty list means that there are none. A seizure that only this list reports is one of unknown
            length.
    """

    ice: int | None = field(default=None, converter=_ice)
    arousable: bool | None = field(default=None, converter=_arousable)
    consciousness: Consciousness | None = field(default=None, converter=_consciousness)
    seizure: Seizure | None = field(default=None, converter=_seizure)
    motor_weakness: bool | None = field(default=None, converter=_motor_weakness)
    raised_icp: RaisedPressure | None = field(default=None, converter=_raised_icp)
    baseline_ice: int | None = field(default=None, converter=_baseline_ice)
    other_cause: bool | None = field(default=None, converter=other_cause)
    symptoms: tuple[Symptom, ...] | None = field(default=None, converter=_symptoms)


Findings: TypeAlias = CrsFindings | NeuroFindings


def several_findings(value: Findings | Iterable[Findings]) -> tuple[Findings, ...]:
    """Findings of one syndrome, or of both; each kind once."""
    fix = "pass CrsFindings(...) or NeuroFindings(...), or both in a list"
    items: Mapping[str, object]
    try:
        items = {f"findings[{n}]": item for n, item in enumerate(listed(cast("Iterable[Findings]", value), "findings", fix))}
    except FieldTypeError:
        items = {"findings": value}
    by_kind: dict[type[Findings], Findings] = {}
    for path, item in items.items():
        if not isinstance(item, CrsFindings | NeuroFindings):
            raise FieldTypeError(path, f"{shown(item)} is neither CrsFindings nor NeuroFindings", fix)
        if type(item) in by_kind:
            raise FieldError(path, "one kind of findings is listed twice", "pass each kind of findings once")
        by_kind[type(item)] = item
    return tuple(by_kind.values())

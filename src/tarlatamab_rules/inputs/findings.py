"""Toxicities, and the findings that grade them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias, cast

from attrs import field, frozen

from tarlatamab_rules.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.inputs._fields import When, earlier, listed, moment, one_clock, truth, whole, word
from tarlatamab_rules.inputs.analytes import BODY_TEMPERATURE
from tarlatamab_rules.inputs.vocabulary import (
    Consciousness,
    EventStatus,
    Grade,
    Hypotension,
    Oxygen,
    RaisedPressure,
    Scale,
    Seizure,
    Symptom,
    Toxicity,
)
from tarlatamab_rules.showing import Shown
from tarlatamab_rules.units import TEMPERATURE, Amount, Range, take

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.vocabulary import (
        ConsciousnessLike,
        GradeLike,
        HypotensionLike,
        OxygenLike,
        RaisedPressureLike,
        ScaleLike,
        SeizureLike,
        StatusLike,
        SymptomLike,
        ToxicityLike,
    )
    from tarlatamab_rules.units import QuantityLike

__all__ = [
    "Consciousness",
    "CrsFindings",
    "EventStatus",
    "Grade",
    "Hypotension",
    "NeuroFindings",
    "Oxygen",
    "RaisedPressure",
    "Scale",
    "Seizure",
    "Symptom",
    "Toxicity",
    "ToxicityEvent",
]


FULL_ICE = 10
"""The ICE score of an unimpaired patient."""

_ALL = frozenset(Grade)
_GRADES = {
    Toxicity.NEUTROPENIA: _ALL - {Grade.DEATH},
    Toxicity.THROMBOCYTOPENIA: _ALL - {Grade.DEATH},
    Toxicity.FEBRILE_NEUTROPENIA: _ALL - {Grade.MILD, Grade.MODERATE},
}


def grades_of(toxicity: Toxicity) -> frozenset[Grade]:
    """The grades that a toxicity can have: CTCAE has no death from a low count, and no mild febrile neutropenia."""
    return _GRADES.get(toxicity, _ALL)


_TEMPERATURE = Range("a body temperature", *BODY_TEMPERATURE, 38.5)


def body_temperature(value: QuantityLike | None) -> Amount | None:
    """A body temperature in degrees Celsius.

    Raises:
        UnitError: No unit, another kind of unit, or a number that no patient has in it.

        FieldError: A bound: it would leave the grade open, and a temperature was measured.
    """
    if value is None:
        return None
    amount = take(value, TEMPERATURE, "temperature", _TEMPERATURE)
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
        fix = "true only if a drug was given for fever or CRS since the last dose; premedication is not meant"
        raise type(error)(error.path, error.problem, fix) from None


def _other_cause(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "other_cause")


@frozen(kw_only=True)
class CrsFindings(Shown):
    """Findings of cytokine release syndrome. ``None`` is *not known*, never *none*.

    Attributes:
        temperature: The highest body temperature; kept in degrees Celsius.

        hypotension: What a low blood pressure needs, vasopressin left aside.

        vasopressin: Whether vasopressin is given.

        oxygen: What hypoxia needs.

        fever_masked: Whether an antipyretic or anticytokine drug was given *for fever or CRS since the last dose*, after which fever is no
            longer needed for CRS. Premedication is not meant: it is given to every patient, and masks nothing here. A temperature that is
            normal while this is true is asked for again, without the drug.

        other_cause: Whether something else explains the findings, such as oxygen at home that is unchanged. It matters only without fever.
    """

    temperature: Amount | None = field(default=None, converter=body_temperature)
    hypotension: Hypotension | None = field(default=None, converter=_hypotension)
    vasopressin: bool | None = field(default=None, converter=_vasopressin)
    oxygen: Oxygen | None = field(default=None, converter=_oxygen)
    fever_masked: bool | None = field(default=None, converter=_fever_masked)
    other_cause: bool | None = field(default=None, converter=_other_cause)


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
    found = set()
    for n, item in enumerate(listed(value, "symptoms", "write a list; an empty one says that there are none")):
        symptom = word(Symptom, item, f"symptoms[{n}]")
        if symptom is None:
            raise FieldTypeError(f"symptoms[{n}]", "a symptom that is not known is no symptom", f"use one of {', '.join(Symptom)}")
        found.add(symptom)
    return tuple(sorted(found))


@frozen(kw_only=True)
class NeuroFindings(Shown):
    """Findings of neurotoxicity. ``None`` is *not known*, never *none*.

    Attributes:
        ice: The Immune Effector Cell-Associated Encephalopathy score, 0 to 10 (10 is unimpaired).

        arousable: Whether the patient can be woken.

        consciousness: What the patient wakes to.

        seizure: Seizures.

        motor_weakness: Deep focal weakness, such as hemiparesis.

        raised_icp: Signs of raised intracranial pressure.

        baseline_ice: The ICE score before treatment.

        other_cause: Whether something else explains the findings. Severe ones are for a clinician all the same; milder ones become a note.

        symptoms: The key symptoms present; an empty list says that there are none.
    """

    ice: int | None = field(default=None, converter=_ice)
    arousable: bool | None = field(default=None, converter=_arousable)
    consciousness: Consciousness | None = field(default=None, converter=_consciousness)
    seizure: Seizure | None = field(default=None, converter=_seizure)
    motor_weakness: bool | None = field(default=None, converter=_motor_weakness)
    raised_icp: RaisedPressure | None = field(default=None, converter=_raised_icp)
    baseline_ice: int | None = field(default=None, converter=_baseline_ice)
    other_cause: bool | None = field(default=None, converter=_other_cause)
    symptoms: tuple[Symptom, ...] | None = field(default=None, converter=_symptoms)


Findings: TypeAlias = CrsFindings | NeuroFindings
_NEURO = frozenset((Toxicity.ICANS, Toxicity.NEUROTOXICITY))


def findings_type(toxicity: Toxicity) -> type[Findings] | None:
    """The findings that grade *toxicity*; ``None`` where none do."""
    return NeuroFindings if toxicity in _NEURO else CrsFindings if toxicity is Toxicity.CRS else None


def several_findings(value: Findings | Iterable[Findings]) -> tuple[Findings, ...]:
    """Findings of one kind or of both, once of each."""
    fix = "pass CrsFindings(...) or NeuroFindings(...), or both in a list"
    items: Mapping[str, object]
    try:
        items = {f"findings[{n}]": item for n, item in enumerate(listed(cast("Iterable[Findings]", value), "findings", fix))}
    except FieldTypeError:
        items = {"findings": value}
    found: dict[type[Findings], Findings] = {}
    for path, item in items.items():
        if not isinstance(item, CrsFindings | NeuroFindings):
            raise FieldTypeError(path, f"{shown(item)} is not findings", fix)
        if type(item) in found:
            raise FieldError(path, "one kind stands there twice", "pass what is found once of each kind")
        found[type(item)] = item
    return tuple(found.values())


def _toxicity(value: ToxicityLike) -> Toxicity:
    toxicity = word(Toxicity, value, "toxicity")
    if toxicity is None:
        raise FieldTypeError("toxicity", "an event must say what it is", f"use one of {', '.join(Toxicity)}")
    return toxicity


def _graded(value: GradeLike | None, path: str) -> Grade | None:
    if type(value) is Grade:
        return value
    number = whole(value, path, Grade.NONE, Grade.DEATH)
    return None if number is None else Grade(number)


def _grade(value: GradeLike | None) -> Grade | None:
    return _graded(value, "grade")


def _current_grade(value: GradeLike | None) -> Grade | None:
    return _graded(value, "current_grade")


def _scale(value: ScaleLike | None) -> Scale | None:
    return word(Scale, value, "scale")


def _status(value: StatusLike | None) -> EventStatus | None:
    return word(EventStatus, value, "status")


def _onset(value: When | None) -> When | None:
    return moment(value, "onset")


def _resolved(value: When | None) -> When | None:
    return moment(value, "resolved")


def _improved(value: When | None) -> When | None:
    return moment(value, "improved")


def _bleeding(value: bool | None) -> bool | None:  # noqa: FBT001  # as above
    return truth(value, "bleeding")


@frozen
class ToxicityEvent(Shown):
    """One episode of a toxicity.

    Attributes:
        toxicity: What it is.

        grade: The worst grade of the episode; ``None`` when it is not known. Of an active event it is not 0.

        scale: The scale of `grade`; ``None``: the one that the rulebook reads.

        status: Whether it still goes on. A date in `resolved` says that it does not.

        onset: When it began.

        resolved: When it ended; not before `onset`.

        current_grade: The grade now; not above `grade`. An active event without one is taken at its worst grade.

        improved: When it was first down to the grade at which the drug may be given again, or from which a clock no longer runs: grade 2
            or less for low counts, grade 1 or less for the others. Not known: between onset and recovery.

        findings: What was found: `CrsFindings` for crs, `NeuroFindings` for icans and neurotoxicity.

        other_cause: Whether something else explains it. Neurotoxicity that is so explained, and not graded as severe, becomes a note; liver
            values are no liver injury of the drug. Said here or in neurologic findings it is the same; denied in one of the two, it counts
            for nothing.

        bleeding: Whether there is bleeding.

        over: Whether the episode has ended, by `status`, `resolved` and `current_grade`; ``None`` when they do not tell.

        now: The grade now, 0 when it is over; ``None`` when that is not known.

        plain_grade: `grade` where neither a scale nor findings bear on it; else ``None``.
    """

    toxicity: Toxicity = field(converter=_toxicity)
    grade: Grade | None = field(default=None, converter=_grade)
    scale: Scale | None = field(default=None, converter=_scale, kw_only=True)
    status: EventStatus | None = field(default=None, converter=_status, kw_only=True)
    onset: When | None = field(default=None, converter=_onset, kw_only=True)
    resolved: When | None = field(default=None, converter=_resolved, kw_only=True)
    current_grade: Grade | None = field(default=None, converter=_current_grade, kw_only=True)
    improved: When | None = field(default=None, converter=_improved, kw_only=True)
    findings: Findings | None = field(default=None, kw_only=True)
    other_cause: bool | None = field(default=None, converter=_other_cause, kw_only=True)
    bleeding: bool | None = field(default=None, converter=_bleeding, kw_only=True)
    over: bool | None = field(init=False, eq=False, repr=False)
    now: Grade | None = field(init=False, eq=False, repr=False)
    plain_grade: Grade | None = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        over = self._is_over()
        object.__setattr__(self, "over", over)
        object.__setattr__(self, "now", Grade.NONE if over else self.current_grade if over is None or self.current_grade else self.grade)
        object.__setattr__(self, "plain_grade", self.grade if self.scale is None and self.findings is None else None)
        allowed = grades_of(self.toxicity)
        for name, grade in (("grade", self.grade), ("current_grade", self.current_grade)):
            if grade is not None and grade not in allowed:
                fix = f"it has {', '.join(f'{each:d}' for each in sorted(allowed))}"
                raise FieldError(name, f"{self.toxicity} has no grade {grade:d} in CTCAE", fix)
        self._check_findings()
        self._check_dates()
        if self.status is EventStatus.ACTIVE and self.resolved is not None:
            raise FieldError("status", "an active event has no date of recovery", "correct status or resolved")
        if self.status is EventStatus.ACTIVE and self.grade is Grade.NONE:
            raise FieldError("grade", "an active event has a grade", "correct status or grade")
        if self.current_grade is not None:
            if self.status is EventStatus.ACTIVE and self.current_grade is Grade.NONE:
                raise FieldError("current_grade", "an active event has a grade", "correct status or current_grade")
            if self.grade is not None and self.current_grade > self.grade:
                raise FieldError("current_grade", "is above grade, which is the worst of the episode", "raise grade")
            if self.current_grade > Grade.NONE and self.over:
                raise FieldError("current_grade", "a resolved event has no grade left", "correct status or current_grade")

    def _check_findings(self) -> None:
        wanted = findings_type(self.toxicity)
        if self.findings is not None and (wanted is None or type(self.findings) is not wanted):
            fix = f"pass {wanted.__name__}" if wanted else "leave them out"
            given = {CrsFindings: "CrsFindings", NeuroFindings: "NeuroFindings"}.get(type(self.findings), "what is passed")
            raise FieldTypeError("findings", f"{given} does not grade {self.toxicity}", fix)

    def _check_dates(self) -> None:
        if self.resolved is None and self.improved is None:
            return
        one_clock([("onset", self.onset), ("improved", self.improved), ("resolved", self.resolved)])
        if self.onset is not None and self.resolved is not None and earlier(self.resolved, self.onset):
            raise FieldError("resolved", "the event ended before it began", "correct onset or resolved")
        if self.improved is not None:
            if self.onset is not None and earlier(self.improved, self.onset):
                raise FieldError("improved", "the event improved before it began", "correct onset or improved")
            if self.resolved is not None and earlier(self.resolved, self.improved):
                raise FieldError("improved", "the event ended before it improved", "correct improved or resolved")

    def _is_over(self) -> bool | None:
        if self.status is EventStatus.ACTIVE:
            return False
        if self.status is EventStatus.RESOLVED or self.resolved is not None:
            return True
        return False if self.current_grade else None

"""What findings show by themselves: a sign, a grade, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.inputs.findings import FULL_ICE, CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.vocabulary import Consciousness, Grade, Hypotension, Oxygen, RaisedPressure, Seizure, Symptom
from tarlatamab_rules.rules.grading import grade_crs, grade_icans

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.findings import Findings

__all__ = [
    "FEVER_UNKNOWN",
    "NO_FEVER",
    "at_least",
    "contradicts",
    "crs_signs",
    "graded_by_scale",
    "has_fever",
    "is_abnormal",
    "is_alert",
    "is_chronic",
    "is_normal",
    "is_severe_with_or_without_fever",
    "is_unexplained",
    "least_of_crs",
    "neuro_signs",
    "not_known",
    "other_finding",
    "some_grade",
]

_SOME: Final = frozenset((Grade.MILD, Grade.MODERATE, Grade.SEVERE, Grade.LIFE_THREATENING))
"""The grades that findings can have, other than 0. Death is not a finding."""

_CONTRADICTION: Final = "guard/contradiction"
NO_FEVER: Final = Reason(
    "guard/no-fever",
    "Not CRS by ASTCT, because there is no fever and no drug was given for fever. Hypotension, vasopressin or oxygen without fever has "
    "another cause, which a clinician must assess.",
)
FEVER_UNKNOWN: Final = Reason(
    "guard/fever-unknown",
    "The hypotension or oxygen need is that of CRS of grade 3 or worse, and it is not known whether there is or was a fever. A clinician "
    "must assess it for both cases, with and without fever.",
)


def at_least(grade: Grade) -> frozenset[Grade]:
    """The grades of findings from this one upwards."""
    return frozenset(value for value in _SOME if value >= grade)


def some_grade(grades: frozenset[Grade]) -> frozenset[Grade]:
    """The grades of an episode that has some grade: any grade, if the findings may give it none."""
    return grades - {Grade.NONE} | _SOME if Grade.NONE in grades else grades


# --- signs ---


def has_fever(findings: CrsFindings) -> bool:
    """Whether the temperature alone has a grade."""
    alone = CrsFindings(
        temperature=findings.temperature, hypotension=Hypotension.NONE, vasopressin=False, oxygen=Oxygen.NONE, fever_masked=False
    )
    return findings.temperature is not None and max(grade or Grade.NONE for grade in grade_crs(alone).possible) > Grade.NONE


def is_abnormal(findings: Findings) -> bool:
    """Whether some finding is known to be abnormal."""
    if isinstance(findings, CrsFindings):
        return bool(_supported(findings) or has_fever(findings))
    return findings.ice not in {None, FULL_ICE} or bool(findings.symptoms) or other_finding(findings) is True


def _supported(findings: CrsFindings) -> bool:
    """Whether blood pressure or breathing needs support."""
    pressure, oxygen = findings.hypotension not in {None, Hypotension.NONE}, findings.oxygen not in {None, Oxygen.NONE}
    return pressure or oxygen or findings.vasopressin is True


def _unmasked(findings: CrsFindings) -> bool:
    """Whether there is no fever. If no drug for fever is mentioned, none counts as given while nothing else is abnormal and new."""
    if findings.temperature is None or has_fever(findings):
        return False
    return findings.fever_masked is False or (findings.fever_masked is None and (not _supported(findings) or _has_own_oxygen(findings)))


def _has_own_oxygen(findings: CrsFindings) -> bool:
    """Whether low-flow oxygen, for which another cause is known, is the only support."""
    pressure = findings.hypotension in {None, Hypotension.NONE} and not findings.vasopressin
    return bool(findings.other_cause) and pressure and findings.oxygen is Oxygen.LOW_FLOW


def is_unexplained(findings: Findings) -> bool:
    """Whether findings are abnormal, but by the scale not CRS because there is no fever."""
    return isinstance(findings, CrsFindings) and _supported(findings) and _unmasked(findings)


def is_severe_with_or_without_fever(findings: Findings | None) -> bool:
    """Whether fever is not known, and the findings are severe CRS with fever and unexplained without it."""
    if not isinstance(findings, CrsFindings):
        return False
    fever_known = has_fever(findings) or findings.fever_masked or _unmasked(findings)
    return not fever_known and _supported(findings) and least_of_crs(findings) >= Grade.SEVERE


def is_chronic(findings: CrsFindings) -> bool:
    """Whether low-flow oxygen without fever is the only abnormal finding, and another cause is known for it."""
    return _has_own_oxygen(findings) and _unmasked(findings)


def is_alert(findings: NeuroFindings) -> bool:
    """Whether a patient is alert with a full ICE score, and has neither seizure nor weakness."""
    return (
        findings.ice == FULL_ICE
        and findings.consciousness is Consciousness.ALERT
        and findings.seizure is Seizure.NONE
        and findings.motor_weakness is False
    )


def is_normal(findings: Findings) -> bool:
    """Whether findings are normal as far as the dose requires; some of them may not be known."""
    if is_abnormal(findings):
        return False
    if isinstance(findings, NeuroFindings):
        return is_alert(findings)
    # A fever that was treated since the last dose may return when the drug wears off.
    return findings.fever_masked is not True and not any(graded_by_scale(findings).possible)


def not_known(findings: Findings) -> tuple[str, ...]:
    """The missing findings without which the grade is not settled."""
    missing = graded_by_scale(findings).missing
    if isinstance(findings, CrsFindings):
        masked = findings.fever_masked is True and not is_abnormal(findings)
        return tuple(dict.fromkeys((*missing, *(("temperature",) if masked else ()))))
    return (*missing, *_to_correct(findings), *(("symptoms",) if findings.symptoms is None and not is_abnormal(findings) else ()))


def _to_correct(findings: NeuroFindings) -> tuple[str, ...]:
    """The findings that contradict each other, so that at least one of them is wrong, if that leaves the grade open."""
    answer = graded_by_scale(findings)
    if isinstance(answer, Decided) or not contradicts(answer):
        return ()
    return tuple(name for name in ("ice", "arousable", "consciousness") if getattr(findings, name) is not None)


def crs_signs(findings: CrsFindings) -> bool | None:
    """Whether there is any sign of cytokine release syndrome; ``None`` if that is not known."""
    if is_chronic(findings):
        return None if findings.hypotension is None else False
    if is_abnormal(findings):
        return True
    fever = None if findings.temperature is None or findings.fever_masked else False
    return None if None in {fever, findings.hypotension, findings.oxygen} else False


def neuro_signs(findings: NeuroFindings) -> bool | None:
    """Whether there is any sign of neurotoxicity; ``None`` if that is not known."""
    if findings.other_cause and is_abnormal(findings):
        return _severe_despite_cause(findings)
    other, unimpaired = other_finding(findings), _ice_as_before(findings)
    if other or findings.symptoms or unimpaired is False:
        return True
    return False if other is False and unimpaired and findings.symptoms is not None else None


def _severe_despite_cause(findings: NeuroFindings) -> bool | None:
    """Whether findings of another cause would be severe by the scale; ``None`` if that is open."""
    severe = {grade is not None and grade >= Grade.SEVERE for grade in graded_by_scale(findings).possible}
    return severe.pop() if len(severe) == 1 else None


def _ice_as_before(findings: NeuroFindings) -> bool | None:
    """Whether the ICE score is no lower than before treatment, or full; ``None`` if it is not known."""
    best = FULL_ICE if findings.baseline_ice is None else findings.baseline_ice
    return None if findings.ice is None else findings.ice >= best


def other_finding(findings: NeuroFindings) -> bool | None:
    """Whether there is a finding beside the ICE score; ``None`` if such a domain is not known."""
    listed = findings.symptoms
    awake = None if findings.consciousness is None else findings.consciousness is Consciousness.ALERT
    seizure = None if findings.seizure is None else findings.seizure is not Seizure.NONE
    domains = (
        True if findings.arousable is False else None if awake is None else not awake,
        _present(seizure, Symptom.SEIZURES, listed),
        _present(findings.motor_weakness, Symptom.MUSCLE_WEAKNESS, listed),
        None if findings.raised_icp is None else findings.raised_icp is not RaisedPressure.NONE,
    )
    return True if True in domains else None if None in domains else False


def _present(present: bool | None, symptom: Symptom, listed: tuple[Symptom, ...] | None) -> bool | None:  # noqa: FBT001  # a fact
    """Whether a finding is present, by its field or by the list of symptoms."""
    if present or (listed is not None and symptom in listed):
        return True
    return present if listed is None else False


# --- grades ---


def graded_by_scale(findings: Findings) -> Decision[Grade]:
    """The grade of findings by their scale, whatever their cause. If they contradict each other, the grades that are certain anyway."""
    if isinstance(findings, CrsFindings):
        return grade_crs(evolve(findings, fever_masked=False) if _unmasked(findings) else findings)
    return _despite_cause(findings) if findings.other_cause else _graded(findings)


def _graded(findings: NeuroFindings) -> Decision[Grade]:
    try:
        return grade_icans(findings)
    except ContradictionError as error:
        return _despite_contradiction(findings, error)


def _despite_cause(findings: NeuroFindings) -> Decision[Grade]:
    """The grade of findings with another cause. In an alert patient, signs of raised pressure are not asked for."""
    awake = (findings.consciousness, findings.seizure, findings.motor_weakness) == (Consciousness.ALERT, Seizure.NONE, False)
    pressure = RaisedPressure.NONE if findings.raised_icp is None and awake and findings.ice is not None else findings.raised_icp
    return _graded(evolve(findings, other_cause=None, raised_icp=pressure))


def contradicts(answer: Decision[Grade]) -> bool:
    """Whether findings contradict each other, by the grade that their scale gives."""
    return any(reason.row == _CONTRADICTION for reason in answer.reasons)


def _despite_contradiction(findings: NeuroFindings, error: ContradictionError) -> Decision[Grade]:
    """The grades that are certain if findings contradict each other: no milder than if the patient could just be woken."""
    touch = Consciousness.AWAKENS_TO_TOUCH
    level = touch if findings.consciousness is Consciousness.UNAROUSABLE else findings.consciousness
    least = min(grade for grade in grade_icans(evolve(findings, arousable=True, consciousness=level)).possible if grade is not None)
    reasons = (Reason(_CONTRADICTION, f"The findings contradict each other ({error}): correct them."),)
    grades = tuple(sorted(at_least(max(least, Grade.MILD))))
    return Decided(grades[0], reasons) if len(grades) == 1 else NeedsData((), grades, reasons)


def least_of_crs(findings: CrsFindings) -> Grade:
    """The mildest grade of findings that are CRS. Fever counts as present or masked, and vasopressin alone makes nothing milder."""
    grades = grade_crs(evolve(findings, vasopressin=False, fever_masked=True)).possible
    return min((grade for grade in grades if grade), default=Grade.MILD)

"""Which grade of a toxicity counts, and what happened of it before."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from tarlatamab_rules.answers.joining import joined
from tarlatamab_rules.answers.toxicities import PossibleGrades
from tarlatamab_rules.decisions import Decided, NotCovered, union
from tarlatamab_rules.errors import ContradictionError
from tarlatamab_rules.evidence import Reason
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.findings import (
    FULL_ICE,
    Consciousness,
    CrsFindings,
    Grade,
    Hypotension,
    NeuroFindings,
    Oxygen,
    RaisedPressure,
    Scale,
    Seizure,
    Symptom,
    Toxicity,
    ToxicityEvent,
    grades_of,
)
from tarlatamab_rules.questions.toxicities import DIFFERS_BY_SCALE, NEURO_GRADE
from tarlatamab_rules.rules.courses import worst_of
from tarlatamab_rules.rules.syndromes import grade_crs, grade_icans

if TYPE_CHECKING:
    from tarlatamab_rules.decisions import Decision
    from tarlatamab_rules.inputs.course import Course
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Episode", "OpenGrade", "graded_by_scale", "has_fever", "has_grade", "neuro_signs", "read", "worst_earlier", "worst_since"]

OpenGrade: TypeAlias = Grade | frozenset[Grade] | None
"""A grade; those that are still possible; or ``None``: any."""

_ALL = frozenset(Grade)


@frozen
class Episode:
    """One episode of a toxicity, as a book reads it.

    Attributes:
        path: Where a case has it, as ``events[0]``; empty outside of one.

        event: The episode, as it stands at the dose.

        grade: The grade that the book goes by, or what is left open of it.

        why: Why that is not simply the recorded grade.

        grades: Every grade that it may have had at its worst.
    """

    path: str
    event: ToxicityEvent
    grade: OpenGrade
    why: tuple[Reason, ...]
    grades: frozenset[Grade]


def read(event: ToxicityEvent, book: Rulebook, path: str = "") -> Episode:
    """An event as *book* reads it."""
    grade, why = _effective_grade(event, book)
    return Episode(path, event, grade, why, _grades(event, grade))


def _effective_grade(event: ToxicityEvent, book: Rulebook) -> tuple[OpenGrade, tuple[Reason, ...]]:
    if event.plain_grade is not None:
        return event.plain_grade, ()
    readings = dict.fromkeys(_as_read(event, reader, book.lab_scale) for reader in book.neuro_readers)
    first, *others = readings
    return first if not others else _worse_reading(event, list(readings))


def _as_read(event: ToxicityEvent, book: Rulebook, lab_scale: str) -> tuple[OpenGrade, tuple[Reason, ...]]:
    recorded, scale = event.grade, _scale_of(event, book, lab_scale)
    if event.scale and scale is not None and event.scale != scale:
        says = f"Graded by {event.scale}, while {book.name} reads {scale}: grade it again by that scale."
        return None, (Reason("guard/other-scale", says),)
    if event.findings is None:
        return recorded, ()
    if isinstance(event.findings, NeuroFindings) and NEURO_GRADE in book.rows:
        return _by_own_reading(recorded, event.findings, book)
    return _by_scale(recorded, event.findings)


def _worse_reading(event: ToxicityEvent, readings: list[tuple[OpenGrade, tuple[Reason, ...]]]) -> tuple[OpenGrade, tuple[Reason, ...]]:
    """Where books of a stack read a grade differently: all grades but those that one of them rules out as too mild."""
    # An event that goes on has some grade, where a reading leaves it quite open.
    every = [_grades(event, grade) - ({Grade.NONE} if grade is None and event.over is False else set()) for grade, _ in readings]
    whole = joined([""] * len(every), [Decided(PossibleGrades(frozenset(grades))) for grades in every]).unwrap()
    return whole.grades, union(reasons for _, reasons in readings)


def _scale_of(event: ToxicityEvent, book: Rulebook, lab_scale: str) -> str | None:
    """The scale by which a grade must be given, where grades of the same number mean different things by another one."""
    if event.toxicity in DIFFERS_BY_SCALE:
        return lab_scale
    # A book with a reading of its own of neurotoxicity names no scale for it.
    return Scale.ASTCT_2019 if event.toxicity in {Toxicity.CRS, Toxicity.ICANS} and NEURO_GRADE not in book.rows else None


def _grades(event: ToxicityEvent, grade: OpenGrade) -> frozenset[Grade]:
    allowed = grades_of(event.toxicity)
    return allowed if grade is None else grade & allowed if isinstance(grade, frozenset) else frozenset((grade,))


def _by_own_reading(recorded: Grade | None, findings: NeuroFindings, book: Rulebook) -> tuple[OpenGrade, tuple[Reason, ...]]:
    other = _other_finding(findings)
    if findings.ice is None and not other:
        return recorded, ()
    # A recorded grade speaks for the findings that are not known; alone against one that is there it does not.
    found = book[NEURO_GRADE](findings.ice, other if recorded is None else other is True)
    open_ = frozenset(grade for value in found.possible for grade in (_ALL if value is None else value.grades))
    if recorded is None:
        return open_, found.reasons
    worse = frozenset(grade for grade in open_ if grade >= recorded)
    if not worse or (recorded in worse and not other):
        return recorded, found.reasons
    return worse, found.reasons


def _by_scale(recorded: Grade | None, findings: Findings) -> tuple[OpenGrade, tuple[Reason, ...]]:
    """The recorded grade, unless the findings tell of a worse one; without one, what the findings leave open."""
    found = graded_by_scale(findings)
    graded = frozenset(grade for grade in found.possible if grade is not None)
    if recorded is not None:
        # It was called this syndrome, so fever, where it is not known, is not what keeps the findings from being it.
        return (graded, found.reasons) if graded and min(graded) > recorded else (recorded, ())
    if graded == frozenset((Grade.NONE,)) and isinstance(findings, NeuroFindings) and findings.symptoms:
        return _SOME, (_SYMPTOM, *found.reasons)
    if None not in found.possible:
        return graded, found.reasons
    certain = isinstance(findings, CrsFindings) and has_fever(findings)
    return (graded | _SOME if certain else None), found.reasons


_SOME = frozenset((Grade.MILD, Grade.MODERATE, Grade.SEVERE, Grade.LIFE_THREATENING))
_SYMPTOM = Reason(
    "guard/symptom", "A key symptom is there, though the scale gives the findings no grade: some grade must be reckoned with."
)


def graded_by_scale(findings: Findings) -> Decision[Grade]:
    """The grade of findings by their scale; what contradicts itself is graded by nothing."""
    try:
        return grade_crs(findings) if isinstance(findings, CrsFindings) else grade_icans(findings)
    except ContradictionError as error:
        return NotCovered((Reason("guard/contradiction", f"The findings contradict each other ({error}): correct them."),))


def has_fever(findings: CrsFindings) -> bool:
    """Whether the temperature alone has a grade."""
    alone = CrsFindings(
        temperature=findings.temperature, hypotension=Hypotension.NONE, vasopressin=False, oxygen=Oxygen.NONE, fever_masked=False
    )
    return findings.temperature is not None and max(grade or Grade.NONE for grade in grade_crs(alone).possible) > Grade.NONE


def _other_finding(findings: NeuroFindings) -> bool | None:
    """Whether there is a finding beside the ICE score; ``None`` while a domain of it is not known."""
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


def _present(found: bool | None, symptom: Symptom, listed: tuple[Symptom, ...] | None) -> bool | None:  # noqa: FBT001  # a fact
    """A finding by its own field or by the list of symptoms, whichever tells of it."""
    if found or (listed is not None and symptom in listed):
        return True
    return found if listed is None else False


def has_grade(findings: Findings) -> bool:
    """Whether findings may be graded as their syndrome at all, or contradict each other."""
    found = graded_by_scale(findings)
    if isinstance(findings, NeuroFindings) and findings.symptoms:
        return True
    return any(reason.row == "guard/contradiction" for reason in found.reasons) or any(grade for grade in found.possible)


def neuro_signs(findings: NeuroFindings) -> bool | None:
    """Whether there is any sign of neurotoxicity; ``None`` while that is not known."""
    other, ice = _other_finding(findings), findings.ice
    full = ice is not None and ice >= (FULL_ICE if findings.baseline_ice is None else findings.baseline_ice)
    if other or findings.symptoms or (ice is not None and not full):
        return True
    return False if other is False and full and findings.symptoms is not None else None


def worst_earlier(episode: Episode, history: Iterable[Episode]) -> Grade | frozenset[Grade]:
    """The worst grade of earlier episodes of the same toxicity, over before this one began; what it may be while that is not known."""
    event, grades = episode.event, []
    for other in history:
        if other.event.toxicity is event.toxicity and other.event is not event and other.event != event:
            before = _over_before(other.event, event)
            if before is not False:
                grades.append(other.grades | (frozenset() if before else {Grade.NONE}))
    return worst_of(grades)


def worst_since(history: Iterable[Episode], course: Course | None, toxicities: Collection[Toxicity]) -> Grade | frozenset[Grade]:
    """The worst grade of some toxicities since the last dose: of episodes after which no dose is known to have begun."""
    asked = [episode for episode in history if episode.event.toxicity in toxicities]
    if not asked:
        return Grade.NONE
    started = next((dose.started for dose in reversed(course.doses) if dose.started is not None), None) if course else None
    if started is not None:
        asked = [episode for episode in asked if episode.event.onset is None or not earlier(episode.event.onset, started)]
    return worst_of([episode.grades for episode in asked])


def _over_before(other: ToxicityEvent, event: ToxicityEvent) -> bool | None:
    """Whether *other* was over when *event* began; ``None`` when that is not known."""
    if other.over is False:
        return False
    began, ended = other.onset, other.resolved or (other.improved if other.over else None)
    before = None if began is None or event.onset is None else earlier(began, event.onset)
    over = None if ended is None or event.onset is None else earlier(ended, event.onset)
    if over or before is False or over is False:
        return bool(over)
    # Two episodes of one toxicity do not overlap: one that is over came before one that goes on, or that began later.
    return True if other.over and (before or event.over is False) else None

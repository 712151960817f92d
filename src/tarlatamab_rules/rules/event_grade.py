"""The grade of a toxicity that counts, and the episodes since the last dose."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import Factory, evolve, frozen

from tarlatamab_rules.core.decisions import Decided, union
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import NOWHERE, Fact
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.events import ToxicityEvent, grades_of
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Scale, Toxicity
from tarlatamab_rules.rulebooks._joining import joined
from tarlatamab_rules.rulebooks.questions import DIFFERS_BY_SCALE, NEURO_GRADE
from tarlatamab_rules.rules.course import worst_of
from tarlatamab_rules.rules.grading import OTHER_CAUSE
from tarlatamab_rules.rules.signs import (
    at_least,
    contradicts,
    graded_by_scale,
    has_fever,
    is_abnormal,
    is_chronic,
    is_severe_with_or_without_fever,
    least_of_crs,
    not_known,
    other_finding,
    some_grade,
)
from tarlatamab_rules.values.toxicities import PossibleGrades

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.course import Course
    from tarlatamab_rules.inputs.findings import Findings
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Episode", "OpenGrade", "as_found", "ends_after", "merged", "read", "since_last"]

OpenGrade: TypeAlias = Grade | frozenset[Grade] | None
"""A grade; or the grades that are still possible; or ``None``: any grade."""

_OTHER_SCALE: Final = "guard/other-scale"
_ALL = frozenset(Grade)
_NEURO = frozenset((Toxicity.ICANS, Toxicity.NEUROTOXICITY))


@frozen
class Episode:
    """One episode of a toxicity, as a book reads it.

    Attributes:
        path: Its place in the case, such as ``events[0]``; `NOWHERE` outside a case.

        event: The episode, as it is at the dose.

        grade: The grade that the book uses, or the grades that are left open.

        why: Why the grade differs from the recorded one.

        grades: Every grade that it may have had at its worst.

        asks: The facts that would settle its grade, if that is not the grade of the event itself.

        least: A grade that it reached for certain, if the event as it is at the dose does not say so.

        reported: The event before results or current findings changed it. Two reports that are alike are one episode.
    """

    path: Fact
    event: ToxicityEvent
    grade: OpenGrade
    why: tuple[Reason, ...]
    grades: frozenset[Grade]
    asks: tuple[Fact, ...] = ()
    least: Grade = Grade.NONE
    reported: ToxicityEvent = Factory(attrgetter("event"), takes_self=True)

    @property
    def place(self) -> Fact:
        """Where the caller can enter a fact of the episode: in a new event, if no event reports the episode."""
        return self.path if self.path.part == "events" else Fact("events", self.event.toxicity)

    @property
    def lacks(self) -> str:
        """The fact of the event that would settle the grade."""
        return "scale" if any(reason.row == _OTHER_SCALE for reason in self.why) else "grade"

    @property
    def settled_by(self) -> tuple[Fact, ...]:
        """The facts that would settle its worst grade; none if that is certain. If the scale leaves it open, a clinician can grade it."""
        if len(self.grades) <= 1 or (self.is_for_a_clinician and not self.asks):
            return ()
        return self.asks or (self.place.its("grade" if self.path.part == "findings" else self.lacks),)

    @property
    def is_for_a_clinician(self) -> bool:
        """Whether no fact can settle how severe it was.

        Another cause is reported for severe findings, or findings that are all known may be worse than the recorded grade.
        """
        if self.other_cause:
            return max(self.grades) >= Grade.SEVERE
        return len(self.grades) > 1 and self.event.grade is not None and not self.asks and self.lacks == "grade"

    @property
    def other_cause(self) -> bool:
        """Whether neurologic findings have another cause, or a neurologic event that nobody graded as severe."""
        event = self.event
        if not event.other_cause or event.toxicity not in _NEURO:
            return False
        return max(event.grade or Grade.NONE, event.current_grade or Grade.NONE, self.least) < Grade.SEVERE


def read(event: ToxicityEvent, book: Rulebook, path: Fact = NOWHERE, least: Grade = Grade.NONE) -> Episode:
    """An event as *book* reads it; *least* is a grade that it reached for certain."""
    event = _with_one_cause(event)
    grade, why = _effective_grade(event, book)
    if grade is None and event.current_grade is None and least:
        grade = grades_of(event.toxicity)
    if (reached := event.current_grade or least) and isinstance(grade, frozenset):
        grade = _no_milder(grade, reached)
    grades = _grades(event, grade)
    return Episode(path, event, grade, why, _no_milder(grades, least) if least else grades, least=least)


def _no_milder(grades: frozenset[Grade], least: Grade) -> frozenset[Grade]:
    """The grades from *least* upwards."""
    return frozenset(grade for grade in grades if grade >= least) or frozenset((least,))


def _with_one_cause(event: ToxicityEvent) -> ToxicityEvent:
    """A neurologic event and its findings share another cause. If one of the two denies it, neither has it."""
    findings = event.findings
    if not isinstance(findings, NeuroFindings):
        return event
    causes = {event.other_cause, findings.other_cause}
    cause = None if causes == {True, False} else True if True in causes else findings.other_cause
    if {cause} == causes:
        return event
    return evolve(event, other_cause=cause, findings=evolve(findings, other_cause=cause))


def ends_after(event: ToxicityEvent, start: When | None) -> bool:
    """Whether an event ends after the planned start, so that it is ongoing at the dose."""
    return event.resolved is not None and start is not None and earlier(start, event.resolved) is True


def as_found(findings: Findings, book: Rulebook, path: Fact, now: When | None) -> Episode:
    """The current findings as an ongoing episode. If none of them is abnormal, there may be no episode."""
    toxicity = Toxicity.CRS if isinstance(findings, CrsFindings) else Toxicity.ICANS
    event = ToxicityEvent(toxicity, status=EventStatus.ACTIVE, onset=now, findings=findings)
    episode = evolve(read(event, book, path), asks=tuple([path.its(fact) for fact in not_known(findings)]))
    if is_abnormal(findings):
        return episode
    masked = isinstance(findings, CrsFindings) and {*graded_by_scale(findings).possible} in ({None}, {None, Grade.MILD})
    grades = frozenset((Grade.NONE, Grade.MILD)) if masked else episode.grades | {Grade.NONE}
    return evolve(episode, grade=grades, grades=grades, why=(*episode.why, *((_MASKED,) if masked else ())))


def merged(reported: Episode, current: Episode) -> Episode:
    """A reported episode with the current findings. They are one episode, and the worse of the two counts."""
    event, findings = reported.event, current.event.findings
    if event.findings == findings:
        return reported
    # An ongoing episode has some grade, even if none is recorded.
    grade = worst_of([episode.grades - {Grade.NONE} if episode.grade is None else episode.grades for episode in (reported, current)])
    now = event.current_grade
    if now is not None and min(current.grades) > now:
        event = evolve(event, current_grade=None, status=EventStatus.ACTIVE)
    asks = (reported.path.its(reported.lacks),) if len(reported.grades) > 1 else ()
    grades = grade if isinstance(grade, frozenset) else frozenset((grade,))
    if event.findings is None or is_severe_with_or_without_fever(findings):
        event = evolve(event, findings=findings)
    why = union((reported.why, current.why))
    return evolve(reported, event=event, grade=grade, why=why, grades=grades, asks=(*asks, *current.asks))


def _effective_grade(event: ToxicityEvent, book: Rulebook) -> tuple[OpenGrade, tuple[Reason, ...]]:
    if event.scale is None and event.findings is None:
        return event.grade, ()
    readings = dict.fromkeys(_as_read(event, reader, book.lab_scale) for reader in book.neuro_readers)
    first, *others = readings
    return first if not others else _worse_reading(event, list(readings))


def _as_read(event: ToxicityEvent, book: Rulebook, lab_scale: str) -> tuple[OpenGrade, tuple[Reason, ...]]:
    recorded, scale = event.grade, _scale_of(event, book, lab_scale)
    if event.scale and scale is not None and event.scale != scale:
        says = f"This was graded by {event.scale}, but {book.name} uses {scale}: grade it again by {scale}."
        return None, (Reason(_OTHER_SCALE, says),)
    if event.findings is None:
        return recorded, ()
    grade, why = _by_findings(event, event.findings, book)
    if isinstance(grade, frozenset) and event.over is False and not (isinstance(event.findings, NeuroFindings) and event.other_cause):
        grade = some_grade(grade)
    return grade, why


def _by_findings(event: ToxicityEvent, findings: Findings, book: Rulebook) -> tuple[OpenGrade, tuple[Reason, ...]]:
    if isinstance(findings, CrsFindings):
        return _by_scale_of_crs(event.grade, findings)
    has_reading = NEURO_GRADE in book.rows and not findings.other_cause
    return _by_reading_of_book(event.grade, findings, book) if has_reading else _by_scale(event.grade, findings)


def _worse_reading(event: ToxicityEvent, readings: list[tuple[OpenGrade, tuple[Reason, ...]]]) -> tuple[OpenGrade, tuple[Reason, ...]]:
    """The grades left open when books of a stack read findings differently: everything from the highest minimum upwards."""
    # An ongoing event has some grade, even if one reading leaves every grade open.
    every = [_grades(event, grade) - ({Grade.NONE} if grade is None and event.over is False else set()) for grade, _ in readings]
    combined = joined([""] * len(every), [Decided(PossibleGrades(frozenset(grades))) for grades in every]).unwrap()
    return combined.grades, union(reasons for _, reasons in readings)


def _scale_of(event: ToxicityEvent, book: Rulebook, lab_scale: str) -> str | None:
    """The scale by which a grade must be given, if the same number means something else on another scale."""
    if event.toxicity in DIFFERS_BY_SCALE:
        return lab_scale
    # A book with its own grading of neurotoxicity names no scale for it.
    return Scale.ASTCT_2019 if event.toxicity in {Toxicity.CRS, Toxicity.ICANS} and NEURO_GRADE not in book.rows else None


def _grades(event: ToxicityEvent, grade: OpenGrade) -> frozenset[Grade]:
    allowed = grades_of(event.toxicity)
    return allowed if grade is None else grade & allowed if isinstance(grade, frozenset) else frozenset((grade,))


def _by_reading_of_book(recorded: Grade | None, findings: NeuroFindings, book: Rulebook) -> tuple[OpenGrade, tuple[Reason, ...]]:
    other = other_finding(findings)
    if findings.ice is None and not other:
        return recorded, ()
    # A recorded grade covers the findings that are not known, but a known other finding may be worse.
    answer = book[NEURO_GRADE](findings.ice, other if recorded is None else other is True)
    possible = frozenset(grade for value in answer.possible for grade in (_ALL if value is None else value.grades))
    return (possible if recorded is None else _recorded_or_worse(recorded, possible, other)), answer.reasons


def _recorded_or_worse(recorded: Grade, possible: frozenset[Grade], other: bool | None) -> OpenGrade:  # noqa: FBT001  # a fact
    """The recorded grade, if the findings fit it or a milder grade and there is no other finding; else all grades from it upwards."""
    worse = frozenset(grade for grade in possible if grade >= recorded)
    return recorded if not worse or (recorded in worse and not other) else worse


def _by_scale_of_crs(recorded: Grade | None, findings: CrsFindings) -> tuple[OpenGrade, tuple[Reason, ...]]:
    """The recorded grade, unless the findings show a worse one. If no grade is recorded, the grades that the findings leave open."""
    answer = graded_by_scale(findings)
    graded = frozenset(grade for grade in answer.possible if grade is not None)
    if None not in answer.possible:
        return _worse(recorded, graded, answer.reasons)
    # Findings that the scale leaves open are never milder than the same findings with fever and without vasopressin.
    open_ = graded | at_least(least_of_crs(findings))
    if recorded is not None:
        # The episode was recorded as CRS, so the findings may be CRS even if fever is absent or unknown.
        certain = is_chronic(findings) or (graded and min(graded) > recorded)
        return _worse(recorded, graded if certain else open_, answer.reasons)
    return (open_ if has_fever(findings) or findings.fever_masked else None), answer.reasons


def _by_scale(recorded: Grade | None, findings: NeuroFindings) -> tuple[OpenGrade, tuple[Reason, ...]]:
    """The same for neurologic findings. A key symptom has some grade unless it has another cause, whether none or 0 is recorded."""
    answer = graded_by_scale(findings)
    graded = frozenset(grade for grade in answer.possible if grade is not None)
    cause = (_OTHER_CAUSE,) if findings.other_cause else ()
    if contradicts(answer) and recorded is not None:
        # No recorded grade settles what contradictory findings leave open.
        return _no_milder(graded, recorded), (*cause, *answer.reasons)
    if findings.other_cause:
        return _worse(recorded, graded, (*cause, *answer.reasons))
    if not recorded and findings.symptoms and Grade.NONE in graded:
        return some_grade(graded), (_SYMPTOM, *answer.reasons)
    return _worse(recorded, graded, answer.reasons)


def _worse(recorded: Grade | None, graded: frozenset[Grade], reasons: tuple[Reason, ...]) -> tuple[OpenGrade, tuple[Reason, ...]]:
    if recorded is None or (graded and min(graded) > recorded):
        return graded, reasons
    return recorded, ()


_SYMPTOM = Reason("guard/symptom", "A key symptom is present, although the scale gives the findings no grade. It counts as some grade.")
_MASKED = Reason(
    "guard/masked",
    "A drug was given for fever or CRS since the last dose, so a normal temperature does not rule out grade 1 CRS. Take the temperature "
    "again when the drug no longer acts.",
)
_OTHER_CAUSE = Reason(OTHER_CAUSE, "Another cause is reported. A clinician must decide whether this is a toxicity of the drug.")


def since_last(events: Iterable[Episode], course: Course | None, toxicities: Collection[Toxicity]) -> list[Episode]:
    """The episodes of these toxicities since the last dose. An episode counts unless a dose is known to have begun after it."""
    asked = [episode for episode in events if episode.event.toxicity in toxicities]
    if not asked:
        return asked
    started = next((dose.started for dose in reversed(course.doses) if dose.started is not None), None) if course else None
    if started is None:
        return asked
    return [episode for episode in asked if episode.event.onset is None or not earlier(episode.event.onset, started)]

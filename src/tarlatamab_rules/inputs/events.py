"""An episode of a toxicity, as it was reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import When, earlier, moment, one_clock, other_cause, truth, whole, word
from tarlatamab_rules.inputs.findings import CrsFindings, Findings, NeuroFindings
from tarlatamab_rules.inputs.vocabulary import (
    EventStatus,
    Grade,
    Scale,
    Toxicity,
)

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.vocabulary import (
        GradeLike,
        ScaleLike,
        StatusLike,
        ToxicityLike,
    )

__all__ = ["ToxicityEvent"]

_ALL = frozenset(Grade)


_GRADES = {
    Toxicity.NEUTROPENIA: _ALL - {Grade.DEATH},
    Toxicity.THROMBOCYTOPENIA: _ALL - {Grade.DEATH},
    Toxicity.FEBRILE_NEUTROPENIA: _ALL - {Grade.MILD, Grade.MODERATE},
}


def grades_of(toxicity: Toxicity) -> frozenset[Grade]:
    """The grades that a toxicity can have: CTCAE has no death from a low count, and no mild febrile neutropenia."""
    return _GRADES.get(toxicity, _ALL)


_NEURO = frozenset((Toxicity.ICANS, Toxicity.NEUROTOXICITY))


def findings_type(toxicity: Toxicity) -> type[Findings] | None:
    """The findings that grade *toxicity*; ``None`` if there are none."""
    return NeuroFindings if toxicity in _NEURO else CrsFindings if toxicity is Toxicity.CRS else None


def _toxicity(value: ToxicityLike) -> Toxicity:
    toxicity = word(Toxicity, value, "toxicity")
    if toxicity is None:
        raise FieldTypeError("toxicity", "the toxicity is missing", f"use one of {', '.join(Toxicity)}")
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

        grade: The worst grade of the episode; ``None`` if it is not known. It is not 0 if the event is active.

        scale: The scale of `grade`; ``None``: the scale that the rulebook uses.

        status: Whether it is still active. A date in `resolved` means that it is not.

        onset: When it began.

        resolved: When it ended; not before `onset`.

        current_grade: The grade now; not above `grade`. An active event without one counts at its worst grade.

        improved: When it first reached the grade at which the drug may be given again, or at which a clock stops: grade 2 or less
            for low counts, grade 1 or less for the others. If it is not known, it is between onset and recovery.

        findings: The findings: `CrsFindings` for crs, `NeuroFindings` for icans and neurotoxicity.

        other_cause: Whether something else explains it. Neurotoxicity with another cause becomes a note unless it is graded as severe.
            Liver values with another cause are not a liver injury by the drug. Another cause may be reported here or in neurologic
            findings. It does not count if one of the two denies it.

        bleeding: Whether there is bleeding.

        over: Whether the episode has ended, by `status`, `resolved` and `current_grade`; ``None`` if they do not show it.

        now: The grade now, 0 if it is over; ``None`` if it is not known.

        plain_grade: `grade` if neither a scale nor findings affect it; else ``None``.
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
    other_cause: bool | None = field(default=None, converter=other_cause, kw_only=True)
    bleeding: bool | None = field(default=None, converter=_bleeding, kw_only=True)
    over: bool | None = field(init=False, eq=False, repr=False)
    now: Grade | None = field(init=False, eq=False, repr=False)
    plain_grade: Grade | None = field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        over = self._is_over()
        object.__setattr__(self, "over", over)
        object.__setattr__(self, "now", Grade.NONE if over else self.current_grade if over is None or self.current_grade else self.grade)
        object.__setattr__(self, "plain_grade", self.grade if self.scale is None and self.findings is None else None)
        self._check_grades()
        self._check_findings()
        self._check_dates()
        if self.status is EventStatus.ACTIVE:
            self._check_active()
        if self.current_grade is not None:
            self._check_current_grade(self.current_grade)

    def _check_grades(self) -> None:
        allowed = grades_of(self.toxicity)
        for name, grade in (("grade", self.grade), ("current_grade", self.current_grade)):
            if grade is not None and grade not in allowed:
                fix = f"it has grades {', '.join(f'{other:d}' for other in sorted(allowed))}"
                raise FieldError(name, f"{self.toxicity} has no grade {grade:d} in CTCAE", fix)

    def _check_active(self) -> None:
        if self.resolved is not None:
            raise FieldError("status", "an active event has no date of recovery", "correct status or resolved")
        if self.grade is Grade.NONE:
            raise FieldError("grade", "an active event has a grade", "correct status or grade")
        if self.current_grade is Grade.NONE:
            raise FieldError("current_grade", "an active event has a grade", "correct status or current_grade")

    def _check_current_grade(self, current: Grade) -> None:
        if self.grade is not None and current > self.grade:
            raise FieldError("current_grade", "is above grade, which is the worst grade of the episode", "raise grade")
        if current > Grade.NONE and self.over:
            raise FieldError("current_grade", "a resolved event has no current grade other than 0", "correct status or current_grade")

    def _check_findings(self) -> None:
        if self.findings is None:
            return
        wanted = findings_type(self.toxicity)
        if wanted is None or type(self.findings) is not wanted:
            fix = f"pass {wanted.__name__}" if wanted else "leave them out"
            passed = {CrsFindings: "CrsFindings", NeuroFindings: "NeuroFindings"}.get(type(self.findings), "what is passed")
            raise FieldTypeError("findings", f"{passed} does not grade {self.toxicity}", fix)

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

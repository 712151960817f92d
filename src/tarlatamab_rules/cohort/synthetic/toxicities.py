"""Synthetic toxicities: one row for each episode."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.synthetic.columns import NOT_KNOWN, Array, Draft, Draws
from tarlatamab_rules.cohort.synthetic.courses import Courses
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Scale, Toxicity

__all__ = ["as_known", "events_of"]


@frozen(eq=False)
class Habit:
    """How often a toxicity follows a dose, and how long it lasts.

    Attributes:
        first: The share of the first two doses that it follows.

        later: The share of later doses that it follows.

        begins: After how many days, at the middle.

        lasts: For how many days, at the middle.

        scale: The scale on which it is graded.
    """

    first: float
    later: float
    begins: float
    lasts: float
    scale: Scale


_HABITS: Final[Mapping[Toxicity, Habit]] = {
    Toxicity.CRS: Habit(0.4, 0.02, 0.6, 2, Scale.ASTCT_2019),
    Toxicity.ICANS: Habit(0.04, 0.005, 3, 2, Scale.ASTCT_2019),
    Toxicity.NEUROTOXICITY: Habit(0.02, 0.006, 3, 3, Scale.CTCAE_5),
    Toxicity.NEUTROPENIA: Habit(0.03, 0.02, 6, 6, Scale.CTCAE_5),
    Toxicity.FEBRILE_NEUTROPENIA: Habit(0.003, 0.001, 6, 4, Scale.CTCAE_5),
    Toxicity.ANEMIA: Habit(0.05, 0.03, 5, 14, Scale.CTCAE_5),
    Toxicity.THROMBOCYTOPENIA: Habit(0.02, 0.01, 5, 8, Scale.CTCAE_5),
    Toxicity.INFECTION: Habit(0.02, 0.02, 7, 8, Scale.CTCAE_5),
    Toxicity.HEPATOTOXICITY: Habit(0.02, 0.01, 5, 9, Scale.CTCAE_5),
    Toxicity.HYPERSENSITIVITY: Habit(0.004, 0.001, 0.1, 1, Scale.CTCAE_5),
    Toxicity.OTHER: Habit(0.8, 0.7, 4, 6, Scale.CTCAE_5),
}
"""How often these synthetic patients have what. No rule uses these numbers."""

_DAY: Final = 24 * 60
_GRADES: Final = {Grade.MILD: 0.6, Grade.MODERATE: 0.28, Grade.SEVERE: 0.1, Grade.LIFE_THREATENING: 0.02}
_WITHOUT_GRADE, _WITHOUT_SCALE, _ACTIVE, _NOT_SAID, _OTHER_CAUSE = 0.015, 0.05, 0.03, 0.02, 0.02
_IMPROVED, _RESOLVED, _CURRENT = 0.7, 0.97, 0.5


def events_of(courses: Courses, draws: Draws) -> Draft:
    """The table of events, in the order of their toxicities."""
    parts = [_of_toxicity(number, habit, courses, draws) for number, habit in enumerate(_HABITS.values())]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    draft = Draft()
    draft.add_words("toxicity", tuple(_HABITS), joined.pop("toxicity"))
    draft.add_words("scale", tuple(Scale), joined.pop("scale"))
    draft.add_words("status", tuple(EventStatus), joined.pop("status"))
    draft.moments.update({name: joined.pop(name) for name in ("onset", "improved", "resolved")})
    draft.truths.update({name: joined.pop(name) for name in ("other_cause", "bleeding")})
    draft.plain.update(joined)
    return draft


def as_known(events: Draft, until: Array) -> None:
    """Makes the events those that are known at a time of each patient: what ends later goes on."""
    events.keep(events.moments["onset"] <= until[events.plain["patient"]])
    until = until[events.plain["patient"]]
    vocabulary, status = events.words["status"]
    for name in ("improved", "resolved"):
        later = events.moments[name] > until
        events.moments[name] = np.where(later, NOT_KNOWN, events.moments[name])
        status = np.where(later, 0, status)
    events.add_words("status", vocabulary, status)


def _of_toxicity(number: int, habit: Habit, courses: Courses, draws: Draws) -> dict[str, Array]:
    dose = np.flatnonzero(draws.random(len(courses.place)) < np.where(courses.place <= 2, habit.first, habit.later))  # noqa: PLR2004  # as the class says
    count, toxicity = len(dose), tuple(_HABITS)[number]
    onset = courses.started[dose] + _days(habit.begins, count, draws)
    lasts = _days(habit.lasts, count, draws)
    improved = onset + (lasts * draws.random(count) * 0.9).astype(np.int64)
    status = draws.choice([0, 1, 2], count, p=[_ACTIVE, 1 - _ACTIVE - _NOT_SAID, _NOT_SAID])
    over = status == 1
    grade = _graded(toxicity, count, draws)
    return {
        "patient": courses.patient[dose],
        "toxicity": np.full(count, number),
        "grade": np.where(draws.random(count) < _WITHOUT_GRADE, np.nan, grade),
        "scale": np.where(draws.random(count) < _WITHOUT_SCALE, NOT_KNOWN, tuple(Scale).index(habit.scale)),
        "status": status,
        "onset": onset,
        "improved": np.where(over & (draws.random(count) < _IMPROVED), improved, NOT_KNOWN),
        "resolved": np.where(over & (draws.random(count) < _RESOLVED), onset + lasts, NOT_KNOWN),
        "current_grade": np.where((status == 0) & (draws.random(count) < _CURRENT), grade, np.nan),
        "other_cause": np.where(draws.random(count) < _OTHER_CAUSE, 1, NOT_KNOWN),
        "bleeding": np.where(toxicity is Toxicity.THROMBOCYTOPENIA, draws.choice([0, NOT_KNOWN], count), NOT_KNOWN),
    }


def _days(middle: float, count: int, draws: Draws) -> Array:
    """Durations in minutes, half of them below so many days."""
    minutes: Array = (middle * _DAY * np.exp(draws.normal(0, 0.6, count))).astype(np.int64) + 1
    return minutes


def _graded(toxicity: Toxicity, count: int, draws: Draws) -> Array:
    """Grades that the toxicity can have: the next one above, if it has not the one that was drawn."""
    allowed = sorted(grades_of(toxicity))
    drawn = draws.choice([int(grade) for grade in _GRADES], count, p=list(_GRADES.values()))
    nearest = np.array([min(grade for grade in allowed if grade >= wanted) for wanted in sorted(_GRADES)])
    grades: Array = nearest[drawn - 1].astype(np.float64)
    return grades

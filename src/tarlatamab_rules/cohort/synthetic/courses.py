"""Synthetic patients and their courses: when each dose was given and how much. What is due is asked of the library."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.synthetic.columns import NOT_KNOWN, Array, Draft, Draws
from tarlatamab_rules.inputs.course import DosePoint, GivenDose
from tarlatamab_rules.inputs.patient import Diagnosis, Infection
from tarlatamab_rules.rules.next_dose import next_dose

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.values.doses import NextDose

__all__ = ["SITES", "Courses", "doses_of", "make_courses", "patients_of", "planned_starts"]

SITES: Final = {
    "site-01": "Europe/Berlin",
    "site-02": "Europe/Madrid",
    "site-03": "America/New_York",
    "site-04": "America/Chicago",
    "site-05": "Asia/Tokyo",
    "site-06": "Australia/Sydney",
}
"""The sites, each with its time zone."""

_EPOCH: Final = date(1970, 1, 1)
_FIRST_DAY: Final = (date(2024, 6, 3) - _EPOCH).days
_MONTHS_OF_ENTRY: Final = 600
_DAY, _HOUR = 24 * 60, 60
_MEAN_LENGTH, _LONGEST = 8, 60
_LONGEST_GAP: Final = 120
_LATE: Final = 0.12
_DELAYS: Final = (1, 2, 3, 7, 14, 21, 40)
_EARLY, _MISSED_RESTART = 0.004, 0.15
_PARTIAL, _PLANNED, _RARELY = 0.006, 0.1, 0.003


@frozen(eq=False)
class Courses:
    """Every dose of the registry, in the order of patients and time.

    Attributes:
        patient: The patient of each dose, from 0.

        place: Its place in the course, from 1.

        started: When it began, in minutes since 1970 by the clock of the site.

        amount: In mg.

        due: In mg: what the library says is due on that day.

        first: For each patient, the row of the first dose.

        last: For each patient, the row of the last dose.

        site: The site of each patient.
    """

    patient: Array
    place: Array
    started: Array
    amount: Array
    due: Array
    first: Array
    last: Array
    site: Array


def make_courses(doses: int, draws: Draws) -> Courses:
    """Courses with so many doses in all."""
    lengths = _lengths(doses, draws)
    gaps, due, given = _in_turn(lengths, draws)
    patient = np.repeat(np.arange(len(lengths)), lengths)
    first = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)
    place = np.arange(doses) - first[patient] + 1
    entry = _FIRST_DAY + draws.integers(0, _MONTHS_OF_ENTRY, len(lengths))
    days = np.cumsum(gaps)
    days = days - days[first][patient] + entry[patient]
    minutes = days * _DAY + draws.integers(8 * _HOUR, 16 * _HOUR, doses)
    return Courses(patient, place, minutes, given, due, first, first + lengths - 1, draws.integers(0, len(SITES), len(lengths)))


def _lengths(doses: int, draws: Draws) -> Array:
    """The number of doses of each patient."""
    lengths = np.minimum(draws.geometric(1 / _MEAN_LENGTH, doses), _LONGEST)  # enough, because each has one dose
    ends = np.cumsum(lengths)
    whole = int(np.searchsorted(ends, doses))
    lengths = lengths[: whole + 1].copy()
    lengths[-1] -= ends[whole] - doses
    return lengths


def _in_turn(lengths: Array, draws: Draws) -> tuple[Array, Array, Array]:
    """For each dose the days since the one before, the amount that is due, and the amount that was given."""
    rules = _Rules()
    first = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    gaps, due, given = (np.zeros(int(lengths.sum()), kind) for kind in (np.int64, np.float64, np.float64))
    state = np.zeros(len(lengths), np.int64)
    for place in range(int(lengths.max())):
        going = np.flatnonzero(lengths > place)
        rows, before = first[going] + place, state[going]
        gap = np.minimum(rules.least[before] + _delay(len(going), draws), _LONGEST_GAP)
        gap = np.maximum(gap - (draws.random(len(going)) < _EARLY), 1) * (before > 0)
        amount = rules.amount[before, gap]
        missed = (before > 0) & (amount < rules.amount[before, rules.least[before]]) & (draws.random(len(going)) < _MISSED_RESTART)
        gaps[rows], due[rows] = gap, amount
        given[rows] = np.where(missed, rules.amount[before, rules.least[before]], amount)
        state[going] = np.where(missed, rules.state[before, rules.least[before]], rules.state[before, gap])
    return gaps, due, given


def _delay(count: int, draws: Draws) -> Array:
    return np.where(draws.random(count) < _LATE, draws.choice(_DELAYS, count), 0)


class _Rules:
    """What the library says follows, by the state of a course (0: nothing given; else by the role of the last dose) and the days since.

    Attributes:
        least: For each state, the days to the first day on which the next dose is due.

        amount: For each state and number of days, the amount in mg.

        state: For each state and number of days, the state after it.
    """

    def __init__(self) -> None:
        begun, opening = date(2026, 1, 1), next_dose(())
        courses: list[list[GivenDose]] = [[]]
        course, roles, least = courses[0], {opening.unwrap().role: 1}, [0]
        step, on = opening.unwrap(), begun
        while True:
            course = [*course, GivenDose(DosePoint.at(len(course) + 1), on, step.amount)]
            courses.append(course)
            step = next_dose(course).unwrap()
            assert step.due is not None  # noqa: S101  # the course is dated
            least.append((step.due - on).days)
            if step.role in roles:
                break
            roles[step.role], on = len(courses), step.due
        self.least = np.array(least)
        answers = [[_answer(course, days) for days in range(_LONGEST_GAP + 1)] for course in courses]
        self.amount = np.array([[answer.unwrap().amount.value for answer in row] for row in answers])
        self.state = np.array([[roles[answer.unwrap().role] for answer in row] for row in answers])


def _answer(course: list[GivenDose], days: int) -> Decision[NextDose]:
    last = course[-1].started if course else None
    return next_dose(course, planned_start=None if last is None else last + timedelta(days=days))


def patients_of(courses: Courses, draws: Draws) -> Draft:
    """The table of patients."""
    count, draft = len(courses.first), Draft()
    draft.plain["patient"] = np.arange(count)
    draft.plain["age_years"] = np.where(draws.random(count) < _RARELY, np.nan, np.clip(draws.normal(64, 9, count), 19, 94).round())
    draft.add_words("diagnosis", tuple(Diagnosis), draws.choice([0, 1, 2, NOT_KNOWN], count, p=[0.985, 0.005, 0.005, 0.005]))
    draft.add_words("infection", tuple(Infection), draws.choice([0, 1, 2, NOT_KNOWN], count, p=[0.98, 0.01, 0.002, 0.008]))
    draft.add_words("site", tuple(SITES), courses.site)
    draft.add_words("site_zone", tuple(SITES.values()), courses.site)
    childbearing = draws.choice([1, 0, NOT_KNOWN], count, p=[0.08, 0.91, 0.01])
    draft.truths["childbearing_potential"] = childbearing
    draft.truths["pregnant"] = np.where(childbearing == 1, draws.choice([0, NOT_KNOWN], count, p=[0.97, 0.03]), NOT_KNOWN)
    draft.truths["progressed_after_platinum"] = draws.choice([1, 0, NOT_KNOWN], count, p=[0.992, 0.003, 0.005])
    draft.truths["breastfeeding"] = draws.choice([0, NOT_KNOWN], count, p=[0.98, 0.02])
    draft.truths["hypersensitivity"] = draws.choice([1, 0, NOT_KNOWN], count, p=[0.002, 0.988, 0.01])
    return draft


def doses_of(courses: Courses, draws: Draws) -> Draft:
    """The table of doses. The last one of some patients is planned, not given."""
    count, draft = len(courses.patient), Draft()
    longest = int(courses.place.max())
    planned = np.zeros(count, bool)
    planned[courses.last] = draws.random(len(courses.last)) < _PLANNED
    partial = ~planned & (draws.random(count) < _PARTIAL)
    ended = courses.started + draws.integers(55, 70, count) - partial * 30
    draft.plain["patient"] = courses.patient
    draft.add_words("point", [str(DosePoint.at(number)) for number in range(1, longest + 1)], courses.place - 1)
    draft.moments["started"] = courses.started
    draft.moments["ended"] = np.where(planned | (draws.random(count) < _RARELY), NOT_KNOWN, ended)
    draft.plain["amount"] = np.where(planned, np.nan, np.where(partial, courses.amount / 2, courses.amount))
    draft.plain["ordered"] = np.where(draws.random(count) < _RARELY, np.nan, courses.amount)
    draft.add_words("unit", ("mg",), np.zeros(count))
    draft.truths["complete"] = np.where(planned | (draws.random(count) < _RARELY), NOT_KNOWN, ~partial)
    draft.add_words("status", ("given", "planned"), planned)
    return draft


def planned_starts(courses: Courses, doses: Draft) -> Array:
    """When the planned dose of each patient is to begin, in minutes; later than anything if none is planned."""
    until = np.full(len(courses.last), np.iinfo(np.int64).max)
    _, planned = doses.words["status"]
    at = courses.last[planned[courses.last] == 1]
    until[courses.patient[at]] = courses.started[at]
    return until

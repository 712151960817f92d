"""Series of results as episodes, for all patients at once: the state of an episode after each result.

The episodes are those of `tarlatamab_rules.assessment.lab_episodes.episodes`: one begins with a grade on which the book acts, and recovers
at the grade at which the drug may be given again. Here all series take one step at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.registries.clock import ENDLESS, Moments
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, bands
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, BEGAN_ROLE, DAYS, HELD
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.rules.toxicity import acts, clock_of, recovered_at

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["States", "clock_cuts", "states_of"]

NONE: Final = -1
_GRADES: Final = tuple(Grade)


def clock_cuts(book: Rulebook, toxicity: Toxicity, cuts: list[float]) -> list[float]:
    """The days at which an answer changes, with the ends of the clocks."""
    clocks = [clock_of(book, toxicity, grade) for grade in grades_of(toxicity)]
    ends = [float(clock.days + more) for clock in clocks if clock is not None and clock.days is not None for more in (0, 1)]
    return sorted({*cuts, *ends})


@frozen(eq=False)
class States:
    """The episode of a series after each result. A day is -1 if there is none.

    Attributes:
        at: For each result the last one, up to it, of which the state is known; -1 if no episode can have begun.

        begun: Whether an episode has begun.

        past: The episodes before the last one, as a code.

        onset: The day on which the last episode began.

        bad: The day of its last result before recovery.

        good: The day of its first result after that.

        recovered: The moment of that result.

        worst: Its worst grade.

        now: The grade of the latest result.

        hard: Whether the series has no plain form.
    """

    at: Array
    begun: Array
    past: Array
    onset: Array
    bad: Array
    good: Array
    recovered: Array
    worst: Array
    now: Array
    hard: Array

    def columns(self, place: Array, latest: Array, start: Array, last_dose: Array, cuts: list[float]) -> tuple[list[Array], Array]:
        """What a dose sees of the state after one result, as codes; and whether it has no plain form.

        Args:
            place: The result, for each dose; -1 for none.

            latest: The day of the next result, if that counts; else the day of the dose.

            start: The day of the dose.

            last_dose: The moment of the dose given before.

            cuts: The days at which an answer changes.
        """
        at = np.where(place >= 0, self.at[np.maximum(place, 0)], NONE) if len(self.at) else place
        on = at >= 0
        if not on.any():
            zero = np.zeros(len(place), np.int64)
            return [zero], on
        at = np.maximum(at, 0)
        on &= self.begun[at]

        def days(one: Array, other: Array) -> Array:
            known = on & (one != NONE) & (other != NONE)
            return np.where(known, 1 + bands(np.where(known, np.maximum(other - one, 0), 0), cuts), 0)

        onset, bad, good = self.onset[at], self.bad[at], self.good[at]
        resumed = (good != NONE) & (self.recovered[at] < last_dose)
        columns = [on, np.where(on, self.past[at], 0), days(onset, bad), days(onset, good), days(onset, latest), days(onset, start)]
        columns += [days(latest, start), np.where(on, self.worst[at], 0), np.where(on, self.now[at], 0), on & resumed]
        return columns, on & self.hard[at]

    def dates(self, place: Array) -> list[Array]:
        """The dates of the episode of which a dose sees the state."""
        at = np.where(place >= 0, self.at[np.maximum(place, 0)], NONE) if len(self.at) else place
        if not (at >= 0).any():
            return []
        return [np.where(at >= 0, column[np.maximum(at, 0)], NONE) for column in (self.past, self.onset, self.bad, self.good)]


def states_of(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
    patient: Array,
    when: Moments,
    least: Array,
    most: Array,
    since: Array,
    toxicity: Toxicity,
    book: Rulebook,
    cuts: list[float],
    codebook: Codebook,
) -> States:
    """The states after each result of one analyte, in the order of patients and times.

    Args:
        patient: The patient of each result.

        when: When it was drawn.

        least: Its mildest grade; -1 if it has none.

        most: Its worst grade.

        since: The moment from which results make a series, for each patient.

        toxicity: The toxicity that the results show.

        book: The book that acts on it.

        cuts: The days at which an answer changes.

        codebook: Numbers of past episodes.
    """
    rules = _Rules(toxicity, book)
    rows = len(patient)
    usable = (least >= 0) & (when.key >= since[patient])
    shows = usable & rules.acts[np.maximum(least, 0)]
    concerned = np.zeros(len(since), bool)
    concerned[patient[shows]] = True
    chosen = np.flatnonzero(usable & concerned[patient])
    numbered = np.full(rows, NONE)
    numbered[chosen] = np.arange(len(chosen))
    same = np.zeros(rows, bool)
    same[1:] = patient[1:] == patient[:-1]
    begin = np.maximum.accumulate(np.where(same, 0, np.arange(rows))) if rows else numbered
    last = np.maximum.accumulate(np.where(numbered >= 0, np.arange(rows), NONE)) if rows else numbered
    at = np.where(last >= begin, numbered[np.maximum(last, 0)], NONE)
    walk = _Walk(rules, patient[chosen], when.take(chosen), least[chosen], most[chosen], cuts, codebook)
    return walk.states(at)


class _Rules:
    """What a book does at each grade."""

    def __init__(self, toxicity: Toxicity, book: Rulebook) -> None:
        possible = grades_of(toxicity)
        self.acts = np.array([grade in possible and acts(grade, toxicity, book) for grade in _GRADES], bool)
        self.recovered = np.array([int(recovered_at(grade, toxicity, book)) if grade in possible else NONE for grade in _GRADES])
        clocks = [clock_of(book, toxicity, grade) if grade in possible else None for grade in _GRADES]
        self.clock = np.array([ENDLESS if clock is None or clock.days is None else clock.days for clock in clocks])
        asks = book[TOXICITY_ACTION[toxicity]].asks
        self.past_is_hard = HELD in asks and DAYS not in asks
        self.hard = bool(asks & {BEGAN_BEFORE, BEGAN_ROLE})


class _Walk:
    """All series, one step at a time."""

    def __init__(  # noqa: PLR0913, PLR0917  # one parameter a fact
        self, rules: _Rules, patient: Array, when: Moments, least: Array, most: Array, cuts: list[float], codebook: Codebook
    ) -> None:
        self.rules, self.when, self.least, self.most, self.cuts, self.codebook = rules, when, least, most, cuts, codebook
        rows = len(patient)
        new = np.ones(rows, bool)
        new[1:] = patient[1:] != patient[:-1]
        self.group = np.cumsum(new) - 1
        self.place = np.arange(rows) - np.maximum.accumulate(np.where(new, np.arange(rows), 0)) if rows else self.group
        groups = int(self.group[-1]) + 1 if rows else 0
        irregular = ~when.timed
        irregular[1:] |= ~new[1:] & (when.key[1:] == when.key[:-1])
        self.irregular = np.bincount(self.group, weights=irregular, minlength=groups) > 0
        self.begun, self.hard = np.zeros(groups, bool), self.irregular | rules.hard
        self.past, self.worst, self.now = (np.zeros(groups, np.int64) for _ in range(3))
        self.onset, self.bad, self.good, self.recovered = (np.full(groups, NONE) for _ in range(4))

    def states(self, at: Array) -> States:
        """The state after every result."""
        names = ("begun", "past", "onset", "bad", "good", "recovered", "worst", "now", "hard")
        kept = {name: np.zeros(len(self.group), getattr(self, name).dtype) for name in names}
        order = np.argsort(self.place, kind="stable")
        begins = np.searchsorted(self.place[order], np.arange(int(self.place.max(initial=NONE)) + 2))
        for level in range(len(begins) - 1):
            rows = order[begins[level] : begins[level + 1]]
            some = self.group[rows]
            self._step(rows, some)
            for name, values in kept.items():
                values[rows] = getattr(self, name)[some]
        return States(at, **kept)

    def _step(self, rows: Array, some: Array) -> None:
        """One result of each of some series."""
        rules, least, day = self.rules, self.least[rows], self.when.day[rows]
        anew = (~self.begun[some] | (self.good[some] != NONE)) & rules.acts[least]
        self._close(some[anew & self.begun[some]])
        fresh = some[anew]
        self.begun[fresh] = True
        self.onset[fresh], self.bad[fresh], self.good[fresh], self.worst[fresh] = day[anew], NONE, NONE, 0
        on = self.begun[some]
        some, rows, least, day = some[on], rows[on], least[on], day[on]
        self.worst[some] = np.maximum(self.worst[some], least)
        self.now[some] = least
        open_ = self.good[some] == NONE
        worse = self.most[rows] > rules.recovered[self.worst[some]]
        self.bad[some[open_ & worse]] = day[open_ & worse]
        better = open_ & ~worse
        self.good[some[better]] = day[better]
        self.recovered[some[better]] = self.when.key[rows[better]]

    def _close(self, some: Array) -> None:
        """Episodes that another one follows."""
        if not len(some):
            return
        onset, bad, good, worst = self.onset[some], self.bad[some], self.good[some], self.worst[some]
        lasted = np.where(bad != NONE, bad - onset, 0)
        # If the clock ran out between two results, the day of the dose after them decides.
        clock = self.rules.clock[worst]
        self.hard[some] |= ((bad != NONE) & (lasted <= clock) & (clock < good - onset)) | self.rules.past_is_hard
        spans = [bands(np.maximum(span, 0), self.cuts) for span in (lasted, good - onset)]
        self.past[some] = 1 + self.codebook.grouped("past episodes", self.past[some], worst, bad != NONE, *spans)

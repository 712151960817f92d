"""What earlier results of an analyte show to each dose, by every reading of the series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.cohort.registries.clock import ENDLESS
from tarlatamab_rules.cohort.registries.coding import Array
from tarlatamab_rules.cohort.registries.series import states_of

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.codebook import Codebook
    from tarlatamab_rules.cohort.registries.courses import Courses
    from tarlatamab_rules.cohort.registries.lab_codes import LabCodes
    from tarlatamab_rules.cohort.registries.lab_seen import LabRows, Seen
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Dates", "Series", "shown_by"]

NONE: Final = -1


@frozen(eq=False)
class Series:
    """The results of one analyte, with what the doses see of them.

    Attributes:
        labs: The results.

        seen: What each dose sees.

        codes: What a book sees in each result.

        courses: The doses.

        book: The book.

        toxicity: The toxicity that the results show.
    """

    labs: LabRows
    seen: Seen
    codes: LabCodes
    courses: Courses
    book: Rulebook
    toxicity: Toxicity

    def since(self) -> Array:
        """The moment of the first dose of each patient, from which results make a series."""
        courses, patients = self.courses, int(self.labs.patient.max(initial=0)) + 1
        since = np.full(max(int(courses.patient.max(initial=0)) + 2, patients), -ENDLESS)
        first = np.flatnonzero(courses.first >= 0)
        since[courses.patient[first]] = courses.started.key[courses.first[first]]
        return since

    def readings(self) -> list[tuple[Array, Array]]:
        """The mildest and the worst grade of each code: for certain, and with an unknown value before treatment taken as normal."""
        known = self.codes.known
        certain = np.array([min(code.grades, default=NONE) for code in known])
        normal = np.array([max(least, min(code.normal, default=least)) for least, code in zip(certain.tolist(), known, strict=True)])
        most = np.array([code.most if code.grades else NONE for code in known])
        return [(certain, most), (normal, most)] if (certain != normal).any() else [(certain, most)]

    def open_readings(self) -> list[tuple[Array, Array]]:
        """The same, for a grade that a limit or the exact value would settle: with the greatest plausible limit, and the worst grade."""
        known = self.codes.known
        readings = []
        for name in ("by_greatest", "at_worst"):
            least = np.array([getattr(code, name) if code.grades else NONE for code in known])
            settled = np.array([not code.settled_by for code in known])
            readings.append((least, np.where(settled, np.array([code.most if code.grades else NONE for code in known]), least)))
        return readings


@frozen
class Dates:
    """The dates of the episodes that earlier results show.

    Attributes:
        own: All that tells the episodes of one patient apart.

        days: The days on which the last one began, was last seen, and was first seen to be over; -1 if there is none.

        earlier: Whether there are episodes before the last one.
    """

    own: list[Array] = field(repr=False)
    days: list[Array] = field(repr=False)
    earlier: Array = field(repr=False)


def shown_by(series: Series, where: Array, cuts: list[float], codebook: Codebook) -> tuple[list[Array], Dates, Array]:
    """What earlier results show of episodes, as codes; the dates of these; and whether that has no plain form.

    Args:
        series: The results.

        where: The doses to which they may show an episode.

        cuts: The days at which an action changes.

        codebook: Numbers of past episodes.
    """
    labs, seen, courses, since = series.labs, series.seen, series.courses, series.since()
    drawn = np.where(seen.counts & (seen.latest >= 0), labs.when.day[np.maximum(seen.latest, 0)], courses.started.day)
    last = np.where(courses.previous >= 0, courses.started.key[np.maximum(courses.previous, 0)], -ENDLESS)
    columns: list[Array] = [seen.counts & where]
    dates = Dates([], [], np.zeros(len(where), bool))
    # A dose that is not the first, although none is listed before it, has a series of its own: the states are those since the first dose.
    hard = courses.first < 0

    def read(reading: tuple[Array, Array], since: Array, on: Array) -> list[Array]:
        """Adds what one reading shows to some doses; the past episodes and the dates of the last one."""
        least, most = reading
        before = np.where(on, seen.latest - seen.counts, NONE)
        states = states_of(labs.patient, labs.when, least[labs.code], most[labs.code], since, series.toxicity, series.book, cuts, codebook)
        telling, odd = states.columns(before, drawn, courses.started.day, last, cuts)
        columns.extend(telling)
        past, *days = states.dates(before) or [np.full(len(where), NONE)]
        dates.days.extend(days)
        np.logical_or(dates.earlier, past > 0, out=dates.earlier)
        np.logical_or(hard, odd, out=hard)
        return [past, *days]

    for reading in series.readings():
        dates.own.extend(read(reading, since, where))
    # While an episode is not over, the latest result dates it.
    dates.own.append(np.where(where & seen.counts & (columns[-1] == 0), seen.latest, NONE))
    if (on := where & seen.open).any():
        concerned = np.full(len(since), ENDLESS)
        concerned[courses.patient[on]] = since[courses.patient[on]]
        for reading in series.open_readings():
            read(reading, concerned, on)
    return columns, dates, hard & where

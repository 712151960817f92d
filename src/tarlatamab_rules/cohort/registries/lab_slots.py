"""What the part of an analyte sees at each dose, as one code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, bands, cuts_of
from tarlatamab_rules.cohort.registries.courses import Courses
from tarlatamab_rules.cohort.registries.lab_codes import ANALYTES, LabCodes
from tarlatamab_rules.cohort.registries.lab_seen import LabRows, Seen
from tarlatamab_rules.cohort.registries.lab_series import Dates, Series, shown_by
from tarlatamab_rules.cohort.registries.series import clock_cuts
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import DAYS, HELD, POINT, ROLE
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY, TOXICITY_ACTION
from tarlatamab_rules.rules.labs import RECENT_DAYS, needs

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.reports import Reports
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["situation_of", "toxicity_cuts"]

NONE: Final = -1


def toxicity_cuts(book: Rulebook, toxicity: Toxicity) -> list[float]:
    """The days at which an action for a toxicity changes."""
    table = book[TOXICITY_ACTION[toxicity]]
    return cuts_of(cut for axis, cut in zip(table.question.axes, table.axes, strict=True) if axis is DAYS or axis is HELD)


def _need(place: int, courses: Courses, book: Rulebook, codebook: Codebook) -> Array:
    """How much each dose needs an analyte, and why, as a code."""
    table = np.zeros(int(courses.number.max(initial=0)) + 1, np.int64)
    for number in np.unique(courses.number[courses.number > 0]).tolist():
        table[number] = codebook.number("need of a result", needs(DosePoint.at(number), book)[place])
    return table[courses.number]


def situation_of(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
    place: int,
    labs: LabRows,
    seen: Seen,
    codes: LabCodes,
    courses: Courses,
    book: Rulebook,
    beside: list[Array],
    own: Array,
    reports: Reports | None,
    codebook: Codebook,
) -> tuple[Array, Array]:
    """The situation of an analyte at each dose as a code; and whether it has no plain form, so that only the same patient shares it.

    *beside* holds what else the part sees, as codes; *own* says where that depends on dates of the patient, and *reports* holds the dates
    of events where their order to those of the results is enough.
    """
    toxicity = LAB_TOXICITY.get(ANALYTES[place])
    asks = book[TOXICITY_ACTION[toxicity or Toxicity.OTHER]].asks
    may_act = np.array([*(known.may_act for known in codes.known), False], bool)
    acting = may_act[seen.code]
    age = bands(np.maximum(seen.age, 0), toxicity_cuts(book, toxicity)) if toxicity is not None else np.zeros(len(acting), np.int64)
    recent = np.where(seen.latest >= 0, 1 + (seen.age > RECENT_DAYS), 0)
    series = ((seen.begun > 0) | seen.open) & ~seen.doubt
    hard = seen.doubt | (seen.open & ((seen.settled_by < 0) | (seen.undated > 0)))
    columns: list[Array] = []
    dates = Dates([], [], np.zeros(len(hard), bool))
    if toxicity is not None and series.any():
        cuts = clock_cuts(book, toxicity, toxicity_cuts(book, toxicity))
        columns, dates, odd = shown_by(Series(labs, seen, codes, courses, book, toxicity), series, cuts, codebook)
        hard |= odd
    if toxicity is not None and reports is not None:
        latest = np.where(acting | (seen.counts & series), labs.when.day[seen.latest], NONE) if len(labs.rows) else seen.latest
        related, same = reports.related([latest, *dates.days], clock_cuts(book, toxicity, toxicity_cuts(book, toxicity)))
        own |= reports.plain & (same | dates.earlier)
        columns += [np.where(own, 0, column) for column in related]
    hard |= own & seen.open
    columns += [np.where(own, column, 0) for column in dates.own]
    telling = [
        np.where(hard, np.arange(len(hard)) + 1, 0),
        np.where(own, courses.patient + 1, 0),
        np.where(own & (acting | (seen.counts & series & (seen.undated > 0))), seen.latest, 0),
        codes.alike[seen.code],
        seen.counts,
        np.where(acting, age, 0),
        np.where(seen.counts, 0, recent),
        (seen.undated > 0) & (seen.since > seen.counts) & ~courses.untreated,
        labs.undated_seen[seen.undated],
        _need(place, courses, book, codebook),
        seen.settled_by,
        courses.untreated,
        np.where(POINT in asks, courses.kind, 0),
        np.where(ROLE in asks, courses.role, 0),
        np.where(ROLE in asks, courses.lacks, 0),
        *columns,
        *beside,
    ]
    plain = [np.where(hard, 0, column.astype(np.int64)) if n else column for n, column in enumerate(telling)]
    return codebook.grouped(("situation", place), *plain, once=hard | own), hard | own

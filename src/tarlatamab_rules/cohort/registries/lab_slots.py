"""What each dose sees of the results of each analyte, as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.cohort.registries.clock import A_DAY, AROUND, AT_SITE, ENDLESS, Moments, certainly_after, moments
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, bands, cuts_of
from tarlatamab_rules.cohort.registries.courses import OFFSETS, REFUSED, Alone, Courses, zones_of
from tarlatamab_rules.cohort.registries.lab_codes import ANALYTES, LabCodes
from tarlatamab_rules.cohort.registries.series import clock_cuts, states_of
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import DAYS, HELD, POINT, ROLE
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY, TOXICITY_ACTION
from tarlatamab_rules.rules.labs import RECENT_DAYS, needs

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.doses import Registry
    from tarlatamab_rules.cohort.registries.reports import Reports
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["LabRows", "Seen", "lab_rows", "on_first_day", "seen_of", "situation_of", "toxicity_cuts"]

NONE: Final = -1
_DAYS: Final = 1 << 20
"""More days than any calendar here has."""


@frozen(eq=False)
class LabRows:
    """The dated results of one analyte, by patient and time.

    Attributes:
        rows: The rows in the table.

        patient: The patient of each.

        when: When each was drawn.

        code: The code of each.

        undated: For each patient, the undated results as a code; 0 if there is none.

        undated_codes: The codes of the results behind each of these codes.

        undated_seen: The number of what the part of the analyte sees in each of these codes.
    """

    rows: Array
    patient: Array
    when: Moments
    code: Array
    undated: Array
    undated_codes: tuple[frozenset[int], ...]
    undated_seen: Array


def lab_rows(registry: Registry, codes: LabCodes, alone: Alone, codebook: Codebook) -> tuple[LabRows, ...]:
    """The results of each analyte, in the order of `ANALYTES`. Refused ones send their patient to the scalar function."""
    if registry.labs is None:
        nobody, nothing = np.zeros(0, np.int64), moments(None, 0, (np.zeros(0, np.int64), [None]))
        none = LabRows(nobody, nobody, nothing, nobody, np.zeros(registry.patients.rows, np.int64), (frozenset(),), np.zeros(1, np.int64))
        return (none,) * len(ANALYTES)
    table, patient = registry.labs.table, registry.labs.patient
    drawn = moments(table.times.get("collected"), table.rows, zones_of(registry, patient))
    alone.add(REFUSED, patient[codes.code < 0])
    alone.add(OFFSETS, patient[drawn.doubtful])
    usable = (patient >= 0) & (codes.code >= 0)
    by_analyte = []
    for place in range(len(ANALYTES)):
        mine = np.flatnonzero(usable & (codes.analyte == place))
        dated = mine[drawn.known[mine]]
        dated = dated[np.lexsort((drawn.timed[dated], drawn.key[dated], patient[dated]))]
        undated, listed, seen = _undated(mine[~drawn.known[mine]], patient, codes, registry.patients.rows, codebook)
        by_analyte.append(LabRows(dated, patient[dated], drawn.take(dated), codes.code[dated], undated, listed, seen))
    return tuple(by_analyte)


def _undated(
    rows: Array, patient: Array, codes: LabCodes, patients: int, codebook: Codebook
) -> tuple[Array, tuple[frozenset[int], ...], Array]:
    """The undated results of each patient as a code; the codes of the results behind each of these codes, and what is seen in them."""
    by_patient: dict[int, set[int]] = {}
    for row in rows.tolist():
        by_patient.setdefault(int(patient[row]), set()).add(int(codes.code[row]))
    known: dict[tuple[frozenset[int], bool], int] = {}
    listed = [frozenset[int]()]
    code = np.zeros(patients, np.int64)
    for person, results in by_patient.items():
        key = frozenset(codes.alike[list(results)].tolist()), any(codes.known[result].pairs for result in results)
        if key not in known:
            known[key] = len(known) + 1
            listed.append(frozenset(results))
        code[person] = known[key]
    seen = [0, *(1 + codebook.numbers("undated results", known)).tolist()]
    return code, tuple(listed), np.array(seen, np.int64)


def on_first_day(labs: LabRows, codes: LabCodes, courses: Courses) -> Array:
    """The patients with a result without a time on the day of the first dose that may act: whether it is of the time since is not known."""
    may_act = np.array([known.may_act for known in codes.known], bool)
    rows = np.flatnonzero(~labs.when.timed & may_act[labs.code]) if len(labs.rows) else np.zeros(0, np.int64)
    treated = np.flatnonzero(courses.first >= 0)
    first = courses.started.day[courses.first[treated]]
    days = np.unique(courses.patient[treated].astype(np.int64) * _DAYS + first + _DAYS // 2)
    mine = labs.patient[rows].astype(np.int64) * _DAYS + labs.when.day[rows] + _DAYS // 2
    return labs.patient[rows[np.isin(mine, days)]]


@frozen(eq=False)
class Seen:
    """What each dose sees of one analyte. An array has one item for each row of the doses table.

    Attributes:
        latest: The place in the `LabRows` of the latest result that the dose sees; -1 if there is none.

        counts: Whether it counts.

        doubt: Whether it is not plain which result counts, or how bad an earlier one was.

        since: How many results the dose sees since the first dose.

        begun: How many of these begin an episode, without the latest one if it counts.

        code: The code of the latest result; -1 if there is none.

        age: The days from the latest result to the dose.

        undated: The undated results, as a code.
    """

    latest: Array
    counts: Array
    doubt: Array
    since: Array
    begun: Array
    code: Array
    age: Array
    undated: Array
    first_place: Array = field(repr=False)

    @property
    def old(self) -> Array:
        """Whether the latest result is no longer recent."""
        return self.age > RECENT_DAYS


def seen_of(labs: LabRows, codes: LabCodes, courses: Courses, max_age: Array) -> Seen:
    """What each dose sees of one analyte; *max_age* is the maximum age in microseconds, 0 without one."""
    doses, patient = len(courses.patient), courses.patient
    rows = len(labs.rows)
    until = _places(labs, patient, courses.started.last)
    begin = np.searchsorted(labs.patient, patient, side="left")
    latest = np.where(until > begin, until - 1, NONE)
    closes = courses.closes
    has = latest >= 0
    if not rows:
        zero = np.zeros(doses, np.int64)
        return Seen(latest, has, has, zero, zero, zero - 1, zero, labs.undated[patient], zero)
    at = np.maximum(latest, 0)
    when, before = labs.when.take(at), labs.when.take(np.maximum(at - 1, 0))
    after = np.where(closes.known, certainly_after(closes, when), 1)
    doubt = has & (after < 0)
    # The one before it may count as well if both are of one moment, or of one day without a time.
    two = has & (at > begin) & (certainly_after(before, when) != 1)
    doubt |= two | _day_without_time(labs, patient, when, has)
    age = courses.started.key - when.key
    limited = max_age > 0
    doubt |= has & limited & ~(when.timed & courses.started.timed)
    # The clocks of the site may have been changed between the two, so that the age is not the difference on the wall.
    doubt |= has & limited & (when.offset == AT_SITE) & (np.abs(age - max_age) <= AROUND)
    counts = has & (after == 1) & ~(limited & (age > max_age))
    begins = np.array([known.begins for known in codes.known], bool)[labs.code]
    open_, lasting = (
        np.array(some, bool)[labs.code] for some in zip(*((known.is_open, known.may_last) for known in codes.known), strict=True)
    )
    counted, opened, lasted = (np.concatenate([[0], np.cumsum(some)]) for some in (begins, open_, lasting))
    start = np.where(courses.first >= 0, _places(labs, patient, _from(courses), side="left"), begin)
    start = np.minimum(start, until)
    begun = counted[until] - counted[start] - (begins[at] & counts & (until > start))
    begun = np.where(courses.untreated, 0, begun)  # before treatment a series shows no episode
    itself = counts & (until > start)
    opens, lasts = opened[until] - opened[start] > (open_[at] & itself), lasted[until] - lasted[start] > (lasting[at] & itself)
    doubt |= ~courses.untreated & (opens | (lasts & (begun > 0)))
    days = courses.started.day - when.day
    code = np.where(has, labs.code[at], NONE)
    return Seen(latest, counts, doubt, until - start, begun, code, np.where(has, days, 0), labs.undated[patient], start)


def _day_without_time(labs: LabRows, patient: Array, when: Moments, has: Array) -> Array:
    """Whether there is a result without a time on the day of the latest one, so that their order is not known."""
    if labs.when.timed.all():
        return np.zeros(len(patient), bool)
    place = np.minimum(_places(labs, patient, when.day * A_DAY, side="left"), len(labs.rows) - 1)
    there = labs.when.take(place)
    beside: Array = has & (labs.patient[place] == patient) & (there.day == when.day) & ~there.timed
    return beside


def _from(courses: Courses) -> Array:
    """The first microsecond at which a result may be one of the time since the first dose: a day of it counts as a whole."""
    row = np.maximum(courses.first, 0)
    started = courses.started
    return np.where(courses.first >= 0, started.key[row], -ENDLESS)


def _places(labs: LabRows, patient: Array, key: Array, side: str = "right") -> Array:
    """The place in the results of each patient after all results up to a time; with *side* ``left``: before those from that time on."""
    keys = np.unique(np.concatenate([labs.when.key, key]))
    width = len(keys) + 1
    there = labs.patient.astype(np.int64) * width + np.searchsorted(keys, labs.when.key)
    wanted = patient.astype(np.int64) * width + np.searchsorted(keys, key)
    return np.searchsorted(there, wanted, side=side)  # type: ignore[call-overload, no-any-return]  # a word of two


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
    series = (seen.begun > 0) & ~seen.doubt
    hard = seen.doubt.copy()
    columns: list[Array] = []
    dates = _Dates([], [], np.zeros(len(hard), bool))
    if toxicity is not None and series.any():
        columns, dates, odd = _series(labs, seen, codes, courses, book, toxicity, series, codebook)
        hard |= odd
    if toxicity is not None and reports is not None:
        latest = np.where(acting | (seen.counts & series), labs.when.day[seen.latest], NONE) if len(labs.rows) else seen.latest
        related, same = reports.related([latest, *dates.days], clock_cuts(book, toxicity, toxicity_cuts(book, toxicity)))
        own |= reports.plain & (same | dates.earlier)
        columns += [np.where(own, 0, column) for column in related]
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
        courses.untreated,
        np.where(POINT in asks, courses.kind, 0),
        np.where(ROLE in asks, courses.role, 0),
        np.where(ROLE in asks, courses.lacks, 0),
        *columns,
        *beside,
    ]
    plain = [np.where(hard, 0, column.astype(np.int64)) if n else column for n, column in enumerate(telling)]
    return codebook.grouped(("situation", place), *plain, once=hard | own), hard | own


class _Dates(NamedTuple):
    """The dates of the episodes that earlier results show.

    Attributes:
        own: All that tells the episodes of one patient apart.

        days: The days on which the last one began, was last seen, and was first seen to be over; -1 if there is none.

        earlier: Whether there are episodes before the last one.
    """

    own: list[Array]
    days: list[Array]
    earlier: Array


def _series(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
    labs: LabRows,
    seen: Seen,
    codes: LabCodes,
    courses: Courses,
    book: Rulebook,
    toxicity: Toxicity,
    where: Array,
    codebook: Codebook,
) -> tuple[list[Array], _Dates, Array]:
    """What earlier results show of episodes, as codes; the dates of these; and whether that has no plain form."""
    cuts = clock_cuts(book, toxicity, toxicity_cuts(book, toxicity))
    certain = np.array([min(known.grades, default=NONE) for known in codes.known])
    normal = np.array([max(least, min(known.normal, default=least)) for least, known in zip(certain.tolist(), codes.known, strict=True)])
    most = np.array([known.most if known.grades else NONE for known in codes.known])
    since = np.full(int(courses.patient.max(initial=0)) + 2, -ENDLESS)
    first = np.flatnonzero(courses.first >= 0)
    since[courses.patient[first]] = courses.started.key[courses.first[first]]
    since = np.concatenate([since, np.full(max(int(labs.patient.max(initial=0)) + 1 - len(since), 0), -ENDLESS)])
    before = np.where(where, seen.latest - seen.counts, NONE)
    drawn = np.where(seen.counts & (seen.latest >= 0), labs.when.day[np.maximum(seen.latest, 0)], courses.started.day)
    last = np.where(courses.previous >= 0, courses.started.key[np.maximum(courses.previous, 0)], -ENDLESS)
    columns: list[Array] = [seen.counts & where]
    dates = _Dates([], [], np.zeros(len(where), bool))
    # A dose that is not the first, although none is listed before it, has a series of its own: the states are those since the first dose.
    hard = courses.first < 0
    for least in (certain, normal) if (certain != normal).any() else (certain,):
        states = states_of(labs.patient, labs.when, least[labs.code], most[labs.code], since, toxicity, book, cuts, codebook)
        telling, odd = states.columns(before, drawn, courses.started.day, last, cuts)
        columns += telling
        past, *days = states.dates(before) or [np.full(len(where), NONE)]
        dates.own.extend([past, *days])
        dates.days.extend(days)
        np.logical_or(dates.earlier, past > 0, out=dates.earlier)
        hard |= odd
    # While an episode is not over, the latest result dates it.
    dates.own.append(np.where(where & seen.counts & (columns[-1] == 0), seen.latest, NONE))
    return columns, dates, hard & where

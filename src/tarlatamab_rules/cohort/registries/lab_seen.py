"""What each dose sees of the results of each analyte, as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.cohort.registries.alone import OFFSETS, REFUSED, Alone
from tarlatamab_rules.cohort.registries.clock import A_DAY, AROUND, AT_SITE, ENDLESS, Moments, certainly_after, moments
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array
from tarlatamab_rules.cohort.registries.courses import Courses, zones_of
from tarlatamab_rules.cohort.registries.lab_codes import ANALYTES, LabCodes
from tarlatamab_rules.rules.labs import RECENT_DAYS

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.doses import Registry

__all__ = ["LabRows", "Seen", "lab_rows", "on_first_day", "seen_of"]

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
    may_act = np.array([known.may_act or known.is_open or known.may_last for known in codes.known], bool)
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

        doubt: Whether it is not plain which result counts.

        open: Whether an earlier one since the first dose may have been so bad that it matters. A limit or its exact value would settle it.

        settled_by: What would settle that, as a code; 0 if nothing is open, and -1 if it is not the same for all of them.

        since: How many results the dose sees since the first dose.

        begun: How many of these begin an episode, without the latest one if it counts.

        code: The code of the latest result; -1 if there is none.

        age: The days from the latest result to the dose.

        undated: The undated results, as a code.
    """

    latest: Array
    counts: Array
    doubt: Array
    open: Array
    settled_by: Array
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


def seen_of(labs: LabRows, codes: LabCodes, courses: Courses, max_age: Array, codebook: Codebook) -> Seen:
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
        return Seen(latest, has, has, has, zero, zero, zero, zero - 1, zero, labs.undated[patient], zero)
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
    start = np.where(courses.first >= 0, _places(labs, patient, _from(courses), side="left"), begin)
    start = np.minimum(start, until)
    itself = counts & (until > start)

    def earlier(kinds: list[bool]) -> Array:
        """How many results of some codes the dose sees since the first dose, without the latest one if it counts."""
        some = np.array(kinds, bool)[labs.code]
        counted = np.concatenate([[0], np.cumsum(some)])
        number: Array = counted[until] - counted[start] - (some[at] & itself)
        return number

    begun = np.where(courses.untreated, 0, earlier([known.begins for known in codes.known]))  # before treatment a series shows no episode
    opens, lasts = earlier([known.is_open for known in codes.known]), earlier([known.may_last for known in codes.known])
    open_ = ~courses.untreated & ((opens > 0) | ((lasts > 0) & (begun > 0)))
    settled_by = np.where(open_, _settled_by(labs, codes, start, until, codebook), 0)
    days = courses.started.day - when.day
    code = np.where(has, labs.code[at], NONE)
    return Seen(latest, counts, doubt, open_, settled_by, until - start, begun, code, np.where(has, days, 0), labs.undated[patient], start)


def _settled_by(labs: LabRows, codes: LabCodes, start: Array, until: Array, codebook: Codebook) -> Array:
    """What would settle the open grades between two places of the results, as a code; 0 if none is open, -1 if the answers differ."""
    wanted = [0 if not known.settled_by else 1 + codebook.number("what settles", known.settled_by) for known in codes.known]
    number = np.array(wanted)[labs.code]
    found = np.zeros(len(start), np.int64)
    for code in sorted({*wanted} - {0}):
        counted = np.concatenate([[0], np.cumsum(number == code)])
        there = counted[until] > counted[start]
        found = np.where(there, np.where(found == 0, code, NONE), found)
    return found


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

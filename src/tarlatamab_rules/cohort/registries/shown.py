"""What results show of reported low counts, and liver values that may be an injury together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from tarlatamab_rules.assessment.symptoms import symptoms_by
from tarlatamab_rules.cohort.registries.clock import A_DAY, certainly_after
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, bands, grouped
from tarlatamab_rules.cohort.registries.episodes import TOXICITIES
from tarlatamab_rules.cohort.registries.lab_codes import ANALYTES
from tarlatamab_rules.cohort.registries.lab_slots import toxicity_cuts
from tarlatamab_rules.cohort.registries.reports import Reports
from tarlatamab_rules.cohort.registries.series import clock_cuts
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY
from tarlatamab_rules.rules.event_grade import read
from tarlatamab_rules.rules.toxicity import clock_of

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.courses import Courses
    from tarlatamab_rules.cohort.registries.episodes import EventRows, Pairs
    from tarlatamab_rules.cohort.registries.lab_codes import LabCodes
    from tarlatamab_rules.cohort.registries.lab_seen import LabRows, Seen
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["liver_pairs", "reported_counts", "reports_at", "shown_before", "suspects", "symptoms_at"]

NONE: Final = -1
_OTHER: Final = TOXICITIES.index(Toxicity.OTHER)


def reported_counts(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
    events: EventRows,
    pairs: Pairs,
    at: Array,
    labs: LabRows,
    seen: Seen,
    codes: LabCodes,
    courses: Courses,
    toxicity: Toxicity,
    book: Rulebook,
) -> tuple[list[Array], Array]:
    """What results show of each reported low count: its current grade, and when it recovered, as codes; and whether that is not plain.

    *at* holds the pairs of the toxicity.
    """
    dose, event = pairs.dose[at], pairs.event[at]
    zero = np.zeros(len(at), np.int64)
    if not len(labs.rows) or not len(at):
        return [zero, zero, zero], np.zeros(len(at), bool)
    onset, resolved, start = events.onset.take(event), events.resolved.take(event), courses.started.take(dose)
    improved = events.improved.take(event)
    improves = improved.known & (certainly_after(start, improved) != 1)
    # The current grade, by the result that counts.
    latest = labs.when.take(np.maximum(seen.latest[dose], 0))
    after = np.where(seen.counts[dose] & onset.known, certainly_after(onset, latest), 0)
    after = np.where(improves & (certainly_after(latest, improved) == 1), 0, after)
    current = np.array([known.current_grade is None for known in events.kinds])[pairs.kind[at]]
    # A dose sees no current grade of an episode that ended or improved after it.
    late = (improved.known & ~improves) | (resolved.known & (certainly_after(start, resolved) == 1))
    open_ = (pairs.over[at] != 1) & (current | late)
    hard = open_ & (after < 0)
    now = np.where(open_ & (after > 0), 1 + codes.alike[seen.code[dose]], 0)
    aims = np.array([_aim(read(known, book).grade, toxicity, book) if known.toxicity is toxicity else NONE for known in events.kinds])
    good, bad, odd = _recovery(events, event, labs, codes, courses, dose, aims)
    # A bad result may be of another episode, if a dose was given before it.
    odd |= (good != NONE) & (bad != onset.day) & (pairs.over[at] != 0) & ~resolved.known
    concerned = onset.known & ~improves
    cuts = clock_cuts(book, toxicity, toxicity_cuts(book, toxicity))
    shows = concerned & (good != NONE)
    columns = [np.where(shows, 1 + bands(np.where(shows, day - onset.day, 0), cuts), 0) for day in (good, bad)]
    bad_after_end = (aims[events.kind[event]] != NONE) & _bad_after_end(events, event, labs, codes, seen.latest[dose] + 1)
    worse = _worse_inside(events, event, labs, codes, seen.latest[dose] + 1, book)
    return [now, *columns], hard | (concerned & odd) | bad_after_end | worse


def _bad_after_end(events: EventRows, event: Array, labs: LabRows, codes: LabCodes, until: Array) -> Array:
    """Whether the book acts on a result from the day of a reported improvement up to that after the end, up to a place in the results.

    A result of a later day is of another episode.
    """
    improved, resolved = events.improved.take(event), events.resolved.take(event)
    from_day = np.where(improved.known, improved.day, resolved.day)
    counted = np.concatenate([[0], np.cumsum(np.array([known.begins for known in codes.known], bool)[labs.code])])
    every, patient = np.arange(len(labs.rows)), events.patient[event]
    ended = _after(labs, every, patient, from_day * A_DAY - 1)
    last = np.where(resolved.known, np.minimum(until, _after(labs, every, patient, (resolved.day + 2) * A_DAY - 1)), until)
    bad: Array = (improved.known | resolved.known) & (counted[last] - counted[np.minimum(ended, last)] > 0)
    return bad


def _worse_inside(  # noqa: PLR0913, PLR0917  # one parameter a fact
    events: EventRows, event: Array, labs: LabRows, codes: LabCodes, until: Array, book: Rulebook
) -> Array:
    """Whether a result between onset and end of a report, up to a place in the results, is of a worse grade than the reported one."""
    onset, resolved = events.onset.take(event), events.resolved.take(event)
    reported = np.array([max(read(known, book).grades) for known in events.kinds])[events.kind[event]]
    least = np.array([min(known.grades, default=NONE) for known in codes.known])[labs.code]
    every, patient = np.arange(len(labs.rows)), events.patient[event]
    first = _after(labs, every, patient, onset.last)
    last = np.where(resolved.known, np.minimum(until, _after(labs, every, patient, resolved.last)), until)
    worse = np.zeros(len(event), bool)
    for grade in np.unique(reported).tolist():
        counted = np.concatenate([[0], np.cumsum(least > grade)])
        worse |= (reported == grade) & (counted[last] - counted[np.minimum(first, last)] > 0)
    return worse & onset.known


def shown_before(events: EventRows, pairs: Pairs, at: Array, labs: LabRows, seen: Seen, codes: LabCodes) -> Array:  # noqa: PLR0913, PLR0917  # one parameter a fact
    """Whether results may show an episode from before a reported one. *at* holds the pairs of its toxicity."""
    dose, event = pairs.dose[at], pairs.event[at]
    may_act = np.array([known.may_act for known in codes.known], bool)
    undated = np.array([any(may_act[code] for code in listed) for listed in labs.undated_codes])[seen.undated[dose]]
    begins = np.array([known.begins for known in codes.known], bool)
    onset = events.onset.take(event)
    counted = np.concatenate([[0], np.cumsum(begins[labs.code])])
    # Without an onset every result may be from before it; a day is left for dates that differ by one.
    until = np.where(onset.known, _after(labs, np.arange(len(labs.rows)), events.patient[event], onset.last + A_DAY), seen.latest[dose] + 1)
    before = counted[until] - counted[np.minimum(seen.first_place[dose], until)] > 0
    may: Array = ((seen.begun[dose] > 0) & before) | (seen.doubt | seen.open)[dose] | undated
    return may


def _recovery(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
    events: EventRows, event: Array, labs: LabRows, codes: LabCodes, courses: Courses, dose: Array, aims: Array
) -> tuple[Array, Array, Array]:
    """The day of the first result that shows recovery, and of the last result before it; and whether their order is not plain.

    *aims* holds the grade of recovery of each kind of event; -1 if no clock runs for it.
    """
    onset, resolved = events.onset.take(event), events.resolved.take(event)
    most = np.array([max(known.grades, default=NONE) for known in codes.known])[labs.code]
    good, bad, odd = np.full(len(event), NONE), np.full(len(event), NONE), np.zeros(len(event), bool)
    graded = np.flatnonzero(most >= 0)
    for aim in np.unique(aims[aims >= 0]).tolist():
        some = np.flatnonzero(aims[events.kind[event]] == aim)
        recovered = graded[most[graded] <= aim]
        patient = events.patient[event[some]]
        place = _after(labs, recovered, patient, onset.last[some])
        row = recovered[np.minimum(place, max(len(recovered) - 1, 0))] if len(recovered) else np.zeros(len(some), np.int64)
        there = (place < len(recovered)) & (labs.patient[row] == patient)
        when = labs.when.take(row)
        there &= (certainly_after(courses.started.take(dose[some]), when) != 1) & ~(
            resolved.known[some] & (certainly_after(resolved.take(some), when) == 1)
        )
        before = _after(labs, graded, patient, when.key - 1) - 1
        earlier = graded[np.maximum(before, 0)] if len(graded) else row
        is_worse = (before >= 0) & (labs.patient[earlier] == patient) & (labs.when.key[earlier] > onset.last[some])
        good[some] = np.where(there, when.day, NONE)
        bad[some] = np.where(is_worse, labs.when.day[earlier], onset.day[some])
        odd[some] = there & (~when.timed | (is_worse & ~labs.when.timed[earlier]) | ~onset.timed[some])
    return good, bad, odd


def _aim(grade: object, toxicity: Toxicity, book: Rulebook) -> int:
    """The grade of recovery at which the clock of an episode stops; -1 without such a clock."""
    clock = clock_of(book, toxicity, Grade(grade)) if isinstance(grade, Grade) else None
    return NONE if clock is None or clock.at_most is None or clock.days is None else int(clock.at_most)


def _after(labs: LabRows, rows: Array, patient: Array, key: Array) -> Array:
    """The place among some results after all those of a patient up to a moment."""
    keys = np.unique(labs.when.key[rows])
    width = len(keys) + 1
    there = labs.patient[rows].astype(np.int64) * width + np.searchsorted(keys, labs.when.key[rows])
    return np.searchsorted(there, patient.astype(np.int64) * width + np.searchsorted(keys, key, side="right") - 1, side="right")


def liver_pairs(labs: tuple[LabRows, ...], seen: list[Seen], codes: LabCodes, courses: Courses) -> Array:
    """Whether an aminotransferase and a bilirubin that a dose sees may be an injury together: of near days, or the latest ones."""
    doses = len(courses.patient)
    suspect = np.array([*(known.pairs for known in codes.known), False], bool)
    latest = {kind: np.zeros(doses, bool) for kind in (True, False)}
    undated = np.zeros(doses, bool)
    rows: dict[bool, list[tuple[Array, Array]]] = {True: [], False: []}
    for place, analyte in enumerate(ANALYTES):
        if LAB_TOXICITY.get(analyte) is not Toxicity.HEPATOTOXICITY:
            continue
        kind = analyte is Analyte.BILIRUBIN
        # If it is not plain which result is the latest, another one may be.
        latest[kind] |= (suspect[seen[place].code] | seen[place].doubt) & (seen[place].latest >= 0)
        undated |= np.array([any(suspect[code] for code in listed) for listed in labs[place].undated_codes])[seen[place].undated]
        mine = np.flatnonzero(suspect[labs[place].code])
        rows[kind].append((labs[place].patient[mine], labs[place].when.day[mine]))
    since = _since_pairs(rows, courses)
    return (latest[True] & latest[False]) | undated | since


def _since_pairs(rows: dict[bool, list[tuple[Array, Array]]], courses: Courses) -> Array:
    """Whether a dose may see a pair of one day or the next. The day on which both are known counts; the first dose does not matter."""
    ((bilirubin_patient, bilirubin_day),) = rows[True]
    patient, day = (np.concatenate(some) for some in zip(*rows[False], strict=True))
    width = 1 << 20
    moved = 1 << 19
    there = np.sort(bilirubin_patient.astype(np.int64) * width + bilirubin_day + moved)
    found: list[tuple[Array, Array]] = []
    for shift in (-1, 0, 1):
        key = patient.astype(np.int64) * width + day + shift + moved
        place = np.minimum(np.searchsorted(there, key), max(len(there) - 1, 0))
        hit = there[place] == key if len(there) else np.zeros(len(key), bool)
        found.append((patient[hit], np.maximum(day, day + shift)[hit]))
    some, when = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((when, some))
    some, when = some[order], when[order]
    known = some.astype(np.int64) * width + when + moved
    until = np.searchsorted(known, courses.patient.astype(np.int64) * width + courses.started.day + moved, side="right")
    first = np.searchsorted(some, courses.patient, side="left")
    # Pairs from before the first dose do not count.
    start = courses.started.day[np.maximum(courses.first, 0)]
    since = np.searchsorted(known, courses.patient.astype(np.int64) * width + start + moved, side="left")
    return until > np.where(courses.first >= 0, np.maximum(since, first), first)


def suspects(labs: tuple[LabRows, ...], seen: list[Seen], codes: LabCodes) -> list[Array]:
    """How many results each dose sees of each liver value that may be an injury with another one; and the latest, if it is one that counts.

    A patient's doses that agree in these see the same pairs.
    """
    suspect = np.array([*(known.pairs for known in codes.known), False], bool)
    columns: list[Array] = []
    for place, analyte in enumerate(ANALYTES):
        if LAB_TOXICITY.get(analyte) is Toxicity.HEPATOTOXICITY:
            counted = np.concatenate([[0], np.cumsum(suspect[labs[place].code])])
            columns.append(counted[seen[place].latest + 1])
            columns.append(np.where(seen[place].counts & suspect[seen[place].code], seen[place].latest, NONE))
            columns.append(seen[place].doubt * np.arange(1, len(seen[place].doubt) + 1))
    return columns


def symptoms_at(events: EventRows, pairs: Pairs, doses: int, book: Rulebook, codebook: Codebook) -> Array:
    """What the events that each dose sees show about symptoms of abnormal results, as a code; -1 if there is none that may be ongoing."""
    at = np.flatnonzero((events.toxicity[pairs.event] == _OTHER) & (pairs.over != 1))
    first, group = grouped(pairs.kind[at], pairs.over[at])
    codes = np.zeros(len(first), np.int64)
    for n, pair in enumerate(at[first].tolist()):
        event = events.kinds[pairs.kind[pair]]
        over = pairs.over[pair] != 0
        # As `Person.case` has an episode that ends or improves after the dose.
        ongoing = (
            event
            if over or event.over is False
            else ToxicityEvent(event.toxicity, event.grade or None, scale=event.scale, status=EventStatus.ACTIVE)
        )
        shown = symptoms_by([read(ongoing, book, Fact("events", event.toxicity))])
        codes[n] = codebook.number("symptoms", (shown.present, shown.reported, shown.ask))
    return codebook.sets("symptoms", pairs.dose[at], codes[group], doses) if len(at) else np.full(doses, NONE)


def reports_at(pairs: Pairs, events: EventRows, courses: Courses, toxicity: Toxicity, where: Array) -> Reports:
    """The only event of a toxicity that each dose sees; *where* says which doses may be plain."""
    at = np.flatnonzero(pairs.toxicity == TOXICITIES.index(toxicity))
    dose, event = pairs.dose[at], pairs.event[at]
    plain = where & (np.bincount(dose, minlength=len(where)) == 1)
    start = courses.started.take(dose)
    improved, resolved = events.improved.take(event), events.resolved.take(event)
    late = [some.known & (certainly_after(start, some) == 1) for some in (improved, resolved)]
    # As `Person.case` has an episode that ends or improves after the dose.
    hidden = np.zeros(len(at), bool), late[0], late[0] | late[1]
    days = []
    for some, gone in zip((events.onset.take(event), improved, resolved), hidden, strict=True):
        column = np.full(len(where), NONE)
        column[dose] = np.where(some.known & ~gone, some.day, NONE)
        days.append(column)
    return Reports(plain, (days[0], days[1], days[2]))

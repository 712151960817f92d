"""What each dose sees of the toxicities, as codes. Every pair of a dose and an event that it sees is one row here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.registries.alone import OFFSETS, REFUSED, Alone
from tarlatamab_rules.cohort.registries.clock import Moments, certainly_after, moments
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, bands, coded, grouped
from tarlatamab_rules.cohort.registries.courses import Courses, zones_of
from tarlatamab_rules.cohort.registries.lab_slots import toxicity_cuts
from tarlatamab_rules.cohort.registries.records import as_given, event_of
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, BEGAN_ROLE, BLEEDING, DAYS, EARLIER, HELD, POINT, ROLE
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.rules.event_grade import read

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.doses import Registry
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["TOXICITIES", "EventRows", "Pairs", "event_rows", "pairs_of"]

TOXICITIES: Final = tuple(Toxicity)
NONE: Final = -1
_MANY: Final = 1_000
"""More episodes than a dose sees."""
_WORDS: Final = ("toxicity", "grade", "scale", "status", "current_grade", "other_cause", "bleeding")


@frozen(eq=False)
class EventRows:
    """The events of a registry.

    Attributes:
        patient: The patient of each.

        toxicity: The place of its toxicity in `TOXICITIES`.

        kind: Everything but its times, and which times it has, as a code.

        kinds: An event for each of these codes.

        then: For each of these codes that of the same as a dose that was given sees it: without a current grade and an undated recovery.

        onset: When it began.

        improved: When it improved.

        resolved: When it ended.

        order: The rows by patient and onset, those without an onset first.
    """

    patient: Array
    toxicity: Array
    kind: Array
    kinds: tuple[ToxicityEvent, ...]
    then: Array
    onset: Moments
    improved: Moments
    resolved: Moments
    order: Array


def event_rows(registry: Registry, alone: Alone) -> EventRows | None:
    """The events; ``None`` if the toxicities are not known. Refused ones send their patient to the scalar function."""
    if registry.events is None:
        return None
    table, patient = registry.events.table, registry.events.patient
    rows, zones = table.rows, zones_of(registry, patient)
    onset, improved, resolved = (moments(table.times.get(name), rows, zones) for name in ("onset", "improved", "resolved"))
    alone.add(OFFSETS, patient[onset.doubtful | improved.doubtful | resolved.doubtful])
    plain = np.ones(rows, bool)
    for one, other in ((onset, improved), (onset, resolved), (improved, resolved)):
        plain &= ~(one.known & other.known) | (certainly_after(other, one) == 0)
    words = [coded(table.columns.get(name), rows)[0] for name in _WORDS]
    states = [state for some in (onset, improved, resolved) for state in (some.known, some.timed)]
    first, group = grouped(*words, *states, np.where(plain, 0, np.arange(rows) + 1))
    kinds: list[ToxicityEvent] = []
    taken = np.zeros(len(first), np.int64)
    for n, row in enumerate(first.tolist()):
        try:
            kinds.append(event_of(table, row))
            taken[n] = len(kinds) - 1
        except FieldError:
            taken[n] = NONE
    kind = taken[group]
    alone.add(REFUSED, patient[kind < 0])
    toxicity = np.array([*(TOXICITIES.index(event.toxicity) for event in kinds), NONE])[kind]
    key = np.where(onset.known, onset.key, np.iinfo(np.int64).min // 4)
    then = []
    for n, event in enumerate(tuple(kinds)):
        seen = as_given(event)
        then.append(n if seen == event else len(kinds))
        if then[-1] != n:
            kinds.append(seen)
    # The last one stands for the rows that are refused.
    kinds.append(ToxicityEvent(Toxicity.OTHER))
    listed = np.array([*then, *range(len(then), len(kinds))], np.int64)
    return EventRows(patient, toxicity, kind, tuple(kinds), listed, onset, improved, resolved, np.lexsort((key, patient)))


@frozen(eq=False)
class Pairs:
    """Every dose with every event that it sees.

    Attributes:
        dose: The dose of each pair.

        event: The event.

        kind: What the dose sees of it apart from its times, as a place among the kinds of events.

        toxicity: The place of its toxicity in `TOXICITIES`.

        over: Whether it is over at the dose: 1 yes, 0 no, -1 not known.

        before: Whether it began before the first dose given: 1 yes, 0 no, -1 not known, -2 if no dose was given.

        code: What the rules see of it, as a code.

        hard: Whether that has no plain form, so that only doses that see the same episodes of the patient share it.

        seen: How many episodes of its toxicity the dose sees, how many end later, and how many have a current grade, as one number.
    """

    dose: Array
    event: Array
    kind: Array
    toxicity: Array
    over: Array
    before: Array
    code: Array
    hard: Array
    seen: Array


def pairs_of(events: EventRows, courses: Courses, book: Rulebook, codebook: Codebook) -> Pairs:
    """The pairs, with what the rules see of each event apart from results and findings."""
    dose, event = _visible(events, courses)
    start = courses.started.take(dose)
    onset, improved, resolved = (some.take(event) for some in (events.onset, events.improved, events.resolved))
    late = [some.known & (certainly_after(start, some) == 1) for some in (improved, resolved)]
    toxicity, kind = events.toxicity[event], events.kind[event]
    kind = np.where(courses.given[dose] | late[0] | late[1], events.then[kind], kind)
    over = np.array([NONE if known.over is None else int(known.over) for known in events.kinds], np.int8)[kind]
    over = np.where(late[0] | late[1], 0, over)
    first = courses.first[dose]
    before = np.where(first < 0, -2, np.where(onset.known, certainly_after(onset, courses.started.take(np.maximum(first, 0))), NONE))
    held, until_improved, until_resolved = (
        np.where(onset.known & some.known, np.maximum(some.day - onset.day, 0), NONE) for some in (start, improved, resolved)
    )
    until_improved = np.where(late[0] | (late[1] & ~improved.known), NONE, until_improved)
    until_resolved = np.where(late[0] | late[1], NONE, until_resolved)
    earlier, hard = _earlier(events, event, before, book)
    alike = _alike(events, book, codebook)[kind]
    closes, bleeds = courses.closes.take(dose), np.array([bool(known.bleeding) for known in events.kinds], bool)[kind]
    bled_before = bleeds & resolved.known & closes.known & (certainly_after(resolved, closes) == 1)
    columns = [alike, late[0] | late[1], before, courses.untreated[dose], bled_before]
    columns += [np.zeros(len(dose), np.int64) for _ in range(10)]
    known_ends = [
        some.known & ~gone
        for some, gone in zip((improved, resolved), (late[0] | (late[1] & ~improved.known), late[0] | late[1]), strict=True)
    ]
    for number, name in enumerate(TOXICITIES):
        at = np.flatnonzero(toxicity == number)
        asks, cuts = book[TOXICITY_ACTION[name]].asks, toxicity_cuts(book, name)
        # Once an episode is over, its days so far no longer count, unless the book asks how long ago it began.
        so_far = np.where((over[at] == 1) & ((until_improved[at] >= 0) | (until_resolved[at] >= 0)) & (HELD not in asks), NONE, held[at])
        held[at] = so_far
        for column, days in zip(columns[-5:-2], (held, until_improved, until_resolved), strict=True):
            column[at] = np.where(days[at] >= 0, 1 + bands(np.maximum(days[at], 0), cuts), 0)
        if asks & {DAYS, HELD}:
            for column, ends in zip(columns[-7:-5], known_ends, strict=True):
                column[at] = ends[at]
        if POINT in asks:
            columns[-9][at] = courses.kind[dose[at]]
        if ROLE in asks:
            columns[-8][at] = courses.role[dose[at]]
        if asks & {ROLE, BEGAN_BEFORE, BEGAN_ROLE}:
            columns[-10][at] = courses.lacks[dose[at]]
        if asks & {BEGAN_BEFORE, BEGAN_ROLE}:
            columns[-2][at] = _first_after(courses, dose[at], onset.take(at), codebook)
        if EARLIER in asks:
            columns[-1][at] = np.where(hard[at], 0, earlier[at])
        else:
            hard[at] = False
    telling = [column.astype(np.int64) for column in columns]
    code = codebook.grouped("event", *telling)
    place = grouped(dose, toxicity)[1] if len(dose) else dose
    seen = np.bincount(place)
    current = np.array([known.current_grade is not None for known in events.kinds])[kind]
    for which in (late[0] | late[1], current):
        seen = seen * _MANY + np.bincount(place, weights=which).astype(np.int64)
    seen = seen[place]
    return Pairs(dose, event, kind, toxicity, over, before, code, hard, seen)


def _alike(events: EventRows, book: Rulebook, codebook: Codebook) -> Array:
    """For each kind of event the number of what the book sees in it, apart from its times."""
    alike = []
    for event in events.kinds:
        episode = read(event, book)
        bleeding = event.bleeding if BLEEDING in book[TOXICITY_ACTION[event.toxicity]].asks else None
        shown = event.toxicity, episode.grade, episode.grades, episode.why, event.grade, event.over, event.current_grade
        alike.append(codebook.number("kind of event", (*shown, event.other_cause, bleeding, event.onset is None)))
    return np.array(alike, np.int64)


def _visible(events: EventRows, courses: Courses) -> tuple[Array, Array]:
    """The doses and events of all pairs."""
    order, patient = events.order, events.patient[events.order]
    known, onset = events.onset.known[order], events.onset.key[order]
    keys = np.unique(np.concatenate([onset, courses.started.last]))
    width = len(keys) + 2
    there = patient.astype(np.int64) * width + np.where(known, 1 + np.searchsorted(keys, onset), 0)
    wanted = courses.patient.astype(np.int64) * width + 1 + np.searchsorted(keys, courses.started.last)
    until = np.searchsorted(there, wanted, side="right")
    begin = np.searchsorted(patient, courses.patient, side="left")
    counts = np.where(courses.patient >= 0, np.maximum(until - begin, 0), 0)
    dose = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(dose)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begin, counts)
    return dose, order[place]


def _earlier(events: EventRows, event: Array, before: Array, book: Rulebook) -> tuple[Array, Array]:
    """The worst grade, from 1, of earlier episodes of the same toxicity that count, by pair; and whether the order is not plain."""
    order = np.lexsort((events.onset.key, events.toxicity, events.patient))
    patient, toxicity, onset = events.patient[order], events.toxicity[order], events.onset.take(order)
    new = np.ones(len(order), bool)
    new[1:] = (patient[1:] != patient[:-1]) | (toxicity[1:] != toxicity[:-1])
    group = np.cumsum(new) - 1
    size = np.bincount(group)[group] if len(group) else group
    grades = [read(event, book).grades for event in events.kinds]
    plain_kind = np.array(
        [
            len(some) == 1 and min(some) > 0 and not event.other_cause and some == grades[then]
            for some, event, then in zip(grades, events.kinds, events.then.tolist(), strict=True)
        ]
    )
    odd = (size > 1) & (~onset.known | ~plain_kind[events.kind[order]])
    odd[1:] |= ~new[1:] & (onset.day[1:] == onset.day[:-1])
    odd_group = np.bincount(group, weights=odd) > 0 if len(group) else odd
    grade = np.array([int(max(some, default=0)) for some in grades], np.int64)[events.kind[order]]
    worst = np.maximum.accumulate(group * 8 + grade) % 8 if len(group) else grade
    before_it = np.where(new, 0, np.concatenate([[0], worst[:-1]]))
    by_row, hard = np.zeros(len(order), np.int64), np.zeros(len(order), bool)
    by_row[order] = before_it
    hard[order] = odd_group[group] if len(group) else odd
    # Episodes from before the first dose are not toxicities of the drug; a group with one of them is left to the scalar function.
    older = np.zeros(len(order), bool)
    older[event[(before == 1) | (before == NONE)]] = True
    mixed = np.bincount(group, weights=older[order] & (size > 1)) > 0 if len(group) else odd
    hard[order] |= mixed[group] if len(group) else odd
    return by_row[event], hard[event]


def _first_after(courses: Courses, dose: Array, onset: Moments, codebook: Codebook) -> Array:
    """The first dose given on or after the day of onset, as the code of its sequence; else the planned dose as a negative code."""
    start = courses.previous[dose]
    # Without an onset it may be any dose; without a dose before it, one that is not listed.
    exact = codebook.grouped("dose after an event", courses.so_far[dose], courses.step[dose], np.where(start >= 0, 0, courses.number[dose]))
    answer = -1 - np.where(onset.known & (start >= 0), 2 * courses.step[dose], 2 * exact + 1)
    row = start.copy()
    active = np.flatnonzero((row >= 0) & onset.known)
    while len(active):
        later = courses.started.day[row[active]] >= onset.day[active]
        active = active[later]
        answer[active] = courses.stage[row[active]]
        row[active] = courses.previous[row[active]]
        active = active[row[active] >= 0]
    return answer

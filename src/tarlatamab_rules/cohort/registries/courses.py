"""The course before each dose of a registry, as codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import evolve, frozen

from tarlatamab_rules.assessment.chart import chart_of
from tarlatamab_rules.assessment.dates import LONGEST
from tarlatamab_rules.cohort.registries.alone import ORDER, REFUSED, Alone
from tarlatamab_rules.cohort.registries.clock import Moments, certainly_after, moments, with_later
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, bands, coded, cuts_of, grouped
from tarlatamab_rules.cohort.registries.doses import Registry, Sees
from tarlatamab_rules.cohort.registries.records import given_dose
from tarlatamab_rules.cohort.registries.sequences import Sequences, sequences_of
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._fields import days_between
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import DosePoint, dose_amount
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, DAYS_SINCE, POINT
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE, TOXICITY_ACTION
from tarlatamab_rules.rules.given import deviations, duration_of, is_complete
from tarlatamab_rules.rules.labs import needs
from tarlatamab_rules.values.vocabulary import Role

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.registries.facts_of import PatientCodes
    from tarlatamab_rules.core.axes import Axis, Cuts, Groups
    from tarlatamab_rules.inputs.units import Amount
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Courses", "courses_of", "zones_of"]

NONE: Final = -1


@frozen(eq=False)
class Courses:
    """The course before each dose. An array has one item for each row of the doses table.

    Attributes:
        patient: The patient.

        number: The place of the dose in the schedule; 0 if it is not known.

        given: Whether it was given.

        kind: What the number of the dose means for results and toxicities, as a code.

        started: When it began.

        previous: The row of the dose given before; -1 if there is none.

        first: The row of the first dose given; -1 if none was given before this one.

        ended: When it ended.

        closes: When the dose given before ended; when it began, if the end is not known.

        untreated: Whether it is the first dose, and none was given before.

        stage: The phase of the treatment at this dose, if it was given: its kind and the roles that it may have had, as a code.

        so_far: The sequence of the doses given before, as a code; 0 if there is none.

        situation: Everything that the course shows about the dose, as a code.

        role: The role of the dose, as a code; the code of its situation if the role is open.

        step: Its kind and its role together, as a code.

        lacks: The sequence of the doses given before, if facts of it may be missing for the role of the dose; else 0.

        apart: Whether something is dated after the dose, which is planned, so that it is assessed by itself.
    """

    patient: Array
    number: Array
    given: Array
    kind: Array
    started: Moments
    previous: Array
    first: Array
    ended: Moments
    closes: Moments
    untreated: Array
    stage: Array
    so_far: Array
    situation: Array
    role: Array
    step: Array
    lacks: Array
    apart: Array


def zones_of(registry: Registry, patient: Array) -> tuple[Array, list[str | None]]:
    """The zone of the site of each row of a table, by its patient."""
    codes, names = coded(registry.patients.columns.get("site_zone"), registry.patients.rows)
    codes = np.concatenate([codes, [0]])
    return codes[patient], [registry.site_zone, *names[1:]]


def courses_of(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
    registry: Registry, book: Rulebook, alone: Alone, codebook: Codebook, patients: PatientCodes, listed: Sequence[tuple[Array, Moments]]
) -> Courses:
    """The courses of all patients. Those that have no plain form are added to *alone*. *listed* holds the times of results and events."""
    table, patient = registry.doses.table, registry.doses.patient
    rows, zones = table.rows, zones_of(registry, patient)
    started, ended = (moments(table.times.get(name), rows, zones) for name in ("started", "ended"))
    number, given, amount, values, ordered, complete, sound = _facts(registry, codebook)
    sound &= ~(ended.known & started.known & (certainly_after(ended, started) == 1))
    alone.add(REFUSED, patient[~sound | started.doubtful | ended.doubtful])
    alone.add(REFUSED, patient[patients.contradicts(patient, started)])
    apart = np.zeros(rows, bool)
    apart[with_later(patient, given, started, listed)] = True
    alone.add(ORDER, patient[~started.known])
    order = np.lexsort((started.day, patient))
    same = np.zeros(rows, bool)
    same[1:] = patient[order][1:] == patient[order][:-1]
    at_once = np.flatnonzero(same[1:] & (started.day[order][1:] == started.day[order][:-1])) + 1
    alone.add(ORDER, patient[order][at_once])
    previous, first, depth = _before(order, same, given)
    has = previous >= 0
    alone.add(ORDER, patient[given & has & (number <= number[previous])])
    alone.add(ORDER, patient[_ends_later(order, same, given, ended, started)])
    gap = np.where(has, started.day - started.day[previous], 0)
    infusion, infused = _infusions(registry, book, number, complete, started, ended, codebook)
    infusing = codebook.numbers("infusion", infusion)[infused] if infusion else infused
    ordinary = (gap > 0) & (gap <= LONGEST) if NEXT_DOSE in book.rows else np.zeros(rows, bool)
    far = np.where(has & ~ordinary, gap, 0)
    near = np.where(has & ordinary, 1 + bands(np.where(ordinary, gap, 0), _interval_cuts(book)), 0)
    through, so_far = sequences_of(depth, given, previous, [number, amount, far], codebook)

    def of_previous(column: Array, steps: int, missing: int = 0) -> Array:
        row = np.arange(rows)
        for _ in range(steps):
            row = np.where(row >= 0, previous[row], NONE)
        return np.where(row >= 0, column[row], missing)

    kind = _kinds(number, book, codebook)
    past, place, stage = Sequences(number, kind, np.array(values, object)[amount], far, previous, book, codebook).meaning(through, so_far)
    complete_is_open = _open_infusion(infusion)
    exact = np.where((has & complete_is_open[of_previous(infused, 1)]) | (place < 0), number, 0)
    gaps = [far, near, of_previous(near, 1), of_previous(near, 2)]
    infusions = [of_previous(infusing, steps, NONE) for steps in (1, 2)]
    situation = codebook.grouped("course", past, np.where(place >= 0, number - place, 0), exact, ordered, *gaps, *infusions)
    closes = _closes(previous, started, ended)
    untreated = ~has & (number == 1)
    named = np.minimum(number, len(Role) + 1) if NEXT_DOSE in book.rows else number
    left = apart | (np.concatenate([alone.reason, [1]])[patient] != 0)
    role = _roles(registry, book, alone, left, [named, past, far, near, infusions[0]], situation, codebook)
    step = codebook.grouped("step", kind, role)
    return Courses(
        patient,
        number,
        given,
        kind,
        started,
        previous,
        first,
        ended,
        closes,
        untreated,
        stage,
        so_far,
        situation,
        role,
        step,
        np.where(place < 0, so_far, 0),
        apart,
    )


def _facts(registry: Registry, codebook: Codebook) -> tuple[Array, Array, Array, list[float | None], Array, Array, Array]:
    """Number, whether it was given, amount with the amounts of the codes, order, completeness; and whether all of these are taken."""
    table = registry.doses.table
    rows, sound = table.rows, np.ones(table.rows, bool)
    points, statuses = coded(table.columns.get("point"), rows), coded(table.columns.get("status"), rows)
    number = np.array([_number(point) for point in points[1]])[points[0]]
    given = np.array([status in (None, "given") for status in statuses[1]])[statuses[0]]  # a list has no hash
    sound &= (number > 0) & np.array([status in (None, "given", "planned") for status in statuses[1]])[statuses[0]]  # as above
    complete = coded(table.columns.get("complete"), rows)
    sound &= np.array([value is None or isinstance(value, bool) for value in complete[1]])[complete[0]]
    amounts, listed = [], []
    unit = coded(table.columns.get("unit"), rows)
    for names in (("amount",), ("ordered", "amount")):
        codes = [coded(table.columns.get(name), rows) for name in names]
        which = codes[0][0]
        values = codes[0][1]
        if len(codes) > 1:
            which = np.where(which > 0, which, len(values) + codes[1][0])
            values = [*values, *codes[1][1]]
        code, taken, known = _amounts(which, values, unit, codebook)
        amounts.append(code)
        listed.append(known)
        sound &= taken
    told = np.array([_COMPLETE[value] if value is None or isinstance(value, bool) else NONE for value in complete[1]])[complete[0]]
    return number, given, amounts[0], listed[0], amounts[1], told, sound


_COMPLETE: Final = {None: 0, False: 1, True: 2}


def _number(point: object) -> int:
    try:
        return DosePoint.of(point).number  # type: ignore[arg-type]  # anything but text is a type error
    except FieldError:
        return 0


def _amounts(
    which: Array, values: Sequence[Any], unit: tuple[Array, list[Any]], codebook: Codebook
) -> tuple[Array, Array, list[float | None]]:
    """The amount of each row as a code, 0 if it is not known; whether it is taken; and the amount in mg of each code of these rows."""
    first, group = grouped(which, unit[0])
    code, taken = np.zeros(len(first), np.int64), np.ones(len(first), bool)
    known: dict[int, Amount] = {}
    for n, row in enumerate(first.tolist()):
        value = values[int(which[row])]
        if value is None:
            continue
        try:
            amount = dose_amount((value, unit[1][unit[0][row]]), "amount")
        except FieldError:
            taken[n] = False
            continue
        code[n] = 1 + codebook.number("amount", amount)
        known[int(code[n])] = amount
    listed = [known.get(n) for n in range(int(code.max(initial=0)) + 1)]
    return code[group], taken[group], [None if amount is None else amount.value for amount in listed]


def _before(order: Array, same: Array, given: Array) -> tuple[Array, Array, Array]:
    """For each dose: the row of the dose given before, of the first dose given before, and how many were given before."""
    rows = len(order)
    place = np.arange(rows)
    begins = np.maximum.accumulate(np.where(same, 0, place)) if rows else place
    on = given[order]
    last = np.maximum.accumulate(np.where(on, place, NONE)) if rows else place
    before = np.concatenate([[NONE], last[:-1]]) if rows else place
    before = np.where(before >= begins, before, NONE)
    counted = np.concatenate([[0], np.cumsum(on)])
    depth = counted[place] - counted[begins]
    nth = np.flatnonzero(on)
    start = np.where(depth > 0, nth[np.minimum(counted[begins], max(len(nth) - 1, 0))] if len(nth) else NONE, NONE)
    previous, first, deep = (np.full(rows, NONE) for _ in range(3))
    previous[order] = np.where(before >= 0, order[before], NONE)
    first[order] = np.where(start >= 0, order[start], NONE)
    deep[order] = depth
    return previous, first, deep


def _ends_later(order: Array, same: Array, given: Array, ended: Moments, started: Moments) -> Array:
    """The rows of doses before which some infusion ended later than they began."""
    ends = np.where(given & ended.known, ended.last, np.iinfo(np.int64).min // 4)[order]
    group = np.cumsum(~same)
    rank = np.unique(ends, return_inverse=True)[1]
    highest = np.maximum.accumulate(group.astype(np.int64) * (len(order) + 1) + rank) % (len(order) + 1)
    starts = np.searchsorted(np.unique(ends), started.key[order])
    late = np.zeros(len(order), bool)
    late[1:] = same[1:] & (highest[:-1] >= starts[1:])
    return order[late]


def _interval_cuts(book: Rulebook) -> list[float]:
    """The days between doses at which some answer changes."""
    table = book[NEXT_DOSE]
    cut = cuts_of(axes for axis, axes in zip(table.question.axes, table.axes, strict=True) if axis is DAYS_SINCE)
    due = {float(step.after) for step in table(None, None).possible if step is not None and step.after}
    return sorted({*cut, *due})


def _infusions(  # noqa: PLR0913, PLR0917  # one parameter a fact
    registry: Registry, book: Rulebook, number: Array, complete: Array, started: Moments, ended: Moments, codebook: Codebook
) -> tuple[tuple[Any, ...], Array]:
    """What the duration of each infusion, and what is reported of it, mean to the library: every meaning, and a code for each dose."""
    took = np.where(ended.known & started.known, ended.key - started.key, 0)
    telling = [number, complete, took, ended.known, started.timed, ended.timed]
    first, group = grouped(*telling)
    known: dict[object, int] = {}
    codes = []
    for row, content in zip(first.tolist(), zip(*[column[first].tolist() for column in telling], strict=True), strict=True):
        meaning = codebook.made("infusion", content, partial(_infusion, registry, book, row))
        codes.append(known.setdefault(meaning, len(known)))
    return tuple(known), np.array(codes, np.int64)[group] if codes else group


def _open_infusion(meanings: Sequence[Any]) -> Array:
    """For each meaning of an infusion whether it is open if all of the dose was given."""
    return np.array([meaning is None or meaning[0] is None for meaning in meanings], bool)


def _infusion(registry: Registry, book: Rulebook, row: int) -> object:
    try:
        dose = evolve(given_dose(registry.doses.table, row), amount=None)
    except FieldError:
        return None
    ran = duration_of(dose)
    long = (
        dose.started is not None
        and dose.ended is not None
        and (days_between(dose.started, dose.ended) > 1 if ran is None else ran.days > 0)
    )
    odd = deviations(Case(patient=Patient(), point=dose.point, course=[dose]), book)
    return is_complete(dose, book), ran is None, long, tuple([(item.reason.row, item.votes) for item in odd])


def _kinds(number: Array, book: Rulebook, codebook: Codebook) -> Array:
    """The numbers of doses that mean the same for results and toxicities, as codes."""
    cuts = cuts_of(cut for toxicity in Toxicity for axis, cut in _axes(book, toxicity) if axis is POINT or axis is BEGAN_BEFORE)
    table = np.zeros(int(number.max()) + 1 if len(number) else 1, np.int64)
    for place in np.unique(number[number > 0]).tolist():
        key = needs(DosePoint.at(place), book), sum(place >= cut for cut in cuts)
        table[place] = 1 + codebook.number("kind of dose", key)
    return table[number]


def _axes(book: Rulebook, toxicity: Toxicity) -> Iterable[tuple[Axis, Groups | Cuts]]:
    table = book[TOXICITY_ACTION[toxicity]]
    return zip(table.question.axes, table.axes, strict=True)


def _closes(previous: Array, started: Moments, ended: Moments) -> Moments:
    """When the dose before ended, or began if the end is not known."""
    began, over = started.take(previous), ended.take(previous)
    chosen = [np.where(over.known, one, other) for one, other in zip(_columns(over), _columns(began), strict=True)]
    known = (previous >= 0) & chosen[0]
    return Moments(known, *chosen[1:])


_COLUMNS: Final[tuple[Callable[[Moments], Array], ...]] = (
    lambda some: some.known,
    lambda some: some.timed,
    lambda some: some.key,
    lambda some: some.day,
    lambda some: some.offset,
    lambda some: some.doubtful,
)


def _columns(some: Moments) -> list[Array]:
    return [column(some) for column in _COLUMNS]


def _roles(  # one parameter a fact  # noqa: PLR0913, PLR0917  # one parameter a fact
    registry: Registry, book: Rulebook, alone: Alone, out: Array, telling: list[Array], situation: Array, codebook: Codebook
) -> Array:
    """The role of each dose but those that are *out*; the code of its situation, above all roles, if the role is open."""
    at = np.flatnonzero(~out)
    first, group = grouped(*[column[at] for column in telling])
    roles = np.full(len(first), NONE)
    contents = zip(*[column[at[first]].tolist() for column in telling], strict=True)
    for n, (row, content) in enumerate(zip(at[first].tolist(), contents, strict=True)):
        try:
            roles[n] = codebook.made("role", content, lambda row=row: _role(registry, book, row))  # type: ignore[misc]  # the row of this turn
        except FieldError:
            alone.add(REFUSED, registry.doses.patient[at[group == n]])
    role = np.zeros(len(situation), np.int64)
    role[at] = np.where(roles[group] >= 0, roles[group], len(Role) + situation[at])
    return role


def _only_course(registry: Registry) -> Sees:
    """A part that sees no results, events and findings."""
    labs, events = (None if some is None else np.zeros(some.table.rows, bool) for some in (registry.labs, registry.events))
    return Sees(labs, events, findings=False)


def _role(registry: Registry, book: Rulebook, row: int) -> int:
    """The place of the role of a dose among all roles; -1 if it is open."""
    case = registry.person(int(registry.doses.patient[row])).case(row, _only_course(registry))
    planned = chart_of(evolve(case, events=None), book, None).planned
    return tuple(Role).index(planned.role) if isinstance(planned.role, Role) else NONE

"""Every dose of a registry as situations: for each part of an assessment, a code of all that the part sees.

Doses with one code in a part have one answer in that part, so the scalar function judges a situation once. Nothing clinical stands here:
codes come from the cuts of compiled tables and from the functions of the library. What has no plain form has a code of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
from attrs import frozen

from tarlatamab_rules.assessment.chart import ActiveInfection
from tarlatamab_rules.assessment.lab_unused import open_needs
from tarlatamab_rules.assessment.recovery import COUNTED_BY
from tarlatamab_rules.cohort.clock import A_DAY
from tarlatamab_rules.cohort.coding import Array, coded, cuts_of, grouped, sets_of
from tarlatamab_rules.cohort.courses import REFUSED, Alone, Courses, courses_of
from tarlatamab_rules.cohort.doses import Registry, Sees, findings_of
from tarlatamab_rules.cohort.episodes import TOXICITIES, EventRows, Pairs, event_rows, pairs_of
from tarlatamab_rules.cohort.lab_codes import ANALYTES, LabCodes, lab_codes
from tarlatamab_rules.cohort.lab_slots import LabRows, Seen, lab_rows, seen_of, situation_of
from tarlatamab_rules.cohort.shown import liver_pairs, reported_counts, shown_before, suspects, symptoms_at
from tarlatamab_rules.cohort.tables import TABLES
from tarlatamab_rules.cohort.times import AWARE, DAY, NAIVE, UNREAD
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import AGE, EARLIER
from tarlatamab_rules.rulebooks.questions import ELIGIBILITY, LAB_TOXICITY, TOXICITY_ACTION
from tarlatamab_rules.rules.labs import lab_age, needs
from tarlatamab_rules.values.vocabulary import LabNeed

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["EpisodeSlot", "Situations", "Slot", "situations_of", "slot_of"]

_LIVER: Final = "liver"
_FEBRILE: Final = "febrile neutropenia"
_INFECTION: Final = "patient.infection"
_SYNDROMES: Final = (Toxicity.CRS, Toxicity.ICANS)


def _shown_by(toxicity: Toxicity) -> list[int]:
    """The places of the analytes that show a toxicity."""
    return [place for place, analyte in enumerate(ANALYTES) if LAB_TOXICITY.get(analyte) is toxicity]


@frozen(eq=False)
class Slot:
    """One part of the assessments of all doses.

    Attributes:
        code: The situation of each dose; -1 if the part does not vote.

        hard: Whether no other dose shares the situation, because it has no plain form.

        sees: What the part sees of results and findings.
    """

    code: Array
    hard: Array
    sees: Sees


@frozen(eq=False)
class EpisodeSlot:
    """The episodes, each with every dose that sees it.

    Attributes:
        dose: The dose of each pair.

        event: The row of the event.

        toxicity: The place of the toxicity in `TOXICITIES`.

        code: The situation of each pair; -1 if the episode is judged with the current findings of its syndrome.

        hard: Whether no other pair shares the situation.

        sees: What an episode of each toxicity sees of results.
    """

    dose: Array
    event: Array
    toxicity: Array
    code: Array
    hard: Array
    sees: tuple[Sees, ...]


@frozen(eq=False)
class Situations:
    """The situations of all doses.

    Attributes:
        slots: The parts, by name.

        episodes: The episodes, each with every dose that sees it; ``None`` if the toxicities are not known.

        alone: The patients whose doses have no situation.
    """

    slots: Mapping[str, Slot]
    episodes: EpisodeSlot | None
    alone: Alone


def slot_of(part: str) -> str:
    """The slot of a part of an assessment."""
    name, _, beside = part.partition(" with ")
    if beside:
        return _LIVER if beside.startswith("labs") else _FEBRILE
    head, _, which = name.partition(".")
    if head == "eligibility" or (head == "patient" and name != _INFECTION):
        return "patient"
    return f"events.{which}" if head == "findings" else name


def situations_of(registry: Registry, book: Rulebook, max_age: timedelta | None) -> Situations:
    """The situations of every dose of a registry."""
    alone = Alone(np.zeros(registry.patients.rows, np.int16))
    alone.add(REFUSED, np.array(sorted(registry.twice), np.int64))
    known = _Known(registry, book, alone, max_age)
    slots = dict(known.slots())
    return Situations(slots, known.episodes(slots), alone)


class _Known:
    """What was found out about all doses, while the slots are made."""

    def __init__(self, registry: Registry, book: Rulebook, alone: Alone, max_age: timedelta | None) -> None:
        self.registry, self.book, self.alone = registry, book, alone
        tables = [grouped.table for grouped in (registry.doses, registry.labs, registry.events) if grouped is not None]
        self.zoned = any(bool((times.kind == AWARE).any()) for table in tables for times in table.times.values())
        self.patients = _patients(registry, alone)
        self.ages = _max_ages(registry, alone, max_age)
        self.findings, self.temperatures = _findings(registry, alone)
        self.codes: LabCodes = lab_codes(registry, book)
        self.labs: tuple[LabRows, ...] = lab_rows(registry, self.codes, alone)
        self.events: EventRows | None = event_rows(registry, alone)
        self.courses: Courses = courses_of(registry, book, alone)
        self.doses = len(self.courses.patient)
        self.seen = [seen_of(labs, self.codes, self.courses, self.ages) for labs in self.labs]
        self.pairs: Pairs | None = None if self.events is None else pairs_of(self.events, self.courses, book)
        pairs = self.pairs
        self.symptoms = np.full(self.doses, -1) if pairs is None or self.events is None else symptoms_at(self.events, pairs, self.doses, book)
        self._own_codes = np.zeros(0, np.int64) if pairs is None else _own(pairs.code, pairs.hard, pairs.event, pairs.seen)

    def slots(self) -> list[tuple[str, Slot]]:
        """Every slot by its name."""
        nothing = self._sees([], of=())
        infections, every = self._sees([], of=(Toxicity.INFECTION,)), self._sees([])
        easy = np.zeros(self.doses, bool)
        courses, of = self.courses, self._events
        patient = self._patient()
        infection = of(Toxicity.INFECTION)
        active = self.patients.infection[courses.patient]
        slots = [
            ("patient", Slot(patient, easy, infections)),
            (_INFECTION, Slot(grouped(patient, np.where(active, courses.so_far, -1), np.where(active, courses.step, -1), np.where(active, infection.code, -1))[1], infection.hard & active, infections)),
            ("dose", Slot(courses.situation, easy, nothing)),
            ("dates", self._dates(every)),
        ]
        if self.pairs is None:
            slots.append(("events", Slot((courses.number > 1).astype(np.int64), easy, nothing)))
        slots += [(f"events.{toxicity}", self._with_findings(toxicity)) for toxicity in _SYNDROMES]
        if self.labs:
            slots += [(f"labs.{analyte}", self._of_analyte(place)) for place, analyte in enumerate(ANALYTES)]
            slots += [(_LIVER, self._liver()), (_FEBRILE, self._febrile(dict(slots)))]
        slots.append(("labs", self._labs()))
        return slots

    def _events(self, toxicity: Toxicity) -> Slot:
        """The events of a toxicity that each dose sees, as a code; -1 without one."""
        return self._folded(lambda pairs: pairs.toxicity == TOXICITIES.index(toxicity))

    def _number(self, toxicity: Toxicity) -> Array:
        """How many events of a toxicity each dose sees, and how many of these end later, as one number."""
        number = np.zeros(self.doses, np.int64)
        if self.pairs is not None:
            at = np.flatnonzero(self.pairs.toxicity == TOXICITIES.index(toxicity))
            number[self.pairs.dose[at]] = self.pairs.seen[at]
        return number

    def _folded(self, where: Callable[[Pairs], Array]) -> Slot:
        """Some of the events that each dose sees, as a code."""
        code, hard = np.full(self.doses, -1), np.zeros(self.doses, bool)
        if self.pairs is None:
            return Slot(code, hard, self._sees([]))
        at = np.flatnonzero(where(self.pairs))
        dose = self.pairs.dose[at]
        hard[dose[self.pairs.hard[at]]] = True
        code = sets_of(dose, self._own_codes[at], self.doses)[0]
        return Slot(code, hard, self._sees([]))

    def _patient(self) -> Array:
        """The facts of the patient, with the infections that events report."""
        courses, book = self.courses, self.book
        cuts = cuts_of(cut for question in ELIGIBILITY for axis, cut in zip(question.axes, book[question].axes, strict=True) if axis is AGE)
        age = self.patients.age_at(courses)
        for years in np.unique(age[~np.isnan(age)]).tolist():
            try:
                Patient(age_years=years)
            except FieldError:
                self.alone.add(REFUSED, courses.patient[age == years])
        band = np.where(np.isnan(age), -1, np.searchsorted(np.array(cuts), age, side="right"))
        state = self._states(Toxicity.INFECTION)
        return grouped(self.patients.code[courses.patient], band, state)[1]

    def _states(self, toxicity: Toxicity) -> Array:
        """Whether an event of a toxicity is ongoing at each dose, and whether one may be, as a code."""
        state = np.zeros(self.doses, np.int64)
        if self.pairs is not None:
            mine = self.pairs.toxicity == TOXICITIES.index(toxicity)
            for over, bit in ((0, 1), (-1, 2)):
                state[np.unique(self.pairs.dose[mine & (self.pairs.over == over)])] |= bit
        return state

    def _dates(self, sees: Sees) -> Slot:
        """The dates of the course, and the events from before it."""
        early = self._folded(lambda pairs: pairs.before == 1)
        hard = early.hard.copy()
        if self.pairs is not None and self.events is not None:
            event = self.pairs.event
            ended = self.events.improved.known[event] | self.events.resolved.known[event]
            hard[self.pairs.dose[~self.events.onset.known[event] & ended]] = True
        single = np.where(hard, np.arange(self.doses) + 1, 0)
        return Slot(grouped(self.courses.situation, early.code, single)[1], hard, sees)

    def episodes(self, slots: Mapping[str, Slot]) -> EpisodeSlot | None:
        """The episodes, with what results show of them."""
        pairs = self.pairs
        if pairs is None or self.events is None:
            return None
        shown = [np.zeros(len(pairs.dose), np.int64) for _ in range(4)]
        hard, single = pairs.hard.copy(), np.zeros(len(pairs.dose), bool)
        apart = np.zeros(len(pairs.dose), bool)
        for place, toxicity in enumerate(TOXICITIES):
            at = np.flatnonzero(pairs.toxicity == place)
            if toxicity in _SYNDROMES:
                apart[at] = self.findings[pairs.dose[at]] > 0
            analytes = _shown_by(toxicity)
            if EARLIER in self.book[TOXICITY_ACTION[toxicity]].asks and self.labs:
                for analyte in analytes:
                    shows = shown_before(self.events, pairs, at, self.labs[analyte], self.seen[analyte], self.codes)
                    hard[at] |= shows
                    shown[3][at] = np.where(shows, 1 + slots[f"labs.{ANALYTES[analyte]}"].code[pairs.dose[at]], 0)
            if toxicity in COUNTED_BY and self.labs:
                (analyte,) = analytes
                single[at] |= self.seen[analyte].doubt[pairs.dose[at]]
                columns, odd = reported_counts(
                    self.events, pairs, at, self.labs[analyte], self.seen[analyte], self.codes, self.courses, toxicity, self.book
                )
                single[at] |= odd
                for column, values in zip(shown[:3], columns, strict=True):
                    column[at] = values
        own = _own(pairs.code, hard, pairs.event, pairs.seen)
        code = grouped(own, *shown, np.where(single, np.arange(len(hard)) + 1, 0))[1] if len(hard) else pairs.code
        hard |= single
        sees = tuple([self._sees(_shown_by(toxicity) if toxicity in COUNTED_BY else self._in_series(toxicity), of=(toxicity,)) for toxicity in TOXICITIES])
        return EpisodeSlot(pairs.dose, pairs.event, pairs.toxicity, np.where(apart, -1, code), hard, sees)

    def _in_series(self, toxicity: Toxicity) -> list[int]:
        """The analytes of which earlier results matter to a reported episode."""
        return _shown_by(toxicity) if EARLIER in self.book[TOXICITY_ACTION[toxicity]].asks else []

    def _with_findings(self, toxicity: Toxicity) -> Slot:
        """The events of a syndrome together with its current findings; -1 for a dose without findings."""
        mine, found = self._events(toxicity), self.findings > 0
        columns = [mine.code, self.findings, self.courses.step, self.courses.untreated]
        return Slot(np.where(found, grouped(*columns)[1], -1), mine.hard & found, self._sees([], of=(toxicity,), findings=True))

    def _of_analyte(self, place: int) -> Slot:
        """The results of an analyte, with what events tell about symptoms and bleeding."""
        toxicity, seen = LAB_TOXICITY.get(ANALYTES[place]), self.seen[place]
        by_symptoms = np.array([*(known.by_symptoms for known in self.codes.known), False])[seen.code] | (seen.undated > 0)
        beside = [np.where(by_symptoms, self.symptoms, -1)]
        own = np.zeros(self.doses, bool)
        may_act = np.array([*(known.may_act for known in self.codes.known), False])[seen.code] | (seen.undated > 0) | (seen.begun > 0)
        if toxicity is not None and self.pairs is not None:
            reported = self._events(toxicity)
            own |= may_act & (reported.code >= 0)
            beside += [may_act & self._bleeding(), np.where(may_act, reported.code, -1), np.where(may_act, self._number(toxicity), 0)]
        code, hard = situation_of(place, self.labs[place], seen, self.codes, self.courses, self.book, beside, own)
        return Slot(code, hard, self._sees([place]))

    def _bleeding(self) -> Array:
        """Whether an event that is not known to be over reports bleeding."""
        bleeds = np.zeros(self.doses, bool)
        if self.pairs is not None and self.events is not None:
            reports = np.array([bool(event.bleeding) for event in self.events.kinds], bool)
            bleeds[self.pairs.dose[reports[self.events.kind[self.pairs.event]] & (self.pairs.over != 1) & (self.pairs.before != 1)]] = True
        return bleeds

    def _liver(self) -> Slot:
        """Aminotransferases with bilirubin. Without one of each that may be an injury together, the part does not vote."""
        both = liver_pairs(self.labs, self.seen, self.codes, self.courses)
        reported = self._events(Toxicity.HEPATOTOXICITY)
        telling = [self.courses.patient, self.courses.untreated, reported.code, self._number(Toxicity.HEPATOTOXICITY), *suspects(self.labs, self.seen, self.codes)]
        return Slot(np.where(both, grouped(*telling)[1], -1), both, self._sees(_shown_by(Toxicity.HEPATOTOXICITY), of=(Toxicity.HEPATOTOXICITY,)))

    def _febrile(self, slots: Mapping[str, Slot]) -> Slot:
        """The neutrophils with a current temperature."""
        neutrophils, reported = slots["labs.neutrophils"], self._events(Toxicity.FEBRILE_NEUTROPENIA)
        joint = grouped(neutrophils.code, reported.code, self.findings)[1]
        hard = (neutrophils.hard | reported.hard) & self.temperatures
        place = ANALYTES.index(Analyte.NEUTROPHILS)
        return Slot(np.where(self.temperatures, joint, -1), hard, self._sees([place], of=(Toxicity.FEBRILE_NEUTROPENIA,), findings=True))

    def _labs(self) -> Slot:
        """Whether results that count are old, and which analytes have one that counts."""
        courses = self.courses
        doubt = np.zeros(self.doses, bool)
        counting, old = np.zeros(self.doses, np.int64), np.zeros(self.doses, np.int64)
        for place, seen in enumerate(self.seen):
            doubt |= seen.doubt
            counting |= seen.counts.astype(np.int64) << place
            old |= (seen.counts & seen.old & (self.ages == 0)).astype(np.int64) << place
        required, left_open = self._wanted()
        single = np.where(doubt, np.arange(self.doses) + 1, 0)
        telling = courses.kind, courses.untreated, counting & left_open, old & (required | left_open), single
        return Slot(grouped(*telling)[1], doubt, self._sees(list(range(len(ANALYTES))), of=()))

    def _wanted(self) -> tuple[Array, Array]:
        """The analytes that each dose requires, and those of which the book leaves that open, one bit each."""
        number = self.courses.number
        masks = np.zeros((2, int(number.max(initial=0)) + 1), np.int64)
        for place in np.unique(number[number > 0]).tolist():
            point = DosePoint.at(place)
            required = [analyte for analyte, need, _ in needs(point, self.book) if need is LabNeed.REQUIRED]
            for mask, analytes in zip(masks, (required, [analyte for analyte, _ in open_needs(point, self.book)]), strict=True):
                mask[place] = sum(1 << ANALYTES.index(analyte) for analyte in analytes)
        return masks[0][number], masks[1][number]

    def _sees(self, analytes: list[int], *, of: tuple[Toxicity, ...] | None = None, findings: bool = False) -> Sees:
        """The results of some analytes, and the events of some toxicities, or all events."""
        analyte, wanted = self.codes.analyte, frozenset(analytes)
        toxicity = None if self.events is None else self.events.toxicity
        asked = frozenset(TOXICITIES.index(name) for name in (TOXICITIES if of is None else of))
        return Sees(
            lab=lambda row: int(analyte[row]) in wanted,
            event=lambda row: toxicity is not None and int(toxicity[row]) in asked,
            findings=findings,
            zone=self.zoned,
        )


def _own(code: Array, hard: Array, event: Array, seen: Array) -> Array:
    """The code of each pair of a dose and an event; if that is not plain, only doses that see the same episodes share it."""
    return grouped(code, np.where(hard, event + 1, 0), np.where(hard, seen, 0))[1] if len(code) else code


@frozen(eq=False)
class _Patients:
    """The facts of the patients as codes.

    Attributes:
        code: Everything but the age, as a code; the last item is for nobody.

        age: The age in years; NaN if it is not known.

        born: The date of birth as year, month and day; a year of 0 if it is not known.

        infection: Whether the patient's own field says that there is an infection.
    """

    code: Array
    age: Array
    born: Array
    infection: Array

    def age_at(self, courses: Courses) -> Array:
        """The age at each dose."""
        age = self.age[courses.patient].copy()
        born = self.born[courses.patient]
        at = np.flatnonzero(np.isnan(age) & (born[:, 0] > 0))
        if len(at):
            now = _dates_of(courses.started.day[at])
            birthday = (now[:, 1] < born[at, 1]) | ((now[:, 1] == born[at, 1]) & (now[:, 2] < born[at, 2]))
            age[at] = now[:, 0] - born[at, 0] - birthday
        return age


def _dates_of(days: Array) -> Array:
    """Year, month and day of days since 1970."""
    day = days.astype("datetime64[D]")
    month, year = day.astype("datetime64[M]"), day.astype("datetime64[Y]")
    return np.stack([year.astype(int) + 1970, month.astype(int) % 12 + 1, (day - month).astype(int) + 1], axis=1)


_FACTS: Final = tuple([column.name for column in TABLES["patients"] if column.name not in {"patient", "age_years", "birth_date", "site_zone"}])


def _patients(registry: Registry, alone: Alone) -> _Patients:
    table = registry.patients
    facts = {name: coded(table.columns.get(name), table.rows) for name in (*_FACTS, "age_years", "site_zone")}
    born = table.times.get("birth_date")
    first, group = grouped(*[codes for codes, _ in facts.values()])
    sound = np.ones(len(first), bool)
    infection = np.zeros(len(first), bool)
    age = np.full(len(first), np.nan)
    for n, row in enumerate(first.tolist()):
        values = {name: values[codes[row]] for name, (codes, values) in facts.items()}
        try:
            zone_name(values.pop("site_zone"))
            patient = Patient(**values)
        except FieldError:
            sound[n] = False
            continue
        infection[n] = patient.infection in ActiveInfection
        age[n] = np.nan if patient.age_years is None else patient.age_years
    alone.add(REFUSED, np.flatnonzero(~sound[group]))
    dates = np.zeros((table.rows, 3), np.int64)
    if born is not None:
        dated = np.isin(born.kind, (DAY, NAIVE, AWARE))
        dates[dated] = _dates_of(born.wall[dated] // A_DAY)
        alone.add(REFUSED, np.flatnonzero(born.kind == UNREAD))
    last = np.zeros((1, 3), np.int64)
    codes = grouped(*[codes for name, (codes, _) in facts.items() if name in _FACTS])[1]
    return _Patients(
        np.concatenate([codes, [0]]), np.concatenate([age[group], [np.nan]]), np.concatenate([dates, last]), np.concatenate([infection[group], [False]])
    )


def _max_ages(registry: Registry, alone: Alone, max_age: timedelta | None) -> Array:
    """The maximum age of results at each dose in microseconds; 0 without one."""
    doses = registry.doses
    codes, values = coded(doses.table.columns.get("max_lab_age"), doses.table.rows)
    ages = np.zeros(len(values), np.int64)
    wrong = np.zeros(len(values), bool)
    for n, value in enumerate(values):
        try:
            age = max_age if value is None else lab_age(value, "max_lab_age")
            ages[n] = 0 if age is None else round(age.total_seconds() * 1_000_000)
        except FieldError:
            wrong[n] = True
    alone.add(REFUSED, doses.patient[wrong[codes]])
    return ages[codes]


def _findings(registry: Registry, alone: Alone) -> tuple[Array, Array]:
    """The findings of each dose as a code, 0 without any; and whether there is a temperature among them."""
    table = registry.doses.table
    names = [column.name for column in TABLES["doses"] if column.name.startswith("findings_") and column.name in table.columns]
    if not names:
        return np.zeros(table.rows, np.int64), np.zeros(table.rows, bool)
    first, group = grouped(*[coded(table.columns[name], table.rows)[0] for name in names])
    code, warm = np.zeros(len(first), np.int64), np.zeros(len(first), bool)
    for n, row in enumerate(first.tolist()):
        try:
            found = tuple(findings_of(table, row))
        except FieldError:
            alone.add(REFUSED, registry.doses.patient[group == n])
            continue
        code[n] = n + 1 if found else 0
        warm[n] = any(getattr(item, "temperature", None) is not None for item in found)
    return code[group], warm[group]

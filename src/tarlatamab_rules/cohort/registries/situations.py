"""Every dose of a registry as situations: for each part of an assessment, a code of all that the part sees.

Doses with one code in a part have one answer in that part, so the scalar function judges a situation once. Nothing clinical stands here:
codes come from the cuts of compiled tables and from the functions of the library. What has no plain form has a code of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from tarlatamab_rules.assessment.lab_unused import open_needs
from tarlatamab_rules.assessment.recovery import COUNTED_BY
from tarlatamab_rules.cohort.reading.times import AWARE
from tarlatamab_rules.cohort.registries.alone import OFFSETS, ORDER, REFUSED, Alone
from tarlatamab_rules.cohort.registries.clock import Moments, with_several_offsets
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array, cuts_of
from tarlatamab_rules.cohort.registries.courses import Courses, courses_of
from tarlatamab_rules.cohort.registries.doses import Registry, Sees
from tarlatamab_rules.cohort.registries.episodes import TOXICITIES, EventRows, Pairs, event_rows, pairs_of
from tarlatamab_rules.cohort.registries.facts_of import finding_codes, max_ages, patient_codes
from tarlatamab_rules.cohort.registries.lab_codes import ANALYTES, LabCodes, lab_codes
from tarlatamab_rules.cohort.registries.lab_seen import LabRows, lab_rows, on_first_day, seen_of
from tarlatamab_rules.cohort.registries.lab_slots import situation_of
from tarlatamab_rules.cohort.registries.shown import liver_pairs, reported_counts, reports_at, shown_before, suspects, symptoms_at
from tarlatamab_rules.cohort.registries.slots import FEBRILE, INFECTION, LIVER, EpisodeSlot, Situations, Slot
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import AGE, EARLIER
from tarlatamab_rules.rulebooks.questions import ELIGIBILITY, LAB_TOXICITY, TOXICITY_ACTION
from tarlatamab_rules.rules.labs import needs
from tarlatamab_rules.values.vocabulary import LabNeed

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["situations_of"]

_SYNDROMES: Final = (Toxicity.CRS, Toxicity.ICANS)


def _shown_by(toxicity: Toxicity) -> list[int]:
    """The places of the analytes that show a toxicity."""
    return [place for place, analyte in enumerate(ANALYTES) if LAB_TOXICITY.get(analyte) is toxicity]


def situations_of(registry: Registry, book: Rulebook, max_age: timedelta | None, codebook: Codebook) -> Situations:
    """The situations of every dose of a registry."""
    alone = Alone(np.zeros(registry.patients.rows, np.int16))
    alone.add(REFUSED, np.array(sorted(registry.twice), np.int64))
    known = _Known(registry, book, alone, max_age, codebook)
    slots = dict(known.slots())
    return Situations(slots, known.episodes(slots), alone, known.courses.apart)


_COMPARED: Final = frozenset((*COUNTED_BY, Toxicity.HEPATOTOXICITY))
"""The toxicities of which reports are compared with results."""


class _Known:
    """What was found out about all doses, while the slots are made."""

    def __init__(self, registry: Registry, book: Rulebook, alone: Alone, max_age: timedelta | None, codebook: Codebook) -> None:
        self.registry, self.book, self.alone, self.codebook = registry, book, alone, codebook
        tables = [some.table for some in (registry.doses, registry.labs, registry.events) if some is not None]
        self.zoned = any(bool((times.kind == AWARE).any()) for table in tables for times in table.times.values())
        self.patients = patient_codes(registry, alone, codebook)
        self.ages = max_ages(registry, alone, max_age)
        self.findings, self.temperatures = finding_codes(registry, alone, codebook)
        self.codes: LabCodes = lab_codes(registry, book, codebook)
        self.labs: tuple[LabRows, ...] = lab_rows(registry, self.codes, alone, codebook)
        self.events: EventRows | None = event_rows(registry, alone)
        self.courses: Courses = courses_of(registry, book, alone, codebook, self.patients, self._listed())
        self.doses = len(self.courses.patient)
        if self.zoned:
            alone.add(OFFSETS, with_several_offsets(registry.patients.rows, self._moments()))
        self.seen = [seen_of(labs, self.codes, self.courses, self.ages, codebook) for labs in self.labs]
        for labs in self.labs:
            alone.add(ORDER, on_first_day(labs, self.codes, self.courses))
        self.pairs: Pairs | None = None if self.events is None else pairs_of(self.events, self.courses, book, codebook)
        pairs = self.pairs
        self.symptoms = (
            np.full(self.doses, -1) if pairs is None or self.events is None else symptoms_at(self.events, pairs, self.doses, book, codebook)
        )
        self._own_codes = np.zeros(0, np.int64) if pairs is None else _own(pairs.code, pairs.hard, pairs.event, pairs.seen, codebook)

    def _listed(self) -> list[tuple[Array, Moments]]:
        """All times of results and events, each column with the patient of each row."""
        columns = [(labs.patient, labs.when) for labs in self.labs]
        if self.events is not None:
            columns += [(self.events.patient, some) for some in (self.events.onset, self.events.improved, self.events.resolved)]
        return columns

    def _moments(self) -> list[tuple[Array, Moments]]:
        """All times that doses see, likewise."""
        courses = self.courses
        return [(courses.patient, courses.started), (courses.patient, courses.ended), *self._listed()]

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
            (
                INFECTION,
                Slot(
                    self.codebook.grouped(
                        "infection",
                        patient,
                        np.where(active, courses.so_far, -1),
                        np.where(active, courses.step, -1),
                        np.where(active, infection.code, -1),
                        once=infection.hard & active,
                    ),
                    infection.hard & active,
                    infections,
                ),
            ),
            ("dose", Slot(courses.situation, easy, nothing)),
            ("dates", self._dates(every)),
        ]
        if self.pairs is None:
            slots.append(("events", Slot((courses.number > 1).astype(np.int64), easy, nothing)))
        slots += [(f"events.{toxicity}", self._with_findings(toxicity)) for toxicity in _SYNDROMES]
        slots += [(f"labs.{analyte}", self._of_analyte(place)) for place, analyte in enumerate(ANALYTES)]
        slots += [(LIVER, self._liver()), (FEBRILE, self._febrile(dict(slots)))]
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
        code = self.codebook.sets("events", dose, self._own_codes[at], self.doses)
        return Slot(code, hard, self._sees([]))

    def _patient(self) -> Array:
        """The facts of the patient, with the infections that events report."""
        courses, book = self.courses, self.book
        cuts = cuts_of(cut for question in ELIGIBILITY for axis, cut in zip(question.axes, book[question].axes, strict=True) if axis is AGE)
        age = self.patients.age_at(courses.patient, courses.started)
        for years in np.unique(age[~np.isnan(age)]).tolist():
            try:
                Patient(age_years=years)
            except FieldError:
                self.alone.add(REFUSED, courses.patient[age == years])
        band = np.where(np.isnan(age), -1, np.searchsorted(np.array(cuts), age, side="right"))
        state = self._states(Toxicity.INFECTION)
        return self.codebook.grouped("eligibility", self.patients.code[courses.patient], band, state)

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
        return Slot(self.codebook.grouped("dates", self.courses.situation, early.code, single, once=hard), hard, sees)

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
            if EARLIER in self.book[TOXICITY_ACTION[toxicity]].asks:
                for analyte in analytes:
                    shows = shown_before(self.events, pairs, at, self.labs[analyte], self.seen[analyte], self.codes)
                    hard[at] |= shows
                    shown[3][at] = np.where(shows, 1 + slots[f"labs.{ANALYTES[analyte]}"].code[pairs.dose[at]], 0)
            if toxicity is Toxicity.HEPATOTOXICITY:
                # A current grade is compared with the results.
                single[at] |= np.array([known.current_grade is not None for known in self.events.kinds])[pairs.kind[at]]
            if toxicity in COUNTED_BY:
                (analyte,) = analytes
                single[at] |= (self.seen[analyte].doubt | self.seen[analyte].open)[pairs.dose[at]]
                columns, odd = reported_counts(
                    self.events, pairs, at, self.labs[analyte], self.seen[analyte], self.codes, self.courses, toxicity, self.book
                )
                single[at] |= odd
                for column, values in zip(shown[:3], columns, strict=True):
                    column[at] = values
        own = _own(pairs.code, hard, pairs.event, pairs.seen, self.codebook)
        hard |= single
        code = self.codebook.grouped("episode", own, *shown, np.where(single, np.arange(len(hard)) + 1, 0), once=hard)
        sees = tuple(
            [
                self._sees(_shown_by(toxicity) if toxicity in _COMPARED else self._in_series(toxicity), of=(toxicity,))
                for toxicity in TOXICITIES
            ]
        )
        return EpisodeSlot(pairs.dose, pairs.event, pairs.toxicity, np.where(apart, -1, code), hard, sees)

    def _in_series(self, toxicity: Toxicity) -> list[int]:
        """The analytes of which earlier results matter to a reported episode."""
        return _shown_by(toxicity) if EARLIER in self.book[TOXICITY_ACTION[toxicity]].asks else []

    def _with_findings(self, toxicity: Toxicity) -> Slot:
        """The events of a syndrome together with its current findings; -1 for a dose without findings."""
        mine, found = self._events(toxicity), self.findings > 0
        columns = [mine.code, self.findings, self.courses.step, self.courses.untreated]
        return Slot(
            np.where(found, self.codebook.grouped(toxicity, *columns, once=mine.hard), -1),
            mine.hard & found,
            self._sees([], of=(toxicity,), findings=True),
        )

    def _of_analyte(self, place: int) -> Slot:
        """The results of an analyte, with what events show about symptoms and bleeding."""
        toxicity, seen = LAB_TOXICITY.get(ANALYTES[place]), self.seen[place]
        by_symptoms = np.array([*(known.by_symptoms for known in self.codes.known), False])[seen.code] | (seen.undated > 0)
        beside = [np.where(by_symptoms, self.symptoms, -1)]
        own, reports = np.zeros(self.doses, bool), None
        acts = np.array([*(known.may_act for known in self.codes.known), False])
        undated = np.array([any(acts[code] for code in listed) for listed in self.labs[place].undated_codes])[seen.undated]
        may_act = acts[seen.code] | undated | (seen.begun > 0) | seen.open
        if toxicity is not None and self.pairs is not None and self.events is not None:
            reported = self._events(toxicity)
            reports = reports_at(
                self.pairs,
                self.events,
                self.courses,
                toxicity,
                may_act & ~reported.hard & ((seen.undated == 0) | ~(undated | (seen.begun > 0))),
            )
            own |= may_act & (reported.code >= 0) & ~reports.plain
            beside += [
                may_act & self._bleeding(self.pairs, self.events),
                np.where(may_act, reported.code, -1),
                np.where(may_act, self._number(toxicity), 0),
            ]
        code, hard = situation_of(place, self.labs[place], seen, self.codes, self.courses, self.book, beside, own, reports, self.codebook)
        return Slot(code, hard, self._sees([place]))

    def _bleeding(self, pairs: Pairs, events: EventRows) -> Array:
        """Whether an event that is not known to be over reports bleeding, by dose."""
        bleeds = np.zeros(self.doses, bool)
        reports = np.array([bool(event.bleeding) for event in events.kinds], bool)
        bleeds[pairs.dose[reports[pairs.kind] & (pairs.over != 1) & (pairs.before != 1)]] = True
        return bleeds

    def _liver(self) -> Slot:
        """Aminotransferases with bilirubin. Without one of each that may be an injury together, the part does not vote."""
        both = liver_pairs(self.labs, self.seen, self.codes, self.courses)
        reported = self._events(Toxicity.HEPATOTOXICITY)
        telling = [
            self.courses.patient,
            self.courses.first >= 0,
            reported.code,
            self._number(Toxicity.HEPATOTOXICITY),
            *suspects(self.labs, self.seen, self.codes),
        ]
        code = self.codebook.grouped(LIVER, *telling, once=np.ones(self.doses, bool))
        return Slot(np.where(both, code, -1), both, self._sees(_shown_by(Toxicity.HEPATOTOXICITY), of=(Toxicity.HEPATOTOXICITY,)))

    def _febrile(self, slots: Mapping[str, Slot]) -> Slot:
        """The neutrophils with a current temperature."""
        # Current findings are merged into an ongoing syndrome that is reported.
        neutrophils, reported, syndrome = slots["labs.neutrophils"], self._events(Toxicity.FEBRILE_NEUTROPENIA), self._events(Toxicity.CRS)
        hard = neutrophils.hard | reported.hard | syndrome.hard
        joint = self.codebook.grouped(FEBRILE, neutrophils.code, reported.code, syndrome.code, self.findings, once=hard)
        hard &= self.temperatures
        place = ANALYTES.index(Analyte.NEUTROPHILS)
        return Slot(
            np.where(self.temperatures, joint, -1),
            hard,
            self._sees([place], of=(Toxicity.FEBRILE_NEUTROPENIA, Toxicity.CRS), findings=True),
        )

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
        return Slot(self.codebook.grouped("labs", *telling, once=doubt), doubt, self._sees(list(range(len(ANALYTES))), of=()))

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
        shown, asked = np.zeros(len(ANALYTES) + 1, bool), np.zeros(len(TOXICITIES) + 1, bool)
        shown[analytes] = True  # the last one, -1, is for rows of unknown analytes
        asked[[TOXICITIES.index(name) for name in (TOXICITIES if of is None else of)]] = True
        event = None if self.events is None or of is None else asked[self.events.toxicity]
        return Sees(shown[self.codes.analyte], event, findings=findings, zone=self.zoned)


def _own(code: Array, hard: Array, event: Array, seen: Array, codebook: Codebook) -> Array:
    """The code of each pair of a dose and an event; if that is not plain, only doses that see the same episodes share it."""
    return codebook.grouped("own event", code, np.where(hard, event + 1, 0), np.where(hard, seen, 0), once=hard)

"""The parts of an assessment, one after the other, for the rows of a chunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from tarlatamab_rules.cohort.frames.chunks import ABSENT, EVERYWHERE
from tarlatamab_rules.cohort.frames.cuts import LAST_NUMBER
from tarlatamab_rules.cohort.frames.events import Episodes, Findings, episodes_of, findings_of
from tarlatamab_rules.cohort.frames.facts import ORDER, gap, strictly_later, taken
from tarlatamab_rules.cohort.frames.folds import Coded, nothing
from tarlatamab_rules.cohort.frames.labs import Results, results_of
from tarlatamab_rules.cohort.frames.parts import NO_RANK, columns_of
from tarlatamab_rules.cohort.frames.working import BLEEDS, Working
from tarlatamab_rules.cohort.reading.coders import band_codes
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rulebooks.facts import BLEEDING, SYMPTOMATIC
from tarlatamab_rules.rulebooks.questions import BY_AGE, LAB_GRADE, LAB_TOXICITY, TOXICITY_ACTION

if TYPE_CHECKING:
    import numpy.typing as npt

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]

__all__ = ["Assessing"]

_CONTEXT: Final = EVERYWHERE - {"events_reviewed"}
_LIVER: Final = tuple(analyte for analyte in Analyte if LAB_TOXICITY.get(analyte) is Toxicity.HEPATOTOXICITY)
_BLOOD: Final = tuple(analyte for analyte in Analyte if analyte in LAB_TOXICITY)
_OLDEST: Final = 130


def _lab(analyte: Analyte) -> str:
    return f"labs.{analyte}"


def _event(toxicity: Toxicity) -> str:
    return f"events.{toxicity}"


_NEUTROPENIC: Final = (Toxicity.NEUTROPENIA, Toxicity.FEBRILE_NEUTROPENIA)
"""The toxicities that a temperature and a neutrophil count bear on."""


class Assessing(Working):
    """The assessment of the rows of a chunk."""

    results: dict[Analyte, Results]
    episodes: dict[Toxicity, Episodes]
    course: Coded
    infection: Coded
    role: Coded
    doubtful: Coded

    def run(self) -> None:
        """All parts."""
        self.around: list[tuple[Coded, Coded]] = []
        self.chunk.check_clocks()
        self._course()
        results = ((analyte, results_of(self.facts, analyte)) for analyte in Analyte)
        self.results = {analyte: found for analyte, found in results if found is not None}
        reported = ((toxicity, episodes_of(self.facts, toxicity)) for toxicity in Toxicity)
        self.episodes = {toxicity: found for toxicity, found in reported if found is not None}
        self._bleeding()
        self._dose()
        self._patient()
        self._infection()
        self._findings(Toxicity.CRS)
        self._findings(Toxicity.ICANS)
        for episodes in self.episodes.values():
            if episodes.toxicity is not Toxicity.INFECTION:
                self._events(episodes)
        self._liver()
        self._labs()

    def _course(self) -> None:
        """The course of each row, and the role of the planned dose."""
        kernel, facts = self.kernel, self.facts
        part = kernel.part("course", (), _CONTEXT, None)
        self.course = facts.course
        numbers = part.number(self.course, self.good, self.row, kernel.role)
        self._faults(part, self.course.codes, None, {})
        self.role = Coded(numbers, kernel.roles.size, grows=True)

    def _bleeding(self) -> None:
        """Marks rows with bleeding that a result of another toxicity may have to do with."""
        book, bleeding = self.kernel.asked.book, [episodes for episodes in self.episodes.values() if episodes.bleeding.any()]
        asking = {toxicity for toxicity in LAB_TOXICITY.values() if BLEEDING in book[TOXICITY_ACTION[toxicity]].asks} if bleeding else set()
        for episodes in bleeding:
            affected = [_event(other) for other in asking - {episodes.toxicity}]
            affected += [_lab(analyte) for analyte, other in LAB_TOXICITY.items() if other in asking - {episodes.toxicity}]
            if affected:
                mask = np.zeros(self.rows, bool)
                mask[episodes.rows[episodes.bleeding]] = True
                self.chunk.mark(mask, *columns_of(affected), why=BLEEDS)
                self.bleeds_by(columns_of((_event(episodes.toxicity),)))

    def _dose(self) -> None:
        part = self.kernel.part("dose", ("dose", "events", "dates"), EVERYWHERE)
        states = self.chain("dose", (self.course, self.facts.ordered, self.facts.reviewed))
        self.look_up(part, states)
        doubts = part.ranks[2] > NO_RANK
        self.doubtful = Coded(doubts.view(np.int8).take(states.codes) if doubts.any() else np.zeros(self.rows, np.int8), 2)

    def _patient(self) -> None:
        chunk, infection = self.chunk, self.episodes.get(Toxicity.INFECTION)
        truths = ("progressed_after_platinum", "childbearing_potential", "pregnant", "breastfeeding", "hypersensitivity")
        self.infection = chunk.word_codes("infection")
        facts = self.chain("patient", (*self._age(), chunk.word_codes("diagnosis"), self.infection, *map(chunk.truths, truths)))
        if infection is not None:
            rows = infection.rows
            facts = facts.instead(rows, self.chain("infected patient", (infection.codes, self.role.take(rows), facts.take(rows))))
        columns = EVERYWHERE | columns_of(("patient", _event(Toxicity.INFECTION)))
        name = "patient" if infection is None else "patient, or infected"  # the same codes mean other facts
        self.look_up(self.kernel.part(name, ("eligibility", "patient"), columns), facts)

    def _age(self) -> Iterator[Coded]:
        values = self.chunk.numbers("age_years")
        if values is None:
            yield nothing(self.rows)
            return
        absent = np.isnan(values)
        self.chunk.mark((values < 0) | (values > _OLDEST), "age_years")
        cuts = self.kernel.asked.book[BY_AGE].axes[0].cuts[1:-1]  # type: ignore[union-attr]  # an age is a number
        yield Coded(band_codes(values, cuts), len(cuts) + 1)
        yield Coded(absent.view(np.int8), 2)

    def _infection(self) -> None:
        """The infection of the patient, and a reported one. Only an active infection, or one that was reported, is judged by the course."""
        field, toxicity = self.infection, Toxicity.INFECTION
        facts = self.chain("infection", (field, self.facts.reviewed, self.doubtful))
        judged = (field.codes > 0) & (field.codes < field.size - 1)
        reported = self.episodes.get(toxicity)
        if reported is not None:
            judged[reported.rows] = True
        rows = np.flatnonzero(judged)
        since = self.none if reported is None else self._since_doses(reported)
        of_rows = [fact.take(rows) for fact in (self.course, since, facts)]
        of_rows.append(self.none.take(rows) if reported is None else reported.take(rows, self.rows))
        facts = facts.instead(rows, self.chain("active infection", of_rows))
        columns = EVERYWHERE | columns_of((_event(toxicity),)) | {"infection"}
        self.look_up(self.kernel.part("infection", ("patient.infection", _event(toxicity), "dates"), columns), facts)

    def _since_doses(self, episodes: Episodes) -> Coded:
        """The days from the previous dose to the onset of episodes that do not certainly follow it; 0 elsewhere."""
        facts, rows = self.facts, episodes.rows
        codes = np.zeros(self.rows, np.int32)
        previous, onset = taken(facts.previous, rows), episodes.onset
        later = strictly_later(gap(previous, onset, ORDER, len(rows)), len(rows))
        apart = np.zeros(len(rows), np.int32)
        if previous is not None and onset is not None:
            apart = np.where(previous.known & onset.known, np.clip(onset.days - previous.days, -_FAR, _FAR) + _FAR, 0)
        last = facts.last.take(rows)
        exact = self.chain(("since", episodes.toxicity), (Coded(last, LAST_NUMBER + 1), Coded(apart, 2 * _FAR + 1)))
        codes[rows] = np.where(later, 0, exact.codes + 1)
        return Coded(codes, exact.size + 1, grows=True)

    def _place_of(self, episodes: Episodes, analytes: tuple[Analyte, ...], rows: Rows) -> Iterator[Coded]:
        """What the rules see of the course for the episodes of a toxicity."""
        by_begin = episodes.toxicity in self.kernel.cuts.by_begin
        of_role = self.kernel.roles.for_event(episodes.toxicity, analytes)
        yield self.course.take(rows) if by_begin else self._reduced(of_role, rows)
        yield self.facts.reviewed.take(rows)
        yield self.doubtful.take(rows)
        if by_begin:
            yield self._since_doses(episodes).take(rows)

    # --- events, with what bears on them ---

    def _beside(self, episodes: Episodes, analyte: Analyte, rows: Rows) -> Iterator[Coded]:
        """A result, and how its date lies to those of an episode."""
        results = self.results[analyte]
        yield results.take(rows)
        collected, bands = taken(results.collected, rows), self.kernel.cuts.clocks[episodes.toxicity]
        onset, improved, resolved = (
            _spread(dates, episodes.rows, rows, self.rows) for dates in (episodes.onset, episodes.improved, episodes.resolved)
        )
        yield gap(onset, collected, bands, len(rows))
        yield gap(improved, collected, ORDER, len(rows))
        yield gap(resolved, collected, ORDER, len(rows))

    def _pairs(self, analytes: Sequence[Analyte], rows: Rows) -> Iterator[Coded]:
        """How the dates of results lie to each other."""
        for place, one in enumerate(analytes):
            for other in analytes[place + 1 :]:
                first, second = (taken(self.results[analyte].collected, rows) for analyte in (one, other))
                yield gap(first, second, ORDER, len(rows))

    def _events(self, episodes: Episodes) -> None:
        """The episodes of one toxicity, with the results that are signs of it."""
        toxicity, rows = episodes.toxicity, episodes.rows
        name, hidden = _event(toxicity), self.replaced.get(_event(toxicity))
        if hidden is not None:
            keep = ~hidden.take(rows)
            rows = rows[keep]
        if not len(rows):
            return
        analytes = tuple(analyte for analyte in _BLOOD if LAB_TOXICITY[analyte] is toxicity and analyte in self.results)
        names = (name, *map(_lab, analytes))
        columns = EVERYWHERE | columns_of(names)
        part = self.kernel.part(("event", toxicity), (*names, "dates"), columns)
        facts = [episodes.take(rows, self.rows), *self._place_of(episodes, analytes, rows)]
        for analyte in analytes:
            facts += self._beside(episodes, analyte, rows)
        facts += self._pairs(analytes, rows)
        self.replace(map(_lab, analytes), rows)
        self.look_up(part, self.chain(("event", toxicity, "whole"), facts), rows, over=names)

    def _findings(self, syndrome: Toxicity) -> None:
        """The current findings of a syndrome, with the reported episode; a temperature with the neutrophil count as well."""
        found = findings_of(self.facts, syndrome)
        if found is None:
            return
        rows = found.rows
        toxicities: tuple[Toxicity, ...] = (syndrome,)
        analytes: tuple[Analyte, ...] = ()
        if syndrome is Toxicity.CRS:
            toxicities = (syndrome, *_NEUTROPENIC)
            analytes = (Analyte.NEUTROPHILS,) if Analyte.NEUTROPHILS in self.results else ()
        names = (*map(_event, toxicities), f"findings.{syndrome}", *map(_lab, analytes))
        columns = EVERYWHERE | columns_of(names)
        part = self.kernel.part(("findings", syndrome), (*names, "dates"), columns)
        episodes = [self.episodes[toxicity] for toxicity in toxicities if toxicity in self.episodes]
        self.look_up(part, self._findings_states(found, toxicities, episodes, analytes), rows, over=self._hide(names, rows))

    def _hide(self, names: Sequence[str], rows: Rows) -> Sequence[str]:
        self.replace(names, rows)
        return names

    def _findings_states(
        self, found: Findings, toxicities: Sequence[Toxicity], episodes: Sequence[Episodes], analytes: Sequence[Analyte]
    ) -> Coded:
        rows = found.rows
        facts = [found.codes, self.role.take(rows), self.facts.reviewed.take(rows), self.doubtful.take(rows)]
        by_begin = not self.kernel.cuts.by_begin.isdisjoint(toxicities)
        facts.append(self.course.take(rows) if by_begin else self.none.take(rows))
        for toxicity in toxicities:
            of = next((item for item in episodes if item.toxicity is toxicity), None)
            facts.append(self.none.take(rows) if of is None else of.take(rows, self.rows))
            facts.append(self._since_doses(of).take(rows) if of is not None and by_begin else self.none.take(rows))
        for analyte in analytes:
            neutropenia = next((item for item in episodes if item.toxicity is Toxicity.NEUTROPENIA), None)
            facts += (self.results[analyte].take(rows), self._sides(neutropenia, analyte, rows))
        return self.chain(("findings", toxicities[0], "whole"), facts)

    def _sides(self, episodes: Episodes | None, analyte: Analyte, rows: Rows) -> Coded:
        """How the dates of a result lie to those of an episode, as one code; 0 without an episode."""
        if episodes is None:
            return self.none.take(rows)
        _, *dates = self._beside(episodes, analyte, rows)
        sides = self.chain(("sides", analyte), dates)
        return Coded(sides.codes + 1, sides.size + 1, grows=True)

    # --- results ---

    def _liver(self) -> None:
        """Aminotransferases and bilirubin that may be raised together, where no event reports a liver injury."""
        enzymes = [self.results[analyte].values.raised for analyte in (Analyte.ALT, Analyte.AST) if analyte in self.results]
        if not self.kernel.cuts.pairs_liver or not enzymes or Analyte.BILIRUBIN not in self.results:
            return
        together = np.zeros(self.rows, bool)
        for raised in enzymes:
            together |= raised
        together &= self.results[Analyte.BILIRUBIN].values.raised
        together |= self.chunk.odd_in(columns_of(map(_lab, _LIVER)))  # values without a code may be raised
        if (hidden := self.replaced.get(_lab(Analyte.BILIRUBIN))) is not None:
            together &= ~hidden
        rows = np.flatnonzero(together)
        if not len(rows):
            return
        analytes = tuple(analyte for analyte in _LIVER if analyte in self.results)
        names = tuple(map(_lab, analytes))
        part = self.kernel.part("liver", names, EVERYWHERE | columns_of(names))
        facts = [self._reduced(self.kernel.roles.for_event(Toxicity.HEPATOTOXICITY, analytes), rows), self.facts.reviewed.take(rows)]
        facts += [self.results[analyte].take(rows) for analyte in analytes]
        facts += self._pairs(analytes, rows)
        self.replace(names, rows)
        self.look_up(part, self.chain("liver", facts), rows, over=names)

    def _reduced(self, of_role: Coded, rows: Rows | None = None) -> Coded:
        """The planned doses of some or all rows, as far as they are distinguished."""
        if of_role.size <= 1:
            return self.none if rows is None else self.none.take(rows)
        roles = self.role.codes if rows is None else self.role.codes.take(rows)
        return Coded(of_role.codes.take(roles, mode="clip"), of_role.size, grows=True)

    def _labs(self) -> None:
        """Each result by itself, and the vote on all of them."""
        other = self.episodes.get(Toxicity.OTHER)
        of_role = self._reduced(self.kernel.roles.for_results(tuple(Analyte)))
        standings = []
        for analyte in self.results:
            by_others = other is not None and SYMPTOMATIC in LAB_GRADE[analyte].axes
            standings.append(self._lab(analyte, of_role, other if by_others else None))
        self._missing_labs(of_role)
        if self.kernel.cuts.leaves_needs_open or any(standing.size > 1 for standing in standings):
            part = self.kernel.part("labs", ("labs",), _CONTEXT | columns_of(map(_lab, self.results)))
            self.look_up(part, self.chain("labs", (self.role, *standings)))

    def _lab(self, analyte: Analyte, of_role: Coded, others: Episodes | None) -> Coded:
        """One result by itself; gives what it contributes to the vote on all results."""
        kernel, results = self.kernel, self.results[analyte]
        name = "lab", analyte, results.values.limits
        columns = EVERYWHERE | columns_of((_lab(analyte), _event(Toxicity.OTHER)))
        states = self.chain(name, (self._around(results.drawn, of_role), results.values.codes))
        if others is not None:
            of_rows = states.take(others.rows), others.take(others.rows, self.rows)
            states = states.instead(others.rows, self.chain((*name, "others"), of_rows))
        # With other episodes in the chunk, the same codes mean other facts.
        part = kernel.part((*name, others is None), (_lab(analyte),), columns, partial(kernel.standing, analyte))
        return Coded(self.look_up(part, states), kernel.standings + 1, grows=True)

    def _around(self, drawn: Coded, of_role: Coded) -> Coded:
        """What the votes on results depend on beside their values. It is the same for samples of one draw."""
        for known, codes in self.around:
            if known is drawn:
                return codes
        codes = self.chain("around results", (drawn, of_role, self.facts.reviewed))
        self.around.append((drawn, codes))
        return codes

    def _missing_labs(self, of_role: Coded) -> None:
        """The analytes without a column: a dose may require them."""
        absent = tuple(analyte for analyte in Analyte if analyte not in self.results)
        if absent:
            names = tuple(map(_lab, absent))
            part = self.kernel.part("missing labs", names, EVERYWHERE | columns_of(names))
            self.look_up(part, self.chain("missing labs", (self.facts.reviewed, of_role)))


_FAR: Final = 4000
"""Days before the previous dose, beyond which onsets are not distinguished: more than the longest course lasts."""


def _spread(dates: Any, places: Rows, rows: Rows, count: int) -> Any:  # noqa: ANN401  # dates, or none
    """The dates of some rows, from those of other rows."""
    if dates is None:
        return None
    where = np.full(count, -1, np.int64)
    where[places] = np.arange(len(places))
    at = where.take(rows)
    found = dates.take(np.maximum(at, 0))
    known = found.known & (at >= 0)
    return type(dates)(np.where(known, found.days, ABSENT).astype(np.int32), known, bool(known.all()), found.instants)

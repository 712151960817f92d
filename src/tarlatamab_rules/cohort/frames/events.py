"""The reported episodes and the current findings of a chunk as codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.frames.columns import COLUMNS, Holds, prefix_of
from tarlatamab_rules.cohort.frames.facts import ORDER, gap, taken
from tarlatamab_rules.cohort.frames.folds import Coded
from tarlatamab_rules.cohort.frames.parts import columns_of
from tarlatamab_rules.cohort.reading.coders import band_codes
from tarlatamab_rules.inputs.findings import FULL_ICE, TEMPERATURES
from tarlatamab_rules.inputs.kinds import TEMPERATURE
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity

if TYPE_CHECKING:
    import numpy.typing as npt

    from tarlatamab_rules.cohort.frames.chunks import Dates
    from tarlatamab_rules.cohort.frames.facts import Facts

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]

__all__ = ["Episodes", "Findings", "episodes_of", "findings_of"]


@frozen(eq=False)
class Episodes:
    """The episodes of one toxicity that rows report.

    Attributes:
        toxicity: The toxicity.

        rows: The rows that report one.

        codes: One code for the facts of the episode of each of these rows.

        onset: When each began.

        improved: When each improved.

        resolved: When each ended.

        bleeding: Whether each reports bleeding, or may.
    """

    toxicity: Toxicity
    rows: Rows
    codes: Coded
    onset: Dates | None
    improved: Dates | None
    resolved: Dates | None
    bleeding: npt.NDArray[np.bool_]

    def take(self, rows: Rows, of: int) -> Coded:
        """The codes of some rows of a chunk *of* so many rows; 0 for a row without an episode."""
        size = self.codes.size + 1
        if rows is self.rows:
            return Coded(self.codes.codes + 1, size, grows=True)
        codes = np.zeros(of, np.int32)
        codes[self.rows] = self.codes.codes + 1
        return Coded(codes.take(rows), size, grows=True)


_COMPARED: Final = "the current grade of liver injury, which is compared with results"


def episodes_of(facts: Facts, toxicity: Toxicity) -> Episodes | None:
    """The episodes of a toxicity; ``None`` if no row reports one."""
    rows = facts.reported(toxicity)
    if not len(rows):
        return None
    name, columns = prefix_of(toxicity), columns_of((f"events.{toxicity}",))
    chunk = facts.chunk.of_rows(rows, columns)
    onset, improved, resolved = (chunk.dates(f"{name}_{fact}") for fact in ("onset", "improved", "resolved"))
    start, previous = taken(facts.start, rows), taken(facts.previous, rows)
    first = facts.first(rows, previous)
    bands, count = facts.cuts.clocks[toxicity], len(rows)
    bleeding = chunk.truths(f"{name}_bleeding")

    def coded() -> Iterator[Coded]:
        yield chunk.wholes(f"{name}_grade", Grade.NONE, Grade.DEATH)
        yield chunk.word_codes(f"{name}_status")
        yield chunk.wholes(f"{name}_current_grade", Grade.NONE, Grade.DEATH)
        yield chunk.word_codes(f"{name}_scale")
        yield chunk.truths(f"{name}_other_cause")
        yield bleeding
        yield gap(onset, start, bands, count)
        yield gap(onset, improved, bands, count)
        yield gap(onset, resolved, bands, count)
        for one, other in ((improved, resolved), (improved, start), (resolved, start), (previous, onset), (previous, improved)):
            yield gap(one, other, ORDER, count)
        for one, other in ((previous, resolved), (first, onset), (first, improved), (first, resolved)):
            yield gap(one, other, ORDER, count)

    codes = facts.memory.chain(("event", toxicity))(coded())
    if toxicity is Toxicity.HEPATOTOXICITY and chunk.has(now := f"{name}_current_grade"):
        chunk.mark(chunk.present(now), why=_COMPARED)
    facts.chunk.mark_as(chunk, rows)
    bleeds = (bleeding.codes == 1) | chunk.odd_in(frozenset((f"{name}_bleeding",)))
    return Episodes(toxicity, rows, codes, onset, improved, resolved, bleeds)


@frozen(eq=False)
class Findings:
    """The current findings of one syndrome.

    Attributes:
        rows: The rows with findings.

        codes: One code for the findings of each of these rows.
    """

    rows: Rows
    codes: Coded


def findings_of(facts: Facts, syndrome: Toxicity) -> Findings | None:
    """The current findings of a syndrome; ``None`` if no row has any."""
    chunk, part = facts.chunk, f"findings.{syndrome}"
    columns = [column for column in COLUMNS.values() if column.part == part and column.fact != "unit" and chunk.has(column.name)]
    present = np.zeros(facts.rows, bool)
    for column in columns:
        present |= chunk.present(column.name)
    rows = np.flatnonzero(present)
    if not len(rows):
        return None

    def coded() -> Iterator[Coded]:
        for column in columns:
            if column.fact == "temperature":
                yield from _temperature(facts, rows)
            elif column.fact == "symptoms":
                yield _listed(facts, column.name).take(rows)
            elif column.holds is Holds.WHOLE:
                yield chunk.wholes(column.name, 0, FULL_ICE).take(rows)
            elif column.holds is Holds.TRUTH:
                yield chunk.truths(column.name).take(rows)
            else:
                yield chunk.word_codes(column.name).take(rows)

    return Findings(rows, facts.memory.chain(("findings", syndrome))(coded()))


def _temperature(facts: Facts, rows: Rows) -> Iterator[Coded]:
    values, cuts = facts.chunk.amounts("findings_temperature", TEMPERATURE, TEMPERATURES), facts.cuts.temperature
    assert values is not None  # noqa: S101  # the column is there
    values = values.take(rows)
    yield Coded(band_codes(values, cuts), len(cuts) + 1)
    yield Coded(np.isnan(values).astype(np.int8), 2)


_LISTS = 256
"""How many different lists of symptoms are distinguished; rows with more go to the scalar function."""


def _listed(facts: Facts, name: str) -> Coded:
    """Each different text of a column as a code."""
    found = facts.chunk.words(name)
    assert found is not None  # noqa: S101  # as above
    codes, words = found
    known = facts.memory.texts(name)
    places = [0 if word is None else known.setdefault(word, len(known) + 1) for word in words]
    of_rows = np.array([*places, 0], np.int32).take(codes, mode="wrap")
    many = of_rows >= _LISTS
    facts.chunk.mark(many, name)
    return Coded(np.where(many, 0, of_rows).astype(np.int16), _LISTS)

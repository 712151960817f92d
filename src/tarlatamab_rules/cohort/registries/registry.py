"""Every dose of a registry, assessed from what was known when its infusion began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.cohort.arguments import row_in, whole_in, word_in
from tarlatamab_rules.cohort.frames.coded import COLUMNS_WAY
from tarlatamab_rules.cohort.progress import progress
from tarlatamab_rules.cohort.reading.tables import source_of
from tarlatamab_rules.cohort.registries.asking import Asked, not_listed
from tarlatamab_rules.cohort.registries.divided import Divided, divided
from tarlatamab_rules.cohort.registries.faulty import without_faulty
from tarlatamab_rules.cohort.registries.piecewise import REFUSED, VERDICTS, Assessor, Outcome, outcomes_of
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    from datetime import timedelta

    from numpy.typing import NDArray

    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.cohort.frames.answers import PartAnswer
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["RegistryAnswers", "assess_registry", "table_of"]

_BETWEEN: Final = "; "
REFUSE, LEAVE_OUT = "refuse", "leave-out"
_TABLES: Final = ("doses", "patients", "labs", "events")


@frozen(eq=False)
class RegistryAnswers:
    """The answers for every row of the doses table, in its order.

    Attributes:
        rulebook: The name of the book that answered.

        verdicts: The verdict of each dose, as its place in `Verdict`; -1 if the dose is refused.

        faults: Why a dose is refused, by row.

        report: How many doses were decided in which way.

        unused: The columns that the library does not know, by table.

        ways: How each dose was answered, as its place in `way_names`.

        left_out: The rows of results and events that were left out, such as ``labs[6]``, each with its fault.

        without: For each dose that would have seen one of these rows, by its row, the rows that it would have seen.

        way_names: ``columns``: by situation, each judged once. ``scalar: …``: by itself, and why.
    """

    rulebook: str
    verdicts: NDArray[np.int8] = field(repr=False)
    faults: Mapping[int, str] = field(repr=False)
    report: Mapping[str, int]
    unused: Mapping[str, tuple[str, ...]]
    ways: NDArray[np.int16] = field(repr=False)
    way_names: tuple[str, ...]
    left_out: Mapping[str, str] = field(repr=False)
    without: Mapping[int, tuple[str, ...]] = field(repr=False)
    _parts: Mapping[str, tuple[NDArray[np.int32], tuple[PartAnswer, ...]]] = field(alias="parts", repr=False)
    _whole: _Whole = field(alias="whole", repr=False)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that vote on some dose, such as ``eligibility`` or ``labs.alt``."""
        return tuple(self._parts)

    def part(self, name: str, row: int) -> PartAnswer | None:
        """The answer of one part for one dose; ``None`` if it does not vote. Raises `FieldError` if there is no such row."""
        row = row_in(row, len(self.verdicts))
        if str(name) not in self._parts:
            return None
        codes, answers = self._parts[str(name)]
        return answers[codes[row] - 1] if codes[row] else None

    def explain(self, row: int) -> DoseAssessment:
        """The whole assessment of the dose in one row of the doses table.

        Raises:
            FieldError: The dose is refused.
        """
        asked, place = self._whole.asked(row)
        return asked.assessment(place)

    def case(self, row: int) -> Case:
        """The case of the dose in one row of the doses table: what was known then.

        Raises:
            FieldError: The dose is refused.
        """
        asked, place = self._whole.asked(row)
        return asked.person(place).case(place)

    @property
    def frame(self) -> Any:  # a frame of the library that the doses came from  # noqa: ANN401  # whatever a column or a frame holds
        """One row a dose: `verdict`, `fault`, `way`, `left_out`, for each part its verdict, `rows`, what is `missing`, and `dissent`."""
        frame = nw.from_arrow(table_of(self), backend="pyarrow")
        return _as(frame, self._whole.divided.sources["doses"].backend)


def table_of(answers: RegistryAnswers) -> pa.Table:
    """The frame of answers as a table of Arrow."""
    words, rows = [str(verdict) for verdict in VERDICTS], len(answers.verdicts)
    columns = {"verdict": _coded(np.where(answers.verdicts == REFUSED, 0, answers.verdicts + 1), words)}
    columns["fault"] = _faults(answers.faults, rows)
    columns["way"] = _coded(answers.ways + 1, list(answers.way_names))
    columns["left_out"] = _faults({row: _BETWEEN.join(paths) for row, paths in answers.without.items()}, rows)
    for name, (codes, parts) in answers._parts.items():  # noqa: SLF001  # of this module
        columns[name] = _coded(codes, [None if part.verdict is None else str(part.verdict) for part in parts])
        for kind in ("rows", "missing", "dissent"):
            columns[f"{name}.{kind}"] = _coded(codes, [_BETWEEN.join(getattr(part, kind)) for part in parts])
    return pa.table(columns)


def _as(frame: Any, backend: Any) -> Any:  # frames of any library  # noqa: ANN401  # whatever a column or a frame holds
    """A frame of Arrow as one of another library."""
    if backend.is_polars():
        return frame.to_polars()
    return frame.to_pandas() if backend.is_pandas() else frame.to_native()


def _coded(codes: NDArray[Any], words: list[Any]) -> pa.DictionaryArray:
    """Codes as text; 0 is a missing value, and so is a word of ``None``."""
    distinct = list(dict.fromkeys(word for word in words if word is not None))
    places = {word: n for n, word in enumerate(distinct)}
    place = np.array([REFUSED, *(places.get(word, REFUSED) for word in words)], np.int32)[codes]
    return pa.DictionaryArray.from_arrays(pa.array(place, mask=place == REFUSED), pa.array(distinct, pa.string()))


def _faults(faults: Mapping[int, str], rows: int) -> pa.DictionaryArray:
    codes, words = np.zeros(rows, np.int32), list(dict.fromkeys(faults.values()))
    places = {word: n for n, word in enumerate(words, start=1)}
    codes[list(faults)] = [places[word] for word in faults.values()]
    return _coded(codes, words)


@frozen(eq=False)
class _Whole:
    """What is asked of the whole registry."""

    divided: Divided
    book: Rulebook
    max_age: timedelta | None
    leave_out: bool

    def asked(self, row: int) -> tuple[Asked, int]:
        """The tables of the patient of a dose, and the place of the dose in them.

        Raises:
            FieldError: There is no such row, or its patient is not listed.
        """
        doses = self.divided.sources["doses"]
        row = row_in(row, doses.rows)
        patient = int(self.divided.patient[row])
        if patient < 0:
            raise not_listed(doses.arrow["patient"][row].as_py())
        registry = self.divided.of_patient(patient)
        registry = without_faulty(registry)[0] if self.leave_out else registry
        numbers = registry.doses.table.numbers
        assert numbers is not None  # noqa: S101  # a piece has them
        return Asked(registry, self.book, self.max_age), int(np.flatnonzero(numbers == row)[0])


def assess_registry(  # one keyword a table and an option  # noqa: PLR0913  # one parameter a fact
    doses: Any,  # any frame that narwhals knows  # noqa: ANN401  # whatever a column or a frame holds
    *,
    patients: Any,  # noqa: ANN401  # whatever a column or a frame holds
    labs: Any,  # noqa: ANN401  # whatever a column or a frame holds
    events: Any,  # noqa: ANN401  # whatever a column or a frame holds
    rulebook: Rulebook | str | None = None,
    max_lab_age: QuantityLike | timedelta | None = None,
    site_zone: str | None = None,
    columns: bool = True,
    workers: int = 1,
    faulty: Literal["refuse", "leave-out"] = "refuse",
) -> RegistryAnswers:
    """Assesses every dose of a registry from what was known when its infusion began.

    A dose sees the doses that were given before it, the results that were not collected after it, and the events that did not begin
    after it. What has no date is seen by every dose of the patient. An episode that ended or improved later is ongoing at the dose.
    A dose that was given does not see a current grade, or that an episode is resolved without a date: only a planned one does.

    Args:
        doses: One row a dose, given or planned.

        patients: One row a patient.

        labs: One row a result; ``None`` if no results are known. A patient without a row has no results.

        events: One row an episode; ``None`` if the toxicities are not known. A patient without a row had none.

        rulebook: The book that answers, or its name; the default book if left out.

        max_lab_age: The maximum age of a result at its dose, a duration; the column `max_lab_age` of a dose comes first.

        site_zone: The time zone of the sites, by its IANA name; the column `site_zone` of a patient comes first.

        columns: Whether equal situations are judged once. If not, every dose is assessed by itself: the same answers, slowly.

        workers: How many processes share the work. More than one needs a system that can fork, such as Linux.

        faulty: What to do with a result or an event that is refused, for instance because its unit is not known. ``refuse``: each dose
            that sees it is refused. ``leave-out``: the doses are assessed without it. Then `RegistryAnswers.left_out` lists it with its
            fault, and the doses that would have seen it are marked in `RegistryAnswers.without` and in the column `left_out`: what that
            row meant **is not in their answers**.

    Raises:
        FieldError: A table lacks a column, or has one that nearly has the name of a known one. What is wrong with one row refuses only
            the doses that see it, and is reported by dose.
    """
    frames = {"doses": doses, "patients": patients, "labs": labs, "events": events}
    sources = {name: source_of(name, frames[name]) for name in _TABLES if name in {"doses", "patients"} or frames[name] is not None}
    leave_out, workers = word_in(faulty, (REFUSE, LEAVE_OUT), "faulty") == LEAVE_OUT, whole_in(workers, "workers")
    tables = divided(sources, zone_name(site_zone), max(workers, 1))
    whole = _Whole(tables, resolve(rulebook), lab_age(max_lab_age, "max_lab_age"), leave_out)
    gathered = _Gathered(sources["doses"].rows)
    assessor = Assessor(tables, whole.book, whole.max_age, shared=columns, leave_out=leave_out)
    with outcomes_of(assessor, workers) as outcomes, progress(sources["doses"].rows, "doses") as advance:
        for outcome in outcomes:
            gathered.add(outcome)
            advance(len(outcome.rows))
    return gathered.answers(whole)


class _Gathered:
    """The answers of all doses, while they are gathered."""

    def __init__(self, rows: int) -> None:
        self.verdicts, self.ways = np.full(rows, REFUSED, np.int8), np.zeros(rows, np.int16)
        self.faults: dict[int, str] = {}
        self.left_out: dict[str, str] = {}
        self.without: dict[int, tuple[str, ...]] = {}
        self.report: Counter[str] = Counter()
        self._names: dict[str, int] = {COLUMNS_WAY: 0}
        self._codes: dict[str, NDArray[np.int32]] = {}
        self._pools: dict[str, dict[PartAnswer, int]] = {}

    def add(self, outcome: Outcome) -> None:
        """The answers of a piece."""
        rows = outcome.rows
        self.verdicts[rows] = outcome.verdicts
        names = [COLUMNS_WAY, *(f"scalar: {why}" for why in outcome.reasons)]
        self.ways[rows] = np.array([self._names.setdefault(name, len(self._names)) for name in names], np.int16)[outcome.ways]
        self.faults |= outcome.faults
        self.left_out |= outcome.left_out.faults
        self.without |= outcome.left_out.seen
        self.report.update(outcome.report)
        for part, (codes, answers) in outcome.parts.items():
            pool, column = self._pools.setdefault(part, {}), self._codes.setdefault(part, np.zeros(len(self.verdicts), np.int32))
            column[rows] = np.array([0, *(pool.setdefault(answer, len(pool) + 1) for answer in answers)], np.int32)[codes]

    def answers(self, whole: _Whole) -> RegistryAnswers:
        """All answers."""
        parts = {part: (self._codes[part], tuple(self._pools[part])) for part in sorted(self._codes)}
        unused = {name: source.unused for name, source in whole.divided.sources.items() if source.unused}
        self.report.update({f"{name} of patients who are not listed": rows for name, rows in whole.divided.unlisted.items() if rows})
        return RegistryAnswers(
            rulebook=whole.book.name,
            verdicts=self.verdicts,
            faults=dict(sorted(self.faults.items())),
            report=self.report,
            unused=unused,
            ways=self.ways,
            way_names=tuple(self._names),
            left_out=self.left_out,
            without=dict(sorted(self.without.items())),
            parts=parts,
            whole=whole,
        )

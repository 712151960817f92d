"""Every dose of a registry, assessed from what was known when its infusion began."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.assessment.assess import DoseAssessment, assess_case
from tarlatamab_rules.cohort.doses import Person, Registry, Sees
from tarlatamab_rules.cohort.judging import judge_situations
from tarlatamab_rules.cohort.situations import situations_of
from tarlatamab_rules.cohort.tables import read_table
from tarlatamab_rules.cohort.votes import PartAnswer, part_answers
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    from datetime import timedelta

    from numpy.typing import NDArray

    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["RegistryAnswers", "assess_registry"]

_VERDICTS: Final = tuple(Verdict)
_REFUSED: Final = -1
NOT_JUDGED: Final = 1_000


@frozen(eq=False)
class RegistryAnswers:
    """The answers for every row of the doses table, in its order.

    Attributes:
        rulebook: The name of the book that answered.

        verdicts: The verdict of each dose, as its place in `Verdict`; -1 if the dose is refused.

        faults: Why a dose is refused, by row.

        report: How many doses were decided in which way.

        unused: The columns that the library does not know, by table.
    """

    rulebook: str
    verdicts: NDArray[np.int8] = field(repr=False)
    faults: Mapping[int, str] = field(repr=False)
    report: Mapping[str, int]
    unused: Mapping[str, tuple[str, ...]]
    _parts: Mapping[str, tuple[NDArray[np.int32], tuple[PartAnswer, ...]]] = field(repr=False)
    _asked: _Asked = field(repr=False)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts that vote on some dose, such as ``eligibility`` or ``labs.alt``."""
        return tuple(self._parts)

    def part(self, name: str, row: int) -> PartAnswer | None:
        """The answer of one part for one dose; ``None`` if it does not vote."""
        if name not in self._parts:
            return None
        codes, answers = self._parts[name]
        return answers[codes[row] - 1] if codes[row] else None

    def explain(self, row: int) -> DoseAssessment:
        """The whole assessment of the dose in one row of the doses table.

        Raises:
            FieldError: The dose is refused.
        """
        return self._asked.assessment(row)

    def case(self, row: int) -> Case:
        """The case of the dose in one row of the doses table: what was known then.

        Raises:
            FieldError: The dose is refused.
        """
        return self._asked.person(row).case(row)

    @property
    def frame(self) -> Any:  # a frame of the library that the doses came from  # noqa: ANN401  # whatever a column or a frame holds
        """One row a dose: `verdict`, `fault`, and for each part its verdict, its `rows` and what is `missing`."""
        words = [str(verdict) for verdict in _VERDICTS]
        columns = {"verdict": _coded(np.where(self.verdicts == _REFUSED, 0, self.verdicts + 1), words)}
        columns["fault"] = _faults(self.faults, len(self.verdicts))
        for name, (codes, answers) in self._parts.items():
            columns[name] = _coded(codes, [str(answer.verdict) for answer in answers])
            columns[f"{name}.rows"] = _coded(codes, ["; ".join(answer.rows) for answer in answers])
            columns[f"{name}.missing"] = _coded(codes, ["; ".join(answer.missing) for answer in answers])
        frame = nw.from_arrow(pa.table(columns), backend="pyarrow")
        return _as(frame, self._asked.registry.doses.table.backend)


def _as(frame: Any, backend: Any) -> Any:  # frames of any library  # noqa: ANN401  # whatever a column or a frame holds
    """A frame of Arrow as one of another library."""
    if backend.is_polars():
        return frame.to_polars()
    return frame.to_pandas() if backend.is_pandas() else frame.to_native()


def _coded(codes: NDArray[Any], words: list[str]) -> pa.DictionaryArray:
    """Codes as text; 0 is a missing value."""
    distinct = list(dict.fromkeys(words))
    place = np.array([0, *(distinct.index(word) for word in words)], np.int32)
    indices = pa.array(place[codes], mask=codes == 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(distinct, pa.string()))


def _faults(faults: Mapping[int, str], rows: int) -> pa.DictionaryArray:
    codes, words = np.zeros(rows, np.int32), list(dict.fromkeys(faults.values()))
    places = {word: n for n, word in enumerate(words, start=1)}
    codes[list(faults)] = [places[word] for word in faults.values()]
    return _coded(codes, words)


@frozen(eq=False)
class _Asked:
    """What is asked: the tables, the book, and the maximum age of results."""

    registry: Registry
    book: Rulebook
    max_age: timedelta | None

    def person(self, row: int) -> Person:
        """The patient of a dose.

        Raises:
            FieldError: The patient is not listed.
        """
        doses = self.registry.doses
        if not 0 <= row < doses.table.rows:
            raise FieldError("row", f"there is no dose in row {row}", f"the table has {doses.table.rows} rows, numbered from 0")
        patient = int(doses.patient[row])
        if patient < 0:
            name = doses.table.value("patient", row)
            problem = "is missing" if name is None else "is not in the table of patients"
            raise FieldError("patient", problem, "list each patient once")
        return self.registry.person(patient)

    def part(self, row: int, sees: Sees, person: Person | None) -> tuple[DoseAssessment, Person]:
        """The assessment of a dose from what a part of it sees, and the patient."""
        patient = int(self.registry.doses.patient[row])
        someone = person if person is not None and person.row == patient else self.registry.person(patient)
        return self._assessed(row, someone.case(row, sees)), someone

    def assessment(self, row: int, person: Person | None = None) -> DoseAssessment:
        """The assessment of a dose."""
        return self._assessed(row, (person or self.person(row)).case(row))

    def _assessed(self, row: int, case: Case) -> DoseAssessment:
        age = self.registry.doses.table.value("max_lab_age", row)
        return assess_case(case, max_lab_age=self.max_age if age is None else age, rulebook=self.book)


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
) -> RegistryAnswers:
    """Assesses every dose of a registry from what was known when its infusion began.

    A dose sees the doses that were given before it, the results that were not collected after it, and the events that did not begin
    after it. What has no date is seen by every dose of the patient. An episode that ended or improved later is ongoing at the dose.

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

    Raises:
        FieldError: A table lacks a column, or has one that nearly has the name of a known one. What is wrong with one row refuses only
            the doses that see it, and is reported by dose.
    """
    tables = {name: read_table(name, frame) for name, frame in (("doses", doses), ("patients", patients))}
    tables |= {name: read_table(name, frame) for name, frame in (("labs", labs), ("events", events)) if frame is not None}
    registry = Registry.of(tables["patients"], tables["doses"], tables.get("labs"), tables.get("events"), zone_name(site_zone))
    asked = _Asked(registry, resolve(rulebook), lab_age(max_lab_age, "max_lab_age"))
    gathered = _Gathered(tables["doses"].rows)
    shared = columns and tables["patients"].rows > 0
    rest = gathered.by_situation(asked, workers) if shared else np.arange(tables["doses"].rows)
    gathered.one_by_one(asked, rest)
    unused = {name: table.unused for name, table in tables.items() if table.unused}
    return RegistryAnswers(asked.book.name, gathered.verdicts, gathered.faults, gathered.report, unused, gathered.parts, asked)


class _Gathered:
    """The answers of all doses, while they are gathered."""

    def __init__(self, rows: int) -> None:
        self.verdicts = np.full(rows, _REFUSED, np.int8)
        self.faults: dict[int, str] = {}
        self.report: Counter[str] = Counter()
        self._codes: dict[str, NDArray[np.int32]] = {}
        self._pools: dict[str, dict[PartAnswer, int]] = {}

    @property
    def parts(self) -> dict[str, tuple[NDArray[np.int32], tuple[PartAnswer, ...]]]:
        """The answers of each part: a code for each dose, and the answer of each code from 1."""
        return {part: (self._codes[part], tuple(self._pools[part])) for part in sorted(self._codes)}

    def _take(self, part: str, rows: Any, answers: Iterable[PartAnswer | None], which: Any) -> None:  # rows and places  # noqa: ANN401  # whatever a column or a frame holds
        """The answers of one part for some doses; *which* holds the place of the answer of each dose."""
        pool, codes = self._pools.setdefault(part, {}), self._codes.setdefault(part, np.zeros(len(self.verdicts), np.int32))
        known = list(answers)
        places = np.array([0 if answer is None else pool.setdefault(answer, len(pool) + 1) for answer in known], np.int32)
        ranks = np.array([_REFUSED if answer is None else _VERDICTS.index(answer.verdict) for answer in known], np.int8)
        codes[rows] = places[which]
        self.verdicts[rows] = np.maximum(self.verdicts[rows], ranks[which])

    def by_situation(self, asked: _Asked, workers: int) -> NDArray[np.intp]:
        """The doses that have situations, each situation judged once. Returns the rows of the other doses."""
        situations = situations_of(asked.registry, asked.book, asked.max_age)
        patient = asked.registry.doses.patient
        alone = np.concatenate([situations.alone.reason, [1]])[patient]
        judged = judge_situations(situations, np.flatnonzero(alone == 0), asked.part, workers)
        for part, (rows, answers, which) in judged.parts.items():
            self._take(part, rows, answers, which)
        alone[judged.failed] = NOT_JUDGED
        rest = np.flatnonzero(alone != 0)
        for codes in self._codes.values():
            codes[rest] = 0
        self.verdicts[rest] = _REFUSED
        self.report.update(judged.report)
        for n, why in enumerate(situations.alone.reasons, start=1):
            self.report[f"one by one: {why}"] = int((alone == n).sum())
        self.report["by situation"] = len(alone) - len(rest)
        return rest

    def one_by_one(self, asked: _Asked, rows: NDArray[np.intp]) -> None:
        """Some doses by the scalar function."""
        for row, answered in _one_by_one(asked, rows):
            if isinstance(answered, FieldError):
                self.faults[row] = str(answered)
                continue
            for part, answer in part_answers(answered).items():
                self._take(part, [row], [answer], [0])
        self.report["one by one"] = len(rows)
        self.report["refused"] = len(self.faults)


def _one_by_one(asked: _Asked, rows: NDArray[np.intp]) -> Iterator[tuple[int, DoseAssessment | FieldError]]:
    """Every dose by the scalar function, patient by patient."""
    doses = asked.registry.doses
    person: Person | None = None
    for row in rows[np.argsort(doses.patient[rows], kind="stable")].tolist():
        patient = doses.patient[row]
        try:
            if patient < 0 or person is None or person.row != patient:
                person = asked.person(row)
            yield row, asked.assessment(row, person)
        except FieldError as error:
            yield row, error

"""The pieces of a registry, assessed one after the other or by several processes."""

from __future__ import annotations

import gc
import warnings
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from attrs import field, frozen

from tarlatamab_rules.cohort.registries.alone import LATER
from tarlatamab_rules.cohort.registries.asking import Asked
from tarlatamab_rules.cohort.registries.codebook import Codebook
from tarlatamab_rules.cohort.registries.coding import Array
from tarlatamab_rules.cohort.registries.faulty import LeftOut, suspects_of, without_faulty
from tarlatamab_rules.cohort.registries.judging import Judge
from tarlatamab_rules.cohort.registries.situations import situations_of
from tarlatamab_rules.cohort.registries.votes import part_answers
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import FieldError

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.cohort.frames.answers import PartAnswer
    from tarlatamab_rules.cohort.registries.divided import Divided
    from tarlatamab_rules.cohort.registries.doses import Person
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["REFUSED", "VERDICTS", "Assessor", "Outcome", "outcomes_of"]

VERDICTS: Final = tuple(Verdict)
REFUSED: Final = -1
_ASKED: Final = "every dose was to be assessed by itself"
_NOBODY: Final = "the patient is not in the table of patients"
_NOT_JUDGED: Final = "a situation was refused"


@frozen(eq=False)
class Outcome:
    """The answers for the doses of a piece.

    Attributes:
        rows: The numbers of the doses in the whole table. The other arrays have one item for each of them.

        verdicts: The place of the verdict in `Verdict`; -1 if the dose is refused.

        ways: How it was answered: 0 by situation, else one more than the place in `reasons`.

        reasons: Why doses were assessed one by one.

        faults: Why a dose is refused, by its number.

        parts: For each part a code for each dose, 0 for no answer, and the answer of each code from 1.

        report: How many doses and situations were judged.

        left_out: The rows that were left out, and the doses that would have seen them, by their numbers.
    """

    rows: Array
    verdicts: Array
    ways: Array
    reasons: tuple[str, ...]
    faults: Mapping[int, str]
    parts: Mapping[str, tuple[Array, tuple[PartAnswer, ...]]] = field(repr=False)
    report: Mapping[str, int]
    left_out: LeftOut


class Assessor:
    """Assesses the pieces of a registry. What it judged once it remembers."""

    whole: Divided
    book: Rulebook
    max_age: timedelta | None
    shared: bool
    leave_out: bool
    codebook: Codebook
    judge: Judge

    def __init__(self, whole: Divided, book: Rulebook, max_age: timedelta | None, *, shared: bool, leave_out: bool) -> None:
        self.whole, self.book, self.max_age, self.shared, self.leave_out = whole, book, max_age, shared, leave_out
        self.codebook = Codebook()
        self.judge = Judge()

    def __call__(self, piece: int) -> Outcome:
        """The answers of one piece."""
        registry, left_out = self.whole.piece(piece), LeftOut({}, {})
        shared = self.shared and registry.patients.rows > 0
        if self.leave_out:
            registry, left_out = without_faulty(registry, suspects_of(registry, self.book, self.codebook) if shared else None)
        gathered = _Gathered(Asked(registry, self.book, self.max_age), left_out)
        if shared:
            gathered.by_situation(self.codebook, self.judge)
        else:
            gathered.leave(np.ones(len(gathered.verdicts), bool), _ASKED)
        gathered.one_by_one()
        return gathered.outcome()


class _Gathered:
    """The answers of the doses of a piece, while they are gathered."""

    def __init__(self, asked: Asked, left_out: LeftOut) -> None:
        self.asked, self.left_out = asked, left_out
        rows = asked.registry.doses.table.rows
        self.verdicts, self.ways = np.full(rows, REFUSED, np.int8), np.zeros(rows, np.int16)
        self.reasons: list[str] = []
        self.faults: dict[int, str] = {}
        self.report: Counter[str] = Counter()
        self._codes: dict[str, Array] = {}
        self._pools: dict[str, dict[PartAnswer, int]] = {}

    def leave(self, which: Array, why: str) -> None:
        """Leaves some doses to the scalar function, because of the first reason that is given."""
        leaving = which & (self.ways == 0)
        if leaving.any():
            self.reasons.append(why)
            self.ways[leaving] = len(self.reasons)
            self.report[f"one by one: {why}"] += int(leaving.sum())

    def _take(self, part: str, rows: Any, answers: Iterable[PartAnswer | None], which: Any) -> None:  # rows and places  # noqa: ANN401  # whatever a column or a frame holds
        """The answers of one part for some doses; *which* holds the place of the answer of each dose."""
        pool, codes = self._pools.setdefault(part, {}), self._codes.setdefault(part, np.zeros(len(self.verdicts), np.int32))
        known = list(answers)
        places = np.array([0 if answer is None else pool.setdefault(answer, len(pool) + 1) for answer in known], np.int32)
        ranks = np.array([rank_of(answer) for answer in known], np.int8)
        codes[rows] = places[which]
        self.verdicts[rows] = np.maximum(self.verdicts[rows], ranks[which])

    def by_situation(self, codebook: Codebook, judge: Judge) -> None:
        """The doses that have situations, each situation judged once. The others are left."""
        asked = self.asked
        situations = situations_of(asked.registry, asked.book, asked.max_age, codebook)
        patient = asked.registry.doses.patient
        self.leave(patient < 0, _NOBODY)
        alone = np.concatenate([situations.alone.reason, [0]])[patient]
        for n, why in enumerate(situations.alone.reasons, start=1):
            self.leave(alone == n, why)
        self.leave(situations.apart, LATER)
        judged = judge.situations(situations, np.flatnonzero(self.ways == 0), asked)
        self.report.update(judged.report)
        failed = np.zeros(len(self.ways), bool)
        failed[judged.failed] = True
        self.leave(failed, _NOT_JUDGED)
        for part, (rows, answers, which) in judged.parts.items():
            self._take(part, rows, answers, which)
        rest = self.ways > 0
        for codes in self._codes.values():
            codes[rest] = 0
        self.verdicts[rest] = REFUSED
        self.report["by situation"] += int((~rest).sum())

    def one_by_one(self) -> None:
        """The doses that are left, by the scalar function."""
        rows = np.flatnonzero(self.ways)
        for row, answered in _one_by_one(self.asked, rows):
            if isinstance(answered, FieldError):
                self.faults[row] = str(answered)
                continue
            for part, answer in part_answers(answered).items():
                self._take(part, [row], [answer], [0])
        self.report["one by one"] += len(rows)
        self.report["refused"] += len(self.faults)

    def outcome(self) -> Outcome:
        """The answers, by the numbers of the doses in the whole table."""
        numbers = self.asked.registry.doses.table.numbers
        rows = np.arange(len(self.verdicts)) if numbers is None else numbers
        parts = {part: (codes, tuple(self._pools[part])) for part, codes in self._codes.items()}
        faults = {int(rows[row]): fault for row, fault in self.faults.items()}
        seen = {int(rows[row]): paths for row, paths in self.left_out.seen.items()}
        left_out = LeftOut(self.left_out.faults, seen)
        return Outcome(rows, self.verdicts, self.ways, tuple(self.reasons), faults, parts, dict(self.report), left_out)


def rank_of(answer: PartAnswer | None) -> int:
    """The place of the verdict of an answer; -1 if it casts no vote."""
    return REFUSED if answer is None or answer.verdict is None else VERDICTS.index(answer.verdict)


def _one_by_one(asked: Asked, rows: Array) -> Iterator[tuple[int, DoseAssessment | FieldError]]:
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


_assessors: list[Assessor] = []
"""The assessor of this process, for the processes that it forks."""


_OBJECTS: Final = 50_000
"""After so many new objects a process looks for garbage. Nearly all of them are freed without that."""


def _forked(piece: int) -> Outcome:  # pragma: no cover  # runs in another process
    gc.freeze()  # what is remembered stays: looking through it for garbage again and again takes time
    gc.set_threshold(_OBJECTS)
    return _assessors[-1](piece)


@contextmanager
def outcomes_of(assessor: Assessor, workers: int) -> Generator[Iterable[Outcome]]:
    """The outcomes of all pieces: of this process, or of processes that share its memory."""
    pieces = range(assessor.whole.pieces)
    if workers <= 1:
        yield map(assessor, pieces)
        return
    _assessors.append(assessor)
    try:
        with warnings.catch_warnings():
            # Python warns of threads that hold locks. The forked processes use none of the libraries that start threads.
            warnings.simplefilter("ignore", DeprecationWarning)
            pool = get_context("fork").Pool(workers)
        with pool:
            yield pool.imap(_forked, pieces)
    finally:
        _assessors.pop()

"""Rows of a frame, answered one by one by the scalar function."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import frozen

from tarlatamab_rules.assessment.assess import DoseAssessment, assess_case
from tarlatamab_rules.cohort._extra import np
from tarlatamab_rules.cohort.answers import RowAnswer, answer_of, parts_of
from tarlatamab_rules.cohort.coded import NO_ANSWER, SCALAR_WAY, Answers
from tarlatamab_rules.cohort.rows import Row, case_of_row
from tarlatamab_rules.core.errors import ContradictionError, FieldError

if TYPE_CHECKING:
    from tarlatamab_rules.cohort.loading import Loaded
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Asked", "Fault", "answered"]


@frozen
class Fault:
    """Why a row was refused."""

    says: str


@frozen(eq=False)
class Asked:
    """What a frame is asked.

    Attributes:
        book: The book.

        max_age: The maximum age of results; ``None``: no result is too old.

        site_zone: The time zone of rows without one.

        units: The units of columns without a column of units.
    """

    book: Rulebook
    max_age: timedelta | None
    site_zone: str | None
    units: Mapping[str, str]

    def assess(self, row: Row) -> DoseAssessment:
        """The assessment of a row."""
        case = case_of_row(row, rulebook=self.book, units=self.units, site_zone=self.site_zone)
        return assess_case(case, max_lab_age=self.max_age, rulebook=self.book)

    def answer(self, row: Row) -> RowAnswer | Fault:
        """The answer of a row, or its fault."""
        try:
            return answer_of(self.assess(row))
        except (FieldError, ContradictionError) as error:
            return Fault(str(error))


def answered(loaded: Loaded, asked: Asked) -> Answers:
    """The answers of all rows, each distinct row by itself."""
    known: dict[object, RowAnswer | Fault] = {}
    answers: list[RowAnswer | Fault] = []
    for n in range(loaded.rows):
        row = loaded.row(n)
        key = tuple([(name, type(value), value) for name, value in row.items()])
        if key not in known:
            known[key] = asked.answer(row)
        answers.append(known[key])
    return coded(answers, parts_of(loaded.columns))


def coded(answers: Iterable[RowAnswer | Fault], parts: Iterable[str]) -> Answers:
    """Answers as codes, for these parts."""
    rows = list(answers)
    good = [row if isinstance(row, RowAnswer) else None for row in rows]
    return Answers(
        verdict=np.array([NO_ANSWER if row is None else row.verdict.rank for row in good], np.int8),
        parts={name: _numbered([None if row is None else row.parts.get(name) for row in good]) for name in parts},
        missing=_numbered([None if row is None else row.missing for row in good]),
        dissent=_numbered([None if row is None else row.dissent for row in good]),
        way=(np.zeros(len(rows), np.int8), (SCALAR_WAY,)),
        faults={n: row.says for n, row in enumerate(rows) if isinstance(row, Fault)},
    )


def _numbered(values: Iterable[Any]) -> tuple[Any, list[Any]]:
    places: dict[Any, int] = {None: NO_ANSWER}
    codes = [places.setdefault(value, len(places) - 1) for value in values]
    return np.array(codes, np.int32), list(places)[1:]

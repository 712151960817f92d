"""What a frame is asked, and the answer of one row by the scalar function."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from tarlatamab_rules.assessment.assess import DoseAssessment, assess_case
from tarlatamab_rules.cohort.frames.answers import RowAnswer, answer_of
from tarlatamab_rules.cohort.frames.rows import Row, case_of_row
from tarlatamab_rules.core.errors import ContradictionError, FieldError

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Asked", "Fault"]


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

    def case(self, row: Row) -> Case:
        """The case of a row."""
        return case_of_row(row, rulebook=self.book, units=self.units, site_zone=self.site_zone)

    def assess(self, row: Row) -> DoseAssessment:
        """The assessment of a row."""
        return assess_case(self.case(row), max_lab_age=self.max_age, rulebook=self.book)

    def answer(self, row: Row) -> RowAnswer | Fault:
        """The answer of a row, or its fault."""
        try:
            return answer_of(self.assess(row))
        except (FieldError, ContradictionError) as error:
            return Fault(str(error))

"""What is asked of the tables of a registry: which book answers, and how old a result may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from tarlatamab_rules.assessment.assess import DoseAssessment, assess_case
from tarlatamab_rules.core.errors import FieldError

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.cohort.registries.doses import Person, Registry
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Asked", "not_listed"]


@frozen(eq=False)
class Asked:
    """What is asked: tables, the book, and the maximum age of results."""

    registry: Registry
    book: Rulebook
    max_age: timedelta | None

    def person(self, row: int) -> Person:
        """The patient of a dose.

        Raises:
            FieldError: The patient is not listed.
        """
        doses = self.registry.doses
        patient = int(doses.patient[row])
        if patient < 0:
            raise not_listed(doses.table.value("patient", row))
        return self.registry.person(patient)

    def assessment(self, row: int, person: Person | None = None) -> DoseAssessment:
        """The assessment of a dose.

        Raises:
            FieldError: The dose is refused.
        """
        return assess_case((person or self.person(row)).case(row), max_lab_age=self.age(row), rulebook=self.book)

    def age(self, row: int) -> Any:  # whatever the column holds  # noqa: ANN401  # as above
        """The maximum age of results at a dose."""
        age = self.registry.doses.table.value("max_lab_age", row)
        return self.max_age if age is None else age


def not_listed(patient: object) -> FieldError:
    """The error of a dose whose patient is not in the table of patients."""
    return FieldError("patient", "is missing" if patient is None else "is not in the table of patients", "list each patient once")

"""The doses of a regular course: in order, on the days and with the amounts that a book gives."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from tarlatamab_rules.core.decisions import Decided
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
from tarlatamab_rules.rulebooks._registry import default
from tarlatamab_rules.rules.next_dose import next_dose

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.units import Amount
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["RegularDose", "regular_doses"]

RegularDose: TypeAlias = "tuple[DosePoint, int, Amount]"
"""A dose, the days from the first dose to it, and its amount."""

_FIRST_DAY: Final = date(1900, 1, 1)
"""Any day. Only the days between doses are taken from it."""


@lru_cache(maxsize=64)
def _known(_book: Rulebook) -> list[RegularDose]:
    """The doses of a book that were worked out so far."""
    return []


def regular_doses(number: int, book: Rulebook) -> tuple[RegularDose, ...]:
    """The first *number* doses by a book; by the default book, if the book does not give their amounts and days."""
    doses = _known(book)
    while len(doses) < number:
        course = Course(tuple([GivenDose(point, _FIRST_DAY + timedelta(days=days), amount) for point, days, amount in doses]))
        step = next_dose(course, rulebook=book)
        if not isinstance(step, Decided):
            return () if book is default() else regular_doses(number, default())
        due = step.value.due
        doses.append((DosePoint.at(len(doses) + 1), 0 if due is None else (due - _FIRST_DAY).days, step.value.amount))
    return tuple(doses[:number])

"""Until when is contraception used?"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from tarlatamab_rules.answers import ContraceptionWindow
from tarlatamab_rules.decisions import Decided, Decision, NeedsData
from tarlatamab_rules.errors import FieldTypeError, shown
from tarlatamab_rules.inputs._fields import When, day, moment, several
from tarlatamab_rules.inputs.course import Course, GivenDose
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.questions import CONTRACEPTION
from tarlatamab_rules.rulebooks._registry import table

if TYPE_CHECKING:
    from tarlatamab_rules.answers import Contraception
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["contraception_window"]


def contraception_window(
    patient: Patient, last_dose: When | GivenDose | Course | Iterable[GivenDose] | None, *, rulebook: Rulebook | str | None = None
) -> Decision[ContraceptionWindow]:
    """Until when contraception is used after the last dose.

    Months are calendar months at the site; where the day does not exist, the last one of the month stands: two months after 31 December
    is 28 or 29 February.

    Args:
        patient: Who the patient is. A pregnancy tells of childbearing potential where that is not known.

        last_dose: The day of the last dose; or that dose, or the doses given, of which the last one counts. ``None``, or no date: not
            known.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, PRG-2.
    """
    if not isinstance(patient, Patient):
        raise FieldTypeError("patient", f"{shown(patient)} is not a Patient", "pass Patient(...), or Patient() if nothing is known")
    potential = True if patient.childbearing_potential is None and patient.pregnant else patient.childbearing_potential
    asked, last = table(CONTRACEPTION, rulebook)(potential), _day(last_dose)
    if isinstance(asked, Decided):
        window = _window(asked.value, last)
        return Decided(window, asked.reasons) if last else NeedsData(("last_dose",), (window,), asked.reasons)
    if isinstance(asked, NeedsData):
        windows = tuple(None if value is None else _window(value, last) for value in asked.possible)
        return NeedsData(asked.missing + (() if last else ("last_dose",)), windows, asked.reasons)
    return asked


def _window(asked: Contraception, last: date | None) -> ContraceptionWindow:
    return ContraceptionWindow(asked.modality, asked.months, None if last is None else _months_after(last, asked.months))


def _day(last: When | GivenDose | Course | Iterable[GivenDose] | None) -> date | None:
    """The calendar day of the last dose; of an infusion over midnight the later one."""
    if isinstance(last, Iterable) and not isinstance(last, str):
        last = Course(several(last, GivenDose, "last_dose"))
    if isinstance(last, Course):
        last = last.last
    when = (last.ended or last.started) if isinstance(last, GivenDose) else moment(last, "last_dose")
    return None if when is None else day(when)


def _months_after(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))

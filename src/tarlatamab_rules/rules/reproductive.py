"""How long after the last dose must contraception be used and breast-feeding avoided?"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.inputs._fields import When, day, moment, several
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.course import Course, GivenDose
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.rulebooks._registry import table
from tarlatamab_rules.rulebooks.questions import BREASTFEEDING_AFTER, CONTRACEPTION
from tarlatamab_rules.values.doses import BreastfeedingWindow, ContraceptionWindow

if TYPE_CHECKING:
    from tarlatamab_rules.core.tables import Question
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.doses import AfterLastDose

__all__ = ["breastfeeding_window", "contraception_window"]

W = TypeVar("W", ContraceptionWindow, BreastfeedingWindow)
LastDose: TypeAlias = When | GivenDose | Course | Iterable[GivenDose] | None


def contraception_window(
    patient: Patient, last_dose: LastDose, *, site_zone: str | None = None, rulebook: Rulebook | str | None = None
) -> Decision[ContraceptionWindow]:
    """Until when contraception is used after the last dose.

    Months are calendar months at the site. If the month has no such day, its last day is used: two months after 31 December is 28 or
    29 February.

    Args:
        patient: What is known of the patient. A pregnancy shows childbearing potential if that is not known.

        last_dose: The day of the last dose, or that dose, or all doses given, of which the last one counts. ``None``, or no date: not
            known.

        site_zone: The time zone of the site, by its IANA name, such as ``Europe/Berlin``. The day of the last dose is the day of the
            calendar there. If left out, it is the day at the UTC offset of the time itself.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, PRG-2; US prescribing information, 5.7, 8.3.
    """
    return _window(ContraceptionWindow, CONTRACEPTION, patient, _day(last_dose, site_zone), rulebook)


def breastfeeding_window(
    patient: Patient, last_dose: LastDose, *, site_zone: str | None = None, rulebook: Rulebook | str | None = None
) -> Decision[BreastfeedingWindow]:
    """Until when breast-feeding is avoided after the last dose. Months are counted as in `contraception_window`.

    Args:
        patient: What is known of the patient. A patient who breast-feeds gets an answer whatever the childbearing potential; a pregnancy
            shows that potential if it is not known.

        last_dose: As for `contraception_window`.

        site_zone: As for `contraception_window`.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: US prescribing information, 8.2.
    """
    return _window(BreastfeedingWindow, BREASTFEEDING_AFTER, patient, _day(last_dose, site_zone), rulebook)


def _window(
    kind: type[W], question: Question[AfterLastDose], patient: Patient, last: date | None, rulebook: Rulebook | str | None
) -> Decision[W]:
    if not isinstance(patient, Patient):
        raise FieldTypeError("patient", f"{shown(patient)} is not a Patient", "pass Patient(...), or Patient() if nothing is known")
    potential = patient.childbearing_potential
    if (potential is None and patient.pregnant) or (kind is BreastfeedingWindow and patient.breastfeeding):
        potential = True
    asked = table(question, rulebook)(potential)

    def until(after: AfterLastDose) -> W:
        return kind(after.modality, after.months, None if last is None else _months_after(last, after.months))

    if isinstance(asked, Decided):
        window = until(asked.value)
        if not last:
            return NeedsData(("last_dose",), (window,), asked.reasons, asked.dissent)
        return Decided(window, asked.reasons, asked.dissent)
    if isinstance(asked, NeedsData):
        windows = tuple(None if value is None else until(value) for value in asked.possible)
        return NeedsData(asked.missing + (() if last else ("last_dose",)), windows, asked.reasons, asked.dissent)
    return asked


def _day(last: LastDose, site_zone: str | None) -> date | None:
    """The calendar day of the last dose, at the site if its zone is known; the later day if the infusion ran over midnight."""
    if type(last) is not Course and isinstance(last, Iterable) and not isinstance(last, str):
        last = Course(several(last, GivenDose, "last_dose"))
    named = last if isinstance(last, Course | GivenDose) else moment(last, "last_dose")
    dose: When | GivenDose | Course | None = named if site_zone is None else readings(site_zone, last_dose=named)[0]["last_dose"]
    if isinstance(dose, Course):
        dose = dose.last
    when = (dose.ended or dose.started) if isinstance(dose, GivenDose) else dose
    return None if when is None else day(when)


def _months_after(start: date, months: int) -> date:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))

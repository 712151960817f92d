"""May this patient have the drug?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import evolve

from tarlatamab_rules.core.decisions import Decision, strictest, with_unsettled
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.questions import (
    BY_AGE,
    BY_DIAGNOSIS,
    BY_HYPERSENSITIVITY,
    BY_INFECTION,
    BY_LACTATION,
    BY_PREGNANCY,
    BY_PROGRESSION,
    ELIGIBILITY,
)
from tarlatamab_rules.values.vocabulary import Eligibility

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["criteria", "eligibility", "together"]


def eligibility(patient: Patient, *, rulebook: Rulebook | str | None = None) -> Decision[Eligibility]:
    """Whether the drug is for this patient: the strictest answer of all criteria.

    A missing fact is named only while it can still change the answer. `criteria` gives each criterion by itself. A criterion that the
    book does not settle does not change the answer; it is among the reasons.

    Args:
        patient: What is known of the patient.

        rulebook: The book that answers, or its name; the default book if left out.

    Source: precautions page, IND-1, CI-1, CI-2, PRG-1, PRG-3; US prescribing information, 1, 4, 8.1, 8.2.
    """
    return together(criteria(patient, rulebook=rulebook))


def criteria(patient: Patient, *, rulebook: Rulebook | str | None = None) -> tuple[Decision[Eligibility], ...]:
    """The criteria of `eligibility` one by one: age, diagnosis, prior platinum, infection, pregnancy, lactation, hypersensitivity."""
    if not isinstance(patient, Patient):
        raise FieldTypeError("patient", f"{shown(patient)} is not a Patient", "pass Patient(...), or Patient() if nothing is known")
    book = resolve(rulebook)
    breastfeeding = patient.breastfeeding
    if breastfeeding is None and patient.childbearing_potential is False:
        breastfeeding = False
    return (
        book[BY_AGE].lookup[patient.age_years,],
        book[BY_DIAGNOSIS].lookup[patient.diagnosis,],
        book[BY_PROGRESSION].lookup[patient.progressed_after_platinum,],
        book[BY_INFECTION].lookup[patient.infection,],
        book[BY_PREGNANCY].lookup[patient.childbearing_potential, patient.pregnant],
        book[BY_LACTATION].lookup[breastfeeding,],
        book[BY_HYPERSENSITIVITY].lookup[patient.hypersensitivity,],
    )


_CRITERIA = tuple(question.axes[-1].fact for question in ELIGIBILITY)
"""The fact that each criterion depends on; it is also the name of the criterion."""


@lru_cache(maxsize=4096)
def together(parts: tuple[Decision[Eligibility], ...]) -> Decision[Eligibility]:
    """One answer from the criteria. Each dissent is named after its criterion."""
    named = tuple(
        evolve(part, dissent=tuple(evolve(dissent, field=name) for dissent in part.dissent)) if part.dissent else part
        for name, part in zip(_CRITERIA, parts, strict=True)
    )
    return with_unsettled(strictest(named), named)

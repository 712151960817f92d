"""Which resources, profiles and codes are read, and which of them a rulebook asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from tarlatamab_rules.assessment import assess_case
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.decisions import Decided
from tarlatamab_rules.formats.fhir.codes import CODES, DRUG, LOINC, PROFILES, Code
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import labs_due

if TYPE_CHECKING:
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Need", "Needs", "asked_for", "needs"]

_POINTS: Final = tuple(DosePoint.at(number) for number in range(1, 14))
"""The doses of the first six cycles. No book changes what it asks for after these."""

_DATED: Final = "2026-11-28"
"""When the codes were last checked."""

_ELSEWHERE: Final[Mapping[str, str]] = {
    "patient.progressed_after_platinum": "QuestionnaireResponse",
    "patient.infection": "QuestionnaireResponse",
    "patient.childbearing_potential": "QuestionnaireResponse",
}
_MEANS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "patient.age_years": ("Patient", ()),
    "patient.diagnosis": ("Condition", ("extensive-stage",)),
    "patient.pregnant": ("Observation, Condition", ("patient.pregnant", "pregnancy")),
    "patient.breastfeeding": ("Condition", ("lactation",)),
    "patient.hypersensitivity": ("AllergyIntolerance", (DRUG,)),
    "course": ("MedicationAdministration", (DRUG,)),
    "events": ("AdverseEvent, Condition", ("events.crs", "events.icans", "grade")),
    "findings.crs.temperature": ("Observation", ("findings.crs.temperature",)),
}
"""By fact: the resources that state it, and what their codes mean."""


@frozen
class Need:
    """One fact of a case, and how FHIR states it.

    Attributes:
        fact: Its path, such as ``labs.alt``.

        resources: The resources that state it, such as ``Observation``.

        codes: The codes by which it is known.

        asked: Whether the rulebook asks for it, for some dose.
    """

    fact: str
    resources: tuple[str, ...]
    codes: tuple[Code, ...]
    asked: bool

    def __str__(self) -> str:
        """One line."""
        codes = ", ".join(f"{row.code}" for row in self.codes)
        head = f"{fact_in_words(self.fact)} ({self.fact}){'' if self.asked else ', not asked for'}: {', '.join(self.resources)}"
        return f"{head}: {codes}" if codes else head


@frozen
class Needs:
    """What FHIR states, for a rulebook.

    Attributes:
        rulebook: The name of the book.

        needs: The facts, those that the book asks for first.
    """

    rulebook: str
    needs: tuple[Need, ...]

    def __str__(self) -> str:
        """As text: the facts with their codes, then the profiles, then the sources of the codes."""
        profiles = [f"  {resource}: {', '.join(urls) or 'no profile'}" for resource, urls in PROFILES.items()]
        lines = [f"Read from FHIR R4 (4.0.1) for {self.rulebook}:", *(f"  {need}" for need in self.needs)]
        return "\n".join([*lines, "Resources, with the profiles that they are read by:", *profiles])

    def prefetch(self) -> dict[str, str]:
        """The queries for the prefetch of a service of CDS Hooks, by key."""
        who = "{{context.patientId}}"
        observed = [row for need in self.needs if "Observation" in need.resources for row in need.codes if row.system == LOINC]
        codes = dict.fromkeys(f"{row.system}|{row.code}" for row in observed)
        return {
            "patient": f"Patient/{who}",
            "observations": f"Observation?patient={who}&code={','.join(codes)}",
            "conditions": f"Condition?patient={who}",
            "administrations": f"MedicationAdministration?patient={who}&_include=MedicationAdministration:medication",
            "adverseEvents": f"AdverseEvent?subject=Patient/{who}",
            "allergies": f"AllergyIntolerance?patient={who}",
            "answers": f"QuestionnaireResponse?patient={who}&_sort=-authored",
        }

    def capability(self) -> dict[str, Any]:
        """What a server must offer, as a CapabilityStatement of the kind *requirements*."""
        return {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": _DATED,
            "kind": "requirements",
            "description": f"What the library reads from a server for the rulebook {self.rulebook}.",
            "fhirVersion": "4.0.1",
            "format": ["json"],
            "rest": [{"mode": "server", "resource": [self._of(resource, urls) for resource, urls in PROFILES.items()]}],
        }

    def _of(self, resource: str, urls: tuple[str, ...]) -> dict[str, Any]:
        about = [need.fact for need in self.needs if resource in need.resources]
        facts = f"Read for {', '.join(about)}." if about else "Read with the resources that refer to it."
        search = {"AdverseEvent": "subject", "Medication": "_id", "Patient": "_id"}.get(resource, "patient")
        kind = "token" if search == "_id" else "reference"
        return {
            "type": resource,
            **({"supportedProfile": list(urls)} if urls else {}),
            "documentation": facts,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "searchParam": [{"name": search, "type": kind}],
        }


def needs(*, rulebook: Rulebook | str | None = None) -> Needs:
    """Which resources, profiles and codes `read` takes, and which facts a rulebook asks for.

    Args:
        rulebook: The book, or its name; the default book if left out.

    Raises:
        UnknownRulebookError: The library does not have the book.
    """
    book = resolve(rulebook)
    asked = frozenset().union(*(asked_for(point, book) for point in _POINTS))
    every = [_need(fact, asked) for fact in (*_MEANS, *_ELSEWHERE, *(f"labs.{analyte}" for analyte in Analyte))]
    return Needs(book.name, tuple(sorted(every, key=lambda need: not need.asked)))


def _need(fact: str, asked: frozenset[str]) -> Need:
    where, means = _MEANS.get(fact, (_ELSEWHERE.get(fact, "Observation"), (fact,)))
    resources = (*where.split(", "), *(("QuestionnaireResponse",) if "QuestionnaireResponse" not in where else ()))
    codes = () if fact in _ELSEWHERE else tuple(row for row in CODES if row.means in means)
    return Need(fact, resources, codes, fact in asked)


def asked_for(point: DosePoint, rulebook: Rulebook | str | None) -> frozenset[str]:
    """The facts that a book asks for at a dose, by their paths."""
    return _asked_for(point, resolve(rulebook))


@lru_cache(maxsize=64)
def _asked_for(point: DosePoint, book: Rulebook) -> frozenset[str]:
    """What an assessment of an empty case misses, and every result that is due. Kept: to read a small bundle takes less time."""
    missing = {str(fact) for fact in assess_case(Case(patient=Patient(), point=point), rulebook=book).missing}
    due = labs_due(point, rulebook=book)
    results = (*due.value.required, *due.value.recommended) if isinstance(due, Decided) else ()
    return frozenset((*missing, "events", *(f"labs.{analyte}" for analyte in results)))

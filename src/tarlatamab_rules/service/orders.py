"""The draft orders of a request of CDS Hooks: which of them are for the drug, and what they say of the dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from tarlatamab_rules.formats.fhir.codes import CODES, DRUG
from tarlatamab_rules.rulebooks.tarlatamab.drug import TARLATAMAB

__all__ = ["Order", "drafts_of", "is_given", "resources_of"]

_CODES: Final = frozenset((row.system, row.code) for row in CODES if row.means == DRUG)
_NAMES: Final = tuple(name.lower() for name in (TARLATAMAB.name, *TARLATAMAB.brands))


@frozen
class Order:
    """A draft order of the drug.

    Attributes:
        resource: The resource, whole, as the caller sent it.

        start: When it is to be given, as it is written; empty if it does not say.

        amount: The ordered amount, as ``10 mg``; empty if it does not say.
    """

    resource: Mapping[str, Any]
    start: str
    amount: str

    @property
    def reference(self) -> str:
        """Its reference, as ``MedicationRequest/1``; empty if it has no id."""
        name = self.resource.get("id")
        return f"MedicationRequest/{name}" if isinstance(name, str) and name else ""


def resources_of(bundle: object) -> Iterator[Mapping[str, Any]]:
    """The resources of a bundle, or a resource alone."""
    if not isinstance(bundle, Mapping):
        return
    if bundle.get("resourceType") != "Bundle":
        yield bundle
        return
    entries = bundle.get("entry", ())
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, Mapping) else None
        if isinstance(resource, Mapping):
            yield resource


def drafts_of(context: Mapping[str, Any], *, named: bool) -> list[Order]:
    """The draft orders of the drug; of a selection, those that are selected.

    An order that only refers to a medication counts if the request names the planned dose: it was sent because of that.
    """
    selections = context.get("selections")
    orders = []
    for resource in resources_of(context.get("draftOrders")):
        if resource.get("resourceType") == "MedicationRequest" and (is_drug(resource) or (named and _only_refers(resource))):
            order = Order(resource, _start(resource), _amount(resource))
            if not isinstance(selections, list) or order.reference in selections:
                orders.append(order)
    return orders


def is_given(prefetch: Mapping[str, Any]) -> bool:
    """Whether some resource that was fetched is about the drug: the patient has had it."""
    found = (resource for bundle in prefetch.values() for resource in resources_of(bundle))
    return any(
        resource.get("resourceType") in {"MedicationAdministration", "MedicationRequest"} and is_drug(resource) for resource in found
    )


def is_drug(resource: Mapping[str, Any]) -> bool:
    """Whether an order or an administration is of the drug, by its codes or by its name; a contained medication is looked up."""
    concepts = [resource.get("medicationCodeableConcept"), {"text": _first(resource.get("medicationReference")).get("display")}]
    contained = resource.get("contained", ())
    concepts += [part.get("code") for part in contained if isinstance(part, Mapping)] if isinstance(contained, list) else []
    return any(isinstance(concept, Mapping) and _names_drug(concept) for concept in concepts)


def _only_refers(resource: Mapping[str, Any]) -> bool:
    """Whether an order refers to a medication that is not in it."""
    reference = _first(resource.get("medicationReference")).get("reference")
    return isinstance(reference, str) and not reference.startswith("#")


def _names_drug(concept: Mapping[str, Any]) -> bool:
    codings = concept.get("coding", ())
    codings = [coding for coding in codings if isinstance(coding, Mapping)] if isinstance(codings, list) else []
    if any((coding.get("system"), coding.get("code")) in _CODES for coding in codings):
        return True
    texts = [concept.get("text"), *(coding.get("display") for coding in codings)]
    return any(name in text.lower() for text in texts if isinstance(text, str) for name in _NAMES)


def _first(value: object) -> Mapping[str, Any]:
    """The first object of a list, or the object itself: examples of the specification write both."""
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, Mapping) else {}


def _start(resource: Mapping[str, Any]) -> str:
    timing = _first(_first(resource.get("dosageInstruction")).get("timing"))
    events = timing.get("event")
    if isinstance(events, list) and events and isinstance(events[0], str):
        return events[0]
    start = _first(_first(timing.get("repeat")).get("boundsPeriod")).get("start")
    return start if isinstance(start, str) else ""


def _amount(resource: Mapping[str, Any]) -> str:
    """The amount of a dose. What is no number with a unit is left to the reader of amounts, which says so."""
    dose = _first(_first(_first(resource.get("dosageInstruction")).get("doseAndRate")).get("doseQuantity"))
    value, unit = dose.get("value"), dose.get("code", dose.get("unit"))
    return f"{value} {unit}" if value is not None else ""

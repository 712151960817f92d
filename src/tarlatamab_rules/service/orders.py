"""The draft orders of a request of CDS Hooks: which of them are for the drug, and what they say of the dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.fhir.bundles import reports_failure
from tarlatamab_rules.formats.fhir.codes import CODES, DRUG
from tarlatamab_rules.formats.fhir.elements import Unclear
from tarlatamab_rules.formats.fhir.observations import pair_of
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs.kinds import MASS
from tarlatamab_rules.rulebooks.tarlatamab.drug import TARLATAMAB

__all__ = ["Order", "drafts_of", "is_failed", "is_given", "objects_of", "resources_of", "times_of"]

_CODES: Final = frozenset((row.system, row.code) for row in CODES if row.means == DRUG)
_NAMES: Final = tuple(name.lower() for name in (TARLATAMAB.name, *TARLATAMAB.brands))
_VOID: Final = frozenset(("cancelled", "completed", "entered-in-error", "stopped"))
"""An order of such a status orders nothing."""


@frozen
class Order:
    """A draft order of the drug.

    Attributes:
        resource: The resource, whole, as the caller sent it.
    """

    resource: Mapping[str, Any]

    @property
    def reference(self) -> str:
        """Its reference, as ``MedicationRequest/1``; empty if it has no id."""
        name = self.resource.get("id")
        return f"MedicationRequest/{name}" if isinstance(name, str) and name else ""

    @property
    def start(self) -> str:
        """When it is to be given, as it is written; empty if it does not say, or names several times."""
        times = {time for instruction in objects_of(self.resource.get("dosageInstruction")) for time in times_of(instruction)}
        return times.pop() if len(times) == 1 else ""

    def amount(self) -> tuple[float | str, str] | None:
        """The ordered amount with its unit; ``None`` if it does not say.

        Raises:
            FieldError: It orders a range, several amounts, or what is no amount.
        """
        doses = [
            dose
            for instruction in objects_of(self.resource.get("dosageInstruction"))
            for dose in objects_of(instruction.get("doseAndRate"))
        ]
        if any("doseRange" in dose for dose in doses):
            raise FieldError("ordered", "the draft order has a range of amounts", "order one amount, as 10 mg")
        quantities = [_first(dose["doseQuantity"]) for dose in doses if "doseQuantity" in dose]
        if any(quantity != quantities[0] for quantity in quantities):
            raise FieldError("ordered", "the draft order has several amounts", "order one amount, as 10 mg")
        if not quantities:
            return None
        try:
            return pair_of(quantities[0], MASS, Account("", ""))
        except Unclear as reason:
            raise FieldError("ordered", str(reason), "order it as 10 mg, with the code of UCUM") from None


def resources_of(bundle: object) -> Iterator[Mapping[str, Any]]:
    """The resources of a bundle, and of bundles in it; or a resource alone."""
    stack = [bundle]
    while stack:
        item = stack.pop()
        if not isinstance(item, Mapping):
            continue
        if item.get("resourceType") == "Bundle":
            stack += reversed([entry.get("resource") for entry in objects_of(item.get("entry"))])
        else:
            yield item


def drafts_of(context: Mapping[str, Any], prefetch: Mapping[str, Any], *, named: bool) -> list[Order]:
    """The draft orders of the drug; of a selection, those that are selected.

    An order that does not say which drug it is counts if the request names the planned dose: it was sent because of that.
    """
    selections = context.get("selections")
    drafts = context.get("draftOrders")
    known = {
        f"Medication/{resource['id']}": resource
        for bundle in (*prefetch.values(), drafts)
        for resource in resources_of(bundle)
        if resource.get("resourceType") == "Medication" and isinstance(resource.get("id"), str)
    }
    orders = []
    for resource in resources_of(drafts):
        if resource.get("resourceType") == "MedicationRequest" and _orders(resource):
            drug, order = _is_drug(resource, known), Order(resource)
            if (drug or (named and drug is None)) and (not isinstance(selections, list) or order.reference in selections):
                orders.append(order)
    return orders


def is_failed(bundle: object) -> bool:
    """Whether what was fetched says that its query failed."""
    return any(resource.get("resourceType") == "OperationOutcome" and reports_failure(resource) for resource in resources_of(bundle))


def is_given(prefetch: Mapping[str, Any]) -> bool:
    """Whether some resource that was fetched is about the drug: the patient has had it."""
    found = (resource for bundle in prefetch.values() for resource in resources_of(bundle))
    return any(
        resource.get("resourceType") in {"MedicationAdministration", "MedicationRequest"} and _is_drug(resource, {}) for resource in found
    )


def _orders(resource: Mapping[str, Any]) -> bool:
    """Whether an order is one to give something."""
    return resource.get("doNotPerform") is not True and resource.get("status") not in _VOID


def _is_drug(resource: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> bool | None:
    """Whether an order or an administration is of the drug, by its codes or its name; ``None`` if it does not say which drug it is.

    Args:
        resource: The order or the administration.

        known: Medications by their references.
    """
    reference = _first(resource.get("medicationReference"))
    literal = reference.get("reference")
    concepts = [resource.get("medicationCodeableConcept"), *(part.get("code") for part in objects_of(resource.get("contained")))]
    if "display" in reference:
        concepts.append({"text": reference["display"]})
    if isinstance(literal, str):
        concepts.append(known.get(literal, {}).get("code"))
        concepts += [] if literal.startswith("#") else [{}]
    said = [_names_drug(concept) for concept in concepts if isinstance(concept, Mapping)]
    return any(said) or (None if said and not any(name is False for name in said) else False)


def _names_drug(concept: Mapping[str, Any]) -> bool | None:
    """Whether a concept is the drug; ``None`` if it has no words, and no code that is known."""
    codings = objects_of(concept.get("coding"))
    if any((coding.get("system"), coding.get("code")) in _CODES for coding in codings):
        return True
    texts = [text for text in (concept.get("text"), *(coding.get("display") for coding in codings)) if isinstance(text, str)]
    return any(name in text.lower() for text in texts for name in _NAMES) if texts else None


def objects_of(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list, or the object itself: examples of the specification write both."""
    listed = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, Mapping)]


def _first(value: object) -> Mapping[str, Any]:
    """The first of them; empty if there is none."""
    return next(iter(objects_of(value)), {})


def times_of(instruction: Mapping[str, Any]) -> list[str]:
    """The times of an instruction, as they are written: its events, and the start of the period that bounds it."""
    timing = _first(instruction.get("timing"))
    events = timing.get("event")
    times = [*events] if isinstance(events, list) else []
    times.append(_first(_first(timing.get("repeat")).get("boundsPeriod")).get("start"))
    return [time for time in times if isinstance(time, str)]

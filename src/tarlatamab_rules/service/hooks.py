"""Requests of CDS Hooks 2.0.1: checked, and read into a case."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from attrs import frozen

from tarlatamab_rules.assessment import assess_case
from tarlatamab_rules.assessment.screen.checks import needed
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.errors import FieldError, shown
from tarlatamab_rules.formats.cases import TIME
from tarlatamab_rules.formats.fhir import needs, read
from tarlatamab_rules.formats.fhir.bundles import contents
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.service.one_dose import check_one_dose
from tarlatamab_rules.service.orders import Order, drafts_of, is_failed, is_given, resources_of
from tarlatamab_rules.service.problems import Issue, ProblemError

if TYPE_CHECKING:
    from tarlatamab_rules.formats.fhir import Imported
    from tarlatamab_rules.service.settings import Settings

__all__ = ["EXTENSION", "SERVICES", "HookRequest", "Service", "checked", "discovery", "imported", "is_uuid"]

EXTENSION: Final = "tarlatamab-rules"
"""The key in the extension of a request that holds what FHIR has no element for: which dose of the course is planned."""


@frozen
class Service:
    """A service of CDS Hooks.

    Attributes:
        hook: The hook that calls it.

        title: Its name for readers.

        description: What it does.

        required: What the context of its hook must have.
    """

    hook: str
    title: str
    description: str
    required: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its id, the last part of its address."""
        return f"tarlatamab-{self.hook}"


_USER: Final = ("userId", "patientId")
SERVICES: Final[Mapping[str, Service]] = {
    service.id: service
    for service in (
        Service(
            "order-select",
            "Tarlatamab: what is missing",
            "Says which facts are missing before tarlatamab is given, and what is known to forbid it.",
            (*_USER, "selections", "draftOrders"),
        ),
        Service(
            "order-sign",
            "Tarlatamab: may it be given?",
            "Says whether the sources give a reason to withhold the ordered dose, and offers to hold or delete the draft.",
            (*_USER, "draftOrders"),
        ),
        Service(
            "encounter-start",
            "Tarlatamab: before and after the dose",
            "Says what goes before and after the planned dose, and how long the patient is observed.",
            (*_USER, "encounterId"),
        ),
        Service("patient-view", "Tarlatamab: the next dose", "Says how the course stands and what the next dose is.", _USER),
    )
}
"""The services by their ids."""

_OWN: Final = frozenset(("complete", "plannedStart", "point", "siteZone"))
"""The keys of the object under our key of the extension."""

_USERS: Final = re.compile(r"(?:Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}")


def discovery(settings: Settings) -> dict[str, Any]:
    """What a client must know to call the services: their hooks, and the queries whose answers they need."""
    prefetch = needs(rulebook=settings.rulebook).prefetch()
    usage = (
        f"Send the planned dose in extension.{EXTENSION}.point, as C1D8, and when it is to be given in extension.{EXTENSION}.plannedStart "
        "or in the draft order."
    )
    return {
        "services": [
            {
                "hook": service.hook,
                "title": service.title,
                "description": service.description,
                "id": service.id,
                "prefetch": prefetch,
                "usageRequirements": usage,
            }
            for service in SERVICES.values()
        ]
    }


@frozen
class HookRequest:
    """A request whose form is right.

    Attributes:
        service: The service that was called.

        instance: The id of this call.

        context: The context of the hook.

        prefetch: What was fetched, by key.

        own: The object under our key of the extension.

        orders: The draft orders of the drug.
    """

    service: Service
    instance: str
    context: Mapping[str, Any]
    prefetch: Mapping[str, Any]
    own: Mapping[str, Any]
    orders: tuple[Order, ...]

    @property
    def is_about_the_drug(self) -> bool | None:
        """Whether it concerns the drug; ``None`` if that cannot be known, because nothing was fetched, or its query failed."""
        if "draftOrders" in self.service.required:
            return bool(self.orders)
        if self.own.get("point") or is_given(self.prefetch):
            return True
        return False if "administrations" in self.prefetch and not is_failed(self.prefetch["administrations"]) else None


def checked(service: Service, document: object) -> HookRequest:
    """A request from its document.

    Raises:
        ProblemError: 400, with everything that is wrong in its form.
    """
    if not isinstance(document, Mapping):
        raise ProblemError(400, Issue("structure", "the body is not an object of JSON"))
    issues: list[Issue] = []

    def must(condition: object, where: str, says: str) -> None:
        if not condition:
            issues.append(Issue("structure", says, where))

    must(document.get("hook") == service.hook, "hook", f"is not {service.hook}, which this service is for")
    must(is_uuid(document.get("hookInstance")), "hookInstance", "is not a UUID")
    parts = {key: document.get(key, {}) for key in ("context", "prefetch", "extension")}
    for key, value in parts.items():
        must(isinstance(value, Mapping) and (value or key != "context"), key, "is not an object")
    context = parts["context"] if isinstance(parts["context"], Mapping) else {}
    for key in service.required:
        must(_CHECKS[key](context.get(key)), f"context.{key}", f"is missing, or is not {_WANTED[key]}")
    own = parts["extension"].get(EXTENSION, {}) if isinstance(parts["extension"], Mapping) else {}
    must(isinstance(own, Mapping), f"extension.{EXTENSION}", "is not an object")
    must(not isinstance(own, Mapping) or set(own) <= _OWN, f"extension.{EXTENSION}", f"has a key beside {', '.join(sorted(_OWN))}")
    fetched = parts["prefetch"] if isinstance(parts["prefetch"], Mapping) else {}
    must(all(value is None or isinstance(value, Mapping) for value in fetched.values()), "prefetch", "has a value that is no resource")
    if issues:
        raise ProblemError(400, *issues)
    orders = drafts_of(context, fetched, named=bool(own.get("point")))
    return HookRequest(service, document["hookInstance"], context, fetched, own, tuple(orders))


def is_uuid(value: object) -> bool:
    """Whether a value is the text of a UUID."""
    try:
        return isinstance(value, str) and bool(UUID(value).hex)
    except ValueError:
        return False


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_user(value: object) -> bool:
    return isinstance(value, str) and _USERS.fullmatch(value) is not None


def _is_selection(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_bundle(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("resourceType") == "Bundle"


_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "userId": _is_user,
    "patientId": _is_text,
    "encounterId": _is_text,
    "selections": _is_selection,
    "draftOrders": _is_bundle,
}
_WANTED: Final[Mapping[str, str]] = {
    "userId": "a reference such as Practitioner/1",
    "patientId": "an id",
    "encounterId": "an id",
    "selections": "a list of references",
    "draftOrders": "a Bundle",
}


# --- the case ---


def imported(request: HookRequest, settings: Settings) -> Imported:
    """The case of a request, with the report on each resource.

    Raises:
        ProblemError: 412 if something that a client can send was not sent: the planned dose, or what the discovery asks to fetch. 400 if
            what was sent cannot be read.
    """
    _same_patient(request)
    point = request.own.get("point")
    if point is None:
        raise ProblemError(412, Issue("required", "say which dose of the course is planned, as C1D8", f"extension.{EXTENSION}.point"))
    try:
        known = _read(request, settings, point)
    except FieldError as error:
        raise ProblemError(400, Issue("value", f"{error.problem}; {error.fix}" if error.fix else error.problem, error.path)) from None
    wanted = needs(rulebook=settings.rulebook).prefetch()
    issues = [Issue("required", "was not fetched", f"prefetch.{key}") for key in wanted if key not in request.prefetch]
    issues += [
        Issue(
            "required",
            "has a next page: send every page in one bundle, without its link",
            f"prefetch.{key}" if key in wanted else "prefetch",
        )
        for key, bundle in request.prefetch.items()
        if isinstance(bundle, Mapping) and bundle.get("resourceType") == "Bundle" and contents(bundle).continues
    ]
    if issues:
        facts = needed(assess_case(known.case, rulebook=settings.rulebook))
        issues += [Issue("required", f"is missing: {fact_in_words(fact, known.case)}", str(fact)) for fact in facts]
        raise ProblemError(412, *issues)
    return known


def _read(request: HookRequest, settings: Settings, point: object) -> Imported:
    order = request.orders[0] if request.orders else None
    start = _start(request.own.get("plannedStart") or (order.start if order else ""))
    if order is not None:
        check_one_dose(order, start)
    return read(
        [bundle for bundle in request.prefetch.values() if bundle is not None],
        point=DosePoint.of(point),  # type: ignore[arg-type]  # whatever a client sends is checked there
        planned_start=start,
        site_zone=request.own.get("siteZone") or settings.site_zone or None,
        rulebook=settings.rulebook,
        complete=request.own.get("complete", ()),
        ordered=order.amount() if order else None,
    )


def _same_patient(request: HookRequest) -> None:
    """Refuses a draft order or a fetched patient that is not the patient of the request."""
    own = request.context["patientId"]
    patients = [
        part.get("id") for bundle in request.prefetch.values() for part in resources_of(bundle) if part.get("resourceType") == "Patient"
    ]
    subjects = [order.resource.get("subject") for order in request.orders]
    orders = [subject.get("reference") for subject in subjects if isinstance(subject, Mapping)]
    wrong = [name for name in patients if name not in {None, own}]
    wrong += [name for name in orders if isinstance(name, str) and name.rpartition("/")[2] != own]
    if wrong:
        raise ProblemError(400, Issue("conflict", "a draft order or a fetched patient is not this patient", "context.patientId"))


def _start(text: object) -> date | datetime | None:
    if text == "":
        return None
    if isinstance(text, str) and TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text) if len(text) > len("2026-02-03") else date.fromisoformat(text)
        except ValueError:
            pass
    raise FieldError("plannedStart", f"{shown(text)} is not a day or a moment", "write it as 2026-02-03T09:00:00+01:00")

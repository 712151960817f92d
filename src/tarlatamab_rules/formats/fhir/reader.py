"""A case from the resources of a patient in FHIR R4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.formats.fhir.administrations import course_of, read_administration
from tarlatamab_rules.formats.fhir.adverse_events import read_adverse_event
from tarlatamab_rules.formats.fhir.answered import course_with_answers, read_answers
from tarlatamab_rules.formats.fhir.arguments import check_points, complete_of, points_of, setting_of
from tarlatamab_rules.formats.fhir.bundles import Found, Patients, contents, own_patient, reference_of, repeated, reports_failure
from tarlatamab_rules.formats.fhir.codes import AE_STATUS, PROFILES
from tarlatamab_rules.formats.fhir.conditions import add_episode, keep_condition, read_allergy, read_condition
from tarlatamab_rules.formats.fhir.draft import Claim, Draft, Setting
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, objects, text, when
from tarlatamab_rules.formats.fhir.observations import keep_results, read_observation
from tarlatamab_rules.formats.fhir.places import FINDINGS
from tarlatamab_rules.formats.fhir.report import Account, Imported, ImportReport
from tarlatamab_rules.inputs._zones import readings
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import DosePoint, GivenDose, dose_amount
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity

if TYPE_CHECKING:
    from tarlatamab_rules.formats.fhir.bundles import Source
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.inputs.vocabulary import ScaleLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["read"]

_STATE_AGE: Final = timedelta(days=7)


def read(  # noqa: PLR0913  # one keyword a fact
    source: Source,
    *,
    point: DosePoint | str,
    planned_start: When | None,
    site_zone: str | None = None,
    rulebook: Rulebook | str | None = None,
    codes: Mapping[tuple[str, str], str] | None = None,
    points: Mapping[str, DosePoint | str] | None = None,
    complete: Collection[str] = (),
    ordered: QuantityLike | None = None,
    ctcae: ScaleLike | None = None,
    state_age: timedelta = _STATE_AGE,
) -> Imported:
    """A case from FHIR R4 (4.0.1), with a report of what became of each resource.

    Nothing is guessed: what no resource states is ``None``. A resource that cannot be read is unclear, with the reason, and the others
    count. If it may matter, it counts as unknown. Let a clinician look at ``report.to_settle``: what is unclear and the rulebook asks for.

    Args:
        source: A bundle, a resource, a list of resources, or the JSON text of one of these; of one patient.

        point: The planned dose, such as ``"C1D8"``.

        planned_start: When its infusion is to begin; a time needs its UTC offset. Age, and the age of results, are counted to this day.

        site_zone: The time zone of the site, by its IANA name. Days are counted by the calendar there.

        rulebook: The book whose questions mark the report, or its name; the default book if left out. The case is the same by any book.

        codes: More codes, each a system and a code, with what it means: ``labs.alt``, ``events.crs``, ``tarlatamab``, ``patient.pregnant``.

        points: Which dose an administration was, by its reference, as ``{"MedicationAdministration/1": "C1D1"}``. Left out, the doses are
            numbered in order of time, if there are as many as the schedule has before the planned dose.

        complete: ``course`` and ``events`` of which the resources hold everything. Then none means that there are none, not that nothing
            is known.

        ordered: The ordered amount, a mass. Orders are not read.

        ctcae: The version of CTCAE of grades that do not name it, ``ctcae-5.0`` or ``ctcae-6.0``. Without it, such a grade is not known if
            the versions differ, or differ from ASTCT 2019.

        state_age: How long a statement that the patient is *not* pregnant, breast-feeding or hypersensitive counts, and how old the answers
            of a questionnaire may be, in whole days. A week is a safeguard of this library; no source gives it.

    Raises:
        FieldError: The source is not JSON, is no resource of FHIR R4, or is about two patients; or an argument cannot be.

        UnknownRulebookError: The library does not have the book.
    """
    setting = setting_of(point, planned_start, site_zone, rulebook, codes, ctcae, state_age)
    places = points_of(points)
    reviewed = complete_of(complete)
    order = None if ordered is None else dose_amount(ordered, "ordered")
    everything = contents(source)
    if everything.continues and reviewed:
        raise FieldError("complete", "the bundle has a next page", "pass every page, without its link to the next one")
    patient = own_patient(everything.found)
    draft = Draft(setting, _age(everything.found, setting), _by_reference(everything.found), ordered=order, reviewed=reviewed)
    accounts = [_account(item) for item in everything.found]
    _read_all(everything.found, accounts, patient, draft)
    check_points(places, everything.found)
    case = _case(draft, places, accounts, site_zone)
    if everything.continues:
        draft.notes.append("the bundle has a next page: what is on it is not in the case")
    draft.notes += _notes_on_events(draft)
    return Imported(case, ImportReport(tuple(account.entry() for account in accounts), tuple(draft.notes)))


def _notes_on_events(draft: Draft) -> list[str]:
    listed = draft.events and "events" not in draft.reviewed
    notes = ["whether there were other events than those that are listed is not stated"] if listed else []
    episodes = Counter(event.toxicity for event in draft.events)
    return notes + [
        f"{number} episodes of {toxicity} are stated: two resources about one episode count twice"
        for toxicity, number in sorted(episodes.items())
        if number > 1
    ]


# --- resources ---


def _account(item: Found) -> Account:
    return Account(item.path, item.type)


def _by_reference(found: tuple[Found, ...]) -> dict[str, Found]:
    """The drugs that an administration may refer to."""
    drugs: dict[str, Found] = {}
    for item in found:
        if item.type == "Medication" and item.resource is not None:
            name = item.resource.get("id")
            drugs |= {reference: item for reference in (item.address, f"Medication/{name}" if isinstance(name, str) else None) if reference}
    return drugs


_READERS: Final[Mapping[str, Callable[[Element, Account, Draft], None]]] = {
    "Observation": read_observation,
    "Condition": read_condition,
    "AdverseEvent": read_adverse_event,
    "MedicationAdministration": read_administration,
    "AllergyIntolerance": read_allergy,
    "QuestionnaireResponse": read_answers,
}
_PARTS: Final = ("course", "events")
_WHOLE: Final = {"MedicationAdministration": "course", "AdverseEvent": "events", "Patient": "patient.age_years"}
"""What a resource is about if it cannot be read at all."""


def _read_all(found: tuple[Found, ...], accounts: list[Account], patient: Patients, draft: Draft) -> None:
    again, versions = repeated(found)
    later: list[tuple[Found, Element, Account]] = []
    for item, account in zip(found, accounts, strict=True):
        if item.resource is None:
            account.note("there is no resource")
            continue
        if _contains_facts(item.resource):
            account.doubt("the resources that it contains are not read: pass them by themselves", asked=True)
        if item.type not in PROFILES:
            _not_read(item, account, draft)
        elif item.path in again:
            account.note("it is listed twice")
        elif item.path in versions:
            account.doubt("it is listed in several versions", asked=True)
            _keep(item, item.resource, account, draft)
        elif item.type == "QuestionnaireResponse":
            later.append((item, item.resource, account))  # answers may complete what other resources state
        else:
            _read_one(item, item.resource, account, patient, draft)
    for item, resource, account in later:
        _read_one(item, resource, account, patient, draft)


def _contains_facts(resource: Element) -> bool:
    """Whether a resource contains others that state facts of a case by themselves."""
    contained = resource.get("contained")
    inner = [item.get("resourceType") for item in contained if isinstance(item, Mapping)] if isinstance(contained, list) else []
    return any(isinstance(kind, str) and kind in _READERS for kind in inner)


def _not_read(item: Found, account: Account, draft: Draft) -> None:
    if item.type == "resource":
        account.doubt("its resourceType is no resource of FHIR R4", asked=True)
    elif item.type == "Parameters":
        account.doubt("the resources in it are not read: pass them by themselves", asked=True)
    elif item.type == "OperationOutcome" and not reports_failure(item.resource or {}):
        account.note("the server reports no error")
    elif item.type == "OperationOutcome":
        draft.doubtful.update(_PARTS)  # a query that failed is no empty answer
        account.doubt("the server reports a problem: see the resource", asked=True)
    elif item.type == "Bundle":
        account.doubt("a bundle that lies too deep in others, or has no list of entries", asked=True)
    elif item.type in {"MedicationRequest", "MedicationStatement", "MedicationDispense"}:
        account.note("only administrations are read; pass the ordered amount in the argument ordered")
    else:
        account.note("resources of this type are not read")


def _read_one(item: Found, resource: Element, account: Account, patient: Patients, draft: Draft) -> None:
    try:
        _check_modifiers(item, resource)
        if item.type == "Patient":
            _read_patient(resource, account, draft)
        elif item.type == "Medication":
            account.note("it is read with the administration that refers to it")
        elif _is_own(item, resource, patient):
            _READERS[item.type](resource, account, draft)
        else:
            account.doubt("it is about another patient than the rest")
    except Unclear as reason:
        account.doubt(str(reason), asked=draft.asks(_WHOLE.get(item.type, "")))
        _keep(item, resource, account, draft)


def _keep(item: Found, resource: Element, account: Account, draft: Draft) -> None:
    """What cannot be read and may matter is in the case, so that no assessment passes over it.

    A result is there with an unknown value, CRS and ICANS with an unknown grade, and an adverse event as another toxicity of unknown grade.
    """
    if item.type == "Observation":
        keep_results(resource, account, draft)
    elif item.type == "Condition":
        keep_condition(resource, account, draft)
    elif item.type == "AdverseEvent":
        add_episode(draft, account, Toxicity.OTHER, None, None, None, None)


def _check_modifiers(item: Found, resource: Element) -> None:
    """Raises `Unclear` for a resource whose meaning an extension changes that is not known."""
    known = {AE_STATUS} if item.type == "AdverseEvent" else set()
    if any(text(extension, "url") not in known for extension in objects(resource, "modifierExtension")):
        raise Unclear("it has a modifier that is not known")
    if resource.get("implicitRules") is not None:
        raise Unclear("it has implicit rules that are not known")


def _is_own(item: Found, resource: Element, patient: Patients) -> bool:
    """Whether a resource is about the patient. The answers of a form need not say whose they are."""
    name = "patient" if item.type == "AllergyIntolerance" else "subject"
    reference = reference_of(resource, name)
    if reference is None:
        if item.type == "QuestionnaireResponse" and resource.get(name) is None:
            return True
        raise Unclear("it does not say whose it is")
    return patient.owns(reference)


def _age(found: tuple[Found, ...], setting: Setting) -> int | None:
    """The age at the planned start, by which a result may have its reference range; ``None`` if it is not known, or stated in two ways."""
    ages: set[int | None] = set()
    for item in found:
        if item.type == "Patient" and item.resource is not None:
            with suppress(Unclear):
                born = when(item.resource, "birthDate")
                ages.add(None if born is None else setting.age_at_start(setting.day(born)))
    return ages.pop() if len(ages) == 1 else None


def _read_patient(resource: Element, account: Account, draft: Draft) -> None:
    """The age at the planned start, and whether the patient lives."""
    start = draft.setting.planned_start
    died = when(resource, "deceasedDateTime")
    if resource.get("deceasedBoolean") is True or (died is not None and (start is None or not draft.setting.is_later(died))):
        account.doubt("the patient is recorded as deceased", asked=True)
        draft.unknown.add("age_years")
    elif died is not None:
        account.note("the patient is recorded as deceased after the planned start")
    if resource.get("active") is False:
        account.doubt("the record of the patient is not in use", asked=True)
    asked = draft.asks("patient.age_years")
    born = when(resource, "birthDate")
    if born is None:
        account.doubt("the date of birth is missing or has no day", asked=asked)
    elif (years := draft.setting.age_at_start(draft.setting.day(born))) is None:
        account.doubt("without the planned start there is no age", asked=asked)
    else:
        try:
            draft.claim(account, "age_years", value=Patient(age_years=years).age_years)
        except FieldError:
            account.doubt("the date of birth does not fit the planned start", asked=asked)


# --- the case ---


def _case(draft: Draft, points: dict[str, DosePoint], accounts: list[Account], site_zone: str | None) -> Case:
    given = course_with_answers(draft, _course(draft, points, accounts))
    none = draft.reviewed - draft.doubtful
    if draft.events:  # else the toxicities as a whole are not known
        for account, event in draft.watched:
            draft.add_event(account, event)
    if given is None and "course" in none and not draft.given:
        given = ()
    return Case(
        patient=_patient(draft),
        point=draft.setting.point,
        planned_start=draft.setting.planned_start,
        ordered=draft.ordered,
        course=None if given is None else _in_zone(given, "course", accounts, site_zone),
        labs=tuple(draft.labs) or None,
        events=_in_zone(tuple(draft.events), "events", accounts, site_zone) or (() if "events" in none else None),
        findings=_findings(draft) or None,
        site_zone=site_zone,
    )


def _course(draft: Draft, points: dict[str, DosePoint], accounts: list[Account]) -> tuple[GivenDose, ...] | None:
    """The doses given, if every administration that may be one can be read."""
    known = {administration.account.path for administration in draft.given}
    doubtful = [item for item in accounts if item.resource == "MedicationAdministration" and item.unclear and item.path not in known]
    if not doubtful:
        return course_of(draft, points)
    draft.doubtful.add("course")
    for administration in draft.given:
        administration.account.doubt("another administration is unclear, so the course is not known", asked=draft.asks("course"))
    return None


_DATES: Final[Mapping[str, tuple[str, ...]]] = {"course": ("started", "ended"), "events": ("onset", "improved", "resolved")}


def _in_zone(records: tuple[Any, ...], part: str, accounts: list[Account], site_zone: str | None) -> tuple[Any, ...]:
    """The records. The dates of one that would end before it began by the calendar of the site count as not known."""
    checked = list(records)
    for n, record in enumerate(records):
        try:
            readings(site_zone, **{part: (record,)})
        except FieldError:
            checked[n] = evolve(record, **dict.fromkeys(_DATES[part]))
            for account in accounts:
                if any(fact.startswith(f"{part}[{n}]") for fact in account.facts):
                    account.doubt("its dates are not possible by the calendar of the site, so they count as not known", asked=True)
    return tuple(checked)


def _patient(draft: Draft) -> Patient:
    """The patient, by the statements that agree."""
    values = {fact: None if fact in draft.unknown else _agreed(fact, claims, draft) for fact, claims in draft.claims.items()}
    if values.get("pregnant") and values.get("childbearing_potential") is False:
        del values["childbearing_potential"]
        _disagree("pregnant", [*draft.claims["pregnant"], *draft.claims["childbearing_potential"]], draft)
    for fact, claims in draft.claims.items():
        if values.get(fact) is not None:
            for claim in claims:
                claim.account.facts.append(f"patient.{fact}")
    return Patient(**values)


def _agreed(fact: str, claims: list[Claim], draft: Draft) -> Any:  # noqa: ANN401  # a value of any field of the patient
    """What all statements say. A later *yes* replaces an earlier *no*; a *no* never replaces a *yes*."""
    if all(claim.value == claims[0].value for claim in claims):
        return claims[0].value
    yes, no = (_days([claim for claim in claims if claim.value is value], draft) for value in (True, False))
    last_no = max((when for when in no if when), default=None)
    if yes and last_no and None not in no and all(when is None or when > last_no for when in yes):
        return True
    _disagree(fact, claims, draft)
    return None


def _days(claims: list[Claim], draft: Draft) -> list[date | None]:
    return [draft.setting.day(claim.when) if claim.when else None for claim in claims]


def _disagree(fact: str, claims: list[Claim], draft: Draft) -> None:
    for claim in claims:
        claim.account.doubt("other statements of the same fact disagree", asked=draft.asks(f"patient.{fact}"))


def _findings(draft: Draft) -> tuple[Any, ...]:
    """The findings of now, with the highest temperature of the day."""
    findings = dict(draft.findings)
    for account, temperature in draft.temperatures:
        crs = findings.get("crs", CrsFindings())
        if crs.temperature is None or crs.temperature.value < temperature.value:
            findings["crs"] = evolve(crs, temperature=temperature)
        account.facts.append("findings.crs.temperature")
    for kind, name in sorted(draft.unclear):
        findings[kind] = evolve(findings.get(kind, FINDINGS[kind]()), **({name: None} if name else {}))
    return tuple(findings.values())

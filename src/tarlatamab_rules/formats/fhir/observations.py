"""Observations: laboratory results, pregnancy, and body temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Final, TypeAlias

from attrs import evolve

from tarlatamab_rules.core.decisions import Decided
from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.formats.fhir.codes import ALIASES, UCUM, Code, Lookup, codings_mean
from tarlatamab_rules.formats.fhir.draft import PREGNANCY, Draft
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, code_of, codings, number, object_of, objects, period, text, truth, when
from tarlatamab_rules.formats.fhir.report import Account
from tarlatamab_rules.inputs._fields import When, day
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.kinds import TEMPERATURE, Kind
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.units import Amount, take
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rules.grading import grade_crs

__all__ = ["answer_of", "keep_results", "pair_of", "read_observation", "unknown_result"]

_FINAL: Final = frozenset(("final", "amended", "corrected"))
_VOID: Final = frozenset(("cancelled", "entered-in-error"))
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_NOT_MEASURED: Final = frozenset(("asked-declined", "not-applicable", "not-asked", "not-performed"))
"""Reasons by which there is no result. By any other reason there may be one that is not shown."""
_COMPARATORS: Final = frozenset(("<", "<=", ">=", ">"))
_UNITS: Final = """
10*9/L 10*3/uL 10*6/mL 10*6/L /uL 1/uL /nL {cells}/uL g/dL g/L mmol/L mol/L umol/L mg/dL mg/L U/L [IU]/L [iU]/L ukat/L nkat/L meq/L
Cel [degF] K mg g ug
"""
_USUAL: Final = frozenset(_UNITS.split())
"""Codes of UCUM in which these are usually sent. With another spelling the report says so."""


def read_observation(resource: Element, account: Account, draft: Draft) -> None:
    """One Observation: its own value, and that of each component."""
    parts = _parts(resource, draft.setting.lookup)
    if not any(rows for rows, _ in parts):
        account.note("its code is not one that is read")
        return
    if "focus" in resource:
        account.doubt("it is about something other than the patient")
        return
    account.asked = any(draft.asks(row.means) for rows, _ in parts for row in rows)
    status = text(resource, "status")
    if status in _VOID:
        account.note("it was cancelled" if status == "cancelled" else "it was entered in error")
    elif status not in _FINAL:
        raise Unclear("it is preliminary" if status in {"preliminary", "registered"} else "its status is not known")
    else:
        _read_parts(parts, _collected(resource, account), account, draft)


def keep_results(resource: Element, account: Account, draft: Draft) -> None:
    """The results of an Observation that cannot be read: each is in the case with an unknown value.

    Otherwise an older result would count in the place of one that is newer and cannot be read.
    """
    try:
        parts = _parts(resource, draft.setting.lookup)
    except Unclear:
        return
    try:
        collected = _collected(resource, Account("", ""))
    except Unclear:
        collected = None
    account.asked = account.asked or any(draft.asks(row.means) for rows, _ in parts for row in rows)
    for rows, _ in parts:
        _keep(rows, collected, account, draft)


_TEMPERATURE: Final = "findings.crs.temperature"
_Part: TypeAlias = tuple[list[Code], Element]


def _parts(resource: Element, lookup: Lookup) -> list[_Part]:
    """The Observation and its components, each with what its codes mean."""
    return [(codings_mean(codings(object_of(part, "code")), lookup), part) for part in (resource, *objects(resource, "component"))]


def _keep(rows: list[Code], collected: When | None, account: Account, draft: Draft) -> None:
    if any(row.means == _TEMPERATURE for row in rows) and (collected is None or _is_of_the_day(collected, draft)):
        account.asked = True
        draft.unclear.add((Toxicity.CRS.value, ""))
        account.note("it counts as a temperature of unknown value")
    for analyte in dict.fromkeys(Analyte(row.means.removeprefix("labs.")) for row in rows if row.means.startswith("labs.")):
        draft.add_lab(account, unknown_result(analyte, collected))
        account.note("it counts as a result of unknown value")


def unknown_result(analyte: Analyte, collected: When | None) -> LabResult:
    """A result whose value cannot be read: some value of zero or more."""
    return LabResult(analyte, (">=0", KINDS[analyte].unit), collected)


def _read_parts(parts: Sequence[_Part], collected: When | None, account: Account, draft: Draft) -> None:
    for rows, part in parts:
        try:
            _read_rows({row.means for row in rows}, part, collected, account, draft)
        except Unclear as reason:
            account.doubt(str(reason))
            _keep(rows, collected, account, draft)


def _read_rows(meanings: set[str], part: Element, collected: When | None, account: Account, draft: Draft) -> None:
    if len(meanings) > 1:
        raise Unclear("its codes mean different things")
    if meanings and "modifierExtension" in part:
        raise Unclear("a part of it has a modifier that is not known")
    for means in meanings:
        _read_part(means, part, collected, account, draft)


def _read_part(means: str, part: Element, collected: When | None, account: Account, draft: Draft) -> None:
    kind, _, name = means.partition(".")
    if kind == "labs":
        _read_lab(Analyte(name), part, collected, account, draft)
    elif kind == "patient":
        _read_state(name, part, collected, account, draft)
    elif means == _TEMPERATURE:
        _read_temperature(part, collected, account, draft)
    elif means == "percentage":
        account.note("a percentage is not a count")
    elif means == "vital-sign":
        _of_the_day(collected, account, draft)
    elif means == "hcg-amount":
        _read_hcg(collected, account, draft)
    else:
        account.note("its code does not belong to an observation")


def _collected(resource: Element, account: Account) -> When | None:
    """When a sample was drawn, or something was measured."""
    named = [name for name in ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming") if name in resource]
    if len(named) > 1:
        raise Unclear("it has two dates")
    name = named[0] if named else ""
    moment: When | None = None
    if name == "effectivePeriod":
        start, end = period(resource, name)
        moment = start if start == end else day(start) if start is not None and end is not None and day(start) == day(end) else None
    elif name in {"effectiveDateTime", "effectiveInstant"}:
        moment = when(resource, name)
    if moment is None:
        account.note("it has no date" if not name else "its date does not say the day, so it counts as not known")
    return moment


# --- laboratory results ---


def _read_lab(analyte: Analyte, part: Element, collected: When | None, account: Account, draft: Draft) -> None:
    quantity = _quantity(part, account)
    if quantity is None:
        return
    kind = KINDS[analyte]
    written = pair_of(quantity, kind, account)
    try:
        result = LabResult(analyte, written, collected)
    except FieldError:
        raise Unclear(f"its value is not possible for {analyte} in its unit") from None
    for name, limit in _limits(part, kind, account, draft).items():
        change: dict[str, Any] = {name: limit}
        try:
            result = evolve(result, **change)
        except FieldError:
            account.note(f"its {name.replace('_', ' ')} of normal is not possible, so it is left out")
    if result.lower_limit is None and result.upper_limit is None:
        account.note("it has no reference range, by which some results are graded")
    if collected is not None and draft.setting.is_later(collected):
        account.note("it is dated after the planned start")
    draft.add_lab(account, result)


def _quantity(part: Element, account: Account) -> Element | None:
    """The Quantity of a value; ``None`` if the resource states that there is none."""
    _check_value(part)
    quantity = object_of(part, "valueQuantity")
    if quantity is not None:
        return quantity
    if any(str(name).startswith("value") for name in part):
        raise Unclear("its value is not a Quantity with a unit")
    if object_of(part, "dataAbsentReason") is not None:
        if code_of(part, "dataAbsentReason", _ABSENT) not in _NOT_MEASURED:
            raise Unclear("it states that its value is not known")
        account.note("it states that it was not measured")
    elif part.get("component") or part.get("hasMember"):
        account.note("it has no value of its own")
    else:
        raise Unclear("it has no value")
    return None


def _check_value(part: Element) -> None:
    """Raises `Unclear` for two values, and for a value beside a reason for having none: which one counts is not stated."""
    values = sum(str(name).startswith("value") for name in part)
    if values > 1:
        raise Unclear("it has two values")
    if values and "dataAbsentReason" in part:
        raise Unclear("it has a value, and a reason for having none")


def pair_of(quantity: Element, kind: Kind, account: Account) -> tuple[float | str, str]:
    """The number, with its bound, and the unit of a Quantity.

    Raises:
        Unclear: One of them is missing or not known, or the code and the text of the unit contradict each other.
    """
    value, comparator = number(quantity, "value"), text(quantity, "comparator")
    if value is None:
        raise Unclear("its value has no number")
    if comparator is not None and comparator not in _COMPARATORS:
        raise Unclear("its comparator is not one of FHIR R4")
    unit = _unit_of(quantity, kind, account)
    return (value, unit) if comparator is None else (f"{comparator}{value!r}", unit)


def _unit_of(quantity: Element, kind: Kind, account: Account) -> str:
    """The code of UCUM; without one, the text of the unit if the library knows it."""
    system, code, written = text(quantity, "system"), text(quantity, "code"), text(quantity, "unit")
    coded = code if code and ALIASES.get(system or "", system) == UCUM else None
    if coded is not None and _one(coded, kind) is None:
        raise Unclear(f"the code of its unit is not a unit of {kind.name}")
    known = [unit for unit in (code, written) if unit and _one(unit, kind) is not None]
    if not known:
        raise Unclear("it has no unit" if not code and not written else f"its unit is not a unit of {kind.name}")
    if len({_one(unit, kind) for unit in known}) > 1:
        raise Unclear("the code and the text of its unit contradict each other")
    if coded is None:
        account.note("its unit has no code of UCUM, so its text was read")
    elif coded not in _USUAL:
        account.note("the code of its unit is not one of the usual codes of UCUM, and counts as laboratories write it")
    return known[0]


def _one(unit: str, kind: Kind) -> Amount | None:
    """One of a unit, as the kind keeps it; ``None`` if the unit is not known."""
    try:
        return take((1.0, unit), kind, "")
    except FieldError:
        return None


def _limits(part: Element, kind: Kind, account: Account, draft: Draft) -> dict[str, Amount]:
    """The limits of normal, in the unit of the analyte."""
    normal = [item for item in objects(part, "referenceRange") if _is_normal(item)]
    ranges = [item for item in normal if _is_of_age(item, draft)]
    if len(ranges) < len(normal):
        account.note("a reference range is not known to be of the age of the patient, so it was left out")
    if len(ranges) > 1 and any(item != ranges[0] for item in ranges):
        account.note("it has several reference ranges, so none was used")
        return {}
    limits: dict[str, Amount] = {}
    for name, end in (("lower_limit", "low"), ("upper_limit", "high")) if ranges else ():
        bound = object_of(ranges[0], end)
        if bound is None:
            continue
        try:
            number_of, unit = pair_of(bound, kind, account)
            limits[name] = take((number_of, unit), kind, name)
        except (Unclear, FieldError):
            account.note(f"its {name.replace('_', ' ')} of normal cannot be read, so it is left out")
    return limits


def _is_normal(reference: Element) -> bool:
    """Whether a reference range is one of normal values; one without a type is."""
    codes = [code for _, code in codings(object_of(reference, "type"))]
    return not codes or "normal" in codes


_YEARS: Final[Mapping[str, float]] = {"a": 1, "mo": 12, "wk": 52, "d": 365}
"""How many of a unit of time are a year: an age in months may be a little off, which moves no adult into the range of children."""


def _is_of_age(reference: Element, draft: Draft) -> bool:
    """Whether a reference range is for the age of the patient; one without an age is for any."""
    limits = object_of(reference, "age")
    if limits is None:
        return True
    low, high = (_years(limits, end, if_none) for end, if_none in (("low", 0), ("high", inf)))
    return draft.age is not None and low is not None and high is not None and low <= draft.age <= high


def _years(limits: Element, end: str, if_none: float) -> float | None:
    """A limit of age in years; ``None`` if it cannot be read."""
    quantity = object_of(limits, end)
    if quantity is None:
        return if_none
    value, per_year = number(quantity, "value"), _YEARS.get(text(quantity, "code") or "")
    return None if value is None or per_year is None else value / per_year


# --- states of the patient ---


def _read_state(fact: str, part: Element, collected: When | None, account: Account, draft: Draft) -> None:
    _check_value(part)
    value = answer_of(part, draft.setting.lookup)
    if value is None:
        account.note("it states that this is not known")
    else:
        draft.add_state(account, fact, collected, value=value)


def answer_of(part: Element, lookup: Lookup) -> bool | None:
    """Yes or no, by a value that is true or false or a code; ``None`` if the value is *not known* or absent.

    Raises:
        Unclear: The value is something else.
    """
    plain = truth(part, "valueBoolean")
    if plain is not None:
        return plain
    concept = object_of(part, "valueCodeableConcept")
    words = {row.means for row in codings_mean(codings(concept), lookup)}
    if concept is None:
        for flag in objects(part, "interpretation"):
            words |= {row.means for row in codings_mean(codings(flag), lookup)}
    words = {"yes" if word == "pregnancy" else word for word in words}
    if words == {"yes"}:
        return True
    if words == {"no"}:
        return False
    if words == {"not-known"} or (not words and concept is None and object_of(part, "dataAbsentReason") is not None):
        return None
    raise Unclear("its value is not a yes or a no that is read")


def _read_hcg(collected: When | None, account: Account, draft: Draft) -> None:
    days = None if collected is None else draft.setting.days_before(collected)
    if days is not None and days > PREGNANCY.days:
        account.note("it is too old to show a pregnancy")
    else:
        account.doubt("an amount of hCG does not say whether the patient is pregnant", asked=draft.asks("patient.pregnant"))


# --- vital signs ---


def _is_of_the_day(collected: When | None, draft: Draft) -> bool:
    return collected is not None and draft.setting.days_before(collected) == 0 and not draft.setting.is_later(collected)


def _of_the_day(collected: When | None, account: Account, draft: Draft) -> None:
    """A vital sign that the rules do not take as it is: they ask what it needs."""
    if _is_of_the_day(collected, draft):
        account.doubt("a vital sign of the day of the dose: if it is abnormal, state what it needs among the findings")
    else:
        account.note("a vital sign that is not of the time before the dose on its day")


def _read_temperature(part: Element, collected: When | None, account: Account, draft: Draft) -> None:
    if collected is None:
        raise Unclear("it does not say when it was taken")
    if not _is_of_the_day(collected, draft):
        account.note("a temperature that is not of the time before the dose on its day")
        return
    account.asked = True  # a fever on the day of the dose matters by any book
    quantity = _quantity(part, account)
    if quantity is None:
        return
    try:
        findings = CrsFindings(
            temperature=pair_of(quantity, TEMPERATURE, account), fever_masked=False, hypotension="none", vasopressin=False, oxygen="none"
        )
    except (FieldError, FieldTypeError):
        raise Unclear("its value is not a possible temperature") from None
    grade = grade_crs(findings)
    if isinstance(grade, Decided) and grade.value is Grade.NONE:
        account.note("it shows no fever by ASTCT 2019")
    else:
        temperature: Any = findings.temperature
        draft.temperatures.append((account, temperature))

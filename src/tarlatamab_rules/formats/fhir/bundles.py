"""The resources of what a caller passed, and whose they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any, Final, NoReturn, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.formats.fhir.codes import PROFILES, TYPES
from tarlatamab_rules.formats.fhir.elements import Element, Unclear, object_of, text

__all__ = ["LARGEST", "Contents", "Found", "Source", "contents", "own_patient", "reference_of", "repeated", "reports_failure"]

LARGEST: Final = 200_000_000
"""In bytes. A record of a patient has some millions. A larger document is not read."""

_NO_ERROR: Final = ("information", "warning")
_DEEPEST: Final = 4
"""How deep bundles may lie in bundles."""

Source: TypeAlias = "str | bytes | Mapping[str, Any] | Iterable[Any]"
"""A bundle, one resource, a list of them, or the JSON text of one of these."""


@frozen
class Found:
    """One item of a bundle or a list.

    Attributes:
        path: Its place.

        resource: The resource; ``None`` if there is none, and empty if it is no object.

        type: Its type, ``resource`` if it names none that FHIR R4 has.

        address: The ``fullUrl`` of its entry, if it has one.
    """

    path: str
    resource: Element | None
    type: str
    address: str | None = None


@frozen
class Contents:
    """What was passed.

    Attributes:
        found: Every resource, once.

        continues: Whether a bundle says that there is a next page.
    """

    found: tuple[Found, ...]
    continues: bool


def contents(source: Source) -> Contents:
    """Every resource of a bundle, a list, or a text, in order. Bundles in bundles are opened.

    Raises:
        FieldError: It is not JSON, too large, or no resource.

        FieldTypeError: It has another type.
    """
    data = _parsed(source) if isinstance(source, str | bytes | bytearray) else source
    if isinstance(data, Mapping):
        kind = data.get("resourceType")
        if not isinstance(kind, str) or kind not in TYPES:
            problem = "resourceType is missing" if kind is None else "resourceType is no resource of FHIR R4"
            raise FieldError("resourceType", problem, "pass a Bundle, a resource, or a list of resources, as JSON of FHIR R4 (4.0.1)")
        return _opened([("", data, None)])
    if isinstance(data, Iterable) and not isinstance(data, str):
        return _opened([(f"[{n}]", item, None) for n, item in enumerate(data)])
    raise FieldTypeError("", "this is no resource", "pass a Bundle, a resource, or a list of resources, as JSON of FHIR R4 (4.0.1)")


def _opened(items: list[tuple[str, object, str | None]]) -> Contents:
    found: list[Found] = []
    continues = False
    stack = [(path, item, address, 0) for path, item, address in reversed(items)]
    while stack:
        path, item, address, depth = stack.pop()
        kind = item.get("resourceType") if isinstance(item, Mapping) else None
        if isinstance(item, Mapping) and kind == "Bundle" and item.get("type") == "history":
            raise FieldError(f"{path}.type".lstrip("."), "a history has resources that no longer hold", "pass the resources of now")
        entries = item.get("entry", []) if isinstance(item, Mapping) and kind == "Bundle" and depth < _DEEPEST else None
        if isinstance(item, Mapping) and isinstance(entries, list):
            continues = continues or _has_next(item)
            stack += [(*_entry(f"{path}.entry[{n}]".lstrip("."), entry), depth + 1) for n, entry in reversed([*enumerate(entries)])]
        else:
            named = kind if isinstance(kind, str) and kind in TYPES else "resource"
            resource = item if isinstance(item, Mapping) else None if item is None else {}
            found.append(Found(path or "resource", resource, named, address))
    return Contents(tuple(found), continues)


def _entry(path: str, entry: object) -> tuple[str, object, str | None]:
    if not isinstance(entry, Mapping):
        return path, None, None
    if _failed(entry.get("response")):
        return f"{path}.response", {"resourceType": "OperationOutcome"}, None
    request = entry.get("request")
    deleted = isinstance(request, Mapping) and request.get("method") == "DELETE"
    if deleted or "resource" not in entry:
        return path, None, None
    address = entry.get("fullUrl")
    return f"{path}.resource", entry["resource"], address if isinstance(address, str) else None


def _failed(response: object) -> bool:
    """Whether a server answers one query of a batch with a status that is no success."""
    status = response.get("status") if isinstance(response, Mapping) else None
    return isinstance(status, str) and not status.startswith("2")


def reports_failure(outcome: Element) -> bool:
    """Whether an OperationOutcome reports an error: one that has only warnings and information does not."""
    issues = outcome.get("issue")
    severities = [issue.get("severity") for issue in issues if isinstance(issue, Mapping)] if isinstance(issues, list) else []
    return not severities or not all(severity in _NO_ERROR for severity in severities)


def _has_next(bundle: Element) -> bool:
    links = bundle.get("link")
    return isinstance(links, list) and any(isinstance(link, Mapping) and link.get("relation") == "next" for link in links)


def _parsed(document: str | bytes | bytearray) -> object:
    if len(document) > LARGEST:
        raise FieldError("", f"the document is larger than {LARGEST:,} bytes", "pass the resources of one patient")
    try:
        plain = document if isinstance(document, str) else document.decode("utf-8-sig")
        return json.loads(plain, object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError:
        raise FieldError("", "the document is not UTF-8 text", "save it as UTF-8") from None
    except RecursionError:
        raise FieldError("", "the document is nested too deeply", "pass JSON of FHIR R4") from None
    except json.JSONDecodeError as error:
        # The message of the error is json's own; the text of the document is not in it.
        raise FieldError("", f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})", "correct the text") from None
    except ValueError as error:
        if isinstance(error, FieldError):
            raise
        raise FieldError("", "a number has too many digits", "write numbers as a laboratory does") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise FieldError("", "an object has one key twice", "keep one of them: which one counts is not stated")
    return data


def _constant(_name: str) -> NoReturn:
    raise FieldError("", "a number is not finite", "leave the value out if it is not known")


# --- which resource, and whose ---


def _id_of(found: Found) -> str | None:
    """The id of a resource; ``None`` if it has none."""
    name = found.resource.get("id") if found.resource is not None else None
    return name if isinstance(name, str) and name else None


def _is_one(one: Found, other: Found) -> bool:
    """Whether two of one type are one resource: by their id, and by their address if both have one."""
    name = _id_of(one)
    return name is not None and name == _id_of(other) and (not one.address or not other.address or one.address == other.address)


def repeated(found: Iterable[Found]) -> tuple[frozenset[str], frozenset[str]]:
    """The paths of what is listed again unchanged, and of what is listed in several versions. Only resources that are read matter."""
    earlier: dict[tuple[str, str], list[Found]] = {}
    again: set[str] = set()
    versions: set[str] = set()
    for item in found:
        name = _id_of(item) if item.type in PROFILES else None
        if name is None:
            continue
        others = earlier.setdefault((item.type, name), [])
        before = next((other for other in others if _is_one(other, item)), None)
        if before is None:
            others.append(item)
        elif _same(before.resource, item.resource):
            again.add(item.path)
        else:
            versions |= {before.path, item.path}
    return frozenset(again), frozenset(versions)


def _same(one: object, other: object) -> bool:
    try:
        return one == other
    except RecursionError:
        return False


def reference_of(element: Element, name: str) -> str | None:
    """A literal reference without its version; ``None`` if there is none."""
    target = object_of(element, name)
    literal = None if target is None else text(target, "reference")
    return None if literal is None else literal.partition("/_history/")[0]


def _has_address(reference: str) -> bool:
    return "://" in reference


def _local(reference: str) -> str:
    """A reference as its server names it: ``Patient/1`` of ``https://clinic.example/fhir/Patient/1``."""
    parts = reference.rsplit("/", 2)
    return "/".join(parts[-2:]) if len(parts) > 1 else reference


@frozen
class Patients:
    """The one patient of an import.

    Attributes:
        names: The references that mean the patient; empty if nothing names one.
    """

    names: frozenset[str]

    def owns(self, reference: str) -> bool:
        """Whether a reference is to this patient. One with the address of a server must have that of the patient, if it is known."""
        elsewhere = _has_address(reference) and any(_has_address(name) for name in self.names)
        return reference in self.names or (not elsewhere and _local(reference) in self.names)


def own_patient(found: Iterable[Found]) -> Patients:
    """The patient whom the resources are about.

    Raises:
        FieldError: There are two.
    """
    items = [item for item in found if item.resource is not None and item.type in PROFILES]
    people = [item for item in items if item.type == "Patient"]
    if people:
        if any(not _is_one(one, other) for one, other in combinations(people, 2)):
            raise _two("Patient resources")
        return Patients(frozenset[str]().union(*map(_names_of, people)))
    references = {reference for item in items if item.resource is not None and (reference := subject_of(item.resource))}
    local = {_local(reference) for reference in references}
    if len(local) > 1 or sum(map(_has_address, references)) > 1:
        raise _two("patients, by the references of their resources")
    return Patients(frozenset(local | references))


def _two(what: str) -> FieldError:
    return FieldError("", f"there are two {what}", "pass the resources of one patient")


def _names_of(person: Found) -> frozenset[str]:
    name = person.resource.get("id") if person.resource is not None else None
    names = {f"Patient/{name}", f"urn:uuid:{name}"} if isinstance(name, str) else set()
    return frozenset(names | ({person.address} if person.address else set()))


def subject_of(resource: Element) -> str | None:
    """The reference to the patient of a resource; ``None`` if it has none that can be read."""
    for name in ("subject", "patient"):
        try:
            reference = reference_of(resource, name)
        except Unclear:
            continue
        if reference is not None:
            return reference
    return None

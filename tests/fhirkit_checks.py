"""Resources checked by fhirkit, which knows the elements of FHIR R4, and against the rule that nothing is empty."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import fhirkit


def faults_of(resource: dict[str, Any]) -> list[str]:
    """What is wrong with a resource."""
    return [f"{issue.path}: {issue.message}" for issue in fhirkit.validate(json.dumps(resource))] + list(empty_in(resource))


def empty_in(value: object, path: str = "") -> Iterator[str]:
    """The places with nothing, an empty text, an empty list or an empty object."""
    if value is None or value in ("", [], {}):
        yield f"{path}: is empty"
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from empty_in(part, f"{path}.{key}")

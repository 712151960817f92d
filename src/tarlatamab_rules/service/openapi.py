"""The description of the service in OpenAPI 3.1."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.formats.schemas import assessment_schema, case_schema
from tarlatamab_rules.service.hooks import EXTENSION, SERVICES

if TYPE_CHECKING:
    from tarlatamab_rules.service.settings import Settings

__all__ = ["openapi"]

Part = dict[str, Any]
_TEXT: Final[Part] = {"type": "string"}
_UUID: Final[Part] = {"type": "string", "format": "uuid"}
_ANY_OBJECT: Final[Part] = {"type": "object"}


def openapi(settings: Settings) -> Part:
    """The description: every address, what it takes and what it answers."""
    security: Part = {"security": [{"token": []}]} if settings.token_file else {}
    schemes = {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}} if settings.token_file else {}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tarlatamab_rules",
            "version": version("tarlatamab-rules"),
            "description": DISCLAIMER,
            "license": {"name": "MIT"},
        },
        **({"servers": [{"url": settings.path}]} if settings.path else {}),
        **security,
        "paths": _paths(with_token=bool(settings.token_file)),
        "components": {"schemas": _schemas(), **schemes},
    }


def _paths(*, with_token: bool) -> Part:
    extra = (401,) if with_token else ()
    service = {"name": "id", "in": "path", "required": True, "schema": {"enum": list(SERVICES)}}
    busy = (408, 413, 500, 503)
    posted = (*extra, 415, *busy)
    return {
        "/cds-services": {"get": _operation("discovery", "The services, and what they need", _to("Discovery"), (*extra, *busy))},
        "/cds-services/{id}": {
            "parameters": [service],
            "post": _operation("hook", "Cards for one call of a hook", _to("Cards"), (400, 404, 412, *posted), "HookRequest"),
        },
        "/cds-services/{id}/feedback": {
            "parameters": [service],
            "post": _operation("feedback", "What became of cards", _ANY_OBJECT, (400, 404, *posted), "Feedback"),
        },
        "/assess": {"post": _assess(posted)},
        "/health": {"get": _open("health", "Whether the process is alive", (500,))},
        "/ready": {"get": _open("ready", "Whether it answers cases", (500, 503))},
        "/openapi.json": {"get": _operation("openapi", "This description", _ANY_OBJECT, (*extra, *busy))},
    }


def _open(name: str, summary: str, problems: tuple[int, ...]) -> Part:
    """An address that asks for no token."""
    return {**_operation(name, summary, {"type": "object", "required": ["status"]}, problems), "security": []}


def _assess(problems: tuple[int, ...]) -> Part:
    operation = _operation("assess", "The assessment of a case", _to("Assessment"), problems, "Case")
    operation["responses"]["422"] = _response("The case cannot be read", _to("Faults"))
    return operation


def _operation(name: str, summary: str, answer: Part, problems: tuple[int, ...], body: str = "") -> Part:
    responses = {"200": _response("The answer", answer)}
    responses |= {str(status): _response("No answer", _to("OperationOutcome")) for status in problems}
    taken = {"requestBody": {"required": True, "content": {"application/json": {"schema": _to(body)}}}} if body else {}
    return {"operationId": name, "summary": summary, **taken, "responses": responses}


def _response(text: str, content: Part) -> Part:
    return {"description": text, "content": {"application/json": {"schema": content}}}


def _to(name: str) -> Part:
    return {"$ref": f"#/components/schemas/{name}"}


def _record(required: tuple[str, ...], **properties: Part) -> Part:
    return {"type": "object", "required": list(required), "properties": properties}


def _schemas() -> Part:
    texts = {"type": "array", "items": _TEXT}
    fault = _record(("path", "problem", "fix"), path=_TEXT, problem=_TEXT, fix=_TEXT)
    issue = _record(("severity", "code"), severity=_TEXT, code=_TEXT, diagnostics=_TEXT, expression=texts)
    card = _record(
        ("summary", "indicator", "source"),
        uuid=_UUID,
        summary={"type": "string", "minLength": 1, "maxLength": 139},
        detail={"type": "string", "minLength": 1},
        indicator={"enum": ["info", "warning", "critical"]},
        source=_record(("label",), label=_TEXT),
    )
    service = _record(("hook", "description", "id"), hook=_TEXT, description=_TEXT, id=_TEXT, prefetch=_ANY_OBJECT)
    return {
        **_embedded("Case", case_schema()),
        **_embedded("Assessment", assessment_schema()),
        "Faults": _record(("faults",), faults={"type": "array", "minItems": 1, "items": fault}),
        "OperationOutcome": _record(
            ("resourceType", "issue"), resourceType={"const": "OperationOutcome"}, issue={"type": "array", "minItems": 1, "items": issue}
        ),
        "Discovery": _record(("services",), services={"type": "array", "items": service}),
        "Cards": _record(("cards",), cards={"type": "array", "items": card}),
        "HookRequest": _hook_request(),
        "Feedback": _feedback(),
    }


def _hook_request() -> Part:
    known: Part = {"point": _TEXT, "plannedStart": _TEXT, "siteZone": _TEXT, "complete": {"type": "array"}}
    own = {"type": "object", "properties": known, "additionalProperties": False}
    hooks = sorted({service.hook for service in SERVICES.values()})
    return _record(
        ("hook", "hookInstance", "context"),
        hook={"enum": hooks},
        hookInstance=_UUID,
        context={"type": "object", "minProperties": 1},
        prefetch={"type": "object", "additionalProperties": {"type": ["object", "null"]}},
        extension={"type": "object", "properties": {EXTENSION: own}},
    )


def _feedback() -> Part:
    accepted = {"type": "array", "items": _record(("id",), id=_UUID)}
    entry = _record(
        ("card", "outcome", "outcomeTimestamp"),
        card=_UUID,
        outcome={"enum": ["accepted", "overridden"]},
        outcomeTimestamp={"type": "string", "format": "date-time"},
        acceptedSuggestions=accepted,
        overrideReason=_ANY_OBJECT,
    )
    return _record(("feedback",), feedback={"type": "array", "minItems": 1, "items": entry})


def _embedded(name: str, schema: Part) -> Part:
    """A schema and its definitions as components, with their references."""
    definitions = schema.pop("$defs")
    body = {key: value for key, value in schema.items() if key not in {"$schema", "$id"}}
    return {name: _moved(body, name), **{f"{name}{key}": _moved(part, name) for key, part in definitions.items()}}


def _moved(part: Any, name: str) -> Any:  # noqa: ANN401  # any part of a schema
    if isinstance(part, list):
        return [_moved(item, name) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: f"#/components/schemas/{name}{value.rpartition('/')[2]}" if key == "$ref" else _moved(value, name)
        for key, value in part.items()
    }

"""JSON Schemas (2020-12) of a case and of an assessment, made from the classes that the documents are made of.

The schema of the case refuses nothing that `read_case` takes, if names are spelled in ASCII. It cannot refuse all that `read_case` refuses:
units, ranges that depend on a unit, the order of dates, and time zones stay with `read_case`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import date
from enum import Enum
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

import attrs

from tarlatamab_rules.assessment import DoseAssessment
from tarlatamab_rules.core.content import is_content
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered, Verdict
from tarlatamab_rules.core.errors import FieldError, shown
from tarlatamab_rules.formats import cases
from tarlatamab_rules.formats.field_types import alternatives, types_of
from tarlatamab_rules.inputs._unit_text import NUMBER
from tarlatamab_rules.inputs.analytes import NAMES, Analyte
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import FIRST_DAYS, LATER_DAYS, Course, DosePoint, GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent, findings_type, grades_of
from tarlatamab_rules.inputs.findings import FULL_ICE, CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.patient import OLDEST, Patient
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.values.labs import LabStanding

__all__ = ["SCHEMAS", "VERSION", "assessment_schema", "case_schema", "schema"]

VERSION: Final = 1
"""The version of both schemas. It goes up with every change that refuses a document of before, or that adds a key."""

Schema = dict[str, Any]
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final[Schema] = {"type": "string"}


def case_schema() -> Schema:
    """The JSON Schema of a case, as `read_case` takes it."""
    return _named("case", "A planned dose of tarlatamab, with what is known of the patient", _Cases().schema())


def assessment_schema() -> Schema:
    """The JSON Schema of an assessment, as `assessment_document` makes it."""
    return _named("assessment", "The assessment of a planned dose of tarlatamab", _Answers().schema())


SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = {"case": case_schema, "assessment": assessment_schema}
"""What has a schema, and the function that makes it."""


def schema(name: str) -> Schema:
    """A schema by the name of what it describes: ``case`` or ``assessment``.

    Raises:
        FieldError: There is no schema of this name.
    """
    if name not in SCHEMAS:
        raise FieldError("name", f"{shown(name)} has no schema", f"use one of {', '.join(SCHEMAS)}")
    return SCHEMAS[name]()


def _named(name: str, title: str, body: Schema) -> Schema:
    return deepcopy({"$schema": _DIALECT, "$id": f"urn:tarlatamab-rules:schema:{name}:{VERSION}", "title": title, **body})


def _object(properties: Mapping[str, Schema], required: Iterable[str], **more: object) -> Schema:
    body: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}
    needed = list(required)
    return {**body, "required": needed} if needed else body


def _word(value: Enum) -> Any:  # noqa: ANN401  # text or a number
    return int(value) if isinstance(value, int) else str(value.value)


def _members(kind: Iterable[Enum]) -> Schema:
    return {"enum": [_word(member) for member in kind]}


def _or_null(part: Schema) -> Schema:
    if set(part) == {"enum"}:
        return {"enum": [*part["enum"], None]}
    if isinstance(part.get("type"), str) and "enum" not in part and "const" not in part:
        return {**part, "type": [part["type"], "null"]}
    return {"anyOf": [part, {"type": "null"}]}


# --- a case ---


def _digits(number: int, most: int = 3) -> str:
    """A number in at most so many digits, with zeros before it."""
    return f"0{{0,{most - len(str(number))}}}{number}"


def _point() -> Schema:
    """Every spelling of a dose that `DosePoint.of` takes."""
    first, later = ("|".join(map(_digits, days)) for days in (FIRST_DAYS, LATER_DAYS))
    later_cycle = rf"(?!{_digits(1)}[Dd]|0+[Dd])[0-9]{{1,3}}"
    return {"type": "string", "pattern": rf"^\s*[Cc](?:{_digits(1)}[Dd](?:{first})|{later_cycle}[Dd](?:{later}))\s*$"}


def _analyte() -> Schema:
    """Every name of an analyte in ASCII, in any capitals, with hyphens, underscores or spaces."""
    spelled = sorted({name for analyte in Analyte for name in (analyte.value, *NAMES[analyte])})
    return {"type": "string", "pattern": rf"^\s*(?:{'|'.join(map(_any_capitals, spelled))})\s*$"}


def _any_capitals(name: str) -> str:
    return "".join(r"[\s_-]+" if letter == "-" else f"[{letter}{letter.upper()}]" if letter.isalpha() else f"[{letter}]" for letter in name)


_TIME: Final[Schema] = {"type": "string", "pattern": f"^(?:{cases.TIME.pattern})$"}
_NUMBER_AND_UNIT: Final[Schema] = {"type": "string", "pattern": rf"^\s*(?:{NUMBER.pattern})"}
_BOUND: Final[Schema] = {"type": "string", "pattern": r"^\s*[<>≤≥]"}
_SPANS: Final[Mapping[tuple[type[Any], str], tuple[float, float]]] = {
    (Patient, "age_years"): (0, OLDEST),
    (NeuroFindings, "ice"): (0, FULL_ICE),
    (NeuroFindings, "baseline_ice"): (0, FULL_ICE),
}
"""The numbers that a field takes. Those of results depend on their units."""

_ACTIVE: Final = {"const": str(EventStatus.ACTIVE)}
_ZERO: Final = {"const": int(Grade.NONE)}


def _never(**facts: object) -> Schema:
    """A combination of facts that cannot be."""
    return {"not": {"properties": facts, "required": list(facts)}}


_IMPOSSIBLE: Final[Mapping[type[Any], tuple[Schema, ...]]] = {
    Patient: (_never(childbearing_potential={"const": False}, pregnant={"const": True}),),
    ToxicityEvent: (
        _never(status=_ACTIVE, resolved=_TEXT),
        _never(status=_ACTIVE, grade=_ZERO),
        _never(status=_ACTIVE, current_grade=_ZERO),
        _never(status={"const": str(EventStatus.RESOLVED)}, current_grade={"type": "integer", "minimum": int(Grade.MILD)}),
        _never(resolved=_TEXT, current_grade={"type": "integer", "minimum": int(Grade.MILD)}),
    ),
}
"""What the checks of a class refuse, as far as it depends on words alone."""


class _Cases:
    """Makes the schema of a case; each class that occurs is one definition."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def schema(self) -> Schema:
        special = {
            "findings": _or_null(_object({"crs": self._of(CrsFindings), "icans": self._of(NeuroFindings)}, ())),
            "site_zone": {"type": ["string", "null"], "minLength": 1},
            "patient": self._of(Patient),
        }
        body = self._record(Case, special, ["point"])
        return {**body, "$defs": self.definitions}

    def _record(self, kind: type[Any], special: Mapping[str, Schema] | None = None, required: Iterable[str] | None = None) -> Schema:
        fields = {item.name: item for item in attrs.fields(kind) if item.init}
        needed = [name for name, item in fields.items() if item.default is attrs.NOTHING] if required is None else list(required)
        properties = {
            name: (special or {}).get(name) or self._field(kind, name, hint, optional=name not in needed)
            for name, hint in types_of(kind).items()
        }
        rules = [*_IMPOSSIBLE.get(kind, ()), *(_by_toxicity() if kind is ToxicityEvent else ())]
        return _object(properties, needed, **({"allOf": rules} if rules else {}))

    def _field(self, kind: type[Any], name: str, hint: object, *, optional: bool) -> Schema:
        parts = [self._type(part) for part in alternatives(hint)]
        part = parts[0] if len(parts) == 1 else {"anyOf": parts}
        if (span := _SPANS.get((kind, name))) is not None:
            part = {**part, "minimum": span[0], "maximum": span[1]}
        if most := cases.MOST.get(name):
            part = {**part, "maxItems": most}
        return _or_null(part) if optional else part

    def _type(self, hint: Any) -> Schema:  # noqa: ANN401  # any annotation
        if hint in _PLAIN:
            return _PLAIN[hint]
        if hint is Course:
            return {"type": "array", "items": self._define(GivenDose)}
        if get_origin(hint) is tuple:
            item = get_args(hint)[0]
            return {"type": "array", "items": self._result() if item is LabResult else self._type(item)}
        if isinstance(hint, type) and issubclass(hint, Enum):
            return _members(hint)
        return self._define(hint)

    def _of(self, kind: type[Any]) -> Schema:
        return _or_null(self._define(kind))

    def _define(self, kind: type[Any]) -> Schema:
        name = kind.__name__
        if name not in self.definitions:
            self.definitions[name] = self._record(kind)
        return {"$ref": f"#/$defs/{name}"}

    def _result(self) -> Schema:
        """A result has its value and unit in two keys, and its limits in the same unit."""
        number = {"type": ["number", "null"], "minimum": 0}
        properties: dict[str, Schema] = {
            "analyte": _PLAIN[Analyte],
            "value": {"anyOf": [{"type": "number", "minimum": 0}, _BOUND]},
            "unit": {"type": "string", "minLength": 1},
            "collected": _or_null(_TIME),
        }
        properties |= {name: number for name in cases.LAB_NUMBERS if name != "value"}
        self.definitions["LabResult"] = _object(properties, ["analyte", "value", "unit"])
        return {"$ref": "#/$defs/LabResult"}


_PLAIN: Final[Mapping[object, Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: _TEXT,
    date: _TIME,
    Amount: _NUMBER_AND_UNIT,
    DosePoint: _point(),
    Analyte: _analyte(),
}


def _by_toxicity() -> Iterable[Schema]:
    """The grades and the findings that each toxicity can have, for those that cannot have all."""
    findings: dict[object, Schema] = {kind: {"$ref": f"#/$defs/{kind.__name__}"} for kind in (CrsFindings, NeuroFindings)}
    for toxicity in Toxicity:
        allowed = [int(grade) for grade in sorted(grades_of(toxicity))]
        wanted = findings_type(toxicity)
        properties: dict[str, Schema] = {"findings": {"type": "null"} if wanted is None else _or_null(findings[wanted])}
        if len(allowed) < len(Grade):
            properties |= {key: {"enum": [*allowed, None]} for key in ("grade", "current_grade")}
        yield {"if": {"properties": {"toxicity": {"const": str(toxicity)}}, "required": ["toxicity"]}, "then": {"properties": properties}}


# --- an assessment ---

_WHOLE: Final = (
    *("verdict", "may_give", "rulebook", "reasons", "missing", "accounted", "eligibility", "dose", "labs", "graded", "toxicities"),
    *("next_dose", "premedication", "infusion", "checklist", "monitoring", "contraception", "dissent", "notes"),
)
"""The keys that hold an attribute of the assessment, as it is."""


class _Answers:
    """Makes the schema of an assessment; each class that occurs is one definition."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def schema(self) -> Schema:
        properties: dict[str, Schema] = {name: self._type(self._hint(name)) for name in _WHOLE}
        texts = {"type": "array", "items": _TEXT}
        line = _object({"text": _TEXT, "rows": texts, "facts": texts, "url": _TEXT}, ("text", "rows", "facts"))
        block = _object({"title": _TEXT, "lines": {"type": "array", "items": line}}, ("title", "lines"))
        vote = _object(
            {"part": _TEXT, "verdict": _members(Verdict), "missing": texts, "rows": texts}, ("part", "verdict", "missing", "rows")
        )
        properties |= {
            "point": _TEXT,
            "planned_start": _or_null(_WRITTEN[date]),
            "summary": _object({"head": _TEXT, "dose": _TEXT, "blocks": {"type": "array", "items": block}}, ("head", "dose", "blocks")),
            "votes": {"type": "array", "items": vote},
            "standings": {"type": "array", "items": self._standing(texts)},
            "disclaimer": _TEXT,
        }
        return {**_object(properties, properties), "$defs": self.definitions}

    @staticmethod
    def _hint(name: str) -> Any:  # noqa: ANN401  # any annotation
        made = getattr(DoseAssessment, name, None)
        return get_type_hints(made.fget)["return"] if isinstance(made, property) else types_of(DoseAssessment)[name]

    def _standing(self, texts: Schema) -> Schema:
        """A standing has the value and the date of its result, and the ids of its rows."""
        hints, result = types_of(LabStanding), types_of(LabResult)
        properties = {name: self._type(hints[name]) for name in ("analyte", "need", "standing")}
        properties |= {
            "missing": texts,
            "rows": texts,
            "quantity": self._type(result["quantity"]),
            "collected": self._type(result["collected"]),
        }
        return _object(properties, ("analyte", "need", "standing", "missing", "rows"))

    def _type(self, hint: Any, bound: Any = object) -> Schema:  # noqa: ANN401  # any annotation; *bound* is the type of an answer
        parts = alternatives(hint)
        if len(parts) > 1:
            return self._either(parts, hint, bound)
        part = self._single(next(iter(parts)), bound)
        return _or_null(part) if type(None) in get_args(hint) else part

    def _either(self, parts: tuple[Any, ...], hint: object, bound: object) -> Schema:
        made = [self._type(part, bound) for part in parts]
        return {"anyOf": [*made, {"type": "null"}] if type(None) in get_args(hint) else made}

    def _single(self, hint: Any, bound: object) -> Schema:  # noqa: ANN401  # any annotation
        origin, arguments = get_origin(hint), get_args(hint)
        if hint is object or isinstance(hint, TypeVar):
            return {} if hint is object else self._type(bound)
        if origin is tuple:
            return self._tuple(arguments, bound)
        if origin in _ANSWERS or hint in _ANSWERS:
            return self._answer(origin or hint, arguments[0] if arguments else object)
        if attrs.has(hint):
            return self._define(hint)
        if issubclass(hint, Enum):
            return _members(hint)
        return next(part for kind, part in _WRITTEN.items() if issubclass(hint, kind))

    def _tuple(self, arguments: tuple[Any, ...], bound: object) -> Schema:
        if arguments[1:] == (...,):
            return {"type": "array", "items": self._type(arguments[0], bound)}
        items = [self._type(part, bound) for part in arguments]
        return {"type": "array", "prefixItems": items, "items": False, "minItems": len(items)}

    def _define(self, kind: type[Any]) -> Schema:
        name = kind.__name__
        if name not in self.definitions:
            self.definitions[name] = {}  # it may refer to itself
            hints = {item.name: _hint_of(kind, item.name) for item in attrs.fields(kind) if is_content(item)}
            needed = [name for name, hint in hints.items() if not _may_be_left_out(kind, name, hint)]
            self.definitions[name] = _object({key: self._type(hint) for key, hint in hints.items()}, needed)
        return {"$ref": f"#/$defs/{name}"}

    def _answer(self, kind: type[Any], value: object) -> Schema:
        fields = [item.name for item in attrs.fields(kind) if item.name != "dissent"]
        hints = types_of(kind)
        properties = {"answer": {"const": _ANSWERS[kind]}} | {name: self._type(hints[name], value) for name in fields}
        return _object(properties, properties)


_ANSWERS: Final[Mapping[Any, str]] = {Decided: "decided", NeedsData: "needs-data", NotCovered: "not-covered"}
_WRITTEN: Final[Mapping[type[Any], Schema]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: _TEXT,
    date: {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}"},
}


def _hint_of(kind: type[Any], name: str) -> Any:  # noqa: ANN401  # any annotation
    """The annotation of a field, also of one that a caller does not set."""
    hints = types_of(kind)
    return hints[name] if name in hints else get_type_hints(kind)[name]


def _may_be_left_out(kind: type[Any], name: str, hint: object) -> bool:
    """Whether a field may be empty, so that its key is left out."""
    default = getattr(attrs.fields(kind), name).default
    return hint is object or type(None) in get_args(hint) or default == "" or name == "sources"

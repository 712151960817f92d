"""A case from JSON and to JSON.

Reading checks every field and reports all faults of a document at once, each with its path. Nothing is guessed: an unknown key, a
number without a unit, or a value of the wrong type is a fault.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from tarlatamab_rules.core.errors import DocumentError, FieldError, FieldTypeError, UnitError, meant, shown
from tarlatamab_rules.inputs._fields import moment, word
from tarlatamab_rules.inputs._unit_text import not_one_number
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.case import Case, late_doses, shared_zone
from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
from tarlatamab_rules.inputs.events import ToxicityEvent, findings_type
from tarlatamab_rules.inputs.findings import CrsFindings, NeuroFindings
from tarlatamab_rules.inputs.kinds import ANY, Range
from tarlatamab_rules.inputs.labs import LabResult, amount
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.units import Amount, known_unit
from tarlatamab_rules.inputs.vocabulary import Toxicity

__all__ = ["LARGEST", "case_document", "read_case", "read_case_file", "time_of"]

LARGEST: Final = 5_000_000
"""In bytes. A case has a few thousand. A larger document is not read."""


MOST: Final = {"events": 1_000}
"""A patient has a few dozen episodes. Each is compared with every other."""


Reader: TypeAlias = Callable[[Any, str], Any]


def read_case(document: str | bytes | Mapping[str, Any]) -> Case:
    """A `Case` from its JSON form: text, or the parsed object.

    Raises:
        DocumentError: With every fault of the document.
    """
    faults = _Faults()
    data = faults.during("", lambda: _parsed(document)) if isinstance(document, str | bytes) else document
    case = None if faults.found else faults.case(data)
    if case is None or faults.found:
        msg = "the case cannot be read"
        raise DocumentError(msg, faults.found)
    return case


def read_case_file(path: str | Path) -> Case:
    """A `Case` from a JSON file.

    Raises:
        DocumentError: With every fault of the document.

        FieldTypeError: *path* cannot be the path of a file.

        OSError: The file cannot be opened.
    """
    return read_case(_contents(path))


def _contents(path: str | Path) -> bytes:
    """A file, but no more of it than is read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(LARGEST + 1)
    except (TypeError, ValueError):
        raise FieldTypeError("path", f"{shown(path)} is not the path of a file", "write it like 'case.json'") from None


def _parsed(text: str | bytes) -> object:
    if len(text) > LARGEST:
        raise FieldError("", f"the document is larger than {LARGEST:,} bytes", "write one case, of a few thousand bytes")
    try:
        return json.loads(
            text.decode("utf-8-sig") if isinstance(text, bytes) else text,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        raise FieldError("", "the document is not UTF-8 text", "save it as UTF-8") from None
    except RecursionError:
        raise FieldError("", "the document is nested too deeply", "a case has at most four levels") from None
    except json.JSONDecodeError as error:
        raise FieldError("", f"line {error.lineno}, column {error.colno}: this is not JSON ({error.msg})", "correct the text") from None
    except ValueError:
        raise FieldError("", "a number has too many digits", "write numbers as a laboratory does") from None


class _Object(dict[str, Any]):
    """A JSON object that remembers its duplicate keys."""

    twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    data = _Object(pairs)
    if len(data) < len(pairs):
        times = Counter(key for key, _ in pairs)
        data.twice = tuple(key for key in data if times[key] > 1)
    return data


TIME = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")


def time_of(value: object, path: str) -> date | None:
    """A day or a time from text in ISO 8601. Raises `FieldTypeError` for anything else, and `FieldError` for a date out of range."""
    if value is None:
        return None
    if isinstance(value, str) and TIME.fullmatch(value):
        try:
            read = datetime.fromisoformat(value) if len(value) > len("2025-10-01") else date.fromisoformat(value)
        except ValueError:
            pass
        else:
            return moment(read, path)  # checked before it is used: an offset can move it beyond the calendar
    raise FieldTypeError(
        path, f"{shown(value)} is not a date or a time", "write ISO 8601, such as '2025-10-01' or '2025-10-01T09:30:00+02:00'"
    )


class _Faults:
    """Reads a document from top to bottom and collects its faults. Every reader takes a value and its full path."""

    def __init__(self) -> None:
        self.found: list[FieldError] = []

    def during(self, path: str, build: Callable[[], Any]) -> Any:  # noqa: ANN401  # whatever is built
        """The result of *build*. If *build* raises, the fault is recorded under *path*, and the result is ``None``."""
        try:
            return build()
        except FieldError as error:
            self.found.append(error.under(path))
            return None

    def case(self, data: object) -> Case | None:
        """The whole document."""
        readers: dict[str, Reader] = {
            "patient": partial(self._record, Patient),
            "planned_start": time_of,
            "course": partial(self._several, self._dose, tuple),
            "labs": partial(self._several, self._lab, tuple),
            "events": partial(self._several, self._event, tuple),
            "findings": self._findings,
        }
        if isinstance(data, Mapping):
            with_patient = _Object(data)
            with_patient.twice = data.twice if isinstance(data, _Object) else ()
            with_patient["patient"] = {} if data.get("patient") is None else data["patient"]
            data = with_patient
        case: Case | None = self._record(Case, data, "", readers, self._in_order)
        return case

    def _in_order(self, **values: Any) -> Case | None:  # noqa: ANN401  # the fields of a case
        """The case. Each dose that was given after the planned start is a fault."""
        try:
            late = list(late_doses(values.get("planned_start"), tuple(values.get("course") or ()), values.get("site_zone")))
        except FieldError:  # the times have no order; the case itself reports that
            late = []
        self.found += late
        return None if late else Case(**values)

    def _dose(self, data: object, path: str) -> object:
        return self._record(GivenDose, data, path, {"started": time_of, "ended": time_of})

    def _event(self, data: object, path: str) -> object:
        toxicity = data.get("toxicity") if isinstance(data, Mapping) else None
        graded_by = findings_type(Toxicity(toxicity)) if toxicity in tuple(Toxicity) else None
        readers: dict[str, Reader] = {"onset": time_of, "improved": time_of, "resolved": time_of}
        if graded_by is not None:
            readers["findings"] = partial(self._record, graded_by)
        return self._record(ToxicityEvent, data, path, readers)

    def _findings(self, data: object, path: str) -> object:
        """The current findings, by syndrome."""
        syndromes = self._keys(data, path, _SYNDROMES, ())
        return [self._record(_SYNDROMES[name], facts, f"{path}.{name}") for name, facts in syndromes.items() if facts is not None]

    def _lab(self, data: object, path: str) -> LabResult | None:
        faults = len(self.found)
        fields = self._keys(data, path, _LAB_KEYS, ("analyte", "value"))
        analyte = self.during(path, lambda: word(Analyte, fields.get("analyte"), "analyte"))
        collected = self.during("", lambda: time_of(fields.get("collected"), f"{path}.collected"))
        unit = fields.get("unit")
        if unit is None and isinstance(data, Mapping):
            kept = _kept_unit(analyte, fields.get("value"))
            self.found.append(FieldError(f"{path}.unit", "is missing", f"a bare number could be in any unit; add it{kept}"))
        elif unit is not None and not isinstance(unit, str):
            self.found.append(FieldTypeError(f"{path}.unit", f"{shown(unit)} is not text", "write it like '10*9/L'"))
        elif analyte is not None and unit is not None:
            number = fields.get("value")
            self.during(path, lambda: known_unit(unit, KINDS[analyte], "unit", *_with_number(number, RANGES[analyte].quantity)))
            if len(self.found) == faults:
                amounts = {key: self.during(path, partial(_number, fields.get(key), unit, analyte, key)) for key in LAB_NUMBERS}
                if len(self.found) == faults:
                    value = amounts.pop("value")
                    result: LabResult | None = self.during(path, lambda: LabResult(analyte, value, collected, **amounts))
                    return result
        return None

    def _several(self, read: Reader, build: Callable[[list[Any]], Any], data: object, path: str) -> object:
        """A list. *read* reads each item, and *build* makes the result from them."""
        if not isinstance(data, list):
            fix = "write a list: [] for none; leave the key out if unknown"
            raise FieldTypeError(path, f"{_named(data)} is not a list", fix)
        if len(data) > (most := MOST.get(path, len(data))):
            raise FieldError(path, f"a list of {len(data):,} items is too long for one patient", f"write at most {most:,}")
        faults = len(self.found)
        items = [read(item, f"{path}[{n}]") for n, item in enumerate(data)]
        return self.during(path, lambda: build(items)) if len(self.found) == faults else None

    def _record(  # what to read, how, and into what
        self,
        kind: type[Any],
        data: object,
        path: str,
        readers: Mapping[str, Reader] = MappingProxyType({}),
        build: Callable[..., Any] | None = None,
    ) -> Any:  # noqa: ANN401  # a *kind*
        """An attrs class from an object. A field is read by its reader, else by the converter of the class. *build* replaces the class."""
        fields = {field.name: field for field in attrs.fields(kind) if field.init}
        faults = len(self.found)
        required = [name for name, field in fields.items() if field.default is attrs.NOTHING]
        values: dict[str, Any] = {}
        for name, value in self._keys(data, path, fields, required).items():
            if value is None:
                values[name] = None
            elif name in readers:
                values[name] = self.during("", partial(readers[name], value, f"{path}.{name}".lstrip(".")))
            else:
                values[name] = self.during(path, partial(fields[name].converter or _as_it_is, value))
        return self.during(path, lambda: (build or kind)(**values)) if len(self.found) == faults else None

    def _keys(self, data: object, path: str, known: Iterable[str], required: Iterable[str]) -> dict[str, Any]:
        """The known keys of an object. Unknown and missing keys are faults."""
        if not isinstance(data, Mapping):
            fix = f"write an object with {', '.join(known)}"
            self.found.append(FieldTypeError(path, f"{_named(data)} is not an object", fix))
            return {}
        known, renamed = tuple(known), set[str]()
        for key in data:
            if key in known:
                continue
            if (new := _RENAMED.get(key)) in known:
                renamed.add(new)
                fix = f"it is now called {new!r}"
            else:
                near = meant(key, known) if isinstance(key, str) and len(self.found) < _SUGGESTED else None
                fix = f"{f'did you mean {near!r}? ' if near else ''}use one of {', '.join(known)}"
            self.found.append(FieldError(_named_key(key), "is not a known key", fix).under(path))
        for key in data.twice if isinstance(data, _Object) else ():
            self.found.append(FieldError(_named_key(key), "occurs twice in one object", "keep one of them").under(path))
        absent = [key for key in required if data.get(key) is None]
        self.found += [FieldError(key, "is missing", _WHY_NEEDED.get(key, "add it")).under(path) for key in absent if key not in renamed]
        return {key: value for key, value in data.items() if key in known and key not in absent}


_SUGGESTED: Final = 100
"""Before so many faults a fault names what was probably meant."""


_RENAMED: Final = {"dose": "point", "history": "events", "on": "planned_start"}
"""The old names of some keys, and their present names."""


_WHY_NEEDED = {
    "analyte": f"say what was measured: {', '.join(Analyte)}",
    "point": "say which dose, such as 'C1D8'",
    "toxicity": f"say what it is: {', '.join(Toxicity)}",
    "value": "leave out a result that is not known",
}


_SYNDROMES: Final = {"crs": CrsFindings, "icans": NeuroFindings}


LAB_NUMBERS = ("value", "lower_limit", "upper_limit", "baseline")


_LAB_KEYS = ("analyte", "value", "unit", "collected", "lower_limit", "upper_limit", "baseline")


def _kept_unit(analyte: Analyte | None, number: object) -> str:
    """The unit in which an analyte is kept, for an error; empty if the number is impossible in that unit."""
    if analyte is None or (isinstance(number, int | float) and not RANGES[analyte].quantity.takes(number)):
        return ""
    return f", as {KINDS[analyte].unit!r}"


def _with_number(number: object, within: Range) -> tuple[float, Range]:
    """The number of a result and its range, to find the unit that was meant. Any number fits if the value is not a number."""
    return (number, within) if isinstance(number, int | float) else (1.0, ANY)


def _number(number: object, unit: str, analyte: Analyte, key: str) -> Amount | None:
    if number is None:
        return None
    _check_number(number, key)
    pair: Any = (number, unit)
    try:
        return amount(analyte, pair, getattr(RANGES[analyte], "quantity" if key == "value" else key), key)
    except FieldTypeError as error:
        raise FieldTypeError(key, error.problem, "write a bound as text: <, <=, > or >=, and one number with a point") from None
    except UnitError as error:
        fix = error.fix if key == "value" else error.fix.replace("write that", f"convert it to {unit[:60]}, the unit of the result")
        raise UnitError(key, error.problem, fix) from None


def _check_number(number: object, key: str) -> None:
    """Raises `FieldTypeError` for a value that is neither a number nor a bound in text."""
    if isinstance(number, str):
        if number.lstrip()[:1] in {"<", ">", "≤", "≥"}:
            return
        problem = not_one_number(number.strip())
    elif isinstance(number, int | float) and not isinstance(number, bool):
        return
    else:
        problem = None
    of_value = "write a number without quotes; only a bound, which begins with < or >, is text"
    fix = of_value if key == "value" else "write a number, in the unit of the result"
    raise FieldTypeError(key, f"{_named(number)} {problem or 'is not a number'}", fix)


def _named_key(key: object) -> str:
    """A key as a path shows it. Characters that a terminal could take for a command are escaped."""
    text = str(key)[:60]
    return text if text.isprintable() else repr(text)


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  # a field without a converter
    return value


def _named(value: object) -> str:
    """A value as a fault shows it: short; only the kind for objects and lists."""
    return "an object" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else f"{shown(value)}"


def case_document(case: Case) -> dict[str, Any]:
    """A case as an object from which `read_case` makes a case with the same answers. Unknown facts are left out.

    Quantities are in the units in which they are kept, and times have the UTC offset of their moment. An offset does not name a time zone:
    if all times are in one named zone, and the case names no zone of the site, that name becomes `site_zone`. Otherwise the case that is
    read is equal to this one.
    """
    document = _fields(case)
    if case.site_zone is None and (zone := shared_zone(case)) is not None:
        document["site_zone"] = zone
    if case.findings is not None:
        document["findings"] = {"crs" if isinstance(item, CrsFindings) else "icans": _fields(item) for item in case.findings}
    return document


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any input
    """The fields of an input that differ from their defaults."""
    fields = [field for field in attrs.fields(type(value)) if field.init]
    parts = {field.name: getattr(value, field.name) for field in fields if getattr(value, field.name) != field.default}
    return {name: _plain(part) for name, part in parts.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever JSON can hold
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    form = _FORMS.get(type(value))
    return form(value) if form else _fields(value) if attrs.has(type(value)) else value


def _amount(amount: Amount) -> str:
    return f"{amount.bound}{amount.value!r} {amount.unit}"


def _result(result: LabResult) -> dict[str, Any]:
    measured = result.quantity
    numbers = {name: getattr(result, name) for name in ("lower_limit", "upper_limit", "baseline")}
    return {
        "analyte": str(result.analyte),
        "value": f"{measured.bound}{measured.value!r}" if measured.bound else measured.value,
        "unit": measured.unit,
        **({} if result.collected is None else {"collected": result.collected.isoformat()}),
        **{name: amount.value for name, amount in numbers.items() if amount is not None},
    }


_FORMS: Final[Mapping[type[Any], Callable[[Any], Any]]] = {
    Amount: _amount,
    Course: lambda course: _plain(course.as_given),
    DosePoint: str,
    LabResult: _result,
}
"""The types that have a form of their own in JSON."""

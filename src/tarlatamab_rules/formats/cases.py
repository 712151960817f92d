"""A case as the JSON object that `read_case` reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from enum import Enum
from typing import Any, Final

import attrs

from tarlatamab_rules.inputs._zones import shared_zone
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.inputs.course import Course, DosePoint
from tarlatamab_rules.inputs.findings import CrsFindings
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.units import Amount

__all__ = ["case_document"]


def case_document(case: Case) -> dict[str, Any]:
    """The object that stands for a case: `read_case` makes a case with the same answers of it. What is not known is left out.

    Quantities are in the units in which they are kept, and times have the UTC offset of their moment. An offset does not name a time zone:
    if all times are in one named zone, and no other is said to be that of the site, its name becomes `site_zone`. Otherwise the case that
    is read is equal to this one.
    """
    document = _fields(case)
    if case.site_zone is None and (zone := shared_zone(case)) is not None:
        document["site_zone"] = zone
    if case.findings is not None:
        document["findings"] = {"crs" if isinstance(found, CrsFindings) else "icans": _fields(found) for found in case.findings}
    return document


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any input
    """What is said of an input: every field that is not as if it had been left out."""
    fields = [field for field in attrs.fields(type(value)) if field.init]
    said = {field.name: getattr(value, field.name) for field in fields if getattr(value, field.name) != field.default}
    return {name: _plain(part) for name, part in said.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever JSON can hold
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    own = _OWN.get(type(value))
    return own(value) if own else _fields(value) if attrs.has(type(value)) else value


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


_OWN: Final[Mapping[type[Any], Callable[[Any], Any]]] = {
    Amount: _amount,
    Course: lambda course: _plain(course.as_given),
    DosePoint: str,
    LabResult: _result,
}
"""What has a form of its own."""

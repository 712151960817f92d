"""The types of the fields of a class, for schemas and forms that are made from them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import attrs

from tarlatamab_rules.inputs import course, events, findings, labs, patient, units, vocabulary
from tarlatamab_rules.values import doses, toxicities
from tarlatamab_rules.values import labs as lab_values
from tarlatamab_rules.values import plans as plan_values

__all__ = ["alternatives", "types_of"]

_HOMES: Final = (course, events, findings, labs, patient, units, vocabulary, doses, toxicities, lab_values, plan_values)
"""The modules whose names annotations use. Some of them are imported for type checkers alone."""


_NAMES: Final = {name: value for module in _HOMES for name, value in vars(module).items() if isinstance(value, type)}


def types_of(kind: type[Any]) -> Mapping[str, Any]:
    """The type of each field of an attrs class that a caller sets, by its name."""
    hints = get_type_hints(kind, localns=_NAMES)
    return MappingProxyType({item.name: hints[item.name] for item in attrs.fields(kind) if item.init})


def alternatives(hint: Any) -> tuple[Any, ...]:  # noqa: ANN401  # any annotation
    """The types that an annotation allows, without ``None``."""
    if get_origin(hint) in {Union, UnionType}:
        return tuple(part for part in get_args(hint) if part is not NoneType)
    return (hint,)

"""Whether a policy, or a row, has the shape that it must have, before any of its rows is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from numbers import Real
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import attrs

from tarlatamab_rules.core.axes import Bands, Choices
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, meant, shown
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import Question, Row
from tarlatamab_rules.core.texts import check_text
from tarlatamab_rules.inputs.units import is_number
from tarlatamab_rules.rulebooks._names import load, names
from tarlatamab_rules.rulebooks.facts import POINT
from tarlatamab_rules.rulebooks.questions import LAB_GRADE

__all__ = ["check_policy", "check_rows"]

_LAB_GRADES: Final = frozenset(LAB_GRADE.values())
_NEEDED: Final = ("id", "says")
_MAY_BE_EMPTY: Final = ("interpretation", "unsettled", "milder_because", "caveat")


def check_policy(name: str, rows: object, lab_scale: str | None, **texts: str) -> None:
    """Raises `FieldError` if the name, a text, the scale or the rows of a policy cannot be read."""
    check_text(name, "name")
    _check_new_name(name)
    for path, text in texts.items():
        check_text(text, path, empty=True)
    if lab_scale is not None:
        _check_scale(lab_scale)
    check_rows(rows)


def check_rows(rows: object) -> None:
    """Raises `FieldError` for rows of a wrong shape: not by question, not in a tuple, or with a part of another type."""
    if not isinstance(rows, Mapping):
        raise FieldTypeError("rows", f"{shown(rows)} is not a mapping", "write {QUESTION: (Row(...),)}")
    for question, of_question in rows.items():
        if not isinstance(question, Question):
            fix = "use one of tarlatamab_rules.policy, such as MONITORING"
            raise FieldTypeError("rows", f"{shown(question)} is not a question", fix)
        if not isinstance(of_question, tuple):
            raise FieldTypeError("rows", f"the rows of {shown(question.title)} are not a tuple", "write (Row(...),), with the comma")
        for n, row in enumerate(of_question):
            path = f"rows[{question.title!r}][{n}]"
            if not isinstance(row, Row):
                raise FieldTypeError(path, f"{shown(row)} is not a Row", "pass Row(id, when, then, says)")
            _check_row(row, question, path)


def _check_row(row: Row[Any], question: Question[Any], path: str) -> None:
    for name in _NEEDED:
        check_text(getattr(row, name), f"{path}.{name}")
    for name in _MAY_BE_EMPTY:
        check_text(getattr(row, name), f"{path}.{name}", empty=True)
    if not isinstance(row.when, Mapping):
        fix = "write {AXIS: condition}; an empty one means any case"
        raise FieldTypeError(f"{path}.when", f"{shown(row.when)} is not a mapping", fix)
    for axis, condition in row.when.items():
        _check_condition(axis, condition, f"{path}.when")
    _check_type(row.then, question.answer | None, f"{path}.then")


def _check_new_name(name: str) -> None:
    """Raises `FieldError` for the name of a book of this library: that book would be found instead."""
    if name in names():
        raise FieldError("name", f"{shown(name)} is a book of this library", "give the policy a name of its own, such as 'our-hospital'")


def _check_scale(name: str) -> None:
    """Raises `FieldError` for a book that does not grade laboratory values."""
    if not load(name).rows.keys() >= _LAB_GRADES:
        scales = ", ".join(book for book in names() if load(book).rows.keys() >= _LAB_GRADES)
        raise FieldError("lab_scale", f"{shown(name)} does not grade laboratory values", f"use one of {scales}")


def _check_condition(axis: object, condition: object, path: str) -> None:
    if not isinstance(axis, Choices | Bands):
        fix = "use one of tarlatamab_rules.policy, such as POINT"
        raise FieldTypeError(path, f"{shown(axis)} is not a fact that a question asks about", fix)
    if isinstance(axis, Bands):
        # NaN is not equal to itself, and no number.
        fits = isinstance(condition, Interval) or (is_number(condition, Real) and condition == condition)  # noqa: PLR0124  # NaN
        fix = "a range, such as points('C1D1', 'C1D8')" if axis is POINT else "a number, or a range such as at_least(2)"
    else:
        members = condition if isinstance(condition, frozenset) else (condition,)
        fits = all(isinstance(member, str | int) for member in members)
        fix = "one of the members, or a frozenset of them"
    if not fits:
        raise FieldTypeError(f"{path}[{axis.fact!r}]", f"{shown(condition)} is not a condition", f"write {fix}")


def _check_type(value: object, hint: Any, path: str) -> None:  # noqa: ANN401  # whatever a field is annotated with
    """Raises `FieldTypeError` if a value, or something in it, is not of the type of its annotation."""
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    kind = next((kind for kind in kinds if _is(value, get_origin(kind) or kind)), None)
    if kind is None:
        wanted = " or ".join(map(_called, kinds))
        member = _member_meant(value, kinds)
        fix = f"did you mean {member}? Otherwise pass {wanted}" if member else f"pass {wanted}"
        raise FieldTypeError(path, f"{shown(value)} is of another type than what is asked for", fix)
    if inside := get_args(kind):
        for n, item in enumerate(_items(value)):
            _check_type(item, inside[0], f"{path}[{n}]")
    elif attrs.has(kind):
        for name, field_hint in _hints(kind).items():
            _check_type(getattr(value, name), field_hint, f"{path}.{name}")


def _member_meant(value: object, kinds: Iterable[Any]) -> str:
    """The member of an enumeration that a text probably stands for, as it is written in Python; empty if there is none."""
    words = {str(member): f"{kind.__name__}.{member.name}" for kind in kinds if _is_enumeration(kind) for member in kind}
    return words.get(meant(value, words) or "", "") if isinstance(value, str) else ""


def _is_enumeration(kind: Any) -> bool:  # noqa: ANN401  # as above
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def _items(value: Any) -> tuple[object, ...]:  # noqa: ANN401  # a tuple or a frozenset
    return tuple(value)


def _is(value: object, kind: type) -> bool:
    if kind is float:
        return is_number(value, Real)
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _called(kind: Any) -> str:  # noqa: ANN401  # as above
    """What a type is called in an error."""
    inside = get_args(kind)
    name = "None" if kind is type(None) else (get_origin(kind) or kind).__name__
    return f"a {name} of {_called(inside[0])}" if inside else name


@lru_cache(maxsize=64)
def _hints(kind: type[Any]) -> dict[str, Any]:
    """The types of the fields of an attrs class."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in attrs.fields(kind)}

"""The facts of a condition, in words."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, inf
from types import MappingProxyType
from typing import Any

from tarlatamab_rules.core.axes import Axis, Bands, called
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import Question, When
from tarlatamab_rules.inputs.vocabulary import Grade

__all__ = ["condition_in_words", "conditions_in_words", "facts_in_words"]


def facts_in_words(question: Question[Any], when: When, titles: Mapping[Axis, str] = MappingProxyType({})) -> list[str]:
    """The facts of a condition, each in a few words. A condition without facts holds in any case.

    *titles* gives another name to a fact whose title in the question says too little.
    """
    return [f"{title}: {condition}" for title, condition in conditions_in_words(question, when, titles)]


def conditions_in_words(question: Question[Any], when: When, titles: Mapping[Axis, str] = MappingProxyType({})) -> list[tuple[str, str]]:
    """The same as pairs: what a fact is called, and what it must be."""
    return [(titles.get(axis) or called(axis), condition_in_words(axis, when[axis])) for axis in question.axes if axis in when]


def condition_in_words(axis: Axis, condition: Any) -> str:  # noqa: ANN401  # a member, members, or an interval
    """What a fact must be."""
    if isinstance(axis, Bands):
        return _numbers(axis, condition) if isinstance(condition, Interval) else axis.show(condition)
    members = condition if isinstance(condition, frozenset) else {condition}
    return " or ".join(_member(member) for member in axis.members if member in members)


def _member(member: object) -> str:
    return ("yes" if member else "no") if isinstance(member, bool) else f"{member:d}" if isinstance(member, Grade) else str(member)


def _numbers(axis: Bands, span: Interval) -> str:
    if axis.whole:
        return _whole_numbers(axis, span)
    if span.low == span.high:
        return axis.show(span.low)
    low, high = axis.show(span.low), axis.show(span.high)
    if span.high == inf:
        return f"{'> ' if span.low_open else '>= '}{low}"
    if span.low == -inf:
        return f"{'< ' if span.high_open else '<= '}{high}"
    return f"{'> ' if span.low_open else ''}{low} to {'< ' if span.high_open else ''}{high}"


def _whole_numbers(axis: Bands, span: Interval) -> str:
    first = ceil(max(span.start, axis.domain.low))
    if span.high == inf:
        return f"{axis.show(first)} and {axis.show(inf).replace('inf', 'more')}"
    last = ceil(span.stop) - 1
    return ", ".join(map(axis.show, range(first, last + 1))) if last - first <= _FEW else f"{axis.show(first)} to {axis.show(last)}"


_FEW = 2
"""Whole numbers that are at most so far apart are listed, others are written by their ends."""

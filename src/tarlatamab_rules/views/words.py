"""Answers in words: the same in a report, in the documentation and in tables of cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from math import ceil, inf
from typing import Any, Final

from tarlatamab_rules.answers import (
    Contraception,
    ContraceptionWindow,
    InfusionPlan,
    Instruction,
    LabsDue,
    Modality,
    MonitoringPlan,
    PossibleGrades,
    PremedicationPlan,
    ToxicityAction,
)
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.intervals import Interval
from tarlatamab_rules.tables import Axis, Bands, Question, Row
from tarlatamab_rules.units import Amount, Span

__all__ = ["as_read", "at", "facts_in_words", "in_words"]


def at(moment: date) -> str:
    """A day, or a day and a time to the minute."""
    return moment.isoformat(sep=" ", timespec="minutes") if isinstance(moment, datetime) else moment.isoformat()


def as_read(amount: Amount) -> str:
    """An amount to four digits, as a laboratory reports it."""
    return str(Amount(float(f"{amount.value:.4g}"), amount.unit, amount.bound))


def in_words(value: object) -> list[str]:
    """The value of an answer, in one line or more."""
    return list(_WORDS.get(type(value), _plain)(value))


def facts_in_words(question: Question[Any], row: Row[Any]) -> list[str]:
    """The facts that a row speaks of, each in a few words; of none, it speaks of any case."""
    return [
        f"{axis.title or axis.fact.replace('_', ' ')}: {_condition(axis, row.when[axis])}" for axis in question.axes if axis in row.when
    ]


def _condition(axis: Axis, condition: Any) -> str:  # noqa: ANN401  # a member, members, or an interval
    if isinstance(axis, Bands):
        return _numbers(axis, condition) if isinstance(condition, Interval) else axis.show(condition)
    members = condition if isinstance(condition, frozenset) else {condition}
    return " or ".join(_member(member) for member in axis.members if member in members)


def _member(member: object) -> str:
    return ("yes" if member else "no") if isinstance(member, bool) else f"{member:d}" if isinstance(member, Grade) else str(member)


def _numbers(axis: Bands, span: Interval) -> str:
    if axis.whole:
        return _whole_numbers(axis, span)
    low, high = axis.show(span.low), axis.show(span.high)
    if span.high == inf:
        return f"{'> ' if span.low_open else '>= '}{low}"
    if span.low == -inf:
        return f"{'< ' if span.high_open else '<= '}{high}"
    return f"{'> ' if span.low_open else ''}{low} to {'< ' if span.high_open else ''}{high}"


def _whole_numbers(axis: Bands, span: Interval) -> str:
    first = ceil(max(span.start, axis.domain.low))
    if span.high == inf:
        return f"{axis.show(first)} and {axis.show(inf)}"
    last = ceil(span.stop) - 1
    return ", ".join(map(axis.show, range(first, last + 1))) if last - first <= _FEW else f"{axis.show(first)} to {axis.show(last)}"


_FEW = 2
"""So far apart, whole numbers are listed rather than given by their ends."""


def _plain(value: object) -> Iterator[str]:
    yield str(value)


def _premedication(plan: PremedicationPlan) -> Iterator[str]:
    yield from map(_instruction, plan.instructions)


def _action(answer: ToxicityAction) -> Iterator[str]:
    yield str(answer.action).upper()
    yield from map(_instruction, answer.treatments)


def _grades(open_: PossibleGrades) -> Iterator[str]:
    yield "grade " + " or ".join(f"{grade:d}" for grade in sorted(open_.grades))


def _one_instruction(item: Instruction) -> Iterator[str]:
    yield _instruction(item)


def _instruction(item: Instruction) -> str:
    words: list[object] = [f"{item.modality}:", item.what]
    if item.amount is not None:
        words.append(item.amount)
    if item.or_equivalent:
        words.append("or equivalent")
    if item.route is not None:
        words.append(item.route)
    if item.duration is not None:
        words.append(f"over {item.duration}")
    if item.rate is not None:
        words.append(f"({item.rate})")
    if item.anchor is not None:
        words.append(_timing(item))
    return " ".join(map(str, words))


def _timing(item: Instruction) -> str:
    moment = str(item.anchor).replace("-", " ")
    if item.offset is None:
        return f"from {moment}"
    ends = sorted((abs(item.offset.low), abs(item.offset.high)))
    return f"{Span(ends[0], ends[1], item.offset.unit)} {'before' if item.offset.low < 0 else 'after'} {moment}"


def _monitoring(plan: MonitoringPlan) -> Iterator[str]:
    anchor = f" from {str(plan.anchor).replace('-', ' ')}" if plan.anchor else ""
    if plan.observe:
        yield f"observe for {plan.observe}{anchor}" + (f", in {plan.setting}" if plan.setting else "")
    if plan.near_care is not None:
        near = plan.near_care
        caregiver = "with a caregiver and " if near.caregiver else ""
        yield f"{caregiver}within {near.within} of a medical facility for {near.hours}{anchor}"


def _infusion(plan: InfusionPlan) -> Iterator[str]:
    words = [f"{plan.route} infusion" if plan.route else "infusion"]
    words += [f"of {plan.volume}"] if plan.volume else []
    words += [f"over {plan.duration}"] if plan.duration else []
    words += [f"at {plan.rate}"] if plan.rate else []
    words += ["by pump" if plan.pump else "without a pump"] if plan.pump is not None else []
    words += ["at a constant rate" if plan.constant_rate else "at a changing rate"] if plan.constant_rate is not None else []
    if words != ["infusion"]:
        yield " ".join(words)
    if plan.transfer_device is not None:
        yield f"{plan.transfer_device}: closed-system transfer devices"


def _labs(due: LabsDue) -> Iterator[str]:
    for title, analytes in (("required", due.required), ("recommended", due.recommended), ("while CRS is active", due.during_crs)):
        if analytes:
            yield f"{title}: {', '.join(analytes)}"


def _contraception(asked: Contraception | ContraceptionWindow) -> Iterator[str]:
    until = asked.until.isoformat() if isinstance(asked, ContraceptionWindow) and asked.until else ""
    months = f"{asked.months} months after the last dose"
    how = "use" if asked.modality is Modality.GIVE else f"{asked.modality}:"
    yield f"{how} contraception until " + (f"{until}, {months}" if until else months)


_WORDS: Final[Mapping[type[Any], Callable[[Any], Iterator[str]]]] = {
    Contraception: _contraception,
    ContraceptionWindow: _contraception,
    InfusionPlan: _infusion,
    Instruction: _one_instruction,
    LabsDue: _labs,
    MonitoringPlan: _monitoring,
    PossibleGrades: _grades,
    PremedicationPlan: _premedication,
    ToxicityAction: _action,
}

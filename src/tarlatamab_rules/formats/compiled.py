"""Compiled tables as JSON, for a program in another language that answers as this library does.

The document holds everything that an answer needs: how each fact is cut, the answer of every cell, and the answers in words. A program
that reads it has no numbers and no rules of its own. The documentation answers its questions from it in the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from itertools import product
from math import isinf
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from tarlatamab_rules.core.axes import Axis, Cuts, Groups, called
from tarlatamab_rules.core.decisions import Decided, Decision, Dissent
from tarlatamab_rules.core.evidence import Reason, caveats_of
from tarlatamab_rules.core.tables import Question, Table
from tarlatamab_rules.formats.canonical import about, axis_keys, content_hash, plain
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.values.conditions import condition_in_words
from tarlatamab_rules.values.disagreements import dissent_in_words
from tarlatamab_rules.values.wording import in_words

__all__ = ["Titles", "compiled_document"]

_FORMAT: Final = {"format": "tarlatamab-rules-tables", "version": 1}
_Numbers: TypeAlias = dict[Any, int]
"""Values by their place in a list of the document. Equal values have one place."""
_Exact: TypeAlias = dict[str, tuple[int, Any]]
"""Values by how they are written, each with its place. Equal values may be written in different units, and then have different places."""

Titles: TypeAlias = Callable[[Question[Any]], Mapping[Axis, str]]
"""What the facts of a question are called if their own titles do not say enough."""


def _own(_question: Question[Any]) -> Mapping[Axis, str]:
    return MappingProxyType({})


def compiled_document(book: Rulebook, *, titles: Titles = _own) -> dict[str, Any]:
    """All tables of a book or a stack, as an object that `json` can write.

    `cells` of a question has one number for each combination of codes, the last axis running fastest: the place of its answer in
    `answers`; or, if it is negative, ``-1 - n`` for the text at place *n* of `impossible`. A number of a fact has the code *n* if it is
    at least ``cuts[n]`` and below ``cuts[n + 1]``; ``None`` is an end that the axis does not have. A member has its code in `codes`.
    `runs[n][m]` has the words for the codes from *n* to *n + m*. The numbers of a `named` axis have names, as doses have.

    Args:
        book: The book.

        titles: What the facts of a question are called, if not by their own titles.
    """
    reasons: _Numbers = {}
    ordered = sorted(book.rows, key=lambda question: (question.name, about(question)))
    questions = [_question(book[question], reasons, titles(question)) for question in ordered]
    sources = [
        {"name": member.name, "short": member.source.short_name or member.name, "title": member.source.title} for member in book.members
    ]
    head = _FORMAT | {"rulebook": book.name, "hash": content_hash(book), "sources": sources}
    return head | {"reasons": [_reason(reason) for reason in reasons], "questions": questions}


def _place(numbers: _Numbers, value: Hashable) -> int:
    return numbers.setdefault(value, len(numbers))


def _exact_place(values: _Exact, value: object) -> int:
    return values.setdefault(repr(value), (len(values), value))[0]


def _question(table: Table[Any], reasons: _Numbers, titles: Mapping[Axis, str]) -> dict[str, Any]:
    question = table.question
    values: _Exact = {}
    dissents: _Exact = {}
    impossible: _Numbers = {}
    equal: _Numbers = {}
    alike: _Numbers = {}
    answers: dict[int, tuple[int, dict[str, Any]]] = {}
    cells: list[int] = []
    for cell in product(*(range(len(axis)) for axis in table.axes)):
        if (answer := table.answers.get(cell)) is None:
            cells.append(-1 - _place(impossible, table.bans[cell]))
            continue
        if id(answer) not in answers:
            answers[id(answer)] = len(answers), _answer(answer, values, reasons, dissents)
        cells.append(answers[id(answer)][0])
    return {
        "name": question.name,
        "about": about(question),
        "axes": [_axis(key, axis, titles) for key, axis in zip(axis_keys(question), table.axes, strict=True)],
        "values": [{"value": plain(value), "says": _says(value), "same": _place(equal, value)} for _, value in values.values()],
        "dissents": [_dissent(part, reasons) | {"same": _place(alike, _told_apart_by(part))} for _, part in dissents.values()],
        "answers": [document for _, document in answers.values()],
        "impossible": list(impossible),
        "cells": cells,
    }


def _axis(key: str, axis: Groups | Cuts, titles: Mapping[Axis, str]) -> dict[str, Any]:
    asked = axis.axis
    head = {"key": key, "fact": axis.fact, "title": titles.get(asked) or called(asked)}
    if isinstance(axis, Groups):
        words = [condition_in_words(asked, member) for member in axis.axis.members]
        codes = [axis.codes[member] for member in axis.axis.members]
        return head | {"members": plain(axis.axis.members), "says": words, "codes": codes}
    runs = [[condition_in_words(asked, axis.facts(frozenset(range(i, j + 1)))) for j in range(i, len(axis))] for i in range(len(axis))]
    cuts = [None if isinf(end) else end for end in axis.cuts]
    named = axis.axis.whole and not axis.axis.show(axis.axis.domain.low).isdigit()
    return head | {"cuts": cuts, "whole": axis.axis.whole, "named": named, "runs": runs}


def _answer(answer: Decision[Any], values: _Exact, reasons: _Numbers, dissents: _Exact) -> dict[str, Any]:
    """An answer by places. `disagree` has the lines of a report that say what other sources say instead."""
    head = {"value": _exact_place(values, answer.value)} if isinstance(answer, Decided) else {}
    parts = {
        "reasons": [_place(reasons, reason) for reason in answer.reasons],
        "dissent": [_exact_place(dissents, dissent) for dissent in answer.dissent],
        "disagree": dissent_in_words(answer),
    }
    return head | {name: part for name, part in parts.items() if part}


def _dissent(dissent: Dissent, reasons: _Numbers) -> dict[str, Any]:
    rows = [_place(reasons, reason) for reason in dissent.reasons]
    return {"rulebook": dissent.rulebook, "field": dissent.field, "value": plain(dissent.value), "reasons": rows}


def _told_apart_by(dissent: Dissent) -> Hashable:
    """What distinguishes a dissent from others when several answers are joined, as `dissent_of` does."""
    unsettled = any(reason.unsettled for reason in dissent.reasons)
    return dissent.rulebook, dissent.field, dissent.value, unsettled, caveats_of(dissent.reasons)


def _says(value: object) -> list[str]:
    return [f"grade {value:d}"] if isinstance(value, Grade) else in_words(value)


def _reason(reason: Reason) -> dict[str, Any]:
    cited = reason.citation
    parts = {
        "row": reason.row,
        "book": cited.source if cited else "",
        "cites": str(cited) if cited else "",
        "says": reason.says,
        "interpretation": reason.interpretation,
        "unsettled": reason.unsettled,
        "caveat": reason.caveat,
    }
    return {name: part for name, part in parts.items() if part}

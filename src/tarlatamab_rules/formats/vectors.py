"""Conformance vectors: facts and their answer for every cell of every table of a book, in JSON Lines.

An implementation in another language, or a changed version of this library, can check every vector. The first line is a header.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from math import floor, isinf
from typing import Any, Final

from tarlatamab_rules.core.axes import Cuts, Groups
from tarlatamab_rules.core.errors import TarlatamabRulesError
from tarlatamab_rules.core.tables import Question, Table
from tarlatamab_rules.formats.canonical import about, answer_document, axis_keys, canonical_json, content_hash, plain
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks._registry import get

__all__ = ["check", "corners", "lines", "vectors"]

_FORMAT: Final = {"format": "tarlatamab-rules-vectors", "version": 1}
_FAR: Final = 1000
"""How far a vector is from the start of a band without an end."""

_FIELDS: Final = {
    "question": "the name of the question; with `about` it names one question of the rulebook",
    "about": "what the question is about",
    "facts": "one fact an axis, by the key of the axis; all are known",
    "answer": "decided, or not-covered where the source is silent",
    "value": "the answer; null where not-covered. A field that is left out is empty",
    "rows": "the ids of the rows that give the answer, in their order",
    "unsettled": "whether a clinician must look, since a source mentions this and does not settle it",
    "dissent": "what books of a stack say otherwise: the book, the field of the answer, what it says there, and by which rows",
}


def lines(book: Rulebook) -> Iterator[str]:
    """The vectors of a book as lines of JSON, after a header that says what they are."""
    every = list(vectors(book))
    members = [{"rulebook": member.name, "hash": content_hash(member)} for member in book.members]
    head = _FORMAT | {"rulebook": book.name, "hash": content_hash(book), "members": members, "vectors": len(every), "fields": _FIELDS}
    yield from (json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":")) for line in (head, *every))


def vectors(book: Rulebook) -> Iterator[dict[str, Any]]:
    """One or two vectors for every cell that can exist: its lowest and its highest facts."""
    for question in sorted(book.rows, key=lambda question: (question.name, about(question))):
        table = book[question]
        keys = axis_keys(question)
        for cell, answer in table.answers.items():
            ends = [corners(axis, code) for axis, code in zip(table.axes, cell, strict=True)]
            lowest, highest = (dict(zip(keys, (end[n] for end in ends), strict=True)) for n in (0, 1))
            for facts in (lowest, highest) if lowest != highest else (lowest,):
                yield {"question": question.name, "about": about(question), "facts": facts} | answer_document(answer)


def corners(axis: Groups | Cuts, code: int) -> tuple[Any, Any]:
    """The lowest and the highest fact of a code: its first and last member or number. In a band without an end, a distant number."""
    if isinstance(axis, Groups):
        return plain(axis.groups[code][0]), plain(axis.groups[code][-1])
    low, high = axis.cuts[code], axis.last(code)
    first = floor(min(high, _FAR)) - _FAR if isinf(low) else low
    return plain(first), plain(first + _FAR if isinf(high) else high)


def check(text: Iterable[str], book: Rulebook | None = None) -> list[str]:
    """One line for each vector that this library answers differently.

    Args:
        text: The lines, the header first.

        book: The book to ask; the one that the header names if left out.
    """
    head, *every = (json.loads(line) for line in text)
    if {key: head.get(key) for key in _FORMAT} != _FORMAT:
        return [f"these are not vectors of {_FORMAT['format']}, version {_FORMAT['version']}"]
    asked = get(head["rulebook"]) if book is None else book
    tables = {(question.name, about(question)): asked[question] for question in asked.rows}
    faults = [] if head["vectors"] == len(every) else [f"the header announces {head['vectors']} vectors, but there are {len(every)}"]
    if head["hash"] != content_hash(asked):
        faults.append(f"they belong to another version of {head['rulebook']}: its rows are not those of {asked.name} in this library")
    for n, vector in enumerate(every, start=2):
        if fault := _fault(vector, tables.get((vector["question"], vector["about"]))):
            faults.append(f"line {n}, {vector['question']}, {vector['about']}, {vector['facts']}: {fault}")
    return faults


def _fault(vector: dict[str, Any], table: Table[Any] | None) -> str:
    """What is wrong with one vector; empty if this library gives the same answer."""
    if table is None:
        return "the rulebook has no such question"
    question: Question[Any] = table.question
    if sorted(vector["facts"]) != sorted(axis_keys(question)):
        return f"the question asks about {', '.join(axis_keys(question))}"
    try:
        answer = answer_document(table(*(vector["facts"][key] for key in axis_keys(question))))
    except TarlatamabRulesError as error:
        return str(error)
    wrong = [key for key in answer if canonical_json(answer[key]) != canonical_json(vector.get(key))]
    return "; ".join(f"{key} is {canonical_json(answer[key])}, not {canonical_json(vector.get(key))}" for key in wrong)

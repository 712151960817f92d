"""Rulebooks as canonical JSON, and the hash of their content.

Canonical JSON depends on nothing but the content: keys in order, members in the order of their axis, whole numbers without a point.
For the numbers and keys of rulebooks it equals the form of RFC 8785, so another language produces the same bytes.
"""

from __future__ import annotations

import json
from enum import Enum
from hashlib import sha256
from math import isinf
from typing import Any, Final

import attrs

from tarlatamab_rules.core.axes import Axis, Bands, Condition
from tarlatamab_rules.core.content import is_content
from tarlatamab_rules.core.decisions import Decided, Decision, unsettled_of
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import Question, Row, When
from tarlatamab_rules.rulebooks._book import Overlay, Rows, Rulebook, Stack

__all__ = ["about", "answer_document", "axis_keys", "canonical_json", "content_hash", "plain", "rulebook_document"]

_FORMAT: Final = {"format": "tarlatamab-rules-rulebook", "version": 1}


def axis_keys(question: Question[Any]) -> tuple[str, ...]:
    """A unique name for each fact of a question: the fact, and a number if it repeats."""
    facts = [axis.fact.replace(" ", "_") for axis in question.axes]
    return tuple(f"{fact}_{facts[:n].count(fact) + 1}" if fact in facts[:n] else fact for n, fact in enumerate(facts))


def about(question: Question[Any]) -> str:
    """The subject of a question; if it has none, the facts that it asks for. Together with the name, it identifies one question."""
    return question.about or ", ".join(axis_keys(question))


def canonical_json(document: object) -> str:
    """A document of plain types as text, in exactly one form: keys sorted, no spaces, and only numbers that JSON has."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def content_hash(book: Rulebook) -> str:
    """The SHA-256 of the canonical JSON of a book, in hexadecimal digits. It changes as soon as a row changes."""
    return sha256(canonical_json(rulebook_document(book)).encode()).hexdigest()


def rulebook_document(book: Rulebook) -> dict[str, Any]:
    """A book as an object that `json` can write: all the content of its source and its rows.

    A stack lists its members, and an overlay its base, by name and hash.
    """
    head = _FORMAT | {"name": book.name, "lab_scale": book.lab_scale}
    if isinstance(book, Stack):
        return head | {"kind": "stack", "members": [_named(member) for member in book.members]}
    source = {name: part for name, part in plain(book.source).items() if part}
    written = {"source": source, "drug": plain(book.drug), "statements": [plain(statement) for statement in book.statements]}
    if isinstance(book, Overlay):
        over = {"kind": "overlay", "base": _named(book.base), "milder_because": book.milder_because}
        return head | over | written | {"questions": _questions(book.policy)}
    return head | {"kind": "book"} | written | {"questions": _questions(book.rows)}


def answer_document(answer: Decision[Any]) -> dict[str, Any]:
    """The answer of a table in a cell: the value, the rows behind it, whether a clinician must look, and which books disagree."""
    return {
        "answer": "decided" if isinstance(answer, Decided) else "not-covered",
        "value": plain(answer.possible[0]),
        "rows": [reason.row for reason in answer.reasons],
        "unsettled": bool(unsettled_of(answer)) or any(reason.unsettled for reason in answer.reasons),
        "dissent": [
            {
                "rulebook": dissent.rulebook,
                "field": dissent.field,
                "value": plain(dissent.value),
                "rows": [reason.row for reason in dissent.reasons],
            }
            for dissent in answer.dissent
        ],
    }


def plain(value: object) -> Any:  # noqa: ANN401  # whatever JSON can hold
    """A value in the types of JSON. Empty fields are left out, and whole numbers have no point."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(plain(item) for item in value)
    if attrs.has(type(value)):
        parts = attrs.asdict(value, recurse=False, filter=is_content)  # type: ignore[arg-type]  # attrs.has has just said so
        return {name: plain(part) for name, part in parts.items() if part is not None and part != ""}
    return value


def _named(book: Rulebook) -> dict[str, str]:
    return {"name": book.name, "hash": content_hash(book)}


def _questions(rows: Rows) -> list[dict[str, Any]]:
    """The questions, sorted by name because their order has no meaning; the rows of each in the order of the book."""
    return [_question(question, rows[question]) for question in sorted(rows, key=lambda question: (question.name, about(question)))]


def _question(question: Question[Any], rows: tuple[Row[Any], ...]) -> dict[str, Any]:
    return {
        "name": question.name,
        "about": about(question),
        "axes": [_axis(key, axis) for key, axis in zip(axis_keys(question), question.axes, strict=True)],
        "answer": question.answer.__name__,
        "hit_policy": "unique" if question.fold is None else "collect",
        "fold": None if question.fold is None else getattr(question.fold, "__name__", type(question.fold).__name__),
        "impossible": [{"when": _when(question, ban.when), "because": ban.because} for ban in question.impossible],
        "rows": [_row(question, row) for row in rows],
    }


def _axis(key: str, axis: Axis) -> dict[str, Any]:
    head = {"key": key, "fact": axis.fact, "title": axis.title or axis.fact}
    if isinstance(axis, Bands):
        return head | {"kind": "numbers", "domain": _interval(axis.domain), "whole": axis.whole}
    return head | {"kind": "members", "members": plain(axis.members)}


def _row(question: Question[Any], row: Row[Any]) -> dict[str, Any]:
    keys = zip(axis_keys(question), question.axes, strict=True)
    excepted = {key: sorted(row.excepted[axis]) for key, axis in keys if axis in row.excepted}
    more = {name: part for name, part in (("caveat", row.caveat), ("excepted", excepted)) if part}
    return more | {
        "id": row.id,
        "when": _when(question, row.when),
        "then": None if row.then is None else {"type": type(row.then).__name__, "value": plain(row.then)},
        "says": row.says,
        "interpretation": row.interpretation,
        "unsettled": row.unsettled,
        "milder_because": row.milder_because,
    }


def _when(question: Question[Any], when: When) -> dict[str, Any]:
    return {key: _condition(axis, when[axis]) for key, axis in zip(axis_keys(question), question.axes, strict=True) if axis in when}


def _condition(axis: Axis, condition: Condition) -> dict[str, Any]:
    if isinstance(axis, Bands):
        return _interval(condition if isinstance(condition, Interval) else Interval(condition, condition))
    members = condition if isinstance(condition, frozenset) else {condition}
    return {"members": [plain(member) for member in axis.members if member in members]}


def _interval(span: Interval) -> dict[str, Any]:
    """An interval with its ends as in the source; ``None`` for an end that it does not have."""
    low, high = (None if isinf(end) else plain(end) for end in (span.low, span.high))
    return {
        "low": low,
        "high": high,
        "low_open": low is not None and span.low_open,
        "high_open": high is not None and span.high_open,
    }

"""Tables as decision tables of GoRules (JDM), for another engine.

The rows of a book are exported unchanged, one rule for each row, so the engine gives its answers without the compiled tables of this
library. A table that several books answer together has no rows of its own. Its cells are joined into one rule for each condition and
answer. Only known facts are exported, because the engine has no unknown facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, TypeAlias

from tarlatamab_rules.core.axes import Axis, Bands, Condition
from tarlatamab_rules.core.cells import conditions
from tarlatamab_rules.core.intervals import Interval
from tarlatamab_rules.core.tables import JoinedTable, Row, Table, When
from tarlatamab_rules.formats.canonical import about, answer_document, axis_keys, canonical_json, plain
from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["jdm", "jdm_of_book"]

Rule: TypeAlias = tuple[When, Mapping[str, Any], str]
"""The conditions of a rule, its value for each output, and its sentence."""


def jdm_of_book(book: Rulebook) -> dict[str, dict[str, Any]]:
    """A graph for every question of a book, by the name and the subject of the question."""
    return {f"{question.name}: {about(question)}": jdm(book[question]) for question in book.rows}


def jdm(table: Table[Any]) -> dict[str, Any]:
    """A table as a graph of three nodes: the facts, the decision table, and its answer.

    The rules of a single book give ``row`` and ``value``, which is null if the source leaves the answer open. Under COLLECT every rule that
    fits gives its own value, for the reader to join. The rules of several books give the whole answer, as a vector has it.
    """
    joined = isinstance(table, JoinedTable)
    rules = list(_of_cells(table)) if joined else [_of_row(row) for row in table.rows]
    collect = table.question.fold is not None and not joined
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            _node("facts", "inputNode", 0),
            _node("table", "decisionTableNode", 1) | {"content": _content(table, rules, "collect" if collect else "first")},
            _node("answer", "outputNode", 2),
        ],
        "edges": [_edge("facts", "table"), _edge("table", "answer")],
    }


def _of_row(row: Row[Any]) -> Rule:
    return row.when, {"row": row.id, "value": plain(row.then)}, row.says


def _of_cells(table: Table[Any]) -> Iterator[Rule]:
    """Every answer, with the conditions under which it holds."""
    cells: dict[str, list[tuple[int, ...]]] = {}
    for cell, answer in table.answers.items():
        cells.setdefault(canonical_json(answer_document(answer)), []).append(cell)
    for of_answer in cells.values():
        answer = table.answers[of_answer[0]]
        says = " ".join(dict.fromkeys(reason.says for reason in answer.reasons))
        yield from ((when, answer_document(answer), says) for when in conditions(table, of_answer))


def _node(name: str, kind: str, place: int) -> dict[str, Any]:
    return {"id": name, "name": name, "type": kind, "position": {"x": 320 * place, "y": 0}}


def _edge(source: str, target: str) -> dict[str, Any]:
    return {"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"}


def _content(table: Table[Any], rules: Sequence[Rule], hit_policy: str) -> dict[str, Any]:
    question = table.question
    inputs = list(zip(axis_keys(question), question.axes, strict=True))
    outputs = list(rules[0][1])
    return {
        "hitPolicy": hit_policy,
        "inputs": [{"id": f"if-{key}", "name": axis.title or axis.fact, "field": key} for key, axis in inputs],
        "outputs": [{"id": f"then-{name}", "name": name, "field": name} for name in outputs],
        "rules": [
            {"_id": str(n), "_description": says}
            | {f"if-{key}": _unary(axis, when[axis]) if axis in when else "" for key, axis in inputs}
            | {f"then-{name}": _literal(then[name]) for name in outputs}
            for n, (when, then, says) in enumerate(rules)
        ],
    }


def _unary(axis: Axis, condition: Condition) -> str:
    """A condition in the syntax of the engine; empty for any value."""
    if isinstance(axis, Bands):
        return _span(condition if isinstance(condition, Interval) else Interval(condition, condition))
    members = condition if isinstance(condition, frozenset) else {condition}
    return ", ".join(_literal(plain(member)) for member in axis.members if member in members)


def _span(span: Interval) -> str:
    low, high = plain(span.low), plain(span.high)
    if span.low == -inf and span.high == inf:
        return ""
    if span.high == inf:
        return f"{'>' if span.low_open else '>='} {low}"
    if span.low == -inf:
        return f"{'<' if span.high_open else '<='} {high}"
    return f"{low}" if low == high else f"{'(' if span.low_open else '['}{low}..{high}{')' if span.high_open else ']'}"


def _literal(value: Any) -> str:  # noqa: ANN401  # whatever JSON can hold
    """A JSON value in the language of the engine. Its strings have no escapes, so a quotation mark is put in marks of the other kind."""
    if isinstance(value, str):
        return " + '\"' + ".join(f'"{part}"' for part in value.split('"'))
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_literal(key)}: {_literal(part)}' for key, part in value.items())}}}"
    return canonical_json(value)

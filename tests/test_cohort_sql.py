"""Statements of SQL made from tables: run in DuckDB, they answer as the tables do."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import product
from math import inf, isfinite, isinf, nan, prod
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from helpers import DEFAULT
from tarlatamab_rules import rulebooks
from tarlatamab_rules.cohort.sql.statement import sql_questions, sql_statement
from tarlatamab_rules.core.axes import Cuts, Groups
from tarlatamab_rules.core.decisions import Decided, NeedsData
from tarlatamab_rules.core.errors import ContradictionError, FieldError, UnknownRulebookError
from tarlatamab_rules.core.tables import Table
from tarlatamab_rules.formats.canonical import about, axis_keys, plain
from tarlatamab_rules.formats.vectors import corners
from tarlatamab_rules.rulebooks.questions import DRUG_INDUCED_LIVER_INJURY

STACKS = (DEFAULT, "strictest of eu-2026, us-2025-11")
MOST = 1000
"""How many combinations of facts of one question are tried."""


def values(axis: Groups | Cuts) -> list[Any]:
    """The first and the last fact of each code, not known, what is not on the axis, and numbers just beside a cut."""
    ends = [end for code in range(len(axis)) for end in corners(axis, code)]
    if isinstance(axis, Groups):
        return [*dict.fromkeys(ends), None]
    found: list[Any] = [*ends, None, nan, inf, -1.0]
    for cut in axis.cuts:
        if not isinf(cut):
            found += [cut * (1 + step) for step in (-3e-15, -4e-16, 4e-16, 3e-15)] if not axis.axis.whole else [cut - 1, cut, cut + 0.5]
    return found


def expected(table: Table[Any], facts: tuple[Any, ...]) -> tuple[str, Any, list[str], list[str]]:
    """What the table says of facts: numbers are rounded to 15 digits first, as every quantity is."""
    rounded = []
    for axis, fact in zip(table.axes, facts, strict=True):
        value = fact
        if isinstance(axis, Cuts) and isinstance(fact, int | float):
            value = float(f"{fact:.15g}")
            if not isfinite(value) or not axis.cuts[0] <= value < axis.cuts[-1] or (axis.axis.whole and value != int(value)):
                return "refused", None, [], []
            value = int(value) if axis.axis.whole else value
        rounded.append(value)
    try:
        answer = table.worked_out(tuple(rounded))
    except ContradictionError:
        return "refused", None, [], []
    kind = "decided" if isinstance(answer, Decided) else "needs-data" if isinstance(answer, NeedsData) else "not-covered"
    value = [plain(item) for item in answer.possible] if isinstance(answer, NeedsData) else plain(answer.possible[0])
    return kind, value, list(dict.fromkeys(reason.row for reason in answer.reasons)), list(answer.missing)


def differences(book: str) -> Iterator[str]:
    """Each row for which the statement and the table differ."""
    for question in rulebooks.get(book).rows:
        table = rulebooks.get(book)[question]
        combinations = some([values(axis) for axis in table.axes])
        keys = axis_keys(question)
        facts = pa.table({key: pa.array(_column(list(column))) for key, column in zip(keys, zip(*combinations, strict=True), strict=True)})
        with duckdb.connect() as database:
            database.register("facts", facts)
            found = answered(sql_statement(question.name, about(question), rulebook=book), database)
        assert len(found) == len(combinations)
        for row in found:
            asked = tuple(row[key] for key in keys)
            lists = [row[name].split(", ") if row[name] else [] for name in ("answer_rows", "answer_missing")]
            got = row["answer"], json.loads(row["answer_value"] or "null"), *lists
            if tuple(got) != expected(table, asked):
                yield f"{question.title}, {dict(zip(keys, asked, strict=True))}: {got}, not {expected(table, asked)}"


def answered(statement: str, database: Any = duckdb) -> list[dict[str, Any]]:
    """The rows that a statement gives."""
    rows: list[dict[str, Any]] = database.sql(statement).to_arrow_table().to_pylist()
    return rows


def some(choices: list[list[Any]]) -> list[tuple[Any, ...]]:
    """All combinations, or a sample of them; each value occurs."""
    if prod(map(len, choices)) <= MOST:
        return list(product(*choices))
    chance = random.Random(20261128)  # noqa: S311  # a sample
    return [tuple(chance.choice(values) for values in choices) for _ in range(MOST)]


def _column(column: list[Any]) -> list[Any]:
    """Numbers of one type, as a database holds them."""
    plain_numbers = [value for value in column if value is not None]
    return [None if v is None else float(v) for v in column] if any(isinstance(v, float) for v in plain_numbers) else column


@pytest.mark.parametrize("book", ["steroid-equivalence", pytest.param("ctcae-5.0", marks=pytest.mark.thorough)])
def test_as_the_table(book: str) -> None:
    """Every cell of every table, facts that are not known, numbers beside a cut, and what is not on an axis: the same answer."""
    assert list(differences(book)) == []


@pytest.mark.thorough
@pytest.mark.parametrize("book", [*(name for name in rulebooks.names() if name not in {"steroid-equivalence", "ctcae-5.0"}), *STACKS])
def test_as_the_table_of_every_book(book: str) -> None:
    """The same for every other book, and for stacks."""
    assert list(differences(book)) == []


def test_quotients_count_at_15_digits() -> None:
    """A quotient that a database works out with an error in the last digit is on the side on which the library sees it."""
    quotient = 0.3 / 0.1  # 2.9999999999999996, which is 3 at 15 digits
    facts = f"(SELECT {quotient!r} AS alt_or_ast, 2.0 AS bilirubin, false AS other_cause, NULL AS alt_or_ast_rise, NULL AS bilirubin_rise)"
    (row,) = answered(sql_statement("liver_injury", rulebook="us-2025-11", facts=facts))
    table = rulebooks.get("us-2025-11")[DRUG_INDUCED_LIVER_INJURY]
    assert row["answer_rows"] == ", ".join(reason.row for reason in table(3.0, 2.0, False, None, None).reasons)


def test_a_subquery() -> None:
    """The facts may come from a query."""
    statement = sql_statement("next_dose", facts="(SELECT 'later' AS course, 14 AS days)")
    (row,) = answered(statement)
    assert (row["answer"], json.loads(row["answer_value"])["amount"]["value"]) == ("decided", 10)


def test_questions_are_listed() -> None:
    """Every question of a book is listed, and each has a statement with its head."""
    assert ("next_dose", "course, days") in sql_questions()
    for name, subject in sql_questions("precautions-2025-09"):
        assert sql_statement(name, subject, rulebook="precautions-2025-09").startswith(f"-- {name}, {subject}, by precautions-2025-09\n")


def test_refused() -> None:
    """A question that is not there, or that is not named alone, is refused with what to write."""
    with pytest.raises(FieldError, match="did you mean next_dose"):
        sql_statement("next_doze")
    with pytest.raises(FieldError, match=r"see cohort\.sql_questions\(\)"):
        sql_statement("zzz")
    with pytest.raises(FieldError, match=r"toxicity_action of us-2025-11 is about .*icans.*; name one of them"):
        sql_statement("toxicity_action", rulebook="us-2025-11")
    with pytest.raises(FieldError, match="name one of them"):
        sql_statement("next_dose", "icans")
    with pytest.raises(UnknownRulebookError):
        sql_statement("next_dose", rulebook="us-2099")


def test_a_subquery_of_several_lines() -> None:
    """A subquery with line breaks is one line in the head of the statement, so that nothing of it runs as a line of its own."""
    head, _, statement = sql_statement("next_dose", facts="(\n  SELECT * FROM registry\n)").partition("WITH coded")
    assert "-- Reads ( SELECT * FROM registry ), one case a row." in head
    assert all(line.startswith("--") for line in head.splitlines())
    assert "FROM (\n  SELECT * FROM registry\n) AS facts" in statement

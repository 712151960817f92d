"""A frame beside the scalar function: where any column of any row differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pyarrow as pa

from cohort_rows import columns_of_rows
from tarlatamab_rules import rulebooks
from tarlatamab_rules.cohort import assess
from tarlatamab_rules.cohort.frames.answers import RowAnswer, parts_of
from tarlatamab_rules.cohort.frames.loading import load
from tarlatamab_rules.cohort.frames.scalar import Asked, Fault
from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.policy import Row
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.facts import GRADE, POINT, points
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.rules.labs import lab_age
from tarlatamab_rules.values.toxicities import ToxicityAction

_ROW = Row(
    id="OWN-1",
    when={GRADE: frozenset((Grade.MODERATE, Grade.SEVERE, Grade.LIFE_THREATENING)), POINT: points("C1D8", "C2D1")},
    then=ToxicityAction(DoseAction.WITHHOLD),
    says="Anemia of grade 2 to 4 holds the doses C1D8 to C2D1.",
)
POLICY = rulebooks.default().overlay("own-policy", {TOXICITY_ACTION[Toxicity.ANEMIA]: (_ROW,)})
"""A policy of one's own, which tells numbers of doses and grades apart that no book does."""


def compared(rows: Sequence[dict[str, Any]], kind: str = "arrow", **choices: Any) -> tuple[list[str], Mapping[str, int]]:
    """The differences between the frame of some rows and the scalar function, in words; and the report of the frame."""
    columns = columns_of_rows(list(rows))
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    frame: Any = {"arrow": lambda: table, "polars": lambda: pl.from_arrow(table), "pandas": table.to_pandas}[kind]()
    assessed = assess(frame, **choices)
    answers = _as_rows(assessed.frame)
    asked = Asked(
        resolve(choices.get("rulebook")),
        lab_age(choices.get("max_lab_age"), "max_lab_age"),
        choices.get("site_zone"),
        choices.get("units") or {},
    )
    loaded, parts, differences = load(frame), parts_of(columns), []
    for n, row in enumerate(rows):
        wanted = expected(asked.answer(loaded.row(n)), parts)
        differing = {name: (value, answers[n][name]) for name, value in wanted.items() if answers[n][name] != value}
        if differing:
            differences.append(f"row {n}, {answers[n]['way']}: {differing}; {row}")
    return differences, assessed.report


def expected(answer: RowAnswer | Fault, parts: Sequence[str]) -> dict[str, str | None]:
    """The columns of a row, by the scalar answer."""
    if isinstance(answer, Fault):
        names = ["verdict", "missing", "dissent", *parts, *(f"{part}.rows" for part in parts)]
        return {**dict.fromkeys(names), "fault": answer.says}
    wanted: dict[str, str | None] = {
        "verdict": str(answer.verdict),
        "missing": ", ".join(answer.missing),
        "dissent": ", ".join(answer.dissent),
        "fault": None,
    }
    for name in parts:
        part = answer.parts.get(name)
        wanted[name] = None if part is None or part.verdict is None else str(part.verdict)
        wanted[f"{name}.rows"] = None if part is None or part.verdict is None else ", ".join(part.rows)
    return wanted


def _as_rows(frame: Any) -> list[dict[str, Any]]:
    if isinstance(frame, pl.DataFrame):
        frame = frame.to_arrow()
    table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows

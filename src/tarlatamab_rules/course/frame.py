"""A plan as a pandas DataFrame: one row an entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

try:
    import pandas as pd
except ImportError as _missing:
    msg = "a data frame needs pandas: pip install pandas"
    raise ImportError(msg, name=_missing.name) from _missing

if TYPE_CHECKING:
    from tarlatamab_rules.course.entries import PlanEntry

__all__ = ["COLUMNS", "frame_of"]

COLUMNS = (
    "kind",
    "dose",
    "role",
    "start",
    "end_from",
    "end",
    "deadline",
    "anchor",
    "what",
    "amount",
    "route",
    "modality",
    "says",
    "condition",
    "otherwise",
    "given",
    "sources",
    "disagreements",
)


def frame_of(entries: Iterable[PlanEntry]) -> pd.DataFrame:
    """One row an entry. Dates, moments and numbers stay what they are; words are text, and what is not known is ``None``."""
    return pd.DataFrame([_row(entry) for entry in entries], columns=list(COLUMNS), dtype=object)


def _row(entry: PlanEntry) -> dict[str, Any]:
    dose = None if entry.point is None else str(entry.point)
    words = {name: None if (value := getattr(entry, name)) is None else str(value) for name in _WORDS}
    times = {name: getattr(entry, name) for name in ("start", "end_from", "end", "deadline", "given", "what", "says", "condition")}
    return (
        words
        | times
        | {
            "dose": dose,
            "otherwise": " OR ".join(entry.otherwise),
            "sources": "; ".join(entry.sources),
            "disagreements": " | ".join(entry.disagreements),
        }
    )


_WORDS = ("kind", "role", "anchor", "amount", "route", "modality")

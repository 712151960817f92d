"""Every situation of a registry, judged once by the scalar function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.coding import Array, grouped
from tarlatamab_rules.cohort.situations import Situations, slot_of
from tarlatamab_rules.cohort.votes import PartAnswer, part_answers
from tarlatamab_rules.core.errors import FieldError

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.cohort.doses import Person, Sees

__all__ = ["JudgedParts", "judge_situations"]


@frozen(eq=False)
class JudgedParts:
    """The answers of situations.

    Attributes:
        parts: For each part the rows of the doses on which it may vote, its answers, and the place of the answer of each row.

        failed: Whether a situation of a dose could not be judged, so that the dose is assessed by itself.

        report: How many situations were judged, by slot, and how many of these have no plain form.
    """

    parts: Mapping[str, tuple[Array, tuple[PartAnswer | None, ...], Array]]
    failed: Array
    report: Mapping[str, int]


def judge_situations(
    situations: Situations, rows: Array, assess: Callable[[int, Sees, Person | None], tuple[DoseAssessment, Person]]
) -> JudgedParts:
    """The answers of all situations of some doses. *assess* assesses a dose from what a part sees; it gets the last patient back."""
    tasks: list[tuple[int, str, int]] = []
    places: dict[str, tuple[Array, Array]] = {}
    answers: dict[str, list[dict[str, PartAnswer] | None]] = {}
    report: Counter[str] = Counter()
    for name, slot in situations.slots.items():
        at = rows[slot.code[rows] >= 0]
        first, which = grouped(slot.code[at])
        places[name], answers[name] = (at, which), [None] * len(first)
        tasks += [(int(row), name, n) for n, row in enumerate(at[first].tolist())]
        report[f"situations of {name}"] = len(first)
        report[f"situations of {name} without a plain form"] = int(slot.hard[at[first]].sum())
    person: Person | None = None
    for row, name, n in _shown(sorted(tasks)):
        try:
            assessment, person = assess(row, situations.slots[name].sees, person)
        except FieldError:
            continue
        answers[name][n] = {part: answer for part, answer in part_answers(assessment).items() if slot_of(part) == name}
    parts: dict[str, tuple[Array, tuple[PartAnswer | None, ...], Array]] = {}
    failed = np.zeros(len(next(iter(situations.slots.values())).code), bool)
    for name, listed in answers.items():
        at, which = places[name]
        missing = np.array([answer is None for answer in listed], bool)
        failed[at[missing[which]]] = True
        for part in dict.fromkeys(part for answer in listed if answer for part in answer):
            parts[part] = at, tuple([(answer or {}).get(part) for answer in listed]), which
    return JudgedParts(parts, failed, report)


def _shown(tasks: list[Any]) -> Iterable[Any]:
    """The tasks, with a progress bar on a terminal if tqdm is installed."""
    try:
        from tqdm import tqdm  # noqa: PLC0415  # only long work needs it
    except ImportError:
        return tasks
    bar: Iterable[Any] = tqdm(tasks, "situations", disable=None, leave=False)
    return bar

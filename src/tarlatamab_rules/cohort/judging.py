"""Every situation of a registry, judged once by the scalar function."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.coding import Array, grouped, sets_of
from tarlatamab_rules.cohort.episodes import TOXICITIES
from tarlatamab_rules.cohort.situations import EpisodeSlot, Situations, slot_of
from tarlatamab_rules.cohort.votes import PartAnswer, episode_answer, joined_answers, part_answers
from tarlatamab_rules.core.errors import FieldError

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.cohort.doses import Person, Sees

__all__ = ["JudgedParts", "judge_situations"]

Assess: TypeAlias = "Callable[[int, Sees, Person | None], tuple[DoseAssessment, Person]]"
"""Assesses a dose from what a part of it sees. It gets the last patient, and gives back the patient."""
Part: TypeAlias = tuple[Array, tuple[PartAnswer | None, ...], Array]
"""The rows of the doses on which a part may vote, its answers, and the place of the answer of each row."""
Parts: TypeAlias = dict[str, Part]


@frozen(eq=False)
class JudgedParts:
    """The answers of situations.

    Attributes:
        parts: For each part the rows of the doses on which it may vote, its answers, and the place of the answer of each row.

        failed: Whether a situation of a dose could not be judged, so that the dose is assessed by itself.

        report: How many situations were judged, by slot, and how many of these have no plain form.
    """

    parts: Mapping[str, Part]
    failed: Array
    report: Mapping[str, int]


def judge_situations(
    situations: Situations, rows: Array, assess: Assess
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
    parts: Parts = {}
    failed = np.zeros(len(next(iter(situations.slots.values())).code), bool)
    for name, listed in answers.items():
        at, which = places[name]
        missing = np.array([answer is None for answer in listed], bool)
        failed[at[missing[which]]] = True
        for part in dict.fromkeys(part for answer in listed if answer for part in answer):
            parts[part] = at, tuple([(answer or {}).get(part) for answer in listed]), which
    if situations.episodes is not None:
        _judge_episodes(situations.episodes, rows, assess, parts, failed, report)
    return JudgedParts(parts, failed, report)


def _judge_episodes(  # noqa: PLR0913, PLR0917  # what is filled
    slot: EpisodeSlot, rows: Array, assess: Assess, parts: Parts, failed: Array, report: Counter[str]
) -> None:
    """The answers of all episodes, joined for each dose and toxicity."""
    wanted = np.zeros(len(failed), bool)
    wanted[rows] = True
    at = np.flatnonzero(wanted[slot.dose] & (slot.code >= 0))
    first, which = grouped(slot.code[at])
    tasks = sorted([(int(slot.dose[pair]), int(slot.event[pair]), n, int(slot.toxicity[pair])) for n, pair in enumerate(at[first].tolist())])
    report["situations of episodes"] = len(tasks)
    report["situations of episodes without a plain form"] = int(slot.hard[at[first]].sum())
    answers: list[PartAnswer | None] = [None] * len(first)
    person: Person | None = None
    for row, event, n, toxicity in _shown(tasks):
        try:
            assessment, person = assess(row, slot.sees[toxicity], person)
        except FieldError:
            continue
        answers[n] = episode_answer(assessment, person.place_of(event, row, slot.sees[toxicity]))
    lacking = np.array([answer is None for answer in answers], bool)
    failed[slot.dose[at[lacking[which]]]] = True
    for place, toxicity in enumerate(TOXICITIES):
        some = np.flatnonzero(slot.toxicity[at] == place)
        if not len(some):
            continue
        distinct, code = _distinct(answers, which[some])
        sets, listed = sets_of(slot.dose[at[some]], code, len(failed))
        on = np.flatnonzero(sets >= 0)
        joined = tuple([joined_answers([answer for n in members if (answer := distinct[n]) is not None]) for members in listed])
        parts[f"events.{toxicity}"] = _added(parts.get(f"events.{toxicity}"), on, joined, sets[on])


def _distinct(answers: list[PartAnswer | None], which: Array) -> tuple[list[PartAnswer | None], Array]:
    """The distinct answers, and the place of the answer of each pair."""
    known: dict[PartAnswer | None, int] = {}
    table = np.array([known.setdefault(answer, len(known)) for answer in answers])
    return list(known), table[which]


def _added(part: Part | None, rows: Array, answers: tuple[PartAnswer | None, ...], which: Array) -> Part:
    """The answers of some more doses. Those of doses with current findings stand already, where the part votes."""
    if part is None:
        return rows, answers, which
    return np.concatenate([rows, part[0]]), (*answers, *part[1]), np.concatenate([which, part[2] + len(answers)])


def _shown(tasks: list[Any]) -> Iterable[Any]:
    """The tasks, with a progress bar on a terminal if tqdm is installed."""
    try:
        from tqdm import tqdm  # noqa: PLC0415  # only long work needs it
    except ImportError:
        return tasks
    bar: Iterable[Any] = tqdm(tasks, "situations", disable=None, leave=False)
    return bar

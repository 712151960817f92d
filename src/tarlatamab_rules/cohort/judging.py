"""Every situation of a registry, judged once by the scalar function."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from multiprocessing import get_context
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
from attrs import frozen

from tarlatamab_rules.cohort.coding import Array, grouped, sets_of
from tarlatamab_rules.cohort.episodes import TOXICITIES
from tarlatamab_rules.cohort.progress import counted
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

        failed: The doses of which a situation could not be judged, so that they are assessed by themselves.

        report: How many situations were judged, by slot, and how many of these have no plain form.
    """

    parts: Mapping[str, Part]
    failed: Array
    report: Mapping[str, int]


def judge_situations(situations: Situations, rows: Array, assess: Assess, workers: int = 1) -> JudgedParts:
    """The answers of all situations of some doses.

    Args:
        situations: The situations.

        rows: The doses.

        assess: Assesses a dose from what a part of it sees.

        workers: How many processes share the work.
    """
    report: Counter[str] = Counter()
    tasks: list[_Task] = []
    places: dict[str, tuple[Array, Array, int]] = {}
    for name, slot in situations.slots.items():
        at = rows[slot.code[rows] >= 0]
        first, which = grouped(slot.code[at])
        places[name] = at, which, len(tasks)
        tasks += [_Task(row, NONE, name, slot.sees) for row in at[first].tolist()]
        report[f"situations of {name}"] = len(first)
        report[f"situations of {name} of one patient"] = int(slot.hard[at[first]].sum())
    places[_EPISODES], more = _episode_tasks(situations.episodes, rows, len(tasks), report)
    tasks += more
    answers = _answered(tasks, assess, workers)
    failed = np.zeros(int(rows.max(initial=-1)) + 1, bool)
    parts: Parts = {}
    for name, (at, which, begin) in places.items():
        listed = answers[begin : begin + int(which.max(initial=-1)) + 1]
        lacking = np.array([answer is None for answer in listed], bool)
        if name == _EPISODES:
            if situations.episodes is not None:
                failed[situations.episodes.dose[at[lacking[which]]]] = True
                _join_episodes(situations.episodes, at, which, [(answer or {}).get(_EPISODES) for answer in listed], parts)
            continue
        failed[at[lacking[which]]] = True
        for part in dict.fromkeys(part for answer in listed if answer for part in answer):
            parts[part] = at, tuple([(answer or {}).get(part) for answer in listed]), which
    return JudgedParts(parts, np.flatnonzero(failed), report)


_EPISODES: Final = "episodes"
NONE: Final = -1


class _Task(NamedTuple):
    """One situation to be judged, on the first dose that has it."""

    row: int
    event: int
    slot: str
    sees: Sees


def _episode_tasks(slot: EpisodeSlot | None, rows: Array, begin: int, report: Counter[str]) -> tuple[tuple[Array, Array, int], list[_Task]]:
    """The situations of episodes: the pairs, the situation of each, and what to judge."""
    if slot is None:
        return (rows[:0], rows[:0], begin), []
    wanted = np.zeros(int(max(rows.max(initial=-1), slot.dose.max(initial=-1))) + 1, bool)
    wanted[rows] = True
    at = np.flatnonzero(wanted[slot.dose] & (slot.code >= 0))
    first, which = grouped(slot.code[at])
    pairs = at[first]
    report["situations of episodes"] = len(pairs)
    report["situations of episodes of one patient"] = int(slot.hard[pairs].sum())
    tasks = [_Task(int(slot.dose[pair]), int(slot.event[pair]), _EPISODES, slot.sees[slot.toxicity[pair]]) for pair in pairs.tolist()]
    return (at, which, begin), tasks


def _join_episodes(slot: EpisodeSlot, at: Array, which: Array, answers: list[PartAnswer | None], parts: Parts) -> None:
    """The answers of all episodes of each dose and toxicity as one."""
    doses = int(slot.dose.max(initial=-1)) + 1
    for place, toxicity in enumerate(TOXICITIES):
        some = np.flatnonzero(slot.toxicity[at] == place)
        if not len(some):
            continue
        distinct, code = _distinct(answers, which[some])
        sets, listed = sets_of(slot.dose[at[some]], code, doses)
        on = np.flatnonzero(sets >= 0)
        joined = tuple([joined_answers([answer for n in members if (answer := distinct[n]) is not None]) for members in listed])
        parts[f"events.{toxicity}"] = _added(parts.get(f"events.{toxicity}"), on, joined, sets[on])


_Answer: TypeAlias = "dict[str, PartAnswer] | None"


def _answered(tasks: list[_Task], assess: Assess, workers: int) -> list[_Answer]:
    """The answers of some tasks, in their order. Those of one patient are done together."""
    order = sorted(range(len(tasks)), key=lambda n: tasks[n].row)
    pieces = [order[n : n + _PIECE] for n in range(0, len(order), _PIECE)]
    job = _Job(tasks, assess)
    answers: list[_Answer] = [None] * len(tasks)
    with _pool(job, workers) as answered:
        for piece, done in zip(pieces, counted(answered(pieces), len(pieces), "situations"), strict=True):
            for n, answer in zip(piece, done, strict=True):
                answers[n] = answer
    return answers


_PIECE: Final = 64


@frozen(eq=False)
class _Job:
    """Tasks, and how to do them."""

    tasks: list[_Task]
    assess: Assess

    def __call__(self, piece: list[int]) -> list[_Answer]:
        """The answers of some tasks."""
        answers: list[_Answer] = []
        person: Person | None = None
        for n in piece:
            task = self.tasks[n]
            try:
                assessment, person = self.assess(task.row, task.sees, person)
            except FieldError:
                answers.append(None)
                continue
            if task.event >= 0:
                answers.append({_EPISODES: episode_answer(assessment, person.place_of(task.event, task.row, task.sees))})
            else:
                answers.append({part: answer for part, answer in part_answers(assessment).items() if slot_of(part) == task.slot})
        return answers


_jobs: list[_Job] = []
"""The job of this process, for the processes that it forks."""


def _forked(piece: list[int]) -> list[_Answer]:
    return _jobs[-1](piece)  # pragma: no cover  # runs in another process


@contextmanager
def _pool(job: _Job, workers: int) -> Generator[Callable[[list[list[int]]], Iterable[list[_Answer]]]]:
    """How pieces of a job are done: here, or in processes that share the memory of this one."""
    if workers <= 1:
        yield lambda pieces: map(job, pieces)
        return
    _jobs.append(job)
    try:
        with warnings.catch_warnings():
            # Python warns of threads that hold locks. The forked processes use none of the libraries that start threads.
            warnings.simplefilter("ignore", DeprecationWarning)
            pool = get_context("fork").Pool(workers)
        with pool:
            yield lambda pieces: pool.imap(_forked, pieces)
    finally:
        _jobs.pop()


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

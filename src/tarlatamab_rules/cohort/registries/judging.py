"""Every situation of a registry, judged once by the functions of the library that assess a single case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
from attrs import evolve, frozen

from tarlatamab_rules.assessment.assess import assess_case
from tarlatamab_rules.assessment.chart import chart_of
from tarlatamab_rules.assessment.dates import judge_dates
from tarlatamab_rules.assessment.events import judge_events
from tarlatamab_rules.assessment.febrile import febrile_neutropenia
from tarlatamab_rules.assessment.lab_liver import judge_liver
from tarlatamab_rules.assessment.labs import judge_labs
from tarlatamab_rules.assessment.votes import Judged, gathered
from tarlatamab_rules.cohort.registries.coding import Array, grouped, sets_of
from tarlatamab_rules.cohort.registries.episodes import TOXICITIES
from tarlatamab_rules.cohort.registries.slots import FEBRILE, LIVER, EpisodeSlot, Situations, is_of_results, slot_of
from tarlatamab_rules.cohort.registries.votes import answers_of, episode_answer, joined_answers, part_answers
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.inputs.case import readings_of
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.assessment.chart import Chart
    from tarlatamab_rules.assessment.votes import AssessedToxicity, Vote
    from tarlatamab_rules.cohort.frames.answers import PartAnswer
    from tarlatamab_rules.cohort.registries.asking import Asked
    from tarlatamab_rules.cohort.registries.doses import Person, Sees
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Judge", "JudgedParts"]

Part: TypeAlias = "tuple[Array, tuple[PartAnswer | None, ...], Array]"
"""The rows of the doses on which a part may vote, its answers, and the place of the answer of each row."""
Parts: TypeAlias = dict[str, Part]
_Answer: TypeAlias = "Mapping[str, PartAnswer] | None"
_EPISODES: Final = "episodes"
NONE: Final = -1
LABS: Final = "labs"
DATES: Final = "dates"


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


class _Task(NamedTuple):
    """One situation to be judged, on the first dose that has it."""

    row: int
    event: int
    slot: str
    sees: Sees


class _Wanted(NamedTuple):
    """The situations of a slot.

    Attributes:
        at: The doses, or the pairs of a dose and an event.

        which: The place of the situation of each.

        codes: The code of each situation.

        hard: Whether each has no plain form.

        tasks: How to judge each.
    """

    at: Array
    which: Array
    codes: list[int]
    hard: list[bool]
    tasks: list[_Task]


class Judge:
    """Judges situations, and remembers the answers of those that may come again, by slot and code."""

    def __init__(self) -> None:
        self._known: dict[str, dict[int, _Answer]] = {}

    def situations(self, situations: Situations, rows: Array, asked: Asked) -> JudgedParts:
        """The answers of all situations of some doses.

        Args:
            situations: The situations.

            rows: The doses.

            asked: The tables, the book, and the maximum age of results.
        """
        wanted = {name: _of_slot(name, slot.code, slot.hard, slot.sees, rows) for name, slot in situations.slots.items()}
        wanted[_EPISODES] = _of_episodes(situations.episodes, rows)
        report: Counter[str] = Counter()
        answers = self._answers(wanted, asked, report)
        failed = np.zeros(int(rows.max(initial=-1)) + 1, bool)
        parts: Parts = {}
        for name, (at, which, *_) in wanted.items():
            listed = answers[name]
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

    def _answers(self, wanted: Mapping[str, _Wanted], asked: Asked, report: Counter[str]) -> dict[str, list[_Answer]]:
        """The answer of each situation of each slot. Those of one patient are judged together."""
        answers: dict[str, list[_Answer]] = {}
        open_: list[tuple[_Task, int, bool, int]] = []
        for name, of in wanted.items():
            known = self._known.setdefault(name, {})
            answers[name] = [known.get(code) for code in of.codes]
            more = [
                (task, code, hard, n)
                for n, (task, code, hard) in enumerate(zip(of.tasks, of.codes, of.hard, strict=True))
                if code not in known
            ]
            report[f"situations of {name}"] += len(more)
            report[f"situations of {name} of one patient"] += sum(hard for _, _, hard, _ in more)
            open_ += more
        person: Person | None = None
        for task, code, hard, n in sorted(open_, key=lambda item: item[0].row):
            patient = int(asked.registry.doses.patient[task.row])
            person = person if person is not None and person.row == patient else asked.registry.person(patient, at_site=True)
            answer = answers[task.slot][n] = _judged(task, person, asked)
            if not hard:
                self._known[task.slot][code] = answer
        return answers


def _of_slot(name: str, code: Array, hard: Array, sees: Sees, rows: Array) -> _Wanted:
    """The situations of a part of some doses."""
    at = rows[code[rows] >= 0]
    first, which = grouped(code[at])
    tasks = [_Task(row, NONE, name, sees) for row in at[first].tolist()]
    return _Wanted(at, which, code[at[first]].tolist(), hard[at[first]].tolist(), tasks)


def _of_episodes(slot: EpisodeSlot | None, rows: Array) -> _Wanted:
    """The situations of the episodes that some doses see."""
    if slot is None:
        return _Wanted(rows[:0], rows[:0], [], [], [])
    wanted = np.zeros(int(max(rows.max(initial=-1), slot.dose.max(initial=-1))) + 1, bool)
    wanted[rows] = True
    at = np.flatnonzero(wanted[slot.dose] & (slot.code >= 0))
    first, which = grouped(slot.code[at])
    pairs = at[first]
    tasks = [_Task(int(slot.dose[pair]), int(slot.event[pair]), _EPISODES, slot.sees[slot.toxicity[pair]]) for pair in pairs.tolist()]
    return _Wanted(at, which, slot.code[pairs].tolist(), slot.hard[pairs].tolist(), tasks)


def _judged(task: _Task, person: Person, asked: Asked) -> _Answer:
    """The answer of a situation; ``None`` if the case is refused."""
    row, sees = task.row, task.sees
    try:
        case, age = person.case(row, sees), lab_age(asked.age(row), "max_lab_age")
        some = _some(task.slot, case, age, asked.book)
        if some is None:
            whole = assess_case(case, max_lab_age=age, rulebook=asked.book)
            if task.event < 0:
                return {part: answer for part, answer in part_answers(whole).items() if slot_of(part) == task.slot}
            some = whole.votes, whole.toxicities
    except FieldError:
        return None
    votes, toxicities = some
    if task.event >= 0:
        return {_EPISODES: episode_answer(votes, toxicities, case, person.place_of(task.event, row, sees))}
    return {part: answer for part, answer in answers_of(votes, toxicities, case).items() if slot_of(part) == task.slot}


def _some(slot: str, case: Case, age: timedelta | None, book: Rulebook) -> tuple[tuple[Vote, ...], tuple[AssessedToxicity, ...]] | None:
    """The votes and the toxicities of the results, the events or the dates; ``None`` if only a whole assessment shows them."""
    if not is_of_results(slot) and slot not in {_EPISODES, DATES}:
        return None
    readings = readings_of(case)
    if len(readings) != 1:
        return None
    chart = chart_of(readings[0], book, age)
    if chart.planned.untreated:  # what would stop the drug means that it is not begun
        return None
    if slot == DATES:
        return judge_dates(chart).votes, ()
    if slot != LABS:  # the results that the part does not see are not missing
        seen = {lab.analyte for lab in case.labs or ()} | {slot.partition(".")[2]}
        chart = evolve(chart, labs=tuple([labs for labs in chart.labs if labs.analyte in seen]), standings=())
    judged = _OF_SEVERAL[slot](chart) if slot in _OF_SEVERAL else judge_labs(chart) if slot != _EPISODES or chart.labs else Judged()
    judged = judge_events(chart, judged.episodes) if slot == _EPISODES else judged
    return judged.votes, judged.toxicities


_OF_SEVERAL: Final[Mapping[str, Callable[[Chart], Judged]]] = {
    LIVER: lambda chart: gathered((Judged(), *judge_liver(chart))),
    FEBRILE: lambda chart: gathered((Judged(), *febrile_neutropenia(chart))),
}
"""What judges two kinds of facts together, without what each of them shows alone."""


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
        known = [[answer for n in members if (answer := distinct[n]) is not None] for members in listed]
        joined = tuple([joined_answers(some) if some else None for some in known])
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

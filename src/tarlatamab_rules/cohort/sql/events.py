"""Reported episodes, in SQL: those with a grade, a date of onset and a known end, which no result and no finding bears on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from tarlatamab_rules.cohort.frames.columns import COLUMNS, prefix_of
from tarlatamab_rules.cohort.sql.text import action_cell, code_of, name_of, quoted, relation
from tarlatamab_rules.core.decisions import DoseAction, Verdict
from tarlatamab_rules.core.errors import ContradictionError
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity
from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE, BEGAN_ROLE, BLEEDING, DAYS, EARLIER, GRADE, HELD, NOW, POINT, ROLE
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY, TOXICITY_ACTION
from tarlatamab_rules.rules.toxicity import clock_of

if TYPE_CHECKING:
    from tarlatamab_rules.core.axes import Axis, Cuts, Groups
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["BEGAN", "answers_about", "cells_of", "clocks", "columns_read", "events", "rank_of", "toxicities", "used_axes"]

_READ: Final = ("grade", "status", "onset", "resolved")
"""The facts of an episode that the script answers from. An episode with another one is left to the library."""
_APART: Final = frozenset((*LAB_TOXICITY.values(), Toxicity.OTHER, Toxicity.INFECTION, Toxicity.FEBRILE_NEUTROPENIA))
"""The toxicities on which results bear, or which bear on results or on the patient: they are left to the library."""
BEGAN: Final = frozenset((BEGAN_BEFORE, BEGAN_ROLE))


def toxicities(book: Rulebook) -> tuple[Toxicity, ...]:
    """The toxicities whose episodes the script answers."""
    return tuple([item for item in Toxicity if item not in _APART and not book[TOXICITY_ACTION[item]].asks & BEGAN])


def columns_read(book: Rulebook) -> frozenset[str]:
    """The columns of episodes that the script answers from."""
    parts = {f"events.{toxicity}" for toxicity in toxicities(book)}
    return frozenset(name for name, column in COLUMNS.items() if column.part in parts and column.fact in _READ)


_EPISODE: Final = """\
-- Episodes of {name}. Mirrors rules.toxicity._days and _now, for an episode that is active at its worst grade, or over. A clock waits for a
-- grade: while the episode is worse, it counts the days so far; else recovery took at most the days until its end.
{table}_reported AS MATERIALIZED (
  SELECT planned.dose_row, planned.number, planned.role, reported.grade, over, CASE WHEN over THEN {none} ELSE reported.grade END AS now,
    planned_start - onset AS held,
    CASE WHEN clock.at_most IS NULL THEN NULL WHEN NOT over AND reported.grade > clock.at_most THEN planned_start - onset
      ELSE 0 END AS days_from,
    CASE WHEN clock.at_most IS NULL THEN NULL WHEN NOT over AND reported.grade > clock.at_most THEN planned_start - onset
      ELSE COALESCE(resolved, planned_start) - onset END AS days_to,
    CASE
      WHEN planned.number = 1 THEN 'an episode before the first dose'
      WHEN events_reviewed IS NOT TRUE THEN 'it is not known whether the toxicities were reviewed'
      WHEN reported.grade IS NULL OR reported.grade NOT IN ({grades}) THEN 'no grade'
      WHEN onset IS NULL OR onset < first_day OR onset > planned_start THEN 'no onset between the first dose and the planned one'
      WHEN over IS NULL THEN 'not known whether it is over'
      WHEN resolved < onset OR resolved > planned_start THEN 'its end'
    END AS reported_left
  FROM (
    SELECT dose_row, {grade} AS grade, {onset} AS onset, {resolved} AS resolved,
      CASE WHEN {status} = {active} AND {resolved} IS NULL THEN FALSE
        WHEN {status} = {is_over} OR ({status} IS NULL AND {resolved} IS NOT NULL) THEN TRUE END AS over
    FROM typed WHERE {grade} IS NOT NULL OR {status} IS NOT NULL OR {onset} IS NOT NULL OR {resolved} IS NOT NULL
  ) AS reported
  JOIN planned ON planned.dose_row = reported.dose_row
  LEFT JOIN {table}_clocks AS clock ON clock.grade = reported.grade
),
-- Mirrors assessment.votes: verdicts_of and guards_of.
{table} AS MATERIALIZED (
  SELECT dose_row,
    CASE WHEN reported_left IS NOT NULL THEN {name_text} || ': ' || reported_left
      WHEN cell.answer IS NULL OR cell.answer = 'open'
        THEN {name_text} || ': the answer depends on a fact that is not known' END AS event_left,
    {rank} AS rank,
    list_concat(cell.rows, {guards}) AS rows
  FROM {table}_reported AS event
  LEFT JOIN {table}_cells AS cell ON {join}
)"""


def events(book: Rulebook) -> Iterator[str]:
    """The tables and steps of episodes."""
    for toxicity in toxicities(book):
        table, prefix = f"events_{prefix_of(toxicity)}", prefix_of(toxicity)
        used = used_axes(book, toxicity, (GRADE, NOW, DAYS, HELD, BLEEDING, POINT, ROLE))
        yield relation(f"{table}_clocks", {"grade": "INTEGER", "at_most": "INTEGER"}, clocks(book, toxicity))
        columns = {name: "INTEGER" for name, _ in used} | ANSWER
        yield relation(f"{table}_cells", columns, cells_of(book, toxicity, used))
        names = {fact: name_of(f"{prefix}_{fact}") for fact in _READ}
        yield _EPISODE.format(
            name=toxicity,
            table=table,
            name_text=quoted(str(toxicity)),
            none=int(Grade.NONE),
            grades=", ".join(str(int(grade)) for grade in sorted(grades_of(toxicity)) if grade > Grade.NONE),
            active=quoted(EventStatus.ACTIVE),
            is_over=quoted(EventStatus.RESOLVED),
            rank=rank_of("cell", "event.grade"),
            guards=_GUARDS,
            join=" AND ".join(_codes(used)),
            **names,
        )


ANSWER: Final = {"answer": "VARCHAR", "unsettled": "BOOLEAN", "rows": "VARCHAR[]"}
_GUARDS: Final = f"""CASE WHEN cell.unsettled THEN ['guard/unsettled']
      WHEN cell.answer = 'silent' AND event.grade >= {int(Grade.SEVERE)} THEN ['guard/severe'] ELSE CAST([] AS VARCHAR[]) END"""


def rank_of(cell: str, grade: str) -> str:
    """The rank of the verdict of a cell; NULL if it is open. Mirrors assessment.votes.verdicts_of."""
    by_action = {
        DoseAction.CONTINUE: Verdict.PROCEED,
        DoseAction.WITHHOLD: Verdict.WITHHOLD,
        DoseAction.DISCONTINUE: Verdict.DISCONTINUE,
    }
    tests = " ".join(f"WHEN {quoted(str(action))} THEN {verdict.rank}" for action, verdict in by_action.items())
    severe = f"CASE WHEN {grade} >= {int(Grade.SEVERE)} THEN {Verdict.NEEDS_ASSESSMENT.rank} ELSE {Verdict.PROCEED.rank} END"
    by_answer = f"CASE {cell}.answer {tests} WHEN 'silent' THEN {severe} END"
    assess = Verdict.NEEDS_ASSESSMENT.rank
    return f"CASE WHEN {cell}.unsettled AND {by_answer} < {assess} THEN {assess} ELSE {by_answer} END"


_FACTS: Final[dict[Axis, tuple[str, str]]] = {
    GRADE: ("grade", "event.grade"),
    NOW: ("now", "event.now"),
    HELD: ("held", "event.held"),
    BLEEDING: ("bleeding", "CASE WHEN event.over THEN FALSE END"),
    POINT: ("number", "event.number"),
    ROLE: ("role", "event.role"),
}
"""How the facts of an action are named, and taken from an episode. Without a report of bleeding, one that has resolved has none."""


def used_axes(book: Rulebook, toxicity: Toxicity, wanted: Iterable[Axis]) -> Sequence[tuple[str, Groups | Cuts]]:
    """Those of some facts along which the actions on a toxicity differ, each with its name and its axis."""
    table = book[TOXICITY_ACTION[toxicity]]
    axes = dict(zip(table.question.axes, table.axes, strict=True))
    return [("days" if axis is DAYS else _FACTS[axis][0], axes[axis]) for axis in wanted if len(axes[axis]) > 1]


def _codes(used: Sequence[tuple[str, Groups | Cuts]]) -> Iterator[str]:
    """The conditions that join an episode to its cell. An end that is known by its greatest possible value must lie in one band."""
    facts = dict(_FACTS.values())
    for name, axis in used:
        if name == "days":
            yield f"cell.days = {code_of(axis, 'event.days_from')} AND cell.days = {code_of(axis, 'event.days_to')}"
        else:
            yield f"cell.{name} = {code_of(axis, facts[name])}"


def cells_of(book: Rulebook, toxicity: Toxicity, used: Sequence[tuple[str, Groups | Cuts]], **fixed: Any) -> Iterator[tuple[object, ...]]:  # noqa: ANN401  # facts of any type
    """What a book does about a first episode, for each combination of codes of some facts; one code more for a fact that is not known.

    Args:
        book: The book.

        toxicity: The toxicity.

        used: The facts.

        fixed: Facts that are the same in all cells.
    """
    for codes in product(*(range(len(axis) + 1) for _, axis in used)):
        known = {name: axis.sample(code) if code < len(axis) else None for (name, axis), code in zip(used, codes, strict=True)}
        try:
            yield *codes, *answers_about(book, toxicity, **{**known, **fixed})
        except ContradictionError:
            continue


def answers_about(book: Rulebook, toxicity: Toxicity, **facts: Any) -> tuple[object, ...]:  # noqa: ANN401  # as above
    """What a book does about a first episode, as the columns of an answer."""
    table = book[TOXICITY_ACTION[toxicity]]
    named = {axis: facts.get("days" if axis is DAYS else _FACTS[axis][0]) for axis in table.question.axes if axis in _FACTS or axis is DAYS}
    cell = action_cell(table.worked_out(tuple([Grade.NONE if axis is EARLIER else named.get(axis) for axis in table.question.axes])))
    return cell.answer, cell.unsettled, cell.rows


def clocks(book: Rulebook, toxicity: Toxicity) -> Iterator[tuple[int, int | None]]:
    """The grade that the clock of each grade waits for."""
    for grade in sorted(grades_of(toxicity)):
        clock = clock_of(book, toxicity, grade)
        yield int(grade), None if clock is None else clock.at_most

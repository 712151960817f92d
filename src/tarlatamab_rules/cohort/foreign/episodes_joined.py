"""Rows of one episode as one event. Trials write a new row whenever the grade changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import groupby
from typing import Any

from attrs import evolve, frozen

from tarlatamab_rules.cohort.foreign.dates import day_of
from tarlatamab_rules.inputs.vocabulary import Toxicity

__all__ = ["Episode", "joined"]

_SEVERAL = frozenset((Toxicity.INFECTION, Toxicity.HEPATOTOXICITY, Toxicity.NEUROTOXICITY))
"""Toxicities that several terms belong to which are not the same."""
_DAY = timedelta(days=1)
_TIME = "2025-10-01T09:00:00"
"""A time without a UTC offset."""


@frozen
class Episode:
    """A row of events, or several rows of one episode. Days and times are texts in ISO 8601.

    Attributes:
        patient: The patient.

        toxicity: The toxicity.

        grade: The worst grade; ``None`` if it is not known.

        onset: When it began.

        resolved: When it ended.

        status: ``active``, ``resolved`` or ``unknown``; ``None`` if nothing is said.

        scale: The scale of the grade.

        current_grade: The grade now, of an active episode of several rows.

        other_cause: Whether something else explains it.

        term: What the source calls it, in lower case.

        until: When its row ended although it had not recovered, as where the grade changed.

        recovered: Whether the source says that it recovered.
    """

    patient: Any
    toxicity: str
    grade: int | None = None
    onset: str | None = None
    resolved: str | None = None
    status: str | None = None
    scale: str | None = None
    current_grade: int | None = None
    other_cause: bool | None = None
    term: str = ""
    until: str | None = None
    recovered: bool = False


def joined(rows: Iterable[Episode]) -> tuple[list[Episode], int]:
    """The episodes of these rows, and how many rows were joined to another one.

    Rows of one patient, toxicity and scale are one episode if each begins no later than the day after the one before has ended, or while
    it goes on. The worst grade counts, the first onset and the last end. A row without a grade or a date stays an event of its own, and so
    does a row of an unspecified toxicity (``other``), because two of these need not be the same. Of infections and other toxicities that
    comprise several terms, only rows of one term are joined.
    """
    keyed = sorted(rows, key=lambda row: (str(row.patient), row.toxicity, row.scale or "", _part(row), row.onset or ""))
    episodes: list[Episode] = []
    for _, group in groupby(keyed, key=lambda row: (row.patient, row.toxicity, row.scale, _part(row))):
        of_one: list[Episode] = []
        for row in group:
            if of_one and _continues(of_one[-1], row):
                of_one[-1] = _longer(of_one[-1], row)
            else:
                of_one.append(row)
        episodes += of_one
    return episodes, len(keyed) - len(episodes)


def _part(row: Episode) -> str:
    """What tells two episodes of one toxicity apart: of two infections, the milder one is not how the other is now."""
    return row.term if row.toxicity in _SEVERAL else ""


def _continues(episode: Episode, row: Episode) -> bool:
    """Whether a row goes on with an episode that began no later. Rows with a date that cannot be read stay apart, with their dates.

    An episode that recovered does not go on later.
    """
    onset, ends = day_of(row.onset), [day_of(of.resolved) for of in (episode, row) if of.resolved is not None]
    if row.toxicity == "other" or None in {episode.grade, row.grade, day_of(episode.onset), onset, *ends}:
        return False
    end = day_of(episode.resolved)
    if end is None or onset is None:
        return episode.status == "active"
    return onset <= end + _DAY and not (episode.recovered and _is_later(episode.resolved, row.onset))


def _is_later(end: str | None, onset: str | None) -> bool:
    """Whether something began later than an end; of days without a time, on a later day."""
    assert end is not None  # noqa: S101  # it was read
    assert onset is not None  # noqa: S101  # as above
    timed = len(end) > len("2025-10-01") < len(onset) and (len(end) > len(_TIME)) == (len(onset) > len(_TIME))
    return onset > end if timed else onset[:10] > end[:10]


def _longer(episode: Episode, row: Episode) -> Episode:
    assert episode.grade is not None  # noqa: S101  # only graded rows are joined
    assert row.grade is not None  # noqa: S101  # as above
    # A row that ended unrecovered says nothing of the end of the episode.
    ends = [row.resolved] if episode.until is not None else [episode.resolved, row.resolved]
    known = [end for end in ends if end is not None]
    over = len(known) == len(ends)
    status = "resolved" if over else "active" if "active" in {episode.status, row.status} else "unknown"
    return evolve(
        episode,
        grade=max(episode.grade, row.grade),
        resolved=max(known) if over else None,
        status=status,
        until=row.until,
        recovered=over and row.recovered,
        current_grade=row.grade if status == "active" and row.status == "active" and row.grade else None,
        other_cause=episode.other_cause if episode.other_cause is row.other_cause else None,
    )

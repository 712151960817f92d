"""Which episodes of a toxicity were over before another one began."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, field

from tarlatamab_rules.inputs._fields import day, earlier
from tarlatamab_rules.inputs.findings import Grade
from tarlatamab_rules.rules.courses import worst_of

if TYPE_CHECKING:
    from datetime import date

    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.findings import Toxicity, ToxicityEvent
    from tarlatamab_rules.rules.effective import Episode

__all__ = ["Past", "worst_earlier"]


def worst_earlier(episode: Episode, history: Iterable[Episode]) -> Grade | frozenset[Grade]:
    """The worst grade of earlier episodes of the same toxicity, over before this one began; what it may be while that is not known."""
    return Past.of(history).worst_before(episode)


@define
class Past:
    """Episodes, put together so that each need not be compared with each.

    Attributes:
        groups: The episodes that may be over, by toxicity, and by what each may have been: its grades, and whether it is over.
    """

    groups: dict[Toxicity, dict[tuple[frozenset[Grade], bool | None], _Group]] = field(factory=dict)

    @classmethod
    def of(cls, history: Iterable[Episode]) -> Past:
        """The episodes of a history."""
        past = cls()
        for episode in history:
            if (over := episode.event.over) is not False:
                groups = past.groups.setdefault(episode.event.toxicity, {})
                groups.setdefault((episode.grades, over), _Group()).add(episode)
        return past

    def worst_before(self, episode: Episode) -> Grade | frozenset[Grade]:
        """The worst grade that was over before *episode* began."""
        grades = []
        for (possible, _), group in self.groups.get(episode.event.toxicity, {}).items():
            over = group.over_before(episode)
            if over is not False:
                grades.append(possible if over else possible | {Grade.NONE})
        return worst_of(grades)


_Kind: TypeAlias = tuple[bool, bool]
"""Whether an episode has an end, by which it is put in order instead of its onset; and whether that is a time or a mere day."""


@define
class _Group:
    """Episodes that differ by their dates alone, so that a few of them speak for all.

    Times are in one order, so the earliest of them is over before another episode began if any is. A mere day is before or after every
    other day; on the same day it is not known, and then the earliest onset speaks for the others. Two are kept where one of them may be
    the episode that is asked about.

    Attributes:
        first: The earliest by its moment and the earliest by its day, of each kind.

        by_day: The two that began first of each kind and day, and of each kind of onset.

        undated: Two of those without a date.
    """

    first: dict[tuple[_Kind, bool], tuple[When, Episode]] = field(factory=dict)
    by_day: dict[tuple[_Kind, date], dict[type, list[Episode]]] = field(factory=dict)
    undated: list[Episode] = field(factory=list)

    def add(self, episode: Episode) -> None:
        """One more episode."""
        onset, end = episode.event.onset, _end(episode.event)
        last = end or onset
        if last is None:
            self.undated[1:] = [episode]
            return
        kind = end is not None, isinstance(last, datetime)
        for by_day, when in ((False, last), (True, day(last))):
            if (kind, by_day) not in self.first or earlier(when, self.first[kind, by_day][0]):
                self.first[kind, by_day] = when, episode
        alike = self.by_day.setdefault((kind, day(last)), {}).setdefault(type(onset), [])
        place = sum(onset is None or not earlier(onset, other.event.onset or onset) for other in alike)
        alike.insert(place, episode)
        del alike[2:]

    def over_before(self, episode: Episode) -> bool | None:
        """Whether one of them was over when *episode* began; ``None`` when that is not known."""
        each = [_over_before(other.event, episode.event) for other in self._decisive(episode) if not _is_same(other, episode)]
        return True if True in each else None if None in each else False

    def _decisive(self, episode: Episode) -> Iterator[Episode]:
        onset = episode.event.onset
        yield from self.undated
        if onset is None:
            yield from islice((other for days in self.by_day.values() for alike in days.values() for other in alike), 2)
            return
        yield from (other for _, other in self.first.values())
        for kind in {kind for kind, _ in self.first}:
            if not (kind[1] and isinstance(onset, datetime)):
                yield from (other for alike in self.by_day.get((kind, day(onset)), {}).values() for other in alike)


def _is_same(other: Episode, episode: Episode) -> bool:
    """Whether two are one episode: without dates two that are alike may be two."""
    one, two = other.event, episode.event
    same = other.path == episode.path if other.path and episode.path else one is two
    return same or (two.onset is not None and one == two)


def _end(event: ToxicityEvent) -> When | None:
    return event.resolved or (event.improved if event.over else None)


def _over_before(other: ToxicityEvent, event: ToxicityEvent) -> bool | None:
    """Whether *other* was over when *event* began; ``None`` when that is not known."""
    began, ended = other.onset, _end(other)
    before = None if began is None or event.onset is None else earlier(began, event.onset)
    over = None if ended is None or event.onset is None else earlier(ended, event.onset)
    if over or before is False or over is False:
        return bool(over)
    # Two episodes of one toxicity do not overlap: one that is over came before one that goes on, or that began later.
    return True if other.over and (before or event.over is False) else None

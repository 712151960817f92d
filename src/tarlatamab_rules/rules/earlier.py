"""Which episodes of a toxicity came before another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, field

from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rules.course import worst_of

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rules.event_grade import Episode

__all__ = ["Past", "may_be_one", "worst_earlier"]


def worst_earlier(episode: Episode, history: Iterable[Episode]) -> Grade | frozenset[Grade]:
    """The worst grade of earlier episodes of the same toxicity; what it may be while it is not known which came first."""
    return Past.of(history).worst_before(episode)


def may_be_one(reported: Episode, measured: Episode) -> bool:
    """Whether a reported episode and one that results show may be one or two: their dates do not tell."""
    return _over_before(reported, measured) is None


@define
class Past:
    """Episodes, put together so that each need not be compared with each.

    Attributes:
        episodes: The episodes, by toxicity.

        groups: Those that were asked about, by what each may have been: its grades, whether it is over, and where it is told.
    """

    episodes: dict[Toxicity, list[Episode]] = field(factory=dict)
    groups: dict[Toxicity, _Groups] = field(factory=dict)

    @classmethod
    def of(cls, history: Iterable[Episode]) -> Past:
        """The episodes of a history."""
        past = cls()
        for episode in history:
            past.episodes.setdefault(episode.event.toxicity, []).append(episode)
        return past

    def worst_before(self, episode: Episode) -> Grade | frozenset[Grade]:
        """The worst grade that came before *episode*."""
        toxicity, grades = episode.event.toxicity, []
        alike = self.episodes.get(toxicity, [])
        if all(_is_same(other, episode) for other in alike):
            return Grade.NONE
        if toxicity not in self.groups:
            self.groups[toxicity] = _grouped(alike)
        for (possible, _, source), (apart, told) in self.groups[toxicity].items():
            before = (apart if source == _source(episode) else told).before(episode)
            if before is not False:
                grades.append(possible if before else possible | {Grade.NONE})
        return worst_of(grades)


_Groups: TypeAlias = "dict[tuple[frozenset[Grade], bool | None, str], tuple[_Group, _Group]]"


def _grouped(episodes: Iterable[Episode]) -> _Groups:
    """Episodes of one toxicity by what each may have been."""
    groups: _Groups = {}
    for episode in episodes:
        over = episode.event.over
        if over is not False or not episode.other_cause:
            key = episode.grades, over, _source(episode)
            for group in groups.setdefault(key, (_Group(by_onset=True), _Group(by_onset=False))):
                group.add(episode)
    return groups


_LABS: Final = "labs"
_SHOWN_BY: Final = frozenset((_LABS, "findings"))


def _source(episode: Episode) -> str:
    """Whether laboratory results or findings show the episode; empty where it is reported as an event."""
    return episode.path.part if episode.path.part in _SHOWN_BY else ""


_Kind: TypeAlias = tuple[bool, bool]
"""Whether an episode has the date by which it is best put in order; and whether the date that it has is a time or a mere day."""


@define
class _Group:
    """Episodes that differ by their dates alone, so that a few of them speak for all.

    Times are in one order, so the earliest of them is before another episode if any is. A mere day is before or after every other day;
    near the same day it is not known, and then the earliest of that day speak for the others. Two are kept where one of them may be the
    episode that is asked about.

    Attributes:
        by_onset: Whether episodes are put in order by their onsets rather than by their ends; the other date stands in for a missing one.

        first: The earliest by its moment and the earliest by its day, of each kind.

        by_day: The two that are first of each kind and day.

        undated: Two of those that lack the date by which they are put in order.
    """

    by_onset: bool
    first: dict[tuple[_Kind, bool], tuple[When, Episode]] = field(factory=dict)
    by_day: dict[tuple[_Kind, int], list[tuple[When, Episode]]] = field(factory=dict)
    undated: list[Episode] = field(factory=list)

    def add(self, episode: Episode) -> None:
        """One more episode."""
        onset, end = episode.event.onset, _end(episode.event)
        best, other = (onset, end) if self.by_onset else (end, onset)
        if best is None:
            self.undated[1:] = [episode]
        last = best or other
        if last is None:
            return
        kind = best is not None, isinstance(last, datetime)
        for by_day, when in ((False, last), (True, day(last))):
            if (kind, by_day) not in self.first or earlier(when, self.first[kind, by_day][0]):
                self.first[kind, by_day] = when, episode
        alike = self.by_day.setdefault((kind, day(last).toordinal()), [])
        if onset is None or all(episode.event != there.event for _, there in alike):
            alike.insert(sum(not earlier(last, when) for when, _ in alike), (last, episode))
            del alike[2:]

    def before(self, episode: Episode) -> bool | None:
        """Whether one of them came before *episode*; ``None`` when that is not known."""
        relation = _began_before if self.by_onset else _over_before
        each = [relation(other, episode) for other in self._decisive(episode) if not _is_same(other, episode)]
        return True if True in each else None if None in each else False

    def _decisive(self, episode: Episode) -> Iterator[Episode]:
        onset = episode.event.onset
        yield from self.undated
        if onset is None:
            yield from islice((other for alike in self.by_day.values() for _, other in alike), 2)
            return
        yield from (other for _, other in self.first.values())
        for kind in {kind for kind, _ in self.first}:
            for near in (-1, 0, 1):
                yield from (other for _, other in self.by_day.get((kind, day(onset).toordinal() + near), ()))


def _is_same(other: Episode, episode: Episode) -> bool:
    """Whether two are one episode: without dates two that are alike may be two."""
    one, two = other.event, episode.event
    same = other.path == episode.path if other.path and episode.path else one is two
    return same or (two.onset is not None and one == two)


def _end(event: ToxicityEvent) -> When | None:
    """When it was first down to the grade of recovery, as far as that is known."""
    return event.improved or event.resolved


def _began_before(other: Episode, episode: Episode) -> bool | None:
    """Whether *other* began before *episode* did, where both are reported, or results show both: then they are two."""
    one, two = other.event, episode.event
    began, ended = one.onset, _end(one)
    if two.onset is not None and began is not None and began != two.onset and (before := earlier(began, two.onset)) is not None:
        return before
    if two.onset is not None and began is None and ended is not None and earlier(ended, two.onset):
        return True
    # Of two that are reported apart, and of which one goes on, the order need not be known to tell that there was one before.
    return True if (began is None or two.onset is None) and two.over is False and one.over is not None else None


def _over_before(other: Episode, episode: Episode) -> bool | None:
    """Whether *other* was over when *episode* began, where one of the two is reported and the other is shown: they may be the same."""
    one, onset = other.event, episode.event.onset
    began, ended = one.onset, _end(one)
    if ended is None or onset is None:
        if one.over is False or (began is not None and onset is not None and earlier(began, onset) is False):
            return False
        return True if one.over and episode.event.over is False else None
    after = earlier(ended, onset)
    if _source(other) == _LABS:
        return after
    if _source(episode) == _LABS:
        # Reports and samples of one episode may differ by a day, and a mere day fits the sample of that day.
        return None if after and days_between(ended, onset) <= 1 else bool(after)
    return after is not False

"""Which episodes of a toxicity came before another episode."""

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
    from tarlatamab_rules.core.paths import Fact
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rules.event_grade import Episode

__all__ = ["Past", "may_be_one", "worst_earlier"]


def worst_earlier(episode: Episode, events: Iterable[Episode]) -> Grade | frozenset[Grade]:
    """The worst grade of earlier episodes of the same toxicity; every grade that it may be, if the order is not known."""
    return Past(tuple(events)).worst_before(episode)


def may_be_one(reported: Episode, measured: Episode) -> bool:
    """Whether, by their dates, a reported episode and one that results show may be one episode or two."""
    return _over_before(reported, measured) is None


@define
class Past:
    """Episodes in groups, so that not every two of them need to be compared.

    Attributes:
        events: The episodes.

        episodes: The episodes by toxicity; filled when the first question is asked.

        groups: The groups that were needed so far, by possible grades, whether the episode is over, and its source.

        unsettled: Two episodes of a toxicity, of those whose onset or worst grade is not known; filled when they are asked for.
    """

    events: tuple[Episode, ...]
    episodes: dict[Toxicity, list[Episode]] = field(init=False, factory=dict)
    groups: dict[Toxicity, _Groups] = field(init=False, factory=dict)
    unsettled: dict[Toxicity, list[Episode]] = field(init=False, factory=dict)

    def worst_before(self, episode: Episode) -> Grade | frozenset[Grade]:
        """The worst grade that came before *episode*."""
        toxicity, grades = episode.event.toxicity, []
        alike = self._alike(toxicity)
        if all(other is episode or _is_same(other, episode) for other in alike):
            return Grade.NONE
        if toxicity not in self.groups:
            self.groups[toxicity] = _grouped(alike)
        for (possible, _, source), (same_source, other_source) in self.groups[toxicity].items():
            before = (same_source if source == _source(episode) else other_source).before(episode)
            if before is not False:
                grades.append(possible if before else possible | {Grade.NONE})
        return worst_of(grades)

    def settled_by(self, episode: Episode) -> tuple[Fact, ...]:
        """The facts that would settle what came before *episode*: its onset; or what is missing of one other episode of the toxicity."""
        toxicity = episode.event.toxicity
        if episode.event.onset is None:
            return (episode.place.its("onset"),)
        if toxicity not in self.unsettled:
            open_ = (other for other in self._alike(toxicity) if other.event.onset is None or other.settled_by or other.is_for_a_clinician)
            self.unsettled[toxicity] = list(islice(open_, 2))
        other = next((other for other in self.unsettled[toxicity] if not _is_same(other, episode)), None)
        if other is None:
            return (episode.place.its("onset"),)
        return (*((other.place.its("onset"),) if other.event.onset is None else ()), *other.settled_by)

    def is_for_a_clinician(self, episode: Episode) -> bool:
        """Whether no fact can settle how severe another episode of the toxicity was."""
        alike = self._alike(episode.event.toxicity)
        return any(other.is_for_a_clinician and not _is_same(other, episode) for other in alike)

    def _alike(self, toxicity: Toxicity) -> list[Episode]:
        if not self.episodes:
            self.episodes = _by_toxicity(self.events)
        return self.episodes.get(toxicity, [])


_Groups: TypeAlias = "dict[tuple[frozenset[Grade], bool | None, str], tuple[_Group, _Group]]"


def _by_toxicity(episodes: Iterable[Episode]) -> dict[Toxicity, list[Episode]]:
    by_toxicity: dict[Toxicity, list[Episode]] = {}
    for episode in episodes:
        by_toxicity.setdefault(episode.event.toxicity, []).append(episode)
    return by_toxicity


def _grouped(episodes: Iterable[Episode]) -> _Groups:
    """Episodes of one toxicity, grouped by possible grades, whether they are over, and their source."""
    groups: _Groups = {}
    for episode in episodes:
        over = episode.event.over
        if over is not False or not episode.other_cause:
            grades = episode.grades | {episode.event.grade or Grade.NONE} if episode.is_for_a_clinician else episode.grades
            key = grades, over, _source(episode)
            for group in groups.setdefault(key, (_Group(by_onset=True), _Group(by_onset=False))):
                group.add(episode)
    return groups


_LABS: Final = "labs"
_SHOWN_BY: Final = frozenset((_LABS, "findings"))


def _source(episode: Episode) -> str:
    """What shows the episode: laboratory results or findings; empty if it is reported as an event."""
    return episode.path.part if episode.path.part in _SHOWN_BY else ""


_Kind: TypeAlias = tuple[bool, bool]
"""Whether an episode has the date that orders it best; and whether the date that it has is a time rather than a day."""


@define
class _Group:
    """Episodes that differ only in their dates, so that a few of them can represent all.

    Times have one order: if any of them is before another episode, the earliest is. A day without a time is before or after every other
    day. Around the same day the order is not known, and the earliest episodes of that day represent the others. Two are kept, because
    one of them may be the episode in question.

    Attributes:
        by_onset: Whether the onset orders the episodes rather than the end; if it is missing, the other date does.

        first: The earliest episode of each kind, by time and by day.

        by_day: The first two episodes of each kind and day.

        undated: Two of the episodes that lack the date that orders the group.
    """

    by_onset: bool
    first: dict[tuple[_Kind, bool], tuple[When, Episode]] = field(factory=dict)
    by_day: dict[tuple[_Kind, int], list[tuple[When, Episode]]] = field(factory=dict)
    undated: list[Episode] = field(factory=list)

    def add(self, episode: Episode) -> None:
        """Add an episode to the group."""
        onset, end = episode.event.onset, _end(episode.event)
        best, second_best = (onset, end) if self.by_onset else (end, onset)
        if best is None:
            self.undated[1:] = [episode]
        last = best or second_best
        if last is None:
            return
        kind = best is not None, isinstance(last, datetime)
        for by_day, when in ((False, last), (True, day(last))):
            if (kind, by_day) not in self.first or earlier(when, self.first[kind, by_day][0]):
                self.first[kind, by_day] = when, episode
        alike = self.by_day.setdefault((kind, day(last).toordinal()), [])
        if onset is None or all(episode.reported != there.reported for _, there in alike):
            alike.insert(sum(not earlier(last, when) for when, _ in alike), (last, episode))
            del alike[2:]

    def before(self, episode: Episode) -> bool | None:
        """Whether an episode of the group came before *episode*; ``None`` if that is not known."""
        relation = _began_before if self.by_onset else _over_before
        answers = [relation(other, episode) for other in self._decisive(episode) if not _is_same(other, episode)]
        return True if True in answers else None if None in answers else False

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
    """Whether the two are one episode. Without dates, two equal reports may be of different episodes."""
    same = other.path == episode.path if other.path and episode.path else other.event is episode.event
    return same or (episode.event.onset is not None and other.reported == episode.reported)


def _end(event: ToxicityEvent) -> When | None:
    """When the event was first down to the grade of recovery, as far as that is known."""
    return event.improved or event.resolved


def _began_before(other: Episode, episode: Episode) -> bool | None:
    """Whether *other* began before *episode*. They are two episodes, because both are reported, or results show both."""
    past, event = other.event, episode.event
    before = None if event.onset is None else _dated_before(past, event.onset)
    if before is not None:
        return before
    # If two are reported separately and one of them is ongoing, there was an earlier one, even if the order is not known.
    undated = past.onset is None or event.onset is None
    return True if undated and event.over is False and past.over is not None else None


def _dated_before(past: ToxicityEvent, onset: When) -> bool | None:
    """Whether an event began before *onset*, by its own onset, or else by its end; ``None`` if its dates leave that open."""
    if past.onset is not None:
        return None if past.onset == onset else earlier(past.onset, onset)
    ended = _end(past)
    return True if ended is not None and earlier(ended, onset) else None


def _over_before(other: Episode, episode: Episode) -> bool | None:
    """Whether *other* was over when *episode* began. One is reported and results show the other: they may be the same episode."""
    ended, onset, began = _end(other.event), episode.event.onset, other.event.onset
    if ended is None and _source(episode) == _LABS and began is not None and onset is not None and days_between(began, onset) <= 1:
        return False  # the report and the samples of one episode may differ by a day
    if ended is None or onset is None:
        return _undated_before(other.event, episode.event)
    after = earlier(ended, onset)
    if _source(other) == _LABS:
        return False if after is None and began is not None and day(began) == day(onset) else after
    if _source(episode) == _LABS:
        # Here too they may differ by a day, and a day without a time fits the sample of that day.
        return None if after and days_between(ended, onset) <= 1 else bool(after)
    return after is not False


def _undated_before(past: ToxicityEvent, event: ToxicityEvent) -> bool | None:
    """Whether *other* was over when *episode* began, if the end of the one or the onset of the other is missing."""
    began, onset = past.onset, event.onset
    if past.over is False or (began is not None and onset is not None and earlier(began, onset) is False):
        return False
    return True if past.over and event.over is False else None

"""The order in which results of a series were drawn, and other orders that are possible if some of them have no time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import groupby, pairwise, product
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.inputs.vocabulary import Grade

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When

__all__ = ["Level", "Sample", "calmest", "in_order", "is_order_open", "most_restless"]

Sample: TypeAlias = "tuple[When, Grade, Grade]"
"""When a result was drawn, and the mildest and the worst grade that it may have."""
Level: TypeAlias = Callable[[Grade], int]
"""What matters of a grade, as a number: whether it is one at which the drug is held, or one at which it is given again."""
_Leveled: TypeAlias = tuple[Sample, int]
_Choose: TypeAlias = Callable[[Sequence[int]], int]


def in_order(samples: list[Sample]) -> list[Sample]:
    """The samples in the order in which they were drawn. One without a time that is worse than the last one of its day follows that one."""
    places = [(day(when), False, _clock(when), least) for when, least, _ in samples]
    last: dict[date, tuple[datetime, Grade]] = {}
    for (when, _, _), (of_day, _, clock, least) in zip(samples, places, strict=True):
        if isinstance(when, datetime):
            last[of_day] = max(last.get(of_day, (clock, least)), (clock, least))
    if last:
        for n, (of_day, _, clock, least) in enumerate(places):
            if not isinstance(samples[n][0], datetime) and of_day in last and least > last[of_day][1]:
                places[n] = of_day, True, clock, least
    return [samples[n] for n in sorted(range(len(samples)), key=places.__getitem__)]


def is_order_open(samples: Iterable[Sample]) -> bool:
    """Whether two samples of different grades are of one day, one of them without a time."""
    by_day: dict[date, list[Sample]] = {}
    for sample in samples:
        by_day.setdefault(day(sample[0]), []).append(sample)
    return any(
        len({(least, most) for _, least, most in of_day}) > 1 and not all(isinstance(when, datetime) for when, _, _ in of_day)
        for of_day in by_day.values()
    )


def calmest(samples: Iterable[Sample], level: Level) -> list[Sample]:
    """The samples of a series in the possible order in which their level changes least."""
    return _arranged([(sample, level(sample[1])) for sample in samples], min)


def most_restless(samples: Iterable[Sample], level: Level) -> list[Sample]:
    """The samples of a series in a possible order in which their level changes most."""
    return _arranged([(sample, level(sample[1])) for sample in samples], max)


class _Way(NamedTuple):
    """An order of the first days.

    Attributes:
        length: How much the level changes on its way.

        line: The samples of the last of these days.

        before: The order of the days before it.
    """

    length: int
    line: list[_Leveled]
    before: _Way | None

    def onward(self, line: list[_Leveled]) -> _Way:
        """The order with one more day."""
        levels = [level for _, level in (*self.line[-1:], *line)]
        return _Way(self.length + sum(abs(one - other) for one, other in pairwise(levels)), line, self)


def _arranged(samples: Iterable[_Leveled], choose: _Choose) -> list[Sample]:
    """The order of all days on which the way of the level is the shortest or the longest, from several orders of each day."""
    ways = [_Way(0, [], None)]
    for _, of_day in groupby(samples, key=lambda sample: day(sample[0][0])):
        ways = [_chosen([way.onward(line) for way in ways], choose) for line in _lines(list(of_day), choose)]
    lines, way = [], _chosen(ways, choose)
    while way.before is not None:
        lines.append(way.line)
        way = way.before
    return [sample for line in reversed(lines) for sample, _ in line]


def _chosen(ways: Sequence[_Way], choose: _Choose) -> _Way:
    lengths = [way.length for way in ways]
    return ways[lengths.index(choose(lengths))]


def _lines(of_day: list[_Leveled], choose: _Choose) -> list[list[_Leveled]]:
    """Several orders of one day. Every sample without a time is put where it makes the way of the level shortest or longest."""
    free = list(_few(item for item in of_day if not isinstance(item[0][0], datetime)))
    timed = [item for item in of_day if isinstance(item[0][0], datetime)]
    if not free:
        return [timed]
    return [_line(timed, some, choose, ends) for some in (free, free[::-1]) for ends in product((False, True), repeat=2)]


def _line(timed: list[_Leveled], free: Iterable[_Leveled], choose: _Choose, ends: Sequence[bool]) -> list[_Leveled]:
    """One order of a day. *ends* says whether its begin and its end are free of cost: the days around it may go on there."""
    line = list(timed)
    for item in free:
        levels = [level for _, level in line]
        detours = [_detour(levels, place, item[1]) for place in range(len(line) + 1)]
        at_begin, at_end = ends
        detours[0] = 0 if at_begin else detours[0]
        detours[-1] = 0 if at_end else detours[-1]
        places = [place for place, detour in enumerate(detours) if detour == choose(detours)]
        line.insert(places[-1 if at_end else 0], item)
    return line


def _few(samples: Iterable[_Leveled]) -> Iterable[_Leveled]:
    """At most so many samples of the same grade: more of them show nothing new, and thousands would take too long."""
    seen = Counter[tuple[Grade, Grade]]()
    for sample, level in samples:
        seen[sample[1:]] += 1
        if seen[sample[1:]] <= _ENOUGH:
            yield sample, level


_ENOUGH: Final = 3


def _detour(levels: list[int], place: int, level: int) -> int:
    """By how much the way through some levels is longer with one more at a place."""
    before, after = levels[place - 1 : place] if place else [], levels[place : place + 1]
    added = sum(abs(level - near) for near in (*before, *after))
    return added - (abs(before[0] - after[0]) if before and after else 0)


def _clock(when: When) -> datetime:
    """A time that can be compared with the others of the series."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day)  # noqa: DTZ001  # a day has no clock
    return when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)

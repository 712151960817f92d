"""One dose as a clock: a line for everything that goes before, with and after it, each with its times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from math import ceil
from typing import Final

from tarlatamab_rules.course.drawing import (
    AMBER,
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    LINE,
    PAPER,
    PURPLE,
    SIZE,
    SKY,
    Drawing,
    Group,
    Shape,
    Words,
    bar,
    line,
    lines_height,
    lines_of,
    mark,
    width_in,
)
from tarlatamab_rules.course.entries import EntryKind, PlanEntry
from tarlatamab_rules.inputs._fields import When, day, is_aware
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import in_words

__all__ = ["dose_drawing"]

_MARGIN: Final = 14.0
_NAMES, _TIMES = 0.2, 215.0
"""The part of the width that the names take, and the room for the times on the right."""
_LEAST: Final = 150.0
"""The least room for the names."""
_HOURS: Final = (1, 2, 3, 4, 6, 12, 24, 48, 96, 168)
"""How many hours may lie between two marks of the clock."""
_TICK, _DATE = 52.0, 96.0
"""The least room for the words of an hour, and of a day."""
_NEVER: Final = datetime(1, 1, 1)  # noqa: DTZ001  # no moment of a plan is drawn there
_SMALL: Final = 12.0
"""The size of the words beneath a line."""

_COLOURS: Final = {
    EntryKind.PREMEDICATION: (AMBER, "#fbe6bd"),
    EntryKind.INFUSION: (BLUE, SKY),
    EntryKind.SALINE: (BLUE, SKY),
    EntryKind.OBSERVATION: (PURPLE, "#e5d3e0"),
    EntryKind.NEAR_CARE: (GREEN, "#cdeee3"),
}
"""The colours of a bar: given, planned. Each bar is on a line with its name, so no colour has to be distinguished."""


def dose_drawing(point: DosePoint, entries: Sequence[PlanEntry], rulebook: str, width: int) -> Drawing:
    """Everything that belongs to one dose, along the clock of the site. Every entry has one line.

    A bar goes from its start to its earliest end, and thinner to its latest one; a mark is a moment or a deadline. Without times the lines
    have words alone.

    Args:
        point: The dose.

        entries: Its entries, in the order of the plan.

        rulebook: The name of the book that answered.

        width: In pixels.
    """
    return _Clock(width_in(width), point, entries, rulebook).drawing()


class _Clock:
    """One drawing in the making."""

    def __init__(self, width: float, point: DosePoint, entries: Sequence[PlanEntry], rulebook: str) -> None:
        self._width, self._point, self._entries, self._book = width, point, entries, rulebook
        self._dose = next((entry for entry in entries if entry.kind is EntryKind.DOSE), None)
        self._left, self._right = _MARGIN + max(_LEAST, _NAMES * width), width - _MARGIN - _TIMES
        self._moments = [when for entry in entries for when in _moments(entry)]
        places = [_scale(when) for when in self._moments]
        self._first, last = (min(places), max(places)) if places else (_NEVER, _NEVER)
        self._hours = max(1.0, (last - self._first) / timedelta(hours=1))
        self._ticks = self._marks() if self._moments else []
        self._said: set[str] = set()
        self._frame: list[Shape] = []
        self._y = _MARGIN

    def drawing(self) -> Drawing:
        """The whole drawing."""
        title = f"{self._point}: {'no such dose is planned' if self._dose is None else _title(self._dose)}"
        self._write(title, size=17.0, bold=True)
        top = self._y + 4
        self._y = top + (38 if self._moments else 4)
        self._frame += self._axis(top)
        groups = [self._line(entry, shaded=n % 2 == 0) for n, entry in enumerate(self._entries)]
        self._y += 8
        for caveat in dict.fromkeys(text for entry in self._entries for text in entry.caveats):
            self._write(f"CAUTION {caveat}")
        about = f"By {self._book}. A dose to come is given if it is cleared on its day. Not medical advice. Times are those of the site."
        self._write(about, ink=FAINT)
        said = "\n".join(str(entry) for entry in self._entries)
        return Drawing(self._width, self._y + _MARGIN, title, said, (Group("frame", tuple(self._frame)), *groups))

    def _write(self, text: str, *, size: float = SIZE, bold: bool = False, ink: str = INK) -> None:
        for words in lines_of(text, (self._width - 2 * _MARGIN) / (1.1 if bold else 1.0), size):
            self._frame.append(Words(_MARGIN, self._y + size / 2, words, size, bold, ink=ink))
            self._y += lines_height(1, size)

    # --- the clock ---

    def _x(self, when: datetime) -> float:
        """The place of a moment; hours are elapsed time."""
        return self._left + (_scale(when) - self._first) / timedelta(hours=1) / self._hours * (self._right - self._left)

    def _axis(self, top: float) -> Iterator[Shape]:
        """The hours above the lines, by the clock on the wall, and the day at its first hour."""
        for n, tick in enumerate(self._ticks):
            x, midnight = self._x(tick), tick.hour == 0
            yield Words(x, top + 27, f"{tick:%H:%M}", 11.0, anchor="middle", ink=FAINT)
            next_day = next((other for other in self._ticks[n:] if other.hour == 0), None)
            if midnight or (n == 0 and (next_day is None or self._x(next_day) - x >= _DATE)):
                yield Words(x, top + 10, _day_words(tick), SIZE, anchor="middle", bold=True)

    def _marks(self) -> list[datetime]:
        """The marks of the clock: from midnight on in equal steps that leave room for their words. An hour that is skipped has none."""
        an_hour = (self._right - self._left) / self._hours
        step = next((hours for hours in _HOURS if hours * an_hour >= (_DATE if hours >= _HOURS[-4] else _TICK)), None)
        if step is None:
            step = _HOURS[-1] * ceil(_DATE / an_hour / _HOURS[-1])
        first = min(self._moments, key=_scale)
        tick = first.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        ticks: list[datetime] = []
        while self._x(tick) <= self._right + 0.5:
            near = bool(ticks) and self._x(tick) - self._x(ticks[-1]) < _TICK - 0.5
            if self._x(tick) >= self._left - 0.5 and not near and not _is_skipped(tick):
                ticks.append(tick)
            tick += timedelta(hours=step)
        return ticks

    # --- the lines ---

    def _line(self, entry: PlanEntry, *, shaded: bool) -> Group:
        """One entry: its name, its bar or mark, its times, and what it says beneath."""
        names = lines_of(_name(entry), (self._left - _MARGIN - 14) / 1.1)
        times = lines_of(self._times(entry), _TIMES - 14)
        above, room = 18.0 + 16 * (len(times) - 1), self._width - self._left - _MARGIN
        if not self._moments and room > 2 * _TIMES:
            above, room = 0.0, room - _TIMES
        beneath = [text for part in self._beneath(entry) for text in lines_of(part, room, _SMALL)]
        middle = self._y + 13
        shapes: list[Shape] = [Words(_MARGIN, middle + n * 16, text, bold=True) for n, text in enumerate(names)]
        shapes += self._bar(entry, middle)
        shapes += [Words(self._right + 14, middle + n * 16, text) for n, text in enumerate(times)]
        shapes += [Words(self._left, middle + above + n * 15, text, _SMALL) for n, text in enumerate(beneath)]
        bottom = middle + max(16.0 * (len(names) - 1), above + 15.0 * (len(beneath) - 1)) + 12
        if shaded:
            self._frame.append(bar((0, self._y, self._width, bottom), GREY))
        for tick in self._ticks:
            x = self._x(tick)
            self._frame.append(line((x, self._y), (x, middle + 10), FAINT if tick.hour == 0 else LINE))
        self._y = bottom
        return Group(str(entry.kind), tuple(shapes), str(entry), entry)

    def _bar(self, entry: PlanEntry, y: float) -> Iterator[Shape]:
        """The bar of an entry, thinner from its earliest to its latest end; or the mark of a moment or a deadline."""
        moments = _moments(entry)
        if not moments:
            return
        low, high = self._x(moments[0]), self._x(moments[-1])
        if entry.kind in _COLOURS and high > low:
            fill = _COLOURS[entry.kind][0 if entry.given else 1]
            sure = self._x(entry.end_from) if isinstance(entry.end_from, datetime) else high
            yield bar((low, y - 6, sure, y + 6), fill, INK, dashed=entry.end is None)
            if high > sure:
                yield bar((sure, y - 2.5, high, y + 2.5), fill, INK)
        else:
            shape = "down" if entry.deadline is not None else "square" if entry.given else "diamond"
            yield mark(shape, low, y, BLUE if entry.given else PAPER)

    def _beneath(self, entry: PlanEntry) -> Iterator[str]:
        """What an entry says, its condition, and what other sources say; the same words about the sources are not repeated."""
        if entry.kind is EntryKind.CHECK and entry.value is not None:
            yield from (f"- {'; '.join(in_words(item))}" for item in entry.value)
            yield from entry.left_open
        else:
            yield entry.says
        if entry.condition:
            yield entry.condition + (f"; otherwise: {' OR '.join(entry.otherwise)}" if entry.alternatives else "")
        said = [text for text in entry.disagreements if text in self._said]
        yield from (f"The sources disagree: {text}" for text in entry.disagreements if text not in self._said)
        if said:
            yield "The sources disagree, as said above."
        self._said.update(entry.disagreements)

    def _times(self, entry: PlanEntry) -> str:
        """From when to when, in words; without the date on the day of the dose."""
        on = None if self._dose is None or self._dose.start is None else day(self._dose.start)
        if entry.deadline is not None:
            return f"by {_at(entry.deadline, on)}"
        if entry.start is None:
            return "no date"
        ends = [end for end in (entry.end_from, entry.end) if end is not None]
        if not ends or ends == [entry.start]:
            return _at(entry.start, on)
        last = " or later" if entry.end is None else f"-{_at(entry.end, day(ends[0]))}" if len(ends) > 1 else ""
        return f"{_at(entry.start, on)} to {_at(ends[0], day(entry.start))}{last}"


def _scale(when: datetime) -> datetime:
    """A moment on one scale: in UTC if it has an offset."""
    return when.astimezone(UTC).replace(tzinfo=None) if is_aware(when) else when


def _is_skipped(tick: datetime) -> bool:
    """Whether the clock on the wall skips this hour."""
    return is_aware(tick) and tick.astimezone(UTC).astimezone(tick.tzinfo).hour != tick.hour


def _moments(entry: PlanEntry) -> list[datetime]:
    """The moments between which an entry is drawn: its deadline, or its start and its ends."""
    times = (entry.deadline,) if entry.deadline is not None else (entry.start, entry.end_from, entry.end)
    return [when for when in times if isinstance(when, datetime)]


def _day_words(when: When) -> str:
    return f"{when:%a} {when.day} {when:%b}"


def _at(when: When, on: date | None) -> str:
    """A day or a moment in words; without the day if it is *on*."""
    if not isinstance(when, datetime):
        return _day_words(when)
    return f"{when:%H:%M}" if when.date() == on else f"{when.day} {when:%b %H:%M}"


def _title(dose: PlanEntry) -> str:
    when = "no date" if dose.start is None else f"{day(dose.start):%A} {day(dose.start).isoformat()}"
    return f"{dose.says}{'' if dose.given else ', planned'}, {when}"


_NAMED: Final = {
    EntryKind.PREMEDICATION: "",
    EntryKind.SALINE: "",
    EntryKind.CHECK: "checklist",
    EntryKind.LABS: "laboratory results",
    EntryKind.NEAR_CARE: "near care",
    EntryKind.RESTART_LIMIT: "last day for this dose",
    EntryKind.RECOVERY_DEADLINE: "must have improved",
}


def _name(entry: PlanEntry) -> str:
    """What an entry is, in a few words."""
    name = _NAMED.get(entry.kind, named(entry.kind)) or f"{entry.what} {entry.amount or ''}".strip()
    return f"{name[0].upper()}{name[1:]}"

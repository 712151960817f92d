"""The course as a timeline: strips of some weeks, with lanes for the doses, the toxicities, and what is watched, drawn and due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.course.drawing import (
    AMBER,
    FAINT,
    GREY,
    INK,
    LINE,
    SIZE,
    WIDTH,
    Drawing,
    Group,
    Packer,
    Shape,
    Words,
    bar,
    line,
    lines_height,
    lines_of,
    width_in,
    width_of,
)
from tarlatamab_rules.course.entries import EntryKind, PlanEntry
from tarlatamab_rules.course.reported import Reported, reported
from tarlatamab_rules.course.timeline_looks import LANES, LOOKS, ON_TIMELINE, TOXICITIES, WATCHED, keys, mark_of, moved
from tarlatamab_rules.course.timeline_words import disagreeing, footnotes, label_of, name_of, says_of
from tarlatamab_rules.inputs._fields import When, day

if TYPE_CHECKING:
    from tarlatamab_rules.core.paths import Note
    from tarlatamab_rules.inputs.events import ToxicityEvent

__all__ = ["course_drawing"]

_DAY: Final = timedelta(days=1)
_LEFT, _RIGHT, _MARGIN = 116.0, 12.0, 14.0
"""The room for the names of the lanes, on the right of the last day, and at the edge of the picture."""
_STEP: Final = 17.0
"""The height of a line in a lane."""
_HEAD: Final = 34.0
"""The height of the days above a strip."""
_NARROWEST: Final = 30.0
"""The least width of a day."""
_WEEK, _MOST_WEEKS = 7, 4
_THIN: Final = "#e6e6e6"
"""The colour of the lines between days; those between weeks are darker."""
_WIDEST: Final = 280.0
"""How wide the words beside a mark may be; half of the strip at most, so that they fit on one side of it."""


def course_drawing(
    entries: Iterable[PlanEntry], notes: Iterable[Note], rulebook: str, width: int = WIDTH, *, events: Iterable[ToxicityEvent] = ()
) -> Drawing:
    """A course on a timeline, in strips of one to four weeks. Every dose, toxicity, bar and deadline is drawn once.

    A dose that is given is a filled square, and one that is planned an outlined diamond; bars are filled and outlined in the same way. What
    has no date is listed beneath, and so are conditions, notes, and where the sources disagree.

    Args:
        entries: The entries of a plan.

        notes: Its notes.

        rulebook: The name of the book that answered.

        width: In pixels, 480 to 4000.

        events: The toxicities that were reported.
    """
    shown = [entry for entry in entries if entry.kind in ON_TIMELINE]
    return _Sheet(width_in(width), shown, tuple(events), tuple(notes), rulebook).drawing()


_Item: TypeAlias = PlanEntry | Reported


def _lane_of(item: _Item) -> str:
    return TOXICITIES if isinstance(item, Reported) else LOOKS[item.kind].lane


def _first_day(item: _Item) -> date:
    return day(item.start if isinstance(item, Reported) else _when(item))


def _when(entry: PlanEntry) -> When:
    """The day or moment at which an entry with a date is drawn."""
    return entry.deadline or entry.start or date.min


class _Sheet:
    """One drawing in the making, from the top down."""

    def __init__(
        self, width: float, entries: Sequence[PlanEntry], events: Sequence[ToxicityEvent], notes: Sequence[Note], rulebook: str
    ) -> None:
        self._width, self._notes, self._book = width, notes, rulebook
        self._all = entries
        self._dated = sorted((entry for entry in entries if entry.when is not None), key=lambda entry: day(_when(entry)))
        self._toxicities, self._lost = reported(events)
        self._room = width - _LEFT - _RIGHT
        weeks = int(self._room / _NARROWEST / _WEEK)
        self._days = _WEEK * max(1, min(_MOST_WEEKS, weeks))
        self._day = self._room / self._days
        self._footnotes = footnotes(entries)
        self._marks = {id(entry): f" [{n + 1}]" for n, (_, group) in enumerate(self._footnotes) for entry in group}
        self._shapes: dict[int, list[Shape]] = {id(item): [] for item in (*self._dated, *self._toxicities)}
        self._frame: list[Shape] = []
        self._y = _MARGIN

    def drawing(self) -> Drawing:
        """The whole drawing."""
        title = self._title()
        self._write(title, size=17.0, bold=True)
        self._legend()
        for first, items in self._strips():
            self._strip(first, items)
        self._foot()
        groups = [Group("frame", tuple(self._frame))]
        groups += [Group(str(entry.kind), tuple(self._shapes[id(entry)]), says_of(entry), entry) for entry in self._dated]
        groups += [Group("toxicity", tuple(self._shapes[id(item)]), item.says) for item in self._toxicities]
        return Drawing(self._width, self._y + _MARGIN, title, self._description(), tuple(groups))

    def _title(self) -> str:
        doses = [entry for entry in self._all if entry.kind is EntryKind.DOSE]
        given = sum(entry.given for entry in doses)
        days = [day(entry.start) for entry in doses if entry.start is not None]
        when = f", {min(days)} to {max(days)}" if days else ""
        return f"Course: {given} given and {len(doses) - given} planned doses{when}"

    def _description(self) -> str:
        """Everything that is drawn, in words."""
        heads = [f"By {self._book}.", *(f"{fact_in_words(note.about)}: {note.says}" for note in self._notes)]
        toxicities = [*(item.says for item in self._toxicities), *(f"no date: {words}" for words in self._lost)]
        return "\n".join([*heads, *(says_of(entry) for entry in (*self._dated, *self._undated())), *toxicities])

    def _undated(self) -> list[PlanEntry]:
        return [entry for entry in self._all if entry.when is None]

    # --- words above and beneath ---

    def _write(self, text: str, *, size: float = SIZE, bold: bool = False, ink: str = INK) -> None:
        """Words over the whole width, in as many lines as they need."""
        for words in lines_of(text, (self._width - 2 * _MARGIN) / (1.1 if bold else 1.0), size):
            self._frame.append(Words(_MARGIN, self._y + size / 2, words, size, bold, ink=ink))
            self._y += lines_height(1, size)

    def _legend(self) -> None:
        """What each mark means, of those that are drawn."""
        self._y += 6
        x, y = _MARGIN, self._y + SIZE / 2
        for shapes, text in keys(self._dated, self._toxicities):
            width = 30 + width_of(text)
            if x > _MARGIN and x + width > self._width - _MARGIN:
                x, y = _MARGIN, y + _STEP
            self._frame += [*moved(shapes, x, y), Words(x + 28, y, text)]
            x += width + 16
        self._y = y + SIZE

    def _foot(self) -> None:
        self._y += 4
        undated = [f"{name_of(entry)}{self._marks.get(id(entry), '')}" for entry in self._undated()]
        undated += self._lost
        lines = [f"! {fact_in_words(note.about)}: {note.says}" for note in self._notes]
        lines += [f"No date: {'; '.join(undated)}."] if undated else []
        lines += [f"[{n + 1}] {text}" for n, (text, _) in enumerate(self._footnotes)]
        lines += disagreeing(self._all)
        told = {note.says for note in self._notes}
        lines += [
            f"CAUTION {caveat}" for caveat in dict.fromkeys(text for entry in self._all for text in entry.caveats) if caveat not in told
        ]
        for text in lines:
            self._write(text)
            self._y += 3
        about = f"By {self._book}. A dose to come is given if it is cleared on its day. Not medical advice. Times are those of the site."
        self._write(about, ink=FAINT)

    # --- strips ---

    def _strips(self) -> Iterator[tuple[date, list[_Item]]]:
        """The first day of each strip that has something to show, with what it shows; a line says which days are left out."""
        spans: list[tuple[_Item, list[date]]] = [(entry, list(_days_of(entry))) for entry in self._dated]
        spans += [(item, list(item.days)) for item in self._toxicities]
        begin = min((on for _, days in spans for on in days), default=date.min)
        places = [(item, [(on - begin).days // self._days for on in days]) for item, days in spans]
        strips: dict[int, list[_Item]] = {number: [] for number in sorted({number for _, numbers in places for number in numbers})}
        for number, items in strips.items():
            items += [item for item, numbers in places if numbers[0] <= number <= numbers[-1]]
        after = begin
        for number, items in strips.items():
            first = begin + timedelta(days=number * self._days)
            if first > after:
                self._write(f"{after} to {first - _DAY}: nothing is planned", ink=FAINT)
                self._y += 6
            yield first, items
            after = first + timedelta(days=self._days)

    def _x(self, when: When, first: date) -> float:
        """The place of a day or a moment in a strip, by the clock on the wall."""
        hours = when.hour / 24 + when.minute / 1440 if isinstance(when, datetime) else 0.0
        return _LEFT + ((day(when) - first).days + hours) * self._day

    def _strip(self, first: date, items: Iterable[_Item]) -> None:
        top, place = self._y + 4, len(self._frame)
        self._y = top + _HEAD
        for lane in LANES:
            here = [item for item in items if _lane_of(item) == lane]
            if here:
                self._lane(lane, here, first)
        self._frame[place:place] = self._calendar(first, top, self._y)
        self._y += 12

    def _calendar(self, first: date, top: float, bottom: float) -> Iterator[Shape]:
        """The days of a strip, with weekends shaded."""
        yield Words(_MARGIN, top + 10, f"{first:%b %Y}", bold=True)
        for n in range(self._days):
            on, x = first + timedelta(days=n), _LEFT + n * self._day
            if on.weekday() >= 5:  # noqa: PLR2004  # Saturday and Sunday
                yield bar((x, top, x + self._day, bottom), GREY)
            yield line((x, top), (x, bottom), LINE if n % _WEEK == 0 else _THIN)
            name = f"{on:%a}"[:2]
            month = f"{on:%b}" if n and on.day == 1 else ""
            yield Words(x + self._day / 2, top + 10, month or name, 11.0, bool(month), "middle", INK if month else FAINT)
            yield Words(x + self._day / 2, top + 25, str(on.day), SIZE, on.day == 1, "middle")
        yield line((_LEFT + self._room, top), (_LEFT + self._room, bottom))
        yield line((_LEFT, top + _HEAD), (_LEFT + self._room, top + _HEAD), FAINT)

    def _lane(self, lane: str, items: Iterable[_Item], first: date) -> None:
        top, packer = self._y + 3, Packer()
        self._frame.append(Words(_MARGIN, top + _STEP / 2, lane))
        for item in items:
            self._item(item, first, top, packer)
        self._y = top + packer.height + 3
        self._frame.append(line((_MARGIN, self._y), (_LEFT + self._room, self._y)))

    def _item(self, item: _Item, first: date, top: float, packer: Packer) -> None:
        """The part of something that lies in a strip: its mark or bar, and its label beside it, or beneath, if it begins here."""
        edge = _LEFT + self._room
        low, high = self._span(item, first)
        left, right = max(low, _LEFT), min(max(high, low + 3), edge)
        label = self._label(item) if _first_day(item) >= first else []
        width = max((width_of(text, bold=bold) for text, bold in label), default=0.0) + 4
        to_left = right + width > edge and left - width >= _LEFT
        beneath = right + width > edge and not to_left
        box = (left - width, right) if to_left else (min(left, edge - width), right) if beneath else (left, right + width)
        y = top + packer.place(*box, max(1, len(label) + beneath) * _STEP, _STEP) + _STEP / 2
        shapes = self._shapes[id(item)]
        shapes += self._drawn(item, first, (left, right), y)
        x, anchor = (left - 4, "end") if to_left else (box[0] if beneath else right + 4, "start")
        shapes += [Words(x, y + (n + beneath) * _STEP, text, SIZE, bold, anchor) for n, (text, bold) in enumerate(label)]

    def _drawn(self, item: _Item, first: date, ends: tuple[float, float], y: float) -> Iterator[Shape]:
        """A mark, or a bar."""
        left, right = ends
        if isinstance(item, Reported):
            yield bar((left, y - 5, right, y + 5), AMBER, INK, dashed=item.open)
        elif LOOKS[item.kind].shape:
            yield mark_of(item, (left + right) / 2, y)
        else:
            yield from self._bar(item, first, left, right, y)

    def _label(self, item: _Item) -> list[tuple[str, bool]]:
        """The words beside a mark, line by line, and whether they are bold."""
        room = min(_WIDEST, self._room / 2 - 20)
        head = item.words if isinstance(item, Reported) else f"{label_of(item)}{self._marks.get(id(item), '')}"
        if isinstance(item, Reported) or item.kind is not EntryKind.DOSE:
            return [(text, False) for text in lines_of(head, room)]
        heads = [(text, True) for text in lines_of(head, room / 1.1)]
        return [*heads, *((text, False) for text in lines_of(item.condition, room))]

    def _span(self, item: _Item, first: date) -> tuple[float, float]:
        """From where to where something goes; the whole day if its times, or the end of a toxicity, are not known."""
        if isinstance(item, Reported):
            start, end = item.start, item.end
        elif LOOKS[item.kind].shape:
            middle = self._x(_when(item), first) + (0 if isinstance(_when(item), datetime) else self._day / 2)
            return middle - 8, middle + 8
        else:
            start, end = item.start or date.min, item.end or item.end_from
        low = self._x(start, first)
        if end is None:
            return low, low + self._day
        return low, self._x(end, first) + (self._day if isinstance(item, Reported) and not isinstance(end, datetime) else 0)

    def _bar(self, entry: PlanEntry, first: date, left: float, right: float, y: float) -> Iterator[Shape]:
        """A bar: solid up to the earliest end, and thinner up to the latest."""
        look, open_ = LOOKS[entry.kind], entry.end is None
        fill = look.fill if entry.given else look.light
        sure = right if entry.end_from is None or open_ else min(right, max(left, self._x(entry.end_from, first)))
        if sure > left:
            yield bar((left, y - 5, sure, y + 5), fill, INK, dashed=open_)
        if right > sure:
            yield bar((sure, y - 2, right, y + 2), fill, INK)


def _days_of(entry: PlanEntry) -> Iterator[date]:
    """The days on which something of an entry is drawn."""
    when = _when(entry)
    ends = (entry.end or entry.end_from or when) if entry.kind in WATCHED and entry.deadline is None else when
    on = day(when)
    yield on
    while on < day(ends):
        on += _DAY
        yield on

"""The course as a timeline: strips of some weeks, with a lane for the doses, and lanes for what is watched, drawn and due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from tarlatamab_rules.assessment.words import fact_in_words, listed
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
    mark,
    width_in,
    width_of,
)
from tarlatamab_rules.course.entries import EntryKind, PlanEntry, period
from tarlatamab_rules.inputs._fields import When, day
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.plans import MonitoringPlan

if TYPE_CHECKING:
    from tarlatamab_rules.core.paths import Note

__all__ = ["ON_TIMELINE", "course_drawing"]

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
_SHORT: Final = 5
"""So many doses are named one by one in a line beneath the strips."""


@frozen
class _Look:
    """How a kind of entry is drawn.

    Attributes:
        lane: Its lane.

        shape: The shape of its mark; empty: it is a bar.

        fill: The colour of what is given, or of a deadline.

        light: The colour of what is planned.

        means: What the mark means, for the explanation above.
    """

    lane: str
    shape: str
    fill: str
    light: str
    means: str


_LOOKS: Final[Mapping[EntryKind, _Look]] = {
    EntryKind.DOSE: _Look("Doses", "square", BLUE, PAPER, "dose"),
    EntryKind.OBSERVATION: _Look("Observation", "", BLUE, SKY, "observation"),
    EntryKind.NEAR_CARE: _Look("Near care", "", GREEN, PAPER, "near care"),
    EntryKind.LABS: _Look("Lab results", "up", GREEN, PAPER, "results needed"),
    EntryKind.RESTART_LIMIT: _Look("Last days", "flag", AMBER, AMBER, "last day for this dose"),
    EntryKind.RECOVERY_DEADLINE: _Look("Last days", "down", PURPLE, PURPLE, "must have improved"),
    EntryKind.CONTRACEPTION: _Look("Last days", "hourglass", PAPER, PAPER, "last day of contraception, and of no breast-feeding"),
    EntryKind.BREAST_FEEDING: _Look("Last days", "hourglass", PAPER, PAPER, "last day of contraception, and of no breast-feeding"),
}
ON_TIMELINE: Final = frozenset(_LOOKS)
"""The kinds of entries that the timeline shows. The others are on the picture of their dose."""

_LANES: Final = tuple(dict.fromkeys(look.lane for look in _LOOKS.values()))
_WATCHED: Final = frozenset((EntryKind.OBSERVATION, EntryKind.NEAR_CARE))
_OWED: Final = {EntryKind.CONTRACEPTION: "contraception", EntryKind.BREAST_FEEDING: "no breast-feeding"}
_PLANNED_DOSE: Final = "diamond"


def course_drawing(entries: Iterable[PlanEntry], notes: Iterable[Note], rulebook: str, width: int = WIDTH) -> Drawing:
    """A course on a timeline, in strips of one to four weeks. Every dose, bar and deadline is drawn once.

    A dose that is given is a filled square, and one that is planned an outlined diamond; bars are filled and outlined in the same way. What
    has no date is listed beneath, and so are conditions, notes, and where the sources disagree.

    Args:
        entries: The entries of a plan.

        notes: Its notes.

        rulebook: The name of the book that answered.

        width: In pixels, 480 to 4000.
    """
    shown = [entry for entry in entries if entry.kind in ON_TIMELINE]
    return _Sheet(width_in(width), shown, tuple(notes), rulebook).drawing()


def _when(entry: PlanEntry) -> When:
    """The day or moment at which an entry with a date is drawn."""
    return entry.deadline or entry.start or date.min


class _Sheet:
    """One drawing in the making, from the top down."""

    def __init__(self, width: float, entries: Sequence[PlanEntry], notes: Sequence[Note], rulebook: str) -> None:
        self._width, self._notes, self._book = width, notes, rulebook
        self._all = entries
        self._dated = sorted((entry for entry in entries if entry.when is not None), key=lambda entry: day(_when(entry)))
        self._room = width - _LEFT - _RIGHT
        weeks = int(self._room / _NARROWEST / _WEEK)
        self._days = _WEEK * max(1, min(_MOST_WEEKS, weeks))
        self._day = self._room / self._days
        self._footnotes = _footnotes(entries)
        self._marks = {id(entry): f" [{n + 1}]" for n, (_, group) in enumerate(self._footnotes) for entry in group}
        self._shapes: dict[int, list[Shape]] = {id(entry): [] for entry in self._dated}
        self._frame: list[Shape] = []
        self._y = _MARGIN

    def drawing(self) -> Drawing:
        """The whole drawing."""
        title = self._title()
        self._write(title, size=17.0, bold=True)
        self._legend()
        for first, entries in self._strips():
            self._strip(first, entries)
        self._foot()
        groups = [Group("frame", tuple(self._frame))]
        groups += [Group(str(entry.kind), tuple(self._shapes[id(entry)]), _says(entry), entry) for entry in self._dated]
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
        return "\n".join([*heads, *(_says(entry) for entry in (*self._dated, *self._undated()))])

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
        for shapes, text in _keys(self._dated):
            width = 30 + width_of(text)
            if x > _MARGIN and x + width > self._width - _MARGIN:
                x, y = _MARGIN, y + _STEP
            self._frame += [*_moved(shapes, x, y), Words(x + 28, y, text)]
            x += width + 16
        self._y = y + SIZE

    def _foot(self) -> None:
        self._y += 4
        undated = [f"{_name(entry)}{self._marks.get(id(entry), '')}" for entry in self._undated()]
        lines = [f"! {fact_in_words(note.about)}: {note.says}" for note in self._notes]
        lines += [f"No date: {'; '.join(undated)}."] if undated else []
        lines += [f"[{n + 1}] {text}" for n, (text, _) in enumerate(self._footnotes)]
        lines += _disagreeing(self._all)
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

    def _strips(self) -> Iterator[tuple[date, list[PlanEntry]]]:
        """The first day of each strip that has something to show, with its entries; a line says which days are left out."""
        days = (on for entry in self._dated for on in _days_of(entry))
        begin = min(days, default=date.min)
        strips: dict[int, list[PlanEntry]] = {}
        for entry in self._dated:
            for number in dict.fromkeys((on - begin).days // self._days for on in _days_of(entry)):
                strips.setdefault(number, []).append(entry)
        after = begin
        for number in sorted(strips):
            first = begin + timedelta(days=number * self._days)
            if first > after:
                self._write(f"{after} to {first - _DAY}: nothing is planned", ink=FAINT)
                self._y += 6
            yield first, strips[number]
            after = first + timedelta(days=self._days)

    def _x(self, when: When, first: date) -> float:
        """The place of a day or a moment in a strip, by the clock on the wall."""
        hours = when.hour / 24 + when.minute / 1440 if isinstance(when, datetime) else 0.0
        return _LEFT + ((day(when) - first).days + hours) * self._day

    def _strip(self, first: date, entries: Iterable[PlanEntry]) -> None:
        top, place = self._y + 4, len(self._frame)
        self._y = top + _HEAD
        for lane in _LANES:
            here = [entry for entry in entries if _LOOKS[entry.kind].lane == lane]
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

    def _lane(self, lane: str, entries: Iterable[PlanEntry], first: date) -> None:
        top, packer = self._y + 3, Packer()
        self._frame.append(Words(_MARGIN, top + _STEP / 2, lane))
        for entry in entries:
            self._entry(entry, first, top, packer)
        self._y = top + packer.height + 3
        self._frame.append(line((_MARGIN, self._y), (_LEFT + self._room, self._y)))

    def _entry(self, entry: PlanEntry, first: date, top: float, packer: Packer) -> None:
        """The part of an entry that lies in a strip: its mark or bar, and its label beside it if it begins here."""
        look, edges = _LOOKS[entry.kind], (_LEFT, _LEFT + self._room)
        begins = day(_when(entry)) >= first
        label = self._label(entry) if begins else []
        if look.shape:
            middle = self._x(_when(entry), first) + (0 if isinstance(_when(entry), datetime) else self._day / 2)
            left, right = middle - 8, middle + 8
        else:
            low, high = self._span(entry, first)
            left, right = max(low, edges[0]), min(max(high, low + 3), edges[1])
        width = max((width_of(text, bold=bold) for text, bold in label), default=0.0) + 4
        to_left = right + width > edges[1] and left - width >= edges[0]
        box = (left - width, right) if to_left else (left, right + width)
        y = top + packer.place(*box, max(1, len(label)) * _STEP, _STEP) + _STEP / 2
        shapes = self._shapes[id(entry)]
        if look.shape:
            shapes.append(_mark(entry, (left + right) / 2, y))
        else:
            shapes.extend(self._bar(entry, first, left, right, y))
        x, anchor = (left - 4, "end") if to_left else (right + 4, "start")
        shapes += [Words(x, y + n * _STEP, text, SIZE, bold, anchor) for n, (text, bold) in enumerate(label)]

    def _label(self, entry: PlanEntry) -> list[tuple[str, bool]]:
        """The words beside a mark, line by line, and whether they are bold."""
        head = f"{_label_of(entry)}{self._marks.get(id(entry), '')}"
        room = min(_WIDEST, self._room / 2 - 20)
        if entry.kind is not EntryKind.DOSE:
            return [(text, False) for text in lines_of(head, room)]
        heads = [(text, True) for text in lines_of(head, room / 1.1)]
        return [*heads, *((text, False) for text in lines_of(entry.condition, room))]

    def _span(self, entry: PlanEntry, first: date) -> tuple[float, float]:
        """From where to where a bar goes; the whole day if its times are not known."""
        start, end = entry.start or date.min, entry.end or entry.end_from
        low = self._x(start, first)
        return low, low + self._day if end is None else self._x(end, first)

    def _bar(self, entry: PlanEntry, first: date, left: float, right: float, y: float) -> Iterator[Shape]:
        """A bar: solid up to the earliest end, and thinner up to the latest."""
        look, open_ = _LOOKS[entry.kind], entry.end is None
        fill = look.fill if entry.given else look.light
        sure = right if entry.end_from is None or open_ else min(right, max(left, self._x(entry.end_from, first)))
        if sure > left:
            yield bar((left, y - 5, sure, y + 5), fill, INK, dashed=open_)
        if right > sure:
            yield bar((sure, y - 2, right, y + 2), fill, INK)


# --- what is drawn of one entry ---


def _days_of(entry: PlanEntry) -> Iterator[date]:
    """The days on which something of an entry is drawn."""
    when = _when(entry)
    ends = (entry.end or entry.end_from or when) if entry.kind in _WATCHED and entry.deadline is None else when
    on = day(when)
    yield on
    while on < day(ends):
        on += _DAY
        yield on


def _mark(entry: PlanEntry, x: float, y: float) -> Shape:
    look = _LOOKS[entry.kind]
    shape = _PLANNED_DOSE if entry.kind is EntryKind.DOSE and not entry.given else look.shape
    return mark(shape, x, y, look.fill if entry.given else look.light)


def _label_of(entry: PlanEntry) -> str:
    """The words beside a mark or a bar."""
    if entry.kind in _WATCHED:
        return f"{entry.point}: {_hours(entry)}"
    if entry.kind is EntryKind.DOSE:
        again = ", restart" if getattr(entry.value, "restart", False) else ""
        time = f", {entry.start:%H:%M}" if isinstance(entry.start, datetime) else ""
        return f"{entry.point} {entry.amount or 'amount not known'}{time}{again}"
    if entry.kind is EntryKind.RECOVERY_DEADLINE:
        return entry.says
    if entry.kind in _OWED:
        return f"{_OWED[entry.kind]}{'' if entry.deadline else ', last day not known'}"
    return f"{'before' if entry.kind is EntryKind.LABS else 'last day of'} {entry.point}"


def _hours(entry: PlanEntry) -> str:
    """For how long a patient is watched, or stays near care, in words."""
    plan = entry.value
    if not isinstance(plan, MonitoringPlan):
        return "not known yet"
    near = plan.near_care
    span = (None if near is None else near.hours) if entry.kind is EntryKind.NEAR_CARE else plan.observe
    if span is None:
        return "hours not said"
    return str(span).replace("-", " to ")


def _name(entry: PlanEntry) -> str:
    """An entry by its dose and its kind."""
    point = "" if entry.point is None else f"{entry.point} "
    if entry.kind is EntryKind.DOSE:
        return f"{point}{entry.amount or 'dose'}, {'given' if entry.given else 'planned'}"
    return f"{point}{named(entry.kind)}"


def _says(entry: PlanEntry) -> str:
    """What an entry says, with its time and its condition."""
    state = "" if entry.kind is not EntryKind.DOSE or entry.given else ", planned"
    condition = f", {entry.condition}" if entry.condition else ""
    other = f"; otherwise: {' OR '.join(entry.otherwise)}" if entry.alternatives else ""
    point = "" if entry.point is None else f"{entry.point} "
    return f"{period(entry) or 'no date'}: {point}{named(entry.kind)}: {entry.says}{state}{condition}{other}"


# --- beneath the strips ---


def _footnotes(entries: Iterable[PlanEntry]) -> list[tuple[str, list[PlanEntry]]]:
    """The conditions, each once, with the entries that it is about. That of a dose is drawn beside it."""
    groups: dict[tuple[str, str], list[PlanEntry]] = {}
    for entry in entries:
        if entry.condition and entry.kind is not EntryKind.DOSE:
            other = f"; otherwise: {' OR '.join(entry.otherwise)}" if entry.alternatives else ""
            groups.setdefault((str(entry.kind), f"{entry.condition}{other}"), []).append(entry)
    return [(f"{_about(kind, group)}: {text}.", group) for (kind, text), group in groups.items()]


def _about(kind: str, entries: Sequence[PlanEntry]) -> str:
    """What some entries of one kind are about: *observation of C1D15 and C2D1*."""
    points = [str(entry.point) for entry in entries if entry.point is not None]
    name = kind.replace("near-", "near ").capitalize()
    if not points:
        return name
    few = listed(points) if len(points) <= _SHORT else f"{len(points)} doses from {points[0]} to {points[-1]}"
    return f"{name} of {few}"


def _disagreeing(entries: Iterable[PlanEntry]) -> list[str]:
    """Where the sources disagree, one line a kind."""
    groups: dict[str, list[PlanEntry]] = {}
    for entry in entries:
        if entry.disagreements:
            groups.setdefault(str(entry.kind), []).append(entry)
    about = "; ".join(_about(kind, group) for kind, group in groups.items())
    return [f"The sources disagree, and the plan says how: {about}."] if about else []


# --- what the marks mean ---


def _keys(entries: Iterable[PlanEntry]) -> Iterator[tuple[list[Shape], str]]:
    """A key and its meaning, for everything that is drawn."""
    seen: dict[tuple[str, str, bool], tuple[list[Shape], str]] = {}
    for entry in entries:
        look = _LOOKS[entry.kind]
        of_state = look.lane != "Last days"
        state = (" (given)" if entry.given else " (planned)") if of_state else ""
        fill = look.fill if entry.given else look.light
        key: list[Shape] = [_mark(entry, 12, 0) if look.shape else bar((2, -5, 22, 5), fill, INK)]
        seen.setdefault((look.lane, look.means, of_state and entry.given), (key, f"{look.means}{state}"))
    places = {means: n for n, means in enumerate(dict.fromkeys(look.means for look in _LOOKS.values()))}
    for _, (key, text) in sorted(seen.items(), key=lambda item: (places[item[0][1]], not item[0][2])):
        yield key, text
    if any(entry.kind in _WATCHED and entry.end is not None and entry.end_from is not None for entry in entries):
        yield [bar((2, -5, 12, 5), PAPER, INK), bar((12, -2, 22, 2), PAPER, INK)], "earliest to latest end"
    if any(entry.kind in _WATCHED and entry.end is None for entry in entries):
        yield [bar((2, -5, 22, 5), PAPER, INK, dashed=True)], "times not known"


def _moved(shapes: Iterable[Shape], x: float, y: float) -> list[Shape]:
    """The same shapes at another place."""
    return [
        evolve(shape, points=tuple((x + right, y + down) for right, down in shape.points))
        for shape in shapes
        if not isinstance(shape, Words)
    ]

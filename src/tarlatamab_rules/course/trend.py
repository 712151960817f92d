"""The results of one analyte against the grades of the scale, with what a book does at each grade, and doses and toxicities beneath."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import ceil, log10
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.assessment.words import capital
from tarlatamab_rules.course.bands import Band, bands_of
from tarlatamab_rules.course.drawing import (
    AMBER,
    BLUE,
    FAINT,
    INK,
    LINE,
    PAPER,
    SIZE,
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
from tarlatamab_rules.course.reported import reported
from tarlatamab_rules.inputs._fields import When, day
from tarlatamab_rules.inputs.analytes import KINDS, Analyte
from tarlatamab_rules.inputs.labs import LabResult
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY
from tarlatamab_rules.rules.grading import grade_lab
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.wording import as_read, at
from tarlatamab_rules.views.grids import Silence, action_grid

if TYPE_CHECKING:
    from tarlatamab_rules.course.entries import PlanEntry
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["trend_drawing"]

_MARGIN, _LEFT, _HEIGHT = 14.0, 92.0, 330.0
"""The edge of the picture, the room for the values, and the height of the results."""
_WORDS: Final = 0.27
"""The part of the width that the words about the grades take."""
_STEP: Final = 17.0
_DATE: Final = 64.0
"""The least room for a date."""
_DAYS: Final = (1, 2, 7, 14, 28, 56, 112, 364)
"""How many days may lie between two dates."""
_WIDE_RANGE: Final = 25.0
"""If the greatest value is more than so many times the least one, equal steps are equal ratios."""
_BEYOND: Final = 1.6
"""How far such a scale goes beyond its values, as a ratio."""
_SHADES: Final = (PAPER, "#fdf3dc", "#f9dfab", "#efc170", "#d99a3c", "#b97a2a")
"""The colours of the grades: the worse, the darker, in grey too."""


def trend_drawing(  # noqa: PLR0913  # one keyword a fact
    analyte: Analyte,
    *,
    results: Sequence[LabResult],
    events: Sequence[ToxicityEvent],
    doses: Sequence[PlanEntry],
    book: Rulebook,
    width: int,
) -> Drawing:
    """The results of one analyte over time.

    Args:
        analyte: The analyte.

        results: Results of this analyte.

        events: The toxicities so far.

        doses: The doses given, and the next one.

        book: The book whose actions and scale are shown.

        width: In pixels.
    """
    return _Trend(analyte, results, events, doses, book, width_in(width)).drawing()


class _Trend:
    """One drawing in the making."""

    def __init__(  # noqa: PLR0913, PLR0917  # as above
        self,
        analyte: Analyte,
        results: Sequence[LabResult],
        events: Sequence[ToxicityEvent],
        doses: Sequence[PlanEntry],
        book: Rulebook,
        width: float,
    ) -> None:
        self._analyte, self._book, self._width = analyte, book, width
        self._unit, self._scale = KINDS[analyte].unit, book.lab_scale
        self._results = sorted((item for item in results if item.collected is not None), key=lambda item: _place(item.collected))
        self._undated = [item for item in results if item.collected is None]
        self._events, self._lost = reported(events)
        self._doses = [dose for dose in doses if dose.start is not None]
        known = [item for item in [*self._undated, *self._results] if item.lower_limit or item.upper_limit or item.baseline]
        self._like = known[-1] if known else None
        self._bands = bands_of(analyte, self._like, self._scale)
        self._grid = action_grid(book)
        self._left, self._right = _MARGIN + _LEFT, width - _MARGIN - max(210.0, _WORDS * width)
        self._first, self._days = self._time()
        self._y = _MARGIN
        self._frame: list[Shape] = []
        self._groups: list[Group] = []

    def drawing(self) -> Drawing:
        """The whole drawing."""
        title = f"{capital(named(self._analyte))}: {_count(len(self._results))}, graded by {self._scale}"
        self._write(title, size=17.0, bold=True)
        self._write(f"in {self._unit}; on the right what {self._book.name} says about the drug", ink=FAINT)
        self._y += 10
        top = self._y
        low, high = self._range()
        scale = _scale(low, high, top, top + _HEIGHT)
        self._draw_bands(low, high, scale)
        self._groups.append(Group("days", tuple(line((x, top), (x, top + _HEIGHT + 4), LINE) for x in self._ticks())))
        self._draw_results(scale)
        self._y = top + _HEIGHT + 4
        self._dates()
        for name, lane in (("Results", self._result_lane), ("Doses", self._dose_lane), ("Toxicities", self._event_lane)):
            self._lane(name, lane)
        self._foot()
        said = "\n".join(filter(None, (group.says for group in self._groups)))
        return Drawing(self._width, self._y + _MARGIN, title, said, (Group("frame", tuple(self._frame)), *self._groups))

    def _write(self, text: str, *, size: float = SIZE, bold: bool = False, ink: str = INK) -> None:
        for words in lines_of(text, (self._width - 2 * _MARGIN) / (1.1 if bold else 1.0), size):
            self._frame.append(Words(_MARGIN, self._y + size / 2, words, size, bold, ink=ink))
            self._y += lines_height(1, size)

    # --- places ---

    def _time(self) -> tuple[date, int]:
        """The first day, and how many days there are."""
        days = [day(item.collected) for item in self._results if item.collected is not None]
        days += [day(dose.start) for dose in self._doses if dose.start is not None]
        days += [on for event in self._events for on in event.days]
        first = min(days, default=date.min)
        return first, (max(days, default=first) - first).days + 1

    def _x(self, when: When) -> float:
        hours = when.hour / 24 + when.minute / 1440 if isinstance(when, datetime) else 0.5
        return self._left + ((day(when) - self._first).days + hours) / self._days * (self._right - self._left)

    def _ticks(self) -> list[float]:
        a_day = (self._right - self._left) / self._days
        step = next((days for days in _DAYS if days * a_day >= _DATE), _DAYS[-1] * ceil(_DATE / a_day / _DAYS[-1]))
        return [self._left + n * a_day for n in range(0, self._days, step)]

    def _range(self) -> tuple[float, float]:
        """The least and the greatest value that is drawn: every result, and the limits of the grades."""
        edges = [band.low for band in self._bands[1:]]
        values = [item.quantity.value for item in self._results] + edges
        low, high = min(values, default=0.0), max(values, default=1.0)
        if low > 0 and high / low > _WIDE_RANGE:
            return low / _BEYOND, high * _BEYOND
        room = 0.12 * (high - low) or high or 1.0
        return (0.0 if low < 2 * room else low - room), high + room

    # --- what is drawn ---

    def _draw_bands(self, low: float, high: float, scale: Callable[[float], float]) -> None:
        """The grades as bands, their limits on the left, and on the right what the book says."""
        shown = [band for band in self._bands if band.low < high and band.high > low]
        middles = [(scale(max(band.low, low)) + scale(min(band.high, high))) / 2 for band in shown]
        words = [lines_of(self._says(band), self._width - _MARGIN - self._right - 30) for band in shown]
        tops = _apart(middles, [_STEP * len(text) for text in words], scale(high), scale(low))
        for band, middle, text, y in zip(shown, middles, words, tops, strict=True):
            bottom, top = scale(max(band.low, low)), scale(min(band.high, high))
            worst = max((grade for grade in band.grades if grade is not None), default=0)
            shapes: list[Shape] = [
                bar((self._left, top, self._right, bottom), _SHADES[worst]),
                line((self._left, bottom), (self._right, bottom), FAINT),
            ]
            shapes.append(line((self._right, middle), (self._right + 22, y + _STEP / 2), FAINT))
            shapes += [Words(self._right + 26, y + _STEP / 2 + n * _STEP, part) for n, part in enumerate(text)]
            self._groups.append(Group("band", tuple(shapes), f"{self._span(band)}: {self._says(band)}"))
        edges = [band.low for band in shown[1:]]
        places = _apart([scale(edge) for edge in edges], [_STEP] * len(edges), scale(high), scale(low), down=False)
        for edge, y in zip(edges, places, strict=True):
            self._frame.append(Words(self._left - 20, y + _STEP / 2, f"{edge:.4g}", anchor="end"))
            self._frame.append(line((self._left - 17, y + _STEP / 2), (self._left, scale(edge)), FAINT))

    def _span(self, band: Band) -> str:
        """From where to where a band goes."""
        low = "" if band is self._bands[0] else f"{band.low:.4g}"
        high = "" if band is self._bands[-1] else f"{band.high:.4g}"
        if low and high:
            return f"{low} to {high} {self._unit}"
        return f"above {low} {self._unit}" if low else f"below {high} {self._unit}" if high else "any value"

    def _says(self, band: Band) -> str:
        """A grade, and what the book says about the drug at it."""
        toxicity = LAB_TOXICITY.get(self._analyte)
        grades = [grade for grade in band.grades if grade is not None and grade > 0]
        if toxicity is None or not grades:
            return band.words
        cells = [self._grid[toxicity, grade] for grade in grades]
        return f"{band.words}: {' or '.join(dict.fromkeys(str(part) for cell in cells for part in cell.possible))}"

    def _draw_results(self, scale: Callable[[float], float]) -> None:
        """The results as points in a line; a bound is a triangle that points to where the value may be."""
        points = [(self._x(item.collected), scale(item.quantity.value)) for item in self._results if item.collected is not None]
        self._groups.append(Group("line", tuple(line(one, other, INK, 1.6) for one, other in pairwise(points))))
        for item, (x, y) in zip(self._results, points, strict=True):
            shape = "down" if item.quantity.bound.startswith("<") else "up" if item.quantity.bound else "square"
            self._groups.append(Group("result", (mark(shape, x, y, BLUE),), self._result_words(item)))

    def _grade(self, result: LabResult) -> str:
        return Band(0, 0, grade_lab(result, rulebook=self._scale).possible or (None,)).words

    def _result_words(self, result: LabResult) -> str:
        drawn = "not dated" if result.collected is None else at(result.collected)
        return f"{drawn}: {as_read(result.quantity)}, {self._grade(result)}"

    def _dates(self) -> None:
        step = self._ticks()
        a_day = (self._right - self._left) / self._days
        for n, x in enumerate(step):
            on = self._first + timedelta(days=round((x - self._left) / a_day))
            self._frame.append(Words(x, self._y + 8, f"{on.day} {on:%b}", 11.0, anchor="start", ink=FAINT))
            if n == 0 or on.year != (self._first + timedelta(days=round((step[n - 1] - self._left) / a_day))).year:
                self._frame.append(Words(x, self._y + 22, f"{on.year}", 11.0, anchor="start", ink=FAINT))
        self._y += 32

    # --- beneath ---

    def _lane(self, name: str, items: Callable[[], Iterator[tuple[float, float, str, Callable[[float], list[Shape]], str]]]) -> None:
        """A lane with marks and their words, packed so that none touch."""
        packer, top, edge = Packer(), self._y + 3, self._width - _MARGIN
        for left, right, text, drawn, says in items():
            width = width_of(text) + 6
            beside = right + width <= edge or left - width >= self._left
            to_left = right + width > edge
            box = (left - width, right) if to_left else (left, right + width)
            if not beside:
                box = (min(left, edge - width), edge)
            y = top + packer.place(*box, _STEP if beside else 2 * _STEP, _STEP) + _STEP / 2
            place = left - 4 if beside else edge
            words = Words(place, y + (0 if beside else _STEP), text, anchor="end") if to_left else Words(right + 4, y, text)
            self._groups.append(Group(name.lower(), (*drawn(y), words), says))
        if packer.height:
            self._frame.append(Words(_MARGIN, top + _STEP / 2, name))
            self._y = top + packer.height + 3
            self._frame.append(line((_MARGIN, self._y), (edge, self._y)))

    def _result_lane(self) -> Iterator[tuple[float, float, str, Callable[[float], list[Shape]], str]]:
        for item in self._results:
            x = self._x(item.collected or self._first)
            value = as_read(item.quantity).removesuffix(f" {self._unit}")
            yield x - 2, x + 2, f"{value}, {self._grade(item)}", _small_line(x), ""

    def _dose_lane(self) -> Iterator[tuple[float, float, str, Callable[[float], list[Shape]], str]]:
        for dose in self._doses:
            x = self._x(dose.start or self._first)
            shape, fill = ("square", BLUE) if dose.given else ("diamond", PAPER)
            words = f"{dose.point} {dose.amount or ''}{'' if dose.given else ' (planned)'}"
            yield x - 8, x + 8, words, _one_mark(shape, x, fill), str(dose)

    def _event_lane(self) -> Iterator[tuple[float, float, str, Callable[[float], list[Shape]], str]]:
        for event in self._events:
            left = self._x(event.start)
            right = self._right if event.end is None else max(self._x(event.end), left + 4)
            yield left, right, event.words, _one_bar(left, right, dashed=event.open), event.says

    def _foot(self) -> None:
        self._y += 8
        if self._like is None:
            self._write("Limits of normal are not known, so grades that depend on them cannot be drawn.")
        elif any(_limits(item) != _limits(self._like) for item in (*self._results, *self._undated)):
            self._write("The bands are those of the limits of normal of the last result that has them; each result is graded by its own.")
        for item in self._undated:
            self._write(f"Not drawn: {self._result_words(item)}.")
        for words in self._lost:
            self._write(f"Not drawn, because its onset is not known: {words}.")
        if any(Silence.SILENT in self._says(band) for band in self._bands):
            self._write("Silent: the book does not say what to do, which is no permission.")
        about = f"Grades by {self._scale}, actions by {self._book.name}. A result alone decides nothing: assess the dose. "
        about += "Not medical advice. Times are those of the site."
        self._write(about, ink=FAINT)


def _count(number: int) -> str:
    return "no dated result" if not number else "1 result" if number == 1 else f"{number} results"


def _limits(result: LabResult) -> tuple[Amount | None, ...]:
    return result.lower_limit, result.upper_limit, result.baseline


def _place(when: When | None) -> tuple[date, str]:
    """A day or a moment in order; a day without a time comes first."""
    on = date.min if when is None else day(when)
    return on, when.isoformat() if isinstance(when, datetime) else ""


def _scale(low: float, high: float, top: float, bottom: float) -> Callable[[float], float]:
    """The place of a value between two edges. Equal steps are equal ratios if the range is wide."""
    if low > 0 and high / low > _WIDE_RANGE * _BEYOND**2:
        return lambda value: bottom - log10(max(value, low) / low) / log10(high / low) * (bottom - top)
    return lambda value: bottom - (min(max(value, low), high) - low) / (high - low) * (bottom - top)


def _apart(middles: Sequence[float], heights: Sequence[float], top: float, bottom: float, *, down: bool = True) -> list[float]:
    """The tops of words near their places, moved apart so that none touch; values fall from the top to the bottom."""
    order = sorted(range(len(middles)), key=lambda n: middles[n])
    places, edge = dict.fromkeys(order, 0.0), top - (0 if down else _STEP / 2)
    for n in order:
        places[n] = edge = max(edge, middles[n] - heights[n] / 2)
        edge += heights[n]
    over = edge - (bottom + _STEP / 2)
    for n in reversed(order):
        if over <= 0:
            break
        places[n] -= over
        before = [other for other in order if middles[other] < middles[n]]
        over = places[before[-1]] + heights[before[-1]] - places[n] if before else 0
    return [places[n] for n in range(len(middles))]


def _small_line(x: float) -> Callable[[float], list[Shape]]:
    return lambda y: [line((x, y - 6), (x, y + 6), INK, 1.6)]


def _one_mark(shape: str, x: float, fill: str) -> Callable[[float], list[Shape]]:
    return lambda y: [mark(shape, x, y, fill)]


def _one_bar(left: float, right: float, *, dashed: bool) -> Callable[[float], list[Shape]]:
    return lambda y: [bar((left, y - 5, right, y + 5), AMBER, INK, dashed=dashed)]

"""A plan of a whole course, and how it is read: by day, by dose, from now on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.paths import Note
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.course.changes import PlanChanges, changes_between
from tarlatamab_rules.course.entries import EntryKind, PlanEntry, text_of
from tarlatamab_rules.course.request import Request
from tarlatamab_rules.inputs._fields import When, day, is_aware, moment, word
from tarlatamab_rules.inputs.course import DosePoint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CoursePlan", "in_order"]

_KINDS: Final = tuple(EntryKind)
_DAY: Final = timedelta(days=1)


@frozen
class CoursePlan(Shown):
    """A course on a timeline: what is known of it, and what follows if every dose to come is given as planned.

    Attributes:
        entries: Everything that is to be done or watched, in order of time.

        notes: What a reader must know beside the entries: a restart limit that is crossed, a dose that a clinician must look at first, or
            why no further dose is planned.

        rulebook: The name of the book that answered.

        request: What was asked for; `replan` goes on from it.
    """

    entries: tuple[PlanEntry, ...]
    notes: tuple[Note, ...]
    rulebook: str
    request: Request = field(repr=False)

    @property
    def doses(self) -> tuple[PlanEntry, ...]:
        """The doses alone, given and to come."""
        return tuple(entry for entry in self.entries if entry.kind is EntryKind.DOSE)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know before relying on its entries, each once."""
        return tuple(dict.fromkeys(caveat for entry in self.entries for caveat in entry.caveats))

    def for_dose(self, point: DosePoint | str) -> tuple[PlanEntry, ...]:
        """Everything that belongs to one dose, as ``"C2D1"``."""
        wanted = DosePoint.of(point)
        return tuple(entry for entry in self.entries if entry.point == wanted)

    def on(self, when: date) -> tuple[PlanEntry, ...]:
        """Everything that is to be done, goes on or is due on one day; of a moment, on its day at the site."""
        on = self._when(when, "when")
        on = day(on)
        return self.between(on, on)

    def between(self, first: date, last: date) -> tuple[PlanEntry, ...]:
        """Everything that is to be done, goes on or is due between two days or moments, both included.

        An entry with a deadline is found at its deadline, not on the days before it.

        Raises:
            FieldError: *last* is before *first*; or the plan has UTC offsets and a moment has none, or the other way round.
        """
        begins, ends = self._span(self._when(first, "first"))[0], self._span(self._when(last, "last"))[1]
        if ends < begins:
            raise FieldError("last", f"{last} is before {first}", "pass the earlier one first")
        spans = ((entry, *self._of(entry)) for entry in self.entries if entry.when is not None)
        return tuple(entry for entry, low, high in spans if low <= ends and high >= begins)

    def next(self, now: date, kind: EntryKind | str | None = None) -> PlanEntry | None:
        """The first entry that begins or is due at or after *now*; ``None`` if there is none.

        A plan does not know what time it is, so pass the moment. Of an entry without a time of day the whole day counts.

        Args:
            now: A moment or a day, from its beginning on.

            kind: Only entries of this kind, as ``"dose"``.
        """
        wanted, begins = word(EntryKind, kind, "kind"), self._span(self._when(now, "now"))[0]
        for entry in self.entries:
            when = entry.when
            if when is not None and wanted in {None, entry.kind} and self._span(when)[1] >= begins:
                return entry
        return None

    def changes(self, later: CoursePlan) -> PlanChanges:
        """What is different in a later plan of the same course."""
        if not isinstance(later, CoursePlan):
            raise FieldTypeError("later", f"{shown(later)} is not a CoursePlan", "pass what replan gave")
        return changes_between(self.entries, later.entries, self.notes, later.notes)

    def to_frame(self) -> pd.DataFrame:
        """One row an entry, as a pandas DataFrame.

        Raises:
            ImportError: pandas is not installed.
        """
        from tarlatamab_rules.course.frame import frame_of  # noqa: PLC0415  # pandas loads only for this

        return frame_of(self.entries)

    def _repr_html_(self) -> str:
        """The course as a timeline, and the plan day by day."""
        from tarlatamab_rules.course.timeline import course_drawing  # noqa: PLC0415  # a plan that is not shown does without
        from tarlatamab_rules.views.html import as_html  # noqa: PLC0415  # as above

        drawing = course_drawing(self.entries, self.notes, self.rulebook, events=self.request.events or ())
        return f'<div style="overflow-x:auto">{drawing.svg}</div>{as_html(self)}'

    def __str__(self) -> str:
        """The plan day by day."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        starts = [entry.start for entry in self.doses if entry.start is not None]
        days = f" from {day(starts[0])} to {day(starts[-1])}" if starts else ""
        yield f"Course plan: {len(self.doses)} doses{days}, by {self.rulebook}"
        yield "A dose to come is given if it is cleared on its day: assess_dose says so."
        yield from (f"! {fact_in_words(note.about)}: {note.says}" for note in self.notes)
        yield from (f"CAUTION {caveat}" for caveat in self.caveats if caveat not in {note.says for note in self.notes})
        for on, entries in groupby(self.entries, lambda entry: None if entry.when is None else day(entry.when)):
            yield "no date" if on is None else f"{on.isoformat()} {on:%A}"
            yield from (f"  {line}" for entry in entries for line in text_of(entry, on).splitlines())

    # --- time ---

    def _when(self, value: When, path: str) -> When:
        """A day or a moment at the clock of the site."""
        when = moment(value, path)
        if when is None:
            raise FieldTypeError(path, "a day or a moment must be said", "pass datetime.date(2026, 2, 2), or a datetime")
        zone = self.request.site.zone
        if not isinstance(when, datetime):
            return when
        if is_aware(when) is not (zone is not None):
            fix = "pass a moment without a UTC offset, or plan with site_zone" if zone is None else "pass a moment with its UTC offset"
            raise FieldError(path, f"{when} cannot be compared with the times of this plan", fix)
        return self.request.site.read(when)

    def _of(self, entry: PlanEntry) -> tuple[datetime, datetime]:
        """The first and the last moment of an entry."""
        if entry.deadline is not None:
            return self._span(entry.deadline)
        low, high = self._span(entry.start or date.min)
        ends = entry.end or entry.end_from
        return low, high if ends is None else self._span(ends)[1]

    def _span(self, when: When) -> tuple[datetime, datetime]:
        """A moment, or the whole day, on one scale."""
        if isinstance(when, datetime):
            return _plain(when), _plain(when)
        zone = self.request.site.zone
        low, high = (_plain(datetime.combine(on, time(), zone)) for on in (when, when + _DAY))
        return low, high - timedelta(microseconds=1)


def _plain(when: datetime) -> datetime:
    """A moment in UTC if it has an offset."""
    return when.astimezone(UTC).replace(tzinfo=None) if is_aware(when) else when


def in_order(entries: Iterable[PlanEntry]) -> tuple[PlanEntry, ...]:
    """Entries in order of time. On each day those without a time come first, and last days come last."""
    return tuple(sorted(entries, key=_place))


_ALL_DAY: Final = 0
_TIMED: Final = 1
_LAST: Final = 2
_LAST_DAYS: Final = frozenset((EntryKind.RESTART_LIMIT, EntryKind.RECOVERY_DEADLINE, EntryKind.CONTRACEPTION, EntryKind.BREAST_FEEDING))


def _place(entry: PlanEntry) -> tuple[int, int, float, int, int]:
    when = entry.when
    number = 0 if entry.point is None else entry.point.number
    kind = _KINDS.index(entry.kind)
    if when is None:
        return 0, 0, 0.0, number, kind
    if isinstance(when, datetime):
        seconds = (when if is_aware(when) else when.replace(tzinfo=UTC)).timestamp()
        return when.toordinal(), _TIMED, seconds, number, kind
    return when.toordinal(), _LAST if entry.kind in _LAST_DAYS else _ALL_DAY, 0.0, number, kind

"""A plan, put together: the doses, what belongs to each of them, and what is owed beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.chart import episodes
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.paths import EVENTS, Fact, Note
from tarlatamab_rules.course.around import Around, rows_by_order
from tarlatamab_rules.course.conditions import Expected, expected_monitoring, expected_premedication, unlike
from tarlatamab_rules.course.entries import EntryKind, PlanEntry
from tarlatamab_rules.course.owed import after_the_last, assessed, case_of, held_on, known_until, note_of, open_so_far, state_of
from tarlatamab_rules.course.plan import CoursePlan, in_order
from tarlatamab_rules.course.steps import Steps, TimedDose, given_doses, steps
from tarlatamab_rules.inputs._fields import day, earlier
from tarlatamab_rules.rulebooks.tarlatamab.revisions import newer_than
from tarlatamab_rules.rules.event_grade import read
from tarlatamab_rules.rules.labs import labs_due
from tarlatamab_rules.rules.planned import Planned
from tarlatamab_rules.rules.plans import checklist, infusion_plan
from tarlatamab_rules.values.vocabulary import Anchor

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import DoseAssessment
    from tarlatamab_rules.course.owed import State
    from tarlatamab_rules.course.request import Request
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rules.event_grade import Episode

__all__ = ["planned"]

_AFTER = frozenset((EntryKind.SALINE, EntryKind.TEACHING, EntryKind.OBSERVATION, EntryKind.NEAR_CARE))
"""What goes on after an infusion has ended."""


def planned(request: Request) -> CoursePlan:
    """The plan that was asked for."""
    state, given = state_of(request), given_doses(request)
    following = None if state.stopped else _following(state, request)
    to_come = () if following is None else following.doses
    maker = _Maker(request)
    by_dose = [maker.given(dose, last=dose is given[-1]) for dose in given]
    by_dose += [maker.to_come(dose, state if n == 0 else None) for n, dose in enumerate(to_come)]
    doses = (*given, *to_come)
    owed = [
        *(() if following is None else state.deadlines(to_come[0].start if to_come else None)),
        *(after_the_last(request, doses[-1], stopped=following is None) if doses else ()),
    ]
    case = case_of(request, state.point, None)
    entries = in_order([_in_words(entry, case) for entry in (*chain.from_iterable(by_dose), *dict.fromkeys(owed))])
    notes = (*_revisions(doses, request), *state.notes, *maker.notes, *(() if following is None else following.notes), *_overlaps(by_dose))
    return CoursePlan(entries, notes, request.book.name, request)


def _following(state: State, request: Request) -> Steps:
    """The doses to come. If what is known holds the next one on its day, but no longer holds it later, it waits until then."""
    following = steps(request, state.held_until)
    if state.condition or not following.doses:
        return following
    first = following.doses[0]
    held = held_on(request, first)
    if held is None:
        return following
    tried = (steps(request, earliest) for earliest in _days_of_change(request, first))
    waiting = next((later for later in tried if not later.doses or held_on(request, later.doses[0]) is None), following)
    return Steps(waiting.doses, (held, *waiting.notes))


def _days_of_change(request: Request, first: TimedDose) -> list[date]:
    """The days after a dose on which a toxicity ends or improves or a result is drawn, and the days after these; some of them, if many."""
    dates = [when for event in request.events or () for when in (event.improved, event.resolved)]
    dates += [lab.collected for lab in request.labs or ()]
    on = day(first.start) if first.start is not None else date.max
    days = sorted({day(when) + timedelta(days=n) for when in dates if when is not None for n in (0, 1)})
    days = [known for known in days if known > on]
    return [*days[: _MOST - 1], *days[_MOST - 1 :][-1:]]


_MOST: Final = 64
"""On so many later days the next dose is tried."""


def _in_words(entry: PlanEntry, case: Case) -> PlanEntry:
    """An entry with what its answer lacks, in words."""
    missing = entry.answer.missing
    return evolve(entry, lacks=tuple([fact_in_words(fact, case) for fact in missing])) if missing else entry


class _Maker:
    """Makes the entries of doses."""

    def __init__(self, request: Request) -> None:
        book = request.book
        self._request, self._book = request, book
        self.notes: list[Note] = []
        self._drug = "dose" if book.drug is None else book.drug.name
        self._rows = rows_by_order(book)
        events = request.events or ()
        self._reported = tuple([read(event, book) for event in events])
        going_on, found = episodes(events, request.findings or (), known_until(request), book)
        self._episodes = (*going_on, *found)

    def given(self, dose: TimedDose, *, last: bool) -> list[PlanEntry]:
        """A dose that was given; of the last one, also what goes on after it."""
        around = self._around(dose)
        entries = [around.dose_entry(), around.infusion_entry()]
        if not last:
            return entries
        planned = self._planned(dose, [episode for episode in self._reported if not _after(episode.event.onset, dose.start)])
        after = self._accompanying(around, expected_premedication(planned), expected_monitoring(planned))
        return [*entries, *(entry for entry in after if entry.kind in _AFTER or entry.anchor is Anchor.INFUSION_END)]

    def to_come(self, dose: TimedDose, state: State | None) -> list[PlanEntry]:
        """A dose to come; *state* is how things stand before the next one."""
        around = self._around(dose)
        planned = self._planned(dose, self._episodes)
        medicines, watching = expected_premedication(planned), expected_monitoring(planned)
        condition = ""
        if state is not None:
            found = assessed(self._request, dose.point, dose.start)
            self.notes += [note_of(found, dose.point)] if found.verdict is Verdict.NEEDS_ASSESSMENT else []
            condition = state.condition or self._open(found)
            medicines, watching = unlike(medicines, found.premedication), unlike(watching, found.monitoring)
        return [
            around.dose_entry(condition),
            around.infusion_entry(),
            *around.labs_entry(labs_due(dose.point, rulebook=self._book)),
            *around.limit_entry(),
            *self._accompanying(around, medicines, watching),
        ]

    def _open(self, found: DoseAssessment) -> str:
        """What the next dose depends on if nothing withholds it; empty if nothing is open but what its day brings."""
        if found.verdict is Verdict.NEEDS_ASSESSMENT:
            return "if a clinician clears it"
        if open_ := open_so_far(found):
            return open_
        return f"depends on {fact_in_words(EVENTS)}" if self._request.events is None and self._request.course.doses else ""

    def _accompanying(self, around: Around, medicines: Expected, watching: Expected) -> Iterator[PlanEntry]:
        """What goes before, with and after a dose."""
        watched = list(around.watching(watching))
        leaves = next((entry.end_from or entry.end for entry in watched if entry.kind is EntryKind.OBSERVATION), None)
        yield from around.medicines(medicines)
        yield from around.checks(checklist(around.dose.point, rulebook=self._book), leaves)
        yield from watched

    def _around(self, dose: TimedDose) -> Around:
        return Around(dose, self._drug, self._rows, self._request.site, infusion_plan(dose.point, rulebook=self._book))

    def _planned(self, dose: TimedDose, episodes: Iterable[Episode]) -> Planned:
        return Planned(
            dose.point.number, dose.one_role or dose.role or None, dose.start, dose.before, tuple(episodes), self._book, lacks=()
        )


def _revisions(doses: Iterable[TimedDose], request: Request) -> tuple[Note, ...]:
    """The revisions of the label that are in force by the last dose and are not encoded."""
    last = max((day(dose.start) for dose in doses if dose.start is not None), default=None)
    return () if last is None or request.book.drug is None else tuple([Note("label", revision.note) for revision in newer_than(last)])


def _after(onset: When | None, start: When | None) -> bool:
    """Whether an episode began after a dose."""
    return onset is not None and start is not None and bool(earlier(start, onset))


def _overlaps(by_dose: list[list[PlanEntry]]) -> Iterator[Note]:
    """A dose that begins while the one before is infused or watched: one of the two times cannot be."""
    for before, after in pairwise(by_dose):
        ends = [
            entry.end for entry in before if entry.kind in {EntryKind.INFUSION, EntryKind.OBSERVATION} and isinstance(entry.end, datetime)
        ]
        start, end = after[0].start, max(ends, key=_scale, default=None)
        if end is not None and isinstance(start, datetime) and _scale(start) < _scale(end):
            says = f"begins at {start:%Y-%m-%d %H:%M}, before {before[0].point} is over at {end:%Y-%m-%d %H:%M}: correct one of the two"
            yield Note(Fact("course", after[0].point), says)


def _scale(moment: datetime) -> datetime:
    """A moment on one scale: in UTC if it has an offset."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC)

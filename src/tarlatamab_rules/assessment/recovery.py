"""When an episode recovered, by a report and by results. If they differ, the later day counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import evolve, frozen

from tarlatamab_rules.assessment.votes import Judged, Vote
from tarlatamab_rules.assessment.words import capital
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Note
from tarlatamab_rules.inputs._fields import When, day, days_between, earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rules.event_grade import read
from tarlatamab_rules.rules.toxicity import acts, clock_of, recovered_at
from tarlatamab_rules.values.names import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tarlatamab_rules.assessment.chart import Chart, Result
    from tarlatamab_rules.core.paths import Fact
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.event_grade import Episode

__all__ = ["Measured", "by_results", "contradictions", "improved_by_results", "measured_notes", "recovers_later", "with_report"]

_Graded: TypeAlias = "tuple[When, Grade, Grade]"
"""When a result was drawn, and the mildest and the worst grade that it may have."""

COUNTED_BY = {
    Toxicity.NEUTROPENIA: Analyte.NEUTROPHILS,
    Toxicity.ANEMIA: Analyte.HEMOGLOBIN,
    Toxicity.THROMBOCYTOPENIA: Analyte.PLATELETS,
}
"""The low counts, each with the analyte that shows it."""


@frozen
class Measured:
    """An episode that results show.

    Attributes:
        event: The episode.

        bad: When the last sample before recovery was drawn.

        good: When the first sample after it was drawn; ``None`` if no sample shows recovery.

        doubt: Why a clinician must assess the recovery, if the clock may have run out between the two; else empty.
    """

    event: ToxicityEvent
    bad: When | None = None
    good: When | None = None
    doubt: str = ""


def with_report(
    shown: Measured, reported: Sequence[Episode], until: When | None, path: Fact, book: Rulebook
) -> tuple[ToxicityEvent, tuple[Note, ...]]:
    """An episode with what reported events of the same time add: when it improved, and whether there is bleeding; and notes.

    Args:
        shown: The episode that results show.

        reported: The reported events of its toxicity.

        until: When the next episode begins, if results show one.

        path: The path for the notes.

        book: The book whose clock runs.
    """
    event, notes = shown.event, []
    for report in [episode.event for episode in reported]:
        if report.resolved and event.onset and earlier(report.resolved, event.onset):
            continue
        event, note = _with_facts_of(report, event, shown, until, book)
        notes += [Note(path, note)] if note else []
    return event, tuple(dict.fromkeys(notes))


def _with_facts_of(
    report: ToxicityEvent, event: ToxicityEvent, shown: Measured, until: When | None, book: Rulebook
) -> tuple[ToxicityEvent, str]:
    """The event with the bleeding and the recovery of one report; and a note if the recoveries differ."""
    facts: dict[str, Any] = {}
    if event.bleeding is None and report.bleeding is not None:
        facts["bleeding"] = report.bleeding
    improved, note = _recovered(report, shown, book), ""
    if improved is not None and _of_this_time(report, improved, shown, until):
        later, note = _later(improved, event, shown)
        if later is not None:
            facts["improved"] = later
            if event.resolved is not None and earlier(event.resolved, later):
                facts["resolved"] = later
    return (evolve(event, **facts) if facts else event), note


def _recovered(report: ToxicityEvent, shown: Measured, book: Rulebook) -> When | None:
    """The reported recovery. If only the end is reported: the end, if it shows that the clock had not run out between two samples."""
    event, ended = shown.event, report.resolved
    if report.improved is not None or not shown.doubt or ended is None or event.onset is None or event.grade is None:
        return report.improved
    clock = clock_of(book, event.toxicity, event.grade)
    between = shown.bad is not None and shown.good is not None and not earlier(ended, shown.bad) and day(ended) <= day(shown.good)
    in_time = clock is not None and clock.days is not None and days_between(event.onset, ended) <= clock.days
    return ended if between and in_time else None


def _of_this_time(report: ToxicityEvent, improved: When, shown: Measured, until: When | None) -> bool:
    """Whether the reported recovery belongs to this episode."""
    onset = shown.event.onset
    if onset is None or earlier(improved, onset):
        return False
    if until is not None and not earlier(improved, until):
        return False
    return not (shown.good and report.onset and earlier(shown.good, report.onset))


def _later(reported: When, event: ToxicityEvent, shown: Measured) -> tuple[When | None, str]:
    """The later of the reported and the measured recovery, if the report changes anything; and a note if the two differ."""
    bad, good = shown.bad, shown.good
    if good is None:
        return (reported if event.improved is None else None), ""
    says = f"recovery is reported for {day(reported)}, but "
    if bad is not None and earlier(reported, bad):
        return None, f"{says}the sample of {day(bad)} does not show it yet; the later date counts."
    if day(reported) > day(good):
        return reported, f"{says}the sample of {day(good)} already shows it; the later date counts."
    return (reported if event.improved is None else None), ""


def by_results(episode: Episode, chart: Chart) -> Episode:
    """A low count that is not known to be over, with its current grade taken from later results unless the event reports one."""
    event = episode.event
    now = [grade for result, _ in _later_results(episode, chart) for grade in result.grades]
    if not now or (event.grade is not None and max(now) > event.grade):
        return episode
    seen = evolve(event, status=None, current_grade=max(now))
    # A recorded grade is the same whatever the results show; a grade that is read from findings also depends on whether the event is over.
    same = event.plain_grade is not None
    return evolve(episode, event=seen) if same else evolve(read(seen, chart.book, episode.path), reported=episode.reported)


def _later_results(episode: Episode, chart: Chart) -> list[tuple[Result, When]]:
    """The results that count and were drawn after the onset of a low count whose current grade is not reported, each with its date.

    A result from before a reported recovery does not show the current count.
    """
    event = episode.event
    analyte, since = COUNTED_BY.get(event.toxicity), event.onset
    if analyte is None or since is None or event.over is True or event.current_grade is not None or recovers_later(event, chart.case):
        return []
    counting = [result for labs in chart.labs if labs.analyte is analyte for result in labs.counting]
    return [(result, drawn) for result in counting if (drawn := result.lab.collected) and _shows_now(drawn, since, event.improved)]


def _shows_now(drawn: When, onset: When, improved: When | None) -> bool:
    return earlier(onset, drawn) is True and (improved is None or not earlier(drawn, improved))


def recovers_later(event: ToxicityEvent, case: Case) -> bool:
    """Whether recovery is reported for a time after the planned start. The later date counts, so no earlier result shows recovery."""
    start = case.planned_start
    return event.improved is not None and start is not None and earlier(start, event.improved) is True


def measured_notes(chart: Chart) -> Iterator[Note]:
    """A note on each low count that is reported as active, but that results show to be milder now than reported."""
    for episode in [episode for episode in chart.events if episode.event.over is False]:
        event, now = episode.event, by_results(episode, chart).event.current_grade
        if now is not None and now != event.current_grade and now < max(episode.grades):
            worst = "without a grade" if event.grade is None else f"at grade {event.grade:d}"
            results = ", ".join(f"{result.lab.quantity} of {day(drawn)}" for result, drawn in _later_results(episode, chart))
            grade = f"{now:d} or less" if now > Grade.NONE else f"{now:d}"
            says = f"{named(event.toxicity)} is reported as active, {worst}; by {results}, it is now grade {grade}, which counts."
            yield Note(episode.path, says)


@frozen
class _Counted:
    """A reported low count whose clock runs from its onset.

    Attributes:
        analyte: What shows it.

        onset: When it began.

        at_most: The grade to which it must recover.

        days: The days from the onset within which it must.
    """

    analyte: Analyte
    onset: When
    at_most: int
    days: int

    @classmethod
    def of(cls, episode: Episode, book: Rulebook) -> _Counted | None:
        """The low count that an episode reports; ``None`` if the book has no clock for it, or its grade or onset is not known."""
        analyte, onset, grade = COUNTED_BY.get(episode.event.toxicity), episode.event.onset, episode.grade
        clock = clock_of(book, episode.event.toxicity, grade) if analyte is not None and isinstance(grade, Grade) else None
        if analyte is None or onset is None or clock is None or clock.at_most is None or clock.days is None:
            return None
        return cls(analyte, onset, clock.at_most, clock.days)

    def recovered_after(self, when: When, samples: Iterable[_Graded]) -> Iterator[When]:
        """The dates of the samples after a date that show recovery."""
        return (drawn for drawn, _, most in samples if most <= self.at_most and earlier(when, drawn))

    def is_open(self, bad: When, good: When) -> bool:
        """Whether the clock may have run out between two samples."""
        return days_between(self.onset, bad) <= self.days < days_between(self.onset, good)


def improved_by_results(episode: Episode, chart: Chart) -> Episode:
    """A reported low count with the day of recovery that results show: if none is reported, or if they contradict the report.

    The day is left as it is if the clock may have run out between two samples.
    """
    event, count = episode.event, _Counted.of(episode, chart.book)
    if count is None:
        return episode
    bad, good = _around(count, event, chart) if event.improved is None else _contradicted(event, count, chart)
    if good is None or count.is_open(bad, good):
        return episode
    return evolve(episode, event=evolve(event, improved=good))


def contradictions(chart: Chart) -> Iterator[Judged]:
    """What results say against reported recoveries: a note if a later day counts; a vote if the clock may have run out before that day."""
    for episode in chart.events:
        count = _Counted.of(episode, chart.book)
        if count is not None:
            yield from _against(episode, count, chart)
        yield from _worse_in_between(episode, chart)
        yield from _worse_now(episode, chart)


def _against(episode: Episode, count: _Counted, chart: Chart) -> Iterator[Judged]:
    event = episode.event
    bad, good = _contradicted(event, count, chart)
    open_ = good is not None and count.is_open(bad, good)
    says = ""
    if event.improved is not None and good is not None:
        says = f"recovery is reported for {day(event.improved)}, but the sample of {day(bad)} does not show it yet"
        if not open_:
            yield Judged(notes=(Note(episode.path, f"{says}; the later date counts."),))
    end = event.resolved or event.improved
    again = None if end is None else _just_after(end, event, count, chart)
    if end is not None and again is not None:
        says = f"its end is reported for {day(end)}, but the sample of {day(again)} still shows it"
    if open_ or again is not None:
        yield _for_a_clinician(episode, f"{capital(says)}. The limit is {count.days} days from the onset.")


def _worse_in_between(episode: Episode, chart: Chart) -> Iterator[Judged]:
    """The vote on a report of a low count in which an earlier sample shows a worse grade, if the clock of that grade has run out."""
    event, analyte, recorded = episode.event, COUNTED_BY.get(episode.event.toxicity), max(episode.grades)
    onset, end = event.onset, event.improved or event.resolved or (chart.case.planned_start if event.over is False else None)
    if analyte is None or onset is None or not acts(recorded, event.toxicity, chart.book):
        return  # what the book does not act on has no clock, and a worse sample has its own
    worse = [
        (min(result.grades), drawn)
        for labs in chart.labs
        if labs.analyte is analyte
        for result in labs.results
        if result.grades and not result.counts and min(result.grades) > recorded
        if (drawn := result.lab.collected) is not None and earlier(onset, drawn) and not _is_after(drawn, end)
    ]
    if not worse:
        return
    grade, drawn = max(worse, key=lambda found: found[0])
    clock, last = clock_of(chart.book, event.toxicity, grade), _latest(drawn, [when for _, when in worse])
    covered = any(other.event.toxicity is event.toxicity and max(other.grades) >= grade for other in chart.events)
    if clock is None or clock.at_most is None or clock.days is None or covered:
        return
    count = _Counted(analyte, onset, clock.at_most, clock.days)
    recovered = _earliest(count.recovered_after(last, _graded(analyte, chart))) or end
    if recovered is not None and days_between(onset, recovered) > clock.days:
        says = f"It is reported at grade {recorded:d}, but the sample of {day(drawn)} shows grade {grade:d}"
        yield _for_a_clinician(episode, f"{says}, for which the limit is {clock.days} days from the onset.")


def _worse_now(episode: Episode, chart: Chart) -> Iterator[Judged]:
    """The vote on ongoing liver injury that is reported as recovered, if a later result that counts has not recovered."""
    event, now = episode.event, episode.event.current_grade
    if event.toxicity is not Toxicity.HEPATOTOXICITY or event.over is True or now is None or event.other_cause:
        return
    resumes = recovered_at(max(episode.grades), event.toxicity, chart.book)
    if now > resumes:
        return
    for labs in chart.labs:
        for result in labs.counting if labs.analyte in _LIVER else ():
            least, drawn = min(result.grades, default=Grade.NONE), result.lab.collected
            if least > resumes and drawn is not None and not any(_is_after(when, drawn) for when in (event.onset, event.improved) if when):
                shows = f"{named(labs.analyte)} {result.lab.quantity} of {day(drawn)} shows grade {least:d}"
                yield _for_a_clinician(episode, f"It is reported as grade {now:d} now, but {shows}.")
                return


_LIVER: Final = frozenset((Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN))


def _for_a_clinician(episode: Episode, says: str) -> Judged:
    why = Reason("guard/contradicted", f"{says} A clinician must assess it.")
    return Judged((Vote(episode.path, Verdict.NEEDS_ASSESSMENT, (), (why,)),))


def _contradicted(event: ToxicityEvent, count: _Counted, chart: Chart) -> tuple[When, When | None]:
    """The last sample that contradicts a reported recovery, and the first one after it that shows recovery, or else the reported end.

    The second is ``None`` if no sample contradicts the report.
    """
    improved = event.improved
    end = event.resolved or (chart.case.planned_start if event.over is False else None)
    if improved is None or end is None:
        return count.onset, None
    samples = [sample for sample in _graded(count.analyte, chart) if not _is_after(sample[0], end)]
    bad = [drawn for drawn, least, _ in samples if least > count.at_most and earlier(improved, drawn)]
    if not bad:
        return count.onset, None
    last = _latest(bad[0], bad)
    return last, _earliest(count.recovered_after(last, samples)) or end


def _just_after(end: When, event: ToxicityEvent, count: _Counted, chart: Chart) -> When | None:
    """A sample that still shows an episode at most a day after its reported end, if it may not have recovered in time."""
    samples = [] if event.over is False else list(_graded(count.analyte, chart))
    bad = [drawn for drawn, least, _ in samples if least > count.at_most and earlier(end, drawn) and days_between(end, drawn) <= 1]
    if not bad:
        return None
    last = _latest(bad[0], bad)
    good = _earliest(count.recovered_after(last, samples)) or chart.case.planned_start or last
    return last if days_between(count.onset, good) > count.days else None


def _around(count: _Counted, event: ToxicityEvent, chart: Chart) -> tuple[When, When | None]:
    """The last sample before recovery, or the onset; and the first sample that shows recovery, not after the reported end.

    A bad sample later than a dose that was given since the onset may be of another episode, unless this one goes on or its end is known.
    """
    samples, dated = list(_graded(count.analyte, chart)), event.over is False or event.resolved is not None
    resumed = None if dated else _given_after(count.onset, chart)
    good = _earliest(drawn for drawn in count.recovered_after(count.onset, samples) if not _is_after(drawn, event.resolved))
    if good is None:
        return count.onset, None
    bad = [drawn for drawn, _, most in samples if most > count.at_most and earlier(drawn, good) and not _is_after(drawn, resumed)]
    return _latest(count.onset, bad), good


def _given_after(onset: When, chart: Chart) -> When | None:
    """When the first dose after an onset was given."""
    course = chart.case.course
    return _earliest(dose.started for dose in (course.doses if course else ()) if dose.started and earlier(onset, dose.started))


def _graded(analyte: Analyte, chart: Chart) -> Iterator[_Graded]:
    """The dated results of an analyte that were not drawn after the planned start."""
    for result in [result for labs in chart.labs if labs.analyte is analyte for result in labs.results if result.grades]:
        drawn = result.lab.collected
        if drawn is not None and not _is_after(drawn, chart.case.planned_start):
            yield drawn, min(result.grades), max(result.grades)


def _is_after(drawn: When, when: When | None) -> bool:
    return when is not None and earlier(when, drawn) is True


def _latest(first: When, dates: Iterable[When]) -> When:
    """The latest of *first* and *dates*; the first one listed if the order of two is not known."""
    last = first
    for when in dates:
        last = when if earlier(last, when) else last
    return last


def _earliest(dates: Iterable[When]) -> When | None:
    """The earliest date; the first one listed if the order of two is not known."""
    first = None
    for when in dates:
        first = when if first is None or earlier(when, first) else first
    return first

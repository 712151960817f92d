"""Laboratory results as episodes of a toxicity. The latest result gives the grade; the series gives the episode and its clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from attrs import define, evolve, frozen

from tarlatamab_rules.assessment.chart import Chart, OfAnalyte, Result
from tarlatamab_rules.assessment.events import judge_episode
from tarlatamab_rules.assessment.lab_orders import Sample, in_order
from tarlatamab_rules.assessment.recovery import Measured, with_report
from tarlatamab_rules.assessment.votes import Judged, gathered, strictest_of
from tarlatamab_rules.core.decisions import Verdict, union
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY
from tarlatamab_rules.rules.course import first_given, last_given
from tarlatamab_rules.rules.earlier import may_be_one
from tarlatamab_rules.rules.event_grade import read
from tarlatamab_rules.rules.severity import lacks_limit, may_be_worse, worst_grade
from tarlatamab_rules.rules.toxicity import acts, at_its_worst, clock_of, recovered_at
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import Standing

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.lab_orders import Level
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.event_grade import Episode
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.values.toxicities import StopRule

__all__ = [
    "IN_SERIES",
    "as_latest",
    "episodes",
    "is_tracked",
    "judge_episodes",
    "left_over",
    "level_of",
    "open_series_of",
    "series_of",
]


def is_tracked(toxicity: Toxicity, book: Rulebook) -> bool:
    """Whether a book has a condition for resuming after this toxicity. If not, there is nothing to follow from result to result."""
    action = at_its_worst(book, toxicity, Grade.SEVERE)
    return action is not None and action.resume_when is not None


def episodes(toxicity: Toxicity, samples: Iterable[Sample], last_dose: When | None, book: Rulebook) -> tuple[Measured, ...]:
    """The episodes that results show, in their order.

    An episode begins with a grade on which the book acts, and lasts until the grade at which the drug may be given again. It is over if
    it reached that grade before the last dose, or if another episode follows it. The last episode has the grade of the latest result.
    """
    begun: list[_Episode] = []
    for drawn, least, most in samples:
        if (not begun or begun[-1].good is not None) and acts(least, toxicity, book):
            begun.append(_Episode(drawn))
        if begun:
            begun[-1].take(drawn, least, least if most > recovered_at(max(begun[-1].worst, least), toxicity, book) else None)
    return tuple([episode.shown(toxicity, last_dose, book, followed=episode is not begun[-1]) for episode in begun])


@define
class _Episode:
    """An episode while its samples are read.

    Attributes:
        onset: The first sample on which the book acts.

        bad: The last sample before recovery.

        good: The first sample after it.

        worst: The worst grade so far.

        now: The latest grade.
    """

    onset: When
    bad: When | None = None
    good: When | None = None
    worst: Grade = Grade.NONE
    now: Grade = Grade.NONE

    def take(self, drawn: When, grade: Grade, not_recovered: Grade | None) -> None:
        """Read the next sample."""
        self.worst, self.now = max(self.worst, grade), grade
        if self.good is None:
            self.bad, self.good = (drawn, None) if not_recovered is not None else (self.bad, drawn)

    def shown(self, toxicity: Toxicity, last_dose: When | None, book: Rulebook, *, followed: bool) -> Measured:
        """The episode as an event; *followed* says whether another episode begins after it."""
        resumed = self.good is not None and last_dose is not None and earlier(self.good, last_dose) is True
        improved, doubt = self._recovery(toxicity, clock_of(book, toxicity, self.worst), resumed=resumed)
        improved = None if improved is None else _not_before(self.onset, improved)
        if self.good is not None and (resumed or followed or self.now is Grade.NONE):
            ended = _not_before(self.onset, self.good) if improved is None else None
            event = ToxicityEvent(toxicity, self.worst, onset=self.onset, improved=improved, resolved=ended, status=EventStatus.RESOLVED)
        else:
            event = ToxicityEvent(toxicity, self.worst, onset=self.onset, improved=improved, current_grade=self.now)
        return Measured(event, self.bad, self.good, doubt)

    def _recovery(self, toxicity: Toxicity, clock: StopRule | None, *, resumed: bool) -> tuple[When | None, str]:
        """When it recovered, and why that is in doubt.

        Recovery lies between the last bad sample and the first good one. If the clock ran out between them, nobody knows whether it
        recovered in time, unless a dose was given since.
        """
        bad, good = self.bad, self.good
        if bad is None or good is None or clock is None or clock.days is None:
            return good, ""
        if not days_between(self.onset, bad) <= clock.days < days_between(self.onset, good):
            return good, ""
        return (bad, "") if resumed else (None, _between(toxicity, clock, bad, good))


def _not_before(onset: When, when: When) -> When:
    """The date, or the onset if that is later. Times at different offsets, and days without a time, may have no certain order."""
    return onset if earlier(when, onset) else when


def _between(toxicity: Toxicity, clock: StopRule, bad: When, good: When) -> str:
    return (
        f"The sample of {day(bad)} still shows {named(toxicity)}; the sample of {day(good)} shows grade {clock.at_most:d} or less. It is "
        f"not known on which day in between it recovered, and the limit is {clock.days} days from the onset. A clinician must assess it."
    )


def level_of(toxicity: Toxicity, book: Rulebook) -> Level:
    """What matters of a grade for the order of samples: first whether the drug is held or given again at it, then the grade itself."""
    resumed = recovered_at(Grade.SEVERE, toxicity, book)
    return lambda grade: _APART * (2 if acts(grade, toxicity, book) else int(grade > resumed)) + int(grade)


_APART: Final = len(Grade)
"""More than two grades can differ by."""


def judge_episodes(path: Fact, shown: Sequence[Measured], planned: Planned, until: When | None = None) -> Judged:
    """Episodes that results show: the last one under the path of the analyte, and earlier ones if they still matter."""
    reported = _reported(shown[0].event.toxicity, planned)
    parts: list[Judged] = []
    over: list[Episode] = []
    worst: Episode | None = None
    for measured, following in zip_longest(shown, shown[1:]):
        where = path.set_apart(f"from {measured.event.onset}") if following else path
        event, notes = with_report(measured, reported, following.event.onset if following else None, where, planned.book)
        episode = read(measured.event, planned.book, where)
        comparable = tuple(report for report in reported if _comparable(report.event, event))
        # The earlier episodes that results show are all over, so only the worst of them matters.
        beside = evolve(planned, events=comparable if worst is None else (*comparable, worst))
        judged = _one(where, evolve(episode, event=event), beside, None if following else until)
        judged = _by_reading(judged, measured, evolve(episode, event=event), planned, beside)
        judged = _apart_from_reports(judged, evolve(episode, event=event), comparable)
        if following is None or judged.votes[0].verdict > Verdict.PROCEED:
            parts.append(evolve(judged, notes=judged.notes + notes))
        over += [episode] if measured.event.over else []
        worst = _worse(worst, episode)
    return evolve(gathered(parts[::-1]), episodes=tuple(over))


def _reported(toxicity: Toxicity, planned: Planned) -> tuple[Episode, ...]:
    return tuple(episode for episode in planned.events or () if episode.event.toxicity is toxicity)


def _worse(worst: Episode | None, episode: Episode) -> Episode:
    """The worse of two episodes; the first if they are equally bad."""
    return episode if worst is None or max(episode.grades) > max(worst.grades) else worst


def _one(path: Fact, episode: Episode, planned: Planned, until: When | None) -> Judged:
    """One episode. If no result shows recovery, its clock has certainly run up to the last result, but perhaps not up to the dose."""
    judged = judge_episode(episode, planned)
    improved = episode.event.improved
    if until is None or episode.event.over is not False or (improved is not None and not earlier(until, improved)):
        return judged
    return _at_least(path, judge_episode(episode, evolve(planned, planned_start=until)), judged)


def _by_reading(judged: Judged, shown: Measured, episode: Episode, planned: Planned, beside: Planned) -> Judged:
    """The judged episode without questions that a ward cannot answer: about bleeding that no event reports, or recovery between samples.

    Args:
        judged: The judged episode.

        shown: The episode as results show it.

        episode: The episode with what reports add.

        planned: The planned dose, with all that is reported.

        beside: The planned dose, with the episodes that the judged one is compared with.
    """
    bleeding, improved = (Fact("events", episode.event.toxicity, field) for field in ("bleeding", "improved"))
    if bleeding in judged.votes[0].missing and planned.events is not None and not _reports(planned.events, episode.event):
        bleeds = any(report.event.bleeding and report.event.over is not True for report in planned.events)
        judged = judge_episode(evolve(episode, event=evolve(episode.event, bleeding=bleeds)), beside)
        judged = _with_reason(judged, _BLEEDING if bleeds else _NO_BLEEDING)
    if shown.doubt and improved in judged.votes[0].missing:
        assessed = _for_a_clinician(judged, tuple(fact for fact in judged.votes[0].missing if fact != improved))
        judged = _with_reason(assessed, Reason("guard/between-draws", shown.doubt))
    return judged


def _for_a_clinician(judged: Judged, missing: tuple[str, ...]) -> Judged:
    vote = judged.votes[0]
    verdict = strictest_of((vote.verdict, Verdict.NEEDS_ASSESSMENT))
    return evolve(judged, votes=(evolve(vote, verdict=verdict, missing=missing),))


def _apart_from_reports(judged: Judged, episode: Episode, reported: Sequence[Episode]) -> Judged:
    """The judged episode without a question about its onset, which results show. A reported episode may be the same one."""
    vote, onset = judged.votes[0], episode.place.its("onset")
    doubtful = [report for report in reported if may_be_one(report, episode)] if onset in vote.missing else []
    if not doubtful:
        return judged
    open_ = tuple([report.path.its("resolved") for report in doubtful if not (report.event.improved or report.event.resolved)])
    missing = union((tuple(fact for fact in vote.missing if fact != onset), open_))
    if len(open_) == len(doubtful):
        return evolve(judged, votes=(evolve(vote, missing=missing),))
    return _with_reason(_for_a_clinician(judged, missing), _ONE_OR_TWO)


_ONE_OR_TWO: Final = Reason(
    "guard/one-or-two",
    "A result shows it again at most one day after its reported recovery. This may be the same episode, with a reported date that is wrong "
    "by a day, or a second episode. A clinician must assess it.",
)
_OF_BLEEDING: Final = "guard/no-bleeding"
_NO_BLEEDING: Final = Reason(_OF_BLEEDING, "The toxicities so far were reviewed and none reports bleeding, so it counts as no bleeding.")
_BLEEDING: Final = Reason(_OF_BLEEDING, "An event that is or may be ongoing reports bleeding.")


def _reports(events: Sequence[Episode], event: ToxicityEvent) -> bool:
    """Whether an event of the same toxicity is reported for that time. Then bleeding is a question about that event."""
    reports = [episode.event for episode in events if episode.event.toxicity is event.toxicity]
    return any(not (report.resolved and event.onset and earlier(report.resolved, event.onset)) for report in reports)


def _with_reason(judged: Judged, reason: Reason) -> Judged:
    vote = judged.votes[0]
    return evolve(judged, votes=(evolve(vote, reasons=(*vote.reasons, reason)),))


def _at_least(path: Fact, certain: Judged, at_the_dose: Judged) -> Judged:
    """What is certain of an episode. If a newer result could make the verdict stricter at the dose, that result is asked for."""
    vote = certain.votes[0]
    if vote.verdict is at_the_dose.votes[0].verdict:
        return certain
    return evolve(certain, votes=(evolve(vote, missing=tuple(dict.fromkeys((*vote.missing, path)))),))


def _comparable(reported: ToxicityEvent, shown: ToxicityEvent) -> bool:
    """Whether a reported episode can be distinguished from one that results show: by its dates, or because only one of them is over."""
    return (reported.onset is not None or reported.resolved is not None) or shown.over is False


IN_SERIES: Final = frozenset((Standing.COUNTS, Standing.REPLACED, Standing.BEFORE_LAST_DOSE, Standing.TOO_OLD))


def series_of(labs: OfAnalyte, chart: Chart) -> tuple[list[Sample], list[Sample]]:
    """The earlier results since the first dose, in their order, if the book follows this toxicity from result to result.

    The first series takes an unknown value before treatment as normal; the second holds only what is certain. A result of which a limit
    or the exact value is missing stands in both with its mildest grade: `open_series_of` has its other readings.
    """
    toxicity, case = LAB_TOXICITY.get(labs.analyte), chart.case
    if toxicity is None or not is_tracked(toxicity, chart.book) or (case.point.number == 1 and not (case.course and case.course.doses)):
        return [], []
    as_normal, certain = [], []
    for drawn, result in _since(first_given(case.course), labs):
        least = min(result.grades)
        most = least if may_be_worse(result.grade) else max(result.grades)
        certain.append((drawn, least, most))
        normal = () if lacks_limit(result.lab, result.grade) else result.as_normal
        as_normal.append((drawn, max(least, min(normal, default=least)), most))
    series = in_order(certain)
    return series if as_normal == certain else in_order(as_normal), series


@frozen
class OpenSeries:
    """Earlier results of which a limit or the exact value is missing, with all others.

    Attributes:
        at_least: The series with the greatest plausible limit in place of one that is missing.

        at_most: The series with the worst grade that each of these results may have.

        facts: What is missing of them.
    """

    at_least: list[Sample]
    at_most: list[Sample]
    facts: tuple[str, ...]


def open_series_of(labs: OfAnalyte, chart: Chart, certain: Sequence[Sample]) -> OpenSeries | None:
    """The readings of a series of which a limit or a value is missing; ``None`` if neither is."""
    if not certain or not any(may_be_worse(result.grade) for result in labs.results):
        return None
    at_least, at_most, facts = [], [], dict[str, None]()
    for drawn, result in _since(first_given(chart.case.course), labs):
        least = max(min(result.grades), min(result.as_normal, default=Grade.NONE))
        if may_be_worse(result.grade):
            worst = max(least, worst_grade(result.lab, result.grade, chart.book.lab_scale))
            facts |= dict.fromkeys(result.grade.missing)
            at_least.append((drawn, least, least))
            at_most.append((drawn, worst, worst))
        else:
            at_least.append((drawn, least, max(result.grades)))
            at_most.append(at_least[-1])
    return OpenSeries(in_order(at_least), in_order(at_most), tuple(facts)) if facts else None


def _since(first: When | None, labs: OfAnalyte) -> Iterator[tuple[When, Result]]:
    """The dated and graded results of an analyte since the first dose, up to the planned one."""
    for result in labs.results:
        drawn = result.lab.collected
        if drawn is None or not result.grades or result.standing.standing not in IN_SERIES:
            continue
        if first is None or not earlier(drawn, first):
            yield drawn, result


def as_latest(samples: Sequence[Sample], latest: Sample) -> list[Sample]:
    """The samples, which are in order, with one that counts as the latest: only those that were certainly drawn after it follow it."""
    before: list[Sample] = []
    after: list[Sample] = []
    for sample in samples:
        (after if earlier(latest[0], sample[0]) else before).append(sample)
    return [*before, latest, *after]


def left_over(labs: OfAnalyte, series: Sequence[Sample], planned: Planned) -> Judged:
    """Past episodes of an analyte that has no valid result for this dose. If the last one was still open, its current state is unknown."""
    shown = episodes(LAB_TOXICITY[labs.analyte], series, last_given(planned.course), planned.book)
    if not shown:
        return Judged()
    last = shown[-1].event
    if not last.over:
        shown = (*shown[:-1], Measured(ToxicityEvent(last.toxicity, last.grade, onset=last.onset)))
    judged = judge_episodes(labs.path.set_apart("before"), shown, planned)
    votes = tuple(vote for vote in judged.votes if vote.verdict > Verdict.PROCEED)
    named = {vote.part for vote in votes}
    renamed = tuple(evolve(vote, missing=(labs.path,) if vote.missing else ()) for vote in votes)
    return Judged(renamed, tuple(toxicity for toxicity in judged.toxicities if toxicity.path in named), notes=judged.notes)

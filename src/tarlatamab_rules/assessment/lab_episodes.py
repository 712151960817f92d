"""Laboratory results as episodes of a toxicity: the latest gives the grade, the series the episode and its clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import define, evolve

from tarlatamab_rules.answers.vocabulary import Standing
from tarlatamab_rules.assessment.chart import Chart, OfAnalyte
from tarlatamab_rules.assessment.events import judge_episode
from tarlatamab_rules.assessment.recovery import Measured, with_report
from tarlatamab_rules.assessment.votes import Judged, gathered, strictest_of
from tarlatamab_rules.core.decisions import DoseAction, Verdict, union
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY
from tarlatamab_rules.rules.course import first_given, last_given
from tarlatamab_rules.rules.earlier import may_be_one
from tarlatamab_rules.rules.event_grade import read
from tarlatamab_rules.rules.severity import lacks_limit
from tarlatamab_rules.rules.toxicity import at_its_worst, clock_of

if TYPE_CHECKING:
    from tarlatamab_rules.answers.toxicities import StopRule
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.event_grade import Episode
    from tarlatamab_rules.rules.planned import Planned

__all__ = ["IN_SERIES", "Sample", "acts", "episodes", "in_order", "is_tracked", "judge_episodes", "left_over", "series_of"]

Sample: TypeAlias = "tuple[When, Grade, Grade]"
"""When it was drawn, and the least and the greatest grade that it may have."""


def is_tracked(toxicity: Toxicity, book: Rulebook) -> bool:
    """Whether a book says how far this toxicity must be over; otherwise there is nothing to follow from result to result."""
    action = at_its_worst(book, toxicity, Grade.SEVERE)
    return action is not None and action.resume_when is not None


def episodes(toxicity: Toxicity, samples: Iterable[Sample], last_dose: When | None, book: Rulebook) -> tuple[Measured, ...]:
    """The episodes that results show, in their order.

    Each begins with a grade on which the book acts, and goes on until the grade at which the drug may be given again. One that got there
    before the last dose was given is over, and so is one after which another begins; of a later one the latest grade stands.
    """
    found: list[_Episode] = []
    for drawn, least, most in samples:
        if (not found or found[-1].good is not None) and acts(least, toxicity, book):
            found.append(_Episode(drawn))
        if found:
            found[-1].take(drawn, least, least if most > _recovered(max(found[-1].worst, least), toxicity, book) else None)
    return tuple([each.shown(toxicity, last_dose, book, followed=each is not found[-1]) for each in found])


@define
class _Episode:
    """An episode while its samples are read.

    Attributes:
        onset: The first sample on which the book acts.

        bad: The last sample before recovery.

        good: The first one after it.

        worst: The worst grade so far.

        now: The latest grade.
    """

    onset: When
    bad: When | None = None
    good: When | None = None
    worst: Grade = Grade.NONE
    now: Grade = Grade.NONE

    def take(self, drawn: When, grade: Grade, not_recovered: Grade | None) -> None:
        """The next sample."""
        self.worst, self.now = max(self.worst, grade), grade
        if self.good is None:
            self.bad, self.good = (drawn, None) if not_recovered is not None else (self.bad, drawn)

    def shown(self, toxicity: Toxicity, last_dose: When | None, book: Rulebook, *, followed: bool) -> Measured:
        """As an event; *followed* says whether another episode begins after it.

        Recovery lies between the last bad sample and the first good one; where its clock ran out between them, it is not known whether in
        time, unless a dose was given since.
        """
        resumed = self.good is not None and last_dose is not None and earlier(self.good, last_dose)
        clock = clock_of(book, toxicity, self.worst)
        improved, doubt = self.good, ""
        if self.good is not None and clock is not None and clock.days is not None and self.bad is not None:
            soonest, latest = (days_between(self.onset, each) for each in (self.bad, self.good))
            if soonest <= clock.days < latest:
                improved = self.bad if resumed else None
                doubt = "" if resumed else _between(toxicity, clock, self.bad, self.good)
        improved = None if improved is None else _not_before(self.onset, improved)
        if self.good is not None and (resumed or followed or self.now is Grade.NONE):
            ended = _not_before(self.onset, self.good) if improved is None else None
            event = ToxicityEvent(toxicity, self.worst, onset=self.onset, improved=improved, resolved=ended, status=EventStatus.RESOLVED)
        else:
            event = ToxicityEvent(toxicity, self.worst, onset=self.onset, improved=improved, current_grade=self.now)
        return Measured(event, self.bad, self.good, doubt)


def _not_before(onset: When, when: When) -> When:
    """A day or moment that does not lie before the onset: of times at several offsets and days without one, two orders may be right."""
    return onset if earlier(when, onset) else when


def _between(toxicity: Toxicity, clock: StopRule, bad: When, good: When) -> str:
    return (
        f"The sample of {day(bad)} still shows {toxicity}, and that of {day(good)} shows it at grade {clock.at_most:d} or less. Nothing "
        f"shows on which day between the two it got there, and the limit is {clock.days} days from the onset: a clinician must assess it."
    )


def acts(grade: Grade, toxicity: Toxicity, book: Rulebook) -> bool:
    """Whether a book holds or stops the drug at this grade."""
    action = at_its_worst(book, toxicity, grade)
    return action is not None and action.action > DoseAction.CONTINUE


def _recovered(grade: Grade, toxicity: Toxicity, book: Rulebook) -> int:
    """The grade at which the drug may be given again; below any where it is stopped for good."""
    action = at_its_worst(book, toxicity, grade)
    recovery = None if action is None else action.resume_when
    return -1 if recovery is None or recovery.at_most is None else recovery.at_most


def judge_episodes(path: Fact, found: Sequence[Measured], planned: Planned, until: When | None = None) -> Judged:
    """Episodes that results show: the last under the path of the analyte, earlier ones where they still matter."""
    toxicity = found[0].event.toxicity
    reported = tuple(other for other in planned.history or () if other.event.toxicity is toxicity)
    parts: list[Judged] = []
    over: list[Episode] = []
    worst: tuple[Episode, ...] = ()
    for n, shown in enumerate(found):
        last = n == len(found) - 1
        where = path if last else path.told(f"from {shown.event.onset}")
        until_next = None if last else found[n + 1].event.onset
        event, notes = with_report(shown, reported, until_next, where, planned.book)
        own = read(shown.event, planned.book, where)
        comparable = tuple(other for other in reported if _comparable(other.event, event))
        # Of the earlier ones that results show, all are over, and what matters is the worst.
        whole = evolve(planned, history=(*comparable, *worst))
        judged = _one(where, evolve(own, event=event), whole, until if last else None)
        judged = _by_reading(judged, shown, event, evolve(own, event=event), planned, whole)
        judged = _told_apart(judged, evolve(own, event=event), comparable)
        if last or judged.votes[0].verdict > Verdict.PROCEED:
            parts.append(evolve(judged, notes=judged.notes + notes))
        if shown.event.over:
            over.append(own)
        if not worst or max(own.grades) > max(worst[0].grades):
            worst = (own,)
    return evolve(gathered(parts[::-1]), episodes=tuple(over))


def _one(path: Fact, episode: Episode, planned: Planned, until: When | None) -> Judged:
    """One episode. While results show no recovery, a clock has run to the last of them for certain, and not to the dose."""
    judged = judge_episode(episode, planned)
    if until is None or episode.event.over is not False:
        return judged
    return _at_least(path, judge_episode(episode, evolve(planned, on=until)), judged)


def _by_reading(judged: Judged, shown: Measured, event: ToxicityEvent, episode: Episode, planned: Planned, whole: Planned) -> Judged:  # noqa: PLR0913, PLR0917  # one parameter a fact
    """The same, without what no ward can answer: on which day between two samples it recovered, and bleeding that no event reports."""
    bleeding, improved = (Fact("events", event.toxicity, field) for field in ("bleeding", "improved"))
    if bleeding in judged.votes[0].missing and planned.history is not None and not _reports(planned.history, event):
        bleeds = any(other.event.bleeding and other.event.over is not True for other in planned.history)
        judged = judge_episode(evolve(episode, event=evolve(event, bleeding=bleeds)), whole)
        judged = _with_reason(judged, _BLEEDING if bleeds else _NO_BLEEDING)
    vote = judged.votes[0]
    if shown.doubt and improved in vote.missing:
        verdict, missing = strictest_of((vote.verdict, Verdict.NEEDS_ASSESSMENT)), tuple(fact for fact in vote.missing if fact != improved)
        assessed = evolve(judged, votes=(evolve(vote, verdict=verdict, missing=missing),))
        judged = _with_reason(assessed, Reason("guard/between-draws", shown.doubt))
    return judged


def _told_apart(judged: Judged, episode: Episode, reported: Sequence[Episode]) -> Judged:
    """The same, without asking when an episode began that results show; what is not known is whether a reported one is the same."""
    vote, onset = judged.votes[0], episode.place.its("onset")
    doubtful = [other for other in reported if may_be_one(other, episode)] if onset in vote.missing else []
    if not doubtful:
        return judged
    open_ = tuple([other.path.its("resolved") for other in doubtful if not (other.event.improved or other.event.resolved)])
    missing = union((tuple(fact for fact in vote.missing if fact != onset), open_))
    if len(open_) == len(doubtful):
        return evolve(judged, votes=(evolve(vote, missing=missing),))
    assessed = evolve(vote, verdict=strictest_of((vote.verdict, Verdict.NEEDS_ASSESSMENT)), missing=missing)
    return _with_reason(evolve(judged, votes=(assessed,)), _ONE_OR_TWO)


_ONE_OR_TWO: Final = Reason(
    "guard/one-or-two",
    "A result shows it again at most a day after its reported recovery. It may be the same episode, with a date told wrong by a day, or a "
    "second one: a clinician must assess it.",
)


_OF_BLEEDING: Final = "guard/no-bleeding"


_NO_BLEEDING: Final = Reason(_OF_BLEEDING, "The events were reviewed, and none reports bleeding: read as none.")


_BLEEDING: Final = Reason(_OF_BLEEDING, "An event that goes on, or may, reports bleeding.")


def _reports(history: Sequence[Episode], event: ToxicityEvent) -> bool:
    """Whether an event of the same toxicity is reported for that time, which then is where bleeding is asked for."""
    return any(
        other.event.toxicity is event.toxicity and not (other.event.resolved and event.onset and earlier(other.event.resolved, event.onset))
        for other in history
    )


def _with_reason(judged: Judged, reason: Reason) -> Judged:
    vote = judged.votes[0]
    return evolve(judged, votes=(evolve(vote, reasons=(*vote.reasons, reason)),))


def _at_least(path: Fact, certain: Judged, at_the_dose: Judged) -> Judged:
    """What is certain of an episode; where a newer result could make it stricter at the dose, that is asked for."""
    vote, other = certain.votes[0], at_the_dose.votes[0]
    if vote.verdict is other.verdict:
        return certain
    return evolve(certain, votes=(evolve(vote, missing=tuple(dict.fromkeys((*vote.missing, path)))),))


def _comparable(reported: ToxicityEvent, shown: ToxicityEvent) -> bool:
    """Whether a reported episode can be told from one that results show: by its dates, or since one is over and the other is not."""
    return (reported.onset is not None or reported.resolved is not None) or shown.over is False


IN_SERIES: Final = frozenset((Standing.COUNTS, Standing.REPLACED, Standing.BEFORE_LAST_DOSE, Standing.TOO_OLD))


def series_of(labs: OfAnalyte, chart: Chart) -> tuple[list[Sample], list[Sample]]:
    """The earlier results since the first dose, in their order, where the book follows this toxicity from result to result.

    Once with a value before treatment that is not known read as a normal one, and once with what is certain.
    """
    toxicity, case = LAB_TOXICITY.get(labs.analyte), chart.case
    doses = case.course.doses if case.course else ()
    if toxicity is None or not is_tracked(toxicity, chart.book) or (case.dose.number == 1 and not doses):
        return [], []
    first = first_given(case.course)
    as_normal, certain = [], []
    for result in labs.results:
        drawn = result.lab.collected
        if drawn is None or not result.grades or result.standing.standing not in IN_SERIES:
            continue
        if first is None or not earlier(drawn, first):
            least, most = min(result.grades), max(result.grades)
            certain.append((drawn, least, most))
            normal = () if lacks_limit(result.lab, result.grade) else result.as_normal
            as_normal.append((drawn, max(least, min(normal, default=least)), most))
    return in_order(as_normal), in_order(certain)


def in_order(samples: list[Sample]) -> list[Sample]:
    """Samples by the time at which they were drawn."""
    return sorted(samples, key=lambda sample: (day(sample[0]), _clock(sample[0]), sample[1]))


def _clock(when: When) -> datetime:
    """A moment that can be compared with those of the same series."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day)  # noqa: DTZ001  # a day has no clock
    return when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)


def left_over(labs: OfAnalyte, series: Sequence[Sample], planned: Planned) -> Judged:
    """Episodes of before, where no result counts for the dose: of one that was not over, how it stands now is not known."""
    found = episodes(LAB_TOXICITY[labs.analyte], series, last_given(planned.course), planned.book)
    if not found:
        return Judged()
    last = found[-1].event
    if not last.over:
        found = (*found[:-1], Measured(ToxicityEvent(last.toxicity, last.grade, onset=last.onset)))
    judged = judge_episodes(labs.path.told("before"), found, planned)
    votes = tuple(vote for vote in judged.votes if vote.verdict > Verdict.PROCEED)
    named = {vote.part for vote in votes}
    renamed = tuple(evolve(vote, missing=(labs.path,) if vote.missing else ()) for vote in votes)
    return Judged(renamed, tuple(each for each in judged.toxicities if each.path in named), notes=judged.notes)

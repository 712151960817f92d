"""Laboratory results as episodes of a toxicity: the latest gives the grade, the series the episode and its clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, frozen

from tarlatamab_rules.decisions import DoseAction
from tarlatamab_rules.inputs._fields import day, days_between, earlier
from tarlatamab_rules.inputs.findings import EventStatus, Grade, ToxicityEvent
from tarlatamab_rules.rules.toxicity import at_its_worst, clock_of

if TYPE_CHECKING:
    from tarlatamab_rules.answers.toxicities import StopRule
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.vocabulary import Toxicity
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["Sample", "Shown", "acts", "episodes", "is_tracked"]

Sample: TypeAlias = "tuple[When, Grade, Grade]"
"""When it was drawn, and the least and the greatest grade that it may have."""


@frozen
class Shown:
    """An episode that results show.

    Attributes:
        event: The episode.

        bad: When the last sample before recovery was drawn.

        good: When the first one after it was drawn; ``None`` while none shows recovery.

        doubt: What lies between the two, if the clock may have run out between them; else empty.
    """

    event: ToxicityEvent
    bad: When | None = None
    good: When | None = None
    doubt: str = ""


def is_tracked(toxicity: Toxicity, book: Rulebook) -> bool:
    """Whether a book says how far this toxicity must be over; otherwise there is nothing to follow from result to result."""
    action = at_its_worst(book, toxicity, Grade.SEVERE)
    return action is not None and action.resume_when is not None


def episodes(toxicity: Toxicity, samples: Iterable[Sample], last_dose: When | None, book: Rulebook) -> tuple[Shown, ...]:
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

    def shown(self, toxicity: Toxicity, last_dose: When | None, book: Rulebook, *, followed: bool) -> Shown:
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
        return Shown(event, self.bad, self.good, doubt)


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

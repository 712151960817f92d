"""Episodes that laboratory results show, and how they vote on a dose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules.answers.words import Standing
from tarlatamab_rules.assessment.chart import Chart, OfAnalyte
from tarlatamab_rules.assessment.events import judge_episode
from tarlatamab_rules.assessment.votes import Judged, gathered
from tarlatamab_rules.decisions import Verdict
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.findings import ToxicityEvent
from tarlatamab_rules.questions.toxicities import LAB_TOXICITY
from tarlatamab_rules.rules.courses import first_given, last_given
from tarlatamab_rules.rules.effective import read
from tarlatamab_rules.rules.episodes import episodes, is_tracked

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.rules.episodes import Sample
    from tarlatamab_rules.rules.planned import Planned

__all__ = ["in_order", "judge_episodes", "left_over", "series_of"]


def judge_episodes(path: str, found: tuple[ToxicityEvent, ...], planned: Planned, until: When | None = None) -> Judged:
    """Episodes that results show: the last under the path of the analyte, earlier ones where they still matter."""
    parts: list[Judged] = []
    seen = tuple(read(event, planned.book) for event in found)
    for shown in reversed(seen):
        event, last = _with_report(shown.event, planned), not parts
        where = path if last else f"{path} from {event.onset}"
        episode = evolve(shown, path=where, event=event)
        history = (*(other for other in planned.history or () if _comparable(other.event, event)), *seen)
        # While results show no recovery, a clock has run to the last of them for certain, and not to the dose.
        whole = evolve(planned, history=history)
        judged = judge_episode(episode, whole)
        if last and until is not None and event.improved is None and event.over is False:
            judged = _at_least(path, judge_episode(episode, evolve(whole, on=until)), judged)
        if last or judged.votes[0].verdict > Verdict.PROCEED:
            parts.append(judged)
    return evolve(gathered(parts), episodes=tuple(shown for shown in seen if shown.event.over))


def _at_least(path: str, certain: Judged, at_the_dose: Judged) -> Judged:
    """What is certain of an episode; where a newer result could make it stricter at the dose, that is asked for."""
    vote, other = certain.votes[0], at_the_dose.votes[0]
    if vote.verdict is other.verdict:
        return certain
    return evolve(certain, votes=(evolve(vote, missing=tuple(dict.fromkeys((*vote.missing, path)))),))


def _with_report(event: ToxicityEvent, planned: Planned) -> ToxicityEvent:
    """What a reported event of the same time adds to an episode: when it improved, and whether there is bleeding."""
    facts: dict[str, Any] = {}
    for other in [episode.event for episode in planned.history or ()]:
        if other.toxicity is event.toxicity and not (other.resolved and event.onset and earlier(other.resolved, event.onset)):
            if event.improved is None and other.improved and event.onset and not earlier(other.improved, event.onset):
                facts["improved"] = other.improved
            if event.bleeding is None and other.bleeding is not None:
                facts["bleeding"] = other.bleeding
    return evolve(event, **facts) if facts else event


def _comparable(reported: ToxicityEvent, shown: ToxicityEvent) -> bool:
    """Whether a reported episode can be told from one that results show: by its dates, or since one is over and the other is not."""
    return (reported.onset is not None or reported.resolved is not None) or shown.over is False


_IN_SERIES: Final = frozenset((Standing.COUNTS, Standing.REPLACED, Standing.BEFORE_LAST_DOSE, Standing.TOO_OLD))


def series_of(labs: OfAnalyte, chart: Chart) -> list[Sample]:
    """The earlier results since the first dose, in their order, where the book follows this toxicity from result to result."""
    toxicity, case = LAB_TOXICITY.get(labs.analyte), chart.case
    doses = case.course.doses if case.course else ()
    only = len(labs.results) == 1 and labs.results[0].counts
    if toxicity is None or only or not is_tracked(toxicity, chart.book) or (case.dose.number == 1 and not doses):
        return []
    first = first_given(case.course)
    found = []
    for result in labs.results:
        drawn = result.lab.collected
        if drawn is None or not result.grades or result.standing.standing not in _IN_SERIES:
            continue
        if first is None or not earlier(drawn, first):
            found.append((drawn, min(result.grades), max(result.grades)))
    return in_order(found)


def in_order(samples: list[Sample]) -> list[Sample]:
    """Samples by the time at which they were drawn."""
    return sorted(samples, key=lambda sample: (_clock(sample[0]), sample[1]))


def _clock(when: When) -> datetime:
    """A moment that can be compared with those of the same series."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day)  # noqa: DTZ001  # a day has no clock
    return when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)


def left_over(labs: OfAnalyte, series: Sequence[Sample], planned: Planned) -> Judged:
    """Episodes of before, where no result counts for the dose: of one that was not over, how it stands now is not known."""
    path = f"labs.{labs.analyte}"
    found = episodes(LAB_TOXICITY[labs.analyte], series, last_given(planned.course), planned.book)
    if not found:
        return Judged()
    last = found[-1]
    if not last.over:
        found = (*found[:-1], ToxicityEvent(last.toxicity, last.grade, onset=last.onset))
    judged = judge_episodes(f"{path} before", found, planned)
    votes = tuple(vote for vote in judged.votes if vote.verdict > Verdict.PROCEED)
    named = {vote.part for vote in votes}
    renamed = tuple(evolve(vote, missing=(path,) if vote.missing else ()) for vote in votes)
    return Judged(renamed, tuple(each for each in judged.toxicities if each.path in named), notes=judged.notes)

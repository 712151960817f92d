"""Episodes that laboratory results show, and how they vote on a dose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from tarlatamab_rules._voting import AssessedLab, Judged, gathered, judge_event
from tarlatamab_rules.answers.labs import LabStanding
from tarlatamab_rules.answers.words import Standing
from tarlatamab_rules.decisions import Verdict
from tarlatamab_rules.inputs._fields import earlier
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import Toxicity, ToxicityEvent
from tarlatamab_rules.questions.toxicities import LAB_TOXICITY
from tarlatamab_rules.rules.courses import first_given, last_given
from tarlatamab_rules.rules.episodes import episodes, is_tracked
from tarlatamab_rules.rules.grading import grade_lab

if TYPE_CHECKING:
    from tarlatamab_rules.inputs._fields import When
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.episodes import Sample
    from tarlatamab_rules.rules.planned import Planned

__all__ = ["in_order", "judge_episodes", "left_over", "series_of", "with_results"]


def judge_episodes(path: str, found: tuple[ToxicityEvent, ...], planned: Planned, until: When | None = None) -> Judged:
    """Episodes that results show: the last under the path of the analyte, earlier ones where they still matter."""
    parts: list[Judged] = []
    for event in map(_with_report(planned), reversed(found)):
        history = (*(other for other in planned.history or () if _comparable(other, event)), *found)
        last = not parts
        where = path if last else f"{path} from {event.onset}"
        # While results show no recovery, a clock has run to the last of them for certain, and not to the dose.
        whole = evolve(planned, history=history)
        judged = judge_event(where, event, whole)
        if last and until is not None and event.improved is None and event.over is False:
            judged = _at_least(path, judge_event(where, event, evolve(whole, on=until)), judged)
        if last or judged.votes[0].verdict > Verdict.PROCEED:
            parts.append(judged)
    return evolve(gathered(parts), episodes=tuple(event for event in found if event.over))


def _at_least(path: str, certain: Judged, at_the_dose: Judged) -> Judged:
    """What is certain of an episode; where a newer result could make it stricter at the dose, that is asked for."""
    vote, other = certain.votes[0], at_the_dose.votes[0]
    if vote.verdict is other.verdict:
        return certain
    return evolve(certain, votes=(evolve(vote, missing=tuple(dict.fromkeys((*vote.missing, path)))),))


def _with_report(planned: Planned) -> Callable[[ToxicityEvent], ToxicityEvent]:
    """What a reported event of the same time adds to an episode: when it improved, and whether there is bleeding."""

    def added(event: ToxicityEvent) -> ToxicityEvent:
        facts: dict[str, Any] = {}
        for other in planned.history or ():
            if other.toxicity is event.toxicity and not (other.resolved and event.onset and earlier(other.resolved, event.onset)):
                if event.improved is None and other.improved and event.onset and not earlier(other.improved, event.onset):
                    facts["improved"] = other.improved
                if event.bleeding is None and other.bleeding is not None:
                    facts["bleeding"] = other.bleeding
        return evolve(event, **facts) if facts else event

    return added


def _comparable(reported: ToxicityEvent, shown: ToxicityEvent) -> bool:
    """Whether a reported episode can be told from one that results show: by its dates, or since one is over and the other is not."""
    return (reported.onset is not None or reported.resolved is not None) or shown.over is False


def with_results(event: ToxicityEvent, labs: Sequence[AssessedLab], book: Rulebook) -> ToxicityEvent:
    """An event of a low count that goes on, or may, with the grade that a result of after its onset shows; one that is reported stands."""
    analyte, onset = _COUNTED_BY.get(event.toxicity), event.onset
    if analyte is None or onset is None or event.over is True or event.current_grade is not None or not is_tracked(event.toxicity, book):
        return event
    since = [lab for lab in labs if lab.result.analyte is analyte and lab.result.collected and earlier(onset, lab.result.collected)]
    now = [grade for lab in since for grade in lab.grade.possible if grade is not None]
    if not now or (event.grade is not None and max(now) > event.grade):
        return event
    return evolve(event, status=None, current_grade=max(now))


_COUNTED_BY: Final = {
    Toxicity.NEUTROPENIA: Analyte.NEUTROPHILS,
    Toxicity.ANEMIA: Analyte.HEMOGLOBIN,
    Toxicity.THROMBOCYTOPENIA: Analyte.PLATELETS,
}


_IN_SERIES: Final = frozenset((Standing.COUNTS, Standing.REPLACED, Standing.BEFORE_LAST_DOSE, Standing.TOO_OLD))


def series_of(analyte: Analyte, of_analyte: Sequence[LabStanding], case: Case, book: Rulebook) -> list[Sample]:
    """The earlier results since the first dose, in their order, where the book follows this toxicity from result to result."""
    toxicity = LAB_TOXICITY.get(analyte)
    doses = case.course.doses if case.course else ()
    if toxicity is None or (len(of_analyte) == 1 and of_analyte[0].standing is Standing.COUNTS) or not is_tracked(toxicity, book):
        return []
    if case.dose.number == 1 and not doses:
        return []
    first = first_given(case.course)
    found = []
    for each in of_analyte:
        result = each.result
        if result is None or result.collected is None or each.standing not in _IN_SERIES:
            continue
        if first is None or not earlier(result.collected, first):
            grades = [grade for grade in grade_lab(result, rulebook=book.lab_scale).possible if grade is not None]
            if grades:
                found.append((result.collected, min(grades), max(grades)))
    return in_order(found)


def in_order(samples: list[Sample]) -> list[Sample]:
    """Samples by the time at which they were drawn."""
    return sorted(samples, key=lambda sample: (_clock(sample[0]), sample[1]))


def _clock(when: When) -> datetime:
    """A moment that can be compared with those of the same series."""
    if not isinstance(when, datetime):
        return datetime(when.year, when.month, when.day)  # noqa: DTZ001  # a day has no clock
    return when if when.tzinfo is None else when.astimezone(UTC).replace(tzinfo=None)


def left_over(path: str, analyte: Analyte, series: Sequence[Sample], planned: Planned) -> Judged:
    """Episodes of before, where no result counts for the dose: of one that was not over, how it stands now is not known."""
    found = episodes(LAB_TOXICITY[analyte], series, last_given(planned.course), planned.book)
    if not found:
        return Judged(())
    last = found[-1]
    if not last.over:
        found = (*found[:-1], ToxicityEvent(last.toxicity, last.grade, onset=last.onset))
    judged = judge_episodes(f"{path} before", found, planned)
    votes = tuple(vote for vote in judged.votes if vote.verdict > Verdict.PROCEED)
    named = {vote.part for vote in votes}
    renamed = tuple(evolve(vote, missing=(path,) if vote.missing else ()) for vote in votes)
    return Judged(renamed, tuple(each for each in judged.toxicities if each.path in named), notes=judged.notes)

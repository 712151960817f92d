"""How laboratory results vote on a dose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.chart import Chart, OfAnalyte, Result
from tarlatamab_rules.assessment.febrile import febrile_neutropenia
from tarlatamab_rules.assessment.lab_episodes import acts, episodes, in_order, is_tracked, judge_episodes, left_over, series_of
from tarlatamab_rules.assessment.lab_liver import judge_liver
from tarlatamab_rules.assessment.lab_unused import (
    AFTER_START,
    LABS,
    judge_ages,
    open_needs,
    recent_unused,
    recommended_and_missing,
    unused_notes,
)
from tarlatamab_rules.assessment.recovery import Measured
from tarlatamab_rules.assessment.votes import (
    SEVERE,
    AssessedToxicity,
    Judged,
    Vote,
    floored,
    gathered,
    strictest_of,
    verdicts_of,
)
from tarlatamab_rules.assessment.words import field_in_words, listed
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered, Verdict, either, union
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.paths import Fact, Note
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.events import ToxicityEvent
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks.questions import LAB_TOXICITY, OTHER_RESULT, TOXICITY_ACTION
from tarlatamab_rules.rules.course import last_given
from tarlatamab_rules.rules.grading import is_above, is_below
from tarlatamab_rules.rules.labs import RECENT_DAYS, latest_dates
from tarlatamab_rules.rules.severity import is_severe, lacks_limit
from tarlatamab_rules.values.vocabulary import LabNeed, Standing

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.lab_episodes import Sample
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.values.vocabulary import Role

__all__ = ["SEVERE_ASIDE", "judge_labs"]

_OPEN_GRADE: Final = "guard/open-grade"
_LEFT_OPEN = Reason("guard/not-graded", "The grading scale leaves the grade of this result open. A clinician must assess it.")
_NOT_AT_HAND = Reason("guard/labs", "A result that the rulebook requires before the dose is missing.")
_NOT_SETTLED = Reason("guard/labs-dates", "It is not known whether the result was drawn after the previous dose and before this one.")
_NORMAL_BASELINE = Reason("guard/baseline", "The value before treatment is missing. Until it is known, it is taken as normal.")
_ANY_LIMIT = Reason(
    "guard/any-limit", "The limit of normal is missing, but by every plausible limit the result is severe. A clinician must assess it."
)
_SYMPTOMS = Reason(
    "guard/symptoms-open", "The grade depends on whether it causes symptoms, and no event reports any. A clinician must assess it."
)
SEVERE_ASIDE: Final = Reason(
    "guard/severe-aside",
    f"A severe result does not count for the dose, but no newer result is known, and it is undated or at most {RECENT_DAYS} days old. "
    "That limit is a safeguard of this library. A clinician must assess the result.",
)


def judge_labs(chart: Chart) -> Judged:
    """The laboratory results that count for the dose, what their series shows, and required results that are missing."""
    parts = [judged for labs in chart.labs for judged in _analyte(labs, chart)]
    parts += _left_open(chart)
    parts += judge_liver(chart)
    parts += febrile_neutropenia(chart)
    if notes := (*unused_notes(chart.standings), *recommended_and_missing(chart.standings)):
        parts.append(Judged(notes=notes))
    parts += judge_ages(chart)
    return gathered(parts) if parts else Judged()


def _left_open(chart: Chart) -> Iterator[Judged]:
    """Missing results for which the book leaves open whether they are required."""
    if not (open_ := open_needs(chart.case.point, chart.book)):
        return
    counting = {labs.analyte for labs in chart.labs if labs.counting}
    if reasons := union(why for analyte, why in open_ if analyte not in counting):
        yield Judged((Vote(LABS, Verdict.NEEDS_ASSESSMENT, (), reasons),))


def _analyte(labs: OfAnalyte, chart: Chart) -> Iterable[Judged]:
    # A single result that counts has no series, and no other result may count instead.
    if len(labs.results) == 1 and labs.counting:
        return [_judged(labs.results[0], labs.need, chart)]
    if not labs.results:
        return [_of_analyte(labs, (), (), chart, ())] if labs.need is LabNeed.REQUIRED else []
    return _several(labs, chart)


def _several(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    as_normal, certain = series_of(labs, chart)
    parts = _by_series(labs, as_normal, chart)
    if as_normal != certain:
        parts = _read_as_normal(parts, _by_series(labs, certain, chart), labs.path.its("baseline"))
    yield from parts
    if len(labs.results) > len(labs.counting):
        yield from _after_the_start(labs, chart)
        yield from _severe_aside(labs, chart)


def _by_series(labs: OfAnalyte, series: Sequence[Sample], chart: Chart) -> list[Judged]:
    """The results of an analyte that count or may count, after one series of earlier results."""
    # If dates do not put two in order, each is judged as the latest.
    dates = {result.lab.collected for result in labs.counting} if series else ()
    before = [sample for sample in series if sample[0] not in dates]
    latest = [_judged(result, labs.need, chart, before) for result in _distinct(labs.counting)]
    waiting = labs.standing(Standing.UNDATED, Standing.OPEN) if len(labs.results) > len(labs.counting) else []
    parts = [_of_analyte(labs, latest, waiting, chart, series)]
    if not latest and series:
        parts.append(left_over(labs, series, chart.planned))
    return parts


def _read_as_normal(as_normal: list[Judged], certain: list[Judged], baseline: Fact) -> list[Judged]:
    """The stricter of two readings of a series. If it takes an unknown value before treatment as normal, that value is asked for."""
    verdict = strictest_of([part.verdict for part in as_normal])
    if verdict <= strictest_of([part.verdict for part in certain]):
        return certain

    def asking(vote: Vote) -> Vote:
        if vote.verdict is not verdict:
            return vote
        return evolve(vote, missing=union((vote.missing, (baseline,))), reasons=(_NORMAL_BASELINE, *vote.reasons))

    return [evolve(part, votes=tuple(map(asking, part.votes))) for part in as_normal]


def _distinct(results: Sequence[Result]) -> Sequence[Result]:
    """One result of all that have the same effect."""
    if len(results) <= 1:
        return results
    kinds: dict[object, Result] = {}
    for result in results:
        grade = result.grade
        grading = grade if isinstance(grade, Decided) else (grade.possible, grade.missing, result.as_normal, _is_abnormal(result))
        kinds.setdefault((result.lab.collected, grading), result)
    return tuple(kinds.values())


def _of_analyte(labs: OfAnalyte, latest: Sequence[Judged], waiting: Sequence[Result], chart: Chart, series: Sequence[Sample]) -> Judged:
    """The vote on an analyte: by results that count, by results that may count, or because there is none."""
    required = labs.need is LabNeed.REQUIRED
    if waiting and (latest or not required):
        return _unsettled(labs, latest, waiting, chart, series)
    if not latest and required:
        missing, why = (_facts(waiting), _NOT_SETTLED) if waiting else ((labs.path,), _NOT_AT_HAND)
        return Judged((Vote(labs.path, Verdict.NEEDS_DATA, missing, (why,)),))
    return gathered(latest) if latest else Judged()


# --- one result ---


def _judged(result: Result, need: LabNeed, chart: Chart, series: Sequence[Sample] = ()) -> Judged:
    """A result, judged as one that counts."""
    grade = result.grade
    if isinstance(grade, Decided):
        return _of_known_grade(result.lab, grade, chart.planned, series)
    if isinstance(grade, NotCovered):
        return Judged((Vote(Fact("labs", result.lab.analyte), Verdict.NEEDS_ASSESSMENT, (), (*grade.reasons, _LEFT_OPEN)),))
    judged = _of_open_grade(result, grade, need, chart, series)
    return judged if need is LabNeed.REQUIRED else _not_waited_for(result, grade, judged, chart)


def _not_waited_for(result: Result, grade: NeedsData[Grade], judged: Judged, chart: Chart) -> Judged:
    """A result that is not required. If it is not abnormal, no dose waits for it: an open question is a note."""
    asked = chart.symptoms.ask if "symptoms" in grade.missing else ()
    value = Fact("labs", result.lab.analyte, "value")

    def waits(vote: Vote) -> bool:
        if vote.verdict is not Verdict.NEEDS_DATA or not any(reason.row == _OPEN_GRADE for reason in vote.reasons[:1]):
            return True
        severe = is_severe(grade, result.as_normal)
        return _is_abnormal(result) and (severe or value in vote.missing or any(path in vote.missing for path in asked))

    notes = [
        Note(vote.part, f"the grade is open, but the dose does not wait for it. Missing: {listed(map(field_in_words, vote.missing))}.")
        for vote in judged.votes
        if not waits(vote)
    ]
    return evolve(judged, votes=tuple(filter(waits, judged.votes)), notes=(*judged.notes, *notes))


def _is_abnormal(result: Result) -> bool:
    """Whether a result is certainly beyond a limit of normal or of the scale."""
    return bool(is_below(result.lab) or is_above(result.lab)) or min(result.grades, default=Grade.NONE) > Grade.NONE


def _of_known_grade(lab: LabResult, grade: Decided[Grade], planned: Planned, series: Sequence[Sample]) -> Judged:
    """A result whose grade is known, as the latest of its series."""
    alone = None if series else _by_itself(lab.analyte, grade, planned.number, planned.role, planned.book)
    return alone or _because(grade, _of_grade(grade.value, lab, planned, series))


def _of_open_grade(result: Result, grade: NeedsData[Grade], need: LabNeed, chart: Chart, series: Sequence[Sample]) -> Judged:
    """A result by each grade that it may have, as the latest of its series."""
    lab, path = result.lab, Fact("labs", result.lab.analyte)
    by_grade = {value: _of_grade(value, lab, chart.planned, series) for value in result.grades}
    judged = gathered(tuple(by_grade.values()))
    verdicts = {value: part.verdict for value, part in by_grade.items()}
    vote = _open_vote(result, verdicts, grade, judged.votes, _symptoms(result, need, chart))
    toxicities = _combined_action(path, lab.analyte, result.grades, judged)
    return Judged((vote,), toxicities, judged.episodes, tuple(dict.fromkeys(judged.notes)))


def _because(grade: Decided[Grade], judged: Judged) -> Judged:
    """A judged result, with the reasons of its grade."""
    first, *rest = judged.votes
    return evolve(judged, votes=(evolve(first, reasons=grade.reasons + first.reasons), *rest))


@lru_cache(maxsize=1024)
def _by_itself(
    analyte: Analyte, grade: Decided[Grade], number: int | None, role: Role | frozenset[Role] | None, book: Rulebook
) -> Judged | None:
    """A result judged by itself, not as part of an episode; ``None`` if the book follows this grade from result to result."""
    toxicity = LAB_TOXICITY.get(analyte)
    if toxicity is not None and acts(grade.value, toxicity, book) and is_tracked(toxicity, book):
        return None
    judged = _because(grade, _alone(analyte, grade.value, number, role, book))
    nothing = grade.value is Grade.NONE and isinstance(judged.toxicities[0].action, NotCovered)
    return evolve(judged, toxicities=()) if nothing else judged


def _combined_action(path: Fact, analyte: Analyte, grades: tuple[Grade, ...], judged: Judged) -> tuple[AssessedToxicity, ...]:
    """One toxicity of several possible grades, with the actions that are still possible."""
    of_grades = [(toxicity.grades[0], toxicity.action) for toxicity in judged.toxicities if toxicity.path == path]
    action = either([answer for _, answer in of_grades])
    if isinstance(action, NeedsData):
        action = evolve(action, missing=("grade",))
    elif isinstance(action, NotCovered) and grades[0] is Grade.NONE:
        return ()
    return (
        AssessedToxicity(
            path, LAB_TOXICITY.get(analyte, Toxicity.OTHER), grades, action, tuple(of_grades) if isinstance(action, NeedsData) else ()
        ),
    )


def _symptoms(result: Result, need: LabNeed, chart: Chart) -> tuple[Fact, ...] | None:
    """Where the caller can enter whether the result causes symptoms; ``None`` if that matters but cannot be entered."""
    symptoms = chart.symptoms
    if "symptoms" not in result.grade.missing or symptoms.ask:
        return symptoms.ask
    return None if need is LabNeed.REQUIRED else ()


def _open_vote(
    result: Result,
    verdicts: Mapping[Grade, Verdict],
    grade: NeedsData[Grade],
    votes: tuple[Vote, ...],
    symptoms: tuple[Fact, ...] | None,
) -> Vote:
    """The vote of a result whose grade is open.

    Args:
        result: The result.

        verdicts: The verdict of each grade.

        grade: Its grade.

        votes: The votes of every grade.

        symptoms: Where the caller can enter whether there are symptoms; ``None``: nowhere.
    """
    path = Fact("labs", result.lab.analyte)
    least, matters = floored(verdicts.values()), len(set(verdicts.values())) > 1
    missing = union((_supplying(path, grade, symptoms or ()) if matters else (), *(vote.missing for vote in votes)))
    reasons = (_open_grade(tuple(verdicts)),) if matters else grade.reasons + union(vote.reasons for vote in votes)
    if (stricter := _vote_as_normal(result, verdicts, grade, least)) is not None:
        return evolve(stricter, missing=missing)
    if symptoms is None and matters and least < Verdict.NEEDS_ASSESSMENT:
        return Vote(path, Verdict.NEEDS_ASSESSMENT, missing, (_SYMPTOMS, *reasons))
    return Vote(path, least, missing, reasons)


def _supplying(path: Fact, grade: NeedsData[Grade], symptoms: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Where the caller can enter the facts that are missing for the grade of a result."""
    return union(symptoms if fact == "symptoms" else (path.its(fact),) for fact in grade.missing)


def _vote_as_normal(result: Result, verdicts: Mapping[Grade, Verdict], grade: NeedsData[Grade], least: Verdict) -> Vote | None:
    """The vote with a normal value in place of an unknown one before treatment, or with any plausible limit, if that is stricter."""
    if not result.as_normal:
        return None
    path, as_normal = Fact("labs", result.lab.analyte), min(verdicts[value] for value in result.as_normal if value in verdicts)
    if lacks_limit(result.lab, grade):
        severe = as_normal >= Verdict.NEEDS_ASSESSMENT > least
        return Vote(path, Verdict.NEEDS_ASSESSMENT, (), (_ANY_LIMIT, *grade.reasons)) if severe else None
    return Vote(path, as_normal, (), (_NORMAL_BASELINE, *grade.reasons)) if as_normal >= Verdict.WITHHOLD > least else None


def _alone(analyte: Analyte, grade: Grade, number: int | None, role: Role | frozenset[Role] | None, book: Rulebook) -> Judged:
    """What must be done about a grade by itself, not as part of an episode."""
    path, toxicity = Fact("labs", analyte), LAB_TOXICITY.get(analyte, Toxicity.OTHER)
    if analyte not in LAB_TOXICITY and grade >= Grade.SEVERE:
        action = book[OTHER_RESULT](analyte)
    else:
        action = book[TOXICITY_ACTION[toxicity]].lookup[grade, grade, Grade.NONE, 0, 0, None, number, role, None, None]
    verdict = strictest_of(verdicts_of(action, grade))
    severe = (SEVERE,) if verdict is Verdict.NEEDS_ASSESSMENT else ()
    return Judged((Vote(path, verdict, (), action.reasons + severe),), (AssessedToxicity(path, toxicity, (grade,), action),))


def _of_grade(grade: Grade, result: LabResult, planned: Planned, series: Sequence[Sample]) -> Judged:
    """A result judged as one of this grade. Its series shows episodes; each is judged with the others and with the reported ones."""
    path, toxicity = Fact("labs", result.analyte), LAB_TOXICITY.get(result.analyte)
    shown: tuple[Measured, ...] = ()
    if toxicity is not None and is_tracked(toxicity, planned.book):
        if result.collected is None:
            shown = _undated(toxicity, grade, planned, series)
        else:
            samples = [sample for sample in series if sample[0] != result.collected]
            shown = episodes(toxicity, in_order([*samples, (result.collected, grade, grade)]), last_given(planned.course), planned.book)
    if not shown:
        return _alone(result.analyte, grade, planned.number, planned.role, planned.book)
    return judge_episodes(path, shown, planned, result.collected)


def _undated(toxicity: Toxicity, grade: Grade, planned: Planned, series: Sequence[Sample]) -> tuple[Measured, ...]:
    """The episodes that a result without a date shows as the latest of its series. What earlier results prove stays proven."""
    if series:
        shown = episodes(
            toxicity, [*series, (planned.planned_start or series[-1][0], grade, grade)], last_given(planned.course), planned.book
        )
        if shown:
            return shown
    return (Measured(ToxicityEvent(toxicity, grade, current_grade=grade)),) if acts(grade, toxicity, planned.book) else ()


def _open_grade(grades: tuple[Grade, ...]) -> Reason:
    return Reason(_OPEN_GRADE, f"The grade may be {' or '.join(f'{grade:d}' for grade in grades)}, and the verdict depends on it.")


# --- what does not count ---


def _facts(waiting: Sequence[Result]) -> tuple[str, ...]:
    return union(result.standing.missing for result in waiting)


def _as_latest(labs: OfAnalyte, waiting: Sequence[Result], chart: Chart, series: Sequence[Sample]) -> Iterator[Verdict]:
    """The verdict for each result that may count, as the latest of its series."""
    # Only the latest dated result is judged with the series before it; doing so for every result would take too long.
    last = latest_dates([result.lab.collected for result in waiting if result.lab.collected is not None])
    for result in _distinct(waiting):
        newest = result.lab.collected is None or result.lab.collected in last
        yield _judged(result, labs.need, chart, series if newest else ()).verdict


def _unsettled(labs: OfAnalyte, latest: Sequence[Judged], waiting: Sequence[Result], chart: Chart, series: Sequence[Sample]) -> Judged:
    """Results that may count, and may be later than those that do; their facts are asked for if they could change the verdict."""
    path, known = labs.path, gathered(latest) if latest else Judged()
    verdicts = [known.verdict, *_as_latest(labs, waiting, chart, series)]
    if len(set(verdicts)) > 1:
        verdict = floored(verdicts)
        missing = _facts(waiting) + tuple(fact for vote in known.votes for fact in vote.missing)
        why = union(vote.reasons for vote in known.votes if vote.verdict is verdict)
        return evolve(known, votes=(Vote(path, verdict, missing, (_NOT_SETTLED, *why)),))
    wanted = listed(map(field_in_words, _facts(waiting)))
    notes = tuple([Note(path, f"{result.lab.quantity} does not count until this is known: {wanted}.") for result in waiting])
    return evolve(known, notes=known.notes + notes)


def _after_the_start(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    """A result drawn after the planned start does not count. If it is bad, a clinician must look: a time is wrong or the dose is late."""
    after = _distinct(labs.standing(Standing.AFTER_PLANNED_START))
    if any(_judged(result, labs.need, chart).verdict > Verdict.NEEDS_DATA for result in after):
        yield Judged((Vote(labs.path, Verdict.NEEDS_ASSESSMENT, (), (AFTER_START,)),))


def _severe_aside(labs: OfAnalyte, chart: Chart) -> Iterator[Judged]:
    """A clinician must assess a severe result that does not count if it is the latest and is recent or undated. Lymphopenia is expected."""
    if labs.analyte is Analyte.LYMPHOCYTES:
        return
    severe = [result for result in recent_unused(labs, chart) if is_severe(result.grade, result.as_normal)]
    for result in _distinct(severe):
        # A result that does not count is never stricter than if it did.
        if _judged(result, labs.need, chart).verdict >= Verdict.NEEDS_ASSESSMENT:
            yield Judged((Vote(labs.path, Verdict.NEEDS_ASSESSMENT, result.standing.missing, (SEVERE_ASIDE,)),))
            return

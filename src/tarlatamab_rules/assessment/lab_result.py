"""How one laboratory result votes on a dose, by each grade that it may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.chart import Chart, Result
from tarlatamab_rules.assessment.lab_episodes import as_latest, episodes, is_tracked, judge_episodes
from tarlatamab_rules.assessment.recovery import Measured
from tarlatamab_rules.assessment.votes import (
    SEVERE,
    UNSETTLED,
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
from tarlatamab_rules.rules.severity import is_severe, lacks_limit
from tarlatamab_rules.rules.toxicity import acts
from tarlatamab_rules.values.vocabulary import LabNeed

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.lab_orders import Sample
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.rules.planned import Planned
    from tarlatamab_rules.values.vocabulary import Role

__all__ = ["ANY_LIMIT", "NORMAL_BASELINE", "is_abnormal", "judge_result"]

_OPEN_GRADE: Final = "guard/open-grade"
_LEFT_OPEN = Reason("guard/not-graded", "The grading scale leaves the grade of this result open. A clinician must assess it.")
NORMAL_BASELINE = Reason("guard/baseline", "The value before treatment is missing. Until it is known, it is taken as normal.")
ANY_LIMIT = Reason(
    "guard/any-limit", "The limit of normal is missing, but by every plausible limit the result is severe. A clinician must assess it."
)
_SYMPTOMS = Reason(
    "guard/symptoms-open", "The grade depends on whether it causes symptoms, and no event reports any. A clinician must assess it."
)


def judge_result(result: Result, need: LabNeed, chart: Chart, series: Sequence[Sample] = ()) -> Judged:
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
        lacks = value in vote.missing or (result.lab.analyte in LAB_TOXICITY and lacks_limit(result.lab, grade))
        return is_abnormal(result) and (severe or lacks or any(path in vote.missing for path in asked))

    notes = [
        Note(vote.part, f"the grade is open, but the dose does not wait for it. Missing: {listed(map(field_in_words, vote.missing))}.")
        for vote in judged.votes
        if not waits(vote)
    ]
    return evolve(judged, votes=tuple(filter(waits, judged.votes)), notes=(*judged.notes, *notes))


def is_abnormal(result: Result) -> bool:
    """Whether a result is certainly beyond a limit of normal, or every plausible one, or of the scale."""
    least = max(min(grades, default=Grade.NONE) for grades in (result.grades, result.as_normal))
    return bool(is_below(result.lab) or is_above(result.lab)) or least > Grade.NONE


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
        return Vote(path, Verdict.NEEDS_ASSESSMENT, (), (ANY_LIMIT, *grade.reasons)) if severe else None
    return Vote(path, as_normal, (), (NORMAL_BASELINE, *grade.reasons)) if as_normal >= Verdict.WITHHOLD > least else None


def _alone(analyte: Analyte, grade: Grade, number: int | None, role: Role | frozenset[Role] | None, book: Rulebook) -> Judged:
    """What must be done about a grade by itself, not as part of an episode."""
    path, toxicity = Fact("labs", analyte), LAB_TOXICITY.get(analyte, Toxicity.OTHER)
    if analyte not in LAB_TOXICITY and grade >= Grade.SEVERE:
        action = book[OTHER_RESULT](analyte)
    else:
        action = book[TOXICITY_ACTION[toxicity]].lookup[grade, grade, Grade.NONE, 0, 0, None, number, role, None, None]
    verdict = strictest_of(verdicts_of(action, grade))
    open_ = (SEVERE if grade >= Grade.SEVERE else UNSETTLED,) if verdict is Verdict.NEEDS_ASSESSMENT else ()
    return Judged((Vote(path, verdict, (), action.reasons + open_),), (AssessedToxicity(path, toxicity, (grade,), action),))


def _of_grade(grade: Grade, result: LabResult, planned: Planned, series: Sequence[Sample]) -> Judged:
    """A result judged as one of this grade. Its series shows episodes; each is judged with the others and with the reported ones."""
    path, toxicity = Fact("labs", result.analyte), LAB_TOXICITY.get(result.analyte)
    shown: tuple[Measured, ...] = ()
    if toxicity is not None and is_tracked(toxicity, planned.book):
        if result.collected is None:
            shown = _undated(toxicity, grade, planned, series)
        else:
            samples = [sample for sample in series if sample[0] != result.collected]
            shown = episodes(toxicity, as_latest(samples, (result.collected, grade, grade)), last_given(planned.course), planned.book)
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

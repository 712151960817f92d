"""What to ask next of a case, and what would change its verdict.

The whole assessment is repeated with each value that a fact may have, as far as the tables distinguish them. Numbers and days are tried
with one value of each band, so that no change between two bands is missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from tarlatamab_rules.assessment import DoseAssessment, assess_case
from tarlatamab_rules.assessment.candidates import Asked, Put, known, values_of
from tarlatamab_rules.assessment.values import Members, Values
from tarlatamab_rules.core.asking import AskNext, Nearest
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs.case import readings_of
from tarlatamab_rules.rulebooks._diff import in_short
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.values.conditions import condition_in_words, facts_in_words
from tarlatamab_rules.values.vocabulary import Standing

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["FactToAsk", "WhatIf", "asking_in_words", "what_to_ask", "what_would_change", "with_each_value"]


@frozen
class WhatIf(Shown):
    """The outcome of an assessment with other values of one fact.

    Attributes:
        path: The fact.

        says: The values, in words.

        assessment: The whole assessment with one of the values: the nearest, if a known fact is changed.
    """

    path: str
    says: str
    assessment: DoseAssessment = field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """The verdict with any of these values."""
        return self.assessment.verdict

    @property
    def rows(self) -> tuple[str, ...]:
        """The ids of the rows that gave the verdict."""
        return tuple(reason.row for reason in self.assessment.reasons)

    @property
    def settled(self) -> bool:
        """Whether the verdict is not needs-data, and no fact is missing for a part that gave it."""
        verdict = self.verdict
        return verdict is not Verdict.NEEDS_DATA and not any(vote.missing for vote in self.assessment.votes if vote.verdict is verdict)

    def __str__(self) -> str:
        """For example ``if labs.neutrophils is >= 1 10*9/L, then proceed``, ``if patient.pregnant is yes, then excluded``."""
        return f"if {self.path} is {self.says}, then {self.verdict}"


@frozen
class FactToAsk(Shown):
    """A missing fact, and the outcome of the assessment for each value that it may have.

    Attributes:
        path: The fact.

        outcomes: Its values, grouped by verdict; empty if they cannot be listed.

        exhaustive: Whether it can have no other value.
    """

    path: str
    outcomes: tuple[WhatIf, ...] = ()
    exhaustive: bool = False

    @property
    def settles(self) -> int:
        """How many of the outcomes settle the verdict, whatever else is missing."""
        return sum(outcome.settled for outcome in self.outcomes)

    def __str__(self) -> str:
        """For example ``patient.pregnant: if yes, then excluded; if no, then proceed``.

        *At least* is before a verdict that other missing facts may still make stricter.
        """
        listed = [
            f"if {outcome.says}, then {'' if outcome.settled or outcome.verdict is Verdict.NEEDS_DATA else 'at least '}{outcome.verdict}"
            for outcome in self.outcomes
        ]
        return f"{self.path}: {'; '.join(listed if self.exhaustive else [*listed, 'other values are not listed'])}"


def what_to_ask(assessment: DoseAssessment, *, rulebook: Rulebook | str | None = None) -> tuple[FactToAsk, ...]:
    """Every missing fact, each with the verdict for every value that it may have. The fact that settles most comes first.

    A missing result is taken as drawn at the planned start, an event that is not reported as active. The facts are ordered by the share of
    outcomes that settle the verdict, then by how few facts are missing after them. Facts whose values cannot all be listed come after the
    others, and facts without any listed value last.

    Args:
        assessment: The assessment.

        rulebook: The book that answered, if the library does not know it by its name.

    Raises:
        FieldError: This book gives a different assessment of the case.

        UnknownRulebookError: The library does not know the book by its name, and it was not passed.
    """
    again = _again(assessment, rulebook)
    return tuple(sorted((_to_ask(path, again) for path in assessment.missing), key=_worth))


def with_each_value(
    assessment: DoseAssessment, *, rulebook: Rulebook | str | None = None
) -> dict[str, tuple[tuple[Any, DoseAssessment], ...]]:
    """For each missing fact that is one of some members: each of them, with the assessment if it is that one.

    A fact whose values cannot all be listed is left out, and so is a value that contradicts the case.

    Args:
        assessment: The assessment.

        rulebook: The book that answered, if the library does not know it by its name.

    Raises:
        FieldError: This book gives a different assessment of the case.

        UnknownRulebookError: The library does not know the book by its name, and it was not passed.
    """
    again = _again(assessment, rulebook)
    listed = {path: values_of(path, again.asked) for path in assessment.missing}
    members = {path: pair for path, pair in listed.items() if pair is not None and isinstance(pair[0], Members) and pair[0].exhaustive}
    return {
        path: tuple((values.samples[n], tried) for n, tried in _tried(values, put, again).items())
        for path, (values, put) in members.items()
    }


def what_would_change(assessment: DoseAssessment, *, rulebook: Rulebook | str | None = None) -> tuple[WhatIf, ...]:
    """The nearest other values of each known fact, changed alone, that give another verdict.

    The facts are the results that count, the patient, the planned start, the order, and the grade, status, bleeding, cause and findings
    of events. Numbers and days are listed with the nearest value in each direction, members with all values. Numbers come first, by the
    part of the number that must change; then days, by how many; then members, by their distance from the present one in the list of
    members. Values that contradict the other facts are left out.

    Args:
        assessment: The assessment.

        rulebook: The book that answered, if the library does not know it by its name.

    Raises:
        FieldError: This book gives a different assessment of the case.

        UnknownRulebookError: The library does not know the book by its name, and it was not passed.
    """
    again = _again(assessment, rulebook)
    counting = [item.result for item in assessment.standings if item.standing is Standing.COUNTS and item.result is not None]
    changes = [change for path, values, put in known(again.asked, counting) for change in _changes(path, values, put, again)]
    return tuple(change for _, change in sorted(changes, key=itemgetter(0)))


def asking_in_words(result: AskNext[Any] | Nearest[Any]) -> str:
    """What to ask next of a table, or the nearest change, in one line."""
    if isinstance(result, Nearest):
        return f"{'; '.join(facts_in_words(result.question, result.when))} -> {in_short(result.answer)}"
    outcomes = [f"{condition_in_words(result.axis, condition)} -> {in_short(answer)}" for condition, answer in result.outcomes]
    return f"{result.title}: {'; '.join(outcomes)}"


# --- asking again ---


@frozen
class _Again:
    """An assessment that can be repeated with another case."""

    assessment: DoseAssessment
    book: Rulebook

    @property
    def asked(self) -> Asked:
        return Asked(readings_of(self.assessment.case)[0], self.book, self.assessment.max_lab_age)

    def of(self, case: Case) -> DoseAssessment:
        return assess_case(case, max_lab_age=self.assessment.max_lab_age, rulebook=self.book)


def _again(assessment: DoseAssessment, rulebook: Rulebook | str | None) -> _Again:
    if not isinstance(assessment, DoseAssessment):
        raise FieldTypeError("assessment", f"{shown(assessment)} is not a DoseAssessment", "pass the result of assess_case or assess_dose")
    again = _Again(assessment, resolve(assessment.rulebook if rulebook is None else rulebook))
    if again.of(assessment.case).votes != assessment.votes:
        fix = "pass the rulebook that was passed to the assessment"
        raise FieldError("assessment", "is different when it is repeated", fix)
    return again


def _tried(values: Values, put: Put, again: _Again) -> dict[int, DoseAssessment]:
    """The assessment with each possible value, by its place."""
    tried: dict[int, DoseAssessment] = {}
    for n, sample in enumerate(values.samples):
        with suppress(FieldError):
            tried[n] = again.of(put(sample))
    return tried


def _to_ask(path: str, again: _Again) -> FactToAsk:
    listed = values_of(path, again.asked)
    if listed is None:
        return FactToAsk(path)
    values, put = listed
    tried = {n: WhatIf(path, "", assessment) for n, assessment in _tried(values, put, again).items()}
    keys = [(tried[n].verdict, tried[n].settled) if n in tried else None for n in range(len(values.values))]
    outcomes = tuple(evolve(tried[run[0]], says=values.says(run)) for run in values.together(keys))
    return FactToAsk(path, outcomes, values.exhaustive)


def _worth(asked: FactToAsk) -> tuple[bool, bool, float, float]:
    number = len(asked.outcomes) or 1
    left = sum(len(outcome.assessment.missing) for outcome in asked.outcomes)
    return not asked.outcomes, not asked.exhaustive, -asked.settles / number, left / number


def _changes(path: str, values: Values, put: Put, again: _Again) -> Iterator[tuple[tuple[int, float], WhatIf]]:
    """The nearest values of one fact with another verdict, each with its place in the order."""
    tried, now = _tried(values, put, again), again.assessment.verdict
    verdicts = [tried[n].verdict if n in tried else None for n in range(len(values.values))]
    if values.at >= 0:
        verdicts[values.at] = now
    for run in values.near([run for run in values.together(verdicts) if verdicts[run[0]] is not now]):
        n = min(run, key=lambda place: abs(place - values.at))
        yield (values.kind, values.away(n)), WhatIf(path, values.says(run), tried[n])

"""What to ask next of a case, and what would change its verdict.

The whole assessment is asked again with each value that a fact may have, as the tables tell them apart: of numbers and days with one of
each band, so that nothing is missed between two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from tarlatamab_rules.answers.vocabulary import Standing
from tarlatamab_rules.answers.wording import condition_in_words, facts_in_words
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

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["FactToAsk", "WhatIf", "asking_in_words", "what_to_ask", "what_would_change"]


@frozen
class WhatIf(Shown):
    """What an assessment comes to with other values of one fact.

    Attributes:
        path: The fact.

        says: The values, in words.

        assessment: The whole assessment with one of them: the nearest, where a known fact is changed.
    """

    path: str
    says: str
    assessment: DoseAssessment = field(repr=False)
    _measured: bool = field(default=False, repr=False)

    @property
    def verdict(self) -> Verdict:
        """The verdict with any of these values."""
        return self.assessment.verdict

    @property
    def rows(self) -> tuple[str, ...]:
        """The ids of the rows that the verdict comes from."""
        return tuple(reason.row for reason in self.assessment.reasons)

    @property
    def settled(self) -> bool:
        """Whether the verdict is not needs-data, and no part that it comes from lacks a fact."""
        verdict = self.verdict
        return verdict is not Verdict.NEEDS_DATA and not any(vote.missing for vote in self.assessment.votes if vote.verdict is verdict)

    def __str__(self) -> str:
        """As ``labs.neutrophils >= 1 10*9/L -> proceed``, ``patient.pregnant: yes -> excluded``."""
        return f"{self.path}{' ' if self._measured else ': '}{self.says} -> {self.verdict}"


@frozen
class FactToAsk(Shown):
    """A fact that is missing, and what the assessment comes to by what it turns out to be.

    Attributes:
        path: The fact.

        outcomes: Its values, those with one verdict together; empty where they cannot be listed.

        exhaustive: Whether it can have no other value.
    """

    path: str
    outcomes: tuple[WhatIf, ...] = ()
    exhaustive: bool = False

    @property
    def settles(self) -> int:
        """How many of the outcomes settle the verdict, whatever else is missing."""
        return sum(each.settled for each in self.outcomes)

    def __str__(self) -> str:
        """As ``patient.pregnant: yes -> excluded; no -> proceed``."""
        each = [
            f"{outcome.says} -> {outcome.verdict}{'' if outcome.settled or outcome.verdict is Verdict.NEEDS_DATA else ', not settled'}"
            for outcome in self.outcomes
        ]
        return f"{self.path}: {'; '.join(each if self.exhaustive else [*each, 'other values are not listed'])}"


def what_to_ask(assessment: DoseAssessment, *, rulebook: Rulebook | str | None = None) -> tuple[FactToAsk, ...]:
    """Every missing fact, the one that settles most in front, each with the verdict by what it turns out to be.

    A result that is missing is taken as drawn at the planned start, an event that is not reported as active. The facts are in order by the
    share of outcomes that settle the verdict, then by how few facts are missing after them; those of which not all values can be listed
    come after the others, and those without any last.

    Args:
        assessment: The assessment.

        rulebook: The book that answered, where the library does not know it by its name.

    Raises:
        FieldError: By this book the case comes out differently.

        UnknownRulebookError: The book is not known by its name, and was not passed.
    """
    again = _again(assessment, rulebook)
    return tuple(sorted((_to_ask(path, again) for path in assessment.missing), key=_worth))


def what_would_change(assessment: DoseAssessment, *, rulebook: Rulebook | str | None = None) -> tuple[WhatIf, ...]:
    """The nearest other values of each known fact, changed alone, that give another verdict.

    Asked of the results that count, the patient, the planned start, the order, and of grade, status, bleeding, cause and findings of
    events. Of numbers and days the nearest values in each direction are given, of members all. Numbers come first, by how great a part of
    the number must change; then days, by how many; then members, by how far they stand from the present one among those of their kind. What
    cannot be, beside the other facts, is left out.

    Args:
        assessment: The assessment.

        rulebook: The book that answered, where the library does not know it by its name.

    Raises:
        FieldError: By this book the case comes out differently.

        UnknownRulebookError: The book is not known by its name, and was not passed.
    """
    again = _again(assessment, rulebook)
    counting = [each.result for each in assessment.standings if each.standing is Standing.COUNTS and each.result is not None]
    found = [each for path, values, put in known(again.asked, counting) for each in _changes(path, values, put, again)]
    return tuple(change for _, change in sorted(found, key=lambda each: each[0]))


def asking_in_words(found: AskNext[Any] | Nearest[Any]) -> str:
    """What to ask of a table, or what is nearest, in one line."""
    if isinstance(found, Nearest):
        return f"{'; '.join(facts_in_words(found.question, found.when))} -> {in_short(found.answer)}"
    said = [f"{condition_in_words(found.axis, condition)} -> {in_short(answer)}" for condition, answer in found.outcomes]
    return f"{found.title}: {'; '.join(said)}"


# --- asking again ---


@frozen
class _Again:
    """An assessment that can be asked again of another case."""

    assessment: DoseAssessment
    book: Rulebook

    @property
    def asked(self) -> Asked:
        return Asked(readings_of(self.assessment.case)[0], self.book, self.assessment.max_lab_age)

    def of(self, case: Case) -> DoseAssessment:
        return assess_case(case, max_lab_age=self.assessment.max_lab_age, rulebook=self.book)


def _again(assessment: DoseAssessment, rulebook: Rulebook | str | None) -> _Again:
    if not isinstance(assessment, DoseAssessment):
        raise FieldTypeError("assessment", f"{shown(assessment)} is not a DoseAssessment", "pass what assess_case gives")
    again = _Again(assessment, resolve(assessment.rulebook if rulebook is None else rulebook))
    if again.of(assessment.case).votes != assessment.votes:
        fix = "pass the rulebook that was passed to the assessment"
        raise FieldError("assessment", "comes out differently when it is asked again", fix)
    return again


def _tried(values: Values, put: Put, again: _Again) -> dict[int, DoseAssessment]:
    """The assessment with each value that can be, by its place."""
    found: dict[int, DoseAssessment] = {}
    for n, sample in enumerate(values.samples):
        with suppress(FieldError):
            found[n] = again.of(put(sample))
    return found


def _to_ask(path: str, again: _Again) -> FactToAsk:
    found = values_of(path, again.asked)
    if found is None:
        return FactToAsk(path)
    values, put = found
    tried = {n: WhatIf(path, "", each) for n, each in _tried(values, put, again).items()}
    keys = [(tried[n].verdict, tried[n].settled) if n in tried else None for n in range(len(values.values))]
    outcomes = tuple(evolve(tried[run[0]], says=values.says(run)) for run in values.together(keys))
    return FactToAsk(path, outcomes, values.exhaustive)


def _worth(asked: FactToAsk) -> tuple[bool, bool, float, float]:
    of = len(asked.outcomes) or 1
    left = sum(len(each.assessment.missing) for each in asked.outcomes)
    return not asked.outcomes, not asked.exhaustive, -asked.settles / of, left / of


def _changes(path: str, values: Values, put: Put, again: _Again) -> Iterator[tuple[tuple[int, float], WhatIf]]:
    """The nearest values of one fact with another verdict, each with its place in the order."""
    tried, now = _tried(values, put, again), again.assessment.verdict
    verdicts = [tried[n].verdict if n in tried else None for n in range(len(values.values))]
    if values.at >= 0:
        verdicts[values.at] = now
    for run in values.near([run for run in values.together(verdicts) if verdicts[run[0]] is not now]):
        n = min(run, key=lambda each: abs(each - values.at))
        yield (values.kind, values.away(n)), WhatIf(path, values.says(run), tried[n], values.kind != Members.kind)

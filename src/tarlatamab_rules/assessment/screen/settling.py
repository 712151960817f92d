"""What would settle what is open, as a ward asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.assessment.screen.reported import findings_of, on_file
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.paths import Fact, as_fact
from tarlatamab_rules.rules.signs import not_known

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.assessment.votes import AssessedToxicity

__all__ = ["asked", "settling"]


def settling(toxicity: AssessedToxicity, assessment: DoseAssessment) -> tuple[Fact, ...]:
    """The facts that would settle an open grade: the findings that are not known, the limits of a result, or the grade itself."""
    if len(toxicity.grades) <= 1:
        return ()
    path = as_fact(toxicity.path)
    if path.part == "labs":
        results = [lab for lab in assessment.graded if lab.result.analyte == path.which]
        return tuple(dict.fromkeys(path.its(fact) for lab in results for fact in lab.grade.missing))
    findings = findings_of(path, assessment.case)
    if findings is None or not (names := not_known(findings)):
        return (path.its("grade"),)
    place = path.its("findings") if path.part == "events" else path
    return tuple(place.its(name) for name in names)


def asked(path: str, assessment: DoseAssessment) -> str:
    """A missing fact in words. For a missing result, the results on file that do not count are named with it."""
    fact, words = as_fact(path), fact_in_words(path, assessment.case)
    if fact.part != "labs" or fact.field:
        return words
    results = [on_file(standing) for standing in assessment.standings if standing.analyte == fact.which]
    return f"{words} ({'; '.join(filter(None, results))})" if any(results) else words

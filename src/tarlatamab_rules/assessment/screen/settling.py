"""What would settle what is open, as a ward asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.paths import Fact, as_fact
from tarlatamab_rules.inputs.findings import CrsFindings, Findings
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.rules.signs import not_known
from tarlatamab_rules.values.vocabulary import Standing
from tarlatamab_rules.values.wording import as_read, at

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.assessment.votes import AssessedToxicity
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.values.labs import LabStanding

__all__ = ["asked", "settling"]


def settling(toxicity: AssessedToxicity, assessment: DoseAssessment) -> tuple[Fact, ...]:
    """The facts that would settle an open grade: the findings that are not known, the limits of a result, or the grade itself."""
    if len(toxicity.grades) <= 1:
        return ()
    path = as_fact(toxicity.path)
    if path.part == "labs":
        results = [lab for lab in assessment.graded if lab.result.analyte == path.which]
        return tuple(dict.fromkeys(path.its(fact) for lab in results for fact in lab.grade.missing))
    findings = _findings(path, assessment.case)
    if findings is None or not (names := not_known(findings)):
        return (path.its("grade"),)
    place = path.its("findings") if path.part == "events" else path
    return tuple(place.its(name) for name in names)


def _findings(path: Fact, case: Case) -> Findings | None:
    """The findings by which a toxicity is graded."""
    if path.part == "events" and isinstance(path.which, int) and case.events is not None:
        return case.events[path.which].findings
    wanted = path.which is Toxicity.CRS
    of_kind = [item for item in case.findings or () if isinstance(item, CrsFindings) is wanted]
    return of_kind[0] if path.part == "findings" and of_kind else None


def asked(path: str, assessment: DoseAssessment) -> str:
    """A missing fact in words. For a missing result, the results on file that do not count are named with it."""
    fact, words = as_fact(path), fact_in_words(path, assessment.case)
    if fact.part != "labs" or fact.field:
        return words
    on_file = [_on_file(standing) for standing in assessment.standings if standing.analyte == fact.which]
    return f"{words} ({'; '.join(filter(None, on_file))})" if any(on_file) else words


def _on_file(standing: LabStanding) -> str:
    """A result on file that does not count, with the reason; empty if there is none."""
    result = standing.result
    if result is None or standing.standing in {Standing.COUNTS, Standing.REPLACED}:
        return ""
    when = f"drawn {at(result.collected)}" if result.collected else "not dated"
    return f"{as_read(result.quantity)}, {when}: {str(standing.standing).replace('-', ' ')}"

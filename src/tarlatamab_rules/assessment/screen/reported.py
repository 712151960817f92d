"""What was handed in about a toxicity or a result, as the screen repeats it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from tarlatamab_rules.core.paths import Fact, as_fact
from tarlatamab_rules.inputs.findings import CrsFindings, Findings
from tarlatamab_rules.inputs.units import Amount
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import Standing
from tarlatamab_rules.values.wording import as_read, at

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.assessment.votes import AssessedToxicity
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.values.labs import LabStanding

__all__ = ["aside", "findings_of", "on_file", "reported"]

_SIGNS: Final = {
    "temperature": "temperature ",
    "hypotension": "hypotension: ",
    "oxygen": "oxygen: ",
    "ice": "ICE score ",
    "baseline_ice": "ICE score before treatment ",
    "consciousness": "consciousness: ",
    "seizure": "seizure: ",
    "raised_icp": "raised intracranial pressure: ",
    "symptoms": "",
}
"""Findings that are shown with their value, and what leads to it."""

_TRUE: Final = {
    "vasopressin": "vasopressin",
    "fever_masked": "fever may be masked",
    "motor_weakness": "deep focal motor weakness",
    "other_cause": "another cause reported",
}
"""Findings that are shown if they are true."""

_NORMAL: Final = frozenset({"none", "alert"})


def findings_of(path: Fact, case: Case) -> Findings | None:
    """The findings by which a toxicity is graded."""
    if path.part == "events" and isinstance(path.which, int) and case.events is not None:
        return case.events[path.which].findings
    wanted = path.which is Toxicity.CRS
    of_kind = [item for item in case.findings or () if isinstance(item, CrsFindings) is wanted]
    return of_kind[0] if path.part == "findings" and of_kind else None


def reported(toxicity: AssessedToxicity, assessment: DoseAssessment) -> str:
    """What was found or reported of a toxicity, in brackets; empty if it is the grade alone."""
    path, case = as_fact(toxicity.path), assessment.case
    words = list(_signs(findings_of(path, case)))
    if path.part == "events" and isinstance(path.which, int) and case.events is not None and case.events[path.which].other_cause:
        words.append(_TRUE["other_cause"])
    if path.part == "patient" and case.patient.infection is not None:
        words.append(str(case.patient.infection))
    return f" ({'; '.join(dict.fromkeys(words))})" if words else ""


def _signs(findings: Findings | None) -> Iterator[str]:
    """The findings that are known and not normal. A temperature and an ICE score are shown in any case."""
    for name, words in _SIGNS.items():
        value = getattr(findings, name, None)
        if value is not None and value != () and str(value) not in _NORMAL:
            values = value if isinstance(value, tuple) else (value,)
            yield f"{words}{', '.join(_value(item) for item in values)}"
    yield from (words for name, words in _TRUE.items() if getattr(findings, name, None))
    if getattr(findings, "arousable", None) is False:
        yield "cannot be aroused"


def _value(value: object) -> str:
    return f"{value.value:.4g} \N{DEGREE SIGN}C" if isinstance(value, Amount) else str(value).replace("-", " ")


def aside(part: str, assessment: DoseAssessment) -> list[str]:
    """The results of an analyte that do not count for the dose, each with its value, its date and the reason."""
    which = as_fact(part).which
    shown = [(standing, on_file(standing)) for standing in assessment.standings if standing.analyte == which]
    return [f"{named(standing.analyte)} {text}" for standing, text in shown if text]


def on_file(standing: LabStanding) -> str:
    """A result on file that does not count, with the reason; empty if there is none."""
    result = standing.result
    if result is None or standing.standing in {Standing.COUNTS, Standing.REPLACED}:
        return ""
    when = f"drawn {at(result.collected)}" if result.collected else "not dated"
    return f"{as_read(result.quantity)}, {when}: {str(standing.standing).replace('-', ' ')}"

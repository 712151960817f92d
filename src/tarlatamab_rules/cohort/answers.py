"""The answer to one dose as a frame holds it: the verdict, and for each part its verdict and the ids of the rows behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.cohort.columns import COLUMNS
from tarlatamab_rules.core.decisions import Verdict
from tarlatamab_rules.core.paths import Fact, as_fact
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Toxicity

if TYPE_CHECKING:
    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.core.decisions import Dissent
    from tarlatamab_rules.inputs.case import Case

__all__ = ["PARTS", "PartAnswer", "RowAnswer", "answer_of", "fact_name", "merged", "part_name", "parts_of"]

PARTS: Final = (
    "eligibility",
    "patient",
    "dose",
    "dates",
    "labs",
    *(f"labs.{analyte}" for analyte in Analyte),
    "events",
    *(f"events.{toxicity}" for toxicity in Toxicity),
    f"findings.{Toxicity.CRS}",
    f"findings.{Toxicity.ICANS}",
)
"""The parts of an assessment, each a column of the answers."""


def parts_of(columns: Collection[str]) -> tuple[str, ...]:
    """The parts of the answers of a frame with these columns. Events and findings have a part only if a column can report them."""
    reported = {COLUMNS[name].part for name in columns}
    return tuple(part for part in PARTS if part in reported or not part.startswith(("events.", "findings.")))


@frozen
class PartAnswer:
    """The answer of one part.

    Attributes:
        verdict: What it requires.

        rows: The ids of the rows behind it, sorted.
    """

    verdict: Verdict
    rows: tuple[str, ...]


@frozen
class RowAnswer:
    """The answer to one dose.

    Attributes:
        parts: The answers of its parts; a part that says nothing is left out.

        missing: The missing facts, sorted.

        dissent: Where books of a stack disagree on eligibility, the next dose or a toxicity: the part, and the book that says otherwise;
            sorted.
    """

    parts: Mapping[str, PartAnswer]
    missing: tuple[str, ...]
    dissent: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The strictest answer of all parts."""
        return max(part.verdict for part in self.parts.values())


def answer_of(assessment: DoseAssessment) -> RowAnswer:
    """An assessment as a row of the answers."""
    case, parts = assessment.case, dict[str, PartAnswer]()
    for vote in assessment.votes:
        name = part_name(vote.part, case)
        answer = PartAnswer(vote.verdict, tuple(sorted({reason.row for reason in vote.reasons})))
        parts[name] = merged(parts[name], answer) if name in parts else answer
    return RowAnswer(parts, tuple(sorted({fact_name(fact, case) for fact in assessment.missing})), tuple(sorted(set(_dissent(assessment)))))


def merged(one: PartAnswer, other: PartAnswer) -> PartAnswer:
    """Two answers of one part: the stricter verdict, with the rows of both."""
    return PartAnswer(max(one.verdict, other.verdict), tuple(sorted({*one.rows, *other.rows})))


def part_name(path: str, case: Case) -> str:
    """The part of a vote: an event by its toxicity, a result by its analyte."""
    fact = as_fact(path)
    if fact.part == "patient":
        return fact.part
    return str(Fact(fact.part, _which(fact, case)))


def fact_name(path: str, case: Case) -> str:
    """A missing fact: a fact of an event is named by its toxicity."""
    fact = as_fact(path)
    return str(Fact(fact.part, _which(fact, case), fact.field))


def _which(fact: Fact, case: Case) -> object:
    events = case.events
    return events[fact.which].toxicity if fact.part == "events" and isinstance(fact.which, int) and events else fact.which


def _dissent(assessment: DoseAssessment) -> Iterator[str]:
    case = assessment.case
    answers: Iterable[tuple[str, tuple[Dissent, ...]]] = (
        ("eligibility", assessment.eligibility.dissent),
        ("next_dose", assessment.next_dose.dissent),
        *((part_name(item.path, case), item.action.dissent) for item in assessment.toxicities),
    )
    for name, dissent in answers:
        yield from (f"{name}.{item.field}".rstrip(".") + f" ({item.rulebook})" for item in dissent)

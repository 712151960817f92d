"""The answer to one dose as a frame holds it: the verdict, and for each part its verdict and the ids of the rows behind it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.cohort.frames.columns import COLUMNS
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
    "patient.infection",
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


@frozen(cache_hash=True)
class PartAnswer:
    """The answer of one part.

    Attributes:
        verdict: What it requires; ``None`` if it casts no vote.

        rows: The ids of the rows behind it, sorted.

        missing: The missing facts, sorted.

        dissent: Where books of a stack disagree on eligibility, the next dose or a toxicity: the part with its field, and the book that
            says otherwise; sorted.
    """

    verdict: Verdict | None
    rows: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    dissent: tuple[str, ...] = ()


@frozen
class RowAnswer:
    """The answer to one dose.

    Attributes:
        parts: The answers of its parts; a part that says nothing is left out.
    """

    parts: Mapping[str, PartAnswer]

    @property
    def verdict(self) -> Verdict:
        """The strictest answer of all parts."""
        return max(part.verdict for part in self.parts.values() if part.verdict is not None)

    @property
    def missing(self) -> tuple[str, ...]:
        """The missing facts of all parts, sorted."""
        return tuple(sorted({fact for part in self.parts.values() for fact in part.missing}))

    @property
    def dissent(self) -> tuple[str, ...]:
        """The disagreements of all parts, sorted."""
        return tuple(sorted({item for part in self.parts.values() for item in part.dissent}))


def answer_of(assessment: DoseAssessment, wanted: Container[str] = PARTS) -> RowAnswer:
    """An assessment as a row of the answers; only the parts that are *wanted*."""
    case, parts = assessment.case, dict[str, PartAnswer]()
    for vote in assessment.votes:
        name = part_name(vote.part, case)
        if name not in wanted:
            continue
        missing = tuple(fact_name(fact, case) for fact in vote.missing)
        answer = PartAnswer(vote.verdict, tuple(reason.row for reason in vote.reasons), missing)
        parts[name] = merged(parts.get(name), answer)
    for name, part, dissent in _dissent(assessment):
        says = tuple(f"{name}.{item.field}".rstrip(".") + f" ({item.rulebook})" for item in dissent)
        if says and part in wanted:
            parts[part] = merged(parts.get(part), PartAnswer(None, dissent=says))
    return RowAnswer(parts)


def merged(one: PartAnswer | None, other: PartAnswer) -> PartAnswer:
    """Two answers of one part: the stricter verdict, with the rows and facts of both."""
    both = (other,) if one is None else (one, other)
    verdicts = [answer.verdict for answer in both if answer.verdict is not None]
    rows, missing, dissent = ({item for answer in both for item in getattr(answer, name)} for name in ("rows", "missing", "dissent"))
    return PartAnswer(max(verdicts, default=None), tuple(sorted(rows)), tuple(sorted(missing)), tuple(sorted(dissent)))


def part_name(path: str, case: Case) -> str:
    """The part of a vote: an event by its toxicity, a result by its analyte."""
    fact = as_fact(path)
    if fact.part == "patient":
        return str(fact) if fact.field == "infection" else fact.part
    return str(Fact(fact.part, _which(fact, case)))


def fact_name(path: str, case: Case) -> str:
    """A missing fact: a fact of an event is named by its toxicity."""
    fact = as_fact(path)
    return str(Fact(fact.part, _which(fact, case), fact.field))


def _which(fact: Fact, case: Case) -> object:
    events = case.events
    return events[fact.which].toxicity if fact.part == "events" and isinstance(fact.which, int) and events else fact.which


def _dissent(assessment: DoseAssessment) -> Iterator[tuple[str, str, tuple[Dissent, ...]]]:
    """What the books disagree on: its name, its part, and the disagreements."""
    yield "eligibility", "eligibility", assessment.eligibility.dissent
    yield "next_dose", "dose", assessment.next_dose.dissent
    for item in assessment.toxicities:
        name = part_name(item.path, assessment.case)
        yield name, name, item.action.dissent

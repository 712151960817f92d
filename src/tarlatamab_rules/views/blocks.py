"""What is printed of an answer, in any format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData
from tarlatamab_rules.values.disagreements import dissent_in_words
from tarlatamab_rules.values.wording import at, in_words

if TYPE_CHECKING:
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.labs import LabResult

__all__ = ["CLINICIAN", "SILENT", "Because", "Grid", "Part", "because", "drawn", "part", "plan"]


@frozen
class Because:
    """A reason, as it is printed.

    Attributes:
        says: The plain sentence.

        row: The id of its row.

        cites: Source and section, or that it is a safeguard of this library.

        may: Whether it only may apply, because facts are missing.

        unsettled: Why the source does not settle it; else empty.

        interpretation: How the statement was read; else empty.
    """

    says: str
    row: str
    cites: str
    may: bool = False
    unsettled: str = ""
    interpretation: str = ""


@frozen
class Part:
    """An answer.

    Attributes:
        title: What it answers.

        kind: ``decided``, ``needs-data`` or ``not-covered``; empty if it is no decision.

        says: The answer, in lines.

        missing: The facts that are missing, in words.

        possible: The answers that are still possible, each in lines; silence is one of them.

        why: The reasons.

        dissent: What other books of a stack say.

        notes: What else a reader must know.

        caveats: What a reader must know before relying on it, each once.
    """

    title: str
    kind: str = ""
    says: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    possible: tuple[tuple[str, ...], ...] = ()
    why: tuple[Because, ...] = ()
    dissent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


@frozen
class Grid:
    """A table of words.

    Attributes:
        title: What it is about.

        heads: What each column is.

        rows: The cells; a row of one cell is a heading within the table.

        marked: The places of the rows that a reader must look at.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: frozenset[int] = frozenset()


SILENT: Final = "the source is silent"
CLINICIAN: Final = "a clinician decides what is not settled here"


def part(title: str, answer: Decision[Any], see: str = "", case: Case | None = None) -> Part:
    """The answer of a rule. *see* is added to the hours that a toxicity adds to the next dose; *case* names what is missing."""
    dissent, caveats = tuple(dissent_in_words(answer, see)), answer.caveats
    if isinstance(answer, Decided):
        return Part(title, "decided", tuple(in_words(answer.value, see)), why=because(answer.reasons), dissent=dissent, caveats=caveats)
    if isinstance(answer, NeedsData):
        possible = tuple(tuple(in_words(value, see)) if value is not None else (SILENT,) for value in answer.possible)
        missing = tuple(fact_in_words(fact, case) for fact in answer.missing)
        why = because(answer.reasons, may=True)
        return Part(title, "needs-data", missing=missing, possible=possible, why=why, dissent=dissent, caveats=caveats)
    return Part(title, "not-covered", why=because(answer.reasons), dissent=dissent, caveats=caveats)


def plan(title: str, answer: Decision[Any], case: Case | None = None) -> Part:
    """The answer of a rule that has no vote on the dose. If a source leaves part of it unsettled, a note says that a clinician decides."""
    shown = part(title, answer, case=case)
    reasons = (*answer.reasons, *(reason for dissent in answer.dissent for reason in dissent.reasons))
    return evolve(shown, notes=(CLINICIAN,)) if any(reason.unsettled for reason in reasons) else shown


def because(reasons: Iterable[Reason], *, may: bool = False) -> tuple[Because, ...]:
    """Reasons, as they are printed."""
    return tuple(
        Because(reason.says, reason.row, str(reason.citation or "safeguard of this library"), may, reason.unsettled, reason.interpretation)
        for reason in reasons
    )


def drawn(result: LabResult) -> str:
    """When a sample was drawn."""
    return f"drawn {at(result.collected)}" if result.collected else "not dated"

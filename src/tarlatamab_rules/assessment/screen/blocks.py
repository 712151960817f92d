"""What a screen is made of. Views lay it out; JSON carries it as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.inputs.vocabulary import Scale

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Verdict

__all__ = ["Block", "Line", "Screen", "cited", "is_of_scale", "place", "undecided"]

_DECIDES: Final = "A clinician decides"
_SCALES: Final = frozenset(map(str, Scale))


@frozen
class Line:
    """One thing that a screen says.

    Attributes:
        text: What it says.

        rows: The ids of the rows behind it.

        facts: The paths of the facts that it is about, for software; the text names them in words.

        kept: Whether it is shown even if its block is shortened.

        minor: Whether it is left out before anything else is.

        url: Where the source behind it can be opened; empty if that is not known.
    """

    text: str
    rows: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    kept: bool = False
    minor: bool = False
    url: str = ""


@frozen
class Block:
    """Lines under one title.

    Attributes:
        title: What a reader looks for, such as ``NOW``.

        lines: What it says.

        numbered: Whether the lines are steps, one after another.

        joined: Whether the lines are short enough to share a row.

        kept: Whether all its lines are shown, however many there are.
    """

    title: str
    lines: tuple[Line, ...]
    numbered: bool = False
    joined: bool = False
    kept: bool = False


@frozen
class Screen:
    """The first screen of an answer.

    Attributes:
        verdict: The verdict of an assessment; ``None`` for a single answer.

        head: The answer in words.

        dose: The dose, its date, and the amounts due and ordered; empty for a single answer.

        blocks: What follows, in the order in which a reader needs it. Empty blocks are left out.

        foot: The book that answered, and what this is not.
    """

    verdict: Verdict | None
    head: str
    dose: str
    blocks: tuple[Block, ...]
    foot: tuple[str, ...] = ()


def place(reason: Reason) -> str:
    """Where a pharmacist finds the statement behind a reason."""
    return str(reason.citation) if reason.citation is not None else "safeguard of this library"


def is_of_scale(reason: Reason) -> bool:
    """Whether a reason is a row of a grading scale."""
    return reason.citation is not None and reason.citation.source in _SCALES


def cited(reasons: Iterable[Reason]) -> list[Line]:
    """One line a reason: what it says, and where that is found."""
    return [Line(f"{reason.says} {place(reason)} [{reason.row}]", (reason.row,), url=reason.url) for reason in reasons]


def undecided(reasons: Iterable[Reason]) -> tuple[Line, ...]:
    """What the rows behind an answer leave open, for a clinician to decide. It is shown in any case: the answer must not look complete."""
    rows: dict[str, list[str]] = {}
    for reason in reasons:
        if reason.unsettled:
            rows.setdefault(reason.unsettled, []).append(reason.row)
    return tuple(
        [Line(why if why.startswith(_DECIDES) else f"{_DECIDES}: {why}", tuple(dict.fromkeys(of)), kept=True) for why, of in rows.items()]
    )

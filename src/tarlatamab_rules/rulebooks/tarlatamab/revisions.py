"""The revisions of the US prescribing information, with the day from which each is in force."""

from __future__ import annotations

from datetime import date
from typing import Final

from attrs import frozen

__all__ = ["REVISIONS", "SHORTER_MONITORING", "Revision", "changed_by", "newer_than"]


@frozen
class Revision:
    """A revision of a label.

    Attributes:
        label: What it is called.

        since: The first day on which it is known to be in force.

        rulebook: The name of the book that encodes it; ``None`` where none does.

        note: What is known of it where no book encodes it.
    """

    label: str
    since: date
    rulebook: str | None = None
    note: str = ""


SHORTER_MONITORING: Final = (
    "A newer US revision, of September 2026, is not in this library. It shortens the monitoring after the first two doses. Its hours and "
    "wording are not confirmed. Check the label in force."
)
"""What is known of the revision of 09/2026: its note, and the caveat of every row that it is known to change."""

REVISIONS: Final = (
    Revision("US 05/2024", date(2024, 5, 16), "us-2024-05"),
    Revision("US 11/2025", date(2025, 11, 19), "us-2025-11"),
    Revision("US 09/2026", date(2026, 9, 16), note=SHORTER_MONITORING),
)


def changed_by(rulebook: str, how: str) -> str:
    """The caveat of a row that a later revision changes, where a book encodes that revision.

    Args:
        rulebook: The name of the book that encodes the later revision.

        how: What changes there, in a plain sentence without a number: the row of that book has the numbers.
    """
    (label,) = (revision.label for revision in REVISIONS if revision.rulebook == rulebook)
    return f"A later revision, {label} ({rulebook}), changes this: {how}"


def newer_than(day: date) -> tuple[Revision, ...]:
    """The revisions in force on a day that no book encodes, and that none of a book has replaced since."""
    newer: tuple[Revision, ...] = ()
    for revision in REVISIONS:
        if revision.since <= day:
            newer = () if revision.rulebook is not None else (*newer, revision)
    return newer

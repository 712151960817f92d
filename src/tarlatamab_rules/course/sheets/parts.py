"""What a printed page is made of. Text, Markdown and HTML are written from the same parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

from tarlatamab_rules.assessment.screen.blocks import place
from tarlatamab_rules.core.decisions import Decided, NeedsData, NotCovered

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.course.entries import PlanEntry

__all__ = ["BOX", "NOT_STATED", "SheetBlock", "SheetCite", "SheetLine", "SheetPart", "SheetTable", "cites_of", "not_stated"]

BOX: Final = "\N{BALLOT BOX}"
"""What is ticked."""

NOT_STATED: Final = "not stated by this source"


@frozen
class SheetCite:
    """Where the rows behind a line are found.

    Attributes:
        rows: The ids of the rows.

        place: The place in the source, as a reader finds it.

        url: The address that opens the source; empty if no address is confirmed.
    """

    rows: tuple[str, ...]
    place: str
    url: str = ""

    def __str__(self) -> str:
        """The rows and their place."""
        return f"[{', '.join(self.rows)}] {self.place}"


@frozen(kw_only=True)
class SheetLine:
    """One line of a page.

    Attributes:
        text: What it says.

        when: When it is due, by the clock of the site; empty if it has no time.

        notes: What is written below it: a condition, what may hold instead.

        cites: Its sources.

        box: Whether it has a box to tick.

        strong: Whether it is printed in bold.

        entry: The entry of the plan that it comes from; ``None`` if it comes from none.
    """

    text: str
    when: str = ""
    notes: tuple[str, ...] = ()
    cites: tuple[SheetCite, ...] = ()
    box: bool = True
    strong: bool = False
    entry: PlanEntry | None = field(default=None, repr=False)


@frozen
class SheetBlock:
    """Lines under one title.

    Attributes:
        title: What a reader looks for.

        lines: What it says.

        signed: Whether there is room for a time and initials beside each line.
    """

    title: str
    lines: tuple[SheetLine, ...]
    signed: bool = False

    @property
    def timed(self) -> bool:
        """Whether a line has a time."""
        return any(line.when for line in self.lines)

    @property
    def cited(self) -> bool:
        """Whether a line has a source."""
        return any(line.cites for line in self.lines)

    @property
    def boxed(self) -> bool:
        """Whether a line has a box to tick."""
        return any(line.box for line in self.lines)


@frozen
class SheetTable:
    """A table under a title.

    Attributes:
        title: What a reader looks for.

        heads: What each column is; the first one is above the names of the rows.

        rows: The cells, each in lines. A cell that is the same in several columns, one after another, is written once across them.

        notes: What is written below it.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], ...], ...]
    notes: tuple[str, ...] = ()


SheetPart: TypeAlias = SheetBlock | SheetTable


def cites_of(reasons: Iterable[Reason]) -> tuple[SheetCite, ...]:
    """The sources of some reasons: rows that are found in the same place are written together."""
    by_place: dict[tuple[str, str], dict[str, None]] = {}
    for reason in reasons:
        by_place.setdefault((place(reason), reason.url), {})[reason.row] = None
    return tuple(SheetCite(tuple(rows), where, url) for (where, url), rows in by_place.items())


def not_stated(answer: Decision[Any]) -> tuple[str, tuple[str, ...]]:
    """That a source does not say something, and why if it leaves it open; two empty values if it says it."""
    if isinstance(answer, Decided | NeedsData):
        return "", ()
    return NOT_STATED, _unsettled(answer)


def _unsettled(answer: NotCovered) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"A clinician decides: {reason.unsettled}" for reason in answer.reasons if reason.unsettled))

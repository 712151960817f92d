"""Where a rule comes from: a source, its statements, and a citation of one of them."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from tarlatamab_rules.core.shown import Shown

__all__ = ["Citation", "Drug", "Reason", "Source", "Statement", "caveats_of"]


@frozen
class Drug(Shown):
    """What a rulebook is about.

    Attributes:
        name: The international nonproprietary name.

        brands: The names under which it is sold.

        kind: What it is.

        targets: What it binds.

        codes: What code systems call it, as pairs of system and code.
    """

    name: str
    brands: tuple[str, ...]
    kind: str
    targets: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]


@frozen
class Source(Shown):
    """A published text that a rulebook writes down.

    Attributes:
        name: The short name, such as ``precautions-2025-09``; also the name of its rulebook.

        title: The title of the text.

        publisher: Who published it.

        revision: The date or version of the text, as it gives it.
    """

    name: str
    title: str
    publisher: str
    revision: str


@frozen
class Statement(Shown):
    """One statement of a source, in our words.

    Attributes:
        id: The id that rows, tests and documentation share, such as ``MON-1``.

        section: The heading under which the source has it.

        text: What it says, re-worded.

        instead_of_row: What carries it if no row can encode it; else empty.
    """

    id: str
    section: str
    text: str
    instead_of_row: str = ""


@frozen
class Citation(Shown):
    """Which statement of which revision of which source.

    Attributes:
        source: The name of the source.

        revision: The date or version of its text.

        section: The heading in the source.

        statement: The id of the statement.
    """

    source: str
    revision: str
    section: str
    statement: str

    def __str__(self) -> str:
        """As it is printed beside the id of a row."""
        return f"{self.source}, {self.section}"


@frozen(cache_hash=True)
class Reason(Shown):
    """Why an answer is what it is.

    Attributes:
        row: The id of the row that answered. An id that begins with ``guard/`` is a safeguard of this library.

        says: What it says, in a plain sentence.

        citation: The statement behind it; ``None`` for a safeguard of this library, which no source states.

        interpretation: How the statement was read, if it can be read in more than one way; else empty.

        unsettled: Why the source does not settle what to do although it speaks of this; else empty.

        caveat: What a reader must know before relying on it, such as a later revision that changes it; else empty.
    """

    row: str
    says: str
    citation: Citation | None = None
    interpretation: str = ""
    unsettled: str = ""
    caveat: str = ""


def caveats_of(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The caveats of some reasons, each once."""
    return tuple(dict.fromkeys(reason.caveat for reason in reasons if reason.caveat))

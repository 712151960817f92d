"""Where a rule comes from: a source, its statements, and a citation of one of them."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from tarlatamab_rules.core.shown import Shown

__all__ = ["Citation", "Drug", "Reason", "Source", "Statement", "caveats_of"]


@frozen
class Drug(Shown):
    """The drug that a rulebook is about.

    Attributes:
        name: The international nonproprietary name.

        brands: Its brand names.

        kind: What it is.

        targets: What it binds.

        codes: Its codes, as pairs of code system and code.
    """

    name: str
    brands: tuple[str, ...]
    kind: str
    targets: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]


@frozen
class Source(Shown):
    """A published text that a rulebook encodes.

    Attributes:
        name: The short name, such as ``precautions-2025-09``. It is also the name of the rulebook.

        title: The title of the text.

        publisher: Who published it.

        revision: The date or version of the text, as the text gives it.
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

        section: Its heading in the source.

        text: The statement, re-worded.

        instead_of_row: What encodes it, if no row can; else empty.
    """

    id: str
    section: str
    text: str
    instead_of_row: str = ""


@frozen
class Citation(Shown):
    """The statement behind an answer, with its source and revision.

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
        """The citation as it is printed beside the id of a row."""
        return f"{self.source}, {self.section}"


@frozen(cache_hash=True)
class Reason(Shown):
    """One reason for an answer.

    Attributes:
        row: The id of the row that answered. An id that begins with ``guard/`` belongs to a safeguard of this library.

        says: The reason, in a plain sentence.

        citation: The statement behind it; ``None`` for a safeguard of this library, which no source states.

        interpretation: The interpretation of the statement, if it can be understood in more than one way; else empty.

        unsettled: Why the source mentions this but does not settle what to do; else empty.

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

"""Where a rule comes from: a source, its statements, and a citation of one of them."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from tarlatamab_rules.core.errors import FieldError, shown
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


def _web_address(_source: object, _field: object, url: object) -> None:
    """Refuses an address that a browser would not open as a page: it becomes a link in reports."""
    if url != "" and not (isinstance(url, str) and url.startswith(("https://", "http://"))):
        raise FieldError("source.url", f"{shown(url)} is not a web address", "write one that begins with https://, or leave it out")


@frozen
class Source(Shown):
    """A published text that a rulebook encodes.

    Attributes:
        name: The id of the source, such as ``precautions-2025-09``; also the name of its rulebook.

        title: The title of the text.

        publisher: Who published it.

        revision: The date or version of the text, as the text gives it.

        short_name: The name in citations, such as ``US label 11/2025``; the id if empty.

        published_in: Authors, journal and pages of an article; empty if it is no article.

        identifiers: What others call it, as pairs of system and code, such as ``("DOI", "10.1016/j.bbmt.2018.12.758")``.

        url: The address that opens it; empty if no address is confirmed.

        access: What a reader must know before opening it, such as that the address opens a later revision; else empty.
    """

    name: str
    title: str
    publisher: str
    revision: str
    short_name: str = field(default="", repr=False)
    published_in: str = field(default="", repr=False)
    identifiers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    url: str = field(default="", repr=False, validator=_web_address)
    access: str = field(default="", repr=False)


@frozen
class Statement(Shown):
    """One statement of a source, in our words.

    Attributes:
        id: The id that rows, tests and documentation share, such as ``MON-1``.

        section: The section or heading of the source, as a reader looks for it: ``Section 2.5``.

        text: The statement, re-worded.

        instead_of_row: What carries it if no row can encode it; else empty.

        table: The table in that section, such as ``Table 6``; else empty.

        entry: The line of the table or list, such as ``grade 3``; else empty.
    """

    id: str
    section: str
    text: str
    instead_of_row: str = ""
    table: str = field(default="", kw_only=True)
    entry: str = field(default="", kw_only=True)

    @property
    def place(self) -> str:
        """Where it is in the source, such as ``Section 2.5, Table 6, grade 3``."""
        return _place(self.section, self.table, self.entry)


@frozen
class Citation(Shown):
    """Where a statement is: the source, its revision, and the place in it.

    Attributes:
        source: The id of the source, such as ``us-2025-11``.

        revision: The date or version of its text.

        section: The section or heading in the source.

        statement: The id of the statement.

        table: The table in that section; else empty.

        entry: The line of the table or list; else empty.

        short_name: The name of the source for readers; the id if empty.

        url: The address that opens the source; empty if no address is confirmed.
    """

    source: str
    revision: str
    section: str
    statement: str
    table: str = ""
    entry: str = ""
    short_name: str = ""
    url: str = ""

    def __str__(self) -> str:
        """The place as a reader finds it: ``US label 11/2025, Section 2.5, Table 6, grade 3``."""
        return _place(self.short_name or self.source, self.section, self.table, self.entry)


def _place(*parts: str) -> str:
    return ", ".join(filter(None, parts))


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

    @property
    def url(self) -> str:
        """The address that opens the source; empty for a safeguard of this library, or if no address is confirmed."""
        return self.citation.url if self.citation else ""


def caveats_of(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """The caveats of some reasons, each once."""
    return tuple(dict.fromkeys(reason.caveat for reason in reasons if reason.caveat))

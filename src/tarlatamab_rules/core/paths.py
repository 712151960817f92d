"""Facts of a case and notes on them. They are values that read as text, so that no text has to be parsed."""

from __future__ import annotations

from typing import Final, Self

__all__ = ["COURSE", "EVENTS", "NOWHERE", "PLANNED_START", "Fact", "Note", "as_fact"]


class Fact(str):
    """A fact of a case, or a part of its assessment. As text it is a path, such as ``labs.alt.collected``.

    A fact that the case holds is named by its place (``labs[4].value``); a missing fact is named by its kind (``labs.alt``).

    Attributes:
        part: The part of the case, such as ``labs``; of an assessment, such as ``eligibility``.

        which: The item of that part, by its place, or by its kind such as an `Analyte`; ``None`` if the fact is the whole part.

        field: The field; empty if the fact is the whole item.

        apart: What distinguishes it from another fact with the same path; else empty.

        beside: The fact that it is considered together with; else ``None``.
    """

    __slots__ = ("apart", "beside", "field", "part", "which")

    part: str
    which: object
    field: str
    apart: str
    beside: Fact | None

    def __new__(cls, part: str, which: object = None, field: str = "", apart: str = "", beside: Fact | None = None) -> Self:
        """The fact, with its path as its text."""
        item = part if which is None else f"{part}[{which}]" if isinstance(which, int) else f"{part}.{which}"
        path = f"{item}.{field}" if field else item
        text = f"{path} {apart}" if apart else path
        fact = super().__new__(cls, text if beside is None else f"{text} with {beside}")
        fact.part, fact.which, fact.field, fact.apart, fact.beside = part, which, field, apart, beside
        return fact

    def __reduce__(self) -> tuple[type[Self], tuple[object, ...]]:
        """Its parts, for copies and pickles."""
        return type(self), (self.part, self.which, self.field, self.apart, self.beside)

    @property
    def item(self) -> Fact:
        """The item that it is a field of."""
        return Fact(self.part, self.which)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that it consists of, each by itself."""
        fact = Fact(self.part, self.which, self.field)
        return (fact,) if self.beside is None else (fact, self.beside)

    def its(self, field: str) -> Fact:
        """The fact that is a field of it."""
        return Fact(self.part, self.which, f"{self.field}.{field}" if self.field else field)

    def set_apart(self, apart: str) -> Fact:
        """The same fact, distinguished from another one with the same path."""
        return Fact(self.part, self.which, self.field, f"{self.apart} {apart}" if self.apart else apart, self.beside)


class Note(str):
    """What a reader must know of a fact or a part. As text it is ``labs: drawn a year before the dose``.

    Attributes:
        about: The fact, or the part.

        says: The note, in words.

        to_do: Whether it says what to do now.
    """

    __slots__ = ("about", "says", "to_do")

    about: str
    says: str
    to_do: bool

    def __new__(cls, about: str, says: str, *, to_do: bool = False) -> Self:
        """The note; its text holds both."""
        note = super().__new__(cls, f"{about}: {says}")
        note.about, note.says, note.to_do = about, says, to_do
        return note

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, bool]]:
        """Its parts, for copies and pickles."""
        return (self.about, self.says), {"to_do": self.to_do}


COURSE: Final = Fact("course")
EVENTS: Final = Fact("events")
PLANNED_START: Final = Fact("planned_start")
NOWHERE: Final = Fact("")
"""The place of an episode that belongs to no case."""


def as_fact(path: str) -> Fact:
    """The fact that a path of an assessment names. Callers see the path as text."""
    return path if isinstance(path, Fact) else Fact(path)

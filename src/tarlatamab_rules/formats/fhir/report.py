"""What became of each resource of an import."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Any

from attrs import define, field, frozen

from tarlatamab_rules.inputs.case import Case

__all__ = ["Account", "Entry", "Fate", "ImportReport", "Imported"]


class Fate(StrEnum):
    """What became of a resource."""

    USED = "used"
    UNUSED = "unused"
    UNCLEAR = "unclear"


@frozen
class Entry:
    """One resource of an import. It holds nothing of what the resource says but the facts that the case has from it.

    Attributes:
        path: Its place in what was passed, such as ``entry[4].resource``.

        resource: Its type, such as ``Observation``.

        fate: Whether it was used, not used, or is unclear. An unclear one may have given some facts.

        facts: The facts of the case that come from it, such as ``labs[2]`` or ``patient.age_years``.

        why: Why it was not used or is unclear, and what a reader must know of it.

        asked: Whether the rulebook asks for what it is about. An unclear entry that is asked for must be settled before the dose.
    """

    path: str
    resource: str
    fate: Fate
    facts: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    asked: bool = False

    def __str__(self) -> str:
        """One line, for example ``entry[4].resource: Observation: used as labs[2]``."""
        head = f"{self.path}: {self.resource}: {self.fate}{f' as {_listed(self.facts)}' if self.facts else ''}"
        return f"{head}: {'; '.join(self.why)}" if self.why else head


def _listed(items: tuple[str, ...]) -> str:
    return ", ".join(items)


@define
class Account:
    """An entry while it is being made."""

    path: str
    resource: str
    facts: list[str] = field(factory=list)
    why: list[str] = field(factory=list)
    unclear: bool = False
    asked: bool = False

    def note(self, why: str, *, asked: bool = False) -> None:
        """What a reader must know, or why the resource is not used."""
        if why not in self.why:
            self.why.append(why)
        self.asked = self.asked or asked

    def doubt(self, why: str, *, asked: bool = False) -> None:
        """Why the resource is unclear."""
        self.note(why, asked=asked)
        self.unclear = True

    def entry(self) -> Entry:
        """The entry."""
        fate = Fate.UNCLEAR if self.unclear else Fate.USED if self.facts else Fate.UNUSED
        return Entry(self.path, self.resource, fate, tuple(dict.fromkeys(self.facts)), tuple(self.why), self.asked)


@frozen
class ImportReport:
    """What became of every resource that was passed: each is listed once, in the order in which they were passed.

    Attributes:
        entries: One entry for each resource.

        notes: What to know of the whole import.
    """

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()

    def _with(self, fate: Fate) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.fate is fate)

    @property
    def used(self) -> tuple[Entry, ...]:
        """The resources that gave facts, and about which nothing is unclear."""
        return self._with(Fate.USED)

    @property
    def unused(self) -> tuple[Entry, ...]:
        """The resources that gave no fact."""
        return self._with(Fate.UNUSED)

    @property
    def unclear(self) -> tuple[Entry, ...]:
        """The resources that a person must look at."""
        return self._with(Fate.UNCLEAR)

    @property
    def to_settle(self) -> tuple[Entry, ...]:
        """The unclear resources about something that the rulebook asks for."""
        return tuple(entry for entry in self.unclear if entry.asked)

    def __str__(self) -> str:
        """What a person must look at first, then what was used, then how many were not used, by reason."""
        head = f"{len(self.entries)} resources: {len(self.used)} used, {len(self.unused)} not used, {len(self.unclear)} unclear"
        if self.to_settle:
            head += f", of which the rulebook asks for {len(self.to_settle)}"
        lines = [head, *(f"  note: {note}" for note in self.notes)]
        lines += [f"  {'asked for: ' if entry.asked else ''}{entry}" for entry in (*self.to_settle, *self._not_asked())]
        lines += [f"  {entry}" for entry in self.used]
        counts = Counter((entry.resource, "; ".join(entry.why)) for entry in self.unused)
        lines += [f"  not used: {number} {resource}: {why}" for (resource, why), number in sorted(counts.items())]
        return "\n".join(lines)

    def _not_asked(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.unclear if not entry.asked)

    def as_document(self) -> dict[str, Any]:
        """The report as an object of JSON."""
        keys = ("path", "resource", "fate", "facts", "why", "asked")
        entries = [{key: _plain(getattr(entry, key)) for key in keys} for entry in self.entries]
        return {"entries": entries, "notes": list(self.notes)}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Fate) else value


@frozen
class Imported:
    """A case from FHIR, with a report.

    Attributes:
        case: The case. What no resource states is ``None``.

        report: What became of every resource. Look at its unclear entries before you rely on the case.
    """

    case: Case
    report: ImportReport

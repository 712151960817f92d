"""What is different between two plans of one course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.paths import Note
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.course.entries import EntryKind, PlanEntry, period
from tarlatamab_rules.values.names import named

if TYPE_CHECKING:
    from tarlatamab_rules.inputs.course import DosePoint

__all__ = ["ChangeKind", "PlanChange", "PlanChanges", "changes_between"]

_Key: TypeAlias = "tuple[EntryKind, DosePoint | None, str, int]"


class ChangeKind(StrEnum):
    """How an entry of a later plan differs from the earlier one: it is new, it is gone, or something about it changed."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@frozen
class PlanChange(Shown):
    """One entry that is different in a later plan.

    Attributes:
        kind: How it is different.

        entry: The entry as it is in the later plan; if it is gone, as it was.

        before: The entry in the earlier plan; ``None`` if it is new.
    """

    kind: ChangeKind
    entry: PlanEntry
    before: PlanEntry | None = None

    @property
    def says(self) -> str:
        """What is different, in words."""
        if self.kind is not ChangeKind.CHANGED or self.before is None:
            return f"{self.kind}: {period(self.entry)}, {self.entry.says}"
        return "; ".join(_differences(self.before, self.entry))

    def __str__(self) -> str:
        """As it is printed."""
        return f"{'' if self.entry.point is None else f'{self.entry.point} '}{named(self.entry.kind)}: {self.says}"


@frozen
class PlanChanges(Shown):
    """Everything that is different in a later plan. It is empty, and false, if the two say the same.

    Attributes:
        changes: The entries that are different, in the order of the later plan; then those that are gone.

        new_notes: The notes of the later plan that the earlier one does not have.

        old_notes: The notes of the earlier plan that no longer hold.
    """

    changes: tuple[PlanChange, ...] = ()
    new_notes: tuple[Note, ...] = ()
    old_notes: tuple[Note, ...] = ()

    def __len__(self) -> int:
        """How many entries and notes are different."""
        return len(self.changes) + len(self.new_notes) + len(self.old_notes)

    def __iter__(self) -> Iterator[PlanChange]:
        """The entries that are different."""
        return iter(self.changes)

    def __str__(self) -> str:
        """One line a difference. What moves, comes or goes with its dose is not listed again."""
        notes = [f"! {_note(note)}" for note in self.new_notes] + [f"no longer: {_note(note)}" for note in self.old_notes]
        of_doses = {change.entry.point: change.kind for change in self.changes if change.entry.kind is EntryKind.DOSE}
        lines = [str(change) for change in self.changes if not _goes_along(change, of_doses.get(change.entry.point))]
        return "\n".join([*notes, *lines]) or "no changes"


def _goes_along(change: PlanChange, dose: ChangeKind | None) -> bool:
    """Whether an entry only moves, comes or goes with its dose."""
    if change.entry.kind is EntryKind.DOSE or change.kind is not dose:
        return False
    return change.before is None or change.kind is ChangeKind.GONE or _differences(change.before, change.entry) == [_moved(change)]


def _note(note: Note) -> str:
    return f"{fact_in_words(note.about)}: {note.says}"


def _moved(change: PlanChange) -> str:
    return "" if change.before is None else _now(period(change.before), period(change.entry))


def _now(before: str, after: str) -> str:
    return f"now {after or 'no date'} (was {before or 'no date'})"


def changes_between(
    before: Sequence[PlanEntry], after: Sequence[PlanEntry], notes_before: Sequence[Note], notes_after: Sequence[Note]
) -> PlanChanges:
    """What differs. What went before a dose that has been given since, and is over, is not listed as gone."""
    earlier, later = _by_key(before), _by_key(after)
    given = {entry.point for entry in after if entry.given}
    changed = [
        PlanChange(ChangeKind.NEW if key not in earlier else ChangeKind.CHANGED, entry, earlier.get(key))
        for key, entry in later.items()
        if key not in earlier or _differences(earlier[key], entry)
    ]
    gone = [PlanChange(ChangeKind.GONE, entry, entry) for key, entry in earlier.items() if key not in later and entry.point not in given]
    new = tuple(note for note in notes_after if note not in notes_before)
    return PlanChanges((*changed, *gone), new, tuple(note for note in notes_before if note not in notes_after))


def _by_key(entries: Sequence[PlanEntry]) -> dict[_Key, PlanEntry]:
    """Entries by what they are about; several alike by their order."""
    seen: Counter[tuple[EntryKind, DosePoint | None, str]] = Counter()
    by_key: dict[_Key, PlanEntry] = {}
    for entry in entries:
        about = entry.kind, entry.point, entry.what
        by_key[*about, seen[about]] = entry
        seen[about] += 1
    return by_key


def _differences(before: PlanEntry, after: PlanEntry) -> list[str]:
    """How two entries about the same differ, in words."""
    parts: list[str] = []
    moved = period(before) != period(after)
    if after.kind is EntryKind.DOSE and after.given is not before.given:
        parts.append("given" if after.given else "no longer given")
    if moved:
        parts.append(_now(period(before), period(after)))
    if before.amount != after.amount:
        parts.append(f"{after.amount} (was {before.amount})")
    elif before.says != after.says and after.given is before.given and not (moved and after.kind in _DATED):
        parts.append(f"{after.says} (was: {before.says})")
    if (before.condition, before.otherwise) != (after.condition, after.otherwise) and not after.given:
        parts.append(after.condition or f"no longer {before.condition}")
    return parts


_DATED = frozenset((EntryKind.RESTART_LIMIT, EntryKind.CONTRACEPTION, EntryKind.BREAST_FEEDING))
"""What has its day in its words: if it moves, nothing else is different."""

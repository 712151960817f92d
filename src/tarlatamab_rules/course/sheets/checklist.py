"""The checklist of a dose: everything that goes before, with and after it, with a box for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import evolve

from tarlatamab_rules.assessment.words import capital, fact_in_words
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.paths import as_fact
from tarlatamab_rules.course.around import rows_by_order
from tarlatamab_rules.course.entries import EntryKind, PlanEntry, period
from tarlatamab_rules.course.plan import CoursePlan
from tarlatamab_rules.course.sheets.parts import SheetBlock, SheetLine, cites_of
from tarlatamab_rules.course.sheets.sheet import Sheet
from tarlatamab_rules.course.sheets.words import BLANK, Disagreements, foot_of, line_of_text, plain
from tarlatamab_rules.inputs._fields import day
from tarlatamab_rules.inputs.course import DosePoint
from tarlatamab_rules.values.plans import Instruction
from tarlatamab_rules.values.vocabulary import Anchor, Modality
from tarlatamab_rules.values.wording import ROLES

if TYPE_CHECKING:
    from tarlatamab_rules.core.paths import Note
    from tarlatamab_rules.inputs._fields import When

__all__ = ["Part", "checklist_page", "part_of"]


class Part(StrEnum):
    """The parts of a checklist, in the order of the day."""

    BEFORE = "before"
    DURING = "during"
    AFTER = "after"
    DISCHARGE = "at discharge"


_PARTS: Final = {
    EntryKind.LABS: Part.BEFORE,
    EntryKind.CHECK: Part.BEFORE,
    EntryKind.HYDRATION: Part.BEFORE,
    EntryKind.RECOVERY_DEADLINE: Part.BEFORE,
    EntryKind.RESTART_LIMIT: Part.BEFORE,
    EntryKind.DOSE: Part.DURING,
    EntryKind.INFUSION: Part.DURING,
    EntryKind.SALINE: Part.AFTER,
    EntryKind.OBSERVATION: Part.AFTER,
    EntryKind.TEACHING: Part.DISCHARGE,
    EntryKind.NEAR_CARE: Part.DISCHARGE,
    EntryKind.CONTRACEPTION: Part.DISCHARGE,
    EntryKind.BREAST_FEEDING: Part.DISCHARGE,
}
_WHENS: Final = (("before", Part.BEFORE), ("for the infusion", Part.DURING), ("during treatment", Part.DURING))
"""The part of a check, by the words of its condition; a check without any of them comes before the infusion."""


def part_of(entry: PlanEntry) -> Part:
    """The part of the day to which an entry belongs. A drug goes before the infusion unless it is counted from its end."""
    if entry.kind is EntryKind.PREMEDICATION:
        return Part.AFTER if entry.anchor is Anchor.INFUSION_END else Part.BEFORE
    return _PARTS[entry.kind]


def _part_of_check(item: Instruction) -> Part:
    """What the patient must avoid is listed at discharge."""
    if item.modality is Modality.AVOID:
        return Part.DISCHARGE
    return next((part for words, part in _WHENS if words in item.when), Part.BEFORE)


def checklist_page(plan: CoursePlan, point: DosePoint | str, *, label: str = "") -> Sheet:
    """The checklist of one dose of a plan as a page to print: before, during, after, and at discharge.

    Every entry of the plan that belongs to the dose has a line with a box, its time by the clock of the site, its condition, its source,
    and room for a time and initials; each item of the checklist has a line of its own. What the sources disagree on is a numbered note
    below.

    Args:
        plan: The plan.

        point: The dose, such as ``"C1D8"``.

        label: What the page is labelled with, such as a bed or a study number. If left out, there is a line to fill in.

    Raises:
        FieldError: The plan has no such dose.

        FieldTypeError: Not a plan, or the label is not a text.
    """
    if not isinstance(plan, CoursePlan):
        raise FieldTypeError("plan", f"{shown(plan)} is not a CoursePlan", "pass what plan_course gave")
    wanted, title = DosePoint.of(point), line_of_text(label, "label")
    entries = plan.for_dose(wanted)
    dose = next((entry for entry in entries if entry.kind is EntryKind.DOSE), None)
    if dose is None:
        there = ", ".join(str(entry.point) for entry in plan.doses[:_SOME])
        raise FieldError("point", f"{wanted} is not a dose of this plan", f"pass one that is, such as {there or 'none'}")
    notes, rows = Disagreements(), rows_by_order(plan.request.book)
    by_part: dict[Part, list[SheetLine]] = {part: [] for part in Part}
    for entry in entries:
        for part, line in _lines(entry, dose.start, rows):
            by_part[part].append(evolve(line, notes=(*line.notes, *notes.of(entry.answer))))
    parts = [SheetBlock(str(part), tuple(sorted(lines, key=_is_timed)), signed=True) for part, lines in by_part.items()]
    below = SheetBlock("where the sources disagree", tuple(SheetLine(text=text, box=False) for text in notes.notes))
    head = (f"{title or f'Patient: {BLANK}'}    Date: {_date(dose.start)}", *_heads(plan, wanted, entries))
    whole = (*parts, below) if below.lines else tuple(parts)
    return Sheet(_title(dose), head, whole, foot_of(plan.request.book, parts), columns=True)


_SOME: Final = 6
"""So many doses of a plan are named if another one is asked for."""


def _is_timed(line: SheetLine) -> bool:
    """Lines without a time come first in their part."""
    return bool(line.when)


def _title(dose: PlanEntry) -> str:
    role = "" if dose.role is None else f" ({ROLES[dose.role]})"
    return f"Checklist {dose.point}: {dose.what} {dose.amount or 'amount not known'}{role}"


def _date(start: When | None) -> str:
    if start is None:
        return BLANK
    zone = getattr(start.tzinfo, "key", None) if isinstance(start, datetime) else None
    clock = f", infusion at {start:%H:%M}" if isinstance(start, datetime) else ", infusion at ____"
    return f"{start:%A} {start.day} {start:%B %Y}{clock}" + (f" ({zone})" if zone else "")


def _heads(plan: CoursePlan, point: DosePoint, entries: tuple[PlanEntry, ...]) -> Iterator[str]:
    """What a reader must know first: that a plan is no clearance, the notes of the plan on this dose, an open checklist, and caveats."""
    given = any(entry.given for entry in entries)
    yield (
        "This dose has been given."
        if given
        else "This page does not clear the dose. Assess it on its day (assess_dose) before it is given."
    )
    yield from (f"{fact_in_words(note.about)}: {note.says}" for note in plan.notes if _is_about(note, point))
    yield from (capital(text) for entry in entries if entry.kind is EntryKind.CHECK for text in entry.left_open)
    yield from (f"CAUTION {caveat}" for caveat in dict.fromkeys(caveat for entry in entries for caveat in entry.caveats))


def _is_about(note: Note, point: DosePoint) -> bool:
    """Whether a note is about this dose, or about no dose in particular."""
    return as_fact(note.about).which in {None, point}


def _lines(entry: PlanEntry, start: When | None, rows: Mapping[str, frozenset[str]]) -> Iterator[tuple[Part, SheetLine]]:
    """The lines of an entry: one, or one for each item of a checklist."""
    on = None if start is None else day(start)
    if entry.kind is EntryKind.CHECK and isinstance(entry.value, tuple):
        for item in entry.value:
            ids = rows.get(item.what, frozenset())
            reasons = [reason for reason in entry.reasons if reason.row in ids] or entry.reasons
            yield _part_of_check(item), SheetLine(text=capital(plain(item)), cites=cites_of(reasons), entry=entry)
        return
    yield (
        part_of(entry),
        SheetLine(
            text=capital(_says(entry)), when=_clock(entry, on), notes=tuple(_conditions(entry)), cites=cites_of(entry.reasons), entry=entry
        ),
    )


def _says(entry: PlanEntry) -> str:
    if isinstance(entry.value, Instruction):
        return plain(entry.value)
    words = entry.says if entry.kind in _OWN_WORDS or entry.value is None else plain(entry.value)
    return f"{_HEADS[entry.kind]}{words}" if entry.kind in _HEADS and entry.value is not None else words


_HEADS: Final = {EntryKind.RESTART_LIMIT: "last day of this dose: ", EntryKind.PREMEDICATION: "premedication: "}
"""What goes before words that do not say what they are about."""


_OWN_WORDS: Final = frozenset(
    (EntryKind.DOSE, EntryKind.LABS, EntryKind.INFUSION, EntryKind.OBSERVATION, EntryKind.NEAR_CARE, EntryKind.RECOVERY_DEADLINE)
)
"""Entries that show only a part of their value, or name what they are about."""


def _clock(entry: PlanEntry, on: date | None) -> str:
    """When an entry is due. The day is written if it is not that of the dose."""
    return _DATE.sub(
        lambda found: f"{date.fromisoformat(found[0]):%a} {int(found[0][-2:])} {date.fromisoformat(found[0]):%b}", period(entry, on)
    )


_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


def _conditions(entry: PlanEntry) -> Iterator[str]:
    if entry.condition:
        yield capital(entry.condition)
    if entry.alternatives:
        yield f"Otherwise: {' OR '.join(map(plain, entry.alternatives))}"

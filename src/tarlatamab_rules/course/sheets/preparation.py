"""The preparation sheet of a dose: volumes, steps, and until when it keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import attrs
from attrs import evolve

from tarlatamab_rules.assessment.words import capital
from tarlatamab_rules.core.decisions import Decided
from tarlatamab_rules.course.sheets.parts import NOT_STATED, SheetBlock, SheetLine, cites_of, not_stated
from tarlatamab_rules.course.sheets.sheet import Sheet
from tarlatamab_rules.course.sheets.words import BLANK, Disagreements, foot_of, line_of_text
from tarlatamab_rules.inputs.course import dose_amount
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.questions import PREPARATION
from tarlatamab_rules.rules.infusion import preparation
from tarlatamab_rules.values.doses import Preparation
from tarlatamab_rules.values.wording import at, in_words

if TYPE_CHECKING:
    from datetime import datetime

    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.core.evidence import Reason
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.doses import Deadlines

__all__ = ["preparation_sheet"]

_BLOCKS: Final = (
    ("volumes", ("mixing",), True),
    ("steps, in this order", ("steps",), True),
    ("bag and line", ("materials", "transfer_device"), False),
    ("how long it keeps", ("storage",), False),
    ("vials before use", ("vials",), False),
)
"""The blocks of the sheet: their titles, the fields that they show, and whether each line has a box to tick."""


def preparation_sheet(
    dose: QuantityLike,
    *,
    vial: QuantityLike | None = None,
    reconstituted_at: datetime | None = None,
    label: str = "",
    rulebook: Rulebook | str | None = None,
) -> Sheet:
    """How a dose is prepared, as a page to print: volumes and vials, steps with boxes, and beyond-use times by the clock.

    Args:
        dose: The amount to be given, such as ``"1 mg"``.

        vial: The strength of the available vial. If it is another one than the dose takes, the sheet says so and has no volumes.

        reconstituted_at: When the vial was reconstituted. If left out, there are lines to fill in the times.

        label: What the page is labelled with. If left out, there is a line to fill in.

        rulebook: The book that answers, or its name; the default book if left out.

    Raises:
        FieldError: An argument cannot be; it is named, with what to write instead.

    Source: US prescribing information, 2.6 Tables 8 to 12.
    """
    book, amount, title = resolve(rulebook), dose_amount(dose, "dose"), line_of_text(label, "label")
    answer = preparation(dose, vial=vial, reconstituted_at=reconstituted_at, rulebook=book)
    notes = Disagreements()
    marks = notes.of(answer)
    parts = [*_blocks(answer, book)]
    if notes.notes:
        parts.append(SheetBlock("where the sources disagree", tuple(SheetLine(text=text, box=False) for text in notes.notes)))
    made = at(reconstituted_at) if reconstituted_at is not None else BLANK
    head = (
        f"{title or f'Patient: {BLANK}'}    Reconstituted at: {made}",
        f"Prepared by: {BLANK}    Checked by: {BLANK}    Lot: {BLANK}",
        *(f"CAUTION {caveat}" for caveat in answer.caveats),
        *marks,
    )
    return Sheet(f"Preparation of tarlatamab {amount}", head, tuple(parts), foot_of(book, parts))


def _blocks(answer: Decision[Preparation], book: Rulebook) -> Iterator[SheetBlock]:
    """What the source says, block by block; a block of which it says nothing has a line that says so."""
    silent, why = not_stated(answer)
    if not isinstance(answer, Decided):
        says = " ".join(reason.says for reason in answer.reasons if reason.row.startswith("guard/wrong"))
        yield SheetBlock("preparation", (SheetLine(text=says or capital(silent), notes=why, cites=cites_of(answer.reasons), box=False),))
        return
    for title, fields, boxed in _BLOCKS:
        yield SheetBlock(title, tuple(_lines(answer, fields, book, boxed=boxed)), signed=boxed)
    if answer.value.storage is not None:
        cites = cites_of(_reasons(answer, ("storage",), book))
        ends = _moments(answer.value.deadlines)
        yield SheetBlock("use by", tuple(SheetLine(text=text, when=when, cites=cites, box=False) for text, when in ends))


def _lines(answer: Decided[Preparation], fields: tuple[str, ...], book: Rulebook, *, boxed: bool) -> Iterator[SheetLine]:
    for name in fields:
        value = getattr(answer.value, name)
        if value is None:
            yield SheetLine(text=f"{capital(name.replace('_', ' '))}: {NOT_STATED}", box=False)
            continue
        cites = cites_of(_reasons(answer, (name,), book))
        alone: dict[str, Any] = {field.name: None for field in attrs.fields(Preparation) if field.name != name}
        for line in in_words(evolve(answer.value, **alone)):
            yield SheetLine(text=capital(line.removeprefix("vials: ")), cites=cites, box=boxed)


def _reasons(answer: Decided[Preparation], fields: tuple[str, ...], book: Rulebook) -> tuple[Reason, ...]:
    """The reasons that give some fields; all of them if none does by itself."""
    rows = book.rows[PREPARATION]
    ids = {row.id for row in rows if row.then is not None and any(getattr(row.then, name) is not None for name in fields)}
    return tuple(reason for reason in answer.reasons if reason.row in ids) or answer.reasons


def _moments(deadlines: Deadlines | None) -> Iterator[tuple[str, str]]:
    """Until when it can be used, by the clock; lines to fill in while the time of reconstitution is not known."""
    for text, name in _USE_BY:
        when: datetime | None = getattr(deadlines, name, None)
        if when is not None or deadlines is None:
            yield text, "____________" if when is None else f"{when:%a} {when.day} {when:%b %H:%M}"


_USE_BY: Final = (
    ("Reconstituted vial: dilute it, or discard it", "dilute_by"),
    ("Bag at room temperature: start the infusion at the latest", "start_at_room_by"),
    ("Bag at room temperature: complete the infusion", "end_at_room_by"),
    ("Bag refrigerated at once: complete the infusion", "end_refrigerated_by"),
)
"""What is due by a moment of the clock, and the field that has it."""

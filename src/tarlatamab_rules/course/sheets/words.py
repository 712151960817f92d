"""What the pages have in common: orders without the ids of books, disagreements as numbered notes, and the foot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from tarlatamab_rules.assessment import DISCLAIMER
from tarlatamab_rules.assessment.screen.sources import source_name
from tarlatamab_rules.assessment.words import listed
from tarlatamab_rules.core.errors import FieldTypeError, shown
from tarlatamab_rules.course.sheets.parts import SheetBlock, SheetPart
from tarlatamab_rules.values.disagreements import dissent_in_words
from tarlatamab_rules.values.plans import Instruction, PremedicationPlan
from tarlatamab_rules.values.wording import in_words

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["BLANK", "Disagreements", "foot_of", "line_of_text", "order", "plain"]

BLANK: Final = "_" * 24


def plain(value: object) -> str:
    """A value in words; its orders do not name the books that ask for them, because the sources have a column of their own."""
    match value:
        case None:
            return "no source says"
        case Instruction():
            return order(value)
        case PremedicationPlan() if value.instructions:
            return "; ".join(map(order, value.instructions))
        case _:
            return "; ".join(in_words(value))


def order(item: Instruction) -> str:
    """An order in words, without the books that ask for it."""
    return in_words(evolve(item, sources=()))[0]


@frozen
class Disagreements:
    """What other sources say, as numbered notes below a page.

    Attributes:
        lines: The notes so far.
    """

    lines: list[str] = field(factory=list)

    def of(self, answer: Decision[Any]) -> tuple[str, ...]:
        """Which notes are about an answer, in words; new ones are added."""
        numbers = [self._number(line) for line in dissent_in_words(answer)]
        return (f"Sources disagree: see {'note' if len(numbers) == 1 else 'notes'} {listed(map(str, numbers))}.",) if numbers else ()

    def _number(self, line: str) -> int:
        book, _, says = line.partition(": ")
        text = f"{source_name(book)}: {says}"
        if text not in self.lines:
            self.lines.append(text)
        return self.lines.index(text) + 1

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes, with their numbers."""
        return tuple(f"Note {n}. {line}" for n, line in enumerate(self.lines, 1))


def foot_of(book: Rulebook, parts: Iterable[SheetPart]) -> tuple[str, ...]:
    """The last lines of a page: the book, the addresses of the sources that its lines cite, and what this is not."""
    cited = {cite.url for part in parts if isinstance(part, SheetBlock) for line in part.lines for cite in line.cites if cite.url}
    names = [source_name(member.name) for member in book.members]
    urls = [f"{name}: {member.source.url}" for name, member in zip(names, book.members, strict=True) if member.source.url in cited]
    return (f"Rulebook: {' over '.join(names) if len(names) > 1 else names[0]} ({book.name}).", *urls, DISCLAIMER)


def line_of_text(value: str, path: str) -> str:
    """A text of the caller that takes one line."""
    if not isinstance(value, str):
        raise FieldTypeError(path, f"{shown(value)} is not a text", "write a few words")
    return " ".join(value.split())

"""What a book says to do, as a grid: a row for each toxicity, a column for each grade, and in every cell all possible answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product, zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from tarlatamab_rules.core.cells import Cell
from tarlatamab_rules.core.decisions import Decided, Decision, DoseAction, union, unsettled_of
from tarlatamab_rules.core.tables import matters
from tarlatamab_rules.inputs._fields import truth, whole, word
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rulebooks.facts import EARLIER, GRADE, NOW
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.views.markdown import table_lines

if TYPE_CHECKING:
    from tarlatamab_rules.core.tables import Axis, Table
    from tarlatamab_rules.inputs.vocabulary import GradeLike, ToxicityLike
    from tarlatamab_rules.rulebooks._book import Rulebook
    from tarlatamab_rules.values.toxicities import ToxicityAction

__all__ = ["ActionCell", "ActionGrid", "Silence", "action_grid"]

NO_SUCH_GRADE: Final = "no such grade"
_GRADES: Final = tuple(grade for grade in Grade if grade > Grade.NONE)
_EPISODE: Final = {None: "An active episode", False: "An active first episode", True: "An active episode after one of the same grade"}
_TITLE: Final = {None: "", False: ", first episode", True: ", again at the same grade"}


class Silence(StrEnum):
    """Why a book does not say what to do. Neither is a permission."""

    SILENT = "silent"
    """It says nothing about this."""
    UNSETTLED = "not settled"
    """It mentions this and does not settle it, so a clinician must."""


@frozen
class ActionCell:
    """What a book says of one toxicity at one grade.

    Attributes:
        toxicity: The toxicity.

        grade: The worst grade of the episode, and the grade now.

        possible: Everything that the book may say: actions first, the mildest in front; empty if there is no such grade.

        depends_on: The facts that decide between them, by their names in `NeedsData.missing`; empty if only one is possible.

        left_open_by: The books of a stack that do not settle what another book settles.

        rows: The ids of the rows that say so.
    """

    toxicity: Toxicity
    grade: Grade
    possible: tuple[DoseAction | Silence, ...] = ()
    depends_on: tuple[str, ...] = ()
    left_open_by: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    @property
    def actions(self) -> tuple[DoseAction, ...]:
        """The actions that are possible, mildest first."""
        return tuple(action for action in self.possible if isinstance(action, DoseAction))

    @property
    def mildest(self) -> DoseAction | None:
        """The mildest action that is possible, although the book may also be silent; ``None`` if there is none."""
        return self.actions[0] if self.actions else None

    @property
    def strictest(self) -> DoseAction | None:
        """The strictest action that is possible; ``None`` if there is none."""
        return self.actions[-1] if self.actions else None

    @property
    def impossible(self) -> bool:
        """Whether the toxicity does not have this grade."""
        return not self.possible

    @property
    def silent(self) -> bool:
        """Whether the book says nothing about it, whatever the other facts are."""
        return self.possible == (Silence.SILENT,)

    @property
    def silent_in_part(self) -> bool:
        """Whether the book says nothing about it in some cases, and something in others."""
        return Silence.SILENT in self.possible and not self.silent

    @property
    def unsettled(self) -> bool:
        """Whether the book, or one of a stack, mentions it and does not settle it in at least one case."""
        return Silence.UNSETTLED in self.possible or bool(self.left_open_by)

    @property
    def label(self) -> str:
        """What is possible, in words such as ``withhold or discontinue``."""
        return " or ".join(self.possible) or NO_SUCH_GRADE

    @property
    def note(self) -> str:
        """The facts that decide, and the books that do not settle it; may be empty."""
        facts = "depends on " + ", ".join(self.depends_on) if self.depends_on else ""
        books = "not settled by " + ", ".join(self.left_open_by) if self.left_open_by else ""
        return "; ".join(part for part in (facts, books) if part)


@frozen
class ActionGrid:
    """What a book says of every toxicity at every grade; `action_grid` makes one. Printed it is text, in a notebook a table.

    ``grid["icans", 3]`` is a cell.

    Attributes:
        rulebook: The name of the book.

        again: Whether there was an episode before, as for `action_grid`.

        cells: The cells, row by row.
    """

    rulebook: str
    again: bool | None
    cells: tuple[ActionCell, ...] = field(repr=False)

    @property
    def toxicities(self) -> tuple[Toxicity, ...]:
        """The toxicities, a row each."""
        return tuple(dict.fromkeys(cell.toxicity for cell in self.cells))

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The grades, a column each."""
        return tuple(dict.fromkeys(cell.grade for cell in self.cells))

    @property
    def title(self) -> str:
        """The name of the book, and which episode it is if that is known."""
        return f"{self.rulebook}{_TITLE[self.again]}"

    @property
    def about(self) -> str:
        """What every cell is about, in a sentence."""
        return f"{_EPISODE[self.again]}; what else bears on the answer is left open."

    def __getitem__(self, place: tuple[ToxicityLike, GradeLike]) -> ActionCell:
        """The cell of a toxicity and a grade."""
        wanted = word(Toxicity, place[0], "toxicity"), whole(place[1], "grade", min(_GRADES), max(_GRADES))
        for cell in self.cells:
            if (cell.toxicity, cell.grade) == wanted:
                return cell
        raise KeyError(place)

    def differing(self, other: ActionGrid) -> tuple[tuple[ActionCell, ActionCell], ...]:
        """The cells that differ in what is possible, each with that of the other grid."""
        return tuple((cell, beside) for cell, beside in zip(self.cells, other.cells, strict=True) if cell.possible != beside.possible)

    def row(self, toxicity: Toxicity) -> tuple[ActionCell, ...]:
        """The cells of a toxicity, by grade."""
        return tuple(cell for cell in self.cells if cell.toxicity is toxicity)

    @property
    def markdown(self) -> str:
        """The grid as a table in Markdown, with the notes."""
        heads = ("toxicity", *(f"grade {grade:d}" for grade in self.grades))
        rows = [(str(toxicity), *(_noted(cell) for cell in self.row(toxicity))) for toxicity in self.toxicities]
        return "\n".join(table_lines(heads, rows)) + "\n"

    def _repr_markdown_(self) -> str:
        return f"`{self.title}`. {self.about}\n\n{self.markdown}"

    def __str__(self) -> str:
        """The grid as text of at most 80 columns, without the notes."""
        return "\n".join((f"{self.title}. {self.about}", "", *self._lines()))

    def _lines(self) -> Iterator[str]:
        yield _line(("", *(f"grade {grade:d}" for grade in self.grades)))
        for toxicity in self.toxicities:
            columns = [_wrapped(toxicity, _FIRST), *(_wrapped(cell.label, _WIDTH) for cell in self.row(toxicity))]
            yield ""
            yield from map(_line, zip_longest(*columns, fillvalue=""))


_FIRST: Final = len("thrombocytopenia")
_WIDTH: Final = len("discontinue")


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(text, width, break_long_words=False)


def _line(cells: tuple[str, ...]) -> str:
    first, *rest = cells
    return "|".join((f"{first:{_FIRST}}", *(f"{cell:{_WIDTH}}" for cell in rest))).rstrip()


def _noted(cell: ActionCell) -> str:
    return f"{cell.label} ({cell.note})".replace("|", r"\|") if cell.note else cell.label


def action_grid(rulebook: Rulebook | str | None = None, *, again: bool | None = None) -> ActionGrid:
    """What a book says to do with the drug, for every toxicity and grade of an active episode, everything else unknown.

    The episode is at its worst grade now. For everything else (earlier episodes, the days since the onset, the dose and the doses given,
    bleeding) every combination is looked up, so a cell has everything that the book can say.

    Args:
        rulebook: A book or a stack, or its name; the default book if left out.

        again: ``False``: a first episode. ``True``: after an earlier one of the same grade, which is over. ``None``: not known.
    """
    book, again = resolve(rulebook), truth(again, "again")
    cells: list[ActionCell] = []
    for toxicity, grade in product(Toxicity, _GRADES):
        earlier = None if again is None else grade if again else Grade.NONE
        cells.append(_cell(book[TOXICITY_ACTION[toxicity]], toxicity, {GRADE: grade, NOW: grade, EARLIER: earlier}, grade))
    return ActionGrid(book.name, again, tuple(cells))


def _cell(table: Table[ToxicityAction], toxicity: Toxicity, known: Mapping[Axis, Grade | None], grade: Grade) -> ActionCell:
    if grade not in grades_of(toxicity):
        return ActionCell(toxicity, grade)
    answers = _answers(table, known)
    actions = {cell: _action(answer) for cell, answer in answers.items()}
    return ActionCell(
        toxicity,
        grade,
        possible=tuple(action for action in (*DoseAction, *Silence) if action in set(actions.values())),
        depends_on=tuple(dict.fromkeys(axis.fact for n, axis in enumerate(table.axes) if matters(n, actions))),
        left_open_by=union(tuple(_left_open_by(answer)) for answer in answers.values()),
        rows=union(tuple(_rows(answer)) for answer in answers.values()),
    )


def _answers(table: Table[ToxicityAction], known: Mapping[Axis, Grade | None]) -> dict[Cell, Decision[ToxicityAction]]:
    """The answers of all cells with the known facts."""
    codes = {n: code for n, axis in enumerate(table.axes) if (code := axis.code(known.get(axis.axis))) >= 0}
    return {cell: answer for cell, answer in table.answers.items() if all(cell[n] == code for n, code in codes.items())}


def _left_open_by(answer: Decision[ToxicityAction]) -> Iterator[str]:
    """The books of a stack that do not settle something that the answer settles."""
    return (dissent.rulebook for dissent in answer.dissent if any(reason.unsettled for reason in dissent.reasons))


def _rows(answer: Decision[ToxicityAction]) -> Iterator[str]:
    """The rows that say what happens to the drug. What a dissenting book adds, such as a treatment, is not in a grid."""
    against = {reason for dissent in answer.dissent if dissent.field == "action" for reason in dissent.reasons}
    return (reason.row for reason in answer.reasons if reason not in against)


def _action(answer: Decision[ToxicityAction]) -> DoseAction | Silence:
    if isinstance(answer, Decided):
        return answer.value.action
    return Silence.UNSETTLED if unsettled_of(answer) else Silence.SILENT

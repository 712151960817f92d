"""One case assessed by several books, and two books compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from tarlatamab_rules.assessment import DoseAssessment, assess_case
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, shown
from tarlatamab_rules.core.shown import Shown
from tarlatamab_rules.inputs._fields import listed
from tarlatamab_rules.inputs.case import Case
from tarlatamab_rules.rulebooks._book import Rulebook, differences
from tarlatamab_rules.rulebooks._diff import Diff, in_short
from tarlatamab_rules.rulebooks._registry import default, resolve

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.core.decisions import Decision
    from tarlatamab_rules.inputs.units import QuantityLike

__all__ = ["ComparedPart", "Comparison", "compare", "diff"]

_PARTS = ("eligibility", "dose", "next_dose", "labs", "premedication", "infusion", "checklist", "monitoring", "contraception")


@frozen
class ComparedPart(Shown):
    """The answers of several books to one part of a case.

    Attributes:
        part: The part, such as ``verdict``, ``monitoring`` or ``events[0]``.

        answers: The answer of each book in words, in the order of the books; empty if the book has no such part.

        caveats: What a reader must know before relying on each answer, in the same order. Empty if no answer has a caveat.
    """

    part: str
    answers: tuple[str, ...]
    caveats: tuple[tuple[str, ...], ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether all books give the same answer."""
        return len(set(self.answers)) == 1

    @property
    def words(self) -> tuple[str, ...]:
        """Each answer, followed by its caveats."""
        caveats = self.caveats or ((),) * len(self.answers)
        return tuple(
            "; ".join([answer, *(f"caveat: {caveat}" for caveat in of_it)]) for answer, of_it in zip(self.answers, caveats, strict=True)
        )


@frozen
class Comparison(Shown):
    """One case assessed by several books.

    Attributes:
        assessments: The assessment by each book.
    """

    assessments: tuple[DoseAssessment, ...] = field(repr=False)

    @property
    def books(self) -> tuple[str, ...]:
        """The names of the books."""
        return tuple(assessment.rulebook for assessment in self.assessments)

    @property
    def parts(self) -> tuple[ComparedPart, ...]:
        """Verdict, missing facts and every answer, part by part."""
        return tuple(self._parts())

    def _parts(self) -> Iterator[ComparedPart]:
        yield ComparedPart("verdict", tuple(str(assessment.verdict) for assessment in self.assessments))
        yield ComparedPart("missing", tuple(", ".join(assessment.missing) for assessment in self.assessments))
        for name in _PARTS:
            yield _compared(name, [getattr(assessment, name) for assessment in self.assessments])
        actions = [_actions(assessment) for assessment in self.assessments]
        for path in dict.fromkeys(path for by_path in actions for path in by_path):
            yield _compared(path, [by_path.get(path) for by_path in actions])

    def __str__(self) -> str:
        """Every part in words; an answer that all books share appears once."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for part in self.parts:
            if len(set(part.words)) == 1:
                yield f"{part.part}: {part.words[0] or '-'}"
            else:
                yield f"{part.part}:"
                yield from (f"  {book}: {answer or '-'}" for book, answer in zip(self.books, part.words, strict=True))


def _actions(assessment: DoseAssessment) -> dict[str, Decision[Any]]:
    """The action of each toxicity, by its path."""
    return {toxicity.path: toxicity.action for toxicity in assessment.toxicities}


def _compared(part: str, answers: Sequence[Decision[Any] | None]) -> ComparedPart:
    caveats = tuple(() if answer is None else answer.caveats for answer in answers)
    return ComparedPart(part, tuple("" if answer is None else in_short(answer) for answer in answers), caveats if any(caveats) else ())


def compare(
    case: Case, books: Iterable[Rulebook | str] | None = None, *, max_lab_age: QuantityLike | timedelta | None = None
) -> Comparison:
    """One case assessed by several books, as a table of answers.

    Args:
        case: The case.

        books: The books or their names; if left out, each book of the default stack, and the stack itself.

        max_lab_age: The maximum age of a result at the planned start, as for `assess_dose`.

    Raises:
        FieldError: There is no book.
    """
    chosen = (*default().members, default()) if books is None else tuple(resolve(book) for book in _listed(books))
    if not chosen:
        raise FieldError("books", "there is none", "pass the books to compare, or leave them out")
    return Comparison(tuple(assess_case(case, max_lab_age=max_lab_age, rulebook=book) for book in chosen))


def _listed(books: Iterable[Rulebook | str]) -> tuple[Rulebook | str, ...]:
    if isinstance(books, str | Rulebook):
        raise FieldTypeError("books", f"{shown(books)} is one book", "pass a list of books")
    return listed(books, "books", "pass a list of books")


def diff(one: Rulebook | str, other: Rulebook | str) -> Diff:
    """The differences between two books: every differing cell of every table, in words, by question.

    Args:
        one: A book or a stack, or its name.

        other: The other book or stack, or its name.
    """
    return differences(resolve(one), resolve(other))

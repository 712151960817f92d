"""Assessments of many rows at once: the facts of a chunk are coded, and each part is looked up by the codes of its facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias

from tarlatamab_rules.cohort.frames.answers import PARTS
from tarlatamab_rules.cohort.frames.coded import COLUMNS_WAY
from tarlatamab_rules.cohort.frames.cuts import BookCuts
from tarlatamab_rules.cohort.frames.facts import Memory
from tarlatamab_rules.cohort.frames.parts import REMEMBERED, Part, PartCodes
from tarlatamab_rules.cohort.frames.roles import Roles
from tarlatamab_rules.cohort.frames.scalar import Asked, Fault
from tarlatamab_rules.inputs.analytes import Analyte

if TYPE_CHECKING:
    from datetime import timedelta

    import numpy as np
    import numpy.typing as npt

    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.cohort.frames.answers import PartAnswer
    from tarlatamab_rules.cohort.frames.rows import Row
    from tarlatamab_rules.rulebooks._book import Rulebook

    Codes: TypeAlias = npt.NDArray[np.signedinteger[Any]]
    Rows: TypeAlias = npt.NDArray[np.intp]
    Truths: TypeAlias = npt.NDArray[np.bool_]

__all__ = ["Kernel", "kernel_of"]


class Kernel:
    """What answers frames of one kind: the cuts of the book, and the answers to the combinations that occurred so far.

    Attributes:
        asked: What is asked.

        codes: The codes of the answers of each part.

        ways: How rows were answered: in columns, or by the scalar function, which parts of them, and why.
    """

    asked: Asked
    cuts: BookCuts
    memory: Memory
    codes: Mapping[str, PartCodes]
    ways: list[str]
    roles: Roles

    def __init__(self, asked: Asked) -> None:
        self.asked, self.cuts, self.memory = asked, BookCuts(asked.book, asked.max_age), Memory()
        self.codes = {name: PartCodes() for name in PARTS}
        self.ways = [COLUMNS_WAY]
        self.roles = Roles(self.cuts)
        self._standings: dict[object, int] = {}
        self._parts: dict[object, Part] = {}
        self._lock = Lock()
        self._known: dict[str, tuple[int, Mapping[str, int]] | Fault] = {}

    # --- what a part is ---

    def part(self, name: object, names: Sequence[str], columns: Iterable[str], extra: Any = None) -> Part:  # noqa: ANN401  # of Part
        """A part, by a name of its own."""
        with self._lock:
            if name not in self._parts:
                self._parts[name] = Part(names, columns, self.codes, extra)
            return self._parts[name]

    def role(self, row: Row) -> int:
        """The number of the dose that a row plans.

        Raises:
            FieldError: The facts of the course cannot be true.
        """
        return self.roles.number(self.asked.case(row))

    def standing(self, analyte: Analyte, assessment: DoseAssessment, parts: Mapping[str, PartAnswer]) -> int:
        """A number for what a result by itself contributes to the vote on all results."""
        if not self.cuts.leaves_needs_open and "labs" not in parts:
            return 0
        standing = tuple(item.standing for item in assessment.standings if item.analyte is analyte)
        with self._lock:
            return self._standings.setdefault((standing, parts.get("labs")), len(self._standings) + 1)

    @property
    def standings(self) -> int:
        """How many numbers there are for what results contribute."""
        return len(self._standings)

    def scalar(self, row: Row) -> tuple[int, Mapping[str, int]] | Fault:
        """The rank of the verdict and the codes of the parts of a row, by the scalar function."""
        key = repr(row)  # a value of any type has one, and -0.0 is not 0.0
        known = self._known.get(key)
        if known is None:
            answer = self.asked.answer(row)
            known = answer if isinstance(answer, Fault) else (answer.verdict.rank, self._coded(answer.parts))
            if len(self._known) < REMEMBERED:
                self._known[key] = known
        return known

    def _coded(self, parts: Mapping[str, PartAnswer]) -> Mapping[str, int]:
        return {name: self.codes[name].code(part) for name, part in parts.items()}

    def way(self, way: str) -> int:
        """The code of a way."""
        with self._lock:
            if way not in self.ways:
                self.ways.append(way)
            return self.ways.index(way)


@lru_cache(maxsize=8)
def kernel_of(
    book: Rulebook, max_age: timedelta | None, site_zone: str | None, units: tuple[tuple[str, str], ...], _schema: object
) -> Kernel:
    """The kernel of frames of one kind. It is kept, because its first frame takes seconds, and a stream has many.

    Args:
        book: The book.

        max_age: The maximum age of results.

        site_zone: The time zone of rows without one.

        units: The units of columns without a column of units.

        _schema: The columns with their types. Codes of frames with other columns mean something else.
    """
    return Kernel(Asked(book, max_age, site_zone, dict(units)))

"""Assessments of a frame with one row a dose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from tarlatamab_rules.assessment.assess import DoseAssessment
from tarlatamab_rules.cohort.arguments import row_in
from tarlatamab_rules.cohort.frames.answers import parts_of
from tarlatamab_rules.cohort.frames.coded import Answers, to_native
from tarlatamab_rules.cohort.frames.columns import units_of
from tarlatamab_rules.cohort.frames.kernel import Kernel, kernel_of
from tarlatamab_rules.cohort.frames.loading import Loaded, load
from tarlatamab_rules.cohort.frames.running import answered
from tarlatamab_rules.inputs._zones import zone_name
from tarlatamab_rules.rulebooks._registry import resolve
from tarlatamab_rules.rules.labs import lab_age

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["AssessedFrame", "assess"]


@frozen(eq=False)
class AssessedFrame:
    """The answers to the doses of a frame.

    Attributes:
        answers: The answers as codes.

        rulebook: The name of the book that answered.
    """

    answers: Answers = field(repr=False)
    rulebook: str
    _given: Any = field(alias="given", repr=False)
    _loaded: Loaded = field(alias="loaded", repr=False)
    _kernel: Kernel = field(alias="kernel", repr=False)

    @property
    def frame(self) -> Any:  # noqa: ANN401  # a frame of the caller's kind
        """The answers as a frame of the caller's kind, one row a dose, in the order of the rows.

        ``verdict``; for each part its answer, and as ``<part>.rows`` the ids of the rows behind it; ``missing``, ``dissent``, ``fault``
        and ``way``. A row with a fault has no answer. A part that says nothing about a dose is null.
        """
        return to_native(answered(self._loaded, self._kernel, parts_of(self._loaded.columns)).table(), self._given)

    @property
    def report(self) -> Mapping[str, int]:
        """How many rows went which way, and how many were refused (``fault``)."""
        codes, ways = self.answers.way
        counts = Counter({way: int((codes == code).sum()) for code, way in enumerate(ways)})
        return {**counts, "fault": len(self.answers.faults)}

    def explain(self, row: int) -> DoseAssessment:
        """The full assessment of the dose in a row, counted from 0.

        Raises:
            FieldError: The row has a fault, or there is no such row; then it is an `IndexError` as well.
        """
        return self._kernel.asked.assess(self._loaded.row(row_in(row, self._loaded.rows)))


def assess(  # noqa: PLR0913  # one keyword a choice of the caller
    frame: Any,  # noqa: ANN401  # any frame that narwhals knows
    *,
    rulebook: Rulebook | str | None = None,
    max_lab_age: QuantityLike | timedelta | None = None,
    site_zone: str | None = None,
    units: Mapping[str, str] | None = None,
    ignore: Sequence[str] = (),
) -> AssessedFrame:
    """Every dose of a frame, assessed as `assess_dose` does it.

    Args:
        frame: A frame of pandas, Polars, Arrow or DuckDB with one row a dose. Its columns are those of `COLUMNS`; null means *not known*.

        rulebook: The book that answers, or its name; the default book if left out.

        max_lab_age: The maximum age of a result at the planned start, a duration. If left out, no result is too old.

        site_zone: The time zone of the site, for rows without one.

        units: The units of columns without a column of units, such as ``{"alt": "U/L"}``.

        ignore: The columns that are no facts, such as the name of the site. A column that is neither a fact nor listed here is refused.

    Raises:
        FieldError: A column is not known, or an argument is wrong. A fault of a row is not raised; it is shown in the column ``fault``.
    """
    book, age, given = resolve(rulebook), lab_age(max_lab_age, "max_lab_age"), units_of(units)
    loaded = load(frame, ignore)
    kernel = kernel_of(book, age, zone_name(site_zone), tuple(sorted(given.items())), loaded.schema)
    return AssessedFrame(answered(loaded, kernel, ()), book.name, given=frame, loaded=loaded, kernel=kernel)

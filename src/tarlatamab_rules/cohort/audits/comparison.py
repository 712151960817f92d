"""Two books over one cohort: whose verdict changes, and by which rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.cohort.audits.asked_books import IN_FORCE, NEXT, Answered, answered, given_doses
from tarlatamab_rules.cohort.audits.audit import VERDICTS
from tarlatamab_rules.cohort.audits.objections import Objection, Situations, situations_of
from tarlatamab_rules.cohort.reading.readings import coded

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.cohort.reading.digits import Array
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["CohortComparison", "compare"]


@frozen(eq=False)
class CohortComparison:
    """What two books say about the same given doses.

    It lists doses by their row in the table of doses, and never by patient.

    Attributes:
        one: The first book, or that it was the label in force on the day.

        other: The second book, or that it was the next revision.

        left_out: How many given doses only one of them, or none, was asked about.
    """

    one: str
    other: str
    left_out: int
    _answered: tuple[Answered, Answered] = field(repr=False)
    _situations: tuple[Situations, Situations] = field(repr=False)
    _rows: Array = field(repr=False)

    @property
    def verdicts(self) -> dict[tuple[str, str], int]:
        """How many doses have each pair of verdicts, that of the first book and that of the second."""
        counted = Counter(zip(*(self._verdicts(n).tolist() for n in (0, 1)), strict=True))
        order = {verdict: n for n, verdict in enumerate(VERDICTS)}
        return dict(sorted(counted.items(), key=lambda item: [order[verdict] for verdict in item[0]]))

    @property
    def changed(self) -> int:
        """How many doses have another verdict by the second book."""
        return sum(count for (one, other), count in self.verdicts.items() if one != other)

    @property
    def frame(self) -> pa.Table:
        """One row a dose whose verdict changes, with its `row` in the table of doses, `one`, `other`, and what only one book objects to."""
        verdicts = [self._verdicts(n) for n in (0, 1)]
        at = np.flatnonzero(verdicts[0] != verdicts[1])
        rows = self._rows[at]
        pairs = [self._situations[n].codes[rows] for n in (0, 1)]
        distinct, places = np.unique(np.stack(pairs), axis=1, return_inverse=True)
        only = [self._only(int(one), int(other)) for one, other in distinct.T]
        return pa.table(
            {
                "row": pa.array(rows),
                "one": pa.array(verdicts[0][at].tolist(), pa.string()),
                "other": pa.array(verdicts[1][at].tolist(), pa.string()),
                "only_one": coded(places.reshape(-1), [texts[0] for texts in only]),
                "only_other": coded(places.reshape(-1), [texts[1] for texts in only]),
            }
        )

    @property
    def rows(self) -> pa.Table:
        """The rows behind the changes, in the columns `book` (``one`` or ``other``), `row` and `doses`.

        Counted are the doses whose verdict changes, and to which only this book objects by this row.
        """
        counted: Counter[tuple[str, str]] = Counter()
        changed = self._rows[self._verdicts(0) != self._verdicts(1)]
        pairs = Counter(zip(*(self._situations[n].codes[changed].tolist() for n in (0, 1)), strict=True))
        for (one, other), count in pairs.items():
            ids = [self._ids(0, one), self._ids(1, other)]
            for n, book in enumerate(("one", "other")):
                for row in ids[n] - ids[1 - n]:
                    counted[book, row] += count
        ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
        return pa.table(
            {
                "book": pa.array([book for (book, _), _ in ordered], pa.string()),
                "row": pa.array([row for (_, row), _ in ordered], pa.string()),
                "doses": pa.array([count for _, count in ordered], pa.int64()),
            }
        )

    def explain(self, row: int) -> tuple[DoseAssessment, DoseAssessment]:
        """Both assessments of the dose in one row of the table of doses.

        Raises:
            FieldError: A book was not asked about it, or it is refused.
        """
        one, other = self._answered
        return one.explain(row), other.explain(row)

    def _verdicts(self, n: int) -> Array:
        """The verdicts of one book about the doses that both were asked about."""
        situations = self._situations[n]
        verdicts: Array = np.array(situations.verdicts, object)[situations.codes[self._rows]]
        return verdicts

    def _ids(self, n: int, situation: int) -> frozenset[str]:
        return frozenset(row for objection in self._situations[n].objections[situation] for row in objection.rows)

    def _only(self, one: int, other: int) -> tuple[str | None, str | None]:
        """The objections that only the first book has, and those that only the second has."""
        firsts, seconds = self._situations[0].objections[one], self._situations[1].objections[other]
        return _said(firsts, seconds), _said(seconds, firsts)

    def __str__(self) -> str:
        """How many verdicts change, in a few lines."""
        total = sum(self.verdicts.values())
        pairs = [f"  {one} -> {other}: {count}" for (one, other), count in self.verdicts.items() if one != other]
        lines = [f"{self.changed} of {total} given doses change their verdict", f"  from {self.one}", f"  to {self.other}", *pairs]
        return "\n".join([*lines, *([f"  not asked: {self.left_out}"] if self.left_out else [])])


def _said(mine: tuple[Objection, ...], others: tuple[Objection, ...]) -> str | None:
    return "; ".join(str(objection) for objection in mine if objection not in others) or None


def compare(  # noqa: PLR0913  # one keyword a table and an option
    one: Rulebook | str | None,
    other: Rulebook | str | None,
    doses: Any,  # noqa: ANN401  # any frame that narwhals knows
    *,
    patients: Any,  # noqa: ANN401
    labs: Any,  # noqa: ANN401
    events: Any,  # noqa: ANN401
    max_lab_age: QuantityLike | timedelta | None = None,
    site_zone: str | None = None,
) -> CohortComparison:
    """Whose verdict changes between two books, over the given doses of a registry.

    ``compare(None, None, ...)`` asks what the next revision of the US label would have changed: each dose by the revision in force on
    its day, and by the encoded revision after that.

    Args:
        one: A book, or its name; ``None``: the US label in force on the day of each dose.

        other: A book, or its name; ``None``: the encoded revision after the one in force.

        doses: The doses, as `assess_registry` takes them; planned ones are left out.

        patients: The patients.

        labs: The results; ``None`` if no results are known.

        events: The toxicities; ``None`` if they are not known.

        max_lab_age: The maximum age of a result at its dose.

        site_zone: The time zone of the sites.

    Raises:
        FieldError: A table lacks a column.
    """
    given = given_doses({"doses": doses, "patients": patients, "labs": labs, "events": events}, "site", site_zone)
    options: dict[str, Any] = {"max_lab_age": max_lab_age, "site_zone": site_zone}
    answers = answered(given, one, **options), answered(given, other, after=True, **options)
    situations = situations_of(answers[0]), situations_of(answers[1])
    both = np.flatnonzero((situations[0].codes >= 0) & (situations[1].codes >= 0))
    left_out = int(given.given.sum()) - len(both)
    return CohortComparison(_called(one, IN_FORCE), _called(other, NEXT), left_out, answers, situations, both)


def _called(book: Rulebook | str | None, default: str) -> str:
    return default if book is None else book if isinstance(book, str) else book.name

"""An audit of given doses: was each dose, as known then, by the book in force then, what the book says?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from attrs import field, frozen

from tarlatamab_rules.cohort.arguments import word_in
from tarlatamab_rules.cohort.audits.asked_books import IN_FORCE, Answered, GivenDoses, answered, given_doses
from tarlatamab_rules.cohort.audits.objections import REFUSED, Situations, situations_of
from tarlatamab_rules.cohort.reading.readings import Words, coded
from tarlatamab_rules.core.decisions import Verdict

if TYPE_CHECKING:
    from datetime import timedelta

    from tarlatamab_rules.assessment.assess import DoseAssessment
    from tarlatamab_rules.inputs.units import QuantityLike
    from tarlatamab_rules.rulebooks._book import Rulebook

__all__ = ["VERDICTS", "Audit", "audit"]

VERDICTS = (*(str(verdict) for verdict in Verdict), REFUSED)
"""The verdicts in their order, and *refused* for a dose that cannot be assessed."""


@frozen(eq=False)
class Audit:
    """What the book says about doses that were given.

    It lists doses by their row in the table of doses, and never by patient.

    Attributes:
        rulebook: The book that was asked, or that it was the label in force on the day.

        left_out: How many given doses no book was asked about, by the reason.
    """

    rulebook: str
    left_out: Mapping[str, int]
    _doses: GivenDoses = field(repr=False)
    _answered: Answered = field(repr=False)
    _situations: Situations = field(repr=False)

    @property
    def verdicts(self) -> dict[str, int]:
        """How many doses have each verdict, mildest first. A dose is *refused* if a row about it has a fault."""
        return _verdicts(self._situations, None)

    @property
    def rows(self) -> pa.Table:
        """How many doses each row of a book objects to, in the columns `row`, `doses`, and `share` of the doses that were assessed."""
        counted = self._situations.by_row().most_common()
        assessed = sum(count for verdict, count in self.verdicts.items() if verdict != REFUSED)
        counts = [count for _, count in counted]
        return pa.table(
            {
                "row": pa.array([row for row, _ in counted], pa.string()),
                "doses": pa.array(counts, pa.int64()),
                "share": pa.array([count / assessed for count in counts], pa.float64()),
            }
        )

    @property
    def together(self) -> pa.Table:
        """How many doses each two rows object to together, in the columns `row`, `other` and `doses`."""
        pairs = self._situations.by_pair().most_common()
        return pa.table(
            {
                "row": pa.array([one for (one, _), _ in pairs], pa.string()),
                "other": pa.array([other for (_, other), _ in pairs], pa.string()),
                "doses": pa.array([count for _, count in pairs], pa.int64()),
            }
        )

    @property
    def frame(self) -> pa.Table:
        """One row a given dose, with `row` in the table of doses, `site`, `month`, `rulebook`, `verdict`, `objections` and `fault`."""
        rows = np.flatnonzero(self._situations.codes >= 0)
        situation = self._situations.codes[rows]
        texts = ["; ".join(map(str, objections)) or None for objections in self._situations.objections]
        fault = self._answered.column("fault")
        return pa.table(
            {
                "row": pa.array(rows),
                **{name: coded(words.codes[rows], words.words) for name, words in self._groups().items()},
                "rulebook": coded(self._answered.rulebook.codes[rows], self._answered.rulebook.words),
                "verdict": coded(situation, self._situations.verdicts),
                "objections": coded(situation, texts),
                "fault": coded(fault.codes[rows], fault.words),
            }
        )

    def by(self, *names: str) -> pa.Table:
        """How many doses have each verdict, by ``site``, by ``month``, or by both: one row a group, one column a verdict.

        Raises:
            FieldError: A name is neither of these.
        """
        groups = self._groups()
        for name in names or ("",):
            word_in(name, groups, "by")
        rows = np.flatnonzero(self._situations.codes >= 0)
        counted: dict[tuple[str | None, ...], Counter[str]] = {}
        place = np.array([VERDICTS.index(verdict) for verdict in self._situations.verdicts], np.int64)[self._situations.codes[rows]]
        keys = np.stack([*(groups[name].codes[rows] for name in names), place])
        for *key, verdict, count in np.vstack((_unique(keys), _counts(keys))).T.tolist():
            words = tuple(groups[name].words[code] if code >= 0 else None for name, code in zip(names, key, strict=True))
            counted.setdefault(words, Counter())[VERDICTS[verdict]] += count
        ordered = sorted(counted, key=lambda words: [(word is None, word or "") for word in words])
        columns = {name: pa.array([words[n] for words in ordered], pa.string()) for n, name in enumerate(names)}
        return pa.table(columns | {verdict: pa.array([counted[words][verdict] for words in ordered], pa.int64()) for verdict in VERDICTS})

    def explain(self, row: int) -> DoseAssessment:
        """The assessment behind one row of the table of doses.

        Raises:
            FieldError: No book was asked about it, or it is refused.
        """
        return self._answered.explain(row)

    def _groups(self) -> dict[str, Words]:
        return {"site": self._doses.site, "month": self._doses.month}

    def __str__(self) -> str:
        """The counts in a few lines."""
        total = sum(self.verdicts.values())
        lines = [
            f"{total} given doses, by {self.rulebook}",
            *(f"  {verdict}: {count}" for verdict, count in self.verdicts.items() if count),
        ]
        return "\n".join([*lines, *(f"  not asked: {count} ({reason})" for reason, count in self.left_out.items() if count)])


def _unique(keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.unique(keys, axis=1))


def _counts(keys: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(np.unique(keys, axis=1, return_counts=True)[1])


def _verdicts(situations: Situations, rows: np.ndarray[Any, Any] | None) -> dict[str, int]:
    counted: Counter[str] = Counter()
    for verdict, count in zip(situations.verdicts, situations.counts(rows).tolist(), strict=True):
        counted[verdict] += count
    return {verdict: counted[verdict] for verdict in VERDICTS}


def audit(  # noqa: PLR0913  # one keyword a table and an option
    doses: Any,  # noqa: ANN401  # any frame that narwhals knows
    *,
    patients: Any,  # noqa: ANN401
    labs: Any,  # noqa: ANN401
    events: Any,  # noqa: ANN401
    rulebook: Rulebook | str | None = None,
    site: str = "site",
    max_lab_age: QuantityLike | timedelta | None = None,
    site_zone: str | None = None,
) -> Audit:
    """Asks about each dose that was given: as known when it began, what does the book say?

    An objection is no proof of a mistake: a clinician may have known more than the registry. A dose about which the registry knows too
    little is ``needs-data``.

    Args:
        doses: The doses, as `assess_registry` takes them; planned ones are not audited.

        patients: The patients.

        labs: The results; ``None`` if no results are known.

        events: The toxicities; ``None`` if they are not known.

        rulebook: The book, or its name. If left out, the US label that was in force on the day of each dose.

        site: The column of the doses or of the patients that names the site.

        max_lab_age: The maximum age of a result at its dose.

        site_zone: The time zone of the sites.

    Raises:
        FieldError: A table lacks a column.
    """
    given = given_doses({"doses": doses, "patients": patients, "labs": labs, "events": events}, site, site_zone)
    answers = answered(given, rulebook, max_lab_age=max_lab_age, site_zone=site_zone)
    name = IN_FORCE if rulebook is None else answers.rulebook.words[0]
    left_out = {reason: int(mask.sum()) for reason, mask in answers.left_out.items()}
    return Audit(name, left_out, given, answers, situations_of(answers))

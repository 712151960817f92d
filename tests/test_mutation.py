"""Every number, edge, member, modality and answer of every row is checked by some hand-written case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import mutation
from tarlatamab_rules import rulebooks
from tarlatamab_rules.core.intervals import above, between
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.facts import AGE
from tarlatamab_rules.rulebooks.questions import BY_AGE, BY_VOLUME, INFUSION, MONITORING
from tarlatamab_rules.values.vocabulary import Eligibility

pytestmark = pytest.mark.thorough

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "mutation.md"


@pytest.mark.parametrize("name", mutation.BOOKS)
def test_changes_are_noticed(name: str) -> None:
    """At least 98 in 100 changes are noticed, and each of the others is explained."""
    outcome = mutation.outcome(name)
    assert outcome.share >= 0.98
    assert all(map(mutation.explanation, outcome.survivors))
    assert outcome.by_answer > 100


def test_no_explanation_is_left_over() -> None:
    """What is explained is still so."""
    survivors = [survivor for name in mutation.BOOKS for survivor in mutation.outcome(name).survivors]
    assert all(any(survivor.startswith(start) for survivor in survivors) for start in mutation.EXPLAINED)
    assert all(any(survivor.endswith(end) for survivor in survivors) for end in mutation.EXPLAINED_ANYWHERE)


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        (BY_AGE, {"IND-1/adult at age_years 18 answers excluded", "IND-1/minor at age_years 17.99 to < 18 answers eligible"}),
        (BY_VOLUME, {"INF-1/volume at volume 0.98 answers mismatch", "INF-1/volume-high at volume > 1.02 to 1.021 answers as planned"}),
        (INFUSION, {"INF-1 answers rate value 249", "INF-1 answers pump False", "INF-2 answers transfer_device give"}),
        (MONITORING, {"MON-1 answers observe high 25", "MON-2 answers near_care caregiver False", "MON-1 speaks of point 3 too"}),
    ],
)
def test_what_is_changed(question: object, changes: set[str]) -> None:
    """Edges, numbers, truth values, modalities and what lies next to a row are among the changes."""
    rows = rulebooks.get("precautions-2025-09").rows
    (asked,) = (each for each in rows if each is question)
    assert changes <= {f"{mutant.row} {mutant.change}" for mutant in mutation.mutants(asked, tuple(rows[asked]))}


def test_no_figures_while_a_case_fails() -> None:
    """If a case fails without any change, every change would count as noticed: the first such case is named instead."""
    book = rulebooks.get("us-2025-11")
    without = book.revised(evolve(book.source, name="us-made-up"), without=("T1-C1D1/near",))
    mutation.refuse_failing("us-2025-11", book)
    with pytest.raises(ValueError, match=r"cases of us-2025-11 fail: mend them first .*, the first is us_doses\.md:\d+-C1D1-"):
        mutation.refuse_failing("us-2025-11", without)


def test_a_revision_repeats_nothing() -> None:
    """What no case notices in a revision and in the book before it has one line together; what only the revision has is listed."""
    before = mutation.Outcome("us-2025-11", 9, 0, 0, 0, ("LABS/day-15 at point 12", "MON-1 at course"))
    revision = mutation.Outcome("us-made-up", 9, 0, 0, 0, ("MON-1 at course", "MON-2 at course"), "us-2025-11")
    by_name = "by a book without restarts a dose has the role of its name"
    together = ["- us-made-up: 1 that us-2025-11 has as well, for the same reasons", f"- us-made-up, MON-2 at course: {by_name}"]
    assert mutation.page([before, revision]).splitlines()[-2:] == together
    alone = [f"- us-made-up, MON-1 at course: {by_name}", f"- us-made-up, MON-2 at course: {by_name}"]
    assert mutation.page([revision]).splitlines()[-2:] == alone


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"then": Eligibility.EXCLUDED}, False),
        ({"when": {AGE: between(18, 60)}}, False),
        ({"id": "IND-1/adult/~0"}, True),
        ({"id": "IND-1/grown-up"}, False),
        ({"says": "In other words."}, True),
    ],
)
def test_what_has_no_effect(changes: dict[str, Any], *, same: bool) -> None:
    """A table has the same effect if no answer, no row that is cited and nothing left open differs; a slice of a row is that row."""
    book = rulebooks.get("precautions-2025-09")
    rows = tuple(evolve(row, **changes) if row.id == "IND-1/adult" else row for row in book.rows[BY_AGE])
    if "when" in changes:
        rows += (Row("IND-1/old", {AGE: above(60)}, Eligibility.EXCLUDED, "Too old."),)
    other = Rulebook(book.source, book.statements, {BY_AGE: rows}, book.lab_scale, book.drug)
    assert mutation.same_in_every_cell(book[BY_AGE], other[BY_AGE]) is same


def test_what_is_left_open_has_an_effect() -> None:
    """A row that does not settle a case is not the same as one that is silent about it."""
    book = rulebooks.get("precautions-2025-09")
    silent, open_ = (
        Rulebook(
            book.source,
            book.statements,
            {BY_AGE: tuple(evolve(row, then=None, unsettled=why) for row in book.rows[BY_AGE])},
            book.lab_scale,
            book.drug,
        )
        for why in ("", "The page does not settle it.")
    )
    assert mutation.same_in_every_cell(silent[BY_AGE], silent[BY_AGE])
    assert not mutation.same_in_every_cell(silent[BY_AGE], open_[BY_AGE])


def test_published() -> None:
    """The page of the documentation has these figures; ``python tests/mutation.py`` prints it."""
    assert PAGE.read_text(encoding="utf-8") == mutation.page([mutation.outcome(name) for name in mutation.BOOKS])

"""Another engine runs the rows, and answers every cell as this library does."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

pytest.importorskip("zen", reason="zen-engine is in the dependency group zen")

import conformance
import zen_agreement
from tarlatamab_rules import rulebooks
from tarlatamab_rules.answers import Eligibility
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import above, at_most, below
from tarlatamab_rules.core.tables import Row, Table
from tarlatamab_rules.formats.canonical import plain
from tarlatamab_rules.formats.jdm import jdm
from tarlatamab_rules.rulebooks.facts import AGE
from tarlatamab_rules.rulebooks.questions import BY_AGE, EQUIVALENT, MONITORING

PAGE = rulebooks.get("precautions-2025-09")
OURS = PAGE.overlay("ours", {BY_AGE: (Row("P/young", {AGE: below(20)}, Eligibility.EXCLUDED, "Not below 20."),)})


@pytest.mark.parametrize("name", conformance.BOOKS + conformance.STACKS)
def test_every_cell_agrees(name: str) -> None:
    """In every cell of every question the engine cites our rows, in our order, with our values."""
    found = zen_agreement.agreement(rulebooks.get(name))
    assert not found.faults, "\n".join(found.faults)
    assert found.agreed == found.cells > 0


@pytest.mark.parametrize("name", conformance.BOOKS)
def test_exactly_one_row_fits(name: str) -> None:
    """Asked for every rule that fits, the engine finds one in each cell of a table that is UNIQUE: no gap and no overlap."""
    book = rulebooks.get(name)
    tables = [book[question] for question in book.rows if question.fold is None]
    asked = [(table, zen_agreement.engine(zen_agreement.collecting(jdm(table)))) for table in tables]
    counts = [len(ask(facts)) for table, ask in asked for cell in table.answers for facts in zen_agreement.asked(table, cell)]
    assert counts
    assert set(counts) == {1}


def test_an_overlay_agrees() -> None:
    """A policy of one's own is run as it answers."""
    found = zen_agreement.agreement(OURS)
    assert (found.agreed, found.faults) == (found.cells, ())


def test_known_answers() -> None:
    """By hand, from the sources: 18 years is an adult; cortisone 25 mg; in hospital after C1D8, and no hours for C1D15."""
    ask = zen_agreement.engine(jdm(PAGE[BY_AGE]))
    assert ask({"age_years": 18}) == {"row": "IND-1/adult", "value": "eligible"}
    assert ask({"age_years": 17.9}) == {"row": "IND-1/minor", "value": "excluded"}
    ask = zen_agreement.engine(jdm(rulebooks.get("steroid-equivalence")[EQUIVALENT]))
    assert ask({"steroid": "cortisone", "route": "oral"}) == {"row": "EQ-1/cortisone", "value": {"value": 25, "unit": "mg"}}
    assert ask({"steroid": "cortisone", "route": "intramuscular"}) == {"row": "EQ-2"}
    ask = zen_agreement.engine(jdm(PAGE[MONITORING]))
    facts = {"point": 2, "course": "first-full", "events": 0, "events_2": 0, "events_3": 0}
    assert [each["row"] for each in ask(facts)] == ["MON-1", "MON-2"]
    assert ask(facts | {"point": 3}) == [{"row": "MON-3/middle", "value": None}]


@pytest.mark.parametrize(
    ("of_minor", "of_adult", "agreed"),
    [
        ({"then": Eligibility.ELIGIBLE}, {}, 1),
        ({"id": "IND-1/child"}, {}, 1),
        ({"when": {AGE: at_most(18)}}, {"when": {AGE: above(18)}}, 1),
        ({"says": "Too young."}, {}, 2),
    ],
)
def test_another_row_is_noticed(of_minor: dict[str, Any], of_adult: dict[str, Any], agreed: int) -> None:
    """Rows with another answer, id or edge disagree with the page; one with another sentence decides the same."""
    adult, minor = PAGE.rows[BY_AGE]
    rows: list[Row[Eligibility]] = [evolve(adult, **of_adult), evolve(minor, **of_minor)]
    graph = jdm(Table(BY_AGE, rows, lambda row: Reason(row.id, row.says)))
    assert PAGE[BY_AGE].cells - len(zen_agreement.disagreements(PAGE[BY_AGE], graph)) == agreed


def test_neighbouring_floats() -> None:
    """The engine takes the last float below 18 for 18, which is why open ends are asked a little inside; the library tells them apart."""
    facts = 17.999999999999996
    assert zen_agreement.engine(jdm(PAGE[BY_AGE]))({"age_years": facts})["row"] == "IND-1/adult"
    assert plain(PAGE[BY_AGE](facts).possible[0]) == "excluded"

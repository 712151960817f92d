"""The hand-written tables of `tests/spec`: facts with nulls, the answer, what is asked for, and the rows that are cited."""

from __future__ import annotations

from typing import ClassVar

import pytest
from attrs import evolve

import spec_tables
from tarlatamab_rules import rulebooks
from tarlatamab_rules.policy import DAYS_SINCE, NEXT_DOSE, at_least, between

CASES = spec_tables.cases()
US = "us-2025-11"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: spec_tables.SpecCase) -> None:
    """The library says what the line says, cites its rows, and asks for its facts."""
    assert spec_tables.answered(case) == case.expected


def test_every_table_is_read() -> None:
    """Every line of a table is used, except its head and its rule, and every function that the tables can ask is asked."""
    lines = [line for path in spec_tables.FOLDER.glob("*.md") for line in path.read_text(encoding="utf-8").splitlines()]
    tables = sum(line.startswith("| ---") for line in lines)
    assert len({(case.file, case.line) for case in CASES}) == sum(line.startswith("|") for line in lines) - 2 * tables
    assert {case.asked for case in CASES} == set(spec_tables.ASKED)


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_row_is_cited(name: str) -> None:
    """Every row of the book decides some case by hand; what a safeguard says is no row."""
    cited = {row for case in CASES for row in case.expected[2] if case.book == name and not row.startswith("guard/")}
    assert {row.id for rows in rulebooks.get(name).rows.values() for row in rows} == cited


def test_a_revision_states_what_it_changes() -> None:
    """A case of a revision has other facts than every case of the book before it, or another answer: the others are asked anyway."""
    of_book = spec_tables.of_book
    revisions = [(name, before) for name in rulebooks.names() if (before := rulebooks.get(name).revises)]
    assert [case for name, before in revisions for case in spec_tables.said_again(of_book(name), of_book(before))] == []


class TestRevision:
    """Which cases a revision is asked."""

    BEFORE: ClassVar = [case for case in spec_tables.of_book(US) if case.asked == "next_dose"]
    LATER: ClassVar = next(case for case in BEFORE if case.expected[2] == ["T4-LATER"])

    def of_made_up(self, **cells: str) -> spec_tables.SpecCase:
        """A case of a made-up revision, with other cells than one of the book before it."""
        return evolve(self.LATER, file="us_made_up.md", book="us-made-up", facts={**self.LATER.facts, **cells})

    def test_all_of_the_book_before_it(self) -> None:
        """Every case of the book before it is asked of the revision, and named as one of both."""
        inherited = spec_tables.of_revision("us-made-up", [], self.BEFORE)
        assert [(case.book, case.key, case.expected) for case in inherited] == [("us-made-up", c.key, c.expected) for c in self.BEFORE]
        assert str(inherited[0]) == str(self.BEFORE[0]).replace("-", "-us-made-up-", 1)

    def test_its_own_case_of_the_same_facts(self) -> None:
        """A case of its own takes the place of that of the same facts, whatever the order of the columns, and of no other."""
        own = self.of_made_up(answer="1 mg")
        own = evolve(own, facts=dict(reversed(list(own.facts.items()))))
        cases = spec_tables.of_revision("us-made-up", [own], self.BEFORE)
        assert cases[0] is own
        assert {case.key for case in cases[1:]} == {case.key for case in self.BEFORE} - {own.key}
        assert spec_tables.said_again(cases, self.BEFORE) == []

    def test_its_own_case_of_other_facts(self) -> None:
        """A case of other facts is added."""
        own = self.of_made_up(given="C1D1 1 mg 2031-01-06")
        assert len(spec_tables.of_revision("us-made-up", [own], self.BEFORE)) == len(self.BEFORE) + 1

    def test_the_same_again(self) -> None:
        """A case that says what the book before it says is found: a table that is copied and not changed checks nothing."""
        own = self.of_made_up()
        assert spec_tables.said_again(spec_tables.of_revision("us-made-up", [own], self.BEFORE), self.BEFORE) == [str(own)]

    def test_of_what_changes_it_fails(self) -> None:
        """An inherited case fails where the revision answers otherwise, here from the 15th to the 20th day after 1 mg, and nowhere else."""
        book, days = rulebooks.get(US), {"T4-C1D1": between(0, 20), "T4-C1D1/restart": at_least(21)}
        rows = tuple(evolve(row, when={**row.when, DAYS_SINCE: days[row.id]}) for row in book.rows[NEXT_DOSE] if row.id in days)
        revision = book.revised(evolve(book.source, name="us-made-up"), rows={NEXT_DOSE: rows})
        cases = spec_tables.of_revision("us-made-up", [], self.BEFORE)
        failing = [case for case in cases if spec_tables.answered(case, revision) != case.expected]
        assert failing
        assert all("T4-C1D1/restart" in case.expected[2] for case in failing)
        assert len(failing) < len(cases)

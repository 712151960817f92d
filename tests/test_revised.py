"""A revision of a source, from the book before it and what it changes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from helpers import PAGE
from tarlatamab_rules import FieldError, FieldTypeError, Role, TableError, diff, eligibility, monitoring_duration, next_dose, rulebooks
from tarlatamab_rules.answers import Eligibility, Instruction, Modality, Source, Statement, ToxicityAction
from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.core.intervals import at_least, between
from tarlatamab_rules.core.tables import Question, Row
from tarlatamab_rules.formats.canonical import rulebook_document
from tarlatamab_rules.inputs.patient import Patient
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.facts import AGE, DAYS_SINCE, GRADE, HYPERSENSITIVE, LAST
from tarlatamab_rules.rulebooks.questions import (
    BY_AGE,
    BY_HYPERSENSITIVITY,
    BY_LACTATION,
    CHECKLIST,
    MONITORING,
    NEXT_DOSE,
    TOXICITY_ACTION,
)
from tarlatamab_rules.values.plans import Checklist
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown
from tarlatamab_rules.views.trace import trace

US = rulebooks.get("us-2025-11")
NEW = Source("us-made-up", "An invented revision", "nobody", "00/0000")
SAID = Statement("T4-C1D1", "2.4, Table 9", "After 1 mg on C1D1: within 20 days 10 mg; after more, 1 mg again.")
NO_TEXT: Any = 7
MORE = Checklist((Instruction(Modality.GIVE, "a made-up measure"),))


def restart(days: int) -> tuple[Row[Any], ...]:
    """The two rows of the restart after the first 1 mg, with other days."""
    (within,) = (row for row in US.rows[NEXT_DOSE] if row.id == "T4-C1D1")
    (after,) = (row for row in US.rows[NEXT_DOSE] if row.id == "T4-C1D1/restart")
    return (
        evolve(within, when={LAST: Role.STEP_UP, DAYS_SINCE: between(0, days)}),
        evolve(after, when={LAST: Role.STEP_UP, DAYS_SINCE: at_least(days + 1)}),
    )


def revised(arguments: dict[str, Any]) -> Rulebook:
    """A revision of the label with these arguments, right or wrong."""
    every: dict[str, Any] = {"source": NEW, **arguments}
    return US.revised(**every)


def ids(book: Rulebook, question: Question[Any]) -> list[str]:
    """The ids of the rows of a question, in their order."""
    return [row.id for row in book.rows[question]]


class TestRevised:
    """What a revision changes, and what it leaves as it was."""

    longer = US.revised(NEW, statements=(SAID,), rows={NEXT_DOSE: restart(20)})

    def test_a_row_is_replaced_in_its_place(self) -> None:
        """21 days after 1 mg the step-up begins anew where 20 are allowed, and 15 days after it 10 mg follow; no other row moves."""
        for days, by_us, by_new in ((14, "10 mg", "10 mg"), (15, "1 mg", "10 mg"), (20, "1 mg", "10 mg"), (21, "1 mg", "1 mg")):
            answers = [book[NEXT_DOSE](Role.STEP_UP, days).unwrap() for book in (US, self.longer)]
            assert [str(answer.amount) for answer in answers] == [by_us, by_new]
        assert ids(self.longer, NEXT_DOSE) == ids(US, NEXT_DOSE)

    def test_its_pages_stand_beside_those_of_the_book_before_it(self) -> None:
        """Two books with the same ids have no label in common: a label is known in the whole documentation, and can stand there once."""
        pages = [page for book in (US, self.longer) for page in (matrix_markdown(book), rulebook_markdown(book))]
        labels = [label for page in pages for label in re.findall(r"^\((.*)\)=$", page, re.MULTILINE)]
        assert len(set(labels)) == len(labels)

    def test_a_statement_is_replaced_in_its_place(self) -> None:
        """The statement has its new section and words, in its old place."""
        n = [statement.id for statement in US.statements].index("T4-C1D1")
        assert self.longer.statements[n] == SAID
        assert self.longer.statements[:n] + self.longer.statements[n + 1 :] == US.statements[:n] + US.statements[n + 1 :]

    def test_all_of_it_is_cited_to_the_new_source(self) -> None:
        """What changed and what stayed cite the new source and its revision; the book before it still cites its own."""
        changed = self.longer[NEXT_DOSE](Role.STEP_UP, 16).reasons[0].citation
        assert changed is not None
        assert (changed.source, changed.revision, changed.section) == ("us-made-up", "00/0000", "2.4, Table 9")
        reasons = [
            reason for question in self.longer.rows for answer in self.longer[question].answers.values() for reason in answer.reasons
        ]
        assert {reason.citation.source for reason in reasons if reason.citation} == {"us-made-up"}
        before = US[NEXT_DOSE](Role.STEP_UP, 16).reasons[0].citation
        assert before is not None
        assert (before.source, before.section, before.table) == ("us-2025-11", "Section 2.4", "Table 4")

    def test_the_diff_is_what_changed(self) -> None:
        """Days 15 to 20 after 1 mg, and nothing else."""
        assert str(diff(US, self.longer)).splitlines() == [
            "us-2025-11 -> us-made-up: 1 difference",
            "next_dose",
            (
                "  last dose given: step-up; days since the last dose: 15 to 20: "
                "amount: 1 mg; role: step-up; after: 0; restart: True -> amount: 10 mg; role: first full; after: 7; restart: False"
            ),
        ]

    def test_a_new_row_stands_at_the_end_of_its_question(self) -> None:
        """A row with a new id is added after those that were there, and so is a statement, which it may cite."""
        rows = {CHECKLIST: (Row("NEW/made-up", {}, MORE, "A made-up measure."),)}
        book = US.revised(NEW, statements=[Statement("NEW", "5.9", "A made-up measure.")], rows=rows)
        assert ids(book, CHECKLIST) == [*ids(US, CHECKLIST), "NEW/made-up"]
        assert [statement.id for statement in book.statements] == [*(statement.id for statement in US.statements), "NEW"]
        (made_up,) = [reason for reason in book[CHECKLIST](1).reasons if reason.row == "NEW/made-up"]
        assert made_up.citation is not None
        assert (made_up.citation.source, made_up.citation.section) == ("us-made-up", "5.9")

    def test_a_new_question(self) -> None:
        """A question that the book before it left out is answered by the new rows, and by nothing else."""
        assert BY_HYPERSENSITIVITY not in US.rows
        rows = {
            BY_HYPERSENSITIVITY: (
                Row("CONTRA/known", {HYPERSENSITIVE: True}, Eligibility.EXCLUDED, "A made-up contraindication."),
                Row("CONTRA/none", {HYPERSENSITIVE: False}, Eligibility.ELIGIBLE, "No hypersensitivity."),
            )
        }
        book = US.revised(NEW, rows=rows)
        assert book[BY_HYPERSENSITIVITY](True).unwrap() == "excluded"
        assert list(book.rows) == [*US.rows, BY_HYPERSENSITIVITY]

    def test_a_row_is_taken_out(self) -> None:
        """An id with a slash takes out that row; its statement and its other rows stay."""
        book = US.revised(NEW, without=("T1-C1D1/near",))
        assert ids(book, MONITORING) == [row for row in ids(US, MONITORING) if row != "T1-C1D1/near"]
        assert book.statements == US.statements
        assert monitoring_duration("C1D1", events=(), rulebook=US).unwrap().near_care is not None
        assert monitoring_duration("C1D1", events=(), rulebook=book).unwrap().near_care is None

    def test_a_statement_is_taken_out_with_its_rows(self) -> None:
        """An id without a slash takes out the statement and every row of it, in each question that has one."""
        book = US.revised(NEW, without=["VIALS"])
        assert [each.id for each in US.statements if each not in book.statements] == ["VIALS"]
        gone = [row.id for question in US.rows for row in US.rows[question] if row not in book.rows[question]]
        assert gone == ["VIALS/1", "VIALS/10"]

    def test_both_books_together(self) -> None:
        """Ids are the same in both; the source distinguishes them: the stricter answer is used, with the other as dissent."""
        for stack in (self.longer.over(US), rulebooks.strictest([self.longer, US])):
            answer = stack[NEXT_DOSE](Role.STEP_UP, 16)
            assert answer.unwrap().restart
            cited = [(reason.citation.source, reason.row) for reason in answer.reasons if reason.citation]
            assert cited == [("us-2025-11", "T4-C1D1/restart")]
            dissent = {each.rulebook for each in answer.dissent}
            assert dissent == {"us-made-up"}
            assert {reason.citation.source for each in answer.dissent for reason in each.reasons if reason.citation} == {"us-made-up"}

    def test_a_revision_is_a_book(self) -> None:
        """It is about the same drug, reads the same scale, can be asked, traced, revised again, and be the base of a policy."""
        assert (self.longer.drug, self.longer.lab_scale, self.longer.name) == (US.drug, "ctcae-5.0", "us-made-up")
        assert (
            next_dose([], planned_start=None, rulebook=self.longer).unwrap().amount
            == next_dose([], planned_start=None, rulebook=US).unwrap().amount
        )
        assert (self.longer.revises, US.revises) == ("us-2025-11", "")
        assert [each.statement for each in trace(self.longer)] == list(self.longer.statements)
        assert all(row.cases == () for each in trace(self.longer) for row in each.rows)
        again = self.longer.revised(evolve(NEW, name="us-made-up-2"), rows={NEXT_DOSE: restart(14)})
        assert again.revises == "us-made-up"
        assert diff(US, again).changes == ()
        strict = self.longer.overlay("ours", {BY_AGE: (Row("P/young", {AGE: between(18, 20)}, Eligibility.EXCLUDED, "From 20."),)})
        assert eligibility(Patient(age_years=19), rulebook=strict).possible[0] == "excluded"

    def test_a_scale_reads_its_own(self) -> None:
        """A revision of a scale of laboratory grades grades by itself; of another scale, the scale stays."""
        assert rulebooks.get("ctcae-5.0").revised(NEW).lab_scale == "us-made-up"
        assert rulebooks.get("astct-2019").revised(NEW).lab_scale == "ctcae-5.0"


class TestRefused:
    """What cannot be revised so, each with the place, the fault, and what to do."""

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"source": "us-2026"}, r"source: 'us-2026' is not a Source; pass Source\("),
            ({"statements": SAID}, r"statements: Statement\(.* is not a list; pass a tuple of statements"),
            ({"statements": "T4"}, "statements: 'T4' is not a list"),
            ({"statements": ("T4",)}, r"statements\[0\]: 'T4' is not a Statement; pass Statement\(id, section, text\)"),
            ({"statements": (evolve(SAID, text=NO_TEXT),)}, r"statements\[0\]\.text: 7 is not text"),
            ({"rows": [*restart(20)]}, "rows: .* is not a mapping"),
            ({"rows": {"next_dose": restart(20)}}, "rows: 'next_dose' is not a question"),
            ({"rows": {NEXT_DOSE: restart(20)[0]}}, "rows: the rows of 'next_dose' are not a tuple"),
            ({"rows": {NEXT_DOSE: ("T4",)}}, r"rows\['next_dose'\]\[0\]: 'T4' is not a Row"),
            ({"rows": {NEXT_DOSE: (evolve(restart(20)[0], then="10 mg"),)}}, r"rows\['next_dose'\]\[0\]\.then: '10 mg' is of another type"),
            ({"without": "T3-LATER"}, "without: 'T3-LATER' is not a list; pass a tuple of ids"),
            ({"without": ("CYP", None)}, r"without\[1\]: None is not text"),
        ],
    )
    def test_types(self, arguments: dict[str, Any], message: str) -> None:
        """Another type than is asked for is a type error that names the place."""
        with pytest.raises(FieldTypeError, match=message):
            revised(arguments)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"source": evolve(NEW, revision=" ")}, r"source\.revision: is blank"),
            (
                {"source": evolve(NEW, name="us-2025-11")},
                r"source\.name: 'us-2025-11' is the book that is revised; give the revision a name",
            ),
            ({"statements": (evolve(SAID, section=""),)}, r"statements\[0\]\.section: is blank"),
            ({"statements": (evolve(SAID, instead_of_row=" "),)}, r"statements\[0\]\.instead_of_row: is blank"),
            ({"statements": (evolve(SAID, id="T4-C1D1/x"),)}, r"statements\[0\]\.id: 'T4-C1D1/x' is the id of a row; leave out the slash"),
            ({"statements": (SAID, SAID)}, r"statements\[1\]\.id: 'T4-C1D1' stands there twice; leave one of the two out"),
            ({"statements": (SAID,), "without": ("T4-C1D1",)}, r"statements\[0\]\.id: 'T4-C1D1' is taken out by without"),
            ({"rows": {NEXT_DOSE: restart(20) * 2}}, r"rows\['next_dose'\]\[2\]\.id: 'T4-C1D1' stands there twice"),
            (
                {"rows": {NEXT_DOSE: restart(20)}, "without": ("T4-C1D1",)},
                r"rows\['next_dose'\]\[0\]\.id: 'T4-C1D1' is taken out by without",
            ),
            (
                {"rows": {NEXT_DOSE: (evolve(restart(20)[0], milder_because="It is."),)}},
                r"rows\['next_dose'\]\[0\]\.milder_because: is for the rows of a policy, .*; say why in interpretation",
            ),
        ],
    )
    def test_values(self, arguments: dict[str, Any], message: str) -> None:
        """A blank, an id that occurs twice or on both sides, and keys of a policy are errors of their field."""
        with pytest.raises(FieldError, match=message):
            revised(arguments)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"without": ("CYP", "T9-NONE")}, r"us-2025-11 has no statement 'T9-NONE' that without\[1\] could take out; correct the id"),
            ({"without": ("T1-C1D1/none",)}, r"us-2025-11 has no row 'T1-C1D1/none' that without\[0\] could take out"),
            ({"without": ("LACTATION/none",)}, "exactly one row must answer each cell; breastfeeding False: no row"),
            ({"without": ("LACTATION",)}, "exactly one row must answer each cell"),
            ({"rows": {NEXT_DOSE: restart(20)[:1]}}, "days 15 to 20: T4-C1D1 and T4-C1D1/restart"),
            ({"rows": {NEXT_DOSE: restart(20)[1:]}}, "days 15 to 20: no row"),
            ({"rows": {CHECKLIST: (Row("NEW", {}, MORE, "."),)}}, "us-made-up has no statement 'NEW'; add it to the statements"),
            (
                {"rows": {BY_LACTATION: (Row("LACTATION", {AGE: between(0, 1)}, Eligibility.EXCLUDED, "."),)}},
                "LACTATION has a condition on age_years, which the question does not ask about",
            ),
        ],
    )
    def test_tables(self, arguments: dict[str, Any], message: str) -> None:
        """An id that is not there, a gap, an overlap, a missing statement and a stray fact do not compile, and name their place."""
        with pytest.raises(TableError, match=message):
            revised(arguments)

    def test_a_worse_fact_with_a_milder_answer(self) -> None:
        """A revision in which grade 4 is milder than grade 3 is refused unless the row says why, as in any book."""
        infection = TOXICITY_ACTION[Toxicity.INFECTION]
        (row,) = (row for row in US.rows[infection] if row.id == "T7-INFECTION-4")
        milder = evolve(row, then=ToxicityAction(DoseAction.CONTINUE))
        with pytest.raises(TableError, match=r"us-made-up: toxicity_action, infection, .*a worse one has a milder answer \(action\)"):
            US.revised(NEW, rows={infection: (milder,)})
        assert US.revised(NEW, rows={infection: (evolve(milder, excepted={GRADE: ("action",)}),)}).name == "us-made-up"

    @pytest.mark.parametrize(
        "book",
        [
            rulebooks.default(),
            rulebooks.get(PAGE).overlay("ours", {BY_AGE: (Row("P/young", {AGE: between(18, 20)}, Eligibility.EXCLUDED, "From 20."),)}),
        ],
        ids=["stack", "policy"],
    )
    def test_only_a_single_book(self, book: Rulebook) -> None:
        """A stack has several sources, and a policy has its own way to change: neither has a revision."""
        with pytest.raises(TableError, match=f"{book.name} is no single book, so it has no revision; revise a book that it is made of"):
            book.revised(NEW)


class TestLaws:
    """What holds whatever is revised."""

    @pytest.mark.parametrize("name", rulebooks.names())
    @given(st.data())
    def test_nothing_changes_nothing(self, name: str, data: st.DataObject) -> None:
        """A revision that says again what stood there changes the source and nothing else."""
        book = rulebooks.get(name)
        questions = data.draw(st.lists(st.sampled_from(list(book.rows)), max_size=2))
        rows = {question: tuple(row for row in book.rows[question] if data.draw(st.booleans())) for question in questions}
        statements = [statement for statement in book.statements[:5] if data.draw(st.booleans())]
        before, after = rulebook_document(book), rulebook_document(book.revised(NEW, statements=statements, rows=rows))
        source = after.pop("source")
        assert source == {"name": "us-made-up", "title": "An invented revision", "publisher": "nobody", "revision": "00/0000"}
        for document in (before, after):
            for of_source in ("name", "lab_scale", "source"):
                document.pop(of_source, None)
        assert before == after

    @pytest.mark.parametrize("name", rulebooks.names())
    def test_no_cell_differs(self, name: str) -> None:
        """In every cell of every question a revision that changes nothing answers as the book before it."""
        book = rulebooks.get(name)
        assert diff(book, book.revised(NEW, rows=book.rows, statements=book.statements)).changes == ()

    @given(st.integers(0, 60), st.integers(0, 70))
    def test_what_changes_is_what_is_said(self, limit: int, day: int) -> None:
        """With another limit after 1 mg, the days between the two limits have another answer, and no other day."""
        book = US.revised(NEW, rows={NEXT_DOSE: restart(limit)})
        between_them = min(limit, 14) < day <= max(limit, 14)
        one, other = (each[NEXT_DOSE](Role.STEP_UP, day).unwrap() for each in (US, book))
        assert (one != other) is between_them
        assert other.restart is (day > limit)
        assert len(diff(US, book).changes) == (limit != 14)

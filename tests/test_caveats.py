"""A caveat: what a reader must know before relying on a row, shown wherever an answer rests on it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given
from rich.console import Console

from helpers import DEFAULT, DRUG_BOOKS, PAGE
from tarlatamab_rules import (
    Case,
    Decided,
    Decision,
    DoseAssessment,
    GivenDose,
    LabResult,
    NeedsData,
    NotCovered,
    Patient,
    Span,
    ToxicityEvent,
    Verdict,
    assess_case,
    compare,
    lab_standings,
    labs_due,
    monitoring_duration,
    premedication_plan,
    rulebooks,
    strategies,
    toxicity_action,
)
from tarlatamab_rules.answers import LabStanding, MonitoringPlan, Reason
from tarlatamab_rules.assessment import AssessedLab
from tarlatamab_rules.assessment.what_if import WhatIf
from tarlatamab_rules.core.axes import Choices
from tarlatamab_rules.core.decisions import Dissent, DoseAction, dissent_of, strictest
from tarlatamab_rules.core.tables import Question, Row, Table
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.canonical import rulebook_document
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.facts import ROLE
from tarlatamab_rules.rulebooks.questions import MONITORING
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS, changed_by, newer_than
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown, rulebook_text, stack_markdown
from tarlatamab_rules.views.diagrams import decision_tree, tree_html, tree_text
from tarlatamab_rules.views.html import as_html
from tarlatamab_rules.views.markdown import as_markdown
from tarlatamab_rules.views.report import lab_part
from tarlatamab_rules.views.terminal import renderable
from tarlatamab_rules.views.text import as_text

US, FIRST_US = "us-2025-11", "us-2024-05"
SHORTER = (
    "A newer US revision, of September 2026, is not in this library. It shortens the monitoring after the first two doses. "
    "Its hours and wording are not confirmed. Check the label in force."
)
SALINE, THIRD, LABS, CRS_1, ACCELERATED = (
    f"A later revision, US 11/2025 (us-2025-11), changes this: {how}"
    for how in (
        "it gives the saline over a shorter time.",
        "it gives no saline after C1D15.",
        "in later cycles it requires these results before day 1 only.",
        "it lets dexamethasone be considered for grade 1.",
        (
            "the indication is no longer under accelerated approval. In this revision, the approval rests on response rate and duration of "
            "response."
        ),
    )
)
ROWS: Final = {
    (US, "T1-C1D1"): SHORTER,
    (US, "T1-C1D1/near"): SHORTER,
    (US, "T1-C1D8"): SHORTER,
    (US, "T1-C1D8/near"): SHORTER,
    (FIRST_US, "U24-IND/adult"): ACCELERATED,
    (FIRST_US, "U24-IND/cancer"): ACCELERATED,
    (FIRST_US, "U24-IND/progressed"): ACCELERATED,
    (FIRST_US, "U24-T1-C1D1"): SHORTER,
    (FIRST_US, "U24-T1-C1D1/near"): SHORTER,
    (FIRST_US, "U24-T1-C1D8"): SHORTER,
    (FIRST_US, "U24-T1-C1D8/near"): SHORTER,
    (FIRST_US, "U24-SALINE"): SALINE,
    (FIRST_US, "U24-SALINE/third"): THIRD,
    (FIRST_US, "U24-LABS"): LABS,
    (FIRST_US, "U24-CRS-1"): CRS_1,
}
"""By hand, from what is known of the revisions: the rows that a later one changes."""
ALL_BOOKS = f"strictest of {', '.join(DRUG_BOOKS)}"
ONLY_IF = Reason("guard/by-name", "The dose is taken by its name.", caveat="if there was no restart")


def caveats_by_hand(reasons: Iterable[Reason]) -> set[str]:
    """The caveats of the rows behind an answer; two revisions of one label have the same ids, so a row is known by its source too."""
    cited = {(reason.citation.source, reason.row) for reason in reasons if reason.citation}
    return {ROWS[row] for row in cited & ROWS.keys()}


def views(value: object) -> Iterator[str]:
    """The full report of a value as text, HTML, Markdown and in colour, without the characters that escaping adds."""
    yield as_text(value, full=True)
    yield as_html(value).rpartition("<summary>The full report</summary>")[2].replace("&#x27;", "'")
    yield as_markdown(value, full=True).replace("\\", "")
    console = Console(file=io.StringIO(), width=10_000)
    console.print(renderable(value, full=True))
    yield console.file.getvalue()  # type: ignore[attr-defined]  # the buffer of above


class TestRows:
    """Which rows carry a caveat, and what their answers say."""

    def test_rows_that_a_later_revision_changes(self) -> None:
        """The hours and near care after the first two doses, and what the first revision says otherwise than the second; no other."""
        books = [rulebooks.get(name) for name in rulebooks.names()]
        found = {(book.name, row.id): row.caveat for book in books for rows in book.rows.values() for row in rows if row.caveat}
        assert found == ROWS

    def test_amount_has_no_caveat(self) -> None:
        """The newer revision shortens the monitoring; nothing is known of another amount."""
        for book in (US, FIRST_US):
            assert not any(
                row.caveat for question, rows in rulebooks.get(book).rows.items() if question.name == "next_dose" for row in rows
            )

    @pytest.mark.parametrize("book", [None, DEFAULT, US, FIRST_US, ALL_BOOKS])
    @pytest.mark.parametrize(
        ("point", "role", "caveats"),
        [
            ("C1D1", None, (SHORTER,)),
            ("C1D8", None, (SHORTER,)),
            ("C2D1", "later", ()),
            ("C1D15", "later", ()),
            ("C1D15", "first-full", (SHORTER,)),
        ],
    )
    def test_monitoring(self, book: str | None, point: str, role: Any, caveats: tuple[str, ...]) -> None:
        """After the first two doses the answer says that a newer label exists, by the label, by the first one and by default."""
        assert monitoring_duration(point, role=role, rulebook=book).caveats == caveats

    @pytest.mark.parametrize("book", [PAGE, "eu-2026"])
    def test_other_sources(self, book: str) -> None:
        """The page and the EU label are other sources, which a revision of the US label does not change."""
        assert monitoring_duration("C1D1", rulebook=book).caveats == ()

    def test_after_a_restart(self) -> None:
        """After a restart the hours of the first dose come back, whatever the dose is called, and so does their caveat."""
        course = [GivenDose("C1D1", datetime(2025, 1, 6, 9, tzinfo=UTC), amount="1 mg")]
        found = monitoring_duration("C1D8", course=course, planned_start=datetime(2025, 3, 3, 9, tzinfo=UTC), rulebook=US)
        assert [reason.row for reason in found.reasons] == ["T1-C1D1", "T1-C1D1/setting", "T1-C1D1/near"]
        assert found.caveats == (SHORTER,)

    def test_first_revision(self) -> None:
        """In the first revision, the saline, the results before a dose and grade 1 CRS have a caveat that the second changes them."""
        assert premedication_plan("C1D1", rulebook=FIRST_US).caveats == (SALINE,)
        assert premedication_plan("C1D15", role="later", rulebook=FIRST_US).caveats == (THIRD,)
        assert premedication_plan("C1D1", rulebook=US).caveats == ()
        assert labs_due("C7D15", rulebook=FIRST_US).caveats == (LABS,)
        crs = toxicity_action(ToxicityEvent("crs", grade=1, status="active"), rulebook=FIRST_US)
        assert isinstance(crs, NotCovered)
        assert crs.caveats == (CRS_1,)

    def test_note_and_caveat_do_not_drift(self) -> None:
        """What the assessment notes of the newer revision is what the rows carry."""
        (revision,) = (revision for revision in REVISIONS if revision.rulebook is None)
        assert revision.note == SHORTER
        assert newer_than(revision.since) == (revision,)

    def test_changed_by(self) -> None:
        """The caveat names the later revision and its rulebook."""
        assert changed_by("us-2024-05", "it adds hours.") == "A later revision, US 05/2024 (us-2024-05), changes this: it adds hours."

    def test_content_of_a_book(self) -> None:
        """A caveat is content: it is in the canonical form of its row, and a row without one is written as before."""
        rows = [row for question in rulebook_document(rulebooks.get(FIRST_US))["questions"] for row in question["rows"]]
        assert {row["id"]: row["caveat"] for row in rows if "caveat" in row} == {
            row: ROWS[book, row] for book, row in ROWS if book == FIRST_US
        }

    def test_policy(self) -> None:
        """A row of a policy of one's own may carry a caveat as well; that of the row below it stays."""
        row = Row("H-1", {ROLE: frozenset(ROLE.members)}, MonitoringPlan(observe=Span(48, 48, "h")), "Two days.", caveat="until the audit")
        found = monitoring_duration("C1D1", rulebook=rulebooks.get(US).overlay("our-hospital", {MONITORING: (row,)}, title="Ours"))
        assert found.caveats == ("until the audit", SHORTER)


class TestAnswers:
    """How caveats reach an answer."""

    @pytest.mark.parametrize(
        "answer",
        [Decided(1, (ONLY_IF, ONLY_IF)), NeedsData(("course",), (1, 2), (ONLY_IF,)), NotCovered((ONLY_IF,))],
        ids=["decided", "needs-data", "not-covered"],
    )
    def test_of_reasons(self, answer: Decision[int]) -> None:
        """Every kind of answer has the caveats of its reasons, each once; a safeguard of ours may have one."""
        assert answer.caveats == ("if there was no restart",)
        assert all("if there was no restart" in view for view in views(answer))

    def test_of_dissent(self) -> None:
        """What another book says instead may carry a caveat as well, and it shows."""
        dissent = Dissent("other", "", 2, (Reason("R", "Two.", caveat="until 2030"),))
        for answer in (Decided(1, (), (dissent,)), NeedsData(("a",), (1, 3), (), (dissent,)), NotCovered((), (dissent,))):
            assert answer.caveats == ("until 2030",)
            assert all("until 2030" in view for view in views(answer))

    def test_none(self) -> None:
        """Without a caveat nothing is shown."""
        answer = Decided(1, (Reason("R", "One."),))
        assert answer.caveats == ()
        assert not any("caveat" in view.lower().replace(".caveat", "") for view in views(answer))

    def test_same_dissent_with_a_caveat(self) -> None:
        """Where two parts dissent alike, and the rows of the second alone have a caveat, both stand."""
        plain, warned = (Dissent("other", "", 2, (Reason(caveat or "R", "Two.", caveat=caveat),)) for caveat in ("", "until 2030"))
        parts = [Decided(1, (), (each,)) for each in (plain, warned)]
        assert dissent_of(parts) == (plain, warned)

    def test_strictest(self) -> None:
        """What does not decide has no say, and so no caveat; what decides keeps it."""
        hold = Decided(DoseAction.WITHHOLD, (Reason("H", "Hold."),))
        go_on = Decided(DoseAction.CONTINUE, (ONLY_IF,))
        assert strictest([hold, go_on]).caveats == ()
        assert strictest([hold, evolve(hold, reasons=(ONLY_IF,))]).caveats == ("if there was no restart",)

    @pytest.mark.parametrize("then", [2, None])
    def test_unknown_facts(self, then: int | None) -> None:
        """If every value of an unknown fact gives one answer, the caveat of a row for some of them stays."""
        axis = Choices("side", ("left", "right"))
        rows = (
            Row("ALWAYS", {}, then, "Whatever the side."),
            Row("LEFT", {axis: "left"}, then, "On the left.", caveat="on the left only"),
        )
        table = Table(Question("q", (axis,), int, fold=max), rows, lambda row: Reason(row.id, row.says, caveat=row.caveat))
        assert [reason.row for reason in table(None).reasons] == ["ALWAYS", "LEFT"]
        assert (table("left").caveats, table("right").caveats, table(None).caveats) == (("on the left only",), (), ("on the left only",))

    @pytest.mark.parametrize("then", [2, None])
    def test_unknown_facts_without_a_common_row(self, then: int | None) -> None:
        """If no row covers all values of an unknown fact, every row that may apply is named."""
        axis = Choices("side", ("left", "right"))
        rows = (Row("LEFT", {axis: "left"}, then, "Left.", caveat="on the left only"), Row("RIGHT", {axis: "right"}, then, "Right."))
        table = Table(Question("q", (axis,), int), rows, lambda row: Reason(row.id, row.says, caveat=row.caveat))
        assert [reason.row for reason in table(None).reasons] == ["LEFT", "RIGHT"]
        assert table(None).caveats == ("on the left only",)


def answers_of(assessment: DoseAssessment) -> Iterator[Decision[Any]]:
    """Every answer in an assessment."""
    yield assessment.eligibility
    yield assessment.dose
    yield assessment.next_dose
    yield assessment.labs
    yield assessment.premedication
    yield assessment.infusion
    yield assessment.checklist
    yield assessment.monitoring
    yield assessment.contraception
    yield from (lab.grade for lab in assessment.graded)
    yield from (found.action for found in assessment.toxicities)


def rests_on(answer: Decision[Any]) -> set[str]:
    """The caveats, by hand, of the rows behind an answer and behind what a book says instead."""
    reasons = [*answer.reasons, *(reason for each in answer.dissent for reason in each.reasons)]
    return caveats_by_hand(reasons)


class TestLaws:
    """What holds of any case, in every book."""

    @pytest.mark.parametrize("book", [US, FIRST_US, DEFAULT, ALL_BOOKS])
    @given(case=strategies.cases())
    def test_every_answer_and_every_view(self, book: str, case: Case) -> None:
        """An answer has exactly the caveats of the rows that it rests on, and every view of the assessment prints each of them."""
        assessment = assess_case(case, rulebook=book)
        expected: set[str] = set()
        for answer in answers_of(assessment):
            assert set(answer.caveats) == rests_on(answer)
            expected |= set(answer.caveats)
        for view in views(assessment):
            assert {caveat for caveat in ROWS.values() if caveat in view} >= expected
        written = json.dumps(assessment_document(assessment))
        assert all(json.dumps(caveat)[1:-1] in written for caveat in expected)

    @pytest.mark.parametrize("book", [*rulebooks.names(), DEFAULT, ALL_BOOKS])
    def test_every_cell(self, book: str) -> None:
        """In every cell of every table the caveats are those of the rows behind it."""
        compiled = rulebooks.get(book)
        for question in compiled.rows:
            for answer in compiled[question].answers.values():
                reasons = [*answer.reasons, *(reason for each in answer.dissent for reason in each.reasons)]
                assert set(answer.caveats) == caveats_by_hand(reasons)
                assert len(answer.caveats) == len(set(answer.caveats))


class TestViews:
    """Where a caveat is shown beside the answer itself."""

    def test_monitoring(self) -> None:
        """Every view of the hours after C1D1 prints it once."""
        for view in views(monitoring_duration("C1D1")):
            assert view.count(SHORTER) == 1

    def test_assessment(self) -> None:
        """So does every view of an assessment, also of a day before the newer revision."""
        assessment = assess_case(Case(patient=Patient(), point="C1D1", planned_start=datetime(2026, 1, 5, 9, tzinfo=UTC)))
        assert not any("newer US revision" in note for note in assessment.notes)
        for view in views(assessment):
            assert view.count(SHORTER) == 1

    def test_reasons_and_dissent(self) -> None:
        """A reason, and what another book says, show it where they are printed alone."""
        for value in (ONLY_IF, Dissent("other", "", 2, (ONLY_IF,))):
            assert all("if there was no restart" in view for view in views(value))

    def test_standing_of_a_result(self) -> None:
        """A result that a dose asks for shows the caveat of the row that asks for it."""
        standing = next(each for each in lab_standings("C1D1", (), rulebook=FIRST_US) if each.analyte == "alt")
        assert isinstance(standing, LabStanding)
        assert all(LABS in view for view in views(standing))

    def test_result_with_a_caveat(self) -> None:
        """A graded result prints the caveats of its grade, by itself and in the table of a report."""
        (lab, *_) = assess_case(_with_a_result()).graded
        warned = evolve(lab, grade=evolve(lab.grade, reasons=(ONLY_IF,)))
        assert isinstance(warned, AssessedLab)
        assert lab_part(warned).caveats == ("if there was no restart",)
        assert all("if there was no restart" in view for view in views(warned))
        assert all("if there was no restart" in view for view in views(evolve(assess_case(_with_a_result()), graded=(warned,))))

    @pytest.mark.parametrize("verdict", [Verdict.NEEDS_DATA, Verdict.WITHHOLD])
    def test_head_of_a_report(self, verdict: Verdict) -> None:
        """A safeguard that the verdict comes from shows its caveat at the head."""
        assessment = assess_case(Case(patient=Patient(), point="C1D1"))
        vote = evolve(assessment.votes[0], part="guard", verdict=verdict, reasons=(ONLY_IF,))
        for view in views(evolve(assessment, votes=(vote,))):
            assert "if there was no restart" in view

    def test_safeguard_of_a_toxicity(self) -> None:
        """A safeguard behind the vote of a toxicity shows its caveat with the toxicity."""
        case = Case(patient=Patient(), point="C1D8", events=(ToxicityEvent("crs", grade=1, status="active"),))
        assessment = assess_case(case)
        votes = tuple(evolve(vote, reasons=(ONLY_IF,)) if vote.part == "events[0]" else vote for vote in assessment.votes)
        for view in views(evolve(assessment, votes=votes)):
            assert "if there was no restart" in view

    def test_what_if(self) -> None:
        """A change by another fact shows the caveats behind the new verdict."""
        assessment = assess_case(Case(patient=Patient(), point="C1D1"))
        warned = evolve(assessment, votes=(evolve(assessment.votes[0], reasons=(ONLY_IF,)),))
        change = WhatIf("ordered", "10 mg", warned)
        assert all("if there was no restart" in view for view in views(change))

    def test_comparison(self) -> None:
        """A comparison shows it beside the answer of each book, and a caveat alone is no difference."""
        found = compare(Case(patient=Patient(), point="C1D1"), [PAGE, US])
        (monitoring,) = (part for part in found.parts if part.part == "monitoring")
        assert monitoring.caveats == ((), (SHORTER,))
        assert str(found).count(f"; caveat: {SHORTER}") == 1
        assert all(view.count(SHORTER) == 1 for view in views(found))
        (labs,) = (
            part for part in compare(Case(patient=Patient(), point="C1D1"), [FIRST_US, _without_caveats()]).parts if part.part == "labs"
        )
        assert labs.agrees
        assert labs.words[0] == f"{labs.words[1]}; caveat: {LABS}"

    def test_pages_of_a_rulebook(self) -> None:
        """The pages of a rulebook have it beside the row, and so has the text of the command line."""
        for page in (rulebook_text(US), matrix_markdown(US)):
            assert page.count(SHORTER) == 4
        rows = [line for line in rulebook_markdown(US).splitlines() if line.startswith("| T1-C1D") and SHORTER in line]
        assert [line.split(" | ")[0] for line in rows] == ["| T1-C1D1", "| T1-C1D1/near", "| T1-C1D8", "| T1-C1D8/near"]
        assert all(f"**Caveat:** {SHORTER}" in line for line in rows)

    def test_page_of_a_stack(self) -> None:
        """If several books answer together, the caveat is shown with the answer."""
        first_doses = "</span>dose: **C1D1, C1D8**<br>role of the dose: **step-up or first-full** | monitor"
        lines = [line for line in stack_markdown(DEFAULT).splitlines() if first_doses in line]
        assert lines
        assert all(f"**Caveat:** {SHORTER}" in line for line in lines)

    @pytest.mark.parametrize("rows", [True, False])
    def test_diagrams(self, *, rows: bool) -> None:  # a parameter of the test
        """A decision diagram has it in the box of the answer, and no other box shares that."""
        tree = decision_tree(rulebooks.get(US)[MONITORING], rows=rows)
        assert tree is not None
        with_it = [line for line in tree_text(tree).splitlines() if SHORTER in line]
        assert with_it
        assert all("T1-C1D1" in line or "T1-C1D8" in line for line in with_it)
        assert SHORTER in tree_html(tree)

    def test_no_caveat_where_nothing_changes(self) -> None:
        """An answer that no known revision changes is printed without one."""
        answer = monitoring_duration("C2D1", role="later", rulebook=US)
        assert not any("caveat" in view.lower().replace(".caveat", "") for view in views(answer))


def _with_a_result() -> Case:
    """A case with a low platelet count of the day before."""
    start, drawn = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 4, 9, tzinfo=UTC)
    return Case(patient=Patient(), point="C1D1", planned_start=start, labs=(LabResult("platelets", "60 10*9/L", drawn),))


def _without_caveats() -> Rulebook:
    """The first revision, as if nothing were known to change it."""
    book = rulebooks.get(FIRST_US)
    rows = {question: tuple(evolve(row, caveat="") for row in each) for question, each in book.rows.items()}
    return Rulebook(evolve(book.source, name="as-read"), book.statements, rows, lab_scale=book.lab_scale, drug=book.drug)

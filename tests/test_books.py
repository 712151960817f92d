"""Rulebooks for readers: on the command line, and as pages of the documentation."""

from __future__ import annotations

import re

import pytest

from helpers import PAGE
from tarlatamab_rules import Amount, rulebooks
from tarlatamab_rules.answers import InfusionPlan, LabsDue, Statement
from tarlatamab_rules.core.evidence import Source
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.facts import POINT, points
from tarlatamab_rules.rulebooks.questions import BY_AGE, PREMEDICATION
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS
from tarlatamab_rules.values.wording import facts_in_words, in_words
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown, rulebook_text, stack_markdown


def test_cells_are_counted() -> None:
    """The page of a book says how many cells its tables answer."""
    assert (
        "Each of 278 combinations of facts is answered once; 183 of them are left open. 217 further combinations cannot occur."
        in rulebook_markdown(PAGE)
    )


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_row_is_in_the_tables(name: str) -> None:
    """Each row stands in the page of its book once, with its answer, in a table that Markdown can read."""
    page = rulebook_markdown(name)
    for rows in rulebooks.get(name).rows.values():
        for row in rows:
            assert page.count(f"| {row.id} | ") == 1
    tables, *without = page.split("## Statements without a row")
    for part, width in ((tables, 6), *((rest, 4) for rest in without)):
        assert {line.replace("\\|", "").count("|") for line in part.splitlines() if line.startswith("|")} == {width}
    assert "<0" not in page
    assert "None" not in page


def test_matrix() -> None:
    """The matrix has a heading for every statement, its rows with what they answer, and its tests."""
    page = matrix_markdown(PAGE)
    statements = [each.id for each in rulebooks.get(PAGE).statements]
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == statements
    assert [anchor.upper() for anchor in re.findall(r"^\((.*)\)=$", page, re.MULTILINE)] == statements
    function = "{py:func}`~tarlatamab_rules.contraception_window`"
    assert f"| PRG-2 | {function} | childbearing potential: yes | use contraception until 2 months after the last dose |" in page
    assert f"| PRG-2/none | {function} | childbearing potential: no | *the source does not say* |" in page
    assert " | 9 in [contraception](cases/contraception.md) |" in page
    assert "No row. The disclaimer that every report carries: `DISCLAIMER`. Revisions are dated." in page
    assert "whom to consult; and it is dated by its source. (`tests/test_traceability.py::test_disclaimer`)\n" in page


def test_a_book_without_cases() -> None:
    """A book of one's own can be read as well; where nothing is checked by hand, that is said."""
    book = Rulebook(
        Source("mine", "Mine", "Me", "1"), (Statement("A-1", "One", "a"),), {BY_AGE: (Row("A-1", {}, None, "Silent."),)}, "ctcae-5.0"
    )
    assert rulebook_text(book).splitlines()[-3:] == [
        "  A-1: eligibility, any case",
        "    -> the source does not say",
        "    no case of its own",
    ]
    assert "| A-1 | any case | *the source does not say*<br>*Silent.* | *One.* a |  |" in rulebook_markdown(book)


def test_a_row_on_its_page() -> None:
    """A row has its facts, its answer in words, the statement with its section, and how that was read."""
    page = rulebook_markdown(PAGE)
    assert (
        "| MON-2 | dose: **C1D1, C1D8** | with a caregiver and within 1 h of a medical facility for 48 h from infusion end<br>"
        "*With a caregiver, close to a medical facility.* | *Monitoring: cytokine release syndrome.* "
    ) in page
    assert "| Within 48 hours is read as for 48 hours, counted from the end of the infusion as in MON-1. |" in page
    assert "| DRUG-1 | *Introduction.* Tarlatamab is a bispecific T-cell engager of DLL3 and CD3. |" in page.partition("without a row")[2]


def test_what_is_not_settled_says_so() -> None:
    """A row of which the source does not settle what to do is told apart from one of which it says nothing."""
    page = rulebook_markdown("us-2024-05")
    assert "| U24-OPEN/lactation | any case | *not settled*<br>*What breast-feeding means for eligibility.* |" in page
    assert "| not settled: What the revision of 05/2024 says of it was not confirmed. |" in page
    text = rulebook_text("us-2024-05")
    assert "    -> not settled\n    not settled: What the revision of 05/2024 says of it was not confirmed.\n" in text


def test_what_a_table_is_about() -> None:
    """The titles of one function's tables differ by subject; a laboratory value has its unit."""
    assert "\n### icans or neurotoxicity\n" in rulebook_markdown(PAGE)
    assert rulebook_markdown(PAGE).count("\n### what has no rows of its own\n") == 1
    assert "\n### by ICE score, " in rulebook_markdown(PAGE)
    assert "| neutrophil-count-decreased/4 | value in 10\\*9/L: **0 to &lt; 0.5** | grade 4<br>" in rulebook_markdown("ctcae-5.0")


def test_headings_for_who_reads_no_python() -> None:
    """Each function has a heading in words, and the page a list of them; an older revision says that it is superseded."""
    page = rulebook_markdown("us-2024-05")
    assert "\n- [How long to watch](#how-long-to-watch-monitoring_duration)\n" in page
    assert "\n## How long to watch: monitoring_duration\n" in page
    assert "All rows that fit a case hold together" in page
    newest = [revision.rulebook for revision in REVISIONS if revision.rulebook is not None][-1]
    assert f"**Superseded** by [{newest}]({newest}.md)." in page
    assert "Superseded" not in rulebook_markdown(newest)
    assert "Superseded" not in rulebook_markdown(PAGE)


def test_a_row_that_adds_nothing() -> None:
    """A row that says again what others order is told apart from one by which there is nothing to do."""
    assert "| PRE-3 | dose: **C1D1, C1D8, C1D15** | *adds nothing of its own*<br>" in rulebook_markdown(PAGE)
    later = [line for line in rulebook_markdown("us-2025-11").splitlines() if line.startswith("| T3-LATER |")]
    assert len(later) == 1
    assert "| nothing<br>" in later[0]


def test_what_stands() -> None:
    """Of books that answer together: every answer, the facts under which it stands, the rows of all books, and who says otherwise."""
    page = stack_markdown()
    lines = [line for line in page.splitlines() if "role of the dose: **step-up**" in line and "MON-1" in line]
    assert lines[0].startswith(
        "| dose: **C1D1, C1D8**<br>role of the dose: **step-up**<br>worst cytokine release syndrome since the last dose: "
        "**0 or 1 or 2 or 3**<br>worst neurotoxicity since the last dose: **0 or 1 or 2 or 3** "
        "| observe for 22-24 h from infusion end, in hospital<br>"
    )
    assert "| MON-1, MON-2, T1-C1D1, T1-C1D1/setting, T1-C1D1/near | us-2025-11: anchor: infusion-start; " in lines[0]
    assert "None" not in page
    widths = {line.replace("\\|", "").count("|") for line in page.splitlines() if line.startswith("|")}
    assert widths == {5}
    assert "| not settled |" in page
    assert "| silent |" in page


def test_diagrams() -> None:
    """A question of several facts has a diagram, which leads to the rows of the page; one of a single fact has none."""
    page = rulebook_markdown("us-2025-11")
    assert page.count('<details class="diagram">') == page.count("</details>") > 10
    assert "<summary>Decision diagram: next_dose</summary>" in page
    assert 'href="#T4-C1D1/restart"' in page
    assert "Decision diagram: contraception_window" not in page
    assert "Decision diagram: toxicity_action, icans" in page
    assert "ice_score</summary>" not in rulebook_markdown("astct-2019")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row("a", {POINT: points("C1D1", "C1D8")}, None, ""), ["dose: C1D1, C1D8"]),
        (Row("a", {POINT: points("C1D1", "C2D1")}, None, ""), ["dose: C1D1 to C2D1"]),
        (Row("a", {POINT: points("C5D1")}, None, ""), ["dose: C5D1 and later"]),
        (Row("a", {POINT: points("C2D1", "C2D1")}, None, ""), ["dose: C2D1"]),
        (Row("a", {POINT: 3}, None, ""), ["dose: C1D15"]),
    ],
)
def test_facts(row: Row[object], expected: list[str]) -> None:
    """A dose is named by its point."""
    assert facts_in_words(PREMEDICATION, row.when) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (InfusionPlan(), []),
        (InfusionPlan(duration=Amount(1, "h"), pump=False, constant_rate=False), ["infusion over 1 h without a pump at a changing rate"]),
        (LabsDue(), []),
        (7, ["7"]),
    ],
)
def test_odd_values(value: object, expected: list[str]) -> None:
    """What no book of this release answers reads well all the same."""
    assert in_words(value) == expected

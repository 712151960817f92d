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
from tarlatamab_rules.rulebooks.questions import BY_AGE, BY_PREGNANCY, MONITORING, PREMEDICATION, TOXICITY_ACTION
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS
from tarlatamab_rules.values.conditions import facts_in_words
from tarlatamab_rules.values.wording import in_words
from tarlatamab_rules.views.books import matrix_markdown, rulebook_markdown, rulebook_text, stack_markdown
from tarlatamab_rules.views.standing import action_lines, line_ids, standing_lines

DEFAULT_STACK = rulebooks.default()


def test_cells_are_counted() -> None:
    """The page of a book says how many cells its tables answer."""
    assert "Of 278 possible combinations of facts, the rows settle 95 and leave 183 open. 217 more cannot occur." in rulebook_markdown(PAGE)


@pytest.mark.parametrize("name", rulebooks.names())
def test_every_row_is_in_the_tables(name: str) -> None:
    """Each row is once on the page of its book, with its answer, in a table that Markdown can read."""
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
    assert re.findall(r"^\| \[(.*?)\]\(#(.*?)\) ", page, re.MULTILINE) == [(statement, statement.lower()) for statement in statements]
    function = "{py:func}`~tarlatamab_rules.contraception_window`"
    assert f"| PRG-2 | {function} | childbearing potential: yes | use contraception until 2 months after the last dose |" in page
    assert f"| PRG-2/none | {function} | childbearing potential: no | *the source does not say* |" in page
    assert " | 9 in [contraception](cases/contraception.md) |" in page
    assert "No row. `DISCLAIMER` says this in every report. Every revision has its date." in page
    assert "whom to consult; and it is dated by its source. (`tests/test_traceability.py::test_disclaimer`)\n" in page


def test_a_book_without_cases() -> None:
    """A book of your own can be read as well; it says so if nothing is checked by hand."""
    book = Rulebook(
        Source("mine", "Mine", "Me", "1"), (Statement("A-1", "One", "a"),), {BY_AGE: (Row("A-1", {}, None, "Silent."),)}, "ctcae-5.0"
    )
    assert rulebook_text(book).splitlines()[-3:] == [
        "  A-1: eligibility, any case",
        "    -> the source does not say",
        "    no case of its own",
    ]
    assert "| A-1 | any case | *the source does not say*<br>*Silent.* | *One (address not confirmed).* a |  |" in rulebook_markdown(book)


def test_a_row_on_its_page() -> None:
    """A row has its facts, its answer in words, the statement with its section, and how that was read."""
    page = rulebook_markdown(PAGE)
    assert (
        "| MON-2 | dose: **C1D1, C1D8** | stay within 1 h of a medical facility, with a caregiver, for 48 h after the infusion ends<br>"
        "*The patient stays close to a medical facility, with a caregiver.* | *Monitoring: cytokine release syndrome "
        "(address not confirmed).* "
    ) in page
    assert '| "Within 48 hours" means for 48 h. They count from the end of the infusion, as in MON-1. |' in page
    assert (
        "| DRUG-1 | *Introduction (address not confirmed).* Tarlatamab binds DLL3 and CD3; it is a bispecific T-cell engager. |"
        in page.partition("without a row")[2]
    )


def test_what_is_not_settled_says_so() -> None:
    """A row that the source does not settle looks different from a row on which the source is silent."""
    page = rulebook_markdown("us-2024-05")
    assert "| U24-OPEN/lactation | any case | *not settled*<br>*What breast-feeding means for eligibility.* |" in page
    assert "| not settled: What the revision of 05/2024 says about this is not confirmed. |" in page
    text = rulebook_text("us-2024-05")
    assert "    -> not settled\n    not settled: What the revision of 05/2024 says about this is not confirmed.\n" in text


def test_what_a_table_is_about() -> None:
    """The titles of one function's tables differ by subject; a laboratory value has its unit."""
    assert "\n### ICANS or neurotoxicity\n" in rulebook_markdown(PAGE)
    assert rulebook_markdown(PAGE).count("\n### Everything without rows of its own\n") == 1
    assert "\n### By ICE score, " in rulebook_markdown(PAGE)
    assert "| neutrophil-count-decreased/4 | value in 10\\*9/L: **0 to &lt; 0.5** | grade 4<br>" in rulebook_markdown("ctcae-5.0")


def test_headings_for_who_reads_no_python() -> None:
    """Each function has a heading in words, and the page a list of them; an older revision says that it is superseded."""
    page = rulebook_markdown("us-2024-05")
    assert "\n- [How long to monitor](#how-long-to-monitor)\n" in page
    assert "\n## How long to monitor\n" in page
    assert "Every row that fits a case contributes a part of the answer." in page
    newest = [revision.rulebook for revision in REVISIONS if revision.rulebook is not None][-1]
    assert f"**Superseded** by [{newest}]({newest}.md)." in page
    assert "Superseded" not in rulebook_markdown(newest)
    assert "Superseded" not in rulebook_markdown(PAGE)


def test_a_row_that_adds_nothing() -> None:
    """A row that repeats the orders of others looks different from a row without orders."""
    assert "| PRE-3 | dose: **C1D1, C1D8, C1D15** | *adds nothing of its own*<br>" in rulebook_markdown(PAGE)
    later = [line for line in rulebook_markdown("us-2025-11").splitlines() if line.startswith("| T3-LATER |")]
    assert len(later) == 1
    assert "| nothing<br>" in later[0]


def test_what_the_default_says() -> None:
    """Each answer is one line: the facts that lead to it, the statements with a link to their rows, and what another source says."""
    page = re.sub(r'<span class="line" id="[^"]+"></span>', "", stack_markdown())
    lines = [
        line for line in page.splitlines() if line.startswith("| dose: **C1D1, C1D8**<br>role of the dose: **step-up or first-full** | ")
    ]
    monitored = [line for line in lines if "22 to 24 h after the infusion ends, in hospital" in line]
    assert len(monitored) == 1
    assert (
        '<a class="row-id" href="precautions-2025-09.html#MON-1">MON-1</a> After the infusions on days 1 and 8 of cycle 1' in monitored[0]
    )
    assert "| us-2025-11: counted from the start of the infusion; " in monitored[0]
    assert "None" not in page
    assert {line.replace("\\|", "").count("|") for line in page.splitlines() if line.startswith("| ") and "grade 1" not in line} <= {
        4,
        5,
        6,
    }
    assert "| not settled | " in page
    assert "| silent | " in page


def test_every_answer_of_the_default_has_one_line_on_its_page() -> None:
    """A form on the page finds the line of its answer by an id. Only answers about a death, and such as cannot be, have none."""
    book, page = rulebooks.default(), stack_markdown()
    ids = [(line, id(answer)) for question in book.rows for line, answers in line_ids(book[question]).items() for answer in answers]
    lines = dict.fromkeys(line for line, _ in ids)
    assert sorted(re.findall(r'<span class="line" id="([^"]+)"></span>', page)) == sorted(lines)
    assert len({(answer, line) for line, answer in ids}) == len({answer for _, answer in ids})
    pregnancy = line_ids(book[BY_PREGNANCY])
    assert [{str(answer.possible[0]) for answer in answers} for answers in pregnancy.values()] == [{"excluded"}, {"eligible"}]


def test_each_answer_stands_once() -> None:
    """No two lines of one table have the same answer, unless they are about different facts of a patient or of an infusion."""
    for question in DEFAULT_STACK.rows:
        lines = [line for line in standing_lines(DEFAULT_STACK, [question]) if line.startswith("| ")][2:]
        answers = [line.split(" | ")[1] for line in lines]
        assert len(set(answers)) == len(answers), question.title


def test_a_death_needs_no_line() -> None:
    """No line asks what to do after grade 5, and none has a worst grade so far that is milder than one since the last dose."""
    facts = [line.split(" | ")[0] for line in standing_lines(DEFAULT_STACK, DEFAULT_STACK.rows) if line.startswith("| ")]
    assert len(facts) > 100
    assert [fact for fact in facts if re.search(r"(?:grade|episode|syndrome|toxicity)[^*]*: \*\*(?:[^*]* )?5(?:\*| or)", fact)] == []
    of_crs = [fact for fact in facts if "worst grade of any toxicity so far: **0 or 1**" in fact]
    assert of_crs
    assert [fact for fact in of_crs if "since the last dose: **2" in fact] == []


def test_what_some_of_the_cases_say() -> None:
    """If another source disagrees in some of the cases of a line only, the line says so."""
    line = next(line for line in standing_lines(DEFAULT_STACK, [MONITORING]) if "**C1D1, C1D8**<br>role of the dose: **later**" in line)
    assert "*in some of these cases* us-2025-11: not settled: The doses that were given do not fit the schedule." in line


def test_the_actions_at_a_glance() -> None:
    """A line for each toxicity and a column for each grade that leaves something to decide, with what the action depends on."""
    lines = action_lines(DEFAULT_STACK)
    assert len(lines) == 2 + len(TOXICITY_ACTION)
    assert {line.count("|") for line in lines} == {6}
    assert "| crs | withhold | withhold | withhold or discontinue (depends on events) | discontinue |" in lines


def test_what_a_named_stack_says() -> None:
    """Another stack is called by its name."""
    page = stack_markdown("us-2025-11 over precautions-2025-09")
    assert page.startswith("# What us-2025-11 over precautions-2025-09 says\n")
    assert "unless you name another book" not in page


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
        (InfusionPlan(duration=Amount(1, "h"), pump=False, constant_rate=False), ["infusion over 1 h, without a pump, at a changing rate"]),
        (LabsDue(), []),
        (7, ["7"]),
    ],
)
def test_odd_values(value: object, expected: list[str]) -> None:
    """What no book of this release answers reads well all the same."""
    assert in_words(value) == expected

"""The tutorials run cell by cell, and end in values stated by hand; what is offered for download is the same cells, and nothing else."""

from __future__ import annotations

import ast
import json
import re
import runpy
from contextlib import redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tarlatamab_rules import Decided, DoseAssessment, Grade
from tarlatamab_rules.answers import MonitoringPlan, NextDose, PremedicationPlan

DOCS = Path(__file__).parent.parent / "docs"
NOTEBOOKS = runpy.run_path(str(DOCS / "_ext" / "notebooks.py"))
TUTORIALS = ("first_assessment", "delay_and_crs", "a_course", "comparing_books", "lab_table", "a_registry")


def text_of(name: str) -> str:
    """A tutorial as it is in the documentation."""
    return (DOCS / "tutorials" / f"{name}.md").read_text(encoding="utf-8")


class Ran:
    """A tutorial that was run: its names, what its cells ended in, and what they printed."""

    def __init__(self, name: str) -> None:
        self.names: dict[str, Any] = {}
        self.shown: list[Any] = []
        printed = StringIO()
        with redirect_stdout(printed):
            for kind, source, _ in NOTEBOOKS["cells"](text_of(name)):
                if kind == "code":
                    self._run(source, name)
        self.printed = printed.getvalue().splitlines()

    def __getitem__(self, name: str) -> Any:
        return self.names[name]

    def _run(self, source: str, name: str) -> None:
        """One cell as a notebook runs it: the value of an expression at its end is shown."""
        cell = ast.parse(source)
        last = cell.body.pop() if isinstance(cell.body[-1], ast.Expr) else None
        exec(compile(cell, f"{name}.md", "exec"), self.names)  # noqa: S102  # our own pages
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"{name}.md", "eval"), self.names)  # noqa: S307  # as above
            self.shown += [value] if value is not None else []


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a tutorial in an empty folder, since a reader may open it anywhere."""
    monkeypatch.chdir(tmp_path)
    with pd.option_context("display.max_colwidth", 50):
        yield Ran
    assert list(tmp_path.iterdir()) == []


def test_the_first_assessment_waits_then_proceeds_then_withholds(run: Any) -> None:
    """An infection is asked for, then six results; with them the dose may be given, and at 800 neutrophils it is held."""
    ran = run("first_assessment")
    assert ("infection",) in ran.shown
    assert ["eligible", "needs-assessment"] in ran.shown
    assert any(line.startswith("not decided: infection not known") for line in ran.printed)
    needs = ran.printed.index("needs-data")
    wanted = ("neutrophils", "hemoglobin", "platelets", "alt", "ast", "bilirubin")
    assert ran.printed[needs + 1 : needs + 7] == [f"labs.{analyte}" for analyte in wanted]
    assert "proceed True ()" in ran.printed
    assert any(line.startswith("PROCEED: ") for line in ran.printed)
    assert "if labs.neutrophils is < 1 10*9/L, then withhold" in ran.printed
    assert str(ran["assessment"].verdict) == "withhold"
    assert {reason.row for reason in ran["assessment"].reasons} >= {"ABN-1", "T7-NEUTROPENIA-3"}
    action = ran.shown[-1].unwrap()
    assert (str(action.action), [item.what for item in action.treatments], action.resume_when.at_most) == ("withhold", ["G-CSF"], 2)


def test_the_course_is_held_goes_on_and_begins_anew(run: Any) -> None:
    """Day by day: ten milligrams up to 21 days after C1D8 and 28 after C1D15, one milligram after that, and ten a week later."""
    ran = run("delay_and_crs")
    told = [(row["day"], row["point"], row["ordered"], row["due"], row["rows"], row["verdict"]) for row in ran["timeline"]]
    assert told == [
        (date(2026, 1, 5), "C1D1", "1 mg", "1 mg", "T1-C1D1/first", "proceed"),
        (date(2026, 1, 12), "C1D8", "10 mg", "10 mg", "T4-C1D1", "proceed"),
        (date(2026, 1, 19), "C1D15", "10 mg", "10 mg", "T4-C1D8", "withhold"),
        (date(2026, 1, 26), "C1D15", "10 mg", "10 mg", "T4-C1D8", "proceed"),
        (date(2026, 3, 2), "C2D1", "10 mg", "1 mg", "T4-LATER/restart", "needs-assessment"),
        (date(2026, 3, 2), "C2D1", "1 mg", "1 mg", "T4-LATER/restart", "proceed"),
        (date(2026, 3, 9), "C2D15", "10 mg", "10 mg", "T4-C1D1", "proceed"),
    ]
    watched = [row["if given, watched"] for row in ran["timeline"]]
    assert watched == ["22-24 h from infusion-end"] * 2 + ["22-24 h from infusion-start"] * 5
    assert [(row[1], row[2]) for row in ran["table"]] == [(14, "10 mg"), (21, "10 mg"), (22, "1 mg")]
    answers = [value for value in ran.shown if isinstance(value, Decided)]
    assert [(value.value, value.reasons[0].row) for value in answers if isinstance(value.value, Grade)] == [(2, "CRS-2/pressure")]
    plans = [(value.value, value.reasons[0].row) for value in answers if isinstance(value.value, MonitoringPlan)]
    assert [(str(plan.observe), str(plan.anchor), row) for plan, row in plans] == [
        ("6-8 h", "infusion-end", "T1-C1D15"),
        ("22-24 h", "infusion-start", "T5-2/next-hours"),
        ("22-24 h", "infusion-start", "T1-C1D1"),
        ("22-24 h", "infusion-start", "T1-C1D8"),
    ]
    assert "2026-02-23 28 days later: 10 mg later | T4-LATER" in ran.printed
    assert "2026-02-24 29 days later: 1 mg step-up | T4-LATER/restart" in ran.printed
    (drugs, _) = [value for value in answers if isinstance(value.value, PremedicationPlan)]
    assert [(dissent.rulebook, dissent.value, dissent.reasons[0].row) for dissent in drugs.dissent] == [("us-2025-11", (), "T3-LATER")]
    steps = [value.value for value in answers if isinstance(value.value, NextDose)]
    assert [(str(step.point), str(step.amount), step.restart) for step in steps[-2:]] == [("C2D1", "1 mg", True), ("C2D15", "10 mg", False)]
    assert [str(value.verdict) for value in ran.shown if isinstance(value, DoseAssessment)] == ["withhold", "proceed", "needs-assessment"]


def test_the_course_is_drawn_before_and_after(run: Any) -> None:
    """Five doses are planned; after a late second one, two are given, and the third waits for neutrophils, which fell to grade 4."""
    ran = run("a_course")
    assert [drawing.title for drawing in ran.shown] == [
        "Course: 0 given and 5 planned doses, 2026-02-02 to 2026-03-16",
        "C1D1: tarlatamab 1 mg (step-up dose), planned, Monday 2026-02-02",
        "Course: 2 given and 3 planned doses, 2026-02-02 to 2026-03-19",
        "Neutrophils: 5 results, graded by ctcae-5.0",
    ]
    assert "2026-02-14 08:00+01:00: 0.42 10*9/L, grade 4" in ran.shown[3].description
    assert ran.printed[0] == ran.shown[2].title
    assert ran.printed[3].endswith("planned, withheld until neutropenia: grade 2 or less")


def test_books_are_compared_stacked_and_laid_over(run: Any) -> None:
    """At an ICE score of 2 the page stops and the label holds; the stack stops, with dissent; a policy asks for sodium and potassium."""
    ran = run("comparing_books")
    verdicts = dict(zip(ran["everywhere"].books, ran["short"]["verdict"], strict=True))
    assert verdicts == {
        "precautions-2025-09": "discontinue",
        "us-2025-11": "withhold",
        "us-2024-05": "needs-assessment",
        "eu-2026": "withhold",
    }
    assert "precautions-2025-09 over us-2025-11 -> discontinue" in ran.printed
    assert "dissent: us-2025-11 says withhold ['T6-3']" in ran.printed
    revised = {(change.question.name, *change.words) for change in ran["settled"]}
    assert ("labs_due", "required", "not asked") in revised
    assert any(name == "premedication_plan" and "4 to 5 h" in before and "2 to 4 h" in after for name, before, after in revised)
    assert "our-hospital: needs-data labs.sodium labs.potassium" in ran.printed
    assert ran.printed[-1].startswith("lax may be milder than precautions-2025-09 over us-2025-11, and does not say why")


GRADES = {
    "A": ["0", "1", "0", "0", "0", "0", "2, 3"],
    "B": ["3", "2", "2", "3", "2", "0", "0", "1"],
    "C": ["4", "3", "4", "0, 1, 2, 3, 4", "0, 1, 2, 3, 4", "1, 3"],
    "D": ["", "", "", "0", "0", "1, 2, 3"],
}
"""The grades of CTCAE 5.0 that each row may have, in the order of the rows; nothing for a row that is refused."""


def test_a_table_of_results_is_graded_waits_or_is_refused(run: Any) -> None:
    """Row by row: one grade, several with the fact that is missing, or none with the fault."""
    ran = run("lab_table")
    table = ran["grades"]
    assert {patient: list(rows["possible"]) for patient, rows in table.groupby("patient")} == GRADES
    assert [None if pd.isna(grade) else grade for grade in table["grade"]] == [
        int(each) if len(each) == 1 else None for grades in GRADES.values() for each in grades
    ]
    waiting = table[table["missing"] != ""]
    assert list(zip(waiting["patient"], waiting["analyte"], waiting["missing"], strict=True)) == [
        ("A", "sodium", "symptoms"),
        ("C", "alt", "upper_limit, baseline"),
        ("C", "bilirubin", "upper_limit, baseline"),
        ("C", "uric-acid", "symptoms"),
        ("D", "creatinine", "baseline"),
    ]
    refused = [str(each) for each in table["refused"] if each]
    assert ["has no unit" in refused[0], "is not a unit of a haemoglobin" in refused[1], "cannot be" in refused[2]] == [True] * 3
    assert ran["worst"].loc[("C", "alt"), "shown"] == "0-4"
    assert ran["worst"].loc[("B", "neutrophils"), "shown"] == "3"
    counting = [str(each.analyte) for each in ran["standings"] if each.standing == "counts"]
    assert counting == ["neutrophils", "hemoglobin", "platelets", "alt", "ast", "bilirubin"]
    assert [str(each.analyte) for each in ran["standings"] if each.standing == "before-last-dose"] == ["neutrophils", "alt"]


@pytest.mark.thorough
def test_a_registry_is_graded_assessed_and_audited(run: Any) -> None:
    """Every given dose has a verdict, the counts add up, and the pictures say what they show."""
    ran = run("a_registry")
    assert all(ran["tables"][name].attrs["synthetic"].startswith("Synthetic.") for name in ("doses", "patients", "labs", "events"))
    given = int((ran["tables"]["doses"]["status"] != "planned").sum())
    verdicts = ran["audit"].verdicts
    assert sum(verdicts.values()) == given
    assert min(verdicts["proceed"], verdicts["withhold"], verdicts["refused"]) > 0
    assert ran["doses"]["verdict"][ran["row"]] == "withhold"
    assert [str(value.verdict) for value in ran.shown if isinstance(value, DoseAssessment)] == ["withhold"]
    pictures = [value.get_label() for value in ran.shown if hasattr(value, "get_label")]
    assert [text.partition(":")[0] for text in pictures[:2]] == ["Given doses by site", "Rows that object to given doses, and together"]
    assert pictures[2].startswith(f"{ran['changes'].changed} of ")
    assert f"{given} given doses, by us-2025-11" in ran.printed


@pytest.mark.parametrize("name", TUTORIALS)
def test_a_download_has_the_same_cells_and_no_word_of_the_site(name: str) -> None:
    """The notebook is one of version 4.5 without output, the same every time, and its prose has no role and no link within the site."""
    made = NOTEBOOKS["notebook"](text_of(name), name, "1.2.3")
    assert json.dumps(made) == json.dumps(NOTEBOOKS["notebook"](text_of(name), name, "1.2.3"))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in made["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", each) for each in ids)
    code = [cell for cell in made["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    fences = text_of(name).count("\n```{code-cell} python\n")
    assert len(code) == fences
    prose = "".join(line for cell in made["cells"] if cell["cell_type"] == "markdown" for line in cell["source"])
    assert "1.2.3" in prose
    assert not re.search(r"\{[a-z:-]+\}|\]\((?!https?:)|:::|^```", prose, re.MULTILINE)


def test_a_page_without_the_mark_is_no_notebook() -> None:
    """A page is a notebook by its first lines alone."""
    assert NOTEBOOKS["is_notebook"]("---\nfile_format: mystnb\n---\n# A page\n")
    assert not NOTEBOOKS["is_notebook"]("# A page\n\nfile_format: mystnb\n")
    assert not NOTEBOOKS["is_notebook"]("---\norphan: true\n---\n# A page\n")


def test_options_of_a_cell_are_no_code() -> None:
    """The tags of a cell are read, and left out of its source; a role leaves its name, and a link within the site its words."""
    page = (
        "---\nfile_format: mystnb\n---\n\n# A\n\n```{code-cell} python\n:tags: [scroll-output, hide-input]\n\nx = 1\n```\n\n"
        "See {py:func}`~tarlatamab_rules.grade_lab`, [units](../reference/units.md), [this](https://example.org).\n"
    )
    made = NOTEBOOKS["notebook"](page, "a_page", "1")["cells"]
    assert [cell["id"] for cell in made] == ["a-page-0", "a-page-1", "a-page-2", "a-page-3"]
    assert (made[2]["source"], made[2]["metadata"]) == (["x = 1"], {"tags": ["scroll-output", "hide-input"]})
    assert made[3]["source"] == ["See `grade_lab`, units, [this](https://example.org)."]

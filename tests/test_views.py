"""Every answer shows itself: as text, HTML, Markdown and in colour, with the same words."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from rich.console import Console

import tarlatamab_rules as tr
from helpers import PAGE, normal_labs, well
from tarlatamab_rules import answers, policy, strategies
from tarlatamab_rules.__main__ import main
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.asking import ask_next, nearest
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.formats.cases import read_case_file
from tarlatamab_rules.formats.records import audit_record, replay
from tarlatamab_rules.rulebooks.facts import POINT, points
from tarlatamab_rules.rulebooks.questions import MONITORING
from tarlatamab_rules.views.html import STYLE, as_html, html_page
from tarlatamab_rules.views.markdown import as_markdown
from tarlatamab_rules.views.terminal import renderable
from tarlatamab_rules.views.text import as_text

EXAMPLES = Path(__file__).parents[1] / "examples"
START = datetime(2025, 10, 6, 9, tzinfo=UTC)
BY_THEIR_TEXT = {"Amount", "DosePoint", "Span"}
"""What is printed whole by its own text."""
VOID = {"wbr", "br"}
LISTS = {"ul", "ol", "li", "dl", "dt", "dd"}
ELEMENTS = LISTS | {
    "style",
    "div",
    "section",
    "p",
    "span",
    "b",
    "details",
    "summary",
    "code",
    "table",
    "tr",
    "th",
    "td",
    "dl",
    "dt",
    "dd",
    "ol",
    "a",
    "svg",
    "g",
    "rect",
    "polygon",
    "path",
    "text",
    "line",
    "circle",
    "title",
    "desc",
}


class Checker(HTMLParser):
    """Every element closed where it was opened, its text, and the names and values of its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.given: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens one."""
        self.tags.add(tag)
        self.given += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes the innermost one."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes its text."""
        if self.open[-1] != "style":
            self.words.append(data)


def case(name: str) -> tr.Case:
    """A case of the examples."""
    return read_case_file(EXAMPLES / f"{name}.json")


def one_of_each() -> dict[str, Any]:
    """A value of every public type that an answer is, or is made of."""
    found = tr.assess_case(case("ice_2_after_c1d8"))
    waiting = tr.assess_case(case("c5d1_without_history"))
    prepared = tr.preparation("10 mg", reconstituted_at=START, rulebook="us-2025-11").unwrap()
    crs = tr.toxicity_action(tr.ToxicityEvent("crs", 2, status="active"), events=(), rulebook="us-2025-11").unwrap()
    three = tr.ToxicityEvent("neutropenia", 4, status="active", onset=date(2026, 1, 5))
    count = tr.toxicity_action(three, events=(), planned_start=date(2026, 1, 7), rulebook="us-2025-11").unwrap()
    book = tr.rulebooks.get(PAGE)
    course = tr.plan_course(START.date(), cycles=1)
    moved = tr.replan(course, start=START.date() + timedelta(days=2))
    stay = answers.MonitoringPlan(observe=tr.Span(48, 48, "h"))
    row = Row("OBS-1", {POINT: points("C1D1", "C1D8")}, stay, "48 hours.")
    values = [
        found,
        found.case,
        found.graded[0],
        found.toxicities[0],
        found.votes[0],
        found.accounted[0],
        found.standings[0],
        found.dissent[0],
        found.accounted[0],
        found.reasons[0],
        found.reasons[0].citation,
        found.eligibility,
        waiting.premedication,
        waiting.case.course,
        found.case.course.doses[0] if found.case.course else None,
        tr.monitoring_duration("C1D15", rulebook=PAGE),
        tr.monitoring_duration("C1D1").unwrap(),
        tr.monitoring_duration("C1D1").unwrap().near_care,
        tr.premedication_plan("C1D1").unwrap(),
        tr.premedication_plan("C1D1").unwrap().instructions[0],
        tr.infusion_plan("C1D1").unwrap(),
        tr.checklist("C1D1", rulebook="us-2025-11").unwrap(),
        tr.during_infusion(tr.CrsFindings(temperature="38.2 Cel"), rulebook="us-2025-11").unwrap(),
        tr.contraception_window(tr.Patient(childbearing_potential=True), START.date()).unwrap(),
        tr.breastfeeding_window(tr.Patient(childbearing_potential=True), START.date(), rulebook="us-2025-11").unwrap(),
        tr.labs_due("C1D1").unwrap(),
        tr.next_dose((), planned_start=START.date(), rulebook="us-2025-11").unwrap(),
        prepared,
        prepared.mixing,
        prepared.storage,
        prepared.deadlines,
        crs,
        crs.next_dose,
        count.resume_when,
        answers.StopRule(answers.Modality.GIVE, tr.Grade.MILD, 7),
        tr.compare(found.case),
        tr.compare(found.case).parts[0],
        tr.diff("us-2024-05", "us-2025-11"),
        tr.diff("us-2024-05", "us-2025-11").changes[0],
        tr.what_to_ask(waiting)[0],
        tr.what_would_change(tr.assess_case(case("neutropenia_4_before_c2d1")))[0],
        course,
        course.entries[0],
        course.changes(moved),
        course.changes(moved).changes[0],
        book,
        book.drug,
        book.source,
        book.statements[0],
        tr.rulebooks.default(),
        tr.rulebooks.default().overlay("ours", {MONITORING: (row,)}),
        well(),
        normal_labs(START)[0],
        tr.ToxicityEvent("icans", 3, status="active"),
        tr.NeuroFindings(ice=3),
        tr.CrsFindings(temperature="38.2 Cel"),
        tr.IceTest(year=True),
        tr.InfusionSetup(volume="250 mL"),
    ]
    return {type(value).__name__: value for value in values}


ONE_OF_EACH = one_of_each()


def public_values() -> list[str]:
    """The public types that hold fields and are no errors, no words, and are not known by a text of their own."""
    named = {name: getattr(face, name) for face in (tr, answers) for name in dir(face)} | {
        "Rulebook": policy.Rulebook,
        "Stack": policy.Stack,
    }
    kinds = {name: kind for name, kind in named.items() if isinstance(kind, type)}
    return sorted(name for name, kind in kinds.items() if attrs.has(kind) and not issubclass(kind, Enum) and name not in BY_THEIR_TEXT)


@pytest.mark.parametrize("name", public_values())
def test_every_public_value_shows_itself(name: str) -> None:
    """In a notebook it is well-formed HTML without a script and without anything from elsewhere, and has words."""
    html = ONE_OF_EACH[name]._repr_html_()
    found = Checker(html)
    assert "".join(found.words).strip()
    assert found.tags <= ELEMENTS
    attributes = {key for key, _ in found.given}
    assert not any(key.startswith("on") or key in {"src", "srcset", "xlink:href", "formaction"} for key in attributes)
    assert "svg" in found.tags or attributes <= {"class", "colspan", "open", "start", "href", "rel"}
    assert all(value is not None and value.startswith("https://") for key, value in found.given if key == "href")
    assert "None" not in found.words
    assert not re.search(r"\b[A-Z]\w+\(", "".join(found.words)), "the form of a value for programmers"
    assert as_text(ONE_OF_EACH[name]).strip()
    assert as_markdown(ONE_OF_EACH[name]).strip()


@given(strategies.cases())
def test_all_say_the_same(any_case: tr.Case) -> None:
    """Of any case, the verdict, every missing fact in words and every row that the text cites are in HTML, Markdown and colour alike.

    A verdict that is more than a want of facts cites every row that it comes from.
    """
    assessment = tr.assess_case(any_case)
    text = as_text(assessment, full=True)
    html = " ".join(Checker(as_html(assessment)).words)
    markdown = as_markdown(assessment, full=True).replace("\\", "")
    for word in (str(assessment.verdict), *(fact_in_words(fact, any_case) for fact in assessment.missing)):
        assert word in text
        assert word in html
        assert word.lower() in markdown.lower()
    cited = {row for rows in re.findall(r"\[([\w/., -]+)\] ", text) for row in rows.split(", ")}
    assert [row for row in cited if row not in html or row not in markdown] == []
    if assessment.verdict > tr.Verdict.NEEDS_DATA:
        assert {reason.row for reason in assessment.reasons} <= cited
    console = Console(file=io.StringIO(), width=10_000)
    console.print(renderable(assessment, full=True))
    printed = console.file.getvalue()  # type: ignore[attr-defined]  # the buffer of above
    assert [line.rstrip() for line in printed.splitlines()] == text.splitlines()


def hostile() -> policy.Rulebook:
    """A policy whose words would do harm as HTML and as Markdown."""
    row = Row(
        "OBS-<b>1",
        {POINT: points("C1D1", "C1D1")},
        answers.MonitoringPlan(observe=tr.Span(48, 48, "h")),
        "<script>alert(1)</script> & *all* | [x](y)",
        interpretation="</section><img src=x onerror=alert(1)>",
    )
    return tr.rulebooks.default().overlay("our-<i>hospital", {MONITORING: (row,)})


def test_nothing_escapes() -> None:
    """Words that a policy brings are words, whatever they hold."""
    book = hostile()
    for value in (tr.monitoring_duration("C1D1", rulebook=book), tr.assess_case(case("clean_c1d1"), rulebook=book), book):
        html = as_html(value)
        Checker(html)
        assert "<script" not in html
        assert "<img" not in html
        assert "<i>" not in html
    markdown = as_markdown(tr.monitoring_duration("C1D1", rulebook=book), full=True)
    assert r"&lt;script&gt;alert(1)&lt;/script&gt; &amp; \*all\* \| \[x\](y)" in markdown
    assert "<script" not in markdown


def test_it_takes_the_colours_of_the_page() -> None:
    """On light and dark ground alike: no text colour and no ground but those of the badges, whose contrast is 4.5 or more."""
    colours = re.findall(r"\{[^}]*background:(#[0-9a-f]{6})", STYLE)
    assert len(colours) == 5
    for colour in colours:
        red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in (red, green, blue)]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 4.5
    assert set(re.findall(r"[{;]color:([^;}]+)", STYLE)) == {"inherit", "#fff"}


def test_decided() -> None:
    """An answer tells its lines, its dissent and its reasons with their citations."""
    text = as_text(tr.monitoring_duration("C1D8"), full=True)
    assert text.splitlines()[:3] == [
        "Monitoring plan:",
        "  * monitor for 22 to 24 h after the infusion ends, in hospital",
        "  * stay within 1 h of a medical facility, with a caregiver, for 48 h after the infusion ends",
    ]
    assert "[MON-1] Precautions page 09/2025, Monitoring: cytokine release syndrome" in text
    assert "SOURCES DISAGREE us-2025-11: counted from the start of the infusion" in text


def test_needs_data() -> None:
    """A view shows what is missing and what is still possible; the answers of a card are listed below each other."""
    answer = tr.monitoring_duration("C5D1", rulebook=PAGE)
    assert as_text(answer, full=True).splitlines()[:2] == [
        "Monitoring plan: cannot answer yet; missing: the toxicities so far",
        "  still possible: monitor for 2 h after the infusion ends",
    ]
    assert "<li>monitor for 2 h after the infusion ends</li><li>the source is silent</li>" in as_html(answer)
    lines = as_markdown(answer, full=True).splitlines()
    assert lines[:5] == [
        "### Monitoring plan",
        "",
        "Cannot answer yet. Missing: the toxicities so far. Still possible:",
        "",
        "- monitor for 2 h after the infusion ends",
    ]


def test_not_covered() -> None:
    """Silence says so, and its reasons are open to see."""
    answer = tr.monitoring_duration("C1D15", rulebook=PAGE)
    assert as_text(answer, full=True).splitlines()[0] == "Answer: not covered by this source"
    assert "<details open>" in as_html(answer)
    assert "Not covered by this source." in as_markdown(answer, full=True)


def test_a_result_that_has_no_date() -> None:
    """The standing of a result is shown with the fact that is missing to decide it."""
    undated = tr.LabResult("platelets", "187 K/uL")
    (standing,) = [each for each in tr.lab_standings("C1D8", [undated], course=(), planned_start=START) if each.analyte == "platelets"]
    assert as_text(standing).splitlines()[:2] == [
        "platelets, required: 187 10*9/L, not dated: undated",
        "  missing: platelets: when it was drawn",
    ]
    assert "Missing: platelets: when it was drawn." in as_markdown(standing)
    assert "<p>Missing: platelets: when it was drawn.</p>" in as_html(standing)


def test_nothing_is_silent() -> None:
    """Where every part is covered, Markdown has no line of what is not."""
    found = tr.assess_case(case("clean_c1d1"))
    assert "Not covered by" not in as_markdown(found, full=True)
    assert "### Notes" in as_markdown(found, full=True)
    assert "### Notes" not in as_markdown(attrs.evolve(found, notes=()), full=True)
    assert "Not covered by precautions" in as_markdown(tr.assess_case(case("clean_c1d1"), rulebook=PAGE), full=True)


def test_action_stands_out() -> None:
    """What happens to the drug is a badge, before what to do for the patient."""
    html = as_html(tr.toxicity_action(tr.ToxicityEvent("icans", 3, status="active")))
    assert '<span class="badge discontinue">discontinue</span></p><ul><li>neurology consult' in html


def test_known_and_not_known() -> None:
    """Every field of a patient is shown, an unknown one as not known; zero, no and none are known."""
    text = as_text(tr.Patient(age_years=64, pregnant=False))
    assert "  age years: 64" in text
    assert "  pregnant: no" in text
    assert "  infection: not known" in text


def test_a_case_has_its_lists() -> None:
    """A list that was reviewed and is empty is not one that is not known."""
    text = as_text(tr.Case(patient=well(), point="C1D1", labs=normal_labs(START)[:2], events=(), course=None))
    assert "Course: not known" in text
    assert "Events: reviewed, and there are none" in text
    assert "quantity: 5 10*9/L" in text or "quantity: " in text


def test_several() -> None:
    """Several values stand one after the other."""
    found = tr.what_to_ask(tr.assess_case(case("half_unknown")))
    text = as_text(found)
    assert [text.count(each.path) > 0 for each in found] == [True] * len(found)
    assert as_text(list(found)) == text
    assert as_text(()) == ""


def test_asking_of_tables() -> None:
    """What to ask of a table and what lies nearest have words too; so do a grade, a duration and a replay."""
    table = tr.rulebooks.get(PAGE)[MONITORING]
    assert "worst grade of any toxicity so far: 0 or 1" in as_text(ask_next(table, (13, None, None, None, None)))
    assert "Monitoring" in as_text(nearest(table, (1, None, None, None, None))).title()
    assert as_text(tr.grade_lab(tr.LabResult("neutrophils", "0.4 10*9/L")), full=True).startswith("Grade: 4")
    assert "max lab age" not in as_text(tr.Patient())
    record = audit_record(tr.assess_case(case("clean_c1d1"), max_lab_age=timedelta(days=3)))
    assert "the same answers" in as_html(replay(record))


def test_comparison_marks_what_differs() -> None:
    """In a table of several books the parts in which they differ are marked, in HTML and Markdown."""
    compared = tr.compare(case("ice_2_after_c1d8"), [PAGE, "us-2025-11"])
    html = as_html(compared)
    assert '<tr class="marked"><th>verdict *</th><td>discontinue</td><td>withhold</td></tr>' in html
    assert r"| **verdict \*** | discontinue | withhold |" in as_markdown(compared)
    assert "<tr><th>eligibility</th>" in html


def test_differences_by_question() -> None:
    """A difference of two books is listed under its question."""
    found = tr.diff("precautions-2025-09", "us-2025-11")
    html = as_html(found)
    assert html.index('<tr><th colspan="3">eligibility</th></tr>') < html.index('<tr><th colspan="3">monitoring_duration</th></tr>')
    assert "| **eligibility** |  |  |" in as_markdown(found)


def test_a_page_of_its_own() -> None:
    """The page is whole, follows the reader's light or dark, and its title cannot break out of it."""
    html = html_page(tr.monitoring_duration("C1D1"), "<b>C1D1</b>")
    assert html.startswith('<!doctype html><html lang="en"><head><meta charset="utf-8">')
    assert "<title>&lt;b&gt;C1D1&lt;/b&gt;</title>" in html
    assert "color-scheme:light dark" in html
    assert html.endswith("</div></body></html>")


def test_command_line(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """``assess --html`` prints a page, ``assess --markdown`` Markdown, and only one form can be asked for."""
    path = str(EXAMPLES / "ice_2_after_c1d8.json")
    assert main(["assess", path, "--html"]) == 0
    page = capsysbinary.readouterr().out.decode()
    assert "<title>C1D15: discontinue</title>" in page
    assert '<p class="verdict discontinue">STOP - DISCONTINUE: do not give the dose; stop the drug permanently</p>' in page
    assert main(["assess", path, "--markdown"]) == 0
    assert capsysbinary.readouterr().out.decode().startswith("## STOP - DISCONTINUE: do not give the dose; stop the drug permanently\n")
    with pytest.raises(SystemExit):
        main(["assess", path, "--html", "--json"])


def test_colour_in_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal has colours where rich is installed, and the plain text where it is not, or where the output is a file."""
    path = str(EXAMPLES / "clean_c1d1.json")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["assess", path]) == 0
    printed = capsys.readouterr().out
    assert "\x1b[" in printed
    assert "PROCEED: " in printed
    monkeypatch.setattr("tarlatamab_rules.commands.assess.find_spec", lambda _: None)
    assert main(["assess", path]) == 0
    assert "\x1b[" not in capsys.readouterr().out


def test_views_are_not_loaded_before_they_are_asked() -> None:
    """Importing the package and assessing a case loads no view."""
    code = "import sys, tarlatamab_rules as t; t.eligibility(t.Patient()); sys.exit(any('views' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_event_shows_what_was_entered() -> None:
    """The card of an event has the fields that a caller can pass, and nothing that is worked out from them."""
    event = tr.ToxicityEvent("crs", 2, status="resolved")
    names = [field.name.replace("_", " ") for field in attrs.fields(tr.ToxicityEvent) if field.init]
    assert [line.partition(":")[0].strip() for line in str(event).splitlines()[1:]] == names
    assert "plain grade" not in as_html(event)

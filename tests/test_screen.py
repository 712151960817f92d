"""The first screen: short, complete in what matters, and in the words of a ward."""

from __future__ import annotations

import io
import json
import pickle
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from helpers import DEFAULT, normal_labs, well
from tarlatamab_rules import (
    Case,
    CrsFindings,
    DoseAssessment,
    GivenDose,
    LabResult,
    NeedsData,
    NeuroFindings,
    NotCovered,
    Patient,
    ToxicityEvent,
    Verdict,
    assess_case,
    assess_dose,
    eligibility,
    grade_icans,
    infusion_plan,
    monitoring_duration,
    rulebooks,
    strategies,
    toxicity_action,
)
from tarlatamab_rules.answers import Checklist
from tarlatamab_rules.assessment.screen import Block, Line, screen
from tarlatamab_rules.assessment.screen.reported import reported
from tarlatamab_rules.assessment.words import capital, fact_in_words, grades_in_words
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import read_case_file
from tarlatamab_rules.values.names import named
from tarlatamab_rules.views.html import STYLE, as_html
from tarlatamab_rules.views.markdown import as_markdown
from tarlatamab_rules.views.screens import HEIGHT, WIDTH, fitted, more, shortened
from tarlatamab_rules.views.text import as_text

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").rglob("*.json"))
START = datetime(2025, 10, 13, 9)  # noqa: DTZ001  # times without an offset are those of the site
FIRST = GivenDose("C1D1", START - timedelta(days=7), "1 mg")
BOOKS = st.sampled_from([DEFAULT, "us-2025-11", "eu-2026", "precautions-2025-09"])
BOOKS_WITH_OPEN_ROWS = st.sampled_from(["eu-2026", "us-2024-05"])
PATHS = re.compile(r"\b(?:labs|events|course|findings|patient)(?:\.[a-z]|\[\d)|planned_start|progressed_after|_limit\b")


def second(**changes: object) -> DoseAssessment:
    """A well patient before C1D8, with changes."""
    facts: dict[str, object] = {
        "planned_start": START,
        "course": [FIRST],
        "labs": normal_labs(START - timedelta(days=1)),
        "events": (),
    }
    return assess_dose(well(), "C1D8", **(facts | changes))  # type: ignore[arg-type]  # keywords of the case


def one_line(text: str) -> str:
    """A text without its line breaks and indents."""
    return " ".join(text.split())


def block(assessment: DoseAssessment, title: str) -> list[str]:
    """The lines under a title; none if there is no such block."""
    return [line.text for item in screen(assessment).blocks if item.title == title for line in item.lines]


class TestTheLimits:
    """A report fits on one screen, and what matters is never cut."""

    @given(case=strategies.cases(), book=BOOKS)
    def test_short(self, case: Case, book: str) -> None:
        """No line is longer than 100 characters, and only what is never cut makes more than 30 lines."""
        assessment = assess_case(case, rulebook=book)
        lines = str(assessment).splitlines()
        assert all(len(line) <= WIDTH for line in lines)
        if len(lines) > HEIGHT:
            shown = [line for item, count in fitted(screen(assessment)) for line in item.lines[:count] if not item.kept and not item.joined]
            assert all(line.kept for line in shown)

    @pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
    def test_every_example(self, path: Path) -> None:
        """The reports of all examples are within the limit."""
        lines = str(assess_case(read_case_file(path))).splitlines()
        assert len(lines) <= HEIGHT
        assert max(map(len, lines)) <= WIDTH

    @given(case=strategies.cases(), book=BOOKS)
    def test_never_cut(self, case: Case, book: str) -> None:
        """The verdict, every reason for it, and every fact that must be supplied are on the screen."""
        assessment = assess_case(case, rulebook=book)
        text = one_line(str(assessment))
        shown = screen(assessment)
        assert text.startswith(one_line(shown.head))
        assert str(assessment.verdict).upper() in shown.head
        for title in ("WHY", "MISSING"):
            must = [line for line in block(assessment, title) if title == "WHY" or line.startswith("Must: ")]
            assert all(one_line(line) in text for line in must)

    @given(case=strategies.cases(), book=BOOKS_WITH_OPEN_ROWS)
    def test_the_open_half_of_a_plan(self, case: Case, book: str) -> None:
        """What a decided plan leaves to a clinician is on the screen, and a plan that is open in another way says so."""
        assessment = assess_case(case, rulebook=book)
        text = one_line(str(assessment))
        if assessment.verdict >= Verdict.WITHHOLD:
            return
        for answer in (assessment.premedication, assessment.infusion, assessment.checklist, assessment.monitoring):
            left_open = [reason.unsettled for reason in answer.reasons if reason.unsettled]
            assert not left_open or "clinician" in text
            assert isinstance(answer, NeedsData | NotCovered) or all(one_line(words) in text for words in left_open)

    @given(case=strategies.cases(), book=BOOKS)
    def test_stop(self, case: Case, book: str) -> None:
        """The screen begins with STOP exactly if the dose is not to be given; only then it has no plan for the infusion."""
        assessment = assess_case(case, rulebook=book)
        stop = assessment.verdict >= Verdict.WITHHOLD
        assert str(assessment).startswith("STOP - ") is stop
        assert stop is not any(item.title.startswith(("BEFORE", "INFUSE", "AFTER")) for item in screen(assessment).blocks)

    @given(case=strategies.cases())
    def test_until_cleared(self, case: Case) -> None:
        """A plan of a dose that is not cleared says so in each of its titles."""
        assessment = assess_case(case)
        plans = [item.title for item in screen(assessment).blocks if item.title.split()[0] in {"BEFORE", "INFUSE", "AFTER"}]
        assert all(title.endswith(" if cleared") is not assessment.may_give for title in plans)

    @given(case=strategies.cases(), book=BOOKS)
    def test_words(self, case: Case, book: str) -> None:
        """No path of a field stands on the screen: a ward knows none of them."""
        assert PATHS.search(str(assess_case(case, rulebook=book))) is None

    @given(case=strategies.cases(), book=BOOKS)
    def test_first_orders(self, case: Case, book: str) -> None:
        """Of each kind of toxicity the first order is on the screen, and with it each warning that orders must not be added up."""
        assessment = assess_case(case, rulebook=book)
        text = one_line(str(assessment))
        orders = block(assessment, "NOW")
        names = {capital(named(item.toxicity)) for item in assessment.toxicities}
        kinds = {line.partition(": ")[0] for line in orders} & names or {""}
        firsts = [next(line for line in orders if line.startswith(kind)) for kind in kinds if orders]
        assert all(
            one_line(line) in text for line in (*firsts, *(line for line in orders if "Do not add" in line or "only one order" in line))
        )

    @given(case=strategies.cases(), book=BOOKS)
    def test_stops_if(self, case: Case, book: str) -> None:
        """A grade that is still possible and would stop the drug for good is on the screen."""
        assessment = assess_case(case, rulebook=book)
        text = one_line(str(assessment))
        assert all(one_line(line) in text for line in block(assessment, "STOP FOR GOOD IF") if ": it is grade " in line)

    @given(case=strategies.cases())
    def test_reported(self, case: Case) -> None:
        """What was found of a toxicity that decides the verdict is on the screen."""
        assessment = assess_case(case)
        text = one_line(str(assessment))
        deciding = {vote.part for vote in assessment.votes if vote.verdict is assessment.verdict > Verdict.PROCEED}
        assert all(reported(item, assessment) in text for item in assessment.toxicities if item.path in deciding)


LINES = st.builds(Line, st.text("ab c", min_size=1, max_size=150), kept=st.booleans(), minor=st.booleans())
BLOCKS = st.builds(
    Block,
    st.sampled_from(["WHY", "NOW", "MISSING", "NOT CHECKED"]),
    st.lists(LINES, min_size=1, max_size=8).map(tuple),
    kept=st.booleans(),
)


class TestShortening:
    """Which lines are left out of a screen."""

    @given(st.lists(BLOCKS, max_size=6), st.integers(0, 40))
    def test_no_line_is_lost(self, blocks: list[Block], height: int) -> None:
        """Every line is shown, or counted as one more of its block; none that must be kept is left out."""
        shown = shortened(blocks, height, lambda item, count: [*range(count), *([0] if more(item, count) else [])])
        assert [item.title for item, _ in shown] == [item.title for item in blocks]
        for before, (item, count) in zip(blocks, shown, strict=True):
            assert sorted(item.lines, key=repr) == sorted(before.lines, key=repr)
            assert all(not line.kept and not item.kept for line in item.lines[count:])
            left = len(item.lines) - count
            assert more(item, count) == (f"+{left} more" if left else "")

    @given(st.lists(BLOCKS, max_size=6), st.integers(0, 40))
    def test_a_block_is_laid_out_again_only_if_it_loses_a_line(self, blocks: list[Block], height: int) -> None:
        """What is shown stays, so a long report does not take longer and longer: once for each block, and once for each line it loses."""
        asked: list[int] = []

        def rows(_block: Block, count: int) -> range:
            asked.append(count)
            return range(count)

        shortened(blocks, height, rows)
        assert len(asked) <= len(blocks) + sum(len(block.lines) for block in blocks)

    def test_order(self) -> None:
        """Minor lines go first, then lines of what was not checked, and orders last."""
        now = Block("NOW", (Line("a"), Line("b"), Line("c", minor=True)))
        rest = Block("NOT CHECKED", (Line("d"), Line("e")))

        def count(height: int) -> list[int]:
            return [shown for _, shown in shortened([now, rest], height, lambda _, lines: range(lines))]

        assert count(5) == [3, 2]
        assert count(4) == [2, 2]
        assert count(3) == [2, 1]
        assert count(2) == [1, 1]
        assert count(1) == [1, 0]


class TestEveryFormat:
    """Text, colour, Markdown, HTML and JSON say the same."""

    @given(case=strategies.cases(), book=BOOKS)
    def test_same_lines(self, case: Case, book: str) -> None:
        """HTML and JSON have every line of the screen; Markdown has those of the text."""
        assessment = assess_case(case, rulebook=book)
        html = one_line(unescape(re.sub("<[^>]+>", " ", as_html(assessment))))
        markdown = one_line(re.sub(r"\\(.)", r"\1", unescape(as_markdown(assessment))))
        summary = json.loads(json.dumps(assessment_document(assessment)["summary"]))
        shown = screen(assessment)
        assert summary["head"] == shown.head
        assert [item["title"] for item in summary["blocks"]] == [item.title for item in shown.blocks]
        for item, written in zip(shown.blocks, summary["blocks"], strict=True):
            texts = [line.text for line in item.lines]
            assert texts == [line["text"] for line in written["lines"]]
            assert all(one_line(text.removeprefix("- ")) in html for text in texts)
        for item, count in fitted(shown):
            assert all(one_line(line.text.removeprefix("- ")) in markdown for line in item.lines[:count])

    def test_full(self) -> None:
        """Everything else is behind `full`: interpretations, every row, and what other sources say in full."""
        assessment = second(events=[ToxicityEvent("crs", 3, status="active")])
        assert "Interpretation: " not in as_text(assessment)
        assert as_text(assessment) == str(assessment)
        for text in (as_text(assessment, full=True), as_markdown(assessment, full=True)):
            assert "nterpretation" in text or "ead thus" in text
        assert "<details open><summary>The full report</summary>" in as_html(assessment, full=True)
        assert "<details><summary>The full report</summary>" in as_html(assessment)


class TestTwoQuestions:
    """What two people asked, answered by the first screen alone."""

    def test_ice_2_after_c1d8(self) -> None:
        """ICE 2: stop for good, why, the neurologist, the steroid of each grade, and that the label would withhold at grade 3."""
        text = one_line(str(assess_case(read_case_file(EXAMPLES[0].parent / "ice_2_after_c1d8.json"))))
        assert text.startswith("STOP - DISCONTINUE: do not give the dose; stop the drug permanently C1D15, 2025-10-20 09:00")
        assert "ICANS, grade 3 or 4" in text
        assert "neurolog" in text
        assert re.search(r"If grade 3: Dexamethasone 10 mg IV \(or equivalent\) every 6 h", text)
        assert re.search(r"If grade 4: High-dose corticosteroids, such as methylprednisolone", text)
        assert re.search(r"SOURCES DISAGREE ICANS: US .{0,60} says withhold, used here: stop for good", text)
        assert "Must: ICANS: seizures" in text

    def test_restart_at_c6d1(self) -> None:
        """A restart: 1 mg, that the step-up begins anew and why, premedication and monitoring by the clock, and 10 mg a week later."""
        text = one_line(str(assess_case(read_case_file(EXAMPLES[0].parent / "label" / "restart_at_c6d1.json"))))
        assert text.startswith("PROCEED: ")
        assert "due: 1 mg (step-up dose); the step-up starts again; ordered: 1 mg" in text
        assert "More than 28 days since the last dose" in text
        assert "08:30 to 09:30: " in text
        assert "09:30 to 10:30: " in text
        assert "(until 2026-06-19 07:30 to 09:30)" in text
        assert re.search(r"NEXT DOSE .{0,60}10 mg .{0,40}2026-06-25", text)


class TestTheClock:
    """Times of a plan are elapsed time, at the clock of the site."""

    def test_no_start(self) -> None:
        """Without a time of day there are no clock times."""
        text = str(second(planned_start=START.date(), labs=normal_labs(START.date() - timedelta(days=1)), course=()))
        assert re.search(r"\d\d:\d\d", text.split("Sources:", maxsplit=1)[0]) is None

    def test_end_of_summer_time(self) -> None:
        """The night in which an hour comes twice has 25 hours: 24 h after 10:00 it is 09:00."""
        start = datetime(2025, 10, 25, 9, tzinfo=ZoneInfo("Europe/Berlin"))
        assessment = assess_dose(well(), "C1D1", planned_start=start, labs=normal_labs(start - timedelta(days=1)), events=())
        assert "(until 2025-10-26 07:00 to 09:00)" in one_line(str(assessment))

    def test_hour_that_comes_twice(self) -> None:
        """A time that the clock shows twice in one night has its offset."""
        start = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
        labs = normal_labs(start - timedelta(days=1))
        text = str(assess_dose(well(), "C1D1", planned_start=start, labs=labs, events=(), site_zone="Europe/Berlin"))
        assert "C1D1, 2025-10-26 02:30+02:00" in text
        assert "02:30+02:00 to 02:30+01:00: " in text

    def test_zone_of_the_site(self) -> None:
        """A start in UTC is shown at the clock of the site."""
        start = datetime(2025, 10, 6, 7, tzinfo=UTC)
        assessment = assess_dose(
            well(), "C1D1", planned_start=start, labs=normal_labs(start - timedelta(days=1)), events=(), site_zone="Europe/Berlin"
        )
        assert "C1D1, 2025-10-06 09:00+02:00" in str(assessment)
        assert "09:00 to 10:00: " in str(assessment)


class TestBlocks:
    """What stands under each title."""

    def test_supplied(self) -> None:
        """A required result that is missing must be supplied; the result on file that does not count is named with the reason."""
        old = LabResult("alt", "20 U/L", START - timedelta(days=9), upper_limit="40 U/L")
        assessment = second(labs=normal_labs(START - timedelta(days=1), alt=old))
        assert block(assessment, "MISSING") == ["Must: ALT (20 U/L, drawn 2025-10-04 09:00: before last dose)"]

    def test_would_help(self) -> None:
        """A recommended result would help, and does not hold the dose."""
        assessment = second(labs=normal_labs(START - timedelta(days=1), sodium=None, potassium=None))
        assert assessment.may_give
        assert block(assessment, "MISSING") == ["Would help: sodium and potassium"]

    def test_open_grade_of_an_active_toxicity(self) -> None:
        """What settles an open grade must be supplied even if the drug is stopped in any case, because the treatment depends on it."""
        event = ToxicityEvent("icans", status="active", findings=NeuroFindings(ice=1, symptoms=["confusion"]))
        must = [line for line in block(second(events=[event]), "MISSING") if line.startswith("Must: ")]
        assert "Must: ICANS: deep focal motor weakness" in must

    def test_several_toxicities(self) -> None:
        """With two toxicities every order says for which it is given."""
        events = [ToxicityEvent("crs", 2, status="active"), ToxicityEvent("icans", 2, status="active")]
        orders = block(second(events=events), "NOW")
        assert orders
        assert all(line.startswith(("CRS: ", "ICANS: ", "Steroids: ")) for line in orders)
        assert any(line.startswith("Steroids: more than one toxicity asks for them") for line in orders)

    def test_recovery(self) -> None:
        """A withheld dose says when it may be given again, and when the drug is stopped for good instead, with the date."""
        labs = normal_labs(START - timedelta(days=1), neutrophils=LabResult("neutrophils", "0.3 10*9/L", START - timedelta(days=1)))
        assessment = second(labs=labs)
        assert assessment.verdict is Verdict.WITHHOLD
        assert any("grade 2 or less" in line for line in block(assessment, "AGAIN WHEN"))
        assert any("2025-10-19" in line for line in block(assessment, "STOP FOR GOOD IF"))

    def test_no_recovery_is_said(self) -> None:
        """Where no source says when to resume, a clinician decides."""
        assessment = second(events=[ToxicityEvent("icans", 2, status="active")], rulebook="precautions-2025-09")
        assert any("clinician" in line for line in block(assessment, "AGAIN WHEN"))

    def test_newer_label(self) -> None:
        """A newer revision that is known and not encoded is the first thing that was not checked."""
        start = datetime(2026, 10, 12, 9)  # noqa: DTZ001  # as above
        assessment = assess_dose(well(), "C1D1", planned_start=start, labs=normal_labs(start - timedelta(days=1)), events=())
        assert block(assessment, "NOT CHECKED")[0].startswith("A newer US revision")

    def test_not_counted(self) -> None:
        """A fact that was handed in and does not count is named with the reason."""
        chronic = CrsFindings(
            temperature="36.8 Cel", hypotension="none", vasopressin=False, oxygen="low-flow", fever_masked=False, other_cause=True
        )
        lines = block(second(findings=chronic), "NOT CHECKED")
        assert any("oxygen without fever" in line.lower() for line in lines)

    def test_policy(self) -> None:
        """The policy of the hospital is not checked, unless it answers; then it is named with the books below it."""
        assert block(second(), "NOT CHECKED")[-1] == "Your hospital's own policy"
        ours = second(rulebook=rulebooks.default().overlay("our-hospital", {}))
        assert "Your hospital's own policy" not in block(ours, "NOT CHECKED")
        assert screen(ours).foot[0].startswith("Sources: our-hospital, Precautions page 09/2025, US label 11/2025.")
        assert pickle.loads(pickle.dumps(ours)).books == ours.books == ("our-hospital", "precautions-2025-09", "us-2025-11")  # noqa: S301  # ours


class TestTheOpenHalf:
    """A plan that a source settles in part shows the rest as a clinician's decision, after what is settled."""

    HOURS = "Monitor for 6 to 8 h after the infusion starts (until 15:00 to 17:00)"
    NEAR = "Recommended: stay near a medical facility, with a caregiver, for 24 h after the infusion starts (until 2025-10-14 09:00)"

    @staticmethod
    def of(point: str, events: tuple[ToxicityEvent, ...], given_before: int, book: str = "eu-2026") -> DoseAssessment:
        """A well patient before a dose, who had the doses before it."""
        doses = [("C1D1", 7, "1 mg"), ("C1D8", 7, "10 mg")] if given_before == 2 else [("C1D1", 7, "1 mg")]
        course = [GivenDose(at, START - timedelta(days=days * (len(doses) - n)), amount) for n, (at, days, amount) in enumerate(doses)]
        labs = normal_labs(START - timedelta(days=1))
        return assess_dose(well(hypersensitivity=False), point, planned_start=START, course=course, labs=labs, events=events, rulebook=book)

    def test_longer_after_cytokine_release_syndrome(self) -> None:
        """At C1D8 after grade 2, the hours are not all that is asked."""
        event = ToxicityEvent("crs", 2, onset=START.date() - timedelta(days=6), resolved=START.date() - timedelta(days=5))
        lines = block(self.of("C1D8", (event,), 1), "AFTER")
        longer = "A clinician decides how much longer than these hours to monitor."
        assert lines[:3] == [self.HOURS, self.NEAR, longer]
        text = str(self.of("C1D8", (event,), 1))
        assert text.index("Monitor for 6 to 8 h") < text.index(longer)

    def test_later_doses(self) -> None:
        """At C1D15 a clinician decides how long to monitor; at C1D8 without a syndrome nothing is open."""
        assert block(self.of("C1D15", (), 2), "AFTER")[:2] == [self.NEAR, "A clinician decides how long to monitor."]
        assert block(self.of("C1D8", (), 1), "AFTER")[:2] == [self.HOURS, self.NEAR]
        assert not any("clinician" in line for line in block(self.of("C1D8", (), 1), "AFTER"))

    def test_infusion_and_checklist(self) -> None:
        """What is not confirmed about the infusion and the checklist stands with them."""
        found = self.of("C1D8", (), 1)
        infusion = "A clinician decides: Duration, volume, constant rate and transfer devices are not confirmed."
        assert infusion in block(found, "INFUSE")
        checklist = "A clinician decides: What the EU label says about signs of infection, teaching and driving is not confirmed."
        assert block(found, "BEFORE")[-1] == checklist

    def test_nothing_confirmed(self) -> None:
        """A checklist of which nothing is confirmed is shown as open, not left out."""
        assert "Checklist: no source says; a clinician decides" in block(self.of("C1D8", (), 1, "us-2024-05"), "BEFORE if cleared")

    def test_not_known_whether_it_applies(self) -> None:
        """An unknown grade may mean longer hours. Without the doses so far, the line that asks for them says that a part may be open."""
        unknown = ToxicityEvent("crs", onset=START.date() - timedelta(days=6), resolved=START.date() - timedelta(days=5))
        longer = "A clinician decides how much longer than these hours to monitor."
        assert block(self.of("C1D8", (unknown,), 1), "AFTER if cleared")[:3] == [self.HOURS, self.NEAR, longer]
        (asked, *_) = block(assess_dose(well(), "C1D15", planned_start=START, rulebook="eu-2026"), "AFTER if cleared")
        assert asked.startswith("How long to observe depends on the doses given so far: monitor for 6 to 8 h")
        assert asked.endswith("; a clinician may have to decide part of it")

    def test_said_once(self) -> None:
        """A single answer does not repeat that a clinician decides."""
        text = one_line(str(monitoring_duration("C2D1", rulebook="eu-2026")))
        assert "A clinician decides how long to monitor." in text
        assert "decides: A clinician" not in text


class TestAnswers:
    """Any single answer prints in the same form."""

    def test_decided(self) -> None:
        """The answer, its orders, why, and what another source says."""
        text = one_line(str(toxicity_action(ToxicityEvent("icans", 3, status="active"))))
        assert text.startswith("DISCONTINUE ")
        assert "[NEU-4]" in text
        assert "says withhold, used here: stop for good" in text

    def test_missing(self) -> None:
        """What is missing stands first, in words; then what is still possible."""
        text = str(monitoring_duration("C5D1"))
        assert text.startswith("Cannot answer yet\nMISSING           the toxicities so far\nSTILL POSSIBLE")

    def test_open_grade(self) -> None:
        """An open grade lists what would settle it, not the rows of the scale."""
        text = str(grade_icans(NeuroFindings(ice=2)))
        assert "deep focal motor weakness" in text
        assert "grade 4" in text
        assert "[ICANS-" not in text

    def test_not_covered(self) -> None:
        """A silent source says so."""
        assert str(monitoring_duration("C2D1", events=(), rulebook="precautions-2025-09")).startswith("No source says")

    def test_eligibility(self) -> None:
        """A patient who is excluded, with the reason."""
        assert str(eligibility(Patient(age_years=3))).startswith("Excluded\nWHY ")

    @given(case=strategies.cases(), book=BOOKS)
    def test_limits(self, case: Case, book: str) -> None:
        """Every answer of an assessment prints within the limits, and its `repr` is for developers."""
        assessment = assess_case(case, rulebook=book)
        for answer in (assessment.eligibility, assessment.premedication, assessment.monitoring, assessment.checklist, assessment.next_dose):
            assert all(len(line) <= WIDTH for line in str(answer).splitlines())
            assert repr(answer) != str(answer)


def test_a_card_keeps_its_style_in_a_notebook() -> None:
    """Notebooks align cells to the right, colour every other row and float terms: the rules of a card are as specific as theirs or more."""
    assert ".tarlatamab.tarlatamab table :is(tr,th,td){background:none;color:inherit;line-height:inherit;text-align:left" in STYLE
    assert ".tarlatamab .screen :is(dt,dd){float:none;width:auto" in STYLE
    cells = [line for line in STYLE.splitlines() if re.search(r"\b(?:tr|th|td)\b", line.partition("{")[0])]
    assert [line for line in cells if not line.startswith(".tarlatamab.tarlatamab table")] == []


class TestRest:
    """What few cases have."""

    def test_open_checklist(self) -> None:
        """A checklist that is not decided says so under what goes before the dose."""
        open_list = NeedsData(("course",), (Checklist(()), None))
        assert "Checklist depends on the doses given so far: nothing OR no source says" in block(
            evolve(second(), checklist=open_list), "BEFORE"
        )

    def test_infusion(self) -> None:
        """An order for the line names its source as a reader does."""
        assert "us-2025-11" not in str(infusion_plan("C1D8"))
        assert "US label 11/2025" in str(infusion_plan("C1D8"))

    def test_a_source_that_does_not_settle_it(self) -> None:
        """A source that mentions a toxicity and does not settle it is listed where the other source withholds."""
        text = one_line(str(toxicity_action(ToxicityEvent("neurotoxicity", 2, status="active"))))
        assert "US label 11/2025 says what a clinician must settle, used here: withhold" in text

    def test_words_of_items(self) -> None:
        """An item of a case is called by its analyte or its point, with its date if another one has the same name."""
        case = Case(
            patient=Patient(),
            point="C1D8",
            planned_start=START,
            course=[FIRST],
            labs=[LabResult("alt", "20 U/L", START - timedelta(days=n), upper_limit="40 U/L") for n in (1, 2)],
        )
        assert fact_in_words(Fact("labs", 1, "value"), case) == "ALT of 2025-10-11 09:00: exact value"
        assert fact_in_words(Fact("course", 0, "amount"), case) == "C1D1: amount given"
        assert grades_in_words([]) == "no grade"

    def test_rich(self) -> None:
        """`rich.print` prints the words of the text."""
        console = Console(file=io.StringIO(), width=WIDTH + 20)
        console.print(second())
        assert [line.rstrip() for line in console.file.getvalue().splitlines()] == str(second()).splitlines()  # type: ignore[attr-defined]  # the buffer

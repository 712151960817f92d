"""The command that plans a course, its files, and a plan as JSON."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date, time
from pathlib import Path
from typing import Any, ClassVar

import icalendar
import pytest
from attrs import evolve
from hypothesis import given

from tarlatamab_rules import Case, CrsFindings, GivenDose, Patient, ToxicityEvent, plan_course, replan
from tarlatamab_rules.__main__ import main
from tarlatamab_rules.answers import CoursePlan
from tarlatamab_rules.core.decisions import NotCovered
from tarlatamab_rules.core.errors import FieldError
from tarlatamab_rules.course.cases import plan_case
from tarlatamab_rules.course.document import plan_document
from tarlatamab_rules.course.files import write_files
from tarlatamab_rules.course.pictures import timeline
from tarlatamab_rules.course.strategies import plans

EXAMPLES = Path(__file__).parents[1] / "examples"
CLEAN = str(EXAMPLES / "clean_c1d1.json")
US = ("--rulebook", "us-2025-11", "--cycles", "1")


def case(**facts: Any) -> Case:
    """C1D1 of a patient of whom nothing is known, on 2 February 2026, with changes."""
    known: dict[str, Any] = {"patient": Patient(), "point": "C1D1", "planned_start": date(2026, 2, 2)}
    return Case(**(known | facts))


def doses(plan: CoursePlan) -> list[str]:
    """The doses with their days."""
    return [f"{dose.point} {dose.start:%m-%d}" for dose in plan.doses if dose.start is not None]


class TestPlanCase:
    """The course that follows from a case."""

    def test_from_the_planned_dose(self) -> None:
        """The planned start is the day of the first dose, and six cycles follow if nothing else is said."""
        plan = plan_case(case(), rulebook="us-2025-11")
        assert doses(plan)[:4] == ["C1D1 02-02", "C1D8 02-09", "C1D15 02-16", "C2D1 03-02"]
        assert str(plan.doses[-1].point) == "C6D15"

    def test_from_a_course(self) -> None:
        """With doses given the next one follows them; without a planned start it is on its day after them."""
        given_doses = [GivenDose("C1D1", date(2026, 2, 2), "1 mg")]
        plan = plan_case(case(point="C1D8", planned_start=date(2026, 2, 11), course=given_doses), cycles=1)
        assert doses(plan) == ["C1D1 02-02", "C1D8 02-11", "C1D15 02-18"]
        plan = plan_case(case(point="C1D8", planned_start=None, course=given_doses), cycles=1)
        assert doses(plan) == ["C1D1 02-02", "C1D8 02-09", "C1D15 02-16"]

    def test_options(self) -> None:
        """What is passed is used instead of what the case says."""
        plan = plan_case(case(), start=date(2026, 3, 2), until=date(2026, 3, 10), infusion_at=time(9, 30), rulebook="us-2025-11")
        assert [f"{dose.start}" for dose in plan.doses] == ["2026-03-02 09:30:00", "2026-03-09 09:30:00"]

    def test_a_late_case(self) -> None:
        """A dose of a later cycle is planned too, and no dose beyond that cycle."""
        names = [f"C{n}D{on}" for n in range(1, 8) for on in ((1, 8, 15) if n == 1 else (1, 15))]
        course = [GivenDose(name, amount="1 mg" if name == "C1D1" else "10 mg") for name in names]
        plan = plan_case(case(point="C8D1", course=course))
        assert len(plan.doses) >= len(course)

    def test_what_is_known_counts(self) -> None:
        """Toxicities of the case withhold the next dose."""
        crs = ToxicityEvent("crs", 2, status="active", onset=date(2026, 2, 3))
        given_doses = [GivenDose("C1D1", date(2026, 2, 2), "1 mg", complete=True)]
        plan = plan_case(case(point="C1D8", planned_start=date(2026, 2, 9), course=given_doses, events=[crs]))
        assert plan.doses[1].condition == "withheld until CRS: resolved"

    @pytest.mark.parametrize(
        ("facts", "fault"),
        [
            ({"planned_start": None}, "start: the day of the planned dose is not known; say it, or write planned_start into the case"),
            ({"point": "C1D8"}, "course: a plan cannot go on from a course that is not known; write the doses given"),
        ],
    )
    def test_faults(self, facts: dict[str, Any], fault: str) -> None:
        """A case that does not say enough, or does not fit, is refused, with what to write instead."""
        with pytest.raises(FieldError) as error:
            plan_case(case(**facts))
        assert str(error.value) == fault

    @pytest.mark.parametrize(
        ("facts", "note", "first"),
        [
            (
                {"point": "C1D15", "course": ()},
                "C1D15 does not follow the doses given: C1D1 does, and the plan goes on with it. Correct the course or the dose.",
                "C1D1 02-02",
            ),
            (
                {"course": [GivenDose("C1D1", date(2026, 2, 1), "1 mg")]},
                "C1D1 does not follow the doses given: C1D8 does, and the plan goes on with it. Correct the course or the dose.",
                "C1D8 02-08",
            ),
        ],
    )
    def test_a_dose_that_does_not_follow(self, facts: dict[str, Any], note: str, first: str) -> None:
        """The plan goes by the doses given; that the planned dose is another one is said, not refused."""
        plan = plan_case(case(**facts), rulebook="us-2025-11")
        assert (str(plan.notes[0].about), plan.notes[0].says) == ("point", note)
        assert f"! planned dose: {note}" in str(plan)
        assert doses(plan)[len(facts["course"])] == first

    def test_an_ordered_amount(self) -> None:
        """An amount that is ordered is not used, and a note says so."""
        plan = plan_case(case(ordered="1 mg"), rulebook="us-2025-11")
        assert [note.says for note in plan.notes if note.about == "ordered"] == [
            "1 mg is not used by a plan; assess_dose compares it with the dose that is due."
        ]


class TestFindings:
    """Current findings count for a plan as they count for an assessment."""

    GRADE_3: ClassVar = CrsFindings(temperature="38.6 Cel", hypotension="one-vasopressor", vasopressin=False, oxygen="none")

    def after_the_first(self, **facts: Any) -> CoursePlan:
        """The plan of C1D8 on 9 February, after C1D1 on 2 February, by the label."""
        given_doses = [GivenDose("C1D1", date(2026, 2, 2), "1 mg", complete=True)]
        known: dict[str, Any] = {"point": "C1D8", "planned_start": date(2026, 2, 9), "course": given_doses, "events": ()}
        return plan_case(case(**(known | facts)), rulebook="us-2025-11", cycles=1)

    def says(self, plan: CoursePlan) -> list[str]:
        """What the notes say of the findings."""
        return [note.says for note in plan.notes if str(note.about) == "findings.crs"]

    def test_crs(self) -> None:
        """Fever with one vasopressor is CRS of grade 3: the next dose is held, and the plan says until when."""
        plan = self.after_the_first(findings=self.GRADE_3)
        assert self.says(plan) == ["Current findings, not normal: grade 3."]
        assert plan.doses[1].condition == "withheld until CRS: resolved"
        deadline = next(entry for entry in plan.entries if entry.kind == "recovery-deadline")
        assert (str(deadline.point), deadline.deadline) == ("C1D8", plan.doses[1].start)

    def test_a_stop(self) -> None:
        """CRS of grade 4 by the findings stops the course: no further dose is planned, and what is owed is left."""
        worst = CrsFindings(temperature="39 Cel", hypotension="several-vasopressors", vasopressin=False, oxygen="positive-pressure")
        plan = self.after_the_first(findings=worst)
        assert doses(plan) == ["C1D1 02-02"]
        assert any(note.says.startswith("no further dose is planned: ") for note in plan.notes)
        assert {str(entry.kind) for entry in plan.entries} >= {"dose", "observation", "contraception"}

    def test_normal(self) -> None:
        """Findings without a sign hold nothing, and are said to have been looked at."""
        plan = self.after_the_first(findings=CrsFindings(temperature="36.8 Cel", hypotension="none", oxygen="none", fever_masked=False))
        assert plan.doses[1].condition == ""
        assert self.says(plan) == ["No sign of CRS."]

    def test_a_reported_event(self) -> None:
        """Findings of an episode that is reported as active are one episode with it, and the worse of the two counts."""
        mild = ToxicityEvent("crs", 1, status="active", onset=date(2026, 2, 3))
        plan = self.after_the_first(findings=self.GRADE_3, events=[mild])
        assert self.says(plan) == ["Current findings of a reported episode: the two count once, as CRS."]
        assert plan.doses[1].condition == "withheld until CRS: resolved"

    def test_nothing_else_known(self) -> None:
        """Findings alone, with no date and no patient, are judged at the start of the plan."""
        plan = plan_course(date(2026, 2, 2), cycles=1, findings=self.GRADE_3, rulebook="us-2025-11")
        assert len(self.says(plan)) == 1

    def test_over(self) -> None:
        """A plan that is made anew without findings holds the dose no longer; one that says nothing of them keeps them."""
        plan = self.after_the_first(findings=self.GRADE_3)
        assert replan(plan, start=date(2026, 2, 10)).doses[1].condition == "withheld until CRS: resolved"
        assert replan(plan, findings=()).doses[1].condition == ""

    @pytest.mark.parametrize(
        ("found", "fault"),
        [
            ("fever", "findings: 'fever' is neither CrsFindings nor NeuroFindings"),
            ([5], r"findings\[0\]: 5 is neither CrsFindings nor NeuroFindings"),
            ([CrsFindings(), CrsFindings()], r"findings\[1\]: one kind of findings is listed twice"),
        ],
    )
    def test_faults(self, found: Any, fault: str) -> None:
        """Something else than findings is refused by its path."""
        with pytest.raises(FieldError, match=fault):
            plan_course(date(2026, 2, 2), cycles=1, findings=found)


class TestCommand:
    """`tarlatamab-rules plan`."""

    def test_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It prints the plan day by day, and the disclaimer."""
        assert main(["plan", CLEAN, *US]) == 0
        text = capsys.readouterr().out
        assert text.startswith("Course plan: 3 doses from 2025-10-06 to 2025-10-20, by us-2025-11")
        assert "not used by a plan" not in text
        assert text.rstrip().endswith("consult the attending physician.")

    def test_ordered(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        """An amount that is ordered is not used, and a line says so."""
        path = tmp_path / "case.json"
        path.write_text('{"point": "C1D1", "planned_start": "2026-02-02", "ordered": "1 mg"}', encoding="utf-8")
        assert main(["plan", str(path), *US]) == 0
        assert "! amount ordered: 1 mg is not used by a plan; assess_dose compares it" in capsys.readouterr().out

    def test_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With --json it prints the plan as an object."""
        assert main(["plan", CLEAN, *US, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert [entry["dose"] for entry in document["entries"] if entry["kind"] == "dose"] == ["C1D1", "C1D8", "C1D15"]

    def test_options(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A start, a last day and a time of day are read from words."""
        options = ["--start", "2025-10-07", "--until", "2025-10-14", "--infusion-at", "10:30", "--rulebook", "us-2025-11"]
        assert main(["plan", CLEAN, *options]) == 0
        text = capsys.readouterr().out
        assert text.startswith("Course plan: 2 doses from 2025-10-07 to 2025-10-14")
        assert "10:30 C1D1 dose" in text
        assert main(["plan", CLEAN, "--start", "2025-10-07T08:15+02:00", *US]) == 0
        assert "08:15 C1D1 dose" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("options", "fault"),
        [
            (["--start", "soon"], "--start: 'soon' cannot be read; write it like 2026-02-02"),
            (["--until", "2026-13-01"], "--until: '2026-13-01' cannot be read; write it like 2026-02-02"),
            (["--infusion-at", "25:00"], "--infusion-at: '25:00' cannot be read; write it like 09:30"),
            (["--cycles", "six"], "--cycles: 'six' cannot be read; write a whole number, as 6"),
            (["--cycles", "0"], "--cycles: 0 is out of range; write a whole number from 1 to 999"),
            (["--picture", "plan.gif"], "--picture: no picture can be written to plan.gif; use a name that ends in .svg, .png or .pdf"),
            (["--picture", "a.svg", "--html", "./a.svg"], "two files have one name; name each file once"),
            (["--picture", "no/folder/a.svg"], "no/folder/a.svg: No such file or directory"),
        ],
    )
    def test_faults(
        self, options: list[str], fault: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """An option that cannot be is named as it was written; the status is 2, nothing is printed, and no file is left."""
        monkeypatch.chdir(tmp_path)
        assert main(["plan", CLEAN, *options]) == 2
        printed = capsys.readouterr()
        assert (printed.out, list(tmp_path.iterdir())) == ("", [])
        assert f"  - {fault}" in printed.err.splitlines()

    def test_files(self, tmp_path: Path) -> None:
        """A page with the timeline and every line, and the timeline as SVG, PNG and PDF, the same to the byte when written again."""
        page, drawn = tmp_path / "plan.html", tmp_path / "plan.svg"
        assert main(["plan", CLEAN, *US, "--html", str(page), "--picture", str(drawn)]) == 0
        svg = drawn.read_text(encoding="utf-8")
        assert svg.startswith("<svg ")
        html = page.read_text(encoding="utf-8")
        assert html.startswith("<!doctype html>")
        assert svg in html
        assert "Course plan: 3 doses" in html
        for name, begins in (("plan.png", b"\x89PNG"), ("plan.pdf", b"%PDF")):
            path = tmp_path / name
            assert main(["plan", CLEAN, *US, "--picture", str(path)]) == 0
            first = path.read_bytes()
            assert first.startswith(begins)
            assert main(["plan", CLEAN, *US, "--picture", str(path), "--force"]) == 0
            assert path.read_bytes() == first
        assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.html", "plan.pdf", "plan.png", "plan.svg"]

    def test_there_already(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """If one file is there already, none is written; with --force it is replaced."""
        page, drawn = tmp_path / "plan.html", tmp_path / "plan.svg"
        drawn.write_text("mine", encoding="utf-8")
        options = ["plan", CLEAN, *US, "--html", str(page), "--picture", str(drawn)]
        assert main(options) == 2
        assert "plan.svg: is there already; pass --force to replace it" in capsys.readouterr().err
        assert not page.exists()
        assert drawn.read_text(encoding="utf-8") == "mine"
        assert main([*options, "--force"]) == 0
        assert drawn.read_text(encoding="utf-8").startswith("<svg ")

    def test_without_matplotlib(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Without matplotlib a PNG is refused with what to install, and an SVG is written."""
        for name in ("tarlatamab_rules.course.plot", "tarlatamab_rules.views.plot"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.setitem(sys.modules, "matplotlib.patches", None)
        assert main(["plan", CLEAN, *US, "--picture", str(tmp_path / "a.png")]) == 2
        assert "--picture: a figure of a plan needs matplotlib: pip install 'tarlatamab-rules[plot]'" in capsys.readouterr().err
        assert main(["plan", CLEAN, *US, "--picture", str(tmp_path / "a.svg")]) == 0

    def test_calendar(self, tmp_path: Path) -> None:
        """The calendar is that of the plan, under the name and the number that the caller gives."""
        target = tmp_path / "plan.ics"
        assert main(["plan", CLEAN, *US, "--ics", str(target), "--plan-id", "bed-4", "--sequence", "2"]) == 0
        events = icalendar.Calendar.from_ical(target.read_bytes()).walk("VEVENT")
        assert events
        assert all(str(event["UID"]).startswith("bed-4") for event in events)
        assert {str(event["SEQUENCE"]) for event in events} == {"2"}
        assert main(["plan", CLEAN, *US, "--ics", str(target), "--plan-id", "bed-4", "--force"]) == 0
        assert {str(event["SEQUENCE"]) for event in icalendar.Calendar.from_ical(target.read_bytes()).walk("VEVENT")} == {"0"}

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ([], "--plan-id: is missing; name the plan, so that a later calendar replaces this one"),
            (["--plan-id", "bed 4"], "--plan-id: 'bed 4'"),
            (["--plan-id", "bed-4", "--sequence", "two"], "--sequence: 'two' cannot be read; write a whole number, such as 1"),
            (["--plan-id", "bed-4", "--sequence", "-1"], "--sequence: "),
        ],
    )
    def test_no_calendar(self, options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Without a name that a calendar takes, or with a number that is none, nothing is written."""
        assert main(["plan", CLEAN, *US, "--ics", str(tmp_path / "plan.ics"), *options]) == 2
        assert says in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

    def test_calendar_without_its_extra(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Without icalendar the fault says what to install."""
        monkeypatch.delitem(sys.modules, "tarlatamab_rules.course.calendars", raising=False)
        monkeypatch.setitem(sys.modules, "icalendar", None)
        assert main(["plan", CLEAN, *US, "--ics", str(tmp_path / "plan.ics"), "--plan-id", "bed-4"]) == 2
        assert "--ics: a calendar needs icalendar: pip install 'tarlatamab-rules[calendar]'" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []


class TestFiles:
    """Files that are written whole or not at all."""

    def test_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """If a file cannot be written, what was there stays, and nothing is left beside it."""
        path = tmp_path / "plan.svg"
        path.write_bytes(b"old")

        def full(self: Path, _: bytes) -> int:
            self.touch()
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space left on device") as error:
            write_files({str(path): b"new"}, force=True)
        assert error.value.filename == str(path)
        assert [(item.name, item.read_bytes()) for item in tmp_path.iterdir()] == [("plan.svg", b"old")]

    def test_a_link_to_nowhere(self, tmp_path: Path) -> None:
        """A link is there already even if what it points to is not."""
        link = tmp_path / "plan.svg"
        link.symlink_to(tmp_path / "nowhere")
        with pytest.raises(FileExistsError, match="is there already"):
            write_files({str(link): b"new"})


class TestDocument:
    """A plan as JSON."""

    def test_an_entry(self) -> None:
        """The observation of C1D15 by the US label: its condition, what holds otherwise, and its row."""
        document = plan_document(plan_case(case(), cycles=1, infusion_at=time(9), rulebook="us-2025-11"))
        (entry,) = [item for item in document["entries"] if item.get("dose") == "C1D15" and item["kind"] == "observation"]
        assert entry["start"] == "2026-02-16T10:00:00"
        assert (entry["end_from"], entry["end"]) == ("2026-02-16T16:00:00", "2026-02-16T18:00:00")
        assert entry["condition"].startswith("if there is no CRS of grade 2 or worse")
        assert entry["otherwise"][-1] == "no source says"
        assert [reason["row"] for reason in entry["reasons"]] == ["T1-C1D15"]
        assert entry["answer"] == "decided"
        assert "missing" not in entry

    def test_an_open_answer(self) -> None:
        """An entry about which no source says anything says so; one that depends on facts names them."""
        plan = plan_case(case(), cycles=1, rulebook="us-2025-11")
        silent, *_ = plan.for_dose("C1D1")
        document = plan_document(evolve(plan, entries=(evolve(silent, value=None, answer=NotCovered(())), plan.entries[-1])))
        assert document["entries"][0]["answer"] == "not-covered"
        assert document["entries"][0]["says"].endswith("no source says; a clinician decides")
        assert document["entries"][1]["answer"] == "needs-data"
        assert document["entries"][1]["missing"] == ["childbearing_potential"]

    @given(plans())
    def test_law(self, drawn: CoursePlan) -> None:
        """Every entry is an object that JSON can hold, in order, with its words; nothing in it is empty."""
        document = json.loads(json.dumps(plan_document(drawn)))
        assert [entry["says"] for entry in document["entries"]] == [entry.says for entry in drawn.entries]
        assert Counter(entry["kind"] for entry in document["entries"]) == Counter(str(entry.kind) for entry in drawn.entries)
        assert {entry["answer"] for entry in document["entries"]} <= {"decided", "needs-data", "not-covered"}
        assert all(value not in (None, "", []) for entry in document["entries"] for value in entry.values())
        assert len(timeline(drawn).entries) <= len(document["entries"])

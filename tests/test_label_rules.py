"""The rules that the labels brought, at their edges. The cases by table stand in `tests/spec`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helpers import rows
from tarlatamab_rules import (
    Case,
    Course,
    CrsFindings,
    FieldError,
    FieldTypeError,
    GivenDose,
    LabResult,
    NeuroFindings,
    Patient,
    Span,
    ToxicityEvent,
    UnitError,
    UnknownRulebookError,
    assess_dose,
    during_infusion,
    liver_injury,
    next_dose,
    preparation,
    rulebooks,
    toxicity_action,
)
from tarlatamab_rules.formats.cases import read_case
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.tarlatamab.revisions import REVISIONS, Revision, newer_than
from tarlatamab_rules.views.text import as_text

US = "us-2025-11"
DAY = date(2026, 1, 5)
DAY_8 = date(2026, 1, 12)


class TestNextDose:
    """Which dose comes next."""

    def test_before_the_last_dose(self) -> None:
        """A day before the last dose is refused."""
        with pytest.raises(FieldError, match="planned_start: 2026-01-04 is before the last dose"):
            next_dose([GivenDose("C1D1", DAY, "1 mg")], planned_start=date(2026, 1, 4), rulebook=US)

    def test_partial(self) -> None:
        """What follows an infusion that was not completed is for a clinician."""
        answer = next_dose(Course([GivenDose("C1D1", DAY, "1 mg", complete=False)]), planned_start=date(2026, 1, 12), rulebook=US)
        assert rows(answer) == ["guard/partial"]

    def test_a_book_without_doses(self) -> None:
        """The page says nothing of doses."""
        assert rows(next_dose([], rulebook="precautions-2025-09")) == ["guard/silent"]


class TestPreparation:
    """Deadlines by the clock."""

    def test_over_a_change_of_the_clocks(self) -> None:
        """Hours are elapsed time: over the night in which the clocks go back, eight of them end at six by the wall."""
        berlin = ZoneInfo("Europe/Berlin")
        plan = preparation("1 mg", reconstituted_at=datetime(2026, 10, 24, 23, tzinfo=berlin), rulebook=US).unwrap()
        assert plan.deadlines is not None
        assert plan.deadlines.end_at_room_by == datetime(2026, 10, 25, 6, tzinfo=berlin)
        assert plan.deadlines.dilute_by == datetime(2026, 10, 25, 2, tzinfo=berlin, fold=1)
        assert plan.deadlines.start_at_room_by == datetime(2026, 10, 25, 5, tzinfo=berlin)

    def test_a_day_is_no_time(self) -> None:
        """Deadlines need a time."""
        made: Any = DAY
        with pytest.raises(FieldTypeError, match=r"reconstituted_at: .* has no time"):
            preparation("1 mg", reconstituted_at=made, rulebook=US)

    def test_what_the_mixture_comes_to(self) -> None:
        """Volume and drug of the finished bag follow from the table."""
        mixing = preparation("10 mg", vial="0.01 g", rulebook=US).unwrap().mixing
        assert mixing is not None
        assert (mixing.final_volume.value, mixing.delivered.value, mixing.stabilizer_vials) == (250.2, 10.08, 2)

    def test_a_book_without_it(self) -> None:
        """If the preparation is not confirmed in the source, no volume is given."""
        assert preparation("1 mg", rulebook="eu-2026").possible == (None,)


class TestFindings:
    """Findings at the dose, and while the infusion runs."""

    @pytest.mark.parametrize("findings", [3, "ice", [None], {"ice": 2}])
    def test_no_findings(self, findings: Any) -> None:
        """What is no finding is refused."""
        with pytest.raises(FieldTypeError, match="is neither CrsFindings nor NeuroFindings"):
            during_infusion(findings, rulebook=US)
        with pytest.raises(FieldTypeError, match="is neither CrsFindings nor NeuroFindings"):
            Case(patient=Patient(), point="C1D1", findings=findings)

    def test_twice(self) -> None:
        """One kind of findings is passed once."""
        with pytest.raises(FieldError, match="one kind of findings is listed twice"):
            during_infusion([NeuroFindings(ice=9), NeuroFindings(ice=8)], rulebook=US)

    def test_in_a_document(self) -> None:
        """A document has them by syndrome."""
        case = read_case({"point": "C1D8", "findings": {"crs": {"temperature": "38.5 Cel"}, "icans": {"ice": 9}}})
        assert case.findings == (CrsFindings(temperature="38.5 Cel"), NeuroFindings(ice=9))

    def test_a_book_that_leaves_it_open(self) -> None:
        """Signs of both, by a book that does not say what to do: silence."""
        both: list[Any] = [CrsFindings(temperature="39 Cel"), NeuroFindings(ice=3)]
        assert during_infusion(both, rulebook="eu-2026").possible == (None,)

    def test_a_sign_named_twice(self) -> None:
        """A seizure and weakness by their own fields call for the ICE score as listed symptoms do, and are noted."""
        event = ToxicityEvent("icans", status="active", findings=NeuroFindings(seizure="brief", motor_weakness=True))
        notes = assess_dose(Patient(), "C1D8", events=[event]).notes
        assert any("assessment of the ICE score" in note for note in notes)


class TestEvents:
    """What an event may say, and what an action asks for."""

    @pytest.mark.parametrize(
        ("facts", "message"),
        [
            ({"onset": date(2026, 1, 9), "improved": date(2026, 1, 8)}, "improved: the event improved before it began"),
            ({"improved": date(2026, 1, 9), "resolved": date(2026, 1, 8)}, "improved: the event ended before it improved"),
        ],
    )
    def test_dates(self, facts: dict[str, Any], message: str) -> None:
        """Onset, improvement and recovery follow each other."""
        with pytest.raises(FieldError, match=message):
            ToxicityEvent("icans", 3, **facts)

    def test_grade_and_status_hang_together(self) -> None:
        """If findings settle the grade, the status and the onset of the event are asked for."""
        found = NeuroFindings(ice=2, consciousness="alert", seizure="none", motor_weakness=False, raised_icp="none")
        answer = toxicity_action(ToxicityEvent("icans", findings=found), events=(), rulebook=US)
        assert set(answer.missing) == {"status", "onset"}

    def test_findings_of_which_one_is_not_known(self) -> None:
        """Of findings at the dose those are asked for that the scale lacks; of a contradiction, its findings."""
        for findings, missing in (
            (NeuroFindings(ice=7, consciousness="alert", seizure="none", motor_weakness=False), {"findings.icans.raised_icp"}),
            (NeuroFindings(ice=3, symptoms=["confusion"], arousable=False), {"findings.icans.ice", "findings.icans.arousable"}),
        ):
            asked = assess_dose(Patient(), "C1D1", findings=findings, rulebook=US).missing
            assert missing == {path for path in asked if path.startswith("findings")}

    def test_undated_result(self) -> None:
        """A result without a date may be an episode of its own, and asks for its date."""
        found = assess_dose(Patient(), "C2D1", labs=[LabResult("neutrophils", "0.3 10*9/L", lower_limit="1.5 10*9/L")], rulebook=US)
        assert "labs.neutrophils.collected" in found.missing

    def test_undated_result_beside_a_dated_one(self) -> None:
        """An undated result that would hold the dose may be the later one, so its date is asked for before the dose is given."""
        labs = [
            LabResult("neutrophils", "2 10*9/L", date(2026, 1, 12), "1.5 10*9/L"),
            LabResult("neutrophils", "0.3 10*9/L", lower_limit="1.5 10*9/L"),
        ]
        found = assess_dose(Patient(), "C1D1", planned_start=date(2026, 1, 13), labs=labs, rulebook=US)
        (vote,) = (vote for vote in found.votes if vote.part == "labs.neutrophils")
        assert (vote.verdict, vote.missing) == ("needs-data", ("labs.neutrophils.collected",))

    def test_an_episode_that_ended_before_the_last_dose(self) -> None:
        """Where no result counts, an episode that an earlier one showed to be over asks for the required result alone."""
        labs = [
            LabResult("neutrophils", value, day, "1.5 10*9/L") for value, day in (("0.3 10*9/L", date(2026, 1, 7)), ("2 10*9/L", DAY_8))
        ]
        course = [GivenDose("C1D1", DAY, "1 mg"), GivenDose("C1D8", date(2026, 1, 13), "10 mg")]
        found = assess_dose(Patient(), "C1D15", planned_start=date(2026, 1, 20), course=course, labs=labs, events=(), rulebook=US)
        verdicts = {vote.part: vote.verdict for vote in found.votes if vote.part.startswith("labs.neutrophils")}
        assert verdicts == {"labs.neutrophils": "needs-data"}

    def test_a_scale_that_grades_no_result(self) -> None:
        """By a book whose scale has no grades of laboratory values, a clinician assesses what counts, and a series shows no episode."""
        us = rulebooks.get(US)
        mine = Rulebook(us.source, us.statements, us.rows, "astct-2019", us.drug)
        labs = [
            LabResult("neutrophils", value, day, "1.5 10*9/L") for value, day in (("0.3 10*9/L", date(2026, 1, 7)), ("2 10*9/L", DAY_8))
        ]
        course = [GivenDose("C1D1", DAY, "1 mg")]
        found = assess_dose(Patient(), "C1D8", planned_start=date(2026, 1, 13), course=course, labs=labs, events=(), rulebook=mine)
        verdicts = {vote.part: vote.verdict for vote in found.votes if vote.part.startswith("labs.neutrophils")}
        assert verdicts == {"labs.neutrophils": "needs-assessment"}

    def test_first_dose_has_no_series(self) -> None:
        """Before the first dose earlier results are no episode of the drug."""
        labs = [LabResult("neutrophils", value, day, "1.5 10*9/L") for value, day in (("0.3 10*9/L", DAY), ("2 10*9/L", date(2026, 1, 12)))]
        found = assess_dose(Patient(), "C1D1", planned_start=date(2026, 1, 13), labs=labs, rulebook=US)
        assert [vote.verdict for vote in found.votes if vote.part == "labs.neutrophils"] == ["proceed"]

    def test_a_result_whose_grade_is_open_in_a_series(self) -> None:
        """A grade that is open is resolved over the episodes that each grade would make."""
        labs = [LabResult("neutrophils", "<0.9 10*9/L", date(2026, 1, 26)), LabResult("neutrophils", "0.3 10*9/L", date(2026, 1, 20))]
        course = [
            GivenDose("C1D1", DAY, "1 mg"),
            GivenDose("C1D8", date(2026, 1, 12), "10 mg"),
            GivenDose("C1D15", date(2026, 1, 19), "10 mg"),
        ]
        found = assess_dose(Patient(), "C2D1", planned_start=date(2026, 1, 27), course=course, labs=labs, events=(), rulebook=US)
        assert [vote.verdict for vote in found.votes if vote.part == "labs.neutrophils"] == ["withhold"]

    def test_times_with_an_offset(self) -> None:
        """Series are put in order by UTC."""
        course = [GivenDose("C1D1", datetime(2026, 1, 5, 9, tzinfo=UTC), "1 mg")]
        labs = [
            LabResult("neutrophils", "0.4 10*9/L", datetime(2026, 1, 7, 23, tzinfo=UTC), "1.5 10*9/L"),
            LabResult("neutrophils", "1.8 10*9/L", datetime(2026, 1, 12, 7, tzinfo=ZoneInfo("Asia/Tokyo")), "1.5 10*9/L"),
        ]
        start = datetime(2026, 1, 12, 9, tzinfo=UTC)
        found = assess_dose(Patient(), "C1D8", planned_start=start, course=course, labs=labs, events=(), rulebook=US)
        assert [vote.verdict for vote in found.votes if vote.part == "labs.neutrophils"] == ["proceed"]


class TestLiver:
    """ALT, AST and bilirubin together."""

    def test_unpaired(self) -> None:
        """Without a bilirubin of the time there is nothing to say; a day apart is near enough, two are not."""
        alt = LabResult("alt", "200 U/L", DAY, upper_limit="40 U/L")
        assert rows(liver_injury([alt], other_cause=False, rulebook=US)) == ["guard/unpaired"]
        for day, found in ((6, ["T7-LIVER-TOGETHER"]), (7, ["guard/unpaired"])):
            bilirubin = LabResult("bilirubin", "3 mg/dL", date(2026, 1, day), upper_limit="1 mg/dL")
            assert rows(liver_injury([alt, bilirubin], other_cause=False, rulebook=US)) == found


class TestRevisions:
    """The book in force on a day."""

    @pytest.mark.parametrize(
        ("on", "name"),
        [
            (date(2024, 5, 16), "us-2024-05"),
            (date(2025, 11, 18), "us-2024-05"),
            (date(2025, 11, 19), US),
            (datetime(2026, 12, 1, 9, tzinfo=UTC), US),
        ],
    )
    def test_in_force(self, on: date, name: str) -> None:
        """The last revision that is encoded."""
        assert rulebooks.in_force(on).name == name

    def test_in_their_order(self) -> None:
        """Revisions stand in the order of their days, since the last that applies is in force."""
        days = [revision.since for revision in REVISIONS]
        assert days == sorted(days)

    def test_a_revision_that_was_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A revision that no book encodes is noted while it is the newest, and no longer once an encoded one has replaced it."""
        revisions = (
            Revision("US 11/2025", date(2025, 11, 19), US),
            Revision("US 09/2026", date(2026, 9, 16), note="known, and not encoded"),
            Revision("US 01/2030", date(2030, 1, 1), US),
        )
        monkeypatch.setattr("tarlatamab_rules.rulebooks.tarlatamab.revisions.REVISIONS", revisions)
        assert [each.label for each in newer_than(date(2029, 12, 31))] == ["US 09/2026"]
        assert newer_than(date(2030, 1, 1)) == ()
        assert newer_than(date(2026, 9, 15)) == ()

    def test_none_in_force(self) -> None:
        """Before the first approval there was no label; a day must be passed."""
        with pytest.raises(UnknownRulebookError, match="no US label was in force on 2024-05-15; the first is of 2024-05-16"):
            rulebooks.in_force(date(2024, 5, 15))
        nothing: Any = None
        with pytest.raises(FieldTypeError, match="on: which day must be said"):
            rulebooks.in_force(nothing)


class TestPrint:
    """What a reader sees."""

    def test_due_and_unsettled(self) -> None:
        """The head says what is due and what the label does not settle."""
        event = ToxicityEvent("hypersensitivity", 1, status="resolved")
        found = assess_dose(
            Patient(), "C1D8", course=[GivenDose("C1D1", DAY, "1 mg")], planned_start=date(2026, 1, 12), events=[event], rulebook=US
        )
        text = as_text(found, full=True)
        assert text.splitlines()[2] == "  due: C1D8: 10 mg (first full dose), due on 2026-01-12"
        assert "    not settled: By its severity, withhold or consider stopping: a clinician decides." in text

    def test_a_toxicity_without_a_grade(self) -> None:
        """Values that are judged together have no grade of their own."""
        labs = [LabResult("alt", "200 U/L", DAY, upper_limit="40 U/L"), LabResult("bilirubin", "3 mg/dL", DAY, upper_limit="1 mg/dL")]
        text = as_text(assess_dose(Patient(), "C1D1", planned_start=date(2026, 1, 6), labs=labs, rulebook=US), full=True)
        assert "hepatotoxicity: cannot answer yet" in text

    def test_one_quantity_of_a_span(self) -> None:
        """A span whose ends are one is a quantity; another is not."""
        assert Span(8, 8, "mg").quantity.magnitude == 8
        with pytest.raises(UnitError, match="8-10 mg is a range, not one value"):
            _ = Span(8, 10, "mg").quantity

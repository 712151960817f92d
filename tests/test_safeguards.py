"""What an assessment does not pass over: facts in odd places, odd times, and documents that are no case."""

from __future__ import annotations

import gc
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from helpers import PAGE, normal_labs, well
from tarlatamab_rules import (
    Amount,
    Case,
    Decided,
    DocumentError,
    DoseAssessment,
    DosePoint,
    FieldError,
    FieldTypeError,
    GivenDose,
    InfusionSetup,
    LabResult,
    NeedsData,
    NotCovered,
    Patient,
    TableError,
    ToxicityEvent,
    assess_case,
    assess_dose,
    eligibility,
    infusion_check,
    infusion_plan,
    rulebooks,
)
from tarlatamab_rules.answers import InfusionPlan, Source, Statement
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.formats.cases import read_case
from tarlatamab_rules.policy import Rulebook
from tarlatamab_rules.rulebooks.questions import INFUSION
from tarlatamab_rules.views.text import as_text

FIRST = datetime(2025, 10, 6, 9, tzinfo=UTC)
SECOND = FIRST + timedelta(days=7)
DRAWN = SECOND - timedelta(days=1)
GIVEN = [GivenDose("C1D1", FIRST, "1 mg", ended=FIRST + timedelta(hours=1))]


def second(patient: Patient | None = None, **changes: Any) -> DoseAssessment:
    """C1D8 of a well patient with a reviewed course and normal labs, with changes, by the page unless another book is named."""
    facts: dict[str, Any] = {"planned_start": SECOND, "course": GIVEN, "labs": normal_labs(DRAWN), "events": (), "rulebook": PAGE}
    return assess_dose(patient or well(), "C1D8", **(facts | changes))


def rows(assessment: DoseAssessment) -> list[str]:
    """The ids of the rows behind the verdict."""
    return [reason.row for reason in assessment.reasons]


class TestInfection:
    """CI-1: an infection is one fact, wherever it is reported."""

    @pytest.mark.parametrize("infection", ["none", None])
    def test_ends_after_the_dose(self, infection: Any) -> None:
        """An infection that ends after the planned start is active at the dose."""
        event = ToxicityEvent("infection", 2, onset=SECOND - timedelta(days=3), resolved=SECOND + timedelta(days=2))
        assessment = second(well(infection=infection), events=[event])
        assert (assessment.verdict, rows(assessment)) == ("needs-assessment", ["CI-1"])

    def test_it_is_named_beside_what_is_missing(self) -> None:
        """While pregnancy is not known, the infection that already asks for a clinician is among the reasons."""
        answer = eligibility(well(infection="uncontrolled", pregnant=None, breastfeeding=None))
        assert isinstance(answer, NeedsData)
        assert "CI-1" in [reason.row for reason in answer.reasons]
        assert "Active infection: assess it before giving the drug." in as_text(
            second(well(infection="uncontrolled", pregnant=None)), full=True
        )


class TestResults:
    """Results that do not count, or that no dose waits for."""

    @pytest.mark.parametrize(("value", "verdict"), [("0.3 10*9/L", "needs-assessment"), ("4 10*9/L", "proceed")])
    def test_bad_result_after_the_planned_start(self, value: str, verdict: str) -> None:
        """A result drawn after the planned start does not count. If it would be against the dose, a clinician must look."""
        late = LabResult("neutrophils", value, SECOND + timedelta(minutes=5))
        assessment = second(labs=[*normal_labs(DRAWN), late])
        assert assessment.verdict == verdict
        assert "guard/labs-after" in rows(assessment) or verdict == "proceed"
        assert [str(each.standing) for each in assessment.standings if each.result == late] == ["after-planned-start"]

    @pytest.mark.statement("LAB-3")
    @pytest.mark.parametrize(
        ("result", "verdict"),
        [
            (LabResult("sodium", "127 mmol/L", DRAWN, "135 mmol/L", "145 mmol/L"), "proceed"),
            (LabResult("sodium", "124 mmol/L", FIRST - timedelta(days=40)), "proceed"),
            (LabResult("potassium", "3.2 mmol/L", DRAWN, "3.5 mmol/L", "5 mmol/L"), "proceed"),
            (LabResult("sodium", "121 mmol/L", DRAWN, "135 mmol/L", "145 mmol/L"), "needs-assessment"),
            (LabResult("potassium", "6.5 mmol/L", DRAWN, "3.5 mmol/L", "5 mmol/L"), "needs-assessment"),
        ],
    )
    def test_no_dose_waits_for_electrolytes(self, result: LabResult, verdict: str) -> None:
        """LAB-3: one that is missing is noted, and asks for nothing; grade 3 for certain is for a clinician."""
        assessment = second(labs=normal_labs(DRAWN, **{str(result.analyte): result}))
        assert (assessment.verdict, assessment.missing) == (verdict, ())
        noted = any(note.startswith((f"labs.{result.analyte}", "labs: recommended")) for note in assessment.notes)
        assert noted is (result.collected != DRAWN)

    def test_the_later_one_counts_whatever_the_hour(self) -> None:
        """A result of the day of the last dose, without a time, is replaced by a later one."""
        labs = [*normal_labs(DRAWN), LabResult("neutrophils", "0.3 10*9/L", FIRST.date())]
        assert second(labs=labs).verdict == "proceed"

    def test_two_days_without_a_time(self) -> None:
        """Of an age that two mere days leave open, both times are asked for."""
        labs = [LabResult("platelets", "200 10*9/L", date(2025, 10, 3))]
        found = assess_dose(well(), "C1D1", planned_start=date(2025, 10, 6), labs=labs, max_lab_age="3 days").standings
        (one,) = (each for each in found if each.result)
        assert (one.standing, one.missing) == ("open", ("labs.platelets.collected", "planned_start"))

    def test_paths_do_not_hang_on_the_order(self) -> None:
        """A dose of the course is named by its point, in whatever order the doses are listed."""
        for course in ([GivenDose("C1D8"), GivenDose("C1D1", FIRST)], [GivenDose("C1D1", FIRST), GivenDose("C1D8")]):
            facts: dict[str, Any] = {"planned_start": SECOND, "course": course, "labs": normal_labs(DRAWN), "events": ()}
            assert assess_dose(well(), "C1D15", **facts, rulebook=PAGE).missing == ("course.C1D8.started",)
            # By the label the amounts given tell which dose comes next.
            assert assess_dose(well(), "C1D15", **facts).missing == ("course.C1D8.started", "course.C1D1.amount", "course.C1D8.amount")


@pytest.mark.statement("MON-3")
class TestMonitoring:
    """MON-3: two hours only where no relevant toxicity is certain not to be."""

    COURSE = tuple(GivenDose(DosePoint.at(n), FIRST + timedelta(days=7 * n)) for n in range(1, 10))
    START = FIRST + timedelta(days=77)
    LATE = START - timedelta(days=1)

    def fifth(self, *labs: LabResult, **changes: LabResult) -> DoseAssessment:
        """C5D1 with a reviewed history without toxicity, by the page."""
        return assess_dose(
            well(),
            "C5D1",
            planned_start=self.START,
            course=self.COURSE,
            labs=[*normal_labs(self.LATE, **changes), *labs],
            events=(),
            rulebook=PAGE,
        )

    def test_open_grade(self) -> None:
        """A result whose grade is open leaves the hours open, and the limit is asked for."""
        assessment = self.fifth(alt=LabResult("alt", "300 U/L", self.LATE))
        assert isinstance(assessment.monitoring, NeedsData)
        assert assessment.monitoring.missing == ("labs.alt.upper_limit", "labs.alt.baseline")

    @pytest.mark.parametrize(
        ("value", "collected", "expected"),
        [
            ("0.3 10*9/L", FIRST + timedelta(days=30), NotCovered),
            ("0.3 10*9/L", FIRST - timedelta(days=1), Decided),
            ("0.3 10*9/L", None, NeedsData),
            ("0.3 10*9/L", FIRST + timedelta(days=200), Decided),
            ("4 10*9/L", FIRST + timedelta(days=30), Decided),
        ],
    )
    def test_past_results(self, value: str, collected: Any, expected: type) -> None:
        """A grade 4 between two doses was a toxicity; one from before the first dose was not; one without a date may have been."""
        assert isinstance(self.fifth(LabResult("neutrophils", value, collected)).monitoring, expected)

    def test_results_not_asked_for(self) -> None:
        """Of a result that the page does not require, only a grade that is certain counts."""
        assert isinstance(self.fifth(LabResult("creatinine", "1 mg/dL", self.LATE)).monitoring, Decided)
        assert isinstance(self.fifth(LabResult("creatinine", "3 mg/dL", self.LATE, None, "1 mg/dL")).monitoring, NotCovered)

    def test_no_first_date(self) -> None:
        """Where the first dose has no date, a past result is not known to be of the treatment."""
        labs = [*normal_labs(self.LATE), LabResult("neutrophils", "0.3 10*9/L", FIRST + timedelta(days=30))]
        course = [GivenDose(dose.point, None if n == 0 else dose.started) for n, dose in enumerate(self.COURSE)]
        facts: dict[str, Any] = {"planned_start": self.START, "course": course, "labs": labs, "events": ()}
        assert isinstance(assess_dose(well(), "C5D1", **facts, rulebook=PAGE).monitoring, Decided)


class TestReport:
    """What a nurse reads."""

    def test_crs_is_named(self) -> None:
        """The head of the report names cytokine release syndrome without an action in the book, and the notes have its order."""
        text = as_text(second(events=[ToxicityEvent("crs", 2, status="active")]), full=True)
        head, _, rest = text.partition("\n\n")
        assert head.endswith("to be checked elsewhere: Dose and interval, CRS, grade 2")
        assert "  ! while it is active, monitor sodium, potassium and uric acid [LAB-3/crs]\n" in rest

    @pytest.mark.statement("LAB-3")
    @pytest.mark.parametrize(
        ("event", "said"),
        [
            (ToxicityEvent("crs", 1, status="active"), "while it is active"),
            (ToxicityEvent("crs", 1), "if it is active"),
            (ToxicityEvent("crs", 0), ""),
            (ToxicityEvent("crs", 3, status="resolved"), ""),
        ],
    )
    def test_order_while_active(self, event: ToxicityEvent, said: str) -> None:
        """The order is shown only if the syndrome is or may be active, and only by a book that has it."""
        orders = [note for note in second(events=[event]).notes if "monitor" in note]
        assert bool(orders) is bool(said)
        assert all(said in order for order in orders)
        assert not any("monitor" in note for note in second(events=[event], rulebook="ctcae-5.0").notes)

    def test_not_yet_cleared(self) -> None:
        """What goes with the dose is printed under its condition."""
        assert "\nOnly if the dose is cleared:\nPremedication:" in as_text(second(labs=()), full=True)
        assert "\nIf the dose is given anyway:\nPremedication:" in as_text(second(well(pregnant=True)), full=True)
        assert "cleared" not in as_text(second(), full=True)

    @pytest.mark.statement("PRG-2")
    def test_contraception_after_the_dose_given_last(self) -> None:
        """If the dose is not to be given, contraception is counted from the last dose given. Before any dose, none is printed."""
        stopped = second(events=[ToxicityEvent("icans", 3, status="active")])
        assert "Contraception, after the last dose given: use contraception until 2025-12-06, 2 months" in as_text(stopped, full=True)
        never = assess_dose(well(pregnant=True), "C1D1", planned_start=FIRST, course=())
        assert never.contraception.missing == ("course",)
        assert "Contraception" not in as_text(never, full=True)
        unknown = assess_dose(Patient(), "C1D1")
        assert unknown.contraception.missing == ("patient.childbearing_potential", "planned_start")

    def test_a_result_on_file(self) -> None:
        """For a missing result, the result on file that does not count is listed, with the reason."""
        text = as_text(second(labs=normal_labs(FIRST - timedelta(days=1), alt=LabResult("alt", "20 U/L"))), full=True)
        assert "  - neutrophils (4 10*9/L, drawn 2025-10-05 09:00+00:00: before last dose)\n" in text
        assert "  - ALT: when it was drawn\n" in text


class TestGarbage:
    """Whatever is passed, the error is ours and says what to pass."""

    @pytest.mark.parametrize("rulebook", [[], {}, 5, ["precautions-2025-09"]])
    def test_no_rulebook(self, rulebook: Any) -> None:
        """What is no rulebook is refused, also where it cannot be remembered."""
        with pytest.raises(FieldTypeError, match="is not a rulebook"):
            infusion_plan("C1D1", rulebook=rulebook)

    @pytest.mark.parametrize("document", [[], None, 1, [1]])
    def test_no_document(self, document: Any) -> None:
        """What is no document is refused as one that cannot be read."""
        with pytest.raises(DocumentError) as caught:
            read_case(document)
        assert "is not an object" in str(caught.value.exceptions[0])

    def test_no_case(self) -> None:
        """A case is a case, a place in the row of doses a number, and nobody is given a kilogram."""
        with pytest.raises(FieldTypeError, match="pass Case"):
            assess_case(None)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(FieldTypeError, match="is not a whole number"):
            DosePoint.at("C1D1")  # type: ignore[arg-type]  # on purpose
        with pytest.raises(FieldError, match="cannot be a dose"):
            GivenDose("C1D1", amount="1e308 mg")

    def test_beyond_all_measure(self) -> None:
        """What no pump can be set to is refused."""
        with pytest.raises(FieldError, match="rate: 1e\\+300 mL/h cannot be a setting"):
            InfusionSetup(rate="1e300 mL/h")

    def test_a_plan_without_a_rate(self) -> None:
        """What a book does not plan cannot disagree with it."""
        row = Row("A-1", {}, InfusionPlan(duration=Amount(1, "h")), "An hour.")
        page = rulebooks.get(PAGE)
        book = Rulebook(
            Source("mine", "M", "M", "1"), (*page.statements, Statement("A-1", "", "")), {**page.rows, INFUSION: (row,)}, "ctcae-5.0"
        )
        setup = InfusionSetup(volume="7 mL", duration="1 h", pump=True, constant_rate=True, transfer_device=False)
        assert infusion_check("C1D1", setup, rulebook=book).unwrap() == "as-planned"


class TestSize:
    """A document of megabytes is no case; what is read is assessed in a time that grows with it, not with its square."""

    def test_many_events(self) -> None:
        """More episodes than a patient can have are refused."""
        with pytest.raises(DocumentError) as caught:
            read_case({"point": "C1D8", "events": [{"toxicity": "crs"}] * 1_001})
        assert "events: a list of 1,001 items is too long for one patient" in str(caught.value.exceptions[0])

    @pytest.mark.parametrize("collected", [DRAWN, None])
    def test_many_results(self, collected: Any) -> None:
        """Thousands of results of one time, or of none, take no longer each than a few."""

        def seconds(count: int) -> float:
            labs = tuple(LabResult("platelets", (200 + n, "10*9/L"), collected) for n in range(count))
            case = Case(patient=well(), point="C1D8", planned_start=SECOND, course=GIVEN, labs=(*normal_labs(DRAWN), *labs), events=())
            gc.collect()
            gc.disable()  # how long it sweeps hangs on all that the other tests have left
            try:
                began = time.process_time()
                as_text(assess_case(case), full=True)
                return time.process_time() - began
            finally:
                gc.enable()

        few, many = (min(seconds(count) for _ in range(3)) for count in (500, 4_000))
        assert many < 8 * few * 4


def test_a_book_of_another_name_has_no_tests_of_ours() -> None:
    """A book that only has the name of one of ours is not traced to our tests."""
    from tarlatamab_rules.views.trace import trace

    page = rulebooks.get(PAGE)
    twin = Rulebook(page.source, page.statements, page.rows, page.lab_scale)
    assert not any(row.cases for each in trace(twin) for row in each.rows)
    assert any(row.cases for each in trace(page) for row in each.rows)


def test_a_row_of_a_missing_statement() -> None:
    """A plan of a row whose statement the book lacks does not compile."""
    row = Row("A-1", {}, InfusionPlan(), "Nothing.")
    with pytest.raises(TableError, match="has no statement 'A-1'"):
        _ = Rulebook(Source("mine", "M", "M", "1"), (), {INFUSION: (row,)}, "ctcae-5.0")[INFUSION]

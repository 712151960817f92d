"""Behaviour that no other test would miss: for each of these cases a small change of the code went unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from helpers import DEFAULT, normal_labs, well
from tarlatamab_rules import (
    Case,
    CrsFindings,
    DoseAssessment,
    FieldError,
    GivenDose,
    LabResult,
    ToxicityEvent,
    assess_case,
    assess_dose,
    lab_standings,
    premedication_plan,
    rulebooks,
    what_to_ask,
)
from tarlatamab_rules.answers import Checklist, Instruction, Modality
from tarlatamab_rules.assessment.candidates import day_cuts
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.rulebooks.questions import CHECKLIST
from test_results_attacked import POINTS, US, asked, at, on, voted

PATIENT = well(childbearing_potential=False, hypersensitivity=False)


def course(amounts: Sequence[str | None], days: Sequence[int]) -> list[GivenDose]:
    """Doses of some amounts on some days."""
    return [GivenDose(point, at(day, 9), amount, at(day, 10)) for point, amount, day in zip(POINTS, amounts, days, strict=False)]


REGULAR = course(["1 mg", *["10 mg"] * 4], [0, 7, 14, 28, 42])


def dose(doses: list[GivenDose], day: int, **facts: Any) -> DoseAssessment:
    """The next dose of a course, on a day."""
    point = list(POINTS)[len(doses)]
    known: dict[str, Any] = {"labs": normal_labs(at(day)), "events": ()} | facts
    return assess_dose(PATIENT, point, planned_start=at(day, 9), course=doses, rulebook=US, **known)


class TestCourse:
    """What a course says of the next dose."""

    @pytest.mark.parametrize("unknown", [1, 2])
    def test_a_restart_after_an_unknown_amount(self, unknown: int) -> None:
        """10 mg, 42 days after C2D1, where the step-up was due to begin anew: for a clinician, also if an older amount is not known."""
        amounts = [None if n == unknown else amount for n, amount in enumerate(["1 mg", *["10 mg"] * 4])]
        assert "guard/restart" in voted(dose(course(amounts, [0, 7, 14, 28, 70]), 84))
        assert "guard/restart" not in voted(dose(course(amounts, [0, 7, 14, 28, 42]), 56))

    def test_an_amount_that_fits_no_schedule(self) -> None:
        """5 mg at C1D8: the vote names that what follows is for a clinician, beside the amount itself."""
        vote = next(vote for vote in dose(course(["1 mg", "5 mg"], [0, 7]), 14).votes if vote.part == "dose")
        assert [(reason.row, reason.says.split(",")[0]) for reason in vote.reasons] == [
            ("guard/amount", "The amount given at C1D8"),
            ("guard/amount", "The amounts given do not fit the schedule"),
        ]

    def test_the_days_on_which_an_answer_changes(self) -> None:
        """One week and three weeks of Table 7; more than 14, 21 and 28 days of Table 4."""
        assert day_cuts(rulebooks.get(US)) == {0, 8, 15, 22, 29}


class TestEpisodes:
    """What is asked of an episode."""

    def test_a_clock_without_a_planned_start(self) -> None:
        """Active thrombocytopenia of grade 4 is held at any time, but only the planned start says whether three weeks are over."""
        event = ToxicityEvent("thrombocytopenia", 4, status="active", onset=on(50))
        found = assess_case(Case(patient=PATIENT, point="C3D1", course=REGULAR, labs=normal_labs(at(49)), events=[event]), rulebook=US)
        vote = next(vote for vote in found.votes if vote.part == "events[0]")
        assert (vote.verdict, vote.missing) == ("withhold", ("planned_start",))

    def test_drugs_and_hours_ask_for_what_is_open_of_an_episode(self) -> None:
        """The label's drugs and hours hang on CRS since the last dose: its grade is asked for, not the events, which are known."""
        events = [
            ToxicityEvent("crs", status="resolved", onset=on(50), resolved=on(52)),
            ToxicityEvent("infection", onset=on(20), status="resolved"),
        ]
        found = dose(REGULAR, 56, events=events)
        assert getattr(found.premedication, "missing", None) == ("events.crs.grade",)
        assert getattr(found.monitoring, "missing", None) == ("events[0].grade",)

    def test_the_grade_of_an_earlier_episode(self) -> None:
        """Whether neutropenia recurs depends on the grade of the earlier episode, which is asked for, as is its own."""
        events = [ToxicityEvent("neutropenia", onset=on(52)), ToxicityEvent("neutropenia", onset=on(44), resolved=on(46))]
        found = dose(REGULAR, 56, events=events, labs=[result for result in normal_labs(at(56)) if result.analyte != "neutrophils"])
        asked_of = {vote.part: vote.missing for vote in found.votes if vote.part.startswith("events")}
        assert asked_of == {"events[0]": ("events[0].grade", "events[0].status", "events[1].grade"), "events[1]": ()}


def test_the_sources_of_an_order() -> None:
    """A policy over a stack names the book of the stack that gives an order, not the stack."""
    ours = rulebooks.default().overlay("ours", {CHECKLIST: (Row("W-1", {}, Checklist((Instruction(Modality.GIVE, "weight"),)), "Weigh."),)})
    sources = {item.what: item.sources for item in premedication_plan("C1D1", events=(), rulebook=ours).unwrap().instructions}
    assert sources == {"dexamethasone": ("precautions-2025-09",), "normal saline": ("precautions-2025-09",)}


class TestResults:
    """What is asked of results."""

    def test_an_old_result_without_a_limit(self) -> None:
        """A missing ALT is asked for in multiples of the limit if the old one has no limit, else in the unit of the old one."""
        normal = [result for result in normal_labs(at(56)) if result.analyte != "alt"]
        for limit, says in ((None, "5 times the upper limit"), ("35 U/L", "175 U/L")):
            labs = [*normal, LabResult("alt", "20 U/L", at(20), upper_limit=limit)]
            found = assess_case(Case(patient=PATIENT, point="C3D1", planned_start=at(56, 9), course=REGULAR, labs=labs, events=()))
            assert [f"{fact}".split(",")[0] for fact in what_to_ask(found)] == [f"labs.alt: if <= {says}"]

    def test_a_pair_of_which_the_enzyme_is_late(self) -> None:
        """ALT 3.5 times the limit, drawn after the planned start, and bilirubin 2.5 times before it: the pair is asked about."""
        late = LabResult("alt", "140 U/L", at(56, 12), upper_limit="40 U/L")
        found = asked("C3D1", late, bilirubin=LabResult("bilirubin", "3 mg/dL", at(56), upper_limit="1.2 mg/dL"))
        assert [(vote.part, vote.verdict) for vote in found.votes if vote.verdict != "proceed"] == [
            ("labs.alt with labs.bilirubin", "needs-data")
        ]

    @pytest.mark.parametrize("first", [0, 1])
    def test_the_first_good_sample(self, first: int) -> None:
        """Neutropenia of grade 4 that a sample shows to be over on the 4th day recovered in time, in whatever order samples are listed."""
        samples = [LabResult("neutrophils", "4 10*9/L", at(day)) for day in (47, 54)]
        event = ToxicityEvent("neutropenia", 4, onset=on(43), resolved=on(55), status="resolved")
        assert asked("C3D1", samples[first], samples[1 - first], events=[event]).verdict == "proceed"
        late = LabResult("neutrophils", "4 10*9/L", at(56, 12))
        assert asked("C3D1", samples[first], late, samples[1 - first], events=[event]).verdict == "proceed"

    @pytest.mark.parametrize("first", [0, 1])
    def test_the_first_of_two_good_samples(self, first: int) -> None:
        """Grade 4 of day 43, over without a date: 3.0 on day 46 is in time, whatever 1.2 of day 52 is, and in whatever order they stand."""
        samples = [LabResult("neutrophils", f"{value} 10*9/L", at(day)) for value, day in (("3", 46), ("1.2", 52))]
        event = ToxicityEvent("neutropenia", 4, onset=on(43), status="resolved")
        found = asked("C3D1", samples[first], samples[1 - first], events=[event])
        assert (found.verdict, found.missing) == ("proceed", ())

    def test_a_good_sample_before_the_bad_one(self) -> None:
        """Grade 2 on day 47 and grade 3 on day 52: recovery on day 46, as reported, did not last, and the week is over on day 50."""
        samples = [LabResult("neutrophils", f"{value} 10*9/L", at(day)) for value, day in (("1.2", 47), ("0.8", 52))]
        event = ToxicityEvent("neutropenia", 4, onset=on(43), improved=on(46), resolved=on(55), status="resolved")
        assert asked("C3D1", *samples, events=[event]).verdict == "discontinue"

    def test_a_baseline_that_several_results_lack(self) -> None:
        """200 U/L today is 3 times 66.7: with a higher baseline it is grade 1. The afternoon, 123.6, changes elsewhere."""
        values = (("800 U/L", at(53)), ("200 U/L", at(56)), ("123.6 U/L", at(56, 12)))
        labs = [result for result in normal_labs(at(56)) if result.analyte != "alt"]
        labs += [LabResult("alt", value, drawn, upper_limit="40 U/L") for value, drawn in values]
        found = assess_case(Case(patient=PATIENT, point="C3D1", planned_start=at(56, 9), course=REGULAR, labs=labs, events=()), rulebook=US)
        (fact,) = what_to_ask(found)
        assert f"{fact}".startswith("labs.alt.baseline: if < 66.6667 U/L, then withhold")

    @pytest.mark.parametrize("book", [US, "eu-2026", DEFAULT])
    def test_anemia_that_was_treated(self, book: str) -> None:
        """Haemoglobin 7.5 g/dL two weeks ago is grade 3, and 4 only by what the patient felt: with 13 today, nothing is asked."""
        found = asked("C3D1", LabResult("hemoglobin", "7.5 g/dL", at(46)), book=book)
        assert (found.verdict, found.missing) == ("proceed", ())

    @pytest.mark.parametrize(("day", "verdict"), [(53, "needs-assessment"), (54, "proceed")])
    def test_the_day_after_a_reported_improvement(self, day: int, verdict: str) -> None:
        """Improved on day 52, with no day of its end: a bad sample of the next day contradicts that; one of a day later is another dip."""
        event = ToxicityEvent("neutropenia", 4, onset=on(45), improved=on(52), status="resolved")
        assert asked("C3D1", LabResult("neutrophils", "0.9 10*9/L", at(day)), events=[event]).verdict == verdict

    def test_an_undated_report_of_a_measured_episode(self) -> None:
        """Neutropenia of grade 3 without dates, and grade 4 by samples: they may be one. The onset of the report is asked for, once."""
        samples = [LabResult("neutrophils", f"{value} 10*9/L", at(day)) for value, day in (("0.4", 43), ("4", 46))]
        found = asked("C3D1", *samples, events=[ToxicityEvent("neutropenia", 3, status="resolved")])
        assert (found.verdict, found.missing) == ("needs-data", ("events[0].onset",))

    def test_a_report_that_cannot_be_told_apart(self) -> None:
        """Grade 4 on day 40, no sample since, and a resolved report without dates: whether they are two is not known, so none recurs."""
        report = ToxicityEvent("neutropenia", 4, status="resolved")
        found = dose(REGULAR, 56, labs=[LabResult("neutrophils", "0.4 10*9/L", at(40))], events=[report])
        vote = next(vote for vote in found.votes if vote.part == "labs.neutrophils before")
        assert {reason.row.partition("/")[0] for reason in vote.reasons} == {"T7-NEUTROPENIA-4"}

    def test_an_earlier_episode_that_lasted_too_long(self) -> None:
        """Neutropenia of grade 4 for eleven days, which stops the drug for good; then 2.0, and now grade 3, which only withholds it."""
        samples = [
            LabResult("neutrophils", f"{value} 10*9/L", at(day)) for value, day in (("0.4", 37), ("0.4", 48), ("2.0", 50), ("0.8", 55))
        ]
        labs = [lab for lab in normal_labs(at(56)) if lab.analyte != "neutrophils"]
        found = dose(REGULAR, 56, labs=[*labs, *samples])
        votes = {vote.part: vote.verdict for vote in found.votes if vote.part.startswith("labs.neutrophils")}
        assert votes == {"labs.neutrophils": "withhold", "labs.neutrophils from 2026-02-11 07:00:00": "discontinue"}
        assert found.verdict == "discontinue"

    def test_an_active_count_that_did_not_stay_up(self) -> None:
        """Neutropenia of grade 4, active, improved on day 46 by the report: grade 3 on day 52 says otherwise, and the week is over."""
        event = ToxicityEvent("neutropenia", 4, onset=on(43), improved=on(46), status="active")
        assert asked("C3D1", events=[event]).verdict == "proceed"
        assert asked("C3D1", LabResult("neutrophils", "0.8 10*9/L", at(52)), events=[event]).verdict == "discontinue"

    def test_findings_beside_those_of_an_event(self) -> None:
        """CRS is active with findings that leave grade 3 or 4, and current ones that leave as much: its grade would settle both."""
        then = CrsFindings(temperature="38.6 Cel", oxygen="high-flow", fever_masked=False)
        now = CrsFindings(vasopressin=True, oxygen="low-flow", fever_masked=False)
        found = dose(REGULAR, 56, events=[ToxicityEvent("crs", onset=on(55), status="active", findings=then)], findings=now)
        assert found.missing[0] == "events[0].grade"

    def test_findings_of_an_episode_that_is_over(self) -> None:
        """CRS without a grade, whose findings the scale does not grade, is over: its grade is asked for, since nobody can look again."""
        findings = CrsFindings(temperature="37.7 Cel", hypotension="none", vasopressin=False, oxygen="high-flow", fever_masked=False)
        found = dose(REGULAR, 56, events=[ToxicityEvent("crs", onset=on(44), resolved=on(50), findings=findings)])
        assert (found.verdict, found.missing) == ("needs-data", ("events[0].grade",))


class TestBleeding:
    """Bleeding of an episode that has resolved."""

    @pytest.mark.parametrize(("resolved", "verdict"), [(30, "proceed"), (42, "withhold"), (50, "withhold")])
    def test_is_over_once_a_dose_was_given_since(self, resolved: int, verdict: str) -> None:
        """Table 7 holds the drug while there is bleeding. A dose on day 42, after the episode had ended, shows that it was over."""
        event = ToxicityEvent("thrombocytopenia", 3, onset=on(20), resolved=on(resolved), status="resolved", bleeding=True)
        found = dose(REGULAR, 56, events=[event])
        assert found.verdict == verdict
        assert ("the bleeding counts as over" in f"{found.notes}") is (verdict == "proceed")


def test_a_count_as_a_quantity_of_pint() -> None:
    """4.0 thousand million a litre is that many a litre for pint, which has no unit of cells."""
    quantity = LabResult("neutrophils", "4 10*9/L").quantity.quantity
    assert (quantity.magnitude, quantity.to("1/uL").magnitude) == (4e9, pytest.approx(4000))


def test_a_question_shows_what_it_asks() -> None:
    """A question is printed with its title and axes, without the order of harm of each axis, which fills pages."""
    assert "worse" not in repr(CHECKLIST)


@pytest.mark.parametrize(
    ("analyte", "text", "kept"),
    [
        ("bilirubin", "8550 nmol/L", "0.499886 mg/dL"),
        ("bilirubin", "8550000 pmol/L", "0.499886 mg/dL"),
        ("bilirubin", "8550 nanomol/L", "0.499886 mg/dL"),
        ("bilirubin", "8550000 picomol/L", "0.499886 mg/dL"),
        ("bilirubin", "8.55 mmol/m3", "0.499886 mg/dL"),
        ("bilirubin", "0.00855 mmol/L", "0.499886 mg/dL"),
        ("hemoglobin", "130 kg/m3", "13 g/dL"),
        ("hemoglobin", "130 g/dm3", "13 g/dL"),
        ("sodium", "0.14 kmol/m3", "140 mmol/L"),
    ],
)
def test_prefixes_and_cubes(analyte: Any, text: str, kept: str) -> None:
    """Every prefix of SI and every cube is what it says: 58.467 g of bilirubin are 0.1 mol, and a cubic metre is 1000 L."""
    assert str(LabResult(analyte, text).quantity) == kept


def test_a_mass_as_a_quantity_of_pint() -> None:
    """Milligrams per decilitre are known to pint under that name."""
    quantity = LabResult("bilirubin", "0.5 mg/dL").quantity.quantity
    assert quantity.to("g/L").magnitude == pytest.approx(0.005)
    assert str(LabResult("bilirubin", quantity).quantity) == "0.5 mg/dL"


def test_the_example_of_a_maximum_age() -> None:
    """An age without a unit is refused with an example of three days."""
    with pytest.raises(FieldError, match=r"max_lab_age: 5 has no unit; write number and unit, as '72 h'"):
        lab_standings("C1D8", [], max_lab_age=5)  # type: ignore[arg-type]  # wrong on purpose


def test_the_days_on_which_a_dose_may_have_been_given() -> None:
    """C1D8 on 12 January is due seven days after C1D1: by the 5th, and not if C1D1 was given later."""
    case = Case(
        patient=PATIENT,
        point="C1D8",
        planned_start=at(7, 9),
        course=[GivenDose("C1D1", None, "1 mg")],
        labs=normal_labs(at(7)),
        events=(),
    )
    (asked_for,) = what_to_ask(assess_case(case, rulebook=US))
    assert asked_for.path == "course.C1D1.started"
    assert [outcome.says for outcome in asked_for.outcomes] == ["on 2026-01-05 or earlier", "on 2026-01-06 to 2026-01-12"]

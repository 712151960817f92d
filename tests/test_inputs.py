"""The values that a patient, a course, results and events accept, and those that are refused."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules import (
    Amount,
    Analyte,
    Case,
    Course,
    CrsFindings,
    Diagnosis,
    DoseAction,
    DosePoint,
    FieldError,
    FieldTypeError,
    GivenDose,
    Grade,
    Infection,
    LabResult,
    NeuroFindings,
    Patient,
    Role,
    ToxicityEvent,
    UnknownRulebookError,
    Verdict,
    rulebooks,
)
from tarlatamab_rules.answers import Eligibility
from tarlatamab_rules.inputs import vocabulary
from tarlatamab_rules.inputs._fields import earlier, word
from tarlatamab_rules.policy import MONITORING, MonitoringPlan, Row

NINE = datetime(2025, 10, 6, 9)  # noqa: DTZ001  # naive on purpose
NINE_UTC = NINE.replace(tzinfo=UTC)


def of(kind: Any, *values: Any, **named: Any) -> Callable[[], object]:
    """Builds a *kind* from values that a type checker would refuse too."""
    return lambda: kind(*values, **named)


def refused(build: Any, path: str, problem: str) -> None:
    """*build* is refused with an error at *path* that says *problem* and a fix."""
    with pytest.raises(FieldError) as caught:
        build()
    assert caught.value.path == path
    assert problem in caught.value.problem
    assert caught.value.fix


class NotATime(datetime):
    """Like the "not a time" of data frames: a datetime of no year."""

    @property
    def year(self) -> Any:
        """Not a number."""
        return float("nan")


class TestPatient:
    """A patient, as far as known."""

    def test_nothing_known(self) -> None:
        """Every fact may be unknown, and is so by default."""
        assert set(attrs.asdict(Patient()).values()) == {None}

    def test_words(self) -> None:
        """A field takes the word or the member."""
        patient = Patient(diagnosis="extensive-stage-sclc", infection="controlled")
        assert (patient.diagnosis, patient.infection) == ("extensive-stage-sclc", "controlled")
        assert attrs.evolve(patient, age_years=64).diagnosis is patient.diagnosis

    @pytest.mark.parametrize("age", [0, 17.9, 64, 130, Fraction(35, 2)])
    def test_age(self, age: Any) -> None:
        """An age is any number of years up to 130."""
        assert Patient(age_years=age).age_years == float(age)

    @pytest.mark.parametrize(
        ("field", "value", "problem"),
        [
            ("age_years", -1, "out of range"),
            ("age_years", 131, "out of range"),
            ("age_years", float("nan"), "not a finite number"),
            ("age_years", float("inf"), "not a finite number"),
            ("age_years", "64", "not a number"),
            ("age_years", True, "not a number"),
            ("diagnosis", "nsclc", "is not known"),
            ("diagnosis", 3, "not a word"),
            ("infection", "yes", "is not known"),
            ("progressed_after_platinum", 1, "not true or false"),
            ("childbearing_potential", "no", "not true or false"),
            ("pregnant", 0, "not true or false"),
            ("breastfeeding", "false", "not true or false"),
            ("hypersensitivity", [], "not true or false"),
        ],
    )
    def test_refused(self, field: str, value: Any, problem: str) -> None:
        """A wrong type or an impossible number is refused at its field."""
        refused(of(Patient, **{field: value}), field, problem)

    def test_very_many_digits(self) -> None:
        """A number that Python will not even write is refused like any other."""
        refused(of(Patient, age_years=10**5000), "age_years", "a int with very many digits is out of range")

    def test_near_words(self) -> None:
        """A word in other letters is refused, and the right one named."""
        refused(of(Patient, diagnosis="Extensive stage SCLC"), "diagnosis", "is not known")
        with pytest.raises(FieldError, match="write 'extensive-stage-sclc'"):
            of(Patient, diagnosis="Extensive_Stage SCLC")()

    def test_truth_values_of_arrays(self) -> None:
        """A truth value of an array library is taken as the truth value it is."""

        class ArrayTruth:
            def item(self) -> bool:
                return True

        assert of(Patient, pregnant=ArrayTruth())() == Patient(pregnant=True)

    def test_pregnant_without_childbearing_potential(self) -> None:
        """The two contradict each other; either alone is fine, and breast-feeding does not depend on it."""
        refused(lambda: Patient(pregnant=True, childbearing_potential=False), "pregnant", "without childbearing potential")
        assert Patient(pregnant=True).childbearing_potential is None
        assert Patient(breastfeeding=True, childbearing_potential=False).breastfeeding


@pytest.mark.parametrize(("text", "kind"), [("2025-10-06", "date"), ("2025-10-06T09:00Z", "datetime"), ("2025-10-06 09:00", "datetime")])
def test_a_date_as_text(text: str, kind: str) -> None:
    """The error for a date that is passed as text shows how to convert this text."""
    with pytest.raises(FieldError) as caught:
        GivenDose("C1D1", text)  # type: ignore[arg-type]  # the mistake that is tested
    assert caught.value.fix == f"pass datetime.{kind}.fromisoformat({text!r})"


class TestDosePoint:
    """The row of doses."""

    @pytest.mark.parametrize(
        ("text", "number"), [("C1D1", 1), ("C1D8", 2), ("C1D15", 3), ("C2D1", 4), ("C2D15", 5), ("C5D1", 10), (" c6d15 ", 13)]
    )
    def test_number(self, text: str, number: int) -> None:
        """Cycle 1 has three doses, every later one two."""
        point = DosePoint.of(text)
        assert point.number == number
        assert DosePoint.at(number) == point == DosePoint.of(point)

    @given(st.integers(1, 1998))
    def test_there_and_back(self, number: int) -> None:
        """Every place is a point, in the order of the places."""
        point = DosePoint.at(number)
        assert point.number == number
        assert DosePoint.of(str(point)) == point
        assert number == 1 or DosePoint.at(number - 1) < point

    @pytest.mark.parametrize(
        ("value", "problem"),
        [
            ("C0D1", "no cycle 0"),
            ("C1D3", "no dose on day 3"),
            ("C2D8", "no dose on day 8"),
            ("C1D0", "no dose on day 0"),
            ("C1000D1", "not a dose point"),
            ("cycle 1", "not a dose point"),
            ("", "not a dose point"),
            ("C1D1" * 100, "not a dose point"),
            (3, "not a dose point"),
            (None, "not a dose point"),
        ],
    )
    def test_refused(self, value: Any, problem: str) -> None:
        """A point that the schedule does not have is refused."""
        refused(lambda: DosePoint.of(value), "point", problem)

    def test_places_count_from_one(self) -> None:
        """There is no dose before the first."""
        refused(of(DosePoint.at, 0), "point", "there is no dose 0")
        refused(of(DosePoint, 10**5000, 1), "point", "there is no cycle")

    @pytest.mark.parametrize(("cycle", "day"), [(1.0, 1), (1, "8"), (True, 1)])
    def test_types(self, cycle: Any, day: Any) -> None:
        """Cycle and day are whole numbers."""
        refused(lambda: DosePoint(cycle, day), "point", "not whole numbers")


class TestCourse:
    """The doses given."""

    def test_order_does_not_matter(self) -> None:
        """Doses stand in the order in which they were given; without dates, in that of the schedule."""
        first, second = GivenDose("C1D1", NINE), GivenDose("C1D8", NINE + timedelta(days=7))
        assert Course([second, first]) == Course((first, second))
        assert Course([second, first]).last == second
        assert Course([GivenDose("C1D8"), GivenDose("C1D1", NINE)]).last == GivenDose("C1D8")
        assert Course().last is None

    def test_given_dose(self) -> None:
        """An amount is kept in mg."""
        assert GivenDose("C1D1", amount="1000 ug").amount == Amount(1, "mg")
        assert GivenDose("C1D1").amount is None

    @pytest.mark.parametrize(
        ("build", "path", "problem"),
        [
            (of(GivenDose, "C1D2"), "point", "no dose on day 2"),
            (of(GivenDose, "C1D1", "2025-10-06"), "started", "not a date"),
            (of(GivenDose, "C1D1", ended=5), "ended", "not a date"),
            (of(GivenDose, "C1D1", amount=1), "amount", "has no unit"),
            (of(GivenDose, "C1D1", amount="0 mg"), "amount", "is not a dose"),
            (of(GivenDose, "C1D1", NotATime(2025, 1, 1)), "started", "not a date"),
            (of(GivenDose, "C1D1", date(1, 1, 1)), "started", "0001-01-01 is out of range"),
            (of(GivenDose, "C1D1", datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5)))), "started", "is out of range"),
            (of(GivenDose, "C1D1", complete="yes"), "complete", "not true or false"),
            (of(GivenDose, "C1D1", NINE, ended=NINE - timedelta(minutes=1)), "ended", "ended before it began"),
            (of(GivenDose, "C1D1", NINE, ended=NINE_UTC), "started", "has no UTC offset, while ended has one"),
            (of(Course, [GivenDose("C1D1"), GivenDose("C1D1")]), "doses[1]", "is listed twice"),
            (of(Course, "C1D1"), "doses", "not a list"),
            (of(Course, [DosePoint(1, 1)]), "doses[0]", "not a GivenDose"),
        ],
    )
    def test_refused(self, build: Any, path: str, problem: str) -> None:
        """What cannot be is refused at its field."""
        refused(build, path, problem)


class TestLabResult:
    """A result in the unit of its analyte."""

    def test_all_in_one_unit(self) -> None:
        """Value, limits and baseline each may come in their own unit, and are kept in one."""
        lab = LabResult("bilirubin", "17.1039 umol/L", NINE, upper_limit="1.2 mg/dL", baseline=("12 mg/L"))
        assert lab.quantity.value == pytest.approx(1, rel=1e-5)
        assert (lab.upper_limit, lab.baseline, lab.lower_limit) == (Amount(1.2, "mg/dL"), Amount(1.2, "mg/dL"), None)

    @pytest.mark.parametrize(
        ("build", "path", "problem"),
        [
            (of(LabResult, "lactate", "1 mmol/L"), "analyte", "'lactate' is not known"),
            (of(LabResult, None, "1 mmol/L"), "analyte", "the analyte is missing"),
            (of(LabResult, "neutrophils", 0.8), "quantity", "has no unit"),
            (of(LabResult, "neutrophils", "0.8 mg"), "quantity", "not a unit of a cell count"),
            (of(LabResult, "neutrophils", "-0.8 /uL"), "quantity", "is negative"),
            (of(LabResult, "alt", "30 U/L", upper_limit="<40 U/L"), "upper_limit", "is a bound"),
            (of(LabResult, "alt", "30 U/L", upper_limit="0 U/L"), "upper_limit", "cannot be the upper limit"),
            (of(LabResult, "alt", "30 U/L", lower_limit="50 U/L", upper_limit="40 U/L"), "lower_limit", "above the upper limit"),
            (of(LabResult, "alt", "30 U/L", collected="yesterday"), "collected", "not a date"),
        ],
    )
    def test_refused(self, build: Any, path: str, problem: str) -> None:
        """What cannot be is refused at its field."""
        refused(build, path, problem)


class TestFindings:
    """Findings of cytokine release syndrome and of neurotoxicity."""

    def test_words_and_numbers(self) -> None:
        """Findings take words, whole scores and a temperature in any unit; symptoms are a set."""
        assert CrsFindings(temperature="100.4 [degF]", oxygen="low-flow").temperature == Amount(38, "Cel")
        assert CrsFindings(temperature="13 Cel").temperature == Amount(13, "Cel")
        assert CrsFindings(temperature="47 Cel").temperature == Amount(47, "Cel")
        assert NeuroFindings(ice=10, symptoms=["seizures", "confusion", "seizures"]).symptoms == ("confusion", "seizures")
        assert NeuroFindings(symptoms=()).symptoms == ()
        assert NeuroFindings(ice=Grade(3)).ice == 3

    @pytest.mark.parametrize(
        ("build", "path", "problem"),
        [
            (of(NeuroFindings, ice=11), "ice", "out of range"),
            (of(NeuroFindings, ice=-1), "ice", "out of range"),
            (of(NeuroFindings, ice=2.0), "ice", "not a whole number"),
            (of(NeuroFindings, ice=True), "ice", "not a whole number"),
            (of(NeuroFindings, ice="2"), "ice", "not a whole number"),
            (of(NeuroFindings, baseline_ice=11), "baseline_ice", "out of range"),
            (of(NeuroFindings, seizure="often"), "seizure", "not known"),
            (of(NeuroFindings, consciousness="coma"), "consciousness", "not known"),
            (of(NeuroFindings, raised_icp=True), "raised_icp", "not a word"),
            (of(NeuroFindings, arousable=1), "arousable", "not true or false"),
            (of(NeuroFindings, motor_weakness=1), "motor_weakness", "not true or false"),
            (of(NeuroFindings, other_cause=1), "other_cause", "not true or false"),
            (of(NeuroFindings, symptoms="confusion"), "symptoms", "not a list"),
            (of(NeuroFindings, symptoms=5), "symptoms", "not a list"),
            (of(NeuroFindings, symptoms=["taste"]), "symptoms[0]", "not known"),
            (of(NeuroFindings, symptoms=[None]), "symptoms[0]", "not known"),
            (of(NeuroFindings, symptoms={"confusion": True}), "symptoms", "not a list"),
            (of(CrsFindings, temperature=38.5), "temperature", "has no unit"),
            (of(CrsFindings, temperature=">36 Cel"), "temperature", "is a bound, not a value"),
            (of(CrsFindings, temperature=Amount(38, "Cel", "<")), "temperature", "is a bound, not a value"),
            (of(CrsFindings, temperature="38.5 [degF]"), "temperature", "cannot be"),
            (of(CrsFindings, temperature="101 Cel"), "temperature", "cannot be"),
            (of(CrsFindings, temperature="38.5 K"), "temperature", "cannot be"),
            (of(CrsFindings, temperature="12.9 Cel"), "temperature", "cannot be"),
            (of(CrsFindings, temperature="47.1 Cel"), "temperature", "cannot be"),
            (of(CrsFindings, hypotension=True), "hypotension", "not a word"),
            (of(CrsFindings, oxygen="5 L"), "oxygen", "not known"),
            (of(CrsFindings, vasopressin=1), "vasopressin", "not true or false"),
            (of(CrsFindings, fever_masked=1), "fever_masked", "not true or false"),
        ],
    )
    def test_refused(self, build: Any, path: str, problem: str) -> None:
        """What cannot be is refused at its field."""
        refused(build, path, problem)


class TestToxicityEvent:
    """One episode."""

    @pytest.mark.parametrize(
        ("facts", "over"),
        [
            ({}, None),
            ({"status": "unknown"}, None),
            ({"status": "active"}, False),
            ({"status": "resolved"}, True),
            ({"resolved": date(2025, 10, 9)}, True),
            ({"status": "unknown", "resolved": date(2025, 10, 9)}, True),
            ({"current_grade": 1}, False),
            ({"current_grade": 0}, None),
        ],
    )
    def test_over(self, facts: dict[str, Any], over: bool | None) -> None:
        """An episode is over if its status says so or it has a date of recovery; otherwise that is not known."""
        assert ToxicityEvent("crs", 2, **facts).over is over

    def test_grade(self) -> None:
        """A grade is a whole number from 0 to 5, and its own type."""
        assert ToxicityEvent("crs", 3).grade is Grade.SEVERE
        assert ToxicityEvent("crs").grade is None

    @pytest.mark.parametrize(
        ("build", "path", "problem"),
        [
            (of(ToxicityEvent, "rash"), "toxicity", "not known"),
            (of(ToxicityEvent, None), "toxicity", "the toxicity is missing"),
            (of(ToxicityEvent, "crs", 6), "grade", "out of range"),
            (of(ToxicityEvent, "crs", -1), "grade", "out of range"),
            (of(ToxicityEvent, "crs", 2.5), "grade", "not a whole number"),
            (of(ToxicityEvent, "crs", "2"), "grade", "not a whole number"),
            (of(ToxicityEvent, "crs", True), "grade", "not a whole number"),
            (of(ToxicityEvent, "crs", scale="ctcae-4"), "scale", "not known"),
            (of(ToxicityEvent, "crs", status="over"), "status", "not known"),
            (of(ToxicityEvent, "crs", onset="today"), "onset", "not a date"),
            (of(ToxicityEvent, "crs", resolved=1), "resolved", "not a date"),
            (of(ToxicityEvent, "crs", other_cause=1), "other_cause", "not true or false"),
            (of(ToxicityEvent, "other", bleeding=1), "bleeding", "not true or false"),
            (of(ToxicityEvent, "crs", onset=NINE, resolved=NINE - timedelta(hours=1)), "resolved", "ended before it began"),
            (of(ToxicityEvent, "crs", onset=date(2025, 10, 2), resolved=date(2025, 10, 1)), "resolved", "ended before it began"),
            (of(ToxicityEvent, "crs", onset=NINE, resolved=NINE_UTC), "onset", "has no UTC offset, while resolved has one"),
            (of(ToxicityEvent, "crs", status="active", resolved=NINE), "status", "has no date of recovery"),
            (of(ToxicityEvent, "crs", 2, current_grade=3), "current_grade", "is above grade"),
            (of(ToxicityEvent, "crs", 2, current_grade=1, status="resolved"), "current_grade", "has no current grade other than 0"),
            (of(ToxicityEvent, "crs", 2, current_grade=0, status="active"), "current_grade", "has a grade"),
            (of(ToxicityEvent, "neutropenia", 5), "grade", "neutropenia has no grade 5 in CTCAE"),
            (of(ToxicityEvent, "thrombocytopenia", 5), "grade", "thrombocytopenia has no grade 5 in CTCAE"),
            (of(ToxicityEvent, "febrile-neutropenia", 2), "grade", "febrile-neutropenia has no grade 2 in CTCAE"),
            (of(ToxicityEvent, "febrile-neutropenia", 3, current_grade=1), "current_grade", "has no grade 1"),
            (of(ToxicityEvent, "crs", findings={"ice": 2}), "findings", "what is passed does not grade crs"),
            (of(ToxicityEvent, "crs", findings=NeuroFindings()), "findings", "NeuroFindings does not grade crs"),
            (of(ToxicityEvent, "anemia", findings=CrsFindings()), "findings", "CrsFindings does not grade anemia"),
        ],
    )
    def test_refused(self, build: Any, path: str, problem: str) -> None:
        """What cannot be is refused at its field."""
        refused(build, path, problem)


class TestCase:
    """Everything about one planned dose."""

    def test_lists(self) -> None:
        """A course may be a list of doses; unknown and empty stay apart."""
        case = Case(patient=Patient(), point="C1D8", course=[GivenDose("C1D1")], labs=[], events=None)
        assert case.course == Course([GivenDose("C1D1")])
        assert (case.labs, case.events) == ((), None)
        assert attrs.evolve(case, point="C1D15").course is case.course

    @pytest.mark.parametrize(
        ("facts", "path", "problem"),
        [
            ({"patient": {}}, "patient", "not a Patient"),
            ({"point": "C1D3"}, "point", "no dose on day 3"),
            ({"planned_start": "2025"}, "planned_start", "not a date"),
            ({"ordered": 10}, "ordered", "has no unit"),
            ({"ordered": "0 mg"}, "ordered", "is not a dose"),
            ({"ordered": "<10 mg"}, "ordered", "is not a dose"),
            ({"course": "C1D1"}, "course", "not a list"),
            ({"course": [GivenDose("C1D1"), GivenDose("C1D1")]}, "course[1]", "is listed twice"),
            ({"course": [5]}, "course[0]", "not a GivenDose"),
            ({"labs": {}}, "labs", "not a list"),
            ({"labs": [1]}, "labs[0]", "not a LabResult"),
            ({"events": [None]}, "events[0]", "not a ToxicityEvent"),
        ],
    )
    def test_refused(self, facts: dict[str, Any], path: str, problem: str) -> None:
        """What cannot be is refused at its field."""
        refused(of(Case, **({"patient": Patient(), "point": "C1D1"} | facts)), path, problem)

    @pytest.mark.parametrize(
        ("facts", "path"),
        [
            ({"labs": [LabResult("alt", "30 U/L", NINE)]}, "labs[0].collected"),
            ({"events": [ToxicityEvent("crs", onset=NINE)]}, "events[0].onset"),
            ({"events": [ToxicityEvent("crs", resolved=NINE)]}, "events[0].resolved"),
            ({"course": [GivenDose("C1D1", NINE)]}, "course[0].started"),
            ({"course": [GivenDose("C1D1", ended=NINE)]}, "course[0].ended"),
        ],
    )
    def test_one_clock(self, facts: dict[str, Any], path: str) -> None:
        """Times with and without a UTC offset cannot be put in order, and are not guessed at."""
        refused(of(Case, patient=Patient(), point="C1D8", planned_start=NINE_UTC, **facts), path, "planned_start has one")

    def test_a_day_fits_both_clocks(self) -> None:
        """A mere day carries no clock."""
        Case(patient=Patient(), point="C1D8", planned_start=NINE_UTC, labs=[LabResult("alt", "30 U/L", date(2025, 10, 5))])


def test_dates_of_an_event_have_names() -> None:
    """Only what happened and how severe it was are passed by place: of several dates in a row nobody can see which is which."""
    parameters = inspect.signature(ToxicityEvent).parameters.values()
    assert [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY] == ["toxicity", "grade"]


class TestEarlier:
    """The order of days and moments."""

    @pytest.mark.parametrize(
        ("one", "other", "expected"),
        [
            (NINE, NINE + timedelta(seconds=1), True),
            (NINE, NINE, False),
            (date(2025, 10, 5), NINE, True),
            (NINE, date(2025, 10, 5), False),
            (date(2025, 10, 6), NINE, None),
            (NINE, date(2025, 10, 6), None),
            (date(2025, 10, 6), date(2025, 10, 6), None),
            (NINE_UTC, datetime(2025, 10, 6, 10, 30, tzinfo=timezone(timedelta(hours=2))), False),
        ],
    )
    def test_table(self, one: date, other: date, expected: bool | None) -> None:
        """Moments compare as moments, across offsets; a day and a moment of it cannot be put in order."""
        assert earlier(one, other) is expected

    def test_two_clocks(self) -> None:
        """Moments with and without a UTC offset have no order."""
        refused(of(earlier, NINE, NINE_UTC), "", "one has a UTC offset, and the other has none")


ENUMERATIONS: list[Any] = [Diagnosis, Infection, Analyte, Role]
ENUMERATIONS += [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum]


class TestTypingErrors:
    """A word that is nearly right is refused, and the word that was probably meant is named."""

    @pytest.mark.parametrize(("kind", "member"), [(kind, member) for kind in ENUMERATIONS for member in kind if len(member) > 3])
    def test_every_word(self, kind: Any, member: str) -> None:
        """Of each word of each field: with a letter too many, with one too few in front, and in capitals with spaces."""
        for wrong in (f"{member}x", member[1:], f" {member.upper().replace('-', ' ')}"):
            with suppress(ValueError):
                assert kind(wrong) in kind  # another name of an analyte
                continue
            with pytest.raises(FieldError, match=rf"(did you mean|write) '{member}'"):
                word(kind, wrong, "field")

    @pytest.mark.parametrize("kind", [Verdict, DoseAction, Eligibility])
    def test_words_with_an_order(self, kind: Any) -> None:
        """A comparison with a word that there is not says which was meant."""
        for member in kind:
            with pytest.raises(FieldError, match=f"did you mean '{member}'"):
                assert member < f"{member}x"
        with pytest.raises(FieldError, match="7 is not a"):
            kind(7)

    def test_rulebooks(self) -> None:
        """A book, a book of a stack, and a scale."""
        for name, near in (("us-2025", "us-2025-11"), ("precautions-2025-09 over us-2025-1", "us-2025-11"), ("CTCAE 5.0", "ctcae-5.0")):
            with pytest.raises(UnknownRulebookError, match=f"did you mean '{near}'"):
                rulebooks.get(name)
        for strange in ("hospital", "us-2019", "us-2023", "ctcae-7.0"):
            with pytest.raises(UnknownRulebookError, match=f"'{strange}'; there are astct-2019"):
                rulebooks.get(strange)

    def test_a_row(self) -> None:
        """A row takes members; of a text the member is named."""
        for plan, says in (
            (MonitoringPlan(setting="hospitl"), r"setting: 'hospitl' .*; did you mean Setting.HOSPITAL\? Otherwise pass Setting or None"),  # type: ignore[arg-type]
            (MonitoringPlan(setting="hospital"), r"did you mean Setting.HOSPITAL\?"),  # type: ignore[arg-type]
            (MonitoringPlan(setting="ward"), r"setting: 'ward' .*; pass Setting or None"),  # type: ignore[arg-type]
            (MonitoringPlan(setting=7), r"setting: 7 .*; pass Setting or None"),  # type: ignore[arg-type]
        ):
            with pytest.raises(FieldTypeError, match=says):
                rulebooks.default().overlay("ours", {MONITORING: (Row("A-1", {}, plan, "x."),)})

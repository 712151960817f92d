"""What the documentation promises of the library as a whole, where no other test of the suite is about it."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tarlatamab_rules
from helpers import DEFAULT, DRUG_BOOKS, PAGE, normal_labs, well
from tarlatamab_rules import (
    Case,
    ContradictionError,
    CrsFindings,
    Decided,
    DoseAction,
    FieldError,
    GivenDose,
    InfusionSetup,
    LabResult,
    NeuroFindings,
    NotCovered,
    Patient,
    Route,
    ToxicityEvent,
    UnitError,
    Verdict,
    assess_case,
    assess_dose,
    equivalent_dose,
    grade_crs,
    grade_icans,
    grade_lab,
    infusion_check,
    lab_standings,
    monitoring_duration,
    preparation,
    rulebooks,
    strategies,
    toxicity_action,
)
from tarlatamab_rules.answers import Instruction, MonitoringPlan, Reason
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import read_case
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.inputs.events import grades_of
from tarlatamab_rules.inputs.findings import Findings
from tarlatamab_rules.inputs.vocabulary import Consciousness, Grade, Toxicity
from tarlatamab_rules.rulebooks.questions import NEXT_DOSE
from tarlatamab_rules.views.html import as_html
from tarlatamab_rules.views.markdown import as_markdown
from tarlatamab_rules.views.text import as_text

ROOT = Path(__file__).parents[1]
EVERY_BOOK = [*rulebooks.names(), DEFAULT, f"strictest of {', '.join(DRUG_BOOKS)}"]
BOOKS = st.sampled_from([*DRUG_BOOKS, DEFAULT])
START = datetime(2026, 3, 9, 9, tzinfo=UTC)


def inside(value: Any) -> Iterator[Any]:
    """A value, and all that it is made of."""
    yield value
    if isinstance(value, tuple | list | frozenset):
        parts: list[Any] = list(value)
    else:
        parts = [getattr(value, each.name) for each in attrs.fields(type(value))] if attrs.has(type(value)) else []
    for part in parts:
        yield from inside(part)


class TestEveryCell:
    """In every cell of every table of every book, and of stacks."""

    @pytest.mark.parametrize("name", EVERY_BOOK)
    def test_an_answer_cites_its_statement(self, name: str) -> None:
        """Whatever is decided, or open, has a reason that cites a statement of the source; no reason is inside of a value."""
        book = rulebooks.get(name)
        statements = {(source, statement.id) for source in rulebooks.names() for statement in rulebooks.get(source).statements}
        for question in book.rows:
            for answer in book[question].answers.values():
                assert answer.reasons
                for reason in answer.reasons:
                    assert reason.says
                    assert reason.citation is not None
                    assert (reason.citation.source, reason.citation.statement) in statements
                if isinstance(answer, Decided):
                    assert not any(isinstance(part, Reason) for part in inside(answer.value))

    @pytest.mark.parametrize("name", EVERY_BOOK)
    def test_hours_have_their_anchor(self, name: str) -> None:
        """Hours of observation, and orders before or after an infusion, say from when they are counted."""
        book = rulebooks.get(name)
        for question in book.rows:
            for answer in book[question].answers.values():
                for part in inside(getattr(answer, "value", None)):
                    if isinstance(part, MonitoringPlan):
                        assert part.observe is None or part.anchor is not None
                    if isinstance(part, Instruction):
                        assert part.offset is None or part.anchor is not None


class TestOrder:
    """An order is compared with what is due."""

    @pytest.mark.parametrize("amount", ["1 mg", "10 mg", "0.5 mg", "100 mg", "10 ug"])
    @given(case=strategies.cases(offsets=True) | strategies.well_cases(offsets=True), book=BOOKS)
    def test_no_other_amount_proceeds(self, amount: str, case: Case, book: str) -> None:
        """A dose may be given only if the amount that is ordered is the one that is due; by a book without amounts no order may."""
        case = attrs.evolve(case, ordered=amount)
        assessment = assess_case(case, rulebook=book)
        if assessment.may_give:
            assert case.ordered == assessment.next_dose.unwrap().amount
        if rulebooks.get(book)[NEXT_DOSE].silent == rulebooks.get(book)[NEXT_DOSE].cells:
            assert assessment.verdict >= Verdict.NEEDS_ASSESSMENT

    @given(case=strategies.cases(offsets=True), book=BOOKS)
    def test_an_order_never_makes_a_verdict_milder(self, case: Case, book: str) -> None:
        """With an order, whatever it is, a case is judged at least as strictly as without."""
        without = assess_case(attrs.evolve(case, ordered=None), rulebook=book).verdict
        assert assess_case(attrs.evolve(case, ordered="10 mg"), rulebook=book).verdict >= without


def severe_result(value: tuple[Any, ...], drawn: Any) -> LabResult:
    """A result of analyte and quantity, with upper limit and baseline if they matter."""
    analyte, quantity, *more = value
    upper_limit, baseline = more or (None, None)
    return LabResult(analyte, quantity, drawn, upper_limit=upper_limit, baseline=baseline)


class TestSevere:
    """Severe means a clinician, at least."""

    @given(st.data(), strategies.well_cases(offsets=True), BOOKS)
    def test_an_event(self, data: st.DataObject, case: Case, book: str) -> None:
        """An ongoing event of grade 3 or worse, of any toxicity, by no other scale and without another cause."""
        toxicity = data.draw(st.sampled_from(list(Toxicity)))
        grade = data.draw(st.sampled_from([grade for grade in grades_of(toxicity) if grade >= Grade.SEVERE]))
        event = ToxicityEvent(toxicity, grade, status="active")
        case = attrs.evolve(case, events=[*(case.events or ()), event])
        assert assess_case(case, rulebook=book).verdict >= Verdict.NEEDS_ASSESSMENT

    @given(st.data(), strategies.well_cases(offsets=True), BOOKS)
    def test_a_result(self, data: st.DataObject, case: Case, book: str) -> None:
        """A result of grade 3 or worse for certain that counts, of whatever analyte but lymphocytes, which the drug lowers."""
        value, drawn = data.draw(st.sampled_from(SEVERE_RESULTS)), (case.labs or ())[0].collected
        labs = [lab for lab in case.labs or () if lab.analyte != value[0]]
        case = attrs.evolve(case, labs=[*labs, severe_result(value, drawn)])
        assert assess_case(case, rulebook=book).verdict >= Verdict.NEEDS_ASSESSMENT

    @pytest.mark.parametrize("other_cause", [None, False, True])
    @pytest.mark.parametrize("findings", [0, 1, 2, 3, 4])
    @given(case=strategies.well_cases(offsets=True), book=BOOKS)
    def test_findings(self, findings: int, other_cause: bool | None, case: Case, book: str) -> None:
        """Findings of grade 3 or 4 by ASTCT, whatever their cause."""
        found = attrs.evolve(SEVERE_FINDINGS[findings], other_cause=other_cause)
        assert assess_case(attrs.evolve(case, findings=[found]), rulebook=book).verdict >= Verdict.NEEDS_ASSESSMENT


SEVERE_RESULTS: list[tuple[Any, ...]] = [
    ("neutrophils", "0.9 10*9/L"),
    ("white-cells", "1.9 10*9/L"),
    ("hemoglobin", "7.9 g/dL"),
    ("platelets", "49 10*9/L"),
    ("alt", "201 U/L", "40 U/L", "40 U/L"),
    ("ast", "201 U/L", "40 U/L", "40 U/L"),
    ("bilirubin", "3.7 mg/dL", "1.2 mg/dL", "1.2 mg/dL"),
    ("alkaline-phosphatase", "601 U/L", "120 U/L", "120 U/L"),
    ("creatinine", "3.7 mg/dL", "1.2 mg/dL", "1.2 mg/dL"),
    ("sodium", "124 mmol/L"),
    ("potassium", "2.9 mmol/L"),
]
"""Grade 3 of CTCAE 5.0, just beyond its edge; the limits of normal are the upper ones."""
SEVERE_FINDINGS: list[Findings] = [
    CrsFindings(temperature="38.5 Cel", hypotension="one-vasopressor"),
    CrsFindings(temperature="38.5 Cel", oxygen="high-flow"),
    CrsFindings(temperature="38.5 Cel", oxygen="positive-pressure"),
    NeuroFindings(ice=2),
    NeuroFindings(seizure="brief"),
]
"""ASTCT 2019: one vasopressor, high flow, an ICE score of 2 and a brief seizure are grade 3, positive pressure is grade 4."""

NUMBERS = st.integers(0, 1000) | st.floats(0, 1000) | st.decimals(0, 1000)
FIELDS: dict[str, Callable[[Any], object]] = {
    "quantity": lambda number: LabResult("platelets", number),
    "lower_limit": lambda number: LabResult("platelets", "200 10*9/L", lower_limit=number),
    "upper_limit": lambda number: LabResult("alt", "20 U/L", upper_limit=number),
    "baseline": lambda number: LabResult("alt", "20 U/L", baseline=number),
    "temperature": lambda number: CrsFindings(temperature=number),
    "amount": lambda number: GivenDose("C1D1", amount=number),
    "ordered": lambda number: Case(patient=Patient(), point="C1D1", ordered=number),
    "volume": lambda number: InfusionSetup(volume=number),
    "rate": lambda number: InfusionSetup(rate=number),
    "duration": lambda number: InfusionSetup(duration=number),
    "max_lab_age": lambda number: assess_dose(Patient(), "C1D1", max_lab_age=number),
    "max_lab_age of standings": lambda number: lab_standings("C1D1", (), max_lab_age=number),
    "dose": preparation,
    "vial": lambda number: preparation("1 mg", vial=number),
    "amount of a steroid": lambda number: equivalent_dose(number, "dexamethasone", to="prednisone"),
}
"""Every place that takes a quantity."""


class TestUnits:
    """No unit is guessed."""

    @pytest.mark.parametrize("field", FIELDS)
    @given(number=NUMBERS)
    def test_a_bare_number(self, field: str, number: Any) -> None:
        """Refused wherever a quantity is taken, as a number and as text, as having no unit; and the fix has an example."""
        for bare in (number, f"{float(number):g}", f" {float(number):g} "):
            with pytest.raises(UnitError, match="has no unit") as caught:
                FIELDS[field](bare)
            assert caught.value.path == field.partition(" of ")[0]
            assert caught.value.fix

    @pytest.mark.parametrize("analyte", list(Analyte))
    @given(value=st.floats(1e-9, 1e9), exponent=st.integers(-9, 9))
    def test_a_number_is_only_ever_multiplied_by_a_listed_factor(self, analyte: Analyte, value: float, exponent: int) -> None:
        """What is taken in the kept unit is that number, and never another that would fit better; what cannot be is refused."""
        unit, number = KINDS[analyte].unit, float(f"{value * 10.0**exponent:.6g}")
        least, greatest = RANGES[analyte].quantity.least, RANGES[analyte].quantity.greatest
        try:
            taken = LabResult(analyte, (number, unit)).quantity
        except FieldError:
            assert not least <= number <= greatest
        else:
            assert (taken.value, taken.unit, taken.bound) == (number, unit, "")

    @pytest.mark.parametrize("bound", ["<", "<=", ">", ">="])
    @pytest.mark.parametrize("field", [field for field in FIELDS if field != "quantity"])
    def test_a_bound(self, field: str, bound: str) -> None:
        """Of all quantities a result alone may be a bound; each of the others is taken without it."""
        FIELDS[field](USUAL[field])
        with pytest.raises(FieldError, match=bound):
            FIELDS[field](f"{bound}{USUAL[field]}")

    def test_a_mass_and_an_amount_of_substance(self) -> None:
        """Both are taken for four analytes, whose molar masses are listed, and for no other."""
        both = set()
        for analyte in Analyte:
            taken = [
                any(is_taken(analyte, (number, unit)) for unit in units for number in (1, 10, 100))
                for units in (("g/dL", "mg/dL", "ug/L"), ("mmol/L", "umol/L", "nmol/L"))
            ]
            both |= {str(analyte)} if all(taken) else set()
        assert both == {"hemoglobin", "bilirubin", "creatinine", "uric-acid"}


def is_taken(analyte: Analyte, quantity: Any) -> bool:
    """Whether a quantity can be a result of an analyte."""
    try:
        LabResult(analyte, quantity)
    except FieldError:
        return False
    return True


USUAL = {
    "lower_limit": "150 10*9/L",
    "upper_limit": "40 U/L",
    "baseline": "20 U/L",
    "temperature": "37 Cel",
    "amount": "1 mg",
    "ordered": "1 mg",
    "volume": "250 mL",
    "rate": "250 mL/h",
    "duration": "60 min",
    "max_lab_age": "7 d",
    "max_lab_age of standings": "7 d",
    "dose": "1 mg",
    "vial": "1 mg",
    "amount of a steroid": "8 mg",
}

AWAKE = tuple(Consciousness)[:-1]


class TestContradictions:
    """Facts of one object that cannot all be true."""

    @pytest.mark.parametrize("ice", [None, 0, 1, 5, 10])
    @pytest.mark.parametrize("consciousness", [None, *Consciousness])
    @pytest.mark.parametrize("arousable", [None, True, False])
    def test_who_cannot_be_woken(self, arousable: bool | None, consciousness: Consciousness | None, ice: int | None) -> None:
        """Refused if asked directly; in a case they hold the dose, and books that grade by ASTCT name them. Others are graded."""
        awake = consciousness in AWAKE or arousable is True or (ice or 0) > 0
        asleep = consciousness is Consciousness.UNAROUSABLE or arousable is False
        found = NeuroFindings(arousable=arousable, consciousness=consciousness, ice=ice)
        if awake and asleep:
            with pytest.raises(ContradictionError):
                grade_icans(found)
            for book in (*DRUG_BOOKS, DEFAULT):
                labs = normal_labs(START - timedelta(hours=2))
                assessment = assess_dose(
                    well(), "C1D1", planned_start=START, labs=labs, course=(), events=(), findings=found, rulebook=book
                )
                assert assessment.verdict >= Verdict.NEEDS_ASSESSMENT
                named = any(reason.row == "guard/contradiction" for vote in assessment.votes for reason in vote.reasons)
                assert named or book == PAGE
        else:
            assert grade_icans(found).possible


class TestReports:
    """A report is read whole."""

    @given(strategies.cases(), BOOKS)
    def test_a_reason_cites_or_guards(self, case: Case, book: str) -> None:
        """Each answer of an assessment has reasons, and each reason cites a statement or is a safeguard of the library, and never both."""
        assessment = assess_case(case, rulebook=book)
        answers = [getattr(assessment, part) for part in ANSWERS]
        answers += [each.action for each in assessment.toxicities] + [each.grade for each in assessment.graded]
        assert all(answer.reasons for answer in answers)
        for reason in [*(reason for answer in answers for reason in answer.reasons), *assessment.reasons]:
            assert (reason.citation is None) is reason.row.startswith("guard/")

    @given(strategies.cases(), BOOKS)
    def test_reasons_dissent_and_silence(self, case: Case, book: str) -> None:
        """Text, HTML, Markdown and JSON have each row that holds the dose, each book that disagrees, and the disclaimer."""
        assessment = assess_case(case, rulebook=book)
        expected = {each.rulebook for each in assessment.dissent}
        expected |= {reason.row for reason in assessment.reasons if not assessment.may_give}
        documents = json.dumps(assessment_document(assessment)), as_html(assessment)
        for view in (as_text(assessment, full=True), as_markdown(assessment, full=True), *documents):
            assert [each for each in expected if each not in view.replace("\\_", "_")] == []
            assert "consult the attending physician" in view

    @given(strategies.cases(), BOOKS)
    def test_what_is_not_covered_is_named(self, case: Case, book: str) -> None:
        """Each part of which the book says nothing is named below the verdict, and no other is."""
        assessment = assess_case(case, rulebook=book)
        silent = [title for part, title in TITLES.items() if isinstance(getattr(assessment, part), NotCovered)]
        (line,) = [line for line in as_text(assessment, full=True).splitlines() if line.startswith("NOT COVERED")] or [": "]
        assert [title for title in line.partition(": ")[2].split(", ") if title in TITLES.values()] == silent


ANSWERS = ("eligibility", "dose", "next_dose", "labs", "premedication", "infusion", "checklist", "monitoring", "contraception")
TITLES = {
    "eligibility": "Eligibility",
    "labs": "Labs",
    "dose": "Dose and interval",
    "premedication": "Premedication",
    "infusion": "Infusion",
    "monitoring": "Monitoring",
}
"""What a report calls a part."""


FAULTS: dict[str, Any] = {
    "patient": {"age_years": 640},
    "planned_start": "never",
    "ordered": "10",
    "course": [{"point": "C1D1", "amount": "77 furlong"}],
    "labs": [{"analyte": "alt", "value": 31, "unit": "furlong"}],
    "events": [{"toxicity": "crs", "grade": 9}],
}
SECRETS: dict[str, Any] = {
    "patient": {"age_years": 61.25},
    "planned_start": "2031-07-19T04:05:06",
    "ordered": "9.875 mg",
    "course": [{"point": "C1D8", "amount": "3.625 mg", "started": "2031-07-12T03:04:05"}],
    "labs": [{"analyte": "sodium", "value": 141.375, "unit": "mmol/L", "collected": "2031-07-18T02:03:04"}],
    "events": [{"toxicity": "hepatotoxicity", "onset": "2031-07-14"}],
}
LEAKS = ("61.25", "2031", "9.875", "3.625", "141.375", "hepatotoxicity", "C1D8", "sodium")


class TestPrivacy:
    """What the library knows of a patient, it does not spread."""

    @pytest.mark.parametrize("key", FAULTS)
    def test_an_error_shows_no_other_fact(self, key: str) -> None:
        """The error of one fault of a document has that value, and nothing of the rest of the case."""
        with pytest.raises(ExceptionGroup) as caught:
            read_case({"point": "C1D15", **SECRETS, key: FAULTS[key]})
        (fault,) = caught.value.exceptions
        advice = {"C1D8"}  # which an error may give as an example
        assert [leak for leak in LEAKS if leak in str(fault) and leak not in advice] == []

    def test_a_case_has_no_field_for_a_person(self) -> None:
        """No name, number, address or date of birth; what a case has is listed here."""
        assert [field.name for field in attrs.fields(Case)] == [
            "patient", "point", "planned_start", "ordered", "course", "labs", "events", "findings", "site_zone"
        ]  # fmt: skip
        assert [field.name for field in attrs.fields(Patient)] == [
            "age_years", "diagnosis", "progressed_after_platinum", "infection", "childbearing_potential", "pregnant", "breastfeeding",
            "hypersensitivity",
        ]  # fmt: skip

    def test_no_network_and_no_file(self) -> None:
        """An assessment of a case, its report, its record and its replay open no connection, start no process and write to no file."""
        done = subprocess.run([sys.executable, "-c", WATCHED], cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout == "nothing\n"

    def test_memory_is_bounded(self) -> None:
        """Whatever remembers what it was asked forgets beyond a number; the one that does not holds the tests of the package."""
        unbounded = []
        for module in walk_packages(tarlatamab_rules.__path__, "tarlatamab_rules."):
            for name, value in vars(import_module(module.name)).items():
                if hasattr(value, "cache_parameters") and value.cache_parameters()["maxsize"] is None:
                    unbounded.append(f"{module.name}.{name}")
        assert unbounded == ["tarlatamab_rules.views.trace._tested"]


WATCHED = """
import sys
seen = []
def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if writes or event.startswith(("socket.", "subprocess.", "os.system", "os.remove", "os.rename", "urllib.", "shutil.")):
        seen.append((event, arguments))
sys.dont_write_bytecode = True
sys.addaudithook(watch)
from tarlatamab_rules import assess_case, what_to_ask
from tarlatamab_rules.formats.cases import read_case_file
from tarlatamab_rules.formats.records import audit_record, replay
from tarlatamab_rules.views.html import html_page
from tarlatamab_rules.views.text import as_text
assessment = assess_case(read_case_file("examples/half_unknown.json"))
as_text(assessment), html_page(assessment, "x"), what_to_ask(assessment), replay(audit_record(assessment))
print(seen or "nothing")
"""


def test_severe_results_are_severe() -> None:
    """The results above are of grade 3 by CTCAE 5.0, as its tables have it."""
    for value in SEVERE_RESULTS:
        result = severe_result(value, START)
        assert min(grade or Grade.NONE for grade in grade_lab(result).possible) >= Grade.SEVERE


def test_severe_findings_are_severe() -> None:
    """So are the findings, at the least."""
    for found in SEVERE_FINDINGS:
        answer = grade_crs(found) if isinstance(found, CrsFindings) else grade_icans(found)
        assert min(grade or Grade.NONE for grade in answer.possible) >= Grade.SEVERE


@pytest.mark.parametrize("book", [PAGE, "us-2025-11", DEFAULT])
def test_settings_that_do_not_agree(book: str) -> None:
    """255 mL, 245 mL/h and an hour are each within 2 % of the plan, and 255 mL at that rate take 62 minutes and a half."""
    agreed = InfusionSetup(volume="250 mL", rate="250 mL/h", duration="1 h", pump=True, constant_rate=True, transfer_device=False)
    assert infusion_check("C1D1", agreed, rulebook=book).unwrap() == "as-planned"
    assert infusion_check("C1D1", attrs.evolve(agreed, volume="255 mL", rate="245 mL/h"), rulebook=book).unwrap() == "mismatch"


@pytest.mark.parametrize("route", list(Route))
def test_a_steroid_by_another_route(route: Route) -> None:
    """The table of relative doses is of oral and intravenous doses."""
    answer = equivalent_dose("8 mg", "dexamethasone", to="prednisone", route=route)
    assert isinstance(answer, Decided) is (route in {"oral", "intravenous"})


def test_what_the_checks_hold() -> None:
    """Coverage fails below every branch, and the layers are a contract that names every folder and has no exception. CI runs both."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert (settings["coverage"]["run"]["branch"], settings["coverage"]["report"]["fail_under"]) == (True, 100)
    floors, circles = settings["importlinter"]["contracts"]
    assert (floors["type"], floors["exhaustive"], floors["exhaustive_ignores"]) == ("layers", True, ["__init__"])
    assert (circles["type"], circles["ancestors"]) == ("acyclic_siblings", ["tarlatamab_rules", "tarlatamab_rules.**"])
    assert "ignore_imports" not in floors | circles
    sessions = (ROOT / "noxfile.py").read_text(encoding="utf-8")
    assert 'session.run("pytest", "-m", "", "--cov"' in sessions
    assert 'session.run("lint-imports")' in sessions
    (loop,) = re.findall(r"for session in (.*); do", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert {"layers", "thorough"} <= set(loop.split())


@pytest.mark.parametrize("toxicity", list(Toxicity))
def test_grades_that_are_none(toxicity: Toxicity) -> None:
    """CTCAE: low counts have no grade 5, febrile neutropenia no grade 1 or 2. Every other grade from 0 to 5 can be reported."""
    none = {"neutropenia": {5}, "thrombocytopenia": {5}, "febrile-neutropenia": {1, 2}}.get(toxicity, set())
    grades: tuple[Any, ...] = (0, 1, 2, 3, 4, 5)
    for grade in grades:
        if grade in none:
            with pytest.raises(FieldError, match=f"{toxicity} has no grade {grade}"):
                ToxicityEvent(toxicity, grade)
        else:
            assert ToxicityEvent(toxicity, grade).grade == grade


@pytest.mark.parametrize("book", [*DRUG_BOOKS, DEFAULT])
@pytest.mark.parametrize("grade", [3, 4])
def test_a_grade_without_a_scale(grade: Any, book: str) -> None:
    """It is read by the scale of the book."""
    scale: Any = rulebooks.get(book).lab_scale
    event = ToxicityEvent("neutropenia", grade, status="active", onset=START)
    scaled = attrs.evolve(event, scale=scale)
    one, other = (toxicity_action(each, events=(), planned_start=START, rulebook=book) for each in (event, scaled))
    assert one == other


def test_what_nothing_shows() -> None:
    """By the label, a well patient without known hypersensitivity, course or events may be given the first dose; the page says so."""
    labs = normal_labs(START - timedelta(hours=2))
    for said in ({}, {"course": (), "events": ()}):
        given: dict[str, Any] = said
        assessment = assess_dose(well(hypersensitivity=None), "C1D1", planned_start=START, labs=labs, rulebook="us-2025-11", **given)
        assert (assessment.verdict, assessment.missing) == ("proceed", ())


def test_errors_of_python() -> None:
    """What is no fact but a slip of the program raises what Python raises for it."""
    answer: Any = monitoring_duration("C5D1")
    patient: Any = Patient()
    slips: list[tuple[type[Exception], Callable[[], object]]] = [
        (TypeError, lambda: bool(answer)),
        (AttributeError, lambda: answer.value),
        (AttributeError, lambda: monitoring_duration("C1D15", rulebook=PAGE).value),  # type: ignore[union-attr]  # on purpose
        (ValueError, lambda: Verdict.PROCEED < "stop"),
        (TypeError, lambda: Verdict.PROCEED < DoseAction.WITHHOLD),
        (attrs.exceptions.FrozenInstanceError, lambda: setattr(patient, "age_years", 65)),
        (TypeError, lambda: Patient(age=64)),  # type: ignore[call-arg]  # on purpose
        (TypeError, lambda: pickle.dumps(rulebooks.get(PAGE).overlay("ours", {}))),
    ]
    for error, slip in slips:
        with pytest.raises(error):
            slip()

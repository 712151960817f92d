"""What the package offers, and what it costs to import it."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle  # to see it refused
import subprocess
import sys
from pathlib import Path

import pytest

import tarlatamab_rules
from helpers import DEFAULT, PAGE
from tarlatamab_rules import Patient, Rulebook, TarlatamabRulesError, eligibility, rulebooks
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, TableError, UnknownRulebookError
from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.rulebooks.questions import BY_AGE

PACKAGE = Path(tarlatamab_rules.__file__).parent


def test_names() -> None:
    """The public names, sorted. A change here is a change of the public interface."""
    assert dir(tarlatamab_rules) == [
        "Accounted",
        "Amount",
        "Analyte",
        "Anchor",
        "AssessedLab",
        "AssessedToxicity",
        "BreastfeedingWindow",
        "Case",
        "Change",
        "Checklist",
        "Citation",
        "ComparedPart",
        "Comparison",
        "Consciousness",
        "ContraceptionWindow",
        "ContradictionError",
        "Course",
        "CrsFindings",
        "DISCLAIMER",
        "Deadlines",
        "Decided",
        "Decision",
        "Diagnosis",
        "Diff",
        "Dissent",
        "DocumentError",
        "DoseAction",
        "DoseAssessment",
        "DosePoint",
        "Drug",
        "DuringInfusion",
        "Eligibility",
        "EventStatus",
        "FactToAsk",
        "Fate",
        "FieldError",
        "FieldTypeError",
        "GivenDose",
        "Grade",
        "Hypotension",
        "IceTest",
        "Infection",
        "InfusionPlan",
        "InfusionSetup",
        "InfusionStep",
        "Instruction",
        "LabNeed",
        "LabResult",
        "LabStanding",
        "LabsDue",
        "Mixing",
        "Modality",
        "MonitoringPlan",
        "NearCare",
        "NeedsData",
        "NeuroFindings",
        "NextDose",
        "NextDosePrecautions",
        "NotCovered",
        "Overlay",
        "Oxygen",
        "Patient",
        "PremedicationPlan",
        "Preparation",
        "RaisedPressure",
        "Reason",
        "Recovery",
        "Role",
        "Route",
        "Rulebook",
        "Scale",
        "Seizure",
        "Setting",
        "SetupFit",
        "Source",
        "Span",
        "Stack",
        "Standing",
        "Statement",
        "Steroid",
        "StopRule",
        "Storage",
        "Symptom",
        "TableError",
        "TarlatamabRulesError",
        "Toxicity",
        "ToxicityAction",
        "ToxicityEvent",
        "UndecidedError",
        "UnitError",
        "UnknownRulebookError",
        "Verdict",
        "Vote",
        "WhatIf",
        "assess_case",
        "assess_dose",
        "breastfeeding_window",
        "checklist",
        "compare",
        "contraception_window",
        "diff",
        "during_infusion",
        "eligibility",
        "equivalent_dose",
        "grade_crs",
        "grade_febrile_neutropenia",
        "grade_icans",
        "grade_lab",
        "ice_assessment",
        "ice_score",
        "infusion_check",
        "infusion_plan",
        "lab_standings",
        "labs_due",
        "liver_injury",
        "monitoring_duration",
        "next_dose",
        "premedication_plan",
        "preparation",
        "rulebooks",
        "strictest",
        "toxicity_action",
        "what_to_ask",
        "what_would_change",
    ]
    assert sorted(tarlatamab_rules.__all__) == sorted(dir(tarlatamab_rules))


@pytest.mark.parametrize("name", sorted(tarlatamab_rules.__all__))
def test_every_name_is_there_and_documented(name: str) -> None:
    """Every public name resolves, and every class and function of ours says what it is."""
    value = getattr(tarlatamab_rules, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__


def test_the_books_are_a_name_of_the_package() -> None:
    """`rulebooks` is there without an import of its own."""
    assert tarlatamab_rules.__getattr__("rulebooks") is rulebooks


def test_no_other_name() -> None:
    """A name that is not there is an AttributeError, as of any module."""
    with pytest.raises(AttributeError, match="no attribute 'eligible'"):
        getattr(tarlatamab_rules, "eligible")  # noqa: B009  # a type checker would refuse it


def test_every_error_has_one_base_and_a_built_in_one() -> None:
    """Every error can be caught as ours, and as what a caller would expect."""
    for name, builtin in {
        "FieldError": ValueError,
        "FieldTypeError": TypeError,
        "UnitError": ValueError,
        "ContradictionError": ValueError,
        "TableError": ValueError,
        "UndecidedError": LookupError,
        "UnknownRulebookError": LookupError,
        "DocumentError": ExceptionGroup,
    }.items():
        error = getattr(tarlatamab_rules, name)
        assert issubclass(error, TarlatamabRulesError)
        assert issubclass(error, builtin)


def test_error_text() -> None:
    """An error reads as a sentence, with and without a path or a fix."""
    assert str(FieldError("labs[0].value", "is negative", "check the sign")) == "labs[0].value: is negative; check the sign"
    assert str(FieldError("", "is negative")) == "is negative"
    assert str(FieldError("value", "is negative").under("labs[0]")) == "labs[0].value: is negative"
    assert str(FieldError("[0]", "is negative").under("labs")) == "labs[0]: is negative"
    assert str(FieldError("", "is negative").under("labs")) == "labs: is negative"


def test_types_are_shipped() -> None:
    """The package says that it is typed."""
    assert (PACKAGE / "py.typed").exists()


def test_core_depends_on_attrs_and_pint_alone() -> None:
    """No module imports anything else from outside the standard library; what strategies, plots and colours take is an extra each."""
    extras = {"strategies": {"hypothesis"}, "plot.py": {"matplotlib"}, "terminal.py": {"rich"}, "__main__.py": {"rich"}}
    allowed = set(sys.stdlib_module_names) | {"attrs", "pint", "tarlatamab_rules"}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed | extras.get(path.name, set()) | extras.get(
                path.parent.name, set()
            ), path


def test_imports_nothing_before_it_is_needed() -> None:
    """Importing the package loads neither attrs nor pint; an assessment from JSON loads no pint."""
    code = (
        "import sys, tarlatamab_rules\nassert not {'attrs', 'attr', 'pint'} & set(sys.modules)\n"
        "from tarlatamab_rules.formats.cases import read_case\n"
        'tarlatamab_rules.assess_case(read_case(\'{"point": "C1D1", "ordered": "1 mg"}\'))\nassert \'pint\' not in sys.modules'
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


class TestRulebooks:
    """The books by name."""

    def test_names(self) -> None:
        """The books there are, and the default."""
        assert rulebooks.names() == (
            "astct-2019",
            "ctcae-5.0",
            "ctcae-6.0",
            "eu-2026",
            "precautions-2025-09",
            "steroid-equivalence",
            "us-2024-05",
            "us-2025-11",
        )
        assert rulebooks.default().name == "precautions-2025-09 over us-2025-11"
        assert [book.name for book in rulebooks.default().members] == ["precautions-2025-09", "us-2025-11"]
        assert all(rulebooks.get(name).name == name for name in rulebooks.names())

    def test_a_book_may_be_named_or_passed(self) -> None:
        """A rule takes a book, its name, or none for the default."""
        for default, name in ((None, DEFAULT), (PAGE, PAGE)):
            book = rulebooks.get(name)
            answers = [eligibility(Patient(), rulebook=chosen) for chosen in (default, book, name)]
            assert answers[0] == answers[1] == answers[2]

    def test_unknown(self) -> None:
        """An unknown book is a LookupError that names those there are; anything but a name or a book is a type error."""
        with pytest.raises(
            UnknownRulebookError,
            match=r"no rulebook is called 'x'; there are astct-2019, ctcae-5\.0, ctcae-6\.0, .*, us-2025-11",
        ):
            eligibility(Patient(), rulebook="x")
        with pytest.raises(FieldTypeError, match="3 is not a rulebook; pass a name"):
            eligibility(Patient(), rulebook=3)  # type: ignore[arg-type]  # on purpose

    def test_repr(self) -> None:
        """A book prints as its source, not as all of its rows."""
        assert len(repr(rulebooks.default())) < 300

    def test_copies(self) -> None:
        """A book that is copied is itself; it is not pickled, but named."""
        for name in (PAGE, DEFAULT):
            book = rulebooks.get(name)
            assert copy.deepcopy(book) is book
            with pytest.raises(TypeError, match=f"pass its name, '{name}'"):
                pickle.dumps(book)

    def test_row_without_a_statement(self) -> None:
        """A row that cites a statement the book does not have does not compile."""
        source = Source("s", "S", "P", "1")
        book = Rulebook(source, (Statement("A-1", "One", "a"),), {BY_AGE: (Row("A-2", {}, None, "x"),)}, lab_scale="ctcae-5.0")
        with pytest.raises(TableError, match="s has no statement 'A-2'"):
            _ = book[BY_AGE]

    @pytest.mark.parametrize("name", rulebooks.names())
    def test_every_statement_has_a_row(self, name: str) -> None:
        """No statement is listed without a row or what carries it instead, ids are unique, and every row says something."""
        book = rulebooks.get(name)
        rows = [row for rows in book.rows.values() for row in rows]
        assert {row.statement for row in rows} == {each.id for each in book.statements if not each.instead_of_row}
        assert len({statement.id for statement in book.statements}) == len(book.statements)
        assert len({row.id for row in rows}) == len({id(row) for row in rows})
        assert all(row.says.endswith(".") for row in rows)

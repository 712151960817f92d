"""What the package offers, and what it costs to import it."""

from __future__ import annotations

import ast
import copy
import inspect
import pickle  # to see it refused
import pydoc
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import attrs
import pytest

import tarlatamab_rules
from helpers import DEFAULT, PAGE
from tarlatamab_rules import Patient, TarlatamabRulesError, answers, eligibility, policy, rulebooks
from tarlatamab_rules.core import lazy
from tarlatamab_rules.core.axes import Axis
from tarlatamab_rules.core.errors import FieldError, FieldTypeError, TableError, UnknownRulebookError
from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.tables import Question
from tarlatamab_rules.policy import BY_AGE, Row, Rulebook
from tarlatamab_rules.rulebooks import facts, questions

PACKAGE = Path(tarlatamab_rules.__file__).parent


FACES = (tarlatamab_rules, answers, policy)
PASSED_IN = {"Amount", "Analyte", "DoseAction", "Grade", "Role", "Route", "Span", "Toxicity"}
"""What a user passes to a rule, and writes into a row as well: a policy takes one import."""
IN_ROWS = {
    "Anchor", "Checklist", "Deadlines", "DuringInfusion", "Eligibility", "InfusionPlan", "InfusionStep", "Instruction", "InstructionKind",
    "LabNeed", "Mixing", "Modality", "MonitoringPlan", "NearCare", "NextDosePrecautions", "PremedicationPlan", "Preparation", "Recovery",
    "Setting", "SetupFit", "Source", "Statement", "StopRule", "Storage", "ToxicityAction",
}  # fmt: skip
"""What comes back as an answer because a row holds it, and the source that a row cites."""
MISSPELT = "eligible"
MOST = 80
"""At the top stands only what is called, passed in or matched on."""


def test_names() -> None:
    """The names at the top, sorted. A change here is a change of the public interface."""
    assert dir(tarlatamab_rules) == [
        "Amount",
        "Analyte",
        "Case",
        "Consciousness",
        "ContradictionError",
        "Course",
        "CrsFindings",
        "DISCLAIMER",
        "Decided",
        "Decision",
        "Diagnosis",
        "DocumentError",
        "DoseAction",
        "DoseAssessment",
        "DosePoint",
        "EventStatus",
        "FieldError",
        "FieldTypeError",
        "GivenDose",
        "Grade",
        "Hypotension",
        "IceTest",
        "Infection",
        "InfusionSetup",
        "LabResult",
        "NeedsData",
        "NeuroFindings",
        "NotCovered",
        "Oxygen",
        "Patient",
        "RaisedPressure",
        "Role",
        "Route",
        "Scale",
        "Seizure",
        "Span",
        "Steroid",
        "Symptom",
        "TableError",
        "TarlatamabRulesError",
        "Toxicity",
        "ToxicityEvent",
        "UndecidedError",
        "UnitError",
        "UnknownRulebookError",
        "Verdict",
        "__version__",
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
        "plan_course",
        "premedication_plan",
        "preparation",
        "read_case",
        "read_case_file",
        "replan",
        "rulebooks",
        "toxicity_action",
        "what_to_ask",
        "what_would_change",
    ]
    assert len(dir(tarlatamab_rules)) <= MOST


def test_names_of_answers() -> None:
    """The types that only come back, sorted."""
    assert dir(answers) == [
        "Accounted",
        "Anchor",
        "AssessedLab",
        "AssessedToxicity",
        "BreastfeedingWindow",
        "Change",
        "ChangeKind",
        "Checklist",
        "Citation",
        "ComparedPart",
        "Comparison",
        "ContraceptionWindow",
        "CoursePlan",
        "Deadlines",
        "Diff",
        "Dissent",
        "Drug",
        "DuringInfusion",
        "Eligibility",
        "EntryKind",
        "Fact",
        "FactToAsk",
        "Fate",
        "InfusionPlan",
        "InfusionStep",
        "Instruction",
        "InstructionKind",
        "LabNeed",
        "LabStanding",
        "LabsDue",
        "Mixing",
        "Modality",
        "MonitoringPlan",
        "NearCare",
        "NextDose",
        "NextDosePrecautions",
        "Note",
        "PlanChange",
        "PlanChanges",
        "PlanEntry",
        "PremedicationPlan",
        "Preparation",
        "Reason",
        "Recovery",
        "Setting",
        "SetupFit",
        "Source",
        "Standing",
        "Statement",
        "StopRule",
        "Storage",
        "ToxicityAction",
        "Vote",
        "WhatIf",
    ]


def test_names_of_policies() -> None:
    """Every question of a book of the drug, every fact that one asks about, every type of answer, and what rows are written with."""
    of_drug = {question for book in map(rulebooks.get, rulebooks.names()) if book.drug for question in book.rows}
    asked = {axis for question in of_drug for axis in question.axes}
    known = {name: value for module in (questions, facts) for name, value in vars(module).items() if name.isupper()}
    wanted = {name for name, value in known.items() if isinstance(value, Question | Axis) and value in of_drug | asked}
    ranges = {"Interval", "above", "at_least", "at_most", "below", "between", "grades", "points"}
    written = ranges | {"Overlay", "Row", "Rulebook", "Stack", "strictest"} | {question.answer.__name__ for question in of_drug}
    assert {name for name in dir(policy) if name.isupper()} == wanted | {"TOXICITY_ACTION"}
    assert written <= set(dir(policy))


def test_no_name_is_in_two_modules_but_on_purpose() -> None:
    """A type is where a user looks for it; only what a row is written with is in `policy` as well, and it is the same object."""
    top, back, rows = (set(dir(face)) for face in FACES)
    assert not top & back
    assert top & rows == PASSED_IN
    assert back & rows == IN_ROWS
    for name in (top | back) & rows:
        assert getattr(policy, name) is getattr(tarlatamab_rules if name in top else answers, name)


@pytest.mark.parametrize(("face", "name"), [(face, name) for face in FACES for name in dir(face)])
def test_every_name_is_there_and_documented(face: ModuleType, name: str) -> None:
    """Every public name resolves, and every class and function of ours says what it is."""
    value = getattr(face, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__


def test_a_help_page() -> None:
    """`help(tarlatamab_rules)` begins with what the package is for, and names every function that is called, in a group."""
    text = inspect.getdoc(tarlatamab_rules) or ""
    assert text.startswith("The rules for giving tarlatamab safely")
    functions = [name for name in dir(tarlatamab_rules) if inspect.isfunction(getattr(tarlatamab_rules, name))]
    assert [name for name in functions if f"`{name}`" not in text] == []
    assert "DESCRIPTION" in pydoc.plain(pydoc.render_doc(tarlatamab_rules))


def test_the_version_is_that_of_the_distribution() -> None:
    """`__version__` says which version is installed."""
    assert tarlatamab_rules.__version__ == version("tarlatamab-rules")


def test_the_books_are_a_name_of_the_package() -> None:
    """`rulebooks` is there without an import of its own."""
    assert tarlatamab_rules.__getattr__("rulebooks") is rulebooks


def test_no_other_name() -> None:
    """A name that is not there is an AttributeError, as of any module."""
    for face in FACES:
        with pytest.raises(AttributeError, match=f"module '{face.__name__}' has no attribute 'eligible'"):
            getattr(face, MISSPELT)


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
    """No module imports anything else from outside the standard library; what strategies, plots, frames and colours take is an extra."""
    extras = {"strategies": {"hypothesis"}, "plot.py": {"matplotlib"}, "terminal.py": {"rich"}, "assess.py": {"rich"}}
    extras |= {"frame.py": {"pandas"}, "plan.py": {"pandas"}, "strategies.py": {"hypothesis"}, "calendars.py": {"icalendar"}}
    extras |= {
        "cohort": {"narwhals", "numpy", "pyarrow", "tqdm", "pyspark"},
        "simulation.py": {"polars"},
        "service": {"anyio", "starlette", "uvicorn"},
    }
    allowed = set(sys.stdlib_module_names) | {"attrs", "pint", "tarlatamab_rules"}
    for path in PACKAGE.rglob("*.py"):
        allowed_here = allowed.union(*(extras.get(part, ()) for part in path.relative_to(PACKAGE).parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed_here, path


def test_imports_nothing_before_it_is_needed() -> None:
    """Importing the package loads neither attrs nor pint; an assessment from JSON loads no pint."""
    code = (
        "import sys, tarlatamab_rules\nimport tarlatamab_rules.answers, tarlatamab_rules.policy\n"
        "assert not {'attrs', 'attr', 'pint'} & set(sys.modules)\n"
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
        """A book that is copied is itself, and one that is pickled is its name: read again, it is the same book."""
        for name in (*rulebooks.names(), DEFAULT, f"strictest of {PAGE}, us-2025-11"):
            book = rulebooks.get(name)
            assert copy.copy(book) is copy.deepcopy(book) is book
            pickled = pickle.dumps(book)
            assert len(pickled) < 200
            assert pickle.loads(pickled) is book  # noqa: S301  # our own

    def test_pickled_stack_put_together(self) -> None:
        """A stack that was put together by hand is pickled by the names of its books."""
        stack = rulebooks.get(PAGE).over(rulebooks.get("us-2025-11"))
        assert pickle.loads(pickle.dumps(stack)).members == stack.members  # noqa: S301  # our own
        triple = rulebooks.strictest([rulebooks.get("eu-2026"), stack])
        assert pickle.loads(pickle.dumps(triple)).members == triple.members  # noqa: S301  # our own
        upper = rulebooks.get("eu-2026").over(triple)
        assert pickle.loads(pickle.dumps(upper)).members == upper.members  # noqa: S301  # our own

    def test_own_books_are_not_pickled(self) -> None:
        """A policy, a revision under a name of its own, and a stack with one of them are refused, with what to do instead."""
        label = rulebooks.get("us-2025-11")
        policy = label.overlay("our-hospital", {})
        revised = label.revised(attrs.evolve(label.source, name="us-2099-01"))
        same_name = attrs.evolve(label, statements=label.statements)
        for book in (policy, revised, same_name, rulebooks.get(PAGE).over(revised), rulebooks.strictest([rulebooks.get(PAGE), policy])):
            assert copy.deepcopy(book) is book
            with pytest.raises(TypeError, match="cannot be pickled; let each process make it"):
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


@pytest.mark.parametrize(
    ("extra", "message"), [("cohort", r"^here\.soil needs numpy: pip install 'tarlatamab-rules\[cohort\]'$"), ("", "numpy")]
)
def test_a_name_says_which_extra_it_needs(extra: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a package is missing for a name that loads on first use, the error names the extra that installs it, if there is one."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.delitem(sys.modules, "tarlatamab_rules.cohort.synthetic.dirt", raising=False)
    _, load, _ = lazy.face({"__name__": "here"}, {"cohort.synthetic.dirt": "soil"}, extra)
    with pytest.raises(ImportError, match=message):
        load("soil")

"""What a ward calls analytes, toxicities and the members of enumerations."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest

from tarlatamab_rules import Case, GivenDose, LabResult, Patient, ToxicityEvent, assess_case, labs_due, plan_course
from tarlatamab_rules.answers import EntryKind
from tarlatamab_rules.assessment.words import fact_in_words
from tarlatamab_rules.core.paths import Fact
from tarlatamab_rules.course import checklist_page
from tarlatamab_rules.course.pictures import timeline
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Toxicity
from tarlatamab_rules.values.names import named
from tarlatamab_rules.values.vocabulary import Eligibility, LabNeed, SetupFit
from tarlatamab_rules.values.wording import in_words
from tarlatamab_rules.views.text import as_text

CODE_WORDS = re.compile(
    r"(?<![.\w-])(?:alt|ast|uric-acid|white-cells|alkaline-phosphatase|needs-assessment|first-full|near-care|restart-limit|recovery-deadline)\b"
)
"""Words of code that a ward does not write. The path of a fact, such as ``labs.alt``, is no word."""

GIVEN = (GivenDose("C1D1", datetime.fromisoformat("2026-02-02T09:00"), "1 mg", complete=True),)
EVENTS = (ToxicityEvent("hepatotoxicity", grade=3, onset=date(2026, 2, 8)),)
LABS = (
    LabResult("alt", "400 U/L", upper_limit="40 U/L", collected=datetime.fromisoformat("2026-02-08T08:00")),
    LabResult("uric-acid", "6 mg/dL", collected=datetime.fromisoformat("2026-02-08T08:00")),
)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        (Analyte.ALT, "ALT"),
        (Analyte.AST, "AST"),
        (Analyte.URIC_ACID, "uric acid"),
        (Analyte.WHITE_CELLS, "white cells"),
        (Analyte.ALKALINE_PHOSPHATASE, "alkaline phosphatase"),
        (Analyte.HEMOGLOBIN, "hemoglobin"),
        (Analyte.NEUTROPHILS, "neutrophils"),
        (Toxicity.CRS, "CRS"),
        (Toxicity.ICANS, "ICANS"),
        (Toxicity.OTHER, "another toxicity"),
        (EntryKind.NEAR_CARE, "near care"),
        (EntryKind.RESTART_LIMIT, "restart limit"),
        (EntryKind.BREAST_FEEDING, "breast-feeding"),
        (Eligibility.NEEDS_ASSESSMENT, "needs assessment"),
        (LabNeed.NOT_ASKED, "not asked"),
        (SetupFit.AS_PLANNED, "as planned"),
    ],
)
def test_names(word: str, name: str) -> None:
    """A word is written as a ward writes it, alone and as an answer."""
    assert named(word) == name
    assert in_words(word) == [name]


def test_results_that_are_due() -> None:
    """The results that a dose asks for are listed by the names of a ward."""
    assert in_words(labs_due("C1D1", rulebook="us-2025-11").unwrap())[0] == (
        "required: neutrophils, hemoglobin, platelets, ALT, AST, bilirubin"
    )


@pytest.mark.parametrize("rulebook", [None, "us-2025-11"])
def test_screens_plans_and_pages(rulebook: str | None) -> None:
    """No screen, plan, picture or page prints a word of code for an analyte, an answer, a role or a kind."""
    case = Case(
        patient=Patient(age_years=64, pregnant=True),
        point="C1D8",
        planned_start=datetime.fromisoformat("2026-02-09T09:00"),
        course=GIVEN,
        events=EVENTS,
        labs=LABS,
    )
    plan = plan_course(
        datetime.fromisoformat("2026-02-02T09:00"),
        cycles=2,
        course=GIVEN,
        events=EVENTS,
        labs=LABS,
        patient=Patient(age_years=64),
        rulebook=rulebook,
    )
    assessment = assess_case(case, rulebook=rulebook)
    texts = (str(assessment), as_text(assessment, full=True), str(plan), timeline(plan).description, str(checklist_page(plan, "C1D8")))
    for text in texts:
        assert "ALT" in text
        assert CODE_WORDS.findall(text) == []


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Fact("labs", "neutrophils", "improved"), "neutrophils: day it improved"),
        (Fact("labs", "neutrophils", "improved", "from 2026-01-02"), "neutrophils: day it improved from 2026-01-02"),
        (Fact("labs", "neutrophils", "upper_limit", "of 3.5"), "neutrophils: upper limit of normal of 3.5"),
    ],
)
def test_a_fact_that_is_set_apart(fact: Fact, words: str) -> None:
    """What distinguishes a fact from another one stands behind its name, and changes no word of the name."""
    assert fact_in_words(fact) == words

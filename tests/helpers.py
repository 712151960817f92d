"""What several tests look at."""

from __future__ import annotations

from typing import Any

from hypothesis import settings

from tarlatamab_rules import Decided, LabResult, NeedsData, NotCovered, Patient, rulebooks
from tarlatamab_rules.answers import Instruction

PAGE = "precautions-2025-09"
DEFAULT = "precautions-2025-09 over us-2025-11"
DRUG_BOOKS = tuple(name for name in rulebooks.names() if rulebooks.get(name).drug is not None)
"""The books about the drug; the others grade, or convert."""


def revisions_to(name: str) -> list[str]:
    """A book and the books that it revises, one after the other, to the first, which is written out."""
    before = rulebooks.get(name).revises
    return [name, *(revisions_to(before) if before else ())]


IN_UTC = "dates: all times are in UTC, so days are counted in UTC. To count them at the site, give its time zone (site_zone)."
"""The note of a case whose times are all in UTC."""
LABS = ("neutrophils", "hemoglobin", "platelets", "alt", "ast", "bilirubin")


def rows(answer: Decided[Any] | NeedsData[Any] | NotCovered) -> list[str]:
    """The ids of the rows behind an answer."""
    return [reason.row for reason in answer.reasons]


VITALS: dict[str, Any] = {"temperature": "36.8 Cel", "hypotension": "none", "vasopressin": False, "oxygen": "none", "fever_masked": False}
"""Normal vital signs, all of them known."""

ALERT: dict[str, Any] = {
    "ice": 10,
    "arousable": True,
    "consciousness": "alert",
    "seizure": "none",
    "motor_weakness": False,
    "raised_icp": "none",
    "symptoms": [],
}
"""A normal neurologic examination, all of it known."""


def well(**changes: Any) -> Patient:
    """A patient who meets every criterion of the page, with changes."""
    facts: dict[str, Any] = {
        "age_years": 64,
        "diagnosis": "extensive-stage-sclc",
        "progressed_after_platinum": True,
        "infection": "none",
        "childbearing_potential": True,
        "pregnant": False,
        "breastfeeding": False,
    }
    return Patient(**(facts | changes))


def normal_labs(collected: Any, **changes: LabResult | None) -> list[LabResult]:
    """Every result that the page requires or recommends before a dose, all normal; a change replaces a result, ``None`` leaves it out."""
    results = {
        "neutrophils": LabResult("neutrophils", "4 10*9/L", collected),
        "hemoglobin": LabResult("hemoglobin", "13 g/dL", collected),
        "platelets": LabResult("platelets", "250 10*9/L", collected),
        "alt": LabResult("alt", "20 U/L", collected, upper_limit="40 U/L"),
        "ast": LabResult("ast", "20 U/L", collected, upper_limit="40 U/L"),
        "bilirubin": LabResult("bilirubin", "0.6 mg/dL", collected, upper_limit="1.2 mg/dL"),
        "sodium": LabResult("sodium", "140 mmol/L", collected, "135 mmol/L", "145 mmol/L"),
        "potassium": LabResult("potassium", "4.1 mmol/L", collected, "3.5 mmol/L", "5 mmol/L"),
        "uric-acid": LabResult("uric-acid", "5 mg/dL", collected, "3 mg/dL", "7 mg/dL"),
    }
    return [result for result in (results | changes).values() if result is not None]


def in_words(instruction: Instruction) -> tuple[object, ...]:
    """An instruction as modality, what, amount and route."""
    return (str(instruction.modality), instruction.what, instruction.amount and str(instruction.amount), instruction.route)


def examples(number: int) -> settings:
    """How a law is run that looks at *number* examples in CI: at a share of them in the quick suite, and at no fewer than any other law."""
    usual = settings().max_examples
    return settings(max_examples=max(usual, number * min(usual, 100) // 100))

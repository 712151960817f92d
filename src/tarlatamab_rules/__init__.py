"""The rules for giving tarlatamab safely, each answer with its source. Not medical advice: a clinician decides, with the label in force.

A whole assessment:

- `assess_dose`, `assess_case`: may this dose be given? Every rule is asked, and the strictest vote is the verdict.
- `read_case`, `read_case_file`: a case from JSON.
- `what_to_ask`, `what_would_change`: what to find out next, and which single facts would give another verdict.
- `compare`, `diff`: what several rulebooks say of one case, and wherever two rulebooks differ.

A whole course:

- `plan_course`, `replan`: every dose on its day, with what goes before, with and after it, and again when something has happened.

One rule at a time:

- before treatment: `eligibility`, `contraception_window`, `breastfeeding_window`
- the dose: `next_dose`, `preparation`, `premedication_plan`, `equivalent_dose`, `checklist`
- the infusion: `infusion_plan`, `infusion_check`, `during_infusion`
- after it: `monitoring_duration`
- results: `labs_due`, `lab_standings`, `grade_lab`, `grade_febrile_neutropenia`, `liver_injury`
- toxicities: `toxicity_action`, `grade_crs`, `grade_icans`, `ice_score`, `ice_assessment`

Every rule answers `Decided`, `NeedsData` (what is missing, and what is still possible) or `NotCovered`. ``None`` in an input is *not
known*, never *no*; an empty list is *reviewed, nothing*. Wherever a class has words to choose from, the word itself will do: ``"crs"`` for
``Toxicity.CRS``, ``"C1D8"`` for a dose.

>>> from tarlatamab_rules import monitoring_duration
>>> print(monitoring_duration("C1D1").unwrap().observe)
22-24 h

What answers are made of is in `tarlatamab_rules.answers`; what a policy of your own is written with, in `tarlatamab_rules.policy`; the
books by name, in `rulebooks`. Names load on first use, so importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face
from tarlatamab_rules.core.shown import show_with

if TYPE_CHECKING:
    from tarlatamab_rules import rulebooks as rulebooks
    from tarlatamab_rules.assessment import DISCLAIMER as DISCLAIMER
    from tarlatamab_rules.assessment import DoseAssessment as DoseAssessment
    from tarlatamab_rules.assessment import assess_case as assess_case
    from tarlatamab_rules.assessment import assess_dose as assess_dose
    from tarlatamab_rules.assessment.compare import compare as compare
    from tarlatamab_rules.assessment.compare import diff as diff
    from tarlatamab_rules.assessment.what_if import what_to_ask as what_to_ask
    from tarlatamab_rules.assessment.what_if import what_would_change as what_would_change
    from tarlatamab_rules.core.decisions import Decided as Decided
    from tarlatamab_rules.core.decisions import Decision as Decision
    from tarlatamab_rules.core.decisions import DoseAction as DoseAction
    from tarlatamab_rules.core.decisions import NeedsData as NeedsData
    from tarlatamab_rules.core.decisions import NotCovered as NotCovered
    from tarlatamab_rules.core.decisions import Verdict as Verdict
    from tarlatamab_rules.core.errors import ContradictionError as ContradictionError
    from tarlatamab_rules.core.errors import DocumentError as DocumentError
    from tarlatamab_rules.core.errors import FieldError as FieldError
    from tarlatamab_rules.core.errors import FieldTypeError as FieldTypeError
    from tarlatamab_rules.core.errors import TableError as TableError
    from tarlatamab_rules.core.errors import TarlatamabRulesError as TarlatamabRulesError
    from tarlatamab_rules.core.errors import UndecidedError as UndecidedError
    from tarlatamab_rules.core.errors import UnitError as UnitError
    from tarlatamab_rules.core.errors import UnknownRulebookError as UnknownRulebookError
    from tarlatamab_rules.course.planning import plan_course as plan_course
    from tarlatamab_rules.course.planning import replan as replan
    from tarlatamab_rules.formats.cases import read_case as read_case
    from tarlatamab_rules.formats.cases import read_case_file as read_case_file
    from tarlatamab_rules.inputs.analytes import Analyte as Analyte
    from tarlatamab_rules.inputs.case import Case as Case
    from tarlatamab_rules.inputs.course import Course as Course
    from tarlatamab_rules.inputs.course import DosePoint as DosePoint
    from tarlatamab_rules.inputs.course import GivenDose as GivenDose
    from tarlatamab_rules.inputs.events import ToxicityEvent as ToxicityEvent
    from tarlatamab_rules.inputs.findings import CrsFindings as CrsFindings
    from tarlatamab_rules.inputs.findings import IceTest as IceTest
    from tarlatamab_rules.inputs.findings import NeuroFindings as NeuroFindings
    from tarlatamab_rules.inputs.infusion import InfusionSetup as InfusionSetup
    from tarlatamab_rules.inputs.labs import LabResult as LabResult
    from tarlatamab_rules.inputs.patient import Diagnosis as Diagnosis
    from tarlatamab_rules.inputs.patient import Infection as Infection
    from tarlatamab_rules.inputs.patient import Patient as Patient
    from tarlatamab_rules.inputs.units import Amount as Amount
    from tarlatamab_rules.inputs.units import Span as Span
    from tarlatamab_rules.inputs.vocabulary import Consciousness as Consciousness
    from tarlatamab_rules.inputs.vocabulary import EventStatus as EventStatus
    from tarlatamab_rules.inputs.vocabulary import Grade as Grade
    from tarlatamab_rules.inputs.vocabulary import Hypotension as Hypotension
    from tarlatamab_rules.inputs.vocabulary import Oxygen as Oxygen
    from tarlatamab_rules.inputs.vocabulary import RaisedPressure as RaisedPressure
    from tarlatamab_rules.inputs.vocabulary import Scale as Scale
    from tarlatamab_rules.inputs.vocabulary import Seizure as Seizure
    from tarlatamab_rules.inputs.vocabulary import Symptom as Symptom
    from tarlatamab_rules.inputs.vocabulary import Toxicity as Toxicity
    from tarlatamab_rules.rules.eligibility import eligibility as eligibility
    from tarlatamab_rules.rules.grading import grade_crs as grade_crs
    from tarlatamab_rules.rules.grading import grade_febrile_neutropenia as grade_febrile_neutropenia
    from tarlatamab_rules.rules.grading import grade_icans as grade_icans
    from tarlatamab_rules.rules.grading import grade_lab as grade_lab
    from tarlatamab_rules.rules.grading import ice_score as ice_score
    from tarlatamab_rules.rules.infusion import during_infusion as during_infusion
    from tarlatamab_rules.rules.infusion import infusion_check as infusion_check
    from tarlatamab_rules.rules.infusion import preparation as preparation
    from tarlatamab_rules.rules.labs import lab_standings as lab_standings
    from tarlatamab_rules.rules.labs import labs_due as labs_due
    from tarlatamab_rules.rules.liver import liver_injury as liver_injury
    from tarlatamab_rules.rules.next_dose import next_dose as next_dose
    from tarlatamab_rules.rules.plans import checklist as checklist
    from tarlatamab_rules.rules.plans import infusion_plan as infusion_plan
    from tarlatamab_rules.rules.plans import monitoring_duration as monitoring_duration
    from tarlatamab_rules.rules.plans import premedication_plan as premedication_plan
    from tarlatamab_rules.rules.reproductive import breastfeeding_window as breastfeeding_window
    from tarlatamab_rules.rules.reproductive import contraception_window as contraception_window
    from tarlatamab_rules.rules.steroids import equivalent_dose as equivalent_dose
    from tarlatamab_rules.rules.toxicity import ice_assessment as ice_assessment
    from tarlatamab_rules.rules.toxicity import toxicity_action as toxicity_action
    from tarlatamab_rules.values.vocabulary import Role as Role
    from tarlatamab_rules.values.vocabulary import Route as Route
    from tarlatamab_rules.values.vocabulary import Steroid as Steroid

    __version__: str


def _text(value: object) -> str:
    from tarlatamab_rules.views.text import as_text  # noqa: PLC0415  # views load when a value is shown

    return as_text(value)


def _html(value: object) -> str:
    from tarlatamab_rules.views.html import as_html  # noqa: PLC0415  # as above

    return as_html(value)


def _rich(value: object) -> object:
    from tarlatamab_rules.views.terminal import renderable  # noqa: PLC0415  # as above

    return renderable(value)


show_with(text=_text, html=_html, rich=_rich)


def _books() -> object:
    return import_module("tarlatamab_rules.rulebooks")


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415  # it costs more than the rest of the import

    return version("tarlatamab-rules")


if not TYPE_CHECKING:
    _HOMES = {
        "assessment": "DISCLAIMER DoseAssessment assess_case assess_dose",
        "assessment.compare": "compare diff",
        "assessment.what_if": "what_to_ask what_would_change",
        "core.decisions": "Decided Decision DoseAction NeedsData NotCovered Verdict",
        "core.errors": (
            "ContradictionError DocumentError FieldError FieldTypeError TableError TarlatamabRulesError UndecidedError UnitError "
            "UnknownRulebookError"
        ),
        "course.planning": "plan_course replan",
        "formats.cases": "read_case read_case_file",
        "inputs.analytes": "Analyte",
        "inputs.case": "Case",
        "inputs.course": "Course DosePoint GivenDose",
        "inputs.events": "ToxicityEvent",
        "inputs.findings": "CrsFindings IceTest NeuroFindings",
        "inputs.infusion": "InfusionSetup",
        "inputs.labs": "LabResult",
        "inputs.patient": "Diagnosis Infection Patient",
        "inputs.units": "Amount Span",
        "inputs.vocabulary": "Consciousness EventStatus Grade Hypotension Oxygen RaisedPressure Scale Seizure Symptom Toxicity",
        "rules.eligibility": "eligibility",
        "rules.grading": "grade_crs grade_febrile_neutropenia grade_icans grade_lab ice_score",
        "rules.infusion": "during_infusion infusion_check preparation",
        "rules.labs": "lab_standings labs_due",
        "rules.liver": "liver_injury",
        "rules.next_dose": "next_dose",
        "rules.plans": "checklist infusion_plan monitoring_duration premedication_plan",
        "rules.reproductive": "breastfeeding_window contraception_window",
        "rules.steroids": "equivalent_dose",
        "rules.toxicity": "ice_assessment toxicity_action",
        "values.vocabulary": "Role Route Steroid",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES, rulebooks=_books, __version__=_version)

"""An executable label: the rules for giving tarlatamab safely, each answer with its source.

Every rule takes what is known and answers with `Decided`, `NeedsData` or `NotCovered`. ``None`` in an input is *not known*, never *no*.
Names load on first use, so importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tarlatamab_rules.core.shown import show_with

if TYPE_CHECKING:
    from tarlatamab_rules import rulebooks
    from tarlatamab_rules.assessment import (
        DISCLAIMER,
        Accounted,
        AssessedLab,
        AssessedToxicity,
        DoseAssessment,
        Fate,
        Vote,
        assess_case,
        assess_dose,
    )
    from tarlatamab_rules.assessment.compare import ComparedPart, Comparison, compare, diff
    from tarlatamab_rules.assessment.what_if import FactToAsk, WhatIf, what_to_ask, what_would_change
    from tarlatamab_rules.core.decisions import Decided, Decision, Dissent, DoseAction, NeedsData, NotCovered, Verdict
    from tarlatamab_rules.core.errors import (
        ContradictionError,
        DocumentError,
        FieldError,
        FieldTypeError,
        TableError,
        TarlatamabRulesError,
        UndecidedError,
        UnitError,
        UnknownRulebookError,
    )
    from tarlatamab_rules.core.evidence import Citation, Drug, Reason, Source, Statement
    from tarlatamab_rules.inputs.analytes import Analyte
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
    from tarlatamab_rules.inputs.events import ToxicityEvent
    from tarlatamab_rules.inputs.findings import CrsFindings, IceTest, NeuroFindings
    from tarlatamab_rules.inputs.infusion import InfusionSetup
    from tarlatamab_rules.inputs.labs import LabResult
    from tarlatamab_rules.inputs.patient import Diagnosis, Infection, Patient
    from tarlatamab_rules.inputs.units import Amount, Span
    from tarlatamab_rules.inputs.vocabulary import (
        Consciousness,
        EventStatus,
        Grade,
        Hypotension,
        Oxygen,
        RaisedPressure,
        Scale,
        Seizure,
        Symptom,
        Toxicity,
    )
    from tarlatamab_rules.rulebooks._book import Overlay, Rulebook, Stack, strictest
    from tarlatamab_rules.rulebooks._diff import Change, Diff
    from tarlatamab_rules.rules.eligibility import eligibility
    from tarlatamab_rules.rules.grading import grade_crs, grade_febrile_neutropenia, grade_icans, grade_lab, ice_score
    from tarlatamab_rules.rules.infusion import during_infusion, infusion_check, preparation
    from tarlatamab_rules.rules.labs import lab_standings, labs_due
    from tarlatamab_rules.rules.liver import liver_injury
    from tarlatamab_rules.rules.next_dose import next_dose
    from tarlatamab_rules.rules.plans import checklist, infusion_plan, monitoring_duration, premedication_plan
    from tarlatamab_rules.rules.reproductive import breastfeeding_window, contraception_window
    from tarlatamab_rules.rules.steroids import equivalent_dose
    from tarlatamab_rules.rules.toxicity import ice_assessment, toxicity_action
    from tarlatamab_rules.values.doses import BreastfeedingWindow, ContraceptionWindow, Deadlines, Mixing, NextDose, Preparation, Storage
    from tarlatamab_rules.values.labs import LabsDue, LabStanding
    from tarlatamab_rules.values.plans import (
        Checklist,
        DuringInfusion,
        InfusionPlan,
        Instruction,
        MonitoringPlan,
        NearCare,
        PremedicationPlan,
    )
    from tarlatamab_rules.values.toxicities import NextDosePrecautions, Recovery, StopRule, ToxicityAction
    from tarlatamab_rules.values.vocabulary import (
        Anchor,
        Eligibility,
        InfusionStep,
        LabNeed,
        Modality,
        Role,
        Route,
        Setting,
        SetupFit,
        Standing,
        Steroid,
    )

__all__ = [
    "DISCLAIMER",
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


def _html(value: object) -> str:
    from tarlatamab_rules.views.html import as_html  # noqa: PLC0415  # views load when a value is shown

    return as_html(value)


def _rich(value: object) -> object:
    from tarlatamab_rules.views.terminal import renderable  # noqa: PLC0415  # as above

    return renderable(value)


show_with(html=_html, rich=_rich)

if not TYPE_CHECKING:
    _HOMES = {
        "values.doses": "BreastfeedingWindow ContraceptionWindow Deadlines Mixing NextDose Preparation Storage",
        "values.labs": "LabsDue LabStanding",
        "values.plans": "Checklist DuringInfusion InfusionPlan Instruction MonitoringPlan NearCare PremedicationPlan",
        "values.toxicities": "NextDosePrecautions Recovery StopRule ToxicityAction",
        "values.vocabulary": "Anchor Eligibility InfusionStep LabNeed Modality Role Route Setting SetupFit Standing Steroid",
        "assessment": "DISCLAIMER Accounted AssessedLab AssessedToxicity DoseAssessment Fate Vote assess_case assess_dose",
        "assessment.compare": "ComparedPart Comparison compare diff",
        "assessment.what_if": "FactToAsk WhatIf what_to_ask what_would_change",
        "core.decisions": "Decided Decision Dissent DoseAction NeedsData NotCovered Verdict",
        "core.errors": (
            "ContradictionError DocumentError FieldError FieldTypeError TableError TarlatamabRulesError UndecidedError "
            "UnitError UnknownRulebookError"
        ),
        "core.evidence": "Citation Drug Reason Source Statement",
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
        "rulebooks._book": "Overlay Rulebook Stack strictest",
        "rulebooks._diff": "Change Diff",
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
    }

    def __getattr__(name: str) -> object:
        if name == "rulebooks":
            return import_module("tarlatamab_rules.rulebooks")
        for home, names in _HOMES.items():
            if name in names.split():
                value = globals()[name] = getattr(import_module(f"tarlatamab_rules.{home}"), name)
                return value
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__

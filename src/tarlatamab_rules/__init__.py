"""An executable label: the rules for giving tarlatamab safely, each answer with its source.

Every rule takes what is known and answers with `Decided`, `NeedsData` or `NotCovered`; ``None`` in an input is *not known*, never *no*.
Names load on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tarlatamab_rules import rulebooks
    from tarlatamab_rules.answers.doses import Deadlines, Mixing, NextDose, Preparation, Storage
    from tarlatamab_rules.answers.labs import LabsDue, LabStanding
    from tarlatamab_rules.answers.plans import (
        Checklist,
        DuringInfusion,
        InfusionPlan,
        Instruction,
        MonitoringPlan,
        NearCare,
        PremedicationPlan,
    )
    from tarlatamab_rules.answers.toxicities import NextDosePrecautions, Recovery, StopRule, ToxicityAction
    from tarlatamab_rules.answers.windows import BreastfeedingWindow, ContraceptionWindow
    from tarlatamab_rules.answers.words import (
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
    from tarlatamab_rules.comparison import ComparedPart, Comparison, compare, diff
    from tarlatamab_rules.decisions import Decided, Decision, Dissent, DoseAction, NeedsData, NotCovered, Verdict
    from tarlatamab_rules.errors import (
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
    from tarlatamab_rules.evidence import Citation, Drug, Reason, Source, Statement
    from tarlatamab_rules.exploring import FactToAsk, WhatIf, what_to_ask, what_would_change
    from tarlatamab_rules.inputs.case import Case
    from tarlatamab_rules.inputs.course import Course, DosePoint, GivenDose
    from tarlatamab_rules.inputs.findings import (
        Consciousness,
        CrsFindings,
        EventStatus,
        Grade,
        Hypotension,
        NeuroFindings,
        Oxygen,
        RaisedPressure,
        Scale,
        Seizure,
        Symptom,
        Toxicity,
        ToxicityEvent,
    )
    from tarlatamab_rules.inputs.ice import IceTest
    from tarlatamab_rules.inputs.infusion import InfusionSetup
    from tarlatamab_rules.inputs.labs import Analyte, LabResult
    from tarlatamab_rules.inputs.patient import Diagnosis, Infection, Patient
    from tarlatamab_rules.rulebooks._book import Overlay, Rulebook, Stack, strictest
    from tarlatamab_rules.rulebooks._diff import Change, Diff
    from tarlatamab_rules.rules.checks import checklist
    from tarlatamab_rules.rules.during import during_infusion
    from tarlatamab_rules.rules.eligibility import eligibility
    from tarlatamab_rules.rules.grading import grade_febrile_neutropenia, grade_lab
    from tarlatamab_rules.rules.ice import ice_score
    from tarlatamab_rules.rules.infusion import infusion_plan
    from tarlatamab_rules.rules.infusion_setup import infusion_check
    from tarlatamab_rules.rules.laboratory import lab_standings, labs_due
    from tarlatamab_rules.rules.liver import liver_injury
    from tarlatamab_rules.rules.monitoring import monitoring_duration
    from tarlatamab_rules.rules.next_dose import next_dose
    from tarlatamab_rules.rules.premedication import equivalent_dose, premedication_plan
    from tarlatamab_rules.rules.preparation import preparation
    from tarlatamab_rules.rules.reproductive import breastfeeding_window, contraception_window
    from tarlatamab_rules.rules.syndromes import grade_crs, grade_icans
    from tarlatamab_rules.rules.toxicity import ice_assessment, toxicity_action
    from tarlatamab_rules.units import Amount, Span

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

if not TYPE_CHECKING:
    _HOMES = {
        "answers.doses": "Deadlines Mixing NextDose Preparation Storage",
        "answers.labs": "LabStanding LabsDue",
        "answers.plans": "Checklist DuringInfusion InfusionPlan Instruction MonitoringPlan NearCare PremedicationPlan",
        "answers.toxicities": "NextDosePrecautions Recovery StopRule ToxicityAction",
        "answers.windows": "BreastfeedingWindow ContraceptionWindow",
        "answers.words": "Anchor Eligibility InfusionStep LabNeed Modality Role Route Setting SetupFit Standing Steroid",
        "assessment": "DISCLAIMER Accounted AssessedLab AssessedToxicity DoseAssessment Fate Vote assess_case assess_dose",
        "comparison": "ComparedPart Comparison compare diff",
        "decisions": "Decided Decision Dissent DoseAction NeedsData NotCovered Verdict",
        "errors": (
            "ContradictionError DocumentError FieldError FieldTypeError TableError TarlatamabRulesError "
            "UndecidedError UnitError UnknownRulebookError"
        ),
        "evidence": "Citation Drug Reason Source Statement",
        "exploring": "FactToAsk WhatIf what_to_ask what_would_change",
        "inputs.case": "Case",
        "inputs.course": "Course DosePoint GivenDose",
        "inputs.findings": (
            "Consciousness CrsFindings EventStatus Grade Hypotension NeuroFindings Oxygen RaisedPressure Scale "
            "Seizure Symptom Toxicity ToxicityEvent"
        ),
        "inputs.ice": "IceTest",
        "inputs.infusion": "InfusionSetup",
        "inputs.labs": "Analyte LabResult",
        "inputs.patient": "Diagnosis Infection Patient",
        "rulebooks._book": "Overlay Rulebook Stack strictest",
        "rulebooks._diff": "Change Diff",
        "rules.checks": "checklist",
        "rules.during": "during_infusion",
        "rules.eligibility": "eligibility",
        "rules.grading": "grade_febrile_neutropenia grade_lab",
        "rules.ice": "ice_score",
        "rules.infusion": "infusion_plan",
        "rules.infusion_setup": "infusion_check",
        "rules.laboratory": "lab_standings labs_due",
        "rules.liver": "liver_injury",
        "rules.monitoring": "monitoring_duration",
        "rules.next_dose": "next_dose",
        "rules.premedication": "equivalent_dose premedication_plan",
        "rules.preparation": "preparation",
        "rules.reproductive": "breastfeeding_window contraception_window",
        "rules.syndromes": "grade_crs grade_icans",
        "rules.toxicity": "ice_assessment toxicity_action",
        "units": "Amount Span",
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

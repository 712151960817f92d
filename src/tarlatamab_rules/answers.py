"""What answers and assessments are made of: types that come back from a rule, and that nobody has to make.

Import them to name a type, or to compare with a member of an enumeration; a member equals its text, so ``setting == "hospital"`` does as
well. What every answer is first, `Decided`, `NeedsData` or `NotCovered`, is in `tarlatamab_rules` itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.assessment import Accounted as Accounted
    from tarlatamab_rules.assessment import AssessedLab as AssessedLab
    from tarlatamab_rules.assessment import AssessedToxicity as AssessedToxicity
    from tarlatamab_rules.assessment import Fate as Fate
    from tarlatamab_rules.assessment import Vote as Vote
    from tarlatamab_rules.assessment.compare import ComparedPart as ComparedPart
    from tarlatamab_rules.assessment.compare import Comparison as Comparison
    from tarlatamab_rules.assessment.what_if import FactToAsk as FactToAsk
    from tarlatamab_rules.assessment.what_if import WhatIf as WhatIf
    from tarlatamab_rules.core.decisions import Dissent as Dissent
    from tarlatamab_rules.core.evidence import Citation as Citation
    from tarlatamab_rules.core.evidence import Drug as Drug
    from tarlatamab_rules.core.evidence import Reason as Reason
    from tarlatamab_rules.core.evidence import Source as Source
    from tarlatamab_rules.core.evidence import Statement as Statement
    from tarlatamab_rules.core.paths import Fact as Fact
    from tarlatamab_rules.core.paths import Note as Note
    from tarlatamab_rules.course.changes import ChangeKind as ChangeKind
    from tarlatamab_rules.course.changes import PlanChange as PlanChange
    from tarlatamab_rules.course.changes import PlanChanges as PlanChanges
    from tarlatamab_rules.course.entries import EntryKind as EntryKind
    from tarlatamab_rules.course.entries import PlanEntry as PlanEntry
    from tarlatamab_rules.course.plan import CoursePlan as CoursePlan
    from tarlatamab_rules.rulebooks._diff import Change as Change
    from tarlatamab_rules.rulebooks._diff import Diff as Diff
    from tarlatamab_rules.values.doses import BreastfeedingWindow as BreastfeedingWindow
    from tarlatamab_rules.values.doses import ContraceptionWindow as ContraceptionWindow
    from tarlatamab_rules.values.doses import Deadlines as Deadlines
    from tarlatamab_rules.values.doses import Mixing as Mixing
    from tarlatamab_rules.values.doses import NextDose as NextDose
    from tarlatamab_rules.values.doses import Preparation as Preparation
    from tarlatamab_rules.values.doses import Storage as Storage
    from tarlatamab_rules.values.labs import LabsDue as LabsDue
    from tarlatamab_rules.values.labs import LabStanding as LabStanding
    from tarlatamab_rules.values.plans import Checklist as Checklist
    from tarlatamab_rules.values.plans import DuringInfusion as DuringInfusion
    from tarlatamab_rules.values.plans import InfusionPlan as InfusionPlan
    from tarlatamab_rules.values.plans import Instruction as Instruction
    from tarlatamab_rules.values.plans import MonitoringPlan as MonitoringPlan
    from tarlatamab_rules.values.plans import NearCare as NearCare
    from tarlatamab_rules.values.plans import PremedicationPlan as PremedicationPlan
    from tarlatamab_rules.values.toxicities import NextDosePrecautions as NextDosePrecautions
    from tarlatamab_rules.values.toxicities import Recovery as Recovery
    from tarlatamab_rules.values.toxicities import StopRule as StopRule
    from tarlatamab_rules.values.toxicities import ToxicityAction as ToxicityAction
    from tarlatamab_rules.values.vocabulary import Anchor as Anchor
    from tarlatamab_rules.values.vocabulary import Eligibility as Eligibility
    from tarlatamab_rules.values.vocabulary import InfusionStep as InfusionStep
    from tarlatamab_rules.values.vocabulary import InstructionKind as InstructionKind
    from tarlatamab_rules.values.vocabulary import LabNeed as LabNeed
    from tarlatamab_rules.values.vocabulary import Modality as Modality
    from tarlatamab_rules.values.vocabulary import Setting as Setting
    from tarlatamab_rules.values.vocabulary import SetupFit as SetupFit
    from tarlatamab_rules.values.vocabulary import Standing as Standing

if not TYPE_CHECKING:
    _HOMES = {
        "assessment": "Accounted AssessedLab AssessedToxicity Fate Vote",
        "assessment.compare": "ComparedPart Comparison",
        "assessment.what_if": "FactToAsk WhatIf",
        "core.decisions": "Dissent",
        "core.evidence": "Citation Drug Reason Source Statement",
        "core.paths": "Fact Note",
        "course.changes": "ChangeKind PlanChange PlanChanges",
        "course.entries": "EntryKind PlanEntry",
        "course.plan": "CoursePlan",
        "rulebooks._diff": "Change Diff",
        "values.doses": "BreastfeedingWindow ContraceptionWindow Deadlines Mixing NextDose Preparation Storage",
        "values.labs": "LabStanding LabsDue",
        "values.plans": "Checklist DuringInfusion InfusionPlan Instruction MonitoringPlan NearCare PremedicationPlan",
        "values.toxicities": "NextDosePrecautions Recovery StopRule ToxicityAction",
        "values.vocabulary": "Anchor Eligibility InfusionStep InstructionKind LabNeed Modality Setting SetupFit Standing",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)

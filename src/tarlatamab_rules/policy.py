"""What a policy of your own is written with: rows, the questions that they answer, the facts that they ask about, and their answers.

A policy is a few rows on top of a rulebook::

    from tarlatamab_rules import rulebooks
    from tarlatamab_rules.policy import MONITORING, ROLE, MonitoringPlan, Role, Row, Span

    STAY = Row("OBS-1", {ROLE: Role.STEP_UP}, MonitoringPlan(observe=Span(48, 48, "h")), "48 hours after the first dose.")
    OURS = rulebooks.default().overlay("our-hospital", {MONITORING: (STAY,)})

Names in capitals are questions (`MONITORING`) and facts (`ROLE`); `points`, `grades`, `at_least` and the like say which values of a fact
are meant. Types of answers, as `MonitoringPlan`, are in `tarlatamab_rules.answers` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tarlatamab_rules.core.lazy import face

if TYPE_CHECKING:
    from tarlatamab_rules.core.decisions import DoseAction as DoseAction
    from tarlatamab_rules.core.evidence import Source as Source
    from tarlatamab_rules.core.evidence import Statement as Statement
    from tarlatamab_rules.core.intervals import Interval as Interval
    from tarlatamab_rules.core.intervals import above as above
    from tarlatamab_rules.core.intervals import at_least as at_least
    from tarlatamab_rules.core.intervals import at_most as at_most
    from tarlatamab_rules.core.intervals import below as below
    from tarlatamab_rules.core.intervals import between as between
    from tarlatamab_rules.core.tables import Row as Row
    from tarlatamab_rules.inputs.analytes import Analyte as Analyte
    from tarlatamab_rules.inputs.units import Amount as Amount
    from tarlatamab_rules.inputs.units import Span as Span
    from tarlatamab_rules.inputs.vocabulary import Grade as Grade
    from tarlatamab_rules.inputs.vocabulary import Toxicity as Toxicity
    from tarlatamab_rules.rulebooks._book import Overlay as Overlay
    from tarlatamab_rules.rulebooks._book import Rulebook as Rulebook
    from tarlatamab_rules.rulebooks._book import Stack as Stack
    from tarlatamab_rules.rulebooks._book import strictest as strictest
    from tarlatamab_rules.rulebooks.facts import AGE as AGE
    from tarlatamab_rules.rulebooks.facts import AMINOTRANSFERASE as AMINOTRANSFERASE
    from tarlatamab_rules.rulebooks.facts import AMINOTRANSFERASE_RISE as AMINOTRANSFERASE_RISE
    from tarlatamab_rules.rulebooks.facts import AMOUNT as AMOUNT
    from tarlatamab_rules.rulebooks.facts import ANALYTE as ANALYTE
    from tarlatamab_rules.rulebooks.facts import BEGAN_BEFORE as BEGAN_BEFORE
    from tarlatamab_rules.rulebooks.facts import BEGAN_ROLE as BEGAN_ROLE
    from tarlatamab_rules.rulebooks.facts import BILIRUBIN as BILIRUBIN
    from tarlatamab_rules.rulebooks.facts import BILIRUBIN_RISE as BILIRUBIN_RISE
    from tarlatamab_rules.rulebooks.facts import BLEEDING as BLEEDING
    from tarlatamab_rules.rulebooks.facts import BREASTFEEDING as BREASTFEEDING
    from tarlatamab_rules.rulebooks.facts import CHILDBEARING as CHILDBEARING
    from tarlatamab_rules.rulebooks.facts import CONSTANT_RATE as CONSTANT_RATE
    from tarlatamab_rules.rulebooks.facts import CRS_BEFORE as CRS_BEFORE
    from tarlatamab_rules.rulebooks.facts import DAY as DAY
    from tarlatamab_rules.rulebooks.facts import DAYS as DAYS
    from tarlatamab_rules.rulebooks.facts import DAYS_SINCE as DAYS_SINCE
    from tarlatamab_rules.rulebooks.facts import DIAGNOSIS as DIAGNOSIS
    from tarlatamab_rules.rulebooks.facts import DURATION as DURATION
    from tarlatamab_rules.rulebooks.facts import EARLIER as EARLIER
    from tarlatamab_rules.rulebooks.facts import GRADE as GRADE
    from tarlatamab_rules.rulebooks.facts import HELD as HELD
    from tarlatamab_rules.rulebooks.facts import HYPERSENSITIVE as HYPERSENSITIVE
    from tarlatamab_rules.rulebooks.facts import ICE as ICE
    from tarlatamab_rules.rulebooks.facts import INFECTION as INFECTION
    from tarlatamab_rules.rulebooks.facts import LAST as LAST
    from tarlatamab_rules.rulebooks.facts import NEURO_BEFORE as NEURO_BEFORE
    from tarlatamab_rules.rulebooks.facts import NOW as NOW
    from tarlatamab_rules.rulebooks.facts import OTHER_CAUSE as OTHER_CAUSE
    from tarlatamab_rules.rulebooks.facts import OTHER_FINDING as OTHER_FINDING
    from tarlatamab_rules.rulebooks.facts import POINT as POINT
    from tarlatamab_rules.rulebooks.facts import PREGNANT as PREGNANT
    from tarlatamab_rules.rulebooks.facts import PROGRESSED as PROGRESSED
    from tarlatamab_rules.rulebooks.facts import PUMP as PUMP
    from tarlatamab_rules.rulebooks.facts import RATE as RATE
    from tarlatamab_rules.rulebooks.facts import ROLE as ROLE
    from tarlatamab_rules.rulebooks.facts import SIGN as SIGN
    from tarlatamab_rules.rulebooks.facts import SYMPTOM as SYMPTOM
    from tarlatamab_rules.rulebooks.facts import TRANSFER_DEVICE as TRANSFER_DEVICE
    from tarlatamab_rules.rulebooks.facts import VOLUME as VOLUME
    from tarlatamab_rules.rulebooks.facts import WORST_SO_FAR as WORST_SO_FAR
    from tarlatamab_rules.rulebooks.facts import grades as grades
    from tarlatamab_rules.rulebooks.facts import points as points
    from tarlatamab_rules.rulebooks.questions import BREASTFEEDING_AFTER as BREASTFEEDING_AFTER
    from tarlatamab_rules.rulebooks.questions import BY_AGE as BY_AGE
    from tarlatamab_rules.rulebooks.questions import BY_CONSTANT_RATE as BY_CONSTANT_RATE
    from tarlatamab_rules.rulebooks.questions import BY_DIAGNOSIS as BY_DIAGNOSIS
    from tarlatamab_rules.rulebooks.questions import BY_DURATION as BY_DURATION
    from tarlatamab_rules.rulebooks.questions import BY_HYPERSENSITIVITY as BY_HYPERSENSITIVITY
    from tarlatamab_rules.rulebooks.questions import BY_INFECTION as BY_INFECTION
    from tarlatamab_rules.rulebooks.questions import BY_LACTATION as BY_LACTATION
    from tarlatamab_rules.rulebooks.questions import BY_PREGNANCY as BY_PREGNANCY
    from tarlatamab_rules.rulebooks.questions import BY_PROGRESSION as BY_PROGRESSION
    from tarlatamab_rules.rulebooks.questions import BY_PUMP as BY_PUMP
    from tarlatamab_rules.rulebooks.questions import BY_RATE as BY_RATE
    from tarlatamab_rules.rulebooks.questions import BY_TRANSFER_DEVICE as BY_TRANSFER_DEVICE
    from tarlatamab_rules.rulebooks.questions import BY_VOLUME as BY_VOLUME
    from tarlatamab_rules.rulebooks.questions import CHECKLIST as CHECKLIST
    from tarlatamab_rules.rulebooks.questions import CONTRACEPTION as CONTRACEPTION
    from tarlatamab_rules.rulebooks.questions import DRUG_INDUCED_LIVER_INJURY as DRUG_INDUCED_LIVER_INJURY
    from tarlatamab_rules.rulebooks.questions import DURING_INFUSION as DURING_INFUSION
    from tarlatamab_rules.rulebooks.questions import ICE_ASSESSMENT as ICE_ASSESSMENT
    from tarlatamab_rules.rulebooks.questions import INFUSION as INFUSION
    from tarlatamab_rules.rulebooks.questions import LAB_DURING_CRS as LAB_DURING_CRS
    from tarlatamab_rules.rulebooks.questions import LAB_NEED as LAB_NEED
    from tarlatamab_rules.rulebooks.questions import MONITORING as MONITORING
    from tarlatamab_rules.rulebooks.questions import NEURO_GRADE as NEURO_GRADE
    from tarlatamab_rules.rulebooks.questions import NEXT_DOSE as NEXT_DOSE
    from tarlatamab_rules.rulebooks.questions import OTHER_RESULT as OTHER_RESULT
    from tarlatamab_rules.rulebooks.questions import PREMEDICATION as PREMEDICATION
    from tarlatamab_rules.rulebooks.questions import PREPARATION as PREPARATION
    from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION as TOXICITY_ACTION
    from tarlatamab_rules.values.doses import AfterLastDose as AfterLastDose
    from tarlatamab_rules.values.doses import Deadlines as Deadlines
    from tarlatamab_rules.values.doses import DoseStep as DoseStep
    from tarlatamab_rules.values.doses import Mixing as Mixing
    from tarlatamab_rules.values.doses import Preparation as Preparation
    from tarlatamab_rules.values.doses import Storage as Storage
    from tarlatamab_rules.values.plans import Checklist as Checklist
    from tarlatamab_rules.values.plans import DuringInfusion as DuringInfusion
    from tarlatamab_rules.values.plans import InfusionPlan as InfusionPlan
    from tarlatamab_rules.values.plans import Instruction as Instruction
    from tarlatamab_rules.values.plans import MonitoringPlan as MonitoringPlan
    from tarlatamab_rules.values.plans import NearCare as NearCare
    from tarlatamab_rules.values.plans import PremedicationPlan as PremedicationPlan
    from tarlatamab_rules.values.toxicities import NextDosePrecautions as NextDosePrecautions
    from tarlatamab_rules.values.toxicities import PossibleGrades as PossibleGrades
    from tarlatamab_rules.values.toxicities import Recovery as Recovery
    from tarlatamab_rules.values.toxicities import StopRule as StopRule
    from tarlatamab_rules.values.toxicities import ToxicityAction as ToxicityAction
    from tarlatamab_rules.values.vocabulary import Anchor as Anchor
    from tarlatamab_rules.values.vocabulary import Eligibility as Eligibility
    from tarlatamab_rules.values.vocabulary import InfusionStep as InfusionStep
    from tarlatamab_rules.values.vocabulary import InstructionKind as InstructionKind
    from tarlatamab_rules.values.vocabulary import LabNeed as LabNeed
    from tarlatamab_rules.values.vocabulary import Modality as Modality
    from tarlatamab_rules.values.vocabulary import Role as Role
    from tarlatamab_rules.values.vocabulary import Route as Route
    from tarlatamab_rules.values.vocabulary import Setting as Setting
    from tarlatamab_rules.values.vocabulary import SetupFit as SetupFit

if not TYPE_CHECKING:
    _HOMES = {
        "core.decisions": "DoseAction",
        "core.evidence": "Source Statement",
        "core.intervals": "Interval above at_least at_most below between",
        "core.tables": "Row",
        "inputs.analytes": "Analyte",
        "inputs.units": "Amount Span",
        "inputs.vocabulary": "Grade Toxicity",
        "rulebooks._book": "Overlay Rulebook Stack strictest",
        "rulebooks.facts": (
            "AGE AMINOTRANSFERASE AMINOTRANSFERASE_RISE AMOUNT ANALYTE BEGAN_BEFORE BEGAN_ROLE BILIRUBIN BILIRUBIN_RISE BLEEDING "
            "BREASTFEEDING CHILDBEARING CONSTANT_RATE CRS_BEFORE DAY DAYS DAYS_SINCE DIAGNOSIS DURATION EARLIER GRADE HELD "
            "HYPERSENSITIVE ICE INFECTION LAST NEURO_BEFORE NOW OTHER_CAUSE OTHER_FINDING POINT PREGNANT PROGRESSED PUMP RATE ROLE "
            "SIGN SYMPTOM TRANSFER_DEVICE VOLUME WORST_SO_FAR grades points"
        ),
        "rulebooks.questions": (
            "BREASTFEEDING_AFTER BY_AGE BY_CONSTANT_RATE BY_DIAGNOSIS BY_DURATION BY_HYPERSENSITIVITY BY_INFECTION BY_LACTATION "
            "BY_PREGNANCY BY_PROGRESSION BY_PUMP BY_RATE BY_TRANSFER_DEVICE BY_VOLUME CHECKLIST CONTRACEPTION "
            "DRUG_INDUCED_LIVER_INJURY DURING_INFUSION ICE_ASSESSMENT INFUSION LAB_DURING_CRS LAB_NEED MONITORING NEURO_GRADE "
            "NEXT_DOSE OTHER_RESULT PREMEDICATION PREPARATION TOXICITY_ACTION"
        ),
        "values.doses": "AfterLastDose Deadlines DoseStep Mixing Preparation Storage",
        "values.plans": "Checklist DuringInfusion InfusionPlan Instruction MonitoringPlan NearCare PremedicationPlan",
        "values.toxicities": "NextDosePrecautions PossibleGrades Recovery StopRule ToxicityAction",
        "values.vocabulary": "Anchor Eligibility InfusionStep InstructionKind LabNeed Modality Role Route Setting SetupFit",
    }
    __all__, __getattr__, __dir__ = face(globals(), _HOMES)

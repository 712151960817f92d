"""The US prescribing information in its revision of 11/2025, by its sections and tables."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.intervals import above, at_least, below, between
from tarlatamab_rules.core.tables import Row, When
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks._book import Rows, Rulebook
from tarlatamab_rules.rulebooks.facts import (
    AMOUNT,
    ANALYTE,
    BEGAN_BEFORE,
    BEGAN_ROLE,
    BLEEDING,
    BREASTFEEDING,
    CHILDBEARING,
    CRS_BEFORE,
    DAY,
    DAYS,
    EARLIER,
    GRADE,
    NEURO_BEFORE,
    NOW,
    POINT,
    ROLE,
    SIGN,
    grades,
    points,
)
from tarlatamab_rules.rulebooks.questions import (
    BREASTFEEDING_AFTER,
    BY_LACTATION,
    CHECKLIST,
    DURING_INFUSION,
    INFUSION,
    LAB_DURING_CRS,
    LAB_NEED,
    LAB_TOXICITY,
    MONITORING,
    OTHER_RESULT,
    PREMEDICATION,
    PREPARATION,
    TOXICITY_ACTION,
)
from tarlatamab_rules.rulebooks.tarlatamab import label
from tarlatamab_rules.rulebooks.tarlatamab.drug import TARLATAMAB
from tarlatamab_rules.rulebooks.tarlatamab.label import (
    ACTIVE,
    AVOID,
    CLOCK,
    CONSIDER,
    GIVE,
    NOT_NAMED,
    RECOMMEND,
    RECURS,
    RESUME,
    STOP,
    WITHHOLD,
)
from tarlatamab_rules.rulebooks.tarlatamab.revisions import SHORTER_MONITORING
from tarlatamab_rules.rulebooks.tarlatamab.setup import setup
from tarlatamab_rules.values.doses import AfterLastDose, DoseStep, Mixing, Preparation, Storage
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
from tarlatamab_rules.values.vocabulary import Anchor, Eligibility, InfusionStep, LabNeed, Role, Route, Setting

_SOURCE = Source(
    name="us-2025-11",
    title="US prescribing information of Imdelltra (tarlatamab-dlle)",
    publisher="Amgen",
    revision="11/2025",
)
_T1, _T2, _T3, _T4 = "2.2, Table 1", "2.2, Table 2", "2.3, Table 3", "2.4, Table 4"
_T5, _T6, _T7, _T8 = "2.5, Table 5", "2.5, Table 6", "2.5, Table 7", "2.6, Tables 8-12"

_STATEMENTS = (
    Statement("IND", "1", "Adults with extensive-stage SCLC that progressed on or after platinum-based chemotherapy."),
    Statement(
        "CONTRA",
        "4",
        "There are no contraindications.",
        "No row excludes a patient within the indication; a hypersensitivity that is known is a safeguard of `assess_dose`.",
    ),
    Statement(
        "BOXED-CRS",
        "Boxed warning",
        "CRS can be life-threatening or fatal: start with the step-up schedule; withhold until resolved or stop permanently by severity.",
    ),
    Statement(
        "BOXED-NEURO",
        "Boxed warning",
        "Neurotoxicity, ICANS included, can be life-threatening or fatal: watch for its signs during treatment, treat it promptly, and "
        "withhold or stop permanently by severity.",
    ),
    Statement("SETTING", "2.1", "Given by a qualified healthcare professional with support able to manage severe CRS and neurotoxicity."),
    Statement("SETTING-PLACE", "2.1-2.3", "All infusions are given in an appropriate healthcare setting that can monitor and manage CRS."),
    Statement("UNTIL", "2.2", "Treatment goes on until progression or unacceptable toxicity."),
    Statement(
        "LABS", "2.1, 5.3, 5.5", "Blood count, liver enzymes and bilirubin before every dose to C5D15, then before day 1 of a cycle."
    ),
    Statement("HYDRATION", "2.1, 5.1", "Patients are well hydrated before each dose."),
    Statement("TEACH", "2.1, 5.1", "Before discharge patient and caregiver learn the signs of CRS and neurotoxicity, and to seek care."),
    Statement("T1-C1D1", _T1, "C1D1: 1 mg; 22-24 h from the start of the infusion; near care for 48 h with a caregiver."),
    Statement("T1-C1D8", _T1, "C1D8: 10 mg; 22-24 h from the start of the infusion; near care for 48 h with a caregiver."),
    Statement("T1-C1D15", _T1, "C1D15: 10 mg; 6-8 h after the infusion."),
    Statement("T1-C2", _T1, "Cycle 2, days 1 and 15: 10 mg; 6-8 h after the infusion."),
    Statement("T1-C3", _T1, "Cycles 3 and 4, days 1 and 15: 10 mg; 3-4 h after the infusion."),
    Statement("T1-C5", _T1, "Cycle 5 and later, days 1 and 15: 10 mg; 2 h after the infusion."),
    Statement("T2-RATE", _T2, "An intravenous infusion of 250 mL over 1 hour at a constant rate of 250 mL/h."),
    Statement("T2-PUMP", "2.2", "By a programmable, lockable pump that is not elastomeric and has an alarm."),
    Statement(
        "T2-LINE",
        "2.2",
        "The catheter of the concomitant drugs may be reused. It is flushed before for 3-5 minutes, and the line after the infusion.",
    ),
    Statement("STOP-INFUSION", "2.5, 5.1", "At the first sign of CRS or ICANS the infusion is stopped at once."),
    Statement("T3-DEX", _T3, "Dexamethasone 8 mg intravenously, or an equivalent, within 1 hour before C1D1 and C1D8."),
    Statement("T3-SALINE", _T3, "1 L of normal saline intravenously over 2-4 hours, immediately after C1D1 and C1D8."),
    Statement("T3-LATER", _T1, "From C1D15 on there are no concomitant drugs."),
    Statement("T4-C1D1", _T4, "After 1 mg on C1D1: within 14 days 10 mg; after more, 1 mg again and 10 mg one week later."),
    Statement("T4-C1D8", _T4, "After 10 mg on C1D8: within 21 days 10 mg; after more, 1 mg again and 10 mg one week later."),
    Statement("T4-LATER", _T4, "After 10 mg on C1D15 or later: within 28 days 10 mg; after more, 1 mg again and 10 mg one week later."),
    Statement("CRS-LABS", "2.5", "During CRS, laboratory tests for coagulation, blood, and lung, heart, kidney and liver function."),
    Statement("T5-1", _T5, "Grade 1 CRS."),
    Statement("T5-2", _T5, "Grade 2 CRS."),
    Statement("T5-3", _T5, "Grade 3 CRS."),
    Statement("T5-4", _T5, "Grade 4 CRS."),
    Statement("T6-1", _T6, "Grade 1 ICANS."),
    Statement("T6-2", _T6, "Grade 2 ICANS."),
    Statement("T6-3", _T6, "Grade 3 ICANS."),
    Statement("T6-4", _T6, "Grade 4 ICANS."),
    Statement("T6-OTHER", _T6, "Neurotoxicity that is not ICANS."),
    Statement("DRIVING", "5.2", "No driving or hazardous work while neurologic symptoms are present."),
    Statement("T7-NEUTROPENIA-3", _T7, "Grade 3 neutropenia: withhold until grade 2 or less; stop if not within 3 weeks; consider G-CSF."),
    Statement("T7-NEUTROPENIA-4", _T7, "Grade 4 neutropenia: withhold until grade 2 or less; stop if not within 1 week; consider G-CSF."),
    Statement("T7-NEUTROPENIA-AGAIN", _T7, "Recurrent grade 4 neutropenia: stop permanently."),
    Statement("T7-FEBRILE", _T7, "Febrile neutropenia: withhold until neutropenia is grade 2 or less and the fever is gone."),
    Statement("T7-HEMOGLOBIN", _T7, "Haemoglobin below 8 g/dL: withhold until it is 8 g/dL or more."),
    Statement(
        "T7-PLATELETS", _T7, "Platelets of grade 3 or 4: withhold until grade 2 or less without bleeding; stop if not within 3 weeks."
    ),
    Statement("T7-PLATELETS-AGAIN", _T7, "Recurrent grade 4 platelets: stop permanently."),
    Statement("T7-INFECTION-STEP-UP", _T7, "Infection of any grade in the step-up phase: withhold until it is resolved."),
    Statement("T7-INFECTION-3", _T7, "Grade 3 infection in the treatment phase: withhold until grade 1 or less."),
    Statement("T7-INFECTION-4", _T7, "Grade 4 infection: stop permanently."),
    Statement("WATCH-INFECTION", "5.4", "Signs of infection are watched for before and during treatment."),
    Statement("T7-LIVER-3", _T7, "Grade 3 ALT, AST or bilirubin: withhold until grade 1 or less."),
    Statement("T7-LIVER-4", _T7, "Grade 4 ALT, AST or bilirubin: stop permanently."),
    Statement("T7-LIVER-TOGETHER", _T7, "AST or ALT above 3 and bilirubin above 2 times the upper limit without another cause: stop."),
    Statement("T7-OTHER-3", _T7, "Other grade 3 reactions: withhold until grade 1 or baseline; consider stopping if not within 28 days."),
    Statement("T7-OTHER-4", _T7, "Other grade 4 reactions: the same, and consider stopping permanently."),
    Statement("LYMPHOCYTES", "6.1", "Lymphopenia of grade 3-4 is common under treatment, and no row of Table 7 acts on it."),
    Statement("HYPERSENSITIVITY", "5.6", "Hypersensitivity: withhold, or consider stopping, by its severity."),
    Statement("PREGNANCY", "5.7, 8.1, 8.3", "It may harm the fetus. Pregnancy status is verified before treatment begins."),
    Statement("CONTRACEPTION", "5.7, 8.3", "Females of reproductive potential use contraception until 2 months after the last dose."),
    Statement("LACTATION", "8.2", "No breast-feeding during treatment and for 2 months after the last dose."),
    Statement("CYP", "12.3", "The exposure to CYP substrates may rise during CRS and for up to 14 days after it."),
    Statement("NOT-STUDIED", "12.3", "An eGFR below 30, and moderate or severe hepatic impairment, were not studied."),
    Statement("PREP-1", _T8, "1 mg: 1.3 mL of water, 0.9 mg/mL; 14 mL out of the bag, 13 mL of stabilizer and 1.1 mL of drug into it."),
    Statement("PREP-10", _T8, "10 mg: 4.4 mL of water, 2.4 mg/mL; 17 mL out of the bag, 13 mL of stabilizer and 4.2 mL of drug into it."),
    Statement("PREP-STEPS", "2.6", "How the vial is reconstituted and the bag is made ready."),
    Statement("PREP-MATERIALS", "2.6", "Of what the bag and the line may be; closed-system transfer devices are not recommended."),
    Statement("PREP-STORAGE", _T8, "A reconstituted vial keeps 4 h; a bag 8 h at room temperature and 7 days refrigerated."),
    Statement("VIALS", "2.6", "Vials are kept refrigerated in their carton, are not frozen, and are protected from light."),
)

_ELIGIBLE, _ASSESS = Eligibility.ELIGIBLE, Eligibility.NEEDS_ASSESSMENT
_SETTING = "The label says an appropriate healthcare setting, not a hospital."

_PATIENT: Rows = {
    **label.indication("IND", adult=18),
    **label.pregnancy("PREGNANCY"),
    BY_LACTATION: (
        Row("LACTATION", {BREASTFEEDING: True}, _ASSESS, "Patients are advised not to breast-feed.", "Advice, not a contraindication."),
        Row("LACTATION/none", {BREASTFEEDING: False}, _ELIGIBLE, "Not breast-feeding."),
    ),
    **label.contraception("CONTRACEPTION", months=2),
    BREASTFEEDING_AFTER: (
        Row(
            "LACTATION/after",
            {CHILDBEARING: True},
            AfterLastDose(AVOID, months=2),
            "No breast-feeding after the last dose.",
            "Months are calendar months.",
        ),
        Row("LACTATION/none-after", {CHILDBEARING: False}, None, "Without childbearing potential there is nothing to say."),
    ),
}

_DAY_8 = "The text has doses every 2 weeks after the first one, and Table 1 has one on day 8: the table is followed."
_CYCLE = "No length of a cycle is named; that a cycle has 28 days follows from its two doses, 14 days apart."
_STEP_UP, _FULL = Amount(1, "mg"), Amount(10, "mg")
_ANEW = (DoseStep(_STEP_UP, Role.STEP_UP, restart=True), "1 mg, and if it is tolerated 10 mg one week later")

_DOSES: Rows = label.next_doses(
    label.first_dose("T1-C1D1", DoseStep(_STEP_UP, Role.STEP_UP)),
    *label.restart("T4-C1D1", Role.STEP_UP, 14, DoseStep(_FULL, Role.FIRST_FULL, after=7), _ANEW, _DAY_8),
    *label.restart("T4-C1D8", Role.FIRST_FULL, 21, DoseStep(_FULL, Role.LATER, after=7), _ANEW),
    *label.restart("T4-LATER", Role.LATER, 28, DoseStep(_FULL, Role.LATER, after=14), _ANEW, _CYCLE),
)

# --- what goes with a dose ---

_NOTHING_ASKED = "The label states a fact and orders nothing; that it is considered is our reading, and no result is asked for it."
_DEX = label.premedication(Amount(8, "mg"), hours=1, or_equivalent=True)
_SALINE = label.saline(Amount(1000, "mL"), Span(2, 4, "h"))
_ROLES = label.first_two("C1D1", "C1D8", (_STEP_UP, _FULL))
_STOPPED_CRS = "After grade 4 cytokine release syndrome there is no next dose."
_NO_NEXT = label.no_next(4)

_WITH_THE_DOSE: Rows = {
    PREMEDICATION: (
        Row("T3-DEX", {ROLE: label.NEW_ROLES}, PremedicationPlan((_DEX,)), "Dexamethasone within 1 hour before the infusion.", _ROLES),
        Row(
            "T3-SALINE",
            {ROLE: label.NEW_ROLES},
            PremedicationPlan((_SALINE,)),
            "Normal saline immediately after the infusion.",
            _ROLES,
        ),
        Row(
            "T3-LATER",
            {ROLE: Role.LATER, CRS_BEFORE: grades(0, 1, 2)},
            PremedicationPlan(),
            "No concomitant drugs with later doses.",
        ),
        Row(
            "T5-3/next",
            {ROLE: Role.LATER, CRS_BEFORE: Grade.SEVERE},
            PremedicationPlan((_DEX, _SALINE)),
            "After grade 3 cytokine release syndrome the next dose has the concomitant drugs of C1D1.",
            "The table has them given prior to the dose; saline is read as after it, as in Table 3.",
        ),
        Row(
            "T5-4/next",
            {CRS_BEFORE: grades(4, 5)},
            None,
            _STOPPED_CRS,
            _NO_NEXT,
            excepted={CRS_BEFORE: label.SILENCE},
        ),
    ),
    CHECKLIST: (
        Row(
            "SETTING",
            {},
            Checklist(
                (
                    Instruction(
                        GIVE, "supervision by a qualified healthcare professional, with support able to manage severe CRS and neurotoxicity"
                    ),
                )
            ),
            "Every infusion is given where severe reactions can be managed.",
        ),
        Row(
            "SETTING-PLACE",
            {},
            Checklist(
                (Instruction(GIVE, "an appropriate healthcare setting, equipped to monitor and manage CRS", when="for the infusion"),)
            ),
            "The place of every infusion.",
            _SETTING,
        ),
        Row(
            "BOXED-CRS",
            {},
            Checklist(
                (
                    Instruction(
                        GIVE,
                        "withhold until CRS is resolved, or permanently discontinue, because CRS can be life-threatening or fatal",
                        when="by its severity",
                    ),
                )
            ),
            "Boxed warning of cytokine release syndrome.",
            "The step-up schedule, with which treatment begins, is that of the next dose.",
        ),
        Row(
            "BOXED-NEURO",
            {},
            Checklist(
                (
                    Instruction(GIVE, "watch for signs of neurotoxicity, ICANS included, and treat it promptly", when="during treatment"),
                    Instruction(
                        GIVE,
                        "withhold or permanently discontinue for neurotoxicity, because it can be life-threatening or fatal",
                        when="by its severity",
                    ),
                )
            ),
            "Boxed warning of neurotoxicity.",
        ),
        Row(
            "UNTIL",
            {},
            Checklist((Instruction(GIVE, "treatment", when="until progression or unacceptable toxicity"),)),
            "How long treatment goes on.",
        ),
        Row(
            "CYP",
            {},
            Checklist(
                (Instruction(CONSIDER, "a higher exposure to CYP substrates", when="during CRS and for up to 14 days after it"),),
            ),
            "Exposure to other drugs may rise with cytokine release syndrome.",
            _NOTHING_ASKED,
        ),
        Row(
            "NOT-STUDIED",
            {},
            Checklist(
                (
                    Instruction(
                        CONSIDER,
                        "that the drug was not studied",
                        when="at an eGFR below 30, or in moderate or severe hepatic impairment (bilirubin above 1.5 times its limit)",
                    ),
                )
            ),
            "Kidney and liver function that were not studied.",
            _NOTHING_ASKED,
        ),
        Row(
            "HYDRATION",
            {},
            Checklist((Instruction(GIVE, "hydration", when="before the infusion"),)),
            "Well hydrated before each dose.",
            "The label gives no volume and no criterion.",
        ),
        Row(
            "WATCH-INFECTION/dose",
            {},
            Checklist((Instruction(GIVE, "look for signs of infection", when="before and during treatment"),)),
            "Signs of infection are watched for.",
        ),
        Row(
            "TEACH",
            {},
            Checklist((Instruction(GIVE, "teach patient and caregiver the signs of CRS and neurotoxicity", when="before discharge"),)),
            "Patient and caregiver know the signs, and when to seek care.",
        ),
        Row(
            "DRIVING",
            {},
            Checklist((Instruction(AVOID, "driving and hazardous work", when="while neurologic symptoms are present"),)),
            "Not while there are neurologic symptoms.",
        ),
        Row(
            "PREGNANCY/verify",
            {POINT: points("C1D1", "C1D1")},
            Checklist((Instruction(GIVE, "verify pregnancy status", when="in females of reproductive potential"),)),
            "Before treatment begins.",
        ),
    ),
    INFUSION: (
        Row(
            "T2-RATE",
            {},
            InfusionPlan(route=Route.INTRAVENOUS, duration=Amount(1, "h"), rate=Amount(250, "mL/h"), constant_rate=True),
            "An intravenous infusion at a constant rate.",
        ),
        Row(
            "T2-PUMP",
            {},
            InfusionPlan(pump=True, pump_features=label.PUMP_FEATURES),
            "By an infusion pump.",
        ),
        Row(
            "T2-LINE",
            {},
            InfusionPlan(
                line=(
                    Instruction(CONSIDER, "reuse of the catheter of the concomitant drugs"),
                    Instruction(
                        GIVE, "flush of the catheter with 0.9 % sodium chloride", duration=Span(3, 5, "min"), when="before the infusion"
                    ),
                    Instruction(GIVE, "flush of the line", when="after the infusion"),
                )
            ),
            "The catheter is flushed before, and the line after.",
            "The label gives no time for the flush after the infusion. That the catheter may be reused is read as *consider*.",
        ),
        Row(
            "PREP-MATERIALS/device",
            {},
            InfusionPlan(transfer_device=AVOID),
            "Closed-system transfer devices are not recommended: they may lead to a wrong dose.",
        ),
    ),
    **setup("T2-RATE", "PREP-MATERIALS", "The label says not recommended: a warning, not a ban.", tolerance=0.02),
    DURING_INFUSION: (
        Row(
            "STOP-INFUSION/crs",
            {SIGN: "crs"},
            DuringInfusion(
                InfusionStep.STOP,
                (
                    Instruction(GIVE, "evaluation at once"),
                    Instruction(CONSIDER, "hospitalization"),
                    Instruction(GIVE, "supportive care by severity"),
                ),
            ),
            "A sign of cytokine release syndrome: stop the infusion at once.",
            "Any of the findings that grade it is read as a sign.",
        ),
        Row(
            "STOP-INFUSION/icans",
            {SIGN: "icans"},
            DuringInfusion(
                InfusionStep.STOP,
                (
                    Instruction(GIVE, "evaluation at once"),
                    Instruction(CONSIDER, "neurology evaluation"),
                    Instruction(GIVE, "supportive care by severity"),
                ),
            ),
            "A sign of ICANS: stop the infusion at once.",
            "Any of the findings that grade it, and any key symptom, is read as a sign.",
        ),
        Row("STOP-INFUSION/none", {SIGN: "none"}, DuringInfusion(InfusionStep.CONTINUE), "No sign: the infusion goes on."),
    ),
}

# --- how long to watch ---

_LONG = label.from_start(22, 24)
_LONG_THERE = MonitoringPlan(setting=Setting.HEALTHCARE)
_LONG_NEXT = evolve(_LONG, setting=Setting.HEALTHCARE)
_NEAR_CARE = MonitoringPlan(
    anchor=Anchor.INFUSION_START, near_care=NearCare(Span(48, 48, "h"), Span(1, 1, "h"), caregiver=True, modality=RECOMMEND)
)
_NEAR_SAYS = "Near care, with a caregiver, for 48 hours from the start."
_GOES_ON = grades(0, 1, 2, 3)
_GRADE_2 = (
    "Grade 2 or worse is read of all three. The tables of CRS and ICANS ask it of the next dose only; an event counts until a dose is "
    "known to have been given after it."
)


_WATCHED: Rows = {
    MONITORING: (
        Row(
            "T1-C1D1",
            {ROLE: Role.STEP_UP},
            _LONG,
            "The first 1 mg: 22 to 24 hours from the start of the infusion.",
            _ROLES,
            caveat=SHORTER_MONITORING,
        ),
        Row("T1-C1D1/setting", {ROLE: Role.STEP_UP}, _LONG_THERE, "In an appropriate healthcare setting.", _SETTING),
        Row("T1-C1D1/near", {ROLE: Role.STEP_UP}, _NEAR_CARE, _NEAR_SAYS, caveat=SHORTER_MONITORING),
        Row(
            "T1-C1D8",
            {ROLE: Role.FIRST_FULL},
            _LONG,
            "The first 10 mg: 22 to 24 hours from the start of the infusion.",
            _ROLES,
            caveat=SHORTER_MONITORING,
        ),
        Row("T1-C1D8/setting", {ROLE: Role.FIRST_FULL}, _LONG_THERE, "In an appropriate healthcare setting.", _SETTING),
        Row("T1-C1D8/near", {ROLE: Role.FIRST_FULL}, _NEAR_CARE, _NEAR_SAYS, caveat=SHORTER_MONITORING),
        label.misfit("T1-C1D15/early", ("C1D1", "C1D8"), _FULL, longer_from=2),
        label.hours_after("T1-C1D15", ("C1D15", "C1D15"), (6, 8), Setting.HEALTHCARE, longer_from=2),
        label.hours_after("T1-C2", ("C2D1", "C2D15"), (6, 8), Setting.HEALTHCARE, longer_from=2),
        label.hours_after("T1-C3", ("C3D1", "C4D15"), (3, 4), Setting.HEALTHCARE, longer_from=2),
        label.hours_after("T1-C5", ("C5D1", None), (2, 2), Setting.HEALTHCARE, longer_from=2),
        Row(
            "T5-2/next-hours",
            {ROLE: Role.LATER, CRS_BEFORE: Grade.MODERATE, NEURO_BEFORE: _GOES_ON},
            _LONG_NEXT,
            "After grade 2 cytokine release syndrome the next dose is watched for 22 to 24 hours from its start.",
            _GRADE_2,
        ),
        Row(
            "T5-3/next-hours",
            {ROLE: Role.LATER, CRS_BEFORE: Grade.SEVERE, NEURO_BEFORE: _GOES_ON},
            _LONG_NEXT,
            "After grade 3 cytokine release syndrome the next dose is watched for 22 to 24 hours from its start.",
            _GRADE_2,
        ),
        Row(
            "T5-4/next-hours",
            {CRS_BEFORE: grades(4, 5)},
            None,
            _STOPPED_CRS,
            _NO_NEXT,
            excepted={CRS_BEFORE: label.SILENCE},
        ),
        Row(
            "T6-2/next-hours",
            {ROLE: Role.LATER, CRS_BEFORE: _GOES_ON, NEURO_BEFORE: Grade.MODERATE},
            _LONG_NEXT,
            "After grade 2 ICANS the next dose is watched for 22 to 24 hours from its start.",
            _GRADE_2 + " Other neurotoxicity is read alike.",
        ),
        Row(
            "T6-3/next-hours",
            {ROLE: Role.LATER, CRS_BEFORE: _GOES_ON, NEURO_BEFORE: Grade.SEVERE},
            _LONG_NEXT,
            "After grade 3 ICANS the next dose is watched for 22 to 24 hours from its start.",
            _GRADE_2 + " Other neurotoxicity is read alike.",
        ),
        Row(
            "T6-4/next-hours",
            {NEURO_BEFORE: grades(4, 5)},
            None,
            "After grade 4 ICANS there is no next dose.",
            _NO_NEXT + " Other neurotoxicity is read alike: if the drug goes on after it, a clinician decides how long to watch.",
            excepted={NEURO_BEFORE: label.SILENCE},
        ),
    ),
}

# --- results ---

_BLOOD_COUNT = frozenset((Analyte.NEUTROPHILS, Analyte.HEMOGLOBIN, Analyte.PLATELETS))
_LIVER = frozenset((Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN))
_COUNTED = "Of the blood count, those are asked for that Table 7 acts on; of the liver enzymes, those that it names."
_ORGANS = _BLOOD_COUNT | _LIVER | {Analyte.WHITE_CELLS, Analyte.LYMPHOCYTES, Analyte.CREATININE}

_LABS: Rows = {
    LAB_NEED: (
        Row(
            "LABS",
            {POINT: points("C1D1", "C5D15"), ANALYTE: _BLOOD_COUNT | _LIVER},
            LabNeed.REQUIRED,
            "Blood count, liver enzymes and bilirubin before every dose to C5D15, and when clinically indicated.",
            _COUNTED,
        ),
        Row(
            "LABS/day-1",
            {POINT: points("C6D1"), DAY: 1, ANALYTE: _BLOOD_COUNT | _LIVER},
            LabNeed.REQUIRED,
            "From cycle 6 before day 1 of each cycle, and when clinically indicated.",
            _COUNTED,
        ),
        Row(
            "LABS/day-15",
            {POINT: points("C6D1"), DAY: frozenset((8, 15)), ANALYTE: _BLOOD_COUNT | _LIVER},
            LabNeed.NOT_ASKED,
            "From cycle 6 the schedule has none before day 15; more often if clinically indicated.",
            "After a restart the label does not say how doses are numbered: one that falls on day 15 is read as any other of that day.",
        ),
        Row("LABS/other", {ANALYTE: frozenset(Analyte) - _BLOOD_COUNT - _LIVER}, None, "The label does not ask for this result."),
    ),
    LAB_DURING_CRS: (
        Row(
            "CRS-LABS",
            {ANALYTE: _ORGANS},
            GIVE,
            "Laboratory tests during cytokine release syndrome.",
            "The label names coagulation, blood, and organ functions; which results stand for them is our reading. Coagulation, heart and "
            "lung have no result here: they are measures with the treatment.",
        ),
        Row("CRS-LABS/other", {ANALYTE: frozenset(Analyte) - _ORGANS}, None, "The label does not name this result for that time."),
    ),
}

# --- toxicities ---

_HOSPITAL = Instruction(RECOMMEND, "hospitalization", duration=Amount(24, "h", ">="))
_TELEMETRY = Instruction(GIVE, "continuous cardiac telemetry and pulse oximetry")
_ORGAN_TESTS = Instruction(GIVE, "tests for disseminated intravascular coagulation, and of heart and lung function")
_WATCH_NEXT = NextDosePrecautions(monitoring=_LONG_NEXT)
_PREPARE_NEXT = NextDosePrecautions(PremedicationPlan((_DEX, _SALINE)), _LONG_NEXT)

_BESIDE_TABLE_5 = (
    "The text asks for tests of coagulation, blood, lung, heart, kidney and liver at no grade of its own, and they are read of any; those "
    f"of blood, kidney and liver are among the results. {label.TAPERED}"
)
_RESPONDS = (
    "The text calls hypotension that does not respond to fluids an example of grade 2 or worse, and the table has hypotension that does "
    "respond at grade 2: the table is followed. It gives no blood pressure. That fever goes with it is read from ASTCT 2019."
)
_AS_EVER = "The table asks no longer monitoring of the next dose after grade 1; that of Table 1 is read alike."
_ONE_VASOPRESSOR = "A vasopressor is read as one, because grade 4 has several."

# Table 5

_CRS = "cytokine release syndrome"
_STEROID_1 = label.dexamethasone(CONSIDER, Span(4, 10, "mg"), Route.ORAL, Route.INTRAVENOUS)
_STEROID_2 = label.dexamethasone(CONSIDER, Amount(8, "mg"), Route.ORAL, Route.INTRAVENOUS)
_STEROID_3 = label.dexamethasone(GIVE, Amount(8, "mg"), Route.INTRAVENOUS, every=Span(8, 8, "h"), at_most=3)
_BESIDE_5 = (label.OTHER_CAUSES_OF_CRS, _ORGAN_TESTS, label.STEROID_TAPER)
_CRS_1 = (label.ANTIPYRETIC, _STEROID_1, *_BESIDE_5)
_CRS_2 = (_HOSPITAL, _TELEMETRY, label.ANTIPYRETIC, *label.FLUIDS, _STEROID_2, label.TOCILIZUMAB, *_BESIDE_5)
_CRS_3_OR_4 = (
    _TELEMETRY,
    label.ANTIPYRETIC,
    *label.FLUIDS,
    *label.SEVERE_SUPPORT,
    _STEROID_3,
    label.TOCILIZUMAB_RECOMMENDED,
    *_BESIDE_5,
)
_CRS_3 = (label.INTENSIVE, _HOSPITAL, *_CRS_3_OR_4)
_CRS_4 = (label.INTENSIVE_CARE, *_CRS_3_OR_4)
_RANGE = "The range of dexamethasone at grade 1 ends above the dose of grade 2; both are taken as they stand."
_AS_GRADE_3 = "The treatment is that of grade 3; that an equivalent of dexamethasone will do is read from there too."

# Table 6

_METHYLPREDNISOLONE = Instruction(
    GIVE, "methylprednisolone", Amount(1, "mg/kg"), route=Route.INTRAVENOUS, or_equivalent=True, every=Span(12, 12, "h")
)
_ICANS_STEROID_2 = label.dexamethasone(GIVE, Span(8, 10, "mg"), Route.ORAL, Route.INTRAVENOUS)
_ICANS_STEROID_2_AGAIN = label.dexamethasone(
    CONSIDER,
    Span(8, 10, "mg"),
    Route.ORAL,
    Route.INTRAVENOUS,
    every=Span(12, 12, "h"),
    when="if symptoms worsen",
    or_else=evolve(_METHYLPREDNISOLONE, modality=CONSIDER),
)
_ICANS_STEROID_3 = label.dexamethasone(GIVE, Amount(10, "mg"), Route.INTRAVENOUS, every=Span(6, 6, "h"), or_else=_METHYLPREDNISOLONE)
_ICANS_STEROID_4 = Instruction(
    GIVE,
    "high-dose corticosteroids, such as methylprednisolone in divided doses",
    Amount(1000, "mg/d"),
    route=Route.INTRAVENOUS,
    duration=Span(3, 3, "d"),
)
_IMAGING = Instruction(CONSIDER, "repeat CT or MRI", every=Span(2, 3, "d"), when="while grade 3 or worse persists")
_WORSENS = (
    "If symptoms worsen is read of both: of repeating dexamethasone, and of methylprednisolone in its place. The table has supportive "
    "care at grade 1 and not here, and monitoring of symptoms and specialists beside neurology here alone; it is taken as it stands."
)
_ICANS_1 = (label.SUPPORT, label.NEUROLOGIST, label.OTHER_CAUSES)
_ICANS_2 = (
    _ICANS_STEROID_2,
    _ICANS_STEROID_2_AGAIN,
    label.NEUROLOGIC_SIGNS,
    label.SPECIALISTS,
    label.STEROID_TAPER,
    label.OTHER_CAUSES,
)
_ICANS_3 = (
    label.INTENSIVE,
    label.VENTILATION,
    _ICANS_STEROID_3,
    _IMAGING,
    label.NEUROLOGIST,
    label.SUPPORT,
    label.STEROID_TAPER,
    label.OTHER_CAUSES,
)
_ICANS_4 = (
    label.INTENSIVE_CARE,
    label.VENTILATION,
    _ICANS_STEROID_4,
    _IMAGING,
    label.CONVULSIONS,
    label.NEUROLOGIST,
    label.STEROID_TAPER,
    label.OTHER_CAUSES,
)

_SYNDROMES: Rows = {
    **label.noted(
        {
            TOXICITY_ACTION[Toxicity.CRS]: (
                *label.until_resolved("T5-1", _CRS, 1, _CRS_1),
                *label.until_resolved("T5-2", _CRS, 2, _CRS_2, _WATCH_NEXT, _RANGE, frozenset(("dexamethasone",))),
                *label.held_then_stopped("T5-3", _CRS, 3, _CRS_3, _PREPARE_NEXT),
                *label.stopped("T5-4", _CRS, 4, _CRS_4, _AS_GRADE_3),
                label.none("T5-1", _CRS),
            ),
        },
        {
            "T5-1": _BESIDE_TABLE_5,
            "T5-2": f"{_RESPONDS} {_BESIDE_TABLE_5}",
            "T5-3": f"{_ONE_VASOPRESSOR} {_BESIDE_TABLE_5}",
            "T5-3/again": f"{_ONE_VASOPRESSOR} {_BESIDE_TABLE_5}",
            "T5-4": _BESIDE_TABLE_5,
        },
    ),
    **label.noted(
        {
            TOXICITY_ACTION[Toxicity.ICANS]: (
                *label.until_resolved("T6-1", "ICANS", 1, _ICANS_1),
                *label.until_resolved("T6-2", "ICANS", 2, _ICANS_2, _WATCH_NEXT, _WORSENS, label.MODERATE_ALONE),
                *label.held_then_stopped("T6-3", "ICANS", 3, _ICANS_3, _WATCH_NEXT, (Grade.MILD, 7)),
                *label.stopped("T6-4", "ICANS", 4, _ICANS_4, label.EXAMPLE),
                label.none("T6-1", "ICANS"),
            ),
        },
        {f"T6-{row}": label.TAPERED for row in ("2", "3", "3/again", "3/late", "4")} | {"T6-1": _AS_EVER, "T6-1/over": _AS_EVER},
    ),
    TOXICITY_ACTION[Toxicity.NEUROTOXICITY]: (
        Row(
            "T6-OTHER",
            {GRADE: grades(1, 2), NOW: ACTIVE},
            None,
            "Grade 1-2 neurotoxicity that is not ICANS.",
            unsettled="Table 6 speaks of neurotoxicity and grades ICANS; Table 7 has a row for other reactions of grade 3-4 only.",
        ),
        Row(
            "T6-OTHER/severe",
            {GRADE: grades(3, 4), NOW: ACTIVE},
            ToxicityAction(WITHHOLD, (label.NEUROLOGIST,), Recovery(None, says="a clinician decides"), (StopRule(CONSIDER),)),
            "Grade 3-4 neurotoxicity that is not ICANS: withhold.",
            "Both Table 6 and the other reactions of Table 7 hold the drug; which of them says when it is stopped is for a clinician.",
        ),
        Row("T6-OTHER/over", {GRADE: grades(1, 2), NOW: Grade.NONE}, None, "Grade 1-2 neurotoxicity that is over."),
        Row(
            "T6-OTHER/severe-over",
            {GRADE: grades(3, 4), NOW: Grade.NONE},
            None,
            "Grade 3-4 neurotoxicity that is over.",
            unsettled="Table 6 may have stopped the drug, and the other reactions of Table 7 have stopping considered.",
        ),
        label.none("T6-OTHER", "neurotoxicity"),
        label.death("T6-OTHER", (label.NEUROLOGIST,)),
    ),
}

_TO_2, _TO_1 = Recovery(Grade.MODERATE), Recovery(Grade.MILD)
_LOW = grades(0, 1, 2)
_FIRST_4: When = {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(0, 1, 2, 3)}


def _neutropenia(grade: int, days: int, worst: When, *again: StopRule) -> tuple[Row[ToxicityAction], ...]:
    statement = f"T7-NEUTROPENIA-{grade}"
    return (
        Row(
            statement,
            {**worst, NOW: grades(3, 4), DAYS: between(0, days)},
            ToxicityAction(WITHHOLD, (label.GCSF,), _TO_2, (label.within(days, Grade.MODERATE), *again)),
            f"Grade {grade} neutropenia: withhold until grade 2 or less.",
            CLOCK,
        ),
        Row(
            f"{statement}/recovered",
            {**worst, NOW: _LOW, DAYS: between(0, days)},
            ToxicityAction(RESUME, discontinue_if=again),
            f"Grade {grade} neutropenia that is down to grade 2 or less in time: resume.",
            CLOCK,
        ),
        Row(
            f"{statement}/late",
            {**worst, NOW: grades(3, 4), DAYS: at_least(days + 1)},
            ToxicityAction(STOP, (label.GCSF,)),
            f"Grade {grade} neutropenia, not down to grade 2 within {days} days: stop permanently.",
            CLOCK,
        ),
        Row(
            f"{statement}/late-recovered",
            {**worst, NOW: _LOW, DAYS: at_least(days + 1)},
            ToxicityAction(STOP),
            f"Grade {grade} neutropenia that took more than {days} days to grade 2 or less: stop permanently.",
            CLOCK,
        ),
    )


def _platelets(name: str, worst: When, *again: StopRule) -> tuple[Row[ToxicityAction], ...]:
    days, statement = 21, "T7-PLATELETS"
    recovery = Recovery(Grade.MODERATE, ("no bleeding",))
    held = ToxicityAction(WITHHOLD, (), recovery, (label.within(days, Grade.MODERATE), *again))
    return (
        Row(
            f"{statement}/{name}",
            {**worst, NOW: grades(3, 4), DAYS: between(0, days)},
            held,
            f"Platelets of grade {name}: withhold until grade 2 or less, without bleeding.",
            CLOCK,
        ),
        Row(
            f"{statement}/{name}-bleeding",
            {**worst, NOW: _LOW, DAYS: between(0, days), BLEEDING: True},
            ToxicityAction(WITHHOLD, (), recovery, again),
            f"Platelets of grade {name} that are up to grade 2 or less, with bleeding: withhold.",
        ),
        Row(
            f"{statement}/{name}-recovered",
            {**worst, NOW: _LOW, DAYS: between(0, days), BLEEDING: False},
            ToxicityAction(RESUME, discontinue_if=again),
            f"Platelets of grade {name} that are up to grade 2 or less in time, without bleeding: resume.",
        ),
        Row(
            f"{statement}/{name}-late",
            {**worst, DAYS: at_least(days + 1)},
            ToxicityAction(STOP),
            f"Platelets of grade {name}, not up to grade 2 within {days} days: stop permanently.",
            CLOCK,
        ),
    )


_COUNTS: Rows = {
    TOXICITY_ACTION[Toxicity.NEUTROPENIA]: (
        *_neutropenia(3, 21, {GRADE: Grade.SEVERE}),
        *_neutropenia(4, 7, _FIRST_4, label.not_again(Grade.LIFE_THREATENING)),
        Row(
            "T7-NEUTROPENIA-AGAIN",
            {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(4, 5), NOW: grades(3, 4)},
            ToxicityAction(STOP, (label.GCSF,)),
            "Recurrent grade 4 neutropenia: stop permanently.",
            f"{RECURS} That G-CSF is considered at grade 4 is read of a recurrent one too.",
        ),
        Row(
            "T7-NEUTROPENIA-AGAIN/recovered",
            {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(4, 5), NOW: _LOW},
            ToxicityAction(STOP),
            "Recurrent grade 4 neutropenia that is down to grade 2 or less: stopping was permanent.",
            RECURS,
        ),
        Row("T7-NEUTROPENIA-3/mild", {GRADE: _LOW}, None, "The table asks nothing at grade 1-2."),
    ),
    TOXICITY_ACTION[Toxicity.FEBRILE_NEUTROPENIA]: (
        Row(
            "T7-FEBRILE",
            {GRADE: grades(3, 4), NOW: grades(3, 4)},
            ToxicityAction(WITHHOLD, (), Recovery(None, ("no fever",), "neutrophils are at grade 2 or less")),
            "Febrile neutropenia: withhold until neutropenia is grade 2 or less and the fever is gone.",
        ),
        Row(
            "T7-FEBRILE/over",
            {GRADE: grades(3, 4), NOW: Grade.NONE},
            ToxicityAction(RESUME),
            "Febrile neutropenia that is over: resume.",
            "Over is read as both: without fever, and with neutrophils at grade 2 or less; the count is judged by itself as well.",
        ),
        label.none("T7-FEBRILE", "febrile neutropenia"),
        label.death("T7-FEBRILE"),
    ),
    TOXICITY_ACTION[Toxicity.ANEMIA]: (
        Row(
            "T7-HEMOGLOBIN",
            {GRADE: grades(3, 4), NOW: grades(3, 4)},
            ToxicityAction(WITHHOLD, (), Recovery(Grade.MODERATE, says="haemoglobin is 8 g/dL or more")),
            "Haemoglobin below 8 g/dL: withhold until it is 8 g/dL or more.",
            "Below 8 g/dL is grade 3 anaemia of CTCAE 5.0 or worse.",
        ),
        Row(
            "T7-HEMOGLOBIN/recovered",
            {GRADE: grades(3, 4), NOW: _LOW},
            ToxicityAction(RESUME),
            "Haemoglobin that is 8 g/dL or more again: resume.",
        ),
        Row("T7-HEMOGLOBIN/mild", {GRADE: _LOW}, None, "The table asks nothing of 8 g/dL or more."),
        label.death("T7-HEMOGLOBIN"),
    ),
    TOXICITY_ACTION[Toxicity.THROMBOCYTOPENIA]: (
        *_platelets("3", {GRADE: Grade.SEVERE}),
        *_platelets("4", _FIRST_4, label.not_again(Grade.LIFE_THREATENING)),
        Row(
            "T7-PLATELETS-AGAIN",
            {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(4, 5)},
            ToxicityAction(STOP),
            "Recurrent grade 4 platelets: stop permanently.",
            RECURS,
        ),
        Row("T7-PLATELETS/mild", {GRADE: _LOW}, None, "The table asks nothing at grade 1-2."),
    ),
}

_PHASE = "The step-up phase is read as C1D1 to C1D15, and as the first two doses after a restart; the label gives it no dates."
_BEGAN = (
    "An infection is read as one of the phase in which it began: that of the first dose after it began, or of the dose of that day. One "
    "that began after the day of C1D15 is of the treatment phase."
)
_HELD = ToxicityAction(WITHHOLD, (), label.RESOLVED)
_LATER: When = {POINT: points("C2D1"), ROLE: Role.LATER}
_TREATMENT: When = {**_LATER, BEGAN_BEFORE: points("C2D1"), BEGAN_ROLE: Role.LATER}
_BY_SEVERITY = "Withhold, or consider stopping, by its severity: a clinician decides."

_REST: Rows = {
    TOXICITY_ACTION[Toxicity.INFECTION]: (
        Row(
            "T7-INFECTION-STEP-UP",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, POINT: points("C1D1", "C1D15")},
            _HELD,
            "Infection in the step-up phase: withhold until it is resolved.",
            f"{_PHASE} {label.RESOLVED_IS_0}",
        ),
        Row(
            "T7-INFECTION-STEP-UP/restart",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, POINT: points("C2D1"), ROLE: label.NEW_ROLES},
            _HELD,
            "Infection in the step-up phase after a restart: withhold until it is resolved.",
            f"{_PHASE} {label.RESOLVED_IS_0}",
        ),
        Row(
            "T7-INFECTION-STEP-UP/goes-on",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, **_LATER, BEGAN_BEFORE: points("C1D1", "C1D15")},
            _HELD,
            "Infection that began in the step-up phase and goes on: withhold until it is resolved.",
            f"{_BEGAN} {_PHASE} {label.RESOLVED_IS_0}",
        ),
        Row(
            "T7-INFECTION-STEP-UP/goes-on-after-restart",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, **_LATER, BEGAN_BEFORE: points("C2D1"), BEGAN_ROLE: label.NEW_ROLES},
            _HELD,
            "Infection that began in the step-up phase after a restart and goes on: withhold until it is resolved.",
            f"{_BEGAN} {_PHASE} {label.RESOLVED_IS_0}",
        ),
        Row(
            "T7-INFECTION-3",
            {GRADE: Grade.SEVERE, NOW: grades(2, 3), **_TREATMENT},
            ToxicityAction(WITHHOLD, (), _TO_1),
            "Grade 3 infection in the treatment phase: withhold until grade 1 or less.",
            _BEGAN,
        ),
        Row(
            "T7-INFECTION-3/recovered",
            {GRADE: Grade.SEVERE, NOW: Grade.MILD, **_TREATMENT},
            ToxicityAction(RESUME),
            "Grade 3 infection in the treatment phase that is down to grade 1: resume.",
            _BEGAN,
        ),
        Row(
            "T7-INFECTION-3/mild",
            {GRADE: grades(1, 2), NOW: grades(1, 2), **_TREATMENT},
            None,
            "The table asks nothing of a grade 1-2 infection in the treatment phase.",
            f"{_BEGAN} One that is over may have been held in the step-up phase, so that resuming is said of it; of one that is not, "
            "nothing is.",
            excepted={NOW: label.SILENCE},
        ),
        Row(
            "T7-INFECTION-STEP-UP/over",
            {GRADE: grades(1, 2, 3), NOW: Grade.NONE},
            ToxicityAction(RESUME),
            "Infection that is resolved: resume.",
        ),
        Row(
            "T7-INFECTION-4",
            {GRADE: grades(4, 5)},
            ToxicityAction(STOP),
            "Grade 4 infection: stop permanently.",
            "In the step-up phase the row of any grade holds the drug, and this one stops it; the stricter stands. " + NOT_NAMED,
        ),
        label.none("T7-INFECTION-3", "infection"),
    ),
    **label.liver("T7-LIVER-3", "T7-LIVER-4", "T7-LIVER-TOGETHER", held=3, to=1, stopped=4, enzyme=3, bilirubin=2),
    TOXICITY_ACTION[Toxicity.OTHER]: (
        *label.other("T7-OTHER-3", "T7-OTHER-4", held=3, worse=4, to=1, days=28),
        Row("T7-OTHER-3/mild", {GRADE: _LOW}, None, "The table asks nothing of another reaction of grade 1-2."),
    ),
    OTHER_RESULT: (
        Row(
            "LYMPHOCYTES",
            {ANALYTE: Analyte.LYMPHOCYTES},
            ToxicityAction(RESUME),
            "Lymphopenia is expected, and holds no dose.",
            "The label has no row for it; that it is no other reaction is our reading.",
        ),
        Row("T7-OTHER-3/sign", {ANALYTE: frozenset(LAB_TOXICITY)}, None, "A result that is a sign of a toxicity with rows of its own."),
        Row(
            "T7-OTHER-3/result",
            {ANALYTE: frozenset(Analyte) - frozenset(LAB_TOXICITY) - {Analyte.LYMPHOCYTES}},
            None,
            "A severe result without a row of its own.",
            unsettled="Whether a result is an other reaction is for a clinician to decide.",
        ),
    ),
    TOXICITY_ACTION[Toxicity.HYPERSENSITIVITY]: (
        *label.other("T7-OTHER-3/hypersensitivity", "T7-OTHER-4/hypersensitivity", held=3, worse=4, to=1, days=28, again=_BY_SEVERITY),
        Row(
            "HYPERSENSITIVITY",
            {GRADE: grades(1, 2)},
            None,
            "Hypersensitivity of grade 1-2, over or not.",
            unsettled=_BY_SEVERITY,
        ),
        label.none("HYPERSENSITIVITY", "hypersensitivity"),
    ),
}

# --- preparation ---

_BAG = Amount(250, "mL")
_STABILIZER, _STABILIZER_VIAL = Amount(13, "mL"), Amount(7, "mL")
_OVERFILL = (
    "What a vial holds beyond its strength is overfill, no dose. That a vial of the other strength is never used is our inference: the "
    "concentrations differ."
)

_PREPARED: Rows = {
    PREPARATION: (
        Row(
            "PREP-1",
            {AMOUNT: between(1, 1)},
            Preparation(
                mixing=Mixing(
                    vial=Amount(1, "mg"),
                    water=Amount(1.3, "mL"),
                    concentration=Amount(0.9, "mg/mL"),
                    bag=_BAG,
                    discarded=Amount(14, "mL"),
                    stabilizer=_STABILIZER,
                    stabilizer_vial=_STABILIZER_VIAL,
                    drug=Amount(1.1, "mL"),
                )
            ),
            "The 1 mg dose, of one 1 mg vial.",
            _OVERFILL,
        ),
        Row(
            "PREP-10",
            {AMOUNT: between(10, 10)},
            Preparation(
                mixing=Mixing(
                    vial=Amount(10, "mg"),
                    water=Amount(4.4, "mL"),
                    concentration=Amount(2.4, "mg/mL"),
                    bag=_BAG,
                    discarded=Amount(17, "mL"),
                    stabilizer=_STABILIZER,
                    stabilizer_vial=_STABILIZER_VIAL,
                    drug=Amount(4.2, "mL"),
                )
            ),
            "The 10 mg dose, of one 10 mg vial.",
            _OVERFILL,
        ),
        *(
            Row(f"PREP-{name}", {AMOUNT: span}, None, "There is no such dose: the doses are 1 mg and 10 mg.")
            for name, span in (
                ("1/less", below(1)),
                ("1/more", between(1, 10, low_open=True, high_open=True)),
                ("10/more", above(10)),
            )
        ),
        *(
            Row(f"{name}/{amount:g}", {AMOUNT: between(amount, amount)}, part, says, interpretation)
            for amount in (1, 10)
            for name, part, says, interpretation in (
                (
                    "PREP-STEPS",
                    Preparation(
                        steps=(
                            "reconstitute the vial with sterile water for injection, against the glass; never with the stabilizer",
                            "swirl, do not shake; it is clear to opalescent, colourless to slightly yellow",
                            "do not use it if it is cloudy or has particles",
                            "withdraw the stated volume from the bag, and discard it",
                            "add the stabilizer to the bag, and mix gently",
                            "add the reconstituted drug, and mix gently",
                            "remove air from the bag with an empty syringe",
                            "prime the line with 0.9 % sodium chloride or with the finished bag",
                            "give it at once",
                        )
                    ),
                    "The order of steps.",
                    "",
                ),
                (
                    "PREP-MATERIALS",
                    Preparation(
                        materials=(
                            "bag: ethylene-vinyl acetate, polyolefin or polyvinyl chloride",
                            "line and catheter: polyolefin, polyvinyl chloride or polyurethane",
                        ),
                        transfer_device=AVOID,
                    ),
                    "What the bag and the line may be of.",
                    "",
                ),
                (
                    "PREP-STORAGE",
                    Preparation(
                        storage=Storage(
                            vial=Amount(4, "h"),
                            bag_at_room=Amount(8, "h"),
                            bag_refrigerated=Amount(168, "h"),
                            rewarmed=Amount(8, "h"),
                            room=Span(20, 25, "Cel"),
                            refrigerator=Span(2, 8, "Cel"),
                        )
                    ),
                    "How long it keeps, from reconstitution to the end of the infusion; it is not put back into a refrigerator.",
                    "A bag that was refrigerated must be infused within 8 hours; when these start is not said.",
                ),
                (
                    "VIALS",
                    Preparation(
                        vials=(
                            "refrigerated at 2 to 8 degrees Celsius, in the carton, protected from light; not frozen",
                            "at most 24 hours at 20 to 25 degrees Celsius",
                        )
                    ),
                    "How vials are kept.",
                    "The 24 hours were read on the maker's page on preparation.",
                ),
            )
        ),
    ),
}

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        **_PATIENT,
        **_DOSES,
        **_WITH_THE_DOSE,
        **_WATCHED,
        **_LABS,
        **_SYNDROMES,
        **_COUNTS,
        **_REST,
        **_PREPARED,
    },
    lab_scale="ctcae-5.0",
    drug=TARLATAMAB,
)

"""The US prescribing information in its revision of 11/2025, by its sections and tables."""

from __future__ import annotations

from collections.abc import Callable
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
from tarlatamab_rules.rulebooks.tarlatamab.drug import DAILYMED, DAILYMED_SET_ID, TARLATAMAB
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
from tarlatamab_rules.values.vocabulary import Anchor, Eligibility, InfusionStep, InstructionKind, LabNeed, Role, Route, Setting

_SOURCE = Source(
    name="us-2025-11",
    title="US prescribing information of Imdelltra (tarlatamab-dlle)",
    publisher="Amgen",
    revision="11/2025",
    short_name="US label 11/2025",
    identifiers=(("DailyMed set id", DAILYMED_SET_ID), ("FDA application", "BLA 761344")),
    url=DAILYMED,
    access="The link opens the label in force, which may be later than 11/2025.",
)


def _listed(section: str, table: str) -> Callable[[str, str, str], Statement]:
    """Statements of one table, each with its id, the line of the table, and the text."""
    return lambda id_, entry, text: Statement(id_, section, text, table=table, entry=entry)


_1, _2 = _listed("Section 2.2", "Table 1"), _listed("Section 2.2", "Table 2")
_3, _4 = _listed("Section 2.3", "Table 3"), _listed("Section 2.4", "Table 4")
_5, _6, _7 = (_listed("Section 2.5", f"Table {number}") for number in (5, 6, 7))
_8 = _listed("Section 2.6", "Tables 8-12")

_STATEMENTS = (
    Statement("IND", "Section 1", "For adults with extensive-stage SCLC that progressed on or after platinum-based chemotherapy."),
    Statement(
        "CONTRA",
        "Section 4",
        "There are no contraindications.",
        "No row excludes a patient who fits the indication. A known hypersensitivity is a safeguard of `assess_dose`.",
    ),
    Statement(
        "BOXED-CRS",
        "Boxed warning",
        "CRS can be life-threatening or fatal. Start with the step-up schedule. By its severity, withhold until it resolves, or stop for "
        "good.",
    ),
    Statement(
        "BOXED-NEURO",
        "Boxed warning",
        "Neurotoxicity, including ICANS, can be life-threatening or fatal. Watch for its signs during treatment and treat it promptly. "
        "By its severity, withhold or stop for good.",
    ),
    Statement(
        "SETTING",
        "Section 2.1",
        "A qualified healthcare professional gives the drug, with support that can manage severe CRS and neurotoxicity.",
    ),
    Statement(
        "SETTING-PLACE",
        "Sections 2.1-2.3",
        "Every infusion takes place in an appropriate healthcare setting, where CRS can be monitored and managed.",
    ),
    Statement("UNTIL", "Section 2.2", "Treatment continues until the cancer progresses or toxicity is unacceptable."),
    Statement(
        "LABS",
        "Sections 2.1, 5.3 and 5.5",
        "Blood count, liver enzymes and bilirubin: before every dose up to C5D15, then before day 1 of each cycle.",
    ),
    Statement("HYDRATION", "Sections 2.1 and 5.1", "The patient is well hydrated before each dose."),
    Statement(
        "TEACH",
        "Sections 2.1 and 5.1",
        "Before discharge, patient and caregiver learn the signs of CRS and neurotoxicity, and to seek care if they appear.",
    ),
    _1(
        "T1-C1D1",
        "cycle 1, day 1",
        "C1D1: 1 mg. Monitor for 22 to 24 h from the start of the infusion; near care with a caregiver for 48 h.",
    ),
    _1(
        "T1-C1D8",
        "cycle 1, day 8",
        "C1D8: 10 mg. Monitor for 22 to 24 h from the start of the infusion; near care with a caregiver for 48 h.",
    ),
    _1("T1-C1D15", "cycle 1, day 15", "C1D15: 10 mg. Monitor for 6 to 8 h after the infusion."),
    _1("T1-C2", "cycle 2", "Cycle 2, days 1 and 15: 10 mg. Monitor for 6 to 8 h after the infusion."),
    _1("T1-C3", "cycles 3 and 4", "Cycles 3 and 4, days 1 and 15: 10 mg. Monitor for 3 to 4 h after the infusion."),
    _1("T1-C5", "cycle 5 and later", "Cycle 5 and later, days 1 and 15: 10 mg. Monitor for 2 h after the infusion."),
    _2("T2-RATE", "rate", "Infuse 250 mL intravenously over 1 h, at a constant 250 mL/h."),
    Statement("T2-PUMP", "Section 2.2", "Use a programmable, lockable, non-elastomeric pump with an alarm."),
    Statement(
        "T2-LINE",
        "Section 2.2",
        "The catheter of the concomitant drugs may be reused. Flush it for 3 to 5 min before the infusion, and flush the line afterwards.",
    ),
    Statement("STOP-INFUSION", "Sections 2.5 and 5.1", "At the first sign of CRS or ICANS, stop the infusion at once."),
    _3("T3-DEX", "dexamethasone", "Give dexamethasone 8 mg IV, or an equivalent, within 1 h before the infusions on C1D1 and C1D8."),
    _3("T3-SALINE", "normal saline", "Give 1 L of normal saline IV over 2 to 4 h, immediately after the infusions on C1D1 and C1D8."),
    _1("T3-LATER", "cycle 1, day 15 and later", "From C1D15, there are no concomitant drugs."),
    _4(
        "T4-C1D1",
        "last dose 1 mg on C1D1",
        "After 1 mg on C1D1: up to 14 days later 10 mg; beyond that 1 mg again, and 10 mg one week later.",
    ),
    _4(
        "T4-C1D8",
        "last dose 10 mg on C1D8",
        "After 10 mg on C1D8: up to 21 days later 10 mg; beyond that 1 mg again, and 10 mg one week later.",
    ),
    _4(
        "T4-LATER",
        "last dose 10 mg on C1D15 or later",
        "After 10 mg on C1D15 or later: up to 28 days later 10 mg; beyond that 1 mg again, and 10 mg one week later.",
    ),
    Statement("CRS-LABS", "Section 2.5", "During CRS, test coagulation, blood, and the function of lungs, heart, kidneys and liver."),
    _5("T5-1", "grade 1", "Grade 1 CRS: withhold until it resolves."),
    _5("T5-2", "grade 2", "Grade 2 CRS: withhold until it resolves."),
    _5("T5-3", "grade 3", "Grade 3 CRS: withhold until it resolves; if it recurs, stop for good."),
    _5("T5-4", "grade 4", "Grade 4 CRS: stop for good."),
    _6("T6-1", "grade 1", "Grade 1 ICANS: withhold until it resolves."),
    _6("T6-2", "grade 2", "Grade 2 ICANS: withhold until it resolves."),
    _6(
        "T6-3",
        "grade 3",
        "Grade 3 ICANS: withhold until it resolves; if it recurs, or is not grade 1 or less within 7 days, stop for good.",
    ),
    _6("T6-4", "grade 4", "Grade 4 ICANS: stop for good."),
    _6("T6-OTHER", "", "Neurotoxicity other than ICANS: the title of the table includes it, its grades are those of ICANS."),
    Statement("DRIVING", "Section 5.2", "A patient with neurologic symptoms does not drive or do hazardous work."),
    _7(
        "T7-NEUTROPENIA-3",
        "neutropenia, grade 3",
        "Grade 3 neutropenia: withhold until grade 2 or less; if not within 3 weeks, stop for good. Consider G-CSF.",
    ),
    _7(
        "T7-NEUTROPENIA-4",
        "neutropenia, grade 4",
        "Grade 4 neutropenia: withhold until grade 2 or less; if not within 1 week, stop for good. Consider G-CSF.",
    ),
    _7("T7-NEUTROPENIA-AGAIN", "neutropenia, recurrent grade 4", "Recurrent grade 4 neutropenia: stop for good."),
    _7("T7-FEBRILE", "febrile neutropenia", "Febrile neutropenia: withhold until neutropenia is grade 2 or less and the fever is gone."),
    _7("T7-HEMOGLOBIN", "haemoglobin", "Haemoglobin below 8 g/dL: withhold until it is 8 g/dL or more."),
    _7(
        "T7-PLATELETS",
        "platelets, grade 3 or 4",
        "Grade 3 or 4 platelets: withhold until grade 2 or less without bleeding; if not within 3 weeks, stop for good.",
    ),
    _7("T7-PLATELETS-AGAIN", "platelets, recurrent grade 4", "Recurrent grade 4 platelets: stop for good."),
    _7("T7-INFECTION-STEP-UP", "infection, step-up phase", "Infection of any grade in the step-up phase: withhold until it resolves."),
    _7(
        "T7-INFECTION-3", "infection, treatment phase, grade 3", "Grade 3 infection in the treatment phase: withhold until grade 1 or less."
    ),
    _7("T7-INFECTION-4", "infection, grade 4", "Grade 4 infection: stop for good."),
    Statement("WATCH-INFECTION", "Section 5.4", "Look for signs of infection before and during treatment."),
    _7("T7-LIVER-3", "ALT, AST or bilirubin, grade 3", "Grade 3 ALT, AST or bilirubin: withhold until grade 1 or less."),
    _7("T7-LIVER-4", "ALT, AST or bilirubin, grade 4", "Grade 4 ALT, AST or bilirubin: stop for good."),
    _7(
        "T7-LIVER-TOGETHER",
        "ALT or AST with bilirubin",
        "AST or ALT above 3 times and bilirubin above 2 times the upper limit, without another cause: stop for good.",
    ),
    _7(
        "T7-OTHER-3",
        "other reactions, grade 3",
        "Other grade 3 reactions: withhold until grade 1 or less, or baseline; if not within 28 days, consider stopping for good.",
    ),
    _7("T7-OTHER-4", "other reactions, grade 4", "Other grade 4 reactions: as for grade 3; also consider stopping for good."),
    Statement("LYMPHOCYTES", "Section 6.1", "Grade 3-4 lymphopenia is common during treatment. No row of Table 7 acts on it."),
    Statement("HYPERSENSITIVITY", "Section 5.6", "Hypersensitivity: by its severity, withhold or consider stopping."),
    Statement(
        "PREGNANCY",
        "Sections 5.7, 8.1 and 8.3",
        "The drug may harm the fetus. Check before treatment starts whether the patient is pregnant.",
    ),
    Statement(
        "CONTRACEPTION", "Sections 5.7 and 8.3", "Females of reproductive potential use contraception for 2 months beyond the last dose."
    ),
    Statement("LACTATION", "Section 8.2", "No breast-feeding during treatment and for 2 months beyond the last dose."),
    Statement("CYP", "Section 12.3", "CRS may raise the exposure to CYP substrates, during it and for up to 14 days after it."),
    Statement("NOT-STUDIED", "Section 12.3", "An eGFR below 30, and moderate or severe hepatic impairment, were not studied."),
    _8(
        "PREP-1",
        "1 mg dose",
        "1 mg: 1.3 mL of water gives 0.9 mg/mL. Take 14 mL out of the bag; add 13 mL of stabilizer and 1.1 mL of drug.",
    ),
    _8(
        "PREP-10",
        "10 mg dose",
        "10 mg: 4.4 mL of water gives 2.4 mg/mL. Take 17 mL out of the bag; add 13 mL of stabilizer and 4.2 mL of drug.",
    ),
    Statement("PREP-STEPS", "Section 2.6", "How to reconstitute the vial and prepare the bag."),
    Statement(
        "PREP-MATERIALS",
        "Section 2.6",
        "What the bag and the line may be made of. Closed-system transfer devices are not recommended.",
    ),
    _8("PREP-STORAGE", "storage", "A reconstituted vial keeps for 4 h; a bag for 8 h at room temperature, or 7 days refrigerated."),
    Statement("VIALS", "Section 2.6", "Refrigerate vials in their carton, do not freeze them, and protect them from light."),
)

_ELIGIBLE, _ASSESS = Eligibility.ELIGIBLE, Eligibility.NEEDS_ASSESSMENT
_SETTING = 'The label says "appropriate healthcare setting", not hospital.'

_PATIENT: Rows = {
    **label.indication("IND", adult=18),
    **label.pregnancy("PREGNANCY"),
    BY_LACTATION: (
        Row(
            "LACTATION",
            {BREASTFEEDING: True},
            _ASSESS,
            "Breast-feeding: advise the patient not to breast-feed.",
            "This is advice, not a contraindication.",
        ),
        Row("LACTATION/none", {BREASTFEEDING: False}, _ELIGIBLE, "The patient is not breast-feeding."),
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
        Row("LACTATION/none-after", {CHILDBEARING: False}, None, "Without childbearing potential the question does not arise."),
    ),
}

_DAY_8 = "The text has doses every 2 weeks after the first one. Table 1 has a dose on day 8. The table is followed."
_CYCLE = "The label does not say how long a cycle is. Two doses 14 days apart make a cycle of 28 days."
_STEP_UP, _FULL = Amount(1, "mg"), Amount(10, "mg")
_ANEW = (DoseStep(_STEP_UP, Role.STEP_UP, restart=True), "1 mg, and 10 mg one week later if it is tolerated")

_DOSES: Rows = label.next_doses(
    label.first_dose("T1-C1D1", DoseStep(_STEP_UP, Role.STEP_UP)),
    *label.restart("T4-C1D1", Role.STEP_UP, 14, DoseStep(_FULL, Role.FIRST_FULL, after=7), _ANEW, _DAY_8),
    *label.restart("T4-C1D8", Role.FIRST_FULL, 21, DoseStep(_FULL, Role.LATER, after=7), _ANEW),
    *label.restart("T4-LATER", Role.LATER, 28, DoseStep(_FULL, Role.LATER, after=14), _ANEW, _CYCLE),
)

# --- what goes with a dose ---

_NOTHING_ASKED = "The label states a fact and orders nothing. To consider it is our interpretation, and no result is required for it."
_DEX = label.premedication(Amount(8, "mg"), hours=1, or_equivalent=True)
_SALINE = label.saline(Amount(1000, "mL"), Span(2, 4, "h"))
_ROLES = label.first_two("C1D1", "C1D8", (_STEP_UP, _FULL))
_STOPPED_CRS = "After grade 4 cytokine release syndrome there is no next dose."
_NO_NEXT = label.no_next(4)

_WITH_THE_DOSE: Rows = {
    PREMEDICATION: (
        Row("T3-DEX", {ROLE: label.NEW_ROLES}, PremedicationPlan((_DEX,)), "Give dexamethasone within 1 h before the infusion.", _ROLES),
        Row(
            "T3-SALINE",
            {ROLE: label.NEW_ROLES},
            PremedicationPlan((_SALINE,)),
            "Give normal saline immediately after the infusion.",
            _ROLES,
        ),
        Row(
            "T3-LATER",
            {ROLE: Role.LATER, CRS_BEFORE: grades(0, 1, 2)},
            PremedicationPlan(),
            "Later doses have no concomitant drugs.",
        ),
        Row(
            "T5-3/next",
            {ROLE: Role.LATER, CRS_BEFORE: Grade.SEVERE},
            PremedicationPlan((_DEX, _SALINE)),
            "After grade 3 cytokine release syndrome, give the next dose with the concomitant drugs of C1D1.",
            "The table says to give them prior to the dose. Saline is given after it, as in Table 3.",
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
            "Give every infusion where severe reactions can be managed.",
        ),
        Row(
            "SETTING-PLACE",
            {},
            Checklist(
                (Instruction(GIVE, "an appropriate healthcare setting, equipped to monitor and manage CRS", when="for the infusion"),)
            ),
            "Give every infusion in an appropriate healthcare setting.",
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
            "Boxed warning: cytokine release syndrome.",
            "Treatment starts with the step-up schedule; the rows of the next dose encode it.",
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
            "Boxed warning: neurotoxicity.",
        ),
        Row(
            "UNTIL",
            {},
            Checklist((Instruction(GIVE, "treatment", when="until progression or unacceptable toxicity"),)),
            "Continue treatment until progression or unacceptable toxicity.",
        ),
        Row(
            "CYP",
            {},
            Checklist(
                (Instruction(CONSIDER, "a higher exposure to CYP substrates", when="during CRS and for up to 14 days after it"),),
            ),
            "Cytokine release syndrome may raise the exposure to other drugs.",
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
            "The drug was not studied at this kidney or liver function.",
            _NOTHING_ASKED,
        ),
        Row(
            "HYDRATION",
            {},
            Checklist((Instruction(GIVE, "hydration", when="before the infusion", kind=InstructionKind.HYDRATION),)),
            "The patient is well hydrated before each dose.",
            "The label gives neither a volume nor a criterion.",
        ),
        Row(
            "WATCH-INFECTION/dose",
            {},
            Checklist((Instruction(GIVE, "look for signs of infection", when="before and during treatment"),)),
            "Look for signs of infection.",
        ),
        Row(
            "TEACH",
            {},
            Checklist(
                (
                    Instruction(
                        GIVE,
                        "teach patient and caregiver the signs of CRS and neurotoxicity",
                        when="before discharge",
                        kind=InstructionKind.TEACHING,
                    ),
                )
            ),
            "Patient and caregiver know the signs and when to seek care.",
        ),
        Row(
            "DRIVING",
            {},
            Checklist((Instruction(AVOID, "driving and hazardous work", when="while neurologic symptoms are present"),)),
            "A patient with neurologic symptoms does not drive or do hazardous work.",
        ),
        Row(
            "PREGNANCY/verify",
            {POINT: points("C1D1", "C1D1")},
            Checklist((Instruction(GIVE, "verify pregnancy status", when="in females of reproductive potential"),)),
            "Verify pregnancy status before treatment starts.",
        ),
    ),
    INFUSION: (
        Row(
            "T2-RATE",
            {},
            InfusionPlan(route=Route.INTRAVENOUS, duration=Amount(1, "h"), rate=Amount(250, "mL/h"), constant_rate=True),
            "Infuse intravenously at a constant rate.",
        ),
        Row(
            "T2-PUMP",
            {},
            InfusionPlan(pump=True, pump_features=label.PUMP_FEATURES),
            "Use an infusion pump.",
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
            "Flush the catheter before the infusion, and the line after it.",
            'The label gives no time for the flush after the infusion. "May be reused" means consider.',
        ),
        Row(
            "PREP-MATERIALS/device",
            {},
            InfusionPlan(transfer_device=AVOID),
            "Closed-system transfer devices are not recommended: they may cause a wrong dose.",
        ),
    ),
    **setup("T2-RATE", "PREP-MATERIALS", 'The label says "not recommended": a warning, not a ban.', tolerance=0.02),
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
            "Sign of cytokine release syndrome: stop the infusion at once.",
            "Any finding that grades the syndrome counts as a sign.",
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
            "Sign of ICANS: stop the infusion at once.",
            "Any finding that grades ICANS, and any key symptom, counts as a sign.",
        ),
        Row("STOP-INFUSION/none", {SIGN: "none"}, DuringInfusion(InfusionStep.CONTINUE), "There is no sign: continue the infusion."),
    ),
}

# --- how long to watch ---

_LONG = label.from_start(22, 24)
_LONG_THERE = MonitoringPlan(setting=Setting.HEALTHCARE)
_LONG_NEXT = evolve(_LONG, setting=Setting.HEALTHCARE)
_NEAR_CARE = MonitoringPlan(
    anchor=Anchor.INFUSION_START, near_care=NearCare(Span(48, 48, "h"), Span(1, 1, "h"), caregiver=True, modality=RECOMMEND)
)
_NEAR_SAYS = "The patient stays near care, with a caregiver, for 48 h from the start."
_GOES_ON = grades(0, 1, 2, 3)
_GRADE_2 = (
    "Grade 2 or worse applies to all three. The tables of CRS and ICANS require it for the next dose only. An event counts until a dose "
    "is known to have been given after it."
)


_WATCHED: Rows = {
    MONITORING: (
        Row(
            "T1-C1D1",
            {ROLE: Role.STEP_UP},
            _LONG,
            "First 1 mg: monitor for 22 to 24 h from the start of the infusion.",
            _ROLES,
            caveat=SHORTER_MONITORING,
        ),
        Row("T1-C1D1/setting", {ROLE: Role.STEP_UP}, _LONG_THERE, "Monitor in an appropriate healthcare setting.", _SETTING),
        Row("T1-C1D1/near", {ROLE: Role.STEP_UP}, _NEAR_CARE, _NEAR_SAYS, caveat=SHORTER_MONITORING),
        Row(
            "T1-C1D8",
            {ROLE: Role.FIRST_FULL},
            _LONG,
            "First 10 mg: monitor for 22 to 24 h from the start of the infusion.",
            _ROLES,
            caveat=SHORTER_MONITORING,
        ),
        Row("T1-C1D8/setting", {ROLE: Role.FIRST_FULL}, _LONG_THERE, "Monitor in an appropriate healthcare setting.", _SETTING),
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
            "After grade 2 cytokine release syndrome, monitor the next dose for 22 to 24 h from its start.",
            _GRADE_2,
        ),
        Row(
            "T5-3/next-hours",
            {ROLE: Role.LATER, CRS_BEFORE: Grade.SEVERE, NEURO_BEFORE: _GOES_ON},
            _LONG_NEXT,
            "After grade 3 cytokine release syndrome, monitor the next dose for 22 to 24 h from its start.",
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
            "After grade 2 ICANS, monitor the next dose for 22 to 24 h from its start.",
            _GRADE_2 + " Other neurotoxicity counts in the same way.",
        ),
        Row(
            "T6-3/next-hours",
            {ROLE: Role.LATER, CRS_BEFORE: _GOES_ON, NEURO_BEFORE: Grade.SEVERE},
            _LONG_NEXT,
            "After grade 3 ICANS, monitor the next dose for 22 to 24 h from its start.",
            _GRADE_2 + " Other neurotoxicity counts in the same way.",
        ),
        Row(
            "T6-4/next-hours",
            {NEURO_BEFORE: grades(4, 5)},
            None,
            "After grade 4 ICANS there is no next dose.",
            _NO_NEXT
            + " Other neurotoxicity counts in the same way: if the drug continues after it, a clinician decides how long to monitor.",
            excepted={NEURO_BEFORE: label.SILENCE},
        ),
    ),
}

# --- results ---

_BLOOD_COUNT = frozenset((Analyte.NEUTROPHILS, Analyte.HEMOGLOBIN, Analyte.PLATELETS))
_LIVER = frozenset((Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN))
_COUNTED = "From the blood count, the values on which Table 7 acts are required; from the liver enzymes, those that it names."
_ORGANS = _BLOOD_COUNT | _LIVER | {Analyte.WHITE_CELLS, Analyte.LYMPHOCYTES, Analyte.CREATININE}

_LABS: Rows = {
    LAB_NEED: (
        Row(
            "LABS",
            {POINT: points("C1D1", "C5D15"), ANALYTE: _BLOOD_COUNT | _LIVER},
            LabNeed.REQUIRED,
            "Up to C5D15: blood count, liver enzymes and bilirubin before every dose, and when clinically indicated.",
            _COUNTED,
        ),
        Row(
            "LABS/day-1",
            {POINT: points("C6D1"), DAY: 1, ANALYTE: _BLOOD_COUNT | _LIVER},
            LabNeed.REQUIRED,
            "From cycle 6: before day 1 of each cycle, and when clinically indicated.",
            _COUNTED,
        ),
        Row(
            "LABS/day-15",
            {POINT: points("C6D1"), DAY: frozenset((8, 15)), ANALYTE: _BLOOD_COUNT | _LIVER},
            LabNeed.NOT_ASKED,
            "From cycle 6: none scheduled before day 15; more often if clinically indicated.",
            "The label does not say how doses are numbered after a restart. A dose on day 15 counts like any other dose on day 15.",
        ),
        Row("LABS/other", {ANALYTE: frozenset(Analyte) - _BLOOD_COUNT - _LIVER}, None, "The label does not ask for this result."),
    ),
    LAB_DURING_CRS: (
        Row(
            "CRS-LABS",
            {ANALYTE: _ORGANS},
            GIVE,
            "Take laboratory tests during cytokine release syndrome.",
            "The label names coagulation, blood and organ functions. Which results represent them is our interpretation. Coagulation, "
            "heart and lungs have no result here; their tests are among the treatments.",
        ),
        Row(
            "CRS-LABS/other",
            {ANALYTE: frozenset(Analyte) - _ORGANS},
            None,
            "The label does not name this result for the time of the syndrome.",
        ),
    ),
}

# --- toxicities ---

_HOSPITAL = Instruction(RECOMMEND, "hospitalization", duration=Amount(24, "h", ">="))
_TELEMETRY = Instruction(GIVE, "continuous cardiac telemetry and pulse oximetry")
_ORGAN_TESTS = Instruction(GIVE, "tests for disseminated intravascular coagulation, and of heart and lung function")
_WATCH_NEXT = NextDosePrecautions(monitoring=_LONG_NEXT)
_PREPARE_NEXT = NextDosePrecautions(PremedicationPlan((_DEX, _SALINE)), _LONG_NEXT)

_BESIDE_TABLE_5 = (
    "The text requires tests of coagulation, blood, lungs, heart, kidneys and liver without naming a grade, so they apply to every "
    f"grade. Those of blood, kidneys and liver are among the laboratory results. {label.TAPERED}"
)
_RESPONDS = (
    "The text gives hypotension that does not respond to fluids as an example of grade 2 or worse. The table has hypotension that "
    "responds to fluids at grade 2. The table is followed. The label gives no blood pressure. That fever is required with it comes from "
    "ASTCT 2019."
)
_AS_EVER = "After grade 1 the table does not require longer monitoring of the next dose. Table 1 is interpreted in the same way."
_ONE_VASOPRESSOR = '"A vasopressor" means one, because grade 4 has several.'

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
_RANGE = "The dexamethasone range of grade 1 ends above the dose of grade 2. Both are taken literally."
_AS_GRADE_3 = "The treatment is that of grade 3. This includes that an equivalent of dexamethasone is allowed."

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
    '"If symptoms worsen" applies both to repeating dexamethasone and to methylprednisolone in its place. The table has supportive '
    "care at grade 1 but not here; it has monitoring of symptoms, and specialists besides neurology, only here. It is taken literally."
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
            "Grade 1-2 neurotoxicity other than ICANS.",
            unsettled="Table 6 is titled neurotoxicity but grades ICANS. Table 7 has a row only for other reactions of grade 3-4. A "
            "clinician decides.",
        ),
        Row(
            "T6-OTHER/severe",
            {GRADE: grades(3, 4), NOW: ACTIVE},
            ToxicityAction(WITHHOLD, (label.NEUROLOGIST,), Recovery(None, says="a clinician decides"), (StopRule(CONSIDER),)),
            "Grade 3-4 neurotoxicity other than ICANS: withhold.",
            "Table 6 and the other reactions of Table 7 both withhold the drug. A clinician decides which of them says when to stop it.",
        ),
        Row("T6-OTHER/over", {GRADE: grades(1, 2), NOW: Grade.NONE}, None, "Grade 1-2 neurotoxicity other than ICANS has resolved."),
        Row(
            "T6-OTHER/severe-over",
            {GRADE: grades(3, 4), NOW: Grade.NONE},
            None,
            "Grade 3-4 neurotoxicity other than ICANS has resolved.",
            unsettled="Table 6 may have stopped the drug. For other reactions, Table 7 says to consider stopping. A clinician decides.",
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
            f"Grade {grade} neutropenia has improved to grade 2 or less in time: resume.",
            CLOCK,
        ),
        Row(
            f"{statement}/late",
            {**worst, NOW: grades(3, 4), DAYS: at_least(days + 1)},
            ToxicityAction(STOP, (label.GCSF,)),
            f"Grade {grade} neutropenia has not improved to grade 2 or less within {days} days: stop for good.",
            CLOCK,
        ),
        Row(
            f"{statement}/late-recovered",
            {**worst, NOW: _LOW, DAYS: at_least(days + 1)},
            ToxicityAction(STOP),
            f"Grade {grade} neutropenia took more than {days} days to reach grade 2 or less: stop for good.",
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
            f"Grade {name} platelets: withhold until grade 2 or less without bleeding.",
            CLOCK,
        ),
        Row(
            f"{statement}/{name}-bleeding",
            {**worst, NOW: _LOW, DAYS: between(0, days), BLEEDING: True},
            ToxicityAction(WITHHOLD, (), recovery, again),
            f"Grade {name} platelets have improved to grade 2 or less, with bleeding: withhold.",
        ),
        Row(
            f"{statement}/{name}-recovered",
            {**worst, NOW: _LOW, DAYS: between(0, days), BLEEDING: False},
            ToxicityAction(RESUME, discontinue_if=again),
            f"Grade {name} platelets have improved to grade 2 or less in time, without bleeding: resume.",
        ),
        Row(
            f"{statement}/{name}-late",
            {**worst, DAYS: at_least(days + 1)},
            ToxicityAction(STOP),
            f"Grade {name} platelets have not improved to grade 2 or less within {days} days: stop for good.",
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
            "Recurrent grade 4 neutropenia: stop for good.",
            f"{RECURS} G-CSF is considered at grade 4, so at a recurrent grade 4 too.",
        ),
        Row(
            "T7-NEUTROPENIA-AGAIN/recovered",
            {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(4, 5), NOW: _LOW},
            ToxicityAction(STOP),
            "Recurrent grade 4 neutropenia has improved to grade 2 or less: the drug stays stopped for good.",
            RECURS,
        ),
        Row("T7-NEUTROPENIA-3/mild", {GRADE: _LOW}, None, "The table requires nothing at grade 1-2."),
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
            "Febrile neutropenia has resolved: resume.",
            "Resolved means both: no fever, and neutrophils at grade 2 or less. The count is also judged by itself.",
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
            "Haemoglobin is 8 g/dL or more again: resume.",
        ),
        Row("T7-HEMOGLOBIN/mild", {GRADE: _LOW}, None, "The table requires nothing at 8 g/dL or more."),
        label.death("T7-HEMOGLOBIN"),
    ),
    TOXICITY_ACTION[Toxicity.THROMBOCYTOPENIA]: (
        *_platelets("3", {GRADE: Grade.SEVERE}),
        *_platelets("4", _FIRST_4, label.not_again(Grade.LIFE_THREATENING)),
        Row(
            "T7-PLATELETS-AGAIN",
            {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(4, 5)},
            ToxicityAction(STOP),
            "Recurrent grade 4 platelets: stop for good.",
            RECURS,
        ),
        Row("T7-PLATELETS/mild", {GRADE: _LOW}, None, "The table requires nothing at grade 1-2."),
    ),
}

_PHASE = "The step-up phase means C1D1 to C1D15, and the first two doses after a restart. The label gives it no dates."
_BEGAN = (
    "An infection belongs to the phase in which it began: the phase of the first dose after it began, or of a dose on that day. An "
    "infection that began after the day of C1D15 belongs to the treatment phase."
)
_HELD = ToxicityAction(WITHHOLD, (), label.RESOLVED)
_LATER: When = {POINT: points("C2D1"), ROLE: Role.LATER}
_TREATMENT: When = {**_LATER, BEGAN_BEFORE: points("C2D1"), BEGAN_ROLE: Role.LATER}
_BY_SEVERITY = "By its severity, withhold or consider stopping: a clinician decides."

_REST: Rows = {
    TOXICITY_ACTION[Toxicity.INFECTION]: (
        Row(
            "T7-INFECTION-STEP-UP",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, POINT: points("C1D1", "C1D15")},
            _HELD,
            "Infection in the step-up phase: withhold until it resolves.",
            f"{_PHASE} {label.RESOLVED_IS_0}",
        ),
        Row(
            "T7-INFECTION-STEP-UP/restart",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, POINT: points("C2D1"), ROLE: label.NEW_ROLES},
            _HELD,
            "Infection in the step-up phase after a restart: withhold until it resolves.",
            f"{_PHASE} {label.RESOLVED_IS_0}",
        ),
        Row(
            "T7-INFECTION-STEP-UP/goes-on",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, **_LATER, BEGAN_BEFORE: points("C1D1", "C1D15")},
            _HELD,
            "Infection began in the step-up phase and continues: withhold until it resolves.",
            f"{_BEGAN} {_PHASE} {label.RESOLVED_IS_0}",
        ),
        Row(
            "T7-INFECTION-STEP-UP/goes-on-after-restart",
            {GRADE: grades(1, 2, 3), NOW: ACTIVE, **_LATER, BEGAN_BEFORE: points("C2D1"), BEGAN_ROLE: label.NEW_ROLES},
            _HELD,
            "Infection began in the step-up phase after a restart and continues: withhold until it resolves.",
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
            "Grade 3 infection in the treatment phase has improved to grade 1: resume.",
            _BEGAN,
        ),
        Row(
            "T7-INFECTION-3/mild",
            {GRADE: grades(1, 2), NOW: grades(1, 2), **_TREATMENT},
            None,
            "The table requires nothing for a grade 1-2 infection in the treatment phase.",
            f"{_BEGAN} The drug may have been withheld for a resolved infection in the step-up phase, so its row says to resume. For an "
            "infection that is not resolved, the table says nothing.",
            excepted={NOW: label.SILENCE},
        ),
        Row(
            "T7-INFECTION-STEP-UP/over",
            {GRADE: grades(1, 2, 3), NOW: Grade.NONE},
            ToxicityAction(RESUME),
            "Infection has resolved: resume.",
        ),
        Row(
            "T7-INFECTION-4",
            {GRADE: grades(4, 5)},
            ToxicityAction(STOP),
            "Grade 4 infection: stop for good.",
            "In the step-up phase, the row for any grade withholds the drug and this row stops it. The stricter row is followed. "
            + NOT_NAMED,
        ),
        label.none("T7-INFECTION-3", "infection"),
    ),
    **label.liver("T7-LIVER-3", "T7-LIVER-4", "T7-LIVER-TOGETHER", held=3, to=1, stopped=4, enzyme=3, bilirubin=2),
    TOXICITY_ACTION[Toxicity.OTHER]: (
        *label.other("T7-OTHER-3", "T7-OTHER-4", held=3, worse=4, to=1, days=28),
        Row("T7-OTHER-3/mild", {GRADE: _LOW}, None, "The table requires nothing for another reaction of grade 1-2."),
    ),
    OTHER_RESULT: (
        Row(
            "LYMPHOCYTES",
            {ANALYTE: Analyte.LYMPHOCYTES},
            ToxicityAction(RESUME),
            "Lymphopenia is expected. It does not delay a dose.",
            "The label has no row for it. That it does not count as an other reaction is our interpretation.",
        ),
        Row("T7-OTHER-3/sign", {ANALYTE: frozenset(LAB_TOXICITY)}, None, "The result is a sign of a toxicity that has its own rows."),
        Row(
            "T7-OTHER-3/result",
            {ANALYTE: frozenset(Analyte) - frozenset(LAB_TOXICITY) - {Analyte.LYMPHOCYTES}},
            None,
            "A severe result has no row of its own.",
            unsettled="A clinician decides whether a result counts as an other reaction.",
        ),
    ),
    TOXICITY_ACTION[Toxicity.HYPERSENSITIVITY]: (
        *label.other("T7-OTHER-3/hypersensitivity", "T7-OTHER-4/hypersensitivity", held=3, worse=4, to=1, days=28, again=_BY_SEVERITY),
        Row(
            "HYPERSENSITIVITY",
            {GRADE: grades(1, 2)},
            None,
            "Grade 1-2 hypersensitivity, resolved or not.",
            unsettled=_BY_SEVERITY,
        ),
        label.none("HYPERSENSITIVITY", "hypersensitivity"),
    ),
}

# --- preparation ---

_BAG = Amount(250, "mL")
_STABILIZER, _STABILIZER_VIAL = Amount(13, "mL"), Amount(7, "mL")
_OVERFILL = (
    "The content of a vial beyond its strength is overfill, not dose. Never to use a vial of the other strength is our inference, "
    "because the concentrations differ."
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
            "Prepare the 1 mg dose from one 1 mg vial.",
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
            "Prepare the 10 mg dose from one 10 mg vial.",
            _OVERFILL,
        ),
        *(
            Row(f"PREP-{name}", {AMOUNT: span}, None, "There is no such dose. The doses are 1 mg and 10 mg.")
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
                    "Prepare the dose in this order.",
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
                    "Use a bag and a line of these materials.",
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
                    "The times run from reconstitution to the end of the infusion. Do not refrigerate again.",
                    "A refrigerated bag must be infused within 8 h. The label does not say when they start.",
                ),
                (
                    "VIALS",
                    Preparation(
                        vials=(
                            "refrigerated at 2 to 8 degrees Celsius, in the carton, protected from light; not frozen",
                            "at most 24 hours at 20 to 25 degrees Celsius",
                        )
                    ),
                    "Store vials as follows.",
                    "The 24 h come from the maker's page on preparation.",
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

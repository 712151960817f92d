"""The precautions page of 2025-09-16, statement by statement."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.core.decisions import DoseAction
from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.intervals import at_least, below, between
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.patient import Diagnosis, Infection
from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.inputs.vocabulary import Grade, Symptom, Toxicity
from tarlatamab_rules.rulebooks._book import Rows, Rulebook
from tarlatamab_rules.rulebooks.facts import (
    AGE,
    ANALYTE,
    BREASTFEEDING,
    CHILDBEARING,
    DIAGNOSIS,
    GRADE,
    ICE,
    INFECTION,
    NOW,
    OTHER_FINDING,
    POINT,
    PREGNANT,
    PROGRESSED,
    SYMPTOM,
    WORST_SO_FAR,
    grades,
    points,
)
from tarlatamab_rules.rulebooks.questions import (
    BY_AGE,
    BY_DIAGNOSIS,
    BY_INFECTION,
    BY_LACTATION,
    BY_PREGNANCY,
    BY_PROGRESSION,
    CONTRACEPTION,
    ICE_ASSESSMENT,
    INFUSION,
    LAB_DURING_CRS,
    LAB_NEED,
    MONITORING,
    NEURO_GRADE,
    OTHER_RESULT,
    PREMEDICATION,
    TOXICITY_ACTION,
)
from tarlatamab_rules.rulebooks.tarlatamab.drug import TARLATAMAB
from tarlatamab_rules.rulebooks.tarlatamab.setup import setup
from tarlatamab_rules.values.doses import AfterLastDose
from tarlatamab_rules.values.plans import InfusionPlan, Instruction, MonitoringPlan, NearCare, PremedicationPlan
from tarlatamab_rules.values.toxicities import PossibleGrades, ToxicityAction
from tarlatamab_rules.values.vocabulary import Anchor, Eligibility, InstructionKind, LabNeed, Modality, Route, Setting

_SOURCE = Source(
    name="precautions-2025-09",
    title="Precautions for Imdelltra (Tarlatamab) Administration",
    publisher="Lucius Pharmaceuticals (Lao)",
    revision="2025-09-16",
    short_name="Precautions page 09/2025",
    access="The address of this web page is not confirmed; look for its title, publisher and date.",
)
_CRS, _NEURO, _DRUGS = "Monitoring: cytokine release syndrome", "Monitoring: neurotoxicity", "Premedication and concomitant medications"
_INFUSION, _LABORATORY = "Infusion requirements", "Laboratory monitoring"

_STATEMENTS = (
    Statement(
        "DRUG-1",
        "Introduction",
        "Tarlatamab binds DLL3 and CD3; it is a bispecific T-cell engager.",
        "`Rulebook.drug` says which drug the rulebook is about.",
    ),
    Statement(
        "IND-1", "Confirmation of indications", "For adults with extensive-stage SCLC that progressed after platinum-based chemotherapy."
    ),
    Statement(
        "CI-1",
        "Contraindications",
        "The page lists no absolute contraindication. Assess an active infection first, such as an uncontrolled bacterial, fungal or "
        "viral one.",
    ),
    Statement("CI-2", "Contraindications", "Pregnancy is a contraindication, because the drug may harm the fetus."),
    Statement("INF-1", _INFUSION, "Infuse intravenously over 1 h by pump, at a constant 250 mL/h."),
    Statement("INF-2", _INFUSION, "Avoid closed-system transfer devices, because they may cause a dose error."),
    Statement("PRE-1", _DRUGS, "Give dexamethasone 8 mg IV, or an equivalent, 1 h before the infusion."),
    Statement("PRE-2", _DRUGS, "Give 1 L of normal saline IV over 4 to 5 h after the infusion."),
    Statement("PRE-3", _DRUGS, "Both are recommended for all of cycle 1, against cytokine release syndrome."),
    Statement("PRG-1", "Pregnancy and lactation", "Check whether the patient is pregnant before the drug is used."),
    Statement("PRG-2", "Pregnancy and lactation", "Women of childbearing age use contraception for 2 months beyond the last dose."),
    Statement("PRG-3", "Pregnancy and lactation", "Breast-feeding is a contraindication."),
    Statement("MON-1", _CRS, "After the infusions on days 1 and 8 of cycle 1, monitor in hospital for 22 to 24 h."),
    Statement("MON-2", _CRS, "The patient has a caregiver within 48 h, and is within 1 h of a medical facility."),
    Statement("MON-3", _CRS, "In later cycles, toxicity decides how long to monitor, for example 2 h after cycle 5."),
    Statement("NEU-1", _NEURO, "The key symptoms of neurotoxicity are confusion, seizure, muscle weakness and impaired speech."),
    Statement("NEU-2", _NEURO, "The ICE score (0-9) grades ICANS. A score of 2 or less is severe, and treatment stops."),
    Statement("NEU-3", _NEURO, "Grade 1-2 neurotoxicity: withhold, and give dexamethasone 10 mg IV."),
    Statement("NEU-4", _NEURO, "Grade 3-4 neurotoxicity: stop for good, and consult a neurologist."),
    Statement(
        "LAB-1", _LABORATORY, "Ahead of every dose, and whenever indicated, take a blood count: neutrophils, haemoglobin and platelets."
    ),
    Statement("LAB-2", _LABORATORY, "Ahead of every dose, measure ALT, AST and bilirubin."),
    Statement("LAB-3", _LABORATORY, "Measure sodium, potassium and uric acid, above all during cytokine release syndrome."),
    Statement("ABN-1", "Management of abnormalities", "Grade 3-4 neutropenia: withhold, and consider G-CSF."),
    Statement(
        "NOTE-1",
        "Note",
        "The page is for discussion among medical personnel. What is known of the drug changes. Consult the attending physician.",
        "`DISCLAIMER` says this in every report. Every revision has its date.",
    ),
    Statement("SILENT", "The whole page", "What the page does not mention."),
)

_ELIGIBLE, _ASSESS, _EXCLUDED = Eligibility.ELIGIBLE, Eligibility.NEEDS_ASSESSMENT, Eligibility.EXCLUDED

_AFTER = "Progressed after platinum means progressed on or after it, as in the label."

_ELIGIBILITY: Rows = {
    BY_AGE: (
        Row("IND-1/adult", {AGE: at_least(18)}, _ELIGIBLE, "The patient is an adult.", interpretation="Adult means 18 years or older."),
        Row("IND-1/minor", {AGE: below(18)}, _EXCLUDED, "The drug is for adults only.", interpretation="Adult means 18 years or older."),
    ),
    BY_DIAGNOSIS: (
        Row(
            "IND-1/cancer",
            {DIAGNOSIS: Diagnosis.EXTENSIVE_STAGE_SCLC},
            _ELIGIBLE,
            "The patient has extensive-stage small-cell lung cancer.",
        ),
        Row(
            "IND-1/other-cancer",
            {DIAGNOSIS: frozenset((Diagnosis.LIMITED_STAGE_SCLC, Diagnosis.OTHER))},
            _EXCLUDED,
            "The drug is for extensive-stage small-cell lung cancer only.",
        ),
    ),
    BY_PROGRESSION: (
        Row(
            "IND-1/progressed",
            {PROGRESSED: True},
            _ELIGIBLE,
            "The cancer progressed after platinum-based chemotherapy.",
            interpretation=_AFTER,
        ),
        Row("IND-1/not-progressed", {PROGRESSED: False}, _EXCLUDED, "The drug is for cancer that progressed after platinum only.", _AFTER),
    ),
    BY_INFECTION: (
        Row("CI-1/none", {INFECTION: Infection.NONE}, _ELIGIBLE, "The patient has no active infection."),
        Row(
            "CI-1",
            {INFECTION: frozenset((Infection.CONTROLLED, Infection.UNCONTROLLED))},
            _ASSESS,
            "Active infection: assess it before giving the drug.",
            interpretation="The page names uncontrolled infection as an example. A controlled infection is still active.",
        ),
    ),
    BY_PREGNANCY: (
        Row(
            "CI-2",
            {PREGNANT: True},
            _EXCLUDED,
            "Pregnancy is a contraindication.",
            interpretation="The page also says that there is no absolute contraindication. The more specific statement is followed.",
        ),
        Row(
            "PRG-1",
            {PREGNANT: False},
            _ELIGIBLE,
            "Pregnancy is ruled out.",
            interpretation="Asked unless childbearing potential is ruled out.",
        ),
    ),
    BY_LACTATION: (
        Row("PRG-3", {BREASTFEEDING: True}, _EXCLUDED, "Breast-feeding is a contraindication."),
        Row("PRG-3/none", {BREASTFEEDING: False}, _ELIGIBLE, "The patient is not breast-feeding."),
    ),
}

_CONTRACEPTION: Rows = {
    CONTRACEPTION: (
        Row(
            "PRG-2",
            {CHILDBEARING: True},
            AfterLastDose(Modality.GIVE, months=2),
            "Contraception continues after the last dose.",
            interpretation="Childbearing age means childbearing potential. Months are calendar months.",
        ),
        Row("PRG-2/none", {CHILDBEARING: False}, None, "The page requires contraception only of women of childbearing age."),
    ),
}

_INFUSED: Rows = {
    INFUSION: (
        Row(
            "INF-1",
            {},
            InfusionPlan(route=Route.INTRAVENOUS, duration=Amount(1, "h"), rate=Amount(250, "mL/h"), pump=True, constant_rate=True),
            "Infuse intravenously by pump, at a constant rate.",
            interpretation="The page gives no volume. It follows from rate and duration.",
        ),
        Row("INF-2", {}, InfusionPlan(transfer_device=Modality.AVOID), "Avoid closed-system transfer devices: they may cause dose errors."),
    ),
}

_CYCLE_1 = points("C1D1", "C1D15")

_PREMEDICATION: Rows = {
    PREMEDICATION: (
        Row(
            "PRE-1",
            {POINT: _CYCLE_1},
            PremedicationPlan(
                (
                    Instruction(
                        Modality.RECOMMEND,
                        "dexamethasone",
                        Amount(8, "mg"),
                        route=Route.INTRAVENOUS,
                        or_equivalent=True,
                        anchor=Anchor.INFUSION_START,
                        offset=Span(-1, -1, "h"),
                    ),
                )
            ),
            "Give dexamethasone, or an equivalent, 1 h before the infusion.",
            interpretation='"1 hour before" is a point in time, not any time within the hour.',
        ),
        Row(
            "PRE-2",
            {POINT: _CYCLE_1},
            PremedicationPlan(
                (
                    Instruction(
                        Modality.RECOMMEND,
                        "normal saline",
                        Amount(1000, "mL"),
                        route=Route.INTRAVENOUS,
                        anchor=Anchor.INFUSION_END,
                        duration=Span(4, 5, "h"),
                        kind=InstructionKind.SALINE,
                    ),
                )
            ),
            "Give normal saline after the infusion.",
            interpretation='"After the infusion" means from its end.',
        ),
        Row(
            "PRE-3",
            {POINT: _CYCLE_1},
            PremedicationPlan(),
            "The regimen is recommended for all of cycle 1.",
            interpretation="The page recommends the regimen, so each part is a recommendation and not an order.",
        ),
        Row(
            "PRE-3/later",
            {POINT: points("C2D1")},
            None,
            "The page recommends premedication in cycle 1. It does not mention later cycles.",
        ),
    ),
}

_MONITORING: Rows = {
    MONITORING: (
        Row(
            "MON-1",
            {POINT: points("C1D1", "C1D8")},
            MonitoringPlan(observe=Span(22, 24, "h"), anchor=Anchor.INFUSION_END, setting=Setting.HOSPITAL),
            "Monitor in hospital after the infusion.",
            interpretation="The page says this under cytokine release syndrome. The hours count from the end of the infusion, in "
            "hospital. The label counts from its start, in an appropriate healthcare setting.",
        ),
        Row(
            "MON-2",
            {POINT: points("C1D1", "C1D8")},
            MonitoringPlan(anchor=Anchor.INFUSION_END, near_care=NearCare(hours=Span(48, 48, "h"), within=Span(1, 1, "h"), caregiver=True)),
            "The patient stays close to a medical facility, with a caregiver.",
            interpretation='"Within 48 hours" means for 48 h. They count from the end of the infusion, as in MON-1.',
        ),
        Row(
            "MON-3",
            {POINT: points("C5D1"), WORST_SO_FAR: grades(0, 1)},
            MonitoringPlan(observe=Span(2, 2, "h"), anchor=Anchor.INFUSION_END),
            "From cycle 5, monitor for a short time.",
            interpretation='"After cycle 5" means cycle 5 and later, as in the label. The example is a patient without relevant '
            "toxicity. The page does not say which toxicity is relevant, so any toxicity of grade 2 or worse counts.",
        ),
        Row(
            "MON-3/toxicity",
            {POINT: points("C5D1"), WORST_SO_FAR: grades(2, 3, 4, 5)},
            None,
            "Toxicity decides how long to monitor. The page gives no hours after grade 2 or worse.",
            interpretation="The hours without toxicity do not hold after toxicity.",
            excepted={WORST_SO_FAR: frozenset(("silence",))},
        ),
        Row(
            "MON-3/middle",
            {POINT: points("C1D15", "C4D15")},
            None,
            "Toxicity decides how long to monitor. The page gives no hours from C1D15 to cycle 4.",
            interpretation="The page does not mention C1D15 at all.",
        ),
    ),
}

_ACTIVE = grades(1, 2, 3, 4, 5)
_CONSULT = Instruction(Modality.GIVE, "neurology consult")
_TASTE = "Neurotoxicity means any neurotoxicity, including ICANS. By the words of the page this includes a change of taste."

_NEUROTOXICITY: tuple[Row[ToxicityAction], ...] = (
    Row(
        "NEU-3",
        {GRADE: grades(1, 2), NOW: _ACTIVE},
        ToxicityAction(
            DoseAction.WITHHOLD,
            (Instruction(Modality.GIVE, "dexamethasone", Amount(10, "mg"), route=Route.INTRAVENOUS),),
        ),
        "Grade 1-2 neurotoxicity: withhold, and give dexamethasone.",
        interpretation=f"{_TASTE} The page gives no dexamethasone at grade 3-4. Together with a label that gives less at grade 2, grade "
        "1 gets more.",
        excepted={GRADE: frozenset(("dexamethasone",))},
    ),
    Row(
        "NEU-3/over",
        {GRADE: grades(1, 2), NOW: Grade.NONE},
        None,
        "Grade 1-2 neurotoxicity has resolved: the page does not say when to resume.",
    ),
    Row(
        "NEU-4",
        {GRADE: grades(3, 4, 5), NOW: _ACTIVE},
        ToxicityAction(DoseAction.DISCONTINUE, (_CONSULT,)),
        "Grade 3-4 neurotoxicity: stop for good, and consult a neurologist.",
        interpretation=_TASTE + " The page does not name grade 5. Its answer cannot be milder.",
    ),
    Row(
        "NEU-4/over",
        {GRADE: grades(3, 4, 5), NOW: Grade.NONE},
        ToxicityAction(DoseAction.DISCONTINUE),
        "Grade 3-4 neurotoxicity has resolved: the drug stays stopped for good.",
    ),
    Row("NEU-3/none", {GRADE: grades(0)}, None, "No neurotoxicity: nothing to do."),
)
_NEUTROPENIA: tuple[Row[ToxicityAction], ...] = (
    Row(
        "ABN-1",
        {GRADE: grades(3, 4), NOW: grades(3, 4)},
        ToxicityAction(DoseAction.WITHHOLD, (Instruction(Modality.CONSIDER, "G-CSF"),)),
        "Grade 3-4 neutropenia: withhold, and consider G-CSF.",
        interpretation="Grades are by CTCAE 5.0, because the page names no version. The page does not mention recurrence.",
    ),
    Row(
        "ABN-1/over",
        {GRADE: grades(3, 4), NOW: grades(0, 1, 2)},
        None,
        "Grade 3-4 neutropenia has improved to grade 2 or less: the page does not say when to resume.",
    ),
    Row("ABN-1/mild", {GRADE: grades(0, 1, 2)}, None, "The page does not mention milder neutropenia."),
)
_OTHER_TOXICITY: tuple[Row[ToxicityAction], ...] = (
    Row("SILENT/toxicity", {}, None, "The page does not say what to do about this toxicity."),
)

_TOXICITY: Rows = {
    TOXICITY_ACTION[Toxicity.ICANS]: _NEUROTOXICITY,
    TOXICITY_ACTION[Toxicity.NEUROTOXICITY]: _NEUROTOXICITY,
    TOXICITY_ACTION[Toxicity.NEUTROPENIA]: _NEUTROPENIA,
    **{
        TOXICITY_ACTION[toxicity]: _OTHER_TOXICITY
        for toxicity in Toxicity
        if toxicity not in {Toxicity.ICANS, Toxicity.NEUROTOXICITY, Toxicity.NEUTROPENIA}
    },
    OTHER_RESULT: _OTHER_TOXICITY,
    ICE_ASSESSMENT: (
        Row(
            "NEU-1",
            {SYMPTOM: frozenset(Symptom)},
            Instruction(Modality.RECOMMEND, "assessment of the ICE score"),
            "A key symptom of neurotoxicity: assess the ICE score.",
            interpretation="The page lists the symptoms and the score side by side. That a symptom calls for the score is our "
            "interpretation.",
        ),
        Row("NEU-1/none", {SYMPTOM: "none"}, None, "There is no key symptom of neurotoxicity. The page asks for nothing."),
    ),
    NEURO_GRADE: (
        Row(
            "NEU-2",
            {ICE: between(0, 2)},
            PossibleGrades(grades(3, 4)),
            "An ICE score of 2 or less is severe.",
            interpretation="Severe means grade 3-4. The ICE score runs from 0 to 10; the page's 0-9 is the impaired range.",
        ),
        Row(
            "NEU-2/impaired",
            {ICE: between(3, 9), OTHER_FINDING: False},
            PossibleGrades(grades(1, 2)),
            "An ICE score of 3 to 9 without another finding is impaired but not severe.",
            interpretation="The page gives no grade for it. Grade 1-2 is our interpretation.",
        ),
        Row(
            "NEU-2/findings",
            {ICE: between(3, 10), OTHER_FINDING: True},
            PossibleGrades(grades(1, 2, 3, 4)),
            "Another finding may weigh more than the ICE score.",
            interpretation="The page grades by the score alone. That does not make another finding harmless.",
        ),
        Row("NEU-2/full", {ICE: 10, OTHER_FINDING: False}, None, "A full ICE score alone does not rule out neurotoxicity."),
    ),
}

_BLOOD_COUNT = frozenset((Analyte.NEUTROPHILS, Analyte.HEMOGLOBIN, Analyte.PLATELETS))
_LIVER = frozenset((Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN))
_ELECTROLYTES = frozenset((Analyte.SODIUM, Analyte.POTASSIUM, Analyte.URIC_ACID))
_OTHER = frozenset(Analyte) - _BLOOD_COUNT - _LIVER - _ELECTROLYTES

_LABS: Rows = {
    LAB_NEED: (
        Row(
            "LAB-1", {ANALYTE: _BLOOD_COUNT}, LabNeed.REQUIRED, "Take a blood count ahead of every dose, and whenever clinically indicated."
        ),
        Row("LAB-2", {ANALYTE: _LIVER}, LabNeed.REQUIRED, "Measure liver values ahead of every dose."),
        Row(
            "LAB-3",
            {ANALYTE: _ELECTROLYTES},
            LabNeed.RECOMMENDED,
            "Measure sodium, potassium and uric acid.",
            interpretation="The page gives no time. They are recommended at every dose, and no dose waits for them.",
        ),
        Row("SILENT/labs", {ANALYTE: _OTHER}, None, "The page does not ask for this result."),
    ),
    LAB_DURING_CRS: (
        Row(
            "LAB-3/crs",
            {ANALYTE: _ELECTROLYTES},
            Modality.RECOMMEND,
            "Measure them above all during cytokine release syndrome.",
            interpretation="This means monitoring while the syndrome is active.",
        ),
        Row(
            "SILENT/crs-labs",
            {ANALYTE: frozenset(Analyte) - _ELECTROLYTES},
            None,
            "The page names no other result for the time of the syndrome.",
        ),
    ),
}

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        **_ELIGIBILITY,
        **_CONTRACEPTION,
        **_INFUSED,
        **setup("INF-1", "INF-2", 'The page says "avoid": a warning, not a ban.', tolerance=0.02),
        **_PREMEDICATION,
        **_MONITORING,
        **_TOXICITY,
        **_LABS,
    },
    lab_scale="ctcae-5.0",
    drug=TARLATAMAB,
)

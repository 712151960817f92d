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
from tarlatamab_rules.values.vocabulary import Anchor, Eligibility, LabNeed, Modality, Route, Setting

_SOURCE = Source(
    name="precautions-2025-09",
    title="Precautions for Imdelltra (Tarlatamab) Administration",
    publisher="Lucius Pharmaceuticals (Lao)",
    revision="2025-09-16",
)
_CRS, _NEURO, _DRUGS = "Monitoring: cytokine release syndrome", "Monitoring: neurotoxicity", "Premedication and concomitant medications"
_INFUSION, _LABORATORY = "Infusion requirements", "Laboratory monitoring"

_STATEMENTS = (
    Statement(
        "DRUG-1",
        "Introduction",
        "Tarlatamab is a bispecific T-cell engager of DLL3 and CD3.",
        "The identity of the rulebook: `Rulebook.drug`.",
    ),
    Statement("IND-1", "Confirmation of indications", "Adults whose extensive-stage SCLC progressed after platinum-based chemotherapy."),
    Statement(
        "CI-1",
        "Contraindications",
        "No absolute contraindication, but an active infection is to be assessed, such as an uncontrolled bacterial, fungal or viral one.",
    ),
    Statement("CI-2", "Contraindications", "Contraindicated in pregnancy: it may harm the fetus."),
    Statement("INF-1", _INFUSION, "An intravenous infusion over 1 hour by pump, at a constant rate of 250 mL/h."),
    Statement("INF-2", _INFUSION, "Closed-system transfer devices are avoided: they may lead to dose errors."),
    Statement("PRE-1", _DRUGS, "Dexamethasone 8 mg intravenously, or an equivalent, 1 hour before the infusion."),
    Statement("PRE-2", _DRUGS, "1 L of normal saline intravenously over 4 to 5 hours after the infusion."),
    Statement("PRE-3", _DRUGS, "This regimen is recommended for the whole first treatment cycle, against cytokine release syndrome."),
    Statement("PRG-1", "Pregnancy and lactation", "Pregnancy status is confirmed before the drug is used."),
    Statement("PRG-2", "Pregnancy and lactation", "Women of childbearing age use contraception until 2 months after the last dose."),
    Statement("PRG-3", "Pregnancy and lactation", "Contraindicated during lactation."),
    Statement("MON-1", _CRS, "On days 1 and 8 of cycle 1, in hospital for 22 to 24 hours after the infusion."),
    Statement("MON-2", _CRS, "A caregiver within 48 hours, and the patient within 1 hour of a medical facility."),
    Statement("MON-3", _CRS, "In later cycles the duration follows toxicity, for example 2 hours after cycle 5."),
    Statement("NEU-1", _NEURO, "Key symptoms: confusion, seizures, muscle weakness, speech disorders."),
    Statement("NEU-2", _NEURO, "The ICE score (0-9) grades ICANS; 2 or less is severe and means stopping."),
    Statement("NEU-3", _NEURO, "Grade 1-2 neurotoxicity: suspend, dexamethasone 10 mg intravenously."),
    Statement("NEU-4", _NEURO, "Grade 3-4 neurotoxicity: stop permanently, consult a neurologist."),
    Statement("LAB-1", _LABORATORY, "A blood count before each dose and when indicated: neutrophils, haemoglobin, platelets."),
    Statement("LAB-2", _LABORATORY, "ALT, AST and bilirubin before each dose."),
    Statement("LAB-3", _LABORATORY, "Sodium, potassium and uric acid, especially during cytokine release syndrome."),
    Statement("ABN-1", "Management of abnormalities", "Grade 3-4 neutropenia: suspend, consider G-CSF."),
    Statement(
        "NOTE-1",
        "Note",
        "For discussion among medical personnel; drug information changes; consult the attending physician.",
        "The disclaimer that every report carries: `DISCLAIMER`. Revisions are dated.",
    ),
    Statement("SILENT", "The whole page", "What the page does not speak of."),
)

_ELIGIBLE, _ASSESS, _EXCLUDED = Eligibility.ELIGIBLE, Eligibility.NEEDS_ASSESSMENT, Eligibility.EXCLUDED

_AFTER = "Progressed after platinum is read as progressed on or after it, with the label."

_ELIGIBILITY: Rows = {
    BY_AGE: (
        Row("IND-1/adult", {AGE: at_least(18)}, _ELIGIBLE, "An adult.", interpretation="Adult is read as 18 years or older."),
        Row("IND-1/minor", {AGE: below(18)}, _EXCLUDED, "The drug is for adults.", interpretation="Adult is read as 18 years or older."),
    ),
    BY_DIAGNOSIS: (
        Row("IND-1/cancer", {DIAGNOSIS: Diagnosis.EXTENSIVE_STAGE_SCLC}, _ELIGIBLE, "Extensive-stage small-cell lung cancer."),
        Row(
            "IND-1/other-cancer",
            {DIAGNOSIS: frozenset((Diagnosis.LIMITED_STAGE_SCLC, Diagnosis.OTHER))},
            _EXCLUDED,
            "The drug is for extensive-stage small-cell lung cancer.",
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
        Row("IND-1/not-progressed", {PROGRESSED: False}, _EXCLUDED, "The drug is for cancer that progressed after platinum.", _AFTER),
    ),
    BY_INFECTION: (
        Row("CI-1/none", {INFECTION: Infection.NONE}, _ELIGIBLE, "No active infection."),
        Row(
            "CI-1",
            {INFECTION: frozenset((Infection.CONTROLLED, Infection.UNCONTROLLED))},
            _ASSESS,
            "An active infection is to be assessed before the drug is given.",
            interpretation="Uncontrolled is the page's example; a controlled infection is still active.",
        ),
    ),
    BY_PREGNANCY: (
        Row(
            "CI-2",
            {PREGNANT: True},
            _EXCLUDED,
            "Contraindicated in pregnancy.",
            interpretation="The page also says that nothing is absolutely contraindicated; the specific statement stands.",
        ),
        Row(
            "PRG-1",
            {PREGNANT: False},
            _ELIGIBLE,
            "Pregnancy is ruled out.",
            interpretation="Asked where there is childbearing potential, or where that is not known.",
        ),
    ),
    BY_LACTATION: (
        Row("PRG-3", {BREASTFEEDING: True}, _EXCLUDED, "Contraindicated during lactation."),
        Row("PRG-3/none", {BREASTFEEDING: False}, _ELIGIBLE, "Not breast-feeding."),
    ),
}

_CONTRACEPTION: Rows = {
    CONTRACEPTION: (
        Row(
            "PRG-2",
            {CHILDBEARING: True},
            AfterLastDose(Modality.GIVE, months=2),
            "Contraception goes on after the last dose.",
            interpretation="Childbearing age is read as childbearing potential, and months as calendar months.",
        ),
        Row("PRG-2/none", {CHILDBEARING: False}, None, "The page asks contraception of women of childbearing age only."),
    ),
}

_INFUSED: Rows = {
    INFUSION: (
        Row(
            "INF-1",
            {},
            InfusionPlan(route=Route.INTRAVENOUS, duration=Amount(1, "h"), rate=Amount(250, "mL/h"), pump=True, constant_rate=True),
            "An intravenous infusion by pump, at a constant rate.",
            interpretation="The page gives no volume; it follows from rate and duration.",
        ),
        Row("INF-2", {}, InfusionPlan(transfer_device=Modality.AVOID), "Closed-system transfer devices may lead to dose errors."),
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
            "Dexamethasone, or an equivalent, 1 hour before the infusion.",
            interpretation="1 hour before is read as a point in time, not as within the hour.",
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
                    ),
                )
            ),
            "Normal saline after the infusion.",
            interpretation="After the infusion is read as from its end.",
        ),
        Row(
            "PRE-3",
            {POINT: _CYCLE_1},
            PremedicationPlan(),
            "The regimen is recommended for the whole first cycle.",
            interpretation="The page says recommended, so each part is a recommendation, not an order.",
        ),
        Row(
            "PRE-3/later",
            {POINT: points("C2D1")},
            None,
            "The page recommends premedication for the first cycle and is silent on later ones.",
        ),
    ),
}

_MONITORING: Rows = {
    MONITORING: (
        Row(
            "MON-1",
            {POINT: points("C1D1", "C1D8")},
            MonitoringPlan(observe=Span(22, 24, "h"), anchor=Anchor.INFUSION_END, setting=Setting.HOSPITAL),
            "In hospital after the infusion.",
            interpretation="It stands under the heading of cytokine release syndrome. Counted from the end of the infusion, in hospital; "
            "the label counts from the start, and says an appropriate healthcare setting.",
        ),
        Row(
            "MON-2",
            {POINT: points("C1D1", "C1D8")},
            MonitoringPlan(anchor=Anchor.INFUSION_END, near_care=NearCare(hours=Span(48, 48, "h"), within=Span(1, 1, "h"), caregiver=True)),
            "With a caregiver, close to a medical facility.",
            interpretation="Within 48 hours is read as for 48 hours, counted from the end of the infusion as in MON-1.",
        ),
        Row(
            "MON-3",
            {POINT: points("C5D1"), WORST_SO_FAR: grades(0, 1)},
            MonitoringPlan(observe=Span(2, 2, "h"), anchor=Anchor.INFUSION_END),
            "A short observation from cycle 5 on.",
            interpretation="After cycle 5 is read as cycle 5 and later, with the label, and the example as one without relevant toxicity. "
            "The page does not say which toxicity is relevant, so any of grade 2 or worse counts.",
        ),
        Row(
            "MON-3/toxicity",
            {POINT: points("C5D1"), WORST_SO_FAR: grades(2, 3, 4, 5)},
            None,
            "The duration follows toxicity; the page gives no hours after grade 2 or worse.",
            interpretation="The hours without toxicity are not taken for those after it.",
            excepted={WORST_SO_FAR: frozenset(("silence",))},
        ),
        Row(
            "MON-3/middle",
            {POINT: points("C1D15", "C4D15")},
            None,
            "The duration follows toxicity; the page gives no hours from C1D15 to cycle 4.",
            interpretation="The page does not mention C1D15 at all.",
        ),
    ),
}

_ACTIVE = grades(1, 2, 3, 4, 5)
_CONSULT = Instruction(Modality.GIVE, "neurology consult")
_TASTE = "Neurotoxicity is any, ICANS included; by its words this takes in a change of taste too."

_NEUROTOXICITY: tuple[Row[ToxicityAction], ...] = (
    Row(
        "NEU-3",
        {GRADE: grades(1, 2), NOW: _ACTIVE},
        ToxicityAction(
            DoseAction.WITHHOLD,
            (Instruction(Modality.GIVE, "dexamethasone", Amount(10, "mg"), route=Route.INTRAVENOUS),),
        ),
        "Grade 1-2 neurotoxicity: suspend, and give dexamethasone.",
        interpretation=f"{_TASTE} The page gives no dexamethasone at grade 3-4; and beside a label that gives less at grade 2, grade 1 has "
        "more.",
        excepted={GRADE: frozenset(("dexamethasone",))},
    ),
    Row(
        "NEU-3/over",
        {GRADE: grades(1, 2), NOW: Grade.NONE},
        None,
        "Grade 1-2 neurotoxicity that is over: the page does not say when to resume.",
    ),
    Row(
        "NEU-4",
        {GRADE: grades(3, 4, 5), NOW: _ACTIVE},
        ToxicityAction(DoseAction.DISCONTINUE, (_CONSULT,)),
        "Grade 3-4 neurotoxicity: stop permanently, and consult a neurologist.",
        interpretation=_TASTE + " Grade 5 is not named; nothing milder can follow it.",
    ),
    Row(
        "NEU-4/over",
        {GRADE: grades(3, 4, 5), NOW: Grade.NONE},
        ToxicityAction(DoseAction.DISCONTINUE),
        "Grade 3-4 neurotoxicity, though over: stopping was permanent.",
    ),
    Row("NEU-3/none", {GRADE: grades(0)}, None, "No neurotoxicity: nothing to do for it."),
)
_NEUTROPENIA: tuple[Row[ToxicityAction], ...] = (
    Row(
        "ABN-1",
        {GRADE: grades(3, 4), NOW: grades(3, 4)},
        ToxicityAction(DoseAction.WITHHOLD, (Instruction(Modality.CONSIDER, "G-CSF"),)),
        "Grade 3-4 neutropenia: suspend, and consider G-CSF.",
        interpretation="Graded by CTCAE 5.0, since the page names no version; it says nothing of recurrence.",
    ),
    Row(
        "ABN-1/over",
        {GRADE: grades(3, 4), NOW: grades(0, 1, 2)},
        None,
        "Grade 3-4 neutropenia that is over, or down to grade 2 or less: the page does not say when to resume.",
    ),
    Row("ABN-1/mild", {GRADE: grades(0, 1, 2)}, None, "The page says nothing of milder neutropenia."),
)
_OTHER_TOXICITY: tuple[Row[ToxicityAction], ...] = (Row("SILENT/toxicity", {}, None, "The page gives no action for this toxicity."),)

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
            "A key symptom of neurotoxicity calls for the ICE score.",
            interpretation="The page lists the symptoms and the score side by side; that one calls for the other is our reading.",
        ),
        Row("NEU-1/none", {SYMPTOM: "none"}, None, "No key symptom of neurotoxicity: the page calls for nothing."),
    ),
    NEURO_GRADE: (
        Row(
            "NEU-2",
            {ICE: between(0, 2)},
            PossibleGrades(grades(3, 4)),
            "An ICE score of 2 or less is severe.",
            interpretation="Severe is read as grade 3-4. ICE runs from 0 to 10; the page's 0-9 is the impaired range.",
        ),
        Row(
            "NEU-2/impaired",
            {ICE: between(3, 9), OTHER_FINDING: False},
            PossibleGrades(grades(1, 2)),
            "An ICE score of 3 to 9, and no other finding: impaired, and not severe.",
            interpretation="The page names no grade for it; grade 1-2 is our reading.",
        ),
        Row(
            "NEU-2/findings",
            {ICE: between(3, 10), OTHER_FINDING: True},
            PossibleGrades(grades(1, 2, 3, 4)),
            "A finding beside the ICE score may weigh more than the score.",
            interpretation="The page grades by the score alone; another finding is not taken as harmless for that.",
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
        Row("LAB-1", {ANALYTE: _BLOOD_COUNT}, LabNeed.REQUIRED, "A blood count before each dose, and when clinically indicated."),
        Row("LAB-2", {ANALYTE: _LIVER}, LabNeed.REQUIRED, "Liver values before each dose."),
        Row(
            "LAB-3",
            {ANALYTE: _ELECTROLYTES},
            LabNeed.RECOMMENDED,
            "Sodium, potassium and uric acid.",
            interpretation="The page names no time; read as recommended at any dose, and no dose waits for them.",
        ),
        Row("SILENT/labs", {ANALYTE: _OTHER}, None, "The page does not ask for this result."),
    ),
    LAB_DURING_CRS: (
        Row(
            "LAB-3/crs",
            {ANALYTE: _ELECTROLYTES},
            Modality.RECOMMEND,
            "Especially during cytokine release syndrome.",
            interpretation="Read as monitoring while the syndrome is active.",
        ),
        Row("SILENT/crs-labs", {ANALYTE: frozenset(Analyte) - _ELECTROLYTES}, None, "The page names no other result for that time."),
    ),
}

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        **_ELIGIBILITY,
        **_CONTRACEPTION,
        **_INFUSED,
        **setup("INF-1", "INF-2", "The page says avoid: a warning, not a ban.", tolerance=0.02),
        **_PREMEDICATION,
        **_MONITORING,
        **_TOXICITY,
        **_LABS,
    },
    lab_scale="ctcae-5.0",
    drug=TARLATAMAB,
)

"""The EU summary of product characteristics of Imdylltra, as it was captured in July 2026; what was not confirmed stands open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from attrs import evolve

from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.intervals import at_least, between
from tarlatamab_rules.core.tables import Row, When
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks._book import Rows, Rulebook
from tarlatamab_rules.rulebooks.facts import (
    ANALYTE,
    CRS_BEFORE,
    DAYS,
    EARLIER,
    GRADE,
    HELD,
    HYPERSENSITIVE,
    NEURO_BEFORE,
    NOW,
    POINT,
    RATE,
    ROLE,
    grades,
    points,
)
from tarlatamab_rules.rulebooks.questions import (
    BREASTFEEDING_AFTER,
    BY_CONSTANT_RATE,
    BY_DURATION,
    BY_HYPERSENSITIVITY,
    BY_INFECTION,
    BY_LACTATION,
    BY_PUMP,
    BY_RATE,
    BY_TRANSFER_DEVICE,
    BY_VOLUME,
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
from tarlatamab_rules.rulebooks.tarlatamab.label import CLOCK, CONSIDER, GIVE, RECOMMEND, RECURS, RESUME, STOP, WITHHOLD
from tarlatamab_rules.rulebooks.tarlatamab.setup import compared, pumped
from tarlatamab_rules.values.doses import DoseStep
from tarlatamab_rules.values.plans import Checklist, InfusionPlan, Instruction, MonitoringPlan, NearCare, PremedicationPlan
from tarlatamab_rules.values.toxicities import NextDosePrecautions, Recovery, ToxicityAction
from tarlatamab_rules.values.vocabulary import Anchor, Eligibility, InstructionKind, LabNeed, Role, Route

_SOURCE = Source(
    name="eu-2026",
    title="EU summary of product characteristics of Imdylltra (tarlatamab)",
    publisher="European Medicines Agency",
    revision="captured in July 2026",
    short_name="EU label (July 2026)",
    access="The address of this text is not confirmed; look for the product information of Imdylltra at the European Medicines Agency.",
)


def _listed(table: str) -> Callable[[str, str, str], Statement]:
    """Statements of one table, whose number was not captured, each with its id, the line of the table, and the text."""
    return lambda id_, entry, text: Statement(id_, "Section 4.2", text, table=table, entry=entry)


_crs, _icans, _other = _listed("table of CRS"), _listed("table of ICANS"), _listed("table of other adverse reactions")

_STATEMENTS = (
    Statement(
        "EU-IND",
        "Section 4.1",
        "For adults with extensive-stage SCLC that need systemic therapy because it progressed on or after first-line platinum.",
    ),
    Statement("EU-CONTRA", "Section 4.3", "Hypersensitivity to the active substance or to an excipient is a contraindication."),
    Statement(
        "EU-SETTING",
        "Section 4.2",
        "A physician with experience in cancer therapy supervises the infusion, in a facility that is equipped for CRS.",
    ),
    Statement("EU-FLUID", "Section 4.2", "The patient is euvolaemic before each infusion."),
    Statement("EU-DOSE-1", "Section 4.2", "The first dose is 1 mg."),
    Statement("EU-MON-D1", "Section 4.2", "Day 1: monitor for 6 to 8 h from the start of the infusion.", entry="day 1"),
    Statement("EU-MON-D8", "Section 4.2", "Day 8: monitor for 6 to 8 h from the start of the infusion.", entry="day 8"),
    Statement("EU-NEAR", "Section 4.2", "The patient stays close, with a caregiver, for 24 h from the start of each infusion."),
    Statement(
        "EU-MON-LATER",
        "Section 4.2",
        "The physician decides how long to monitor later doses, and the next dose after grade 2-3 CRS or ICANS.",
    ),
    Statement("EU-DEX", "Section 4.2", "Give dexamethasone 8 mg IV within 1 h before the infusions on days 1 and 8."),
    Statement(
        "EU-SALINE",
        "Section 4.2",
        "Give 1 L of saline immediately after the infusions on days 1 and 8, by standard guidelines. The text gives no duration.",
    ),
    Statement("EU-INF-RATE", "Section 4.2", "Infuse at 250 mL/h."),
    Statement("EU-INF-PUMP", "Section 4.2", "Use a programmable, lockable, non-elastomeric pump with an alarm."),
    Statement(
        "EU-INF-LINE",
        "Section 4.2",
        "Flush the line between premedication and tarlatamab, and for 3 to 5 min after the infusion.",
    ),
    Statement(
        "EU-RESTART-D1", "Section 4.2", "After 1 mg on day 1: up to 14 days later 10 mg; beyond that 1 mg again, and 10 mg one week later."
    ),
    Statement(
        "EU-RESTART-D8", "Section 4.2", "After 10 mg on day 8: up to 21 days later 10 mg; beyond that 1 mg again, and 10 mg one week later."
    ),
    Statement(
        "EU-RESTART-LATER",
        "Section 4.2",
        "After 10 mg on day 15 or later: up to 28 days later 10 mg; beyond that 1 mg again, and 10 mg one week later.",
    ),
    Statement("EU-LABS", "Section 4.4", "Liver tests before treatment, and as indicated."),
    _crs("EU-CRS-1", "grade 1", "Grade 1 CRS: withhold until it resolves."),
    _crs(
        "EU-CRS-2",
        "grade 2",
        "Grade 2 CRS: withhold until it resolves. Hospitalization has no minimum; oximetry or telemetry as indicated.",
    ),
    _crs(
        "EU-CRS-3",
        "grade 3",
        "Grade 3 CRS: withhold until it resolves; if it recurs, stop for good. The next dose has the premedication of the first doses.",
    ),
    _crs("EU-CRS-4", "grade 4", "Grade 4 CRS: stop for good."),
    _icans("EU-ICANS-1", "grade 1", "Grade 1 ICANS: withhold until it resolves."),
    _icans("EU-ICANS-2", "grade 2", "Grade 2 ICANS: withhold until it resolves."),
    _icans(
        "EU-ICANS-3",
        "grade 3",
        "Grade 3 ICANS: withhold until it resolves; if it recurs, or is not grade 1 or less within 7 days, stop for good.",
    ),
    _icans("EU-ICANS-4", "grade 4", "Grade 4 ICANS: stop for good."),
    _other("EU-ANC-MILD", "neutropenia, grade 1-2", "Grade 1-2 neutropenia: do not interrupt treatment."),
    _other("EU-ANC-3", "neutropenia, grade 3", "Grade 3 neutropenia: interrupt treatment for at least 3 days, and until grade 2 or less."),
    _other("EU-ANC-4", "neutropenia, grade 4", "Grade 4 neutropenia: as for grade 3; if it lasts more than 7 days, stop for good."),
    _other("EU-ANC-AGAIN", "neutropenia, recurrent grade 4", "Recurrent grade 4 neutropenia: stop for good."),
    _other("EU-NO-ROW", "", "Platelets, haemoglobin, febrile neutropenia and infection have no rows of their own."),
    _other(
        "EU-LIVER-3",
        "ALT, AST or bilirubin, grade 3",
        "Grade 3 ALT, AST or bilirubin: withhold until grade 1 or less. If the baseline was raised, count in multiples of it.",
    ),
    _other("EU-LIVER-4", "ALT, AST or bilirubin, grade 4", "Grade 4 ALT, AST or bilirubin: stop for good."),
    _other(
        "EU-LIVER-TOGETHER",
        "ALT or AST with bilirubin",
        "AST or ALT above 3 times and bilirubin above 2 times the upper limit, or a raised baseline, without another cause: stop for good.",
    ),
    _other(
        "EU-OTHER-3",
        "other reactions, grade 3",
        "Other grade 3 reactions: withhold until grade 1 or less, or baseline; if not within 28 days, consider stopping for good.",
    ),
    _other("EU-OTHER-4", "other reactions, grade 4", "Other grade 4 reactions: as for grade 3; also consider stopping for good."),
    Statement("EU-PREGNANCY", "Section 4.4", "The drug may harm the fetus. Check before treatment starts whether the patient is pregnant."),
    Statement("EU-CONTRACEPTION", "Section 4.4", "Females of reproductive potential use contraception for 2 months beyond the last dose."),
    Statement("EU-OPEN", "Parts not read", "What was not captured of this text, or not found in it."),
)

# --- the patient ---

_OF_IT = "What the EU label says about this is not confirmed."

_PATIENT: Rows = {
    **label.indication("EU-IND", adult=18),
    BY_INFECTION: (
        Row(
            "EU-OPEN/infection",
            {},
            None,
            "What an active infection means for eligibility.",
            unsettled=_OF_IT,
        ),
    ),
    **label.pregnancy("EU-PREGNANCY"),
    BY_LACTATION: (
        Row("EU-OPEN/lactation", {}, None, "What breast-feeding means for eligibility.", unsettled="Section 4.6 is not confirmed."),
    ),
    BY_HYPERSENSITIVITY: (
        Row(
            "EU-CONTRA",
            {HYPERSENSITIVE: True},
            Eligibility.EXCLUDED,
            "Hypersensitivity to the active substance or to an excipient is a contraindication.",
        ),
        Row("EU-CONTRA/none", {HYPERSENSITIVE: False}, Eligibility.ELIGIBLE, "The patient has no such hypersensitivity."),
    ),
    **label.contraception("EU-CONTRACEPTION", months=2),
    BREASTFEEDING_AFTER: (
        Row("EU-OPEN/lactation-after", {}, None, "Breast-feeding after the last dose.", unsettled="Section 4.6 is not confirmed."),
    ),
}

_CYCLE = "The label does not say how long a cycle is. Two doses 14 days apart make a cycle of 28 days."
_STEP_UP, _FULL = Amount(1, "mg"), Amount(10, "mg")
_ANEW = (DoseStep(_STEP_UP, Role.STEP_UP, restart=True), "1 mg, and 10 mg one week later if it is tolerated")

_DOSES: Rows = label.next_doses(
    label.first_dose("EU-DOSE-1", DoseStep(_STEP_UP, Role.STEP_UP)),
    *label.restart("EU-RESTART-D1", Role.STEP_UP, 14, DoseStep(_FULL, Role.FIRST_FULL, after=7), _ANEW),
    *label.restart("EU-RESTART-D8", Role.FIRST_FULL, 21, DoseStep(_FULL, Role.LATER, after=7), _ANEW),
    *label.restart("EU-RESTART-LATER", Role.LATER, 28, DoseStep(_FULL, Role.LATER, after=14), _ANEW, _CYCLE),
)

# --- what goes with a dose ---

_DEX, _SALINE = label.premedication(Amount(8, "mg"), hours=1, or_equivalent=True), label.saline(Amount(1000, "mL"), None)
_ROLES = label.first_two("C1D1", "C1D8", (_STEP_UP, _FULL))
_STOPPED_CRS = "After grade 4 cytokine release syndrome there is no next dose."
_NO_NEXT = label.no_next(4)

_WITH_THE_DOSE: Rows = {
    PREMEDICATION: (
        Row("EU-DEX", {ROLE: label.NEW_ROLES}, PremedicationPlan((_DEX,)), "Give dexamethasone within 1 h before the infusion.", _ROLES),
        Row(
            "EU-SALINE",
            {ROLE: label.NEW_ROLES},
            PremedicationPlan((_SALINE,)),
            "Give normal saline immediately after the infusion, by standard guidelines.",
            _ROLES,
        ),
        Row(
            "EU-DEX/later",
            {ROLE: Role.LATER, CRS_BEFORE: grades(0, 1, 2)},
            PremedicationPlan(),
            "Premedication and saline are only for days 1 and 8.",
        ),
        Row(
            "EU-CRS-3/next",
            {ROLE: Role.LATER, CRS_BEFORE: Grade.SEVERE},
            PremedicationPlan((_DEX, _SALINE)),
            "After grade 3 cytokine release syndrome, give the next dose with the premedication of the first doses.",
            "Saline after the infusion counts as part of the premedication.",
        ),
        Row(
            "EU-CRS-4/next",
            {CRS_BEFORE: grades(4, 5)},
            None,
            _STOPPED_CRS,
            _NO_NEXT,
            excepted={CRS_BEFORE: label.SILENCE},
        ),
    ),
    CHECKLIST: (
        Row(
            "EU-SETTING",
            {},
            Checklist((Instruction(GIVE, "a physician experienced in cancer therapy, and a facility equipped for CRS"),)),
            "Supervise every infusion, where cytokine release syndrome can be managed.",
        ),
        Row(
            "EU-FLUID",
            {},
            Checklist((Instruction(GIVE, "euvolaemia", when="before the infusion", kind=InstructionKind.HYDRATION),)),
            "The patient is euvolaemic before each infusion.",
        ),
        Row(
            "EU-PREGNANCY/verify",
            {POINT: points("C1D1", "C1D1")},
            Checklist((Instruction(GIVE, "verify pregnancy status", when="in females of reproductive potential"),)),
            "Verify pregnancy status before treatment starts.",
        ),
        Row(
            "EU-OPEN/checklist",
            {},
            None,
            "What else to check with a dose.",
            unsettled="What the EU label says about signs of infection, teaching and driving is not confirmed.",
        ),
    ),
    INFUSION: (
        Row("EU-INF-RATE", {}, InfusionPlan(rate=Amount(250, "mL/h")), "Infuse at 250 mL/h."),
        Row("EU-INF-PUMP", {}, InfusionPlan(pump=True, pump_features=label.PUMP_FEATURES), "Use an infusion pump."),
        Row(
            "EU-INF-LINE",
            {},
            InfusionPlan(
                line=(
                    Instruction(GIVE, "flush of the line", when="between premedication and tarlatamab"),
                    Instruction(GIVE, "flush of the line", anchor=Anchor.INFUSION_END, duration=Span(3, 5, "min")),
                )
            ),
            "Flush the line before and after the infusion.",
        ),
        Row(
            "EU-OPEN/infusion",
            {},
            None,
            "The rest of the infusion plan.",
            unsettled="Duration, volume, constant rate and transfer devices are not confirmed.",
        ),
    ),
    BY_VOLUME: (Row("EU-OPEN/volume", {}, None, "The volume of an infusion.", unsettled="The volume is not confirmed."),),
    BY_RATE: compared("EU-INF-RATE", RATE, tolerance=0.02),
    BY_DURATION: (Row("EU-OPEN/duration", {}, None, "The duration of an infusion.", unsettled="The duration is not confirmed."),),
    BY_PUMP: pumped("EU-INF-PUMP"),
    BY_CONSTANT_RATE: (
        Row(
            "EU-OPEN/constant-rate",
            {},
            None,
            "Whether the rate is constant.",
            unsettled="Whether the rate must be constant is not confirmed.",
        ),
    ),
    BY_TRANSFER_DEVICE: (
        Row(
            "EU-OPEN/device",
            {},
            None,
            "Closed-system transfer devices.",
            unsettled="Section 6.6, on preparation and handling, is not confirmed.",
        ),
    ),
    DURING_INFUSION: (
        Row(
            "EU-OPEN/during",
            {},
            None,
            "What to do about a sign during the infusion.",
            unsettled=_OF_IT,
        ),
    ),
    PREPARATION: (
        Row("EU-OPEN/preparation", {}, None, "How a dose is prepared.", unsettled="Section 6.6, on preparation, is not confirmed."),
    ),
}

# --- how long to watch ---

_SHORT = label.from_start(6, 8)
_NEAR_CARE = MonitoringPlan(anchor=Anchor.INFUSION_START, near_care=NearCare(Span(24, 24, "h"), None, caregiver=True, modality=RECOMMEND))
_BEFORE = "Next dose after grade 2-3 cytokine release syndrome or ICANS, even if it is one of the first two."
_LONGER = "A clinician decides how much longer than these hours to monitor."
_BOTH_SAID = "For this dose, both the hours of days 1 and 8 and the physician's discretion hold. The hours are the minimum."
_EACH = '"Each infusion" means every infusion, later ones too. This is stricter than the first two alone.'
_PROXIMITY = "The label gives no travel time. How strongly it says this is not confirmed. It counts as a recommendation."

_WATCHED: Rows = {
    MONITORING: (
        Row("EU-MON-D1", {ROLE: Role.STEP_UP}, _SHORT, "First 1 mg: monitor for 6 to 8 h from the start of the infusion.", _ROLES),
        Row("EU-MON-D8", {ROLE: Role.FIRST_FULL}, _SHORT, "First 10 mg: monitor for 6 to 8 h from the start of the infusion.", _ROLES),
        Row("EU-NEAR", {}, _NEAR_CARE, "The patient stays near care, with a caregiver, for 24 h from the start.", f"{_EACH} {_PROXIMITY}"),
        Row(
            "EU-MON-LATER/crs",
            {POINT: points("C1D8"), ROLE: label.NEW_ROLES, CRS_BEFORE: grades(2, 3)},
            None,
            _BEFORE,
            _BOTH_SAID,
            unsettled=_LONGER,
        ),
        Row(
            "EU-MON-LATER/icans",
            {POINT: points("C1D8"), ROLE: label.NEW_ROLES, NEURO_BEFORE: grades(2, 3)},
            None,
            _BEFORE,
            f"{_BOTH_SAID} Other neurotoxicity counts in the same way.",
            unsettled=_LONGER,
        ),
        Row("EU-CRS-4/next-hours", {CRS_BEFORE: grades(4, 5)}, None, _STOPPED_CRS, _NO_NEXT),
        Row(
            "EU-ICANS-4/next-hours",
            {NEURO_BEFORE: grades(4, 5)},
            None,
            "After grade 4 ICANS there is no next dose.",
            _NO_NEXT + " Other neurotoxicity counts in the same way.",
        ),
        Row(
            "EU-MON-LATER",
            {ROLE: Role.LATER},
            None,
            "Later doses, even after cytokine release syndrome or ICANS.",
            unsettled="A clinician decides how long to monitor.",
        ),
    ),
}

# --- results ---

_LIVER = frozenset((Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN))

_LABS: Rows = {
    LAB_NEED: (
        Row(
            "EU-LABS",
            {POINT: points("C1D1", "C1D1"), ANALYTE: _LIVER},
            LabNeed.REQUIRED,
            "Liver tests before treatment.",
            '"Before treatment" means before the first dose. The liver tests that the liver rows name are required.',
        ),
        Row(
            "EU-LABS/later",
            {POINT: points("C1D8"), ANALYTE: _LIVER},
            None,
            "Liver tests after the first dose.",
            unsettled="They are taken as indicated: a clinician decides.",
        ),
        Row(
            "EU-OPEN/labs",
            {ANALYTE: frozenset(Analyte) - _LIVER},
            None,
            "Blood counts and other results.",
            unsettled="No schedule was found. That there is none is not confirmed.",
        ),
    ),
    LAB_DURING_CRS: (
        Row(
            "EU-OPEN/crs-labs",
            {},
            None,
            "Laboratory tests during cytokine release syndrome.",
            unsettled=_OF_IT,
        ),
    ),
}

# --- toxicities ---

_HOSPITAL = Instruction(RECOMMEND, "hospitalization")
_OXIMETRY = Instruction(GIVE, "pulse oximetry or cardiac telemetry", when="as indicated")

_TABLE_ALONE = "Only the table is encoded. What the text requires besides it is not confirmed, nor is a note on the steroid taper."

_PREPARE_NEXT = NextDosePrecautions(PremedicationPlan((_DEX, _SALINE)))

_CRS = "cytokine release syndrome"
_STEROID_1 = label.dexamethasone(CONSIDER, Span(4, 10, "mg"), Route.ORAL, Route.INTRAVENOUS)
_STEROID_2 = label.dexamethasone(CONSIDER, Amount(8, "mg"), Route.ORAL, Route.INTRAVENOUS)
_STEROID_3 = label.dexamethasone(GIVE, Amount(8, "mg"), Route.INTRAVENOUS, every=Span(8, 8, "h"), at_most=3)
_CRS_1 = (label.ANTIPYRETIC, _STEROID_1)
_CRS_2 = (_HOSPITAL, _OXIMETRY, label.ANTIPYRETIC, *label.FLUIDS, _STEROID_2, label.TOCILIZUMAB)
_CRS_3_OR_4 = (_OXIMETRY, label.ANTIPYRETIC, *label.FLUIDS, *label.SEVERE_SUPPORT, _STEROID_3, label.TOCILIZUMAB_RECOMMENDED)
_CRS_3 = (label.INTENSIVE, _HOSPITAL, *_CRS_3_OR_4)
_CRS_4 = (label.INTENSIVE_CARE, *_CRS_3_OR_4)
_RANGE = "The dexamethasone range of grade 1 ends above the dose of grade 2. Both are taken literally."
_AS_GRADE_3 = "The treatment is that of grade 3. This includes that an equivalent of dexamethasone is allowed."

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
_ICANS_2 = (_ICANS_STEROID_2, _ICANS_STEROID_2_AGAIN, label.NEUROLOGIC_SIGNS, label.SPECIALISTS)
_ICANS_3 = (label.INTENSIVE, label.VENTILATION, _ICANS_STEROID_3, _IMAGING)
_ICANS_4 = (label.INTENSIVE_CARE, label.VENTILATION, _ICANS_STEROID_4, _IMAGING, label.CONVULSIONS)

_OTHER_NEURO = "neurotoxicity other than ICANS"
_WHICH_ROWS = "Whether the table of ICANS or the rows of other reactions apply is not confirmed."

_SYNDROMES: Rows = {
    **label.noted(
        {
            TOXICITY_ACTION[Toxicity.CRS]: (
                *label.until_resolved("EU-CRS-1", _CRS, 1, _CRS_1),
                *label.until_resolved("EU-CRS-2", _CRS, 2, _CRS_2, None, _RANGE, frozenset(("dexamethasone",))),
                *label.held_then_stopped("EU-CRS-3", _CRS, 3, _CRS_3, _PREPARE_NEXT),
                *label.stopped("EU-CRS-4", _CRS, 4, _CRS_4, _AS_GRADE_3),
                label.none("EU-CRS-1", _CRS),
            ),
        },
        {f"EU-CRS-{row}": _TABLE_ALONE for row in ("1", "2", "3", "3/again", "4")},
    ),
    **label.noted(
        {
            TOXICITY_ACTION[Toxicity.ICANS]: (
                *label.until_resolved("EU-ICANS-1", "ICANS", 1, (label.SUPPORT,)),
                *label.until_resolved("EU-ICANS-2", "ICANS", 2, _ICANS_2, None, _WORSENS, label.MODERATE_ALONE),
                *label.held_then_stopped("EU-ICANS-3", "ICANS", 3, _ICANS_3, None, (Grade.MILD, 7)),
                *label.stopped("EU-ICANS-4", "ICANS", 4, _ICANS_4, label.EXAMPLE),
                label.none("EU-ICANS-1", "ICANS"),
            ),
        },
        {f"EU-ICANS-{row}": _TABLE_ALONE for row in ("1", "2", "3", "3/again", "3/late", "4")},
    ),
    TOXICITY_ACTION[Toxicity.NEUROTOXICITY]: (
        Row("EU-OPEN/neurotoxicity", {GRADE: grades(3, 4, 5)}, None, f"What to do about {_OTHER_NEURO}.", unsettled=_WHICH_ROWS),
        Row(
            "EU-OPEN/neurotoxicity-mild",
            {GRADE: grades(1, 2), NOW: label.ACTIVE},
            None,
            f"What to do about {_OTHER_NEURO}.",
            unsettled=_WHICH_ROWS,
        ),
        Row(
            "EU-OPEN/neurotoxicity-mild-over",
            {GRADE: grades(1, 2), NOW: Grade.NONE},
            None,
            f"Grade 1-2 {_OTHER_NEURO} has resolved.",
            f"{_WHICH_ROWS} By both, nothing follows grade 1-2 once it has resolved.",
        ),
        label.none("EU-OPEN/neurotoxicity", _OTHER_NEURO),
    ),
}

_LOW = grades(0, 1, 2)
_FIRST_4: When = {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(0, 1, 2, 3)}
_LEAST = 3
_TO_2 = Recovery(Grade.MODERATE, at_least=_LEAST)
_INTERRUPTED = '"Interrupted for 3 days" means withheld until the third calendar day after onset.'
_AGAIN = label.not_again(Grade.LIFE_THREATENING)
_STOPS = (label.within(7, Grade.MODERATE), _AGAIN)
_LASTS = f'"More than 7 days" means not grade 2 or less within 7 days. {CLOCK}'

_NEUTROPENIA: tuple[Row[ToxicityAction], ...] = (
    Row(
        "EU-ANC-3",
        {GRADE: Grade.SEVERE, NOW: Grade.SEVERE},
        ToxicityAction(WITHHOLD, (), _TO_2),
        "Grade 3 neutropenia: withhold for at least 3 days, and until grade 2 or less.",
    ),
    Row(
        "EU-ANC-3/early",
        {GRADE: Grade.SEVERE, NOW: _LOW, HELD: between(0, _LEAST - 1)},
        ToxicityAction(WITHHOLD, (), _TO_2),
        "Grade 3 neutropenia has improved to grade 2 or less before 3 days have passed: withhold.",
        _INTERRUPTED,
    ),
    Row(
        "EU-ANC-3/recovered",
        {GRADE: Grade.SEVERE, NOW: _LOW, HELD: at_least(_LEAST)},
        ToxicityAction(RESUME),
        "Grade 3 neutropenia has improved to grade 2 or less, and 3 days have passed: resume.",
        _INTERRUPTED,
    ),
    Row(
        "EU-ANC-4",
        {**_FIRST_4, NOW: grades(3, 4), DAYS: between(0, 7)},
        ToxicityAction(WITHHOLD, (), _TO_2, _STOPS),
        "Grade 4 neutropenia: withhold for at least 3 days, and until grade 2 or less.",
        _LASTS,
    ),
    Row(
        "EU-ANC-4/early",
        {**_FIRST_4, NOW: _LOW, DAYS: between(0, 7), HELD: between(0, _LEAST - 1)},
        ToxicityAction(WITHHOLD, (), _TO_2, _STOPS),
        "Grade 4 neutropenia has improved to grade 2 or less before 3 days have passed: withhold.",
        _INTERRUPTED,
    ),
    Row(
        "EU-ANC-4/recovered",
        {**_FIRST_4, NOW: _LOW, DAYS: between(0, 7), HELD: at_least(_LEAST)},
        ToxicityAction(RESUME, discontinue_if=(_AGAIN,)),
        "Grade 4 neutropenia has improved to grade 2 or less in time, and 3 days have passed: resume.",
        _INTERRUPTED,
    ),
    Row(
        "EU-ANC-4/late",
        {**_FIRST_4, DAYS: at_least(8)},
        ToxicityAction(STOP),
        "Grade 4 neutropenia has not improved to grade 2 or less within 7 days: stop for good.",
        _LASTS,
    ),
    Row(
        "EU-ANC-AGAIN",
        {GRADE: Grade.LIFE_THREATENING, EARLIER: grades(4, 5)},
        ToxicityAction(STOP),
        "Recurrent grade 4 neutropenia: stop for good.",
        RECURS,
    ),
    Row("EU-ANC-MILD", {GRADE: grades(1, 2)}, ToxicityAction(RESUME), "Grade 1-2 neutropenia: do not interrupt treatment."),
    label.none("EU-ANC-MILD", "neutropenia"),
)

_WITHOUT_ROWS = "It has no row of its own. A clinician decides, by the rows of other grade 3-4 reactions or by clinical judgement."


def _low_count(name: str, toxicity: str) -> tuple[Row[ToxicityAction], ...]:
    """A low count without a row of its own; the rows of other reactions begin at grade 3."""
    return (
        Row(f"EU-NO-ROW/{name}", {GRADE: grades(3, 4, 5)}, None, f"Grade 3-4 {toxicity}.", unsettled=_WITHOUT_ROWS),
        Row(f"EU-NO-ROW/{name}-mild", {GRADE: _LOW}, None, f"The table requires nothing for grade 1-2 {toxicity}."),
    )


_REST: Rows = {
    TOXICITY_ACTION[Toxicity.NEUTROPENIA]: _NEUTROPENIA,
    TOXICITY_ACTION[Toxicity.FEBRILE_NEUTROPENIA]: label.open_toxicity("EU-NO-ROW/febrile", "febrile neutropenia", _WITHOUT_ROWS),
    TOXICITY_ACTION[Toxicity.ANEMIA]: _low_count("anemia", "anaemia"),
    TOXICITY_ACTION[Toxicity.THROMBOCYTOPENIA]: _low_count("platelets", "thrombocytopenia"),
    TOXICITY_ACTION[Toxicity.INFECTION]: (
        Row("EU-NO-ROW/infection", {GRADE: grades(3, 4, 5)}, None, "Grade 3-5 infection.", unsettled=_WITHOUT_ROWS),
        Row(
            "EU-NO-ROW/infection-mild",
            {GRADE: grades(1, 2), NOW: label.ACTIVE},
            None,
            "Grade 1-2 infection.",
            "The rows of other reactions start at grade 3. That a milder infection needs clinical judgement too is our interpretation.",
            unsettled="It has no row of its own. A clinician decides.",
        ),
        Row(
            "EU-NO-ROW/infection-mild-over",
            {GRADE: grades(1, 2), NOW: Grade.NONE},
            None,
            "Grade 1-2 infection has resolved.",
            "The rows of other reactions start at grade 3. That nothing follows a milder one that has resolved is our interpretation.",
        ),
        label.none("EU-NO-ROW/infection", "infection"),
    ),
    **label.liver("EU-LIVER-3", "EU-LIVER-4", "EU-LIVER-TOGETHER", held=3, to=1, stopped=4, enzyme=3, bilirubin=2, by_baseline=True),
    TOXICITY_ACTION[Toxicity.OTHER]: (
        *label.other("EU-OTHER-3", "EU-OTHER-4", held=3, worse=4, to=1, days=28),
        Row("EU-OTHER-3/mild", {GRADE: _LOW}, None, "The table requires nothing for another reaction of grade 1-2."),
    ),
    OTHER_RESULT: (
        Row("EU-OTHER-3/sign", {ANALYTE: frozenset(LAB_TOXICITY)}, None, "The result is a sign of a toxicity that has its own rows."),
        Row(
            "EU-OTHER-3/result",
            {ANALYTE: frozenset(Analyte) - frozenset(LAB_TOXICITY)},
            None,
            "A severe result has no row of its own.",
            unsettled="A clinician decides whether a result counts as an other reaction.",
        ),
    ),
    TOXICITY_ACTION[Toxicity.HYPERSENSITIVITY]: label.open_toxicity(
        "EU-OPEN/hypersensitivity",
        "hypersensitivity during treatment",
        "Hypersensitivity is a contraindication. What to do about an episode during treatment is not confirmed.",
    ),
}

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {**_PATIENT, **_DOSES, **_WITH_THE_DOSE, **_WATCHED, **_LABS, **_SYNDROMES, **_REST},
    lab_scale="ctcae-5.0",
    drug=TARLATAMAB,
)

"""The US prescribing information in its revision of 05/2024, as far as secondary copies of it were read; what was not stands open."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from attrs import evolve

from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.tables import Question, Row
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.units import Amount, Span
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity
from tarlatamab_rules.rulebooks._book import Rows, Rulebook
from tarlatamab_rules.rulebooks.facts import ANALYTE, CRS_BEFORE, GRADE, LAST, NEURO_BEFORE, NOW, POINT, ROLE, grades, points
from tarlatamab_rules.rulebooks.questions import (
    BREASTFEEDING_AFTER,
    BY_CONSTANT_RATE,
    BY_DURATION,
    BY_HYPERSENSITIVITY,
    BY_INFECTION,
    BY_LACTATION,
    BY_PREGNANCY,
    BY_PUMP,
    BY_RATE,
    BY_TRANSFER_DEVICE,
    BY_VOLUME,
    CHECKLIST,
    CONTRACEPTION,
    DURING_INFUSION,
    INFUSION,
    LAB_DURING_CRS,
    LAB_NEED,
    MONITORING,
    OTHER_RESULT,
    PREMEDICATION,
    PREPARATION,
    TOXICITY_ACTION,
)
from tarlatamab_rules.rulebooks.tarlatamab import label
from tarlatamab_rules.rulebooks.tarlatamab.drug import DAILYMED, DAILYMED_SET_ID, TARLATAMAB
from tarlatamab_rules.rulebooks.tarlatamab.label import RECOMMEND
from tarlatamab_rules.rulebooks.tarlatamab.revisions import SHORTER_MONITORING, changed_by
from tarlatamab_rules.values.doses import DoseStep
from tarlatamab_rules.values.plans import MonitoringPlan, NearCare, PremedicationPlan
from tarlatamab_rules.values.vocabulary import Anchor, Eligibility, LabNeed, Role

_SOURCE = Source(
    name="us-2024-05",
    title="US prescribing information of Imdelltra (tarlatamab-dlle), first revision",
    publisher="Amgen",
    revision="05/2024",
    short_name="US label 05/2024",
    identifiers=(("DailyMed set id", DAILYMED_SET_ID), ("FDA application", "BLA 761344")),
    url=DAILYMED,
    access="The link opens the label in force, not this revision, which was read in secondary copies.",
)


def _listed(table: str) -> Callable[[str, str, str], Statement]:
    """Statements of one table, each with its id, the line of the table, and the text."""
    return lambda id_, entry, text: Statement(id_, "Section 2", text, table=table, entry=entry)


_1, _3 = _listed("Table 1"), _listed("Table 3")

_STATEMENTS = (
    Statement(
        "U24-IND",
        "Section 1",
        "For adults with extensive-stage SCLC that progressed on or after platinum-based chemotherapy. The approval is accelerated: it "
        "rests on response rate and duration of response.",
    ),
    Statement("U24-LABS", "Section 2", "Blood count and liver panel before each dose."),
    _1(
        "U24-T1-C1D1",
        "cycle 1, day 1",
        "C1D1: 1 mg. Monitor for 22 to 24 h from the start of the infusion; near care with a caregiver for 48 h.",
    ),
    _1(
        "U24-T1-C1D8",
        "cycle 1, day 8",
        "C1D8: 10 mg. Monitor for 22 to 24 h from the start of the infusion; near care with a caregiver for 48 h.",
    ),
    _1("U24-T1-C1D15", "cycle 1, day 15", "C1D15: monitor for 6 to 8 h after the infusion."),
    _1("U24-T1-C2", "cycle 2", "Cycle 2, days 1 and 15: monitor for 6 to 8 h after the infusion."),
    _1("U24-T1-C3", "cycles 3 and 4", "Cycles 3 and 4, days 1 and 15: monitor for 3 to 4 h after the infusion."),
    _1("U24-T1-C5", "cycle 5 and later", "Cycle 5 and later, days 1 and 15: monitor for 2 h after the infusion."),
    _1("U24-T1-NOTE", "note", "Monitor for longer only after CRS, ICANS or neurotoxicity of grade 2 or worse."),
    _3("U24-DEX", "dexamethasone", "Give dexamethasone 8 mg IV within 1 h before the infusions on C1D1 and C1D8."),
    _3("U24-SALINE", "normal saline", "Give 1 L of normal saline over 4 to 5 h after the infusions on C1D1, C1D8 and C1D15."),
    Statement(
        "U24-RESTART-C1D1", "Section 2", "After 1 mg on C1D1: up to 14 days later 10 mg; beyond that 1 mg again, and 10 mg one week later."
    ),
    Statement(
        "U24-RESTART-C1D8", "Section 2", "After 10 mg on C1D8: up to 21 days later 10 mg; beyond that 1 mg again, and 10 mg one week later."
    ),
    Statement("U24-CRS-1", "Section 2", "Grade 1 CRS: treat the symptoms only."),
    Statement("U24-LIVER-3", "Section 2", "Grade 3 ALT, AST or bilirubin: withhold until grade 1 or less."),
    Statement("U24-LIVER-4", "Section 2", "Grade 4 ALT, AST or bilirubin: stop for good."),
    Statement(
        "U24-LIVER-TOGETHER",
        "Section 2",
        "AST or ALT above 3 times and bilirubin above 2 times the upper limit, without another cause: stop for good.",
    ),
    Statement("U24-OPEN", "Parts not read", "What was in no copy of this text that was read."),
)

_SECONDARY = "This was read only in a secondary copy."
_LATER = "us-2025-11"
_NOT_ACCELERATED = changed_by(
    _LATER,
    "the indication is no longer under accelerated approval. In this revision, the approval rests on response rate and duration of "
    "response.",
)
_FASTER_SALINE = changed_by(_LATER, "it gives the saline over a shorter time.")
_NO_THIRD_SALINE = changed_by(_LATER, "it gives no saline after C1D15.")
_FEWER_LABS = changed_by(_LATER, "in later cycles it requires these results before day 1 only.")
_STEROID_CONSIDERED = changed_by(_LATER, "it lets dexamethasone be considered for grade 1.")
_NOT_CONFIRMED = "What the revision of 05/2024 says about this is not confirmed."


def _read(rows: Iterable[Row[Any]]) -> tuple[Row[Any], ...]:
    """These rows, with the note that they were read in a secondary copy only."""
    return tuple(evolve(row, interpretation=f"{row.interpretation} {_SECONDARY}".strip()) for row in rows)


def _all_read(rows: Rows) -> Rows:
    return {question: _read(of_question) for question, of_question in rows.items()}


def _accelerated(rows: Rows) -> Rows:
    """The rows of the indication. Those for a patient within it have the caveat of its approval."""
    return {
        question: tuple(evolve(row, caveat=_NOT_ACCELERATED) if row.then is Eligibility.ELIGIBLE else row for row in of_question)
        for question, of_question in rows.items()
    }


def _open(name: str, what: str, interpretation: str = "") -> tuple[Row[Any]]:
    """One row that leaves a whole question open."""
    return (Row(f"U24-OPEN/{name}", {}, None, what, interpretation, unsettled=_NOT_CONFIRMED),)


_UNREAD: dict[Question[Any], tuple[Row[Any]]] = {
    BY_INFECTION: _open("infection-before", "What an active infection means for eligibility."),
    BY_PREGNANCY: _open("pregnancy", "What pregnancy means for eligibility."),
    BY_LACTATION: _open("lactation", "What breast-feeding means for eligibility."),
    BY_HYPERSENSITIVITY: _open("contraindications", "What hypersensitivity means for eligibility."),
    CONTRACEPTION: _open("contraception", "Contraception after the last dose."),
    BREASTFEEDING_AFTER: _open("lactation-after", "Breast-feeding after the last dose."),
    CHECKLIST: _open("checklist", "What to check with a dose."),
    INFUSION: _open("infusion", "How the drug is infused."),
    BY_VOLUME: _open("volume", "The volume of an infusion."),
    BY_RATE: _open("rate", "The rate of an infusion."),
    BY_DURATION: _open("duration", "The duration of an infusion."),
    BY_PUMP: _open("pump", "Whether a pump is used."),
    BY_CONSTANT_RATE: _open("constant-rate", "Whether the rate is constant."),
    BY_TRANSFER_DEVICE: _open("device", "Closed-system transfer devices."),
    DURING_INFUSION: _open("during", "What to do about a sign during the infusion."),
    PREPARATION: _open(
        "preparation",
        "How a dose is prepared.",
        "An excerpt of the maker's page on preparation from that time agrees with the label of 11/2025. It is a secondary source, so "
        "what this revision says stays open.",
    ),
    LAB_DURING_CRS: _open("crs-labs", "Laboratory tests during cytokine release syndrome."),
    OTHER_RESULT: _open("result", "A severe result that is not a sign of a listed toxicity."),
}

# --- doses ---

_STEP_UP, _FULL = Amount(1, "mg"), Amount(10, "mg")
_ANEW = (DoseStep(_STEP_UP, Role.STEP_UP, restart=True), "1 mg, and 10 mg one week later if it is tolerated")

_DOSES: Rows = label.next_doses(
    *_read(
        (
            label.first_dose("U24-T1-C1D1", DoseStep(_STEP_UP, Role.STEP_UP)),
            *label.restart("U24-RESTART-C1D1", Role.STEP_UP, 14, DoseStep(_FULL, Role.FIRST_FULL, after=7), _ANEW),
            *label.restart("U24-RESTART-C1D8", Role.FIRST_FULL, 21, DoseStep(_FULL, Role.LATER, after=7), _ANEW),
        )
    ),
    Row(
        "U24-OPEN/restart",
        {LAST: Role.LATER},
        None,
        "What follows 10 mg on C1D15 or later.",
        unsettled="This row of the restart table is not confirmed.",
    ),
)

# --- what goes with a dose ---

_SEVERE_BEFORE = grades(2, 3, 4, 5)
_LEFT_OPEN = frozenset(("not settled",))
_LONGER = f"The label requires longer monitoring. For how long is not confirmed. {_SECONDARY}"
_AFTER_EVENTS = "What differs with the next dose after grade 2 or worse is not confirmed."
_DEX = PremedicationPlan((label.premedication(Amount(8, "mg"), hours=1, or_equivalent=False),))
_SALINE = PremedicationPlan((label.saline(Amount(1000, "mL"), Span(4, 5, "h")),))
_ROLES = label.first_two("C1D1", "C1D8", (_STEP_UP, _FULL))

_WITH_THE_DOSE: Rows = {
    PREMEDICATION: (
        *_read(
            (
                Row("U24-DEX", {ROLE: label.NEW_ROLES}, _DEX, "Give dexamethasone within 1 h before the infusion.", _ROLES),
                Row(
                    "U24-SALINE", {ROLE: label.NEW_ROLES}, _SALINE, "Give normal saline after the infusion.", _ROLES, caveat=_FASTER_SALINE
                ),
                Row(
                    "U24-SALINE/third",
                    {POINT: points("C1D15", "C1D15"), ROLE: Role.LATER},
                    _SALINE,
                    "Give normal saline after C1D15 too.",
                    "This applies to the dose that is numbered C1D15. For the third dose after a restart, the label says nothing.",
                    caveat=_NO_THIRD_SALINE,
                ),
                Row(
                    "U24-DEX/later",
                    {ROLE: Role.LATER, CRS_BEFORE: grades(0, 1)},
                    PremedicationPlan(),
                    "Dexamethasone is only for C1D1 and C1D8, and saline only for C1D1, C1D8 and C1D15.",
                ),
            )
        ),
        Row(
            "U24-OPEN/premedication",
            {ROLE: Role.LATER, CRS_BEFORE: _SEVERE_BEFORE},
            None,
            "A later dose after cytokine release syndrome of grade 2 or worse.",
            unsettled=_AFTER_EVENTS,
        ),
    ),
}

# --- how long to watch ---

_LONG = label.from_start(22, 24)
_NEAR_CARE = MonitoringPlan(
    anchor=Anchor.INFUSION_START, near_care=NearCare(Span(48, 48, "h"), Span(1, 1, "h"), caregiver=True, modality=RECOMMEND)
)
_STRENGTH = "How strongly the label says this is not confirmed. It counts as a recommendation."
_NEAR_SAYS = "The patient stays near care, with a caregiver, for 48 h from the start."

_WATCHED: Rows = {
    MONITORING: (
        *_read(
            (
                Row(
                    "U24-T1-C1D1",
                    {ROLE: Role.STEP_UP},
                    _LONG,
                    "First 1 mg: monitor for 22 to 24 h from the start of the infusion.",
                    _ROLES,
                    caveat=SHORTER_MONITORING,
                ),
                Row("U24-T1-C1D1/near", {ROLE: Role.STEP_UP}, _NEAR_CARE, _NEAR_SAYS, _STRENGTH, caveat=SHORTER_MONITORING),
                Row(
                    "U24-T1-C1D8",
                    {ROLE: Role.FIRST_FULL},
                    _LONG,
                    "First 10 mg: monitor for 22 to 24 h from the start of the infusion.",
                    _ROLES,
                    caveat=SHORTER_MONITORING,
                ),
                Row("U24-T1-C1D8/near", {ROLE: Role.FIRST_FULL}, _NEAR_CARE, _NEAR_SAYS, _STRENGTH, caveat=SHORTER_MONITORING),
                label.hours_after("U24-T1-C1D15", ("C1D15", "C1D15"), (6, 8), None, longer_from=2),
                label.hours_after("U24-T1-C2", ("C2D1", "C2D15"), (6, 8), None, longer_from=2),
                label.hours_after("U24-T1-C3", ("C3D1", "C4D15"), (3, 4), None, longer_from=2),
                label.hours_after("U24-T1-C5", ("C5D1", None), (2, 2), None, longer_from=2),
            )
        ),
        label.misfit("U24-T1-C1D15/early", ("C1D1", "C1D8"), _FULL, longer_from=2),
        Row(
            "U24-T1-NOTE/crs",
            {ROLE: Role.LATER, CRS_BEFORE: _SEVERE_BEFORE},
            None,
            "A later dose after cytokine release syndrome of grade 2 or worse.",
            _LONGER,
            unsettled=_AFTER_EVENTS,
            excepted={CRS_BEFORE: _LEFT_OPEN},
        ),
        Row(
            "U24-T1-NOTE/neurotoxicity",
            {ROLE: Role.LATER, NEURO_BEFORE: _SEVERE_BEFORE},
            None,
            "A later dose after neurotoxicity of grade 2 or worse.",
            _LONGER,
            unsettled=_AFTER_EVENTS,
            excepted={NEURO_BEFORE: _LEFT_OPEN},
        ),
    ),
}

# --- results ---

_ASKED = frozenset((Analyte.NEUTROPHILS, Analyte.HEMOGLOBIN, Analyte.PLATELETS, Analyte.ALT, Analyte.AST, Analyte.BILIRUBIN))

_LABS: Rows = {
    LAB_NEED: (
        *_read(
            (
                Row(
                    "U24-LABS",
                    {ANALYTE: _ASKED},
                    LabNeed.REQUIRED,
                    "Blood count and liver panel before each dose.",
                    "From the blood count, neutrophils, haemoglobin and platelets are required; from the liver panel, ALT, AST and "
                    "bilirubin.",
                    caveat=_FEWER_LABS,
                ),
            )
        ),
        Row("U24-OPEN/labs", {ANALYTE: frozenset(Analyte) - _ASKED}, None, "Other results before a dose.", unsettled=_NOT_CONFIRMED),
    ),
}

# --- toxicities ---

_CELLS = "The rows of grade 2 to 4 are not confirmed."
_TABLE_6 = "The table of ICANS is not confirmed."
_LIMITS = "The limits in the rows of cytopenias are not confirmed."

_TOXICITIES: Rows = {
    TOXICITY_ACTION[Toxicity.CRS]: (
        *_read(
            (
                Row(
                    "U24-CRS-1",
                    {GRADE: Grade.MILD, NOW: Grade.MILD},
                    None,
                    "Grade 1 cytokine release syndrome: treat the symptoms only.",
                    unsettled="What happens to the drug is not confirmed.",
                    caveat=_STEROID_CONSIDERED,
                ),
            )
        ),
        Row(
            "U24-OPEN/crs-1-over",
            {GRADE: Grade.MILD, NOW: Grade.NONE},
            None,
            "Grade 1 cytokine release syndrome has resolved.",
            unsettled="What happens to the drug is not confirmed.",
        ),
        Row("U24-OPEN/crs", {GRADE: grades(2, 3, 4, 5)}, None, "Cytokine release syndrome of grade 2 or worse.", unsettled=_CELLS),
        label.none("U24-OPEN/crs", "cytokine release syndrome"),
    ),
    **{
        TOXICITY_ACTION[toxicity]: label.open_toxicity(f"U24-OPEN/{toxicity}", what, why)
        for toxicity, what, why in (
            (Toxicity.ICANS, "ICANS", _TABLE_6),
            (Toxicity.NEUROTOXICITY, "neurotoxicity other than ICANS", _TABLE_6),
            (Toxicity.NEUTROPENIA, "neutropenia", _LIMITS),
            (Toxicity.FEBRILE_NEUTROPENIA, "febrile neutropenia", _LIMITS),
            (Toxicity.ANEMIA, "anaemia", _LIMITS),
            (Toxicity.THROMBOCYTOPENIA, "thrombocytopenia", _LIMITS),
            (Toxicity.INFECTION, "infection", _NOT_CONFIRMED),
            (Toxicity.OTHER, "other adverse reactions", _NOT_CONFIRMED),
            (Toxicity.HYPERSENSITIVITY, "hypersensitivity", _NOT_CONFIRMED),
        )
    },
    **_all_read(label.liver("U24-LIVER-3", "U24-LIVER-4", "U24-LIVER-TOGETHER", held=3, to=1, stopped=4, enzyme=3, bilirubin=2)),
}

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        **_accelerated(_all_read(label.indication("U24-IND", adult=18))),
        **_UNREAD,
        **_DOSES,
        **_WITH_THE_DOSE,
        **_WATCHED,
        **_LABS,
        **_TOXICITIES,
    },
    lab_scale="ctcae-5.0",
    drug=TARLATAMAB,
)

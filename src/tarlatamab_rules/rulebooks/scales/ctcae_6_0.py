"""The Common Terminology Criteria for Adverse Events, version 6.0: the laboratory terms, and febrile neutropenia."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.core.evidence import Source
from tarlatamab_rules.core.intervals import above, at_most, between
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks.facts import BASELINE_LOW, TIMES_BASELINE, TIMES_UPPER_LIMIT
from tarlatamab_rules.rulebooks.questions import FEBRILE_NEUTROPENIA, LAB_GRADE
from tarlatamab_rules.rulebooks.scales.ctcae import (
    ADVERSE_EVENTS,
    ALP,
    ALT,
    ANEMIA,
    AST,
    BILIRUBIN,
    CREATININE,
    FEBRILE,
    NEUTROPHILS,
    POTASSIUM,
    SODIUM,
    URATE,
    WHITE_CELLS,
    above_with_consequences,
    both_ways,
    by_limit_and_baseline,
    decreased,
    decreased_by_number,
    febrile,
    increased,
    present,
    statements,
)

_SOURCE = Source(
    name="ctcae-6.0",
    title="Common Terminology Criteria for Adverse Events 6.0",
    publisher="US National Cancer Institute",
    revision="6.0, with the errata of 2026-01-20",
    short_name="CTCAE 6.0",
    url=ADVERSE_EVENTS,
    access="The link opens the page on which the publisher lists all versions.",
)

_LYMPHOPENIA = ("lymphopenia", "Lymphopenia")
_THROMBOCYTOPENIA = ("thrombocytopenia", "Thrombocytopenia")

_STATEMENTS = statements(
    blood=(ANEMIA, FEBRILE, _LYMPHOPENIA, _THROMBOCYTOPENIA),
    investigations=(ALT, ALP, AST, BILIRUBIN, CREATININE, NEUTROPHILS, WHITE_CELLS),
)

_PRESENT = "The term has only grade 1, present, without numbers. Present means below the lower limit of normal."
_ABNORMAL = "The baseline is abnormal if it is above the upper limit of normal. Otherwise the upper limit counts."
_CLINICAL_COUNT = "Transfusion and life-threatening consequences may raise the grade. A number does not show them."
_CLINICAL = (
    "Grade 4 is a clinical finding, so a number alone is at most grade 3. Grades are in g/dL, because the limits in mmol/L are rounded."
)
_SYMPTOMS = "The whole numbers of CTCAE 5.0 leave gaps for sodium. The bounds of version 6.0 fill them. Symptoms decide between two grades."
_CONSEQUENCES = "Grade 4 is a clinical finding. Physiologic consequences decide between grades 1 and 3."
_FEVER = "Grade 4 is a clinical finding, so numbers alone are at most grade 3."
_TRANSAMINASE = ((1, 3, 5, 20), (1.0, 1.5, 2, 4))
_OPEN = {3: 5.0}
"""Grade 3 is given for a baseline of up to five times the upper limit."""

_ALP_ROWS = (
    Row(f"{ALP[0]}/0", {TIMES_UPPER_LIMIT: at_most(1)}, Grade.NONE, f"{ALP[1]}: grade 0."),
    Row(f"{ALP[0]}/0-baseline", {TIMES_UPPER_LIMIT: above(1), TIMES_BASELINE: at_most(1)}, Grade.NONE, f"{ALP[1]}: grade 0."),
    Row(f"{ALP[0]}/1", {TIMES_UPPER_LIMIT: above(1), TIMES_BASELINE: above(1)}, Grade.MILD, f"{ALP[1]}: grade 1."),
)

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        LAB_GRADE[Analyte.WHITE_CELLS]: decreased(WHITE_CELLS, 3.0, 2.0, 1.0),
        LAB_GRADE[Analyte.HEMOGLOBIN]: decreased(ANEMIA, 10.0, 8.0, interpretation=_CLINICAL),
        LAB_GRADE[Analyte.SODIUM]: both_ways(
            SODIUM,
            ((120, 4), (125, 3)),
            between(130, 150),
            (150, 155, 160),
            worse=(between(125, 130, high_open=True), 2),
            interpretation=_SYMPTOMS,
        ),
        LAB_GRADE[Analyte.POTASSIUM]: both_ways(
            POTASSIUM, ((2.5, 4), (3.0, 3)), between(3.0, 5.5), (5.5, 6.0, 7.0), worse=(between(3.0, 5.5), 1), interpretation=_SYMPTOMS
        ),
        LAB_GRADE[Analyte.URIC_ACID]: above_with_consequences(URATE, without=1, consequences=3, interpretation=_CONSEQUENCES),
        FEBRILE_NEUTROPENIA: febrile(FEBRILE, floor=1.0, single=38.3, sustained=38.0, grade=3, interpretation=_FEVER),
        LAB_GRADE[Analyte.NEUTROPHILS]: decreased_by_number(NEUTROPHILS, 1.5, 1.0, 0.5, 0.1),
        LAB_GRADE[Analyte.LYMPHOCYTES]: present(_LYMPHOPENIA, _PRESENT),
        LAB_GRADE[Analyte.PLATELETS]: decreased(_THROMBOCYTOPENIA, 75.0, 50.0, 10.0, interpretation=_CLINICAL_COUNT),
        LAB_GRADE[Analyte.ALT]: increased(ALT, *_TRANSAMINASE, first_open=False, interpretation=_ABNORMAL, open_above=_OPEN),
        LAB_GRADE[Analyte.AST]: increased(AST, *_TRANSAMINASE, first_open=False, interpretation=_ABNORMAL, open_above=_OPEN),
        LAB_GRADE[Analyte.BILIRUBIN]: increased(
            BILIRUBIN, (1, 1.5, 3, 10), (1.0, 1.5, 2.5, 10), first_open=False, interpretation=_ABNORMAL
        ),
        LAB_GRADE[Analyte.ALKALINE_PHOSPHATASE]: _ALP_ROWS,
        LAB_GRADE[Analyte.CREATININE]: by_limit_and_baseline(CREATININE, (1, 1.5, 3, 6), ((1.5, 2), (3, 3)), {BASELINE_LOW: True}),
    },
    lab_scale="ctcae-6.0",
)

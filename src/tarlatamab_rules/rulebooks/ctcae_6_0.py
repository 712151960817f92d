"""The Common Terminology Criteria for Adverse Events, version 6.0: the laboratory terms, and febrile neutropenia."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.evidence import Source, Statement
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Grade
from tarlatamab_rules.intervals import above, at_most, between
from tarlatamab_rules.questions import BASELINE_LOW, FEBRILE_NEUTROPENIA, LAB_GRADE, TIMES_BASELINE, TIMES_UPPER_LIMIT
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks._ctcae import (
    CLINICAL,
    above_with_consequences,
    both_ways,
    by_limit_and_baseline,
    decreased,
    decreased_by_number,
    febrile,
    increased,
    present,
)
from tarlatamab_rules.tables import Row

_SOURCE = Source(
    name="ctcae-6.0",
    title="Common Terminology Criteria for Adverse Events 6.0",
    publisher="US National Cancer Institute",
    revision="6.0, with the errata of 2026-01-20",
)
_BLOOD, _INVESTIGATIONS = "Blood and lymphatic system disorders", "Investigations"
_METABOLISM = "Metabolism and nutrition disorders"

_ANEMIA = ("anemia", "Anemia")
_FEBRILE = ("febrile-neutropenia", "Febrile neutropenia")
_LYMPHOPENIA = ("lymphopenia", "Lymphopenia")
_THROMBOCYTOPENIA = ("thrombocytopenia", "Thrombocytopenia")
_ALT = ("alanine-aminotransferase-increased", "Alanine aminotransferase increased")
_ALP = ("alkaline-phosphatase-increased", "Alkaline phosphatase increased")
_AST = ("aspartate-aminotransferase-increased", "Aspartate aminotransferase increased")
_BILIRUBIN = ("blood-bilirubin-increased", "Blood bilirubin increased")
_CREATININE = ("creatinine-increased", "Creatinine increased")
_NEUTROPHILS = ("neutrophil-count-decreased", "Neutrophil count decreased")
_WHITE_CELLS = ("white-blood-cell-decreased", "White blood cell decreased")
_POTASSIUM = ("hypokalemia-hyperkalemia", "Hypokalemia, hyperkalemia")
_SODIUM = ("hyponatremia-hypernatremia", "Hyponatremia, hypernatremia")
_URATE = ("hyperuricemia", "Hyperuricemia")

_STATEMENTS = tuple(
    Statement(id_, section, title)
    for section, terms in (
        (_BLOOD, (_ANEMIA, _FEBRILE, _LYMPHOPENIA, _THROMBOCYTOPENIA)),
        (_INVESTIGATIONS, (_ALT, _ALP, _AST, _BILIRUBIN, _CREATININE, _NEUTROPHILS, _WHITE_CELLS)),
        (_METABOLISM, (_POTASSIUM, _SODIUM, _URATE)),
    )
    for id_, title in terms
)

_PRESENT = "The term has grade 1, present, and no numbers; read as below the lower limit of normal."
_ABNORMAL = "The baseline is abnormal above the upper limit of normal; at or below it the upper limit counts."
_CLINICAL_COUNT = "Transfusion and life-threatening consequences may raise the grade; a number does not tell of them."
_TRANSAMINASE = ((1, 3, 5, 20), (1.0, 1.5, 2, 4))
_OPEN = {3: 5.0}
"""Grade 3 is given for a baseline of up to five times the upper limit."""

_ALP_ROWS = (
    Row(f"{_ALP[0]}/0", {TIMES_UPPER_LIMIT: at_most(1)}, Grade.NONE, f"{_ALP[1]}: grade 0."),
    Row(f"{_ALP[0]}/0-baseline", {TIMES_UPPER_LIMIT: above(1), TIMES_BASELINE: at_most(1)}, Grade.NONE, f"{_ALP[1]}: grade 0."),
    Row(f"{_ALP[0]}/1", {TIMES_UPPER_LIMIT: above(1), TIMES_BASELINE: above(1)}, Grade.MILD, f"{_ALP[1]}: grade 1."),
)

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        LAB_GRADE[Analyte.NEUTROPHILS]: decreased_by_number(_NEUTROPHILS, 1.5, 1.0, 0.5, 0.1),
        LAB_GRADE[Analyte.WHITE_CELLS]: decreased(_WHITE_CELLS, 3.0, 2.0, 1.0),
        LAB_GRADE[Analyte.LYMPHOCYTES]: present(_LYMPHOPENIA, _PRESENT),
        LAB_GRADE[Analyte.HEMOGLOBIN]: decreased(_ANEMIA, 10.0, 8.0, reading=CLINICAL),
        LAB_GRADE[Analyte.PLATELETS]: decreased(_THROMBOCYTOPENIA, 75.0, 50.0, 10.0, reading=_CLINICAL_COUNT),
        LAB_GRADE[Analyte.ALT]: increased(_ALT, *_TRANSAMINASE, first_open=False, reading=_ABNORMAL, open_above=_OPEN),
        LAB_GRADE[Analyte.AST]: increased(_AST, *_TRANSAMINASE, first_open=False, reading=_ABNORMAL, open_above=_OPEN),
        LAB_GRADE[Analyte.BILIRUBIN]: increased(_BILIRUBIN, (1, 1.5, 3, 10), (1.0, 1.5, 2.5, 10), first_open=False, reading=_ABNORMAL),
        LAB_GRADE[Analyte.ALKALINE_PHOSPHATASE]: _ALP_ROWS,
        LAB_GRADE[Analyte.CREATININE]: by_limit_and_baseline(_CREATININE, (1, 1.5, 3, 6), (1.5, 3), {BASELINE_LOW: True}),
        LAB_GRADE[Analyte.SODIUM]: both_ways(
            _SODIUM, ((120, 4), (125, 3)), between(130, 150), (150, 155, 160), worse=(between(125, 130, high_open=True), 2)
        ),
        LAB_GRADE[Analyte.POTASSIUM]: both_ways(
            _POTASSIUM, ((2.5, 4), (3.0, 3)), between(3.0, 5.5), (5.5, 6.0, 7.0), worse=(between(3.0, 5.5), 1)
        ),
        LAB_GRADE[Analyte.URIC_ACID]: above_with_consequences(_URATE),
        FEBRILE_NEUTROPENIA: febrile(_FEBRILE, floor=1.0, single=38.3, sustained=38.0),
    },
    lab_scale="ctcae-6.0",
)

"""The Common Terminology Criteria for Adverse Events, version 5.0: the laboratory terms, and febrile neutropenia."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.evidence import Source, Statement
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.intervals import between
from tarlatamab_rules.questions import FEBRILE_NEUTROPENIA, LAB_GRADE
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks._ctcae import (
    CLINICAL,
    above_with_consequences,
    both_ways,
    by_limit_and_baseline,
    decreased,
    febrile,
    increased,
)

_SOURCE = Source(
    name="ctcae-5.0",
    title="Common Terminology Criteria for Adverse Events 5.0",
    publisher="US National Cancer Institute",
    revision="2017-11-27",
)
_BLOOD, _INVESTIGATIONS = "Blood and lymphatic system disorders", "Investigations"
_METABOLISM = "Metabolism and nutrition disorders"

_ANEMIA = ("anemia", "Anemia")
_FEBRILE = ("febrile-neutropenia", "Febrile neutropenia")
_ALT = ("alanine-aminotransferase-increased", "Alanine aminotransferase increased")
_ALP = ("alkaline-phosphatase-increased", "Alkaline phosphatase increased")
_AST = ("aspartate-aminotransferase-increased", "Aspartate aminotransferase increased")
_BILIRUBIN = ("blood-bilirubin-increased", "Blood bilirubin increased")
_CREATININE = ("creatinine-increased", "Creatinine increased")
_LYMPHOCYTES = ("lymphocyte-count-decreased", "Lymphocyte count decreased")
_NEUTROPHILS = ("neutrophil-count-decreased", "Neutrophil count decreased")
_PLATELETS = ("platelet-count-decreased", "Platelet count decreased")
_WHITE_CELLS = ("white-blood-cell-decreased", "White blood cell decreased")
_POTASSIUM = ("hypokalemia-hyperkalemia", "Hypokalemia, hyperkalemia")
_SODIUM = ("hyponatremia-hypernatremia", "Hyponatremia, hypernatremia")
_URATE = ("hyperuricemia", "Hyperuricemia")

_STATEMENTS = tuple(
    Statement(id_, section, title)
    for section, terms in (
        (_BLOOD, (_ANEMIA, _FEBRILE)),
        (_INVESTIGATIONS, (_ALT, _ALP, _AST, _BILIRUBIN, _CREATININE, _LYMPHOCYTES, _NEUTROPHILS, _PLATELETS, _WHITE_CELLS)),
        (_METABOLISM, (_POTASSIUM, _SODIUM, _URATE)),
    )
    for id_, title in terms
)

_ABNORMAL = "CTCAE 5.0 does not say what an abnormal baseline is; read as above the upper limit of normal."
_TRANSAMINASE = ((1, 3, 5, 20), (1.5, 3, 5, 20))

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        LAB_GRADE[Analyte.NEUTROPHILS]: decreased(_NEUTROPHILS, 1.5, 1.0, 0.5),
        LAB_GRADE[Analyte.WHITE_CELLS]: decreased(_WHITE_CELLS, 3.0, 2.0, 1.0),
        LAB_GRADE[Analyte.LYMPHOCYTES]: decreased(_LYMPHOCYTES, 0.8, 0.5, 0.2),
        LAB_GRADE[Analyte.HEMOGLOBIN]: decreased(_ANEMIA, 10.0, 8.0, reading=CLINICAL),
        LAB_GRADE[Analyte.PLATELETS]: decreased(_PLATELETS, 75.0, 50.0, 25.0),
        LAB_GRADE[Analyte.ALT]: increased(_ALT, *_TRANSAMINASE, first_open=False, reading=_ABNORMAL),
        LAB_GRADE[Analyte.AST]: increased(_AST, *_TRANSAMINASE, first_open=False, reading=_ABNORMAL),
        LAB_GRADE[Analyte.BILIRUBIN]: increased(_BILIRUBIN, (1, 1.5, 3, 10), (1, 1.5, 3, 10), first_open=True, reading=_ABNORMAL),
        LAB_GRADE[Analyte.ALKALINE_PHOSPHATASE]: increased(_ALP, (1, 2.5, 5, 20), (2.0, 2.5, 5, 20), first_open=False, reading=_ABNORMAL),
        LAB_GRADE[Analyte.CREATININE]: by_limit_and_baseline(_CREATININE, (1, 1.5, 3, 6), (1.5, 3), {}),
        LAB_GRADE[Analyte.SODIUM]: both_ways(
            _SODIUM, ((120, 4), (125, 3)), between(130, 150), (150, 155, 160), worse=(between(125, 130, high_open=True), 2)
        ),
        LAB_GRADE[Analyte.POTASSIUM]: both_ways(
            _POTASSIUM, ((2.5, 4), (3.0, 3)), between(3.0, 5.5), (5.5, 6.0, 7.0), worse=(between(3.0, 5.5), 1)
        ),
        LAB_GRADE[Analyte.URIC_ACID]: above_with_consequences(_URATE),
        FEBRILE_NEUTROPENIA: febrile(_FEBRILE, floor=1.0, single=38.3, sustained=38.0),
    },
    lab_scale="ctcae-5.0",
)

"""The Common Terminology Criteria for Adverse Events, version 5.0: the laboratory terms, and febrile neutropenia."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.core.evidence import Source
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.rulebooks._book import Rulebook
from tarlatamab_rules.rulebooks.questions import LAB_GRADE
from tarlatamab_rules.rulebooks.scales.ctcae import (
    ALP,
    ALT,
    ANEMIA,
    AST,
    BILIRUBIN,
    CREATININE,
    FEBRILE,
    NEUTROPHILS,
    UNCHANGED,
    WHITE_CELLS,
    creatinine,
    decreased,
    increased,
    statements,
)

_SOURCE = Source(
    name="ctcae-5.0",
    title="Common Terminology Criteria for Adverse Events 5.0",
    publisher="US National Cancer Institute",
    revision="2017-11-27",
)

_LYMPHOCYTES = ("lymphocyte-count-decreased", "Lymphocyte count decreased")
_PLATELETS = ("platelet-count-decreased", "Platelet count decreased")

_STATEMENTS = statements(
    blood=(ANEMIA, FEBRILE),
    investigations=(ALT, ALP, AST, BILIRUBIN, CREATININE, _LYMPHOCYTES, NEUTROPHILS, _PLATELETS, WHITE_CELLS),
)

_ABNORMAL = "CTCAE 5.0 does not say what an abnormal baseline is; read as above the upper limit of normal."
_TRANSAMINASE = ((1, 3, 5, 20), (1.5, 3, 5, 20))

BOOK: Final = Rulebook(
    _SOURCE,
    _STATEMENTS,
    {
        **UNCHANGED,
        LAB_GRADE[Analyte.NEUTROPHILS]: decreased(NEUTROPHILS, 1.5, 1.0, 0.5),
        LAB_GRADE[Analyte.LYMPHOCYTES]: decreased(_LYMPHOCYTES, 0.8, 0.5, 0.2),
        LAB_GRADE[Analyte.PLATELETS]: decreased(_PLATELETS, 75.0, 50.0, 25.0),
        LAB_GRADE[Analyte.ALT]: increased(ALT, *_TRANSAMINASE, first_open=False, reading=_ABNORMAL),
        LAB_GRADE[Analyte.AST]: increased(AST, *_TRANSAMINASE, first_open=False, reading=_ABNORMAL),
        LAB_GRADE[Analyte.BILIRUBIN]: increased(BILIRUBIN, (1, 1.5, 3, 10), (1, 1.5, 3, 10), first_open=True, reading=_ABNORMAL),
        LAB_GRADE[Analyte.ALKALINE_PHOSPHATASE]: increased(ALP, (1, 2.5, 5, 20), (2.0, 2.5, 5, 20), first_open=False, reading=_ABNORMAL),
        LAB_GRADE[Analyte.CREATININE]: creatinine({}),
    },
    lab_scale="ctcae-5.0",
)

"""What is asked of toxicities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tarlatamab_rules.answers.plans import Instruction
from tarlatamab_rules.answers.toxicities import PossibleGrades, ToxicityAction
from tarlatamab_rules.axes import Worse
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.findings import grades_of
from tarlatamab_rules.inputs.vocabulary import Grade, Symptom, Toxicity
from tarlatamab_rules.questions.facts import (
    AMINOTRANSFERASE,
    AMINOTRANSFERASE_RISE,
    ANALYTE,
    BEGAN_BEFORE,
    BEGAN_ROLE,
    BILIRUBIN,
    BILIRUBIN_RISE,
    BLEEDING,
    DAYS,
    EARLIER,
    GRADE,
    HELD,
    ICE,
    NO,
    NOW,
    OTHER_CAUSE,
    OTHER_FINDING,
    POINT,
    ROLE,
    SYMPTOM,
    YES,
)
from tarlatamab_rules.tables import Impossible, Question

_ALL = frozenset(Grade)


def _impossible(toxicity: Toxicity) -> tuple[Impossible, ...]:
    lacking = _ALL - grades_of(toxicity)
    no_grade = f"{toxicity} does not have this grade in CTCAE"
    return (
        *(Impossible({axis: lacking}, no_grade) for axis in (GRADE, NOW) if lacking),
        *(
            Impossible({GRADE: grade, NOW: frozenset(now for now in Grade if now > grade)}, "the grade now is not above the worst one")
            for grade in Grade
            if grade < Grade.DEATH
        ),
    )


TOXICITY_ACTION: Final[Mapping[Toxicity, Question[ToxicityAction]]] = {
    toxicity: Question(
        "toxicity_action",
        (GRADE, NOW, EARLIER, DAYS, HELD, BLEEDING, POINT, ROLE, BEGAN_BEFORE, BEGAN_ROLE),
        ToxicityAction,
        impossible=_impossible(toxicity),
        about=str(toxicity),
        worse={**dict.fromkeys((GRADE, NOW, EARLIER, DAYS), Worse.RISING), BLEEDING: YES},
    )
    for toxicity in Toxicity
}
"""What a toxicity obliges one to do. All are asked of the same facts; what no row of one tells apart costs nothing.

The days since the onset alone do no harm: a source that holds the drug for so many days lets it go on after them."""

OTHER_RESULT: Final = Question("toxicity_action", (ANALYTE,), ToxicityAction, about="a result of grade 3 or worse")
"""What a severe result obliges one to do that is a sign of no toxicity of its own."""

DRUG_INDUCED_LIVER_INJURY: Final = Question(
    "liver_injury",
    (AMINOTRANSFERASE, BILIRUBIN, OTHER_CAUSE, AMINOTRANSFERASE_RISE, BILIRUBIN_RISE),
    ToxicityAction,
    worse={**dict.fromkeys((AMINOTRANSFERASE, BILIRUBIN, AMINOTRANSFERASE_RISE, BILIRUBIN_RISE), Worse.RISING), OTHER_CAUSE: NO},
)
"""What aminotransferases and bilirubin of one sample oblige one to do together; a book goes by the upper limits, or by the rises."""

ICE_ASSESSMENT: Final = Question("ice_assessment", (SYMPTOM,), Instruction, worse={SYMPTOM: ("none", frozenset(Symptom))})
"""What a symptom of neurotoxicity calls for."""

NEURO_GRADE: Final = Question("toxicity_action", (ICE, OTHER_FINDING), PossibleGrades, worse={ICE: Worse.FALLING, OTHER_FINDING: YES})
"""Which grades of neurotoxicity the findings leave open, where a book has a reading of its own; else the scale grades them."""

LAB_TOXICITY: Final[Mapping[Analyte, Toxicity]] = {
    Analyte.NEUTROPHILS: Toxicity.NEUTROPENIA,
    Analyte.HEMOGLOBIN: Toxicity.ANEMIA,
    Analyte.PLATELETS: Toxicity.THROMBOCYTOPENIA,
    Analyte.ALT: Toxicity.HEPATOTOXICITY,
    Analyte.AST: Toxicity.HEPATOTOXICITY,
    Analyte.BILIRUBIN: Toxicity.HEPATOTOXICITY,
}
"""Which toxicity a graded laboratory value is a sign of; of no entry, *other*."""

DIFFERS_BY_SCALE: Final = frozenset((Toxicity.NEUTROPENIA, Toxicity.THROMBOCYTOPENIA, Toxicity.HEPATOTOXICITY))
"""The toxicities of laboratory values whose grades are not the same in CTCAE 5.0 and 6.0."""

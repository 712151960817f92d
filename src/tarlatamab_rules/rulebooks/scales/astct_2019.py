"""The ASTCT consensus grading of 2019: cytokine release syndrome, neurotoxicity of immune effector cells, and the ICE tool."""

from __future__ import annotations

from typing import Final

from tarlatamab_rules.core.axes import Axis
from tarlatamab_rules.core.evidence import Source, Statement
from tarlatamab_rules.core.intervals import at_least, below, between
from tarlatamab_rules.core.tables import Row, When
from tarlatamab_rules.inputs.vocabulary import OBJECTS, Consciousness, Grade, Hypotension, Oxygen, RaisedPressure, Seizure
from tarlatamab_rules.rulebooks._book import Rows, Rulebook
from tarlatamab_rules.rulebooks.facts import (
    AROUSABLE,
    CONSCIOUSNESS,
    FEVER_MASKED,
    HYPOTENSION,
    ICE,
    ICE_ITEMS,
    ICE_OBJECTS,
    MOTOR_WEAKNESS,
    OXYGEN,
    RAISED_ICP,
    SEIZURE,
    TEMPERATURE,
    VASOPRESSIN,
)
from tarlatamab_rules.rulebooks.questions import CRS_GRADE, ICANS_GRADE, ICE_SCORE

_SOURCE = Source(
    name="astct-2019",
    title="ASTCT consensus grading for cytokine release syndrome and neurologic toxicity associated with immune effector cells",
    publisher="American Society for Transplantation and Cellular Therapy",
    revision="2019",
    short_name="ASTCT 2019",
    published_in="Lee DW et al., Biol Blood Marrow Transplant 2019;25:625-638",
    identifiers=(("DOI", "10.1016/j.bbmt.2018.12.758"),),
    url="https://doi.org/10.1016/j.bbmt.2018.12.758",
)

_ICE_TOOL, _CRS, _ICANS = "The ICE tool", "Cytokine release syndrome", "Neurotoxicity of immune effector cells, adults"
_STATEMENTS = (
    Statement("CRS-1", _CRS, "Fever of 38.0 \N{DEGREE SIGN}C or more without hypotension or hypoxia: grade 1."),
    Statement("CRS-2", _CRS, "Hypotension that needs no vasopressor, or hypoxia that needs a low-flow nasal cannula or blow-by: grade 2."),
    Statement("CRS-3", _CRS, "One vasopressor with or without vasopressin, or a high-flow cannula or mask: grade 3."),
    Statement("CRS-4", _CRS, "Several vasopressors, not counting vasopressin, or positive pressure: grade 4."),
    Statement(
        "CRS-5",
        _CRS,
        "The more severe of hypotension and hypoxia decides. After antipyretic or anticytokine therapy, fever is no longer required.",
    ),
    Statement("ICANS-1", _ICANS, "ICE score 7-9: grade 1; 3-6: grade 2; 0-2: grade 3; 0 in a patient who cannot be woken: grade 4."),
    Statement("ICANS-2", _ICANS, "Awakens spontaneously: grade 1; to voice: grade 2; to touch: grade 3; unarousable: grade 4."),
    Statement("ICANS-3", _ICANS, "Seizure that resolves rapidly: grade 3; prolonged, or repeated without return to baseline: grade 4."),
    Statement("ICANS-4", _ICANS, "Deep focal weakness: grade 4."),
    Statement("ICANS-5", _ICANS, "Local oedema on imaging: grade 3; diffuse oedema, or signs of raised intracranial pressure: grade 4."),
    Statement("ICE-1", _ICE_TOOL, "Orientation to year, month, city and hospital: 1 point each."),
    Statement("ICE-2", _ICE_TOOL, "Naming three objects: 1 point each."),
    Statement("ICE-3", _ICE_TOOL, "Following a simple command, such as showing two fingers: 1 point."),
    Statement("ICE-4", _ICE_TOOL, "Writing a standard sentence: 1 point."),
    Statement("ICE-5", _ICE_TOOL, "Counting backwards from 100 by tens: 1 point."),
)
_BY_ITEM = {
    "year": ("ICE-1/year", "Oriented to the year"),
    "month": ("ICE-1/month", "Oriented to the month"),
    "city": ("ICE-1/city", "Oriented to the city"),
    "hospital": ("ICE-1/hospital", "Oriented to the hospital"),
    "command": ("ICE-3", "Follows a simple command"),
    "sentence": ("ICE-4", "Writes a standard sentence"),
    "counting": ("ICE-5", "Counts backwards from 100 by tens"),
}

_ICE: Rows = {
    ICE_SCORE: (
        *(Row(_BY_ITEM[axis.fact][0], {axis: True}, 1, f"{_BY_ITEM[axis.fact][1]}: 1 point.") for axis in ICE_ITEMS),
        *(
            Row(f"{id_}{'-' if '/' in id_ else '/'}not", {axis: False}, 0, f"{says}: no, 0 points.")
            for axis in ICE_ITEMS
            for id_, says in (_BY_ITEM[axis.fact],)
        ),
        *(
            Row(f"ICE-2/{named}", {ICE_OBJECTS: named}, named, f"{named} of {OBJECTS} objects named: 1 point each.")
            for named in range(OBJECTS + 1)
        ),
    )
}

_FEVER, _NO_FEVER = at_least(38.0), below(38.0)
_LITTLE_OXYGEN = frozenset((Oxygen.NONE, Oxygen.LOW_FLOW))
_MUCH_OXYGEN = frozenset((Oxygen.HIGH_FLOW, Oxygen.MASK))
_UNPRESSED = frozenset((Hypotension.NONE, Hypotension.RESPONDS_TO_FLUIDS))
_UP_TO_ONE = _UNPRESSED | {Hypotension.ONE_VASOPRESSOR}
_BELOW_PRESSURE = frozenset(Oxygen) - {Oxygen.POSITIVE_PRESSURE}
_WORST = "The more severe of hypotension and hypoxia decides. Vasopressin does not count as a second vasopressor."
_OTHER_CAUSE = "Fever is part of the syndrome at every grade. Look for another cause, or for a drug that may have masked the fever."
_SILENCE = frozenset(("silence",))
_ALONE = "The table does not say how vasopressin alone counts. With a mask or high-flow oxygen the grade is 3 in any case."


def _crs(end: str, fever: When) -> tuple[Row[Grade], ...]:
    """The grades if there is fever, or if fever no longer counts."""
    low, high = Hypotension.NONE, Hypotension.RESPONDS_TO_FLUIDS
    return (
        Row(
            f"CRS-2/pressure{end}",
            {**fever, HYPOTENSION: high, VASOPRESSIN: False, OXYGEN: _LITTLE_OXYGEN},
            Grade.MODERATE,
            "Hypotension that responds to fluids: grade 2.",
            _WORST,
        ),
        Row(
            f"CRS-2/oxygen{end}",
            {**fever, HYPOTENSION: low, VASOPRESSIN: False, OXYGEN: Oxygen.LOW_FLOW},
            Grade.MODERATE,
            "Low-flow oxygen: grade 2.",
            _WORST,
        ),
        Row(
            f"CRS-3/pressure{end}",
            {**fever, HYPOTENSION: Hypotension.ONE_VASOPRESSOR, OXYGEN: _BELOW_PRESSURE},
            Grade.SEVERE,
            "One vasopressor, with or without vasopressin: grade 3.",
            _WORST,
        ),
        Row(
            f"CRS-3/oxygen{end}",
            {**fever, HYPOTENSION: _UNPRESSED, OXYGEN: _MUCH_OXYGEN},
            Grade.SEVERE,
            "High-flow oxygen or a mask: grade 3.",
            _WORST,
        ),
        Row(
            f"CRS-4/pressure{end}",
            {**fever, HYPOTENSION: Hypotension.SEVERAL_VASOPRESSORS},
            Grade.LIFE_THREATENING,
            "Several vasopressors: grade 4.",
            _WORST,
        ),
        Row(
            f"CRS-4/oxygen{end}",
            {**fever, HYPOTENSION: _UP_TO_ONE, OXYGEN: Oxygen.POSITIVE_PRESSURE},
            Grade.LIFE_THREATENING,
            "Positive pressure: grade 4.",
            _WORST,
        ),
        Row(
            f"CRS-5/vasopressin{end}",
            {**fever, HYPOTENSION: _UNPRESSED, VASOPRESSIN: True, OXYGEN: _LITTLE_OXYGEN},
            None,
            "Vasopressin without another vasopressor: the source does not grade this.",
            _ALONE,
            excepted={VASOPRESSIN: _SILENCE},
        ),
    )


_NEITHER: When = {HYPOTENSION: Hypotension.NONE, VASOPRESSIN: False, OXYGEN: Oxygen.NONE}
_UNMASKED: When = {TEMPERATURE: _NO_FEVER, FEVER_MASKED: False}

_UNEXPLAINED: tuple[tuple[str, Axis, When], ...] = (
    ("pressure", HYPOTENSION, {HYPOTENSION: frozenset(Hypotension) - {Hypotension.NONE}}),
    ("vasopressin", VASOPRESSIN, {HYPOTENSION: Hypotension.NONE, VASOPRESSIN: True}),
    ("oxygen", OXYGEN, {HYPOTENSION: Hypotension.NONE, VASOPRESSIN: False, OXYGEN: frozenset(Oxygen) - {Oxygen.NONE}}),
)

_CRS_GRADES: Rows = {
    CRS_GRADE: (
        Row("CRS-1", {TEMPERATURE: _FEVER, **_NEITHER}, Grade.MILD, "Fever without hypotension or hypoxia: grade 1."),
        *_crs("", {TEMPERATURE: _FEVER}),
        *_crs("-masked", {TEMPERATURE: _NO_FEVER, FEVER_MASKED: True}),
        Row(
            "CRS-5/masked",
            {TEMPERATURE: _NO_FEVER, FEVER_MASKED: True, **_NEITHER},
            None,
            "Fever may be masked, and there is no hypotension or hypoxia: grade 1 cannot be distinguished from none.",
            "A drug that masks fever hides grade 1. No fever does not mean grade 0.",
            excepted={FEVER_MASKED: _SILENCE},
        ),
        Row(
            "CRS-1/none",
            {**_UNMASKED, **_NEITHER},
            Grade.NONE,
            "There is no fever, no drug that could mask it, no hypotension and no hypoxia: grade 0.",
        ),
        *(
            Row(
                f"CRS-5/no-fever-{name}",
                {**_UNMASKED, **when},
                None,
                "Without fever, and without a drug that could mask it, the source does not grade this.",
                _OTHER_CAUSE,
                excepted={axis: _SILENCE},
            )
            for name, axis, when in _UNEXPLAINED
        ),
    ),
}
_BY_DOMAIN: tuple[tuple[str, When, int, str], ...] = (
    ("ICANS-1/0", {ICE: 10}, 0, "ICE score 10."),
    ("ICANS-1/1", {ICE: between(7, 9)}, 1, "ICE score 7-9."),
    ("ICANS-1/2", {ICE: between(3, 6)}, 2, "ICE score 3-6."),
    ("ICANS-1/3", {ICE: between(1, 2)}, 3, "ICE score 1-2."),
    ("ICANS-1/3-awake", {ICE: 0, AROUSABLE: True}, 3, "ICE score 0, and arousable."),
    ("ICANS-1/4", {ICE: 0, AROUSABLE: False}, 4, "ICE score 0, and unarousable."),
    ("ICANS-2/0", {CONSCIOUSNESS: Consciousness.ALERT}, 0, "Alert."),
    ("ICANS-2/1", {CONSCIOUSNESS: Consciousness.AWAKENS_SPONTANEOUSLY}, 1, "Depressed consciousness that awakens spontaneously."),
    ("ICANS-2/2", {CONSCIOUSNESS: Consciousness.AWAKENS_TO_VOICE}, 2, "Awakens to voice."),
    ("ICANS-2/3", {CONSCIOUSNESS: Consciousness.AWAKENS_TO_TOUCH}, 3, "Awakens to touch only."),
    ("ICANS-2/4", {CONSCIOUSNESS: Consciousness.UNAROUSABLE}, 4, "Unarousable."),
    ("ICANS-3/0", {SEIZURE: Seizure.NONE}, 0, "No seizure."),
    ("ICANS-3/3", {SEIZURE: Seizure.BRIEF}, 3, "A seizure that resolves rapidly."),
    ("ICANS-3/4", {SEIZURE: Seizure.PROLONGED}, 4, "A prolonged seizure, or several without return to baseline."),
    ("ICANS-4/0", {MOTOR_WEAKNESS: False}, 0, "No deep focal weakness."),
    ("ICANS-4/4", {MOTOR_WEAKNESS: True}, 4, "Deep focal weakness."),
    ("ICANS-5/0", {RAISED_ICP: RaisedPressure.NONE}, 0, "No sign of raised intracranial pressure."),
    ("ICANS-5/3", {RAISED_ICP: RaisedPressure.FOCAL}, 3, "Local oedema on imaging."),
    ("ICANS-5/4", {RAISED_ICP: RaisedPressure.DIFFUSE}, 4, "Diffuse oedema, or signs of raised intracranial pressure."),
)
_DOMAINS = "The most severe of the five domains decides."

_ICANS_GRADES: Rows = {
    ICANS_GRADE: tuple(Row(id_, when, Grade(grade), f"{says[:-1]}: grade {grade}.", _DOMAINS) for id_, when, grade, says in _BY_DOMAIN)
}

BOOK: Final = Rulebook(_SOURCE, _STATEMENTS, {**_CRS_GRADES, **_ICANS_GRADES, **_ICE}, lab_scale="ctcae-5.0")

"""Charts of ordinary care: laboratory results. Verdicts by hand, from the sources; grades by CTCAE 5.0."""

from __future__ import annotations

from ordinary_care import ASSESS, DATA, PROCEED, STOP, WITHHOLD, Chart, case, event, panel, result

__all__ = ["LABORATORY"]

_SI = {
    "neutrophils": {"value": 3900, "unit": "/uL", "lower_limit": 1800, "upper_limit": 7500},
    "hemoglobin": {"value": 7.6, "unit": "mmol/L", "lower_limit": 7.4, "upper_limit": 9.9},
    "platelets": {"value": 214, "unit": "K/uL", "lower_limit": 150, "upper_limit": 400},
    "alt": {"value": 0.4, "unit": "ukat/L", "upper_limit": 0.67},
    "bilirubin": {"value": "<5", "unit": "umol/L", "upper_limit": 21},
    "creatinine": {"value": 71, "unit": "umol/L", "lower_limit": 45, "upper_limit": 97},
    "sodium": {"value": 139, "unit": "meq/L", "lower_limit": 135, "upper_limit": 145},
}
_NO_LIMITS = {"lower_limit": None, "upper_limit": None}
_BILIARY = {"alt": {"value": 160, "baseline": 24}, "bilirubin": {"value": 3.0, "baseline": 0.6}}

_NEUTROPHILS = (
    Chart(
        "white cells raised by dexamethasone",
        "The day after dexamethasone: white cells 16.5, neutrophils 14.",
        case("C1D15", tests={"white_cells": 16.5, "neutrophils": 14.0, "lymphocytes": 0.9}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "G-CSF last week",
        "Neutrophils 33 and white cells 38 after G-CSF.",
        case("C3D1", tests={"white_cells": 38.0, "neutrophils": 33.0}),
        PROCEED,
        PROCEED,
    ),
    Chart("neutrophils 1.1", "Grade 2: no source holds.", case("C2D15", tests={"neutrophils": 1.1}), PROCEED, PROCEED),
    Chart("neutrophils 1.0", "Exactly 1.0 is grade 2.", case("C2D15", tests={"neutrophils": 1.0}), PROCEED, PROCEED),
    Chart("neutrophils 0.7", "Grade 3: hold.", case("C3D1", tests={"neutrophils": 0.7}), WITHHOLD, WITHHOLD),
    Chart("neutrophils 0.4 for the first time", "Grade 4: hold.", case("C3D1", tests={"neutrophils": 0.4}), WITHHOLD, WITHHOLD),
    Chart(
        "neutrophils 0.9 on Friday, 1.2 on Monday",
        "Grade 3 for a weekend, back to grade 2.",
        case("C3D1", earlier=[result("neutrophils", 0.9, 53)], tests={"neutrophils": 1.2}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "neutrophils 0.8, eleven days later 1.6",
        "Grade 3 recovered well within three weeks.",
        case("C2D1", earlier=[result("neutrophils", 0.8, 17)], tests={"neutrophils": 1.6}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "neutrophils 0.4, seven days later 1.6",
        "Grade 4 recovered within one week, of which the last day counts.",
        case("C2D1", earlier=[result("neutrophils", 0.4, 21)], tests={"neutrophils": 1.6}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "neutrophils 0.4, next draw nine days later",
        "Grade 4, and 2.0 nine days on with no draw between: nobody can say whether it was over within the week.",
        case("C2D1", earlier=[result("neutrophils", 0.4, 19)], tests={"neutrophils": 2.0}),
        ASSESS,
        ASSESS,
    ),
    Chart(
        "second neutropenia of grade 4",
        "0.45 in cycle 1, over in four days; 0.4 now.",
        case("C3D1", earlier=[result("neutrophils", 0.45, 20), result("neutrophils", 1.8, 24)], tests={"neutrophils": 0.4}),
        STOP,
        STOP,
    ),
    Chart(
        "nadir of old chemotherapy",
        "The feed still holds neutrophils of 0.6 and haemoglobin of 7.4 under carboplatin, four months before the first dose.",
        case("C1D1", earlier=[result("neutrophils", 0.6, -125), result("hemoglobin", 7.4, -120)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "lymphopenia of grade 3",
        "Lymphocytes 0.35: expected with the drug, no source holds.",
        case("C2D1", tests={"lymphocytes": 0.35}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "lymphopenia of grade 4",
        "Lymphocytes 0.12 with white cells of 3.1: expected with the drug.",
        case("C1D8", tests={"lymphocytes": 0.12, "white_cells": 3.1}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "white cells 2.3",
        "Grade 2, with neutrophils of 1.6.",
        case("C4D1", tests={"white_cells": 2.3, "neutrophils": 1.6, "lymphocytes": 0.4}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "white cells 1.6",
        "Grade 3 on which no source has a row, with neutrophils of 1.2: a clinician looks.",
        case("C4D1", tests={"white_cells": 1.6, "neutrophils": 1.2, "lymphocytes": 0.25}),
        ASSESS,
        ASSESS,
    ),
)

_BLOOD = (
    Chart("haemoglobin 10.8", "Anaemia of chemotherapy, grade 1.", case("C1D1", tests={"hemoglobin": 10.8}), PROCEED, PROCEED),
    Chart("haemoglobin 8.4", "Anaemia of chemotherapy, grade 2.", case("C2D1", tests={"hemoglobin": 8.4}), PROCEED, PROCEED),
    Chart("haemoglobin 8.0", "Exactly 8 g/dL is not below 8.", case("C2D1", tests={"hemoglobin": 8.0}), PROCEED, PROCEED),
    Chart("haemoglobin 7.6", "Below 8 g/dL: hold until 8.", case("C2D1", tests={"hemoglobin": 7.6}), WITHHOLD, WITHHOLD),
    Chart(
        "transfused on Friday",
        "Haemoglobin 7.6 on Friday, two units, 9.1 on Monday.",
        case("C2D1", earlier=[result("hemoglobin", 7.6, 25)], tests={"hemoglobin": 9.1}),
        PROCEED,
        PROCEED,
    ),
    Chart("platelets 75", "Grade 1.", case("C1D1", tests={"platelets": 75}), PROCEED, PROCEED),
    Chart("platelets 50", "Exactly 50 is grade 2.", case("C2D1", tests={"platelets": 50}), PROCEED, PROCEED),
    Chart(
        "platelets stable about 55",
        "58, 54, 57 and 55 over six weeks: grade 2.",
        case(
            "C3D1",
            earlier=[result("platelets", 58, 14), result("platelets", 54, 28), result("platelets", 57, 42)],
            tests={"platelets": 55},
        ),
        PROCEED,
        PROCEED,
    ),
    Chart("platelets 40", "Grade 3: hold.", case("C3D1", tests={"platelets": 40}), WITHHOLD, WITHHOLD),
    Chart(
        "limits of normal not printed for counts",
        "The slip has counts without limits; the values need none.",
        case("C2D1", tests=dict.fromkeys(("neutrophils", "hemoglobin", "platelets", "white_cells", "lymphocytes"), _NO_LIMITS)),
        PROCEED,
        PROCEED,
    ),
    Chart("SI units", "A laboratory with SI units, and bilirubin below its range.", case("C2D1", tests=_SI), PROCEED, PROCEED),
)

_LIVER = (
    Chart("ALT 2.5 times the limit", "Grade 1.", case("C2D1", tests={"alt": 100, "ast": 84}), PROCEED, PROCEED),
    Chart("ALT 4 times the limit", "Grade 2, bilirubin normal: no source holds.", case("C2D1", tests={"alt": 160}), PROCEED, PROCEED),
    Chart(
        "liver metastases",
        "ALT 90 and AST 110 before treatment; now 260 and 300, less than three times as much, bilirubin normal.",
        case("C2D15", tests={"alt": {"value": 260, "baseline": 90}, "ast": {"value": 300, "baseline": 110}}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "ALT 6 times the limit",
        "Grade 3 from a normal baseline: hold.",
        case("C2D15", tests={"alt": {"value": 240, "baseline": 24}}),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "ALT 21 times the limit in cycle 3",
        "Grade 4 from a normal baseline: stop.",
        case("C3D1", tests={"alt": {"value": 840, "baseline": 24}}),
        STOP,
        STOP,
    ),
    Chart(
        "ALT 21 times the limit before the first dose",
        "Nothing was given that could be stopped: do not start.",
        case("C1D1", tests={"alt": {"value": 840, "baseline": 24}}),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "past ALT of 24 times the limit",
        "950 U/L four days after C2D15, normal now; nobody charted a baseline: read as normal before, and stopped.",
        case("C3D1", earlier=[result("alt", 950, 46)]),
        STOP,
        STOP,
        ("baseline",),
    ),
    Chart(
        "Gilbert",
        "Bilirubin 1.8 times the limit, as always; transaminases normal.",
        case("C1D8", tests={"bilirubin": 2.16}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "Gilbert, with a baseline",
        "Bilirubin 2.5 against 2.3 before treatment.",
        case("C2D1", tests={"bilirubin": {"value": 2.5, "baseline": 2.3}}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "bilirubin 3.5 times the limit",
        "Grade 3: hold.",
        case("C2D1", tests={"bilirubin": {"value": 4.2, "baseline": 0.6}}),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "ALT and bilirubin, no other cause",
        "ALT 4 and bilirubin 2.5 times the limit; ultrasound and serology found nothing else.",
        case("C2D1", tests=_BILIARY, events=[event("hepatotoxicity", 2, 26, other_cause=False)]),
        STOP,
        STOP,
    ),
    Chart(
        "ALT and bilirubin, not yet worked up",
        "ALT 4 and bilirubin 2.5 times the limit this morning: the cause decides.",
        case("C2D1", tests=_BILIARY),
        DATA,
        DATA,
        ("other_cause",),
    ),
    Chart(
        "ALT and bilirubin of a blocked stent",
        "ALT 4 and bilirubin 2.5 times the limit, grade 2 each, and a blocked biliary stent that explains both.",
        case("C2D1", tests=_BILIARY, events=[event("hepatotoxicity", 2, 26, other_cause=True)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "bone metastases",
        "Alkaline phosphatase 3 times the limit, grade 2.",
        case("C1D15", tests={"alkaline_phosphatase": 360}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "bone metastases, high for long",
        "Alkaline phosphatase 660 against 600 before treatment.",
        case("C1D15", tests={"alkaline_phosphatase": {"value": 660, "baseline": 600}}),
        PROCEED,
        PROCEED,
    ),
)

_CHEMISTRY = (
    Chart("creatinine 1.4", "1.3 times the limit.", case("C2D1", tests={"creatinine": 1.4}), PROCEED, PROCEED),
    Chart(
        "chronic kidney disease",
        "Creatinine 1.9 against 1.8 before treatment.",
        case("C2D1", tests={"creatinine": {"value": 1.9, "baseline": 1.8}}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "chronic kidney disease, no baseline charted",
        "Creatinine 1.9, 1.7 times the limit: grade 2, which holds nothing.",
        case("C2D1", tests={"creatinine": 1.9}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "SIADH known for a year",
        "Sodium 128, as it was for a year, without symptoms: the history was reviewed, and has nothing of it.",
        case("C1D8", earlier=[result("sodium", 127, -60), result("sodium", 128, -30)], tests={"sodium": 128}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "SIADH in the list of problems",
        "Sodium 128, and a hyponatraemia of grade 2 that the cancer explains, begun a year ago.",
        case("C2D1", tests={"sodium": 128}, events=[event("other", 2, -365, other_cause=True)]),
        PROCEED,
        PROCEED,
    ),
    Chart("sodium 133", "Grade 1.", case("C2D1", tests={"sodium": 133}), PROCEED, PROCEED),
    Chart("sodium 122", "Grade 3 with or without symptoms: a clinician looks.", case("C2D1", tests={"sodium": 122}), ASSESS, ASSESS),
    Chart(
        "sodium 126 with symptoms",
        "Nausea and falls with a sodium of 126, reported as grade 3: hold until grade 1 or baseline.",
        case("C2D1", tests={"sodium": 126}, events=[event("other", 3, 25)]),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart("potassium 3.2", "On a diuretic, without symptoms.", case("C2D1", tests={"potassium": 3.2}), PROCEED, PROCEED),
    Chart("potassium 5.4", "Grade 1.", case("C2D1", tests={"potassium": 5.4}), PROCEED, PROCEED),
    Chart(
        "haemolysed sample",
        "Potassium 6.8 in a haemolysed sample at seven, 4.4 in the repeat an hour later.",
        case("C2D1", earlier=[result("potassium", 6.8, 28, "06:40")], tests={"potassium": 4.4}),
        PROCEED,
        PROCEED,
    ),
    Chart("uric acid 7.8", "Raised for years, without gout.", case("C1D8", tests={"uric_acid": 7.8}), PROCEED, PROCEED),
    Chart(
        "no electrolytes",
        "Sodium, potassium and uric acid were not drawn: recommended, and no dose waits for them.",
        case("C2D1", tests={"sodium": None, "potassium": None, "uric_acid": None, "creatinine": None, "alkaline_phosphatase": None}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "all results of the treatment so far",
        "The feed has the panels of every dose, all normal.",
        case("C3D1", labs=[each for day in (0, 7, 14, 28, 42, 56) for each in panel(day)]),
        PROCEED,
        PROCEED,
    ),
)

LABORATORY = _NEUTROPHILS + _BLOOD + _LIVER + _CHEMISTRY

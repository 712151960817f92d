"""Charts of ordinary care: toxicities, findings of the morning, and old illnesses. Verdicts by hand, from the sources."""

from __future__ import annotations

from helpers import ALERT, VITALS
from ordinary_care import ASSESS, DATA, PROCEED, STOP, WITHHOLD, Chart, at, case, event, given, patient, result, treated

__all__ = ["TOXICITY"]

_FEVER = VITALS | {"temperature": "38.2 Cel"}
_TREATED = patient(infection="controlled")


def _without(findings: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in findings.items() if name not in names}


_CRS = (
    Chart(
        "CRS 1 after the first dose",
        "38.4 for a night after C1D1, over with paracetamol.",
        case("C1D8", events=[event("crs", 1, 0, 2)]),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "CRS charted by its findings",
        "38.2 last week, blood pressure and oxygen normal, over; nobody wrote a grade.",
        case("C1D15", events=[event("crs", None, 7, 9, findings=_FEVER)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "CRS 2 after the second dose",
        "Fever and oxygen by cannula after C1D8, over after two days: C1D15 with the long watch.",
        case("C1D15", events=[event("crs", 2, 7, 9)]),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "CRS 2 without dates",
        "The referring hospital writes: CRS grade 2, resolved.",
        case("C1D15", events=[{"toxicity": "crs", "grade": 2, "status": "resolved"}]),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "CRS 3 for the first time",
        "One vasopressor for a night after C1D8, over: the next dose as a first one.",
        case("C1D15", events=[event("crs", 3, 7, 10)]),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "CRS 3 for the second time",
        "Vasopressors after C1D1 and again after C1D8.",
        case("C1D15", events=[event("crs", 3, 0, 3), event("crs", 3, 7, 10)]),
        STOP,
        STOP,
    ),
    Chart("CRS 4", "Ventilated after C1D8, over.", case("C1D15", events=[event("crs", 4, 7, 12)]), STOP, STOP),
    Chart("CRS 1 that goes on", "Still 38.1 on the morning of C1D8.", case("C1D8", events=[event("crs", 1, 5)]), WITHHOLD, WITHHOLD),
    Chart(
        "CRS 2 down to 1",
        "Off oxygen, still fever.",
        case("C1D15", events=[event("crs", 2, 12, current_grade=1)]),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart("fever this morning", "38.2, else normal.", case("C1D8", findings={"crs": _FEVER}), WITHHOLD, WITHHOLD),
    Chart(
        "CRS 1 four cycles ago",
        "Fever after C1D1, nothing since: two hours from cycle 5.",
        case("C5D1", events=[event("crs", 1, 0, 1)]),
        PROCEED,
        PROCEED,
        observe="2 h",
    ),
    Chart(
        "fever gone this morning",
        "CRS 1 after C1D1 that ended at six in the morning of C1D8: resolved, and the label asks for no more.",
        case("C1D8", events=[{"toxicity": "crs", "grade": 1, "onset": at(5), "resolved": at(7, "06:00")}]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "CRS 1 with the temperature alone",
        "Grade 1 by ASTCT, 38.4, over; the chart has no other finding.",
        case("C1D8", events=[event("crs", 1, 0, 2, scale="astct-2019", findings={"temperature": "38.4 Cel"})]),
        PROCEED,
        PROCEED,
    ),
    Chart("CRS 2 four cycles ago", "Oxygen after C1D1, nothing since.", case("C5D1", events=[event("crs", 2, 0, 2)]), PROCEED, PROCEED),
)

_MORNING = (
    Chart(
        "paracetamol before the dose",
        "1 g as premedication; 36.8; nothing was given for fever since the last dose.",
        case("C2D1", findings={"crs": VITALS}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "paracetamol before the dose, masking not charted",
        "36.8, blood pressure and oxygen normal; nobody charts whether a fever may be masked.",
        case("C2D1", findings={"crs": _without(VITALS, "fever_masked")}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "vital signs of the morning",
        "36.8, no low blood pressure, no oxygen; nobody charts the absence of vasopressin.",
        case("C1D15", findings={"crs": _without(VITALS, "fever_masked", "vasopressin")}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "paracetamol for a fever since the last dose",
        "37.6 four hours after paracetamol for fever: the temperature without it decides.",
        case("C1D15", findings={"crs": VITALS | {"temperature": "37.6 Cel", "fever_masked": True}}),
        DATA,
        DATA,
        ("findings.crs.temperature",),
    ),
    Chart(
        "home oxygen",
        "2 L by cannula for lung disease, unchanged for years, no fever.",
        case("C2D1", findings={"crs": VITALS | {"oxygen": "low-flow", "other_cause": True}}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "oxygen, and nobody says why",
        "2 L by cannula without fever: not CRS by the scale, and a clinician must say what it is.",
        case("C2D1", findings={"crs": VITALS | {"oxygen": "low-flow"}}),
        ASSESS,
        ASSESS,
    ),
    Chart("neurologic examination normal", "ICE 10, all else normal.", case("C1D15", findings={"icans": ALERT}), PROCEED, PROCEED),
    Chart(
        "ICE 10, list of symptoms not charted",
        "ICE 10, alert, no seizure, no weakness; nobody ticked the list of symptoms.",
        case("C2D1", findings={"icans": _without(ALERT, "symptoms")}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "ICE 10, no look at the fundi",
        "ICE 10, alert, no seizure, no weakness, no symptoms; nobody charts the absence of brain pressure in a well patient.",
        case("C2D1", findings={"icans": _without(ALERT, "raised_icp", "arousable")}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "ICE 10 with 9 before",
        "ICE 9 before treatment, 10 today.",
        case("C1D8", findings={"icans": ALERT | {"baseline_ice": 9}}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "dementia",
        "ICE 9 as before treatment, for a mild dementia known for years.",
        case("C1D8", findings={"icans": ALERT | {"ice": 9, "baseline_ice": 9, "other_cause": True}}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "brain metastases",
        "Irradiated metastases with a slight weakness of one hand since, no deficit beyond it.",
        case("C2D1", findings={"icans": ALERT | {"symptoms": ["muscle-weakness"], "other_cause": True}}),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "hemiparesis of an old stroke",
        "Deep weakness of one side since 2019: by the scale a sign of grade 4, so a clinician says that it is the old one.",
        case("C2D1", findings={"icans": ALERT | {"motor_weakness": True, "symptoms": ["muscle-weakness"], "other_cause": True}}),
        ASSESS,
        ASSESS,
    ),
)

_NERVES = (
    Chart(
        "ICANS 1 that is over",
        "ICE 8 for a day after C1D8.",
        case("C1D15", events=[event("icans", 1, 9, 10)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "ICANS 1 with its findings",
        "Grade 1, ICE 8, awake, no seizure, no weakness, over in a day.",
        case(
            "C1D15",
            events=[
                event("icans", 1, 9, 10, findings={"ice": 8, "consciousness": "alert", "seizure": "none", "motor_weakness": False}),
            ],
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "ICANS 2 that is over",
        "ICE 5 after C1D8, dexamethasone, over in two days: the next dose with the long watch.",
        case("C1D15", events=[event("icans", 2, 9, 11)]),
        PROCEED,
        PROCEED,
        observe="22-24 h",
    ),
    Chart(
        "ICANS 3 over in three days",
        "ICE 2 after C1D8, grade 1 two days later, over: the label goes on, the page stops.",
        case("C1D15", events=[event("icans", 3, 8, 11, improved=at(10, "12:00"))]),
        STOP,
        PROCEED,
    ),
    Chart(
        "ICE 8 this morning",
        "ICANS grade 1 that goes on.",
        case("C1D15", findings={"icans": ALERT | {"ice": 8}}),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "ICE 2 this morning",
        "Awake, ICE 2: the label holds, the page stops.",
        case("C1D15", findings={"icans": ALERT | {"ice": 2}}),
        STOP,
        WITHHOLD,
    ),
    Chart("ICANS 4", "Stupor after C1D8.", case("C1D15", events=[event("icans", 4, 9, 13)]), STOP, STOP),
    Chart(
        "taste change",
        "Dysgeusia of grade 1: by its words the page holds for any neurotoxicity; the label leaves it to a clinician.",
        case("C2D15", events=[event("neurotoxicity", 1, 20)]),
        WITHHOLD,
        ASSESS,
    ),
    Chart("taste change that is over", "Gone for two weeks.", case("C2D15", events=[event("neurotoxicity", 1, 20, 28)]), PROCEED, PROCEED),
    Chart(
        "neuropathy of cisplatin",
        "Numb toes of grade 1 for two years.",
        case("C2D1", events=[event("neurotoxicity", 1, -700, other_cause=True)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "seizure before treatment",
        "One seizure when the brain metastases were found, a year before the first dose.",
        case("C2D1", events=[event("neurotoxicity", 2, -365, -364, other_cause=True)]),
        PROCEED,
        PROCEED,
    ),
)

_COUNTS = (
    Chart(
        "febrile neutropenia that is over",
        "Fever with neutrophils of 0.6 in cycle 2, antibiotics, both over after eight days.",
        case("C3D1", earlier=[result("neutrophils", 2.6, 52)], events=[event("febrile-neutropenia", 3, 44, 52)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "febrile neutropenia of old chemotherapy",
        "Under carboplatin and etoposide, a year before the first dose.",
        case("C1D1", events=[event("febrile-neutropenia", 3, -360, -352, other_cause=True)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "febrile neutropenia now",
        "Admitted on Saturday, neutrophils 0.6 this morning.",
        case("C3D1", tests={"neutrophils": 0.6}, events=[event("febrile-neutropenia", 3, 54)]),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "neutropenia 4, measured and reported recovery a day apart",
        "0.4 on day 17, 2.0 on day 20; the chart says improved and over on day 21.",
        case(
            "C2D1",
            earlier=[result("neutrophils", 0.4, 17), result("neutrophils", 2.0, 20)],
            events=[{"toxicity": "neutropenia", "grade": 4, "onset": at(17, "07:40"), "improved": at(21), "resolved": at(21)}],
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "neutropenia 4, down in five days and normal in twelve",
        "0.4, 1.3 five days later, 2.1 after twelve, when the chart says that it is over.",
        case(
            "C3D1",
            earlier=[result("neutrophils", value, day) for day, value in ((44, 0.4), (49, 1.3), (55, 2.1))],
            events=[{"toxicity": "neutropenia", "grade": 4, "scale": "ctcae-5.0", "onset": at(44, "07:40"), "resolved": at(55)}],
        ),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "neutropenia 4 for nine days",
        "Not down to grade 2 within a week.",
        case("C2D1", tests={"neutrophils": 0.4}, events=[event("neutropenia", 4, 19)]),
        STOP,
        STOP,
    ),
    Chart(
        "thrombocytopenia 3 that is over",
        "Platelets 38, back to 90 within two weeks, no bleeding.",
        case("C3D1", tests={"platelets": 90}, events=[event("thrombocytopenia", 3, 40, 52, bleeding=False)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "anaemia of grade 2",
        "Reported, and seen in the results.",
        case("C2D1", tests={"hemoglobin": 8.9}, events=[event("anemia", 2, 10)]),
        PROCEED,
        PROCEED,
    ),
)

_INFECTIONS = (
    Chart(
        "controlled urinary infection in cycle 3",
        "Grade 2, on tablets: the page wants it assessed, the label holds from grade 3.",
        case("C3D1", patient=_TREATED, events=[event("infection", 2, 53)]),
        ASSESS,
        PROCEED,
    ),
    Chart(
        "urinary infection before C1D8",
        "Grade 1: in the step-up phase any grade holds.",
        case("C1D8", patient=_TREATED, events=[event("infection", 1, 5)]),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "controlled infection before the first dose",
        "On tablets for a bronchitis: the first dose is in the step-up phase.",
        case("C1D1", patient=_TREATED, events=[event("infection", 2, -4)]),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "port infection that goes on",
        "Grade 3, intravenous antibiotics.",
        case("C3D1", patient=_TREATED, events=[event("infection", 3, 52)]),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart(
        "port infection that is over",
        "Grade 3, port taken out, antibiotics finished.",
        case("C3D15", events=[event("infection", 3, 48, 62)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "pneumonia down to grade 1",
        "Grade 3 two weeks ago, a little cough: the label goes on at grade 1, the page wants it assessed.",
        case("C4D1", patient=_TREATED, events=[event("infection", 3, 70, current_grade=1)]),
        ASSESS,
        PROCEED,
    ),
    Chart("sepsis", "Grade 4 in cycle 2, over: stop.", case("C3D15", events=[event("infection", 4, 44, 60)]), STOP, STOP),
    Chart(
        "a cold before the first dose",
        "Grade 1, over for three weeks.",
        case("C1D1", events=[event("infection", 1, -30, -22)]),
        PROCEED,
        PROCEED,
    ),
)

_OTHERS = (
    Chart(
        "nausea and fatigue",
        "Nausea of grade 1 and fatigue of grade 2: no row holds below grade 3.",
        case("C2D15", events=[event("other", 1, 29), event("other", 2, 16)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "diarrhoea of grade 3",
        "Since Saturday: hold until grade 1 or baseline.",
        case("C2D15", events=[event("other", 3, 40)]),
        WITHHOLD,
        WITHHOLD,
    ),
    Chart("diarrhoea that is over", "Grade 3, over for a week.", case("C2D15", events=[event("other", 3, 30, 35)]), PROCEED, PROCEED),
    Chart(
        "thyroid of old immunotherapy",
        "Hypothyroidism of grade 2 since atezolizumab, on tablets.",
        case("C1D1", events=[event("other", 2, -300, other_cause=True)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "rash",
        "A hypersensitivity of grade 1 that goes on: withhold or stop by severity, says the label, and a clinician must say which.",
        case("C2D1", events=[event("hypersensitivity", 1, 27)]),
        ASSESS,
        ASSESS,
    ),
    Chart(
        "raised liver values, reported",
        "ALT 2.5 times the limit, reported as grade 1.",
        case("C2D1", tests={"alt": 100}, events=[event("hepatotoxicity", 1, 26)]),
        PROCEED,
        PROCEED,
    ),
    Chart(
        "a long and well-kept chart",
        "Cycle 7: CRS 1 and ICANS 1 in cycle 1, neutropenia 3 for five days, a cold, lymphocytes of 0.4, examined this morning.",
        case(
            "C7D1",
            tests={"lymphocytes": 0.4, "hemoglobin": 10.1, "platelets": 118},
            ordered="10 mg",
            course=treated("C7D1", given("C2D1", 28, minutes=None), given("C5D1", 112, minutes=58)),
            events=[
                event("crs", 1, 0, 1),
                event("icans", 1, 8, 9),
                event("neutropenia", 3, 60, 65),
                event("infection", 2, 100, 106),
                event("other", 1, 30),
            ],
            findings={"crs": VITALS, "icans": ALERT},
        ),
        PROCEED,
        PROCEED,
        observe="2 h",
    ),
)

TOXICITY = _CRS + _MORNING + _NERVES + _COUNTS + _INFECTIONS + _OTHERS

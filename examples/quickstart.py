"""From a patient to a verdict, by the precautions page of 2025-09-16 over the US label of 11/2025.

python examples/quickstart.py
"""

from datetime import UTC, datetime, timedelta

from tarlatamab_rules import (
    GivenDose,
    IceTest,
    InfusionSetup,
    LabResult,
    NeuroFindings,
    Patient,
    ToxicityEvent,
    assess_dose,
    equivalent_dose,
    ice_score,
    infusion_check,
)

FIRST = datetime(2025, 10, 6, 9, tzinfo=UTC)
SECOND = FIRST + timedelta(days=7)
DRAWN = SECOND - timedelta(hours=20)

patient = Patient(
    age_years=61,
    diagnosis="extensive-stage-sclc",
    progressed_after_platinum=True,
    infection="none",
    childbearing_potential=False,
)
labs = [
    LabResult("neutrophils", "2900 cells/uL", DRAWN),
    LabResult("hemoglobin", "124 g/L", DRAWN, lower_limit="120 g/L"),
    LabResult("platelets", "188 K/uL", DRAWN),
    LabResult("alt", "0.5 ukat/L", DRAWN, upper_limit="0.75 ukat/L"),
    LabResult("ast", "24 IU/L", DRAWN, upper_limit="40 IU/L"),
    LabResult("bilirubin", "12 umol/L", DRAWN, upper_limit="21 umol/L"),
]
course = [GivenDose("C1D1", FIRST, "1 mg", ended=FIRST + timedelta(hours=1))]

print("Before the second dose. Nobody has said what happened after the first one.\n")
print(assess_dose(patient, "C1D8", planned_start=SECOND, course=course, labs=labs))

print("\nIt was reviewed, and nothing happened.\n")
print(assess_dose(patient, "C1D8", planned_start=SECOND, course=course, labs=labs, events=()))

print("\nThe pump is set to half the rate.\n")
setup = InfusionSetup(volume="250 mL", rate="125 mL/h", pump=True, constant_rate=True, transfer_device=False)
print(infusion_check("C1D8", setup))

print("\nThe pharmacy has no dexamethasone.\n")
print(equivalent_dose("8 mg", "dexamethasone", to="methylprednisolone", route="intravenous"))

print("\nOn the evening after the second dose the patient is confused; it is called grade 3.\n")
test = IceTest(year=False, month=False, city=True, hospital=False, objects_named=1, command=False, sentence=False, counting=False)
findings = NeuroFindings(ice=ice_score(test).unwrap(), symptoms=["confusion"])
event = ToxicityEvent("icans", 3, status="active", onset=SECOND + timedelta(hours=10), findings=findings)
course.append(GivenDose("C1D8", SECOND, "10 mg", ended=SECOND + timedelta(hours=1)))
print(assess_dose(patient, "C1D15", planned_start=SECOND + timedelta(days=7), course=course, labs=labs, events=[event]))

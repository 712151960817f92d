"""The codes of FHIR resources that matter, each with its system, what it means here, and where it was seen.

A code counts only together with its system: 2106-3 is a pregnancy test in LOINC and a race in the CDC's code system. Displays are never
matched. Codes that could not be confirmed are left out, above all the RxNorm ingredient of tarlatamab and the SNOMED CT codes of CRS and
ICANS: pass those that a site uses to `read` as `codes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from attrs import frozen

from tarlatamab_rules.core.errors import FieldError, FieldTypeError, meant, shown
from tarlatamab_rules.inputs.analytes import Analyte
from tarlatamab_rules.inputs.vocabulary import Grade, Toxicity

__all__ = [
    "AE_STATUS",
    "ALIASES",
    "CODES",
    "DRUG",
    "FACTS",
    "LOINC",
    "LOOKUP",
    "PROFILES",
    "SOURCES",
    "TYPES",
    "UCUM",
    "Code",
    "Coding",
    "Lookup",
    "codings_mean",
    "lookup_with",
]

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
ICD_10_CM: Final = "http://hl7.org/fhir/sid/icd-10-cm"
UCUM: Final = "http://unitsofmeasure.org"
NCIT: Final = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
CTCAE: Final = "http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system"
FLAGS: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

ALIASES: Final[Mapping[str, str]] = {
    "urn:oid:2.16.840.1.113883.6.1": LOINC,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED,
    "urn:oid:2.16.840.1.113883.6.90": ICD_10_CM,
    "urn:oid:2.16.840.1.113883.6.8": UCUM,
}
"""Code systems by their OIDs in the registry of HL7, as older systems send them."""

AE_STATUS: Final = "http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/status"
"""The one modifier extension that is known: the status of an adverse event in research."""

DRUG: Final = "tarlatamab"
"""What the codes of the drug mean."""

SOURCES: Final[Mapping[str, str]] = {
    "A": "HL7 terminology, value set Adverse Event Clinical Research Grades 1.0.0",
    "C": "CIBMTR FHIR guide, nmdp-ig/cibmtr-reporting-ig",
    "E": "pregnancy status in the value sets of hl7germany/forschungsnetz-covid19, WHO smart-example-immz and hl7-eu EHDSI",
    "F": "draft guide of CTC adverse events, standardhealth/fsh-ae 0.0.1",
    "G": "public drug records: UNII, NDC, ATC, NCIt, HCPCS; section 5.4 of the list of codes",
    "I": "ICD-10-CM, release of April 2026, through simple-icd-10-cm 1.5.0",
    "M": "MIRACUM, miracum/loinc-conversion",
    "N": "flowsheet table of the US National Library of Medicine, LHCNBC/flowsheet-lhc",
    "O": "other public code lists",
    "P": "results of tests in public FHIR guides: SNOMED CT qualifiers, LOINC answers, HL7 interpretations",
    "Q": "eCQM value set Pregnancy Test 2.16.840.1.113883.3.464.1003.111.12.1011",
    "S": "Synthea R4 bundles, smart-on-fhir/generated-sample-data",
    "U": "HL7 US Core examples",
}
"""Where each code was seen, by its letter."""


@frozen
class Code:
    """One code, and what it means here.

    Attributes:
        system: The code system, a URI.

        code: The code. One that ends in ``.*`` stands for its whole category.

        means: What it means: a path of a case such as ``labs.alt`` or ``events.crs``, or a word that `readers` know.

        name: What the code stands for, in short.

        source: Where it was seen: letters of `SOURCES`.

        grade: The grade that the code itself states; ``None`` if it states none.
    """

    system: str
    code: str
    means: str
    name: str
    source: str
    grade: Grade | None = None


def _labs(analyte: str, source: str, **names: str) -> tuple[Code, ...]:
    return tuple(Code(LOINC, code[1:].replace("_", "-"), f"labs.{analyte}", name, source) for code, name in names.items())


def _of(system: str, means: str, source: str, names: Mapping[str, str]) -> tuple[Code, ...]:
    return tuple(Code(system, code, means, name, source) for code, name in names.items())


def _graded(system: str, means: str, source: str, names: Mapping[str, tuple[str, int]]) -> tuple[Code, ...]:
    return tuple(Code(system, code, means, name, source, Grade(grade)) for code, (name, grade) in names.items())


_LABS: Final = (
    *_labs("neutrophils", "CO", _751_8="Blood, automated count", _26499_4="Blood", _753_4="Blood, manual count"),
    *_labs("white-cells", "SUNC", _6690_2="Blood, automated count", _26464_8="Blood"),
    *_labs("lymphocytes", "CN", _731_0="Blood, automated count", _26474_7="Blood", _732_8="Blood, manual count"),
    *_labs("hemoglobin", "SUNCM", _718_7="mass per volume", _59260_0="moles per volume", _20509_6="by calculation"),
    *_labs("platelets", "SUNC", _777_3="Blood, automated count", _26515_7="Blood"),
    *_labs("alt", "SNC", _1742_6="Serum or plasma", _1743_4="Serum or plasma, with P-5'-P"),
    *_labs("ast", "SNC", _1920_8="Serum or plasma"),
    *_labs("bilirubin", "SNCM", _1975_2="total, mass per volume", _14631_6="total, moles per volume"),
    *_labs("alkaline-phosphatase", "SN", _6768_6="Serum or plasma"),
    *_labs("creatinine", "USNCM", _2160_0="Serum, mass", _14682_9="Serum, moles", _38483_4="Blood, mass"),
    *_labs("sodium", "USN", _2951_2="Serum or plasma", _2947_0="Blood"),
    *_labs("potassium", "USN", _2823_3="Serum or plasma", _6298_4="Blood"),
    *_labs("uric-acid", "NMO", _3084_1="mass per volume", _14933_6="moles per volume"),
    *_of(
        LOINC,
        "percentage",
        "NC",
        {"770-8": "Neutrophils, %", "26511-6": "Neutrophils, %", "736-9": "Lymphocytes, %", "26478-8": "Lymphocytes, %"},
    ),
)

_STATES: Final = (
    Code(LOINC, "82810-3", "patient.pregnant", "Pregnancy status", "U"),
    *_of(
        LOINC,
        "patient.pregnant",
        "Q",
        {
            "2106-3": "hCG in urine, presence",
            "2118-8": "hCG in serum, presence",
            "2110-5": "beta-hCG in serum, presence",
            "2112-1": "beta-hCG in urine, presence",
            "80384-1": "hCG in urine, rapid test",
            "80385-8": "hCG in serum, rapid test",
        },
    ),
    *_of(LOINC, "hcg-amount", "QN", {"19080-1": "hCG", "21198-7": "beta-hCG", "20415-6": "beta-hCG", "83086-9": "hCG"}),
    *_of(
        LOINC,
        "findings.crs.temperature",
        "NS",
        {"8310-5": "Body temperature", "8331-1": "oral", "8332-9": "rectal", "8333-7": "tympanic", "8328-7": "axillary"},
    ),
    *_of(
        LOINC,
        "vital-sign",
        "NSU",
        {
            "8480-6": "Systolic blood pressure",
            "8462-4": "Diastolic blood pressure",
            "8478-0": "Mean blood pressure",
            "85354-9": "Blood pressure panel",
            "55284-4": "Blood pressure panel, older code",
            "59408-5": "Oxygen saturation, pulse oximetry",
            "2708-6": "Oxygen saturation, arterial",
            "59410-1": "Oxygen saturation on room air",
            "3151-8": "Oxygen flow",
            "3150-0": "Oxygen concentration",
            "19994-3": "Oxygen set on the ventilator",
            "9269-2": "Glasgow coma score, total",
        },
    ),
)

_VALUES: Final = (
    Code(SNOMED, "77386006", "pregnancy", "Pregnancy (finding)", "UE"),
    Code(LOINC, "LA15173-0", "yes", "Pregnant", "E"),
    *_of(SNOMED, "no", "E", {"60001007": "Not pregnant"}),
    Code(LOINC, "LA26683-5", "no", "Not pregnant", "E"),
    *_of(SNOMED, "not-known", "E", {"261665006": "Unknown"}),
    Code(LOINC, "LA4489-6", "not-known", "Unknown", "E"),
    Code(SNOMED, "10828004", "yes", "Positive", "P"),
    Code(SNOMED, "260385009", "no", "Negative", "P"),
    Code(LOINC, "LA6576-8", "yes", "Positive", "P"),
    Code(LOINC, "LA6577-6", "no", "Negative", "P"),
    Code(FLAGS, "POS", "yes", "Positive", "P"),
    Code(FLAGS, "NEG", "no", "Negative", "P"),
)

_CONDITIONS: Final = (
    Code(SNOMED, "683991000119103", "extensive-stage", "Extensive stage primary small cell carcinoma of lung", "O"),
    *_of(
        SNOMED,
        "small-cell",
        "SO",
        {
            "254632001": "Small cell carcinoma of lung",
            "67811000119102": "Small cell neoplasm of lung, TNM stage 1",
            "67821000119109": "Small cell neoplasm of lung, TNM stage 2",
            "67831000119107": "Small cell neoplasm of lung, TNM stage 3",
            "67841000119103": "Small cell neoplasm of lung, TNM stage 4",
        },
    ),
    Code(SNOMED, "254637007", "other-lung-cancer", "Non-small cell lung cancer", "SO"),
    Code(ICD_10_CM, "C34.*", "lung-cancer", "Malignant neoplasm of bronchus and lung", "I"),
    *_of(ICD_10_CM, "lung-cancer", "I", {"C7A.1": "Poorly differentiated neuroendocrine tumours"}),
    *_graded(
        ICD_10_CM,
        "events.crs",
        "I",
        {f"D89.83{grade}": (f"Cytokine release syndrome, grade {grade}", grade) for grade in (1, 2, 3, 4, 5)},
    ),
    *_of(ICD_10_CM, "events.crs", "I", {"D89.83": "Cytokine release syndrome", "D89.839": "Cytokine release syndrome, grade not stated"}),
    *_graded(
        ICD_10_CM,
        "events.icans",
        "I",
        {f"G92.0{grade}": (f"ICANS, grade {grade}", grade) for grade in (1, 2, 3, 4, 5)},
    ),
    *_of(ICD_10_CM, "events.icans", "I", {"G92.0": "ICANS", "G92.00": "ICANS, grade not stated"}),
    *_of(ICD_10_CM, "pregnancy", "I", {"Z33.1": "Pregnant, incidental", "Z34.*": "Supervision", "O09.*": "High risk", "Z3A.*": "Weeks"}),
    *_of(SNOMED, "pregnancy", "S", {"72892002": "Normal pregnancy", "79586000": "Tubal pregnancy"}),
    *_of(ICD_10_CM, "pregnancy-test", "I", {"Z32.01": "Pregnancy test positive", "Z32.02": "Pregnancy test negative"}),
    Code(ICD_10_CM, "Z39.1", "lactation", "Care of a lactating mother", "I"),
    *_of(ICD_10_CM, "maybe.neutropenia", "I", {"D70.1": "Neutropenia after chemotherapy", "D70.9": "Neutropenia"}),
    Code(ICD_10_CM, "R50.81", "maybe.febrile-neutropenia", "Fever with a condition classified elsewhere", "I"),
    Code(ICD_10_CM, "D69.6", "maybe.thrombocytopenia", "Thrombocytopenia", "I"),
    *_of(
        ICD_10_CM,
        "maybe.neurotoxicity",
        "I",
        {"G92.8": "Toxic encephalopathy, other", "G92.9": "Toxic encephalopathy", "R56.9": "Convulsions", "G93.6": "Cerebral oedema"},
    ),
    Code(ICD_10_CM, "R74.01", "maybe.hepatotoxicity", "Transaminases increased", "I"),
    *_of(ICD_10_CM, "maybe.crs", "I", {"R09.02": "Hypoxaemia", "I95.9": "Hypotension"}),
    *_of(ICD_10_CM, "maybe.other", "I", {"E88.3": "Tumour lysis syndrome", "T45.1X5A": "Adverse effect of antineoplastic drugs"}),
)

_DRUGS: Final = (
    Code("http://fdasis.nlm.nih.gov", "74X82ST8Q1", DRUG, "UNII", "G"),
    *_of(
        "http://hl7.org/fhir/sid/ndc",
        DRUG,
        "G",
        {"55513-059-01": "1 mg", "55513-077-01": "10 mg", "55513-059": "1 mg", "55513-077": "10 mg"},
    ),
    *_of("http://hl7.org/fhir/sid/ndc", DRUG, "G", {"55513005901": "1 mg, 11 digits", "55513007701": "10 mg, 11 digits"}),
    Code("http://www.whocc.no/atc", "L01FX33", DRUG, "ATC", "G"),
    Code("http://fhir.de/CodeSystem/bfarm/atc", "L01FX33", DRUG, "ATC, German edition", "G"),
    Code(NCIT, "C175858", DRUG, "NCI Thesaurus", "G"),
    Code("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "C9170", DRUG, "HCPCS, from October 2024", "G"),
)

_GRADES: Final = (
    *_graded(CTCAE, "grade", "F", {str(grade): (f"CTCAE grade {grade}", grade) for grade in range(6)}),
    *_graded(
        NCIT,
        "grade",
        "A",
        {
            "C41338": ("Grade 1 adverse event", 1),
            "C41339": ("Grade 2 adverse event", 2),
            "C41340": ("Grade 3 adverse event", 3),
            "C41337": ("Grade 4 adverse event", 4),
            "C48275": ("Grade 5 adverse event", 5),
        },
    ),
)

CODES: Final = (*_LABS, *_STATES, *_VALUES, *_CONDITIONS, *_DRUGS, *_GRADES)
"""Every code that is read."""

PROFILES: Final[Mapping[str, tuple[str, ...]]] = {
    "Patient": ("http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient",),
    "Observation": (
        "http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab",
        "http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-pregnancystatus",
        "http://hl7.org/fhir/us/core/StructureDefinition/us-core-body-temperature",
    ),
    "Condition": (
        "http://hl7.org/fhir/us/core/StructureDefinition/us-core-condition-problems-health-concerns",
        "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-primary-cancer-condition",
    ),
    "MedicationAdministration": ("http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-cancer-related-medication-administration",),
    "AdverseEvent": (
        "http://hl7.org/fhir/uv/ae-research-backport-ig/StructureDefinition/AdverseEvent-clinical-research",
        "http://hl7.org/fhir/us/ctcae/StructureDefinition/ctc-adverse-event",
    ),
    "AllergyIntolerance": ("http://hl7.org/fhir/us/core/StructureDefinition/us-core-allergyintolerance",),
    "Medication": (),
    "QuestionnaireResponse": ("http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaireresponse",),
}
"""The resources that are read, with the profiles that they are read by. A resource need not claim one."""

Coding: TypeAlias = tuple[str, str]
"""A system and a code."""

Lookup: TypeAlias = Mapping[Coding, Code]

LOOKUP: Final[Lookup] = {(row.system, row.code): row for row in CODES}

FACTS: Final = frozenset(
    (
        *(f"labs.{analyte}" for analyte in Analyte),
        *(f"events.{toxicity}" for toxicity in Toxicity),
        "patient.pregnant",
        "patient.breastfeeding",
        "patient.childbearing_potential",
        "patient.hypersensitivity",
        "patient.progressed_after_platinum",
        "extensive-stage",
        "findings.crs.temperature",
        "yes",
        "no",
        DRUG,
    )
)
"""What a caller's code may mean."""


def lookup_with(codes: Mapping[Coding, str] | None) -> Lookup:
    """The codes of this module, with those of a caller.

    Raises:
        FieldError: A code means nothing that is known, or this module has it with another meaning.

        FieldTypeError: It is not a mapping from a system and a code to a text.
    """
    if codes is None:
        return LOOKUP
    if not isinstance(codes, Mapping):
        raise FieldTypeError("codes", f"{shown(codes)} is not a mapping", "pass {(system, code): 'labs.alt'}")
    more = [_code_of_caller(coding, means) for coding, means in codes.items()]
    return {**{(row.system, row.code): row for row in more}, **LOOKUP}


def _code_of_caller(coding: object, means: object) -> Code:
    pair = coding if isinstance(coding, tuple) and len(coding) == _PAIR else ()
    if not pair or not all(isinstance(part, str) for part in pair):
        raise FieldTypeError("codes", f"{shown(coding)} is not a system and a code", "pass {(system, code): 'labs.alt'}")
    if not isinstance(means, str) or means not in FACTS:
        near = meant(means, sorted(FACTS)) if isinstance(means, str) else None
        hint = f"did you mean {near!r}? " if near else ""
        raise FieldError("codes", f"{shown(means)} is nothing that a code can mean", f"{hint}use one of {', '.join(sorted(FACTS))}")
    if pair in LOOKUP and LOOKUP[pair].means != means:
        raise FieldError("codes", f"{shown(pair[1])} already means {LOOKUP[pair].means!r}", "leave it out")
    return Code(*pair, means, "a code of the caller", "")


_CATEGORY: Final = 3
"""How long the category is with which a code of ICD-10-CM begins."""

_PAIR: Final = 2
"""A system and a code."""


def codings_mean(codings: Iterable[Coding], lookup: Lookup) -> list[Code]:
    """The rows of those codings that are read. A code of ICD-10-CM is also found without its dot, and by its category."""
    rows = []
    for system, code in codings:
        row = lookup.get((system, code))
        if row is None and system == ICD_10_CM:
            head, rest = code[:_CATEGORY].upper(), code[_CATEGORY:].upper().removeprefix(".")
            row = lookup.get((system, f"{head}.{rest}" if rest else head)) or lookup.get((system, f"{head}.*"))
        if row is not None:
            rows.append(row)
    return rows


_TYPES: Final = """
Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic Binary
BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition
Claim ClaimResponse ClinicalImpression CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap
Condition Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue Device DeviceDefinition
DeviceMetric DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence EvidenceVariable ExampleScenario
ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition Group GuidanceResponse HealthcareService ImagingStudy
Immunization ImmunizationEvaluation ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List
Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest
MedicationStatement MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured MedicinalProductPackaged
MedicinalProductPharmaceutical MedicinalProductUndesirableEffect MessageDefinition MessageHeader MolecularSequence NamingSystem
NutritionOrder Observation ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation
Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner PractitionerRole Procedure Provenance
Questionnaire QuestionnaireResponse RelatedPerson RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy
ResearchSubject RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen SpecimenDefinition
StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid SubstancePolymer SubstanceProtein
SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification SupplyDelivery SupplyRequest Task
TerminologyCapabilities TestReport TestScript ValueSet VerificationResult VisionPrescription
"""
TYPES: Final = frozenset(_TYPES.split())
"""The resource types of FHIR R4 (4.0.1)."""

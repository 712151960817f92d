"""Hard cases of records in FHIR R4: what each resource may become, and the facts of the case, written by hand before they were run.

A cell for what becomes of a resource lists every outcome that is right: ``used``, ``unused`` or ``unclear``, by their first letters ``u``,
``n`` and ``?``. Where a fact may matter, ``n`` is missing there: it must not be passed over.
"""

from __future__ import annotations

import json
from typing import Any, Final

import pytest
from attrs import Factory, frozen

from fhir_resources import (
    CTCAE,
    ICD,
    LOINC,
    SNOMED,
    START,
    UCUM,
    Resource,
    ae_grade,
    concept,
    condition,
    ctcae_grade,
    dose,
    event,
    imported,
    item,
    lab,
    observation,
    patient,
    quantity,
    response,
)
from tarlatamab_rules import Case, CrsFindings, FieldError, LabResult, ToxicityEvent
from tarlatamab_rules.formats.fhir import Fate, Imported, read

NOT_SO = object()
"""Stands for a fact that must not be in the case."""
LETTERS: Final = {Fate.USED: "u", Fate.UNUSED: "n", Fate.UNCLEAR: "?"}
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
MEANING = "http://terminology.hl7.org/CodeSystem/referencerange-meaning"
UNII = "http://fdasis.nlm.nih.gov"
GRADE_3 = ctcae_grade("3")
UNKNOWN = "?"


@frozen
class Hard:
    """A hard case.

    Attributes:
        name: What is hard about it.

        resources: The resources beside the patient.

        fates: The right outcomes of each of them.

        labs: The results of the case in words; ``None`` if it does not matter.

        events: The toxicities of the case in words.

        course: The amounts of the doses given; ``?`` for one that is not known, and ``"unknown"`` for a course that is not.

        facts: Facts of the patient, and findings.

        more: Arguments of `read`.
    """

    name: str
    resources: tuple[Any, ...]
    fates: tuple[str, ...]
    labs: tuple[str, ...] | None = ()
    events: tuple[str, ...] | None = ()
    course: tuple[str, ...] | str | None = "unknown"
    facts: dict[str, Any] = Factory(dict)
    more: dict[str, Any] = Factory(dict)

    def __str__(self) -> str:
        """As a test is called."""
        return self.name


def hb(value: Any = 12.9, unit: str = "g/dL", /, **more: Any) -> Resource:
    """A haemoglobin of the day before."""
    return lab("718-7", value, unit, **more)


def alt(*ranges: Resource, **more: Any) -> Resource:
    """An ALT of the day before, with these reference ranges."""
    return lab("1742-6", 30, "U/L", referenceRange=list(ranges), **more)


def high(value: Any, unit: str = "U/L", **more: Any) -> Resource:
    """A reference range with an upper limit."""
    return {"high": quantity(value, unit), **more}


def valued(**more: Any) -> Resource:
    """A haemoglobin with another kind of value."""
    return observation("718-7", **more)


def at(**more: Any) -> Resource:
    """A haemoglobin of another time."""
    return {key: value for key, value in {**hb(), "effectiveDateTime": None, **more}.items() if value is not None}


def in_words(result: LabResult) -> str:
    """A result in words: ``?`` if the value is not known, and its limit and its time behind it if they are not as usual."""
    value = UNKNOWN if str(result.quantity).startswith(">=0 ") else str(result.quantity)
    limit = f" up to {result.upper_limit}" if result.upper_limit is not None else ""
    return f"{result.analyte} {value}{limit}" + ("" if result.collected is not None else " at ?")


def toxicity(of: ToxicityEvent) -> str:
    """A toxicity in words."""
    return f"{of.toxicity} {UNKNOWN if of.grade is None else int(of.grade)} {of.status or UNKNOWN}"


HB = "hemoglobin 12.9 g/dL"
NO_HB = "hemoglobin ?"
ALT = "alt 30 U/L"

OBSERVATIONS = [
    # status
    Hard("entered in error", (hb(status="entered-in-error"),), ("n",)),
    Hard("cancelled", (hb(status="cancelled"),), ("n",)),
    Hard("preliminary, and severe", (lab("751-8", 0.3, "10*9/L", status="preliminary"),), ("u?",), None),
    Hard("registered, without a value", (observation("718-7", status="registered"),), ("n?",), None),
    Hard("no status", (hb(status=None),), ("?",), (NO_HB,)),
    Hard("a status that there is not", (hb(status="finalized"),), ("?",), (NO_HB,)),
    Hard("corrected", (hb(status="corrected"),), ("u",), (HB,)),
    Hard("amended", (hb(status="amended"),), ("u",), (HB,)),
    # values
    Hard("a value and a reason for having none", (hb(dataAbsentReason=concept(ABSENT, "unknown")),), ("?",), (NO_HB,)),
    Hard("a value that is not known", (valued(dataAbsentReason=concept(ABSENT, "unknown")),), ("?",), (NO_HB,)),
    Hard("a value that is hidden", (valued(dataAbsentReason=concept(ABSENT, "masked")),), ("?",), (NO_HB,)),
    Hard("not performed", (valued(dataAbsentReason=concept(ABSENT, "not-performed")),), ("n?",), None),
    Hard("neither value nor reason", (valued(),), ("?",), (NO_HB,)),
    Hard(
        "a bound",
        (lab("751-8", 0.5, "10*9/L", valueQuantity=quantity(0.5, "10*9/L", comparator="<")),),
        ("u",),
        ("neutrophils <0.5 10*9/L",),
    ),
    Hard("a comparator of R5", (hb(valueQuantity=quantity(12.9, "g/dL", comparator="ad")),), ("?",), (NO_HB,)),
    Hard("a comparator that there is not", (hb(valueQuantity=quantity(12.9, "g/dL", comparator="~")),), ("?",), (NO_HB,)),
    Hard("a number as text", (hb("12.9"),), ("?",), (NO_HB,)),
    Hard("a truth as a number", (hb(True),), ("?",), (NO_HB,)),
    Hard("below zero", (hb(-1),), ("?",), (NO_HB,)),
    Hard("no haemoglobin at all", (hb(0),), ("?",), (NO_HB,)),
    Hard("no neutrophils at all", (lab("751-8", 0, "10*9/L"),), ("u",), ("neutrophils 0 10*9/L",)),
    Hard("a huge number", (hb(10**400),), ("?",), (NO_HB,)),
    Hard("infinite", (hb(float("inf")),), ("?",), (NO_HB,)),
    Hard("not a number", (hb(float("nan")),), ("?",), (NO_HB,)),
    Hard("a value in words", (valued(valueString="12.9 g/dL"),), ("?",), (NO_HB,)),
    Hard("a range of values", (valued(valueRange={"low": quantity(7, "g/dL"), "high": quantity(8, "g/dL")}),), ("?",), (NO_HB,)),
    Hard("a coded value", (valued(valueCodeableConcept=concept(SNOMED, "62482003", text="low")),), ("?",), (NO_HB,)),
    Hard("two values", (hb(valueString="8.1 g/dL"),), ("?",), (NO_HB,)),
    Hard("a value that is a list", (hb(valueQuantity=[quantity(12.9, "g/dL")]),), ("?",), (NO_HB,)),
    # units
    Hard("K/uL as UCUM", (lab("777-3", 187, "K/uL"),), ("u",), ("platelets 187 10*9/L",)),
    Hard(
        "a unit as text alone", (lab("777-3", 187, "", valueQuantity={"value": 187, "unit": "10^3/uL"}),), ("u",), ("platelets 187 10*9/L",)
    ),
    Hard("a code and a text that contradict each other", (hb(valueQuantity=quantity(129, "g/L") | {"unit": "g/dL"}),), ("?",), (NO_HB,)),
    Hard("a code of another system", (hb(valueQuantity=quantity(12.9, "g/dL") | {"system": SNOMED, "code": "258795003"}),), ("u",), (HB,)),
    Hard("a system without a code", (hb(valueQuantity={"value": 12.9, "unit": "g/dL", "system": UCUM}),), ("u",), (HB,)),
    Hard("no unit", (hb(valueQuantity={"value": 12.9}),), ("?",), (NO_HB,)),
    Hard("the unit of another kind", (hb(valueQuantity=quantity(12.9, "mmol")),), ("?",), (NO_HB,)),
    # times
    Hard("a period", (at(effectivePeriod={"start": "2025-10-07T07:00:00Z", "end": "2025-10-07T07:10:00Z"}),), ("u?",), None),
    Hard("a period without an end", (at(effectivePeriod={"start": "2025-10-07T07:00:00Z"}),), ("u?",), None),
    Hard(
        "a period across the planned start",
        (at(effectivePeriod={"start": "2025-10-08T06:00:00Z", "end": "2025-10-08T12:00:00Z"}),),
        ("u?",),
        None,
    ),
    Hard("a time without a zone", (at(effectiveDateTime="2025-10-07T08:00:00"),), ("?",), None),
    Hard("a day alone", (at(effectiveDateTime="2025-10-07"),), ("u",), (HB,)),
    Hard("a year alone", (at(effectiveDateTime="2025"),), ("u?",), (f"{HB} at ?",)),
    Hard("a month alone", (at(effectiveDateTime="2025-10"),), ("u?",), (f"{HB} at ?",)),
    Hard("after the planned start", (at(effectiveDateTime="2025-10-08T11:00:00+02:00"),), ("u",), (HB,)),
    Hard("an instant", (at(effectiveInstant="2025-10-07T08:00:00.000+02:00"),), ("u",), (HB,)),
    Hard("a timing", (at(effectiveTiming={"event": ["2025-10-07T08:00:00+02:00"]}),), ("u?",), None),
    Hard("only when it was issued", (at(issued="2025-10-07T08:00:00+02:00"),), ("u?",), (f"{HB} at ?",)),
    Hard("a day that there is not", (at(effectiveDateTime="2025-02-30"),), ("?",), (f"{NO_HB} at ?",)),
    Hard("two times", (at(effectiveDateTime="2025-10-07", effectiveInstant="2025-10-02T08:00:00Z"),), ("?",), None),
    # reference ranges
    Hard(
        "a normal and a therapeutic range",
        (alt(high(20, type=concept(MEANING, "therapeutic")), high(40, type=concept(MEANING, "normal"))),),
        ("u",),
        (f"{ALT} up to 40 U/L",),
    ),
    Hard("two ranges that differ", (alt(high(40), high(60)),), ("u?",), (ALT,)),
    Hard(
        "ranges by age",
        (alt(high(60, age={"high": quantity(17, "a")}), high(40, age={"low": quantity(18, "a")})),),
        ("u?",),
        (f"{ALT} up to 40 U/L", ALT),
    ),
    Hard("a range of adults alone", (alt(high(40, age={"low": quantity(18, "a")})),), ("u",), (f"{ALT} up to 40 U/L",)),
    Hard(
        "a range of months",
        (alt(high(60, age={"high": quantity(11, "mo")}), high(40, age={"low": quantity(12, "mo")})),),
        ("u",),
        (f"{ALT} up to 40 U/L",),
    ),
    Hard("a range of an age in words", (alt(high(40, age={"low": {"value": 18, "unit": "years"}})),), ("u",), (ALT,)),
    Hard("a range of children alone", (alt(high(60, age={"high": quantity(17, "a")})),), ("u?",), (ALT,)),
    Hard("a range in words", (alt({"text": "0-40"}),), ("u",), (ALT,)),
    Hard("a range of another kind of unit", (alt(high(100, "mg/dL")),), ("u?",), (ALT,)),
    Hard("a range of critical values", (alt(high(1000, type=concept(MEANING, "critical"))),), ("u?",), (ALT,)),
    # codes
    Hard(
        "the code of another system", (observation("718-7", code=concept(SNOMED, "718-7"), valueQuantity=quantity(12.9, "g/dL")),), ("n?",)
    ),
    Hard(
        "a race",
        (observation("x", code=concept("urn:oid:2.16.840.1.113883.6.238", "2106-3"), valueCodeableConcept=concept(SNOMED, "10828004")),),
        ("n",),
        facts={"pregnant": None},
    ),
    Hard(
        "two codes of LOINC", (hb(code={"coding": [{"system": LOINC, "code": "718-7"}, {"system": LOINC, "code": "777-3"}]}),), ("?",), None
    ),
    Hard(
        "a local code beside that of LOINC",
        (hb(code={"coding": [{"system": "http://lab.example", "code": "HB"}, {"system": LOINC, "code": "718-7"}]}),),
        ("u",),
        (HB,),
    ),
    Hard("a share and not a count", (lab("770-8", 60, "%"),), ("n",)),
    Hard("neither code nor text", (hb(code={}),), ("n?",), None),
    # components
    Hard(
        "a panel",
        (
            observation(
                "58410-2",
                component=[
                    {"code": concept(LOINC, "718-7"), "valueQuantity": quantity(7.1, "g/dL")},
                    {"code": concept(LOINC, "777-3"), "valueQuantity": quantity(20, "10*9/L")},
                ],
            ),
        ),
        ("u",),
        ("hemoglobin 7.1 g/dL", "platelets 20 10*9/L"),
    ),
    Hard(
        "a panel of which one value is missing",
        (
            observation(
                "58410-2",
                component=[
                    {"code": concept(LOINC, "718-7"), "valueQuantity": quantity(7.1, "g/dL")},
                    {"code": concept(LOINC, "777-3"), "dataAbsentReason": concept(ABSENT, "error")},
                ],
            ),
        ),
        ("?",),
        ("hemoglobin 7.1 g/dL", "platelets ?"),
    ),
    Hard("a component that is no object", (observation("58410-2", component=["718-7"]),), ("?n",)),
    # whose
    Hard("of another patient", (hb(subject={"reference": "Patient/q"}),), ("?",)),
    Hard("about somebody else", (hb(focus=[{"reference": "Patient/q"}]),), ("n?",), None),
    Hard("of a device", (hb(subject={"reference": "Device/p"}),), ("n?",)),
    Hard("a version of the patient", (hb(subject={"reference": "Patient/p/_history/3"}),), ("u",), (HB,)),
    Hard("of an identifier alone", (hb(subject={"identifier": {"value": "4711"}}),), ("u?",), None),
    Hard("an unknown modifier", (hb(modifierExtension=[{"url": "http://example.org/not", "valueBoolean": True}]),), ("?",), (NO_HB,)),
    Hard("rules of its own", (hb(implicitRules="http://example.org/rules"),), ("?",), None),
    # again
    Hard("twice the same", (hb(id="a"), hb(id="a")), ("u", "n"), (HB,)),
    Hard(
        "two versions",
        (
            hb(4.1, id="a", meta={"versionId": "1", "lastUpdated": "2025-10-07T09:00:00Z"}),
            hb(id="a", status="corrected", meta={"versionId": "2", "lastUpdated": "2025-10-07T10:00:00Z"}),
        ),
        ("n?", "u?"),
        None,
    ),
    Hard("one id and two results", (hb(4.1, id="a"), hb(12.9, id="a")), ("?", "?"), None),
    Hard("two results of one moment that differ", (hb(7.1, id="a"), hb(id="b")), ("u?", "u?"), ("hemoglobin 7.1 g/dL", HB)),
    Hard("a shape of R5", (hb(triggeredBy=[{"observation": {"reference": "Observation/1"}, "type": "reflex"}]),), ("?u",), None),
]

ADMINISTRATIONS = [
    Hard("not done", (dose("2025-10-01", 1, "not-done", statusReason=[concept(SNOMED, "182890002")]),), ("n",)),
    Hard("a dose that was entered in error", (dose("2025-10-01", 1, "entered-in-error"),), ("n",)),
    Hard("stopped", (dose("2025-10-01", 0.4, "stopped"),), ("u",), course=("0.4 mg, not complete",)),
    Hard("in progress", (dose("2025-10-01", 1, "in-progress"),), ("u?",), course=None),
    Hard("on hold", (dose("2025-10-01", 1, "on-hold"),), ("u?",), course=None),
    Hard("of unknown status", (dose("2025-10-01", 1, "unknown"),), ("?",)),
    Hard("without a status", (dose("2025-10-01", 1, None),), ("?",)),  # type: ignore[arg-type]  # wrong on purpose
    Hard("a rate alone", (dose("2025-10-01", dosage={"rateQuantity": quantity(250, "mL/h")}),), ("u?",), course=None),
    Hard("a volume", (dose("2025-10-01", dosage={"dose": quantity(250, "mL")}),), ("?",), course=None),
    Hard("micrograms", (dose("2025-10-01", dosage={"dose": quantity(1000, "ug")}),), ("u",), course=("1 mg",)),
    Hard("grams", (dose("2025-10-01", dosage={"dose": quantity(1, "g")}),), ("u?",), course=None),
    Hard("an amount by weight", (dose("2025-10-01", dosage={"dose": quantity(1, "mg/kg")}),), ("?",), course=None),
    Hard(
        "another drug",
        (
            dose(
                "2025-10-01",
                8,
                medicationCodeableConcept=concept("http://www.nlm.nih.gov/research/umls/rxnorm", "3264", text="Dexamethasone"),
            ),
        ),
        ("n",),
    ),
    Hard(
        "a drug that only a code names",
        (dose("2025-10-01", 8, medicationCodeableConcept=concept("http://www.nlm.nih.gov/research/umls/rxnorm", "3264")),),
        ("?",),
    ),
    Hard(
        "two drugs in one",
        (
            dose(
                "2025-10-01",
                medicationCodeableConcept={
                    "coding": [
                        {"system": UNII, "code": "74X82ST8Q1"},
                        {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "3264"},
                    ]
                },
            ),
        ),
        ("u?",),
        course=None,
    ),
    Hard("the drug by its name alone", (dose("2025-10-01", medicationCodeableConcept={"text": "IMDELLTRA 1 mg"}),), ("u?",), course=None),
    Hard(
        "a drug that is not sent",
        (dose("2025-10-01", medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"}),),
        ("?",),
    ),
    Hard(
        "a drug within",
        (
            dose(
                "2025-10-01",
                medicationCodeableConcept=None,
                medicationReference={"reference": "#m"},
                contained=[{"resourceType": "Medication", "id": "m", "code": concept(UNII, "74X82ST8Q1")}],
            ),
        ),
        ("u",),
        course=("1 mg",),
    ),
    Hard(
        "the end before the start",
        (dose("2025-10-01", effectiveDateTime=None, effectivePeriod={"start": "2025-10-01T10:00:00Z", "end": "2025-10-01T09:00:00Z"}),),
        ("?",),
    ),
    Hard("after the planned start", (dose("2025-10-09T09:00:00+02:00"),), ("?",)),
    Hard("more doses than the schedule has", (dose("2025-09-24"), dose("2025-10-01", 10)), ("?", "?")),
    Hard("a dose twice the same", (dose("2025-10-01", id="d"), dose("2025-10-01", id="d")), ("u", "n"), course=("1 mg",)),
    Hard(
        "one infusion in two records",
        (dose("2025-10-01T09:00:00Z", 0.5, "stopped", id="d"), dose("2025-10-01T09:30:00Z", 0.5, id="e")),
        ("?", "?"),
    ),
    Hard(
        "the shape of R5",
        (
            dose(
                "2025-10-01",
                effectiveDateTime=None,
                occurenceDateTime="2025-10-01",
                medicationCodeableConcept=None,
                medication={"concept": concept(UNII, "74X82ST8Q1")},
            ),
        ),
        ("?",),
    ),
    Hard("a dose of another patient", (dose("2025-10-01", subject={"reference": "Patient/q"}),), ("?",)),
    Hard("none given, said twice", (dose("2025-10-01", 1, "not-done"),), ("n",), course=(), more={"point": "C1D1", "complete": ["course"]}),
    Hard(
        "a statement that it was taken",
        (
            {
                "resourceType": "MedicationStatement",
                "status": "completed",
                "subject": {"reference": "Patient/p"},
                "medicationCodeableConcept": concept(UNII, "74X82ST8Q1"),
                "effectiveDateTime": "2025-10-01",
            },
        ),
        ("n?",),
    ),
]

TOXICITIES = [
    Hard("a grade by the guide of CTC", (event(ICD, "R21", GRADE_3, date="2025-10-02"),), ("?u",), events=None),
    Hard("two grades", (event(ICD, "D70.1", GRADE_3, ae_grade("C41340")),), ("?",), events=None),
    Hard("a grade that there is not", (event(ICD, "D89.83", ctcae_grade("6")),), ("?",), events=("crs ? ?",)),
    Hard("half a grade", (event(ICD, "D89.83", ctcae_grade("2.5")),), ("?",), events=("crs ? ?",)),
    Hard(
        "a grade of another system",
        (event(ICD, "D89.83", {"url": f"{CTCAE}/StructureDefinition/ctcae-grade", "valueCodeableConcept": concept(SNOMED, "3")}),),
        ("?",),
        events=("crs ? ?",),
    ),
    Hard("a potential event", (event(ICD, "D89.83", GRADE_3, actuality="potential"),), ("n?",), events=None),
    Hard("no actuality", (event(ICD, "D89.83", GRADE_3, actuality=None),), ("?",), events=("crs ? ?",)),
    Hard("grade by its code", (condition(ICD, "D89.833"),), ("u",), events=("crs 3 active",)),
    Hard("refuted", (condition(ICD, "D89.833", verified="refuted"),), ("n",)),
    Hard("a condition that was entered in error", (condition(ICD, "D89.833", verified="entered-in-error"),), ("n",)),
    Hard("provisional", (condition(ICD, "D89.833", verified="provisional"),), ("?u",), events=None),
    Hard("one of several that may be", (condition(ICD, "G92.03", verified="differential"),), ("?u",), events=None),
    Hard("no verification", (condition(ICD, "D89.833", verificationStatus=None),), ("u?",), events=None),
    Hard("resolved", (condition(ICD, "D89.832", clinical="resolved", abatementDateTime="2025-10-05"),), ("u",), events=("crs 2 resolved",)),
    Hard("resolved, without a day", (condition(ICD, "D89.832", clinical="resolved"),), ("u",), events=("crs 2 resolved",)),
    Hard(
        "active, with an end in the past",
        (condition(ICD, "D89.832", abatementDateTime="2025-10-05"),),
        ("?",),
        events=("crs 2 ?", "crs 2 unknown", "crs ? ?"),
    ),
    Hard(
        "resolved, with an end in the future",
        (condition(ICD, "D89.832", clinical="resolved", abatementDateTime="2025-11-05"),),
        ("u?",),
        events=None,
    ),
    Hard("no clinical status", (condition(ICD, "D89.832", clinicalStatus=None),), ("u?",), events=("crs 2 ?", "crs 2 unknown")),
    Hard("recurrence", (condition(ICD, "D89.832", clinical="recurrence"),), ("u",), events=("crs 2 active",)),
    Hard("remission", (condition(ICD, "D89.832", clinical="remission"),), ("u?",), events=None),
    Hard("an end in words", (condition(ICD, "D89.832", clinicalStatus=None, abatementString="last week"),), ("u?",), events=None),
    Hard("a beginning in words", (condition(ICD, "D89.832", onsetString="after the first dose"),), ("u?",), events=("crs 2 active",)),
    Hard(
        "two grades in one",
        (condition(ICD, "D89.832", code={"coding": [{"system": ICD, "code": "D89.832"}, {"system": ICD, "code": "D89.833"}]}),),
        ("?",),
        events=("crs ? active",),
    ),
    Hard(
        "two syndromes in one",
        (condition(ICD, "D89.832", code={"coding": [{"system": ICD, "code": "D89.832"}, {"system": ICD, "code": "G92.03"}]}),),
        ("?",),
        events=None,
    ),
    Hard("an event of another patient", (condition(ICD, "D89.833", subject={"reference": "Patient/q"}),), ("?",)),
    Hard(
        "a beginning after the planned start", (condition(ICD, "D89.832", onsetDateTime="2025-10-20"),), ("u?",), events=("crs 2 active",)
    ),
    Hard(
        "an event in the shape of R5",
        (event(ICD, "D89.83", GRADE_3, status="completed", code=concept(ICD, "D89.83"), occurrenceDateTime="2025-10-02"),),
        ("?u",),
        events=None,
    ),
    Hard("a grade by the guide of research", (event(ICD, "D89.83", ae_grade("C41340")),), ("u?",), events=None),
    Hard(
        "a grade of the wrong url",
        (event(ICD, "D89.83", {"url": "http://example.org/grade", "valueInteger": 4}),),
        ("u?",),
        events=("crs ? ?",),
    ),
    Hard(
        "complete, beside an unclear one",
        (condition(ICD, "D89.833", verified="unconfirmed"),),
        ("?u",),
        events=None,
        more={"complete": ["events"]},
    ),
]

PATIENTS = [
    Hard("pregnant by a condition", (condition(ICD, "Z33.1"),), ("u",), facts={"pregnant": True}),
    Hard(
        "pregnant years ago",
        (condition(ICD, "Z33.1", clinical="resolved", abatementDateTime="2020-01-05"),),
        ("n?u",),
        facts={"pregnant": None},
    ),
    Hard("a refuted pregnancy", (condition(ICD, "Z33.1", verified="refuted"),), ("n?",), facts={"pregnant": None}),
    Hard("pregnant", (observation("82810-3", valueCodeableConcept=concept(SNOMED, "77386006")),), ("u",), facts={"pregnant": True}),
    Hard(
        "a status that is entered in error",
        (observation("82810-3", status="entered-in-error", valueCodeableConcept=concept(SNOMED, "77386006")),),
        ("n",),
        facts={"pregnant": None},
    ),
    Hard(
        "a code that no source confirms",
        (observation("82810-3", valueCodeableConcept=concept(SNOMED, "152231000119106")),),
        ("?",),
        facts={"pregnant": None},
    ),
    Hard("a status in words", (observation("82810-3", valueCodeableConcept={"text": "not pregnant"}),), ("?",), facts={"pregnant": None}),
    Hard(
        "a positive test and a later negative one",
        (
            observation("2106-3", valueCodeableConcept=concept(SNOMED, "10828004"), effectiveDateTime="2025-10-06"),
            observation("2106-3", valueCodeableConcept=concept(SNOMED, "260385009")),
        ),
        ("u?", "u?"),
        facts={"pregnant": None},
    ),
    Hard(
        "an old negative test",
        (observation("2106-3", valueCodeableConcept=concept(SNOMED, "260385009"), effectiveDateTime="2025-09-01"),),
        ("n?",),
        facts={"pregnant": None},
    ),
    Hard("a mother who nurses", (condition(ICD, "Z39.1"),), ("u",), facts={"breastfeeding": True}),
    Hard(
        "an allergy to the drug",
        (
            {
                "resourceType": "AllergyIntolerance",
                "patient": {"reference": "Patient/p"},
                "clinicalStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "active"),
                "verificationStatus": concept("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", "confirmed"),
                "code": concept(UNII, "74X82ST8Q1"),
            },
        ),
        ("u?",),
        None,
        None,
        None,
        {"hypersensitivity": True},
    ),
    Hard(
        "an allergy to another drug",
        (
            {
                "resourceType": "AllergyIntolerance",
                "patient": {"reference": "Patient/p"},
                "code": concept("http://www.nlm.nih.gov/research/umls/rxnorm", "3264", text="Dexamethasone"),
            },
        ),
        ("n",),
        facts={"hypersensitivity": None},
    ),
    Hard("an extensive-stage cancer", (condition(SNOMED, "683991000119103"),), ("u",), facts={"diagnosis": "extensive-stage-sclc"}),
    Hard("a refuted cancer", (condition(SNOMED, "683991000119103", verified="refuted"),), ("n?",), facts={"diagnosis": None}),
    Hard("a cancer without its extent", (condition(SNOMED, "254632001"),), ("?n",), facts={"diagnosis": None}),
    Hard(
        "an answer to another form",
        (response(item("1.1", valueBoolean=True), item("phq9-1", valueInteger=2)),),
        ("n?",),
        facts={"pregnant": None},
    ),
    Hard(
        "a form in progress",
        (response(item("patient.pregnant", valueBoolean=False), status="in-progress"),),
        ("n?",),
        facts={"pregnant": None},
    ),
    Hard(
        "a form without a date", (response(item("patient.pregnant", valueBoolean=False), authored=None),), ("?",), facts={"pregnant": None}
    ),
    Hard("a form of a year", (response(item("patient.pregnant", valueBoolean=False), authored="2025"),), ("?",), facts={"pregnant": None}),
    Hard(
        "a form of next month",
        (response(item("patient.pregnant", valueBoolean=False), authored="2025-11-08"),),
        ("?",),
        facts={"pregnant": None},
    ),
    Hard(
        "a form of the same day, later",
        (response(item("patient.pregnant", valueBoolean=False), authored="2025-10-08T12:00:00+02:00"),),
        ("u",),
        facts={"pregnant": False},
    ),
    Hard(
        "an item with an unknown modifier",
        (response(item("patient.pregnant", valueBoolean=False) | {"modifierExtension": [{"url": "http://example.org/not"}]}),),
        ("?",),
        facts={"pregnant": None},
    ),
    Hard("an answer of another type", (response(item("patient.pregnant", valueString="no")),), ("?",), facts={"pregnant": None}),
    Hard(
        "two answers",
        (response({"linkId": "patient.pregnant", "answer": [{"valueBoolean": False}, {"valueBoolean": True}]}),),
        ("?",),
        facts={"pregnant": None},
    ),
    Hard(
        "one question twice",
        (response(item("patient.pregnant", valueBoolean=False), item("patient.pregnant", valueBoolean=True)),),
        ("?",),
        facts={"pregnant": None},
    ),
    Hard(
        "the form of another patient",
        (response(item("patient.pregnant", valueBoolean=False), subject={"reference": "Patient/q"}),),
        ("?",),
        facts={"pregnant": None},
    ),
    Hard(
        "an answer and an observation that disagree",
        (observation("82810-3", valueCodeableConcept=concept(SNOMED, "77386006")), response(item("patient.pregnant", valueBoolean=False))),
        ("u?", "?"),
        facts={"pregnant": None},
    ),
    Hard(
        "a fever in Fahrenheit",
        (lab("8310-5", 101.5, "[degF]", effectiveDateTime="2025-10-08T07:00:00+02:00"),),
        ("u",),
        facts={"temperature": 38.6},
    ),
    Hard(
        "a fever without a unit",
        (observation("8310-5", valueQuantity={"value": 38.6}, effectiveDateTime="2025-10-08T07:00:00+02:00"),),
        ("?",),
        facts={"temperature": None},
    ),
    Hard(
        "a temperature that was not taken",
        (observation("8310-5", effectiveDateTime="2025-10-08T07:00:00+02:00", dataAbsentReason=concept(ABSENT, "not-performed")),),
        ("n",),
        facts={"temperature": None},
    ),
    Hard("a fever of yesterday", (lab("8310-5", 38.6, "Cel"),), ("n",), facts={"temperature": None}),
]


def outcome(case: Hard) -> Imported:
    """What is read of a hard case."""
    return imported(patient(), *case.resources, **case.more)


def course_of(case: Case) -> tuple[str, ...] | str:
    """The doses that were given, in words."""
    if case.course is None:
        return "unknown"
    doses = case.course.as_given
    return tuple(f"{given.amount or UNKNOWN}{', not complete' if given.complete is False else ''}" for given in doses)


def fact_of(case: Case, name: str) -> Any:
    """A fact of the patient, or the temperature among the findings, in degrees Celsius."""
    if name != "temperature":
        return getattr(case.patient, name)
    temperatures = [found.temperature for found in case.findings or () if isinstance(found, CrsFindings)]
    return round(temperatures[0].value, 1) if temperatures and temperatures[0] is not None else None


def check(case: Hard) -> Imported:
    """Compares what is read of a hard case with what is right."""
    result = outcome(case)
    fates = [LETTERS[entry.fate] for entry in result.report.entries[1:]]
    assert len(fates) == len(case.fates)
    assert all(fate in right for fate, right in zip(fates, case.fates, strict=True)), str(result.report)
    read_case = result.case
    if case.labs is not None:
        labs = tuple(in_words(result) for result in read_case.labs or ())
        assert labs == case.labs or (len(labs) == 1 < len(case.labs) and labs[0] in case.labs), str(result.report)
    if case.events is not None:
        events = tuple(toxicity(event) for event in read_case.events or ())
        assert events == case.events or (len(events) == 1 < len(case.events) and events[0] in case.events), str(result.report)
    if case.course is not None:
        assert course_of(read_case) == case.course, str(result.report)
    for name, value in case.facts.items():
        assert fact_of(read_case, name) == value, str(result.report)
    return result


@pytest.mark.parametrize("case", [*OBSERVATIONS, *ADMINISTRATIONS, *TOXICITIES, *PATIENTS], ids=str)
def test_a_hard_case(case: Hard) -> None:
    """Nothing is passed over, guessed or misread."""
    check(case)


# --- whole bundles ---

SELF = "urn:uuid:5c41cecf-cf81-434f-9da7-e24e5a99dbc2"
SERVER = "https://ehr.example/fhir"


def bundled(*entries: Any, **more: Any) -> Resource:
    """A bundle of entries."""
    return {"resourceType": "Bundle", "type": "collection", "entry": list(entries), **more}


def entry(resource: Any, address: str = "", **more: Any) -> Resource:
    """An entry of a bundle."""
    return {"resource": resource, **({"fullUrl": address} if address else {}), **more}


def nested(depth: int) -> Resource:
    """An answer so many levels deep."""
    inner: Resource = item("patient.pregnant", valueBoolean=True)
    for _ in range(depth):
        inner = {"linkId": "g", "item": [inner]}
    return response(inner)


NO_ID = {key: value for key, value in patient().items() if key != "id"}
CALLED = json.dumps([patient(), hb()])
DRUG = {"resourceType": "Medication", "code": concept(UNII, "74X82ST8Q1")}
REPORTED = {
    "resourceType": "DiagnosticReport",
    "status": "final",
    "code": concept(LOINC, "58410-2"),
    "subject": {"reference": "Patient/p"},
    "contained": [hb(7.1, id="o")],
    "result": [{"reference": "#o"}],
}

BUNDLES: dict[str, tuple[Any, tuple[str, ...] | None]] = {
    "by urn:uuid": (bundled(entry(patient(), SELF), entry(hb(subject={"reference": SELF}))), ("u", "u")),
    "a patient without an id": (bundled(entry(NO_ID, SELF), entry(hb(subject={"reference": SELF}))), ("u", "u")),
    "by an absolute URL": (
        bundled(entry(patient(), f"{SERVER}/Patient/p"), entry(hb(subject={"reference": f"{SERVER}/Patient/p"}))),
        ("u", "u"),
    ),
    "an absolute URL of another server": (
        bundled(entry(patient(), f"{SERVER}/Patient/p"), entry(hb(subject={"reference": "https://other.example/fhir/Patient/p"}))),
        ("u", "?n"),
    ),
    "an absolute URL of another patient": (
        bundled(entry(patient(), f"{SERVER}/Patient/p"), entry(hb(subject={"reference": f"{SERVER}/Patient/q"}))),
        ("u", "?n"),
    ),
    "a reference that refers to nothing": (bundled(entry(NO_ID, SELF), entry(hb(subject={"reference": "urn:uuid:0"}))), ("u", "?n")),
    "a drug by urn:uuid": (
        bundled(
            entry(patient()),
            entry(DRUG, "urn:uuid:7"),
            entry(dose("2025-10-01", medicationCodeableConcept=None, medicationReference={"reference": "urn:uuid:7"})),
        ),
        ("u", "n", "u"),
    ),
    "results within a report": (bundled(entry(patient()), entry(REPORTED)), ("u", "?")),
    "two patients": (bundled(entry(patient()), entry(patient(id="q"))), None),
    "results of two patients and no patient": ([hb(), hb(subject={"reference": "Patient/q"})], None),
    "an entry that deletes": (
        bundled(entry(patient()), entry(hb(), request={"method": "DELETE", "url": "Observation/1"}), type="transaction"),
        ("u", "n?"),
    ),
    "a query that failed": (bundled(entry(patient()), {"response": {"status": "403 Forbidden"}}, type="batch-response"), ("u", "?")),
    "a query that found nothing": (bundled(entry(patient()), {"response": {"status": "200 OK"}}, type="batch-response"), ("u", "n")),
    "an outcome": (
        bundled(entry(patient()), entry({"resourceType": "OperationOutcome", "issue": []}, search={"mode": "outcome"}), type="searchset"),
        ("u", "?"),
    ),
    "a warning": (
        bundled(entry(patient()), entry({"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "processing"}]})),
        ("u", "n"),
    ),
    "a severity that is no text": (
        bundled(entry(patient()), entry({"resourceType": "OperationOutcome", "issue": [{"severity": ["warning"], "code": "processing"}]})),
        ("u", "?"),
    ),
    "a bundle in a list": ([patient(), bundled(entry(hb()))], ("u", "u")),
    "a type in lower case": ([patient(), hb() | {"resourceType": "observation"}], ("u", "?")),
    "no type": ([patient(), {key: value for key, value in hb().items() if key != "resourceType"}], ("u", "?")),
    "an entry that is nothing": (bundled(entry(patient()), {}, {"resource": None}), ("u", "n?", "n?")),
    "entries that are no list": (bundled() | {"entry": {"resource": patient()}}, ("?",)),
    "nothing": (bundled(), ()),
    "one key twice, in a value": (CALLED.replace('"value": 12.9', '"value": 3.1, "value": 12.9'), None),
    "one key twice, as a resource": (CALLED.replace('"status": "final"', '"status": "entered-in-error", "status": "final"'), None),
    "not a number": (CALLED.replace("12.9", "NaN"), None),
    "beyond all numbers": (CALLED.replace("12.9", "1e400"), ("u", "?")),
    "very many digits": (CALLED.replace("12.9", "9" * 5000), None),
    "very many digits behind the point": (CALLED.replace("12.9", "12." + "9" * 5000), ("u", "u?")),
    "a mark of the order of bytes": ("\ufeff".encode() + CALLED.encode(), ("u", "u")),
    "UTF-16": (CALLED.encode("utf-16"), None),
    "half a character": (CALLED.replace('"p"', '"\\ud800"'), ("u", "u?")),
    "100 levels": ([patient(), nested(100)], ("u", "u")),
    "10,000 levels": ([patient(), nested(10_000)], ("u", "?n")),
    "10,000 levels of text": ('{"resourceType": "Bundle", "entry": ' + "[" * 10_000 + "]" * 10_000 + "}", None),
}


@pytest.mark.parametrize(("source", "fates"), BUNDLES.values(), ids=BUNDLES)
def test_a_hard_bundle(source: Any, fates: tuple[str, ...] | None) -> None:
    """Each resource has its entry, or the whole is refused by an error of ours; two values of one key are never one of them."""
    try:
        result = read(source, point="C1D8", planned_start=START)
    except FieldError:
        assert fates is None
    else:
        assert fates is not None
        assert len(fates) == len(result.report.entries)
        assert all(LETTERS[part.fate] in right for part, right in zip(result.report.entries, fates, strict=True)), str(result.report)


# --- nobody is named ---

NAMES = ("Janefirst", "Lastsmith", "MRN-4711", "secret-id", "12.9")
NAMED: Resource = {
    "id": "secret-id",
    "identifier": [{"system": "http://example.org", "value": "MRN-4711"}],
    "text": {"status": "generated", "div": "<div>Janefirst Lastsmith</div>"},
    "note": [{"text": "Janefirst 12.9"}],
    "performer": [{"display": "Lastsmith"}],
    "recorder": {"display": "Lastsmith"},
}


@pytest.mark.parametrize("case", [*OBSERVATIONS, *ADMINISTRATIONS, *TOXICITIES, *PATIENTS], ids=str)
def test_a_hard_case_names_nobody(case: Hard) -> None:
    """Neither the report, as text or as JSON, nor an error has a name, an identifier or a value of a resource."""
    resources = [NAMED | resource for resource in case.resources]
    written = outcome(Hard(case.name, tuple(resources), case.fates, more=case.more)).report
    said = f"{written}{json.dumps(written.as_document())}"
    assert [name for name in NAMES if name in said] == []

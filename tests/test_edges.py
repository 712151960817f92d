"""What stands at the edge: values of other libraries, rows of a wrong shape, long lists, zones, and where a fault is."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from inspect import signature
from itertools import combinations, product
from math import inf, nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tarlatamab_rules
from helpers import DEFAULT, PAGE, examples, normal_labs, well
from tarlatamab_rules import (
    Amount,
    Case,
    Course,
    CrsFindings,
    DocumentError,
    DosePoint,
    FieldError,
    FieldTypeError,
    GivenDose,
    IceTest,
    InfusionSetup,
    LabResult,
    NeuroFindings,
    Patient,
    Span,
    TableError,
    TarlatamabRulesError,
    ToxicityEvent,
    UnitError,
    UnknownRulebookError,
    answers,
    assess_case,
    assess_dose,
    monitoring_duration,
    next_dose,
    plan_course,
    policy,
    rulebooks,
    what_to_ask,
    what_would_change,
)
from tarlatamab_rules.__main__ import _COMMANDS, main
from tarlatamab_rules.answers import Anchor, Checklist, Eligibility, InfusionPlan, Instruction, Modality, MonitoringPlan, PremedicationPlan
from tarlatamab_rules.core.errors import shown
from tarlatamab_rules.core.intervals import at_least
from tarlatamab_rules.core.tables import Row
from tarlatamab_rules.formats.cases import case_document, read_case
from tarlatamab_rules.inputs._fields import listed, moment, number, several, truth, whole, word
from tarlatamab_rules.inputs.analytes import KINDS, LEAST, Analyte
from tarlatamab_rules.inputs.kinds import DURATION, MASS, TEMPERATURE
from tarlatamab_rules.inputs.units import span_in, take
from tarlatamab_rules.inputs.vocabulary import Oxygen, Toxicity
from tarlatamab_rules.policy import strictest
from tarlatamab_rules.rulebooks.facts import AGE, DIAGNOSIS, POINT, points
from tarlatamab_rules.rulebooks.questions import BY_AGE, BY_DIAGNOSIS, CHECKLIST, MONITORING, NEURO_GRADE, NEXT_DOSE, PREMEDICATION
from tarlatamab_rules.rules.given import _early_pairs, _is_early
from tarlatamab_rules.values.doses import DoseStep, Mixing, Storage
from tarlatamab_rules.values.plans import NearCare
from tarlatamab_rules.values.toxicities import PossibleGrades, Recovery
from tarlatamab_rules.values.vocabulary import Role, Route

FIRST = date(2026, 3, 2)
DAY = timedelta(days=1)


def refused(call: Callable[[], object], path: str | None = None, problem: str = "") -> FieldError:
    """The error of the library that a call raises: never another one, and with a fix."""
    with pytest.raises(FieldError) as caught:
        call()
    error = caught.value
    assert path is None or error.path == path
    assert problem in error.problem
    assert error.problem
    assert error.fix
    return error


class Unprintable:
    """Something that cannot even be shown."""

    def __repr__(self) -> str:
        """Raises."""
        msg = "no"
        raise RuntimeError(msg)


STRANGE: dict[str, Any] = {
    "an empty array": np.array([]),
    "an array of one": np.array([True]),
    "an array of two": np.array([True, False]),
    "an array of one number": np.array([1.0]),
    "an array without a dimension": np.array(5.0),
    "a truth value in an array without a dimension": np.array(True),  # what is in it
    "a masked number": np.ma.masked,
    "a truth value of numpy": np.bool_(True),  # as above
    "a stretch of time of numpy": np.timedelta64(5, "D"),
    "no stretch of time of numpy": np.timedelta64("NaT"),
    "a day of numpy": np.datetime64("2025-10-01"),
    "NA of pandas": pd.NA,
    "NaT of pandas": pd.NaT,
    "a series": pd.Series([1, 2]),
    "a table": pd.DataFrame({"a": [1]}),
    "a NaN": nan,
    "a NaN of numpy": np.float32("nan"),
    "a decimal NaN": Decimal("NaN"),
    "a signaling NaN": Decimal("sNaN"),
    "an infinite decimal": Decimal("inf"),
    "infinity": inf,
    "a huge whole number": 10**400,
    "one that cannot be printed": 10**5000,
    "a complex number": 3j,
    "bytes": b"5",
    "an object": object(),
    "a dictionary": {},
    "what cannot be shown": Unprintable(),
}
TAKEN = {("truth", "a truth value of numpy"), ("a list", "an empty array")}
CONVERTERS: dict[str, Callable[[Any], object]] = {
    "truth": lambda value: truth(value, "field"),
    "number": lambda value: number(value, "field", 0, 130),
    "whole": lambda value: whole(value, "field", 0, 10),
    "word": lambda value: word(Oxygen, value, "field"),
    "moment": lambda value: moment(value, "field"),
    "a list": lambda value: several(value, LabResult, "field"),
    "a quantity": lambda value: take(value, MASS, "field"),
    "the number of a quantity": lambda value: take((value, "mg"), MASS, "field"),
    "the unit of a quantity": lambda value: take((1, value), MASS, "field"),
}


class TestStrangers:
    """Values of other libraries: taken as what they are, or refused with our error."""

    @pytest.mark.parametrize("value", STRANGE)
    @pytest.mark.parametrize("converter", CONVERTERS)
    def test_every_converter(self, converter: str, value: str) -> None:
        """Whatever is passed, the error is that of the field, with its path and what to write instead."""
        if (converter, value) in TAKEN:
            assert CONVERTERS[converter](STRANGE[value]) in {True, ()}
        else:
            assert refused(lambda: CONVERTERS[converter](STRANGE[value])).path.startswith("field")

    @pytest.mark.parametrize("value", [value for value in STRANGE if value != "a truth value of numpy"])
    def test_a_truth_value_of_a_patient(self, value: str) -> None:
        """An array is no truth value, whether it holds none, one or two."""
        refused(lambda: Patient(pregnant=STRANGE[value]), "pregnant", "is not true or false")

    def test_a_truth_value_of_numpy(self) -> None:
        """It is a truth value, and never a number."""
        value: Any = np.bool_(True)  # what is passed
        assert Patient(pregnant=value).pregnant is True
        refused(lambda: Patient(age_years=value), "age_years", "is not a number")
        refused(lambda: ToxicityEvent("crs", value), "grade", "is not a whole number")
        refused(lambda: LabResult("alt", (value, "U/L")), "quantity", "is not a number")
        refused(lambda: Amount(value, "mg"), "", "is not a number")

    def test_numbers_of_numpy_and_decimals(self) -> None:
        """They are numbers, kept as floats."""
        one: Any = np.int64(8)
        assert (type(Amount(one, "mg").value), Amount(one, "mg")) == (float, Amount(8, "mg"))
        exact: Any = Decimal("0.8")
        assert take((exact, "g"), MASS, "amount") == Amount(800, "mg")
        assert Span(one, exact * 20, "h") == Span(8, 16, "h")
        assert Patient(age_years=one).age_years == 8

    def test_a_whole_number_stays_as_it_is_written(self) -> None:
        """Books are written in whole numbers, and their hashes are made of them."""
        assert type(Amount(8, "mg").value) is int
        assert type(Span(8, 9, "h").low) is int

    @pytest.mark.parametrize(("low", "high", "path"), [(nan, 1, "low"), (1, nan, "high"), (-inf, 1, "low"), (1, inf, "high")])
    def test_a_span_is_finite(self, low: float, high: float, path: str) -> None:
        """From a number to a number."""
        refused(lambda: Span(low, high, "h"), path, "is not a finite number")

    @pytest.mark.parametrize("value", [value for value in STRANGE if not value.startswith("an infinite")])
    def test_the_ends_of_a_span(self, value: str) -> None:
        """Both are numbers, and the lower one comes first."""
        assert refused(lambda: Span(STRANGE[value], 1, "h")).path == "low"
        assert refused(lambda: Span(1, STRANGE[value], "h")).path == "high"
        refused(lambda: Span(2, 1, "h"), "low", "2 is above 1")

    @pytest.mark.parametrize("value", [*STRANGE.values(), "", " ", None], ids=[*STRANGE, "empty", "blank", "None"])
    def test_a_unit_is_text(self, value: Any) -> None:
        """Of an amount and of a span, and so is a bound."""
        refused(lambda: Amount(1, value), "unit", "is not a unit")
        refused(lambda: Span(1, 1, value), "unit", "is not a unit")

    @pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE)
    def test_a_bound_is_one_of_four(self, value: Any) -> None:
        """What is none of them is refused, hashable or not."""
        refused(lambda: Amount(1, "mg", value), "", "is not a bound")

    @pytest.mark.parametrize("value", STRANGE.values(), ids=STRANGE)
    def test_no_name_of_a_book(self, value: Any) -> None:
        """A book is asked for by its name."""
        with pytest.raises(UnknownRulebookError, match="no rulebook is called"):
            rulebooks.get(value)

    @pytest.mark.parametrize("value", [5, None, PAGE, rulebooks.get(PAGE)], ids=["number", "None", "text", "book"])
    def test_no_list_of_books(self, value: Any) -> None:
        """Books that answer together stand in a list, and each is a book."""
        refused(lambda: strictest(value), "books", "is not a list")
        strange: Any = 5
        refused(lambda: strictest([rulebooks.get(PAGE), strange]), "books[1]", "is not a rulebook")

    def test_what_cannot_be_shown(self) -> None:
        """An error says so, and raises no other one."""
        assert shown(Unprintable()) == "a Unprintable that cannot be shown"
        assert shown(10**5000) == "a int with very many digits"

    @pytest.mark.parametrize("value", ["fever", {"crs": 1}, b"x", 5, np.array(5.0)], ids=["text", "mapping", "bytes", "number", "array"])
    def test_no_list(self, value: Any) -> None:
        """Text and a mapping can be gone through, and are no list; an array without a dimension only looks like one."""
        refused(lambda: listed(value, "field", "pass a list"), "field", "is not a list")
        refused(lambda: NeuroFindings(symptoms=value), "symptoms", "is not a list")
        refused(lambda: Case(patient=Patient(), point="C1D1", labs=value), "labs", "is not a list")
        refused(lambda: Case(patient=Patient(), point="C1D1", course=value), "course", "is not a list")
        refused(lambda: Case(patient=Patient(), point="C1D1", findings=value), "findings", "is neither CrsFindings nor NeuroFindings")

    def test_a_fault_of_ones_own_list_is_not_hidden(self) -> None:
        """What a generator raises while it is gone through is raised on."""

        def broken() -> Iterator[LabResult]:
            msg = "of the caller"
            raise TypeError(msg)
            yield LabResult("alt", "1 U/L")  # pragma: no cover  # makes it a generator

        with pytest.raises(TypeError, match="of the caller"):
            several(broken(), LabResult, "labs")

    @given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.decimals(), st.complex_numbers()))
    @pytest.mark.parametrize("converter", CONVERTERS)
    def test_no_other_error(self, converter: str, value: Any) -> None:
        """A value is taken, or refused as a fault of its field."""
        try:
            CONVERTERS[converter](value)
        except FieldError as error:
            assert error.path.startswith("field")  # noqa: PT017  # most values are taken


DRAWN = datetime(2026, 3, 9, 8, tzinfo=UTC)
FIRST_DOSE = GivenDose("C1D1", datetime(2026, 3, 2, 9, tzinfo=UTC), "1 mg")
SYNDROME = ToxicityEvent("crs", 2, status="active", onset=date(2026, 3, 3))
ALT_RESULT = LabResult("alt", "30 U/L", DRAWN)
ONE_CASE = Case(patient=Patient(), point="C1D8", planned_start=DRAWN, course=[FIRST_DOSE], labs=[ALT_RESULT], events=[SYNDROME])
ON_THE_DAY: dict[str, Any] = {"course": [FIRST_DOSE], "events": [SYNDROME], "planned_start": DRAWN, "role": None, "site_zone": None}
WINDOW: dict[str, Any] = {"patient": Patient(), "last_dose": FIRST, "site_zone": None}
PLAN = plan_course(DRAWN, cycles=1, course=[FIRST_DOSE])
CALLS: dict[str, dict[str, Any]] = {
    "Amount": {"value": 1, "unit": "mg", "bound": ""},
    "Case": {
        "patient": Patient(), "point": "C1D8", "planned_start": DRAWN, "ordered": "10 mg", "course": [FIRST_DOSE], "labs": [ALT_RESULT],
        "events": [SYNDROME], "findings": CrsFindings(), "site_zone": "Europe/Berlin",
    },
    "Course": {"doses": [FIRST_DOSE]},
    "CrsFindings": dict.fromkeys(("temperature", "hypotension", "vasopressin", "oxygen", "fever_masked", "other_cause")),
    "DosePoint": {"cycle": 1, "day": 8},
    "GivenDose": {"point": "C1D1", "started": DRAWN, "amount": "1 mg", "ended": None, "complete": True},
    "IceTest": dict.fromkeys(("year", "month", "city", "hospital", "objects_named", "command", "sentence", "counting")),
    "InfusionSetup": dict.fromkeys(("volume", "rate", "duration", "pump", "constant_rate", "transfer_device")),
    "LabResult": {
        "analyte": "alt", "quantity": "30 U/L", "collected": DRAWN, "lower_limit": "5 U/L", "upper_limit": "40 U/L", "baseline": "30 U/L"
    },
    "NeuroFindings": dict.fromkeys(
        ("ice", "arousable", "consciousness", "seizure", "motor_weakness", "raised_icp", "baseline_ice", "other_cause", "symptoms")
    ),
    "Patient": dict.fromkeys(
        (
            "age_years", "diagnosis", "progressed_after_platinum", "infection", "childbearing_potential", "pregnant", "breastfeeding",
            "hypersensitivity",
        )
    ),
    "Span": {"low": 1, "high": 2, "unit": "h"},
    "ToxicityEvent": {
        "toxicity": "crs", "grade": 2, "scale": None, "status": "resolved", "onset": FIRST, "resolved": FIRST + 3 * DAY,
        "current_grade": None, "improved": None, "findings": None, "other_cause": None, "bleeding": None,
    },
    "assess_case": {"case": ONE_CASE, "max_lab_age": "7 d"},
    "assess_dose": {
        "patient": Patient(), "point": "C1D8", "planned_start": DRAWN, "ordered": "10 mg", "course": [FIRST_DOSE], "labs": [ALT_RESULT],
        "events": [SYNDROME], "findings": CrsFindings(), "site_zone": "Europe/Berlin", "max_lab_age": "7 d",
    },
    "breastfeeding_window": WINDOW,
    "checklist": {"point": "C1D1"},
    "compare": {"case": ONE_CASE, "books": [PAGE], "max_lab_age": None},
    "contraception_window": WINDOW,
    "diff": {"one": PAGE, "other": PAGE},
    "during_infusion": {"findings": CrsFindings()},
    "eligibility": {"patient": Patient()},
    "equivalent_dose": {"amount": "8 mg", "steroid": "dexamethasone", "to": "methylprednisolone", "route": "intravenous"},
    "grade_crs": {"findings": CrsFindings()},
    "grade_febrile_neutropenia": {"neutrophils": LabResult("neutrophils", "0.8 G/L"), "temperature": "38 Cel", "sustained": None},
    "grade_icans": {"findings": NeuroFindings()},
    "grade_lab": {"result": ALT_RESULT, "symptoms": None},
    "ice_assessment": {"findings": NeuroFindings()},
    "ice_score": {"test": IceTest()},
    "infusion_check": {"point": "C1D1", "setup": InfusionSetup()},
    "infusion_plan": {"point": "C1D1"},
    "lab_standings": {
        "point": "C1D8", "labs": [ALT_RESULT], "planned_start": DRAWN, "course": [FIRST_DOSE], "max_lab_age": None, "site_zone": None
    },
    "labs_due": {"point": "C1D1"},
    "liver_injury": {"labs": [ALT_RESULT], "other_cause": None, "site_zone": None},
    "monitoring_duration": {"point": "C1D8", **ON_THE_DAY},
    "next_dose": {"course": [FIRST_DOSE], "planned_start": DRAWN, "site_zone": None},
    "plan_course": {
        "start": DRAWN, "cycles": 1, "until": None, "infusion_at": None, "course": [FIRST_DOSE], "events": [SYNDROME], "labs": [ALT_RESULT],
        "findings": None, "patient": Patient(), "site_zone": None, "closed": None,
    },
    "premedication_plan": {"point": "C1D8", **ON_THE_DAY},
    "preparation": {"dose": "1 mg", "vial": None, "reconstituted_at": DRAWN},
    "read_case": {"document": {"point": "C1D1"}},
    "read_case_file": {"path": "case.json"},
    "replan": {
        "plan": PLAN, "course": [FIRST_DOSE], "events": [SYNDROME], "labs": [ALT_RESULT], "start": DRAWN, "patient": Patient(),
        "closed": None, "findings": None,
    },
    "strictest": {"books": [rulebooks.get(PAGE)]},
    "toxicity_action": {"event": SYNDROME, "point": "C1D8", **ON_THE_DAY},
    "what_to_ask": {"assessment": assess_case(ONE_CASE)},
    "what_would_change": {"assessment": assess_case(ONE_CASE)},
}  # fmt: skip
"""Every public function, and every class that takes a fact, each with all that it takes besides a rulebook."""
HANDS_OUT = {
    "Accounted", "AssessedLab", "AssessedToxicity", "BreastfeedingWindow", "Change", "Checklist", "Citation", "ComparedPart", "Comparison",
    "ContraceptionWindow", "Deadlines", "Decided", "Diff", "Dissent", "DoseAssessment", "Drug", "DuringInfusion", "Fact", "FactToAsk",
    "InfusionPlan", "Instruction", "LabStanding", "LabsDue", "Mixing", "MonitoringPlan", "NearCare", "NeedsData", "NextDose",
    "CoursePlan", "NextDosePrecautions", "NotCovered", "Note", "Overlay", "PlanChange", "PlanChanges", "PlanEntry", "PremedicationPlan",
    "Preparation", "Reason", "Recovery", "Rulebook", "Source",
    "Stack", "Statement", "StopRule", "Storage", "ToxicityAction", "Vote", "WhatIf",
}  # fmt: skip
"""What the library hands out; a policy that puts such a value into a row has it checked when it is made (`TestShapes`)."""
WRITES = {
    "AfterLastDose", "DoseStep", "Interval", "PossibleGrades", "Row", "above", "at_least", "at_most", "below", "between", "grades",
    "points",
}  # fmt: skip
"""What the rows of a policy are made of; they are checked when it is made (`TestShapes`)."""
FACES = (tarlatamab_rules, answers, policy)
"""The public modules."""


def public(name: str) -> Any:
    """What a public name stands for."""
    return next(getattr(face, name) for face in FACES if name in dir(face))


MORE_STRANGE: dict[str, Any] = STRANGE | {
    "a list in a list": [[]],
    "half a character": "\ud800",
    "a digit of another script": "C1D\u0661",
    "very many digits and a unit": f"{'9' * 5000} mg",
    "a type": Case,
    "a patient": Patient(),
    "an event": SYNDROME,
    "a result": ALT_RESULT,
    "a dose": FIRST_DOSE,
    "the last moment there is": datetime.max.replace(tzinfo=timezone(-23 * timedelta(hours=1))),
    "the longest time there is": timedelta.max,
    "a time before nothing": timedelta(-1),
    "an amount in an odd unit": Amount(1, "furlong"),
    "the path of a file": "../../etc/passwd",
    "a path with a zero": "Europe/\0",
    "a stack of nothing": " over ",
    "the strictest of nothing": "strictest of ",
    "a scale": rulebooks.get("ctcae-5.0"),
    "a truth value": True,
    "the smallest number": 5e-324,
    "a list of None": [None],
}


class TestOwnErrors:
    """Whatever is passed anywhere, a public function or class takes it or refuses it with an error of the library."""

    def test_every_public_name(self) -> None:
        """Each is called below, or is handed out by the library; words, errors and modules have no fields."""
        named = {name: public(name) for face in FACES for name in dir(face) if not (face is policy and name.isupper())}
        without = {
            name
            for name, value in named.items()
            if not callable(value) or (isinstance(value, type) and issubclass(value, Enum | Exception))
        }
        assert set(named) - without - {"Decision"} == set(CALLS) | HANDS_OUT | WRITES

    @pytest.mark.parametrize("name", CALLS)
    def test_everything_it_takes_is_below(self, name: str) -> None:
        """Each parameter is tried."""
        assert set(signature(public(name)).parameters) - {"rulebook"} == set(CALLS[name])

    @pytest.mark.parametrize("value", MORE_STRANGE)
    @pytest.mark.parametrize("name", CALLS)
    def test_a_strange_value(self, name: str, value: str) -> None:
        """In each place, by itself and in a list; and what is refused says so in words."""
        call = public(name)
        also = ["rulebook"] if "rulebook" in signature(call).parameters else []
        for parameter, strange in product([*CALLS[name], *also], [MORE_STRANGE[value], [MORE_STRANGE[value]]]):
            try:
                call(**CALLS[name] | {parameter: strange})
            except TarlatamabRulesError as error:
                assert str(error)  # noqa: PT017  # some values are taken
            except OSError:
                assert name == "read_case_file"  # it names a file that is not there

    def test_an_error_of_the_callers_own(self) -> None:
        """What a value itself raises when it is looked at is raised on."""

        class Broken:
            def __getattr__(self, name: str) -> object:
                raise RuntimeError(name)

        broken: Any = Broken()
        with pytest.raises(RuntimeError, match="item"):
            Patient(pregnant=broken)


class TestCopies:
    """Books are frozen, and known by identity."""

    def test_a_book_copies_to_itself(self) -> None:
        """A single book, a stack and a policy; shallow or deep."""
        single = rulebooks.get(PAGE)
        policy = single.overlay("ours", {})
        for book in (single, rulebooks.get(DEFAULT), policy):
            assert copy.copy(book) is book
            assert copy.deepcopy(book) is book


WEIGHT = Checklist((Instruction(Modality.GIVE, "weight"),))
GOOD: dict[str, Any] = {"id": "A-1", "when": {}, "then": WEIGHT, "says": "Weigh."}


def overlay(rows: Any, **options: Any) -> object:
    """A policy over the default."""
    return rulebooks.default().overlay("ours", rows, **options)


class TestHours:
    """Quantities are kept in the unit that their field says."""

    def test_days_of_observation(self) -> None:
        """48 days are 1152 hours, and no 48 hours."""
        plan = MonitoringPlan(observe=Span(48, 48, "d"))
        assert plan.observe == Span(1152, 1152, "h")
        assert MonitoringPlan(observe=Span(90, 120, "min")).observe == Span(1.5, 2, "h")
        ours = rulebooks.default().overlay("ours", {MONITORING: (Row("A", {POINT: points("C1D1", "C1D1")}, plan, "Long."),)})
        assert monitoring_duration("C1D1", events=(), rulebook=ours).unwrap().observe == Span(1152, 1152, "h")

    def test_hours_stay_as_they_are(self) -> None:
        """What is in hours is not touched."""
        span = Span(22, 24, "h")
        assert MonitoringPlan(observe=span).observe is span
        assert MonitoringPlan().observe is None

    def test_near_care(self) -> None:
        """The hours are hours; how far away is a travel time in any unit."""
        care = NearCare(Span(2, 2, "d"), Span(30, 30, "min"), caregiver=True)
        assert (care.hours, care.within) == (Span(48, 48, "h"), Span(30, 30, "min"))

    def test_an_infusion(self) -> None:
        """Hours and mL/h."""
        plan = InfusionPlan(duration=Amount(30, "min"), rate=Amount(5, "mL/min"))
        assert (plan.duration, plan.rate, plan.volume) == (Amount(0.5, "h"), Amount(300, "mL/h"), Amount(150, "mL"))
        assert InfusionPlan().duration is None

    def test_a_dose(self) -> None:
        """In mg."""
        assert DoseStep(Amount(0.01, "g"), Role.LATER).amount == Amount(10, "mg")

    def test_mixing_and_storage(self) -> None:
        """Volumes in mL, times in hours, temperatures in degrees Celsius."""
        litre, vial = Amount(1, "L"), Amount(0.01, "g")
        mixed = Mixing(
            vial=vial, water=litre, concentration=Amount(2.4, "g/L"), bag=litre, discarded=litre, stabilizer=litre, stabilizer_vial=litre,
            drug=litre,
        )  # fmt: skip
        assert (mixed.vial, mixed.water, mixed.concentration) == (Amount(10, "mg"), Amount(1000, "mL"), Amount(2.4, "mg/mL"))
        assert mixed.concentration.quantity.to("mg/L").magnitude == pytest.approx(2400)
        day = Amount(1, "d")
        cold = Span(36, 46, "degF")
        kept = Storage(vial=day, bag_at_room=day, bag_refrigerated=day, rewarmed=day, room=Span(20, 25, "Cel"), refrigerator=cold)
        assert (kept.vial, kept.rewarmed) == (Amount(24, "h"), Amount(24, "h"))
        assert kept.refrigerator == Span(2.22222222222, 7.77777777778, "Cel")

    @pytest.mark.parametrize(
        ("call", "path", "problem"),
        [
            (lambda: MonitoringPlan(observe=Span(48, 48, "mg")), "observe", "is not a unit of a duration"),
            (lambda: MonitoringPlan(observe=Span(-1, 48, "h")), "observe", "is negative"),
            (lambda: MonitoringPlan(observe=Amount(48, "h")), "observe", "is not a Span"),  # type: ignore[arg-type]  # what is refused
            (lambda: MonitoringPlan(observe=48), "observe", "is not a Span"),  # type: ignore[arg-type]  # as above
            (lambda: NearCare(None, None, caregiver=True), "hours", "is not a Span"),  # type: ignore[arg-type]  # as above
            (lambda: InfusionPlan(duration=Span(1, 1, "h")), "duration", "has no unit"),  # type: ignore[arg-type]  # as above
            (lambda: InfusionPlan(rate=Amount(1, "h")), "rate", "is not a unit of a rate"),
            (lambda: DoseStep(Amount(1, "mL"), Role.LATER), "amount", "is not a unit of a mass"),
        ],
    )
    def test_another_kind_of_unit(self, call: Callable[[], object], path: str, problem: str) -> None:
        """A mass is no time, and a time before nothing is none."""
        refused(call, path, problem)

    def test_before_something(self) -> None:
        """A time before an infusion is negative; so is a temperature."""
        assert span_in(Span(-30, 0, "min"), DURATION, "offset", signed=True) == Span(-0.5, 0, "h")
        assert span_in(Span(-4, 32, "degF"), TEMPERATURE, "room") == Span(-20, 0, "Cel")

    def test_orders_are_in_their_order_whatever_the_unit(self) -> None:
        """30 minutes before an infusion come after 1 hour before it."""

        def at(what: str, low: float, unit: str) -> PremedicationPlan:
            return PremedicationPlan((Instruction(Modality.GIVE, what, anchor=Anchor.INFUSION_START, offset=Span(low, low, unit)),))

        rows = (Row("A", {}, at("late", -30, "min"), "Late."), Row("B", {}, at("early", -2, "h"), "Early."))
        ours = rulebooks.get(PAGE).overlay("ours", {PREMEDICATION: rows})
        orders = [item.what for item in ours[PREMEDICATION](1, None, None).possible[0].instructions]  # type: ignore[union-attr]  # it answers
        assert orders.index("early") < orders.index("late")

    def test_no_rate_without_a_time(self) -> None:
        """A volume over no time at all has none."""
        assert Instruction(Modality.GIVE, "saline", Amount(500, "mL"), duration=Span(0, 2, "h")).rate is None
        assert Instruction(Modality.GIVE, "saline", Amount(500, "mL"), duration=Span(1, 2, "h")).rate == Span(250, 500, "mL/h")


class TestShapes:
    """Rows of a wrong shape are refused when a policy is made, with the place."""

    @pytest.mark.parametrize("name", ["says", "id"])
    @pytest.mark.parametrize("value", ["", " ", "\n\t"])
    def test_a_blank_sentence(self, name: str, value: str) -> None:
        """A row says what it means, and has an id."""
        refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {name: value}),)}), f"rows['checklist'][0].{name}", "is blank")

    @pytest.mark.parametrize("name", ["milder_because", "interpretation", "unsettled"])
    def test_a_blank_reason(self, name: str) -> None:
        """A blank is no reason: left out, or a sentence."""
        refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {name: " "}),)}), f"rows['checklist'][0].{name}", "is blank")

    def test_a_blank_reason_for_a_milder_answer(self) -> None:
        """With a blank for a reason a milder answer went through."""
        rows = {BY_AGE: (Row("A", {AGE: at_least(0)}, Eligibility.ELIGIBLE, "All.", milder_because=" "),)}
        refused(lambda: overlay(rows), "rows['eligibility'][0].milder_because", "is blank")
        refused(lambda: overlay({}, lab_scale="ctcae-6.0", milder_because=" "), "milder_because", "is blank")

    @pytest.mark.parametrize("name", ["id", "says", "interpretation", "unsettled", "milder_because"])
    @pytest.mark.parametrize("value", [None, 5, ["x"], b"x"])
    def test_no_text(self, name: str, value: Any) -> None:
        """What is read is text."""
        refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {name: value}),)}), f"rows['checklist'][0].{name}", "is not text")

    @pytest.mark.parametrize("value", [None, 5, [], "rows", (), [(CHECKLIST, ())], Row(**GOOD)])
    def test_no_mapping(self, value: Any) -> None:
        """Rows stand by question."""
        refused(lambda: overlay(value), "rows", "is not a mapping")

    @pytest.mark.parametrize("value", ["checklist", None, 5, AGE, (CHECKLIST,), Checklist])
    def test_no_question(self, value: Any) -> None:
        """A question is one of the library, and no name of one."""
        refused(lambda: overlay({value: (Row(**GOOD),)}), "rows", "is not a question")

    @pytest.mark.parametrize("value", [Row(**GOOD), [Row(**GOOD)], {Row(id="A", when=(), then=None, says="x"): 1}, None, 5, "x", WEIGHT])  # type: ignore[arg-type]  # what is refused
    def test_no_tuple(self, value: Any) -> None:
        """The rows of a question stand in a tuple."""
        refused(lambda: overlay({CHECKLIST: value}), "rows", "the rows of 'checklist' are not a tuple")

    @pytest.mark.parametrize("value", [None, 5, "x", WEIGHT, {"id": "A"}, (Row(**GOOD),), Row])
    def test_no_row(self, value: Any) -> None:
        """It contains rows."""
        refused(lambda: overlay({CHECKLIST: (Row(**GOOD), value)}), "rows['checklist'][1]", "is not a Row")

    @pytest.mark.parametrize("value", [None, 5, "x", [], (AGE, 5), {AGE}])
    def test_no_conditions(self, value: Any) -> None:
        """Conditions stand by fact."""
        refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {"when": value}),)}), "rows['checklist'][0].when", "is not a mapping")

    @pytest.mark.parametrize("value", ["point", None, 5, CHECKLIST, (POINT,)])
    def test_no_fact(self, value: Any) -> None:
        """A fact is one that a question asks about, and no name of one."""
        refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {"when": {value: 1}}),)}), "rows['checklist'][0].when", "is not a fact")

    @pytest.mark.parametrize("value", [None, "x", True, nan, [1], {1, 2}, (1, 2), frozenset((1,)), np.array([1, 2]), Unprintable()])
    def test_no_condition_of_numbers(self, value: Any) -> None:
        """A number, or an interval."""
        row = Row("A", {AGE: value}, Eligibility.EXCLUDED, "So.")
        refused(lambda: overlay({BY_AGE: (row,)}), "rows['eligibility'][0].when['age_years']", "is not a condition")

    @pytest.mark.parametrize(
        "value", [None, ["other"], {"other"}, ("other",), {}, at_least(1), frozenset((None,)), np.array([1, 2]), Unprintable()]
    )
    def test_no_condition_of_members(self, value: Any) -> None:
        """A member, or a frozenset of members."""
        row = Row("A", {DIAGNOSIS: value}, Eligibility.EXCLUDED, "So.")
        refused(lambda: overlay({BY_DIAGNOSIS: (row,)}), "rows['eligibility'][0].when['diagnosis']", "is not a condition")

    def test_a_word_that_is_no_member(self) -> None:
        """The members are listed, as before."""
        row = Row("A", {DIAGNOSIS: "cancer"}, Eligibility.EXCLUDED, "So.")
        with pytest.raises(TableError, match=r"diagnosis: a row names \['cancer'\]; the members are"):
            overlay({BY_DIAGNOSIS: (row,)})

    @pytest.mark.parametrize("value", ["weigh", 5, True, [], (), {}, Checklist, MonitoringPlan(), Span(48, 48, "h"), Unprintable()])
    def test_no_answer(self, value: Any) -> None:
        """The answer is of the type that the question wants, or nothing."""
        error = refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {"then": value}),)}), "rows['checklist'][0].then")
        assert error.fix == "pass Checklist or None"

    def test_a_word_in_the_place_of_an_answer(self) -> None:
        """A word looks like an answer, and is none."""
        value: Any = "excluded"
        row = Row("A", {AGE: at_least(80)}, value, "So.")
        assert refused(lambda: overlay({BY_AGE: (row,)}), "rows['eligibility'][0].then").fix == (
            "did you mean Eligibility.EXCLUDED? Otherwise pass Eligibility or None"
        )

    @pytest.mark.parametrize(
        ("then", "inside"),
        [
            (Checklist("weight"), ".instructions"),  # type: ignore[arg-type]  # what is refused
            (Checklist(["weight"]), ".instructions"),  # type: ignore[arg-type]  # as above
            (Checklist(None), ".instructions"),  # type: ignore[arg-type]  # as above
            (Checklist(("weight",)), ".instructions[0]"),  # type: ignore[arg-type]  # as above
            (Checklist((Instruction("give", "weight"),)), ".instructions[0].modality"),  # type: ignore[arg-type]  # as above
            (Checklist((Instruction(Modality.GIVE, "x", "8 mg"),)), ".instructions[0].amount"),  # type: ignore[arg-type]  # as above
            (Checklist((Instruction(Modality.GIVE, "x", at_most=True),)), ".instructions[0].at_most"),
            (Checklist((Instruction(Modality.GIVE, "x", or_equivalent=1),)), ".instructions[0].or_equivalent"),  # type: ignore[arg-type]  # as above
            (Checklist((Instruction(Modality.GIVE, "x", route="oral"),)), ".instructions[0].route"),  # type: ignore[arg-type]  # as above
            (Checklist((Instruction(Modality.GIVE, "x", or_else=WEIGHT),)), ".instructions[0].or_else"),  # type: ignore[arg-type]  # as above
            (Checklist((Instruction(Modality.GIVE, "x", sources=("a", 1)),)), ".instructions[0].sources[1]"),  # type: ignore[arg-type]  # as above
        ],
    )
    def test_what_is_inside_an_answer(self, then: Checklist, inside: str) -> None:
        """Every part of an answer has its type, however deep it is."""
        refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {"then": then}),)}), f"rows['checklist'][0].then{inside}", "of another type")

    def test_the_kind_of_an_instruction(self) -> None:
        """A kind is a member of its enumeration; a word is refused, and the member that is meant is named."""
        kind: Any = "hydration"
        then = Checklist((Instruction(Modality.GIVE, "water", kind=kind),))
        error = refused(lambda: overlay({CHECKLIST: (Row(**GOOD | {"then": then}),)}), "rows['checklist'][0].then.instructions[0].kind")
        assert error.fix.startswith("did you mean InstructionKind.HYDRATION? ")

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            (5, "5 is not text"),
            (None, "None is not text"),
            ("", "is blank"),
            (" \N{NO-BREAK SPACE}", "is blank"),
            ("weigh\nGIVE 100 mg", r"has the character '\n'"),
            ("weigh\r", r"has the character '\r'"),
            ("\tweigh", r"has the character '\t'"),
            ("\x1b[31mweigh", r"has the character '\x1b'"),
            ("we\x00igh", r"has the character '\x00'"),
            ("weigh\x85", r"has the character '\x85'"),
            ("weigh\u2028", r"has the character '\u2028'"),
            ("weigh \u202egm 01", r"has the character '\u202e'"),
        ],
    )
    def test_what_an_instruction_says(self, text: Any, problem: str) -> None:
        """An instruction prints as one line: line breaks, control characters and marks of direction are refused when it is made."""
        refused(lambda: Instruction(Modality.GIVE, text), "what", problem)
        if text != "":
            refused(lambda: Instruction(Modality.GIVE, "weigh", when=text), "when", problem)

    @pytest.mark.parametrize("text", ["weigh", "euvolémie", "体重", "0.9 % NaCl", "a\N{NO-BREAK SPACE}b"])
    def test_what_an_instruction_may_say(self, text: str) -> None:
        """Any printed line of any language is kept as it is."""
        item = Instruction(Modality.GIVE, text, when=text)
        assert (item.what, item.when) == (text, text)

    def test_grades_and_words_of_other_answers(self) -> None:
        """A set holds grades, and a step a role."""
        grades: Any = frozenset((1, "x"))
        path = "rows['toxicity_action, neurotoxicity grade'][0].then.grades"
        error = refused(lambda: overlay({NEURO_GRADE: (Row("A", {}, PossibleGrades(grades), "So."),)}))
        assert error.path.rpartition("[")[0].endswith(path.rpartition("].")[2])
        role: Any = "later"
        meant = "did you mean {}? Otherwise pass {}"
        step = Row("A", {}, DoseStep(Amount(10, "mg"), role), "So.")
        assert refused(lambda: overlay({NEXT_DOSE: (step,)}), "rows['next_dose'][0].then.role").fix == meant.format("Role.LATER", "Role")

    def test_what_fits(self) -> None:
        """All that an answer can hold passes: a route, an alternative, a least time, a repetition."""
        item = Instruction(
            Modality.GIVE, "x", Span(1, 2, "mg"), route=Route.ORAL, duration=Amount(24, "h", ">="), every=Span(6, 6, "h"), at_most=3,
            or_else=Instruction(Modality.CONSIDER, "y"), sources=("a",),
        )  # fmt: skip
        ours = rulebooks.get(PAGE).overlay("ours", {CHECKLIST: (Row(**GOOD | {"then": Checklist((item,))}),)})
        assert ours.name == "ours"
        assert Recovery(None).at_most is None

    @pytest.mark.parametrize("value", ["", " ", None, 5, ["x"]])
    def test_the_name_of_a_policy(self, value: Any) -> None:
        """Text, and not blank."""
        refused(lambda: rulebooks.default().overlay(value, {}), "name")

    @pytest.mark.parametrize("name", ["title", "revision", "milder_because"])
    @pytest.mark.parametrize("value", [" ", None, 5])
    def test_what_a_policy_is_called(self, name: str, value: Any) -> None:
        """Text, or left out."""
        options: dict[str, Any] = {name: value}
        refused(lambda: overlay({}, **options), name)

    @pytest.mark.parametrize("name", ["astct-2019", "us-2025-11"])
    def test_no_scale_of_laboratory_values(self, name: str) -> None:
        """A scale that grades no result is refused, and not found out with the first one; also with a reason."""
        error = refused(lambda: overlay({}, lab_scale=name, milder_because="so it is"), "lab_scale", "does not grade laboratory values")
        assert error.fix == "use one of ctcae-5.0, ctcae-6.0"

    @pytest.mark.parametrize("value", ["ctcae-4.0", 5, ["ctcae-5.0"]])
    def test_a_scale_that_is_not_known(self, value: Any) -> None:
        """A name that no book has."""
        with pytest.raises(UnknownRulebookError):
            overlay({}, lab_scale=value, milder_because="so it is")


class DateutilLike(tzinfo):
    """A zone as those of dateutil: it compares by value, and has no hash."""

    __hash__ = None  # type: ignore[assignment]  # as dateutil has it

    def __init__(self, hours: int) -> None:
        self.offset = timedelta(hours=hours)

    def __eq__(self, other: object) -> bool:
        """By value."""
        return isinstance(other, DateutilLike) and self.offset == other.offset

    def utcoffset(self, _when: datetime | None) -> timedelta:
        """Always the same."""
        return self.offset

    def dst(self, _when: datetime | None) -> timedelta:
        """None."""
        return timedelta()

    def tzname(self, _when: datetime | None) -> str:
        """A name."""
        return "X"


def zones() -> list[tuple[tzinfo, tzinfo]]:
    """Pairs of zones of one case."""
    tz: Any = pytest.importorskip("dateutil.tz")
    return [
        (DateutilLike(1), DateutilLike(1)),
        (DateutilLike(1), UTC),
        (tz.tzutc(), tz.tzutc()),
        (tz.tzlocal(), tz.tzoffset(None, 3600)),
        (tz.gettz("Europe/Berlin"), timezone(timedelta(hours=-5))),
    ]


class TestZones:
    """Zones that are not hashable."""

    @pytest.mark.parametrize("n", range(5))
    def test_a_whole_assessment(self, n: int) -> None:
        """It is assessed, asked about and written, as with a zone of the standard library."""
        one, other = zones()[n]
        start = datetime(2026, 3, 9, 9, tzinfo=one)
        case = Case(
            patient=well(),
            point="C1D8",
            planned_start=start,
            course=[
                GivenDose(
                    "C1D1", datetime(2026, 3, 2, 9, tzinfo=other), "1 mg", ended=datetime(2026, 3, 2, 10, tzinfo=other), complete=True
                )
            ],
            labs=normal_labs(datetime(2026, 3, 9, 1, tzinfo=other)),
            events=[ToxicityEvent("crs", 1, onset=datetime(2026, 3, 3, 9, tzinfo=one), resolved=datetime(2026, 3, 4, 9, tzinfo=other))],
        )
        assessment = assess_case(case)
        assert assessment.verdict == "proceed"
        assert what_would_change(assessment)
        assert what_to_ask(assessment) == ()
        assert assess_case(read_case(case_document(case))).verdict == "proceed"

    def test_a_time_without_an_offset(self) -> None:
        """Is still refused beside one of such a zone."""
        start = datetime(2026, 3, 2, 9, tzinfo=DateutilLike(1))
        labs = normal_labs(datetime(2026, 3, 2, 1))  # noqa: DTZ001  # what is refused
        refused(lambda: Case(patient=well(), point="C1D1", planned_start=start, labs=labs), "labs[0].collected", "has no UTC offset")


NORMAL = {
    Analyte.NEUTROPHILS: (4, 8),
    Analyte.WHITE_CELLS: (6, 11),
    Analyte.LYMPHOCYTES: (2, 4),
    Analyte.HEMOGLOBIN: (14, 18),
    Analyte.PLATELETS: (250, 400),
    Analyte.ALT: (20, 40),
    Analyte.AST: (20, 40),
    Analyte.BILIRUBIN: (0.6, 1.2),
    Analyte.ALKALINE_PHOSPHATASE: (80, 120),
    Analyte.CREATININE: (0.9, 1.2),
    Analyte.SODIUM: (140, 145),
    Analyte.POTASSIUM: (4.1, 5),
    Analyte.URIC_ACID: (5, 7),
}
"""A normal value, and an upper limit."""


class TestLowerLimit:
    """A lower limit of 0."""

    @pytest.mark.parametrize("analyte", list(Analyte))
    def test_exploring(self, analyte: Analyte) -> None:
        """Nothing is below it, and what would change the verdict is found all the same."""
        unit, (value, upper) = KINDS[analyte].unit, NORMAL[analyte]
        labs = [lab for lab in normal_labs(FIRST) if lab.analyte is not analyte]
        result = LabResult(analyte, (value, unit), FIRST, (0, unit), (upper, unit))
        assessment = assess_dose(well(), "C1D1", planned_start=FIRST, labs=[*labs, result], course=())
        assert "if patient.age_years is < 18, then excluded" in map(str, what_would_change(assessment))
        assert all(each.path for each in what_to_ask(assessment))

    def test_a_limit_next_to_nothing(self) -> None:
        """The smallest number that there is is no limit and no baseline; nothing as a lower limit, and the least baseline, divide bands."""
        for fact in ("lower_limit", "baseline"):
            with pytest.raises(UnitError, match=fact):
                LabResult("sodium", "140 mmol/L", FIRST, **{fact: (5e-324, "mmol/L")})
        sodium = LabResult("sodium", "140 mmol/L", FIRST, (0, "mmol/L"), "145 mmol/L", baseline=(LEAST[Analyte.SODIUM], "mmol/L"))
        alt = LabResult("alt", "20 U/L", FIRST, (0, "U/L"), "40 U/L", baseline=(LEAST[Analyte.ALT], "U/L"))
        labs = [lab for lab in normal_labs(FIRST) if lab.analyte not in {"sodium", "alt"}]
        assessment = assess_dose(well(), "C1D1", planned_start=FIRST, labs=[*labs, sodium, alt], course=())
        assert what_would_change(assessment)


class TestCommandLine:
    """An error that nobody has foreseen."""

    @pytest.mark.parametrize(
        "error", [RuntimeError("a\nb"), KeyError("x"), AssertionError(), RecursionError("deep"), ValueError("é" * 2000)]
    )
    @pytest.mark.parametrize("command", ["rulebooks", "assess"])
    def test_one_line(self, command: str, error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """One line that names it, exit status 3, nothing on the standard output, and no traceback."""

        def fails(_options: object) -> int:
            raise error

        monkeypatch.setitem(_COMMANDS, command, fails)
        assert main([command, *(["case.json"] if command == "assess" else [])]) == 3
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1
        assert type(error).__name__ in err
        assert "Traceback" not in err
        assert len(err) < 700

    def test_what_is_no_error_of_the_library(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that cannot be read is still 2, and a help still 0."""
        assert main(["assess", str(tmp_path / "none.json")]) == 2
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main(["--help"])
        assert stopped.value.code == 0

    @pytest.mark.parametrize("command", ["assess", "replay"])
    def test_it_is_described(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        """The command says so itself, and so does its page."""
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert "3, no answer: an error in the library itself" in " ".join(capsys.readouterr().out.split())
        page = (Path(__file__).parents[1] / "docs" / "reference" / "command_line.md").read_text(encoding="utf-8")
        assert "\n| 3 | no answer: an unexpected error in the library itself" in page


MANY = 8_000


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.process_time()
    call()
    return time.process_time() - start


def many(kind: str) -> list[GivenDose]:
    """A course that nobody was given."""
    start = date(1990, 1, 1)
    if kind == "one point":
        return [GivenDose("C1D1", start + n * DAY) for n in range(MANY)]
    if kind == "undated":
        return [GivenDose("C1D1", None, (n + 1, "mg")) for n in range(MANY)]
    if kind == "backwards":
        return [GivenDose(DosePoint.at(1990 - n % 1990), start + n * DAY, (n + 1, "mg")) for n in range(MANY)]
    return [GivenDose(DosePoint.at(1 + n % 1990), start, (n + 1, "mg"), complete=None) for n in range(MANY)]


def dates() -> st.SearchStrategy[list[tuple[DosePoint, date]]]:
    """Doses on days, in any order."""
    one = st.tuples(st.integers(1, 9).map(DosePoint.at), st.integers(0, 40).map(lambda n: FIRST + n * DAY))
    return st.lists(one, max_size=12, unique=True)


class TestLongLists:
    """Nothing takes more than its share of time."""

    @pytest.mark.parametrize("book", [PAGE, "us-2025-11", DEFAULT])
    @pytest.mark.parametrize("kind", ["one point", "undated", "backwards", "one day"])
    def test_doses(self, kind: str, book: str) -> None:
        """8,000 doses of a course are read and assessed within a second, by whatever book."""
        doses = many(kind)
        assess_dose(well(), "C1D1", planned_start=FIRST, labs=normal_labs(FIRST), course=(), rulebook=book)
        assert seconds(lambda: Course(doses)) < 1
        assert seconds(lambda: assess_dose(well(), "C2D1", planned_start=FIRST, labs=normal_labs(FIRST), course=doses, rulebook=book)) < 1

    def test_a_dose_that_stands_there_twice(self) -> None:
        """It is still named, the second of them; and refused within a second."""
        doses = many("undated")
        assert seconds(lambda: refused(lambda: Course([*doses, doses[5]]), f"doses[{MANY}]", "C1D1 is listed twice")) < 1

    def test_repeated_keys(self) -> None:
        """20,000 keys that stand there twice are named, each once, in their order, within a second."""
        text = '{"point": "C1D1", ' + ", ".join(f'"k{n}": 1, "k{n}": 2' for n in range(20_000)) + "}"
        found: list[str] = []

        def read() -> None:
            with pytest.raises(DocumentError) as caught:
                read_case(text)
            every: tuple[Any, ...] = caught.value.exceptions
            found.extend(fault.path for fault in every if fault.problem == "occurs twice in one object")

        assert seconds(read) < 1
        assert found == [f"k{n}" for n in range(20_000)]

    @given(dates())
    def test_doses_that_are_too_early(self, moments: list[tuple[DosePoint, date]]) -> None:
        """The same pairs are found, in the same order, as by looking at each pair."""
        dated = [(n, point, when) for n, (point, when) in enumerate(moments)]
        assert _early_pairs(dated) == [(one, other) for one, other in combinations(dated, 2) if _is_early(one, other)]

    def test_a_thousand_are_named(self) -> None:
        """Of more pairs than anybody reads a thousand are named, those of long ago as notes, and that there are others."""
        found = assess_dose(well(), "C2D1", planned_start=FIRST, labs=normal_labs(FIRST), course=many("one day"), rulebook=PAGE)
        early = [reason.says for reason in found.dose.reasons if reason.row == "guard/too-early"]
        assert len(early) == 1
        assert any("too early after" in note for note in found.notes)
        assert early[-1] == "Other doses are too early as well. Check the dates of the whole course."

    def test_three_of_one_day(self) -> None:
        """Every pair of them is named, as before."""
        doses = [GivenDose(point, FIRST, "1 mg") for point in ("C1D1", "C1D8", "C1D15")]
        found = assess_dose(well(), "C2D1", planned_start=FIRST + 28 * DAY, labs=(), course=doses, rulebook=PAGE)
        early = [reason.says for reason in found.dose.reasons if reason.row == "guard/too-early"]
        assert early == [
            "C1D8 is on 2026-03-02, too early after C1D1 on 2026-03-02.",
            "C1D15 is on 2026-03-02, too early after C1D1 on 2026-03-02.",
            "C1D15 is on 2026-03-02, too early after C1D8 on 2026-03-02.",
        ]

    def test_the_role_of_a_late_dose(self) -> None:
        """What a dose is in a long course is the same as dose by dose: after 1 mg and then only 10 mg it is a later one."""
        doses = [GivenDose(DosePoint.at(1 + n), FIRST + 14 * n * DAY, "10 mg" if n else "1 mg") for n in range(300)]
        step = next_dose(doses, planned_start=FIRST + 14 * 300 * DAY, rulebook="us-2025-11").unwrap()
        assert (step.amount, step.role, step.restart) == (Amount(10, "mg"), "later", False)


class TestActiveEvents:
    """An ongoing event has a grade."""

    @pytest.mark.parametrize("toxicity", list(Toxicity))
    def test_grade_0(self, toxicity: Toxicity) -> None:
        """An active event of grade 0 cannot be; a past one, or one of which it is not known, can."""
        refused(lambda: ToxicityEvent(toxicity, 0, status="active"), "grade", "an active event has a grade")
        assert ToxicityEvent(toxicity, 0).grade == 0
        assert ToxicityEvent(toxicity, 0, status="resolved").grade == 0
        assert ToxicityEvent(toxicity, status="active").grade is None

    def test_in_a_document(self) -> None:
        """The fault names the event."""
        document = {"point": "C1D8", "events": [{"toxicity": "crs"}, {"toxicity": "crs", "grade": 0, "status": "active"}]}
        assert [fault.path for fault in faults(document)] == ["events[1].grade"]

    def test_one_that_ends_after_the_dose(self) -> None:
        """An event of grade 0 that ends after the dose is ongoing at the dose, with a grade that is not known. A note says so."""
        later = ToxicityEvent("crs", 0, onset=FIRST, resolved=FIRST + 9 * DAY)
        course = [GivenDose("C1D1", FIRST, "1 mg", ended=FIRST, complete=True)]
        start = FIRST + 7 * DAY
        found = assess_dose(well(), "C1D8", planned_start=start, labs=normal_labs(start), course=course, events=[later])
        assert found.verdict == "withhold"
        assert any(note.startswith("events[0]: CRS of grade 0 with an onset and an end is ongoing") for note in found.notes)


DOCUMENT: dict[str, Any] = {
    "patient": {
        "age_years": 64,
        "diagnosis": "extensive-stage-sclc",
        "progressed_after_platinum": True,
        "infection": "none",
        "childbearing_potential": True,
        "pregnant": False,
        "breastfeeding": False,
        "hypersensitivity": False,
    },
    "point": "C1D15",
    "planned_start": "2025-10-20T09:00:00+02:00",
    "ordered": "10 mg",
    "course": [
        {
            "point": "C1D8",
            "started": "2025-10-13T09:00:00+02:00",
            "ended": "2025-10-13T10:00:00+02:00",
            "amount": "10 mg",
            "complete": True,
        },
        {"point": "C1D1", "started": "2025-10-06T09:00:00+02:00", "ended": "2025-10-06T10:00:00+02:00", "amount": "1 mg", "complete": True},
    ],
    "labs": [
        {"analyte": name, "value": value, "unit": unit, "collected": "2025-10-19T09:00:00+02:00", "lower_limit": low, "upper_limit": high}
        for name, value, unit, low, high in (
            ("neutrophils", 4, "10*9/L", 1.5, 8),
            ("alt", 20, "U/L", 5, 40),
            ("sodium", 140, "mmol/L", 135, 145),
        )
    ],
    "events": [
        {
            "toxicity": "crs",
            "grade": 2,
            "scale": "astct-2019",
            "status": "resolved",
            "onset": "2025-10-07T09:00:00+02:00",
            "improved": "2025-10-08T09:00:00+02:00",
            "resolved": "2025-10-09T09:00:00+02:00",
            "current_grade": 0,
            "other_cause": False,
            "bleeding": False,
            "findings": {"temperature": "38.5 Cel", "hypotension": "none", "vasopressin": False, "oxygen": "none", "fever_masked": False},
        },
        {
            "toxicity": "icans",
            "grade": 1,
            "status": "active",
            "onset": "2025-10-14T09:00:00+02:00",
            "current_grade": 1,
            "findings": {"ice": 8, "arousable": True, "consciousness": "alert", "seizure": "none", "symptoms": ["confusion"]},
        },
        {"toxicity": "neutropenia", "grade": 3, "onset": "2025-10-14", "improved": "2025-10-16", "resolved": "2025-10-17"},
    ],
    "findings": {"crs": {"temperature": "37 Cel", "hypotension": "none"}, "icans": {"ice": 10, "symptoms": []}},
}
PARTS = tuple(DOCUMENT)
NUMBERS: list[Any] = [0, 1, -1, 6, 1e308, nan, inf, 10**400, 1_000_000, 0.001, 5e-324]
TIMES: list[Any] = ["2025-10-01", "1800-01-01", "2025-10-01T09:00:00", "2030-01-01T00:00:00Z", "2000-01-01T00:00:00Z"]
WORDS: list[Any] = [
    "",
    " ",
    "x",
    "<5",
    "5 mg",
    "C9D9",
    "C1D1",
    "38 Cel",
    "99 Cel",
    "active",
    "resolved",
    "crs",
    "icans",
    "neutropenia",
    "mask",
]
OTHERS: list[Any] = [None, True, False, "alt", "mmol/L", "g/dL", [], [1], [None], ["x"], [{}], {}, {"x": 1}, {"crs": {}}]
JUNK = [*NUMBERS, *TIMES, *WORDS, *OTHERS]


def faults(document: Any) -> list[FieldError]:
    """The faults of a document."""
    try:
        read_case(document)
    except DocumentError as error:
        found: tuple[Any, ...] = error.exceptions
        return list(found)
    return []


def nodes(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        yield (*path, key)
        yield from nodes(value, (*path, key))


PATHS = list(nodes(DOCUMENT))


@st.composite
def mutants(draw: st.DrawFn) -> tuple[tuple[Any, ...], Any]:
    """A document with one thing in it changed, left out, added or doubled; and where."""
    document = copy.deepcopy(DOCUMENT)
    path = draw(st.sampled_from(PATHS))
    holder: Any = document
    for step in path[:-1]:
        holder = holder[step]
    how = draw(st.sampled_from(["change", "change", "change", "drop", "add", "double"]))
    if how == "drop":
        del holder[path[-1]]
    elif how == "add" and isinstance(holder, dict):
        holder["strange"] = 1
    elif how == "double" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[path[-1]]))
    else:
        holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(JUNK)))
    return path, document


def steps(path: str) -> list[Any]:
    """A path as the keys and places that it is made of."""
    return [int(step) if step.isdecimal() else step for step in re.findall(r"[^.\[\]]+", path)]


class TestPaths:
    """Every fault names its place."""

    def test_the_document_is_whole(self) -> None:
        """Unchanged, it has no fault."""
        assert faults(DOCUMENT) == []

    @examples(600)
    @given(mutants(), st.booleans())
    def test_a_changed_document(self, mutant: tuple[tuple[Any, ...], Any], as_text: bool) -> None:  # hypothesis draws it
        """The path of each fault begins with a part of the case, names the place of an item, and only keys that were written.

        It leads to what was changed, or to a fact beside it in the same item; only times that do not go together may stand elsewhere.
        """
        where, document = mutant
        for fault in faults(json.dumps(document) if as_text else document):
            path = steps(fault.path)
            assert path[0] in {*PARTS, "strange"}
            assert fault.problem
            if path[0] in {"course", "labs", "events"} and len(where) > 1:
                assert isinstance(path[1], int)
            holder: Any = document
            for step in path[:-1]:
                holder = holder[step]
            missing = fault.problem == "is missing"
            assert missing or "does not grade" in fault.problem or path[-1] in holder or isinstance(path[-1], int)
            elsewhere = "UTC offset" in fault.problem or (where == ("planned_start",) and "planned start" in fault.problem)
            if not elsewhere and path[0] in {"course", "labs", "events"} and "twice" not in fault.problem:
                assert all(step == place for step, place in zip(path[:2], where, strict=False))

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"events.2.improved": "2025-10-18"}, "events[2].improved"),
            ({"events.0.improved": "2025-10-01T00:00:00Z"}, "events[0].improved"),
            ({"events.0.findings.temperature": "99 Cel"}, "events[0].findings.temperature"),
            ({"events.1.findings.symptoms": ["confusion", "x"]}, "events[1].findings.symptoms[1]"),
            ({"course.1.ended": "2025-10-06T08:00:00+02:00"}, "course[1].ended"),
            ({"findings.crs.temperature": "3 Cel"}, "findings.crs.temperature"),
            ({"labs.2.value": 14_000_000}, "labs[2].value"),
            ({"labs.1.value": "<"}, "labs[1].value"),
            ({"labs.1.value": -1}, "labs[1].value"),
            ({"labs.0.lower_limit": 9}, "labs[0].lower_limit"),
            ({"labs.0.baseline": 0}, "labs[0].baseline"),
            (
                {"course.0.started": "2025-10-13", "course.0.ended": None, "course.1.started": "2025-10-06T09:00", "course.1.ended": None},
                "course[1].started",
            ),
        ],
    )
    def test_the_whole_path(self, changes: dict[str, Any], path: str) -> None:
        """A fault names the key and the place that were written, also in a course that is not in its order."""
        document = copy.deepcopy(DOCUMENT)
        for place, value in changes.items():
            holder: Any = document
            *way, last = steps(place)
            for step in way:
                holder = holder[step]
            holder[last] = value
        assert [fault.path for fault in faults(document)] == [path]

    def test_in_python(self) -> None:
        """A case made in Python names places as well, and so does a rule that takes a course."""
        base: dict[str, Any] = {"patient": Patient(), "point": "C1D8"}
        strange: Any = "x"
        dose, other = GivenDose("C1D1", FIRST), GivenDose("C1D1", FIRST + DAY)
        refused(lambda: Case(**base, course=[dose, other, dose]), "course[2]", "is listed twice")
        refused(lambda: next_dose([dose, other, dose], planned_start=FIRST), "course[2]", "is listed twice")
        refused(lambda: next_dose([dose, strange], planned_start=FIRST), "course[1]", "is not a GivenDose")
        refused(lambda: Case(**base, labs=[LabResult("alt", "1 U/L"), strange]), "labs[1]", "is not a LabResult")
        refused(lambda: Case(**base, events=[ToxicityEvent("crs"), strange]), "events[1]", "is not a ToxicityEvent")
        refused(lambda: Case(**base, findings=[CrsFindings(), strange]), "findings[1]", "is neither CrsFindings nor NeuroFindings")
        refused(lambda: Case(**base, findings=[CrsFindings(), CrsFindings()]), "findings[1]", "is listed twice")
        refused(lambda: Case(**base, findings=strange), "findings", "is neither CrsFindings nor NeuroFindings")

    def test_times_of_a_course_out_of_order(self) -> None:
        """The dose whose time has no offset is named by its place in the list that was passed."""
        naive = datetime(2026, 3, 2, 9)  # noqa: DTZ001  # what is refused
        course = [GivenDose("C1D8"), GivenDose("C1D1", naive)]
        start = datetime(2026, 3, 16, 9, tzinfo=UTC)
        refused(
            lambda: Case(patient=Patient(), point="C1D15", planned_start=start, course=course), "course[1].started", "has no UTC offset"
        )
        assert Course(course).places == (1, 0)
        assert [str(dose.point) for dose in Course(course).doses] == ["C1D1", "C1D8"]
        assert Course(course) == Course(course[::-1])

    def test_a_kind_of_unit(self) -> None:
        """The unit of a result is refused at its unit."""
        document = {"point": "C1D1", "labs": [{"analyte": "alt", "value": 1, "unit": "mg/dL"}]}
        (fault,) = faults(document)
        assert (fault.path, type(fault)) == ("labs[0].unit", UnitError)
        assert isinstance(faults({"point": 5})[0], FieldTypeError)

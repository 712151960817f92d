"""How a caller supplies a fact that an assessment asks for: one way for every path, through the fields that a case has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs

from helpers import normal_labs
from tarlatamab_rules import Case, CrsFindings, DosePoint, GivenDose, NeuroFindings, ToxicityEvent
from tarlatamab_rules.assessment.chart import ActiveInfection
from tarlatamab_rules.inputs.analytes import RANGES, Analyte
from tarlatamab_rules.inputs.events import findings_type, grades_of
from tarlatamab_rules.inputs.vocabulary import EventStatus, Grade, Toxicity

PATIENT: dict[str, Any] = {
    "age_years": 64,
    "diagnosis": "extensive-stage-sclc",
    "progressed_after_platinum": True,
    "infection": "none",
    "childbearing_potential": False,
    "pregnant": False,
    "breastfeeding": False,
    "hypersensitivity": False,
}
FINDINGS: dict[str, dict[str, Any]] = {
    "crs": {
        "temperature": "36.8 Cel",
        "hypotension": "none",
        "vasopressin": False,
        "oxygen": "none",
        "fever_masked": False,
        "other_cause": False,
    },
    "icans": {
        "ice": 10,
        "arousable": True,
        "consciousness": "alert",
        "seizure": "none",
        "motor_weakness": False,
        "raised_icp": "none",
        "baseline_ice": 10,
        "other_cause": False,
        "symptoms": [],
    },
}


class CannotBeSuppliedError(AssertionError):
    """A fact is asked for that no field of a case holds."""

    def __init__(self, path: str) -> None:
        super().__init__(f"no field of a case holds {path}")


def supplied(case: Case, path: str) -> Case:
    """The case with a plausible value for the fact at *path*.

    Raises:
        CannotBeSuppliedError: No field holds it.
    """
    for pattern, supply in _WAYS:
        if match := re.fullmatch(pattern, path):
            try:
                return supply(case, *match.groups())
            except _NO_SUCH_FIELD as error:
                raise CannotBeSuppliedError(path) from error
    raise CannotBeSuppliedError(path)


_NO_SUCH_FIELD = (TypeError, KeyError, IndexError)


def _with(record: Any, fact: str, value: Any) -> Any:
    facts: dict[str, Any] = {fact: value}
    return attrs.evolve(record, **facts)


def _replaced(items: Any, n: int, item: Any) -> tuple[Any, ...]:
    return (*items[:n], item, *items[n + 1 :])


def _patient(case: Case, fact: str) -> Case:
    value = PATIENT[fact]
    if fact == "childbearing_potential" and case.patient.pregnant:
        value = True
    return attrs.evolve(case, patient=_with(case.patient, fact, value))


def _last_time(case: Case) -> Any:
    doses = case.course.doses if case.course else ()
    times = [when for dose in doses for when in (dose.ended, dose.started) if when is not None]
    return max(times, key=lambda when: (when.toordinal(), when.isoformat()), default=None)


def _naive(case: Case) -> bool:
    """Whether the times of the case carry no UTC offset."""
    times = [case.planned_start, _last_time(case)]
    times += [result.collected for result in case.labs or ()]
    times += [when for event in case.events or () for when in (event.onset, event.improved, event.resolved)]
    times += [dose.started for dose in (case.course.doses if case.course else ())]
    return any(isinstance(when, datetime) and when.tzinfo is None for when in times)


def _start(case: Case) -> Case:
    moment: Any = _last_time(case)
    if moment is None:
        moment = datetime.fromisoformat("2026-06-01T09:00:00" if _naive(case) else "2026-06-01T09:00:00+00:00")
    return attrs.evolve(case, planned_start=moment + timedelta(days=14))


def _course(case: Case) -> Case:
    """A clean course up to the planned dose."""
    start: Any = case.planned_start or datetime.fromisoformat("2026-06-01T09:00:00" if _naive(case) else "2026-06-01T09:00:00+00:00")
    doses = []
    for number in range(case.point.number - 1, 0, -1):
        start -= timedelta(days=14 if number > 2 else 7)
        end = start + timedelta(hours=1) if isinstance(start, datetime) else None
        doses.append(GivenDose(DosePoint.at(number), start, "1 mg" if number == 1 else "10 mg", ended=end, complete=True))
    return attrs.evolve(case, course=doses)


def _of_dose(case: Case, place: str, fact: str) -> Case:
    doses = list(case.course.doses if case.course else ())
    n = int(place) if place.isdigit() else [str(dose.point) for dose in doses].index(place)
    dose = doses[n]
    start: Any = dose.started
    if fact == "started":
        known = [(other.point.number, other.started) for other in doses if other.started is not None]
        start = max(((number, when) for number, when in known if number < dose.point.number), default=None)
        base: Any = start[1] + timedelta(days=7) if start else (case.planned_start or _start(case).planned_start)
        value: Any = base if start else base - timedelta(days=14)
        doses[n] = attrs.evolve(dose, started=value, ended=None)
    elif fact == "ended":
        doses[n] = attrs.evolve(dose, ended=start + timedelta(hours=1))
    else:
        doses[n] = _with(dose, fact, {"amount": "1 mg" if dose.point.number == 1 else "10 mg", "complete": True}[fact])
    return attrs.evolve(case, course=doses)


def _drawn(case: Case) -> Any:
    """When a sample may be drawn that counts: an hour before the dose, or on its day."""
    start: Any = case.planned_start or _start(case).planned_start
    return start - timedelta(hours=1) if isinstance(start, datetime) else start


def _new_result(case: Case, analyte: str) -> Case:
    results = {str(result.analyte): result for result in normal_labs(_drawn(case))}
    return attrs.evolve(case, labs=(*(case.labs or ()), results[analyte]))


def _of_results(case: Case, analyte: str, fact: str) -> Case:
    """A fact of every result of an analyte that lacks it."""
    known: set[str] = {str(kind) for kind in Analyte}
    if analyte not in known:
        raise KeyError(analyte)
    labs = case.labs or ()
    for n, result in enumerate(labs):
        if str(result.analyte) == analyte:
            labs = _replaced(labs, n, _better(case, result, fact))
    return attrs.evolve(case, labs=tuple(dict.fromkeys(labs)))


def _of_result(case: Case, n: str, fact: str) -> Case:
    labs = case.labs or ()
    return attrs.evolve(case, labs=_replaced(labs, int(n), _better(case, labs[int(n)], fact)))


def _better(case: Case, result: Any, fact: str) -> Any:
    kind = next((other for other in normal_labs(None) if other.analyte is result.analyte), result)
    if fact == "value":
        return attrs.evolve(result, quantity=(result.quantity.value, result.quantity.unit))
    if fact == "collected":
        return attrs.evolve(result, collected=_drawn(case))
    if getattr(result, fact) is not None:
        return result
    low, high = kind.lower_limit or result.quantity, kind.upper_limit or result.quantity
    if fact == "lower_limit":
        value = low.value if result.upper_limit is None else min(low.value, result.upper_limit.value)
    elif fact == "upper_limit":
        value = high.value if result.lower_limit is None else max(high.value, result.lower_limit.value)
    else:
        value = (result.upper_limit or high).value
    within = getattr(RANGES[result.analyte], fact)
    value = min(max(value, within.least), within.greatest)
    return _with(result, {"lower_limit": fact, "upper_limit": fact, "baseline": fact}[fact], (value, result.quantity.unit))


def _of_event(case: Case, n: str, fact: str) -> Case:
    events = case.events or ()
    return attrs.evolve(case, events=_replaced(events, int(n), _with_fact(case, events[int(n)], fact)))


def _of_new_event(case: Case, toxicity: str, fact: str) -> Case:
    """A fact of an episode that is not reported: it is reported, with what the episode is known to be."""
    events = case.events or ()
    reported = [n for n, event in enumerate(events) if str(event.toxicity) == toxicity and getattr(event, fact) is None]
    if reported:
        return _of_event(case, str(reported[-1]), fact)
    kind = Toxicity(toxicity)
    status = EventStatus.ACTIVE if kind is Toxicity.INFECTION and case.patient.infection in ActiveInfection else None
    event = ToxicityEvent(kind, min(grade for grade in grades_of(kind) if grade), status=status)
    return attrs.evolve(case, events=(*events, event if fact == "grade" else _with_fact(case, event, fact)))


def _with_fact(case: Case, event: ToxicityEvent, fact: str) -> ToxicityEvent:
    after: Any = event.resolved or case.planned_start
    values: dict[str, Callable[[], Any]] = {
        "grade": lambda: max(event.current_grade or 0, min(grade for grade in grades_of(event.toxicity) if grade)),
        "status": lambda: "active" if event.current_grade else "resolved",
        "onset": lambda: event.improved or after,
        "improved": lambda: event.onset or after,
        "resolved": lambda: event.improved or event.onset or after,
        "current_grade": lambda: event.grade,
        "bleeding": lambda: False,
        "other_cause": lambda: False,
        "scale": lambda: None,  # the one that the book reads
    }
    value = values[fact]()
    # What is said already is not what is missing; but an episode that goes on is not of grade 0.
    if fact in {"grade", "status"} and getattr(event, fact) not in {None, Grade.NONE, "unknown"}:
        raise KeyError(fact)
    told: ToxicityEvent = _with(event, fact, value)
    return told


def _event_findings(case: Case, n: str, fact: str) -> Case:
    events = case.events or ()
    event = events[int(n)]
    kind = findings_type(event.toxicity)
    found = event.findings or (kind() if kind is not None else None)
    name = "crs" if kind is CrsFindings else "icans"
    return attrs.evolve(case, events=_replaced(events, int(n), attrs.evolve(event, findings=_found(found, fact, FINDINGS[name][fact]))))


def _found(findings: Any, fact: str, value: Any) -> Any:
    """The findings with one more; a temperature that is asked for again is taken when the drug no longer acts."""
    again = fact == "temperature" and findings.temperature is not None
    return _with(_with(findings, "fever_masked", False) if again else findings, fact, value)


def _findings(case: Case, name: str, fact: str | None = None) -> Case:
    kind: Any = CrsFindings if name == "crs" else NeuroFindings
    found = next((each for each in case.findings or () if type(each) is kind), kind())
    fields = attrs.fields_dict(kind)
    facts = [fact] if fact else [each for each in FINDINGS[name] if each in fields and getattr(found, each) is None]
    for each in facts:
        found = _found(found, each, FINDINGS[name][each])
    return attrs.evolve(case, findings=(*(each for each in case.findings or () if type(each) is not kind), found))


_WAYS: tuple[tuple[str, Callable[..., Case]], ...] = (
    (r"patient\.(\w+)", _patient),
    (r"planned_start", _start),
    (r"course", _course),
    (r"course\.(C\d+D\d+)\.(\w+)", _of_dose),
    (r"course\[(\d+)\]\.(\w+)", _of_dose),
    (r"events", lambda case: attrs.evolve(case, events=())),
    (r"events\[(\d+)\]\.(\w+)", _of_event),
    (r"events\[(\d+)\]\.findings\.(\w+)", _event_findings),
    (r"events\.([\w-]+)\.(\w+)", _of_new_event),
    (r"findings\.(crs|icans)", _findings),
    (r"findings\.(crs|icans)\.(\w+)", _findings),
    (r"labs\.([a-z-]+)", _new_result),
    (r"labs\.([a-z-]+)\.(\w+)", _of_results),
    (r"labs\[(\d+)\]\.(\w+)", _of_result),
)
"""From a path to how it is supplied; a path that none of these fits asks for what no field holds."""

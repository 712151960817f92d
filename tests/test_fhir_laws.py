"""Laws of what is read from FHIR, over resources that somebody hostile would write."""

from __future__ import annotations

import copy
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import fhirkit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_resources import (
    DATA,
    ICD,
    LOINC,
    NCIT,
    SHARED,
    SNOMED,
    START,
    WHO,
    Resource,
    ae_grade,
    concept,
    condition,
    ctcae_grade,
    dose,
    event,
    item,
    lab,
    observation,
    patient,
    quantity,
    response,
)
from tarlatamab_rules import FieldError, read_case
from tarlatamab_rules.formats.cases import case_document
from tarlatamab_rules.formats.fhir import Fate, Imported, read

MARK: Final = "Zq7McGlynn"
NUMBER: Final = 5552505611
WORDS: Final[tuple[Any, ...]] = (
    MARK,
    NUMBER,
    -NUMBER,
    0,
    1,
    True,
    None,
    "",
    [],
    {},
    [MARK],
    {"x": MARK},
    [[]],
    1e308,
    10**30,
    "2025-10-01",
    "9999-12-31",
)
TIMES: Final = ("2025-10-01T23:59:60Z", "2025-10-08T08:00:00+02:00", "0000-00-00", "2025-10-01T00:00:00+14:00", "2199-12-31T23:00:00-12:00")
CODES: Final = (
    "777-3",
    "D89.83",
    "D89.834",
    "82810-3",
    "77386006",
    "60001007",
    "final",
    "completed",
    "active",
    "mg/dL",
    "K/uL",
    "10*9/L",
    "<",
    "4",
)

_CORPUS: Final[tuple[Resource, ...]] = (
    patient(name=[{"family": MARK}], telecom=[{"value": MARK}], identifier=[{"value": MARK}], deceasedBoolean=False),
    lab("777-3", 187, "10*3/uL", id="l", referenceRange=[{"low": quantity(150, "10*9/L"), "high": quantity(400, "10*9/L")}]),
    observation("58410-2", component=[{"code": concept(LOINC, "718-7"), "valueQuantity": quantity(12, "g/dL")}]),
    observation("82810-3", valueCodeableConcept=concept(SNOMED, "60001007"), note=[{"text": MARK}]),
    lab("8310-5", 38.4, "Cel", effectiveDateTime="2025-10-08T08:00:00+02:00"),
    condition(SNOMED, "683991000119103"),
    condition(ICD, "G92.02", onsetDateTime="2025-10-03", abatementDateTime="2025-10-04", id=MARK),
    dose("2025-10-01T09:00:00+02:00", id="d", statusReason=[{"text": MARK}]),
    event(ICD, "D89.83", ctcae_grade("2"), date="2025-10-02", id=MARK),
    event(ICD, "D89.83", ae_grade("C41339"), date="2025-10-02"),
    {"resourceType": "AllergyIntolerance", "patient": WHO, "code": concept(NCIT, "C175858", text=MARK)},
    response(
        item("patient.infection", valueCoding={"code": "none", "display": MARK}),
        item("events[0].grade", valueInteger=2),
        item(MARK, valueBoolean=True),
    ),
    response(item("labs.alt", valueQuantity=quantity(31, "U/L")), item("course.C1D1.amount", valueQuantity=quantity(1, "mg"))),
    {"resourceType": "Medication", "id": "m", "code": concept(NCIT, "C175858", text=MARK)},
    {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": MARK}, "contained": [{"resourceType": "Specimen", "id": "s"}]},
    {"resourceType": "Practitioner", "id": MARK, "name": [{"family": MARK}]},
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each key of each object, and each place of each list, with what holds it."""
    stack = [value]
    while stack:
        holder = stack.pop()
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            yield holder, key
            stack.append(holder[key])


def _mutated(resources: list[Resource], choose: Callable[[Any], Any], times: int) -> list[Resource]:
    """The same resources with some parts deleted, replaced, repeated, or moved."""
    bundle = copy.deepcopy(resources)
    for _ in range(times):
        holder, key = choose(list(_places(bundle)))
        what = choose(("delete", "word", "code", "time", "swap", "repeat", "rename"))
        if what == "delete" and isinstance(holder, dict):
            del holder[key]
        elif what == "swap":
            other, place = choose(list(_places(bundle)))
            holder[key] = copy.deepcopy(other[place])
        elif what == "repeat":
            holder[key] = [copy.deepcopy(holder[key])] * 2
        elif what == "rename" and isinstance(holder, dict):
            holder[choose((MARK, "value", "valueString", "resourceType", "linkId", "extension"))] = holder.pop(key)
        else:
            holder[key] = copy.deepcopy(choose({"code": CODES, "time": TIMES}.get(what, WORDS)))
    return bundle


def _check(bundle: Any, **more: Any) -> Imported | None:
    """Reads a list, and checks what must hold whatever is in it."""
    size = len(bundle)
    try:
        found = read(bundle, **{"point": "C1D8", "planned_start": START, **more})
    except FieldError as error:
        refused = str(error)
    else:
        refused = ""
    assert MARK not in refused
    assert str(NUMBER) not in refused
    if refused:
        return None
    report = found.report
    assert len(report.used) + len(report.unused) + len(report.unclear) == len(report.entries) >= size - _bundles(bundle)
    assert len({entry.path for entry in report.entries}) == len(report.entries)
    assert all(entry.facts if entry.fate is Fate.USED else entry.why for entry in report.entries)
    document = case_document(found.case)
    shown = f"{report}{report!r}{json.dumps(report.as_document())}{json.dumps(document)}{found.case}"
    assert MARK not in shown
    assert str(NUMBER) not in shown
    assert read_case(document) == found.case
    for fact in (fact for entry in report.entries for fact in entry.facts):
        assert _at(document, fact), fact
    return found


def _bundles(items: list[Any]) -> int:
    return sum(isinstance(part, dict) and part.get("resourceType") == "Bundle" for part in items)


def _at(document: Any, fact: str) -> bool:
    """Whether a case has a fact, by its path."""
    for name in fact.replace("[", ".").replace("]", "").split("."):
        document = document[int(name)] if name.isdigit() and isinstance(document, list) else document.get(name)
        if document is None:
            return False
    return True


@pytest.mark.parametrize("resource", _CORPUS, ids=lambda resource: resource["resourceType"])
def test_the_resources_of_these_tests(resource: Resource) -> None:
    """What is mutated here is valid by an independent reader of FHIR R4 before it is."""
    assert fhirkit.validate(resource) == []


@given(data=st.data())
def test_mutated_resources(data: st.DataObject) -> None:
    """Whatever is changed in resources, each is accounted for once, and only facts are in the case and the report."""
    chosen = data.draw(st.lists(st.sampled_from(_CORPUS), min_size=1, max_size=6))
    choose = lambda options: data.draw(st.sampled_from(options))  # noqa: E731  # a name for what is drawn
    zone = data.draw(st.sampled_from((None, "Europe/Berlin", "Pacific/Auckland")))
    bundle = _mutated([_CORPUS[0], *chosen], choose, data.draw(st.integers(0, 4)))
    _check(bundle, site_zone=zone, point=data.draw(st.sampled_from(("C1D1", "C1D8", "C1D15"))))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8) | st.sampled_from(CODES + TIMES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("code", "coding", "system", "value", "status")) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(_CORPUS),
    st.dictionaries(st.sampled_from(sorted({key for one in _CORPUS for key in one} - {"resourceType"})), _JSON, max_size=4),
)
def test_any_json_in_any_element(resource: Resource, parts: dict[str, Any]) -> None:
    """An element with any JSON in it is read or has a reason, and the other resources are read as without it."""
    hostile = {**resource, **parts}
    if hostile["resourceType"] == "Patient":
        return
    try:
        found = read([patient(), hostile, lab("1742-6", 31, "U/L")], point="C1D1", planned_start=START)
    except FieldError as error:  # it says that it is about another patient
        pytest.fail(str(error))
    assert len(found.report.entries) == 3
    assert found.case.patient.age_years == 63 or found.report.entries[0].fate is Fate.UNCLEAR
    assert any(result.analyte == "alt" for result in found.case.labs or ())


@given(st.permutations(_CORPUS[:7]))
def test_the_order_of_resources(resources: list[Resource]) -> None:
    """The same resources in another order give the same facts."""
    found = read(resources, point="C1D8", planned_start=START)
    usual = read(_CORPUS[:7], point="C1D8", planned_start=START)
    assert found.case.patient == usual.case.patient
    assert set(found.case.labs or ()) == set(usual.case.labs or ())
    assert found.case.events == usual.case.events
    assert {(entry.resource, entry.fate) for entry in found.report.entries} == {
        (entry.resource, entry.fate) for entry in usual.report.entries
    }


@given(st.text(max_size=40) | st.binary(max_size=40))
def test_any_text(text: str | bytes) -> None:
    """A text that is no resource is refused with an error of this library."""
    try:
        read(text, point="C1D1", planned_start=START)
    except FieldError:
        return
    assert json.loads(text) == []


def test_a_list_from_a_generator() -> None:
    """Resources may come from any iterable; a mapping within is a resource, a text is none."""
    assert len(read((one for one in _CORPUS[:3]), point="C1D1", planned_start=START).report.entries) == 3
    assert read([], point="C1D1", planned_start=START).report.entries == ()


# --- no identifier of a patient ---


def _identifiers(document: Any) -> set[str]:
    """Names, ids, numbers, addresses and telephone numbers of the patient of a bundle."""
    resources = [entry["resource"] for entry in document["entry"]]
    people = [resource for resource in resources if resource["resourceType"] == "Patient"]
    texts = {
        str(holder[key])
        for person in people
        for part in ("name", "identifier", "telecom", "address")
        for holder, key in _places(person[part])
    }
    texts |= {one["id"] for one in resources} | {entry["fullUrl"] for entry in document["entry"]}
    maiden = {extension["valueString"] for person in people for extension in person["extension"] if "valueString" in extension}
    common = {"official", "phone", "home", "Medical Record Number", "Social Security Number", "Driver's License", "Passport Number"}
    return {
        text
        for text in texts | maiden
        if len(text) > 4 and text not in common and not text.startswith("http") and "{" not in text and "[" not in text
    }


def test_no_identifier_of_a_patient(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """No name, id, number, address or telephone number of a record is in the case, the report, an error, a log or on the screen."""
    for path in (DATA / "sherman_mcglynn.json", *sorted(SHARED.glob("*.json"))):
        document = json.loads(path.read_bytes())
        hidden = _identifiers(document)
        assert len(hidden) > 50
        found = read(document, point="C1D8", planned_start=datetime(2009, 10, 1, tzinfo=UTC))
        shown = f"{found.report}{found.report!r}{json.dumps(found.report.as_document())}{json.dumps(case_document(found.case))}{found!r}"
        other = copy.deepcopy(document)
        other["entry"].append({"resource": {**document["entry"][0]["resource"], "id": MARK}})
        with pytest.raises(FieldError) as error:
            read(other, point="C1D8", planned_start=START)
        with pytest.raises(FieldError) as cut:
            read(path.read_bytes()[:-9], point="C1D8", planned_start=START)
        shown += f"{error.value!r}{cut.value!r}{caplog.text}{''.join(capsys.readouterr())}"
        assert not [text for text in hidden if text in shown]


# --- much, and fast ---


@pytest.mark.thorough
def test_a_hundred_thousand_mutated_resources() -> None:
    """Of a hundred thousand mutated resources, each is accounted for, and only errors of this library are raised."""
    chance = random.Random(20)  # noqa: S311  # no secret hangs on it
    done = 0
    while done < 100_000:
        chosen = chance.choices(_CORPUS, k=8)
        bundle = _mutated(chosen, chance.choice, chance.randint(1, 12))
        found = _check(bundle, site_zone=chance.choice((None, "Europe/Berlin")))
        done += len(bundle) if found is not None else 0


def _copies(number: int) -> str:
    """A bundle with the entries of Sherman McGlynn many times, each with an id of its own."""
    document = json.loads((DATA / "sherman_mcglynn.json").read_bytes())
    entries = [
        {"resource": {**entry["resource"], "id": f"{entry['resource']['id']}-{copied}"}}
        for copied in range(number)
        for entry in document["entry"][1:]
    ]
    return json.dumps({"resourceType": "Bundle", "entry": [document["entry"][0], *entries]})


def _median(task: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


@pytest.mark.thorough
@pytest.mark.skipif(sys.gettrace() is not None, reason="coverage stretches time: the tests of the wheel measure it")
def test_time_of_a_whole_record() -> None:
    """A bundle of 2.7 MB is read in at most six times what `json.loads` takes, the text included."""
    whole = [path.read_text("utf-8") for path in SHARED.glob("Sherman*.json")]
    for text in (_copies(64), *whole):
        assert len(text) > 2_700_000
        ratio = _median(lambda text=text: read(text, point="C1D1", planned_start=START)) / _median(lambda text=text: json.loads(text))  # type: ignore[misc]
        assert ratio <= 6


@pytest.mark.thorough
def test_a_hundred_thousand_observations() -> None:
    """A hundred thousand observations, and ten megabytes of anything, take no more than a second a megabyte."""
    many = [patient(), *[lab("777-3", 187 + n / 1000, "10*3/uL") for n in range(100_000)]]
    text = json.dumps(many)
    start = time.perf_counter()
    found = read(text, point="C1D1", planned_start=START)
    assert time.perf_counter() - start < len(text) / 1e6
    assert len(found.case.labs or ()) == 100_000
    noise = json.dumps({"resourceType": "Patient", "name": [{"text": "x" * 100}] * 100_000})
    start = time.perf_counter()
    read(noise, point="C1D1", planned_start=START)
    assert time.perf_counter() - start < len(noise) / 1e6


def test_a_hundred_levels() -> None:
    """Elements a hundred levels deep are no fault; a resource that is one hundred levels of nonsense is unclear or not used."""
    deep: Any = MARK
    for _ in range(100):
        deep = {"code": {"coding": [deep]}, "item": [deep], "answer": [deep], "extension": [deep], "resource": [deep]}
        deep = {key: deep[key] for key in random.Random(1).sample(sorted(deep), 2)}  # noqa: S311  # as above
    for kind in ("Observation", "QuestionnaireResponse", "AdverseEvent", "Condition"):
        found = read([patient(), {"resourceType": kind, "subject": WHO, "status": "completed", **deep}], point="C1D1", planned_start=START)
        assert found.report.entries[1].fate is not Fate.USED

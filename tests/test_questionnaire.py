"""Missing facts as a form of FHIR, and answers read back: ask, answer, assess in a loop."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given

from fhirkit_checks import faults_of
from supplying import FINDINGS, supplied
from tarlatamab_rules import Case, DocumentError, Verdict, assess_case, read_case, strategies
from tarlatamab_rules.formats.cases import case_document
from tarlatamab_rules.formats.fhir.places import place_of
from tarlatamab_rules.formats.fhir.questionnaire import answered, questionnaire

ROOT = Path(__file__).parents[1]
ROUNDS = 12
"""No case needs more rounds of questions."""


def form_of(document: dict[str, Any]) -> dict[str, Any]:
    """The form of a case, which has missing facts."""
    form = questionnaire(assess_case(read_case(document)))
    assert form is not None
    return form


def items_of(form: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The items of a form by their links, also those in groups."""
    found = {item["linkId"]: item for item in form["item"]}
    return found | {inner["linkId"]: inner for item in form["item"] for inner in item.get("item", ())}


def response(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A response with some items."""
    return {"resourceType": "QuestionnaireResponse", "status": "completed", "item": list(items)} | changes


def answer(link: str, *answers: dict[str, Any]) -> dict[str, Any]:
    """An item with its answers."""
    return {"linkId": link, "answer": list(answers)}


def group(link: str, *items: dict[str, Any]) -> dict[str, Any]:
    """A group with its items."""
    return {"linkId": link, "item": list(items)}


def quantity(value: float, code: str, **more: Any) -> dict[str, Any]:
    """A quantity in UCUM."""
    return {"valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": code} | more}


def code(word: Any) -> dict[str, Any]:
    """A chosen member."""
    return {"valueCoding": {"code": str(word)}}


def one_fault(case: dict[str, Any], *items: dict[str, Any], **changes: Any) -> str:
    """The only fault of a response to a case."""
    with pytest.raises(DocumentError) as caught:
        answered(read_case(case), response(*items, **changes))
    (fault,) = caught.value.exceptions
    return str(fault)


class TestAsking:
    """What a form asks, and how."""

    def test_nothing_is_missing(self) -> None:
        """A case of which nothing is missing has no form."""
        assert questionnaire(assess_case(read_case((ROOT / "examples" / "clean_c1d1.json").read_text()))) is None

    def test_types(self) -> None:
        """Yes and no, members, numbers, days and quantities are asked as such, and required facts are required."""
        items = items_of(form_of({"point": "C1D8"}))
        types = {link: item["type"] for link, item in items.items()}
        assert types["patient.age_years"] == "decimal"
        assert types["patient.diagnosis"] == "choice"
        assert types["patient.pregnant"] == "boolean"
        assert (types["course"], types["course[]"], types["course[]/started"]) == ("boolean", "group", "dateTime")
        assert (types["labs.alt"], types["labs.alt/value"], types["labs.alt/collected"]) == ("group", "quantity", "dateTime")
        assert all(items[link]["required"] for link in ("patient.age_years", "labs.alt", "labs.alt/value", "course"))
        assert "required" not in items["labs.alt/baseline"]

    def test_what_would_only_help(self) -> None:
        """A fact that cannot change what is done is asked, and not required."""
        items = items_of(form_of(json.loads((ROOT / "examples" / "half_unknown.json").read_text())))
        assert items["patient.infection"]["required"] is False

    def test_members(self) -> None:
        """The options of a choice are the words of a case, and those of a grade are its numbers."""
        items = items_of(form_of({"point": "C1D1", "events": [{"toxicity": "febrile-neutropenia", "status": "active"}]}))
        assert [option["valueCoding"]["code"] for option in items["patient.diagnosis"]["answerOption"]] == [
            "extensive-stage-sclc",
            "limited-stage-sclc",
            "other",
        ]
        assert items["patient.diagnosis"]["answerOption"][0]["valueCoding"]["display"] == "extensive stage SCLC"

    def test_units(self) -> None:
        """A quantity offers the units that measure it, that of the library first."""
        items = items_of(form_of({"point": "C1D1"}))
        units = [option["valueCoding"]["code"] for option in items["labs.neutrophils/value"]["extension"]]
        assert units == ["10*9/L", "10*3/uL", "/uL"]
        units = [option["valueCoding"]["code"] for option in items["labs.bilirubin/value"]["extension"]]
        assert units == ["mg/dL", "umol/L", "mmol/L"]
        assert all(option["url"].endswith("questionnaire-unitOption") for option in items["labs.alt/value"]["extension"])

    def test_an_ambiguous_name_is_asked_in_full(self) -> None:
        """A yes to *pregnancy test* could be a positive one or one that was made, so the form asks what is meant."""
        items = items_of(form_of({"point": "C1D1"}))
        assert items["patient.pregnant"]["text"] == "Is the patient pregnant?"
        assert items["labs.alt/upper_limit"]["text"] == "Upper limit of normal"
        assert (items["labs.alt"]["text"], items["labs.alt/value"]["text"]) == ("ALT", "Value")
        assert items_of(form_of({"point": "C1D8"}))["course[]/point"]["text"] == "Dose, as C1D1"
        found = {"crs": {"temperature": "39 Cel"}}
        items = items_of(form_of({"point": "C1D8", "events": [{"toxicity": "crs", "status": "unknown", "grade": 2}], "findings": found}))
        assert all(item["text"][0].isupper() and "_" not in item["text"] for item in items.values())

    def test_conditions(self) -> None:
        """Pregnancy is asked unless another diagnosis makes it needless; an open answer hides nothing."""
        items = items_of(form_of({"point": "C1D1"}))
        assert items["patient.pregnant"]["enableWhen"] == [
            {
                "question": "patient.diagnosis",
                "operator": "!=",
                "answerCoding": {"code": "limited-stage-sclc", "display": "limited stage SCLC"},
            },
            {"question": "patient.diagnosis", "operator": "!=", "answerCoding": {"code": "other", "display": "other"}},
        ]
        assert items["patient.pregnant"]["enableBehavior"] == "all"
        assert "enableWhen" not in items["patient.diagnosis"]

    def test_a_score(self) -> None:
        """A score has its least and its greatest number."""
        items = items_of(form_of({"point": "C1D8", "findings": {"icans": {}}}))
        ice = next(item for link, item in items.items() if link.endswith("ice"))
        assert [(part["url"].rpartition("/")[2], part["valueInteger"]) for part in ice["extension"]] == [("minValue", 0), ("maxValue", 10)]

    def test_lists(self) -> None:
        """Each dose is asked only after a yes."""
        items = items_of(form_of({"point": "C2D1"}))
        assert items["course[]"]["enableWhen"][0] == {"question": "course", "operator": "=", "answerBoolean": True}
        assert items["course[]"]["repeats"] is True

    def test_its_name_follows_from_its_questions(self) -> None:
        """Two forms with the same questions have one name, and two with other questions two."""
        forms = [form_of({"point": "C1D1"}), form_of({"point": "C1D1"}), form_of({"point": "C1D8"})]
        names = [form["url"] for form in forms]
        assert names[0] == names[1] != names[2]
        assert UUID(names[0].removeprefix("urn:uuid:")).version == 5


BARE: dict[str, Any] = {"point": "C1D8"}
LAB = {"analyte": "alt", "value": 20, "unit": "U/L", "collected": "2026-02-02"}


class TestReading:
    """Answers read back."""

    def test_facts_of_the_patient(self) -> None:
        """Each kind of answer becomes the fact."""
        case = answered(
            read_case(BARE),
            response(
                answer("patient.age_years", {"valueDecimal": 64}),
                answer("patient.diagnosis", code("extensive-stage-sclc")),
                answer("patient.pregnant", {"valueBoolean": False}),
                answer("planned_start", {"valueDateTime": "2026-02-10T09:00:00+01:00"}),
            ),
        )
        expected = {"age_years": 64, "diagnosis": "extensive-stage-sclc", "pregnant": False}
        assert case == read_case({"point": "C1D8", "patient": expected, "planned_start": "2026-02-10T09:00:00+01:00"})

    def test_an_open_item(self) -> None:
        """An item without an answer leaves the fact unknown."""
        assert answered(read_case(BARE), response({"linkId": "patient.pregnant"}, answer("patient.age_years"))) == read_case(BARE)
        assert answered(read_case(BARE), response({"linkId": "x"}, group("labs.alt", {"linkId": "labs.alt/baseline"}))) == read_case(BARE)

    def test_a_result(self) -> None:
        """The unit, the comparator and the limits of a result are read, each number in its own unit."""
        items = [
            answer("labs.bilirubin/value", quantity(17.1, "umol/L", comparator="<")),
            answer("labs.bilirubin/collected", {"valueDateTime": "2026-02-02"}),
            answer("labs.bilirubin/upper_limit", quantity(1.2, "mg/dL")),
        ]
        case = answered(read_case(BARE), response(group("labs.bilirubin", *items)))
        assert case.labs is not None
        (result,) = case.labs
        assert (result.quantity.bound, round(result.quantity.value, 2), result.quantity.unit) == ("<", 1.0, "mg/dL")
        assert result.upper_limit is not None
        assert result.upper_limit.value == 1.2

    def test_the_limit_of_results_on_file(self) -> None:
        """A limit is put on every result of the analyte that lacks it."""
        case = read_case(
            {"point": "C1D1", "labs": [LAB, {**LAB, "collected": "2026-02-01"}, {**LAB, "upper_limit": 50, "collected": None}]}
        )
        known = answered(case, response(answer("labs.alt.upper_limit", quantity(40, "U/L"))))
        assert [result.upper_limit and result.upper_limit.value for result in known.labs or ()] == [40, 40, 50]

    def test_a_course(self) -> None:
        """Each group is one dose."""
        doses = [
            group("course[]", answer("course[]/point", {"valueString": "C1D1"}), answer("course[]/amount", quantity(1, "mg"))),
        ]
        case = answered(read_case(BARE), response(answer("course", {"valueBoolean": True}), *doses))
        assert case == read_case({"point": "C1D8", "course": [{"point": "C1D1", "amount": "1 mg"}]})

    def test_no_toxicity(self) -> None:
        """A no means: reviewed, and there are none."""
        assert answered(read_case(BARE), response(answer("events", {"valueBoolean": False}))).events == ()

    def test_a_toxicity(self) -> None:
        """Each group is one episode, with its grade and its status."""
        items = [answer("events[]/toxicity", code("crs")), answer("events[]/grade", code("2")), answer("events[]/status", code("resolved"))]
        case = answered(read_case(BARE), response(answer("events", {"valueBoolean": True}), group("events[]", *items)))
        assert case == read_case({"point": "C1D8", "events": [{"toxicity": "crs", "grade": 2, "status": "resolved"}]})

    def test_one_more_toxicity(self) -> None:
        """An episode that is listed is added to those on file."""
        case = read_case(BARE | {"events": [{"toxicity": "crs", "grade": 1}]})
        more = answered(case, response(group("events[]", answer("events[]/toxicity", code("icans")))))
        assert [str(event.toxicity) for event in more.events or ()] == ["crs", "icans"]

    def test_facts_of_items_on_file(self) -> None:
        """A fact of an event, of its findings, of a dose by its point, of a result by its place, and of an event that nobody reported."""
        document = {
            "point": "C1D8",
            "course": [{"point": "C1D1"}],
            "labs": [{**LAB, "value": "<20"}],
            "events": [{"toxicity": "icans", "status": "unknown"}],
        }
        case = answered(
            read_case(document),
            response(
                answer("events[0].status", code("active")),
                answer("events[0].findings.ice", {"valueInteger": 8}),
                answer("course.C1D1.complete", {"valueBoolean": True}),
                answer("course[0].amount", quantity(1, "mg")),
                answer("labs[0].value", quantity(0.25, "ukat/L")),
                answer("events.neutropenia.grade", code(4)),
                answer("events.neutropenia.onset", {"valueDateTime": "2026-02-01"}),
            ),
        )
        assert case == read_case(
            document
            | {
                "course": [{"point": "C1D1", "complete": True, "amount": "1 mg"}],
                "labs": [{**LAB, "value": 15}],
                "events": [
                    {"toxicity": "icans", "status": "active", "findings": {"ice": 8}},
                    {"toxicity": "neutropenia", "grade": 4, "onset": "2026-02-01"},
                ],
            }
        )

    def test_the_grade_of_findings(self) -> None:
        """The grade that a clinician gives to current findings, or to an infection, is that of an ongoing event; it is not 0."""
        case = read_case(BARE | {"findings": {"icans": {"ice": 8}}})
        known = answered(case, response(answer("findings.icans.grade", code(2)), answer("patient.infection.grade", code(3))))
        assert case_document(known)["events"] == [
            {"toxicity": "icans", "grade": 2, "status": "active"},
            {"toxicity": "infection", "grade": 3, "status": "active"},
        ]
        again = answered(
            read_case(BARE | {"events": [{"toxicity": "icans", "status": "active"}]}), response(answer("findings.icans.grade", code(1)))
        )
        assert case_document(again)["events"] == [{"toxicity": "icans", "grade": 1, "status": "active"}]
        assert one_fault(BARE, answer("findings.icans.grade", code(0))).startswith("findings.icans.grade: '0' is not one of the options")

    def test_another_scale(self) -> None:
        """A grade by another scale is no grade by this one, so the grades are asked again; the same scale changes nothing."""
        event = {"toxicity": "crs", "grade": 2, "scale": "ctcae-5.0", "onset": "2026-02-01"}
        case = read_case(BARE | {"events": [event]})
        known = answered(case, response(answer("events[0].scale", code("astct-2019"))))
        assert case_document(known)["events"] == [{"toxicity": "crs", "scale": "astct-2019", "onset": "2026-02-01"}]
        assert answered(case, response(answer("events[0].scale", code("ctcae-5.0")))) == case

    def test_findings(self) -> None:
        """A temperature in Fahrenheit, several symptoms, and none of them."""
        items = [answer("findings.crs/temperature", quantity(100.4, "[degF]")), answer("findings.crs/oxygen", code("none"))]
        case = answered(
            read_case(BARE),
            response(
                group("findings.crs", *items),
                group("findings.icans", answer("findings.icans/symptoms", code("confusion"), code("seizures"))),
            ),
        )
        crs, icans = (case_document(case)["findings"][name] for name in ("crs", "icans"))
        assert crs == {"temperature": "38.0 Cel", "oxygen": "none"}
        assert icans == {"symptoms": ["confusion", "seizures"]}
        case = answered(read_case(BARE), response(answer("findings.icans.symptoms", code("none"))))
        assert case_document(case)["findings"] == {"icans": {"symptoms": []}}

    def test_what_is_known_already(self) -> None:
        """The same answer again changes nothing; another one is a contradiction, and not a correction."""
        known = {"point": "C1D1", "patient": {"pregnant": False}}
        assert answered(read_case(known), response(answer("patient.pregnant", {"valueBoolean": False}))) == read_case(known)
        assert "contradicts the case" in one_fault(known, answer("patient.pregnant", {"valueBoolean": True}))

    def test_the_clock_of_the_site(self) -> None:
        """If the times of a case have no offset, a moment is put by the clock of the site; without a zone it is refused."""
        case = read_case({"point": "C1D1", "planned_start": "2026-02-03T09:00:00", "labs": [{**LAB, "collected": None}]})
        drawn = response(answer("labs.alt.collected", {"valueDateTime": "2026-02-03T06:00:00Z"}))
        known = answered(case, drawn, site_zone="Europe/Berlin")
        assert known.labs is not None
        assert known.labs[0].collected == datetime(2026, 2, 3, 7)  # noqa: DTZ001  # as the case has it
        with pytest.raises(DocumentError, match=r"answers cannot be read") as caught:
            answered(case, drawn)
        assert "pass site_zone" in str(caught.value.exceptions[0])
        day = answered(case, response(answer("labs.alt.collected", {"valueDateTime": "2026-02-03"})))
        assert case_document(day)["labs"][0]["collected"] == "2026-02-03"


HOSTILE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no such question": (BARE, answer("patient.name", {"valueString": "x"}), "patient.name: is not a question about this case"),
    "nothing that a case has": (BARE, answer("height", {"valueDecimal": 180}), "height: is not a question about this case"),
    "no such item": (BARE, answer("events[7].grade", code(1)), "events[7].grade: is not a question about this case"),
    "no such analyte": (BARE, group("labs.troponin"), "labs.troponin: is not a question about a case"),
    "no such dose": (
        BARE,
        answer("course.C1D1.ended", {"valueDateTime": "2026-02-02"}),
        "course.C1D1.ended: is not a question about this case",
    ),
    "a dose that is not listed": (
        BARE | {"course": []},
        answer("course.C1D1.complete", {"valueBoolean": True}),
        "course.C1D1.complete: is not missing in this case",
    ),
    "results of another analyte": (
        BARE | {"labs": [LAB]},
        answer("labs.ast.upper_limit", quantity(40, "U/L")),
        "labs.ast.upper_limit: is not a question about this case",
    ),
    "items below a yes": (
        BARE,
        answer("course", {"valueBoolean": False}) | {"item": [answer("course[]/point", {"valueString": "C1D1"})]},
        "course: has items of its own",
    ),
    "findings of anemia": (
        BARE | {"events": [{"toxicity": "anemia"}]},
        answer("events[0].findings.ice", {"valueInteger": 8}),
        "events[0].findings.ice: is not a question about this case",
    ),
    "another type": (BARE, answer("patient.pregnant", {"valueString": "no"}), "patient.pregnant: the answer has no valueBoolean"),
    "two values": (
        BARE,
        answer("patient.pregnant", {"valueBoolean": False, "valueString": "yes"}),
        "patient.pregnant: the answer has valueString as well",
    ),
    "two answers": (
        BARE,
        answer("patient.pregnant", {"valueBoolean": False}, {"valueBoolean": True}),
        "patient.pregnant: there are 2 answers",
    ),
    "items below an answer": (
        BARE,
        answer("patient.pregnant", {"valueBoolean": False, "item": []}),
        "patient.pregnant: the answer has item as well",
    ),
    "items beside an answer": (
        BARE,
        answer("patient.pregnant", {"valueBoolean": False}) | {"item": [answer("x")]},
        "patient.pregnant: has items of its own",
    ),
    "a truth value as a number": (BARE, answer("patient.pregnant", {"valueBoolean": 1}), "patient.pregnant: 1 is not a boolean"),
    "a number as a truth value": (BARE, answer("patient.age_years", {"valueDecimal": True}), "patient.age_years: True is not a decimal"),
    "an age of 200": (BARE, answer("patient.age_years", {"valueDecimal": 200}), "patient.age_years: 200 is out of range"),
    "a word that is not offered": (
        BARE,
        answer("patient.infection", code("maybe")),
        "patient.infection: 'maybe' is not one of the options",
    ),
    "a coding without a code": (
        BARE,
        answer("patient.infection", {"valueCoding": {}}),
        "patient.infection: None is not one of the options",
    ),
    "none with others": (
        BARE,
        answer("findings.icans.symptoms", code("none"), code("confusion")),
        "findings.icans.symptoms: none is chosen together with others",
    ),
    "a year alone": (BARE, answer("planned_start", {"valueDateTime": "2026"}), "planned_start: '2026' is not a day or a moment"),
    "no such day": (BARE, answer("planned_start", {"valueDateTime": "2026-02-30"}), "planned_start: '2026-02-30' is not a day or a moment"),
    "a quantity without a unit": (
        BARE,
        group("labs.alt", answer("labs.alt/value", {"valueQuantity": {"value": 20}})),
        "labs.alt/value: the quantity has no unit of UCUM",
    ),
    "a quantity of another system": (
        BARE,
        group("labs.alt", answer("labs.alt/value", quantity(20, "U/L", system="http://example.org"))),
        "labs.alt/value: the quantity has no unit of UCUM",
    ),
    "a quantity in words": (
        BARE,
        group("labs.alt", answer("labs.alt/value", {"valueQuantity": {"value": "20", "code": "U/L"}})),
        "labs.alt/value: the quantity has no value that is a number",
    ),
    "a quantity of nothing": (
        BARE,
        group("labs.alt", answer("labs.alt/value", {"valueQuantity": None})),
        "labs.alt/value: the quantity has no value that is a number",
    ),
    "a unit of something else": (
        BARE,
        group("labs.platelets", answer("labs.platelets/value", quantity(150, "K"))),
        "labs.platelets/value: 'K' is not a unit",
    ),
    "an impossible number": (
        BARE,
        group("labs.sodium", answer("labs.sodium/value", quantity(14000, "mmol/L"))),
        "labs.sodium/value: 14000",
    ),
    "a comparator that is none": (
        BARE,
        group("labs.alt", answer("labs.alt/value", quantity(20, "U/L", comparator="~"))),
        "labs.alt/value: '~' is not a bound",
    ),
    "a limit as a bound": (
        BARE,
        group("labs.alt", answer("labs.alt/upper_limit", quantity(20, "U/L", comparator="<"))),
        "labs.alt/upper_limit: <20",
    ),
    "a result without a value": (
        BARE,
        group("labs.alt", answer("labs.alt/collected", {"valueDateTime": "2026-02-02"})),
        "labs[0].value: is missing",
    ),
    "a strange item in a group": (
        BARE,
        group("labs.alt", answer("labs.ast/value", quantity(20, "U/L"))),
        "labs.ast/value: is not a question of labs.alt",
    ),
    "an answer to a group": (BARE, answer("labs.alt", {"valueString": "x"}), "labs.alt: is a group"),
    "a yes without doses": (BARE, answer("course", {"valueBoolean": True}), "course[]: is empty"),
    "a yes in words": (BARE, answer("course", {"valueString": "yes"}), "course: the answer has no valueBoolean"),
    "another course": (BARE | {"course": []}, answer("course", {"valueBoolean": False}), "course: contradicts the case"),
    "no link": (BARE, {"answer": []}, "item[0]: has no linkId"),
    "answers that are no list": (BARE, {"linkId": "patient.pregnant", "answer": {}}, "patient.pregnant: {} is not a list of answers"),
    "a contradiction": (
        BARE | {"patient": {"childbearing_potential": False}},
        answer("patient.pregnant", {"valueBoolean": True}),
        "patient.pregnant: a patient without childbearing potential cannot be pregnant",
    ),
}


@pytest.mark.parametrize(("case", "item", "fault"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_answers(case: dict[str, Any], item: dict[str, Any], fault: str) -> None:
    """What is no answer to a question of the form is a fault with the link of the question, and nothing is guessed."""
    assert one_fault(case, item).startswith(fault)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], "this is not a QuestionnaireResponse"),
        ({"resourceType": "Questionnaire"}, "this is not a QuestionnaireResponse"),
        (response(status="in-progress"), "status: 'in-progress' is not final"),
        (response(status="entered-in-error"), "status: 'entered-in-error' is not final"),
        (response(item={}), "item: {} is not a list"),
    ],
)
def test_no_response(document: Any, fault: str) -> None:
    """Another resource, and a response that is not final, are refused."""
    with pytest.raises(DocumentError) as caught:
        answered(read_case(BARE), document)
    assert str(caught.value.exceptions[0]).startswith(fault)


def test_twice() -> None:
    """A question that is answered twice, in a group too, and a no beside a list are faults."""
    yes = answer("patient.pregnant", {"valueBoolean": True})
    assert one_fault(BARE, yes, yes).startswith("patient.pregnant: is answered twice")
    value = answer("labs.alt/value", quantity(20, "U/L"))
    assert one_fault(BARE, group("labs.alt", value, value)).startswith("labs.alt/value: is answered twice")
    dose = group("course[]", answer("course[]/point", {"valueString": "C1D1"}))
    assert one_fault(BARE, answer("course", {"valueBoolean": False}), dose).startswith("course: is answered with no")


def test_all_faults_at_once() -> None:
    """Every fault of a response is listed."""
    with pytest.raises(DocumentError) as caught:
        answered(read_case(BARE), response(answer("x", code("y")), answer("patient.pregnant", {"valueString": "no"})))
    assert len(caught.value.exceptions) == 2


# --- the loop ---


def _at(document: Any, path: str) -> Any:
    """What a document has at a path, as ``events[0].findings.ice``."""
    for name in re.findall(r"[\w-]+", path):
        document = document[int(name)] if isinstance(document, list) else document.get(name)
    return document


def _wanted(path: str, before: Case, after: Case) -> Any:
    """The value that a helper supplied for a fact, from the documents of both cases."""
    old, new = case_document(before), case_document(after)
    part, _, rest = path.partition(".")
    if part in {"labs", "course"} and rest and "[" not in part:
        name, _, field = rest.partition(".")
        key = "analyte" if part == "labs" else "point"
        changed: dict[str, Any] = next((item for item in new[part] if item[key] == name and item not in old.get(part, ())), {})
        return changed.get(field), changed
    if part == "events" and rest and "[" not in part:
        before_, after_ = old.get("events", []), new["events"]
        event_: dict[str, Any] = next((event for n, event in enumerate(after_) if n >= len(before_) or event != before_[n]), {})
        return event_.get(rest.partition(".")[2]), None
    item = new[part.partition("[")[0]][int(part[:-1].partition("[")[2])] if "[" in part else None
    return _at(new, path), item


def _fhir(value: Any, item: dict[str, Any], record: Any) -> list[dict[str, Any]]:
    """A value of a document as the answers to an item."""
    kind = item["type"]
    if item.get("repeats"):
        return [code(word) for word in value or ["none"]]
    if kind == "choice":
        return [code(value)]
    if kind == "quantity":
        number, _, unit = value.partition(" ") if isinstance(value, str) and " " in value else (value, "", record["unit"])
        return [quantity(float(number), unit)]
    if kind == "dateTime" and "T" in value and datetime.fromisoformat(value).tzinfo is None:
        value += "+00:00"
    return [{f"value{kind[0].upper()}{kind[1:]}": value}]


def _answered_item(item: dict[str, Any], case: Case) -> Iterator[dict[str, Any]]:
    """The answer that a ward would give to an item."""
    link = item["linkId"]
    if link == "events":
        yield answer(link, {"valueBoolean": False})
    elif link == "course":
        course = case_document(supplied(case, "course")).get("course", [])
        yield answer(link, {"valueBoolean": bool(course)})
        inner = {
            "point": {"type": "string"},
            "started": {"type": "dateTime"},
            "ended": {"type": "dateTime"},
            "complete": {"type": "boolean"},
        }
        inner["amount"] = {"type": "quantity"}
        for dose in course:
            yield group("course[]", *(answer(f"course[]/{key}", *_fhir(value, inner[key], None)) for key, value in dose.items()))
    elif link.endswith("[]"):
        return
    elif link.endswith(".scale"):
        toxicity = str((case.events or ())[int(link[len("events[") : link.index("]")])].toxicity)
        yield answer(link, code("astct-2019" if toxicity in {"crs", "icans", "neurotoxicity"} else "ctcae-5.0"))
    elif re.fullmatch(r"(findings|patient)\.\w+\.grade", link):
        yield answer(link, item["answerOption"][0])
    elif item["type"] == "group" and link.startswith("labs."):
        result = case_document(supplied(case, link))["labs"][-1]
        fields = {inner["linkId"].partition("/")[2]: inner for inner in item["item"]}
        yield group(link, *(answer(f"{link}/{key}", *_fhir(result[key], field, result)) for key, field in fields.items() if key in result))
    elif item["type"] == "group":
        facts = FINDINGS[link.partition(".")[2]]
        yield group(
            link, *(answer(inner["linkId"], *_fhir(facts[inner["linkId"].partition("/")[2]], inner, None)) for inner in item["item"])
        )
    else:
        value, record = _wanted(link, case, supplied(case, link))
        if value is not None:  # a day that no other date of the case bounds is answered in a later round
            yield answer(link, *_fhir(value, item, record))


def _enabled(item: dict[str, Any], answers: dict[str, Any]) -> bool:
    """Whether an item is shown, as a form does: no answer differs from every answer."""

    def holds(condition: dict[str, Any]) -> bool:
        (wanted,) = (value for key, value in condition.items() if key.startswith("answer"))
        wanted = wanted["code"] if isinstance(wanted, dict) else wanted
        equal = answers.get(condition["question"]) == wanted
        return equal if condition["operator"] == "=" else not equal

    return all(map(holds, item.get("enableWhen", ())))


def _round(case: Case, *, hidden: bool) -> tuple[Case, int]:
    """The case after one round of questions, and how many were answered; *hidden*: hidden questions are answered too."""
    form = questionnaire(assess_case(case))
    if form is None:
        return case, 0
    given: list[dict[str, Any]] = []
    answers: dict[str, Any] = {}
    for item in form["item"]:
        if hidden or _enabled(item, answers):
            for part in _answered_item(item, case):
                given.append(part)
                for value in part.get("answer", ()):
                    (plain,) = value.values()
                    answers[part["linkId"]] = plain["code"] if isinstance(plain, dict) and "code" in plain else plain
    zone = None if case.site_zone else "UTC"
    return answered(case, response(*given), site_zone=zone), len(given)


@pytest.mark.thorough
@given(strategies.cases())
def test_the_loop_ends(case: Case) -> None:
    """Ask, answer what is shown, assess: after a bounded number of rounds the verdict is another one than needs-data."""
    for _ in range(ROUNDS):
        if assess_case(case).verdict is not Verdict.NEEDS_DATA:
            return
        case, number = _round(case, hidden=False)
        assert number
    assert assess_case(case).verdict is not Verdict.NEEDS_DATA


@pytest.mark.thorough
@given(strategies.cases())
def test_no_answer_is_dropped(case: Case) -> None:
    """After each round every fact that was asked and answered is known, and everything that was known still is."""
    before = case_document(case)
    after, number = _round(case, hidden=True)
    document = case_document(after)
    for part, value in before.items():
        if isinstance(value, list):
            assert len(document[part]) >= len(value)
        elif isinstance(value, dict) and part == "patient":
            assert document[part].items() >= value.items()
    still = set(assess_case(after).missing)
    asked = {path for path in assess_case(case).missing if path.startswith("patient.") or path in {"course", "events", "planned_start"}}
    assert not still & asked
    assert number or not asked


@pytest.mark.thorough
@given(strategies.cases())
def test_each_form_is_valid(case: Case) -> None:
    """The form is a valid resource, without anything empty, and each link occurs once."""
    form = questionnaire(assess_case(case))
    if form is not None:
        assert faults_of(form) == []
        links = [item["linkId"] for item in form["item"]]
        assert {*assess_case(case).missing} <= {*links}
        links += [inner["linkId"] for item in form["item"] for inner in item.get("item", ())]
        assert len(links) == len(set(links))


def test_a_path_that_no_field_has() -> None:
    """A path that names no place of a case is refused."""
    for path in ("weather", "labs.weather", "labs.weather.value", "events.weather.grade", "course.weather.amount", "events.crs.colour", ""):
        with pytest.raises(LookupError):
            place_of(path, {})


def test_a_contradiction_is_settled_by_its_answer() -> None:
    """Findings that contradict each other are asked again, and so is a grade 0 of an episode that goes on: the answer replaces them."""
    alert = {"point": "C1D1", "findings": {"icans": {"ice": 10, "arousable": False, "consciousness": "alert", "symptoms": []}}}
    asked_again = read_case(alert)
    assert "findings.icans.arousable" in assess_case(asked_again).missing
    after = answered(asked_again, response(answer("findings.icans.arousable", {"valueBoolean": True})))
    assert case_document(after)["findings"]["icans"]["arousable"] is True
    with pytest.raises(DocumentError) as caught:  # nobody asked about that one
        answered(asked_again, response(answer("findings.icans.symptoms", {"valueBoolean": True})))
    assert "findings.icans.symptoms" in str(caught.value.exceptions[0])

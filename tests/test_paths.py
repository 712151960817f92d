"""Facts and notes are values that read as text: what names a place in a case, and what a report finds by it."""

from __future__ import annotations

import ast
import copy
import json
import pickle
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tarlatamab_rules
from helpers import DEFAULT, DRUG_BOOKS
from supplying import supplied
from tarlatamab_rules import Analyte, Case, DosePoint, EventStatus, Grade, Toxicity, ToxicityEvent, assess_case, strategies
from tarlatamab_rules.core.errors import DocumentError
from tarlatamab_rules.core.paths import COURSE, Fact, Note, as_fact
from tarlatamab_rules.formats.assessments import assessment_document
from tarlatamab_rules.formats.cases import case_document, read_case
from tarlatamab_rules.views.report import Report, report

BOOKS = st.sampled_from([*DRUG_BOOKS, DEFAULT])
CASES = strategies.cases()
ALT = Fact("labs", Analyte.ALT)
PART_OF_KIND = {Analyte: "labs", Toxicity: "events", DosePoint: "course"}
"""The part in which a case holds what is named by its kind; findings are named by their syndrome as well."""


class TestFact:
    """A fact and its path."""

    @pytest.mark.parametrize(
        ("fact", "path"),
        [
            (COURSE, "course"),
            (Fact("labs", 4, "value"), "labs[4].value"),
            (Fact("events", 0), "events[0]"),
            (Fact("labs", Analyte.ALT, "collected"), "labs.alt.collected"),
            (Fact("course", DosePoint(1, 8), "started"), "course.C1D8.started"),
            (Fact("patient", field="pregnant"), "patient.pregnant"),
            (Fact("events", 2, "findings").its("ice"), "events[2].findings.ice"),
            (ALT.set_apart("from 2026-02-01"), "labs.alt from 2026-02-01"),
            (ALT.set_apart("before").set_apart("from 2026-02-01"), "labs.alt before from 2026-02-01"),
            (Fact("labs", Analyte.ALT, beside=Fact("labs", Analyte.BILIRUBIN)), "labs.alt with labs.bilirubin"),
        ],
    )
    def test_is_its_path_as_text(self, fact: Fact, path: str) -> None:
        """A fact is equal to its path, also in a set, and prints as it."""
        assert fact == path
        assert {fact} == {path}
        assert f"{fact}" == str(fact) == path
        assert repr(fact) == repr(path)

    def test_parts(self) -> None:
        """A path that sets facts apart or reads them together belongs to those facts, and its fields are those of the item."""
        both = Fact("labs", Analyte.ALT, beside=Fact("events", 0))
        assert both.facts == (ALT, "events[0]")
        assert ALT.set_apart("before").facts == (ALT,)
        assert ALT.its("value").item == ALT
        assert both.its("value") == "labs.alt.value"
        assert as_fact("ordered").part == "ordered"
        assert as_fact(ALT) is ALT

    @pytest.mark.parametrize("fact", [ALT.its("value").set_apart("before"), Fact("labs", Analyte.ALT, beside=Fact("events", 0))])
    def test_copies(self, fact: Fact) -> None:
        """A fact that is copied or pickled is the same in each of its parts."""
        each = [copy.copy(fact), copy.deepcopy(fact)]
        each += [pickle.loads(pickle.dumps(fact, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]  # noqa: S301  # our own
        for again in each:
            assert again == fact
            assert (again.part, again.which, again.field) == (fact.part, fact.which, fact.field)
            assert (again.apart, again.beside) == (fact.apart, fact.beside)

    def test_note(self) -> None:
        """A note reads as what it is about and what it says, and keeps both in a copy."""
        note = Note(ALT, "a later result counts.")
        assert note == "labs.alt: a later result counts."
        again = pickle.loads(pickle.dumps(note))  # noqa: S301  # our own
        assert (again, again.about, again.says) == (note, ALT, "a later result counts.")


def spoiled(document: dict[str, Any], fact: Fact) -> dict[str, Any]:
    """A document with something in the place of a fact that no field takes."""
    whole = copy.deepcopy(document)
    steps = [fact.part, *([] if fact.which is None else [fact.which]), *([fact.field] if fact.field else [])]
    *way, last = [step if isinstance(step, int) else str(step) for step in steps]
    place: Any = whole
    for step in way:
        place = place[step]
    place[last] = [["nothing of a case"]]
    return whole


class TestLaws:
    """What holds of the facts of any assessment."""

    @given(CASES)
    def test_named_as_in_errors(self, case: Case) -> None:
        """Everything that was given is named as the error names it that `read_case` raises where something else stands in its place."""
        document = case_document(case)
        for each in assess_case(case).accounted:
            with pytest.raises(DocumentError) as caught:
                read_case(json.dumps(spoiled(document, as_fact(each.path))))
            assert each.path in {fault.path for fault in caught.value.exceptions}

    @given(CASES, BOOKS)
    def test_what_is_missing_is_a_place(self, case: Case, book: str) -> None:
        """Each fact that is missing is a place that a case can fill: its item is one of the right kind, or one that was given."""
        assessment = assess_case(case, rulebook=book)
        facts = [fact for vote in assessment.votes for fact in vote.missing]
        facts += [fact for standing in assessment.standings for fact in standing.missing]
        for fact in facts:
            assert isinstance(fact, Fact)
            assert fact.facts == (fact,)
            if isinstance(fact.which, int):
                assert fact.which < len(getattr(case, fact.part))
            elif fact.which is not None:
                assert fact.part in {PART_OF_KIND[type(fact.which)], "findings"}
            assert supplied(case, fact) is not None

    @given(CASES, BOOKS)
    def test_what_is_missing_was_not_given(self, case: Case, book: str) -> None:
        """No vote and no plan asks for what was given, unless it cannot be so: it is of another scale, or contradicts other facts."""
        assessment = assess_case(case, rulebook=book)
        facts = {as_fact(fact) for answer in (*assessment.votes, *map(assessment.__getattribute__, PLANS)) for fact in missing_of(answer)}
        facts |= {fact for item in assessment.toxicities for fact in missing_of(item.action) if isinstance(fact, Fact)}
        for fact in facts:
            assert not was_given(fact, case), fact

    @given(CASES, BOOKS)
    def test_a_report_finds_nothing_by_its_words(self, case: Case, book: str) -> None:
        """With other words in its notes a report has the same blocks, each with as many notes."""
        assessment = assess_case(case, rulebook=book)
        notes = tuple(Note(note.about, f"events[{n}]: with the next dose: observe") for n, note in enumerate(assessment.notes))
        assert frame(report(attrs.evolve(assessment, notes=notes))) == frame(report(assessment))

    @given(CASES, BOOKS)
    def test_plain_text_in_documents(self, case: Case, book: str) -> None:
        """A document holds plain text, numbers, lists and objects, so that any writer of JSON or YAML takes it."""
        assert set(map(type, leaves(assessment_document(assess_case(case, rulebook=book))))) <= {str, int, float, bool, type(None)}


PLANS = ("dose", "next_dose", "labs", "premedication", "infusion", "checklist", "monitoring")


def missing_of(answer: Any) -> tuple[str, ...]:
    """What an answer or a vote asks for."""
    return getattr(answer, "missing", ())


def was_given(fact: Fact, case: Case) -> bool:
    """Whether a case holds a fact. What is missing of a result or of findings has many names; only all of them are looked for."""
    if fact.which is None and not fact.field:
        return is_whole(getattr(case, fact.part))
    if fact.part == "patient":
        return getattr(case.patient, fact.field) is not None
    if fact.part == "course":
        doses = case.course.doses if case.course else ()
        return bool(doses) and all(is_whole(getattr(dose, fact.field)) for dose in doses if dose.point == fact.which)
    return fact.part == "events" and isinstance(fact.which, int) and event_holds((case.events or ())[fact.which], fact.field)


def event_holds(event: ToxicityEvent, field: str) -> bool:
    """Whether an event holds a fact. A grade of 0, or one beside findings, may not be so; and a scale may be the wrong one."""
    doubtful = field == "grade" and (event.grade is Grade.NONE or event.findings is not None)
    if doubtful or field == "scale" or "." in field:
        return False
    return is_whole(getattr(event, field))


def is_whole(value: object) -> bool:
    """Whether a value is known; of a day, with its time, which may be what is missing."""
    return value is not None and value is not EventStatus.UNKNOWN and type(value) is not date


def frame(whole: Report) -> list[object]:
    """The blocks of a report, each with how many notes it has in place of their words."""
    parts = [part for parts in (whole.grounds, whole.judged, whole.plans) for part in parts]
    silent = [attrs.evolve(part, notes=("",) * len(part.notes)) for part in parts]
    return [attrs.evolve(whole, grounds=(), judged=(), plans=(), notes=("",) * len(whole.notes)), *silent]


def leaves(value: object) -> Iterator[object]:
    """Every value within a document, and every key."""
    if isinstance(value, dict):
        yield from value
        yield from (leaf for each in value.values() for leaf in leaves(each))
    elif isinstance(value, list):
        yield from (leaf for each in value for leaf in leaves(each))
    else:
        yield value


def test_safeguards_are_spelled_once() -> None:
    """The id of each safeguard is written once in the code, so a search for its reasons cannot miss any."""
    package = Path(tarlatamab_rules.__file__).parent
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in package.rglob("*.py")]
    texts = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    ids = Counter(text for text in texts if text.startswith("guard/"))
    assert len(ids) > 40
    assert [guard for guard, times in ids.items() if times > 1] == []

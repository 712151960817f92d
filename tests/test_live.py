"""The answers of the documentation's pages: plain JavaScript over compiled tables answers as this library does."""

from __future__ import annotations

import gzip
import json
import random
import re
import shutil
import struct
import subprocess
from collections.abc import Sequence
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from conformance import FOLDER, STACKS, vector_file
from printing import needed
from tarlatamab_rules import ContradictionError, rulebooks
from tarlatamab_rules.core.asking import ask_next, nearest
from tarlatamab_rules.core.axes import Cuts
from tarlatamab_rules.core.decisions import Decided, Decision, NeedsData, unsettled_of
from tarlatamab_rules.core.tables import Question, Table
from tarlatamab_rules.formats.canonical import about, axis_keys, plain
from tarlatamab_rules.formats.compiled import compiled_document
from tarlatamab_rules.formats.vectors import corners
from tarlatamab_rules.rulebooks.facts import ANALYTE, ROLE, SYMPTOM
from tarlatamab_rules.values.conditions import condition_in_words
from tarlatamab_rules.views.books import titles_of

HERE = Path(__file__).parent
SCRIPT = HERE.parent / "docs" / "_static" / "live" / "answers.js"
BOOKS = (*rulebooks.names(), *STACKS)
DEFAULT = STACKS[0]
LARGEST = 60_000
"""In bytes, compressed: what a phone may be asked to load for one answer."""


@cache
def document(name: str) -> dict[str, Any]:
    """The compiled tables of a book, as a page reads them."""
    read: dict[str, Any] = json.loads(json.dumps(compiled_document(rulebooks.get(name), titles=titles_of), allow_nan=False))
    return read


def node(**asked: Any) -> dict[str, list[Any]]:
    """What the script answers in Node."""
    found = shutil.which("node")
    needed("node", there=found is not None, why="it runs the script of the pages")
    command = [str(found), str(HERE / "live_answers.mjs"), str(SCRIPT)]
    ran = subprocess.run(command, input=json.dumps(asked), check=True, capture_output=True, timeout=120, encoding="utf-8")
    answers: dict[str, list[Any]] = json.loads(ran.stdout)
    return answers


def ask(question: Question[Any], facts: Sequence[Any], **more: Any) -> dict[str, Any]:
    """A question as the script takes it."""
    return {"name": question.name, "about": about(question), "facts": plain(tuple(facts))} | more


def seen(answer: Decision[Any]) -> dict[str, Any]:
    """An answer of the library, as the script gives it."""
    kind = "decided" if isinstance(answer, Decided) else "needs-data" if isinstance(answer, NeedsData) else "not-covered"
    dissent = [
        {"rulebook": part.rulebook, "field": part.field, "value": plain(part.value), "rows": [reason.row for reason in part.reasons]}
        for part in answer.dissent
    ]
    return {
        "answer": kind,
        "possible": [plain(value) for value in answer.possible],
        "missing": list(answer.missing),
        "rows": [reason.row for reason in answer.reasons],
        "unsettled": bool(unsettled_of(answer)) or any(reason.unsettled for reason in answer.reasons),
        "caveats": list(answer.caveats),
        "dissent": dissent,
    }


def by_python(table: Table[Any], facts: Sequence[Any]) -> dict[str, Any]:
    """The answer of the library, with what to ask next and what would change it."""
    try:
        found = seen(table(*facts))
    except ContradictionError as error:
        return {"contradiction": str(error).removeprefix(f"{table.question.name}: ")}
    keys = dict(zip(table.question.axes, axis_keys(table.question), strict=True))
    asks = [
        {
            "fact": asked.fact,
            "outcomes": [
                [condition_in_words(asked.axis, condition), [plain(value) for value in answer.possible]]
                for condition, answer in asked.outcomes
            ],
        }
        for asked in ask_next(table, facts)
    ]
    near = [
        {
            "when": [[keys[axis], condition_in_words(axis, change.when[axis])] for axis in table.question.axes if axis in change.when],
            "possible": [plain(value) for value in change.answer.possible],
        }
        for change in nearest(table, facts)
    ]
    return found | {"next": asks, "near": near}


@pytest.mark.parametrize("name", [DEFAULT, *(pytest.param(name, marks=pytest.mark.thorough) for name in BOOKS if name != DEFAULT)])
def test_every_conformance_vector_is_answered_alike(name: str) -> None:
    """Every vector of every book and of both stacks: the value, the rows, what is not settled, and what other sources say."""
    _, *vectors = (json.loads(line) for line in (FOLDER / vector_file(name)).read_text(encoding="utf-8").splitlines())
    asks = [{"name": each["question"], "about": each["about"], "facts": list(each["facts"].values())} for each in vectors]
    answers = node(document=document(name), asks=asks)["answers"]
    for vector, answer in zip(vectors, answers, strict=True):
        expected = {key: vector[key] for key in ("answer", "rows", "unsettled", "dissent")} | {"possible": [vector["value"]]}
        assert {key: answer[key] for key in expected} == expected, vector
    assert len(vectors) > 20


def drawn(table: Table[Any], chance: random.Random) -> tuple[Any, ...]:
    """Facts for a table: about half of them not known, numbers on cuts, just beside them, and anywhere."""
    return tuple(None if chance.random() < 0.5 else fact_of(axis, chance) for axis in table.axes)


def fact_of(axis: Any, chance: random.Random) -> Any:
    """A fact of one axis."""
    if not isinstance(axis, Cuts):
        return chance.choice(axis.axis.members)
    low, high = corners(axis, chance.randrange(len(axis)))
    return chance.choice((low, high, chance.randint(int(low), max(int(low), int(high))) if axis.axis.whole else chance.uniform(low, high)))


@pytest.mark.parametrize("name", [DEFAULT, *(pytest.param(name, marks=pytest.mark.thorough) for name in BOOKS if name != DEFAULT)])
def test_partly_known_facts_are_answered_alike(name: str) -> None:
    """Also with facts that are not known: what is possible, what is missing, what to ask next, and what would change the answer."""
    chance, book = random.Random(name), rulebooks.get(name)  # noqa: S311  # no secret: the same facts each time
    asked = [(book[question], drawn(book[question], chance)) for question in book.rows for _ in range(12)]
    answers = node(document=document(name), asks=[ask(table.question, facts, more=True) for table, facts in asked])["answers"]
    for (table, facts), answer in zip(asked, answers, strict=True):
        assert answer == by_python(table, facts), (table.question.title, facts)


def doubles() -> st.SearchStrategy[float]:
    """Any number that is not infinite, and numbers halfway between two of 15 digits."""
    half = st.builds(lambda digits, power: float(f"{digits}5e{power}"), st.integers(10**14, 10**15 - 1), st.integers(-30, 5))
    binary = st.builds(lambda odd, power: (2 * odd + 1) * 2.0**-power, st.integers(0, 2**20), st.integers(0, 60))
    bits = st.integers(0, 2**64 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0]).filter(lambda x: x - x == 0)
    return st.one_of(st.floats(allow_nan=False, allow_infinity=False), half, binary, bits)


@settings(max_examples=3, deadline=None, phases=(Phase.generate,))  # each example has hundreds of numbers, and starts Node
@given(st.lists(doubles(), min_size=200, max_size=400))
def test_numbers_are_rounded_alike(numbers: list[float]) -> None:
    """A number has 15 significant digits before it is compared; of two that are equally near, the even one, as in Python."""
    by_script = [inf if number is None else abs(number) for number in node(document={"reasons": []}, numbers=numbers)["numbers"]]
    assert list(map(float, by_script)) == [abs(float(f"{number:.15g}")) for number in numbers]


HOSTILE = (
    ("eligibility", "age_years", [17.999999999999996], "excluded"),
    ("eligibility", "age_years", [18], "eligible"),
    ("next_dose", "course, days", ["step-up", 6.5], "days since the last dose: write a whole number"),
    ("eligibility", "age_years", [-1], "age in years: -1 cannot be"),
    ("eligibility", "age_years", [None], "needs-data"),
    ("eligibility", "age_years", ["18"], "age in years: write a number, such as 2.5"),
    ("eligibility", "age_years", [True], "age in years: write a number, such as 2.5"),
    ("eligibility", "age_years", [1e300], "eligible"),
    ("eligibility", "infection", ["mild"], "infection: mild is not one of none, controlled, uncontrolled"),
    ("eligibility", "infection", [0], "infection: 0 is not one of none, controlled, uncontrolled"),
    ("eligibility", "childbearing_potential, pregnant", [False, True], "a patient without childbearing potential cannot be pregnant"),
    ("eligibility", "childbearing_potential, pregnant", [1, 0], "childbearing potential: 1 is not one of yes, no"),
    ("monitoring_duration", "point, course, events, events_2, events_3", [0, None, None, None, None], "dose: 0 cannot be"),
)


def test_hostile_facts() -> None:
    """Facts at a limit, beyond the domain, of the wrong type, and such as cannot be true together."""
    asks = [{"name": name, "about": about_, "facts": facts} for name, about_, facts, _ in HOSTILE]
    answers = node(document=document(DEFAULT), asks=asks)["answers"]
    for (*asked, expected), answer in zip(HOSTILE, answers, strict=True):
        assert expected in (answer.get("contradiction"), answer.get("answer"), *answer.get("possible", ())), asked


def test_no_clinical_number_and_no_word_of_a_drug_is_in_the_script() -> None:
    """The script knows tables, not medicine: its only numbers are those of rounding and counting."""
    text = re.sub(r"//.*|/\*.*?\*/|\"\d\"", "", SCRIPT.read_text(encoding="utf-8"))
    assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)) <= {"0", "1", "2", "9", "14", "15", "16", "100", "2.5"}
    words = [str(member) for kind in (ANALYTE, SYMPTOM, ROLE) for member in kind.members if member != "none"]
    assert [word for word in words if re.search(rf"\b{word}\b", text)] == []


def test_the_document_by_hand() -> None:
    """Age by the default, as a reader of the document finds it: where it is cut, in which words, the cells, and what they answer."""
    asked = next(each for each in compiled_document(rulebooks.default())["questions"] if each["about"] == "age_years")
    (age,) = asked["axes"]
    assert (age["title"], age["whole"], age["named"]) == ("age in years", False, False)
    assert age["cuts"] == [0, 18, None]
    assert age["runs"] == [["0 to < 18", ">= 0"], [">= 18"]]
    assert [asked["values"][asked["answers"][cell]["value"]]["says"] for cell in asked["cells"]] == [["excluded"], ["eligible"]]


def test_units_of_values_are_in_their_titles() -> None:
    """A number that is graded has its unit in its title, since a form has no other place for it; by itself the title has none."""
    graded = {each["about"]: each["axes"][0]["title"] for each in document("ctcae-5.0")["questions"]}
    assert graded["neutrophils"] == "value in 10*9/L"
    bare = {each["about"]: each["axes"][0]["title"] for each in compiled_document(rulebooks.get("ctcae-5.0"))["questions"]}
    assert bare["neutrophils"] == "value"


def test_the_default_is_small() -> None:
    """The tables of the default take no more than a phone may be asked to load, compressed as a server sends them."""
    written = json.dumps(document(DEFAULT), ensure_ascii=False, separators=(",", ":")).encode()
    assert len(gzip.compress(written, mtime=0)) < LARGEST / 2


def test_unknown_facts_take_no_time() -> None:
    """With facts that are not known an answer takes at most 50 microseconds, of which some are for other work that the machine does."""
    book = rulebooks.default()
    asks = [ask(question, [None] * len(question.axes), times=300) for question in book.rows]
    answers = node(document=document(DEFAULT), asks=asks)["answers"]
    assert max(answer["microseconds"] for answer in answers) < 2 * 50

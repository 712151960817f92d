"""Decision diagrams: the trees answer as their tables do, are small, and are drawn without a script."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from math import inf, isfinite
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import DEFAULT, PAGE
from tarlatamab_rules import Analyte, Grade, Toxicity, rulebooks
from tarlatamab_rules.core.axes import Cuts
from tarlatamab_rules.core.decisions import Decided, NotCovered
from tarlatamab_rules.core.evidence import Reason
from tarlatamab_rules.core.intervals import Interval, above, at_least, between
from tarlatamab_rules.core.tables import Bands, Choices, Impossible, Question, Row, Table, When
from tarlatamab_rules.rulebooks.facts import VALUE, grades, points
from tarlatamab_rules.rulebooks.questions import (
    BY_AGE,
    BY_DIAGNOSIS,
    BY_HYPERSENSITIVITY,
    BY_INFECTION,
    BY_LACTATION,
    BY_PREGNANCY,
    BY_PROGRESSION,
    BY_VOLUME,
    CRS_GRADE,
    DURING_INFUSION,
    ICANS_GRADE,
    ICE_SCORE,
    INFUSION,
    LAB_GRADE,
    LAB_NEED,
    MONITORING,
    NEXT_DOSE,
    OTHER_RESULT,
    TOXICITY_ACTION,
)
from tarlatamab_rules.values.plans import MonitoringPlan
from tarlatamab_rules.views.diagrams import (
    MAX_LEAVES,
    Branching,
    Leaf,
    Tree,
    decision_tree,
    leaf_count,
    tree_html,
    tree_mermaid,
    tree_text,
)

US = "us-2025-11"
CSS = (Path(__file__).parents[1] / "docs" / "_static" / "diagrams.css").read_text(encoding="utf-8")
BOOKS = [*rulebooks.names(), DEFAULT]
TABLES = [pytest.param(name, n, id=f"{name}-{n}") for name in BOOKS for n in range(len(rulebooks.get(name).rows))]

COLOR = Choices("color", ("red", "green", "blue", "black"))
SIZE = Bands("size", between(0, 10))
COUNT = Bands("count", between(1, inf), whole=True)
LEVEL = Choices("level", tuple(Grade))
WET = Choices("wet", (True, False))


def table_of(name: str, n: int) -> Table[Any]:
    """A table of a book."""
    book = rulebooks.get(name)
    return book[list(book.rows)[n]]


def table(axes: tuple[Any, ...], *rows: Row[Any], impossible: tuple[Impossible, ...] = ()) -> Table[Any]:
    """A compiled table whose reasons carry no citation."""
    question: Question[Any] = Question("ask", axes, object, impossible=impossible)
    return Table(question, rows, lambda row: Reason(row.id, row.says, unsettled=row.unsettled))


def row(id_: str, when: When, then: object, unsettled: str = "") -> Row[Any]:
    """A row that says nothing else."""
    return Row(id_, when, then, "", unsettled=unsettled)


def drawn(tree: Tree[Any], value: Callable[[Any], object] = str) -> Any:
    """A tree as nested pairs: a fact with its conditions and what follows; at the end a value, ``None`` for silence, and its rows."""
    if isinstance(tree, Leaf):
        answer = tree.answer
        ids = [reason.row for reason in answer.reasons]
        return (value(answer.value) if isinstance(answer, Decided) else None, ids)
    return (tree.axis.fact, [(condition, drawn(then, value)) for condition, then in tree.branches])


def ask(tree: Tree[Any], facts: dict[str, Any]) -> Any:
    """The answer at the leaf to which the facts lead, by title and name of the axes; exactly one branch holds at each step."""
    while isinstance(tree, Branching):
        fact = facts[tree.axis.title or tree.axis.fact]
        (tree,) = [then for condition, then in tree.branches if fact in condition]
    return tree.answer


def cases(compiled: Table[Any]) -> Iterator[tuple[dict[str, Any], Any]]:
    """Facts of every cell that can be, each member and both ends of each band, and the answer of the cell."""
    for cell, answer in compiled.answers.items():
        spans: list[list[Any]] = []
        for axis, code in zip(compiled.axes, cell, strict=True):
            if isinstance(axis, Cuts):
                first, last = axis.cuts[code], axis.last(code)
                spans.append([number for number in (first, last) if isfinite(number)])
            else:
                spans.append(list(axis.groups[code]))
        names = [axis.title or axis.fact for axis in compiled.question.axes]
        yield from ((dict(zip(names, facts, strict=True)), answer) for facts in product(*spans))


class TestSmallTables:
    """Trees written by hand from the source."""

    def test_monitoring_of_the_page(self) -> None:
        """22-24 hours on C1D1 and C1D8; then silence up to cycle 5; from there 2 hours, unless there was grade 2 or worse."""
        assert drawn(decision_tree(rulebooks.get(PAGE)[MONITORING]), lambda plan: str(plan.observe)) == (
            "point",
            [
                (points("C1D1", "C1D8"), ("22-24 h", ["MON-1", "MON-2"])),
                (points("C1D15", "C4D15"), (None, ["MON-3/middle"])),
                (
                    points("C5D1"),
                    (
                        "events",
                        [(grades(0, 1), ("2 h", ["MON-3"])), (grades(2, 3, 4, 5), (None, ["MON-3/toxicity"]))],
                    ),
                ),
            ],
        )

    @pytest.mark.parametrize(
        ("question", "fact", "branches"),
        [
            (BY_AGE, "age_years", [(between(0, 18, high_open=True), "excluded", "IND-1/minor"), (at_least(18), "eligible", "IND-1/adult")]),
            (
                BY_DIAGNOSIS,
                "diagnosis",
                [
                    (frozenset(("extensive-stage-sclc",)), "eligible", "IND-1/cancer"),
                    (frozenset(("limited-stage-sclc", "other")), "excluded", "IND-1/other-cancer"),
                ],
            ),
            (
                BY_PROGRESSION,
                "progressed_after_platinum",
                [(frozenset((True,)), "eligible", "IND-1/progressed"), (frozenset((False,)), "excluded", "IND-1/not-progressed")],
            ),
            (
                BY_INFECTION,
                "infection",
                [
                    (frozenset(("none",)), "eligible", "CI-1/none"),
                    (frozenset(("controlled", "uncontrolled")), "needs-assessment", "CI-1"),
                ],
            ),
            (BY_PREGNANCY, "pregnant", [(frozenset((True,)), "excluded", "CI-2"), (frozenset((False,)), "eligible", "PRG-1")]),
            (BY_LACTATION, "breastfeeding", [(frozenset((True,)), "excluded", "PRG-3"), (frozenset((False,)), "eligible", "PRG-3/none")]),
        ],
    )
    def test_eligibility_of_the_page(self, question: Question[Any], fact: str, branches: list[tuple[Any, str, str]]) -> None:
        """Each criterion asks one fact; of childbearing potential nothing depends but what pregnancy tells as well."""
        expected = (fact, [(condition, (value, [row])) for condition, value, row in branches])
        assert drawn(decision_tree(rulebooks.get(PAGE)[question])) == expected

    def test_nothing_to_ask(self) -> None:
        """The page says nothing of hypersensitivity, and of the infusion always the same: a leaf alone."""
        assert drawn(decision_tree(rulebooks.get(PAGE)[BY_HYPERSENSITIVITY])) == (None, ["guard/silent"])
        assert isinstance(decision_tree(rulebooks.get(PAGE)[INFUSION]), Leaf)

    def test_next_dose_of_the_label(self) -> None:
        """Table 4: 14 days after the first 1 mg, 21 after the first 10 mg, 28 after a later one; beyond, the step-up begins anew."""
        tree = decision_tree(rulebooks.get(US)[NEXT_DOSE])
        assert drawn(tree, lambda step: (str(step.amount), step.restart)) == (
            "course",
            [
                (frozenset(("none",)), (("1 mg", False), ["T1-C1D1/first"])),
                *(
                    (
                        frozenset((last,)),
                        (
                            "days",
                            [
                                (Interval(0, days), (("10 mg", False), [row])),
                                (Interval(days + 1, inf), (("1 mg", True), [f"{row}/restart"])),
                            ],
                        ),
                    )
                    for last, days, row in (("step-up", 14, "T4-C1D1"), ("first-full", 21, "T4-C1D8"), ("later", 28, "T4-LATER"))
                ),
            ],
        )

    def test_grade_first(self) -> None:
        """Table 7, neutropenia: the grade is asked first, and of grade 4 alone whether it came again; 21 days of grade 3, 7 of 4."""

        def action(answer: Any) -> str:
            return str(answer.action)

        assert drawn(decision_tree(rulebooks.get(US)[TOXICITY_ACTION[Toxicity.NEUTROPENIA]]), action) == (
            "grade",
            [
                (grades(0, 1, 2), (None, ["T7-NEUTROPENIA-3/mild"])),
                (
                    grades(3),
                    (
                        "current_grade",
                        [
                            (
                                grades(0, 1, 2),
                                (
                                    "onset",
                                    [
                                        (Interval(0, 21), ("continue", ["T7-NEUTROPENIA-3/recovered"])),
                                        (Interval(22), ("discontinue", ["T7-NEUTROPENIA-3/late-recovered"])),
                                    ],
                                ),
                            ),
                            (
                                grades(3),
                                (
                                    "onset",
                                    [
                                        (Interval(0, 21), ("withhold", ["T7-NEUTROPENIA-3"])),
                                        (Interval(22), ("discontinue", ["T7-NEUTROPENIA-3/late"])),
                                    ],
                                ),
                            ),
                        ],
                    ),
                ),
                (
                    grades(4),
                    (
                        "current_grade",
                        [
                            (
                                grades(0, 1, 2),
                                (
                                    "events",
                                    [
                                        (
                                            grades(0, 1, 2, 3),
                                            (
                                                "onset",
                                                [
                                                    (Interval(0, 7), ("continue", ["T7-NEUTROPENIA-4/recovered"])),
                                                    (Interval(8), ("discontinue", ["T7-NEUTROPENIA-4/late-recovered"])),
                                                ],
                                            ),
                                        ),
                                        (grades(4, 5), ("discontinue", ["T7-NEUTROPENIA-AGAIN/recovered"])),
                                    ],
                                ),
                            ),
                            (
                                grades(3, 4),
                                (
                                    "events",
                                    [
                                        (
                                            grades(0, 1, 2, 3),
                                            (
                                                "onset",
                                                [
                                                    (Interval(0, 7), ("withhold", ["T7-NEUTROPENIA-4"])),
                                                    (Interval(8), ("discontinue", ["T7-NEUTROPENIA-4/late"])),
                                                ],
                                            ),
                                        ),
                                        (grades(4, 5), ("discontinue", ["T7-NEUTROPENIA-AGAIN"])),
                                    ],
                                ),
                            ),
                        ],
                    ),
                ),
            ],
        )


class TestEveryTable:
    """Laws over every table of every book, and of the books that answer together."""

    @pytest.mark.parametrize(("name", "n"), TABLES)
    def test_answers_as_the_table(self, name: str, n: int) -> None:
        """In every cell: the same value or silence, the same rows, the same that is not settled."""
        compiled = table_of(name, n)
        tree = decision_tree(compiled)
        for facts, expected in cases(compiled):
            found = ask(tree, facts)
            assert (type(found), found.possible) == (type(expected), expected.possible)
            assert set(found.reasons) == set(expected.reasons)

    @pytest.mark.parametrize(("name", "n"), TABLES)
    def test_by_value(self, name: str, n: int) -> None:
        """Where rows do not tell answers apart: the same value or silence, the same that is not settled, and never more leaves."""
        compiled = table_of(name, n)
        tree = decision_tree(compiled, rows=False)
        for facts, expected in cases(compiled):
            found = ask(tree, facts)
            assert (type(found), found.possible) == (type(expected), expected.possible)
            assert found.reasons
            if isinstance(found, NotCovered):
                assert {each.unsettled for each in found.reasons} - {""} == {each.unsettled for each in expected.reasons} - {""}
        assert leaf_count(tree) <= leaf_count(decision_tree(compiled))

    @pytest.mark.parametrize(("name", "n"), TABLES)
    def test_well_formed(self, name: str, n: int) -> None:
        """The HTML is nested as it should be, has a box for every leaf, no empty line, and no class without a style."""
        tree = decision_tree(table_of(name, n), rows=False)
        html = tree_html(tree, lambda row: f"#{row.lower()}", label=f"{name}: {n}")
        root = ET.fromstring(html)  # noqa: S314  # our own text
        assert (root.tag, root.get("aria-label")) == ("figure", f"{name}: {n}")
        classes = [each for element in root.iter() for each in element.get("class", "").split()]
        assert classes.count("dt-answer") == leaf_count(tree)
        assert all(re.search(rf"\.{each}\b", CSS) for each in set(classes) - {"dt-decided", "dt-deep"})
        assert "\n\n" not in html
        for split in root.iter("ul"):
            assert [child.tag for child in split] == ["li"] * len(split)
            assert split.get("role") == "list"


CELLS = [*product(("red", "green", "blue"), (1, 2, 3, 4), (True, False))]


@st.composite
def tables(draw: st.DrawFn) -> Table[Any]:
    """Tables of members, whole numbers and yes or no, a row each cell, with silent cells and such as cannot be."""
    color, count = Choices("color", ("red", "green", "blue")), Bands("count", between(1, 4), whole=True)
    axes: tuple[Choices | Bands, ...] = (color, count, WET)
    banned = draw(st.sets(st.sampled_from(CELLS), max_size=len(CELLS) - 1))
    whens: dict[tuple[Any, ...], When] = {cell: dict(zip(axes, cell, strict=True)) for cell in CELLS}
    rows = [row(str(n), whens[cell], draw(st.none() | st.integers(0, 2))) for n, cell in enumerate(CELLS) if cell not in banned]
    return table(axes, *rows, impossible=tuple(Impossible(when, "banned") for cell, when in whens.items() if cell in banned))


class TestAnyTable:
    """Laws over tables of any kind."""

    @given(tables())
    def test_answers_as_the_table(self, compiled: Table[Any]) -> None:
        """This holds for any number of impossible cells and any answers in the others."""
        for rows in (True, False):
            tree = decision_tree(compiled, rows=rows)
            for facts, expected in cases(compiled):
                assert ask(tree, facts).possible == expected.possible
            assert len({answer.possible for answer in compiled.answers.values()}) <= leaf_count(tree) <= len(compiled.answers)


class TestGrowing:
    """Which facts are asked, in what order, and what stands together."""

    def test_smallest(self) -> None:
        """The fact that leaves fewest answers twice is asked first, though the question has it last."""
        compiled = table(
            (COLOR, WET),
            row("dry", {WET: False}, "dry"),
            *(row(color, {WET: True, COLOR: color}, color) for color in COLOR.members),
        )
        tree = decision_tree(compiled)
        assert isinstance(tree, Branching)
        assert (tree.axis, leaf_count(tree)) == (WET, 5)

    def test_the_questions_own_order(self) -> None:
        """Where two orders are as good, the one of the question is taken."""
        compiled = table(
            (COLOR, WET), *(row(f"{color}-{wet}", {COLOR: color, WET: wet}, "x") for color in COLOR.members for wet in WET.members)
        )
        tree = decision_tree(compiled)
        assert isinstance(tree, Branching)
        assert (tree.axis, leaf_count(tree)) == (COLOR, 8)

    def test_members_stand_together(self) -> None:
        """Members that lead to the same stand together, neighbours or not."""
        red_or_blue = frozenset(("red", "blue"))
        compiled = table((COLOR,), row("a", {COLOR: red_or_blue}, "x"), row("b", {COLOR: frozenset(("green", "black"))}, "y"))
        assert drawn(decision_tree(compiled)) == ("color", [(red_or_blue, ("x", ["a"])), (frozenset(("green", "black")), ("y", ["b"]))])

    def test_only_neighbouring_numbers_do(self) -> None:
        """Numbers that lead to the same stand apart where there are others between them."""
        middle = between(2, 3)
        low, high = between(0, 2, high_open=True), above(3)
        compiled = table((SIZE,), row("a", {SIZE: low}, "x"), row("b", {SIZE: middle}, "y"), row("c", {SIZE: high}, "x"))
        assert drawn(decision_tree(compiled, rows=False)) == (
            "size",
            [(low, ("x", ["a"])), (middle, ("y", ["b"])), (between(3, 10, low_open=True), ("x", ["c"]))],
        )

    def test_only_neighbouring_grades_do(self) -> None:
        """Grades have an order as numbers have: 0 and 5 do not stand together."""
        compiled = table(
            (LEVEL,), row("0", {LEVEL: Grade(0)}, "x"), row("1", {LEVEL: grades(1, 2, 3, 4)}, "y"), row("5", {LEVEL: Grade(5)}, "x")
        )
        assert [condition for condition, _ in drawn(decision_tree(compiled, rows=False))[1]] == [grades(0), grades(1, 2, 3, 4), grades(5)]

    def test_rows_tell_answers_apart(self) -> None:
        """One value by two rows is two leaves; by value, one with both rows."""
        compiled = table((WET,), row("a", {WET: True}, "x"), row("b", {WET: False}, "x"))
        assert leaf_count(decision_tree(compiled)) == 2
        assert drawn(decision_tree(compiled, rows=False)) == ("x", ["a", "b"])

    def test_silence_is_no_open_question(self) -> None:
        """What a source is silent on and what it does not settle are never one leaf."""
        compiled = table((WET,), row("a", {WET: True}, None), row("b", {WET: False}, None, "A clinician decides."))
        assert tree_text(decision_tree(compiled, rows=False)).splitlines() == [
            "wet: yes -> the source does not say [a]",
            "wet: no -> not settled: A clinician decides. [b]",
        ]

    def test_what_cannot_be_splits_nothing(self) -> None:
        """Red is never dry: that it is wet is not asked of it, and red stands with green, which is as red is when wet."""
        compiled = table(
            (COLOR, WET),
            row("wet", {COLOR: frozenset(("red", "green")), WET: True}, "x"),
            row("dry", {COLOR: "green", WET: False}, "y"),
            row("rest", {COLOR: frozenset(("blue", "black"))}, "z"),
            impossible=(Impossible({COLOR: "red", WET: False}, "red is wet"),),
        )
        assert drawn(decision_tree(compiled)) == (
            "color",
            [
                (frozenset(("red", "green")), ("wet", [(frozenset((True,)), ("x", ["wet"])), (frozenset((False,)), ("y", ["dry"]))])),
                (frozenset(("blue", "black")), ("z", ["rest"])),
            ],
        )

    def test_one_fact_settles_another(self) -> None:
        """Where two facts always go together either alone would do, and the first is asked."""
        color = Choices("color", ("red", "green"))
        compiled = table(
            (color, WET),
            row("red", {color: "red", WET: True}, "x"),
            row("green", {color: "green", WET: False}, "y"),
            impossible=(
                Impossible({color: "red", WET: False}, "red is wet"),
                Impossible({color: "green", WET: True}, "green is dry"),
            ),
        )
        assert drawn(decision_tree(compiled)) == (
            "color",
            [(frozenset(("red",)), ("x", ["red"])), (frozenset(("green",)), ("y", ["green"]))],
        )

    def test_no_tree_above_a_limit(self) -> None:
        """One point of the ICE tool more or less is another set of rows, so that there are 512 leaves: no diagram."""
        scale = rulebooks.get("astct-2019")
        assert decision_tree(scale[ICE_SCORE], max_leaves=MAX_LEAVES) is None
        assert decision_tree(scale[CRS_GRADE], rows=False, max_leaves=28) is None
        assert decision_tree(scale[CRS_GRADE], rows=False, max_leaves=29) == decision_tree(scale[CRS_GRADE], rows=False)

    def test_what_it_is_called(self) -> None:
        """A caller knows the unit of a value, which the question does not."""
        compiled = rulebooks.get("ctcae-6.0")[LAB_GRADE[Analyte.NEUTROPHILS]]
        tree = decision_tree(compiled, titles={VALUE: "neutrophils in 10*9/L"})
        assert tree_text(tree).splitlines()[1] == "neutrophils in 10*9/L: 0.1 to < 0.5 -> grade 3 [neutrophil-count-decreased/3]"


class TestRowsByValue:
    """Which rows a leaf has where rows do not tell answers apart."""

    def test_of_a_maximum(self) -> None:
        """ASTCT 2019: the most severe of five domains gives the grade, and its row is named, not the rows of milder domains."""
        tree = decision_tree(rulebooks.get("astct-2019")[ICANS_GRADE], rows=False, max_leaves=MAX_LEAVES)
        assert tree is not None
        assert leaf_count(tree) == 19
        lines = tree_text(tree).splitlines()
        assert lines[0] == "deep focal weakness: yes -> grade 4 [ICANS-4/4]"
        assert "  seizure: prolonged -> grade 4 [ICANS-3/4]" in lines
        assert "        consciousness: awakens-to-voice -> grade 2 [ICANS-2/2]" in lines

    def test_given_by_several_together(self) -> None:
        """Hours, setting and closeness of C1D1 and C1D8, and that no dose follows grade 4, are separate rows: all are named."""
        tree = decision_tree(rulebooks.get(US)[MONITORING], rows=False)
        assert isinstance(tree, Branching)
        (_, first), *_ = tree.branches
        assert drawn(first, lambda plan: str(plan.observe)) == (
            "22-24 h",
            [
                *("T1-C1D1", "T1-C1D1/setting", "T1-C1D1/near", "T6-4/next-hours", "T5-4/next-hours"),
                *("T1-C1D8", "T1-C1D8/setting", "T1-C1D8/near"),
            ],
        )

    def test_of_several_books(self) -> None:
        """No book of a stack is left out: page and label both have a row for death from ICANS, although only the page orders a consult."""
        tree = decision_tree(rulebooks.get(DEFAULT)[TOXICITY_ACTION[Toxicity.ICANS]], rows=False)
        assert ["NEU-4", "T6-4/death"] in [[reason.row for reason in ask(tree, facts).reasons] for facts in [DEATH]]


DEATH = {
    "grade": Grade(5),
    "current grade": Grade(5),
    "worst grade of earlier episodes": Grade(0),
    "days from onset to recovery, or so far": 0,
}


class TestText:
    """Trees in plain text."""

    def test_indented(self) -> None:
        """A line each value, below the one before it; the results of which the label says nothing are the others."""
        assert tree_text(decision_tree(rulebooks.get(US)[LAB_NEED])).split("\n") == [
            "analyte: neutrophils or hemoglobin or platelets or alt or ast or bilirubin",
            "  dose: C1D1 to C5D15 -> required [LABS]",
            "  dose: C6D1 and later",
            "    day of the cycle: 1 -> required [LABS/day-1]",
            "    day of the cycle: 15 -> not asked [LABS/day-15]",
            "analyte: any other -> the source does not say [LABS/other]",
        ]

    def test_two_that_are_not_decided(self) -> None:
        """Of two sets of many members of which nothing is decided, neither is called the others."""
        assert "any other" not in tree_text(decision_tree(rulebooks.get(US)[OTHER_RESULT]))

    def test_a_leaf_alone(self) -> None:
        """Where there is nothing to ask, the answer alone."""
        assert tree_text(Leaf(NotCovered((Reason("a", ""), Reason("b", ""))))) == "the source does not say [a, b]"

    def test_an_answer_without_words(self) -> None:
        """An answer that adds nothing says so."""
        assert tree_text(Leaf(Decided(MonitoringPlan(), (Reason("a", ""),)))) == "adds nothing of its own [a]"

    def test_numbers(self) -> None:
        """What begins where the numbers begin has one end; whole numbers and grades in a row have two; the others are listed."""
        low, rest = between(0, 2, high_open=True), at_least(2)
        sizes = table((SIZE,), row("a", {SIZE: low}, "x"), row("b", {SIZE: rest}, "y"))
        assert tree_text(decision_tree(sizes)).splitlines() == ["size: < 2 -> x [a]", "size: 2 to 10 -> y [b]"]
        counts = table((COUNT,), row("a", {COUNT: between(1, 4)}, "x"), row("b", {COUNT: at_least(5)}, "y"))
        assert tree_text(decision_tree(counts)).splitlines() == ["count: 1 to 4 -> x [a]", "count: 5 and more -> y [b]"]
        levels = table((LEVEL,), row("a", {LEVEL: grades(0, 1)}, "x"), row("b", {LEVEL: grades(2, 3, 4, 5)}, "y"))
        assert tree_text(decision_tree(levels)).splitlines() == ["level: 0 or 1 -> x [a]", "level: 2 to 5 -> y [b]"]
        gaps = table((LEVEL,), row("a", {LEVEL: grades(0, 2, 4)}, "x"), row("b", {LEVEL: grades(1, 3, 5)}, "y"))
        assert tree_text(decision_tree(gaps)).splitlines() == ["level: 0 or 2 or 4 -> x [a]", "level: 1 or 3 or 5 -> y [b]"]

    def test_mermaid(self) -> None:
        """The same tree for who draws with Mermaid; what would end a text there is written by its number."""
        quoted = Choices("wet", (True, False), title='"wet" #1')
        compiled = table((quoted,), row("a", {quoted: True}, "x <y>"), row("b", {quoted: False}, None))
        assert tree_mermaid(decision_tree(compiled)).splitlines() == [
            "flowchart LR",
            'n1{{"#34;wet#34; #35;1"}}',
            'n2["x #60;y#62;<br/>a"]',
            'n3["the source does not say<br/>b"]',
            'n1 -->|"yes"| n2',
            'n1 -->|"no"| n3',
        ]


def boxes(html: str) -> list[tuple[list[str], str]]:
    """The classes of every answer, and its first line."""
    root = ET.fromstring(html)  # noqa: S314  # our own text
    return [
        (element.get("class", "").split()[1:], element[0].text or "")
        for element in root.iter("div")
        if element.get("class", "").startswith("dt-answer")
    ]


class TestHTML:
    """Trees as HTML."""

    def test_small(self) -> None:
        """A fact, its values as a list, and answers with their rows, each a link."""
        compiled = table((WET,), row("W/yes", {WET: True}, "x"), row("W/no", {WET: False}, None))
        assert tree_html(decision_tree(compiled), "#{}".format).split("\n") == [
            '<figure class="decision-tree dt-flat">',
            '<div class="dt-split">',
            '<div class="dt-fact">wet</div>',
            '<ul class="dt-branches" role="list">',
            '<li><div class="dt-when">yes</div>',
            '<div class="dt-answer dt-decided">',
            '<div class="dt-says">x</div>',
            '<div class="dt-rows"><a href="#W/yes">W/yes</a></div>',
            "</div>",
            "</li>",
            '<li><div class="dt-when">no</div>',
            '<div class="dt-answer dt-silent">',
            '<div class="dt-says">the source does not say</div>',
            '<div class="dt-rows"><a href="#W/no">W/no</a></div>',
            "</div>",
            "</li>",
            "</ul>",
            "</div>",
            "</figure>",
        ]

    def test_no_links(self) -> None:
        """Without a place to lead to, and where there is none for a row, the id alone."""
        leaf: Leaf[Any] = Leaf(NotCovered((Reason("guard/x", ""), Reason("A-1", ""))))
        assert '<div class="dt-rows"><span>guard/x</span>, <span>A-1</span></div>' in tree_html(leaf)
        html = tree_html(leaf, lambda row: "" if row.startswith("guard/") else f"#{row}")
        assert '<div class="dt-rows"><span>guard/x</span>, <a href="#A-1">A-1</a></div>' in html

    def test_escaped(self) -> None:
        """Every title, value, answer, row id, link and label is treated as text."""
        nasty = "<script>alert('1')</script>&\""
        axis = Choices("fact", (nasty, "b"), title=nasty)
        compiled = table((axis,), row(nasty, {axis: nasty}, nasty), row("b", {axis: "b"}, None, nasty))
        html = tree_html(decision_tree(compiled), lambda row: f'"{row}', label=nasty)
        assert "<script" not in html
        root = ET.fromstring(html)  # noqa: S314  # our own text
        assert root.get("aria-label") == nasty
        texts = [element.text for element in root.iter() if (element.text or "").strip()]
        assert texts == [nasty, nasty, nasty, nasty, "b", f"not settled: {nasty}", "b"]
        assert [link.get("href") for link in root.iter("a")] == [f'"{nasty}', '"b']

    def test_lines(self) -> None:
        """What follows the first line of an answer is a list."""
        html = tree_html(decision_tree(rulebooks.get(US)[DURING_INFUSION]))
        assert '<div class="dt-says">STOP the infusion</div>\n<ul role="list"><li>evaluation at once</li>' in html

    def test_kinds(self) -> None:
        """Words that have an order are drawn as the mildest, the strictest and those between; silence differs from what is not settled."""
        found = boxes(tree_html(decision_tree(rulebooks.get(US)[TOXICITY_ACTION[Toxicity.OTHER]])))
        assert {text.partition(":")[0]: kinds for kinds, text in found} == {
            "the source does not say": ["dt-silent"],
            "CONTINUE": ["dt-decided", "dt-mildest"],
            "WITHHOLD": ["dt-decided", "dt-between"],
            "DISCONTINUE": ["dt-decided", "dt-strictest"],
            "not settled": ["dt-unsettled"],
        }
        assert boxes(tree_html(decision_tree(rulebooks.get(PAGE)[BY_VOLUME]))) == [
            (["dt-decided", "dt-strictest"], "mismatch"),
            (["dt-decided", "dt-mildest"], "as planned"),
            (["dt-decided", "dt-strictest"], "mismatch"),
        ]
        assert boxes(tree_html(Leaf(Decided(MonitoringPlan())))) == [(["dt-decided"], "adds nothing of its own")]

    @pytest.mark.parametrize(
        ("name", "question", "shape"),
        [
            (US, NEXT_DOSE, "dt-flat"),
            (US, LAB_NEED, "dt-flat"),  # three facts, and short answers
            (US, TOXICITY_ACTION[Toxicity.CRS], "dt-deep"),  # three facts, and long ones
            ("astct-2019", CRS_GRADE, "dt-deep"),
        ],
    )
    def test_room(self, name: str, question: Question[Any], shape: str) -> None:
        """Of few facts every value has room beside what follows from it; of many it stands above."""
        assert tree_html(decision_tree(rulebooks.get(name)[question])).startswith(f'<figure class="decision-tree {shape}">')

    def test_the_same_every_time(self) -> None:
        """Two runs that shuffle their sets otherwise draw the same."""
        script = (
            "from tarlatamab_rules import rulebooks\n"
            "from tarlatamab_rules.views.diagrams import decision_tree, tree_html, tree_mermaid\n"
            f"book = rulebooks.get({DEFAULT!r})\n"
            "trees = [decision_tree(book[question], rows=rows) for question in book.rows for rows in (True, False)]\n"
            "print(*map(tree_html, trees), *map(tree_mermaid, trees))"
        )
        runs = [
            subprocess.run(
                [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
            ).stdout
            for seed in ("1", "2")
        ]
        assert len(runs[0]) > 10_000
        assert runs[0] == runs[1]

    def test_nothing_is_fetched(self) -> None:
        """The style needs nothing from elsewhere, and has its colours for a dark page by choice and by the system."""
        assert not re.search(r"url\(|@import|https?:", CSS)
        assert 'body[data-theme="dark"] .decision-tree' in CSS
        dark = r"@media \(prefers-color-scheme: dark\) \{\s*body:not\(\[data-theme=\"light\"\]\) \.decision-tree"
        assert re.search(dark, CSS)

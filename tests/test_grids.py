"""What happens to the drug, by toxicity and grade. The expected cells are written by hand, from the page and from Tables 5 to 7."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from helpers import DEFAULT, DRUG_BOOKS, PAGE
from tarlatamab_rules import (
    DoseAction,
    FieldError,
    FieldTypeError,
    Grade,
    Toxicity,
    ToxicityEvent,
    UnknownRulebookError,
    rulebooks,
    toxicity_action,
)
from tarlatamab_rules.answers import ToxicityAction
from tarlatamab_rules.core.tables import Row, When
from tarlatamab_rules.policy import Rulebook, strictest
from tarlatamab_rules.rulebooks.facts import GRADE, NOW
from tarlatamab_rules.rulebooks.questions import TOXICITY_ACTION
from tarlatamab_rules.views.grids import ActionCell, ActionGrid, Silence, action_grid

US = "us-2025-11"
WORDS = {
    "W": ("withhold",),
    "D": ("discontinue",),
    "WD": ("withhold", "discontinue"),
    "WS": ("withhold", "silent"),
    "S": ("silent",),
    "N": ("not settled",),
    "-": (),
}


def by_hand(text: str) -> dict[Toxicity, list[tuple[str, ...]]]:
    """A grid as the sources have it: a line a toxicity, a word a grade."""
    lines = [line.split() for line in text.strip().splitlines()]
    return {Toxicity(name): [WORDS[word] for word in words] for name, *words in lines}


THE_PAGE = by_hand("""
    crs                 S  S  S  S  S
    icans               W  W  D  D  D
    neurotoxicity       W  W  D  D  D
    neutropenia         S  S  W  W  -
    febrile-neutropenia -  -  S  S  S
    anemia              S  S  S  S  S
    thrombocytopenia    S  S  S  S  -
    infection           S  S  S  S  S
    hepatotoxicity      S  S  S  S  S
    hypersensitivity    S  S  S  S  S
    other               S  S  S  S  S
""")
THE_LABEL = by_hand("""
    crs                 W  W  WD D  D
    icans               W  W  WD D  D
    neurotoxicity       N  N  W  W  D
    neutropenia         S  S  WD WD -
    febrile-neutropenia -  -  W  W  D
    anemia              S  S  W  W  D
    thrombocytopenia    S  S  WD WD -
    infection           WS WS W  D  D
    hepatotoxicity      S  S  W  D  D
    hypersensitivity    N  N  W  W  D
    other               S  S  W  W  D
""")
BOTH = THE_LABEL | by_hand("""
    icans               W  W  D  D  D
    neurotoxicity       W  W  D  D  D
""")
AGAIN = THE_LABEL | by_hand("""
    crs                 W  W  D  D  D
    icans               W  W  D  D  D
    neutropenia         S  S  WD D  -
    thrombocytopenia    S  S  WD D  -
""")
FIRST = THE_LABEL | by_hand("crs W W W D D")


def shown(grid: ActionGrid) -> Mapping[Toxicity, list[tuple[str, ...]]]:
    """A grid as `by_hand` has it."""
    return {each: [tuple(map(str, cell.possible)) for cell in grid.row(each)] for each in grid.toxicities}


class TestCells:
    """What is possible in each cell."""

    @pytest.mark.parametrize(
        ("book", "again", "expected"),
        [
            (PAGE, None, THE_PAGE),
            (PAGE, False, THE_PAGE),
            (PAGE, True, THE_PAGE),
            (US, None, THE_LABEL),
            (US, False, FIRST),
            (US, True, AGAIN),
            (None, None, BOTH),
            (DEFAULT, None, BOTH),
        ],
    )
    def test_by_hand(self, book: str | None, again: bool | None, expected: object) -> None:
        """Page, label and both together say what their statements say, whether earlier episodes are known or not."""
        assert shown(action_grid(book, again=again)) == expected

    def test_order(self) -> None:
        """Rows are the toxicities in their order, columns the grades from 1 to 5."""
        grid = action_grid(PAGE)
        assert grid.toxicities == tuple(Toxicity)
        assert grid.grades == (1, 2, 3, 4, 5)
        assert [(cell.toxicity, cell.grade) for cell in grid.cells] == [(each, grade) for each in Toxicity for grade in (1, 2, 3, 4, 5)]

    def test_book_that_holds_little(self) -> None:
        """Of the label of 05/2024 the liver rows alone are confirmed: everything else is left to a clinician, and never silent."""
        grid = action_grid("us-2024-05")
        assert [cell.label for cell in grid.row(Toxicity.HEPATOTOXICITY)] == ["silent", "silent", "withhold", "discontinue", "discontinue"]
        rest = [cell for cell in grid.cells if cell.toxicity is not Toxicity.HEPATOTOXICITY and not cell.impossible]
        assert {cell.label for cell in rest} == {"not settled"}

    def test_scale(self) -> None:
        """A grading scale says nothing of the drug."""
        assert {cell.label for cell in action_grid("astct-2019").cells} == {"silent", "no such grade"}

    def test_going_on(self) -> None:
        """A policy that continues the drug is shown as the mildest action, and adds one possible action to a book."""
        goes_on = ToxicityAction(DoseAction.CONTINUE)
        active: When = {GRADE: Grade.MILD, NOW: Grade.MILD}
        row = Row("OWN-1", active, goes_on, "Grade 1 CRS: go on.", milder_because="the fever is treated at home")
        grid = action_grid(rulebooks.get(US).overlay("ours", {TOXICITY_ACTION[Toxicity.CRS]: (row,)}))
        assert [cell.label for cell in grid.row(Toxicity.CRS)][:2] == ["continue", "withhold"]
        assert grid["crs", 1].mildest is grid["crs", 1].strictest is DoseAction.CONTINUE
        assert grid["crs", 1].rows == ("OWN-1",)


class TestFacts:
    """What a cell tells beside what is possible."""

    @pytest.mark.parametrize(
        ("toxicity", "grade", "facts"),
        [
            ("crs", 1, ()),
            ("crs", 3, ("events",)),
            ("icans", 3, ("events", "onset")),
            ("neutropenia", 3, ("onset",)),
            ("neutropenia", 4, ("events", "onset")),
            ("thrombocytopenia", 3, ("onset",)),
            ("thrombocytopenia", 4, ("events", "onset")),
            ("infection", 1, ("point", "course", "onset")),
            ("infection", 3, ()),
            ("other", 3, ()),
            ("neutropenia", 5, ()),
        ],
    )
    def test_depends_on(self, toxicity: Any, grade: Any, facts: object) -> None:
        """The facts that decide what happens to the drug, and none that changes only the rest of the answer, as when to resume."""
        assert action_grid(US)[toxicity, grade].depends_on == facts

    def test_known_history(self) -> None:
        """What is known of earlier episodes decides nothing any more."""
        for again in (False, True):
            assert not any("events" in cell.depends_on for cell in action_grid(US, again=again).cells)

    def test_rows(self) -> None:
        """Every row that may answer is named."""
        grid = action_grid(US)
        assert set(grid["icans", 3].rows) == {"T6-3", "T6-3/late", "T6-3/again"}
        assert grid["hepatotoxicity", 4].rows == ("T7-LIVER-4",)
        assert grid["neutropenia", 5].rows == ()
        assert set(action_grid()["icans", 3].rows) == {"NEU-4", "T6-3/late", "T6-3/again"}

    def test_extremes(self) -> None:
        """The mildest and the strictest action; where a book says none there is neither."""
        grid = action_grid(US)
        both, silent = grid["icans", 3], grid["anemia", 1]
        assert (both.mildest, both.strictest) == ("withhold", "discontinue")
        assert both.actions == (DoseAction.WITHHOLD, DoseAction.DISCONTINUE)
        assert (silent.mildest, silent.strictest, silent.actions) == (None, None, ())

    @pytest.mark.parametrize(
        ("place", "silent", "in_part", "unsettled", "impossible"),
        [
            (("crs", 1), False, False, False, False),
            (("anemia", 1), True, False, False, False),
            (("infection", 1), False, True, False, False),
            (("hypersensitivity", 1), False, False, True, False),
            (("neutropenia", 5), False, False, False, True),
        ],
    )
    def test_silence(self, place: Any, *, silent: bool, in_part: bool, unsettled: bool, impossible: bool) -> None:
        """Silence everywhere, silence in part, an unsettled cell, and an impossible grade look different."""
        cell = action_grid(US)[place]
        assert (cell.silent, cell.silent_in_part, cell.unsettled, cell.impossible) == (silent, in_part, unsettled, impossible)

    def test_left_open_by_one_book(self) -> None:
        """If one book of a stack answers, and another mentions the cell and does not settle it, the cell names the latter."""
        cell = action_grid()["neurotoxicity", 1]
        assert (cell.label, cell.left_open_by, cell.unsettled) == ("withhold", (US,), True)
        assert cell.note == "not settled by us-2025-11"
        assert action_grid(PAGE)["neurotoxicity", 1].note == ""

    def test_notes(self) -> None:
        """A note has both the facts that decide and the books that leave it open."""
        cell = ActionCell(Toxicity.CRS, Grade.SEVERE, tuple(DoseAction), ("events", "onset"), ("one", "two"))
        assert cell.note == "depends on events, onset; not settled by one, two"
        assert cell.label == "continue or withhold or discontinue"
        assert ActionCell(Toxicity.CRS, Grade.SEVERE, tuple(Silence)).label == "silent or not settled"


class TestLookUp:
    """``grid[toxicity, grade]``."""

    def test_words_and_members(self) -> None:
        """Toxicity and grade are taken as words and numbers, or as members."""
        grid = action_grid(PAGE)
        assert grid["icans", 3] is grid[Toxicity.ICANS, Grade.SEVERE]

    @pytest.mark.parametrize(
        ("place", "error"),
        [
            (("chills", 3), FieldError),
            (("icans", 0), FieldError),
            (("icans", 6), FieldError),
            (("icans", "3"), FieldTypeError),
            ((7, 3), FieldTypeError),
            ((None, 3), KeyError),
            (("icans", None), KeyError),
        ],
    )
    def test_no_cell(self, place: Any, error: type[Exception]) -> None:
        """What is no toxicity, or no grade of an episode, is refused."""
        with pytest.raises(error):
            action_grid(PAGE)[place]

    def test_arguments(self) -> None:
        """What is no book, and what is neither true nor false, is refused."""
        with pytest.raises(UnknownRulebookError):
            action_grid("us-1999")
        with pytest.raises(FieldTypeError, match="again"):
            action_grid(again="yes")  # type: ignore[arg-type]  # on purpose


class TestDiffering:
    """Where two grids differ."""

    def test_first_and_second(self) -> None:
        """By the label recurrence decides at grade 3 of CRS and ICANS, and at grade 4 of neutrophils and platelets."""
        pairs = action_grid(US, again=False).differing(action_grid(US, again=True))
        assert [(str(one.toxicity), int(one.grade), one.label, other.label) for one, other in pairs] == [
            ("crs", 3, "withhold", "discontinue"),
            ("icans", 3, "withhold or discontinue", "discontinue"),
            ("neutropenia", 4, "withhold or discontinue", "discontinue"),
            ("thrombocytopenia", 4, "withhold or discontinue", "discontinue"),
        ]

    def test_itself(self) -> None:
        """A grid does not differ from itself, nor do grids of one book."""
        assert action_grid(US).differing(action_grid(US)) == ()
        assert action_grid(US) == action_grid(US)


def strictness(cell: ActionCell) -> tuple[int, int]:
    """The mildest and the strictest that is possible; silence is below every action."""
    ranks = [each.rank if isinstance(each, DoseAction) else -1 for each in cell.possible]
    return min(ranks), max(ranks)


STACKS = [
    *(rulebooks.get(one).over(rulebooks.get(other)) for one in DRUG_BOOKS for other in DRUG_BOOKS if one != other),
    strictest(map(rulebooks.get, DRUG_BOOKS)),
]


class TestLaws:
    """What holds in every cell of every book."""

    @pytest.mark.parametrize("again", [None, False, True])
    @pytest.mark.parametrize("stack", STACKS, ids=lambda book: book.name)
    def test_never_milder(self, stack: Rulebook, again: bool | None) -> None:
        """No cell of a stack is milder than that of a member, neither at its mildest nor at its strictest."""
        whole = action_grid(stack, again=again)
        for member in stack.members:
            for cell, own in zip(whole.cells, action_grid(member, again=again).cells, strict=True):
                assert cell.impossible is own.impossible
                if not cell.impossible:
                    assert all(theirs >= mine for theirs, mine in zip(strictness(cell), strictness(own), strict=True)), (cell, own)

    @pytest.mark.parametrize("book", [*DRUG_BOOKS, DEFAULT])
    def test_within_what_is_not_known(self, book: str) -> None:
        """What is possible for a first and for a second episode is possible for one of which that is not known."""
        for again in (False, True):
            for cell, known in zip(action_grid(book).cells, action_grid(book, again=again).cells, strict=True):
                assert set(known.possible) <= set(cell.possible)

    @pytest.mark.parametrize("book", [*DRUG_BOOKS, DEFAULT])
    def test_agrees_with_the_rule(self, book: str) -> None:
        """Whatever `toxicity_action` says of an active event of this grade is among what its cell has."""
        for cell in action_grid(book).cells:
            if not cell.impossible:
                event = ToxicityEvent(cell.toxicity, cell.grade, status="active")
                said = toxicity_action(event, rulebook=book).possible
                assert {value.action for value in said if value} <= set(cell.actions)
                assert None not in said or set(cell.possible) & set(Silence)


class TestText:
    """A grid for readers."""

    def test_plain(self) -> None:
        """In a terminal a grid has at most 80 columns, and every toxicity a line of its own."""
        lines = str(action_grid(US)).splitlines()
        assert lines[0] == "us-2025-11. An active episode; what else bears on the answer is left open."
        assert lines[2:7] == [
            "                |grade 1    |grade 2    |grade 3    |grade 4    |grade 5",
            "",
            "crs             |withhold   |withhold   |withhold or|discontinue|discontinue",
            "                |           |           |discontinue|           |",
            "",
        ]
        for again in (None, False, True):
            assert max(map(len, str(action_grid(US, again=again)).splitlines()[1:])) <= 80

    def test_long_label(self) -> None:
        """However much is possible, a cell keeps to its column."""
        cell = ActionCell(Toxicity.FEBRILE_NEUTROPENIA, Grade.SEVERE, (*DoseAction, *Silence))
        assert str(ActionGrid("book", None, (cell,))).splitlines()[2:] == [
            "                |grade 3",
            "",
            "febrile-        |continue or",
            "neutropenia     |withhold or",
            "                |discontinue",
            "                |or silent",
            "                |or not",
            "                |settled",
        ]

    def test_markdown(self) -> None:
        """As Markdown a grid is a table, with its notes."""
        lines = action_grid(US).markdown.splitlines()
        assert lines[:3] == [
            "| toxicity | grade 1 | grade 2 | grade 3 | grade 4 | grade 5 |",
            "| --- | --- | --- | --- | --- | --- |",
            "| crs | withhold | withhold | withhold or discontinue (depends on events) | discontinue | discontinue |",
        ]
        assert len(lines) == 2 + len(Toxicity)

    def test_markdown_of_a_strange_name(self) -> None:
        """The name of a book does not break the table."""
        cell = ActionCell(Toxicity.CRS, Grade.SEVERE, (DoseAction.WITHHOLD,), (), ("a|b",))
        assert ActionGrid("book", None, (cell,)).markdown.splitlines()[-1] == r"| crs | withhold (not settled by a\|b) |"

    def test_in_a_notebook(self) -> None:
        """A notebook shows the table under the name of the book, and which episode it is about."""
        text = action_grid(US, again=True)._repr_markdown_()
        about = "An active episode after one of the same grade; what else bears on the answer is left open."
        assert text.startswith(f"`us-2025-11, again at the same grade`. {about}\n\n| toxicity |")

    @pytest.mark.parametrize(
        ("again", "title"), [(None, "us-2025-11"), (False, "us-2025-11, first episode"), (True, "us-2025-11, again at the same grade")]
    )
    def test_title(self, again: bool | None, title: str) -> None:
        """A title says which episode it is, if that is known."""
        assert action_grid(US, again=again).title == title
        assert repr(action_grid(US, again=again)) == f"ActionGrid(rulebook='us-2025-11', again={again})"

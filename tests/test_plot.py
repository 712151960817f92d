"""The pictures of what happens to the drug: their content, and whether it can be read and told apart."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module, reload
from itertools import combinations, cycle, pairwise, product
from math import hypot
from typing import TYPE_CHECKING, Any, cast

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.text import Annotation, Text

from helpers import DEFAULT, PAGE
from tarlatamab_rules import DoseAction, FieldTypeError, Grade, Toxicity, UnknownRulebookError
from tarlatamab_rules.views.grids import ActionCell, ActionGrid, Silence, action_grid
from tarlatamab_rules.views.plot import FAINT, INK, LOOKS, PAPER, PATTERN, Picture, plot_actions, plot_two, svg
from test_grids import BOTH, THE_LABEL, THE_PAGE, US

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EVERYTHING = (*DoseAction, *Silence)
EVERY_CELL = ActionGrid(
    "strictest of eu-2026, precautions-2025-09, us-2024-05, us-2025-11",
    True,
    tuple(
        ActionCell(toxicity, grade, possible, *notes)
        for (toxicity, grade), possible, notes in zip(
            product(Toxicity, list(Grade)[1:]),
            cycle([each for n in range(6) for each in combinations(EVERYTHING, n)]),
            cycle([(), (("events", "onset"),), ((), (US,)), (("point", "course"), (US, PAGE))]),
            strict=False,
        )
    ),
)
"""A grid in which every set of things that a book can say occurs, without notes and with long ones."""

PICTURES: list[Callable[[], Figure]] = [
    lambda: plot_actions(PAGE),
    lambda: plot_actions(US),
    plot_actions,
    lambda: plot_actions("us-2024-05"),
    lambda: plot_actions(EVERY_CELL),
    lambda: plot_two(PAGE, US),
    lambda: plot_two(EVERY_CELL, EVERY_CELL),
    lambda: plot_two(action_grid(US, again=False), action_grid(US, again=True)),
]
NAMES = ["page", "label", "default", "little", "everything", "two", "everything-twice", "again"]


# --- colours ---


def linear(colour: str) -> list[float]:
    """The light of a colour, by channel (IEC 61966-2-1)."""
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]


def luminance(light: list[float]) -> float:
    """How light it is, from 0 to 1."""
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2, from 1 to 21."""
    light, dark = sorted((luminance(linear(one)), luminance(linear(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


SEEN_BY = {
    "most": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopes": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopes": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopes": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
    "nobody, in grey": ((0.2126, 0.7152, 0.0722),) * 3,
}
"""What is left of the light of a colour, by Machado, Oliveira and Fernandes 2009 at full severity; and in grey."""


def as_seen(colour: str, by: str) -> tuple[float, float, float]:
    """A colour as lightness, red to green and yellow to blue (CIE 1976 L*a*b*, D65)."""
    given = linear(colour)
    r, g, b = (min(max(sum(a * c for a, c in zip(row, given, strict=True)), 0), 1) for row in SEEN_BY[by])
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(one: str, other: str, by: str) -> float:
    """How far apart two colours look: 2 is just seen, 100 is from black to white."""
    return hypot(*(a - b for a, b in zip(as_seen(one, by), as_seen(other, by), strict=True)))


class TestColours:
    """Whether they can be read, and told apart by everyone."""

    def test_known_values(self) -> None:
        """The measures themselves: from black to white, and red and green to those who see little of either."""
        assert contrast("#000000", "#ffffff") == pytest.approx(21)
        assert apart("#000000", "#ffffff", "most") == pytest.approx(100, abs=0.1)
        assert apart("#c00000", "#606000", "most") > 3 * apart("#c00000", "#606000", "deuteranopes")

    @pytest.mark.parametrize("look", [*LOOKS.values(), FAINT])
    def test_text(self, look: Any) -> None:
        """Every text has a contrast of 4.5 to 1 or more with its background."""
        assert contrast(look.ink, look.fill) >= 4.5

    def test_lines(self) -> None:
        """Text on the paper can be read, and patterns can be seen on it."""
        assert contrast(INK, PAPER) >= 4.5
        assert contrast(PATTERN, PAPER) >= 3

    @pytest.mark.parametrize("by", SEEN_BY)
    def test_differ_by_sight(self, by: str) -> None:
        """The actions look different to everyone, and none looks like the paper that is beneath the patterns."""
        fills = [LOOKS[each].fill for each in DoseAction]
        for one, other in combinations(fills, 2):
            assert apart(one, other, by) > 15
        for colour in fills:
            assert apart(colour, PAPER, by) > 10

    @pytest.mark.parametrize("by", SEEN_BY)
    def test_order(self, by: str) -> None:
        """The stricter, the darker, in grey as well."""
        lightness = [as_seen(LOOKS[each].fill, by)[0] for each in DoseAction]
        assert lightness[0] - lightness[1] > 12
        assert lightness[1] - lightness[2] > 30

    def test_silence(self) -> None:
        """Silence has a pattern and no colour; the two kinds have different patterns."""
        assert {LOOKS[each].fill for each in Silence} == {PAPER}
        assert len({LOOKS[each].pattern for each in Silence} - {""}) == 2
        assert not any(LOOKS[each].pattern for each in DoseAction)


# --- what stands in a picture ---


def drawn(picture: Figure) -> Any:
    """The renderer, after everything has its place."""
    canvas: Any = FigureCanvasAgg(picture)
    canvas.draw()
    return canvas.get_renderer()


def in_cells(ax: Axes) -> dict[tuple[int, int], list[str]]:
    """The texts within each cell, by column and row, from above."""
    found: dict[tuple[int, int], list[str]] = {}
    texts = [text for text in ax.texts if not isinstance(text, Annotation)]
    for text in sorted(texts, key=lambda text: text.get_position()[1]):
        x, y = text.get_position()
        found.setdefault((int(x), int(y)), []).append(text.get_text())
    return found


def words(ax: Axes) -> dict[Toxicity, list[tuple[str, ...]]]:
    """The content of the cells, as in `test_grids.by_hand`."""
    found = in_cells(ax)
    cells = {place: tuple(text for text in texts if text in set(EVERYTHING)) for place, texts in found.items()}
    return {each: [cells[column, row] for column in range(5)] for row, each in enumerate(Toxicity)}


def size(text: Text) -> float:
    """The size of a text in points."""
    return cast("float", text.get_fontsize())


def beneath(ax: Axes) -> list[str]:
    """The text below the cells, line by line, after the legend."""
    (text,) = (text for text in ax.texts if isinstance(text, Annotation))
    return text.get_text().split("\n")


def legend(ax: Axes) -> list[str]:
    """What the legend says."""
    shown = ax.get_legend()
    assert shown is not None
    return [shown.get_title().get_text(), *(text.get_text() for text in shown.get_texts())]


class TestOneBook:
    """`plot_actions`."""

    @pytest.mark.parametrize(("book", "expected"), [(PAGE, THE_PAGE), (US, THE_LABEL), (DEFAULT, BOTH), (None, BOTH)])
    def test_cells(self, book: str | None, expected: object) -> None:
        """Every cell shows in words all that is possible in it."""
        (ax,) = plot_actions(book).axes
        assert words(ax) == expected

    def test_around_the_cells(self) -> None:
        """Title, columns, rows, legend and the line that says what it is not."""
        (ax,) = plot_actions(US).axes
        assert ax.get_title(loc="left") == "us-2025-11"
        assert [label.get_text() for label in ax.get_xticklabels()] == ["grade 1", "grade 2", "grade 3", "grade 4", "grade 5"]
        rows = [label.get_text() for label in ax.get_yticklabels()]
        assert rows[:5] == ["CRS", "ICANS", "neurotoxicity", "neutropenia", "febrile\nneutropenia"]
        assert legend(ax) == [
            "What happens to the drug",
            "withhold",
            "discontinue",
            "silent: the book does not say",
            "not settled: a clinician decides",
            "either, depending on facts left open",
        ]
        assert " ".join(beneath(ax)) == (
            "Not medical advice. An active episode; what else bears on the answer is left open. Silence is no permission."
        )

    def test_legend_has_what_occurs(self) -> None:
        """The legend explains only what a cell shows; it mentions silence only if a book is silent."""
        assert legend(plot_actions(PAGE).axes[0])[1:] == ["withhold", "discontinue", "silent: the book does not say"]
        one = ActionGrid("book", None, (ActionCell(Toxicity.CRS, Grade.MILD, (DoseAction.CONTINUE,)),))
        (ax,) = plot_actions(one).axes
        assert legend(ax)[1:] == ["continue"]
        assert " ".join(beneath(ax)) == "Not medical advice. An active episode; what else bears on the answer is left open."

    def test_notes(self) -> None:
        """Beneath what is possible stand the facts that decide, and the book that leaves it open."""
        found = in_cells(plot_actions(US).axes[0])
        assert found[2, 1] == ["withhold", "discontinue", "by events, onset"]
        assert found[0, 7] == ["withhold", "silent", "by point, course, onset"]
        assert found[4, 3] == ["no such grade"]
        assert in_cells(plot_actions().axes[0])[0, 2] == ["withhold", "not settled by us-2025-11"]
        cell = ActionCell(Toxicity.CRS, Grade.MILD, EVERYTHING, ("onset",), (US,))
        assert in_cells(plot_actions(ActionGrid("book", None, (cell,))).axes[0])[0, 0][-1] == "by onset; not settled by us-2025-11"

    def test_strange_name(self) -> None:
        """The name of a book is shown unchanged, whatever matplotlib does with dollar signs."""
        cell = ActionCell(Toxicity.CRS, Grade.MILD, (DoseAction.WITHHOLD,), (), ("$\\frac$",))
        picture = plot_actions(ActionGrid("our$1$ book, $\\frac$", None, (cell,)))
        drawn(picture)
        assert picture.axes[0].get_title(loc="left") == "our$1$ book, $\\frac$"

    def test_a_grid(self) -> None:
        """A grid that was made before is drawn as it is, and its title says which episode it is about."""
        (ax,) = plot_actions(action_grid(US, again=True)).axes
        assert ax.get_title(loc="left") == "us-2025-11, again at the same grade"
        assert "An active episode after one of the same grade;" in " ".join(beneath(ax))

    def test_on_axes_of_ones_own(self) -> None:
        """Axes that are passed are drawn on, be they of a figure or of a part of one, and their figure is returned."""
        figure = Figure(figsize=(6, 6))
        parts: Any = figure.subfigures(1, 2)
        for ax in (figure.add_subplot(), parts[0].add_subplot()):
            assert plot_actions(US, ax=ax) is figure
            assert words(ax) == THE_LABEL
            assert max(size(text) for text in ax.texts) < 9
        assert not hasattr(figure, "_repr_svg_")

    def test_no_axes(self) -> None:
        """What is no axes, or is in no figure any more, is refused."""
        away = Figure().add_subplot()
        away.remove()
        for wrong in (Figure(), 7, away):
            with pytest.raises(FieldTypeError, match=r"ax: .* is no axes of a figure"):
                plot_actions(US, ax=wrong)  # type: ignore[arg-type]  # on purpose

    def test_no_book(self) -> None:
        """What is no book is refused."""
        with pytest.raises(UnknownRulebookError):
            plot_actions("us-1999")


def lines(ax: Axes) -> dict[str, set[tuple[tuple[float, float], ...]]]:
    """The dashed and the thick lines, each from one corner of a cell to the next."""
    dashed, thick = (each for each in ax.collections if isinstance(each, LineCollection))
    return {
        name: {tuple((float(x), float(y)) for x, y in segment) for segment in each.get_segments()}
        for name, each in (("dashed", dashed), ("thick", thick))
    }


def box(left: int, top: int, right: int, bottom: int) -> set[tuple[tuple[float, float], ...]]:
    """The lines around some cells."""
    across = {((x, y), (x + 1, y)) for x in range(left, right) for y in (top, bottom)}
    return across | {((x, y), (x, y + 1)) for x in (left, right) for y in range(top, bottom)}


class TestTwoBooks:
    """`plot_two`."""

    def test_cells(self) -> None:
        """Each side shows its own book; the rows are named once."""
        left, right = plot_two(PAGE, US).axes
        assert (words(left), words(right)) == (THE_PAGE, THE_LABEL)
        assert [ax.get_title(loc="left") for ax in (left, right)] == [PAGE, US]
        picture = plot_two(PAGE, US)
        drawn(picture)
        visible = [[label.get_visible() for label in ax.get_yticklabels()] for ax in picture.axes]
        assert all(visible[0])
        assert not any(visible[1])

    def test_number_of_differing_cells(self) -> None:
        """The number of differing cells is given: both answer grade 3 of ICANS and grade 3 and 4 of other neurotoxicity and neutropenia."""
        left, right = plot_two(PAGE, US).axes
        assert beneath(left) == [
            "Thick line: both say what to do, and not the same (5 cells).",
            "Dashed line: they differ, and one of them at least does not say what to do (31 cells).",
            "Not medical advice. An active episode; what else bears on the answer is left open. Silence is no permission.",
        ]
        assert not [text for text in right.texts if isinstance(text, Annotation)]
        assert right.get_legend() is None

    def test_lines(self) -> None:
        """The same lines are on both sides, around all cells that differ alike, and none between two of these."""
        left, right = plot_two(action_grid(US, again=False), action_grid(US, again=True)).axes
        assert lines(left) == lines(right) == {"dashed": set(), "thick": box(2, 0, 3, 2) | box(3, 3, 4, 4) | box(3, 6, 4, 7)}
        assert beneath(left)[0] == "Thick line: both say what to do, and not the same (4 cells)."

    def test_two_kinds_of_lines(self) -> None:
        """Between a cell that both speak of and one of which one is silent the thick line stands alone."""
        found = lines(plot_two(PAGE, US).axes[0])
        assert not found["dashed"] & found["thick"]
        assert ((2, 1), (3, 1)) in found["thick"]  # beneath CRS of grade 3, of which the page is silent
        assert {((0, 1), (1, 1)), ((1, 1), (2, 1))} <= found["dashed"]

    def test_one_that_is_silent(self) -> None:
        """Beside a book that says nothing of the drug there are dashed lines only."""
        left, _ = plot_two("astct-2019", US).axes
        assert beneath(left)[0].startswith("Dashed line: they differ")
        assert not lines(left)["thick"]

    def test_the_same_action_and_silence(self) -> None:
        """Two books that have one action, of which one is silent in part, do not say otherwise."""
        one, other = (
            ActionGrid(name, None, (ActionCell(Toxicity.INFECTION, Grade.MILD, possible),))
            for name, possible in (("one", (DoseAction.WITHHOLD,)), ("other", (DoseAction.WITHHOLD, Silence.SILENT)))
        )
        left, _ = plot_two(one, other).axes
        assert lines(left) == {"dashed": box(0, 0, 1, 1), "thick": set()}
        assert beneath(left)[0] == "Dashed line: they differ, and one of them at least does not say what to do (1 cell)."

    def test_alike(self) -> None:
        """A book compared with itself has no differences, and the text says so."""
        left, _ = plot_two(US, US).axes
        assert beneath(left)[0] == "The two do not differ."
        assert lines(left) == {"dashed": set(), "thick": set()}


# --- that it can be read ---


def every_text(picture: Figure) -> Iterator[Text]:
    """Every text that is seen."""
    yield from (text for text in cast("list[Text]", picture.findobj(Text)) if text.get_visible() and text.get_text())


@pytest.fixture(name="picture", scope="module", params=PICTURES, ids=NAMES)
def a_picture(request: pytest.FixtureRequest) -> Figure:
    """Each of the pictures, drawn once."""
    picture: Figure = request.param()
    drawn(picture)
    return picture


class TestRoom:
    """Whether everything has room, at 1,200 pixels."""

    def test_in_the_picture(self, picture: Figure) -> None:
        """The picture is 1,200 pixels wide, and no text is cut off."""
        width, height = picture.bbox.size
        assert width == 1200
        for text in every_text(picture):
            at = text.get_window_extent()
            assert at.x0 >= 0, text
            assert at.y0 >= 0, text
            assert at.x1 <= width, text
            assert at.y1 <= height, text

    def test_in_the_cell(self, picture: Figure) -> None:
        """No text leaves its cell, and none covers another one of it."""
        for ax in picture.axes:
            cells: dict[tuple[int, int], list[Any]] = {}
            for text in ax.texts:
                if not isinstance(text, Annotation):
                    column, row = (int(n) for n in text.get_position())
                    at = text.get_window_extent()
                    (left, bottom), (right, top) = ax.transData.transform([(column, row + 1), (column + 1, row)])
                    assert left <= at.x0 <= at.x1 <= right, text
                    assert bottom <= at.y0 <= at.y1 <= top, text
                    cells.setdefault((column, row), []).append(at)
            for texts in cells.values():
                ordered = sorted(texts, key=lambda at: -at.y0)
                assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(ordered))

    def test_on_its_colour(self, picture: Figure) -> None:
        """Every word is on one colour only, so its contrast is that of the colour."""
        for ax in picture.axes:
            areas = [(patch.get_transform().transform_path(patch.get_path()), patch) for patch in ax.patches if isinstance(patch, Polygon)]
            for text in ax.texts:
                look = LOOKS.get(text.get_text())  # type: ignore[call-overload]  # the words are the keys
                if look is not None and not look.pattern:
                    at = text.get_window_extent()
                    corners = [(x, y) for x in (at.x0, at.x1) for y in (at.y0 + 0.2 * at.height, at.y1 - 0.1 * at.height)]
                    on = [patch for path, patch in areas if path.contains_points(corners).all()]
                    assert [patch.get_facecolor()[:3] for patch in on] == [to_rgb(look.fill)], text

    def test_size(self, picture: Figure) -> None:
        """Labels of cells with at most two things in them are at least 13 pixels tall in type, and so are the names of rows and columns."""
        for ax in picture.axes:
            of_cells = in_cells(ax)
            few = [place for place, texts in of_cells.items() if sum(text in set(EVERYTHING) for text in texts) <= 2]
            sizes = [
                size(text)
                for text in ax.texts
                if not isinstance(text, Annotation)
                and text.get_text() in set(EVERYTHING)
                and (int(text.get_position()[0]), int(text.get_position()[1])) in few
            ]
            sizes += [size(label) for label in (*ax.get_xticklabels(), *ax.get_yticklabels())]
            assert min(sizes) * picture.dpi / 72 >= 13


# --- as a file, and as a guest ---


class TestFiles:
    """SVG, and what is left alone."""

    def test_same_bytes(self) -> None:
        """The same picture is the same file, drawn again or saved again, and carries no date."""
        for one, other in ((plot_actions(), plot_actions()), (plot_two(PAGE, US), plot_two(PAGE, US))):
            written = svg(one)
            assert written == svg(one) == svg(other)
            assert "<dc:date>" not in written

    def test_own_font(self) -> None:
        """Letters are drawn as shapes."""
        assert "<text" not in svg(plot_actions(PAGE))

    def test_in_a_notebook(self) -> None:
        """A figure of its own shows itself as SVG."""
        picture = plot_actions(PAGE)
        assert isinstance(picture, Picture)
        assert picture._repr_svg_() == svg(picture)

    def test_settings(self) -> None:
        """No setting of matplotlib is other than before, and pictures look the same whatever style is in use."""
        before = dict(mpl.rcParams)
        light = svg(plot_two(PAGE, US))
        assert dict(mpl.rcParams) == before
        with mpl.rc_context({"axes.facecolor": "black", "text.color": "white", "xtick.color": "white", "axes.grid": True}):
            assert svg(plot_two(PAGE, US)) == light

    def test_no_window(self) -> None:
        """Neither pyplot nor a backend for windows is loaded; the grids load no matplotlib at all."""
        code = (
            "import sys\n"
            "import tarlatamab_rules.views.grids as grids\n"
            "print(grids.action_grid()['crs', 1].label, 'matplotlib' in sys.modules)\n"
            "import tarlatamab_rules.views.plot as plot\n"
            "plot.svg(plot.plot_actions())\n"
            "print('matplotlib.pyplot' in sys.modules)\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["withhold", "False", "False"]

    def test_without_matplotlib(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where matplotlib is not installed, the error says what to install."""
        module = import_module("tarlatamab_rules.views.plot")
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(ImportError, match=r"pip install 'tarlatamab-rules\[plot\]'") as caught:
            reload(module)
        assert caught.value.name == "matplotlib"

"""The page about performance tells what was measured, and nothing else."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

DOCS = Path(__file__).parents[1] / "docs"
_SPEC = importlib.util.spec_from_file_location("performance", DOCS / "_ext" / "performance.py")
assert _SPEC is not None
assert _SPEC.loader is not None
performance: Any = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(performance)

PAGE = (DOCS / "explanation" / "performance.md").read_text(encoding="utf-8")
FIGURES: dict[str, Any] = performance.load()
ROLE = re.compile(r"\{measured\}`([^`]*)`")
NOT_PROSE = re.compile(r"^```.*?^```$|\{\w+\}`[^`]*`|`[^`]*`|\]\([^)]*\)", re.DOTALL | re.MULTILINE)
SPREAD = {"median": 7.071, "lower": 6.982, "upper": 9.96, "bar": 10}
SVG = "{http://www.w3.org/2000/svg}"


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every figure by its place."""
    if not isinstance(value, dict):
        return {path: value}
    return {place: leaf for name, part in value.items() for place, leaf in leaves(part, f"{path}.{name}".lstrip(".")).items()}


def plain(text: str) -> str:
    """Text with spaces and hyphens that may break."""
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NON-BREAKING HYPHEN}", "-")


class TestPage:
    """What is written by hand."""

    def test_states_no_number_of_its_own(self) -> None:
        """Outside of code the prose has no digit: every figure is put in from the file when the page is built."""
        assert re.findall(r".*\d.*", NOT_PROSE.sub("", PAGE)) == []

    @pytest.mark.parametrize("path", sorted(set(ROLE.findall(PAGE))))
    def test_every_figure_that_it_names_is_measured(self, path: str) -> None:
        """A role names one figure of the file."""
        assert performance.figure(FIGURES, path)

    def test_has_every_part_once(self) -> None:
        """Each table and the chart stand there, and no other placeholder does."""
        assert sorted(performance.PLACE.findall(PAGE)) == sorted(performance.PARTS)
        assert "PERFORMANCE_" not in performance.filled(PAGE, FIGURES)

    @pytest.mark.parametrize("part", sorted(set(performance.PARTS) - {"CHART"}))
    def test_tables_have_a_figure_in_every_row(self, part: str) -> None:
        """As many cells in every row as in the head, and the second cell is never empty."""
        for table in performance.PARTS[part](FIGURES).split("\n\n"):
            head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
            assert rows
            assert all(len(row) == len(head) and row[1] for row in rows)


class TestFile:
    """What was measured."""

    def test_says_with_what(self) -> None:
        """The day, Python, the architecture and the versions; no name of a machine and no path."""
        made = FIGURES["made"]
        assert set(made) == {"date", "python", "implementation", "machine", "versions"}
        assert set(made["versions"]) == {"tarlatamab_rules", "attrs", "pint", "zen-engine"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", made["date"])
        assert not [leaf for leaf in leaves(FIGURES).values() if isinstance(leaf, str) and re.search(r"[\\/]", leaf)]

    def test_every_figure_is_some(self) -> None:
        """Nothing took no time, and a median lies between its quartiles."""
        figures = leaves(FIGURES)
        assert all(leaf > 0 for leaf in figures.values() if not isinstance(leaf, str))
        for place in (place.removesuffix(".median") for place in figures if place.endswith(".median")):
            assert figures[f"{place}.lower"] <= figures[f"{place}.median"] <= figures[f"{place}.upper"]

    def test_keeps_to_the_bars(self) -> None:
        """What the page shows is within what it says is held."""
        for each in FIGURES["scalar"]["decisions"].values():
            assert each["times_plain"]["median"] <= each["times_plain"]["bar"]
            assert each["zen_times_ours"]["median"] >= each["zen_times_ours"]["bar"]
        for name in ("built", "plain"):
            assert FIGURES["assessment"][name]["times_json"]["median"] <= FIGURES["assessment"][name]["times_json"]["bar"]
        for name in ("package", "assessment"):
            assert FIGURES["imports"][name]["times_attrs"] <= FIGURES["imports"][name]["bar"]


class TestWords:
    """Figures in words."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (2_694_000.0, "2.7 million"),
            (19_040_000.0, "19 million"),
            (999_600.0, "1.0 million"),
            (210_300.0, "210,000"),
            (817.66, "820"),
            (26.29, "26"),
            (9.96, "10"),
            (8.869, "8.9"),
            (0.9958, "1.0"),
            (0.01457, "0.015"),
            (41, "41"),
            ("0.25.3", "0.25.3"),
        ],
    )
    def test_two_digits(self, value: float | str, words: str) -> None:
        """What is measured has two digits; counts and words stand as they are."""
        assert plain(performance.in_words(value)) == words

    def test_a_spread_has_its_quartiles(self) -> None:
        """The median, and in brackets the quartiles."""
        assert plain(performance.around(SPREAD)) == "7.1 (7.0-10)"

    def test_one_figure_by_its_place(self) -> None:
        """A place leads to a figure, or through a spread to its median."""
        figures = {"a": {"times": SPREAD, "turns": 41}}
        assert performance.figure(figures, "a.turns") == "41"
        assert performance.figure(figures, "a.times") == "7.1"

    @pytest.mark.parametrize("path", ["b", "a", "a.turns.more", "a.times.mean"])
    def test_a_place_without_a_figure_is_refused(self, path: str) -> None:
        """A name that is missing or belongs to several figures is an error, never an empty word."""
        with pytest.raises(LookupError, match=re.escape(path)):
            performance.figure({"a": {"times": SPREAD, "turns": 41}}, path)


class TestChart:
    """The chart."""

    def test_is_one_svg_with_words(self) -> None:
        """It is well formed, fetches nothing, and its description has the headline and the figure of every bar."""
        text = performance.chart(FIGURES)
        svg = ET.fromstring(text.removeprefix("```{raw} html\n").removesuffix("\n```"))  # noqa: S314  # our own
        words = svg.findtext(f"{SVG}desc") or ""
        for headline, group in performance.bars(FIGURES).items():
            assert headline in words
            assert all(f"{bar.says} {bar.number}" in words for bar in group)
        assert svg.get("role") == "img"
        assert set((svg.get("aria-labelledby") or "").split()) == {each.get("id") for each in svg.iter() if each.get("id")}
        assert not re.search(r"href|url\(|@import", text)

    def test_bars_are_as_long_as_their_figures(self) -> None:
        """In each group the longest bar fills the width, and the others their part of it."""
        svg = ET.fromstring(performance.chart(FIGURES).removeprefix("```{raw} html\n").removesuffix("\n```"))  # noqa: S314  # our own
        widths = [float((each.get("width") or "").rstrip("%")) for each in svg.iter(f"{SVG}rect")]
        assert set(widths[::2]) == {100.0}
        expected = [100 * bar.value / max(other.value for other in group) for group in performance.bars(FIGURES).values() for bar in group]
        assert widths[1::2] == pytest.approx(expected, abs=0.01)

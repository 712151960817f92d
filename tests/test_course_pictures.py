"""Pictures of a plan: what is drawn, where it is, and that a reader can tell it apart and read it."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from importlib import import_module
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

from tarlatamab_rules import GivenDose, LabResult, ToxicityEvent, grade_lab, plan_course, replan
from tarlatamab_rules.answers import CoursePlan, EntryKind
from tarlatamab_rules.core.decisions import NotCovered
from tarlatamab_rules.core.errors import FieldError, FieldTypeError
from tarlatamab_rules.course.bands import bands_of
from tarlatamab_rules.course.drawing import Drawing, Group, Packer, Polygon, Words, lines_of, width_of
from tarlatamab_rules.course.pictures import dose_day, lab_trend, timeline
from tarlatamab_rules.course.plot import figure_of
from tarlatamab_rules.course.reported import reported
from tarlatamab_rules.course.strategies import plans
from tarlatamab_rules.course.timeline_looks import ON_TIMELINE
from tarlatamab_rules.inputs.analytes import KINDS, RANGES, Analyte
from tarlatamab_rules.strategies import lab_results
from tarlatamab_rules.values.plans import MonitoringPlan
from tarlatamab_rules.views.plot import Picture, svg

BERLIN = ZoneInfo("Europe/Berlin")
US = "us-2025-11"


def plan(**changes: Any) -> CoursePlan:
    """Cycle 1 from 2 February 2026 at nine in Berlin, by the US label, with changes."""
    facts: dict[str, Any] = {"cycles": 1, "infusion_at": time(9), "site_zone": "Europe/Berlin", "rulebook": US}
    return plan_course(date(2026, 2, 2), **(facts | changes))


def moment(on: str) -> datetime:
    """A moment in Berlin."""
    return datetime.fromisoformat(on).replace(tzinfo=BERLIN)


def days(first: int, last: int) -> list[date]:
    """Days of February 2026."""
    return [date(2026, 2, on) for on in range(first, last + 1)]


def delayed() -> CoursePlan:
    """Two doses given, the second three days late, and a syndrome and neutropenia that go on."""
    doses = [GivenDose("C1D1", moment("2026-02-02T09:00"), "1 mg"), GivenDose("C1D8", moment("2026-02-12T09:00"), "10 mg", complete=True)]
    events = [
        ToxicityEvent("crs", 2, status="active", onset=moment("2026-02-12T22:00")),
        ToxicityEvent("neutropenia", 4, status="active", onset=moment("2026-02-13T09:00")),
    ]
    return replan(plan(cycles=2, rulebook=None), course=doses, events=events)


def stopped() -> CoursePlan:
    """A course that is stopped for good after the first dose."""
    crs = ToxicityEvent("crs", 4, status="active", onset=moment("2026-02-02T20:00"))
    return replan(plan(), course=[GivenDose("C1D1", moment("2026-02-02T09:00"), "1 mg", complete=True)], events=[crs])


def all_given() -> CoursePlan:
    """Two doses, both given."""
    doses = [GivenDose("C1D1", date(2026, 2, 2), "1 mg"), GivenDose("C1D8", date(2026, 2, 9), "10 mg")]
    return plan_course(date(2026, 2, 2), until=date(2026, 2, 10), course=doses, events=[], rulebook=US)


HOSTILE: dict[str, Callable[[], CoursePlan]] = {
    "two cycles": lambda: plan(cycles=2),
    "one dose": lambda: plan(cycles=None, until=date(2026, 2, 3)),
    "no dose": lambda: plan(cycles=None, until=date(2026, 2, 1)),
    "24 months": lambda: plan(cycles=None, until=date(2028, 2, 1)),
    "no times": lambda: plan(infusion_at=None, site_zone=None, cycles=2),
    "at night": lambda: plan(infusion_at=time(23, 30), cycles=2),
    "delayed": delayed,
    "stopped": stopped,
    "all given": all_given,
    "restart": lambda: plan(closed=days(9, 18)),
    "no date": lambda: replan(plan(), course=[GivenDose("C1D1", None, "1 mg")]),
    "amount not known": lambda: replan(plan(), course=[GivenDose("C1D1", moment("2026-02-02T09:00"), None)]),
    "stack": lambda: plan(rulebook="strictest of precautions-2025-09, us-2025-11, eu-2026", cycles=5),
}


def words(drawing: Drawing) -> list[Words]:
    """All words of a drawing."""
    return [shape for shape in drawing.shapes if isinstance(shape, Words)]


def touching(drawing: Drawing) -> list[tuple[str, str]]:
    """Words that overlap by more than a pixel, by their estimated boxes."""
    boxes = sorted(((shape.box, shape.text) for shape in words(drawing)), key=lambda item: item[0][1])
    return [(one, other) for (a, one), (b, other) in combinations(boxes, 2) if overlaps(a, b)]


def overlaps(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two boxes overlap by more than a pixel."""
    return a[0] + 1 < b[2] and b[0] + 1 < a[2] and a[1] + 1 < b[3] and b[1] + 1 < a[3]


def outside(drawing: Drawing) -> list[object]:
    """What is not within the drawing."""
    right, bottom = drawing.width + 0.1, drawing.height + 0.1
    boxes = ((shape, shape.box) for shape in drawing.shapes)
    return [shape for shape, (x0, y0, x1, y1) in boxes if x0 < 0 or y0 < 0 or x1 > right or y1 > bottom]


def of_kind(drawing: Drawing, kind: str) -> list[list[Words]]:
    """The words of each thing of a kind."""
    return [[shape for shape in group.shapes if isinstance(shape, Words)] for group in drawing.groups if group.name == kind]


def parsed(text: str) -> ET.Element:
    """The elements of an SVG."""
    return ET.fromstring(text)  # noqa: S314  # it is our own


def labels(drawing: Drawing, kind: str) -> list[str]:
    """The words beside each mark of a kind."""
    return [" ".join(shape.text for shape in texts) for texts in of_kind(drawing, kind)]


def assert_measured(drawing: Drawing) -> None:
    """Words as matplotlib draws them are as narrow as they were estimated, and do not touch."""
    figure = figure_of(drawing)
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]  # matplotlib has no types for it
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    extents = [(box.x0, box.y0, box.x1, box.y1) for box in boxes]
    assert len(extents) == len(words(drawing))
    for shape, box in zip(words(drawing), extents, strict=True):
        assert box[2] - box[0] <= width_of(shape.text, shape.size, bold=shape.bold) + 1, shape.text
    assert not [(a, b) for a, b in combinations(extents, 2) if overlaps(a, b)]


class TestTimeline:
    """The course in strips of weeks."""

    def test_what_is_drawn(self) -> None:
        """Cycle 1 by the US label: three doses, three times of observation, two of near care, three draws, two last days, what is owed."""
        drawing = timeline(plan())
        assert labels(drawing, "dose") == ["C1D1 1 mg, 09:00", "C1D8 10 mg, 09:00", "C1D15 10 mg, 09:00"]
        assert labels(drawing, "observation") == ["C1D1: 22 to 24 h", "C1D8: 22 to 24 h", "C1D15: 6 to 8 h [1]"]
        assert labels(drawing, "near-care") == ["C1D1: 48 h", "C1D8: 48 h"]
        assert labels(drawing, "labs") == ["before C1D1", "before C1D8", "before C1D15"]
        assert labels(drawing, "restart-limit") == ["last day of C1D8", "last day of C1D15"]
        assert labels(drawing, "contraception") == ["contraception [2]"]
        assert labels(drawing, "breast-feeding") == ["no breast-feeding [3]"]
        assert drawing.title == "Course: 0 given and 3 planned doses, 2026-02-02 to 2026-02-16"

    def test_places(self) -> None:
        """A day is as wide as every other; the observation of C1D1 begins at nine and ends a day later, by the clock of the site."""
        drawing = timeline(plan())
        first, second = (group.shapes[0].box for group in drawing.groups if group.name == "dose" and group.entry.point.number < 3)  # type: ignore[union-attr]  # a dose has a point
        day = (1200 - 116 - 12) / 28
        assert (second[0] - first[0]) / day == pytest.approx(7)
        (sure, rest) = [shape for shape in next(g for g in drawing.groups if g.name == "observation").shapes if isinstance(shape, Polygon)]
        assert [(x - 116) / day * 24 for x in (sure.box[0], sure.box[2], rest.box[2])] == pytest.approx([9, 9 + 22, 9 + 24])

    def test_given_and_planned(self) -> None:
        """A dose that is given has another shape, not only another colour; a bar is filled or light."""
        drawing = timeline(delayed())
        marks = {group.says: group.shapes[0] for group in drawing.groups if group.name == "dose"}
        corners = {
            says.endswith("given"): tuple((x - shape.box[0], y - shape.box[1]) for x, y in shape.points)
            for says, shape in marks.items()
            if isinstance(shape, Polygon)
        }
        assert set(corners) == {True, False}
        assert len(set(corners.values())) == 2

    def test_a_toxicity(self) -> None:
        """A dose that is withheld says what it waits for, and the days by which a toxicity must have improved are drawn."""
        drawing = timeline(delayed())
        assert labels(drawing, "dose")[2] == "C1D15 10 mg, 09:00 withheld until CRS: resolved; neutropenia: grade 2 or less"
        assert labels(drawing, "recovery-deadline") == [
            "CRS: resolved",
            "neutropenia: grade 2 or less",
            "neutropenia: stop for good if it is not grade 2 or less within 7 days (by 2026-02-20)",
        ]

    def test_reported(self) -> None:
        """A toxicity is a bar from its onset to its end; without an end it is dashed, and its words say whether it goes on."""
        doses = [GivenDose("C1D1", moment("2026-02-02T09:00"), "1 mg", complete=True)]
        events = [
            ToxicityEvent("crs", 2, status="resolved", onset=moment("2026-02-03T12:00"), resolved=moment("2026-02-05T00:00")),
            ToxicityEvent("neutropenia", 3, status="active", onset=date(2026, 2, 10)),
            ToxicityEvent("other", onset=date(2026, 2, 11)),
            ToxicityEvent("icans", 1, status="resolved", resolved=date(2026, 2, 12)),
            ToxicityEvent("anemia", 2, onset=date(2026, 2, 12), resolved=date(2026, 2, 13)),
        ]
        drawing = timeline(replan(plan(), course=doses, events=events))
        assert labels(drawing, "toxicity") == [
            "CRS grade 2",
            "neutropenia grade 3, goes on",
            "another toxicity, end not known",
            "anemia grade 2",
        ]
        bars = [group.shapes[0] for group in drawing.groups if group.name == "toxicity"]
        assert [isinstance(shape, Polygon) and shape.dashed for shape in bars] == [False, True, True, False]
        day = (1200 - 116 - 12) / 28
        days = [((shape.box[0] - 116) / day, (shape.box[2] - 116) / day) for shape in bars]
        assert days == [pytest.approx(span) for span in ((1.5, 3), (8, 9), (9, 10), (10, 12))]
        assert "from 2026-02-10: neutropenia grade 3, goes on" in drawing.description
        assert "no date: ICANS grade 1" in drawing.description
        text = [shape.text for shape in words(drawing)]
        assert "reported toxicity" in text
        assert "goes on, or its end is not known" in text
        assert any(shape.startswith("No date: ICANS grade 1") for shape in text)
        assert "reported toxicity" not in [shape.text for shape in words(timeline(plan()))]

    def test_a_toxicity_of_weeks(self) -> None:
        """The words of a bar that leaves no room beside it are beneath it, within the picture."""
        doses = [GivenDose("C1D1", moment("2026-02-02T09:00"), "1 mg", complete=True)]
        events = [
            ToxicityEvent("neutropenia", 2, status="resolved", onset=date(2026, 2, 3), resolved=date(2026, 6, 1)),
            ToxicityEvent("infection", 1, status="resolved", onset=date(2026, 2, 25), resolved=date(2026, 6, 1)),
        ]
        drawing = timeline(replan(plan(), course=doses, events=events))
        assert outside(drawing) == []
        assert touching(drawing) == []
        (bar, label), (late, beside) = ([shape.box for shape in group.shapes[:2]] for group in drawing.groups if group.name == "toxicity")
        assert label[1] > bar[3] - 1
        assert beside[2] < late[0]

    def test_a_toxicity_of_years(self) -> None:
        """An episode from long before the course has its own strips; those between in which nothing else is are left out."""
        old = ToxicityEvent("other", 1, status="resolved", onset=date(2019, 5, 6), resolved=date(2196, 1, 1))
        drawing = timeline(replan(plan(), course=[GivenDose("C1D1", moment("2026-02-02T09:00"), "1 mg")], events=[old]))
        (bar,) = [group for group in drawing.groups if group.name == "toxicity"]
        assert len([shape for shape in bar.shapes if isinstance(shape, Polygon)]) < 10
        assert labels(drawing, "toxicity") == ["another toxicity grade 1"]

    def test_beneath(self) -> None:
        """Beneath the strips: notes, conditions with what holds otherwise, where the sources disagree, and cautions."""
        frame = timeline(delayed()).groups[0]
        text = " ".join(shape.text for shape in frame.shapes if isinstance(shape, Words))
        assert "! C1D15: withhold by what is known so far: Grade 2 cytokine release syndrome" in text
        assert "[2] Observation of C2D1 and C2D15: if there is no CRS of grade 2 or worse" in text
        assert (
            "otherwise: monitor for 22 to 24 h after the infusion starts, in an appropriate healthcare setting OR no source says." in text
        )
        assert "The sources disagree, and the plan says how: Observation of C1D8; Near care of C1D8." in text
        assert "CAUTION A newer US revision" in text
        assert text.endswith("Not medical advice. Times are those of the site.")

    def test_no_date(self) -> None:
        """A dose without a date is listed, not drawn."""
        drawing = timeline(HOSTILE["no date"]())
        assert labels(drawing, "dose") == []
        assert any("; C1D1 1 mg, given; C1D1 observation; C1D1 near care." in shape.text for shape in words(drawing))

    def test_restart(self) -> None:
        """A step-up that begins anew is marked at its dose."""
        assert labels(timeline(HOSTILE["restart"]()), "dose")[1] == "C1D8 1 mg, 09:00, restart"

    def test_unknown(self) -> None:
        """Without times a bar takes its day and is dashed; an amount that is not known says so."""
        drawing = timeline(plan(infusion_at=None, site_zone=None))
        bars = [group.shapes[0] for group in drawing.groups if group.name in {"observation", "near-care"}]
        assert all(isinstance(shape, Polygon) and shape.dashed for shape in bars)
        assert any(shape.text == "times not known" for shape in words(drawing))
        assert labels(timeline(HOSTILE["amount not known"]()), "dose")[0] == "C1D1 amount not known, 09:00"

    def test_open_hours(self) -> None:
        """Hours that are not known yet, and those that no source says, are no numbers."""
        late = replan(plan(cycles=2), course=[GivenDose("C1D1", moment("2026-02-02T09:00"), "1 mg")])
        severe = ToxicityEvent("crs", status="resolved", onset=moment("2026-02-17T09:00"), resolved=moment("2026-02-18T09:00"))
        doses = [
            GivenDose(point, moment("2026-02-02T09:00") + timedelta(days=days), amount)
            for point, days, amount in (("C1D1", 0, "1 mg"), ("C1D8", 7, "10 mg"), ("C1D15", 14, "10 mg"))
        ]
        assert "C2D1: not known yet" in labels(timeline(replan(late, course=doses, events=[severe])), "observation")
        (watched,) = [entry for entry in late.for_dose("C1D8") if entry.kind is EntryKind.OBSERVATION]
        silent = evolve(late, entries=(evolve(watched, value=MonitoringPlan(), end=None, end_from=None),))
        assert labels(timeline(silent), "observation") == ["C1D8: hours not said"]

    def test_over_the_end_of_a_strip(self) -> None:
        """A bar that goes on in the next strip is drawn in both, with its words where it begins: from 15 February 01:00 on."""
        late = plan(infusion_at=time(1), closed=days(9, 14))
        drawing = timeline(late, width=600)
        assert labels(drawing, "observation")[1] == "C1D8: 22 to 24 h"
        (bar,) = [group for group in drawing.groups if group.name == "observation" and str(group.entry and group.entry.point) == "C1D8"]
        thick = [shape.box[3] - shape.box[1] for shape in bar.shapes if isinstance(shape, Polygon)]
        assert thick == [10, 4, 4]

    def test_long_gaps(self) -> None:
        """Weeks without anything are one line."""
        text = [shape.text for shape in words(timeline(plan(cycles=None, until=date(2026, 2, 3))))]
        assert "2026-03-02 to 2026-03-29: nothing is planned" in text

    @pytest.mark.parametrize("width", [480, 600, 1200])
    @pytest.mark.parametrize("name", HOSTILE)
    def test_readable(self, name: str, width: int) -> None:
        """No words touch others, and nothing leaves the picture: from no dose to 24 months, narrow and wide."""
        drawing = timeline(HOSTILE[name](), width=width)
        assert touching(drawing) == []
        assert outside(drawing) == []

    @pytest.mark.parametrize("name", ["two cycles", "delayed", "restart", "stopped"])
    def test_readable_as_measured(self, name: str) -> None:
        """Words that matplotlib draws are as narrow as they were estimated, so they do not touch either."""
        assert_measured(timeline(HOSTILE[name]()))

    @given(plans())
    def test_law_once(self, drawn: CoursePlan) -> None:
        """Every dose, bar and deadline with a date is drawn once, and nothing else; no words touch; the bytes are the same."""
        drawing = timeline(drawn)
        expected = [id(entry) for entry in drawn.entries if entry.kind in ON_TIMELINE and entry.when is not None]
        assert Counter(map(id, drawing.entries)) == Counter(expected)
        assert all(any(isinstance(shape, Polygon) for shape in group.shapes) for group in drawing.groups if group.entry is not None)
        assert touching(drawing) == []
        assert outside(drawing) == []
        root = parsed(drawing.svg)
        assert root.tag.endswith("svg")
        assert drawing.svg == timeline(drawn).svg

    @given(plans())
    def test_law_toxicities(self, drawn: CoursePlan) -> None:
        """Every toxicity that was reported with an onset is drawn once, with its words; every other one is named beneath."""
        drawing, (dated, lost) = timeline(drawn), reported(drawn.request.events or ())
        groups = [group for group in drawing.groups if group.name == "toxicity"]
        assert [group.says for group in groups] == [item.says for item in dated]
        assert [" ".join(shape.text for shape in group.shapes if isinstance(shape, Words)) for group in groups] == [
            item.words for item in dated
        ]
        assert all(any(isinstance(shape, Polygon) for shape in group.shapes) for group in groups)
        assert len(dated) + len(lost) == len(drawn.request.events or ())
        beneath = " ".join(shape.text for shape in drawing.groups[0].shapes if isinstance(shape, Words))
        assert all(words in beneath and words in drawing.description for words in lost)

    @given(plans())
    def test_law_words(self, drawn: CoursePlan) -> None:
        """A reader who cannot see the picture hears every dose with its day."""
        said = str(timeline(drawn))
        for entry in drawn.doses:
            assert f"{entry.point} dose: {entry.says}" in said


def lines(drawing: Drawing) -> list[tuple[str, str]]:
    """The name and the times of each line of a dose."""
    rows = [[shape for shape in group.shapes if isinstance(shape, Words)] for group in drawing.groups if group.entry is not None]
    right = drawing.width - 215
    return [(" ".join(w.text for w in row if w.bold), " ".join(w.text for w in row if w.x == right)) for row in rows]


class TestDoseDay:
    """One dose along the clock."""

    def test_what_is_drawn(self) -> None:
        """C1D1 by the US label, at nine: what goes before, with and after it, with its times."""
        drawing = dose_day(plan(), "C1D1")
        assert lines(drawing) == [
            ("Dexamethasone 8 mg", "08:00 to 09:00"),
            ("Laboratory results", "by 09:00"),
            ("Checklist", "09:00"),
            ("Hydration", "by 09:00"),
            ("Dose", "09:00"),
            ("Infusion", "09:00 to 10:00"),
            ("Observation", "09:00 to 3 Feb 07:00-09:00"),
            ("Near care", "09:00 to 4 Feb 09:00"),
            ("Normal saline 1000 mL", "10:00 to 12:00-14:00"),
            ("Teaching", "by 3 Feb 07:00"),
        ]
        assert drawing.title == "C1D1: tarlatamab 1 mg (step-up dose), planned, Monday 2026-02-02"

    def test_places(self) -> None:
        """The clock begins at eight, when the first drug may be given, and ends 49 hours later, when near care ends."""
        drawing = dose_day(plan(), "C1D1")
        boxes = {group.name: group.shapes[1].box for group in drawing.groups if isinstance(group.shapes[1], Polygon)}
        left, right = 14 + 0.2 * 1200, 1200 - 14 - 215
        hour = (right - left) / 49
        assert [(x - left) / hour for x in boxes["infusion"][::2]] == pytest.approx([1, 2])
        assert [(x - left) / hour for x in boxes["near-care"][::2]] == pytest.approx([1, 49])
        assert [(x - left) / hour for x in boxes["observation"][::2]] == pytest.approx([1, 23])

    def test_conditions(self) -> None:
        """Beneath a line: what it says, its condition with what holds otherwise, and what other sources say, each once."""
        drawing = dose_day(plan(rulebook=None), "C1D15")
        (watched,) = labels(drawing, "observation")
        assert "if there is no CRS of grade 2 or worse" in watched
        assert "otherwise: monitor for 22 to 24 h after the infusion starts" in watched
        first, second = (labels(dose_day(plan(rulebook=None), "C1D1"), kind)[0] for kind in ("premedication", "saline"))
        assert "The sources disagree: us-2025-11: gives this instead" in first
        assert second.endswith("The sources disagree, as said above.")

    def test_given(self) -> None:
        """A dose that was given is filled, and says so."""
        drawing = dose_day(delayed(), "C1D8")
        assert drawing.title == "C1D8: tarlatamab 10 mg (first full dose), given, Thursday 2026-02-12"
        fills = {group.name: group.shapes[1].fill for group in drawing.groups if isinstance(group.shapes[1], Polygon)}
        assert fills["infusion"] == fills["dose"] == "#0072b2"

    def test_without_times(self) -> None:
        """Without a time of day the lines have their days and words alone; a dose without a date says so."""
        drawing = dose_day(plan(infusion_at=None, site_zone=None), "C1D8")
        assert ("Observation", "Mon 9 Feb") in lines(drawing)
        assert ("Last day for this dose", "by Mon 16 Feb") in lines(drawing)
        assert not any(isinstance(shape, Polygon) for group in drawing.groups if group.entry for shape in group.shapes)
        drawing = dose_day(HOSTILE["no date"](), "C1D1")
        assert drawing.title.endswith("given, no date")
        assert lines(drawing)[0] == ("Dose", "no date")

    def test_a_toxicity(self) -> None:
        """The dose waits for toxicities: what must have improved has a line each."""
        assert [text for name, text in lines(dose_day(delayed(), "C1D15")) if name == "Must have improved"] == ["by 09:00", "by 09:00"]

    def test_the_clocks_change(self) -> None:
        """Hours are elapsed time, and the clock is that on the wall: in the night of 29 March an hour is left out."""
        late = plan_course(date(2026, 3, 28), cycles=1, infusion_at=time(9), site_zone="Europe/Berlin", rulebook=US)
        drawing = dose_day(late, "C1D1")
        assert ("Observation", "09:00 to 29 Mar 08:00-10:00") in lines(drawing)

    @pytest.mark.parametrize(
        ("first", "width", "night"),
        [
            (date(2026, 3, 28), 2000, ["22:00", "00:00", "04:00", "06:00"]),
            (date(2026, 3, 28), 1200, ["20:00", "00:00", "08:00", "12:00"]),
            (date(2026, 10, 24), 2000, ["22:00", "00:00", "02:00", "04:00"]),
            (date(2026, 10, 24), 1200, ["20:00", "00:00", "04:00", "08:00"]),
        ],
    )
    def test_marks_when_the_clocks_change(self, first: date, width: int, night: list[str]) -> None:
        """An hour that the clock skips has no mark, nor has one that is then too near; an hour that comes twice leaves more room."""
        late = plan_course(first, cycles=1, infusion_at=time(9), site_zone="Europe/Berlin", rulebook=US)
        drawing = dose_day(late, "C1D1", width=width)
        assert touching(drawing) == []
        hours = [shape.text for shape in words(drawing) if re.fullmatch(r"\d\d:00", shape.text) and shape.size == 11]
        midnight = hours.index("00:00")
        assert hours[midnight - 1 : midnight + 3] == night

    def test_a_long_infusion(self) -> None:
        """An end that is weeks later, an error of a record, still leaves the hours legible."""
        doses = [GivenDose("C1D1", moment("2026-02-02T09:00"), "1 mg", ended=moment("2026-12-02T09:00"))]
        drawing = dose_day(replan(plan(), course=doses, events=[]), "C1D1", width=480)
        assert touching(drawing) == []

    def test_open_ends(self) -> None:
        """A bar whose latest end is not known is dashed, and says *or later*."""
        one = plan()
        (watched,) = [entry for entry in one.for_dose("C1D1") if entry.kind is EntryKind.OBSERVATION]
        drawing = dose_day(evolve(one, entries=(evolve(watched, end=None),)), "C1D1")
        assert lines(drawing) == [("Observation", "2 Feb 09:00 to 3 Feb 07:00 or later")]
        assert drawing.title == "C1D1: no such dose is planned"
        shape = drawing.groups[1].shapes[1]
        assert isinstance(shape, Polygon)
        assert shape.dashed

    def test_an_open_checklist(self) -> None:
        """A checklist that no source gives says so."""
        one = plan()
        (check,) = [entry for entry in one.for_dose("C1D1") if entry.kind is EntryKind.CHECK]
        open_ = evolve(check, value=None, answer=NotCovered(()))
        drawing = dose_day(evolve(one, entries=(open_,)), "C1D1")
        assert labels(drawing, "check")[0].endswith("checklist: no source says; a clinician decides")

    @pytest.mark.parametrize("width", [480, 600, 1200])
    @pytest.mark.parametrize("name", ["two cycles", "no times", "at night", "delayed", "restart", "stack", "no date", "all given"])
    def test_readable(self, name: str, width: int) -> None:
        """No words of any dose touch others, and nothing leaves the picture."""
        made = HOSTILE[name]()
        for dose in made.doses:
            drawing = dose_day(made, dose.point or "", width=width)
            assert touching(drawing) == []
            assert outside(drawing) == []

    def test_readable_as_measured(self) -> None:
        """Words that matplotlib draws do not touch either."""
        assert_measured(dose_day(plan(rulebook=None), "C1D15"))

    @given(plans())
    def test_law_once(self, drawn: CoursePlan) -> None:
        """Every entry of a dose has one line, no words touch, and a reader who cannot see it hears all of it."""
        for point in {entry.point for entry in drawn.entries if entry.point is not None}:
            drawing = dose_day(drawn, point)
            assert list(map(id, drawing.entries)) == list(map(id, drawn.for_dose(point)))
            assert touching(drawing) == []
            assert all(str(entry) in drawing.description for entry in drawing.entries)

    def test_no_such_dose(self) -> None:
        """A dose that the plan does not have is refused, with those that it has."""
        with pytest.raises(FieldError, match="point: C4D1 is not in this plan; name one of its doses, C1D1 to C1D15"):
            dose_day(plan(), "C4D1")
        with pytest.raises(FieldError, match="of which there are none"):
            dose_day(HOSTILE["no dose"](), "C4D1")


def lab(analyte: Any, value: str, on: int, **limits: str) -> LabResult:
    """A result of a day in February 2026, at eight in Berlin."""
    return LabResult(analyte, value, datetime(2026, 2, on, 8, tzinfo=BERLIN), **limits)


def with_labs(*labs: LabResult, **news: Any) -> CoursePlan:
    """The delayed course with results."""
    return replan(delayed(), labs=labs, **news)


NEUTROPHILS = [lab("ANC", f"{value} 10*9/L", on, lower_limit="1.8 10*9/L") for value, on in ((3.9, 1), (1.7, 8), (0.42, 14), (0.9, 16))]
ALT = [lab("alt", value, on, upper_limit="40 U/L", baseline="22 U/L") for value, on in (("22 U/L", 1), ("310 U/L", 14), ("<30 U/L", 18))]


def said(drawing: Drawing, name: str) -> list[str]:
    """What each thing of a name says."""
    return [group.says for group in drawing.groups if group.name == name]


def first_box(group: Group) -> tuple[float, float, float, float]:
    """Where the first shape of a thing is."""
    return group.shapes[0].box


class TestLabTrend:
    """The results of one analyte against the grades."""

    def test_neutrophils(self) -> None:
        """CTCAE 5.0 grades neutrophils below the lower limit, 1.5, 1.0 and 0.5; Table 7 of the US label acts from grade 3 on."""
        drawing = lab_trend(with_labs(*NEUTROPHILS), "neutrophils")
        assert said(drawing, "band") == [
            "below 0.5 10*9/L: grade 4: withhold or discontinue",
            "0.5 to 1 10*9/L: grade 3: withhold or discontinue",
            "1 to 1.5 10*9/L: grade 2: silent",
            "1.5 to 1.8 10*9/L: grade 1: silent",
            "above 1.8 10*9/L: grade 0",
        ]
        assert labels(drawing, "results") == ["3.9, grade 0", "1.7, grade 1", "0.42, grade 4", "0.9, grade 3"]
        assert labels(drawing, "doses") == ["C1D1 1 mg", "C1D8 10 mg", "C1D15 10 mg (planned)"]
        assert labels(drawing, "toxicities") == ["CRS grade 2, goes on", "neutropenia grade 4, goes on"]
        assert "Silent: the book does not say what to do, which is no permission." in [shape.text for shape in words(drawing)]
        assert drawing.title == "Neutrophils: 4 results, graded by ctcae-5.0"

    def test_alt(self) -> None:
        """ALT is graded at 3, 5 and 20 times the upper limit of 40 U/L; a bound points to where the value may be."""
        drawing = lab_trend(with_labs(*ALT), "alt")
        assert [text.partition(":")[0] for text in said(drawing, "band")] == [
            "below 40 U/L",
            "40 to 120 U/L",
            "120 to 200 U/L",
            "200 to 800 U/L",
            "above 800 U/L",
        ]
        assert labels(drawing, "results")[2] == "<30, grade 0"
        points = [first_box(group) for group in drawing.groups if group.name == "result"]
        middles = [(box[1] + box[3]) / 2 for box in points]
        assert middles[1] < middles[2] < middles[0]
        greater = lab_trend(with_labs(lab("alt", ">900 U/L", 3, upper_limit="40 U/L", baseline="22 U/L")), "alt")
        assert labels(greater, "results") == [">900, grade 4"]

    def test_places(self) -> None:
        """Each point is in the band of its grade, and at its time."""
        drawing = lab_trend(with_labs(*NEUTROPHILS), "neutrophils")
        bands = [first_box(group) for group in drawing.groups if group.name == "band"]
        points = [first_box(group) for group in drawing.groups if group.name == "result"]
        for point, grade in zip(points, (0, 1, 4, 3), strict=True):
            _, top, _, bottom = bands[4 - grade]
            assert top <= (point[1] + point[3]) / 2 <= bottom
        across = [(box[0] + box[2]) / 2 for box in points]
        assert (across[1] - across[0]) / (across[2] - across[0]) == pytest.approx(7 / 13)

    def test_no_limits(self) -> None:
        """Without limits of normal the grades that depend on them are left open, and a line says so."""
        drawing = lab_trend(with_labs(lab("platelets", "60 10*9/L", 11)), "platelets")
        assert said(drawing, "band")[-1].startswith("above 75 10*9/L: grade 0 or 1")
        assert any(shape.text.startswith("Limits of normal are not known") for shape in words(drawing))
        drawing = lab_trend(with_labs(lab("alt", "60 U/L", 11)), "alt")
        (band,) = said(drawing, "band")
        assert band.startswith("any value: grade 0 or 1 or 2 or 3 or 4")

    def test_several_limits(self) -> None:
        """If results have different limits, the bands are those of the last, each result is graded by its own, and a line says so."""
        results = [lab("alt", "90 U/L", on, upper_limit=limit, baseline="30 U/L") for on, limit in ((1, "100 U/L"), (8, "40 U/L"))]
        drawing = lab_trend(with_labs(*results), "alt")
        assert labels(drawing, "results") == ["90, grade 0", "90, grade 1"]
        assert any(shape.text.startswith("The bands are those of the limits of normal") for shape in words(drawing))

    def test_not_drawn(self) -> None:
        """What has no date is listed, and an analyte without results has its bands alone."""
        events = [
            ToxicityEvent("crs", 1, status="resolved"),
            ToxicityEvent("infection", onset=date(2026, 2, 3), resolved=date(2026, 2, 5)),
            ToxicityEvent("icans", 1, status="resolved", onset=date(2026, 2, 4)),
            ToxicityEvent("anemia", 2, onset=date(2026, 2, 4)),
        ]
        drawing = lab_trend(with_labs(LabResult("hemoglobin", "7 g/dL"), events=events), "hemoglobin")
        text = [shape.text for shape in words(drawing)]
        assert "Not drawn: not dated: 7 g/dL, grade 3." in text
        assert "Not drawn, because its onset is not known: CRS grade 1, over, end not known." in text
        assert labels(drawing, "toxicities") == ["infection", "ICANS grade 1, over, end not known", "anemia grade 2, end not known"]
        assert lab_trend(plan(), "creatinine").title == "Creatinine: no dated result, graded by ctcae-5.0"
        assert lab_trend(with_labs(lab("sodium", "140 mmol/L", 1)), "sodium").title.startswith("Sodium: 1 result, ")
        assert labels(lab_trend(HOSTILE["no dose"](), "sodium"), "doses") == []

    @pytest.mark.parametrize("analyte", Analyte)
    @pytest.mark.parametrize("width", [480, 600, 1200])
    def test_readable(self, analyte: Analyte, width: int) -> None:
        """No words touch others, and nothing leaves the picture, for every analyte, with results far apart."""
        unit, low, high = KINDS[analyte].unit, RANGES[analyte].lower_limit.example, RANGES[analyte].upper_limit.example
        limits = {"lower_limit": f"{min(low, high)} {unit}", "upper_limit": f"{high} {unit}", "baseline": f"{high} {unit}"}
        labs = [lab(analyte, f"{high * times:.3g} {unit}", on, **limits) for times, on in ((1, 1), (1.1, 2), (1.05, 3), (0.9, 27))]
        drawing = lab_trend(with_labs(*labs), analyte, width=width)
        assert touching(drawing) == []
        assert outside(drawing) == []
        assert_measured(drawing)

    def test_two_years(self) -> None:
        """Results over years have dates with their year, and none touch."""
        labs = [LabResult("platelets", f"{100 + n} 10*9/L", date(2026, 1, 1) + timedelta(days=20 * n)) for n in range(50)]
        made = plan_course(date(2026, 1, 1), cycles=1, labs=labs, rulebook=US)
        for width, years in ((480, {"2026", "2027"}), (1200, {"2026", "2027", "2028"})):
            drawing = lab_trend(made, "platelets", width=width)
            assert touching(drawing) == []
            assert years <= {shape.text for shape in words(drawing)}

    def test_crowded(self) -> None:
        """Grades in narrow bands at the lower edge have their words apart, above the dates."""
        drawing = lab_trend(with_labs(lab("white-cells", "24 10*9/L", 1, lower_limit="4 10*9/L")), "white-cells")
        assert touching(drawing) == []
        lowest = next(group for group in drawing.groups if group.name == "band")
        assert lowest.shapes[-1].box[3] < first_box(lowest)[3] + 17

    @given(plans(), st.sampled_from(Analyte))
    def test_law(self, drawn: CoursePlan, analyte: Analyte) -> None:
        """Whatever the course, no words touch, and the bytes are the same."""
        drawing = lab_trend(drawn, analyte)
        assert touching(drawing) == []
        assert outside(drawing) == []
        assert parsed(drawing.svg).tag.endswith("svg")
        assert drawing.svg == lab_trend(drawn, analyte).svg

    @given(lab_results(offsets=False))
    def test_law_results(self, result: LabResult) -> None:
        """A value within a band has the grades of the band, whatever the limits; and the picture of one result is legible."""
        for band in bands_of(result.analyte, result, "ctcae-5.0"):
            if band.low < result.quantity.value < band.high and not result.quantity.bound:
                assert (grade_lab(result).possible or (None,)) == band.grades
        drawing = lab_trend(plan_course(date(2025, 10, 1), cycles=1, labs=[result]), result.analyte)
        assert touching(drawing) == []
        assert outside(drawing) == []

    @pytest.mark.parametrize(("analyte", "fault"), [("iron", "'iron' is not known"), (None, "the analyte is missing")])
    def test_no_analyte(self, analyte: Any, fault: str) -> None:
        """What is no analyte is refused."""
        with pytest.raises((FieldError, FieldTypeError), match=f"analyte: {fault}"):
            lab_trend(plan(), analyte)


class TestDrawing:
    """A drawing as SVG, and as a figure."""

    def test_svg(self) -> None:
        """It has a title and a description, each mark says what it is, and nothing is fetched."""
        drawing = timeline(plan())
        root = parsed(drawing.svg)
        tags = [child.tag.rpartition("}")[2] for child in root]
        assert tags[:3] == ["title", "desc", "rect"]
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-label"] == root[0].text == drawing.title
        assert root[1].text == drawing.description
        says = [group[0].text or "" for group in root if group.attrib.get("class") == "dose"]
        assert says[0] == "2026-02-02 09:00: C1D1 dose: tarlatamab 1 mg (step-up dose), planned"
        assert "href" not in drawing.svg
        assert drawing._repr_svg_() == drawing.svg

    def test_hostile_words(self) -> None:
        """Words from outside cannot become markup, and characters that XML cannot hold are replaced."""
        drawing = Drawing(100, 20, '<b>"&', "\x00\ud800", ())
        root = parsed(drawing.svg)
        assert (root[0].text, root[1].text) == ('<b>"&', "\ufffd\ufffd")

    def test_in_a_notebook(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A plan shows its timeline and its lines, without matplotlib."""
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        html = plan()._repr_html_()
        assert html.count("<svg ") == 1
        assert timeline(plan()).svg in html
        assert "Course plan: 3 doses" in html

    def test_without_matplotlib(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """If matplotlib is not installed, the error says how to get it."""
        for name in ("tarlatamab_rules.course.plot", "tarlatamab_rules.views.plot"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        monkeypatch.setitem(sys.modules, "matplotlib.patches", None)
        with pytest.raises(ImportError, match=r"needs matplotlib: pip install 'tarlatamab-rules\[plot\]'; its SVG needs nothing else"):
            import_module("tarlatamab_rules.course.plot")

    def test_figure(self) -> None:
        """The figure is as large as the drawing, and a notebook shows it, the same to the byte."""
        drawing = timeline(plan())
        figure = figure_of(drawing)
        assert figure.get_size_inches() * 100 == pytest.approx([drawing.width, drawing.height])
        assert isinstance(figure, Picture)
        assert svg(figure) == svg(figure_of(drawing))

    def test_grey(self) -> None:
        """In grey the mark of a dose that is given is dark, and that of one that is planned is light."""

        def grey(colour: str) -> float:
            red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
            return (0.299 * red + 0.587 * green + 0.114 * blue) / 255

        for kind in ("dose", "observation"):
            fills = {
                bool(group.entry and group.entry.given): group.shapes[0].fill
                for group in timeline(delayed()).groups
                if group.name == kind and isinstance(group.shapes[0], Polygon)
            }
            assert grey(fills[False]) - grey(fills[True]) > 0.4

    @pytest.mark.parametrize(("width", "fault"), [(10, "out of range"), ("wide", "not a whole number")])
    def test_width(self, width: Any, fault: str) -> None:
        """A width that cannot be is refused, by name."""
        with pytest.raises(FieldError, match=f"width: .*{fault}"):
            timeline(plan(), width=width)

    def test_no_plan(self) -> None:
        """What is no plan is refused."""
        with pytest.raises(FieldTypeError, match="plan: 'C1D1' is not a CoursePlan; pass what plan_course gave"):
            timeline("C1D1")  # type: ignore[arg-type]  # that is the point

    def test_packing(self) -> None:
        """A box goes down until it touches none before it; boxes beside each other stay in one line."""
        packer = Packer()
        assert [packer.place(*span, 10, 10) for span in ((0, 20), (30, 50), (10, 40), (0, 5))] == [0, 0, 10, 10]
        assert packer.height == 20

    def test_lines(self) -> None:
        """A word that is longer than a line has a line of its own."""
        assert lines_of("a " + "b" * 90 + " c d", 100) == ["a", "b" * 90, "c d"]
        assert lines_of("", 100) == []


def numbers(text: str) -> set[float]:
    """The numbers in a text."""
    return set(map(float, re.findall(r"\d+(?:\.\d+)?", text)))


@given(plans())
def test_law_no_number_of_its_own(drawn: CoursePlan) -> None:
    """What a picture says about an entry has no amount, hour or day that the entry does not have; footnotes are numbered."""
    drawings = [timeline(drawn), *(dose_day(drawn, point) for point in {entry.point for entry in drawn.entries if entry.point is not None})]
    for drawing in drawings:
        for group in drawing.groups:
            if group.entry is not None:
                words = " ".join(shape.text for shape in group.shapes if isinstance(shape, Words))
                entry = group.entry
                known = numbers(f"{entry} {entry.says} {entry.amount} {' '.join(entry.disagreements)} {entry.otherwise}")
                assert numbers(re.sub(r" \[\d+\]", "", words)) <= known, words


def test_kinds() -> None:
    """What the timeline leaves to the picture of one dose."""
    assert set(EntryKind) - ON_TIMELINE == {"check", "hydration", "premedication", "infusion", "saline", "teaching"}

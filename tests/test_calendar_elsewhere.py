"""A plan as an iCalendar file, read by a second reader: ical.js, that of Thunderbird, with the clocks of Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from printing import needed
from tarlatamab_rules import GivenDose, plan_course, replan
from tarlatamab_rules.answers import CoursePlan
from tarlatamab_rules.course import calendar

HERE = Path(__file__).parent
FOLDER = Path(os.environ.get("TARLATAMAB_NODE", HERE))
"""Where `node_modules` are; `nox -s paper` installs ical.js, and names the folder."""

STAMP = datetime(2026, 1, 2, tzinfo=UTC)


def read(ics: bytes, zone: str) -> dict[str, Any]:
    """The events as ical.js reads them, by their UID, with moments by the clock of a zone."""
    node = shutil.which("node")
    needed("node", there=node is not None, why="it runs ical.js")
    needed("ical.js", there=(FOLDER / "node_modules" / "ical.js").exists(), why="TARLATAMAB_NODE names the folder with its node_modules")
    command = [str(node), str(HERE / "calendar_elsewhere.mjs"), str(FOLDER.resolve()), zone]
    found = subprocess.run(command, input=ics, check=True, capture_output=True, timeout=60)
    return {event["uid"].removeprefix("plan-7.").removesuffix("@tarlatamab-rules"): event for event in json.loads(found.stdout)}


def plan(zone: str, first: date) -> CoursePlan:
    """Cycle 1 at nine."""
    return plan_course(first, cycles=1, infusion_at=time(9), site_zone=zone, rulebook="us-2025-11")


@pytest.mark.parametrize(
    ("zone", "first", "observed", "near"),
    [
        ("Europe/Berlin", date(2026, 3, 28), "2026-03-29 10:00", "2026-03-30 10:00"),
        ("Europe/Berlin", date(2026, 10, 24), "2026-10-25 08:00", "2026-10-26 08:00"),
        ("America/New_York", date(2026, 3, 7), "2026-03-08 10:00", "2026-03-09 10:00"),
        ("America/New_York", date(2026, 10, 31), "2026-11-01 08:00", "2026-11-02 08:00"),
        ("Europe/Berlin", date(2026, 6, 1), "2026-06-02 09:00", "2026-06-03 09:00"),
    ],
)
def test_a_change_of_clocks(zone: str, first: date, observed: str, near: str) -> None:
    """By the clock of the site every infusion begins at nine; 24 h and 48 h are elapsed time, an hour later or earlier by the clock."""
    found = read(calendar(plan(zone, first), plan_id="plan-7", stamp=STAMP), zone)
    assert [found[f"{point}.infusion"]["start"][11:] for point in ("C1D1", "C1D8", "C1D15")] == ["09:00"] * 3
    assert found["C1D1.infusion"]["start"] == f"{first} 09:00"
    assert found["C1D1.observation"]["end"] == observed
    assert found["C1D1.near-care"]["end"] == near


def test_days_and_alarms() -> None:
    """A last day is a whole day, and a deadline rings 15 hours before."""
    found = read(calendar(plan("Europe/Berlin", date(2026, 3, 28)), plan_id="plan-7", label="Bed 4; \N{BALLOT BOX}, x", stamp=STAMP), "UTC")
    last = found["C1D8.restart-limit"]
    assert (last["start"], last["end"], last["alarms"]) == ("2026-04-11", "2026-04-12", ["-PT15H"])
    assert last["summary"] == "Bed 4; \N{BALLOT BOX}, x: C1D8 last day of this dose"
    assert found["C1D1.labs"]["alarms"] == ["-PT15H"]


def test_a_later_plan() -> None:
    """What moved has its UID and a higher sequence; what is gone is cancelled."""
    before = plan("America/New_York", date(2026, 3, 7))
    doses = [GivenDose("C1D1", datetime(2026, 3, 7, 14, tzinfo=UTC), "1 mg", complete=True)]
    after = replan(before, course=doses, events=[], start=date(2026, 3, 30))
    found = read(calendar(after, plan_id="plan-7", sequence=1, previous=before, stamp=STAMP), "America/New_York")
    assert (found["C1D8.dose"]["start"], found["C1D8.dose"]["sequence"]) == ("2026-03-30 09:00", 1)
    assert found["C1D8.restart-limit"]["status"] == "CANCELLED"
    assert found["C1D1.dose"]["status"] == "CONFIRMED"

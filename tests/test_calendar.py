"""A plan as an iCalendar file, read back by icalendar."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarlatamab_rules import DISCLAIMER, FieldError, FieldTypeError, GivenDose, ToxicityEvent, plan_course, replan
from tarlatamab_rules.answers import CoursePlan
from tarlatamab_rules.course import calendar
from tarlatamab_rules.course.strategies import plans

US = "us-2025-11"
ID = "plan-7"
STAMP = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def plan(zone: str | None = "Europe/Berlin", first: date = date(2026, 3, 28), **changes: Any) -> CoursePlan:
    """Cycle 1 at nine; by default from the day before summer time begins in Berlin."""
    facts: dict[str, Any] = {"cycles": 1, "infusion_at": time(9), "site_zone": zone, "rulebook": US}
    return plan_course(first, **(facts | changes))


def read(ics: bytes) -> icalendar.Calendar:
    """The calendar in a file."""
    found = icalendar.Calendar.from_ical(ics)
    assert isinstance(found, icalendar.Calendar)
    return found


def each(ics: bytes) -> list[Any]:
    """The events of a file, in order."""
    return list(read(ics).walk("VEVENT"))


def events(ics: bytes) -> dict[str, Any]:
    """The events of a file by their UID, without what they all share."""
    return {str(event["uid"]).removeprefix(f"{ID}.").removesuffix("@tarlatamab-rules"): event for event in each(ics)}


def written(drawn: CoursePlan, **rest: Any) -> bytes:
    """A plan as a file with a stamp."""
    arguments: dict[str, Any] = {"plan_id": ID, "stamp": STAMP} | rest
    return calendar(drawn, **arguments)


class TestTimes:
    """Moments and days."""

    @pytest.mark.parametrize(
        ("zone", "first", "starts", "watched", "near"),
        [
            ("Europe/Berlin", date(2026, 3, 28), "2026-03-28T08:00", "2026-03-29T08:00", "2026-03-30T08:00"),
            ("Europe/Berlin", date(2026, 10, 24), "2026-10-24T07:00", "2026-10-25T07:00", "2026-10-26T07:00"),
            ("America/New_York", date(2026, 3, 7), "2026-03-07T14:00", "2026-03-08T14:00", "2026-03-09T14:00"),
            ("America/New_York", date(2026, 10, 31), "2026-10-31T13:00", "2026-11-01T13:00", "2026-11-02T13:00"),
        ],
    )
    def test_a_change_of_clocks(self, zone: str, first: date, starts: str, watched: str, near: str) -> None:
        """Nine at the site is another hour in UTC in winter and summer; 24 h and 48 h from the start are elapsed time (US Table 1)."""
        found = events(written(plan(zone, first)))
        assert found["C1D1.infusion"]["dtstart"].dt == datetime.fromisoformat(f"{starts}+00:00")
        assert found["C1D1.observation"]["dtend"].dt == datetime.fromisoformat(f"{watched}+00:00")
        assert found["C1D1.near-care"]["dtend"].dt == datetime.fromisoformat(f"{near}+00:00")
        later = found["C1D8.infusion"]["dtstart"].dt
        assert later - found["C1D1.infusion"]["dtstart"].dt - timedelta(days=7) in {timedelta(hours=-1), timedelta(hours=1)}
        assert read(written(plan(zone, first)))["x-wr-timezone"] == zone

    def test_in_utc(self) -> None:
        """Moments are in UTC, and the description has the time by the clock of the site."""
        ics = written(plan())
        assert b"DTSTART:20260328T080000Z" in ics
        assert b"TZID" not in ics
        assert events(ics)["C1D1.infusion"]["description"].startswith("2026-03-28 09:00 to 2026-03-28 10:00: IV infusion")

    def test_days(self) -> None:
        """A last day is an all-day event on that day: C1D8 is still this dose until 14 days after C1D1 (US Table 4)."""
        event = events(written(plan()))["C1D8.restart-limit"]
        assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 4, 11), date(2026, 4, 12))
        assert str(event["summary"]) == "C1D8 last day of this dose"
        bare = events(written(plan(infusion_at=None)))
        assert (bare["C1D1.dose"]["dtstart"].dt, bare["C1D1.dose"]["dtend"].dt) == (date(2026, 3, 28), date(2026, 3, 29))

    def test_without_a_zone(self) -> None:
        """A plan without a zone has moments without one, by whatever clock reads them."""
        ics = written(plan(None))
        assert b"DTSTART:20260328T090000\r\n" in ics
        assert b"X-WR-TIMEZONE" not in ics

    def test_a_deadline(self) -> None:
        """Results are due when the infusion starts: an event without an end, with an alarm the evening before."""
        event = events(written(plan()))["C1D1.labs"]
        assert event["dtstart"].dt == datetime(2026, 3, 28, 8, tzinfo=UTC)
        assert "dtend" not in event
        (alarm,) = event.walk("VALARM")
        assert (alarm["action"], alarm["trigger"].dt) == ("DISPLAY", timedelta(hours=-15))
        assert str(alarm["description"]) == "C1D1 laboratory results due"

    def test_an_end_that_is_a_day(self) -> None:
        """If either end of a window has no time, it is an event of whole days."""
        from attrs import evolve

        drawn = plan()
        entry = next(entry for entry in drawn.entries if entry.kind == "infusion")
        odd = evolve(drawn, entries=(evolve(entry, end=date(2026, 3, 29)),))
        (event,) = events(written(odd)).values()
        assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 3, 28), date(2026, 3, 30))


class TestEvents:
    """What an event says."""

    def test_words(self) -> None:
        """A title in a few words; below it the condition, the sources, what they disagree on, and what this is not."""
        found = events(written(plan(rulebook=None), label="Bed 4"))
        dexamethasone = found["C1D1.premedication.dexamethasone"]
        assert str(dexamethasone["summary"]) == "Bed 4: C1D1 premedication: dexamethasone 8 mg"
        assert "Source: T3-DEX (US label 11/2025, Section 2.3, Table 3, dexamethasone)" in dexamethasone["description"]
        assert "Sources disagree: us-2025-11: " in dexamethasone["description"]
        assert "Condition: if there is no CRS of grade 2" in found["C1D15.observation"]["description"]
        assert "Otherwise: monitor for 22 to 24 h" in found["C1D15.observation"]["description"]
        assert "Caution: " in found["C1D1.observation"]["description"]
        assert all(DISCLAIMER in event["description"] for event in found.values())
        assert str(found["C1D1.dose"]["url"]).startswith("https://dailymed.nlm.nih.gov/")
        assert {str(event["transp"]) for uid, event in found.items() if not uid.endswith("infusion")} == {"TRANSPARENT"}

    def test_given(self) -> None:
        """A dose that was given is confirmed, one to come is tentative; what went before a given dose has no alarm."""
        first = GivenDose("C1D1", datetime(2026, 3, 28, 8, tzinfo=UTC), "1 mg", complete=True)
        found = events(written(replan(plan(), course=[first], events=[])))
        assert (str(found["C1D1.dose"]["status"]), str(found["C1D8.dose"]["status"])) == ("CONFIRMED", "TENTATIVE")
        assert "Planned, not cleared" not in found["C1D1.dose"]["description"]
        assert "Planned, not cleared" in found["C1D8.dose"]["description"]
        with_alarm = {uid for uid, event in found.items() if event.walk("VALARM")}
        assert {uid.partition(".")[0] for uid in with_alarm if ".teaching" not in uid} == {"C1D8", "C1D15", "course"}

    def test_no_alarm(self) -> None:
        """Without an alarm, or with another one."""
        assert b"VALARM" not in written(plan(), alarm=None)
        assert b"TRIGGER:-PT1H" in written(plan(), alarm=timedelta(hours=1))

    def test_the_calendar(self) -> None:
        """Its description has the rulebook, the notes of the plan, what has no date, and the disclaimer; it says that it is published."""
        undated = plan(course=[GivenDose("C1D1", None, "1 mg")], events=[])
        whole = read(written(undated, label="Bed 4"))
        assert (str(whole["method"]), str(whole["version"]), str(whole["x-wr-calname"])) == ("PUBLISH", "2.0", "Bed 4: tarlatamab")
        says = str(whole["description"])
        assert says.startswith("Rulebook: us-2025-11.")
        assert "No date: C1D1 dose: tarlatamab 1 mg" in says
        assert "what follows is not settled" in says
        assert says.endswith(DISCLAIMER)

    def test_recovery(self) -> None:
        """The day by which a toxicity must have improved is an event: ICANS of grade 3, within 7 days (US Table 6)."""
        doses = [GivenDose("C1D1", datetime(2026, 3, 28, 8, tzinfo=UTC), "1 mg", complete=True)]
        icans = ToxicityEvent("icans", 3, status="active", onset=datetime(2026, 3, 28, 20, tzinfo=UTC))
        found = events(written(replan(plan(), course=doses, events=[icans])))
        assert found["course.recovery-deadline.icans"]["dtstart"].dt == date(2026, 4, 4)


class TestSequence:
    """A later plan of the same course."""

    def test_cancelled(self) -> None:
        """What is no longer planned is cancelled where it was; what moved has the same UID and a higher sequence."""
        before = plan()
        doses = [GivenDose("C1D1", datetime(2026, 3, 28, 8, tzinfo=UTC), "1 mg", complete=True)]
        crs = ToxicityEvent("crs", 4, status="active", onset=datetime(2026, 3, 28, 20, tzinfo=UTC))
        after = replan(before, course=doses, events=[crs])
        old, new = events(written(before)), events(written(after, sequence=1, previous=before))
        assert set(old) <= set(new)
        assert str(new["C1D8.dose"]["status"]) == "CANCELLED"
        assert new["C1D8.dose"]["dtstart"].dt == old["C1D8.dose"]["dtstart"].dt
        assert str(new["C1D1.observation"]["status"]) != "CANCELLED"
        assert {event["sequence"] for event in new.values()} == {1}
        assert not new["C1D8.labs"].walk("VALARM")

    def test_several_of_a_kind(self) -> None:
        """Several entries about the same have a number each."""
        from attrs import evolve

        drawn = plan()
        twice = evolve(drawn, entries=(drawn.entries[0], drawn.entries[0]))
        first, second = events(written(twice))
        assert second == f"{first}.2"


class TestRefused:
    """Arguments that cannot be."""

    @pytest.mark.parametrize(
        ("changes", "error", "says"),
        [
            ({"plan_id": ""}, FieldError, "plan_id: '' is empty, too long, or has another character"),
            ({"plan_id": "Jane Doe"}, FieldError, "plan_id: 'Jane Doe' is empty"),
            ({"plan_id": 7}, FieldTypeError, "plan_id: 7 is not a text"),
            ({"label": 7}, FieldTypeError, "label: 7 is not a text"),
            ({"sequence": -1}, FieldError, "sequence: "),
            ({"previous": "x"}, FieldTypeError, "previous: 'x' is not a CoursePlan"),
            ({"alarm": 15}, FieldTypeError, "alarm: 15 is not a duration"),
            ({"alarm": timedelta(hours=-1)}, FieldError, "alarm: is negative"),
            ({"stamp": "now"}, FieldTypeError, "stamp: 'now' is not a moment"),
            ({"stamp": datetime(2026, 1, 2)}, FieldError, "stamp: .* has no UTC offset"),  # noqa: DTZ001  # on purpose
        ],
    )
    def test_arguments(self, changes: dict[str, Any], error: type[Exception], says: str) -> None:
        """The error names the argument, and what to write instead."""
        with pytest.raises(error, match=says):
            written(plan(), **changes)

    def test_a_plan(self) -> None:
        """Anything but a plan is refused, and a later plan with the sequence of the first."""
        with pytest.raises(FieldTypeError, match="plan: 'x' is not a CoursePlan"):
            written("x")  # type: ignore[arg-type]  # on purpose
        with pytest.raises(FieldError, match="sequence: 0 is the first plan, and there is a previous one"):
            written(plan(), previous=plan())

    def test_without_icalendar(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """If icalendar is not installed, the error says how to get it; a plan does without."""
        monkeypatch.delitem(sys.modules, "tarlatamab_rules.course.calendars", raising=False)
        monkeypatch.setitem(sys.modules, "icalendar", None)
        with pytest.raises(ImportError, match=r"a calendar needs icalendar: pip install 'tarlatamab-rules\[calendar\]'"):
            import_module("tarlatamab_rules.course.calendars")


def test_the_stamp_is_now() -> None:
    """If no stamp is passed, the file is of now."""
    first = each(calendar(plan(), plan_id=ID))[0]
    assert abs(first["dtstamp"].dt - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_label_cannot_add_lines() -> None:
    """A label with line breaks or other signs stays one line of text."""
    ics = written(plan(), label="Bed\r\nSTATUS:CONFIRMED\x00;, 4")
    assert b"\r\nSTATUS:CONFIRMED" not in ics
    assert str(events(ics)["C1D1.dose"]["summary"]).startswith("Bed STATUS:CONFIRMED ;, 4: C1D1 dose")


class TestLaws:
    """What holds of the calendar of any plan."""

    @given(plans())
    def test_one_event_for_each_entry(self, drawn: CoursePlan) -> None:
        """There is one event for each entry that has a date, and each has a UID of its own."""
        found = [str(event["uid"]) for event in each(written(drawn))]
        assert len(found) == len(set(found)) == sum(entry.when is not None for entry in drawn.entries)

    @given(plans())
    def test_read_again_it_is_equal(self, drawn: CoursePlan) -> None:
        """Read and written again it is the same, and a plan is always written the same."""
        ics = written(drawn)
        assert read(ics).to_ical() == ics == written(drawn)

    @given(plans())
    def test_moments_are_those_of_the_plan(self, drawn: CoursePlan) -> None:
        """Each event begins at the moment or on the day under which its entry is listed."""
        dated = [entry for entry in drawn.entries if entry.when is not None]
        for entry, event in zip(dated, each(written(drawn)), strict=True):
            when, start = entry.when, event["dtstart"].dt
            assert when is not None
            if isinstance(start, datetime):
                assert isinstance(when, datetime)
                assert start == when.replace(microsecond=0)
            else:
                assert start == (when.date() if isinstance(when, datetime) else when)

    @given(plans(), plans(), st.integers(1, 9))
    def test_after_an_import_only_the_later_plan_is_left(self, before: CoursePlan, after: CoursePlan, sequence: int) -> None:
        """Imported over the earlier plan, the events that are not cancelled are those of the later one."""
        held = events(written(before)) | events(written(after, sequence=sequence, previous=before))
        left = {uid for uid, event in held.items() if str(event["status"]) != "CANCELLED"}
        assert left == set(events(written(after)))
